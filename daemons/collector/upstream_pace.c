/* upstream_pace: see the header. */
#include "upstream_pace.h"

#include <string.h>

#include "timefmt.h"

#define ROOM_MIN    128
#define QUEUE_US    SECOND_US
#define CHUNK_LEAST 16

void
pace_init(struct pace *p, size_t batch_records, size_t window)
{
    memset(p, 0, sizeof *p);
    p->chunk_max = batch_records;
    p->room_max = batch_records * window;
    pace_restart(p);
}

void
pace_restart(struct pace *p)
{
    p->room = ROOM_MIN < p->room_max ? ROOM_MIN : p->room_max;
    p->least_us = INT64_MAX;
    p->cut_us = 0;
    p->first = p->n = 0;
}

size_t
pace_chunk(const struct pace *p, size_t pending)
{
    size_t chunk = p->room / 2;

    if (chunk < CHUNK_LEAST)
        chunk = CHUNK_LEAST;
    if (chunk > p->chunk_max)
        chunk = p->chunk_max;
    return pending == 0 || pending + chunk <= p->room ? chunk : 0;
}

void
pace_sent(struct pace *p, uint64_t last, size_t records, int64_t now_us)
{
    if (p->n == PACE_CHUNKS)
        return;
    size_t at = (p->first + p->n++) % PACE_CHUNKS;
    p->chunks[at].last = last;
    p->chunks[at].records = records;
    p->chunks[at].sent_us = now_us;
}

void
pace_answered(struct pace *p, uint64_t seq, int64_t now_us)
{
    while (p->n > 0 && p->chunks[p->first].last <= seq) {
        int64_t sent = p->chunks[p->first].sent_us, delay = now_us - sent;
        size_t records = p->chunks[p->first].records;

        p->first = (p->first + 1) % PACE_CHUNKS;
        p->n--;
        if (delay < p->least_us)
            p->least_us = delay;
        if (delay <= p->least_us + QUEUE_US / 2) {
            size_t more = p->room + (records + 1) / 2;
            p->room = more < p->room_max ? more : p->room_max;
        } else if (delay > p->least_us + QUEUE_US && sent >= p->cut_us) {
            /* what was sent before the last cut is no news */
            size_t least = ROOM_MIN < p->room_max ? ROOM_MIN : p->room_max;
            p->room = p->room * 3 / 4 > least ? p->room * 3 / 4 : least;
            p->cut_us = now_us;
        }
    }
}
