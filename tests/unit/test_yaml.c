/* Tests of common/yaml: the shape of the tree, and each refusal with its line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "yaml.h"

static struct yaml *
parse(const char *s)
{
    struct yaml *y = NULL;
    struct err e;

    memset(&e, 0, sizeof(e));
    if (yaml_parse(s, strlen(s), "t.yaml", &y, &e) != 0)
        fail_msg("%s", e.text);
    return y;
}

static void
test_tree(void **state)
{
    struct yaml *y = parse("# head\n"
                           "a: 1\n"
                           "b:\n"
                           "  - x\n"
                           "  - \"y\"\n"
                           "  -\n"
                           "c: {d: e, f: []}\n"
                           "g:\n");
    const struct ynode *root = yaml_root(y);

    (void)state;
    assert_string_equal(yaml_name(y), "t.yaml");
    assert_int_equal(root->type, YN_MAP);
    assert_int_equal(ynode_count(root), 4);
    const struct ynode *a = ynode_get(root, "a");
    assert_int_equal(a->type, YN_SCALAR);
    assert_string_equal(a->scalar, "1");
    assert_false(a->quoted);
    assert_int_equal(a->line, 2);
    const struct ynode *b = ynode_get(root, "b");
    assert_int_equal(b->type, YN_LIST);
    assert_int_equal(ynode_count(b), 3);
    assert_int_equal(b->child->line, 4);
    assert_null(b->child->key);
    assert_true(b->child->next->quoted);
    assert_string_equal(b->child->next->next->scalar, "");
    const struct ynode *f = ynode_get(ynode_get(root, "c"), "f");
    assert_int_equal(f->type, YN_LIST);
    assert_null(f->child);
    assert_string_equal(ynode_get(root, "g")->scalar, "");
    assert_null(ynode_get(root, "h"));
    assert_null(ynode_get(b, "x"));
    assert_null(ynode_get(NULL, "x"));
    assert_int_equal(ynode_count(NULL), 0);
    yaml_close(y);
    yaml_close(NULL);
}

static void
test_empty(void **state)
{
    static const char *const texts[] = {"", "# only words\n", "\n\n", "\xEF\xBB\xBF"};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct yaml *y = parse(texts[i]);
        assert_int_equal(yaml_root(y)->type, YN_MAP);
        assert_null(yaml_root(y)->child);
        yaml_close(y);
    }
}

static void
test_refused(void **state)
{
    static const struct {
        const char *text;
        size_t len; /* 0 = strlen */
        int line;
        const char *says;
    } cases[] = {
        {"a: &x 1\n", 0, 1, "anchor"},
        {"a: &x [1]\n", 0, 1, "anchor"},
        {"\na: &x {b: 1}\n", 0, 2, "anchor"},
        {"a: *x\n", 0, 1, "alias"},
        {"a: !!str 1\n", 0, 1, "tag"},
        {"a: !t [1]\n", 0, 1, "tag"},
        {"a: !t {b: 1}\n", 0, 1, "tag"},
        {"a: 1\n---\nb: 2\n", 0, 2, "second document"},
        {"a: 1\nb: 2\na: 3\n", 0, 3, "the first is in line 1"},
        {"m:\n  x: 1\n  x: 2\n", 0, 3, "again"},
        {"? [a]\n: 1\n", 0, 1, "as a key"},
        {"? {a: b}\n: 1\n", 0, 1, "as a key"},
        {"a: 1\nb: \xFF\n", 0, 2, "UTF-8"},
        {"a: \"x\\0y\"\n", 0, 1, "NUL"},
        {"a: b\0\n", 6, 0, ""},
        {"a: [1\n", 0, 0, "not YAML"},
        {"a: 1\n b: 2\n", 0, 2, "not YAML"},
        {"[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", 0, 1, "deeper than 16"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct yaml *y = NULL;
        struct err e;
        size_t len = cases[i].len != 0 ? cases[i].len : strlen(cases[i].text);
        memset(&e, 0, sizeof(e));
        assert_int_equal(yaml_parse(cases[i].text, len, "t.yaml", &y, &e), -1);
        assert_null(y);
        assert_string_equal(e.file, "t.yaml");
        if (strstr(e.text, cases[i].says) == NULL)
            fail_msg("case %zu: %s", i, e.text);
        if (cases[i].line != 0)
            assert_int_equal(e.line, cases[i].line);
        assert_int_equal(yaml_parse(cases[i].text, len, "t.yaml", &y, NULL), -1);
    }
}

static void
test_deepest(void **state)
{
    struct yaml *y = parse("[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]");

    (void)state;
    assert_int_equal(yaml_root(y)->type, YN_LIST);
    yaml_close(y);
}

/* Memory is bounded by the text, and a map of many keys is no quadratic work. */
static void
test_large(void **state)
{
    size_t n = 2 << 20, len = 0;
    char *s = malloc(n);
    struct yaml *y = NULL;
    struct err e;

    (void)state;
    assert_non_null(s);
    s[len++] = '[';
    while (len + 3 < n) {
        s[len++] = 'a';
        s[len++] = ',';
    }
    s[len++] = ']';
    assert_int_equal(yaml_parse(s, len, "t.yaml", &y, &e), -1);
    assert_non_null(strstr(e.text, "too many elements"));
    len = 0;
    for (int i = 0; len + 32 < n && i < 60000; i++)
        len += (size_t)sprintf(s + len, "a-longer-key-%d: x\n", i);
    assert_int_equal(yaml_parse(s, len, "t.yaml", &y, &e), 0);
    assert_int_equal(ynode_count(yaml_root(y)), 60000);
    yaml_close(y);
    free(s);
}

static void
test_file(void **state)
{
    char path[] = "/tmp/test_yaml.XXXXXX";
    struct yaml *y = NULL;
    struct err e;
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "a: 1\nb: 2\n", 10), 10);
    assert_int_equal(close(fd), 0);
    assert_int_equal(yaml_load(path, 10, &y, &e), 0);
    assert_string_equal(yaml_name(y), path);
    yaml_close(y);
    assert_int_equal(yaml_load(path, 9, &y, &e), -1);
    assert_non_null(strstr(e.text, "larger than 9 bytes"));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(yaml_load(path, 0, &y, &e), -1);
    assert_non_null(strstr(e.text, "cannot be opened"));
    assert_int_equal(yaml_load("/tmp", 0, &y, &e), -1);
    assert_non_null(strstr(e.text, "cannot be read"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tree),    cmocka_unit_test(test_empty),
        cmocka_unit_test(test_refused), cmocka_unit_test(test_deepest),
        cmocka_unit_test(test_large),   cmocka_unit_test(test_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
