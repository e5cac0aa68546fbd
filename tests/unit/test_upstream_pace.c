/* upstream_pace over a simulated link: a rate, a round trip, answers in order. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "timefmt.h"
#include "upstream_pace.h"

struct link {
    int64_t rate, trip_us; /* records a second */
    int64_t free_us;       /* when the line is free */
    struct {
        uint64_t last;
        int64_t at_us;
    } answers[4096];
    size_t first, n;
};

/* Runs for a minute as fast as it is let; returns how many came through. *queue_us: the longest
 * time that a record waited for the line in the second half. */
static uint64_t
run(struct link *l, struct pace *p, int64_t *queue_us)
{
    uint64_t sent = 0, answered = 0;

    *queue_us = 0;
    for (int64_t now = 0; now < 60 * SECOND_US; now += SECOND_US / 100) {
        size_t chunk;
        while (l->first < l->n && l->answers[l->first].at_us <= now) {
            answered = l->answers[l->first].last;
            pace_answered(p, answered, now);
            l->first++;
        }
        while ((chunk = pace_chunk(p, (size_t)(sent - answered))) > 0) {
            int64_t start = l->free_us > now ? l->free_us : now;
            sent += chunk;
            l->free_us = start + (int64_t)chunk * SECOND_US / l->rate;
            if (now > 30 * SECOND_US && l->free_us - now > *queue_us)
                *queue_us = l->free_us - now;
            assert_true(l->n < 4096);
            l->answers[l->n].last = sent;
            l->answers[l->n++].at_us = l->free_us + l->trip_us;
            pace_sent(p, sent, chunk, now);
        }
    }
    return answered;
}

static void
test_links(void **state)
{
    static const struct {
        int64_t rate, trip_ms;
    } cases[] = {{80, 600}, {320, 600}, {2500, 600}, {320, 50}, {2500, 1500}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct link l = {.rate = cases[i].rate, .trip_us = cases[i].trip_ms * 1000};
        struct pace p;
        int64_t queue;
        pace_init(&p, 1024, 16);
        uint64_t got = run(&l, &p, &queue);
        /* The line is used, and what waits for it is bounded. */
        if (got < (uint64_t)cases[i].rate * 60 * 7 / 10)
            fail_msg("%d a second: %d in a minute", (int)cases[i].rate, (int)got);
        if (queue > 5 * SECOND_US / 2)
            fail_msg("%d a second: a queue of %d ms", (int)cases[i].rate, (int)(queue / 1000));
    }
}

static void
test_bounds(void **state)
{
    struct pace p;

    (void)state;
    pace_init(&p, 4, 2); /* less than the least there usually is */
    assert_int_equal(pace_chunk(&p, 0), 4);
    assert_int_equal(pace_chunk(&p, 4), 4);
    assert_int_equal(pace_chunk(&p, 5), 0);
    for (uint64_t i = 1; i <= 3 * PACE_CHUNKS; i++) /* more than are timed */
        pace_sent(&p, i, 1, 0);
    pace_answered(&p, 3 * PACE_CHUNKS, 1000);
    assert_int_equal(p.n, 0);
    assert_int_equal(pace_chunk(&p, 8), 0);
    pace_sent(&p, 1000, 4, 1000000);
    pace_answered(&p, 1000, 100000000); /* however long it took, something may go */
    assert_int_equal(pace_chunk(&p, 0), 4);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_links),
        cmocka_unit_test(test_bounds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
