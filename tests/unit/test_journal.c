/* test_journal: the log, its chain and its SQLite file: what is committed is there once, what is
 * not is nowhere, what was changed behind its back is found. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>
#include <sqlite3.h>

#include "journal.h"

#define TEXT "contact at bridge, record "

static char dir[64];
static char path[128];

static int
setup(void **state)
{
    (void)state;
    (void)snprintf(dir, sizeof(dir), "/tmp/test_journal.XXXXXX");
    if (mkdtemp(dir) == NULL)
        return -1;
    (void)snprintf(path, sizeof(path), "%s/log.db", dir);
    return 0;
}

static int
teardown(void **state)
{
    char cmd[128];

    (void)state;
    (void)umount2(dir, MNT_DETACH); /* only test_full_disk mounts */
    (void)snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);
    return system(cmd);
}

/* ---- helpers */

static struct journal *
open_kind(const char *kind, bool write, enum durability d)
{
    struct journal *j = NULL;
    struct err e = {.text = ""};

    if (journal_open(path, kind, write, d, &j, &e) < 0)
        print_error("%s\n", e.text);
    assert_non_null(j);
    return j;
}

static struct journal *
open_log(bool write)
{
    return open_kind("journal", write, DURABILITY_GROUP);
}

/* Opening must fail with this errno and these words. */
static void
refused(const char *file, const char *kind, bool write, int code, const char *words)
{
    struct journal *j = NULL;
    struct err e = {.text = ""};

    assert_int_equal(journal_open(file, kind, write, DURABILITY_GROUP, &j, &e), -1);
    if (errno != code || strstr(e.text, words) == NULL)
        print_error("errno %d, \"%s\"\n", errno, e.text);
    assert_int_equal(errno, code);
    assert_non_null(strstr(e.text, words));
    assert_null(j);
}

static struct id
id_of(uint64_t n)
{
    struct id id = {.b = {0}};

    for (int i = 0; i < 8; i++)
        id.b[8 + i] = (uint8_t)(n >> (56 - 8 * i));
    return id;
}

/* Record n has stamp 10 n and a text that names it. */
static int
append(struct journal *j, uint64_t n, uint64_t *seq)
{
    struct id id = id_of(n);
    char text[64];
    int len = snprintf(text, sizeof(text), TEXT "<%llu>", (unsigned long long)n);
    struct err e;

    return journal_append(j, &id, (int64_t)n * 10, text, (size_t)len, seq, &e);
}

static void
fill(struct journal *j, uint64_t from, uint64_t to)
{
    uint64_t seq;

    for (uint64_t n = from; n <= to; n++)
        assert_int_equal(append(j, n, &seq), 1);
    assert_int_equal(journal_commit(j, NULL), 0);
}

static void
sql(const char *text)
{
    sqlite3 *db = NULL;
    char *msg = NULL;

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, text, NULL, NULL, &msg) != SQLITE_OK)
        fail_msg("%s: %s", text, msg);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void
verified(struct journal *j, uint64_t records, uint64_t redacted, uint64_t tombstones)
{
    struct journal_check c;
    struct err e;

    assert_int_equal(journal_verify(j, NULL, NULL, &c, &e), 0);
    if (c.bad_seq != 0)
        print_error("record %llu: %s\n", (unsigned long long)c.bad_seq, c.what);
    assert_int_equal(c.bad_seq, 0);
    assert_int_equal(c.records, records);
    assert_int_equal(c.redacted, redacted);
    assert_int_equal(c.tombstones, tombstones);
}

struct seen {
    uint64_t n, first, last, redacted, stop_at;
    char text[64]; /* of the last row */
};

static int
on_row(void *arg, const struct journal_row *row)
{
    struct seen *s = arg;

    if (s->n++ == 0)
        s->first = row->seq;
    else
        assert_int_equal(row->seq, s->last + 1);
    s->last = row->seq;
    s->redacted += row->redacted;
    (void)snprintf(s->text, sizeof(s->text), "%.*s", (int)row->len, (const char *)row->body);
    return row->seq == s->stop_at;
}

static struct seen
read_from(struct journal *j, uint64_t from, size_t max, uint64_t stop_at, uint64_t *last)
{
    struct seen s = {.stop_at = stop_at};
    struct err e;

    assert_int_equal(journal_read(j, from, max, on_row, &s, last, &e), 0);
    return s;
}

static uint64_t
head_seq(struct journal *j)
{
    struct position p;

    journal_head(j, &p);
    return p.seq;
}

/* Whether the bytes stand anywhere in PATH or its write-ahead log. */
static bool
on_disk(const char *bytes)
{
    static const char *const tails[] = {"", "-wal"};
    bool found = false;

    for (size_t i = 0; i < 2; i++) {
        char name[160];
        struct stat st;
        char *text = NULL;
        int fd;

        (void)snprintf(name, sizeof(name), "%s%s", path, tails[i]);
        fd = open(name, O_RDONLY);
        if (fd < 0)
            continue;
        assert_int_equal(fstat(fd, &st), 0);
        text = malloc((size_t)st.st_size + 1);
        assert_non_null(text);
        assert_int_equal(read(fd, text, (size_t)st.st_size), st.st_size);
        found = found || memmem(text, (size_t)st.st_size, bytes, strlen(bytes)) != NULL;
        free(text);
        assert_int_equal(close(fd), 0);
    }
    return found;
}

/* ---- opening */

