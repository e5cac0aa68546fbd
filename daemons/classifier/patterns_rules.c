/* patterns_rules: what sequences, counts and rings tell, and of whom; declared in patterns.h. Whether
 * they hold is holds.h. */
#include <string.h>

#include "alerts.h"
#include "convoy.h"
#include "holds.h"
#include "patterns.h"
#include "timefmt.h"

#define MAX_AROUND 256

/* A pattern that holds, and whom it warns. */
struct yield {
    uint32_t rule;
    struct parts parts;
    struct id_part seed, more; /* what makes it this one */
    struct situation where;    /* place and name of these are taken */
    struct relation lists[SLOT_RULE][MAX_ASSETS];
    uint32_t n[SLOT_RULE];
    bool warned[SLOT_RULE]; /* also where the list is empty */
};

/* ---- telling */

static enum alert_slot
slot_of(enum target t)
{
    return t == TG_CONVOY ? SLOT_CONVOY : t == TG_BASE ? SLOT_BASE : SLOT_CIVILIANS;
}

static enum alert_slot
slot_of_asset(const struct pic_asset *a)
{
    return a->kind == ASSET_CONVOY ? SLOT_CONVOY
           : a->kind == ASSET_BASE ? SLOT_BASE
                                   : SLOT_CIVILIANS;
}

static void
take_where(struct situation *x, const struct situation *where)
{
    x->placed = true;
    x->pt = where->pt;
    x->area = where->area;
    x->radius_m = where->radius_m;
    x->gazetteer_id = where->gazetteer_id;
    x->place_key = where->place_key;
    x->population = where->population;
    x->bearing_deg = where->bearing_deg;
    x->distance_m = where->distance_m;
    memcpy(x->name, where->name, sizeof x->name);
}

/* What the parts say, and the first report of each, copied before anything makes room. */
static uint32_t
gather(const struct core *c, const struct parts *p, struct situation *sum,
       struct sit_ref refs[MAX_PARTS])
{
    uint32_t n = 0;

    *sum = (struct situation){.high_grade = true, .low_grade = true};
    for (uint32_t k = p->n; k-- > 0;) { /* the earliest first */
        const struct situation *x = &c->sits.all[p->of[k]];

        sum->from_us = !sum->from_us || x->from_us < sum->from_us ? x->from_us : sum->from_us;
        sum->to_us = x->to_us > sum->to_us ? x->to_us : sum->to_us;
        sum->marks |= x->marks;
        sum->high_grade &= x->high_grade;
        sum->low_grade &= x->low_grade;
        sum->event = x->event;
        if (x->first_ref != NOTHING)
            refs[n++] = c->sits.refs[x->first_ref];
    }
    return n;
}

static uint32_t
new_situation(struct core *c, const struct yield *y, int64_t due_us)
{
    const struct rule *r = &c->k->rules->v[y->rule];
    struct id_part parts[3] = {{r->name, strlen(r->name)}, y->seed, y->more};
    struct sit_ref refs[MAX_PARTS];
    struct situation sum, *x;
    struct id id;
    uint32_t i, n = gather(c, &y->parts, &sum, refs);

    id_make(&id, due_us, parts, 3);
    i = situations_new(&c->sits, &id, due_us);
    for (uint32_t k = 0; k < n; k++) {
        struct sit_ref *ref = situations_add_ref(&c->sits, i);
        uint32_t next = ref->next;

        *ref = refs[k];
        ref->situation = i;
        ref->next = next;
        ref->own = 0; /* a correction goes to the situation that it came from */
    }
    x = &c->sits.all[i];
    take_where(x, &y->where);
    x->rule = RULE_PATTERN;
    x->pattern = (uint8_t)y->rule;
    x->event = (uint8_t)(r->event ? r->event : (enum event_type)sum.event);
    x->mode = MODE_WARNING;
    x->status = ST_ACTUAL;
    x->from_us = sum.from_us;
    x->to_us = sum.to_us;
    x->until_us = due_us + r->lasts_us;
    x->marks = sum.marks;
    x->high_grade = sum.high_grade;
    x->low_grade = sum.low_grade;
    x->sources = 1;
    x->timely = x->prompt = true;
    return i;
}

