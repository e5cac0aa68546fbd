/* place_relate: places said by their relation to others.
 *
 * The words of an offset are read backwards from the name: fillers and "of", the compass, more
 * fillers, the unit, the number. Each step may be missing but for what makes the phrase mean
 * something: a compass word of one or two letters counts only beside a unit, a distance without
 * bearing only with "from" or "of". */
#include "place_relate.h"

#include <string.h>

#include "place_words.h"

#define MAX_OFFSET_M 400000
#define ROAD_M       200000

/* The nearest a bearing without a distance is taken for, and how far it may be. */
#define VAGUE_M        10000
#define VAGUE_RADIUS_M 15000

static bool
open_gap(uint16_t gap)
{
    return gap == GAP_SENTENCE || gap == GAP_COMMA;
}

/* Steps back over words that only join; tells whether "of", "from" or the like was there. */
static size_t
over_joiners(const struct passage *p, size_t i, size_t most, bool *of)
{
    static const char *const more[] = {"outside", "away", "hors", "direction", "en", "in", "le"};

    while (i > 0 && most-- > 0 && !open_gap(p->t[i].gap)) {
        const char *s = p->t[i - 1].s;
        uint32_t w = passage_word(p, i - 1);
        bool join = (w & (PW_FILLER | PW_SETTLEMENT | PW_OF | PW_FROM | PW_TO | PW_A)) != 0 ||
                    strcmp(s, "au") == 0;
        for (size_t k = 0; !join && k < sizeof more / sizeof *more; k++)
            join = strcmp(s, more[k]) == 0;
        if (!join || place_compass(s) >= 0)
            break;
        if ((w & (PW_OF | PW_FROM)) || strcmp(s, "outside") == 0 || strcmp(s, "hors") == 0)
            *of = true;
        i--;
    }
    return i;
}

static int
combine(int northing, int easting)
{
    if (northing == 0)
        return easting == 90 ? 45 : easting == 270 ? 315 : -1;
    if (northing == 180)
        return easting == 90 ? 135 : easting == 270 ? 225 : -1;
    return -1;
}

/* The compass words that end before token i. Returns where they begin; *deg is -1 for none. */
static size_t
compass_before(const struct passage *p, size_t i, int *deg)
{
    int c, d;

    *deg = -1;
    if (i == 0 || open_gap(p->t[i].gap))
        return i;
    c = place_compass(p->t[i - 1].s);
    if (c < 0)
        return i;
    *deg = c;
    i--;
    if (i == 0 || open_gap(p->t[i].gap))
        return i;
    d = place_compass(p->t[i - 1].s);
    if (d >= 0 && combine(d, c) >= 0) {
        *deg = combine(d, c);
        i--;
    }
    return i;
}

static bool
digits(const char *s, size_t n, uint32_t *out)
{
    uint32_t v = 0;

    if (n == 0 || n > 6)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (s[i] < '0' || s[i] > '9')
            return false;
        v = v * 10 + (uint32_t)(s[i] - '0');
    }
    *out = v;
    return true;
}

/* The number whose last token is i, in thousandths. */
static bool
number_at(const struct passage *p, size_t i, const char *s, size_t len, uint64_t *milli,
          size_t *first)
{
    uint32_t v, whole;

    *first = i;
    if (!digits(s, len, &v)) {
        v = place_number(s);
        whole = i > 0 ? place_number(p->t[i - 1].s) : 0;
        if (v > 0 && v < 10 && whole >= 20 && whole <= 60) { /* vingt-cinq */
            v += whole;
            *first = i - 1;
        }
        *milli = (uint64_t)v * 1000;
        return v > 0;
    }
    /* 1.5 and 1,5 are two tokens with one byte between */
    if (i > 0 && len == 1 && p->t[i].start == p->t[i - 1].end + 1 &&
        (p->text[p->t[i - 1].end] == '.' || p->text[p->t[i - 1].end] == ',') &&
        digits(p->t[i - 1].s, p->t[i - 1].len, &whole)) {
        *milli = (uint64_t)whole * 1000 + v * 100;
        *first = i - 1;
        return true;
    }
    *milli = (uint64_t)v * 1000;
    return true;
}

/* A distance whose last token is i: "15 km", "15km", "une vingtaine de kilometres". */
static bool
distance_at(const struct passage *p, size_t i, uint32_t *m, size_t *first)
{
    const struct token *t = &p->t[i];
    size_t n = strspn(t->s, "0123456789");
    uint32_t unit = place_unit_m(t->s + n);
    uint64_t milli;

    if (unit == 0)
        return false;
    if (n > 0) {
        if (!number_at(p, i, t->s, n, &milli, first))
            return false;
    } else {
        if (i == 0)
            return false;
        i--;
        if (strcmp(p->t[i].s, "de") == 0 && i > 0)
            i--;
        if (!number_at(p, i, p->t[i].s, p->t[i].len, &milli, first))
            return false;
    }
    milli = milli * unit / 1000;
    if (milli == 0 || milli > MAX_OFFSET_M || (unit == 1 && milli < 50))
        return false;
    *m = (uint32_t)milli;
    return true;
}

/* "… from A towards B", "… de A sur l'axe B": the bearing from A to B. */
static bool
towards(const struct passage *p, const struct mention *m, const struct mention *next, uint32_t *deg)
{
    bool said = false;

    if (next == NULL || next->first - m->last > 6)
        return false;
    for (size_t i = m->last + 1; i < next->first; i++)
        said = said || (passage_word(p, i) & (PW_TO | PW_TOWARDS | PW_ROAD)) != 0;
    if (said)
        *deg = geo_bearing_deg(m->cand[m->pick]->pt, next->cand[next->pick]->pt);
    return said;
}

