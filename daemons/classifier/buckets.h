/* buckets: items (small numbers) under 64-bit keys, several to a key, and the keys of map cells.
 *
 * The index of the picture and of the situations; rebuilt after a load, never saved. The order
 * in which items of a key come out means nothing: whoever looks something up chooses by a score
 * and then by id. Every operation is constant in time but for the items of the key asked for.
 * Map cells are a quarter of a degree; an index may keep several layers apart by a salt. */
#ifndef CLASSIFIER_BUCKETS_H
#define CLASSIFIER_BUCKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "geo.h"

#define NOTHING UINT32_MAX /* no item, no index, in all tables of the classifier */

struct bucket_item {
    uint64_t key;
    uint32_t next, prev; /* prev: an item, or NOTHING at the head; next == own number: not in */
};

struct buckets {
    uint32_t *heads;
    struct bucket_item *items;
    uint32_t mask, capacity;
};

/* Items are 0 .. capacity-1. 0, or -1 when out of memory. */
int buckets_init(struct buckets *b, uint32_t capacity);
void buckets_fini(struct buckets *b);

/* Puts item under key, taking it from where it was. */
void buckets_put(struct buckets *b, uint32_t item, uint64_t key);
void buckets_drop(struct buckets *b, uint32_t item); /* no-op when it is not in */
uint32_t buckets_first(const struct buckets *b, uint64_t key);
uint32_t buckets_next(const struct buckets *b, uint32_t item); /* the next of the same key */

/* A key from two numbers, well mixed; equal numbers give equal keys everywhere. */
uint64_t key_mix(uint64_t a, uint64_t b);
/* A 64-bit hash of a string, NULL = 0. Names are told apart by it within one instance. */
uint64_t key_text(const char *s);

/* The rectangle of cells that holds everything within m metres of p. */
struct cells {
    int32_t row0, row1, col0, n_cols; /* columns wrap round the globe */
};
struct cells cells_around(struct geo_pt p, uint32_t m);
struct cells cells_box(struct geo_pt low, struct geo_pt high, uint32_t margin_m);
uint64_t cells_key(int32_t row, int32_t col, uint64_t salt);
uint64_t cell_of(struct geo_pt p, uint64_t salt);

/* for every cell of c: key */
#define CELLS_EACH(c, salt, keyvar)                                                            \
    for (int32_t row_ = (c).row0; row_ <= (c).row1; row_++)                                    \
        for (int32_t col_ = 0; col_ < (c).n_cols; col_++)                                      \
            for (uint64_t keyvar = cells_key(row_, (c).col0 + col_, (salt)), once_ = 1; once_; \
                 once_ = 0)

#endif
