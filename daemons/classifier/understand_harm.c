/* understand_harm: how many were killed, wounded, taken.
 *
 * Figures are digits, number words and articles ("a driver"). Each is joined to the harm word
 * that it belongs to:
 *
 *   just behind it      "killing [at least] nine", "blessés : 3"
 *   further on          "nine civilians, all traders, were killed", up to the agent ("by five
 *                       gunmen" counts nobody), the end of the sentence or the next figure
 *   of the next figure  "two soldiers and three civilians killed"
 *
 * A figure after "including", "dont" is part of the one before. Within a sentence figures of one
 * kind add up; over sentences the greatest counts, since reports repeat themselves, unless a word
 * says that these are others. A harm word without a figure counts one where a single person
 * stands before it. Never more than MAX_FIGURES figures; what comes later is not read.
 *
 * "No casualties", "aucun mort": such harm words are denied. They give zero, take no figure, and
 * are no evidence for an event. A number above PLAIN_MOST in digits without separators is an id
 * or a year, unless people or harm stand right behind it. Who was hurt and died of it is counted
 * once, among the dead. */
#include "understand_parts.h"

#include <stdio.h>
#include <string.h>

#define MAX_FIGURES 64
#define REACH_RIGHT 20 /* tokens from a figure to its harm word */
#define REACH_LEFT  4
#define REACH_ONE   9 /* from a person without a figure to the harm word */
#define MAX_PEOPLE  1000000
#define PLAIN_MOST  2000 /* the greatest number that is believed without separators */
#define REACH_NO    6    /* tokens that a negation reaches */
#define REACH_DEATH 12   /* from a wound to the death of it */

enum { KILLED, WOUNDED, TAKEN, KINDS };
static const enum lex_flag kind_flag[KINDS] = {LF_KILLED, LF_WOUNDED, LF_TAKEN};

struct figure {
    size_t first, end; /* tokens */
    int32_t least, most;
    bool article, more;
    unsigned sentence, kinds;
    size_t harm_at;
};

struct count {
    struct figure f[MAX_FIGURES];
    size_t n;
    bool *used; /* by token: a figure has this harm word */
};

static unsigned
kinds_at(const struct reading *r, size_t i)
{
    unsigned k = 0;
    for (unsigned j = 0; j < KINDS; j++)
        k |= has(r, i, kind_flag[j]) ? 1u << j : 0;
    return k;
}

/* ---- reading figures */

static bool
digits(const struct token *t, int32_t *v)
{
    if (t->len > 6 || (t->len > 1 && t->s[0] == '0'))
        return false;
    int32_t n = 0;
    for (size_t i = 0; i < t->len; i++) {
        if (t->s[i] < '0' || t->s[i] > '9')
            return false;
        n = n * 10 + (t->s[i] - '0');
    }
    *v = n;
    return true;
}

static const struct lex_hit *
number_hit(const struct reading *r, size_t i)
{
    for (uint32_t h = r->hit_at[i]; h < r->n_hits && r->hits[h].first == i; h++) {
        const struct lex_entry *e = r->hits[h].e;
        bool foreign = (e->flags & LEX_FLAG(LF_ARTICLE)) && e->lang && e->lang != r->lang;
        if (e->number >= 0 && !foreign)
            return &r->hits[h];
    }
    return NULL;
}

/* One number at i, digits or a word; how many tokens it takes, 0 = none. */
static size_t
simple(const struct reading *r, size_t i, struct figure *f)
{
    int32_t v;
    if (digits(&r->t[i], &v)) {
        size_t k = 1;
        /* "10 000", "10,000" */
        while (i + k < r->n && r->t[i].len <= 3 && r->t[i + k].len == 3 && v < 1000 &&
               (r->t[i + k].gap == GAP_SPACE || r->t[i + k].gap == GAP_COMMA) &&
               strspn(r->t[i + k].s, "0123456789") == 3) {
            const char *s = r->t[i + k].s;
            v = v * 1000 + (s[0] - '0') * 100 + (s[1] - '0') * 10 + (s[2] - '0');
            k++;
        }
        *f = (struct figure){.first = i, .end = i + k, .least = v, .most = v};
        return k;
    }
    const struct lex_hit *h = number_hit(r, i);
    if (!h)
        return 0;
    *f = (struct figure){.first = i,
                         .end = i + h->count,
                         .least = h->e->number,
                         .most = h->e->most,
                         .article = (h->e->flags & LEX_FLAG(LF_ARTICLE)) != 0,
                         .more = (h->e->flags & LEX_FLAG(LF_MORE)) != 0};
    return h->count;
}

