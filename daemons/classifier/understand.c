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
#include "understand_parts.h"

#include <stdio.h>
#include <string.h>

#define ENOUGH    6 /* half-weights: a word of weight 3 in the first sentence */
#define HIT_ROOM  64
#define AGENT_GAP 4 /* tokens from "by" to who did it */
#define MOVE_GAP  3 /* from who moves to the word of it */
#define FALL_GAP  4 /* from the word of death to who died */
#define TAKE_GAP  5 /* from the word of taking to what is taken */
#define CROWD_GAP 4 /* tokens from a crowd to what it does */

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

static int
read_text(struct reading *r, const struct lexicon *l)
{
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

static void
add_label(const char *list[MAX_LIST], size_t *n, const char *s)
{
    for (size_t i = 0; s && i < *n; i++)
        if (strcmp(list[i], s) == 0)
            return;
    if (s && *n < MAX_LIST)
        list[(*n)++] = s;
}

/* ---- scoring */

/* Who did it is nobody's target: "by soldiers", "par des hommes armés". */
static bool
is_agent(const struct reading *r, size_t first)
{
    for (size_t k = 0; k < AGENT_GAP && k < first; k++) {
        if (r->t[first - k].gap == GAP_SENTENCE)
            return false;
        if (has(r, first - k - 1, LF_AGENT))
            return true;
    }
    return false;
}

/* What earlier hits on the same words have said: a word of both languages counts once. */
static struct lex_entry
told_before(const struct reading *r, size_t h)
{
    struct lex_entry told = {0};
    for (size_t k = h; k > 0 && r->hits[k - 1].first == r->hits[h].first; k--) {
        const struct lex_entry *e = r->hits[k - 1].e;
        told.event = e->event ? e->event : told.event;
        told.targets |= e->targets;
        told.flags |= e->flags;
    }
    return told;
}

/* "aucun mort" tells of no attack. */
static bool
is_denied(const struct reading *r, const struct lex_hit *x)
{
    const uint64_t harm = LEX_FLAG(LF_KILLED) | LEX_FLAG(LF_WOUNDED) | LEX_FLAG(LF_TAKEN);
    for (size_t i = x->first; r->denied && (x->e->flags & harm) && i < x->first + x->count; i++)
        if (r->denied[i])
            return true;
    return false;
}

static int
score_hits(struct reading *r, size_t n_entries, struct score *s)
{
    uint64_t *once = arena_zalloc(r->arena, (n_entries / 64 + 1) * sizeof(*once));
    if (!once)
        return -1;
    struct finding *f = r->out;
    for (size_t h = 0; h < r->n_hits; h++) {
        const struct lex_hit *x = &r->hits[h];
        const struct lex_entry *e = x->e;
        if (once[e->index / 64] >> (e->index % 64) & 1 || is_denied(r, x))
            continue;
        int32_t w = x->first < r->first_stop ? 2 * e->weight : e->weight;
        uint64_t somebody = LEX_FLAG(LF_PERSON) | LEX_FLAG(LF_FORCES) | LEX_FLAG(LF_FIGHTER);
        if ((e->flags & somebody) && is_agent(r, x->first)) {
            add_label(f->actors, &f->n_actors, e->actor);
            continue; /* it may be hit again where it is no agent */
        }
        once[e->index / 64] |= UINT64_C(1) << (e->index % 64);
        struct lex_entry told = told_before(r, h);
        if (e->event && e->event != told.event) {
            s->event[e->event] += w;
            if (w > s->best[e->event]) {
                s->best[e->event] = w;
                s->hit[e->event] = h;
            }
        }
        if (e->event == EV_ARMED_ATTACK && e->event != told.event &&
            (e->flags & LEX_FLAG(LF_ATTACK)))
            s->assault += w;
        for (int t = TG_CONVOY; t <= TG_ARMED; t++)
            if (e->targets & ~told.targets & TARGET_BIT(t)) {
                if (s->target[t] == 0)
                    s->target_hit[t] = h;
                s->target[t] += w;
            }
        if (e->flags & ~told.flags & LEX_FLAG(LF_NOT_ALERTWORTHY)) {
            if (s->against == 0)
                s->against_hit = h;
            s->against += w;
        }
        f->marks |= e->marks;
        add_label(f->actors, &f->n_actors, e->actor);
        add_label(f->weapons, &f->n_weapons, e->weapon);
    }
    return 0;
}

static void
add_event(struct score *s, enum event_type e, int32_t w, enum event_type because)
{
    s->event[e] += w;
    if (s->best[e] == 0 && s->best[because] > 0) {
        s->best[e] = s->best[because];
        s->hit[e] = s->hit[because];
    }
}

/* Part of a figure, or of who is counted: "at least 30 suspected militants". */
static bool
counts(const struct reading *r, size_t i)
{
    if (r->t[i].s[0] >= '0' && r->t[i].s[0] <= '9')
        return true;
    for (uint32_t h = r->hit_at[i]; h < r->n_hits && r->hits[h].first == i; h++)
        if (r->hits[h].e->number >= 0)
            return true;
    return has(r, i, LF_AT_LEAST) || has(r, i, LF_UP_TO) || has(r, i, LF_FIGHTER);
}

/* Are the dead fighters? "30 militants killed", "tué une dizaine de terroristes"; but not "gunmen
 * killed three", which is their attack. */
static bool
fighters_fell(const struct reading *r)
{
    for (size_t h = 0; h < r->n_hits; h++) {
        size_t from = r->hits[h].first, to = from + r->hits[h].count;
        if (!(r->hits[h].e->flags & LEX_FLAG(LF_KILLED)) || (r->denied && r->denied[from]))
            continue;
        bool object = to < r->n && r->t[to].gap == GAP_SPACE;
        for (size_t i = to; object && i < r->n && i < to + FALL_GAP; i++) {
            if (has(r, i, LF_FIGHTER))
                return true;
            bool joint = strcmp(r->t[i].s, "de") == 0 || strcmp(r->t[i].s, "of") == 0;
            if (r->t[i].gap != GAP_SPACE || !(counts(r, i) || (joint && i > to)))
                break;
        }
        if (object && (counts(r, to) || has(r, to, LF_PERSON)))
            continue;
        if (from > 0 &&
            (strcmp(r->t[from - 1].s, "ont") == 0 || strcmp(r->t[from - 1].s, "a") == 0))
            continue;
        for (size_t k = 0; k < FALL_GAP - 1 && k < from; k++) {
            size_t i = from - 1 - k;
            if (r->t[i + 1].gap != GAP_SPACE || has(r, i, LF_AGENT) ||
                (counts(r, i) && !has(r, i, LF_FIGHTER)))
                break;
            if (has(r, i, LF_FIGHTER) && !has(r, i, LF_KILLED) && !is_agent(r, i))
                return true;
        }
    }
    return false;
}

/* A crowd that riots: "students ransack", "torched by protesters". */
static bool
crowd_riots(const struct reading *r)
{
    size_t doing = SIZE_MAX, done = SIZE_MAX; /* ends of the last crowd, of the last act */
    for (size_t i = 0; i < r->n; i++) {
        if (i > 0 && r->t[i].gap == GAP_SENTENCE)
            doing = done = SIZE_MAX;
        bool crowd = has(r, i, LF_CROWD), act = has(r, i, LF_UNREST);
        if (act && doing != SIZE_MAX && i - doing <= CROWD_GAP)
            return true;
        if (crowd && done != SIZE_MAX && i - done <= CROWD_GAP && is_agent(r, i))
            return true;
        doing = crowd ? i : doing;
        done = act ? i : done;
    }
    return false;
}

/* "Seized", "took", "emporté" take people, places or goods: words that are entries of both
 * kidnapping and territory, and what stands next to them tells. */
static enum event_type
what_is_taken(const struct reading *r, size_t from, size_t to)
{
    bool behind = to < r->n && (r->t[to].gap == GAP_SENTENCE || r->t[to].gap == GAP_COMMA ||
                                has(r, to, LF_AGENT) || r->t[to].len <= 2);
    for (int side = 0; side < 2; side++)
        for (size_t k = 0; k < TAKE_GAP; k++) {
            bool left = (side == 0) == behind || to >= r->n;
            if (left ? k >= from : to + k >= r->n)
                break;
            size_t i = left ? from - 1 - k : to + k;
            uint16_t gap = left ? r->t[i + 1].gap : r->t[i].gap;
            if (gap == GAP_SENTENCE || gap == GAP_COMMA || has(r, i, LF_AGENT))
                break;
            if (has(r, i, LF_CIVIL) || (has(r, i, LF_PERSON) && !has(r, i, LF_FIGHTER) &&
                                        !has(r, i, LF_FORCES) && !has(r, i, LF_VEHICLE)))
                return EV_KIDNAPPING;
            if (has(r, i, LF_PLACE))
                return EV_TERRITORY;
            if (has(r, i, LF_VEHICLE) || has(r, i, LF_UNIT))
                return EV_NONE;
            for (uint32_t h = r->hit_at[i]; h < r->n_hits && r->hits[h].first == i; h++)
                if (r->hits[h].e->targets & TARGET_BIT(TG_BASE))
                    return EV_TERRITORY;
        }
    return EV_NONE;
}

static void
combine_taking(const struct reading *r, struct score *s)
{
    for (size_t h = 0; h + 1 < r->n_hits; h++) {
        const struct lex_hit *a = &r->hits[h], *b = &r->hits[h + 1];
        if (a->first != b->first || a->e->event != EV_KIDNAPPING || b->e->event != EV_TERRITORY)
            continue;
        enum event_type e = what_is_taken(r, a->first, a->first + a->count);
        s->event[EV_KIDNAPPING] -= e == EV_KIDNAPPING ? 0 : 2;
        s->event[EV_TERRITORY] -= e == EV_TERRITORY ? 0 : 2;
        if (e != EV_NONE)
            add_event(s, e, 10, e);
        return;
    }
}

/* An attack that is still to come is a threat, however much is said of the attack. */
static void
put_off(struct score *s)
{
    static const enum event_type violence[] = {EV_SUICIDE_ATTACK, EV_AMBUSH,     EV_INDIRECT_FIRE,
                                               EV_IED_MINE,       EV_KIDNAPPING, EV_ARMED_ATTACK};
    enum event_type because = EV_NONE;
    int32_t most = 0;
    for (size_t k = 0; k < sizeof(violence) / sizeof(*violence); k++)
        if (s->event[violence[k]] > most) {
            most = s->event[violence[k]];
            because = violence[k];
        }
    if (most > 0)
        add_event(s, EV_THREAT, most + 2, because);
}

/* What no single word can tell. Half-weights. */
static void
combine(const struct reading *r, struct score *s)
{
    int32_t attack = s->event[EV_ARMED_ATTACK];
    bool moving = any(r, LF_VEHICLE) || any(r, LF_ROAD);
    bool flying = any(r, LF_AIR);
    if (flying && (any(r, LF_STRIKE) || any(r, LF_NEUTRALISED)))
        add_event(s, EV_AIR_STRIKE, 14, EV_ARMED_ATTACK);
    if (any(r, LF_NEUTRALISED) && !flying)
        add_event(s, EV_ARMED_CLASH, 10, EV_ARMED_ATTACK);
    else if (r->out->harm.killed.least > 1 && !r->others_hurt && !s->target[TG_BASE] &&
             fighters_fell(r))
        add_event(s, EV_ARMED_CLASH, attack + 2, EV_ARMED_ATTACK);
    if (s->assault > 0 && moving && s->target[TG_CONVOY] > s->target[TG_BASE])
        add_event(s, EV_AMBUSH, attack + 2, EV_ARMED_ATTACK);
    if (s->event[EV_SUICIDE_ATTACK] > 0)
        s->event[EV_SUICIDE_ATTACK] += attack + s->event[EV_IED_MINE];
    combine_taking(r, s);
    if (s->event[EV_KIDNAPPING] > 0 && r->out->harm.taken.least > 0)
        s->event[EV_KIDNAPPING] += 6;
    /* Who is seen and kills is no longer only seen; who is seen unarmed is nobody. */
    if (s->event[EV_ARMED_PRESENCE] > 0 && r->out->harm.killed.least > 0)
        s->event[EV_ARMED_PRESENCE] = 0;
    else if (s->event[EV_ARMED_PRESENCE] > 0 && any(r, LF_FIGHTER) && s->event[EV_ARMED_CLASH] == 0)
        s->event[EV_ARMED_PRESENCE] += 4;
    else if (s->event[EV_ARMED_PRESENCE] < ENOUGH)
        s->event[EV_ARMED_PRESENCE] = 0;
    if (s->event[EV_CRIME] > 0 && attack > 0 && r->out->harm.killed.least > 0)
        s->event[EV_ARMED_ATTACK] += 12; /* who robs and kills has attacked */
    if (crowd_riots(r))
        add_event(s, EV_HOSTILE_CROWD, 12, EV_CRIME);
    if (r->out->mode == MODE_WARNING && (r->foretold || s->event[EV_THREAT] > 0))
        put_off(s);
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

    if (score_hits(r, lexicon_entries(l), &s))
        return -1;
    combine(r, &s);
    rule(r, &s, days_old, &v);
    understand_facts(r, &s, &v, &r->facts);
    if (m && understand_model(r, m, &s, &v))
        return -1;
    f->event = v.event;
    f->mode = v.mode;
    f->targets = v.targets;
    f->confidence_permille = v.confidence_permille;
    f->in_progress = f->in_progress && f->mode != MODE_FOLLOW_UP && f->mode != MODE_DENIAL;
    f->alertworthy = v.alertworthy || (f->no_duff && f->event > EV_NONE);
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
        if (read_text(&r, l))
            return -1;
        text_fingerprint(r.t, r.n, out->fingerprint);
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
