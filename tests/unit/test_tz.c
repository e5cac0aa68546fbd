/* Tests of common/tz: fixed offsets, zone files made here, the rule after the last change, and
 * every malformed file. Nothing depends on the zone files of the machine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "timefmt.h"
#include "tz.h"

static int64_t
at(const char *s)
{
    int64_t us = 0;

    assert_int_equal(time_parse(s, strlen(s), &us), 0);
    return us;
}

static size_t
put32(uint8_t *p, int64_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)((uint64_t)v >> (24 - 8 * i));
    return 4;
}

static size_t
put64(uint8_t *p, int64_t v)
{
    (void)put32(p, v >> 32);
    (void)put32(p + 4, v);
    return 8;
}

static size_t
put_header(uint8_t *p, uint8_t version, int times, int types)
{
    memset(p, 0, 44);
    memcpy(p, "TZif", 4);
    p[4] = version;
    (void)put32(p + 32, times);
    (void)put32(p + 36, types);
    (void)put32(p + 40, 4);
    return 44;
}

struct transition {
    int64_t at_s;
    uint8_t type;
};

/* A version 2 file: an empty first block, then the one that counts, then the rule. */
static size_t
make(uint8_t *p, const struct transition *t, int n, const int32_t *offsets, int types,
     const char *rule)
{
    size_t len = put_header(p, '2', 0, 1);

    memset(p + len, 0, 10);
    len += 10;
    len += put_header(p + len, '2', n, types);
    for (int i = 0; i < n; i++)
        len += put64(p + len, t[i].at_s);
    for (int i = 0; i < n; i++)
        p[len++] = t[i].type;
    for (int i = 0; i < types; i++) {
        len += put32(p + len, offsets[i]);
        p[len++] = 0;
        p[len++] = 0;
    }
    memcpy(p + len, "XXX", 4);
    len += 4;
    return len + (size_t)sprintf((char *)p + len, "\n%s\n", rule);
}

static int32_t
offset(const struct tz *z, const char *time)
{
    return tz_offset_s(z, at(time));
}

static void
test_fixed(void **state)
{
    static const struct {
        const char *name;
        int32_t offset_s; /* -1 = refused */
    } cases[] = {{"UTC", 0},          {"+01:00", 3600},  {"-09:30", -34200},  {"+14:00", 50400},
                 {"+15:00", -1},      {"+1:00", -1},     {"01:00", -1},       {"+01:60", -1},
                 {"+0a:00", -1},      {"+01-00", -1},    {"utc", -1},         {"", -1},
                 {"/etc/passwd", -1}, {"../passwd", -1}, {"Mars/Olympus", -1}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct tz *z = NULL;
        struct err e;
        int rc = tz_load("/nonexistent", cases[i].name, &z, &e);
        if (cases[i].offset_s == -1) {
            assert_int_equal(rc, -1);
            assert_non_null(strstr(e.text, "install tzdata"));
            continue;
        }
        assert_int_equal(rc, 0);
        assert_int_equal(tz_offset_s(z, 0), cases[i].offset_s);
        assert_int_equal(tz_offset_s(z, 2000000000 * SECOND_US), cases[i].offset_s);
        tz_free(z);
    }
    tz_free(NULL);
}

static void
test_changes(void **state)
{
    const struct transition t[] = {{-1000, 1}, {500, 0}, {1000, 1}};
    const int32_t offsets[] = {0, 3600};
    uint8_t file[512];
    struct tz *z = NULL;

    (void)state;
    size_t n = make(file, t, 3, offsets, 2, "");
    assert_int_equal(tz_parse(file, n, &z), 0);
    assert_int_equal(tz_offset_s(z, -1001 * SECOND_US), 0);
    assert_int_equal(tz_offset_s(z, -1000 * SECOND_US), 3600);
    assert_int_equal(tz_offset_s(z, -1000 * SECOND_US - 1), 0);
    assert_int_equal(tz_offset_s(z, 500 * SECOND_US - 1), 3600);
    assert_int_equal(tz_offset_s(z, 500 * SECOND_US), 0);
    assert_int_equal(tz_offset_s(z, 999999999 * SECOND_US), 3600);
    tz_free(z);
}

