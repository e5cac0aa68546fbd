/* journal_chain: the digests of a log and the walk that checks them; private to the journal.
 *
 * What the chain is stands in journal.h. */
#ifndef TOCSIN_JOURNAL_CHAIN_H
#define TOCSIN_JOURNAL_CHAIN_H

#include <stddef.h>
#include <stdint.h>

#include "journal_store.h"

void chain_start(uint8_t out[DIGEST_LEN], const struct id *log_id); /* d(0) */
void chain_body(uint8_t out[DIGEST_LEN], const uint8_t salt[JOURNAL_SALT_LEN], const void *body,
                size_t len);
void chain_next(uint8_t out[DIGEST_LEN], const uint8_t prev[DIGEST_LEN], uint64_t seq,
                const uint8_t id[ID_LEN], int64_t at_us, const uint8_t body_digest[DIGEST_LEN]);

/* journal_verify() over the rows up to head. */
int chain_verify(struct jstore *s, const uint8_t start[DIGEST_LEN], uint64_t head,
                 void (*progress)(void *arg, uint64_t seq, uint64_t head), void *arg,
                 struct journal_check *out, struct err *e);

#endif
