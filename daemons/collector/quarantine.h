/* quarantine: bytes that were refused, kept with the reason, bounded.
 *
 * Lives in the journal's space "quarantine", numbered upwards; the oldest go when items or bytes
 * exceed their bounds. Written in the journal's transaction, so that what a receipt calls
 * rejected can be looked at. */
#ifndef COLLECTOR_QUARANTINE_H
#define COLLECTOR_QUARANTINE_H

#include "arena.h"
#include "journal.h"
#include "record.h"

struct quarantine;

struct quarantine_limits {
    int64_t items, bytes, item_bytes;
};

int quarantine_new(struct journal *j, const struct quarantine_limits *limits,
                   struct quarantine **out, struct err *e);
void quarantine_free(struct quarantine *q);

/* Keeps the head of the bytes; strings may be NULL. format: how they were to be read, as in struct
 * rejected. 0, or -1 on a store error. */
int quarantine_put(struct quarantine *q, int64_t at_us, const char *source, const char *door,
                   const char *format, const char *reason, const void *data, size_t len,
                   struct err *e);

/* Takes one entry out. 0, 1 when there is none of that number, -1 on a store error. */
int quarantine_remove(struct quarantine *q, uint64_t number, struct err *e);

/* From number `from` on, in order; fn returning nonzero stops. The struct lives in the arena. */
int quarantine_each(struct quarantine *q, uint64_t from, struct arena *a,
                    int (*fn)(void *arg, const struct rejected *r), void *arg, struct err *e);
uint64_t quarantine_count(const struct quarantine *q);
/* After journal_rollback(). */
int quarantine_reload(struct quarantine *q, struct err *e);

#endif
