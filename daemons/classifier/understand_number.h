/* understand_number: the figures in a text, digits or words, English and French. Pure.
 *
 *   "12", "10 000", "10,000", "vingt-deux", "two hundred and six", "deux mille trois cents"
 *   "8-10", "8 to 10", "de 8 à 10", "between 8 and 10"            the two ends of a range
 *   "at least 4", "au moins 4"                                    4 to twice that
 *   "up to 30", "jusqu'à 30"                                      half of that to 30
 *   "nearly 40", "près de 40"                                     nine tenths of that to 40
 *   "about 15", "environ 15"                                      15 to a fifth more
 *
 * The number words and the words before them are the lexicon's. Only understand*.c include this. */
#ifndef CLASSIFIER_UNDERSTAND_NUMBER_H
#define CLASSIFIER_UNDERSTAND_NUMBER_H

#include <string.h>

#include "understand_parts.h"

#define MAX_PEOPLE 1000000

struct number {
    size_t first, end; /* tokens; end is one behind */
    int32_t least, most;
    bool article, more; /* a word that is mostly an article; "another" */
};

/* One number at token i, digits or a word, not composed. How many tokens it takes, 0 = none. */
size_t number_simple(const struct reading *r, size_t i, struct number *f);

/* The whole figure that starts at token i: composed, with its other end, bounded by the words
 * before it. How many tokens it takes, 0 = none. */
size_t number_read(const struct reading *r, size_t i, struct number *f);

/* What is counted is no people: a unit follows, or the number is a date, a year, an id, a number
 * of something. A number without separators above 2000 is believed only where people or harm
 * stand right behind it. */
bool number_of_no_people(const struct reading *r, const struct number *f);

static inline bool
is(const struct reading *r, size_t i, const char *s)
{
    return strcmp(r->t[i].s, s) == 0;
}

#endif
