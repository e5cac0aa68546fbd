/* place_choose: which of several places of one name is meant.
 *
 * Everything is a distance: of each candidate from the other places that the report names, those
 * of other sentences counting as farther off. A region lends no distance of its own, for every
 * place in it would be at none: it weighs against what lies outside. */
#include "place_choose.h"

#include <string.h>

#include "place_words.h"

#define SAME_PLACE_M 6000
#define CONTEXT_M    300000
#define CONTAINER_M  150000
#define SUPPORT_M    150000
#define APART_M      200000
#define SENTENCE_M   30000
#define OUTSIDE_M    300000
#define CAPITAL      500000 /* people: a city that is named for itself, not for the event */

bool
same_place(const struct gaz_place *a, const struct gaz_place *b)
{
    return !(a->curated && b->curated) && geo_within_m(a->pt, b->pt, SAME_PLACE_M);
}

static bool
is_area(const struct gaz_place *p)
{
    return p->kind == GAZ_REGION || p->kind == GAZ_DISTRICT;
}

bool
area_holds(const struct gaz_place *area, const struct gaz_place *p)
{
    if (geo_within_m(area->pt, p->pt, area->radius_m))
        return true;
    return area->kind == GAZ_REGION && area->admin1[0] != '\0' &&
           strcmp(area->admin1, p->admin1) == 0 && strcmp(area->country, p->country) == 0;
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

/* True when b says of a where it lies: "a, b", "a village in the b area", "a (b)". */
static bool
leads_to(const struct passage *p, const struct mention *a, const struct mention *b)
{
    const uint32_t join =
        PW_FILLER | PW_SETTLEMENT | PW_LOCATIVE | PW_OF | PW_REGION | PW_DISTRICT | PW_A;
    bool said = false;

    if (b->first - a->last > 6)
        return false;
    for (size_t i = a->last + 1; i <= b->first; i++) {
        uint16_t gap = p->t[i].gap;
        if (gap == GAP_SENTENCE)
            return false;
        said = said || gap == GAP_COMMA || gap == GAP_OTHER;
        if (i == b->first)
            break;
        if (!(passage_word(p, i) & join))
            return false;
        said = said || (passage_word(p, i) & (PW_LOCATIVE | PW_OF | PW_A));
    }
    return said;
}

/* ---- the country */

static bool
in_named(const struct context *c, const struct gaz_place *p)
{
    for (size_t i = 0; i < c->n_countries; i++)
        if (strcmp(c->countries[i], p->country) == 0)
            return true;
    return false;
}

/* Of hamlets of one name those in the country that is named stay, where there are any. */
static void
keep_country(const struct context *c, struct mention *m)
{
    size_t n = 0;

    if (m->n < 2 || (mention_known(m->cand[0]) && m->cand[0]->kind != GAZ_ROAD))
        return;
    for (size_t i = 0; i < m->n; i++)
        n += in_named(c, m->cand[i]);
    if (n == 0)
        return;
    n = 0;
    for (size_t i = 0; i < m->n; i++)
        if (in_named(c, m->cand[i]))
            m->cand[n++] = m->cand[i];
    m->n = n;
}

/* ---- nearness */

static uint32_t
beyond(struct geo_pt a, const struct gaz_place *o)
{
    uint32_t d = geo_distance_m(a, o->pt);

    return d > o->radius_m ? d - o->radius_m : 0;
}

/* How far c is from what else the report names, and from the source. */
static uint32_t
context_m(const struct passage *p, const struct context *ctx, const struct gaz_place *c,
          const struct mention *m, size_t n, size_t self)
{
    uint32_t best = ctx->has_near ? geo_distance_m(c->pt, ctx->near) : UINT32_MAX;
    uint32_t outside = 0;

    for (size_t i = 0; i < n; i++) {
        const struct gaz_place *o = m[i].cand[m[i].pick], *area = m[i].area;
        uint32_t d, sentences;
        if (i == self || m[i].ambiguous || m[i].refuted)
            continue;
        if (is_area(o)) {
            d = geo_distance_m(c->pt, o->pt);
            if (!area_holds(o, c) && m[i].sentence == m[self].sentence)
                outside = OUTSIDE_M;
        } else {
            d = beyond(c->pt, o);
            if (area != NULL && i == self + 1 && area_holds(area, c) &&
                leads_to(p, &m[self], &m[i]))
                d /= 3;
        }
        sentences = (uint32_t)(m[i].sentence > m[self].sentence ? m[i].sentence - m[self].sentence
                                                                : m[self].sentence - m[i].sentence);
        d += sentences * SENTENCE_M;
        if (d < best)
            best = d;
    }
    return best == UINT32_MAX ? best : best + outside;
}

static void
choose(const struct passage *p, const struct context *ctx, struct mention *all, size_t n,
       size_t self)
{
    struct mention *m = &all[self];
    uint32_t best = UINT32_MAX, second = UINT32_MAX, first;
    size_t pick = 0;

    first = context_m(p, ctx, m->cand[0], all, n, self);
    if (!m->ambiguous && (first <= CONTEXT_M || first == UINT32_MAX))
        return;
    for (size_t i = 0; i < m->n; i++) {
        uint32_t d = context_m(p, ctx, m->cand[i], all, n, self);
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

/* ---- what cannot be meant */

static bool
behind_says_no(const struct gaz_place *c, const struct mention *next)
{
    const struct gaz_place *in = next->cand[next->pick];

    if (!mention_known(in) || next->refuted)
        return false;
    if (next->area != NULL && area_holds(next->area, c))
        return false;
    return !(is_area(in) && area_holds(in, c)) &&
           !geo_within_m(c->pt, in->pt, in->radius_m + CONTAINER_M);
}

/* All known places of the sentence where things happen are far from c, and there is one. */
static bool
sentence_says_no(const struct gaz_place *c, const struct mention *m, size_t n, size_t self)
{
    bool any = false;

    for (size_t i = 0; i < n; i++) {
        const struct gaz_place *o = m[i].cand[m[i].pick];
        if (i == self || m[i].sentence != m[self].sentence || !mention_known(o) || m[i].ambiguous ||
            m[i].refuted || m[i].role != MENTION_AT || m[i].aftermath || o->population >= CAPITAL)
            continue;
        any = true;
        if (area_holds(o, c) || beyond(c->pt, o) < APART_M * 3 / 4)
            return false;
    }
    return any;
}

static bool
supported(const struct context *ctx, const struct gaz_place *c, const struct mention *m, size_t n,
          size_t self)
{
    if (ctx->has_near && geo_within_m(c->pt, ctx->near, CONTEXT_M))
        return true;
    for (size_t i = 0; i < n; i++) {
        const struct gaz_place *o = m[i].cand[m[i].pick];
        if (i != self && mention_known(o) && !m[i].refuted && m[i].match == MATCH_EXACT &&
            (area_holds(o, c) || (m[i].area != NULL && area_holds(m[i].area, c)) ||
             beyond(c->pt, o) < SUPPORT_M))
            return true;
    }
    return false;
}

/* A guess at a spelling needs more than its likeness. Of names that the short list holds the long
 * ones are believed alone, unless the text names other countries only. */
static bool
bad_guess(const struct context *ctx, const struct mention *m, const struct gaz_place *c,
          bool support)
{
    size_t enough = m->match == MATCH_SPELLING ? 6 : c->curated ? 7 : 9;

    if (m->match == MATCH_LETTER && m->ambiguous)
        return true;
    if (support)
        return false;
    return !mention_known(c) || m->letters < enough || (ctx->n_countries > 0 && !in_named(ctx, c));
}

static bool
cannot_be(const struct passage *p, const struct context *ctx, const struct mention *m, size_t n,
          size_t self)
{
    const struct gaz_place *c = m[self].cand[m[self].pick];
    const struct mention *next = self + 1 < n ? &m[self + 1] : NULL;
    bool support = supported(ctx, c, m, n, self);

    if (m[self].match != MATCH_EXACT && bad_guess(ctx, &m[self], c, support))
        return true;
    if (m[self].fragment && !support && (!mention_known(c) || m[self].letters < 5))
        return true;
    if (mention_known(c))
        return false;
    if (ctx->n_countries > 0 && !in_named(ctx, c) && !support)
        return true;
    if (next != NULL && leads_to(p, &m[self], next))
        return behind_says_no(c, next);
    return sentence_says_no(c, m, n, self);
}

void
mentions_choose(const struct passage *p, const struct context *ctx, struct mention *m, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        keep_country(ctx, &m[i]);
        m[i].ambiguous = !dominant(&m[i]);
        m[i].refuted = false;
    }
    for (size_t i = 0; i < n; i++)
        if (m[i].n > 1)
            choose(p, ctx, m, n, i);
    for (size_t i = 0; i < n; i++)
        m[i].refuted = cannot_be(p, ctx, m, n, i);
}
