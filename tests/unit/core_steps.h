/* core_steps: records put through a core one by one, and the events that come of them; for tests of
 * what the classifier's pure core does with a stream. */
#ifndef TESTS_CORE_STEPS_H
#define TESTS_CORE_STEPS_H

#include "core_fixture.h"

#include "core.h"

static struct fixture fx;
static struct core *core;

#define MAX_SEEN 256

struct seen {
    struct alert_event ev; /* strings copied below */
    char topic[128], headline[512], rule[32], note[256], asset[8][64], changed[8][32];
    char says[8][128], reason[MAX_REASONS][256];
};
static struct seen seen[MAX_SEEN];
static size_t n_seen;
static bool through_bytes; /* save and load after every record */

static inline int
setup(void **state)
{
    (void)state;
    fixture_init(&fx);
    core = core_new(&fx.k);
    assert_non_null(core);
    n_seen = 0;
    through_bytes = false;
    return 0;
}

static inline int
teardown(void **state)
{
    (void)state;
    core_free(core);
    fixture_fini(&fx);
    return 0;
}

static inline void
copy(char *to, size_t size, const char *from)
{
    (void)snprintf(to, size, "%s", from ? from : "");
}

static inline void
see(void *arg, const struct alert_event *ev, const struct derivation *d)
{
    struct seen *s = &seen[n_seen++];

    (void)arg;
    assert_true(n_seen <= MAX_SEEN);
    memset(s, 0, sizeof *s);
    s->ev = *ev;
    copy(s->topic, sizeof s->topic, ev->topic);
    copy(s->headline, sizeof s->headline, ev->headline_en);
    copy(s->rule, sizeof s->rule, ev->rule);
    copy(s->note, sizeof s->note, ev->note);
    for (size_t i = 0; i < ev->n_claims && i < 8; i++)
        (void)snprintf(s->says[i], sizeof s->says[i], "%s: %s", ev->claims[i].party,
                       ev->claims[i].says);
    for (size_t i = 0; i < ev->n_reasons; i++)
        copy(s->reason[i], sizeof s->reason[i], ev->reasons[i].text);
    for (size_t i = 0; i < ev->n_assets && i < 8; i++)
        copy(s->asset[i], sizeof s->asset[i], ev->assets[i].id);
    for (size_t i = 0; i < ev->n_changed && i < 8; i++)
        copy(s->changed[i], sizeof s->changed[i], ev->changed[i]);
    assert_memory_equal(&d->alert, &ev->id, sizeof ev->id);
    assert_int_equal(d->revision, ev->revision);
    assert_non_null(d->cell);
    assert_non_null(d->precedence_rule);
    assert_true(ev->at_us == 0 && ev->cause_seq == 0);
    if (ev->kind == AK_RAISED)
        assert_int_equal(ev->n_changed, 0);
}

static inline void
step(const struct record *r)
{
    assert_int_equal(core_step(core, r, see, NULL), 0);
    if (through_bytes) {
        struct buf b;
        struct core *next = NULL;
        struct err e;

        buf_init(&b, 0);
        assert_int_equal(core_save(core, &b), 0);
        assert_int_equal(core_load(&fx.k, b.data, b.len, &next, &e), 0);
        core_free(core);
        core = next;
        buf_fini(&b);
    }
}

static inline void
step_told(struct told *t)
{
    step(told_record(t));
}

static inline void
step_asset(struct asset a, int64_t now_us)
{
    struct record r = {.type = REC_ASSET, .received_at_us = now_us, .u.asset = a};

    step(&r);
}

static inline void
step_position(const char *id, struct geo_pt pt, int64_t now_us)
{
    struct record r = {.type = REC_POSITION,
                       .received_at_us = now_us,
                       .u.position = {.asset = id, .fixed_at_us = now_us, .pos = pt}};

    step(&r);
}

static inline void
step_link(const char *name, bool up, int64_t now_us)
{
    struct record r = {.type = REC_LINK,
                       .received_at_us = now_us,
                       .u.link = {.name = name, .up = up, .since_us = now_us}};

    step(&r);
}

static inline void
step_tick(int64_t now_us)
{
    struct record r = {.type = REC_TICK, .received_at_us = now_us};

    step(&r);
}

static inline bool
has_changed(const struct seen *s, const char *name)
{
    for (int i = 0; i < 8; i++)
        if (strcmp(s->changed[i], name) == 0)
            return true;
    return false;
}

#endif