static void
test_open_new(void **state)
{
    struct journal *j = open_log(true);
    struct position p;
    struct stat st;
    char name[160];
    struct id first = *journal_log_id(j);
    uint8_t d0[DIGEST_LEN];
    static const char *const tails[] = {"", "-wal", "-shm", ".lock"};

    (void)state;
    assert_false(id_is_zero(&first));
    journal_head(j, &p);
    assert_int_equal(p.seq, 0);
    assert_memory_equal(&p.journal, &first, sizeof(first));
    assert_int_equal(journal_digest_at(j, 0, d0, NULL), 0);
    assert_memory_equal(p.digest, d0, DIGEST_LEN);
    assert_int_equal(journal_last_at(j), 0);
    assert_false(journal_dirty(j));
    verified(j, 0, 0, 0);
    fill(j, 1, 1);
    for (size_t i = 0; i < 4; i++) {
        (void)snprintf(name, sizeof(name), "%s%s", path, tails[i]);
        assert_int_equal(stat(name, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
    }
    journal_close(j);
    journal_close(NULL);
    j = open_log(true);
    assert_memory_equal(journal_log_id(j), &first, sizeof(first));
    journal_close(j);
}

static void
test_open_refused(void **state)
{
    char name[160];
    FILE *f;

    (void)state;
    refused(path, "journal", false, ENOENT, "No such file");
    (void)snprintf(name, sizeof(name), "%s/none/log.db", dir);
    refused(name, "journal", true, ENOENT, "directory must exist");

    f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fclose(f), 0);
    refused(path, "journal", false, EINVAL, "is empty");

    journal_close(open_log(true));
    refused(path, "alerts", true, EINVAL, "of kind \"journal\", not \"alerts\"");
    sql("UPDATE meta SET value = 999 WHERE key = 'schema'");
    refused(path, "journal", true, EINVAL, "run a newer Tocsin");
    refused(path, "journal", false, EINVAL, "run a newer Tocsin");
    sql("UPDATE meta SET value = 'x' WHERE key = 'schema'");
    refused(path, "journal", true, EINVAL, "not a log of Tocsin");
    sql("UPDATE meta SET value = 1 WHERE key = 'schema'; DELETE FROM meta WHERE key = 'log_id'");
    refused(path, "journal", true, EINVAL, "lost its log id");

    (void)snprintf(path, sizeof(path), "%s/foreign.db", dir);
    sql("CREATE TABLE t (a)");
    refused(path, "journal", true, EINVAL, "not a log of Tocsin");

    (void)snprintf(path, sizeof(path), "%s/noise.db", dir);
    f = fopen(path, "w");
    assert_non_null(f);
    for (int i = 0; i < 1000; i++)
        assert_true(fprintf(f, "no database %d\n", i) > 0);
    assert_int_equal(fclose(f), 0);
    refused(path, "journal", true, EIO, "not a database");
    refused(path, "journal", false, EIO, "not a database");
}

static void
test_one_writer(void **state)
{
    struct journal *j = open_log(true);
    struct journal *reader;
    char other[160];
    int status;
    pid_t pid;

    (void)state;
    refused(path, "journal", true, EBUSY, "written by another process (pid ");
    (void)snprintf(other, sizeof(other), "%s/link.db", dir);
    assert_int_equal(symlink(path, other), 0);
    refused(other, "journal", true, EBUSY, "stop that one");
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct journal *mine = NULL;

        _exit(journal_open(path, "journal", true, DURABILITY_GROUP, &mine, NULL) < 0 ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    reader = open_log(false);
    journal_close(reader);
    journal_close(j);
    journal_close(open_log(true));
}

/* ---- appending */

static void
test_append_commit(void **state)
{
    struct journal *j = open_log(true);
    struct position before, pending, after;
    uint8_t d[DIGEST_LEN];
    uint64_t seq, last;
    struct seen s;

    (void)state;
    journal_head(j, &before);
    assert_int_equal(append(j, 1, &seq), 1);
    assert_int_equal(seq, 1);
    assert_int_equal(append(j, 2, &seq), 1);
    assert_int_equal(seq, 2);
    assert_true(journal_dirty(j));
    assert_int_equal(journal_last_at(j), 20);
    journal_head(j, &after);
    assert_memory_equal(&before, &after, sizeof(before));
    journal_pending_head(j, &pending);
    assert_int_equal(pending.seq, 2);
    s = read_from(j, 1, 10, 0, &last);
    assert_int_equal(s.n, 0);
    assert_int_equal(last, 0);
    assert_int_equal(journal_digest_at(j, 1, d, NULL), 1);

    assert_int_equal(journal_commit(j, NULL), 0);
    assert_false(journal_dirty(j));
    journal_head(j, &after);
    assert_memory_equal(&pending, &after, sizeof(after));
    assert_int_equal(journal_commit(j, NULL), 0);
    s = read_from(j, 1, 10, 0, &last);
    assert_int_equal(s.n, 2);
    assert_string_equal(s.text, TEXT "<2>");
    assert_int_equal(journal_digest_at(j, 2, d, NULL), 0);
    assert_memory_equal(d, after.digest, DIGEST_LEN);
    assert_int_equal(journal_digest_at(j, UINT64_MAX, d, NULL), 1);

    assert_int_equal(append(j, 3, &seq), 1);
    journal_close(j); /* dropped */
    j = open_log(true);
    journal_head(j, &pending);
    assert_memory_equal(&pending, &after, sizeof(after));
    assert_int_equal(journal_last_at(j), 20);
    fill(j, 3, 5);
    verified(j, 5, 0, 0);
    journal_close(j);
}

static void
test_duplicates(void **state)
{
    struct journal *j = open_log(true);
    uint64_t seq;

    (void)state;
    fill(j, 1, 3);
    assert_int_equal(append(j, 4, &seq), 1);
    assert_int_equal(append(j, 4, &seq), 0); /* not yet committed */
    assert_int_equal(seq, 4);
    struct id two = id_of(2);
    assert_int_equal(journal_append(j, &two, 100, "x", 1, &seq, NULL), 0);
    assert_int_equal(seq, 2);
    assert_true(journal_dirty(j));
    assert_int_equal(journal_last_at(j), 40);
    assert_int_equal(journal_commit(j, NULL), 0);
    assert_int_equal(append(j, 4, &seq), 0);
    assert_false(journal_dirty(j));
    verified(j, 4, 0, 0);
    journal_close(j);
}

static void
test_append_refused(void **state)
{
    struct journal *j = open_log(true);
    struct journal *reader;
    struct id id = id_of(9);
    uint64_t seq = 7;
    struct err e;

    (void)state;
    fill(j, 5, 5);
    assert_int_equal(journal_append(j, &id, 49, "x", 1, &seq, &e), -1);
    assert_int_equal(errno, EINVAL);
    assert_non_null(strstr(e.text, "stamps never go back"));
    assert_int_equal(journal_append(j, &id, 50, "x", 1, &seq, &e), 1); /* equal is fine */
    assert_int_equal(journal_commit(j, &e), 0);

    reader = open_log(false);
    assert_int_equal(journal_append(reader, &id, 60, "x", 1, &seq, &e), -1);
    assert_int_equal(errno, EROFS);
    assert_int_equal(journal_put(reader, "s", "k", 1, "v", 1, &e), -1);
    assert_int_equal(journal_del(reader, "s", "k", 1, &e), -1);
    assert_int_equal(journal_commit(reader, &e), -1);
    assert_int_equal(journal_redact(reader, 1, "r", "x", 1, &e), -1);
    assert_int_equal(journal_retain(reader, 1000, 1, &(size_t){0}, &e), -1);
    journal_close(reader);
    journal_close(j);
}

static void
test_body_sizes(void **state)
{
    static const size_t sizes[] = {0, 1, 300, 70000, 8 << 20};
    struct journal *j = open_log(true);
    uint8_t *body = malloc(8 << 20);
    uint64_t seq, last;
    struct seen s;

    (void)state;
    assert_non_null(body);
    memset(body, 'b', 8 << 20);
    for (size_t i = 0; i < 5; i++) {
        struct id id = id_of(i);

        assert_int_equal(journal_append(j, &id, 1, i > 0 ? body : NULL, sizes[i], &seq, NULL), 1);
    }
    assert_int_equal(journal_commit(j, NULL), 0);
    s = read_from(j, 1, 10, 0, &last);
    assert_int_equal(s.n, 5);
    verified(j, 5, 0, 0);
    free(body);
    journal_close(j);
}

static void
test_rollback(void **state)
{
    struct journal *j = open_log(true);
    struct position before, after;
    uint64_t seq;
    char v[8];
    size_t len;

    (void)state;
    fill(j, 1, 2);
    assert_int_equal(journal_put(j, "s", "k", 1, "old", 3, NULL), 0);
    assert_int_equal(journal_commit(j, NULL), 0);
    journal_head(j, &before);
    assert_int_equal(append(j, 3, &seq), 1);
    assert_int_equal(journal_put(j, "s", "k", 1, "new", 3, NULL), 0);
    assert_int_equal(journal_rollback(j, NULL), 0);
    assert_false(journal_dirty(j));
    journal_pending_head(j, &after);
    assert_memory_equal(&before, &after, sizeof(before));
    assert_int_equal(journal_last_at(j), 20);
    assert_int_equal(journal_get(j, "s", "k", 1, v, sizeof(v), &len, NULL), 0);
    assert_memory_equal(v, "old", 3);
    assert_int_equal(journal_rollback(j, NULL), 0);
    fill(j, 3, 3);
    verified(j, 3, 0, 0);
    journal_close(j);
}

/* ---- values */

struct keys {
    struct journal *j;
    char list[64];
    const char *stop;
};

static int
on_key(void *arg, const void *key, size_t klen, const void *value, size_t vlen)
{
    struct keys *k = arg;
    size_t n = strlen(k->list);

    (void)snprintf(k->list + n, sizeof(k->list) - n, "%.*s=%.*s ", (int)klen, (const char *)key,
                   (int)vlen, (const char *)value);
    if (k->j != NULL)
        assert_int_equal(journal_del(k->j, "s", key, klen, NULL), 0);
    return k->stop != NULL && klen == strlen(k->stop) && memcmp(key, k->stop, klen) == 0;
}

static void
test_values(void **state)
{
    struct journal *j = open_log(true);
    struct keys k;
    char big[3000];
    char v[4];
    size_t len = 0;

    (void)state;
    memset(big, 'x', sizeof(big));
    assert_int_equal(journal_get(j, "s", "a", 1, v, sizeof(v), &len, NULL), 1);
    assert_int_equal(journal_put(j, "s", "b", 1, "2", 1, NULL), 0);
    assert_true(journal_dirty(j));
    assert_int_equal(journal_put(j, "s", "a", 1, "1", 1, NULL), 0);
    assert_int_equal(journal_put(j, "s", "ab", 2, "", 0, NULL), 0);
    assert_int_equal(journal_put(j, "t", "a", 1, "other", 5, NULL), 0);
    assert_int_equal(journal_put(j, "t", NULL, 0, NULL, 0, NULL), 0);
    assert_int_equal(journal_put(j, "b", "k", 1, big, sizeof(big), NULL), 0);
    assert_int_equal(journal_get(j, "s", "a", 1, v, sizeof(v), &len, NULL), 0); /* uncommitted */
    assert_int_equal(len, 1);
    assert_int_equal(v[0], '1');
    assert_int_equal(journal_commit(j, NULL), 0);
    journal_close(j);

    j = open_log(true);
    assert_int_equal(journal_get(j, "b", "k", 1, v, sizeof(v), &len, NULL), 0);
    assert_int_equal(len, sizeof(big));
    assert_memory_equal(v, big, sizeof(v));
    assert_int_equal(journal_get(j, "t", NULL, 0, NULL, 0, &len, NULL), 0);
    assert_int_equal(len, 0);
    k = (struct keys){.j = NULL};
    assert_int_equal(journal_each(j, "s", NULL, 0, on_key, &k, NULL), 0);
    assert_string_equal(k.list, "a=1 ab= b=2 ");
    k = (struct keys){.j = NULL};
    assert_int_equal(journal_each(j, "s", "aa", 2, on_key, &k, NULL), 0);
    assert_string_equal(k.list, "ab= b=2 ");
    k = (struct keys){.stop = "ab"};
    assert_int_equal(journal_each(j, "s", "a", 1, on_key, &k, NULL), 0);
    assert_string_equal(k.list, "a=1 ab= ");
    assert_int_equal(journal_put(j, "s", "a", 1, "9", 1, NULL), 0);
    assert_int_equal(journal_del(j, "s", "nothing", 7, NULL), 0);
    k = (struct keys){.j = j}; /* deletes as it goes */
    assert_int_equal(journal_each(j, "s", NULL, 0, on_key, &k, NULL), 0);
    assert_string_equal(k.list, "a=9 ab= b=2 ");
    k = (struct keys){.j = NULL};
    assert_int_equal(journal_each(j, "s", NULL, 0, on_key, &k, NULL), 0);
    assert_string_equal(k.list, "");
    journal_close(j);
}

/* ---- reading */

static void
test_read(void **state)
{
    static const struct {
        uint64_t from;
        size_t max;
        uint64_t stop_at, n, first, last;
    } cases[] = {
        {0, 100, 0, 10, 1, 10},     {1, 100, 0, 10, 1, 10},
        {1, 3, 0, 3, 1, 3},         {4, 3, 0, 3, 4, 6},
        {1, 100, 5, 5, 1, 5},       {10, 1, 0, 1, 10, 10},
        {11, 5, 0, 0, 0, 10},       {1, 0, 0, 0, 0, 0},
        {50, 5, 0, 0, 0, 49},       {UINT64_MAX, 5, 0, 0, 0, UINT64_MAX - 1},
        {5, SIZE_MAX, 0, 6, 5, 10},
    };
    struct journal *j = open_log(true);
    uint64_t seq;

    (void)state;
    fill(j, 1, 10);
    assert_int_equal(append(j, 11, &seq), 1); /* never seen */
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint64_t last = 12345;
        struct seen s = read_from(j, cases[i].from, cases[i].max, cases[i].stop_at, &last);

        assert_int_equal(s.n, cases[i].n);
        assert_int_equal(s.first, cases[i].first);
        assert_int_equal(last, cases[i].last);
    }
    journal_close(j);
}

static void
test_reader_beside_writer(void **state)
{
    struct journal *j = open_log(true);
    struct journal *reader;
    uint64_t seq, last;
    pid_t pid;
    int status;

    (void)state;
    fill(j, 1, 3);
    reader = open_log(false);
    assert_int_equal(head_seq(reader), 3);
    assert_int_equal(append(j, 4, &seq), 1);
    assert_int_equal(read_from(reader, 1, 10, 0, &last).n, 3);
    assert_int_equal(journal_commit(j, NULL), 0);
    assert_int_equal(head_seq(reader), 4);
    assert_int_equal(journal_last_at(reader), 40);
    assert_int_equal(read_from(reader, 4, 10, 0, &last).n, 1);
    journal_close(reader);

    assert_int_equal(append(j, 5, &seq), 1);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct journal_check c;
        struct journal *r = NULL;

        if (journal_open(path, "journal", false, DURABILITY_GROUP, &r, NULL) < 0 ||
            journal_verify(r, NULL, NULL, &c, NULL) < 0)
            _exit(1);
        _exit(c.records == 4 && c.bad_seq == 0 ? 0 : 2);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_int_equal(journal_commit(j, NULL), 0);
    journal_close(j);
}

static void
test_seek_time(void **state)
{
    static const struct {
        int64_t at;
        uint64_t seq;
    } cases[] = {{INT64_MIN, 1}, {0, 1},  {10, 1}, {11, 2},         {50, 5},
                 {51, 6},        {55, 6}, {60, 6}, {INT64_MAX, 10}, {91, 10}};
    struct journal *j = open_log(true);
    uint64_t seq;

    (void)state;
    assert_int_equal(journal_seek_time(j, 0, &seq, NULL), 0);
    assert_int_equal(seq, 1);
    fill(j, 1, 9);
    assert_int_equal(append(j, 10, &seq), 1);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(journal_seek_time(j, cases[i].at, &seq, NULL), 0);
        assert_int_equal(seq, cases[i].seq);
    }
    journal_close(j);
    sql("DELETE FROM record WHERE seq = 5");
    j = open_log(true);
    assert_int_equal(journal_seek_time(j, 50, &seq, NULL), -1);
    assert_int_equal(errno, EIO);
    journal_close(j);
}

