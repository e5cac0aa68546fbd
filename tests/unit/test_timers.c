/* timers: order, one a thing, cancelling, rebuilding. */
#include "core_fixture.h"

#include "timers.h"

static struct id
id_of(uint8_t n)
{
    struct id id = {{0}};

    id.b[15] = n;
    return id;
}

static void
test_order(void **state)
{
    const uint32_t limit[TIMER_KINDS] = {64, 64};
    struct timers t;
    struct timer x;
    int64_t last = 0;
    int n = 0;

    (void)state;
    assert_int_equal(timers_init(&t, limit), 0);
    for (uint32_t i = 0; i < 64; i++) {
        struct id id = id_of((uint8_t)(63 - i));

        timers_set(&t, TIMER_DECAY, i, &id, (int64_t)(i * 37 % 16) + 1);
    }
    for (uint32_t i = 0; i < 64; i += 3)
        timers_cancel(&t, TIMER_DECAY, i);
    timers_cancel(&t, TIMER_OVERDUE, 5); /* was not set */
    while (timers_take(&t, 100, &x)) {
        assert_true(x.due_us >= last);
        assert_int_not_equal(x.index % 3, 0);
        last = x.due_us;
        n++;
    }
    assert_int_equal(n, 42);
    timers_fini(&t);
}

static void
test_ties_and_moves(void **state)
{
    const uint32_t limit[TIMER_KINDS] = {4, 4};
    struct id a = id_of(1), b = id_of(2);
    struct timers t;
    struct timer x;

    (void)state;
    assert_int_equal(timers_init(&t, limit), 0);
    timers_set(&t, TIMER_DECAY, 0, &b, 10);
    timers_set(&t, TIMER_OVERDUE, 0, &a, 10);
    timers_set(&t, TIMER_DECAY, 1, &a, 10);
    timers_set(&t, TIMER_DECAY, 2, &a, 50);
    timers_set(&t, TIMER_DECAY, 2, &a, 5); /* moved, not doubled */
    assert_int_equal(t.n, 4);
    assert_false(timers_take(&t, 5, &x)); /* only before */
    assert_true(timers_take(&t, 6, &x));
    assert_int_equal(x.index, 2);
    assert_true(timers_take(&t, 11, &x)); /* equal times by id, then kind */
    assert_int_equal(x.kind, TIMER_DECAY);
    assert_int_equal(x.index, 1);
    assert_true(timers_take(&t, 11, &x));
    assert_int_equal(x.kind, TIMER_OVERDUE);
    assert_true(timers_take(&t, 11, &x));
    assert_int_equal(x.index, 0);
    assert_false(timers_take(&t, INT64_MAX, &x));
    timers_fini(&t);
}

static void
test_rebuild(void **state)
{
    const uint32_t limit[TIMER_KINDS] = {4, 4};
    struct timers t;

    (void)state;
    assert_int_equal(timers_init(&t, limit), 0);
    t.heap[0] = (struct timer){.due_us = 1, .kind = TIMER_DECAY, .index = 3};
    t.heap[1] = (struct timer){.due_us = 2, .kind = TIMER_DECAY, .index = 3};
    t.n = 1;
    assert_true(timers_rebuild(&t));
    timers_cancel(&t, TIMER_DECAY, 3);
    assert_int_equal(t.n, 0);
    t.heap[0] = (struct timer){.due_us = 1, .kind = TIMER_DECAY, .index = 3};
    t.n = 2;
    assert_false(timers_rebuild(&t)); /* twice the same */
    timers_fini(&t);
    assert_int_equal(timers_init(&t, limit), 0);
    t.heap[0] = (struct timer){.kind = TIMER_KINDS};
    t.n = 1;
    assert_false(timers_rebuild(&t));
    t.heap[0] = (struct timer){.kind = TIMER_DECAY, .index = 4};
    assert_false(timers_rebuild(&t));
    t.n = t.capacity + 1;
    assert_false(timers_rebuild(&t));
    timers_fini(&t);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_ties_and_moves),
        cmocka_unit_test(test_rebuild),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
