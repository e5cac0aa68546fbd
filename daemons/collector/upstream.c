/* upstream: see upstream.h.
 *
 *   acked <= read <= scan <= head of the journal
 *
 * scan: judged for urgency, and copied to the urgent session where urgent. read: handed to the
 * ordered session, or left out. acked: the cursor.
 *
 * Nothing is done inside a callback of store or submit but noting and kicking: on_kick() does the
 * work, a slice a turn, so that a long backlog holds up no door. */
#include "upstream.h"

#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "clock.h"
#include "intake.h"
#include "log.h"
#include "metrics.h"
#include "timefmt.h"
#include "upstream_pace.h"
#include "urgent.h"

#define SPACE         "upstream"
#define KEY           "cursor"
#define SCAN_SLICE    256
#define URGENT_RING   65536
#define COPY_AHEAD    256 /* what the ordered pass reaches this soon needs no copy */
#define URGENT_BATCH  64  /* small: the first of many arrives early */
#define URGENT_WINDOW 4
#define URGENT_QUEUE  1024
#define ORDERED_QUEUE 16384

/* In the journal, little-endian. */
struct cursor {
    uint64_t seq;
    struct id journal; /* of headquarters */
};

struct way {
    struct upstream *u;
    struct submit_tx *tx;
    const char *name;
};

struct upstream {
    struct svc *svc;
    struct store *store;
    struct urgent *words;
    struct way ordered, urgent;
    struct event *kick, *second;
    struct arena *arena;
    struct buf body, scratch;
    struct pace pace;
    struct id journal;
    uint64_t acked, read, scan;
    bool unsaved, rewind, draining;
    /* urgent records between acked and scan, by sequence number */
    struct copy {
        uint64_t seq;
        enum { NEAR, COPIED, DELIVERED } state; /* NEAR: the ordered pass is there soon */
    } * ring;
    size_t ring_first, ring_n, n_near;
    uint64_t urgent_sent, urgent_acked;
    enum { FLOWING, OUT, BACK } outage; /* BACK: the link is there, urgent ones go first */
    uint64_t until, goal;               /* BACK: scanned so far, and receipted so far, it is over */
    int64_t since_us;
    bool up;
    uint64_t sent, refused, bytes_before;
    struct log_limit refused_limit;
    int64_t *m_records, *m_refused, *m_bytes, *m_backlog, *m_up;
};

static void
kick(struct upstream *u)
{
    static const struct timeval now = {0, 0};

    (void)evtimer_add(u->kick, &now); /* fails only out of memory; the next second kicks again */
}

void
upstream_wake(struct upstream *u)
{
    if (u != NULL && !u->draining)
        kick(u);
}

static uint64_t
head_of(const struct upstream *u)
{
    struct position head;

    journal_head(store_journal(u->store), &head);
    return head.seq;
}

/* ---- cursor */

static int
load_cursor(struct upstream *u, struct err *e)
{
    struct cursor c;
    size_t len = 0;
    int rc = journal_get(store_journal(u->store), SPACE, KEY, strlen(KEY), &c, sizeof c, &len, e);

    if (rc < 0)
        return -1;
    if (rc == 0 && len == sizeof c) {
        u->acked = u->read = u->scan = le64toh(c.seq);
        u->journal = c.journal;
    }
    return 0;
}

static void
save_cursor(struct upstream *u)
{
    struct cursor c = {.seq = htole64(u->acked), .journal = u->journal};

    if (!u->unsaved)
        return;
    u->unsaved = false;
    (void)store_put(u->store, SPACE, KEY, strlen(KEY), &c, sizeof c);
    store_breathe(u->store);
}

/* ---- records as they travel */

static bool
is_forwarded(enum record_type t)
{
    return t == REC_INCIDENT || t == REC_ASSET || t == REC_POSITION || t == REC_LINK ||
           t == REC_ACT;
}

/* Does the receiver come to the same id by itself? */
static bool
id_follows(struct upstream *u, const struct record *r)
{
    struct record bare = *r;

    if (r->type != REC_POSITION && (r->type != REC_INCIDENT || r->u.incident.own_id == NULL ||
                                    r->u.incident.own_id[0] == '\0'))
        return false;
    memset(&bare.id, 0, sizeof bare.id);
    return intake_prepare(u->svc->config, "", NULL, 0, true, &bare, &u->scratch, NULL) == 0 &&
           id_cmp(&bare.id, &r->id) == 0;
}

