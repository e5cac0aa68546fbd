/* test_wire: bytes to plain structs and back.
 *
 * The independent reference is protobuf-c with the code that protoc-c makes from the .proto:
 * it must agree about every field of every message (names, numbers, types), read what wire
 * packs, and pack the same bytes again; wire must read what it packs. Then each refusal. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tocsin.pb-c.h"
#include "wire.h"
#include "wire_codec.h"
#include "wire_fill.h"

#define ROUNDS 300

static struct arena *arena;

static int
setup(void **state)
{
    (void)state;
    arena = arena_new(0);
    return arena == NULL;
}

static int
teardown(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

/* ---- the tables against the .proto */

static void
check_field(const struct wire_msg *m, const struct wire_field *f, const ProtobufCFieldDescriptor *d)
{
    static const struct {
        ProtobufCType type, other;
        bool repeated;
    } expected[WIRE_KINDS] = {
        [WK_U32] = {PROTOBUF_C_TYPE_UINT32, PROTOBUF_C_TYPE_UINT32, false},
        [WK_U64] = {PROTOBUF_C_TYPE_UINT64, PROTOBUF_C_TYPE_UINT64, false},
        [WK_FIGURE] = {PROTOBUF_C_TYPE_UINT32, PROTOBUF_C_TYPE_UINT32, false},
        [WK_BYTE] = {PROTOBUF_C_TYPE_UINT32, PROTOBUF_C_TYPE_UINT32, false},
        [WK_ENUM] = {PROTOBUF_C_TYPE_ENUM, PROTOBUF_C_TYPE_UINT32, false},
        [WK_BOOL] = {PROTOBUF_C_TYPE_BOOL, PROTOBUF_C_TYPE_BOOL, false},
        [WK_TIME] = {PROTOBUF_C_TYPE_INT64, PROTOBUF_C_TYPE_INT64, false},
        [WK_S32] = {PROTOBUF_C_TYPE_SINT32, PROTOBUF_C_TYPE_SINT32, false},
        [WK_S64] = {PROTOBUF_C_TYPE_SINT64, PROTOBUF_C_TYPE_SINT64, false},
        [WK_LAT] = {PROTOBUF_C_TYPE_SINT32, PROTOBUF_C_TYPE_SINT32, false},
        [WK_LON] = {PROTOBUF_C_TYPE_SINT32, PROTOBUF_C_TYPE_SINT32, false},
        [WK_FIX64S] = {PROTOBUF_C_TYPE_FIXED64, PROTOBUF_C_TYPE_FIXED64, true},
        [WK_STR] = {PROTOBUF_C_TYPE_STRING, PROTOBUF_C_TYPE_STRING, false},
        [WK_GRADE] = {PROTOBUF_C_TYPE_STRING, PROTOBUF_C_TYPE_STRING, false},
        [WK_ID] = {PROTOBUF_C_TYPE_BYTES, PROTOBUF_C_TYPE_BYTES, false},
        [WK_DIGEST] = {PROTOBUF_C_TYPE_BYTES, PROTOBUF_C_TYPE_BYTES, false},
        [WK_BLOB] = {PROTOBUF_C_TYPE_BYTES, PROTOBUF_C_TYPE_BYTES, false},
        [WK_MSG] = {PROTOBUF_C_TYPE_MESSAGE, PROTOBUF_C_TYPE_MESSAGE, false},
        [WK_PTR] = {PROTOBUF_C_TYPE_MESSAGE, PROTOBUF_C_TYPE_MESSAGE, false},
        [WK_ROUTE] = {PROTOBUF_C_TYPE_SINT32, PROTOBUF_C_TYPE_SINT32, true},
        [WK_TIMES] = {PROTOBUF_C_TYPE_INT64, PROTOBUF_C_TYPE_INT64, true},
        [WK_STRS] = {PROTOBUF_C_TYPE_STRING, PROTOBUF_C_TYPE_STRING, true},
        [WK_MSGS] = {PROTOBUF_C_TYPE_MESSAGE, PROTOBUF_C_TYPE_MESSAGE, true},
        [WK_LIST] = {PROTOBUF_C_TYPE_MESSAGE, PROTOBUF_C_TYPE_MESSAGE, true},
        [WK_PTRS] = {PROTOBUF_C_TYPE_MESSAGE, PROTOBUF_C_TYPE_MESSAGE, true},
        [WK_BLOBS] = {PROTOBUF_C_TYPE_BYTES, PROTOBUF_C_TYPE_BYTES, true},
    };

    if (strcmp(f->name, d->name) != 0 || f->number != d->id)
        fail_msg("%s.%s = %u, in the .proto %s = %u", m->name, f->name, f->number, d->name, d->id);
    if (d->type != expected[f->kind].type && d->type != expected[f->kind].other)
        fail_msg("%s.%s has another type in the .proto", m->name, f->name);
    if ((d->label == PROTOBUF_C_LABEL_REPEATED) != expected[f->kind].repeated)
        fail_msg("%s.%s: repeated or not", m->name, f->name);
    if (f->kind == WK_LAT && f[1].kind != WK_LON)
        fail_msg("%s.%s: no longitude behind it", m->name, f->name);
    if (d->type == PROTOBUF_C_TYPE_ENUM) {
        const ProtobufCEnumDescriptor *en = d->descriptor;
        if (en->n_values != f->limit)
            fail_msg("%s.%s: %u values, in the .proto %u", m->name, f->name, f->limit,
                     en->n_values);
    }
}

