/* place_relate: places said by their relation to others. Private to place. Pure. */
#ifndef CLASSIFIER_PLACE_RELATE_H
#define CLASSIFIER_PLACE_RELATE_H

#include "place_mention.h"

struct offset {
    bool has_bearing;
    uint32_t bearing_deg;
    uint32_t distance_m; /* 0 = not said */
    size_t first;        /* the token where it begins */
};

/* "15 km au nord de <name>", "20 miles from <name>", "north of <name>". False when nothing of the
 * kind stands before the name. next: the mention after it, NULL = none ("15 km from A towards
 * B" takes its bearing from it; both must have their pick). */
bool relate_offset(const struct passage *p, const struct mention *m, const struct mention *next,
                   struct offset *out);

/* The point of the line (n points) that lies distance_m along it from the anchor, where the anchor
 * is at one of its ends; elsewhere it would be one of two, and false is returned. */
bool relate_along(const struct geo_pt *line, size_t n, struct geo_pt anchor, uint32_t distance_m,
                  struct geo_pt *out);

enum relation { RELATION_NONE, RELATION_BETWEEN, RELATION_AXIS, RELATION_TRIP };

/* What a and the mention after it are to each other: "between A and B"; "axe A–B", "A-B road",
 * "the A road, B";
 * "from A to B". */
enum relation relate_pair(const struct passage *p, const struct mention *a,
                          const struct mention *b);

/* "between A, X, and B, Y": a and b with where A lies between them. */
bool relate_between(const struct passage *p, const struct mention *a, const struct mention *b);

/* The offset's point and its uncertainty: 15 % of the distance, at least 1 km; where the distance
 * or the bearing is not said, as much as that leaves open. */
struct geo_pt relate_point(struct geo_pt anchor, const struct offset *o, uint32_t *radius_m);

#endif
