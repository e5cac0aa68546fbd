/* journal: sequence numbers, salts and heads, over whichever store is linked.
 *
 * Two heads are kept: `head` is what the last commit made durable and all that readers of this
 * process are served; `pending` runs ahead of it by what was appended since. After any failed
 * write the journal refuses everything but journal_rollback(), because the store may have dropped
 * the transaction and `pending` would number records that do not follow each other.
 *
 * A log opened read-only has no heads of its own: what it can see is committed, and its head moves
 * with the writer's, so each call asks the store. */
#include "journal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "journal_chain.h"
#include "journal_store.h"

#define SALT_POOL 256 /* salts drawn by one system call; one call each halved the speed */

struct journal {
    struct jstore *store;
    bool write;
    bool dirty;
    bool failed; /* since a failed write; only a rollback clears it */
    struct id log_id;
    uint8_t start[DIGEST_LEN]; /* d(0) */
    struct jstore_head head, pending;
    uint8_t salts[SALT_POOL][JOURNAL_SALT_LEN];
    size_t salts_left;
};

/* ---- open, heads */

static const uint8_t *
next_salt(struct journal *j)
{
    if (j->salts_left == 0) {
        randombytes_buf(j->salts, sizeof(j->salts));
        j->salts_left = SALT_POOL;
    }
    return j->salts[--j->salts_left];
}

/* The store's last row as a head: an empty log's digest is d(0). */
static int
load_head(const struct journal *j, struct jstore_head *out, struct err *e)
{
    if (jstore_head(j->store, out, e) < 0)
        return -1;
    if (out->seq == 0)
        memcpy(out->digest, j->start, DIGEST_LEN);
    return 0;
}

int
journal_open(const char *path, const char *kind, bool write, enum durability d,
             struct journal **out, struct err *e)
{
    struct journal *j = NULL;
    int saved;

    if (sodium_init() < 0) {
        err_set(e, "%s: libsodium does not start: no random source", path);
        errno = EIO;
        return -1;
    }
    j = calloc(1, sizeof(*j));
    if (j == NULL) {
        err_set(e, "%s: out of memory", path);
        errno = ENOMEM;
        return -1;
    }
    j->write = write;
    if (jstore_open(path, kind, write, d, &j->store, &j->log_id, e) < 0)
        goto fail;
    chain_start(j->start, &j->log_id);
    if (load_head(j, &j->head, e) < 0)
        goto fail;
    j->pending = j->head;
    *out = j;
    return 0;

fail:
    saved = errno;
    journal_close(j);
    errno = saved;
    return -1;
}

void
journal_close(struct journal *j)
{
    if (j == NULL)
        return;
    jstore_close(j->store);
    free(j);
}

const struct id *
journal_log_id(const struct journal *j)
{
    return &j->log_id;
}

/* What may be served now. A reader whose look fails keeps to what the handle was opened with;
 * the call that follows meets the same error and reports it. */
static struct jstore_head
served(const struct journal *j)
{
    struct jstore_head h;

    if (j->write || load_head(j, &h, NULL) < 0)
        return j->head;
    return h;
}

static void
to_position(const struct journal *j, const struct jstore_head *h, struct position *out)
{
    out->journal = j->log_id;
    out->seq = h->seq;
    memcpy(out->digest, h->digest, DIGEST_LEN);
}

void
journal_head(const struct journal *j, struct position *out)
{
    struct jstore_head h = served(j);

    to_position(j, &h, out);
}

void
journal_pending_head(const struct journal *j, struct position *out)
{
    if (j->write)
        to_position(j, &j->pending, out);
    else
        journal_head(j, out);
}

int64_t
journal_last_at(const struct journal *j)
{
    return j->write ? j->pending.at_us : served(j).at_us;
}

bool
journal_dirty(const struct journal *j)
{
    return j->dirty;
}

/* ---- writing */

static int
may_write(const struct journal *j, struct err *e)
{
    if (!j->write) {
        err_set(e, "the log is open for reading only: open it for writing");
        errno = EROFS;
        return -1;
    }
    if (j->failed) {
        err_set(e, "an earlier write to the log failed: roll back first");
        errno = EIO;
        return -1;
    }
    return 0;
}

/* Every failed write ends here; errno stays. */
static int
write_failed(struct journal *j)
{
    j->failed = true;
    return -1;
}

