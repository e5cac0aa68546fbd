/* tz: a zone is a sorted list of transitions, and a rule for the time after the last one.
 *
 * The rule (the file's last line, in the form of POSIX TZ) is needed: newer zone files list no
 * transition that the rule gives. The file is untrusted in form only: every count is checked
 * against the bytes at hand before it is used. */
#include "tz.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "timefmt.h"

#define MAX_FILE   65536
#define HEADER_LEN 44
#define HOUR_S     3600
#define DAY_S      86400

struct change {
    int64_t at_s;
    int32_t offset_s;
};

/* One end of summer time, in local time of before the change. */
struct rule_day {
    char kind; /* 'M' month.week.day, 'J' 1..365 without 29 February, 'N' 0..365 */
    int month, week, day;
    int32_t time_s;
};

struct tz {
    int32_t first_s; /* before the first change */
    struct change *changes;
    size_t n;
    bool has_rule, has_summer;
    int32_t standard_s, summer_s;
    struct rule_day start, end;
};

/* ---- the rule: "CET-1CEST,M3.5.0,M10.5.0/3" */

static bool
take_number(const char **p, int least, int most, int *out)
{
    int v = 0, digits = 0;

    for (; **p >= '0' && **p <= '9' && digits < 4; (*p)++, digits++)
        v = v * 10 + (**p - '0');
    if (digits == 0 || v < least || v > most)
        return false;
    *out = v;
    return true;
}

/* hh[:mm[:ss]] with a sign; hours up to 167 as RFC 9636 allows. */
static bool
take_time(const char **p, int32_t *out)
{
    int h = 0, m = 0, s = 0, sign = 1;

    if (**p == '-' || **p == '+') {
        sign = **p == '-' ? -1 : 1;
        (*p)++;
    }
    if (!take_number(p, 0, 167, &h))
        return false;
    if (**p == ':') {
        (*p)++;
        if (!take_number(p, 0, 59, &m))
            return false;
        if (**p == ':') {
            (*p)++;
            if (!take_number(p, 0, 59, &s))
                return false;
        }
    }
    *out = sign * (h * HOUR_S + m * 60 + s);
    return true;
}

static bool
take_name(const char **p)
{
    const char *s = *p;

    if (*s == '<') {
        const char *close = strchr(s, '>');
        if (close == NULL)
            return false;
        *p = close + 1;
        return true;
    }
    while ((*s >= 'A' && *s <= 'Z') || (*s >= 'a' && *s <= 'z'))
        s++;
    bool some = s > *p;
    *p = s;
    return some;
}

static bool
take_day(const char **p, struct rule_day *d)
{
    d->time_s = 2 * HOUR_S;
    if (**p == 'M') {
        (*p)++;
        d->kind = 'M';
        if (!take_number(p, 1, 12, &d->month) || *(*p)++ != '.' || !take_number(p, 1, 5, &d->week))
            return false;
        if (*(*p)++ != '.' || !take_number(p, 0, 6, &d->day))
            return false;
    } else {
        d->kind = **p == 'J' ? 'J' : 'N';
        *p += d->kind == 'J';
        if (!take_number(p, d->kind == 'J' ? 1 : 0, 365, &d->day))
            return false;
    }
    if (**p != '/')
        return true;
    (*p)++;
    return take_time(p, &d->time_s);
}

static int
parse_rule(const char *s, struct tz *z)
{
    if (!take_name(&s) || !take_time(&s, &z->standard_s))
        return -1;
    z->standard_s = -z->standard_s; /* POSIX counts west */
    z->has_rule = true;
    if (*s == '\0')
        return 0;
    z->has_summer = true;
    z->summer_s = z->standard_s + HOUR_S;
    if (!take_name(&s))
        return -1;
    if (*s != ',') {
        if (!take_time(&s, &z->summer_s))
            return -1;
        z->summer_s = -z->summer_s;
    }
    if (*s++ != ',' || !take_day(&s, &z->start) || *s++ != ',' || !take_day(&s, &z->end))
        return -1;
    return *s == '\0' ? 0 : -1;
}

