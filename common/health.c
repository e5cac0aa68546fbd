/* health: see the header. */
#include "health.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/http.h>

#include "buf.h"
#include "metrics.h"

#define MAX_HEADER_BYTES 8192
#define MAX_BODY_BYTES   0
#define TIMEOUT_S        5
#define METRICS_BYTES    ((size_t)1 << 20)

struct health {
    struct evhttp *http;
};

static void
answer(struct evhttp_request *req, const char *type, const void *body, size_t len)
{
    struct evkeyvalq *headers = evhttp_request_get_output_headers(req);
    struct evbuffer *out = evhttp_request_get_output_buffer(req);

    if (evhttp_request_get_command(req) == EVHTTP_REQ_HEAD)
        len = 0; /* evhttp would send it, and the client take it for the next answer */

    if (evhttp_add_header(headers, "Content-Type", type) < 0 ||
        evhttp_add_header(headers, "Cache-Control", "no-store") < 0 ||
        evbuffer_add(out, body, len) < 0) {
        evhttp_send_error(req, HTTP_INTERNAL, NULL);
        return;
    }
    evhttp_send_reply(req, HTTP_OK, "OK", NULL);
}

static bool
is_read(struct evhttp_request *req)
{
    if (evhttp_request_get_command(req) & (EVHTTP_REQ_GET | EVHTTP_REQ_HEAD))
        return true;
    evhttp_send_error(req, HTTP_BADMETHOD, NULL);
    return false;
}

static void
on_healthz(struct evhttp_request *req, void *arg)
{
    (void)arg;
    if (is_read(req))
        answer(req, "text/plain; charset=utf-8", "ok\n", 3);
}

static void
on_metrics(struct evhttp_request *req, void *arg)
{
    struct buf b;

    (void)arg;
    if (!is_read(req))
        return;
    buf_init(&b, METRICS_BYTES);
    metrics_print(&b);
    if (b.failed)
        evhttp_send_error(req, HTTP_INTERNAL, NULL);
    else
        answer(req, "text/plain; version=0.0.4; charset=utf-8", b.data ? b.data : "", b.len);
    buf_fini(&b);
}

void
health_attach(struct evhttp *http)
{
    /* Fail only when set twice. */
    (void)evhttp_set_cb(http, "/healthz", on_healthz, NULL);
    (void)evhttp_set_cb(http, "/metrics", on_metrics, NULL);
}

/* "host:port", "[v6]:port" into its parts. */
static int
split(const char *listen, char *host, size_t size, uint16_t *port)
{
    const char *colon = strrchr(listen, ':');
    size_t len = colon ? (size_t)(colon - listen) : 0;
    char *end;
    unsigned long p;

    if (len > 2 && listen[0] == '[' && colon[-1] == ']') {
        listen++;
        len -= 2;
    }
    if (len == 0 || len >= size || colon[1] < '0' || colon[1] > '9')
        return -1;
    p = strtoul(colon + 1, &end, 10);
    if (*end || p == 0 || p > UINT16_MAX)
        return -1;
    memcpy(host, listen, len);
    host[len] = '\0';
    *port = (uint16_t)p;
    return 0;
}

int
health_new(struct event_base *base, const char *listen, struct health **out, struct err *e)
{
    struct health *h;
    char host[64];
    uint16_t port;

    if (split(listen, host, sizeof(host), &port) < 0)
        return err_set(e, "\"%s\" is no address to listen on; write it as 127.0.0.1:9101", listen);
    h = calloc(1, sizeof(*h));
    if (!h || !(h->http = evhttp_new(base))) {
        health_free(h);
        return err_set(e, "out of memory");
    }
    evhttp_set_max_headers_size(h->http, MAX_HEADER_BYTES);
    evhttp_set_max_body_size(h->http, MAX_BODY_BYTES);
    evhttp_set_timeout(h->http, TIMEOUT_S);
    evhttp_set_allowed_methods(h->http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD);
    health_attach(h->http);
    if (evhttp_bind_socket(h->http, host, port) < 0) {
        err_set(e, "cannot listen on %s: %s", listen, strerror(errno));
        health_free(h);
        return -1;
    }
    *out = h;
    return 0;
}

void
health_free(struct health *h)
{
    if (!h)
        return;
    if (h->http)
        evhttp_free(h->http);
    free(h);
}
