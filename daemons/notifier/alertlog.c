/* alertlog: see alertlog.h.
 *
 * Every event takes the same way: alertlog_propose() asks the table (lifecycle), sets what the
 * notifier adds (stamp, state, page, next step), appends. The caller decides when to flush. Beside
 * the log stands where the last event of each alert is, which holds the alert whole, so that
 * neither a restart nor an answer has to fold the log. */
#include "alertlog_priv.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "clock.h"
#include "held.h"
#include "lifecycle.h"
#include "log.h"
#include "metrics.h"
#include "openset.h"
#include "policy.h"
#include "timefmt.h"

#define ARENA_LIMIT ((size_t)64 << 20)
#define ALERT_BYTES ((size_t)128 << 10) /* one event as logged; record.h bounds it below */

static void on_due(evutil_socket_t fd, short what, void *arg);

/* ---- reading */

struct event_read {
    struct arena *arena;
    const struct alert_event *event; /* in the arena; NULL: e says why */
    struct err *e;
};

static int
read_event(void *arg, const struct journal_row *row)
{
    struct event_read *w = arg;
    struct record r;

    if (wire_record_unpack(row->body, row->len, w->arena, &r, w->e) < 0)
        return 1;
    if (r.type == REC_EVENT)
        w->event = r.u.event;
    else
        (void)err_set(w->e, "the log holds something else than an event");
    return 1;
}

int
alertlog_get(struct alertlog *al, const struct id *id, struct arena *a, uint64_t *seq,
             struct alert_event *out, struct err *e)
{
    struct event_read w = {.arena = a, .e = e};
    uint64_t at;
    size_t len = 0;
    int rc = journal_get(al->journal, "alert", id->b, ID_LEN, &at, sizeof at, &len, e);

    if (rc != 0)
        return rc;
    if (len < sizeof at) {
        (void)err_set(e, "an alert is kept in a form that this release does not know");
        return -1;
    }
    rc = journal_find(al->journal, at, read_event, &w, e);
    if (rc != 0)
        return rc;
    if (w.event == NULL)
        return -1;
    *out = *w.event;
    *seq = at;
    return 0;
}

struct id_walk {
    int (*fn)(void *arg, const struct id *id);
    void *arg;
    const struct id *after;
};

static int
walk_id(void *arg, const void *key, size_t klen, const void *value, size_t vlen)
{
    struct id_walk *w = arg;
    struct id id;

    (void)value;
    (void)vlen;
    if (klen != ID_LEN)
        return 0;
    memcpy(id.b, key, ID_LEN);
    if (w->after != NULL && id_cmp(&id, w->after) <= 0)
        return 0;
    return w->fn(w->arg, &id);
}

int
alertlog_ids(struct alertlog *al, bool open, const struct id *after,
             int (*fn)(void *arg, const struct id *id), void *arg, struct err *e)
{
    struct id_walk w = {.fn = fn, .arg = arg, .after = after};

    return journal_each(al->journal, open ? "open" : "alert", after != NULL ? after->b : NULL,
                        after != NULL ? ID_LEN : 0, walk_id, &w, e);
}

struct deriv_walk {
    const struct id *id;
    int (*fn)(void *arg, const void *body, size_t len);
    void *arg;
};

static int
walk_deriv(void *arg, const void *key, size_t klen, const void *value, size_t vlen)
{
    struct deriv_walk *w = arg;

    if (klen != ID_LEN + 4 || memcmp(key, w->id->b, ID_LEN) != 0)
        return 1;
    return w->fn(w->arg, value, vlen);
}

int
alertlog_derivations(struct alertlog *al, const struct id *id,
                     int (*fn)(void *arg, const void *body, size_t len), void *arg, struct err *e)
{
    struct deriv_walk w = {.id = id, .fn = fn, .arg = arg};

    return journal_each(al->journal, "deriv", id->b, ID_LEN, walk_deriv, &w, e);
}

/* ---- timers */

static void
arm(struct alertlog *al, struct open_alert *o)
{
    int64_t due = o->expires_at_us;

    if (o->next_step_at_us != 0 && (due == 0 || o->next_step_at_us < due))
        due = o->next_step_at_us;
    if (o->timer == NULL) {
        o->owner = al;
        o->timer = evtimer_new(al->svc->base, on_due, o);
    }
    if (o->timer == NULL)
        return; /* out of memory: the alert is still listed, but will not ring again */
    (void)event_del(o->timer);
    if (due == 0)
        return;
    /* Counted from here on by the monotonic clock: a wall clock that is set changes nothing. */
    int64_t wait = due - clock_now(&al->clock);
    if (wait < 0)
        wait = 0;
    struct timeval tv = {.tv_sec = wait / SECOND_US, .tv_usec = (suseconds_t)(wait % SECOND_US)};
    (void)event_add(o->timer, &tv);
}

