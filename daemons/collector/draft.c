/* draft: see draft.h. */
#include "draft.h"

#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

void
draft_init(struct draft *d, struct arena *a)
{
    memset(d, 0, sizeof *d);
    incident_init(&d->incident);
    d->arena = a;
}

/* Bytes of the character at s, or 0 where it is no UTF-8. */
static size_t
character(const char *s, size_t n)
{
    utf8proc_int32_t point;
    utf8proc_ssize_t len =
        utf8proc_iterate((const utf8proc_uint8_t *)s, (utf8proc_ssize_t)(n < 4 ? n : 4), &point);

    if (len <= 0)
        return 0;
    /* C1 controls are two bytes; they go as the others do. */
    return point >= 0x80 && point < 0xA0 ? 0 : (size_t)len;
}

/* Writes at most max bytes to out, which holds that many; returns how many. */
static size_t
clean(const char *s, size_t n, char *out, size_t max)
{
    size_t w = 0, i = 0;
    bool blank = false, line = false;

    while (i < n) {
        unsigned char c = (unsigned char)s[i];
        if (c <= 0x20 || c == 0x7F) {
            line = line || c == '\n' || c == '\r';
            blank = true;
            i++;
            continue;
        }
        size_t len = c < 0x80 ? 1 : character(s + i, n - i);
        const char *from = len > 0 ? s + i : "\xEF\xBF\xBD";
        size_t put = len > 0 ? len : 3;
        if (w + put + (blank && w > 0) > max)
            break;
        if (blank && w > 0)
            out[w++] = line ? '\n' : ' ';
        blank = line = false;
        memcpy(out + w, from, put);
        w += put;
        i += len > 0 ? len : 1;
    }
    return w;
}

const char *
draft_clean(struct arena *a, const char *s, size_t n, size_t max)
{
    /* A byte that is no UTF-8 becomes three. */
    size_t room = s == NULL ? 0 : n < max / 3 ? 3 * n : max;
    char *out = room > 0 ? arena_alloc(a, room + 1) : NULL;
    size_t w;

    if (out == NULL)
        return NULL;
    w = clean(s, n, out, room);
    out[w] = '\0';
    return w > 0 ? out : NULL;
}

const char *
draft_name(struct arena *a, const char *s)
{
    return s != NULL ? draft_clean(a, s, strlen(s), MAX_NAME) : NULL;
}

void
draft_text(struct draft *d, const char *sep, const char *s, size_t n)
{
    const char *old = d->incident.text;
    size_t have = old != NULL ? strlen(old) + strlen(sep) : 0;
    const char *more = have < MAX_TEXT ? draft_clean(d->arena, s, n, MAX_TEXT - have) : NULL;

    if (more == NULL)
        return;
    if (old != NULL)
        more = arena_printf(d->arena, "%s%s%s", old, sep, more);
    if (more != NULL)
        d->incident.text = more;
}

void
draft_attribute(struct draft *d, const char *name, const char *value)
{
    const char *v = value != NULL ? draft_clean(d->arena, value, strlen(value), MAX_VALUE) : NULL;
    const char *k = v != NULL ? draft_name(d->arena, name) : NULL;

    if (k == NULL || d->incident.n_attributes == MAX_ATTRIBUTES)
        return;
    d->attributes[d->incident.n_attributes++] = (struct attribute){.name = k, .value = v};
    d->incident.attributes = d->attributes;
}

int
draft_position(struct draft *d, const char *lat, const char *lon)
{
    struct geo_pt p = {0, 0};

    if (lat == NULL || lon == NULL || geo_parse_deg(lat, &p.lat) < 0 ||
        geo_parse_deg(lon, &p.lon) < 0 || !geo_valid(p) || (p.lat == 0 && p.lon == 0))
        return -1;
    d->incident.has_pos = true;
    d->incident.pos = p;
    return 0;
}

void
draft_emit(struct draft *d, const struct format_sink *sink, const char *raw, size_t len)
{
    struct record r = {.type = REC_INCIDENT};

    r.u.incident = d->incident;
    sink->record(sink->arg, &r, raw, len);
}
