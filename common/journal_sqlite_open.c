/* journal_sqlite_open: makes, checks, migrates and closes the SQLite file of a log.
 *
 * The schema version stands in the table `meta` beside the log's kind and id. A migration is one
 * entry of steps[]; making a new log is migrating from nothing, so both are one path and one
 * transaction: a kill in between leaves an empty file, which the next start fills.
 *
 * Files are made 0600; SQLite gives its -wal and -shm files the mode of the database. */
#include "journal_sqlite.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "id.h"

/* body stands last, so that the small columns of a row with a long body are read without its
 * overflow pages. kv has no rowid: its rows are small and looked up by key only. */
static const char *const steps[] = {
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;"
    "CREATE TABLE record (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, id BLOB NOT NULL,"
    " digest BLOB NOT NULL, body_digest BLOB NOT NULL, salt BLOB, reason TEXT, body BLOB);"
    "CREATE UNIQUE INDEX record_id ON record (id);"
    "CREATE TABLE kv (space TEXT NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL,"
    " PRIMARY KEY (space, key)) WITHOUT ROWID;"
    "PRAGMA application_id = 0x546f6373;",
};

#define SCHEMA ((int)(sizeof(steps) / sizeof(steps[0])))

/* ---- small queries */

static int
exec(struct jstore *s, const char *sql, const char *doing, struct err *e)
{
    if (sqlite3_exec(s->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        return jstore_fail(s, doing, e);
    return 0;
}

/* First column of the first row; NULL statement on error. The caller finalizes. 1 = no row. */
static int
query(struct jstore *s, const char *sql, sqlite3_stmt **st, struct err *e)
{
    int rc;

    if (sqlite3_prepare_v2(s->db, sql, -1, st, NULL) != SQLITE_OK)
        return jstore_fail(s, "read", e);
    rc = sqlite3_step(*st);
    if (rc == SQLITE_ROW)
        return 0;
    return rc == SQLITE_DONE ? 1 : jstore_fail(s, "read", e);
}

/* 1 when there is no row. */
static int
query_int(struct jstore *s, const char *sql, int *out, struct err *e)
{
    sqlite3_stmt *st = NULL;
    int rc = query(s, sql, &st, e);
    int saved = errno;

    if (rc == 0)
        *out = sqlite3_column_int(st, 0);
    (void)sqlite3_finalize(st); /* repeats the error query() told */
    errno = saved;
    return rc;
}

/* ---- schema */

/* Ends a refusal whose text is set. */
static int
refuse(int code)
{
    errno = code;
    return -1;
}

/* The schema version of the file; 0 when it is empty. */
static int
schema_version(struct jstore *s, int *version, struct err *e)
{
    int tables = 0;
    int meta = 0;

    if (query_int(s, "SELECT count(*) FROM sqlite_master", &tables, e) != 0 ||
        query_int(s, "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'meta'",
                  &meta, e) != 0)
        return -1;
    *version = 0;
    if (tables == 0)
        return 0;
    if (meta == 0 || query_int(s, "SELECT value FROM meta WHERE key = 'schema'", version, e) != 0 ||
        *version < 1) {
        err_set(e, "%s is a database, but not a log of Tocsin: name another file", s->path);
        return refuse(EINVAL);
    }
    return 0;
}

static int
insert_meta(struct jstore *s, const char *kind, struct err *e)
{
    struct id log_id;
    sqlite3_stmt *st = NULL;
    int rc = -1;

    id_random(&log_id);
    if (sqlite3_prepare_v2(s->db,
                           "INSERT INTO meta VALUES ('kind', ?1), ('log_id', ?2), ('retained', 0)",
                           -1, &st, NULL) == SQLITE_OK &&
        sqlite3_bind_text(st, 1, kind, -1, SQLITE_STATIC) == SQLITE_OK &&
        sqlite3_bind_blob(st, 2, log_id.b, ID_LEN, SQLITE_STATIC) == SQLITE_OK &&
        sqlite3_step(st) == SQLITE_DONE)
        rc = 0;
    else
        (void)jstore_fail(s, "make the log", e);
    (void)sqlite3_finalize(st); /* repeats the error told */
    return rc;
}

static int
migrate(struct jstore *s, int from, const char *kind, struct err *e)
{
    char set[96];
    int saved;

    (void)snprintf(set, sizeof(set), "INSERT OR REPLACE INTO meta VALUES ('schema', %d)", SCHEMA);
    if (exec(s, "BEGIN IMMEDIATE", "lock", e) < 0)
        return -1;
    for (int v = from; v < SCHEMA; v++)
        if (exec(s, steps[v], "migrate", e) < 0)
            goto fail;
    if ((from == 0 && insert_meta(s, kind, e) < 0) || exec(s, set, "migrate", e) < 0 ||
        exec(s, "COMMIT", "migrate", e) < 0)
        goto fail;
    return 0;

fail:
    saved = errno;
    (void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL); /* the first error is the one told */
    errno = saved;
    return -1;
}

static int
check_schema(struct jstore *s, const char *kind, bool write, struct err *e)
{
    int version;

    if (schema_version(s, &version, e) < 0)
        return -1;
    if (version > SCHEMA) {
        err_set(e, "%s has schema version %d and this program knows %d: run a newer Tocsin",
                s->path, version, SCHEMA);
        return refuse(EINVAL);
    }
    if (version == SCHEMA)
        return 0;
    if (write)
        return migrate(s, version, kind, e);
    if (version == 0)
        err_set(e, "%s is empty: start the daemon that writes it first", s->path);
    else
        err_set(e, "%s has the older schema version %d: start the daemon that writes it first",
                s->path, version);
    return refuse(EINVAL);
}

static int
check_meta(struct jstore *s, const char *kind, struct id *log_id, struct err *e)
{
    sqlite3_stmt *st = NULL;
    const char *is;
    const void *id;
    int rc = query(s,
                   "SELECT (SELECT value FROM meta WHERE key = 'kind'),"
                   " (SELECT value FROM meta WHERE key = 'log_id')",
                   &st, e);
    int saved = errno;

    if (rc != 0)
        goto out;
    rc = -1;
    saved = EINVAL;
    is = (const char *)sqlite3_column_text(st, 0);
    id = sqlite3_column_blob(st, 1);
    if (is == NULL || strcmp(is, kind) != 0) {
        err_set(e, "%s is a log of kind \"%.40s\", not \"%s\": check the path in the configuration",
                s->path, is != NULL ? is : "", kind);
    } else if (id == NULL || sqlite3_column_bytes(st, 1) != ID_LEN) {
        err_set(e, "%s has lost its log id: restore it from a backup", s->path);
    } else {
        memcpy(log_id->b, id, ID_LEN);
        rc = 0;
    }
out:
    (void)sqlite3_finalize(st); /* repeats the error query() told */
    errno = saved;
    return rc;
}

/* ---- files */

/* The path with its links resolved, so that two names of one log meet the same lock file. The last
 * component may be missing. NULL with errno. */
static char *
resolve(const char *path)
{
    char *real = realpath(path, NULL);
    char *copy = NULL;
    char *dir = NULL;
    const char *base = strrchr(path, '/');

    if (real != NULL || errno != ENOENT)
        return real;
    copy = strdup(path);
    if (copy == NULL)
        return NULL;
    dir = realpath(dirname(copy), NULL);
    base = base != NULL ? base + 1 : path;
    if (dir != NULL && asprintf(&real, "%s/%s", dir, base) < 0) {
        real = NULL;
        errno = ENOMEM;
    }
    free(dir);
    free(copy);
    return real;
}

/* An empty file is an empty database. Made here for its mode, and with its name on disk before
 * anything in it counts. */
static int
create_file(const char *path)
{
    char *copy = NULL;
    int dir = -1;
    int rc = -1;
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd < 0)
        return errno == EEXIST ? 0 : -1;
    (void)close(fd); /* nothing was written */
    copy = strdup(path);
    if (copy == NULL)
        return -1;
    dir = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir >= 0)
        rc = fsync(dir);
    if (dir >= 0)
        (void)close(dir); /* opened for reading */
    free(copy);
    return rc;
}

