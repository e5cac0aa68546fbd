/* wire_envelope: the tables of the envelopes that travel between processes.
 *
 * Records inside stay packed (blobs): the receiver judges each alone, and a log or a relay
 * passes bytes on without looking into them. */
#include "wire.h"

#include <errno.h>
#include <string.h>

#include "wire_codec.h"

/* Events of one decision: a new term brings every open alert at once. */
#define MAX_EVENTS 65536

/* ---- position, decision */

static const struct wire_field position_fields[] = {
    WF(1, WK_ID, struct position, journal, "journal", 0),
    WF(2, WK_U64, struct position, seq, "seq", 0),
    WF(3, WK_DIGEST, struct position, digest, "digest", 0),
};

const struct wire_msg wire_position_msg = {
    .name = "position",
    .fields = position_fields,
    .n_fields = WF_COUNT(position_fields),
    .size = sizeof(struct position),
    .oneof = WIRE_NO_ONEOF,
    .width = 1,
};

static const struct wire_field decision_fields[] = {
    WF_SUB(1, WK_MSG, struct decision, from, "from", &wire_position_msg),
    WF_SUB(2, WK_MSG, struct decision, to, "to", &wire_position_msg),
    WF(3, WK_U64, struct decision, term, "term", 0),
    WF(4, WK_DIGEST, struct decision, config_digest, "config_digest", 0),
    WF_SUBS(5, WK_PTRS, struct decision, events, n_events, "event", MAX_EVENTS, &wire_event_msg),
    WF_SUBS(6, WK_PTRS, struct decision, derivations, n_derivations, "derivation", MAX_EVENTS,
            &wire_derivation_msg),
    WF(7, WK_BOOL, struct decision, reconcile, "reconcile", 0),
    WF(8, WK_STR, struct decision, reconcile_reason, "reconcile_reason", MAX_VALUE),
    WF_SUB(9, WK_PTR, struct decision, heartbeat, "heartbeat", &wire_status_msg),
};

static const struct wire_msg decision_msg = {
    .name = "decision",
    .fields = decision_fields,
    .n_fields = WF_COUNT(decision_fields),
    .size = sizeof(struct decision),
    .oneof = WIRE_NO_ONEOF,
    .width = 2,
};

/* ---- submit, receipts */

static const struct wire_field link_report_fields[] = {
    WF(1, WK_U64, struct link_report, backlog, "backlog", 0),
    WF(2, WK_TIME, struct link_report, oldest_us, "oldest_us", 0),
    WF(3, WK_U64, struct link_report, bytes, "bytes", 0),
    WF(4, WK_U64, struct link_report, records, "records", 0),
};

static const struct wire_msg link_report_msg = {
    .name = "link_report",
    .fields = link_report_fields,
    .n_fields = WF_COUNT(link_report_fields),
    .size = sizeof(struct link_report),
    .oneof = WIRE_NO_ONEOF,
    .width = 1,
};

static const struct wire_field submit_fields[] = {
    WF(1, WK_ID, struct submit, session, "session", 0),
    WF(2, WK_U64, struct submit, batch, "batch", 0),
    WF(3, WK_U32, struct submit, attempt, "attempt", UINT32_MAX),
    WF(4, WK_STR, struct submit, source, "source", MAX_NAME),
    WF_AUX(5, WK_BLOBS, struct submit, records, n_records, "record", MAX_BATCH),
    WF_SUB(6, WK_PTR, struct submit, decision, "decision", &decision_msg),
    WF(7, WK_BOOL, struct submit, replay, "replay", 0),
    WF(8, WK_STR, struct submit, token, "token", MAX_VALUE),
    WF(9, WK_BLOB, struct submit, packed, "packed", MAX_MESSAGE),
    WF(10, WK_U32, struct submit, n_packed, "packed_records", MAX_BATCH),
    WF(11, WK_U32, struct submit, packed_size, "packed_size", PACK_MAX_BYTES),
    WF_SUB(12, WK_PTR, struct submit, link, "link", &link_report_msg),
};

/* What receipts are matched by. */
static int
submit_check(const void *s, struct err *e)
{
    const struct submit *submit = s;

    if (id_is_zero(&submit->session))
        return err_set(e, "submit.session: missing");
    if (submit->batch == 0 &&
        (submit->link == NULL || submit->n_records > 0 || submit->packed.len > 0))
        return err_set(e, "submit.batch: missing; batches are numbered from 1");
    return 0;
}

static const struct wire_msg submit_msg = {
    .name = "submit",
    .fields = submit_fields,
    .n_fields = WF_COUNT(submit_fields),
    .size = sizeof(struct submit),
    .oneof = WIRE_NO_ONEOF,
    .width = 3,
    .check = submit_check,
};

