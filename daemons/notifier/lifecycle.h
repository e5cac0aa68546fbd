/* lifecycle: what may happen to an alert, as one complete table of state x event. Pure. */
#ifndef NOTIFIER_LIFECYCLE_H
#define NOTIFIER_LIFECYCLE_H

#include <stdbool.h>

#include "record.h"

enum verdict {
    LIFE_REFUSE, /* not in this state: say why */
    LIFE_IGNORE, /* it is so already: nothing is logged, the asker is told yes */
    LIFE_APPLY,  /* logged; the alert is in `next` afterwards */
    LIFE_REVIVE  /* logged, and `reopened` behind it: the alert asks for an answer again */
};

struct transition {
    enum verdict verdict;
    enum alert_state next;
};

/* state AS_UNKNOWN: there is no such alert yet. worse: the event carries a higher precedence or
 * risk than the alert had. */
struct transition lifecycle(enum alert_state state, enum alert_kind kind, bool worse);

bool state_is_open(enum alert_state s);

/* The table as text, for the manual page. */
void lifecycle_print(void (*line)(void *arg, const char *text), void *arg);

#endif
