/* merge: see merge.h. */
#include "merge.h"

#include <string.h>

#include "alerts.h"

#define MAX_SPREAD_M 25000

static const char *
printed(struct core *c, char *text)
{
    c->failed |= text == NULL;
    return text ? text : "";
}

static bool
is_earlier(const struct situation *a, const struct situation *b)
{
    return a->first_us != b->first_us ? a->first_us < b->first_us : id_cmp(&a->id, &b->id) < 0;
}

static bool
has_open(const struct situations *s, uint32_t i, int slot, int64_t now_us)
{
    uint32_t a = s->all[i].alerts[slot];

    return a != NOTHING && alert_lasts(&s->alerts[a], now_us);
}

/* Cancels what the situation that goes on has, too; the rest goes over. */
static void
merge_alerts(struct core *c, uint32_t keep, uint32_t gone, const char *why, int64_t due_us)
{
    struct situations *s = &c->sits;
    char id[ID_TEXT];

    for (int k = 0; k < SLOTS; k++) {
        struct sit_alert *mine, *other;

        if (!has_open(s, gone, k, due_us) || !has_open(s, keep, k, due_us))
            continue;
        mine = &s->alerts[s->all[keep].alerts[k]];
        other = &s->alerts[s->all[gone].alerts[k]];
        if (!mine->officer_precedence)
            mine->officer_precedence = other->officer_precedence;
        alerts_cancel(
            c, other,
            printed(c, arena_printf(c->arena, "%s; alert %s goes on", why, id_text(&mine->id, id))),
            due_us);
    }
    for (int k = 0; k < SLOTS; k++)
        if (s->all[gone].alerts[k] != NOTHING &&
            (has_open(s, gone, k, due_us) || s->all[keep].alerts[k] == NOTHING))
            situations_move_alert(s, gone, keep, (enum alert_slot)k);
}

static void
merge_claims(struct situation *x, const struct situation *o)
{
    for (int i = 0; i < o->n_claims && x->n_claims < MAX_SIT_CLAIMS; i++) {
        int at = x->n_claims++;

        while (at && x->claims[at - 1].seq > o->claims[i].seq) {
            x->claims[at] = x->claims[at - 1];
            at--;
        }
        x->claims[at] = o->claims[i];
    }
}

/* What is in neither's reports. */
static void
merge_rest(struct situation *x, const struct situation *o)
{
    bool cleared = x->cleared_us && o->cleared_us;

    merge_claims(x, o);
    if (!x->officer_event)
        x->officer_event = o->officer_event;
    x->cleared_us = !cleared ? 0 : x->cleared_us < o->cleared_us ? x->cleared_us : o->cleared_us;
    x->no_duff |= o->no_duff;
    x->spread_m = x->spread_m > o->spread_m ? x->spread_m : o->spread_m;
    for (int i = 0; i < o->n_apart; i++)
        situations_set_apart(x, o->apart[i]);
}

static void
make_anew(struct core *c, uint32_t i)
{
    correlate_recount(&c->sits, i);
    situations_fold(&c->sits, i, c->k);
    situations_place(&c->sits, i, c->k);
    situations_index(&c->sits, i, c->k->config->classifier.join_us);
    situations_set_decay(&c->sits, i);
}

/* Two places of one event: the one that is kept covers the other, where a report at either would
 * not find it. */
static void
cover(struct core *c, struct situation *x, const struct situation *mine,
      const struct situation *other)
{
    uint32_t join_m = (uint32_t)c->k->config->classifier.join_m, m;

    if (!mine->placed || mine->area || !other->placed || other->area)
        return;
    m = geo_distance_m(mine->pt, other->pt);
    if (m <= MAX_SPREAD_M && m > join_m + situations_extent_m(mine) + situations_extent_m(other) &&
        m > x->spread_m)
        x->spread_m = m;
}

