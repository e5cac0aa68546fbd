/* policy: who is called when. Pure. */
#ifndef NOTIFIER_POLICY_H
#define NOTIFIER_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "config.h"
#include "record.h"

/* Time from raising, or from the last step, to the next step of an alert that nobody answers;
 * 0 = never. step: how many there were. The last step repeats for FLASH and IMMEDIATE; PRIORITY
 * has one. */
int64_t policy_next_us(const struct config *c, enum precedence p, enum status status,
                       uint32_t step);

/* Whether an event calls receivers. Raised: FLASH and IMMEDIATE. Updated: when it is worse and
 * FLASH or IMMEDIATE. Escalated: always. Exercises and tests never. */
bool policy_pages(enum alert_kind kind, enum precedence p, enum status status, bool worse);

/* A higher precedence, or a higher risk at no lower precedence. */
bool policy_worse(enum precedence p0, enum risk r0, enum precedence p1, enum risk r1);

#endif
