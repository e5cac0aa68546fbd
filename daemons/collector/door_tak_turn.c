/* door_tak_turn: what a TAK client says, a turn at a time.
 *
 * A turn takes whole messages off the head of what was read, at most TAK_TURN_EVENTS, into one batch
 * of the store; then the loop goes round, so that no client delays another for long. The bytes stay
 * where they are until the batch is on disk: when the answer is `retry` they are read again. One
 * batch of a connection is under way at a time; meanwhile at most INPUT_BYTES and one read are kept
 * of it, the rest waits in the kernel and, in the end, at the client.
 *
 * A turn consists of events alone. What the client says of itself or of the connection (<auth>, a
 * ping, another protocol) is answered between turns, when nothing before it can be read again.
 *
 * An event counts against the rate of its source only when it gives a record or is refused: devices
 * send mostly what is ignored or no news, and reports must not wait behind that. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <event2/buffer.h>

#include "clock.h"
#include "door_tak_priv.h"
#include "timefmt.h"

#define INPUT_BYTES    (TAK_MESSAGE_BYTES + 64) /* a message, what heads it, blanks around it */
#define OUTPUT_BYTES   65536                    /* unread answers; more are not given */
#define STORE_RETRY_US SECOND_US

size_t
tak_client_unread(const struct tak_client *c)
{
    return evbuffer_get_length(bufferevent_get_input(c->bev));
}

/* After each change of what decides on it. No watermark of libevent: under TLS that one is overrun. */
static void
set_reading(struct tak_client *c)
{
    if (c->gone || c->doomed || c->door->draining || c->paused ||
        tak_client_unread(c) >= INPUT_BYTES)
        (void)bufferevent_disable(c->bev, EV_READ);
    else
        (void)bufferevent_enable(c->bev, EV_READ);
}

/* ---- the batch of a turn */

static void
begin_turn(struct tak_client *c)
{
    c->batch = NULL;
    c->stuck = c->unreadable = false;
    c->turn = c->n_noted = c->look_at = 0;
    c->events = c->ignored = c->repeats = c->refused = c->used = 0;
}

static void
count(const struct tak_client *c)
{
    const struct door_tak *d = c->door;

    *d->m_events += c->events;
    *d->m_ignored += c->ignored;
    *d->m_repeats += c->repeats;
    *d->m_refused += c->refused;
}

/* What was noted as said in this turn has not been stored. */
static void
forget(struct tak_client *c)
{
    for (size_t i = 0; i < c->n_noted; i++)
        repeats_forget(c->door->repeats, &c->noted[i]);
    c->n_noted = 0;
}

static void
again_later(struct tak_client *c, const char *why)
{
    uint64_t suppressed;

    forget(c);
    c->credit += c->used;
    if (tak_may_log(&c->door->retry_limit, &suppressed))
        log_warn("what a TAK client sent is %s: %s source=%s from=%s bytes=%zu suppressed=%" PRIu64,
                 c->doomed ? "lost with its source" : "kept, and tried again",
                 why != NULL ? why : "it could not be stored", c->source, c->from, c->turn,
                 suppressed);
    tak_client_pause(c, STORE_RETRY_US);
    set_reading(c);
}

static void
on_done(void *arg, const struct receipt *receipts, size_t n, bool retry, const char *why)
{
    struct tak_client *c = arg;
    char quoted[400];

    c->waiting = false;
    if (retry) {
        again_later(c, why);
        return;
    }
    for (size_t i = 0; i < n; i++)
        c->refused += receipts[i].status == RC_REJECTED;
    count(c);
    (void)evbuffer_drain(bufferevent_get_input(c->bev), c->turn); /* it holds so many */
    if (c->unreadable) {
        why = n > 0 && receipts[0].reason != NULL ? receipts[0].reason : "unreadable";
        tak_client_end(c, log_quote(why, strlen(why), quoted, sizeof quoted));
    } else {
        tak_client_wake(c, 0);
    }
}

/* NULL: the store takes nothing now. */
static struct batch *
batch_of(struct tak_client *c)
{
    struct door_tak *d = c->door;

    if (c->batch == NULL && store_refuses(d->store, false) == NULL)
        c->batch = store_open_batch(d->store, c->source, "tak", format_name(FORMAT_COT), false,
                                    false, on_done, c);
    c->stuck = c->batch == NULL;
    if (!c->stuck) {
        c->used++;
        c->credit -= c->credit > 0;
    }
    return c->batch;
}

