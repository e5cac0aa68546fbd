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

int
understand_mode(struct reading *r)
{
    int32_t sum[MODE_COUNT] = {0};
    size_t best_hit[MODE_COUNT] = {0};
    struct finding *f = r->out;
    for (size_t h = 0; h < r->n_hits; h++) {
        enum mode m = r->hits[h].e->mode;
        if (m == MODE_UNKNOWN)
            continue;
        if (sum[m] == 0)
            best_hit[m] = h;
        sum[m] += r->hits[h].e->weight;
    }
    f->mode = MODE_FACT;
    int32_t most = 0;
    for (size_t k = 0; k < sizeof(by_care) / sizeof(*by_care); k++)
        if (sum[by_care[k]] > most) {
            most = sum[by_care[k]];
            f->mode = by_care[k];
        }
    if (most > 0) {
        const struct lex_hit *h = &r->hits[best_hit[f->mode]];
        if (reading_evidence(r, h->first, h->first + h->count - 1, mode_name(f->mode)))
            return -1;
    }
    f->in_progress = any(r, LF_IN_PROGRESS);
    f->no_duff = any(r, LF_NO_DUFF);
    if (any(r, LF_EXERCISE))
        f->marks |= MARK_POSSIBLE_EXERCISE;
    return 0;
}
