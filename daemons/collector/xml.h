/* xml: a small document read into an arena, for CAP and CoT. On expat.
 *
 * No document type is accepted, so there are no entities but the five of XML itself. Bounded:
 * XML_DEPTH levels, XML_NODES elements, XML_ATTRIBUTES attributes an element, and by the arena.
 * Names are local, without prefix; the namespace stands beside. Comments, processing
 * instructions and the boundaries of CDATA are gone. */
#ifndef COLLECTOR_XML_H
#define COLLECTOR_XML_H

#include <stddef.h>

#include "arena.h"
#include "err.h"

#define XML_DEPTH      32
#define XML_NODES      100000
#define XML_ATTRIBUTES 96

struct xml_attribute {
    const char *name, *value; /* name without prefix */
};

struct xml_node {
    const char *ns, *name; /* ns "" = none */
    const char *text;      /* its own, pieces between children joined; "" = none; not trimmed */
    const struct xml_attribute *attributes;
    size_t n_attributes;
    const struct xml_node *parent, *child, *next; /* first child, next sibling */
    size_t from, to;                              /* where it stands in the bytes */
};

/* The root of the document in s[0..n); it lives in the arena. A byte order mark, and blanks in
 * front of the XML declaration, are passed over. -1 with the line and what is wrong. */
int xml_parse(const char *s, size_t n, struct arena *a, const struct xml_node **root,
              struct err *e);

/* The first child of that name, the next sibling of that name; NULL = none. node may be NULL. */
const struct xml_node *xml_child(const struct xml_node *node, const char *name);
const struct xml_node *xml_next(const struct xml_node *node, const char *name);
/* Text of that child; NULL where there is no such child or it is blank. Trimmed, in the arena. */
const char *xml_child_text(const struct xml_node *node, const char *name, struct arena *a);
/* Value of that attribute; NULL = none. */
const char *xml_attribute(const struct xml_node *node, const char *name);

#endif
