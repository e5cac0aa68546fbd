/* submit_rx: which batch of a session comes next.
 *
 * The table is a sorted array in memory. What changed in it is written to the log's space
 * "session" once before each commit, inside the transaction that holds the records, so that the
 * two can never disagree after a crash, and a sender of many small batches costs one write.
 * Key: the session's 16 bytes. Value: last batch and wall time of last use, two little-endian
 * 64-bit numbers. A peer draws session ids as it likes, so the table is bounded: the session
 * unused for longest goes, and its sender begins a new one. */
#include "submit.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SPACE        "session"
#define MAX_SESSIONS 4096

struct session {
    struct id id;
    uint64_t batch; /* the last one accepted */
    int64_t used_us;
    bool dirty; /* not in the log's transaction yet */
};

struct submit_rx {
    struct journal *journal;
    size_t n;
    size_t dirty;
    struct session table[MAX_SESSIONS]; /* by id */
};

/* Where the session is, or would be. */
static size_t
position_of(const struct submit_rx *r, const struct id *id, bool *found)
{
    size_t low = 0, high = r->n;

    *found = false;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int c = id_cmp(&r->table[mid].id, id);

        if (c == 0) {
            *found = true;
            return mid;
        }
        if (c < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static void
insert_at(struct submit_rx *r, size_t at, const struct session *s)
{
    memmove(&r->table[at + 1], &r->table[at], (r->n - at) * sizeof(*s));
    r->table[at] = *s;
    r->n++;
}

static void
remove_at(struct submit_rx *r, size_t at)
{
    r->n--;
    memmove(&r->table[at], &r->table[at + 1], (r->n - at) * sizeof(r->table[0]));
}

static int
evict_oldest(struct submit_rx *r, struct err *e)
{
    size_t oldest = 0;

    for (size_t i = 1; i < r->n; i++)
        if (r->table[i].used_us < r->table[oldest].used_us)
            oldest = i;
    if (journal_del(r->journal, SPACE, r->table[oldest].id.b, ID_LEN, e) < 0)
        return -1;
    r->dirty -= r->table[oldest].dirty;
    remove_at(r, oldest);
    return 0;
}

static int
load_one(void *arg, const void *key, size_t klen, const void *value, size_t vlen)
{
    struct submit_rx *r = arg;
    struct session s = {.dirty = false};
    uint64_t v[2];
    bool found;
    size_t at;

    /* Keys come in order; what is not ours (a damaged row) is a session that nobody knows. */
    if (klen != ID_LEN || vlen != sizeof(v))
        return 0;
    if (r->n == MAX_SESSIONS)
        return 1;
    memcpy(s.id.b, key, ID_LEN);
    memcpy(v, value, sizeof(v));
    s.batch = le64toh(v[0]);
    s.used_us = (int64_t)le64toh(v[1]);
    at = position_of(r, &s.id, &found);
    if (!found)
        insert_at(r, at, &s);
    return 0;
}

int
submit_rx_reload(struct submit_rx *r, struct err *e)
{
    r->n = r->dirty = 0;
    return journal_each(r->journal, SPACE, NULL, 0, load_one, r, e) < 0 ? -1 : 0;
}

int
submit_rx_new(struct journal *j, struct submit_rx **out, struct err *e)
{
    struct submit_rx *r = calloc(1, sizeof(*r));

    if (!r)
        return err_set(e, "out of memory");
    r->journal = j;
    if (submit_rx_reload(r, e) < 0) {
        free(r);
        return -1;
    }
    *out = r;
    return 0;
}

void
submit_rx_free(struct submit_rx *r)
{
    free(r);
}

enum submit_verdict
submit_rx_judge(struct submit_rx *r, const struct id *session, uint64_t batch, uint64_t *expected)
{
    bool found;
    size_t at = position_of(r, session, &found);
    uint64_t last = found ? r->table[at].batch : 0;

    *expected = last + 1;
    if (batch == last + 1)
        return SUBMIT_NEXT;
    /* Batches count from 1; a 0 is no batch that could have been stored. */
    return batch > 0 && batch <= last ? SUBMIT_AGAIN : SUBMIT_RESEND;
}

int
submit_rx_accept(struct submit_rx *r, const struct id *session, uint64_t batch, int64_t now_us,
                 struct err *e)
{
    struct session s = {.id = *session, .batch = batch, .used_us = now_us, .dirty = true};
    bool found;
    size_t at = position_of(r, session, &found);

    if (found) {
        r->dirty += !r->table[at].dirty;
        r->table[at] = s;
        return 0;
    }
    if (r->n == MAX_SESSIONS) {
        if (evict_oldest(r, e) < 0)
            return -1;
        at = position_of(r, session, &found);
    }
    insert_at(r, at, &s);
    r->dirty++;
    return 0;
}

int
submit_rx_flush(struct submit_rx *r, struct err *e)
{
    for (size_t i = 0; i < r->n && r->dirty > 0; i++) {
        struct session *s = &r->table[i];
        uint64_t v[2] = {htole64(s->batch), htole64((uint64_t)s->used_us)};

        if (!s->dirty)
            continue;
        if (journal_put(r->journal, SPACE, s->id.b, ID_LEN, v, sizeof(v), e) < 0)
            return -1;
        s->dirty = false;
        r->dirty--;
    }
    return 0;
}
