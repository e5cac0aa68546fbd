/* test_buf: the three small ones that everything stands on: buf, arena and err. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "buf.h"
#include "err.h"

/* ---- buf */

static void
buf_appends(void **state)
{
    struct buf b;
    char big[1000];

    (void)state;
    memset(big, 'x', sizeof(big) - 1);
    big[sizeof(big) - 1] = '\0';
    buf_init(&b, 0);
    assert_null(b.data);
    buf_put(&b, NULL, 0);
    assert_string_equal(b.data, "");
    buf_puts(&b, "ab");
    buf_putc(&b, 'c');
    buf_put(&b, "d\0e", 3);
    buf_printf(&b, "-%d-%s", 42, "f");
    assert_int_equal(b.len, 11);
    assert_memory_equal(b.data, "abcd\0e-42-f", 12);
    buf_printf(&b, "%s%s", big, big); /* longer than the small buffer within */
    assert_int_equal(b.len, 11 + 2 * 999);
    assert_int_equal(b.data[b.len], '\0');
    assert_int_equal(strlen(b.data + 6), b.len - 6);
    assert_false(b.failed);
    buf_reset(&b);
    assert_int_equal(b.len, 0);
    assert_string_equal(b.data, "");
    buf_fini(&b);
    assert_null(b.data);
    buf_puts(&b, "again");
    assert_string_equal(b.data, "again");
    buf_fini(&b);
}

static void
buf_zeroed_is_ready(void **state)
{
    struct buf b = {0};

    (void)state;
    buf_puts(&b, "x");
    assert_string_equal(b.data, "x");
    buf_fini(&b);
}

static void
buf_fails_once(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 10);
    buf_puts(&b, "0123456789"); /* the limit itself */
    assert_false(b.failed);
    buf_putc(&b, 'x');
    assert_true(b.failed);
    assert_string_equal(b.data, "0123456789");
    buf_reset(&b);
    buf_puts(&b, "01234");
    buf_puts(&b, "567890");
    assert_true(b.failed);
    buf_putc(&b, 'x'); /* would fit, but comes after a failure */
    buf_printf(&b, "x");
    assert_null(buf_reserve(&b, 1));
    assert_string_equal(b.data, "01234");
    buf_reset(&b);
    buf_printf(&b, "%300d", 1);
    assert_true(b.failed);
    buf_reset(&b);
    assert_null(buf_reserve(&b, SIZE_MAX));
    assert_true(b.failed);
    buf_fini(&b);
}

static void
buf_grows_in_every_rhythm(void **state)
{
    struct buf b;
    char piece[700];

    (void)state;
    memset(piece, 'p', sizeof(piece));
    buf_init(&b, 1 << 20);
    for (size_t n = 0; n < sizeof(piece); n++)
        buf_put(&b, piece, n);
    assert_false(b.failed);
    assert_int_equal(b.len, 699 * 700 / 2);
    assert_int_equal(strspn(b.data, "p"), b.len);
    buf_fini(&b);
}

static void
buf_reserves(void **state)
{
    struct buf b;
    char *p;

    (void)state;
    buf_init(&b, 0);
    buf_puts(&b, "ab");
    p = buf_reserve(&b, 5000);
    assert_non_null(p);
    assert_ptr_equal(p, b.data + 2);
    memset(p, 'z', 5000);
    b.len += 5000;
    assert_int_equal(b.data[b.len], '\0');
    buf_putc(&b, '!');
    assert_int_equal(b.len, 5003);
    assert_int_equal(b.data[5002], '!');
    buf_fini(&b);
}

/* ---- arena */

static void
arena_gives_aligned_memory(void **state)
{
    struct arena *a = arena_new(0);
    char *last = NULL;

    (void)state;
    assert_non_null(a);
    for (int round = 0; round < 5; round++) {
        for (size_t n = 0; n < 3000; n += 7) {
            char *p = arena_alloc(a, n);

            assert_non_null(p);
            assert_int_equal((uintptr_t)p % 16, 0);
            assert_ptr_not_equal(p, last);
            memset(p, 0xff, n);
            last = p;
        }
        arena_reset(a);
    }
    arena_free(a);
    arena_free(NULL);
}

static void
arena_clears_and_copies(void **state)
{
    struct arena *a = arena_new(0);
    static const char zeros[100];
    char wide[600], *p;

    (void)state;
    memset(arena_alloc(a, 100), 0xff, 100);
    arena_reset(a);
    p = arena_zalloc(a, 100);
    assert_memory_equal(p, zeros, 100);
    assert_string_equal(arena_strndup(a, "gao-bourem", 3), "gao");
    assert_string_equal(arena_strndup(a, NULL, 0), "");
    assert_string_equal(arena_printf(a, "%s-%d", "a", 7), "a-7");
    p = arena_printf(a, "%0599d", 0);
    memset(wide, '0', 599);
    wide[599] = '\0';
    assert_string_equal(p, wide);
    arena_free(a);
}

