/* http: see http.h.
 *
 * The cap: evhttp does not tell when a connection ends. So accepts are counted, and when their
 * number could have reached the cap, the descriptors that are really open on our ports are
 * counted; at the cap the listeners rest for a moment. Only then it matters who is slow: that walk
 * knows a connection again by its inode, and a request that arrived whole notes the time. */
#include "http.h"

#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>

#include "buf.h"
#include "clock.h"
#include "json.h"
#include "log.h"
#include "metrics.h"
#include "timefmt.h"
#include "tls.h"

#define HEADER_BYTES 16384
#define REST_US      (100 * INT64_C(1000))

enum { PLAIN, SECURE, LISTENERS };

struct listener {
    struct http *http;
    struct evhttp *ev; /* NULL = off */
    struct evhttp_bound_socket *bound;
    struct tls *tls; /* NULL = plain */
    int port;
};

struct route {
    struct route *next;
    struct http *http;
    http_fn *fn;
    void *arg;
};

/* What the cap knows of a descriptor. */
struct seat {
    uint64_t inode;
    int64_t since_us; /* of the last whole request, or first seen */
};

struct http {
    struct svc *svc;
    struct listener listeners[LISTENERS];
    struct route *routes;
    struct event *rest;
    struct buf text;
    struct http_held *held;
    struct seat *seats; /* by descriptor */
    int n_seats;
    int64_t cap, accepted; /* accepted since the last count, plus what was open then */
    int64_t slow_us;
    int64_t *m_refused, *m_connections, *m_cut;
};

/* ---- the cap */

#define NO_SOCKET (-1) /* none of the internet */
#define NOT_OPEN  (-2)

/* The port of a socket's own address. */
static int
port_of(int fd)
{
    struct sockaddr_storage sa = {0};
    socklen_t len = sizeof sa;
    struct sockaddr_in in4;
    struct sockaddr_in6 in6;

    if (getsockname(fd, (struct sockaddr *)&sa, &len) < 0)
        return errno == EBADF ? NOT_OPEN : NO_SOCKET;
    memcpy(&in4, &sa, sizeof in4);
    memcpy(&in6, &sa, sizeof in6);
    return sa.ss_family == AF_INET    ? ntohs(in4.sin_port)
           : sa.ss_family == AF_INET6 ? ntohs(in6.sin6_port)
                                      : NO_SOCKET;
}

/* Is fd, whose port this is, a connection of ours? */
static bool
is_ours(const struct http *h, int fd, int port)
{
    for (int i = 0; i < LISTENERS; i++) {
        const struct listener *l = &h->listeners[i];
        if (l->bound != NULL && l->port == port)
            return evhttp_bound_socket_get_fd(l->bound) != fd;
    }
    return false;
}

static struct seat *
seat_of(struct http *h, int fd)
{
    if (fd >= h->n_seats) {
        int n = fd + 256;
        struct seat *more = realloc(h->seats, (size_t)n * sizeof *more);
        if (more == NULL)
            return NULL;
        memset(more + h->n_seats, 0, (size_t)(n - h->n_seats) * sizeof *more);
        h->seats = more;
        h->n_seats = n;
    }
    return &h->seats[fd];
}

static void
cut_if_slow(struct http *h, int fd, int64_t now)
{
    struct stat st;
    struct seat *p = seat_of(h, fd);

    if (p == NULL || fstat(fd, &st) < 0)
        return;
    if (p->inode != (uint64_t)st.st_ino) {
        *p = (struct seat){.inode = (uint64_t)st.st_ino, .since_us = now};
    } else if (now - p->since_us > h->slow_us) {
        (void)shutdown(fd, SHUT_RDWR); /* evhttp sees its end and closes it */
        p->since_us = now;
        (*h->m_cut)++;
    }
}

static int64_t
count_open(struct http *h, bool full)
{
    int64_t n = 0, now = mono_now_us();

    for (int fd = 0, misses = 0; misses < 256; fd++) {
        int port = port_of(fd);
        misses = port == NOT_OPEN ? misses + 1 : 0;
        if (!is_ours(h, fd, port))
            continue;
        n++;
        if (full)
            cut_if_slow(h, fd, now);
    }
    return n;
}

