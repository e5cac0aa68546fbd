/* asset_json: assets as GeoJSON features, and flat in records.
 *
 * A feature's own members and properties go through the table of the flat form, so that a
 * property means the same in both. Map tools add properties of their own and write null where
 * a column does not concern a row: in a feature unknown keys are passed over, in the flat form
 * they are refused. Coordinates are longitude first, as RFC 7946 has them. */
#include "record_json.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "record_json_fields.h"
#include "wire_codec.h"

#define MAX_FILE   ((size_t)16 << 20)
#define MAX_VALUES ((size_t)1 << 20)
#define DAYS       7
/* km/h to cm/s is 1000 / 36; a thousandth of a km/h keeps it exact. */
#define MKMH_PER_CMPS   36
#define MAX_SPEED_CMPS  100000
#define MAX_CHECKIN_MIN 527040 /* a year */

static const char *
day_name(unsigned v)
{
    static const char *const names[DAYS] = {"monday", "tuesday",  "wednesday", "thursday",
                                            "friday", "saturday", "sunday"};

    return names[v < DAYS ? v : 0];
}

static const char *
kind_name(unsigned v)
{
    return asset_kind_name((enum asset_kind)v);
}

static const char *
mode_of_travel(unsigned v)
{
    return travel_mode_name((enum travel_mode)v);
}

static const char *
state_name(unsigned v)
{
    return convoy_state_name((enum convoy_state)v);
}

/* ---- what the kinds do not cover */

static int
read_market_days(const struct jreader *r, const char *key, const cJSON *v, void *s)
{
    const cJSON *item;
    uint32_t mask = 0;

    if (!cJSON_IsArray(v))
        return jbad(r, key, "must be an array of days, such as [\"monday\"]");
    cJSON_ArrayForEach(item, v)
    {
        unsigned day = 0;
        while (day < DAYS &&
               (!cJSON_IsString(item) || strcmp(item->valuestring, day_name(day)) != 0))
            day++;
        if (day == DAYS)
            return jbad(r, key, "must be an array of days, such as [\"monday\"]");
        mask |= 1u << day;
    }
    ((struct asset *)s)->market_days = mask;
    return 0;
}

static void
write_market_days(struct json *j, const char *key, const void *s)
{
    const struct asset *as = s;

    if (as->market_days != 0)
        jwrite_mask(j, key, as->market_days, day_name, DAYS);
}

int
point_read(const struct jreader *r, const char *key, const cJSON *v, struct geo_pt *out)
{
    int64_t lat, lon;

    if (!cJSON_IsArray(v) || cJSON_GetArraySize(v) < 2)
        return jbad(r, key, "a position must be [longitude, latitude]");
    if (jread_fixed(r, key, v->child, 7, -1800000000, 1800000000, &lon) != 0 ||
        jread_fixed(r, key, v->child->next, 7, -900000000, 900000000, &lat) != 0)
        return -1;
    *out = (struct geo_pt){(int32_t)lat, (int32_t)lon};
    return 0;
}

static int
read_route(const struct jreader *r, const char *key, const cJSON *v, void *s)
{
    struct asset *as = s;
    const cJSON *item;
    size_t n = 0;

    if (!cJSON_IsArray(v))
        return jbad(r, key, "must be an array of positions");
    struct geo_pt *route = arena_alloc(r->a, MAX_ROUTE * sizeof(*route));
    if (route == NULL)
        return jbad(r, key, "too large to hold");
    cJSON_ArrayForEach(item, v)
    {
        if (n == MAX_ROUTE)
            return jbad(r, key, "more than %d vertices; simplify the line", MAX_ROUTE);
        if (point_read(r, key, item, &route[n++]) != 0)
            return -1;
    }
    as->route = route;
    as->n_route = n;
    return 0;
}

