/* knowledge: built-in tables, what the configuration overrides, the assets file, the digest. */
#include "core_fixture.h"

#include <stdlib.h>
#include <unistd.h>

static char lexicon[] = "conf/lexicon", gazetteer[] = "conf/gazetteer.tsv",
            rules[] = "conf/rules.yaml", model[] = "conf/model.tsv";

static void
plain(struct config *c)
{
    memset(c, 0, sizeof *c);
    c->classifier.lexicon = lexicon;
    c->classifier.gazetteer = gazetteer;
    c->classifier.rules = rules;
    c->classifier.model = model;
}

static void
write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "we");

    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static void
test_rows(void **state)
{
    struct event_row rows[EVENT_COUNT];
    enum risk matrix[5][5];

    (void)state;
    knowledge_builtin(rows, matrix);
    for (int e = 0; e < EVENT_COUNT; e++) {
        assert_in_range(rows[e].likelihood, 1, 5);
        assert_in_range(rows[e].impact, 1, 5);
    }
    assert_int_equal(rows[EV_IED_MINE].persist_us, 14 * DAY_US);
    assert_int_equal(rows[EV_TERRITORY].persist_us, INT64_MAX);
    assert_true(rows[EV_AMBUSH].attack);
    assert_false(rows[EV_DEMONSTRATION].attack);
}

static void
test_overrides(void **state)
{
    static char low[] = "very_low very_low low low  medium",
                high[] = "medium high very_high unacceptable unacceptable";
    char *matrix[] = {high, high, low, low, low};
    struct reach_conf rows[] = {
        {.event = EV_CRIME, .likelihood = 4, .impact = -1, .reach_m = 7, .persist_us = -1},
        {.event = EV_HAZARD, .likelihood = -1, .impact = 3, .reach_m = -1, .persist_us = HOUR_US},
    };
    struct config c;
    struct knowledge *k = NULL, *other = NULL;
    struct event_row built[EVENT_COUNT];
    enum risk m[5][5];
    struct err e;

    (void)state;
    knowledge_builtin(built, m);
    plain(&c);
    if (knowledge_load(&c, &other, &e) != 0)
        fail_msg("%s:%d: %s", e.file, e.line, e.text);
    assert_memory_equal(other->events, built, sizeof built);
    c.classifier.events = (struct conf_list){rows, 2};
    c.classifier.matrix = (struct conf_strings){matrix, 5};
    assert_int_equal(knowledge_load(&c, &k, &e), 0);
    assert_int_equal(k->events[EV_CRIME].likelihood, 4);
    assert_int_equal(k->events[EV_CRIME].impact, built[EV_CRIME].impact);
    assert_int_equal(k->events[EV_CRIME].reach_m, 7);
    assert_int_equal(k->events[EV_HAZARD].impact, 3);
    assert_int_equal(k->events[EV_HAZARD].persist_us, HOUR_US);
    assert_int_equal(k->matrix[4][0], RISK_MEDIUM); /* the first row is likelihood 5 */
    assert_int_equal(k->matrix[4][2], RISK_VERY_HIGH);
    assert_int_equal(k->matrix[3][4], RISK_UNACCEPTABLE);
    assert_int_equal(k->matrix[0][0], RISK_VERY_LOW);
    assert_int_equal(k->matrix[0][4], RISK_MEDIUM);
    assert_true(memcmp(k->digest, other->digest, DIGEST_LEN) != 0);
    knowledge_free(k);
    knowledge_free(other);
    knowledge_free(NULL);
}

static void
test_assets(void **state)
{
    char path[] = "/tmp/tocsin-test-XXXXXX";
    int fd = mkstemp(path);
    struct config c;
    struct knowledge *k = NULL, *without = NULL;
    struct err e;

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(close(fd), 0);
    plain(&c);
    assert_int_equal(knowledge_load(&c, &without, &e), 0);
    c.classifier.assets = path;
    write_file(path, "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\","
                     "\"id\":\"base-gao\",\"geometry\":{\"type\":\"Point\",\"coordinates\":"
                     "[-0.04,16.27]},\"properties\":{\"kind\":\"base\",\"name\":\"Gao\"}}]}");
    if (knowledge_load(&c, &k, &e) != 0)
        fail_msg("%s: %s", e.file, e.text);
    assert_int_equal(k->n_assets, 1);
    assert_string_equal(k->assets[0].id, "base-gao");
    assert_true(memcmp(k->digest, without->digest, DIGEST_LEN) != 0);
    knowledge_free(k);
    k = NULL;
    write_file(path, "{\"type\":\"Nonsense\"}");
    assert_int_equal(knowledge_load(&c, &k, &e), -1);
    assert_string_equal(e.file, path);
    (void)unlink(path);
    assert_int_equal(knowledge_load(&c, &k, &e), -1); /* missing */
    assert_null(k);
    knowledge_free(without);
}

static void
test_rules(void **state)
{
    char path[] = "/tmp/tocsin-test-XXXXXX";
    int fd = mkstemp(path);
    struct config c;
    struct knowledge *k = NULL, *shipped = NULL;
    struct err e;

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(close(fd), 0);
    plain(&c);
    assert_int_equal(knowledge_load(&c, &shipped, &e), 0);
    assert_int_equal(shipped->rules->n, 8);
    c.classifier.rules = path; /* no rules at all */
    if (knowledge_load(&c, &k, &e) != 0)
        fail_msg("%s: %s", e.file, e.text);
    assert_int_equal(k->rules->n, 0);
    assert_true(memcmp(k->digest, shipped->digest, DIGEST_LEN) != 0);
    knowledge_free(k);
    k = NULL;
    write_file(path, "rules:\n  - {name: x}\n");
    assert_int_equal(knowledge_load(&c, &k, &e), -1);
    assert_string_equal(e.file, path);
    assert_int_equal(e.line, 2);
    (void)unlink(path);
    assert_int_equal(knowledge_load(&c, &k, &e), -1); /* missing */
    assert_null(k);
    knowledge_free(shipped);
}

static void
test_missing_files(void **state)
{
    static char nowhere[] = "/nonexistent/x";
    struct config c;
    struct knowledge *k = NULL;
    struct err e;

    (void)state;
    plain(&c);
    c.classifier.lexicon = nowhere;
    assert_int_equal(knowledge_load(&c, &k, &e), -1);
    plain(&c);
    c.classifier.gazetteer = nowhere;
    assert_int_equal(knowledge_load(&c, &k, &e), -1);
    plain(&c);
    c.classifier.lexicon = NULL;
    c.share = nowhere;
    assert_int_equal(knowledge_load(&c, &k, &e), -1);
    plain(&c);
    c.classifier.geonames = (struct conf_strings){(char *[]){nowhere}, 1};
    assert_int_equal(knowledge_load(&c, &k, &e), -1);
    assert_null(k);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),          cmocka_unit_test(test_overrides),
        cmocka_unit_test(test_assets),        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_missing_files),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
