/* openset: the open alerts in memory, by id, each with the timer of its next step or expiry.
 * What is here is derived from the alert log and can be rebuilt from it. */
#ifndef NOTIFIER_OPENSET_H
#define NOTIFIER_OPENSET_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>

#include "record.h"

struct open_alert {
    struct id id;
    enum alert_state state;
    enum precedence precedence;
    enum risk risk;
    enum target target;
    int64_t next_step_at_us, expires_at_us; /* log time; 0 = none */
    uint32_t step;
    bool seen; /* by the reconciliation at hand */
    struct event *timer;
    void *owner;
};

struct openset;

struct openset *openset_new(void);
void openset_free(struct openset *s); /* frees the timers too */
struct open_alert *openset_find(const struct openset *s, const struct id *id);
/* Finds or makes; NULL when memory is out. Pointers stay valid until removal. */
struct open_alert *openset_add(struct openset *s, const struct id *id);
void openset_remove(struct openset *s, const struct id *id);
size_t openset_count(const struct openset *s);
/* All of them by id into *out (freed by the caller); the count. */
size_t openset_sorted(const struct openset *s, struct open_alert ***out);

#endif
