/* test_alertlog: an alert's life in the log, decisions and their positions, commands, timers and
 * restarts, through the interface and on a real journal. */
#include "alertlog_fixture.h"

static struct log_fixture x;

static int
setup(void **state)
{
    (void)state;
    fixture_make(&x, 0);
    return 0;
}

static int
setup_fast(void **state)
{
    (void)state;
    fixture_make(&x, 30 * 1000);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    fixture_drop(&x);
    return 0;
}

/* ---- one alert */

static void
test_raised(void **state)
{
    int64_t before = wall_now_us();

    (void)state;
    tell(&x, alert_of(1, AK_RAISED, PR_FLASH));
    assert_int_equal(x.n, 1);
    const struct told *t = last(&x);
    assert_int_equal(t->kind, AK_RAISED);
    assert_int_equal(t->state, AS_RAISED);
    assert_int_equal(t->seq, 1);
    assert_true(t->page);
    assert_true(t->at_us >= before);
    assert_true(t->due_at_us == INT64_C(1681711200) * SECOND_US); /* both times stay */
    /* From the moment of storing on, also when the report came late. */
    assert_true(t->next_step_at_us == t->at_us + 5 * MINUTE_US);
    assert_int_equal(alertlog_open_count(x.al), 1);
    tell(&x, alert_of(2, AK_RAISED, PR_ROUTINE));
    assert_false(last(&x)->page);
    assert_true(last(&x)->next_step_at_us == 0);
    struct alert_event exercise = alert_of(3, AK_RAISED, PR_FLASH);
    exercise.status = ST_EXERCISE;
    tell(&x, exercise);
    assert_false(last(&x)->page);
    assert_true(last(&x)->next_step_at_us == 0);
}

static void
test_updated(void **state)
{
    struct alert_event ev = alert_of(1, AK_UPDATED, PR_IMMEDIATE);

    (void)state;
    tell(&x, alert_of(1, AK_RAISED, PR_IMMEDIATE));
    int64_t next = last(&x)->next_step_at_us;
    ev.topic = "alert.base.immediate.mopti.";
    tell(&x, ev);
    assert_false(last(&x)->page); /* not worse */
    assert_true(last(&x)->next_step_at_us == next);
    assert_string_equal(last(&x)->old_topic, "alert.base.flash.gao.");
    ev.precedence = PR_FLASH;
    tell(&x, ev);
    assert_true(last(&x)->page); /* worse */
    assert_string_equal(last(&x)->old_topic, "");
    assert_true(last(&x)->next_step_at_us == last(&x)->at_us + 5 * MINUTE_US);
    /* Raised once more is an update, and calls nobody again. */
    ev.kind = AK_RAISED;
    tell(&x, ev);
    assert_int_equal(last(&x)->kind, AK_RAISED);
    assert_false(last(&x)->page);
    /* An update of what is not known begins it. */
    tell(&x, alert_of(2, AK_UPDATED, PR_FLASH));
    assert_int_equal(last(&x)->state, AS_RAISED);
    assert_true(last(&x)->next_step_at_us > 0);
}

