/* situation: the table of situations, of the reports behind them and of their alerts. Pure.
 *
 * Three tables of fixed-size records in memory that is taken once, at the configured limits (pages
 * that are never touched cost nothing), joined by numbers; so the whole is a value that is saved
 * as it stands. What a situation says of itself (event, harm, mode, sources …) is a fold over its
 * reports: a correction replaces a report, and the fold is made again.
 *
 * A situation's place is that of its first report, unless a later one gives it at least twice as
 * exactly. Reports keep their places, so that it can be found again when one of them leaves; the
 * name of a place is kept with the situation alone, and found again by the gazetteer.
 *
 * When a table is full, the situation that was longest without a report goes: of those without
 * an open alert first, then of the others. Indexes (by place and time to join, by place of what
 * is still dangerous, by a source's own id) are rebuilt after a load. */
#ifndef CLASSIFIER_SITUATION_H
#define CLASSIFIER_SITUATION_H

#include "assess.h"
#include "buckets.h"
#include "buf.h"
#include "record.h"
#include "timers.h"

#define MAX_SIT_REFS   64 /* reports kept of one situation: the first, and the latest */
#define MAX_SIT_CLAIMS 4
#define MAX_SIT_SPLITS 4 /* of the officer's, kept with a situation */
#define SIT_NAME       64
#define SIT_PARTY      40
#define REF_SIDES      3 /* armed actors kept of one report */
#define REF_CONVOYS    2 /* convoys of ours that it names */
#define SIT_SIDES      4

enum ref_flag {
    REF_RELAY = 1,
    REF_COUNTED = 2,       /* an independent source */
    REF_SPEAKS = 4,        /* its own word: no copy, no relay, no rumour */
    REF_COPY = 8,          /* the words of another report */
    REF_SUPERSEDED = 16,   /* its source has corrected it */
    REF_ACTIVE = 32,       /* it was happening when it was reported */
    REF_TIMELY = 64,       /* the danger lasted when it was received */
    REF_PROMPT = 128,      /* received within half an hour of the event */
    REF_TRANSLATION = 256, /* another report in another language (correlate.h) */
    REF_CONFIDENT = 512    /* understand is sure of its event */
};

/* What a report says of state forces. */
enum force_flag {
    FORCE_NAMED = 1, /* and of no other armed actor */
    FORCE_HARM = 2   /* of civilians, where they are named */
};

/* Where a report says that it was. */
struct sit_place {
    struct geo_pt pt;
    uint64_t gazetteer_id;
    uint32_t key; /* what stands for a place without a distance */
    uint32_t radius_m, distance_m;
    uint16_t bearing_deg;
    uint8_t placed, area;
};

struct sit_ref {
    struct id id;
    uint64_t seq, own; /* own: key of source and own id, 0 = none */
    int64_t from_us, to_us;
    struct sit_place place;
    uint32_t print[FINGERPRINTS]; /* halves of the fingerprint's hashes */
    struct harm harm;
    uint32_t situation, next;      /* next: in the order of the journal */
    uint32_t source;               /* told apart within a situation */
    uint32_t convoys[REF_CONVOYS]; /* those that it names (named.h); 0 = no more */
    uint16_t flags, lang;          /* lang: its two letters, 0 = unknown */
    uint8_t event, mode, targets, source_class, credibility, marks;
    char reliability;
    uint8_t force;             /* force_flag */
    uint16_t sides[REF_SIDES]; /* of the actors that it names (rules_side); 0 = none */
    uint8_t unused[2];
};

struct sit_claim {
    uint64_t seq;          /* of the report that makes it */
    char party[SIT_PARTY]; /* an actor, or a class of source */
    int32_t killed;
    uint8_t event, mode, named, targets;
};

enum alert_slot { SLOT_CONVOY, SLOT_BASE, SLOT_CIVILIANS, SLOT_RULE, SLOTS };
enum alert_rule {
    RULE_NONE,
    RULE_CONVOY_OVERDUE,
    RULE_BASE_SILENT,
    RULE_CLOCK_STEP,
    RULE_LINK_DOWN,
    RULE_PATTERN, /* of the file of rules: the situation says which */
    RULE_COUNT
};