static void
check_msg(const struct wire_msg *m, const ProtobufCMessageDescriptor *d)
{
    if (m->n_fields != d->n_fields || m->n_fields > 64)
        fail_msg("%s: %u fields, in the .proto %u", m->name, m->n_fields, d->n_fields);
    for (unsigned i = 0; i < m->n_fields; i++) {
        check_field(m, &m->fields[i], &d->fields[i]);
        if ((m->fields[i].kind == WK_LAT) != (m->lat == i + 1))
            fail_msg("%s.lat does not point at its latitude", m->name);
        if (m->fields[i].sub != NULL)
            check_msg(m->fields[i].sub, d->fields[i].descriptor);
    }
}

static void
test_tables(void **state)
{
    (void)state;
    check_msg(&wire_record_msg, &tocsin__v1__record__descriptor);
    check_msg(&wire_envelope_msg, &tocsin__v1__envelope__descriptor);
}

/* ---- round trips */

/* Through protobuf-c: unpack, and the same bytes when packed again. */
static void
check_reference(const ProtobufCMessageDescriptor *d, const struct buf *b)
{
    ProtobufCMessage *msg = protobuf_c_message_unpack(d, NULL, b->len, (const uint8_t *)b->data);

    assert_non_null(msg);
    assert_true(protobuf_c_message_check(msg));
    assert_int_equal(msg->n_unknown_fields, 0);
    assert_int_equal(protobuf_c_message_get_packed_size(msg), b->len);
    uint8_t *again = malloc(b->len + 1);
    assert_non_null(again);
    assert_int_equal(protobuf_c_message_pack(msg, again), b->len);
    assert_memory_equal(again, b->data, b->len);
    free(again);
    protobuf_c_message_free_unpacked(msg, NULL);
}

static void
test_records_round_trip(void **state)
{
    struct buf one, two, bare, joined;

    (void)state;
    buf_init(&one, 0);
    buf_init(&two, 0);
    buf_init(&bare, 0);
    buf_init(&joined, 0);
    for (unsigned type = REC_INCIDENT; type <= REC_DERIVATION; type++)
        for (unsigned round = 0; round < ROUNDS; round++) {
            struct fill f = {.a = arena, .state = type * 1000 + round + 1, .sparse = round > 0};
            struct record r, back;
            struct err e = {.text = ""};

            arena_reset(arena);
            buf_reset(&one);
            buf_reset(&two);
            buf_reset(&bare);
            buf_reset(&joined);
            fill_msg(&f, &wire_record_msg, &r, type);
            wire_record_pack(&r, true, &one);
            assert_false(one.failed);
            assert_int_equal(one.data[one.len], '\0');
            check_reference(&tocsin__v1__record__descriptor, &one);
            if (wire_record_unpack(one.data, one.len, arena, &back, &e) != 0)
                fail_msg("type %u round %u: %s", type, round, e.text);
            assert_int_equal(back.type, type);
            wire_record_pack(&back, true, &two);
            assert_int_equal(two.len, one.len);
            assert_memory_equal(two.data, one.data, one.len);

            /* the stored body and its seq make the whole */
            wire_record_pack(&r, false, &bare);
            wire_record_join(bare.data, bare.len, r.seq, false, &joined);
            assert_int_equal(joined.len, one.len);
            assert_memory_equal(joined.data, one.data, one.len);
        }
    buf_fini(&one);
    buf_fini(&two);
    buf_fini(&bare);
    buf_fini(&joined);
}

