/* knowledge: the built-in table of events, and loading; see knowledge.h.
 *
 * A row's likelihood is that of harm to an asset in reach before any step of assess.c; 1 stands
 * for things that seldom turn on anybody, 2 for what may, 3 for violence that is going on. A
 * report that names the target, or an asset close by, adds one, an attack in progress another:
 * so violence in progress against somebody is 5, the same known to be over 4. Impact 4 is a
 * weapon that kills, 3 a crowd or armed men, 2 harm without such weapons, 5 a bomb that is
 * carried into people. Reach is how far the event's people or weapons go in its time: direct fire
 * and pursuit 10 km, a blast 5, a crowd 3, a front 30. Persistence is DESIGN 6's; threats and
 * rumours are good for a day or two, petty crime for two hours.
 *
 *                     likely impact reach persists                                        attack */
#include "knowledge.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record_json.h"
#include "svc.h"
#include "timefmt.h"

#define UNTIL_CLEARED   INT64_MAX
#define MAX_ASSETS_FILE (16u << 20)
#define MAX_FILE_ASSETS 10000

static const struct event_row builtin_rows[EVENT_COUNT] = {
    [EV_UNKNOWN] = {1, 2, 2000, 0, false},
    [EV_NONE] = {1, 1, 0, 0, false},
    [EV_ARMED_ATTACK] = {3, 4, 10000, 2 * HOUR_US, true},
    [EV_AMBUSH] = {3, 4, 10000, 2 * HOUR_US, true},
    [EV_IED_MINE] = {3, 4, 5000, 14 * DAY_US, false},
    [EV_SUICIDE_ATTACK] = {3, 5, 5000, 2 * HOUR_US, true},
    [EV_INDIRECT_FIRE] = {3, 4, 10000, 2 * HOUR_US, true},
    [EV_AIR_STRIKE] = {3, 4, 10000, 2 * HOUR_US, true},
    [EV_KIDNAPPING] = {3, 4, 10000, 48 * HOUR_US, false},
    [EV_ARMED_CLASH] = {3, 4, 10000, 2 * HOUR_US, true},
    [EV_HOSTILE_CROWD] = {3, 3, 3000, 2 * HOUR_US, false},
    [EV_DEMONSTRATION] = {1, 2, 2000, 2 * HOUR_US, false},
    [EV_CRIME] = {1, 2, 5000, 2 * HOUR_US, false},
    [EV_ASSAULT] = {2, 2, 2000, 2 * HOUR_US, false},
    [EV_ARMED_PRESENCE] = {2, 3, 15000, 24 * HOUR_US, false},
    [EV_THREAT] = {2, 3, 5000, 24 * HOUR_US, false},
    [EV_ACCESS_DENIAL] = {2, 2, 5000, 24 * HOUR_US, false},
    [EV_TERRITORY] = {3, 4, 30000, UNTIL_CLEARED, false},
    [EV_DISINFORMATION] = {1, 2, 5000, 48 * HOUR_US, false},
    [EV_DISPLACEMENT] = {1, 2, 5000, 24 * HOUR_US, false},
    [EV_HAZARD] = {2, 2, 2000, 2 * HOUR_US, false},
    [EV_ARREST] = {1, 1, 2000, 2 * HOUR_US, false},
};

/* UN security risk management's matrix as DESIGN 6 prints it, here likelihood 1 first. */
static const enum risk builtin_matrix[5][5] = {
    {RISK_VERY_LOW, RISK_VERY_LOW, RISK_VERY_LOW, RISK_LOW, RISK_LOW},
    {RISK_VERY_LOW, RISK_LOW, RISK_LOW, RISK_MEDIUM, RISK_MEDIUM},
    {RISK_VERY_LOW, RISK_LOW, RISK_MEDIUM, RISK_HIGH, RISK_HIGH},
    {RISK_LOW, RISK_MEDIUM, RISK_HIGH, RISK_HIGH, RISK_VERY_HIGH},
    {RISK_LOW, RISK_MEDIUM, RISK_HIGH, RISK_VERY_HIGH, RISK_UNACCEPTABLE},
};

void
knowledge_builtin(struct event_row rows[EVENT_COUNT], enum risk matrix[5][5])
{
    memcpy(rows, builtin_rows, sizeof builtin_rows);
    memcpy(matrix, builtin_matrix, sizeof builtin_matrix);
}

static void
override_rows(struct knowledge *k, const struct conf_list *l)
{
    const struct reach_conf *v = l->v;

    for (size_t i = 0; i < l->n; i++) {
        struct event_row *row = &k->events[v[i].event];

        if (v[i].likelihood >= 0)
            row->likelihood = (uint32_t)v[i].likelihood;
        if (v[i].impact >= 0)
            row->impact = (uint32_t)v[i].impact;
        if (v[i].reach_m >= 0)
            row->reach_m = (uint32_t)v[i].reach_m;
        if (v[i].persist_us >= 0)
            row->persist_us = v[i].persist_us;
    }
}

/* Rows of five level names with underscores, the likeliest first; config checked them. */
static void
override_matrix(struct knowledge *k, const struct conf_strings *m)
{
    for (size_t i = 0; i < m->n && i < 5; i++) {
        const char *p = m->v[i];

        for (int c = 0; c < 5; c++) {
            size_t len;

            p += strspn(p, " ");
            len = strcspn(p, " ");
            for (int r = RISK_VERY_LOW; r < RISK_COUNT; r++) {
                const char *name = risk_name((enum risk)r);
                size_t at = 0;

                while (at < len && name[at] && (name[at] == p[at] || name[at] == ' '))
                    at++;
                if (at == len && !name[at])
                    k->matrix[4 - i][c] = (enum risk)r;
            }
            p += len;
        }
    }
}