/* Into the earlier of the two, which is returned. */
static uint32_t
unite(struct core *c, uint32_t a, uint32_t b, const char *why, int64_t due_us)
{
    struct situations *s = &c->sits;
    bool first = is_earlier(&s->all[a], &s->all[b]);
    uint32_t keep = first ? a : b, gone = first ? b : a;
    struct situation mine = s->all[keep], other = s->all[gone];
    struct situation *x = &s->all[keep];

    merge_alerts(c, keep, gone, why, due_us);
    merge_rest(x, &other);
    for (uint32_t r = s->all[gone].first_ref, next; r != NOTHING; r = next) {
        next = s->refs[r].next;
        situations_move_ref(s, r, keep);
    }
    cover(c, x, &mine, &other);
    situations_remove(s, gone);
    make_anew(c, keep);
    if (!x->name[0] && x->place_key == other.place_key) {
        situation_name(x, other.name);
        situations_index(s, keep, c->k->config->classifier.join_us);
    }
    situations_touch(s, keep, mine.last_us > other.last_us ? mine.last_us : other.last_us);
    return keep;
}

/* ---- what turns out */

static const char *
add_note(struct core *c, const char *note, const struct id *gone)
{
    char id[ID_TEXT];

    if (!note)
        return printed(c, arena_printf(c->arena, "merged with situation %s: the same event",
                                       id_text(gone, id)));
    return printed(c, arena_printf(c->arena, "%s; and with situation %s", note, id_text(gone, id)));
}

uint32_t
merge_twins(struct core *c, uint32_t i, const struct report *r, const struct found *found,
            bool moved, const char **note)
{
    struct situations *s = &c->sits;
    uint32_t with[2 * MAX_FITS], n = found->n_fits;
    bool speaks = s->refs[s->all[i].last_ref].flags & REF_SPEAKS;

    *note = NULL;
    memcpy(with, found->fits, n * sizeof with[0]);
    if (moved)
        n += correlate_twins(s, c->k, i, with + n);
    for (uint32_t k = 0; k < n; k++) {
        struct id a = s->all[i].id, b = s->all[with[k]].id;
        bool first, fits = k < found->n_fits;

        /* What was merged already is in use no more. */
        if (!correlate_same_event(s, c->k, i, with[k], speaks && fits ? r : NULL))
            continue;
        first = is_earlier(&s->all[i], &s->all[with[k]]);
        i = unite(c, i, with[k], "the same event was reported before", r->received_us);
        *note = add_note(c, *note, first ? &b : &a);
    }
    return i;
}

/* ---- the officer */

static const char *
by_officer(struct core *c, const char *what, const struct id *id, const char *reason)
{
    char text[ID_TEXT];

    return printed(c,
                   arena_printf(c->arena, "%s %s by the officer%s%.512s", what, id_text(id, text),
                                reason && *reason ? ": " : "", reason ? reason : ""));
}

bool
merge_two(struct core *c, uint32_t a, uint32_t b, const char *reason, int64_t due_us)
{
    struct situations *s = &c->sits;
    struct situation *x = &s->all[a], *y = &s->all[b];
    bool first = is_earlier(x, y);
    struct id keep = first ? x->id : y->id, gone = first ? y->id : x->id;

    if (a == b || x->rule || y->rule || x->status != y->status)
        return false;
    /* He has thought better of his split. */
    for (int i = 0; i < x->n_apart; i++)
        for (int k = 0; k < y->n_apart; k++)
            if ((x->apart[i] ^ y->apart[k]) == 1)
                y->apart[k] = x->apart[i];
    a = unite(c, a, b, by_officer(c, "merged into situation", &keep, reason), due_us);
    alerts_rearranged(c, a, by_officer(c, "merged with situation", &gone, reason), true, due_us,
                      NULL);
    return true;
}

