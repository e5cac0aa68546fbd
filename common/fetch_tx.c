/* fetch_tx: the consumer's end of fetch: one question at a time.
 *
 * The question is kept, packed afresh with each sending, until its answer came; the request
 * number tells the answer to the last sending from late ones. It is sent again, under a new
 * number, when the connection was lost and is back, and on a new connection when there is no
 * answer for its wait and the timeout (which doubles up to 5 s while nobody answers). Of a fetch
 * with several answers the question moves on with each. */
#include "fetch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_TIMEOUT_US INT64_C(2000000)
#define MAX_BACKOFF_US     INT64_C(5000000)
#define ANSWER_ARENA       ((size_t)64 << 20)
#define QUESTION_BYTES     ((size_t)256 << 10)

struct fetch_tx {
    struct fetch_tx_opts o;
    struct chan *chan;
    struct event *deadline;
    struct fetch question; /* its prefixes are ours */
    char *prefixes;
    uint64_t request;
    int64_t backoff_us;
    bool waiting, lost, freed;
    enum { STATE_UNKNOWN, STATE_UP, STATE_DOWN } state;
    unsigned busy; /* depth of callbacks */
    struct buf out;
    struct arena *arena;
};

static void
destroy(struct fetch_tx *t)
{
    chan_close(t->chan);
    if (t->deadline)
        event_free(t->deadline);
    free(t->prefixes);
    buf_fini(&t->out);
    arena_free(t->arena);
    free(t);
}

static void
leave(struct fetch_tx *t)
{
    if (--t->busy == 0 && t->freed)
        destroy(t);
}

static void
tell(struct fetch_tx *t, bool up, const char *why)
{
    if (t->state == (up ? STATE_UP : STATE_DOWN))
        return;
    t->state = up ? STATE_UP : STATE_DOWN;
    if (t->o.on_state)
        t->o.on_state(t->o.arg, up, why);
}

static void
send_question(struct fetch_tx *t)
{
    struct envelope env = {.type = ENV_FETCH, .u.fetch = t->question};
    int64_t us = t->backoff_us + (int64_t)t->question.wait_ms * 1000;
    struct timeval tv = {.tv_sec = us / 1000000, .tv_usec = us % 1000000};
    struct chan_frame frame;

    t->lost = false;
    env.u.fetch.request = ++t->request;
    buf_reset(&t->out);
    wire_envelope_pack(&env, &t->out);
    (void)evtimer_add(t->deadline, &tv); /* fails only out of memory */
    if (t->out.failed)
        return; /* as if it were lost on the way */
    frame = (struct chan_frame){t->out.data, t->out.len};
    (void)chan_send(t->chan, &frame, 1); /* what is refused is sent again after the timeout */
}

static void
on_deadline(evutil_socket_t fd, short what, void *arg)
{
    struct fetch_tx *t = arg;
    struct err e;
    int64_t most = t->o.timeout_us > MAX_BACKOFF_US ? t->o.timeout_us : MAX_BACKOFF_US;

    (void)fd;
    (void)what;
    t->busy++;
    t->backoff_us = t->backoff_us * 2 < most ? t->backoff_us * 2 : most;
    if (chan_reconnect(t->chan, &e) < 0)
        tell(t, false, e.text);
    else
        tell(t, false, "no answer; trying a new connection");
    if (!t->freed && t->waiting)
        send_question(t);
    leave(t);
}

static void
on_link(void *arg, struct chan *c, bool up)
{
    struct fetch_tx *t = arg;

    (void)c;
    t->busy++;
    if (!up) {
        t->lost = t->waiting;
        tell(t, false, "the connection was lost");
    } else if (t->lost) {
        send_question(t);
    }
    leave(t);
}

/* More answers follow: what is asked again after a loss begins behind this one. The deadline stays,
 * because the server ends the fetch within its wait. */
static void
goes_on(struct fetch_tx *t, uint64_t complete_to)
{
    t->question.from_seq = complete_to + 1;
    t->question.from_us = 0;
    t->question.from_head = false;
}

static void
on_message(void *arg, struct chan *c, const struct chan_frame *frames, size_t n)
{
    struct fetch_tx *t = arg;
    struct envelope env;
    struct err e;

    (void)c;
    if (t->freed || n != 1)
        return;
    t->busy++;
    arena_reset(t->arena);
    if (wire_envelope_unpack(frames[0].data, frames[0].len, t->arena, &env, &e) < 0) {
        tell(t, false, e.text);
    } else if (env.type == ENV_RECORDS && t->waiting && env.u.records.request == t->request) {
        t->waiting = env.u.records.more > 0;
        t->lost = false;
        t->backoff_us = t->o.timeout_us;
        if (t->waiting)
            goes_on(t, env.u.records.complete_to);
        else
            (void)evtimer_del(t->deadline); /* cannot fail for an event that exists */
        tell(t, true, "answered");
        if (!t->freed)
            t->o.on_records(t->o.arg, &env.u.records);
    } else if (env.type == ENV_REFUSAL) {
        tell(t, false, env.u.refusal.reason ? env.u.refusal.reason : "refused without a reason");
    }
    leave(t);
}

int
fetch_tx_new(struct chan_context *ctx, struct event_base *base, const struct fetch_tx_opts *o,
             struct fetch_tx **out, struct err *e)
{
    struct fetch_tx *t = calloc(1, sizeof(*t));
    struct chan_opts co = {.type = CHAN_DEALER,
                           .endpoint = o->endpoint,
                           .max_message = 2 * (size_t)MAX_MESSAGE,
                           .on_message = on_message,
                           .on_link = on_link,
                           .arg = t};

    if (!t)
        return err_set(e, "out of memory");
    t->o = *o;
    if (!t->o.timeout_us)
        t->o.timeout_us = DEFAULT_TIMEOUT_US;
    t->backoff_us = t->o.timeout_us;
    buf_init(&t->out, QUESTION_BYTES);
    t->arena = arena_new(ANSWER_ARENA);
    t->deadline = evtimer_new(base, on_deadline, t);
    if (!t->arena || !t->deadline) {
        err_set(e, "out of memory");
        goto fail;
    }
    if (chan_new(ctx, base, &co, &t->chan, e) < 0)
        goto fail;
    *out = t;
    return 0;
fail:
    destroy(t);
    return -1;
}

void
fetch_tx_free(struct fetch_tx *t)
{
    if (!t)
        return;
    t->freed = true;
    if (t->busy == 0)
        destroy(t);
}

int
fetch_tx_ask(struct fetch_tx *t, const struct fetch *f)
{
    struct fetch question = *f;
    char *prefixes = fetch_copy_prefixes(&question);

    if (question.n_prefixes > 0 && !prefixes)
        return -1;
    free(t->prefixes);
    t->prefixes = prefixes;
    t->question = question;
    t->waiting = true;
    send_question(t);
    return 0;
}

bool
fetch_tx_waiting(const struct fetch_tx *t)
{
    return t->waiting;
}
