/* test_format_protobuf: a recording in a door: whole, in pieces, torn, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "buf.h"
#include "format.h"
#include "wire.h"

struct seen {
    char what[256]; /* a letter a call: record type's initial, '-' refused, '.' ignored */
    char why[320];
    size_t raw_len;
};

static void
note(struct seen *s, char letter, const char *why, size_t len)
{
    size_t n = strlen(s->what);

    assert_true(n + 1 < sizeof s->what);
    s->what[n] = letter;
    s->what[n + 1] = '\0';
    if (why != NULL)
        (void)snprintf(s->why, sizeof s->why, "%s", why);
    s->raw_len = len;
}

static void
on_record(void *arg, struct record *r, const char *raw, size_t len)
{
    static const char letters[] = {[REC_INCIDENT] = 'i',
                                   [REC_ASSET] = 'a',
                                   [REC_POSITION] = 'p',
                                   [REC_LINK] = 'l',
                                   [REC_ACT] = 'c'};

    assert_non_null(raw);
    note(arg, letters[r->type], NULL, len);
}

static void
on_refused(void *arg, const char *why, const char *raw, size_t len)
{
    assert_non_null(raw);
    note(arg, '-', why, len);
}

static void
on_ignored(void *arg, const char *why, const char *raw, size_t len)
{
    assert_non_null(raw);
    note(arg, '.', why, len);
}

static void
put(struct buf *b, const struct record *r)
{
    struct buf body;

    buf_init(&body, 0);
    wire_record_pack(r, false, &body);
    wire_record_join(body.data, body.len, r->seq, true, b);
    buf_fini(&body);
}

/* An incident, an asset, a tick, a position, a link. */
static void
recording(struct buf *b)
{
    struct record r = {.type = REC_INCIDENT, .seq = 1, .received_at_us = 1681711200000000};

    incident_init(&r.u.incident);
    r.u.incident.text = "Shots near the well";
    put(b, &r);
    r = (struct record){.type = REC_ASSET, .seq = 2};
    asset_init(&r.u.asset);
    r.u.asset.id = "post-2";
    r.u.asset.kind = ASSET_BASE;
    put(b, &r);
    put(b, &(struct record){.type = REC_TICK, .seq = 3});
    put(b, &(struct record){.type = REC_POSITION,
                            .u.position = {.asset = "cvy-7", .pos = {164000000, -500000}}});
    put(b, &(struct record){.type = REC_LINK, .u.link = {.name = "post-2", .up = true}});
}

static void
run(const char *s, size_t n, size_t piece, size_t most, struct seen *seen)
{
    struct format_stream *st = format_open(FORMAT_PROTOBUF, NULL);
    struct format_sink sink = {.record = on_record,
                               .refused = on_refused,
                               .ignored = on_ignored,
                               .arena = arena_new(0),
                               .arg = seen};
    size_t have = piece < n ? piece : n;

    memset(seen, 0, sizeof *seen);
    assert_int_equal(format_head(st, s, have, have == n, 0), 0);
    for (size_t i = 0; i < n;) {
        char *exact = malloc(have - i > 0 ? have - i : 1);
        assert_non_null(exact);
        memcpy(exact, s + i, have - i);
        size_t used = format_take(st, exact, have - i, have == n, most, &sink);
        free(exact);
        assert_true(used > 0 || have < n);
        i += used;
        if (used == 0)
            have = have + piece < n ? have + piece : n;
    }
    assert_int_equal(format_taken(st), strlen(seen->what));
    format_close(st);
    arena_free(sink.arena);
}

static void
test_recording(void **state)
{
    struct seen seen;
    struct buf b;

    (void)state;
    buf_init(&b, 0);
    recording(&b);
    for (size_t piece = 1; piece <= b.len; piece++)
        for (size_t most = 0; most < 3; most++) {
            run(b.data, b.len, piece, most, &seen);
            assert_string_equal(seen.what, "ia.pl");
        }
    assert_non_null(strstr(seen.why, "collector itself"));
    buf_fini(&b);
}

/* Cut anywhere: what is whole is there, the rest is refused once. */
static void
test_torn(void **state)
{
    struct seen seen, whole;
    struct buf b;

    (void)state;
    buf_init(&b, 0);
    recording(&b);
    run(b.data, b.len, b.len, 0, &whole);
    for (size_t n = 1; n < b.len; n++) {
        run(b.data, n, 7, 0, &seen);
        size_t len = strlen(seen.what);
        bool torn = len > 0 && seen.what[len - 1] == '-';
        assert_int_equal(strncmp(seen.what, whole.what, len - torn), 0);
        assert_true(!torn || strstr(seen.why, "ends within") != NULL);
    }
    buf_fini(&b);
}

static void
test_bad(void **state)
{
    static const struct {
        const char *body;
        size_t n;
        const char *what, *why;
    } t[] = {
        {"\x00", 1, "-", "length"},
        {"\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", 11, "-", "length"},
        {"\xFF\xFF\xFF\x7F"
         "abc",
         7, "-", "length"}, /* 256 MiB */
        {"\xFF", 1, "-", "ends within"},
        {"\x05"
         "ab",
         3, "-", "ends within"},
        {"\x02zz\x02zz", 6, "--", ""}, /* each alone: where they end is known */
        {"{\"text\":\"x\"}", 12, "-", "ends within"},
    };
    struct seen seen;

    run("\x02zz", 3, 3, 0, &seen);
    assert_int_equal(seen.raw_len, 3); /* with its length, so that it can be tried again */
    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        run(t[i].body, t[i].n, t[i].n, 0, &seen);
        if (strcmp(seen.what, t[i].what) != 0 || strstr(seen.why, t[i].why) == NULL)
            fail_msg("%zu: %s %s", i, seen.what, seen.why);
    }
}

static void
test_broken(void **state)
{
    struct format_stream *st = format_open(FORMAT_PROTOBUF, NULL);
    struct seen seen = {.what = ""};
    struct format_sink sink = {
        .record = on_record, .refused = on_refused, .arena = arena_new(0), .arg = &seen};

    (void)state;
    assert_int_equal(format_take(st, "\x00\x02zz", 4, false, 0, &sink), 4);
    assert_true(format_broken(st));
    assert_int_equal(seen.raw_len, 4);
    assert_int_equal(format_take(st, "\x02zz", 3, false, 0, &sink), 3);
    assert_string_equal(seen.what, "--");
    assert_int_equal(format_head(st, "\x02zz", 3, true, 0), 0);
    assert_false(format_broken(st));
    format_close(st);
    arena_free(sink.arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recording),
        cmocka_unit_test(test_torn),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_broken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
