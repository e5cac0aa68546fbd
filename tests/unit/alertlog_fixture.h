/* alertlog_fixture: an alert log in a directory of its own with an event base, alerts made in the
 * test, and what was handed over for publishing. */
#ifndef TESTS_ALERTLOG_FIXTURE_H
#define TESTS_ALERTLOG_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alertlog.h"
#include "clock.h"
#include "dirs.h"
#include "timefmt.h"

#define MAX_TOLD 512

struct told {
    struct id id;
    enum alert_kind kind;
    enum alert_state state;
    enum precedence precedence;
    uint64_t seq;
    int64_t due_at_us, at_us, next_step_at_us;
    uint32_t step;
    bool page;
    char topic[64], old_topic[64], note[128], answered_by[32], rule[32];
};

struct log_fixture {
    char dir[32];
    struct svc svc;
    struct conf_list escalation; /* as loaded */
    struct step_conf steps[2];
    struct alertlog *al;
    struct arena *arena;
    struct told told[MAX_TOLD];
    size_t n;
    unsigned timers;
    struct position at; /* of the classifier */
    uint64_t term;
    uint8_t digest;
};

static inline void
fixture_copy(char *to, size_t size, const char *from)
{
    (void)snprintf(to, size, "%s", from != NULL ? from : "");
}

static inline void
fixture_on_event(void *arg, uint64_t seq, const struct alert_event *ev, const void *body,
                 size_t len)
{
    struct log_fixture *x = arg;
    struct told *t = &x->told[x->n++ % MAX_TOLD];

    assert_non_null(body);
    assert_true(len > 0);
    *t = (struct told){.id = ev->id,
                       .kind = ev->kind,
                       .state = ev->state,
                       .precedence = ev->precedence,
                       .seq = seq,
                       .due_at_us = ev->due_at_us,
                       .at_us = ev->at_us,
                       .next_step_at_us = ev->next_step_at_us,
                       .step = ev->step,
                       .page = ev->page};
    fixture_copy(t->topic, sizeof t->topic, ev->topic);
    fixture_copy(t->old_topic, sizeof t->old_topic, ev->old_topic);
    fixture_copy(t->note, sizeof t->note, ev->note);
    fixture_copy(t->answered_by, sizeof t->answered_by, ev->answered_by);
    fixture_copy(t->rule, sizeof t->rule, ev->rule);
}

static inline void
fixture_on_timer(void *arg)
{
    struct log_fixture *x = arg;
    struct err e = {.text = ""};

    x->timers++;
    if (alertlog_commit(x->al, &e) < 0)
        fail_msg("%s", e.text);
}

static inline void
fixture_start(struct log_fixture *x)
{
    struct alertlog_hooks hooks = {
        .on_event = fixture_on_event, .on_timer = fixture_on_timer, .arg = x};
    struct err e = {.text = ""};

    if (alertlog_new(&x->svc, &hooks, &x->al, &e) < 0)
        fail_msg("%s", e.text);
}

static inline void
fixture_stop(struct log_fixture *x)
{
    alertlog_free(x->al);
    x->al = NULL;
}

/* step_us: after which FLASH and IMMEDIATE escalate; 0 = as built in. */
static inline void
fixture_make(struct log_fixture *x, int64_t step_us)
{
    struct err e = {.text = ""};

    memset(x, 0, sizeof *x);
    (void)snprintf(x->dir, sizeof x->dir, "/tmp/tocsin-unit.XXXXXX");
    assert_non_null(mkdtemp(x->dir));
    assert_int_equal(config_load(NULL, x->dir, &x->svc.config, &e), 0);
    x->svc.config->instance.durability = DURABILITY_NONE;
    x->escalation = x->svc.config->notifier.escalation;
    if (step_us > 0) {
        x->steps[0] = (struct step_conf){PR_FLASH, step_us};
        x->steps[1] = (struct step_conf){PR_IMMEDIATE, step_us};
        x->svc.config->notifier.escalation = (struct conf_list){x->steps, 2};
    }
    assert_int_equal(dir_make(x->svc.config->notifier.state, &e), 0);
    x->svc.base = event_base_new();
    x->arena = arena_new(0);
    assert_non_null(x->svc.base);
    assert_non_null(x->arena);
    x->term = 1;
    x->digest = 1;
    memset(x->at.journal.b, 'J', ID_LEN);
    fixture_start(x);
}

