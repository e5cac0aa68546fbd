/* serve: see serve.h. Bodies are gathered in one buffer; items hold offsets until it is
 * complete. */
#include "serve.h"

#include <stdlib.h>
#include <string.h>

#include "log.h"

#define ANSWER_BYTES ((size_t)1 << 20)
#define SCAN         8192 /* events looked at in one fetch with a filter */

struct serve {
    struct alertlog *log;
    struct server *server;
    struct arena *arena;
    struct buf answer;
    struct item *items;
    size_t n, max;
    const struct fetch *query;
};

int
serve_new(struct alertlog *al, struct server *server, struct serve **out, struct err *e)
{
    struct serve *s = calloc(1, sizeof *s);

    if (s == NULL)
        return err_set(e, "out of memory");
    s->log = al;
    s->server = server;
    s->arena = arena_new(0);
    s->items = calloc(MAX_BATCH, sizeof *s->items);
    buf_init(&s->answer, (size_t)MAX_MESSAGE);
    if (s->arena == NULL || s->items == NULL) {
        serve_free(s);
        return err_set(e, "out of memory");
    }
    *out = s;
    return 0;
}

void
serve_free(struct serve *s)
{
    if (s == NULL)
        return;
    arena_free(s->arena);
    buf_fini(&s->answer);
    free(s->items);
    free(s);
}

static void
begin(struct serve *s, const struct fetch *q)
{
    s->query = q;
    s->n = 0;
    s->max = q->max == 0 || q->max > MAX_BATCH ? MAX_BATCH : q->max;
    buf_reset(&s->answer);
}

static int
add(struct serve *s, uint64_t seq, const void *body, size_t len)
{
    s->items[s->n++] = (struct item){
        .seq = seq, .record = {.data = (const void *)(uintptr_t)s->answer.len, .len = len}};
    buf_put(&s->answer, body, len);
    return s->n == s->max || s->answer.len > ANSWER_BYTES;
}

static void
finish(struct serve *s, const struct peer *to, uint64_t complete_to, const char *error)
{
    struct envelope env = {.type = ENV_RECORDS};
    struct position head;

    for (size_t i = 0; i < s->n; i++)
        s->items[i].record.data = s->answer.data + (uintptr_t)s->items[i].record.data;
    journal_head(alertlog_journal(s->log), &head);
    env.u.records = (struct records){.request = s->query->request,
                                     .stream = s->query->stream,
                                     .journal = head.journal,
                                     .items = s->items,
                                     .n_items = error == NULL && !s->answer.failed ? s->n : 0,
                                     .complete_to = complete_to,
                                     .head = head.seq,
                                     .error = s->answer.failed ? "out of memory" : error};
    if (error != NULL)
        log_error("a fetch could not be served: %s", error);
    (void)server_reply(s->server, to, &env);
}

/* ---- events */

static bool
wanted(const struct fetch *q, const struct alert_event *ev)
{
    if (q->has_id && id_cmp(&q->id, &ev->id) != 0)
        return false;
    if (q->n_prefixes == 0)
        return true;
    for (size_t i = 0; i < q->n_prefixes; i++) {
        size_t len = strlen(q->prefixes[i]);
        if ((ev->topic != NULL && strncmp(ev->topic, q->prefixes[i], len) == 0) ||
            (ev->old_topic != NULL && strncmp(ev->old_topic, q->prefixes[i], len) == 0))
            return true;
        if (strncmp(q->prefixes[i], "asset.", 6) != 0)
            continue;
        for (size_t k = 0; k < ev->n_assets; k++) {
            size_t idl = strlen(ev->assets[k].id);
            if (strncmp(q->prefixes[i] + 6, ev->assets[k].id, idl) == 0 &&
                strncmp(q->prefixes[i] + 6 + idl, ".alert.", len - 6 - idl) == 0)
                return true;
        }
    }
    return false;
}

