/* door_http: see door_http.h. On evhttp, with what evhttp lacks: a cap on connections, a
 * refusal of more than one Content-Length.
 *
 * The cap: evhttp does not tell when a connection ends. So accepts are counted, and when their
 * number could have reached the cap, the descriptors that are really open on our port are
 * counted; at the cap the listener rests for a moment, and the kernel's backlog holds who comes.
 * Idle and half-open connections end by the timeout.
 *
 * The answer to a POST follows the flush. When the client has gone by then, `gone` says so; what
 * it sent is stored all the same. */
#include "door_http.h"

#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/queue.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>

#include "buf.h"
#include "clock.h"
#include "format.h"
#include "json.h"
#include "log.h"
#include "metrics.h"
#include "record_json.h"
#include "timefmt.h"

#define HEADER_BYTES 16384
#define REST_US      (100 * INT64_C(1000))

struct door_http {
    struct svc *svc;
    struct store *store;
    struct sources *sources;
    struct evhttp *http;
    struct evhttp_bound_socket *bound;
    struct event *rest;
    struct arena *arena;
    struct buf text;
    struct posted *open;
    int64_t cap, accepted; /* accepted since the last count, plus what was open then */
    int port;
    uint64_t posts;
    uint64_t start_us; /* makes acceptances of this run different from those of another */
    int64_t *m_posts, *m_refused, *m_connections;
};

/* One POST that waits for the flush. */
struct posted {
    struct posted *next, **prev;
    struct door_http *door;
    struct evhttp_request *req;
    struct evhttp_connection *conn;
    struct batch *batch;
    uint64_t number;
    size_t index;
};

/* ---- the cap */

/* The port of a socket's own address; -1 when it is no socket of the internet. */
static int
port_of(const struct sockaddr_storage *sa)
{
    struct sockaddr_in in4;
    struct sockaddr_in6 in6;

    memcpy(&in4, sa, sizeof in4);
    memcpy(&in6, sa, sizeof in6);
    return sa->ss_family == AF_INET    ? ntohs(in4.sin_port)
           : sa->ss_family == AF_INET6 ? ntohs(in6.sin6_port)
                                       : -1;
}

static int64_t
count_open(const struct door_http *d)
{
    int64_t n = 0;
    struct sockaddr_storage sa = {0};

    for (int fd = 0, misses = 0; misses < 256; fd++) {
        socklen_t len = sizeof sa;
        if (getsockname(fd, (struct sockaddr *)&sa, &len) < 0) {
            misses = errno == EBADF ? misses + 1 : 0;
            continue;
        }
        misses = 0;
        if (port_of(&sa) == d->port)
            n++;
    }
    return n > 0 ? n - 1 : 0; /* one of them listens */
}

static void
on_rest(evutil_socket_t fd, short what, void *arg)
{
    struct door_http *d = arg;

    (void)fd;
    (void)what;
    d->accepted = count_open(d);
    if (d->accepted < d->cap) {
        (void)evconnlistener_enable(evhttp_bound_socket_get_listener(d->bound));
        return;
    }
    struct timeval tv = {.tv_usec = REST_US};
    (void)event_add(d->rest, &tv);
}

static struct bufferevent *
on_connection(struct event_base *base, void *arg)
{
    struct door_http *d = arg;

    if (++d->accepted >= d->cap) {
        (void)evconnlistener_disable(evhttp_bound_socket_get_listener(d->bound));
        struct timeval tv = {.tv_usec = 1};
        (void)event_add(d->rest, &tv);
    }
    *d->m_connections = d->accepted;
    return bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
}

/* ---- answers */

static void
send_body(struct evhttp_request *req, int code, const char *phrase, const char *type,
          const char *body, size_t len)
{
    struct evbuffer *out = evbuffer_new();

    (void)evhttp_add_header(evhttp_request_get_output_headers(req), "Content-Type", type);
    if (out != NULL)
        (void)evbuffer_add(out, body, len);
    evhttp_send_reply(req, code, phrase, out);
    if (out != NULL)
        evbuffer_free(out);
}

