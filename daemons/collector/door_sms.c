/* door_sms: see door_sms.h. What a request says is format_sms; here it meets sources and store. */
#include "door_sms.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/http.h>
#include <sodium.h>

#include "buf.h"
#include "clock.h"
#include "format_sms.h"
#include "log.h"
#include "metrics.h"
#include "timefmt.h"

static const struct {
    const char *name, *path, *allow;
} gateways[] = {
    [GATEWAY_SMSSYNC] = {"smssync", "/v1/sms/smssync", "GET, POST"},
    [GATEWAY_TWILIO] = {"twilio", "/v1/sms/twilio", "POST"},
    [GATEWAY_RAPIDPRO] = {"rapidpro", "/v1/sms/rapidpro", "POST"},
    [GATEWAY_KANNEL] = {"kannel", "/v1/sms/kannel", "GET, POST"},
};
#define GATEWAYS (sizeof gateways / sizeof gateways[0])

struct sms_route {
    struct door_sms *door;
    enum gateway gateway;
};

struct door_sms {
    struct svc *svc;
    struct http *http;
    struct store *store;
    struct sources *sources;
    struct sms_route routes[GATEWAYS];
    struct arena *request, *record; /* what the request says; the record at hand */
    struct buf text;
    struct log_limit stranger_limit;
    uint64_t posts, start_us;
    int64_t *m_posts, *m_strangers;
    bool has_key;
    uint8_t key[PHONE_KEY_LEN];
};

/* One message that waits for the flush. */
struct posted {
    struct http_held held; /* first */
    struct door_sms *door;
    enum gateway gateway;
    struct batch *batch;
    uint64_t number;
};

/* ---- answers */

static void
fail(struct door_sms *d, struct evhttp_request *req, enum gateway g, int code, const char *title,
     const char *why)
{
    buf_reset(&d->text);
    const char *type = sms_answer_failure(g, why, &d->text);

    if (code == HTTP_SERVUNAVAIL)
        (void)evhttp_add_header(evhttp_request_get_output_headers(req), "Retry-After", "1");
    if (type == NULL)
        http_problem(d->http, req, code, title, why);
    else
        http_send(req, code, title, type, d->text.data, d->text.len);
}

static void
later(struct door_sms *d, struct evhttp_request *req, enum gateway g, const char *why)
{
    fail(d, req, g, HTTP_SERVUNAVAIL, "Service Unavailable", why);
}

static void
on_done(void *arg, const struct receipt *receipts, size_t n, bool retry, const char *why)
{
    struct posted *p = arg;
    struct door_sms *d = p->door;
    struct evhttp_request *req = http_release(&p->held);
    enum gateway g = p->gateway;

    free(p);
    if (req == NULL)
        return;
    if (retry || n == 0) {
        later(d, req, g, why != NULL ? why : "try again");
        return;
    }
    buf_reset(&d->text);
    const char *type = sms_answer(g, &receipts[0], &d->text);
    http_send(req, HTTP_OK, "OK", type, d->text.data, d->text.len);
}

/* ---- the message */

static void
on_record(void *arg, struct record *r, const char *raw, size_t len)
{
    struct posted *p = arg;
    char unique[64];
    int n =
        snprintf(unique, sizeof unique, "sms:%" PRIu64 ":%" PRIu64, p->door->start_us, p->number);

    store_add(p->door->store, p->batch, r, unique, (size_t)n, raw, len);
}

static void
on_refused(void *arg, const char *why, const char *raw, size_t len)
{
    struct posted *p = arg;

    store_refuse(p->door->store, p->batch, why, raw, len);
}

static void
on_ignored(void *arg, const char *why, const char *raw, size_t len)
{
    struct posted *p = arg;

    (void)raw;
    (void)len;
    store_ignore(p->door->store, p->batch, why);
}

static void
take(struct door_sms *d, enum gateway g, const struct sms *m, const struct source_conf *src,
     struct evhttp_request *req)
{
    struct format_options o = {.source = src, .now_us = store_now(d->store)};
    struct posted *p = calloc(1, sizeof *p);

    if (p == NULL ||
        (p->batch = store_open_batch(d->store, src->name, gateways[g].name,
                                     format_name(FORMAT_TEXT), false, false, on_done, p)) == NULL) {
        free(p);
        later(d, req, g, "too much is waiting for the disk");
        return;
    }
    p->door = d;
    p->gateway = g;
    p->number = d->posts++;
    (*d->m_posts)++;
    http_hold(d->http, &p->held, req);
    struct format_sink sink = {.record = on_record,
                               .refused = on_refused,
                               .ignored = on_ignored,
                               .arena = d->record,
                               .arg = p};
    format_sms(m, &o, d->key, &sink);
    store_close_batch(d->store, p->batch);
    store_breathe_soon(d->store);
}

/* ---- the request */

static void
stranger(struct door_sms *d, struct evhttp_request *req, enum gateway g)
{
    uint64_t suppressed = 0;
    char *host = NULL;
    ev_uint16_t port = 0;

    evhttp_connection_get_peer(evhttp_request_get_connection(req), &host, &port);
    (*d->m_strangers)++;
    if (log_allow(&d->stranger_limit, mono_now_us(), SECOND_US, 2, &suppressed))
        log_warn("a post that no source's secret fits gateway=%s peer=%s suppressed=%" PRIu64,
                 gateways[g].name, host != NULL ? host : "-", suppressed);
    fail(d, req, g, 403, "Forbidden",
         g == GATEWAY_TWILIO ? "the signature fits no source; look at its secret and url under "
                               "collector.sources"
                             : "the secret is that of no source under collector.sources");
}

