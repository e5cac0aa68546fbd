/* test_sources: who a token belongs to, and how much a source may send, on a fake clock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "secret.h"
#include "sources.h"
#include "timefmt.h"

static char dir[] = "/tmp/tocsin-unit.XXXXXX";

static struct config *
load(const char *sources)
{
    char path[64];
    struct config *c = NULL;
    struct err e = {.text = ""};

    (void)snprintf(path, sizeof path, "%s/tocsin.yaml", dir);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    (void)fprintf(f, "collector:\n  sources:\n%s", sources);
    assert_int_equal(fclose(f), 0);
    if (config_load(path, dir, &c, &e) < 0)
        fail_msg("%s:%d: %s", e.file, e.line, e.text);
    return c;
}

static int
setup(void **state)
{
    (void)state;
    return mkdtemp(dir) != NULL ? 0 : -1;
}

static int
teardown(void **state)
{
    char cmd[64];

    (void)state;
    (void)snprintf(cmd, sizeof cmd, "rm -rf %s", dir);
    return system(cmd);
}

static struct sources *
make(const struct config *c)
{
    struct sources *s = NULL;
    struct err e = {.text = ""};

    assert_int_equal(sources_new(c, &s, &e), 0);
    assert_non_null(s);
    return s;
}

static void
test_tokens(void **state)
{
    struct config *c = load("  - name: gao\n    token: secret-of-gao\n"
                            "  - name: kidal\n    token: secret-of-kidal\n"
                            "  - name: bare\n");
    struct sources *s = make(c);
    static const struct {
        const char *token, *name;
    } t[] = {{"secret-of-gao", "gao"}, {"secret-of-kidal", "kidal"},
             {"secret-of-ga", NULL},   {"secret-of-gaoo", NULL},
             {"SECRET-OF-GAO", NULL},  {"", NULL},
             {"bare", NULL},           {"gao", NULL}};

    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        const struct source_conf *found = sources_by_token(s, t[i].token);
        if (t[i].name == NULL)
            assert_null(found);
        else
            assert_string_equal(found->name, t[i].name);
    }
    sources_free(s);
    config_free(c);
}

static void
test_names(void **state)
{
    struct config *c = load("  - name: gao\n    token: secret-of-gao\n  - name: bare\n");
    struct sources *s = make(c);
    struct err e;
    static const struct {
        const char *name, *token;
        bool local, good;
        const char *why;
    } t[] = {{"gao", "secret-of-gao", false, true, NULL},
             {"gao", NULL, true, true, NULL},
             {"gao", "wrong", true, true, NULL},
             {"gao", NULL, false, false, "token"},
             {"gao", "", false, false, "token"},
             {"gao", "wrong", false, false, "token"},
             {"bare", NULL, false, true, NULL},
             {"bare", "anything", false, true, NULL},
             {"local", NULL, true, true, NULL},
             {"nobody", "secret-of-gao", false, false, "collector.sources"},
             {"nobody", NULL, true, false, "collector.sources"},
             {"", NULL, true, false, "collector.sources"}};

    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        memset(&e, 0, sizeof e);
        const struct source_conf *found = sources_by_name(s, t[i].name, t[i].token, t[i].local, &e);
        if (t[i].good) {
            assert_non_null(found);
            assert_string_equal(found->name, t[i].name);
        } else {
            assert_null(found);
            assert_non_null(strstr(e.text, t[i].why));
            assert_null(strstr(e.text, "secret"));
        }
    }
    sources_free(s);
    config_free(c);
}

static bool
fits(const void *arg, const struct source_conf *source)
{
    return secret_same(source->secret, arg);
}

static void
test_gateways(void **state)
{
    struct config *c = load("  - {name: one, gateway: kannel, secret: first}\n"
                            "  - {name: two, gateway: kannel, secret: second}\n"
                            "  - {name: app, gateway: smssync, secret: first}\n"
                            "  - {name: none, token: second}\n");
    struct sources *s = make(c);

    (void)state;
    assert_string_equal(sources_by_gateway(s, GATEWAY_KANNEL, fits, "first")->name, "one");
    assert_string_equal(sources_by_gateway(s, GATEWAY_KANNEL, fits, "second")->name, "two");
    assert_string_equal(sources_by_gateway(s, GATEWAY_SMSSYNC, fits, "first")->name, "app");
    assert_null(sources_by_gateway(s, GATEWAY_SMSSYNC, fits, "second"));
    assert_null(sources_by_gateway(s, GATEWAY_RAPIDPRO, fits, "first"));
    assert_null(sources_by_gateway(s, GATEWAY_KANNEL, fits, ""));
    assert_null(sources_by_gateway(s, GATEWAY_KANNEL, fits, NULL));
    assert_false(secret_same("", ""));
    assert_false(secret_same(NULL, "x"));
    assert_true(secret_same("x", "x"));
    sources_free(s);
    config_free(c);
}

/* What was asked for as one and was many. */
static void
test_owed(void **state)
{
    struct config *c = load("  - {name: slow, rate_per_s: 10, burst: 20}\n  - {name: free}\n");
    struct sources *s = make(c);
    const struct source_conf *slow = config_source(c, "slow"), *any = config_source(c, "free");
    int64_t now = 1000 * SECOND_US;

    (void)state;
    assert_int_equal(sources_rate(s, slow, 1, now), 0);
    sources_owe(s, slow, 99);
    assert_int_equal(sources_rate(s, slow, 1, now), 8101); /* 80 are owed, and one more */
    assert_int_equal(sources_rate(s, slow, 1, now + 8101 * 1000), 0);
    sources_owe(s, any, 1000000);
    assert_int_equal(sources_rate(s, any, 1, now), 0);
    sources_free(s);
    config_free(c);
}

