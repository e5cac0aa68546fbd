/* dtg: see dtg.h. */
#include "dtg.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "config.h"
#include "timefmt.h"

#define AHEAD_US (12 * HOUR_US)

struct group {
    int day, hour, minute;
    char zone;       /* upper case; 'J' where there is none */
    int month, year; /* 0 = absent */
};

/* ---- months */

/* Upper case without accents, as far as French months have them; 0 when it is not all letters. */
static size_t
fold(const char *s, size_t n, char *out, size_t size)
{
    size_t w = 0;

    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];

        if (w + 1 >= size)
            return 0;
        if (c == 0xC3 && i + 1 < n) {
            unsigned char next = (unsigned char)s[++i] & 0xDF; /* é and É, û and Û */
            if (next != 0x89 && next != 0x9B)
                return 0;
            out[w++] = next == 0x89 ? 'E' : 'U';
        } else if (isalpha(c)) {
            out[w++] = (char)toupper(c);
        } else {
            return 0;
        }
    }
    out[w] = '\0';
    return w;
}

int
dtg_month(const char *s, size_t n)
{
    static const char *const names[12][2] = {
        {"JANUARY", "JANVIER"}, {"FEBRUARY", "FEVRIER"},  {"MARCH", "MARS"},
        {"APRIL", "AVRIL"},     {"MAY", "MAI"},           {"JUNE", "JUIN"},
        {"JULY", "JUILLET"},    {"AUGUST", "AOUT"},       {"SEPTEMBER", "SEPTEMBRE"},
        {"OCTOBER", "OCTOBRE"}, {"NOVEMBER", "NOVEMBRE"}, {"DECEMBER", "DECEMBRE"}};
    char word[12];
    size_t len = fold(s, n, word, sizeof word);

    /* JUI may be either month in French. */
    if (len < 3 || strcmp(word, "JUI") == 0)
        return 0;
    for (int m = 0; m < 12; m++)
        for (int l = 0; l < 2; l++)
            if (strncmp(names[m][l], word, len) == 0)
                return m + 1;
    return 0;
}

/* ---- reading */

static bool
is_letter(const char *s, size_t n, size_t i)
{
    return i < n && (isalpha((unsigned char)s[i]) || (unsigned char)s[i] >= 0x80);
}

static bool
is_digit(const char *s, size_t n, size_t i)
{
    return i < n && s[i] >= '0' && s[i] <= '9';
}

static size_t
skip(const char *s, size_t n, size_t i)
{
    while (i < n && (s[i] == ' ' || s[i] == '\t'))
        i++;
    return i;
}

/* Digits from i on, at most four; *v is their number. */
static size_t
number(const char *s, size_t n, size_t i, int *v)
{
    size_t from = i;

    for (*v = 0; i < from + 4 && is_digit(s, n, i); i++)
        *v = *v * 10 + (s[i] - '0');
    return is_digit(s, n, i) ? 0 : i - from;
}

static size_t
word(const char *s, size_t n, size_t i)
{
    size_t from = i;

    while (is_letter(s, n, i))
        i++;
    return i - from;
}

/* DDHHMM or DD HHMM at i; the place behind it, 0 = none. */
static size_t
read_clock(const char *s, size_t n, struct group *g)
{
    int v[6];
    size_t i = 0, k = 0;

    for (; k < 6 && i < n; k++, i++) {
        if (k == 2)
            i = skip(s, n, i);
        if (!is_digit(s, n, i))
            return 0;
        v[k] = s[i] - '0';
    }
    if (k < 6 || is_digit(s, n, i))
        return 0;
    g->day = v[0] * 10 + v[1];
    g->hour = v[2] * 10 + v[3];
    g->minute = v[4] * 10 + v[5];
    return g->day >= 1 && g->day <= 31 && g->hour < 24 && g->minute < 60 ? i : 0;
}

/* Month and year from i on, when they stand there; the place behind them. */
static size_t
read_date(const char *s, size_t n, size_t i, struct group *g)
{
    size_t at = skip(s, n, i), len = word(s, n, at), digits;

    g->month = dtg_month(s + at, len);
    if (g->month == 0)
        return i;
    i = at + len;
    at = skip(s, n, i);
    digits = number(s, n, at, &g->year);
    if ((digits != 2 && digits != 4) || is_letter(s, n, at + digits)) {
        g->year = 0;
        return i;
    }
    g->year += digits == 2 ? 2000 : 0;
    return at + digits;
}

/* The whole group; its length, 0 = none. */
static size_t
read_group(const char *s, size_t n, struct group *g)
{
    size_t i = read_clock(s, n, g), at, len, end;

    if (i == 0)
        return 0;
    at = skip(s, n, i);
    len = word(s, n, at);
    g->zone = 'J';
    /* "APR" alone is the month; of "ZAPR" the first letter is the zone. */
    if (dtg_month(s + at, len) != 0)
        end = read_date(s, n, at, g);
    else if (len == 1 || (len > 1 && dtg_month(s + at + 1, len - 1) != 0)) {
        g->zone = (char)toupper((unsigned char)s[at]);
        end = read_date(s, n, at + 1, g);
    } else {
        return 0;
    }
    return is_letter(s, n, end) || is_digit(s, n, end) || g->zone < 'A' || g->zone > 'Z' ? 0 : end;
}

/* ---- to a time */

static int64_t
zone_offset_us(char z)
{
    int hours = z == 'Z' ? 0 : z <= 'I' ? z - 'A' + 1 : z <= 'M' ? z - 'K' + 10 : 'M' - z;

    return hours * HOUR_US;
}

/* 0 = no such day. */
static int64_t
time_of(const struct group *g, int year, int month, const struct source_conf *source)
{
    struct civil c = {.year = year,
                      .month = month,
                      .day = g->day,
                      .hour = g->hour,
                      .minute = g->minute},
                 back;
    int64_t us = time_from_civil(&c), at;

    time_to_civil(us, &back);
    if (back.month != month || year < 1970 || year > 2200)
        return 0;
    if (g->zone != 'J')
        return us - zone_offset_us(g->zone);
    if (source == NULL)
        return us;
    at = us - source_utc_offset(source, us) * MINUTE_US;
    return us - source_utc_offset(source, at) * MINUTE_US;
}

static int64_t
complete(const struct group *g, const struct format_options *o)
{
    int64_t latest = o->now_us + AHEAD_US, us;
    struct civil now;

    if (g->year != 0)
        return time_of(g, g->year, g->month, o->source);
    if (o->now_us == 0)
        return 0;
    /* From the next month, which may have begun elsewhere, back; nine years hold a 29 February. */
    time_to_civil(latest, &now);
    for (int back = -1; back < 9 * 12; back++) {
        int months = now.year * 12 + now.month - 1 - back;

        if (g->month != 0 && months % 12 + 1 != g->month)
            continue;
        us = time_of(g, months / 12, months % 12 + 1, o->source);
        if (us != 0 && us <= latest)
            return us;
    }
    return 0;
}

size_t
dtg_read(const char *s, size_t n, const struct format_options *o, int64_t *us)
{
    struct group g = {0};
    size_t len = read_group(s, n, &g);

    if (len > 0)
        *us = complete(&g, o);
    return len;
}

int64_t
dtg_find(const char *s, size_t n, const struct format_options *o)
{
    int64_t us = 0;
    bool inside = false; /* of a word or number */

    for (size_t i = 0; i < n && us == 0; i++) {
        if (!inside && is_digit(s, n, i))
            (void)dtg_read(s + i, n - i, o, &us);
        inside = is_digit(s, n, i) || is_letter(s, n, i);
    }
    return us;
}
