/* test_id: ids are derived the same everywhere, sort by time, and survive their text form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "id.h"

#define PART(s)          \
    {                    \
        s, sizeof(s) - 1 \
    }

static void
make_is_pinned(void **state)
{
    /* Recordings and alert logs hold ids: a change of the derivation must be seen here.
     * The last ten bytes were computed with Python's hashlib.blake2b(digest_size=16). */
    static const uint8_t want[ID_LEN] = {0x01, 0x87, 0x8d, 0xf1, 0x16, 0x7b, 0x60, 0x06,
                                         0x42, 0x45, 0x7c, 0xb4, 0xde, 0xe7, 0xab, 0x36};
    const struct id_part parts[] = {PART("gao-ops"), PART("radio-1"), PART("body")};
    struct id id;

    (void)state;
    id_make(&id, INT64_C(1681713600123456), parts, 3);
    assert_memory_equal(id.b, want, ID_LEN);
}

static void
parts_are_kept_apart(void **state)
{
    const struct id_part one[] = {PART("ab"), PART("c")}, two[] = {PART("a"), PART("bc")};
    const struct id_part three[] = {PART("ab"), PART("c"), {NULL, 0}};
    struct id a, b, c;

    (void)state;
    id_make(&a, 5000, one, 2);
    id_make(&b, 5000, two, 2);
    id_make(&c, 5000, three, 3);
    assert_int_not_equal(id_cmp(&a, &b), 0);
    assert_int_not_equal(id_cmp(&a, &c), 0);
    id_make(&b, 5999, one, 2); /* the same millisecond */
    assert_int_equal(id_cmp(&a, &b), 0);
}

static void
time_comes_first(void **state)
{
    static const struct {
        int64_t us;
        uint8_t want[6];
    } cases[] = {
        {0, {0, 0, 0, 0, 0, 0}},
        {-1, {0, 0, 0, 0, 0, 0}},
        {INT64_MIN, {0, 0, 0, 0, 0, 0}},
        {1000, {0, 0, 0, 0, 0, 1}},
        {INT64_C(0x010203040506) * 1000, {1, 2, 3, 4, 5, 6}},
        {INT64_MAX, {255, 255, 255, 255, 255, 255}},
    };
    struct id id;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        id_make(&id, cases[i].us, NULL, 0);
        assert_memory_equal(id.b, cases[i].want, 6);
    }
}

static void
text_and_back(void **state)
{
    static const struct {
        struct id id;
        const char *text;
    } cases[] = {
        {{{0}}, "00000000000000000000000000"},
        {{{255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255}},
         "7ZZZZZZZZZZZZZZZZZZZZZZZZZ"},
        {{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}}, "00000000000000000000000001"},
        /* the example of the ULID specification */
        {{{0x01, 0x56, 0x3e, 0x3a, 0xb5, 0xd3, 0xd6, 0x76, 0x4c, 0x61, 0xef, 0xb9, 0x93, 0x02, 0xbd,
           0x5b}},
         "01ARZ3NDEKTSV4RRFFQ69G5FAV"},
    };
    char text[ID_TEXT];
    struct id id;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_string_equal(id_text(&cases[i].id, text), cases[i].text);
        assert_int_equal(id_parse(text, &id), 0);
        assert_int_equal(id_cmp(&id, &cases[i].id), 0);
    }
    for (int i = 0; i < 1000; i++) {
        struct id drawn;

        id_random(&drawn);
        assert_int_equal(id_parse(id_text(&drawn, text), &id), 0);
        assert_int_equal(id_cmp(&id, &drawn), 0);
    }
}

static void
text_sorts_as_the_bytes(void **state)
{
    char ta[ID_TEXT], tb[ID_TEXT];
    struct id a, b;

    (void)state;
    for (int i = 0; i < 1000; i++) {
        id_random(&a);
        id_random(&b);
        assert_int_equal(id_cmp(&a, &b) < 0, strcmp(id_text(&a, ta), id_text(&b, tb)) < 0);
    }
}

static void
parse_forgives_hands(void **state)
{
    struct id a, b;

    (void)state;
    assert_int_equal(id_parse("01arz3ndektsv4rrffq69g5fav", &a), 0);
    assert_int_equal(id_parse("OIARZ3NDEKTSV4RRFFQ69G5FAV", &b), 0);
    assert_int_equal(id_cmp(&a, &b), 0);
    assert_int_equal(id_parse("0lARZ3NDEKTSV4RRFFQ69G5FAV", &b), 0);
    assert_int_equal(id_cmp(&a, &b), 0);
}

static void
parse_refuses(void **state)
{
    static const char *const bad[] = {
        "",
        "0",
        "01ARZ3NDEKTSV4RRFFQ69G5FA",   /* short */
        "01ARZ3NDEKTSV4RRFFQ69G5FAVV", /* long */
        "81ARZ3NDEKTSV4RRFFQ69G5FAV",  /* more than 128 bits */
        "01ARZ3NDEKTSV4RRFFQ69G5FAU",  /* U is no digit */
        "01ARZ3NDEKTSV4RRFFQ69G5FA ",
        "01ARZ3NDEKTSV4RRFFQ69G5FA\xc3",
    };
    struct id id;

    (void)state;
    memset(&id, 7, sizeof(id));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(id_parse(bad[i], &id), -1);
    assert_int_equal(id.b[0], 7); /* written only on success */
}

static void
zero(void **state)
{
    struct id id = {{0}};

    (void)state;
    assert_true(id_is_zero(&id));
    id.b[ID_LEN - 1] = 1;
    assert_false(id_is_zero(&id));
    id_random(&id);
    assert_false(id_is_zero(&id));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(make_is_pinned),          cmocka_unit_test(parts_are_kept_apart),
        cmocka_unit_test(time_comes_first),        cmocka_unit_test(text_and_back),
        cmocka_unit_test(text_sorts_as_the_bytes), cmocka_unit_test(parse_forgives_hands),
        cmocka_unit_test(parse_refuses),           cmocka_unit_test(zero),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
