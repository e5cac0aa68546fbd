/* tool: see tool.h. Submit and fetch are those of common/, driven by a loop of our own until the
 * answer is there or time is up. */
#include "tool.h"

#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "clock.h"
#include "fetch.h"
#include "timefmt.h"

int
tool_fail(int code, const char *fmt, ...)
{
    va_list ap;

    (void)fflush(stdout);
    (void)fputs("tocsin: ", stderr);
    va_start(ap, fmt);
    (void)vfprintf(stderr, fmt, ap);
    va_end(ap);
    (void)fputc('\n', stderr);
    return code;
}

int
tool_config(struct tool *t)
{
    struct err e = {.text = ""};
    char text[512];

    if (t->config != NULL)
        return 0;
    if (config_find(t->config_file, t->dir, &t->config, &e) < 0)
        return tool_fail(EX_CONFIG, "%s", err_str(&e, text, sizeof text));
    return 0;
}

int
tool_network(struct tool *t)
{
    int code = tool_config(t);

    if (code != 0)
        return code;
    (void)signal(SIGPIPE, SIG_IGN);
    if (t->base == NULL)
        t->base = event_base_new();
    if (t->zmq == NULL)
        t->zmq = chan_context_new();
    if (t->base == NULL || t->zmq == NULL)
        return tool_fail(EX_OSERR, "no event loop: %s", strerror(errno));
    return 0;
}

static const char *
daemon_of(const struct tool *t, const char *endpoint)
{
    return strcmp(endpoint, t->config->collector.listen_zmq) == 0 ? "collector" : "notifier";
}

static int
unreachable(const struct tool *t, const char *endpoint)
{
    return tool_fail(EX_UNAVAILABLE, "the %s does not answer on %s; is it running? (tocsin%s%s up)",
                     daemon_of(t, endpoint), endpoint, t->dir != NULL ? " -d " : "",
                     t->dir != NULL ? t->dir : "");
}

static void
on_late(evutil_socket_t fd, short what, void *arg)
{
    struct tool *t = arg;

    (void)fd;
    (void)what;
    (void)event_base_loopbreak(t->base);
}

/* Runs the loop until it is broken, at most for the timeout. The timer goes with this wait:
 * event_base_loopexit() would leave one behind that ends a later one. */
static void
await(struct tool *t)
{
    struct timeval tv = {.tv_sec = t->timeout_us / SECOND_US,
                         .tv_usec = (suseconds_t)(t->timeout_us % SECOND_US)};
    struct event *late = evtimer_new(t->base, on_late, t);

    if (late != NULL && event_add(late, &tv) == 0)
        (void)event_base_dispatch(t->base);
    if (late != NULL)
        event_free(late);
}

/* ---- fetch */

struct asking {
    struct tool *t;
    void (*fn)(void *arg, const struct records *r);
    void *arg;
    bool done;
    int code;
};

static void
on_records(void *arg, const struct records *r)
{
    struct asking *a = arg;

    a->done = true;
    if (r->error != NULL)
        a->code = tool_fail(EX_SOFTWARE, "%s", r->error);
    else
        a->fn(a->arg, r);
    (void)event_base_loopbreak(a->t->base);
}

int
tool_fetch(struct tool *t, const char *endpoint, const struct fetch *f,
           void (*fn)(void *arg, const struct records *r), void *arg)
{
    struct asking a = {.t = t, .fn = fn, .arg = arg};
    struct fetch_tx_opts o = {.endpoint = endpoint, .on_records = on_records, .arg = &a};
    struct fetch_tx *tx;
    struct err e = {.text = ""};

    if (fetch_tx_new(t->zmq, t->base, &o, &tx, &e) < 0)
        return tool_fail(EX_UNAVAILABLE, "%s", e.text);
    if (fetch_tx_ask(tx, f) == 0)
        await(t);
    fetch_tx_free(tx);
    /* Let the loop free what was closed inside its own callback. */
    (void)event_base_loop(t->base, EVLOOP_NONBLOCK);
    if (!a.done)
        return unreachable(t, endpoint);
    return a.code;
}

struct walking {
    struct tool *t;
    struct fetch f;
    int (*fn)(void *arg, const struct item *it, const struct record *r);
    void *arg;
    bool more, bad;
};

static void
on_walk(void *arg, const struct records *r)
{
    struct walking *w = arg;

    w->more = r->complete_to < r->head && r->complete_to + 1 > w->f.from_seq;
    w->f.from_seq = r->complete_to + 1;
    w->f.from_us = 0;
    for (size_t i = 0; i < r->n_items; i++) {
        struct record rec;
        struct err e = {.text = ""};
        arena_reset(w->t->arena);
        if (wire_record_unpack(r->items[i].record.data, r->items[i].record.len, w->t->arena, &rec,
                               &e) < 0) {
            (void)tool_fail(EX_SOFTWARE, "record %llu: %s", (unsigned long long)r->items[i].seq,
                            e.text);
            w->bad = true;
            continue;
        }
        rec.seq = r->items[i].seq;
        if (w->fn(w->arg, &r->items[i], &rec) != 0) {
            w->more = false;
            return;
        }
    }
}