static int
remember(struct alertlog *al, const struct alert_event *ev, struct err *e)
{
    if (!state_is_open(ev->state)) {
        openset_remove(al->open, &ev->id);
        *al->m_open = (int64_t)openset_count(al->open);
        return journal_del(al->journal, "open", ev->id.b, ID_LEN, e);
    }
    struct open_alert *o = openset_add(al->open, &ev->id);
    if (o == NULL)
        return err_set(e, "out of memory");
    if (ev->kind == AK_RAISED || ev->kind == AK_UPDATED || ev->kind == AK_REOPENED) {
        /* Its full time from now on, also when the report came late. */
        o->expires_at_us =
            ev->expires_at_us != 0 ? ev->at_us + (ev->expires_at_us - ev->due_at_us) : 0;
        if (journal_put(al->journal, "open", ev->id.b, ID_LEN, &o->expires_at_us,
                        sizeof o->expires_at_us, e) < 0)
            return -1;
    }
    o->state = ev->state;
    o->precedence = ev->precedence;
    o->risk = ev->risk;
    o->target = ev->target;
    o->next_step_at_us = ev->next_step_at_us;
    o->step = ev->step;
    o->seen = true;
    arm(al, o);
    *al->m_open = (int64_t)openset_count(al->open);
    return 0;
}

/* ---- writing */

static int
append(struct alertlog *al, const struct alert_event *ev, struct err *e)
{
    struct record r = {.type = REC_EVENT, .received_at_us = ev->at_us, .u.event = ev};
    uint64_t seq = 0;
    struct id_part parts[] = {{ev->id.b, ID_LEN}, {&al->serial, sizeof al->serial}};

    al->serial++;
    id_make(&r.id, ev->at_us, parts, 2);
    buf_reset(&al->packed);
    wire_record_pack(&r, false, &al->packed);
    if (al->packed.failed || al->packed.len > ALERT_BYTES)
        return err_set(e, "an alert event is too large");
    const char *body = al->packed.data;
    size_t len = al->packed.len;
    int rc = journal_append(al->journal, &r.id, ev->at_us, body, len, &seq, e);
    if (rc < 0)
        return -1;
    if (journal_put(al->journal, "alert", ev->id.b, ID_LEN, &seq, sizeof seq, e) < 0)
        return -1;
    if (al->n_fresh == al->cap_fresh) {
        size_t cap = al->cap_fresh == 0 ? 256 : al->cap_fresh * 2;
        struct fresh *more = realloc(al->fresh, cap * sizeof *more);
        if (more == NULL)
            return err_set(e, "out of memory");
        al->fresh = more;
        al->cap_fresh = cap;
    }
    size_t at = al->bodies.len;
    buf_put(&al->bodies, body, len);
    if (al->bodies.failed)
        return err_set(e, "out of memory");
    al->fresh[al->n_fresh++] = (struct fresh){.seq = seq, .at = at, .len = len};
    (*al->m_events)++;
    *al->m_pages += ev->page;
    *al->m_escalated += ev->kind == AK_ESCALATED;
    return remember(al, ev, e);
}

/* What the notifier had added to the alert goes on with it. */
static void
carry_over(struct alert_event *ev, const struct alert_event *prev)
{
    ev->answered_by = prev->answered_by;
    ev->step = prev->step;
    ev->next_step_at_us = prev->next_step_at_us;
    ev->n_warned = prev->n_warned;
    memcpy(ev->warned, prev->warned, sizeof ev->warned);
    ev->false_alarm = prev->false_alarm;
    if (prev->topic != NULL && ev->topic != NULL && strcmp(prev->topic, ev->topic) != 0)
        ev->old_topic = prev->topic;
}

static void
ask_again(struct alertlog *al, struct alert_event *ev)
{
    int64_t wait = policy_next_us(al->config, ev->precedence, ev->status, 0);

    ev->answered_by = NULL;
    ev->step = 0;
    ev->next_step_at_us = wait > 0 ? ev->at_us + wait : 0;
}

/* Exercises and tests call nobody: an alert that turns out to be real is news. */
static bool
is_quiet(enum status s)
{
    return s == ST_EXERCISE || s == ST_TEST;
}

