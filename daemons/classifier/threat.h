/* threat: whom of one kind of target a situation threatens. Pure; part of alerts.
 *
 * Threatened are assets in reach, and targets that the reports name; of civilians also the place
 * itself: when they are named, in a village or town that violence is said to happen in, at a
 * populated place near violence that was aimed at nobody in particular, and where forces come that
 * have done harm. A configured site within 5 km that bears the name of the place is the place, and
 * stands for it under its own id. Thefts threaten only those that are named. A convoy of ours that
 * the reports name (named.h) is threatened wherever it is reckoned to be: an attack that goes on is
 * where it is; of another danger its distance is told as far as it is known. */
#ifndef CLASSIFIER_THREAT_H
#define CLASSIFIER_THREAT_H

#include "core_state.h"

#define MAX_REACH 256

/* A situation under review. */
struct scene {
    struct core *c;
    uint32_t sit;
    struct facts facts;
    struct relation reach[MAX_REACH]; /* assets in reach, of all kinds, in no order */
    size_t n_reach;
};

struct threat {
    struct relation list[MAX_ASSETS]; /* the most endangered first */
    uint32_t n;
    struct verdict v; /* of the most endangered, or of the target as named */
    bool any;
};

/* Fills out when anybody is threatened; else only out->any. */
void threat_of(const struct scene *v, enum target t, struct threat *out);

#endif
