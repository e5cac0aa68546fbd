/* decide: the classifier's end of submit: what was decided and is not stored yet.
 *
 * One decision is on the way at a time; what is decided meanwhile goes into the next. The answer
 * always tells what the notifier holds; what lies at or before it is dropped here, whoever
 * stored it: this process, the one that was killed before it, or a second classifier. */
#ifndef CLASSIFIER_DECIDE_H
#define CLASSIFIER_DECIDE_H

#include <event2/event.h>

#include "chan.h"
#include "wire.h"

struct decide;

struct decide_ops {
    /* An answer to the decision that was on the way. */
    void (*on_answer)(void *arg, const struct receipts *r);
    /* The notifier is silent, or back. */
    void (*on_state)(void *arg, bool up);
    void *arg;
};

int decide_new(struct chan_context *ctx, struct event_base *base, const char *endpoint,
               const struct decide_ops *ops, struct decide **out, struct err *e);
void decide_free(struct decide *d);

/* Keeps an event of record seq, and its derivation. -1 when memory is out. */
int decide_add(struct decide *d, uint64_t seq, const struct alert_event *ev,
               const struct derivation *deriv);
size_t decide_pending(const struct decide *d);
/* Drops what is at or before seq. */
void decide_stored(struct decide *d, uint64_t seq);
void decide_clear(struct decide *d);

bool decide_on_the_way(const struct decide *d);
/* Sends one decision: head (from, to, term, digest, heartbeat ...) with what is pending up to
 * head->to, as much as one message takes; head->to is cut to the record up to which all fitted,
 * for which digest_at is asked. Does nothing while one is on the way. */
int decide_send(struct decide *d, struct decision *head,
                bool (*digest_at)(void *arg, uint64_t seq, uint8_t *digest), void *arg);
/* The answer said retry without telling more: the same again after a while. */
void decide_again(struct decide *d, uint32_t after_ms);

#endif
