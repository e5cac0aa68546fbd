/* chan under stress: what is sent arrives, in order, and nothing else in the loop starves. */
#include "loop.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "clock.h"

#define N 200000

struct end {
    struct loop *l;
    struct chan *chan;
    uint8_t peer[32]; /* ROUTER: who wrote last */
    size_t peer_len;
    uint64_t next; /* expected number */
    uint64_t sent, to_send;
    uint64_t got, idles, ups, downs;
    uint64_t since_probe, worst; /* messages between two calls of the probe */
    unsigned most_frames;
    char last[64];
    size_t last_len;
    enum { NEVER, ON_MESSAGE, ON_IDLE, ON_LINK } close_in;
    bool reconnect_in_message;
    struct end *other;
};

static int
send_text(struct end *e, const void *p, size_t n)
{
    struct chan_frame f[2] = {{e->peer, e->peer_len}, {p, n}};

    return e->peer_len ? chan_send(e->chan, f, 2) : chan_send(e->chan, f + 1, 1);
}

static void
on_message(void *arg, struct chan *c, const struct chan_frame *f, size_t n)
{
    struct end *e = arg;
    const struct chan_frame *body = &f[n - 1];

    e->got++;
    e->since_probe++;
    if (n > e->most_frames)
        e->most_frames = (unsigned)n;
    if (n == 2 && f[0].len <= sizeof(e->peer)) {
        memcpy(e->peer, f[0].data, f[0].len);
        e->peer_len = f[0].len;
    }
    e->last_len = body->len < sizeof(e->last) ? body->len : sizeof(e->last);
    memcpy(e->last, body->data, e->last_len);
    if (e->close_in == ON_MESSAGE) {
        chan_close(c);
        chan_close(c); /* harmless */
        e->chan = NULL;
    }
    if (e->reconnect_in_message)
        assert_int_equal(chan_reconnect(c, NULL), 0);
}

static void
on_idle(void *arg, struct chan *c)
{
    struct end *e = arg;

    e->idles++;
    if (e->close_in == ON_IDLE) {
        chan_close(c);
        e->chan = NULL;
    }
}

static void
on_link(void *arg, struct chan *c, bool up)
{
    struct end *e = arg;

    if (up)
        e->ups++;
    else
        e->downs++;
    if (e->close_in == ON_LINK) {
        chan_close(c);
        e->chan = NULL;
    }
}

static void
open_end(struct loop *l, struct end *e, enum chan_type type, bool bind, size_t queue)
{
    struct chan_opts o = {.type = type,
                          .bind = bind,
                          .endpoint = l->endpoint,
                          .queue_bytes = queue,
                          .on_message = on_message,
                          .on_idle = on_idle,
                          .on_link = on_link,
                          .arg = e};
    struct err err;

    e->l = l;
    if (chan_new(l->zmq, l->base, &o, &e->chan, &err) < 0)
        fail_msg("%s", err.text);
}

/* A ROUTER and a DEALER that know each other. */
static void
open_pair(struct loop *l, struct end *r, struct end *d)
{
    open_end(l, r, CHAN_ROUTER, true, 0);
    open_end(l, d, CHAN_DEALER, false, 0);
    assert_int_equal(send_text(d, "hello", 5), 0);
    LOOP_UNTIL(l, r->got == 1);
    assert_memory_equal(r->last, "hello", 5);
}

/* ---- the flood */

static void
on_number(void *arg, struct chan *c, const struct chan_frame *f, size_t n)
{
    struct end *e = arg;
    uint64_t v;

    if (n == 2 && !e->peer_len) {
        memcpy(e->peer, f[0].data, f[0].len);
        e->peer_len = f[0].len;
    }
    assert_int_equal(f[n - 1].len, 100);
    memcpy(&v, f[n - 1].data, sizeof(v));
    assert_int_equal(v, e->next);
    e->next++;
    e->since_probe++;
    if (rand() % 4000 == 0)
        chan_pause(c, true);
}

/* Sends as much as is taken, and takes pauses. */
static void
on_feed(evutil_socket_t fd, short what, void *arg)
{
    struct end *e = arg;
    uint8_t body[100] = {0};
    unsigned burst = (unsigned)rand() % 600;

    (void)fd;
    (void)what;
    if (!e->peer_len && e->other->next == 0 && e->sent > 0)
        return; /* the first message introduces the dealer */
    for (; burst > 0 && e->sent < e->to_send; burst--) {
        memcpy(body, &e->sent, sizeof(e->sent));
        if (send_text(e, body, sizeof(body)) < 0) {
            assert_int_equal(errno, EAGAIN);
            return;
        }
        e->sent++;
    }
}

