/* holds: see holds.h. What is chosen among many is chosen by time and id, never by their order in
 * the index. */
#include "holds.h"

#include <string.h>

#include "convoy.h"
#include "timefmt.h"

#define MAX_SIDES    32   /* armed actors round one place; with more there is no ring of one side */
#define RING_INNER_M 5000 /* nearer, an incident lies in no direction */
/* So much older ones are marked too: within its hour the time of one moves on unseen. */
#define SLACK_US HOUR_US

struct ring {
    uint16_t sides[MAX_SIDES];
    uint8_t sectors[MAX_SIDES]; /* of each side */
    uint8_t nobody, all;        /* of incidents that name nobody; of all */
    uint32_t n;
    bool too_many;
    struct sector_marks marks;
    uint32_t best[SECTORS]; /* second pass: the latest of each, of this side or of nobody */
    uint16_t side;
};

/* What a visit of the index is for. */
struct visit {
    const struct core *c;
    const struct rule *r;
    uint64_t mask;
    int64_t since_us, now_us;
    struct geo_pt at;
    uint64_t place_key; /* regions: of the same place */
    uint32_t asset;     /* of a route */
    uint32_t half;      /* of a sequence, the situation whose other half is looked for */
    bool first;         /* it is the first half */
    struct parts *parts;
    struct ring ring;
};
typedef void visit_fn(struct visit *v, uint32_t i);

/* ---- kinds of incidents */

static bool
is_of_class(const struct core *c, const struct situation *x, uint32_t classes)
{
    for (uint32_t r = x->first_ref; r != NOTHING; r = c->sits.refs[r].next)
        if (!(c->sits.refs[r].flags & REF_SUPERSEDED) &&
            (classes >> c->sits.refs[r].source_class & 1))
            return true;
    return false;
}

static bool
is_by(const struct situation *x, uint16_t side)
{
    for (int i = 0; i < SIT_SIDES && x->sides[i]; i++)
        if (x->sides[i] == side)
            return true;
    return false;
}

static bool
is_in_hours(const struct situation *x, unsigned from, unsigned to)
{
    unsigned h = (unsigned)(x->from_us / HOUR_US % 24);

    if (from == to)
        return true;
    return from < to ? h >= from && h < to : h >= from || h < to;
}

static bool
is_one_of(const struct core *c, const struct situation *x, const struct rule_term *t)
{
    return (t->events >> x->event & 1) && (t->modes >> x->mode & 1) &&
           (t->places & (x->area ? TERM_REGION : TERM_POINT)) &&
           (!t->targets || (t->targets & x->named)) && (t->marks & x->marks) == t->marks &&
           (t->grade != GRADE_NOT_LOW || !x->low_grade) &&
           (t->grade != GRADE_HIGH || x->high_grade) && is_in_hours(x, t->hour_from, t->hour_to) &&
           (!t->side || is_by(x, t->side)) && (!t->classes || is_of_class(c, x, t->classes));
}

uint64_t
holds_terms(const struct core *c, const struct situation *x)
{
    const struct rules *all = c->k->rules;
    uint64_t bits = 0;

    if (x->rule || !x->placed || x->status != ST_ACTUAL)
        return 0;
    for (uint32_t i = 0; i < all->n_terms; i++)
        if (is_one_of(c, x, &all->terms[i]))
            bits |= UINT64_C(1) << i;
    return bits;
}

bool
holds_is(const struct core *c, const struct situation *x, uint64_t terms)
{
    return (holds_terms(c, x) & terms) != 0;
}

uint32_t
holds_look(const struct situation *x)
{
    uint64_t h = key_mix((uint64_t)(uint32_t)x->pt.lat << 32 | (uint32_t)x->pt.lon, x->terms);

    for (int i = 0; i < SIT_SIDES; i++)
        h = key_mix(h, x->sides[i]);
    return (uint32_t)key_mix(h, (uint64_t)(x->to_us / HOUR_US)) | 1;
}

/* ---- visiting the index */

static bool
is_later(const struct core *c, uint32_t a, uint32_t b)
{
    const struct situation *x = &c->sits.all[a], *y = &c->sits.all[b];

    return x->to_us != y->to_us ? x->to_us > y->to_us : id_cmp(&x->id, &y->id) < 0;
}

static void
add_part(const struct core *c, struct parts *p, uint32_t i)
{
    uint32_t at = p->n;

    p->total++;
    while (at && is_later(c, i, p->of[at - 1]))
        at--;
    if (at == MAX_PARTS)
        return;
    p->n += p->n < MAX_PARTS;
    memmove(&p->of[at + 1], &p->of[at], (p->n - 1 - at) * sizeof p->of[0]);
    p->of[at] = i;
}

