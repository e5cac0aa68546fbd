/* rejected: the quarantine: what was refused, and why; once more after the cause was mended.
 *
 * A retry reads the kept bytes as they came, by the entry's format, in the name of the entry's
 * source. An entry of which everything was taken then is dismissed. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include <utf8proc.h>

#include "clock.h"
#include "format.h"
#include "record_json.h"
#include "timefmt.h"
#include "verbs.h"

#define LOCAL "local"

struct looking {
    struct tool *t;
    uint64_t number; /* 0 = list */
    uint64_t last;
    size_t n;
    bool found, retry, force;
    bool quiet; /* a receipt that all is well is not shown */
    /* of a retry */
    char source[MAX_NAME + 1];
    char run[ID_TEXT]; /* of ids that are given here */
    struct arena *arena;
    struct buf packed;           /* the records, one behind the other */
    struct tool_record *records; /* data is an offset until they are sent */
    size_t n_records, cap, items;
    char why[320]; /* it cannot be read: "" = it can */
    int code;
};

/* ---- list and show */

/* UTF-8 without control characters; the last character may have been cut. */
static bool
is_text(const char *s, size_t n)
{
    for (size_t i = 0; i < n;) {
        utf8proc_int32_t c;
        utf8proc_ssize_t len =
            utf8proc_iterate((const utf8proc_uint8_t *)s + i, (utf8proc_ssize_t)(n - i), &c);
        if (len <= 0)
            return n - i < 4 && i > 0;
        if (c != '\n' && c != '\r' && c != '\t' && (c < 0x20 || c == 0x7f))
            return false;
        i += (size_t)len;
    }
    return true;
}

/* Text as it is; what is none as hexadecimal, 32 bytes a line with what can be read beside it. */
static void
show_bytes(struct buf *b, const char *s, size_t n)
{
    if (is_text(s, n)) {
        buf_put(b, s, n);
        if (n > 0 && s[n - 1] != '\n')
            buf_putc(b, '\n');
        return;
    }
    for (size_t i = 0; i < n; i += 32) {
        buf_printf(b, "%06zx  ", i);
        for (size_t k = i; k < i + 32; k++)
            if (k < n)
                buf_printf(b, "%02x%s", (unsigned char)s[k], k % 4 == 3 ? " " : "");
            else
                buf_printf(b, "  %s", k % 4 == 3 ? " " : "");
        buf_putc(b, ' ');
        for (size_t k = i; k < n && k < i + 32; k++)
            buf_putc(b, s[k] >= 0x20 && s[k] < 0x7f ? s[k] : '.');
        buf_putc(b, '\n');
    }
}

static const char *
or_none(const char *s)
{
    return s != NULL ? s : "-";
}

static void
show(struct looking *l, const struct rejected *r)
{
    char at[TIME_TEXT];
    struct buf *b = &l->t->out;

    if (l->t->json) {
        rejected_to_json(r, b);
        buf_putc(b, '\n');
        return;
    }
    (void)time_text(r->at_us / SECOND_US * SECOND_US, at);
    if (l->number == 0) {
        buf_printf(b, "%6" PRIu64 "  %s  %-5s %-8s %-12s %6" PRIu64 " bytes  %s\n", r->number, at,
                   or_none(r->door), r->format != NULL ? r->format : "record", or_none(r->source),
                   r->size, or_none(r->reason));
        return;
    }
    buf_printf(b, "number  %" PRIu64 "\ntime    %s\ndoor    %s\nsource  %s\nformat  %s\n",
               r->number, at, or_none(r->door), or_none(r->source),
               r->format != NULL ? r->format : "record");
    buf_printf(b, "reason  %s\nbytes   %" PRIu64, or_none(r->reason), r->size);
    if (r->len < r->size)
        buf_printf(b, ", of which the first %zu are kept", r->len);
    buf_puts(b, "\n\n");
    show_bytes(b, r->data, r->len);
}

/* ---- retry */

