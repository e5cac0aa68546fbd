/* understand_join: which harm word each figure belongs to.
 *
 *   just behind it      "killing [at least] nine", "blessés : 3"
 *   further on          "nine civilians, all traders, were killed", up to the agent ("by five
 *                       gunmen" counts nobody), the end of the sentence or the next figure
 *   of the next figure  "two soldiers and three civilians killed", "a nurse, a cook and a guard"
 *   of the last figure  "killed the chief, his wife and their driver"
 *
 * Who is missing, was freed or fled comes to no harm here; who attacked is not who was hurt. */
#include "understand_figures.h"

#define REACH_RIGHT 20 /* tokens from a figure to its harm word */
#define REACH_LEFT  4
#define REACH_NOUN  4 /* from "a" over an unknown noun to its harm word */
#define REACH_LIST  5 /* from a figure to the next one of a list */
#define REACH_CARE  6 /* from whom "they took" to the hospital */
#define REACH_TOLL  4 /* from "now", "later" to the toll that rose */

static bool
filler(const struct reading *r, size_t i)
{
    static const char *const words[] = {"de",  "d",    "of",    "des",   "les",
                                        "the", "some", "ete",   "along", "his",
                                        "her", "ses",  "leurs", "their", NULL};
    for (const char *const *w = words; *w; w++)
        if (is(r, i, *w))
            return true;
    bool to = r->lang == LANG_FR && (is(r, i, "a") || is(r, i, "au") || is(r, i, "aux"));
    return to || has(r, i, LF_AT_LEAST) || has(r, i, LF_UP_TO) || has(r, i, LF_NEARLY) ||
           has(r, i, LF_ABOUT);
}

/* "took two people to hospital", "into custody" */
static bool
in_care(const struct reading *r, const struct figure *f)
{
    static const char *const words[] = {"hospital", "clinic",   "custody", "safety",
                                        "hopital",  "clinique", NULL};
    for (size_t i = f->n.end; i < r->n && i < f->n.end + REACH_CARE; i++) {
        if (r->t[i].gap >= GAP_COMMA)
            return false;
        for (const char *const *w = words; *w; w++)
            if (is(r, i, *w))
                return true;
    }
    return false;
}

/* A harm word just before the figure, with nothing but "at least", "some" between. */
static bool
join_left(const struct reading *r, struct count *c, struct figure *f)
{
    bool with = false;
    for (size_t k = 0, i = f->n.first; k < REACH_LEFT && i > 0; k++, i--) {
        if (r->t[i].gap == GAP_SENTENCE || r->t[i].gap == GAP_COMMA)
            return false;
        size_t j = i - 1;
        unsigned kinds = figures_kinds(r, j);
        if (kinds && r->denied[j])
            return false;
        if (!kinds && has(r, j, LF_PEOPLE) && i == f->start && figures_named(r, f) &&
            !in_care(r, f)) {
            f->kinds = has(r, j, LF_TAKEN) ? 1u << TAKEN : 1u << KILLED; /* "took 3 girls" */
            f->harm_at = j;
            return true;
        }
        if (kinds) {
            if (c->used[j] && !with) /* "killed along with two others" */
                return false;
            if (j > 1 && is_and(r, j - 1) && !c->used[j - 2]) /* "abducted and killed two" */
                kinds |= figures_kinds(r, j - 2);
            f->kinds = kinds;
            f->harm_at = j;
            return true;
        }
        with = with || is(r, j, "with");
        if (!with && !filler(r, j))
            return false;
    }
    return false;
}

