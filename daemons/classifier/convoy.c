/* convoy: see convoy.h. Speeds are in cm/s, so that 40 km/h (1111) keeps three figures. */
#include "convoy.h"

#include <string.h>

#include "timefmt.h"

#define PASSED_M     1000
#define UNSURE_MAX_M 25000 /* how far behind the reckoned place a convoy may be */
#define HALT_OFF_M   2000  /* a halt lies so near the route */
#define HALT_STEP_M  1000
#define HALT_LOOK    60 /* steps */

static struct geo_pt
vertex(const struct picture *p, const struct pic_asset *a, uint32_t i)
{
    struct geo_pt pt;

    memcpy(&pt, p->pool + a->route + (size_t)i * sizeof pt, sizeof pt);
    return pt;
}

static uint32_t
metres_at(const struct picture *p, const struct pic_asset *a, uint32_t i)
{
    uint32_t m;

    memcpy(&m, p->pool + a->along + (size_t)i * sizeof m, sizeof m);
    return m;
}

static int64_t
time_at(const struct picture *p, const struct pic_asset *a, uint32_t i)
{
    int64_t t;

    memcpy(&t, p->pool + a->schedule + (size_t)i * sizeof t, sizeof t);
    return t;
}

static uint32_t
metres_on_segment(const struct picture *p, const struct pic_asset *a, uint32_t i, uint32_t permille)
{
    uint64_t from = metres_at(p, a, i), to = metres_at(p, a, i + 1);

    return (uint32_t)(from + (to - from) * permille / 1000);
}

uint32_t
convoy_along(const struct picture *p, const struct pic_asset *a, struct geo_pt pt)
{
    uint32_t best = UINT32_MAX, along = 0;

    for (uint32_t i = 0; i + 1 < a->n_route; i++) {
        uint32_t permille, m = geo_segment_m(pt, vertex(p, a, i), vertex(p, a, i + 1), &permille);

        if (m < best) {
            best = m;
            along = metres_on_segment(p, a, i, permille);
        }
    }
    return along;
}

/* Its own speed, else that of its timetable, else the configured one. */
static uint32_t
speed_of(const struct picture *p, const struct pic_asset *a)
{
    int64_t took;

    if (a->speed_cmps)
        return a->speed_cmps;
    if (a->n_schedule >= 2 && a->n_schedule == a->n_route) {
        took = (time_at(p, a, a->n_schedule - 1) - time_at(p, a, 0)) / SECOND_US;
        if (took > 0 && a->length_m / took > 0)
            return (uint32_t)((uint64_t)a->length_m * 100 / (uint64_t)took);
    }
    return p->speed_cmps;
}

/* Metres that it covers from `from` to `to`, at most the whole route. */
static uint32_t
covered(const struct pic_asset *a, uint32_t speed, int64_t from, int64_t to)
{
    uint64_t m;

    if (to <= from)
        return 0;
    m = (uint64_t)((to - from) / 1000) * speed / 100000;
    return m < a->length_m ? (uint32_t)m : a->length_m;
}

static uint32_t
by_timetable(const struct picture *p, const struct pic_asset *a, uint32_t speed, int64_t now_us)
{
    int64_t t = now_us - a->late_us;

    if (a->n_schedule != a->n_route || a->n_schedule < 2)
        return covered(a, speed, time_at(p, a, 0), t);
    if (t <= time_at(p, a, 0))
        return 0;
    for (uint32_t i = 0; i + 1 < a->n_schedule; i++) {
        int64_t from = time_at(p, a, i), to = time_at(p, a, i + 1);

        if (t < to)
            return metres_on_segment(p, a, i, (uint32_t)((t - from) * 1000 / (to - from)));
    }
    return a->length_m;
}

