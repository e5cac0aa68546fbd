/* rules_read: one rule of the file; declared in rules_value.h.
 *
 * Each key stands in a table with the forms that take it and what reads it, so that a key that a
 * form does not know is an error with its line, and never silently ignored. */
#include <string.h>

#include "rules_value.h"
#include "timefmt.h"

#define SEQ      (1u << RF_SEQUENCE)
#define COUNT    (1u << RF_COUNT)
#define RING     (1u << RF_RING)
#define ABSENCE  (1u << RF_ABSENCE)
#define PATTERNS (SEQ | COUNT | RING)
#define EACH     (PATTERNS | ABSENCE)

static const char *const form_names[RULE_FORMS] = {"sequence", "count", "ring", "absence"};
static const char *const of_names[RULE_OFS] = {"check_in", "link", "reports"};

/* One rule while it is read. */
struct reading {
    struct rules *all;
    struct rule *r;
    const char *file;
    struct err *e;
};

typedef int key_fn(struct reading *w, const struct ynode *y);

/* ---- keys of a rule */

static int
key_name(struct reading *w, const struct ynode *y)
{
    if (value_slug(y, w->file, w->e) != 0)
        return -1;
    for (uint32_t i = 0; i < w->all->n; i++)
        if (strcmp(w->all->v[i].name, y->scalar) == 0)
            return err_at(w->e, w->file, y->line, "there is a rule %s already", y->scalar);
    return value_text(y, w->file, MAX_RULE_NAME, w->all->arena, &w->r->name, w->e);
}

/* Read before the others, which depend on it. */
static int
key_form(struct reading *w, const struct ynode *y)
{
    int v = value_word(y, w->file, form_names, RULE_FORMS, w->e);

    if (v < 0)
        return -1;
    w->r->form = (enum rule_form)v;
    return 0;
}

static int
add_term(struct reading *w, const struct ynode *y, uint64_t *bits)
{
    uint64_t mine = w->r->first | w->r->then;

    if (__builtin_popcountll(mine) == MAX_TERMS)
        return err_at(w->e, w->file, y->line, "a rule has at most %d kinds of incidents",
                      MAX_TERMS);
    if (w->all->n_terms == MAX_ALL_TERMS)
        return err_at(w->e, w->file, y->line, "the file has more than %d kinds of incidents",
                      MAX_ALL_TERMS);
    if (rule_term_read(y, w->file, w->all, &w->all->terms[w->all->n_terms], w->e) != 0)
        return -1;
    *bits |= UINT64_C(1) << w->all->n_terms++;
    return 0;
}

static int
add_terms(struct reading *w, const struct ynode *y, uint64_t *bits)
{
    if (y->type == YN_MAP)
        return add_term(w, y, bits);
    if (y->type != YN_LIST || !y->child)
        return err_at(w->e, w->file, y->line, "%s must be a map of filters, or a list of them",
                      y->key);
    for (const struct ynode *c = y->child; c; c = c->next)
        if (add_term(w, c, bits) != 0)
            return -1;
    return 0;
}

static int
key_first(struct reading *w, const struct ynode *y)
{
    return add_terms(w, y, &w->r->first);
}

static int
key_then(struct reading *w, const struct ynode *y)
{
    return add_terms(w, y, &w->r->then);
}

static int
key_order(struct reading *w, const struct ynode *y)
{
    static const char *const names[] = {"given", "either"};
    int v = value_word(y, w->file, names, 2, w->e);

    w->r->either = v == 1;
    return v < 0 ? -1 : 0;
}

static int
key_side(struct reading *w, const struct ynode *y)
{
    static const char *const names[] = {"any", "one"};
    int v = value_word(y, w->file, names, 2, w->e);

    w->r->one_side = v == 1;
    return v < 0 ? -1 : 0;
}

