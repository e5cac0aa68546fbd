/* pack: what goes in comes out; what a peer may send is refused within the bounds stated. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "pack.h"
#include "wire_codec.h"

static struct packer *packer;

static int
setup(void **state)
{
    (void)state;
    packer = packer_new();
    return packer == NULL;
}

static int
teardown(void **state)
{
    (void)state;
    packer_free(packer);
    return 0;
}

static void
test_round_trip(void **state)
{
    static char bytes[MAX_BATCH][40];
    static struct blob in[MAX_BATCH];
    const struct blob *out;
    struct err e = {.text = ""};
    const size_t counts[] = {1, 2, 127, MAX_BATCH};

    (void)state;
    for (size_t k = 0; k < MAX_BATCH; k++) {
        int n = snprintf(bytes[k], sizeof bytes[k], "record %zu of the journal", k);
        in[k] = (struct blob){bytes[k], k == 1 ? 0 : (size_t)n}; /* an empty one, too */
    }
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        struct buf frame;
        size_t size = 0;
        buf_init(&frame, 0);
        assert_int_equal(packer_pack(packer, in, counts[i], &frame, &size), 0);
        if (packer_unpack(packer, frame.data, frame.len, size, counts[i], &out, &e) < 0)
            fail_msg("%zu records: %s", counts[i], e.text);
        for (size_t k = 0; k < counts[i]; k++) {
            assert_int_equal(out[k].len, in[k].len);
            assert_memory_equal(out[k].data, in[k].data, in[k].len);
        }
        buf_fini(&frame);
    }
}

/* Records as they are: with and without text, before and behind which fields stand. */
static void
test_records(void **state)
{
    static char text[300];
    struct record r[5];
    struct buf packed[5], frame;
    struct blob in[5];
    const struct blob *out;
    struct err e = {.text = ""};
    size_t size = 0;

    (void)state;
    memset(text, 'x', sizeof text - 1);
    memset(r, 0, sizeof r);
    for (int i = 0; i < 4; i++) {
        r[i].type = REC_INCIDENT;
        r[i].received_at_us = 1700000000000000;
        incident_init(&r[i].u.incident);
    }
    r[0].u.incident.text = "only this";
    r[1].u.incident.source = "gao";
    r[1].u.incident.reported_at_us = 1700000000000000;
    r[1].u.incident.text = text;
    r[1].u.incident.lang = "fr";
    r[1].u.incident.first_received_at_us = 1700000000000000;
    r[2].u.incident.event = EV_AMBUSH; /* no text */
    r[3].u.incident.text = "";
    r[3].u.incident.utc_offset_min = 60;
    r[4].type = REC_POSITION;
    r[4].u.position.asset = "cvy-7";
    buf_init(&frame, 0);
    for (int i = 0; i < 5; i++) {
        buf_init(&packed[i], 0);
        wire_record_pack(&r[i], false, &packed[i]);
        in[i] = (struct blob){packed[i].data, packed[i].len};
    }
    assert_int_equal(packer_pack(packer, in, 5, &frame, &size), 0);
    if (packer_unpack(packer, frame.data, frame.len, size, 5, &out, &e) < 0)
        fail_msg("%s", e.text);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(out[i].len, in[i].len);
        assert_memory_equal(out[i].data, in[i].data, in[i].len);
        buf_fini(&packed[i]);
    }
    buf_fini(&frame);
}

static void
test_too_much_is_not_packed(void **state)
{
    size_t half = PACK_MAX_BYTES / 2 + 1, size;
    char *big = calloc(1, half);
    struct blob in[] = {{big, half}, {big, half}};
    struct buf frame;

    (void)state;
    assert_non_null(big);
    buf_init(&frame, 0);
    assert_int_equal(packer_pack(packer, in, 2, &frame, &size), -1);
    assert_int_equal(packer_pack(packer, in, 1, &frame, &size), 0);
    buf_fini(&frame);
    free(big);
}

/* A frame of what a batch would be, from plain bytes; the caller frees it. */
static void *
frame_of(const void *plain, size_t n, size_t *len)
{
    size_t room = ZSTD_compressBound(n);
    void *frame = malloc(room);

    assert_non_null(frame);
    *len = ZSTD_compress(frame, room, plain, n, 3);
    assert_false(ZSTD_isError(*len));
    return realloc(frame, *len); /* of exact size, so that a byte too many is seen */
}

