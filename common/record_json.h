/* record_json: the JSON shapes of INTERFACE.md, in and out.
 *
 * Reading is strict where it matters and forgiving where the field is: an unknown
 * key of an incident is an error that names it (attributes carry anything else);
 * a number may come as a string of digits; event, target and status names as in
 * the codebook. Everything read lives in the arena. Errors name the key. */
#ifndef TOCSIN_RECORD_JSON_H
#define TOCSIN_RECORD_JSON_H

#include "arena.h"
#include "buf.h"
#include "err.h"
#include "record.h"

/* A line or body: a plain incident {"text":…}, {"asset":{…}}, {"position":{…}},
 * {"link":{…}}, or a line of a recording ({"seq":…,"received_at":…,"incident":{…}}
 * and asset, position, link, clock_step, replay, act, tick in its place). For a plain
 * incident received_at_us and id stay zero, seq 0; for a recording line seq, received_at
 * and "tocsin_id" (the id) are read. Stamps of the collector ("class", "utc_offset_min",
 * "clock_untrusted", "source_place", "redacted", "finding") are accepted only inside a
 * recording line. Limits of record.h, nesting at most 16, checked. */
int record_from_json(const char *s, size_t n, struct arena *a, struct record *out, struct err *e);

/* One line of a recording, without the newline. Reading it back and packing it gives the
 * same bytes as packing r (tested for every type). */
void record_to_json(const struct record *r, struct buf *b);

/* A finding; id may be NULL. */
void finding_to_json(const struct finding *f, const char *id, struct buf *b);
int finding_from_json(const char *s, size_t n, struct arena *a, struct finding *out, struct err *e);

/* An alert event; comparison: without what the notifier adds (INTERFACE "comparison form").
 * seq is written only when comparison is false. */
void event_to_json(const struct alert_event *ev, uint64_t seq, bool comparison, struct buf *b);

void derivation_to_json(const struct derivation *d, struct buf *b);
/* The same with "event" behind it: the alert's event of that revision in comparison form; ev NULL:
 * null. */
void why_to_json(const struct derivation *d, const struct alert_event *ev, struct buf *b);
void receipt_to_json(const struct receipt *r, const char *own_id, struct buf *b);
void status_to_json(const struct daemon_status *s, struct buf *b);
void rejected_to_json(const struct rejected *r,
                      struct buf *b); /* data as text where UTF-8, else base64 */

/* GeoJSON FeatureCollection (or one Feature) of assets. Calls fn for each; fn returning
 * -1 stops. line numbers are not known: errors name the feature's index and id. */
int assets_from_geojson(const char *s, size_t n, struct arena *a,
                        int (*fn)(void *arg, const struct asset *), void *arg, struct err *e);
/* One GeoJSON feature (RFC 7946) to an incident, or to an asset where its kind is base, convoy or
 * site. Of an incident the properties are the keys of INTERFACE.md; others, and those that cannot
 * be read, become attributes where they are text, numbers or truth values, cut to fit; what is
 * nested is passed over. id: the own id. A Point is the position; of any other geometry it is the
 * middle of its bounding box, with the radius that holds it all, unless radius_m is given; null:
 * none. At most 131,072 values. */
int feature_from_json(const char *s, size_t n, struct arena *a, struct record *out, struct err *e);
/* One asset as a GeoJSON feature. */
void asset_to_json(const struct asset *as, struct buf *b);

#endif
