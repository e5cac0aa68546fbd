/* geo: distances, bearings and points on the sphere.
 *
 * Haversine for distances: it keeps its digits for near points, where decisions fall.
 * Whole units go in and come out; what lies between is double arithmetic in one fixed
 * order (geo_trig.h), and sqrt, which IEEE 754 rounds correctly everywhere. */
#include "geo.h"

#include <math.h>
#include <stdlib.h>

#include "geo_trig.h"

#define RADIUS_M 6371009.0

double
geo_sin_e7(int64_t e7)
{
    int64_t r = e7 % LON_ROUND;

    if (r > LON_MOST)
        r -= LON_ROUND;
    if (r < -LON_MOST)
        r += LON_ROUND;
    return sin_half(2 * r);
}

bool
geo_valid(struct geo_pt p)
{
    return p.lat >= -LAT_MOST && p.lat <= LAT_MOST && p.lon >= -LON_MOST && p.lon <= LON_MOST;
}

static int64_t
lon_from_to(struct geo_pt a, struct geo_pt b)
{
    return wrap_lon((int64_t)b.lon - a.lon);
}

uint32_t
geo_distance_m(struct geo_pt a, struct geo_pt b)
{
    double s1 = sin_half((int64_t)b.lat - a.lat); /* half units of a difference: its half angle */
    double s2 = sin_half(lon_from_to(a, b));
    double h = s1 * s1 + cos_half(2 * (int64_t)a.lat) * cos_half(2 * (int64_t)b.lat) * s2 * s2;
    double angle;

    if (h < 0.01) { /* within 1,276 km: arc sine by its series to the 13th power */
        double s = sqrt(h);

        angle =
            s + s * h *
                    (1.0 / 6 +
                     h * (3.0 / 40 +
                          h * (15.0 / 336 +
                               h * (105.0 / 3456 + h * (945.0 / 42240 + h * (10395.0 / 599040))))));
    } else {
        angle = atan_2(sqrt(h), sqrt(h < 1 ? 1 - h : 0));
    }
    return (uint32_t)(2 * RADIUS_M * angle + 0.5);
}

bool
geo_within_m(struct geo_pt a, struct geo_pt b, uint32_t m)
{
    int64_t dlat = llabs((int64_t)a.lat - b.lat), dlon = llabs(lon_from_to(a, b));
    int64_t lat = llabs(a.lat) > llabs(b.lat) ? llabs(a.lat) : llabs(b.lat);
    int64_t beyond = ((int64_t)m + 1) * 1000000;

    /* Lower bounds in millionths of a metre; a unit of latitude is 11,119.5 of them. */
    if (dlat * 11119 > beyond)
        return false;
    /* With both cosines at least c and half the difference of longitude, x, at most 45
     * degrees, the haversine is at least (c sin x)^2, and sin x at least 0.9 x. So the
     * distance is at least 0.9 c of the arc: c = 0.866 under 30 degrees, 0.5 under 60. */
    if (dlon > LON_MOST / 2)
        dlon = LON_MOST / 2;
    if (lat <= 300000000 && dlon * 8660 > beyond)
        return false;
    if (lat <= 600000000 && dlon * 5000 > beyond)
        return false;
    return geo_distance_m(a, b) <= m;
}

uint32_t
geo_bearing_deg(struct geo_pt a, struct geo_pt b)
{
    int64_t dlat = (int64_t)b.lat - a.lat, dlon = lon_from_to(a, b);
    double cos_b = cos_half(2 * (int64_t)b.lat);
    double s = sin_half(dlon); /* of half the difference */
    double y = sin_half(2 * dlon) * cos_b;
    /* cos a sin b - sin a cos b cos dlon, written so that near points lose no digits */
    double x = sin_half(2 * dlat) + 2 * sin_half(2 * (int64_t)a.lat) * cos_b * s * s;
    int64_t deg;

    if (dlat == 0 && dlon == 0)
        return 0;
    deg = round_to_int(atan_2(y, x) * (180 / PI));
    return (uint32_t)((deg + 360) % 360);
}

struct geo_pt
geo_destination(struct geo_pt a, uint32_t deg, uint32_t m)
{
    int64_t dir = (int64_t)(deg % 360) * 10000000;
    double sin_a = geo_sin_e7(a.lat), cos_a = cos_half(2 * (int64_t)a.lat);
    double sin_dir = geo_sin_e7(dir), cos_dir = geo_sin_e7(dir + LAT_MOST);
    double sin_d, cos_d, x, y, z;
    struct geo_pt to;

    /* The target as a vector: x towards a's meridian at the equator, z to the pole. */
    sin_cos(m / RADIUS_M, &sin_d, &cos_d);
    x = cos_a * cos_d - sin_a * sin_d * cos_dir;
    y = sin_d * sin_dir;
    z = sin_a * cos_d + cos_a * sin_d * cos_dir;
    to.lat = (int32_t)round_to_int(atan_2(z, sqrt(x * x + y * y)) / UNIT);
    to.lon = (int32_t)wrap_lon(a.lon + round_to_int(atan_2(y, x) / UNIT));
    return to;
}

