/* timefmt: the proleptic Gregorian calendar in whole numbers.
 *
 * Days and dates are turned into each other by Howard Hinnant's era method ("chrono-
 * Compatible Low-Level Date Algorithms"): eras of 400 years, years that begin in March,
 * so that the leap day comes last and months need no table. No time zone is ever asked
 * of the system. */
#include "timefmt.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define YEAR_LEAST     1970
#define YEAR_MOST      2200
#define DAYS_PER_ERA   146097
#define DAYS_TO_1970   719468             /* from 0000-03-01 */
#define TEXT_LEAST_US  (-719528 * DAY_US) /* 0000-01-01T00:00:00Z */
#define TEXT_BEYOND_US (2932897 * DAY_US) /* 10000-01-01T00:00:00Z */
#define MS_US          INT64_C(1000)

static int64_t
floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0 ? 1 : 0);
}

static int64_t
days_from_date(int64_t y, int m, int d)
{
    int64_t era, yoe, doy, doe;

    y -= m <= 2 ? 1 : 0;
    era = floor_div(y, 400);
    yoe = y - era * 400;
    doy = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
    doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * DAYS_PER_ERA + doe - DAYS_TO_1970;
}

int64_t
time_from_civil(const struct civil *c)
{
    return days_from_date(c->year, c->month, c->day) * DAY_US + c->hour * HOUR_US +
           c->minute * MINUTE_US + c->second * SECOND_US + c->usec;
}

void
time_to_civil(int64_t us, struct civil *c)
{
    int64_t days = floor_div(us, DAY_US);
    int64_t rest = us - days * DAY_US;
    int64_t z = days + DAYS_TO_1970;
    int64_t era = floor_div(z, DAYS_PER_ERA);
    int64_t doe = z - era * DAYS_PER_ERA;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;

    c->day = (int)(doy - (153 * mp + 2) / 5 + 1);
    c->month = (int)(mp < 10 ? mp + 3 : mp - 9);
    c->year = (int)(yoe + era * 400 + (c->month <= 2 ? 1 : 0));
    c->hour = (int)(rest / HOUR_US);
    c->minute = (int)(rest / MINUTE_US % 60);
    c->second = (int)(rest / SECOND_US % 60);
    c->usec = (int)(rest % SECOND_US);
    /* 1970-01-01 was a Thursday, three days after Monday */
    c->weekday = (int)(days + 3 - floor_div(days + 3, 7) * 7);
}

/* Reads exactly n digits at *s; false when there are not so many before end. */
static bool
digits(const char **s, const char *end, int n, int *out)
{
    int v = 0;

    if (end - *s < n)
        return false;
    for (int i = 0; i < n; i++) {
        char c = *(*s)++;

        if (c < '0' || c > '9')
            return false;
        v = v * 10 + (c - '0');
    }
    *out = v;
    return true;
}

static bool
skip(const char **s, const char *end, const char *one_of)
{
    if (*s == end || **s == '\0' || strchr(one_of, **s) == NULL)
        return false;
    (*s)++;
    return true;
}

static int
days_in_month(int year, int month)
{
    static const int8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    return month == 2 && leap ? 29 : days[month - 1];
}

static bool
parse_fraction(const char **s, const char *end, int *usec)
{
    int scale = (int)SECOND_US / 10;
    const char *from = *s;

    for (; *s < end && **s >= '0' && **s <= '9'; (*s)++) {
        *usec += (**s - '0') * scale; /* digits beyond the sixth add nothing */
        scale /= 10;
    }
    return *s > from;
}

static bool
parse_zone(const char **s, const char *end, int64_t *offset_us)
{
    int hour, minute;
    bool east;

    if (skip(s, end, "Zz")) {
        *offset_us = 0;
        return true;
    }
    east = *s < end && **s == '+';
    if (!skip(s, end, "+-") || !digits(s, end, 2, &hour) || !skip(s, end, ":") ||
        !digits(s, end, 2, &minute) || hour > 23 || minute > 59)
        return false;
    *offset_us = hour * HOUR_US + minute * MINUTE_US;
    if (!east)
        *offset_us = -*offset_us;
    return true;
}

