/* test_gazetteer: both formats, what a name finds and in which order, and every way in which a
 * file can be wrong. Files are written to a temporary directory of the test's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "gazetteer.h"

static const char *
write_file(const void *data, size_t n)
{
    static char path[64];
    int fd;

    (void)snprintf(path, sizeof path, "/tmp/test-gazetteer-XXXXXX");
    fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, data, n), (ssize_t)n);
    assert_int_equal(close(fd), 0);
    return path;
}

static struct gazetteer *
load(const char *one, const char *two)
{
    struct gazetteer *g = gazetteer_new();
    const char *texts[] = {one, two};
    struct err e;

    assert_non_null(g);
    for (size_t i = 0; i < 2; i++) {
        const char *path;
        if (texts[i] == NULL)
            continue;
        path = write_file(texts[i], strlen(texts[i]));
        assert_int_equal(gazetteer_add_file(g, path, &e), 0);
        assert_int_equal(unlink(path), 0);
    }
    assert_int_equal(gazetteer_finish(g, &e), 0);
    return g;
}

#define GEO(id, name, ascii, alt, lat, lon, class, code, cc, admin1, population) \
    id "\t" name "\t" ascii "\t" alt "\t" lat "\t" lon                           \
       "\t" class "\t" code "\t" cc "\t\t" admin1 "\t\t\t\t" population          \
                  "\t\t\tAfrica/Bamako\t2020-01-01\n"

static const char dump[] = GEO(
    "11", "Région d’Essai", "Region d'Essai", "", "14.0", "-4.0", "A", "ADM1", "ML", "04",
    "0") GEO("12", "Basso", "Basso", "Baso,Basso", "14.1", "-4.1", "P", "PPL", "ML", "04",
             "0") GEO("13", "Basso", "Basso", "", "15.1", "-4.1", "P", "PPL", "ML", "04", "900")
    GEO("14", "Basso Bridge", "Basso Bridge", "Basso", "14.2", "-4.1", "S", "BDG", "ML", "04", "0")
        GEO("15", "Kura-Peulh", "Kura-Peulh", "", "14.3", "-4.1", "P", "PPL", "ML", "04", "0")
            GEO("16", "Kura-Habbé", "Kura-Habbe", "", "14.31", "-4.11", "P", "PPL", "ML", "04", "0")
                GEO("17", "Fada N'Gourma", "Fada N'Gourma", "", "12.06", "0.35", "P", "PPLA", "BF",
                    "08", "0") GEO("18", "Grande Ville", "Grande Ville", "", "14.6", "-4.5", "P",
                                   "PPLA", "ML", "04", "600000")
                    GEO("19", "Mare", "Mare", "", "14.6", "-4.6", "H", "LK", "ML", "04", "0")
                        GEO("20", "Piste", "Piste", "", "14.6", "-4.7", "R", "RD", "ML", "", "0")
                            GEO("21", "Cercle de Basso", "Cercle de Basso", "", "14.5", "-4.2", "A",
                                "ADM2", "ML", "04", "0")
                                GEO("22", "République", "Republique", "", "17.0", "-4.0", "A",
                                    "PCLI", "ML", "00", "19000000");

static const char list[] =
    "# id name alternates lat lon kind country admin1 population radius_km\n"
    "\n"
    "900000001\tBasso\tBassou,Vieux Basso\t16.5\t0.5\tpopulated\tML\tRégion de Gao\t10\t3\r\n"
    "900000002\tRégion de Gao\tGao region\t16.6\t0.5\tregion\tML\tGao\t0\t170\n";

static size_t
find(const struct gazetteer *g, const char *name, const struct gaz_place **out)
{
    return gazetteer_lookup(g, name, strlen(name), out, 8);
}

static void
test_names(void **state)
{
    static const struct {
        const char *folded;
        size_t n;
        uint64_t first;
    } cases[] = {
        {"basso", 5, 900000001}, /* the short list, the larger, the other, bridge, district */
        {"baso", 1, 12},
        {"bassou", 1, 900000001},
        {"vieux basso", 1, 900000001},
        {"vieux-basso", 1, 900000001},
        {"kura-peulh", 1, 15},
        {"kura peul", 1, 15},
        {"kura-habbe", 1, 16},
        {"kura-habe", 1, 16},
        {"kura", 0, 0},
        {"kura-bozo", 0, 0},
        {"fada ngourma", 1, 17},
        {"fada n'gourma", 1, 17},
        {"fada", 0, 0},
        {"essai", 1, 11},
        {"region d'essai", 1, 11},
        {"gao", 1, 900000002},
        {"cercle de basso", 1, 21},
        {"bass", 0, 0},
        {"bassoo", 0, 0},
        {"", 0, 0},
    };
    struct gazetteer *g = load(dump, list);
    const struct gaz_place *out[8];

    (void)state;
    assert_int_equal(gazetteer_count(g), 14);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t n = find(g, cases[i].folded, out);
        if (n != cases[i].n)
            fail_msg("\"%s\": %zu candidates, not %zu", cases[i].folded, n, cases[i].n);
        if (n > 0)
            assert_int_equal(out[0]->id, cases[i].first);
    }
    gazetteer_free(g);
}