static void
on_unpause(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    chan_pause(arg, false);
}

/* A descriptor that is always readable: called once in every turn of the loop. */
struct probe {
    struct end *a, *b;
    uint64_t calls;
    int64_t last_tick_us, worst_tick_us;
    uint64_t ticks;
};

static void
on_probe(evutil_socket_t fd, short what, void *arg)
{
    struct probe *p = arg;
    uint64_t since = p->a->since_probe + p->b->since_probe;

    (void)fd;
    (void)what;
    p->calls++;
    if (since > p->a->worst)
        p->a->worst = since;
    p->a->since_probe = p->b->since_probe = 0;
}

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
    struct probe *p = arg;
    int64_t now = mono_now_us();

    (void)fd;
    (void)what;
    if (p->last_tick_us && now - p->last_tick_us > p->worst_tick_us)
        p->worst_tick_us = now - p->last_tick_us;
    p->last_tick_us = now;
    p->ticks++;
}

static struct event *
every(struct loop *l, long us, event_callback_fn fn, void *arg)
{
    struct timeval tv = {.tv_usec = us};
    struct event *ev = event_new(l->base, -1, EV_PERSIST, fn, arg);

    assert_non_null(ev);
    event_add(ev, &tv);
    return ev;
}

static void
test_flood_both_ways(void **state)
{
    struct loop l;
    struct end r = {.to_send = N}, d = {.to_send = N};
    struct probe p = {.a = &r, .b = &d};
    struct event *evs[6];
    struct event *probe;
    int fd = eventfd(1, EFD_NONBLOCK);

    (void)state;
    srand(1);
    loop_init(&l);
    r.other = &d;
    d.other = &r;
    for (int i = 0; i < 2; i++) {
        struct end *e = i ? &d : &r;
        struct chan_opts o = {.type = i ? CHAN_DEALER : CHAN_ROUTER,
                              .bind = !i,
                              .endpoint = l.endpoint,
                              .on_message = on_number,
                              .arg = e};

        assert_int_equal(chan_new(l.zmq, l.base, &o, &e->chan, NULL), 0);
    }
    /* The ROUTER speaks once it knows the DEALER. */
    d.to_send = 1;
    on_feed(-1, 0, &d);
    while (d.sent == 0)
        on_feed(-1, 0, &d);
    d.to_send = N;
    LOOP_UNTIL(&l, r.next == 1);
    evs[0] = every(&l, 300, on_feed, &r);
    evs[1] = every(&l, 300, on_feed, &d);
    evs[2] = every(&l, 2000, on_unpause, r.chan);
    evs[3] = every(&l, 2000, on_unpause, d.chan);
    evs[4] = every(&l, 5000, on_tick, &p);
    probe = event_new(l.base, fd, EV_READ | EV_PERSIST, on_probe, &p);
    event_add(probe, NULL);
    LOOP_UNTIL(&l, r.next == N && d.next == N);
    assert_int_equal(chan_received(r.chan), N);
    assert_int_equal(chan_received(d.chan), N);
    assert_int_equal(chan_sent(r.chan), N);
    assert_int_equal(chan_queued_bytes(d.chan), 0);
    /* Two channels with a budget of 32 each share a turn. */
    assert_in_range(r.worst, 1, 128);
    assert_true(p.ticks > 10);
    event_free(probe);
    for (int i = 0; i < 5; i++)
        event_free(evs[i]);
    chan_close(d.chan);
    chan_close(r.chan);
    close(fd);
    loop_fini(&l);
}

/* All at hand at once: the probe still gets its turn every budget of messages. */
static void
test_backlog_does_not_starve(void **state)
{
    struct loop l;
    struct end r = {0}, d = {0};
    struct probe p = {.a = &r, .b = &d};
    struct event *probe;
    int fd = eventfd(1, EFD_NONBLOCK);

    (void)state;
    loop_init(&l);
    open_pair(&l, &r, &d);
    chan_pause(r.chan, true);
    for (int i = 0; i < 20000; i++)
        assert_int_equal(send_text(&d, "x", 1), 0);
    loop_turn(&l, NULL, 50);
    probe = event_new(l.base, fd, EV_READ | EV_PERSIST, on_probe, &p);
    event_add(probe, NULL);
    r.since_probe = 0;
    chan_pause(r.chan, false);
    LOOP_UNTIL(&l, r.got == 20001);
    assert_in_range(r.worst, 1, 64);
    assert_true(p.calls > 20000 / 64);
    assert_true(r.idles > 20000 / 64);
    event_free(probe);
    chan_close(d.chan);
    chan_close(r.chan);
    close(fd);
    loop_fini(&l);
}

