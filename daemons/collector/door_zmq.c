/* door_zmq: see door_zmq.h. A submit becomes one batch of the store; its receipts are packed
 * when the flush is done. A fetch is answered from the journal, from the quarantine or with the
 * collector's status. */
#include "door_zmq.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "fetch.h"
#include "log.h"
#include "metrics.h"
#include "pack.h"
#include "server.h"
#include "timefmt.h"
#include "wire.h"

#define FETCHES_WAITING 1024
#define ANSWER_BYTES    ((size_t)1 << 20)
#define BUSY_RETRY_MS   200
#define EDGE_RETRY_MS   10000 /* somebody has to change a configuration */

struct door_zmq {
    struct svc *svc;
    struct store *store;
    struct sources *sources;
    struct server *server;
    struct fetch_rx *fetches;
    struct arena *arena;             /* of the record or answer at hand */
    struct buf answer;               /* bodies of an answer */
    struct item *items;              /* MAX_BATCH */
    struct links *links;             /* not ours, nor is upstream */
    const struct upstream *upstream; /* NULL: this is no edge collector */
    struct packer *packer;
    struct receipt *others; /* MAX_BATCH */
    struct log_limit bad_limit;
    int64_t *m_bad;
    bool local, resting;
    bool elsewhere; /* takes submits of sources with a token only */
    bool taking;    /* the commit is near and comes by itself */
};

/* One submit that waits for the flush. */
struct waiting {
    struct door_zmq *door;
    struct peer peer;
    struct id session;
    uint64_t batch;
    uint32_t attempt;
    bool edge; /* packed: answered shortly */
};

static void
answer(struct door_zmq *d, const struct waiting *w, const struct receipt *r, size_t n,
       uint64_t resend_from, const char *reason)
{
    struct envelope env = {.type = ENV_RECEIPTS};

    env.u.receipts = (struct receipts){.session = w->session,
                                       .batch = w->batch,
                                       .attempt = w->attempt,
                                       .receipts = r,
                                       .n_receipts = n,
                                       .resend_from = resend_from,
                                       .reason = reason};
    (void)server_reply(d->server, &w->peer, &env); /* a peer that is gone asks again */
}

/* The whole batch again, after a while: one receipt says so for all of it. */
static void
answer_retry(struct door_zmq *d, const struct waiting *w, uint32_t after_ms, const char *why)
{
    struct receipt r = {.status = RC_RETRY, .reason = why, .retry_after_ms = after_ms};

    answer(d, w, &r, 1, 0, why);
}

/* To an edge collector: how many are stored, and the others by their place in the batch. */
static void
answer_edge(struct door_zmq *d, const struct waiting *w, const struct receipt *all, size_t n)
{
    struct envelope env = {.type = ENV_RECEIPTS};
    size_t others = 0;

    for (size_t i = 0; i < n; i++) {
        if (all[i].status == RC_STORED || all[i].status == RC_DUPLICATE)
            continue;
        d->others[others] = all[i];
        d->others[others++].index = (uint32_t)i;
    }
    env.u.receipts = (struct receipts){.session = w->session,
                                       .batch = w->batch,
                                       .attempt = w->attempt,
                                       .receipts = d->others,
                                       .n_receipts = others,
                                       .taken = (uint32_t)(n - others),
                                       .journal = *journal_log_id(store_journal(d->store))};
    (void)server_reply(d->server, &w->peer, &env); /* a peer that is gone asks again */
}

static void
on_done(void *arg, const struct receipt *receipts, size_t n, bool retry, const char *why)
{
    struct waiting *w = arg;

    if (retry)
        answer_retry(w->door, w, 1000, why);
    else if (w->edge)
        answer_edge(w->door, w, receipts, n);
    else
        answer(w->door, w, receipts, n, 0, NULL);
    free(w);
}

