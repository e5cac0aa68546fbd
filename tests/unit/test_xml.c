/* test_xml: the tree that a document gives, and every bound of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "buf.h"
#include "xml.h"

static int
parse(const char *s, size_t n, struct arena *a, const struct xml_node **root, struct err *e)
{
    /* The exact size, so that a sanitizer sees every byte too many. */
    char *exact = malloc(n > 0 ? n : 1);
    int rc;

    assert_non_null(exact);
    memcpy(exact, s, n);
    *root = NULL;
    e->text[0] = '\0';
    rc = xml_parse(exact, n, a, root, e);
    free(exact);
    assert_true((rc == 0) == (*root != NULL));
    assert_true((rc == 0) == (e->text[0] == '\0'));
    return rc;
}

static void
test_tree(void **state)
{
    static const char body[] =
        "\xEF\xBB\xBF \n<?xml version='1.0'?><!-- c --><p:a xmlns:p='urn:p' xmlns='urn:d' x='1' "
        "p:y='&lt;2&gt;'> one <b>  B\n</b>two<!-- c --><![CDATA[ <&> ]]><?pi?>"
        "<c/><b z=''>&#xE9;</b><d> \n </d></p:a>\n";
    struct arena *a = arena_new(0);
    const struct xml_node *r, *b;
    struct err e;

    (void)state;
    assert_int_equal(parse(body, sizeof body - 1, a, &r, &e), 0);
    assert_string_equal(r->name, "a");
    assert_string_equal(r->ns, "urn:p");
    assert_string_equal(r->text, " one two <&> ");
    assert_null(r->parent);
    assert_null(r->next);
    assert_int_equal(r->n_attributes, 2);
    assert_string_equal(xml_attribute(r, "x"), "1");
    assert_string_equal(xml_attribute(r, "y"), "<2>");
    assert_null(xml_attribute(r, "z"));
    assert_int_equal(memcmp(body + r->from, "<p:a ", 5), 0);
    assert_int_equal(memcmp(body + r->to - 6, "</p:a>", 6), 0);

    b = xml_child(r, "b");
    assert_string_equal(b->ns, "urn:d");
    assert_string_equal(b->text, "  B\n");
    assert_ptr_equal(b->parent, r);
    assert_int_equal(b->to - b->from, strlen("<b>  B\n</b>"));
    assert_int_equal(memcmp(body + b->from, "<b>", 3), 0);
    assert_string_equal(xml_child_text(r, "b", a), "B");
    assert_string_equal(b->next->name, "c");
    assert_string_equal(b->next->text, "");
    assert_int_equal(b->next->to - b->next->from, strlen("<c/>"));
    b = xml_next(b, "b");
    assert_string_equal(b->text, "\xC3\xA9");
    assert_string_equal(xml_attribute(b, "z"), "");
    assert_null(xml_next(b, "b"));
    assert_null(xml_child(b, "b"));
    assert_null(xml_child_text(r, "d", a));
    assert_null(xml_child_text(r, "none", a));
    assert_null(xml_child(NULL, "a"));
    assert_null(xml_next(NULL, "a"));
    assert_null(xml_attribute(NULL, "a"));
    assert_null(xml_child_text(NULL, "a", a));
    arena_free(a);
}

static void
test_encodings(void **state)
{
    static const char latin[] = "<?xml version='1.0' encoding='ISO-8859-1'?><a>\xE9</a>";
    static const char wide[] = "\xFF\xFE<\0a\0>\0\xE9\0<\0/\0a\0>\0";
    struct arena *a = arena_new(0);
    const struct xml_node *r;
    struct err e;

    (void)state;
    assert_int_equal(parse(latin, sizeof latin - 1, a, &r, &e), 0);
    assert_string_equal(r->text, "\xC3\xA9");
    assert_int_equal(parse(wide, sizeof wide - 1, a, &r, &e), 0);
    assert_string_equal(r->text, "\xC3\xA9");
    arena_free(a);
}

