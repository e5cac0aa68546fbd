/* test_format_json: how a body is cut into objects. A bad one is refused alone, whatever its
 * brackets are, and the cutting always ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "format_exact.h"

struct seen {
    size_t records, refused;
    char texts[256]; /* of the records, each behind a bar */
    char why[320];   /* the last one */
    size_t raw_len;
};

static void
on_record(void *arg, struct record *r, const char *raw, size_t len)
{
    struct seen *s = arg;
    size_t at = strlen(s->texts);

    assert_non_null(raw);
    assert_true(len > 0);
    assert_int_equal(r->type, REC_INCIDENT);
    (void)snprintf(s->texts + at, sizeof s->texts - at, "|%s", r->u.incident.text);
    s->records++;
}

static void
on_refused(void *arg, const char *why, const char *raw, size_t len)
{
    struct seen *s = arg;

    (void)raw;
    s->refused++;
    s->raw_len = len;
    (void)snprintf(s->why, sizeof s->why, "%s", why);
}

static void
run(bool lines, const char *text, size_t n, struct seen *s)
{
    struct format_sink sink = {.record = on_record, .refused = on_refused, .arg = s};

    memset(s, 0, sizeof *s);
    format_exact(lines ? FORMAT_NDJSON : FORMAT_JSON, text, n, NULL, sink);
}

#define A "{\"text\":\"a\"}"
#define B "{\"text\":\"b\"}"

static void
test_json(void **state)
{
    static const struct {
        const char *body;
        size_t records, refused;
        const char *texts, *why;
    } t[] = {
        {"", 0, 1, "", "empty"},
        {" \r\n\t", 0, 1, "", "empty"},
        {A, 1, 0, "|a", NULL},
        {"  " A "\n", 1, 0, "|a", NULL},
        {A " " B, 0, 1, "", NULL},
        {"[]", 0, 0, "", NULL},
        {" [ ] ", 0, 0, "", NULL},
        {"[" A "]", 1, 0, "|a", NULL},
        {"[ " A " , " B " ]\n", 2, 0, "|a|b", NULL},
        {"[" A "," A "," B "]", 3, 0, "|a|a|b", NULL},
        {"[" A ",7," B "]", 2, 1, "|a|b", NULL},
        {"[" A ",{\"text\":}," B "]", 2, 1, "|a|b", NULL},
        {"[" A "x," B "]", 1, 1, "|b", NULL},
        {"[" A " " B "]", 0, 1, "", NULL},
        {"[" A ",," B "]", 2, 1, "|a|b", NULL},
        /* brackets, commas and quotes inside of strings are text */
        {"[{\"text\":\"],}\\\"[{\"}," B "]", 2, 0, "|],}\"[{|b", NULL},
        {"[{\"text\":\"x\",\"attributes\":{\"k\":\"[,\"}}]", 1, 0, "|x", NULL},
        /* an array inside of an array is one bad element */
        {"[[" A "," B "]," A "]", 1, 1, "|a", NULL},
        {"[" A, 1, 1, "|a", "not closed"},
        {"[" A ",", 1, 1, "|a", "not closed"},
        {"[", 0, 1, "", "not closed"},
        {"[{\"text\":\"a", 0, 2, "", "not closed"},
        {"[{\"text\":\"a\\", 0, 2, "", "not closed"},
        {"[" A "]" B, 1, 1, "|a", "behind"},
        {"[" A "]]", 1, 1, "|a", "behind"},
        /* a brace too many must not stop the cutting */
        {"[}", 0, 2, "", "not closed"},
        {"[}]", 0, 1, "", NULL},
        {"[1}", 0, 2, "", "not closed"},
        {"[" A "}," B "]", 1, 1, "|b", NULL},
        {"]", 0, 1, "", NULL},
        {"}", 0, 1, "", NULL},
        {"null", 0, 1, "", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        struct seen s;
        run(false, t[i].body, strlen(t[i].body), &s);
        if (s.records != t[i].records || s.refused != t[i].refused ||
            strcmp(s.texts, t[i].texts) != 0 ||
            (t[i].why != NULL && strstr(s.why, t[i].why) == NULL))
            fail_msg("%s: %zu records, %zu refused, %s, %s", t[i].body, s.records, s.refused,
                     s.texts, s.why);
    }
}

static void
test_lines(void **state)
{
    static const struct {
        const char *body;
        size_t records, refused;
        const char *texts;
    } t[] = {
        {"", 0, 0, ""},
        {"\n\n \r\n", 0, 0, ""},
        {A, 1, 0, "|a"},
        {A "\n" B "\n", 2, 0, "|a|b"},
        {A "\r\n\r\n  " B, 2, 0, "|a|b"},
        {A "\nno\n" B "\n", 2, 1, "|a|b"},
        {"[" A "]\n" B, 1, 1, "|b"},
        {A " " B "\n" A, 1, 1, "|a"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        struct seen s;
        run(true, t[i].body, strlen(t[i].body), &s);
        if (s.records != t[i].records || s.refused != t[i].refused ||
            strcmp(s.texts, t[i].texts) != 0)
            fail_msg("%s: %zu records, %zu refused, %s, %s", t[i].body, s.records, s.refused,
                     s.texts, s.why);
    }
}

/* What is refused is handed on as it came. */
static void
test_raw(void **state)
{
    static const char body[] = A "\n  {\"text\":1}\n";
    struct seen s;

    (void)state;
    run(true, body, sizeof body - 1, &s);
    assert_int_equal(s.refused, 1);
    assert_int_equal(s.raw_len, 10);
}

/* Every text over a small alphabet up to seven bytes comes to an end, within its bytes. */
static void
test_all_short_texts(void **state)
{
    static const char alphabet[] = "[]{},\"\\ 1";
    size_t base = sizeof alphabet - 1, many = 1;
    struct arena *a = arena_new(0);
    struct seen s;
    struct format_sink sink = {.record = on_record, .refused = on_refused, .arena = a, .arg = &s};

    (void)state;
    assert_non_null(a);
    for (size_t len = 1; len <= 6; len++) {
        many *= base;
        for (size_t i = 0; i < many; i++) {
            char text[8];
            size_t v = i;
            for (size_t k = 0; k < len; k++, v /= base)
                text[k] = alphabet[v % base];
            memset(&s, 0, sizeof s);
            format_all(FORMAT_JSON, text, len, NULL, &sink);
            assert_true(s.records + s.refused <= len + 1);
        }
    }
    arena_free(a);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_raw),
        cmocka_unit_test(test_all_short_texts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