static void
test_acknowledged(void **state)
{
    struct alert_event ev = alert_of(1, AK_UPDATED, PR_FLASH);

    (void)state;
    tell(&x, alert_of(1, AK_RAISED, PR_FLASH));
    struct receipt r =
        command(&x, (struct command){.verb = CMD_ACK, .alert = alert_id(1), .note = "seen"});
    assert_int_equal(r.status, RC_STORED);
    assert_int_equal(r.seq, 2);
    assert_int_equal(last(&x)->state, AS_ACKNOWLEDGED);
    assert_string_equal(last(&x)->answered_by, "duty");
    assert_string_equal(last(&x)->note, "seen");
    assert_true(last(&x)->next_step_at_us == 0);
    assert_false(last(&x)->page);
    /* Once more, by somebody else: told who it was, and nothing is logged; also when another
     * alert is on its way in the same flush. */
    struct alert_event other = alert_of(2, AK_RAISED, PR_FLASH);
    const struct alert_event *one = &other;
    struct position from = x.at;
    x.at = position_of('J', from.seq + 1);
    (void)judge(
        &x, (struct decision){.from = from, .to = x.at, .term = 1, .events = &one, .n_events = 1});
    r = command(&x, (struct command){.verb = CMD_ACK, .alert = alert_id(1), .who = "other"});
    assert_int_equal(r.status, RC_DUPLICATE);
    assert_string_equal(r.reason, "answered already by duty");
    assert_int_equal(r.seq, 2);
    assert_int_equal(x.n, 3);
    /* No page after the answer without a rise, also when it is raised again. */
    tell(&x, ev);
    assert_int_equal(last(&x)->state, AS_ACKNOWLEDGED);
    assert_false(last(&x)->page);
    ev.kind = AK_RAISED;
    tell(&x, ev);
    assert_int_equal(last(&x)->state, AS_ACKNOWLEDGED);
    assert_false(last(&x)->page);
    assert_string_equal(stands(&x, 1).answered_by, "duty");
    /* A rise asks again, and only the reopening calls. */
    ev.kind = AK_UPDATED;
    ev.risk = RISK_UNACCEPTABLE;
    size_t n = x.n;
    tell(&x, ev);
    assert_int_equal(x.n, n + 2);
    assert_int_equal(x.told[n].kind, AK_UPDATED);
    assert_false(x.told[n].page);
    assert_int_equal(last(&x)->kind, AK_REOPENED);
    assert_int_equal(last(&x)->state, AS_RAISED);
    assert_true(last(&x)->page);
    assert_true(last(&x)->next_step_at_us > 0);
    assert_string_equal(last(&x)->answered_by, "");
}

static void
test_resolved(void **state)
{
    (void)state;
    tell(&x, alert_of(1, AK_RAISED, PR_FLASH));
    struct receipt r = command(
        &x, (struct command){.verb = CMD_RESOLVE, .alert = alert_id(1), .false_alarm = true});
    assert_int_equal(r.status, RC_STORED);
    assert_int_equal(alertlog_open_count(x.al), 0);
    assert_true(stands(&x, 1).false_alarm);
    r = command(&x, (struct command){.verb = CMD_ACK, .alert = alert_id(1)});
    assert_int_equal(r.status, RC_REJECTED);
    assert_string_equal(r.reason, "the alert is resolved already");
    tell(&x, alert_of(1, AK_UPDATED, PR_FLASH));
    assert_int_equal(last(&x)->state, AS_RESOLVED);
    assert_false(last(&x)->page);
    assert_int_equal(alertlog_open_count(x.al), 0);
    struct alert_event worse = alert_of(1, AK_UPDATED, PR_FLASH);
    worse.risk = RISK_VERY_HIGH;
    tell(&x, worse);
    assert_int_equal(last(&x)->kind, AK_REOPENED);
    assert_true(last(&x)->page);
    assert_int_equal(alertlog_open_count(x.al), 1);
}

static void
test_cancelled(void **state)
{
    (void)state;
    tell(&x, alert_of(1, AK_CANCELLED, PR_FLASH)); /* not known: nothing */
    assert_int_equal(x.n, 0);
    tell(&x, alert_of(1, AK_RAISED, PR_IMMEDIATE));
    tell(&x, alert_of(1, AK_CANCELLED, PR_IMMEDIATE));
    assert_int_equal(last(&x)->state, AS_CANCELLED);
    assert_false(last(&x)->page);
    assert_int_equal(alertlog_open_count(x.al), 0);
    tell(&x, alert_of(1, AK_UPDATED, PR_IMMEDIATE)); /* any news opens it */
    assert_int_equal(last(&x)->kind, AK_REOPENED);
    assert_true(last(&x)->page);
    assert_true(last(&x)->next_step_at_us > 0);
    assert_int_equal(alertlog_open_count(x.al), 1);
}

/* An alert that was kept quiet as an exercise and is real after all calls and asks. */
static void
test_exercise_turns_real(void **state)
{
    struct alert_event ev = alert_of(1, AK_RAISED, PR_FLASH);

    (void)state;
    ev.status = ST_EXERCISE;
    tell(&x, ev);
    tell(&x, alert_of(1, AK_UPDATED, PR_FLASH));
    assert_true(last(&x)->page);
    assert_true(last(&x)->next_step_at_us > 0);
}

