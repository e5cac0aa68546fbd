/* submit_tx: the sender's end of submit. See the header.
 *
 *   add -> [gathering] -seal-> [sealed] -send-> [sent, at most `window`] -answer-> on_receipt
 *
 * One list holds all batches in order: first the sent, then the sealed, last the gathering one.
 *
 * Invariants:
 *  - Only the oldest sent batch can be answered. An answer for a later one means that the answer
 *    before it was lost; it is ignored, the batch is sent again and answered as a duplicate. So
 *    receipts come out in order and once, with nothing to remember.
 *  - A batch keeps its number and its bytes until answered, so that sending it again is the same
 *    message; only a new session gives new numbers, and then to the whole window.
 *  - `attempt` tells the answers to this sending of the window from those to an earlier one:
 *    "resend" and "retry" of an earlier one are stale, receipts never are.
 *
 * Sending the window again:
 *   | when                                         | how                                |
 *   | no answer for the timeout (doubling to 5 s)  | new connection, at once            |
 *   | the connection was lost and is back          | at once                            |
 *   | resend_from n, n in the window               | at once                            |
 *   | resend_from n, n not in the window           | under a new session, at once       |
 *   | retry                                        | after the delay that the peer asks |
 *   | a fourth resend_from without progress        | after a second: the peer is odd    |
 * Far: instead of the first two lines,
 *   | no answer for the timeout (doubling, 8 times) | new connection, when it is there  |
 *   | a connection came                            | at once                            |
 */
#include "submit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pack.h"
#include "submit_batch.h"

#define DEFAULT_WINDOW        16
#define MAX_WINDOW            512 /* below SNDHWM: a full socket looks like a lost connection */
#define DEFAULT_BATCH_RECORDS 256
#define DEFAULT_BATCH_BYTES   ((size_t)512 << 10)
#define DEFAULT_TIMEOUT_US    INT64_C(2000000)
#define DEFAULT_QUEUE_RECORDS ((size_t)65536)
#define MAX_BACKOFF_US        INT64_C(5000000)
#define FAR_BACKOFF           8 /* times the timeout */
#define RETRY_MS              1000
#define MAX_RETRY_MS          60000
#define MAX_ROUNDS            3
/* With this many unanswered, a batch that is not full waits for an answer: under load a message
 * costs more than what is in it, and the answer to the oldest is never far. */
#define EAGER_BATCHES 4
#define QUEUE_BYTES   ((size_t)64 << 20)
/* Half of what the receiver takes: the other half is room for headers and one odd record. */
#define MAX_BATCH_BYTES ((size_t)MAX_MESSAGE / 2)
#define ANSWER_ARENA    ((size_t)16 << 20)

struct submit_tx {
    struct submit_tx_opts o;
    char *endpoint, *source, *token;
    struct chan *chan;
    struct event *linger, *deadline, *hold, *beat;
    struct packer *packer; /* far; else NULL */
    uint64_t bytes;
    struct id session;
    uint64_t next_number;
    uint32_t attempt;
    struct batch *first, **tail;
    struct batch *unsent;    /* the first that was not sent; NULL = none */
    struct batch *gathering; /* the last one, while it takes records */
    struct batch *spare;     /* emptied ones */
    size_t n_sent, n_spare;
    size_t pending, pending_bytes;
    int64_t backoff_us;
    unsigned rounds; /* resend_from answers since the last progress */
    bool flush;      /* send the gathering batch as soon as the window has room */
    bool lost;       /* the window went to a connection that is gone */
    bool held;       /* waiting to send the window again */
    bool paused;
    bool was_full, freed;
    enum { STATE_UNKNOWN, STATE_UP, STATE_DOWN } state;
    char retry_why[200]; /* why the peer last said retry, since it took something */
    unsigned busy;       /* depth of callbacks */
    struct blob *blobs;
    struct buf out;
    struct arena *arena;
};

static void
arm(struct event *ev, int64_t us)
{
    struct timeval tv = {.tv_sec = us / 1000000, .tv_usec = us % 1000000};

    (void)evtimer_add(ev, &tv); /* fails only out of memory; the next answer arms it again */
}

/* ---- batches */

static struct batch *
batch_take(struct submit_tx *t)
{
    struct batch *b = t->spare;

    if (!b)
        return batch_new(2 * MAX_BATCH_BYTES);
    t->spare = b->next;
    t->n_spare--;
    b->next = NULL;
    return b;
}

