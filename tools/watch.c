/* watch: alert events in order, each once, across restarts of any daemon.
 *
 * Live events come by subscription; whatever does not follow on what was printed last (a lost
 * message, a restart, the head that is further) is fetched. With topics the numbers have gaps of
 * their own, so each message fetches; the fetch says up to where it is complete. The notifier
 * publishes its head every second: so also the loss of a last message is noticed, and silence
 * means that nobody is there. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "clock.h"
#include "fetch.h"
#include "record_json.h"
#include "timefmt.h"
#include "verbs.h"

#define SILENT_US (3 * SECOND_US)

struct watching {
    struct tool *t;
    struct fetch_tx *fetch;
    struct chan *sub;
    const char *prefixes[MAX_PREFIXES];
    size_t n_prefixes;
    uint64_t complete; /* printed, or known not to match, up to here */
    uint64_t head;
    bool known; /* complete is known (from_head needs one answer) */
    uint64_t count, most;
    int64_t idle_us, last_us;
    int64_t heard_us;    /* anything published */
    int64_t answered_us; /* the last fetch */
    struct arena *arena;
    bool comparison, done;
    bool silent; /* it was said that the notifier does not answer */
    int code;
};

static void ask(struct watching *w);

static void
finish(struct watching *w)
{
    w->done = true;
    (void)event_base_loopbreak(w->t->base);
}

static void
print_event(struct watching *w, uint64_t seq, const struct alert_event *ev)
{
    if (w->done)
        return;
    bool classifiers = ev->kind == AK_RAISED || ev->kind == AK_UPDATED || ev->kind == AK_CANCELLED;
    /* The notifier's alerts about itself give no reasons; the classifier's always do. */
    bool own = ev->target == TG_SYSTEM && ev->n_reasons == 0;
    if (w->comparison && (!classifiers || own))
        return;
    if (w->comparison || w->t->json) {
        event_to_json(ev, seq, w->comparison, &w->t->out);
        buf_putc(&w->t->out, '\n');
    } else {
        show_alert(w->t, seq, ev);
    }
    w->last_us = mono_now_us();
    if (++w->count == w->most)
        finish(w);
}

static void
on_records(void *arg, const struct records *r)
{
    struct watching *w = arg;

    if (r->error != NULL) {
        w->code = tool_fail(EX_SOFTWARE, "%s", r->error);
        finish(w);
        return;
    }
    w->head = r->head;
    w->answered_us = w->heard_us = mono_now_us();
    if (!w->known) {
        w->known = true;
        if (r->n_items == 0) {
            w->complete = r->complete_to;
            w->last_us = mono_now_us();
        }
    }
    for (size_t i = 0; i < r->n_items; i++) {
        struct record rec;
        struct err e;
        if (r->items[i].seq <= w->complete)
            continue;
        arena_reset(w->arena);
        if (wire_record_unpack(r->items[i].record.data, r->items[i].record.len, w->arena, &rec,
                               &e) == 0 &&
            rec.type == REC_EVENT)
            print_event(w, r->items[i].seq, rec.u.event);
        if (w->done)
            break;
    }
    if (!w->done && r->complete_to > w->complete)
        w->complete = r->complete_to;
    tool_print(w->t);
    (void)fflush(stdout);
    if (!w->done && w->complete < w->head)
        ask(w);
}

static void
ask(struct watching *w)
{
    struct fetch f = {.stream = STREAM_ALERTS, .n_prefixes = w->n_prefixes};

    if (fetch_tx_waiting(w->fetch))
        return;
    memcpy(f.prefixes, w->prefixes, sizeof f.prefixes);
    f.from_seq = w->complete + 1;
    if (!w->known) {
        f.from_head = true;
    }
    (void)fetch_tx_ask(w->fetch, &f);
}

static void
on_published(void *arg, struct chan *c, const struct chan_frame *frames, size_t n)
{
    struct watching *w = arg;
    struct envelope env;
    struct record rec;
    struct err e;

    (void)c;
    w->heard_us = mono_now_us();
    arena_reset(w->arena);
    if (n != 2 || !w->known || w->done ||
        wire_envelope_unpack(frames[1].data, frames[1].len, w->arena, &env, &e) < 0 ||
        env.type != ENV_PUBLICATION)
        return;
    const struct publication *p = &env.u.publication;
    if (p->seq > w->head)
        w->head = p->seq;
    if (p->seq <= w->complete)
        return; /* a head that tells nothing new, or a repeat on another topic */
    if (p->record.len == 0 || p->seq != w->complete + 1 || w->n_prefixes > 0) {
        ask(w);
        return;
    }
    if (wire_record_unpack(p->record.data, p->record.len, w->arena, &rec, &e) < 0 ||
        rec.type != REC_EVENT)
        return;
    print_event(w, p->seq, rec.u.event);
    w->complete = p->seq;
    tool_print(w->t);
    (void)fflush(stdout);
}