/* ---- files */

struct asset_list {
    struct asset *v;
    size_t n;
    struct err *e;
};

static int
add_asset(void *arg, const struct asset *a)
{
    struct asset_list *l = arg;

    if (l->n == MAX_FILE_ASSETS)
        return err_set(l->e, "more than %d assets", MAX_FILE_ASSETS);
    l->v[l->n++] = *a; /* its strings are in the arena that the reader was given */
    return 0;
}

static int
load_assets(struct knowledge *k, struct buf *digest, struct err *e)
{
    const char *path = k->config->classifier.assets;
    struct asset_list l = {.e = e};
    struct buf b;
    int rc = -1;

    if (!path || !*path)
        return 0;
    buf_init(&b, 0);
    k->arena = arena_new(0);
    l.v = k->arena ? arena_alloc(k->arena, MAX_FILE_ASSETS * sizeof *l.v) : NULL;
    if (!l.v) {
        (void)err_set(e, "out of memory"); /* rc is -1 */
        goto out;
    }
    if (buf_read_file(&b, path, MAX_ASSETS_FILE, "a file of assets (classifier.assets)", e) != 0)
        goto out;
    if (assets_from_geojson(b.data ? b.data : "", b.len, k->arena, add_asset, &l, e) != 0) {
        if (e && !e->file[0])
            (void)snprintf(e->file, sizeof e->file, "%s", path);
        goto out;
    }
    k->assets = l.v;
    k->n_assets = l.n;
    buf_put(digest, b.data ? b.data : "", b.len);
    rc = 0;
out:
    buf_fini(&b);
    return rc;
}

/* The configured path, else the shipped one. */
static char *
shipped(const struct config *c, const char *configured, const char *name)
{
    char *path;

    if (configured && *configured)
        return strdup(configured);
    return asprintf(&path, "%s/%s", c->share ? c->share : ".", name) < 0 ? NULL : path;
}

static int
load_words(struct knowledge *k, struct err *e)
{
    const struct config *c = k->config;
    char *lexicon = shipped(c, c->classifier.lexicon, "lexicon");
    char *places = shipped(c, c->classifier.gazetteer, "gazetteer.tsv");
    char *weights = shipped(c, c->classifier.model, "model.tsv");
    char *rules = shipped(c, c->classifier.rules, "rules.yaml");
    int rc = -1;

    k->gazetteer = gazetteer_new();
    if (!lexicon || !places || !weights || !rules || !k->gazetteer) {
        (void)err_set(e, "out of memory"); /* rc is -1 */
        goto out;
    }
    if (lexicon_load(lexicon, &k->lexicon, e) != 0 || rules_load(rules, &k->rules, e) != 0 ||
        (strcmp(weights, "none") != 0 && model_load(weights, &k->model, e) != 0) ||
        gazetteer_add_file(k->gazetteer, places, e) != 0)
        goto out;
    for (size_t i = 0; i < c->classifier.geonames.n; i++)
        if (gazetteer_add_file(k->gazetteer, c->classifier.geonames.v[i], e) != 0)
            goto out;
    rc = gazetteer_finish(k->gazetteer, e);
out:
    free(lexicon);
    free(places);
    free(weights);
    free(rules);
    return rc;
}

/* The assets' bytes are in b already. */
static int
make_digest(struct knowledge *k, struct buf *b, struct err *e)
{
    buf_puts(b, "\nversion " TOCSIN_VERSION "\n");
    config_decision_bytes(k->config, b);
    lexicon_digest_bytes(k->lexicon, b);
    if (k->model)
        model_digest_bytes(k->model, b);
    gazetteer_digest_bytes(k->gazetteer, b);
    buf_put(b, k->rules->bytes.data, k->rules->bytes.len);
    buf_printf(b, "\n%zu bytes of rules\n", k->rules->bytes.len);
    for (int i = 0; i < EVENT_COUNT; i++)
        buf_printf(b, "%u %u %u %lld %d\n", k->events[i].likelihood, k->events[i].impact,
                   k->events[i].reach_m, (long long)k->events[i].persist_us, k->events[i].attack);
    if (b->failed || crypto_generichash(k->digest, sizeof k->digest, (const unsigned char *)b->data,
                                        b->len, NULL, 0) != 0)
        return err_set(e, "out of memory");
    return 0;
}

int
knowledge_load(const struct config *c, struct knowledge **out, struct err *e)
{
    struct knowledge *k = calloc(1, sizeof *k);
    struct buf digest;

    buf_init(&digest, 0);
    if (!k) {
        (void)err_set(e, "out of memory"); /* fails below */
        goto fail;
    }
    k->config = c;
    knowledge_builtin(k->events, k->matrix);
    override_rows(k, &c->classifier.events);
    override_matrix(k, &c->classifier.matrix);
    if (load_words(k, e) != 0 || load_assets(k, &digest, e) != 0 || make_digest(k, &digest, e) != 0)
        goto fail;
    buf_fini(&digest);
    *out = k;
    return 0;
fail:
    buf_fini(&digest);
    knowledge_free(k);
    return -1;
}

void
knowledge_free(struct knowledge *k)
{
    if (!k)
        return;
    lexicon_free(k->lexicon);
    model_free(k->model);
    gazetteer_free(k->gazetteer);
    rules_free(k->rules);
    arena_free(k->arena);
    free(k);
}