static const struct wire_field receipt_fields[] = {
    WF(1, WK_ENUM, struct receipt, status, "status", RECEIPT_STATUS_COUNT),
    WF(2, WK_U64, struct receipt, seq, "seq", 0),
    WF(3, WK_ID, struct receipt, id, "id", 0),
    WF(4, WK_STR, struct receipt, reason, "reason", MAX_VALUE),
    WF(5, WK_U32, struct receipt, retry_after_ms, "retry_after_ms", UINT32_MAX),
    WF(6, WK_U32, struct receipt, index, "index", MAX_BATCH - 1),
};

static const struct wire_msg receipt_msg = {
    .name = "receipt",
    .fields = receipt_fields,
    .n_fields = WF_COUNT(receipt_fields),
    .size = sizeof(struct receipt),
    .oneof = WIRE_NO_ONEOF,
    .width = 1,
};

static const struct wire_field receipts_fields[] = {
    WF(1, WK_ID, struct receipts, session, "session", 0),
    WF(2, WK_U64, struct receipts, batch, "batch", 0),
    WF(3, WK_U32, struct receipts, attempt, "attempt", UINT32_MAX),
    WF_SUBS(4, WK_LIST, struct receipts, receipts, n_receipts, "receipt", MAX_BATCH, &receipt_msg),
    WF(5, WK_U64, struct receipts, resend_from, "resend_from", 0),
    WF_SUBS(6, WK_MSG, struct receipts, held, has_held, "held", 0, &wire_position_msg),
    WF(7, WK_U64, struct receipts, term, "term", 0),
    WF(8, WK_DIGEST, struct receipts, config_digest, "config_digest", 0),
    WF(9, WK_ENUM, struct receipts, decision, "decision", RECEIPT_STATUS_COUNT),
    WF(10, WK_STR, struct receipts, reason, "reason", MAX_VALUE),
    WF(11, WK_U32, struct receipts, taken, "taken", MAX_BATCH),
    WF(12, WK_ID, struct receipts, journal, "journal", 0),
};

static const struct wire_msg receipts_msg = {
    .name = "receipts",
    .fields = receipts_fields,
    .n_fields = WF_COUNT(receipts_fields),
    .size = sizeof(struct receipts),
    .oneof = WIRE_NO_ONEOF,
    .width = 2,
};

/* ---- fetch, records */

static const struct wire_field fetch_fields[] = {
    WF(1, WK_U64, struct fetch, request, "request", 0),
    WF(2, WK_ENUM, struct fetch, stream, "stream", STREAM_COUNT),
    WF(3, WK_U64, struct fetch, from_seq, "from_seq", 0),
    WF(4, WK_TIME, struct fetch, from_us, "from_us", 0),
    WF(5, WK_U32, struct fetch, max, "max", UINT32_MAX),
    WF(6, WK_U32, struct fetch, wait_ms, "wait_ms", UINT32_MAX),
    WF_AUX(7, WK_STRS, struct fetch, prefixes, n_prefixes, "prefix", MAX_PREFIXES),
    WF(8, WK_ID, struct fetch, id, "id", 0),
    WF(9, WK_BOOL, struct fetch, open, "open", 0),
    WF(10, WK_BOOL, struct fetch, from_head, "from_head", 0),
    WF(11, WK_U32, struct fetch, answers, "answers", UINT32_MAX),
};

static const struct wire_msg fetch_msg = {
    .name = "fetch",
    .fields = fetch_fields,
    .n_fields = WF_COUNT(fetch_fields),
    .size = sizeof(struct fetch),
    .oneof = WIRE_NO_ONEOF,
    .width = 1,
};

static const struct wire_field item_fields[] = {
    WF(1, WK_U64, struct item, seq, "seq", 0),
    WF_AUX(2, WK_DIGEST, struct item, digest, has_digest, "digest", 0),
    WF(3, WK_BLOB, struct item, record, "record", MAX_MESSAGE),
};

static const struct wire_msg item_msg = {
    .name = "item",
    .fields = item_fields,
    .n_fields = WF_COUNT(item_fields),
    .size = sizeof(struct item),
    .oneof = WIRE_NO_ONEOF,
    .width = 2,
};

static const struct wire_field records_fields[] = {
    WF(1, WK_U64, struct records, request, "request", 0),
    WF(2, WK_ENUM, struct records, stream, "stream", STREAM_COUNT),
    WF(3, WK_ID, struct records, journal, "journal", 0),
    WF_SUBS(4, WK_LIST, struct records, items, n_items, "item", MAX_BATCH, &item_msg),
    WF(5, WK_U64, struct records, complete_to, "complete_to", 0),
    WF(6, WK_U64, struct records, head, "head", 0),
    WF(7, WK_STR, struct records, error, "error", MAX_VALUE),
    WF(8, WK_DIGEST, struct records, head_digest, "head_digest", 0),
    WF(9, WK_U32, struct records, more, "more", UINT32_MAX),
};

static const struct wire_msg records_msg = {
    .name = "records",
    .fields = records_fields,
    .n_fields = WF_COUNT(records_fields),
    .size = sizeof(struct records),
    .oneof = WIRE_NO_ONEOF,
    .width = 3,
};

/* ---- publication, refusal */

