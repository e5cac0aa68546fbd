/* journal_store: what a journal asks of the thing that keeps its rows; private to journal.c and
 * its backends.
 *
 * The store knows rows, a key-value table, transactions and files, and no chain: seq, digests and
 * salts come from journal.c and are kept as they are given. All calls that write open the
 * transaction themselves when none is open. Calls return 0 or -1 with errno (ENOSPC, EIO, EROFS
 * where known) and text, or as told. One backend is linked: journal_sqlite.c. */
#ifndef TOCSIN_JOURNAL_STORE_H
#define TOCSIN_JOURNAL_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "journal.h"

#define JOURNAL_SALT_LEN 16

struct jstore;

struct jstore_head {
    uint64_t seq; /* 0 when empty; the rest is then zero */
    int64_t at_us;
    uint8_t digest[DIGEST_LEN];
};

/* One row. What is read may have been tampered with: lengths are as found, and a column of the
 * wrong length or type is NULL here. */
struct jstore_row {
    int64_t seq;
    int64_t at_us;
    const uint8_t *id;          /* ID_LEN */
    const uint8_t *digest;      /* DIGEST_LEN */
    const uint8_t *body_digest; /* DIGEST_LEN */
    const uint8_t *salt;        /* JOURNAL_SALT_LEN; NULL: redacted or tombstone */
    const char *reason;         /* NULL: not redacted */
    const void *body;           /* NULL: tombstone */
    size_t len;
};

/* As journal_open(). A writer draws log_id where the log is new. */
int jstore_open(const char *path, const char *kind, bool write, enum durability d,
                struct jstore **out, struct id *log_id, struct err *e);
void jstore_close(struct jstore *s); /* an open transaction is dropped; accepts NULL */

/* The last row, rows of the open transaction included. */
int jstore_head(struct jstore *s, struct jstore_head *out, struct err *e);
/* 1 inserted; 0 the id is there, *dup its seq; -1. */
int jstore_insert(struct jstore *s, const struct jstore_row *row, uint64_t *dup, struct err *e);
int jstore_commit(struct jstore *s, struct err *e); /* nothing open is no error */
int jstore_rollback(struct jstore *s, struct err *e);

/* Rows with from <= seq <= to in order, at most max; fn nonzero stops. */
typedef int jstore_row_fn(void *arg, const struct jstore_row *row);
int jstore_scan(struct jstore *s, int64_t from, int64_t to, size_t max, jstore_row_fn *fn,
                void *arg, struct err *e);
/* Stamp and digest of one row, each may be NULL; 1 when there is no such row. */
int jstore_stamp(struct jstore *s, uint64_t seq, int64_t *at_us, uint8_t *digest, struct err *e);

/* All rows up to this one are tombstones; 0 = none. */
int jstore_retained(struct jstore *s, uint64_t *seq, struct err *e);
/* Makes tombstones of from..to and moves the mark to `to`. */
int jstore_strip(struct jstore *s, uint64_t from, uint64_t to, struct err *e);
/* 1 when there is no such row or it is a tombstone. */
int jstore_redact(struct jstore *s, uint64_t seq, const char *reason, const void *body, size_t len,
                  struct err *e);

int jstore_put(struct jstore *s, const char *space, const void *key, size_t klen, const void *value,
               size_t vlen, struct err *e);
int jstore_get(struct jstore *s, const char *space, const void *key, size_t klen, void *value,
               size_t cap, size_t *len, struct err *e); /* as journal_get() */
int jstore_del(struct jstore *s, const char *space, const void *key, size_t klen, struct err *e);
/* As journal_each(). fn gets copies and may call anything of the journal. */
int jstore_each(struct jstore *s, const char *space, const void *from, size_t from_len,
                journal_kv_fn *fn, void *arg, struct err *e);

uint64_t jstore_wal_bytes(const struct jstore *s);
void jstore_housekeep(struct jstore *s, bool idle); /* as journal_housekeep() */

/* The lock file beside a log: PATH.lock, held by its one writer for as long as the descriptor is
 * open. Kept on disk afterwards: deleting it would let two writers lock two files of one name.
 * Returns the descriptor, or -1 with errno (EBUSY when another process holds it) and text. */
int journal_lock(const char *path, struct err *e);

#endif
