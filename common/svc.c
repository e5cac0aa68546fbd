/* svc: the skeleton of a daemon. See the header.
 *
 *   options -> config -> limits -> base, zmq -> start -> READY -> loop -> stop
 *                                                          |
 *                          SIGTERM, SIGINT: drain, until drained or 5 s (a second one: at once)
 *
 * The one file of common/ that logs, since what it does happens before and after the daemon. */
#include "svc.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

#include "clock.h"
#include "health.h"
#include "log.h"

#define DRAIN_US      INT64_C(5000000)
#define DRAIN_LOOK_US 10000

struct run {
    struct svc s; /* first: svc_exit() finds us by it */
    const struct svc_spec *spec;
    struct event *term, *intr, *hup, *watchdog, *look;
    struct health *health;
    int64_t drain_until_us; /* monotonic; 0 = not draining */
    bool verbose, check, ending;
    int code;
};

static void
print_usage(FILE *f, const struct svc_spec *spec)
{
    (void)fprintf(f,
                  "%s: %s\n"
                  "usage: %s [-c FILE] [-d DIR] [-n] [-v]\n"
                  "  -c FILE  configuration (default: DIR/tocsin.yaml, or "
                  "/etc/tocsin/tocsin.yaml)\n"
                  "  -d DIR   run a self-contained instance in DIR\n"
                  "  -n       check the configuration and exit\n"
                  "  -v       log more\n"
                  "  -V       print the version\n"
                  "  -h       print this\n",
                  spec->name, spec->summary, spec->name);
}

/* -1: go on; else the exit code. */
static int
read_options(struct run *r, int argc, char **argv)
{
    int c;

    while ((c = getopt(argc, argv, "c:d:nvVh")) != -1) {
        switch (c) {
        case 'c':
            r->s.config_file = optarg;
            break;
        case 'd':
            r->s.instance_dir = optarg;
            break;
        case 'n':
            r->check = true;
            break;
        case 'v':
            r->verbose = true;
            break;
        case 'V':
            printf("%s %s\n", r->spec->name, TOCSIN_VERSION);
            return EX_OK;
        case 'h':
            print_usage(stdout, r->spec);
            return EX_OK;
        default: /* getopt has said what is wrong */
            print_usage(stderr, r->spec);
            return EX_USAGE;
        }
    }
    if (optind < argc) {
        (void)fprintf(stderr, "%s: unexpected \"%s\"; see -h\n", r->spec->name, argv[optind]);
        return EX_USAGE;
    }
    return -1;
}

static void
init_log(const struct run *r)
{
    enum log_level most = LOG_LEVEL_INFO;

    if (r->s.config)
        most = (enum log_level)r->s.config->instance.log_level;
    log_init(r->spec->name, r->verbose ? LOG_LEVEL_DEBUG : most);
}

static void
log_err(const char *what, const struct err *e)
{
    char text[sizeof(e->text) + sizeof(e->file) + 32];

    log_error("%s%s", what, err_str(e, text, sizeof(text)));
}

/* Every console and every source is a descriptor. */
static void
raise_limits(void)
{
    struct rlimit l;

    if (getrlimit(RLIMIT_NOFILE, &l) == 0 && l.rlim_cur < l.rlim_max) {
        l.rlim_cur = l.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &l) < 0)
            log_warn("cannot raise the limit of open files error=\"%s\"", strerror(errno));
    }
}

static void
arm(struct event *ev, int64_t us)
{
    struct timeval tv = {.tv_sec = us / 1000000, .tv_usec = us % 1000000};

    if (event_add(ev, &tv) < 0)
        log_error("cannot arm a timer: out of memory");
}

static void
end(struct run *r, int code)
{
    if (r->ending)
        return;
    r->ending = true;
    r->code = code;
    (void)event_base_loopbreak(r->s.base); /* fails only without a base */
}

void
svc_exit(struct svc *s, int code)
{
    end((struct run *)s, code);
}

static void
on_look(evutil_socket_t fd, short what, void *arg)
{
    struct run *r = arg;

    (void)fd;
    (void)what;
    if (!r->spec->drained || r->spec->drained(&r->s)) {
        end(r, EX_OK);
    } else if (mono_now_us() >= r->drain_until_us) {
        log_warn("stopping with work pending: it took longer than 5 s");
        end(r, EX_OK);
    } else {
        arm(r->look, DRAIN_LOOK_US);
    }
}

static void
on_term(evutil_socket_t sig, short what, void *arg)
{
    struct run *r = arg;

    (void)what;
    if (r->drain_until_us) {
        log_warn("stopping at once signal=%d", (int)sig);
        end(r, EX_OK);
        return;
    }
    log_info("stopping signal=%d", (int)sig);
    (void)sd_notify(0, "STOPPING=1"); /* nobody listens outside systemd */
    r->drain_until_us = mono_now_us() + DRAIN_US;
    if (r->spec->drain)
        r->spec->drain(&r->s);
    on_look(-1, 0, r);
}