static int
key_around(struct reading *w, const struct ynode *y)
{
    static const char *const names[] = {"place", "base", "site", "route"};

    w->r->around = 0;
    if (value_mask(y, w->file, names, 4, &w->r->around, w->e) != 0)
        return -1;
    if ((w->r->around & (AROUND_PLACE | AROUND_ROUTE)) && (w->r->around & (w->r->around - 1)))
        return err_at(w->e, w->file, y->line, "around: place and route stand alone");
    if (w->r->form == RF_SEQUENCE && w->r->around != AROUND_PLACE)
        return err_at(w->e, w->file, y->line, "a sequence is around a place");
    if (w->r->form == RF_RING && (w->r->around & ~(uint32_t)(AROUND_BASE | AROUND_SITE)))
        return err_at(w->e, w->file, y->line, "a ring is around base, site or named places");
    return 0;
}

static int
key_places(struct reading *w, const struct ynode *y)
{
    if (y->type != YN_LIST)
        return err_at(w->e, w->file, y->line, "places must be a list of {name, lat, lon}");
    for (const struct ynode *c = y->child; c; c = c->next) {
        if (w->r->n_places == MAX_PLACES)
            return err_at(w->e, w->file, c->line, "a rule names at most %d places", MAX_PLACES);
        if (rule_place_read(c, w->file, w->all->arena, &w->r->places[w->r->n_places], w->e) != 0)
            return -1;
        w->r->n_places++;
    }
    return 0;
}

static int
key_within(struct reading *w, const struct ynode *y)
{
    /* What ended a day ago is not looked for when a link goes down. */
    int64_t most = w->r->form == RF_ABSENCE ? DAY_US : 90 * DAY_US;

    return value_duration(y, w->file, MINUTE_US, most, &w->r->within_us, w->e);
}

static int
key_after(struct reading *w, const struct ynode *y)
{
    return value_duration(y, w->file, HOUR_US, 90 * DAY_US, &w->r->within_us, w->e);
}

static int
key_together(struct reading *w, const struct ynode *y)
{
    return value_duration(y, w->file, MINUTE_US, DAY_US, &w->r->together_us, w->e);
}

static int
key_once(struct reading *w, const struct ynode *y)
{
    return value_duration(y, w->file, HOUR_US, 90 * DAY_US, &w->r->once_us, w->e);
}

static int
key_lasts(struct reading *w, const struct ynode *y)
{
    return value_duration(y, w->file, HOUR_US, 90 * DAY_US, &w->r->lasts_us, w->e);
}

static int
key_distance(struct reading *w, const struct ynode *y)
{
    return value_distance(y, w->file, &w->r->distance_m, w->e);
}

static int
key_at_least(struct reading *w, const struct ynode *y)
{
    return value_int(y, w->file, 1, 50, &w->r->at_least, w->e);
}

static int
key_sectors(struct reading *w, const struct ynode *y)
{
    return value_int(y, w->file, 2, SECTORS, &w->r->at_least, w->e);
}

static int
key_warn(struct reading *w, const struct ynode *y)
{
    w->r->n_warn = 0;
    if (y->type != YN_LIST || !y->child)
        return err_at(w->e, w->file, y->line, "warn must be a list of base, convoy, civilians");
    for (const struct ynode *c = y->child; c; c = c->next) {
        enum target t = c->type == YN_SCALAR ? target_parse(c->scalar) : TG_UNKNOWN;

        if (t != TG_BASE && t != TG_CONVOY && t != TG_CIVILIANS)
            return err_at(w->e, w->file, c->line, "warn must be a list of base, convoy, civilians");
        for (uint32_t i = 0; i < w->r->n_warn; i++)
            if (w->r->warn[i] == t)
                return err_at(w->e, w->file, c->line, "%s stands there twice", c->scalar);
        w->r->warn[w->r->n_warn++] = t;
    }
    return 0;
}

static int
key_likelihood(struct reading *w, const struct ynode *y)
{
    uint32_t v;

    if (value_int(y, w->file, 1, 5, &v, w->e) != 0)
        return -1;
    w->r->likelihood = (uint8_t)v;
    return 0;
}

static int
key_impact(struct reading *w, const struct ynode *y)
{
    uint32_t v;

    if (value_int(y, w->file, 1, 5, &v, w->e) != 0)
        return -1;
    w->r->impact = (uint8_t)v;
    return 0;
}

