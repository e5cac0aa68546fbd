/* journal_chain: the digests of a log and the walk that checks them.
 *
 * The walk trusts no column: what it reads may have been written by any SQLite tool. It stops at
 * the first record that does not follow from the one before, because nothing after it means
 * anything. Rows cut off the end leave a chain that is whole; those who hold a position in the log
 * notice them. */
#include "journal_chain.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#define VERIFY_CHUNK 4096

static_assert(DIGEST_LEN == 32, "the chain is BLAKE2b-256");

static void
put_le64(uint8_t *p, uint64_t v)
{
    for (int i = 0; i < 8; i++)
        p[i] = (uint8_t)(v >> (8 * i));
}

void
chain_body(uint8_t out[DIGEST_LEN], const uint8_t salt[JOURNAL_SALT_LEN], const void *body,
           size_t len)
{
    crypto_generichash_state st;

    (void)crypto_generichash_init(&st, NULL, 0, DIGEST_LEN); /* fails only on a wrong length */
    (void)crypto_generichash_update(&st, salt, JOURNAL_SALT_LEN);
    (void)crypto_generichash_update(&st, body, len);
    (void)crypto_generichash_final(&st, out, DIGEST_LEN);
}

void
chain_next(uint8_t out[DIGEST_LEN], const uint8_t prev[DIGEST_LEN], uint64_t seq,
           const uint8_t id[ID_LEN], int64_t at_us, const uint8_t body_digest[DIGEST_LEN])
{
    uint8_t in[DIGEST_LEN + 8 + ID_LEN + 8 + DIGEST_LEN];
    uint8_t *p = in;

    memcpy(p, prev, DIGEST_LEN);
    p += DIGEST_LEN;
    put_le64(p, seq);
    p += 8;
    memcpy(p, id, ID_LEN);
    p += ID_LEN;
    put_le64(p, (uint64_t)at_us);
    p += 8;
    memcpy(p, body_digest, DIGEST_LEN);
    (void)crypto_generichash(out, DIGEST_LEN, in, sizeof(in), NULL, 0);
}

void
chain_start(uint8_t out[DIGEST_LEN], const struct id *log_id)
{
    (void)crypto_generichash(out, DIGEST_LEN, log_id->b, ID_LEN, NULL, 0);
}

/* ---- verify */

struct verify_walk {
    struct jstore *store;
    struct journal_check *out;
    struct jstore_head prev;
    uint64_t retained;
    bool failed;
    struct err *e;
};

/* Returns NULL when the row follows w->prev, else what is wrong. */
static const char *
check_row(struct verify_walk *w, const struct jstore_row *r)
{
    uint8_t d[DIGEST_LEN];
    uint64_t seq = (uint64_t)r->seq;

    if (r->id == NULL || r->digest == NULL || r->body_digest == NULL)
        return "a column has the wrong length or type";
    if (w->prev.seq > 0 && r->at_us < w->prev.at_us)
        return "its stamp is before the last record's";
    chain_next(d, w->prev.digest, seq, r->id, r->at_us, r->body_digest);
    if (memcmp(d, r->digest, DIGEST_LEN) != 0)
        return "the chain digest does not follow: sequence number, id, stamp or digest was changed "
               "here or a record before it was replaced";
    if (r->body == NULL) {
        /* Retention goes oldest first, so tombstones stand only at the start. The mark is read
         * again because the writer may have moved it since. */
        if (seq > w->retained && jstore_retained(w->store, &w->retained, w->e) < 0)
            w->failed = true;
        else if (seq > w->retained)
            return "the body is gone and retention did not take it";
        else if (r->salt != NULL)
            return "the body is gone and its salt is not";
        w->out->tombstones++;
    } else if (r->salt == NULL) {
        if (r->reason == NULL)
            return "the salt is gone without a redaction";
        w->out->redacted++;
    } else {
        chain_body(d, r->salt, r->body, r->len);
        if (memcmp(d, r->body_digest, DIGEST_LEN) != 0)
            return "the body digest does not match: the body was changed";
    }
    return NULL;
}

static int
verify_row(void *arg, const struct jstore_row *r)
{
    struct verify_walk *w = arg;
    struct journal_check *out = w->out;
    uint64_t want = w->prev.seq + 1;
    const char *wrong;

    if (r->seq < 1) {
        out->bad_seq = 1;
        (void)snprintf(out->what, sizeof(out->what),
                       "a row with sequence number %lld stands before it", (long long)r->seq);
        return 1;
    }
    if ((uint64_t)r->seq != want) {
        out->bad_seq = want;
        (void)snprintf(out->what, sizeof(out->what), "the record is missing; the next one is %lld",
                       (long long)r->seq);
        return 1;
    }
    wrong = check_row(w, r);
    if (w->failed)
        return 1;
    if (wrong != NULL) {
        out->bad_seq = want;
        (void)snprintf(out->what, sizeof(out->what), "%s", wrong);
        return 1;
    }
    out->records++;
    w->prev.seq = want;
    w->prev.at_us = r->at_us;
    memcpy(w->prev.digest, r->digest, DIGEST_LEN);
    return 0;
}

int
chain_verify(struct jstore *s, const uint8_t start[DIGEST_LEN], uint64_t head,
             void (*progress)(void *arg, uint64_t seq, uint64_t head), void *arg,
             struct journal_check *out, struct err *e)
{
    struct verify_walk w = {.store = s, .out = out, .e = e};
    int64_t from = INT64_MIN; /* a row below 1 would make a later record a duplicate */

    memset(out, 0, sizeof(*out));
    memcpy(w.prev.digest, start, DIGEST_LEN);
    do {
        uint64_t before = w.prev.seq;

        /* In chunks, so that a long walk does not hold the write-ahead log back. */
        if (jstore_scan(s, from, (int64_t)head, VERIFY_CHUNK, verify_row, &w, e) < 0 || w.failed)
            return -1;
        if (out->bad_seq != 0)
            return 0;
        if (w.prev.seq == before && w.prev.seq < head) {
            out->bad_seq = w.prev.seq + 1;
            (void)snprintf(out->what, sizeof(out->what), "the record is missing, and all after it");
            return 0;
        }
        from = (int64_t)w.prev.seq + 1;
        if (progress != NULL)
            progress(arg, w.prev.seq, head);
    } while (w.prev.seq < head);
    return 0;
}
