/* compose: an alert event and its derivation, in words. Pure.
 *
 * Wording is built in (wording.c) or comes from the configured procedures. Nothing in an event
 * names a reporter or quotes a report. The text is a function of situation, alert and verdict
 * alone, so that the same alert reads the same whenever it is told. */
#ifndef CLASSIFIER_COMPOSE_H
#define CLASSIFIER_COMPOSE_H

#include "arena.h"
#include "picture.h"
#include "situation.h"

struct telling {
    const struct knowledge *k;
    const struct picture *p;
    const struct situations *s;
    const struct sit_alert *a;
    const struct verdict *v;
    enum alert_kind kind;
    int64_t due_us;
    const char *changed[MAX_LIST];
    size_t n_changed;
    const char *note;             /* cancelled: why */
    const struct finding *latest; /* of the report that caused it; NULL = none */
    uint8_t old_precedence;       /* of the last telling, 0 = none: gives the old topic */
    uint16_t old_area;
};

/* Fills ev and d; their strings live in the arena. 0, or -1 when it is full. */
int compose(const struct telling *t, struct arena *a, struct alert_event *ev, struct derivation *d);

/* The configured area that holds the situation's place; NO_AREA. */
uint16_t compose_area(const struct knowledge *k, const struct situation *s);
/* The village or town that is threatened; "" where none is known. */
const char *compose_place_name(const struct knowledge *k, const struct situation *s);
enum target compose_target(enum alert_slot slot, enum alert_rule rule);
/* NULL for none. */
const char *compose_rule_name(const struct knowledge *k, const struct situation *s,
                              const struct sit_alert *a);
/* Derived, never drawn (DESIGN 4, ids). */
void compose_alert_id(const struct knowledge *k, const struct picture *p, const struct situation *s,
                      const struct sit_alert *a, struct id *out);

#endif
