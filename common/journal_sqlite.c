/* journal_sqlite: the rows, values and transactions of a log in SQLite.
 *
 * One connection, no mutex: a log belongs to one thread. The transaction is opened by the first
 * write and closed by commit or rollback; reads of the same connection see it, so journal.c bounds
 * them by its committed head.
 *
 * Write-ahead log: checkpoints run when idle (from 1 MiB) and between commits, when the answers to
 * one are out (from 8 MiB: measured, 64 MiB stores a fifth more in commits of 1,024 rows and stalls
 * for 150 ms where 8 MiB takes 30); inside a commit only as the last resort, at 16 MiB. Not sooner
 * under load: the same few pages are written again and again, and a checkpoint takes each once.
 * They are passive: they take what no reader holds back. One that fails loses nothing, the
 * write-ahead log still has it, and the next one tries again. */
#include "journal_sqlite.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define WAL_IDLE_BYTES   (1 << 20)
#define WAL_BUSY_BYTES   (8 << 20)
#define WAL_COMMIT_BYTES (16 << 20)
#define WAL_RETRY_BYTES  (4 << 20) /* more growth before the next try behind a reader */

static const char *const sql[ST_COUNT] = {
    [ST_BEGIN] = "BEGIN IMMEDIATE",
    [ST_COMMIT] = "COMMIT",
    [ST_ROLLBACK] = "ROLLBACK",
    [ST_HEAD] = "SELECT seq, at, digest FROM record WHERE seq > 0 ORDER BY seq DESC LIMIT 1",
    [ST_STAMP] = "SELECT at, digest FROM record WHERE seq = ?1",
    [ST_INSERT] = "INSERT INTO record (seq, at, id, digest, body_digest, salt, body)"
                  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (id) DO NOTHING",
    [ST_SEQ_OF_ID] = "SELECT seq FROM record WHERE id = ?1",
    [ST_SCAN] = "SELECT seq, at, id, digest, body_digest, salt, reason, body FROM record"
                " WHERE seq BETWEEN ?1 AND ?2 ORDER BY seq LIMIT ?3",
    [ST_RETAINED] = "SELECT value FROM meta WHERE key = 'retained'",
    [ST_SET_RETAINED] = "INSERT OR REPLACE INTO meta VALUES ('retained', ?1)",
    [ST_STRIP] = "UPDATE record SET salt = NULL, body = NULL WHERE seq BETWEEN ?1 AND ?2",
    [ST_REDACT] = "UPDATE record SET salt = NULL, reason = ?2, body = ?3"
                  " WHERE seq = ?1 AND body IS NOT NULL",
    [ST_PUT] = "INSERT OR REPLACE INTO kv VALUES (?1, ?2, ?3)",
    [ST_GET] = "SELECT value FROM kv WHERE space = ?1 AND key = ?2",
    [ST_DEL] = "DELETE FROM kv WHERE space = ?1 AND key = ?2",
    [ST_EACH_FROM] =
        "SELECT key, value FROM kv WHERE space = ?1 AND key >= ?2 ORDER BY key LIMIT 1",
    [ST_EACH_AFTER] =
        "SELECT key, value FROM kv WHERE space = ?1 AND key > ?2 ORDER BY key LIMIT 1",
};

/* ---- errors and statements */

static int
errno_of(sqlite3 *db)
{
    int sys = sqlite3_system_errno(db);

    switch (sqlite3_extended_errcode(db) & 0xff) {
    case SQLITE_FULL:
        return ENOSPC;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
        return sys == ENOSPC || sys == EDQUOT ? ENOSPC : EIO;
    case SQLITE_READONLY:
        return EROFS;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return EBUSY;
    case SQLITE_NOMEM:
        return ENOMEM;
    case SQLITE_TOOBIG:
        return EFBIG;
    default:
        return EIO;
    }
}

int
jstore_fail(const struct jstore *s, const char *doing, struct err *e)
{
    int code = s->db != NULL ? errno_of(s->db) : ENOMEM;
    const char *why = s->db != NULL ? sqlite3_errmsg(s->db) : "out of memory";
    const char *advice = "";

    if (code == ENOSPC)
        advice = ": free space on its disk";
    else if (code == EBUSY)
        advice = ": close the program that holds it";
    else if (code == EIO)
        advice = ": check the disk, then run verify";
    err_set(e, "%s: cannot %s: %s%s", s->path, doing, why, advice);
    errno = code;
    return -1;
}

