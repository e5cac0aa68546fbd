/* record: the plain structs that Tocsin's code works on.
 *
 * proto/tocsin.proto says what each field means and in which unit; here is the
 * same vocabulary without protobuf. common/wire turns bytes into these structs,
 * checked, and back; nothing else touches generated code. Enum values equal
 * those of the .proto.
 *
 * Strings are borrowed, NUL-terminated, valid UTF-8; NULL means absent. An
 * unpacked struct lives in the arena that was given to wire. Figures that may be
 * unknown are int32_t with -1. Times of 0 are unknown. */
#ifndef TOCSIN_RECORD_H
#define TOCSIN_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "geo.h"
#include "id.h"

/* Limits, checked at the door. */
#define MAX_TEXT       16384 /* bytes of a report's text */
#define MAX_NAME       256   /* bytes of a source, an own id, a place, an asset's id or name */
#define MAX_VALUE      1024  /* bytes of an attribute's value, a note, a headline */
#define MAX_ATTRIBUTES 32
#define MAX_ROUTE      256 /* vertices */
#define MAX_LIST       16  /* actors, weapons, claims, marks */
#define MAX_EVIDENCE   32
#define MAX_ASSETS     16 /* endangered assets in one alert event */
#define MAX_NEARBY     3  /* populated places named in an alert event */
#define MAX_REASONS    24
#define MAX_REFS       32         /* incidents behind one alert event */
#define MAX_BATCH      4096       /* records in one submit or fetch */
#define MAX_MESSAGE    (32 << 20) /* bytes of one envelope */
#define FINGERPRINTS   8
#define DIGEST_LEN     32

enum event_type {
    EV_UNKNOWN,
    EV_NONE,
    EV_ARMED_ATTACK,
    EV_AMBUSH,
    EV_IED_MINE,
    EV_SUICIDE_ATTACK,
    EV_INDIRECT_FIRE,
    EV_AIR_STRIKE,
    EV_KIDNAPPING,
    EV_ARMED_CLASH,
    EV_HOSTILE_CROWD,
    EV_DEMONSTRATION,
    EV_CRIME,
    EV_ASSAULT,
    EV_ARMED_PRESENCE,
    EV_THREAT,
    EV_ACCESS_DENIAL,
    EV_TERRITORY,
    EV_DISINFORMATION,
    EV_DISPLACEMENT,
    EV_HAZARD,
    EV_ARREST,
    EVENT_COUNT
};
enum target { TG_UNKNOWN, TG_CONVOY, TG_BASE, TG_CIVILIANS, TG_ARMED, TG_SYSTEM, TARGET_COUNT };
#define TARGET_BIT(t) (1u << (t))
enum mode {
    MODE_UNKNOWN,
    MODE_FACT,
    MODE_CLAIM,
    MODE_WARNING,
    MODE_RUMOUR,
    MODE_DENIAL,
    MODE_FOLLOW_UP,
    MODE_COUNT
};
enum status { ST_UNKNOWN, ST_ACTUAL, ST_EXERCISE, ST_TEST, STATUS_COUNT };
enum source_class { SC_UNKNOWN, SC_OWN, SC_LOCAL, SC_PARTNER, SC_MEDIA, SOURCE_CLASS_COUNT };
enum precedence { PR_UNKNOWN, PR_ROUTINE, PR_PRIORITY, PR_IMMEDIATE, PR_FLASH, PRECEDENCE_COUNT };
enum risk {
    RISK_UNKNOWN,
    RISK_VERY_LOW,
    RISK_LOW,
    RISK_MEDIUM,
    RISK_HIGH,
    RISK_VERY_HIGH,
    RISK_UNACCEPTABLE,
    RISK_COUNT
};
enum urgency {
    UR_NOT_SET,
    UR_IMMEDIATE,
    UR_EXPECTED,
    UR_FUTURE,
    UR_PAST,
    UR_UNKNOWN,
    URGENCY_COUNT
};
enum severity {
    SV_NOT_SET,
    SV_EXTREME,
    SV_SEVERE,
    SV_MODERATE,
    SV_MINOR,
    SV_UNKNOWN,
    SEVERITY_COUNT
};
enum certainty {
    CT_NOT_SET,
    CT_OBSERVED,
    CT_LIKELY,
    CT_POSSIBLE,
    CT_UNLIKELY,
    CT_UNKNOWN,
    CERTAINTY_COUNT
};
enum alert_kind {
    AK_UNKNOWN,
    AK_RAISED,
    AK_UPDATED,
    AK_ACKNOWLEDGED,
    AK_WARNED,
    AK_ESCALATED,
    AK_RESOLVED,
    AK_REOPENED,
    AK_EXPIRED,
    AK_CANCELLED,
    ALERT_KIND_COUNT
};
enum alert_state {
    AS_UNKNOWN,
    AS_RAISED,
    AS_ACKNOWLEDGED,
    AS_RESOLVED,
    AS_EXPIRED,
    AS_CANCELLED,
    ALERT_STATE_COUNT
};
enum asset_kind { ASSET_UNKNOWN, ASSET_BASE, ASSET_CONVOY, ASSET_SITE, ASSET_KIND_COUNT };
enum travel_mode { TRAVEL_UNKNOWN, TRAVEL_ROAD, TRAVEL_RIVER, TRAVEL_AIR, TRAVEL_COUNT };
enum convoy_state {
    CONVOY_UNKNOWN,
    CONVOY_PLANNED,
    CONVOY_DEPARTED,
    CONVOY_HALTED,
    CONVOY_ARRIVED,
    CONVOY_CANCELLED,
    CONVOY_STATE_COUNT
};
enum act_kind { ACT_UNKNOWN, ACT_RAISE, ACT_SET, ACT_MERGE, ACT_SPLIT, ACT_COUNT };
enum command_verb {
    CMD_UNKNOWN,
    CMD_ACK,
    CMD_WARNED,
    CMD_RESOLVE,
    CMD_SILENCE,
    CMD_UNSILENCE,
    CMD_NOTE,
    CMD_COUNT
};
#define MARK_SIEGE             1u
#define MARK_SEXUAL_VIOLENCE   2u
#define MARK_POSSIBLE_EXERCISE 4u