/* Metres along the route at now_us. */
static uint32_t
progress(const struct picture *p, const struct pic_asset *a, int64_t now_us, bool *stale)
{
    uint32_t speed = speed_of(p, a), from = 0, done;
    int64_t since = a->state_us;

    if (a->state == CONVOY_HALTED) {
        now_us = a->state_us;
        if (a->fix_us) {
            *stale = false;
            return a->fix_along_m;
        }
    }
    *stale = !a->fix_us || now_us - a->fix_us > p->stale_us;
    if (!*stale || (a->fix_us && !a->n_schedule)) {
        from = a->fix_along_m;
        since = a->fix_us;
    } else if (a->n_schedule) {
        return by_timetable(p, a, speed, now_us);
    }
    done = since ? covered(a, speed, since, now_us) : 0;
    return a->length_m - from < done ? a->length_m : from + done;
}

/* How far behind the reckoned place it may be: slow convoys are the rule. */
static uint32_t
unsure(const struct pic_asset *a, uint32_t here_m, bool stale)
{
    uint32_t known_m = a->fix_us ? a->fix_along_m : 0, m;

    if (!stale || here_m <= known_m)
        return 0;
    m = (here_m - known_m) / 4;
    return m < UNSURE_MAX_M ? m : UNSURE_MAX_M;
}

/* From here on it may be: what lies between its last position and where that puts it now is as far
 * as its speed is uncertain, all of it. */
static uint32_t
surely_passed(const struct pic_asset *a, uint32_t here_m, bool stale)
{
    return !stale && a->fix_us && a->fix_along_m < here_m ? a->fix_along_m : here_m;
}

static struct geo_pt
point_at(const struct picture *p, const struct pic_asset *a, uint32_t m)
{
    uint32_t i = 0, from, to;

    while (i + 2 < a->n_route && metres_at(p, a, i + 1) < m)
        i++;
    from = metres_at(p, a, i);
    to = metres_at(p, a, i + 1);
    if (to == from || m <= from)
        return vertex(p, a, i);
    return geo_between(vertex(p, a, i), vertex(p, a, i + 1),
                       (uint32_t)((uint64_t)(m - from) * 1000 / (to - from)));
}

bool
convoy_where(const struct picture *p, const struct pic_asset *a, int64_t now_us, struct geo_pt *out,
             bool *stale)
{
    if (a->n_route >= 2 && a->state != CONVOY_HALTED) {
        *out = point_at(p, a, progress(p, a, now_us, stale));
        return true;
    }
    *stale = !a->fix_us || now_us - a->fix_us > p->stale_us;
    if (a->fix_us) {
        *out = a->fix;
        return true;
    }
    if (a->n_route >= 2) {
        *out = point_at(p, a, progress(p, a, now_us, stale));
        return true;
    }
    *out = a->pos;
    return a->has_pos;
}

/* Where the route, from `from_m` on and PASSED_M before, first comes nearest to the danger within
 * its reach: the best point of the first run of segments in reach. */
static bool
first_approach(const struct picture *p, const struct pic_asset *a, const struct danger *d,
               uint32_t from_m, uint32_t *at_m, uint32_t *off_m)
{
    bool found = false;

    for (uint32_t i = 0; i + 1 < a->n_route; i++) {
        struct geo_pt s = vertex(p, a, i), e = vertex(p, a, i + 1);
        struct geo_pt low = {s.lat < e.lat ? s.lat : e.lat, s.lon < e.lon ? s.lon : e.lon};
        struct geo_pt high = {s.lat > e.lat ? s.lat : e.lat, s.lon > e.lon ? s.lon : e.lon};
        uint32_t permille = 0, off, at;

        if (metres_at(p, a, i + 1) + PASSED_M < from_m)
            continue;
        off = convoy_near_box(low, high, d->pt, d->reach_m) ? geo_segment_m(d->pt, s, e, &permille)
                                                            : UINT32_MAX;
        if (off > d->reach_m) {
            if (found)
                break;
            continue;
        }
        at = metres_on_segment(p, a, i, permille);
        if (at + PASSED_M < from_m || (found && off >= *off_m))
            continue;
        found = true;
        *off_m = off;
        *at_m = at;
    }
    return found;
}

