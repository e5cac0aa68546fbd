/* test_metrics: the exposition text, and that registering again goes on counting.
 *
 * The table belongs to the process, so the tests build on one another in order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "metrics.h"

static void
empty_prints_nothing(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 0);
    metrics_print(&b);
    assert_int_equal(b.len, 0);
    buf_fini(&b);
}

static void
series_of_one_name_stand_together(void **state)
{
    int64_t *gao, *depth, *kidal;
    char labels[32] = "source=\"gao\"";
    struct buf b;

    (void)state;
    gao = metric_new(METRIC_COUNTER, "records_total", labels, "Records stored.");
    depth = metric_new(METRIC_GAUGE, "queue_depth", NULL, "Records waiting.");
    strcpy(labels, "source=\"kidal\""); /* the labels were copied */
    kidal = metric_new(METRIC_COUNTER, "records_total", labels, "Records stored.");
    ++*gao;
    *kidal += 41;
    *depth = -3;
    buf_init(&b, 0);
    metrics_print(&b);
    assert_string_equal(b.data, "# HELP tocsin_records_total Records stored.\n"
                                "# TYPE tocsin_records_total counter\n"
                                "tocsin_records_total{source=\"gao\"} 1\n"
                                "tocsin_records_total{source=\"kidal\"} 41\n"
                                "# HELP tocsin_queue_depth Records waiting.\n"
                                "# TYPE tocsin_queue_depth gauge\n"
                                "tocsin_queue_depth -3\n");
    buf_fini(&b);
}

static void
registered_again_is_the_same(void **state)
{
    int64_t *depth = metric_new(METRIC_GAUGE, "queue_depth", NULL, "Records waiting.");
    int64_t *gao = metric_new(METRIC_COUNTER, "records_total", "source=\"gao\"", "Records stored.");

    (void)state;
    assert_int_equal(*depth, -3);
    assert_int_equal(*gao, 1);
    assert_ptr_not_equal(metric_new(METRIC_GAUGE, "queue_depth", "queue=\"x\"", "Records waiting."),
                         depth);
}

struct seen {
    int calls, stop_after;
    int64_t sum;
};

static int
on_each(void *arg, const char *name, const char *labels, int64_t value)
{
    struct seen *s = arg;

    assert_true(strcmp(name, "records_total") == 0 || strcmp(name, "queue_depth") == 0);
    if (s->calls == 0)
        assert_string_equal(labels, "source=\"gao\"");
    if (s->calls == 1)
        assert_null(labels);
    s->sum += value;
    return ++s->calls == s->stop_after;
}

static void
each_in_order_until_stopped(void **state)
{
    struct seen all = {0}, two = {.stop_after = 2};

    (void)state;
    metrics_each(on_each, &all);
    assert_int_equal(all.calls, 4);
    assert_int_equal(all.sum, 39);
    metrics_each(on_each, &two);
    assert_int_equal(two.calls, 2);
    assert_int_equal(two.sum, -2);
}

static void
the_table_takes_what_it_promises(void **state)
{
    char labels[32];

    (void)state;
    for (int i = 4; i < METRICS_MAX; i++) {
        (void)snprintf(labels, sizeof(labels), "n=\"%d\"", i);
        assert_non_null(metric_new(METRIC_COUNTER, "filling_total", labels, "Filling."));
    }
    /* full, but what is known is still found */
    assert_int_equal(*metric_new(METRIC_GAUGE, "queue_depth", NULL, "Records waiting."), -3);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_prints_nothing),
        cmocka_unit_test(series_of_one_name_stand_together),
        cmocka_unit_test(registered_again_is_the_same),
        cmocka_unit_test(each_in_order_until_stopped),
        cmocka_unit_test(the_table_takes_what_it_promises),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
