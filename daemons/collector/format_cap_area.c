/* format_cap_area: see format_cap.h. Whole numbers only: what lies where decides alerts. */
#include "format_cap.h"

#include <string.h>

#define PLACE_BYTES 120
#define LON_ROUND   INT64_C(3600000000)
#define MOST_KM     20000 /* half round the earth; also keeps metres in 32 bits */

struct cap_shape {
    struct geo_pt *pts; /* one for a circle */
    size_t n;
    uint32_t radius_m; /* of a circle */
    struct cap_shape *next;
};

void
cap_shapes_init(struct cap_shapes *c, struct arena *a)
{
    *c = (struct cap_shapes){.arena = a};
}

static const char *
skip_blank(const char *s)
{
    return s + strspn(s, " \t\r\n");
}

/* One number off s, up to a blank or comma; false where there is none or it is no angle. */
static bool
take_angle(const char **s, int32_t *e7)
{
    char word[32];
    size_t n = strcspn(*s, ", \t\r\n");
    bool fits = n > 0 && n < sizeof word;

    if (fits) {
        memcpy(word, *s, n);
        word[n] = '\0';
    }
    *s += n;
    return fits && geo_parse_deg(word, e7) == 0;
}

/* The next pair off s; false at the end. good: it is a place on the globe, and not the 0,0 of who
 * had none. */
static bool
take_pair(const char **s, struct geo_pt *p, bool *good)
{
    bool lat, lon;

    *s += strspn(*s, ", \t\r\n");
    if (**s == '\0')
        return false;
    lat = take_angle(s, &p->lat);
    *s = skip_blank(*s);
    if (**s == ',')
        *s = skip_blank(*s + 1);
    lon = take_angle(s, &p->lon);
    if (**s == ',') /* a height behind it */
        *s += 1 + strcspn(*s + 1, " \t\r\n");
    *good = lat && lon && geo_valid(*p) && (p->lat != 0 || p->lon != 0);
    return true;
}

static void
put(struct cap_shapes *c, struct geo_pt *pts, size_t n, uint32_t radius_m)
{
    struct cap_shape *x = arena_alloc(c->arena, sizeof *x);

    if (x == NULL)
        return;
    *x = (struct cap_shape){.pts = pts, .n = n, .radius_m = radius_m};
    if (c->last != NULL)
        c->last->next = x;
    else
        c->first = x;
    c->last = x;
}

void
cap_put_polygon(struct cap_shapes *c, const char *text)
{
    /* A pair takes at least three bytes and a blank. */
    struct geo_pt *pts = arena_alloc(c->arena, (strlen(text) / 4 + 1) * sizeof *pts), p;
    size_t n = 0;
    bool good;

    if (pts == NULL)
        return;
    while (take_pair(&text, &p, &good))
        if (good)
            pts[n++] = p;
    if (n > 1 && pts[0].lat == pts[n - 1].lat && pts[0].lon == pts[n - 1].lon)
        n--;
    if (n >= 3)
        put(c, pts, n, 0);
}

/* "12.5" kilometres to metres, rounded down. */
static bool
parse_km(const char *s, uint32_t *m)
{
    uint32_t v = 0, scale = 1000;
    size_t n = 0;

    for (; s[n] >= '0' && s[n] <= '9'; n++) {
        v = v * 10 + (uint32_t)(s[n] - '0');
        if (v > MOST_KM)
            return false;
    }
    v *= 1000;
    if (s[n] == '.')
        for (n++; s[n] >= '0' && s[n] <= '9'; n++)
            v += (uint32_t)(s[n] - '0') * (scale /= 10);
    if (n == 0 || (s[n] != '\0' && strchr(" \t\r\n", s[n]) == NULL))
        return false;
    *m = v;
    return true;
}

void
cap_put_circle(struct cap_shapes *c, const char *text)
{
    struct geo_pt *p = arena_alloc(c->arena, sizeof *p);
    uint32_t radius_m = 0;
    bool good;

    if (p == NULL || !take_pair(&text, p, &good) || !good)
        return;
    if (!parse_km(skip_blank(text), &radius_m))
        radius_m = 0;
    put(c, p, 1, radius_m);
}

/* ---- the circle round them */

/* Longitude as seen from that of o: the short way round. */
static int64_t
east_of(struct geo_pt o, struct geo_pt p)
{
    int64_t d = (int64_t)p.lon - o.lon;

    return d > LON_ROUND / 2 ? d - LON_ROUND : d < -LON_ROUND / 2 ? d + LON_ROUND : d;
}

static struct geo_pt
moved(struct geo_pt o, int64_t north, int64_t east)
{
    int64_t lon = o.lon + east;

    lon = lon > LON_ROUND / 2 ? lon - LON_ROUND : lon < -LON_ROUND / 2 ? lon + LON_ROUND : lon;
    return (struct geo_pt){(int32_t)(o.lat + north), (int32_t)lon};
}

struct box {
    int64_t south, north, west, east; /* as seen from a point */
};

static void
stretch(struct box *b, int64_t north, int64_t east)
{
    b->south = north < b->south ? north : b->south;
    b->north = north > b->north ? north : b->north;
    b->west = east < b->west ? east : b->west;
    b->east = east > b->east ? east : b->east;
}