/* -1: EAGAIN there is no room. */
static int
send_record(struct upstream *u, struct way *w, struct record *r, uint64_t seq)
{
    if (id_follows(u, r))
        memset(&r->id, 0, sizeof r->id);
    r->seq = 0;
    buf_reset(&u->body);
    wire_record_pack(r, false, &u->body);
    if (u->body.failed) {
        errno = EAGAIN;
        return -1;
    }
    return submit_tx_add(w->tx, u->body.data, u->body.len, seq);
}

/* What cannot be read was written by a newer release: it is not for us to judge. */
static bool
read_row(struct upstream *u, const struct journal_row *row, struct record *r)
{
    struct err e = {.text = ""};

    arena_reset(u->arena);
    if (wire_record_unpack(row->body, row->len, u->arena, r, &e) == 0)
        return is_forwarded(r->type);
    log_warn("upstream: a record is not forwarded seq=%" PRIu64 ": %s", row->seq, e.text);
    return false;
}

/* ---- the urgent pass */

static struct copy *
ring_at(const struct upstream *u, size_t i)
{
    return &u->ring[(u->ring_first + i) % URGENT_RING];
}

static struct copy *
ring_find(const struct upstream *u, uint64_t seq)
{
    size_t low = 0, high = u->ring_n;

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (ring_at(u, mid)->seq < seq)
            low = mid + 1;
        else
            high = mid;
    }
    return low < u->ring_n && ring_at(u, low)->seq == seq ? ring_at(u, low) : NULL;
}

/* What the cursor has passed needs no entry. */
static void
ring_trim(struct upstream *u)
{
    while (u->ring_n > 0 && ring_at(u, 0)->seq <= u->acked) {
        u->n_near -= ring_at(u, 0)->state == NEAR;
        u->ring_first = (u->ring_first + 1) % URGENT_RING;
        u->ring_n--;
    }
}

/* 1: no room now, the row is looked at again. */
static int
scan_row(void *arg, const struct journal_row *row)
{
    struct upstream *u = arg;
    struct copy copy = {.seq = row->seq, .state = NEAR};
    struct record r;

    if (!read_row(u, row, &r) || !urgent_is(u->words, &r)) {
        u->scan = row->seq;
        return 0;
    }
    if (u->ring_n == URGENT_RING)
        return 1;
    if (u->outage != FLOWING || row->seq > u->read + COPY_AHEAD) {
        if (send_record(u, &u->urgent, &r, row->seq) < 0)
            return 1;
        copy.state = COPIED;
        u->urgent_sent = row->seq;
    }
    u->n_near += copy.state == NEAR;
    u->scan = row->seq;
    *ring_at(u, u->ring_n++) = copy;
    return 0;
}

static int
copy_row(void *arg, const struct journal_row *row)
{
    struct upstream *u = arg;
    struct copy *copy = ring_find(u, row->seq);
    struct record r;

    if (copy != NULL && (!read_row(u, row, &r) || send_record(u, &u->urgent, &r, row->seq) == 0)) {
        copy->state = COPIED;
        u->n_near--;
        u->urgent_sent = row->seq > u->urgent_sent ? row->seq : u->urgent_sent;
    }
    return 1;
}

/* The ordered pass does not get there soon any more: what it was left to do is copied. */
static void
copy_near(struct upstream *u)
{
    for (size_t i = 0; i < u->ring_n && u->n_near > 0; i++) {
        struct copy *copy = ring_at(u, i);
        size_t before = u->n_near;
        uint64_t last;
        if (copy->state != NEAR)
            continue;
        if (journal_read(store_journal(u->store), copy->seq, 1, copy_row, u, &last, NULL) < 0 ||
            u->n_near == before)
            break; /* no room in the queue of copies, or it is gone: later, or by the ordered pass */
    }
    submit_tx_flush(u->urgent.tx);
}

/* True when there is more to scan and room for it. */
static bool
scan(struct upstream *u)
{
    uint64_t from = u->scan, last = 0;
    struct err e = {.text = ""};

    if (u->outage != FLOWING && u->n_near > 0)
        copy_near(u);
    if (from >= head_of(u))
        return false;
    if (journal_read(store_journal(u->store), from + 1, SCAN_SLICE, scan_row, u, &last, &e) < 0) {
        log_error("upstream: the journal could not be read: %s", e.text);
        return false;
    }
    if (u->scan == from && last > from && submit_tx_pending(u->urgent.tx) == 0 &&
        u->ring_n < URGENT_RING)
        u->scan = last; /* nothing but tombstones, or a record that memory is out for */
    submit_tx_flush(u->urgent.tx);
    return u->scan > from && u->scan < head_of(u);
}