int
time_parse(const char *s, size_t len, int64_t *us)
{
    const char *end = s + len;
    struct civil c = {0};
    int64_t offset, t;

    if (!digits(&s, end, 4, &c.year) || !skip(&s, end, "-") || !digits(&s, end, 2, &c.month) ||
        !skip(&s, end, "-") || !digits(&s, end, 2, &c.day) || !skip(&s, end, "Tt ") ||
        !digits(&s, end, 2, &c.hour) || !skip(&s, end, ":") || !digits(&s, end, 2, &c.minute) ||
        !skip(&s, end, ":") || !digits(&s, end, 2, &c.second))
        return -1;
    if (skip(&s, end, ".") && !parse_fraction(&s, end, &c.usec))
        return -1;
    if (!parse_zone(&s, end, &offset) || s != end)
        return -1;
    if (c.year < YEAR_LEAST || c.year > YEAR_MOST || c.month < 1 || c.month > 12 || c.day < 1 ||
        c.day > days_in_month(c.year, c.month) || c.hour > 23 || c.minute > 59 || c.second > 59)
        return -1;
    t = time_from_civil(&c) - offset;
    if (t < 0)
        return -1;
    *us = t;
    return 0;
}

static char *
put_digits(char *p, int v, int n)
{
    for (int i = n - 1; i >= 0; i--) {
        p[i] = (char)('0' + v % 10);
        v /= 10;
    }
    return p + n;
}

const char *
time_text(int64_t us, char out[TIME_TEXT])
{
    struct civil c;
    char *p = out;

    /* Text has four digits for the year; times beyond them show as the nearest that has. */
    if (us < TEXT_LEAST_US)
        us = TEXT_LEAST_US;
    if (us >= TEXT_BEYOND_US)
        us = TEXT_BEYOND_US - 1;
    time_to_civil(us, &c);
    p = put_digits(p, c.year, 4);
    *p++ = '-';
    p = put_digits(p, c.month, 2);
    *p++ = '-';
    p = put_digits(p, c.day, 2);
    *p++ = 'T';
    p = put_digits(p, c.hour, 2);
    *p++ = ':';
    p = put_digits(p, c.minute, 2);
    *p++ = ':';
    p = put_digits(p, c.second, 2);
    if (c.usec >= MS_US) {
        *p++ = '.';
        p = put_digits(p, c.usec / (int)MS_US, 3);
    }
    *p++ = 'Z';
    *p = '\0';
    return out;
}

/* Largest first. */
static const struct unit {
    const char *name;
    int64_t us;
} units[] = {{"d", DAY_US},    {"h", HOUR_US}, {"min", MINUTE_US},
             {"s", SECOND_US}, {"ms", MS_US},  {"us", 1}};
#define UNITS (sizeof(units) / sizeof(units[0]))

int
duration_parse(const char *s, int64_t *us)
{
    uint64_t sum = 0;
    size_t next = 0; /* units go down, so that "1h2h" is seen to be a slip */

    do {
        uint64_t v = 0, scaled;
        const char *from = s;
        size_t n, u;

        for (; *s >= '0' && *s <= '9'; s++)
            if (__builtin_mul_overflow(v, 10U, &v) ||
                __builtin_add_overflow(v, (uint64_t)(*s - '0'), &v))
                return -1;
        if (s == from)
            return -1;
        n = strspn(s, "abcdefghijklmnopqrstuvwxyz");
        for (u = next; u < UNITS; u++)
            if (strlen(units[u].name) == n && strncmp(units[u].name, s, n) == 0)
                break;
        if (n == 0 && next == 0 && *s == '\0')
            u = 3; /* a bare number: seconds */
        if (u == UNITS)
            return -1;
        if (__builtin_mul_overflow(v, (uint64_t)units[u].us, &scaled) ||
            __builtin_add_overflow(sum, scaled, &sum) || sum > (uint64_t)INT64_MAX)
            return -1;
        next = u + 1;
        s += n;
    } while (*s != '\0');
    *us = (int64_t)sum;
    return 0;
}

const char *
duration_text(int64_t us, char out[TIME_TEXT])
{
    uint64_t all = us < 0 ? 0 - (uint64_t)us : (uint64_t)us;
    uint64_t rest = all;
    char parts[64];
    size_t len = 0, u = 3;
    const char *sign = us < 0 ? "-" : "";

    if (us == 0)
        return memcpy(out, "0s", sizeof("0s"));
    for (size_t i = 0; i < UNITS; i++) {
        uint64_t n = rest / (uint64_t)units[i].us;

        if (n == 0)
            continue;
        rest -= n * (uint64_t)units[i].us;
        len += (size_t)snprintf(parts + len, sizeof(parts) - len, "%llu%s", (unsigned long long)n,
                                units[i].name);
    }
    for (u = 0; all % (uint64_t)units[u].us != 0; u++)
        ;
    /* One unit alone, where that is not longer: "90s" rather than "1min30s". */
    int n = snprintf(out, TIME_TEXT, "%s%llu%s", sign,
                     (unsigned long long)(all / (uint64_t)units[u].us), units[u].name);
    if ((size_t)n > len + strlen(sign))
        (void)snprintf(out, TIME_TEXT, "%s%.*s", sign, TIME_TEXT - 2, parts);
    return out;
}