enum precedence
patterns_precedence(const struct core *c, const struct rule *r, uint32_t likelihood,
                    uint32_t impact)
{
    enum precedence p = assess_precedence(c->k->matrix[likelihood - 1][impact - 1], false);

    p = r->most && p > r->most ? r->most : p;
    return r->pages ? p : PR_ROUTINE;
}

/* Does each incident on a route make the pattern by itself? */
static bool
is_each(const struct rule *r)
{
    return r->form == RF_COUNT && r->around == AROUND_ROUTE && r->at_least == 1;
}

/* What a rule tells of an asset once: the pattern, or (with x) each incident that makes it. */
static uint64_t
subject_of(const struct core *c, uint32_t asset, const struct situation *x)
{
    uint64_t id = c->picture.assets[asset].id_hash | 1, what;

    if (!x)
        return id;
    memcpy(&what, x->id.b + sizeof x->id.b - sizeof what, sizeof what);
    return key_mix(id, x->area ? x->place_key : what) | 1;
}

static bool
is_told(const struct core *c, uint32_t rule, uint32_t asset, const struct situation *x,
        int64_t now_us)
{
    const struct rule *r = &c->k->rules->v[rule];

    return once_subject(&c->once, rule, subject_of(c, asset, is_each(r) ? x : NULL),
                        now_us - r->once_us);
}

static void
note_told(struct core *c, const struct yield *y, int64_t now_us)
{
    bool each = is_each(&c->k->rules->v[y->rule]);

    for (int s = 0; s < SLOT_RULE; s++)
        for (uint32_t k = 0; k < y->n[s]; k++)
            for (uint32_t p = 0; p < (each ? y->parts.n : 1); p++)
                if (y->lists[s][k].asset != RELATION_PLACE)
                    once_put(&c->once, y->rule,
                             subject_of(c, y->lists[s][k].asset,
                                        each ? &c->sits.all[y->parts.of[p]] : NULL),
                             y->where.pt, now_us);
}

static void
tell(struct core *c, const struct yield *y, int64_t due_us)
{
    const struct rule *r = &c->k->rules->v[y->rule];
    uint32_t i;
    enum precedence p = patterns_precedence(c, r, r->likelihood, r->impact);

    note_told(c, y, due_us); /* before room is made at the cost of its parts */
    i = new_situation(c, y, due_us);
    for (int s = 0; s < SLOT_RULE; s++) {
        struct verdict v;
        struct facts f;

        if (!y->n[s] && !y->warned[s])
            continue;
        situations_facts(&c->sits.all[i], &f);
        assess_fixed(c->k, &f, RS_RULE, y->parts.total, r->likelihood, r->impact, p, PRULE_PATTERN,
                     &v);
        alerts_tell_pattern(c, i, (enum alert_slot)s, y->lists[s], y->n[s], &v, due_us);
    }
}

static void
list_asset(const struct core *c, struct yield *y, const struct relation *r)
{
    enum alert_slot s = slot_of_asset(&c->picture.assets[r->asset]);

    patterns_rank(c, y->lists[s], &y->n[s], r);
}

static bool
is_recent(const struct core *c, uint32_t rule, uint32_t i, int64_t now_us)
{
    return c->sits.all[i].to_us >= now_us - c->k->rules->v[rule].within_us;
}

/* ---- around a place: whom the rule warns there */

