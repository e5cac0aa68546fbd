/* timers: see timers.h. */
#include "timers.h"

#include <stdlib.h>

#include "buckets.h"

int
timers_init(struct timers *t, const uint32_t limit[TIMER_KINDS])
{
    *t = (struct timers){0};
    for (int k = 0; k < TIMER_KINDS; k++) {
        t->limit[k] = limit[k];
        t->capacity += limit[k];
        t->at[k] = malloc((limit[k] ? limit[k] : 1) * sizeof **t->at);
        if (!t->at[k])
            goto fail;
        for (uint32_t i = 0; i < limit[k]; i++)
            t->at[k][i] = NOTHING;
    }
    t->heap = calloc(t->capacity ? t->capacity : 1, sizeof *t->heap);
    if (!t->heap)
        goto fail;
    return 0;
fail:
    timers_fini(t);
    return -1;
}

void
timers_fini(struct timers *t)
{
    for (int k = 0; k < TIMER_KINDS; k++)
        free(t->at[k]);
    free(t->heap);
    *t = (struct timers){0};
}

static bool
before(const struct timer *a, const struct timer *b)
{
    int c;

    if (a->due_us != b->due_us)
        return a->due_us < b->due_us;
    c = id_cmp(&a->id, &b->id);
    if (c)
        return c < 0;
    if (a->kind != b->kind)
        return a->kind < b->kind;
    return a->index < b->index;
}

static void
place(struct timers *t, uint32_t at, struct timer x)
{
    t->heap[at] = x;
    t->at[x.kind][x.index] = at;
}

/* Moves the entry at `at` to where it belongs, up or down. */
static void
settle(struct timers *t, uint32_t at)
{
    struct timer x = t->heap[at];

    while (at && before(&x, &t->heap[(at - 1) / 2])) {
        place(t, at, t->heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    for (;;) {
        uint32_t child = 2 * at + 1;

        if (child + 1 < t->n && before(&t->heap[child + 1], &t->heap[child]))
            child++;
        if (child >= t->n || !before(&t->heap[child], &x))
            break;
        place(t, at, t->heap[child]);
        at = child;
    }
    place(t, at, x);
}

void
timers_set(struct timers *t, enum timer_kind kind, uint32_t index, const struct id *id,
           int64_t due_us)
{
    uint32_t at = t->at[kind][index];

    if (at == NOTHING)
        at = t->n++;
    t->heap[at] = (struct timer){.due_us = due_us, .id = *id, .kind = kind, .index = index};
    settle(t, at);
}

static void
take_at(struct timers *t, uint32_t at)
{
    struct timer *x = &t->heap[at];

    t->at[x->kind][x->index] = NOTHING;
    t->n--;
    if (at < t->n) {
        t->heap[at] = t->heap[t->n];
        settle(t, at);
    }
}

void
timers_cancel(struct timers *t, enum timer_kind kind, uint32_t index)
{
    if (t->at[kind][index] != NOTHING)
        take_at(t, t->at[kind][index]);
}

bool
timers_take(struct timers *t, int64_t before_us, struct timer *out)
{
    if (!t->n || t->heap[0].due_us >= before_us)
        return false;
    *out = t->heap[0];
    take_at(t, 0);
    return true;
}

bool
timers_rebuild(struct timers *t)
{
    if (t->n > t->capacity)
        return false;
    for (uint32_t i = 0; i < t->n; i++) {
        const struct timer *x = &t->heap[i];

        if (x->kind >= TIMER_KINDS || x->index >= t->limit[x->kind] ||
            t->at[x->kind][x->index] != NOTHING)
            return false;
        t->at[x->kind][x->index] = i;
    }
    return true;
}
