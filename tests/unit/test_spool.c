/* spool_queue, spool_dir, spool_file: whose file is next, what is left alone and where files go,
 * and that reading on from any place gives the rest record for record. */
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "buf.h"
#include "spool_dir.h"
#include "spool_file.h"
#include "spool_queue.h"

/* ---- fixture: a directory, and a configuration with sources a, b and ../c */

struct fixture {
    char root[64];
    struct config config;
    struct source_conf sources[3];
    int fd;
};

static int
set_up(void **state)
{
    static char a[] = "a", b[] = "b", c[] = "../c";
    struct fixture *f = calloc(1, sizeof *f);
    struct err e = {.text = ""};

    assert_non_null(f);
    (void)snprintf(f->root, sizeof f->root, "/tmp/tocsin-spool-XXXXXX");
    assert_non_null(mkdtemp(f->root));
    f->sources[0].name = a;
    f->sources[1].name = b;
    f->sources[2].name = c;
    f->config.collector.sources.v = f->sources;
    f->config.collector.sources.n = 3;
    f->fd = spool_dir_open(f->root, &f->config, &e);
    if (f->fd < 0)
        fail_msg("%s", e.text);
    *state = f;
    return 0;
}

static int
tear_down(void **state)
{
    struct fixture *f = *state;
    char command[128];

    (void)close(f->fd);
    (void)snprintf(command, sizeof command, "rm -rf %s", f->root);
    assert_int_equal(system(command), 0);
    free(f);
    return 0;
}

static void
write_file(const struct fixture *f, const char *path, const char *text, size_t n, time_t mtime)
{
    int fd = openat(f->fd, path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    struct timespec at[2] = {{.tv_sec = mtime}, {.tv_sec = mtime}};

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, n), n);
    assert_int_equal(futimens(fd, at), 0);
    assert_int_equal(close(fd), 0);
}

static void
put(const struct fixture *f, const char *path, time_t mtime)
{
    write_file(f, path, "x", 1, mtime);
}

static bool
there(const struct fixture *f, const char *path)
{
    struct stat sb;

    return fstatat(f->fd, path, &sb, AT_SYMLINK_NOFOLLOW) == 0;
}

/* ---- queue */

static const char *
take(struct spool_queue *q, int64_t now, int64_t *wait)
{
    const struct spool_item *it = spool_queue_take(q, now, wait);

    return it != NULL ? it->path : "none";
}

static void
test_order(void **state)
{
    struct fixture *f = *state;
    struct spool_queue q = {.n = 0};
    int64_t wait = -1;

    assert_int_equal(spool_queue_sources(&q, &f->config), 0);
    assert_int_equal(spool_queue_add(&q, "a/3", 3), 0);
    assert_int_equal(spool_queue_add(&q, "a/2z", 2), 0);
    assert_int_equal(spool_queue_add(&q, "a/2b", 2), 0);
    assert_int_equal(spool_queue_add(&q, "b/9", 9), 0);
    assert_int_equal(spool_queue_add(&q, "nobody/1", 99), 0);
    assert_int_equal(spool_queue_add(&q, "b/8", 8), 0);
    spool_queue_sort(&q);
    assert_int_equal(q.left, 6);
    static const char *const want[] = {"a/2b", "b/8", "a/2z", "b/9", "nobody/1"};
    /* What has no source goes before the sources' turns, where it is met first. */
    for (size_t i = 0; i < 4; i++) {
        const struct spool_item *it = spool_queue_take(&q, 0, &wait);
        assert_non_null(it);
        if (it->turn == SIZE_MAX) {
            assert_string_equal(it->path, "nobody/1");
            i--;
        } else {
            assert_string_equal(it->path, want[i]);
        }
    }
    assert_string_equal(take(&q, 0, &wait), "a/3");
    assert_string_equal(take(&q, 0, &wait), "none");
    assert_int_equal(wait, 0);
    assert_int_equal(q.left, 0);
    spool_queue_fini(&q);
}

