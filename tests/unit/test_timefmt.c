/* test_timefmt: times and durations as text, there and back, and every way to be wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "timefmt.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void
parses_times(void **state)
{
    static const struct {
        const char *text;
        int64_t us;
    } cases[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"1970-01-01T00:00:00.000001Z", 1},
        {"2023-04-17T06:40:00Z", INT64_C(1681713600000000)},
        {"2023-04-17t06:40:00z", INT64_C(1681713600000000)},
        {"2023-04-17 06:40:00Z", INT64_C(1681713600000000)},
        {"2023-04-17T06:40:00.123+02:00", INT64_C(1681706400123000)},
        {"2023-04-17T06:40:00-05:30", INT64_C(1681733400000000)},
        {"2023-04-17T06:40:00-00:00", INT64_C(1681713600000000)},
        {"2023-04-17T06:40:00.1Z", INT64_C(1681713600100000)},
        {"2023-04-17T06:40:00.1234569999Z", INT64_C(1681713600123456)},
        {"2000-02-29T00:00:00Z", INT64_C(951782400000000)},
        {"2024-02-29T23:59:59Z", INT64_C(1709251199000000)},
        {"2200-12-31T23:59:59.999999Z", INT64_C(7289654399999999)},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t us = -1;

        assert_int_equal(time_parse(cases[i].text, strlen(cases[i].text), &us), 0);
        assert_int_equal(us, cases[i].us);
    }
}

static void
refuses_times(void **state)
{
    static const char *const bad[] = {
        "",
        "2023",
        "2023-04-17",
        "2023-04-17T06:40Z",
        "2023-04-17T06:40:00",    /* no zone */
        "2023-04-17T06:40:00+02", /* half a zone */
        "2023-04-17T06:40:00+0200",
        "2023-04-17T06:40:00+24:00",
        "2023-04-17T06:40:00+02:60",
        "2023-04-17T06:40:00.Z",
        "2023-04-17T06:40:00,5Z",
        "2023-04-17T06:40:00Zx",
        "2023-04-17T06:40:00Z ",
        " 2023-04-17T06:40:00Z",
        "2023-04-17_06:40:00Z",
        "2023/04/17T06:40:00Z",
        "23-04-17T06:40:00Z",
        "2023-4-17T06:40:00Z",
        "2023-00-17T06:40:00Z",
        "2023-13-17T06:40:00Z",
        "2023-04-00T06:40:00Z",
        "2023-04-31T06:40:00Z",
        "2023-02-29T06:40:00Z",
        "2100-02-29T06:40:00Z",
        "2023-04-17T24:00:00Z",
        "2023-04-17T06:60:00Z",
        "2023-04-17T06:40:60Z",
        "+023-04-17T06:40:00Z",
        "1969-12-31T23:59:59Z",
        "1970-01-01T00:00:00+00:01", /* before 1970 in UTC */
        "2201-01-01T00:00:00Z",
    };
    int64_t us = 7;

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        if (time_parse(bad[i], strlen(bad[i]), &us) != -1)
            fail_msg("accepted %s", bad[i]);
    assert_int_equal(us, 7);
    assert_int_equal(time_parse("2023-04-17T06:40:00Z\0", 21, &us), -1); /* a NUL is no zone */
    assert_int_equal(time_parse("2023-04-17T06:40:00\0Z", 21, &us), -1);
    assert_int_equal(time_parse("2023-04-17T06:40:00Z", 10, &us), -1); /* len is the end */
}

static void
shows_times(void **state)
{
    static const struct {
        int64_t us;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00Z"},
        {INT64_C(1681713600000000), "2023-04-17T06:40:00Z"},
        {INT64_C(1681713600120000), "2023-04-17T06:40:00.120Z"},
        {INT64_C(1681713600120999), "2023-04-17T06:40:00.120Z"},
        {INT64_C(1681713600000999), "2023-04-17T06:40:00Z"},
        {-1, "1969-12-31T23:59:59.999Z"},
        {INT64_MAX, "9999-12-31T23:59:59.999Z"},
        {INT64_MIN, "0000-01-01T00:00:00Z"},
    };
    char text[TIME_TEXT];

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_string_equal(time_text(cases[i].us, text), cases[i].text);
}