static void
test_warned(void **state)
{
    struct command c = {.verb = CMD_WARNED, .alert = alert_id(1), .how = "radio"};

    (void)state;
    tell(&x, alert_of(1, AK_RAISED, PR_FLASH));
    assert_int_equal(command(&x, c).status, RC_REJECTED);
    c.asset = "elsewhere";
    assert_string_equal(command(&x, c).reason, "the alert does not name this asset");
    c.asset = "gao-base";
    assert_int_equal(command(&x, c).status, RC_STORED);
    c.how = "phone";
    c.unreachable = true;
    assert_int_equal(command(&x, c).status, RC_STORED);
    struct alert_event ev = stands(&x, 1);
    assert_int_equal(ev.n_warned, 1); /* the last word on an asset */
    assert_string_equal(ev.warned[0].how, "phone");
    assert_true(ev.warned[0].unreachable);
    /* A warning passed on is not yet an answer. */
    assert_int_equal(ev.state, AS_RAISED);
    assert_true(ev.next_step_at_us > 0);
    tell(&x, alert_of(1, AK_UPDATED, PR_FLASH)); /* it stays with the alert */
    assert_int_equal(stands(&x, 1).n_warned, 1);
}

static void
test_bad_commands(void **state)
{
    struct receipt r = command(&x, (struct command){.verb = CMD_ACK, .alert = alert_id(1)});

    (void)state;
    assert_int_equal(r.status, RC_REJECTED);
    assert_non_null(strstr(r.reason, "there is no alert"));
    tell(&x, alert_of(1, AK_RAISED, PR_FLASH));
    r = command(&x, (struct command){.verb = CMD_SILENCE, .alert = alert_id(1)});
    assert_int_equal(r.status, RC_REJECTED);
    assert_int_equal(x.n, 1);
}

static void
test_whole_situation(void **state)
{
    struct alert_event ev[3] = {alert_of(1, AK_RAISED, PR_FLASH), alert_of(2, AK_RAISED, PR_FLASH),
                                alert_of(3, AK_RAISED, PR_FLASH)};
    const struct alert_event *all[3] = {&ev[0], &ev[1], &ev[2]};

    (void)state;
    ev[1].situation = ev[0].situation;
    tell_all(&x, all, 3);
    struct receipt r = command(
        &x, (struct command){.verb = CMD_ACK, .alert = alert_id(1), .whole_situation = true});
    assert_int_equal(r.status, RC_STORED);
    assert_int_equal(id_cmp(&r.id, &ev[0].id), 0);
    assert_int_equal(stands(&x, 1).state, AS_ACKNOWLEDGED);
    assert_int_equal(stands(&x, 2).state, AS_ACKNOWLEDGED);
    assert_int_equal(stands(&x, 3).state, AS_RAISED);
}

/* ---- decisions */

static void
test_positions(void **state)
{
    struct alert_event ev = alert_of(1, AK_RAISED, PR_FLASH);
    const struct alert_event *one = &ev;
    struct position p5 = position_of('J', 5), p9 = position_of('J', 9), zero;
    struct receipts r;

    (void)state;
    memset(&zero, 0, sizeof zero);
    r = judge(&x, (struct decision){.term = 0});
    assert_int_equal(r.decision, RC_RETRY);
    assert_true(r.has_held);
    assert_int_equal(r.term, 0);
    assert_false(journal_dirty(alertlog_journal(x.al)));
    struct decision first = {.from = zero, .to = p5, .term = 1, .events = &one, .n_events = 1};
    assert_int_equal(judge(&x, first).decision, RC_STORED);
    commit(&x);
    assert_int_equal(x.n, 1);
    /* The same again: told so, nothing logged. */
    r = judge(&x, first);
    assert_int_equal(r.decision, RC_DUPLICATE);
    assert_int_equal(r.held.seq, 5);
    commit(&x);
    assert_int_equal(x.n, 1);
    /* A gap: told where to go on. */
    r = judge(
        &x, (struct decision){
                .from = p9, .to = position_of('J', 12), .term = 1, .events = &one, .n_events = 1});
    assert_int_equal(r.decision, RC_RETRY);
    assert_int_equal(r.held.seq, 5);
    commit(&x);
    assert_int_equal(x.n, 1);
    /* A heartbeat costs no flush; a step without events does. */
    assert_int_equal(judge(&x, (struct decision){.from = p5, .to = p5, .term = 1}).decision,
                     RC_STORED);
    assert_false(journal_dirty(alertlog_journal(x.al)));
    assert_int_equal(judge(&x, (struct decision){.from = p5, .to = p9, .term = 1}).decision,
                     RC_STORED);
    assert_true(journal_dirty(alertlog_journal(x.al)));
    commit(&x);
    /* And is what a restart finds. */
    fixture_stop(&x);
    fixture_start(&x);
    struct position held;
    uint64_t term;
    alertlog_held(x.al, &held, &term);
    assert_int_equal(held.seq, 9);
    assert_int_equal(term, 1);
    /* A lower term is refused. */
    x.term = 3;
    assert_int_equal(
        judge(&x, (struct decision){.from = p9, .to = p9, .term = 3, .reconcile = true}).decision,
        RC_STORED);
    r = judge(
        &x, (struct decision){
                .from = p9, .to = position_of('J', 10), .term = 2, .events = &one, .n_events = 1});
    assert_int_equal(r.decision, RC_REJECTED);
    assert_int_equal(r.term, 3);
}