/* ---- taking text out */

static void
test_redact(void **state)
{
    struct journal *j = open_log(true);
    struct position before, after;
    uint64_t last;
    struct seen s;

    (void)state;
    fill(j, 1, 5);
    journal_head(j, &before);
    assert_true(on_disk("<3>"));
    assert_int_equal(journal_redact(j, 3, "names a person", "redacted", 8, NULL), 0);
    assert_false(on_disk("<3>")); /* nor in the write-ahead log */
    assert_true(on_disk("names a person"));
    journal_head(j, &after);
    assert_memory_equal(&before, &after, sizeof(after));
    s = read_from(j, 3, 1, 0, &last);
    assert_string_equal(s.text, "redacted");
    assert_int_equal(s.redacted, 1);
    verified(j, 5, 1, 0);
    assert_int_equal(journal_redact(j, 3, "again", "shorter", 7, NULL), 0);
    assert_int_equal(journal_redact(j, 0, "r", "x", 1, NULL), 1);
    assert_int_equal(journal_redact(j, 6, "r", "x", 1, NULL), 1);
    assert_int_equal(journal_redact(j, 2, "", "x", 1, NULL), -1);
    assert_int_equal(errno, EINVAL);
    assert_int_equal(journal_redact(j, 2, "to nothing", NULL, 0, NULL), 0);
    verified(j, 5, 2, 0);
    fill(j, 6, 7);
    journal_close(j);
    j = open_log(true);
    verified(j, 7, 2, 0);
    journal_close(j);
}

