/* intake: what happens to a record between the door and the journal. Pure but for the
 * source's zone file.
 *
 * One rule for the collector, for `tocsin replay` and for `tocsin assess`, so that an incident
 * gets the same stamps and the same id whichever way it comes. */
#ifndef TOCSIN_INTAKE_H
#define TOCSIN_INTAKE_H

#include "buf.h"
#include "config.h"
#include "err.h"
#include "record.h"

/* Checks the record, gives it its id and stamps it, in that order; so an exact resend has the
 * same id when the configuration of its source has changed meanwhile.
 *
 * Check: what wire or JSON let through and no journal should hold (an incident with neither
 * text nor event, an asset without id or kind, a schedule that does not fit its route).
 * Id: see id.h and record.h (incident_id); `unique` makes an incident without an own id this
 * acceptance and no other. A record that has an id keeps it.
 * Stamps, for an incident: class, relay, grades (where the report has none), language,
 * offset of local time, trust in its clock, place, as the configuration says of its source;
 * one that is not configured is class local, ungraded, UTC. `fallback` names the source where
 * the incident has none. A record that was redacted, or comes from a recording (keep), keeps
 * the stamps that it has.
 * received_at_us must be set. scratch is overwritten. 0, or -1 with err. */
int intake_prepare(const struct config *c, const char *fallback, const void *unique,
                   size_t unique_len, bool keep, struct record *r, struct buf *scratch,
                   struct err *e);

/* received_at of a plain incident in a stream that is replayed or assessed: its reported_at,
 * never below the previous one's (0 for the first without one). */
int64_t intake_plain_time(const struct record *r, int64_t previous_us);

#endif