static void
on_rest(evutil_socket_t fd, short what, void *arg)
{
    struct http *h = arg;
    struct timeval tv = {.tv_usec = REST_US};

    (void)fd;
    (void)what;
    h->accepted = count_open(h, false);
    *h->m_connections = h->accepted;
    if (h->accepted >= h->cap) {
        (void)count_open(h, true);
        (void)event_add(h->rest, &tv);
        return;
    }
    for (int i = 0; i < LISTENERS; i++)
        if (h->listeners[i].bound != NULL)
            (void)evconnlistener_enable(evhttp_bound_socket_get_listener(h->listeners[i].bound));
}

static struct bufferevent *
on_connection(struct event_base *base, void *arg)
{
    struct listener *l = arg;
    struct http *h = l->http;
    struct timeval tv = {.tv_usec = 1};

    if (++h->accepted >= h->cap) {
        for (int i = 0; i < LISTENERS; i++)
            if (h->listeners[i].bound != NULL)
                (void)evconnlistener_disable(
                    evhttp_bound_socket_get_listener(h->listeners[i].bound));
        (void)event_add(h->rest, &tv);
    }
    *h->m_connections = h->accepted;
    return l->tls != NULL ? tls_accept(l->tls, base, -1)
                          : bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
}

/* ---- answers */

void
http_send(struct evhttp_request *req, int code, const char *phrase, const char *type,
          const char *body, size_t len)
{
    struct evbuffer *out = evbuffer_new();

    (void)evhttp_add_header(evhttp_request_get_output_headers(req), "Content-Type", type);
    if (out != NULL && len > 0 && evhttp_request_get_command(req) != EVHTTP_REQ_HEAD)
        (void)evbuffer_add(out, body, len);
    evhttp_send_reply(req, code, phrase, out);
    if (out != NULL)
        evbuffer_free(out);
}

void
http_problem(struct http *h, struct evhttp_request *req, int code, const char *title,
             const char *detail)
{
    struct json j;

    buf_reset(&h->text);
    json_init(&j, &h->text);
    json_open(&j, NULL, '{');
    json_str(&j, "type", "about:blank");
    json_str(&j, "title", title);
    json_int(&j, "status", code);
    json_str(&j, "detail", detail);
    json_close(&j, '}');
    (*h->m_refused)++;
    http_send(req, code, title, "application/problem+json", h->text.data, h->text.len);
}

void
http_try_later(struct http *h, struct evhttp_request *req, int code, uint32_t seconds,
               const char *why)
{
    char text[16];

    (void)snprintf(text, sizeof text, "%u", seconds > 0 ? seconds : 1);
    (void)evhttp_add_header(evhttp_request_get_output_headers(req), "Retry-After", text);
    http_problem(h, req, code, code == 429 ? "Too Many Requests" : "Service Unavailable", why);
}

void
http_bad_method(struct http *h, struct evhttp_request *req, const char *allow)
{
    (void)evhttp_add_header(evhttp_request_get_output_headers(req), "Allow", allow);
    http_problem(h, req, 405, "Method Not Allowed", "the methods are those of Allow");
}

/* ---- held requests */

static void
on_gone(struct evhttp_connection *conn, void *arg)
{
    struct http_held *w = arg;

    (void)conn;
    /* evhttp takes a request that is not answered yet off a connection whose end it saw, and
     * leaves it to us; else it goes with the connection. */
    if (evhttp_request_get_connection(w->req) == NULL)
        evhttp_request_free(w->req);
    w->req = NULL;
    w->conn = NULL;
}

void
http_hold(struct http *h, struct http_held *w, struct evhttp_request *req)
{
    w->req = req;
    w->conn = evhttp_request_get_connection(req);
    w->next = h->held;
    w->prev = &h->held;
    if (h->held != NULL)
        h->held->prev = &w->next;
    h->held = w;
    evhttp_connection_set_closecb(w->conn, on_gone, w);
}

