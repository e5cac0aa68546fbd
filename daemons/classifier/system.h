/* system: alerts about Tocsin's own eyes and clock, target `system`. Pure.
 *
 *   clock_step  the wall clock was set (PRIORITY, one for each step, expires after an hour)
 *   link_down   a link went down (PRIORITY; cancelled when it is up again)
 *
 * Each has a situation of its own that holds no report and names no place. */
#ifndef CLASSIFIER_SYSTEM_H
#define CLASSIFIER_SYSTEM_H

#include "core_state.h"

/* What the place key of a clock step's situation holds; of a link, the hash of its name. */
enum { CLOCK_FORWARD, CLOCK_BACK };

/* id: of the journal's record. */
void system_on_clock_step(struct core *c, const struct id *id, int64_t step_us, int64_t due_us);
/* A link's state changed. */
void system_on_link(struct core *c, const struct link_state *l, int64_t due_us);

#endif