static void
batch_give_back(struct submit_tx *t, struct batch *b)
{
    if (t->n_spare >= t->o.window || t->freed) {
        batch_free(b);
        return;
    }
    batch_empty(b);
    b->next = t->spare;
    t->spare = b;
    t->n_spare++;
}

/* ---- callbacks: the user may free us in any of them */

static void
destroy(struct submit_tx *t)
{
    struct batch *b;

    chan_close(t->chan);
    if (t->linger)
        event_free(t->linger);
    if (t->deadline)
        event_free(t->deadline);
    if (t->hold)
        event_free(t->hold);
    if (t->beat)
        event_free(t->beat);
    packer_free(t->packer);
    while ((b = t->first)) {
        t->first = b->next;
        batch_free(b);
    }
    while ((b = t->spare)) {
        t->spare = b->next;
        batch_free(b);
    }
    free(t->blobs);
    buf_fini(&t->out);
    arena_free(t->arena);
    free(t->endpoint);
    free(t->source);
    free(t->token);
    free(t);
}

static void
leave(struct submit_tx *t)
{
    if (--t->busy == 0 && t->freed)
        destroy(t);
}

static void
tell_up(struct submit_tx *t)
{
    if (t->state == STATE_UP)
        return;
    t->state = STATE_UP;
    t->retry_why[0] = '\0';
    if (t->o.on_state)
        t->o.on_state(t->o.arg, true, "answered");
}

static void
tell_down(struct submit_tx *t, const char *why)
{
    if (t->state == STATE_DOWN)
        return;
    t->state = STATE_DOWN;
    if (t->o.on_state)
        t->o.on_state(t->o.arg, false, why);
}

/* Told although the state is known: it says what somebody has to do. Each reason once. */
static void
tell_retry(struct submit_tx *t, const char *why)
{
    if (strncmp(t->retry_why, why, sizeof(t->retry_why) - 1) == 0)
        return;
    (void)snprintf(t->retry_why, sizeof(t->retry_why), "%s", why);
    t->state = STATE_UNKNOWN;
    tell_down(t, why);
}

/* ---- sending */

static void
send_submit(struct submit_tx *t, struct submit *s)
{
    struct envelope env = {.type = ENV_SUBMIT};
    struct chan_frame frame;

    s->session = t->session;
    s->attempt = t->attempt;
    s->source = t->source;
    s->token = t->token;
    s->replay = t->o.replay;
    env.u.submit = *s;
    buf_reset(&t->out);
    wire_envelope_pack(&env, &t->out);
    if (t->out.failed)
        return; /* out of memory: as if it were lost on the way */
    frame = (struct chan_frame){t->out.data, t->out.len};
    (void)chan_send(t->chan, &frame, 1); /* what is refused is sent again after the timeout */
    t->bytes += t->out.len;
}

static void
send_batch(struct submit_tx *t, struct batch *b)
{
    struct submit s = {.batch = b->number};

    batch_blobs(b, t->blobs);
    if (t->packer) {
        if (b->frame.len == 0 &&
            packer_pack(t->packer, t->blobs, b->n, &b->frame, &b->unpacked) < 0)
            return; /* likewise */
        s.packed = (struct blob){b->frame.data, b->frame.len};
        s.n_packed = (uint32_t)b->n;
        s.packed_size = (uint32_t)b->unpacked;
    } else {
        s.records = t->blobs;
        s.n_records = b->n;
    }
    send_submit(t, &s);
}

/* Only while nothing else is unanswered: that would be word enough. */
static void
send_heartbeat(struct submit_tx *t)
{
    struct link_report report = {.backlog = t->pending};
    struct submit s = {.link = &report};

    if (t->o.on_heartbeat)
        t->o.on_heartbeat(t->o.arg, &report);
    send_submit(t, &s);
    if (!evtimer_pending(t->deadline, NULL))
        arm(t->deadline, t->backoff_us);
}

static void
on_beat(evutil_socket_t fd, short what, void *arg)
{
    struct submit_tx *t = arg;

    (void)fd;
    (void)what;
    arm(t->beat, t->o.heartbeat_us);
    if (chan_linked(t->chan) && (t->n_sent == 0 || t->lost))
        send_heartbeat(t);
}

static void
seal(struct submit_tx *t)
{
    t->gathering = NULL;
    t->flush = false;
    (void)evtimer_del(t->linger); /* cannot fail for an event that exists */
}

