/* lexicon: what words mean, from YAML files that an analyst reads and extends.
 *
 * conf/lexicon/{en,fr,names}.yaml: entries of phrases with a meaning ("event: ambush", "target:
 * convoy", "mode: claim", "weapon: …", "actor: …", "is: [not_alertworthy]" …) and a weight.
 * Phrases are folded (text.h) and match on whole tokens; a trailing * matches any ending.
 * Immutable once loaded. Errors carry file and line; a broken file loads nothing. The format is
 * described at the head of conf/lexicon/en.yaml. */
#ifndef CLASSIFIER_LEXICON_H
#define CLASSIFIER_LEXICON_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "err.h"
#include "record.h"
#include "text.h"

struct lexicon;

/* dir holds *.yaml, read in the order of their names. */
int lexicon_load(const char *dir, struct lexicon **out, struct err *e);
/* One file's text, for tests and the fuzzer; name is used in errors. */
int lexicon_parse(const char *s, size_t n, const char *name, struct lexicon **out, struct err *e);
void lexicon_free(struct lexicon *l);
/* Appends everything that decides to b (for the configuration digest): the files' bytes. */
void lexicon_digest_bytes(const struct lexicon *l, struct buf *b);

/* What a phrase is besides event, target and mode: the words under `is:`. The order is that of
 * the names in lexicon.c. */
enum lex_flag {
    LF_NOT_ALERTWORTHY, /* speaks of politics, courts, sport, the past … */
    LF_IN_PROGRESS,     /* it is happening now */
    LF_NO_DUFF,         /* "this is no exercise" */
    LF_EXERCISE,        /* an exercise */
    LF_KILLED,          /* harm words */
    LF_WOUNDED,
    LF_TAKEN,
    LF_VICTIMS,     /* harm of no said kind: casualties */
    LF_NEGATION,    /* no, aucun, sans faire de */
    LF_PERSON,      /* somebody who can be counted as harmed */
    LF_PLURAL,      /* of a person word: several of them, though it has no s */
    LF_CIVIL,       /* civilians in so many words */
    LF_FIGHTER,     /* member of an armed group */
    LF_FORCES,      /* army, police, mission troops */
    LF_ATTACK,      /* an attack of whatever kind */
    LF_VEHICLE,     /* something that moves on a road, or is travelling */
    LF_ROAD,        /* a road or a journey */
    LF_PLACE,       /* village, town, hamlet */
    LF_AIR,         /* drone, helicopter, aircraft */
    LF_STRIKE,      /* strike, bombing: an air strike where something flies */
    LF_NEUTRALISED, /* the army's word for killed */
    LF_AGENT,       /* by, par: what follows did it */
    LF_VERSUS,      /* between, entre: two sides */
    LF_PART,        /* including, dont: part of the figure before */
    LF_MORE,        /* others, also: adds to the figure before */
    LF_AT_LEAST,    /* the figure is a least one */
    LF_UP_TO,       /* the figure is a most one */
    LF_NEARLY,      /* a little less than the figure */
    LF_ABOUT,       /* the figure or somewhat more */
    LF_SPARED,      /* missing, freed, fled: whom a figure counts with it came to no harm */
    LF_PEOPLE,      /* "took": a harm word only where people are named right behind it */
    LF_DEED,        /* of a harm word: the act, "a murder", of which an article counts nobody */
    LF_ARTICLE,     /* a number word that is mostly an article */
    LF_UNIT,        /* what is counted is no people: km, years, trucks */
    LF_BUT,         /* never, would have: turns what follows into no event */
    LF_OLD,         /* ago, last year: the event is old news */
    LF_CROWD,       /* crowd, protesters, youths: a crowd or who becomes one */
    LF_UNREST,      /* stones, barricades, set fire: a riot where a crowd does it */
    LF_PARTY,       /* an army, a rebel group, a ministry of defence: a side that speaks */
    LF_SAYS,        /* says, claims, according to: its word for it */
    LF_FUTURE,      /* plan to, may, tonight: what follows has not happened yet */
    LF_COUNT
};
#define LEX_FLAG(f) (UINT64_C(1) << (f))

/* What a phrase says about time; the order is that of the names in lexicon.c. */
enum lex_time {
    LT_NONE,
    LT_MONDAY, /* the days and months in their order: code counts on it */
    LT_TUESDAY,
    LT_WEDNESDAY,
    LT_THURSDAY,
    LT_FRIDAY,
    LT_SATURDAY,
    LT_SUNDAY,
    LT_JANUARY,
    LT_FEBRUARY,
    LT_MARCH,
    LT_APRIL,
    LT_MAY,
    LT_JUNE,
    LT_JULY,
    LT_AUGUST,
    LT_SEPTEMBER,
    LT_OCTOBER,
    LT_NOVEMBER,
    LT_DECEMBER,
    LT_TODAY,
    LT_YESTERDAY,
    LT_DAY_BEFORE,
    LT_DAWN, /* the parts of the day in their order */
    LT_MORNING,
    LT_NOON,
    LT_AFTERNOON,
    LT_EVENING,
    LT_NIGHT,
    LT_NIGHT_OF,   /* "nuit du 21 au 22" */
    LT_LAST_NIGHT, /* "last night" */
    LT_THIS_MORNING,
    LT_AGO,
    LT_SINCE,
    LT_NOW,
    LT_AT, /* what follows may be a time of day */
    LT_MINUTE,
    LT_HOUR,
    LT_DAY,
    LT_WEEK,
    LT_LAST_WEEK,
    LT_COUNT
};

enum lex_lang { LANG_NONE, LANG_EN, LANG_FR, LANG_COUNT };

struct lex_entry {
    enum event_type event; /* EV_UNKNOWN = none */
    uint32_t targets, marks;
    enum mode mode;       /* MODE_UNKNOWN = none */
    uint64_t flags;       /* LEX_FLAG(…) */
    int32_t weight;       /* 1..20 */
    int32_t number, most; /* a number word: value and most; -1 = none */
    enum lex_time time;
    enum lex_lang lang;         /* the phrase tells the language */
    const char *actor, *weapon; /* labels; NULL = none */
    uint32_t index;             /* 0 … lexicon_entries() - 1 */
};

/* Entry e stands at tokens first … first + count - 1. */
struct lex_hit {
    const struct lex_entry *e;
    uint32_t first, count;
};

size_t lexicon_entries(const struct lexicon *l);
/* Is the token a word of some phrase, or the beginning of one with *? */
bool lexicon_knows(const struct lexicon *l, const struct token *t);
/* The word of a phrase that a token it does not know was meant to be (spelling.h); NULL = none. */
const char *lexicon_respell(const struct lexicon *l, const struct token *t);

/* Is this actor's label one that entries marked `forces` give: an army, a state's police? */
bool lexicon_is_force(const struct lexicon *l, const char *actor);

/* All hits in the order of the text, at most max. A longer phrase hides the shorter ones inside
 * it; of two patterns on the same words the more specific one counts; one phrase under several
 * entries gives a hit for each, in the order of the files. No phrase reaches over the end of a
 * sentence. */
size_t lexicon_match(const struct lexicon *l, const struct token *t, size_t n, struct lex_hit *out,
                     size_t max);

#endif
