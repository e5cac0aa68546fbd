/* store: see store.h. Here: making it, taking batches and what goes into them. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "intake.h"
#include "log.h"
#include "metrics.h"
#include "store_priv.h"
#include "timefmt.h"
#include "wire.h"

#define PENDING_LIMIT ((size_t)256 << 20)

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
    if ((st->arena = arena_new(PENDING_LIMIT)) == NULL || (st->look = arena_new(0)) == NULL) {
        (void)err_set(e, "out of memory");
        goto fail;
    }
    if (open_all(st, s->config, e) < 0)
        goto fail;
    clock_start(&st->clock, journal_last_at(st->journal));
    journal_head(st->journal, &head);
    *st->m_seq = (int64_t)head.seq;
    st->gather = evtimer_new(s->base, store_on_gather, st);
    st->soon = evtimer_new(s->base, store_on_soon, st);
    st->tick = evtimer_new(s->base, store_on_tick, st);
    st->second = event_new(s->base, -1, EV_PERSIST, store_on_second, st);
    if (st->gather == NULL || st->soon == NULL || st->tick == NULL || st->second == NULL ||
        event_add(st->second, &every) < 0) {
        (void)err_set(e, "out of memory");
        goto fail;
    }
    store_on_tick(-1, 0, st);
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
    arena_free(st->look);
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
    b->conf = config_source(st->svc->config, source);
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

void
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

int
store_append(struct store *st, const struct record *r, struct receipt *receipt)
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
    const struct source_conf *s = b->conf;
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

/* A last look at what another system's format made of it: a record that no reader takes would be
 * receipted and then passed over. What came packed has been through wire. NULL = it can be read. */
static const char *
judge_form(struct store *st, const struct record *r)
{
    struct record back;
    struct err e = {.text = ""};

    arena_reset(st->look);
    buf_reset(&st->body);
    wire_record_pack(r, false, &st->body);
    if (st->body.failed ||
        wire_record_unpack(st->body.data, st->body.len, st->look, &back, &e) == 0)
        return NULL; /* store_append() sees to a lack of memory */
    return arena_printf(st->arena, "it gives what no record may hold: %s", e.text);
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
        r->received_at_us = store_stamp(st);
        r->seq = 0;
        if (!b->edge)
            clear_stamps(r);
    }
    if (intake_prepare(st->svc->config, b->source, unique, unique_len,
                       b->edge || (b->replay && !id_is_zero(&r->id)), r, &st->body, &e) < 0) {
        store_refuse(st, b, e.text, raw, raw_len);
        return;
    }
    if (b->format != NULL && (why = judge_form(st, r)) != NULL) {
        store_refuse(st, b, why, raw, raw_len);
        return;
    }
    if (b->replay && r->received_at_us < journal_last_at(st->journal)) {
        /* A resend after a crash carries old stamps; only what is new must be in order. */
        r->received_at_us = journal_last_at(st->journal);
    }
    struct receipt *receipt = next_receipt(st, b);
    if (receipt == NULL || store_append(st, r, receipt) < 0) {
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
