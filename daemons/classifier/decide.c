/* decide: see decide.h. Events are kept packed, in order; the message is built from them when it
 * is sent, and kept as bytes until it is answered. */
#include "decide.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "buf.h"
#include "timefmt.h"

#define TIMEOUT_US     (2 * SECOND_US)
#define MESSAGE_BYTES  ((size_t)4 << 20) /* of events in one decision */
#define MESSAGE_EVENTS 2048

struct kept {
    uint64_t seq;
    size_t at, event_len, deriv_len; /* in d->bytes */
};

struct decide {
    struct event_base *base;
    struct chan *chan;
    struct decide_ops ops;
    struct event *timeout, *later;
    struct kept *kept;
    size_t first, n, cap; /* kept[first .. n) */
    struct buf bytes;
    struct buf message;
    struct arena *arena, *answer_arena;
    struct id session;
    uint32_t attempt;
    uint64_t batch;
    bool on_the_way, silent;
};

static void
ship(struct decide *d)
{
    struct timeval tv = {.tv_sec = TIMEOUT_US / SECOND_US};
    struct chan_frame f = {d->message.data, d->message.len};

    (void)chan_send(d->chan, &f, 1); /* not taken: the timeout asks again */
    (void)event_add(d->timeout, &tv);
}

static void
on_timeout(evutil_socket_t fd, short what, void *arg)
{
    struct decide *d = arg;
    struct err e;

    (void)fd;
    (void)what;
    if (!d->silent) {
        d->silent = true;
        d->ops.on_state(d->ops.arg, false);
    }
    (void)chan_reconnect(d->chan, &e);
    ship(d);
}

static void
on_later(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    ship(arg);
}

void
decide_again(struct decide *d, uint32_t after_ms)
{
    struct timeval tv = {.tv_sec = after_ms / 1000, .tv_usec = (after_ms % 1000) * 1000};

    d->on_the_way = true;
    (void)event_add(d->later, &tv);
}

static void
on_message(void *arg, struct chan *c, const struct chan_frame *frames, size_t n)
{
    struct decide *d = arg;
    struct envelope env;
    struct err e;

    (void)c;
    arena_reset(d->answer_arena);
    if (n != 1 ||
        wire_envelope_unpack(frames[0].data, frames[0].len, d->answer_arena, &env, &e) < 0)
        return;
    /* An answer to an earlier decision is old news. */
    if (env.type != ENV_RECEIPTS || env.u.receipts.batch != d->batch || !d->on_the_way)
        return;
    (void)event_del(d->timeout);
    d->on_the_way = false;
    if (d->silent) {
        d->silent = false;
        d->ops.on_state(d->ops.arg, true);
    }
    d->ops.on_answer(d->ops.arg, &env.u.receipts);
}

/* A notifier that is back has lost what was on the way. */
static void
on_link(void *arg, struct chan *c, bool up)
{
    struct decide *d = arg;

    (void)c;
    if (up && d->on_the_way && !evtimer_pending(d->later, NULL))
        ship(d);
}

int
decide_new(struct chan_context *ctx, struct event_base *base, const char *endpoint,
           const struct decide_ops *ops, struct decide **out, struct err *e)
{
    struct decide *d = calloc(1, sizeof *d);
    struct chan_opts o = {.type = CHAN_DEALER,
                          .endpoint = endpoint,
                          .max_message = MAX_MESSAGE,
                          .queue_bytes = 2 * (size_t)MAX_MESSAGE,
                          .on_message = on_message,
                          .on_link = on_link};

    if (d == NULL)
        return err_set(e, "out of memory");
    d->base = base;
    d->ops = *ops;
    o.arg = d;
    buf_init(&d->bytes, 0);
    buf_init(&d->message, MAX_MESSAGE);
    id_random(&d->session);
    d->arena = arena_new((size_t)128 << 20);
    d->answer_arena = arena_new(0);
    d->timeout = evtimer_new(base, on_timeout, d);
    d->later = evtimer_new(base, on_later, d);
    if (d->arena == NULL || d->answer_arena == NULL || d->timeout == NULL || d->later == NULL) {
        decide_free(d);
        return err_set(e, "out of memory");
    }
    if (chan_new(ctx, base, &o, &d->chan, e) < 0) {
        decide_free(d);
        return -1;
    }
    *out = d;
    return 0;
}

void
decide_free(struct decide *d)
{
    if (d == NULL)
        return;
    chan_close(d->chan);
    if (d->timeout != NULL)
        event_free(d->timeout);
    if (d->later != NULL)
        event_free(d->later);
    arena_free(d->arena);
    arena_free(d->answer_arena);
    buf_fini(&d->bytes);
    buf_fini(&d->message);
    free(d->kept);
    free(d);
}

