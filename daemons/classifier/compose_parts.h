/* compose_parts: the inside of compose: what compose.c, compose_headline.c and compose_reach.c
 * share. Strings live in the arena; one that it has no room for is "" and sets `full`. */
#ifndef CLASSIFIER_COMPOSE_PARTS_H
#define CLASSIFIER_COMPOSE_PARTS_H

#include "compose.h"
#include "wording.h"

struct words {
    const struct telling *t;
    const struct situation *x;
    struct arena *a;
    bool full;
};

/* compose.c */
const char *compose_say(struct words *w, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
const char *compose_distance(struct words *w, uint32_t m, enum language l);
const char *compose_point(struct words *w); /* the coordinates: "16.40, -0.05" */
/* The gazetteer's place that is meant or that the point lies in, with its name; 0 = none. */
uint64_t compose_place(struct words *w, const char **name);
const char *compose_harm(struct words *w, enum language l); /* ", 10-12 killed", "" */
const char *compose_rule_text(struct words *w, const struct alert_event *ev, enum language l);

/* compose_headline.c: who, what, where, when, harm, how far, how soon; at most some
 * HEADLINE_MAX characters: a long one is told with less. The assets of ev are filled in. */
#define HEADLINE_MAX 120
const char *compose_headline(struct words *w, const struct alert_event *ev, enum language l);
const char *compose_instruction(struct words *w, const struct alert_event *ev, enum language l);

/* compose_reach.c */
const char *compose_halt(struct words *w, const struct relation *r); /* its name; NULL = none */
/* Who lives in reach of the danger: the nearest places beside the one that is meant, and the sum. */
void compose_nearby(struct words *w, struct alert_event *ev);
/* What the alert also says, and weighs nothing: appended to the n reasons. Returns how many. */
size_t compose_facts(struct words *w, const struct alert_event *ev, struct reason out[MAX_REASONS],
                     size_t n);

/* compose_claims.c: all versions, the parties' before what the reports say. */
void compose_claims(struct words *w, struct alert_event *ev);
/* Reasons without a weight, behind the others; after compose_claims(). */
void compose_contradictions(struct words *w, struct alert_event *ev);

#endif
