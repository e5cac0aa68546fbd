/* buckets: see buckets.h. Chains are doubly linked, so that an item of a crowded cell leaves it
 * without a walk. */
#include "buckets.h"

#include <stdlib.h>

#define CELL_E7 2500000 /* a quarter of a degree: 27.8 km from south to north */
#define COLUMNS 1440

int
buckets_init(struct buckets *b, uint32_t capacity)
{
    uint32_t heads = 16;

    *b = (struct buckets){0};
    while (heads < capacity && heads < (1u << 30))
        heads *= 2;
    b->heads = malloc(heads * sizeof *b->heads);
    b->items = malloc((capacity ? capacity : 1) * sizeof *b->items);
    if (!b->heads || !b->items) {
        buckets_fini(b);
        return -1;
    }
    for (uint32_t i = 0; i < heads; i++)
        b->heads[i] = NOTHING;
    for (uint32_t i = 0; i < capacity; i++)
        b->items[i] = (struct bucket_item){.next = i, .prev = NOTHING};
    b->mask = heads - 1;
    b->capacity = capacity;
    return 0;
}

void
buckets_fini(struct buckets *b)
{
    free(b->heads);
    free(b->items);
    *b = (struct buckets){0};
}

void
buckets_drop(struct buckets *b, uint32_t item)
{
    struct bucket_item *it = &b->items[item];

    if (it->next == item)
        return;
    if (it->prev == NOTHING)
        b->heads[it->key & b->mask] = it->next;
    else
        b->items[it->prev].next = it->next;
    if (it->next != NOTHING)
        b->items[it->next].prev = it->prev;
    it->next = item;
}

void
buckets_put(struct buckets *b, uint32_t item, uint64_t key)
{
    struct bucket_item *it = &b->items[item];
    uint32_t *head = &b->heads[key & b->mask];

    buckets_drop(b, item);
    *it = (struct bucket_item){.key = key, .next = *head, .prev = NOTHING};
    if (*head != NOTHING)
        b->items[*head].prev = item;
    *head = item;
}

static uint32_t
with_key(const struct buckets *b, uint32_t item, uint64_t key)
{
    while (item != NOTHING && b->items[item].key != key)
        item = b->items[item].next;
    return item;
}

uint32_t
buckets_first(const struct buckets *b, uint64_t key)
{
    return with_key(b, b->heads[key & b->mask], key);
}

uint32_t
buckets_next(const struct buckets *b, uint32_t item)
{
    return with_key(b, b->items[item].next, b->items[item].key);
}

uint64_t
key_mix(uint64_t a, uint64_t b)
{
    /* the finisher of splitmix64 (Steele, Lea, Flood 2014) over both */
    uint64_t x = a * UINT64_C(0x9e3779b97f4a7c15) + b;

    x ^= x >> 30;
    x *= UINT64_C(0xbf58476d1ce4e5b9);
    x ^= x >> 27;
    x *= UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

uint64_t
key_text(const char *s)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325); /* FNV-1a */

    if (!s)
        return 0;
    for (; *s; s++)
        h = (h ^ (unsigned char)*s) * UINT64_C(0x100000001b3);
    return key_mix(h, 1);
}

static int32_t
row_of(int32_t lat)
{
    return (lat + 900000000) / CELL_E7;
}

static int32_t
column_of(int64_t lon)
{
    return (int32_t)((lon + 1800000000) / CELL_E7);
}

struct cells
cells_box(struct geo_pt low, struct geo_pt high, uint32_t margin_m)
{
    /* 1e-7 degree of latitude is 0.0111 m; one degree more or less does not matter here, but
     * never too small: 100 units a metre where 90 are needed. */
    int64_t lat = (int64_t)margin_m * 100;
    int64_t top = high.lat + lat, bottom = low.lat - lat, lon, west, east;
    int64_t worst = top > -bottom ? top : -bottom; /* the latitude nearest to a pole */
    double cosine;
    struct cells c;

    top = top > 900000000 ? 900000000 : top;
    bottom = bottom < -900000000 ? -900000000 : bottom;
    worst = worst > 890000000 ? 890000000 : worst < 0 ? 0 : worst;
    cosine = geo_sin_e7(900000000 - worst);
    lon = (int64_t)((double)lat / cosine) + 1;
    west = (int64_t)low.lon - lon;
    east = (int64_t)high.lon + lon;
    c.row0 = row_of((int32_t)bottom);
    c.row1 = row_of((int32_t)top);
    if (east - west >= INT64_C(3600000000)) {
        c.col0 = 0;
        c.n_cols = COLUMNS;
        return c;
    }
    if (west < -1800000000) {
        west += INT64_C(3600000000);
        east += INT64_C(3600000000);
    }
    c.col0 = column_of(west);
    c.n_cols = column_of(east) - c.col0 + 1;
    if (c.n_cols > COLUMNS)
        c.n_cols = COLUMNS;
    return c;
}

struct cells
cells_around(struct geo_pt p, uint32_t m)
{
    return cells_box(p, p, m);
}

uint64_t
cells_key(int32_t row, int32_t col, uint64_t salt)
{
    return key_mix(salt, (uint64_t)row << 32 | (uint32_t)(col % COLUMNS));
}

uint64_t
cell_of(struct geo_pt p, uint64_t salt)
{
    return cells_key(row_of(p.lat), column_of(p.lon), salt);
}
