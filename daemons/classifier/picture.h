/* picture: the assets as they are at this moment, and where convoys will be. Pure.
 *
 * At most MAX_PICTURE assets; they never age, their positions do. Names and routes live in one
 * pool of bytes, addressed by offsets; so the whole is a value that is saved as it stands. The
 * indexes are rebuilt. A removed asset keeps its place in the table until that is needed, since
 * alerts speak of assets by number.
 *
 * Projection: a departed convoy is on its route where its last position, moved on at its speed,
 * puts it; where that is missing or stale, where its timetable does (late by as much as it left
 * late). A halted one is at its last position. Planned, arrived and cancelled ones are nowhere.
 * Where its position is stale, it may be behind the reckoned place by a quarter of the way reckoned,
 * at most 25 km: so far back no place counts as passed. */
#ifndef CLASSIFIER_PICTURE_H
#define CLASSIFIER_PICTURE_H

#include "assess.h"
#include "buckets.h"
#include "buf.h"
#include "record.h"

#define MAX_PICTURE 10000
#define MAX_LINKS   2048
#define MAX_POOL    (16u << 20) /* bytes of names and routes */

struct pic_asset {
    uint64_t id_hash, link_hash;
    int64_t fix_us;    /* when it was at fix; 0 = never */
    int64_t state_us;  /* since when in this state, as far as known; 0 = from the file */
    int64_t life_us;   /* last sign of life */
    int64_t late_us;   /* left so much later than its timetable said */
    struct geo_pt pos; /* standing, or as declared */
    struct geo_pt fix;
    struct geo_pt low, high;                                  /* what its route covers */
    uint32_t fix_along_m;                                     /* of the route, at fix */
    uint32_t length_m;                                        /* of the route */
    uint32_t text, name, area, route, along, schedule, bytes; /* offsets into the pool */
    uint32_t n_route, n_schedule;
    uint32_t speed_cmps;
    uint32_t market_days;
    int32_t strength, population, displaced, checkin_min;
    uint8_t kind, mode, state, removed;
    int8_t escort, air_cover;
    bool has_pos, has_link;
    bool overdue; /* an alert says so (patterns) */
};

struct pic_link {
    uint64_t hash;
    int64_t since_us;
    uint64_t up;
};

/* A projected convoy, small, so that many are passed over quickly: what its route and its last
 * position cover. */
struct pic_moving {
    struct geo_pt low, high;
    uint32_t asset;
};

struct picture {
    struct pic_asset *assets;
    uint32_t n, n_live;
    struct pic_link *links;
    uint32_t n_links, n_down;
    char *pool;
    uint32_t pool_len, pool_cap, pool_dead;
    /* from the configuration */
    int64_t stale_us;
    uint32_t speed_cmps;
    /* rebuilt */
    struct buckets by_id, by_cell;
    struct pic_moving *moving; /* ascending by asset */
    uint32_t n_moving;
    struct pic_moving *routed; /* planned or under way on a route; ascending by asset */
    uint32_t n_routed;
};

#define PICTURE_CELLS 0x61u /* salt of the layer of standing assets */

/* What assets are held against. */
struct danger {
    struct geo_pt pt;
    uint32_t reach_m;  /* the event's reach and the place's uncertainty */
    uint32_t radius_m; /* the uncertainty alone */
    int64_t until_us;
    enum event_type event;
};

int picture_init(struct picture *p, int64_t stale_us, uint32_t speed_cmps);
void picture_fini(struct picture *p);

/* Takes an asset's record. Returns its number; NOTHING when the table or the pool is full, or
 * when an unknown asset is removed. *failed is set when memory is out. now_us 0: the assets
 * file, no moment. */
uint32_t picture_put(struct picture *p, const struct asset *a, int64_t now_us, bool *failed);
/* A position. NOTHING when the asset is unknown or the fix is older than the last one. */
uint32_t picture_fix(struct picture *p, const struct asset_position *f, int64_t now_us);
/* True when the link's state changed. */
bool picture_link(struct picture *p, const struct link_state *l);
/* True when the asset has a link and that is down; *since_us is set. */
bool picture_silent(const struct picture *p, uint32_t i, int64_t *since_us);

const char *picture_id(const struct picture *p, uint32_t i);
const char *picture_name(const struct picture *p, uint32_t i); /* the id where it has none */
bool picture_is_moving(const struct picture *p, uint32_t i);   /* departed or halted */
/* Where it is now, as far as known. */
bool picture_where(const struct picture *p, uint32_t i, int64_t now_us, struct geo_pt *out,
                   bool *stale);

/* How asset i stands to the danger; false when it is not in reach, or has passed. */
bool picture_relate(const struct picture *p, uint32_t i, const struct danger *d, int64_t now_us,
                    struct relation *out);
/* All assets in reach, at most max (beyond it the nearest go in), in no order: the caller ranks
 * them. */
size_t picture_reach(const struct picture *p, const struct danger *d, int64_t now_us,
                     struct relation *out, size_t max);
/* Convoys, planned or under way, whose route from where they are on comes within m of pt; at most
 * max, with the distance from the route. Ascending by asset. */
size_t picture_routes(const struct picture *p, struct geo_pt pt, uint32_t m, int64_t now_us,
                      struct relation *out, size_t max);
/* Standing bases within m of pt, at most max. */
size_t picture_bases(const struct picture *p, struct geo_pt pt, uint32_t m, uint32_t *out,
                     size_t max);

/* A saved picture, behind its counts. picture_unpack moves *at on; -1 when it does not fit. */
void picture_pack(const struct picture *p, struct buf *b);
int picture_unpack(struct picture *p, const char *data, size_t n, size_t *at);

#endif
