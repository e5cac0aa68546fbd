/* held: see held.h. On disk: journal id, seq, digest, term, configuration digest, integers as 8
 * bytes little-endian. */
#include "held.h"

#include <string.h>

#define SPACE "held"
#define KEY   "position"
#define SIZE  (ID_LEN + 8 + DIGEST_LEN + 8 + DIGEST_LEN)

static void
put64(uint8_t *p, uint64_t v)
{
    for (int i = 0; i < 8; i++)
        p[i] = (uint8_t)(v >> (8 * i));
}

static uint64_t
get64(const uint8_t *p)
{
    uint64_t v = 0;
    for (int i = 7; i >= 0; i--)
        v = v << 8 | p[i];
    return v;
}

bool
held_same(const struct position *a, const struct position *b)
{
    return id_cmp(&a->journal, &b->journal) == 0 && a->seq == b->seq &&
           memcmp(a->digest, b->digest, DIGEST_LEN) == 0;
}

enum receipt_status
held_judge(const struct held *h, const struct decision *d, const char **why)
{
    *why = NULL;
    if (d->term == 0) {
        *why = "asked where to go on";
        return RC_RETRY;
    }
    if (d->term < h->term) {
        *why = "a classifier with a higher term has taken over";
        return RC_REJECTED;
    }
    if (d->term > h->term) {
        if (h->term == 0 || d->reconcile)
            return RC_STORED;
        *why = "a new term begins with all open alerts";
        return RC_REJECTED;
    }
    if (memcmp(d->config_digest, h->digest, DIGEST_LEN) != 0) {
        *why = "another configuration holds this term";
        return RC_REJECTED;
    }
    if (d->reconcile) {
        *why = "this term has begun already";
        return RC_DUPLICATE;
    }
    if (held_same(&d->from, &h->position))
        return RC_STORED;
    if (id_cmp(&d->to.journal, &h->position.journal) == 0 && d->to.seq <= h->position.seq)
        return RC_DUPLICATE;
    *why = "it does not begin where the last decision ended";
    return RC_RETRY;
}

int
held_load(struct held *h, struct journal *j, struct err *e)
{
    uint8_t v[SIZE];
    size_t len = 0;
    int rc = journal_get(j, SPACE, KEY, sizeof KEY - 1, v, sizeof v, &len, e);

    memset(h, 0, sizeof *h);
    if (rc < 0)
        return -1;
    if (rc > 0)
        return 0;
    if (len != SIZE)
        return err_set(e, "the classifier's position is kept in a form that this release does not "
                          "know");
    const uint8_t *p = v;
    memcpy(h->position.journal.b, p, ID_LEN);
    h->position.seq = get64(p += ID_LEN);
    memcpy(h->position.digest, p += 8, DIGEST_LEN);
    h->term = get64(p += DIGEST_LEN);
    memcpy(h->digest, p + 8, DIGEST_LEN);
    return 0;
}

int
held_save(const struct held *h, struct journal *j, struct err *e)
{
    uint8_t v[SIZE], *p = v;

    memcpy(p, h->position.journal.b, ID_LEN);
    put64(p += ID_LEN, h->position.seq);
    memcpy(p += 8, h->position.digest, DIGEST_LEN);
    put64(p += DIGEST_LEN, h->term);
    memcpy(p + 8, h->digest, DIGEST_LEN);
    return journal_put(j, SPACE, KEY, sizeof KEY - 1, v, sizeof v, e);
}
