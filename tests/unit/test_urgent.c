/* urgent: what goes ahead of an edge's queue. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "urgent.h"

static struct urgent *
list(char **words, size_t n)
{
    const struct conf_strings c = {.v = words, .n = n};
    struct urgent *u = NULL;
    struct err e = {.text = ""};

    if (urgent_new(&c, &u, &e) < 0)
        fail_msg("%s", e.text);
    return u;
}

static void
test_words(void **state)
{
    static const struct {
        const char *text;
        bool urgent;
    } cases[] = {
        {"Convoy ATTACKED near Gao", true},
        {"Attaque d'un poste à Tessit", true},
        {"Deux blessés par un engin explosif", true},
        {"Deux BLESSÉS", true},
        {"deux ble\xcc\x81sse\xcc\x81s", true}, /* not composed */
        {"Enlèvement d'un agent", true},
        {"il y a des coups  de\tfeu", true},
        {"mine sur la RN17", true},
        {"ＭＩＮＥ", true}, /* full width */
        {"SOS", true},
        {"Marché hebdomadaire, circulation normale", false},
        {"exploitation agricole", false},
        {"mineral water delivered", false}, /* a whole word, not its start */
        {"determine the route", false},
        {"", false},
        {"….!", false},
    };
    struct urgent *u = list(NULL, 0);

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct record r = {.type = REC_INCIDENT};
        incident_init(&r.u.incident);
        r.u.incident.text = cases[i].text;
        if (urgent_is(u, &r) != cases[i].urgent)
            fail_msg("'%s' is %surgent", cases[i].text, cases[i].urgent ? "not " : "");
    }
    urgent_free(u);
}

static void
test_fields(void **state)
{
    static const struct attribute severe[] = {{"x", "y"}, {"cap_severity", "Severe"}},
                                  minor[] = {{"cap_severity", "Minor"}};
    struct urgent *u = list(NULL, 0);
    struct record r = {.type = REC_INCIDENT};
    struct incident *in = &r.u.incident;

    (void)state;
    incident_init(in);
    assert_false(urgent_is(u, &r));
    in->event = EV_AMBUSH;
    assert_true(urgent_is(u, &r));
    in->status = ST_EXERCISE;
    assert_false(urgent_is(u, &r));
    in->status = ST_ACTUAL;
    in->event = EV_CRIME;
    assert_false(urgent_is(u, &r));
    in->wounded = 0;
    assert_false(urgent_is(u, &r));
    in->wounded = 1;
    assert_true(urgent_is(u, &r));
    incident_init(in);
    in->attributes = minor;
    in->n_attributes = 1;
    assert_false(urgent_is(u, &r));
    in->attributes = severe;
    in->n_attributes = 2;
    assert_true(urgent_is(u, &r));
    r = (struct record){.type = REC_ACT, .u.act.kind = ACT_RAISE};
    assert_true(urgent_is(u, &r));
    r.u.act.kind = ACT_SET;
    assert_false(urgent_is(u, &r));
    r = (struct record){.type = REC_POSITION};
    assert_false(urgent_is(u, &r));
    urgent_free(u);
}

static void
test_own_words(void **state)
{
    char *words[] = {"rouge", "code Noir", "inonda*"}, *bad[] = {"ok", "*"};
    struct urgent *u = list(words, 3);
    struct record r = {.type = REC_INCIDENT};
    const struct conf_strings c = {.v = bad, .n = 2};
    struct err e = {.text = ""};

    (void)state;
    incident_init(&r.u.incident);
    r.u.incident.text = "alerte ROUGE";
    assert_true(urgent_is(u, &r));
    r.u.incident.text = "code-noir";
    assert_true(urgent_is(u, &r));
    r.u.incident.text = "Inondations";
    assert_true(urgent_is(u, &r));
    r.u.incident.text = "attack"; /* the list replaces the built-in one */
    assert_false(urgent_is(u, &r));
    urgent_free(u);
    assert_int_equal(urgent_new(&c, &u, &e), -1);
    assert_non_null(strstr(e.text, "neither letter nor digit"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_own_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
