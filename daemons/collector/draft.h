/* draft: an incident in the making, from text that a stranger wrote.
 *
 * Formats fill the plain fields of `incident` themselves; what is text goes through here, so that
 * no control character, no broken UTF-8 and nothing longer than record.h allows gets into a
 * record, and a report is not refused for that. */
#ifndef COLLECTOR_DRAFT_H
#define COLLECTOR_DRAFT_H

#include "arena.h"
#include "format.h"
#include "record.h"

struct draft {
    struct incident incident; /* incident_init() done */
    struct attribute attributes[MAX_ATTRIBUTES];
    struct arena *arena;
};

void draft_init(struct draft *d, struct arena *a);

/* A clean copy of n bytes: blanks at both ends and control characters gone (line ends become one
 * '\n', a run of other blanks one space), bad UTF-8 replaced by U+FFFD, at most max bytes, cut
 * between characters. NULL when nothing is left (or memory is out). s may be NULL. */
const char *draft_clean(struct arena *a, const char *s, size_t n, size_t max);
/* The same of a C string, of MAX_NAME bytes; what is longer than that. */
const char *draft_name(struct arena *a, const char *s);

/* Adds to incident.text, behind sep when there is something in front. Cut at MAX_TEXT. */
void draft_text(struct draft *d, const char *sep, const char *s, size_t n);
/* Keeps a name and a value; nothing for a value that is NULL or blank, or beyond MAX_ATTRIBUTES. */
void draft_attribute(struct draft *d, const char *name, const char *value);
/* Decimal degrees. 0, or -1 and no position when either is no number, off the globe, or both are
 * exactly 0 (what devices without a fix send). */
int draft_position(struct draft *d, const char *lat, const char *lon);
/* Hands it over. */
void draft_emit(struct draft *d, const struct format_sink *sink, const char *raw, size_t len);

#endif
