/* svc: the skeleton of a daemon.
 *
 * main() is `return svc_main(&spec, argc, argv);`. svc_main reads options (-c FILE, -d DIR, -n
 * check and exit, -v, -V, -h), loads the configuration, raises limits, makes event base and
 * ZeroMQ context, blocks SIGPIPE, calls start, tells systemd READY=1, runs, and on SIGTERM or
 * SIGINT calls drain, waits until done() or a deadline of 5 s, then stop. SIGHUP: the file is
 * parsed into a new object and checked; reload() takes it over or refuses it, the old one then
 * stays and the log says why. The systemd watchdog is fed from a loop timer. Exit codes from
 * sysexits.h: 64 usage, 78 configuration, 71 system, 69 unavailable, 74 store. */
#ifndef TOCSIN_SVC_H
#define TOCSIN_SVC_H

#include <event2/event.h>
#include <stdbool.h>

#include "chan.h"
#include "config.h"
#include "err.h"

#define TOCSIN_VERSION "0.1.0"

struct svc {
    struct event_base *base;
    struct chan_context *zmq;
    struct config *config; /* owned by svc; replaced after a successful reload */
    void *daemon;          /* what start() made */
    const char *instance_dir, *config_file;
    int64_t started_wall_us;
};

struct svc_spec {
    const char *name;    /* "tocsin-collector" */
    const char *summary; /* one line for -h */
    /* Builds the daemon into s->daemon. Returns 0, or an exit code with the reason in e (svc logs
     * it) or already logged. When it leaves a half-built s->daemon, stop() is called. */
    int (*start)(struct svc *s, struct err *e);
    /* Takes over `next` (svc frees the old one after it returned 0). -1: refused, old one stays. */
    int (*reload)(struct svc *s, struct config *next, struct err *e);
    void (*drain)(struct svc *s);   /* stop intake */
    bool (*drained)(struct svc *s); /* nothing is pending any more */
    void (*stop)(struct svc *s);    /* free everything; only called when s->daemon is set */
    const char *(*http_listen)(
        const struct config *c); /* endpoint for /healthz and /metrics; NULL = none */
};

int svc_main(const struct svc_spec *spec, int argc, char **argv);

/* Ends the loop with an exit code, from anywhere (a failed commit: 74). */
void svc_exit(struct svc *s, int code);

/* GET /healthz and /metrics on an evhttp that a daemon has of its own. */
struct evhttp;
void svc_http_attach(struct evhttp *http);

#endif