/* Names as in INTERFACE ("armed_attack", "flash", "very high" ...); "unknown" or
 * "" for the zero value, never NULL. The _parse functions return the zero value
 * when the name is unknown. Precedence, target etc. are lower case. */
const char *event_type_name(enum event_type v);
const char *target_name(enum target v);
const char *mode_name(enum mode v);
const char *status_name(enum status v);
const char *source_class_name(enum source_class v);
const char *precedence_name(enum precedence v);
const char *risk_name(enum risk v);
const char *urgency_name(enum urgency v);
const char *severity_name(enum severity v);
const char *certainty_name(enum certainty v);
const char *alert_kind_name(enum alert_kind v);
const char *alert_state_name(enum alert_state v);
const char *asset_kind_name(enum asset_kind v);
const char *travel_mode_name(enum travel_mode v);
const char *convoy_state_name(enum convoy_state v);
enum event_type event_type_parse(const char *s);
enum target target_parse(const char *s);
enum mode mode_parse(const char *s);
enum status status_parse(const char *s);
enum source_class source_class_parse(const char *s);
enum precedence precedence_parse(const char *s);
enum asset_kind asset_kind_parse(const char *s);
enum travel_mode travel_mode_parse(const char *s);
enum convoy_state convoy_state_parse(const char *s);

struct attribute {
    const char *name, *value;
};

struct range {
    int32_t least, most; /* -1 both: unknown */
};

struct harm {
    struct range killed, wounded, taken;
};

struct evidence {
    const char *text, *means;
};

struct place {
    struct geo_pt pt;
    uint32_t radius_m;
    const char *name, *method;
    uint64_t gazetteer_id;
    bool area, ambiguous;
    uint32_t population;
    uint32_t bearing_deg, distance_m; /* relative places; distance 0 = not relative */
};

