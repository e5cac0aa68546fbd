/* understand_score: how much speaks for each event and target, in half-weights.
 *
 * Each entry of the lexicon that is hit adds its weight once, and half of it behind the first
 * sentence; then the combinations that no single word can tell. */
#include <string.h>

#include "understand_parts.h"

#define AGENT_GAP 4 /* tokens from "by" to who did it */
#define CROWD_GAP 4 /* tokens from a crowd to what it does */
#define FALL_GAP  4 /* from the word of death to who died */
#define TAKE_GAP  5 /* from the word of taking to what is taken */

static void
add_label(const char *list[MAX_LIST], size_t *n, const char *s)
{
    for (size_t i = 0; s && i < *n; i++)
        if (strcmp(list[i], s) == 0)
            return;
    if (s && *n < MAX_LIST)
        list[(*n)++] = s;
}

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
                s->target[t] += 2 * e->weight; /* who is hit may be said later */
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

/* Whose taking a token makes it: people are kidnapped, places and bases change hands, goods are
 * neither; EV_UNKNOWN where it does not tell. */
static enum event_type
taking_of(const struct reading *r, size_t i)
{
    bool person = has(r, i, LF_PERSON) && !has(r, i, LF_FIGHTER) && !has(r, i, LF_VEHICLE);
    if (has(r, i, LF_CIVIL) || person)
        return EV_KIDNAPPING;
    if (has(r, i, LF_PLACE))
        return EV_TERRITORY;
    if (has(r, i, LF_VEHICLE) || has(r, i, LF_UNIT))
        return EV_NONE;
    for (uint32_t h = r->hit_at[i]; h < r->n_hits && r->hits[h].first == i; h++)
        if (r->hits[h].e->targets & TARGET_BIT(TG_BASE))
            return EV_TERRITORY;
    return EV_UNKNOWN;
}

/* "Seized", "took", "emporté" take people, places or goods: words that are entries of both
 * kidnapping and territory, and what stands next to them tells: what follows, or what stands
 * before them where nothing or a preposition follows. */
static enum event_type
what_is_taken(const struct reading *r, size_t from, size_t to)
{
    bool passive = to >= r->n || r->t[to].gap == GAP_SENTENCE || r->t[to].gap == GAP_COMMA ||
                   has(r, to, LF_AGENT) || r->t[to].len <= 2;
    for (size_t k = 0; k < TAKE_GAP && (passive ? k < from : to + k < r->n); k++) {
        size_t i = passive ? from - 1 - k : to + k;
        uint16_t gap = r->t[passive ? i + 1 : i].gap;
        if (gap == GAP_SENTENCE || gap == GAP_COMMA || has(r, i, LF_AGENT))
            break;
        enum event_type e = taking_of(r, i);
        if (e == EV_KIDNAPPING && has(r, i, LF_FORCES) && !passive && i + 1 < r->n &&
            taking_of(r, i + 1) == EV_TERRITORY)
            return EV_TERRITORY; /* "the army camp" */
        if (e != EV_UNKNOWN)
            return e;
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
        if (e == EV_TERRITORY && !any(r, LF_FIGHTER) && !any(r, LF_FORCES))
            e = EV_NONE;
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
    if (s->event[EV_TERRITORY] > 0 && !any(r, LF_FIGHTER) && !any(r, LF_FORCES))
        s->event[EV_TERRITORY] -= 4; /* nobody armed is spoken of: clear words only */
    if (s->event[EV_KIDNAPPING] > 0 && r->out->harm.taken.least > 0)
        s->event[EV_KIDNAPPING] += 6;
    /* Who kills, or is attacking now, is no longer only seen; who is seen unarmed is nobody. */
    bool attacking = s->assault > 0 && any(r, LF_IN_PROGRESS);
    if (s->event[EV_ARMED_PRESENCE] > 0 && (r->out->harm.killed.least > 0 || attacking))
        s->event[EV_ARMED_PRESENCE] = 0;
    else if (s->event[EV_ARMED_PRESENCE] > 0 && any(r, LF_FIGHTER) && s->event[EV_ARMED_CLASH] == 0)
        s->event[EV_ARMED_PRESENCE] += 4;
    else if (s->event[EV_ARMED_PRESENCE] < ENOUGH)
        s->event[EV_ARMED_PRESENCE] = 0;
    if (s->event[EV_CRIME] > 0 && attack > 0 && r->out->harm.killed.least > 0)
        s->event[EV_ARMED_ATTACK] += 12; /* who robs and kills has attacked */
    if (crowd_riots(r))
        add_event(s, EV_HOSTILE_CROWD, 12, EV_CRIME);
    if (!attacking && r->out->mode == MODE_WARNING && (r->foretold || s->event[EV_THREAT] > 0))
        put_off(s);
}

int
understand_score(struct reading *r, size_t n_entries, struct score *s)
{
    if (score_hits(r, n_entries, s))
        return -1;
    combine(r, s);
    return 0;
}