static void
test_redact_behind_reader(void **state)
{
    struct journal *j = open_log(true);
    sqlite3 *db = NULL;

    (void)state;
    fill(j, 1, 5);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "BEGIN; SELECT count(*) FROM record", NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(journal_redact(j, 3, "r", "x", 1, NULL), 0);
    assert_true(on_disk("<3>")); /* the reader may still want it */
    journal_housekeep(j, true);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    journal_housekeep(j, true);
    assert_false(on_disk("<3>"));
    journal_close(j);
}

struct found {
    unsigned n;
    char text[16];
};

static int
found(void *arg, const struct journal_row *row)
{
    struct found *f = arg;

    f->n++;
    (void)snprintf(f->text, sizeof(f->text), "%.*s", (int)row->len, (const char *)row->body);
    return 0;
}

static void
test_find(void **state)
{
    struct journal *j = open_log(true);
    struct id last = id_of(4);
    struct found f = {0};
    uint64_t seq;
    size_t done;

    (void)state;
    assert_int_equal(journal_find(j, 1, found, &f, NULL), 1);
    fill(j, 1, 3);
    assert_int_equal(journal_append(j, &last, 40, "fourth", 6, &seq, NULL), 1);
    assert_int_equal(journal_find(j, 4, found, &f, NULL), 0); /* not committed */
    assert_string_equal(f.text, "fourth");
    assert_int_equal(journal_rollback(j, NULL), 0);
    assert_int_equal(journal_find(j, 4, found, &f, NULL), 1);
    assert_int_equal(journal_find(j, 0, found, &f, NULL), 1);
    assert_int_equal(journal_find(j, UINT64_MAX, found, &f, NULL), 1);
    assert_int_equal(journal_retain(j, 20, 1, &done, NULL), 0);
    assert_int_equal(journal_find(j, 1, found, &f, NULL), 1); /* its body is gone */
    assert_int_equal(journal_find(j, 2, found, &f, NULL), 0);
    assert_int_equal(f.n, 2);
    journal_close(j);
    sql("UPDATE record SET digest = x'00' WHERE seq = 2");
    j = open_log(true);
    assert_int_equal(journal_find(j, 2, found, &f, NULL), -1);
    assert_int_equal(errno, EIO);
    assert_int_equal(f.n, 2);
    journal_close(j);
}

