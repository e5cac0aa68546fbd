/* holds: does a rule of the file hold? Pure.
 *
 * A situation carries a bit for each kind of incidents of the file that it is one of (its terms),
 * and those that have any are in an index by place; so a record that no rule speaks of costs the
 * comparison with the filters, and one that does the cells of the map within the rule's distance.
 * What counts happened in the rule's time until now. */
#ifndef CLASSIFIER_HOLDS_H
#define CLASSIFIER_HOLDS_H

#include "core_state.h"

#define MAX_PARTS 16 /* incidents that an alert names */

/* The situations that make a pattern, the latest first. */
struct parts {
    uint32_t of[MAX_PARTS], n;
    uint32_t total; /* of them; of a ring, its sectors */
};

/* The bits of all kinds of incidents that it is one of, and whether it is one of these. The rules
 * must be there. */
uint64_t holds_terms(const struct core *c, const struct situation *x);
bool holds_is(const struct core *c, const struct situation *x, uint64_t terms);
/* What a rule can see of it, never 0; when that is as it was, no rule need look again. The hour is
 * part of it: an event that goes on is looked at again. */
uint32_t holds_look(const struct situation *x);

/* A count round a point. */
bool holds_at(const struct core *c, uint32_t rule, struct geo_pt at, int64_t now_us,
              struct parts *parts);
/* A ring round a point, which is of a subject: an asset's number, or HOLDS_PLACE and the number of
 * a named place. Of every subject is kept which sides were seen in which sectors, at least those
 * that are: mostly that says no without a look at the index. It decides nothing, so it is not
 * saved; what is not known is looked up. */
#define HOLDS_PLACE MAX_PICTURE
bool holds_ring(struct core *c, uint32_t rule, uint32_t subject, struct geo_pt at, int64_t now_us,
                struct parts *parts);
/* Situation i changed, for all subjects that it may be a part of the ring of. */
void holds_note(struct core *c, uint32_t rule, uint32_t subject, struct geo_pt at, uint32_t i);
/* The asset is new, or may be elsewhere. */
void holds_forget(struct core *c, uint32_t asset);

/* A count on what lies ahead of a convoy; regions count where the route comes near their seats. */
bool holds_on_route(const struct core *c, uint32_t rule, uint32_t asset, int64_t now_us,
                    struct parts *parts);
/* How near to a route this one has to be. A region's circle round its seat is wide enough to hold
 * all of it, and reaches far into its neighbours: it counts for a route that comes within half of
 * that, which is the country round its seat. */
uint32_t holds_reach_m(const struct rule *r, const struct situation *x);
/* A count of what is placed in one region. */
bool holds_in_region(const struct core *c, uint32_t rule, uint64_t place_key, int64_t now_us,
                     struct parts *parts);
/* Situation i is one half of a sequence, the first or the other: is there the other half? */
bool holds_sequence(const struct core *c, uint32_t rule, uint32_t i, bool is_first, int64_t now_us,
                    struct parts *parts);

#endif