static void
take_record(struct door_zmq *d, struct batch *b, const struct submit *s, size_t i)
{
    struct record r;
    struct err e = {.text = ""};
    char unique[64];
    char session[ID_TEXT];

    arena_reset(d->arena);
    if (wire_record_unpack(s->records[i].data, s->records[i].len, d->arena, &r, &e) < 0) {
        store_refuse(d->store, b, e.text, s->records[i].data, s->records[i].len);
        return;
    }
    if (s->packed.len > 0) { /* an edge sends the ids that do not follow from the record alone */
        store_add(d->store, b, &r, NULL, 0, s->records[i].data, s->records[i].len);
        return;
    }
    if (r.type == REC_REJECTED && d->local && !s->replay) {
        store_dismiss(d->store, b, r.u.rejected.number); /* it was tried again with success */
        return;
    }
    int n = snprintf(unique, sizeof unique, "%s:%" PRIu64 ":%zu", id_text(&s->session, session),
                     s->batch, i);
    store_add(d->store, b, &r, unique, (size_t)n, s->records[i].data, s->records[i].len);
}

/* A record that replaces the body of a stored one: seq is set and the incident is redacted. */
static bool
is_redaction(struct door_zmq *d, const struct submit *s, struct record *r)
{
    arena_reset(d->arena);
    return s->n_records == 1 && !s->replay &&
           wire_record_unpack(s->records[0].data, s->records[0].len, d->arena, r, NULL) == 0 &&
           r->type == REC_INCIDENT && r->seq != 0 && r->u.incident.redacted;
}

static void
redact(struct door_zmq *d, const struct waiting *w, struct record *r)
{
    struct receipt receipt = {.status = RC_STORED, .seq = r->seq, .id = r->id};
    struct err e = {.text = ""};
    const char *reason = "no reason given";
    const struct incident *in = &r->u.incident;

    for (size_t i = 0; i < in->n_attributes; i++)
        if (strcmp(in->attributes[i].name, "redaction_reason") == 0)
            reason = in->attributes[i].value;
    if (in->text != NULL || in->reporter_name != NULL || in->reporter_contact != NULL ||
        in->finding == NULL) {
        receipt.status = RC_REJECTED;
        receipt.reason = "a redacted incident has a finding, no text and no reporter";
    } else {
        store_commit(d->store);
        const char *why = store_refuses(d->store, false);
        if (why != NULL) {
            answer_retry(d, w, 1000, why);
            return;
        }
        buf_reset(&d->answer);
        wire_record_pack(r, false, &d->answer);
        int rc = journal_redact(store_journal(d->store), r->seq, reason, d->answer.data,
                                d->answer.len, &e);
        if (rc != 0) {
            receipt.status = RC_REJECTED;
            receipt.reason = rc < 0 ? e.text : "there is no such record";
        } else {
            log_info("redacted seq=%" PRIu64, r->seq);
        }
    }
    answer(d, w, &receipt, 1, 0, NULL);
}

/* What an edge collector sends: NULL to go on with *unpacked as with any submit, else why not.
 * Nothing of it is ever rejected as a whole: the sender would take that for an answer and go on. */
static const char *
take_edge(struct door_zmq *d, const struct source_conf *src, const struct submit *s,
          struct submit *unpacked, struct err *e)
{
    const struct blob *records = NULL;

    if (!src->edge) {
        (void)err_set(e,
                      "source '%.64s' is no edge collector; give it edge: true under "
                      "collector.sources",
                      src->name);
        return e->text;
    }
    links_word(d->links, src->name, s->link, s->n_packed);
    if (s->packed.len == 0)
        return NULL;
    if (packer_unpack(d->packer, s->packed.data, s->packed.len, s->packed_size, s->n_packed,
                      &records, e) < 0) {
        (*d->m_bad)++;
        return e->text;
    }
    *unpacked = *s;
    unpacked->records = records;
    unpacked->n_records = s->n_packed;
    return NULL;
}

