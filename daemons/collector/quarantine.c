/* quarantine: see quarantine.h. Each entry is a packed Record(rejected) under its big-endian
 * number, so that key order is age. The count and bytes in use are known from one walk at
 * start and kept up to date after that. */
#include "quarantine.h"

#include <stdlib.h>
#include <string.h>

#include "wire.h"

#define SPACE "quarantine"

struct quarantine {
    struct journal *journal;
    struct quarantine_limits limits;
    uint64_t first, next; /* numbers in use: first .. next - 1 */
    uint64_t count;
    int64_t bytes;
    struct buf packed;
};

static void
key_of(uint64_t number, uint8_t key[8])
{
    for (int i = 0; i < 8; i++)
        key[i] = (uint8_t)(number >> (56 - 8 * i));
}

static uint64_t
number_of(const uint8_t *key)
{
    uint64_t n = 0;
    for (int i = 0; i < 8; i++)
        n = n << 8 | key[i];
    return n;
}

static int
count_one(void *arg, const void *key, size_t klen, const void *value, size_t vlen)
{
    struct quarantine *q = arg;
    (void)value;
    if (klen != 8)
        return 0;
    uint64_t n = number_of(key);
    if (q->count == 0)
        q->first = n;
    q->next = n + 1;
    q->count++;
    q->bytes += (int64_t)vlen;
    return 0;
}

int
quarantine_reload(struct quarantine *q, struct err *e)
{
    q->first = q->next = 1;
    q->count = 0;
    q->bytes = 0;
    return journal_each(q->journal, SPACE, NULL, 0, count_one, q, e);
}

int
quarantine_new(struct journal *j, const struct quarantine_limits *limits, struct quarantine **out,
               struct err *e)
{
    struct quarantine *q = calloc(1, sizeof *q);
    if (q == NULL)
        return err_set(e, "out of memory");
    q->journal = j;
    q->limits = *limits;
    buf_init(&q->packed, 0);
    if (quarantine_reload(q, e) < 0) {
        quarantine_free(q);
        return -1;
    }
    *out = q;
    return 0;
}

void
quarantine_free(struct quarantine *q)
{
    if (q == NULL)
        return;
    buf_fini(&q->packed);
    free(q);
}

int
quarantine_remove(struct quarantine *q, uint64_t number, struct err *e)
{
    uint8_t key[8];
    size_t len = 0;

    key_of(number, key);
    int rc = journal_get(q->journal, SPACE, key, sizeof key, NULL, 0, &len, e);
    if (rc != 0)
        return rc;
    if (journal_del(q->journal, SPACE, key, sizeof key, e) < 0)
        return -1;
    q->count--;
    q->bytes -= (int64_t)len;
    return 0;
}

static int
drop_oldest(struct quarantine *q, struct err *e)
{
    int rc = quarantine_remove(q, q->first, e);

    if (rc >= 0)
        q->first++;
    return rc;
}

int
quarantine_put(struct quarantine *q, int64_t at_us, const char *source, const char *door,
               const char *format, const char *reason, const void *data, size_t len, struct err *e)
{
    struct record r = {.type = REC_REJECTED, .received_at_us = at_us};
    uint8_t key[8];

    if (q->limits.items <= 0 || q->limits.bytes <= 0)
        return 0;
    r.u.rejected = (struct rejected){.number = q->next,
                                     .at_us = at_us,
                                     .source = source,
                                     .door = door,
                                     .format = format,
                                     .reason = reason,
                                     .data = data,
                                     .len = len,
                                     .size = len};
    if (r.u.rejected.len > (size_t)q->limits.item_bytes)
        r.u.rejected.len = (size_t)q->limits.item_bytes;
    buf_reset(&q->packed);
    wire_record_pack(&r, false, &q->packed);
    if (q->packed.failed)
        return err_set(e, "out of memory");
    key_of(q->next, key);
    if (journal_put(q->journal, SPACE, key, sizeof key, q->packed.data, q->packed.len, e) < 0)
        return -1;
    q->next++;
    q->count++;
    q->bytes += (int64_t)q->packed.len;
    while (q->count > 1 && (q->count > (uint64_t)q->limits.items || q->bytes > q->limits.bytes))
        if (drop_oldest(q, e) < 0)
            return -1;
    return 0;
}

struct walk {
    struct arena *arena;
    int (*fn)(void *arg, const struct rejected *r);
    void *arg;
};

static int
show_one(void *arg, const void *key, size_t klen, const void *value, size_t vlen)
{
    struct walk *w = arg;
    struct record r;

    (void)key;
    (void)klen;
    if (wire_record_unpack(value, vlen, w->arena, &r, NULL) < 0 || r.type != REC_REJECTED)
        return 0;
    return w->fn(w->arg, &r.u.rejected);
}

int
quarantine_each(struct quarantine *q, uint64_t from, struct arena *a,
                int (*fn)(void *arg, const struct rejected *r), void *arg, struct err *e)
{
    struct walk w = {.arena = a, .fn = fn, .arg = arg};
    uint8_t key[8];

    key_of(from, key);
    return journal_each(q->journal, SPACE, key, sizeof key, show_one, &w, e);
}

uint64_t
quarantine_count(const struct quarantine *q)
{
    return q->count;
}
