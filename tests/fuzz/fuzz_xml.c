/* fuzz_xml: any bytes to a tree whose parts fit together, or to an error. */
#include "xml.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct xml_node *x, size_t size, int depth)
{
    const struct xml_node *c, *last = NULL;

    if (depth > XML_DEPTH || x->from >= x->to || x->to > size || x->name[0] == '\0' ||
        x->ns == NULL || x->text == NULL || x->n_attributes > XML_ATTRIBUTES)
        abort();
    for (size_t i = 0; i < x->n_attributes; i++)
        if (xml_attribute(x, x->attributes[i].name) == NULL)
            abort();
    for (c = x->child; c != NULL; last = c, c = c->next) {
        if (c->parent != x || c->from < x->from || c->to > x->to ||
            (last != NULL && c->from < last->to) || xml_child(x, c->name) == NULL)
            abort();
        check(c, size, depth + 1);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena *a;
    const struct xml_node *root = NULL;
    struct err e = {.text = ""};

    if (a == NULL && (a = arena_new(0)) == NULL)
        abort();
    arena_reset(a);
    if (xml_parse((const char *)data, size, a, &root, &e) < 0) {
        if (root != NULL || e.text[0] == '\0')
            abort();
        return 0;
    }
    check(root, size, 1);
    return 0;
}