int
journal_append(struct journal *j, const struct id *id, int64_t at_us, const void *body, size_t len,
               uint64_t *seq, struct err *e)
{
    uint8_t body_digest[DIGEST_LEN];
    struct jstore_head next = {.seq = j->pending.seq + 1, .at_us = at_us};
    struct jstore_row row = {
        .seq = (int64_t)next.seq,
        .at_us = at_us,
        .id = id->b,
        .digest = next.digest,
        .body_digest = body_digest,
        .body = body,
        .len = len,
    };
    uint64_t dup = 0;
    int rc;

    if (may_write(j, e) < 0)
        return -1;
    if (j->pending.seq > 0 && at_us < j->pending.at_us) {
        err_set(e,
                "a record stamped %lld us cannot follow one stamped %lld us: stamps never go back",
                (long long)at_us, (long long)j->pending.at_us);
        errno = EINVAL;
        return -1;
    }
    row.salt = next_salt(j);
    chain_body(body_digest, row.salt, body, len);
    chain_next(next.digest, j->pending.digest, next.seq, id->b, at_us, body_digest);
    rc = jstore_insert(j->store, &row, &dup, e);
    if (rc < 0)
        return write_failed(j);
    if (rc == 0) {
        /* A transaction that holds nothing would pin the store's snapshot until some later
         * commit, and callers commit only what is dirty. */
        if (!j->dirty && jstore_rollback(j->store, e) < 0)
            return write_failed(j);
        *seq = dup;
        return 0;
    }
    j->pending = next;
    j->dirty = true;
    *seq = next.seq;
    return 1;
}

int
journal_put(struct journal *j, const char *space, const void *key, size_t klen, const void *value,
            size_t vlen, struct err *e)
{
    if (may_write(j, e) < 0)
        return -1;
    if (jstore_put(j->store, space, key, klen, value, vlen, e) < 0)
        return write_failed(j);
    j->dirty = true;
    return 0;
}

int
journal_del(struct journal *j, const char *space, const void *key, size_t klen, struct err *e)
{
    if (may_write(j, e) < 0)
        return -1;
    if (jstore_del(j->store, space, key, klen, e) < 0)
        return write_failed(j);
    j->dirty = true;
    return 0;
}

int
journal_get(struct journal *j, const char *space, const void *key, size_t klen, void *value,
            size_t cap, size_t *len, struct err *e)
{
    return jstore_get(j->store, space, key, klen, value, cap, len, e);
}

int
journal_each(struct journal *j, const char *space, const void *from, size_t from_len,
             journal_kv_fn *fn, void *arg, struct err *e)
{
    return jstore_each(j->store, space, from, from_len, fn, arg, e);
}

int
journal_commit(struct journal *j, struct err *e)
{
    if (may_write(j, e) < 0)
        return -1;
    if (jstore_commit(j->store, e) < 0)
        return write_failed(j);
    j->head = j->pending;
    j->dirty = false;
    return 0;
}

int
journal_rollback(struct journal *j, struct err *e)
{
    struct jstore_head h;

    /* The heads are read back, not remembered: after a failed commit only the store knows. */
    if (jstore_rollback(j->store, e) < 0 || load_head(j, &h, e) < 0)
        return write_failed(j);
    j->head = j->pending = h;
    j->dirty = j->failed = false;
    return 0;
}

/* ---- reading */

struct read_walk {
    journal_row_fn *fn;
    void *arg;
    uint64_t last;
    bool damaged;
};

static int
read_row(void *arg, const struct jstore_row *r)
{
    struct read_walk *w = arg;
    struct journal_row row = {.seq = (uint64_t)r->seq, .at_us = r->at_us};

    if (r->id == NULL || r->digest == NULL) {
        w->damaged = true;
        return 1;
    }
    w->last = row.seq;
    if (r->body == NULL)
        return 0;
    memcpy(row.id.b, r->id, ID_LEN);
    memcpy(row.digest, r->digest, DIGEST_LEN);
    row.body = r->body;
    row.len = r->len;
    row.redacted = r->salt == NULL;
    return w->fn(w->arg, &row);
}

struct find_walk {
    struct read_walk read;
    bool found;
};

static int
find_row(void *arg, const struct jstore_row *r)
{
    struct find_walk *w = arg;

    w->found = r->body != NULL;
    (void)read_row(&w->read, r); /* the only row */
    return 1;
}

static int
damaged(uint64_t seq, struct err *e)
{
    err_set(e, "record %llu of the log is damaged: run verify", (unsigned long long)seq);
    errno = EIO;
    return -1;
}

