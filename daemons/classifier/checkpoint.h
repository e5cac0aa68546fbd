/* checkpoint: the classifier's state in a file that can be thrown away.
 *
 * Written beside and renamed, not flushed: core_load() checks its sum, and a bad or missing file
 * only costs the time to read the journal again. */
#ifndef CLASSIFIER_CHECKPOINT_H
#define CLASSIFIER_CHECKPOINT_H

#include "core.h"

int checkpoint_write(const char *path, const struct position *at, const struct core *c,
                     struct err *e);
/* 0; 1 when there is none or it does not fit this knowledge (e says why); the caller starts from
 * the beginning. */
int checkpoint_read(const char *path, const struct knowledge *k, struct position *at,
                    struct core **out, struct err *e);

#endif
