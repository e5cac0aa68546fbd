/* situation: tables, lists and indexes; see situation.h. The fold is in situation_fold.c. */
#include "situation.h"

#include <stdlib.h>
#include <string.h>

#include "timefmt.h"

#define SALT_DANGER 0x64u

int
situations_init(struct situations *s, uint32_t max_situations, uint32_t max_refs,
                struct timers *timers)
{
    *s = (struct situations){.timers = timers};
    s->t_all = (struct sit_table){.cap = max_situations, .free = NOTHING};
    s->t_refs = (struct sit_table){.cap = max_refs, .free = NOTHING};
    /* One alert a situation on average, and half as many again. */
    s->t_alerts =
        (struct sit_table){.cap = max_situations + max_situations / 2 + SLOTS, .free = NOTHING};
    s->head[0] = s->head[1] = s->tail[0] = s->tail[1] = NOTHING;
    s->all = calloc(s->t_all.cap, sizeof *s->all);
    s->refs = calloc(s->t_refs.cap, sizeof *s->refs);
    s->alerts = calloc(s->t_alerts.cap, sizeof *s->alerts);
    s->keys = calloc(s->t_all.cap, sizeof *s->keys);
    s->terms = calloc(s->t_all.cap, sizeof *s->terms);
    if (!s->all || !s->refs || !s->alerts || !s->keys || !s->terms ||
        buckets_init(&s->by_join, s->t_all.cap) || buckets_init(&s->by_danger, s->t_all.cap) ||
        buckets_init(&s->by_own, s->t_refs.cap) || buckets_init(&s->by_pattern, s->t_all.cap)) {
        situations_fini(s);
        return -1;
    }
    return 0;
}

void
situations_fini(struct situations *s)
{
    free(s->all);
    free(s->refs);
    free(s->alerts);
    free(s->keys);
    free(s->terms);
    buckets_fini(&s->by_join);
    buckets_fini(&s->by_danger);
    buckets_fini(&s->by_own);
    buckets_fini(&s->by_pattern);
    *s = (struct situations){0};
}

/* ---- the two lists, oldest first */

static void
unlink_from_list(struct situations *s, uint32_t i)
{
    struct situation *x = &s->all[i];

    if (x->prev == NOTHING)
        s->head[x->open] = x->next;
    else
        s->all[x->prev].next = x->next;
    if (x->next == NOTHING)
        s->tail[x->open] = x->prev;
    else
        s->all[x->next].prev = x->prev;
}

static void
append_to_list(struct situations *s, uint32_t i)
{
    struct situation *x = &s->all[i];

    x->prev = s->tail[x->open];
    x->next = NOTHING;
    if (x->prev == NOTHING)
        s->head[x->open] = i;
    else
        s->all[x->prev].next = i;
    s->tail[x->open] = i;
}

static bool
has_open_alert(const struct situations *s, uint32_t i)
{
    for (int k = 0; k < SLOTS; k++)
        if (s->all[i].alerts[k] != NOTHING && s->alerts[s->all[i].alerts[k]].open)
            return true;
    return false;
}

void
situations_touch(struct situations *s, uint32_t i, int64_t now_us)
{
    unlink_from_list(s, i);
    s->all[i].last_us = now_us;
    s->all[i].open = has_open_alert(s, i);
    append_to_list(s, i);
}

/* ---- taking and giving back */

static void
free_ref(struct situations *s, uint32_t r)
{
    buckets_drop(&s->by_own, r);
    memset(&s->refs[r], 0, sizeof s->refs[r]);
    s->refs[r].situation = NOTHING;
    s->refs[r].next = s->t_refs.free;
    s->t_refs.free = r;
    s->t_refs.n--;
}

static void
free_alert(struct situations *s, uint32_t a)
{
    memset(&s->alerts[a], 0, sizeof s->alerts[a]);
    s->alerts[a].situation = NOTHING;
    s->alerts[a].next = s->t_alerts.free;
    s->t_alerts.free = a;
    s->t_alerts.n--;
}

void
situations_remove(struct situations *s, uint32_t i)
{
    struct situation *x = &s->all[i];

    timers_cancel(s->timers, TIMER_DECAY, i);
    buckets_drop(&s->by_join, i);
    buckets_drop(&s->by_danger, i);
    buckets_drop(&s->by_pattern, i);
    unlink_from_list(s, i);
    for (uint32_t r = x->first_ref, next; r != NOTHING; r = next) {
        next = s->refs[r].next;
        free_ref(s, r);
    }
    for (int k = 0; k < SLOTS; k++)
        if (x->alerts[k] != NOTHING)
            free_alert(s, x->alerts[k]);
    memset(x, 0, sizeof *x);
    x->next = s->t_all.free;
    s->t_all.free = i;
    s->t_all.n--;
}

