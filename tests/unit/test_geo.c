/* test_geo: distances and bearings against figures computed elsewhere, and grid references.
 *
 * The sphere's figures are those of the vector formula in 64-bit long double; the grid
 * references come from the forward series of Krüger to the sixth power. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "geo.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct geo_pt gao = {162712000, -447000}, kidal = {184411000, 14078000},
                           mopti = {144843000, -41822000};

static bool
near(double a, double b, double most)
{
    return a - b <= most && b - a <= most;
}

static void
sines(void **state)
{
    static const struct {
        int64_t e7;
        double want;
    } cases[] = {
        {0, 0},
        {300000000, 0.5},
        {450000000, 0.70710678118654752440},
        {600000000, 0.86602540378443864676},
        {900000000, 1},
        {1200000000, 0.86602540378443864676},
        {1800000000, 0},
        {2100000000, -0.5},
        {2700000000, -1},
        {3600000000, 0},
        {-300000000, -0.5},
        {-1800000000, 0},
        {-2700000000, 1},
        {INT64_C(36000000000) + 300000000, 0.5},
        {INT64_C(-36000000000) - 300000000, -0.5},
        {10000000, 0.017452406437283512819},
        {1, 1.7453292519943295761e-9},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_true(near(geo_sin_e7(cases[i].e7), cases[i].want, 1e-15));
    for (int64_t e7 = -4000000000; e7 < 4000000000; e7 += 1234567) {
        double s = geo_sin_e7(e7), c = geo_sin_e7(e7 + 900000000);

        assert_true(near(s * s + c * c, 1, 1e-15));
        assert_true(near(geo_sin_e7(2 * e7), 2 * s * c, 1e-15));
    }
}

static void
validity(void **state)
{
    (void)state;
    assert_true(geo_valid((struct geo_pt){900000000, 1800000000}));
    assert_true(geo_valid((struct geo_pt){-900000000, -1800000000}));
    assert_false(geo_valid((struct geo_pt){900000001, 0}));
    assert_false(geo_valid((struct geo_pt){-900000001, 0}));
    assert_false(geo_valid((struct geo_pt){0, 1800000001}));
    assert_false(geo_valid((struct geo_pt){0, -1800000001}));
}

static void
distances_and_bearings(void **state)
{
    static const struct {
        struct geo_pt a, b;
        uint32_t m, deg;
    } cases[] = {
        {{162712000, -447000}, {169544000, -3484000}, 82574, 337},
        {{162712000, -447000}, {184411000, 14078000}, 286318, 32},
        {{162712000, -447000}, {144843000, -41822000}, 486039, 246},
        {{162712000, -447000}, {126392000, -80029000}, 947107, 246},
        {{0, 0}, {0, 10000000}, 111195, 90},
        {{0, 0}, {-10000000, 0}, 111195, 180},
        {{0, 1799000000}, {0, -1799000000}, 22239, 90},
        {{0, 0}, {0, 1800000000}, 20015115, 0}, /* every direction leads there */
        {{900000000, 0}, {-900000000, 0}, 20015115, 0},
        {{162712000, -447000}, {162712100, -447000}, 1, 0},
        {{162712000, -447000}, {162712000, -447100}, 1, 270},
        {{164000000, -500000}, {-338568000, 1512153000}, 16551691, 129},
        {{0, 0}, {100, 1799999000}, 20015104, 84},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(geo_distance_m(cases[i].a, cases[i].b), cases[i].m);
        assert_int_equal(geo_distance_m(cases[i].b, cases[i].a), cases[i].m);
        assert_int_equal(geo_bearing_deg(cases[i].a, cases[i].b), cases[i].deg);
    }
    assert_int_equal(geo_distance_m(gao, gao), 0);
    assert_int_equal(geo_bearing_deg(gao, gao), 0);
}