static void
cannot(struct looking *l, const char *why)
{
    if (l->why[0] == '\0')
        (void)snprintf(l->why, sizeof l->why, "%s", why);
}

static void
add_bytes(struct looking *l, size_t from)
{
    if (l->n_records == l->cap) {
        size_t cap = l->cap == 0 ? 16 : l->cap * 2;
        struct tool_record *v = realloc(l->records, cap * sizeof *v);
        if (v == NULL) {
            cannot(l, "out of memory");
            return;
        }
        l->records = v;
        l->cap = cap;
    }
    l->records[l->n_records++] =
        (struct tool_record){.data = (const void *)(uintptr_t)from, .len = l->packed.len - from};
}

static void
on_record(void *arg, struct record *r, const char *raw, size_t len)
{
    struct looking *l = arg;
    size_t from = l->packed.len;

    (void)raw;
    (void)len;
    l->items++;
    /* A name for what has none, so that this try is stored once. */
    if (r->type == REC_INCIDENT &&
        (r->u.incident.own_id == NULL || r->u.incident.own_id[0] == '\0'))
        r->u.incident.own_id = arena_printf(l->arena, "%s-%zu", l->run, l->items);
    wire_record_pack(r, false, &l->packed);
    if (l->packed.failed)
        cannot(l, "out of memory");
    else
        add_bytes(l, from);
}

static void
on_refused(void *arg, const char *why, const char *raw, size_t len)
{
    (void)raw;
    (void)len;
    cannot(arg, why);
}

static void
on_ignored(void *arg, const char *why, const char *raw, size_t len)
{
    struct looking *l = arg;
    (void)raw;
    (void)len;
    if (l->why[0] == '\0')
        (void)snprintf(l->why, sizeof l->why, "it is nothing that is taken in: %s", why);
}

/* The bytes as they came, to packed records. */
static void
again(struct looking *l, const struct rejected *r)
{
    const struct config *c = l->t->config;
    const struct source_conf *src;
    struct format_sink sink = {.record = on_record,
                               .refused = on_refused,
                               .ignored = on_ignored,
                               .arena = l->arena,
                               .arg = l};

    (void)snprintf(l->source, sizeof l->source, "%s", r->source != NULL ? r->source : LOCAL);
    if (r->len < r->size && !l->force) {
        (void)snprintf(l->why, sizeof l->why,
                       "only the first %zu of %" PRIu64
                       " bytes were kept; --force tries with these",
                       r->len, r->size);
        return;
    }
    if (r->format == NULL) {
        buf_put(&l->packed, r->data, r->len);
        add_bytes(l, 0);
        return;
    }
    enum format f = format_parse(r->format);
    if (f == FORMAT_UNKNOWN) {
        (void)snprintf(l->why, sizeof l->why, "its format '%.60s' is not known here", r->format);
        return;
    }
    src = config_source(c, l->source);
    struct format_options o = {.csv = src != NULL ? config_csv(c, src->csv) : NULL,
                               .tak = c->collector.tak_assets.v,
                               .n_tak = c->collector.tak_assets.n,
                               .source = src,
                               .now_us = r->at_us};
    /* Of a recording it is the one record that was refused, without its length in front. */
    struct record rec;
    if (f == FORMAT_PROTOBUF && wire_record_unpack(r->data, r->len, l->arena, &rec, NULL) == 0)
        on_record(l, &rec, r->data, r->len);
    else
        format_all(f, r->data, r->len, &o, &sink);
}

static void
on_records(void *arg, const struct records *r)
{
    struct looking *l = arg;

    l->n = r->n_items;
    for (size_t i = 0; i < r->n_items; i++) {
        struct record rec;
        struct err e;
        l->last = r->items[i].seq;
        arena_reset(l->t->arena);
        if ((l->number != 0 && r->items[i].seq != l->number) ||
            wire_record_unpack(r->items[i].record.data, r->items[i].record.len, l->t->arena, &rec,
                               &e) < 0 ||
            rec.type != REC_REJECTED)
            continue;
        rec.u.rejected.number = r->items[i].seq;
        l->found = true;
        if (l->retry)
            again(l, &rec.u.rejected);
        else
            show(l, &rec.u.rejected);
    }
    tool_print(l->t);
}

