/* situation_fold: what a situation says of itself, from its reports; declared in situation.h.
 *
 * Harm: each source's latest figure counts, the lowest to the highest of them is shown, and what
 * turns on harm takes the greatest least. Facts come before a party's claims; a rumour or a relay
 * gives a figure only where nobody else has reported, a copy never. "At least nine" agrees with
 * nine: an open upper end widens nothing. The event is that of the most certain mode of speech,
 * there the gravest; the earlier report wins a tie, so that wording does not flap.
 *
 * Sources are those that say as much as the situation does: a rumour or a warning confirms no
 * fact, a party's claim does, a denial confirms nothing. A relay or a translation is one only where
 * there is no other.
 *
 * What the officer has cleared lasts no longer than until he did; an event behind that does. */
#include "situation.h"

#include <string.h>

#include "timefmt.h"

static int
mode_rank(enum mode m)
{
    static const int rank[MODE_COUNT] = {
        [MODE_FACT] = 5,   [MODE_CLAIM] = 4,  [MODE_WARNING] = 3,
        [MODE_RUMOUR] = 2, [MODE_DENIAL] = 1, [MODE_FOLLOW_UP] = 0};

    return rank[m];
}

int64_t
situations_until(const struct knowledge *k, enum event_type event, uint32_t marks, int64_t to_us)
{
    int64_t persist = k->events[event].persist_us;

    if (event == EV_ACCESS_DENIAL && (marks & MARK_SIEGE))
        persist = INT64_MAX;
    return persist > INT64_MAX - to_us ? INT64_MAX : to_us + persist;
}

/* ---- harm */

static const struct range *
figure(const struct harm *h, int kind)
{
    return kind == 0 ? &h->killed : kind == 1 ? &h->wounded : &h->taken;
}

static bool
has_figure(const struct harm *h)
{
    return h->killed.most >= 0 || h->wounded.most >= 0 || h->taken.most >= 0;
}

/* How much a report's figures count; only the best there are speak. */
enum worth { WORTH_RELAY, WORTH_RUMOUR, WORTH_CLAIM, WORTH_FACT };

static int
worth_of(const struct sit_ref *r)
{
    if (r->flags & (REF_RELAY | REF_TRANSLATION))
        return WORTH_RELAY;
    if (r->mode == MODE_RUMOUR || r->mode == MODE_DENIAL)
        return WORTH_RUMOUR;
    return r->mode == MODE_CLAIM ? WORTH_CLAIM : WORTH_FACT;
}

/* "At least nine" is kept as 9 to 18, "dozens" as 24 to 96: their upper end is no evidence. */
static bool
is_open(const struct range *r)
{
    return r->most > r->least && r->most >= 2 * r->least;
}

struct figures {
    const struct sit_ref *of[MAX_SIT_REFS + 1];
    size_t n;
    int best; /* worth of the best report, with figures or without */
};

/* The source has said something newer about it, and that counts no less. */
static bool
is_replaced(const struct figures *f, size_t i, int kind)
{
    for (size_t k = i + 1; k < f->n; k++)
        if (f->of[k]->source == f->of[i]->source && figure(&f->of[k]->harm, kind)->most >= 0 &&
            worth_of(f->of[k]) >= worth_of(f->of[i]))
            return true;
    return false;
}

static void
fold_kind(const struct figures *f, int kind, struct range *shown, struct range *carried)
{
    int worth = f->best < WORTH_CLAIM ? f->best : WORTH_CLAIM;
    struct range tight = {-1, -1}, open = {-1, -1};

    for (size_t i = 0; i < f->n; i++)
        if (figure(&f->of[i]->harm, kind)->most >= 0 && worth_of(f->of[i]) > worth)
            worth = worth_of(f->of[i]);
    for (size_t i = 0; i < f->n; i++) {
        const struct range *r = figure(&f->of[i]->harm, kind);

        if (r->most < 0 || worth_of(f->of[i]) < worth || is_replaced(f, i, kind))
            continue;
        if (is_open(r)) {
            if (r->least > open.least || (r->least == open.least && r->most < open.most))
                open = *r;
            continue;
        }
        tight.least = tight.most < 0 || r->least < tight.least ? r->least : tight.least;
        tight.most = r->most > tight.most ? r->most : tight.most;
        if (r->least > carried->least)
            *carried = *r;
    }
    if (open.least > carried->least)
        *carried = open;
    *shown = tight.most < 0 ? open : tight;
    if (tight.most >= 0 && open.least > tight.most)
        shown->most = open.least;
}