/* Composed words: "vingt-deux", "two hundred and six", "deux cents". */
static size_t
compose(const struct reading *r, size_t i, struct figure *f)
{
    size_t k = simple(r, i, f);
    if (!k || f->article)
        return k;
    struct figure g;
    while (i + k < r->n && f->least < MAX_PEOPLE) {
        uint16_t gap = r->t[i + k].gap;
        size_t skip = 0;
        if (gap != GAP_SPACE && gap != GAP_HYPHEN)
            break;
        if (f->least >= 20 && i + k + 1 < r->n &&
            (strcmp(r->t[i + k].s, "and") == 0 || strcmp(r->t[i + k].s, "et") == 0))
            skip = 1;
        size_t m = simple(r, i + k + skip, &g);
        int32_t v;
        if (!m || g.least != g.most || f->least != f->most || digits(&r->t[i + k + skip], &v) ||
            digits(&r->t[i], &v))
            break;
        if (!skip && (g.least == 100 || g.least == 1000) && f->least < g.least)
            f->least *= g.least;
        else if (f->least >= 100 && g.least < 100 && !g.article)
            f->least += g.least;
        else if (f->least >= 20 && f->least < 100 && f->least % 10 == 0 && g.least > 0 &&
                 g.least < 20 && (!g.article || skip) && (!skip || g.least == 1 || g.least == 11))
            f->least += g.least;
        else
            break;
        f->most = f->least;
        k += skip + m;
        f->end = i + k;
    }
    return k;
}

/* What is counted is no people: a unit follows, or the number is a date, a year, a number of
 * something. */
static bool
no_people(const struct reading *r, const struct figure *f)
{
    if (f->end < r->n && r->t[f->end].gap != GAP_SENTENCE && has(r, f->end, LF_UNIT) &&
        !has(r, f->end, LF_PERSON))
        return true;
    if (f->first > 0 && has(r, f->first - 1, LF_UNIT) && !f->article &&
        r->t[f->first].gap == GAP_SPACE && !has(r, f->first - 1, LF_KILLED))
        return true;
    int32_t v;
    bool plain = digits(&r->t[f->first], &v) && f->end == f->first + 1;
    bool named = f->end < r->n && r->t[f->end].gap == GAP_SPACE;
    if (plain && v >= 1900 && v <= 2100)
        return !(named && has(r, f->end, LF_PERSON));
    return plain && v > PLAIN_MOST &&
           !(named && (has(r, f->end, LF_PERSON) || kinds_at(r, f->end)));
}

static bool
is(const struct reading *r, size_t i, const char *s)
{
    return strcmp(r->t[i].s, s) == 0;
}

/* "8-10", "8 to 10", "de 8 à 10", "between 8 and 10". */
static void
range_of(const struct reading *r, struct figure *f)
{
    struct figure g;
    size_t i = f->end;
    if (i >= r->n || f->article)
        return;
    if (r->t[i].gap == GAP_HYPHEN && f->end == f->first + 1) {
        if (!simple(r, i, &g))
            return;
    } else {
        bool between = f->first > 0 && has(r, f->first - 1, LF_VERSUS);
        bool word = is(r, i, "to") || is(r, i, "a") || is(r, i, "or") || is(r, i, "ou") ||
                    (between && (is(r, i, "and") || is(r, i, "et")));
        if (!word || i + 1 >= r->n || r->t[i + 1].gap != GAP_SPACE || !simple(r, i + 1, &g))
            return;
    }
    if (g.article || g.least < f->least || g.least > f->least * 10 + 10)
        return;
    f->most = g.most;
    f->end = g.end;
}