static void
list_near(const struct core *c, struct yield *y, const struct rule *r, int64_t now_us)
{
    struct danger d = {.pt = y->where.pt,
                       .reach_m = y->where.area ? y->where.radius_m : r->distance_m,
                       .until_us = INT64_MAX,
                       .event = (enum event_type)y->where.event};
    struct relation reach[MAX_AROUND];
    size_t n = picture_reach(&c->picture, &d, now_us, reach, MAX_AROUND);

    for (uint32_t w = 0; w < r->n_warn; w++) {
        enum alert_slot s = slot_of(r->warn[w]);

        for (size_t k = 0; k < n; k++)
            if (slot_of_asset(&c->picture.assets[reach[k].asset]) == s)
                patterns_rank(c, y->lists[s], &y->n[s], &reach[k]);
        if (s == SLOT_CIVILIANS) {
            y->n[s] = y->n[s] < MAX_ASSETS ? y->n[s] : MAX_ASSETS - 1;
            y->lists[s][y->n[s]++] =
                (struct relation){.asset = RELATION_PLACE, .contact_s = NO_CONTACT};
        }
        y->warned[s] = w == 0;
    }
}

static void
around_place(struct core *c, uint32_t rule, uint32_t i, int64_t now_us)
{
    const struct rule *r = &c->k->rules->v[rule];
    const struct situation *x = &c->sits.all[i];
    uint64_t region = x->area ? x->place_key | 1 : 0;
    struct yield y = {.rule = rule, .seed = {x->id.b, sizeof x->id.b}};
    bool holds;

    if (region ? once_subject(&c->once, rule, region, now_us - r->once_us)
               : once_place(&c->once, rule, x->pt, r->distance_m, now_us - r->once_us))
        return;
    if (r->form == RF_SEQUENCE)
        holds = !x->area &&
                (((x->terms & r->first) && holds_sequence(c, rule, i, true, now_us, &y.parts)) ||
                 ((x->terms & r->then) && holds_sequence(c, rule, i, false, now_us, &y.parts)));
    else
        holds = x->area ? holds_in_region(c, rule, x->place_key, now_us, &y.parts)
                        : holds_at(c, rule, x->pt, now_us, &y.parts);
    if (!holds)
        return;
    y.where = *x;
    list_near(c, &y, r, now_us);
    once_put(&c->once, rule, region, x->pt, now_us);
    tell(c, &y, now_us);
}

/* ---- around assets, named places and routes */

static void
put_where(struct yield *y, const char *name, struct geo_pt pt)
{
    y->where = (struct situation){.pt = pt};
    situation_name(&y->where, name);
}

static bool
holds_round(struct core *c, uint32_t rule, uint32_t asset, int64_t now_us, struct parts *parts)
{
    struct geo_pt at = c->picture.assets[asset].pos;

    return c->k->rules->v[rule].form == RF_RING ? holds_ring(c, rule, asset, at, now_us, parts)
                                                : holds_at(c, rule, at, now_us, parts);
}

/* Bases before sites: the alert stands where the first of them does. */
static void
tell_round(struct core *c, struct yield *y, int64_t now_us)
{
    enum alert_slot s = y->n[SLOT_BASE] ? SLOT_BASE : SLOT_CIVILIANS;
    uint32_t first;

    if (!y->n[s])
        return;
    first = y->lists[s][0].asset;
    put_where(y, picture_name(&c->picture, first), c->picture.assets[first].pos);
    (void)holds_round(c, y->rule, first, now_us, &y->parts); /* it does; for its parts */
    tell(c, y, now_us);
}

static bool
is_round(const struct rule *r, const struct pic_asset *a)
{
    return a->has_pos && !a->removed &&
           ((a->kind == ASSET_BASE && (r->around & AROUND_BASE)) ||
            (a->kind == ASSET_SITE && (r->around & AROUND_SITE)));
}