static void
visit(struct visit *v, uint64_t key, visit_fn *fn)
{
    const struct situations *s = &v->c->sits;

    for (uint32_t i = buckets_first(&s->by_pattern, key); i != NOTHING;
         i = buckets_next(&s->by_pattern, i))
        if ((s->terms[i].terms & v->mask) && s->terms[i].to_us >= v->since_us)
            fn(v, i);
}

static void
visit_cells(struct visit *v, struct cells cells, visit_fn *fn)
{
    CELLS_EACH(cells, SALT_PATTERN, key)
    visit(v, key, fn);
}

static void
on_near(struct visit *v, uint32_t i)
{
    const struct situation *x = &v->c->sits.all[i];

    if (!x->area && geo_within_m(x->pt, v->at, v->r->distance_m))
        add_part(v->c, v->parts, i);
}

static void
on_region(struct visit *v, uint32_t i)
{
    const struct situation *x = &v->c->sits.all[i];

    if (x->area && x->place_key == v->place_key)
        add_part(v->c, v->parts, i);
}

uint32_t
holds_reach_m(const struct rule *r, const struct situation *x)
{
    return x->area ? x->radius_m / 2 : r->distance_m;
}

static void
on_route(struct visit *v, uint32_t i)
{
    const struct situation *x = &v->c->sits.all[i];
    uint32_t off_m;

    if (convoy_ahead(&v->c->picture, &v->c->picture.assets[v->asset], x->pt, holds_reach_m(v->r, x),
                     v->now_us, &off_m))
        add_part(v->c, v->parts, i);
}

/* ---- rings */

static uint32_t
sector_of(struct geo_pt from, struct geo_pt to)
{
    return (geo_bearing_deg(from, to) * 2 + 45) / 90 % SECTORS;
}

static bool
lies_round(const struct visit *v, const struct situation *x)
{
    return !x->area && geo_within_m(x->pt, v->at, v->r->distance_m) &&
           !geo_within_m(x->pt, v->at, RING_INNER_M);
}

static void
add_to_side(struct ring *g, uint16_t side, uint32_t sector)
{
    uint32_t k = 0;

    while (k < g->n && g->sides[k] != side)
        k++;
    if (k == MAX_SIDES) {
        g->too_many = true;
        return;
    }
    if (k == g->n) {
        g->sides[g->n++] = side;
        g->sectors[k] = 0;
    }
    g->sectors[k] = (uint8_t)(g->sectors[k] | 1u << sector);
}

static void
mark(struct sector_marks *m, const struct situation *x, uint32_t sector)
{
    uint8_t bit = (uint8_t)(1u << sector);

    m->all |= bit;
    if (!x->sides[0])
        m->nobody |= bit;
    for (int k = 0; k < SIT_SIDES && x->sides[k]; k++)
        m->slots[x->sides[k] % SIDE_SLOTS] |= bit;
}

static void
on_sector(struct visit *v, uint32_t i)
{
    const struct situation *x = &v->c->sits.all[i];
    uint32_t sector;

    if (!lies_round(v, x))
        return;
    sector = sector_of(v->at, x->pt);
    mark(&v->ring.marks, x, sector);
    if (x->to_us < v->since_us + SLACK_US)
        return;
    v->ring.all = (uint8_t)(v->ring.all | 1u << sector);
    if (!x->sides[0])
        v->ring.nobody = (uint8_t)(v->ring.nobody | 1u << sector);
    for (int k = 0; k < SIT_SIDES && x->sides[k]; k++)
        if (x->sides[k] != SIDE_FORCES)
            add_to_side(&v->ring, x->sides[k], sector);
}

static void
on_best(struct visit *v, uint32_t i)
{
    const struct situation *x = &v->c->sits.all[i];
    uint32_t *best;

    if (!lies_round(v, x) || x->to_us < v->since_us + SLACK_US ||
        (v->ring.side != SIDE_NONE && x->sides[0] && !is_by(x, v->ring.side)))
        return;
    best = &v->ring.best[sector_of(v->at, x->pt)];
    if (*best == NOTHING || is_later(v->c, i, *best))
        *best = i;
}

/* The side that holds most sectors with those that name nobody, the lowest of equals: how many. */
static uint32_t
strongest(struct ring *g)
{
    uint32_t most = 0;

    g->side = SIDE_NONE;
    for (uint32_t k = 0; k < g->n && !g->too_many; k++) {
        uint32_t n = (uint32_t)__builtin_popcount((unsigned)g->sectors[k] | g->nobody);

        if (n > most || (n == most && g->sides[k] < g->side)) {
            most = n;
            g->side = g->sides[k];
        }
    }
    return most;
}