static void
test_envelopes_round_trip(void **state)
{
    struct buf one, two;

    (void)state;
    buf_init(&one, 0);
    buf_init(&two, 0);
    for (unsigned type = ENV_SUBMIT; type < ENVELOPE_TYPE_COUNT; type++)
        for (unsigned round = 0; round < ROUNDS; round++) {
            struct fill f = {.a = arena, .state = type * 7000 + round + 1, .sparse = round > 0};
            struct envelope env, back;
            struct err e = {.text = ""};

            arena_reset(arena);
            buf_reset(&one);
            buf_reset(&two);
            fill_msg(&f, &wire_envelope_msg, &env, type);
            wire_envelope_pack(&env, &one);
            assert_false(one.failed);
            check_reference(&tocsin__v1__envelope__descriptor, &one);
            if (wire_envelope_unpack(one.data, one.len, arena, &back, &e) != 0)
                fail_msg("type %u round %u: %s", type, round, e.text);
            assert_int_equal(back.type, type);
            assert_int_equal(back.version, WIRE_VERSION);
            wire_envelope_pack(&back, &two);
            assert_int_equal(two.len, one.len);
            assert_memory_equal(two.data, one.data, one.len);
        }
    buf_fini(&one);
    buf_fini(&two);
}

/* Every length prefix of one, two and three bytes, wherever the guess was wrong. */
static void
test_widths(void **state)
{
    static const size_t sizes[] = {0, 1, 60, 100, 110, 120, 127, 128, 129, 5000, 16383, 16384};
    struct buf b;
    char *text = malloc(MAX_TEXT + 1);

    (void)state;
    assert_non_null(text);
    buf_init(&b, 0);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct record r = {.type = REC_INCIDENT};
        memset(text, 'a', sizes[i]);
        text[sizes[i]] = '\0';
        incident_init(&r.u.incident);
        r.u.incident.text = text;
        buf_reset(&b);
        wire_record_pack(&r, true, &b);
        check_reference(&tocsin__v1__record__descriptor, &b);
        assert_int_equal(wire_record_unpack(b.data, b.len, arena, &r, NULL), 0);
        assert_int_equal(strlen(r.u.incident.text), sizes[i]);
    }
    for (size_t n = 0; n <= MAX_BATCH; n += 512) {
        struct blob *records = calloc(n + 1, sizeof(*records));
        assert_non_null(records);
        for (size_t i = 0; i < n; i++)
            records[i] = (struct blob){text, i % 700};
        struct envelope env = {
            .type = ENV_SUBMIT,
            .u.submit = {.session = {{1}}, .batch = 1, .records = records, .n_records = n}};
        buf_reset(&b);
        wire_envelope_pack(&env, &b);
        check_reference(&tocsin__v1__envelope__descriptor, &b);
        struct envelope back;
        assert_int_equal(wire_envelope_unpack(b.data, b.len, arena, &back, NULL), 0);
        assert_int_equal(back.u.submit.n_records, n);
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(back.u.submit.records[i].len, records[i].len);
            assert_memory_equal(back.u.submit.records[i].data, text, records[i].len);
        }
        free(records);
    }
    buf_fini(&b);
    free(text);
}

/* What protobuf-c packs, by its names. */
static void
test_reads_protobuf_c(void **state)
{
    Tocsin__V1__Incident in = TOCSIN__V1__INCIDENT__INIT;
    Tocsin__V1__Attribute at = TOCSIN__V1__ATTRIBUTE__INIT, *ats[] = {&at};
    Tocsin__V1__Record rec = TOCSIN__V1__RECORD__INIT;
    uint8_t id[ID_LEN] = {1, 2, 3}, bytes[512];
    char source[] = "gao-ops", text[] = "deux blessés", name[] = "n", value[] = "v";
    struct record r;

    (void)state;
    in.source = source;
    in.text = text;
    in.has_lat_e7 = in.has_lon_e7 = 1;
    in.lat_e7 = 164000000;
    in.lon_e7 = -500000;
    in.has_killed = 1;
    in.killed = 0;
    in.has_wounded = 1;
    in.wounded = 2;
    in.has_event = 1;
    in.event = TOCSIN__V1__EVENT_TYPE__EVENT_AMBUSH;
    in.has_reliability = 1;
    in.reliability = 'B';
    in.has_utc_offset_min = 1;
    in.utc_offset_min = -60;
    at.name = name;
    at.value = value;
    in.n_attribute = 1;
    in.attribute = ats;
    rec.has_seq = 1;
    rec.seq = 42;
    rec.has_id = 1;
    rec.id = (ProtobufCBinaryData){sizeof(id), id};
    rec.body_case = TOCSIN__V1__RECORD__BODY_INCIDENT;
    rec.incident = &in;
    size_t n = tocsin__v1__record__pack(&rec, bytes);
    assert_int_equal(wire_record_unpack(bytes, n, arena, &r, NULL), 0);
    assert_int_equal(r.seq, 42);
    assert_memory_equal(r.id.b, id, sizeof(id));
    assert_int_equal(r.type, REC_INCIDENT);
    assert_string_equal(r.u.incident.source, source);
    assert_string_equal(r.u.incident.text, text);
    assert_null(r.u.incident.own_id);
    assert_true(r.u.incident.has_pos);
    assert_int_equal(r.u.incident.pos.lat, 164000000);
    assert_int_equal(r.u.incident.pos.lon, -500000);
    assert_int_equal(r.u.incident.killed, 0);
    assert_int_equal(r.u.incident.wounded, 2);
    assert_int_equal(r.u.incident.taken, -1);
    assert_int_equal(r.u.incident.event, EV_AMBUSH);
    assert_int_equal(r.u.incident.reliability, 'B');
    assert_int_equal(r.u.incident.utc_offset_min, -60);
    assert_false(r.u.incident.has_targets);
    assert_int_equal(r.u.incident.n_attributes, 1);
    assert_string_equal(r.u.incident.attributes[0].value, "v");
}