static void
on_submit(void *arg, const struct peer *from, const struct submit *s)
{
    struct door_zmq *d = arg;
    struct waiting here = {.door = d,
                           .peer = *from,
                           .session = s->session,
                           .batch = s->batch,
                           .attempt = s->attempt,
                           .edge = s->packed.len > 0 || s->link != NULL};
    struct submit unpacked;
    struct err e = {.text = ""};
    struct record r;
    const char *why = store_refuses(d->store, s->replay);
    const char *name = s->source != NULL ? s->source : "local";
    uint64_t expected = 0;

    if (why != NULL) {
        answer_retry(d, &here, 1000, why);
        return;
    }
    const struct source_conf *src = sources_by_name(d->sources, name, s->token, d->local, &e);
    if (d->elsewhere && src != NULL && (src->token == NULL || s->replay)) {
        (void)err_set(&e,
                      src->token == NULL ? "source '%.64s' has no token, so it may only report "
                                           "through local sockets"
                                         : "source '%.64s' may not replay from elsewhere",
                      src->name);
        src = NULL;
    }
    if (here.edge) {
        why = src != NULL ? take_edge(d, src, s, &unpacked, &e) : e.text;
        if (why != NULL) {
            answer_retry(d, &here, EDGE_RETRY_MS, why);
            return;
        }
        if (s->packed.len == 0) {
            answer_edge(d, &here, NULL, 0);
            return;
        }
        s = &unpacked;
    } else if (src == NULL) {
        struct receipt *all = calloc(s->n_records > 0 ? s->n_records : 1, sizeof *all);
        for (size_t i = 0; all != NULL && i < s->n_records; i++)
            all[i] = (struct receipt){.status = RC_REJECTED, .reason = e.text};
        answer(d, &here, all, all != NULL ? s->n_records : 0, 0, e.text);
        free(all);
        return;
    }
    if (!here.edge && !d->elsewhere && is_redaction(d, s, &r)) {
        redact(d, &here, &r);
        return;
    }
    enum submit_verdict v =
        submit_rx_judge(store_sessions(d->store), &s->session, s->batch, &expected);
    if (v == SUBMIT_RESEND) {
        answer(d, &here, NULL, 0, expected, NULL);
        return;
    }
    if (v == SUBMIT_NEXT) {
        uint32_t wait = sources_rate(d->sources, src, s->n_records, mono_now_us());
        if (wait > 0) {
            answer_retry(d, &here, wait, "rate limit of this source");
            return;
        }
    }
    struct waiting *w = malloc(sizeof *w);
    struct batch *b = w != NULL ? store_open_batch(d->store, name, "zmq", NULL, s->replay,
                                                   v == SUBMIT_AGAIN, on_done, w)
                                : NULL;
    if (b == NULL) {
        free(w);
        answer_retry(d, &here, BUSY_RETRY_MS, "too much is waiting for the disk");
        return;
    }
    *w = here;
    if (here.edge)
        store_from_edge(b);
    for (size_t i = 0; i < s->n_records; i++)
        take_record(d, b, s, i);
    if (v == SUBMIT_NEXT && submit_rx_accept(store_sessions(d->store), &s->session, s->batch,
                                             store_now(d->store), &e) < 0)
        log_error("a session could not be noted: %s", e.text);
    store_close_batch(d->store, b);
}

static void
on_bad(void *arg, const struct peer *from, const void *data, size_t len, const char *why)
{
    struct door_zmq *d = arg;
    uint64_t suppressed = 0;
    struct err e = {.text = ""};

    (void)from;
    (*d->m_bad)++;
    /* Kept like any refused bytes; the flush may come with the next batch. */
    if (store_refuses(d->store, true) == NULL &&
        quarantine_put(store_quarantine(d->store), store_now(d->store), NULL, "zmq", NULL, why,
                       data, len, &e) < 0)
        log_error("quarantine: %s", e.text);
    if (log_allow(&d->bad_limit, mono_now_us(), SECOND_US, 5, &suppressed))
        log_warn("an envelope was refused bytes=%zu suppressed=%" PRIu64 ": %s", len, suppressed,
                 why);
}

/* At rest, what arrives waits in the socket and wakes nobody. */
static void
rest(struct door_zmq *d, bool on)
{
    if (d->resting == on)
        return;
    d->resting = on;
    server_pause(d->server, on);
}

static void
on_idle(void *arg)
{
    struct door_zmq *d = arg;

    if (d->taking)
        return;
    store_breathe(d->store);
    rest(d, store_gathering(d->store) && !server_backlog(d->server));
}

/* ---- fetch */

struct filling {
    struct door_zmq *d;
    size_t n, max;
};

static int
add_row(void *arg, const struct journal_row *row)
{
    struct filling *f = arg;
    struct item *it = &f->d->items[f->n];

    it->seq = row->seq;
    it->has_digest = true;
    memcpy(it->digest, row->digest, sizeof it->digest);
    /* An offset for now: the buffer may still move. */
    it->record = (struct blob){.data = (const void *)(uintptr_t)f->d->answer.len, .len = row->len};
    buf_put(&f->d->answer, row->body, row->len);
    f->n++;
    return f->n == f->max || f->d->answer.len > ANSWER_BYTES;
}