static void
arena_is_bounded(void **state)
{
    struct arena *a = arena_new(1000); /* 1,008 once rounded */
    size_t got = 0;

    (void)state;
    assert_null(arena_alloc(a, 1009));
    assert_null(arena_alloc(a, SIZE_MAX));
    assert_null(arena_strndup(a, "", SIZE_MAX));
    assert_non_null(arena_alloc(a, 1000));
    assert_null(arena_alloc(a, 1));
    assert_null(arena_zalloc(a, 1));
    assert_null(arena_strndup(a, "x", 1));
    assert_null(arena_printf(a, "x"));
    assert_null(arena_printf(a, "%0400d", 0));
    arena_reset(a);
    while (arena_alloc(a, 16) != NULL)
        got += 16;
    assert_int_equal(got, 1008);
    arena_free(a);
}

/* What a reset keeps must not count against the next round. */
static void
arena_limit_holds_after_every_reset(void **state)
{
    static const size_t sizes[] = {16, 1000, 5000, 100000, 1 << 20, 3 << 20};
    struct arena *a = arena_new(4 << 20);

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        for (size_t k = 0; k < 3; k++)
            (void)arena_alloc(a, sizes[i]);
        arena_reset(a);
        assert_non_null(arena_alloc(a, 4 << 20));
        arena_reset(a);
        assert_non_null(arena_alloc(a, 8));
        arena_reset(a);
    }
    /* a small block unused, then one that takes all */
    assert_non_null(arena_alloc(a, 8));
    arena_reset(a);
    assert_non_null(arena_alloc(a, 4 << 20));
    assert_null(arena_alloc(a, 1));
    arena_reset(a);
    arena_reset(a);
    assert_non_null(arena_alloc(a, 1));
    arena_free(a);
}

static void
arena_steady_load_stays_in_place(void **state)
{
    struct arena *a = arena_new(0);
    char *first = NULL;

    (void)state;
    for (int round = 0; round < 10; round++) {
        char *p = arena_alloc(a, 64);

        if (round == 2) /* by now one block holds it all */
            first = p;
        if (round > 2)
            assert_ptr_equal(p, first);
        for (int i = 0; i < 1000; i++)
            assert_non_null(arena_alloc(a, 200));
        arena_reset(a);
    }
    arena_free(a);
}

/* ---- err */

static void
err_tells_where(void **state)
{
    char out[600];
    struct err e;

    (void)state;
    assert_int_equal(err_set(&e, "no port in %s", "x"), -1);
    assert_string_equal(err_str(&e, out, sizeof(out)), "no port in x");
    assert_int_equal(err_at(&e, "tocsin.yaml", 12, "unknown key %d", 3), -1);
    assert_string_equal(err_str(&e, out, sizeof(out)), "tocsin.yaml:12: unknown key 3");
    assert_int_equal(err_at(&e, "tocsin.yaml", 0, "empty"), -1);
    assert_string_equal(err_str(&e, out, sizeof(out)), "tocsin.yaml: empty");
    assert_int_equal(err_at(&e, NULL, 4, "nowhere"), -1);
    assert_string_equal(err_str(&e, out, sizeof(out)), "nowhere");
    assert_string_equal(err_str(&e, out, 4), "now");
    assert_int_equal(err_set(&e, "while reading: %s", e.text), -1); /* of its own text */
    assert_string_equal(e.text, "while reading: nowhere");
    assert_int_equal(err_set(NULL, "nobody listens"), -1);
    assert_int_equal(err_at(NULL, "f", 1, "nobody listens"), -1);
}

static void
err_is_cut_between_characters(void **state)
{
    static const struct {
        const char *tail; /* ends beyond the cut */
        size_t kept;      /* bytes of it */
    } cases[] = {
        {"abc", 1},               /* ASCII */
        {"\xc3\xa9z", 0},         /* two bytes, one fits */
        {"\xe2\x82\xacz", 0},     /* three bytes */
        {"\xf0\x9f\x9a\xa8z", 0}, /* four bytes */
    };
    char text[400];
    struct err e;

    (void)state;
    for (size_t fill = sizeof(e.text) - 5; fill < sizeof(e.text) - 1; fill++) {
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
            size_t whole = strlen(cases[i].tail) - 1, space = sizeof(e.text) - 1 - fill;

            memset(text, 'x', fill);
            strcpy(text + fill, cases[i].tail);
            strcat(text, "yyyyyyyy");
            (void)err_set(&e, "%s", text);
            if (space >= whole || cases[i].kept > 0)
                assert_int_equal(strlen(e.text), sizeof(e.text) - 1);
            else
                assert_int_equal(strlen(e.text), fill);
            assert_memory_equal(e.text, text, strlen(e.text));
        }
    }
    text[0] = 'x';
    memset(text + 1, 0xa9, sizeof(text) - 2); /* not UTF-8: cut anywhere, but ended */
    text[sizeof(text) - 1] = '\0';
    (void)err_set(&e, "%s", text);
    assert_true(strlen(e.text) < sizeof(e.text));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buf_appends),
        cmocka_unit_test(buf_zeroed_is_ready),
        cmocka_unit_test(buf_fails_once),
        cmocka_unit_test(buf_grows_in_every_rhythm),
        cmocka_unit_test(buf_reserves),
        cmocka_unit_test(arena_gives_aligned_memory),
        cmocka_unit_test(arena_clears_and_copies),
        cmocka_unit_test(arena_is_bounded),
        cmocka_unit_test(arena_limit_holds_after_every_reset),
        cmocka_unit_test(arena_steady_load_stays_in_place),
        cmocka_unit_test(err_tells_where),
        cmocka_unit_test(err_is_cut_between_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
