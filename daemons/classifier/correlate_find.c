/* correlate_find: which situation a report fits, and which situations are one; see correlate.h. */
#include "correlate.h"

#include <string.h>

#include "timefmt.h"

#define MAX_WIDE_M   25000u /* no uncertainty joins farther than this */
#define APART_M      1000   /* two named villages so far apart are two places */
#define EXACT_M      3000
#define ELSEWHERE    3000          /* beyond every score */
#define LASTING_US   (14 * DAY_US) /* how far back what lasts is looked for, */
#define LASTING_JOIN 64            /* and in times of join_us: each is a look at the index */
#define AFTERMATH_US (12 * HOUR_US)

static struct sit_place
place_of_situation(const struct situation *x)
{
    return (struct sit_place){.pt = x->pt,
                              .gazetteer_id = x->gazetteer_id,
                              .key = (uint32_t)x->place_key,
                              .radius_m = x->radius_m,
                              .distance_m = x->distance_m,
                              .placed = x->placed,
                              .area = x->area};
}

/* What is held against situations: a report, or another situation. */
struct look {
    const struct report *r;         /* NULL: a situation */
    const struct situation *except; /* not this one */
    struct sit_place place;
    uint32_t extent_m;
    int64_t from_us, to_us; /* the part of it that counts for joining */
    enum event_type event;
    uint8_t status;
    bool point, worded; /* worded: unplaced, with words for the place */
};

static struct look
look_of_report(const struct knowledge *k, const struct report *r)
{
    int64_t join_us = k->config->classifier.join_us;
    struct look l = {.r = r, .place = r->place, .to_us = r->to_us, .event = r->f->event};

    l.extent_m = l.place.radius_m;
    l.from_us = situations_joint_from(r->from_us, r->to_us, join_us);
    l.status = (uint8_t)r->status;
    l.point = l.place.placed && !l.place.area;
    l.worded = !l.place.placed && r->in->place;
    return l;
}

static struct look
look_of_situation(const struct knowledge *k, const struct situation *x)
{
    int64_t join_us = k->config->classifier.join_us;
    struct look l = {.except = x, .place = place_of_situation(x), .to_us = x->to_us};

    l.extent_m = situations_extent_m(x);
    l.from_us = situations_joint_from(x->from_us, x->to_us, join_us);
    l.event = (enum event_type)x->event;
    l.status = x->status;
    l.point = x->placed && !x->area;
    l.worded = !x->placed && x->name[0];
    return l;
}

static bool
has_source(const struct situations *s, const struct situation *x, const struct report *r)
{
    for (uint32_t i = x->first_ref; i != NOTHING; i = s->refs[i].next)
        if (s->refs[i].source == r->source)
            return true;
    return false;
}

static bool
has_copy(const struct situations *s, const struct situation *x, const struct report *r,
         bool any_source)
{
    uint32_t print[FINGERPRINTS];

    correlate_print(r->f, print);
    for (uint32_t i = x->first_ref; i != NOTHING; i = s->refs[i].next)
        if ((any_source || s->refs[i].source == r->source) &&
            correlate_same_text(print, s->refs[i].print))
            return true;
    return false;
}

static bool
is_village(const struct sit_place *p)
{
    return p->gazetteer_id && !p->distance_m && p->radius_m <= EXACT_M;
}

bool
correlate_villages_apart(const struct sit_place *a, const struct sit_place *b)
{
    return is_village(a) && is_village(b) && a->gazetteer_id != b->gazetteer_id &&
           !geo_within_m(a->pt, b->pt, APART_M);
}

/* The farthest that two places may be apart. */
static uint32_t
join_limit_m(const struct knowledge *k, uint32_t radius_m, uint32_t other_m)
{
    return (uint32_t)k->config->classifier.join_m +
           (radius_m < MAX_WIDE_M ? radius_m : MAX_WIDE_M) +
           (other_m < MAX_WIDE_M ? other_m : MAX_WIDE_M);
}

/* Microseconds between two intervals, 0 when they overlap. */
static int64_t
gap_us(const struct knowledge *k, const struct situation *x, const struct look *l)
{
    int64_t from = situations_joint_from(x->from_us, x->to_us, k->config->classifier.join_us);

    return l->from_us > x->to_us ? l->from_us - x->to_us : from > l->to_us ? from - l->to_us : 0;
}

/* ---- a danger that lasts, told again */

/* Of a state there is one at a place at a time; of the others that last there may be more. */
static bool
is_state(enum event_type e)
{
    return e == EV_TERRITORY || e == EV_ACCESS_DENIAL;
}

