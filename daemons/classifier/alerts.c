/* alerts: see alerts.h. */
#include "alerts.h"

#include <stdlib.h>
#include <string.h>

#include "compose.h"
#include "convoy.h"
#include "correlate.h"
#include "patterns.h"
#include "threat.h"
#include "timefmt.h"

#define MAX_NEAR     2048
#define WIDEST_M     60000 /* the widest reach and the widest uncertainty */
#define MAX_RADIUS_M 25000
#define HALT_IMPACT  3 /* base impact of what a convoy halts for */
#define SHORTEST_US  (2 * HOUR_US)
#define UNCLEARED_US (14 * DAY_US)

/* ---- telling */

static void
emit(struct core *c, struct telling *t)
{
    struct alert_event ev;
    struct derivation d;

    t->k = c->k;
    t->p = &c->picture;
    t->s = &c->sits;
    arena_reset(c->told);
    if (compose(t, c->told, &ev, &d) != 0) {
        c->failed = true;
        return;
    }
    c->emit(c->arg, &ev, &d);
}

static int64_t
expiry(const struct core *c, const struct situation *x, const struct sit_alert *a, int64_t due_us)
{
    int64_t from = x->to_us > due_us ? x->to_us : due_us;
    int64_t persist = c->k->events[x->event].persist_us;

    if (a->rule == RULE_CLOCK_STEP)
        return due_us + HOUR_US;
    if (a->rule == RULE_LINK_DOWN)
        return due_us + UNCLEARED_US;
    if (a->rule == RULE_PATTERN) {
        const struct rule *r = &c->k->rules->v[x->pattern];

        return due_us + (r->form == RF_ABSENCE ? UNCLEARED_US : r->lasts_us);
    }
    if (a->rule)
        return due_us + DAY_US;
    if (x->until_us == INT64_MAX)
        return from + UNCLEARED_US;
    return from + (persist > SHORTEST_US ? persist : SHORTEST_US);
}

static void
changed(struct telling *t, bool differs, const char *name)
{
    if (differs && t->n_changed < MAX_LIST)
        t->changed[t->n_changed++] = name;
}

static bool
has_new_asset(const struct sit_alert *a, const struct relation *r, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        uint32_t k = 0;

        while (k < a->n_assets && a->assets[k].asset != r[i].asset)
            k++;
        if (k == a->n_assets)
            return true;
    }
    return false;
}

static uint32_t
place_mark(const struct situation *x)
{
    return (uint32_t)key_mix(x->place_key, (uint64_t)x->placed << 1 | x->area);
}

/* Equal for equal versions; the reports' own counts beside a party's. */
static uint32_t
claims_mark(const struct situation *x)
{
    uint64_t mark = x->n_claims && x->mode == MODE_FACT;

    for (int i = 0; i < x->n_claims; i++) {
        const struct sit_claim *c = &x->claims[i];

        mark = key_mix(mark, key_mix(key_text(c->party), (uint64_t)c->killed << 32 |
                                                             (uint32_t)c->event << 16 |
                                                             (uint32_t)c->mode << 8 | c->targets));
    }
    return (uint32_t)mark;
}

/* What differs from the last telling. */
static void
compare(struct telling *t, const struct sit_alert *was, const struct situation *x,
        const struct verdict *v, const struct relation *r, uint32_t n)
{
    changed(t, was->precedence != v->precedence, "precedence");
    changed(t, was->risk != v->risk, "risk");
    changed(t, has_new_asset(was, r, n), "assets");
    if (was->rule)
        return;
    changed(t, was->certainty != v->certainty || was->unconfirmed != v->unconfirmed, "certainty");
    changed(t, was->event != x->event, "event");
    changed(t, was->place_key != place_mark(x), "place");
    changed(t, was->harm_steps != assess_harm_steps(&x->carried), "harm");
    changed(t, was->claims != claims_mark(x), "claims");
}

/* What assets are held against; the reach is bounded, whatever the place's uncertainty. */
static struct danger
danger_of(const struct core *c, const struct situation *x)
{
    uint32_t m = situations_extent_m(x), radius = m < MAX_RADIUS_M ? m : MAX_RADIUS_M;

    return (struct danger){.pt = x->pt,
                           .reach_m = c->k->events[x->event].reach_m + radius,
                           .radius_m = radius,
                           .until_us = x->until_us,
                           .event = (enum event_type)x->event};
}

/* No place to halt: another danger is near. */
static bool
is_safe(const void *arg, struct geo_pt pt)
{
    const struct core *c = arg;
    uint32_t near[MAX_NEAR];
    size_t n = situations_near(&c->sits, pt, pt, WIDEST_M, near, MAX_NEAR);

    for (size_t i = 0; i < n; i++) {
        const struct situation *x = &c->sits.all[near[i]];

        if (x->placed && !x->area && correlate_is_violent((enum event_type)x->event) &&
            situations_dangerous(x, c->now_us) &&
            geo_within_m(pt, x->pt, danger_of(c, x).reach_m / 2))
            return false;
    }
    return true;
}