static void
around_assets(struct core *c, uint32_t rule, uint32_t i, int64_t now_us)
{
    const struct rule *r = &c->k->rules->v[rule];
    const struct situation *x = &c->sits.all[i];
    struct yield y = {.rule = rule, .seed = {x->id.b, sizeof x->id.b}};
    struct cells cells = cells_around(x->pt, r->distance_m);
    bool recent = is_recent(c, rule, i, now_us);

    if (x->area)
        return;
    /* All of them, however many: a ring's marks must not miss any. */
    CELLS_EACH(cells, PICTURE_CELLS, key)
    for (uint32_t k = buckets_first(&c->picture.by_cell, key); k != NOTHING;
         k = buckets_next(&c->picture.by_cell, k)) {
        const struct pic_asset *a = &c->picture.assets[k];
        struct relation rel = {.asset = k, .contact_s = NO_CONTACT};

        if (!is_round(r, a) || !geo_within_m(a->pos, x->pt, r->distance_m))
            continue;
        if (r->form == RF_RING)
            holds_note(c, rule, k, a->pos, i);
        if (!recent || is_told(c, rule, k, x, now_us) || !holds_round(c, rule, k, now_us, &y.parts))
            continue;
        rel.distance_m = geo_distance_m(a->pos, x->pt);
        rel.bearing_deg = (uint16_t)geo_bearing_deg(a->pos, x->pt);
        list_asset(c, &y, &rel);
    }
    tell_round(c, &y, now_us);
}

static void
around_named(struct core *c, uint32_t rule, uint32_t i, int64_t now_us)
{
    const struct rule *r = &c->k->rules->v[rule];
    struct geo_pt pt = c->sits.all[i].pt;
    struct id seed = c->sits.all[i].id;

    for (uint32_t k = 0; k < r->n_places; k++) {
        const struct rule_place *p = &r->places[k];
        struct yield y = {
            .rule = rule, .seed = {seed.b, sizeof seed.b}, .more = {p->name, strlen(p->name)}};
        uint64_t subject = key_text(p->name) | 1;

        if (!geo_within_m(p->pt, pt, r->distance_m))
            continue;
        holds_note(c, rule, HOLDS_PLACE + k, p->pt, i);
        if (!is_recent(c, rule, i, now_us) ||
            once_subject(&c->once, rule, subject, now_us - r->once_us) ||
            !holds_ring(c, rule, HOLDS_PLACE + k, p->pt, now_us, &y.parts))
            continue;
        put_where(&y, p->name, p->pt);
        y.lists[SLOT_CIVILIANS][0] =
            (struct relation){.asset = RELATION_PLACE, .contact_s = NO_CONTACT};
        y.n[SLOT_CIVILIANS] = 1;
        once_put(&c->once, rule, subject, p->pt, now_us);
        tell(c, &y, now_us);
    }
}

static void
around_routes(struct core *c, uint32_t rule, uint32_t i, int64_t now_us)
{
    const struct rule *r = &c->k->rules->v[rule];
    const struct situation *x = &c->sits.all[i];
    struct yield y = {.rule = rule, .seed = {x->id.b, sizeof x->id.b}, .where = *x};
    struct relation reach[MAX_AROUND];
    size_t n = picture_routes(&c->picture, x->pt, holds_reach_m(r, x), now_us, reach, MAX_AROUND);
    struct parts parts;

    for (size_t k = 0; k < n; k++) {
        if (is_told(c, rule, reach[k].asset, x, now_us) ||
            !holds_on_route(c, rule, reach[k].asset, now_us, &parts))
            continue;
        if (is_each(r))
            parts = (struct parts){.of = {i}, .n = 1, .total = 1};
        if (!y.n[SLOT_CONVOY] || parts.total > y.parts.total)
            y.parts = parts;
        list_asset(c, &y, &reach[k]);
    }
    if (y.n[SLOT_CONVOY])
        tell(c, &y, now_us);
}

/* ---- what makes the rules look */

