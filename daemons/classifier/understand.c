/* understand: from words to a finding.
 *
 *   text -> tokens -> hits of the lexicon -> language, harm, when, mode   (understand_*.c)
 *                                         -> event, by evidence -> targets -> alertworthy
 *
 * Event: each entry that is hit adds its weight to its event, once, and half of it where it is
 * first met behind the first sentence. Then the combinations below, which no single word can
 * tell. The greatest sum wins; of equal sums the event that stands first in by_gravity. That is
 * what the rules conclude; the model, where there is one, weighs it against what it knows of the
 * words themselves (understand_model.c).
 *
 * Alertworthy: the event's sum must reach ENOUGH and outweigh the words that speak of politics,
 * courts, the past; figures of harm count for the event. */
#include "spelling.h"
#include "understand_parts.h"

#include <stdio.h>
#include <string.h>

#define HIT_ROOM 64
#define MOVE_GAP 3 /* from who moves to the word of it */

static const enum event_type by_gravity[] = {
    EV_SUICIDE_ATTACK, EV_AMBUSH,         EV_AIR_STRIKE,     EV_INDIRECT_FIRE, EV_IED_MINE,
    EV_KIDNAPPING,     EV_ARMED_CLASH,    EV_ARMED_ATTACK,   EV_HOSTILE_CROWD, EV_ASSAULT,
    EV_CRIME,          EV_TERRITORY,      EV_ACCESS_DENIAL,  EV_THREAT,        EV_DISPLACEMENT,
    EV_HAZARD,         EV_DISINFORMATION, EV_ARMED_PRESENCE, EV_ARREST,        EV_DEMONSTRATION,
};
#define N_EVENTS (sizeof(by_gravity) / sizeof(*by_gravity))

int
reading_evidence(struct reading *r, size_t first, size_t last, const char *means)
{
    struct finding *f = r->out;
    if (f->n_evidence == MAX_EVIDENCE)
        return 0;
    uint32_t from = r->t[first].start, to = r->t[last].end;
    const char *text = arena_strndup(r->arena, r->text + from, to - from);
    const char *copy = arena_strndup(r->arena, means, strlen(means));
    if (!text || !copy)
        return -1;
    f->evidence[f->n_evidence++] = (struct evidence){.text = text, .means = copy};
    return 0;
}

/* ---- reading */

/* The tokens with mistyped words as they were meant; where they stand in the text stays. */
static int
respell(struct reading *r, const struct lexicon *l, const struct model *m)
{
    struct token *copy = NULL;

    for (size_t i = 0; i < r->n; i++) {
        if (r->t[i].len < SPELLING_LEAST - 1 || model_knows(m, &r->t[i]) ||
            lexicon_knows(l, &r->t[i]))
            continue;
        const char *meant = model_respell(m, &r->t[i]);
        if (!meant)
            meant = lexicon_respell(l, &r->t[i]);
        if (!meant)
            continue;
        if (!copy) {
            copy = arena_alloc(r->arena, r->n * sizeof *copy);
            if (!copy)
                return -1;
            memcpy(copy, r->t, r->n * sizeof *copy);
        }
        copy[i].s = meant;
        copy[i].len = (uint16_t)strlen(meant);
    }
    if (copy)
        r->t = copy;
    return 0;
}

static int
read_text(struct reading *r, const struct lexicon *l, const struct model *m)
{
    if (m && respell(r, l, m))
        return -1;
    size_t room = 2 * r->n + HIT_ROOM;
    struct lex_hit *hits = arena_alloc(r->arena, room * sizeof(*hits));
    r->flags = arena_zalloc(r->arena, (r->n + 1) * sizeof(*r->flags));
    r->hit_at = arena_alloc(r->arena, (r->n + 1) * sizeof(*r->hit_at));
    if (!hits || !r->flags || !r->hit_at)
        return -1;
    r->n_hits = lexicon_match(l, r->t, r->n, hits, room);
    r->hits = hits;
    for (size_t i = 0; i <= r->n; i++)
        r->hit_at[i] = (uint32_t)r->n_hits;
    for (size_t h = r->n_hits; h-- > 0;) {
        const struct lex_hit *x = &hits[h];
        r->hit_at[x->first] = (uint32_t)h;
        for (size_t i = x->first; i < x->first + x->count; i++)
            r->flags[i] |= x->e->flags;
        r->all |= x->e->flags;
    }
    r->first_stop = r->n;
    for (size_t i = 1; i < r->n && r->first_stop == r->n; i++)
        if (r->t[i].gap == GAP_SENTENCE)
            r->first_stop = i;
    return 0;
}