int
tool_walk(struct tool *t, const char *endpoint, struct fetch f,
          int (*fn)(void *arg, const struct item *it, const struct record *r), void *arg)
{
    struct walking w = {.t = t, .f = f, .fn = fn, .arg = arg, .more = true};

    while (w.more) {
        int code = tool_fetch(t, endpoint, &w.f, on_walk, &w);
        if (code != 0)
            return code;
    }
    return w.bad ? EX_SOFTWARE : 0;
}

/* ---- submit */

struct submitting {
    struct tool *t;
    void (*fn)(void *arg, uint64_t i, const struct receipt *r);
    void *arg;
    size_t left;
};

static void
on_receipt(void *arg, uint64_t cookie, const struct receipt *r)
{
    struct submitting *s = arg;

    s->left--;
    s->fn(s->arg, cookie, r);
    if (s->left == 0)
        (void)event_base_loopbreak(s->t->base);
}

int
tool_submit(struct tool *t, const char *endpoint, const char *source,
            const struct tool_record *records, size_t n,
            void (*fn)(void *arg, uint64_t i, const struct receipt *r), void *arg)
{
    struct submitting s = {.t = t, .fn = fn, .arg = arg, .left = n};
    struct submit_tx_opts o = {
        .endpoint = endpoint, .source = source, .on_receipt = on_receipt, .arg = &s};
    struct submit_tx *tx;
    struct err e = {.text = ""};

    if (submit_tx_new(t->zmq, t->base, &o, &tx, &e) < 0)
        return tool_fail(EX_UNAVAILABLE, "%s", e.text);
    for (size_t i = 0; i < n; i++)
        if (submit_tx_add(tx, records[i].data, records[i].len, i) < 0) {
            submit_tx_free(tx);
            return tool_fail(EX_SOFTWARE, "too much for one go: %s", strerror(errno));
        }
    submit_tx_flush(tx);
    if (s.left > 0)
        await(t);
    submit_tx_free(tx);
    (void)event_base_loop(t->base, EVLOOP_NONBLOCK);
    return s.left > 0 ? unreachable(t, endpoint) : 0;
}

/* ---- small things */

void
tool_print(struct tool *t)
{
    if (t->out.len > 0 && fwrite(t->out.data, 1, t->out.len, stdout) != t->out.len)
        exit(errno == EPIPE ? 0 : EX_IOERR);
    buf_reset(&t->out);
}

struct matching {
    const char *text;
    size_t len, found;
    struct id id;
};

static int
match_id(void *arg, const struct item *it, const struct record *r)
{
    struct matching *m = arg;
    char text[ID_TEXT];

    (void)it;
    if (r->type != REC_EVENT)
        return 0;
    (void)id_text(&r->u.event->id, text);
    if (m->len <= ID_TEXT - 1 && strcasecmp(text + ID_TEXT - 1 - m->len, m->text) == 0 &&
        (m->found == 0 || id_cmp(&m->id, &r->u.event->id) != 0)) {
        m->found++;
        m->id = r->u.event->id;
    }
    return 0;
}

int
tool_alert_id(struct tool *t, const char *text, struct id *out)
{
    struct matching m = {.text = text, .len = strlen(text)};
    struct fetch f = {.stream = STREAM_ALERTS};
    int code;

    if (id_parse(text, out) == 0)
        return 0;
    if (m.len < 6)
        return tool_fail(EX_USAGE, "'%s' is no alert id (26 characters, or the last 6 or more)",
                         text);
    if ((code = tool_walk(t, t->config->notifier.listen_zmq, f, match_id, &m)) != 0)
        return code;
    if (m.found == 0)
        return tool_fail(EX_DATAERR, "there is no alert %s; see tocsin alerts", text);
    if (m.found > 1)
        return tool_fail(EX_USAGE, "%s fits more than one alert; give more characters", text);
    *out = m.id;
    return 0;
}

int
tool_time(const char *text, int64_t *us)
{
    int64_t ago;

    if (time_parse(text, strlen(text), us) == 0)
        return 0;
    if (duration_parse(text, &ago) < 0)
        return -1;
    *us = wall_now_us() - ago;
    return 0;
}

int
tool_read(const char *path, char **out, size_t *len)
{
    bool in = path == NULL || strcmp(path, "-") == 0;
    FILE *f = in ? stdin : fopen(path, "rb");
    size_t cap = 1 << 16, n = 0;
    char *p;

    if (f == NULL)
        return tool_fail(EX_NOINPUT, "%s: %s", path, strerror(errno));
    p = malloc(cap);
    while (p != NULL) {
        size_t k = fread(p + n, 1, cap - n, f);
        n += k;
        if (k == 0)
            break;
        if (n == cap) {
            char *more = realloc(p, cap *= 2);
            if (more == NULL)
                free(p);
            p = more;
        }
    }
    int bad = p == NULL || ferror(f);
    if (!in)
        (void)fclose(f);
    if (bad) {
        free(p);
        return tool_fail(EX_IOERR, "%s: could not be read", in ? "standard input" : path);
    }
    *out = p;
    *len = n;
    return 0;
}

const char *
tool_who(void)
{
    const char *name = getenv("TOCSIN_WHO");
    struct passwd *pw;

    if (name != NULL && name[0] != '\0')
        return name;
    pw = getpwuid(getuid());
    return pw != NULL ? pw->pw_name : "unknown";
}