struct evhttp_request *
http_release(struct http_held *w)
{
    if (w->conn != NULL)
        evhttp_connection_set_closecb(w->conn, NULL, NULL);
    *w->prev = w->next;
    if (w->next != NULL)
        w->next->prev = w->prev;
    return w->req;
}

/* ---- requests */

static bool
is_number(const char *s)
{
    return s[0] != '\0' && s[strspn(s, "0123456789")] == '\0';
}

/* NULL, or why the message cannot be told from what follows it. */
static const char *
ambiguous(struct evhttp_request *req)
{
    const struct evkeyvalq *headers = evhttp_request_get_input_headers(req);
    size_t lengths = 0, codings = 0;

    for (const struct evkeyval *kv = headers->tqh_first; kv != NULL; kv = kv->next.tqe_next) {
        for (const char *p = kv->key; *p != '\0'; p++)
            if (!isalnum((unsigned char)*p) && strchr("!#$%&'*+-.^_`|~", *p) == NULL)
                return "a header's name has a character that no name has";
        if (strcasecmp(kv->key, "Content-Length") == 0) {
            lengths++;
            if (!is_number(kv->value))
                return "Content-Length is no number";
        } else if (strcasecmp(kv->key, "Transfer-Encoding") == 0) {
            codings++;
            if (strcasecmp(kv->value, "chunked") != 0)
                return "Transfer-Encoding is not chunked, the only one that is read";
        }
    }
    return lengths + codings > 1 ? "the length of the body is ambiguous" : NULL;
}

static void
on_request(struct evhttp_request *req, void *arg)
{
    const struct route *r = arg;
    const char *why = ambiguous(req);
    struct evhttp_connection *conn = evhttp_request_get_connection(req);
    int fd = bufferevent_getfd(evhttp_connection_get_bufferevent(conn));

    if (fd >= 0 && fd < r->http->n_seats)
        r->http->seats[fd].since_us = mono_now_us();
    if (why == NULL) {
        r->fn(r->arg, req);
        return;
    }
    (void)evhttp_add_header(evhttp_request_get_output_headers(req), "Connection", "close");
    http_problem(r->http, req, 400, "Bad Request", why);
}

static void
on_other(void *arg, struct evhttp_request *req)
{
    http_problem(arg, req, 404, "Not Found",
                 "there is POST /v1/incidents, POST /v1/sms/{smssync,twilio,rapidpro,kannel}, "
                 "GET /healthz, GET /metrics");
}

/* path NULL: all that have no route. */
int
http_route(struct http *h, const char *path, http_fn *fn, void *arg, struct err *e)
{
    struct route *r = calloc(1, sizeof *r);

    if (r == NULL)
        return err_set(e, "out of memory");
    *r = (struct route){.next = h->routes, .http = h, .fn = fn, .arg = arg};
    h->routes = r;
    for (int i = 0; i < LISTENERS; i++) {
        struct evhttp *ev = h->listeners[i].ev;
        if (ev != NULL && path == NULL)
            evhttp_set_gencb(ev, on_request, r);
        else if (ev != NULL && evhttp_set_cb(ev, path, on_request, r) < 0)
            return err_set(e, "out of memory");
    }
    return 0;
}

/* ---- making */

static int
bind_to(struct listener *l, const char *listen, const char *key, struct err *e)
{
    char host[256];
    const char *colon = strrchr(listen, ':');

    if (colon == NULL || (size_t)(colon - listen) >= sizeof host)
        return err_set(e, "collector.%s: '%s' is not HOST:PORT", key, listen);
    (void)snprintf(host, sizeof host, "%.*s", (int)(colon - listen), listen);
    char *h = host;
    size_t hl = strlen(h);
    if (hl > 1 && h[0] == '[' && h[hl - 1] == ']') {
        h[hl - 1] = '\0';
        h++;
    }
    l->bound = evhttp_bind_socket_with_handle(l->ev, h, (ev_uint16_t)strtoul(colon + 1, NULL, 10));
    if (l->bound == NULL)
        return err_set(e, "cannot listen on %s: %s; is another instance running? set collector.%s",
                       listen, strerror(errno), key);
    l->port = port_of(evhttp_bound_socket_get_fd(l->bound));
    log_info("%s door listens on %s:%d", l->tls != NULL ? "https" : "http", h, l->port);
    return 0;
}

