/* conf: a YAML tree bound to a struct by a table.
 *
 * A table row gives name, type, place in the struct, default, range and help. It drives the
 * parser, the check (-n), the error text with file and line, the file of defaults and the man
 * page check. An unknown key is an error; so is a value out of range. */
#ifndef TOCSIN_CONF_H
#define TOCSIN_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "err.h"
#include "yaml.h"

enum conf_type {
    CONF_BOOL,     /* bool; names may give two words, the first for false */
    CONF_INT,      /* int64_t, min..max */
    CONF_STRING,   /* char *, heap; default NULL gives NULL; min..max bytes where max > 0 */
    CONF_DURATION, /* int64_t microseconds, min..max in us; "forever" where max is INT64_MAX */
    CONF_BYTES,    /* int64_t, "64KiB", "1MiB", "2GiB" or a number */
    CONF_ENUM,     /* int, index into names */
    CONF_STRINGS,  /* struct conf_strings: a list of scalars, max = most elements */
    CONF_MAP,      /* nested struct, described by sub */
    CONF_LIST /* struct conf_list: a list of maps, each described by sub; max = most elements */
};

struct conf_strings {
    char **v;
    size_t n;
};
struct conf_list {
    void *v; /* n elements of elem_size */
    size_t n;
};

struct conf_key {
    const char *name; /* NULL ends the table */
    enum conf_type type;
    size_t offset;
    const char *def;          /* as it would be written, a list one element a line; NULL = none */
    int64_t min, max;         /* both 0: no range */
    const char *const *names; /* CONF_ENUM: NULL-terminated; "" cannot be chosen */
    const struct conf_key *sub;
    size_t elem_size;
    const char *help;
    bool required;
};

/* Fills the struct from the tree (defaults where absent; root may be NULL or an empty map).
 * A key with nothing behind it (or null, ~) counts as absent. A number or enum without a
 * default is then -1, a bool false. The struct must be zeroed. On error it is freed again. */
int conf_bind(const struct ynode *root, const char *file, const struct conf_key *table, void *out,
              struct err *e);
void conf_free(const struct conf_key *table, void *s);
/* Every key with its default and help, as a commented YAML file: "# " before help, "#" alone
 * before a default, so that taking away the latter changes nothing. */
void conf_print_defaults(const struct conf_key *table, FILE *f);

#endif
