/* submit_batch: see the header. */
#include "submit_batch.h"

#include <stdlib.h>

struct batch *
batch_new(size_t limit)
{
    struct batch *b = calloc(1, sizeof(*b));

    if (b) {
        buf_init(&b->data, limit);
        buf_init(&b->frame, 0);
    }
    return b;
}

void
batch_free(struct batch *b)
{
    if (!b)
        return;
    buf_fini(&b->data);
    buf_fini(&b->frame);
    free(b->recs);
    free(b);
}

void
batch_empty(struct batch *b)
{
    buf_reset(&b->data);
    buf_reset(&b->frame);
    b->n = 0;
    b->number = 0;
}

int
batch_put(struct batch *b, const void *record, size_t len, uint64_t cookie)
{
    if (b->n == b->cap) {
        size_t cap = b->cap ? 2 * b->cap : 16;
        struct rec *r = reallocarray(b->recs, cap, sizeof(*r));

        if (!r)
            return -1;
        b->recs = r;
        b->cap = cap;
    }
    b->recs[b->n] = (struct rec){b->data.len, len, cookie};
    buf_put(&b->data, record, len);
    if (b->data.failed) {
        b->data.failed = false;
        return -1;
    }
    b->n++;
    return 0;
}

void
batch_blobs(const struct batch *b, struct blob *out)
{
    for (size_t i = 0; i < b->n; i++)
        out[i] = (struct blob){b->data.data + b->recs[i].offset, b->recs[i].len};
}
