/* rules: the shipped file, what a file may say, and each error with its line. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rules.h"
#include "timefmt.h"

static struct rules *
parse(const char *text)
{
    struct rules *r = NULL;
    struct err e;

    if (rules_parse(text, strlen(text), "rules.yaml", &r, &e) != 0)
        fail_msg("%s:%d: %s", e.file, e.line, e.text);
    return r;
}

static void
test_shipped(void **state)
{
    struct rules *r = NULL;
    struct err e;

    (void)state;
    if (rules_load("conf/rules.yaml", &r, &e) != 0)
        fail_msg("%s:%d: %s", e.file, e.line, e.text);
    assert_string_equal(r->v[0].name, "rumour_then_crowd");
    assert_string_equal(r->absence[OF_CHECK_IN]->name, "convoy_overdue");
    assert_int_equal(r->absence[OF_CHECK_IN]->steps[1].percent, 300);
    assert_string_equal(r->absence[OF_LINK]->name, "base_silent");
    assert_int_equal(r->absence[OF_LINK]->steps[1].distance_m, 20000);
    assert_int_equal(r->absence[OF_REPORTS]->within_us, 3 * DAY_US);
    assert_true(r->bytes.len > 1000); /* for the digest */
    rules_free(r);
    rules_free(NULL);
    assert_int_equal(rules_load("/nonexistent/rules.yaml", &r, &e), -1);
    assert_string_equal(e.file, "/nonexistent/rules.yaml");
}

static void
test_values(void **state)
{
    struct rules *r = parse("sides: [{name: us, actors: [A, B]}]\n"
                            "rules:\n"
                            "- name: one\n"
                            "  form: sequence\n"
                            "  first: [{event: threat, actor: B}, {event: crime, actor: forces}]\n"
                            "  then: {event: any_attack, hours: 22-4, class: [own, media],\n"
                            "         grade: high, mark: siege, target: [base, civilians],\n"
                            "         mode: [claim, rumour], place: [point, region]}\n"
                            "  around: place\n"
                            "  warn: [civilians, convoy]\n"
                            "  within: 90min\n"
                            "  distance: 1500m\n"
                            "  likelihood: 2\n"
                            "  impact: 5\n"
                            "  at_most: immediate\n"
                            "  page: no\n"
                            "  once: 7d\n"
                            "  lasts: 2h\n"
                            "  event: threat\n"
                            "  en: \"{n} {asset} {place}\"\n"
                            "  fr: F\n");
    const struct rule *x = &r->v[0];
    const struct rule_term *t = &r->terms[2];

    (void)state;
    assert_int_equal(r->n, 1);
    assert_int_equal(r->n_terms, 3);
    assert_int_equal(x->first, 3);
    assert_int_equal(x->then, 4);
    assert_false(x->either);
    assert_int_equal(x->around, AROUND_PLACE);
    assert_int_equal(x->warn[0], TG_CIVILIANS);
    assert_int_equal(x->n_warn, 2);
    assert_int_equal(x->within_us, 90 * MINUTE_US);
    assert_int_equal(x->distance_m, 1500);
    assert_int_equal(x->likelihood * 10 + x->impact, 25);
    assert_int_equal(x->most, PR_IMMEDIATE);
    assert_false(x->pages);
    assert_int_equal(x->once_us, 7 * DAY_US);
    assert_int_equal(x->lasts_us, 2 * HOUR_US);
    assert_int_equal(x->event, EV_THREAT);
    assert_string_equal(x->en, "{n} {asset} {place}");
    assert_int_equal(r->terms[0].side, rules_side(r, "A", false));
    assert_int_equal(r->terms[1].side, SIDE_FORCES);
    assert_int_equal(r->terms[0].modes, 1u << MODE_FACT | 1u << MODE_CLAIM | 1u << MODE_WARNING);
    assert_int_equal(r->terms[0].places, TERM_POINT);
    assert_true(t->events >> EV_AMBUSH & 1);
    assert_false(t->events >> EV_CRIME & 1);
    assert_int_equal(t->hour_from * 100 + t->hour_to, 2204);
    assert_int_equal(t->classes, 1u << SC_OWN | 1u << SC_MEDIA);
    assert_int_equal(t->grade, GRADE_HIGH);
    assert_int_equal(t->marks, MARK_SIEGE);
    assert_int_equal(t->targets, TARGET_BIT(TG_BASE) | TARGET_BIT(TG_CIVILIANS));
    assert_int_equal(t->modes, 1u << MODE_CLAIM | 1u << MODE_RUMOUR);
    assert_int_equal(t->places, TERM_POINT | TERM_REGION);
    rules_free(r);
}

