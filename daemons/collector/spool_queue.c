/* spool_queue: see spool_queue.h. */
#include "spool_queue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOCAL "local"

void
spool_queue_fini(struct spool_queue *q)
{
    spool_queue_clear(q);
    free(q->v);
    free(q->turns);
    memset(q, 0, sizeof *q);
}

/* ---- sources */

int
spool_queue_sources(struct spool_queue *q, const struct config *c)
{
    const struct source_conf *s = c->collector.sources.v;
    size_t n = c->collector.sources.n;
    struct spool_turn *turns = calloc(n > 0 ? n : 1, sizeof *turns);

    if (turns == NULL)
        return -1;
    for (size_t i = 0; i < n; i++) {
        const struct spool_turn *old = spool_queue_turn(q, s[i].name);
        if (old != NULL)
            turns[i] = *old;
        (void)snprintf(turns[i].name, sizeof turns[i].name, "%s", s[i].name);
    }
    spool_queue_clear(q);
    free(q->turns);
    q->turns = turns;
    q->n_turns = n;
    return 0;
}

const char *
spool_source(const char *path, char *out, size_t size)
{
    const char *slash = strchr(path, '/');

    if (slash == NULL)
        (void)snprintf(out, size, LOCAL);
    else
        (void)snprintf(out, size, "%.*s", (int)(slash - path), path);
    return out;
}

struct spool_turn *
spool_queue_turn(struct spool_queue *q, const char *source)
{
    for (size_t i = 0; i < q->n_turns; i++)
        if (strcmp(q->turns[i].name, source) == 0)
            return &q->turns[i];
    return NULL;
}

/* ---- files */

void
spool_queue_clear(struct spool_queue *q)
{
    for (size_t i = 0; i < q->n; i++)
        free(q->v[i].path);
    q->n = q->left = 0;
}

int
spool_queue_add(struct spool_queue *q, const char *path, int64_t mtime_ns)
{
    char source[MAX_NAME + 1];

    if (q->n == q->cap) {
        size_t cap = q->cap == 0 ? 64 : q->cap * 2;
        struct spool_item *v = realloc(q->v, cap * sizeof *v);
        if (v == NULL)
            return -1;
        q->v = v;
        q->cap = cap;
    }
    const struct spool_turn *t = spool_queue_turn(q, spool_source(path, source, sizeof source));
    q->v[q->n] = (struct spool_item){.path = strdup(path),
                                     .mtime_ns = mtime_ns,
                                     .turn = t != NULL ? (size_t)(t - q->turns) : SIZE_MAX};
    if (q->v[q->n].path == NULL)
        return -1;
    q->n++;
    q->left++;
    return 0;
}

static int
by_age(const void *a, const void *b)
{
    const struct spool_item *x = a, *y = b;

    if (x->mtime_ns != y->mtime_ns)
        return x->mtime_ns < y->mtime_ns ? -1 : 1;
    return strcmp(x->path, y->path);
}

void
spool_queue_sort(struct spool_queue *q)
{
    if (q->n > 1)
        qsort(q->v, q->n, sizeof *q->v, by_age);
}

const struct spool_item *
spool_queue_take(struct spool_queue *q, int64_t now_us, int64_t *wait_us)
{
    struct spool_item *best = NULL;
    struct spool_turn *turn = NULL;

    *wait_us = 0;
    for (size_t i = 0; i < q->n; i++) {
        struct spool_item *it = &q->v[i];
        if (it->gone)
            continue;
        struct spool_turn *t = it->turn != SIZE_MAX ? &q->turns[it->turn] : NULL;
        if (t == NULL) {
            best = it;
            turn = NULL;
            break;
        }
        if (t->not_before_us > now_us) {
            if (*wait_us == 0 || t->not_before_us - now_us < *wait_us)
                *wait_us = t->not_before_us - now_us;
        } else if (turn == NULL || t->last < turn->last) {
            best = it;
            turn = t;
        }
    }
    if (best == NULL)
        return NULL;
    if (turn != NULL)
        turn->last = ++q->last_turn;
    best->gone = true;
    q->left--;
    return best;
}

bool
spool_queue_others(const struct spool_queue *q, const struct spool_turn *own, int64_t now_us)
{
    for (size_t i = 0; i < q->n; i++) {
        const struct spool_item *it = &q->v[i];
        if (!it->gone && (it->turn == SIZE_MAX || (&q->turns[it->turn] != own &&
                                                   q->turns[it->turn].not_before_us <= now_us)))
            return true;
    }
    return false;
}

void
spool_queue_back(struct spool_queue *q, const char *path)
{
    for (size_t i = 0; i < q->n; i++) {
        if (q->v[i].gone && strcmp(q->v[i].path, path) == 0) {
            q->v[i].gone = false;
            q->left++;
            return;
        }
    }
}
