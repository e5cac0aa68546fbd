/* correlate: see correlate.h. */
#include "correlate.h"

#include <string.h>

#include "timefmt.h"

#define FUTURE_US (2 * MINUTE_US) /* a stamp so far ahead is not believed */
#define PROMPT_US (30 * MINUTE_US)
#define ACTIVE_US (2 * HOUR_US) /* an attack so fresh may be going on */

enum family { FAM_NONE, FAM_ATTACK, FAM_CROWD, FAM_ALONE };

/* Kinds that may be two views of one event. Those of FAM_ALONE join their own kind only:
 * territory, access and displacement follow from attacks, but are things of their own. */
static enum family
family_of(enum event_type e)
{
    static const unsigned char family[EVENT_COUNT] = {
        [EV_UNKNOWN] = FAM_ALONE,        [EV_NONE] = FAM_ALONE,
        [EV_ARMED_ATTACK] = FAM_ATTACK,  [EV_AMBUSH] = FAM_ATTACK,
        [EV_IED_MINE] = FAM_ATTACK,      [EV_SUICIDE_ATTACK] = FAM_ATTACK,
        [EV_INDIRECT_FIRE] = FAM_ATTACK, [EV_AIR_STRIKE] = FAM_ATTACK,
        [EV_KIDNAPPING] = FAM_ATTACK,    [EV_ARMED_CLASH] = FAM_ATTACK,
        [EV_HOSTILE_CROWD] = FAM_CROWD,  [EV_DEMONSTRATION] = FAM_CROWD,
        [EV_CRIME] = FAM_ALONE,          [EV_ASSAULT] = FAM_ATTACK,
        [EV_ARMED_PRESENCE] = FAM_ALONE, [EV_THREAT] = FAM_ALONE,
        [EV_ACCESS_DENIAL] = FAM_ALONE,  [EV_TERRITORY] = FAM_ALONE,
        [EV_DISINFORMATION] = FAM_ALONE, [EV_DISPLACEMENT] = FAM_ALONE,
        [EV_HAZARD] = FAM_ALONE,         [EV_ARREST] = FAM_ALONE,
    };

    return (enum family)family[e];
}

bool
correlate_compatible(enum event_type a, enum event_type b)
{
    return a == b || (family_of(a) == family_of(b) && family_of(a) != FAM_ALONE);
}

bool
correlate_is_attack(enum event_type e)
{
    return family_of(e) == FAM_ATTACK;
}

bool
correlate_is_violent(enum event_type e)
{
    return family_of(e) == FAM_ATTACK || e == EV_HOSTILE_CROWD || e == EV_TERRITORY;
}

int64_t
report_stamp(const struct incident *in, int64_t received_us)
{
    /* When it came to us is when the first collector of ours took it in. */
    if (in->first_received_at_us && in->first_received_at_us < received_us)
        received_us = in->first_received_at_us;
    if (!in->reported_at_us || in->clock_untrusted || in->reported_at_us > received_us + FUTURE_US)
        return received_us;
    return in->reported_at_us;
}

/* What stands for a place that no distance can be taken from. */
static uint64_t
words_of_place(const struct report *r)
{
    const struct finding *f = r->f;

    if (f->has_place && f->place.gazetteer_id)
        return key_mix(f->place.gazetteer_id, 'g');
    if (f->has_place && f->place.name)
        return key_mix(key_text(f->place.name), 'n');
    if (!f->has_place && r->in->place)
        return key_mix(key_text(r->in->place), 'p');
    return key_mix(key_text(r->in->source), 's');
}

static struct sit_place
place_of(const struct report *r)
{
    const struct place *p = &r->f->place;
    struct sit_place out = {.key = (uint32_t)words_of_place(r), .placed = r->f->has_place};

    if (!r->f->has_place)
        return out;
    out.area = p->area;
    out.pt = p->pt;
    out.radius_m = p->radius_m;
    out.gazetteer_id = p->gazetteer_id;
    out.distance_m = p->distance_m;
    out.bearing_deg = (uint16_t)p->bearing_deg;
    return out;
}

void
report_init(struct report *r, const struct incident *in, const struct finding *f,
            int64_t received_us)
{
    *r = (struct report){.in = in, .f = f, .received_us = received_us};
    r->stamp_us = report_stamp(in, received_us);
    r->status = in->status ? in->status : ST_ACTUAL;
    r->from_us = f->from_us ? f->from_us : f->to_us ? f->to_us : r->stamp_us;
    r->to_us = f->to_us ? f->to_us : r->from_us;
    /* What is told as done lies in the past; only warnings speak of times to come. */
    if (f->mode != MODE_WARNING && f->mode != MODE_RUMOUR) {
        r->from_us = r->from_us > r->received_us ? r->received_us : r->from_us;
        r->to_us = r->to_us > r->received_us ? r->received_us : r->to_us;
    }
    if (f->in_progress && r->to_us < r->stamp_us)
        r->to_us = r->stamp_us;
    r->source = (uint32_t)key_text(in->source);
    r->own = situations_own_key(in->source, in->own_id);
    r->place = place_of(r);
}

void
correlate_print(const struct finding *f, uint32_t out[FINGERPRINTS])
{
    for (int i = 0; i < FINGERPRINTS; i++)
        out[i] = f->fingerprint[i] ? (uint32_t)(f->fingerprint[i] >> 32) | 1 : 0;
}

/* ---- joining */

