/* why and history: where a priority comes from, and what happened to an alert.
 *
 * why prints each revision with all that its priority can be recomputed from by hand: what was
 * reported and how it was understood, the steps of likelihood and impact with their sums, the cell
 * of the matrix, the rule that gave the precedence. The notifier keeps derivations and events; of
 * reports that joined without changing anything the derivation holds only what counted, and their
 * words are read again from the journal. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "core.h"
#include "record_json.h"
#include "timefmt.h"
#include "verbs.h"

#define MAX_KEPT ((size_t)512 << 20)

struct revision {
    struct derivation *d;
    const struct alert_event *ev; /* NULL when the log has none of this revision */
};

struct explaining {
    struct tool *t;
    struct arena *kept; /* of all revisions */
    struct revision *revisions;
    size_t n;
    struct knowledge *knowledge;
    /* of the incident that is read again */
    struct derived_incident *again;
    bool journal_silent, failed;
};

/* ---- collecting */

static void
on_derivations(void *arg, const struct records *r)
{
    struct explaining *x = arg;

    x->revisions = calloc(r->n_items + 1, sizeof *x->revisions);
    if (x->revisions == NULL)
        x->failed = true;
    for (size_t i = 0; i < r->n_items && !x->failed; i++) {
        struct record rec;
        struct derivation *own = arena_alloc(x->kept, sizeof *own);
        if (own == NULL) {
            x->failed = true;
        } else if (wire_record_unpack(r->items[i].record.data, r->items[i].record.len, x->kept,
                                      &rec, NULL) == 0 &&
                   rec.type == REC_DERIVATION) {
            *own = *rec.u.derivation;
            x->revisions[x->n++].d = own;
        }
    }
}

static int
keep_event(void *arg, const struct item *it, const struct record *r)
{
    struct explaining *x = arg;
    struct record own;

    if (r->type != REC_EVENT || (r->u.event->kind != AK_RAISED && r->u.event->kind != AK_UPDATED &&
                                 r->u.event->kind != AK_CANCELLED))
        return 0;
    for (size_t i = 0; i < x->n; i++)
        if (x->revisions[i].d->revision == r->u.event->revision &&
            wire_record_unpack(it->record.data, it->record.len, x->kept, &own, NULL) == 0)
            x->revisions[i].ev = own.u.event;
    return 0;
}

/* ---- the words of reports that the derivation holds in short */

static bool
is_short(const struct finding *f)
{
    return f->n_evidence == 0 && f->when_method == NULL && f->confidence_permille == 0;
}

static int
read_again(void *arg, const struct item *it, const struct record *r)
{
    struct explaining *x = arg;
    struct record own;
    struct finding f;

    if (r->type != REC_INCIDENT || id_cmp(&r->id, &x->again->id) != 0 ||
        wire_record_unpack(it->record.data, it->record.len, x->kept, &own, NULL) < 0 ||
        core_finding(x->knowledge, &own.u.incident, own.received_at_us, x->kept, &f) < 0)
        return 1;
    /* The configuration may have changed since. What was decided on stands. */
    if (f.event == x->again->finding.event && f.mode == x->again->finding.mode &&
        f.targets == x->again->finding.targets)
        x->again->finding = f;
    return 1;
}

static void
ask_journal(struct explaining *x, struct derived_incident *in)
{
    struct fetch f = {.stream = STREAM_JOURNAL, .from_seq = in->seq, .max = 1};
    struct err e = {.text = ""};
    char text[512];

    if (in->seq == 0 || x->journal_silent)
        return;
    if (x->knowledge == NULL && knowledge_load(x->t->config, &x->knowledge, &e) < 0) {
        (void)tool_fail(EX_CONFIG, "%s; the words of older reports are left out",
                        err_str(&e, text, sizeof text));
        x->journal_silent = true;
        return;
    }
    x->again = in;
    if (tool_walk(x->t, x->t->config->collector.listen_zmq, f, read_again, x) != 0)
        x->journal_silent = true; /* tool_walk has said so */
}

/* The finding of an incident as another revision tells it in full; NULL. */
static const struct finding *
told_in_full(const struct explaining *x, const struct id *id)
{
    for (size_t i = 0; i < x->n; i++)
        for (size_t k = 0; k < x->revisions[i].d->n_incidents; k++) {
            const struct derived_incident *in = &x->revisions[i].d->incidents[k];
            if (id_cmp(&in->id, id) == 0 && !is_short(&in->finding))
                return &in->finding;
        }
    return NULL;
}