/* What is unknown is not written, what is known to be zero is. */
static void
test_absent(void **state)
{
    struct record r = {.type = REC_INCIDENT};
    struct buf b;

    (void)state;
    buf_init(&b, 0);
    incident_init(&r.u.incident);
    wire_record_pack(&r, true, &b);
    assert_int_equal(b.len, 2);
    assert_memory_equal(b.data, "\x52\x00", 2);
    assert_int_equal(wire_record_unpack(b.data, b.len, arena, &r, NULL), 0);
    assert_int_equal(r.type, REC_INCIDENT);
    assert_int_equal(r.u.incident.killed, -1);
    buf_reset(&b);
    r.u.incident.killed = 0;
    wire_record_pack(&r, true, &b);
    assert_memory_equal(b.data, "\x52\x02\x70\x00", 4);

    buf_reset(&b);
    r = (struct record){.type = REC_TICK};
    wire_record_pack(&r, true, &b);
    assert_memory_equal(b.data, "\x72\x00", 2);
    assert_int_equal(wire_record_unpack(b.data, b.len, arena, &r, NULL), 0);
    assert_int_equal(r.type, REC_TICK);
    buf_fini(&b);
}

static void
test_finding(void **state)
{
    struct finding f, back;
    struct buf b, again;
    struct fill fill = {.a = arena, .state = 99};

    (void)state;
    buf_init(&b, 0);
    buf_init(&again, 0);
    finding_init(&f);
    wire_finding_pack(&f, &b);
    assert_int_equal(b.len, 0);
    assert_int_equal(wire_finding_unpack(b.data, 0, arena, &back, NULL), 0);
    assert_int_equal(back.harm.killed.most, -1);

    fill_msg(&fill, &wire_finding_msg, &f, 0);
    wire_finding_pack(&f, &b);
    check_reference(&tocsin__v1__finding__descriptor, &b);
    assert_int_equal(wire_finding_unpack(b.data, b.len, arena, &back, NULL), 0);
    wire_finding_pack(&back, &again);
    assert_int_equal(again.len, b.len);
    assert_memory_equal(again.data, b.data, b.len);
    assert_int_equal(wire_finding_unpack(b.data, (size_t)MAX_MESSAGE + 1, arena, &back, NULL), -1);
    buf_fini(&b);
    buf_fini(&again);
}

/* The stamps are no part of what an incident's id hashes. */
static void
test_incident_body(void **state)
{
    struct incident in, bare;
    struct fill fill = {.a = arena, .state = 7};
    struct buf one, two;

    (void)state;
    buf_init(&one, 0);
    buf_init(&two, 0);
    fill_msg(&fill, &wire_incident_msg, &in, 0);
    bare = in;
    bare.source_class = SC_UNKNOWN;
    bare.utc_offset_min = 0;
    bare.clock_untrusted = bare.redacted = false;
    bare.source_place = NULL;
    bare.finding = NULL;
    bare.first_received_at_us = 0;
    wire_incident_body(&in, &one);
    wire_encode(&wire_incident_msg, &bare, 0, UINT32_MAX, &two);
    assert_int_equal(one.len, two.len);
    assert_memory_equal(one.data, two.data, one.len);
    buf_fini(&one);
    buf_fini(&two);
}

static void
test_join_delimited(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 0);
    wire_record_join("\x72\x00", 2, 300, true, &b);
    assert_int_equal(b.len, 6);
    assert_memory_equal(b.data, "\x05\x08\xac\x02\x72\x00", 6);
    buf_reset(&b);
    wire_record_join("\x72\x00", 2, 0, true, &b);
    assert_memory_equal(b.data, "\x02\x72\x00", 3);
    buf_fini(&b);
}