int
decide_add(struct decide *d, uint64_t seq, const struct alert_event *ev,
           const struct derivation *deriv)
{
    struct record r = {.type = REC_EVENT, .u.event = ev};
    struct kept k = {.seq = seq, .at = d->bytes.len};

    if (d->n == d->cap) {
        size_t cap = d->cap == 0 ? 256 : d->cap * 2;
        struct kept *more = realloc(d->kept, cap * sizeof *more);
        if (more == NULL)
            return -1;
        d->kept = more;
        d->cap = cap;
    }
    wire_record_pack(&r, false, &d->bytes);
    k.event_len = d->bytes.len - k.at;
    if (deriv != NULL) {
        r = (struct record){.type = REC_DERIVATION, .u.derivation = deriv};
        wire_record_pack(&r, false, &d->bytes);
        k.deriv_len = d->bytes.len - k.at - k.event_len;
    }
    if (d->bytes.failed)
        return -1;
    d->kept[d->n++] = k;
    return 0;
}

size_t
decide_pending(const struct decide *d)
{
    return d->n - d->first;
}

void
decide_clear(struct decide *d)
{
    d->first = d->n = 0;
    buf_reset(&d->bytes);
}

void
decide_stored(struct decide *d, uint64_t seq)
{
    while (d->first < d->n && d->kept[d->first].seq <= seq)
        d->first++;
    if (d->first == d->n) {
        decide_clear(d);
        return;
    }
    /* Half of it is spent: close the gap, so that memory follows what is pending. */
    if (d->first * 2 > d->n) {
        size_t gap = d->kept[d->first].at;
        memmove(d->bytes.data, d->bytes.data + gap, d->bytes.len - gap);
        d->bytes.len -= gap;
        memmove(d->kept, d->kept + d->first, (d->n - d->first) * sizeof *d->kept);
        d->n -= d->first;
        d->first = 0;
        for (size_t i = 0; i < d->n; i++)
            d->kept[i].at -= gap;
    }
}

bool
decide_on_the_way(const struct decide *d)
{
    return d->on_the_way;
}

/* How many of the kept events go into one decision: whole records, so that a position never
 * stands in the middle of one. */
static size_t
fitting(const struct decide *d, uint64_t to)
{
    size_t bytes = 0, n = 0, whole = 0;

    for (size_t i = d->first; i < d->n && d->kept[i].seq <= to; i++) {
        bytes += d->kept[i].event_len + d->kept[i].deriv_len;
        if (n > 0 && d->kept[i].seq != d->kept[i - 1].seq)
            whole = n;
        if (whole > 0 && (bytes > MESSAGE_BYTES || n >= MESSAGE_EVENTS))
            return whole;
        n++;
    }
    return n;
}

int
decide_send(struct decide *d, struct decision *head,
            bool (*digest_at)(void *arg, uint64_t seq, uint8_t *digest), void *arg)
{
    struct envelope env = {.type = ENV_SUBMIT};
    size_t n, derivs = 0;

    if (d->on_the_way)
        return 0;
    arena_reset(d->arena);
    n = fitting(d, head->to.seq);
    const struct alert_event **ev = arena_alloc(d->arena, (n + 1) * sizeof *ev);
    const struct derivation **dv = arena_alloc(d->arena, (n + 1) * sizeof *dv);
    if (ev == NULL || dv == NULL)
        return -1;
    for (size_t i = 0; i < n; i++) {
        const struct kept *k = &d->kept[d->first + i];
        struct record r;
        if (wire_record_unpack(d->bytes.data + k->at, k->event_len, d->arena, &r, NULL) < 0)
            return -1;
        ev[i] = r.u.event;
        if (k->deriv_len == 0)
            continue;
        if (wire_record_unpack(d->bytes.data + k->at + k->event_len, k->deriv_len, d->arena, &r,
                               NULL) < 0)
            return -1;
        dv[derivs++] = r.u.derivation;
    }
    if (n < decide_pending(d) && d->kept[d->first + n].seq <= head->to.seq) {
        head->to.seq = d->kept[d->first + n - 1].seq;
        if (!digest_at(arg, head->to.seq, head->to.digest))
            return -1;
    }
    head->events = ev;
    head->n_events = n;
    head->derivations = dv;
    head->n_derivations = derivs;
    env.u.submit.session = d->session;
    env.u.submit.batch = ++d->batch;
    env.u.submit.decision = head;
    buf_reset(&d->message);
    wire_envelope_pack(&env, &d->message);
    if (d->message.failed)
        return -1;
    d->on_the_way = true;
    ship(d);
    return 0;
}
