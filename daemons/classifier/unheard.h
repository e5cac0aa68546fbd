/* unheard: areas that nobody is heard from any more. Pure.
 *
 * The configured areas, circles. An area counts from the first report that is placed in it; when
 * none has come for the time of the rule (absence of reports) the area is shown as unheard,
 * cancelled by the next. Media, and who passes on what others said, are no ears on the spot. */
#ifndef CLASSIFIER_UNHEARD_H
#define CLASSIFIER_UNHEARD_H

#include "buf.h"
#include "config.h"
#include "geo.h"
#include "record.h"

struct core;

struct area_watch {   /* what is saved of an area */
    int64_t heard_us; /* 0 = never */
    uint64_t told;    /* it is shown as unheard */
};

struct area_circle {
    struct geo_pt pt;
    uint32_t radius_m;
};

struct unheard {
    struct area_watch *v;
    struct area_circle *circles; /* of the configuration */
    uint32_t n;
};

int unheard_init(struct unheard *u, const struct config *cfg); /* 0, or -1 when out of memory */
void unheard_fini(struct unheard *u);

void unheard_on_report(struct core *c, const struct incident *in, struct geo_pt pt, int64_t now_us);
/* The timer of an area fell due. */
void unheard_on_due(struct core *c, uint32_t area, int64_t due_us);

void unheard_pack(const struct unheard *u, struct buf *b);
/* Moves *at on; -1 when it does not fit. */
int unheard_unpack(struct unheard *u, const char *data, size_t n, size_t *at);

#endif
