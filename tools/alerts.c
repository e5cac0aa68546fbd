/* alerts: the current state of alerts. */
#include <string.h>
#include <sysexits.h>

#include "record_json.h"
#include "verbs.h"

struct listing {
    struct tool *t;
    enum target target;
    enum precedence precedence;
    int64_t since_us;
    struct id last;
    size_t n, shown;
    bool more;
};

static void
on_states(void *arg, const struct records *r)
{
    struct listing *l = arg;

    l->more = r->n_items > 0;
    for (size_t i = 0; i < r->n_items; i++) {
        struct record rec;
        struct err e;
        arena_reset(l->t->arena);
        if (wire_record_unpack(r->items[i].record.data, r->items[i].record.len, l->t->arena, &rec,
                               &e) < 0 ||
            rec.type != REC_EVENT)
            continue;
        struct alert_event ev = *rec.u.event;
        l->last = ev.id;
        if ((l->target != TG_UNKNOWN && ev.target != l->target) ||
            (l->precedence != PR_UNKNOWN && ev.precedence != l->precedence) ||
            (l->since_us != 0 && ev.at_us < l->since_us))
            continue;
        l->shown++;
        if (l->t->json) {
            event_to_json(&ev, r->items[i].seq, false, &l->t->out);
            buf_putc(&l->t->out, '\n');
        } else {
            ev.kind = AK_UNKNOWN; /* the line shows the state instead */
            show_line(l->t, r->items[i].seq, &ev);
        }
    }
    tool_print(l->t);
}

int
verb_alerts(struct tool *t, int argc, char **argv)
{
    struct listing l = {.t = t, .more = true};
    struct fetch f = {.stream = STREAM_ALERT_STATE, .max = 512};
    int code;

    for (int i = 1; i < argc; i++) {
        const char *v = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(argv[i], "--open") == 0) {
            f.open = true;
            continue;
        }
        if (strcmp(argv[i], "--target") == 0 && (l.target = target_parse(v)) != TG_UNKNOWN)
            i++;
        else if (strcmp(argv[i], "--precedence") == 0 &&
                 (l.precedence = precedence_parse(v)) != PR_UNKNOWN)
            i++;
        else if (strcmp(argv[i], "--since") == 0 && tool_time(v, &l.since_us) == 0)
            i++;
        else
            return tool_fail(EX_USAGE,
                             "alerts: '%s %s' is not understood; see tocsin alerts "
                             "--help",
                             argv[i], v);
    }
    if ((code = tool_network(t)) != 0)
        return code;
    while (l.more) {
        if ((code = tool_fetch(t, t->config->notifier.listen_zmq, &f, on_states, &l)) != 0)
            return code;
        f.has_id = true;
        f.id = l.last;
    }
    if (l.shown == 0 && t->tty && !t->json)
        (void)fprintf(stderr, "no %salerts\n", f.open ? "open " : "");
    return 0;
}
