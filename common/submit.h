/* submit: both ends of the verb submit.
 *
 * The sender numbers its batches within a session: 1, 2, 3 … The receiver stores only the next
 * batch of a session and answers anything further on with "resend from n"; so a window of
 * unanswered batches keeps its order whatever is killed in between. A batch that is already
 * stored is answered again (its records as duplicates). The receiver keeps the last batch of each
 * session in its log, in the same transaction as the records.
 *
 * Sender:   a record goes in with submit_tx_add(), is kept until its receipt came, and comes out
 *           through on_receipt, in the order of adding. No answer for timeout_us: a new
 *           connection, attempt + 1, the whole window again. A batch is judged whole, or answered
 *           `retry` whole (every receipt RC_RETRY, or no receipts and a reason) and then not
 *           counted; the sender waits retry_after_ms (default 1 s) and sends its window again, so
 *           that no record loses its place. A session that the receiver does not know any more is
 *           begun anew.
 * Far:      over a slow or broken link (opts.far) batches travel packed and are answered shortly
 *           (seq and id of a receipt are then zero). Nothing is sent while there is no connection;
 *           one that is being made is left alone, since a handshake takes some four round trips and
 *           whoever begins anew too often never gets through. When it is there the window goes
 *           first. `retry` also means that the peer does not know us: on_state tells its reason, and
 *           nothing is given up. An idle sender sends a heartbeat; no answer for the time-out: a new
 *           connection.
 * Receiver: pure bookkeeping (submit_rx): which batch is next; the daemon stores. */
#ifndef TOCSIN_SUBMIT_H
#define TOCSIN_SUBMIT_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

#include "chan.h"
#include "journal.h"
#include "wire.h"

/* ---- sender */

struct submit_tx;

struct submit_tx_opts {
    const char *endpoint, *source, *token;
    unsigned window;        /* unanswered batches; 0 = 16 */
    unsigned batch_records; /* 0 = 256, at most MAX_BATCH */
    size_t batch_bytes;     /* 0 = 512 KiB */
    int64_t linger_us;      /* to gather for a batch that is not full; 0 = until the loop is idle */
    int64_t timeout_us;     /* 0 = 2 s */
    size_t queue_records;   /* most records kept; 0 = 65,536 (and 64 MiB) */
    bool replay;
    bool far;                 /* see above */
    int64_t heartbeat_us;     /* far: how often when idle; 0 = never */
    const struct id *session; /* NULL = draw one */
    /* Every record once, in order. cookie is what was added. The receipt is stored, duplicate
     * or rejected; never retry (the sender tries again). */
    void (*on_receipt)(void *arg, uint64_t cookie, const struct receipt *r);
    /* There is room again / everything has its receipt. May be NULL. */
    void (*on_room)(void *arg);
    void (*on_drained)(void *arg);
    /* The connection is silent or back; text for a log. May be NULL. */
    void (*on_state)(void *arg, bool up, const char *why);
    /* far: fills what a heartbeat tells; the id of the receiver's journal, before the receipts of
     * the answer that names it. May be NULL. */
    void (*on_heartbeat)(void *arg, struct link_report *out);
    void (*on_journal)(void *arg, const struct id *journal);
    void *arg;
};

int submit_tx_new(struct chan_context *ctx, struct event_base *base, const struct submit_tx_opts *o,
                  struct submit_tx **out, struct err *e);
void submit_tx_free(struct submit_tx *t); /* accepts NULL; may be called in any of its callbacks */
/* Copies the packed Record. -1: EAGAIN the queue is full (on_room tells when to go on), EMSGSIZE
 * the record is larger than 4 MiB. May be called in any of its callbacks. */
int submit_tx_add(struct submit_tx *t, const void *record, size_t len, uint64_t cookie);
size_t submit_tx_pending(const struct submit_tx *t);
/* Sends what is gathered now; while four batches or more are unanswered, with the next answer, so
 * that a sender of single records does not send each alone when the receiver is busy. */
void submit_tx_flush(struct submit_tx *t);
/* far: sends nothing but heartbeats meanwhile, also not what went to a connection that is gone. */
void submit_tx_pause(struct submit_tx *t, bool pause);
/* far: has the peer answered on the present connection? */
bool submit_tx_up(const struct submit_tx *t);
/* Bytes of the messages sent and received so far, as handed to ZeroMQ. */
uint64_t submit_tx_bytes(const struct submit_tx *t);

/* ---- receiver */

struct submit_rx;

enum submit_verdict {
    SUBMIT_NEXT,  /* store it */
    SUBMIT_AGAIN, /* at or below the last batch: answer, every record is a duplicate or known */
    SUBMIT_RESEND /* a gap: answer resend_from = *expected */
};

/* Sessions are kept in the log's space "session"; at most 4,096, the longest unused go. A session
 * nobody knows begins at batch 1. */
int submit_rx_new(struct journal *j, struct submit_rx **out, struct err *e);
void submit_rx_free(struct submit_rx *r);
enum submit_verdict submit_rx_judge(struct submit_rx *r, const struct id *session, uint64_t batch,
                                    uint64_t *expected);
/* The batch was appended (not yet committed): it counts from now on. submit_rx_flush() puts what
 * was accepted into the log's transaction; call it before each journal_commit(). After a rollback
 * call submit_rx_reload(). */
int submit_rx_accept(struct submit_rx *r, const struct id *session, uint64_t batch, int64_t now_us,
                     struct err *e);
int submit_rx_flush(struct submit_rx *r, struct err *e);
int submit_rx_reload(struct submit_rx *r, struct err *e);

#endif
