/* convoy: where a convoy is on its route, whether a danger lies ahead, and where it can halt
 * before. Pure; part of picture.
 *
 * Everything is counted in metres along the route. A place more than PASSED_M behind is passed
 * and threatens the convoy no more; but between its last position, while that is fresh, and where
 * it is reckoned to be, nothing is passed: a danger there counts as where it is. With a stale
 * position it is uncertain what is passed (picture.h), and a place that may not be passed yet is in
 * reach, without a time of contact. */
#ifndef CLASSIFIER_CONVOY_H
#define CLASSIFIER_CONVOY_H

#include "gazetteer.h"
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

/* For a departed or halted convoy; fills all of out but the asset and the halt. */
bool convoy_relate(const struct picture *p, const struct pic_asset *a, const struct danger *d,
                   int64_t now_us, struct relation *out);

/* Is pt free of other dangers? */
struct halt_guard {
    bool (*is_safe)(const void *arg, struct geo_pt pt);
    const void *arg;
};

/* The last place where the convoy of r, which moves towards d, can halt in safety: a base or site
 * of the picture, else a populated place of g (NULL: none), within 2 km of the route, at most
 * 60 km of it back; farther from the danger than half its reach (than its reach where the route
 * comes no nearer), and safe to the guard (NULL: no question). Without such a place it is the
 * point where it comes so near. Sets REL_CAN_HALT and the halt's fields; leaves r alone when the
 * convoy is so near already or meets no danger. */
void convoy_halt(const struct picture *p, const struct gazetteer *g, const struct danger *d,
                 int64_t now_us, const struct halt_guard *guard, struct relation *r);

#endif
