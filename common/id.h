/* id: the 16-byte ids of records, alerts and situations.
 *
 * 6 bytes of time in milliseconds (big-endian; times before 1970 count as 0),
 * then 10 bytes of BLAKE2b over the parts that make the thing what it is. Shown
 * as 26 characters of Crockford base32 (the ULID text form: 130 bits, the first
 * two zero). Ids by time keep a unique index growing at its end. Derived, never
 * drawn: the same thing has the same id wherever it is computed. */
#ifndef TOCSIN_ID_H
#define TOCSIN_ID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ID_LEN  16
#define ID_TEXT 27 /* with the NUL */

struct id {
    uint8_t b[ID_LEN];
};

struct id_part {
    const void *data;
    size_t len;
};

/* Derives an id. Each part is hashed behind its length (64-bit little-endian),
 * so that ("ab","c") and ("a","bc") differ. */
void id_make(struct id *out, int64_t time_us, const struct id_part *parts, size_t n);

/* 16 bytes drawn from the system's random source; for sessions and log ids only,
 * never for what the classifier makes. */
void id_random(struct id *out);

const char *id_text(const struct id *id, char out[ID_TEXT]); /* returns out */

/* Upper or lower case, I and L as 1, O as 0. -1 when it is not an id. */
int id_parse(const char *s, struct id *out);

int id_cmp(const struct id *a, const struct id *b); /* as memcmp */
bool id_is_zero(const struct id *id);

#endif
