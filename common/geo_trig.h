/* geo_trig: sine, cosine and arc tangent for geo.c and geo_mgrs.c, and nobody else.
 *
 * Sine and cosine are Taylor polynomials on [-pi/4, pi/4] (the first term left out is
 * below 1e-16); angles given in whole units are brought there in whole numbers, without
 * loss. The arc tangent is brought to |t| < 0.2 by tan(pi/8) and tan(pi/4), then a
 * Taylor polynomial as well. Everything uses + - * / alone, in one fixed order, so with
 * -ffp-contract=off it is the same on every IEEE machine. Inline, because a distance
 * calls four of them.
 *
 * Angles in whole numbers count half units (0.5e-7 degree), because the haversine wants
 * half differences. */
#ifndef TOCSIN_GEO_TRIG_H
#define TOCSIN_GEO_TRIG_H

#include <stdbool.h>
#include <stdint.h>

#define PI        3.14159265358979323846
#define HALF_UNIT (PI / 3.6e9) /* radians */
#define UNIT      (PI / 1.8e9)
#define QUARTER   INT64_C(1800000000) /* a right angle in half units */
#define LAT_MOST  900000000
#define LON_MOST  1800000000
#define LON_ROUND INT64_C(3600000000)

static inline double
sin_poly(double x)
{
    double z = x * x;

    return x + x * z *
                   (-1.0 / 6 +
                    z * (1.0 / 120 +
                         z * (-1.0 / 5040 +
                              z * (1.0 / 362880 +
                                   z * (-1.0 / 39916800 + z * (1.0 / 6227020800.0 +
                                                               z * (-1.0 / 1307674368000.0)))))));
}

static inline double
cos_poly(double x)
{
    double z = x * x;

    return 1.0 +
           z * (-1.0 / 2 +
                z * (1.0 / 24 + z * (-1.0 / 720 +
                                     z * (1.0 / 40320 + z * (-1.0 / 3628800 +
                                                             z * (1.0 / 479001600.0 +
                                                                  z * (-1.0 / 87178291200.0 +
                                                                       z / 20922789888000.0)))))));
}

/* Of h half units, |h| <= 180 degrees. */
static inline double
sin_half(int64_t h)
{
    bool negative = h < 0;
    double s;

    if (negative)
        h = -h;
    if (h > QUARTER)
        h = 2 * QUARTER - h;
    s = h <= QUARTER / 2 ? sin_poly((double)h * HALF_UNIT)
                         : cos_poly((double)(QUARTER - h) * HALF_UNIT);
    return negative ? -s : s;
}

static inline double
cos_half(int64_t h)
{
    return sin_half(QUARTER - (h < 0 ? -h : h));
}

/* Of x radians, |x| up to some thousands. */
static inline void
sin_cos(double x, double *s, double *c)
{
    /* pi/2 in two parts, the first with few enough bits that its multiples are exact */
    static const double hi = 1.57079632673412561417, lo = 6.07710050650619224932e-11;
    int64_t n = (int64_t)(x * (2 / PI) + (x < 0 ? -0.5 : 0.5));
    double r = (x - (double)n * hi) - (double)n * lo;
    double sr = sin_poly(r), cr = cos_poly(r);

    *s = (n & 1) != 0 ? cr : sr;
    *c = (n & 1) != 0 ? sr : cr;
    if ((n & 2) != 0)
        *s = -*s;
    if (((n + 1) & 2) != 0)
        *c = -*c;
}

/* Of t in [0, 1]. */
static inline double
atan_unit(double t)
{
    double base = 0, z, r = t;

    if (t > 0.66817863791929891999) { /* tan(3 pi / 16) */
        base = PI / 4;
        r = (t - 1) / (1 + t);
    } else if (t > 0.19891236737965800691) {     /* tan(pi / 16) */
        const double c = 0.41421356237309504880; /* tan(pi / 8) */

        base = PI / 8;
        r = (t - c) / (1 + t * c);
    }
    z = r * r;
    return base +
           (r +
            r * z *
                (-1.0 / 3 +
                 z * (1.0 / 5 +
                      z * (-1.0 / 7 +
                           z * (1.0 / 9 + z * (-1.0 / 11 +
                                               z * (1.0 / 13 + z * (-1.0 / 15 +
                                                                    z * (1.0 / 17 - z / 19)))))))));
}

static inline double
atan_2(double y, double x)
{
    double ay = y < 0 ? -y : y, ax = x < 0 ? -x : x;
    double a;

    if (ax == 0 && ay == 0)
        return 0;
    a = ay <= ax ? atan_unit(ay / ax) : PI / 2 - atan_unit(ax / ay);
    if (x < 0)
        a = PI - a;
    return y < 0 ? -a : a;
}

static inline int64_t
round_to_int(double x)
{
    return (int64_t)(x < 0 ? x - 0.5 : x + 0.5);
}

/* lon brought to -180 .. 180 degrees; it is at most one round away. */
static inline int64_t
wrap_lon(int64_t lon)
{
    if (lon > LON_MOST)
        return lon - LON_ROUND;
    return lon < -LON_MOST ? lon + LON_ROUND : lon;
}

#endif
