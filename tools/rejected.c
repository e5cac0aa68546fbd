/* rejected: the quarantine: what was refused, and why; once more after it was mended. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "record_json.h"
#include "timefmt.h"
#include "verbs.h"

struct looking {
    struct tool *t;
    uint64_t number; /* 0 = list */
    uint64_t last;
    size_t n;
    bool found, retry, whole;
    struct buf packed;
    char why[320];
    int code;
};

static void
show(struct looking *l, const struct rejected *r)
{
    char at[TIME_TEXT];

    if (l->t->json) {
        rejected_to_json(r, &l->t->out);
        buf_putc(&l->t->out, '\n');
        return;
    }
    buf_printf(&l->t->out, "%6" PRIu64 "  %s  %-5s %-12s %6" PRIu64 " bytes  %s\n", r->number,
               time_text(r->at_us / SECOND_US * SECOND_US, at), r->door != NULL ? r->door : "-",
               r->source != NULL ? r->source : "-", r->size, r->reason);
    if (l->number == 0)
        return;
    for (size_t i = 0; i < r->len; i++) {
        unsigned char c = ((const unsigned char *)r->data)[i];
        if (c == '\n' || (c >= 0x20 && c != 0x7f))
            buf_putc(&l->t->out, (char)c);
        else
            buf_printf(&l->t->out, "\\x%02x", c);
    }
    buf_putc(&l->t->out, '\n');
}

/* The bytes again as a packed record. */
static void
again(struct looking *l, const struct rejected *r)
{
    struct record rec;
    struct err e = {.text = ""};

    if (r->len < r->size) {
        (void)snprintf(l->why, sizeof l->why, "only the head of it was kept");
        return;
    }
    if (r->door != NULL && strcmp(r->door, "zmq") == 0) {
        buf_put(&l->packed, r->data, r->len);
    } else if (record_from_json(r->data, r->len, l->t->arena, &rec, &e) < 0) {
        (void)snprintf(l->why, sizeof l->why, "%s", e.text);
        return;
    } else {
        wire_record_pack(&rec, false, &l->packed);
    }
    l->whole = true;
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
    receipt_to_json(r, NULL, &l->t->out);
    buf_putc(&l->t->out, '\n');
    tool_print(l->t);
    if (r->status == RC_REJECTED)
        l->code = EX_DATAERR;
}

int
verb_rejected(struct tool *t, int argc, char **argv)
{
    struct looking l = {.t = t, .n = 1};
    struct fetch f = {.stream = STREAM_REJECTED, .max = 256};
    char *end = NULL;
    int code;

    if (argc == 3 && (strcmp(argv[1], "show") == 0 || strcmp(argv[1], "retry") == 0)) {
        l.retry = strcmp(argv[1], "retry") == 0;
        l.number = strtoull(argv[2], &end, 10);
        f.from_seq = l.number;
        f.max = 1;
    }
    if (!(argc == 1 || (argc == 2 && strcmp(argv[1], "list") == 0) ||
          (l.number != 0 && *end == '\0')))
        return tool_fail(EX_USAGE, "rejected: list, show N, or retry N");
    if ((code = tool_network(t)) != 0)
        return code;
    buf_init(&l.packed, 0);
    do {
        code = tool_fetch(t, t->config->collector.listen_zmq, &f, on_records, &l);
        f.from_seq = l.last + 1;
    } while (code == 0 && l.number == 0 && l.n > 0);
    if (code == 0 && l.number != 0 && !l.found)
        code = tool_fail(EX_DATAERR, "there is no entry %" PRIu64 " in the quarantine", l.number);
    else if (code == 0 && l.retry && !l.whole)
        code = tool_fail(EX_DATAERR, "entry %" PRIu64 " is still refused: %s", l.number, l.why);
    else if (code == 0 && l.retry) {
        struct tool_record one = {l.packed.data, l.packed.len};
        code = tool_submit(t, t->config->collector.listen_zmq, "local", &one, 1, on_receipt, &l);
        code = code != 0 ? code : l.code;
    }
    buf_fini(&l.packed);
    return code;
}