static void
bounds(const struct reading *r, struct figure *f)
{
    for (size_t k = 1; k <= 3 && k <= f->first; k++) {
        size_t i = f->first - k;
        if (has(r, i, LF_AT_LEAST)) {
            if (f->most < f->least * 2)
                f->most = f->least * 2;
            return;
        }
        if (has(r, i, LF_UP_TO)) {
            f->least = f->least > 0 ? 1 : 0;
            return;
        }
    }
}

/* Counted in the figure before it. "12 victims, including 3 dead" is the first word on the dead
 * and counts. */
static bool
is_part(const struct reading *r, const struct count *c, const struct figure *f)
{
    if (c->n == 0 || c->f[c->n - 1].sentence != f->sentence)
        return false;
    unsigned kinds = f->end < r->n ? kinds_at(r, f->end) : 0, before = 0;
    for (size_t j = c->f[c->n - 1].first; j < f->first; j++)
        before |= kinds_at(r, j);
    return !kinds || (kinds & before);
}

static void
read_figures(const struct reading *r, struct count *c)
{
    unsigned sentence = 0;
    bool part = false;
    for (size_t i = 0; i < r->n && c->n < MAX_FIGURES;) {
        if (r->t[i].gap == GAP_SENTENCE)
            sentence++;
        if (r->t[i].gap == GAP_SENTENCE || (r->t[i].gap == GAP_COMMA && !has(r, i, LF_PART)))
            part = false;
        if (has(r, i, LF_PART))
            part = true;
        struct figure f;
        size_t k = compose(r, i, &f);
        if (!k) {
            i++;
            continue;
        }
        f.sentence = sentence;
        range_of(r, &f);
        i = f.end;
        if (part && is_part(r, c, &f))
            continue;
        if (no_people(r, &f))
            continue;
        bounds(r, &f);
        for (size_t j = f.end; j < r->n && j < f.end + 2 && r->t[j].gap != GAP_SENTENCE; j++)
            f.more = f.more || has(r, j, LF_MORE);
        c->f[c->n++] = f;
    }
}

/* ---- joining them to harm words */

/* A harm word just behind the figure, with nothing but "at least", "some" between. */
static bool
join_left(const struct reading *r, struct count *c, struct figure *f)
{
    bool with = false;
    for (size_t k = 0, i = f->first; k < REACH_LEFT && i > 0; k++, i--) {
        if (r->t[i].gap == GAP_SENTENCE || r->t[i].gap == GAP_COMMA)
            return false;
        size_t j = i - 1;
        if (kinds_at(r, j) && r->denied[j])
            return false;
        if (kinds_at(r, j)) {
            if (c->used[j] && !with) /* "killed along with two others" */
                return false;
            f->kinds = kinds_at(r, j);
            f->harm_at = j;
            return true;
        }
        with = with || is(r, j, "with");
        bool filler = has(r, j, LF_AT_LEAST) || has(r, j, LF_UP_TO) || is(r, j, "de") ||
                      is(r, j, "d") || is(r, j, "of") || is(r, j, "des") || is(r, j, "les") ||
                      is(r, j, "the") || is(r, j, "some") || is(r, j, "ete") || is(r, j, "along") ||
                      with;
        if (!filler)
            return false;
    }
    return false;
}

/* "five gunmen killed three", "cinq hommes ont tué": whose figure stands before did it. */
static bool
active(const struct reading *r, const struct count *c, size_t next, size_t i)
{
    if (i > 0 && r->lang == LANG_FR && (is(r, i - 1, "a") || is(r, i - 1, "ont")))
        return true;
    if (next >= c->n || c->f[next].article)
        return false;
    size_t at = i + 1;
    while (at < r->n && (has(r, at, LF_AT_LEAST) || has(r, at, LF_UP_TO)))
        at++;
    const struct figure *g = &c->f[next];
    if (g->first != at || r->t[at].gap == GAP_COMMA)
        return false;
    for (size_t j = g->end; j < r->n && j < g->end + 3; j++)
        if (kinds_at(r, j)) /* "three dead 27 wounded" */
            return false;
    return true;
}

