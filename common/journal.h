/* journal: an append-only log on disk, ordered, without doubles, hash-chained.
 *
 * The collector's journal and the notifier's alert log are both one of these. Behind
 * these calls stands SQLite (journal_sqlite.c: WAL, synchronous=FULL); a caller sees no
 * SQL, so that another store can stand here. One process writes a log (an exclusive lock
 * file says so); any may read it meanwhile.
 *
 * Chain: body digest b(n) = BLAKE2b-256(salt(n) | body(n)); chain digest
 * d(n) = BLAKE2b-256(d(n-1) | seq(n) | id(n) | at(n) | b(n)), integers little-endian 64,
 * d(0) = BLAKE2b-256(log id). The salt (16 random bytes) lets a redacted body go without
 * leaving a hash that could be guessed at; b(n) stays, so the chain still verifies.
 *
 * Group commit: append and put any number of times, then journal_commit() once. Before the
 * commit returns nothing counts as stored and nothing is served by journal_read() (the writer's own
 * journal_find() and journal_get() see it). A commit
 * that fails leaves the process no choice: the caller exits 74 without receipts. */
#ifndef TOCSIN_JOURNAL_H
#define TOCSIN_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "record.h"

enum durability {
    DURABILITY_GROUP, /* one flush for all that was appended since the last commit */
    DURABILITY_EACH,  /* the caller commits after each record; same flush */
    DURABILITY_NONE   /* no flush: survives kill -9, not a power cut */
};

struct journal;

/* Opens or makes the log. kind ("journal", "alerts") is kept and checked. Refuses a schema
 * version newer than ours; migrates an older one. write false: read-only, no lock. */
int journal_open(const char *path, const char *kind, bool write, enum durability d,
                 struct journal **out, struct err *e);
void journal_close(struct journal *j); /* uncommitted appends are dropped; accepts NULL */

const struct id *journal_log_id(const struct journal *j);
/* The last committed record (seq 0 and d(0) when empty). */
void journal_head(const struct journal *j, struct position *out);
/* Including what is appended and not committed. */
void journal_pending_head(const struct journal *j, struct position *out);
/* received_at of the last appended record, committed or not; 0 when empty. */
int64_t journal_last_at(const struct journal *j);
bool journal_dirty(const struct journal *j); /* something waits for a commit */

/* Appends. at_us must not be below the last one's. Returns 1 when new (*seq its number),
 * 0 when the id is already there, tombstones included (*seq the first copy's number,
 * perhaps itself not committed yet), -1 on a store error (treat as a failed commit). */
int journal_append(struct journal *j, const struct id *id, int64_t at_us, const void *body,
                   size_t len, uint64_t *seq, struct err *e);

/* Small values beside the log, written in the same transaction. space is a short word;
 * key and value are bytes. put replaces; del of a missing key is no error. get copies at
 * most cap bytes into value and sets *len to the whole length; 0 found, 1 missing, -1. get
 * sees uncommitted puts. */
int journal_put(struct journal *j, const char *space, const void *key, size_t klen,
                const void *value, size_t vlen, struct err *e);
int journal_get(struct journal *j, const char *space, const void *key, size_t klen, void *value,
                size_t cap, size_t *len, struct err *e);
int journal_del(struct journal *j, const char *space, const void *key, size_t klen, struct err *e);
/* In key order from `from` (inclusive; NULL = first); fn returning nonzero stops. fn gets copies
 * and may put and delete. */
typedef int journal_kv_fn(void *arg, const void *key, size_t klen, const void *value, size_t vlen);
int journal_each(struct journal *j, const char *space, const void *from, size_t from_len,
                 journal_kv_fn *fn, void *arg, struct err *e);

/* -1: nothing of what was appended counts; errno EIO, ENOSPC where known. Before a disk is
 * full for good, journal_append/commit fail with ENOSPC set in errno, so that the caller can
 * answer `retry`: see journal_rollback(). */
int journal_commit(struct journal *j, struct err *e);
/* Drops everything since the last commit (after ENOSPC, when the process wants to live on). */
int journal_rollback(struct journal *j, struct err *e);

struct journal_row {
    uint64_t seq;
    int64_t at_us;
    struct id id;
    uint8_t digest[DIGEST_LEN];
    const void *body; /* valid during the call; len 0 for a tombstone */
    size_t len;
    bool redacted;
};
/* Committed records from seq on, in order, at most max; fn returning nonzero stops.
 * Tombstones are passed over but for their place in *last: *last becomes the last sequence
 * number looked at (from - 1 when none); the row at which fn stopped counts as looked at. fn may
 * read the log, not write to it. */
typedef int journal_row_fn(void *arg, const struct journal_row *row);
int journal_read(struct journal *j, uint64_t from, size_t max, journal_row_fn *fn, void *arg,
                 uint64_t *last, struct err *e);
/* The one record seq, also while it waits for the commit. 1 when there is none or its body is
 * gone. */
int journal_find(struct journal *j, uint64_t seq, journal_row_fn *fn, void *arg, struct err *e);
/* The chain digest at seq (0 gives d(0)). 1 when there is no such record. */
int journal_digest_at(struct journal *j, uint64_t seq, uint8_t out[DIGEST_LEN], struct err *e);
/* First committed seq with at >= at_us; head + 1 when none. */
int journal_seek_time(struct journal *j, int64_t at_us, uint64_t *seq, struct err *e);

/* Replaces a body by `body` (its redacted form), deletes salt, keeps the body digest; the reason
 * is kept. Commits. 1 when there is no such record or it is a tombstone. */
int journal_redact(struct journal *j, uint64_t seq, const char *reason, const void *body,
                   size_t len, struct err *e);

/* Retention: bodies and salts of records older than before_us become tombstones (id, stamps,
 * digests stay), at most max a call, oldest first. Commits. *done = how many. */
int journal_retain(struct journal *j, int64_t before_us, size_t max, size_t *done, struct err *e);

struct journal_check {
    uint64_t records, redacted, tombstones;
    uint64_t bad_seq; /* first record that does not verify; 0 = none */
    char what[160];   /* what is wrong there */
};
/* Walks the whole chain. 0 and bad_seq 0: all is well. progress may be NULL. */
int journal_verify(struct journal *j, void (*progress)(void *arg, uint64_t seq, uint64_t head),
                   void *arg, struct journal_check *out, struct err *e);

/* Bytes of the write-ahead log on disk; a reader that stays open makes it grow. */
uint64_t journal_wal_bytes(const struct journal *j);
/* Checkpoints the WAL when it is larger than its bound, which stops the caller for some
 * milliseconds: call it after a commit, when the answers are out, and with idle (a low bound) now
 * and then when nothing is going on. A commit does it itself only when nobody else did. */
void journal_housekeep(struct journal *j, bool idle);

#endif
