/* picture_reach: which assets a danger reaches; declared in picture.h. Standing ones by the cells
 * of the map, convoys one by one, passed over by what their routes cover. */
#include "picture.h"

#include "convoy.h"
#include "timefmt.h"

#define SMALL_BASE 30 /* people; fewer cannot hold out until help comes */

static bool
relate_standing(const struct pic_asset *a, const struct danger *d, int64_t now_us,
                struct relation *out)
{
    uint32_t m;
    struct civil day;

    if (!geo_within_m(a->pos, d->pt, d->reach_m))
        return false;
    m = geo_distance_m(a->pos, d->pt);
    out->distance_m = m;
    out->bearing_deg = (uint16_t)geo_bearing_deg(a->pos, d->pt);
    out->flags = m <= d->reach_m / 2 ? REL_NEAR : 0;
    out->contact_s = NO_CONTACT;
    if (a->kind == ASSET_BASE && a->strength >= 0 && a->strength < SMALL_BASE)
        out->flags |= REL_SMALL;
    if (a->kind == ASSET_SITE && a->displaced > 0)
        out->flags |= REL_DISPLACED;
    if (a->kind == ASSET_SITE && a->population >= POPULOUS)
        out->flags |= REL_POPULOUS;
    time_to_civil(now_us, &day);
    if (a->kind == ASSET_SITE && (a->market_days >> day.weekday & 1))
        out->flags |= REL_MARKET;
    return true;
}

bool
picture_relate(const struct picture *p, uint32_t i, const struct danger *d, int64_t now_us,
               struct relation *out)
{
    const struct pic_asset *a = &p->assets[i];

    *out = (struct relation){.asset = i, .contact_s = NO_CONTACT};
    if (a->removed)
        return false;
    if (a->kind == ASSET_CONVOY)
        return picture_is_moving(p, i) && convoy_relate(p, a, d, now_us, out);
    return a->has_pos && relate_standing(a, d, now_us, out);
}

bool
picture_where(const struct picture *p, uint32_t i, int64_t now_us, struct geo_pt *out, bool *stale)
{
    const struct pic_asset *a = &p->assets[i];

    *stale = false;
    if (a->kind == ASSET_CONVOY)
        return convoy_where(p, a, now_us, out, stale);
    *out = a->pos;
    return a->has_pos;
}

/* Keeps r when there is room, or when it is nearer than the farthest kept; ties by number. */
static void
keep(struct relation *out, size_t *n, size_t max, const struct relation *r)
{
    size_t worst = 0;

    if (*n < max) {
        out[(*n)++] = *r;
        return;
    }
    for (size_t i = 1; i < *n; i++)
        if (out[i].distance_m > out[worst].distance_m ||
            (out[i].distance_m == out[worst].distance_m && out[i].asset > out[worst].asset))
            worst = i;
    if (r->distance_m < out[worst].distance_m ||
        (r->distance_m == out[worst].distance_m && r->asset < out[worst].asset))
        out[worst] = *r;
}

size_t
picture_reach(const struct picture *p, const struct danger *d, int64_t now_us, struct relation *out,
              size_t max)
{
    struct cells c = cells_around(d->pt, d->reach_m);
    struct relation r;
    size_t n = 0;

    CELLS_EACH(c, PICTURE_CELLS, key)
    for (uint32_t i = buckets_first(&p->by_cell, key); i != NOTHING;
         i = buckets_next(&p->by_cell, i))
        if (picture_relate(p, i, d, now_us, &r))
            keep(out, &n, max, &r);
    for (uint32_t k = 0; k < p->n_moving; k++)
        if (convoy_near_box(p->moving[k].low, p->moving[k].high, d->pt, d->reach_m) &&
            picture_relate(p, p->moving[k].asset, d, now_us, &r))
            keep(out, &n, max, &r);
    return n;
}

size_t
picture_routes(const struct picture *p, struct geo_pt pt, uint32_t m, int64_t now_us,
               struct relation *out, size_t max)
{
    size_t n = 0;

    for (uint32_t k = 0; k < p->n_routed && n < max; k++) {
        uint32_t i = p->routed[k].asset;

        if (!convoy_near_box(p->routed[k].low, p->routed[k].high, pt, m))
            continue;
        out[n] = (struct relation){.asset = i, .contact_s = NO_CONTACT};
        if (!convoy_ahead(p, &p->assets[i], pt, m, now_us, &out[n].distance_m))
            continue;
        n++;
    }
    return n;
}

size_t
picture_bases(const struct picture *p, struct geo_pt pt, uint32_t m, uint32_t *out, size_t max)
{
    struct cells c = cells_around(pt, m);
    size_t n = 0;

    CELLS_EACH(c, PICTURE_CELLS, key)
    for (uint32_t i = buckets_first(&p->by_cell, key); i != NOTHING && n < max;
         i = buckets_next(&p->by_cell, i))
        if (p->assets[i].kind == ASSET_BASE && geo_within_m(p->assets[i].pos, pt, m))
            out[n++] = i;
    return n;
}
