/* csv: see csv.h.
 *
 * Time stays linear since no byte is looked at by two searches for the end of a quoted field: such
 * a search that fails makes its opening quote and the rest of that line text, and in the lines that
 * it went through no field begins with an odd run of quotes, else it would have ended there; so no
 * other search begins in them. */
#include "csv.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#define LEAST_ROOM ((size_t)1 << 14)

struct csv {
    char delimiter;
    bool cr;
    bool skipping; /* the rest of a row that was too long */
    /* Fields as they stand need a byte more than the row; what is converted becomes at most three
     * times as long, behind them. */
    char *out; /* 4 * room bytes */
    size_t room;
};

/* A row in work. */
struct scan {
    const struct csv *c;
    const char *s;
    size_t n;     /* bytes looked at */
    bool last;    /* nothing follows s[n] */
    bool full;    /* n is as much as a row may have, or more may not come */
    bool literal; /* quotes are text up to the line end */
    bool any;     /* a field that is not empty */
    size_t i;
    char *w;
    struct csv_row *row;
};

/* How a field ends. */
enum end { END_FIELD, END_ROW, END_MORE, END_LONG, END_TORN };

struct csv *
csv_new(void)
{
    struct csv *c = calloc(1, sizeof *c);

    if (c != NULL)
        c->delimiter = ',';
    return c;
}

void
csv_free(struct csv *c)
{
    if (c == NULL)
        return;
    free(c->out);
    free(c);
}

void
csv_use(struct csv *c, char delimiter, bool cr)
{
    c->delimiter = delimiter;
    c->cr = cr;
    c->skipping = false;
}

/* ---- fields */

static bool
is_blank(const struct csv *c, char b)
{
    return (b == ' ' || b == '\t' || (b == '\r' && !c->cr)) && b != c->delimiter;
}

static bool
is_line_end(const struct csv *c, char b)
{
    return b == '\n' || (b == '\r' && c->cr);
}

static size_t
past_blanks(const struct scan *x, size_t i)
{
    while (i < x->n && is_blank(x->c, x->s[i]))
        i++;
    return i;
}

static size_t
quotes(const struct scan *x, size_t i)
{
    size_t k = i;

    while (k < x->n && x->s[k] == '"')
        k++;
    return k - i;
}

static void
put_quotes(struct scan *x, size_t many)
{
    memset(x->w, '"', many);
    x->w += many;
}

/* At i, where a field ends: takes the delimiter or the line end. */
static enum end
end_at(struct scan *x, size_t i)
{
    if (i == x->n) {
        x->row->len = x->i = i;
        return END_ROW;
    }
    if (x->s[i] == x->c->delimiter) {
        x->i = i + 1;
        return END_FIELD;
    }
    x->row->len = i;
    x->i = i + 1;
    if (x->s[i] == '\r') {
        if (i + 1 == x->n && !x->full)
            return END_MORE;
        x->i += i + 1 < x->n && x->s[i + 1] == '\n';
    }
    return END_ROW;
}

/* Does a field end at i, but for blanks? *more: bytes are wanting to tell. */
static bool
ends(const struct scan *x, size_t i, bool *more)
{
    i = past_blanks(x, i);
    if (i < x->n)
        return x->s[i] == x->c->delimiter || is_line_end(x->c, x->s[i]);
    *more = !x->full;
    return x->last;
}

/* Could a field begin with the quote at i, which stands in a quoted one that began at `open`? */
static bool
begins(const struct scan *x, size_t open, size_t i)
{
    while (i > open + 1 && is_blank(x->c, x->s[i - 1]))
        i--;
    return x->s[i - 1] == x->c->delimiter || is_line_end(x->c, x->s[i - 1]);
}

/* The inside of a quoted field, from i on. */
static enum end
quoted_rest(struct scan *x, size_t open, size_t i)
{
    bool later = false, more = false; /* later: a line end was passed */

    for (;;) {
        size_t from = i;
        while (i < x->n && x->s[i] != '"') {
            later = later || is_line_end(x->c, x->s[i]);
            i++;
        }
        memcpy(x->w, x->s + from, i - from);
        x->w += i - from;
        if (i == x->n)
            return x->full ? END_TORN : END_MORE;
        size_t k = quotes(x, i);
        if (i + k == x->n && !x->full)
            return END_MORE;
        if (k % 2 == 1) {
            if (ends(x, i + k, &more)) {
                put_quotes(x, k / 2);
                return end_at(x, past_blanks(x, i + k));
            }
            if (more)
                return END_MORE;
            if (later && begins(x, open, i))
                return END_TORN;
        }
        put_quotes(x, (k + 1) / 2);
        i += k;
    }
}

/* A field that begins with the quote at `open`. */
static enum end
quoted(struct scan *x, size_t open)
{
    size_t k = quotes(x, open);
    bool more = false;

    if (open + k == x->n && !x->full)
        return END_MORE;
    if (k % 2 == 1) {
        put_quotes(x, k / 2);
        return quoted_rest(x, open, open + k);
    }
    if (ends(x, open + k, &more)) {
        put_quotes(x, k / 2 - 1);
        return end_at(x, past_blanks(x, open + k));
    }
    return more ? END_MORE : END_TORN;
}

