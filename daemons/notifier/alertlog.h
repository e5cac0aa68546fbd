/* alertlog: what the notifier knows: the alert log and all that follows from it.
 *
 * The log (a journal of kind "alerts") holds one Record(event) per step in an alert's life, the
 * whole alert as it stands after it. Beside it, in the same transaction:
 *   alert    id                -> seq of the last event of the alert (8 bytes)
 *   open     id                -> when it expires by this log's time (8 bytes); the open ones
 *   deriv    id, revision      -> Record(derivation)
 *   held     "position"        -> the classifier's position, term and configuration digest
 *
 * Everything here only appends; alertlog_commit() flushes, and then hands each new event to
 * on_event for publishing. Timers (escalation, expiry) are computed from the log: they survive
 * a restart, and what fell due meanwhile happens at once, stamped with both times. */
#ifndef NOTIFIER_ALERTLOG_H
#define NOTIFIER_ALERTLOG_H

#include "arena.h"
#include "journal.h"
#include "record.h"
#include "svc.h"
#include "wire.h"

struct alertlog;

struct alertlog_hooks {
    /* After the flush, in order. body is the packed Record without seq. */
    void (*on_event)(void *arg, uint64_t seq, const struct alert_event *ev, const void *body,
                     size_t len);
    /* Something was appended by a timer: commit soon. */
    void (*on_timer)(void *arg);
    void *arg;
};

int alertlog_new(struct svc *s, const struct alertlog_hooks *h, struct alertlog **out,
                 struct err *e);
void alertlog_free(struct alertlog *al);
void alertlog_reload(struct alertlog *al, const struct config *c);

struct journal *alertlog_journal(struct alertlog *al);

/* Judges and appends a classifier's decision. Fills decision, held, term, config_digest, reason
 * of *out (strings in the arena). Nothing counts before the commit. -1: the store failed. */
int alertlog_decide(struct alertlog *al, const struct decision *d, struct arena *a,
                    struct receipts *out, struct err *e);

/* A command of an officer. Fills the receipt (reason in the arena). -1: the store failed. */
int alertlog_command(struct alertlog *al, const struct command *c, struct arena *a,
                     struct receipt *out, struct err *e);

/* Flushes. -1: exit 74, or after ENOSPC alertlog_rollback(). */
int alertlog_commit(struct alertlog *al, struct err *e);
int alertlog_rollback(struct alertlog *al, struct err *e);

/* The last event of an alert: 0, 1 not known, -1. The struct lives in the arena. */
int alertlog_get(struct alertlog *al, const struct id *id, struct arena *a, uint64_t *seq,
                 struct alert_event *out, struct err *e);
/* Ids after `after` (NULL = from the first) in id order; open ones only or all. */
int alertlog_ids(struct alertlog *al, bool open, const struct id *after,
                 int (*fn)(void *arg, const struct id *id), void *arg, struct err *e);
/* Derivations of an alert in order of revision; packed Records. */
int alertlog_derivations(struct alertlog *al, const struct id *id,
                         int (*fn)(void *arg, const void *body, size_t len), void *arg,
                         struct err *e);

int64_t alertlog_now(struct alertlog *al);
size_t alertlog_open_count(const struct alertlog *al);
void alertlog_held(const struct alertlog *al, struct position *held, uint64_t *term);

#endif
