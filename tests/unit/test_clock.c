/* test_clock: slewing with fake clocks. Every case checks that time strictly increases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "clock.h"

#define T0 INT64_C(1681713600000000)
#define S  INT64_C(1000000)

static int64_t
look(struct clock *c, int64_t mono, int64_t wall)
{
    int64_t last = c->now_us, now = clock_advance(c, mono, wall);

    assert_true(now > last);
    assert_int_equal(now, c->now_us);
    return now;
}

static void
starts_at_wall_time_or_after_the_floor(void **state)
{
    struct clock c;

    (void)state;
    clock_init(&c, 5, T0, 0);
    assert_int_equal(c.now_us, T0);
    clock_init(&c, 5, T0, T0 - 1);
    assert_int_equal(c.now_us, T0);
    clock_init(&c, 5, T0, T0);
    assert_int_equal(c.now_us, T0 + 1);
    clock_init(&c, 5, T0, T0 + 9 * S);
    assert_int_equal(c.now_us, T0 + 9 * S + 1);
    assert_int_equal(clock_take_step(&c), 0);
}

static void
follows_wall_time(void **state)
{
    struct clock c;

    (void)state;
    clock_init(&c, 0, T0, 0);
    for (int64_t m = 7; m < 100000; m += 7)
        assert_int_equal(look(&c, m, T0 + m), T0 + m);
    assert_int_equal(look(&c, 3600 * S, T0 + 3600 * S), T0 + 3600 * S);
    assert_int_equal(clock_take_step(&c), 0);
}

/* Ten seconds ahead: the same whether looked at once, or in short looks of odd length. */
static void
ahead_at_half_speed(void **state)
{
    static const int64_t lengths[] = {2, 3, 5, 7, 10, 999, 1001, 500000, 4 * S, 10 * S};

    (void)state;
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        struct clock c;
        int64_t m = 0;

        clock_init(&c, 0, T0, T0 + 10 * S - 1);
        assert_int_equal(c.now_us, T0 + 10 * S);
        while (m < 10 * S) {
            m += lengths[i];
            assert_int_equal(look(&c, m, T0 + m), T0 + 10 * S + m / 2);
        }
    }
}

static void
ahead_until_a_millisecond_is_left(void **state)
{
    struct clock once, often;

    (void)state;
    clock_init(&once, 0, T0, T0 + 10 * S - 1);
    clock_init(&often, 0, T0, T0 + 10 * S - 1);
    for (int64_t m = 333; m < 60 * S; m += 333)
        (void)look(&often, m, T0 + m);
    (void)look(&often, 60 * S, T0 + 60 * S);
    assert_int_equal(look(&once, 60 * S, T0 + 60 * S), T0 + 60 * S + 1000);
    assert_int_equal(often.now_us, once.now_us);
    /* and from there at wall speed */
    assert_int_equal(look(&once, 61 * S, T0 + 61 * S), T0 + 61 * S + 1000);
}

static void
behind_at_double_speed(void **state)
{
    static const int64_t lengths[] = {1, 2, 3, 999, 500000, 5 * S};

    (void)state;
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        struct clock c;
        int64_t m = 0;

        clock_init(&c, 0, T0 - 10 * S, 0);
        /* wall time is set 10 s forward at once, and told once */
        assert_int_equal(look(&c, 0, T0), T0 - 10 * S + 1);
        assert_int_equal(clock_take_step(&c), 10 * S);
        assert_int_equal(clock_take_step(&c), 0);
        while (m < 4 * S) {
            m += lengths[i];
            assert_int_equal(look(&c, m, T0 + m), T0 - 10 * S + 1 + 2 * m);
        }
        assert_int_equal(look(&c, 60 * S, T0 + 60 * S), T0 + 60 * S - 1000);
        assert_int_equal(look(&c, 61 * S, T0 + 61 * S), T0 + 61 * S - 1000);
        assert_int_equal(clock_take_step(&c), 0);
    }
}

static void
stays_within_a_millisecond_without_slewing(void **state)
{
    static const int64_t off[] = {-1000, -1, 1, 1000};

    (void)state;
    for (size_t i = 0; i < sizeof(off) / sizeof(off[0]); i++) {
        struct clock c;

        clock_init(&c, 0, T0, 0);
        assert_int_equal(look(&c, S, T0 + S + off[i]), T0 + S);
        assert_int_equal(look(&c, 2 * S, T0 + 2 * S + off[i]), T0 + 2 * S);
        assert_int_equal(clock_take_step(&c), 0);
    }
}

