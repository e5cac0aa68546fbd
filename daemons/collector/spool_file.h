/* spool_file: one file of the spool while it is read: in pieces, and from any place where an
 * earlier reading has stopped. No loop, no journal: bytes of a file in, records out.
 *
 * What was taken is a `spool_progress`. The caller keeps it where the records go, so that both are
 * there or neither; reading on from it gives the rest of the file, record for record. */
#ifndef COLLECTOR_SPOOL_FILE_H
#define COLLECTOR_SPOOL_FILE_H

#include <sys/stat.h>

#include "err.h"
#include "format.h"

struct spool_progress {
    /* which file, in which state: the progress is of no other */
    uint64_t inode;
    int64_t size, mtime_ns;
    int64_t offset;  /* bytes taken */
    uint64_t items;  /* records, refusals and ignored items taken */
    uint64_t stored; /* of these */
    uint64_t duplicate, refused, ignored;
    uint64_t why_len; /* bytes of the reasons noted */
    bool complete;    /* there is no more in the file */
};
#define SPOOL_PROGRESS_BYTES 84

void spool_progress_init(struct spool_progress *p, const struct stat *sb);
bool spool_progress_is_of(const struct spool_progress *p, const struct stat *sb);
void spool_progress_pack(const struct spool_progress *p, uint8_t out[SPOOL_PROGRESS_BYTES]);
/* -1: these are no such bytes. */
int spool_progress_unpack(const uint8_t *s, size_t n, struct spool_progress *p);

struct spool_file;

/* Takes fd over, also when it fails. whole_bytes: most of a format that is no stream. NULL when
 * memory is out. */
struct spool_file *spool_file_new(int fd, enum format f, size_t whole_bytes);
void spool_file_free(struct spool_file *f); /* accepts NULL */
/* Forgets how far it is; the next spool_file_fill() says from where on. o is borrowed until then. */
void spool_file_rewind(struct spool_file *f);

/* Reads so that there is something to take. -1 with the reason when the file cannot be read on: it
 * was changed, it is too long; nothing was taken then. */
int spool_file_fill(struct spool_file *f, const struct format_options *o, struct spool_progress *p,
                    struct err *e);
/* Takes at most `most` items (0 = all that were read; a format that is no stream gives all). Moves
 * p->offset, items and complete; may give nothing when a record is longer than what was read. */
void spool_file_take(struct spool_file *f, size_t most, const struct format_sink *sink,
                     struct spool_progress *p);

#endif
