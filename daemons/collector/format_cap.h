/* format_cap: what the three files of CAP share. Elsewhere nobody needs it.
 *
 * format_cap.c finds the alerts in a body, format_cap_read.c makes an incident of one, by
 * format_cap_info.c what it says and format_cap_area.c where. Pure. */
#ifndef COLLECTOR_FORMAT_CAP_H
#define COLLECTOR_FORMAT_CAP_H

#include <stdbool.h>
#include <stdint.h>

#include "arena.h"
#include "draft.h"
#include "err.h"
#include "format.h"
#include "geo.h"
#include "xml.h"

#define CAP_NS_10 "http://www.incident.com/cap/1.0"
#define CAP_NS_11 "urn:oasis:names:tc:emergency:cap:1.1"
#define CAP_NS_12 "urn:oasis:names:tc:emergency:cap:1.2"

enum cap_verdict { CAP_INCIDENT, CAP_IGNORED, CAP_REFUSED };

bool cap_is_ns(const char *ns); /* one of the three */

/* An <alert> to d->incident (draft_init() is done here, with arena a). What it is not an incident
 * for stands in why. */
enum cap_verdict cap_read_alert(const struct xml_node *alert, const struct format_options *o,
                                struct arena *a, struct draft *d, struct err *why);

/* The same of an Atom <entry> that summarises an alert in cap:* elements of its own. */
enum cap_verdict cap_read_entry(const struct xml_node *entry, const struct format_options *o,
                                struct arena *a, struct draft *d, struct err *why);

/* ---- one message on its way */

enum cap_type { CAP_ALERT, CAP_UPDATE, CAP_CANCEL, CAP_ACK, CAP_ERROR };

struct cap_message {
    const struct xml_node *node; /* the alert, or the entry */
    const struct format_options *o;
    struct arena *a;
    struct draft *d;
    struct err *why;
    const char *identifier, *sender; /* sender: NULL = not said, in an entry */
    int64_t sent_us;
    unsigned status, type;
    const char *first_id; /* of the earliest reference; NULL = none */
    int64_t first_us;     /* INT64_MAX = not said */
};

/* An <info>, or an entry that stands for one. */
struct cap_info {
    const struct xml_node *node;
    char lang[12]; /* primary tag, lower case; "" = not said */
    const char *event;
    unsigned urgency, severity; /* ranks, 0 the worst */
    bool all_clear;
};

/* RFC 3339; also without the colon of the zone, and without a zone: then the source's. s may be
 * NULL. -1 when it is no time. */
int cap_time(const struct cap_message *m, const char *s, int64_t *us);
/* Where the value stands in the list, case ignored; `none` for a NULL. -1 with the reason. */
int cap_one_of(const struct cap_message *m, const char *where, const char *name, const char *value,
               const char *const list[], unsigned none, unsigned *out);
const char *cap_quoted(const struct cap_message *m, const char *s); /* short and clean; not NULL */
/* Text of that child, clean; NULL = none. */
const char *cap_piece(const struct cap_message *m, const struct xml_node *n, const char *name);

/* Reads one; `where` heads the reason. -1 with the reason. */
int cap_info_read(const struct cap_message *m, const struct xml_node *node, const char *where,
                  struct cap_info *out);
/* Reads all of an alert. -1 with the reason. */
int cap_info_all(const struct cap_message *m, struct cap_info **all, size_t *n);
/* The one that is the incident; NULL when n is 0. */
const struct cap_info *cap_info_choose(const struct cap_message *m, const struct cap_info *all,
                                       size_t n);
bool cap_info_is_in(const struct cap_info *i, const char *lang);
/* Language, event, time and text. */
void cap_info_take(const struct cap_message *m, const struct cap_info *i, const char *headline,
                   const char *description);
/* Place and position, of the chosen one and of those that go with it; cap_also. */
void cap_info_areas(const struct cap_message *m, const struct cap_info *all, size_t n,
                    const struct cap_info *chosen);

/* ---- where: the circle round all polygons and circles that were put in */

struct cap_shape;
struct cap_shapes {
    struct arena *arena;
    struct cap_shape *first, *last;
};

void cap_shapes_init(struct cap_shapes *c, struct arena *a);
/* CAP's text: pairs "lat,lon" divided by blanks, closed or not; pairs that are no coordinates, or
 * are 0,0, are passed over, and so is a polygon with fewer than three left. */
void cap_put_polygon(struct cap_shapes *c, const char *text);
/* "lat,lon radius", the radius in km, decimal; without a radius that can be read it is 0. */
void cap_put_circle(struct cap_shapes *c, const char *text);
/* One polygon: the centroid of its area (of its vertices where it has none, or where that lies
 * outside of them), to the farthest vertex. One circle: itself. Several: the middle of their
 * bounding box, to the farthest of them. false when there is nothing. Polygons may cross the
 * 180th meridian; each spans less than half the globe. The radius is at most 20,000 km. */
bool cap_circle(const struct cap_shapes *c, struct geo_pt *pos, uint32_t *radius_m);

/* ---- where: areas, by name and shape */

struct cap_where {
    struct cap_shapes shapes;
    char names[3 * MAX_NAME];
    size_t n;
};

void cap_where_init(struct cap_where *w, struct arena *a);
void cap_where_put(struct cap_where *w, const struct xml_node *area);
/* Sets place (names joined, cut short with "…") and position. */
void cap_where_take(const struct cap_where *w, struct incident *in);

#endif