bool
convoy_ahead(const struct picture *p, const struct pic_asset *a, struct geo_pt pt, uint32_t m,
             int64_t now_us, uint32_t *off_m)
{
    const struct danger d = {.pt = pt, .reach_m = m};
    uint32_t at_m = 0;
    bool stale;

    if (a->n_route < 2)
        return false;
    return first_approach(p, a, &d, a->state == CONVOY_PLANNED ? 0 : progress(p, a, now_us, &stale),
                          &at_m, off_m);
}

static uint16_t
vulnerability(const struct pic_asset *a)
{
    return (uint16_t)((a->air_cover == 0 ? REL_NO_AIR : 0) | (a->escort == 0 ? REL_NO_ESCORT : 0));
}

static uint16_t
minutes(int64_t s)
{
    return (uint16_t)(s / 60 < UINT16_MAX ? s / 60 : UINT16_MAX);
}

static void
set_age(const struct pic_asset *a, int64_t now_us, struct relation *out)
{
    if (!a->fix_us)
        return;
    out->flags |= REL_FIXED;
    out->fix_min = minutes(now_us > a->fix_us ? (now_us - a->fix_us) / SECOND_US : 0);
}

/* Without a route, or halted: only where it is counts. */
static bool
relate_here(const struct picture *p, const struct pic_asset *a, const struct danger *d,
            int64_t now_us, struct relation *out)
{
    struct geo_pt here;
    bool stale;

    if (!convoy_where(p, a, now_us, &here, &stale) ||
        (stale && a->state != CONVOY_HALTED && a->n_route < 2) ||
        !geo_within_m(here, d->pt, d->reach_m))
        return false;
    out->distance_m = geo_distance_m(here, d->pt);
    out->bearing_deg = (uint16_t)geo_bearing_deg(here, d->pt);
    out->flags = vulnerability(a);
    if (out->distance_m <= d->reach_m / 2)
        out->flags |= REL_NEAR;
    if (a->state == CONVOY_HALTED)
        out->flags |= REL_HALTED;
    if (stale)
        out->flags |= REL_STALE;
    set_age(a, now_us, out);
    return true;
}

bool
convoy_relate(const struct picture *p, const struct pic_asset *a, const struct danger *d,
              int64_t now_us, struct relation *out)
{
    uint32_t here_m, from_m, at_m = 0, off_m = 0, speed;
    struct geo_pt here;
    int64_t contact_s;
    bool stale;

    /* In the air a road's dangers do not count. */
    if (a->mode == TRAVEL_AIR && d->event != EV_AIR_STRIKE && d->event != EV_INDIRECT_FIRE &&
        d->event != EV_ACCESS_DENIAL)
        return false;
    if (a->state == CONVOY_HALTED || a->n_route < 2)
        return relate_here(p, a, d, now_us, out);
    here_m = progress(p, a, now_us, &stale);
    from_m = stale ? here_m - unsure(a, here_m, stale) : surely_passed(a, here_m, stale);
    if (!first_approach(p, a, d, from_m, &at_m, &off_m))
        return false;
    here = point_at(p, a, here_m);
    out->bearing_deg = (uint16_t)geo_bearing_deg(here, d->pt);
    out->flags = (uint16_t)(vulnerability(a) | (stale ? REL_STALE : 0));
    set_age(a, now_us, out);
    if (at_m <= here_m) {
        out->distance_m = geo_distance_m(here, d->pt);
        if (stale && at_m + PASSED_M < here_m)
            return true; /* it may not have passed it yet, or has */
        out->contact_s = 0;
        out->flags |= REL_NEAR;
        return true;
    }
    speed = speed_of(p, a);
    out->distance_m = at_m - here_m;
    contact_s = speed ? (int64_t)out->distance_m * 100 / speed : INT32_MAX;
    if (now_us + contact_s * SECOND_US > d->until_us && d->until_us != INT64_MAX)
        return false;
    out->contact_s = contact_s < INT32_MAX ? (int32_t)contact_s : INT32_MAX;
    if (off_m <= 2000 + d->radius_m)
        out->flags |= REL_ON_ROUTE;
    return true;
}