static int
listen_at(struct http *h, int which, const char *listen, const char *key, struct err *e)
{
    struct listener *l = &h->listeners[which];
    const struct config *c = h->svc->config;

    l->http = h;
    if (which == SECURE &&
        tls_new(c->collector.tls_cert, c->collector.tls_key, NULL, &l->tls, e) < 0)
        return -1;
    l->ev = evhttp_new(h->svc->base);
    if (l->ev == NULL)
        return err_set(e, "out of memory");
    evhttp_set_max_headers_size(l->ev, HEADER_BYTES);
    evhttp_set_max_body_size(l->ev, c->collector.http_body_bytes);
    evhttp_set_timeout(l->ev, (int)((c->collector.http_timeout_us + SECOND_US - 1) / SECOND_US));
    /* All methods reach us, so that the wrong one gets 405 and not a silent close. */
    evhttp_set_allowed_methods(l->ev, EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_HEAD |
                                          EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE | EVHTTP_REQ_PATCH |
                                          EVHTTP_REQ_OPTIONS);
    evhttp_set_bevcb(l->ev, on_connection, l);
    svc_http_attach(l->ev);
    return bind_to(l, listen, key, e);
}

static bool
is_on(const char *listen)
{
    return listen != NULL && listen[0] != '\0' && strcmp(listen, "off") != 0;
}

int
http_new(struct svc *s, struct http **out, struct err *e)
{
    const struct config *c = s->config;
    bool plain = is_on(c->collector.listen_http), secure = is_on(c->collector.listen_https);
    struct http *h;

    *out = NULL;
    if (!plain && !secure)
        return 0;
    if ((h = calloc(1, sizeof *h)) == NULL)
        return err_set(e, "out of memory");
    h->svc = s;
    h->cap = c->collector.http_connections;
    h->slow_us = 2 * c->collector.http_timeout_us;
    buf_init(&h->text, 0);
    h->m_refused = metric_new(METRIC_COUNTER, "http_refused_total", NULL, "Requests refused");
    h->m_connections =
        metric_new(METRIC_GAUGE, "http_connections", NULL, "Connections, an upper bound");
    h->m_cut = metric_new(METRIC_COUNTER, "http_slow_total", NULL,
                          "Slow connections that were cut because all places were taken");
    h->rest = evtimer_new(s->base, on_rest, h);
    if (h->rest == NULL) {
        (void)err_set(e, "out of memory");
        goto fail;
    }
    if ((plain && listen_at(h, PLAIN, c->collector.listen_http, "listen_http", e) < 0) ||
        (secure && listen_at(h, SECURE, c->collector.listen_https, "listen_https", e) < 0) ||
        http_route(h, NULL, on_other, h, e) < 0)
        goto fail;
    *out = h;
    return 0;
fail:
    http_free(h);
    return -1;
}

int
http_reload(struct http *h, const struct config *c, struct err *e)
{
    struct tls *next;

    if (h == NULL || h->listeners[SECURE].tls == NULL || c->collector.tls_cert == NULL)
        return 0;
    if (tls_new(c->collector.tls_cert, c->collector.tls_key, NULL, &next, e) < 0)
        return -1;
    tls_free(h->listeners[SECURE].tls);
    h->listeners[SECURE].tls = next;
    return 0;
}

void
http_free(struct http *h)
{
    if (h == NULL)
        return;
    if (h->rest != NULL)
        event_free(h->rest);
    for (struct http_held *w = h->held, *next; w != NULL; w = next) {
        next = w->next;
        if (w->conn != NULL)
            evhttp_connection_set_closecb(w->conn, NULL, NULL);
        free(w);
    }
    for (int i = 0; i < LISTENERS; i++) {
        if (h->listeners[i].ev != NULL)
            evhttp_free(h->listeners[i].ev);
        tls_free(h->listeners[i].tls);
    }
    for (struct route *r = h->routes, *next; r != NULL; r = next) {
        next = r->next;
        free(r);
    }
    free(h->seats);
    buf_fini(&h->text);
    free(h);
}