struct sit_alert {
    struct id id;                       /* stays with it, also in another situation */
    struct relation assets[MAX_ASSETS]; /* the most endangered first; may be none */
    int64_t raised_us, decided_us, expires_us;
    uint32_t situation, next; /* next: of the free ones */
    uint32_t revision, n_assets;
    uint32_t fixed_arg, harm_steps, claims, place_key; /* claims, place_key: as last told */
    uint16_t area;                                     /* of the configuration; NO_AREA */
    uint8_t slot, rule, open, kind;
    uint8_t precedence, risk, likelihood, impact, certainty, event, mode;
    uint8_t unconfirmed, late, prule, fixed, officer_precedence, unused[6];
};
#define NO_AREA UINT16_MAX

/* Open, and not past its end: it is closed only when its situation decays. */
static inline bool
alert_lasts(const struct sit_alert *a, int64_t now_us)
{
    return a->open && a->expires_us > now_us;
}

struct situation {
    struct id id;
    int64_t first_us, last_us;        /* when its first and latest report were received */
    int64_t from_us, to_us, until_us; /* the event; how long the danger lasts */
    int64_t cleared_us;               /* the officer: what was before it is over; 0 = never */
    uint32_t apart[MAX_SIT_SPLITS];   /* a split's key and side, see situations_apart() */
    uint64_t gazetteer_id, place_key;
    uint64_t terms; /* of the rules' kinds of incidents, those that it is one of (patterns) */
    struct geo_pt pt;
    uint32_t radius_m, population, bearing_deg, distance_m;
    uint32_t spread_m;   /* how far places of its reports lie that are one event all the same */
    struct harm harm;    /* as the sources that count give it, lowest to highest */
    struct harm carried; /* the greatest least figure that one of them carries */
    uint32_t named, marks, sources;
    uint32_t force_m; /* a movement of forces: how near such forces did harm; 0 = they did not */
    uint32_t alerts[SLOTS];
    uint32_t first_ref, last_ref, n_refs;
    uint32_t prev, next, subject; /* subject: the asset of a rule's own situation */
    uint32_t seen;                /* what the rules saw of it when they last looked */
    uint16_t sides[SIT_SIDES];    /* who takes part, as its reports name them; 0 = nobody more */
    char name[SIT_NAME];
    struct sit_claim claims[MAX_SIT_CLAIMS];
    uint8_t n_claims, n_apart, event, mode, status, rule, officer_event;
    bool used, open, placed, area, no_duff;
    bool active, timely, prompt, doubted, low_grade, high_grade, own, confident;
    bool force, force_harm;
    uint8_t pattern; /* RULE_PATTERN: number of the rule */
    uint8_t unused[9];
};

/* What a look for a situation to join passes over most of them by; rebuilt. */
struct sit_key {
    struct geo_pt pt;
    uint32_t radius_m;
    uint8_t event, status, force_harm;
};

/* The same for a look at what the rules speak of; rebuilt. */
struct sit_terms {
    uint64_t terms;
    int64_t to_us;
};

struct sit_table { /* counts of one of the tables */
    uint32_t cap, high, n, free;
};

struct situations {
    struct situation *all;
    struct sit_ref *refs;
    struct sit_alert *alerts;
    struct sit_table t_all, t_refs, t_alerts;
    uint32_t head[2], tail[2]; /* by age of the last report; [1]: with an open alert */
    struct timers *timers;     /* borrowed */
    struct buckets by_join, by_danger, by_own, by_pattern;
    struct sit_key *keys;    /* of each situation that is in by_join */
    struct sit_terms *terms; /* of each */
};

int situations_init(struct situations *s, uint32_t max_situations, uint32_t max_refs,
                    struct timers *timers);
void situations_fini(struct situations *s);