/* ---- the last safe halt */

/* The base or site nearest to pt within HALT_OFF_M, NOTHING; ties by number. */
static uint32_t
standing_near(const struct picture *p, struct geo_pt pt)
{
    struct cells c = cells_around(pt, HALT_OFF_M);
    uint32_t best = NOTHING, best_m = 0;

    CELLS_EACH(c, PICTURE_CELLS, key)
    for (uint32_t i = buckets_first(&p->by_cell, key); i != NOTHING;
         i = buckets_next(&p->by_cell, i)) {
        uint32_t m;

        if (!geo_within_m(p->assets[i].pos, pt, HALT_OFF_M))
            continue;
        m = geo_distance_m(p->assets[i].pos, pt);
        if (best == NOTHING || m < best_m || (m == best_m && i < best)) {
            best = i;
            best_m = m;
        }
    }
    return best;
}

static bool
is_halt(const struct danger *d, uint32_t safe_m, const struct halt_guard *guard, struct geo_pt pt)
{
    return !geo_within_m(pt, d->pt, safe_m) && (!guard || guard->is_safe(guard->arg, pt));
}

/* The way there, and its minutes; false when it lies behind. m: a point of the route near by. */
static bool
set_halt(const struct picture *p, const struct pic_asset *a, struct geo_pt pt, uint32_t here_m,
         uint32_t m, uint32_t speed, struct relation *r)
{
    uint32_t along = convoy_along(p, a, pt);

    if (along < m && m - along <= 2 * HALT_OFF_M)
        m = along;
    if (m < here_m)
        return false;
    r->halt_min = minutes((int64_t)(m - here_m) * 100 / speed);
    return true;
}

/* Back along the route from where it meets the danger: the first point out of safe_m. */
static bool
last_free_point(const struct picture *p, const struct pic_asset *a, const struct danger *d,
                uint32_t safe_m, uint32_t here_m, uint32_t *at_m)
{
    while (geo_within_m(point_at(p, a, *at_m), d->pt, safe_m)) {
        if (*at_m < here_m + HALT_STEP_M)
            return false;
        *at_m -= HALT_STEP_M;
    }
    return true;
}

void
convoy_halt(const struct picture *p, const struct gazetteer *g, const struct danger *d,
            int64_t now_us, const struct halt_guard *guard, struct relation *r)
{
    const struct pic_asset *a = &p->assets[r->asset];
    uint32_t safe_m = (d->reach_m - d->radius_m) / 2 + d->radius_m, here_m, at_m, speed, m;
    bool stale;

    if (r->contact_s == NO_CONTACT || r->contact_s == 0 || a->n_route < 2)
        return;
    here_m = progress(p, a, now_us, &stale);
    speed = speed_of(p, a);
    at_m = here_m + r->distance_m;
    if (!geo_within_m(point_at(p, a, at_m), d->pt, safe_m))
        safe_m = d->reach_m;
    if (!speed || !last_free_point(p, a, d, safe_m, here_m, &at_m))
        return;
    r->flags |= REL_CAN_HALT;
    m = at_m;
    for (int i = 0; i < HALT_LOOK; i++, m -= HALT_STEP_M) {
        struct geo_pt pt = point_at(p, a, m);
        uint32_t base = standing_near(p, pt);
        const struct gaz_place *place = g ? gazetteer_nearest(g, pt, HALT_OFF_M) : NULL;

        if (base != NOTHING && is_halt(d, safe_m, guard, p->assets[base].pos) &&
            set_halt(p, a, p->assets[base].pos, here_m, m, speed, r)) {
            r->halt = base;
            return;
        }
        if (place && is_halt(d, safe_m, guard, place->pt) &&
            set_halt(p, a, place->pt, here_m, m, speed, r)) {
            r->halt = HALT_PLACE | gazetteer_number(g, place);
            return;
        }
        if (m < here_m + HALT_STEP_M)
            break;
    }
    r->halt = RELATION_NONE;
    r->halt_min = minutes((int64_t)(at_m - here_m) * 100 / speed);
}
