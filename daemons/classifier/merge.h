/* merge: two situations that turn out to be one, and one that turns out to be two. Pure.
 *
 * The one whose first report came earlier goes on and keeps its id. Of two alerts for the same kind
 * of target its own goes on, unless it is over; the other is cancelled with a note that names it.
 * An alert that only the other had goes over to it under its own id. So nothing is raised or called
 * for a second time. What goes on is told again, with "incidents" among what changed.
 *
 * Nothing is split but by the officer. The reports he names, and the copies, translations and
 * earlier versions of them, become a situation of their own, whose id is made of the old one's, of
 * the first report that moves and of the time; it raises its own alerts.
 * From then on the two are apart: nothing but he joins them again. */
#ifndef CLASSIFIER_MERGE_H
#define CLASSIFIER_MERGE_H

#include "core_state.h"

/* Merges situation i with those of `found` that are the same event now that report r has joined it,
 * and, when it was moved, with whatever is now. Returns the situation that goes on; *note says
 * which went into it, NULL = none. */
uint32_t merge_twins(struct core *c, uint32_t i, const struct report *r, const struct found *found,
                     bool moved, const char **note);

/* The officer's. False when nothing came of it: they are one already, of another status, or a
 * rule's own. */
bool merge_two(struct core *c, uint32_t a, uint32_t b, const char *reason, int64_t due_us);

/* The officer's: refs are n reports of situation i. False when nothing would stay. */
bool merge_split(struct core *c, uint32_t i, const uint32_t *refs, size_t n, const char *reason,
                 int64_t due_us);

#endif
