/* wire: bytes to plain structs and back; the only door for bytes.
 *
 * wire_*_unpack() checks the size, then every field: enum numbers, UTF-8, no NUL
 * inside a string, lengths and counts against record.h, coordinates on the
 * globe, ids of 16 and digests of 32 bytes, times within 1970..2200 (or 0),
 * latitude with longitude, least <= most. What passes may be trusted. Unknown
 * fields and unknown record bodies of a newer release are refused with a reason
 * that says so. Everything unpacked lives in the arena; nothing points into the
 * bytes. Errors are one line that names the field: "incident.text: not UTF-8". */
#ifndef TOCSIN_WIRE_H
#define TOCSIN_WIRE_H

#include "arena.h"
#include "buf.h"
#include "err.h"
#include "record.h"

#define WIRE_VERSION 1

/* One Record. -1 with err (EINVAL, or ENOMEM when the arena is full). */
int wire_record_unpack(const void *p, size_t n, struct arena *a, struct record *out, struct err *e);

/* Appends the packed Record to b. With with_seq false the seq is left out: that
 * is the form that a log stores. Deterministic. The struct is trusted. */
void wire_record_pack(const struct record *r, bool with_seq, struct buf *b);

/* Appends a stored body and its seq as one packed Record (protobuf concatenation
 * merges), behind a varint length when delimited: the recording format. */
void wire_record_join(const void *body, size_t n, uint64_t seq, bool delimited, struct buf *b);

/* Only what the source gave of an incident, packed: the body that its id hashes. */
void wire_incident_body(const struct incident *in, struct buf *b);

/* Finding alone, for checkpoints and derivations. No bytes are the finding that says nothing. */
void wire_finding_pack(const struct finding *f, struct buf *b);
int wire_finding_unpack(const void *p, size_t n, struct arena *a, struct finding *out,
                        struct err *e);

/* ---- envelopes */

struct blob { /* borrowed bytes */
    const void *data;
    size_t len;
};

struct decision {
    struct position from, to;
    uint64_t term;
    uint8_t config_digest[DIGEST_LEN];
    const struct alert_event *const *events;
    size_t n_events;
    const struct derivation *const *derivations;
    size_t n_derivations;
    bool reconcile;
    const char *reconcile_reason;
    const struct daemon_status *heartbeat; /* NULL = none */
};

#define PACK_MAX_BYTES (8 << 20) /* the records of one packed batch */

struct link_report {
    uint64_t backlog;
    int64_t oldest_us; /* 0 = nothing waits */
    uint64_t bytes, records;
};

struct submit {
    struct id session;
    uint64_t batch; /* 0: a heartbeat, that is a link report alone */
    uint32_t attempt;
    const char *source, *token;
    const struct blob *records; /* packed Records, not yet looked into */
    size_t n_records;
    const struct decision *decision; /* NULL = none */
    bool replay;
    struct blob packed; /* instead of records: see pack.h; len 0 = none */
    uint32_t n_packed, packed_size;
    const struct link_report *link; /* NULL = none */
};

struct receipts {
    struct id session;
    uint64_t batch;
    uint32_t attempt;
    const struct receipt *receipts;
    size_t n_receipts;
    uint64_t resend_from; /* 0 = no */
    bool has_held;
    struct position held;
    uint64_t term;
    uint8_t config_digest[DIGEST_LEN];
    enum receipt_status decision;
    const char *reason;
    uint32_t taken; /* of a packed batch: stored or duplicate; receipts are of the others */
    struct id journal;
};

enum stream {
    STREAM_NONE,
    STREAM_JOURNAL,
    STREAM_ALERTS,
    STREAM_ALERT_STATE,
    STREAM_DERIVATIONS,
    STREAM_REJECTED,
    STREAM_STATUS,
    STREAM_COUNT
};
const char *stream_name(enum stream s);

#define MAX_PREFIXES 64

struct fetch {
    uint64_t request;
    enum stream stream;
    uint64_t from_seq;
    int64_t from_us;
    uint32_t max, wait_ms;
    const char *prefixes[MAX_PREFIXES];
    size_t n_prefixes;
    bool has_id;
    struct id id;
    bool open, from_head;
    uint32_t answers; /* as many as may come to this one fetch; 0 and 1 = one */
};

struct item {
    uint64_t seq;
    bool has_digest;
    uint8_t digest[DIGEST_LEN];
    struct blob record;
};

struct records {
    uint64_t request;
    enum stream stream;
    struct id journal;
    const struct item *items;
    size_t n_items;
    uint64_t complete_to, head;
    uint8_t head_digest[DIGEST_LEN]; /* at complete_to; zero when not known */
    const char *error;               /* NULL = served */
    uint32_t more;                   /* answers to the same fetch that may still follow */
};

struct publication {
    struct id log;
    uint64_t seq;
    struct blob record; /* len 0 = a head */
    const struct daemon_status *status;
};

struct refusal {
    const char *reason;
    uint32_t version;
};

enum envelope_type {
    ENV_NONE,
    ENV_SUBMIT,
    ENV_RECEIPTS,
    ENV_FETCH,
    ENV_RECORDS,
    ENV_PUBLICATION,
    ENV_REFUSAL,
    ENVELOPE_TYPE_COUNT
};

struct envelope {
    uint32_t version;
    enum envelope_type type;
    union {
        struct submit submit;
        struct receipts receipts;
        struct fetch fetch;
        struct records records;
        struct publication publication;
        struct refusal refusal;
    } u;
};

/* Blobs inside are copied into the arena. -1 with err; e names a wrong version. */
int wire_envelope_unpack(const void *p, size_t n, struct arena *a, struct envelope *out,
                         struct err *e);
/* Appends to b; version is set to WIRE_VERSION whatever env says. Packing of Submit,
 * Receipts, Records and Publication writes straight into b: no copy of the blobs in
 * between, no allocation per item. */
void wire_envelope_pack(const struct envelope *env, struct buf *b);

#endif