/* ---- the ordered pass */

struct chunk {
    struct upstream *u;
    size_t n, max;
};

static int
feed_row(void *arg, const struct journal_row *row)
{
    struct chunk *c = arg;
    struct upstream *u = c->u;
    const struct copy *copy = ring_find(u, row->seq);
    struct record r;

    if (row->seq > u->scan)
        return 1;
    if ((copy == NULL || copy->state != DELIVERED) && read_row(u, row, &r)) {
        if (send_record(u, &u->ordered, &r, row->seq) < 0)
            return 1;
        c->n++;
    }
    u->read = row->seq;
    return c->n == c->max;
}

/* True when there is more to feed and room for it. */
static bool
feed(struct upstream *u)
{
    struct chunk c = {.u = u, .max = pace_chunk(&u->pace, submit_tx_pending(u->ordered.tx))};
    uint64_t from = u->read, last = 0;
    struct err e = {.text = ""};

    if (c.max == 0 || from >= u->scan)
        return false;
    if (journal_read(store_journal(u->store), from + 1, c.max + SCAN_SLICE, feed_row, &c, &last,
                     &e) < 0) {
        log_error("upstream: the journal could not be read: %s", e.text);
        return false;
    }
    if (u->read == from && c.n == 0 && submit_tx_pending(u->ordered.tx) == 0)
        u->read = last < u->scan ? last : u->scan; /* tombstones */
    submit_tx_flush(u->ordered.tx);
    if (c.n > 0)
        pace_sent(&u->pace, u->read, c.n, mono_now_us());
    return u->read > from && u->read < u->scan;
}

/* ---- outages */

static void
goes_out(struct upstream *u)
{
    u->outage = OUT;
    submit_tx_pause(u->ordered.tx, true);
    pace_restart(&u->pace);
}

/* The link is back: what was urgent by then goes first. */
static void
judge_outage(struct upstream *u)
{
    if (u->outage == OUT && submit_tx_up(u->urgent.tx)) {
        u->outage = BACK;
        u->until = head_of(u);
        u->goal = UINT64_MAX;
    }
    if (u->outage != BACK)
        return;
    if (u->goal == UINT64_MAX && u->n_near == 0 &&
        (u->scan >= u->until || u->ring_n == URGENT_RING))
        u->goal = u->urgent_sent;
    if (u->urgent_acked >= u->goal) {
        u->outage = FLOWING;
        submit_tx_pause(u->ordered.tx, false);
    }
}

static void
on_state(void *arg, bool up, const char *why)
{
    struct way *w = arg;
    struct upstream *u = w->u;

    if (!up && u->outage != OUT)
        goes_out(u);
    if (w == &u->urgent) {
        u->up = up;
        u->since_us = store_now(u->store);
    }
    if (up)
        log_info("upstream: headquarters answers session=%s", w->name);
    else
        log_warn("upstream: not now session=%s: %s", w->name, why);
    kick(u);
}

/* ---- answers */

static void
count_receipt(struct upstream *u, const struct receipt *r, uint64_t seq)
{
    uint64_t suppressed = 0;

    u->sent++;
    (*u->m_records)++;
    if (r->status != RC_REJECTED)
        return;
    u->refused++;
    (*u->m_refused)++;
    if (log_allow(&u->refused_limit, mono_now_us(), SECOND_US, 5, &suppressed))
        log_warn("upstream: headquarters refused a record for good, it is in its quarantine "
                 "seq=%" PRIu64 " suppressed=%" PRIu64 ": %s",
                 seq, suppressed, r->reason != NULL ? r->reason : "no reason given");
}

static void
on_ordered(void *arg, uint64_t seq, const struct receipt *r)
{
    struct upstream *u = ((struct way *)arg)->u;

    struct copy *copy = ring_find(u, seq);

    u->acked = seq;
    u->unsaved = true;
    pace_answered(&u->pace, seq, mono_now_us());
    if (copy == NULL || copy->state != DELIVERED)
        count_receipt(u, r, seq);
    ring_trim(u);
    kick(u);
}

static void
on_urgent(void *arg, uint64_t seq, const struct receipt *r)
{
    struct upstream *u = ((struct way *)arg)->u;
    struct copy *copy = ring_find(u, seq);

    u->urgent_acked = seq;
    u->unsaved = true;
    if (copy != NULL && copy->state == COPIED) { /* else the ordered pass was first */
        copy->state = DELIVERED;
        count_receipt(u, r, seq);
    }
    kick(u);
}

static void
on_room(void *arg)
{
    kick(((struct way *)arg)->u);
}

