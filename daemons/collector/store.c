/* store: see store.h.
 *
 * A batch and its receipts live in an arena that is reset after each flush. If appending or
 * flushing fails, `broken` is set and nothing more is appended until store_commit() has either
 * rolled back (disk full) or ended the process. */
#include "store.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sysexits.h>

#include "buf.h"
#include "clock.h"
#include "intake.h"
#include "log.h"
#include "metrics.h"
#include "replay.h"
#include "timefmt.h"
#include "wire.h"

#define PENDING_LIMIT  ((size_t)256 << 20)
#define RATE_WINDOW_US (100 * INT64_C(1000))
#define GATHER_RATE    300 /* records in RATE_WINDOW_US above which a flush waits for more */
#define FULL_RETRY_US  SECOND_US
#define IDLE_US        (SECOND_US / 4) /* without a commit: time for the journal's upkeep */

struct batch {
    struct batch *next;
    const char *source, *door, *format;
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

static void on_gather(evutil_socket_t fd, short what, void *arg);
static void on_soon(evutil_socket_t fd, short what, void *arg);
static void on_tick(evutil_socket_t fd, short what, void *arg);
static void on_second(evutil_socket_t fd, short what, void *arg);

/* ---- making */

static int
open_all(struct store *st, const struct config *c, struct err *e)
{
    struct quarantine_limits q = {.items = c->collector.quarantine_items,
                                  .bytes = c->collector.quarantine_bytes,
                                  .item_bytes = c->collector.quarantine_item_bytes};
    char path[600];

    (void)snprintf(st->state_dir, sizeof st->state_dir, "%s", c->collector.state);
    (void)snprintf(path, sizeof path, "%s/journal.db", st->state_dir);
    if (journal_open(path, "journal", true, (enum durability)c->instance.durability, &st->journal,
                     e) < 0)
        return -1;
    if (quarantine_new(st->journal, &q, &st->quarantine, e) < 0)
        return -1;
    if (submit_rx_new(st->journal, &st->sessions, e) < 0)
        return -1;
    return replay_load(&st->replay, st->journal, e);
}

static void
count_with(struct store *st)
{
    st->m_stored = metric_new(METRIC_COUNTER, "records_stored_total", NULL, "Records stored");
    st->m_duplicate =
        metric_new(METRIC_COUNTER, "records_duplicate_total", NULL, "Resends of stored records");
    st->m_rejected = metric_new(METRIC_COUNTER, "records_rejected_total", NULL,
                                "Records refused and put into quarantine");
    st->m_ignored = metric_new(METRIC_COUNTER, "records_ignored_total", NULL,
                               "Items that are nothing to take in");
    st->m_retry = metric_new(METRIC_COUNTER, "batches_retry_total", NULL,
                             "Batches that were told to try again");
    st->m_commits = metric_new(METRIC_COUNTER, "commits_total", NULL, "Flushes of the journal");
    st->m_seq = metric_new(METRIC_GAUGE, "journal_seq", NULL, "Last flushed record");
    st->m_steps = metric_new(METRIC_COUNTER, "clock_steps_total", NULL, "Steps of the wall clock");
    st->m_free = metric_new(METRIC_GAUGE, "disk_free_bytes", NULL, "Free bytes under the journal");
}

void
store_reload(struct store *st, const struct config *c)
{
    st->tick_us = c->collector.tick_us;
    st->gather_us = c->collector.gather_us;
    st->batch_max = c->collector.batch_max;
    st->disk_low_bytes = c->collector.disk_low_bytes;
    if (c->instance.durability == DURABILITY_EACH)
        st->batch_max = 1;
}

int
store_new(struct svc *s, struct store **out, struct err *e)
{
    struct store *st = calloc(1, sizeof *st);
    struct position head;
    struct timeval every = {.tv_sec = 1};

    if (st == NULL)
        return err_set(e, "out of memory");
    st->svc = s;
    st->last = &st->first;
    buf_init(&st->body, 0);
    count_with(st);
    store_reload(st, s->config);
    if ((st->arena = arena_new(PENDING_LIMIT)) == NULL) {
        (void)err_set(e, "out of memory");
        goto fail;
    }
    if (open_all(st, s->config, e) < 0)
        goto fail;
    clock_start(&st->clock, journal_last_at(st->journal));
    journal_head(st->journal, &head);
    *st->m_seq = (int64_t)head.seq;
    st->gather = evtimer_new(s->base, on_gather, st);
    st->soon = evtimer_new(s->base, on_soon, st);
    st->tick = evtimer_new(s->base, on_tick, st);
    st->second = event_new(s->base, -1, EV_PERSIST, on_second, st);
    if (st->gather == NULL || st->soon == NULL || st->tick == NULL || st->second == NULL ||
        event_add(st->second, &every) < 0) {
        (void)err_set(e, "out of memory");
        goto fail;
    }
    on_tick(-1, 0, st);
    if (st->last_append_us == 0) /* a replay that was open is not silent yet */
        st->last_append_us = mono_now_us();
    *out = st;
    return 0;
fail:
    store_free(st);
    return -1;
}

void
store_free(struct store *st)
{
    if (st == NULL)
        return;
    if (st->gather != NULL)
        event_free(st->gather);
    if (st->soon != NULL)
        event_free(st->soon);
    if (st->tick != NULL)
        event_free(st->tick);
    if (st->second != NULL)
        event_free(st->second);
    submit_rx_free(st->sessions);
    quarantine_free(st->quarantine);
    journal_close(st->journal);
    arena_free(st->arena);
    buf_fini(&st->body);
    free(st);
}

struct journal *
store_journal(struct store *st)
{
    return st->journal;
}

struct quarantine *
store_quarantine(struct store *st)
{
    return st->quarantine;
}

struct submit_rx *
store_sessions(struct store *st)
{
    return st->sessions;
}

void
store_on_commit(struct store *st, void (*fn)(void *arg), void *arg)
{
    st->on_commit = fn;
    st->on_commit_arg = arg;
}

void
store_on_gathered(struct store *st, void (*fn)(void *arg), void *arg)
{
    st->on_gathered = fn;
    st->on_gathered_arg = arg;
}

/* ---- taking batches */

const char *
store_refuses(const struct store *st, bool replay)
{
    if (st->draining)
        return "the collector is shutting down";
    if (st->full)
        return "the disk is full";
    if (st->broken)
        return "the journal could not be written";
    if (!replay && replay_open(&st->replay))
        return "a replay is running";
    return NULL;
}

struct batch *
store_open_batch(struct store *st, const char *source, const char *door, const char *format,
                 bool replay, bool again, store_done_fn *done, void *arg)
{
    struct batch *b = arena_zalloc(st->arena, sizeof *b);

    if (b == NULL)
        return NULL;
    b->source = arena_strndup(st->arena, source, strlen(source));
    b->door = door;
    b->format = format;
    b->replay = replay;
    b->again = again;
    b->done = done;
    b->arg = arg;
    if (b->source == NULL)
        return NULL;
    st->open++;
    return b;
}

void
store_from_edge(struct batch *b)
{
    b->edge = true;
}

static struct receipt *
next_receipt(struct store *st, struct batch *b)
{
    if (b->n == b->cap) {
        size_t cap = b->cap == 0 ? 64 : b->cap * 2;
        struct receipt *more = arena_alloc(st->arena, cap * sizeof *more);
        if (more == NULL) {
            b->failed = true;
            return NULL;
        }
        if (b->n > 0)
            memcpy(more, b->receipts, b->n * sizeof *more);
        b->receipts = more;
        b->cap = cap;
    }
    struct receipt *r = &b->receipts[b->n++];
    memset(r, 0, sizeof *r);
    return r;
}

static void
store_breaks(struct store *st, const struct err *e)
{
    if (!st->broken) {
        st->why = *e;
        st->why_errno = errno;
    }
    st->broken = true;
}

void
store_refuse(struct store *st, struct batch *b, const char *why, const void *raw, size_t raw_len)
{
    struct receipt *r = next_receipt(st, b);
    struct err e = {.text = ""};

    if (r == NULL)
        return;
    r->status = RC_REJECTED;
    r->reason = arena_strndup(st->arena, why, strlen(why));
    (*st->m_rejected)++;
    if (!st->broken && quarantine_put(st->quarantine, clock_now(&st->clock), b->source, b->door,
                                      b->format, why, raw, raw_len, &e) < 0)
        store_breaks(st, &e);
}

void
store_ignore(struct store *st, struct batch *b, const char *why)
{
    struct receipt *r = next_receipt(st, b);

    if (r == NULL)
        return;
    r->status = RC_IGNORED;
    r->reason = arena_strndup(st->arena, why, strlen(why));
    (*st->m_ignored)++;
}

void
store_dismiss(struct store *st, struct batch *b, uint64_t number)
{
    struct receipt *r = next_receipt(st, b);
    struct err e = {.text = ""};
    int rc;

    if (r == NULL)
        return;
    if (st->broken) {
        b->failed = true;
        return;
    }
    if ((rc = quarantine_remove(st->quarantine, number, &e)) < 0) {
        b->failed = true;
        store_breaks(st, &e);
        return;
    }
    r->status = rc == 1 ? RC_DUPLICATE : RC_STORED;
}

const struct receipt *
store_last(const struct batch *b)
{
    return b->failed || b->n == 0 ? NULL : &b->receipts[b->n - 1];
}

int
store_put(struct store *st, const char *space, const void *key, size_t klen, const void *value,
          size_t vlen)
{
    struct err e = {.text = ""};
    int rc;

    if (st->broken)
        return -1;
    rc = value != NULL ? journal_put(st->journal, space, key, klen, value, vlen, &e)
                       : journal_del(st->journal, space, key, klen, &e);
    if (rc < 0)
        store_breaks(st, &e);
    return rc;
}

/* Appends a record that has its stamps and id; receipt may be NULL. */
static int
append(struct store *st, const struct record *r, struct receipt *receipt)
{
    struct err e = {.text = ""};
    uint64_t seq = 0;

    if (st->broken)
        return -1;
    buf_reset(&st->body);
    wire_record_pack(r, false, &st->body);
    if (st->body.failed)
        return -1;
    int rc = journal_append(st->journal, &r->id, r->received_at_us, st->body.data, st->body.len,
                            &seq, &e);
    if (rc < 0) {
        store_breaks(st, &e);
        return -1;
    }
    st->pending++;
    if (rc == 1)
        st->last_append_us = mono_now_us();
    if (receipt != NULL) {
        receipt->status = rc == 1 ? RC_STORED : RC_DUPLICATE;
        receipt->seq = seq;
        receipt->id = r->id;
        (*(rc == 1 ? st->m_stored : st->m_duplicate))++;
    }
    return rc;
}

/* The stamp of what comes in now. A recording may have left one that lies ahead of the clock. */
static int64_t
stamp_now(struct store *st)
{
    int64_t now = clock_now(&st->clock), last = journal_last_at(st->journal);

    return now > last ? now : last;
}

/* A step of the wall clock is a record, in front of what comes after it. Like a tick there is
 * none in an empty journal, which a replay may still want, nor behind a recording's time. */
static void
note_step(struct store *st)
{
    int64_t now = stamp_now(st), step = clock_take_step(&st->clock);
    struct record r = {.type = REC_CLOCK_STEP, .received_at_us = now};
    struct position head;

    if (step == 0)
        return;
    (*st->m_steps)++;
    log_warn("the wall clock was set: stamps follow it slowly step_s=%" PRId64, step / SECOND_US);
    journal_pending_head(st->journal, &head);
    if (head.seq == 0 || !replay_ticks(&st->replay))
        return;
    r.u.clock_step_us = step;
    if (intake_prepare(st->svc->config, "local", &now, sizeof now, false, &r, &st->body, NULL) == 0)
        (void)append(st, &r, NULL);
}

/* What a replay session may bring, and when. NULL = it may. */
static const char *
judge_replayed(struct store *st, struct record *r)
{
    struct position head;
    struct err e = {.text = ""};

    journal_pending_head(st->journal, &head);
    if (r->type == REC_REPLAY) {
        const char *why = r->u.replay.begin ? replay_begin(&st->replay, head.seq)
                                            : replay_end(&st->replay, r->u.replay.keep_time);
        if (why == NULL && !st->broken && replay_save(&st->replay, st->journal, &e) < 0)
            store_breaks(st, &e);
        if (why == NULL)
            log_info("replay %s name=%s", r->u.replay.begin ? "begins" : "is over",
                     r->u.replay.name != NULL ? r->u.replay.name : "-");
        if (r->received_at_us < journal_last_at(st->journal))
            r->received_at_us = journal_last_at(st->journal);
        return why;
    }
    if (!replay_open(&st->replay))
        return "no replay is open: begin with a replay bracket";
    if (r->received_at_us == 0)
        return "a replayed record needs received_at";
    return NULL;
}

/* NULL = the source may send this. One that is not configured has passed a door that lets it. */
static const char *
judge_source(struct store *st, const struct batch *b, const struct record *r)
{
    const struct source_conf *s = config_source(st->svc->config, b->source);
    const char *word = r->type == REC_INCIDENT   ? "incidents"
                       : r->type == REC_POSITION ? "positions"
                                                 : "assets";

    if (s == NULL || source_may(s, r->type))
        return NULL;
    return arena_printf(st->arena,
                        "the source %.64s may not send %s; add that word to its key may under "
                        "collector.sources",
                        s->name, word);
}

/* Id and stamps are ours to give, whatever a sender wrote there. */
static void
clear_stamps(struct record *r)
{
    struct incident *in = &r->u.incident;

    memset(&r->id, 0, sizeof r->id);
    if (r->type != REC_INCIDENT)
        return;
    in->first_received_at_us = 0;
    in->source_class = SC_UNKNOWN;
    in->utc_offset_min = 0;
    in->clock_untrusted = false;
    in->source_place = NULL;
    in->redacted = false;
    in->finding = NULL;
}

void
store_add(struct store *st, struct batch *b, struct record *r, const void *unique,
          size_t unique_len, const void *raw, size_t raw_len)
{
    struct err e = {.text = ""};
    const char *why;

    if (b->replay) {
        st->last_append_us = mono_now_us(); /* somebody is there */
        if (!b->again && (why = judge_replayed(st, r)) != NULL) {
            store_refuse(st, b, why, raw, raw_len);
            return;
        }
    } else {
        if (r->type == REC_TICK || r->type == REC_CLOCK_STEP || r->type == REC_REPLAY) {
            store_refuse(st, b, "ticks, clock steps and replay brackets are the collector's own",
                         raw, raw_len);
            return;
        }
        if ((why = judge_source(st, b, r)) != NULL) {
            store_refuse(st, b, why, raw, raw_len);
            return;
        }
        if (b->edge && r->type == REC_INCIDENT && r->u.incident.first_received_at_us == 0)
            r->u.incident.first_received_at_us = r->received_at_us;
        r->received_at_us = stamp_now(st);
        r->seq = 0;
        if (!b->edge)
            clear_stamps(r);
    }
    if (intake_prepare(st->svc->config, b->source, unique, unique_len,
                       b->edge || (b->replay && !id_is_zero(&r->id)), r, &st->body, &e) < 0) {
        store_refuse(st, b, e.text, raw, raw_len);
        return;
    }
    if (b->replay && r->received_at_us < journal_last_at(st->journal)) {
        /* A resend after a crash carries old stamps; only what is new must be in order. */
        r->received_at_us = journal_last_at(st->journal);
    }
    struct receipt *receipt = next_receipt(st, b);
    if (receipt == NULL || append(st, r, receipt) < 0) {
        b->failed = true;
        return;
    }
    if (!b->replay && replay_live(&st->replay) && replay_save(&st->replay, st->journal, &e) < 0)
        store_breaks(st, &e);
}

void
store_close_batch(struct store *st, struct batch *b)
{
    st->open--;
    b->next = NULL;
    *st->last = b;
    st->last = &b->next;
    st->window_records += (int64_t)b->n;
}

/* ---- flushing */

static void
answer_all(struct store *st, bool retry, const char *why)
{
    struct batch *b = st->first;

    st->first = NULL;
    st->last = &st->first;
    while (b != NULL) {
        struct batch *next = b->next;
        bool again = retry || b->failed;
        if (again)
            (*st->m_retry)++;
        b->done(b->arg, b->receipts, again ? 0 : b->n, again, again ? why : NULL);
        b = next;
    }
    arena_reset(st->arena);
}

/* ENOSPC: everything since the last flush is taken back and asked for again later. All else is
 * the end: the process cannot know what is on disk. */
static void
flush_failed(struct store *st, const struct err *e, int error)
{
    struct err again = {.text = ""};

    if (error != ENOSPC) {
        log_error("the journal could not be flushed, nothing since was receipted: %s", e->text);
        svc_exit(st->svc, EX_IOERR);
        st->broken = true;
        return;
    }
    if (!st->full)
        log_error("the disk is full, senders are told to try again: %s; make room under %s",
                  e->text, st->state_dir);
    st->full = true;
    st->full_until_us = mono_now_us() + FULL_RETRY_US;
    if (journal_rollback(st->journal, &again) < 0 || submit_rx_reload(st->sessions, &again) < 0 ||
        quarantine_reload(st->quarantine, &again) < 0 ||
        replay_load(&st->replay, st->journal, &again) < 0) {
        log_error("the journal could not be rolled back: %s", again.text);
        svc_exit(st->svc, EX_IOERR);
        return;
    }
    st->broken = false;
    st->pending = 0;
    answer_all(st, true, "the disk is full");
    if (st->on_commit != NULL)
        st->on_commit(st->on_commit_arg); /* doors that rest go on */
}

bool
store_has_room(const struct store *st)
{
    return st->pending < (size_t)st->batch_max && !st->broken;
}

/* Records in RATE_WINDOW_US, lately. */
static int64_t
rate_of(struct store *st, int64_t now)
{
    if (now - st->window_us > RATE_WINDOW_US) {
        st->window_before = now - st->window_us > 2 * RATE_WINDOW_US ? 0 : st->window_records;
        st->window_records = 0;
        st->window_us = now;
    }
    return st->window_records > st->window_before ? st->window_records : st->window_before;
}

/* Under load, sees to it that the next commit comes `gather` after the last one. False when it is
 * due at once. */
static bool
gather(struct store *st)
{
    int64_t now = mono_now_us(), wait = st->last_commit_us + st->gather_us - now;

    if (!store_has_room(st) || rate_of(st, now) < GATHER_RATE || wait <= 0 || st->draining)
        return false;
    if (!st->gathering) {
        struct timeval tv = {.tv_sec = wait / SECOND_US,
                             .tv_usec = (suseconds_t)(wait % SECOND_US)};
        st->gathering = true;
        (void)event_add(st->gather, &tv);
    }
    return true;
}

void
store_commit(struct store *st)
{
    struct err e = {.text = ""};
    struct position head;
    bool full = !store_has_room(st), committed = journal_dirty(st->journal);

    if (st->gathering) {
        st->gathering = false;
        (void)event_del(st->gather);
    }
    assert(st->open == 0);
    st->last_commit_us = mono_now_us();
    if (st->broken) {
        flush_failed(st, &st->why, st->why_errno);
        return;
    }
    if (submit_rx_flush(st->sessions, &e) < 0) {
        flush_failed(st, &e, errno);
        return;
    }
    if (journal_dirty(st->journal)) {
        errno = 0;
        if (journal_commit(st->journal, &e) < 0) {
            flush_failed(st, &e, errno);
            return;
        }
        (*st->m_commits)++;
        journal_head(st->journal, &head);
        *st->m_seq = (int64_t)head.seq;
        st->full = false;
    }
    st->pending = 0;
    /* Wake-ups are the cost under load: the doors rest at once, and take what came meanwhile when
     * the next commit is due. Behind a full one more is waiting. */
    if (committed && !full)
        (void)gather(st);
    /* Who follows the journal first: an alert may hang on it, on a receipt nothing does. */
    if (st->on_commit != NULL)
        st->on_commit(st->on_commit_arg);
    if (st->first != NULL)
        answer_all(st, false, NULL);
    journal_housekeep(st->journal, false);
}

void
store_breathe(struct store *st)
{
    if ((st->first != NULL || journal_dirty(st->journal) || st->broken) && !gather(st))
        store_commit(st);
}

void
store_breathe_soon(struct store *st)
{
    struct timeval now = {0};

    if (st->pending >= (size_t)st->batch_max)
        store_breathe(st);
    else if (!evtimer_pending(st->soon, NULL))
        (void)event_add(st->soon, &now);
}

static void
on_soon(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    store_breathe(arg);
}

bool
store_gathering(const struct store *st)
{
    return st->gathering;
}

static void
on_gather(evutil_socket_t fd, short what, void *arg)
{
    struct store *st = arg;

    (void)fd;
    (void)what;
    st->gathering = false;
    /* When nothing came the commit is none, but the doors rest no more. */
    if (st->on_gathered != NULL)
        st->on_gathered(st->on_gathered_arg);
    store_commit(st);
}

void
store_drain(struct store *st)
{
    st->draining = true;
    store_commit(st);
}

bool
store_idle(const struct store *st)
{
    return st->first == NULL && st->open == 0 && !journal_dirty(st->journal);
}

/* ---- time */

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
    struct store *st = arg;
    struct record r = {.type = REC_TICK};
    int64_t idle = mono_now_us() - st->last_append_us;
    int64_t next = st->tick_us;
    struct position head;

