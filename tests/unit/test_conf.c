/* Tests of common/conf: each type, each refusal with its path and line, defaults, printing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "timefmt.h"

struct item {
    char *name;
    int64_t weight;
    struct conf_strings tags;
};

struct sample {
    bool flag, trust;
    int64_t number, unset, wait, life, bytes;
    int colour, none;
    char *word, *maybe;
    struct conf_strings list, rows;
    struct {
        int64_t inner;
        struct conf_list items;
    } section;
};

static const char *const colours[] = {"", "red", "green", NULL};
static const char *const trusts[] = {"trusted", "untrusted", NULL};
static const struct conf_key item_keys[] = {
    {"name", CONF_STRING, offsetof(struct item, name), .min = 1, .max = 4, .required = true,
     .help = "Its name."},
    {"weight", CONF_INT, offsetof(struct item, weight), "7", -5, 10, .help = "How heavy."},
    {"tags", CONF_STRINGS, offsetof(struct item, tags), .max = 2, .help = "Words."},
    {.name = NULL}};
static const struct conf_key section_keys[] = {
    {"inner", CONF_INT, 0, "3", .help = "A figure."},
    {"items", CONF_LIST, sizeof(int64_t), .def = "- {name: dflt}\n- {name: two, weight: 2}\n",
     .max = 3, .sub = item_keys, .elem_size = sizeof(struct item), .help = "Things."},
    {.name = NULL}};
static const struct conf_key table[] = {
    {"flag", CONF_BOOL, offsetof(struct sample, flag), "true", .help = "Yes or no."},
    {"trust", CONF_BOOL, offsetof(struct sample, trust), "trusted", .names = trusts,
     .help = "Two words."},
    {"number", CONF_INT, offsetof(struct sample, number), "5", 1, 100, .help = "A number."},
    {"unset", CONF_INT, offsetof(struct sample, unset), .help = "May be missing."},
    {"wait", CONF_DURATION, offsetof(struct sample, wait), "5s", 100000, 3600000000,
     .help = "A time."},
    {"life", CONF_DURATION, offsetof(struct sample, life), "1h", 0, INT64_MAX, .help = "Long."},
    {"bytes", CONF_BYTES, offsetof(struct sample, bytes), "1MiB", 1024, 1 << 30, .help = "Size."},
    {"colour", CONF_ENUM, offsetof(struct sample, colour), "red", .names = colours,
     .help = "A colour."},
    {"none", CONF_ENUM, offsetof(struct sample, none), .names = colours, .help = "Or none."},
    {"word", CONF_STRING, offsetof(struct sample, word), "hello", .min = 2, .max = 8,
     .help = "A word."},
    {"maybe", CONF_STRING, offsetof(struct sample, maybe), .help = "Perhaps a word."},
    {"list", CONF_STRINGS, offsetof(struct sample, list), .max = 3, .help = "Words."},
    {"rows", CONF_STRINGS, offsetof(struct sample, rows), .def = "- a b\n- c d\n", .max = 3,
     .help = "Words with a default."},
    {"section", CONF_MAP, offsetof(struct sample, section), .sub = section_keys,
     .help = "A section."},
    {.name = NULL}};

static int
bind(const char *text, struct sample *s, struct err *e)
{
    struct yaml *y = NULL;

    memset(s, 0, sizeof(*s));
    memset(e, 0, sizeof(*e));
    assert_int_equal(yaml_parse(text, strlen(text), "c.yaml", &y, NULL), 0);
    int rc = conf_bind(yaml_root(y), "c.yaml", table, s, e);
    yaml_close(y);
    return rc;
}

static void
check_defaults(const struct sample *s)
{
    const struct item *items = s->section.items.v;

    assert_true(s->flag);
    assert_false(s->trust);
    assert_int_equal(s->number, 5);
    assert_int_equal(s->unset, -1);
    assert_int_equal(s->wait, 5 * SECOND_US);
    assert_int_equal(s->life, HOUR_US);
    assert_int_equal(s->bytes, 1 << 20);
    assert_int_equal(s->colour, 1);
    assert_int_equal(s->none, -1);
    assert_string_equal(s->word, "hello");
    assert_null(s->maybe);
    assert_int_equal(s->list.n, 0);
    assert_int_equal(s->rows.n, 2);
    assert_string_equal(s->rows.v[1], "c d");
    assert_int_equal(s->section.inner, 3);
    assert_int_equal(s->section.items.n, 2);
    assert_string_equal(items[0].name, "dflt");
    assert_int_equal(items[0].weight, 7);
    assert_int_equal(items[1].weight, 2);
}

static void
test_defaults(void **state)
{
    static const char *const texts[] = {
        "", "~", "null", "number:\n", "number: ~\nsection:\n", "section: {inner: null}\n"};
    struct sample s;
    struct err e;

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_int_equal(bind(texts[i], &s, &e), 0);
        check_defaults(&s);
        conf_free(table, &s);
    }
    memset(&s, 0, sizeof(s));
    assert_int_equal(conf_bind(NULL, "none", table, &s, &e), 0);
    check_defaults(&s);
    conf_free(table, &s);
    conf_free(table, &s);
}

static void
test_values(void **state)
{
    struct sample s;
    struct err e;

    (void)state;
    assert_int_equal(bind("flag: no\ntrust: untrusted\nnumber: 100\nunset: -9\nwait: 250ms\n"
                          "life: forever\nbytes: 64KiB\ncolour: green\nnone: red\n"
                          "word: \"null\"\nmaybe: ''\nlist: [a, 'b', c]\nrows: []\n"
                          "section:\n  inner: 9\n  items:\n"
                          "    - name: x\n      weight: -5\n      tags: [p, q]\n",
                          &s, &e),
                     0);
    const struct item *items = s.section.items.v;
    assert_false(s.flag);
    assert_true(s.trust);
    assert_int_equal(s.number, 100);
    assert_int_equal(s.unset, -9);
    assert_int_equal(s.wait, 250000);
    assert_true(s.life == INT64_MAX);
    assert_int_equal(s.bytes, 65536);
    assert_int_equal(s.colour, 2);
    assert_int_equal(s.none, 1);
    assert_string_equal(s.word, "null");
    assert_string_equal(s.maybe, "");
    assert_int_equal(s.list.n, 3);
    assert_string_equal(s.list.v[2], "c");
    assert_int_equal(s.rows.n, 0);
    assert_int_equal(s.section.items.n, 1);
    assert_int_equal(items[0].weight, -5);
    assert_int_equal(items[0].tags.n, 2);
    conf_free(table, &s);
}

static void
test_sizes(void **state)
{
    static const struct {
        const char *text;
        int64_t bytes; /* -1 = refused */
    } cases[] = {{"bytes: 2048", 2048},    {"bytes: 2048B", 2048},   {"bytes: 3 KiB", 3072},
                 {"bytes: 1GiB", 1 << 30}, {"bytes: 2GiB", -1},      {"bytes: 1KB", -1},
                 {"bytes: KiB", -1},       {"bytes: -1KiB", -1},     {"bytes: 1.5MiB", -1},
                 {"bytes: 512", -1},       {"bytes: 9999999TiB", -1}};
    struct sample s;
    struct err e;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int rc = bind(cases[i].text, &s, &e);
        if (rc != (cases[i].bytes < 0 ? -1 : 0))
            fail_msg("%s: %s", cases[i].text, e.text);
        if (rc == 0)
            assert_int_equal(s.bytes, cases[i].bytes);
        conf_free(table, &s);
    }
}