static int
count_derivation(void *arg, const void *body, size_t len)
{
    size_t *n = arg;

    assert_non_null(body);
    assert_true(len > 0);
    (*n)++;
    return 0;
}

static void
test_derivations(void **state)
{
    struct alert_event ev[2] = {alert_of(1, AK_RAISED, PR_FLASH), alert_of(2, AK_RAISED, PR_FLASH)};
    const struct alert_event *evs[2] = {&ev[0], &ev[1]};
    struct derivation d[3] = {{.alert = ev[0].id, .revision = 1, .cell = "a"},
                              {.alert = ev[0].id, .revision = 2, .cell = "b"},
                              {.alert = ev[1].id, .revision = 1, .cell = "c"}};
    const struct derivation *ds[3] = {&d[0], &d[1], &d[2]};
    struct err e = {.text = ""};
    size_t n = 0;

    (void)state;
    assert_int_equal(judge(&x, (struct decision){.to = position_of('J', 1),
                                                 .term = 1,
                                                 .events = evs,
                                                 .n_events = 2,
                                                 .derivations = ds,
                                                 .n_derivations = 3})
                         .decision,
                     RC_STORED);
    commit(&x);
    assert_int_equal(alertlog_derivations(x.al, &ev[0].id, count_derivation, &n, &e), 0);
    assert_int_equal(n, 2);
    assert_int_equal(alertlog_derivations(x.al, &ev[1].id, count_derivation, &n, &e), 0);
    assert_int_equal(n, 3);
}

static void
test_rollback(void **state)
{
    struct alert_event ev = alert_of(1, AK_RAISED, PR_FLASH),
                       other = alert_of(2, AK_RAISED, PR_FLASH);
    const struct alert_event *two = &other;
    struct err e = {.text = ""};
    struct position held;
    uint64_t term;

    (void)state;
    tell(&x, ev);
    struct decision d = {
        .from = x.at, .to = position_of('J', 2), .term = 1, .events = &two, .n_events = 1};
    assert_int_equal(judge(&x, d).decision, RC_STORED);
    struct receipt r;
    memset(&r, 0, sizeof r);
    struct command c = {.verb = CMD_RESOLVE, .alert = ev.id, .who = "duty"};
    assert_int_equal(alertlog_command(x.al, &c, x.arena, &r, &e), 0);
    assert_int_equal(alertlog_open_count(x.al), 1);
    assert_int_equal(alertlog_rollback(x.al, &e), 0);
    commit(&x);
    assert_int_equal(x.n, 1);
    assert_int_equal(alertlog_open_count(x.al), 1);
    assert_int_equal(stands(&x, 1).state, AS_RAISED);
    alertlog_held(x.al, &held, &term);
    assert_int_equal(held.seq, 1);
    /* What was taken back is taken when it comes again. */
    assert_int_equal(judge(&x, d).decision, RC_STORED);
    commit(&x);
    assert_int_equal(last(&x)->kind, AK_RAISED);
}

/* ---- a new term */