static inline void
fixture_drop(struct log_fixture *x)
{
    char cmd[64];

    fixture_stop(x);
    x->svc.config->notifier.escalation = x->escalation;
    config_free(x->svc.config);
    event_base_free(x->svc.base);
    arena_free(x->arena);
    (void)snprintf(cmd, sizeof cmd, "rm -rf %s", x->dir);
    assert_int_equal(system(cmd), 0);
}

static inline struct id
alert_id(uint64_t n)
{
    struct id id;
    struct id_part part = {&n, sizeof n};

    id_make(&id, (int64_t)n * 1000, &part, 1);
    return id;
}

/* An alert as the classifier gives it, dangerous for an hour. */
static inline struct alert_event
alert_of(uint64_t n, enum alert_kind kind, enum precedence p)
{
    struct alert_event ev;

    alert_event_init(&ev);
    ev.kind = kind;
    ev.id = alert_id(n);
    ev.situation = alert_id(n);
    ev.revision = 1;
    ev.due_at_us = INT64_C(1681711200) * SECOND_US;
    ev.expires_at_us = ev.due_at_us + HOUR_US;
    ev.topic = "alert.base.flash.gao.";
    ev.target = TG_BASE;
    ev.precedence = p;
    ev.risk = RISK_HIGH;
    ev.status = ST_ACTUAL;
    ev.event = EV_ARMED_ATTACK;
    ev.mode = MODE_FACT;
    ev.area = "gao";
    ev.headline_en = "Armed attack at Gao";
    ev.assets[0] = (struct event_asset){.id = "gao-base", .name = "Gao"};
    ev.n_assets = 1;
    return ev;
}

static inline struct position
position_of(char journal, uint64_t seq)
{
    struct position p = {.seq = seq};

    memset(p.journal.b, journal, ID_LEN);
    memset(p.digest, (int)(seq & 0xff), DIGEST_LEN);
    return p;
}

/* Judges a decision, without commit. */
static inline struct receipts
judge(struct log_fixture *x, struct decision d)
{
    struct receipts out;
    struct err e = {.text = ""};

    memset(&out, 0, sizeof out);
    arena_reset(x->arena);
    memset(d.config_digest, x->digest, DIGEST_LEN);
    if (alertlog_decide(x->al, &d, x->arena, &out, &e) < 0)
        fail_msg("%s", e.text);
    return out;
}

static inline void
commit(struct log_fixture *x)
{
    struct err e = {.text = ""};

    if (alertlog_commit(x->al, &e) < 0)
        fail_msg("%s", e.text);
}

/* The next decision of the classifier in turn, with these events, stored. */
static inline void
tell_all(struct log_fixture *x, const struct alert_event *const *evs, size_t n)
{
    struct position from = x->at;

    x->at = position_of('J', from.seq + 1);
    struct receipts r =
        judge(x, (struct decision){
                     .from = from, .to = x->at, .term = x->term, .events = evs, .n_events = n});
    assert_int_equal(r.decision, RC_STORED);
    assert_true(r.has_held);
    assert_int_equal(r.held.seq, x->at.seq);
    commit(x);
}

static inline void
tell(struct log_fixture *x, struct alert_event ev)
{
    const struct alert_event *one = &ev;

    tell_all(x, &one, 1);
}

static inline struct receipt
command(struct log_fixture *x, struct command c)
{
    struct receipt r;
    struct err e = {.text = ""};

    memset(&r, 0, sizeof r);
    arena_reset(x->arena);
    if (c.who == NULL)
        c.who = "duty";
    if (alertlog_command(x->al, &c, x->arena, &r, &e) < 0)
        fail_msg("%s", e.text);
    commit(x);
    return r;
}

static inline struct alert_event
stands(struct log_fixture *x, uint64_t n)
{
    struct alert_event ev;
    struct id id = alert_id(n);
    struct err e = {.text = ""};
    uint64_t seq;

    arena_reset(x->arena);
    assert_int_equal(alertlog_get(x->al, &id, x->arena, &seq, &ev, &e), 0);
    return ev;
}

static inline const struct told *
last(const struct log_fixture *x)
{
    assert_true(x->n > 0);
    return &x->told[(x->n - 1) % MAX_TOLD];
}

/* Turns the loop until so many events were told, at most ten seconds. */
static inline void
turn_until(struct log_fixture *x, size_t n)
{
    int64_t end = mono_now_us() + 10 * SECOND_US;

    while (x->n < n && mono_now_us() < end) {
        struct timeval tv = {.tv_usec = 20000};
        (void)event_base_loopexit(x->svc.base, &tv);
        (void)event_base_dispatch(x->svc.base);
    }
    assert_true(x->n >= n);
}

#endif
