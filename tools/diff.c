/* diff: what another configuration would have made of a recording. Both are folded in one pass,
 * without daemons: A is the configuration in force, B the one of --with. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "json.h"
#include "outcome.h"
#include "record_json.h"
#include "timefmt.h"
#include "verbs.h"

#define EX_DIFFERENT 1 /* as of diff(1) */

struct side {
    struct config *config;
    struct knowledge *knowledge;
    struct outcome outcome;
};

struct comparison {
    struct tool *t;
    const char *with, *assets, *path;
    struct side a, b;
    size_t only_a, only_b, changed, same;
    int64_t started_us, shown_us;
    bool progress; /* shown, to be wiped */
};

/* ---- folding */

static int64_t
monotonic_us(void)
{
    struct timespec ts;

    (void)clock_gettime(CLOCK_MONOTONIC, &ts); /* cannot fail */
    return ts.tv_sec * SECOND_US + ts.tv_nsec / 1000;
}

/* On a terminal, when it takes longer than a second. */
static void
show_progress(struct comparison *c, uint64_t records)
{
    int64_t now = monotonic_us();

    if (!isatty(STDERR_FILENO) || now - c->started_us < SECOND_US ||
        now - c->shown_us < SECOND_US / 5)
        return;
    c->shown_us = now;
    c->progress = true;
    (void)fprintf(stderr, "\r%llu records, %zu alerts in A, %zu in B", (unsigned long long)records,
                  c->a.outcome.n, c->b.outcome.n);
}

static void
end_progress(struct comparison *c)
{
    if (c->progress)
        (void)fprintf(stderr, "\r\033[K");
    c->progress = false;
}

static int
fold(struct comparison *c, struct recording *rec)
{
    struct record a, b;
    struct err e = {.text = ""};
    uint64_t records = 0;
    int rc, code = 0;

    c->started_us = monotonic_us();
    while ((rc = recording_next(rec, c->a.config, &a, &e)) != 0) {
        if (rc > 0)
            rc = recording_again(rec, c->b.config, &b, &e);
        if (rc < 0) {
            end_progress(c);
            code = tool_fail(EX_DATAERR, "%s: %s", c->path, e.text);
            continue;
        }
        if (outcome_step(&c->a.outcome, &a, c->b.knowledge, &b) < 0 ||
            outcome_step(&c->b.outcome, &b, c->a.knowledge, &a) < 0) {
            code = tool_fail(EX_OSERR, "out of memory");
            break;
        }
        if (++records % 64 == 0)
            show_progress(c, records);
    }
    end_progress(c);
    return code;
}

/* ---- for people */

static void
show_reason_list(struct buf *b, const char *before, const struct reason *const *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_printf(b, "%s%+d %s", i == 0 ? before : ", ", v[i]->weight, v[i]->text);
}

/* Those of x that y has not; y NULL: all. */
static size_t
own_reasons(const struct alert_event *x, const struct alert_event *y,
            const struct reason *out[MAX_REASONS])
{
    size_t n = 0;

    for (size_t i = 0; i < x->n_reasons; i++) {
        size_t k = 0;
        while (y != NULL && k < y->n_reasons &&
               (y->reasons[k].weight != x->reasons[i].weight ||
                strcmp(y->reasons[k].text, x->reasons[i].text) != 0))
            k++;
        if (y == NULL || k == y->n_reasons)
            out[n++] = &x->reasons[i];
    }
    return n;
}

static void
show_reading(struct buf *b, const char *who, const struct reading *r)
{
    buf_printf(b, "%s %s/%s%s", who, event_type_name(r->event), mode_name(r->mode),
               r->alertworthy ? "" : " not alertworthy");
    for (int t = TG_CONVOY; t < TARGET_COUNT; t++)
        if (r->targets & TARGET_BIT(t))
            buf_printf(b, " %s", target_name((enum target)t));
}

/* The report that raised it, where the two read it differently. */
static void
show_readings(struct buf *b, const struct outcome_alert *x, bool is_a)
{
    const struct reading *a = is_a ? &x->own : &x->other, *o = is_a ? &x->other : &x->own;

    if (!x->read || (a->alertworthy == o->alertworthy && a->event == o->event &&
                     a->mode == o->mode && a->targets == o->targets))
        return;
    show_reading(b, "; its report reads as", a);
    show_reading(b, " to A, as", o);
    buf_puts(b, " to B");
}

