/* test_quarantine: refused bytes, kept in order, bounded by items and bytes, on a real journal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "quarantine.h"

static char dir[] = "/tmp/tocsin-unit.XXXXXX";
static char path[64];
static struct journal *j;

static int
setup(void **state)
{
    char cmd[128];
    struct err e;

    (void)state;
    (void)snprintf(path, sizeof path, "%s/journal.db", dir);
    (void)snprintf(cmd, sizeof cmd, "mkdir -p %s && rm -f %s/*", dir, dir);
    return system(cmd) == 0 ? journal_open(path, "journal", true, DURABILITY_NONE, &j, &e) : -1;
}

static int
teardown(void **state)
{
    (void)state;
    journal_close(j);
    j = NULL;
    return 0;
}

static int
make_dir(void **state)
{
    (void)state;
    return mkdtemp(dir) != NULL ? 0 : -1;
}

static int
drop_dir(void **state)
{
    char cmd[128];

    (void)state;
    (void)snprintf(cmd, sizeof cmd, "rm -rf %s", dir);
    return system(cmd);
}

static struct quarantine *
make(int64_t items, int64_t bytes, int64_t item_bytes)
{
    struct quarantine_limits l = {.items = items, .bytes = bytes, .item_bytes = item_bytes};
    struct quarantine *q = NULL;
    struct err e = {.text = ""};

    assert_int_equal(quarantine_new(j, &l, &q, &e), 0);
    return q;
}

static void
put(struct quarantine *q, const char *text)
{
    struct err e = {.text = ""};

    if (quarantine_put(q, 1000000, "gao", "http", "json", "no good", text, strlen(text), &e) < 0)
        fail_msg("%s", e.text);
}

struct seen {
    size_t n, stop_after;
    uint64_t first, last;
    char texts[512];
    struct rejected one;
};

static int
on_one(void *arg, const struct rejected *r)
{
    struct seen *s = arg;
    size_t at = strlen(s->texts);

    if (s->n++ == 0)
        s->first = r->number;
    else
        assert_true(r->number > s->last);
    s->last = r->number;
    s->one = *r;
    (void)snprintf(s->texts + at, sizeof s->texts - at, "|%.*s", (int)r->len,
                   r->len > 0 ? (const char *)r->data : "");
    return s->n == s->stop_after;
}

static struct arena *arena;

static struct seen
look(struct quarantine *q, uint64_t from, size_t stop_after)
{
    struct seen s = {.stop_after = stop_after};
    struct err e = {.text = ""};

    arena_reset(arena);
    assert_int_equal(quarantine_each(q, from, arena, on_one, &s, &e), 0);
    return s;
}

static void
test_keeps(void **state)
{
    struct quarantine *q = make(100, 1 << 20, 4);
    struct err e = {.text = ""};
    struct seen s;

    (void)state;
    assert_int_equal(quarantine_count(q), 0);
    assert_int_equal(look(q, 0, 0).n, 0);
    put(q, "abcdef");
    s = look(q, 0, 0);
    assert_int_equal(s.n, 1);
    assert_string_equal(s.texts, "|abcd"); /* the head; the size tells the rest */
    assert_int_equal(s.one.size, 6);
    assert_int_equal(s.one.number, 1);
    assert_int_equal(s.one.at_us, 1000000);
    assert_string_equal(s.one.source, "gao");
    assert_string_equal(s.one.door, "http");
    assert_string_equal(s.one.format, "json");
    assert_string_equal(s.one.reason, "no good");
    assert_int_equal(quarantine_put(q, 1, NULL, NULL, NULL, NULL, NULL, 0, &e), 0);
    assert_int_equal(quarantine_put(q, 1, NULL, NULL, NULL, NULL, "\0\xff\n", 3, &e), 0);
    s = look(q, 3, 0);
    assert_int_equal(s.n, 1);
    assert_int_equal(s.one.len, 3);
    assert_memory_equal(s.one.data, "\0\xff\n", 3);
    assert_null(s.one.source);
    assert_null(s.one.format);
    quarantine_free(q);
    quarantine_free(NULL);
}

