/* bench_journal: rows a second of the journal, beside the bare floor of the same run.
 *
 * Three ways to make N records of 300 bytes durable, in commits of 1, 16, 256 and 1024:
 *   file     append to a plain file and fdatasync once a commit: nothing can be faster
 *   sqlite   insert seq, id and body with a unique index on id; no digests, no chain
 *   journal  journal_append() and journal_commit(), both digests included
 * Ids grow with time, as those of records do. Prints `name value unit` lines. The files are made
 * in the directory given, else in the current one: /tmp is often memory, which flushes nothing. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sqlite3.h>

#include "journal.h"

#define BODY_LEN 300

static int64_t run_us = 1500000; /* QUICK=1: 300,000 */

static char dir[4096];
static uint8_t body[BODY_LEN];

static void
die(const char *what, const char *why)
{
    (void)fprintf(stderr, "bench_journal: %s: %s\n", what, why);
    exit(1);
}

static int64_t
now_us(void)
{
    struct timespec ts;

    if (clock_gettime(CLOCK_MONOTONIC, &ts) < 0)
        die("clock", strerror(errno));
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static const char *
in_dir(const char *name)
{
    static char path[sizeof(dir) + 64];

    (void)snprintf(path, sizeof(path), "%s/%s", dir, name);
    return path;
}

static void
make_record(uint64_t n, struct id *id)
{
    uint64_t ms = 1700000000000 + n / 8;
    uint64_t tail = n * 0x9e3779b97f4a7c15;

    for (int i = 0; i < 6; i++)
        id->b[i] = (uint8_t)(ms >> (40 - 8 * i));
    for (int i = 6; i < ID_LEN; i++)
        id->b[i] = (uint8_t)(tail >> (8 * (i % 8)));
    memcpy(body, &n, sizeof(n));
}

/* ---- the three ways */

struct way {
    const char *name;
    void (*open)(void);
    void (*append)(uint64_t n);
    void (*commit)(void);
    void (*close)(void);
};

static int file_fd;
static uint8_t file_buf[1024 * (BODY_LEN + ID_LEN)];
static size_t file_len;

static void
file_open(void)
{
    file_fd = open(in_dir("floor.bin"), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
    if (file_fd < 0)
        die("floor.bin", strerror(errno));
}

static void
file_append(uint64_t n)
{
    struct id id;

    make_record(n, &id);
    memcpy(file_buf + file_len, id.b, ID_LEN);
    memcpy(file_buf + file_len + ID_LEN, body, BODY_LEN);
    file_len += ID_LEN + BODY_LEN;
}

static void
file_commit(void)
{
    if (write(file_fd, file_buf, file_len) != (ssize_t)file_len || fdatasync(file_fd) < 0)
        die("floor.bin", strerror(errno));
    file_len = 0;
}

static void
file_close(void)
{
    if (close(file_fd) < 0)
        die("floor.bin", strerror(errno));
}

static sqlite3 *db;
static sqlite3_stmt *insert;

static void
sql(const char *text)
{
    if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK)
        die("sqlite", sqlite3_errmsg(db));
}

static void
sqlite_open(void)
{
    if (sqlite3_open(in_dir("floor.db"), &db) != SQLITE_OK)
        die("sqlite", sqlite3_errmsg(db));
    sql("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
        "CREATE TABLE r (seq INTEGER PRIMARY KEY, id BLOB, body BLOB);"
        "CREATE UNIQUE INDEX r_id ON r (id); BEGIN");
    if (sqlite3_prepare_v2(db, "INSERT INTO r VALUES (?1, ?2, ?3)", -1, &insert, NULL) != SQLITE_OK)
        die("sqlite", sqlite3_errmsg(db));
}

static void
sqlite_append(uint64_t n)
{
    struct id id;

    make_record(n, &id);
    if (sqlite3_bind_int64(insert, 1, (int64_t)n) != SQLITE_OK ||
        sqlite3_bind_blob(insert, 2, id.b, ID_LEN, SQLITE_STATIC) != SQLITE_OK ||
        sqlite3_bind_blob(insert, 3, body, BODY_LEN, SQLITE_STATIC) != SQLITE_OK ||
        sqlite3_step(insert) != SQLITE_DONE || sqlite3_reset(insert) != SQLITE_OK)
        die("sqlite", sqlite3_errmsg(db));
}

static void
sqlite_commit(void)
{
    sql("COMMIT; BEGIN");
}

static void
sqlite_close(void)
{
    (void)sqlite3_finalize(insert); /* repeats an error already fatal */
    if (sqlite3_close(db) != SQLITE_OK)
        die("sqlite", sqlite3_errmsg(db));
}

static struct journal *log_;

static void
journal_start(void)
{
    struct err e;

    if (journal_open(in_dir("log.db"), "journal", true, DURABILITY_GROUP, &log_, &e) < 0)
        die("journal", e.text);
}

static void
journal_add(uint64_t n)
{
    struct id id;
    struct err e;
    uint64_t seq;

    make_record(n, &id);
    if (journal_append(log_, &id, (int64_t)n, body, BODY_LEN, &seq, &e) != 1)
        die("journal", e.text);
}

static void
journal_flush(void)
{
    struct err e;

    if (journal_commit(log_, &e) < 0)
        die("journal", e.text);
}

static void
journal_stop(void)
{
    journal_close(log_);
}

static const struct way ways[] = {
    {"file", file_open, file_append, file_commit, file_close},
    {"sqlite", sqlite_open, sqlite_append, sqlite_commit, sqlite_close},
    {"journal", journal_start, journal_add, journal_flush, journal_stop},
};

/* ---- */

static void
clean(void)
{
    static const char *const names[] = {"floor.bin", "floor.db",   "floor.db-wal", "floor.db-shm",
                                        "log.db",    "log.db-wal", "log.db-shm",   "log.db.lock"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        (void)unlink(in_dir(names[i])); /* most are not there */
}

static void
measure(const struct way *w, unsigned batch)
{
    uint64_t n = 0;
    int64_t worst = 0;
    int64_t start, end, t;

    clean();
    w->open();
    start = end = now_us();
    while (end - start < run_us) {
        for (unsigned i = 0; i < batch; i++)
            w->append(++n);
        t = now_us();
        w->commit();
        end = now_us();
        if (end - t > worst)
            worst = end - t;
    }
    w->close();
    (void)printf("journal_rows_%s_%u %.0f rows/s\n", w->name, batch,
                 (double)n * 1e6 / (double)(end - start));
    (void)printf("journal_worst_commit_%s_%u %.1f ms\n", w->name, batch, (double)worst / 1e3);
}

int
main(int argc, char **argv)
{
    static const unsigned batches[] = {1, 16, 256, 1024};

    if (getenv("QUICK") != NULL && getenv("QUICK")[0] == '1')
        run_us = 300000;
    (void)snprintf(dir, sizeof(dir), "%s/bench_journal.XXXXXX", argc > 1 ? argv[1] : ".");
    if (mkdtemp(dir) == NULL)
        die(dir, strerror(errno));
    for (size_t b = 0; b < sizeof(batches) / sizeof(batches[0]); b++)
        for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
            measure(&ways[i], batches[b]);
    clean();
    (void)rmdir(dir); /* empty by now */
    return 0;
}
