/* test_csv: rows as they are found in the field, whole and cut anywhere, and bodies that would make
 * a careless reader slow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "csv.h"

static struct csv *csv;
static struct csv_row row;

static int
set_up(void **state)
{
    (void)state;
    csv = csv_new();
    return csv != NULL ? 0 : -1;
}

static int
tear_down(void **state)
{
    (void)state;
    csv_free(csv);
    return 0;
}

/* A copy of the exact size, so that a sanitizer sees every byte too many. */
static char *
exact(const char *s, size_t n)
{
    char *p = malloc(n > 0 ? n : 1);

    assert_non_null(p);
    memcpy(p, s, n);
    return p;
}

/* Rows of a body: fields between bars, rows behind each other with a slash; blank rows are '-'. */
static void
render(const char *s, size_t n, char *out, size_t size)
{
    size_t at = 0;

    out[0] = '\0';
    for (size_t i = 0; i < n;) {
        size_t used = csv_row(csv, s + i, n - i, true, &row);
        assert_in_range(used, 1, n - i);
        assert_true(row.len <= used);
        if (row.state == CSV_BLANK)
            at += (size_t)snprintf(out + at, size - at, "-");
        else
            for (size_t k = 0; k < row.n; k++)
                at +=
                    (size_t)snprintf(out + at, size - at, "%s%s", k > 0 ? "|" : "", row.fields[k]);
        at += (size_t)snprintf(out + at, size - at, "/");
        assert_true(at < size);
        i += used;
    }
}

static void
test_rows(void **state)
{
    static const struct {
        const char *body, *rows;
        char delimiter;
        bool cr;
    } t[] = {
        {"", "", ',', false},
        {"a,b\n", "a|b/", ',', false},
        {"a,b", "a|b/", ',', false},
        {"a,b\r\nc,d\r\n", "a|b/c|d/", ',', false},
        {"a,b\r\r\nc", "a|b/c/", ',', false},
        {"a,b\rc,d\r", "a|b/c|d/", ',', true},
        {"a,b\r\nc\rd\ne", "a|b/c/d/e/", ',', true},
        {"a,b\rc,d\n", "a|b\rc|d/", ',', false},
        {"a;b,c;d\n", "a|b,c|d/", ';', false},
        {"a\tb c\t\td\n", "a|b c||d/", '\t', false},
        {",\n,a\n", "-/|a/", ',', false},
        {"\n\na\n \n", "-/-/a/-/", ',', false},
        {" a , b\t,c \n", "a|b|c/", ',', false},
        /* quotes */
        {"\"a\",\"b\"\n", "a|b/", ',', false},
        {"\"\",\"\"\n", "-/", ',', false},
        {"\"\",x\n", "|x/", ',', false},
        {"\"a,b\",c\n", "a,b|c/", ',', false},
        {"\"a\nb\",c\n", "a\nb|c/", ',', false},
        {"\"a\r\nb\",c\r\nd", "a\r\nb|c/d/", ',', false},
        {"\"say \"\"no\"\"\",c\n", "say \"no\"|c/", ',', false},
        {"\"\"\"no\"\"\",c\n", "\"no\"|c/", ',', false},
        {"\"\"\"\",c\n", "\"|c/", ',', false},
        {"\"\"\"\"\"\",c\n", "\"\"|c/", ',', false},
        {" \"a, b\" ,c\n", "a, b|c/", ',', false},
        {"\" a \",c\n", " a |c/", ',', false},
        {"a,\"b\"", "a|b/", ',', false},
        /* quotes that are text */
        {"5\" gun,b\n", "5\" gun|b/", ',', false},
        {"a\"b\"c,d\n", "a\"b\"c|d/", ',', false},
        {"\"he said \"go\" and left\",c\n", "he said \"go\" and left|c/", ',', false},
        {"\"he said \"go, now\" and left\",c\n", "he said \"go, now\" and left|c/", ',', false},
        {"\"Abu\" X,c\n", "\"Abu\" X|c/", ',', false},
        {"\"\"x,c\n", "\"\"x|c/", ',', false},
        /* never closed: costs no other row */
        {"1,\"open,x\n2,b\n3,c\n", "1|\"open|x/2|b/3|c/", ',', false},
        {"1,\"open\n2,\"b\",c\n3,c\n", "1|\"open/2|b|c/3|c/", ',', false},
        {"1,\"open\n\"2\",b\n", "1|\"open/2|b/", ',', false},
        {"1,\"a\nb\",\"open\n2,c\n", "1|a\nb|\"open/2|c/", ',', false},
        {"1,\"open\n2,\"\"x,c\n", "1|\"open/2|\"\"x|c/", ',', false},
        {"\"", "\"/", ',', false},
        {"\"\n", "\"/", ',', false},
        {"a,\"", "a|\"/", ',', false},
    };
    char seen[512];

    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        size_t n = strlen(t[i].body);
        char *body = exact(t[i].body, n);
        csv_use(csv, t[i].delimiter, t[i].cr);
        render(body, n, seen, sizeof seen);
        if (strcmp(seen, t[i].rows) != 0)
            fail_msg("%s: %s", t[i].body, seen);
        free(body);
    }
}