static void
pump(struct submit_tx *t)
{
    bool any = false;

    if (t->lost || t->held || t->freed || t->paused || (t->o.far && !chan_linked(t->chan)))
        return;
    while (t->n_sent < t->o.window && t->unsent) {
        struct batch *b = t->unsent;

        if (b == t->gathering) {
            if (!t->flush || t->n_sent >= EAGER_BATCHES)
                break;
            seal(t);
        }
        b->number = t->next_number++;
        t->unsent = b->next;
        t->n_sent++;
        send_batch(t, b);
        any = true;
    }
    if (any && !evtimer_pending(t->deadline, NULL))
        arm(t->deadline, t->backoff_us);
}

static void
send_window(struct submit_tx *t)
{
    size_t i = 0;

    t->held = false;
    (void)evtimer_del(t->hold);
    if (t->paused || (t->o.far && !chan_linked(t->chan))) {
        t->lost = true;
        return;
    }
    t->lost = false;
    if (t->n_sent > 0) {
        t->attempt++;
        for (struct batch *b = t->first; i < t->n_sent; b = b->next, i++)
            send_batch(t, b);
        arm(t->deadline, t->backoff_us);
    }
    pump(t);
}

static void
send_window_later(struct submit_tx *t, int64_t delay_us)
{
    t->held = true;
    (void)evtimer_del(t->deadline);
    arm(t->hold, delay_us);
}

static void
new_session(struct submit_tx *t)
{
    size_t i = 0;

    id_random(&t->session);
    t->next_number = 1;
    for (struct batch *b = t->first; i < t->n_sent; b = b->next, i++)
        b->number = t->next_number++;
}

static void
on_linger(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    submit_tx_flush(arg);
}

static void
on_hold(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    send_window(arg);
}

static void
on_deadline(evutil_socket_t fd, short what, void *arg)
{
    struct submit_tx *t = arg;
    struct err e;
    int64_t most = t->o.far ? FAR_BACKOFF * t->o.timeout_us : MAX_BACKOFF_US;

    (void)fd;
    (void)what;
    if (most < t->o.timeout_us)
        most = t->o.timeout_us;
    t->busy++;
    if (t->o.far && !chan_linked(t->chan)) {
        tell_down(t, "no connection; trying on");
        leave(t);
        return;
    }
    t->backoff_us = t->backoff_us * 2 < most ? t->backoff_us * 2 : most;
    if (chan_reconnect(t->chan, &e) < 0) {
        tell_down(t, e.text);
        arm(t->deadline, t->backoff_us);
    } else {
        tell_down(t, "no answer; trying a new connection");
        if (!t->freed)
            send_window(t);
    }
    leave(t);
}

static void
on_link(void *arg, struct chan *c, bool up)
{
    struct submit_tx *t = arg;

    (void)c;
    t->busy++;
    if (!up) {
        t->lost = t->n_sent > 0;
        if (t->o.far)
            (void)evtimer_del(t->deadline);
        tell_down(t, "the connection was lost");
    } else if (t->o.far) {
        if (!t->held)
            send_window(t);
        if (t->o.heartbeat_us > 0 && (t->n_sent == 0 || t->lost))
            send_heartbeat(t);
    } else if (t->lost) {
        t->lost = false;
        /* While held, the window goes out again at the end of the delay. */
        if (!t->held)
            send_window(t);
    }
    leave(t);
}

/* ---- answers */

static void
on_resend(struct submit_tx *t, const struct receipts *r)
{
    uint64_t oldest;

    if (r->attempt != t->attempt || t->held || t->n_sent == 0)
        return;
    oldest = t->first->number;
    if (r->resend_from < oldest || r->resend_from >= oldest + t->n_sent)
        new_session(t); /* the receiver lost the session, or counts another one */
    if (++t->rounds > MAX_ROUNDS)
        send_window_later(t, (int64_t)RETRY_MS * 1000);
    else
        send_window(t);
}

/* True when every record was judged; else how long to wait before sending again. */
static bool
judged(const struct receipts *r, size_t n, uint32_t *delay_ms)
{
    bool all = r->n_receipts + r->taken == n;

    *delay_ms = 0;
    for (size_t i = 0; i < r->n_receipts; i++) {
        const struct receipt *one = &r->receipts[i];

        if (r->taken > 0 && (one->index >= n || (i > 0 && one->index <= one[-1].index)))
            all = false;
        if (one->status == RC_STORED || one->status == RC_DUPLICATE || one->status == RC_REJECTED)
            continue;
        all = false;
        if (one->retry_after_ms > *delay_ms)
            *delay_ms = one->retry_after_ms;
    }
    if (*delay_ms == 0)
        *delay_ms = RETRY_MS;
    if (*delay_ms > MAX_RETRY_MS)
        *delay_ms = MAX_RETRY_MS;
    return all;
}