/* "five gunmen killed three", "cinq hommes ont tué": whose figure stands before did it. */
static bool
active(const struct reading *r, const struct count *c, size_t next, size_t i)
{
    if (i > 0 && r->lang == LANG_FR && (is(r, i - 1, "a") || is(r, i - 1, "ont")))
        return !is(r, i, "perdu"); /* "a perdu la vie" is no deed */
    if (next >= c->n || c->f[next].n.article)
        return false;
    size_t at = i + 1;
    while (at < r->n && (has(r, at, LF_AT_LEAST) || has(r, at, LF_UP_TO) || has(r, at, LF_NEARLY) ||
                         has(r, at, LF_ABOUT)))
        at++;
    const struct figure *g = &c->f[next];
    if (g->start != at || r->t[at].gap >= GAP_COMMA)
        return false;
    for (size_t j = g->n.end; j < r->n && j < g->n.end + 3; j++)
        if (figures_kinds(r, j)) /* "three dead 27 wounded" */
            return false;
    return true;
}

static bool
names_event(const struct reading *r, size_t i)
{
    for (uint32_t h = r->hit_at[i]; h < r->n_hits && r->hits[h].first == i; h++)
        if (r->hits[h].e->event)
            return true;
    return false;
}

/* "a ranger hurt", "un creuseur tué": between article and harm word stands a noun, whichever, and
 * no object follows. */
static bool
noun_between(const struct reading *r, const struct figure *f, size_t harm)
{
    static const char *const words[] = {"of",  "de",   "d",    "du",   "des", "in",   "on",  "at",
                                        "en",  "dans", "sur",  "a",    "ont", "by",   "par", "to",
                                        "and", "et",   "with", "avec", "for", "pour", NULL};
    const uint64_t thing = LEX_FLAG(LF_ATTACK) | LEX_FLAG(LF_VEHICLE) | LEX_FLAG(LF_UNIT) |
                           LEX_FLAG(LF_PLACE) | LEX_FLAG(LF_AIR) | LEX_FLAG(LF_STRIKE) |
                           LEX_FLAG(LF_ROAD) | LEX_FLAG(LF_NEGATION) | LEX_FLAG(LF_VICTIMS);
    struct number g;
    for (const char *const *w = words; f->start > 0 && *w; w++)
        if (is(r, f->start - 1, *w)) /* "working for an agency was shot" */
            return false;
    if (harm > f->n.end + REACH_NOUN || has(r, harm, LF_TAKEN) || has(r, harm, LF_DEED))
        return false;
    for (size_t j = f->n.end; j < harm; j++) {
        if (r->t[j].gap >= GAP_COMMA || (r->flags[j] & thing) || names_event(r, j))
            return false;
        for (const char *const *w = words; *w; w++)
            if (is(r, j, *w))
                return false;
    }
    size_t next = harm + 1;
    return next >= r->n || r->t[next].gap >= GAP_COMMA ||
           !(figures_person(r, next) || number_simple(r, next, &g) || is(r, next, "the") ||
             is(r, next, "le") || is(r, next, "la") || is(r, next, "les") || is(r, next, "des"));
}

/* Which of the kinds a figure has of the harm words at i and behind it: "killed or wounded",
 * "enlevé puis tué". Who was shot and killed is not also wounded. */
static unsigned
kinds_from(const struct reading *r, struct count *c, size_t i)
{
    unsigned kinds = figures_kinds(r, i);
    for (size_t j = i; j + 1 < r->n && r->t[j + 1].gap != GAP_SENTENCE; j++) {
        c->used[j] = c->used[j] || figures_kinds(r, j);
        unsigned more = figures_kinds(r, j + 1);
        bool joint = is_and(r, j + 1) || is(r, j + 1, "puis") || is(r, j + 1, "then") ||
                     is(r, j + 1, "or") || is(r, j + 1, "ou");
        if (more) {
            if (kinds == 1u << WOUNDED && more == 1u << KILLED)
                kinds = more;
            else if (is_and(r, j) || is(r, j, "or") || is(r, j, "ou") || is(r, j, "puis") ||
                     is(r, j, "then") || !(kinds & 1u << KILLED))
                kinds |= more;
            c->used[j + 1] = true;
        } else if (!joint || j + 2 >= r->n || !figures_kinds(r, j + 2)) {
            break;
        }
    }
    return kinds;
}

