/* fetch: both ends of the verb fetch.
 *
 * The consumer asks for records from a position on when it has room; the server answers at once,
 * or holds the fetch until there is something or its wait is over. Catching up and following are
 * the same call. The client asks one question at a time, of up to `max` records; it may ask the
 * next one within on_records, before it works on the answer.
 *
 * Who follows may ask for several answers at once (`answers`): an answer that reaches the head is
 * then followed by the next one as soon as there is more, without a question in between, which
 * under load halves the messages. `more` in an answer says how many may still come; 0 ends the
 * fetch, and it is never longer than its wait. */
#ifndef TOCSIN_FETCH_H
#define TOCSIN_FETCH_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

#include "chan.h"
#include "server.h"
#include "wire.h"

/* Both ends keep a fetch beyond the call: copies its prefixes into one block, points f at it and
 * returns it for free(). NULL when there are none, or out of memory. */
char *fetch_copy_prefixes(struct fetch *f);

/* ---- client */

struct fetch_tx;

struct fetch_tx_opts {
    const char *endpoint;
    int64_t
        timeout_us; /* beyond the wait; 0 = 2 s: then a new connection and the same fetch again */
    /* An answer. The records live until the callback returns. In it the next question may be
     * asked, and the client freed. While r->more is not 0 the client goes on waiting. */
    void (*on_records)(void *arg, const struct records *r);
    void (*on_state)(void *arg, bool up, const char *why); /* may be NULL */
    void *arg;
};

int fetch_tx_new(struct chan_context *ctx, struct event_base *base, const struct fetch_tx_opts *o,
                 struct fetch_tx **out, struct err *e);
void fetch_tx_free(struct fetch_tx *t);
/* Asks; the request number is set here. An earlier unanswered fetch is forgotten. */
int fetch_tx_ask(struct fetch_tx *t, const struct fetch *f);
bool fetch_tx_waiting(const struct fetch_tx *t);

/* ---- server: fetches that wait */

struct fetch_rx;

/* Serves a fetch: fills and sends the answer with server_reply(). Returns 1 when it answered,
 * 0 when there is nothing yet and the fetch should wait. force: answer even when empty. Where
 * f->answers allows, it may announce more answers and return 2: *f is then the fetch that is left. */
typedef int fetch_serve_fn(void *arg, const struct peer *to, struct fetch *f, bool force);

/* At most `max` waiting fetches; one more is answered at once, empty. So is the older of two of
 * one peer on one stream. None waits longer than a minute. wait_ms 0 does not wait. */
int fetch_rx_new(struct event_base *base, size_t max, fetch_serve_fn *serve, void *arg,
                 struct fetch_rx **out, struct err *e);
void fetch_rx_free(struct fetch_rx *r);
void fetch_rx_add(struct fetch_rx *r, const struct peer *from, const struct fetch *f);
/* Something was committed: serve who waits. */
void fetch_rx_wake(struct fetch_rx *r);
size_t fetch_rx_waiting(const struct fetch_rx *r);

#endif
