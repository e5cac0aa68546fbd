/* chan: one ZeroMQ socket on the event loop. The rules are in the header.
 *
 * Invariants:
 *  - The last zmq call of a turn asks ZMQ_EVENTS. That call empties the socket's mailbox, so
 *    whatever happens later rings the doorbell; whatever happened before is in its answer.
 *  - A zmq call outside a turn (a send in somebody else's callback) may have swallowed the
 *    ring, so it always kicks.
 *  - The queue is not empty only while the socket refuses: order is kept because a send never
 *    overtakes the queue.
 *
 * A bound ipc socket is made under a passing name and renamed. libzmq unlinks the name that it
 * bound when its I/O thread gets round to closing, which may be after a successor has bound the
 * same path; so it must never know that path. It also means that the socket appears with its
 * mode already set, and that a stale file is replaced in one step. */
#include "chan.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zmq.h>

#define DEFAULT_HWM         1000
#define DEFAULT_MESSAGE     ((size_t)8 << 20)
#define DEFAULT_QUEUE_BYTES ((size_t)16 << 20)
#define DEFAULT_BUDGET      32
#define DEFAULT_IPC_MODE    0660
/* What an XPUB receives are topic prefixes; without this bound one grows it to gigabytes. */
#define MAX_SUBSCRIPTION 512

#define HANDSHAKE_MS     5000
#define RECONNECT_MS     50
#define RECONNECT_MAX_MS 500
/* Two SYNs, at 0 and 1 s, and a round trip of up to a second for the answer to the later one. */
#define FAR_CONNECT_MS   2000
#define FAR_HANDSHAKE_MS 4000
#define FAR_MAXRT_MS     20000
#define BACKLOG          1024

struct queued {
    struct queued *next;
    size_t n, bytes;
    zmq_msg_t frames[CHAN_MAX_FRAMES];
};

struct chan_context {
    void *zmq;
    unsigned binds; /* for the passing names */
};

struct prefix {
    struct prefix *next;
    char text[];
};

struct chan {
    struct chan_context *ctx;
    struct event_base *base;
    struct chan_opts o; /* endpoint is our copy */
    char *endpoint;
    char *path; /* of the ipc socket file that we made; NULL = none */
    dev_t path_dev;
    ino_t path_ino;
    void *sock;
    struct event *doorbell, *kick;
    struct queued *head, **tail;
    size_t queued_bytes;
    struct prefix *prefixes; /* a SUB's, for a new connection */
    bool kicked, paused, in_turn, closed, linked, backlog;
    uint64_t received, sent;
};

struct chan_context *
chan_context_new(void)
{
    struct chan_context *ctx = calloc(1, sizeof(*ctx));
    if (!ctx)
        return NULL;
    ctx->zmq = zmq_ctx_new();
    if (!ctx->zmq) {
        free(ctx);
        return NULL;
    }
    return ctx;
}

void
chan_context_free(struct chan_context *ctx)
{
    if (!ctx)
        return;
    while (zmq_ctx_term(ctx->zmq) < 0 && errno == EINTR)
        ;
    free(ctx);
}

static void
kick(struct chan *c)
{
    static const struct timeval now = {0, 0};

    /* In a turn the question at its end does the same, in a pause what ends it. */
    if (c->kicked || c->in_turn || c->closed || (c->paused && c->o.type == CHAN_ROUTER))
        return;
    if (evtimer_add(c->kick, &now) == 0)
        c->kicked = true;
}

static void
drop_queue(struct chan *c)
{
    while (c->head) {
        struct queued *q = c->head;

        c->head = q->next;
        for (size_t i = 0; i < q->n; i++)
            (void)zmq_msg_close(&q->frames[i]); /* fails only for what is no message */
        free(q);
    }
    c->tail = &c->head;
    c->queued_bytes = 0;
}

static int
set_int(void *sock, int option, int value)
{
    return zmq_setsockopt(sock, option, &value, sizeof(value));
}

