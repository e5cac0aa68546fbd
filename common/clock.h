/* clock: the time that is written into records.
 *
 * It follows the monotonic clock and is slewed towards wall time: it never goes back and
 * never stands still. Ahead of wall time by more than a millisecond it advances at half
 * speed, behind by more than a millisecond at double speed, else at wall speed. It starts at
 * wall time, or right after `floor_us` (the log's last stamp) where that is later. A jump of
 * wall time against the monotonic clock by a second or more between two looks is a step; it
 * is told once, and does not move this clock but by the slewing.
 *
 * The arithmetic is pure (clock_advance) and tested with fake times; clock_now() reads the
 * two system clocks. */
#ifndef TOCSIN_CLOCK_H
#define TOCSIN_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct clock {
    int64_t mono_us, wall_us; /* at the last look */
    int64_t now_us;           /* what it says */
    int64_t step_us;          /* a step not yet taken, 0 = none */
    int64_t half;             /* carry of the half-speed division */
};

#define CLOCK_STEP_US 1000000

void clock_init(struct clock *c, int64_t mono_us, int64_t wall_us, int64_t floor_us);
/* A look at both clocks. Returns the new time: greater than the last one by at least 1. */
int64_t clock_advance(struct clock *c, int64_t mono_us, int64_t wall_us);
/* The step since it was last asked, 0 = none. */
int64_t clock_take_step(struct clock *c);

/* With the system's clocks. */
void clock_start(struct clock *c, int64_t floor_us);
int64_t clock_now(struct clock *c);
int64_t mono_now_us(void);
int64_t wall_now_us(void);

#endif