static void
test_rate(void **state)
{
    struct config *c = load("  - name: slow\n    rate_per_s: 10\n    burst: 20\n"
                            "  - name: plain\n    rate_per_s: 5\n"
                            "  - name: free\n");
    struct sources *s = make(c);
    const struct source_conf *slow = config_source(c, "slow"), *plain = config_source(c, "plain"),
                             *any = config_source(c, "free");
    int64_t now = 1000 * SECOND_US;

    (void)state;
    assert_int_equal(sources_rate(s, slow, 20, now), 0);
    assert_int_equal(sources_rate(s, slow, 1, now), 101); /* a tenth of a second, rounded up */
    assert_int_equal(sources_rate(s, slow, 1, now + 99 * 1000), 2);
    assert_int_equal(sources_rate(s, slow, 1, now + 101 * 1000), 0);
    /* Another source is not delayed by it. */
    assert_int_equal(sources_rate(s, plain, 5, now), 0);
    assert_true(sources_rate(s, plain, 1, now) > 0);
    assert_int_equal(sources_rate(s, any, 1000000, now), 0);
    assert_int_equal(sources_rate(s, any, 1000000, now), 0);
    /* After a long silence there is one burst, not more. */
    now += DAY_US * 365;
    assert_int_equal(sources_rate(s, slow, 20, now), 0);
    assert_true(sources_rate(s, slow, 1, now) > 0);
    sources_free(s);
    config_free(c);
}

/* A batch larger than the burst passes once and leaves a debt that is paid in full: over a long
 * time no pattern of sending gets more than the rate and one burst and one batch. */
static void
test_debt(void **state)
{
    struct config *c = load("  - name: slow\n    rate_per_s: 10\n    burst: 20\n");
    struct sources *s = make(c);
    const struct source_conf *slow = config_source(c, "slow");
    static const int64_t pauses[] = {1000, 100 * 1000, 2 * SECOND_US, 2 * SECOND_US + 1,
                                     30 * SECOND_US};

    (void)state;
    for (size_t p = 0; p < sizeof pauses / sizeof pauses[0]; p++) {
        int64_t begin = (int64_t)(p + 1) * DAY_US, now = begin;
        uint64_t passed = 0;
        for (int i = 0; i < 2000; i++, now += pauses[p])
            if (sources_rate(s, slow, 500, now) == 0)
                passed += 500;
        assert_true(passed >= 500);
        assert_true(passed <= 520 + (uint64_t)((now - begin) / SECOND_US * 10) + 500);
    }
    /* And the wait that is told is enough, and not much too long. */
    int64_t now = 10 * DAY_US;
    assert_int_equal(sources_rate(s, slow, 500, now), 0);
    uint32_t wait = sources_rate(s, slow, 500, now);
    assert_in_range(wait, 50000, 50001);
    assert_int_equal(sources_rate(s, slow, 500, now + (int64_t)wait * 1000), 0);
    sources_free(s);
    config_free(c);
}

static void
test_reload(void **state)
{
    struct config *c = load("  - name: slow\n    rate_per_s: 1\n    burst: 3\n"),
                  *next = load("  - name: new\n    rate_per_s: 1\n"
                               "  - name: slow\n    rate_per_s: 1\n    burst: 2\n");
    struct sources *s = make(c);
    struct err e = {.text = ""};
    int64_t now = 1000 * SECOND_US;

    (void)state;
    assert_int_equal(sources_rate(s, config_source(c, "slow"), 3, now), 0);
    assert_int_equal(sources_reload(s, next, &e), 0);
    config_free(c);
    /* What was spent stays spent; who is new has a whole burst. */
    assert_true(sources_rate(s, config_source(next, "slow"), 1, now) > 0);
    assert_int_equal(sources_rate(s, config_source(next, "new"), 1, now), 0);
    assert_int_equal(sources_rate(s, config_source(next, "slow"), 2, now + 2 * SECOND_US), 0);
    sources_free(s);
    sources_free(NULL);
    config_free(next);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gateways), cmocka_unit_test(test_owed), cmocka_unit_test(test_tokens),
        cmocka_unit_test(test_names),    cmocka_unit_test(test_rate), cmocka_unit_test(test_debt),
        cmocka_unit_test(test_reload),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
