/* gazetteer_load: the lines of a gazetteer file to plain rows.
 *
 * GeoNames gives no extents: a populated place gets one by its population, a region by its
 * level, wide enough that what is said of the region lies within. Every column that decides is
 * checked here, so that nothing past this file doubts a row. */
#include "gazetteer_load.h"

#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#define GEONAMES_COLUMNS 19
#define LIST_COLUMNS     10
#define MAX_POPULATION   UINT64_C(2000000000)
#define MAX_RADIUS_KM    UINT64_C(2000)

static size_t
columns(const char *line)
{
    size_t n = 1;

    for (; *line != '\0'; line++)
        n += *line == '\t';
    return n;
}

enum gaz_format
gaz_row_format(const char *line)
{
    switch (columns(line)) {
    case GEONAMES_COLUMNS:
        return GAZ_FORMAT_GEONAMES;
    case LIST_COLUMNS:
    case LIST_COLUMNS + 1:
        return GAZ_FORMAT_LIST;
    default:
        return GAZ_FORMAT_UNKNOWN;
    }
}

static bool
valid_utf8(const char *s)
{
    const utf8proc_uint8_t *p = (const utf8proc_uint8_t *)s;
    utf8proc_ssize_t left = (utf8proc_ssize_t)strlen(s);

    while (left > 0) {
        utf8proc_int32_t c;
        utf8proc_ssize_t n = utf8proc_iterate(p, left, &c);
        if (n <= 0)
            return false;
        p += n;
        left -= n;
    }
    return true;
}

/* Digits only; "" is 0. */
static int
parse_uint(const char *s, uint64_t max, uint64_t *out)
{
    uint64_t v = 0;

    for (; *s != '\0'; s++) {
        if (*s < '0' || *s > '9')
            return -1;
        v = v * 10 + (uint64_t)(*s - '0');
        if (v > max)
            return -1;
    }
    *out = v;
    return 0;
}

static uint32_t
populated_radius_m(uint64_t population)
{
    if (population >= 500000)
        return 10000;
    if (population >= 100000)
        return 5000;
    if (population >= 20000)
        return 3000;
    return population >= 5000 ? 2000 : 1000;
}

/* Kind and extent of a GeoNames feature. */
static void
geonames_kind(const char *class, const char *code, struct gaz_place *p)
{
    switch (class[0]) {
    case 'P':
        p->kind = GAZ_POPULATED;
        p->radius_m = populated_radius_m(p->population);
        if (strncmp(code, "PPLA", 4) == 0 && p->radius_m < 2000)
            p->radius_m = 2000; /* the seat of a district, its population often unknown */
        break;
    case 'A':
        p->kind = GAZ_DISTRICT;
        p->radius_m = 15000;
        if (strncmp(code, "PCL", 3) == 0) {
            p->kind = GAZ_REGION;
            p->radius_m = 700000;
        } else if (strcmp(code, "ADM1") == 0) {
            p->kind = GAZ_REGION;
            p->radius_m = 150000;
        } else if (strcmp(code, "ADM2") == 0) {
            p->radius_m = 50000;
        }
        break;
    case 'L':
        p->kind = GAZ_DISTRICT;
        p->radius_m = 30000;
        break;
    case 'H':
        p->kind = GAZ_WATER;
        p->radius_m = 5000;
        break;
    case 'R':
        p->kind = GAZ_ROAD;
        p->radius_m = 5000;
        break;
    default:
        p->kind = GAZ_LANDMARK;
        p->radius_m = 1000;
        break;
    }
}

static int
geonames_row(char **col, const char *file, int line, struct gaz_row *out, struct err *e)
{
    struct gaz_place *p = &out->place;
    uint64_t population;

    if (parse_uint(col[14], MAX_POPULATION, &population) != 0)
        return err_at(e, file, line, "population \"%.40s\" is no number", col[14]);
    if (strlen(col[6]) != 1)
        return err_at(e, file, line, "feature class \"%.20s\" is not one letter", col[6]);
    p->name = col[1];
    p->admin1 = "";
    p->population = (uint32_t)population;
    geonames_kind(col[6], col[7], p);
    out->ascii = col[2];
    out->alternates = col[3];
    out->admin1_code = col[10];
    out->defines_admin1 = col[6][0] == 'A' && strcmp(col[7], "ADM1") == 0;
    return 0;
}

/* "lat,lon lat,lon …", two points and more. */
static int
parse_line(char *s, struct gaz_row *out)
{
    char *point;

    while ((point = strsep(&s, " ")) != NULL) {
        char *lon = strchr(point, ',');
        struct geo_pt *p = &out->line[out->n_line];
        if (lon == NULL || out->n_line == GAZ_LINE_MAX)
            return -1;
        *lon++ = '\0';
        if (geo_parse_deg(point, &p->lat) != 0 || geo_parse_deg(lon, &p->lon) != 0 ||
            !geo_valid(*p))
            return -1;
        out->n_line++;
    }
    return out->n_line < 2 ? -1 : 0;
}

