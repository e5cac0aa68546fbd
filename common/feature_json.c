/* feature_json: a GeoJSON feature as an incident.
 *
 * Features come from map tools and from other people's systems, whose properties are their own. So
 * nothing in the properties refuses a feature but that it says nothing; a geometry that is none
 * does, since a wrong place is worse than none. */
#include "record_json.h"

#include <errno.h>
#include <string.h>

#include "record_json_fields.h"
#include "wire_codec.h"

#define MAX_FEATURE ((size_t)4 << 20)
#define MAX_VALUES  ((size_t)1 << 17)
#define FULL_E7     INT64_C(3600000000)

/* ---- geometry */

struct bounds {
    bool any;
    struct geo_pt first;
    /* of longitudes: from the first one on, the short way round */
    int64_t south, north, west, east;
    struct geo_pt middle;
    uint32_t radius_m;
};

static void
widen(struct bounds *b, struct geo_pt p)
{
    int64_t lon = (int64_t)p.lon - b->first.lon;

    if (!b->any) {
        *b = (struct bounds){.any = true, .first = p, .south = p.lat, .north = p.lat};
        return;
    }
    lon += lon > FULL_E7 / 2 ? -FULL_E7 : lon < -FULL_E7 / 2 ? FULL_E7 : 0;
    b->south = p.lat < b->south ? p.lat : b->south;
    b->north = p.lat > b->north ? p.lat : b->north;
    b->west = lon < b->west ? lon : b->west;
    b->east = lon > b->east ? lon : b->east;
}

static void
reach(struct bounds *b, struct geo_pt p)
{
    uint32_t m = geo_distance_m(b->middle, p);

    b->radius_m = m > b->radius_m ? m : b->radius_m;
}

static void
find_middle(struct bounds *b)
{
    int64_t lon = b->first.lon + (b->west + b->east) / 2;

    lon += lon > FULL_E7 / 2 ? -FULL_E7 : lon < -FULL_E7 / 2 ? FULL_E7 : 0;
    b->middle = (struct geo_pt){(int32_t)((b->south + b->north) / 2), (int32_t)lon};
}

/* Calls fn for each position of nested arrays; json_tree() bounds how deep they are. */
static int
each_position(const struct jreader *r, const cJSON *at, void (*fn)(struct bounds *, struct geo_pt),
              struct bounds *b)
{
    struct geo_pt p;
    const cJSON *item;

    if (!cJSON_IsArray(at))
        return jbad(r, "geometry", "coordinates must be an array");
    if (cJSON_IsNumber(at->child)) {
        if (point_read(r, "geometry", at, &p) != 0)
            return -1;
        fn(b, p);
        return 0;
    }
    cJSON_ArrayForEach(item, at)
    {
        if (each_position(r, item, fn, b) != 0)
            return -1;
    }
    return 0;
}

static int
each_geometry(const struct jreader *r, const cJSON *g, void (*fn)(struct bounds *, struct geo_pt),
              struct bounds *b)
{
    static const char *const types[] = {"Point",   "MultiPoint",      "LineString",
                                        "Polygon", "MultiLineString", "MultiPolygon"};
    const cJSON *type = cJSON_GetObjectItemCaseSensitive(g, "type"), *item;
    const char *name = cJSON_IsString(type) ? type->valuestring : "";

    if (strcmp(name, "GeometryCollection") == 0) {
        const cJSON *all = cJSON_GetObjectItemCaseSensitive(g, "geometries");
        if (!cJSON_IsArray(all))
            return jbad(r, "geometry", "geometries must be an array");
        cJSON_ArrayForEach(item, all)
        {
            if (each_geometry(r, item, fn, b) != 0)
                return -1;
        }
        return 0;
    }
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (strcmp(name, types[i]) == 0)
            return each_position(r, cJSON_GetObjectItemCaseSensitive(g, "coordinates"), fn, b);
    return jbad(r, "geometry", "\"%.40s\" is no type of a geometry", name);
}

static int
read_geometry(const struct jreader *r, const cJSON *g, struct incident *in)
{
    struct bounds b = {.any = false};

    if (g == NULL || cJSON_IsNull(g))
        return 0;
    if (each_geometry(r, g, widen, &b) != 0)
        return -1;
    find_middle(&b);
    if (!b.any || (b.middle.lat == 0 && b.middle.lon == 0))
        return 0;                         /* an empty one, or a device without a fix */
    (void)each_geometry(r, g, reach, &b); /* it was read before */
    in->has_pos = true;
    in->pos = b.middle;
    if (in->radius_m == 0)
        in->radius_m = b.radius_m;
    return 0;
}

/* ---- properties */

/* A copy of at most max bytes, cut between characters. */
static const char *
cut(struct arena *a, const char *s, size_t max)
{
    size_t n = strlen(s);

    if (n > max)
        for (n = max; n > 0 && ((unsigned char)s[n] & 0xC0) == 0x80;)
            n--;
    return arena_strndup(a, s, n);
}