static void
test_encodings(void **state)
{
    static const struct {
        const char *field, *seen;
    } t[] = {
        {"tu\xC3\xA9s", "tu\xC3\xA9s"},
        {"tu\xE9s \xE0 Gao", "tu\xC3\xA9s \xC3\xA0 Gao"},
        {"\x93oui\x94 \x80", "\xE2\x80\x9Coui\xE2\x80\x9D \xE2\x82\xAC"},
        {"\x81", "\xEF\xBF\xBD"},
        /* UTF-8 that was cut stays as it is: draft_clean() shows the place */
        {"\xC3\xA9\xC3\xA9\xC3", "\xC3\xA9\xC3\xA9\xC3"},
        {"\xF0\x9F\x98\x80", "\xF0\x9F\x98\x80"},
    };

    (void)state;
    csv_use(csv, ',', false);
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        char text[64];
        int n = snprintf(text, sizeof text, "a,%s,b", t[i].field);
        char *body = exact(text, (size_t)n);
        assert_int_equal(csv_row(csv, body, (size_t)n, true, &row), n);
        assert_int_equal(row.n, 3);
        assert_string_equal(row.fields[0], "a");
        assert_string_equal(row.fields[1], t[i].seen);
        assert_string_equal(row.fields[2], "b");
        free(body);
    }
    assert_int_equal(csv_row(csv, "a\0b,c", 5, true, &row), 5);
    assert_string_equal(row.fields[0], "a b");
}

/* What is written as RFC 4180 says is read as it was: every two fields of up to three bytes. */
static void
test_round_trip(void **state)
{
    static const char alphabet[] = "\",\nx";
    char fields[85][4] = {""}, text[64], want[800], seen[64];
    size_t n = 1;

    (void)state;
    csv_use(csv, ',', false);
    for (size_t from = 0, to = 1, len = 0; len < 3; len++, from = to, to = n)
        for (size_t i = from; i < to; i++)
            for (size_t k = 0; k < 4; k++, n++)
                (void)snprintf(fields[n], sizeof fields[n], "%s%c", fields[i], alphabet[k]);
    assert_int_equal(n, 85);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++) {
            char *w = text;
            const char *both[] = {fields[i], fields[k]};
            for (size_t f = 0; f < 2; f++) {
                *w++ = '"';
                for (const char *s = both[f]; *s != '\0'; s++) {
                    *w++ = *s;
                    if (*s == '"')
                        *w++ = '"';
                }
                *w++ = '"';
                *w++ = f == 0 ? ',' : '\n';
            }
            (void)snprintf(want, sizeof want, "%s|%s/", fields[i], fields[k]);
            render(text, (size_t)(w - text), seen, sizeof seen);
            if (strcmp(seen, i + k == 0 ? "-/" : want) != 0)
                fail_msg("%s: %s, not %s", text, seen, want);
        }
}

/* Every text over a small alphabet: reading comes to an end, and a row that ends within fewer bytes
 * is the same row. */
