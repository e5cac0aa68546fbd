/* door_http: see door_http.h. The bearer token says who speaks, Content-Type in which format. The
 * answer follows the flush: a receipt for each record, refusal or ignored item, in their order. When
 * the client has gone by then, what it sent is stored all the same. */
#include "door_http.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <event2/buffer.h>
#include <event2/http.h>

#include "buf.h"
#include "clock.h"
#include "format.h"
#include "metrics.h"
#include "record_json.h"

#define MEDIA_TYPES                                                                       \
    "application/json, application/x-ndjson, application/geo+json, application/cap+xml, " \
    "application/cot+xml, application/xml, text/csv, application/x-protobuf, text/plain"

struct door_http {
    struct svc *svc;
    struct http *http;
    struct store *store;
    struct sources *sources;
    struct arena *arena;
    struct buf text;
    uint64_t posts;
    uint64_t start_us; /* makes acceptances of this run different from those of another */
    int64_t *m_posts;
};

/* One POST that waits for the flush. */
struct posted {
    struct http_held held; /* first */
    struct door_http *door;
    struct batch *batch;
    uint64_t number;
    size_t index;
};

static void
on_done(void *arg, const struct receipt *receipts, size_t n, bool retry, const char *why)
{
    struct posted *p = arg;
    struct door_http *d = p->door;
    struct evhttp_request *req = http_release(&p->held);
    size_t refused = 0;

    free(p);
    if (req == NULL)
        return;
    if (retry) {
        http_try_later(d->http, req, HTTP_SERVUNAVAIL, 1, why != NULL ? why : "try again");
        return;
    }
    buf_reset(&d->text);
    for (size_t i = 0; i < n; i++) {
        refused += receipts[i].status == RC_REJECTED;
        receipt_to_json(&receipts[i], NULL, &d->text);
        buf_putc(&d->text, '\n');
    }
    if (n == 1 && refused == 1)
        http_problem(d->http, req, 422, "Unprocessable Content", receipts[0].reason);
    else
        http_send(req, refused > 0 ? 207 : HTTP_OK, refused > 0 ? "Multi-Status" : "OK",
                  "application/x-ndjson", d->text.data, d->text.len);
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

static void
on_ignored(void *arg, const char *why, const char *raw, size_t len)
{
    struct posted *p = arg;

    (void)raw;
    (void)len;
    p->index++;
    store_ignore(p->door->store, p->batch, why);
}

static const struct source_conf *
who(struct door_http *d, struct evhttp_request *req)
{
    const char *auth = evhttp_find_header(evhttp_request_get_input_headers(req), "Authorization");

    if (auth == NULL || strncasecmp(auth, "Bearer ", 7) != 0)
        return NULL;
    auth += 7;
    return sources_by_token(d->sources, auth + strspn(auth, " "));
}

/* What the head of the request asks for; FORMAT_UNKNOWN after an answer that says why not. */
static enum format
what(struct door_http *d, struct evhttp_request *req)
{
    const struct evkeyvalq *in = evhttp_request_get_input_headers(req);
    const char *coding = evhttp_find_header(in, "Content-Encoding");
    enum format f = format_by_media_type(evhttp_find_header(in, "Content-Type"));

    if (coding != NULL && strcasecmp(coding, "identity") != 0) {
        (void)evhttp_add_header(evhttp_request_get_output_headers(req), "Accept-Encoding",
                                "identity");
        http_problem(d->http, req, 415, "Unsupported Media Type",
                     "Content-Encoding: send the body as it is, not compressed");
        return FORMAT_UNKNOWN;
    }
    if (f == FORMAT_UNKNOWN) {
        (void)evhttp_add_header(evhttp_request_get_output_headers(req), "Accept", MEDIA_TYPES);
        http_problem(d->http, req, 415, "Unsupported Media Type",
                     "Content-Type is one of " MEDIA_TYPES);
    }
    return f;
}

static void
take(struct door_http *d, struct posted *p, const struct source_conf *src, enum format f,
     struct evhttp_request *req)
{
    const struct config *c = d->svc->config;
    struct evbuffer *in = evhttp_request_get_input_buffer(req);
    size_t len = evbuffer_get_length(in);
    const char *body = len > 0 ? (const char *)evbuffer_pullup(in, -1) : "";
    struct format_options o = {.csv = config_csv(c, src->csv),
                               .tak = c->collector.tak_assets.v,
                               .n_tak = c->collector.tak_assets.n,
                               .source = src,
                               .now_us = store_now(d->store)};
    struct format_sink sink = {.record = on_record,
                               .refused = on_refused,
                               .ignored = on_ignored,
                               .arena = d->arena,
                               .arg = p};

    (*d->m_posts)++;
    format_all(f, body, len, &o, &sink);
    if (p->index > 1)
        sources_owe(d->sources, src, p->index - 1);
    store_close_batch(d->store, p->batch);
    store_breathe_soon(d->store);
}

static void
on_post(void *arg, struct evhttp_request *req)
{
    struct door_http *d = arg;
    const char *why = store_refuses(d->store, false);

    if (evhttp_request_get_command(req) != EVHTTP_REQ_POST) {
        http_bad_method(d->http, req, "POST");
        return;
    }
    const struct source_conf *src = who(d, req);
    if (src == NULL) {
        (void)evhttp_add_header(evhttp_request_get_output_headers(req), "WWW-Authenticate",
                                "Bearer");
        http_problem(d->http, req, 401, "Unauthorized",
                     "a bearer token of a configured source is needed (collector.sources)");
        return;
    }
    enum format f = what(d, req);
    if (f == FORMAT_UNKNOWN)
        return;
    if (why != NULL) {
        http_try_later(d->http, req, HTTP_SERVUNAVAIL, 1, why);
        return;
    }
    /* How many it brings is known when they are read; they are owed then. */
    uint32_t wait = sources_rate(d->sources, src, 1, mono_now_us());
    if (wait > 0) {
        http_try_later(d->http, req, 429, (wait + 999) / 1000, "the rate limit of this source");
        return;
    }
    struct posted *p = calloc(1, sizeof *p);
    if (p == NULL || (p->batch = store_open_batch(d->store, src->name, "http", format_name(f),
                                                  false, false, on_done, p)) == NULL) {
        free(p);
        http_try_later(d->http, req, HTTP_SERVUNAVAIL, 1, "too much is waiting for the disk");
        return;
    }
    p->door = d;
    p->number = d->posts++;
    http_hold(d->http, &p->held, req);
    take(d, p, src, f, req);
}

int
door_http_new(struct http *h, struct svc *s, struct store *st, struct sources *src,
              struct door_http **out, struct err *e)
{
    struct door_http *d = calloc(1, sizeof *d);

    if (d == NULL)
        return err_set(e, "out of memory");
    d->svc = s;
    d->http = h;
    d->store = st;
    d->sources = src;
    d->start_us = (uint64_t)wall_now_us();
    buf_init(&d->text, 0);
    d->m_posts = metric_new(METRIC_COUNTER, "http_posts_total", NULL, "Posts taken");
    d->arena = arena_new(0);
    if (d->arena == NULL) {
        (void)err_set(e, "out of memory");
        goto fail;
    }
    if (http_route(h, "/v1/incidents", on_post, d, e) < 0)
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
    arena_free(d->arena);
    buf_fini(&d->text);
    free(d);
}
