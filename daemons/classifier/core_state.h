/* core_state: the classifier's state, shared by the files of its pure core and by nothing else.
 *
 * Picture, situations, timers, what the rules have told and the areas that were heard from are the
 * value; the rest is made again, or belongs to the running step. */
#ifndef CLASSIFIER_CORE_STATE_H
#define CLASSIFIER_CORE_STATE_H

#include "arena.h"
#include "core.h"
#include "correlate.h"
#include "picture.h"
#include "situation.h"
#include "timers.h"
#include "once.h"
#include "unheard.h"

#define SIDE_SLOTS 8

/* In which sectors round something whose incidents were seen (holds.h). */
struct sector_marks {
    uint8_t slots[SIDE_SLOTS]; /* of sides by their last bits */
    uint8_t nobody, all;
};

struct core {
    const struct knowledge *k;
    struct timers timers;
    struct picture picture;
    struct situations sits;
    struct once once;
    struct unheard unheard;
    struct sector_marks *marks[MAX_RULES]; /* of each ring, by subject; not saved */
    int64_t now_us;
    uint64_t records, incidents;
    /* of the step */
    struct arena *arena, *told; /* told: of one event */
    core_emit_fn *emit;
    void *arg;
    const char *note;    /* why situations were rearranged; NULL = they were not */
    unsigned told_slots; /* mask: slots of the situation under review that were told */
    bool news;           /* the report at hand is a source's own word on a danger that lasts */
    bool failed;         /* memory ran out */
};

/* core_new() without the assets of the file. */
struct core *core_empty(const struct knowledge *k);

#endif