bool
relate_offset(const struct passage *p, const struct mention *m, const struct mention *next,
              struct offset *out)
{
    struct offset o = {.first = m->first};
    bool of = false, ignored = false;
    int deg;
    size_t i = over_joiners(p, m->first, 7, &of), j, k;

    j = compass_before(p, i, &deg);
    k = j == i ? i : over_joiners(p, j, 4, &ignored);
    if (k > 0 && !open_gap(p->t[k].gap) && distance_at(p, k - 1, &o.distance_m, &o.first)) {
        if (deg < 0 && !of)
            return false;
    } else if (deg < 0 || !of || p->t[j].len <= 2) {
        return false;
    } else {
        o.first = j;
    }
    o.has_bearing = deg >= 0;
    o.bearing_deg = deg < 0 ? 0 : (uint32_t)deg;
    if (!o.has_bearing)
        o.has_bearing = towards(p, m, next, &o.bearing_deg);
    *out = o;
    return true;
}

struct geo_pt
relate_point(struct geo_pt anchor, const struct offset *o, uint32_t *radius_m)
{
    uint32_t r;

    if (!o->has_bearing) {
        *radius_m = o->distance_m < 1000 ? 1000 : o->distance_m;
        return anchor;
    }
    if (o->distance_m == 0) {
        *radius_m = VAGUE_RADIUS_M;
        return geo_destination(anchor, o->bearing_deg, VAGUE_M);
    }
    r = (uint32_t)((uint64_t)o->distance_m * 15 / 100);
    *radius_m = r < 1000 ? 1000 : r;
    return geo_destination(anchor, o->bearing_deg, o->distance_m);
}

#define END_M 10000 /* how near its end of a road a town is on it */

bool
relate_along(const struct geo_pt *line, size_t n, struct geo_pt anchor, uint32_t distance_m,
             struct geo_pt *out)
{
    bool from_last = geo_within_m(anchor, line[n - 1], END_M);

    if (!from_last && !geo_within_m(anchor, line[0], END_M))
        return false;
    for (size_t i = 1; i < n; i++) {
        struct geo_pt a = from_last ? line[n - i] : line[i - 1];
        struct geo_pt b = from_last ? line[n - 1 - i] : line[i];
        uint32_t m = geo_distance_m(a, b);
        if (distance_m <= m && m > 0) {
            *out = geo_between(a, b, (uint32_t)((uint64_t)distance_m * 1000 / m));
            return true;
        }
        distance_m -= m;
    }
    return false;
}

/* ---- pairs */

static bool
road_before(const struct passage *p, size_t i)
{
    for (size_t steps = 0; i > 0 && steps < 4; steps++, i--) {
        if (open_gap(p->t[i].gap))
            return false;
        if (passage_word(p, i - 1) & PW_ROAD)
            return true;
    }
    return false;
}

/* "the A road, B": the road from A to B, where B is a town no farther than roads are named for. */
static bool
road_behind(const struct passage *p, const struct mention *a, const struct mention *b)
{
    const struct gaz_place *to = b->cand[b->pick];

    return b->first == a->last + 2 && (passage_word(p, a->last + 1) & PW_ROAD) &&
           p->t[b->first].gap == GAP_COMMA && to->kind == GAZ_POPULATED && mention_known(to) &&
           geo_within_m(a->cand[a->pick]->pt, to->pt, ROAD_M);
}

enum relation
relate_pair(const struct passage *p, const struct mention *a, const struct mention *b)
{
    bool and = false, to = false, road;

    if (b->first - a->last > 6)
        return RELATION_NONE;
    if (road_behind(p, a, b))
        return RELATION_AXIS;
    for (size_t i = a->last + 1; i < b->first; i++) {
        uint32_t w = passage_word(p, i);
        if (open_gap(p->t[i].gap) || !(w & (PW_FILLER | PW_AND | PW_TO | PW_TOWARDS | PW_A)))
            return RELATION_NONE;
        and = and || (w & PW_AND);
        to = to || (w & (PW_TO | PW_TOWARDS | PW_A));
    }
    if (open_gap(p->t[b->first].gap))
        return RELATION_NONE;
    if (and&&(a->around & PW_BETWEEN))
        return RELATION_BETWEEN;
    if (and)
        return RELATION_NONE;
    road = road_before(p, a->first) || (b->around & PW_ROAD);
    if (road || (b->first == a->last + 1 && p->t[b->first].gap == GAP_HYPHEN))
        return RELATION_AXIS;
    if (to && ((a->role == MENTION_FROM && b->role == MENTION_TO) || (a->around & PW_OF)))
        return RELATION_TRIP;
    return RELATION_NONE;
}

bool
relate_between(const struct passage *p, const struct mention *a, const struct mention *b)
{
    if (!(a->around & PW_BETWEEN) || b->first - a->last > 8 || b->first < 2 ||
        p->t[a->last + 1].gap != GAP_COMMA || !(passage_word(p, b->first - 1) & PW_AND))
        return false;
    for (size_t i = a->last + 1; i <= b->first; i++)
        if (p->t[i].gap == GAP_SENTENCE)
            return false;
    return true;
}