/* The oldest but `spare`; false when there is none. */
static bool
evict_oldest(struct situations *s, uint32_t spare)
{
    for (int l = 0; l < 2; l++) {
        uint32_t i = s->head[l];

        if (i == spare && i != NOTHING)
            i = s->all[i].next;
        if (i == NOTHING)
            continue;
        situations_remove(s, i);
        return true;
    }
    return false;
}

uint32_t
situations_new(struct situations *s, const struct id *id, int64_t now_us)
{
    struct sit_table *t = &s->t_all;
    struct situation *x;
    uint32_t i;

    if (t->free == NOTHING && t->high == t->cap)
        (void)evict_oldest(s, NOTHING); /* the table is full, so there is one */
    if (t->free != NOTHING) {
        i = t->free;
        t->free = s->all[i].next;
    } else {
        i = t->high++;
    }
    t->n++;
    x = &s->all[i];
    memset(x, 0, sizeof *x);
    x->used = true;
    x->id = *id;
    x->first_us = x->last_us = now_us;
    x->first_ref = x->last_ref = x->subject = NOTHING;
    x->harm = x->carried = (struct harm){{-1, -1}, {-1, -1}, {-1, -1}};
    for (int k = 0; k < SLOTS; k++)
        x->alerts[k] = NOTHING;
    append_to_list(s, i);
    return i;
}

/* The second report goes: the first gave the situation its id. */
static void
drop_second(struct situations *s, struct situation *x)
{
    uint32_t r = s->refs[x->first_ref].next;

    s->refs[x->first_ref].next = s->refs[r].next;
    if (x->last_ref == r)
        x->last_ref = x->first_ref;
    x->n_refs--;
    free_ref(s, r);
}

struct sit_ref *
situations_add_ref(struct situations *s, uint32_t i)
{
    struct sit_table *t = &s->t_refs;
    struct situation *x = &s->all[i];
    uint32_t r;

    if (x->n_refs >= MAX_SIT_REFS)
        drop_second(s, x);
    while (t->free == NOTHING && t->high == t->cap)
        if (!evict_oldest(s, i))
            drop_second(s, x);
    if (t->free != NOTHING) {
        r = t->free;
        t->free = s->refs[r].next;
    } else {
        r = t->high++;
    }
    t->n++;
    memset(&s->refs[r], 0, sizeof s->refs[r]);
    s->refs[r].situation = i;
    s->refs[r].next = NOTHING;
    if (x->last_ref == NOTHING)
        x->first_ref = r;
    else
        s->refs[x->last_ref].next = r;
    x->last_ref = r;
    x->n_refs++;
    return &s->refs[r];
}

struct sit_alert *
situations_alert(struct situations *s, uint32_t i, enum alert_slot slot)
{
    struct sit_table *t = &s->t_alerts;
    uint32_t a = s->all[i].alerts[slot];

    if (a != NOTHING)
        return &s->alerts[a];
    while (t->free == NOTHING && t->high == t->cap)
        (void)evict_oldest(s, i); /* one situation has at most SLOTS of them */
    if (t->free != NOTHING) {
        a = t->free;
        t->free = s->alerts[a].next;
    } else {
        a = t->high++;
    }
    t->n++;
    memset(&s->alerts[a], 0, sizeof s->alerts[a]);
    s->alerts[a].situation = i;
    s->alerts[a].slot = (uint8_t)slot;
    s->alerts[a].next = NOTHING;
    s->all[i].alerts[slot] = a;
    return &s->alerts[a];
}

/* ---- moving */

static void
take_ref(struct situations *s, uint32_t r)
{
    struct situation *x = &s->all[s->refs[r].situation];
    uint32_t before = NOTHING;

    for (uint32_t k = x->first_ref; k != r; k = s->refs[k].next)
        before = k;
    if (before == NOTHING)
        x->first_ref = s->refs[r].next;
    else
        s->refs[before].next = s->refs[r].next;
    if (x->last_ref == r)
        x->last_ref = before;
    x->n_refs--;
}

