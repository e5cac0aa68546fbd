/* place: where a report speaks of.
 *
 * Coordinates are taken as they are; names go through three steps. Every name in the text is
 * found with its candidates (place_mention); homonyms are told apart by the other names of the
 * report, the source's own place and size; then each way to read a place out of them (plain
 * name, offset, between two, along a road) is scored by how it is spoken of, and the best one
 * stands, the first of equals. A reading is replaced by a plain name that lies where it points:
 * the name is more exact. What nothing decides is marked ambiguous, with all candidates that are
 * near each other inside the radius. */
#include "place.h"

#include <string.h>

#include "place_coords.h"
#include "place_mention.h"
#include "place_relate.h"
#include "place_words.h"

#define GIVEN_RADIUS_M  1000
#define SOURCE_RADIUS_M 10000
#define NEAREST_M       25000
#define SAME_PLACE_M    6000
#define CONTEXT_M       300000
#define CONTAINER_M     150000

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

struct reading {
    struct place place;
    size_t first, last; /* tokens */
    int score;
    const struct mention *anchor; /* of an offset: its name */
    bool offset, pair;
};

struct query {
    const struct gazetteer *g;
    struct arena *a;
    bool has_near;
    struct geo_pt near;
    bool displacement;
};

/* ---- homonyms */

/* Rows of a dump and of the short list so close are one place; two rows of the short list are
 * there because they differ (Kourkanda-Peulh, Kourkanda-Habbé). */
static bool
same_place(const struct gaz_place *a, const struct gaz_place *b)
{
    return !(a->curated && b->curated) && geo_within_m(a->pt, b->pt, SAME_PLACE_M);
}

static bool
dominant(const struct mention *m)
{
    const struct gaz_place *best = m->cand[0];

    for (size_t i = 1; i < m->n; i++) {
        const struct gaz_place *c = m->cand[i];
        if (same_place(best, c))
            continue;
        if (best->curated && !c->curated)
            continue;
        if (best->population == 0 || (uint64_t)c->population * 5 > best->population)
            return false;
    }
    return true;
}

/* How far c is from what else the report names, and from the source. */
static uint32_t
context_m(const struct query *q, const struct gaz_place *c, const struct mention *m, size_t n,
          size_t self)
{
    uint32_t best = q->has_near ? geo_distance_m(c->pt, q->near) : UINT32_MAX;

    for (size_t i = 0; i < n; i++) {
        const struct gaz_place *o = m[i].cand[m[i].pick];
        uint32_t d;
        if (i == self || m[i].ambiguous)
            continue;
        d = geo_distance_m(c->pt, o->pt);
        d = d > o->radius_m ? d - o->radius_m : 0;
        if (d < best)
            best = d;
    }
    return best;
}

static void
choose(const struct query *q, struct mention *all, size_t n, size_t self)
{
    struct mention *m = &all[self];
    uint32_t best = UINT32_MAX, second = UINT32_MAX, first;
    size_t pick = 0;

    first = context_m(q, m->cand[0], all, n, self);
    if (!m->ambiguous && (first <= CONTEXT_M || first == UINT32_MAX))
        return;
    for (size_t i = 0; i < m->n; i++) {
        uint32_t d = context_m(q, m->cand[i], all, n, self);
        if (d < best) {
            if (best != UINT32_MAX && !same_place(m->cand[i], m->cand[pick]))
                second = best;
            best = d;
            pick = i;
        } else if (d < second && !same_place(m->cand[i], m->cand[pick])) {
            second = d;
        }
    }
    if (!m->ambiguous) { /* by its size: another one only when this is far from everything */
        if (first > CONTEXT_M && best < CONTEXT_M / 3)
            m->pick = pick;
        return;
    }
    if (best > CONTEXT_M)
        return;
    m->pick = pick;
    m->ambiguous = second / 2 < best + 10000;
}

/* "X, Y": a hamlet X far from Y is another X, which the gazetteer does not know. */
static bool
contradicted(const struct passage *p, const struct mention *m, const struct mention *next)
{
    const struct gaz_place *c = m->cand[m->pick], *in;

    if (next == NULL || next->first != m->last + 1 || p->t[next->first].gap != GAP_COMMA)
        return false;
    in = next->cand[next->pick];
    return !c->curated && c->population == 0 && (in->curated || in->population > 0) &&
           !geo_within_m(c->pt, in->pt, in->radius_m + CONTAINER_M);
}

