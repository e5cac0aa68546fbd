/* place_passage: a text cut up, and the words that stand beside a token. Private to place. Pure. */
#ifndef CLASSIFIER_PLACE_PASSAGE_H
#define CLASSIFIER_PLACE_PASSAGE_H

#include <stdbool.h>

#include "text.h"

struct passage { /* a text, cut up once */
    const char *text;
    const struct token *t;
    size_t n;
    uint32_t *words; /* of each token, what place_word() says; see passage_word() */
    bool mixed;      /* capitals mean something in it, not only the first */
    bool small;      /* it has small letters: a capital is one */
    bool field;      /* a place field: nothing but names */
};

/* Cuts the text up, or takes its n tokens t where somebody has done so (else NULL). NULL-safe for no
 * text: n is 0. -1 when the arena is full. */
int passage_cut(const char *text, const struct token *t, size_t n, bool field, struct arena *a,
                struct passage *out);

/* place_word() of token i, looked up once. */
uint32_t passage_word(const struct passage *p, size_t i);

/* True when token i begins with a capital. */
bool passage_upper(const struct passage *p, size_t i);

/* The words before token i, a mask of place_words.h: fillers are passed over and noted, the first
 * other word decides, and *at is its token. */
uint32_t passage_before(const struct passage *p, size_t i, size_t *at);

/* True when one of the `reach` tokens before i, in its sentence, is one of `what`. */
bool passage_within(const struct passage *p, size_t i, size_t reach, uint32_t what);

/* What the word behind the token says of the name that ends there: PW_SETTLEMENT, PW_REGION,
 * PW_DISTRICT, PW_ROAD; 0 = nothing. */
uint32_t passage_after(const struct passage *p, size_t last);

/* True when token i stands behind what came later than the event ("released near", "freed on 17
 * April by soldiers near"). What stands behind "after" is the event again. */
bool passage_aftermath(const struct passage *p, size_t i);

#endif
