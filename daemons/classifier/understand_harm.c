/* understand_harm: how many were killed, wounded, taken.
 *
 * Figures are read (understand_figures), joined to their harm words (understand_join) and added
 * up: within a sentence figures of one kind add; over sentences the greatest counts, since
 * reports repeat themselves and tolls rise, unless a word says that these are others. A harm word
 * without a figure counts one where a single person stands before it, or its verb is singular
 * ("a été enlevée", "was killed").
 *
 * "No casualties", "aucun mort": such harm words are denied. They give zero, take no figure, and
 * are no evidence for an event. Who was hurt and died of it is counted once, among the dead. */
#include "understand_figures.h"

#include <stdio.h>

#define REACH_ONE   9  /* from a person without a figure to the harm word */
#define REACH_VERB  6  /* from the subject to a singular verb */
#define REACH_NO    6  /* tokens that a negation reaches */
#define REACH_SAME  4  /* from "he" to "died" */
#define REACH_DEATH 12 /* from a wound to the death of it */

/* Who was harmed: what stands between figure and harm word, or just behind the figure. */
static void
victims(struct reading *r, const struct count *c)
{
    for (size_t k = 0; k < c->n; k++) {
        const struct figure *f = &c->f[k];
        if (!f->kinds)
            continue;
        size_t end = f->harm_at > f->n.end && f->harm_at != SIZE_MAX ? f->harm_at : f->n.end + 3;
        bool armed = false, other = false, civil = false;
        for (size_t i = f->one ? f->n.first : f->n.end;
             i < r->n && i < end && (i == f->n.first || r->t[i].gap != GAP_SENTENCE); i++) {
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

/* The last token of the harm word that begins at i: "shot dead". */
static size_t
last_of(const struct reading *r, size_t i)
{
    size_t last = i;
    const uint64_t harm = LEX_FLAG(LF_KILLED) | LEX_FLAG(LF_WOUNDED) | LEX_FLAG(LF_TAKEN);
    for (uint32_t h = r->hit_at[i]; h < r->n_hits && r->hits[h].first == i; h++)
        if ((r->hits[h].e->flags & harm) && i + r->hits[h].count - 1 > last)
            last = i + r->hits[h].count - 1;
    return last;
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
        if (end || (f->sentence != sentence && !f->n.more)) { /* a sentence's sum is complete */
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
        sum_least += f->n.least;
        sum_most += f->n.most;
        size_t a = f->n.first < f->harm_at ? f->n.first : f->harm_at;
        size_t b = f->harm_at >= f->n.end ? last_of(r, f->harm_at) : f->n.end - 1;
        if (f->harm_at < f->n.first) /* "killing nine civilians" */
            while (b + 1 < r->n && r->t[b + 1].gap == GAP_SPACE && figures_person(r, b + 1))
                b++;
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

/* "was killed", "a été enlevée": the verb tells that its subject is one, whatever the noun. */
static size_t
singular_verb(const struct reading *r, size_t i)
{
    if (i == 0)
        return 0;
    size_t v = 0;
    bool en = r->lang != LANG_FR;
    if (en && (is(r, i - 1, "was") || is(r, i, "was")))
        v = is(r, i, "was") ? i : i - 1;
    else if (en && i > 1 && is(r, i - 1, "been") && is(r, i - 2, "has"))
        v = i - 2;
    else if (!en && i > 1 && is(r, i - 1, "ete") &&
             (is(r, i - 2, "a") || is(r, i - 2, "avait") || is(r, i - 2, "aurait")))
        v = i - 2;
    const uint64_t thing = LEX_FLAG(LF_VEHICLE) | LEX_FLAG(LF_PLACE) | LEX_FLAG(LF_UNIT) |
                           LEX_FLAG(LF_AIR) | LEX_FLAG(LF_NEGATION) | LEX_FLAG(LF_PLURAL);
    for (size_t k = 0; k <= REACH_VERB && k <= v; k++) {
        if (k > 0 && (r->flags[v - k] & thing))
            return 0;
        if (r->t[v - k].gap == GAP_SENTENCE)
            break;
    }
    return v;
}

/* "ambassador killed", "the mayor of the village was shot dead": one. */
static int
single(struct reading *r, const struct count *c, unsigned kind, struct range *h)
{
    for (size_t i = 0; i < r->n && h->least < 0; i++) {
        if (!(figures_kinds(r, i) & 1u << kind) || c->used[i] || r->denied[i] || has(r, i, LF_DEED))
            continue;
        for (size_t k = 0; k < REACH_ONE && k < i && r->t[i - k].gap != GAP_SENTENCE; k++) {
            size_t j = i - k - 1;
            if (has(r, j, LF_AGENT) || has(r, j, LF_NEGATION) || figures_kinds(r, j))
                break;
            bool who = (has(r, j, LF_PERSON) && !has(r, j, LF_VEHICLE)) || has(r, j, LF_FORCES);
            if (who && !figures_plural(r, j)) {
                if (known_as(r, h, kind, 1, 1, j, i))
                    return -1;
                r->armed_hurt = r->armed_hurt || has(r, j, LF_FORCES);
                r->others_hurt = r->others_hurt || !has(r, j, LF_FORCES);
                break;
            }
            if (who)
                break;
        }
        size_t verb = h->least < 0 ? singular_verb(r, i) : 0;
        if (verb > 0 && known_as(r, h, kind, 1, 1, verb, i))
            return -1;
    }
    return 0;
}

/* "no casualties", "aucun blessé", "nobody was hurt", "victimes : aucune". */
static void
deny(struct reading *r)
{
    for (size_t i = 0; i < r->n; i++) {
        struct number f;
        if (!has(r, i, LF_NEGATION))
            continue;
        if (i > 0 && r->t[i].gap == GAP_OTHER &&
            (figures_kinds(r, i - 1) || has(r, i - 1, LF_VICTIMS)))
            r->denied[i - 1] = true;
        for (size_t j = i; j < r->n && j < i + REACH_NO; j++) {
            if (j > i && (r->t[j].gap == GAP_SENTENCE || is(r, j, "but") || is(r, j, "mais")))
                break;
            if (j > i && !has(r, j, LF_NEGATION) && number_simple(r, j, &f) && !f.article)
                break;
            if (figures_kinds(r, j) || has(r, j, LF_VICTIMS))
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
        unsigned k = figures_kinds(r, i);
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

/* "He died", "elle a succombé", "the driver later died": who was spoken of before. */
static bool
same_one(const struct reading *r, size_t i)
{
    static const char *const words[] = {"he", "she", "il", "elle", "who", "qui", NULL};
    for (size_t k = 1; k <= REACH_SAME && k <= i; k++) {
        for (const char *const *w = words; *w; w++)
            if (is(r, i - k, *w))
                return true;
        if (r->t[i - k].gap == GAP_SENTENCE)
            break;
    }
    return false;
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
        bool same = i > 0 && same_one(r, i);
        for (size_t k = 1; (same || k <= REACH_DEATH) && k <= i; k++) {
            struct number f;
            size_t j = i - k;
            if (same && !has(r, j, LF_KILLED) && !has(r, j, LF_WOUNDED))
                continue;
            if (has(r, j, LF_PERSON) || (number_simple(r, j, &f) && (!f.article || f.more)) ||
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
    figures_read(r, &c);
    figures_join(r, &c);
    victims(r, &c);
    struct range *h[KINDS] = {&r->out->harm.killed, &r->out->harm.wounded, &r->out->harm.taken};
    for (unsigned k = 0; k < KINDS; k++)
        if (h[k]->least < 0 && add_up(r, &c, k, h[k]))
            return -1;
    for (size_t k = 0; k < c.n; k++) /* "0 mort" denies as well */
        if (c.f[k].kinds && c.f[k].n.most == 0 && c.f[k].harm_at < r->n)
            r->denied[c.f[k].harm_at] = true;
    if (none(r))
        return -1;
    for (unsigned k = 0; k < KINDS; k++)
        if (single(r, &c, k, h[k]))
            return -1;
    return died_of_it(r);
}
