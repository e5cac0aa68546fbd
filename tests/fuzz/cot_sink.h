/* cot_sink: what a fuzzer holds of what comes out of a format: records that wire takes, reasons in
 * clean words. */
#ifndef FUZZ_COT_SINK_H
#define FUZZ_COT_SINK_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "format.h"
#include "wire.h"

static void
must(bool ok)
{
    if (!ok)
        abort();
}

static void
must_be_words(const char *s)
{
    must(s != NULL && s[0] != '\0');
    for (const utf8proc_uint8_t *p = (const utf8proc_uint8_t *)s; *p != '\0';) {
        utf8proc_int32_t c;
        utf8proc_ssize_t k = utf8proc_iterate(p, -1, &c);

        must(k > 0 && c >= 0x20);
        p += k;
    }
}

static void
sink_record(void *arg, struct record *r, const char *raw, size_t len)
{
    struct arena *a = arena_new(0);
    struct record back;
    struct err e;
    struct buf b;

    (void)arg;
    (void)raw;
    must(a != NULL && len > 0);
    must(r->type == REC_INCIDENT || r->type == REC_POSITION);
    must(r->type != REC_INCIDENT || r->u.incident.text != NULL);
    buf_init(&b, 0);
    wire_record_pack(r, false, &b);
    must(!b.failed && wire_record_unpack(b.data, b.len, a, &back, &e) == 0);
    buf_fini(&b);
    arena_free(a);
}

static void
sink_words(void *arg, const char *why, const char *raw, size_t len)
{
    (void)arg;
    (void)raw;
    (void)len;
    must_be_words(why);
}

#endif