/* Where the convoys of an alert can halt: asked only when it is told, and where it matters. */
static void
find_halts(const struct core *c, struct sit_alert *a, const struct situation *x)
{
    struct danger d = danger_of(c, x);
    struct halt_guard guard = {.is_safe = is_safe, .arg = c};

    for (uint32_t i = 0; i < a->n_assets && c->k->events[x->event].impact >= HALT_IMPACT; i++)
        if (a->assets[i].contact_s != NO_CONTACT)
            convoy_halt(&c->picture, c->k->gazetteer, &d, a->decided_us, &guard, &a->assets[i]);
}

static void
store(struct core *c, struct sit_alert *a, const struct situation *x, const struct verdict *v,
      const struct relation *r, uint32_t n, int64_t due_us)
{
    a->revision++;
    a->open = 1;
    a->raised_us = a->raised_us ? a->raised_us : due_us;
    a->decided_us = due_us;
    a->expires_us = expiry(c, x, a, due_us);
    a->n_assets = n;
    memset(a->assets, 0, sizeof a->assets);
    if (n)
        memcpy(a->assets, r, n * sizeof *r);
    find_halts(c, a, x);
    a->precedence = (uint8_t)v->precedence;
    a->risk = (uint8_t)v->risk;
    a->likelihood = (uint8_t)v->likelihood;
    a->impact = (uint8_t)v->impact;
    a->certainty = (uint8_t)v->certainty;
    a->unconfirmed = v->unconfirmed;
    a->prule = (uint8_t)v->rule;
    a->event = x->event;
    a->mode = x->mode;
    a->claims = claims_mark(x);
    a->late = !x->prompt && !a->rule;
    a->harm_steps = assess_harm_steps(&x->carried);
    a->place_key = place_mark(x);
    a->area = compose_area(c->k, x);
}

/* Raises the alert of a slot, or tells it again when there is a reason to. fixed: the verdict
 * is a rule's, and is kept as such. */
static void
tell(struct core *c, uint32_t i, enum alert_slot slot, enum alert_rule rule, struct verdict *v,
     bool fixed, const struct relation *r, uint32_t n, int64_t due_us, const struct finding *latest)
{
    const struct situation *x = &c->sits.all[i];
    bool fresh = x->alerts[slot] == NOTHING;
    struct sit_alert *a = situations_alert(&c->sits, i, slot);
    struct telling t = {.a = a, .v = v, .due_us = due_us, .latest = latest};

    c->told_slots |= 1u << slot;
    if (fresh || a->rule != rule) {
        a->rule = (uint8_t)rule;
        compose_alert_id(c->k, &c->picture, x, a, &a->id);
    }
    if (a->officer_precedence) {
        v->precedence = (enum precedence)a->officer_precedence;
        v->rule = PRULE_OFFICER;
    }
    t.kind = fresh ? AK_RAISED : AK_UPDATED;
    t.note = c->note;
    if (!fresh) {
        compare(&t, a, x, v, r, n);
        changed(&t, c->note && alert_lasts(a, due_us), "incidents");
        changed(&t, !alert_lasts(a, due_us) && !t.n_changed && c->news, "expires_at");
        if (!t.n_changed)
            return;
        t.old_precedence = a->precedence;
        t.old_area = a->area;
    }
    a->fixed = fixed ? v->reasons[0].code : 0;
    a->fixed_arg = fixed ? v->reasons[0].arg : 0;
    store(c, a, x, v, r, n, due_us);
    situations_touch(&c->sits, i, x->last_us);
    situations_set_decay(&c->sits, i);
    emit(c, &t);
}

/* The verdict that a stored alert stands for, again. */
static void
verdict_again(const struct core *c, const struct sit_alert *a, struct verdict *v)
{
    const struct situation *x = &c->sits.all[a->situation];
    struct relation none = {.asset = RELATION_NONE, .contact_s = NO_CONTACT};
    struct facts f;

    situations_facts(x, &f);
    if (a->fixed)
        assess_fixed(c->k, &f, (enum reason_code)a->fixed, a->fixed_arg, a->likelihood, a->impact,
                     (enum precedence)a->precedence, (enum precedence_rule)a->prule, v);
    else
        assess(c->k, &f, compose_target((enum alert_slot)a->slot, RULE_NONE),
               a->n_assets ? &a->assets[0] : &none, v);
    v->precedence = (enum precedence)a->precedence;
    v->rule = (enum precedence_rule)a->prule;
}

/* ---- review */

