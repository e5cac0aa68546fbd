/* upstream_pace: how many records may be on their way to headquarters. Pure.
 *
 * What is sent together is a chunk. The delay of a chunk's answer beyond the least one seen is taken
 * for queue in the link; it is kept at about a second: with an answer of at most half a second more
 * go half as many more as it receipted, beyond a second a quarter less, but never less than 128. */
#ifndef COLLECTOR_UPSTREAM_PACE_H
#define COLLECTOR_UPSTREAM_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PACE_CHUNKS 64 /* whose answers are awaited; more are not timed */

struct pace {
    size_t chunk_max, room_max;
    size_t room; /* records that may be unanswered */
    int64_t least_us, cut_us;
    struct {
        uint64_t last; /* sequence number of its last record */
        size_t records;
        int64_t sent_us;
    } chunks[PACE_CHUNKS];
    size_t first, n;
};

void pace_init(struct pace *p, size_t batch_records, size_t window);
/* A new connection: delays are learnt anew, nothing is awaited, room is what it was at the start. */
void pace_restart(struct pace *p);
/* How many records the next chunk may have while `pending` are unanswered; 0 = not yet. */
size_t pace_chunk(const struct pace *p, size_t pending);
void pace_sent(struct pace *p, uint64_t last, size_t records, int64_t now_us);
/* The record seq has its receipt. */
void pace_answered(struct pace *p, uint64_t seq, int64_t now_us);

#endif