static int
on_row(void *arg, const struct journal_row *row)
{
    struct serve *s = arg;
    struct record r;

    if (row->len == 0)
        return 0;
    if (s->query->has_id || s->query->n_prefixes > 0) {
        arena_reset(s->arena);
        if (wire_record_unpack(row->body, row->len, s->arena, &r, NULL) < 0 ||
            r.type != REC_EVENT || !wanted(s->query, r.u.event))
            return 0;
    }
    return add(s, row->seq, row->body, row->len);
}

static int
events(struct serve *s, const struct peer *to, const struct fetch *q, bool force)
{
    struct journal *j = alertlog_journal(s->log);
    struct position head;
    struct err e = {.text = ""};
    uint64_t from = q->from_seq > 0 ? q->from_seq : 1, last = 0;

    journal_head(j, &head);
    if (q->from_us != 0 && journal_seek_time(j, q->from_us, &from, &e) < 0) {
        finish(s, to, 0, e.text);
        return 1;
    }
    if (from > head.seq && !force)
        return 0;
    last = from - 1;
    if (journal_read(j, from, SCAN, on_row, s, &last, &e) < 0) {
        finish(s, to, 0, e.text);
        return 1;
    }
    finish(s, to, last, NULL);
    return 1;
}

/* ---- states, derivations, statuses */

static int
add_state(void *arg, const struct id *id)
{
    struct serve *s = arg;
    struct alert_event ev;
    struct err e = {.text = ""};
    uint64_t seq;

    arena_reset(s->arena);
    if (alertlog_get(s->log, id, s->arena, &seq, &ev, &e) != 0)
        return 0;
    struct record r = {.type = REC_EVENT, .received_at_us = ev.at_us, .u.event = &ev};
    struct buf *b = &s->answer;
    size_t at = b->len;
    wire_record_pack(&r, false, b);
    s->items[s->n++] = (struct item){
        .seq = seq, .record = {.data = (const void *)(uintptr_t)at, .len = b->len - at}};
    return s->n == s->max || b->len > ANSWER_BYTES;
}

/* One alert (max 1), or those behind `id` in id order; complete_to is the number of alerts
 * given, and an answer that is not full is the last. */
static int
states(struct serve *s, const struct peer *to, const struct fetch *q)
{
    struct err e = {.text = ""};

    if (q->has_id && q->max == 1)
        (void)add_state(s, &q->id);
    else if (alertlog_ids(s->log, q->open, q->has_id ? &q->id : NULL, add_state, s, &e) < 0) {
        finish(s, to, 0, e.text);
        return 1;
    }
    finish(s, to, s->n, NULL);
    return 1;
}

static int
add_derivation(void *arg, const void *body, size_t len)
{
    struct serve *s = arg;

    return add(s, s->n + 1, body, len);
}

int
serve_fetch(struct serve *s, const struct peer *to, const struct fetch *q, bool force)
{
    struct err e = {.text = ""};

    begin(s, q);
    switch (q->stream) {
    case STREAM_ALERTS:
        return events(s, to, q, force);
    case STREAM_ALERT_STATE:
        return states(s, to, q);
    case STREAM_DERIVATIONS:
        if (alertlog_derivations(s->log, &q->id, add_derivation, s, &e) < 0)
            finish(s, to, 0, e.text);
        else
            finish(s, to, s->n, NULL);
        return 1;
    default:
        finish(s, to, 0, "the notifier has no such stream");
        return 1;
    }
}

int
serve_statuses(struct serve *s, const struct peer *to, const struct fetch *q,
               const struct daemon_status *st, size_t n)
{
    begin(s, q);
    for (size_t i = 0; i < n; i++) {
        struct record r = {.type = REC_STATUS, .received_at_us = st[i].at_us, .u.status = &st[i]};
        size_t at = s->answer.len;
        wire_record_pack(&r, false, &s->answer);
        s->items[s->n++] = (struct item){
            .record = {.data = (const void *)(uintptr_t)at, .len = s->answer.len - at}};
    }
    finish(s, to, 0, NULL);
    return 1;
}