static void
join_right(const struct reading *r, struct count *c, size_t which)
{
    struct figure *f = &c->f[which];
    size_t next = which + 1;
    bool person = f->article && f->more; /* "another" needs no noun */
    bool did = false;
    for (size_t i = f->end; i < r->n && i < f->end + REACH_RIGHT; i++) {
        if (r->t[i].gap == GAP_SENTENCE || has(r, i, LF_AGENT))
            return;
        if (next < c->n && i == c->f[next].first) {
            const struct figure *g = &c->f[next];
            bool joint = is(r, i - 1, "and") || is(r, i - 1, "et");
            bool counted = !g->article || (g->end < r->n && has(r, g->end, LF_PERSON));
            if (joint && counted && (!f->article || person)) {
                f->harm_at = SIZE_MAX; /* "two soldiers and three civilians were killed" */
                return;
            }
            /* "twenty gunmen fire at the trucks, a driver wounded" */
            if (!g->article || (did && counted))
                return;
            next++;
        }
        did = did || (has(r, i, LF_ATTACK) && !kinds_at(r, i));
        person = person || has(r, i, LF_PERSON) || has(r, i, LF_FIGHTER) || has(r, i, LF_FORCES);
        unsigned k = kinds_at(r, i);
        if (!k)
            continue;
        if (r->denied[i])
            return;
        if ((f->article && !person && i > f->end) || active(r, c, next, i))
            return;
        f->kinds = k;
        f->harm_at = i;
        /* "shot and killed", "killed or wounded", "enlevé puis tué": both */
        for (size_t j = i; j + 1 < r->n && r->t[j + 1].gap != GAP_SENTENCE; j++) {
            c->used[j] = c->used[j] || kinds_at(r, j);
            unsigned more = kinds_at(r, j + 1);
            bool joint = is(r, j + 1, "and") || is(r, j + 1, "et") || is(r, j + 1, "puis") ||
                         is(r, j + 1, "then");
            if (more) {
                f->kinds |= more;
                c->used[j + 1] = true;
            } else if (!joint || j + 2 >= r->n || !kinds_at(r, j + 2)) {
                break;
            }
        }
        return;
    }
}

static void
join(const struct reading *r, struct count *c)
{
    for (size_t k = 0; k < c->n; k++) {
        struct figure *f = &c->f[k];
        bool person = f->end < r->n && (has(r, f->end, LF_PERSON) || has(r, f->end, LF_FORCES) ||
                                        has(r, f->end, LF_FIGHTER));
        if (!(f->article && !person) && join_left(r, c, f)) {
            c->used[f->harm_at] = true;
            continue;
        }
        join_right(r, c, k);
        if (f->kinds)
            c->used[f->harm_at] = true;
    }
    for (size_t k = c->n; k-- > 1;) /* "two … and three … killed": the first as the second */
        if (c->f[k - 1].harm_at == SIZE_MAX && c->f[k].kinds) {
            c->f[k - 1].kinds = c->f[k].kinds;
            c->f[k - 1].harm_at = c->f[k].harm_at;
        }
}

/* Who was harmed: what stands between figure and harm word, or just behind the figure. */
static void
victims(struct reading *r, const struct count *c)
{
    for (size_t k = 0; k < c->n; k++) {
        const struct figure *f = &c->f[k];
        if (!f->kinds)
            continue;
        size_t end = f->harm_at > f->end && f->harm_at != SIZE_MAX ? f->harm_at : f->end + 3;
        bool armed = false, other = false, civil = false;
        for (size_t i = f->end; i < r->n && i < end && r->t[i].gap != GAP_SENTENCE; i++) {
            bool soldier = has(r, i, LF_FORCES) || has(r, i, LF_FIGHTER);
            if (has(r, i, LF_AGENT))
                break;
            armed = armed || soldier;
            other = other || (has(r, i, LF_PERSON) && !soldier);
            civil = civil || has(r, i, LF_CIVIL);
        }
        r->armed_hurt = r->armed_hurt || armed;
        r->others_hurt = r->others_hurt || (other && !armed);
        r->civil_hurt = r->civil_hurt || (civil && !armed);
    }
}

/* ---- adding up */

static int
known_as(struct reading *r, struct range *h, unsigned kind, int32_t least, int32_t most,
         size_t first, size_t last)
{
    static const char *const names[KINDS] = {"killed", "wounded", "taken"};
    if (h->least >= 0 && h->least >= least)
        return 0;
    *h = (struct range){least, most};
    char means[48];
    if (least == most)
        (void)snprintf(means, sizeof(means), "%s=%d", names[kind], (int)least);
    else
        (void)snprintf(means, sizeof(means), "%s=%d-%d", names[kind], (int)least, (int)most);
    return reading_evidence(r, first, last, means);
}