    (void)fd;
    (void)what;
    journal_pending_head(st->journal, &head);
    if (idle < st->tick_us) {
        next = st->tick_us - idle;
    } else if (head.seq > 0 && replay_ticks(&st->replay) && !st->broken && !st->full &&
               !st->draining) {
        r.received_at_us = stamp_now(st);
        if (intake_prepare(st->svc->config, "local", NULL, 0, false, &r, &st->body, NULL) == 0 &&
            append(st, &r, NULL) >= 0)
            store_commit(st);
    }
    struct timeval tv = {.tv_sec = next / SECOND_US, .tv_usec = (suseconds_t)(next % SECOND_US)};
    (void)event_add(st->tick, &tv);
}

/* Once a second: a look at the clocks, the disk, the WAL, and a replay that fell silent. */
static void
on_second(evutil_socket_t fd, short what, void *arg)
{
    struct store *st = arg;
    struct statvfs fs;
    int64_t now = mono_now_us();

    (void)fd;
    (void)what;
    if (st->full && now >= st->full_until_us)
        st->full = false;
    note_step(st);
    if (statvfs(st->state_dir, &fs) == 0) {
        int64_t room = (int64_t)fs.f_bavail * (int64_t)fs.f_frsize;
        if (room < st->disk_low_bytes && (*st->m_free == 0 || *st->m_free >= st->disk_low_bytes))
            log_warn("little room is left for the journal free_bytes=%" PRId64 " dir=%s", room,
                     st->state_dir);
        *st->m_free = room;
    }
    if (replay_open(&st->replay) && now - st->last_append_us > REPLAY_SILENCE_US) {
        struct err e = {.text = ""};
        log_warn("a replay fell silent and is closed");
        (void)replay_end(&st->replay, true);
        if (replay_save(&st->replay, st->journal, &e) < 0)
            store_breaks(st, &e);
    }
    if (!journal_dirty(st->journal) && st->first == NULL && !st->broken)
        journal_housekeep(st->journal, now - st->last_commit_us > IDLE_US);
    else
        store_breathe(st);
}

