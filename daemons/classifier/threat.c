/* threat: see threat.h. */
#include "threat.h"

#include <string.h>

#include "compose.h"
#include "correlate.h"
#include "named.h"
#include "text.h"

#define POPULATED_M  2000
#define SAME_PLACE_M 5000

struct ranked {
    struct relation r;
    struct verdict v;
};

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
is_populated(const struct scene *v)
{
    const struct situation *x = &v->c->sits.all[v->sit];

    return x->population > 0 ||
           (v->c->k->gazetteer && gazetteer_nearest(v->c->k->gazetteer, x->pt, POPULATED_M));
}

/* Shots and blasts hit whoever is there, at whomever they were aimed. */
static bool
is_area_violence(const struct scene *v)
{
    return v->c->k->events[v->facts.event].attack || v->facts.event == EV_IED_MINE;
}

/* Is the place itself in danger: named, a village or town that violence is said to happen in, a
 * populated place near violence that was aimed at nobody in particular, or one that forces come to
 * which have done harm? */
static bool
is_place_threatened(const struct scene *v)
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
is_for(const struct scene *v, enum target t, uint32_t asset)
{
    return target_of(v->c, asset) == t &&
           (v->facts.event != EV_CRIME || (v->facts.named & TARGET_BIT(t)));
}

/* The folded name of the threatened place, made when a site first asks for it. */
struct place_name {
    const char *s;
    size_t len;
};

static struct place_name
folded(const struct scene *v, const char *name)
{
    struct place_name n = {.len = 0};

    n.s = text_fold(name, strlen(name), v->c->arena, &n.len);
    v->c->failed |= n.s == NULL;
    return n;
}

/* Is the configured site the threatened place itself? */
static bool
is_the_place(const struct scene *v, const struct relation *r, struct place_name *place)
{
    struct place_name site;

    if (v->c->picture.assets[r->asset].kind != ASSET_SITE || r->distance_m > SAME_PLACE_M)
        return false;
    if (!place->s)
        *place = folded(v, compose_place_name(v->c->k, &v->c->sits.all[v->sit]));
    site = folded(v, picture_name(&v->c->picture, r->asset));
    return site.s && place->s && site.len && site.len == place->len &&
           memcmp(site.s, place->s, site.len) == 0;
}

/* A town: where the place itself says nothing, the one that it lies in. */
static bool
is_populous(const struct scene *v)
{
    const struct situation *x = &v->c->sits.all[v->sit];
    const struct gaz_place *near = NULL;

    if (x->placed && !x->area && !x->population && v->c->k->gazetteer)
        near = gazetteer_nearest(v->c->k->gazetteer, x->pt, POPULATED_M);
    return !x->area && (x->population >= POPULOUS || (near && near->population >= POPULOUS));
}

static bool
is_in_reach(const struct scene *v, uint32_t asset)
{
    for (size_t i = 0; i < v->n_reach; i++)
        if (v->reach[i].asset == asset)
            return true;
    return false;
}

/* A convoy that the reports name, and that is not in reach by what is reckoned of it. */
static bool
relate_named(const struct scene *v, uint32_t asset, struct relation *out)
{
    const struct situation *x = &v->c->sits.all[v->sit];
    const struct pic_asset *a = &v->c->picture.assets[asset];
    struct geo_pt here;
    bool stale = false;

    *out = (struct relation){.asset = asset, .contact_s = NO_CONTACT};
    out->flags =
        (uint16_t)((a->air_cover == 0 ? REL_NO_AIR : 0) | (a->escort == 0 ? REL_NO_ESCORT : 0));
    if (v->facts.active) {
        out->contact_s = 0;
        out->flags |= REL_NEAR;
        return true;
    }
    if (!x->placed || x->area || !picture_where(&v->c->picture, asset, v->c->now_us, &here, &stale))
        return false;
    out->distance_m = geo_distance_m(here, x->pt);
    out->bearing_deg = (uint16_t)geo_bearing_deg(here, x->pt);
    out->flags |= stale ? REL_STALE : 0;
    return true;
}

/* Into the list, beside what is in reach, each once. */
static void
rank_named(const struct scene *v, struct ranked *list, uint32_t *n)
{
    const struct situations *s = &v->c->sits;
    const struct situation *x = &s->all[v->sit];
    uint32_t done[MAX_ASSETS], n_done = 0;

    if (!v->facts.timely || x->until_us <= v->c->now_us || x->status != ST_ACTUAL)
        return;
    for (uint32_t r = x->first_ref; r != NOTHING; r = s->refs[r].next)
        for (int i = 0; i < REF_CONVOYS && !(s->refs[r].flags & REF_SUPERSEDED); i++) {
            uint32_t mark = s->refs[r].convoys[i], asset, k = 0;
            struct ranked y;

            while (k < n_done && done[k] != mark)
                k++;
            if (!mark || k < n_done || n_done == MAX_ASSETS)
                continue;
            done[n_done++] = mark;
            asset = named_asset(&v->c->picture, mark);
            if (asset == NOTHING || is_in_reach(v, asset) || !relate_named(v, asset, &y.r))
                continue;
            assess(v->c->k, &v->facts, TG_CONVOY, &y.r, &y.v);
            rank(v->c, list, n, &y);
        }
}

void
threat_of(const struct scene *v, enum target t, struct threat *out)
{
    struct relation none = {.asset = RELATION_NONE, .contact_s = NO_CONTACT};
    struct relation place = {.asset = RELATION_PLACE, .contact_s = NO_CONTACT};
    bool place_threatened = t == TG_CIVILIANS && is_place_threatened(v);
    struct ranked list[MAX_ASSETS], x;
    struct place_name name = {.s = NULL};
    bool named = false; /* by its site */
    uint32_t n = 0;

    if (t == TG_CIVILIANS && is_populous(v))
        place.flags = REL_POPULOUS;
    for (size_t i = 0; i < v->n_reach; i++) {
        if (!is_for(v, t, v->reach[i].asset))
            continue;
        x.r = v->reach[i];
        if (t == TG_CIVILIANS && is_the_place(v, &x.r, &name)) {
            x.r.flags |= REL_PLACE | place.flags;
            named = true;
        }
        assess(v->c->k, &v->facts, t, &x.r, &x.v);
        rank(v->c, list, &n, &x);
    }
    if (t == TG_CONVOY)
        rank_named(v, list, &n);
    if (place_threatened && !named) {
        x.r = place;
        assess(v->c->k, &v->facts, t, &x.r, &x.v);
        rank(v->c, list, &n, &x);
    }
    out->any = n || (v->facts.named & TARGET_BIT(t));
    if (!out->any)
        return;
    if (n)
        out->v = list[0].v;
    else
        assess(v->c->k, &v->facts, t, &none, &out->v);
    for (uint32_t i = 0; i < n; i++)
        out->list[i] = list[i].r;
    if (t == TG_CIVILIANS && !place_threatened && !named) {
        n = n < MAX_ASSETS ? n : MAX_ASSETS - 1;
        out->list[n++] = place;
    }
    out->n = n;
}