#define PLACE(id, name, alternates) \
    id "\t" name "\t" alternates "\t16.0\t0.5\tpopulated\tML\tGao\t10\t3\n"

static void
test_near(void **state)
{
    static const char names[] = PLACE("1", "Tin-Akoff", "") PLACE("2", "Ouagadougou", "")
        PLACE("3", "Djiguiba", "") PLACE("4", "Tidermène", "") PLACE("5", "Kourkanda-Peulh", "")
            PLACE("6", "Kourkanda-Habbé", "") PLACE("7", "Ansongo", "") PLACE("8", "Gao", "")
                PLACE("9", "Bamba Ouest", "") PLACE("10", "Zone 1234567", "")
                    PLACE("11", "Kendouba", "") PLACE("12", "Kendouga", "");
    static const struct {
        const char *key;
        uint64_t spelling, letter; /* 0 = none */
    } cases[] = {
        {"tinakof", 1, 0},
        {"tin aqoff", 1, 1},
        {"wagadugu", 2, 0},
        {"jigiba", 3, 0},
        {"djighiba", 3, 3},
        {"tidermen", 4, 4},
        {"tidermaine", 0, 0},
        {"tidarmene", 0, 4},
        {"tidemene", 0, 4},
        {"tidremene", 0, 4}, /* changed about */
        {"didermene", 0, 0}, /* never the first letter */
        {"tiderrmene", 4, 4},
        {"kourkanda", 0, 0},
        {"kourkanda bozo", 0, 0},
        {"kurkanda peulh", 5, 5},
        {"kourkamda habbe", 0, 6},
        {"ansogno", 0, 7},
        {"ansong", 0, 0}, /* six letters */
        {"gaoo", 0, 0},   /* too short a sound */
        {"bambaouest", 9, 9},
        {"zone 1234568", 0, 0}, /* a number is not mistyped */
        {"", 0, 0},
    };
    struct gazetteer *g = load(names, NULL);
    const struct gaz_place *out[8];
    char longest[GAZ_KEY_MAX + 8];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *key = cases[i].key;
        size_t n = gazetteer_lookup_spelling(g, key, strlen(key), out, 8);
        if (n != (cases[i].spelling != 0) || (n > 0 && out[0]->id != cases[i].spelling))
            fail_msg("\"%s\" is spelled like %zu", key, n);
        n = gazetteer_lookup_letter(g, key, strlen(key), out, 8);
        if (n != (cases[i].letter != 0) || (n > 0 && out[0]->id != cases[i].letter))
            fail_msg("\"%s\" is a letter from %zu", key, n);
    }
    assert_int_equal(gazetteer_lookup_letter(g, "kendouma", 8, out, 8), 2); /* both, by id */
    assert_int_equal(out[0]->id, 11);
    assert_int_equal(gazetteer_lookup_letter(g, "kendouma", 8, out, 1), 1);
    memset(longest, 'k', sizeof longest);
    assert_int_equal(gazetteer_lookup_letter(g, longest, sizeof longest, out, 8), 0);
    assert_int_equal(gazetteer_lookup_spelling(g, longest, sizeof longest, out, 8), 0);
    gazetteer_free(g);
}

