/* rules: patterns over incidents, assets and time, as an analyst writes them.
 *
 * conf/rules.yaml, whose head describes the language: rules of four forms, and which actors are
 * one side. Immutable once loaded; a broken file loads nothing, and its error names file and
 * line. Everything is bounded below. patterns.h says what is done with it. Pure but for
 * rules_load(). */
#ifndef CLASSIFIER_RULES_H
#define CLASSIFIER_RULES_H

#include "arena.h"
#include "buf.h"
#include "err.h"
#include "geo.h"
#include "record.h"

#define MAX_RULES      32
#define MAX_TERMS      8  /* of one rule */
#define MAX_ALL_TERMS  64 /* of the file: a situation holds a bit for each */
#define MAX_STEPS      4
#define MAX_PLACES     16 /* named in one rule */
#define MAX_SIDE_NAMES 128
#define SECTORS        8

enum rule_form { RF_SEQUENCE, RF_COUNT, RF_RING, RF_ABSENCE, RULE_FORMS };
enum rule_around { AROUND_PLACE = 1, AROUND_BASE = 2, AROUND_SITE = 4, AROUND_ROUTE = 8 };
enum rule_of { OF_CHECK_IN, OF_LINK, OF_REPORTS, RULE_OFS };
enum term_place { TERM_POINT = 1, TERM_REGION = 2 };
enum term_grade { GRADE_ANY, GRADE_NOT_LOW, GRADE_HIGH };

#define SIDE_NONE   0u
#define SIDE_FORCES 1u /* those of a state, whichever */

/* Which incidents count; all that is given must hold. */
struct rule_term {
    uint32_t events, modes; /* any of: 1 << value */
    uint32_t targets;       /* any of: TARGET_BIT; 0 = whoever */
    uint32_t classes;       /* a report of one of them: 1 << value; 0 = whichever */
    uint32_t marks;         /* all of */
    uint16_t side;          /* SIDE_NONE = whoever */
    uint8_t places, grade;
    uint8_t hour_from, hour_to; /* UTC, of the event; equal = all day */
};

struct rule_step {       /* of an absence; from the least to the worst */
    uint32_t percent;    /* check_in: of the interval */
    uint32_t distance_m; /* link: of the incident */
    uint8_t likelihood, impact;
};

struct rule_place {
    const char *name;
    struct geo_pt pt;
};

struct rule {
    const char *name, *en, *fr; /* en, fr: the headline; NULL for check_in and link */
    enum rule_form form;
    enum rule_of of;
    uint64_t first, then; /* bits of its terms in the file's table; `then` only of a sequence */
    bool either;          /* sequence: in either order */
    bool one_side;        /* ring */
    bool pages;
    uint32_t around;   /* rule_around */
    uint32_t at_least; /* count: incidents; ring: sectors */
    uint32_t distance_m;
    int64_t within_us;   /* also absence of reports: how long */
    int64_t together_us; /* absence of a link: another goes down within; 0 = does not matter */
    int64_t once_us, lasts_us;
    enum target warn[3]; /* around a place: the first is warned also where nobody is known */
    uint32_t n_warn;
    uint8_t likelihood, impact;
    enum precedence most;  /* PR_UNKNOWN = as the matrix says */
    enum event_type event; /* that the alert speaks of; EV_UNKNOWN = the latest incident's */
    struct rule_place places[MAX_PLACES];
    uint32_t n_places;
    struct rule_step steps[MAX_STEPS];
    uint32_t n_steps;
};

struct rule_side {
    const char *actor;
    uint16_t side;
};

struct rules {
    struct rule v[MAX_RULES];
    uint32_t n;
    struct rule_term terms[MAX_ALL_TERMS];
    uint32_t n_terms;
    const struct rule *absence[RULE_OFS]; /* at most one of each; NULL = none */
    struct rule_side sides[MAX_SIDE_NAMES];
    uint32_t n_sides;
    struct buf bytes;
    struct arena *arena;
};

int rules_load(const char *path, struct rules **out, struct err *e);
/* The text of a file; name is used in errors. */
int rules_parse(const char *s, size_t n, const char *name, struct rules **out, struct err *e);
void rules_free(struct rules *r);

/* The side of an actor's label, never SIDE_NONE: forces are one, actors that the file puts
 * together are one, any other is its own, by a hash of 16 bits. r may be NULL. */
uint16_t rules_side(const struct rules *r, const char *actor, bool is_force);

#endif