static void
add_claim(struct situation *x, const struct report *r)
{
    const struct finding *f = r->f;
    struct sit_claim c = {.killed = f->harm.killed.least, .event = (uint8_t)f->event};
    bool known = false;

    if ((f->mode != MODE_CLAIM && f->mode != MODE_DENIAL) || x->n_claims == MAX_SIT_CLAIMS)
        return;
    c.mode = (uint8_t)f->mode;
    c.targets = (uint8_t)f->targets;
    c.named = f->n_actors > 0;
    situation_text(c.party, sizeof c.party,
                   c.named ? f->actors[0] : source_class_name(r->in->source_class));
    for (int i = 0; i < x->n_claims && !known; i++) {
        c.seq = x->claims[i].seq;
        known = memcmp(&x->claims[i], &c, sizeof c) == 0;
    }
    if (known)
        return;
    c.seq = r->seq;
    x->claims[x->n_claims++] = c;
}

static bool
may_be_active(enum event_type e, const struct event_row *row)
{
    return row->attack || e == EV_IED_MINE || e == EV_KIDNAPPING || e == EV_HOSTILE_CROWD ||
           e == EV_ASSAULT || e == EV_TERRITORY || e == EV_CRIME || e == EV_HAZARD;
}

/* Happening when it was reported, and not over by the time it was received. */
static bool
is_active(const struct knowledge *k, const struct report *r)
{
    const struct finding *f = r->f;
    const struct event_row *row = &k->events[f->event];
    bool blast = f->event == EV_IED_MINE && (f->harm.killed.least > 0 || f->harm.wounded.least > 0);

    if (f->mode != MODE_FACT || !may_be_active(f->event, row) ||
        r->received_us - r->to_us > ACTIVE_US)
        return false;
    return f->in_progress || ((row->attack || blast) && r->stamp_us - r->to_us <= ACTIVE_US);
}

/* What the report says by itself. */
static unsigned
own_flags(const struct knowledge *k, const struct situation *x, const struct report *r)
{
    int64_t until = situations_until(k, r->f->event, r->f->marks, r->to_us);
    unsigned flags = r->in->relay ? REF_RELAY : 0;

    if (x->cleared_us && r->to_us <= x->cleared_us && until > x->cleared_us)
        until = x->cleared_us;
    if (is_active(k, r))
        flags |= REF_ACTIVE;
    if (until > r->received_us)
        flags |= REF_TIMELY;
    if (r->received_us - r->to_us <= PROMPT_US)
        flags |= REF_PROMPT;
    if (r->f->confidence_permille >= CORRELATE_SURE_PERMILLE)
        flags |= REF_CONFIDENT;
    return flags;
}

static uint16_t
language_of(const struct finding *f)
{
    unsigned code = f->lang && f->lang[0]
                        ? (unsigned)(unsigned char)f->lang[0] << 8 | (unsigned char)f->lang[1]
                        : 0;

    return (uint16_t)code;
}

/* Harm by claims counts: "eight terrorists neutralised" at a village harmed whoever was there. */
static unsigned
force_flags(const struct knowledge *k, const struct finding *f)
{
    bool force = false, other = false;
    bool harm = f->harm.killed.most > 0 || f->harm.wounded.most > 0 || f->harm.taken.most > 0;

    for (size_t i = 0; i < f->n_actors; i++) {
        bool is = lexicon_is_force(k->lexicon, f->actors[i]);

        force |= is;
        other |= !is;
    }
    return (force && !other ? FORCE_NAMED : 0u) |
           (force && harm && (f->targets & TARGET_BIT(TG_CIVILIANS)) ? FORCE_HARM : 0u);
}

static void
set_sides(const struct knowledge *k, const struct finding *f, struct sit_ref *ref)
{
    size_t n = 0;

    for (size_t i = 0; i < f->n_actors && n < REF_SIDES; i++)
        ref->sides[n++] =
            rules_side(k->rules, f->actors[i], lexicon_is_force(k->lexicon, f->actors[i]));
}

bool
correlate_join(struct situations *s, const struct knowledge *k, uint32_t i, const struct report *r,
               uint32_t corrects)
{
    struct situation *x = &s->all[i];
    struct sit_ref *ref = situations_add_ref(s, i);
    const struct finding *f = r->f;
    const char *name = f->has_place ? f->place.name : r->in->place;

    /* Making room may have taken the very report that is corrected, and even its number. */
    if (corrects != NOTHING && (s->refs[corrects].situation != i || ref == &s->refs[corrects]))
        corrects = NOTHING;
    ref->id = r->id;
    ref->seq = r->seq;
    ref->source = r->source;
    ref->own = r->own;
    ref->from_us = r->from_us;
    ref->to_us = r->to_us;
    memcpy(ref->convoys, r->convoys, sizeof ref->convoys);
    correlate_print(f, ref->print);
    ref->harm = f->harm;
    ref->event = (uint8_t)f->event;
    ref->mode = (uint8_t)f->mode;
    ref->targets = (uint8_t)f->targets;
    ref->source_class = (uint8_t)r->in->source_class;
    ref->reliability = r->in->reliability;
    ref->credibility = r->in->credibility;
    ref->marks = (uint8_t)f->marks;
    ref->force = (uint8_t)force_flags(k, f);
    ref->place = r->place;
    ref->lang = language_of(f);
    ref->flags = (uint16_t)own_flags(k, x, r);
    set_sides(k, f, ref);
    if (ref->own)
        buckets_put(&s->by_own, (uint32_t)(ref - s->refs), ref->own);
    if (corrects == NOTHING)
        correlate_count(s, ref);
    else
        correlate_recount(s, i);
    x->status = (uint8_t)r->status;
    x->no_duff |= f->no_duff;
    if (!(ref->flags & REF_COPY)) {
        situations_take_place(x, &ref->place, name ? name : "",
                              f->has_place ? f->place.population : 0,
                              x->n_refs == 1 || (corrects != NOTHING && f->has_place));
        add_claim(x, r);
    }
    situations_fold(s, i, k);
    situations_index(s, i, k->config->classifier.join_us);
    return ref->flags & REF_COUNTED;
}
