/* phone_key: a telephone number becomes a name that tells callers apart and nothing else.
 *
 * Who reports by SMS must not be found by who reads the journal. A keyed BLAKE2b of the number
 * stands in its place: without the key nobody can try numbers, and two instances name one number
 * differently. The key never leaves the machine; when it is lost, old and new reports of one
 * caller are two. */
#ifndef COLLECTOR_PHONE_KEY_H
#define COLLECTOR_PHONE_KEY_H

#include <stdint.h>

#include "err.h"

#define PHONE_KEY_LEN 32
#define PHONE_TEXT    21 /* "tel:", 16 characters of Crockford base32 (80 bits), NUL */

/* Reads dir/phone.key; makes it (mode 0600), and dir (0700), when it is not there. -1 with err, also
 * when others may read it or it is no key. */
int phone_key_load(const char *dir, uint8_t key[PHONE_KEY_LEN], struct err *e);

/* Of a number as gateways write it: +223 70 12 34 56, 0022370123456, 22370123456 (11 digits and
 * more begin with the country), tel:+22370123456, whatsapp:22370123456 are one; a sender in letters
 * is one whatever their case. NULL when nothing is left of it, else out. */
const char *phone_name(const uint8_t key[PHONE_KEY_LEN], const char *number, char out[PHONE_TEXT]);

#endif
