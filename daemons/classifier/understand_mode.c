/* understand_mode: in what way a report speaks, and in which language. */
#include "understand_parts.h"

/* The words told for either language are counted; none at all is unknown. */
void
understand_lang(struct reading *r)
{
    int32_t votes[LANG_COUNT] = {0};
    for (size_t h = 0; h < r->n_hits; h++)
        votes[r->hits[h].e->lang] += r->hits[h].e->weight;
    if (votes[LANG_EN] || votes[LANG_FR])
        r->lang = votes[LANG_FR] >= votes[LANG_EN] ? LANG_FR : LANG_EN;
}

/* The mode with the greatest sum of weights; of equal ones the more careful, in this order. */
static const enum mode by_care[] = {MODE_DENIAL, MODE_RUMOUR, MODE_FOLLOW_UP, MODE_WARNING,
                                    MODE_CLAIM};

#define ENOUGH_MODE   4 /* one plain word of a mode; words of less weight only add to others */
#define CLAIM_WEIGHT  4 /* "the army says" */
#define FUTURE_WEIGHT 5 /* "plan to attack" */
#define SAYS_GAP      2 /* tokens between who speaks and the verb of it */
#define FUTURE_GAP    4 /* from "plan to" to what is planned */

struct told {
    int32_t sum[MODE_COUNT];
    size_t hit[MODE_COUNT]; /* the first that told it */
};

static void
tell(struct told *t, enum mode m, int32_t weight, size_t hit)
{
    if (t->sum[m] == 0)
        t->hit[m] = hit;
    t->sum[m] += weight;
}

/* A word that two entries give to one mode counts once. */
static bool
told_already(const struct reading *r, size_t h)
{
    for (size_t k = h; k > 0 && r->hits[k - 1].first == r->hits[h].first; k--)
        if (r->hits[k - 1].e->mode == r->hits[h].e->mode)
            return true;
    return false;
}

/* The first hit with one of these flags that begins within `gap` tokens behind hit h, in the same
 * sentence; n_hits when there is none. */
static size_t
soon_after(const struct reading *r, size_t h, uint64_t flags, size_t gap)
{
    size_t end = r->hits[h].first + r->hits[h].count;
    for (size_t i = end; i < r->n && i <= end + gap && r->t[i].gap != GAP_SENTENCE; i++)
        for (size_t k = r->hit_at[i]; k < r->n_hits && r->hits[k].first == i; k++)
            if (r->hits[k].e->flags & flags)
                return k;
    return r->n_hits;
}

/* A side that speaks for itself: "the army says it killed", "according to the rebels". */
static void
told_by_a_side(const struct reading *r, struct told *t)
{
    for (size_t h = 0; h < r->n_hits; h++) {
        uint64_t f = r->hits[h].e->flags;
        uint64_t other = f & LEX_FLAG(LF_PARTY)  ? LEX_FLAG(LF_SAYS)
                         : f & LEX_FLAG(LF_SAYS) ? LEX_FLAG(LF_PARTY)
                                                 : 0;
        if (other && soon_after(r, h, other, SAYS_GAP) < r->n_hits) {
            tell(t, MODE_CLAIM, CLAIM_WEIGHT, h);
            return;
        }
    }
}

/* What is about to be done: "plan to attack", "risque d'enlèvement". */
static void
told_beforehand(struct reading *r, struct told *t)
{
    const uint64_t violence =
        LEX_FLAG(LF_ATTACK) | LEX_FLAG(LF_STRIKE) | LEX_FLAG(LF_TAKEN) | LEX_FLAG(LF_KILLED);
    for (size_t h = 0; h < r->n_hits; h++)
        if ((r->hits[h].e->flags & LEX_FLAG(LF_FUTURE)) &&
            soon_after(r, h, violence, FUTURE_GAP) < r->n_hits) {
            tell(t, MODE_WARNING, FUTURE_WEIGHT, h);
            r->foretold = true;
            return;
        }
}

int
understand_mode(struct reading *r)
{
    struct told t = {0};
    struct finding *f = r->out;
    for (size_t h = 0; h < r->n_hits; h++) {
        const struct lex_entry *e = r->hits[h].e;
        if (e->mode == MODE_UNKNOWN || told_already(r, h))
            continue;
        /* What stands in a later sentence is mostly said of something else; doubt and danger are
         * not. */
        bool aside =
            r->hits[h].first >= r->first_stop && e->mode != MODE_RUMOUR && e->mode != MODE_WARNING;
        tell(&t, e->mode, aside ? e->weight / 2 : e->weight, h);
    }
    told_by_a_side(r, &t);
    told_beforehand(r, &t);
    f->mode = MODE_FACT;
    int32_t most = ENOUGH_MODE - 1;
    for (size_t k = 0; k < sizeof(by_care) / sizeof(*by_care); k++)
        if (t.sum[by_care[k]] > most) {
            most = t.sum[by_care[k]];
            f->mode = by_care[k];
        }
    if (f->mode != MODE_FACT) {
        const struct lex_hit *h = &r->hits[t.hit[f->mode]];
        if (reading_evidence(r, h->first, h->first + h->count - 1, mode_name(f->mode)))
            return -1;
    }
    f->in_progress = any(r, LF_IN_PROGRESS);
    f->no_duff = any(r, LF_NO_DUFF);
    if (any(r, LF_EXERCISE))
        f->marks |= MARK_POSSIBLE_EXERCISE;
    return 0;
}
