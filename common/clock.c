/* clock: slewing in whole microseconds.
 *
 * Between two looks the speed changes where the distance to wall time passes a
 * millisecond, so that a long pause between looks neither overshoots nor lags: ahead,
 * the clock is at half speed but never left behind wall + 1 ms; behind, at double speed
 * but never beyond wall - 1 ms. Dividing by two drops half a microsecond now and then;
 * `half` carries it, so that a thousand short looks come to the same as a long one. */
#include "clock.h"

#include <time.h>

#include "timefmt.h"

#define TOLERANCE_US 1000

void
clock_init(struct clock *c, int64_t mono_us, int64_t wall_us, int64_t floor_us)
{
    *c = (struct clock){.mono_us = mono_us,
                        .wall_us = wall_us,
                        .now_us = wall_us > floor_us ? wall_us : floor_us + 1};
}

/* Half speed over passed_us, until wall time has come up to a millisecond. */
static int64_t
advance_slowly(struct clock *c, int64_t passed_us, int64_t wall_us)
{
    int64_t twice = passed_us + c->half;
    int64_t now = c->now_us + twice / 2;

    c->half = twice % 2;
    if (now < wall_us + TOLERANCE_US) {
        now = wall_us + TOLERANCE_US;
        c->half = 0;
    }
    return now;
}

/* Double speed over passed_us, until a millisecond is left. */
static int64_t
advance_quickly(const struct clock *c, int64_t passed_us, int64_t wall_us)
{
    int64_t now = c->now_us + 2 * passed_us;

    return now > wall_us - TOLERANCE_US ? wall_us - TOLERANCE_US : now;
}

int64_t
clock_advance(struct clock *c, int64_t mono_us, int64_t wall_us)
{
    int64_t passed = mono_us > c->mono_us ? mono_us - c->mono_us : 0;
    int64_t jump = wall_us - c->wall_us - passed;
    /* Where wall time would have been at the last look, had it been set right then. */
    int64_t ahead = c->now_us - (wall_us - passed);
    int64_t now;

    if (jump >= CLOCK_STEP_US || jump <= -CLOCK_STEP_US)
        c->step_us += jump;
    if (ahead > TOLERANCE_US) {
        now = advance_slowly(c, passed, wall_us);
    } else {
        c->half = 0;
        now = ahead < -TOLERANCE_US ? advance_quickly(c, passed, wall_us) : c->now_us + passed;
    }
    if (now <= c->now_us) {
        now = c->now_us + 1;
        c->half = 0;
    }
    c->mono_us += passed;
    c->wall_us = wall_us;
    c->now_us = now;
    return now;
}

int64_t
clock_take_step(struct clock *c)
{
    int64_t step = c->step_us;

    c->step_us = 0;
    return step;
}

static int64_t
read_us(clockid_t id)
{
    struct timespec ts;

    /* It cannot fail for these two clocks and a valid pointer. */
    (void)clock_gettime(id, &ts);
    return ts.tv_sec * SECOND_US + ts.tv_nsec / 1000;
}

int64_t
mono_now_us(void)
{
    return read_us(CLOCK_MONOTONIC);
}

int64_t
wall_now_us(void)
{
    return read_us(CLOCK_REALTIME);
}

void
clock_start(struct clock *c, int64_t floor_us)
{
    clock_init(c, mono_now_us(), wall_now_us(), floor_us);
}

int64_t
clock_now(struct clock *c)
{
    /* Read apart: in an argument list the order would be open. */
    int64_t mono = mono_now_us();
    int64_t wall = wall_now_us();

    return clock_advance(c, mono, wall);
}