static void
test_waiting(void **state)
{
    struct fixture *f = *state;
    struct spool_queue q = {.n = 0};
    int64_t wait = 0;

    assert_int_equal(spool_queue_sources(&q, &f->config), 0);
    assert_int_equal(spool_queue_add(&q, "a/1", 1), 0);
    assert_int_equal(spool_queue_add(&q, "a/2", 2), 0);
    assert_int_equal(spool_queue_add(&q, "b/3", 3), 0);
    spool_queue_sort(&q);
    assert_string_equal(take(&q, 100, &wait), "a/1");
    struct spool_turn *a = spool_queue_turn(&q, "a");
    assert_true(spool_queue_others(&q, a, 100));
    a->not_before_us = 500;
    spool_queue_back(&q, "a/1");
    assert_string_equal(take(&q, 100, &wait), "b/3");
    assert_false(spool_queue_others(&q, a, 100));
    assert_false(spool_queue_others(&q, spool_queue_turn(&q, "b"), 100));
    assert_true(spool_queue_others(&q, spool_queue_turn(&q, "b"), 500));
    assert_string_equal(take(&q, 100, &wait), "none");
    assert_int_equal(wait, 400);
    /* What a source has had survives a reload, by name. */
    a->owed = 7;
    f->config.collector.sources.v = f->sources + 1;
    f->config.collector.sources.n = 2;
    assert_int_equal(spool_queue_sources(&q, &f->config), 0);
    assert_null(spool_queue_turn(&q, "a"));
    assert_int_equal(q.n, 0);
    f->config.collector.sources.v = f->sources;
    f->config.collector.sources.n = 1;
    assert_int_equal(spool_queue_sources(&q, &f->config), 0);
    assert_int_equal(spool_queue_turn(&q, "a")->owed, 0);
    spool_queue_fini(&q);
}

/* ---- directory */

static void
note(void *arg, const char *dir)
{
    buf_printf(arg, "[%s]", dir);
}

static void
test_scan(void **state)
{
    struct fixture *f = *state;
    struct spool_queue q = {.n = 0};
    struct buf seen;
    struct err e = {.text = ""};
    int64_t wait;

    buf_init(&seen, 0);
    assert_true(spool_source_fits("ocha"));
    static const char *const unfit[] = {"", ".a", "a/b", "done", "rejected"};
    for (size_t i = 0; i < sizeof unfit / sizeof unfit[0]; i++)
        assert_false(spool_source_fits(unfit[i]));
    put(f, "a/1.json", 1);
    put(f, "2.json", 2);
    put(f, "a/.3.json", 3);
    put(f, "a/4.json.tmp", 4);
    put(f, "a/5.part", 5);
    put(f, "done/6.json", 6);
    assert_int_equal(mkdirat(f->fd, "a/sub", 0700), 0);
    put(f, "a/sub/7.json", 7);
    assert_int_equal(mkdirat(f->fd, "c", 0700), 0);
    assert_int_equal(symlinkat("/etc", f->fd, "a/8.json"), 0);
    assert_int_equal(symlinkat("/etc", f->fd, "d"), 0);
    assert_int_equal(spool_queue_sources(&q, &f->config), 0);
    assert_int_equal(spool_dir_scan(f->fd, &q, note, &seen, &e), 0);
    assert_int_equal(q.n, 4);
    assert_non_null(strstr(seen.data, "[a]"));
    assert_non_null(strstr(seen.data, "[c]"));
    assert_null(strstr(seen.data, "[done]"));
    assert_null(strstr(seen.data, "[d]"));
    assert_string_equal(take(&q, 0, &wait), "2.json");
    assert_string_equal(q.v[0].path, "a/1.json");
    assert_true(spool_dir_is(f->fd, f->root));
    assert_false(spool_dir_is(f->fd, "/tmp"));
    buf_fini(&seen);
    spool_queue_fini(&q);
}

