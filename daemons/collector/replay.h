/* replay: whether a replay session is open, and whether ticks run. A small state machine,
 * kept in the journal's space "replay" so that it outlives a restart.
 *
 *            begin (journal empty)          end, times shifted to now
 *   LIVE ----------------------------> OPEN ----------------------------> LIVE
 *     ^                                  | end, times kept
 *     |     first record of another      v
 *     +------------- source ---------- PAST
 *
 * In PAST the journal's stamps lie far behind the clock: a tick would let everything that was
 * due in the recording's future fire at once, so there are none until somebody else speaks. */
#ifndef COLLECTOR_REPLAY_H
#define COLLECTOR_REPLAY_H

#include <stdbool.h>

#include "err.h"
#include "journal.h"

#define REPLAY_SILENCE_US (120 * INT64_C(1000000))

enum replay_state { REPLAY_LIVE, REPLAY_OPEN, REPLAY_PAST };

struct replay {
    enum replay_state state;
};

int replay_load(struct replay *r, struct journal *j, struct err *e);
int replay_save(const struct replay *r, struct journal *j, struct err *e);

/* NULL, or why not. head: last sequence number of the journal. Begin while open goes on (the
 * sender was restarted). */
const char *replay_begin(struct replay *r, uint64_t head);
const char *replay_end(struct replay *r, bool keep_time);
bool replay_open(const struct replay *r);
bool replay_ticks(const struct replay *r);
/* Another source spoke: true when that ended PAST and the state must be saved. */
bool replay_live(struct replay *r);

#endif
