/* replay: a recording into an empty instance, at the recording's own pace, faster, or as fast as
 * it goes. Bracketed by two records, so that a recording of the replay tells what it was. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "clock.h"
#include "timefmt.h"
#include "verbs.h"

#define AHEAD 8192
/* A collector that hears nothing for two minutes closes the replay: at the recording's own pace its
 * opening bracket comes again, which changes nothing. */
#define ALIVE_US (30 * SECOND_US)

struct replaying {
    struct tool *t;
    const char *path;
    struct recording *rec;
    struct submit_tx *tx;
    struct event *timer, *watch;
    int64_t speed; /* 0 = max */
    bool keep_time;
    int64_t shift_us, first_us, last_us, begun_us, heard_us;
    int64_t added_us;
    uint64_t n, bad, added, answered, refused;
    struct record next;
    bool have_next, ended, closed;
    struct buf packed;
    char why[320];
    int code;
};

static void feed(struct replaying *p);

static void
shift(const struct replaying *p, int64_t *us)
{
    if (*us != 0)
        *us += p->shift_us;
}

/* One constant for every time there is, timetables included. */
static void
shift_all(const struct replaying *p, struct record *r, int64_t *schedule)
{
    shift(p, &r->received_at_us);
    switch (r->type) {
    case REC_INCIDENT:
        shift(p, &r->u.incident.reported_at_us);
        shift(p, &r->u.incident.occurred_at_us);
        break;
    case REC_ASSET:
        for (size_t i = 0; i < r->u.asset.n_schedule && i < MAX_ROUTE; i++) {
            schedule[i] = r->u.asset.schedule[i];
            shift(p, &schedule[i]);
        }
        r->u.asset.schedule = schedule;
        break;
    case REC_POSITION:
        shift(p, &r->u.position.fixed_at_us);
        break;
    case REC_LINK:
        shift(p, &r->u.link.since_us);
        break;
    default:
        break;
    }
}

static void
add(struct replaying *p, const struct record *r)
{
    buf_reset(&p->packed);
    wire_record_pack(r, false, &p->packed);
    if (submit_tx_add(p->tx, p->packed.data, p->packed.len, p->added) == 0)
        p->added++;
    p->added_us = mono_now_us();
}

static void
bracket(struct replaying *p, bool begin)
{
    struct record r = {.type = REC_REPLAY};
    const char *slash = p->path != NULL ? strrchr(p->path, '/') : NULL;

    r.received_at_us = (begin ? p->first_us : p->last_us) + p->shift_us;
    r.u.replay = (struct replay_bracket){.begin = begin,
                                         .keep_time = p->keep_time,
                                         .shift_us = p->shift_us,
                                         .name = slash != NULL ? slash + 1 : p->path};
    add(p, &r);
}

static void
on_receipt(void *arg, uint64_t cookie, const struct receipt *r)
{
    struct replaying *p = arg;

    (void)cookie;
    p->answered++;
    p->heard_us = mono_now_us();
    if (r->status == RC_REJECTED) {
        if (p->refused++ == 0)
            (void)snprintf(p->why, sizeof p->why, "%s", r->reason != NULL ? r->reason : "refused");
        if (cookie == 0) { /* the opening bracket: nothing else would be taken */
            p->ended = p->closed = true;
            (void)event_base_loopbreak(p->t->base);
            return;
        }
    }
    if (p->closed && p->answered == p->added)
        (void)event_base_loopbreak(p->t->base);
    else
        feed(p);
}

/* The next record that is not a bracket of an earlier replay. */
static bool
read_next(struct replaying *p)
{
    struct err e = {.text = ""};
    int rc;

    while ((rc = recording_next(p->rec, p->t->config, &p->next, &e)) != 0) {
        if (rc > 0 && p->next.type != REC_REPLAY)
            return true;
        if (rc < 0)
            p->bad++;
    }
    return false;
}

static void
feed(struct replaying *p)
{
    int64_t schedule[MAX_ROUTE];

    while (!p->ended && p->added - p->answered < AHEAD) {
        if (!p->have_next && !(p->have_next = read_next(p))) {
            p->ended = true;
            break;
        }
        if (p->speed > 0) {
            int64_t due = p->begun_us + (p->next.received_at_us - p->first_us) / p->speed;
            int64_t wait = due - mono_now_us();
            if (wait > 0) {
                struct timeval tv = {.tv_sec = wait / SECOND_US,
                                     .tv_usec = (suseconds_t)(wait % SECOND_US)};
                submit_tx_flush(p->tx);
                (void)event_add(p->timer, &tv);
                return;
            }
        }
        shift_all(p, &p->next, schedule);
        p->next.seq = 0;
        add(p, &p->next);
        p->have_next = false;
    }
    if (p->ended && !p->closed) {
        p->closed = true;
        bracket(p, false);
    }
    submit_tx_flush(p->tx);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    feed(arg);
}

static void
on_watch(evutil_socket_t fd, short what, void *arg)
{
    struct replaying *p = arg;

    (void)fd;
    (void)what;
    if (p->answered == p->added)
        p->heard_us = mono_now_us();
    if (!p->closed && mono_now_us() - p->added_us > ALIVE_US) {
        bracket(p, true);
        submit_tx_flush(p->tx);
    }
    if (mono_now_us() - p->heard_us > p->t->timeout_us)
        (void)event_base_loopbreak(p->t->base);
    if (isatty(STDERR_FILENO) && p->n > 0)
        (void)fprintf(stderr, "\r%" PRIu64 " of %" PRIu64 " records", p->answered, p->n);
}