static int
key_most(struct reading *w, const struct ynode *y)
{
    w->r->most = y->type == YN_SCALAR ? precedence_parse(y->scalar) : PR_UNKNOWN;
    return w->r->most ? 0
                      : err_at(w->e, w->file, y->line,
                               "at_most must be routine, priority, immediate or flash");
}

static int
key_page(struct reading *w, const struct ynode *y)
{
    static const char *const names[] = {"no", "yes"};
    int v = value_word(y, w->file, names, 2, w->e);

    w->r->pages = v == 1;
    return v < 0 ? -1 : 0;
}

static int
key_event(struct reading *w, const struct ynode *y)
{
    w->r->event = y->type == YN_SCALAR ? event_type_parse(y->scalar) : EV_UNKNOWN;
    return w->r->event != EV_UNKNOWN
               ? 0
               : err_at(w->e, w->file, y->line, "event: \"%s\" is no event type",
                        y->type == YN_SCALAR ? y->scalar : "");
}

static int
key_en(struct reading *w, const struct ynode *y)
{
    return value_template(y, w->file, w->all->arena, &w->r->en, w->e);
}

static int
key_fr(struct reading *w, const struct ynode *y)
{
    return value_template(y, w->file, w->all->arena, &w->r->fr, w->e);
}

static int
key_of(struct reading *w, const struct ynode *y)
{
    int v = value_word(y, w->file, of_names, RULE_OFS, w->e);

    if (v < 0)
        return -1;
    if (w->all->absence[v])
        return err_at(w->e, w->file, y->line, "there is an absence of %s already: %s", of_names[v],
                      w->all->absence[v]->name);
    w->r->of = (enum rule_of)v;
    return 0;
}

static int
key_steps(struct reading *w, const struct ynode *y)
{
    if (y->type != YN_LIST || !y->child)
        return err_at(w->e, w->file, y->line, "steps must be a list");
    for (const struct ynode *c = y->child; c; c = c->next) {
        struct rule_step *s = &w->r->steps[w->r->n_steps];

        if (w->r->n_steps == MAX_STEPS)
            return err_at(w->e, w->file, c->line, "an absence has at most %d steps", MAX_STEPS);
        if (rule_step_read(c, w->file, w->r->of, s, w->e) != 0)
            return -1;
        if (w->r->n_steps++ && (w->r->of == OF_CHECK_IN ? s->percent <= s[-1].percent
                                                        : s->distance_m >= s[-1].distance_m))
            return err_at(w->e, w->file, c->line, "steps must go from the least to the worst");
    }
    return 0;
}

struct key {
    const char *name;
    key_fn *read;
    unsigned forms, ofs; /* that take it; ofs: of an absence, 0 = all */
    bool required;
};

/* form, of and name are read first and in this order. */
static const struct key keys[] = {
    {"form", key_form, EACH, 0, true},
    {"of", key_of, ABSENCE, 0, true},
    {"name", key_name, EACH, 0, true},
    {"first", key_first, SEQ, 0, true},
    {"then", key_then, SEQ, 0, true},
    {"order", key_order, SEQ, 0, false},
    {"incidents", key_first, COUNT | RING, 0, true},
    {"near", key_first, ABSENCE, 1u << OF_LINK, true},
    {"around", key_around, PATTERNS, 0, false},
    {"places", key_places, RING, 0, false},
    {"within", key_within, PATTERNS, 0, true},
    {"within", key_within, ABSENCE, 1u << OF_LINK, true},
    {"after", key_after, ABSENCE, 1u << OF_REPORTS, true},
    {"together", key_together, ABSENCE, 1u << OF_LINK, false},
    {"distance", key_distance, PATTERNS, 0, true},
    {"at_least", key_at_least, COUNT, 0, true},
    {"sectors", key_sectors, RING, 0, true},
    {"side", key_side, RING, 0, false},
    {"warn", key_warn, SEQ | COUNT, 0, false},
    {"likelihood", key_likelihood, PATTERNS, 0, true},
    {"likelihood", key_likelihood, ABSENCE, 1u << OF_REPORTS, true},
    {"impact", key_impact, PATTERNS, 0, true},
    {"impact", key_impact, ABSENCE, 1u << OF_REPORTS, true},
    {"steps", key_steps, ABSENCE, 1u << OF_CHECK_IN | 1u << OF_LINK, true},
    {"at_most", key_most, EACH, 0, false},
    {"page", key_page, EACH, 0, false},
    {"once", key_once, PATTERNS, 0, false},
    {"lasts", key_lasts, PATTERNS, 0, false},
    {"event", key_event, PATTERNS, 0, false},
    {"en", key_en, PATTERNS, 0, true},
    {"en", key_en, ABSENCE, 1u << OF_REPORTS, true},
    {"fr", key_fr, PATTERNS, 0, true},
    {"fr", key_fr, ABSENCE, 1u << OF_REPORTS, true},
};
#define N_KEYS (sizeof keys / sizeof keys[0])
#define N_HEAD 3