/* A paused one takes what waits when it is told to, a budget at a time, and stays paused. */
static void
test_takes_while_paused(void **state)
{
    struct loop l;
    struct end r = {0}, d = {0};
    uint64_t got, idles;

    (void)state;
    loop_init(&l);
    open_pair(&l, &r, &d);
    chan_pause(r.chan, true);
    for (int i = 0; i < 200; i++)
        assert_int_equal(send_text(&d, "x", 1), 0);
    while (r.got < 201) {
        got = r.got;
        loop_turn(&l, NULL, 5);
        assert_int_equal(r.got, got);
        idles = r.idles;
        chan_take(r.chan);
        assert_in_range(r.got - got, 0, 32);
        assert_int_equal(chan_backlog(r.chan), r.got - got == 32);
        assert_int_equal(r.idles - idles, r.got > got);
    }
    assert_in_range(loop_turn(&l, NULL, 300), 1, 10);
    /* What comes during the pause is found at its end, also when a send silenced the bell. */
    assert_int_equal(send_text(&d, "x", 1), 0);
    loop_turn(&l, NULL, 50);
    assert_int_equal(send_text(&r, "y", 1), 0);
    loop_turn(&l, NULL, 50);
    assert_int_equal(r.got, 201);
    chan_pause(r.chan, false);
    LOOP_UNTIL(&l, r.got == 202 && d.got > 0);
    chan_close(d.chan);
    chan_close(r.chan);
    loop_fini(&l);
}

static void
test_idle_does_not_spin(void **state)
{
    struct loop l;
    struct end r = {0}, d = {0}, lone = {0};
    struct loop other;

    (void)state;
    loop_init(&l);
    open_pair(&l, &r, &d);
    loop_turn(&l, NULL, 50);
    /* Idle and connected. */
    assert_in_range(loop_turn(&l, NULL, 300), 1, 10);
    /* Paused with messages at hand. */
    chan_pause(r.chan, true);
    for (int i = 0; i < 100; i++)
        assert_int_equal(send_text(&d, "x", 1), 0);
    loop_turn(&l, NULL, 50);
    assert_in_range(loop_turn(&l, NULL, 300), 1, 10);
    assert_int_equal(r.got, 1);
    chan_pause(r.chan, false);
    LOOP_UNTIL(&l, r.got == 101);
    chan_close(d.chan);
    chan_close(r.chan);
    /* A queue and nobody there. */
    other = l;
    snprintf(other.endpoint, sizeof(other.endpoint), "ipc://%s/absent", l.dir);
    open_end(&other, &lone, CHAN_DEALER, false, 0);
    assert_int_equal(send_text(&lone, "x", 1), 0);
    loop_turn(&l, NULL, 50);
    assert_in_range(loop_turn(&l, NULL, 300), 1, 30);
    assert_true(chan_queued_bytes(lone.chan) > 0);
    chan_close(lone.chan);
    loop_fini(&l);
}

/* The send asks the socket's mailbox and so silences the doorbell of what has just come. */
static void
on_swallow(evutil_socket_t fd, short what, void *arg)
{
    struct end *d = arg;

    (void)fd;
    (void)what;
    assert_int_equal(send_text(d->other, "to dealer", 9), 0);
    usleep(5000); /* until it is in the dealer's mailbox: the loop stands still meanwhile */
    assert_int_equal(send_text(d, "to router", 9), 0);
}

static void
test_ring_swallowed_by_a_send(void **state)
{
    struct loop l;
    struct end r = {0}, d = {0};
    struct event *ev;

    (void)state;
    loop_init(&l);
    open_pair(&l, &r, &d);
    d.other = &r;
    ev = evtimer_new(l.base, on_swallow, &d);
    for (unsigned i = 1; i <= 50; i++) {
        struct timeval now = {0, 0};

        evtimer_add(ev, &now);
        LOOP_UNTIL(&l, d.got == i && r.got == i + 1);
    }
    event_free(ev);
    chan_close(d.chan);
    chan_close(r.chan);
    loop_fini(&l);
}

static void
test_queue_bound(void **state)
{
    struct loop l;
    struct end r = {0}, d = {0};
    char body[100];
    unsigned taken = 0;

    (void)state;
    loop_init(&l);
    open_end(&l, &d, CHAN_DEALER, false, 10000);
    memset(body, 'x', sizeof(body));
    while (send_text(&d, body, sizeof(body)) == 0) {
        taken++;
        assert_in_range(taken, 1, 100);
    }
    assert_int_equal(errno, EAGAIN);
    assert_in_range(chan_queued_bytes(d.chan), 5000, 10000);
    open_end(&l, &r, CHAN_ROUTER, true, 0);
    LOOP_UNTIL(&l, r.got == taken);
    assert_int_equal(chan_queued_bytes(d.chan), 0);
    assert_int_equal(send_text(&d, body, sizeof(body)), 0);
    LOOP_UNTIL(&l, r.got == taken + 1);
    chan_close(d.chan);
    chan_close(r.chan);
    loop_fini(&l);
}

