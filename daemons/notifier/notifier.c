/* notifier: see notifier.h.
 *
 * Submits are judged as they come and answered after the flush; the flush is one for all that a
 * turn of the loop brought. After it the new events are published, the fetches that wait are
 * served and the answers go out, in this order, so that who gets a receipt can fetch what it
 * speaks of. */
#include "notifier.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "alertlog.h"
#include "chan.h"
#include "clock.h"
#include "fetch.h"
#include "log.h"
#include "metrics.h"
#include "serve.h"
#include "server.h"
#include "submit.h"
#include "timefmt.h"

#define PENDING_LIMIT   ((size_t)64 << 20)
#define FETCHES_WAITING 4096
#define IDLE_US         (SECOND_US / 4) /* without a commit: time for the log's upkeep */

/* One submit that waits for the flush. */
struct waiting {
    struct waiting *next;
    struct peer peer;
    struct receipts answer;
};

struct notifier {
    struct svc *svc;
    struct alertlog *log;
    struct submit_rx *sessions;
    struct server *server;
    struct fetch_rx *fetches;
    struct serve *serve;
    struct chan *publish;
    struct event *head, *soon;
    struct arena *pending, *scratch;
    struct waiting *first, **last;
    struct buf out;
    struct daemon_status classifier; /* its last heartbeat; strings in classifier_arena */
    struct arena *classifier_arena;
    bool draining, full, broken;
    int64_t full_until_us, commit_us;
    struct err why;
    int why_errno;
    struct log_limit bad_limit;
    int64_t *m_bad, *m_published, *m_dropped;
};

/* ---- publishing */

static void
publish(struct notifier *n, const char *topic, const struct envelope *env)
{
    buf_reset(&n->out);
    wire_envelope_pack(env, &n->out);
    struct chan_frame frames[2] = {{topic, strlen(topic)}, {n->out.data, n->out.len}};
    if (n->out.failed || chan_send(n->publish, frames, 2) < 0)
        (*n->m_dropped)++; /* publish is never the only copy: the head tells who is behind */
    else
        (*n->m_published)++;
}

static void
on_event(void *arg, uint64_t seq, const struct alert_event *ev, const void *body, size_t len)
{
    struct notifier *n = arg;
    struct envelope env = {.type = ENV_PUBLICATION};
    char topic[MAX_NAME + 32];

    env.u.publication.log = *journal_log_id(alertlog_journal(n->log));
    env.u.publication.seq = seq;
    env.u.publication.record = (struct blob){body, len};
    if (ev->topic != NULL)
        publish(n, ev->topic, &env);
    if (ev->old_topic != NULL)
        publish(n, ev->old_topic, &env);
    for (size_t i = 0; i < ev->n_assets; i++) {
        (void)snprintf(topic, sizeof topic, "asset.%s.alert.", ev->assets[i].id);
        publish(n, topic, &env);
    }
}

static void
own_status(struct notifier *n, struct daemon_status *st, struct arena *a)
{
    struct position head, held;
    uint64_t term;

    memset(st, 0, sizeof *st);
    journal_head(alertlog_journal(n->log), &head);
    alertlog_held(n->log, &held, &term);
    st->daemon = "notifier";
    st->version = TOCSIN_VERSION;
    st->at_us = alertlog_now(n->log);
    st->up_since_us = n->svc->started_wall_us;
    st->head = head.seq;
    st->last_error = log_last_error();
    st->figures[st->n_figures++] =
        (struct attribute){"alerts_open", arena_printf(a, "%zu", alertlog_open_count(n->log))};
    st->figures[st->n_figures++] =
        (struct attribute){"position", arena_printf(a, "%" PRIu64, held.seq)};
    st->figures[st->n_figures++] = (struct attribute){"term", arena_printf(a, "%" PRIu64, term)};
    st->figures[st->n_figures++] =
        (struct attribute){"published", arena_printf(a, "%" PRId64, *n->m_published)};
    st->figures[st->n_figures++] =
        (struct attribute){"publish_dropped", arena_printf(a, "%" PRId64, *n->m_dropped)};
    st->figures[st->n_figures++] =
        (struct attribute){"fetches_waiting", arena_printf(a, "%zu", fetch_rx_waiting(n->fetches))};
}

