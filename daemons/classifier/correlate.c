/* correlate: see correlate.h. */
#include "correlate.h"

#include <string.h>

#include "timefmt.h"

#define FUTURE_US          (2 * MINUTE_US) /* a stamp so far ahead is not believed */
#define PROMPT_US          (30 * MINUTE_US)
#define ACTIVE_US          (2 * HOUR_US) /* an attack so fresh may be going on */
#define MAX_WIDE_M         25000u        /* no uncertainty joins farther than this */
#define APART_M            1000          /* two named villages so far apart are two places */
#define EXACT_M            3000
#define CONFIDENT_PERMILLE 600 /* understand's scale begins at 500 */

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
    if (!in->reported_at_us || in->clock_untrusted || in->reported_at_us > received_us + FUTURE_US)
        return received_us;
    return in->reported_at_us;
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
}

bool
correlate_same_text(const uint32_t a[FINGERPRINTS], const uint32_t b[FINGERPRINTS])
{
    int shared = 0, of = 0;

    for (int i = 0; i < FINGERPRINTS && a[i]; i++, of++)
        for (int k = 0; k < FINGERPRINTS && b[k]; k++)
            if (a[i] == b[k]) {
                shared++;
                break;
            }
    /* Short texts have fewer hashes: all of them must agree. */
    return of && shared >= (of < 6 ? of : 6) && (of >= 6 || b[of < FINGERPRINTS ? of : 0] == 0);
}

static void
print_of(const struct finding *f, uint32_t out[FINGERPRINTS])
{
    for (int i = 0; i < FINGERPRINTS; i++)
        out[i] = f->fingerprint[i] ? (uint32_t)(f->fingerprint[i] >> 32) | 1 : 0;
}

/* What stands for a place that no distance can be taken from. */
static uint64_t
place_key(const struct report *r)
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

static bool
is_point(const struct finding *f)
{
    return f->has_place && !f->place.area;
}

static bool
has_copy(const struct situations *s, const struct situation *x, const struct report *r)
{
    uint32_t print[FINGERPRINTS];
    uint64_t source = key_text(r->in->source);

    print_of(r->f, print);
    for (uint32_t i = x->first_ref; i != NOTHING; i = s->refs[i].next)
        if (s->refs[i].source == source && correlate_same_text(print, s->refs[i].print))
            return true;
    return false;
}

static bool
is_village(uint64_t gazetteer_id, uint32_t distance_m, uint32_t radius_m)
{
    return gazetteer_id && !distance_m && radius_m <= EXACT_M;
}

/* The farthest that two places may be apart. */
static uint32_t
join_limit_m(const struct knowledge *k, uint32_t radius_m, uint32_t other_m)
{
    return (uint32_t)k->config->classifier.join_m +
           (radius_m < MAX_WIDE_M ? radius_m : MAX_WIDE_M) +
           (other_m < MAX_WIDE_M ? other_m : MAX_WIDE_M);
}

/* Lower is better; -1: does not join. Distance and time weigh alike, another kind half of that. */
static int64_t
score(const struct situations *s, const struct knowledge *k, const struct situation *x,
      const struct report *r)
{
    int64_t join_us = k->config->classifier.join_us, gap, limit = 0, m = 0;
    int64_t from = situations_joint_from(x->from_us, x->to_us, join_us);
    int64_t at = situations_joint_from(r->from_us, r->to_us, join_us);
    const struct place *p = &r->f->place;

    if (x->status != r->status || x->rule ||
        !correlate_compatible((enum event_type)x->event, r->f->event))
        return -1;
    gap = at > x->to_us ? at - x->to_us : from > r->to_us ? from - r->to_us : 0;
    if (gap > join_us)
        return -1;
    if (is_point(r->f)) {
        if (!x->placed || x->area)
            return -1;
        limit = join_limit_m(k, p->radius_m, x->radius_m);
        if (!geo_within_m(x->pt, p->pt, (uint32_t)limit))
            return -1;
        m = geo_distance_m(x->pt, p->pt);
        if (is_village(p->gazetteer_id, p->distance_m, p->radius_m) &&
            is_village(x->gazetteer_id, x->distance_m, x->radius_m) &&
            p->gazetteer_id != x->gazetteer_id && m > APART_M)
            return -1;
    } else if (x->place_key != place_key(r) || x->placed != r->f->has_place ||
               (!x->placed && !r->in->place && !has_copy(s, x, r))) {
        return -1;
    }
    return m * 1000 / (limit + 1) + gap * 1000 / (join_us + 1) +
           (x->event == (uint8_t)r->f->event ? 0 : 500);
}

