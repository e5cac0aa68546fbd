/* patterns: see patterns.h. An overdue convoy has a situation of its own, which its asset is the
 * subject of; a silent base belongs to the situation of the attack. */
#include "patterns.h"

#include <string.h>

#include "alerts.h"
#include "holds.h"
#include "timefmt.h"

#define MAX_SILENT  64
#define MAX_ATTACKS 2048
#define FORCE_M     50000
#define FORCE_US    (90 * DAY_US)

static const struct rule *
absence(const struct core *c, enum rule_of of)
{
    return c->k->rules ? c->k->rules->absence[of] : NULL;
}

/* ---- convoy overdue */

static bool
must_check_in(const struct core *c, uint32_t asset)
{
    const struct pic_asset *a = &c->picture.assets[asset];

    return a->kind == ASSET_CONVOY && !a->removed && a->state == CONVOY_DEPARTED &&
           a->checkin_min > 0 && a->life_us && absence(c, OF_CHECK_IN);
}

/* How long a silence the step of the rule stands for. */
static int64_t
silence_us(const struct core *c, uint32_t asset, const struct rule_step *s)
{
    return c->picture.assets[asset].checkin_min * MINUTE_US * s->percent / 100;
}

static void
asset_timer(struct core *c, uint32_t asset, int64_t due_us)
{
    const char *id = picture_id(&c->picture, asset);
    struct id_part part = {id, strlen(id)};
    struct id key;

    id_make(&key, 0, &part, 1);
    timers_set(&c->timers, TIMER_OVERDUE, asset, &key, due_us);
}

/* The open alert on that convoy, or NULL. */
static struct sit_alert *
overdue_alert(struct core *c, uint32_t asset)
{
    for (uint32_t i = 0; i < c->sits.t_alerts.high; i++) {
        struct sit_alert *a = &c->sits.alerts[i];

        if (a->open && a->rule == RULE_CONVOY_OVERDUE && c->sits.all[a->situation].subject == asset)
            return a;
    }
    return NULL;
}

void
patterns_on_asset(struct core *c, uint32_t asset, int64_t due_us)
{
    struct pic_asset *a = &c->picture.assets[asset];
    struct sit_alert *open = a->overdue ? overdue_alert(c, asset) : NULL;

    if (open)
        alerts_cancel(c, open, "the convoy has given a sign of life, or is no longer under way",
                      due_us);
    a->overdue = false;
    if (must_check_in(c, asset))
        asset_timer(c, asset,
                    a->life_us + silence_us(c, asset, &absence(c, OF_CHECK_IN)->steps[0]));
    else
        timers_cancel(&c->timers, TIMER_OVERDUE, asset);
}

static uint32_t
overdue_situation(struct core *c, uint32_t asset, int64_t due_us)
{
    struct sit_alert *open = overdue_alert(c, asset);
    const char *name = picture_id(&c->picture, asset);
    const char *rule = absence(c, OF_CHECK_IN)->name;
    struct id_part parts[2] = {{rule, strlen(rule)}, {name, strlen(name)}};
    struct situation *x;
    struct id id;
    uint32_t i;

    if (open)
        return open->situation;
    id_make(&id, due_us, parts, 2);
    i = situations_new(&c->sits, &id, due_us);
    x = &c->sits.all[i];
    x->rule = RULE_CONVOY_OVERDUE;
    x->subject = asset;
    x->event = EV_NONE;
    x->mode = MODE_FACT;
    x->status = ST_ACTUAL;
    x->named = TARGET_BIT(TG_CONVOY);
    x->timely = x->prompt = true;
    x->from_us = x->to_us = x->until_us = due_us;
    return i;
}

/* Where it is thought to be; how far it may be from there grows with the silence. */
static void
place_overdue(struct core *c, struct situation *x, uint32_t asset, int64_t due_us)
{
    const struct pic_asset *a = &c->picture.assets[asset];
    uint64_t m = (uint64_t)(due_us - a->life_us) / SECOND_US * c->picture.speed_cmps / 100;
    bool stale;

    x->placed = picture_where(&c->picture, asset, due_us, &x->pt, &stale);
    x->radius_m = m < 100000 ? (uint32_t)m : 100000;
    x->to_us = x->until_us = due_us;
}