void
situations_move_ref(struct situations *s, uint32_t r, uint32_t to)
{
    struct situation *x = &s->all[to];
    uint32_t before = NOTHING;

    take_ref(s, r);
    for (uint32_t k = x->first_ref; k != NOTHING && s->refs[k].seq <= s->refs[r].seq;
         k = s->refs[k].next)
        before = k;
    s->refs[r].situation = to;
    s->refs[r].next = before == NOTHING ? x->first_ref : s->refs[before].next;
    if (before == NOTHING)
        x->first_ref = r;
    else
        s->refs[before].next = r;
    if (x->last_ref == before)
        x->last_ref = r;
    if (++x->n_refs > MAX_SIT_REFS)
        drop_second(s, x);
}

void
situations_move_alert(struct situations *s, uint32_t from, uint32_t to, enum alert_slot slot)
{
    uint32_t a = s->all[from].alerts[slot];

    if (s->all[to].alerts[slot] != NOTHING)
        free_alert(s, s->all[to].alerts[slot]);
    s->all[to].alerts[slot] = a;
    s->all[from].alerts[slot] = NOTHING;
    s->alerts[a].situation = to;
}

bool
situations_apart(const struct situation *a, const struct situation *b)
{
    for (int i = 0; i < a->n_apart; i++)
        for (int k = 0; k < b->n_apart; k++)
            if ((a->apart[i] ^ b->apart[k]) == 1)
                return true;
    return false;
}

void
situations_set_apart(struct situation *x, uint32_t key)
{
    for (int i = 0; i < x->n_apart; i++)
        if (x->apart[i] == key)
            return;
    if (x->n_apart == MAX_SIT_SPLITS)
        memmove(&x->apart[0], &x->apart[1], sizeof x->apart - sizeof x->apart[0]);
    else
        x->n_apart++;
    x->apart[x->n_apart - 1] = key;
}

uint32_t
situations_extent_m(const struct situation *x)
{
    return x->radius_m > x->spread_m ? x->radius_m : x->spread_m;
}

void
situation_text(char *to, size_t size, const char *from)
{
    size_t n = strlen(from);

    if (n >= size)
        for (n = size - 1; n && ((unsigned char)from[n] & 0xc0) == 0x80; n--)
            ;
    memset(to, 0, size);
    memcpy(to, from, n);
}

void
situation_name(struct situation *x, const char *name)
{
    situation_text(x->name, sizeof x->name, name);
}

/* ---- indexes */

uint64_t
situations_own_key(const char *source, const char *own_id)
{
    return own_id ? key_mix(key_text(source), key_text(own_id)) | 1 : 0;
}

uint32_t
situations_own(const struct situations *s, uint64_t key)
{
    uint32_t found = NOTHING;

    /* The latest by id, should a correction have been corrected. */
    for (uint32_t r = buckets_first(&s->by_own, key); r != NOTHING; r = buckets_next(&s->by_own, r))
        if (!(s->refs[r].flags & REF_SUPERSEDED) &&
            (found == NOTHING || id_cmp(&s->refs[r].id, &s->refs[found].id) > 0))
            found = r;
    return found;
}

uint64_t
situations_bucket(int64_t at_us, int64_t join_us)
{
    return (uint64_t)(at_us / (join_us > 0 ? join_us : 1)) + 1;
}

int64_t
situations_joint_from(int64_t from_us, int64_t to_us, int64_t join_us)
{
    return to_us - from_us > join_us ? to_us - join_us : from_us;
}

bool
situations_dangerous(const struct situation *s, int64_t now_us)
{
    return s->placed && !s->area && s->timely && s->until_us > now_us && s->status == ST_ACTUAL;
}

void
situations_index(struct situations *s, uint32_t i, int64_t join_us)
{
    struct situation *x = &s->all[i];
    int64_t from = situations_joint_from(x->from_us, x->to_us, join_us);
    uint64_t bucket = situations_bucket(from, join_us);

    if (x->rule)
        return;
    s->terms[i] = (struct sit_terms){x->terms, x->to_us};
    s->keys[i] =
        (struct sit_key){x->pt, situations_extent_m(x), x->event, x->status, x->force_harm};
    if (x->placed && !x->area)
        buckets_put(&s->by_join, i, cell_of(x->pt, SALT_JOIN | bucket));
    else
        buckets_put(&s->by_join, i, key_mix(SALT_AREA | bucket, x->place_key));
    if (x->placed && !x->area && x->timely && x->status == ST_ACTUAL)
        buckets_put(&s->by_danger, i, cell_of(x->pt, SALT_DANGER));
    else
        buckets_drop(&s->by_danger, i);
}

