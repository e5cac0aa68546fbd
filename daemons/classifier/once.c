/* once: see once.h. */
#include "once.h"

#include <stdlib.h>
#include <string.h>

#define SALT_ONCE 0x6f6e0000u

int
once_init(struct once *t)
{
    *t = (struct once){.v = calloc(MAX_ONCE, sizeof *t->v)};
    if (t->v && buckets_init(&t->by_key, MAX_ONCE) == 0)
        return 0;
    once_fini(t);
    return -1;
}

void
once_fini(struct once *t)
{
    free(t->v);
    buckets_fini(&t->by_key);
    *t = (struct once){0};
}

static uint64_t
key_of(const struct once_entry *x)
{
    return x->subject ? key_mix(x->subject, SALT_ONCE | x->rule)
                      : cell_of(x->pt, SALT_ONCE | x->rule);
}

bool
once_subject(const struct once *t, uint32_t rule, uint64_t subject, int64_t since_us)
{
    struct once_entry x = {.subject = subject, .rule = rule};

    for (uint32_t i = buckets_first(&t->by_key, key_of(&x)); i != NOTHING;
         i = buckets_next(&t->by_key, i))
        if (t->v[i].rule == rule && t->v[i].subject == subject && t->v[i].at_us > since_us)
            return true;
    return false;
}

bool
once_place(const struct once *t, uint32_t rule, struct geo_pt pt, uint32_t m, int64_t since_us)
{
    struct cells c = cells_around(pt, m);

    CELLS_EACH(c, SALT_ONCE | rule, key)
    for (uint32_t i = buckets_first(&t->by_key, key); i != NOTHING; i = buckets_next(&t->by_key, i))
        if (t->v[i].rule == rule && !t->v[i].subject && t->v[i].at_us > since_us &&
            geo_within_m(t->v[i].pt, pt, m))
            return true;
    return false;
}

void
once_put(struct once *t, uint32_t rule, uint64_t subject, struct geo_pt pt, int64_t now_us)
{
    uint32_t i = t->next;

    t->next = (i + 1) % MAX_ONCE;
    t->n += t->n < MAX_ONCE;
    t->v[i] = (struct once_entry){.at_us = now_us, .subject = subject, .pt = pt, .rule = rule};
    buckets_put(&t->by_key, i, key_of(&t->v[i]));
}

void
once_pack(const struct once *t, struct buf *b)
{
    uint32_t head[2] = {t->n, t->next};

    buf_put(b, head, sizeof head);
    buf_put(b, t->v, t->n * sizeof *t->v);
}

int
once_unpack(struct once *t, const char *data, size_t n, size_t *at)
{
    uint32_t head[2];

    if (n - *at < sizeof head)
        return -1;
    memcpy(head, data + *at, sizeof head);
    *at += sizeof head;
    if (head[0] > MAX_ONCE || head[1] >= MAX_ONCE || n - *at < head[0] * sizeof *t->v)
        return -1;
    memcpy(t->v, data + *at, head[0] * sizeof *t->v);
    *at += head[0] * sizeof *t->v;
    t->n = head[0];
    t->next = head[1];
    for (uint32_t i = 0; i < t->n; i++)
        buckets_put(&t->by_key, i, key_of(&t->v[i]));
    return 0;
}