static void
on_receipt(void *arg, uint64_t i, const struct receipt *r)
{
    struct looking *l = arg;

    (void)i;
    if (l->quiet && r->status != RC_REJECTED)
        return;
    receipt_to_json(r, NULL, &l->t->out);
    buf_putc(&l->t->out, '\n');
    tool_print(l->t);
    if (r->status == RC_REJECTED)
        l->code = EX_DATAERR;
}

/* It was taken: the entry goes. One that stays is no harm, a second try would meet the same ids. */
static int
dismiss(struct looking *l)
{
    struct record r = {.type = REC_REJECTED, .u.rejected = {.number = l->number}};

    l->quiet = true;
    buf_reset(&l->packed);
    wire_record_pack(&r, false, &l->packed);
    struct tool_record one = {l->packed.data, l->packed.len};
    return tool_submit(l->t, l->t->config->collector.listen_zmq, LOCAL, &one, 1, on_receipt, l);
}

static int
submit_again(struct looking *l)
{
    const char *endpoint = l->t->config->collector.listen_zmq;
    int code;

    if (l->why[0] != '\0' || l->n_records == 0)
        return tool_fail(EX_DATAERR, "entry %" PRIu64 " is still refused: %s", l->number,
                         l->why[0] != '\0' ? l->why : "there is nothing in it");
    for (size_t i = 0; i < l->n_records; i++)
        l->records[i].data = l->packed.data + (uintptr_t)l->records[i].data;
    code = tool_submit(l->t, endpoint, l->source, l->records, l->n_records, on_receipt, l);
    if (code == 0 && l->code == 0)
        code = dismiss(l);
    return code != 0 ? code : l->code;
}

/* ---- the verb */

static int
read_options(struct looking *l, int argc, char **argv)
{
    char *end = NULL;
    int n = 0;
    const char *words[2] = {NULL, NULL};

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--force") == 0)
            l->force = true;
        else if (n < 2)
            words[n++] = argv[i];
        else
            n = 3;
    }
    bool show_one = n == 2 && strcmp(words[0], "show") == 0;
    l->retry = n == 2 && strcmp(words[0], "retry") == 0;
    if (show_one || l->retry)
        l->number = strtoull(words[1], &end, 10);
    if ((n == 0 || (n == 1 && strcmp(words[0], "list") == 0) ||
         (l->number != 0 && end != NULL && *end == '\0')) &&
        (l->retry || !l->force))
        return 0;
    return tool_fail(EX_USAGE, "rejected: list, show N, or retry N [--force]");
}

static int
look(struct looking *l)
{
    struct fetch f = {.stream = STREAM_REJECTED, .max = l->number != 0 ? 1 : 256};
    int code;

    f.from_seq = l->number;
    do {
        code = tool_fetch(l->t, l->t->config->collector.listen_zmq, &f, on_records, l);
        f.from_seq = l->last + 1;
    } while (code == 0 && l->number == 0 && l->n > 0);
    if (code == 0 && l->number != 0 && !l->found)
        return tool_fail(EX_DATAERR, "there is no entry %" PRIu64 " in the quarantine", l->number);
    return code;
}

int
verb_rejected(struct tool *t, int argc, char **argv)
{
    struct looking l = {.t = t, .n = 1};
    struct id run;
    int code;

    if ((code = read_options(&l, argc, argv)) != 0 || (code = tool_network(t)) != 0)
        return code;
    id_random(&run);
    (void)id_text(&run, l.run);
    buf_init(&l.packed, 0);
    l.arena = arena_new(0);
    code = l.arena != NULL ? look(&l) : tool_fail(EX_OSERR, "out of memory");
    if (code == 0 && l.retry)
        code = submit_again(&l);
    buf_fini(&l.packed);
    arena_free(l.arena);
    free(l.records);
    return code;
}