int64_t
store_now(struct store *st)
{
    return clock_now(&st->clock);
}

void
store_figure(struct daemon_status *out, struct arena *a, const char *name, int64_t value)
{
    if (out->n_figures < sizeof out->figures / sizeof out->figures[0])
        out->figures[out->n_figures++] =
            (struct attribute){.name = name, .value = arena_printf(a, "%" PRId64, value)};
}

void
store_status(struct store *st, struct daemon_status *out, struct arena *a)
{
    struct position head;

    memset(out, 0, sizeof *out);
    journal_head(st->journal, &head);
    out->daemon = "collector";
    out->version = TOCSIN_VERSION;
    out->at_us = clock_now(&st->clock);
    out->up_since_us = st->svc->started_wall_us;
    out->head = head.seq;
    out->last_error = log_last_error();
    store_figure(out, a, "stored", *st->m_stored);
    store_figure(out, a, "duplicate", *st->m_duplicate);
    store_figure(out, a, "rejected", *st->m_rejected);
    store_figure(out, a, "ignored", *st->m_ignored);
    store_figure(out, a, "quarantine", (int64_t)quarantine_count(st->quarantine));
    store_figure(out, a, "commits", *st->m_commits);
    store_figure(out, a, "disk_free_bytes", *st->m_free);
    store_figure(out, a, "clock_ahead_ms", (out->at_us - wall_now_us()) / 1000);
    store_figure(out, a, "clock_steps", *st->m_steps);
    store_figure(out, a, "replay_open", replay_open(&st->replay));
    if (st->on_status != NULL)
        st->on_status(st->on_status_arg, out, a);
}

void
store_on_status(struct store *st, void (*fn)(void *arg, struct daemon_status *out, struct arena *a),
                void *arg)
{
    st->on_status = fn;
    st->on_status_arg = arg;
}