static const char *
scalar(struct arena *a, const cJSON *v, size_t max)
{
    char *printed;
    const char *out;

    if (cJSON_IsString(v))
        return v->valuestring[0] != '\0' ? cut(a, v->valuestring, max) : NULL;
    if (!cJSON_IsNumber(v) && !cJSON_IsBool(v))
        return NULL;
    if ((printed = cJSON_PrintUnformatted(v)) == NULL)
        return NULL;
    out = cut(a, printed, max);
    cJSON_free(printed);
    return out;
}

struct collected {
    struct attribute list[MAX_ATTRIBUTES];
    size_t n;
};

static void
keep(struct arena *a, const cJSON *v, struct collected *c)
{
    const char *value = c->n < MAX_ATTRIBUTES ? scalar(a, v, MAX_VALUE) : NULL;
    const char *name = value != NULL && v->string[0] != '\0' ? cut(a, v->string, MAX_NAME) : NULL;

    if (name != NULL)
        c->list[c->n++] = (struct attribute){.name = name, .value = value};
}

static bool
is(const cJSON *v, const char *key)
{
    return strcmp(v->string, key) == 0;
}

/* Those of the key "attributes" first, then the others. */
static int
join_attributes(const struct jreader *r, const struct collected *c, struct incident *in)
{
    size_t n = in->n_attributes;
    struct attribute *all;

    if (c->n == 0)
        return 0;
    if ((all = arena_alloc(r->a, MAX_ATTRIBUTES * sizeof *all)) == NULL)
        return jbad(r, "properties", "too large to hold");
    if (n > 0)
        memcpy(all, in->attributes, n * sizeof *all);
    for (size_t i = 0; i < c->n && n < MAX_ATTRIBUTES; i++)
        all[n++] = c->list[i];
    in->attributes = all;
    in->n_attributes = n;
    return 0;
}

static int
read_properties(const struct jreader *r, const cJSON *properties, struct incident *in)
{
    struct jreader lenient = {.a = r->a}; /* no err: what is not read is kept */
    const cJSON *v, *lon = cJSON_GetObjectItemCaseSensitive(properties, "lon");
    struct collected c = {.n = 0};

    cJSON_ArrayForEach(v, properties)
    {
        if (v == lon && cJSON_GetObjectItemCaseSensitive(properties, "lat") != NULL)
            continue; /* goes with it */
        if (incident_read_member(&lenient, v, is(v, "lat") ? lon : NULL, in))
            continue;
        if (is(v, "id"))
            in->own_id = scalar(r->a, v, MAX_NAME);
        else if (is(v, "text") && cJSON_IsString(v))
            in->text = cut(r->a, v->valuestring, MAX_TEXT);
        else
            keep(r->a, v, &c);
        if (is(v, "lat") && lon != NULL)
            keep(r->a, lon, &c);
    }
    return join_attributes(r, &c, in);
}

static int
read_incident(const struct jreader *r, const cJSON *feature, struct incident *in)
{
    const cJSON *id = cJSON_GetObjectItemCaseSensitive(feature, "id");
    const cJSON *properties = cJSON_GetObjectItemCaseSensitive(feature, "properties");

    incident_init(in);
    if (read_properties(r, properties, in) != 0)
        return -1;
    if (id != NULL && !cJSON_IsNull(id))
        in->own_id = scalar(r->a, id, MAX_NAME);
    if (in->own_id != NULL && in->own_id[0] == '\0')
        in->own_id = NULL;
    if (read_geometry(r, cJSON_GetObjectItemCaseSensitive(feature, "geometry"), in) != 0)
        return -1;
    if ((in->text == NULL || in->text[0] == '\0') && in->event == EV_UNKNOWN)
        return jbad(r, "properties", "give text or event");
    return 0;
}

static int
read_feature(const struct jreader *r, const cJSON *feature, struct record *out)
{
    const cJSON *type = cJSON_GetObjectItemCaseSensitive(feature, "type");
    const cJSON *properties = cJSON_GetObjectItemCaseSensitive(feature, "properties");
    const cJSON *kind = cJSON_GetObjectItemCaseSensitive(properties, "kind");

    if (!cJSON_IsString(type) || strcmp(type->valuestring, "Feature") != 0)
        return jbad(r, "type", "must be Feature");
    if (!cJSON_IsObject(properties))
        return jbad(r, "properties", "missing");
    if (cJSON_IsString(kind) && asset_kind_parse(kind->valuestring) != ASSET_UNKNOWN) {
        out->type = REC_ASSET;
        return asset_read(r, feature, &out->u.asset);
    }
    out->type = REC_INCIDENT;
    return read_incident(r, feature, &out->u.incident);
}

int
feature_from_json(const char *s, size_t n, struct arena *a, struct record *out, struct err *e)
{
    struct jreader r = {.a = a, .e = e};
    struct record rec;
    cJSON *tree;
    int rc, saved;

    if (n > MAX_FEATURE) {
        errno = EINVAL;
        return err_set(e, "longer than %zu bytes", MAX_FEATURE);
    }
    if ((tree = json_tree(s, n, MAX_VALUES, e)) == NULL)
        return -1;
    memset(&rec, 0, sizeof rec);
    rc = read_feature(&r, tree, &rec);
    saved = errno;
    cJSON_Delete(tree);
    errno = saved;
    if (rc == 0)
        *out = rec;
    return rc;
}