static void
hand_out(struct submit_tx *t, struct batch *b, const struct receipts *r)
{
    static const struct receipt taken = {.status = RC_STORED};
    size_t next = 0; /* of the receipts that a packed batch's answer lists */

    for (size_t i = 0; i < b->n && !t->freed; i++) {
        const struct receipt *one = &taken;
        if (r->taken == 0 || (next < r->n_receipts && r->receipts[next].index == i))
            one = &r->receipts[next++];
        t->pending--;
        t->pending_bytes -= b->recs[i].len;
        t->o.on_receipt(t->o.arg, b->recs[i].cookie, one);
    }
    batch_give_back(t, b);
}

static void
on_receipts(struct submit_tx *t, const struct receipts *r)
{
    struct batch *b = t->first;
    uint32_t delay_ms;

    if (id_cmp(&r->session, &t->session) != 0)
        return;
    if (t->o.far && r->n_receipts == 1 && r->receipts->status == RC_RETRY)
        tell_retry(t, r->reason ? r->reason : "not now");
    else
        tell_up(t);
    if (!t->freed && t->o.on_journal && !id_is_zero(&r->journal))
        t->o.on_journal(t->o.arg, &r->journal);
    if (t->freed)
        return;
    if (r->batch == 0) { /* to a heartbeat */
        if (t->n_sent == 0 || t->lost) {
            t->backoff_us = t->o.timeout_us;
            (void)evtimer_del(t->deadline);
        }
        return;
    }
    if (r->resend_from) {
        on_resend(t, r);
        return;
    }
    if (t->n_sent == 0 || r->batch != b->number)
        return;
    if (!judged(r, b->n, &delay_ms)) {
        if (r->attempt == t->attempt && !t->held)
            send_window_later(t, (int64_t)delay_ms * 1000);
        return;
    }

    t->first = b->next;
    if (!t->first)
        t->tail = &t->first;
    t->n_sent--;
    t->rounds = 0;
    t->backoff_us = t->o.timeout_us;
    (void)evtimer_del(t->deadline);
    /* While held the deadline rests: the hold sends what is left. */
    if (t->n_sent > 0 && !t->held)
        arm(t->deadline, t->backoff_us);
    hand_out(t, b, r);
    if (t->freed)
        return;
    pump(t);
    if (t->was_full && t->pending < t->o.queue_records && t->pending_bytes < QUEUE_BYTES) {
        t->was_full = false;
        if (t->o.on_room)
            t->o.on_room(t->o.arg);
    }
    if (!t->freed && t->pending == 0 && t->o.on_drained)
        t->o.on_drained(t->o.arg);
}

static void
on_message(void *arg, struct chan *c, const struct chan_frame *frames, size_t n)
{
    struct submit_tx *t = arg;
    struct envelope env;
    struct err e;

    (void)c;
    /* Not an answer: the timeout deals with a peer that never sends one. */
    if (t->freed || n != 1)
        return;
    t->busy++;
    t->bytes += frames[0].len;
    arena_reset(t->arena);
    if (wire_envelope_unpack(frames[0].data, frames[0].len, t->arena, &env, &e) < 0)
        tell_down(t, e.text);
    else if (env.type == ENV_RECEIPTS)
        on_receipts(t, &env.u.receipts);
    else if (env.type == ENV_REFUSAL)
        tell_down(t, env.u.refusal.reason ? env.u.refusal.reason : "refused without a reason");
    leave(t);
}

/* ---- the surface */

static char *
copy(const char *s, bool *failed)
{
    char *d = s ? strdup(s) : NULL;

    if (s && !d)
        *failed = true;
    return d;
}

int
submit_tx_new(struct chan_context *ctx, struct event_base *base, const struct submit_tx_opts *o,
              struct submit_tx **out, struct err *e)
{
    struct submit_tx *t = calloc(1, sizeof(*t));
    struct chan_opts co = {.type = CHAN_DEALER,
                           .endpoint = o->endpoint,
                           .max_message = MAX_MESSAGE,
                           .on_message = on_message,
                           .on_link = on_link,
                           .arg = t};
    bool failed = false;