static void
fold_harm(struct situation *x, const struct figures *f)
{
    static const struct harm unknown = {{-1, -1}, {-1, -1}, {-1, -1}};

    x->harm = x->carried = unknown;
    if (!f->n)
        return;
    fold_kind(f, 0, &x->harm.killed, &x->carried.killed);
    fold_kind(f, 1, &x->harm.wounded, &x->carried.wounded);
    fold_kind(f, 2, &x->harm.taken, &x->carried.taken);
}

/* ---- the rest */

static bool
is_low(const struct sit_ref *r)
{
    return r->credibility == 4 || r->credibility == 5 || r->reliability == 'D' ||
           r->reliability == 'E';
}

static bool
is_high(const struct sit_ref *r)
{
    return (r->reliability == 'A' || r->reliability == 'B') &&
           (r->credibility == 1 || r->credibility == 2);
}

/* Those it has not got yet, as far as there is room. */
static void
add_sides(struct situation *x, const struct sit_ref *r)
{
    for (int i = 0; i < REF_SIDES && r->sides[i]; i++) {
        int k = 0;

        while (k < SIT_SIDES && x->sides[k] && x->sides[k] != r->sides[i])
            k++;
        if (k < SIT_SIDES)
            x->sides[k] = r->sides[i];
    }
}

struct folding {
    int best_mode;
    uint32_t gravity;
    bool all_force;
    struct figures figures;
};

static bool
is_live(const struct sit_ref *r)
{
    return !(r->flags & (REF_SUPERSEDED | REF_COPY));
}

static int64_t
until_of(const struct situation *x, const struct sit_ref *r, const struct knowledge *k)
{
    int64_t until = situations_until(k, (enum event_type)r->event, r->marks, r->to_us);

    return x->cleared_us && r->to_us <= x->cleared_us && until > x->cleared_us ? x->cleared_us
                                                                               : until;
}

static void
fold_ref(struct situation *x, const struct sit_ref *r, const struct knowledge *k, struct folding *f)
{
    const struct event_row *row = &k->events[r->event];
    uint32_t gravity = row->impact * 8 + row->likelihood;
    int64_t until = until_of(x, r, k);
    int rank = mode_rank((enum mode)r->mode);

    if (worth_of(r) > f->figures.best)
        f->figures.best = worth_of(r);
    if (has_figure(&r->harm) && f->figures.n < sizeof f->figures.of / sizeof f->figures.of[0])
        f->figures.of[f->figures.n++] = r;
    add_sides(x, r);
    f->all_force &= (r->force & FORCE_NAMED) != 0;
    x->force_harm |= (r->force & FORCE_HARM) != 0;
    x->named |= r->targets;
    x->marks |= r->marks;
    x->from_us = !x->from_us || r->from_us < x->from_us ? r->from_us : x->from_us;
    x->to_us = r->to_us > x->to_us ? r->to_us : x->to_us;
    x->until_us = until > x->until_us ? until : x->until_us;
    x->active |= (r->flags & REF_ACTIVE) != 0;
    x->timely |= (r->flags & REF_TIMELY) != 0;
    x->prompt |= (r->flags & REF_PROMPT) != 0;
    x->own |= r->source_class == SC_OWN;
    x->confident |= (r->flags & REF_CONFIDENT) != 0;
    if (rank > f->best_mode || (rank == f->best_mode && gravity > f->gravity)) {
        f->best_mode = rank;
        f->gravity = gravity;
        x->mode = r->mode;
        x->event = r->event;
    }
}

/* The sources that say as much, and their grades. */
static void
fold_sources(const struct situations *s, struct situation *x, int best_mode)
{
    int enough = best_mode < mode_rank(MODE_CLAIM) ? best_mode : mode_rank(MODE_CLAIM);
    uint32_t seen[MAX_SIT_REFS + 1];
    bool all_low = true, all_doubted = true, relayed = false;
    uint32_t n = 0;

    for (uint32_t i = x->first_ref; i != NOTHING; i = s->refs[i].next) {
        const struct sit_ref *r = &s->refs[i];
        uint32_t k = 0;

        if (!is_live(r) || mode_rank((enum mode)r->mode) < enough)
            continue;
        if (r->flags & (REF_RELAY | REF_TRANSLATION)) {
            relayed = true;
            continue;
        }
        while (k < n && seen[k] != r->source)
            k++;
        if (k < n || n == MAX_SIT_REFS + 1)
            continue;
        seen[n++] = r->source;
        x->high_grade |= is_high(r);
        all_low &= is_low(r);
        all_doubted &= r->credibility == 5;
    }
    x->sources = n ? n : relayed;
    x->low_grade = x->sources == 1 && all_low;
    x->doubted = x->sources == 1 && all_doubted;
}