static void
write_route(struct json *j, const char *key, const void *s)
{
    const struct asset *as = s;

    if (as->n_route == 0)
        return;
    json_open(j, key, '[');
    for (size_t i = 0; i < as->n_route; i++) {
        json_open(j, NULL, '[');
        json_deg(j, NULL, as->route[i].lon);
        json_deg(j, NULL, as->route[i].lat);
        json_close(j, ']');
    }
    json_close(j, ']');
}

static int
read_schedule(const struct jreader *r, const char *key, const cJSON *v, void *s)
{
    struct asset *as = s;
    const cJSON *item = cJSON_IsArray(v) ? v->child : v;
    size_t n = 0;

    int64_t *times = arena_alloc(r->a, MAX_ROUTE * sizeof(*times));
    if (times == NULL)
        return jbad(r, key, "too large to hold");
    for (; item != NULL; item = cJSON_IsArray(v) ? item->next : NULL) {
        if (n == MAX_ROUTE)
            return jbad(r, key, "more than %d times", MAX_ROUTE);
        if (jread_time(r, key, item, &times[n]) != 0)
            return -1;
        if (times[n] == 0)
            return jbad(r, key, "must be times after 1970");
        if (n > 0 && times[n] < times[n - 1])
            return jbad(r, key, "goes back in time at vertex %zu", n + 1);
        n++;
    }
    as->schedule = times;
    as->n_schedule = n;
    return 0;
}

static void
write_schedule(struct json *j, const char *key, const void *s)
{
    const struct asset *as = s;

    if (as->n_schedule == 0)
        return;
    json_open(j, key, '[');
    for (size_t i = 0; i < as->n_schedule; i++)
        jwrite_time(j, NULL, as->schedule[i]);
    json_close(j, ']');
}

static int
read_speed(const struct jreader *r, const char *key, const cJSON *v, void *s)
{
    int64_t mkmh = 0;

    if (jread_fixed(r, key, v, 3, 0, MAX_SPEED_CMPS * MKMH_PER_CMPS, &mkmh) != 0)
        return -1;
    ((struct asset *)s)->speed_cmps = (uint32_t)((mkmh + MKMH_PER_CMPS / 2) / MKMH_PER_CMPS);
    return 0;
}

static void
write_speed(struct json *j, const char *key, const void *s)
{
    const struct asset *as = s;

    if (as->speed_cmps != 0)
        json_fixed(j, key, (int64_t)as->speed_cmps * MKMH_PER_CMPS, 3);
}

/* ---- the flat form */

/* A feature may carry its id as a number. */
static int
read_id(const struct jreader *r, const char *key, const cJSON *v, void *s)
{
    struct asset *as = s;
    int64_t number;

    if (!cJSON_IsNumber(v))
        return jread_str(r, key, v, MAX_NAME, &as->id);
    if (jread_int(r, key, v, 0, INT64_C(1) << 53, &number) != 0)
        return -1;
    as->id = arena_printf(r->a, "%lld", (long long)number);
    return as->id == NULL ? jbad(r, key, "too large to hold") : 0;
}

static void
write_id(struct json *j, const char *key, const void *s)
{
    json_str(j, key, ((const struct asset *)s)->id);
}

static int read_geometry(const struct jreader *r, const char *key, const cJSON *v, void *s);

static void
write_no_geometry(struct json *j, const char *key, const void *s)
{
    (void)j, (void)key, (void)s; /* flat assets are written with lat, lon and route */
}

