/* xml: see xml.h. Expat calls back; the tree grows in the arena. Text is gathered in a buffer per
 * open element and copied when the element ends, so that a text of many pieces costs no more than
 * its length. */
#include "xml.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <expat.h>

#include "buf.h"

#define NS_SEPARATOR '\x1F' /* stands in no name and no URI */

struct reading {
    XML_Parser parser;
    struct arena *arena;
    struct xml_node *root, *open[XML_DEPTH], *last[XML_DEPTH]; /* last: the newest child of each */
    struct buf text[XML_DEPTH];
    size_t depth, nodes;
    size_t skip; /* bytes in front of what expat sees */
    struct err *e;
    bool failed;
};

static void
fail(struct reading *r, const char *what)
{
    if (r->failed)
        return;
    r->failed = true;
    errno = EINVAL;
    (void)err_set(r->e, "XML line %lu: %s", XML_GetCurrentLineNumber(r->parser), what);
    (void)XML_StopParser(r->parser, XML_FALSE);
}

/* "uri SEP name" to its two parts, copied. */
static void
split(struct reading *r, const char *full, const char **ns, const char **name)
{
    const char *sep = strrchr(full, NS_SEPARATOR);

    if (ns != NULL)
        *ns = sep != NULL ? arena_strndup(r->arena, full, (size_t)(sep - full)) : "";
    full = sep != NULL ? sep + 1 : full;
    *name = arena_strndup(r->arena, full, strlen(full));
}

static bool
take_attributes(struct reading *r, struct xml_node *n, const char **attrs)
{
    struct xml_attribute *list;
    size_t count = 0;

    while (attrs[2 * count] != NULL)
        count++;
    if (count > XML_ATTRIBUTES) {
        fail(r, "an element has too many attributes");
        return false;
    }
    if (count == 0)
        return true;
    if ((list = arena_alloc(r->arena, count * sizeof *list)) == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        split(r, attrs[2 * i], NULL, &list[i].name);
        list[i].value = arena_strndup(r->arena, attrs[2 * i + 1], strlen(attrs[2 * i + 1]));
        if (list[i].name == NULL || list[i].value == NULL)
            return false;
    }
    n->attributes = list;
    n->n_attributes = count;
    return true;
}

static void
on_open(void *arg, const char *name, const char **attrs)
{
    struct reading *r = arg;
    struct xml_node *n;

    if (r->failed)
        return;
    if (r->depth == XML_DEPTH || r->nodes == XML_NODES) {
        fail(r, r->depth == XML_DEPTH ? "elements lie too deep" : "there are too many elements");
        return;
    }
    if ((n = arena_zalloc(r->arena, sizeof *n)) == NULL) {
        fail(r, "it takes too much memory");
        return;
    }
    n->text = "";
    n->from = r->skip + (size_t)XML_GetCurrentByteIndex(r->parser);
    split(r, name, &n->ns, &n->name);
    if (n->ns == NULL || n->name == NULL || !take_attributes(r, n, attrs)) {
        fail(r, "it takes too much memory");
        return;
    }
    if (r->depth > 0) {
        n->parent = r->open[r->depth - 1];
        if (r->last[r->depth - 1] != NULL)
            r->last[r->depth - 1]->next = n;
        else
            r->open[r->depth - 1]->child = n;
        r->last[r->depth - 1] = n;
    } else {
        r->root = n;
    }
    r->nodes++;
    r->open[r->depth] = n;
    r->last[r->depth] = NULL;
    buf_reset(&r->text[r->depth]);
    r->depth++;
}

static void
on_text(void *arg, const char *s, int n)
{
    struct reading *r = arg;

    if (!r->failed && r->depth > 0)
        buf_put(&r->text[r->depth - 1], s, (size_t)n);
}

