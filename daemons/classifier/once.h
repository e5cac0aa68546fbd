/* once: what the rules have told lately, so that each tells once of an asset or a place in its
 * time. Pure.
 *
 * The last MAX_ONCE tellings; beyond that the oldest is forgotten, and may be told again. A value
 * that is saved as it stands; the index is rebuilt. */
#ifndef CLASSIFIER_ONCE_H
#define CLASSIFIER_ONCE_H

#include "buckets.h"
#include "buf.h"

#define MAX_ONCE 4096

struct once_entry {
    int64_t at_us;
    uint64_t subject; /* an asset's or a name's hash; 0 = the place */
    struct geo_pt pt;
    uint32_t rule, unused;
};

struct once {
    struct once_entry *v;
    uint32_t n, next; /* next: the one that is overwritten */
    struct buckets by_key;
};

int once_init(struct once *t); /* 0, or -1 when out of memory */
void once_fini(struct once *t);

/* subject is not 0. since_us: later than that. */
bool once_subject(const struct once *t, uint32_t rule, uint64_t subject, int64_t since_us);
/* Of a place within m of pt. */
bool once_place(const struct once *t, uint32_t rule, struct geo_pt pt, uint32_t m,
                int64_t since_us);
void once_put(struct once *t, uint32_t rule, uint64_t subject, struct geo_pt pt, int64_t now_us);

void once_pack(const struct once *t, struct buf *b);
/* Moves *at on; -1 when it does not fit. */
int once_unpack(struct once *t, const char *data, size_t n, size_t *at);

#endif