#define PROPERTIES                                                                \
    JF_ENUM("kind", struct asset, kind, kind_name, ASSET_KIND_COUNT),             \
        JF("name", JK_STR, struct asset, name, MAX_NAME),                         \
        JF("area", JK_STR, struct asset, area, MAX_NAME),                         \
        JF("contact", JK_STR, struct asset, contact, MAX_NAME),                   \
        JF("strength", JK_FIGURE, struct asset, strength, WIRE_MAX_FIGURE),       \
        JF("link", JK_STR, struct asset, link, MAX_NAME),                         \
        JF("population", JK_FIGURE, struct asset, population, WIRE_MAX_FIGURE),   \
        JF("displaced", JK_FIGURE, struct asset, displaced, WIRE_MAX_FIGURE),     \
        JF_OWN("market_days", read_market_days, write_market_days),               \
        JF_ENUM("mode", struct asset, mode, mode_of_travel, TRAVEL_COUNT),        \
        JF_ENUM("state", struct asset, state, state_name, CONVOY_STATE_COUNT),    \
        JF_OWN("schedule", read_schedule, write_schedule),                        \
        JF_OWN("speed_kmh", read_speed, write_speed),                             \
        JF("escort", JK_TRI, struct asset, escort, 0),                            \
        JF("air_cover", JK_TRI, struct asset, air_cover, 0),                      \
        JF("checkin_min", JK_FIGURE, struct asset, checkin_min, MAX_CHECKIN_MIN), \
        JF("removed", JK_BOOL, struct asset, removed, 0)
#define POSITION                                       \
    JF_POS("lat", JK_LAT, struct asset, pos, has_pos), \
        JF_POS("lon", JK_LON, struct asset, pos, has_pos)

static const struct jfield flat_fields[] = {
    JF_OWN("id", read_id, write_id),
    PROPERTIES,
    POSITION,
    JF_OWN("route", read_route, write_route),
    JF_OWN("geometry", read_geometry, write_no_geometry),
};
static const struct jtable flat_table = JTABLE(flat_fields);

/* ---- features */

static int
read_geometry(const struct jreader *r, const char *key, const cJSON *v, void *s)
{
    struct asset *as = s;
    const cJSON *type = cJSON_GetObjectItemCaseSensitive(v, "type");
    const cJSON *at = cJSON_GetObjectItemCaseSensitive(v, "coordinates");

    if (cJSON_IsString(type) && strcmp(type->valuestring, "Point") == 0) {
        if (point_read(r, key, at, &as->pos) != 0)
            return -1;
        as->has_pos = true;
        return 0;
    }
    if (cJSON_IsString(type) && strcmp(type->valuestring, "LineString") == 0) {
        if (read_route(r, key, at, s) != 0)
            return -1;
        return as->n_route >= 2 ? 0 : jbad(r, key, "a LineString needs two positions");
    }
    return jbad(r, key, "must be a Point, or a LineString for a convoy");
}

/* In a feature the id stands outside; some tools can only put it among the properties. */
static const struct jfield property_fields[] = {JF_OWN("id", read_id, write_id), PROPERTIES,
                                                POSITION};
static const struct jtable property_table = {
    .fields = property_fields,
    .n = sizeof(property_fields) / sizeof(property_fields[0]),
    .lenient = true,
};
/* Written: what the geometry does not say already. */
static const struct jfield written_fields[] = {PROPERTIES};
static const struct jtable written_table = JTABLE(written_fields);
static const struct jfield position_fields[] = {POSITION};
static const struct jtable position_table = JTABLE(position_fields);

static int
read_properties(const struct jreader *r, const char *key, const cJSON *v, void *s)
{
    return jtable_read(r, &property_table, key, v, s);
}

static const struct jfield feature_fields[] = {
    JF_OWN("properties", read_properties, NULL),
    JF_OWN("geometry", read_geometry, NULL),
};
static const struct jtable feature_table = {.fields = feature_fields, .n = 2, .lenient = true};

static int
asset_check(const struct jreader *r, const struct asset *as)
{
    if (as->id == NULL || as->id[0] == '\0')
        return jbad(r, "id", "missing");
    if (as->kind == ASSET_UNKNOWN && !as->removed)
        return jbad(r, "kind", "missing; it is base, convoy or site");
    if (as->n_schedule > 1 && as->n_schedule != as->n_route)
        return jbad(r, "schedule", "give one time per vertex (%zu) or the start alone",
                    as->n_route);
    return 0;
}

