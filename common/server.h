/* server: the ROUTER side of submit and fetch, for a daemon that owns a log.
 *
 * Receives envelopes, lets them through wire, and calls the daemon by type. Malformed or
 * foreign envelopes are counted and answered with a Refusal (rate-limited per turn), never
 * fatal. Replies are sent when the daemon says so: server_reply() may come long after the
 * message, as after a flush; a peer that is gone costs nothing. */
#ifndef TOCSIN_SERVER_H
#define TOCSIN_SERVER_H

#include <event2/event.h>

#include "chan.h"
#include "wire.h"

struct server;

/* Who to answer: a copy of the routing id. */
struct peer {
    uint8_t id[32];
    uint8_t len;
};

struct server_ops {
    /* The envelope lives in the server's arena, valid during the call. */
    void (*on_submit)(void *arg, const struct peer *from, const struct submit *s);
    void (*on_fetch)(void *arg, const struct peer *from, const struct fetch *f);
    void (*on_bad)(void *arg, const struct peer *from, const void *data, size_t len,
                   const char *why); /* may be NULL */
    /* After every turn in which something was received: time to commit. */
    void (*on_idle)(void *arg);
};

int server_new(struct chan_context *ctx, struct event_base *base, const char *endpoint,
               const struct server_ops *ops, void *arg, struct server **out, struct err *e);
void server_free(struct server *s); /* accepts NULL; not from within its callbacks */
/* Packs and sends. -1 when the peer is gone or its queue is full: drop, the peer asks again. */
int server_reply(struct server *s, const struct peer *to, const struct envelope *env);
void server_pause(struct server *s, bool pause);
/* Takes what waits now, also while paused; on_idle follows. Not from within its callbacks. */
void server_take(struct server *s);
/* In on_idle, or after server_take(): more may be waiting. */
bool server_backlog(const struct server *s);
uint64_t server_refused(const struct server *s);

#endif