int
alertlog_propose(struct alertlog *al, struct alert_event *ev, const struct alert_event *prev,
                 struct err *e)
{
    bool worse = prev != NULL && (ev->kind == AK_RAISED || ev->kind == AK_UPDATED) &&
                 (policy_worse(prev->precedence, prev->risk, ev->precedence, ev->risk) ||
                  (is_quiet(prev->status) && !is_quiet(ev->status)));
    bool again = prev != NULL && ev->kind == AK_REOPENED && !state_is_open(prev->state);
    struct transition t = lifecycle(prev != NULL ? prev->state : AS_UNKNOWN, ev->kind, worse);

    if (t.verdict == LIFE_REFUSE)
        return 2;
    if (t.verdict == LIFE_IGNORE)
        return 1;
    ev->at_us = clock_now(&al->clock);
    ev->old_topic = NULL;
    if (prev != NULL &&
        (ev->kind == AK_RAISED || ev->kind == AK_UPDATED || ev->kind == AK_CANCELLED))
        carry_over(ev, prev);
    /* What is raised once more is an update: it calls nobody who has been called. */
    ev->page = policy_pages(prev != NULL && ev->kind == AK_RAISED ? AK_UPDATED : ev->kind,
                            ev->precedence, ev->status, worse || again);
    if (prev == NULL) {
        ev->state = AS_RAISED;
        ask_again(al, ev);
        return append(al, ev, e);
    }
    if (t.verdict == LIFE_APPLY) {
        ev->state = t.next;
        if (t.next == AS_RAISED && (worse || again))
            ask_again(al, ev);
        if (t.next != AS_RAISED)
            ev->next_step_at_us = 0;
        return append(al, ev, e);
    }
    ev->state = prev->state;
    ev->page = false;
    if (append(al, ev, e) < 0)
        return -1;
    ev->kind = AK_REOPENED;
    ev->at_us = clock_now(&al->clock);
    ev->old_topic = NULL;
    ev->state = AS_RAISED;
    ev->page =
        policy_pages(AK_REOPENED, ev->precedence, ev->status, worse || !state_is_open(prev->state));
    ask_again(al, ev);
    return append(al, ev, e);
}

/* Nobody waits for an answer who could be told: the commit fails instead. */
static void
timer_failed(struct alertlog *al, const struct err *e)
{
    if (!al->broken) {
        al->why = *e;
        al->why_errno = errno;
    }
    al->broken = true;
    al->hooks.on_timer(al->hooks.arg);
}

static void
on_due(evutil_socket_t fd, short what, void *arg)
{
    struct open_alert *o = arg;
    struct alertlog *al = o->owner;
    struct alert_event prev, ev;
    struct err e = {.text = ""};
    uint64_t seq;
    int64_t now = clock_now(&al->clock);
    bool expires = o->expires_at_us != 0 && o->expires_at_us <= now &&
                   (o->next_step_at_us == 0 || o->expires_at_us <= o->next_step_at_us);

    (void)fd;
    (void)what;
    if (!expires && (o->next_step_at_us == 0 || o->next_step_at_us > now)) {
        arm(al, o);
        return;
    }
    arena_reset(al->arena);
    if (alertlog_get(al, &o->id, al->arena, &seq, &prev, &e) != 0) {
        timer_failed(al, &e);
        return;
    }
    ev = prev;
    ev.kind = expires ? AK_EXPIRED : AK_ESCALATED;
    ev.due_at_us = expires ? o->expires_at_us : o->next_step_at_us;
    ev.n_changed = 0;
    ev.note = NULL;
    if (!expires) {
        ev.step = prev.step + 1;
        int64_t wait = policy_next_us(al->config, ev.precedence, ev.status, ev.step);
        ev.next_step_at_us = wait > 0 ? now + wait : 0;
    }
    if (alertlog_propose(al, &ev, &prev, &e) < 0)
        timer_failed(al, &e);
    else
        al->hooks.on_timer(al->hooks.arg);
}

/* ---- flushing */

int
alertlog_commit(struct alertlog *al, struct err *e)
{
    if (al->broken) {
        if (e != NULL)
            *e = al->why;
        errno = al->why_errno;
        return -1;
    }
    if (journal_dirty(al->journal) && journal_commit(al->journal, e) < 0)
        return -1;
    for (size_t i = 0; i < al->n_fresh; i++) {
        struct record r;
        const char *body = al->bodies.data + al->fresh[i].at;
        arena_reset(al->arena);
        if (wire_record_unpack(body, al->fresh[i].len, al->arena, &r, e) == 0)
            al->hooks.on_event(al->hooks.arg, al->fresh[i].seq, r.u.event, body, al->fresh[i].len);
    }
    al->n_fresh = 0;
    buf_reset(&al->bodies);
    return 0;
}

