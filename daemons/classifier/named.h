/* named: which of our convoys a report is about by its words. Pure.
 *
 * A convoy that is planned or under way is named
 *   - in the text, where the reports' targets are a convoy: by its id, by its name, or by the word
 *     for a convoy and the number that its name ends with ("convoi n° 24" for Convoy 24). An id or
 *     a name of one word counts only with a digit in it: a convoy called Gao is not meant by every
 *     report from Gao;
 *   - by the source, of an attack: it is called as the convoy is (source convoy-24 is Convoy 24).
 * A redacted report has no text any more, and names by its source alone. */
#ifndef CLASSIFIER_NAMED_H
#define CLASSIFIER_NAMED_H

#include "arena.h"
#include "picture.h"
#include "situation.h"

/* The convoys that are named, ascending by asset, at most REF_CONVOYS, each by a mark of
 * its id; 0 = no more. 0, or -1 when the arena is full. */
int named_convoys(const struct picture *p, const struct incident *in, const struct finding *f,
                  struct arena *a, uint32_t out[REF_CONVOYS]);
/* The planned or running convoy of that mark, or NOTHING. */
uint32_t named_asset(const struct picture *p, uint32_t mark);

#endif
