/* links: which edge collectors are there, at headquarters.
 *
 * Every word of a source with edge: true counts: a batch or a heartbeat. The first one after
 * silence puts a link record "up" into the journal; after collector.link_down without one a record
 * "down" follows, since the last word. Its name is the source's; a base names it as its `link`. So
 * a link that is down differs from a base that is silent: its link is up, and the last record of it
 * is old. Both times are in the status, with what the edge tells of itself.
 *
 * What was written last is kept in the journal's space "link", in the transaction of its record.
 * After a restart of ours an edge gets link_down of time before it is called down. One that was
 * never heard of is told in the status, and is no record. */
#ifndef COLLECTOR_LINKS_H
#define COLLECTOR_LINKS_H

#include "arena.h"
#include "err.h"
#include "record.h"
#include "store.h"
#include "svc.h"
#include "wire.h"

struct links;

int links_new(struct svc *s, struct store *st, struct links **out, struct err *e);
void links_free(struct links *l); /* accepts NULL */
/* Takes over which sources are edges, and link_down. -1 when memory is out; the old ones stay. */
int links_reload(struct links *l, const struct config *c, struct err *e);

/* A word of an edge: what it tells of itself (NULL = nothing), and how many records came. */
void links_word(struct links *l, const char *name, const struct link_report *report,
                size_t records);
/* One figure a link, as far as there is room: "link NAME" with a sentence. */
void links_status(const struct links *l, struct daemon_status *out, struct arena *a);

#endif