static void
test_order(void **state)
{
    struct quarantine *q = make(1000, 1 << 20, 100);
    char text[16];

    (void)state;
    for (int i = 1; i <= 300; i++) { /* over a change of the key's bytes */
        (void)snprintf(text, sizeof text, "%d", i);
        put(q, text);
    }
    assert_int_equal(look(q, 0, 0).n, 300);
    struct seen s = look(q, 255, 3);
    assert_string_equal(s.texts, "|255|256|257");
    assert_int_equal(look(q, 301, 0).n, 0);
    quarantine_free(q);
}

static void
test_items(void **state)
{
    struct quarantine *q = make(3, 1 << 20, 100);

    (void)state;
    put(q, "a");
    put(q, "b");
    put(q, "c");
    put(q, "d");
    put(q, "e");
    assert_int_equal(quarantine_count(q), 3);
    assert_string_equal(look(q, 0, 0).texts, "|c|d|e");
    quarantine_free(q);
    /* A smaller bound after a restart is kept with the next one. */
    q = make(2, 1 << 20, 100);
    assert_int_equal(quarantine_count(q), 3);
    put(q, "f");
    assert_int_equal(quarantine_count(q), 2);
    assert_string_equal(look(q, 0, 0).texts, "|e|f");
    quarantine_free(q);
}

static void
test_bytes(void **state)
{
    struct quarantine *q = make(1000, 1000, 5000);
    char text[301];

    (void)state;
    memset(text, 'x', 300);
    text[300] = '\0';
    for (int i = 0; i < 20; i++)
        put(q, text);
    assert_in_range(quarantine_count(q), 2, 3);
    assert_int_equal(look(q, 0, 0).last, 20);
    /* One that is larger than all room is kept alone: the last thing that went wrong. */
    char large[2001];
    memset(large, 'y', 2000);
    large[2000] = '\0';
    put(q, large);
    assert_int_equal(quarantine_count(q), 1);
    put(q, "z");
    assert_string_equal(look(q, 0, 0).texts, "|z");
    quarantine_free(q);
}

static void
test_off(void **state)
{
    struct quarantine *q = make(0, 1000, 100);

    (void)state;
    put(q, "a");
    assert_int_equal(quarantine_count(q), 0);
    assert_false(journal_dirty(j));
    quarantine_free(q);
    q = make(10, 0, 100);
    put(q, "a");
    assert_int_equal(quarantine_count(q), 0);
    quarantine_free(q);
}

static void
test_rollback(void **state)
{
    struct quarantine *q = make(3, 1 << 20, 100);
    struct err e = {.text = ""};

    (void)state;
    put(q, "a");
    put(q, "b");
    put(q, "c");
    assert_int_equal(journal_commit(j, &e), 0);
    put(q, "d"); /* drops a */
    put(q, "e");
    assert_int_equal(journal_rollback(j, &e), 0);
    assert_int_equal(quarantine_reload(q, &e), 0);
    assert_int_equal(quarantine_count(q), 3);
    assert_string_equal(look(q, 0, 0).texts, "|a|b|c");
    put(q, "f");
    assert_int_equal(journal_commit(j, &e), 0);
    assert_string_equal(look(q, 0, 0).texts, "|b|c|f");
    assert_int_equal(look(q, 0, 0).last, 4);
    quarantine_free(q);
    /* The same after a restart. */
    journal_close(j);
    assert_int_equal(journal_open(path, "journal", true, DURABILITY_NONE, &j, &e), 0);
    q = make(3, 1 << 20, 100);
    assert_int_equal(quarantine_count(q), 3);
    assert_string_equal(look(q, 0, 0).texts, "|b|c|f");
    put(q, "g");
    assert_string_equal(look(q, 0, 0).texts, "|c|f|g");
    quarantine_free(q);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_keeps, setup, teardown),
        cmocka_unit_test_setup_teardown(test_order, setup, teardown),
        cmocka_unit_test_setup_teardown(test_items, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bytes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_off, setup, teardown),
        cmocka_unit_test_setup_teardown(test_rollback, setup, teardown),
    };

    arena = arena_new(0);
    int rc = arena != NULL ? cmocka_run_group_tests(tests, make_dir, drop_dir) : 1;
    arena_free(arena);
    return rc;
}
