/* store_flush: see store.h. When what was appended gets to the disk, and who is told. */
#include <assert.h>
#include <errno.h>
#include <sysexits.h>

#include "log.h"
#include "store_priv.h"
#include "timefmt.h"

#define RATE_WINDOW_US (100 * INT64_C(1000))
#define GATHER_RATE    300 /* records in RATE_WINDOW_US above which a flush waits for more */
#define FULL_RETRY_US  SECOND_US

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

void
store_on_soon(evutil_socket_t fd, short what, void *arg)
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

void
store_on_gather(evutil_socket_t fd, short what, void *arg)
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