static enum event_type
choose_event(const struct score *s, int32_t *margin)
{
    enum event_type best = EV_NONE;
    int32_t most = 0, second = 0;
    for (size_t k = 0; k < N_EVENTS; k++) {
        int32_t v = s->event[by_gravity[k]];
        if (v > most) {
            second = most;
            most = v;
            best = by_gravity[k];
        } else if (v > second) {
            second = v;
        }
    }
    *margin = most - second;
    return best;
}

/* ---- targets */

static bool
violent(enum event_type e)
{
    switch (e) {
    case EV_ARMED_ATTACK:
    case EV_AMBUSH:
    case EV_IED_MINE:
    case EV_SUICIDE_ATTACK:
    case EV_INDIRECT_FIRE:
    case EV_KIDNAPPING:
    case EV_CRIME:
    case EV_ASSAULT:
    case EV_DISPLACEMENT:
    case EV_THREAT:
    case EV_HOSTILE_CROWD:
    case EV_HAZARD:
        return true;
    default:
        return false;
    }
}

/* Shots and blasts hit those who live there, too, at whomever they were aimed. */
static bool
hits_around(enum event_type e)
{
    return e == EV_SUICIDE_ATTACK || e == EV_INDIRECT_FIRE || e == EV_AIR_STRIKE ||
           e == EV_IED_MINE || e == EV_ARMED_ATTACK;
}

/* Do soldiers move, rather than somebody near them? Just before the word of movement, or right
 * behind it ("a column of soldiers"). */
static bool
forces_move(const struct reading *r)
{
    for (size_t h = 0; h < r->n_hits && !any(r, LF_FIGHTER); h++) {
        size_t from = r->hits[h].first, to = from + r->hits[h].count;
        if (r->hits[h].e->event != EV_ARMED_PRESENCE)
            continue;
        for (int k = 0; k < MOVE_GAP && from > 0 && r->t[from].gap == GAP_SPACE; k++)
            from--;
        if (to < r->n && r->t[to].gap == GAP_SPACE)
            to++;
        for (size_t i = from; i < to; i++)
            if (has(r, i, LF_FORCES))
                return true;
    }
    return false;
}

/* Who is seen moving is the actor; forces that are only spoken of are not. */
static void
keep_movers(const struct lexicon *l, struct finding *f)
{
    size_t n = 0;
    for (size_t i = 0; i < f->n_actors; i++)
        if (!lexicon_is_force(l, f->actors[i]))
            f->actors[n++] = f->actors[i];
    f->n_actors = n;
}

static uint32_t
choose_targets(const struct reading *r, const struct score *s, enum event_type e)
{
    int32_t convoy = s->target[TG_CONVOY], base = s->target[TG_BASE];
    int32_t civilians = s->target[TG_CIVILIANS], armed = s->target[TG_ARMED];
    uint32_t t = 0;
    if (e == EV_ARMED_PRESENCE && forces_move(r))
        return TARGET_BIT(TG_ARMED);
    if (e == EV_DEMONSTRATION)
        convoy = base = 0; /* they march past it */
    if ((e == EV_ARMED_PRESENCE && !any(r, LF_ROAD)) || e == EV_TERRITORY)
        convoy = 0; /* what they came in, or left in */
    bool both = violent(e) && convoy >= 8 && base >= 8;
    if (convoy >= 6 && (convoy >= base || both))
        t |= TARGET_BIT(TG_CONVOY);
    if (base >= 6 && (!t || both))
        t |= TARGET_BIT(TG_BASE);
    if (r->civil_hurt || civilians >= (t && !hits_around(e) ? 10 : 4))
        t |= TARGET_BIT(TG_CIVILIANS);
    if (!t && e == EV_AMBUSH)
        t |= TARGET_BIT(TG_CONVOY);
    /* Who is refused a way is on the move; a siege holds those who live there. */
    if (!t && e == EV_ACCESS_DENIAL)
        t |= TARGET_BIT(r->out->marks & MARK_SIEGE ? TG_CIVILIANS : TG_CONVOY);
    if (!t && r->others_hurt)
        t |= TARGET_BIT(TG_CIVILIANS);
    /* Where nobody is named, those who live there: but not where soldiers fight or die. */
    bool soldiers =
        r->armed_hurt ||
        (armed > 0 && (e == EV_ARMED_CLASH || e == EV_AIR_STRIKE || e == EV_KIDNAPPING));
    if (!t && (e == EV_TERRITORY || (!soldiers && (violent(e) || e == EV_AIR_STRIKE))))
        t |= TARGET_BIT(TG_CIVILIANS);
    if (r->armed_hurt || (armed > 0 && !t) || (!t && (e == EV_ARMED_CLASH || e == EV_ARREST)))
        t |= TARGET_BIT(TG_ARMED);
    /* An army's count of the dead at a village warns the village. */
    if (any(r, LF_NEUTRALISED))
        t |= any(r, LF_PLACE) ? TARGET_BIT(TG_CIVILIANS) | TARGET_BIT(TG_ARMED)
                              : TARGET_BIT(TG_ARMED);
    return t;
}