static int64_t
days_from_civil(int year, int month, int day)
{
    const struct civil c = {.year = year, .month = month, .day = day};

    return time_from_civil(&c) / DAY_US;
}

/* Local seconds since 1970 at which a rule's day comes in a year. */
static int64_t
rule_day_s(const struct rule_day *d, int year)
{
    int64_t first = days_from_civil(year, 1, 1), day = 0;
    bool leap = days_from_civil(year + 1, 1, 1) - first == 366;

    if (d->kind == 'M') {
        int64_t month = days_from_civil(year, d->month, 1);
        int64_t next = d->month == 12 ? days_from_civil(year + 1, 1, 1)
                                      : days_from_civil(year, d->month + 1, 1);
        int64_t weekday = (month + 4) % 7; /* 1970-01-01 was a Thursday; 0 = Sunday */
        day = month + (d->day - weekday + 7) % 7 + (int64_t)7 * (d->week - 1);
        if (day >= next) /* week 5 is the last one */
            day -= 7;
    } else if (d->kind == 'J') {
        day = first + d->day - 1 + (leap && d->day >= 60);
    } else {
        day = first + d->day;
    }
    return day * DAY_S + d->time_s;
}

static int32_t
rule_offset_s(const struct tz *z, int64_t at_s)
{
    struct civil c;

    if (!z->has_summer)
        return z->standard_s;
    time_to_civil((at_s + z->standard_s) * SECOND_US, &c);
    int64_t start = rule_day_s(&z->start, c.year) - z->standard_s;
    int64_t end = rule_day_s(&z->end, c.year) - z->summer_s;
    bool summer =
        start < end ? at_s >= start && at_s < end : !(at_s >= end && at_s < start); /* south */
    return summer ? z->summer_s : z->standard_s;
}

/* ---- the file */

struct header {
    size_t isut, isstd, leap, times, types, chars;
};

static uint32_t
be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static bool
read_header(const uint8_t *p, size_t n, struct header *h)
{
    size_t *const fields[] = {&h->isut, &h->isstd, &h->leap, &h->times, &h->types, &h->chars};

    if (n < HEADER_LEN || memcmp(p, "TZif", 4) != 0)
        return false;
    for (size_t i = 0; i < 6; i++) {
        *fields[i] = be32(p + 20 + 4 * i);
        if (*fields[i] > MAX_FILE) /* keeps the sums below small */
            return false;
    }
    return h->types >= 1 && h->types <= 256;
}

static size_t
block_len(const struct header *h, size_t width)
{
    return h->times * (width + 1) + h->types * 6 + h->chars + h->leap * (width + 4) + h->isstd +
           h->isut;
}

/* times, then their types, then the types: offset (4), summer (1), name (1). */
static int
read_block(const uint8_t *p, const struct header *h, size_t width, struct tz *z)
{
    const uint8_t *index = p + h->times * width, *types = index + h->times;

    z->first_s = (int32_t)be32(types);
    z->changes = calloc(h->times + 1, sizeof(z->changes[0]));
    if (z->changes == NULL)
        return -1;
    for (size_t i = 0; i < h->times; i++, p += width) {
        if (index[i] >= h->types)
            return -1;
        z->changes[i].at_s =
            width == 4 ? (int32_t)be32(p) : (int64_t)((uint64_t)be32(p) << 32 | be32(p + 4));
        z->changes[i].offset_s = (int32_t)be32(types + (size_t)6 * index[i]);
        if (i > 0 && z->changes[i].at_s <= z->changes[i - 1].at_s)
            return -1;
    }
    z->n = h->times;
    return 0;
}

static int
read_footer(const uint8_t *p, size_t n, struct tz *z)
{
    char rule[128];
    const uint8_t *end = n > 1 && p[0] == '\n' ? memchr(p + 1, '\n', n - 1) : NULL;

    if (end == NULL || (size_t)(end - p) > sizeof(rule))
        return -1;
    size_t len = (size_t)(end - p) - 1;
    memcpy(rule, p + 1, len);
    rule[len] = '\0';
    return len == 0 ? 0 : parse_rule(rule, z);
}

