/* door_tak_client: a connection of a TAK client: its beginning, in whose name it speaks, its end. */
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "door_tak_priv.h"
#include "timefmt.h"

#define HANDSHAKE_US (10 * SECOND_US)
#define AUTH_US      (10 * SECOND_US)
#define LOOK_US      20000 /* at a message that comes in bits */
#define LOG_BURST    20    /* lines of one kind in LOG_US */
#define LOG_US       (10 * SECOND_US)

/* A device that is switched off, or lost its link, says nothing: it is found in two minutes. */
#define KEEPALIVE_IDLE_S     60
#define KEEPALIVE_INTERVAL_S 15
#define KEEPALIVE_PROBES     4
#define UNACKNOWLEDGED_MS    120000 /* the same for one that owes us an acknowledgement */

#define SAY_WHO "it does not say who it is: let it send <auth>, or set collector.tak_source"

bool
tak_may_log(struct log_limit *l, uint64_t *suppressed)
{
    *suppressed = 0;
    return log_allow(l, mono_now_us(), LOG_US, LOG_BURST, suppressed);
}

static void
arm(struct event *ev, int64_t us)
{
    struct timeval tv = {.tv_sec = us / SECOND_US, .tv_usec = (suseconds_t)(us % SECOND_US)};

    if (event_add(ev, &tv) < 0)
        log_error("a timer of a TAK connection cannot be set: out of memory");
}

void
tak_client_wake(struct tak_client *c, int64_t in_us)
{
    arm(c->wake, in_us);
}

void
tak_client_pause(struct tak_client *c, int64_t for_us)
{
    c->paused = true;
    arm(c->wake, for_us);
}

/* ---- the end */

void
tak_client_end(struct tak_client *c, const char *why)
{
    uint64_t suppressed;

    if (!c->doomed && tak_may_log(&c->door->ended_limit, &suppressed))
        log_warn("a TAK connection is closed: %s from=%s source=%s suppressed=%" PRIu64, why,
                 c->from, c->source[0] != '\0' ? c->source : "-", suppressed);
    c->doomed = c->open = true;
    tak_client_wake(c, 0);
}

void
tak_client_free(struct tak_client *c)
{
    if (c->prev != NULL) {
        *c->prev = c->next;
        if (c->next != NULL)
            c->next->prev = c->prev;
        (*c->door->m_connections)--;
    }
    if (c->deadline != NULL)
        event_free(c->deadline);
    if (c->wake != NULL)
        event_free(c->wake);
    if (c->bev != NULL)
        bufferevent_free(c->bev);
    free(c);
}

/* ---- in whose name */

static void
speaks_for(struct tak_client *c, const char *source, enum tak_by by)
{
    static const char *const names[] = {"nobody", "tak_source", "token", "certificate"};
    uint64_t suppressed;

    (void)snprintf(c->source, sizeof c->source, "%s", source);
    c->by = by;
    (void)event_del(c->deadline); /* fails only for an event that was never made */
    if (tak_may_log(&c->door->came_limit, &suppressed))
        log_info("a TAK client speaks for source=%s by=%s tls=%d from=%s suppressed=%" PRIu64,
                 source, names[by], c->tls, c->from, suppressed);
}

void
tak_client_authenticate(struct tak_client *c, const struct tak_message *m)
{
    const struct source_conf *s = NULL;
    struct err e = {.text = ""};
    char quoted[400];

    if (c->by == TAK_BY_CERTIFICATE)
        return; /* it says more than a password */
    if (m->username == NULL || m->password == NULL)
        (void)err_set(&e, "<auth> has no username or no password");
    else
        s = sources_by_name(c->door->sources, m->username, m->password, false, &e);
    if (s != NULL && (s->token == NULL || s->token[0] == '\0')) {
        (void)err_set(&e, "source '%.64s' has no token: it may only report through local sockets",
                      s->name);
        s = NULL;
    }
    if (s != NULL)
        speaks_for(c, s->name, TAK_BY_TOKEN);
    else
        tak_client_end(c, log_quote(e.text, strlen(e.text), quoted, sizeof quoted));
}

const struct source_conf *
tak_client_source(struct tak_client *c)
{
    const struct config *conf = c->door->config;
    const struct source_conf *s;

    if (c->by == TAK_BY_NOBODY && conf->collector.tak_source != NULL)
        speaks_for(c, conf->collector.tak_source, TAK_BY_DEFAULT);
    s = c->by != TAK_BY_NOBODY ? config_source(conf, c->source) : NULL;
    if (s == NULL)
        tak_client_end(c, SAY_WHO);
    return s;
}

/* The connection stands: who is it, and how long may it take to say so? */
static void
begin(struct tak_client *c)
{
    struct door_tak *d = c->door;
    char name[MAX_NAME + 1], quoted[MAX_NAME + 8], why[sizeof quoted + 80];

    c->open = true;
    (void)event_del(c->deadline);
    if (c->tls && tls_client_name(c->bev, name, sizeof name)) {
        if (config_source(d->config, name) == NULL) {
            (void)snprintf(why, sizeof why, "its certificate says %s, and no source is called that",
                           log_quote(name, strlen(name), quoted, sizeof quoted));
            tak_client_end(c, why);
            return;
        }
        speaks_for(c, name, TAK_BY_CERTIFICATE);
    } else if (d->config->collector.tak_source == NULL) {
        arm(c->deadline, AUTH_US);
    }
    buf_reset(&d->out);
    tak_write_offer(&d->out, NULL, wall_now_us());
    if (!d->out.failed)
        (void)bufferevent_write(c->bev, d->out.data, d->out.len);
}

