/* yaml: a YAML file as a tree whose nodes know their line.
 *
 * On libyaml. Refused: more than 16 levels, anchors and aliases, tags, more than one
 * document, duplicate keys, bad UTF-8, files over the limit. */
#ifndef TOCSIN_YAML_H
#define TOCSIN_YAML_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"

enum ynode_type { YN_SCALAR, YN_LIST, YN_MAP };

struct ynode {
    enum ynode_type type;
    int line;                  /* 1-based; of the key where there is one */
    const char *key;           /* within a map */
    const char *scalar;        /* YN_SCALAR; "" for empty */
    bool quoted;               /* the scalar stood in quotes */
    const struct ynode *child; /* first element or pair; NULL = empty */
    const struct ynode *next;  /* in the parent */
};

struct yaml;

/* limit: most bytes of the file, 0 = 4 MiB. name is used in errors. */
int yaml_load(const char *path, size_t limit, struct yaml **out, struct err *e);
int yaml_parse(const char *s, size_t n, const char *name, struct yaml **out, struct err *e);
/* Accepts NULL. Not yaml_free: libyaml exports one of its own. */
void yaml_close(struct yaml *y);
const struct ynode *yaml_root(const struct yaml *y);
const char *yaml_name(const struct yaml *y);

const struct ynode *ynode_get(const struct ynode *map,
                              const char *key); /* NULL = absent or not a map */
size_t ynode_count(const struct ynode *n);

#endif
