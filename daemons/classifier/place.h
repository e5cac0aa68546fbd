/* place: where a report speaks of. Pure.
 *
 * In order: coordinates or MGRS that the source gave; coordinates or MGRS in the text; the
 * place field; names in the text ("20 km nord de Gao", "between A and B", "axe A–B", plain
 * names), the place of the event before those where people came from or went to; the source's
 * own place as a weak prior (method "source") where an event but no name is found. A region has
 * its extent as radius and area set. Several candidates: the one near the other names of the
 * report, near `near`, or with the larger population; ambiguous is set when nothing decides. */
#ifndef CLASSIFIER_PLACE_H
#define CLASSIFIER_PLACE_H

#include "arena.h"
#include "gazetteer.h"
#include "record.h"

/* Sets f->has_place and f->place, and adds evidence. A finding that has a place already (a
 * redacted report) is left alone. 0, or -1 when the arena is full. */
int place_find(const struct gazetteer *g, const struct incident *in, struct arena *a,
               struct finding *f);

#endif
