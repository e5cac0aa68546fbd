/* lifecycle: see lifecycle.h. Rows are states, columns events; each cell says what happens,
 * and, behind the bar, what happens instead when the event makes the alert worse.
 *
 * Why a worse update revives: after an acknowledgement or a resolution nothing pages unless the
 * danger has grown; then the old answer no longer covers it. An expired or cancelled alert was
 * answered by nobody, so any news of it revives it. */
#include "lifecycle.h"

#include <stdio.h>

#define REFUSE                  \
    {                           \
        LIFE_REFUSE, AS_UNKNOWN \
    }
#define IGNORE                  \
    {                           \
        LIFE_IGNORE, AS_UNKNOWN \
    }
#define TO(state)              \
    {                          \
        LIFE_APPLY, AS_##state \
    }
#define REVIVE                 \
    {                          \
        LIFE_REVIVE, AS_RAISED \
    }
#define BOTH(cell) \
    {              \
        cell, cell \
    }

struct cell {
    struct transition plain, worse;
};

/* clang-format off */
static const struct cell table[ALERT_STATE_COUNT][ALERT_KIND_COUNT] = {
    [AS_UNKNOWN] = {
        [AK_RAISED]       = BOTH(TO(RAISED)),
        [AK_UPDATED]      = BOTH(TO(RAISED)),
        [AK_ACKNOWLEDGED] = BOTH(REFUSE),
        [AK_WARNED]       = BOTH(REFUSE),
        [AK_ESCALATED]    = BOTH(REFUSE),
        [AK_RESOLVED]     = BOTH(REFUSE),
        [AK_REOPENED]     = BOTH(REFUSE),
        [AK_EXPIRED]      = BOTH(REFUSE),
        [AK_CANCELLED]    = BOTH(IGNORE),
    },
    [AS_RAISED] = {
        [AK_RAISED]       = BOTH(TO(RAISED)),
        [AK_UPDATED]      = BOTH(TO(RAISED)),
        [AK_ACKNOWLEDGED] = BOTH(TO(ACKNOWLEDGED)),
        [AK_WARNED]       = BOTH(TO(RAISED)),
        [AK_ESCALATED]    = BOTH(TO(RAISED)),
        [AK_RESOLVED]     = BOTH(TO(RESOLVED)),
        [AK_REOPENED]     = BOTH(IGNORE),
        [AK_EXPIRED]      = BOTH(TO(EXPIRED)),
        [AK_CANCELLED]    = BOTH(TO(CANCELLED)),
    },
    [AS_ACKNOWLEDGED] = {
        [AK_RAISED]       = {TO(ACKNOWLEDGED), REVIVE},
        [AK_UPDATED]      = {TO(ACKNOWLEDGED), REVIVE},
        [AK_ACKNOWLEDGED] = BOTH(IGNORE),
        [AK_WARNED]       = BOTH(TO(ACKNOWLEDGED)),
        [AK_ESCALATED]    = BOTH(IGNORE),
        [AK_RESOLVED]     = BOTH(TO(RESOLVED)),
        [AK_REOPENED]     = BOTH(IGNORE),
        [AK_EXPIRED]      = BOTH(TO(EXPIRED)),
        [AK_CANCELLED]    = BOTH(TO(CANCELLED)),
    },
    [AS_RESOLVED] = {
        [AK_RAISED]       = {TO(RESOLVED), REVIVE},
        [AK_UPDATED]      = {TO(RESOLVED), REVIVE},
        [AK_ACKNOWLEDGED] = BOTH(REFUSE),
        [AK_WARNED]       = BOTH(TO(RESOLVED)),
        [AK_ESCALATED]    = BOTH(IGNORE),
        [AK_RESOLVED]     = BOTH(IGNORE),
        [AK_REOPENED]     = BOTH(TO(RAISED)),
        [AK_EXPIRED]      = BOTH(IGNORE),
        [AK_CANCELLED]    = BOTH(IGNORE),
    },
    [AS_EXPIRED] = {
        [AK_RAISED]       = BOTH(REVIVE),
        [AK_UPDATED]      = BOTH(REVIVE),
        [AK_ACKNOWLEDGED] = BOTH(REFUSE),
        [AK_WARNED]       = BOTH(TO(EXPIRED)),
        [AK_ESCALATED]    = BOTH(IGNORE),
        [AK_RESOLVED]     = BOTH(TO(RESOLVED)),
        [AK_REOPENED]     = BOTH(TO(RAISED)),
        [AK_EXPIRED]      = BOTH(IGNORE),
        [AK_CANCELLED]    = BOTH(IGNORE),
    },
    [AS_CANCELLED] = {
        [AK_RAISED]       = BOTH(REVIVE),
        [AK_UPDATED]      = BOTH(REVIVE),
        [AK_ACKNOWLEDGED] = BOTH(REFUSE),
        [AK_WARNED]       = BOTH(TO(CANCELLED)),
        [AK_ESCALATED]    = BOTH(IGNORE),
        [AK_RESOLVED]     = BOTH(TO(RESOLVED)),
        [AK_REOPENED]     = BOTH(TO(RAISED)),
        [AK_EXPIRED]      = BOTH(IGNORE),
        [AK_CANCELLED]    = BOTH(IGNORE),
    },
};
/* clang-format on */

struct transition
lifecycle(enum alert_state state, enum alert_kind kind, bool worse)
{
    struct transition refuse = REFUSE;

    if ((unsigned)state >= ALERT_STATE_COUNT || (unsigned)kind >= ALERT_KIND_COUNT ||
        kind == AK_UNKNOWN)
        return refuse;
    return worse ? table[state][kind].worse : table[state][kind].plain;
}

bool
state_is_open(enum alert_state s)
{
    return s == AS_RAISED || s == AS_ACKNOWLEDGED;
}

static const char *
cell_text(struct transition t)
{
    switch (t.verdict) {
    case LIFE_REFUSE:
        return "refused";
    case LIFE_IGNORE:
        return "nothing";
    case LIFE_APPLY:
        return alert_state_name(t.next);
    case LIFE_REVIVE:
        return "reopened";
    }
    return "";
}

void
lifecycle_print(void (*line)(void *arg, const char *text), void *arg)
{
    char text[160];

    for (int s = 0; s < ALERT_STATE_COUNT; s++)
        for (int k = 1; k < ALERT_KIND_COUNT; k++) {
            const struct cell *c = &table[s][k];
            (void)snprintf(text, sizeof text, "%-13s %-13s %-13s %s",
                           s == 0 ? "none" : alert_state_name((enum alert_state)s),
                           alert_kind_name((enum alert_kind)k), cell_text(c->plain),
                           cell_text(c->worse));
            line(arg, text);
        }
}