static void
complete(struct explaining *x)
{
    for (size_t i = 0; i < x->n; i++) {
        struct derivation *d = x->revisions[i].d;
        struct derived_incident *list = arena_alloc(x->kept, (d->n_incidents + 1) * sizeof *list);
        if (list == NULL) {
            x->failed = true;
            return;
        }
        for (size_t k = 0; k < d->n_incidents; k++)
            list[k] = d->incidents[k];
        d->incidents = list;
        for (size_t k = 0; k < d->n_incidents; k++) {
            const struct finding *full = told_in_full(x, &list[k].id);
            if (!is_short(&list[k].finding))
                continue;
            if (full != NULL)
                list[k].finding = *full;
            else
                ask_journal(x, &list[k]);
        }
    }
}

/* ---- for people */

static void
show_figures(struct buf *b, const char *what, struct range r)
{
    if (r.least >= 0)
        buf_printf(b, r.least == r.most ? ", %s %d" : ", %s %d-%d", what, r.least, r.most);
}

static void
show_finding(struct buf *b, const struct finding *f)
{
    char from[TIME_TEXT], to[TIME_TEXT];

    buf_printf(b, "      understood: %s, mode %s", event_type_name(f->event), mode_name(f->mode));
    if (f->confidence_permille != 0)
        buf_printf(b, ", confidence %u.%u %%", f->confidence_permille / 10,
                   f->confidence_permille % 10);
    if (!f->alertworthy)
        buf_puts(b, ", not alertworthy");
    for (int t = TG_CONVOY; t < TARGET_COUNT; t++)
        if (f->targets & TARGET_BIT(t))
            buf_printf(b, ", target %s", target_name((enum target)t));
    show_figures(b, "killed", f->harm.killed);
    show_figures(b, "wounded", f->harm.wounded);
    show_figures(b, "taken", f->harm.taken);
    if (f->marks & MARK_SIEGE)
        buf_puts(b, ", siege");
    if (f->marks & MARK_SEXUAL_VIOLENCE)
        buf_puts(b, ", sexual violence");
    if (f->marks & MARK_POSSIBLE_EXERCISE)
        buf_puts(b, ", possible exercise");
    buf_putc(b, '\n');
    if (f->from_us != 0)
        buf_printf(b, "      when: %s to %s%s%s%s\n", time_text(f->from_us, from),
                   time_text(f->to_us, to), f->when_method != NULL ? " (" : "",
                   f->when_method != NULL ? f->when_method : "", f->when_method != NULL ? ")" : "");
    if (f->has_place)
        buf_printf(b, "      place: %s (%s, within %u m)%s\n",
                   f->place.name != NULL ? f->place.name : "coordinates", f->place.method,
                   f->place.radius_m, f->place.ambiguous ? ", ambiguous" : "");
    for (size_t i = 0; i < f->n_evidence; i++)
        buf_printf(b, "      \"%s\" -> %s\n", f->evidence[i].text, f->evidence[i].means);
}

/* The reasons of one sum, whose texts begin with its name, and the sum. */
static void
show_sum(struct buf *b, const struct derivation *d, const char *name)
{
    size_t len = strlen(name);
    int32_t sum = 0, clipped;

    buf_printf(b, "  %s\n", name);
    for (size_t i = 0; i < d->n_reasons; i++) {
        const struct reason *r = &d->reasons[i];
        if (strncmp(r->text, name, len) != 0 || strncmp(r->text + len, ": ", 2) != 0)
            continue;
        buf_printf(b, "    %+d %s\n", r->weight, r->text + len + 2);
        sum += r->weight;
    }
    clipped = sum < 1 ? 1 : sum > 5 ? 5 : sum;
    if (sum == clipped)
        buf_printf(b, "    = %d\n", sum);
    else
        buf_printf(b, "    = %d, %s %d\n", sum, sum > clipped ? "at most" : "at least", clipped);
}

static bool
is_sum(const char *text)
{
    return strncmp(text, "likelihood: ", 12) == 0 || strncmp(text, "impact: ", 8) == 0;
}

/* Two lines: what the revision was, and what it said. */
static void
show_event(struct tool *t, const struct alert_event *ev)
{
    struct buf *b = &t->out;
    char at[TIME_TEXT], id[ID_TEXT];

    buf_printf(b, ", %s %s, situation %s\n  %s\n", alert_kind_name(ev->kind),
               time_text(ev->due_at_us, at), id_text(&ev->situation, id),
               ev->headline_en != NULL ? ev->headline_en : event_type_name(ev->event));
    if (ev->n_changed > 0)
        buf_puts(b, "  changed      ");
    for (size_t i = 0; i < ev->n_changed; i++)
        buf_printf(b, "%s%s", ev->changed[i], i + 1 < ev->n_changed ? ", " : "\n");
}