static int
add_up(struct reading *r, const struct count *c, unsigned kind, struct range *h)
{
    int64_t least = -1, most = -1, sum_least = 0, sum_most = 0;
    size_t from = SIZE_MAX, to = 0, sum_from = SIZE_MAX, sum_to = 0;
    unsigned sentence = 0;
    for (size_t k = 0; k <= c->n; k++) {
        const struct figure *f = &c->f[k];
        bool end = k == c->n;
        if (!end && !(f->kinds & (1u << kind)))
            continue;
        if (end || (f->sentence != sentence && !f->more)) { /* a sentence's sum is complete */
            if (sum_from != SIZE_MAX && sum_least > least) {
                least = sum_least;
                most = sum_most;
                from = sum_from;
                to = sum_to;
            }
            sum_least = sum_most = 0;
            sum_from = SIZE_MAX;
            sum_to = 0;
        }
        if (end)
            break;
        sentence = f->sentence;
        sum_least += f->least;
        sum_most += f->most;
        size_t a = f->first < f->harm_at ? f->first : f->harm_at;
        size_t b = f->harm_at >= f->end ? f->harm_at : f->end - 1;
        sum_from = a < sum_from ? a : sum_from;
        sum_to = b > sum_to ? b : sum_to;
    }
    if (least < 0)
        return 0;
    if (least > MAX_PEOPLE)
        least = MAX_PEOPLE;
    if (most > 2 * MAX_PEOPLE)
        most = 2 * MAX_PEOPLE;
    return known_as(r, h, kind, (int32_t)least, (int32_t)most, from, to);
}

static bool
plural(const struct reading *r, size_t i)
{
    return has(r, i, LF_PLURAL) || r->t[i].s[r->t[i].len - 1] == 's';
}

/* "tuent le chef", "killing the mayor": a single person just behind the harm word. */
static bool
behind(const struct reading *r, size_t i)
{
    for (size_t j = i + 1; j + 1 < r->n && j < i + 4 && r->t[j].gap != GAP_SENTENCE; j++) {
        if (has(r, j, LF_AGENT))
            return false;
        if (is(r, j, "le") || is(r, j, "la") || is(r, j, "l") || is(r, j, "du") || is(r, j, "the"))
            return has(r, j + 1, LF_PERSON) && !plural(r, j + 1);
    }
    return false;
}

/* "ambassador killed", "the mayor of the village was shot dead": one. */
static int
single(struct reading *r, const struct count *c, unsigned kind, struct range *h)
{
    for (size_t i = 0; i < r->n && h->least < 0; i++) {
        if (!has(r, i, kind_flag[kind]) || c->used[i] || r->denied[i])
            continue;
        if (behind(r, i)) {
            if (known_as(r, h, kind, 1, 1, i, i))
                return -1;
            break;
        }
        for (size_t k = 0; k < REACH_ONE && k < i && r->t[i - k].gap != GAP_SENTENCE; k++) {
            size_t j = i - k - 1;
            if (has(r, j, LF_AGENT) || has(r, j, LF_NEGATION) || kinds_at(r, j))
                break;
            bool who = has(r, j, LF_PERSON) || has(r, j, LF_FORCES);
            if (who && !plural(r, j)) {
                if (known_as(r, h, kind, 1, 1, j, i))
                    return -1;
                r->armed_hurt = r->armed_hurt || has(r, j, LF_FORCES);
                r->others_hurt = r->others_hurt || !has(r, j, LF_FORCES);
                break;
            }
            if (who)
                break;
        }
    }
    return 0;
}

