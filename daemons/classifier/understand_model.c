/* understand_model: the rules' conclusions as facts for the model, and what follows from its sums.
 *
 * Rules and model are two readers. The rules know what was written down for them, for certain and
 * no more; the model knows how words go together, in what it was shown. So what the rules conclude
 * stands unless the model is clearly against it, and what only the model sees needs clear odds:
 *
 *   alertworthy   by the rules, unless the odds are below 1 to 2, 1 to 6 where they are
 *                 sure; by the model from 1.3 to 1 on,
 *                 where the lexicon has no word of the event from 4.5 to 1
 *   target        the same with the odds of target_odds(); civilians need the least: they have
 *                 nobody else to speak for them
 *   event, mode   the greatest odds, those of the rules' choice multiplied by 2.7
 *
 * (chosen by cross-validation, EVALUATION.md). No weight overrules that:
 *   - violence, which calls people out, is never seen where the lexicon has no word of it
 *   - "no duff", and a plain attack that is said to go on now, is news (ruling.must)
 *   - what is told of as long past (LF_OLD, ruling.old) is none; what is news is no denial or follow-up */
#include <stdio.h>
#include <string.h>

#include "understand_parts.h"

#define FULL MODEL_FACT_UNIT

#define ALERT_VETO  (-96) /* in 1/MODEL_UNIT, log-odds */
#define CLEAR_VETO  (-192)
#define CLEAR       8 /* half-weights by which the rules are sure */
#define ALERT_ADD   32
#define ALERT_ALONE 192
#define RULES_BONUS MODEL_UNIT

/* What calls people out at once: never by the model alone. */
static const enum event_type violence[] = {
    EV_ARMED_ATTACK, EV_AMBUSH,     EV_SUICIDE_ATTACK, EV_INDIRECT_FIRE,
    EV_AIR_STRIKE,   EV_KIDNAPPING, EV_ARMED_CLASH,    EV_IED_MINE,
};

static int32_t
sum_fact(int32_t half_weights)
{
    return half_weights < 0 ? 0 : half_weights < MODEL_MAX_FACT ? half_weights : MODEL_MAX_FACT;
}

static int32_t
if_true(bool v)
{
    return v ? FULL : 0;
}

void
understand_facts(const struct reading *r, const struct score *s, const struct ruling *v,
                 struct model_input *in)
{
    const struct finding *f = r->out;

    *in = (struct model_input){.t = r->t, .n = r->n};
    in->fact[MF_BIAS] = FULL;
    for (int e = EV_NONE + 1; e < EVENT_COUNT; e++) {
        in->fact[MF_SUM + e] = sum_fact(s->event[e]);
        in->fact[MF_TOLD + e] = if_true(s->event[e] > 0);
    }
    in->fact[MF_TOP + v->event] = FULL;
    for (int t = TG_CONVOY; t <= TG_ARMED; t++) {
        in->fact[MF_TARGET + t] = sum_fact(s->target[t]);
        in->fact[MF_HIT + t] = if_true(v->targets & TARGET_BIT(t));
    }
    in->fact[MF_MODE + v->mode] = FULL;
    for (int k = 0; k < LF_COUNT; k++)
        in->fact[MF_FLAG + k] = if_true(r->all >> k & 1);
    in->fact[MF_AGAINST] = sum_fact(s->against);
    in->fact[MF_FOR] = sum_fact(v->weight);
    in->fact[MF_ALERTWORTHY] = if_true(v->alertworthy);
    in->fact[MF_KILLED] = if_true(f->harm.killed.least > 0);
    in->fact[MF_WOUNDED] = if_true(f->harm.wounded.least > 0);
    in->fact[MF_TAKEN] = if_true(f->harm.taken.least > 0);
    in->fact[MF_ARMED_HURT] = if_true(r->armed_hurt);
    in->fact[MF_OTHERS_HURT] = if_true(r->others_hurt);
    in->fact[MF_CIVIL_HURT] = if_true(r->civil_hurt);
    in->fact[MF_FRENCH] = if_true(r->lang == LANG_FR);
    in->fact[MF_ENGLISH] = if_true(r->lang == LANG_EN);
}

/* The greatest of sum[first … last]; of equal ones the first. *margin: over the next. */
static int
greatest(const int32_t *sum, int first, int last, int32_t *margin)
{
    int best = first;
    int32_t second = INT32_MIN;

    for (int k = first + 1; k <= last; k++)
        if (sum[k] > sum[best]) {
            second = sum[best];
            best = k;
        } else if (sum[k] > second) {
            second = sum[k];
        }
    *margin = sum[best] - second;
    return best;
}