static void
show_verdict(struct tool *t, const struct revision *v)
{
    struct buf *b = &t->out;
    const struct alert_event *ev = v->ev;

    show_sum(b, v->d, "likelihood");
    show_sum(b, v->d, "impact");
    buf_printf(b, "  matrix       %s\n  precedence   ", v->d->cell != NULL ? v->d->cell : "-");
    if (ev != NULL)
        buf_printf(b, "%s: ", precedence_name(ev->precedence));
    buf_printf(b, "%s\n", v->d->precedence_rule != NULL ? v->d->precedence_rule : "-");
    if (ev != NULL)
        buf_printf(b, "  certainty    %s%s\n  urgency      %s, severity %s\n",
                   certainty_name(ev->certainty), ev->unconfirmed ? ", UNCONFIRMED" : "",
                   urgency_name(ev->urgency), severity_name(ev->severity));
    for (size_t i = 0; i < v->d->n_reasons; i++)
        if (!is_sum(v->d->reasons[i].text))
            buf_printf(b, "  %+d %s\n", v->d->reasons[i].weight, v->d->reasons[i].text);
}

static void
show_revision(struct tool *t, const struct revision *v, const struct revision *before)
{
    struct buf *b = &t->out;
    const struct derivation *d = v->d;
    size_t known = 0;
    char id[ID_TEXT];

    buf_printf(b, "revision %u", d->revision);
    if (v->ev != NULL)
        show_event(t, v->ev);
    else
        buf_putc(b, '\n');
    show_verdict(t, v);
    for (size_t i = 0; i < d->n_incidents; i++) {
        const struct derived_incident *in = &d->incidents[i];
        size_t k = 0;
        while (before != NULL && k < before->d->n_incidents &&
               id_cmp(&before->d->incidents[k].id, &in->id) != 0)
            k++;
        if (before != NULL && k < before->d->n_incidents) {
            known++;
            continue;
        }
        buf_printf(b, "  incident %s seq %" PRIu64 ", class %s, grade %s%s%s\n",
                   id_text(&in->id, id), in->seq, source_class_name(in->source_class), in->grade,
                   in->counted ? "" : ", a copy or relay: not counted", in->late ? ", late" : "");
        show_finding(b, &in->finding);
    }
    if (known > 0)
        buf_printf(b, "  and %zu incident%s of the revision before\n", known, known > 1 ? "s" : "");
}

/* ---- the verbs */

static int
explain(struct explaining *x, const struct id *id)
{
    struct fetch f = {.stream = STREAM_DERIVATIONS, .has_id = true, .id = *id};
    struct fetch events = {.stream = STREAM_ALERTS, .has_id = true, .id = *id};
    struct tool *t = x->t;
    int code;

    if ((code = tool_fetch(t, t->config->notifier.listen_zmq, &f, on_derivations, x)) != 0 ||
        (code = tool_walk(t, t->config->notifier.listen_zmq, events, keep_event, x)) != 0)
        return code;
    if (x->n > 0)
        complete(x);
    if (x->failed)
        return tool_fail(EX_OSERR, "out of memory");
    for (size_t i = 0; i < x->n; i++) {
        if (t->json) {
            why_to_json(x->revisions[i].d, x->revisions[i].ev, &t->out);
            buf_putc(&t->out, '\n');
        } else {
            show_revision(t, &x->revisions[i], i > 0 ? &x->revisions[i - 1] : NULL);
        }
        tool_print(t);
    }
    return 0;
}

int
verb_why(struct tool *t, int argc, char **argv)
{
    struct explaining x = {.t = t};
    struct id id;
    int code;

    if (argc != 2)
        return tool_fail(EX_USAGE, "why needs the id of an alert");
    if ((code = tool_network(t)) != 0 || (code = tool_alert_id(t, argv[1], &id)) != 0)
        return code;
    x.kept = arena_new(MAX_KEPT);
    code = x.kept != NULL ? explain(&x, &id) : tool_fail(EX_OSERR, "out of memory");
    if (code == 0 && x.n == 0)
        code = tool_fail(EX_DATAERR, "there is no derivation of alert %s", argv[1]);
    knowledge_free(x.knowledge);
    free(x.revisions);
    arena_free(x.kept);
    return code;
}

struct showing {
    struct tool *t;
    size_t n;
};

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