static void
test_close_inside_callback(void **state)
{
    (void)state;
    for (int where = ON_MESSAGE; where <= ON_LINK; where++) {
        struct loop l;
        struct end r = {0}, d = {0};

        loop_init(&l);
        open_pair(&l, &r, &d);
        d.close_in = where;
        if (where == ON_LINK)
            chan_close(r.chan);
        else
            assert_int_equal(send_text(&r, "bye", 3), 0);
        LOOP_UNTIL(&l, d.chan == NULL);
        loop_turn(&l, NULL, 20);
        if (where != ON_LINK)
            chan_close(r.chan);
        loop_fini(&l);
    }
}

static void
test_reconnect(void **state)
{
    struct loop l;
    struct end r = {0}, d = {0};

    (void)state;
    loop_init(&l);
    open_end(&l, &d, CHAN_DEALER, false, 0);
    assert_int_equal(send_text(&d, "old", 3), 0);
    assert_true(chan_queued_bytes(d.chan) > 0);
    assert_int_equal(chan_reconnect(d.chan, NULL), 0);
    assert_int_equal(chan_queued_bytes(d.chan), 0);
    assert_int_equal(send_text(&d, "new", 3), 0);
    open_end(&l, &r, CHAN_ROUTER, true, 0);
    LOOP_UNTIL(&l, r.got == 1);
    assert_memory_equal(r.last, "new", 3);
    assert_int_equal(d.ups, 1);
    /* In its own callback. */
    d.reconnect_in_message = true;
    assert_int_equal(send_text(&r, "again", 5), 0);
    LOOP_UNTIL(&l, d.got == 1);
    d.reconnect_in_message = false;
    assert_int_equal(send_text(&d, "newer", 5), 0);
    LOOP_UNTIL(&l, r.got == 2);
    LOOP_UNTIL(&l, d.ups == 2);
    assert_int_equal(d.downs, 0);
    chan_close(d.chan);
    chan_close(r.chan);
    loop_fini(&l);
}

/* The peer goes and another takes its place at once: the file must stay the new one's. */
static void
test_link_lost_and_back(void **state)
{
    struct loop l;
    struct end r = {0}, d = {0};

    (void)state;
    loop_init(&l);
    open_pair(&l, &r, &d);
    for (unsigned i = 1; i <= 5; i++) {
        uint64_t got = r.got;

        LOOP_UNTIL(&l, d.ups == i);
        chan_close(r.chan);
        open_end(&l, &r, CHAN_ROUTER, true, 0);
        LOOP_UNTIL(&l, d.downs == i && d.ups == i + 1);
        assert_int_equal(access(l.endpoint + 6, F_OK), 0);
        assert_int_equal(send_text(&d, "back", 4), 0);
        LOOP_UNTIL(&l, r.got == got + 1);
    }
    chan_close(d.chan);
    chan_close(r.chan);
    loop_fini(&l);
}

static void
test_router_errors(void **state)
{
    struct loop l;
    struct end r = {0}, d = {0};
    struct chan_frame many[CHAN_MAX_FRAMES] = {{"a", 1}, {"b", 1}, {"c", 1}, {"", 0}};
    struct chan_frame gone[2] = {{"nobody", 6}, {"x", 1}};
    unsigned taken = 0;

    (void)state;
    loop_init(&l);
    open_pair(&l, &r, &d);
    assert_int_equal(chan_send(r.chan, gone, 2), -1);
    assert_int_equal(errno, EHOSTUNREACH);
    /* Four frames arrive as five: too many, dropped whole; the next message is heard. */
    assert_int_equal(chan_send(d.chan, many, 4), 0);
    assert_int_equal(chan_send(d.chan, many, 3), 0);
    LOOP_UNTIL(&l, r.got == 2);
    assert_int_equal(r.most_frames, 4);
    assert_int_equal(chan_received(r.chan), 3);
    /* One peer that does not read: refused, not queued. */
    chan_pause(d.chan, true);
    while (send_text(&r, "filling up what a peer does not read", 36) == 0) {
        taken++;
        assert_in_range(taken, 1, 1000000);
    }
    assert_int_equal(errno, EAGAIN);
    assert_int_equal(chan_queued_bytes(r.chan), 0);
    chan_pause(d.chan, false);
    LOOP_UNTIL(&l, d.got == taken);
    chan_close(d.chan);
    chan_close(r.chan);
    loop_fini(&l);
}

