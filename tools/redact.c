/* redact: takes text, reporter, attributes and raw bytes of an incident out of the journal. What
 * was understood of it stays, so that the classifier comes to the same events. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "core.h"
#include "verbs.h"

struct redacting {
    struct tool *t;
    const struct knowledge *k;
    uint64_t seq;
    const char *reason;
    struct buf packed;
    bool found, incident, done;
    int code;
};

static void
on_record(void *arg, const struct records *r)
{
    struct redacting *d = arg;
    struct record rec;
    struct finding f;
    struct err e = {.text = ""};
    struct attribute why = {.name = "redaction_reason", .value = d->reason};

    arena_reset(d->t->arena);
    if (r->n_items == 0 || r->items[0].seq != d->seq ||
        wire_record_unpack(r->items[0].record.data, r->items[0].record.len, d->t->arena, &rec, &e) <
            0)
        return;
    d->found = true;
    if (rec.type != REC_INCIDENT)
        return;
    d->incident = true;
    struct incident *in = &rec.u.incident;
    if (core_finding(d->k, in, rec.received_at_us, d->t->arena, &f) < 0)
        return;
    f.n_evidence = 0; /* evidence quotes the text */
    in->text = NULL;
    in->reporter_name = in->reporter_contact = NULL;
    in->attributes = &why;
    in->n_attributes = 1;
    in->redacted = true;
    in->finding = &f;
    rec.seq = d->seq;
    wire_record_pack(&rec, true, &d->packed);
    d->done = !d->packed.failed;
}

static void
on_receipt(void *arg, uint64_t i, const struct receipt *r)
{
    struct redacting *d = arg;

    (void)i;
    if (r->status == RC_REJECTED)
        d->code = tool_fail(EX_DATAERR, "redact: %s", r->reason);
    else if (d->t->json)
        (void)printf("{\"redacted\":%" PRIu64 "}\n", d->seq);
    else
        (void)printf("record %" PRIu64 " is redacted\n", d->seq);
}

int
verb_redact(struct tool *t, int argc, char **argv)
{
    struct redacting d = {.t = t};
    struct fetch f = {.stream = STREAM_JOURNAL, .max = 1};
    struct knowledge *k = NULL;
    struct err e = {.text = ""};
    char text[512], path[600], *end = NULL;
    int code;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--reason") == 0 && i + 1 < argc)
            d.reason = argv[++i];
        else if (d.seq == 0)
            d.seq = strtoull(argv[i], &end, 10);
    }
    if (d.seq == 0 || end == NULL || *end != '\0' || d.reason == NULL)
        return tool_fail(EX_USAGE, "redact needs SEQ (see tocsin incidents) and --reason TEXT");
    if ((code = tool_network(t)) != 0)
        return code;
    if (knowledge_load(t->config, &k, &e) < 0)
        return tool_fail(EX_CONFIG, "%s", err_str(&e, text, sizeof text));
    d.k = k;
    buf_init(&d.packed, 0);
    f.from_seq = d.seq;
    code = tool_fetch(t, t->config->collector.listen_zmq, &f, on_record, &d);
    if (code == 0 && !d.done)
        code = tool_fail(EX_DATAERR,
                         !d.found      ? "there is no record %" PRIu64 " in the journal"
                         : !d.incident ? "record %" PRIu64 " is no incident"
                                       : "record %" PRIu64 " could not be understood",
                         d.seq);
    if (code == 0) {
        struct tool_record one = {d.packed.data, d.packed.len};
        code = tool_submit(t, t->config->collector.listen_zmq, "local", &one, 1, on_receipt, &d);
        code = code != 0 ? code : d.code;
    }
    if (code == 0) {
        (void)snprintf(path, sizeof path, "%s/checkpoint", t->config->classifier.state);
        (void)unlink(path); /* made anew; holds nothing that the journal does not */
    }
    buf_fini(&d.packed);
    knowledge_free(k);
    return code;
}