static sqlite3_stmt *
stmt(struct jstore *s, enum jstore_stmt which, struct err *e)
{
    if (s->st[which] == NULL && sqlite3_prepare_v3(s->db, sql[which], -1, SQLITE_PREPARE_PERSISTENT,
                                                   &s->st[which], NULL) != SQLITE_OK)
        (void)jstore_fail(s, "prepare", e);
    return s->st[which];
}

/* Zero bytes are an empty blob, not NULL. Binding fails on a length only; the step after it would
 * then write NULL, which no column here takes but those where journal.c means it. */
static int
bind_bytes(sqlite3_stmt *st, int at, const void *p, size_t n)
{
    return sqlite3_bind_blob64(st, at, n > 0 ? p : "", n, SQLITE_STATIC);
}

/* Steps a statement that returns no rows. */
static int
run(struct jstore *s, sqlite3_stmt *st, const char *doing, struct err *e)
{
    int rc = sqlite3_step(st) == SQLITE_DONE ? 0 : jstore_fail(s, doing, e);
    int saved = errno;

    (void)sqlite3_reset(st); /* repeats the error told */
    errno = saved;
    return rc;
}

static int
begin(struct jstore *s, struct err *e)
{
    sqlite3_stmt *st;

    if (!sqlite3_get_autocommit(s->db))
        return 0;
    st = stmt(s, ST_BEGIN, e);
    return st != NULL ? run(s, st, "lock", e) : -1;
}

/* A statement to write with, in an open transaction. */
static sqlite3_stmt *
write_stmt(struct jstore *s, enum jstore_stmt which, struct err *e)
{
    return begin(s, e) == 0 ? stmt(s, which, e) : NULL;
}

/* ---- the write-ahead log */

static int
pages(const struct jstore *s, int bytes)
{
    return bytes / s->page_bytes;
}

/* Past the bound, and not held back by a reader just before. */
static bool
grown(const struct jstore *s, int bytes)
{
    return s->wal_pages >= pages(s, bytes) && s->wal_pages >= s->wal_try;
}

static void
checkpoint(struct jstore *s, int mode)
{
    int in_log = -1;
    int copied = -1;

    if (mode == SQLITE_CHECKPOINT_TRUNCATE)
        (void)sqlite3_busy_timeout(s->db, 0); /* a reader in the way: next time */
    if (sqlite3_wal_checkpoint_v2(s->db, NULL, mode, &in_log, &copied) == SQLITE_OK &&
        in_log == copied) {
        s->wal_pages = 0;
        if (mode == SQLITE_CHECKPOINT_TRUNCATE)
            s->scrub = false;
    }
    (void)sqlite3_busy_timeout(s->db, JSTORE_BUSY_MS);
    s->wal_try = s->wal_pages > 0 ? s->wal_pages + pages(s, WAL_RETRY_BYTES) : 0;
}

uint64_t
jstore_wal_bytes(const struct jstore *s)
{
    char name[PATH_MAX];
    struct stat st;
    int n = snprintf(name, sizeof(name), "%s-wal", s->path);

    if (n < 0 || (size_t)n >= sizeof(name) || stat(name, &st) < 0)
        return 0;
    return (uint64_t)st.st_size;
}

void
jstore_housekeep(struct jstore *s, bool idle)
{
    if (!sqlite3_get_autocommit(s->db))
        return;
    if (idle ? s->scrub || s->wal_pages >= pages(s, WAL_IDLE_BYTES) : grown(s, WAL_BUSY_BYTES))
        checkpoint(s, s->scrub ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE);
}

/* ---- transactions */

int
jstore_commit(struct jstore *s, struct err *e)
{
    sqlite3_stmt *st;

    if (sqlite3_get_autocommit(s->db))
        return 0;
    st = stmt(s, ST_COMMIT, e);
    if (st == NULL || run(s, st, "commit", e) < 0)
        return -1;
    if (grown(s, WAL_COMMIT_BYTES))
        checkpoint(s, SQLITE_CHECKPOINT_PASSIVE);
    return 0;
}

int
jstore_rollback(struct jstore *s, struct err *e)
{
    sqlite3_stmt *st;

    /* After a full disk SQLite has often rolled back by itself. */
    if (sqlite3_get_autocommit(s->db))
        return 0;
    st = stmt(s, ST_ROLLBACK, e);
    return st != NULL ? run(s, st, "roll back", e) : -1;
}

