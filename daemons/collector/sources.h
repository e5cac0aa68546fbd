/* sources: who may send, and how much.
 *
 * Names, tokens and rates come from the configuration; the state of a rate limit outlives a
 * reload. A flood of one source is answered `retry` and delays nobody else. */
#ifndef COLLECTOR_SOURCES_H
#define COLLECTOR_SOURCES_H

#include <stdbool.h>
#include <stdint.h>

#include "config.h"
#include "err.h"

struct sources;

int sources_new(const struct config *c, struct sources **out, struct err *e);
void sources_free(struct sources *s);
/* Takes the new configuration over; -1 leaves the old. */
int sources_reload(struct sources *s, const struct config *c, struct err *e);

/* The source whose token this is, in constant time per source; NULL = nobody's. */
const struct source_conf *sources_by_token(const struct sources *s, const char *token);
/* By name. A source with a token needs it; local_peer says that the peer came over a local
 * socket, whose directory mode already said who it is. NULL with err. */
const struct source_conf *sources_by_name(const struct sources *s, const char *name,
                                          const char *token, bool local_peer, struct err *e);

/* A source of a gateway that fits: its secret or signature is that of the request at hand. NULL =
 * none; found in the same time, whichever it is. */
typedef bool sources_fit_fn(const void *arg, const struct source_conf *source);
const struct source_conf *sources_by_gateway(const struct sources *s, enum gateway gateway,
                                             sources_fit_fn *fits, const void *arg);

/* May the source send n records now? 0 = yes (they are counted), else milliseconds to wait. */
uint32_t sources_rate(struct sources *s, const struct source_conf *source, uint64_t n,
                      int64_t mono_us);
/* It has sent n more than it asked for: it waits the longer next time. */
void sources_owe(struct sources *s, const struct source_conf *source, uint64_t n);

#endif
