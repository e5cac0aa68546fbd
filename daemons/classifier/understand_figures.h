/* understand_figures: whom a text counts, before it is known what befell them. Pure.
 *
 * A figure is a number ("nine civilians"), an article ("a driver"), or a single person who is
 * named without either: "the mayor", "his wife", and in a pair "driver and two guards". Left out
 * are figures of no people, parts of the figure before ("including three children", "two of
 * whom"), appositions ("one man, a teacher, was"), and whom another is said to belong to ("the
 * son of the chief"). Only understand*.c include this. */
#ifndef CLASSIFIER_UNDERSTAND_FIGURES_H
#define CLASSIFIER_UNDERSTAND_FIGURES_H

#include "understand_number.h"

#define MAX_FIGURES 64 /* what comes later is not read */

enum { KILLED, WOUNDED, TAKEN, KINDS };

struct figure {
    struct number n;
    bool one;     /* told by no number word */
    size_t start; /* first token, "his" in "his two sons" */
    unsigned sentence;
    unsigned kinds; /* 1 << KILLED … that it counts; 0 = none yet */
    size_t harm_at; /* token of the harm word */
};

struct count {
    struct figure f[MAX_FIGURES];
    size_t n;
    bool *used; /* by token: a figure has this harm word */
};

/* Which harm words stand at token i, as 1 << KILLED … */
unsigned figures_kinds(const struct reading *r, size_t i);

/* Fills c->f and c->n, in the order of the text. */
void figures_read(const struct reading *r, struct count *c);

/* Joins each figure to its harm word: kinds, harm_at, and c->used, which the caller zeroed.
 * r->denied must be known. */
void figures_join(const struct reading *r, struct count *c);

/* Somebody, of whatever side, at token i. */
bool figures_person(const struct reading *r, size_t i);

/* People are named right behind the figure, "an elderly woman", or it is one itself. */
bool figures_named(const struct reading *r, const struct figure *f);

/* The person word at i is of several. */
bool figures_plural(const struct reading *r, size_t i);

static inline bool
is_and(const struct reading *r, size_t i)
{
    return is(r, i, "and") || is(r, i, "et");
}

#endif