void
patterns_look(struct core *c, uint32_t i, int64_t now_us)
{
    const struct rules *all = c->k->rules;
    struct situation *x = &c->sits.all[i];
    struct id id = x->id;
    uint32_t look;

    if (!all)
        return;
    situations_set_terms(&c->sits, i, holds_terms(c, x));
    look = holds_look(x);
    if (!x->terms || look == x->seen)
        return;
    x->seen = look;
    for (uint32_t k = 0; k < all->n; k++) {
        const struct rule *r = &all->v[k];

        if (r->form == RF_ABSENCE || !((r->first | r->then) & x->terms) ||
            (r->form != RF_RING && !is_recent(c, k, i, now_us)))
            continue;
        if (r->around == AROUND_PLACE)
            around_place(c, k, i, now_us);
        else if (r->around == AROUND_ROUTE)
            around_routes(c, k, i, now_us);
        else if (r->around)
            around_assets(c, k, i, now_us);
        /* Making room for an alert may have taken it, in a table as small as that. */
        if (!x->used || id_cmp(&x->id, &id) != 0)
            return;
        if (r->n_places && !x->area)
            around_named(c, k, i, now_us);
        if (!x->used || id_cmp(&x->id, &id) != 0)
            return;
    }
}

/* Of incidents that each make the pattern, those that the asset was told of. */
static void
drop_told(const struct core *c, struct yield *y, uint32_t asset, int64_t now_us)
{
    struct parts *p = &y->parts;
    uint32_t n = 0;

    for (uint32_t k = 0; k < p->n; k++)
        if (!is_told(c, y->rule, asset, &c->sits.all[p->of[k]], now_us))
            p->of[n++] = p->of[k];
    p->n = p->total = n;
}

static void
look_on_route(struct core *c, uint32_t rule, uint32_t asset, int64_t now_us)
{
    const char *name = picture_id(&c->picture, asset);
    struct yield y = {.rule = rule, .seed = {name, strlen(name)}};
    struct relation r = {.asset = asset, .contact_s = NO_CONTACT};

    if (!holds_on_route(c, rule, asset, now_us, &y.parts))
        return;
    if (is_each(&c->k->rules->v[rule]))
        drop_told(c, &y, asset, now_us);
    if (!y.parts.n)
        return;
    y.where = c->sits.all[y.parts.of[0]];
    (void)convoy_ahead(&c->picture, &c->picture.assets[asset], y.where.pt,
                       holds_reach_m(&c->k->rules->v[rule], &y.where), now_us,
                       &r.distance_m); /* it does; for the distance */
    list_asset(c, &y, &r);
    tell(c, &y, now_us);
}

static void
look_round(struct core *c, uint32_t rule, uint32_t asset, int64_t now_us)
{
    const struct pic_asset *a = &c->picture.assets[asset];
    const char *name = picture_id(&c->picture, asset);
    struct yield y = {.rule = rule, .seed = {name, strlen(name)}};
    struct relation r = {.asset = asset, .contact_s = NO_CONTACT};

    if (!holds_round(c, rule, asset, now_us, &y.parts))
        return;
    r.distance_m = geo_distance_m(a->pos, c->sits.all[y.parts.of[0]].pt);
    r.bearing_deg = (uint16_t)geo_bearing_deg(a->pos, c->sits.all[y.parts.of[0]].pt);
    list_asset(c, &y, &r);
    tell_round(c, &y, now_us);
}

void
patterns_look_asset(struct core *c, uint32_t asset, int64_t now_us)
{
    const struct rules *all = c->k->rules;
    const struct pic_asset *a = &c->picture.assets[asset];

    holds_forget(c, asset);
    for (uint32_t k = 0; all && k < all->n; k++) {
        const struct rule *r = &all->v[k];

        if (r->form == RF_ABSENCE || (!is_each(r) && is_told(c, k, asset, NULL, now_us)))
            continue;
        if (r->around == AROUND_ROUTE && !a->removed && a->n_route >= 2 &&
            (a->state == CONVOY_PLANNED || picture_is_moving(&c->picture, asset)))
            look_on_route(c, k, asset, now_us);
        else if (is_round(r, a))
            look_round(c, k, asset, now_us);
    }
}