static bool
is_lasting(enum event_type e)
{
    return is_state(e) || e == EV_KIDNAPPING || e == EV_IED_MINE;
}

static bool
figure_fits(const struct range *r, const struct range *known, bool new_ones)
{
    return r->most <= 0 || (known->most < 0 ? new_ones : r->least <= known->most);
}

/* No more harm than is known; new_ones: where no figure is known, any is as good. */
static bool
harm_fits(const struct harm *h, const struct harm *known, bool new_ones)
{
    return figure_fits(&h->killed, &known->killed, new_ones) &&
           figure_fits(&h->wounded, &known->wounded, new_ones) &&
           figure_fits(&h->taken, &known->taken, new_ones);
}

/* Does the report tell when it happened? Else it was stamped with its own time. */
static bool
tells_when(const struct finding *f)
{
    return f->when_method && strcmp(f->when_method, "reported") != 0;
}

/* Names somebody who takes part, and nobody who is known to: another has come. */
static bool
names_others(const struct knowledge *k, const struct situation *x, const struct finding *f)
{
    if (!x->sides[0] || !f->n_actors)
        return false;
    for (size_t n = 0; n < f->n_actors; n++) {
        uint16_t side =
            rules_side(k->rules, f->actors[n], lexicon_is_force(k->lexicon, f->actors[n]));

        for (int i = 0; i < SIT_SIDES && x->sides[i]; i++)
            if (x->sides[i] == side)
                return false;
    }
    return true;
}

/* Is it the danger of x, which lasts, told again? See correlate.h. */
static bool
tells_again(const struct knowledge *k, const struct situation *x, const struct look *l)
{
    const struct report *r = l->r;
    bool passed_on, told;

    if (!r || x->event != (uint8_t)l->event || !is_lasting(l->event) || x->cleared_us ||
        r->from_us > x->until_us || r->from_us - x->to_us > LASTING_US ||
        ((x->marks ^ r->f->marks) & MARK_SIEGE) || names_others(k, x, r->f))
        return false;
    told = tells_when(r->f);
    if (told && (r->from_us > x->to_us || r->to_us < x->from_us))
        return false;
    if (is_state(l->event))
        return told || r->from_us >= x->from_us;
    passed_on = r->in->relay || r->in->source_class == SC_MEDIA;
    return (told || passed_on) && harm_fits(&r->f->harm, &x->harm, told);
}

/* Lower is better; -1: does not join. Distance and time weigh alike, another kind half of that. */
static int64_t
score(const struct situations *s, const struct knowledge *k, const struct situation *x,
      const struct look *l)
{
    int64_t join_us = k->config->classifier.join_us, gap, limit = 0, m = 0;
    struct sit_place place;

    if (x == l->except || x->status != l->status || x->rule ||
        !correlate_compatible((enum event_type)x->event, l->event))
        return -1;
    gap = gap_us(k, x, l);
    if (gap > join_us) {
        if (!tells_again(k, x, l))
            return -1;
        gap = join_us; /* after all that are nearer in time */
    }
    if (l->point) {
        if (!x->placed || x->area)
            return -1;
        limit = join_limit_m(k, l->extent_m, situations_extent_m(x));
        if (!geo_within_m(x->pt, l->place.pt, (uint32_t)limit))
            return -1;
        m = geo_distance_m(x->pt, l->place.pt);
        place = place_of_situation(x);
        if (m > APART_M && correlate_villages_apart(&place, &l->place))
            return -1;
    } else if (x->place_key != l->place.key || x->placed != l->place.placed ||
               (!x->placed && !l->worded && !(l->r && has_copy(s, x, l->r, false)))) {
        return -1;
    }
    return m * 1000 / (limit + 1) + gap * 1000 / (join_us + 1) +
           (x->event == (uint8_t)l->event ? 0 : 500);
}

/* Kind, status and latitude, without a look at the situation itself. */
static bool
may_join(const struct knowledge *k, const struct sit_key *key, const struct look *l)
{
    int64_t apart = (int64_t)key->pt.lat - l->place.pt.lat;

    if (key->status != l->status || !correlate_compatible((enum event_type)key->event, l->event))
        return false;
    return !l->point || (apart < 0 ? -apart : apart) <=
                            (int64_t)join_limit_m(k, l->extent_m, key->radius_m) * 100;
}

struct fits {
    uint32_t of[MAX_FITS + 1], n;
    int64_t score[MAX_FITS + 1];
};