void
patterns_on_overdue(struct core *c, uint32_t asset, int64_t due_us)
{
    struct pic_asset *a = &c->picture.assets[asset];
    struct relation r = {.asset = asset, .contact_s = NO_CONTACT};
    const struct rule *rule = absence(c, OF_CHECK_IN);
    uint32_t minutes, i, s = 0;
    struct verdict v;
    struct facts f;

    if (!must_check_in(c, asset))
        return;
    while (s + 1 < rule->n_steps &&
           due_us - a->life_us >= silence_us(c, asset, &rule->steps[s + 1]))
        s++;
    minutes = (uint32_t)((due_us - a->life_us) / MINUTE_US);
    i = overdue_situation(c, asset, due_us);
    a->overdue = true;
    place_overdue(c, &c->sits.all[i], asset, due_us);
    situations_facts(&c->sits.all[i], &f);
    assess_fixed(c->k, &f, RS_OVERDUE, minutes, rule->steps[s].likelihood, rule->steps[s].impact,
                 patterns_precedence(c, rule, rule->steps[s].likelihood, rule->steps[s].impact),
                 PRULE_PATTERN, &v);
    alerts_tell_rule(c, i, RULE_CONVOY_OVERDUE, &r, 1, &v, due_us);
    if (s + 1 < rule->n_steps)
        asset_timer(c, asset, a->life_us + silence_us(c, asset, &rule->steps[s + 1]));
}

/* ---- movements of state forces */

uint32_t
patterns_force_harm(const struct core *c, uint32_t i, int64_t due_us)
{
    const struct situation *x = &c->sits.all[i];
    uint32_t nearest = 0;

    if (!x->placed || x->area)
        return 0;
    for (uint32_t k = 0; k < c->sits.t_all.high; k++) {
        const struct situation *o = &c->sits.all[k];
        uint32_t m;

        if (!c->sits.keys[k].force_harm || !o->used || !o->force_harm || !o->placed || o->area ||
            o->status != ST_ACTUAL || due_us - o->to_us > FORCE_US ||
            !geo_within_m(o->pt, x->pt, FORCE_M))
            continue;
        m = geo_distance_m(o->pt, x->pt) + 1;
        nearest = !nearest || m < nearest ? m : nearest;
    }
    return nearest;
}

/* ---- base silent */

static bool
is_base_of(const struct core *c, uint32_t i)
{
    const struct pic_asset *a = &c->picture.assets[i];

    return a->kind == ASSET_BASE && !a->removed && a->has_pos && a->has_link;
}

static bool
is_within(int64_t a_us, int64_t b_us, int64_t us)
{
    return (a_us > b_us ? a_us - b_us : b_us - a_us) <= us;
}

void
patterns_rank(const struct core *c, struct relation *list, uint32_t *n, const struct relation *r)
{
    uint32_t at = *n;

    while (at && (r->distance_m < list[at - 1].distance_m ||
                  (r->distance_m == list[at - 1].distance_m &&
                   strcmp(picture_id(&c->picture, r->asset),
                          picture_id(&c->picture, list[at - 1].asset)) < 0)))
        at--;
    if (at == MAX_ASSETS)
        return;
    if (*n < MAX_ASSETS)
        (*n)++;
    memmove(&list[at + 1], &list[at], (*n - 1 - at) * sizeof *list);
    list[at] = *r;
}

void
patterns_on_situation(struct core *c, uint32_t i, int64_t due_us)
{
    const struct situation *x = &c->sits.all[i];
    const struct rule *rule = absence(c, OF_LINK);
    struct relation list[MAX_ASSETS];
    uint32_t bases[MAX_SILENT], n = 0, s = 0;
    struct verdict v;
    struct facts f;
    size_t n_bases;

    if (!rule || !x->used || !c->picture.n_down || !x->placed || x->area ||
        !holds_is(c, x, rule->first))
        return;
    n_bases = picture_bases(&c->picture, x->pt, rule->steps[0].distance_m, bases, MAX_SILENT);
    for (size_t b = 0; b < n_bases; b++) {
        const struct pic_asset *a = &c->picture.assets[bases[b]];
        struct relation r = {.asset = bases[b], .contact_s = NO_CONTACT};
        int64_t since;

        if (!picture_silent(&c->picture, bases[b], &since) ||
            !is_within(x->to_us, since, rule->within_us))
            continue;
        r.distance_m = geo_distance_m(a->pos, x->pt);
        r.bearing_deg = (uint16_t)geo_bearing_deg(a->pos, x->pt);
        patterns_rank(c, list, &n, &r);
    }
    if (!n)
        return;
    while (s + 1 < rule->n_steps && list[0].distance_m <= rule->steps[s + 1].distance_m)
        s++;
    situations_facts(x, &f);
    assess_fixed(c->k, &f, RS_SILENT, list[0].distance_m, rule->steps[s].likelihood,
                 rule->steps[s].impact,
                 patterns_precedence(c, rule, rule->steps[s].likelihood, rule->steps[s].impact),
                 PRULE_PATTERN, &v);
    alerts_tell_rule(c, i, RULE_BASE_SILENT, list, n, &v, due_us);
}