static void
test_all_short_texts(void **state)
{
    static const char alphabet[] = "\",\n\rx ";
    static struct csv_row part;
    size_t base = sizeof alphabet - 1, many = 1;

    (void)state;
    for (size_t len = 1; len <= 7; len++) {
        many *= base;
        for (size_t v = 0; v < many; v++) {
            char text[8];
            size_t rest = v;
            for (size_t k = 0; k < len; k++, rest /= base)
                text[k] = alphabet[rest % base];
            csv_use(csv, ',', v % 2 == 0);
            size_t whole = csv_row(csv, text, len, true, &row);
            assert_in_range(whole, 1, len);
            size_t fields = row.n, end = row.len;
            for (size_t n = 1; n < len; n++) {
                size_t used = csv_row(csv, text, n, false, &part);
                if (used > 0 && (used != whole || part.n != fields || part.len != end))
                    fail_msg("%.*s cut to %zu: %zu, %zu fields", (int)len, text, n, used, part.n);
            }
        }
    }
}

/* ---- large ones */

static char *
repeat(const char *what, size_t bytes)
{
    size_t n = strlen(what);
    char *p = malloc(bytes);

    assert_non_null(p);
    for (size_t i = 0; i < bytes; i++)
        p[i] = what[i % n];
    return p;
}

static void
test_limits(void **state)
{
    size_t n = CSV_MAX_ROW + 100, used;
    char *line = repeat("x", n);

    (void)state;
    csv_use(csv, ',', false);
    line[n - 5] = '\n';
    assert_int_equal(csv_row(csv, line, n, false, &row), n - 4);
    assert_int_equal(row.state, CSV_TOO_LONG);
    line[n - 5] = 'x'; /* its end has not come: skipped, and the rest when it comes */
    assert_int_equal(csv_row(csv, line, n, false, &row), n);
    assert_int_equal(row.state, CSV_TOO_LONG);
    assert_int_equal(csv_row(csv, "rest\na\n", 7, false, &row), 5);
    assert_int_equal(row.state, CSV_BLANK);
    assert_int_equal(csv_row(csv, "a\n", 2, false, &row), 2);
    assert_int_equal(row.state, CSV_ROW);
    /* a quote that is open for so long is text, and its line a row */
    line[0] = '"';
    line[10] = '\n';
    assert_int_equal(csv_row(csv, line, n, false, &row), 11);
    assert_int_equal(row.state, CSV_ROW);
    assert_int_equal(csv_row(csv, line, n / 2, false, &row), 0);
    free(line);

    n = CSV_MAX_ROW;
    line = repeat("a,", n);
    line[n - 1] = '\n';
    used = csv_row(csv, line, n, true, &row);
    assert_int_equal(used, n);
    assert_int_equal(row.state, CSV_TOO_WIDE);
    assert_int_equal(row.n, n / 2);
    assert_string_equal(row.fields[CSV_MAX_FIELDS - 1], "a");
    free(line);
}

/* Bodies on which a reader that looks for ends again and again would take hours. */
static void
test_linear(void **state)
{
    static const char *const patterns[] = {
        "\"",          "\"\"x\n",     "\"x\n",       "a\",\"\n",    "\"a,\"b,\"c,", "\"\"\"x,\n",
        "x,\"\"x\n",   "\n\"",        "\" ",         " \"\n",       "\",\"",        "\"a\n\"\"b\n",
        ",\"\"\"\"x,", "\"a\n  \"b ", "\"\n,\"\"\n", "x,\"y\n\n\n", "\"\xE9\n",     ",",
    };
    size_t n = 3 * CSV_MAX_ROW;

    (void)state;
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
        char *body = repeat(patterns[i], n);
        for (int first = 0; first < 2; first++) {
            csv_use(csv, ',', false);
            body[0] = first ? '"' : body[0];
            for (size_t at = 0; at < n;) {
                size_t used = csv_row(csv, body + at, n - at, true, &row);
                assert_in_range(used, 1, n - at);
                at += used;
            }
        }
        free(body);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),       cmocka_unit_test(test_encodings),
        cmocka_unit_test(test_round_trip), cmocka_unit_test(test_all_short_texts),
        cmocka_unit_test(test_limits),     cmocka_unit_test(test_linear),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