/* Into its rank, ties by id. */
static void
keep_fit(const struct situations *s, struct fits *f, uint32_t i, int64_t sc)
{
    uint32_t at = f->n;

    while (at && (sc < f->score[at - 1] ||
                  (sc == f->score[at - 1] && id_cmp(&s->all[i].id, &s->all[f->of[at - 1]].id) < 0)))
        at--;
    if (at > MAX_FITS)
        return;
    if (f->n <= MAX_FITS)
        f->n++;
    memmove(&f->of[at + 1], &f->of[at], (f->n - 1 - at) * sizeof f->of[0]);
    memmove(&f->score[at + 1], &f->score[at], (f->n - 1 - at) * sizeof f->score[0]);
    f->of[at] = i;
    f->score[at] = sc;
}

static void
consider(const struct situations *s, const struct knowledge *k, const struct look *l, uint64_t key,
         struct fits *f)
{
    for (uint32_t i = buckets_first(&s->by_join, key); i != NOTHING;
         i = buckets_next(&s->by_join, i)) {
        const struct situation *x = &s->all[i];
        int64_t sc = may_join(k, &s->keys[i], l) ? score(s, k, x, l) : -1;

        if (sc < 0)
            continue;
        if (x->n_apart && l->r)
            sc = has_copy(s, x, l->r, true) ? -1 : has_source(s, x, l->r) ? sc : sc + ELSEWHERE;
        keep_fit(s, f, i, sc);
    }
}

static int64_t
lasting_us(int64_t join_us)
{
    int64_t us = join_us < LASTING_US / LASTING_JOIN ? LASTING_JOIN * join_us : LASTING_US;

    return us > 2 * join_us ? us : 2 * join_us;
}

/* All situations that l fits. */
static void
look_round(const struct situations *s, const struct knowledge *k, const struct look *l,
           struct fits *f)
{
    int64_t join_us = k->config->classifier.join_us, at = l->from_us;
    int64_t back_us = l->r && is_lasting(l->event) ? lasting_us(join_us) : 2 * join_us;
    uint64_t first = situations_bucket(at > back_us ? at - back_us : 0, join_us);
    uint64_t last = situations_bucket(l->to_us + join_us, join_us);
    uint32_t reach = (uint32_t)k->config->classifier.join_m + MAX_WIDE_M;
    struct cells c;

    f->n = 0;
    if (!l->point) {
        for (uint64_t b = first; b <= last; b++)
            consider(s, k, l, key_mix(SALT_AREA | b, l->place.key), f);
        return;
    }
    reach += l->extent_m < MAX_WIDE_M ? l->extent_m : MAX_WIDE_M;
    c = cells_around(l->place.pt, reach);
    for (uint64_t b = first; b <= last; b++)
        CELLS_EACH(c, SALT_JOIN | b, key)
    consider(s, k, l, key, f);
}

/* Has situation i a word besides ref's source's own: something that its correction must fit? */
static bool
has_others(const struct situations *s, uint32_t i, uint32_t ref)
{
    const struct sit_ref *o = &s->refs[ref];

    for (uint32_t r = s->all[i].first_ref; r != NOTHING; r = s->refs[r].next)
        if (r != ref && s->refs[r].own != o->own &&
            !(s->refs[r].flags & (REF_SUPERSEDED | REF_COPY | REF_RELAY | REF_TRANSLATION)))
            return true;
    return false;
}

uint32_t
correlate_corrects(const struct situations *s, const struct report *r)
{
    uint32_t ref = r->own ? situations_own(s, r->own) : NOTHING;

    return ref != NOTHING && s->all[s->refs[ref].situation].status == (uint8_t)r->status ? ref
                                                                                         : NOTHING;
}

/* The situation of the report that r corrects, when r stays there. */
static uint32_t
stays(struct situations *s, const struct knowledge *k, const struct report *r, const struct look *l,
      uint32_t corrects)
{
    uint32_t i = s->refs[corrects].situation;

    s->refs[corrects].flags |= REF_SUPERSEDED;
    if (r->f->mode == MODE_DENIAL || !has_others(s, i, corrects))
        return i;
    correlate_recount(s, i);
    situations_fold(s, i, k);
    situations_place(s, i, k);
    situations_index(s, i, k->config->classifier.join_us);
    return score(s, k, &s->all[i], l) >= 0 ? i : NOTHING;
}

uint32_t
correlate_find(struct situations *s, const struct knowledge *k, const struct report *r,
               struct found *out)
{
    struct look l = look_of_report(k, r);
    struct fits f;
    uint32_t i;

