/* store: the one place where the collector's journal is written.
 *
 * Doors bring batches; records are appended as they come; one flush serves all that arrived
 * meanwhile (group commit), and only then the batches get their receipts. When the disk is full
 * everything since the last flush is rolled back and every waiting batch is told to try again;
 * any other failure of a flush ends the process with exit code 74, without receipts.
 *
 * It also writes what time leaves in the journal: ticks when nothing arrives (after the first
 * other record), steps of the wall clock, and the brackets of a replay. While a replay is open
 * every other batch is answered `retry`, and stamps come from the recording. */
#ifndef COLLECTOR_STORE_H
#define COLLECTOR_STORE_H

#include <stdbool.h>

#include "arena.h"
#include "err.h"
#include "journal.h"
#include "quarantine.h"
#include "record.h"
#include "submit.h"
#include "svc.h"

struct store;
struct batch;

/* The batch is over: n receipts, or retry true and nothing of it was stored. Called once per
 * batch, never from inside store_open_batch() or store_add(). why may be NULL. */
typedef void store_done_fn(void *arg, const struct receipt *receipts, size_t n, bool retry,
                           const char *why);

int store_new(struct svc *s, struct store **out, struct err *e);
void store_free(struct store *st);
/* A new configuration; limits and ticks are taken from it. */
void store_reload(struct store *st, const struct config *c);

struct journal *store_journal(struct store *st);
struct quarantine *store_quarantine(struct store *st);
struct submit_rx *store_sessions(struct store *st);
/* Called after each commit, also one that was rolled back: somebody may wait for records, or rest. */
void store_on_commit(struct store *st, void (*fn)(void *arg), void *arg);
/* Called at the end of a gathering, in front of its commit: doors that rest take what waits, as long
 * as store_has_room(). */
void store_on_gathered(struct store *st, void (*fn)(void *arg), void *arg);

/* May a batch come in now? NULL = yes, else why not (a full disk, a replay, shutting down). */
const char *store_refuses(const struct store *st, bool replay);

/* source: in whose name. door, format: for quarantine, static strings; format: a format_name(), or
 * NULL for packed Records. again: the batch was stored before and its answer was lost. NULL when
 * memory is out. */
struct batch *store_open_batch(struct store *st, const char *source, const char *door,
                               const char *format, bool replay, bool again, store_done_fn *done,
                               void *arg);
/* The batch is an edge collector's: its records keep their ids, the names of their sources and
 * their stamps; what it says of its own clock (ticks, steps, brackets) is refused. When it took an
 * incident in becomes first_received_at; received_at is ours. */
void store_from_edge(struct batch *b);
/* Checks, stamps, appends; makes the receipt. What the source may not send (source_may()) is
 * refused. raw is what goes to quarantine then. unique: see intake.h. Strings of the record need
 * to live only during the call. */
void store_add(struct store *st, struct batch *b, struct record *r, const void *unique,
               size_t unique_len, const void *raw, size_t raw_len);
/* A record that never got that far. */
void store_refuse(struct store *st, struct batch *b, const char *why, const void *raw,
                  size_t raw_len);
/* Nothing that is taken in, and no mistake: a receipt that says so, and nothing is kept. */
void store_ignore(struct store *st, struct batch *b, const char *why);
/* Takes an entry out of the quarantine: stored, or duplicate when there is none of that number. */
void store_dismiss(struct store *st, struct batch *b, uint64_t number);
/* The receipt of what was added, refused or ignored last; lives until the batch is closed. NULL when
 * there is none or the batch is going to be answered `retry`. */
const struct receipt *store_last(const struct batch *b);
/* A value beside the log (see journal_put()), in the transaction of what was added so far; value
 * NULL deletes the key. 0, or -1 when the disk does not take it: the next commit tells. */
int store_put(struct store *st, const char *space, const void *key, size_t klen, const void *value,
              size_t vlen);
/* No more records; receipts follow the next commit. */
void store_close_batch(struct store *st, struct batch *b);

/* The moment to flush, or to gather for a millisecond when much is coming in. */
void store_breathe(struct store *st);
/* The same, once what is ready in this turn of the loop was read: for doors that get one request
 * at a time. A flush for each of them would keep the others waiting for the disk in turn. */
void store_breathe_soon(struct store *st);
/* Under load, from a flush until the next: the doors may rest, store_on_gathered() tells when. */
bool store_gathering(const struct store *st);
/* More records fit into the commit to come. */
bool store_has_room(const struct store *st);
/* Flushes what there is now. */
void store_commit(struct store *st);
/* No more batches from now on; store_idle() says when nothing waits. */
void store_drain(struct store *st);
bool store_idle(const struct store *st);

int64_t store_now(struct store *st);
void store_status(struct store *st, struct daemon_status *out, struct arena *a);
/* Adds a figure to a status, where there is room. name must outlive the arena. */
void store_figure(struct daemon_status *out, struct arena *a, const char *name, int64_t value);
/* fn adds figures of others to each status; `out` has room for a few. */
void store_on_status(struct store *st,
                     void (*fn)(void *arg, struct daemon_status *out, struct arena *a), void *arg);

#endif