static void
test_rules(void **state)
{
    static const struct {
        const char *rule, *time;
        int32_t offset_s;
    } cases[] = {
        {"GMT0", "2023-07-01T00:00:00Z", 0},
        {"<+0530>-5:30", "2023-07-01T00:00:00Z", 19800},
        {"WAT-1", "2023-07-01T00:00:00Z", 3600},
        {"CET-1CEST,M3.5.0,M10.5.0/3", "2023-03-26T00:59:59Z", 3600},
        {"CET-1CEST,M3.5.0,M10.5.0/3", "2023-03-26T01:00:00Z", 7200},
        {"CET-1CEST,M3.5.0,M10.5.0/3", "2023-10-29T00:59:59Z", 7200},
        {"CET-1CEST,M3.5.0,M10.5.0/3", "2023-10-29T01:00:00Z", 3600},
        {"EST5EDT,M3.2.0,M11.1.0", "2024-03-10T06:59:59Z", -18000},
        {"EST5EDT,M3.2.0,M11.1.0", "2024-03-10T07:00:00Z", -14400},
        {"EST5EDT,M3.2.0,M11.1.0", "2024-11-03T06:00:00Z", -18000},
        /* the southern summer goes over the new year */
        {"AEST-10AEDT,M10.1.0,M4.1.0/3", "2023-01-01T00:00:00Z", 39600},
        {"AEST-10AEDT,M10.1.0,M4.1.0/3", "2023-06-01T00:00:00Z", 36000},
        {"AEST-10AEDT,M10.1.0,M4.1.0/3", "2023-12-01T00:00:00Z", 39600},
        /* J60 is 1 March in every year; 59 counts 29 February */
        {"AAA0BBB,J60/0,J300/0", "2024-02-29T23:59:59Z", 0},
        {"AAA0BBB,J60/0,J300/0", "2024-03-01T00:00:00Z", 3600},
        {"AAA0BBB,59/0,299/0", "2024-02-29T00:00:00Z", 3600},
        {"AAA0BBB-2:30,M12.5.0/-1:00:30,M12.5.6", "2023-12-30T22:59:29Z", 0},
        {"AAA0BBB-2:30,M12.4.0/-1:00:30,M12.5.0", "2023-12-23T22:59:30Z", 9000},
    };
    const int32_t offsets[] = {0};
    uint8_t file[512];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct tz *z = NULL;
        size_t n = make(file, NULL, 0, offsets, 1, cases[i].rule);
        assert_int_equal(tz_parse(file, n, &z), 0);
        if (offset(z, cases[i].time) != cases[i].offset_s)
            fail_msg("%s at %s: %d", cases[i].rule, cases[i].time, offset(z, cases[i].time));
        tz_free(z);
    }
}

static void
test_bad_rules(void **state)
{
    static const char *const rules[] = {"5",
                                        "XXX",
                                        "XXX+",
                                        "<XXX5",
                                        "XXX200",
                                        "XXX5:99",
                                        "XXX5:00:99",
                                        "XXX5YYY",
                                        "XXX5YYY,M3.5.0",
                                        "XXX5YYY,M13.1.0,M1.1.0",
                                        "XXX5YYY,M3/",
                                        "XXX5YYY,M3.6.0,M1.1.0",
                                        "XXX5YYY,M3.1.7,M1.1.0",
                                        "XXX5YYY,J0,J1",
                                        "XXX5YYY,366,1",
                                        "XXX5YYY,M3.1.0/x,M4.1.0",
                                        "XXX5YYY,M3.1.0,M4.1.0x",
                                        "XXX5Y9Y,M3.1.0,",
                                        "XXX5YYY,M3",
                                        "XXX5YYY,M3.1",
                                        "XXX5<Y",
                                        "XXX5YYY4"};
    const int32_t offsets[] = {0};
    uint8_t file[512];

    (void)state;
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        struct tz *z = NULL;
        size_t n = make(file, NULL, 0, offsets, 1, rules[i]);
        if (tz_parse(file, n, &z) == 0)
            fail_msg("taken: %s", rules[i]);
    }
}