static int
explain(struct reading *r, const struct score *s)
{
    struct finding *f = r->out;
    char means[64];
    if (f->event > EV_NONE && s->best[f->event] > 0) {
        const struct lex_hit *h = &r->hits[s->hit[f->event]];
        (void)snprintf(means, sizeof(means), "event=%s", event_type_name(f->event));
        if (reading_evidence(r, h->first, h->first + h->count - 1, means))
            return -1;
    }
    for (int t = TG_CONVOY; t <= TG_ARMED; t++) {
        if (!(f->targets & TARGET_BIT(t)) || s->target[t] == 0)
            continue;
        const struct lex_hit *h = &r->hits[s->target_hit[t]];
        (void)snprintf(means, sizeof(means), "target=%s", target_name((enum target)t));
        if (reading_evidence(r, h->first, h->first + h->count - 1, means))
            return -1;
    }
    if (!f->alertworthy && s->against > 0) {
        const struct lex_hit *h = &r->hits[s->against_hit];
        return reading_evidence(r, h->first, h->first + h->count - 1, "not alertworthy");
    }
    return 0;
}

/* ---- judging */

/* After how many days a report is old news: later where the danger stays or many have died, never
 * where it stays until somebody clears it. */
static int64_t
news_days(enum event_type e, const struct harm *h)
{
    switch (e) {
    case EV_TERRITORY:
    case EV_ACCESS_DENIAL:
        return INT64_MAX;
    case EV_IED_MINE:
        return 14;
    default:
        return h->killed.least >= 10 ? 7 : 2;
    }
}

static int32_t
harm_weight(const struct harm *h)
{
    return (h->killed.least > 0 ? 8 : 0) + (h->wounded.least > 0 ? 6 : 0) +
           (h->taken.least > 0 ? 4 : 0);
}

/* What the lexicon's rules conclude. */
static void
rule(const struct reading *r, const struct score *s, int64_t days_old, struct ruling *v)
{
    int32_t margin = 0;

    v->mode = r->out->mode;
    v->event = choose_event(s, &margin);
    v->old = days_old > news_days(v->event, &r->out->harm);
    if (v->old)
        v->mode = MODE_FOLLOW_UP;
    v->weight = v->event > EV_NONE ? s->event[v->event] + harm_weight(&r->out->harm) : 0;
    v->alertworthy = v->event > EV_NONE && v->mode != MODE_DENIAL && v->mode != MODE_FOLLOW_UP &&
                     !any(r, LF_OLD) && v->weight >= ENOUGH && v->weight > s->against;
    v->must = v->event > EV_NONE &&
              (r->out->no_duff || (v->alertworthy && r->out->in_progress && v->mode == MODE_FACT));
    v->alertworthy = v->alertworthy || v->must;
    v->targets = v->event > EV_NONE ? choose_targets(r, s, v->event) : 0;
    /* 500 at no margin, nearer to 1000 the further the evidence is from tipping. */
    int32_t over = v->weight - s->against;
    int32_t sure = v->alertworthy ? (margin < over ? margin : over) : ENOUGH - over;
    if (sure < 0)
        sure = 0;
    v->confidence_permille = (uint32_t)(500 + 500 * sure / (sure + 12));
}