static bool
may_ring(const struct rule *r, const struct sector_marks *m)
{
    bool may = !r->one_side && (uint32_t)__builtin_popcount(m->all) >= r->at_least;

    for (int k = 0; k < SIDE_SLOTS; k++)
        may |= r->one_side && m->slots[k] &&
               (uint32_t)__builtin_popcount((unsigned)m->slots[k] | m->nobody) >= r->at_least;
    return may;
}

static bool
is_ringed(struct visit *v, struct sector_marks *marks)
{
    struct cells cells = cells_around(v->at, v->r->distance_m);
    struct ring *g = &v->ring;

    v->since_us -= SLACK_US;
    visit_cells(v, cells, on_sector);
    *marks = g->marks;
    if ((v->r->one_side ? strongest(g) : (uint32_t)__builtin_popcount(g->all)) < v->r->at_least)
        return false;
    for (int k = 0; k < SECTORS; k++)
        g->best[k] = NOTHING;
    visit_cells(v, cells, on_best);
    for (int k = 0; k < SECTORS; k++)
        if (g->best[k] != NOTHING)
            add_part(v->c, v->parts, g->best[k]);
    return true;
}

/* ---- does a rule hold? */

static struct visit
visit_for(const struct core *c, uint32_t rule, int64_t now_us, struct parts *parts)
{
    const struct rule *r = &c->k->rules->v[rule];

    *parts = (struct parts){.n = 0};
    return (struct visit){.c = c,
                          .r = r,
                          .mask = r->first,
                          .since_us = now_us - r->within_us,
                          .now_us = now_us,
                          .parts = parts};
}

bool
holds_at(const struct core *c, uint32_t rule, struct geo_pt at, int64_t now_us, struct parts *parts)
{
    struct visit v = visit_for(c, rule, now_us, parts);

    v.at = at;
    visit_cells(&v, cells_around(at, v.r->distance_m), on_near);
    return parts->total >= v.r->at_least;
}

bool
holds_ring(struct core *c, uint32_t rule, uint32_t subject, struct geo_pt at, int64_t now_us,
           struct parts *parts)
{
    struct visit v = visit_for(c, rule, now_us, parts);
    struct sector_marks *marks = &c->marks[rule][subject];

    v.at = at;
    return may_ring(v.r, marks) && is_ringed(&v, marks);
}

void
holds_note(struct core *c, uint32_t rule, uint32_t subject, struct geo_pt at, uint32_t i)
{
    mark(&c->marks[rule][subject], &c->sits.all[i], sector_of(at, c->sits.all[i].pt));
}

void
holds_forget(struct core *c, uint32_t asset)
{
    for (int i = 0; i < MAX_RULES; i++)
        if (c->marks[i])
            memset(&c->marks[i][asset], 0xff, sizeof c->marks[i][asset]);
}

bool
holds_on_route(const struct core *c, uint32_t rule, uint32_t asset, int64_t now_us,
               struct parts *parts)
{
    const struct pic_asset *a = &c->picture.assets[asset];
    struct visit v = visit_for(c, rule, now_us, parts);

    v.asset = asset;
    visit_cells(&v, cells_box(a->low, a->high, v.r->distance_m), on_route);
    visit(&v, PATTERN_REGIONS, on_route);
    return parts->total >= v.r->at_least;
}

bool
holds_in_region(const struct core *c, uint32_t rule, uint64_t place_key, int64_t now_us,
                struct parts *parts)
{
    struct visit v = visit_for(c, rule, now_us, parts);

    v.place_key = place_key;
    visit(&v, PATTERN_REGIONS, on_region);
    return parts->total >= v.r->at_least;
}

/* The other half, before or after this one as the rule asks. */
static void
on_other(struct visit *v, uint32_t i)
{
    const struct situation *x = &v->c->sits.all[v->half], *o = &v->c->sits.all[i];

    if (i != v->half && (v->r->either || (v->first ? o->to_us >= x->to_us : o->to_us <= x->to_us)))
        on_near(v, i);
}

bool
holds_sequence(const struct core *c, uint32_t rule, uint32_t i, bool is_first, int64_t now_us,
               struct parts *parts)
{
    struct visit v = visit_for(c, rule, now_us, parts);

    v.mask = is_first ? v.r->then : v.r->first;
    v.at = c->sits.all[i].pt;
    v.half = i;
    v.first = is_first;
    visit_cells(&v, cells_around(v.at, v.r->distance_m), on_other);
    if (!parts->total)
        return false;
    parts->n -= parts->n == MAX_PARTS; /* its own half is named in any case */
    add_part(c, parts, i);
    return true;
}