static void
test_errors(void **state)
{
    static const struct {
        const char *body, *error;
    } t[] = {
        {"", "XML: there is no element"},
        {" \n\t", "XML: there is no element"},
        {"\xEF\xBB\xBF", "XML: there is no element"},
        {"text", "XML line 1: "},
        {"<a>\n<b/>", "XML line 2: it ends within <a>"},
        {"<a>\n<b>\n</a>", "XML line 3: mismatched tag"},
        {"<a/><b/>", "XML line 1: junk after document element"},
        {"<a b='1' b='2'/>", "XML line 1: duplicate attribute"},
        {"<x:a/>", "XML line 1: unbound prefix"},
        {"<a>&b;</a>", "XML line 1: undefined entity"},
        {"<a>\xFF</a>", "XML line 1: not well-formed"},
        {"<a>\x01</a>", "XML line 1: not well-formed"},
        {"<!DOCTYPE a><a/>", "a document type is not accepted"},
        {"<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", "a document type is not accepted"},
        {"<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "a document type is not accepted"},
        {"<?xml version='1.0' encoding='none'?><a/>", "XML line 1: unknown encoding"},
    };
    struct arena *a = arena_new(0);

    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        const struct xml_node *r;
        struct err e;

        arena_reset(a);
        if (parse(t[i].body, strlen(t[i].body), a, &r, &e) == 0 ||
            strstr(e.text, t[i].error) == NULL)
            fail_msg("%s: %s", t[i].body, e.text);
    }
    arena_free(a);
}

/* n times open, n times close. */
static void
nest(struct buf *b, size_t n)
{
    buf_reset(b);
    for (size_t i = 0; i < n; i++)
        buf_puts(b, "<a>");
    for (size_t i = 0; i < n; i++)
        buf_puts(b, "</a>");
}

static void
repeat(struct buf *b, const char *head, const char *s, size_t n, const char *tail)
{
    buf_reset(b);
    buf_puts(b, head);
    for (size_t i = 0; i < n; i++)
        buf_puts(b, s);
    buf_puts(b, tail);
}

static void
test_bounds(void **state)
{
    struct arena *a = arena_new(0), *small = arena_new(1 << 16);
    const struct xml_node *r;
    struct err e;
    struct buf b;

    (void)state;
    buf_init(&b, 0);
    nest(&b, XML_DEPTH);
    assert_int_equal(parse(b.data, b.len, a, &r, &e), 0);
    nest(&b, XML_DEPTH + 1);
    assert_int_equal(parse(b.data, b.len, a, &r, &e), -1);
    assert_string_equal(e.text, "XML line 1: elements lie too deep");
    nest(&b, 1000000);
    assert_int_equal(parse(b.data, b.len, a, &r, &e), -1);

    arena_reset(a);
    repeat(&b, "<a>", "<b/>", XML_NODES - 1, "</a>");
    assert_int_equal(parse(b.data, b.len, a, &r, &e), 0);
    arena_reset(a);
    repeat(&b, "<a>\n", "<b/>", XML_NODES, "</a>");
    assert_int_equal(parse(b.data, b.len, a, &r, &e), -1);
    assert_string_equal(e.text, "XML line 2: there are too many elements");

    arena_reset(a);
    buf_reset(&b);
    buf_puts(&b, "<a");
    for (int i = 0; i < XML_ATTRIBUTES; i++)
        buf_printf(&b, " x%d=''", i);
    size_t most = b.len;
    buf_puts(&b, "/>");
    assert_int_equal(parse(b.data, b.len, a, &r, &e), 0);
    assert_int_equal(r->n_attributes, XML_ATTRIBUTES);
    b.len = most;
    buf_puts(&b, " one=''/>");
    assert_int_equal(parse(b.data, b.len, a, &r, &e), -1);
    assert_string_equal(e.text, "XML line 1: an element has too many attributes");

    /* text in a million pieces costs no more than its length */
    arena_reset(a);
    repeat(&b, "<a>", "x&lt;", 1000000, "</a>");
    assert_int_equal(parse(b.data, b.len, a, &r, &e), 0);
    assert_int_equal(strlen(r->text), 2000000);
    assert_int_equal(parse(b.data, b.len, small, &r, &e), -1);
    assert_string_equal(e.text, "XML line 1: it takes too much memory");
    arena_reset(small);
    repeat(&b, "<a>", "<b/>", 10000, "</a>");
    assert_int_equal(parse(b.data, b.len, small, &r, &e), -1);
    assert_string_equal(e.text, "XML line 1: it takes too much memory");
    buf_fini(&b);
    arena_free(small);
    arena_free(a);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tree),
        cmocka_unit_test(test_encodings),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_bounds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
