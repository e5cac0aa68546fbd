/* test_json: what the writer writes, to the byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "json.h"

static void
begin(struct json *j, struct buf *b)
{
    buf_reset(b);
    json_init(j, b);
}

static void
commas_and_nesting(void **state)
{
    struct buf b;
    struct json j;

    (void)state;
    buf_init(&b, 0);
    begin(&j, &b);
    json_open(&j, NULL, '{');
    json_str(&j, "id", "a");
    json_open(&j, "list", '[');
    json_int(&j, NULL, 1);
    json_open(&j, NULL, '[');
    json_close(&j, ']');
    json_open(&j, NULL, '{');
    json_bool(&j, "yes", true);
    json_bool(&j, "no", false);
    json_close(&j, '}');
    json_str(&j, NULL, "x");
    json_close(&j, ']');
    json_open(&j, "empty", '{');
    json_close(&j, '}');
    json_null(&j, "none");
    json_str(&j, "absent", NULL);
    json_raw(&j, "raw", "[0]");
    json_close(&j, '}');
    assert_string_equal(b.data, "{\"id\":\"a\",\"list\":[1,[],{\"yes\":true,\"no\":false},\"x\"],"
                                "\"empty\":{},\"none\":null,\"absent\":null,\"raw\":[0]}");
    assert_false(b.failed);
    buf_fini(&b);
}

static void
strings(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"", "\"\""},
        {"Attaqu\xc3\xa9 \xe2\x80\x94 \xf0\x9f\x9a\xa8",
         "\"Attaqu\xc3\xa9 \xe2\x80\x94 \xf0\x9f\x9a\xa8\""},
        {"a\"b\\c/d", "\"a\\\"b\\\\c/d\""},
        {"\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\""},
        {"\x01\x1f\x7f", "\"\\u0001\\u001f\x7f\""},
        {"\"", "\"\\\"\""},
        {"end\n", "\"end\\n\""},
    };
    struct buf b;
    struct json j;

    (void)state;
    buf_init(&b, 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        begin(&j, &b);
        json_str(&j, NULL, cases[i].in);
        assert_string_equal(b.data, cases[i].out);
    }
    buf_fini(&b);
}

static void
numbers(void **state)
{
    static const int64_t ints[] = {0, 7, -7, INT64_MAX, INT64_MIN};
    static const char *const texts[] = {"0", "7", "-7", "9223372036854775807",
                                        "-9223372036854775808"};
    struct buf b;
    struct json j;

    (void)state;
    buf_init(&b, 0);
    for (size_t i = 0; i < 5; i++) {
        begin(&j, &b);
        json_int(&j, NULL, ints[i]);
        assert_string_equal(b.data, texts[i]);
    }
    begin(&j, &b);
    json_uint(&j, NULL, UINT64_MAX);
    assert_string_equal(b.data, "18446744073709551615");
    buf_fini(&b);
}

static void
fixed_point(void **state)
{
    static const struct {
        int64_t v;
        int decimals;
        const char *out;
    } cases[] = {
        {0, 3, "0.0"},
        {940, 3, "0.94"},
        {1000, 3, "1.0"},
        {3200, 3, "3.2"},
        {1, 3, "0.001"},
        {-1, 3, "-0.001"},
        {-500, 1, "-50.0"},
        {5, 1, "0.5"},
        {INT64_MIN, 18, "-9.223372036854775808"},
        {INT64_MAX, 1, "922337203685477580.7"},
    };
    static const struct {
        int32_t e7;
        const char *out;
    } degrees[] = {
        {164000000, "16.4"}, {-500000, "-0.05"},      {0, "0.0"},
        {1, "0.0000001"},    {-1800000000, "-180.0"}, {162712345, "16.2712345"},
    };
    struct buf b;
    struct json j;

    (void)state;
    buf_init(&b, 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        begin(&j, &b);
        json_fixed(&j, NULL, cases[i].v, cases[i].decimals);
        assert_string_equal(b.data, cases[i].out);
    }
    for (size_t i = 0; i < sizeof(degrees) / sizeof(degrees[0]); i++) {
        begin(&j, &b);
        json_deg(&j, NULL, degrees[i].e7);
        assert_string_equal(b.data, degrees[i].out);
    }
    buf_fini(&b);
}

static void
times(void **state)
{
    struct buf b;
    struct json j;

    (void)state;
    buf_init(&b, 0);
    begin(&j, &b);
    json_open(&j, NULL, '{');
    json_time(&j, "at", INT64_C(1681713600120000));
    json_time(&j, "none", 0);
    json_close(&j, '}');
    assert_string_equal(b.data, "{\"at\":\"2023-04-17T06:40:00.120Z\",\"none\":null}");
    buf_fini(&b);
}

static void
a_full_buffer_is_the_callers_to_notice(void **state)
{
    struct buf b;
    struct json j;

    (void)state;
    buf_init(&b, 8);
    begin(&j, &b);
    json_open(&j, NULL, '[');
    json_str(&j, NULL, "much too long");
    json_close(&j, ']');
    assert_true(b.failed);
    buf_fini(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commas_and_nesting),
        cmocka_unit_test(strings),
        cmocka_unit_test(numbers),
        cmocka_unit_test(fixed_point),
        cmocka_unit_test(times),
        cmocka_unit_test(a_full_buffer_is_the_callers_to_notice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