/* The short cuts must never contradict the distance. */
static void
within_agrees_with_distance(void **state)
{
    unsigned seed = 11;

    (void)state;
    for (int i = 0; i < 200000; i++) {
        int32_t spread = 1 << (8 + i % 23);
        struct geo_pt a = {rand_r(&seed) % 1800000001 - 900000000,
                           (int32_t)(rand_r(&seed) % 3600000001u - 1800000000)};
        struct geo_pt b = {
            a.lat + rand_r(&seed) % spread - spread / 2,
            (int32_t)(((int64_t)a.lon + rand_r(&seed) % spread - spread / 2 + 5400000000) %
                          3600000000 -
                      1800000000)};
        uint32_t m;

        if (!geo_valid(b))
            continue;
        m = geo_distance_m(a, b);
        assert_true(geo_within_m(a, b, m));
        assert_true(geo_within_m(a, b, m + 1));
        assert_true(geo_within_m(a, b, UINT32_MAX));
        assert_false(m > 0 && geo_within_m(a, b, m - 1));
        assert_false(m > 0 && geo_within_m(a, b, m / 2));
    }
}

static void
destinations_lie_where_asked(void **state)
{
    static const struct geo_pt from[] = {{162712000, -447000},
                                         {0, 0},
                                         {-338568000, 1512153000},
                                         {700000000, 1799990000},
                                         {0, -1800000000}};
    static const uint32_t metres[] = {0, 1, 100, 15000, 200000, 3000000, 9000000};

    (void)state;
    for (size_t i = 0; i < COUNT(from); i++) {
        for (size_t k = 0; k < COUNT(metres); k++) {
            for (uint32_t deg = 0; deg < 360; deg += 15) {
                struct geo_pt to = geo_destination(from[i], deg, metres[k]);
                uint32_t back = geo_bearing_deg(from[i], to);

                assert_true(geo_valid(to));
                assert_int_equal(geo_distance_m(from[i], to), metres[k]);
                if (metres[k] >= 100)
                    assert_int_equal(back, deg);
            }
        }
    }
    /* twenty kilometres north of Gao */
    assert_int_equal(geo_destination(gao, 0, 20000).lon, gao.lon);
    assert_int_equal(geo_destination(gao, 0, 20000).lat, gao.lat + 1798641);
    assert_int_equal(geo_destination(gao, 360, 20000).lat, gao.lat + 1798641);
    /* over the pole, and round the earth */
    assert_int_equal(geo_distance_m(geo_destination((struct geo_pt){899000000, 0}, 0, 50000),
                                    (struct geo_pt){899000000, 0}),
                     50000);
    assert_true(geo_valid(geo_destination(gao, 77, UINT32_MAX)));
}

static void
segments(void **state)
{
    uint32_t along;
    struct geo_pt p;

    (void)state;
    assert_int_equal(geo_segment_m(gao, gao, kidal, &along), 0);
    assert_int_equal(along, 0);
    assert_int_equal(geo_segment_m(kidal, gao, kidal, &along), 0);
    assert_int_equal(along, 1000);
    /* beyond an end: the distance to the end itself */
    assert_int_equal(geo_segment_m(mopti, gao, kidal, &along), geo_distance_m(mopti, gao));
    assert_int_equal(along, 0);
    assert_int_equal(geo_segment_m(mopti, kidal, gao, &along), geo_distance_m(mopti, gao));
    assert_int_equal(along, 1000);
    /* a segment that is a point */
    assert_int_equal(geo_segment_m(mopti, gao, gao, &along), geo_distance_m(mopti, gao));
    assert_int_equal(along, 0);
    /* on a meridian and beside it */
    p = geo_destination((struct geo_pt){165000000, 0}, 90, 5000);
    assert_true(
        near(geo_segment_m(p, (struct geo_pt){160000000, 0}, (struct geo_pt){170000000, 0}, &along),
             5000, 1));
    assert_int_equal(along, 500);
    /* over the date line */
    assert_int_equal(geo_segment_m((struct geo_pt){0, 1800000000}, (struct geo_pt){0, 1790000000},
                                   (struct geo_pt){0, -1790000000}, &along),
                     0);
    assert_int_equal(along, 500);
}

