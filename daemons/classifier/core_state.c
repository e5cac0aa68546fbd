/* core_state: the state to bytes and back; core_save() and core_load() of core.h.
 *
 *   magic, format, sizes of every struct and table, knowledge digest   (struct header)
 *   timers, picture, situations, once, areas: counts, then the tables as they stand
 *   BLAKE2b-256 of all that
 *
 * The tables are written as this build lays them out: another build, another configuration or
 * another machine's byte order does not fit the header and is refused; the state is then made
 * again from the journal. */
#include "core_state.h"

#include <sodium.h>
#include <string.h>

#define FORMAT 3

struct header {
    char magic[8];
    uint32_t format, sizes[9], limits[2], n_timers;
    uint8_t digest[DIGEST_LEN];
    int64_t now_us;
    uint64_t records, incidents;
};

static void
header_of(const struct core *c, struct header *h)
{
    memset(h, 0, sizeof *h);
    memcpy(h->magic, "tocsinSt", sizeof h->magic);
    h->format = FORMAT;
    h->sizes[0] = sizeof(struct header);
    h->sizes[1] = sizeof(struct timer);
    h->sizes[2] = sizeof(struct pic_asset);
    h->sizes[3] = sizeof(struct pic_link);
    h->sizes[4] = sizeof(struct situation);
    h->sizes[5] = sizeof(struct sit_ref);
    h->sizes[6] = sizeof(struct sit_alert);
    h->sizes[7] = sizeof(struct once_entry);
    h->sizes[8] = sizeof(struct area_watch);
    h->limits[0] = c->sits.t_all.cap;
    h->limits[1] = c->sits.t_refs.cap;
    memcpy(h->digest, c->k->digest, sizeof h->digest);
    h->n_timers = c->timers.n;
    h->now_us = c->now_us;
    h->records = c->records;
    h->incidents = c->incidents;
}

int
core_save(const struct core *c, struct buf *b)
{
    size_t from = b->len;
    unsigned char sum[DIGEST_LEN];
    struct header h;

    header_of(c, &h);
    buf_put(b, &h, sizeof h);
    buf_put(b, c->timers.heap, c->timers.n * sizeof *c->timers.heap);
    picture_pack(&c->picture, b);
    situations_pack(&c->sits, b);
    once_pack(&c->once, b);
    unheard_pack(&c->unheard, b);
    if (b->failed || crypto_generichash(sum, sizeof sum, (const unsigned char *)b->data + from,
                                        b->len - from, NULL, 0) != 0)
        return -1;
    buf_put(b, sum, sizeof sum);
    return b->failed ? -1 : 0;
}

/* Everything of the header but what differs from moment to moment. */
static bool
fits(const struct header *h, const struct core *c)
{
    struct header mine;

    header_of(c, &mine);
    mine.n_timers = h->n_timers;
    mine.now_us = h->now_us;
    mine.records = h->records;
    mine.incidents = h->incidents;
    /* NOLINTNEXTLINE(bugprone-suspicious-memory-comparison): header_of() clears the padding */
    return memcmp(&mine, h, sizeof mine) == 0;
}

static int
load_tables(struct core *c, const struct header *h, const char *data, size_t n)
{
    size_t at = sizeof *h, bytes = (size_t)h->n_timers * sizeof *c->timers.heap;

    if (h->n_timers > c->timers.capacity || n - at < bytes)
        return -1;
    memcpy(c->timers.heap, data + at, bytes);
    at += bytes;
    c->timers.n = h->n_timers;
    if (!timers_rebuild(&c->timers) || picture_unpack(&c->picture, data, n, &at) != 0 ||
        situations_unpack(&c->sits, data, n, &at, c->k->config->classifier.join_us) != 0 ||
        once_unpack(&c->once, data, n, &at) != 0 ||
        unheard_unpack(&c->unheard, data, n, &at) != 0 || at != n)
        return -1;
    c->now_us = h->now_us;
    c->records = h->records;
    c->incidents = h->incidents;
    return 0;
}

int
core_load(const struct knowledge *k, const void *p, size_t n, struct core **out, struct err *e)
{
    unsigned char sum[DIGEST_LEN];
    struct header h;
    struct core *c;

    if (n < sizeof h + sizeof sum)
        return err_set(e, "checkpoint: too short; delete it, it is made again from the journal");
    n -= sizeof sum;
    if (crypto_generichash(sum, sizeof sum, p, n, NULL, 0) != 0 ||
        memcmp(sum, (const char *)p + n, sizeof sum) != 0)
        return err_set(e, "checkpoint: damaged; delete it, it is made again from the journal");
    memcpy(&h, p, sizeof h);
    c = core_empty(k);
    if (!c)
        return err_set(e, "checkpoint: out of memory");
    if (!fits(&h, c)) {
        core_free(c);
        return err_set(e, "checkpoint: of another version or configuration; it is made again from "
                          "the journal");
    }
    if (load_tables(c, &h, p, n) != 0) {
        core_free(c);
        return err_set(e, "checkpoint: inconsistent; delete it, it is made again from the journal");
    }
    *out = c;
    return 0;
}