static void
on_journal(void *arg, const struct id *journal)
{
    struct upstream *u = ((struct way *)arg)->u;

    if (id_cmp(journal, &u->journal) == 0)
        return;
    u->rewind = u->rewind || !id_is_zero(&u->journal);
    u->journal = *journal;
    u->unsaved = true;
    kick(u);
}

struct oldest {
    int64_t at_us;
};

static int
note_time(void *arg, const struct journal_row *row)
{
    ((struct oldest *)arg)->at_us = row->at_us;
    return 1;
}

static uint64_t
bytes_of(const struct upstream *u)
{
    return u->bytes_before + submit_tx_bytes(u->ordered.tx) + submit_tx_bytes(u->urgent.tx);
}

static void
report(const struct upstream *u, struct link_report *out)
{
    struct oldest o = {0};
    uint64_t last = 0;

    out->backlog = head_of(u) - u->acked;
    if (out->backlog > 0 &&
        journal_read(store_journal(u->store), u->acked + 1, 1, note_time, &o, &last, NULL) == 0)
        out->oldest_us = o.at_us;
    out->bytes = bytes_of(u);
    out->records = u->sent;
}

static void
on_heartbeat(void *arg, struct link_report *out)
{
    report(((struct way *)arg)->u, out);
}

/* ---- sessions */

static int
open_way(struct upstream *u, struct way *w, const struct submit_tx_opts *o, struct err *e)
{
    const struct config *c = u->svc->config;
    struct submit_tx_opts all = *o;

    all.endpoint = c->collector.upstream.endpoint;
    all.source = c->collector.upstream.source;
    all.token = c->collector.upstream.token;
    all.timeout_us = c->collector.upstream.silence_us;
    all.far = true;
    all.on_room = on_room;
    all.on_state = on_state;
    all.on_heartbeat = on_heartbeat;
    all.on_journal = on_journal;
    all.arg = w;
    return submit_tx_new(u->svc->zmq, u->svc->base, &all, &w->tx, e);
}

static int
open_ways(struct upstream *u, struct err *e)
{
    const struct config *c = u->svc->config;
    const struct submit_tx_opts ordered = {.window = (unsigned)c->collector.upstream.window,
                                           .batch_records =
                                               (unsigned)c->collector.upstream.batch_records,
                                           .queue_records = ORDERED_QUEUE,
                                           .on_receipt = on_ordered};
    const struct submit_tx_opts urgent = {.window = URGENT_WINDOW,
                                          .batch_records = URGENT_BATCH,
                                          .queue_records = URGENT_QUEUE,
                                          .heartbeat_us = c->collector.upstream.heartbeat_us,
                                          .on_receipt = on_urgent};

    if (open_way(u, &u->ordered, &ordered, e) < 0 || open_way(u, &u->urgent, &urgent, e) < 0)
        return -1;
    goes_out(u);
    return 0;
}

static void
close_ways(struct upstream *u)
{
    if (u->ordered.tx != NULL && u->urgent.tx != NULL)
        u->bytes_before = bytes_of(u);
    submit_tx_free(u->ordered.tx);
    submit_tx_free(u->urgent.tx);
    u->ordered.tx = u->urgent.tx = NULL;
}

/* Headquarters has another journal, which has nothing of us. */
static void
start_over(struct upstream *u)
{
    struct err e = {.text = ""};

    log_warn("upstream: headquarters has another journal: everything is sent again");
    u->rewind = false;
    u->acked = u->read = u->scan = 0;
    u->ring_n = u->n_near = 0;
    u->urgent_sent = u->urgent_acked = 0;
    u->unsaved = true;
    close_ways(u);
    if (open_ways(u, &e) < 0) {
        log_error("upstream: %s", e.text);
        svc_exit(u->svc, EX_OSERR);
    }
}

/* ---- the loop */

static void
on_kick(evutil_socket_t fd, short what, void *arg)
{
    struct upstream *u = arg;
    bool more;

    (void)fd;
    (void)what;
    if (u->draining)
        return;
    if (u->rewind)
        start_over(u);
    more = scan(u);
    judge_outage(u);
    if (u->outage == FLOWING)
        more = feed(u) || more;
    if (submit_tx_pending(u->ordered.tx) == 0)
        u->acked = u->read;
    ring_trim(u);
    *u->m_bytes = (int64_t)bytes_of(u);
    *u->m_backlog = (int64_t)(head_of(u) - u->acked);
    *u->m_up = u->up;
    if (more)
        kick(u);
}