int
journal_read(struct journal *j, uint64_t from, size_t max, journal_row_fn *fn, void *arg,
             uint64_t *last, struct err *e)
{
    struct read_walk w = {.fn = fn, .arg = arg};
    uint64_t head = served(j).seq;
    uint64_t retained;

    if (from == 0)
        from = 1;
    if (jstore_retained(j->store, &retained, e) < 0)
        return -1;
    w.last = from - 1;
    /* Millions of tombstones are passed over in one step. */
    if (from <= retained)
        w.last = retained;
    if (w.last < head &&
        jstore_scan(j->store, (int64_t)w.last + 1, (int64_t)head, max, read_row, &w, e) < 0)
        return -1;
    if (w.damaged)
        return damaged(w.last + 1, e);
    *last = w.last;
    return 0;
}

int
journal_find(struct journal *j, uint64_t seq, journal_row_fn *fn, void *arg, struct err *e)
{
    struct find_walk w = {.read = {.fn = fn, .arg = arg}};

    if (seq == 0 || seq > INT64_MAX)
        return 1;
    if (jstore_scan(j->store, (int64_t)seq, (int64_t)seq, 1, find_row, &w, e) < 0)
        return -1;
    if (w.read.damaged)
        return damaged(seq, e);
    return w.found ? 0 : 1;
}

int
journal_digest_at(struct journal *j, uint64_t seq, uint8_t out[DIGEST_LEN], struct err *e)
{
    if (seq == 0) {
        memcpy(out, j->start, DIGEST_LEN);
        return 0;
    }
    if (j->write && seq == j->head.seq) { /* what who follows the log asks for each time */
        memcpy(out, j->head.digest, DIGEST_LEN);
        return 0;
    }
    if (seq > served(j).seq)
        return 1;
    return jstore_stamp(j->store, seq, NULL, out, e);
}

int
journal_seek_time(struct journal *j, int64_t at_us, uint64_t *seq, struct err *e)
{
    uint64_t low = 1;
    uint64_t high = served(j).seq + 1; /* the answer is in low..high */

    while (low < high) {
        uint64_t mid = low + (high - low) / 2;
        int64_t at;
        int rc = jstore_stamp(j->store, mid, &at, NULL, e);

        if (rc < 0)
            return -1;
        if (rc > 0) {
            err_set(e, "record %llu of the log is missing: run verify", (unsigned long long)mid);
            errno = EIO;
            return -1;
        }
        if (at >= at_us)
            high = mid;
        else
            low = mid + 1;
    }
    *seq = low;
    return 0;
}

/* ---- taking text out */

int
journal_redact(struct journal *j, uint64_t seq, const char *reason, const void *body, size_t len,
               struct err *e)
{
    int rc;

    if (may_write(j, e) < 0)
        return -1;
    if (reason == NULL || reason[0] == '\0') {
        err_set(e, "a redaction needs a reason");
        errno = EINVAL;
        return -1;
    }
    if (seq == 0 || seq > j->head.seq)
        return 1;
    rc = jstore_redact(j->store, seq, reason, body, len, e);
    if (rc < 0)
        return write_failed(j);
    if (journal_commit(j, e) < 0)
        return -1;
    if (rc == 0)
        jstore_housekeep(j->store, true); /* the old text is still in the write-ahead log */
    return rc;
}

int
journal_retain(struct journal *j, int64_t before_us, size_t max, size_t *done, struct err *e)
{
    uint64_t retained, first, to;

    if (may_write(j, e) < 0)
        return -1;
    if (jstore_retained(j->store, &retained, e) < 0 ||
        journal_seek_time(j, before_us, &first, e) < 0)
        return -1;
    to = first - 1;
    if (to > retained && to - retained > max)
        to = retained + max;
    if (to <= retained) {
        *done = 0;
        return 0;
    }
    if (jstore_strip(j->store, retained + 1, to, e) < 0)
        return write_failed(j);
    if (journal_commit(j, e) < 0)
        return -1;
    *done = (size_t)(to - retained);
    return 0;
}

/* ---- upkeep */

int
journal_verify(struct journal *j, void (*progress)(void *arg, uint64_t seq, uint64_t head),
               void *arg, struct journal_check *out, struct err *e)
{
    return chain_verify(j->store, j->start, served(j).seq, progress, arg, out, e);
}

uint64_t
journal_wal_bytes(const struct journal *j)
{
    return jstore_wal_bytes(j->store);
}

void
journal_housekeep(struct journal *j, bool idle)
{
    if (j->write)
        jstore_housekeep(j->store, idle);
}
