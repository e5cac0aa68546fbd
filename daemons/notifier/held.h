/* held: how far the classifiers' decisions reach, and whether one more may be stored. Pure.
 *
 * A position moves only from where it stands: a decision is stored when it begins exactly there,
 * is a duplicate when it ends at or before it, and otherwise its sender is told where to go on.
 * A higher term (with a reconciliation) replaces everything of the lower; a lower term is
 * refused. Term 0 asks where to go on. */
#ifndef NOTIFIER_HELD_H
#define NOTIFIER_HELD_H

#include "err.h"
#include "journal.h"
#include "wire.h"

struct held {
    struct position position;
    uint64_t term; /* 0 = no classifier has spoken yet */
    uint8_t digest[DIGEST_LEN];
};

enum receipt_status held_judge(const struct held *h, const struct decision *d, const char **why);

bool held_same(const struct position *a, const struct position *b);

int held_load(struct held *h, struct journal *j, struct err *e);
int held_save(const struct held *h, struct journal *j, struct err *e);

#endif