/* ---- refusals */

#define R(name, bytes, why)                 \
    {                                       \
        name, bytes, sizeof(bytes) - 1, why \
    }

static const struct refused {
    const char *name, *bytes;
    size_t n;
    const char *why;
} refused_records[] =
    {
        R("empty", "", "record: empty"),
        R("no body", "\x08\x01", "no body"),
        R("a body of a newer release", "\xba\x01\x00", "newer release"),
        R("a field of a newer release", "\x52\x03\xf8\x03\x01", "newer release"),
        R("two bodies", "\x72\x00\x7a\x00", "record.clock_step: a second body"),
        R("the same body twice", "\x72\x00\x72\x00", "a second body"),
        R("field 0", "\x02\x00", "not a protobuf"),
        R("a group", "\x0b\x0c", "not a protobuf"),
        R("cut off in a varint", "\x08\x80", "cut off"),
        R("cut off in a length", "\x52\x05\x2a", "cut off"),
        R("a varint beyond 64 bits", "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", "cut off"),
        R("another wire type", "\x0a\x01\x01\x72\x00", "record.seq: of another wire type"),
        R("a string as a number", "\x52\x02\x28\x01", "incident.text: of another wire type"),
        R("an id of 15 bytes",
          "\x1a\x0f"
          "123456789012345"
          "\x72\x00",
          "record.id: not 16 bytes"),
        R("time before 1970", "\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x72\x00",
          "received_at_us: not a time"),
        R("time after 2200", "\x10\x80\xc0\xb0\xe8\xee\xbc\xf9\x0c\x72\x00",
          "received_at_us: not a time"),
        R("NUL in a text",
          "\x52\x05\x2a\x03"
          "a\0b",
          "incident.text: holds a NUL"),
        R("invalid UTF-8", "\x52\x03\x2a\x01\xff", "incident.text: not UTF-8"),
        R("an overlong slash", "\x52\x04\x2a\x02\xc0\xaf", "not UTF-8"),
        R("an overlong of three", "\x52\x05\x2a\x03\xe0\x80\xaf", "not UTF-8"),
        R("an overlong of four", "\x52\x06\x2a\x04\xf0\x80\x80\xaf", "not UTF-8"),
        R("a surrogate", "\x52\x05\x2a\x03\xed\xa0\x80", "not UTF-8"),
        R("beyond U+10FFFF", "\x52\x06\x2a\x04\xf4\x90\x80\x80", "not UTF-8"),
        R("a cut character", "\x52\x04\x2a\x02\xe2\x82", "not UTF-8"),
        R("a lone continuation",
          "\x52\x0c\x2a\x0a"
          "abcdefghi\x80",
          "not UTF-8"),
        R("an unknown event", "\x52\x02\x60\x16", "incident.event: a value unknown"),
        R("a negative enum", "\x52\x0b\x60\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
          "incident.event"),
        R("an unknown status", "\x52\x03\xa0\x01\x04", "incident.status"),
        R("a target bit unknown", "\x52\x02\x68\x40", "incident.targets: out of range"),
        R("target unspecified", "\x52\x02\x68\x01", "incident.targets: out of range"),
        R("too many killed", "\x52\x05\x70\x81\xc2\xd7\x2f", "incident.killed: out of range"),
        R("reliability G", "\x52\x03\x88\x01\x47", "incident.reliability: out of range"),
        R("credibility 7", "\x52\x03\x90\x01\x07", "incident.credibility: out of range"),
        R("latitude alone", "\x52\x02\x38\x02", "incident.lat_e7: a latitude without longitude"),
        R("longitude alone", "\x52\x02\x40\x02", "incident.lon_e7: a longitude without latitude"),
        R("off the globe", "\x52\x08\x38\x82\xa4\xa7\xda\x06\x40\x02",
          "incident.lat_e7: not on the globe"),
        R("an offset of two days", "\x52\x04\xc8\x02\x80\x2d", "utc_offset_min: out of range"),
        R("an attribute without value",
          "\x52\x06\xba\x01\x03\x0a\x01"
          "a",
          "attribute: give both"),
        R("a finding twice", "\x52\x06\xe2\x02\x00\xe2\x02\x00", "incident.finding: comes twice"),
        R("least over most", "\x52\x0b\xe2\x02\x08\x32\x06\x0a\x04\x08\x02\x10\x01",
          "range.least: greater"),
        R("least alone", "\x52\x09\xe2\x02\x06\x32\x04\x0a\x02\x08\x02", "range: give both"),
        R("a place without position", "\x52\x05\xe2\x02\x02\x52\x00", "place.lat_e7: missing"),
        R("an asset without id", "\x5a\x02\x10\x01", "asset.id: missing"),
        R("an unknown asset kind",
          "\x5a\x05\x0a\x01"
          "a\x10\x04",
          "asset.kind"),
        R("a route of one number",
          "\x5a\x06\x0a\x01"
          "a\x6a\x01\x02",
          "asset.route_e7: a latitude without"),
        R("a route off the globe",
          "\x5a\x0b\x0a\x01"
          "a\x6a\x06\x82\xa4\xa7\xda\x06\x02",
          "route_e7: not on the globe"),
        R("a route cut off",
          "\x5a\x08\x0a\x01"
          "a\x6a\x03\x02\x02\x80",
          "asset.route_e7: cut off"),
        R("two times, no route",
          "\x5a\x07\x0a\x01"
          "a\x72\x02\x01\x02",
          "asset.schedule_us: give one time"),
        R("a schedule that goes back",
          "\x5a\x0d\x0a\x01"
          "a\x6a\x04\x02\x02\x02\x02\x72\x02\x02\x01",
          "goes back"),
        R("a schedule of time 0",
          "\x5a\x06\x0a\x01"
          "a\x72\x01\x00",
          "asset.schedule_us: not a time"),
        R("escort 2",
          "\x5a\x06\x0a\x01"
          "a\x90\x01\x02",
          "asset.escort: out of range"),
        R("a position without coordinates",
          "\x62\x03\x0a\x01"
          "a",
          "position.lat_e7: missing"),
        R("a position of nothing", "\x62\x04\x18\x02\x20\x02", "position.asset: missing"),
        R("a link without name", "\x6a\x00", "link.name: missing"),
        R("a step of 300 years", "\x7a\x0a\x08\x80\x80\x80\x80\x80\x80\x80\x80\x40",
          "clock_step.step_us: out of range"),
        R("an act without kind", "\x8a\x01\x00", "act.kind: missing"),
        R("a raise without incident", "\x8a\x01\x02\x08\x01", "act.raise"),
        R("a set without field", "\x8a\x01\x02\x08\x02", "act.field"),
        R("an event without kind", "\x92\x01\x00", "event.kind: missing"),
        R("an event without id", "\x92\x01\x02\x08\x01", "event.id: missing"),
        R("likelihood 6", "\x92\x01\x02\x68\x06", "event.likelihood: out of range"),
        R("a grade of three",
          "\x92\x01\x08\xc2\x02\x05\x1a\x03"
          "B22",
          "incident_ref.grade"),
        R("a command without verb", "\x9a\x01\x00", "command.verb: missing"),
        R("a derivation of nothing", "\xb2\x01\x00", "derivation.alert: missing"),
        R("9 fingerprints",
          "\x52\x54\xe2\x02\x51"
          "\x71"
          "12345678"
          "\x71"
          "12345678"
          "\x71"
          "12345678"
          "\x71"
          "12345678"
          "\x71"
          "12345678"
          "\x71"
          "12345678"
          "\x71"
          "12345678"
          "\x71"
          "12345678"
          "\x71"
          "12345678",
          "finding.fingerprint: more than 8"),
},
  refused_envelopes[] = {
      R("empty", "", "envelope: empty"),
      R("no version", "\x7a\x00", "envelope.version: 0"),
      R("version 2, and what it has", "\x08\x02\xfa\x07\x00",
        "envelope.version: 2, this release speaks 1"),
      R("no body", "\x08\x01", "envelope: no body"),
      R("a newer body", "\x08\x01\x82\x01\x00", "newer release"),
      R("a submit without session", "\x08\x01\x52\x00", "submit.session: missing"),
      R("a submit without batch",
        "\x08\x01\x52\x12\x0a\x10"
        "1234567890123456",
        "submit.batch: missing"),
      R("an unknown stream", "\x08\x01\x62\x02\x10\x07", "fetch.stream"),
      R("a digest of 3 bytes",
        "\x08\x01\x5a\x05\x42\x03"
        "abc",
        "receipts.config_digest: not 32 bytes"),
      R("an unknown receipt", "\x08\x01\x5a\x04\x22\x02\x08\x06", "receipt.status"),
};

