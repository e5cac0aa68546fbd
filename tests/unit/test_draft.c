/* test_draft: whatever a stranger writes becomes text that a record may hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "draft.h"

#define BAD "\xEF\xBF\xBD"

static const char *
clean(struct arena *a, const char *s, size_t n, size_t max)
{
    /* The exact size, so that a sanitizer sees every byte too many. */
    char *exact = malloc(n > 0 ? n : 1);
    const char *out;

    assert_non_null(exact);
    memcpy(exact, s, n);
    out = draft_clean(a, exact, n, max);
    free(exact);
    return out;
}

static void
test_clean(void **state)
{
    static const struct {
        const char *in;
        size_t max;
        const char *out; /* NULL = nothing is left */
    } t[] = {
        {"", 99, NULL},
        {" \r\n\t\x7F\x01", 99, NULL},
        {"a", 99, "a"},
        {"a", 0, NULL},
        {"  a \t b  ", 99, "a b"},
        {"a\r\n\r\n  b\n", 99, "a\nb"},
        {"a\x01\x7F"
         "b",
         99, "a b"},
        {"a\xC2\x85"
         "b",
         99, "a" BAD BAD "b"}, /* C1 */
        {"é à 漢 \xF0\x9F\x9A\x91", 99, "é à 漢 \xF0\x9F\x9A\x91"},
        {"\xFF", 99, BAD},
        {"a\xC3", 99, "a" BAD},
        {"\xC0\xAF", 99, BAD BAD},         /* overlong */
        {"\xED\xA0\x80", 99, BAD BAD BAD}, /* surrogate */
        {"\xF5\x80\x80\x80", 99, BAD BAD BAD BAD},
        /* cut between characters, and no blank is left at the end */
        {"abc", 2, "ab"},
        {"ab c", 3, "ab"},
        {"aé", 2, "a"},
        {"aé", 3, "aé"},
        {"é", 1, NULL},
        {"\xFF", 2, NULL},
        {"\xFF\xFF\xFF", 7, BAD BAD},
    };
    struct arena *a = arena_new(0);

    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        const char *out = clean(a, t[i].in, strlen(t[i].in), t[i].max);
        if ((out == NULL) != (t[i].out == NULL) || (out != NULL && strcmp(out, t[i].out) != 0))
            fail_msg("row %zu: \"%s\"", i, out != NULL ? out : "(none)");
    }
    assert_null(draft_clean(a, NULL, 5, 9));
    assert_string_equal(clean(a, "a\0b", 3, 9), "a b");
    arena_free(a);
}

/* Nothing in the world of bytes gives what a record may not hold. */
static void
test_any_bytes(void **state)
{
    struct arena *a = arena_new(0);
    uint32_t x = 12345;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        char in[40] = "";
        size_t n = (size_t)i % sizeof in, max = (size_t)(i / 7) % 50;
        const char *out;

        for (size_t k = 0; k < n; k++) {
            x = x * 1664525 + 1013904223;
            in[k] = (char)(x >> 24);
        }
        arena_reset(a);
        out = clean(a, in, n, max);
        if (out == NULL)
            continue;
        size_t len = strlen(out);
        assert_true(len > 0 && len <= max);
        assert_true((unsigned char)out[0] > ' ' && (unsigned char)out[len - 1] > ' ');
        for (size_t k = 0; k < len; k++)
            assert_true((unsigned char)out[k] >= ' ' || out[k] == '\n');
        /* Clean of clean is clean. */
        assert_string_equal(clean(a, out, len, max), out);
    }
    arena_free(a);
}

static void
test_names(void **state)
{
    struct arena *a = arena_new(0);
    char wide[2 * MAX_NAME + 1];

    (void)state;
    memset(wide, 'w', sizeof wide - 1);
    wide[sizeof wide - 1] = '\0';
    assert_int_equal(strlen(draft_name(a, wide)), MAX_NAME);
    assert_null(draft_name(a, NULL));
    assert_null(draft_name(a, "  "));
    assert_string_equal(draft_name(a, " x "), "x");
    arena_free(a);
}