/* Figure g is the next of a list that f is in: "f and g", "f, g and h". */
static bool
in_list(const struct reading *r, const struct count *c, size_t g)
{
    for (size_t k = g; k < c->n && c->f[k].sentence == c->f[g].sentence; k++) {
        const struct figure *f = &c->f[k];
        if (f->start == 0 || f->start > c->f[k - 1].n.end + REACH_LIST)
            return false;
        if (is_and(r, f->start - 1))
            return true;
        if (r->t[f->start].gap != GAP_COMMA)
            return false;
    }
    return false;
}

static bool
counted(const struct reading *r, const struct figure *f)
{
    size_t i = f->n.end;
    bool harm = i < r->n && r->t[i].gap < GAP_COMMA && figures_kinds(r, i) && !has(r, i, LF_DEED);
    return !f->n.article || harm || figures_named(r, f); /* "un mort", "un berger" */
}

static void
join_right(const struct reading *r, struct count *c, size_t which)
{
    struct figure *f = &c->f[which];
    size_t next = which + 1;
    bool person = f->one || (f->n.article && f->n.more); /* "another" needs no noun */
    bool did = false;
    for (size_t i = f->n.end; i < r->n && i < f->n.end + REACH_RIGHT; i++) {
        if (r->t[i].gap == GAP_SENTENCE || has(r, i, LF_AGENT))
            return;
        if (next < c->n && i == c->f[next].start) {
            const struct figure *g = &c->f[next];
            bool own = !figures_person(r, g->n.end - 1) && g->n.end < r->n &&
                       figures_kinds(r, g->n.end); /* "un mort" */
            if (!did && !own && in_list(r, c, next) && counted(r, g) && (!f->n.article || person)) {
                f->harm_at = SIZE_MAX; /* "two soldiers and three civilians were killed" */
                return;
            }
            /* "twenty gunmen fire at the trucks, a driver wounded", "a house hit, a man dead" */
            if (!(g->n.article || g->one) || r->t[i].gap == GAP_COMMA ||
                ((did || !person) && counted(r, g)))
                return;
            next++;
        }
        unsigned k = figures_kinds(r, i);
        if (has(r, i, LF_SPARED) && !k)
            return;
        did = did || (has(r, i, LF_ATTACK) && !k);
        if (f->n.article && r->t[i].gap == GAP_COMMA && figures_person(r, i) &&
            figures_plural(r, i)) /* "a truck hit, passengers killed" */
            return;
        person = person || (figures_person(r, i) && !k);
        if (!k)
            continue;
        if (r->denied[i])
            return;
        if (f->n.article && !person && (i > f->n.end ? !noun_between(r, f, i) : has(r, i, LF_DEED)))
            return;
        if (active(r, c, next, i) || (c->used[i] && (f->n.article || f->one)))
            return;
        f->kinds = kinds_from(r, c, i);
        f->harm_at = i;
        return;
    }
}

/* "killed the chief, his wife and their driver", "two guards killed and five traffickers": a
 * figure that has met no harm word has that of the figure before it. */
static void
join_last(const struct reading *r, struct count *c, size_t which)
{
    static const char *const verbs[] = {"was",  "were", "is", "are", "has", "have", "had", "said",
                                        "says", "told", "a",  "ont", "est", "sont", "ete", NULL};
    struct figure *f = &c->f[which];
    if (which == 0 || f->kinds || f->harm_at == SIZE_MAX)
        return;
    const struct figure *p = &c->f[which - 1];
    if (!p->kinds || p->sentence != f->sentence || !counted(r, f) || !in_list(r, c, which))
        return;
    bool behind = p->harm_at > p->n.end;
    if (behind && (p->harm_at + 1 != f->start - 1 || !is_and(r, f->start - 1)))
        return;
    bool person = f->one;
    for (size_t i = f->n.end; i < r->n && i < f->n.end + REACH_LIST; i++) {
        if (r->t[i].gap >= GAP_COMMA)
            break;
        for (const char *const *w = verbs; *w && person; w++)
            if (is(r, i, *w))
                return;
        if (has(r, i, LF_SPARED) || figures_kinds(r, i) || (!person && has(r, i, LF_UNIT)))
            return;
        person = person || figures_person(r, i);
    }
    if (!person)
        return;
    f->kinds = p->kinds;
    f->harm_at = p->harm_at;
}