static void
test_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(refused_records) / sizeof(refused_records[0]); i++) {
        const struct refused *t = &refused_records[i];
        struct record r = {.seq = 77};
        struct err e = {.text = ""};
        errno = 0;
        if (wire_record_unpack(t->bytes, t->n, arena, &r, &e) != -1 || errno != EINVAL ||
            strstr(e.text, t->why) == NULL)
            fail_msg("%s: \"%s\", expected \"%s\"", t->name, e.text, t->why);
        assert_int_equal(r.seq, 77); /* written only on success */
        assert_int_equal(wire_record_unpack(t->bytes, t->n, arena, &r, NULL), -1);
    }
    for (size_t i = 0; i < sizeof(refused_envelopes) / sizeof(refused_envelopes[0]); i++) {
        const struct refused *t = &refused_envelopes[i];
        struct envelope env;
        struct err e = {.text = ""};
        if (wire_envelope_unpack(t->bytes, t->n, arena, &env, &e) != -1 ||
            strstr(e.text, t->why) == NULL)
            fail_msg("%s: \"%s\", expected \"%s\"", t->name, e.text, t->why);
    }
}

/* Packs r, which breaks a limit of record.h, and expects the refusal. */
static void
refuse(const struct record *r, const char *why)
{
    struct record back;
    struct err e = {.text = ""};
    struct buf b;

    buf_init(&b, 0);
    wire_record_pack(r, true, &b);
    assert_int_equal(wire_record_unpack(b.data, b.len, arena, &back, &e), -1);
    if (strstr(e.text, why) == NULL)
        fail_msg("\"%s\", expected \"%s\"", e.text, why);
    buf_fini(&b);
}