/* Every second: the head, so that a consumer that missed the last message learns of it. */
static void
on_head(evutil_socket_t fd, short what, void *arg)
{
    struct notifier *n = arg;
    struct envelope env = {.type = ENV_PUBLICATION};
    struct daemon_status st;

    (void)fd;
    (void)what;
    arena_reset(n->scratch);
    own_status(n, &st, n->scratch);
    env.u.publication.log = *journal_log_id(alertlog_journal(n->log));
    env.u.publication.seq = st.head;
    env.u.publication.status = &st;
    publish(n, "status.notifier.", &env);
    if (n->full && mono_now_us() >= n->full_until_us)
        n->full = false;
    journal_housekeep(alertlog_journal(n->log), mono_now_us() - n->commit_us > IDLE_US);
}

static void
keep_heartbeat(struct notifier *n, const struct daemon_status *st)
{
    struct record r = {.type = REC_STATUS, .received_at_us = st->at_us, .u.status = st}, back;
    struct envelope env = {.type = ENV_PUBLICATION};

    buf_reset(&n->out);
    wire_record_pack(&r, false, &n->out);
    arena_reset(n->classifier_arena);
    if (!n->out.failed &&
        wire_record_unpack(n->out.data, n->out.len, n->classifier_arena, &back, NULL) == 0)
        n->classifier = *back.u.status;
    env.u.publication.log = *journal_log_id(alertlog_journal(n->log));
    env.u.publication.status = st;
    publish(n, "status.classifier.", &env);
}

/* ---- flushing */

static void
answer_all(struct notifier *n, const char *retry)
{
    struct receipt again = {.status = RC_RETRY, .reason = retry, .retry_after_ms = 1000};

    for (struct waiting *w = n->first; w != NULL; w = w->next) {
        struct envelope env = {.type = ENV_RECEIPTS, .u.receipts = w->answer};
        if (retry != NULL) {
            env.u.receipts.receipts = &again;
            env.u.receipts.n_receipts = 1;
            env.u.receipts.decision = w->answer.decision != RC_UNKNOWN ? RC_RETRY : RC_UNKNOWN;
            env.u.receipts.has_held = false;
            env.u.receipts.reason = retry;
        }
        (void)server_reply(n->server, &w->peer, &env);
    }
    n->first = NULL;
    n->last = &n->first;
    arena_reset(n->pending);
}

static void
flush_failed(struct notifier *n, const struct err *e, int error)
{
    struct err again = {.text = ""};

    if (error != ENOSPC) {
        log_error("the alert log could not be flushed, nothing since was receipted: %s", e->text);
        n->broken = true;
        svc_exit(n->svc, EX_IOERR);
        return;
    }
    if (!n->full)
        log_error("the disk is full, alerts wait: %s; make room under %s", e->text,
                  n->svc->config->notifier.state);
    n->full = true;
    n->full_until_us = mono_now_us() + SECOND_US;
    if (alertlog_rollback(n->log, &again) < 0 || submit_rx_reload(n->sessions, &again) < 0) {
        log_error("the alert log could not be rolled back: %s", again.text);
        n->broken = true;
        svc_exit(n->svc, EX_IOERR);
        return;
    }
    n->broken = false;
    answer_all(n, "the disk is full");
}

static void
commit(struct notifier *n)
{
    struct err e = {.text = ""};

    if (n->broken) {
        flush_failed(n, &n->why, n->why_errno);
        return;
    }
    errno = 0;
    if (submit_rx_flush(n->sessions, &e) < 0 || alertlog_commit(n->log, &e) < 0) {
        flush_failed(n, &e, errno);
        return;
    }
    fetch_rx_wake(n->fetches);
    answer_all(n, NULL);
    n->commit_us = mono_now_us();
    journal_housekeep(alertlog_journal(n->log), false);
}

static void
breaks(struct notifier *n, const struct err *e)
{
    if (!n->broken) {
        n->why = *e;
        n->why_errno = errno;
    }
    n->broken = true;
}

static void
on_idle(void *arg)
{
    struct notifier *n = arg;

    if (n->first != NULL || journal_dirty(alertlog_journal(n->log)) || n->broken)
        commit(n);
}

/* A timer has appended, or failed to: flush in the next turn, so that many that are due share
 * one; on a full disk what is taken back falls due again, not faster than senders try. */
static void
on_timer(void *arg)
{
    struct notifier *n = arg;
    struct timeval wait = {.tv_sec = n->full ? 1 : 0};

    (void)event_add(n->soon, &wait);
}

static void
on_soon(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    commit(arg);
}

/* ---- submit */

static struct waiting *
wait_for_flush(struct notifier *n, const struct peer *from, const struct submit *s)
{
    struct waiting *w = arena_zalloc(n->pending, sizeof *w);

    if (w == NULL)
        return NULL;
    w->peer = *from;
    w->answer.session = s->session;
    w->answer.batch = s->batch;
    w->answer.attempt = s->attempt;
    *n->last = w;
    n->last = &w->next;
    return w;
}