/* Reads it once for the number of records and the two ends. */
static int
survey(struct replaying *p)
{
    struct recording *rec;
    struct record r;
    struct err e = {.text = ""};
    int rc;

    if (recording_open(p->path, &rec, &e) < 0)
        return tool_fail(EX_NOINPUT, "%s", e.text);
    while ((rc = recording_next(rec, p->t->config, &r, &e)) != 0) {
        if (rc < 0) {
            (void)tool_fail(EX_DATAERR, "%s: %s", p->path, e.text);
            continue;
        }
        if (r.type == REC_REPLAY)
            continue;
        if (p->n++ == 0)
            p->first_us = r.received_at_us;
        p->last_us = r.received_at_us;
    }
    recording_close(rec);
    if (p->n == 0)
        return tool_fail(EX_DATAERR, "%s holds no record that could be replayed", p->path);
    return 0;
}

/* Standard input cannot be read twice. */
static int
spool(struct replaying *p, char *path)
{
    char *text;
    size_t len;
    int code = tool_read("-", &text, &len), fd;

    if (code != 0)
        return code;
    fd = mkstemp(path);
    if (fd < 0 || write(fd, text, len) != (ssize_t)len)
        code = tool_fail(EX_IOERR, "%s: %s", path, strerror(errno));
    if (fd >= 0)
        (void)close(fd);
    free(text);
    p->path = path;
    return code;
}

static int
options(struct replaying *p, int argc, char **argv)
{
    char *end;

    p->speed = 1;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--keep-time") == 0) {
            p->keep_time = true;
        } else if (strcmp(argv[i], "--speed") == 0 && i + 1 < argc) {
            const char *v = argv[++i];
            p->speed = strcmp(v, "max") == 0 ? 0 : strtoll(v, &end, 10);
            if (p->speed < 0 || (p->speed == 0 && strcmp(v, "max") != 0))
                return tool_fail(EX_USAGE, "--speed takes a whole number, or max");
        } else if (p->path == NULL && (argv[i][0] != '-' || argv[i][1] == '\0')) {
            p->path = argv[i];
        } else {
            return tool_fail(EX_USAGE, "replay: '%s' is not understood", argv[i]);
        }
    }
    return p->path != NULL ? 0 : tool_fail(EX_USAGE, "replay needs a recording");
}

int
verb_replay(struct tool *t, int argc, char **argv)
{
    struct replaying *p = calloc(1, sizeof *p);
    char spooled[] = "/tmp/tocsin-replay-XXXXXX";
    struct timeval every = {.tv_usec = 250000};
    struct err e = {.text = ""};
    int code;

    if (p == NULL)
        return tool_fail(EX_OSERR, "out of memory");
    p->t = t;
    buf_init(&p->packed, 0);
    if ((code = options(p, argc, argv)) != 0 || (code = tool_network(t)) != 0)
        goto out;
    if (strcmp(p->path, "-") == 0 && (code = spool(p, spooled)) != 0)
        goto out;
    if ((code = survey(p)) != 0)
        goto out;
    if (!p->keep_time)
        p->shift_us = wall_now_us() - p->last_us;
    struct submit_tx_opts o = {.endpoint = t->config->collector.listen_zmq,
                               .source = "local",
                               .queue_records = 2 * AHEAD,
                               .replay = true,
                               .on_receipt = on_receipt,
                               .arg = p};
    p->timer = evtimer_new(t->base, on_timer, p);
    p->watch = event_new(t->base, -1, EV_PERSIST, on_watch, p);
    if (recording_open(p->path, &p->rec, &e) < 0 ||
        submit_tx_new(t->zmq, t->base, &o, &p->tx, &e) < 0 || p->timer == NULL ||
        event_add(p->watch, &every) < 0) {
        code = tool_fail(EX_UNAVAILABLE, "%s", e.text);
        goto out;
    }
    p->begun_us = p->heard_us = mono_now_us();
    bracket(p, true);
    feed(p);
    (void)event_base_dispatch(t->base);
    if (isatty(STDERR_FILENO))
        (void)fprintf(stderr, "\r\033[K");
    if (p->refused > 0)
        code = tool_fail(EX_DATAERR, "%" PRIu64 " records were refused, the first: %s", p->refused,
                         p->why);
    else if (p->answered < p->added || !p->closed)
        code = tool_fail(EX_UNAVAILABLE, "the collector does not answer on %s",
                         t->config->collector.listen_zmq);
    else if (p->bad > 0)
        code = EX_DATAERR;
    if (code == 0 && t->json)
        (void)printf("{\"replayed\":%" PRIu64 "}\n", p->n);
    else if (code == 0)
        (void)fprintf(stderr, "%" PRIu64 " records replayed\n", p->n);
out:
    if (p->timer != NULL)
        event_free(p->timer);
    if (p->watch != NULL)
        event_free(p->watch);
    submit_tx_free(p->tx);
    recording_close(p->rec);
    if (p->path == spooled)
        (void)unlink(spooled);
    buf_fini(&p->packed);
    free(p);
    return code;
}