struct geo_pt
geo_between(struct geo_pt a, struct geo_pt b, uint32_t permille)
{
    int64_t t = permille > 1000 ? 1000 : permille;
    int64_t lat = ((int64_t)b.lat - a.lat) * t, lon = lon_from_to(a, b) * t;

    /* rounded to the nearest */
    lat = (lat + (lat < 0 ? -500 : 500)) / 1000;
    lon = (lon + (lon < 0 ? -500 : 500)) / 1000;
    return (struct geo_pt){(int32_t)(a.lat + lat), (int32_t)wrap_lon(a.lon + lon)};
}

/* Where on a-b the foot of p is, 0..1, in a plane about p that shortens longitudes by c. */
static double
foot(struct geo_pt p, struct geo_pt a, struct geo_pt b, double c)
{
    double ax = (double)lon_from_to(p, a) * c, ay = (double)((int64_t)a.lat - p.lat);
    double dx = (double)lon_from_to(a, b) * c, dy = (double)((int64_t)b.lat - a.lat);
    double len2 = dx * dx + dy * dy;
    double t = len2 > 0 ? -(ax * dx + ay * dy) / len2 : 0;

    return t < 0 ? 0 : t > 1 ? 1 : t;
}

uint32_t
geo_segment_m(struct geo_pt p, struct geo_pt a, struct geo_pt b, uint32_t *along_permille)
{
    struct geo_pt near;
    int64_t dlat = (int64_t)b.lat - a.lat;
    double t;

    /* The shortening that counts is that midway between p and its foot. The plane only
     * tells where the foot is; the distance is that on the sphere. */
    t = foot(p, a, b, cos_half(2 * (int64_t)p.lat));
    t = foot(p, a, b, cos_half((int64_t)p.lat + a.lat + round_to_int(t * (double)dlat)));
    near.lat = (int32_t)(a.lat + round_to_int(t * (double)dlat));
    near.lon = (int32_t)wrap_lon(a.lon + round_to_int(t * (double)lon_from_to(a, b)));
    *along_permille = (uint32_t)(t * 1000 + 0.5);
    return geo_distance_m(p, near);
}

const char *
geo_compass(uint32_t deg, bool french)
{
    static const char *const en[] = {"N", "NE", "E", "SE", "S", "SW", "W", "NW"};
    static const char *const fr[] = {"N", "NE", "E", "SE", "S", "SO", "O", "NO"};
    uint32_t i = (deg % 360 * 2 + 45) / 90 % 8;

    return french ? fr[i] : en[i];
}

/* Decimal exponent of a number, "e-5"; 0 where there is none. False when malformed. */
static bool
parse_exponent(const char **s, int *exponent)
{
    bool negative = false;
    int e = 0;

    if (**s != 'e' && **s != 'E')
        return true;
    (*s)++;
    if (**s == '-' || **s == '+')
        negative = *(*s)++ == '-';
    if (**s < '0' || **s > '9')
        return false;
    for (; **s >= '0' && **s <= '9'; (*s)++)
        if (e < 1000)
            e = e * 10 + (**s - '0');
    *exponent += negative ? -e : e;
    return true;
}

int
geo_parse_deg(const char *s, int32_t *e7)
{
    const int64_t full = INT64_C(100000000000000000); /* no more digits are kept */
    bool negative = *s == '-', any = false, point = false;
    int exponent = 7;
    int64_t v = 0;

    if (*s == '-' || *s == '+')
        s++;
    for (; (*s >= '0' && *s <= '9') || (*s == '.' && !point); s++) {
        if (*s == '.') {
            point = true;
            continue;
        }
        any = true;
        if (v < full) {
            v = v * 10 + (*s - '0');
            exponent -= point ? 1 : 0;
        } else {
            exponent += point ? 0 : 1;
        }
    }
    if (!any || !parse_exponent(&s, &exponent) || *s != '\0')
        return -1;
    for (; exponent > 0 && v != 0; exponent--) {
        if (v > LON_MOST)
            return -1;
        v *= 10;
    }
    for (; exponent < -1 && v != 0; exponent++)
        v /= 10;
    if (exponent == -1)
        v = (v + 5) / 10;
    if (v > LON_MOST)
        return -1;
    *e7 = (int32_t)(negative ? -v : v);
    return 0;
}
