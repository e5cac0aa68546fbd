/* fetch_rx: fetches that wait for something to be there.
 *
 * A waiting fetch is held until the daemon's wake finds records for it or its wait is over. A
 * peer chooses how many it asks and how long they wait, so both are bounded: one waits per peer
 * and stream (an older one is answered at once), `max` in all, a minute at most, also when it is
 * good for several answers. */
#include "fetch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define MAX_WAIT_MS 60000

struct waiting {
    TAILQ_ENTRY(waiting) link;
    struct fetch_rx *rx;
    struct peer peer;
    struct fetch fetch;
    char *prefixes;
    struct event *over;
};
TAILQ_HEAD(waiting_list, waiting);

struct fetch_rx {
    struct event_base *base;
    size_t max, n;
    fetch_serve_fn *serve;
    void *arg;
    struct waiting_list list; /* the longest waiting first */
};

char *
fetch_copy_prefixes(struct fetch *f)
{
    size_t total = 0;
    char *block, *at;

    for (size_t i = 0; i < f->n_prefixes; i++)
        total += strlen(f->prefixes[i]) + 1;
    if (total == 0)
        return NULL;
    block = at = malloc(total);
    if (!block)
        return NULL;
    for (size_t i = 0; i < f->n_prefixes; i++) {
        size_t len = strlen(f->prefixes[i]) + 1;

        memcpy(at, f->prefixes[i], len);
        f->prefixes[i] = at;
        at += len;
    }
    return block;
}

static void
waiting_free(struct waiting *w)
{
    if (w->over)
        event_free(w->over);
    free(w->prefixes);
    free(w);
}

static void
drop(struct waiting *w)
{
    TAILQ_REMOVE(&w->rx->list, w, link);
    w->rx->n--;
    waiting_free(w);
}

static void
answer_now(struct waiting *w)
{
    /* Forced, so that it answers; what cannot be sent is not asked for any more. */
    (void)w->rx->serve(w->rx->arg, &w->peer, &w->fetch, true);
    drop(w);
}

static void
on_over(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    answer_now(arg);
}

int
fetch_rx_new(struct event_base *base, size_t max, fetch_serve_fn *serve, void *arg,
             struct fetch_rx **out, struct err *e)
{
    struct fetch_rx *r = calloc(1, sizeof(*r));

    if (!r)
        return err_set(e, "out of memory");
    r->base = base;
    r->max = max;
    r->serve = serve;
    r->arg = arg;
    TAILQ_INIT(&r->list);
    *out = r;
    return 0;
}

void
fetch_rx_free(struct fetch_rx *r)
{
    if (!r)
        return;
    struct waiting *next;
    for (struct waiting *w = TAILQ_FIRST(&r->list); w != NULL; w = next) {
        next = TAILQ_NEXT(w, link);
        drop(w);
    }
    free(r);
}

static struct waiting *
find(struct fetch_rx *r, const struct peer *p, enum stream stream)
{
    struct waiting *w;

    TAILQ_FOREACH(w, &r->list, link)
    if (w->fetch.stream == stream && w->peer.len == p->len &&
        memcmp(w->peer.id, p->id, p->len) == 0)
        return w;
    return NULL;
}

/* NULL when there is no room or no memory for one more. */
static struct waiting *
hold(struct fetch_rx *r, const struct peer *from, const struct fetch *f)
{
    uint32_t ms = f->wait_ms < MAX_WAIT_MS ? f->wait_ms : MAX_WAIT_MS;
    struct timeval tv = {.tv_sec = ms / 1000, .tv_usec = (suseconds_t)(ms % 1000) * 1000};
    struct waiting *w;

    if (r->n >= r->max)
        return NULL;
    w = calloc(1, sizeof(*w));
    if (!w)
        return NULL;
    w->rx = r;
    w->peer = *from;
    w->fetch = *f;
    w->prefixes = fetch_copy_prefixes(&w->fetch);
    w->over = evtimer_new(r->base, on_over, w);
    if ((w->fetch.n_prefixes > 0 && !w->prefixes) || !w->over || evtimer_add(w->over, &tv) < 0) {
        waiting_free(w);
        return NULL;
    }
    TAILQ_INSERT_TAIL(&r->list, w, link);
    r->n++;
    return w;
}

void
fetch_rx_add(struct fetch_rx *r, const struct peer *from, const struct fetch *f)
{
    struct waiting *older = find(r, from, f->stream);
    struct fetch q = *f;

    if (older)
        answer_now(older);
    if (q.wait_ms == 0) {
        (void)r->serve(r->arg, from, &q, true); /* forced: it answers */
        return;
    }
    if (r->serve(r->arg, from, &q, false) != 1 && !hold(r, from, &q))
        (void)r->serve(r->arg, from, &q, true);
}

void
fetch_rx_wake(struct fetch_rx *r)
{
    struct waiting *w, *next;

    for (w = TAILQ_FIRST(&r->list); w; w = next) {
        next = TAILQ_NEXT(w, link);
        if (r->serve(r->arg, &w->peer, &w->fetch, false) == 1)
            drop(w);
    }
}

size_t
fetch_rx_waiting(const struct fetch_rx *r)
{
    return r->n;
}
