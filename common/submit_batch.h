/* submit_batch: the records of one batch, as submit_tx keeps them until they have their receipts.
 *
 * The records lie one after the other in one buffer, so that a batch that is used again costs no
 * allocation. Private to submit_tx. */
#ifndef TOCSIN_SUBMIT_BATCH_H
#define TOCSIN_SUBMIT_BATCH_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "wire.h"

struct rec {
    size_t offset, len;
    uint64_t cookie;
};

struct batch {
    struct batch *next;
    uint64_t number; /* 0 until sent */
    struct buf data;
    struct rec *recs;
    size_t n, cap;
    struct buf frame; /* of a packed batch, once it was sent; see pack.h */
    size_t unpacked;  /* what the frame unpacks to */
};

/* limit: most bytes of its records. NULL when out of memory. */
struct batch *batch_new(size_t limit);
void batch_free(struct batch *b); /* accepts NULL */
void batch_empty(struct batch *b);

/* Copies the record. -1 when out of memory or over the limit; the batch is then as before. */
int batch_put(struct batch *b, const void *record, size_t len, uint64_t cookie);

/* The b->n records; valid until the next batch_put(). */
void batch_blobs(const struct batch *b, struct blob *out);

#endif