static void
show_head(struct tool *t, char mark, const struct outcome_alert *x, const struct alert_event *ev)
{
    char at[TIME_TEXT], id[ID_TEXT];

    buf_printf(&t->out, "%c %s  %s %-10s %s  %s", mark,
               time_text(x->raised_us / SECOND_US * SECOND_US, at),
               show_precedence(t, x->precedence), target_name(ev->target), id_text(&x->id, id),
               ev->headline_en != NULL ? ev->headline_en : event_type_name(ev->event));
}

static void
show_lone(struct tool *t, const struct outcome_pair *p, const struct alert_event *ev)
{
    const struct outcome_alert *x = p->a != NULL ? p->a : p->b;
    char mark = p->a != NULL ? '-' : '+';
    const struct reason *list[MAX_REASONS];

    show_head(t, mark, x, ev);
    show_reason_list(&t->out, "; because ", list, own_reasons(ev, NULL, list));
    show_readings(&t->out, x, p->a != NULL);
    buf_putc(&t->out, '\n');
}

static void
show_ids(struct buf *b, const struct alert_event *ev)
{
    for (size_t i = 0; i < ev->n_assets; i++)
        buf_printf(b, "%s%s", i == 0 ? "" : "+", ev->assets[i].id);
    if (ev->n_assets == 0)
        buf_puts(b, "none");
}

static void
show_range(struct buf *b, const char *before, struct range r)
{
    if (r.least < 0)
        buf_printf(b, "%s?", before);
    else
        buf_printf(b, "%s%d-%d", before, r.least, r.most);
}

/* One side of a field that differs. */
static void
show_value(struct buf *b, enum outcome_field f, const struct outcome_alert *x,
           const struct alert_event *ev)
{
    char at[TIME_TEXT];

    switch (f) {
    case OF_RAISED:
        buf_puts(b, time_text(x->raised_us, at));
        break;
    case OF_TARGET:
        buf_puts(b, target_name(ev->target));
        break;
    case OF_PRECEDENCE:
        buf_puts(b, precedence_name(x->precedence));
        if (x->peak != x->precedence)
            buf_printf(b, " (once %s)", precedence_name(x->peak));
        break;
    case OF_RISK:
        buf_printf(b, "%s (%u x %u)", risk_name(ev->risk), ev->likelihood, ev->impact);
        break;
    case OF_EVENT:
        buf_puts(b, event_type_name(ev->event));
        break;
    case OF_MODE:
        buf_puts(b, mode_name(ev->mode));
        break;
    case OF_CERTAINTY:
        buf_printf(b, "%s%s", certainty_name(ev->certainty), ev->unconfirmed ? " unconfirmed" : "");
        break;
    case OF_PLACE:
        buf_puts(b, ev->place != NULL ? ev->place : "unknown");
        if (ev->has_pos)
            buf_printf(b, " (%.4f, %.4f, within %u m)", ev->pos.lat / 1e7, ev->pos.lon / 1e7,
                       ev->radius_m);
        break;
    case OF_ASSETS:
        show_ids(b, ev);
        break;
    case OF_HARM:
        show_range(b, "killed ", ev->harm.killed);
        show_range(b, " wounded ", ev->harm.wounded);
        show_range(b, " taken ", ev->harm.taken);
        break;
    case OF_PAGES:
        buf_printf(b, "%u", x->pages);
        break;
    case OF_STATE:
        buf_puts(b, x->open ? "open" : "cancelled");
        break;
    default:
        buf_printf(b, "%u events", x->told);
        break;
    }
}

static void
show_changed(struct tool *t, const struct outcome_pair *p, uint32_t mask,
             const struct alert_event *ea, const struct alert_event *eb)
{
    const struct reason *list[MAX_REASONS];
    const char *sep = ": ";
    struct buf *b = &t->out;

    show_head(t, '~', p->b, eb);
    for (int f = 0; f < OF_COUNT; f++) {
        if (!(mask & 1u << f) || f == OF_REASONS)
            continue;
        buf_printf(b, "%s%s ", sep,
                   f == OF_COURSE ? "on the way" : outcome_field_name((enum outcome_field)f));
        show_value(b, (enum outcome_field)f, p->a, ea);
        buf_puts(b, " -> ");
        show_value(b, (enum outcome_field)f, p->b, eb);
        sep = ", ";
    }
    show_reason_list(b, "; A has ", list, own_reasons(ea, eb, list));
    show_reason_list(b, "; B has ", list, own_reasons(eb, ea, list));
    show_readings(b, p->b, false);
    buf_putc(b, '\n');
}

