/* Fuzz target: any bytes as the frame of a packed batch. The first five say how many records and
 * how many bytes were stated. What is taken lies within what was stated, and packs and unpacks to
 * the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pack.h"

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
    struct packer *p, *q;
    const struct blob *out, *again;
    struct err e = {.text = ""};
    size_t n, stated, used = 0, whole = 0;

    if (size < 5)
        return 0;
    n = (size_t)data[0] | (size_t)data[1] << 8;
    stated = (size_t)data[2] | (size_t)data[3] << 8 | (size_t)data[4] << 16;
    p = packer_new();
    q = packer_new();
    must(p != NULL && q != NULL);
    if (packer_unpack(p, data + 5, size - 5, stated, n, &out, &e) == 0) {
        struct buf frame;
        buf_init(&frame, 0);
        for (size_t i = 0; i < n; i++)
            used += out[i].len;
        must(used <= stated + 15 * n); /* lengths of what was joined */
        must(packer_pack(q, out, n, &frame, &whole) == 0);
        must(packer_unpack(q, frame.data, frame.len, whole, n, &again, &e) == 0);
        for (size_t i = 0; i < n; i++)
            must(again[i].len == out[i].len && memcmp(again[i].data, out[i].data, out[i].len) == 0);
        buf_fini(&frame);
    } else {
        must(e.text[0] != '\0');
    }
    packer_free(p);
    packer_free(q);
    return 0;
}