static void
settle(struct filling *f)
{
    for (size_t i = 0; i < f->n; i++)
        f->d->items[i].record.data = f->d->answer.data + (uintptr_t)f->d->items[i].record.data;
}

static int
serve_journal(struct door_zmq *d, const struct peer *to, struct fetch *q, bool force)
{
    struct journal *j = store_journal(d->store);
    struct filling f = {.d = d, .max = q->max == 0 || q->max > MAX_BATCH ? MAX_BATCH : q->max};
    struct envelope env = {.type = ENV_RECORDS};
    struct position head;
    struct err e = {.text = ""};
    uint64_t from = q->from_seq > 0 ? q->from_seq : 1, last = 0;
    bool goes_on;

    journal_head(j, &head);
    if (q->from_us != 0 && journal_seek_time(j, q->from_us, &from, &e) < 0)
        goto fail;
    if (from > head.seq && !force)
        return 0;
    buf_reset(&d->answer);
    if (journal_read(j, from, f.max, add_row, &f, &last, &e) < 0 || d->answer.failed)
        goto fail;
    settle(&f);
    env.u.records = (struct records){.request = q->request,
                                     .stream = q->stream,
                                     .journal = head.journal,
                                     .items = d->items,
                                     .n_items = f.n,
                                     .complete_to = last,
                                     .head = head.seq};
    if (last <= head.seq && journal_digest_at(j, last, env.u.records.head_digest, &e) < 0)
        goto fail;
    /* Who is behind the head asks for each answer: that is the flow control. */
    goes_on = !force && q->answers > 1 && last >= head.seq;
    env.u.records.more = goes_on ? q->answers - 1 : 0;
    if (server_reply(d->server, to, &env) < 0 || !goes_on)
        return 1;
    q->answers--;
    q->from_seq = last + 1;
    q->from_us = 0;
    return 2;
fail:
    log_error("the journal could not be read: %s", e.text);
    env.u.records = (struct records){.request = q->request, .stream = q->stream, .error = e.text};
    (void)server_reply(d->server, to, &env);
    return 1;
}

static int
add_rejected(void *arg, const struct rejected *rej)
{
    struct filling *f = arg;
    struct record r = {.type = REC_REJECTED, .received_at_us = rej->at_us, .u.rejected = *rej};
    struct item *it = &f->d->items[f->n];
    size_t before = f->d->answer.len;

    wire_record_pack(&r, false, &f->d->answer);
    *it = (struct item){
        .seq = rej->number,
        .record = {.data = (const void *)(uintptr_t)before, .len = f->d->answer.len - before}};
    f->n++;
    return f->n == f->max || f->d->answer.len > ANSWER_BYTES;
}

static int
serve_rejected(struct door_zmq *d, const struct peer *to, const struct fetch *q)
{
    struct filling f = {.d = d, .max = q->max == 0 || q->max > 256 ? 256 : q->max};
    struct envelope env = {.type = ENV_RECORDS};
    struct err e = {.text = ""};

    buf_reset(&d->answer);
    arena_reset(d->arena);
    if (quarantine_each(store_quarantine(d->store), q->from_seq, d->arena, add_rejected, &f, &e) <
        0)
        env.u.records.error = e.text;
    settle(&f);
    env.u.records.request = q->request;
    env.u.records.stream = q->stream;
    env.u.records.items = d->items;
    env.u.records.n_items = f.n;
    env.u.records.complete_to = f.n > 0 ? d->items[f.n - 1].seq : q->from_seq;
    env.u.records.head = quarantine_count(store_quarantine(d->store));
    (void)server_reply(d->server, to, &env);
    return 1;
}

