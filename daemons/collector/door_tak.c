/* door_tak: see door_tak.h. Here: listening, the cap, reload, figures. */
#include <errno.h>
#include <inttypes.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "door_tak_priv.h"
#include "metrics.h"
#include "timefmt.h"

#define BACKLOG 128
#define REST_US 100000 /* of a listener whose accept() fails: no descriptors, no memory */

static bool
is_off(const char *listen)
{
    return listen == NULL || listen[0] == '\0' || strcmp(listen, "off") == 0;
}

/* ---- accepting */

static void
on_accept(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *from, int len, void *arg)
{
    struct tak_listener *at = arg;
    struct door_tak *d = at->door;
    uint64_t suppressed = 0;

    (void)l;
    if (*d->m_connections < d->config->collector.tak_connections) {
        tak_client_new(d, fd, from, len, at->tls);
        return;
    }
    (void)close(fd); /* nothing was written */
    (*d->m_turned_away)++;
    if (log_allow(&d->turned_limit, mono_now_us(), MINUTE_US, 1, &suppressed))
        log_warn("a TAK client was turned away: there are collector.tak_connections=%" PRId64
                 " already suppressed=%" PRIu64,
                 d->config->collector.tak_connections, suppressed);
}

static void
on_rest(evutil_socket_t fd, short what, void *arg)
{
    struct tak_listener *at = arg;

    (void)fd;
    (void)what;
    (void)evconnlistener_enable(at->listener); /* fails only when memory is out; accept() tells */
}

/* Without a descriptor the connection stays in the backlog and the listener readable: it would
 * spin. */
static void
on_accept_error(struct evconnlistener *l, void *arg)
{
    struct tak_listener *at = arg;
    struct timeval tv = {.tv_usec = REST_US};
    uint64_t suppressed = 0;
    int error = errno;

    (void)evconnlistener_disable(l);
    (void)event_add(at->rest, &tv);
    if (log_allow(&at->door->turned_limit, mono_now_us(), MINUTE_US, 1, &suppressed))
        log_warn("a TAK client cannot be let in for now: %s suppressed=%" PRIu64, strerror(error),
                 suppressed);
}

/* ---- listening */

/* "HOST:PORT", "[::1]:PORT" into its parts. */
static int
split(const char *listen, char *host, size_t size, const char **port)
{
    const char *colon = strrchr(listen, ':');
    size_t n = colon != NULL ? (size_t)(colon - listen) : 0;

    if (n == 0 || n >= size || colon[1] == '\0')
        return -1;
    if (listen[0] == '[' && listen[n - 1] == ']') {
        listen++;
        n -= 2;
    }
    memcpy(host, listen, n);
    host[n] = '\0';
    *port = colon + 1;
    return 0;
}

static void
log_listening(const struct tak_listener *at)
{
    struct sockaddr_storage sa = {0};
    socklen_t len = sizeof sa;
    char host[NI_MAXHOST] = "?", port[NI_MAXSERV] = "?";

    if (getsockname(evconnlistener_get_fd(at->listener), (struct sockaddr *)&sa, &len) == 0)
        (void)getnameinfo((struct sockaddr *)&sa, len, host, sizeof host, port, sizeof port,
                          NI_NUMERICHOST | NI_NUMERICSERV); /* then they stay "?" */
    log_info("tak door%s listens on %s:%s", at->tls ? " under TLS" : "", host, port);
}

static int
listen_on(struct door_tak *d, struct tak_listener *at, bool tls, const char *key,
          const char *listen, struct err *e)
{
    struct evutil_addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = EVUTIL_AI_PASSIVE};
    struct evutil_addrinfo *found = NULL;
    char host[256];
    const char *port;
    int rc;

    at->door = d;
    at->tls = tls;
    if (is_off(listen))
        return 0;
    if (split(listen, host, sizeof host, &port) < 0)
        return err_set(e, "collector.%s: '%s' is not ADDRESS:PORT", key, listen);
    if ((rc = evutil_getaddrinfo(host, port, &hints, &found)) != 0)
        return err_set(e, "collector.%s: %s: %s", key, listen, evutil_gai_strerror(rc));
    at->rest = evtimer_new(d->svc->base, on_rest, at);
    at->listener =
        evconnlistener_new_bind(d->svc->base, on_accept, at,
                                LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE,
                                BACKLOG, found->ai_addr, (int)found->ai_addrlen);
    rc = errno;
    evutil_freeaddrinfo(found);
    if (at->listener == NULL)
        return err_set(e, "cannot listen on %s: %s; is another instance running? set collector.%s",
                       listen, strerror(rc), key);
    if (at->rest == NULL)
        return err_set(e, "out of memory");
    evconnlistener_set_error_cb(at->listener, on_accept_error);
    log_listening(at);
    return 0;
}

static void
stop_listening(struct tak_listener *at)
{
    if (at->listener != NULL)
        evconnlistener_free(at->listener);
    if (at->rest != NULL)
        event_free(at->rest);
    at->listener = NULL;
    at->rest = NULL;
}

/* ---- TLS and reload */

