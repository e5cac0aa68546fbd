/* gazetteer_index: the inside of a gazetteer. Private to gazetteer.c, which fills it, and
 * gazetteer_find.c and gazetteer_near.c, which answer from it. */
#ifndef CLASSIFIER_GAZETTEER_INDEX_H
#define CLASSIFIER_GAZETTEER_INDEX_H

#include <sodium.h>

#include "arena.h"
#include "gazetteer.h"

#define FIRST_BITS   17
#define CELL_E7      2500000 /* a quarter degree */
#define CELL_COLUMNS 1441

struct pair {
    const char *key;
    uint32_t place;
    uint32_t hash;
};

struct admin1 {
    char country[3];
    const char *code, *name;
};

struct cell {
    uint32_t cell, place;
};

struct road {
    uint32_t place;
    size_t n;
    struct geo_pt *line;
};

/* Pairs (each the first of its key) by the low bits of a hash: those of b are pair[start[b]] to
 * pair[start[b + 1] - 1]. */
struct near_table {
    uint32_t *start, *pair;
    uint32_t mask;
};

struct gazetteer {
    struct arena *strings, *scratch;
    char *chunk;
    size_t chunk_left;
    struct gaz_place *places;
    const struct admin1 **region; /* of each place; NULL once finished */
    size_t n_places, cap_places;
    struct pair *pairs;
    size_t n_pairs, cap_pairs;
    struct admin1 *regions[4096];
    size_t n_regions;
    uint32_t *slots; /* first pair of a key + 1; 0 = empty */
    size_t n_slots;
    uint8_t first[1u << FIRST_BITS];
    struct cell *cells;
    size_t n_cells;
    struct road *roads; /* by place */
    size_t n_roads, cap_roads;
    struct near_table sounds, letters;
    crypto_generichash_state digest;
};

uint32_t gazetteer_hash(const char *s, size_t n);

/* The better of two places of one name comes first: as gazetteer_lookup() says. */
int gazetteer_order(const struct gaz_place *a, const struct gaz_place *b);

/* Fills sounds and letters; the pairs are sorted. -1 = out of memory. */
int gazetteer_near_build(struct gazetteer *g);
void gazetteer_near_free(struct gazetteer *g);

/* The cell of a point; a row of cells runs from west to east. */
uint32_t gazetteer_cell(int64_t lat, int64_t lon);

#endif
