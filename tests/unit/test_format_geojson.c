/* test_format_geojson: features to incidents and assets; a bad one is refused alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "buf.h"
#include "format_exact.h"
#include "record_json.h"
#include "wire.h"

static struct buf seen;
static size_t records, refused, ignored;

static void
on_record(void *arg, struct record *r, const char *raw, size_t len)
{
    struct arena *a = arena_new(0);
    struct err e = {.text = ""};
    struct record back;
    struct buf packed;

    (void)arg;
    assert_non_null(raw);
    assert_true(len > 0);
    buf_init(&packed, 0);
    wire_record_pack(r, false, &packed);
    if (wire_record_unpack(packed.data, packed.len, a, &back, &e) != 0)
        fail_msg("%s", e.text);
    buf_fini(&packed);
    arena_free(a);
    record_to_json(r, &seen);
    buf_putc(&seen, '\n');
    records++;
}

static void
on_refused(void *arg, const char *why, const char *raw, size_t len)
{
    (void)arg, (void)raw, (void)len;
    buf_printf(&seen, "refused: %s\n", why);
    refused++;
}

static void
on_ignored(void *arg, const char *why, const char *raw, size_t len)
{
    (void)arg, (void)raw, (void)len;
    buf_printf(&seen, "ignored: %s\n", why);
    ignored++;
}

static const char *
run(const char *body, size_t n)
{
    struct format_sink sink = {.record = on_record, .refused = on_refused, .ignored = on_ignored};

    buf_reset(&seen);
    records = refused = ignored = 0;
    format_exact(FORMAT_GEOJSON, body, n, NULL, sink);
    return seen.data != NULL ? seen.data : "";
}

static int
set_up(void **state)
{
    (void)state;
    buf_init(&seen, 0);
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    buf_fini(&seen);
    return 0;
}

#define FEATURE(id, geometry, properties) \
    "{\"type\":\"Feature\"," id "\"geometry\":" geometry ",\"properties\":{" properties "}}"
#define POINT "{\"type\":\"Point\",\"coordinates\":[-0.05,16.4,210]}"

static void
test_features(void **state)
{
    static const struct {
        const char *body, *seen;
    } t[] = {
        {FEATURE("\"id\":\"a-1\",", POINT,
                 "\"text\":\"Shots near the well\",\"event\":\"armed_attack\",\"killed\":\"2\","
                 "\"occurred_at\":\"2023-04-17T06:20:00Z\",\"targets\":[\"civilians\"],"
                 "\"layer\":\"night\",\"n\":3,\"ok\":true,\"none\":null,\"deep\":{\"a\":[1]}"),
         "{\"incident\":{\"id\":\"a-1\",\"occurred_at\":\"2023-04-17T06:20:00Z\",\"text\":\"Shots "
         "near the well\",\"lat\":16.4,\"lon\":-0.05,\"event\":\"armed_attack\",\"targets\":["
         "\"civilians\"],\"killed\":2,\"attributes\":{\"layer\":\"night\",\"n\":\"3\",\"ok\":"
         "\"true\"}}}\n"},
        /* the id is a number, or stands among the properties; null geometry */
        {FEATURE("\"id\":7,", "null", "\"id\":\"p\",\"text\":\"x\""),
         "{\"incident\":{\"id\":\"7\",\"text\":\"x\"}}\n"},
        {FEATURE("", "null", "\"id\":12,\"text\":\"x\""),
         "{\"incident\":{\"id\":\"12\",\"text\":\"x\"}}\n"},
        {FEATURE("\"id\":\"\",", "null", "\"text\":\"x\""), "{\"incident\":{\"text\":\"x\"}}\n"},
        {FEATURE("", "null", "\"text\":\"x\",\"lat\":16.4,\"lon\":\"-0.05\""),
         "{\"incident\":{\"text\":\"x\",\"lat\":16.4,\"lon\":-0.05}}\n"},
        /* what cannot be read stays as it was */
        {FEATURE("", "null",
                 "\"text\":\"x\",\"event\":\"boom\",\"status\":\"open\",\"killed\":\"some\","
                 "\"lat\":100,\"lon\":5,\"class\":\"own\""),
         "{\"incident\":{\"text\":\"x\",\"attributes\":{\"event\":\"boom\",\"status\":\"open\","
         "\"killed\":\"some\",\"lat\":\"100\",\"lon\":\"5\",\"class\":\"own\"}}}\n"},
        {FEATURE("", "null", "\"text\":\"x\",\"attributes\":{\"a\":\"1\"},\"b\":\"2\""),
         "{\"incident\":{\"text\":\"x\",\"attributes\":{\"a\":\"1\",\"b\":\"2\"}}}\n"},
        /* areas: the middle and how far it goes */
        {FEATURE("",
                 "{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[0.02,0],[0.02,0.02],[0,0.02],[0,"
                 "0]]]}",
                 "\"text\":\"x\""),
         "{\"incident\":{\"text\":\"x\",\"lat\":0.01,\"lon\":0.01,\"radius_m\":1573}}\n"},
        {FEATURE("", "{\"type\":\"LineString\",\"coordinates\":[[179.99,0],[-179.99,0]]}",
                 "\"text\":\"x\""),
         "{\"incident\":{\"text\":\"x\",\"lat\":0.0,\"lon\":180.0,\"radius_m\":1112}}\n"},
        {FEATURE("",
                 "{\"type\":\"GeometryCollection\",\"geometries\":[" POINT
                 ",{\"type\":\"MultiPoint\",\"coordinates\":[[-0.05,16.4]]}]}",
                 "\"text\":\"x\",\"radius_m\":500"),
         "{\"incident\":{\"text\":\"x\",\"lat\":16.4,\"lon\":-0.05,\"radius_m\":500}}\n"},
        {FEATURE("", "{\"type\":\"MultiPolygon\",\"coordinates\":[]}", "\"text\":\"x\""),
         "{\"incident\":{\"text\":\"x\"}}\n"},
        {FEATURE("", "{\"type\":\"Point\",\"coordinates\":[0,0]}", "\"text\":\"x\""),
         "{\"incident\":{\"text\":\"x\"}}\n"},
        /* assets */
        {FEATURE("\"id\":\"post-2\",", POINT, "\"kind\":\"base\",\"name\":\"Post 2\",\"fid\":3"),
         "{\"asset\":{\"id\":\"post-2\",\"kind\":\"base\",\"name\":\"Post 2\",\"lat\":16.4,"
         "\"lon\":-0.05}}\n"},
        {FEATURE("", POINT, "\"kind\":\"base\""), "refused: id: missing\n"},
        {FEATURE("", POINT, "\"kind\":\"rumour\",\"text\":\"x\""),
         "{\"incident\":{\"text\":\"x\",\"lat\":16.4,\"lon\":-0.05,\"attributes\":{\"kind\":"
         "\"rumour\"}}}\n"},
        /* refused */
        {FEATURE("", POINT, "\"name\":\"x\""), "refused: properties: give text or event\n"},
        {"{\"type\":\"Feature\",\"geometry\":null}", "refused: properties: missing\n"},
        {"{\"type\":\"Feature\",\"geometry\":null,\"properties\":null}",
         "refused: properties: missing\n"},
        {POINT, "refused: type: must be Feature\n"},
        {FEATURE("", "{\"type\":\"Point\",\"coordinates\":[5]}", "\"text\":\"x\""),
         "refused: geometry: a position must be [longitude, latitude]\n"},
        {FEATURE("", "{\"type\":\"Point\",\"coordinates\":[5,95]}", "\"text\":\"x\""),
         "refused: geometry: must be a number from -90 to 90\n"},
        {FEATURE("", "{\"type\":\"Point\",\"coordinates\":\"5,9\"}", "\"text\":\"x\""),
         "refused: geometry: coordinates must be an array\n"},
        {FEATURE("", "{\"type\":\"Curve\"}", "\"text\":\"x\""),
         "refused: geometry: \"Curve\" is no type of a geometry\n"},
        {"", "refused: the body is empty\n"},
        {" \n", "refused: the body is empty\n"},
        {"[]", "refused: must be a FeatureCollection or a Feature\n"},
        {"{", "refused: not JSON at byte 0\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        const char *got = run(t[i].body, strlen(t[i].body));
        if (strcmp(got, t[i].seen) != 0)
            fail_msg("%s\ngave\n%snot\n%s", t[i].body, got, t[i].seen);
    }
}

