/* place_read: the place that a passage speaks of.
 *
 * Three steps. Every name in the text is found with its candidates (place_mention); homonyms are
 * told apart by the country and the other names of the report, the source's own place and size
 * (place_choose); then each way to read a place out of them (plain name, offset, between two, along
 * a road) is scored by how it is spoken of, and the best one stands, the first of equals. A reading
 * is replaced by a plain name that lies where it points: the name is more exact. What nothing
 * decides is marked ambiguous, with the candidates inside the radius as far as that may grow. */
#include "place_read.h"

#include <string.h>

#include "place_relate.h"
#include "place_words.h"

#define LEAST_M     1000   /* no two places are told apart closer */
#define DOUBT_M     100000 /* the widest that an ambiguous name is made */
#define ROAD_M      30000  /* how far from a town "the road to it" is taken for */
#define ALONG_M     5000   /* how far a road of ours runs from the true one */
#define WIDE_AREA_M 250000 /* a region so wide says nothing of a road in it */
#define UNKNOWN_M   50000  /* how far from a town a village beside its name may be */

/* How a place was read, the stronger the higher. */
enum score {
    SCORE_OFFSET = 14,
    SCORE_BETWEEN = 12,
    SCORE_VAGUE = 11,
    SCORE_SAID = 10,
    SCORE_AXIS = 9,
    SCORE_TRIP = 8,
    SCORE_NAMED = 6,
    SCORE_CONTAINER = 5,
    SCORE_FIRST_END = 4,
    SCORE_OTHER_END = 3
};

/* The town that an area is named for: the one that stood among the candidates, or a region's. */
static const struct gaz_place *
seat_of(const struct gazetteer *g, const struct gaz_place *area, const struct gaz_place *seat)
{
    if (seat == NULL && area->kind == GAZ_REGION &&
        gazetteer_lookup_key(g, area->admin1, strlen(area->admin1), &seat, 1) == 0)
        return NULL;
    return seat != NULL && seat->kind == GAZ_POPULATED && mention_known(seat) &&
                   area_holds(area, seat)
               ? seat
               : NULL;
}

/* A name alone. An area is set down at its seat, as those who code such reports do (ACLED, where no
 * more is known than the province), for most people live there; the radius still covers all. */
static void
plain(const struct query *q, const struct mention *m, struct reading *r)
{
    const struct gaz_place *c = m->cand[m->pick], *seat;

    memset(r, 0, sizeof *r);
    r->place.pt = c->pt;
    r->place.radius_m = c->radius_m;
    r->place.name = c->name;
    r->place.area = c->kind == GAZ_REGION || c->kind == GAZ_DISTRICT;
    r->place.method = r->place.area             ? "area"
                      : c->kind == GAZ_ROAD     ? "road"
                      : m->match == MATCH_EXACT ? "gazetteer"
                                                : "spelling";
    r->place.gazetteer_id = c->id;
    r->place.population = c->population;
    r->place.ambiguous = m->ambiguous;
    seat = r->place.area ? seat_of(q->g, c, m->seat) : NULL;
    if (seat != NULL) {
        r->place.pt = seat->pt;
        r->place.radius_m += geo_distance_m(c->pt, seat->pt);
    }
    r->match = m->match;
    for (size_t i = 0; m->ambiguous && i < m->n; i++) {
        uint32_t d = geo_distance_m(c->pt, m->cand[i]->pt);
        if (d > DOUBT_M)
            d = DOUBT_M;
        if (d > r->place.radius_m)
            r->place.radius_m = d;
    }
    r->first = m->first;
    r->last = m->last;
    r->anchor = m;
}

/* True when a name that is not in the gazetteer stands before the comma, and is said to be a
 * village: "Tile village, Mopti". */
static bool
behind_unknown_village(const struct passage *p, const struct mention *m)
{
    size_t i = m->first;

    if (i < 2 || p->t[i].gap != GAP_COMMA)
        return false;
    return (passage_word(p, i - 1) & PW_SETTLEMENT) ||
           (i > 1 && p->t[i - 1].gap == GAP_SPACE && (passage_word(p, i - 2) & PW_SETTLEMENT)) ||
           (i > 2 && (passage_word(p, i - 2) & PW_OF) && (passage_word(p, i - 3) & PW_SETTLEMENT));
}

/* What the words round a town leave open: a road to it is not in it, a village beside its name is
 * somewhere near. */
static void
widen(const struct passage *p, const struct mention *m, struct reading *r)
{
    uint32_t least = 0;

    if (r->place.area)
        return;
    if ((m->around & (PW_ROAD | PW_BETWEEN)) && !(m->around & PW_SETTLEMENT))
        least = ROAD_M; /* also "between A and" a place that is not known */
    if (behind_unknown_village(p, m)) {
        least = UNKNOWN_M;
        r->place.ambiguous = true;
    }
    if (r->place.radius_m < least)
        r->place.radius_m = least;
}