/* A road stands for the middle of its run, and its radius covers the whole. */
static void
set_middle(struct gaz_row *r)
{
    struct gaz_place *p = &r->place;
    uint64_t length = 0, half, at = 0;

    for (size_t i = 1; i < r->n_line; i++)
        length += geo_distance_m(r->line[i - 1], r->line[i]);
    half = length / 2;
    p->pt = r->line[0];
    for (size_t i = 1; i < r->n_line; i++) {
        uint32_t m = geo_distance_m(r->line[i - 1], r->line[i]);
        if (m > 0 && at + m >= half) {
            p->pt = geo_between(r->line[i - 1], r->line[i], (uint32_t)((half - at) * 1000 / m));
            break;
        }
        at += m;
    }
    for (size_t i = 0; i < r->n_line; i++) {
        uint32_t m = geo_distance_m(p->pt, r->line[i]);
        p->radius_m = m > p->radius_m ? m : p->radius_m;
    }
}

static int
list_row(char **col, const char *file, int line, struct gaz_row *out, struct err *e)
{
    static const char *const kinds[] = {
        [GAZ_POPULATED] = "populated", [GAZ_REGION] = "region",     [GAZ_DISTRICT] = "district",
        [GAZ_WATER] = "water",         [GAZ_LANDMARK] = "landmark", [GAZ_ROAD] = "road"};
    struct gaz_place *p = &out->place;
    uint64_t population, radius_km;
    size_t k = 0;

    while (k < sizeof kinds / sizeof *kinds && strcmp(kinds[k], col[5]) != 0)
        k++;
    if (k == sizeof kinds / sizeof *kinds)
        return err_at(e, file, line,
                      "kind \"%.40s\" is none of populated, region, district, water, landmark, "
                      "road",
                      col[5]);
    if (parse_uint(col[8], MAX_POPULATION, &population) != 0)
        return err_at(e, file, line, "population \"%.40s\" is no number", col[8]);
    p->kind = (enum gaz_kind)k;
    if (col[10][0] != '\0') {
        if (p->kind != GAZ_ROAD)
            return err_at(e, file, line, "only a road has a line; the eleventh column is \"%.40s\"",
                          col[10]);
        if (parse_line(col[10], out) != 0)
            return err_at(e, file, line,
                          "the line is not 2 to %d points \"lat,lon\" with a space between",
                          GAZ_LINE_MAX);
        set_middle(out);
    }
    if (parse_uint(col[9], MAX_RADIUS_KM, &radius_km) != 0 || (radius_km == 0 && out->n_line == 0))
        return err_at(e, file, line, "radius_km \"%.40s\" is no whole number from 1 to 2000",
                      col[9]);
    p->name = col[1];
    p->admin1 = col[7];
    p->population = (uint32_t)population;
    if (out->n_line == 0)
        p->radius_m = (uint32_t)radius_km * 1000;
    p->curated = true;
    out->ascii = "";
    out->alternates = col[2];
    out->admin1_code = "";
    return 0;
}

int
gaz_row_parse(char *line, enum gaz_format format, const char *file, int lineno, struct gaz_row *out,
              struct err *e)
{
    size_t want = format == GAZ_FORMAT_GEONAMES ? GEONAMES_COLUMNS : LIST_COLUMNS;
    char *col[GEONAMES_COLUMNS];
    struct gaz_row row;
    const char *lat, *lon, *country;

    char none[] = "";

    if (columns(line) != want && !(format == GAZ_FORMAT_LIST && columns(line) == want + 1))
        return err_at(e, file, lineno, "%zu columns where %zu are expected", columns(line), want);
    if (!valid_utf8(line))
        return err_at(e, file, lineno, "not UTF-8; convert the file");
    col[LIST_COLUMNS] = none;
    for (size_t i = 0; i < want; i++)
        col[i] = strsep(&line, "\t");
    if (line != NULL)
        col[LIST_COLUMNS] = line;
    memset(&row, 0, sizeof row);
    if (col[0][0] == '\0' || parse_uint(col[0], UINT64_MAX / 16, &row.place.id) != 0 ||
        row.place.id == 0)
        return err_at(e, file, lineno, "id \"%.40s\" is no positive number", col[0]);
    if (col[1][0] == '\0')
        return err_at(e, file, lineno, "the name is empty");
    if (format == GAZ_FORMAT_GEONAMES) {
        lat = col[4];
        lon = col[5];
        country = col[8];
    } else {
        lat = col[3];
        lon = col[4];
        country = col[6];
    }
    if ((lat[0] != '\0' || lon[0] != '\0' || col[LIST_COLUMNS][0] == '\0' ||
         format == GAZ_FORMAT_GEONAMES) &&
        (geo_parse_deg(lat, &row.place.pt.lat) != 0 || geo_parse_deg(lon, &row.place.pt.lon) != 0 ||
         !geo_valid(row.place.pt)))
        return err_at(e, file, lineno, "latitude \"%.20s\", longitude \"%.20s\" are no place", lat,
                      lon);
    if (strlen(country) > 2)
        return err_at(e, file, lineno, "country \"%.20s\" is no code of two letters", country);
    memcpy(row.place.country, country, strlen(country) + 1);
    if ((format == GAZ_FORMAT_GEONAMES ? geonames_row : list_row)(col, file, lineno, &row, e) != 0)
        return -1;
    *out = row;
    return 0;
}