#define A FEATURE("\"id\":\"a\",", "null", "\"text\":\"a]},{\\\"\"")
#define B FEATURE("\"id\":\"b\",", POINT, "\"text\":\"b\"")

static void
test_collections(void **state)
{
    static const struct {
        const char *body;
        size_t records, refused, ignored;
        const char *part;
    } t[] = {
        {"{\"type\":\"FeatureCollection\",\"features\":[" A "," B "]}", 2, 0, 0, "\"id\":\"b\""},
        {"\xEF\xBB\xBF { \"name\" : \"x}]\" , \"crs\":{\"a\":[{}]}, \"features\" : [ " A " , " B
         " ] , \"type\" : \"FeatureCollection\" } \n",
         2, 0, 0, ""},
        {"{\"type\":\"FeatureCollection\",\"features\":[" A ",{\"type\":\"Feature\"}," B "]}", 2, 1,
         0, "refused: feature 2: properties: missing\n"},
        {"{\"type\":\"FeatureCollection\",\"features\":[" A ",7,," B "]}", 2, 2, 0,
         "refused: feature 2: type: must be Feature\n"},
        {"{\"type\":\"FeatureCollection\",\"features\":[" A "," B, 2, 1, 0, "not closed"},
        {"{\"type\":\"FeatureCollection\",\"features\":[" A "," B "]", 2, 1, 0, "not closed"},
        {"{\"type\":\"FeatureCollection\",\"features\":[" A "]} x", 1, 1, 0, "behind it"},
        {"{\"type\":\"FeatureCollection\",\"features\":[]}", 0, 0, 1, "without features"},
        {"{\"type\":\"FeatureCollection\",\"features\":{}}", 0, 1, 0, "must be an array"},
        {"{\"type\":\"FeatureCollection\"}", 0, 1, 0, "must be an array"},
        {"{\"type\":\"FeatureCollection", 0, 1, 0, "not JSON"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        const char *got = run(t[i].body, strlen(t[i].body));
        if (records != t[i].records || refused != t[i].refused || ignored != t[i].ignored ||
            strstr(got, t[i].part) == NULL)
            fail_msg("%s\ngave\n%s", t[i].body, got);
    }
}

/* What is too long is cut between characters, what is too much left out. */
static void
test_long(void **state)
{
    struct buf body;
    const char *got;

    (void)state;
    buf_init(&body, 0);
    buf_puts(&body, "{\"type\":\"Feature\",\"geometry\":null,\"properties\":{\"text\":\"x");
    for (size_t i = 0; i < MAX_TEXT; i++)
        buf_puts(&body, "\xC3\xA9");
    buf_puts(&body, "\"");
    for (size_t i = 0; i < 2 * MAX_ATTRIBUTES; i++)
        buf_printf(&body, ",\"k%zu\":\"%01100d\"", i, 7);
    buf_puts(&body, "}}");
    got = run(body.data, body.len);
    assert_int_equal(records, 1);
    assert_non_null(strstr(got, "\"k31\""));
    assert_null(strstr(got, "\"k32\""));
    buf_fini(&body);
}

/* Many features, deep nesting, a body of nothing but brackets: bounded. */
static void
test_bounds(void **state)
{
    static const char *const patterns[] = {"[", "{", "\"", "{\"a\":", "[{", ",", "\\", "[[],"};
    struct buf body;

    (void)state;
    buf_init(&body, 0);
    buf_puts(&body, "{\"type\":\"FeatureCollection\",\"features\":[");
    for (size_t i = 0; i < 100000; i++)
        buf_puts(&body, i > 0 ? ",{}" : "{}");
    buf_puts(&body, "]}");
    (void)run(body.data, body.len);
    assert_int_equal(refused, 100000);
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++)
        for (int inside = 0; inside < 2; inside++) {
            buf_reset(&body);
            buf_puts(&body, inside ? "{\"type\":\"FeatureCollection\",\"features\":[" : "{");
            while (body.len < 2000000)
                buf_puts(&body, patterns[i]);
            (void)run(body.data, body.len);
            assert_int_equal(records, 0);
            assert_true(refused > 0);
        }
    buf_fini(&body);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_features),
        cmocka_unit_test(test_collections),
        cmocka_unit_test(test_long),
        cmocka_unit_test(test_bounds),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
