/* server: the ROUTER side of submit and fetch. See the header.
 *
 * Whatever a peer sends is answered or dropped and counted; nothing here can fail because of it.
 * Refusals are limited per turn, so that a flood of garbage is not doubled on its way back. The
 * send queue of one peer is short: its answers are as large as a peer asks for, and a peer that
 * does not read loses them and asks again. */
#include "server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PEER_ANSWERS      128 /* unread ones of one peer */
#define REFUSALS_PER_TURN 8
#define ENVELOPE_ARENA    ((size_t)64 << 20)
#define REPLY_BYTES       ((size_t)MAX_MESSAGE)

struct server {
    struct chan *chan;
    struct server_ops ops;
    void *arg;
    struct arena *arena;
    struct buf out;
    unsigned refusals; /* in this turn */
    uint64_t refused;
};

static void
refuse(struct server *s, const struct peer *from, const struct chan_frame *f, const char *why)
{
    struct envelope env = {.type = ENV_REFUSAL,
                           .u.refusal = {.reason = why, .version = WIRE_VERSION}};

    s->refused++;
    if (s->ops.on_bad)
        s->ops.on_bad(s->arg, from, f ? f->data : NULL, f ? f->len : 0, why);
    if (s->refusals++ < REFUSALS_PER_TURN)
        (void)server_reply(s, from, &env); /* a peer that is gone needs no refusal */
}

static void
on_message(void *arg, struct chan *c, const struct chan_frame *frames, size_t n)
{
    struct server *s = arg;
    struct peer from;
    struct envelope env;
    struct err e;

    (void)c;
    /* Routing ids that the ROUTER draws have 5 bytes; a longer one than we keep is a stranger's. */
    if (n == 0 || frames[0].len > sizeof(from.id)) {
        s->refused++;
        return;
    }
    memcpy(from.id, frames[0].data, frames[0].len);
    from.len = (uint8_t)frames[0].len;
    if (n != 2) {
        refuse(s, &from, NULL, "a message is one frame with one Envelope");
        return;
    }
    arena_reset(s->arena);
    if (wire_envelope_unpack(frames[1].data, frames[1].len, s->arena, &env, &e) < 0)
        refuse(s, &from, &frames[1], e.text);
    else if (env.type == ENV_SUBMIT && s->ops.on_submit)
        s->ops.on_submit(s->arg, &from, &env.u.submit);
    else if (env.type == ENV_FETCH && s->ops.on_fetch)
        s->ops.on_fetch(s->arg, &from, &env.u.fetch);
    else
        refuse(s, &from, &frames[1], "this socket takes submit and fetch only");
}

static void
on_idle(void *arg, struct chan *c)
{
    struct server *s = arg;

    (void)c;
    s->refusals = 0;
    if (s->ops.on_idle)
        s->ops.on_idle(s->arg);
}

int
server_new(struct chan_context *ctx, struct event_base *base, const char *endpoint,
           const struct server_ops *ops, void *arg, struct server **out, struct err *e)
{
    struct server *s = calloc(1, sizeof(*s));
    struct chan_opts o = {.type = CHAN_ROUTER,
                          .bind = true,
                          .endpoint = endpoint,
                          .sndhwm = PEER_ANSWERS,
                          .max_message = MAX_MESSAGE,
                          .on_message = on_message,
                          .on_idle = on_idle,
                          .arg = s};

    if (!s)
        return err_set(e, "out of memory");
    s->ops = *ops;
    s->arg = arg;
    buf_init(&s->out, REPLY_BYTES);
    s->arena = arena_new(ENVELOPE_ARENA);
    if (!s->arena) {
        err_set(e, "out of memory");
        goto fail;
    }
    if (chan_new(ctx, base, &o, &s->chan, e) < 0)
        goto fail;
    *out = s;
    return 0;
fail:
    server_free(s);
    return -1;
}

void
server_free(struct server *s)
{
    if (!s)
        return;
    chan_close(s->chan);
    arena_free(s->arena);
    buf_fini(&s->out);
    free(s);
}

int
server_reply(struct server *s, const struct peer *to, const struct envelope *env)
{
    struct chan_frame frames[2];

    buf_reset(&s->out);
    wire_envelope_pack(env, &s->out);
    if (s->out.failed) {
        errno = EMSGSIZE;
        return -1;
    }
    frames[0] = (struct chan_frame){to->id, to->len};
    frames[1] = (struct chan_frame){s->out.data, s->out.len};
    return chan_send(s->chan, frames, 2);
}

void
server_pause(struct server *s, bool pause)
{
    chan_pause(s->chan, pause);
}

void
server_take(struct server *s)
{
    chan_take(s->chan);
}

bool
server_backlog(const struct server *s)
{
    return chan_backlog(s->chan);
}

uint64_t
server_refused(const struct server *s)
{
    return s->refused;
}
