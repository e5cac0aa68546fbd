/* test_lifecycle: the complete table of state x event, written down here a second time from
 * DESIGN section 7, and what must hold for every sequence of events under the policy. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lifecycle.h"
#include "policy.h"
#include "timefmt.h"

/* One letter a cell: - refused, . nothing to do, R raised, A acknowledged, S resolved, X expired,
 * C cancelled (logged, in this state afterwards), ! logged and reopened. Two letters where a
 * worse event does something else. Columns: raised updated acknowledged warned escalated
 * resolved reopened expired cancelled. */
static const char *const want[ALERT_STATE_COUNT][ALERT_KIND_COUNT] = {
    /* A cancellation of what is not known asks for nothing. */
    [AS_UNKNOWN] = {"-", "R", "R", "-", "-", "-", "-", "-", "-", "."},
    [AS_RAISED] = {"-", "R", "R", "A", "R", "R", "S", ".", "X", "C"},
    /* No page after an acknowledgement, and no escalation, unless it becomes worse. */
    [AS_ACKNOWLEDGED] = {"-", "A!", "A!", ".", "A", ".", "S", ".", "X", "C"},
    /* Closed by an officer: only worse news opens it; the all-clear may still be passed on. */
    [AS_RESOLVED] = {"-", "S!", "S!", "-", "S", ".", ".", "R", ".", "."},
    /* Closed by time or the classifier: any news opens it; an officer may still close it. */
    [AS_EXPIRED] = {"-", "!", "!", "-", "X", ".", "S", "R", ".", "."},
    [AS_CANCELLED] = {"-", "!", "!", "-", "C", ".", "S", "R", ".", "."},
};

static char
letter(struct transition t)
{
    switch (t.verdict) {
    case LIFE_REFUSE:
        return '-';
    case LIFE_IGNORE:
        return '.';
    case LIFE_REVIVE:
        assert_int_equal(t.next, AS_RAISED);
        return '!';
    case LIFE_APPLY:
        assert_in_range(t.next, AS_RAISED, AS_CANCELLED);
        return "?RASXC"[t.next];
    }
    return '?';
}

static void
test_table(void **state)
{
    (void)state;
    for (int s = 0; s < ALERT_STATE_COUNT; s++)
        for (int k = 0; k < ALERT_KIND_COUNT; k++) {
            const char *w = want[s][k];
            char plain = letter(lifecycle((enum alert_state)s, (enum alert_kind)k, false));
            char worse = letter(lifecycle((enum alert_state)s, (enum alert_kind)k, true));
            if (plain != w[0] || worse != (w[1] != '\0' ? w[1] : w[0]))
                fail_msg("state %d kind %d: %c, worse %c, want %s", s, k, plain, worse, w);
        }
}

static void
test_beyond_the_table(void **state)
{
    (void)state;
    assert_int_equal(lifecycle(ALERT_STATE_COUNT, AK_RAISED, false).verdict, LIFE_REFUSE);
    assert_int_equal(lifecycle((enum alert_state) - 1, AK_RAISED, true).verdict, LIFE_REFUSE);
    assert_int_equal(lifecycle(AS_RAISED, ALERT_KIND_COUNT, false).verdict, LIFE_REFUSE);
    assert_int_equal(lifecycle(AS_RAISED, (enum alert_kind)1000, true).verdict, LIFE_REFUSE);
}

static void
test_open(void **state)
{
    (void)state;
    for (int s = 0; s < ALERT_STATE_COUNT; s++)
        assert_int_equal(state_is_open((enum alert_state)s),
                         s == AS_RAISED || s == AS_ACKNOWLEDGED);
}

static void
on_line(void *arg, const char *text)
{
    size_t *lines = arg;

    assert_non_null(text);
    assert_true(strlen(text) > 30 && strchr(text, '\n') == NULL);
    (*lines)++;
}

static void
test_print(void **state)
{
    size_t lines = 0;

    (void)state;
    lifecycle_print(on_line, &lines);
    assert_int_equal(lines, ALERT_STATE_COUNT * (ALERT_KIND_COUNT - 1));
}