/* RFC 9457. */
static void
problem(struct door_http *d, struct evhttp_request *req, int code, const char *title,
        const char *detail)
{
    struct json j;

    buf_reset(&d->text);
    json_init(&j, &d->text);
    json_open(&j, NULL, '{');
    json_str(&j, "type", "about:blank");
    json_str(&j, "title", title);
    json_int(&j, "status", code);
    json_str(&j, "detail", detail);
    json_close(&j, '}');
    (*d->m_refused)++;
    send_body(req, code, title, "application/problem+json", d->text.data, d->text.len);
}

static void
try_later(struct door_http *d, struct evhttp_request *req, int code, uint32_t seconds,
          const char *why)
{
    char text[16];

    (void)snprintf(text, sizeof text, "%u", seconds > 0 ? seconds : 1);
    (void)evhttp_add_header(evhttp_request_get_output_headers(req), "Retry-After", text);
    problem(d, req, code, code == 429 ? "Too Many Requests" : "Service Unavailable", why);
}

/* ---- POST */

static void
forget(struct posted *p)
{
    if (p->next != NULL)
        p->next->prev = p->prev;
    *p->prev = p->next;
    free(p);
}

static void
on_gone(struct evhttp_connection *conn, void *arg)
{
    struct posted *p = arg;

    (void)conn;
    /* evhttp takes a request that is not answered yet off a connection whose end it saw, and
     * leaves it to us; else it goes with the connection. */
    if (evhttp_request_get_connection(p->req) == NULL)
        evhttp_request_free(p->req);
    p->req = NULL;
    p->conn = NULL;
}

static void
on_done(void *arg, const struct receipt *receipts, size_t n, bool retry, const char *why)
{
    struct posted *p = arg;
    struct door_http *d = p->door;
    size_t refused = 0;

    if (p->req == NULL) {
        forget(p);
        return;
    }
    evhttp_connection_set_closecb(p->conn, NULL, NULL);
    if (retry) {
        try_later(d, p->req, HTTP_SERVUNAVAIL, 1, why != NULL ? why : "try again");
        forget(p);
        return;
    }
    buf_reset(&d->text);
    for (size_t i = 0; i < n; i++) {
        refused += receipts[i].status == RC_REJECTED;
        receipt_to_json(&receipts[i], NULL, &d->text);
        buf_putc(&d->text, '\n');
    }
    if (n == 1 && refused == 1)
        problem(d, p->req, 422, "Unprocessable Content", receipts[0].reason);
    else
        send_body(p->req, refused > 0 ? 207 : HTTP_OK, refused > 0 ? "Multi-Status" : "OK",
                  "application/x-ndjson", d->text.data, d->text.len);
    forget(p);
}

static void
on_record(void *arg, struct record *r, const char *raw, size_t len)
{
    struct posted *p = arg;
    char unique[64];
    int n = snprintf(unique, sizeof unique, "http:%" PRIu64 ":%" PRIu64 ":%zu", p->door->start_us,
                     p->number, p->index++);

    if (r->type != REC_INCIDENT && r->type != REC_POSITION && r->type != REC_ASSET) {
        store_refuse(p->door->store, p->batch, "this door takes incidents, positions and assets",
                     raw, len);
        return;
    }
    /* The token says who speaks, whatever the body says. */
    if (r->type == REC_INCIDENT)
        r->u.incident.source = NULL;
    store_add(p->door->store, p->batch, r, unique, (size_t)n, raw, len);
}

static void
on_refused(void *arg, const char *why, const char *raw, size_t len)
{
    struct posted *p = arg;

    p->index++;
    store_refuse(p->door->store, p->batch, why, raw, len);
}

static const struct source_conf *
who(struct door_http *d, struct evhttp_request *req)
{
    const char *auth = evhttp_find_header(evhttp_request_get_input_headers(req), "Authorization");

    if (auth == NULL || strncasecmp(auth, "Bearer ", 7) != 0)
        return NULL;
    for (auth += 7; *auth == ' '; auth++)
        ;
    return sources_by_token(d->sources, auth);
}

