/* store_time: see store.h. Stamps, ticks, steps of the wall clock; a look round once a second; the
 * figures. */
#include <inttypes.h>
#include <string.h>
#include <sys/statvfs.h>

#include "intake.h"
#include "log.h"
#include "store_priv.h"
#include "timefmt.h"

#define IDLE_US (SECOND_US / 4) /* without a commit: time for the journal's upkeep */

int64_t
store_stamp(struct store *st)
{
    int64_t now = clock_now(&st->clock), last = journal_last_at(st->journal);

    return now > last ? now : last;
}

/* A step of the wall clock is a record, in front of what comes after it. Like a tick there is
 * none in an empty journal, which a replay may still want, nor behind a recording's time. */
static void
note_step(struct store *st)
{
    int64_t now = store_stamp(st), step = clock_take_step(&st->clock);
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
        (void)store_append(st, &r, NULL);
}

void
store_on_tick(evutil_socket_t fd, short what, void *arg)
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
        r.received_at_us = store_stamp(st);
        if (intake_prepare(st->svc->config, "local", NULL, 0, false, &r, &st->body, NULL) == 0 &&
            store_append(st, &r, NULL) >= 0)
            store_commit(st);
    }
    struct timeval tv = {.tv_sec = next / SECOND_US, .tv_usec = (suseconds_t)(next % SECOND_US)};
    (void)event_add(st->tick, &tv);
}

/* Once a second: a look at the clocks, the disk, the WAL, and a replay that fell silent. */
void
store_on_second(evutil_socket_t fd, short what, void *arg)
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
