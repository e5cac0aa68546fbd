/* place_mention: the names of places in a text, and how each is spoken of. Private to place.
 * Pure. */
#ifndef CLASSIFIER_PLACE_MENTION_H
#define CLASSIFIER_PLACE_MENTION_H

#include "gazetteer.h"
#include "text.h"

#define MAX_MENTIONS   24
#define MAX_CANDIDATES 16

struct passage { /* a text, cut up once */
    const char *text;
    const struct token *t;
    size_t n;
    uint32_t *words; /* of each token, what place_word() says; see passage_word() */
    bool mixed;      /* capitals mean something in it, not only the first */
    bool small;      /* it has small letters: a capital is one */
    bool field;      /* a place field: nothing but names */
};

enum mention_role { MENTION_AT, MENTION_FROM, MENTION_TO };

struct mention {
    size_t first, last; /* tokens, inclusive */
    const struct gaz_place *cand[MAX_CANDIDATES];
    size_t n, pick;
    uint32_t around; /* what stands before and after: PW_ mask of place_words.h */
    enum mention_role role;
    bool aftermath;
    bool ambiguous;
    int sentence;
};

/* Cuts the text up. NULL-safe for no text: n is 0. -1 when the arena is full. */
int passage_cut(const char *text, bool field, struct arena *a, struct passage *out);

/* place_word() of token i, looked up once. */
uint32_t passage_word(const struct passage *p, size_t i);

/* The names in the passage, in order; at most MAX_MENTIONS, each with at least one candidate. */
size_t mentions_find(const struct gazetteer *g, const struct passage *p, struct mention *out);

#endif
