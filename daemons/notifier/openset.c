/* openset: see openset.h. A hash table with linear probing over pointers; ids are hashes, so
 * their last bytes serve as the hash. Removal re-inserts the run behind it. */
#include "openset.h"

#include <stdlib.h>
#include <string.h>

struct openset {
    struct open_alert **slot;
    size_t cap, n;
};

static size_t
home(const struct openset *s, const struct id *id)
{
    uint64_t h;

    memcpy(&h, id->b + ID_LEN - sizeof h, sizeof h);
    return (size_t)h & (s->cap - 1);
}

struct openset *
openset_new(void)
{
    struct openset *s = calloc(1, sizeof *s);

    if (s == NULL)
        return NULL;
    s->cap = 1024;
    s->slot = calloc(s->cap, sizeof *s->slot);
    if (s->slot == NULL) {
        free(s);
        return NULL;
    }
    return s;
}

static void
free_alert(struct open_alert *a)
{
    if (a->timer != NULL)
        event_free(a->timer);
    free(a);
}

void
openset_free(struct openset *s)
{
    if (s == NULL)
        return;
    for (size_t i = 0; i < s->cap; i++)
        if (s->slot[i] != NULL)
            free_alert(s->slot[i]);
    free(s->slot);
    free(s);
}

struct open_alert *
openset_find(const struct openset *s, const struct id *id)
{
    for (size_t i = home(s, id); s->slot[i] != NULL; i = (i + 1) & (s->cap - 1))
        if (id_cmp(&s->slot[i]->id, id) == 0)
            return s->slot[i];
    return NULL;
}

static void
place(struct openset *s, struct open_alert *a)
{
    size_t i = home(s, &a->id);

    while (s->slot[i] != NULL)
        i = (i + 1) & (s->cap - 1);
    s->slot[i] = a;
}

static int
grow(struct openset *s)
{
    struct openset next = {.cap = s->cap * 2, .n = s->n};

    next.slot = calloc(next.cap, sizeof *next.slot);
    if (next.slot == NULL)
        return -1;
    for (size_t i = 0; i < s->cap; i++)
        if (s->slot[i] != NULL)
            place(&next, s->slot[i]);
    free(s->slot);
    *s = next;
    return 0;
}

struct open_alert *
openset_add(struct openset *s, const struct id *id)
{
    struct open_alert *a = openset_find(s, id);

    if (a != NULL)
        return a;
    if (s->n * 4 >= s->cap * 3 && grow(s) < 0)
        return NULL;
    if ((a = calloc(1, sizeof *a)) == NULL)
        return NULL;
    a->id = *id;
    place(s, a);
    s->n++;
    return a;
}

void
openset_remove(struct openset *s, const struct id *id)
{
    size_t i = home(s, id);

    while (s->slot[i] != NULL && id_cmp(&s->slot[i]->id, id) != 0)
        i = (i + 1) & (s->cap - 1);
    if (s->slot[i] == NULL)
        return;
    free_alert(s->slot[i]);
    s->slot[i] = NULL;
    s->n--;
    for (i = (i + 1) & (s->cap - 1); s->slot[i] != NULL; i = (i + 1) & (s->cap - 1)) {
        struct open_alert *a = s->slot[i];
        s->slot[i] = NULL;
        place(s, a);
    }
}

size_t
openset_count(const struct openset *s)
{
    return s->n;
}

static int
by_id(const void *a, const void *b)
{
    return id_cmp(&(*(struct open_alert *const *)a)->id, &(*(struct open_alert *const *)b)->id);
}

size_t
openset_sorted(const struct openset *s, struct open_alert ***out)
{
    struct open_alert **all = malloc((s->n > 0 ? s->n : 1) * sizeof(struct open_alert *));
    size_t n = 0;

    *out = all;
    if (all == NULL)
        return 0;
    for (size_t i = 0; i < s->cap; i++)
        if (s->slot[i] != NULL)
            all[n++] = s->slot[i];
    qsort(all, n, sizeof(struct open_alert *), by_id);
    return n;
}