/* The nearest of a thousand points must not be nearer than what was found. */
static void
segments_against_search(void **state)
{
    unsigned seed = 5;

    (void)state;
    for (int i = 0; i < 1000; i++) {
        struct geo_pt a = {rand_r(&seed) % 250000000, rand_r(&seed) % 100000000 - 50000000};
        struct geo_pt b = {a.lat + rand_r(&seed) % 20000000 - 10000000,
                           a.lon + rand_r(&seed) % 20000000 - 10000000};
        struct geo_pt p = {a.lat + rand_r(&seed) % 20000000 - 10000000,
                           a.lon + rand_r(&seed) % 20000000 - 10000000};
        uint32_t along, best = UINT32_MAX, got = geo_segment_m(p, a, b, &along);

        for (uint32_t t = 0; t <= 1000; t++) {
            uint32_t m = geo_distance_m(p, geo_between(a, b, t));

            best = m < best ? m : best;
        }
        assert_true(got <= best + best / 1000 + 1);
        assert_true(best <= got + got / 1000 + 200); /* a step is up to 170 m long */
        assert_true(geo_distance_m(p, geo_between(a, b, along)) <= got + got / 1000 + 200);
    }
}

static void
points_between(void **state)
{
    struct geo_pt p, east = {100, 1799999900}, west = {-101, -1799999800};

    (void)state;
    p = geo_between(gao, kidal, 0);
    assert_true(p.lat == gao.lat && p.lon == gao.lon);
    p = geo_between(gao, kidal, 1000);
    assert_true(p.lat == kidal.lat && p.lon == kidal.lon);
    p = geo_between(gao, kidal, 4000);
    assert_true(p.lat == kidal.lat && p.lon == kidal.lon);
    p = geo_between(gao, kidal, 500);
    assert_true(p.lat == 173561500 && p.lon == 6815500);
    p = geo_between(east, west, 500);
    assert_true(p.lat == -1 && p.lon == -1799999950);
    p = geo_between(east, west, 1000);
    assert_true(p.lat == west.lat && p.lon == west.lon);
}

static void
compass(void **state)
{
    static const struct {
        uint32_t deg;
        const char *en, *fr;
    } cases[] = {
        {0, "N", "N"},     {22, "N", "N"},  {23, "NE", "NE"},  {45, "NE", "NE"}, {90, "E", "E"},
        {135, "SE", "SE"}, {180, "S", "S"}, {225, "SW", "SO"}, {270, "W", "O"},  {315, "NW", "NO"},
        {337, "NW", "NO"}, {338, "N", "N"}, {359, "N", "N"},   {360, "N", "N"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_string_equal(geo_compass(cases[i].deg, false), cases[i].en);
        assert_string_equal(geo_compass(cases[i].deg, true), cases[i].fr);
    }
}

static void
degrees_from_text(void **state)
{
    static const struct {
        const char *text;
        int32_t e7;
    } cases[] = {
        {"16.4", 164000000},
        {"-0.05", -500000},
        {"+0.05", 500000},
        {"0", 0},
        {"-0", 0},
        {"180", 1800000000},
        {"-180.0", -1800000000},
        {"16.27123456", 162712346},
        {"16.27123454", 162712345},
        {"-16.27123456", -162712346},
        {"0.00000005", 1},
        {"0.00000004", 0},
        {".5", 5000000},
        {"5.", 50000000},
        {"0016.4", 164000000},
        {"5e-05", 500},
        {"1.64E1", 164000000},
        {"1.64e+01", 164000000},
        {"1e-9999999", 0},
        {"0e99", 0},
        {"16.4000000000000000000000000000001", 164000000},
        {"179.99999999999999999999", 1800000000},
        {"0.000000000000000000000000000001", 0},
    };
    static const char *const bad[] = {
        "",
        "-",
        "+",
        ".",
        "e5",
        "1e",
        "1e-",
        "1.2.3",
        "16,4",
        " 16.4",
        "16.4 ",
        "16.4N",
        "--1",
        "0x10",
        "nan",
        "inf",
        "180.0000001",
        "-181",
        "1e3",
        "1e99",
        "99999999999999999999999999",
        "1e99999999999",
    };
    int32_t e7;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        e7 = 7;
        assert_int_equal(geo_parse_deg(cases[i].text, &e7), 0);
        assert_int_equal(e7, cases[i].e7);
    }
    e7 = 7;
    for (size_t i = 0; i < COUNT(bad); i++)
        if (geo_parse_deg(bad[i], &e7) != -1)
            fail_msg("accepted %s", bad[i]);
    assert_int_equal(e7, 7);
}