static struct receipts
new_term(const struct position *from, const struct position *to,
         const struct alert_event *const *evs, size_t n)
{
    struct receipts r;

    x.term++;
    x.digest++;
    r = judge(&x, (struct decision){.from = *from,
                                    .to = *to,
                                    .term = x.term,
                                    .events = evs,
                                    .n_events = n,
                                    .reconcile = true,
                                    .reconcile_reason = "the rules were changed"});
    assert_int_equal(r.decision, RC_STORED);
    commit(&x);
    x.at = *to;
    return r;
}

static void
test_reconcile(void **state)
{
    struct alert_event kept = alert_of(1, AK_RAISED, PR_FLASH),
                       changed = alert_of(2, AK_RAISED, PR_IMMEDIATE),
                       gone = alert_of(3, AK_RAISED, PR_FLASH),
                       answered = alert_of(4, AK_RAISED, PR_FLASH),
                       closed = alert_of(5, AK_RAISED, PR_IMMEDIATE),
                       new = alert_of(6, AK_RAISED, PR_FLASH);
    const struct alert_event *before[] = {&kept, &changed, &gone, &answered, &closed};

    (void)state;
    tell_all(&x, before, 5);
    (void)command(&x, (struct command){.verb = CMD_ACK, .alert = answered.id});
    (void)command(&x, (struct command){.verb = CMD_RESOLVE, .alert = closed.id});
    size_t n = x.n;
    kept.revision = 7;           /* how often the classifier spoke is not a change */
    kept.headline_en = "Attack"; /* nor is wording */
    changed.precedence = PR_FLASH;
    closed.precedence = PR_PRIORITY;
    const struct alert_event *after[] = {&kept, &changed, &answered, &closed, &new};
    struct position to = position_of('J', 50);
    (void)new_term(&x.at, &to, after, 5);
    assert_int_equal(x.n, n + 3);
    assert_int_equal(x.told[n].kind, AK_UPDATED);
    assert_int_equal(id_cmp(&x.told[n].id, &changed.id), 0);
    assert_true(x.told[n].page);
    assert_string_equal(x.told[n].note, "changed: the rules were changed");
    assert_int_equal(x.told[n + 1].kind, AK_RAISED);
    assert_int_equal(id_cmp(&x.told[n + 1].id, &new.id), 0);
    assert_true(x.told[n + 1].page);
    assert_int_equal(x.told[n + 2].kind, AK_CANCELLED);
    assert_int_equal(id_cmp(&x.told[n + 2].id, &gone.id), 0);
    assert_string_equal(x.told[n + 2].note, "no longer given: the rules were changed");
    assert_int_equal(stands(&x, 4).state, AS_ACKNOWLEDGED);
    assert_int_equal(stands(&x, 5).state, AS_RESOLVED);
    /* The old rules come back, and with them what they gave. */
    const struct alert_event *again[] = {&kept, &changed, &answered, &gone, &new};
    n = x.n;
    struct position later = position_of('J', 60);
    (void)new_term(&to, &later, again, 5);
    assert_int_equal(stands(&x, 3).state, AS_RAISED);
    assert_int_equal(x.n, n + 2);
    assert_int_equal(last(&x)->kind, AK_REOPENED);
    assert_true(last(&x)->page);
    assert_true(last(&x)->next_step_at_us > 0);
    /* The same term once more is a duplicate. */
    struct receipts r =
        judge(&x, (struct decision){.from = to, .to = later, .term = x.term, .reconcile = true});
    assert_int_equal(r.decision, RC_DUPLICATE);
    commit(&x);
    assert_int_equal(x.n, n + 2);
}

/* A journal that cannot vouch for what was decided: nothing is cancelled, and somebody is told,
 * each time. */
