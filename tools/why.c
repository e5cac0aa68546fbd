/* why and history: where a priority comes from, and what happened to an alert. */
#include <inttypes.h>
#include <string.h>
#include <sysexits.h>

#include "record_json.h"
#include "timefmt.h"
#include "verbs.h"

static void
show_finding(struct buf *b, const struct finding *f)
{
    buf_printf(b, "      understood: %s, mode %s, confidence %u.%u %%\n", event_type_name(f->event),
               mode_name(f->mode), f->confidence_permille / 10, f->confidence_permille % 10);
    if (f->has_place)
        buf_printf(b, "      place: %s (%s, within %u m)%s\n",
                   f->place.name != NULL ? f->place.name : "coordinates", f->place.method,
                   f->place.radius_m, f->place.ambiguous ? ", ambiguous" : "");
    for (size_t i = 0; i < f->n_evidence; i++)
        buf_printf(b, "      \"%s\" -> %s\n", f->evidence[i].text, f->evidence[i].means);
}

static void
show_derivation(struct tool *t, const struct derivation *d)
{
    struct buf *b = &t->out;
    char id[ID_TEXT];

    buf_printf(b, "revision %u\n  %s\n  %s\n", d->revision, d->cell != NULL ? d->cell : "-",
               d->precedence_rule != NULL ? d->precedence_rule : "-");
    for (size_t i = 0; i < d->n_reasons; i++)
        buf_printf(b, "    %+d %s\n", d->reasons[i].weight, d->reasons[i].text);
    for (size_t i = 0; i < d->n_incidents; i++) {
        const struct derived_incident *in = &d->incidents[i];
        buf_printf(b, "    incident %s seq %" PRIu64 ", class %s, grade %s%s%s\n",
                   id_text(&in->id, id), in->seq, source_class_name(in->source_class), in->grade,
                   in->counted ? "" : ", a copy or relay: not counted", in->late ? ", late" : "");
        show_finding(b, &in->finding);
    }
}

struct showing {
    struct tool *t;
    size_t n;
};

static void
on_derivations(void *arg, const struct records *r)
{
    struct showing *s = arg;

    for (size_t i = 0; i < r->n_items; i++) {
        struct record rec;
        struct err e;
        arena_reset(s->t->arena);
        if (wire_record_unpack(r->items[i].record.data, r->items[i].record.len, s->t->arena, &rec,
                               &e) < 0 ||
            rec.type != REC_DERIVATION)
            continue;
        s->n++;
        if (s->t->json) {
            derivation_to_json(rec.u.derivation, &s->t->out);
            buf_putc(&s->t->out, '\n');
        } else {
            show_derivation(s->t, rec.u.derivation);
        }
    }
    tool_print(s->t);
}

int
verb_why(struct tool *t, int argc, char **argv)
{
    struct showing s = {.t = t};
    struct fetch f = {.stream = STREAM_DERIVATIONS, .has_id = true};
    int code;

    if (argc != 2)
        return tool_fail(EX_USAGE, "why needs the id of an alert");
    if ((code = tool_network(t)) != 0 || (code = tool_alert_id(t, argv[1], &f.id)) != 0)
        return code;
    if ((code = tool_fetch(t, t->config->notifier.listen_zmq, &f, on_derivations, &s)) != 0)
        return code;
    return s.n > 0 ? 0 : tool_fail(EX_DATAERR, "there is no derivation of alert %s", argv[1]);
}

static int
on_event(void *arg, const struct item *it, const struct record *r)
{
    struct showing *s = arg;
    const struct alert_event *ev = r->u.event;
    char at[TIME_TEXT], due[TIME_TEXT];

    if (r->type != REC_EVENT)
        return 0;
    s->n++;
    if (s->t->json) {
        event_to_json(ev, it->seq, false, &s->t->out);
        buf_putc(&s->t->out, '\n');
    } else {
        buf_printf(&s->t->out, "%s  due %s  %-12s %s%s%s%s%s\n", time_text(ev->at_us, at),
                   time_text(ev->due_at_us, due), alert_kind_name(ev->kind),
                   show_precedence(s->t, ev->precedence), ev->answered_by != NULL ? " by " : "",
                   ev->answered_by != NULL ? ev->answered_by : "", ev->note != NULL ? ": " : "",
                   ev->note != NULL ? ev->note : "");
    }
    tool_print(s->t);
    return 0;
}

int
verb_history(struct tool *t, int argc, char **argv)
{
    struct showing s = {.t = t};
    struct fetch f = {.stream = STREAM_ALERTS, .has_id = true};
    int code;

    if (argc != 2)
        return tool_fail(EX_USAGE, "history needs the id of an alert");
    if ((code = tool_network(t)) != 0 || (code = tool_alert_id(t, argv[1], &f.id)) != 0)
        return code;
    if ((code = tool_walk(t, t->config->notifier.listen_zmq, f, on_event, &s)) != 0)
        return code;
    return s.n > 0 ? 0 : tool_fail(EX_DATAERR, "there is no alert %s", argv[1]);
}
