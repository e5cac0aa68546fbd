/* Fuzz target: any bytes as one Envelope. What is taken packs to bytes that are taken again and
 * pack to the same; what is refused has an error text. The arena is small: a sender must not
 * turn few bytes into much memory. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool ok)
{
    if (!ok)
        abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new((size_t)16 << 20), *b = arena_new(0);
    struct envelope env;
    struct err e = {.text = ""};
    struct buf one, two;

    must(a != NULL && b != NULL);
    buf_init(&one, 0);
    buf_init(&two, 0);
    if (wire_envelope_unpack(data, size, a, &env, &e) == 0) {
        wire_envelope_pack(&env, &one);
        must(wire_envelope_unpack(one.data, one.len, b, &env, &e) == 0);
        wire_envelope_pack(&env, &two);
        must(one.len == two.len && memcmp(one.data, two.data, one.len) == 0);
    } else {
        must(e.text[0] != '\0');
    }
    buf_fini(&one);
    buf_fini(&two);
    arena_free(a);
    arena_free(b);
    return 0;
}