static void
test_roads(void **state)
{
    static const char roads[] = "1\tRN1\tRN 1\t\t\troad\tML\tGao\t0\t\t16.0,0.0 16.0,1.0 16.0,2.0\n"
                                "2\tOld road\t\t16.0\t0.0\troad\tML\tGao\t0\t40\t\n";
    struct gazetteer *g = load(roads, NULL);
    const struct gaz_place *out[8];
    const struct geo_pt *line;

    (void)state;
    assert_int_equal(find(g, "rn 1", out), 1);
    assert_int_equal(out[0]->kind, GAZ_ROAD);
    assert_in_range(out[0]->pt.lon, 9990000, 10010000);
    assert_in_range(out[0]->radius_m, 106000, 108000);
    assert_int_equal(gazetteer_line(g, out[0], &line), 3);
    assert_int_equal(line[2].lon, 20000000);
    assert_int_equal(find(g, "old road", out), 1);
    assert_int_equal(out[0]->radius_m, 40000);
    assert_int_equal(gazetteer_line(g, out[0], &line), 0);
    gazetteer_free(g);
}

static void
test_order_and_fields(void **state)
{
    static const uint64_t order[] = {900000001, 13, 12, 21, 14};
    struct gazetteer *g = load(dump, list);
    const struct gaz_place *out[8];

    (void)state;
    assert_int_equal(find(g, "basso", out), 5);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(out[i]->id, order[i]);
    assert_true(out[0]->curated);
    assert_int_equal(out[0]->radius_m, 3000);
    assert_string_equal(out[0]->admin1, "gao");
    assert_string_equal(out[1]->admin1, "essai");
    assert_string_equal(out[1]->country, "ML");
    assert_int_equal(out[1]->population, 900);
    assert_int_equal(out[1]->pt.lat, 151000000);
    assert_int_equal(gazetteer_lookup(g, "basso", 5, out, 2), 5);
    assert_int_equal(find(g, "grande ville", out), 1);
    assert_int_equal(out[0]->radius_m, 10000);
    assert_int_equal(find(g, "mare", out), 1);
    assert_int_equal(out[0]->kind, GAZ_WATER);
    assert_int_equal(find(g, "piste", out), 1);
    assert_int_equal(out[0]->kind, GAZ_ROAD);
    assert_int_equal(find(g, "republique", out), 1);
    assert_true(out[0]->radius_m >= 500000);
    assert_true(gazetteer_words(g, "vieux", 5) >= 2);
    gazetteer_free(g);
}

/* The nearest first, all counted, unknown populations as nothing. */
static void
test_around(void **state)
{
    struct gazetteer *g = load(dump, list);
    const struct gaz_place *out[3], *one[1], *none[1];
    const struct geo_pt pt = {143090000, -41090000};
    uint64_t people = 0, again = 0;
    size_t found = 0, n = gazetteer_around(g, pt, 200000, out, 3, &found, &people);

    (void)state;
    assert_true(n == (found < 3 ? found : 3));
    assert_true(n >= 2);
    assert_ptr_equal(out[0], gazetteer_nearest(g, pt, 200000));
    for (size_t i = 1; i < n; i++)
        assert_true(geo_distance_m(out[i - 1]->pt, pt) <= geo_distance_m(out[i]->pt, pt));
    assert_int_equal(gazetteer_around(g, pt, 200000, one, 1, &found, &again), 1);
    assert_true(again == people && found >= n);
    assert_ptr_equal(one[0], out[0]);
    assert_int_equal(
        gazetteer_around(g, (struct geo_pt){100000000, 100000000}, 50000, none, 1, &found, &people),
        0);
    assert_int_equal(found, 0);
    assert_int_equal(people, 0);
    gazetteer_free(g);
}

static void
test_nearest(void **state)
{
    struct gazetteer *g = load(dump, list);
    const struct gaz_place *p;

    (void)state;
    p = gazetteer_nearest(g, (struct geo_pt){143050000, -41050000}, 20000);
    assert_non_null(p);
    assert_int_equal(p->id, 15); /* both are as near as can be told from the other side */
    p = gazetteer_nearest(g, (struct geo_pt){143090000, -41090000}, 20000);
    assert_int_equal(p->id, 16);
    assert_null(gazetteer_nearest(g, (struct geo_pt){100000000, 100000000}, 50000));
    p = gazetteer_nearest(g, (struct geo_pt){164900000, 5100000}, 2000);
    assert_non_null(p);
    assert_int_equal(p->id, 900000001);
    assert_null(gazetteer_nearest(g, (struct geo_pt){164900000, 5100000}, 1000));
    assert_null(gazetteer_nearest(g, (struct geo_pt){899999999, 1799999999}, 100000));
    assert_null(gazetteer_nearest(g, (struct geo_pt){-900000000, -1800000000}, 100000));
    gazetteer_free(g);
}