static void *
make_socket(struct chan *c)
{
    static const int types[] = {[CHAN_DEALER] = ZMQ_DEALER,
                                [CHAN_ROUTER] = ZMQ_ROUTER,
                                [CHAN_XPUB] = ZMQ_XPUB,
                                [CHAN_SUB] = ZMQ_SUB};
    const struct chan_opts *o = &c->o;
    int64_t max = (int64_t)o->max_message;
    int bad = 0;
    void *s = zmq_socket(c->ctx->zmq, types[o->type]);

    if (!s)
        return NULL;
    bad |= set_int(s, ZMQ_LINGER, 0);
    bad |= set_int(s, ZMQ_SNDHWM, o->sndhwm);
    bad |= set_int(s, ZMQ_RCVHWM, o->rcvhwm);
    bad |= zmq_setsockopt(s, ZMQ_MAXMSGSIZE, &max, sizeof(max));
    bad |= set_int(s, ZMQ_HANDSHAKE_IVL, o->far ? FAR_HANDSHAKE_MS : HANDSHAKE_MS);
    /* No ZMTP heartbeats: with a finite RCVHWM they abort a slow SUB in libzmq 4.3.4. */
    bad |= set_int(s, ZMQ_TCP_KEEPALIVE, 1);
    bad |= set_int(s, ZMQ_TCP_KEEPALIVE_IDLE, 30);
    bad |= set_int(s, ZMQ_TCP_KEEPALIVE_INTVL, 10);
    bad |= set_int(s, ZMQ_TCP_KEEPALIVE_CNT, 3);
    if (o->bind) {
        bad |= set_int(s, ZMQ_BACKLOG, BACKLOG);
    } else {
        bad |= set_int(s, ZMQ_IMMEDIATE, 1);
        bad |= set_int(s, ZMQ_RECONNECT_IVL, RECONNECT_MS);
        bad |= set_int(s, ZMQ_RECONNECT_IVL_MAX, RECONNECT_MAX_MS);
    }
    if (o->far) {
        bad |= set_int(s, ZMQ_CONNECT_TIMEOUT, FAR_CONNECT_MS);
        bad |= set_int(s, ZMQ_TCP_MAXRT, FAR_MAXRT_MS);
    }
    /* No ROUTER_HANDOVER: our peers let the ROUTER name them, and a stranger shall not take
     * over another's name. */
    if (o->type == CHAN_ROUTER)
        bad |= set_int(s, ZMQ_ROUTER_MANDATORY, 1);
    for (struct prefix *p = c->prefixes; p; p = p->next)
        bad |= zmq_setsockopt(s, ZMQ_SUBSCRIBE, p->text, strlen(p->text));
    if (bad) {
        int saved = errno;

        (void)zmq_close(s); /* fails only for what is no socket */
        errno = saved;
        return NULL;
    }
    return s;
}

/* The file of an ipc endpoint; NULL for tcp and for an abstract name. */
static const char *
ipc_path(const char *endpoint)
{
    if (strncmp(endpoint, "ipc://", 6) != 0 || endpoint[6] == '@' || endpoint[6] == '*')
        return NULL;
    return endpoint + 6;
}

static int
bind_ipc(struct chan *c, void *sock, const char *path, struct err *e)
{
    const char *slash = strrchr(path, '/');
    int dir = slash ? (int)(slash - path) + 1 : 0;
    char *temp = NULL;
    struct stat st;
    bool bound = false;

    if (asprintf(&temp, "ipc://%.*s.%x.%x", dir, path, (unsigned)getpid(), c->ctx->binds++) < 0)
        return err_set(e, "out of memory");
    (void)unlink(temp + 6); /* of an earlier process with our pid; usually there is none */
    if (zmq_bind(sock, temp) < 0) {
        err_set(e, "cannot bind %s: %s", c->endpoint, zmq_strerror(errno));
        goto fail;
    }
    bound = true;
    if (chmod(temp + 6, (mode_t)c->o.ipc_mode) < 0 || stat(temp + 6, &st) < 0 ||
        rename(temp + 6, path) < 0) {
        err_set(e, "cannot put the socket at %s: %s", path, strerror(errno));
        goto fail;
    }
    free(temp);
    c->path = strdup(path);
    if (!c->path) {
        (void)unlink(path);
        return err_set(e, "out of memory");
    }
    c->path_dev = st.st_dev;
    c->path_ino = st.st_ino;
    return 0;
fail:
    if (bound)
        (void)unlink(temp + 6);
    free(temp);
    return -1;
}

