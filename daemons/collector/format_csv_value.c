/* format_csv_value: what stands in the fields of a CSV, as people and spreadsheets write it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "format_csv_impl.h"

#include "timefmt.h"
#include "wire_codec.h"

const char *
csv_get(const struct csv_table *t, unsigned column)
{
    size_t at = t->at[column];
    const char *s = at < t->row.n && at < CSV_MAX_FIELDS ? t->row.fields[at] : NULL;

    return s != NULL && *s != '\0' ? s : NULL;
}

const char *
csv_shown(const char *s, char out[CSV_SHOWN])
{
    size_t n = strnlen(s, CSV_SHOWN - 1);

    while (n > 0 && n == CSV_SHOWN - 1 && ((unsigned char)s[n] & 0xC0) == 0x80)
        n--;
    bool text = wire_text_ok(s, n);
    for (size_t i = 0; i < n; i++) {
        unsigned char b = (unsigned char)s[i];
        out[i] = b < 0x20 || b == 0x7F ? ' ' : b >= 0x80 && !text ? '?' : s[i];
    }
    out[n] = '\0';
    return out;
}

int32_t
csv_figure(const char *s)
{
    int64_t v = 0;
    size_t n = s != NULL ? strspn(s, "0123456789") : 0;

    if (n == 0 || n > 9)
        return -1;
    for (size_t i = 0; i < n; i++)
        v = v * 10 + (s[i] - '0');
    s += n;
    if (*s == '.' || *s == ',')
        s += 1 + strspn(s + 1, "0");
    return *s == '\0' && v <= WIRE_MAX_FIGURE ? (int32_t)v : -1;
}

unsigned
csv_code(const char *s, unsigned most)
{
    int32_t v = csv_figure(s);

    return v >= 1 && (unsigned)v <= most ? (unsigned)v : 0;
}

/* ---- days */

/* 1 to 12 by the beginning of a name, 0 when it is none. Moves *s behind the word. */
static int
month(const char **s)
{
    /* The longer one of two that begin alike comes first. */
    static const struct {
        const char *begin;
        int number;
    } months[] = {{"jan", 1},        {"feb", 2}, {"fev", 2},  {"f\303\251v", 2}, {"mar", 3},
                  {"apr", 4},        {"avr", 4}, {"may", 5},  {"mai", 5},        {"juil", 7},
                  {"jul", 7},        {"jun", 6}, {"jui", 6},  {"aug", 8},        {"aou", 8},
                  {"ao\303\273", 8}, {"sep", 9}, {"oct", 10}, {"nov", 11},       {"dec", 12},
                  {"d\303\251c", 12}};

    for (size_t i = 0; i < sizeof months / sizeof months[0]; i++) {
        size_t n = strlen(months[i].begin);
        if (strncasecmp(*s, months[i].begin, n) != 0)
            continue;
        *s += n;
        *s += strcspn(*s, " .-/0123456789");
        return months[i].number;
    }
    return 0;
}

static bool
number(const char **s, size_t most, int *out)
{
    size_t n = strspn(*s, "0123456789");

    if (n == 0 || n > most)
        return false;
    for (*out = 0; n > 0; n--)
        *out = *out * 10 + *(*s)++ - '0';
    return true;
}

/* "17 April 2023", "17-avr.-2023", "17/04/2023", "17.4.2023": d is what stands first. */
static bool
day_month_year(const char **s, int *d, int *m, int *y, bool *named)
{
    if (!number(s, 2, d))
        return false;
    *s += strspn(*s, " ./-");
    *m = month(s);
    *named = *m != 0;
    if (!*named && !number(s, 2, m))
        return false;
    *s += strspn(*s, " ./-");
    return number(s, 4, y) && *y > 1000;
}

static int
unread(const char *s, struct err *e)
{
    char shown[CSV_SHOWN];

    return err_set(e, "\"%s\" is no date such as 2023-04-17", csv_shown(s, shown));
}

static bool
sign(const char **s)
{
    if (**s != '-' && **s != '/' && **s != '.')
        return false;
    (*s)++;
    return true;
}

/* "2023-04-17", "20230417" */
static bool
year_month_day(const char **s, int *y, int *m, int *d)
{
    char text[9] = "";
    const char *p = text;

    if (strspn(*s, "0123456789") == 4)
        return number(s, 4, y) && sign(s) && number(s, 2, m) && sign(s) && number(s, 2, d);
    if (strspn(*s, "0123456789") != 8)
        return false;
    memcpy(text, *s, 8);
    *s += 8;
    if (!number(&p, 8, d))
        return false;
    *y = *d / 10000;
    *m = *d / 100 % 100;
    *d %= 100;
    return true;
}

int
csv_day(const char *s, bool day_first, int64_t *noon_us, struct err *e)
{
    const char *from = s;
    char text[48], shown[CSV_SHOWN];
    int d = 0, m = 0, y = 0;
    bool named = true;

    if (s == NULL)
        return err_set(e, "missing");
    if (strspn(s, "0123456789") >= 4) {
        if (!year_month_day(&s, &y, &m, &d))
            return unread(from, e);
    } else {
        if (!day_month_year(&s, &d, &m, &y, &named))
            return unread(from, e);
        if (!named && from[strspn(from, "0123456789")] == '/' && !day_first && d <= 12 && m <= 12 &&
            d != m)
            return err_set(e, "\"%s\" may be two days; write it as 2023-04-17",
                           csv_shown(from, shown));
        if (!named && m > 12) {
            int day = m;
            m = d;
            d = day;
        }
    }
    if (strchr(" T;", *s) == NULL) /* also when it ends here */
        return unread(from, e);
    (void)snprintf(text, sizeof text, "%04d-%02d-%02dT12:00:00Z", y, m, d); /* fits: 4 + 2 + 2 */
    return time_parse(text, strlen(text), noon_us) == 0 ? 0 : unread(from, e);
}

int64_t
csv_noon(int64_t noon_us, int64_t reported_us)
{
    return reported_us < noon_us && reported_us > noon_us - 12 * HOUR_US ? reported_us : noon_us;
}

/* ---- coordinates */

/* A copy with a point for a decimal comma; NULL when it is too long for a number. */
static const char *
with_point(const char *s, char out[40])
{
    size_t n = s != NULL ? strlen(s) : 40;

    if (n >= 40)
        return NULL;
    memcpy(out, s, n + 1);
    char *comma = strchr(out, ',');
    if (comma != NULL)
        *comma = '.';
    return out;
}

int
csv_position(struct draft *d, const char *lat, const char *lon)
{
    char a[40], b[40];

    return draft_position(d, with_point(lat, a), with_point(lon, b));
}
