/* template: what is filled in, left out, refused. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "template.h"

static void
test_fill(void **state)
{
    static const struct {
        const char *text, *where, *when, *soon, *want;
    } table[] = {
        {"{who}: {what} {where}, {when}; {soon}", "at Gao", "06:00", "soon",
         "A: ambush at Gao, 06:00; soon"},
        {"{who}: {what} {where}, {when}; {soon}", "", NULL, "soon", "A: ambush; soon"},
        {"{who}: {what} {where}, {when}; {soon}", NULL, "06:00", "", "A: ambush, 06:00"},
        {"{where}. {what}!", NULL, NULL, NULL, ". ambush!"},
        {"no place at all", NULL, NULL, NULL, "no place at all"},
        {"", NULL, NULL, NULL, ""},
        {"{what}{what}", NULL, NULL, NULL, "ambushambush"},
    };
    char out[80];

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const char *values[TEMPLATE_PLACES] = {[TP_WHO] = "A",
                                               [TP_WHAT] = "ambush",
                                               [TP_WHERE] = table[i].where,
                                               [TP_WHEN] = table[i].when,
                                               [TP_SOON] = table[i].soon};

        assert_int_equal(template_fill(table[i].text, values, out, sizeof out),
                         strlen(table[i].want));
        assert_string_equal(out, table[i].want);
    }
}

/* What does not fit is cut between characters. */
static void
test_cut(void **state)
{
    const char *values[TEMPLATE_PLACES] = {[TP_WHO] = "\xc3\xa9\xc3\xa9\xc3\xa9"};
    char out[6];

    (void)state;
    for (size_t size = 1; size <= sizeof out; size++) {
        assert_int_equal(template_fill("{who}", values, out, size), (size - 1) / 2 * 2);
        assert_int_equal(strlen(out), (size - 1) / 2 * 2);
    }
}

static void
test_check(void **state)
{
    static const struct {
        const char *text, *bad;
    } table[] = {
        {"", NULL},         {"plain", NULL},    {"{who}{halt}", NULL}, {"{whom}", "{whom}"},
        {"a {who", "{who"}, {"{who} {}", "{}"}, {"{{who}", "{{who}"},  {"}", NULL},
        {"{WHO}", "{WHO}"}, {"{far} {", "{"},
    };
    const char *at;
    size_t len;

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        assert_int_equal(template_check(table[i].text, &at, &len), table[i].bad == NULL);
        if (table[i].bad) {
            assert_int_equal(len, strlen(table[i].bad));
            assert_memory_equal(at, table[i].bad, len);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fill),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_check),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