static void
test_retain(void **state)
{
    struct journal *j = open_log(true);
    uint64_t seq, last;
    size_t done = 99;
    struct seen s;

    (void)state;
    assert_int_equal(journal_retain(j, 1000, 10, &done, NULL), 0);
    assert_int_equal(done, 0);
    fill(j, 1, 10);
    assert_int_equal(journal_redact(j, 2, "r", "x", 1, NULL), 0);
    assert_int_equal(journal_retain(j, 10, 10, &done, NULL), 0); /* older, not as old */
    assert_int_equal(done, 0);
    assert_int_equal(journal_retain(j, 70, 4, &done, NULL), 0);
    assert_int_equal(done, 4);
    verified(j, 10, 0, 4);
    assert_int_equal(journal_retain(j, 70, 4, &done, NULL), 0);
    assert_int_equal(done, 2);
    assert_int_equal(journal_retain(j, 70, 4, &done, NULL), 0);
    assert_int_equal(done, 0);
    verified(j, 10, 0, 6);
    journal_housekeep(j, true);
    assert_false(on_disk("<6>"));
    assert_true(on_disk("<7>"));

    s = read_from(j, 1, 2, 0, &last);
    assert_int_equal(s.first, 7);
    assert_int_equal(last, 8);
    assert_int_equal(append(j, 6, &seq), -1); /* stamp too old */
    struct id six = id_of(6);
    assert_int_equal(journal_append(j, &six, 200, "again", 5, &seq, NULL), 0);
    assert_int_equal(seq, 6);
    assert_int_equal(journal_redact(j, 6, "r", "x", 1, NULL), 1);
    assert_int_equal(journal_seek_time(j, 30, &seq, NULL), 0);
    assert_int_equal(seq, 3);
    assert_int_equal(journal_retain(j, INT64_MAX, 100, &done, NULL), 0);
    assert_int_equal(done, 4);
    s = read_from(j, 1, 5, 0, &last);
    assert_int_equal(s.n, 0);
    assert_int_equal(last, 10);
    fill(j, 11, 12);
    journal_close(j);
    j = open_log(true);
    verified(j, 12, 0, 10);
    journal_close(j);
}

