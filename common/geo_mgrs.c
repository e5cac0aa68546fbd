/* geo_mgrs: grid references of the Military Grid Reference System.
 *
 * A reference is read strictly, turned into metres of the UTM zone, and by the inverse
 * of the transverse Mercator projection into degrees of WGS 84. The polar caps are not
 * read. A reference whose row does not occur in its band is malformed. */
#include "geo.h"

#include <math.h>
#include <string.h>

#include "geo_trig.h"

/* WGS 84 and UTM. F3 is the third flattening, f / (2 - f). */
#define A_M      6378137.0
#define F        (1 / 298.257223563)
#define F3       (F / (2 - F))
#define SCALE_K0 0.9996
#define FALSE_E  500000.0
#define RECT_A   (A_M / (1 + F3) * (1 + F3 * F3 / 4 + F3 * F3 * F3 * F3 / 64))

struct mgrs {
    int zone;
    int band; /* 0 = C (80 S) .. 19 = X */
    int column, row;
    int pairs;
    int64_t easting, northing; /* within the 100 km square, lower left corner */
};

/* Position of c in the letters without I and O, -1 when it is not one of the first n. */
static int
letter(char c, int n)
{
    static const char letters[] = "ABCDEFGHJKLMNPQRSTUVWXYZ";
    const char *at;

    if (c >= 'a' && c <= 'z')
        c = (char)(c - 'a' + 'A');
    at = c == '\0' ? NULL : strchr(letters, c);
    return at != NULL && at - letters < n ? (int)(at - letters) : -1;
}

static int64_t
mgrs_digits(const char *s, int pairs)
{
    int64_t v = 0;

    for (int i = 0; i < 5; i++)
        v = v * 10 + (i < pairs ? s[i] - '0' : 0);
    return v;
}

static int
mgrs_parse(const char *s, struct mgrs *m)
{
    char t[16] = ""; /* two of zone, three letters, ten digits */
    size_t n = 0, at, digits;
    int column;

    for (; *s != '\0'; s++) {
        if (*s == ' ')
            continue;
        if (n == sizeof(t) - 1)
            return -1;
        t[n++] = *s;
    }
    t[n] = '\0';
    for (at = 0, m->zone = 0; at < 2 && t[at] >= '0' && t[at] <= '9'; at++)
        m->zone = m->zone * 10 + (t[at] - '0');
    if (m->zone < 1 || m->zone > 60)
        return -1;
    /* The polar caps (A, B, Y, Z) have a grid of their own and no zone. */
    m->band = letter(t[at], 22) - 2;
    if (m->band < 0)
        return -1;
    /* Columns run A-H, J-R, S-Z and over again; rows A-V, in even zones from F. */
    column = letter(t[at + 1], 24);
    m->column = column - (m->zone - 1) % 3 * 8;
    if (column < 0 || m->column < 0 || m->column > 7)
        return -1;
    m->row = letter(t[at + 2], 20);
    if (m->row < 0)
        return -1;
    m->row = (m->row + (m->zone % 2 == 0 ? 15 : 0)) % 20;
    at += 3;
    digits = strspn(t + at, "0123456789");
    if (at + digits != n || digits % 2 != 0)
        return -1;
    m->pairs = (int)digits / 2;
    m->easting = mgrs_digits(t + at, m->pairs);
    m->northing = mgrs_digits(t + at + m->pairs, m->pairs);
    return 0;
}

/* sinh and cosh of |x| < 1. */
static void
sinh_cosh(double x, double *sh, double *ch)
{
    double term = 1;

    *sh = 0;
    *ch = 1;
    for (int i = 1; i <= 18; i++) {
        term = term * x / i;
        if (i % 2 != 0)
            *sh += term;
        else
            *ch += term;
    }
}

/* Metres from the central meridian and the equator to radians, by the series of Krüger in
 * the third flattening to the fourth power (Karney, "Transverse Mercator with an accuracy
 * of a few nanometers", 2011, equations 11, 36; the last step by the series of the
 * conformal latitude): below a millimetre within the zone. */
static void
utm_inverse(double x, double y, double *lat, double *lon)
{
    static const double n = F3;
    static const double beta[] = {
        F3 / 2 - F3 * F3 * 2 / 3 + F3 * F3 * F3 * 37 / 96 - F3 * F3 * F3 * F3 / 360,
        F3 * F3 / 48 + F3 * F3 * F3 / 15 - F3 * F3 * F3 * F3 * 437 / 1440,
        F3 * F3 * F3 * 17 / 480 - F3 * F3 * F3 * F3 * 37 / 840, F3 * F3 * F3 * F3 * 4397 / 161280};
    const double delta[] = {n * 2 - n * n * 2 / 3 - n * n * n * 2 + n * n * n * n * 116 / 45,
                            n * n * 7 / 3 - n * n * n * 8 / 5 - n * n * n * n * 227 / 45,
                            n * n * n * 56 / 15 - n * n * n * n * 136 / 35,
                            n * n * n * n * 4279 / 630};
    double xi = y / (SCALE_K0 * RECT_A), eta = x / (SCALE_K0 * RECT_A);
    double xi0 = xi, eta0 = eta, s, c, sh, ch, chi;

    for (int j = 0; j < 4; j++) {
        sin_cos(2 * (j + 1) * xi, &s, &c);
        sinh_cosh(2 * (j + 1) * eta, &sh, &ch);
        xi0 -= beta[j] * s * ch;
        eta0 -= beta[j] * c * sh;
    }
    sin_cos(xi0, &s, &c);
    sinh_cosh(eta0, &sh, &ch);
    *lon = atan_2(sh, c);
    chi = atan_2(s, sqrt(sh * sh + c * c));
    *lat = chi;
    for (int j = 0; j < 4; j++) {
        sin_cos(2 * (j + 1) * chi, &s, &c);
        *lat += delta[j] * s;
    }
}

int
geo_from_mgrs(const char *s, struct geo_pt *out, uint32_t *radius_m)
{
    struct mgrs m;
    int64_t size = 100000, northing, south, lat_e7, lon_e7;
    double lat, lon, x, y;

    if (mgrs_parse(s, &m) == -1)
        return -1;
    for (int i = 0; i < m.pairs; i++)
        size /= 10;
    /* Row letters repeat every 2,000 km: take the row that lies in the band. A band is 8
     * degrees, about 885 km; its middle tells which, for a row is never further off than
     * the half of it and a square. */
    south = (int64_t)(m.band * 8 - 80) * 10000000;
    northing = m.row * INT64_C(100000) + m.northing + size / 2;
    y = (double)(m.band * 8 - 76) * 110600.0;
    while ((double)northing > y + 1000000)
        northing -= 2000000;
    while ((double)northing < y - 1000000)
        northing += 2000000;
    x = (double)((m.column + 1) * INT64_C(100000) + m.easting + size / 2) - FALSE_E;
    utm_inverse(x, (double)northing, &lat, &lon);
    lat_e7 = round_to_int(lat / UNIT);
    lon_e7 = round_to_int(lon / UNIT);
    /* A square may reach over the edges of its band and zone, its centre by half a square;
     * X is twelve degrees high, and zones are wider around Norway. */
    if (lat_e7 < south - 5000000 || lat_e7 > south + (m.band == 19 ? 120 : 80) * 1000000 + 5000000)
        return -1;
    lon_e7 += ((int64_t)m.zone * 6 - 183) * 10000000;
    out->lat = (int32_t)lat_e7;
    out->lon = (int32_t)wrap_lon(lon_e7);
    *radius_m = (uint32_t)((size * 70711 + 99999) / 100000);
    return 0;
}