static void
test_put(void **state)
{
    struct fixture *f = *state;
    struct err e = {.text = ""};
    char longest[NAME_MAX + 1], path[512];

    put(f, "a/x.json", 1);
    assert_int_equal(spool_dir_put(f->fd, "a/x.json", false, true, "", 0, &e), 0);
    assert_true(there(f, "done/a/x.json"));
    put(f, "a/x.json", 1);
    assert_int_equal(spool_dir_put(f->fd, "a/x.json", false, true, "why\n", 4, &e), 0);
    assert_true(there(f, "done/a/2-x.json") && there(f, "done/a/2-x.json.reason"));
    put(f, "x.json", 1);
    assert_int_equal(spool_dir_put(f->fd, "x.json", true, true, "why\n", 4, &e), 0);
    assert_true(there(f, "rejected/local/x.json") && there(f, "rejected/local/x.json.reason"));
    put(f, "b/y.json", 1);
    assert_int_equal(spool_dir_put(f->fd, "b/y.json", false, false, "", 0, &e), 0);
    assert_false(there(f, "b/y.json") || there(f, "done/b"));
    put(f, "b/y.json", 1);
    assert_int_equal(spool_dir_put(f->fd, "b/y.json", false, false, "why\n", 4, &e), 0);
    assert_true(there(f, "rejected/b/y.json.reason"));
    assert_false(there(f, "rejected/b/y.json") || there(f, "b/y.json"));
    assert_int_equal(spool_dir_put(f->fd, "b/gone.json", false, true, "", 0, &e), 0);
    memset(longest, 'n', NAME_MAX);
    memcpy(longest + NAME_MAX - 4, ".csv", 5);
    (void)snprintf(path, sizeof path, "a/%s", longest);
    put(f, path, 1);
    assert_int_equal(spool_dir_put(f->fd, path, true, true, "why\n", 4, &e), 0);
    assert_false(there(f, path));
    /* A target that cannot be: said, and the file stays. */
    put(f, "rejected/c", 1);
    assert_int_equal(mkdirat(f->fd, "c", 0700), 0);
    put(f, "c/z.json", 1);
    assert_int_equal(spool_dir_put(f->fd, "c/z.json", true, true, "why\n", 4, &e), -1);
    assert_non_null(strstr(e.text, "rejected/c"));
    assert_true(there(f, "c/z.json"));
}

static void
test_clean(void **state)
{
    struct fixture *f = *state;
    struct err e = {.text = ""};

    for (int i = 0; i < 5; i++) {
        put(f, "a/x.json", 1);
        assert_int_equal(spool_dir_put(f->fd, "a/x.json", i % 2 == 0, true, "w", 1, &e), 0);
    }
    put(f, "a/stays.json", 1);
    assert_int_equal(spool_dir_clean(f->fd, time(NULL) - 100, 1000), 0);
    assert_int_equal(spool_dir_clean(f->fd, time(NULL) + 100, 3), 3);
    assert_int_equal(spool_dir_clean(f->fd, time(NULL) + 100, 1000), 7);
    assert_true(there(f, "a/stays.json"));
    assert_true(there(f, "done/a"));
}

/* ---- file */

struct taken {
    struct buf texts;
    struct arena *arena;
};

static void
on_record(void *arg, struct record *r, const char *raw, size_t len)
{
    struct taken *t = arg;

    (void)raw;
    (void)len;
    buf_printf(&t->texts, "%s;", r->u.incident.text);
}

static void
on_refused(void *arg, const char *why, const char *raw, size_t len)
{
    struct taken *t = arg;

    (void)why;
    (void)raw;
    buf_printf(&t->texts, "refused %zu;", len > 100 ? (size_t)100 : len);
}

/* Reads a file to its end, `most` a piece, with a new reader wherever `cut` says. */
static void
read_all(const struct fixture *f, const char *path, enum format format, size_t most, unsigned cut,
         struct taken *t)
{
    static const struct format_options none;
    struct format_sink sink = {.record = on_record,
                               .refused = on_refused,
                               .ignored = on_refused,
                               .arena = t->arena,
                               .arg = t};
    struct spool_progress p, copy;
    struct spool_file *file = NULL;
    uint8_t bytes[SPOOL_PROGRESS_BYTES];
    struct stat sb;
    struct err e = {.text = ""};

    assert_int_equal(fstatat(f->fd, path, &sb, 0), 0);
    spool_progress_init(&p, &sb);
    for (unsigned i = 0; !p.complete; i++) {
        if (file == NULL)
            file = spool_file_new(openat(f->fd, path, O_RDONLY), format, 1 << 20);
        assert_non_null(file);
        if (spool_file_fill(file, &none, &p, &e) < 0)
            fail_msg("%s", e.text);
        int64_t before = p.offset;
        spool_file_take(file, most, &sink, &p);
        if (cut == 0 || p.offset == before) /* the record is longer than what was read */
            continue;
        spool_progress_pack(&p, bytes);
        assert_int_equal(spool_progress_unpack(bytes, sizeof bytes, &copy), 0);
        assert_memory_equal(&p.offset, &copy.offset, sizeof p.offset);
        p = copy;
        if (i % cut == 0) {
            spool_file_free(file);
            file = NULL;
        } else if (i % cut == 1) {
            spool_file_rewind(file);
        }
    }
    spool_file_free(file);
}