/* Kind, status and latitude, without a look at the situation itself. */
static bool
may_join(const struct knowledge *k, const struct sit_key *key, const struct report *r)
{
    int64_t apart = (int64_t)key->pt.lat - r->f->place.pt.lat;

    if (key->status != (uint8_t)r->status ||
        !correlate_compatible((enum event_type)key->event, r->f->event))
        return false;
    return !is_point(r->f) ||
           (apart < 0 ? -apart : apart) <=
               (int64_t)join_limit_m(k, r->f->place.radius_m, key->radius_m) * 100;
}

static void
consider(const struct situations *s, const struct knowledge *k, const struct report *r,
         uint64_t key, uint32_t *best, int64_t *best_score)
{
    for (uint32_t i = buckets_first(&s->by_join, key); i != NOTHING;
         i = buckets_next(&s->by_join, i)) {
        int64_t sc = may_join(k, &s->keys[i], r) ? score(s, k, &s->all[i], r) : -1;

        if (sc < 0 || (*best != NOTHING &&
                       (sc > *best_score ||
                        (sc == *best_score && id_cmp(&s->all[i].id, &s->all[*best].id) > 0))))
            continue;
        *best = i;
        *best_score = sc;
    }
}

uint32_t
correlate_find(const struct situations *s, const struct knowledge *k, const struct report *r,
               uint32_t *corrects)
{
    int64_t join_us = k->config->classifier.join_us, best_score = 0;
    uint64_t own = situations_own_key(r->in->source, r->in->own_id);
    int64_t at = situations_joint_from(r->from_us, r->to_us, join_us);
    uint64_t first = situations_bucket(at > 2 * join_us ? at - 2 * join_us : 0, join_us);
    uint64_t last = situations_bucket(r->to_us + join_us, join_us);
    uint32_t best = NOTHING, reach = (uint32_t)k->config->classifier.join_m + MAX_WIDE_M;
    struct cells c;

    *corrects = own ? situations_own(s, own) : NOTHING;
    if (*corrects != NOTHING && s->all[s->refs[*corrects].situation].status == (uint8_t)r->status)
        return s->refs[*corrects].situation;
    *corrects = NOTHING;
    if (!is_point(r->f)) {
        for (uint64_t b = first; b <= last; b++)
            consider(s, k, r, key_mix(SALT_AREA | b, place_key(r)), &best, &best_score);
        return best;
    }
    reach += r->f->place.radius_m < MAX_WIDE_M ? r->f->place.radius_m : MAX_WIDE_M;
    c = cells_around(r->f->place.pt, reach);
    for (uint64_t b = first; b <= last; b++)
        CELLS_EACH(c, SALT_JOIN | b, key)
    consider(s, k, r, key, &best, &best_score);
    return best;
}

/* ---- joining */

/* The place of the report, when it is better than the one that the situation has. */
static void
take_place(struct situation *x, const struct report *r, bool replace)
{
    const struct finding *f = r->f;
    const struct place *p = &f->place;

    if (x->n_refs > 1 && !replace && x->placed &&
        (!f->has_place || p->area || (!x->area && p->radius_m >= x->radius_m / 2)))
        return;
    if (x->n_refs > 1 && !f->has_place)
        return;
    x->placed = f->has_place;
    x->place_key = place_key(r);
    if (!f->has_place) {
        situation_name(x, r->in->place ? r->in->place : "");
        return;
    }
    x->area = p->area;
    x->pt = p->pt;
    x->radius_m = p->radius_m;
    x->gazetteer_id = p->gazetteer_id;
    x->population = p->population;
    x->bearing_deg = p->bearing_deg;
    x->distance_m = p->distance_m;
    situation_name(x, p->name ? p->name : "");
}

