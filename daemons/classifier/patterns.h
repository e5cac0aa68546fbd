/* patterns: rules over situations, assets and time. Pure.
 *
 *   convoy_overdue  a departed convoy with a check-in interval gives no sign of life for one and
 *                   a half intervals (PRIORITY), for three (IMMEDIATE); cancelled by the next sign.
 *   base_silent     a base's link is down, and an attack happened within 50 km and 24 hours of it
 *                   (PRIORITY), within 20 km (IMMEDIATE); cancelled when the link is back.
 *
 * And a look back for assess(): a movement of state forces is ROUTINE unless such forces harmed
 * civilians within 50 km in the last 90 days. Which of a state's forces it was is not asked, since
 * reports seldom tell. */
#ifndef CLASSIFIER_PATTERNS_H
#define CLASSIFIER_PATTERNS_H

#include "core_state.h"

/* An asset's record or position was taken: a sign of life. */
void patterns_on_asset(struct core *c, uint32_t asset, int64_t due_us);
/* The timer that patterns_on_asset() set fell due. */
void patterns_on_overdue(struct core *c, uint32_t asset, int64_t due_us);
/* A link's state changed. */
void patterns_on_link(struct core *c, int64_t due_us);
/* How far from situation i state forces harmed civilians in the last 90 days, at most 50 km; the
 * nearest, at least 1; 0 = they did not. As far back as the table of situations goes. */
uint32_t patterns_force_harm(const struct core *c, uint32_t i, int64_t due_us);
/* A report came into situation i. */
void patterns_on_situation(struct core *c, uint32_t i, int64_t due_us);

#endif