static int
attach(struct chan *c, void *sock, struct err *e)
{
    const char *path = ipc_path(c->endpoint);

    if (c->o.bind && path)
        return bind_ipc(c, sock, path, e);
    if (c->o.bind && zmq_bind(sock, c->endpoint) < 0)
        return err_set(e, "cannot bind %s: %s", c->endpoint, zmq_strerror(errno));
    if (!c->o.bind && zmq_connect(sock, c->endpoint) < 0)
        return err_set(e, "cannot connect to %s: %s", c->endpoint, zmq_strerror(errno));
    return 0;
}

static unsigned
ask_events(struct chan *c)
{
    int events = 0;
    size_t len = sizeof(events);

    /* Fails only when the context ends, and then there is nothing to do. */
    if (zmq_getsockopt(c->sock, ZMQ_EVENTS, &events, &len) < 0)
        return 0;
    return (unsigned)events;
}

/* Sends a whole message; on -1 nothing of it was taken and the frames are still ours. */
static int
send_frames(struct chan *c, zmq_msg_t *frames, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int flags = ZMQ_DONTWAIT | (i + 1 < n ? ZMQ_SNDMORE : 0);

        while (zmq_msg_send(&frames[i], c->sock, flags) < 0) {
            if (errno == EINTR)
                continue;
            /* The high-water mark counts whole messages: only a first frame is refused. */
            assert(i == 0 || errno == ETERM);
            return -1;
        }
    }
    c->sent++;
    return 0;
}

static void
flush_queue(struct chan *c)
{
    for (unsigned left = c->o.budget; left > 0 && c->head; left--) {
        struct queued *q = c->head;

        if (send_frames(c, q->frames, q->n) < 0)
            return;
        c->queued_bytes -= q->bytes;
        c->head = q->next;
        if (!c->head)
            c->tail = &c->head;
        free(q);
    }
}

/* Takes one message and hands it on. False when there is none. A message of too many frames is
 * taken whole and dropped: it is no message of ours. */
static bool
receive_one(struct chan *c)
{
    zmq_msg_t msgs[CHAN_MAX_FRAMES];
    struct chan_frame frames[CHAN_MAX_FRAMES];
    size_t n = 0, total = 0;
    bool more = true, got = true;

    while (more) {
        zmq_msg_t extra;
        zmq_msg_t *m = n < CHAN_MAX_FRAMES ? &msgs[n] : &extra;
        int rc;

        (void)zmq_msg_init(m); /* cannot fail */
        do
            rc = zmq_msg_recv(m, c->sock, ZMQ_DONTWAIT);
        while (rc < 0 && errno == EINTR);
        if (rc < 0) {
            (void)zmq_msg_close(m);
            got = false;
            break;
        }
        more = zmq_msg_more(m);
        total++;
        if (n < CHAN_MAX_FRAMES) {
            frames[n].data = zmq_msg_data(m);
            frames[n].len = zmq_msg_size(m);
            n++;
        } else {
            (void)zmq_msg_close(m);
        }
    }
    if (got) {
        c->received++;
        if (total <= CHAN_MAX_FRAMES)
            c->o.on_message(c->o.arg, c, frames, n);
    }
    for (size_t i = 0; i < n; i++)
        (void)zmq_msg_close(&msgs[i]);
    return got;
}

static void
notice_link(struct chan *c, unsigned events)
{
    bool up = events & ZMQ_POLLOUT;

    if (c->o.type != CHAN_DEALER || up == c->linked)
        return;
    c->linked = up;
    if (c->o.on_link)
        c->o.on_link(c->o.arg, c, up);
}

static void
chan_free(struct chan *c)
{
    struct stat st;

    if (c->doorbell)
        event_free(c->doorbell); /* before its descriptor goes */
    if (c->kick)
        event_free(c->kick);
    drop_queue(c);
    if (c->sock)
        (void)zmq_close(c->sock); /* fails only for what is no socket */
    if (c->path) {
        /* A successor may have put its own socket there. */
        if (lstat(c->path, &st) == 0 && st.st_dev == c->path_dev && st.st_ino == c->path_ino)
            (void)unlink(c->path);
        free(c->path);
    }
    while (c->prefixes) {
        struct prefix *p = c->prefixes;

        c->prefixes = p->next;
        free(p);
    }
    free(c->endpoint);
    free(c);
}