int
asset_read(const struct jreader *r, const cJSON *o, struct asset *as)
{
    const cJSON *id = cJSON_GetObjectItemCaseSensitive(o, "id");

    asset_init(as);
    if (cJSON_GetObjectItemCaseSensitive(o, "properties") == NULL) {
        if (jtable_read(r, &flat_table, "asset", o, as) != 0)
            return -1;
        return asset_check(r, as);
    }
    if (jtable_read(r, &feature_table, "feature", o, as) != 0)
        return -1;
    if (id != NULL && !cJSON_IsNull(id) && read_id(r, "id", id, as) != 0)
        return -1;
    return asset_check(r, as);
}

void
asset_write(struct json *j, const char *key, const struct asset *as)
{
    json_open(j, key, '{');
    jtable_write(j, &flat_table, as);
    json_close(j, '}');
}

void
asset_to_json(const struct asset *as, struct buf *b)
{
    struct json j;

    json_init(&j, b);
    json_open(&j, NULL, '{');
    json_str(&j, "type", "Feature");
    json_str(&j, "id", as->id);
    if (as->n_route > 0) {
        json_open(&j, "geometry", '{');
        json_str(&j, "type", "LineString");
        write_route(&j, "coordinates", as);
        json_close(&j, '}');
    } else if (as->has_pos) {
        json_open(&j, "geometry", '{');
        json_str(&j, "type", "Point");
        json_open(&j, "coordinates", '[');
        json_deg(&j, NULL, as->pos.lon);
        json_deg(&j, NULL, as->pos.lat);
        json_close(&j, ']');
        json_close(&j, '}');
    } else {
        json_null(&j, "geometry");
    }
    json_open(&j, "properties", '{');
    jtable_write(&j, &written_table, as);
    if (as->n_route > 0)
        jtable_write(&j, &position_table, as);
    json_close(&j, '}');
    json_close(&j, '}');
}

/* Puts "feature 3 (cvy-7): " before the text. */
static void
name_feature(struct err *e, size_t index, const cJSON *feature)
{
    const cJSON *id = cJSON_GetObjectItemCaseSensitive(feature, "id");
    struct err inner;

    if (e == NULL)
        return;
    inner = *e;
    (void)err_set(e, "feature %zu (%.60s): %.200s", index,
                  cJSON_IsString(id) ? id->valuestring : "no id", inner.text);
}

int
assets_from_geojson(const char *s, size_t n, struct arena *a,
                    int (*fn)(void *arg, const struct asset *), void *arg, struct err *e)
{
    struct jreader r = {.a = a, .e = e};
    const cJSON *type, *feature;
    cJSON *tree;
    int rc = -1;

    if (n > MAX_FILE) {
        errno = EINVAL;
        return err_set(e, "longer than %zu bytes", MAX_FILE);
    }
    if ((tree = json_tree(s, n, MAX_VALUES, e)) == NULL)
        return -1;
    type = cJSON_GetObjectItemCaseSensitive(tree, "type");
    feature = tree;
    if (cJSON_IsString(type) && strcmp(type->valuestring, "FeatureCollection") == 0) {
        feature = cJSON_GetObjectItemCaseSensitive(tree, "features");
        if (!cJSON_IsArray(feature)) {
            (void)jbad(&r, "features", "must be an array");
            goto out;
        }
        feature = feature->child;
    } else if (!cJSON_IsString(type) || strcmp(type->valuestring, "Feature") != 0) {
        (void)jbad(&r, "type", "must be FeatureCollection or Feature");
        goto out;
    }
    for (size_t i = 1; feature != NULL; i++, feature = feature->next) {
        struct asset as;
        if (cJSON_GetObjectItemCaseSensitive(feature, "properties") == NULL) {
            (void)jbad(&r, "properties", "missing");
            name_feature(e, i, feature);
            goto out;
        }
        if (asset_read(&r, feature, &as) != 0) {
            name_feature(e, i, feature);
            goto out;
        }
        if (fn(arg, &as) != 0)
            goto out;
    }
    rc = 0;
out:;
    int saved = errno;
    cJSON_Delete(tree);
    errno = saved;
    return rc;
}
