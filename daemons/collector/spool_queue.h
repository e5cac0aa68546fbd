/* spool_queue: the files that wait in the spool, and whose turn it is. Pure.
 *
 * A source's files go by modification time, then path. Sources take turns: the next file is of the
 * one whose last turn is longest ago and that need not wait for its rate. A file without a
 * configured source goes first: it is only put away. */
#ifndef COLLECTOR_SPOOL_QUEUE_H
#define COLLECTOR_SPOOL_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config.h"

#define SPOOL_PATH_BYTES 520 /* SOURCE/FILE or FILE, and the NUL */

struct spool_turn {
    char name[MAX_NAME + 1];
    uint64_t last;         /* number of its last turn */
    uint64_t owed;         /* records taken that its rate does not know of yet */
    int64_t not_before_us; /* monotonic; its rate */
};

struct spool_item {
    char *path; /* below SPOOL */
    int64_t mtime_ns;
    size_t turn; /* of its source; SIZE_MAX = not configured */
    bool gone;   /* was given out */
};

struct spool_queue {
    struct spool_item *v;
    size_t n, cap, left; /* left: not gone */
    struct spool_turn *turns;
    size_t n_turns; /* as the configuration has sources, in its order */
    uint64_t last_turn;
};

void spool_queue_fini(struct spool_queue *q);

/* The sources of a configuration; what they have had so far is kept by name, and the files are
 * dropped. -1 when memory is out. */
int spool_queue_sources(struct spool_queue *q, const struct config *c);
/* The name of the source that a path belongs to; cut to fit. */
const char *spool_source(const char *path, char *out, size_t size);
/* NULL = not configured. */
struct spool_turn *spool_queue_turn(struct spool_queue *q, const char *source);

/* Empties it; adds; sorts what was added. -1 when memory is out. */
void spool_queue_clear(struct spool_queue *q);
int spool_queue_add(struct spool_queue *q, const char *path, int64_t mtime_ns);
void spool_queue_sort(struct spool_queue *q);

/* The next file, given out with its source's turn; NULL = none now. *wait_us: until there may be one
 * because of a rate, 0 = not known. */
const struct spool_item *spool_queue_take(struct spool_queue *q, int64_t now_us, int64_t *wait_us);
/* Is another source's file ready? */
bool spool_queue_others(const struct spool_queue *q, const struct spool_turn *own, int64_t now_us);
/* A file that was given out is waiting again. */
void spool_queue_back(struct spool_queue *q, const char *path);

#endif