    *out = (struct found){.corrects = correlate_corrects(s, r), .left = NOTHING};
    if (out->corrects != NOTHING) {
        i = stays(s, k, r, &l, out->corrects);
        if (i != NOTHING)
            return i;
        out->left = s->refs[out->corrects].situation;
        out->corrects = NOTHING;
        l.except = &s->all[out->left];
    }
    look_round(s, k, &l, &f);
    if (f.n > 1) {
        out->n_fits = f.n - 1;
        memcpy(out->fits, &f.of[1], out->n_fits * sizeof f.of[0]);
    }
    return f.n ? f.of[0] : NOTHING;
}

/* ---- what became of those who were harmed */

static bool
within_known(const struct range *r, const struct range *known)
{
    return r->most <= 0 || (known->most > 0 && r->least >= known->least && r->most <= known->most);
}

static bool
shares_convoy(const struct sit_ref *ref, const struct report *r)
{
    for (int i = 0; i < REF_CONVOYS && r->convoys[i]; i++)
        for (int j = 0; j < REF_CONVOYS && ref->convoys[j]; j++)
            if (r->convoys[i] == ref->convoys[j])
                return true;
    return false;
}

/* Is it the source or the convoy of the situation that speaks of it? */
static bool
is_of_it(const struct situations *s, const struct situation *x, const struct report *r)
{
    for (uint32_t i = x->first_ref; i != NOTHING; i = s->refs[i].next) {
        const struct sit_ref *ref = &s->refs[i];

        if (ref->flags & REF_SUPERSEDED)
            continue;
        if (shares_convoy(ref, r) || (!r->convoys[0] && r->in->source_class == SC_OWN &&
                                      ref->source == r->source && ref->targets == r->f->targets))
            return true;
    }
    return false;
}

bool
correlate_is_aftermath(const struct situations *s, const struct report *r)
{
    const struct harm *h = &r->f->harm;
    int64_t since_us = r->received_us - AFTERMATH_US;

    if (r->f->mode != MODE_FACT || r->f->in_progress ||
        r->f->confidence_permille >= CORRELATE_SURE_PERMILLE ||
        (h->killed.most <= 0 && h->wounded.most <= 0 && h->taken.most <= 0))
        return false;
    for (int list = 0; list < 2; list++)
        for (uint32_t i = s->tail[list]; i != NOTHING && s->all[i].last_us >= since_us;
             i = s->all[i].prev) {
            const struct situation *x = &s->all[i];

            if (!x->rule && x->status == (uint8_t)r->status && x->to_us >= since_us &&
                correlate_is_violent((enum event_type)x->event) &&
                within_known(&h->killed, &x->harm.killed) &&
                within_known(&h->wounded, &x->harm.wounded) &&
                within_known(&h->taken, &x->harm.taken) && is_of_it(s, x, r))
                return true;
        }
    return false;
}

/* ---- two that are one */

static bool
joined_by(const struct knowledge *k, const struct situation *a, const struct situation *b,
          const struct report *by)
{
    struct sit_place p = place_of_situation(a), q = place_of_situation(b);
    struct look l = look_of_situation(k, b);
    uint64_t most;

    if (!by->f->has_place || by->f->place.area || by->f->place.radius_m > EXACT_M)
        return false;
    if (a->event != (uint8_t)by->f->event || b->event != (uint8_t)by->f->event ||
        a->status != b->status || !p.placed || !q.placed || p.area || q.area ||
        correlate_villages_apart(&p, &q) || gap_us(k, a, &l) > k->config->classifier.join_us)
        return false;
    most = join_limit_m(k, situations_extent_m(a), situations_extent_m(b)) +
           (uint64_t)k->config->classifier.join_m;
    return geo_within_m(a->pt, b->pt, (uint32_t)(most < MAX_WIDE_M ? most : MAX_WIDE_M));
}

bool
correlate_same_event(const struct situations *s, const struct knowledge *k, uint32_t a, uint32_t b,
                     const struct report *by)
{
    const struct situation *x = &s->all[a], *y = &s->all[b];
    struct look l;

    if (a == b || !x->used || !y->used || x->rule || y->rule || situations_apart(x, y))
        return false;
    l = look_of_situation(k, x);
    return score(s, k, y, &l) >= 0 || (by && joined_by(k, x, y, by));
}

uint32_t
correlate_twins(const struct situations *s, const struct knowledge *k, uint32_t i,
                uint32_t out[MAX_FITS])
{
    struct look l = look_of_situation(k, &s->all[i]);
    struct fits f;

    look_round(s, k, &l, &f);
    f.n = f.n < MAX_FITS ? f.n : MAX_FITS;
    memcpy(out, f.of, f.n * sizeof f.of[0]);
    return f.n;
}
