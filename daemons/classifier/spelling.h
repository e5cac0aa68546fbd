/* spelling: the word that a mistyped one was meant to be. Pure once built.
 *
 * A vocabulary of folded words of SPELLING_LEAST letters and more. A word that is not among them is
 * taken for the one that it differs from by one slip: two letters that changed places, a letter
 * too many or too few, or, from SPELLING_OTHER letters on, another letter; the first letter is not
 * missing and no other, which seldom happens. Where several fit, the likelier slip counts, in that
 * order, then the word that was added first. Found by the deletions that both have in common (Garbe's SymSpell). */
#ifndef CLASSIFIER_SPELLING_H
#define CLASSIFIER_SPELLING_H

#include <stdbool.h>
#include <stddef.h>

#define SPELLING_LEAST 5
#define SPELLING_OTHER 7
#define SPELLING_MOST  24 /* longer words are left alone */

struct spelling;

/* NULL when out of memory. */
struct spelling *spelling_new(void);
void spelling_free(struct spelling *s);
/* Words of other lengths, or with bytes that are no letters a-z, are passed over. -1 when out of
 * memory. */
int spelling_add(struct spelling *s, const char *word, size_t len);

/* The word that was meant, NUL-terminated, valid as long as s; NULL when it is known as it is, or
 * nothing is near. */
const char *spelling_fix(const struct spelling *s, const char *word, size_t len);

#endif