void
situations_set_terms(struct situations *s, uint32_t i, uint64_t terms)
{
    struct situation *x = &s->all[i];

    x->terms = terms;
    s->terms[i] = (struct sit_terms){terms, x->to_us};
    if (!terms)
        buckets_drop(&s->by_pattern, i);
    else if (x->area)
        buckets_put(&s->by_pattern, i, PATTERN_REGIONS);
    else
        buckets_put(&s->by_pattern, i, cell_of(x->pt, SALT_PATTERN));
}

void
situations_set_decay(struct situations *s, uint32_t i)
{
    const struct situation *x = &s->all[i];
    int64_t due = x->to_us + DAY_US; /* a link that is cut later still looks back a day */

    if (x->until_us != INT64_MAX && x->until_us > due)
        due = x->until_us;
    for (int k = 0; k < SLOTS; k++)
        if (x->alerts[k] != NOTHING && s->alerts[x->alerts[k]].open &&
            s->alerts[x->alerts[k]].expires_us > due)
            due = s->alerts[x->alerts[k]].expires_us;
    timers_set(s->timers, TIMER_DECAY, i, &x->id, due);
}

void
situations_decay(struct situations *s, uint32_t i, int64_t now_us)
{
    struct situation *x = &s->all[i];

    for (int k = 0; k < SLOTS; k++)
        if (x->alerts[k] != NOTHING && s->alerts[x->alerts[k]].expires_us <= now_us)
            s->alerts[x->alerts[k]].open = 0;
    if (x->until_us <= now_us)
        buckets_drop(&s->by_danger, i);
    situations_touch(s, i, x->last_us);
}

static int
by_id(const void *a, const void *b, void *arg)
{
    const struct situation *all = arg;

    return id_cmp(&all[*(const uint32_t *)a].id, &all[*(const uint32_t *)b].id);
}

size_t
situations_near(const struct situations *s, struct geo_pt low, struct geo_pt high,
                uint32_t margin_m, uint32_t *out, size_t max)
{
    struct cells c = cells_box(low, high, margin_m);
    size_t n = 0;

    CELLS_EACH(c, SALT_DANGER, key)
    for (uint32_t i = buckets_first(&s->by_danger, key); i != NOTHING && n < max;
         i = buckets_next(&s->by_danger, i))
        out[n++] = i;
    qsort_r(out, n, sizeof *out, by_id, s->all);
    return n;
}

/* ---- saving */

void
situations_pack(const struct situations *s, struct buf *b)
{
    buf_put(b, &s->t_all, sizeof s->t_all);
    buf_put(b, &s->t_refs, sizeof s->t_refs);
    buf_put(b, &s->t_alerts, sizeof s->t_alerts);
    buf_put(b, s->head, sizeof s->head);
    buf_put(b, s->tail, sizeof s->tail);
    buf_put(b, s->all, s->t_all.high * sizeof *s->all);
    buf_put(b, s->refs, s->t_refs.high * sizeof *s->refs);
    buf_put(b, s->alerts, s->t_alerts.high * sizeof *s->alerts);
}

static bool
take(const char *data, size_t n, size_t *at, void *to, size_t bytes)
{
    if (n - *at < bytes)
        return false;
    memcpy(to, data + *at, bytes);
    *at += bytes;
    return true;
}

static bool
take_table(const char *data, size_t n, size_t *at, struct sit_table *t)
{
    uint32_t cap = t->cap;

    return take(data, n, at, t, sizeof *t) && t->cap == cap && t->high <= cap && t->n <= t->high;
}

int
situations_unpack(struct situations *s, const char *data, size_t n, size_t *at, int64_t join_us)
{
    if (!take_table(data, n, at, &s->t_all) || !take_table(data, n, at, &s->t_refs) ||
        !take_table(data, n, at, &s->t_alerts) || !take(data, n, at, s->head, sizeof s->head) ||
        !take(data, n, at, s->tail, sizeof s->tail) ||
        !take(data, n, at, s->all, s->t_all.high * sizeof *s->all) ||
        !take(data, n, at, s->refs, s->t_refs.high * sizeof *s->refs) ||
        !take(data, n, at, s->alerts, s->t_alerts.high * sizeof *s->alerts))
        return -1;
    for (uint32_t i = 0; i < s->t_all.high; i++)
        if (s->all[i].used) {
            situations_index(s, i, join_us);
            situations_set_terms(s, i, s->all[i].terms);
        }
    for (uint32_t r = 0; r < s->t_refs.high; r++)
        if (s->refs[r].own)
            buckets_put(&s->by_own, r, s->refs[r].own);
    return 0;
}