void
tak_client_reload(struct tak_client *c, const struct config *next)
{
    const struct source_conf *was = config_source(c->door->config, c->source), *is;

    if (c->by == TAK_BY_NOBODY)
        return;
    if (c->by == TAK_BY_DEFAULT)
        (void)snprintf(c->source, sizeof c->source, "%s",
                       next->collector.tak_source != NULL ? next->collector.tak_source : "");
    is = config_source(next, c->source);
    if (is == NULL)
        tak_client_end(c, "the new configuration does not know its source");
    else if (c->by == TAK_BY_TOKEN &&
             (is->token == NULL || was == NULL || strcmp(was->token, is->token) != 0))
        tak_client_end(c, "its source has another token now");
}

/* ---- events */

static void
on_read(struct bufferevent *bev, void *arg)
{
    struct tak_client *c = arg;

    (void)bev;
    /* A long message that comes byte by byte is not looked at whole for each of them. */
    if (c->look_at > 0 && tak_client_unread(c) < c->look_at) {
        if (!evtimer_pending(c->wake, NULL))
            tak_client_wake(c, LOOK_US);
        return;
    }
    tak_client_step(c);
}

static void
on_wake(evutil_socket_t fd, short what, void *arg)
{
    struct tak_client *c = arg;

    (void)fd;
    (void)what;
    c->paused = false;
    tak_client_step(c);
}

static void
on_deadline(evutil_socket_t fd, short what, void *arg)
{
    struct tak_client *c = arg;

    (void)fd;
    (void)what;
    tak_client_end(c, c->open ? SAY_WHO : "its TLS handshake took longer than 10 s");
}

/* Libevent may call this from within a write of ours: the step comes later. */
static void
on_event(struct bufferevent *bev, short what, void *arg)
{
    struct tak_client *c = arg;
    uint64_t suppressed;
    char why[256];

    if ((what & BEV_EVENT_CONNECTED) != 0) {
        begin(c);
        return;
    }
    if (c->tls && tls_error(bev, why, sizeof why)[0] != '\0' &&
        tak_may_log(&c->door->tls_limit, &suppressed))
        log_warn("TLS with a TAK client failed: %s from=%s source=%s suppressed=%" PRIu64, why,
                 c->from, c->source[0] != '\0' ? c->source : "-", suppressed);
    c->gone = true;
    if (!c->open)
        c->doomed = c->open = true;
    tak_client_wake(c, 0);
}

/* ---- the beginning */

static void
keep_alive(evutil_socket_t fd)
{
    static const struct {
        int level, option, value;
    } options[] = {{SOL_SOCKET, SO_KEEPALIVE, 1},
                   {IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE_IDLE_S},
                   {IPPROTO_TCP, TCP_KEEPINTVL, KEEPALIVE_INTERVAL_S},
                   {IPPROTO_TCP, TCP_KEEPCNT, KEEPALIVE_PROBES},
                   {IPPROTO_TCP, TCP_USER_TIMEOUT, UNACKNOWLEDGED_MS},
                   {IPPROTO_TCP, TCP_NODELAY, 1}};

    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
        if (setsockopt(fd, options[i].level, options[i].option, &options[i].value,
                       sizeof options[i].value) < 0)
            log_debug("setsockopt %d on a TAK connection: %s", options[i].option, strerror(errno));
}

static void
note_address(struct tak_client *c, const struct sockaddr *from, int len)
{
    char host[NI_MAXHOST], port[NI_MAXSERV];

    if (getnameinfo(from, (socklen_t)len, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0 ||
        snprintf(c->from, sizeof c->from, "%s:%s", host, port) >= (int)sizeof c->from)
        (void)snprintf(c->from, sizeof c->from, "?");
}

static void
enlist(struct door_tak *d, struct tak_client *c)
{
    c->next = d->clients;
    c->prev = &d->clients;
    if (d->clients != NULL)
        d->clients->prev = &c->next;
    d->clients = c;
    (*d->m_connections)++;
}

void
tak_client_new(struct door_tak *d, evutil_socket_t fd, const struct sockaddr *from, int len,
               bool tls)
{
    struct tak_client *c = calloc(1, sizeof *c);

    if (c != NULL) {
        c->door = d;
        c->tls = tls;
        c->number = d->accepted++;
        c->deadline = evtimer_new(d->svc->base, on_deadline, c);
        c->wake = evtimer_new(d->svc->base, on_wake, c);
        c->bev = tls ? tls_accept(d->tls, d->svc->base, fd)
                     : bufferevent_socket_new(d->svc->base, fd, BEV_OPT_CLOSE_ON_FREE);
    }
    if (c == NULL || c->bev == NULL || c->deadline == NULL || c->wake == NULL) {
        log_error("a TAK client cannot be let in: out of memory");
        if (c == NULL || c->bev == NULL)
            (void)close(fd);
        if (c != NULL)
            tak_client_free(c);
        return;
    }
    enlist(d, c);
    note_address(c, from, len);
    keep_alive(fd);
    bufferevent_setcb(c->bev, on_read, NULL, on_event, c);
    (void)bufferevent_enable(c->bev, EV_READ | EV_WRITE);
    if (tls)
        arm(c->deadline, HANDSHAKE_US);
    else
        begin(c);
}
