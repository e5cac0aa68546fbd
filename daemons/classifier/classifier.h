/* classifier: the daemon around the pure core: fetch, decide, submit, checkpoint, reload. */
#ifndef CLASSIFIER_CLASSIFIER_H
#define CLASSIFIER_CLASSIFIER_H

#include "svc.h"

struct classifier;

int classifier_new(struct svc *s, struct classifier **out, struct err *e);
void classifier_free(struct classifier *c);
/* Builds the new state beside the running one; -1 and nothing changed when it cannot be loaded. */
int classifier_reload(struct classifier *c, struct err *e);
void classifier_drain(struct classifier *c);
bool classifier_idle(const struct classifier *c);

#endif