/* "claimed three lives", "three lives were lost", "coûté trois vies" */
static bool
join_lives(const struct reading *r, struct figure *f)
{
    static const char *const cost[] = {"claimed", "claims", "claim",  "claiming", "cost", "costs",
                                       "costing", "took",   "taking", "coute",    "lost", NULL};
    size_t at = f->n.end;
    if (at < r->n && has(r, at, LF_MORE))
        at++;
    if (f->n.first == 0 || at >= r->n ||
        !(is(r, at, "lives") || is(r, at, "vies") || is(r, at, "life")))
        return false;
    for (const char *const *w = cost; *w; w++)
        if (is(r, f->n.first - 1, *w)) {
            f->kinds = 1u << KILLED;
            f->harm_at = at;
            return true;
        }
    return false;
}

/* "Five dead; later seven", "le bilan passe maintenant à 9": a bare figure behind a word of
 * change is the toll again. */
static void
join_toll(const struct reading *r, struct count *c, size_t which)
{
    static const char *const change[] = {"now",   "later",  "rises",      "rose",   "risen",
                                         "passe", "puis",   "maintenant", "grimpe", "desormais",
                                         "monte", "update", NULL};
    struct figure *f = &c->f[which];
    if (f->kinds || f->one || f->n.article || f->harm_at == SIZE_MAX ||
        !(f->n.end >= r->n || r->t[f->n.end].gap >= GAP_COMMA))
        return;
    bool toll = false;
    for (size_t k = 1; k <= REACH_TOLL && k <= f->start && !toll; k++) {
        for (const char *const *w = change; *w; w++)
            toll = toll || is(r, f->start - k, *w);
        if (r->t[f->start - k].gap == GAP_SENTENCE)
            break;
    }
    for (size_t k = 0; k < which && toll; k++)
        if (c->f[k].kinds == 1u << KILLED && c->f[k].n.least < f->n.least) {
            f->kinds = c->f[k].kinds;
            f->harm_at = f->n.first;
            c->f[k].kinds = 0; /* the older toll is no more */
        }
}

static void
join_one(const struct reading *r, struct count *c, size_t which)
{
    struct figure *f = &c->f[which];
    size_t at = f->n.end;
    bool close = at < r->n && r->t[at].gap == GAP_SPACE && figures_kinds(r, at) && !r->denied[at] &&
                 !active(r, c, which + 1, at); /* "passe à 12 blessés" */
    if (join_lives(r, f))
        return;
    if (!close && counted(r, f) && join_left(r, c, f)) {
        c->used[f->harm_at] = true;
        return;
    }
    join_right(r, c, which);
    if (f->kinds)
        c->used[f->harm_at] = true;
}

void
figures_join(const struct reading *r, struct count *c)
{
    for (size_t k = 0; k < c->n; k++)
        join_one(r, c, k);
    for (size_t k = c->n; k-- > 1;) /* "two … and three … killed": the first as the second */
        if (c->f[k - 1].harm_at == SIZE_MAX) {
            c->f[k - 1].kinds = c->f[k].kinds;
            c->f[k - 1].harm_at = c->f[k].harm_at;
        }
    for (size_t k = 1; k < c->n; k++)
        join_last(r, c, k);
    for (size_t k = 1; k < c->n; k++)
        join_toll(r, c, k);
}