static int
on_wal(void *arg, sqlite3 *db, const char *name, int pages)
{
    struct jstore *s = arg;

    (void)db;
    (void)name;
    s->wal_pages = pages;
    return SQLITE_OK;
}

/* secure_delete: text that is taken out must leave the file. NORMAL flushes only at checkpoints:
 * a commit is then a plain write, and a power cut takes the newest records and not the file. The
 * cache holds the inner pages of an index of tens of millions of ids. */
static int
configure(struct jstore *s, enum durability d, struct err *e)
{
    sqlite3_stmt *st = NULL;
    const char *mode;
    int rc = query(s, "PRAGMA journal_mode = WAL", &st, e);

    if (rc == 0) {
        mode = (const char *)sqlite3_column_text(st, 0);
        if (mode == NULL || strcmp(mode, "wal") != 0) {
            err_set(e, "%s: its file system cannot keep a write-ahead log: put it on a local disk",
                    s->path);
            rc = refuse(EINVAL);
        }
    }
    (void)sqlite3_finalize(st); /* repeats the error query() told */
    if (rc != 0)
        return -1;
    if (exec(s, d == DURABILITY_NONE ? "PRAGMA synchronous = NORMAL" : "PRAGMA synchronous = FULL",
             "configure", e) < 0)
        return -1;
    return exec(s,
                "PRAGMA secure_delete = ON; PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY;"
                "PRAGMA journal_size_limit = 16777216",
                "configure", e);
}