static const struct wire_field publication_fields[] = {
    WF(1, WK_ID, struct publication, log, "log", 0),
    WF(2, WK_U64, struct publication, seq, "seq", 0),
    WF(3, WK_BLOB, struct publication, record, "record", MAX_MESSAGE),
    WF_SUB(4, WK_PTR, struct publication, status, "status", &wire_status_msg),
};

static const struct wire_msg publication_msg = {
    .name = "publication",
    .fields = publication_fields,
    .n_fields = WF_COUNT(publication_fields),
    .size = sizeof(struct publication),
    .oneof = WIRE_NO_ONEOF,
    .width = 2,
};

static const struct wire_field refusal_fields[] = {
    WF(1, WK_STR, struct refusal, reason, "reason", MAX_VALUE),
    WF(2, WK_U32, struct refusal, version, "version", UINT32_MAX),
};

static const struct wire_msg refusal_msg = {
    .name = "refusal",
    .fields = refusal_fields,
    .n_fields = WF_COUNT(refusal_fields),
    .size = sizeof(struct refusal),
    .oneof = WIRE_NO_ONEOF,
    .width = 1,
};

/* ---- envelope */

static const struct wire_field envelope_fields[] = {
    WF(1, WK_U32, struct envelope, version, "version", UINT32_MAX),
    WF_BODY(10, WK_MSG, struct envelope, u.submit, "submit", &submit_msg, ENV_SUBMIT),
    WF_BODY(11, WK_MSG, struct envelope, u.receipts, "receipts", &receipts_msg, ENV_RECEIPTS),
    WF_BODY(12, WK_MSG, struct envelope, u.fetch, "fetch", &fetch_msg, ENV_FETCH),
    WF_BODY(13, WK_MSG, struct envelope, u.records, "records", &records_msg, ENV_RECORDS),
    WF_BODY(14, WK_MSG, struct envelope, u.publication, "publication", &publication_msg,
            ENV_PUBLICATION),
    WF_BODY(15, WK_MSG, struct envelope, u.refusal, "refusal", &refusal_msg, ENV_REFUSAL),
};
#define VERSION_NUMBER 1

const struct wire_msg wire_envelope_msg = {
    .name = "envelope",
    .fields = envelope_fields,
    .n_fields = WF_COUNT(envelope_fields),
    .size = sizeof(struct envelope),
    .oneof = WF_AT(struct envelope, type),
    .width = 2,
};

int
wire_envelope_unpack(const void *p, size_t n, struct arena *a, struct envelope *out, struct err *e)
{
    struct envelope env;

    if (n == 0 || n > MAX_MESSAGE) {
        errno = EINVAL;
        return err_set(e, n == 0 ? "envelope: empty" : "envelope: longer than %d bytes",
                       MAX_MESSAGE);
    }
    /* First: what another version sends need not make sense here. */
    uint64_t version = wire_peek(p, n, VERSION_NUMBER);
    if (version != WIRE_VERSION) {
        errno = EINVAL;
        return err_set(e, "envelope.version: %llu, this release speaks %d; upgrade the older side",
                       (unsigned long long)version, WIRE_VERSION);
    }
    if (wire_decode(&wire_envelope_msg, p, n, a, &env, e) != 0)
        return -1;
    if (env.type == ENV_FETCH)
        env.u.fetch.has_id = !id_is_zero(&env.u.fetch.id);
    *out = env;
    return 0;
}

/* About how many bytes the body takes, from what makes it large. */
static size_t
estimate(const struct envelope *env)
{
    size_t sum = 64;

    switch (env->type) {
    case ENV_SUBMIT:
        for (size_t i = 0; i < env->u.submit.n_records; i++)
            sum += env->u.submit.records[i].len + 3;
        sum += env->u.submit.packed.len;
        break;
    case ENV_RECEIPTS:
        sum += env->u.receipts.n_receipts * 26;
        break;
    case ENV_RECORDS:
        for (size_t i = 0; i < env->u.records.n_items; i++)
            sum += env->u.records.items[i].record.len + 45;
        break;
    default:
        break;
    }
    return sum;
}

void
wire_envelope_pack(const struct envelope *env, struct buf *b)
{
    struct envelope head = {.version = WIRE_VERSION};

    wire_encode(&wire_envelope_msg, &head, VERSION_NUMBER, VERSION_NUMBER, b);
    for (size_t i = 0; i < WF_COUNT(envelope_fields); i++) {
        const struct wire_field *f = &envelope_fields[i];
        if (f->member != 0 && f->member == env->type)
            wire_encode_sub(f->sub, (const char *)env + f->offset, f->number,
                            wire_varint_len(estimate(env)), b);
    }
}

const char *
stream_name(enum stream s)
{
    static const char *const names[STREAM_COUNT] = {
        "none", "journal", "alerts", "alert_state", "derivations", "rejected", "status",
    };

    return (unsigned)s < STREAM_COUNT ? names[s] : names[STREAM_NONE];
}