static void
on_close(void *arg, const char *name)
{
    struct reading *r = arg;
    struct xml_node *n;
    struct buf *b;

    (void)name;
    if (r->failed)
        return;
    r->depth--;
    n = r->open[r->depth];
    b = &r->text[r->depth];
    n->to = r->skip + (size_t)XML_GetCurrentByteIndex(r->parser) +
            (size_t)XML_GetCurrentByteCount(r->parser);
    if (b->failed || (b->len > 0 && (n->text = arena_strndup(r->arena, b->data, b->len)) == NULL))
        fail(r, "it takes too much memory");
}

static void
on_doctype(void *arg, const char *name, const char *sysid, const char *pubid, int internal)
{
    (void)name;
    (void)sysid;
    (void)pubid;
    (void)internal;
    fail(arg, "a document type is not accepted");
}

static void
explain(struct reading *r, const char *s, size_t n)
{
    enum XML_Error code = XML_GetErrorCode(r->parser);

    if (r->failed)
        return;
    errno = EINVAL;
    if (n == 0 || s == NULL || (code == XML_ERROR_NO_ELEMENTS && r->root == NULL))
        (void)err_set(r->e, "XML: there is no element");
    else if (code == XML_ERROR_NO_ELEMENTS)
        (void)err_set(r->e, "XML line %lu: it ends within <%.60s>",
                      XML_GetCurrentLineNumber(r->parser), r->root->name);
    else
        (void)err_set(r->e, "XML line %lu: %s", XML_GetCurrentLineNumber(r->parser),
                      XML_ErrorString(code));
}

int
xml_parse(const char *s, size_t n, struct arena *a, const struct xml_node **root, struct err *e)
{
    struct reading r = {.arena = a, .e = e};
    size_t skip = n >= 3 && memcmp(s, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    int rc = -1;

    for (; skip < n && strchr(" \t\r\n", s[skip]) != NULL && s[skip] != '\0'; skip++)
        ;
    if (n - skip > INT32_MAX) {
        errno = EINVAL;
        return err_set(e, "XML: it is too long");
    }
    r.skip = skip;
    if ((r.parser = XML_ParserCreateNS(NULL, NS_SEPARATOR)) == NULL) {
        errno = ENOMEM;
        return err_set(e, "out of memory");
    }
    for (size_t i = 0; i < XML_DEPTH; i++)
        buf_init(&r.text[i], 0);
    XML_SetUserData(r.parser, &r);
    XML_SetElementHandler(r.parser, on_open, on_close);
    XML_SetCharacterDataHandler(r.parser, on_text);
    XML_SetStartDoctypeDeclHandler(r.parser, on_doctype);
    if (XML_Parse(r.parser, s + skip, (int)(n - skip), XML_TRUE) != XML_STATUS_OK || r.failed ||
        r.root == NULL)
        explain(&r, s, n);
    else
        rc = 0;
    for (size_t i = 0; i < XML_DEPTH; i++)
        buf_fini(&r.text[i]);
    XML_ParserFree(r.parser);
    if (rc == 0)
        *root = r.root;
    return rc;
}

static const struct xml_node *
from_here(const struct xml_node *n, const char *name)
{
    while (n != NULL && strcmp(n->name, name) != 0)
        n = n->next;
    return n;
}

const struct xml_node *
xml_child(const struct xml_node *node, const char *name)
{
    return node != NULL ? from_here(node->child, name) : NULL;
}

const struct xml_node *
xml_next(const struct xml_node *node, const char *name)
{
    return node != NULL ? from_here(node->next, name) : NULL;
}

const char *
xml_child_text(const struct xml_node *node, const char *name, struct arena *a)
{
    const struct xml_node *c = xml_child(node, name);
    const char *s;
    size_t n;

    if (c == NULL)
        return NULL;
    s = c->text + strspn(c->text, " \t\r\n");
    for (n = strlen(s); n > 0 && strchr(" \t\r\n", s[n - 1]) != NULL; n--)
        ;
    return n > 0 ? arena_strndup(a, s, n) : NULL;
}

const char *
xml_attribute(const struct xml_node *node, const char *name)
{
    for (size_t i = 0; node != NULL && i < node->n_attributes; i++)
        if (strcmp(node->attributes[i].name, name) == 0)
            return node->attributes[i].value;
    return NULL;
}