/* A new situation, all else zero; evicts when the table is full. */
uint32_t situations_new(struct situations *s, const struct id *id, int64_t now_us);
/* It is the latest now; and into the list that its alerts ask for. */
void situations_touch(struct situations *s, uint32_t i, int64_t now_us);
/* Appends a report; evicts others, or drops the situation's own second, when there is no room. */
struct sit_ref *situations_add_ref(struct situations *s, uint32_t i);
/* The alert of a slot, made when there is none. */
struct sit_alert *situations_alert(struct situations *s, uint32_t i, enum alert_slot slot);

/* Gives it back with its reports and alerts. */
void situations_remove(struct situations *s, uint32_t i);
/* Moves a report to another situation, into its place by the journal. The situation it leaves may
 * be empty then; what both say of themselves is the caller's to make anew. */
void situations_move_ref(struct situations *s, uint32_t ref, uint32_t to);
/* Moves the alert of a slot; what stood there is dropped. */
void situations_move_alert(struct situations *s, uint32_t from, uint32_t to, enum alert_slot slot);

/* The officer took the two apart: they share the key of a split and stand on other sides. */
bool situations_apart(const struct situation *a, const struct situation *b);
/* Adds a key (its lowest bit the side), dropping the oldest when there is no room. */
void situations_set_apart(struct situation *x, uint32_t key);

/* Event, harm, mode, grades, claims and times anew from the reports. */
void situations_fold(struct situations *s, uint32_t i, const struct knowledge *k);
/* The place anew from the reports. The present name and population stay with their place; those of
 * another are the gazetteer's. */
void situations_place(struct situations *s, uint32_t i, const struct knowledge *k);
/* The report's place, when it is better than the one the situation has, or `replace`. */
void situations_take_place(struct situation *x, const struct sit_place *p, const char *name,
                           uint32_t population, bool replace);
/* Around its point: the uncertainty, and what reports of the one event are spread over. */
uint32_t situations_extent_m(const struct situation *x);
/* Into the indexes, after place or times changed; join_us as configured. */
void situations_index(struct situations *s, uint32_t i, int64_t join_us);
/* Which kinds of the rules' incidents it is one of, and into their index: by place, as point or
 * as region; out of it with none. A region lies under one key for all. */
void situations_set_terms(struct situations *s, uint32_t i, uint64_t terms);
/* Sets the timer of its end: of the danger, its memory of a day, and its alerts. */
void situations_set_decay(struct situations *s, uint32_t i);
/* That timer fired: alerts that are over are closed. */
void situations_decay(struct situations *s, uint32_t i, int64_t now_us);

/* The key of source and own id; 0 without one. */
uint64_t situations_own_key(const char *source, const char *own_id);
/* The report that carries it and is not superseded, or NOTHING. */
uint32_t situations_own(const struct situations *s, uint64_t key);

/* A text cut to fit, never inside a character; what is behind it is zero. */
void situation_text(char *to, size_t size, const char *from);
void situation_name(struct situation *x, const char *name);

/* Where the join key of a placed or an area situation lies. */
uint64_t situations_bucket(int64_t at_us, int64_t join_us);
#define SALT_AREA       0x4000000000u
#define SALT_JOIN       0x8000000000u
#define SALT_PATTERN    0x70u
#define PATTERN_REGIONS 0x7072u

void situations_facts(const struct situation *s, struct facts *out);
/* How long a danger lasts that ended at to_us; INT64_MAX until cleared. */
int64_t situations_until(const struct knowledge *k, enum event_type event, uint32_t marks,
                         int64_t to_us);
/* The part of an interval that counts for joining: at most join_us, the late end. */
int64_t situations_joint_from(int64_t from_us, int64_t to_us, int64_t join_us);
bool situations_dangerous(const struct situation *s, int64_t now_us);

void situations_pack(const struct situations *s, struct buf *b);
int situations_unpack(struct situations *s, const char *data, size_t n, size_t *at,
                      int64_t join_us);

/* Situations of the danger index within m of pt, sorted by id; at most max. */
size_t situations_near(const struct situations *s, struct geo_pt low, struct geo_pt high,
                       uint32_t margin_m, uint32_t *out, size_t max);

#endif