struct finding {
    bool alertworthy, in_progress, no_duff;
    enum event_type event;
    uint32_t confidence_permille;
    enum mode mode;
    uint32_t targets; /* mask of TARGET_BIT */
    struct harm harm;
    const char *actors[MAX_LIST];
    size_t n_actors;
    const char *weapons[MAX_LIST];
    size_t n_weapons;
    int64_t from_us, to_us;  /* 0 = unknown */
    const char *when_method; /* given, words, reported */
    bool has_place;
    struct place place;
    const char *lang;
    uint32_t marks;
    struct evidence evidence[MAX_EVIDENCE];
    size_t n_evidence;
    uint64_t fingerprint[FINGERPRINTS]; /* sorted, 0 = unused; empty for no text */
};

struct incident {
    const char *source, *own_id;
    int64_t reported_at_us, occurred_at_us;
    const char *text, *lang;
    bool has_pos;
    struct geo_pt pos;
    uint32_t radius_m;
    const char *place, *mgrs;
    enum event_type event; /* EV_UNKNOWN = not given */
    bool has_targets;
    uint32_t targets;
    int32_t killed, wounded, taken;
    char reliability;    /* 'A'..'F', 0 = not given */
    uint8_t credibility; /* 1..6, 0 = not given */
    bool relay;
    enum status status; /* ST_UNKNOWN counts as actual */
    const char *reporter_name, *reporter_contact;
    const struct attribute *attributes;
    size_t n_attributes;
    /* stamped by the collector */
    enum source_class source_class;
    int32_t utc_offset_min;
    bool clock_untrusted;
    const char *source_place;
    bool redacted;
    const struct finding *finding; /* NULL unless redacted */
    int64_t first_received_at_us;  /* by an edge collector; 0 = it came here first */
};

struct asset {
    const char *id;
    enum asset_kind kind;
    const char *name, *area, *contact;
    bool has_pos;
    struct geo_pt pos;
    int32_t strength; /* -1 unknown, as all below */
    const char *link;
    int32_t population, displaced;
    uint32_t market_days; /* mask, bit 0 = Monday */
    const struct geo_pt *route;
    size_t n_route;
    const int64_t *schedule; /* n_route times, or one: the start */
    size_t n_schedule;
    uint32_t speed_cmps;
    enum travel_mode mode;
    enum convoy_state state;
    int32_t escort, air_cover; /* 0, 1, -1 */
    int32_t checkin_min;
    bool removed;
};

struct asset_position {
    const char *asset;
    int64_t fixed_at_us;
    struct geo_pt pos;
    const char *source;
};

struct link_state {
    const char *name;
    bool up;
    int64_t since_us;
};

struct replay_bracket {
    bool begin, keep_time;
    int64_t shift_us;
    const char *name;
};

struct act {
    enum act_kind kind;
    struct id alert, other;
    const char *field, *value, *reason, *who;
    const struct incident *raise; /* NULL unless ACT_RAISE */
};

struct command {
    enum command_verb verb;
    struct id alert;
    const char *who, *note, *asset, *how;
    bool whole_situation, unreachable, false_alarm;
};

struct event_asset {
    const char *id, *name;
    uint32_t distance_m, bearing_deg;
    int64_t contact_at_us;
    int64_t halt_at_us;  /* convoys: when they reach the last safe halt, to the minute; 0 = none */
    const char *halt;    /* its name; NULL = the point has none */
    int64_t fixed_at_us; /* convoys: of their last position, to the minute */
};

/* A populated place in reach of the danger. */
struct nearby_place {
    const char *id, *name;
    uint32_t distance_m, bearing_deg; /* bearing: from the place to the danger */
    uint32_t population;              /* 0 = unknown */
};

struct reason {
    const char *text;
    int32_t weight;
};

struct claim {
    const char *party, *says;
};

struct incident_ref {
    struct id id;
    enum source_class source_class;
    char grade[3]; /* "B2", "-" */
};

struct warned_asset {
    const char *asset;
    int64_t at_us;
    const char *how;
    bool unreachable;
};

