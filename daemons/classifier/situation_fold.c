/* situation_fold: what a situation says of itself, from its reports; declared in situation.h.
 *
 * Harm: each source's latest figure counts, the lowest to the highest of them is shown, and what
 * turns on harm takes the greatest least. Facts come before a party's claims; a rumour or a relay
 * gives a figure only where nobody else has reported, a copy never. "At least nine" agrees with
 * nine: an open upper end widens nothing. A relay counts as a source only where there is no
 * other. The event is that of the most certain mode of speech, there
 * the gravest; the earlier report wins a tie, so that wording does not flap. */
#include "situation.h"

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
    if (r->flags & REF_RELAY)
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

struct folding {
    int best_mode;
    uint32_t gravity;
    bool all_low, all_doubted, all_force;
    uint32_t relays;
    struct figures figures;
};

static void
fold_ref(struct situation *x, const struct sit_ref *r, const struct knowledge *k, struct folding *f)
{
    const struct event_row *row = &k->events[r->event];
    uint32_t gravity = row->impact * 8 + row->likelihood;
    int64_t until = situations_until(k, (enum event_type)r->event, r->marks, r->to_us);
    int rank = mode_rank((enum mode)r->mode);

    if (worth_of(r) > f->figures.best)
        f->figures.best = worth_of(r);
    if (has_figure(&r->harm) && f->figures.n < sizeof f->figures.of / sizeof f->figures.of[0])
        f->figures.of[f->figures.n++] = r;
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
    f->relays += (r->flags & (REF_COUNTED | REF_RELAY)) == (REF_COUNTED | REF_RELAY);
    if ((r->flags & (REF_COUNTED | REF_RELAY)) == REF_COUNTED) {
        x->sources++;
        x->high_grade |= is_high(r);
        f->all_low &= is_low(r);
        f->all_doubted &= r->credibility == 5;
    }
    if (rank > f->best_mode || (rank == f->best_mode && gravity > f->gravity)) {
        f->best_mode = rank;
        f->gravity = gravity;
        x->mode = r->mode;
        x->event = r->event;
    }
}

void
situations_fold(struct situations *s, uint32_t i, const struct knowledge *k)
{
    struct situation *x = &s->all[i];
    struct folding f;

    f.best_mode = f.figures.best = -1;
    f.gravity = f.relays = 0;
    f.all_low = f.all_doubted = f.all_force = true;
    f.figures.n = 0;
    x->named = x->marks = x->sources = 0;
    x->from_us = x->to_us = x->until_us = 0;
    x->active = x->timely = x->prompt = x->own = x->high_grade = false;
    x->force_harm = false;
    for (uint32_t r = x->first_ref; r != NOTHING; r = s->refs[r].next)
        if (!(s->refs[r].flags & (REF_SUPERSEDED | REF_COPY)))
            fold_ref(x, &s->refs[r], k, &f);
    fold_harm(x, &f.figures);
    x->force = f.best_mode >= 0 && f.all_force;
    if (!x->sources && f.relays)
        x->sources = 1;
    x->low_grade = x->sources == 1 && f.all_low;
    x->doubted = x->sources == 1 && f.all_doubted;
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