static int
plain_score(const struct query *q, const struct passage *p, const struct mention *m,
            const struct reading *r)
{
    int s = SCORE_NAMED;

    if (m->role == MENTION_FROM)
        s = q->displacement ? SCORE_OTHER_END : SCORE_FIRST_END;
    else if (m->role == MENTION_TO)
        s = q->displacement ? SCORE_FIRST_END : SCORE_OTHER_END;
    else if (m->around & (PW_LOCATIVE | PW_SETTLEMENT | PW_TOWARDS))
        s = SCORE_SAID;
    else if (m->first > 0 && p->t[m->first].gap == GAP_COMMA)
        s = SCORE_CONTAINER;
    return s - (r->place.area ? 5 : m->cand[m->pick]->kind == GAZ_ROAD ? 4 : 0);
}

static void
offset(const struct query *q, const struct mention *m, const struct offset *o, struct reading *r)
{
    const struct gaz_place *c = m->cand[m->pick];

    plain(q, m, r);
    if (r->place.area && !o->distance_m)
        return; /* the north of a region is the region */
    r->place.area = false;
    r->place.method = "relative";
    r->place.gazetteer_id = 0;
    r->place.population = 0;
    r->place.pt = relate_point(c->pt, o, &r->place.radius_m);
    if (o->has_bearing) {
        r->place.bearing_deg = o->bearing_deg;
        r->place.distance_m = o->distance_m;
    }
    r->first = o->first;
    r->offset = o->has_bearing;
}

/* "RN17, 30 km from Gao": the road says in which direction. */
static void
along_road(const struct query *q, const struct mention *m, size_t n, size_t i,
           const struct offset *o, struct reading *r)
{
    if (o->has_bearing || o->distance_m == 0)
        return;
    for (size_t k = 0; k < n; k++) {
        const struct gaz_place *from = m[i].cand[m[i].pick], *road = m[k].cand[m[k].pick];
        const struct geo_pt *line;
        size_t points = road->kind == GAZ_ROAD ? gazetteer_line(q->g, road, &line) : 0;
        if (points == 0 || m[k].sentence != m[i].sentence ||
            !relate_along(line, points, from->pt, o->distance_m, &r->place.pt))
            continue;
        r->place.radius_m = o->distance_m * 2 / 10 > ALONG_M ? o->distance_m * 2 / 10 : ALONG_M;
        r->place.bearing_deg = geo_bearing_deg(from->pt, r->place.pt);
        r->place.distance_m = o->distance_m;
        return;
    }
}

/* Which part of the way from a to b the area that the sentence names leaves, in thousandths: all
 * of it, or from one end beyond the middle, for where its border runs is not known. */
static void
part_within(const struct mention *m, size_t n, size_t i, size_t j, uint32_t *middle, uint32_t *half)
{
    const struct gaz_place *a = m[i].cand[m[i].pick], *b = m[j].cand[m[j].pick];

    *middle = *half = 500;
    for (size_t k = 0; k < n; k++) {
        const struct gaz_place *area = m[k].cand[m[k].pick];
        bool holds_a, holds_b;
        if (k == i || k == j || (k > i && k < j) || m[k].sentence != m[i].sentence)
            continue;
        if (area->kind != GAZ_REGION && area->kind != GAZ_DISTRICT)
            area = m[k].area;
        if (area == NULL || area->radius_m > WIDE_AREA_M)
            continue;
        holds_a = area_holds(area, a);
        holds_b = area_holds(area, b);
        if (holds_a == holds_b)
            continue;
        *middle = holds_a ? 300 : 700;
        *half = 300;
        return;
    }
}

static int
pair(const struct query *q, const struct mention *all, size_t n, size_t i, size_t j,
     struct reading *r)
{
    const struct mention *a = &all[i], *b = &all[j];
    const struct gaz_place *pa = a->cand[a->pick], *pb = b->cand[b->pick];
    uint32_t middle, half, way = geo_distance_m(pa->pt, pb->pt);

    part_within(all, n, i, j, &middle, &half);
    memset(r, 0, sizeof *r);
    r->place.pt = geo_between(pa->pt, pb->pt, middle);
    r->place.radius_m = (uint32_t)((uint64_t)way * half / 1000);
    if (r->place.radius_m < LEAST_M)
        r->place.radius_m = LEAST_M;
    r->place.method = "between";
    r->place.ambiguous = a->ambiguous || b->ambiguous;
    r->place.name = arena_printf(q->a, "%s–%s", pa->name, pb->name);
    r->first = a->first;
    r->last = b->last;
    r->pair = true;
    r->match = a->match > b->match ? a->match : b->match;
    return r->place.name == NULL ? -1 : 0;
}

static void
better(struct reading *best, const struct reading *r)
{
    if (best->place.method == NULL || r->score > best->score)
        *best = *r;
}