static int
load_tls(const struct config *c, struct tls **out, struct err *e)
{
    if (c->collector.tls_cert == NULL || c->collector.tls_key == NULL)
        return err_set(e, "collector.listen_tak_tls needs collector.tls_cert and tls_key");
    return tls_new(c->collector.tls_cert, c->collector.tls_key, c->collector.tls_clients, out, e);
}

static int
check_source(const struct config *c, struct err *e)
{
    const char *name = c->collector.tak_source;

    if (name != NULL && config_source(c, name) == NULL)
        return err_set(e, "collector.tak_source: no source is called '%.64s'", name);
    return 0;
}

int
door_tak_prepare(struct door_tak *d, const struct config *next, struct err *e)
{
    if (d == NULL)
        return 0;
    tls_free(d->next_tls);
    d->next_tls = NULL;
    if (check_source(next, e) < 0)
        return -1;
    return d->tls != NULL ? load_tls(next, &d->next_tls, e) : 0;
}

void
door_tak_commit(struct door_tak *d, const struct config *next)
{
    if (d == NULL)
        return;
    for (struct tak_client *c = d->clients, *following; c != NULL; c = following) {
        following = c->next;
        tak_client_reload(c, next);
    }
    d->config = next;
    if (d->next_tls != NULL) {
        tls_free(d->tls);
        d->tls = d->next_tls;
        d->next_tls = NULL;
    }
}

void
door_tak_drain(struct door_tak *d)
{
    bool more = d != NULL;

    if (d == NULL)
        return;
    d->draining = true;
    stop_listening(&d->plain);
    stop_listening(&d->under_tls);
    /* Nothing is read any more, so this ends: each turn takes something off what was read. */
    while (more) {
        store_commit(d->store);
        more = false;
        for (struct tak_client *c = d->clients, *following; c != NULL; c = following) {
            following = c->next;
            more |= tak_client_drain(c);
        }
    }
}

/* ---- figures */

void
door_tak_status(struct door_tak *d, struct daemon_status *out, struct arena *a)
{
    if (d == NULL)
        return;
    store_figure(out, a, "tak_connections", *d->m_connections);
    store_figure(out, a, "tak_events", *d->m_events);
    store_figure(out, a, "tak_repeats", *d->m_repeats);
    store_figure(out, a, "tak_ignored", *d->m_ignored);
    store_figure(out, a, "tak_refused", *d->m_refused);
}

static void
count_with(struct door_tak *d)
{
    d->m_connections = metric_new(METRIC_GAUGE, "tak_connections", NULL, "Open TAK connections");
    d->m_turned_away = metric_new(METRIC_COUNTER, "tak_turned_away_total", NULL,
                                  "TAK clients beyond tak_connections");
    d->m_events = metric_new(METRIC_COUNTER, "tak_events_total", NULL, "Events of TAK clients");
    d->m_ignored = metric_new(METRIC_COUNTER, "tak_ignored_total", NULL,
                              "Those of them that are nothing to take in");
    d->m_repeats =
        metric_new(METRIC_COUNTER, "tak_repeats_total", NULL, "Those of them that were no news");
    d->m_refused = metric_new(METRIC_COUNTER, "tak_refused_total", NULL,
                              "Those of them that were refused, and what was no event");
}

int
door_tak_new(struct svc *s, struct store *st, struct sources *src, struct door_tak **out,
             struct err *e)
{
    const struct config *c = s->config;
    bool tls = !is_off(c->collector.listen_tak_tls);
    struct door_tak *d;

    *out = NULL;
    if (!tls && is_off(c->collector.listen_tak))
        return 0;
    if (check_source(c, e) < 0)
        return -1;
    if ((d = calloc(1, sizeof *d)) == NULL)
        return err_set(e, "out of memory");
    d->svc = s;
    d->store = st;
    d->sources = src;
    d->config = c;
    d->start_us = (uint64_t)wall_now_us();
    buf_init(&d->out, 0);
    count_with(d);
    if ((d->talk = arena_new(0)) == NULL || (d->arena = arena_new(0)) == NULL ||
        (d->repeats = repeats_new()) == NULL) {
        (void)err_set(e, "out of memory");
        goto fail;
    }
    if ((tls && load_tls(c, &d->tls, e) < 0) ||
        listen_on(d, &d->plain, false, "listen_tak", c->collector.listen_tak, e) < 0 ||
        listen_on(d, &d->under_tls, true, "listen_tak_tls", c->collector.listen_tak_tls, e) < 0)
        goto fail;
    *out = d;
    return 0;
fail:
    door_tak_free(d);
    return -1;
}

void
door_tak_free(struct door_tak *d)
{
    if (d == NULL)
        return;
    stop_listening(&d->plain);
    stop_listening(&d->under_tls);
    while (d->clients != NULL)
        tak_client_free(d->clients);
    tls_free(d->tls);
    tls_free(d->next_tls);
    repeats_free(d->repeats);
    arena_free(d->talk);
    arena_free(d->arena);
    buf_fini(&d->out);
    free(d);
}