/* Attacks near a base whose link went down. */
static void
look_back(struct core *c, uint32_t base, int64_t due_us)
{
    struct geo_pt at = c->picture.assets[base].pos;
    uint32_t near[MAX_ATTACKS];
    uint32_t reach_m = absence(c, OF_LINK)->steps[0].distance_m;
    size_t n = situations_near(&c->sits, at, at, reach_m, near, MAX_ATTACKS);

    for (size_t i = 0; i < n; i++)
        if (geo_within_m(at, c->sits.all[near[i]].pt, reach_m))
            patterns_on_situation(c, near[i], due_us);
}

/* Silent bases of an alert that are heard of again. */
static void
drop_heard(struct core *c, struct sit_alert *a, int64_t due_us)
{
    int64_t since;
    uint32_t silent = 0;

    for (uint32_t i = 0; i < a->n_assets; i++)
        silent += picture_silent(&c->picture, a->assets[i].asset, &since);
    if (!silent)
        alerts_cancel(c, a, "the base's link is back", due_us);
}

/* The open alert on bases whose links went down with others, or NULL. */
static struct sit_alert *
together_alert(struct core *c)
{
    for (uint32_t i = 0; i < c->sits.t_alerts.high; i++) {
        struct sit_alert *a = &c->sits.alerts[i];

        if (a->open && a->rule == RULE_BASE_SILENT && c->sits.all[a->situation].rule)
            return a;
    }
    return NULL;
}

static bool
is_named_silent(const struct core *c, uint32_t base)
{
    for (uint32_t i = 0; i < c->sits.t_alerts.high; i++)
        for (uint32_t k = 0; k < c->sits.alerts[i].n_assets; k++)
            if (c->sits.alerts[i].open && c->sits.alerts[i].rule == RULE_BASE_SILENT &&
                c->sits.alerts[i].assets[k].asset == base)
                return true;
    return false;
}

static uint32_t
together_situation(struct core *c, uint32_t base, int64_t due_us)
{
    const char *rule = absence(c, OF_LINK)->name, *name = picture_id(&c->picture, base);
    struct id_part parts[2] = {{rule, strlen(rule)}, {name, strlen(name)}};
    struct situation *x;
    struct id id;
    uint32_t i;

    id_make(&id, due_us, parts, 2);
    i = situations_new(&c->sits, &id, due_us);
    x = &c->sits.all[i];
    x->rule = RULE_BASE_SILENT;
    x->event = EV_NONE;
    x->mode = MODE_FACT;
    x->status = ST_ACTUAL;
    x->named = TARGET_BIT(TG_BASE);
    x->timely = x->prompt = x->high_grade = true; /* seen by the machine itself */
    x->placed = true;
    x->pt = c->picture.assets[base].pos;
    situation_name(x, picture_name(&c->picture, base));
    x->from_us = x->to_us = x->until_us = due_us;
    return i;
}

/* A base whose link went down with another, and that no alert calls silent yet. */
static void
look_together(struct core *c, uint32_t base, int64_t since_us, int64_t due_us)
{
    const struct rule *rule = absence(c, OF_LINK);
    struct sit_alert *open = together_alert(c);
    struct relation list[MAX_ASSETS], r = {.asset = base, .contact_s = NO_CONTACT};
    uint32_t n_links = 0, n = 0, i;
    struct verdict v;
    struct facts f;

    for (uint32_t k = 0; k < c->picture.n_links; k++)
        n_links += !c->picture.links[k].up &&
                   is_within(c->picture.links[k].since_us, since_us, rule->together_us);
    if (n_links < 2 || is_named_silent(c, base))
        return;
    if (open) {
        n = open->n_assets;
        memcpy(list, open->assets, n * sizeof *list);
    }
    patterns_rank(c, list, &n, &r);
    i = open ? open->situation : together_situation(c, base, due_us);
    situations_facts(&c->sits.all[i], &f);
    assess_fixed(c->k, &f, RS_LINKS_DOWN, n_links, rule->steps[0].likelihood, rule->steps[0].impact,
                 patterns_precedence(c, rule, rule->steps[0].likelihood, rule->steps[0].impact),
                 PRULE_PATTERN, &v);
    alerts_tell_rule(c, i, RULE_BASE_SILENT, list, n, &v, due_us);
}

void
patterns_on_link(struct core *c, int64_t due_us)
{
    const struct rule *rule = absence(c, OF_LINK);
    int64_t since;

    if (!rule)
        return;

    for (uint32_t i = 0; i < c->sits.t_alerts.high; i++)
        if (c->sits.alerts[i].open && c->sits.alerts[i].rule == RULE_BASE_SILENT)
            drop_heard(c, &c->sits.alerts[i], due_us);
    for (uint32_t i = 0; i < c->picture.n; i++)
        if (is_base_of(c, i) && picture_silent(&c->picture, i, &since)) {
            look_back(c, i, due_us);
            if (rule->together_us)
                look_together(c, i, since, due_us);
        }
}