static void
on_publish(evutil_socket_t fd, short what, void *arg)
{
    struct end *x = arg;
    struct chan_frame f[2] = {{"alert.base.", 11}, {"body", 4}};

    (void)fd;
    (void)what;
    assert_int_equal(chan_send(x->chan, f, 2), 0);
}

static void
test_publish_and_subscribe(void **state)
{
    struct loop l;
    struct end x = {0}, s = {0};
    struct chan_frame f[2] = {{"alert.base.", 11}, {"body", 4}};
    struct chan_frame other[2] = {{"status.x.", 9}, {"no", 2}};
    char huge[600];
    struct event *again;

    (void)state;
    loop_init(&l);
    open_end(&l, &x, CHAN_XPUB, true, 0);
    open_end(&l, &s, CHAN_SUB, false, 0);
    assert_int_equal(chan_subscribe(s.chan, "alert."), 0);
    LOOP_UNTIL(&l, x.got == 1);
    assert_int_equal(x.last[0], 1);
    assert_memory_equal(x.last + 1, "alert.", 6);
    assert_int_equal(chan_send(x.chan, other, 2), 0);
    assert_int_equal(chan_send(x.chan, f, 2), 0);
    LOOP_UNTIL(&l, s.got == 1);
    assert_memory_equal(s.last, "body", 4);
    /* The subscription is part of the new connection. */
    assert_int_equal(chan_reconnect(s.chan, NULL), 0);
    again = every(&l, 1000, on_publish, &x);
    LOOP_UNTIL(&l, s.got >= 2);
    event_free(again);
    assert_int_equal(chan_unsubscribe(s.chan, "nothing"), -1);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(chan_unsubscribe(s.chan, "alert."), 0);
    LOOP_UNTIL(&l, x.last[0] == 0);
    memset(huge, 'h', sizeof(huge) - 1);
    huge[sizeof(huge) - 1] = '\0';
    assert_int_equal(chan_subscribe(s.chan, huge), -1);
    assert_int_equal(errno, EMSGSIZE);
    /* Nobody listens: sending does not block and does not queue. */
    for (int i = 0; i < 5000; i++)
        assert_int_equal(chan_send(x.chan, f, 2), 0);
    assert_int_equal(chan_queued_bytes(x.chan), 0);
    chan_close(s.chan);
    chan_close(x.chan);
    loop_fini(&l);
}

static void
test_bind(void **state)
{
    struct loop l;
    struct end r = {0};
    struct stat st;
    struct err e;
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    struct chan_opts bad = {.type = CHAN_ROUTER, .bind = true, .on_message = on_message};
    struct chan *c = NULL;
    int fd;

    (void)state;
    loop_init(&l);
    /* A stale socket file is replaced; the mode is set; the file goes at the end. */
    fd = socket(AF_UNIX, SOCK_STREAM, 0);
    snprintf(a.sun_path, sizeof(a.sun_path), "%s", l.endpoint + 6);
    assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
    close(fd);
    open_end(&l, &r, CHAN_ROUTER, true, 0);
    assert_int_equal(stat(l.endpoint + 6, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0660);
    chan_close(r.chan);
    assert_int_equal(access(l.endpoint + 6, F_OK), -1);

    bad.endpoint = "ipc:///no/such/directory/sock";
    assert_int_equal(chan_new(l.zmq, l.base, &bad, &c, &e), -1);
    assert_non_null(strstr(e.text, bad.endpoint));
    bad.endpoint = "nonsense";
    assert_int_equal(chan_new(l.zmq, l.base, &bad, &c, &e), -1);
    bad.bind = false;
    assert_int_equal(chan_new(l.zmq, l.base, &bad, &c, &e), -1);
    assert_null(c);
    chan_close(NULL);
    loop_fini(&l);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_flood_both_ways),
        cmocka_unit_test(test_backlog_does_not_starve),
        cmocka_unit_test(test_takes_while_paused),
        cmocka_unit_test(test_idle_does_not_spin),
        cmocka_unit_test(test_ring_swallowed_by_a_send),
        cmocka_unit_test(test_queue_bound),
        cmocka_unit_test(test_close_inside_callback),
        cmocka_unit_test(test_reconnect),
        cmocka_unit_test(test_link_lost_and_back),
        cmocka_unit_test(test_router_errors),
        cmocka_unit_test(test_publish_and_subscribe),
        cmocka_unit_test(test_bind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
