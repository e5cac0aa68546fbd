/* picture: the table of assets; see picture.h. What they are in reach of is in picture_reach.c,
 * where convoys are in convoy.c. */
#include "picture.h"

#include <stdlib.h>
#include <string.h>

#include "convoy.h"

int
picture_init(struct picture *p, int64_t stale_us, uint32_t speed_cmps)
{
    *p = (struct picture){.stale_us = stale_us, .speed_cmps = speed_cmps};
    p->assets = calloc(MAX_PICTURE, sizeof *p->assets);
    p->links = calloc(MAX_LINKS, sizeof *p->links);
    p->moving = calloc(MAX_PICTURE, sizeof *p->moving);
    p->routed = calloc(MAX_PICTURE, sizeof *p->routed);
    if (!p->assets || !p->links || !p->moving || !p->routed ||
        buckets_init(&p->by_id, MAX_PICTURE) || buckets_init(&p->by_cell, MAX_PICTURE)) {
        picture_fini(p);
        return -1;
    }
    return 0;
}

void
picture_fini(struct picture *p)
{
    free(p->assets);
    free(p->links);
    free(p->moving);
    free(p->routed);
    free(p->pool);
    buckets_fini(&p->by_id);
    buckets_fini(&p->by_cell);
    *p = (struct picture){0};
}

const char *
picture_id(const struct picture *p, uint32_t i)
{
    return p->pool + p->assets[i].text;
}

const char *
picture_name(const struct picture *p, uint32_t i)
{
    const char *s = p->pool + p->assets[i].name;

    return *s ? s : picture_id(p, i);
}

/* Widens the rectangle to hold q. */
static void
box_add(struct geo_pt *low, struct geo_pt *high, struct geo_pt q)
{
    low->lat = q.lat < low->lat ? q.lat : low->lat;
    low->lon = q.lon < low->lon ? q.lon : low->lon;
    high->lat = q.lat > high->lat ? q.lat : high->lat;
    high->lon = q.lon > high->lon ? q.lon : high->lon;
}

static uint32_t
find(const struct picture *p, const char *id)
{
    uint64_t key = key_text(id);
    uint32_t i = buckets_first(&p->by_id, key);

    while (i != NOTHING && strcmp(picture_id(p, i), id) != 0)
        i = buckets_next(&p->by_id, i);
    return i;
}

bool
picture_is_moving(const struct picture *p, uint32_t i)
{
    const struct pic_asset *a = &p->assets[i];

    return a->kind == ASSET_CONVOY && !a->removed &&
           (a->state == CONVOY_DEPARTED || a->state == CONVOY_HALTED);
}

static struct pic_moving
moving_of(const struct pic_asset *a, uint32_t i)
{
    struct pic_moving m = {a->low, a->high, i};

    if (!a->n_route)
        m.low = m.high = a->fix_us ? a->fix : a->pos;
    else if (a->fix_us)
        box_add(&m.low, &m.high, a->fix);
    return m;
}

/* Puts convoy i into or out of a list that ascends by asset. */
static void
list_asset(const struct pic_asset *a, uint32_t i, bool in, struct pic_moving *list, uint32_t *n)
{
    uint32_t at = 0;
    bool there;

    while (at < *n && list[at].asset < i)
        at++;
    there = at < *n && list[at].asset == i;
    if (in) {
        if (!there)
            memmove(&list[at + 1], &list[at], (*n - at) * sizeof *list);
        *n += !there;
        list[at] = moving_of(a, i);
    } else if (there) {
        (*n)--;
        memmove(&list[at], &list[at + 1], (*n - at) * sizeof *list);
    }
}

/* Puts asset i into or out of the indexes, after any change. */
static void
index_asset(struct picture *p, uint32_t i)
{
    struct pic_asset *a = &p->assets[i];
    bool moving = picture_is_moving(p, i);
    bool planned = a->kind == ASSET_CONVOY && !a->removed && a->state == CONVOY_PLANNED;

    buckets_drop(&p->by_cell, i);
    if (!a->removed && a->kind != ASSET_CONVOY && a->has_pos)
        buckets_put(&p->by_cell, i, cell_of(a->pos, PICTURE_CELLS));
    list_asset(a, i, moving, p->moving, &p->n_moving);
    list_asset(a, i, (moving || planned) && a->n_route >= 2, p->routed, &p->n_routed);
}

/* ---- the pool */

/* Moves everything alive to a pool of its own size. */
static int
pool_compact(struct picture *p, uint32_t cap)
{
    char *to = malloc(cap);
    uint32_t len = 0;

    if (!to)
        return -1;
    for (uint32_t i = 0; i < p->n; i++) {
        struct pic_asset *a = &p->assets[i];
        uint32_t by = len - a->text; /* modulo 2^32: offsets move by the same */

        if (!a->bytes)
            continue;
        memcpy(to + len, p->pool + a->text, a->bytes);
        a->text += by;
        a->name += by;
        a->area += by;
        a->route += by;
        a->along += by;
        a->schedule += by;
        len += a->bytes;
    }
    free(p->pool);
    p->pool = to;
    p->pool_cap = cap;
    p->pool_len = len;
    p->pool_dead = 0;
    return 0;
}