static void
on_second(evutil_socket_t fd, short what, void *arg)
{
    struct upstream *u = arg;

    (void)fd;
    (void)what;
    if (store_refuses(u->store, true) == NULL)
        save_cursor(u);
    kick(u);
}

static void
count_with(struct upstream *u)
{
    u->m_records = metric_new(METRIC_COUNTER, "upstream_records_total", NULL,
                              "Records receipted by headquarters");
    u->m_refused = metric_new(METRIC_COUNTER, "upstream_refused_total", NULL,
                              "Records that headquarters refused for good");
    u->m_bytes = metric_new(METRIC_COUNTER, "upstream_bytes_total", NULL,
                            "Bytes of messages to and from headquarters");
    u->m_backlog = metric_new(METRIC_GAUGE, "upstream_backlog", NULL,
                              "Records that headquarters has not receipted");
    u->m_up = metric_new(METRIC_GAUGE, "upstream_up", NULL, "Headquarters answers: 1, else 0");
}

int
upstream_new(struct svc *s, struct store *st, struct upstream **out, struct err *e)
{
    const struct config *c = s->config;
    struct timeval every = {.tv_sec = 1};
    struct upstream *u;

    if (c->collector.upstream.endpoint == NULL)
        return 0;
    if (c->collector.upstream.source == NULL)
        return err_set(e, "collector.upstream.source: missing; what this collector is called at "
                          "headquarters");
    if ((u = calloc(1, sizeof *u)) == NULL)
        return err_set(e, "out of memory");
    u->svc = s;
    u->store = st;
    u->ordered = (struct way){.u = u, .name = "ordered"};
    u->urgent = (struct way){.u = u, .name = "urgent"};
    u->since_us = store_now(st);
    buf_init(&u->body, 0);
    buf_init(&u->scratch, 0);
    pace_init(&u->pace, (size_t)c->collector.upstream.batch_records,
              (size_t)c->collector.upstream.window);
    count_with(u);
    u->ring = calloc(URGENT_RING, sizeof *u->ring);
    u->arena = arena_new(0);
    u->kick = evtimer_new(s->base, on_kick, u);
    u->second = event_new(s->base, -1, EV_PERSIST, on_second, u);
    if (u->ring == NULL || u->arena == NULL || u->kick == NULL || u->second == NULL ||
        event_add(u->second, &every) < 0) {
        (void)err_set(e, "out of memory");
        goto fail;
    }
    if (urgent_new(&c->collector.upstream.urgent, &u->words, e) < 0 || load_cursor(u, e) < 0 ||
        open_ways(u, e) < 0)
        goto fail;
    log_info("forwards to %s as %s", c->collector.upstream.endpoint, c->collector.upstream.source);
    kick(u);
    *out = u;
    return 0;
fail:
    upstream_free(u);
    return -1;
}

void
upstream_free(struct upstream *u)
{
    if (u == NULL)
        return;
    close_ways(u);
    if (u->kick != NULL)
        event_free(u->kick);
    if (u->second != NULL)
        event_free(u->second);
    urgent_free(u->words);
    arena_free(u->arena);
    buf_fini(&u->body);
    buf_fini(&u->scratch);
    free(u->ring);
    free(u);
}

void
upstream_drain(struct upstream *u)
{
    if (u == NULL)
        return;
    save_cursor(u);
    u->draining = true;
    submit_tx_pause(u->ordered.tx, true);
    (void)event_del(u->second);
}

void
upstream_status(const struct upstream *u, struct daemon_status *out, struct arena *a)
{
    char since[TIME_TEXT], oldest[TIME_TEXT];
    struct link_report r = {0};
    const char *waits = "", *bytes = "";

    report(u, &r);
    if (r.backlog > 0)
        waits = arena_printf(a, ", %" PRIu64 " wait, the oldest since %s", r.backlog,
                             time_text(r.oldest_us / SECOND_US * SECOND_US, oldest));
    if (r.records > 0)
        bytes = arena_printf(a, ", %" PRIu64 " bytes a record", r.bytes / r.records);
    const char *text =
        arena_printf(a, "%s since %s, %" PRIu64 " receipted, %" PRIu64 " refused%s%s",
                     u->up ? "up" : "DOWN", time_text(u->since_us / SECOND_US * SECOND_US, since),
                     r.records, u->refused, waits != NULL ? waits : "", bytes != NULL ? bytes : "");
    if (text != NULL && out->n_figures < sizeof out->figures / sizeof out->figures[0])
        out->figures[out->n_figures++] = (struct attribute){.name = "upstream", .value = text};
}
