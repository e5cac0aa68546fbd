/* convoy: where a convoy is on its route, and whether a danger lies ahead. Pure; part of picture.
 *
 * Everything is counted in metres along the route. A place more than PASSED_M behind is passed
 * and threatens the convoy no more. */
#ifndef CLASSIFIER_CONVOY_H
#define CLASSIFIER_CONVOY_H

#include "picture.h"

/* Metres along a's route of its point nearest to pt; 0 without a route. */
uint32_t convoy_along(const struct picture *p, const struct pic_asset *a, struct geo_pt pt);

/* Where the convoy is now; false when nothing is known. *stale: its position is older than the
 * configured age. */
bool convoy_where(const struct picture *p, const struct pic_asset *a, int64_t now_us,
                  struct geo_pt *out, bool *stale);

/* A quick look before any trigonometry: may pt be within m of the rectangle? A degree of longitude
 * is taken as at least a third of one of latitude (true to 70 degrees; beyond it, say yes). */
static inline bool
convoy_near_box(struct geo_pt low, struct geo_pt high, struct geo_pt pt, uint32_t m)
{
    int64_t lat = (int64_t)m * 100, lon = lat * 3;

    if (pt.lat > 700000000 || pt.lat < -700000000)
        return true;
    return pt.lat >= low.lat - lat && pt.lat <= high.lat + lat && pt.lon >= low.lon - lon &&
           pt.lon <= high.lon + lon;
}

/* Does its route come within m of pt, from where it is now on (of a planned one: all of it)? *off_m:
 * how near. */
bool convoy_ahead(const struct picture *p, const struct pic_asset *a, struct geo_pt pt, uint32_t m,
                  int64_t now_us, uint32_t *off_m);

/* For a departed or halted convoy; fills all of out but the asset. */
bool convoy_relate(const struct picture *p, const struct pic_asset *a, const struct danger *d,
                   int64_t now_us, struct relation *out);

#endif
