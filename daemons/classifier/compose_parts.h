/* compose_parts: what the files of compose share. */
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

/* A string in the arena; "" and w->full where there is no room. */
const char *compose_say(struct words *w, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
const char *compose_harm(struct words *w, enum language l); /* ", 9 killed, 2 wounded" */

/* All versions, the parties' before what the reports say. */
void compose_claims(struct words *w, struct alert_event *ev);
/* Reasons without a weight, behind the others; after compose_claims(). */
void compose_contradictions(struct words *w, struct alert_event *ev);

#endif
