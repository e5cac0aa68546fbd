/* format_check: what must be so of any format, whatever the bytes: each record passes the door, each
 * reason is a line of text, and a body that comes in pieces gives what it gives in one. */
#ifndef FUZZ_FORMAT_CHECK_H
#define FUZZ_FORMAT_CHECK_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "format.h"
#include "wire.h"

struct checked {
    size_t calls;
    uint64_t hash; /* of what came, in order */
};

static inline void
must(bool ok)
{
    if (!ok)
        abort();
}

static inline void
check_mix(struct checked *c, const void *p, size_t n)
{
    const uint8_t *s = p;

    for (size_t i = 0; i < n; i++)
        c->hash = (c->hash ^ s[i]) * UINT64_C(1099511628211);
    c->calls++;
}

static inline void
check_record(void *arg, struct record *r, const char *raw, size_t len)
{
    struct arena *a = arena_new(0);
    struct record back;
    struct buf b;

    must(a != NULL && raw != NULL && len > 0);
    buf_init(&b, 0);
    wire_record_pack(r, false, &b);
    must(!b.failed && wire_record_unpack(b.data, b.len, a, &back, NULL) == 0);
    check_mix(arg, b.data, b.len);
    buf_fini(&b);
    arena_free(a);
}

/* UTF-8 without control characters. */
static inline void
must_be_words(const char *s)
{
    must(s != NULL && s[0] != '\0');
    for (const utf8proc_uint8_t *p = (const utf8proc_uint8_t *)s; *p != '\0';) {
        utf8proc_int32_t c;
        utf8proc_ssize_t n = utf8proc_iterate(p, -1, &c);

        must(n > 0 && c >= 0x20);
        p += n;
    }
}

static inline void
check_reason(void *arg, const char *why, const char *raw, size_t len)
{
    must_be_words(why);
    must(raw != NULL || len == 0);
    check_mix(arg, why, strlen(why));
}

static inline struct format_sink
check_sink(struct checked *c)
{
    struct format_sink sink = {.record = check_record,
                               .refused = check_reason,
                               .ignored = check_reason,
                               .arena = arena_new(0),
                               .arg = c};

    must(sink.arena != NULL);
    *c = (struct checked){.hash = UINT64_C(14695981039346656037)};
    return sink;
}

/* Of a format that makes incidents itself. */
static inline void
check_report(void *arg, struct record *r, const char *raw, size_t len)
{
    must(r->type != REC_INCIDENT || r->u.incident.text != NULL ||
         r->u.incident.event != EV_UNKNOWN);
    check_record(arg, r, raw, len);
}

/* A body that is taken whole: something is said of it. */
static inline void
check_body(enum format f, const uint8_t *data, size_t n, const struct format_options *o)
{
    struct checked c;
    struct format_sink sink = check_sink(&c);

    sink.record = check_report;
    format_all(f, (const char *)data, n, o, &sink);
    must(c.calls > 0);
    arena_free(sink.arena);
}

/* piece 0: as one. */
static inline void
check_run(enum format f, const uint8_t *data, size_t n, const struct format_options *o,
          size_t piece, struct checked *c)
{
    struct format_sink sink = check_sink(c);
    const char *s = (const char *)data;
    struct format_stream *st = format_open(f, o);
    size_t have = piece > 0 && piece < n ? piece : n, i;

    must(st != NULL);
    while ((i = format_head(st, s, have, have == n, 0)) == SIZE_MAX) {
        must(have < n);
        have = have + piece < n ? have + piece : n;
    }
    must(i <= n);
    while (i < n && !format_broken(st)) {
        size_t used = i < have ? format_take(st, s + i, have - i, have == n, 2, &sink) : 0;
        must(used <= (i < have ? have - i : 0) && (used > 0 || have < n));
        i += used;
        if (used == 0)
            have = have + piece < n ? have + piece : n;
    }
    must(c->calls == format_taken(st) && c->calls <= n + 1);
    format_close(st);
    arena_free(sink.arena);
}

#endif
