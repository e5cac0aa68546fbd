/* upstream: an edge collector forwards its journal to headquarters.
 *
 * Two sessions of submit (far, see submit.h), each with a connection of its own:
 *   ordered  every record in journal order; moves the cursor.
 *   urgent   copies of urgent records (urgent.h), ahead of the queue, in small batches; sends the
 *            heartbeat. What was receipted here the ordered pass leaves out.
 * After an outage, and at start, the ordered session rests until the urgent records that were there
 * when the link came back have their receipts.
 *
 * Cursor: every record up to it is receipted or not for headquarters. It is kept in the journal's
 * space "upstream", at most once a second, with the id of headquarters' journal. After a kill what
 * lies behind it is sent again, and is a duplicate there since ids are the same. Another journal at
 * headquarters begins from our start: it has nothing of us.
 *
 * Forwarded are incidents (redacted ones as they are), assets, positions, links and acts; not ticks,
 * steps of the clock and replay brackets. An id that headquarters can derive is left out. A record
 * that is refused there for good lies in its quarantine, is counted and logged, and stops nothing.
 *
 * Pace: as many records are on their way as keep the queue in the link at about a second, so that
 * an urgent one does not wait behind them (upstream_pace.h).
 *
 * Memory is bounded: 65,536 urgent sequence numbers, and the queues of submit. Settings are taken at
 * start; endpoint, source and the others need a restart. */
#ifndef COLLECTOR_UPSTREAM_H
#define COLLECTOR_UPSTREAM_H

#include "arena.h"
#include "err.h"
#include "store.h"
#include "svc.h"

struct upstream;

/* *out stays NULL where collector.upstream.endpoint is not set. */
int upstream_new(struct svc *s, struct store *st, struct upstream **out, struct err *e);
void upstream_free(struct upstream *u); /* accepts NULL, as do the following */
/* The journal has grown. */
void upstream_wake(struct upstream *u);
/* Keeps the cursor; sends nothing more. */
void upstream_drain(struct upstream *u);
/* Adds the figure "upstream". */
void upstream_status(const struct upstream *u, struct daemon_status *out, struct arena *a);

#endif
