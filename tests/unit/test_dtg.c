/* test_dtg: date-time groups, whole and in part, in every zone, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config.h"
#include "dtg.h"
#include "timefmt.h"

#define NOW "2023-04-17T18:00:00Z"

static int64_t
at(const char *s)
{
    int64_t us = 0;

    if (s != NULL)
        assert_int_equal(time_parse(s, strlen(s), &us), 0);
    return us;
}

/* The exact size, so that a sanitizer sees every byte too many. */
static size_t
read_exact(const char *s, const struct format_options *o, int64_t *us)
{
    size_t n = strlen(s);
    char *exact = malloc(n > 0 ? n : 1);

    assert_non_null(exact);
    memcpy(exact, s, n);
    n = dtg_read(exact, n, o, us);
    free(exact);
    return n;
}

static void
test_groups(void **state)
{
    static const struct {
        const char *text, *time; /* NULL = it is none */
        size_t len;              /* 0 = all of it */
    } t[] = {
        {"171840ZAPR23", "2023-04-17T18:40:00Z", 0},
        {"17 1840Z APR 23", "2023-04-17T18:40:00Z", 0},
        {"171840Z", "2023-04-17T18:40:00Z", 0},
        {"171840zApr2023", "2023-04-17T18:40:00Z", 0},
        {"171840Z AVR 23", "2023-04-17T18:40:00Z", 0},
        {"171840ZAVRIL23", "2023-04-17T18:40:00Z", 0},
        {"171840Z avril 2023.", "2023-04-17T18:40:00Z", 18},
        {"171840 Z APR 23,", "2023-04-17T18:40:00Z", 15},
        {"050600ZFÉV23", "2023-02-05T06:00:00Z", 0},
        {"050600Z août 2022", "2022-08-05T06:00:00Z", 0},
        {"050600ZJUIL22", "2022-07-05T06:00:00Z", 0},
        {"050600ZJUIN22", "2022-06-05T06:00:00Z", 0},
        {"311200ZDÉC21", "2021-12-31T12:00:00Z", 0},
        /* zones */
        {"171840AAPR23", "2023-04-17T17:40:00Z", 0},
        {"171840IAPR23", "2023-04-17T09:40:00Z", 0},
        {"171840KAPR23", "2023-04-17T08:40:00Z", 0},
        {"171840MAPR23", "2023-04-17T06:40:00Z", 0},
        {"171840NAPR23", "2023-04-17T19:40:00Z", 0},
        {"171840YAPR23", "2023-04-18T06:40:00Z", 0},
        {"171840JAPR23", "2023-04-17T16:40:00Z", 0}, /* the source is two hours east */
        {"171840APR23", "2023-04-17T16:40:00Z", 0},
        {"171840 avr", "2023-04-17T16:40:00Z", 0},
        {"171840MMAR23", "2023-03-17T06:40:00Z", 0},
        /* completed: the latest not more than twelve hours ahead */
        {"180559Z", "2023-04-18T05:59:00Z", 0},
        {"180601Z", "2023-03-18T06:01:00Z", 0},
        {"311200Z", "2023-03-31T12:00:00Z", 0},
        {"010000Z", "2023-04-01T00:00:00Z", 0},
        {"181200ZAPR", "2022-04-18T12:00:00Z", 0},
        {"171200Z DEC", "2022-12-17T12:00:00Z", 0},
        {"290000ZFEB", "2020-02-29T00:00:00Z", 0},
        {"171840Z near Gao", "2023-04-17T18:40:00Z", 7},
        {"171840Z APR 17 men", "2017-04-17T18:40:00Z", 14},
        {"171840Z APR 170 men", "2023-04-17T18:40:00Z", 11},
        {"171840Z APR 23rd", "2023-04-17T18:40:00Z", 11},
        /* a group that is no time */
        {"310600ZAPR23", NULL, 12},
        {"300000ZFEB", NULL, 10},
        /* none */
        {"", NULL, 0},
        {"1", NULL, 0},
        {"171840", NULL, 0},
        {"171840 men", NULL, 0},
        {"171840m", "2023-04-17T06:40:00Z", 0},
        {"1718401Z", NULL, 0},
        {"17184Z", NULL, 0},
        {"001840Z", NULL, 0},
        {"321840Z", NULL, 0},
        {"172440Z", NULL, 0},
        {"171860Z", NULL, 0},
        {"171840ZZ", NULL, 0},
        {"171840Z5", NULL, 0},
        {"171840ZAPX23", NULL, 0},
        {"171840\xC3", NULL, 0},
        {"17\n1840Z", NULL, 0},
        {"17 1840 JUI", NULL, 0},
    };
    struct source_conf source = {.name = "s", .utc_offset_min = 120};
    struct format_options o = {.source = &source, .now_us = at(NOW)};

    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        int64_t us = 0;
        size_t len = read_exact(t[i].text, &o, &us);
        size_t want = t[i].len > 0 ? t[i].len : t[i].time != NULL ? strlen(t[i].text) : 0;
        if (len != want || us != at(t[i].time)) {
            char out[TIME_TEXT];
            fail_msg("%s: %zu bytes, not %zu; %s", t[i].text, len, want, time_text(us, out));
        }
    }
}

static void
test_without_now(void **state)
{
    struct format_options o = {.now_us = 0};
    int64_t us = 1;

    (void)state;
    assert_int_equal(read_exact("171840ZAPR23", &o, &us), 12);
    assert_int_equal(us, at("2023-04-17T18:40:00Z"));
    assert_int_equal(read_exact("171840JAPR23", &o, &us), 12);
    assert_int_equal(us, at("2023-04-17T18:40:00Z")); /* a source without a zone is in UTC */
    assert_int_equal(read_exact("171840ZAPR", &o, &us), 10);
    assert_int_equal(us, 0);
    assert_int_equal(read_exact("171840Z", &o, &us), 7);
    assert_int_equal(us, 0);
}

static void
test_find(void **state)
{
    static const struct {
        const char *text, *time;
    } t[] = {
        {"DTG: 171840ZAPR23", "2023-04-17T18:40:00Z"},
        {"(171840ZAPR23)", "2023-04-17T18:40:00Z"},
        {"310600ZAPR23 or 171840ZAPR23", "2023-04-17T18:40:00Z"},
        {"frequency 412500, grid 30QZD1718401840, 6 men", NULL},
        {"X171840ZAPR23", NULL},
        {"1171840Z", NULL},
        {"", NULL},
    };
    struct format_options o = {.now_us = at(NOW)};

    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++)
        if (dtg_find(t[i].text, strlen(t[i].text), &o) != at(t[i].time))
            fail_msg("%s", t[i].text);
}

static void
test_months(void **state)
{
    static const struct {
        const char *word;
        int month;
    } t[] = {{"jan", 1},     {"JANV", 1},      {"janvier", 1}, {"Feb", 2},        {"Fév", 2},
             {"FÉVRIER", 2}, {"mar", 3},       {"Mars", 3},    {"avr", 4},        {"may", 5},
             {"mai", 5},     {"jun", 6},       {"juin", 6},    {"jul", 7},        {"juillet", 7},
             {"aou", 8},     {"Août", 8},      {"sept", 9},    {"oct", 10},       {"novembre", 11},
             {"dec", 12},    {"décembre", 12}, {"jui", 0},     {"ja", 0},         {"marsh", 0},
             {"", 0},        {"april1", 0},    {"é", 0},       {"septemberly", 0}};

    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++)
        if (dtg_month(t[i].word, strlen(t[i].word)) != t[i].month)
            fail_msg("%s", t[i].word);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_groups),
        cmocka_unit_test(test_without_now),
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_months),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