static void
test_lost_journal(void **state)
{
    struct alert_event ev = alert_of(1, AK_RAISED, PR_ROUTINE);
    struct position zero, to = position_of('K', 3);

    (void)state;
    memset(&zero, 0, sizeof zero);
    tell(&x, ev);
    (void)new_term(&zero, &to, NULL, 0);
    assert_int_equal(stands(&x, 1).state, AS_RAISED);
    assert_int_equal(x.n, 2);
    assert_string_equal(last(&x)->rule, "journal");
    assert_true(last(&x)->page);
    assert_true(last(&x)->next_step_at_us > 0);
    struct id system = last(&x)->id;
    /* Still open: no second page. */
    to = position_of('L', 4);
    (void)new_term(&zero, &to, NULL, 0);
    assert_int_equal(x.n, 3);
    assert_false(last(&x)->page);
    /* Answered, and it happens again: asked again. */
    (void)command(&x, (struct command){.verb = CMD_RESOLVE, .alert = system});
    to = position_of('M', 4);
    (void)new_term(&zero, &to, NULL, 0);
    assert_int_equal(id_cmp(&last(&x)->id, &system), 0);
    assert_int_equal(last(&x)->state, AS_RAISED);
    assert_true(last(&x)->page);
    assert_true(last(&x)->next_step_at_us > 0);
    /* Whoever reconciles later does not take the system's own alert away. */
    struct position next = position_of('M', 5);
    (void)new_term(&to, &next, NULL, 0);
    assert_int_equal(stands(&x, 1).state, AS_CANCELLED);
    assert_int_equal(alertlog_open_count(x.al), 1);
}

/* ---- timers */

static void
test_escalates(void **state)
{
    (void)state;
    tell(&x, alert_of(1, AK_RAISED, PR_FLASH));
    tell(&x, alert_of(2, AK_RAISED, PR_ROUTINE));
    turn_until(&x, 5);
    for (size_t i = 2; i < 5; i++) {
        const struct told *t = &x.told[i], *was = i == 2 ? &x.told[0] : &x.told[i - 1];
        assert_int_equal(t->kind, AK_ESCALATED);
        assert_int_equal(t->state, AS_RAISED);
        assert_int_equal(t->step, i - 1);
        assert_true(t->page);
        assert_true(t->due_at_us == was->next_step_at_us);
        assert_true(t->at_us >= t->due_at_us);
        assert_true(t->next_step_at_us > t->due_at_us);
    }
    (void)command(&x, (struct command){.verb = CMD_ACK, .alert = alert_id(1)});
    size_t n = x.n;
    struct timeval tv = {.tv_usec = 100000};
    (void)event_base_loopexit(x.svc.base, &tv);
    (void)event_base_dispatch(x.svc.base);
    assert_int_equal(x.n, n); /* it rests */
}

static void
test_expires(void **state)
{
    struct alert_event ev = alert_of(1, AK_RAISED, PR_ROUTINE);

    (void)state;
    ev.expires_at_us = ev.due_at_us + 50 * 1000;
    tell(&x, ev);
    /* An update gives it its full time again. */
    ev.kind = AK_UPDATED;
    ev.expires_at_us = ev.due_at_us + 80 * 1000;
    tell(&x, ev);
    int64_t from = last(&x)->at_us;
    turn_until(&x, 3);
    assert_int_equal(last(&x)->kind, AK_EXPIRED);
    assert_int_equal(last(&x)->state, AS_EXPIRED);
    assert_false(last(&x)->page);
    assert_true(last(&x)->due_at_us == from + 80 * 1000);
    assert_true(last(&x)->at_us >= last(&x)->due_at_us);
    assert_int_equal(alertlog_open_count(x.al), 0);
    tell(&x, ev);
    assert_int_equal(last(&x)->kind, AK_REOPENED);
    assert_int_equal(alertlog_open_count(x.al), 1);
    turn_until(&x, 6);
    assert_int_equal(last(&x)->kind, AK_EXPIRED);
}

/* What fell due while nobody ran happens at once, with both times. */
static void
test_restart(void **state)
{
    struct alert_event flash = alert_of(1, AK_RAISED, PR_FLASH),
                       brief = alert_of(2, AK_RAISED, PR_ROUTINE),
                       quiet = alert_of(3, AK_RAISED, PR_ROUTINE);
    const struct alert_event *all[] = {&flash, &brief, &quiet};

    (void)state;
    brief.expires_at_us = brief.due_at_us + 60 * 1000;
    tell_all(&x, all, 3);
    int64_t due = x.told[0].next_step_at_us, gone = x.told[1].at_us + 60 * 1000;
    fixture_stop(&x);
    while (wall_now_us() < gone + 20 * 1000)
        ;
    fixture_start(&x);
    assert_int_equal(alertlog_open_count(x.al), 3);
    int64_t began = wall_now_us();
    size_t n = x.n;
    turn_until(&x, n + 2);
    bool escalated = false, expired = false;
    for (size_t i = n; i < n + 2; i++) {
        const struct told *t = &x.told[i];
        if (t->kind == AK_ESCALATED && t->due_at_us == due && t->at_us > due + 30 * 1000)
            escalated = true;
        if (t->kind == AK_EXPIRED && t->due_at_us == gone && t->at_us > gone)
            expired = true;
        assert_true(t->at_us < began + SECOND_US);
    }
    assert_true(escalated);
    assert_true(expired);
    assert_int_equal(alertlog_open_count(x.al), 2);
}

