/* wire_codec: protobuf driven by tables, straight into the plain structs. Private to wire.
 *
 * A table row binds a field of proto/tocsin.proto to a member of a struct of record.h or
 * wire.h and says what is allowed there; one decoder and one encoder serve all messages. So a
 * limit stands once, no message exists twice in memory, and what a struct can hold is what the
 * wire can carry. The unit test compares every table with the descriptors that protoc-c makes
 * from the .proto, and the bytes with protobuf-c's. */
#ifndef TOCSIN_WIRE_CODEC_H
#define TOCSIN_WIRE_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "buf.h"
#include "err.h"

/* What a row binds: the wire's type, the member's, and which value means absent. */
enum wire_kind {
    WK_U32, /* uint32, uint32_t; absent = 0, or by the flag at aux; at most limit, no bit of low */
    WK_U64, /* uint64, uint64_t; absent = 0 */
    WK_FIGURE, /* uint32, int32_t; absent = -1; at most limit */
    WK_BYTE,   /* uint32, uint8_t or char; absent = 0; from low to limit */
    WK_ENUM,   /* enum or uint32, an enum; absent = 0; below limit */
    WK_BOOL,   /* bool; absent = false */
    WK_TIME,   /* int64, int64_t; absent = 0; 1970..2200 */
    WK_S32,    /* sint32, int32_t; absent = 0; magnitude at most limit */
    WK_S64,    /* sint64, int64_t; absent = 0; magnitude at most WIRE_MAX_SPAN_US */
    WK_LAT,    /* sint32, lat of the struct geo_pt at offset; the next row is its WK_LON; present
                  by the flag at aux, or required when there is none */
    WK_LON,
    WK_FIX64S, /* repeated fixed64, uint64_t[limit]; 0 = unused */
    WK_STR,    /* string, const char *; absent = NULL; at most limit bytes */
    WK_GRADE,  /* string, char[3]; absent = "" */
    WK_ID,     /* bytes, struct id; absent = zero */
    WK_DIGEST, /* bytes, uint8_t[32]; absent = zero, or by the flag at aux */
    WK_BLOB,   /* bytes, struct blob; absent = length 0; at most limit bytes */
    WK_MSG,    /* message, struct in place; present by the flag at aux, else when not empty */
    WK_PTR,    /* message, pointer to a struct; absent = NULL */
    WK_ROUTE,  /* packed sint32, pointer to struct geo_pt, count at aux; at most limit points */
    WK_TIMES,  /* packed int64, pointer to int64_t, count at aux; at most limit */
    WK_STRS,   /* repeated string of at most MAX_NAME bytes, const char *[limit], count at aux */
    WK_MSGS,   /* repeated message, struct[limit] in place, count at aux */
    WK_LIST,   /* repeated message, pointer to structs, count at aux; at most limit */
    WK_PTRS,   /* repeated message, pointer to pointers to structs, count at aux */
    WK_BLOBS,  /* repeated bytes, pointer to struct blob, count at aux */
    WIRE_KINDS
};

#define WIRE_NO_AUX   UINT32_MAX
#define WIRE_NO_ONEOF UINT32_MAX
/* Longest time span, either way: 230 years. */
#define WIRE_MAX_SPAN_US INT64_C(7258118400000000)
#define WIRE_MAX_TIME_US INT64_C(7289654399999999)  /* the end of 2200 */
#define WIRE_TARGETS     ((1u << TARGET_COUNT) - 2) /* a bit for each but unknown */
#define WIRE_MAX_FIGURE  100000000u                 /* people; sums of hundreds fit an int64 */
#define WIRE_MAX_M       21000000u                  /* half way round the earth */

struct wire_msg;

struct wire_field {
    uint16_t number;
    uint8_t kind;   /* enum wire_kind */
    uint8_t member; /* within the oneof: value of the type member; 0 = not in it */
    uint32_t offset;
    uint32_t aux; /* offset of a bool or of a size_t */
    uint32_t low, limit;
    const struct wire_msg *sub;
    const char *name; /* as in the .proto */
};