static int
open_db(struct jstore *s, bool write, enum durability d, struct err *e)
{
    int flags = SQLITE_OPEN_NOMUTEX | (write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY);

    if (access(s->path, write ? R_OK | W_OK : R_OK) < 0) {
        int saved = errno;

        err_set(e, "%s: cannot open: %s", s->path, strerror(saved));
        return refuse(saved);
    }
    if (sqlite3_open_v2(s->path, &s->db, flags, NULL) != SQLITE_OK)
        return jstore_fail(s, "open", e);
    (void)sqlite3_extended_result_codes(s->db, 1);     /* fails only without a database */
    (void)sqlite3_busy_timeout(s->db, JSTORE_BUSY_MS); /* as above */
    return write ? configure(s, d, e) : 0;
}

int
jstore_open(const char *path, const char *kind, bool write, enum durability d, struct jstore **out,
            struct id *log_id, struct err *e)
{
    struct jstore *s = calloc(1, sizeof(*s));
    int saved;

    if (s == NULL) {
        err_set(e, "%s: out of memory", path);
        return refuse(ENOMEM);
    }
    s->lock_fd = -1;
    s->path = resolve(path);
    if (s->path == NULL) {
        saved = errno;
        err_set(e, "%s: cannot open: %s (its directory must exist)", path, strerror(saved));
        goto fail;
    }
    if (write) {
        s->lock_fd = journal_lock(s->path, e);
        if (s->lock_fd < 0) {
            saved = errno;
            goto fail;
        }
        if (create_file(s->path) < 0) {
            saved = errno;
            err_set(e, "%s: cannot make: %s", s->path, strerror(saved));
            goto fail;
        }
    }
    if (open_db(s, write, d, e) < 0 || check_schema(s, kind, write, e) < 0 ||
        check_meta(s, kind, log_id, e) < 0 ||
        query_int(s, "PRAGMA page_size", &s->page_bytes, e) != 0) {
        saved = errno;
        goto fail;
    }
    if (write) {
        /* What a killed writer left, redacted text perhaps, goes into the file now. Where a reader
         * is in the way, housekeeping comes to it. */
        s->scrub = true;
        (void)sqlite3_wal_hook(s->db, on_wal, s); /* returns the last hook: none */
        jstore_housekeep(s, true);
    }
    *out = s;
    return 0;

fail:
    jstore_close(s);
    errno = saved;
    return -1;
}

void
jstore_close(struct jstore *s)
{
    int rc;

    if (s == NULL)
        return;
    for (int i = 0; i < ST_COUNT; i++)
        (void)sqlite3_finalize(s->st[i]); /* repeats errors already told */
    /* Rolls back what is open. */
    rc = sqlite3_close(s->db);
    assert(rc == SQLITE_OK && "a statement outlived its log");
    if (s->lock_fd >= 0)
        (void)close(s->lock_fd); /* after the database: the next writer may start here */
    free(s->path);
    free(s);
}