static void
test_limits(void **state)
{
    char *text = malloc(MAX_TEXT + 2);
    struct attribute attributes[MAX_ATTRIBUTES + 1];
    struct geo_pt route[MAX_ROUTE + 1];
    struct record r = {.type = REC_INCIDENT};
    struct arena *small = arena_new(4096);
    struct err e = {.text = ""};
    struct buf b;

    (void)state;
    assert_non_null(text);
    assert_non_null(small);
    memset(text, 'a', MAX_TEXT + 1);
    text[MAX_TEXT + 1] = '\0';
    incident_init(&r.u.incident);
    r.u.incident.text = text;
    refuse(&r, "incident.text: longer than 16384 bytes");
    text[MAX_NAME + 1] = '\0';
    r.u.incident.text = NULL;
    r.u.incident.source = text;
    refuse(&r, "incident.source: longer than 256 bytes");
    r.u.incident.source = NULL;
    for (size_t i = 0; i <= MAX_ATTRIBUTES; i++)
        attributes[i] = (struct attribute){"a", "b"};
    r.u.incident.attributes = attributes;
    r.u.incident.n_attributes = MAX_ATTRIBUTES + 1;
    refuse(&r, "incident.attribute: more than 32");
    memset(route, 0, sizeof(route));
    r.type = REC_ASSET;
    asset_init(&r.u.asset);
    r.u.asset.id = "a";
    r.u.asset.route = route;
    r.u.asset.n_route = MAX_ROUTE + 1;
    refuse(&r, "asset.route_e7: more than 256 points");

    /* lists in place */
    struct alert_event ev;
    alert_event_init(&ev);
    ev.kind = AK_RAISED;
    ev.id.b[0] = 1;
    buf_init(&b, 0);
    r = (struct record){.type = REC_EVENT, .u.event = &ev};
    wire_record_pack(&r, false, &b);
    size_t head = b.len;
    buf_reset(&b);
    buf_put(&b, "\x92\x01", 2);
    wire_encode_varint(head - 3 + (MAX_REASONS + 1) * 3, &b);
    wire_encode(&wire_event_msg, &ev, 0, UINT32_MAX, &b);
    for (int i = 0; i <= MAX_REASONS; i++)
        buf_put(&b, "\xba\x02\x00", 3);
    assert_int_equal(wire_record_unpack(b.data, b.len, arena, &r, &e), -1);
    assert_non_null(strstr(e.text, "event.reason: more than 24"));

    /* a batch, and the size of the whole */
    buf_reset(&b);
    buf_puts(&b, "\x08\x01\x52");
    wire_encode_varint(2 * (MAX_BATCH + 1), &b);
    for (int i = 0; i <= MAX_BATCH; i++)
        buf_put(&b, "\x2a\x00", 2);
    struct envelope env;
    assert_int_equal(wire_envelope_unpack(b.data, b.len, arena, &env, &e), -1);
    assert_non_null(strstr(e.text, "submit.record: more than 4096"));
    assert_int_equal(wire_record_unpack(b.data, (size_t)MAX_MESSAGE + 1, arena, &r, &e), -1);
    assert_non_null(strstr(e.text, "longer than"));
    assert_int_equal(wire_envelope_unpack(b.data, (size_t)MAX_MESSAGE + 1, arena, &env, &e), -1);
    assert_non_null(strstr(e.text, "longer than"));

    /* the arena is full */
    r = (struct record){.type = REC_INCIDENT};
    incident_init(&r.u.incident);
    memset(text, 'a', MAX_TEXT);
    r.u.incident.text = text;
    text[MAX_TEXT] = '\0';
    buf_reset(&b);
    wire_record_pack(&r, false, &b);
    errno = 0;
    assert_int_equal(wire_record_unpack(b.data, b.len, small, &r, &e), -1);
    assert_int_equal(errno, ENOMEM);
    buf_fini(&b);
    arena_free(small);
    free(text);
}