static int
read_file(const uint8_t *p, size_t n, struct tz *z)
{
    struct header h;

    if (!read_header(p, n, &h) || block_len(&h, 4) > n - HEADER_LEN)
        return -1;
    if (p[4] == 0)
        return read_block(p + HEADER_LEN, &h, 4, z);
    size_t skip = HEADER_LEN + block_len(&h, 4);
    p += skip;
    n -= skip;
    if (!read_header(p, n, &h) || block_len(&h, 8) > n - HEADER_LEN)
        return -1;
    size_t len = HEADER_LEN + block_len(&h, 8);
    if (read_block(p + HEADER_LEN, &h, 8, z) != 0)
        return -1;
    return read_footer(p + len, n - len, z);
}

int
tz_parse(const void *data, size_t n, struct tz **out)
{
    struct tz *z = calloc(1, sizeof(*z));

    if (z == NULL)
        return -1;
    if (n > MAX_FILE || read_file(data, n, z) != 0) {
        tz_free(z);
        return -1;
    }
    *out = z;
    return 0;
}

void
tz_free(struct tz *z)
{
    if (z == NULL)
        return;
    free(z->changes);
    free(z);
}

int32_t
tz_offset_s(const struct tz *z, int64_t at_us)
{
    int64_t at_s = at_us / SECOND_US - (at_us % SECOND_US < 0);
    size_t low = 0, high = z->n;

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (z->changes[mid].at_s <= at_s)
            low = mid + 1;
        else
            high = mid;
    }
    if (low == z->n && z->has_rule)
        return rule_offset_s(z, at_s);
    return low == 0 ? z->first_s : z->changes[low - 1].offset_s;
}

/* ---- by name */

static bool
fixed_offset(const char *s, int32_t *out)
{
    int h = 0, m = 0;

    if (strcmp(s, "UTC") == 0) {
        *out = 0;
        return true;
    }
    if (strlen(s) != 6 || (s[0] != '+' && s[0] != '-') || s[3] != ':')
        return false;
    const char *p = s + 1;
    if (!take_number(&p, 0, 14, &h) || p != s + 3)
        return false;
    p++;
    if (!take_number(&p, 0, 59, &m) || p != s + 6)
        return false;
    *out = (s[0] == '-' ? -1 : 1) * (h * HOUR_S + m * 60);
    return true;
}

static bool
safe_name(const char *s)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                  "_+-/";

    return s[0] != '\0' && s[0] != '/' && strlen(s) < 64 && s[strspn(s, allowed)] == '\0';
}

static int
no_zone(const char *dir, const char *name, struct err *e)
{
    char path[512];

    (void)snprintf(path, sizeof(path), "%s/Africa", dir); /* cut = not there */
    if (access(path, F_OK) != 0)
        return err_set(e,
                       "time zone \"%.63s\" needs the system's zone files: install tzdata, or "
                       "write UTC or an offset like +01:00",
                       name);
    return err_set(e, "no time zone \"%.63s\"; write it like Africa/Bamako, UTC or +01:00", name);
}

int
tz_load(const char *dir, const char *name, struct tz **out, struct err *e)
{
    uint8_t *data = NULL;
    char path[512];
    int32_t offset = 0;
    int fd = -1, rc = -1;
    size_t n = 0;

    if (fixed_offset(name, &offset)) {
        struct tz *z = calloc(1, sizeof(*z));
        if (z == NULL)
            return err_set(e, "out of memory");
        z->first_s = offset;
        *out = z;
        return 0;
    }
    if (!safe_name(name) ||
        (size_t)snprintf(path, sizeof(path), "%s/%s", dir, name) >= sizeof(path))
        return no_zone(dir, name, e);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    data = malloc(MAX_FILE + 1);
    if (fd < 0 || data == NULL)
        goto out;
    while (n <= MAX_FILE) {
        ssize_t got = read(fd, data + n, MAX_FILE + 1 - n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        n += (size_t)got;
    }
    rc = tz_parse(data, n, out);
out:
    if (rc != 0)
        rc = no_zone(dir, name, e);
    free(data);
    if (fd >= 0)
        (void)close(fd); /* nothing was written */
    return rc;
}
