/* outcome: what one configuration makes of a recording: its alerts, each with its last state and
 * its course, for `tocsin diff`. Pure: records in, a table out.
 *
 * The table grows with the alerts of the recording, some 2 KB each: it is a tool's, and ends with
 * the run. */
#ifndef TOOLS_OUTCOME_H
#define TOOLS_OUTCOME_H

#include "core.h"

/* How the report that raised an alert was understood. */
struct reading {
    bool alertworthy;
    enum event_type event;
    enum mode mode;
    uint32_t targets; /* mask of TARGET_BIT */
};

struct outcome_alert {
    struct id id, situation;
    int64_t raised_us;    /* journal time of the first raise */
    enum precedence peak; /* the highest that it ever had */
    enum precedence precedence;
    enum risk risk;
    uint32_t told, pages; /* events; those among them that call receivers */
    bool open;            /* not cancelled */
    bool read;            /* own and other are known: a single report raised it */
    struct reading own, other;
    uint8_t course[DIGEST_LEN]; /* chain over all its events but their wording */
    char *event;                /* the last one, packed */
    size_t event_len;
};

struct outcome {
    const struct knowledge *k; /* borrowed */
    struct core *core;
    struct outcome_alert *alerts; /* by id */
    size_t n, cap;
    uint64_t pages[PRECEDENCE_COUNT];
    /* of the step at hand */
    const struct record *record, *other_record;
    const struct knowledge *other;
    struct arena *arena;
    bool failed;
};

int outcome_init(struct outcome *o, const struct knowledge *k);
void outcome_fini(struct outcome *o);

/* One record, in order. other_r: the same record as the other configuration's sources stamp it;
 * an alert that it raises keeps how the other configuration reads it. 0, or -1 when memory is
 * out. */
int outcome_step(struct outcome *o, const struct record *r, const struct knowledge *other,
                 const struct record *other_r);

/* The alert's last event; lives in the arena. NULL when memory is out. */
const struct alert_event *outcome_event(const struct outcome_alert *x, struct arena *a);

enum outcome_field {
    OF_RAISED,
    OF_TARGET,
    OF_PRECEDENCE,
    OF_RISK,
    OF_EVENT,
    OF_MODE,
    OF_CERTAINTY,
    OF_PLACE,
    OF_ASSETS,
    OF_HARM,
    OF_PAGES,
    OF_STATE,
    OF_REASONS,
    OF_COURSE, /* nothing else of these: events on the way, revisions, reports, expiry */
    OF_COUNT
};
const char *outcome_field_name(enum outcome_field f);

/* Mask of 1 << field of what differs; 0 = the same events. ea, eb: their last events. */
uint32_t outcome_compare(const struct outcome_alert *a, const struct alert_event *ea,
                         const struct outcome_alert *b, const struct alert_event *eb);

/* A pair of alerts; a or b NULL: the other side has no such alert. */
struct outcome_pair {
    const struct outcome_alert *a, *b;
};

/* All alerts of both sides, each with its like: that of the same id, else one of the same
 * situation that has no like either (the target changed). By time of the first raise. Freed by
 * the caller; NULL when memory is out. */
struct outcome_pair *outcome_pairs(const struct outcome *a, const struct outcome *b, size_t *n);

#endif