static void
disambiguate(const struct query *q, struct mention *m, size_t n)
{
    for (size_t i = 0; i < n; i++)
        m[i].ambiguous = !dominant(&m[i]);
    for (size_t i = 0; i < n; i++)
        if (m[i].n > 1)
            choose(q, m, n, i);
}

/* ---- readings */

static void
plain(const struct mention *m, struct reading *r)
{
    const struct gaz_place *c = m->cand[m->pick];

    memset(r, 0, sizeof *r);
    r->place.pt = c->pt;
    r->place.radius_m = c->radius_m;
    r->place.name = c->name;
    r->place.area = c->kind == GAZ_REGION || c->kind == GAZ_DISTRICT;
    r->place.method = r->place.area ? "area" : "gazetteer";
    r->place.gazetteer_id = c->id;
    r->place.population = c->population;
    r->place.ambiguous = m->ambiguous;
    for (size_t i = 0; m->ambiguous && i < m->n; i++) {
        uint32_t d = geo_distance_m(c->pt, m->cand[i]->pt);
        if (d < NEAREST_M && d > r->place.radius_m)
            r->place.radius_m = d;
    }
    r->first = m->first;
    r->last = m->last;
    r->anchor = m;
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
    return s - (r->place.area ? 5 : 0);
}

static void
offset(const struct mention *m, const struct offset *o, struct reading *r)
{
    const struct gaz_place *c = m->cand[m->pick];

    plain(m, r);
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

static int
pair(const struct query *q, const struct mention *a, const struct mention *b, struct reading *r)
{
    const struct gaz_place *pa = a->cand[a->pick], *pb = b->cand[b->pick];
    uint32_t half = geo_distance_m(pa->pt, pb->pt) / 2;

    memset(r, 0, sizeof *r);
    r->place.pt = geo_between(pa->pt, pb->pt, 500);
    r->place.radius_m = half < GIVEN_RADIUS_M ? GIVEN_RADIUS_M : half;
    r->place.method = "between";
    r->place.ambiguous = a->ambiguous || b->ambiguous;
    r->place.name = arena_printf(q->a, "%s–%s", pa->name, pb->name);
    r->first = a->first;
    r->last = b->last;
    r->pair = true;
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
        if (c->kind != GAZ_REGION && c->kind != GAZ_DISTRICT &&
            (m[i].around & (PW_LOCATIVE | PW_SETTLEMENT)) &&
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
        enum relation rel = relate_pair(p, &m[i], &m[i + 1]);
        struct reading r;
        if (rel == RELATION_NONE || (rel == RELATION_TRIP && q->displacement))
            continue;
        if (pair(q, &m[i], &m[i + 1], &r) != 0)
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

/* The best reading of the passage; best->place.method is NULL when there is none. */
static int
read_passage(const struct query *q, const struct passage *p, struct reading *best)
{
    struct mention m[MAX_MENTIONS];
    size_t n = mentions_find(q->g, p, m);
    const struct mention *finer;

    memset(best, 0, sizeof *best);
    disambiguate(q, m, n);
    for (size_t i = 0; i < n; i++) {
        struct reading r;
        struct offset o;
        const struct mention *next = i + 1 < n ? &m[i + 1] : NULL;
        if (contradicted(p, &m[i], next))
            continue;
        if (relate_offset(p, &m[i], next, &o)) {
            offset(&m[i], &o, &r);
            r.score = o.has_bearing && o.distance_m ? SCORE_OFFSET : SCORE_VAGUE;
            r.score -= r.place.area ? 6 : 0;
        } else {
            plain(&m[i], &r);
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
            plain(finer, best);
    }
    best->anchor = NULL; /* it points into this frame */
    return 0;
}

/* ---- the finding */

static int
evidence(struct finding *f, struct arena *a, const char *text, size_t start, size_t end,
         const char *name)
{
    static const char prefix[] = "place=";
    size_t len = name == NULL ? 0 : strlen(name);
    struct evidence *e = &f->evidence[f->n_evidence];
    char *means;

    if (f->n_evidence == MAX_EVIDENCE)
        return 0;
    e->text = arena_strndup(a, text + start, end - start);
    means = arena_zalloc(a, sizeof prefix + len); /* not printf: it took a tenth of the time */
    if (e->text == NULL || means == NULL)
        return -1;
    memcpy(means, prefix, sizeof prefix - 1);
    if (len > 0)
        memcpy(means + sizeof prefix - 1, name, len);
    e->means = means;
    f->n_evidence++;
    return 0;
}

static int
set(struct finding *f, struct arena *a, const struct reading *r, const struct passage *p)
{
    f->place = r->place;
    f->has_place = true;
    return evidence(f, a, p->text, p->t[r->first].start, p->t[r->last].end, r->place.name);
}

/* A place by its coordinates; the place field names it, else the nearest populated place. */
static void
set_point(struct finding *f, const struct gazetteer *g, const struct incident *in, struct geo_pt pt,
          uint32_t radius_m, const char *method)
{
    const struct gaz_place *near = gazetteer_nearest(g, pt, NEAREST_M);
    struct place *p = &f->place;

    memset(p, 0, sizeof *p);
    p->pt = pt;
    p->radius_m = radius_m;
    p->method = method;
    p->name = in->place;
    f->has_place = true;
    if (near == NULL)
        return;
    p->distance_m = geo_distance_m(near->pt, pt);
    if (p->distance_m <= (near->radius_m > 2000 ? near->radius_m : 2000)) {
        p->distance_m = 0;
        p->gazetteer_id = near->id;
        p->population = near->population;
    }
    if (p->name != NULL) {
        p->distance_m = 0;
        return;
    }
    p->name = near->name;
    if (p->distance_m > 0)
        p->bearing_deg = geo_bearing_deg(near->pt, pt);
}

static int
from_coords(const struct gazetteer *g, const struct incident *in, const char *text, struct arena *a,
            struct finding *f, bool *done)
{
    struct coords c;

    *done = text != NULL && place_coords(text, &c);
    if (!*done)
        return 0;
    set_point(f, g, in, c.pt, c.radius_m, c.mgrs ? "mgrs" : "given");
    return evidence(f, a, text, c.start, c.end, f->place.name);
}

/* The text says it closer than the place field: an offset from the same place, or a place within
 * the field's region. */
static bool
closer(const struct reading *field, const struct reading *text)
{
    if (text->place.method == NULL || text->place.area)
        return false;
    if (field->place.area)
        return geo_within_m(field->place.pt, text->place.pt, field->place.radius_m);
    return text->offset && text->place.name == field->place.name;
}

static void
source_place(struct query *q, const struct incident *in, struct reading *r)
{
    struct passage p;
    struct coords c;

    memset(r, 0, sizeof *r);
    if (in->source_place == NULL)
        return;
    if (place_coords(in->source_place, &c)) {
        r->place.pt = c.pt;
        r->place.radius_m = c.radius_m;
    } else if (passage_cut(in->source_place, true, q->a, &p) != 0 || read_passage(q, &p, r) != 0 ||
               r->place.method == NULL) {
        r->place.method = NULL;
        return;
    }
    r->place.method = "source";
    if (r->place.radius_m < SOURCE_RADIUS_M)
        r->place.radius_m = SOURCE_RADIUS_M;
    q->has_near = !r->place.area;
    q->near = r->place.pt;
}

int
place_find(const struct gazetteer *g, const struct incident *in, struct arena *a, struct finding *f)
{
    struct query q = {.g = g, .a = a, .displacement = f->event == EV_DISPLACEMENT};
    struct reading source, field, text;
    struct passage in_field, in_text;
    struct geo_pt pt;
    uint32_t radius_m;
    bool done;

    if (f->has_place)
        return 0;
    if (in->has_pos) {
        set_point(f, g, in, in->pos, in->radius_m > 0 ? in->radius_m : GIVEN_RADIUS_M, "given");
        return 0;
    }
    if (in->mgrs != NULL && geo_from_mgrs(in->mgrs, &pt, &radius_m) == 0) {
        set_point(f, g, in, pt, radius_m, "mgrs");
        return 0;
    }
    if (from_coords(g, in, in->place, a, f, &done) != 0 ||
        (!done && from_coords(g, in, in->text, a, f, &done) != 0))
        return -1;
    if (done)
        return 0;
    source_place(&q, in, &source);
    if (passage_cut(in->place, true, a, &in_field) != 0 ||
        passage_cut(in->text, false, a, &in_text) != 0 ||
        read_passage(&q, &in_field, &field) != 0 || read_passage(&q, &in_text, &text) != 0)
        return -1;
    if (field.place.method != NULL && !closer(&field, &text))
        return set(f, a, &field, &in_field);
    if (text.place.method != NULL)
        return set(f, a, &text, &in_text);
    if (source.place.method != NULL && f->event != EV_UNKNOWN && f->event != EV_NONE) {
        f->place = source.place;
        f->has_place = true;
    }
    return 0;
}