/* May the source send another record? Else the connection is paused until it may. */
static bool
has_credit(struct tak_client *c, const struct source_conf *s)
{
    uint32_t wait_ms;

    if (c->credit > 0)
        return true;
    if ((wait_ms = sources_rate(c->door->sources, s, 1, mono_now_us())) > 0) {
        tak_client_pause(c, (int64_t)wait_ms * 1000);
        return false;
    }
    c->credit = 1;
    return true;
}

/* ---- what an event reports */

static void
on_record(void *arg, struct record *r, const char *raw, size_t len)
{
    struct tak_client *c = arg;
    struct door_tak *d = c->door;
    char unique[80];
    struct id key = {{0}};

    /* What the source may not send is refused, and must not make another's position no news. */
    if (c->n_noted < TAK_TURN_EVENTS && source_may(c->speaker, r->type) &&
        repeats_is(d->repeats, c->source, r, mono_now_us(), d->config->collector.tak_repeat_us,
                   &key)) {
        c->repeats++;
        return;
    }
    if (!id_is_zero(&key))
        c->noted[c->n_noted++] = key;
    struct batch *b = batch_of(c);
    if (b == NULL)
        return;
    /* The connection says who speaks, whatever the event says. */
    if (r->type == REC_INCIDENT)
        r->u.incident.source = NULL;
    else if (r->type == REC_POSITION)
        r->u.position.source = c->source;
    int n = snprintf(unique, sizeof unique, "tak:%" PRIu64 ":%" PRIu64 ":%" PRIu64, d->start_us,
                     c->number, c->index);
    store_add(d->store, b, r, unique, (size_t)n, raw, len);
}

static void
on_refused(void *arg, const char *why, const char *raw, size_t len)
{
    struct tak_client *c = arg;
    struct batch *b = batch_of(c);

    if (b != NULL)
        store_refuse(c->door->store, b, why, raw, len);
}

static void
on_ignored(void *arg, const char *why, const char *raw, size_t len)
{
    struct tak_client *c = arg;
    char quoted[256];

    (void)raw;
    c->ignored++;
    log_debug("a TAK event is nothing to take in: %s source=%s bytes=%zu",
              log_quote(why, strlen(why), quoted, sizeof quoted), c->source, len);
}

/* ---- turns */

enum stop {
    GO_ON,
    NO_MORE,    /* no whole message is left */
    TALK,       /* the next message is no event */
    BUDGET,     /* enough for this turn */
    LATER,      /* paused: the rate of the source, or the store */
    UNREADABLE, /* why is in the err */
    END         /* of the connection */
};

static enum stop
take_event(struct tak_client *c, const struct tak_message *m)
{
    struct door_tak *d = c->door;
    const struct source_conf *s = tak_client_source(c);
    struct format_sink sink = {.record = on_record,
                               .refused = on_refused,
                               .ignored = on_ignored,
                               .arena = d->arena,
                               .arg = c};

    if (s == NULL)
        return END;
    if (c->events == TAK_TURN_EVENTS)
        return BUDGET;
    if (!has_credit(c, s))
        return LATER;
    c->speaker = s;
    struct format_options o = {.tak = d->config->collector.tak_assets.v,
                               .n_tak = d->config->collector.tak_assets.n,
                               .source = s,
                               .now_us = store_now(d->store)};
    format_tak(m, &o, &sink);
    if (c->stuck) {
        forget(c); /* of this event: there is no batch, so nothing before it was noted */
        tak_client_pause(c, STORE_RETRY_US);
        return LATER;
    }
    c->events++;
    c->index++;
    return GO_ON;
}

