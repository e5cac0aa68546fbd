/* place_choose: which of several places of one name is meant. Private to place. Pure. */
#ifndef CLASSIFIER_PLACE_CHOOSE_H
#define CLASSIFIER_PLACE_CHOOSE_H

#include "place_country.h"
#include "place_mention.h"

struct context {
    bool has_near;
    struct geo_pt near; /* the source's own place: a weak prior */
    char countries[MAX_COUNTRIES][3];
    size_t n_countries;
};

/* Sets pick, ambiguous and refuted of each mention. In order: the country that the text names;
 * the place that stands right behind ("X, Y", "X in Y"), whose region holds the nearer ones; what
 * else the sentence and the report name; the source; size. Ambiguous: nothing decides. Refuted: a
 * hamlet, or a name matched by a guess at its spelling, that lies far from all that the text says
 * beside it, or in another country than it names: not the place that is meant. */
void mentions_choose(const struct passage *p, const struct context *c, struct mention *m, size_t n);

/* Rows of a dump and of the short list so close are one place; two rows of the short list are
 * there because they differ (Kourkanda-Peulh, Kourkanda-Habbé). */
bool same_place(const struct gaz_place *a, const struct gaz_place *b);

/* True when the area holds the place: by its extent or by the name of its region. */
bool area_holds(const struct gaz_place *area, const struct gaz_place *p);

#endif
