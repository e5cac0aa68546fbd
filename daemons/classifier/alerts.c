/* alerts: see alerts.h. */
#include "alerts.h"

#include <stdlib.h>
#include <string.h>

#include "compose.h"
#include "patterns.h"
#include "timefmt.h"

#define MAX_REACH    256
#define MAX_NEAR     2048
#define WIDEST_M     60000 /* the widest reach and the widest uncertainty */
#define MAX_RADIUS_M 25000
#define POPULATED_M  2000
#define SHORTEST_US  (2 * HOUR_US)
#define UNCLEARED_US (14 * DAY_US)

struct ranked {
    struct relation r;
    struct verdict v;
};

/* One kind of target of a situation under review. */
struct kind {
    struct relation list[MAX_ASSETS];
    uint32_t n;
    struct verdict v; /* of the most endangered, or of none */
    bool threatened;
};

struct review {
    struct core *c;
    uint32_t sit;
    struct facts facts;
    struct danger danger;
    int64_t due_us;
    const struct finding *latest;
    struct relation reach[MAX_REACH];
    size_t n_reach;
};

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
    changed(t, was->n_claims != x->n_claims, "claims");
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
    a->precedence = (uint8_t)v->precedence;
    a->risk = (uint8_t)v->risk;
    a->likelihood = (uint8_t)v->likelihood;
    a->impact = (uint8_t)v->impact;
    a->certainty = (uint8_t)v->certainty;
    a->unconfirmed = v->unconfirmed;
    a->prule = (uint8_t)v->rule;
    a->event = x->event;
    a->mode = x->mode;
    a->n_claims = x->n_claims;
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

    a->rule = (uint8_t)rule;
    if (a->officer_precedence) {
        v->precedence = (enum precedence)a->officer_precedence;
        v->rule = PRULE_OFFICER;
    }
    t.kind = fresh ? AK_RAISED : AK_UPDATED;
    if (!fresh) {
        compare(&t, a, x, v, r, n);
        changed(&t, !a->open && !t.n_changed && c->news, "expires_at");
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

/* ---- ranking */

static int
compare_contact(int32_t a, int32_t b)
{
    int64_t x = a == NO_CONTACT ? INT64_MAX : a, y = b == NO_CONTACT ? INT64_MAX : b;

    return x < y ? -1 : x > y;
}

/* The most endangered first. */
static int
more_endangered(const struct core *c, const struct ranked *a, const struct ranked *b)
{
    int d = (int)b->v.precedence - (int)a->v.precedence;

    if (!d)
        d = (int)b->v.risk - (int)a->v.risk;
    if (!d)
        d = compare_contact(a->r.contact_s, b->r.contact_s);
    if (!d && a->r.distance_m != b->r.distance_m)
        d = a->r.distance_m < b->r.distance_m ? -1 : 1;
    if (!d && (a->r.asset == RELATION_PLACE || b->r.asset == RELATION_PLACE))
        return a->r.asset == RELATION_PLACE ? -1 : 1;
    return d ? d : strcmp(picture_id(&c->picture, a->r.asset), picture_id(&c->picture, b->r.asset));
}

/* Into its rank among the first MAX_ASSETS. */
static void
rank(const struct core *c, struct ranked *list, uint32_t *n, const struct ranked *x)
{
    uint32_t at = *n;

    while (at && more_endangered(c, x, &list[at - 1]) < 0)
        at--;
    if (at == MAX_ASSETS)
        return;
    if (*n < MAX_ASSETS)
        (*n)++;
    memmove(&list[at + 1], &list[at], (*n - 1 - at) * sizeof *list);
    list[at] = *x;
}

static enum target
target_of(const struct core *c, uint32_t asset)
{
    switch (c->picture.assets[asset].kind) {
    case ASSET_CONVOY:
        return TG_CONVOY;
    case ASSET_BASE:
        return TG_BASE;
    default:
        return TG_CIVILIANS;
    }
}

static bool
is_populated(const struct review *v)
{
    const struct situation *x = &v->c->sits.all[v->sit];

    return x->population > 0 ||
           (v->c->k->gazetteer && gazetteer_nearest(v->c->k->gazetteer, x->pt, POPULATED_M));
}

/* Shots and blasts hit whoever is there, at whomever they were aimed. */
static bool
is_area_violence(const struct review *v)
{
    return v->c->k->events[v->facts.event].attack || v->facts.event == EV_IED_MINE;
}

/* Is the place itself in danger: named, a village or town that violence is said to happen in, a
 * populated place near violence that was aimed at nobody in particular, or one that forces come to
 * which have done harm? */
static bool
is_place_threatened(const struct review *v)
{
    const struct situation *x = &v->c->sits.all[v->sit];
    const uint32_t people = TARGET_BIT(TG_CONVOY) | TARGET_BIT(TG_BASE) | TARGET_BIT(TG_CIVILIANS);

    if (v->facts.named & TARGET_BIT(TG_CIVILIANS))
        return true;
    if (x->placed && !x->area && x->gazetteer_id && !x->distance_m && is_area_violence(v) &&
        is_populated(v))
        return true;
    if (v->facts.event == EV_ARMED_PRESENCE && v->facts.force_m)
        return is_populated(v);
    if ((v->facts.named & people) || !correlate_is_violent(v->facts.event) || !x->placed || x->area)
        return false;
    return is_populated(v);
}

/* Thefts turn on nobody else: only those that are named. */
static bool
is_for(const struct review *v, enum target t, uint32_t asset)
{
    return target_of(v->c, asset) == t &&
           (v->facts.event != EV_CRIME || (v->facts.named & TARGET_BIT(t)));
}

static void
review_kind(struct review *v, enum target t, struct kind *out)
{
    struct relation none = {.asset = RELATION_NONE, .contact_s = NO_CONTACT};
    struct relation place = {.asset = RELATION_PLACE, .contact_s = NO_CONTACT};
    bool place_threatened = t == TG_CIVILIANS && is_place_threatened(v);
    struct ranked list[MAX_ASSETS], x;
    uint32_t n = 0;

    for (size_t i = 0; i < v->n_reach; i++) {
        if (!is_for(v, t, v->reach[i].asset))
            continue;
        x.r = v->reach[i];
        assess(v->c->k, &v->facts, t, &x.r, &x.v);
        rank(v->c, list, &n, &x);
    }
    if (place_threatened) {
        x.r = place;
        assess(v->c->k, &v->facts, t, &x.r, &x.v);
        rank(v->c, list, &n, &x);
    }
    out->threatened = n || (v->facts.named & TARGET_BIT(t));
    if (!out->threatened)
        return;
    if (n)
        out->v = list[0].v;
    else
        assess(v->c->k, &v->facts, t, &none, &out->v);
    for (uint32_t i = 0; i < n; i++)
        out->list[i] = list[i].r;
    if (t == TG_CIVILIANS && !place_threatened) {
        n = n < MAX_ASSETS ? n : MAX_ASSETS - 1;
        out->list[n++] = place;
    }
    out->n = n;
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
tell_to_read(struct review *v)
{
    const struct situation *x = &v->c->sits.all[v->sit];
    struct relation place = {.asset = RELATION_PLACE, .contact_s = NO_CONTACT};
    struct verdict verdict;

    if (!is_worth_reading(x))
        return;
    assess_fixed(v->c->k, &v->facts, RS_BASE_LIKELIHOOD, v->facts.event, 1, 1, PR_ROUTINE,
                 PRULE_READ, &verdict);
    tell(v->c, v->sit, SLOT_CIVILIANS, RULE_NONE, &verdict, true, &place, 1, v->due_us, v->latest);
}

void
alerts_review(struct core *c, uint32_t i, int64_t due_us, const struct finding *latest)
{
    struct situation *x = &c->sits.all[i];
    const struct event_row *row = &c->k->events[x->event];
    uint32_t radius = x->radius_m < MAX_RADIUS_M ? x->radius_m : MAX_RADIUS_M;
    struct review v = {.c = c, .sit = i, .due_us = due_us, .latest = latest};
    struct kind kinds[3] = {{.n = 0}};
    static const enum target order[3] = {TG_CONVOY, TG_BASE, TG_CIVILIANS};
    enum precedence worst = PR_UNKNOWN;
    bool any = false;

    if (x->event == EV_ARMED_PRESENCE && x->force)
        x->force_m = patterns_force_harm(c, i, due_us);
    situations_facts(x, &v.facts);
    v.danger = (struct danger){.pt = x->pt,
                               .reach_m = row->reach_m + radius,
                               .radius_m = radius,
                               .until_us = x->until_us,
                               .event = v.facts.event};
    if (situations_dangerous(x, due_us))
        v.n_reach = picture_reach(&c->picture, &v.danger, due_us, v.reach, MAX_REACH);
    for (int k = 0; k < 3; k++) {
        review_kind(&v, order[k], &kinds[k]);
        any |= kinds[k].threatened;
        if (k < 2 && kinds[k].threatened && kinds[k].v.precedence > worst)
            worst = kinds[k].v.precedence;
    }
    if (!any) {
        tell_to_read(&v);
        return;
    }
    if (kinds[SLOT_CIVILIANS].threatened)
        assess_floor(&kinds[SLOT_CIVILIANS].v, worst);
    for (int k = 0; k < 3; k++)
        if (kinds[k].threatened)
            tell(c, i, (enum alert_slot)k, RULE_NONE, &kinds[k].v, false, kinds[k].list, kinds[k].n,
                 due_us, latest);
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
        uint32_t radius = x->radius_m < MAX_RADIUS_M ? x->radius_m : MAX_RADIUS_M;
        struct danger d = {.pt = x->pt,
                           .reach_m = c->k->events[x->event].reach_m + radius,
                           .radius_m = radius,
                           .until_us = x->until_us,
                           .event = (enum event_type)x->event};
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
alerts_forget_asset(struct core *c, uint32_t asset)
{
    for (uint32_t i = 0; i < c->sits.t_alerts.high; i++) {
        struct sit_alert *a = &c->sits.alerts[i];
        uint32_t n = 0;

        for (uint32_t k = 0; k < a->n_assets; k++)
            if (a->assets[k].asset != asset)
                a->assets[n++] = a->assets[k];
        a->n_assets = n;
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

void
alerts_set(struct core *c, const struct act *act, int64_t due_us)
{
    const char *field = act->field ? act->field : "", *value = act->value ? act->value : "";
    enum precedence p = strcmp(field, "precedence") == 0 ? precedence_parse(value) : PR_UNKNOWN;
    enum event_type event = strcmp(field, "event") == 0 ? event_type_parse(value) : EV_UNKNOWN;

    for (uint32_t i = 0; (p || event) && i < c->sits.t_alerts.high; i++) {
        struct sit_alert *a = &c->sits.alerts[i];
        struct situation *x;
        struct id id;

        if (!a->revision)
            continue;
        x = &c->sits.all[a->situation];
        compose_alert_id(&c->picture, x, a, &id);
        if (id_cmp(&id, &act->alert) != 0)
            continue;
        if (p)
            a->officer_precedence = (uint8_t)p;
        else
            x->event = x->officer_event = (uint8_t)event;
        if (!a->rule)
            alerts_review(c, a->situation, due_us, NULL);
        return;
    }
}
