/* repeats: what a TAK client says again. TAK has no receipts and no state: a client, and each server
 * on the way, sends a marker again every so often for as long as it is on the map, and the position
 * of a vehicle each second. Pure: the caller says what time it is.
 *
 * A table of fixed size, 65,536 entries; when it is full the oldest of a few goes, and at worst a
 * marker is stored once more. */
#ifndef COLLECTOR_REPEATS_H
#define COLLECTOR_REPEATS_H

#include <stdbool.h>
#include <stdint.h>

#include "id.h"
#include "record.h"

/* Positions of one asset are taken at most once in this time: a truck on a track makes less than
 * 100 m of way in it, under any distance that decides, and a convoy whose every vehicle reports
 * each second does not fill the journal. */
#define REPEATS_POSITION_US INT64_C(5000000)

struct repeats;

struct repeats *repeats_new(void); /* NULL when memory is out */
void repeats_free(struct repeats *r);

/* Is r no news? An incident with an own id: the same source said the same of it (event, status, type
 * of the marker, place, figures, text; times and the rest do not count) less than within_us before
 * mono_us. A position: one of that asset was taken less than REPEATS_POSITION_US before. Else it is
 * taken note of as said now, and *key (all zero: nothing was noted) is how to take that back. */
bool repeats_is(struct repeats *t, const char *source, const struct record *r, int64_t mono_us,
                int64_t within_us, struct id *key);
/* What was noted under the key has not been stored. */
void repeats_forget(struct repeats *t, const struct id *key);

#endif