static const char *
header_of(const void *headers, const char *name)
{
    return evhttp_find_header(headers, name);
}

static int
read_request(struct door_sms *d, enum gateway g, struct evhttp_request *req, struct sms **out,
             struct err *e)
{
    const struct evkeyvalq *headers = evhttp_request_get_input_headers(req);
    const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(req);
    struct evbuffer *in = evhttp_request_get_input_buffer(req);
    size_t len = evbuffer_get_length(in);
    struct sms_request q = {.gateway = g,
                            .post = evhttp_request_get_command(req) == EVHTTP_REQ_POST,
                            .query = uri != NULL ? evhttp_uri_get_query(uri) : NULL,
                            .type = evhttp_find_header(headers, "Content-Type"),
                            .body = len > 0 ? (const char *)evbuffer_pullup(in, -1) : "",
                            .len = len,
                            .header = header_of,
                            .arg = headers};

    arena_reset(d->request);
    return sms_read(&q, d->request, out, e);
}

static void
answer_task(struct door_sms *d, struct evhttp_request *req, enum sms_task task,
            const struct source_conf *src)
{
    buf_reset(&d->text);
    const char *type = sms_answer_task(task, src, &d->text);

    http_send(req, HTTP_OK, "OK", type, d->text.data, d->text.len);
}

static void
on_request(void *arg, struct evhttp_request *req)
{
    const struct sms_route *route = arg;
    struct door_sms *d = route->door;
    enum gateway g = route->gateway;
    enum evhttp_cmd_type method = evhttp_request_get_command(req);
    const struct source_conf *src = NULL;
    struct sms *m = NULL;
    struct err e = {.text = ""};
    const char *why;

    if (method != EVHTTP_REQ_POST &&
        (method != EVHTTP_REQ_GET || strstr(gateways[g].allow, "GET") == NULL)) {
        http_bad_method(d->http, req, gateways[g].allow);
        return;
    }
    if (read_request(d, g, req, &m, &e) < 0) {
        fail(d, req, g, 415, "Unsupported Media Type", e.text);
        return;
    }
    if (sms_task(m) == SMS_OTHER) {
        answer_task(d, req, SMS_OTHER, NULL);
        return;
    }
    if ((src = sources_by_gateway(d->sources, g, sms_fits, m)) == NULL) {
        stranger(d, req, g);
        return;
    }
    if (sms_task(m) == SMS_POLL) {
        answer_task(d, req, SMS_POLL, src);
        return;
    }
    if ((why = store_refuses(d->store, false)) == NULL &&
        sources_rate(d->sources, src, 1, mono_now_us()) > 0)
        why = "the rate limit of this source";
    if (why != NULL)
        later(d, req, g, why);
    else
        take(d, g, m, src, req);
}

/* ---- making */

static bool
has_gateway(const struct config *c)
{
    const struct source_conf *s = c->collector.sources.v;

    for (size_t i = 0; i < c->collector.sources.n; i++)
        if (s[i].gateway != GATEWAY_NONE)
            return true;
    return false;
}

int
door_sms_reload(struct door_sms *d, const struct config *c, struct err *e)
{
    if (d == NULL || d->has_key || !has_gateway(c))
        return 0;
    if (phone_key_load(c->instance.keys, d->key, e) < 0)
        return -1;
    d->has_key = true;
    return 0;
}

int
door_sms_new(struct http *h, struct svc *s, struct store *st, struct sources *src,
             struct door_sms **out, struct err *e)
{
    struct door_sms *d = calloc(1, sizeof *d);

    if (d == NULL)
        return err_set(e, "out of memory");
    d->svc = s;
    d->http = h;
    d->store = st;
    d->sources = src;
    d->start_us = (uint64_t)wall_now_us();
    buf_init(&d->text, 0);
    d->m_posts = metric_new(METRIC_COUNTER, "sms_posts_total", NULL, "Messages of SMS gateways");
    d->m_strangers = metric_new(METRIC_COUNTER, "sms_strangers_total", NULL,
                                "Posts to gateways that no source's secret fitted");
    d->request = arena_new(0);
    d->record = arena_new(0);
    if (d->request == NULL || d->record == NULL) {
        (void)err_set(e, "out of memory");
        goto fail;
    }
    if (door_sms_reload(d, s->config, e) < 0)
        goto fail;
    for (size_t g = 1; g < GATEWAYS; g++) {
        d->routes[g] = (struct sms_route){d, (enum gateway)g};
        if (http_route(h, gateways[g].path, on_request, &d->routes[g], e) < 0)
            goto fail;
    }
    *out = d;
    return 0;
fail:
    door_sms_free(d);
    return -1;
}

void
door_sms_free(struct door_sms *d)
{
    if (d == NULL)
        return;
    arena_free(d->request);
    arena_free(d->record);
    buf_fini(&d->text);
    sodium_memzero(d->key, sizeof d->key);
    free(d);
}
