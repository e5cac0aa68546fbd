/* format_cot_text: the words of a CoT event, and whom it concerns. Pure. */
#ifndef COLLECTOR_FORMAT_COT_TEXT_H
#define COLLECTOR_FORMAT_COT_TEXT_H

#include "draft.h"
#include "format_cot.h"

/* A stranger's words on one line, clean, at most max bytes, in the arena; "?" for none. */
const char *cot_line(struct arena *a, const char *s, size_t max);
/* The remarks, trimmed, in the arena; NULL = none, or blank. */
const char *cot_remarks(const struct cot_event *ev, struct arena *a);
/* Name of the icon that was chosen for a marker ("hiker"), in the arena; NULL = none of a set that
 * has names. */
const char *cot_icon(const struct cot_event *ev, struct arena *a);
/* Does a callsign hold a word, and not a mere label ("R 1", "U.16.135432")? NULL does not. */
bool cot_says_something(const char *callsign);
/* "Hostile" for 'h' and so on. */
const char *cot_side(char side);
/* What the type of an atom ("a-h-G-E-V") is called; *event is changed for what is no armed group
 * (a mine). */
const char *cot_thing(const char *type, enum event_type *event);
/* Fills in a request for medical evacuation: text, wounded. */
void cot_evacuation(struct draft *d, const struct cot_event *ev, const char *words);
/* The first entry of tak_assets that the uid or the callsign matches; NULL = none. */
const struct tak_asset_conf *cot_asset(const struct cot_event *ev, const struct format_options *o,
                                       struct arena *a);

#endif