/* ---- rows */

/* A column that must be a blob of n bytes; NULL when it is not. */
static const uint8_t *
column_exact(sqlite3_stmt *st, int col, int n)
{
    if (sqlite3_column_type(st, col) != SQLITE_BLOB || sqlite3_column_bytes(st, col) != n)
        return NULL;
    return sqlite3_column_blob(st, col);
}

int
jstore_head(struct jstore *s, struct jstore_head *out, struct err *e)
{
    sqlite3_stmt *st = stmt(s, ST_HEAD, e);
    const uint8_t *digest;
    int rc;

    if (st == NULL)
        return -1;
    memset(out, 0, sizeof(*out));
    rc = sqlite3_step(st);
    if (rc == SQLITE_ROW) {
        digest = column_exact(st, 2, DIGEST_LEN);
        out->seq = (uint64_t)sqlite3_column_int64(st, 0);
        out->at_us = sqlite3_column_int64(st, 1);
        if (digest != NULL)
            memcpy(out->digest, digest, DIGEST_LEN);
        rc = SQLITE_DONE;
    }
    rc = rc == SQLITE_DONE ? 0 : jstore_fail(s, "read the head", e);
    (void)sqlite3_reset(st); /* repeats the error told */
    return rc;
}

int
jstore_stamp(struct jstore *s, uint64_t seq, int64_t *at_us, uint8_t *digest, struct err *e)
{
    sqlite3_stmt *st = stmt(s, ST_STAMP, e);
    const uint8_t *d;
    int rc;

    if (st == NULL)
        return -1;
    (void)sqlite3_bind_int64(st, 1, (int64_t)seq);
    rc = sqlite3_step(st);
    if (rc == SQLITE_ROW) {
        d = column_exact(st, 1, DIGEST_LEN);
        if (at_us != NULL)
            *at_us = sqlite3_column_int64(st, 0);
        if (digest != NULL && d != NULL)
            memcpy(digest, d, DIGEST_LEN);
        rc = digest == NULL || d != NULL ? 0 : 1;
    } else {
        rc = rc == SQLITE_DONE ? 1 : jstore_fail(s, "read", e);
    }
    (void)sqlite3_reset(st); /* repeats the error told */
    return rc;
}

static int
seq_of_id(struct jstore *s, const uint8_t *id, uint64_t *seq, struct err *e)
{
    sqlite3_stmt *st = stmt(s, ST_SEQ_OF_ID, e);
    int rc = -1;

    if (st == NULL)
        return -1;
    (void)sqlite3_bind_blob(st, 1, id, ID_LEN, SQLITE_STATIC);
    if (sqlite3_step(st) == SQLITE_ROW) {
        *seq = (uint64_t)sqlite3_column_int64(st, 0);
        rc = 0;
    } else {
        (void)jstore_fail(s, "find an id", e);
    }
    (void)sqlite3_reset(st); /* repeats the error told */
    return rc;
}

int
jstore_insert(struct jstore *s, const struct jstore_row *row, uint64_t *dup, struct err *e)
{
    sqlite3_stmt *st = write_stmt(s, ST_INSERT, e);

    if (st == NULL)
        return -1;
    (void)sqlite3_bind_int64(st, 1, row->seq);
    (void)sqlite3_bind_int64(st, 2, row->at_us);
    (void)sqlite3_bind_blob(st, 3, row->id, ID_LEN, SQLITE_STATIC);
    (void)sqlite3_bind_blob(st, 4, row->digest, DIGEST_LEN, SQLITE_STATIC);
    (void)sqlite3_bind_blob(st, 5, row->body_digest, DIGEST_LEN, SQLITE_STATIC);
    (void)sqlite3_bind_blob(st, 6, row->salt, JOURNAL_SALT_LEN, SQLITE_STATIC);
    if (bind_bytes(st, 7, row->body, row->len) != SQLITE_OK)
        return jstore_fail(s, "append", e);
    if (run(s, st, "append", e) < 0)
        return -1;
    if (sqlite3_changes(s->db) > 0)
        return 1;
    return seq_of_id(s, row->id, dup, e);
}

int
jstore_scan(struct jstore *s, int64_t from, int64_t to, size_t max, jstore_row_fn *fn, void *arg,
            struct err *e)
{
    /* Taken out while it runs, so that fn may scan too. */
    sqlite3_stmt *st = stmt(s, ST_SCAN, e);
    int rc, saved;

