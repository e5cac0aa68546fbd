/* incidents: the incident log, also what raised nothing. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "record_json.h"
#include "timefmt.h"
#include "verbs.h"

struct logging {
    struct tool *t;
    struct id *alerted; /* incidents behind alerts, sorted */
    size_t n, cap;
    bool no_alert;
};

static int
by_id(const void *a, const void *b)
{
    return id_cmp(a, b);
}

static int
collect(void *arg, const struct item *it, const struct record *r)
{
    struct logging *l = arg;

    (void)it;
    if (r->type != REC_EVENT)
        return 0;
    for (size_t i = 0; i < r->u.event->n_incidents; i++) {
        if (l->n == l->cap) {
            size_t cap = l->cap == 0 ? 256 : l->cap * 2;
            struct id *more = realloc(l->alerted, cap * sizeof *more);
            if (more == NULL)
                return 1;
            l->alerted = more;
            l->cap = cap;
        }
        l->alerted[l->n++] = r->u.event->incidents[i].id;
    }
    return 0;
}

static int
show(void *arg, const struct item *it, const struct record *r)
{
    struct logging *l = arg;
    char at[TIME_TEXT], id[ID_TEXT];

    if (r->type != REC_INCIDENT)
        return 0;
    bool alerted = l->n > 0 && bsearch(&r->id, l->alerted, l->n, sizeof r->id, by_id) != NULL;
    if (l->no_alert && alerted)
        return 0;
    if (l->t->json) {
        struct record shown = *r;
        shown.u.incident.reporter_name = shown.u.incident.reporter_contact = NULL;
        record_to_json(&shown, &l->t->out);
        buf_putc(&l->t->out, '\n');
    } else {
        const struct incident *in = &r->u.incident;
        buf_printf(&l->t->out, "%6" PRIu64 "  %s  %s  %-12.12s %s%s\n", it->seq,
                   time_text(r->received_at_us / SECOND_US * SECOND_US, at), id_text(&r->id, id),
                   in->source != NULL ? in->source : "-", alerted ? "* " : "  ",
                   in->redacted       ? "(redacted)"
                   : in->text != NULL ? in->text
                                      : event_type_name(in->event));
    }
    tool_print(l->t);
    return 0;
}

int
verb_incidents(struct tool *t, int argc, char **argv)
{
    struct logging l = {.t = t};
    struct fetch f = {.stream = STREAM_JOURNAL}, events = {.stream = STREAM_ALERTS};
    int code;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--no-alert") == 0)
            l.no_alert = true;
        else if (strcmp(argv[i], "--since") == 0 && i + 1 < argc &&
                 tool_time(argv[i + 1], &f.from_us) == 0)
            i++;
        else
            return tool_fail(EX_USAGE, "incidents: '%s' is not understood", argv[i]);
    }
    if ((code = tool_network(t)) != 0)
        return code;
    code = tool_walk(t, t->config->notifier.listen_zmq, events, collect, &l);
    if (code != 0)
        return code;
    if (l.n > 0)
        qsort(l.alerted, l.n, sizeof *l.alerted, by_id);
    code = tool_walk(t, t->config->collector.listen_zmq, f, show, &l);
    free(l.alerted);
    return code;
}