struct alert_event {
    enum alert_kind kind;
    struct id id, situation;
    uint32_t revision;
    int64_t due_at_us, at_us;
    bool page;
    const char *topic;
    enum target target;
    struct event_asset assets[MAX_ASSETS];
    size_t n_assets;
    enum precedence precedence;
    enum risk risk;
    uint32_t likelihood, impact;
    enum urgency urgency;
    enum severity severity;
    enum certainty certainty;
    enum status status;
    bool unconfirmed;
    enum event_type event;
    enum mode mode;
    const char *rule; /* NULL = none */
    bool late;
    int64_t from_us, to_us;
    const char *place;
    bool has_pos;
    struct geo_pt pos;
    uint32_t radius_m;
    const char *area;
    struct harm harm;
    struct claim claims[MAX_LIST];
    size_t n_claims;
    uint32_t marks;
    const char *changed[MAX_LIST];
    size_t n_changed;
    const char *headline_en, *headline_fr, *instruction_en, *instruction_fr;
    struct reason reasons[MAX_REASONS];
    size_t n_reasons;
    struct incident_ref incidents[MAX_REFS];
    size_t n_incidents;
    const char *release;
    enum alert_state state;
    const char *answered_by;
    int64_t next_step_at_us;
    struct warned_asset warned[MAX_ASSETS];
    size_t n_warned;
    int64_t expires_at_us;
    uint64_t cause_seq;
    const char *note;
    bool false_alarm;
    const char *old_topic;
    uint32_t step;
    struct nearby_place nearby[MAX_NEARBY]; /* the nearest first */
    size_t n_nearby;
    uint64_t people; /* known to live in reach of the danger; 0 = unknown */
};

struct derived_incident {
    struct id id;
    uint64_t seq;
    struct finding finding;
    enum source_class source_class;
    char grade[3];
    bool counted, late;
};

struct derivation {
    struct id alert;
    uint32_t revision;
    const char *cell, *precedence_rule;
    struct reason reasons[MAX_REASONS];
    size_t n_reasons;
    const struct derived_incident *incidents; /* the latest first; at most MAX_LIST */
    size_t n_incidents;
};

struct rejected {
    uint64_t number;
    int64_t at_us;
    const char *source, *door, *reason;
    const char *format; /* how it was to be read; NULL = a packed Record */
    const void *data;
    size_t len;
    uint64_t size;
};

struct daemon_status {
    const char *daemon, *version;
    int64_t at_us, up_since_us;
    uint64_t head, lag;
    const char *last_error;
    struct attribute figures[MAX_LIST * 2];
    size_t n_figures;
};

enum record_type {
    REC_NONE,
    REC_INCIDENT,
    REC_ASSET,
    REC_POSITION,
    REC_LINK,
    REC_TICK,
    REC_CLOCK_STEP,
    REC_REPLAY,
    REC_ACT,
    REC_EVENT,
    REC_COMMAND,
    REC_REJECTED,
    REC_STATUS,
    REC_DERIVATION
};

struct record {
    uint64_t seq; /* 0 = not in a log yet */
    int64_t received_at_us;
    struct id id;
    enum record_type type;
    union {
        struct incident incident;
        struct asset asset;
        struct asset_position position;
        struct link_state link;
        int64_t clock_step_us;
        struct replay_bracket replay;
        struct act act;
        const struct alert_event *event;
        struct command command;
        struct rejected rejected;
        const struct daemon_status *status;
        const struct derivation *derivation;
    } u;
};

/* Where a consumer stands in a log. */
struct position {
    struct id journal;
    uint64_t seq;
    uint8_t digest[DIGEST_LEN];
};

enum receipt_status {
    RC_UNKNOWN,
    RC_STORED,
    RC_DUPLICATE,
    RC_REJECTED,
    RC_RETRY,
    RC_IGNORED,
    RECEIPT_STATUS_COUNT
};
const char *receipt_status_name(enum receipt_status v);

struct receipt {
    enum receipt_status status;
    uint64_t seq;
    struct id id;
    const char *reason; /* NULL = none */
    uint32_t retry_after_ms;
    uint32_t index; /* in the answer to a packed batch: of the record */
};

/* Sets every figure that may be unknown to -1, all else to zero. */
void incident_init(struct incident *in);
void asset_init(struct asset *a);
void finding_init(struct finding *f);
void alert_event_init(struct alert_event *e);

/* The id of an incident (DESIGN: reported_at, source, own id and body) where it
 * has an own id; body is its packed form without the collector's stamps. For one
 * without, pass what makes this acceptance unique as own_id. */
void incident_id(const char *source, const char *own_id, int64_t reported_at_us, const void *body,
                 size_t len, struct id *out);

#endif
