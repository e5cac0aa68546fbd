/* spool_dir: the spool directory: what lies in it, and where it goes.
 *
 *   SPOOL/SOURCE/FILE             to be taken in, in the name of SOURCE
 *   SPOOL/FILE                    the same, in the name of local
 *   SPOOL/done/SOURCE/FILE        taken in
 *   SPOOL/rejected/SOURCE/FILE    refused; FILE.reason beside it says why
 *
 * Names that begin with a dot or end in .tmp or .part are a writer's own until it renames them,
 * and are left alone; so are directories further down. A file is named here by its path below
 * SPOOL. Nothing here reads a file, logs, or knows the journal. */
#ifndef COLLECTOR_SPOOL_DIR_H
#define COLLECTOR_SPOOL_DIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config.h"
#include "err.h"
#include "spool_queue.h"

#define SPOOL_SCAN_MOST 65536

/* Can the source have a directory? Not with a slash in its name, a dot at its head, or the name
 * done or rejected. */
bool spool_source_fits(const char *source);

/* Makes SPOOL, done, rejected and a directory for each source that can have one; returns the open
 * directory, or -1 with err. */
int spool_dir_open(const char *root, const struct config *c, struct err *e);
/* Is the open directory still the one at that path? */
bool spool_dir_is(int root, const char *path);
/* What waits, sorted, into q, which is emptied before. At most SPOOL_SCAN_MOST, the rest is for the next time.
 * watch is called for each directory that was looked into ("" = SPOOL itself). */
int spool_dir_scan(int root, struct spool_queue *q, void (*watch)(void *arg, const char *dir),
                   void *arg, struct err *e);
/* Moves a file to done/ or rejected/ with its reasons beside it (len 0: none), under a name of its
 * own when there is one of that name already. keep false: removes it; reasons then go to
 * rejected/. A file that is not there any more is no error. */
int spool_dir_put(int root, const char *path, bool rejected, bool keep, const char *why, size_t len,
                  struct err *e);
/* Removes what was put into done/ and rejected/ before that time, at most `most`; returns how many. */
size_t spool_dir_clean(int root, int64_t before_s, size_t most);

#endif