static void
test_refused(void **state)
{
    static const struct {
        const char *name, *plain;
        size_t n, size, count;
        const char *why;
    } cases[] = {
        {"no records", "\x01x", 2, 2, 0, "0 records"},
        {"more than a batch", "\x01x", 2, 2, MAX_BATCH + 1, "4097 records"},
        {"no size", "\x01x", 2, 0, 1, "0 bytes"},
        {"more than a frame may have", "\x01x", 2, PACK_MAX_BYTES + 1, 1, "are allowed"},
        {"larger than it says", "\x02xy", 3, 2, 1, "packed: "},
        {"smaller than it says", "\x02xy", 3, 4, 1, "3 bytes instead of 4"},
        {"a record that goes on", "\x05xy", 3, 3, 1, "record 1 of 1 is cut off"},
        {"fewer than it says", "\x01x", 2, 2, 2, "record 2 of 2 is cut off"},
        {"no text", "\x01x", 2, 2, 1, "text 1 of 1 is cut off"},
        {"a text for what is no incident", "\x01x\x01y", 4, 4, 1, "can have no text"},
        {"a second text", "\x05\x52\x03\x2a\x01y\x01z", 8, 8, 1, "can have no text"},
        {"more than it says", "\x01x\x00\x00", 4, 4, 1, "1 bytes behind"},
        {"a length that never ends", "\x80\x80\x80\x80\x80\x80\x01", 7, 7, 1, "cut off"},
    };
    const struct blob *out;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct err e = {.text = ""};
        size_t len;
        void *frame = frame_of(cases[i].plain, cases[i].n, &len);
        if (packer_unpack(packer, frame, len, cases[i].size, cases[i].count, &out, &e) != -1 ||
            strstr(e.text, cases[i].why) == NULL)
            fail_msg("%s: \"%s\", expected \"%s\"", cases[i].name, e.text, cases[i].why);
        free(frame);
    }
}

/* A gigabyte of zeros in some kilobytes, and frames by the thousand: as much is unpacked as was
 * stated, and not a byte more. */
static void
test_bombs(void **state)
{
    enum { PIECE = 1 << 20, PIECES = 1024 };
    char *zeros = calloc(1, PIECE);
    size_t room = 4 << 20, len = 0;
    char *bomb = malloc(room);
    ZSTD_CCtx *c = ZSTD_createCCtx();
    ZSTD_outBuffer o = {bomb, room, 0};
    const struct blob *out;
    struct err e = {.text = ""};

    (void)state;
    assert_true(zeros != NULL && bomb != NULL && c != NULL);
    for (int i = 0; i < PIECES; i++) {
        ZSTD_inBuffer in = {zeros, PIECE, 0};
        size_t left;
        do
            left = ZSTD_compressStream2(c, &o, &in, i + 1 < PIECES ? ZSTD_e_continue : ZSTD_e_end);
        while (!ZSTD_isError(left) && (in.pos < in.size || (i + 1 == PIECES && left > 0)));
        assert_false(ZSTD_isError(left));
    }
    len = o.pos;
    assert_int_equal(packer_unpack(packer, bomb, len, 1000, 10, &out, &e), -1);
    assert_int_equal(packer_unpack(packer, bomb, len, PACK_MAX_BYTES, 10, &out, &e), -1);
    /* As many frames as fit, each of a megabyte. */
    size_t one;
    void *frame = frame_of(zeros, PIECE, &one);
    for (len = 0; len + one <= room; len += one)
        memcpy(bomb + len, frame, one);
    assert_int_equal(packer_unpack(packer, bomb, len, PACK_MAX_BYTES, 10, &out, &e), -1);
    (void)ZSTD_freeCCtx(c);
    free(frame);
    free(bomb);
    free(zeros);
}

static void
test_bytes_lost(void **state)
{
    static const char plain[] = "\x05hello\x05world\x00\x00";
    const struct blob *out;
    size_t len;
    char *frame = frame_of(plain, 14, &len);

    (void)state;
    for (size_t cut = 0; cut < len; cut++) {
        struct err e = {.text = ""};
        char *part = malloc(cut > 0 ? cut : 1);
        assert_non_null(part);
        memcpy(part, frame, cut);
        assert_int_equal(packer_unpack(packer, part, cut, 14, 2, &out, &e), -1);
        assert_true(e.text[0] != '\0');
        free(part);
    }
    free(frame);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_records),
        cmocka_unit_test(test_too_much_is_not_packed),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_bombs),
        cmocka_unit_test(test_bytes_lost),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
