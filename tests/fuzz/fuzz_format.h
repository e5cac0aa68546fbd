/* fuzz_format: what the targets of the formats share: any bytes end in records that a journal may
 * hold, or in reasons, and in at least one of them. */
#ifndef FUZZ_FORMAT_H
#define FUZZ_FORMAT_H

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "config.h"
#include "format.h"
#include "intake.h"

struct fuzz_count {
    size_t n;
    struct buf scratch;
    struct config config;
};

static void
fuzz_string(const char *s, size_t max)
{
    if (s != NULL && (s[0] == '\0' || strlen(s) > max))
        abort();
}

static void
fuzz_record(void *arg, struct record *r, const char *raw, size_t len)
{
    struct fuzz_count *c = arg;
    struct err e = {.text = ""};

    (void)raw;
    (void)len;
    c->n++;
    r->received_at_us = 1681700000000000;
    if (r->type == REC_INCIDENT) {
        const struct incident *in = &r->u.incident;

        fuzz_string(in->text, MAX_TEXT);
        fuzz_string(in->own_id, MAX_NAME);
        fuzz_string(in->place, MAX_NAME);
        fuzz_string(in->lang, 15);
        if (in->has_pos && !geo_valid(in->pos))
            abort();
        if (in->n_attributes > MAX_ATTRIBUTES)
            abort();
        for (size_t i = 0; i < in->n_attributes; i++)
            fuzz_string(in->attributes[i].value, MAX_VALUE);
    }
    if (intake_prepare(&c->config, "fuzz", "1", 1, false, r, &c->scratch, &e) < 0)
        abort();
}

static void
fuzz_reason(void *arg, const char *why, const char *raw, size_t len)
{
    struct fuzz_count *c = arg;

    (void)raw;
    (void)len;
    if (why == NULL || why[0] == '\0')
        abort();
    c->n++;
}

static inline void
fuzz_format(enum format f, const uint8_t *data, size_t size)
{
    static struct arena *arena;
    static struct fuzz_count c;
    static struct source_conf source = {.name = "fuzz", .lang = "fr", .utc_offset_min = 60};
    struct format_options o = {.source = &source, .now_us = 1681700000000000};
    struct format_sink sink = {
        .record = fuzz_record, .refused = fuzz_reason, .ignored = fuzz_reason, .arg = &c};

    if (arena == NULL && (arena = arena_new(0)) == NULL)
        abort();
    sink.arena = arena;
    c.n = 0;
    format_all(f, (const char *)data, size, &o, &sink);
    if (c.n == 0)
        abort();
}

#endif
