/* store_priv: what the files of the store share: store.c (batches, and what goes into them),
 * store_flush.c (when and how they get to the disk), store_time.c (what time leaves in the journal,
 * and the figures).
 *
 * A batch and its receipts live in an arena that is reset after each flush. If appending or flushing
 * fails, `broken` is set and nothing more is appended until store_commit() has either rolled back
 * (disk full) or ended the process. */
#ifndef COLLECTOR_STORE_PRIV_H
#define COLLECTOR_STORE_PRIV_H

#include "buf.h"
#include "clock.h"
#include "replay.h"
#include "store.h"

struct batch {
    struct batch *next;
    const char *source, *door, *format;
    const struct source_conf *conf; /* of source; NULL = not configured. While the batch is open */
    bool replay, again, edge;
    store_done_fn *done;
    void *arg;
    struct receipt *receipts;
    size_t n, cap;
    bool failed; /* memory was out for a receipt: the whole batch is answered retry */
};

struct store {
    struct svc *svc;
    struct journal *journal;
    struct quarantine *quarantine;
    struct submit_rx *sessions;
    struct replay replay;
    struct clock clock;
    struct arena *arena;
    struct arena *look; /* of judge_form() */
    struct buf body;
    struct batch *first, **last;
    size_t open; /* batches that are not closed yet */
    size_t pending;
    void (*on_commit)(void *arg);
    void *on_commit_arg;
    void (*on_status)(void *arg, struct daemon_status *out, struct arena *a);
    void *on_status_arg;
    void (*on_gathered)(void *arg);
    void *on_gathered_arg;
    struct event *gather, *soon, *tick, *second;
    bool gathering, draining, broken, full;
    int64_t tick_us, gather_us, batch_max, disk_low_bytes;
    int64_t last_commit_us, last_append_us, full_until_us;
    int64_t window_us;
    int64_t window_records, window_before;
    struct err why;
    int why_errno;
    int64_t *m_stored, *m_duplicate, *m_rejected, *m_ignored, *m_commits, *m_retry, *m_seq,
        *m_steps, *m_free;
    char state_dir[512];
};

/* A write failed: with what errno says, for the next commit. */
void store_breaks(struct store *st, const struct err *e);
/* Appends a record that has its stamps and id; receipt may be NULL. As journal_append(). */
int store_append(struct store *st, const struct record *r, struct receipt *receipt);
/* The stamp of what comes in now. A recording may have left one that lies ahead of the clock. */
int64_t store_stamp(struct store *st);

/* Events of the loop. */
void store_on_gather(evutil_socket_t fd, short what, void *arg);
void store_on_soon(evutil_socket_t fd, short what, void *arg);
void store_on_tick(evutil_socket_t fd, short what, void *arg);
void store_on_second(evutil_socket_t fd, short what, void *arg);

#endif