/* The n reports, and what depends on them; marked in `moves` by their order in the list. */
static uint32_t
choose(const struct situations *s, uint32_t i, const uint32_t *refs, size_t n,
       bool moves[MAX_SIT_REFS])
{
    uint32_t at = 0, chosen = 0;

    for (uint32_t r = s->all[i].first_ref; r != NOTHING; r = s->refs[r].next, at++) {
        const struct sit_ref *x = &s->refs[r];

        moves[at] = false;
        for (size_t k = 0; k < n && !moves[at]; k++) {
            const struct sit_ref *o = &s->refs[refs[k]];

            moves[at] = o == x || (x->own && x->own == o->own) ||
                        ((x->flags & (REF_COPY | REF_TRANSLATION)) && correlate_passes_on(o, x));
        }
        chosen += moves[at];
    }
    return chosen;
}

static void
set_apart(struct situation *x, struct situation *y)
{
    uint32_t key = 0;

    for (size_t i = 0; i < sizeof key; i++) /* of the hash in the id, not of its time */
        key = key << 8 | y->id.b[ID_LEN - sizeof key + i];
    for (int i = 0; i < x->n_apart; i++)
        situations_set_apart(y, x->apart[i]);
    situations_set_apart(x, key & ~1u);
    situations_set_apart(y, key | 1);
}

static void
split_claims(const struct situations *s, struct situation *x, struct situation *y)
{
    struct sit_claim all[MAX_SIT_CLAIMS];
    int n = x->n_claims;

    memcpy(all, x->claims, sizeof all);
    memset(x->claims, 0, sizeof x->claims);
    x->n_claims = 0;
    for (int i = 0; i < n; i++) {
        struct situation *to = x;

        for (uint32_t r = y->first_ref; r != NOTHING; r = s->refs[r].next)
            if (s->refs[r].seq == all[i].seq)
                to = y;
        to->claims[to->n_claims++] = all[i];
    }
}

/* The situation of what moves; NOTHING when the old one had to make room for it. */
static uint32_t
new_for_split(struct core *c, uint32_t i, const bool moves[MAX_SIT_REFS], int64_t due_us)
{
    struct situations *s = &c->sits;
    struct id old = s->all[i].id, first, id;
    uint32_t r = s->all[i].first_ref, other;

    for (uint32_t at = 0; !moves[at]; at++)
        r = s->refs[r].next;
    first = s->refs[r].id;
    struct id_part parts[3] = {{"split", 5}, {old.b, sizeof old.b}, {first.b, sizeof first.b}};

    id_make(&id, due_us, parts, 3);
    other = situations_new(s, &id, due_us);
    if (s->all[i].used && id_cmp(&s->all[i].id, &old) == 0)
        return other;
    situations_remove(s, other);
    return NOTHING;
}

bool
merge_split(struct core *c, uint32_t i, const uint32_t *refs, size_t n, const char *reason,
            int64_t due_us)
{
    struct situations *s = &c->sits;
    uint32_t other, live = 0, at = 0;
    bool moves[MAX_SIT_REFS];
    struct situation *x = &s->all[i], *y;

    if (x->rule || !choose(s, i, refs, n, moves))
        return false;
    for (uint32_t r = x->first_ref; r != NOTHING; r = s->refs[r].next, at++)
        live += !moves[at] && !(s->refs[r].flags & (REF_SUPERSEDED | REF_COPY));
    other = live ? new_for_split(c, i, moves, due_us) : NOTHING;
    if (other == NOTHING)
        return false;
    y = &s->all[other];
    y->status = x->status;
    y->place_key = x->place_key;
    y->population = x->population;
    situation_name(y, x->name);
    at = 0;
    for (uint32_t r = x->first_ref, next; r != NOTHING; r = next, at++) {
        next = s->refs[r].next;
        if (moves[at])
            situations_move_ref(s, r, other);
    }
    split_claims(s, x, y);
    set_apart(x, y);
    make_anew(c, i);
    make_anew(c, other);
    situations_touch(s, other, due_us);
    alerts_rearranged(c, i, by_officer(c, "reports were split off into situation", &y->id, reason),
                      false, due_us, NULL);
    alerts_rearranged(c, other, by_officer(c, "split off from situation", &x->id, reason), false,
                      due_us, NULL);
    return true;
}