static enum stop
take_talk(struct tak_client *c, const struct tak_message *m)
{
    struct buf *out = &c->door->out;

    if (c->batch != NULL)
        return TALK;
    buf_reset(out);
    if (m->kind == TAK_AUTH)
        tak_client_authenticate(c, m);
    else if (m->kind == TAK_PING)
        tak_write_pong(out, m->uid, wall_now_us(), c->protobuf);
    else if (m->kind == TAK_REQUEST) {
        tak_write_response(out, NULL, wall_now_us(), m->version == 1);
        c->protobuf = c->protobuf || m->version == 1;
    }
    /* Who asks and never reads gets no more answers. */
    if (out->len > 0 && !out->failed && !c->gone &&
        evbuffer_get_length(bufferevent_get_output(c->bev)) < OUTPUT_BYTES)
        (void)bufferevent_write(c->bev, out->data, out->len);
    return c->doomed ? END : GO_ON;
}

/* Takes messages off s[0..n); *taken: bytes that are done with, or that the batch holds. */
static enum stop
take_messages(struct tak_client *c, const char *s, size_t n, size_t *taken, struct err *e)
{
    enum stop stop = GO_ON;

    while (stop == GO_ON) {
        struct tak_message m;
        size_t used = 0;

        arena_reset(c->door->talk);
        int rc = tak_next(s + *taken, n - *taken, c->protobuf, c->door->talk, &m, &used, e);
        if (rc < 0)
            return UNREADABLE;
        if (rc == 0) {
            *taken += used;
            return NO_MORE;
        }
        stop = m.kind == TAK_EVENT ? take_event(c, &m) : take_talk(c, &m);
        if (stop == GO_ON)
            *taken += used;
    }
    return stop;
}

/* Nobody can read on. What is there is kept for whoever wants to know what it was; a stranger's
 * bytes are not, they would push out others'. */
static void
refuse_rest(struct tak_client *c, const char *s, size_t n, const char *why)
{
    const struct config *conf = c->door->config;
    const struct source_conf *source;
    char quoted[400];
    struct batch *b;

    if (c->by == TAK_BY_NOBODY && conf->collector.tak_source == NULL) {
        (*c->door->m_refused)++;
        tak_client_end(c, log_quote(why, strlen(why), quoted, sizeof quoted));
        return;
    }
    if ((source = tak_client_source(c)) == NULL || !has_credit(c, source))
        return;
    if ((b = batch_of(c)) == NULL) {
        tak_client_pause(c, STORE_RETRY_US);
        return;
    }
    store_refuse(c->door->store, b, why, s, n);
    c->unreadable = true;
    c->turn = n;
}

/* True when a batch is under way after it. */
static bool
take_turn(struct tak_client *c)
{
    struct evbuffer *in = bufferevent_get_input(c->bev);
    size_t n = evbuffer_get_length(in);
    const char *s = n > 0 ? (const char *)evbuffer_pullup(in, -1) : "";
    struct err e = {.text = ""};
    enum stop stop;

    begin_turn(c);
    if (s == NULL) { /* memory is out */
        tak_client_pause(c, STORE_RETRY_US);
        return false;
    }
    stop = take_messages(c, s, n, &c->turn, &e);
    if (stop == UNREADABLE && c->turn == 0)
        refuse_rest(c, s, n, e.text);
    if (c->batch != NULL) {
        c->waiting = true;
        store_close_batch(c->door->store, c->batch);
        c->batch = NULL;
        return true;
    }
    count(c);
    (void)evbuffer_drain(in, c->turn);
    if (stop == BUDGET || (stop == UNREADABLE && c->turn > 0)) {
        tak_client_wake(c, 0);
    } else if (stop == NO_MORE) {
        n -= c->turn;
        c->look_at = n + n / 8 + 1;
        if (c->gone && n > 0)
            log_debug("a TAK connection ended within a message source=%s bytes=%zu", c->source, n);
        if (c->gone)
            c->doomed = true;
    }
    return false;
}

void
tak_client_step(struct tak_client *c)
{
    bool waits = !c->waiting && !c->paused && !c->doomed && c->open && take_turn(c);

    if (c->doomed && !c->waiting) {
        tak_client_free(c);
        return;
    }
    set_reading(c);
    if (waits)
        store_breathe_soon(c->door->store); /* may call on_done() */
}

bool
tak_client_drain(struct tak_client *c)
{
    size_t before = tak_client_unread(c);

    c->paused = false;
    set_reading(c);
    if (c->waiting || c->doomed || !c->open)
        return false;
    return take_turn(c) || tak_client_unread(c) < before;
}