/* Makes room for `bytes`. 1 when the pool is full, -1 when out of memory. */
static int
pool_room(struct picture *p, uint32_t bytes)
{
    uint64_t live = (uint64_t)p->pool_len - p->pool_dead + bytes, cap;

    if (p->pool_len + (uint64_t)bytes <= p->pool_cap)
        return 0;
    if (live > MAX_POOL)
        return 1;
    cap = live + live / 2 + 4096;
    return pool_compact(p, cap > MAX_POOL ? MAX_POOL : (uint32_t)cap);
}

static uint32_t
pool_add(struct picture *p, const void *data, size_t n)
{
    uint32_t at = p->pool_len;

    if (n)
        memcpy(p->pool + at, data, n);
    p->pool_len += (uint32_t)n;
    return at;
}

static uint32_t
pool_string(struct picture *p, const char *s)
{
    return pool_add(p, s ? s : "", s ? strlen(s) + 1 : 1);
}

static size_t
length(const char *s)
{
    return s ? strlen(s) + 1 : 1;
}

static uint32_t
pool_bytes(const struct asset *a)
{
    size_t n = length(a->id) + length(a->name) + length(a->area);

    n = (n + 7) & ~(size_t)7;
    n += a->n_route * sizeof *a->route + a->n_schedule * sizeof *a->schedule;
    n += a->n_route * sizeof(uint32_t);
    return (uint32_t)((n + 7) & ~(size_t)7);
}

/* id, name, area, then 8-aligned: route, schedule, metres along the route at each vertex. */
static void
pool_asset(struct picture *p, struct pic_asset *to, const struct asset *a, uint32_t bytes)
{
    uint32_t along = 0;

    to->text = pool_string(p, a->id);
    to->name = pool_string(p, a->name);
    to->area = pool_string(p, a->area);
    while (p->pool_len % 8)
        (void)pool_add(p, "", 1);
    to->route = pool_add(p, a->route, a->n_route * sizeof *a->route);
    to->schedule = pool_add(p, a->schedule, a->n_schedule * sizeof *a->schedule);
    to->along = p->pool_len;
    for (size_t i = 0; i < a->n_route; i++) {
        if (i)
            along += geo_distance_m(a->route[i - 1], a->route[i]);
        (void)pool_add(p, &along, sizeof along);
    }
    while (p->pool_len % 8)
        (void)pool_add(p, "", 1);
    to->length_m = along;
    to->n_route = (uint32_t)a->n_route;
    to->n_schedule = (uint32_t)a->n_schedule;
    to->bytes = bytes;
}

/* ---- records */

static void
cover_route(struct pic_asset *to, const struct asset *a)
{
    to->low = to->high = a->n_route ? a->route[0] : to->pos;
    for (size_t i = 1; i < a->n_route; i++)
        box_add(&to->low, &to->high, a->route[i]);
}

/* A convoy that was seen to leave later than planned runs late by that much. */
static void
change_state(const struct picture *p, struct pic_asset *to, uint8_t before, int64_t now_us)
{
    int64_t start;

    if (to->state == before)
        return;
    to->state_us = now_us;
    if (to->state != CONVOY_DEPARTED || before != CONVOY_PLANNED || !to->n_schedule)
        return;
    memcpy(&start, p->pool + to->schedule, sizeof start);
    to->late_us = now_us > start ? now_us - start : 0;
}

static void
copy_figures(struct pic_asset *to, const struct asset *a)
{
    to->kind = (uint8_t)a->kind;
    to->mode = (uint8_t)a->mode;
    to->state = (uint8_t)a->state;
    to->escort = (int8_t)a->escort;
    to->air_cover = (int8_t)a->air_cover;
    to->strength = a->strength;
    to->population = a->population;
    to->displaced = a->displaced;
    to->checkin_min = a->checkin_min;
    to->market_days = a->market_days;
    to->speed_cmps = a->speed_cmps;
    to->has_pos = a->has_pos;
    to->pos = a->pos;
    to->has_link = a->link && *a->link;
    to->link_hash = to->has_link ? key_text(a->link) : 0;
}

/* A number for a new asset: a fresh one, else that of the removed asset with the lowest. */
static uint32_t
number_for(struct picture *p)
{
    if (p->n < MAX_PICTURE)
        return p->n++;
    for (uint32_t i = 0; i < p->n; i++) {
        if (!p->assets[i].removed)
            continue;
        buckets_drop(&p->by_id, i);
        p->pool_dead += p->assets[i].bytes;
        p->assets[i] = (struct pic_asset){0};
        return i;
    }
    return NOTHING;
}

static uint32_t
remove_asset(struct picture *p, uint32_t i)
{
    if (i == NOTHING || p->assets[i].removed)
        return NOTHING;
    p->assets[i].removed = 1;
    p->n_live--;
    index_asset(p, i);
    return i;
}