/* take: also while paused. */
static void
turn(struct chan *c, bool take)
{
    unsigned events, left;
    bool got = false;

    c->in_turn = true;
    events = ask_events(c);
    notice_link(c, events);
    if (!c->closed && c->head && (events & ZMQ_POLLOUT))
        flush_queue(c);
    left = c->o.budget;
    if (events & ZMQ_POLLIN) {
        for (; left > 0 && !c->closed && (take || !c->paused); left--) {
            if (!receive_one(c))
                break;
            got = true;
        }
    }
    c->backlog = left == 0;
    if (got && !c->closed && c->o.on_idle)
        c->o.on_idle(c->o.arg, c);
    if (c->closed) {
        chan_free(c);
        return;
    }
    events = ask_events(c);
    c->in_turn = false;
    if (c->paused && c->o.type == CHAN_ROUTER)
        return;
    if (((events & ZMQ_POLLIN) && !c->paused) || ((events & ZMQ_POLLOUT) && c->head) ||
        (c->o.type == CHAN_DEALER && !(events & ZMQ_POLLOUT) == c->linked))
        kick(c);
}

static void
on_doorbell(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    turn(arg, false);
}

static void
on_kick(evutil_socket_t fd, short what, void *arg)
{
    struct chan *c = arg;

    (void)fd;
    (void)what;
    c->kicked = false;
    turn(c, false);
}

/* The doorbell of a socket; NULL with errno. */
static struct event *
make_doorbell(struct chan *c, void *sock)
{
    int fd;
    size_t len = sizeof(fd);
    struct event *ev;

    if (zmq_getsockopt(sock, ZMQ_FD, &fd, &len) < 0)
        return NULL;
    ev = event_new(c->base, fd, EV_READ | EV_PERSIST, on_doorbell, c);
    if (ev && event_add(ev, NULL) < 0) {
        event_free(ev);
        ev = NULL;
    }
    if (!ev)
        errno = ENOMEM;
    return ev;
}

static int
open_socket(struct chan *c, struct err *e)
{
    struct event *doorbell;
    void *sock = make_socket(c);

    if (!sock)
        return err_set(e, "cannot make a socket for %s: %s; raise the limit of open files",
                       c->endpoint, zmq_strerror(errno));
    if (attach(c, sock, e) < 0) {
        (void)zmq_close(sock); /* fails only for what is no socket */
        return -1;
    }
    doorbell = make_doorbell(c, sock);
    if (!doorbell) {
        err_set(e, "cannot watch the socket of %s: %s", c->endpoint, strerror(errno));
        (void)zmq_close(sock);
        return -1;
    }
    if (c->doorbell)
        event_free(c->doorbell);
    if (c->sock)
        (void)zmq_close(c->sock);
    c->sock = sock;
    c->doorbell = doorbell;
    c->linked = false;
    return 0;
}

int
chan_new(struct chan_context *ctx, struct event_base *base, const struct chan_opts *o,
         struct chan **out, struct err *e)
{
    struct chan *c = calloc(1, sizeof(*c));

    if (!c)
        return err_set(e, "out of memory");
    c->ctx = ctx;
    c->base = base;
    c->o = *o;
    c->tail = &c->head;
    c->endpoint = strdup(o->endpoint);
    c->kick = evtimer_new(base, on_kick, c);
    if (!c->endpoint || !c->kick) {
        err_set(e, "out of memory");
        goto fail;
    }
    if (!c->o.sndhwm)
        c->o.sndhwm = DEFAULT_HWM;
    if (!c->o.rcvhwm)
        c->o.rcvhwm = DEFAULT_HWM;
    if (!c->o.max_message)
        c->o.max_message = o->type == CHAN_XPUB ? MAX_SUBSCRIPTION : DEFAULT_MESSAGE;
    if (!c->o.queue_bytes)
        c->o.queue_bytes = DEFAULT_QUEUE_BYTES;
    if (!c->o.budget)
        c->o.budget = DEFAULT_BUDGET;
    if (!c->o.ipc_mode)
        c->o.ipc_mode = DEFAULT_IPC_MODE;
    c->o.endpoint = c->endpoint;
    if (open_socket(c, e) < 0)
        goto fail;
    kick(c);
    *out = c;
    return 0;
fail:
    chan_free(c);
    return -1;
}

void
chan_close(struct chan *c)
{
    if (!c || c->closed)
        return;
    if (c->in_turn)
        c->closed = true; /* the turn frees it */
    else
        chan_free(c);
}