static size_t
count_header(struct evhttp_request *req, const char *name)
{
    size_t n = 0;
    const struct evkeyvalq *h = evhttp_request_get_input_headers(req);

    for (const struct evkeyval *kv = h->tqh_first; kv != NULL; kv = kv->next.tqe_next)
        n += strcasecmp(kv->key, name) == 0;
    return n;
}

/* Lines in a body that may hold many; for the rate limit. */
static uint64_t
estimate(const char *s, size_t n, bool lines)
{
    uint64_t count = 1;

    for (size_t i = 0; lines && i + 1 < n; i++)
        count += s[i] == '\n';
    return count;
}

static void
on_post(struct evhttp_request *req, void *arg)
{
    struct door_http *d = arg;
    struct evbuffer *in = evhttp_request_get_input_buffer(req);
    const char *type = evhttp_find_header(evhttp_request_get_input_headers(req), "Content-Type");
    const char *why = store_refuses(d->store, false);

    if (evhttp_request_get_command(req) != EVHTTP_REQ_POST) {
        (void)evhttp_add_header(evhttp_request_get_output_headers(req), "Allow", "POST");
        problem(d, req, 405, "Method Not Allowed", "incidents are posted");
        return;
    }
    size_t lengths = count_header(req, "Content-Length");
    if (lengths > 1 || (lengths == 1 && count_header(req, "Transfer-Encoding") > 0)) {
        (void)evhttp_add_header(evhttp_request_get_output_headers(req), "Connection", "close");
        problem(d, req, 400, "Bad Request", "the length of the body is ambiguous");
        return;
    }
    const struct source_conf *src = who(d, req);
    if (src == NULL) {
        (void)evhttp_add_header(evhttp_request_get_output_headers(req), "WWW-Authenticate",
                                "Bearer");
        problem(d, req, 401, "Unauthorized",
                "a bearer token of a configured source is needed (collector.sources)");
        return;
    }
    bool lines = type != NULL && strncasecmp(type, "application/x-ndjson", 20) == 0;
    if (!lines && (type == NULL || strncasecmp(type, "application/json", 16) != 0)) {
        problem(d, req, 415, "Unsupported Media Type",
                "Content-Type is application/json or application/x-ndjson");
        return;
    }
    if (why != NULL) {
        try_later(d, req, HTTP_SERVUNAVAIL, 1, why);
        return;
    }
    size_t len = evbuffer_get_length(in);
    const char *body = len > 0 ? (const char *)evbuffer_pullup(in, -1) : "";
    uint32_t wait = sources_rate(d->sources, src, estimate(body, len, lines), mono_now_us());
    if (wait > 0) {
        try_later(d, req, 429, (wait + 999) / 1000, "the rate limit of this source");
        return;
    }
    struct posted *p = calloc(1, sizeof *p);
    if (p == NULL || (p->batch = store_open_batch(d->store, src->name, "http", false, false,
                                                  on_done, p)) == NULL) {
        free(p);
        try_later(d, req, HTTP_SERVUNAVAIL, 1, "too much is waiting for the disk");
        return;
    }
    p->door = d;
    p->req = req;
    p->conn = evhttp_request_get_connection(req);
    p->number = d->posts++;
    p->next = d->open;
    p->prev = &d->open;
    if (d->open != NULL)
        d->open->prev = &p->next;
    d->open = p;
    (*d->m_posts)++;
    evhttp_connection_set_closecb(p->conn, on_gone, p);
    struct format_sink sink = {
        .record = on_record, .refused = on_refused, .arena = d->arena, .arg = p};
    if (lines)
        format_ndjson(body, len, &sink);
    else
        format_json(body, len, &sink);
    store_close_batch(d->store, p->batch);
    store_breathe(d->store);
}

static void
on_other(struct evhttp_request *req, void *arg)
{
    problem(arg, req, 404, "Not Found", "there is POST /v1/incidents, GET /healthz, GET /metrics");
}

/* ---- making */