/* The word that speaks loudest for it; where none does, what the rules read has led there. */
static int
name_reason(struct reading *r, const struct model *m, int out, const char *means)
{
    bool pair = false;
    size_t t = model_reason(m, &r->facts, out, &pair);

    return t == r->n ? 0 : reading_evidence(r, t, t + pair, means);
}

static int
reasons(struct reading *r, const struct model *m, const struct score *s, const struct ruling *v)
{
    char means[64];

    if (v->event > EV_NONE && s->best[v->event] == 0) {
        (void)snprintf(means, sizeof means, "event=%s", event_type_name(v->event));
        if (name_reason(r, m, MO_EVENT + (int)v->event, means))
            return -1;
    }
    for (int t = TG_CONVOY; t <= TG_ARMED; t++) {
        if (!(v->targets & TARGET_BIT(t)) || s->target[t] > 0)
            continue;
        (void)snprintf(means, sizeof means, "target=%s", target_name((enum target)t));
        if (name_reason(r, m, MO_TARGET + t, means))
            return -1;
    }
    return 0;
}

/* From which odds on a target stands that the rules name, and one that they do not. Where armed
 * sides fight each other, nobody else is hit without clear words of it. */
static int32_t
target_odds(enum event_type e, int target, bool by_rules)
{
    switch (target) {
    case TG_CIVILIANS:
        return by_rules ? -256 : e == EV_ARMED_CLASH ? 128 : -48;
    case TG_CONVOY:
        return by_rules ? -192 : 32;
    default:
        return by_rules ? -256 : 32;
    }
}

/* From which odds on a report is news: what the rules say, how surely, and whether the lexicon has
 * any word of the event. */
static int32_t
news_odds(const struct score *s, const struct ruling *v, int event)
{
    if (v->alertworthy)
        return v->weight - s->against >= CLEAR ? CLEAR_VETO : ALERT_VETO;
    return s->event[event] > 0 ? ALERT_ADD : ALERT_ALONE;
}

/* Did the lexicon find any word of violence, or anybody harmed? */
static bool
speaks_of_violence(const struct reading *r, const struct score *s)
{
    const struct harm *h = &r->out->harm;

    for (size_t k = 0; k < sizeof violence / sizeof *violence; k++)
        if (s->event[violence[k]] > 0)
            return true;
    return h->killed.least > 0 || h->wounded.least > 0 || h->taken.least > 0;
}

int
understand_model(struct reading *r, const struct model *m, const struct score *s, struct ruling *v)
{
    int32_t sum[MODEL_OUT], margin = 0, unused;

    if (model_sum(m, &r->facts, r->arena, sum))
        return -1;
    sum[MO_EVENT + v->event] += v->event > EV_NONE ? RULES_BONUS : 0;
    if (!speaks_of_violence(r, s))
        for (size_t k = 0; k < sizeof violence / sizeof *violence; k++)
            sum[MO_EVENT + violence[k]] = INT32_MIN / 2;
    sum[MO_MODE + v->mode] += RULES_BONUS;
    int e = greatest(&sum[MO_EVENT], EV_NONE + 1, EVENT_COUNT - 1, &margin);
    if (v->must)
        e = (int)v->event;
    bool alertworthy =
        v->must || (!v->old && !any(r, LF_OLD) && sum[MO_ALERTWORTHY] > news_odds(s, v, e));
    if (!alertworthy && sum[MO_EVENT + EV_NONE] >= sum[MO_EVENT + e])
        e = EV_NONE;
    v->event = (enum event_type)e;
    v->alertworthy = alertworthy;
    if (!v->old)
        v->mode = (enum mode)greatest(&sum[MO_MODE], MODE_FACT,
                                      alertworthy ? MODE_RUMOUR : MODE_FOLLOW_UP, &unused);
    uint32_t targets = 0;
    for (int t = TG_CONVOY; t <= TG_ARMED && v->event > EV_NONE; t++)
        if (sum[MO_TARGET + t] > target_odds(v->event, t, (v->targets & TARGET_BIT(t)) != 0))
            targets |= TARGET_BIT(t);
    if (targets || !alertworthy) /* never take the last one from what is news */
        v->targets = targets;
    int32_t sure = sum[MO_ALERTWORTHY] < 0 ? -sum[MO_ALERTWORTHY] : sum[MO_ALERTWORTHY];
    if (alertworthy && !v->must && margin < sure)
        sure = margin;
    v->confidence_permille = (uint32_t)(500 + 500 * sure / (sure + 2 * MODEL_UNIT));
    return reasons(r, m, s, v);
}
