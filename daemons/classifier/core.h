/* core: the classifier as a function: state and record in, state and alert events out. Pure.
 *
 * Reads no clock, no random number, no environment, iterates over nothing in hash order. All
 * that it does about time fires at its due time, before any record stamped later, ties by id.
 * The events of a record belong to the position after that record. The state is a value of
 * bounded tables (picture, situations, timers); core_save() and core_load() move it to bytes and
 * back, and a loaded state goes on exactly as the saved one would have. */
#ifndef CLASSIFIER_CORE_H
#define CLASSIFIER_CORE_H

#include "buf.h"
#include "err.h"
#include "knowledge.h"
#include "record.h"

struct core;

/* An event and its derivation, both valid during the call. `at` and all that the notifier adds
 * are zero. */
typedef void core_emit_fn(void *arg, const struct alert_event *ev, const struct derivation *d);

struct core *core_new(const struct knowledge *k); /* k is borrowed, must outlive the core */
void core_free(struct core *c);

/* One record of the journal, in order. 0, or -1 when memory is out. */
int core_step(struct core *c, const struct record *r, core_emit_fn *emit, void *arg);

/* All alerts that are open under this configuration, as raised events, oldest first; for the
 * reconciliation at a new term. */
void core_open_alerts(struct core *c, core_emit_fn *emit, void *arg);

/* The finding of one incident as core_step would make it; for `assess` and `redact`. */
int core_finding(const struct knowledge *k, const struct incident *in, int64_t received_at_us,
                 struct arena *a, struct finding *out);

int core_save(const struct core *c, struct buf *b);
int core_load(const struct knowledge *k, const void *p, size_t n, struct core **out, struct err *e);

struct core_figures {
    uint64_t records, incidents, situations, alerts_open, assets;
};
void core_figures(const struct core *c, struct core_figures *out);

#endif
