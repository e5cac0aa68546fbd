/* timers: what falls due, in order. Pure.
 *
 * A binary heap by (due, id, kind, index); at most one timer for a kind and index, so its size
 * is bounded and a thing that goes away takes its timer along. Equal times fire by id, whatever
 * order they were set in. */
#ifndef CLASSIFIER_TIMERS_H
#define CLASSIFIER_TIMERS_H

#include <stdbool.h>
#include <stdint.h>

#include "id.h"

enum timer_kind { TIMER_DECAY, TIMER_OVERDUE, TIMER_UNHEARD, TIMER_KINDS };

struct timer {
    int64_t due_us;
    struct id id;
    uint32_t kind, index;
};

struct timers {
    struct timer *heap;
    uint32_t n, capacity;
    uint32_t *at[TIMER_KINDS]; /* where in the heap; rebuilt after a load */
    uint32_t limit[TIMER_KINDS];
};

/* Room for index 0 .. limit-1 of each kind. 0, or -1 when out of memory. */
int timers_init(struct timers *t, const uint32_t limit[TIMER_KINDS]);
void timers_fini(struct timers *t);

/* Sets or moves the timer of kind and index. */
void timers_set(struct timers *t, enum timer_kind kind, uint32_t index, const struct id *id,
                int64_t due_us);
void timers_cancel(struct timers *t, enum timer_kind kind, uint32_t index);
/* Takes the first timer due before `before_us`. */
bool timers_take(struct timers *t, int64_t before_us, struct timer *out);
/* After the heap was filled from outside: true when every entry is in range and single. */
bool timers_rebuild(struct timers *t);

#endif
