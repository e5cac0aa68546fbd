/* tocsin-notifier: keeps the alerts, publishes them, and asks until somebody answers. */
#include <sysexits.h>

#include "dirs.h"
#include "log.h"
#include "notifier.h"
#include "svc.h"

static int
start(struct svc *s, struct err *e)
{
    struct notifier *n;

    if (dir_make(s->config->notifier.state, e) < 0 ||
        dir_make_for(s->config->notifier.listen_zmq, e) < 0 ||
        dir_make_for(s->config->notifier.publish, e) < 0)
        return EX_CANTCREAT;
    if (notifier_new(s, &n, e) < 0)
        return EX_UNAVAILABLE;
    s->daemon = n;
    log_info("takes decisions and commands on %s, publishes on %s", s->config->notifier.listen_zmq,
             s->config->notifier.publish);
    return 0;
}

static int
reload(struct svc *s, struct config *next, struct err *e)
{
    (void)e;
    notifier_reload(s->daemon, next);
    return 0;
}

static void
drain(struct svc *s)
{
    notifier_drain(s->daemon);
}

static bool
drained(struct svc *s)
{
    return notifier_idle(s->daemon);
}

static void
stop(struct svc *s)
{
    notifier_free(s->daemon);
    s->daemon = NULL;
}

static const char *
http_listen(const struct config *c)
{
    return c->notifier.listen_http;
}

int
main(int argc, char **argv)
{
    static const struct svc_spec spec = {
        .name = "tocsin-notifier",
        .summary = "keeps alerts, publishes them, escalates until somebody answers",
        .start = start,
        .reload = reload,
        .drain = drain,
        .drained = drained,
        .stop = stop,
        .http_listen = http_listen,
    };

    return svc_main(&spec, argc, argv);
}