static bool
is_worth_reading(const struct situation *x)
{
    return x->harm.killed.most > 0 || x->harm.wounded.most > 0 || x->harm.taken.most > 0 ||
           !x->confident;
}

/* Nobody and nowhere: told once, to be read. */
static void
tell_to_read(const struct scene *v, int64_t due_us, const struct finding *latest)
{
    const struct situation *x = &v->c->sits.all[v->sit];
    struct relation place = {.asset = RELATION_PLACE, .contact_s = NO_CONTACT};
    struct verdict verdict;

    if (!is_worth_reading(x))
        return;
    assess_fixed(v->c->k, &v->facts, RS_BASE_LIKELIHOOD, v->facts.event, 1, 1, PR_ROUTINE,
                 PRULE_READ, &verdict);
    tell(v->c, v->sit, SLOT_CIVILIANS, RULE_NONE, &verdict, true, &place, 1, due_us, latest);
}

void
alerts_review(struct core *c, uint32_t i, int64_t due_us, const struct finding *latest)
{
    static const enum target order[3] = {TG_CONVOY, TG_BASE, TG_CIVILIANS};
    struct situation *x = &c->sits.all[i];
    struct scene v = {.c = c, .sit = i};
    struct threat threats[3] = {{.n = 0}};
    enum precedence worst = PR_UNKNOWN;
    struct danger danger;
    bool any = false;

    if (x->event == EV_ARMED_PRESENCE && x->force)
        x->force_m = patterns_force_harm(c, i, due_us);
    if (x->cleared_us && x->until_us <= due_us)
        return; /* what comes in late about it calls nobody again */
    situations_facts(x, &v.facts);
    danger = danger_of(c, x);
    if (situations_dangerous(x, due_us))
        v.n_reach = picture_reach(&c->picture, &danger, due_us, v.reach, MAX_REACH);
    for (int k = 0; k < 3; k++) {
        threat_of(&v, order[k], &threats[k]);
        any |= threats[k].any;
        if (k < 2 && threats[k].any && threats[k].v.precedence > worst)
            worst = threats[k].v.precedence;
    }
    if (!any) {
        tell_to_read(&v, due_us, latest);
        return;
    }
    if (threats[SLOT_CIVILIANS].any)
        assess_floor(&threats[SLOT_CIVILIANS].v, worst);
    for (int k = 0; k < 3; k++)
        if (threats[k].any)
            tell(c, i, (enum alert_slot)k, RULE_NONE, &threats[k].v, false, threats[k].list,
                 threats[k].n, due_us, latest);
}

/* Alerts of a rearranged situation that its reports give no more. */
static void
settle(struct core *c, uint32_t i, bool keep, int64_t due_us)
{
    for (int k = 0; k < SLOTS; k++) {
        uint32_t n = c->sits.all[i].alerts[k];
        struct sit_alert *a = n == NOTHING ? NULL : &c->sits.alerts[n];
        struct telling t = {.a = a, .kind = AK_UPDATED, .due_us = due_us, .note = c->note};
        struct verdict v;

        if (!a || !alert_lasts(a, due_us) || (c->told_slots >> k & 1))
            continue;
        if (!keep && !a->rule) {
            alerts_cancel(c, a, c->note, due_us);
            continue;
        }
        verdict_again(c, a, &v);
        t.v = &v;
        changed(&t, true, "incidents");
        a->revision++;
        emit(c, &t); /* its times of contact were decided before, and stay */
    }
}

void
alerts_rearranged(struct core *c, uint32_t i, const char *note, bool keep, int64_t due_us,
                  const struct finding *latest)
{
    c->note = note;
    c->told_slots = 0;
    alerts_review(c, i, due_us, latest);
    settle(c, i, keep, due_us);
    c->note = NULL;
}

void
alerts_corrected(struct core *c, uint32_t i, int64_t due_us, const struct finding *latest)
{
    c->told_slots = 0;
    alerts_review(c, i, due_us, latest);
    for (int k = 0; k < SLOT_RULE; k++) {
        uint32_t a = c->sits.all[i].alerts[k];

        if (a != NOTHING && !(c->told_slots >> k & 1))
            alerts_cancel(c, &c->sits.alerts[a],
                          "its source has corrected the report: no danger to these any more",
                          due_us);
    }
}

static bool
names_asset(const struct core *c, const struct situation *x, uint32_t asset)
{
    for (int k = 0; k < SLOT_RULE; k++) {
        const struct sit_alert *a = x->alerts[k] == NOTHING ? NULL : &c->sits.alerts[x->alerts[k]];

        for (uint32_t i = 0; a && a->open && i < a->n_assets; i++)
            if (a->assets[i].asset == asset)
                return true;
    }
    return false;
}