static struct geo_pt
centroid(const struct cap_shape *x)
{
    /* Twice the area, and the moments; in 1e-7 degree they need more than 64 bits. */
    __int128 area = 0, north = 0, east = 0, sum_n = 0, sum_e = 0;
    struct geo_pt o = x->pts[0];
    struct box b = {0};
    int64_t cn, ce;

    for (size_t i = 0; i < x->n; i++) {
        struct geo_pt p = x->pts[i], q = x->pts[(i + 1) % x->n];
        int64_t pn = (int64_t)p.lat - o.lat, pe = east_of(o, p);
        int64_t qn = (int64_t)q.lat - o.lat, qe = east_of(o, q);
        __int128 cross = (__int128)pe * qn - (__int128)qe * pn;

        area += cross;
        north += cross * (pn + qn);
        east += cross * (pe + qe);
        sum_n += pn;
        sum_e += pe;
        stretch(&b, pn, pe);
    }
    cn = (int64_t)(sum_n / (__int128)x->n);
    ce = (int64_t)(sum_e / (__int128)x->n);
    if (area != 0) {
        __int128 an = north / (3 * area), ae = east / (3 * area);

        /* The area of one that crosses itself may lie anywhere. */
        if (an >= b.south && an <= b.north && ae >= b.west && ae <= b.east) {
            cn = (int64_t)an;
            ce = (int64_t)ae;
        }
    }
    return moved(o, cn, ce);
}

static struct geo_pt
middle(const struct cap_shapes *c)
{
    struct geo_pt o = c->first->pts[0];
    struct box b = {0};

    for (const struct cap_shape *x = c->first; x != NULL; x = x->next)
        for (size_t i = 0; i < x->n; i++) {
            struct geo_pt p = x->pts[i];

            stretch(&b, (int64_t)p.lat - o.lat, east_of(o, p));
            for (uint32_t deg = 0; x->radius_m > 0 && deg < 360; deg += 90) {
                struct geo_pt q = geo_destination(p, deg, x->radius_m);
                stretch(&b, (int64_t)q.lat - o.lat, east_of(o, q));
            }
        }
    return moved(o, (b.south + b.north) / 2, (b.west + b.east) / 2);
}

bool
cap_circle(const struct cap_shapes *c, struct geo_pt *pos, uint32_t *radius_m)
{
    uint32_t far = 0;

    if (c->first == NULL)
        return false;
    *pos = c->first->next != NULL ? middle(c)
           : c->first->n > 1      ? centroid(c->first)
                                  : c->first->pts[0];
    for (const struct cap_shape *x = c->first; x != NULL; x = x->next)
        for (size_t i = 0; i < x->n; i++) {
            uint32_t d = geo_distance_m(*pos, x->pts[i]) + x->radius_m;
            far = d > far ? d : far;
        }
    *radius_m = far < MOST_KM * 1000 ? far : MOST_KM * 1000;
    return true;
}

/* ---- the areas of an alert */

void
cap_where_init(struct cap_where *w, struct arena *a)
{
    *w = (struct cap_where){.n = 0};
    cap_shapes_init(&w->shapes, a);
}

static void
put_name(struct cap_where *w, const char *s)
{
    size_t n = s != NULL ? strlen(s) : 0;

    if (n == 0 || w->n > PLACE_BYTES || w->n + n + 3 > sizeof w->names)
        return;
    if (w->n > 0) {
        memcpy(w->names + w->n, "; ", 2);
        w->n += 2;
    }
    for (size_t i = 0; i < n; i++)
        w->names[w->n++] = s[i] == '\n' ? ' ' : s[i];
    w->names[w->n] = '\0';
}

void
cap_where_put(struct cap_where *w, const struct xml_node *area)
{
    const struct xml_node *desc = xml_child(area, "areaDesc");

    for (const struct xml_node *c = area->child; c != NULL; c = c->next) {
        if (strcmp(c->name, "polygon") == 0)
            cap_put_polygon(&w->shapes, c->text);
        else if (strcmp(c->name, "circle") == 0)
            cap_put_circle(&w->shapes, c->text);
    }
    if (desc != NULL)
        put_name(w, draft_clean(w->shapes.arena, desc->text, strlen(desc->text), MAX_NAME));
}

/* Cut behind a whole name, else a whole word. */
static const char *
short_names(const struct cap_where *w)
{
    struct arena *a = w->shapes.arena;
    size_t n = PLACE_BYTES;
    const char *s;

    if (w->n <= PLACE_BYTES)
        return arena_strndup(a, w->names, w->n);
    while (n > PLACE_BYTES / 2 && w->names[n] != ';')
        n--;
    if (w->names[n] != ';')
        for (n = PLACE_BYTES; n > PLACE_BYTES / 2 && w->names[n] != ' '; n--)
            ;
    if (n == PLACE_BYTES / 2)
        n = PLACE_BYTES;
    s = draft_clean(a, w->names, w->n, n);
    return s != NULL ? arena_printf(a, "%s…", s) : NULL;
}

void
cap_where_take(const struct cap_where *w, struct incident *in)
{
    in->place = w->n > 0 ? short_names(w) : NULL;
    in->has_pos = cap_circle(&w->shapes, &in->pos, &in->radius_m);
}