static void
grid_references(void **state)
{
    static const struct {
        const char *text;
        int32_t lat, lon;
    } cases[] = {
        {"30QZD1588101218", 162712000, -447000},    {"31QCA3185239727", 184411000, 14078000},
        {"30PUB7259701617", 144843000, -41822000},  {"30QVD9972253735", 167666000, -30026000},
        {"29PPP0828597442", 126392000, -80029000},  {"56HLH3490052288", -338568000, 1512153000},
        {"17MQV7827699988", -1000, -785000000},     {"32NNF0000000011", 1000, 90000000},
        {"33XWP0593116955", 839000000, 155000000},  {"1CDM4324728161", -799000000, -1799000000},
        {"31VFG2786097096", 603900000, 53200000},   {"33UXP0499644998", 482495000, 164144000},
        {"60RZN0205257195", 249000000, 1799900000},
    };
    struct geo_pt p;
    uint32_t radius;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(geo_from_mgrs(cases[i].text, &p, &radius), 0);
        assert_int_equal(radius, 1);
        assert_true(geo_distance_m(p, (struct geo_pt){cases[i].lat, cases[i].lon}) <= 1);
    }
}

static void
coarser_grid_references(void **state)
{
    static const struct {
        const char *text;
        uint32_t radius;
    } cases[] = {
        {"30QZD", 70711},    {"30QZD 1 3", 7072},     {"30Q ZD 12 34", 708},
        {"30qzd123345", 71}, {"30Q ZD 1234 3456", 8}, {" 30QZD1234534567 ", 1},
    };
    struct geo_pt fine, p;
    uint32_t radius;

    (void)state;
    assert_int_equal(geo_from_mgrs("30QZD1234534567", &fine, &radius), 0);
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(geo_from_mgrs(cases[i].text, &p, &radius), 0);
        assert_int_equal(radius, cases[i].radius);
        assert_true(geo_distance_m(p, fine) <= radius + radius / 50);
    }
    /* a zone of one digit, and the reference of the Washington Monument */
    assert_int_equal(geo_from_mgrs("4QFJ12345678", &p, &radius), 0);
    assert_int_equal(geo_from_mgrs("18SUJ2348306479", &p, &radius), 0);
    assert_true(geo_distance_m(p, (struct geo_pt){388894630, -770352420}) <= 2);
}

static void
bad_grid_references(void **state)
{
    static const char *const bad[] = {
        "",
        "30",
        "30Q",
        "30QZ",
        "Q",
        "QZD1234",
        "0QZD1234",
        "61QZD1234",
        "300QZD1234",
        "30IZD1234",
        "30OZD1234",
        "30AZD1234",
        "30BZD1234",
        "30YZD1234",
        "30ZZD1234",
        "30QID1234",
        "30QOD1234",
        "30QAD1234", /* a column of another zone */
        "30QZI1234",
        "30QZO1234",
        "30QZW1234", /* rows end at V */
        "30QZD123",
        "30QZD12345678901",
        "30QZD123456789012",
        "30QZD12a4",
        "30QZD12-4",
        "30QZD\t1234",
        "30QZT1234", /* a row that Q does not have */
        "30Q\303\211D1234",
    };
    struct geo_pt p = {7, 7};
    uint32_t radius = 7;

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        if (geo_from_mgrs(bad[i], &p, &radius) != -1)
            fail_msg("accepted %s", bad[i]);
    assert_true(p.lat == 7 && p.lon == 7 && radius == 7);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sines),
        cmocka_unit_test(validity),
        cmocka_unit_test(distances_and_bearings),
        cmocka_unit_test(within_agrees_with_distance),
        cmocka_unit_test(destinations_lie_where_asked),
        cmocka_unit_test(segments),
        cmocka_unit_test(segments_against_search),
        cmocka_unit_test(points_between),
        cmocka_unit_test(compass),
        cmocka_unit_test(degrees_from_text),
        cmocka_unit_test(grid_references),
        cmocka_unit_test(coarser_grid_references),
        cmocka_unit_test(bad_grid_references),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
