/* urgent: which records of an edge collector go ahead of its queue. Pure.
 *
 * An edge has no classifier, so this is coarse and leans to yes: an urgent record travels early, no
 * more. Urgent is an incident, neither exercise nor test, with any of
 *   - a stated event that is violence or a threat of it,
 *   - somebody stated killed, wounded or taken,
 *   - an attribute cap_severity Extreme or Severe,
 *   - a word of the list in its text,
 * and what an officer raised by hand. */
#ifndef COLLECTOR_URGENT_H
#define COLLECTOR_URGENT_H

#include "conf.h"
#include "err.h"
#include "record.h"

struct urgent;

/* words: as configured, each a word or several, matched at whole words in any case and without
 * accents; one that ends in * matches what begins so. None: the built-in list in English and
 * French. -1 with err: a word in which nothing is left when folded. */
int urgent_new(const struct conf_strings *words, struct urgent **out, struct err *e);
void urgent_free(struct urgent *u); /* accepts NULL */

bool urgent_is(const struct urgent *u, const struct record *r);

#endif
