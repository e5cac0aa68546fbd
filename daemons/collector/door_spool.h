/* door_spool: files that are renamed into a directory (spool_dir.h says where) are taken in.
 *
 * The ending of the name says the format, the directory the source. Each source's files are taken
 * by modification time, then name; when several sources have files, or one has to wait for its
 * rate, they take turns of a second. A piece of a file is one batch of the store, so other doors
 * wait no longer than for one piece; a format that is no stream (format.h) is one piece.
 *
 * How far a file is stands in the journal's space "spool" under its path below SPOOL, written in
 * the transaction of the piece's records: whatever is killed, each record is in the journal once
 * and in order, also one without an id of its own. The reasons of what was refused stand beside
 * it, under the path, a NUL and "why". Both go when the file has been moved away. */
#ifndef COLLECTOR_DOOR_SPOOL_H
#define COLLECTOR_DOOR_SPOOL_H

#include "err.h"
#include "sources.h"
#include "store.h"
#include "svc.h"

struct door_spool;

/* *out is NULL when the configuration names no directory. One that cannot be made or read is said
 * once and tried again; it does not keep the collector from starting. */
int door_spool_new(struct svc *s, struct store *st, struct sources *src, struct door_spool **out,
                   struct err *e);
void door_spool_free(struct door_spool *d);
/* Sources and bounds of a new configuration; d may be NULL. Call it after sources_reload(). */
void door_spool_reload(struct door_spool *d, const struct config *c);

#endif