/* Rows of all sizes, pages that split and merge: no copy of a text may be left in a gap. */
static void
test_no_copies_left(void **state)
{
    struct journal *j = open_log(true);
    char text[2048];
    size_t done;
    uint64_t seq;

    (void)state;
    memset(text, '.', sizeof(text));
    for (uint64_t n = 1; n <= 3000; n++) {
        struct id id = id_of(n * 7919 % 3001);
        int len = snprintf(text, sizeof(text), "<%llu>", (unsigned long long)n);

        text[len] = '.';
        assert_int_equal(
            journal_append(j, &id, (int64_t)n, text, (size_t)len + n * 37 % 1500, &seq, NULL), 1);
        if (n % 64 == 0)
            assert_int_equal(journal_commit(j, NULL), 0);
    }
    assert_int_equal(journal_commit(j, NULL), 0);
    memset(text, '-', sizeof(text));
    for (uint64_t n = 1500; n <= 3000; n += 7)
        assert_int_equal(journal_redact(j, n, "r", text, n * 53 % 2000, NULL), 0);
    assert_int_equal(journal_retain(j, 1001, 5000, &done, NULL), 0);
    assert_int_equal(done, 1000);
    /* Those beside them, which the pages above were split and merged around. */
    for (uint64_t n = 1501; n <= 3000; n += 7)
        assert_int_equal(journal_redact(j, n, "r", text, n * 31 % 900, NULL), 0);
    verified(j, 3000, 430, 1000);
    journal_close(j);
    /* Three digits and more: shorter marks come up by chance among the digests. */
    for (uint64_t n = 100; n <= 3000; n += 3) {
        char mark[32];

        if (n > 1000 && (n < 1500 || (n - 1500) % 7 > 1))
            continue;
        (void)snprintf(mark, sizeof(mark), "<%llu>", (unsigned long long)n);
        if (on_disk(mark))
            fail_msg("the text of record %llu is still there", (unsigned long long)n);
    }
}

/* ---- verify */

