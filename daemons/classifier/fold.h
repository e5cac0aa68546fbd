/* fold: a core with the knowledge it works on and the position it has reached. */
#ifndef CLASSIFIER_FOLD_H
#define CLASSIFIER_FOLD_H

#include "arena.h"
#include "core.h"
#include "wire.h"

struct fold {
    struct config *config; /* owned; the knowledge borrows it */
    struct knowledge *knowledge;
    struct core *core;
    struct position at;
    struct arena *arena; /* of the record at hand */
    uint64_t unreadable; /* records of a newer release, passed over */
};

/* Loads configuration and knowledge anew. */
int fold_new(const char *config_file, const char *instance_dir, struct fold **out, struct err *e);
void fold_free(struct fold *f);
/* Back to the beginning of the journal. */
int fold_rewind(struct fold *f, struct err *e);

struct fold_hooks {
    void (*before)(void *arg, uint64_t seq); /* may be NULL */
    core_emit_fn *emit;                      /* events of the record between before and after */
    int (*after)(void *arg, uint64_t seq, const uint8_t *digest); /* nonzero ends; may be NULL */
    void *arg;
};

/* Takes the items behind f->at, up to seq `most` (0 = all); those at or below f->at are passed
 * over. 0; -1 with err when memory is out. */
int fold_take(struct fold *f, const struct records *r, uint64_t most, const struct fold_hooks *h,
              struct err *e);

#endif