    if (st == NULL)
        return -1;
    s->st[ST_SCAN] = NULL;
    (void)sqlite3_bind_int64(st, 1, from);
    (void)sqlite3_bind_int64(st, 2, to);
    (void)sqlite3_bind_int64(st, 3, max < INT64_MAX ? (int64_t)max : INT64_MAX);
    while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
        struct jstore_row row = {
            .seq = sqlite3_column_int64(st, 0),
            .at_us = sqlite3_column_int64(st, 1),
            .id = column_exact(st, 2, ID_LEN),
            .digest = column_exact(st, 3, DIGEST_LEN),
            .body_digest = column_exact(st, 4, DIGEST_LEN),
            .salt = column_exact(st, 5, JOURNAL_SALT_LEN),
            .reason = (const char *)sqlite3_column_text(st, 6),
        };

        if (sqlite3_column_type(st, 7) != SQLITE_NULL) {
            row.body = sqlite3_column_blob(st, 7);
            row.len = (size_t)sqlite3_column_bytes(st, 7);
            if (row.body == NULL)
                row.body = "";
        }
        if (fn(arg, &row) != 0)
            break;
    }
    rc = rc == SQLITE_ROW || rc == SQLITE_DONE ? 0 : jstore_fail(s, "read", e);
    saved = errno;
    (void)sqlite3_reset(st); /* repeats the error told */
    if (s->st[ST_SCAN] == NULL)
        s->st[ST_SCAN] = st;
    else
        (void)sqlite3_finalize(st);
    errno = saved;
    return rc;
}

int
jstore_retained(struct jstore *s, uint64_t *seq, struct err *e)
{
    sqlite3_stmt *st;
    int rc;

    if (s->retained_known) {
        *seq = s->retained;
        return 0;
    }
    st = stmt(s, ST_RETAINED, e);
    if (st == NULL)
        return -1;
    *seq = 0;
    rc = sqlite3_step(st);
    if (rc == SQLITE_ROW && sqlite3_column_int64(st, 0) > 0)
        *seq = (uint64_t)sqlite3_column_int64(st, 0);
    rc = rc == SQLITE_ROW || rc == SQLITE_DONE ? 0 : jstore_fail(s, "read", e);
    (void)sqlite3_reset(st); /* repeats the error told */
    if (rc == 0 && s->lock_fd >= 0 && sqlite3_get_autocommit(s->db)) {
        s->retained = *seq;
        s->retained_known = true;
    }
    return rc;
}

int
jstore_strip(struct jstore *s, uint64_t from, uint64_t to, struct err *e)
{
    sqlite3_stmt *strip = write_stmt(s, ST_STRIP, e);
    sqlite3_stmt *mark = strip != NULL ? write_stmt(s, ST_SET_RETAINED, e) : NULL;

    if (mark == NULL)
        return -1;
    (void)sqlite3_bind_int64(strip, 1, (int64_t)from);
    (void)sqlite3_bind_int64(strip, 2, (int64_t)to);
    (void)sqlite3_bind_int64(mark, 1, (int64_t)to);
    s->scrub = true;
    s->retained_known = false; /* until the transaction is over */
    if (run(s, strip, "retain", e) < 0)
        return -1;
    return run(s, mark, "retain", e);
}

int
jstore_redact(struct jstore *s, uint64_t seq, const char *reason, const void *body, size_t len,
              struct err *e)
{
    sqlite3_stmt *st = write_stmt(s, ST_REDACT, e);

    if (st == NULL)
        return -1;
    (void)sqlite3_bind_int64(st, 1, (int64_t)seq);
    if (sqlite3_bind_text(st, 2, reason, -1, SQLITE_STATIC) != SQLITE_OK ||
        bind_bytes(st, 3, body, len) != SQLITE_OK)
        return jstore_fail(s, "redact", e);
    s->scrub = true;
    if (run(s, st, "redact", e) < 0)
        return -1;
    return sqlite3_changes(s->db) > 0 ? 0 : 1;
}

/* ---- values */

static int
bind_key(struct jstore *s, sqlite3_stmt *st, const char *space, const void *key, size_t klen,
         struct err *e)
{
    if (sqlite3_bind_text(st, 1, space, -1, SQLITE_STATIC) != SQLITE_OK ||
        bind_bytes(st, 2, key, klen) != SQLITE_OK)
        return jstore_fail(s, "bind a key", e);
    return 0;
}