static void
test_refused(void **state)
{
    static const struct {
        const char *text;
        int line;
        const char *says;
    } cases[] = {
        {"wait: 50ms\n", 1, "wait: 50ms is below the least, 100ms"},
        {"\nwait: 2h\n", 2, "wait: 2h is above the most, 1h"},
        {"bytes: 1\n", 1, "bytes: 1 is below the least, 1KiB"},
        {"number: 101\n", 1, "number: 101 is above the most, 100"},
        {"number: 12x\n", 1, "number: \"12x\" is no whole number"},
        {"number: +5\n", 1, "no whole number"},
        {"number: 99999999999999999999\n", 1, "no whole number"},
        {"number: [1]\n", 1, "number: is a list; one value is wanted"},
        {"number: {a: 1}\n", 1, "number: is a map; one value is wanted"},
        {"wait: forever\n", 1, "is no duration"},
        {"wait: soon\n", 1, "wait: \"soon\" is no duration; write it like"},
        {"bytes: big\n", 1, "is no size"},
        {"flag: maybe\n", 1, "flag: \"maybe\" is neither true nor false"},
        {"trust: yes\n", 1, "trust: \"yes\" is neither untrusted nor trusted"},
        {"colour: blue\n", 1, "colour: \"blue\" is none of red, green"},
        {"colour: ''\n", 1, "is none of"},
        {"word: x\n", 1, "word: is shorter than 2 bytes"},
        {"word: a-long-word\n", 1, "word: is longer than 8 bytes"},
        {"wrod: x\n", 1, "wrod: no such key"},
        {"a: 1\n\"\\e[31m\": x\n", 1, "a: no such key"},
        {"\"\\e[31m\": x\n", 1, "?[31m: no such key"},
        {"number: \"\\e]0;x\\a\"\n", 1, "number: \"?]0;x?\""},
        {"section: 5\n", 1, "section: is no map"},
        {"section:\n  inner: x\n", 2, "section.inner: \"x\""},
        {"section:\n  outer: x\n", 2, "section.outer: no such key"},
        {"list: a\n", 1, "list: is no list"},
        {"list: [a, [b]]\n", 1, "list[2]: is no single value"},
        {"list: [a, b, c, d]\n", 1, "list: has 4 elements; the most is 3"},
        {"section:\n  items:\n    - x\n", 3, "section.items[1]: is no map"},
        {"section:\n  items:\n    - name: x\n    - weight: 1\n", 4,
         "section.items[2].name: is missing"},
        {"section:\n  items:\n    - name:\n", 3, "section.items[1].name: is missing"},
        {"section:\n  items:\n    - name: ''\n", 3, "section.items[1].name: is empty"},
        {"section:\n  items:\n    - {name: x, tags: [a, [b]]}\n", 3,
         "section.items[1].tags[2]: is no single value"},
        {"- a\n", 1, "is no map"},
        {"word\n", 1, "is no map"},
    };
    struct sample s;
    struct err e;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(bind(cases[i].text, &s, &e), -1);
        if (strstr(e.text, cases[i].says) == NULL)
            fail_msg("%s\nsays: %s", cases[i].text, e.text);
        assert_string_equal(e.file, "c.yaml");
        assert_int_equal(e.line, cases[i].line);
        assert_null(s.word);
        assert_null(s.section.items.v);
    }
}

