/* journal_sqlite: what the two halves of the SQLite backend share; private to them.
 *
 * journal_sqlite_open.c makes, checks and migrates the file; journal_sqlite.c works on the open
 * one. */
#ifndef TOCSIN_JOURNAL_SQLITE_H
#define TOCSIN_JOURNAL_SQLITE_H

#include <stdbool.h>
#include <stdint.h>

#include <sqlite3.h>

#include "journal_store.h"

/* Prepared when first used, kept until the log is closed. */
enum jstore_stmt {
    ST_BEGIN,
    ST_COMMIT,
    ST_ROLLBACK,
    ST_HEAD,
    ST_STAMP,
    ST_INSERT,
    ST_SEQ_OF_ID,
    ST_SCAN,
    ST_RETAINED,
    ST_SET_RETAINED,
    ST_STRIP,
    ST_REDACT,
    ST_PUT,
    ST_GET,
    ST_DEL,
    ST_EACH_FROM,
    ST_EACH_AFTER,
    ST_COUNT
};

struct jstore {
    sqlite3 *db;
    int lock_fd; /* -1: a reader */
    char *path;
    sqlite3_stmt *st[ST_COUNT];
    int page_bytes;
    /* Write-ahead log, in pages. wal_try: under load, the next checkpoint at this length. */
    int wal_pages, wal_try;
    uint64_t retained; /* the writer's, who alone moves it; valid when retained_known */
    bool retained_known;
    bool scrub; /* text that was taken out is still in the write-ahead log */
};

#define JSTORE_BUSY_MS 5000

/* Text and errno for the last error of s->db. Returns -1. */
int jstore_fail(const struct jstore *s, const char *doing, struct err *e);

#endif
