/* format_text: one report in words, as an SMS or a radio log has it. Always an incident, with the
 * whole text in its own words; a body that is not UTF-8 is read as Windows-1252.
 *
 * Where it is written in a form (format_form.h), these are filled in besides, as far as they are
 * certain:
 *
 *   place, mgrs, position   from the location line: MGRS with its zone, decimal degrees; what is
 *                           left of the line is the place
 *   occurred_at             from the time line: a date-time group, or RFC 3339; not one that lies
 *                           more than 12 h ahead
 *   event                   ied_mine for a UXO or IED report; else left to the words
 *   wounded                 patients of a MEDEVAC
 *   attribute form          salute, contact, 5w, uxo, medevac */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "format_impl.h"

#include "draft.h"
#include "dtg.h"
#include "format_form.h"
#include "timefmt.h"

#define AHEAD_US (12 * HOUR_US)

/* ---- the bytes */

static size_t
sequence(const unsigned char *s, size_t n)
{
    size_t len = s[0] < 0xC2 ? 0 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : s[0] < 0xF5 ? 4 : 0;

    if (len == 0 || len > n)
        return 0;
    for (size_t i = 1; i < len; i++)
        if ((s[i] & 0xC0) != 0x80)
            return 0;
    return len;
}

/* Bytes beyond ASCII, and none of them as UTF-8 has them. A text that was cut in the middle of a
 * character is still UTF-8. */
static bool
is_windows(const char *s, size_t n)
{
    bool beyond = false;

    for (size_t i = 0; i < n; i++) {
        if ((unsigned char)s[i] < 0x80)
            continue;
        if (sequence((const unsigned char *)s + i, n - i) > 0)
            return false;
        beyond = true;
    }
    return beyond;
}

static const char *
from_windows(struct arena *a, const char *s, size_t n, size_t *len)
{
    /* 0x80 to 0x9F; U+FFFD where it has none. */
    static const uint16_t high[32] = {
        0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
        0x2039, 0x0152, 0xFFFD, 0x017D, 0xFFFD, 0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
        0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178};
    char *out = arena_alloc(a, 3 * n + 1);
    size_t w = 0;

    for (size_t i = 0; out != NULL && i < n; i++) {
        unsigned c = (unsigned char)s[i];
        c = c >= 0x80 && c < 0xA0 ? high[c - 0x80] : c;
        if (c < 0x80) {
            out[w++] = (char)c;
        } else if (c < 0x800) {
            out[w++] = (char)(0xC0 | c >> 6);
            out[w++] = (char)(0x80 | (c & 0x3F));
        } else {
            out[w++] = (char)(0xE0 | c >> 12);
            out[w++] = (char)(0x80 | (c >> 6 & 0x3F));
            out[w++] = (char)(0x80 | (c & 0x3F));
        }
    }
    *len = w;
    return out;
}

/* ---- where */

