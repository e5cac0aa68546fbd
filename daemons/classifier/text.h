/* text: folding and tokens, the common ground of lexicon, understand, gazetteer and place.
 *
 * Folding (utf8proc): NFKD, marks removed, case folded, typographic quotes and dashes made
 * plain, œ and æ opened, all else kept. Tokens are runs of letters and digits; each knows its
 * bytes in the original text, so that evidence quotes what was written. Pure. */
#ifndef CLASSIFIER_TEXT_H
#define CLASSIFIER_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "arena.h"

struct token {
    const char *s; /* folded, NUL-terminated, in the arena */
    uint16_t len;
    uint16_t gap;        /* kind of what stands before it, see below */
    uint32_t start, end; /* bytes in the original */
};
enum { GAP_NONE, GAP_SPACE, GAP_HYPHEN, GAP_APOSTROPHE, GAP_COMMA, GAP_SENTENCE, GAP_OTHER };

/* Folds n bytes of valid UTF-8. NULL when the arena is full. */
char *text_fold(const char *s, size_t n, struct arena *a, size_t *len);
/* At most MAX_TEXT / 2 tokens. NULL when the arena is full. */
struct token *text_tokens(const char *s, size_t n, struct arena *a, size_t *count);
/* Minima of a hash over word triples of the folded text, sorted, no zeros but at the end; texts
 * of fewer than 3 words give one hash of the whole. */
void text_fingerprint(const struct token *t, size_t n, uint64_t out[8]);

#endif