struct wire_msg {
    const char *name;                /* for errors */
    const struct wire_field *fields; /* by ascending number, at most 64 */
    uint32_t n_fields;
    uint32_t lat; /* 1 + index of its WK_LAT row; 0 = no position */
    uint32_t size;
    uint32_t oneof;        /* offset of the type member, an enum */
    uint32_t width;        /* likely bytes of its length prefix; wrong costs a memmove */
    void (*init)(void *s); /* NULL = zero */
    int (*check)(const void *s, struct err *e); /* what no single field can tell; may be NULL */
};

#define WF_AT(type, m)   ((uint32_t)offsetof(type, m))
#define WF_COUNT(fields) ((uint32_t)(sizeof(fields) / sizeof((fields)[0])))
/* number, kind, struct, member, name in the .proto, limit */
#define WF(no, k, type, m, nm, lim)                                                                \
    {                                                                                              \
        .number = (no), .kind = (k), .offset = WF_AT(type, m), .aux = WIRE_NO_AUX, .limit = (lim), \
        .name = (nm)                                                                               \
    }
#define WF_AUX(no, k, type, m, a, nm, lim)                                            \
    {                                                                                 \
        .number = (no), .kind = (k), .offset = WF_AT(type, m), .aux = WF_AT(type, a), \
        .limit = (lim), .name = (nm)                                                  \
    }
#define WF_MASK(no, type, m, a, nm, lim)                                                \
    {                                                                                   \
        .number = (no), .kind = WK_U32, .offset = WF_AT(type, m), .aux = (a), .low = 1, \
        .limit = (lim), .name = (nm)                                                    \
    }
#define WF_SUB(no, k, type, m, nm, s)                                                          \
    {                                                                                          \
        .number = (no), .kind = (k), .offset = WF_AT(type, m), .aux = WIRE_NO_AUX, .sub = (s), \
        .name = (nm)                                                                           \
    }
#define WF_SUBS(no, k, type, m, a, nm, lim, s)                                        \
    {                                                                                 \
        .number = (no), .kind = (k), .offset = WF_AT(type, m), .aux = WF_AT(type, a), \
        .limit = (lim), .sub = (s), .name = (nm)                                      \
    }
#define WF_BODY(no, k, type, m, nm, s, mem)                                     \
    {                                                                           \
        .number = (no), .kind = (k), .member = (mem), .offset = WF_AT(type, m), \
        .aux = WIRE_NO_AUX, .sub = (s), .name = (nm)                            \
    }

/* Initialises out and fills it. -1 with err: EINVAL, or ENOMEM when the arena is full. */
int wire_decode(const struct wire_msg *m, const void *p, size_t n, struct arena *a, void *out,
                struct err *e);
/* Appends the fields with low <= number <= high. */
void wire_encode(const struct wire_msg *m, const void *s, unsigned low, unsigned high,
                 struct buf *b);
/* Appends s as the message field `number`, empty or not; width as in struct wire_msg. */
void wire_encode_sub(const struct wire_msg *m, const void *s, unsigned number, uint32_t width,
                     struct buf *b);
void wire_encode_varint(uint64_t v, struct buf *b);
/* The bytes of a varint: 1..10. */
uint32_t wire_varint_len(uint64_t v);
/* Looks for a varint field at the top of a message without decoding it; 0 = not there. */
uint64_t wire_peek(const void *p, size_t n, unsigned number);

/* UTF-8 (no overlongs, no surrogates, at most U+10FFFF) without a NUL. */
bool wire_text_ok(const void *p, size_t n);

/* The messages, for the tests and for one another. */
extern const struct wire_msg wire_record_msg, wire_incident_msg, wire_asset_msg, wire_finding_msg,
    wire_attribute_msg, wire_event_msg, wire_derivation_msg, wire_status_msg, wire_reason_msg,
    wire_position_msg, wire_envelope_msg;

#endif