static void
compare(const struct fixture *f, const char *path, enum format format, size_t bytes)
{
    static const struct {
        size_t most;
        unsigned cut;
    } ways[] = {{1, 0}, {7, 1}, {3, 2}, {256, 3}};
    struct taken whole = {.arena = arena_new(0)}, parts = {.arena = whole.arena};

    assert_non_null(whole.arena);
    buf_init(&whole.texts, 0);
    buf_init(&parts.texts, 0);
    read_all(f, path, format, 0, 0, &whole);
    assert_true(whole.texts.len > bytes);
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        buf_reset(&parts.texts);
        read_all(f, path, format, ways[i].most, ways[i].cut, &parts);
        assert_int_equal(parts.texts.len, whole.texts.len);
        assert_memory_equal(parts.texts.data, whole.texts.data, whole.texts.len);
    }
    buf_fini(&whole.texts);
    buf_fini(&parts.texts);
    arena_free(whole.arena);
}

static void
test_pieces(void **state)
{
    struct fixture *f = *state;
    struct buf b;

    buf_init(&b, 0);
    for (int i = 0; i < 400; i++)
        buf_printf(&b, i % 50 == 3 ? "no json %d\n\n" : "{\"text\":\"line %d\"}\n", i);
    buf_puts(&b, "{\"text\":\"no line end\"}");
    write_file(f, "a/x.jsonl", b.data, b.len, 5);
    compare(f, "a/x.jsonl", FORMAT_NDJSON, 3000);
    /* A record that is longer than what is read at one time, and one that has no end at all. */
    buf_reset(&b);
    buf_puts(&b, "{\"text\":\"first\"}\n{\"n\":\"");
    for (int i = 0; i < 300000; i++)
        buf_puts(&b, "xyz");
    buf_puts(&b, "\",\"text\":\"long\"}\n{\"text\":\"");
    for (int i = 0; i < 1500000; i++)
        buf_puts(&b, "xyz");
    write_file(f, "a/long.jsonl", b.data, b.len, 5);
    compare(f, "a/long.jsonl", FORMAT_NDJSON, 20);
    buf_reset(&b);
    buf_puts(&b, "event_id_cnty,event_date,event_type,notes\n");
    for (int i = 0; i < 300; i++)
        buf_printf(&b, "TST%d,2023-01-0%d,Battles,\"row %d,\nof two lines\"\n", i, i % 9 + 1, i);
    write_file(f, "a/x.csv", b.data, b.len, 5);
    compare(f, "a/x.csv", FORMAT_CSV, 3000);
    write_file(f, "a/x.json", "[{\"text\":\"one\"},{\"text\":\"two\"},3]", 33, 5);
    compare(f, "a/x.json", FORMAT_JSON, 8);
    buf_fini(&b);
}

static void
test_changed(void **state)
{
    struct fixture *f = *state;
    static const struct format_options none;
    struct spool_progress p;
    struct err e = {.text = ""};
    struct stat sb;

    put(f, "a/x.json", 5);
    assert_int_equal(fstatat(f->fd, "a/x.json", &sb, 0), 0);
    spool_progress_init(&p, &sb);
    assert_true(spool_progress_is_of(&p, &sb));
    struct spool_file *file = spool_file_new(openat(f->fd, "a/x.json", O_RDONLY), FORMAT_JSON, 10);
    assert_int_equal(spool_file_fill(file, &none, &p, &e), 0);
    put(f, "a/x.json", 6);
    assert_int_equal(spool_file_fill(file, &none, &p, &e), -1);
    assert_non_null(strstr(e.text, "changed while it was read"));
    spool_file_free(file);
    write_file(f, "a/y.json", "[1,2,3,4,5,6]", 13, 5);
    assert_int_equal(fstatat(f->fd, "a/y.json", &sb, 0), 0);
    spool_progress_init(&p, &sb);
    file = spool_file_new(openat(f->fd, "a/y.json", O_RDONLY), FORMAT_JSON, 10);
    assert_int_equal(spool_file_fill(file, &none, &p, &e), -1);
    assert_non_null(strstr(e.text, "spool_file_bytes"));
    spool_file_free(file);
    uint8_t bytes[SPOOL_PROGRESS_BYTES] = {9};
    assert_int_equal(spool_progress_unpack(bytes, sizeof bytes, &p), -1);
    assert_int_equal(spool_progress_unpack(bytes, 3, &p), -1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_waiting, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_scan, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_put, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_clean, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_pieces, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_changed, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
