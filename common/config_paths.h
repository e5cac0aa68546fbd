/* config_paths: where an instance keeps what, completed from the little that its file says.
 *
 * Private to config. */
#ifndef TOCSIN_CONFIG_PATHS_H
#define TOCSIN_CONFIG_PATHS_H

#include "config.h"

#define IPC_PATH_MAX 107 /* bytes of sun_path without its NUL (unix(7)) */

/* Fills share, the directories and the endpoints of c, whose path and dir are set. root is the
 * tree that c was bound to, for the lines of errors; NULL = none. */
int config_complete(struct config *c, const struct ynode *root, struct err *e);

/* The line of section.key (of its element index where that is >= 0), 0 = unknown. */
int config_line(const struct ynode *root, const char *section, const char *key, int index);

/* Shipped data for a program at exe (absolute): the source tree's conf/ when it runs out of
 * build/, PREFIX/share/tocsin when that is there, else /usr/share/tocsin. Heap; NULL = no memory. */
char *config_share(const char *exe);

/* path, behind the working directory when it is relative; freed by the caller, NULL when memory
 * is out. */
char *path_absolute(const char *path);

#endif