static void
on_hup(evutil_socket_t sig, short what, void *arg)
{
    struct run *r = arg;
    struct config *next = NULL;
    struct err e = {.text = ""};

    (void)sig;
    (void)what;
    if (r->drain_until_us)
        return;
    (void)sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld", (long long)mono_now_us());
    if (config_find(r->s.config_file, r->s.instance_dir, &next, &e) < 0) {
        log_err("the old configuration stays: ", &e);
    } else if (r->spec->reload && r->spec->reload(&r->s, next, &e) < 0) {
        log_err("the old configuration stays: ", &e);
        config_free(next);
    } else {
        struct config *old = r->s.config;

        r->s.config = next;
        config_free(old);
        init_log(r);
        log_info("configuration reloaded file=%s", next->path);
    }
    (void)sd_notify(0, "READY=1");
}

static void
on_watchdog(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    (void)arg;
    (void)sd_notify(0, "WATCHDOG=1");
}

static int
add_events(struct run *r)
{
    uint64_t usec = 0;
    struct event_base *base = r->s.base;

    r->term = evsignal_new(base, SIGTERM, on_term, r);
    r->intr = evsignal_new(base, SIGINT, on_term, r);
    r->hup = evsignal_new(base, SIGHUP, on_hup, r);
    r->look = evtimer_new(base, on_look, r);
    r->watchdog = event_new(base, -1, EV_PERSIST, on_watchdog, r);
    if (!r->term || !r->intr || !r->hup || !r->look || !r->watchdog ||
        event_add(r->term, NULL) < 0 || event_add(r->intr, NULL) < 0 || event_add(r->hup, NULL) < 0)
        return -1;
    if (sd_watchdog_enabled(0, &usec) > 0 && usec > 1)
        arm(r->watchdog, (int64_t)usec / 2);
    return 0;
}

static int
add_health(struct run *r)
{
    struct err e;
    const char *listen = r->spec->http_listen ? r->spec->http_listen(r->s.config) : NULL;

    if (!listen || !listen[0])
        return EX_OK;
    if (health_new(r->s.base, listen, &r->health, &e) < 0) {
        log_err("", &e);
        return EX_UNAVAILABLE;
    }
    return EX_OK;
}

static void
free_event(struct event *ev)
{
    if (ev)
        event_free(ev);
}

/* epoll counts in milliseconds and rounds up: a flush that gathers for one would come after two. */
static struct event_base *
make_base(void)
{
    struct event_config *cfg = event_config_new();
    struct event_base *base = NULL;

    if (cfg != NULL && event_config_set_flag(cfg, EVENT_BASE_FLAG_PRECISE_TIMER) == 0)
        base = event_base_new_with_config(cfg);
    if (cfg != NULL)
        event_config_free(cfg);
    return base;
}

static int
run(struct run *r)
{
    struct err e = {.text = ""};
    int code = EX_OSERR;

    raise_limits();
    (void)signal(SIGPIPE, SIG_IGN); /* cannot fail for SIGPIPE */
    r->s.started_wall_us = wall_now_us();
    r->s.base = make_base();
    r->s.zmq = chan_context_new();
    if (!r->s.base || !r->s.zmq || add_events(r) < 0) {
        log_error("cannot make the event loop error=\"%s\"", strerror(errno));
        goto out;
    }
    code = r->spec->start(&r->s, &e);
    if (code != EX_OK) {
        if (e.text[0])
            log_err("", &e);
        goto out;
    }
    code = add_health(r);
    if (code != EX_OK)
        goto out;
    (void)sd_notify(0, "READY=1");
    /* svc_exit() may have been called in start, and the loop forgets a break before it began. */
    if (!r->ending && event_base_dispatch(r->s.base) < 0) {
        log_error("the event loop failed error=\"%s\"", strerror(errno));
        r->code = EX_OSERR;
    }
    code = r->code;
out:
    health_free(r->health);
    if (r->s.daemon && r->spec->stop)
        r->spec->stop(&r->s);
    free_event(r->term);
    free_event(r->intr);
    free_event(r->hup);
    free_event(r->look);
    free_event(r->watchdog);
    chan_context_free(r->s.zmq);
    if (r->s.base)
        event_base_free(r->s.base);
    return code;
}

int
svc_main(const struct svc_spec *spec, int argc, char **argv)
{
    struct run r = {.spec = spec};
    struct err e = {.text = ""};
    int code = read_options(&r, argc, argv);

    if (code >= 0)
        return code;
    init_log(&r);
    if (config_find(r.s.config_file, r.s.instance_dir, &r.s.config, &e) < 0) {
        log_err("", &e);
        return EX_CONFIG;
    }
    if (r.check) {
        printf("%s: good\n", r.s.config->path[0] ? r.s.config->path : "defaults");
        code = EX_OK;
    } else {
        init_log(&r);
        code = run(&r);
    }
    config_free(r.s.config);
    return code;
}

void
svc_http_attach(struct evhttp *http)
{
    health_attach(http);
}
