/* geo: integer geometry on the sphere, the same to the last bit on every machine.
 *
 * Coordinates are 1e-7 degree, distances whole metres, bearings whole degrees
 * clockwise from north. Mean earth radius 6,371,009 m (IUGG). The sine and
 * arc tangent are our own (polynomials in double with IEEE + - * / and sqrt
 * alone, compiled with -ffp-contract=off): libm's last bits differ between
 * processors. Results are rounded to the unit at the end, so that the remaining
 * differences between formulas do not show. */
#ifndef TOCSIN_GEO_H
#define TOCSIN_GEO_H

#include <stdbool.h>
#include <stdint.h>

struct geo_pt {
    int32_t lat; /* 1e-7 degree, -900000000 .. 900000000 */
    int32_t lon; /* 1e-7 degree, -1800000000 .. 1800000000 */
};

bool geo_valid(struct geo_pt p);

/* Great-circle distance; error below 0.5 m + 1e-6 of the distance. */
uint32_t geo_distance_m(struct geo_pt a, struct geo_pt b);

/* True when the distance is at most m; cheap when they are far apart. */
bool geo_within_m(struct geo_pt a, struct geo_pt b, uint32_t m);

/* Initial bearing from a to b, 0..359; 0 when they are the same point. */
uint32_t geo_bearing_deg(struct geo_pt a, struct geo_pt b);

/* The point `m` metres from a in direction deg (0..359). */
struct geo_pt geo_destination(struct geo_pt a, uint32_t deg, uint32_t m);

/* The nearest point to p on the segment a–b (planar about p: good to 0.1 % under
 * 200 km). *along_permille: where on the segment, 0..1000. Returns the distance. */
uint32_t geo_segment_m(struct geo_pt p, struct geo_pt a, struct geo_pt b, uint32_t *along_permille);

/* The point at permille/1000 of the way from a to b. */
struct geo_pt geo_between(struct geo_pt a, struct geo_pt b, uint32_t permille);

/* One of N NE E SE S SW W NW for a bearing; French: N NE E SE S SO O NO. */
const char *geo_compass(uint32_t deg, bool french);

/* "16.4" decimal text to 1e-7 degree and back without floating point. -1 on error. */
int geo_parse_deg(const char *s, int32_t *e7);

/* Sine of an angle in 1e-7 degree; exposed for tests. */
double geo_sin_e7(int64_t e7);

/* MGRS ("30QZD1234567890", 0 to 5 digit pairs, spaces allowed) to the centre of
 * its square and the half-diagonal of the square in metres. -1 when malformed. */
int geo_from_mgrs(const char *s, struct geo_pt *out, uint32_t *radius_m);

#endif