static void
show_summary(struct comparison *c)
{
    struct buf *b = &c->t->out;

    buf_printf(b,
               "A %s: %zu alerts; B %s: %zu; %zu only in A, %zu only in B, %zu changed, "
               "%zu the same\n",
               c->a.config->path != NULL && c->a.config->path[0] != '\0' ? c->a.config->path
                                                                         : "defaults",
               c->a.outcome.n, c->with, c->b.outcome.n, c->only_a, c->only_b, c->changed, c->same);
    for (int p = PR_FLASH; p >= PR_IMMEDIATE; p--)
        buf_printf(b, "pages %-9s  A %llu, B %llu\n", precedence_name((enum precedence)p),
                   (unsigned long long)c->a.outcome.pages[p],
                   (unsigned long long)c->b.outcome.pages[p]);
}

/* ---- as JSON */

static void
write_reading(struct json *j, const char *key, const struct reading *r)
{
    json_open(j, key, '{');
    json_bool(j, "alertworthy", r->alertworthy);
    json_str(j, "event", event_type_name(r->event));
    json_str(j, "mode", mode_name(r->mode));
    json_open(j, "targets", '[');
    for (int t = TG_CONVOY; t < TARGET_COUNT; t++)
        if (r->targets & TARGET_BIT(t))
            json_str(j, NULL, target_name((enum target)t));
    json_close(j, ']');
    json_close(j, '}');
}

/* The alert at its end, in comparison form, and its course; null where this side has none. */
static void
write_side(struct json *j, const char *key, const struct outcome_alert *x,
           const struct alert_event *ev)
{
    if (x == NULL) {
        json_null(j, key);
        return;
    }
    json_open(j, key, '{');
    json_time(j, "raised_at", x->raised_us);
    json_str(j, "peak", precedence_name(x->peak));
    json_uint(j, "pages", x->pages);
    json_uint(j, "events", x->told);
    json_str(j, "state", x->open ? "open" : "cancelled");
    json_str(j, NULL, "alert");
    buf_putc(j->b, ':');
    event_to_json(ev, 0, true, j->b);
    json_close(j, '}');
}

static void
write_pair(struct tool *t, const struct outcome_pair *p, uint32_t mask,
           const struct alert_event *ea, const struct alert_event *eb)
{
    const struct outcome_alert *x = p->a != NULL ? p->a : p->b;
    bool is_a = x == p->a;
    struct json j;
    char id[ID_TEXT];

    json_init(&j, &t->out);
    json_open(&j, NULL, '{');
    json_str(&j, "diff", p->b == NULL ? "only_a" : p->a == NULL ? "only_b" : "changed");
    json_str(&j, "id", id_text(&x->id, id));
    json_open(&j, "differs", '[');
    for (int f = 0; f < OF_COUNT; f++)
        if (mask & 1u << f)
            json_str(&j, NULL, outcome_field_name((enum outcome_field)f));
    json_close(&j, ']');
    write_side(&j, "a", p->a, ea);
    write_side(&j, "b", p->b, eb);
    if (x->read) {
        json_open(&j, "read", '{');
        write_reading(&j, "a", is_a ? &x->own : &x->other);
        write_reading(&j, "b", is_a ? &x->other : &x->own);
        json_close(&j, '}');
    } else {
        json_null(&j, "read");
    }
    json_close(&j, '}');
    buf_putc(&t->out, '\n');
}

static void
write_pages(struct json *j, const char *key, const struct outcome *o)
{
    json_open(j, key, '{');
    json_uint(j, "alerts", o->n);
    json_open(j, "pages", '{');
    for (int p = PR_FLASH; p >= PR_IMMEDIATE; p--)
        json_uint(j, precedence_name((enum precedence)p), o->pages[p]);
    json_close(j, '}');
    json_close(j, '}');
}

static void
write_summary(struct comparison *c)
{
    struct json j;

    json_init(&j, &c->t->out);
    json_open(&j, NULL, '{');
    json_str(&j, "diff", "summary");
    json_uint(&j, "only_a", c->only_a);
    json_uint(&j, "only_b", c->only_b);
    json_uint(&j, "changed", c->changed);
    json_uint(&j, "same", c->same);
    write_pages(&j, "a", &c->a.outcome);
    write_pages(&j, "b", &c->b.outcome);
    json_close(&j, '}');
    buf_putc(&c->t->out, '\n');
}

