/* fold: see fold.h. */
#include "fold.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

int
fold_new(const char *config_file, const char *instance_dir, struct fold **out, struct err *e)
{
    struct fold *f = calloc(1, sizeof *f);

    if (f == NULL)
        return err_set(e, "out of memory");
    if (config_find(config_file, instance_dir, &f->config, e) < 0 ||
        knowledge_load(f->config, &f->knowledge, e) < 0)
        goto fail;
    f->arena = arena_new(0);
    f->core = core_new(f->knowledge);
    if (f->arena == NULL || f->core == NULL) {
        (void)err_set(e, "out of memory");
        goto fail;
    }
    *out = f;
    return 0;
fail:
    fold_free(f);
    return -1;
}

void
fold_free(struct fold *f)
{
    if (f == NULL)
        return;
    core_free(f->core);
    knowledge_free(f->knowledge);
    config_free(f->config);
    arena_free(f->arena);
    free(f);
}

int
fold_rewind(struct fold *f, struct err *e)
{
    struct core *fresh = core_new(f->knowledge);

    if (fresh == NULL)
        return err_set(e, "out of memory");
    core_free(f->core);
    f->core = fresh;
    memset(&f->at, 0, sizeof f->at);
    return 0;
}

int
fold_take(struct fold *f, const struct records *r, uint64_t most, const struct fold_hooks *h,
          struct err *e)
{
    for (size_t i = 0; i < r->n_items; i++) {
        const struct item *it = &r->items[i];
        struct record rec;
        if (it->seq <= f->at.seq)
            continue;
        if (most != 0 && it->seq > most)
            break;
        if (h->before != NULL)
            h->before(h->arg, it->seq);
        arena_reset(f->arena);
        /* What this release cannot read is passed over: one such record must not stop the rest. */
        bool readable = wire_record_unpack(it->record.data, it->record.len, f->arena, &rec, e) == 0;
        f->unreadable += !readable;
        rec.seq = it->seq;
        if (readable && core_step(f->core, &rec, h->emit, h->arg) < 0)
            return err_set(e, "out of memory at record %" PRIu64, it->seq);
        f->at.seq = it->seq;
        f->at.journal = r->journal;
        memcpy(f->at.digest, it->digest, DIGEST_LEN);
        if (h->after != NULL && h->after(h->arg, it->seq, it->digest) != 0)
            return 0;
    }
    return 0;
}