int
jstore_put(struct jstore *s, const char *space, const void *key, size_t klen, const void *value,
           size_t vlen, struct err *e)
{
    sqlite3_stmt *st = write_stmt(s, ST_PUT, e);

    if (st == NULL || bind_key(s, st, space, key, klen, e) < 0)
        return -1;
    if (bind_bytes(st, 3, value, vlen) != SQLITE_OK)
        return jstore_fail(s, "put a value", e);
    return run(s, st, "put a value", e);
}

int
jstore_del(struct jstore *s, const char *space, const void *key, size_t klen, struct err *e)
{
    sqlite3_stmt *st = write_stmt(s, ST_DEL, e);

    if (st == NULL || bind_key(s, st, space, key, klen, e) < 0)
        return -1;
    return run(s, st, "delete a value", e);
}

int
jstore_get(struct jstore *s, const char *space, const void *key, size_t klen, void *value,
           size_t cap, size_t *len, struct err *e)
{
    sqlite3_stmt *st = stmt(s, ST_GET, e);
    int rc;

    if (st == NULL || bind_key(s, st, space, key, klen, e) < 0)
        return -1;
    rc = sqlite3_step(st);
    if (rc == SQLITE_ROW) {
        const void *v = sqlite3_column_blob(st, 0);
        size_t n = (size_t)sqlite3_column_bytes(st, 0);

        if (n > 0 && cap > 0)
            memcpy(value, v, n < cap ? n : cap);
        *len = n;
        rc = 0;
    } else {
        rc = rc == SQLITE_DONE ? 1 : jstore_fail(s, "get a value", e);
    }
    (void)sqlite3_reset(st); /* repeats the error told */
    return rc;
}

/* One pair, key then value in one block that grows. */
struct pair {
    uint8_t *p;
    size_t cap, klen, vlen;
};

/* The next pair into kv; 1 = there is none. */
static int
fetch_pair(struct jstore *s, sqlite3_stmt *st, struct pair *kv, struct err *e)
{
    int rc = sqlite3_step(st);

    if (rc != SQLITE_ROW) {
        rc = rc == SQLITE_DONE ? 1 : jstore_fail(s, "read values", e);
    } else {
        const void *k = sqlite3_column_blob(st, 0);
        size_t klen = (size_t)sqlite3_column_bytes(st, 0);
        const void *v = sqlite3_column_blob(st, 1);
        size_t vlen = (size_t)sqlite3_column_bytes(st, 1);

        rc = 0;
        if (klen + vlen > kv->cap) {
            uint8_t *p = realloc(kv->p, klen + vlen);

            if (p == NULL) {
                err_set(e, "%s: out of memory for a value of %zu bytes", s->path, vlen);
                errno = ENOMEM;
                rc = -1;
            } else {
                kv->p = p;
                kv->cap = klen + vlen;
            }
        }
        if (rc == 0) {
            if (klen > 0)
                memcpy(kv->p, k, klen);
            if (vlen > 0)
                memcpy(kv->p + klen, v, vlen);
            kv->klen = klen;
            kv->vlen = vlen;
        }
    }
    return rc;
}

int
jstore_each(struct jstore *s, const char *space, const void *from, size_t from_len,
            journal_kv_fn *fn, void *arg, struct err *e)
{
    struct pair kv = {.p = malloc(256), .cap = 256};
    enum jstore_stmt which = ST_EACH_FROM;
    int rc = -1;
    int saved;

    if (kv.p == NULL) {
        err_set(e, "%s: out of memory", s->path);
        errno = ENOMEM;
        return -1;
    }
    if (from == NULL)
        from_len = 0;
    /* A look-up for each pair: nothing is open while fn runs, so it may put and delete. */
    for (;;) {
        sqlite3_stmt *st = stmt(s, which, e);

        if (st == NULL)
            break;
        rc = which == ST_EACH_FROM ? bind_key(s, st, space, from, from_len, e)
                                   : bind_key(s, st, space, kv.p, kv.klen, e);
        if (rc == 0)
            rc = fetch_pair(s, st, &kv, e);
        saved = errno;
        (void)sqlite3_reset(st); /* repeats the error told */
        errno = saved;
        if (rc != 0 || fn(arg, kv.p, kv.klen, kv.p + kv.klen, kv.vlen) != 0)
            break;
        which = ST_EACH_AFTER;
    }
    saved = errno;
    free(kv.p);
    errno = saved;
    return rc < 0 ? -1 : 0;
}