/* ---- the verb */

static int
report_pair(struct comparison *c, const struct outcome_pair *p)
{
    struct tool *t = c->t;
    const struct alert_event *ea = NULL, *eb = NULL;
    uint32_t mask = 0;

    assert(p->a != NULL || p->b != NULL);
    arena_reset(t->arena);
    if ((p->a != NULL && (ea = outcome_event(p->a, t->arena)) == NULL) ||
        (p->b != NULL && (eb = outcome_event(p->b, t->arena)) == NULL))
        return tool_fail(EX_OSERR, "out of memory");
    if (ea != NULL && eb != NULL && (mask = outcome_compare(p->a, ea, p->b, eb)) == 0) {
        c->same++;
        return 0;
    }
    c->only_a += eb == NULL;
    c->only_b += ea == NULL;
    c->changed += ea != NULL && eb != NULL;
    if (t->json)
        write_pair(t, p, mask, ea, eb);
    else if (ea == NULL || eb == NULL)
        show_lone(t, p, ea != NULL ? ea : eb);
    else
        show_changed(t, p, mask, ea, eb);
    tool_print(t);
    return 0;
}

static int
report(struct comparison *c)
{
    size_t n = 0;
    struct outcome_pair *v = outcome_pairs(&c->a.outcome, &c->b.outcome, &n);
    int code = 0;

    if (v == NULL)
        return tool_fail(EX_OSERR, "out of memory");
    for (size_t i = 0; i < n && code == 0; i++)
        code = report_pair(c, &v[i]);
    free(v);
    if (code != 0)
        return code;
    if (c->t->json)
        write_summary(c);
    else
        show_summary(c);
    tool_print(c->t);
    return c->only_a + c->only_b + c->changed > 0 ? EX_DIFFERENT : 0;
}

static int
side_load(struct comparison *c, struct side *s)
{
    struct err e = {.text = ""};
    char text[512];

    if (c->assets != NULL) {
        free(s->config->classifier.assets);
        s->config->classifier.assets = strdup(c->assets);
    }
    if (knowledge_load(s->config, &s->knowledge, &e) < 0)
        return tool_fail(EX_CONFIG, "%s", err_str(&e, text, sizeof text));
    if (outcome_init(&s->outcome, s->knowledge) < 0)
        return tool_fail(EX_OSERR, "out of memory");
    return 0;
}

static int
options(struct comparison *c, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--with") == 0 && i + 1 < argc)
            c->with = argv[++i];
        else if (strcmp(argv[i], "--assets") == 0 && i + 1 < argc)
            c->assets = argv[++i];
        else if (c->path == NULL && (argv[i][0] != '-' || argv[i][1] == '\0'))
            c->path = argv[i];
        else
            return tool_fail(EX_USAGE, "diff: '%s' is not understood", argv[i]);
    }
    if (c->with == NULL)
        return tool_fail(EX_USAGE, "diff needs --with FILE.yaml, the other configuration");
    if (c->path == NULL)
        return tool_fail(EX_USAGE, "diff needs a recording; - is standard input");
    return 0;
}

int
verb_diff(struct tool *t, int argc, char **argv)
{
    struct comparison c = {.t = t};
    struct recording *rec = NULL;
    struct err e = {.text = ""};
    char text[512];
    int code = options(&c, argc, argv), differs;

    if (code != 0 || (code = tool_config(t)) != 0)
        return code;
    c.a.config = t->config;
    if (config_find(c.with, t->dir, &c.b.config, &e) < 0)
        return tool_fail(EX_CONFIG, "%s", err_str(&e, text, sizeof text));
    if ((code = side_load(&c, &c.a)) != 0 || (code = side_load(&c, &c.b)) != 0)
        goto out;
    if (recording_open(c.path, &rec, &e) < 0) {
        code = tool_fail(EX_NOINPUT, "%s", e.text);
        goto out;
    }
    code = fold(&c, rec);
    if (code == 0 || code == EX_DATAERR) {
        differs = report(&c);
        code = code != 0 ? code : differs;
    }
out:
    recording_close(rec);
    outcome_fini(&c.a.outcome);
    outcome_fini(&c.b.outcome);
    knowledge_free(c.a.knowledge);
    knowledge_free(c.b.knowledge);
    config_free(c.b.config);
    return code;
}