/* ---- a rule */

static bool
takes(const struct rule *r, const struct key *k)
{
    return (k->forms >> r->form & 1) && (r->form != RF_ABSENCE || !k->ofs || (k->ofs >> r->of & 1));
}

static const struct key *
find_key(const struct rule *r, const char *name)
{
    for (size_t i = 0; i < N_KEYS; i++)
        if (strcmp(keys[i].name, name) == 0 && takes(r, &keys[i]))
            return &keys[i];
    return NULL;
}

static const char *
what(const struct rule *r)
{
    static const char *const absences[RULE_OFS] = {"an absence of check_in", "an absence of link",
                                                   "an absence of reports"};
    static const char *const names[RULE_FORMS] = {"a sequence", "a count", "a ring", "an absence"};

    return r->form == RF_ABSENCE ? absences[r->of] : names[r->form];
}

/* What the keys say together. */
static int
check_rule(struct reading *w, const struct ynode *y)
{
    struct rule *r = w->r;

    if (r->form == RF_ABSENCE)
        return 0;
    if (!r->around && !r->n_places)
        return err_at(w->e, w->file, y->line, "rule %s: around is missing", r->name);
    if (r->n_warn && r->around != AROUND_PLACE)
        return err_at(w->e, w->file, y->line, "rule %s: warn goes with around: place", r->name);
    if (r->around == AROUND_PLACE && !r->n_warn)
        return err_at(w->e, w->file, y->line, "rule %s: warn is missing", r->name);
    return 0;
}

static int
read_head(struct reading *w, const struct ynode *y)
{
    for (size_t i = 0; i < N_HEAD; i++) {
        const struct ynode *c = ynode_get(y, keys[i].name);

        if (i == 1 && w->r->form != RF_ABSENCE)
            continue; /* reported below, as any key that is not known */
        if (!c)
            return err_at(w->e, w->file, y->line, "%s is missing", keys[i].name);
        if (keys[i].read(w, c) != 0)
            return -1;
    }
    return 0;
}

int
rules_add(struct rules *all, const struct ynode *y, const char *file, struct err *e)
{
    struct reading w = {all, &all->v[all->n], file, e};

    if (y->type != YN_MAP)
        return err_at(e, file, y->line, "a rule must be a map");
    if (all->n == MAX_RULES)
        return err_at(e, file, y->line, "more than %d rules", MAX_RULES);
    *w.r = (struct rule){.pages = true, .once_us = DAY_US, .lasts_us = DAY_US};
    if (read_head(&w, y) != 0)
        return -1;
    for (const struct ynode *c = y->child; c; c = c->next) {
        const struct key *k = find_key(w.r, c->key);

        if (!k)
            return err_at(e, file, c->line, "rule %s: %s takes no key \"%s\"", w.r->name, what(w.r),
                          c->key);
        if (k >= keys + N_HEAD && k->read(&w, c) != 0)
            return -1;
    }
    for (size_t i = 0; i < N_KEYS; i++)
        if (keys[i].required && takes(w.r, &keys[i]) && !ynode_get(y, keys[i].name))
            return err_at(e, file, y->line, "rule %s: %s needs %s", w.r->name, what(w.r),
                          keys[i].name);
    if (check_rule(&w, y) != 0)
        return -1;
    if (w.r->form == RF_ABSENCE)
        all->absence[w.r->of] = w.r;
    all->n++;
    return 0;
}