static void
add_claim(struct situation *x, const struct report *r)
{
    const struct finding *f = r->f;
    struct sit_claim c = {.killed = f->harm.killed.least, .event = (uint8_t)f->event};

    if ((f->mode != MODE_CLAIM && f->mode != MODE_DENIAL) || x->n_claims == MAX_SIT_CLAIMS)
        return;
    c.mode = (uint8_t)f->mode;
    c.named = f->n_actors > 0;
    situation_text(c.party, sizeof c.party,
                   c.named ? f->actors[0] : source_class_name(r->in->source_class));
    for (int i = 0; i < x->n_claims; i++)
        if (memcmp(&x->claims[i], &c, sizeof c) == 0)
            return;
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

static unsigned
ref_flags(const struct situations *s, const struct knowledge *k, const struct situation *x,
          const struct report *r, const struct sit_ref *ref, uint32_t corrects)
{
    bool same_source = false, copy = false, relay = r->in->relay;
    bool doubtful = r->f->mode == MODE_RUMOUR || r->f->mode == MODE_DENIAL;
    unsigned flags = relay ? REF_RELAY : 0;

    for (uint32_t i = x->first_ref; i != NOTHING; i = s->refs[i].next) {
        const struct sit_ref *o = &s->refs[i];

        if (o == ref || i == corrects)
            continue;
        same_source |= o->source == ref->source;
        copy |= correlate_same_text(o->print, ref->print);
    }
    if (corrects != NOTHING)
        flags |= s->refs[corrects].flags & (REF_COUNTED | REF_COPY);
    else if (copy)
        flags |= REF_COPY;
    else if (x->n_refs == 1 || (!relay && !same_source))
        flags |= REF_COUNTED;
    if (!copy && !doubtful && !relay)
        flags |= REF_SPEAKS;
    if (is_active(k, r))
        flags |= REF_ACTIVE;
    if (situations_until(k, r->f->event, r->f->marks, r->to_us) > r->received_us)
        flags |= REF_TIMELY;
    if (r->received_us - r->to_us <= PROMPT_US)
        flags |= REF_PROMPT;
    return flags;
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

bool
correlate_join(struct situations *s, const struct knowledge *k, uint32_t i, const struct report *r,
               uint32_t corrects)
{
    struct situation *x = &s->all[i];
    struct sit_ref *ref = situations_add_ref(s, i);
    const struct finding *f = r->f;

    /* Making room may have taken the very report that is corrected, and even its number. */
    if (corrects != NOTHING && (s->refs[corrects].situation != i || ref == &s->refs[corrects]))
        corrects = NOTHING;
    ref->id = r->id;
    ref->seq = r->seq;
    ref->source = key_text(r->in->source);
    ref->own = situations_own_key(r->in->source, r->in->own_id);
    ref->from_us = r->from_us;
    ref->to_us = r->to_us;
    print_of(f, ref->print);
    ref->harm = f->harm;
    ref->event = (uint8_t)f->event;
    ref->mode = (uint8_t)f->mode;
    ref->targets = (uint8_t)f->targets;
    ref->source_class = (uint8_t)r->in->source_class;
    ref->reliability = r->in->reliability;
    ref->credibility = r->in->credibility;
    ref->marks = (uint8_t)f->marks;
    ref->force = (uint8_t)force_flags(k, f);
    ref->flags = (uint8_t)ref_flags(s, k, x, r, ref, corrects);
    if (ref->own)
        buckets_put(&s->by_own, (uint32_t)(ref - s->refs), ref->own);
    if (corrects != NOTHING)
        s->refs[corrects].flags |= REF_SUPERSEDED;
    x->status = (uint8_t)r->status;
    x->no_duff |= f->no_duff;
    x->confident |= f->confidence_permille >= CONFIDENT_PERMILLE;
    if (!(ref->flags & REF_COPY)) {
        take_place(x, r, corrects != NOTHING);
        add_claim(x, r);
    }
    situations_fold(s, i, k);
    situations_index(s, i, k->config->classifier.join_us);
    return ref->flags & REF_COUNTED;
}