/* Versions go with the reports that gave them. */
static void
fold_claims(const struct situations *s, struct situation *x)
{
    struct sit_claim kept[MAX_SIT_CLAIMS];
    uint8_t n = 0;

    if (!x->n_claims)
        return;
    memset(kept, 0, sizeof kept);
    for (int i = 0; i < x->n_claims; i++)
        for (uint32_t r = x->first_ref; r != NOTHING; r = s->refs[r].next)
            if (s->refs[r].seq == x->claims[i].seq && is_live(&s->refs[r])) {
                kept[n++] = x->claims[i];
                break;
            }
    memcpy(x->claims, kept, sizeof kept);
    x->n_claims = n;
}

void
situations_fold(struct situations *s, uint32_t i, const struct knowledge *k)
{
    struct situation *x = &s->all[i];
    struct folding f;

    f.best_mode = f.figures.best = -1;
    f.gravity = 0;
    f.all_force = true;
    f.figures.n = 0;
    x->named = x->marks = x->sources = 0;
    x->from_us = x->to_us = x->until_us = 0;
    x->active = x->timely = x->prompt = x->own = x->high_grade = x->confident = false;
    x->force_harm = false;
    memset(x->sides, 0, sizeof x->sides);
    for (uint32_t r = x->first_ref; r != NOTHING; r = s->refs[r].next)
        if (is_live(&s->refs[r]))
            fold_ref(x, &s->refs[r], k, &f);
    fold_harm(x, &f.figures);
    x->force = f.best_mode >= 0 && f.all_force;
    fold_sources(s, x, f.best_mode);
    fold_claims(s, x);
    if (x->officer_event)
        x->event = x->officer_event;
}

void
situations_facts(const struct situation *s, struct facts *out)
{
    *out = (struct facts){
        .event = (enum event_type)s->event,
        .mode = (enum mode)s->mode,
        .status = (enum status)s->status,
        .named = s->named,
        .marks = s->marks,
        .sources = s->sources,
        .active = s->active,
        .timely = s->timely,
        .doubted = s->doubted,
        .low_grade = s->low_grade,
        .high_grade = s->high_grade,
        .own = s->own,
        .harm = s->carried,
        .force = s->force,
        .force_m = s->force_m,
    };
}

/* ---- the place */

void
situations_take_place(struct situation *x, const struct sit_place *p, const char *name,
                      uint32_t population, bool replace)
{
    if (!replace &&
        (!p->placed || (x->placed && (p->area || (!x->area && p->radius_m >= x->radius_m / 2)))))
        return;
    x->place_key = p->key;
    situation_name(x, name);
    x->placed = p->placed;
    if (!p->placed)
        return;
    x->area = p->area;
    x->pt = p->pt;
    x->radius_m = p->radius_m;
    x->gazetteer_id = p->gazetteer_id;
    x->population = population;
    x->bearing_deg = p->bearing_deg;
    x->distance_m = p->distance_m;
}

/* The village of p by the gazetteer; NULL when it is none. */
static const struct gaz_place *
village_of(const struct knowledge *k, const struct sit_place *p)
{
    const struct gaz_place *g = p->placed && p->gazetteer_id && !p->distance_m && k->gazetteer
                                    ? gazetteer_nearest(k->gazetteer, p->pt, 1)
                                    : NULL;

    return g && g->id == p->gazetteer_id ? g : NULL;
}

void
situations_place(struct situations *s, uint32_t i, const struct knowledge *k)
{
    struct situation *x = &s->all[i];
    uint32_t population = x->population;
    uint64_t key = x->place_key;
    char name[SIT_NAME];
    bool first = true;

    memcpy(name, x->name, sizeof name);
    for (uint32_t r = x->first_ref; r != NOTHING; r = s->refs[r].next) {
        const struct sit_place *p = &s->refs[r].place;
        const struct gaz_place *g = p->key == key ? NULL : village_of(k, p);

        if (!is_live(&s->refs[r]))
            continue;
        situations_take_place(x, p,
                              p->key == key ? name
                              : g           ? g->name
                                            : "",
                              p->key == key ? population
                              : g           ? g->population
                                            : 0,
                              first);
        first = false;
    }
}
