/* alertlog_priv: what the three files of the alert log share: alertlog.c (the log, its timers),
 * alertlog_decide.c (decisions of classifiers), alertlog_command.c (commands of officers). */
#ifndef NOTIFIER_ALERTLOG_PRIV_H
#define NOTIFIER_ALERTLOG_PRIV_H

#include "alertlog.h"
#include "buf.h"
#include "clock.h"
#include "held.h"
#include "openset.h"

/* An event that waits for the flush and then for publishing. */
struct fresh {
    uint64_t seq;
    size_t at, len; /* in al->bodies */
};

struct alertlog {
    struct svc *svc;
    const struct config *config;
    struct alertlog_hooks hooks;
    struct journal *journal;
    struct openset *open;
    struct held held;
    struct clock clock;
    struct arena *arena; /* of the event at hand */
    struct buf packed, same_a, same_b;
    struct buf bodies;
    struct fresh *fresh;
    size_t n_fresh, cap_fresh;
    uint64_t serial; /* makes the ids of log entries of one microsecond differ */
    bool broken;     /* a timer could not append: the next commit says so */
    struct err why;
    int why_errno;
    int64_t *m_events, *m_pages, *m_escalated, *m_open, *m_refused;
};

/* One event of any kind. ev is complete but for what the notifier adds; prev is the alert as it
 * stands, NULL when there is none. 0 logged, 1 nothing to do, 2 refused, -1 store. */
int alertlog_propose(struct alertlog *al, struct alert_event *ev, const struct alert_event *prev,
                     struct err *e);

#endif