/* The chain as the header gives it, computed here from the bare columns. */
static void
test_chain_formula(void **state)
{
    struct journal *j = open_log(true);
    struct id log_id = *journal_log_id(j);
    uint8_t d[DIGEST_LEN];
    sqlite3 *db = NULL;
    sqlite3_stmt *st = NULL;
    int rows = 0;

    (void)state;
    fill(j, 1, 3);
    journal_close(j);
    assert_int_equal(crypto_generichash(d, DIGEST_LEN, log_id.b, ID_LEN, NULL, 0), 0);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(db, "SELECT seq, id, at, salt, body, digest FROM record", -1, &st, NULL),
        SQLITE_OK);
    for (; sqlite3_step(st) == SQLITE_ROW; rows++) {
        uint8_t salted[128];
        uint8_t in[96] = {0};
        size_t len = (size_t)sqlite3_column_bytes(st, 4);

        assert_int_equal(sqlite3_column_bytes(st, 3), 16);
        memcpy(salted, sqlite3_column_blob(st, 3), 16);
        memcpy(salted + 16, sqlite3_column_blob(st, 4), len);
        memcpy(in, d, 32);
        in[32] = (uint8_t)sqlite3_column_int(st, 0);
        memcpy(in + 40, sqlite3_column_blob(st, 1), 16);
        in[56] = (uint8_t)sqlite3_column_int(st, 2);
        assert_int_equal(crypto_generichash(in + 64, 32, salted, 16 + len, NULL, 0), 0);
        assert_int_equal(crypto_generichash(d, 32, in, 96, NULL, 0), 0);
        assert_memory_equal(d, sqlite3_column_blob(st, 5), 32);
    }
    assert_int_equal(rows, 3);
    assert_int_equal(sqlite3_finalize(st), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void
test_tampering(void **state)
{
    static const struct {
        const char *sql;
        uint64_t bad;
        const char *what;
    } cases[] = {
        {"UPDATE record SET body = 'all quiet' WHERE seq = 4", 4, "body digest"},
        {"UPDATE record SET body = x'' WHERE seq = 4", 4, "body digest"},
        {"UPDATE record SET salt = randomblob(16) WHERE seq = 4", 4, "body digest"},
        {"UPDATE record SET salt = NULL WHERE seq = 4", 4, "without a redaction"},
        {"UPDATE record SET salt = 5 WHERE seq = 4", 4, "without a redaction"},
        {"UPDATE record SET body = NULL, salt = NULL WHERE seq = 4", 4, "retention did not"},
        {"UPDATE record SET salt = randomblob(16) WHERE seq = 1", 1, "salt is not"},
        {"UPDATE record SET body_digest = randomblob(32) WHERE seq = 4", 4, "chain digest"},
        {"UPDATE record SET digest = randomblob(32) WHERE seq = 4", 4, "chain digest"},
        {"UPDATE record SET digest = x'00' WHERE seq = 4", 4, "wrong length"},
        {"UPDATE record SET id = 'nonsense' WHERE seq = 4", 4, "wrong length"},
        {"UPDATE record SET id = randomblob(16) WHERE seq = 4", 4, "chain digest"},
        {"UPDATE record SET at = at + 1 WHERE seq = 4", 4, "chain digest"},
        {"UPDATE record SET at = 1 WHERE seq = 4", 4, "stamp is before"},
        {"DELETE FROM record WHERE seq = 4", 4, "missing; the next one is 5"},
        {"DELETE FROM record WHERE seq = 1", 1, "missing"},
        {"DELETE FROM record WHERE seq = 4; UPDATE record SET seq = seq - 1 WHERE seq > 4", 4,
         "chain digest"},
        {"UPDATE record SET seq = 99 WHERE seq = 4; UPDATE record SET seq = 4 WHERE seq = 5;"
         "UPDATE record SET seq = 5 WHERE seq = 99",
         4, "chain digest"},
        {"INSERT INTO record SELECT 11, at, randomblob(16), digest, body_digest, salt, NULL, body"
         " FROM record WHERE seq = 10",
         11, "chain digest"},
        {"INSERT INTO record SELECT -1, at, randomblob(16), digest, body_digest, salt, NULL, body"
         " FROM record WHERE seq = 10",
         1, "number -1 stands before"},
        {"UPDATE meta SET value = randomblob(16) WHERE key = 'log_id'", 1, "chain digest"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct journal *j;
        struct journal_check c;
        size_t done;

        (void)snprintf(path, sizeof(path), "%s/t%zu.db", dir, i);
        j = open_log(true);
        fill(j, 1, 10);
        assert_int_equal(journal_retain(j, 20, 1, &done, NULL), 0);
        journal_close(j);
        sql(cases[i].sql);
        j = open_log(false);
        assert_int_equal(journal_verify(j, NULL, NULL, &c, NULL), 0);
        if (c.bad_seq != cases[i].bad || strstr(c.what, cases[i].what) == NULL)
            print_error("%s: record %llu: %s\n", cases[i].sql, (unsigned long long)c.bad_seq,
                        c.what);
        assert_int_equal(c.bad_seq, cases[i].bad);
        assert_non_null(strstr(c.what, cases[i].what));
        journal_close(j);
    }
}

static void
test_missing_end(void **state)
{
    struct journal *j = open_log(true);
    struct journal_check c;
    uint64_t last;

    (void)state;
    fill(j, 1, 10);
    sql("DELETE FROM record WHERE seq > 7"); /* behind the writer's back */
    assert_int_equal(journal_verify(j, NULL, NULL, &c, NULL), 0);
    assert_int_equal(c.bad_seq, 8);
    assert_non_null(strstr(c.what, "missing"));
    sql("UPDATE record SET id = 'x' WHERE seq = 2");
    assert_int_equal(journal_read(j, 1, 10, on_row, &(struct seen){0}, &last, NULL), -1);
    assert_int_equal(errno, EIO);
    journal_close(j);
}

static void
on_progress(void *arg, uint64_t seq, uint64_t head)
{
    uint64_t *last = arg;

    assert_true(seq > *last && seq <= head);
    *last = seq;
}

static void
test_verify_long(void **state)
{
    struct journal *j = open_kind("journal", true, DURABILITY_NONE);
    struct journal_check c;
    uint64_t last = 0;

    (void)state;
    fill(j, 1, 10000);
    assert_int_equal(journal_verify(j, on_progress, &last, &c, NULL), 0);
    assert_int_equal(last, 10000);
    assert_int_equal(c.records, 10000);
    assert_int_equal(c.bad_seq, 0);
    journal_close(j);
}

/* ---- what may go wrong */

static void
write_until_killed(int fd, enum durability d)
{
    struct journal *j = NULL;

    if (journal_open(path, "journal", true, d, &j, NULL) < 0)
        _exit(1);
    for (uint64_t n = 1;; n++) {
        struct id id = id_of(n);
        char text[1000];
        uint64_t seq;

        memset(text, 't', sizeof(text));
        if (journal_append(j, &id, (int64_t)n, text, n % sizeof(text), &seq, NULL) != 1)
            _exit(2);
        if (n % 17 != 0)
            continue;
        if (journal_put(j, "s", "n", 1, &n, sizeof(n), NULL) < 0 || journal_commit(j, NULL) < 0 ||
            write(fd, &n, sizeof(n)) != sizeof(n))
            _exit(3);
    }
}

static void
test_kill(void **state)
{
    static const enum durability kinds[] = {DURABILITY_GROUP, DURABILITY_NONE, DURABILITY_EACH};

    (void)state;
    for (unsigned round = 0; round < 9; round++) {
        uint64_t told = 0;
        uint64_t kept = 0;
        uint64_t n, head;
        size_t len;
        int fds[2];
        int status;
        pid_t pid;
        struct journal *j;

        (void)snprintf(path, sizeof(path), "%s/k%u.db", dir, round);
        assert_int_equal(pipe(fds), 0);
        pid = fork();
        assert_true(pid >= 0);
        if (pid == 0)
            write_until_killed(fds[1], kinds[round % 3]);
        assert_int_equal(close(fds[1]), 0);
        while (told < 17 * (1 + 150 * round) && read(fds[0], &n, sizeof(n)) == sizeof(n))
            told = n;
        assert_int_equal(kill(pid, SIGKILL), 0);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status));
        while (read(fds[0], &n, sizeof(n)) == sizeof(n))
            told = n;
        assert_int_equal(close(fds[0]), 0);

        j = open_log(true);
        head = head_seq(j);
        assert_true(head >= told);
        assert_int_equal(head % 17, 0); /* whole commits only */
        verified(j, head, 0, 0);
        assert_int_equal(journal_get(j, "s", "n", 1, &kept, sizeof(kept), &len, NULL), 0);
        assert_int_equal(kept, head);
        for (n = 1; n <= head; n++) {
            struct id id = id_of(n);
            uint64_t seq;

            assert_int_equal(journal_append(j, &id, (int64_t)head, "x", 1, &seq, NULL), 0);
            assert_int_equal(seq, n);
        }
        journal_close(j);
    }
}