/* A long value is cut between characters. */
static void
test_long_value(void **state)
{
    char text[400] = "number: ";
    struct sample s;
    struct err e;

    (void)state;
    strcat(text, "x");
    for (int i = 0; i < 60; i++)
        strcat(text, "é");
    assert_int_equal(bind(text, &s, &e), -1);
    assert_non_null(strstr(e.text, "é...\" is no whole number"));
}

/* What is printed loads to the defaults, also with the "#" before each default taken away. */
static void
test_print(void **state)
{
    char *text = NULL, *active = NULL;
    size_t n = 0, m = 0;
    struct sample s;
    struct err e;
    FILE *f = open_memstream(&text, &n);

    (void)state;
    conf_print_defaults(table, f);
    assert_int_equal(fclose(f), 0);
    assert_non_null(strstr(text, "#wait: 5s\n"));
    assert_non_null(strstr(text, "# One of: red green\n"));
    assert_int_equal(bind(text, &s, &e), 0);
    check_defaults(&s);
    conf_free(table, &s);
    f = open_memstream(&active, &m);
    for (char *line = text, *next = NULL; *line != '\0'; line = next) {
        next = strchr(line, '\n') + 1;
        char *mark = line + strspn(line, " ");
        bool value = *mark == '#' && (mark[1] != ' ' || strncmp(mark, "#  - ", 5) == 0);
        fprintf(f, "%.*s", (int)(mark - line), line);
        mark += value;
        fprintf(f, "%.*s", (int)(next - mark), mark);
    }
    assert_int_equal(fclose(f), 0);
    if (bind(active, &s, &e) != 0)
        fail_msg("%d: %s\n%s", e.line, e.text, active);
    check_defaults(&s);
    conf_free(table, &s);
    free(text);
    free(active);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),   cmocka_unit_test(test_values),
        cmocka_unit_test(test_sizes),      cmocka_unit_test(test_refused),
        cmocka_unit_test(test_long_value), cmocka_unit_test(test_print),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
