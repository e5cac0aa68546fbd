/* tocsin-classifier: works out who is in danger, and says why. The pure core is core.h; this
 * process reads the journal, lets it decide, and submits what it decided. */
#include <sysexits.h>

#include "classifier.h"
#include "dirs.h"
#include "log.h"
#include "svc.h"

static int
start(struct svc *s, struct err *e)
{
    struct classifier *c;

    if (dir_make(s->config->classifier.state, e) < 0)
        return EX_CANTCREAT;
    if (classifier_new(s, &c, e) < 0)
        return EX_CONFIG;
    s->daemon = c;
    log_info("reads %s, submits to %s", s->config->classifier.collector,
             s->config->classifier.notifier);
    return 0;
}

static int
reload(struct svc *s, struct config *next, struct err *e)
{
    (void)next; /* the new state has its own copy, alive as long as the state */
    return classifier_reload(s->daemon, e);
}

static void
drain(struct svc *s)
{
    classifier_drain(s->daemon);
}

static bool
drained(struct svc *s)
{
    return classifier_idle(s->daemon);
}

static void
stop(struct svc *s)
{
    classifier_free(s->daemon);
    s->daemon = NULL;
}

static const char *
http_listen(const struct config *c)
{
    return c->classifier.listen_http;
}

int
main(int argc, char **argv)
{
    static const struct svc_spec spec = {
        .name = "tocsin-classifier",
        .summary = "works out from the journal who is in danger, how badly and how soon",
        .start = start,
        .reload = reload,
        .drain = drain,
        .drained = drained,
        .stop = stop,
        .http_listen = http_listen,
    };

    return svc_main(&spec, argc, argv);
}
