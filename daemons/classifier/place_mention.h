/* place_mention: the names of places in a text, and how each is spoken of. Private to place.
 * Pure. */
#ifndef CLASSIFIER_PLACE_MENTION_H
#define CLASSIFIER_PLACE_MENTION_H

#include "gazetteer.h"
#include "place_passage.h"

#define MAX_MENTIONS   24
#define MAX_CANDIDATES 16

/* How the name was found: as it is written, by what it sounds like, with one letter wrong. */
enum match { MATCH_EXACT, MATCH_SPELLING, MATCH_LETTER };

enum mention_role { MENTION_AT, MENTION_FROM, MENTION_TO };

struct mention {
    size_t first, last; /* tokens, inclusive */
    const struct gaz_place *cand[MAX_CANDIDATES];
    size_t n, pick;
    const struct gaz_place *area; /* a region or district of the same name, NULL = none */
    const struct gaz_place *seat; /* of an area: the town of its name, NULL = none */
    uint32_t around;              /* what stands before and after: PW_ mask of place_words.h */
    enum mention_role role;
    enum match match;
    size_t letters; /* bytes of the name as folded */
    bool fragment;  /* a capital beside it makes it part of a longer name, that is not known */
    bool aftermath;
    bool ambiguous, refuted; /* see place_choose.h */
    int sentence;
};

/* Of the short list, of some size, or the seat of something: no hamlet. */
bool mention_known(const struct gaz_place *p);

/* The names in the passage, in order; at most MAX_MENTIONS, each with at least one candidate. */
size_t mentions_find(const struct gazetteer *g, const struct passage *p, struct mention *out);

#endif
