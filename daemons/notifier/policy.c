/* policy: see policy.h. */
#include "policy.h"

#include "timefmt.h"

int64_t
policy_next_us(const struct config *c, enum precedence p, enum status status, uint32_t step)
{
    const struct step_conf *steps = c->notifier.escalation.v;
    int64_t found = 0, last = 0;
    uint32_t seen = 0;

    if (status == ST_EXERCISE || status == ST_TEST)
        return 0;
    for (size_t i = 0; i < c->notifier.escalation.n; i++) {
        if ((enum precedence)steps[i].precedence != p)
            continue;
        last = steps[i].after_us;
        if (seen++ == step)
            found = last;
    }
    if (seen > 0)
        return found != 0 ? found : p >= PR_IMMEDIATE ? last : 0;
    switch (p) {
    case PR_FLASH:
        return 5 * MINUTE_US;
    case PR_IMMEDIATE:
        return 15 * MINUTE_US;
    case PR_PRIORITY:
        return step == 0 ? 3 * HOUR_US : 0;
    default:
        return 0;
    }
}

bool
policy_pages(enum alert_kind kind, enum precedence p, enum status status, bool worse)
{
    if (status == ST_EXERCISE || status == ST_TEST)
        return false;
    switch (kind) {
    case AK_RAISED:
        return p >= PR_IMMEDIATE;
    case AK_UPDATED:
    case AK_REOPENED:
        return worse && p >= PR_IMMEDIATE;
    case AK_ESCALATED:
        return true;
    default:
        return false;
    }
}

bool
policy_worse(enum precedence p0, enum risk r0, enum precedence p1, enum risk r1)
{
    return p1 > p0 || (p1 == p0 && r1 > r0);
}
