/* sources: see sources.h. A rate limit is a token bucket per source, kept in micro-records so
 * that the arithmetic stays whole. */
#include "sources.h"

#include <stdlib.h>
#include <string.h>

#include "secret.h"
#include "timefmt.h"

struct bucket {
    char name[MAX_NAME + 1];
    int64_t level; /* micro-records left */
    int64_t last_us;
};

struct sources {
    const struct config *config;
    struct bucket *buckets; /* one per configured source, in its order */
    size_t n;
};

static const struct source_conf *
at(const struct config *c, size_t i)
{
    return (const struct source_conf *)c->collector.sources.v + i;
}

int
sources_reload(struct sources *s, const struct config *c, struct err *e)
{
    size_t n = c->collector.sources.n;
    struct bucket *next = calloc(n > 0 ? n : 1, sizeof *next);

    if (next == NULL)
        return err_set(e, "out of memory");
    for (size_t i = 0; i < n; i++) {
        (void)strncpy(next[i].name, at(c, i)->name, MAX_NAME);
        next[i].level = INT64_MAX;
        for (size_t k = 0; k < s->n; k++)
            if (strcmp(s->buckets[k].name, next[i].name) == 0)
                next[i] = s->buckets[k];
    }
    free(s->buckets);
    s->buckets = next;
    s->n = n;
    s->config = c;
    return 0;
}

int
sources_new(const struct config *c, struct sources **out, struct err *e)
{
    struct sources *s = calloc(1, sizeof *s);

    if (s == NULL)
        return err_set(e, "out of memory");
    if (sources_reload(s, c, e) < 0) {
        free(s);
        return -1;
    }
    *out = s;
    return 0;
}

void
sources_free(struct sources *s)
{
    if (s == NULL)
        return;
    free(s->buckets);
    free(s);
}

const struct source_conf *
sources_by_token(const struct sources *s, const char *token)
{
    const struct source_conf *found = NULL;

    for (size_t i = 0; i < s->n; i++) {
        const struct source_conf *c = at(s->config, i);
        if (c->token != NULL && c->token[0] != '\0' && secret_same(c->token, token))
            found = c;
    }
    return found;
}

const struct source_conf *
sources_by_name(const struct sources *s, const char *name, const char *token, bool local_peer,
                struct err *e)
{
    const struct source_conf *c = config_source(s->config, name);

    if (c == NULL) {
        (void)err_set(e, "no source is called '%.64s'; add it under collector.sources", name);
        return NULL;
    }
    if (local_peer || c->token == NULL || c->token[0] == '\0')
        return c;
    if (token == NULL || !secret_same(c->token, token)) {
        (void)err_set(e, "the token is not that of source '%.64s'", name);
        return NULL;
    }
    return c;
}

const struct source_conf *
sources_by_gateway(const struct sources *s, enum gateway gateway, sources_fit_fn *fits,
                   const void *arg)
{
    const struct source_conf *found = NULL;

    for (size_t i = 0; i < s->n; i++) {
        const struct source_conf *c = at(s->config, i);
        if (c->gateway == (int)gateway && fits(arg, c))
            found = c;
    }
    return found;
}

static struct bucket *
bucket_of(struct sources *s, const struct source_conf *source)
{
    size_t i = (size_t)(source - at(s->config, 0));

    return source->rate_per_s > 0 && i < s->n ? &s->buckets[i] : NULL;
}

uint32_t
sources_rate(struct sources *s, const struct source_conf *source, uint64_t n, int64_t mono_us)
{
    struct bucket *b = bucket_of(s, source);
    int64_t rate = source->rate_per_s, cap;

    if (b == NULL)
        return 0;
    cap = (source->burst > 0 ? source->burst : rate) * SECOND_US;
    if (b->level > cap)
        b->level = cap;
    else if (mono_us - b->last_us > (cap - b->level) / rate)
        b->level = cap;
    else
        b->level += (mono_us - b->last_us) * rate;
    b->last_us = mono_us;
    /* A batch larger than the burst passes when the bucket is full, and leaves a debt. */
    int64_t want = (int64_t)n * SECOND_US, need = want < cap ? want : cap;
    if (b->level < need)
        return (uint32_t)((need - b->level) / rate / 1000) + 1;
    b->level -= want;
    return 0;
}

void
sources_owe(struct sources *s, const struct source_conf *source, uint64_t n)
{
    struct bucket *b = bucket_of(s, source);

    if (b != NULL)
        b->level -= (int64_t)n * SECOND_US;
}