static enum end
unquoted(struct scan *x)
{
    const char *s = x->s;
    char delimiter = x->c->delimiter;
    bool cr = x->c->cr;
    size_t from = past_blanks(x, x->i), i = from;

    while (i < x->n && s[i] != delimiter && s[i] != '\n' && !(cr && s[i] == '\r'))
        i++;
    if (i == x->n && !x->last)
        return x->full ? END_LONG : END_MORE;
    size_t to = i;
    while (to > from && is_blank(x->c, s[to - 1]))
        to--;
    memcpy(x->w, s + from, to - from);
    x->w += to - from;
    return end_at(x, i);
}

static enum end
field(struct scan *x)
{
    char *begin = x->w;
    size_t open = x->literal ? x->n : past_blanks(x, x->i);
    enum end end = END_TORN;

    if (open < x->n && x->s[open] == '"') {
        end = quoted(x, open);
        if (end == END_TORN) {
            x->literal = quotes(x, open) % 2 == 1;
            x->w = begin;
        }
    }
    if (end == END_TORN)
        end = unquoted(x);
    if (end != END_FIELD && end != END_ROW)
        return end;
    for (char *nul = begin; nul < x->w && (nul = memchr(nul, 0, (size_t)(x->w - nul))) != NULL;)
        *nul++ = ' ';
    x->any = x->any || x->w > begin;
    if (x->row->n < CSV_MAX_FIELDS)
        x->row->fields[x->row->n] = begin;
    x->row->n++;
    *x->w++ = '\0';
    return end;
}

/* ---- Windows-1252 */

static const uint16_t above[32] = {0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                   0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0xFFFD, 0x017D, 0xFFFD,
                                   0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                   0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178};

/* More bytes that are no UTF-8 than characters of two bytes and more. */
static bool
is_latin(const char *s, size_t n)
{
    size_t good = 0, bad = 0;

    for (size_t i = 0; i < n;) {
        utf8proc_int32_t point;
        utf8proc_ssize_t len = 1;
        if ((unsigned char)s[i] >= 0x80) {
            size_t left = n - i < 4 ? n - i : 4;
            len = utf8proc_iterate((const utf8proc_uint8_t *)s + i, (utf8proc_ssize_t)left, &point);
            *(len > 0 ? &good : &bad) += 1;
        }
        i += len > 0 ? (size_t)len : 1;
    }
    return bad > good;
}

static char *
put_latin(const char *s, char *w)
{
    for (; *s != '\0'; s++) {
        unsigned char b = (unsigned char)*s;
        utf8proc_int32_t point = b >= 0x80 && b < 0xA0 ? above[b - 0x80] : b;
        w += utf8proc_encode_char(point, (utf8proc_uint8_t *)w);
    }
    *w++ = '\0';
    return w;
}

static bool
has_high(const char *s, size_t n)
{
    unsigned char all = 0;

    for (size_t i = 0; i < n; i++)
        all |= (unsigned char)s[i];
    return all >= 0x80;
}

static void
convert(struct csv *c, struct csv_row *row, const char *end)
{
    size_t n = row->n < CSV_MAX_FIELDS ? row->n : CSV_MAX_FIELDS;
    char *w = c->out + c->room;

    if (!has_high(c->out, (size_t)(end - c->out)))
        return;
    for (size_t k = 0; k < n; k++) {
        const char *s = row->fields[k];
        if (is_latin(s, strlen(s))) {
            row->fields[k] = w;
            w = put_latin(s, w);
        }
    }
}

/* ---- rows */

/* The bytes up to the next line end, and with it; all of them where there is none. */
static size_t
skip_line(struct csv *c, const char *s, size_t n, size_t i)
{
    while (i < n && !is_line_end(c, s[i]))
        i++;
    c->skipping = i == n;
    return i < n ? i + 1 : n;
}

/* Room for a row of n bytes; what was in it is gone. */
static bool
make_room(struct csv *c, size_t n)
{
    size_t room = c->room > LEAST_ROOM ? c->room : LEAST_ROOM;

    if (n + 2 <= c->room)
        return true;
    while (room < n + 2)
        room *= 2;
    free(c->out);
    c->out = malloc(4 * room);
    c->room = c->out != NULL ? room : 0;
    return c->out != NULL;
}

size_t
csv_row(struct csv *c, const char *s, size_t n, bool last, struct csv_row *row)
{
    size_t seen = n < CSV_MAX_ROW ? n : CSV_MAX_ROW;
    struct scan x = {.c = c,
                     .s = s,
                     .n = seen,
                     .last = last && seen == n,
                     .full = last || n >= CSV_MAX_ROW,
                     .row = row};
    enum end end;

    row->n = row->len = 0;
    row->state = CSV_BLANK;
    if (c->skipping)
        return row->len = skip_line(c, s, n, 0);
    if (n == 0)
        return 0;
    if (!make_room(c, seen)) {
        row->state = CSV_NO_MEMORY;
        return row->len = skip_line(c, s, n, 0);
    }
    x.w = c->out;
    do
        end = field(&x);
    while (end == END_FIELD);
    if (end == END_MORE)
        return 0;
    if (end == END_LONG) {
        row->state = CSV_TOO_LONG;
        row->n = 0;
        return row->len = skip_line(c, s, n, seen);
    }
    if (x.any)
        row->state = row->n > CSV_MAX_FIELDS ? CSV_TOO_WIDE : CSV_ROW;
    convert(c, row, x.w);
    return x.i;
}