static void
steps(void **state)
{
    static const struct {
        int64_t jump, told, advance; /* over the second in which it happens */
    } cases[] = {
        {S - 1, 0, 2 * S - 1001}, {S, S, 2 * S - 1000}, {3600 * S, 3600 * S, 2 * S},
        {-S + 1, 0, S / 2},       {-S, -S, S / 2},      {-86400 * S, -86400 * S, S / 2},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct clock c;
        int64_t before;

        clock_init(&c, 100, T0, 0);
        before = look(&c, 100 + S, T0 + S);
        assert_int_equal(look(&c, 100 + 2 * S, T0 + 2 * S + cases[i].jump) - before,
                         cases[i].advance);
        assert_int_equal(clock_take_step(&c), cases[i].told);
        (void)look(&c, 100 + 3 * S, T0 + 3 * S + cases[i].jump);
        assert_int_equal(clock_take_step(&c), 0); /* once */
    }
}

static void
steps_add_up_until_taken(void **state)
{
    struct clock c;

    (void)state;
    clock_init(&c, 0, T0, 0);
    (void)look(&c, S, T0 + 6 * S);
    (void)look(&c, 2 * S, T0 + 10 * S);
    assert_int_equal(clock_take_step(&c), 8 * S);
}

static void
never_stands_still(void **state)
{
    struct clock c;

    (void)state;
    clock_init(&c, 50, T0, 0);
    for (int i = 0; i < 5000; i++)
        (void)look(&c, 50, T0);
    assert_int_equal(c.now_us, T0 + 5000);
    /* a monotonic clock that went back counts as one that stood */
    (void)look(&c, 40, T0);
    /* what it ran ahead is slewed away */
    assert_int_equal(look(&c, 50 + S, T0 + S), T0 + S + 1000);
    assert_int_equal(clock_take_step(&c), 0);
}

/* Random looks with random settings of wall time, against a model in half microseconds. */
static void
random_walk(void **state)
{
    struct clock c;
    int64_t mono = 0, wall = T0, now2 = 2 * T0;
    unsigned seed = 7;

    (void)state;
    clock_init(&c, mono, wall, 0);
    for (int i = 0; i < 200000; i++) {
        int64_t passed = 2 + rand_r(&seed) % 3000, ahead;

        if (rand_r(&seed) % 500 == 0)
            wall += rand_r(&seed) % 400000 - 200000;
        ahead = c.now_us - wall;
        for (int64_t k = 0; k < passed; k++) {
            int64_t gap2 = now2 - 2 * (wall + k);

            now2 += ahead > 1000 && gap2 > 2000 ? 1 : ahead < -1000 && gap2 < -2000 ? 4 : 2;
        }
        mono += passed;
        wall += passed;
        assert_true(llabs(look(&c, mono, wall) - now2 / 2) <= 1);
        if (llabs(c.now_us - wall) <= 1001)
            now2 = 2 * c.now_us; /* the last microsecond before the threshold may differ */
    }
}

static void
reads_the_system(void **state)
{
    struct clock c;
    int64_t mono = mono_now_us(), last;

    (void)state;
    assert_true(mono > 0);
    assert_true(wall_now_us() > 0);
    clock_start(&c, 0);
    last = c.now_us;
    for (int i = 0; i < 1000; i++) {
        int64_t now = clock_now(&c);

        assert_true(now > last);
        last = now;
    }
    assert_true(mono_now_us() >= mono);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starts_at_wall_time_or_after_the_floor),
        cmocka_unit_test(follows_wall_time),
        cmocka_unit_test(ahead_at_half_speed),
        cmocka_unit_test(ahead_until_a_millisecond_is_left),
        cmocka_unit_test(behind_at_double_speed),
        cmocka_unit_test(stays_within_a_millisecond_without_slewing),
        cmocka_unit_test(steps),
        cmocka_unit_test(steps_add_up_until_taken),
        cmocka_unit_test(never_stands_still),
        cmocka_unit_test(random_walk),
        cmocka_unit_test(reads_the_system),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
