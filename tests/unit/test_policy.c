/* test_policy: who is called when, with the built-in steps and with configured ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "policy.h"
#include "timefmt.h"

static void
test_built_in(void **state)
{
    struct config c;

    (void)state;
    memset(&c, 0, sizeof c);
    for (uint32_t step = 0; step < 100; step++) {
        assert_true(policy_next_us(&c, PR_FLASH, ST_ACTUAL, step) == 5 * MINUTE_US);
        assert_true(policy_next_us(&c, PR_IMMEDIATE, ST_ACTUAL, step) == 15 * MINUTE_US);
        assert_true(policy_next_us(&c, PR_PRIORITY, ST_ACTUAL, step) ==
                    (step == 0 ? 3 * HOUR_US : 0));
        assert_true(policy_next_us(&c, PR_ROUTINE, ST_ACTUAL, step) == 0);
        assert_true(policy_next_us(&c, PR_UNKNOWN, ST_ACTUAL, step) == 0);
    }
    /* A status that was not given counts as actual. */
    assert_true(policy_next_us(&c, PR_FLASH, ST_UNKNOWN, 0) == 5 * MINUTE_US);
    for (int p = 0; p < PRECEDENCE_COUNT; p++) {
        assert_true(policy_next_us(&c, (enum precedence)p, ST_EXERCISE, 0) == 0);
        assert_true(policy_next_us(&c, (enum precedence)p, ST_TEST, 0) == 0);
    }
}

static void
test_configured(void **state)
{
    struct step_conf steps[] = {{PR_FLASH, 1 * MINUTE_US},     {PR_PRIORITY, 60 * MINUTE_US},
                                {PR_FLASH, 2 * MINUTE_US},     {PR_IMMEDIATE, 7 * MINUTE_US},
                                {PR_PRIORITY, 90 * MINUTE_US}, {PR_FLASH, 4 * MINUTE_US}};
    static const struct {
        enum precedence p;
        uint32_t step;
        int64_t minutes;
    } t[] = {
        {PR_FLASH, 0, 1},     {PR_FLASH, 1, 2},     {PR_FLASH, 2, 4},     {PR_FLASH, 3, 4},
        {PR_FLASH, 99, 4},    {PR_IMMEDIATE, 0, 7}, {PR_IMMEDIATE, 1, 7}, {PR_IMMEDIATE, 50, 7},
        {PR_PRIORITY, 0, 60}, {PR_PRIORITY, 1, 90}, {PR_PRIORITY, 2, 0},  {PR_ROUTINE, 0, 0},
    };
    struct config c;

    (void)state;
    memset(&c, 0, sizeof c);
    c.notifier.escalation = (struct conf_list){steps, sizeof steps / sizeof steps[0]};
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++)
        assert_true(policy_next_us(&c, t[i].p, ST_ACTUAL, t[i].step) == t[i].minutes * MINUTE_US);
    assert_true(policy_next_us(&c, PR_FLASH, ST_TEST, 0) == 0);
    /* A precedence that the file does not name keeps what is built in. */
    c.notifier.escalation.n = 1;
    assert_true(policy_next_us(&c, PR_IMMEDIATE, ST_ACTUAL, 0) == 15 * MINUTE_US);
    assert_true(policy_next_us(&c, PR_PRIORITY, ST_ACTUAL, 0) == 3 * HOUR_US);
}

static void
test_pages(void **state)
{
    (void)state;
    for (int k = 0; k < ALERT_KIND_COUNT; k++)
        for (int p = 0; p < PRECEDENCE_COUNT; p++)
            for (int s = 0; s < STATUS_COUNT; s++)
                for (int worse = 0; worse < 2; worse++) {
                    bool urgent = p == PR_FLASH || p == PR_IMMEDIATE;
                    bool want = (k == AK_RAISED && urgent) ||
                                ((k == AK_UPDATED || k == AK_REOPENED) && urgent && worse) ||
                                k == AK_ESCALATED;
                    if (s == ST_EXERCISE || s == ST_TEST)
                        want = false;
                    assert_int_equal(policy_pages((enum alert_kind)k, (enum precedence)p,
                                                  (enum status)s, worse != 0),
                                     want);
                }
}

static void
test_worse(void **state)
{
    (void)state;
    assert_true(policy_worse(PR_ROUTINE, RISK_LOW, PR_PRIORITY, RISK_LOW));
    assert_true(policy_worse(PR_ROUTINE, RISK_UNACCEPTABLE, PR_FLASH, RISK_LOW));
    assert_true(policy_worse(PR_FLASH, RISK_HIGH, PR_FLASH, RISK_VERY_HIGH));
    assert_false(policy_worse(PR_FLASH, RISK_HIGH, PR_FLASH, RISK_HIGH));
    assert_false(policy_worse(PR_FLASH, RISK_HIGH, PR_FLASH, RISK_MEDIUM));
    assert_false(policy_worse(PR_FLASH, RISK_LOW, PR_IMMEDIATE, RISK_UNACCEPTABLE));
    assert_true(policy_worse(PR_UNKNOWN, RISK_UNKNOWN, PR_ROUTINE, RISK_UNKNOWN));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_built_in),
        cmocka_unit_test(test_configured),
        cmocka_unit_test(test_pages),
        cmocka_unit_test(test_worse),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