static void
answer_now(struct notifier *n, const struct peer *from, const struct submit *s,
           uint64_t resend_from, const char *retry)
{
    struct receipt again = {.status = RC_RETRY, .reason = retry, .retry_after_ms = 1000};
    struct envelope env = {.type = ENV_RECEIPTS};

    env.u.receipts.session = s->session;
    env.u.receipts.batch = s->batch;
    env.u.receipts.attempt = s->attempt;
    env.u.receipts.resend_from = resend_from;
    if (retry != NULL) {
        env.u.receipts.receipts = &again;
        env.u.receipts.n_receipts = 1;
        env.u.receipts.reason = retry;
        env.u.receipts.decision = s->decision != NULL ? RC_RETRY : RC_UNKNOWN;
    }
    (void)server_reply(n->server, from, &env);
}

static void
on_decision(struct notifier *n, const struct peer *from, const struct submit *s)
{
    struct waiting *w = wait_for_flush(n, from, s);
    struct err e = {.text = ""};

    if (w == NULL) {
        answer_now(n, from, s, 0, "too much is waiting for the disk");
        return;
    }
    if (s->decision->heartbeat != NULL)
        keep_heartbeat(n, s->decision->heartbeat);
    if (alertlog_decide(n->log, s->decision, n->pending, &w->answer, &e) < 0)
        breaks(n, &e);
}

static void
on_command(struct notifier *n, const struct blob *b, struct receipt *out)
{
    struct record r;
    struct err e = {.text = ""};

    arena_reset(n->scratch);
    if (wire_record_unpack(b->data, b->len, n->scratch, &r, &e) < 0) {
        out->status = RC_REJECTED;
        out->reason = arena_strndup(n->pending, e.text, strlen(e.text));
        return;
    }
    if (r.type != REC_COMMAND) {
        out->status = RC_REJECTED;
        out->reason = "the notifier takes commands and decisions; records go to the collector";
        return;
    }
    if (r.u.command.who == NULL)
        r.u.command.who = "console";
    if (alertlog_command(n->log, &r.u.command, n->pending, out, &e) < 0)
        breaks(n, &e);
}

static void
on_submit(void *arg, const struct peer *from, const struct submit *s)
{
    struct notifier *n = arg;
    uint64_t expected = 0;
    struct err e = {.text = ""};
    const char *refuses = n->draining ? "the notifier is shutting down"
                          : n->full   ? "the disk is full"
                          : n->broken ? "the alert log could not be written"
                                      : NULL;

    if (refuses != NULL) {
        answer_now(n, from, s, 0, refuses);
        return;
    }
    /* A decision carries its own order: its position. */
    if (s->decision != NULL) {
        on_decision(n, from, s);
        return;
    }
    enum submit_verdict v = submit_rx_judge(n->sessions, &s->session, s->batch, &expected);
    if (v == SUBMIT_RESEND) {
        answer_now(n, from, s, expected, NULL);
        return;
    }
    struct waiting *w = wait_for_flush(n, from, s);
    struct receipt *r = w != NULL ? arena_zalloc(n->pending, (s->n_records + 1) * sizeof *r) : NULL;
    if (r == NULL) {
        if (w == NULL)
            answer_now(n, from, s, 0, "too much is waiting for the disk");
        return;
    }
    w->answer.receipts = r;
    w->answer.n_receipts = s->n_records;
    for (size_t i = 0; i < s->n_records; i++)
        on_command(n, &s->records[i], &r[i]);
    if (v == SUBMIT_NEXT &&
        submit_rx_accept(n->sessions, &s->session, s->batch, alertlog_now(n->log), &e) < 0)
        breaks(n, &e);
}

static void
on_fetch(void *arg, const struct peer *from, const struct fetch *f)
{
    struct notifier *n = arg;
    struct fetch q = *f;
    struct position head;

    if (q.from_head) {
        journal_head(alertlog_journal(n->log), &head);
        q.from_seq = head.seq + 1;
        q.from_head = false;
    }
    fetch_rx_add(n->fetches, from, &q);
}

static int
on_serve(void *arg, const struct peer *to, struct fetch *q, bool force)
{
    struct notifier *n = arg;

    if (q->stream == STREAM_STATUS) {
        struct daemon_status st[2];
        arena_reset(n->scratch);
        own_status(n, &st[0], n->scratch);
        st[1] = n->classifier;
        return serve_statuses(n->serve, to, q, st, n->classifier.daemon != NULL ? 2 : 1);
    }
    return serve_fetch(n->serve, to, q, force);
}