static int
serve_status(struct door_zmq *d, const struct peer *to, const struct fetch *q)
{
    struct daemon_status st;
    struct record r = {.type = REC_STATUS, .u.status = &st};
    struct envelope env = {.type = ENV_RECORDS};

    arena_reset(d->arena);
    store_status(d->store, &st, d->arena);
    links_status(d->links, &st, d->arena);
    if (d->upstream != NULL)
        upstream_status(d->upstream, &st, d->arena);
    r.received_at_us = st.at_us;
    buf_reset(&d->answer);
    wire_record_pack(&r, false, &d->answer);
    d->items[0] = (struct item){.record = {d->answer.data, d->answer.len}};
    env.u.records = (struct records){
        .request = q->request, .stream = q->stream, .items = d->items, .n_items = 1};
    (void)server_reply(d->server, to, &env);
    return 1;
}

static int
serve(void *arg, const struct peer *to, struct fetch *q, bool force)
{
    struct door_zmq *d = arg;
    struct envelope env = {.type = ENV_RECORDS};

    switch (q->stream) {
    case STREAM_JOURNAL:
        return serve_journal(d, to, q, force);
    case STREAM_REJECTED:
        return serve_rejected(d, to, q);
    case STREAM_STATUS:
        return serve_status(d, to, q);
    default:
        env.u.records = (struct records){.request = q->request,
                                         .stream = q->stream,
                                         .error = "the collector has no such stream"};
        (void)server_reply(d->server, to, &env);
        return 1;
    }
}

static void
on_fetch(void *arg, const struct peer *from, const struct fetch *f)
{
    struct door_zmq *d = arg;
    struct fetch q = *f;

    if (d->elsewhere) {
        struct envelope env = {.type = ENV_RECORDS};

        env.u.records = (struct records){.request = q.request,
                                         .stream = q.stream,
                                         .error = "nothing is served here, at listen_edges"};
        (void)server_reply(d->server, from, &env);
        return;
    }
    if (q.from_head) {
        struct position head;
        journal_head(store_journal(d->store), &head);
        q.from_seq = head.seq + 1;
        q.from_head = false;
    }
    fetch_rx_add(d->fetches, from, &q);
}

void
door_zmq_show(struct door_zmq *d, const struct upstream *u)
{
    d->upstream = u;
}

void
door_zmq_wake(struct door_zmq *d)
{
    if (d == NULL)
        return;
    rest(d, store_gathering(d->store) && !server_backlog(d->server));
    fetch_rx_wake(d->fetches);
}

void
door_zmq_take(struct door_zmq *d)
{
    if (d == NULL)
        return;
    d->taking = true;
    do
        server_take(d->server);
    while (server_backlog(d->server) && store_has_room(d->store));
    d->taking = false;
}

int
door_zmq_new(struct svc *s, struct store *st, struct sources *src, struct links *links,
             const char *endpoint, bool elsewhere, struct door_zmq **out, struct err *e)
{
    static const struct server_ops ops = {
        .on_submit = on_submit, .on_fetch = on_fetch, .on_bad = on_bad, .on_idle = on_idle};
    struct door_zmq *d = calloc(1, sizeof *d);

    if (d == NULL)
        return err_set(e, "out of memory");
    d->svc = s;
    d->store = st;
    d->sources = src;
    d->local = !elsewhere && strncmp(endpoint, "ipc://", 6) == 0;
    d->elsewhere = elsewhere;
    buf_init(&d->answer, (size_t)MAX_MESSAGE);
    d->arena = arena_new(0);
    d->items = calloc(MAX_BATCH, sizeof *d->items);
    d->m_bad = metric_new(METRIC_COUNTER, "envelopes_refused_total", NULL,
                          "Envelopes that were malformed or foreign");
    d->links = links;
    d->packer = packer_new();
    d->others = calloc(MAX_BATCH, sizeof *d->others);
    if (d->arena == NULL || d->items == NULL || d->packer == NULL || d->others == NULL) {
        (void)err_set(e, "out of memory");
        goto fail;
    }
    if (fetch_rx_new(s->base, FETCHES_WAITING, serve, d, &d->fetches, e) < 0 ||
        server_new(s->zmq, s->base, endpoint, &ops, d, &d->server, e) < 0)
        goto fail;
    *out = d;
    return 0;
fail:
    door_zmq_free(d);
    return -1;
}

void
door_zmq_free(struct door_zmq *d)
{
    if (d == NULL)
        return;
    fetch_rx_free(d->fetches);
    server_free(d->server);
    arena_free(d->arena);
    buf_fini(&d->answer);
    free(d->items);
    free(d->others);
    packer_free(d->packer);
    free(d);
}