/* No prefix of a valid message may be taken for more than it is, or read beyond its end. */
static void
test_prefixes(void **state)
{
    struct fill f = {.a = arena, .state = 5};
    struct record r, back;
    struct buf b;

    (void)state;
    buf_init(&b, 0);
    for (unsigned type = REC_INCIDENT; type <= REC_DERIVATION; type++) {
        buf_reset(&b);
        fill_msg(&f, &wire_record_msg, &r, type);
        wire_record_pack(&r, true, &b);
        for (size_t n = 0; n < b.len; n++) {
            char *exact = malloc(n + 1);
            assert_non_null(exact);
            memcpy(exact, b.data, n);
            assert_int_equal(wire_record_unpack(exact, n, arena, &back, NULL), -1);
            free(exact);
        }
    }
    buf_fini(&b);
}

/* A full buf fails once and stays failed. */
static void
test_buf_limit(void **state)
{
    struct record r = {.type = REC_INCIDENT, .seq = 1};
    struct fill f = {.a = arena, .state = 3};
    struct buf whole, b;

    (void)state;
    buf_init(&whole, 0);
    fill_msg(&f, &wire_record_msg, &r, REC_INCIDENT);
    wire_record_pack(&r, true, &whole);
    for (size_t limit = 1; limit < whole.len; limit += 7) {
        buf_init(&b, limit);
        wire_record_pack(&r, true, &b);
        assert_true(b.failed);
        assert_true(b.len <= limit);
        buf_fini(&b);
    }
    buf_fini(&whole);
}

static void
test_text_ok(void **state)
{
    static const struct {
        const char *s;
        size_t n;
        bool ok;
    } cases[] = {
        {"", 0, true},
        {"a", 1, true},
        {"12345678", 8, true},
        {"1234567\0", 8, false},
        {"123456789\0", 10, false},
        {"\xc2\x80", 2, true},
        {"\xc1\xbf", 2, false},
        {"\xed\x9f\xbf", 3, true},
        {"\xed\xa0\x80", 3, false},
        {"\xee\x80\x80", 3, true},
        {"\xf4\x8f\xbf\xbf", 4, true},
        {"\xf5\x80\x80\x80", 4, false},
        {"\xe0\xa0\x80", 3, true},
        {"\xf0\x90\x80\x80", 4, true},
        {"\xf0\x8f\xbf\xbf", 4, false},
        {"12345678\x80", 9, false},
        {"\x01\x01\x01\x01\x01\x01\x01\x01", 8, true},
        {"\xc3\x28", 2, false},
        {"\xe2\x82\x28", 3, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (wire_text_ok(cases[i].s, cases[i].n) != cases[i].ok)
            fail_msg("case %zu", i);
}

static void
test_stream_names(void **state)
{
    (void)state;
    assert_string_equal(stream_name(STREAM_JOURNAL), "journal");
    assert_string_equal(stream_name(STREAM_STATUS), "status");
    assert_string_equal(stream_name((enum stream)99), "none");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_tables, setup, teardown),
        cmocka_unit_test_setup_teardown(test_records_round_trip, setup, teardown),
        cmocka_unit_test_setup_teardown(test_envelopes_round_trip, setup, teardown),
        cmocka_unit_test_setup_teardown(test_widths, setup, teardown),
        cmocka_unit_test_setup_teardown(test_reads_protobuf_c, setup, teardown),
        cmocka_unit_test_setup_teardown(test_absent, setup, teardown),
        cmocka_unit_test_setup_teardown(test_finding, setup, teardown),
        cmocka_unit_test_setup_teardown(test_incident_body, setup, teardown),
        cmocka_unit_test_setup_teardown(test_join_delimited, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_limits, setup, teardown),
        cmocka_unit_test_setup_teardown(test_prefixes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_buf_limit, setup, teardown),
        cmocka_unit_test(test_text_ok),
        cmocka_unit_test(test_stream_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
