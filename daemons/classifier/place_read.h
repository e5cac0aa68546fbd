/* place_read: the place that a passage speaks of. Private to place. Pure. */
#ifndef CLASSIFIER_PLACE_READ_H
#define CLASSIFIER_PLACE_READ_H

#include "arena.h"
#include "place_choose.h"
#include "record.h"

struct reading {
    struct place place;
    size_t first, last; /* tokens */
    int score;
    const struct mention *anchor; /* its name; NULL in a result */
    bool offset, pair;
    enum match match;
};

struct query {
    const struct gazetteer *g;
    struct arena *a;
    struct context context; /* near is the caller's */
    bool displacement;      /* where people arrived is meant, not where they came from */
};

/* The best reading of the passage; best->place.method is NULL when there is none. -1 when the arena
 * is full. */
int place_read(struct query *q, const struct passage *p, struct reading *best);

#endif