/* ---- everything at random */

static uint64_t
draw(uint64_t *s)
{
    *s ^= *s << 13;
    *s ^= *s >> 7;
    *s ^= *s << 17;
    return *s;
}

static int
count_id(void *arg, const struct id *id)
{
    size_t *n = arg;

    (void)id;
    (*n)++;
    return 0;
}

/* No actual FLASH or IMMEDIATE alert is both unanswered and without a next step, whatever comes
 * and in whatever order; and what is kept as open agrees with the log, also after a restart. */
static void
test_nobody_is_forgotten(void **state)
{
    uint64_t seed = 0x9e3779b97f4a7c15;
    struct err e = {.text = ""};

    (void)state;
    for (int op = 0; op < 5000; op++) {
        uint64_t n = 1 + draw(&seed) % 6;
        switch (draw(&seed) % 8) {
        case 0:
            (void)command(&x, (struct command){.verb = CMD_ACK, .alert = alert_id(n)});
            break;
        case 1:
            (void)command(&x, (struct command){.verb = CMD_RESOLVE, .alert = alert_id(n)});
            break;
        case 2:
            (void)command(&x, (struct command){
                                  .verb = CMD_WARNED, .alert = alert_id(n), .asset = "gao-base"});
            break;
        default: {
            static const enum alert_kind kinds[] = {AK_RAISED,    AK_UPDATED, AK_UPDATED,
                                                    AK_CANCELLED, AK_EXPIRED, AK_ESCALATED,
                                                    AK_REOPENED};
            struct alert_event ev =
                alert_of(n, kinds[draw(&seed) % 7], (enum precedence)(1 + draw(&seed) % 4));
            ev.risk = (enum risk)(1 + draw(&seed) % 6);
            ev.status = draw(&seed) % 4 == 0 ? ST_EXERCISE : ST_ACTUAL;
            tell(&x, ev);
        }
        }
        if (op % 1000 == 999) {
            fixture_stop(&x);
            fixture_start(&x);
        } else if (op % 100 == 50) {
            assert_int_equal(alertlog_rollback(x.al, &e), 0);
        }
        size_t open = 0, kept = 0;
        for (uint64_t k = 1; k <= 6; k++) {
            struct alert_event ev;
            struct id id = alert_id(k);
            uint64_t seq;
            arena_reset(x.arena);
            if (alertlog_get(x.al, &id, x.arena, &seq, &ev, &e) != 0)
                continue;
            open += ev.state == AS_RAISED || ev.state == AS_ACKNOWLEDGED;
            if (ev.state == AS_RAISED && ev.precedence >= PR_IMMEDIATE && ev.status == ST_ACTUAL &&
                ev.next_step_at_us == 0)
                fail_msg("op %d: alert %d is forgotten", op, (int)k);
            if (ev.state != AS_RAISED)
                assert_true(ev.next_step_at_us == 0);
        }
        assert_int_equal(alertlog_ids(x.al, true, NULL, count_id, &kept, &e), 0);
        assert_int_equal(kept, open);
        assert_int_equal(alertlog_open_count(x.al), open);
    }
}

#define TEST(f)      cmocka_unit_test_setup_teardown(f, setup, teardown)
#define FAST_TEST(f) cmocka_unit_test_setup_teardown(f, setup_fast, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_raised),    TEST(test_updated),      TEST(test_acknowledged),
        TEST(test_resolved),  TEST(test_cancelled),    TEST(test_exercise_turns_real),
        TEST(test_warned),    TEST(test_bad_commands), TEST(test_whole_situation),
        TEST(test_positions), TEST(test_derivations),  TEST(test_rollback),
        TEST(test_reconcile), TEST(test_lost_journal), FAST_TEST(test_escalates),
        TEST(test_expires),   FAST_TEST(test_restart), TEST(test_nobody_is_forgotten),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
