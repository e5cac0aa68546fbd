/* tocsin-collector: takes reports in and loses none. The skeleton is common/svc; the parts are
 * store (the journal), the doors (door_zmq; door_tak; door_http and door_sms on http; door_spool),
 * sources (who may send), links (which edge collectors are there), upstream (of an edge collector: to
 * headquarters). */
#include <stdlib.h>
#include <sysexits.h>

#include "dirs.h"
#include "door_http.h"
#include "door_sms.h"
#include "door_spool.h"
#include "door_tak.h"
#include "door_zmq.h"
#include "http.h"
#include "links.h"
#include "log.h"
#include "sources.h"
#include "store.h"
#include "svc.h"
#include "upstream.h"

struct collector {
    struct sources *sources;
    struct store *store;
    struct door_zmq *zmq;
    struct door_zmq *edges; /* NULL = off */
    struct http *http;      /* NULL = off, and the doors on it */
    struct door_http *incidents;
    struct door_sms *sms;
    struct door_tak *tak;
    struct door_spool *spool; /* NULL = off */
    struct links *links;
    struct upstream *upstream; /* NULL: this is no edge collector */
};

static void
on_commit(void *arg)
{
    struct collector *c = arg;

    door_zmq_wake(c->zmq);
    door_zmq_wake(c->edges);
    upstream_wake(c->upstream);
}

static void
on_status(void *arg, struct daemon_status *out, struct arena *a)
{
    struct collector *c = arg;

    door_tak_status(c->tak, out, a);
}

static void
on_gathered(void *arg)
{
    struct collector *c = arg;

    door_zmq_take(c->zmq);
    door_zmq_take(c->edges);
}

static void
stop(struct svc *s)
{
    struct collector *c = s->daemon;

    if (c == NULL)
        return;
    door_spool_free(c->spool);
    door_tak_free(c->tak);
    http_free(c->http);
    door_http_free(c->incidents);
    door_sms_free(c->sms);
    door_zmq_free(c->edges);
    door_zmq_free(c->zmq);
    upstream_free(c->upstream);
    links_free(c->links);
    store_free(c->store);
    sources_free(c->sources);
    free(c);
    s->daemon = NULL;
}

static int
start_http(struct svc *s, struct collector *c, struct err *e)
{
    if (http_new(s, &c->http, e) < 0)
        return -1;
    if (c->http == NULL)
        return 0;
    return door_http_new(c->http, s, c->store, c->sources, &c->incidents, e) < 0
               ? -1
               : door_sms_new(c->http, s, c->store, c->sources, &c->sms, e);
}

static int
start_edges(struct svc *s, struct collector *c, struct err *e)
{
    const char *at = s->config->collector.listen_edges;

    if (at == NULL)
        return 0;
    if (door_zmq_new(s, c->store, c->sources, c->links, at, true, &c->edges, e) < 0)
        return -1;
    log_info("takes records of edge collectors on %s", at);
    return 0;
}

static int
start(struct svc *s, struct err *e)
{
    struct collector *c = calloc(1, sizeof *c);

    if (c == NULL)
        return err_set(e, "out of memory"), EX_OSERR;
    s->daemon = c;
    if (dir_make(s->config->collector.state, e) < 0 ||
        dir_make_for(s->config->collector.listen_zmq, e) < 0)
        return EX_CANTCREAT;
    if (sources_new(s->config, &c->sources, e) < 0 || store_new(s, &c->store, e) < 0)
        return EX_IOERR;
    if (links_new(s, c->store, &c->links, e) < 0)
        return EX_IOERR;
    if (door_zmq_new(s, c->store, c->sources, c->links, s->config->collector.listen_zmq, false,
                     &c->zmq, e) < 0 ||
        start_edges(s, c, e) < 0 || start_http(s, c, e) < 0 ||
        door_tak_new(s, c->store, c->sources, &c->tak, e) < 0 ||
        door_spool_new(s, c->store, c->sources, &c->spool, e) < 0)
        return EX_UNAVAILABLE;
    if (upstream_new(s, c->store, &c->upstream, e) < 0)
        return EX_UNAVAILABLE;
    door_zmq_show(c->zmq, c->upstream);
    store_on_commit(c->store, on_commit, c);
    store_on_status(c->store, on_status, c);
    store_on_gathered(c->store, on_gathered, c);
    log_info("takes records on %s", s->config->collector.listen_zmq);
    return 0;
}

static int
reload(struct svc *s, struct config *next, struct err *e)
{
    struct collector *c = s->daemon;

    /* What a door takes over of one that another refuses does no harm. */
    if (door_tak_prepare(c->tak, next, e) < 0 || http_reload(c->http, next, e) < 0 ||
        door_sms_reload(c->sms, next, e) < 0 || links_reload(c->links, next, e) < 0 ||
        sources_reload(c->sources, next, e) < 0)
        return -1;
    door_tak_commit(c->tak, next);
    store_reload(c->store, next);
    door_spool_reload(c->spool, next);
    return 0;
}

static void
drain(struct svc *s)
{
    struct collector *c = s->daemon;

    door_tak_drain(c->tak);
    upstream_drain(c->upstream);
    store_drain(c->store);
}

static bool
drained(struct svc *s)
{
    return store_idle(((struct collector *)s->daemon)->store);
}

int
main(int argc, char **argv)
{
    static const struct svc_spec spec = {
        .name = "tocsin-collector",
        .summary = "takes reports of incidents in, keeps them in order on disk, serves them",
        .start = start,
        .reload = reload,
        .drain = drain,
        .drained = drained,
        .stop = stop,
    };

    return svc_main(&spec, argc, argv);
}
