/* patterns: rules over situations, assets and time. Pure.
 *
 * The rules are those of the file (rules.h). Sequences, counts and rings tell once of a place or an
 * asset in their time (once.h). The absences:
 *
 *   check_in  a departed convoy with a check-in interval gives no sign of life for so many per cent
 *             of it; worse by steps; cancelled by the next sign.
 *   link      a base's link is down, and an incident that the rule names happened near and within
 *             its time of that; or another link went down together with it, whoever it belongs to;
 *             cancelled when the link is back.
 *   reports   nobody is heard from an area (unheard.h).
 *
 * And a look back for assess(): a movement of state forces is ROUTINE unless such forces harmed
 * civilians within 50 km in the last 90 days. Which of a state's forces it was is not asked, since
 * reports seldom tell. */
#ifndef CLASSIFIER_PATTERNS_H
#define CLASSIFIER_PATTERNS_H

#include "core_state.h"

/* A report came into situation i, the asset's record was taken: rules that now hold are told. */
void patterns_look(struct core *c, uint32_t i, int64_t now_us);
void patterns_look_asset(struct core *c, uint32_t asset, int64_t now_us);
/* What the matrix gives, as far as the rule lets it. */
enum precedence patterns_precedence(const struct core *c, const struct rule *r, uint32_t likelihood,
                                    uint32_t impact);
/* Into its rank, nearest first, then by id, among MAX_ASSETS. */
void patterns_rank(const struct core *c, struct relation *list, uint32_t *n,
                   const struct relation *r);

/* An asset's record or position was taken: a sign of life. */
void patterns_on_asset(struct core *c, uint32_t asset, int64_t due_us);
/* The timer that patterns_on_asset() set fell due. */
void patterns_on_overdue(struct core *c, uint32_t asset, int64_t due_us);
/* A link's state changed. */
void patterns_on_link(struct core *c, int64_t due_us);
/* How far from situation i state forces harmed civilians in the last 90 days, at most 50 km; the
 * nearest, at least 1; 0 = they did not. As far back as the table of situations goes. */
uint32_t patterns_force_harm(const struct core *c, uint32_t i, int64_t due_us);
/* A report came into situation i: is a base silent near it? */
void patterns_on_situation(struct core *c, uint32_t i, int64_t due_us);

#endif