static void
test_errors(void **state)
{
#define LIST(id, name, lat, lon, kind, cc, population, radius) \
    id "\t" name "\t\t" lat "\t" lon "\t" kind "\t" cc "\t\t" population "\t" radius "\n"
    static const struct {
        const char *text;
        size_t len; /* 0 = strlen */
        int line;
        const char *says;
    } cases[] = {
        {"", 0, 0, "no place"},
        {"# only a comment\n", 0, 1, "no place"},
        {"a b c\n", 0, 1, "neither 19 columns"},
        {LIST("1", "A", "1.0", "2.0", "populated", "ML", "0", "1") "x\ty\n", 0, 2, "2 columns"},
        {LIST("x", "A", "1.0", "2.0", "populated", "ML", "0", "1"), 0, 1, "id \"x\""},
        {LIST("0", "A", "1.0", "2.0", "populated", "ML", "0", "1"), 0, 1, "id \"0\""},
        {LIST("", "A", "1.0", "2.0", "populated", "ML", "0", "1"), 0, 1, "id \"\""},
        {LIST("99999999999999999999", "A", "1.0", "2.0", "populated", "ML", "0", "1"), 0, 1, "id"},
        {LIST("1", "", "1.0", "2.0", "populated", "ML", "0", "1"), 0, 1, "name is empty"},
        {LIST("1", "A", "91.0", "2.0", "populated", "ML", "0", "1"), 0, 1, "latitude \"91.0\""},
        {LIST("1", "A", "1.0", "200", "populated", "ML", "0", "1"), 0, 1, "longitude \"200\""},
        {LIST("1", "A", "north", "2.0", "populated", "ML", "0", "1"), 0, 1, "latitude \"north\""},
        {LIST("1", "A", "1.0", "2.0", "town", "ML", "0", "1"), 0, 1, "kind \"town\""},
        {LIST("1", "A", "1.0", "2.0", "populated", "MLI", "0", "1"), 0, 1, "country \"MLI\""},
        {LIST("1", "A", "1.0", "2.0", "populated", "ML", "many", "1"), 0, 1, "population \"many\""},
        {LIST("1", "A", "1.0", "2.0", "populated", "ML", "0", "0"), 0, 1, "radius_km \"0\""},
        {LIST("1", "A", "1.0", "2.0", "populated", "ML", "0", "wide"), 0, 1, "radius_km \"wide\""},
        {LIST("1", "A\xff", "1.0", "2.0", "populated", "ML", "0", "1"), 0, 1, "not UTF-8"},
        {GEO("1", "A", "A", "", "1.0", "2.0", "PP", "PPL", "ML", "", "0"), 0, 1, "feature class"},
        {GEO("1", "A", "A", "", "1.0", "2.0", "P", "PPL", "ML", "", "-3"), 0, 1, "population"},
        {"1\tA\0B\n", 6, 1, "NUL"},
        {"1\tR\t\t\t\troad\tML\t\t0\t\t1.0,2.0\n", 0, 1, "2 to 24 points"},
        {"1\tR\t\t\t\troad\tML\t\t0\t\t1.0,2.0 1.0\n", 0, 1, "2 to 24 points"},
        {"1\tR\t\t\t\troad\tML\t\t0\t\t1.0,2.0 91.0,2.0\n", 0, 1, "2 to 24 points"},
        {"1\tR\t\t\t\troad\tML\t\t0\t\t\n", 0, 1, "latitude \"\""},
        {"1\tR\t\t1.0\t2.0\tpopulated\tML\t\t0\t1\t1.0,2.0 1.0,3.0\n", 0, 1, "only a road"},
    };
    struct err e;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gazetteer *g = gazetteer_new();
        size_t len = cases[i].len > 0 ? cases[i].len : strlen(cases[i].text);
        const char *path = write_file(cases[i].text, len);
        assert_int_equal(gazetteer_add_file(g, path, &e), -1);
        if (strstr(e.text, cases[i].says) == NULL || e.line != cases[i].line)
            fail_msg("case %zu: line %d \"%s\", not line %d \"%s\"", i, e.line, e.text,
                     cases[i].line, cases[i].says);
        assert_string_equal(e.file, path);
        assert_int_equal(unlink(path), 0);
        gazetteer_free(g);
    }
}