static void
test_sides(void **state)
{
    struct rules *r = parse("sides: [{name: us, actors: [A, B]}, {name: them, actors: [C]}]\n");

    (void)state;
    assert_int_equal(rules_side(r, "A", false), rules_side(r, "B", false));
    assert_int_not_equal(rules_side(r, "A", false), rules_side(r, "C", false));
    assert_int_equal(rules_side(r, "A", true), SIDE_FORCES);
    assert_int_equal(rules_side(r, "us", false), rules_side(r, "A", false));
    assert_int_not_equal(rules_side(r, "D", false), SIDE_NONE);
    assert_int_not_equal(rules_side(NULL, "A", false), rules_side(NULL, "B", false));
    rules_free(r);
    r = parse("");
    assert_int_equal(r->n, 0);
    rules_free(r);
    r = parse("rules:\nsides:\n");
    assert_int_equal(r->n, 0);
    rules_free(r);
}

/* Each a rule that is right but for one line: `more` follows the first lines of one of its form. */
#define SEQ                                                                                   \
    "rules:\n- {name: a, form: sequence, en: E, fr: F, likelihood: 3, impact: 3, "            \
    "first: {event: crime}, then: {event: crime}, around: place, warn: [base], within: 2h,\n" \
    "   distance: 5km"
#define COUNT                                                                                \
    "rules:\n- {name: a, form: count, en: E, fr: F, likelihood: 3, impact: 3, at_least: 2, " \
    "within: 2h,\n   distance: 5km"
#define RING                                                                                \
    "rules:\n- {name: a, form: ring, en: E, fr: F, likelihood: 3, impact: 3, within: 2h,\n" \
    "   incidents: {event: crime}, distance: 5km"
#define CHECK_IN "rules:\n- {name: a, form: absence,\n   of: check_in"
#define LINK     "rules:\n- {name: a, form: absence,\n   of: link, within: 2h"
#define REPORTS \
    "rules:\n- {name: a, form: absence, of: reports, en: E, fr: F, impact: 1,\n   likelihood: 1"

