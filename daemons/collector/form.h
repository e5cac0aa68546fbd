/* form: application/x-www-form-urlencoded, as in the query of a URL and in posts of gateways.
 *
 * Fields stay in their order. A value is NUL-terminated, but may hold NULs (UTF-16 in a query), so
 * it has a length. What stands behind a % that is no hexadecimal number is taken as it is. */
#ifndef COLLECTOR_FORM_H
#define COLLECTOR_FORM_H

#include <stddef.h>

#include "arena.h"
#include "err.h"

#define FORM_FIELDS 256

struct form_field {
    const char *name, *value;
    size_t len; /* of value */
};

struct form {
    struct form_field v[FORM_FIELDS];
    size_t n;
};

/* -1: more than FORM_FIELDS, or memory is out. Strings live in the arena. */
int form_parse(struct arena *a, const char *s, size_t n, struct form *out, struct err *e);
/* The first of that name; NULL = none. */
const struct form_field *form_get(const struct form *f, const char *name);
/* Its value; NULL = none. */
const char *form_value(const struct form *f, const char *name);

#endif
