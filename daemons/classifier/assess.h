/* assess: how badly, how soon: from facts to likelihood, impact, risk and precedence. Pure.
 *
 * The sums are small and open: a base from the event's row, and steps of +1, +2, -1, -2, each a
 * reason with its weight. Adding the weights of the reasons that act on likelihood, and clamping
 * to 1..5, gives the likelihood; the same for impact: so an officer can do the sum by hand.
 * Grades of a report do not act on them: they stand beside it as certainty and UNCONFIRMED. */
#ifndef CLASSIFIER_ASSESS_H
#define CLASSIFIER_ASSESS_H

#include "knowledge.h"
#include "record.h"

/* How one asset, or the place itself, stands to the danger at the moment of the decision. It is
 * kept with the alert, so that the reasons can be derived again to the letter. */
struct relation {
    uint32_t asset; /* of the picture; RELATION_PLACE, RELATION_NONE */
    uint32_t distance_m;
    uint16_t bearing_deg; /* from the asset to the danger */
    uint16_t flags;
    int32_t contact_s; /* from the decision on; NO_CONTACT = not moving towards it */
    uint32_t halt;     /* REL_CAN_HALT: what stands at the last safe halt: of the picture;
                         * HALT_PLACE and the number of a place of the gazetteer; RELATION_NONE =
                         * nothing that has a name */
    uint16_t halt_min; /* REL_CAN_HALT: whole minutes from the decision to it */
    uint16_t fix_min;  /* REL_FIXED: whole minutes that a convoy's last position is old */
};
#define HALT_PLACE     UINT32_C(0x80000000)
#define RELATION_PLACE UINT32_C(0xfffffffe)
#define RELATION_NONE  UINT32_C(0xffffffff)
#define NO_CONTACT     INT32_MIN

enum relation_flag {
    REL_ON_ROUTE = 1, /* a convoy will come past it */
    REL_HALTED = 2,
    REL_STALE = 4,  /* its position is old: where it is comes from the timetable */
    REL_NO_AIR = 8, /* known to have no air cover */
    REL_NO_ESCORT = 16,
    REL_SMALL = 32,      /* a base that few can defend */
    REL_DISPLACED = 64,  /* a site of displaced people */
    REL_MARKET = 128,    /* market day */
    REL_NEAR = 256,      /* within half the reach */
    REL_POPULOUS = 512,  /* POPULOUS people or more live there; unknown is not many */
    REL_CAN_HALT = 1024, /* a convoy can still halt before it */
    REL_FIXED = 2048,    /* a convoy's position was known once */
    REL_PLACE = 4096     /* a configured site that is the threatened place itself */
};

#define POPULOUS 10000

struct facts {
    enum event_type event;
    enum mode mode;
    enum status status;
    uint32_t named; /* targets that reports name */
    uint32_t marks;
    uint32_t sources; /* independent ones */
    bool active;      /* it was happening when it was reported */
    bool timely;      /* the danger lasted when it was reported */
    bool doubted;     /* a single source, graded credibility 5 */
    bool low_grade;   /* a single source, graded 4-5 or D-E */
    bool high_grade;  /* somebody graded A-B and 1-2 says so */
    bool own;         /* an own source says so */
    bool force;       /* state forces, and nobody else, are said to move */
    uint32_t force_m; /* how near such forces harmed civilians lately; 0 = nowhere */
    struct harm harm; /* least: by sources that count */
};

enum reason_code {
    RS_NONE,
    /* likelihood */
    RS_BASE_LIKELIHOOD, /* arg: event */
    RS_NAMED,           /* reports name this target */
    RS_AT_PLACE,        /* the place itself */
    RS_NEAR,            /* arg: distance */
    RS_ON_ROUTE,        /* arg: distance ahead */
    RS_ACTIVE,
    RS_CONTACT_SOON, /* arg: minutes */
    RS_CONTACT_FAR,
    RS_NO_AIR,
    RS_NO_ESCORT,
    RS_WARNING,
    RS_RUMOUR,
    RS_DENIED,
    RS_SIEGE_LIKELIHOOD,
    RS_OVERDUE,    /* arg: minutes without a sign of life */
    RS_SILENT,     /* arg: distance of the attack */
    RS_FORCE_HARM, /* arg: distance of the harm */
    RS_CLOCK_STEP, /* arg: seconds */
    RS_LINK_DOWN,
    RS_LINKS_DOWN, /* arg: links that went down together */
    RS_RULE,       /* arg: incidents that make the pattern */
    RS_UNHEARD,    /* arg: hours */
    RS_FIRST_IMPACT,
    /* impact */
    RS_BASE_IMPACT = RS_FIRST_IMPACT,
    RS_KILLED_1,
    RS_KILLED_10,
    RS_KILLED_50,
    RS_WOUNDED_10,
    RS_TAKEN_5,
    RS_DISPLACED,
    RS_MARKET,
    RS_SMALL,
    RS_POPULOUS,
    RS_SEXUAL_VIOLENCE,
    RS_SIEGE_IMPACT,
    RS_RULE_IMPACT, /* a rule's own figure */
    RS_COUNT
};

struct assess_reason {
    uint8_t code;
    int8_t weight;
    uint32_t arg;
};

enum precedence_rule {
    PRULE_RISK,      /* the matrix' level alone */
    PRULE_NOW,       /* very high, happening now */
    PRULE_CONTACT,   /* very high, contact is near */
    PRULE_ATTACK,    /* an armed attack in progress */
    PRULE_DOUBTED,   /* the same, credibility 5 */
    PRULE_OVER,      /* the danger was over when it became known */
    PRULE_MASS,      /* ten or more dead, not known until now */
    PRULE_EXERCISE,  /* status is not actual */
    PRULE_CIVILIANS, /* raised to that of a base or convoy */
    PRULE_READ,      /* nobody and nowhere: to be read */
    PRULE_OFFICER,   /* set by hand */
    PRULE_PATTERN,   /* a rule over situations and time */
    PRULE_FORCES,    /* state forces pass, with no harm of theirs near */
    PRULE_COUNT
};

struct verdict {
    uint32_t likelihood, impact; /* 1..5 */
    enum risk risk;
    enum precedence precedence;
    enum precedence_rule rule;
    enum certainty certainty;
    enum urgency urgency;
    enum severity severity;
    bool unconfirmed;
    struct assess_reason reasons[MAX_REASONS];
    size_t n_reasons;
};

/* Impact steps that an officer is told about: killed 1, 10, 50; wounded 1, 10, 50; taken 1, 5;
 * each figure's number of steps passed, summed. */
uint32_t assess_harm_steps(const struct harm *h);

/* Level to precedence (DESIGN 6). soon: happening now, or contact within the configured time. */
enum precedence assess_precedence(enum risk risk, bool soon);

/* One asset or place of kind t. r may be a relation to nothing (RELATION_NONE). */
void assess(const struct knowledge *k, const struct facts *f, enum target t,
            const struct relation *r, struct verdict *out);

/* Sums of the weights, clamped: what likelihood and impact must be. */
void assess_recompute(const struct assess_reason *r, size_t n, uint32_t *likelihood,
                      uint32_t *impact);

/* A verdict with one reason for each figure, for rules and for "read this". */
void assess_fixed(const struct knowledge *k, const struct facts *f, enum reason_code why,
                  uint32_t arg, uint32_t likelihood, uint32_t impact, enum precedence p,
                  enum precedence_rule rule, struct verdict *out);

/* Raises a verdict on civilians to the precedence that the same event has for others. */
void assess_floor(struct verdict *v, enum precedence p);

enum certainty assess_certainty(const struct facts *f);

#endif
