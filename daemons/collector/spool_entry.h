/* spool_entry: what the journal knows of a file of the spool: how far it was taken in, and the
 * reasons of what was refused. Kept in the journal's space "spool", the progress under the file's
 * path below SPOOL, the reasons under the path, a NUL and "why". */
#ifndef COLLECTOR_SPOOL_ENTRY_H
#define COLLECTOR_SPOOL_ENTRY_H

#include "buf.h"
#include "spool_dir.h"
#include "spool_file.h"
#include "store.h"

#define SPOOL_REASONS 100 /* kept of a file */

struct spool_entry {
    char path[SPOOL_PATH_BYTES];
    struct spool_progress kept; /* what is on disk */
    struct spool_progress next; /* with the piece that is being taken */
    struct buf why;             /* a line a refused record; up to next.why_len */
    bool known;                 /* there is an entry in the journal */
};

/* Loads what there is; kept is zero when there is nothing. -1 when the journal cannot be read. */
int spool_entry_load(struct spool_entry *n, struct store *st, const char *path, struct err *e);
void spool_entry_fini(struct spool_entry *n);
/* The file is another one, or another state of it: from its beginning. */
void spool_entry_begin(struct spool_entry *n, const struct stat *sb);

/* A piece: begin it, note what is refused, write it into the transaction of its records (-1: it
 * will not be on disk); then keep it once it is there, or go back. */
void spool_entry_open(struct spool_entry *n);
void spool_entry_refused(struct spool_entry *n, uint64_t number, const char *why);
int spool_entry_write(struct spool_entry *n, struct store *st);
void spool_entry_keep(struct spool_entry *n);
void spool_entry_back(struct spool_entry *n);

/* What stands in FILE.reason; nothing when there is nothing to say. verdict: why the file is refused
 * as a whole, NULL = it is not. */
void spool_entry_text(const struct spool_entry *n, const char *verdict, bool rejected,
                      struct buf *out);

/* The file was moved away. */
void spool_entry_forget(struct spool_entry *n, struct store *st);
/* Forgets files that are not there any more. */
int spool_entry_sweep(struct store *st, int root, struct err *e);

#endif