static void
test_text(void **state)
{
    struct arena *a = arena_new(0);
    char *wide = malloc(MAX_TEXT);
    struct draft d;

    (void)state;
    assert_non_null(wide);
    draft_init(&d, a);
    assert_int_equal(d.incident.killed, -1);
    draft_text(&d, ": ", " ", 1);
    assert_null(d.incident.text);
    draft_text(&d, ": ", "one ", 4);
    draft_text(&d, ": ", NULL, 0);
    draft_text(&d, ": ", " two", 4);
    assert_string_equal(d.incident.text, "one: two");
    memset(wide, 'w', MAX_TEXT);
    draft_text(&d, "\n", wide, MAX_TEXT);
    assert_int_equal(strlen(d.incident.text), MAX_TEXT);
    draft_text(&d, "\n", "more", 4);
    assert_int_equal(strlen(d.incident.text), MAX_TEXT);
    free(wide);
    arena_free(a);
}

static void
test_attributes(void **state)
{
    struct arena *a = arena_new(0);
    char wide[2 * MAX_VALUE + 1];
    struct draft d;

    (void)state;
    draft_init(&d, a);
    draft_attribute(&d, "none", NULL);
    draft_attribute(&d, "blank", " ");
    draft_attribute(&d, " ", "value");
    assert_int_equal(d.incident.n_attributes, 0);
    memset(wide, 'w', sizeof wide - 1);
    wide[sizeof wide - 1] = '\0';
    for (int i = 0; i < MAX_ATTRIBUTES + 5; i++)
        draft_attribute(&d, "name", wide);
    assert_int_equal(d.incident.n_attributes, MAX_ATTRIBUTES);
    assert_ptr_equal(d.incident.attributes, d.attributes);
    assert_string_equal(d.attributes[0].name, "name");
    assert_int_equal(strlen(d.attributes[MAX_ATTRIBUTES - 1].value), MAX_VALUE);
    arena_free(a);
}

static void
test_position(void **state)
{
    static const struct {
        const char *lat, *lon;
        int rc, e7_lat, e7_lon;
    } t[] = {
        {"16.27", "-0.04", 0, 162700000, -400000},
        {"0", "5", 0, 0, 50000000},
        {"-90", "180", 0, -900000000, 1800000000},
        {"0", "0.0", -1, 0, 0},
        {"90.1", "0", -1, 0, 0},
        {"1", "180.1", -1, 0, 0},
        {"x", "1", -1, 0, 0},
        {"1", "", -1, 0, 0},
        {"nan", "1", -1, 0, 0},
        {NULL, "1", -1, 0, 0},
        {"1", NULL, -1, 0, 0},
    };
    struct arena *a = arena_new(0);

    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        struct draft d;

        draft_init(&d, a);
        if (draft_position(&d, t[i].lat, t[i].lon) != t[i].rc ||
            d.incident.has_pos != (t[i].rc == 0) || d.incident.pos.lat != t[i].e7_lat ||
            d.incident.pos.lon != t[i].e7_lon)
            fail_msg("row %zu: %d,%d", i, d.incident.pos.lat, d.incident.pos.lon);
    }
    arena_free(a);
}

static void
on_record(void *arg, struct record *r, const char *raw, size_t len)
{
    assert_int_equal(r->type, REC_INCIDENT);
    assert_string_equal(r->u.incident.text, "t");
    assert_int_equal(r->u.incident.attributes[0].value[0], 'v');
    assert_ptr_equal(raw, arg);
    assert_int_equal(len, 3);
}

static void
test_emit(void **state)
{
    char raw[] = "raw";
    struct arena *a = arena_new(0);
    struct format_sink sink = {.record = on_record, .arena = a, .arg = raw};
    struct draft d;

    (void)state;
    draft_init(&d, a);
    draft_text(&d, "", "t", 1);
    draft_attribute(&d, "n", "v");
    draft_emit(&d, &sink, raw, 3);
    arena_free(a);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clean),      cmocka_unit_test(test_any_bytes),
        cmocka_unit_test(test_names),      cmocka_unit_test(test_text),
        cmocka_unit_test(test_attributes), cmocka_unit_test(test_position),
        cmocka_unit_test(test_emit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