/* ---- sequences: an alert as the contracts of lifecycle and policy describe it */

struct life {
    enum alert_state state;
    enum precedence precedence;
    enum risk risk;
    int64_t next_us;
    uint32_t step;
    bool answered; /* acknowledged or resolved since it last asked */
    unsigned pages;
};

static uint64_t
draw(uint64_t *s)
{
    *s ^= *s << 13;
    *s ^= *s >> 7;
    *s ^= *s << 17;
    return *s;
}

static void
ask(struct life *l, const struct config *c, int64_t now)
{
    int64_t wait = policy_next_us(c, l->precedence, ST_ACTUAL, l->step);

    l->next_us = wait > 0 ? now + wait : 0;
}

static void
happen(struct life *l, const struct config *c, enum alert_kind kind, enum precedence p, enum risk r,
       int64_t now)
{
    bool news = kind == AK_RAISED || kind == AK_UPDATED;
    bool known = l->state != AS_UNKNOWN;
    bool worse = known && news && policy_worse(l->precedence, l->risk, p, r);
    struct transition t = lifecycle(l->state, kind, worse);

    if (t.verdict == LIFE_REFUSE || t.verdict == LIFE_IGNORE)
        return;
    bool opens = t.next == AS_RAISED && (!known || worse || l->state != AS_RAISED);
    if (news) {
        l->precedence = p;
        l->risk = r;
    }
    if (known && !opens && !news && kind != AK_ESCALATED)
        assert_false(policy_pages(kind, l->precedence, ST_ACTUAL, worse));
    /* After an answer only what is worse may page. */
    if (l->answered && l->state == AS_ACKNOWLEDGED && !worse)
        assert_int_not_equal(t.next, AS_RAISED);
    l->state = t.next;
    if (kind == AK_ESCALATED)
        l->step++;
    if (opens) {
        l->step = 0;
        l->answered = false;
    }
    if (kind == AK_ACKNOWLEDGED || kind == AK_RESOLVED)
        l->answered = true;
    if (opens || kind == AK_ESCALATED)
        ask(l, c, now);
    if (l->state != AS_RAISED)
        l->next_us = 0;
}

/* No actual FLASH or IMMEDIATE alert is unanswered and without a next step. */
static void
test_nobody_is_forgotten(void **state)
{
    struct step_conf steps[] = {{PR_FLASH, MINUTE_US}, {PR_IMMEDIATE, 2 * MINUTE_US}};
    struct config c;
    uint64_t seed = 0x2545f4914f6cdd1d;
    static size_t seen[ALERT_STATE_COUNT];

    (void)state;
    memset(&c, 0, sizeof c);
    for (int n = 0; n < 100000; n++) {
        struct life l = {.state = AS_UNKNOWN};
        int64_t now = HOUR_US;
        c.notifier.escalation = (struct conf_list){steps, n % 2 == 0 ? 0 : 2};
        for (int i = 0; i < 12; i++) {
            /* The policy's own timer comes when it is due, the rest whenever. */
            enum alert_kind kind = (enum alert_kind)(1 + draw(&seed) % (ALERT_KIND_COUNT - 1));
            now += (int64_t)(draw(&seed) % (10 * MINUTE_US));
            if (kind == AK_ESCALATED && (l.next_us == 0 || l.next_us > now))
                continue;
            happen(&l, &c, kind, (enum precedence)(1 + draw(&seed) % 4),
                   (enum risk)(1 + draw(&seed) % 6), now);
            seen[l.state]++;
            bool urgent = l.precedence >= PR_IMMEDIATE;
            if (l.state == AS_RAISED && urgent && !l.answered)
                assert_true(l.next_us > 0);
            if (l.state == AS_RAISED)
                assert_false(l.answered);
            if (l.state != AS_RAISED)
                assert_true(l.next_us == 0);
        }
    }
    for (int s = 0; s < ALERT_STATE_COUNT; s++)
        assert_true(seen[s] > 1000);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_beyond_the_table),
        cmocka_unit_test(test_open),
        cmocka_unit_test(test_print),
        cmocka_unit_test(test_nobody_is_forgotten),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