static void
on_second(evutil_socket_t fd, short what, void *arg)
{
    struct watching *w = arg;
    int64_t now = mono_now_us(), idle_at = w->last_us + w->idle_us;

    (void)fd;
    (void)what;
    if (w->idle_us > 0 && w->known && w->complete >= w->head && now >= idle_at) {
        /* Nothing came for that long; the answer to one more question must say so too. */
        if (w->answered_us >= idle_at)
            finish(w);
        else
            ask(w);
    } else if (!w->known || now - w->heard_us > SILENT_US) {
        ask(w);
    }
}

static void
on_state(void *arg, bool up, const char *why)
{
    struct watching *w = arg;

    (void)why;
    if (!up)
        (void)fprintf(stderr, "tocsin: the notifier does not answer; waiting for it\n");
    else if (w->silent)
        (void)fprintf(stderr, "tocsin: the notifier answers again\n");
    w->silent = !up;
}

static int
options(struct watching *w, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--comparison") == 0) {
            w->comparison = true;
            continue;
        }
        if (i + 1 >= argc)
            return tool_fail(EX_USAGE, "watch: '%s' needs a value, or is unknown", argv[i]);
        const char *v = argv[i + 1];
        char *end;
        if (strcmp(argv[i], "--topic") == 0) {
            if (w->n_prefixes == MAX_PREFIXES)
                return tool_fail(EX_USAGE, "at most %d topics", MAX_PREFIXES);
            w->prefixes[w->n_prefixes++] = v;
        } else if (strcmp(argv[i], "--from") == 0) {
            if (strcmp(v, "start") == 0) {
                w->known = true;
            } else if (strcmp(v, "now") != 0) {
                uint64_t seq = strtoull(v, &end, 10);
                if (*end != '\0' || seq == 0)
                    return tool_fail(EX_USAGE, "--from takes a sequence number, start or now");
                w->known = true;
                w->complete = seq - 1;
            }
        } else if (strcmp(argv[i], "--until-idle") == 0) {
            if (duration_parse(v, &w->idle_us) < 0)
                return tool_fail(EX_USAGE, "--until-idle: '%s' is no duration", v);
        } else if (strcmp(argv[i], "--count") == 0) {
            w->most = strtoull(v, &end, 10);
            if (*end != '\0' || w->most == 0)
                return tool_fail(EX_USAGE, "--count takes a number");
        } else {
            return tool_fail(EX_USAGE, "watch: unknown option '%s'", argv[i]);
        }
        i++;
    }
    return 0;
}

int
verb_watch(struct tool *t, int argc, char **argv)
{
    struct watching *w = calloc(1, sizeof *w);
    struct timeval every = {.tv_usec = 200000};
    struct event *second = NULL;
    struct err e = {.text = ""};
    int code;

    if (w == NULL)
        return tool_fail(EX_OSERR, "out of memory");
    w->t = t;
    if ((code = options(w, argc, argv)) != 0 || (code = tool_network(t)) != 0)
        goto out;
    w->arena = arena_new(0);
    struct fetch_tx_opts fo = {.endpoint = t->config->notifier.listen_zmq,
                               .on_records = on_records,
                               .on_state = on_state,
                               .arg = w};
    struct chan_opts so = {.type = CHAN_SUB,
                           .endpoint = t->config->notifier.publish,
                           .rcvhwm = 10000,
                           .on_message = on_published,
                           .arg = w};
    if (w->arena == NULL || fetch_tx_new(t->zmq, t->base, &fo, &w->fetch, &e) < 0 ||
        chan_new(t->zmq, t->base, &so, &w->sub, &e) < 0) {
        code = tool_fail(EX_UNAVAILABLE, "%s", e.text);
        goto out;
    }
    for (size_t i = 0; i < w->n_prefixes; i++)
        (void)chan_subscribe(w->sub, w->prefixes[i]);
    if (w->n_prefixes == 0)
        (void)chan_subscribe(w->sub, "alert.");
    (void)chan_subscribe(w->sub, "status.notifier.");
    w->last_us = mono_now_us();
    second = event_new(t->base, -1, EV_PERSIST, on_second, w);
    (void)event_add(second, &every);
    ask(w);
    (void)event_base_dispatch(t->base);
    code = w->code;
out:
    if (second != NULL)
        event_free(second);
    fetch_tx_free(w->fetch);
    chan_close(w->sub);
    if (t->base != NULL)
        (void)event_base_loop(t->base, EVLOOP_NONBLOCK);
    arena_free(w->arena);
    free(w);
    return code;
}