static void
on_bad(void *arg, const struct peer *from, const void *data, size_t len, const char *why)
{
    struct notifier *n = arg;
    uint64_t suppressed = 0;

    (void)from;
    (void)data;
    (*n->m_bad)++;
    if (log_allow(&n->bad_limit, mono_now_us(), SECOND_US, 5, &suppressed))
        log_warn("an envelope was refused bytes=%zu suppressed=%" PRIu64 ": %s", len, suppressed,
                 why);
}

/* A subscription arrived; nothing is to be done, the consumer fetches what it lacks. */
static void
on_subscription(void *arg, struct chan *c, const struct chan_frame *frames, size_t count)
{
    (void)arg;
    (void)c;
    (void)frames;
    (void)count;
}

/* ---- making */

static int
open_sockets(struct notifier *n, struct err *e)
{
    static const struct server_ops ops = {
        .on_submit = on_submit, .on_fetch = on_fetch, .on_bad = on_bad, .on_idle = on_idle};
    const struct config *c = n->svc->config;
    struct chan_opts pub = {.type = CHAN_XPUB,
                            .bind = true,
                            .endpoint = c->notifier.publish,
                            .sndhwm = (int)c->notifier.publish_hwm,
                            .max_message = 512,
                            .on_message = on_subscription,
                            .arg = n};

    if (chan_new(n->svc->zmq, n->svc->base, &pub, &n->publish, e) < 0)
        return -1;
    if (fetch_rx_new(n->svc->base, FETCHES_WAITING, on_serve, n, &n->fetches, e) < 0)
        return -1;
    if (server_new(n->svc->zmq, n->svc->base, c->notifier.listen_zmq, &ops, n, &n->server, e) < 0)
        return -1;
    return serve_new(n->log, n->server, &n->serve, e);
}

int
notifier_new(struct svc *s, struct notifier **out, struct err *e)
{
    struct notifier *n = calloc(1, sizeof *n);
    int64_t every = s->config->notifier.head_us;
    struct timeval tv = {.tv_sec = every / SECOND_US, .tv_usec = (suseconds_t)(every % SECOND_US)};

    if (n == NULL)
        return err_set(e, "out of memory");
    n->svc = s;
    n->last = &n->first;
    buf_init(&n->out, (size_t)MAX_MESSAGE);
    n->m_bad = metric_new(METRIC_COUNTER, "envelopes_refused_total", NULL,
                          "Envelopes that were malformed or foreign");
    n->m_published = metric_new(METRIC_COUNTER, "published_total", NULL, "Messages published");
    n->m_dropped = metric_new(METRIC_COUNTER, "publish_dropped_total", NULL,
                              "Messages that the publish socket did not take");
    n->pending = arena_new(PENDING_LIMIT);
    n->scratch = arena_new(0);
    n->classifier_arena = arena_new((size_t)1 << 20);
    n->head = event_new(s->base, -1, EV_PERSIST, on_head, n);
    n->soon = evtimer_new(s->base, on_soon, n);
    if (n->pending == NULL || n->scratch == NULL || n->classifier_arena == NULL ||
        n->head == NULL || n->soon == NULL || event_add(n->head, &tv) < 0) {
        (void)err_set(e, "out of memory");
        goto fail;
    }
    struct alertlog_hooks hooks = {.on_event = on_event, .on_timer = on_timer, .arg = n};
    if (alertlog_new(s, &hooks, &n->log, e) < 0 ||
        submit_rx_new(alertlog_journal(n->log), &n->sessions, e) < 0 || open_sockets(n, e) < 0)
        goto fail;
    *out = n;
    return 0;
fail:
    notifier_free(n);
    return -1;
}

void
notifier_free(struct notifier *n)
{
    if (n == NULL)
        return;
    if (n->head != NULL)
        event_free(n->head);
    if (n->soon != NULL)
        event_free(n->soon);
    serve_free(n->serve);
    fetch_rx_free(n->fetches);
    server_free(n->server);
    chan_close(n->publish);
    submit_rx_free(n->sessions);
    alertlog_free(n->log);
    arena_free(n->pending);
    arena_free(n->scratch);
    arena_free(n->classifier_arena);
    buf_fini(&n->out);
    free(n);
}

void
notifier_reload(struct notifier *n, const struct config *c)
{
    alertlog_reload(n->log, c);
}

void
notifier_drain(struct notifier *n)
{
    on_idle(n);
    n->draining = true;
}

bool
notifier_idle(const struct notifier *n)
{
    return n->first == NULL && chan_queued_bytes(n->publish) == 0;
}
