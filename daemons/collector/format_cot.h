/* format_cot: what the files that read Cursor on Target share: format_cot.c (XML), format_cot_report.c
 * (what an event reports), tak.c (the talk of a TAK connection, and its protobuf). */
#ifndef COLLECTOR_FORMAT_COT_H
#define COLLECTOR_FORMAT_COT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "err.h"
#include "format.h"
#include "geo.h"
#include "xml.h"

#define COT_UNKNOWN_M 999999 /* an error (ce) from here up means that it is not known */

/* An event as it came. Strings are borrowed, of any length, UTF-8, not cleaned; NULL = absent. */
struct cot_event {
    const char *type, *uid;
    const char *how, *access, *opex;
    int64_t time_us, start_us, stale_us; /* 0 = unknown */
    bool has_point;                      /* there is a point */
    struct geo_pt point;                 /* 0, 0: the device has no fix */
    uint32_t radius_m;                   /* 0 = unknown */
    const char *callsign;
    const struct xml_node *detail;
    const char *flaw; /* what of the detail could not be read; NULL = nothing */
};

/* The first element in s[0..n), cut out without reading it. It ends with the closing tag of its own
 * name: one whose inner tags do not match spoils no neighbour. 1 with it in s[*from..*to); 0 when
 * it does not end within n, *from then telling how many bytes of nothing (blanks, declarations,
 * comments) stand in front of it; -1 when something else stands there, at *from. Linear in n. */
int cot_cut(const char *s, size_t n, size_t *from, size_t *to, struct err *e);

/* An <event> to ev; -1 with what is missing or wrong. The arena takes what is made on the way. */
int cot_from_xml(const struct xml_node *root, struct arena *a, struct cot_event *ev, struct err *e);

/* Hands over what ev reports: an incident, a position, or that it is none of Tocsin's business.
 * type and uid must be there, time_us known. */
void cot_report(const struct cot_event *ev, const struct format_options *o,
                const struct format_sink *sink, const char *raw, size_t len);

#endif
