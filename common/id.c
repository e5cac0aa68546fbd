/* id: making, showing and reading ids.
 *
 * The hash is BLAKE2b with 16 bytes of output, libsodium's least, of which the first
 * ten are kept: 80 bits are enough against chance, and the log's unique index catches
 * what is left. The text form is that of ULID, so that other tools sort and read it. */
#include "id.h"

#include <assert.h>
#include <string.h>

#include <sodium.h>

#define TIME_BYTES 6
#define HASH_BYTES (ID_LEN - TIME_BYTES)
#define TIME_MAX   ((INT64_C(1) << 48) - 1)

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static void
sodium_ready(void)
{
    static bool ready;

    if (ready)
        return;
    /* It fails only where the system has no random source: nothing can be done about it. */
    int rc = sodium_init();
    assert(rc >= 0);
    (void)rc;
    ready = true;
}

static void
put_le64(uint8_t out[8], uint64_t v)
{
    for (int i = 0; i < 8; i++)
        out[i] = (uint8_t)(v >> (8 * i));
}

void
id_make(struct id *out, int64_t time_us, const struct id_part *parts, size_t n)
{
    uint8_t hash[crypto_generichash_BYTES_MIN];
    uint8_t len[8];
    crypto_generichash_state st;
    int64_t ms = time_us < 0 ? 0 : time_us / 1000;
    int rc;

    sodium_ready();
    if (ms > TIME_MAX)
        ms = TIME_MAX;
    rc = crypto_generichash_init(&st, NULL, 0, sizeof(hash));
    for (size_t i = 0; i < n; i++) {
        put_le64(len, parts[i].len);
        rc |= crypto_generichash_update(&st, len, sizeof(len));
        if (parts[i].len > 0)
            rc |= crypto_generichash_update(&st, parts[i].data, parts[i].len);
    }
    rc |= crypto_generichash_final(&st, hash, sizeof(hash));
    assert(rc == 0);
    (void)rc;
    for (int i = 0; i < TIME_BYTES; i++)
        out->b[i] = (uint8_t)(ms >> (8 * (TIME_BYTES - 1 - i)));
    memcpy(out->b + TIME_BYTES, hash, HASH_BYTES);
}

void
id_random(struct id *out)
{
    sodium_ready();
    randombytes_buf(out->b, sizeof(out->b));
}

const char *
id_text(const struct id *id, char out[ID_TEXT])
{
    uint32_t acc = 0;
    int bits = 2; /* two zero bits in front make 130, which is 26 times five */
    size_t o = 0;

    for (size_t i = 0; i < ID_LEN; i++) {
        acc = acc << 8 | id->b[i];
        bits += 8;
        while (bits >= 5) {
            bits -= 5;
            out[o++] = alphabet[acc >> bits & 31];
        }
    }
    out[o] = '\0';
    return out;
}

static int
digit_value(char c)
{
    if (c >= 'a' && c <= 'z')
        c = (char)(c - 'a' + 'A');
    if (c == 'I' || c == 'L')
        c = '1';
    if (c == 'O')
        c = '0';
    for (int i = 0; i < 32; i++)
        if (alphabet[i] == c)
            return i;
    return -1;
}

int
id_parse(const char *s, struct id *out)
{
    struct id id;
    uint32_t acc = 0;
    int bits = -2; /* the two zero bits in front are not stored */
    size_t o = 0;

    for (size_t i = 0; i < ID_TEXT - 1; i++) {
        int v = digit_value(s[i]);

        if (v == -1 || (i == 0 && v > 7))
            return -1;
        acc = acc << 5 | (uint32_t)v;
        bits += 5;
        if (bits >= 8) {
            bits -= 8;
            id.b[o++] = (uint8_t)(acc >> bits);
        }
    }
    if (s[ID_TEXT - 1] != '\0')
        return -1;
    *out = id;
    return 0;
}

int
id_cmp(const struct id *a, const struct id *b)
{
    return memcmp(a->b, b->b, ID_LEN);
}

bool
id_is_zero(const struct id *id)
{
    static const struct id zero;

    return memcmp(id->b, zero.b, ID_LEN) == 0;
}
