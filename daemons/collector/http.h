/* http: what the collector's HTTP doors share: listeners with and without TLS, the cap on
 * connections, routes, answers.
 *
 * On evhttp, with what evhttp lacks. It takes messages whose end two readers may see at different
 * places (RFC 9112, 6.3): several Content-Lengths or one beside Transfer-Encoding, a coding other
 * than chunked, a sign in front of a length, a blank before a colon. They are answered 400 and the
 * connection is closed. It sends a body in answer to HEAD; here none is. What it refuses by itself
 * (a body above http_body_bytes: 413; no HTTP: 400) is answered by its own page.
 *
 * The cap counts both listeners: at collector.http_connections they rest, and the kernel's backlog
 * holds who comes. Idle and half-open connections end by collector.http_timeout; while all places
 * are taken, also those that have not brought a whole request for twice that time, however slowly
 * they go on sending. */
#ifndef COLLECTOR_HTTP_H
#define COLLECTOR_HTTP_H

#include <event2/http.h>
#include <stdint.h>

#include "err.h"
#include "svc.h"

struct http;

/* Listens where listen_http and listen_https say; /healthz and /metrics are there already. *out is
 * NULL when both are off. */
int http_new(struct svc *s, struct http **out, struct err *e);
void http_free(struct http *h); /* accepts NULL */
/* Reads certificate and key again; connections that are open go on with the old. -1: the old ones
 * stay. Addresses need a restart. */
int http_reload(struct http *h, const struct config *c, struct err *e);

/* A path, exactly; all methods. fn answers now or later. The path must outlive h. */
typedef void http_fn(void *arg, struct evhttp_request *req);
int http_route(struct http *h, const char *path, http_fn *fn, void *arg, struct err *e);

/* ---- answers */

void http_send(struct evhttp_request *req, int code, const char *phrase, const char *type,
               const char *body, size_t len);
/* application/problem+json (RFC 9457); counted. */
void http_problem(struct http *h, struct evhttp_request *req, int code, const char *title,
                  const char *detail);
/* The same with Retry-After; code is 429 or 503. */
void http_try_later(struct http *h, struct evhttp_request *req, int code, uint32_t seconds,
                    const char *why);
/* 405 with Allow. */
void http_bad_method(struct http *h, struct evhttp_request *req, const char *allow);

/* ---- answers that follow the flush */

/* First member of what waits, which is from calloc(); http_free() frees what still waits then. */
struct http_held {
    struct http_held *next, **prev;
    struct evhttp_request *req; /* NULL = the client has gone */
    struct evhttp_connection *conn;
};

void http_hold(struct http *h, struct http_held *w, struct evhttp_request *req);
/* The request, to be answered now, or NULL. */
struct evhttp_request *http_release(struct http_held *w);

#endif