void
alerts_review_asset(struct core *c, uint32_t asset, int64_t due_us)
{
    const struct pic_asset *a = &c->picture.assets[asset];
    uint32_t near[MAX_NEAR];
    struct geo_pt low = a->low, high = a->high;
    size_t n;

    if (a->removed || (a->kind == ASSET_CONVOY && !picture_is_moving(&c->picture, asset)))
        return;
    if (a->kind != ASSET_CONVOY || a->n_route < 2) {
        low = high = a->kind == ASSET_CONVOY && a->fix_us ? a->fix : a->pos;
        if (!a->has_pos && !a->fix_us)
            return;
    }
    n = situations_near(&c->sits, low, high, WIDEST_M, near, MAX_NEAR);
    for (size_t i = 0; i < n; i++) {
        const struct situation *x = &c->sits.all[near[i]];
        struct danger d = danger_of(c, x);
        struct relation r;

        /* Telling may have made room at the cost of one of these. */
        if (x->used && situations_dangerous(x, due_us) && !names_asset(c, x, asset) &&
            picture_relate(&c->picture, asset, &d, due_us, &r))
            alerts_review(c, near[i], due_us, NULL);
    }
}

/* ---- rules, cancelling, the officer */

void
alerts_tell_rule(struct core *c, uint32_t i, enum alert_rule rule, const struct relation *r,
                 uint32_t n, struct verdict *v, int64_t due_us)
{
    tell(c, i, SLOT_RULE, rule, v, true, r, n, due_us, NULL);
}

void
alerts_tell_pattern(struct core *c, uint32_t i, enum alert_slot slot, const struct relation *r,
                    uint32_t n, struct verdict *v, int64_t due_us)
{
    tell(c, i, slot, RULE_PATTERN, v, true, r, n, due_us, NULL);
}

void
alerts_cancel(struct core *c, struct sit_alert *a, const char *note, int64_t due_us)
{
    struct verdict v;
    struct telling t = {.a = a, .v = &v, .kind = AK_CANCELLED, .due_us = due_us, .note = note};

    if (!a->open)
        return;
    a->open = 0;
    a->revision++;
    verdict_again(c, a, &v);
    situations_touch(&c->sits, a->situation, c->sits.all[a->situation].last_us);
    emit(c, &t);
}

void
alerts_cancel_all(struct core *c, uint32_t i, const char *note, int64_t due_us)
{
    for (int k = 0; k < SLOTS; k++) {
        uint32_t a = c->sits.all[i].alerts[k];

        if (a != NOTHING && !c->sits.alerts[a].rule)
            alerts_cancel(c, &c->sits.alerts[a], note, due_us);
    }
}

struct sit_alert *
alerts_find(const struct core *c, const struct id *id)
{
    for (uint32_t i = 0; i < c->sits.t_alerts.high; i++)
        if (c->sits.alerts[i].revision && id_cmp(&c->sits.alerts[i].id, id) == 0)
            return &c->sits.alerts[i];
    return NULL;
}

void
alerts_forget_asset(struct core *c, uint32_t asset)
{
    for (uint32_t i = 0; i < c->sits.t_alerts.high; i++) {
        struct sit_alert *a = &c->sits.alerts[i];
        uint32_t n = 0;

        for (uint32_t k = 0; k < a->n_assets; k++)
            if (a->assets[k].asset != asset)
                a->assets[n++] = a->assets[k];
        a->n_assets = n;
        for (uint32_t k = 0; k < n; k++)
            if (a->assets[k].halt == asset)
                a->assets[k].flags &= (uint16_t)~REL_CAN_HALT;
    }
}

static int
older(const void *p, const void *q, void *arg)
{
    const struct core *c = arg;
    const struct sit_alert *a = &c->sits.alerts[*(const uint32_t *)p];
    const struct sit_alert *b = &c->sits.alerts[*(const uint32_t *)q];
    int d;

    if (a->raised_us != b->raised_us)
        return a->raised_us < b->raised_us ? -1 : 1;
    d = id_cmp(&c->sits.all[a->situation].id, &c->sits.all[b->situation].id);
    return d ? d : (int)a->slot - (int)b->slot;
}

void
alerts_tell_open(struct core *c)
{
    uint32_t *open = malloc((c->sits.t_alerts.high + 1) * sizeof *open), n = 0;

    if (!open) {
        c->failed = true;
        return;
    }
    for (uint32_t i = 0; i < c->sits.t_alerts.high; i++)
        if (c->sits.alerts[i].open && c->sits.alerts[i].expires_us > c->now_us)
            open[n++] = i;
    qsort_r(open, n, sizeof *open, older, c);
    for (uint32_t i = 0; i < n; i++) {
        struct sit_alert *a = &c->sits.alerts[open[i]];
        struct verdict v;
        struct telling t = {.a = a, .v = &v, .kind = AK_RAISED, .due_us = a->decided_us};

        verdict_again(c, a, &v);
        emit(c, &t);
    }
    free(open);
}
