/* test_form: fields of a URL's query and of a post, in buffers of exact size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "form.h"

static struct arena *arena;

static void
parse(const char *s, size_t n, struct form *f)
{
    char *exact = malloc(n > 0 ? n : 1);
    struct err e = {.text = ""};

    assert_non_null(exact);
    memcpy(exact, s, n);
    if (form_parse(arena, exact, n, f, &e) < 0)
        fail_msg("%s", e.text);
    free(exact);
}

static void
test_fields(void **state)
{
    static const struct {
        const char *text;
        size_t n;
        const char *fields; /* name=value; … */
    } cases[] = {
        {"", 0, ""},
        {"a=b", 1, "a=b;"},
        {"a=b&c=d", 2, "a=b;c=d;"},
        {"&&a=b&&", 1, "a=b;"},
        {"a", 1, "a=;"},
        {"a=", 1, "a=;"},
        {"=b", 1, "=b;"},
        {"a=b=c", 1, "a=b=c;"},
        {"a=1&a=2", 2, "a=1;a=2;"},
        {"a+b=c+d", 1, "a b=c d;"},
        {"a=%41%c3%a9%C3%A9", 1, "a=A\xc3\xa9\xc3\xa9;"},
        {"a=100%", 1, "a=100%;"},
        {"a=%4", 1, "a=%4;"},
        {"a=%zz%4z", 1, "a=%zz%4z;"},
        {"%61=%3d%26", 1, "a==&;"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct form f;
        char seen[256] = "";
        parse(cases[i].text, strlen(cases[i].text), &f);
        for (size_t k = 0; k < f.n; k++) {
            strcat(strcat(seen, f.v[k].name), "=");
            strcat(strcat(seen, f.v[k].value), ";");
            assert_int_equal(f.v[k].len, strlen(f.v[k].value));
        }
        assert_string_equal(seen, cases[i].fields);
        assert_int_equal(f.n, cases[i].n);
    }
}

static void
test_lookup(void **state)
{
    struct form f;

    (void)state;
    parse("a=1&b=%00%41%00&a=2", 19, &f);
    assert_string_equal(form_value(&f, "a"), "1");
    assert_null(form_value(&f, "A"));
    assert_null(form_get(&f, "c"));
    assert_int_equal(form_get(&f, "b")->len, 3);
    assert_memory_equal(form_get(&f, "b")->value, "\0A\0", 4);
}

static void
test_many(void **state)
{
    char text[2 * (FORM_FIELDS + 1)];
    struct form f;
    struct err e = {.text = ""};

    (void)state;
    for (size_t i = 0; i < sizeof text; i += 2)
        memcpy(text + i, "a&", 2);
    parse(text, 2 * FORM_FIELDS, &f);
    assert_int_equal(f.n, FORM_FIELDS);
    assert_int_equal(form_parse(arena, text, sizeof text, &f, &e), -1);
    assert_non_null(strstr(e.text, "more than 256 fields"));
    struct arena *small = arena_new(64);
    assert_int_equal(form_parse(small, text, sizeof text, &f, &e), -1);
    assert_string_equal(e.text, "out of memory");
    arena_free(small);
}

static int
setup(void **state)
{
    (void)state;
    arena = arena_new(0);
    return arena != NULL ? 0 : -1;
}

static int
teardown(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_fields), cmocka_unit_test(test_lookup),
                                       cmocka_unit_test(test_many)};

    return cmocka_run_group_tests(tests, setup, teardown);
}