static void
test_wal_bounded(void **state)
{
    struct journal *j = open_kind("journal", true, DURABILITY_NONE);
    sqlite3 *db = NULL;
    char body[4000];
    uint64_t n = 0;
    uint64_t most = 0;
    uint64_t seq;

    (void)state;
    memset(body, 'b', sizeof(body));
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 10000; i++) {
            struct id id = id_of(++n);

            assert_int_equal(journal_append(j, &id, 1, body, sizeof(body), &seq, NULL), 1);
            if (i % 64 == 63) {
                assert_int_equal(journal_commit(j, NULL), 0);
                if (round == 0)
                    journal_housekeep(j, false);
                if (journal_wal_bytes(j) > most)
                    most = journal_wal_bytes(j);
            }
        }
        assert_int_equal(journal_commit(j, NULL), 0);
        if (round == 0) {
            assert_true(most < 12 << 20);
            most = 0;
            journal_housekeep(j, true);
            assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
            assert_int_equal(sqlite3_exec(db, "BEGIN; SELECT count(*) FROM kv", NULL, NULL, NULL),
                             SQLITE_OK);
        }
    }
    assert_true(journal_wal_bytes(j) > 30 << 20); /* held back by the reader */
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    journal_housekeep(j, true);
    assert_int_equal(append(j, ++n, &seq), 1);
    assert_int_equal(journal_commit(j, NULL), 0); /* starts the log over */
    assert_true(journal_wal_bytes(j) <= 16 << 20);
    /* A caller that does not keep house is kept from growing it by the commit. */
    for (int i = 0; i < 10000; i++) {
        struct id id = id_of(++n);

        assert_int_equal(journal_append(j, &id, (int64_t)n * 10, body, sizeof(body), &seq, NULL),
                         1);
        if (i % 64 == 63)
            assert_int_equal(journal_commit(j, NULL), 0);
    }
    assert_true(journal_wal_bytes(j) < 20 << 20);
    journal_close(j);
}

static void
test_full_disk(void **state)
{
    struct journal *j = NULL;
    struct position before, after;
    char body[2000];
    uint64_t n = 0;
    uint64_t committed = 0;
    uint64_t seq, last;
    int code = 0;
    struct err e;

    (void)state;
    if (mount("tmpfs", dir, "tmpfs", 0, "size=2m,mode=0700") < 0) {
        print_message("no full disk tested: cannot mount a tmpfs: %s\n", strerror(errno));
        skip();
    }
    memset(body, 'b', sizeof(body));
    j = open_log(true);
    while (code == 0 && n < 5000) {
        for (int i = 0; i < 16 && code == 0; i++) {
            struct id id = id_of(++n);

            if (journal_append(j, &id, (int64_t)n, body, sizeof(body), &seq, &e) < 0)
                code = errno;
        }
        if (code == 0 && journal_commit(j, &e) < 0)
            code = errno;
        if (code == 0) {
            committed = n;
            journal_head(j, &before);
        }
    }
    assert_int_equal(code, ENOSPC);
    assert_non_null(strstr(e.text, "free space"));
    assert_int_equal(append(j, n + 1, &seq), -1); /* until it is rolled back */
    assert_int_equal(journal_commit(j, &e), -1);
    assert_non_null(strstr(e.text, "roll back"));
    assert_int_equal(journal_rollback(j, &e), 0);
    journal_head(j, &after);
    assert_memory_equal(&before, &after, sizeof(after));
    assert_int_equal(after.seq, committed);
    assert_int_equal(read_from(j, 1, 10000, 0, &last).n, committed);
    verified(j, committed, 0, 0);

    assert_int_equal(mount("tmpfs", dir, "tmpfs", MS_REMOUNT, "size=8m"), 0);
    fill(j, n + 1, n + 100);
    verified(j, committed + 100, 0, 0);
    journal_close(j);
    j = open_log(true);
    verified(j, committed + 100, 0, 0);
    journal_close(j);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_open_new),
        T(test_open_refused),
        T(test_one_writer),
        T(test_append_commit),
        T(test_duplicates),
        T(test_append_refused),
        T(test_body_sizes),
        T(test_rollback),
        T(test_values),
        T(test_read),
        T(test_reader_beside_writer),
        T(test_seek_time),
        T(test_redact),
        T(test_redact_behind_reader),
        T(test_find),
        T(test_retain),
        T(test_no_copies_left),
        T(test_chain_formula),
        T(test_tampering),
        T(test_missing_end),
        T(test_verify_long),
        T(test_kill),
        T(test_wal_bounded),
        T(test_full_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