static void
test_bad_files(void **state)
{
    const struct transition t[] = {{100, 0}, {200, 1}};
    const struct transition back[] = {{200, 0}, {100, 1}};
    const struct transition no_type[] = {{100, 2}};
    const int32_t offsets[] = {0, 60};
    uint8_t file[512];
    struct tz *z = NULL;

    (void)state;
    size_t n = make(file, t, 2, offsets, 2, "XXX0");
    for (size_t i = 0; i < n; i++) {
        uint8_t *cut = malloc(i + 1); /* its end is guarded under ASan */
        memcpy(cut, file, i);
        assert_int_equal(tz_parse(cut, i, &z), -1);
        free(cut);
    }
    n = make(file, back, 2, offsets, 2, "");
    assert_int_equal(tz_parse(file, n, &z), -1);
    n = make(file, no_type, 1, offsets, 2, "");
    assert_int_equal(tz_parse(file, n, &z), -1);
    n = make(file, t, 2, offsets, 2, "");
    (void)put32(file + 36, 0); /* no type */
    assert_int_equal(tz_parse(file, n, &z), -1);
    n = make(file, t, 2, offsets, 2, "");
    (void)put32(file + 44 + 10 + 32, -1); /* 4 milliard times */
    assert_int_equal(tz_parse(file, n, &z), -1);
    uint8_t *huge = calloc(1, 70000);
    memcpy(huge, file, n);
    assert_int_equal(tz_parse(huge, 70000, &z), -1);
    free(huge);
    n = make(file, t, 2, offsets, 2, "");
    memmove(file + n - 2, "ZZ", 2); /* no end of the rule */
    assert_int_equal(tz_parse(file, n, &z), -1);
}

/* Version 1: four-byte times, no rule. */
static void
test_version_1(void **state)
{
    uint8_t file[128];
    struct tz *z = NULL;
    size_t n = put_header(file, 0, 1, 2);

    (void)state;
    n += put32(file + n, 1000);
    file[n++] = 1;
    memset(file + n, 0, 16);
    n += put32(file + n, -60) + 2;
    n += put32(file + n, 60) + 2;
    n += 4;
    assert_int_equal(tz_parse(file, n, &z), 0);
    assert_int_equal(tz_offset_s(z, 0), -60);
    assert_int_equal(tz_offset_s(z, 1000 * SECOND_US), 60);
    tz_free(z);
}

static void
test_directory(void **state)
{
    char dir[] = "/tmp/test_tz.XXXXXX", africa[64], path[80];
    const int32_t offsets[] = {3600};
    uint8_t file[512];
    struct tz *z = NULL;
    struct err e;

    (void)state;
    assert_non_null(mkdtemp(dir));
    (void)snprintf(africa, sizeof(africa), "%s/Africa", dir);
    (void)snprintf(path, sizeof(path), "%s/Niamey", africa);
    assert_int_equal(mkdir(africa, 0700), 0);
    size_t n = make(file, NULL, 0, offsets, 1, "WAT-1");
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(file, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(tz_load(dir, "Africa/Niamey", &z, &e), 0);
    assert_int_equal(tz_offset_s(z, 0), 3600);
    tz_free(z);
    assert_int_equal(tz_load(dir, "Africa/Atlantis", &z, &e), -1);
    assert_non_null(strstr(e.text, "no time zone \"Africa/Atlantis\""));
    assert_int_equal(tz_load(dir, "Africa", &z, &e), -1);
    assert_int_equal(truncate(path, 20), 0);
    assert_int_equal(tz_load(dir, "Africa/Niamey", &z, &e), -1);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(africa), 0);
    assert_int_equal(rmdir(dir), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fixed),     cmocka_unit_test(test_changes),
        cmocka_unit_test(test_rules),     cmocka_unit_test(test_bad_rules),
        cmocka_unit_test(test_bad_files), cmocka_unit_test(test_version_1),
        cmocka_unit_test(test_directory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