/* Day by day through four centuries, counted on beside it. */
static void
calendar_goes_on(void **state)
{
    static const int length[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year = 1890, month = 1, day = 1, weekday = 2; /* a Wednesday */
    struct civil c = {.year = year, .month = month, .day = day};
    int64_t us = time_from_civil(&c);

    (void)state;
    while (year < 2300) {
        int leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

        time_to_civil(us + 12 * HOUR_US + 34 * MINUTE_US + 56 * SECOND_US + 789, &c);
        assert_true(c.year == year && c.month == month && c.day == day && c.weekday == weekday);
        assert_true(c.hour == 12 && c.minute == 34 && c.second == 56 && c.usec == 789);
        c.weekday = 99; /* must not matter */
        assert_int_equal(time_from_civil(&c),
                         us + 12 * HOUR_US + 34 * MINUTE_US + 56 * SECOND_US + 789);
        us += DAY_US;
        weekday = (weekday + 1) % 7;
        if (++day > length[month - 1] + (month == 2 && leap)) {
            day = 1;
            if (++month > 12) {
                month = 1;
                year++;
            }
        }
    }
}

static void
parses_durations(void **state)
{
    static const struct {
        const char *text;
        int64_t us;
    } cases[] = {
        {"0", 0},
        {"90", 90 * SECOND_US},
        {"90s", 90 * SECOND_US},
        {"15min", 15 * MINUTE_US},
        {"2h", 2 * HOUR_US},
        {"14d", 14 * DAY_US},
        {"250ms", 250000},
        {"7us", 7},
        {"1h30min", 90 * MINUTE_US},
        {"1d2h3min4s5ms6us", DAY_US + 2 * HOUR_US + 3 * MINUTE_US + 4 * SECOND_US + 5006},
        {"106751991d", INT64_C(106751991) * DAY_US},
        {"9223372036854775807us", INT64_MAX},
    };
    static const char *const bad[] = {
        "",
        "s",
        "h2",
        "-5s",
        "+5s",
        "1.5h",
        "5 s",
        "5s ",
        " 5s",
        "5m",
        "5S",
        "5sec",
        "1h30",
        "30min1h",
        "1h2h",
        "1w",
        "1s2ms3",
        "1h-2min",
        "106751992d",
        "9223372036854775808us",
        "99999999999999999999",
        "106751991d9999999h",
        "18446744073709551615d",
    };
    int64_t us;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(duration_parse(cases[i].text, &us), 0);
        assert_int_equal(us, cases[i].us);
    }
    us = 7;
    for (size_t i = 0; i < COUNT(bad); i++)
        if (duration_parse(bad[i], &us) != -1)
            fail_msg("accepted %s", bad[i]);
    assert_int_equal(us, 7);
}

static void
shows_durations(void **state)
{
    static const struct {
        int64_t us;
        const char *text;
    } cases[] = {
        {0, "0s"},
        {90 * SECOND_US, "90s"},
        {120 * SECOND_US, "2min"},
        {90 * MINUTE_US, "90min"},
        {36 * HOUR_US, "36h"},
        {14 * DAY_US, "14d"},
        {250000, "250ms"},
        {1, "1us"},
        {DAY_US + SECOND_US, "1d1s"},
        {-3 * SECOND_US, "-3s"},
        {-(DAY_US + SECOND_US), "-1d1s"},
        {INT64_MAX, "9223372036854775807us"},
        {INT64_MIN, "-9223372036854775808us"},
    };
    char text[TIME_TEXT];
    int64_t back;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_string_equal(duration_text(cases[i].us, text), cases[i].text);
        if (cases[i].us < 0)
            continue;
        assert_int_equal(duration_parse(text, &back), 0);
        assert_int_equal(back, cases[i].us);
    }
    for (int64_t us = 1; us < INT64_MAX / 7; us = us * 7 + 1) {
        assert_int_equal(duration_parse(duration_text(us, text), &back), 0);
        assert_int_equal(back, us);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parses_times),     cmocka_unit_test(refuses_times),
        cmocka_unit_test(shows_times),      cmocka_unit_test(calendar_goes_on),
        cmocka_unit_test(parses_durations), cmocka_unit_test(shows_durations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
