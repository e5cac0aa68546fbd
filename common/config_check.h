/* config_check: what the files that check a configuration share. Each check returns 0, or -1 with
 * file and line in e. */
#ifndef TOCSIN_CONFIG_CHECK_H
#define TOCSIN_CONFIG_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "config.h"
#include "yaml.h"

struct config_check {
    struct config *c;
    const struct ynode *root; /* NULL = no file */
    struct err *e;
};

struct config_word {
    const char *text;
    size_t index; /* of its element */
};

int config_no_memory(const struct config_check *k);
/* Of element `index` of the list section.key. */
int config_line_of(const struct config_check *k, const char *section, const char *key,
                   size_t index);
/* That n words differ; sorts them. The error names the second of a pair; the text is not shown when
 * secret. what: what the words are. */
int config_unique(const struct config_check *k, struct config_word *v, size_t n,
                  const char *section, const char *key, const char *what, bool secret);

/* Sources, CSV columns, TLS, the way upstream. Adds the local source. */
int config_check_doors(const struct config_check *k);

#endif