static int
judge(struct reading *r, const struct lexicon *l, const struct model *m, int64_t days_old)
{
    struct finding *f = r->out;
    struct score s = {0};
    struct ruling v = {0};

    if (understand_score(r, lexicon_entries(l), &s))
        return -1;
    rule(r, &s, days_old, &v);
    understand_facts(r, &s, &v, &r->facts);
    if (m && understand_model(r, m, &s, &v))
        return -1;
    f->event = v.event;
    f->mode = v.mode;
    f->targets = v.targets;
    f->confidence_permille = v.confidence_permille;
    f->in_progress = f->in_progress && f->mode != MODE_FOLLOW_UP && f->mode != MODE_DENIAL;
    f->alertworthy = v.alertworthy;
    if (f->event == EV_ARMED_PRESENCE && !forces_move(r))
        keep_movers(l, f);
    return explain(r, &s);
}

/* What the source itself said wins over its words. */
static void
structured(const struct incident *in, struct finding *f)
{
    if (in->event != EV_UNKNOWN) {
        f->event = in->event;
        f->alertworthy = in->event != EV_NONE;
        if (f->mode == MODE_FOLLOW_UP || f->mode == MODE_DENIAL)
            f->alertworthy = false;
        f->confidence_permille = 950;
    }
    if (in->has_targets)
        f->targets = in->targets;
    else if (in->event != EV_UNKNOWN && !f->targets && violent(in->event))
        f->targets = in->event == EV_AMBUSH ? TARGET_BIT(TG_CONVOY) : TARGET_BIT(TG_CIVILIANS);
    if (in->killed >= 0)
        f->harm.killed = (struct range){in->killed, in->killed};
    if (in->wounded >= 0)
        f->harm.wounded = (struct range){in->wounded, in->wounded};
    if (in->taken >= 0)
        f->harm.taken = (struct range){in->taken, in->taken};
}

int
understand_tokens(const struct lexicon *l, const struct model *m, const struct incident *in,
                  const struct token *t, size_t n, int64_t stamp_us, struct arena *a,
                  struct finding *out, struct model_input *seen)
{
    if (in->finding) {
        *out = *in->finding;
        return 0;
    }
    finding_init(out);
    out->mode = MODE_FACT;
    out->event = EV_NONE;
    out->lang = in->lang;
    int64_t days_old = 0;
    if (in->text && *in->text) {
        struct reading r = {.text = in->text, .t = t, .n = n, .arena = a, .out = out};
        if (read_text(&r, l, m))
            return -1;
        text_fingerprint(t, n, out->fingerprint); /* as it was written */
        understand_lang(&r);
        if (in->lang && strcmp(in->lang, "en") == 0)
            r.lang = LANG_EN;
        else if (in->lang && strcmp(in->lang, "fr") == 0)
            r.lang = LANG_FR;
        else if (!in->lang && r.lang)
            out->lang = r.lang == LANG_FR ? "fr" : "en";
        if (understand_harm(&r) || understand_when(&r, stamp_us, in->utc_offset_min, &days_old))
            return -1;
        if (in->occurred_at_us && stamp_us > in->occurred_at_us)
            days_old = (stamp_us - in->occurred_at_us) / INT64_C(86400000000);
        if (understand_mode(&r) || judge(&r, l, m, days_old))
            return -1;
        if (seen)
            *seen = r.facts;
    }
    structured(in, out);
    if (in->occurred_at_us) {
        out->from_us = out->to_us = in->occurred_at_us;
        out->when_method = "given";
    } else if (!out->from_us && stamp_us) {
        out->from_us = out->to_us = stamp_us;
        out->when_method = "reported";
    }
    return 0;
}

int
understand(const struct lexicon *l, const struct model *m, const struct incident *in,
           int64_t stamp_us, struct arena *a, struct finding *out)
{
    size_t n = 0;
    const struct token *t = in->text ? text_tokens(in->text, strlen(in->text), a, &n) : NULL;

    if (in->text && !t)
        return -1;
    return understand_tokens(l, m, in, t, n, stamp_us, a, out, NULL);
}