uint32_t
picture_put(struct picture *p, const struct asset *a, int64_t now_us, bool *failed)
{
    uint32_t i = find(p, a->id), bytes = pool_bytes(a);
    struct pic_asset *to;
    uint8_t before;
    int room;

    if (a->removed)
        return remove_asset(p, i);
    room = pool_room(p, bytes);
    if (room < 0)
        *failed = true;
    if (room || (i == NOTHING && (i = number_for(p)) == NOTHING))
        return NOTHING;
    to = &p->assets[i];
    before = to->state;
    if (to->bytes)
        p->pool_dead += to->bytes;
    else
        to->removed = 1; /* new: counted below */
    p->n_live += to->removed;
    to->removed = 0;
    copy_figures(to, a);
    pool_asset(p, to, a, bytes);
    cover_route(to, a);
    to->id_hash = key_text(a->id);
    change_state(p, to, before, now_us);
    to->life_us = now_us;
    if (a->kind == ASSET_CONVOY && a->has_pos && now_us) {
        to->fix = a->pos;
        to->fix_us = now_us;
    }
    if (to->fix_us)
        to->fix_along_m = convoy_along(p, to, to->fix);
    buckets_put(&p->by_id, i, to->id_hash);
    index_asset(p, i);
    return i;
}

uint32_t
picture_fix(struct picture *p, const struct asset_position *f, int64_t now_us)
{
    int64_t at = f->fixed_at_us && f->fixed_at_us <= now_us ? f->fixed_at_us : now_us;
    uint32_t i = find(p, f->asset);
    struct pic_asset *a;

    if (i == NOTHING || p->assets[i].removed || at < p->assets[i].fix_us)
        return NOTHING;
    a = &p->assets[i];
    a->fix = f->pos;
    a->fix_us = at;
    a->life_us = at > a->life_us ? at : a->life_us;
    a->fix_along_m = convoy_along(p, a, a->fix);
    if (a->kind != ASSET_CONVOY) {
        a->pos = f->pos;
        a->has_pos = true;
    }
    index_asset(p, i);
    return i;
}

bool
picture_link(struct picture *p, const struct link_state *l)
{
    uint64_t h = key_text(l->name);
    struct pic_link *k = NULL;

    for (uint32_t i = 0; i < p->n_links && !k; i++)
        if (p->links[i].hash == h)
            k = &p->links[i];
    if (!k) {
        if (p->n_links == MAX_LINKS)
            return false;
        k = &p->links[p->n_links++];
        *k = (struct pic_link){.hash = h, .up = 1};
    }
    if ((k->up != 0) == l->up)
        return false;
    k->up = l->up;
    if (l->up)
        p->n_down--;
    else
        p->n_down++;
    k->since_us = l->since_us;
    return true;
}

bool
picture_silent(const struct picture *p, uint32_t i, int64_t *since_us)
{
    const struct pic_asset *a = &p->assets[i];

    if (a->removed || !a->has_link)
        return false;
    for (uint32_t k = 0; k < p->n_links; k++) {
        if (p->links[k].hash != a->link_hash || p->links[k].up)
            continue;
        *since_us = p->links[k].since_us;
        return true;
    }
    return false;
}

/* ---- saving */

void
picture_pack(const struct picture *p, struct buf *b)
{
    uint32_t head[6] = {p->n, p->n_live, p->n_links, p->pool_len, p->pool_dead, p->n_down};

    buf_put(b, head, sizeof head);
    buf_put(b, p->assets, p->n * sizeof *p->assets);
    buf_put(b, p->links, p->n_links * sizeof *p->links);
    buf_put(b, p->pool, p->pool_len);
}

static bool
take(const char *data, size_t n, size_t *at, void *to, size_t bytes)
{
    if (n - *at < bytes)
        return false;
    if (bytes)
        memcpy(to, data + *at, bytes);
    *at += bytes;
    return true;
}

int
picture_unpack(struct picture *p, const char *data, size_t n, size_t *at)
{
    uint32_t head[6];

    if (!take(data, n, at, head, sizeof head) || head[0] > MAX_PICTURE || head[2] > MAX_LINKS ||
        head[3] > MAX_POOL)
        return -1;
    free(p->pool);
    p->pool = malloc(head[3] ? head[3] : 1);
    if (!p->pool)
        return -1;
    p->pool_cap = p->pool_len = head[3];
    p->pool_dead = head[4];
    p->n = head[0];
    p->n_live = head[1];
    p->n_links = head[2];
    p->n_down = head[5];
    if (!take(data, n, at, p->assets, p->n * sizeof *p->assets) ||
        !take(data, n, at, p->links, p->n_links * sizeof *p->links) ||
        !take(data, n, at, p->pool, p->pool_len))
        return -1;
    for (uint32_t i = 0; i < p->n; i++) {
        buckets_put(&p->by_id, i, p->assets[i].id_hash);
        index_asset(p, i);
    }
    return 0;
}