    if (!t)
        return err_set(e, "out of memory");
    t->o = *o;
    if (!t->o.window)
        t->o.window = DEFAULT_WINDOW;
    if (t->o.window > MAX_WINDOW)
        t->o.window = MAX_WINDOW;
    if (!t->o.batch_records)
        t->o.batch_records = DEFAULT_BATCH_RECORDS;
    if (t->o.batch_records > MAX_BATCH)
        t->o.batch_records = MAX_BATCH;
    if (!t->o.batch_bytes)
        t->o.batch_bytes = DEFAULT_BATCH_BYTES;
    if (t->o.batch_bytes > MAX_BATCH_BYTES)
        t->o.batch_bytes = MAX_BATCH_BYTES;
    if (!t->o.timeout_us)
        t->o.timeout_us = DEFAULT_TIMEOUT_US;
    if (!t->o.queue_records)
        t->o.queue_records = DEFAULT_QUEUE_RECORDS;
    t->backoff_us = t->o.timeout_us;
    t->next_number = 1;
    t->attempt = 1;
    t->tail = &t->first;
    if (o->session)
        t->session = *o->session;
    else
        id_random(&t->session);
    t->endpoint = copy(o->endpoint, &failed);
    t->source = copy(o->source, &failed);
    t->token = copy(o->token, &failed);
    buf_init(&t->out, MAX_MESSAGE);
    t->arena = arena_new(ANSWER_ARENA);
    t->blobs = calloc(t->o.batch_records, sizeof(*t->blobs));
    t->linger = evtimer_new(base, on_linger, t);
    t->deadline = evtimer_new(base, on_deadline, t);
    t->hold = evtimer_new(base, on_hold, t);
    t->beat = evtimer_new(base, on_beat, t);
    if (o->far && !(t->packer = packer_new()))
        failed = true;
    if (failed || !t->arena || !t->blobs || !t->linger || !t->deadline || !t->hold || !t->beat) {
        err_set(e, "out of memory");
        goto fail;
    }
    /* A window that waits for the connection fits into the channel's queue. */
    co.queue_bytes = (t->o.window + 1) * (t->o.batch_bytes + MAX_BATCH * 8);
    co.far = o->far;
    if (chan_new(ctx, base, &co, &t->chan, e) < 0)
        goto fail;
    if (o->far)
        arm(t->deadline, t->backoff_us);
    if (o->far && o->heartbeat_us > 0)
        arm(t->beat, o->heartbeat_us);
    *out = t;
    return 0;
fail:
    destroy(t);
    return -1;
}

void
submit_tx_free(struct submit_tx *t)
{
    if (!t)
        return;
    t->freed = true;
    if (t->busy == 0)
        destroy(t);
}

int
submit_tx_add(struct submit_tx *t, const void *record, size_t len, uint64_t cookie)
{
    struct batch *b;

    if (len > MAX_BATCH_BYTES) {
        errno = EMSGSIZE;
        return -1;
    }
    if (t->pending >= t->o.queue_records || t->pending_bytes + len > QUEUE_BYTES)
        goto full;
    b = t->gathering;
    if (b && b->n > 0 && b->data.len + len > t->o.batch_bytes) {
        seal(t);
        b = NULL;
    }
    if (!b) {
        b = batch_take(t);
        if (!b)
            goto full;
    }
    if (batch_put(b, record, len, cookie) < 0) {
        if (b != t->gathering)
            batch_give_back(t, b);
        goto full;
    }
    if (b != t->gathering) {
        *t->tail = b;
        t->tail = &b->next;
        t->gathering = b;
        if (!t->unsent)
            t->unsent = b;
        arm(t->linger, t->o.linger_us);
    }
    t->pending++;
    t->pending_bytes += len;
    if (b->n >= t->o.batch_records || b->data.len >= t->o.batch_bytes)
        seal(t);
    /* Also when this one is not full: an earlier one may just have been sealed. */
    pump(t);
    return 0;
full:
    t->was_full = true;
    errno = EAGAIN;
    return -1;
}

size_t
submit_tx_pending(const struct submit_tx *t)
{
    return t->pending;
}

void
submit_tx_flush(struct submit_tx *t)
{
    if (!t->gathering)
        return;
    t->flush = true;
    pump(t);
}

void
submit_tx_pause(struct submit_tx *t, bool pause)
{
    if (t->paused == pause)
        return;
    t->paused = pause;
    if (pause || t->held || t->freed)
        return;
    if (t->lost && chan_linked(t->chan))
        send_window(t);
    else
        pump(t);
}

bool
submit_tx_up(const struct submit_tx *t)
{
    return t->state == STATE_UP && chan_linked(t->chan);
}

uint64_t
submit_tx_bytes(const struct submit_tx *t)
{
    return t->bytes;
}
