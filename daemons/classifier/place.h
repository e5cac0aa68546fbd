/* place: where a report speaks of. Pure.
 *
 * In order: coordinates or MGRS that the source gave; coordinates or MGRS in the text; the
 * place field; names in the text ("20 km nord de Gao", "between A and B", "axe A–B", "RN16", plain
 * names), the place of the event before those where people came from or went to; the source's
 * own place as a weak prior (method "source") where an event but no name is found. A region has
 * its extent as radius and area set. Several candidates: the one in the country that is named, near
 * the other names of the report, near the source, or with the larger population; ambiguous is set
 * when nothing decides, and the radius then covers the others up to 100 km.
 *
 * Methods: given, mgrs, gazetteer, spelling (a name that sounds alike or is one letter off; the
 * evidence says which), area, relative, between, road, source. */
#ifndef CLASSIFIER_PLACE_H
#define CLASSIFIER_PLACE_H

#include "arena.h"
#include "gazetteer.h"
#include "record.h"
#include "text.h"

/* Sets f->has_place and f->place, and adds evidence. A finding that has a place already (a
 * redacted report) is left alone. 0, or -1 when the arena is full. */
int place_find(const struct gazetteer *g, const struct incident *in, struct arena *a,
               struct finding *f);

/* The same with the n tokens t of in->text, which understand() needs too; t NULL = not cut yet. */
int place_find_tokens(const struct gazetteer *g, const struct incident *in, const struct token *t,
                      size_t n, struct arena *a, struct finding *f);

#endif