/* "no casualties", "aucun blessé", "nobody was hurt", "victimes : aucune". */
static void
deny(struct reading *r)
{
    for (size_t i = 0; i < r->n; i++) {
        struct figure f;
        if (!has(r, i, LF_NEGATION))
            continue;
        if (i > 0 && r->t[i].gap == GAP_OTHER && (kinds_at(r, i - 1) || has(r, i - 1, LF_VICTIMS)))
            r->denied[i - 1] = true;
        for (size_t j = i; j < r->n && j < i + REACH_NO; j++) {
            if (j > i && (r->t[j].gap == GAP_SENTENCE || is(r, j, "but") || is(r, j, "mais")))
                break;
            if (j > i && !has(r, j, LF_NEGATION) && simple(r, j, &f) && !f.article)
                break;
            if (kinds_at(r, j) || has(r, j, LF_VICTIMS))
                r->denied[j] = true;
        }
    }
}

/* What is denied and not told otherwise is known to be none. */
static int
none(struct reading *r)
{
    struct range *h[KINDS] = {&r->out->harm.killed, &r->out->harm.wounded, &r->out->harm.taken};
    for (size_t i = 0; i < r->n; i++) {
        if (!r->denied[i])
            continue;
        unsigned k = kinds_at(r, i);
        if (has(r, i, LF_VICTIMS))
            k |= 1u << KILLED | 1u << WOUNDED;
        size_t from = i;
        while (from > 0 && i - from < REACH_NO && !has(r, from, LF_NEGATION))
            from--;
        for (unsigned q = 0; q < KINDS; q++)
            if (k & (1u << q) &&
                known_as(r, h[q], q, 0, 0, has(r, from, LF_NEGATION) ? from : i, i))
                return -1;
    }
    return 0;
}

static void
forget(struct finding *f, const char *means)
{
    size_t n = 0;
    for (size_t i = 0; i < f->n_evidence; i++)
        if (strcmp(f->evidence[i].means, means) != 0)
            f->evidence[n++] = f->evidence[i];
    f->n_evidence = n;
}

/* "Shot in the chest and later died": nobody else stands between the wound and the death. */
static int
died_of_it(struct reading *r)
{
    struct harm *h = &r->out->harm;
    if (h->wounded.least != 1 || h->wounded.most != 1 || h->killed.most > 1)
        return 0;
    for (size_t i = 0; i < r->n; i++) {
        if (!has(r, i, LF_KILLED) || has(r, i, LF_WOUNDED) || r->denied[i])
            continue;
        for (size_t k = 1; k <= REACH_DEATH && k <= i; k++) {
            struct figure f;
            size_t j = i - k;
            if (has(r, j, LF_PERSON) || (simple(r, j, &f) && (!f.article || f.more)) ||
                (has(r, j, LF_KILLED) && !has(r, j, LF_WOUNDED)))
                break;
            if (!has(r, j, LF_WOUNDED) || r->denied[j])
                continue;
            h->wounded = (struct range){-1, -1};
            forget(r->out, "wounded=1");
            return known_as(r, &h->killed, KILLED, 1, 1, j, i);
        }
    }
    return 0;
}

int
understand_harm(struct reading *r)
{
    struct count c = {.n = 0};
    uint64_t harm =
        LEX_FLAG(LF_KILLED) | LEX_FLAG(LF_WOUNDED) | LEX_FLAG(LF_TAKEN) | LEX_FLAG(LF_VICTIMS);
    if (!(r->all & harm))
        return 0;
    c.used = arena_zalloc(r->arena, r->n * sizeof(*c.used) + 1);
    r->denied = arena_zalloc(r->arena, r->n * sizeof(*r->denied) + 1);
    if (!c.used || !r->denied)
        return -1;
    if (r->all & LEX_FLAG(LF_NEGATION))
        deny(r);
    read_figures(r, &c);
    join(r, &c);
    victims(r, &c);
    struct range *h[KINDS] = {&r->out->harm.killed, &r->out->harm.wounded, &r->out->harm.taken};
    for (unsigned k = 0; k < KINDS; k++)
        if (h[k]->least < 0 && add_up(r, &c, k, h[k]))
            return -1;
    for (size_t k = 0; k < c.n; k++) /* "0 mort" denies as well */
        if (c.f[k].kinds && c.f[k].most == 0 && c.f[k].harm_at < r->n)
            r->denied[c.f[k].harm_at] = true;
    if (none(r))
        return -1;
    for (unsigned k = 0; k < KINDS; k++)
        if (single(r, &c, k, h[k]))
            return -1;
    return died_of_it(r);
}