static void
test_long_line_and_missing_file(void **state)
{
    struct gazetteer *g = gazetteer_new();
    char *big = malloc(70000);
    const char *path;
    struct err e;

    (void)state;
    memset(big, 'a', 70000);
    path = write_file(big, 70000);
    assert_int_equal(gazetteer_add_file(g, path, &e), -1);
    assert_non_null(strstr(e.text, "more than 65536 bytes"));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(gazetteer_add_file(g, "/nonexistent/gazetteer.tsv", &e), -1);
    assert_non_null(strstr(e.text, "cannot open"));
    assert_int_equal(gazetteer_finish(g, &e), 0);
    assert_int_equal(gazetteer_add_file(g, "/nonexistent/gazetteer.tsv", &e), -1);
    assert_non_null(strstr(e.text, "finished"));
    free(big);
    gazetteer_free(g);
    gazetteer_free(NULL);
}

static void
test_key(void **state)
{
    char key[12];

    (void)state;
    assert_int_equal(gazetteer_key("fada  n'gourma", 14, key, sizeof key), 0); /* does not fit */
    assert_int_equal(gazetteer_key("--n'a - b--", 11, key, sizeof key), 4);
    assert_string_equal(key, "na b");
    assert_int_equal(gazetteer_key("k peul", 6, key, 7), 6); /* no room for the h */
    assert_string_equal(key, "k peul");
    assert_int_equal(gazetteer_key("...", 3, key, sizeof key), 0);
}

static void
test_digest(void **state)
{
    struct gazetteer *a = load(dump, NULL), *b = load(dump, NULL), *c = load(dump, list);
    struct buf x, y, z;

    (void)state;
    buf_init(&x, 0);
    buf_init(&y, 0);
    buf_init(&z, 0);
    gazetteer_digest_bytes(a, &x);
    gazetteer_digest_bytes(b, &y);
    gazetteer_digest_bytes(c, &z);
    assert_int_equal(x.len, 32);
    assert_memory_equal(x.data, y.data, 32);
    assert_memory_not_equal(x.data, z.data, 32);
    buf_fini(&x);
    buf_fini(&y);
    buf_fini(&z);
    gazetteer_free(a);
    gazetteer_free(b);
    gazetteer_free(c);
}

static void
test_shipped_list(void **state)
{
    static const char *const names[] = {"gao",
                                        "kidal",
                                        "sevare",
                                        "mopti",
                                        "menaka",
                                        "kourkanda-peulh",
                                        "kourkanda-habbe",
                                        "tidarmene",
                                        "bourem",
                                        "anefis",
                                        "tabankort",
                                        "tidermene",
                                        "tessalit",
                                        "ansongo",
                                        "douentza",
                                        "hombori",
                                        "niono",
                                        "diabaly",
                                        "bandiagara",
                                        "bankass",
                                        "koro",
                                        "ber",
                                        "aguelhok",
                                        "almoustarat",
                                        "labbezanga",
                                        "ouatagouna",
                                        "tessit",
                                        "talataye",
                                        "anderamboukane",
                                        "inekar",
                                        "goundam",
                                        "lere",
                                        "tenenkou",
                                        "youwarou",
                                        "djenne",
                                        "san",
                                        "tominian",
                                        "tombouctou",
                                        "timbuktu",
                                        "gossi",
                                        "konna",
                                        "segou"};
    struct gazetteer *g = gazetteer_new();
    const struct gaz_place *out[8];
    struct err e;

    (void)state;
    if (gazetteer_add_file(g, "conf/gazetteer.tsv", &e) != 0)
        fail_msg("%s:%d: %s", e.file, e.line, e.text);
    assert_int_equal(gazetteer_finish(g, &e), 0);
    assert_true(gazetteer_count(g) >= 150);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (find(g, names[i], out) == 0)
            fail_msg("no %s in the short list", names[i]);
        assert_int_equal(out[0]->kind, GAZ_POPULATED);
    }
    assert_int_equal(find(g, "kourkanda-peulh", out), 1);
    assert_string_equal(out[0]->name, "Kourkanda-Peulh");
    gazetteer_free(g);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),        cmocka_unit_test(test_near),
        cmocka_unit_test(test_roads),        cmocka_unit_test(test_order_and_fields),
        cmocka_unit_test(test_around),       cmocka_unit_test(test_nearest),
        cmocka_unit_test(test_errors),       cmocka_unit_test(test_long_line_and_missing_file),
        cmocka_unit_test(test_key),          cmocka_unit_test(test_digest),
        cmocka_unit_test(test_shipped_list),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
