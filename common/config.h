/* config: tocsin.yaml, the one configuration of an instance.
 *
 * All daemons and the tool read the same file, so that a key one of them does not know is
 * still checked. The table (config_table) is the reference: defaults, ranges, help. Paths
 * that are relative are taken from the instance directory. */
#ifndef TOCSIN_CONFIG_H
#define TOCSIN_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "conf.h"
#include "record.h"
#include "tz.h"

struct source_conf {
    char *name, *token;
    int class; /* enum source_class */
    bool relay;
    char *reliability; /* "A".."F" or NULL */
    char *lang, *time_zone, *place;
    bool clock_untrusted;
    int64_t rate_per_s, burst; /* records; 0 = no limit */
    int64_t credibility;       /* of reports that give none; 0 = none */
    struct conf_strings may;   /* what it may send; see source_may() */
    bool edge;                 /* an edge collector: its records keep id, source and stamps */
    int gateway;               /* enum gateway */
    char *secret, *url;        /* of the gateway; url: what Twilio was told to call */
    char *csv;                 /* name under collector.csv, NULL = ACLED and UCDP only */
    int64_t utc_offset_min;    /* UTC_OFFSET_BY_ZONE = derive from time_zone */
    struct tz *zone;           /* loaded with the configuration */
};
#define UTC_OFFSET_BY_ZONE (-100000)

enum gateway { GATEWAY_NONE, GATEWAY_SMSSYNC, GATEWAY_TWILIO, GATEWAY_RAPIDPRO, GATEWAY_KANNEL };

/* Which column of a CSV is what: a column is named as its first row says, or by its number, the
 * first being 1. NULL = there is none. */
struct csv_conf {
    char *name, *delimiter;   /* one character; "\t" a tab */
    bool header;              /* the first row names the columns */
    struct conf_strings text; /* joined in this order */
    char *id, *reported_at, *occurred_at,
        *time_format; /* strptime(3); NULL = RFC 3339 and ISO dates */
    char *lat, *lon, *mgrs, *place, *lang, *event, *status;
    char *killed, *wounded, *taken, *reliability, *credibility;
};

/* A device whose positions are those of an asset of ours. */
struct tak_asset_conf {
    char *match; /* uid or callsign; a * at the end stands for any rest */
    char *asset; /* id of the asset; NULL = its callsign is the id */
};

struct area_conf { /* areas by slug: a circle; the first that holds the place wins */
    char *slug, *name;
    char *lat, *lon; /* decimal degrees */
    int64_t radius_km;
};

struct reach_conf { /* overrides of a built-in event row; -1 = keep */
    int event;      /* enum event_type */
    int64_t likelihood, impact, reach_m, persist_us;
};

/* Words for the alerts that fit; en and fr with places to fill in (template.h). */
struct procedure_conf {
    int event; /* 0 = any */
    int target;
    int precedence;
    char *en, *fr;
};

struct step_conf {
    int precedence;
    int64_t after_us;
};

struct config {
    char *path;  /* of the file, "" = none */
    char *dir;   /* instance directory, or NULL when packaged */
    char *share; /* shipped data */
    /* the sections of the file */
    struct {
        char *state, *run, *keys;
        int durability;
        int log_level;
    } instance;
    struct {
        char *listen_zmq, *listen_http, *state;
        int64_t http_connections, http_body_bytes, http_timeout_us;
        int64_t batch_max, tick_us, gather_us;
        int64_t quarantine_items, quarantine_bytes, quarantine_item_bytes;
        int64_t disk_low_bytes;
        char *listen_edges; /* NULL = off */
        char *listen_https, *tls_cert, *tls_key, *tls_clients;
        char *listen_tak, *listen_tak_tls, *tak_source;
        int64_t tak_connections, tak_repeat_us;
        struct conf_list tak_assets; /* struct tak_asset_conf */
        struct conf_list csv;        /* struct csv_conf */
        char *spool;                 /* NULL = none */
        int64_t spool_keep_us, spool_file_bytes;
        int64_t link_down_us;
        struct {
            char *endpoint; /* NULL = this is no edge collector */
            char *source, *token;
            int64_t heartbeat_us, silence_us, batch_records, window;
            struct conf_strings urgent; /* words; event types are urgent by a table */
        } upstream;
        struct conf_list sources; /* struct source_conf */
    } collector;
    struct {
        char *collector, *notifier, *state, *listen_http;
        char *lexicon, *gazetteer;    /* directory of lexicon files; short list; "" = shipped */
        char *model;                  /* weights; "" = shipped, "none" = no model */
        char *rules;                  /* file of rules; "" = shipped */
        struct conf_strings geonames; /* dumps to load beside it */
        char *assets;                 /* GeoJSON file, NULL = none */
        int64_t checkpoint_us, position_us, max_situations, max_incidents;
        struct conf_list areas;      /* struct area_conf */
        struct conf_list events;     /* struct reach_conf */
        struct conf_list procedures; /* struct procedure_conf: wording, not in the digest */
        struct conf_list headlines;  /* struct procedure_conf, as above */
        struct conf_strings
            matrix; /* 5 rows "low medium high …", likelihood 5 first; empty = built in */
        int64_t join_m, join_us;  /* correlate: reports of one event lie within */
        int64_t flash_contact_us; /* very high is FLASH when contact is within */
        int64_t stale_position_us, convoy_speed_kmh;
    } classifier;
    struct {
        char *listen_zmq, *publish, *state, *listen_http;
        int64_t head_us;
        struct conf_list escalation; /* struct step_conf; empty = built in */
        int64_t publish_hwm;
    } notifier;
};

extern const struct conf_key config_table[];

/* Loads path (NULL: no file, defaults). dir: instance directory or NULL; paths are completed
 * (state, run, sockets, share). Relations between keys are checked (matrix rows, duplicate
 * sources and slugs, zones, endpoints; the local source is added when missing). */
int config_load(const char *path, const char *dir, struct config **out, struct err *e);
void config_free(struct config *c);

/* The same search that every program does: -c FILE, else DIR/tocsin.yaml (written with
 * defaults when missing), else /etc/tocsin/tocsin.yaml. */
int config_find(const char *file, const char *dir, struct config **out, struct err *e);

/* The file that config_find() writes; conf/tocsin.yaml is the same. */
void config_print_defaults(FILE *f);

const struct source_conf *config_source(const struct config *c, const char *name);
/* May the source send records of this type? Links and acts count as assets. */
bool source_may(const struct source_conf *s, enum record_type type);
const struct csv_conf *config_csv(const struct config *c, const char *name);
/* Offset of the source's zone at a time, minutes; 0 for a source without a zone. */
int32_t source_utc_offset(const struct source_conf *s, int64_t at_us);

/* Digest of everything in the classifier's decision configuration (not wording). */
void config_decision_bytes(const struct config *c, struct buf *b);

#endif
