/* test_recording: recordings in both forms, plain reports, and files that are neither.
 * recording.c belongs to the tool and stands in no library. */
#include "../../tools/recording.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "timefmt.h"

static char dir[] = "/tmp/tocsin-unit.XXXXXX";
static char path[64];
static struct config *config;

static int
setup(void **state)
{
    struct err e;

    (void)state;
    if (mkdtemp(dir) == NULL)
        return -1;
    (void)snprintf(path, sizeof path, "%s/recording", dir);
    return config_load(NULL, dir, &config, &e);
}

static int
teardown(void **state)
{
    char cmd[64];

    (void)state;
    config_free(config);
    (void)snprintf(cmd, sizeof cmd, "rm -rf %s", dir);
    return system(cmd);
}

static void
file(const void *data, size_t n)
{
    FILE *f = fopen(path, "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

/* Reads all of it: texts behind bars, a minus for each that could not be read. */
static const char *
texts(int64_t *last_us)
{
    static char out[4096];
    struct recording *rec = NULL;
    struct record r;
    struct err e = {.text = ""};
    int rc;

    out[0] = '\0';
    assert_int_equal(recording_open(path, &rec, &e), 0);
    for (int n = 0; (rc = recording_next(rec, config, &r, &e)) != 0 && n < 100; n++) {
        size_t at = strlen(out);
        if (rc < 0) {
            assert_int_not_equal(e.text[0], '\0');
            (void)snprintf(out + at, sizeof out - at, "-");
            continue;
        }
        assert_false(id_is_zero(&r.id));
        (void)snprintf(out + at, sizeof out - at, "|%.8s",
                       r.type == REC_INCIDENT ? r.u.incident.text : "other");
        if (last_us != NULL) {
            assert_true(r.received_at_us >= *last_us);
            *last_us = r.received_at_us;
        }
    }
    recording_close(rec);
    return out;
}

static void
test_lines(void **state)
{
    static const struct {
        const char *body, *want;
    } t[] = {
        {"", ""},
        {"\n", ""},
        {"\n\n\r\n", ""},
        {"{\"text\":\"a\"}", "|a"},
        {"{\"text\":\"a\"}\n{\"text\":\"b\"}\n", "|a|b"},
        {"\n{\"text\":\"a\"}\r\n\r\n{\"text\":\"b\"} \n\n", "|a|b"},
        {"  {\"text\":\"a\"}\n", "|a"},
        {"{\"text\":\"a\"}\nnonsense\n{\"text\":\"b\"}\n", "|a-|b"},
        {"{\"text\":\"a\"}\n{}\n{\"text\":\"b\"}\n", "|a-|b"},
        {"{", "-"},
        {"x", "-"},
        {"\n{\"text\":\"a\"}", "|a"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        file(t[i].body, strlen(t[i].body));
        const char *got = texts(NULL);
        if (strcmp(got, t[i].want) != 0)
            fail_msg("%s: %s, want %s", t[i].body, got, t[i].want);
    }
}

/* Plain reports are received when they were reported, and time never goes back. */
static void
test_times(void **state)
{
    static const char body[] = "{\"text\":\"a\",\"reported_at\":\"2023-04-22T06:00:00Z\"}\n"
                               "{\"text\":\"b\",\"reported_at\":\"2023-04-22T05:00:00Z\"}\n"
                               "{\"text\":\"c\"}\n"
                               "{\"text\":\"d\",\"reported_at\":\"2023-04-22T07:00:00Z\"}\n";
    int64_t at = 0;

    (void)state;
    file(body, sizeof body - 1);
    assert_string_equal(texts(&at), "|a|b|c|d");
    assert_true(at == INT64_C(1682146800) * SECOND_US);
}

/* The same line under another configuration: other stamps, the same id and time. */
static void
test_again(void **state)
{
    static const char body[] = "{\"text\":\"a\",\"source\":\"ops\"}\n{\"text\":\"b\"}\n";
    static const char yaml[] = "collector:\n  sources:\n    - name: ops\n      class: partner\n"
                               "      reliability: B\n";
    struct config *other = NULL;
    struct recording *rec = NULL;
    struct record r, again;
    struct err e = {.text = ""};

    (void)state;
    file(yaml, sizeof yaml - 1);
    if (config_load(path, dir, &other, &e) != 0)
        fail_msg("%s", e.text);
    file(body, sizeof body - 1);
    assert_int_equal(recording_open(path, &rec, &e), 0);
    assert_int_equal(recording_next(rec, config, &r, &e), 1);
    assert_int_equal(recording_again(rec, other, &again, &e), 1);
    assert_int_equal(id_cmp(&r.id, &again.id), 0);
    assert_true(r.received_at_us == again.received_at_us);
    assert_int_equal(r.u.incident.source_class, SC_LOCAL);
    assert_int_equal(again.u.incident.source_class, SC_PARTNER);
    assert_int_equal(again.u.incident.reliability, 'B');
    assert_string_equal(r.u.incident.text, again.u.incident.text);
    assert_int_equal(recording_next(rec, config, &r, &e), 1);
    assert_string_equal(r.u.incident.text, "b");
    assert_int_equal(recording_next(rec, config, &r, &e), 0);
    recording_close(rec);
    config_free(other);
}

static void
put(struct buf *b, const char *text, int64_t at_us)
{
    struct record r = {.type = REC_INCIDENT, .received_at_us = at_us};
    struct buf one;

    incident_init(&r.u.incident);
    r.u.incident.source = "gao";
    r.u.incident.text = text;
    memset(r.id.b, text[0], ID_LEN);
    buf_init(&one, 0);
    wire_record_pack(&r, false, &one);
    wire_record_join(one.data, one.len, 5, true, b);
    buf_fini(&one);
}

/* Whatever the length of the first record makes of the first bytes: 123 looks like a brace, 10
 * like a line's end, and from 128 on there are two bytes of length. */
static void
test_binary(void **state)
{
    struct buf b;
    bool brace = false, two = false;

    (void)state;
    for (size_t n = 1; n < 600; n++) {
        char text[601], want[32];
        int64_t at = 0;
        memset(text, 'x', n);
        text[n] = '\0';
        buf_init(&b, 0);
        put(&b, text, INT64_C(1682146800) * SECOND_US);
        put(&b, "y", INT64_C(1682146900) * SECOND_US);
        brace = brace || b.data[0] == '{';
        two = two || (unsigned char)b.data[0] >= 0x80;
        file(b.data, b.len);
        (void)snprintf(want, sizeof want, "|%.8s|y", text);
        const char *got = texts(&at);
        if (strcmp(got, want) != 0)
            fail_msg("%zu bytes, begins %02x %02x: %s", b.len, (unsigned char)b.data[0],
                     (unsigned char)b.data[1], got);
        assert_true(at == INT64_C(1682146900) * SECOND_US);
        buf_fini(&b);
    }
    assert_true(brace);
    assert_true(two);
}

/* Cut anywhere: what is whole is read, the rest is said to be missing. */
static void
test_cut(void **state)
{
    struct buf b;
    size_t first;

    (void)state;
    buf_init(&b, 0);
    put(&b, "a", INT64_C(1682146800) * SECOND_US);
    first = b.len;
    put(&b, "b", INT64_C(1682146900) * SECOND_US);
    for (size_t n = 3; n <= b.len; n++) {
        file(b.data, n);
        const char *want = n == b.len ? "|a|b" : n == first ? "|a" : n < first ? "-" : "|a-";
        assert_string_equal(texts(NULL), want);
    }
    buf_fini(&b);
}

/* A length that no record has. */
static void
test_length(void **state)
{
    (void)state;
    file("\xff\xff\xff\xff\x7f\x08", 6);
    assert_string_equal(texts(NULL), "--"); /* the byte behind it begins another */
    file("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10);
    const char *got = texts(NULL);
    assert_true(got[0] == '-');
}

static void
test_no_file(void **state)
{
    struct recording *rec = NULL;
    struct err e = {.text = ""};

    (void)state;
    (void)unlink(path);
    assert_int_equal(recording_open(path, &rec, &e), -1);
    assert_non_null(strstr(e.text, "No such file"));
    recording_close(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),   cmocka_unit_test(test_times), cmocka_unit_test(test_again),
        cmocka_unit_test(test_binary),  cmocka_unit_test(test_cut),   cmocka_unit_test(test_length),
        cmocka_unit_test(test_no_file),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