static int
bind_to(struct door_http *d, const char *listen, struct err *e)
{
    char host[256];
    const char *colon = strrchr(listen, ':');
    struct sockaddr_storage sa = {0};
    socklen_t len = sizeof sa;

    if (colon == NULL || (size_t)(colon - listen) >= sizeof host)
        return err_set(e, "collector.listen_http: '%s' is not HOST:PORT", listen);
    (void)snprintf(host, sizeof host, "%.*s", (int)(colon - listen), listen);
    char *h = host;
    size_t hl = strlen(h);
    if (hl > 1 && h[0] == '[' && h[hl - 1] == ']') {
        h[hl - 1] = '\0';
        h++;
    }
    d->bound =
        evhttp_bind_socket_with_handle(d->http, h, (ev_uint16_t)strtoul(colon + 1, NULL, 10));
    if (d->bound == NULL)
        return err_set(e,
                       "cannot listen on %s: %s; is another instance running? set "
                       "collector.listen_http",
                       listen, strerror(errno));
    if (getsockname(evhttp_bound_socket_get_fd(d->bound), (struct sockaddr *)&sa, &len) < 0)
        return err_set(e, "getsockname: %s", strerror(errno));
    d->port = port_of(&sa);
    log_info("http door listens on %s:%d", h, d->port);
    return 0;
}

int
door_http_new(struct svc *s, struct store *st, struct sources *src, struct door_http **out,
              struct err *e)
{
    const char *listen = s->config->collector.listen_http;
    struct door_http *d;

    *out = NULL;
    if (listen == NULL || listen[0] == '\0' || strcmp(listen, "off") == 0)
        return 0;
    if ((d = calloc(1, sizeof *d)) == NULL)
        return err_set(e, "out of memory");
    d->svc = s;
    d->store = st;
    d->sources = src;
    d->cap = s->config->collector.http_connections;
    d->start_us = (uint64_t)wall_now_us();
    buf_init(&d->text, 0);
    d->m_posts = metric_new(METRIC_COUNTER, "http_posts_total", NULL, "Posts taken");
    d->m_refused = metric_new(METRIC_COUNTER, "http_refused_total", NULL, "Requests refused");
    d->m_connections =
        metric_new(METRIC_GAUGE, "http_connections", NULL, "Connections, an upper bound");
    d->arena = arena_new(0);
    d->http = evhttp_new(s->base);
    d->rest = evtimer_new(s->base, on_rest, d);
    if (d->arena == NULL || d->http == NULL || d->rest == NULL) {
        (void)err_set(e, "out of memory");
        goto fail;
    }
    evhttp_set_max_headers_size(d->http, HEADER_BYTES);
    evhttp_set_max_body_size(d->http, s->config->collector.http_body_bytes);
    evhttp_set_timeout(d->http, (int)(s->config->collector.http_timeout_us / SECOND_US));
    /* All methods reach us, so that the wrong one gets 405 and not a silent close. */
    evhttp_set_allowed_methods(d->http, EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_HEAD |
                                            EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE | EVHTTP_REQ_PATCH |
                                            EVHTTP_REQ_OPTIONS);
    evhttp_set_bevcb(d->http, on_connection, d);
    svc_http_attach(d->http);
    (void)evhttp_set_cb(d->http, "/v1/incidents", on_post, d);
    evhttp_set_gencb(d->http, on_other, d);
    if (bind_to(d, listen, e) < 0)
        goto fail;
    *out = d;
    return 0;
fail:
    door_http_free(d);
    return -1;
}

void
door_http_free(struct door_http *d)
{
    if (d == NULL)
        return;
    if (d->rest != NULL)
        event_free(d->rest);
    for (struct posted *p = d->open, *next; p != NULL; p = next) {
        next = p->next;
        if (p->conn != NULL)
            evhttp_connection_set_closecb(p->conn, NULL, NULL);
        free(p);
    }
    if (d->http != NULL)
        evhttp_free(d->http);
    arena_free(d->arena);
    buf_fini(&d->text);
    free(d);
}