static int
enqueue(struct chan *c, zmq_msg_t *frames, size_t n, size_t bytes)
{
    struct queued *q;

    if (bytes > c->o.queue_bytes - c->queued_bytes || !(q = calloc(1, sizeof(*q)))) {
        errno = EAGAIN;
        return -1;
    }
    q->n = n;
    q->bytes = bytes;
    for (size_t i = 0; i < n; i++) {
        (void)zmq_msg_init(&q->frames[i]);             /* cannot fail */
        (void)zmq_msg_move(&q->frames[i], &frames[i]); /* both are messages */
    }
    *c->tail = q;
    c->tail = &q->next;
    c->queued_bytes += bytes;
    return 0;
}

int
chan_send(struct chan *c, const struct chan_frame *frames, size_t n)
{
    zmq_msg_t msgs[CHAN_MAX_FRAMES];
    size_t made, bytes = sizeof(struct queued);
    int rc = -1;

    assert(n > 0 && n <= CHAN_MAX_FRAMES);
    if (c->closed) {
        errno = EHOSTUNREACH;
        return -1;
    }
    for (made = 0; made < n; made++) {
        if (zmq_msg_init_size(&msgs[made], frames[made].len) < 0) {
            errno = EAGAIN;
            goto out;
        }
        if (frames[made].len)
            memcpy(zmq_msg_data(&msgs[made]), frames[made].data, frames[made].len);
        bytes += frames[made].len;
    }
    if (!c->head)
        rc = send_frames(c, msgs, n);
    else
        errno = EAGAIN;
    if (rc < 0 && errno == EAGAIN && c->o.type != CHAN_ROUTER)
        rc = enqueue(c, msgs, n, bytes);
    else if (rc < 0 && errno != EAGAIN)
        errno = EHOSTUNREACH;
out:
    if (rc < 0) {
        int saved = errno;

        for (size_t i = 0; i < made; i++)
            (void)zmq_msg_close(&msgs[i]);
        errno = saved;
    }
    kick(c);
    return rc;
}

size_t
chan_queued_bytes(const struct chan *c)
{
    return c->queued_bytes;
}

bool
chan_linked(const struct chan *c)
{
    return c->linked;
}

int
chan_subscribe(struct chan *c, const char *prefix)
{
    size_t len = strlen(prefix);
    struct prefix *p;

    assert(c->o.type == CHAN_SUB);
    if (len >= MAX_SUBSCRIPTION) {
        errno = EMSGSIZE;
        return -1;
    }
    p = malloc(sizeof(*p) + len + 1);
    if (!p)
        return -1;
    if (zmq_setsockopt(c->sock, ZMQ_SUBSCRIBE, prefix, len) < 0) {
        free(p);
        return -1;
    }
    memcpy(p->text, prefix, len + 1);
    p->next = c->prefixes;
    c->prefixes = p;
    kick(c);
    return 0;
}

int
chan_unsubscribe(struct chan *c, const char *prefix)
{
    assert(c->o.type == CHAN_SUB);
    for (struct prefix **at = &c->prefixes; *at; at = &(*at)->next) {
        struct prefix *p = *at;

        if (strcmp(p->text, prefix) != 0)
            continue;
        if (zmq_setsockopt(c->sock, ZMQ_UNSUBSCRIBE, prefix, strlen(prefix)) < 0)
            return -1;
        *at = p->next;
        free(p);
        kick(c);
        return 0;
    }
    errno = ENOENT;
    return -1;
}

void
chan_pause(struct chan *c, bool pause)
{
    c->paused = pause;
    if (c->o.type == CHAN_ROUTER) {
        /* Not even listened to: the bell would ring for every message that is left waiting. */
        if (pause) {
            (void)event_del(c->doorbell);
            (void)evtimer_del(c->kick);
            c->kicked = false;
            return;
        }
        (void)event_add(c->doorbell, NULL); /* was added before: it has its place */
    }
    kick(c);
}

void
chan_take(struct chan *c)
{
    assert(!c->in_turn);
    turn(c, true);
}

bool
chan_backlog(const struct chan *c)
{
    return c->backlog;
}

int
chan_reconnect(struct chan *c, struct err *e)
{
    assert(!c->o.bind);
    if (c->closed)
        return err_set(e, "the connection to %s is closed", c->endpoint);
    if (open_socket(c, e) < 0)
        return -1;
    drop_queue(c);
    kick(c);
    return 0;
}

uint64_t
chan_received(const struct chan *c)
{
    return c->received;
}

uint64_t
chan_sent(const struct chan *c)
{
    return c->sent;
}