static bool
is_word(char c)
{
    return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

static size_t
blanks(const char *s, size_t n, size_t i)
{
    while (i < n && (s[i] == ' ' || s[i] == '\t'))
        i++;
    return i;
}

static size_t
run(const char *s, size_t n, size_t i, int (*is)(int))
{
    size_t from = i;

    while (i < n && is((unsigned char)s[i]))
        i++;
    return i - from;
}

/* Zone, band, square and one group of digits of even length or two of the same; its length and a
 * copy without blanks, 0 = none. Without a zone it could be anywhere. */
static size_t
mgrs_at(const char *s, size_t n, char out[16])
{
    size_t i = run(s, n, 0, isdigit), w = i, len, next;
    bool small = false, apart = false;

    if (i < 1 || i > 2)
        return 0;
    memcpy(out, s, i);
    for (int letters = 0; letters < 3; letters++) {
        next = blanks(s, n, i);
        if (next == n || !isalpha((unsigned char)s[next]))
            return 0;
        small = small || islower((unsigned char)s[next]);
        apart = apart || next > i;
        out[w++] = s[next];
        i = next + 1;
    }
    next = blanks(s, n, i);
    apart = apart || next > i;
    len = run(s, n, next, isdigit);
    /* "12 men 40" is none. */
    if (len < 1 || len > 10 || (small && apart))
        return 0;
    memcpy(out + w, s + next, len);
    w += len;
    i = next + len;
    next = blanks(s, n, i);
    if (len <= 5 && run(s, n, next, isdigit) == len) {
        memcpy(out + w, s + next, len);
        w += len;
        i = next + len;
    }
    out[w] = '\0';
    return w < 8 || (i < n && is_word(s[i])) ? 0 : i;
}

/* A number with two decimals or more, with its hemisphere before or behind it; its length, 0 =
 * none. *hemisphere is '\0' where there is none. */
static size_t
angle_at(const char *s, size_t n, char text[26], char *hemisphere)
{
    static const char sides[] = "NSEWO"; /* O: ouest */
    size_t i = 0, w = 0, whole, part;

    *hemisphere = '\0';
    if (n > 0 && strchr(sides, s[0]) != NULL && s[0] != '\0') {
        *hemisphere = s[0];
        i = blanks(s, n, 1);
    }
    if (i < n && (s[i] == '-' || s[i] == '+'))
        text[w++] = s[i++];
    whole = run(s, n, i, isdigit);
    part = i + whole < n && s[i + whole] == '.' ? run(s, n, i + whole + 1, isdigit) : 0;
    if (whole < 1 || whole > 3 || part < 2 || part > 15)
        return 0;
    memcpy(text + w, s + i, whole + 1 + part);
    w += whole + 1 + part;
    text[w] = '\0';
    i += whole + 1 + part;
    if (i + 1 < n && memcmp(s + i, "°", 2) == 0)
        i += 2;
    size_t next = blanks(s, n, i);
    if (*hemisphere == '\0' && next < n && s[next] != '\0' && strchr(sides, s[next]) != NULL &&
        (next + 1 == n || !is_word(s[next + 1]))) {
        *hemisphere = s[next];
        i = next + 1;
    }
    return i < n && is_word(s[i]) ? 0 : i;
}

static bool
signed_by(char hemisphere, char text[26])
{
    if (hemisphere != 'S' && hemisphere != 'W' && hemisphere != 'O')
        return true;
    if (text[0] == '-' || text[0] == '+')
        return false;
    memmove(text + 1, text, strlen(text) + 1);
    text[0] = '-';
    return true;
}

/* Latitude and longitude, with both hemispheres or neither; its length, 0 = none. */
static size_t
degrees_at(struct draft *d, const char *s, size_t n)
{
    char lat[26], lon[26], ns, ew;
    size_t i = angle_at(s, n, lat, &ns), more;

    if (i == 0)
        return 0;
    while (i < n && strchr(" ,;/", s[i]) != NULL && s[i] != '\0')
        i++;
    more = angle_at(s + i, n - i, lon, &ew);
    if (more == 0 || (ns == '\0') != (ew == '\0') || (ns != '\0' && ns != 'N' && ns != 'S') ||
        ew == 'N' || ew == 'S' || !signed_by(ns, lat) || !signed_by(ew, lon))
        return 0;
    return draft_position(d, lat, lon) == 0 ? i + more : 0;
}

/* Looks for coordinates; where they stand. n 0 = there are none. */
static struct form_span
take_coordinates(struct draft *d, struct form_span v)
{
    for (size_t i = 0; i < v.n; i++) {
        const char *s = v.s + i;
        size_t n = v.n - i, len;
        char mgrs[16];
        struct geo_pt pt;
        uint32_t radius_m;

        if (i > 0 && (is_word(s[-1]) || s[-1] == '.'))
            continue;
        if ((len = mgrs_at(s, n, mgrs)) > 0 && geo_from_mgrs(mgrs, &pt, &radius_m) == 0) {
            d->incident.mgrs = draft_name(d->arena, mgrs);
            d->incident.has_pos = true;
            d->incident.pos = pt;
            d->incident.radius_m = radius_m;
            return (struct form_span){s, len};
        }
        if ((len = degrees_at(d, s, n)) > 0)
            return (struct form_span){s, len};
    }
    return (struct form_span){NULL, 0};
}

/* Blanks, marks and words that only announce coordinates go from both ends. */
static struct form_span
bare(const char *s, size_t n)
{
    static const char *const words[] = {"mgrs",  "grid",   "gr",          "gps",         "utm",
                                        "coord", "coords", "coordinates", "coordonnées", "vic",
                                        "at",    "à",      NULL};
    bool again = true;

    while (again && n > 0) {
        again = false;
        while (n > 0 && strchr(" \t\n,;:.()[]/-=", *s) != NULL)
            s++, n--;
        while (n > 0 && strchr(" \t\n,;:.([/-=", s[n - 1]) != NULL)
            n--;
        if (n > 0 && (s[n - 1] == ')' || s[n - 1] == ']') &&
            memchr(s, s[n - 1] == ')' ? '(' : '[', n) == NULL)
            n--, again = true;
        for (size_t w = 0; words[w] != NULL; w++) {
            size_t len = strlen(words[w]);
            if (len <= n && strncasecmp(s + n - len, words[w], len) == 0 &&
                (len == n || !is_word(s[n - len - 1])))
                n -= len, again = true;
        }
    }
    return (struct form_span){s, n};
}

static bool
says_nothing(struct form_span v)
{
    static const char *const words[] = {"n/a", "na",      "unknown",  "unk",   "nil", "none", "tbc",
                                        "tbd", "inconnu", "inconnue", "néant", "nsp", NULL};

    for (size_t w = 0; words[w] != NULL; w++)
        if (v.n == strlen(words[w]) && strncasecmp(v.s, words[w], v.n) == 0)
            return true;
    return v.n == 0;
}

static void
take_place(struct draft *d, struct form_span v)
{
    struct form_span found = take_coordinates(d, v), before = bare(v.s, v.n), behind = {NULL, 0};
    char *s;

    if (found.n > 0) {
        before = bare(v.s, (size_t)(found.s - v.s));
        behind = bare(found.s + found.n, (size_t)(v.s + v.n - found.s) - found.n);
    }
    if (says_nothing(before))
        before.n = 0;
    s = arena_printf(d->arena, "%.*s%s%.*s", (int)before.n, before.n > 0 ? before.s : "",
                     before.n > 0 && behind.n > 0 ? " " : "", (int)behind.n,
                     behind.n > 0 ? behind.s : "");
    for (char *p = s; p != NULL && *p != '\0'; p++)
        if (*p == '\n')
            *p = ' ';
    d->incident.place = draft_name(d->arena, s);
}

/* ---- the report */

static void
take_time(struct draft *d, struct form_span v, const struct format_options *o)
{
    int64_t us = 0;

    if (v.n == 0 || (time_parse(v.s, v.n, &us) < 0 && (us = dtg_find(v.s, v.n, o)) == 0))
        return;
    if (o->now_us == 0 || us <= o->now_us + AHEAD_US)
        d->incident.occurred_at_us = us;
}

static void
take_form(struct draft *d, const struct form *f, const struct format_options *o)
{
    draft_attribute(d, "form", form_name(f->kind));
    take_time(d, f->when, o);
    if (f->where.n > 0)
        take_place(d, f->where);
    else if (f->unit_where.n > 0 && take_coordinates(d, f->unit_where).n == 0)
        (void)take_coordinates(d, f->next_where);
    if (f->kind == FORM_UXO)
        d->incident.event = EV_IED_MINE;
    if (f->patients > 0)
        d->incident.wounded = f->patients;
}

void
format_text(const char *s, size_t n, const struct format_options *o, const struct format_sink *sink)
{
    static const struct format_options none;
    const char *bytes = s;
    size_t len = n;
    struct draft d;
    struct form f;

    arena_reset(sink->arena);
    draft_init(&d, sink->arena);
    if (n >= 3 && memcmp(s, "\xEF\xBB\xBF", 3) == 0) {
        bytes += 3;
        len -= 3;
    } else if (is_windows(s, n < 3 * MAX_TEXT ? n : 3 * MAX_TEXT)) {
        /* What is beyond the longest text is cut in any case. */
        len = n < 3 * MAX_TEXT ? n : 3 * MAX_TEXT;
        bytes = from_windows(sink->arena, s, len, &len);
    }
    draft_text(&d, "", bytes, len);
    if (d.incident.text == NULL) {
        sink->refused(sink->arg, "there is no text in it", s, n);
        return;
    }
    form_find(d.incident.text, &f);
    if (f.kind != FORM_NONE)
        take_form(&d, &f, o != NULL ? o : &none);
    draft_emit(&d, sink, s, n);
}
