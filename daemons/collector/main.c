/* tocsin-collector: takes reports in and loses none. The skeleton is common/svc; the parts are
 * store (the journal), door_zmq and door_http (the doors), sources (who may send). */
#include <stdlib.h>
#include <sysexits.h>

#include "dirs.h"
#include "door_http.h"
#include "door_zmq.h"
#include "log.h"
#include "sources.h"
#include "store.h"
#include "svc.h"

struct collector {
    struct sources *sources;
    struct store *store;
    struct door_zmq *zmq;
    struct door_http *http;
};

static void
on_commit(void *arg)
{
    struct collector *c = arg;

    door_zmq_wake(c->zmq);
}

static void
stop(struct svc *s)
{
    struct collector *c = s->daemon;

    if (c == NULL)
        return;
    door_http_free(c->http);
    door_zmq_free(c->zmq);
    store_free(c->store);
    sources_free(c->sources);
    free(c);
    s->daemon = NULL;
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
    if (door_zmq_new(s, c->store, c->sources, &c->zmq, e) < 0 ||
        door_http_new(s, c->store, c->sources, &c->http, e) < 0)
        return EX_UNAVAILABLE;
    store_on_commit(c->store, on_commit, c);
    log_info("takes records on %s", s->config->collector.listen_zmq);
    return 0;
}

static int
reload(struct svc *s, struct config *next, struct err *e)
{
    struct collector *c = s->daemon;

    if (sources_reload(c->sources, next, e) < 0)
        return -1;
    store_reload(c->store, next);
    return 0;
}

static void
drain(struct svc *s)
{
    store_drain(((struct collector *)s->daemon)->store);
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
