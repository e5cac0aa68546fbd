/* officer: his acts on what is known already. Pure. An act that names what is not there, or what
 * cannot be, changes nothing.
 *
 *   set     precedence  of the alert; stays until he sets another
 *           event       of its situation, whatever reports say
 *           cleared     "now": the danger is over (a siege lifted, a place retaken, a mine cleared);
 *                       alerts of the situation are cancelled. What happened before is over,
 *                       however late it is reported; what happens after it counts anew
 *   merge   the situations of `alert` and `other` are one event
 *   split   `other`, and the incidents whose ids stand in `value` with spaces between them, are
 *           another event than that of `alert`; one that is not among its reports is passed over */
#ifndef CLASSIFIER_OFFICER_H
#define CLASSIFIER_OFFICER_H

#include "core_state.h"

/* Everything but raise. */
void officer_act(struct core *c, const struct act *act, int64_t due_us);

#endif
