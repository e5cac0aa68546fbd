/* chan: one ZeroMQ socket on the event loop; the only file that includes zmq.h.
 *
 * ZMQ_FD is an edge-triggered doorbell: it only becomes readable, for both directions, and
 * any zmq call may silence it. So: watch it with EV_READ|EV_PERSIST only; in the callback ask
 * ZMQ_EVENTS; handle at most a budget of messages, then kick (a zero timer, never
 * event_active on oneself); kick after every send, every change of interest and at creation;
 * want POLLOUT only while something is queued.
 *
 * chan_send() never blocks: what the socket does not take is queued here up to queue_bytes;
 * beyond that it is refused (EAGAIN) and the caller decides. A chan may be closed inside its
 * own callback: it is freed when the callback has returned. */
#ifndef TOCSIN_CHAN_H
#define TOCSIN_CHAN_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

enum chan_type { CHAN_DEALER, CHAN_ROUTER, CHAN_XPUB, CHAN_SUB };

#define CHAN_MAX_FRAMES 4

struct chan_frame {
    const void *data;
    size_t len;
};

struct chan;
struct chan_context;

/* A message of n frames (routing id first on a ROUTER, topic first on a SUB, on an XPUB one
 * frame 0x00/0x01 + prefix). Frames are borrowed for the call. */
typedef void chan_msg_fn(void *arg, struct chan *c, const struct chan_frame *frames, size_t n);
/* A turn in which something was received is over; the moment to flush what was gathered. */
typedef void chan_idle_fn(void *arg, struct chan *c);
/* A DEALER's peer went away or came. What was sent to it and not answered is lost. Not called
 * for chan_reconnect(). A send queue at its SNDHWM looks the same: send less than that. */
typedef void chan_link_fn(void *arg, struct chan *c, bool up);

struct chan_opts {
    enum chan_type type;
    bool bind;
    const char *endpoint; /* "ipc://…", "tcp://…" */
    int sndhwm, rcvhwm;   /* messages; 0 = 1000 */
    size_t max_message;   /* bytes; 0 = 8 MiB */
    size_t queue_bytes;   /* 0 = 16 MiB */
    unsigned budget;      /* messages a turn; 0 = 32 */
    unsigned ipc_mode;    /* mode of an ipc socket that is bound; 0 = 0660 */
    /* DEALER: the peer is behind a slow or broken link. A TCP connection that is being made is
     * begun anew after 2 s (a lost SYN would be sent again after 1, 3, 7, 15 s), a handshake after
     * 4 s, and a connection whose bytes nobody confirms ends after 20 s. */
    bool far;
    chan_msg_fn *on_message;
    chan_idle_fn *on_idle; /* may be NULL */
    chan_link_fn *on_link; /* may be NULL; DEALER only */
    void *arg;
};

struct chan_context *chan_context_new(void);      /* one a process */
void chan_context_free(struct chan_context *ctx); /* after every chan is closed */

int chan_new(struct chan_context *ctx, struct event_base *base, const struct chan_opts *o,
             struct chan **out, struct err *e);
void chan_close(struct chan *c); /* accepts NULL; a bound ipc socket file is removed */

/* Sends one message of n frames. 0 taken (by ZeroMQ or the queue); -1: EAGAIN the queue is
 * full, EHOSTUNREACH (ROUTER) the peer is gone. A ROUTER has no queue here, since one slow peer
 * would hold up all others: EAGAIN then means that this peer's SNDHWM is reached. */
int chan_send(struct chan *c, const struct chan_frame *frames, size_t n);
size_t chan_queued_bytes(const struct chan *c);
/* DEALER: is there a peer? As on_link told. */
bool chan_linked(const struct chan *c);

int chan_subscribe(struct chan *c, const char *prefix); /* SUB */
int chan_unsubscribe(struct chan *c, const char *prefix);

/* Stops taking messages (back-pressure) and goes on. */
void chan_pause(struct chan *c, bool pause);
/* Takes what waits now, up to the budget, also while paused; on_idle follows if there was something.
 * Not from within its callbacks. */
void chan_take(struct chan *c);
/* In on_idle, or after chan_take(): the turn ended by its budget, more may be waiting. */
bool chan_backlog(const struct chan *c);

/* Drops the connection and makes a new one (a DEALER whose peer does not answer). What was
 * queued is dropped: what must not be lost goes by submit. */
int chan_reconnect(struct chan *c, struct err *e);

uint64_t chan_received(const struct chan *c);
uint64_t chan_sent(const struct chan *c);

#endif
