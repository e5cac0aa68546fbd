/* loop: what the tests of chan, submit and fetch share: an event loop, a ZeroMQ context and a
 * directory for sockets, and waiting for a condition with a deadline, never for a time. */
#ifndef TOCSIN_TEST_LOOP_H
#define TOCSIN_TEST_LOOP_H

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <event2/event.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "chan.h"

struct loop {
    struct event_base *base;
    struct chan_context *zmq;
    char dir[32];
    char endpoint[64]; /* in dir */
    bool late;
};

static inline void
loop_init(struct loop *l)
{
    snprintf(l->dir, sizeof(l->dir), "/tmp/tocsin-unit.XXXXXX");
    assert_non_null(mkdtemp(l->dir));
    snprintf(l->endpoint, sizeof(l->endpoint), "ipc://%s/sock", l->dir);
    l->base = event_base_new();
    l->zmq = chan_context_new();
    assert_non_null(l->base);
    assert_non_null(l->zmq);
}

static inline void
loop_fini(struct loop *l)
{
    chan_context_free(l->zmq);
    event_base_free(l->base);
    assert_int_equal(rmdir(l->dir), 0);
}

static inline void
loop_on_late(evutil_socket_t fd, short what, void *arg)
{
    struct loop *l = arg;

    (void)fd;
    (void)what;
    l->late = true;
}

/* Turns the loop until *flag, or for ms. Returns how often it turned. */
static inline unsigned
loop_turn(struct loop *l, const bool *flag, unsigned ms)
{
    struct timeval tv = {.tv_sec = ms / 1000, .tv_usec = (suseconds_t)(ms % 1000) * 1000};
    struct event *ev = evtimer_new(l->base, loop_on_late, l);
    unsigned turns = 0;

    assert_non_null(ev);
    l->late = false;
    evtimer_add(ev, &tv);
    while (!l->late && !(flag && *flag)) {
        event_base_loop(l->base, EVLOOP_ONCE);
        turns++;
    }
    event_free(ev);
    return turns;
}

#define LOOP_UNTIL(l, cond)                                                \
    do {                                                                   \
        struct timeval loop_tv = {.tv_sec = 30};                           \
        struct event *loop_ev = evtimer_new((l)->base, loop_on_late, (l)); \
        (l)->late = false;                                                 \
        evtimer_add(loop_ev, &loop_tv);                                    \
        while (!(cond) && !(l)->late)                                      \
            event_base_loop((l)->base, EVLOOP_ONCE);                       \
        event_free(loop_ev);                                               \
        assert_true(cond);                                                 \
    } while (0)

#endif