static int
penalty(const struct mention *m)
{
    int s = m->sentence < 3 ? m->sentence : 3;

    return s + (m->aftermath ? 5 : 0) + (m->ambiguous ? 2 : 0);
}

/* "Tidermène, 78 km north of Ménaka", "Tidermène, à 78 km …". */
static bool
right_before(const struct reading *r, const struct mention *m)
{
    return r->offset && r->first > m->last && r->first - m->last <= 2;
}

/* The plain name said to be the place that lies where the reading points, NULL = none. */
static const struct mention *
refines(const struct reading *r, const struct mention *m, size_t n)
{
    uint32_t reach = r->place.radius_m;

    if (r->offset)
        reach = r->place.distance_m * 3 / 10 > 15000 ? r->place.distance_m * 3 / 10 : 15000;
    for (size_t i = 0; i < n; i++) {
        const struct gaz_place *c = m[i].cand[m[i].pick];
        bool end = r->pair && m[i].first >= r->first && m[i].last <= r->last;
        if (&m[i] == r->anchor || end || m[i].aftermath || m[i].role != MENTION_AT)
            continue;
        if (c->kind != GAZ_REGION && c->kind != GAZ_DISTRICT && c->kind != GAZ_ROAD &&
            ((m[i].around & (PW_LOCATIVE | PW_SETTLEMENT)) || right_before(r, &m[i])) &&
            geo_within_m(c->pt, r->place.pt, reach))
            return &m[i];
    }
    return NULL;
}

static int
read_pairs(const struct query *q, const struct passage *p, const struct mention *m, size_t n,
           struct reading *best)
{
    static const int scores[] = {[RELATION_BETWEEN] = SCORE_BETWEEN,
                                 [RELATION_AXIS] = SCORE_AXIS,
                                 [RELATION_TRIP] = SCORE_TRIP};

    for (size_t i = 0; i + 1 < n; i++) {
        size_t j = i + 1;
        enum relation rel = relate_pair(p, &m[i], &m[j]);
        struct reading r;
        if (rel == RELATION_NONE && i + 2 < n && relate_between(p, &m[i], &m[i + 2])) {
            rel = RELATION_BETWEEN;
            j = i + 2;
        }
        if (rel == RELATION_NONE || (rel == RELATION_TRIP && q->displacement) || m[i].refuted ||
            m[j].refuted)
            continue;
        if (pair(q, m, n, i, j, &r) != 0)
            return -1;
        r.score = scores[rel] - penalty(&m[i]);
        better(best, &r);
    }
    return 0;
}

static bool
end_of_pair(const struct passage *p, const struct mention *m, size_t n, size_t i)
{
    return (i + 1 < n && relate_pair(p, &m[i], &m[i + 1]) != RELATION_NONE) ||
           (i > 0 && relate_pair(p, &m[i - 1], &m[i]) != RELATION_NONE);
}

/* Whether there is a mention for which it matters what country is named. */
static bool
doubtful(const struct mention *m, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (m[i].match != MATCH_EXACT || !mention_known(m[i].cand[0]) ||
            m[i].cand[0]->kind == GAZ_ROAD)
            return true;
    return false;
}

int
place_read(struct query *q, const struct passage *p, struct reading *best)
{
    struct mention m[MAX_MENTIONS];
    size_t n = mentions_find(q->g, p, m);
    const struct mention *finer;

    memset(best, 0, sizeof *best);
    q->context.n_countries = doubtful(m, n) ? place_countries(p, q->context.countries) : 0;
    mentions_choose(p, &q->context, m, n);
    for (size_t i = 0; i < n; i++) {
        struct reading r;
        struct offset o;
        const struct mention *next = i + 1 < n ? &m[i + 1] : NULL;
        if (m[i].refuted)
            continue;
        if (relate_offset(p, &m[i], next, &o)) {
            offset(q, &m[i], &o, &r);
            along_road(q, m, n, i, &o, &r);
            r.score = o.has_bearing && o.distance_m ? SCORE_OFFSET : SCORE_VAGUE;
            r.score -= r.place.area ? 6 : 0;
        } else {
            plain(q, &m[i], &r);
            widen(p, &m[i], &r);
            r.score = plain_score(q, p, &m[i], &r);
            if (r.score > SCORE_CONTAINER && end_of_pair(p, m, n, i))
                r.score = SCORE_CONTAINER; /* "on the A-B road" is not on A */
        }
        r.score -= penalty(&m[i]);
        better(best, &r);
    }
    if (read_pairs(q, p, m, n, best) != 0)
        return -1;
    if (best->pair || (best->place.method != NULL && strcmp(best->place.method, "relative") == 0)) {
        finer = refines(best, m, n);
        if (finer != NULL)
            plain(q, finer, best);
    }
    best->anchor = NULL; /* it points into this frame */
    return 0;
}
