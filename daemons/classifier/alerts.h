/* alerts: which alerts a situation gives, and when one of them is told again. Pure.
 *
 * One alert for each kind of target that is threatened: named by the reports, or with assets in
 * reach; civilians always with the place itself, as a configured site of the same name within 5 km
 * where there is one, else under its own id. An alert is told again only when something
 * changes that an officer would care about: precedence or risk, a step of harm, a new asset, the
 * certainty, the event, a party's claim, the place; or the danger goes on when it had run out. */
#ifndef CLASSIFIER_ALERTS_H
#define CLASSIFIER_ALERTS_H

#include "core_state.h"

/* Situation i anew, after a report (latest: its finding) or a change of the picture (NULL). Emits
 * in the order convoy, base, civilians. */
void alerts_review(struct core *c, uint32_t i, int64_t due_us, const struct finding *latest);

/* The same after its reports were rearranged (merged, split, corrected): every open alert is told
 * again, with the note. One whose target is no longer threatened is told as it stands (keep), or
 * cancelled. */
void alerts_rearranged(struct core *c, uint32_t i, const char *note, bool keep, int64_t due_us,
                       const struct finding *latest);

/* The same after a source corrected its report in it: told again as a review has it, but an alert
 * whose target is no longer threatened is cancelled. */
void alerts_corrected(struct core *c, uint32_t i, int64_t due_us, const struct finding *latest);

/* An asset came, moved or changed: situations that endanger it and have not named it yet. */
void alerts_review_asset(struct core *c, uint32_t asset, int64_t due_us);

/* A rule's alert: told when new, worse or with other assets. v: by assess_fixed(). */
void alerts_tell_rule(struct core *c, uint32_t i, enum alert_rule rule, const struct relation *r,
                      uint32_t n, struct verdict *v, int64_t due_us);
/* The same in the slot of a kind of target, for a rule of the file (RULE_PATTERN). */
void alerts_tell_pattern(struct core *c, uint32_t i, enum alert_slot slot, const struct relation *r,
                         uint32_t n, struct verdict *v, int64_t due_us);
void alerts_cancel(struct core *c, struct sit_alert *a, const char *note, int64_t due_us);
/* Every open alert of situation i that tells of its danger, and none that a rule told. */
void alerts_cancel_all(struct core *c, uint32_t i, const char *note, int64_t due_us);
/* By its id; NULL when there is none. */
struct sit_alert *alerts_find(const struct core *c, const struct id *id);

/* An asset is no more: alerts stop naming it. Told with their next change. */
void alerts_forget_asset(struct core *c, uint32_t asset);

/* Every open alert as a raised event, oldest first. */
void alerts_tell_open(struct core *c);

#endif