static void
test_errors(void **state)
{
    static const struct {
        const char *text;
        int line;
        const char *says;
    } t[] = {
        {"- a\n", 1, "is a map with sides and rules"},
        {"rules: []\nrule: []\n", 2, "key \"rule\" is not known"},
        {"rules: yes\n", 1, "rules must be a list"},
        {"rules:\n- a\n", 2, "a rule must be a map"},
        {"rules:\n- {form: count}\n", 2, "name is missing"},
        {"rules:\n- {name: a}\n", 2, "form is missing"},
        {"rules:\n- {form: absence, name: a}\n", 2, "of is missing"},
        {"rules:\n- {form: counts, name: a}\n", 2,
         "form must be one of sequence, count, ring, abs"},
        {"rules:\n- {form: absence, of: x, name: a}\n", 2, "of must be one of check_in, link, rep"},
        {"rules:\n- {form: count, name: A b}\n", 2, "name must be of a to z"},
        {REPORTS ", after: 3d}\n- {name: a, form: count}\n", 4, "there is a rule a already"},
        {REPORTS ", after: 3d}\n- {name: b, form: absence, of: reports}\n", 4,
         "there is an absence of reports already: a"},
        /* keys */
        {SEQ ",\n  nonsense: 1}\n", 4, "rule a: a sequence takes no key \"nonsense\""},
        {SEQ ",\n  at_least: 1}\n", 4, "a sequence takes no key \"at_least\""},
        {CHECK_IN ",\n  after: 2d}\n", 4, "an absence of check_in takes no key \"after\""},
        {LINK ",\n  en: E}\n", 4, "an absence of link takes no key \"en\""},
        {COUNT "}\n", 2, "rule a: a count needs incidents"},
        {RING ", around: base}\n", 2, "rule a: a ring needs sectors"},
        {REPORTS "}\n", 2, "an absence of reports needs after"},
        {CHECK_IN "}\n", 2, "an absence of check_in needs steps"},
        {RING ", sectors: 3}\n", 2, "around is missing"},
        {COUNT ", incidents: {event: crime}, around: place}\n", 2, "warn is missing"},
        {COUNT ", incidents: {event: crime}, around: base, warn: [base]}\n", 2,
         "warn goes with around: place"},
        /* incidents */
        {COUNT ",\n  incidents: crime}\n", 4, "must be a map of filters"},
        {COUNT ",\n  incidents: []}\n", 4, "must be a map of filters"},
        {COUNT ",\n  incidents: [crime]}\n", 4, "is a map of filters"},
        {COUNT ",\n  incidents: {mode: fact}}\n", 4, "needs event"},
        {COUNT ",\n  incidents: {event: crimes}}\n", 4, "event: \"crimes\" is no event type"},
        {COUNT ",\n  incidents: {event: none}}\n", 4, "event: \"none\" is no event type"},
        {COUNT ",\n  incidents: {event: []}}\n", 4, "event is empty"},
        {COUNT ",\n  incidents: {event: crime,\n  who: me}}\n", 5, "incidents have no key \"who\""},
        {COUNT ",\n  incidents: {event: crime, mode: x}}\n", 4, "mode must be one of fact, claim"},
        {COUNT ",\n  incidents: {event: crime, mode: []}}\n", 4, "mode is empty"},
        {COUNT ",\n  incidents: {event: crime, target: x}}\n", 4, "target must be one of convoy"},
        {COUNT ",\n  incidents: {event: crime, mark: x}}\n", 4, "mark must be one of siege"},
        {COUNT ",\n  incidents: {event: crime, class: x}}\n", 4, "class must be one of own"},
        {COUNT ",\n  incidents: {event: crime, grade: x}}\n", 4, "grade must be one of not_low"},
        {COUNT ",\n  incidents: {event: crime, place: x}}\n", 4, "place must be one of point"},
        {COUNT ",\n  incidents: {event: crime, actor: \"\"}}\n", 4, "actor must be a label"},
        {COUNT ",\n  incidents: {event: crime, hours: 18}}\n", 4, "hours must be FROM-TO"},
        {COUNT ",\n  incidents: {event: crime, hours: 18-24}}\n", 4, "hours must be FROM-TO"},
        {COUNT ",\n  incidents: {event: crime, hours: 6-6}}\n", 4, "hours must be FROM-TO"},
        /* values and their bounds */
        {SEQ ", order: any}\n", 3, "order must be one of given, either"},
        {RING ",\n  side: two}\n", 4, "side must be one of any, one"},
        {RING ",\n  around: route}\n", 4, "a ring is around base, site or named places"},
        {RING ",\n  around: []}\n", 4, "around is empty"},
        {COUNT ",\n  around: [place, base]}\n", 4, "place and route stand alone"},
        {COUNT ",\n  around: town}\n", 4, "around must be one of place, base, site, route"},
        {"rules:\n- {name: a, form: sequence, around: base}\n", 2, "a sequence is around a place"},
        {RING ",\n  sectors: 9}\n", 4, "sectors must be a whole number from 2 to 8"},
        {RING ",\n  places: x}\n", 4, "places must be a list"},
        {RING ",\n  places: [{name: x, lat: 1}]}\n", 4, "a place is {name: "},
        {RING ",\n  places: [{name: x, lat: 1, lon: 181}]}\n", 4, "must be decimal degrees"},
        {"rules:\n- {name: a, form: count, at_least: 0}\n", 2, "from 1 to 50"},
        {"rules:\n- {name: a, form: count, at_least: 2x}\n", 2, "from 1 to 50"},
        {"rules:\n- {name: a, form: count, within: 30s}\n", 2, "from 1min to 90d"},
        {"rules:\n- {name: a, form: count, within: 91d}\n", 2, "from 1min to 90d"},
        {"rules:\n- {name: a, form: count, within: soon}\n", 2, "within must be a duration"},
        {"rules:\n- {name: a, form: absence, of: link, within: 25h}\n", 2, "from 1min to 1d"},
        {"rules:\n- {name: a, form: absence, of: link, together: 1s}\n", 2, "from 1min to 1d"},
        {"rules:\n- {name: a, form: absence, of: reports, after: 1min}\n", 2, "from 1h to 90d"},
        {SEQ ", once: 10min}\n", 3, "once must be a duration from 1h to 90d"},
        {SEQ ", lasts: 10min}\n", 3, "lasts must be a duration from 1h to 90d"},
        {"rules:\n- {name: a, form: count, distance: 5}\n", 2, "a distance from 100m to 500km"},
        {"rules:\n- {name: a, form: count, distance: 99m}\n", 2, "a distance from 100m to 500km"},
        {"rules:\n- {name: a, form: count, distance: 501km}\n", 2, "a distance from 100m to 500km"},
        {"rules:\n- {name: a, form: count, distance: -1km}\n", 2, "a distance from 100m to 500km"},
        {"rules:\n- {name: a, form: count, likelihood: 6}\n", 2,
         "likelihood must be a whole number"},
        {"rules:\n- {name: a, form: count, impact: 0}\n", 2, "impact must be a whole number"},
        {"rules:\n- {name: a, form: count, at_most: high}\n", 2, "at_most must be routine"},
        {"rules:\n- {name: a, form: count, page: 1}\n", 2, "page must be one of no, yes"},
        {"rules:\n- {name: a, form: count, event: x}\n", 2, "event: \"x\" is no event type"},
        {"rules:\n- {name: a, form: count, en: \"\"}\n", 2, "en must be words"},
        {"rules:\n- {name: a, form: count, fr: \"{who}\"}\n", 2, "braces hold asset, place or n"},
        {"rules:\n- {name: a, form: count, fr: \"n}\"}\n", 2, "braces hold asset, place or n"},
        {"rules:\n- {name: a, form: count, warn: base}\n", 2, "warn must be a list"},
        {"rules:\n- {name: a, form: count, warn: [armed]}\n", 2, "warn must be a list"},
        {"rules:\n- {name: a, form: count, warn: [base, base]}\n", 2, "base stands there twice"},
        /* steps */
        {CHECK_IN ",\n  steps: 3}\n", 4, "steps must be a list"},
        {CHECK_IN ",\n  steps: [{after: 150%, likelihood: 3}]}\n", 4, "a step is {after: "},
        {CHECK_IN ",\n  steps: [{after: 150, likelihood: 3, impact: 3}]}\n", 4, "100% to 1000%"},
        {CHECK_IN ",\n  steps: [{after: 99%, likelihood: 3, impact: 3}]}\n", 4, "100% to 1000%"},
        {CHECK_IN ",\n  steps: [{after: 150%, likelihood: 3, impact: 6}]}\n", 4, "from 1 to 5"},
        {CHECK_IN ", steps: [{after: 200%, likelihood: 3, impact: 3},\n"
                  "  {after: 150%, likelihood: 3, impact: 3}]}\n",
         4, "from the least to the worst"},
        {LINK ", steps: [{distance: 20km, likelihood: 3, impact: 3},\n"
              "  {distance: 50km, likelihood: 3, impact: 3}]}\n",
         4, "from the least to the worst"},
        {LINK ",\n  steps: [{after: 150%, likelihood: 3, impact: 3}]}\n", 4,
         "a step is {distance: "},
        {CHECK_IN ",\n  steps: [{after: 100%, likelihood: 3, impact: 3}, "
                  "{after: 101%, likelihood: 3, impact: 3}, {after: 102%, likelihood: 3, impact: "
                  "3}, {after: 103%, likelihood: 3, impact: 3}, {after: 104%, likelihood: 3, "
                  "impact: 3}]}\n",
         4, "at most 4 steps"},
        /* sides */
        {"sides: [a]\n", 1, "a side is {name: "},
        {"sides: [{name: a}]\n", 1, "a side is {name: "},
        {"sides: [{name: a, actors: b}]\n", 1, "a side is {name: "},
        {"sides:\n- {name: a, actors: [b]}\n- {name: c, actors: [b]}\n", 3,
         "b is on a side already"},
        /* not even YAML, and what yaml.h refuses */
        {"rules: [\n", 2, "not YAML"},
        {"rules:\n- {name: a, name: b}\n", 2, "name"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        struct rules *r = NULL;
        struct err e = {.text = ""};

        if (rules_parse(t[i].text, strlen(t[i].text), "rules.yaml", &r, &e) != -1)
            fail_msg("is taken:\n%s", t[i].text);
        assert_null(r);
        if (e.line != t[i].line || !strstr(e.text, t[i].says) || strcmp(e.file, "rules.yaml") != 0)
            fail_msg("%s\nexpected %d: %s\n     got %d: %s", t[i].text, t[i].line, t[i].says,
                     e.line, e.text);
    }
}

/* n lines of rules of m kinds of incidents each. */
static void
check_bound(int n, int m, int line, const char *says)
{
    struct buf b;
    struct rules *r = NULL;
    struct err e = {.text = ""};
    int rc;

    buf_init(&b, 0);
    buf_puts(&b, "rules:\n");
    for (int i = 0; i < n; i++) {
        buf_printf(&b,
                   "- {name: r%d, form: count, at_least: 1, around: base, within: 1h, "
                   "distance: 1km, likelihood: 1, impact: 1, en: E, fr: F, incidents: [",
                   i);
        for (int k = 0; k < m; k++)
            buf_printf(&b, "%s{event: crime}", k ? ", " : "");
        buf_puts(&b, "]}\n");
    }
    assert_false(b.failed);
    rc = rules_parse(b.data, b.len, "rules.yaml", &r, &e);
    if (says) {
        assert_int_equal(rc, -1);
        assert_int_equal(e.line, line);
        assert_non_null(strstr(e.text, says));
    } else {
        assert_int_equal(rc, 0);
        assert_int_equal(r->n, n);
        rules_free(r);
    }
    buf_fini(&b);
}

static void
test_bounds(void **state)
{
    (void)state;
    check_bound(MAX_RULES, 2, 0, NULL);
    check_bound(MAX_RULES + 1, 1, MAX_RULES + 2, "more than 32 rules");
    check_bound(8, MAX_TERMS, 0, NULL);
    check_bound(1, MAX_TERMS + 1, 2, "at most 8 kinds of incidents");
    check_bound(9, MAX_TERMS, 10, "more than 64 kinds of incidents");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shipped), cmocka_unit_test(test_values), cmocka_unit_test(test_sides),
        cmocka_unit_test(test_errors),  cmocka_unit_test(test_bounds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