static int
load_one(void *arg, const void *key, size_t klen, const void *value, size_t vlen)
{
    struct alertlog *al = arg;
    struct alert_event ev;
    struct err e = {.text = ""};
    struct id id;
    uint64_t seq;

    if (klen != ID_LEN || vlen != sizeof(int64_t))
        return 0;
    memcpy(id.b, key, ID_LEN);
    arena_reset(al->arena);
    if (alertlog_get(al, &id, al->arena, &seq, &ev, &e) != 0) {
        log_error("an open alert could not be read: %s", e.text);
        return 0;
    }
    struct open_alert *o = openset_add(al->open, &id);
    if (o == NULL)
        return 1;
    memcpy(&o->expires_at_us, value, sizeof o->expires_at_us);
    o->state = ev.state;
    o->precedence = ev.precedence;
    o->risk = ev.risk;
    o->target = ev.target;
    o->next_step_at_us = ev.next_step_at_us;
    o->step = ev.step;
    arm(al, o);
    return 0;
}

static int
load(struct alertlog *al, struct err *e)
{
    if (held_load(&al->held, al->journal, e) < 0)
        return -1;
    if (journal_each(al->journal, "open", NULL, 0, load_one, al, e) < 0)
        return -1;
    *al->m_open = (int64_t)openset_count(al->open);
    return 0;
}

int
alertlog_rollback(struct alertlog *al, struct err *e)
{
    al->n_fresh = 0;
    al->broken = false;
    buf_reset(&al->bodies);
    openset_free(al->open);
    al->open = openset_new();
    if (al->open == NULL)
        return err_set(e, "out of memory");
    if (journal_rollback(al->journal, e) < 0)
        return -1;
    return load(al, e);
}

/* ---- making */

int
alertlog_new(struct svc *s, const struct alertlog_hooks *h, struct alertlog **out, struct err *e)
{
    struct alertlog *al = calloc(1, sizeof *al);
    char path[600];

    if (al == NULL)
        return err_set(e, "out of memory");
    al->svc = s;
    al->config = s->config;
    al->hooks = *h;
    buf_init(&al->packed, 0);
    buf_init(&al->same_a, 0);
    buf_init(&al->same_b, 0);
    buf_init(&al->bodies, 0);
    al->m_events = metric_new(METRIC_COUNTER, "alert_events_total", NULL, "Alert events logged");
    al->m_pages = metric_new(METRIC_COUNTER, "pages_total", NULL, "Events that call receivers");
    al->m_escalated = metric_new(METRIC_COUNTER, "escalations_total", NULL, "Steps of escalation");
    al->m_open = metric_new(METRIC_GAUGE, "alerts_open", NULL, "Open alerts");
    al->m_refused =
        metric_new(METRIC_COUNTER, "decisions_refused_total", NULL, "Decisions refused");
    al->arena = arena_new(ARENA_LIMIT);
    al->open = openset_new();
    (void)snprintf(path, sizeof path, "%s/alerts.db", s->config->notifier.state);
    if (al->arena == NULL || al->open == NULL) {
        (void)err_set(e, "out of memory");
        goto fail;
    }
    if (journal_open(path, "alerts", true, (enum durability)s->config->instance.durability,
                     &al->journal, e) < 0)
        goto fail;
    clock_start(&al->clock, journal_last_at(al->journal));
    if (load(al, e) < 0)
        goto fail;
    *out = al;
    return 0;
fail:
    alertlog_free(al);
    return -1;
}

void
alertlog_free(struct alertlog *al)
{
    if (al == NULL)
        return;
    openset_free(al->open);
    journal_close(al->journal);
    arena_free(al->arena);
    buf_fini(&al->packed);
    buf_fini(&al->same_a);
    buf_fini(&al->same_b);
    buf_fini(&al->bodies);
    free(al->fresh);
    free(al);
}

void
alertlog_reload(struct alertlog *al, const struct config *c)
{
    al->config = c;
}

struct journal *
alertlog_journal(struct alertlog *al)
{
    return al->journal;
}

int64_t
alertlog_now(struct alertlog *al)
{
    return clock_now(&al->clock);
}

size_t
alertlog_open_count(const struct alertlog *al)
{
    return openset_count(al->open);
}

void
alertlog_held(const struct alertlog *al, struct position *held, uint64_t *term)
{
    *held = al->held.position;
    *term = al->held.term;
}
