/* core: one record of the journal, in order; see core.h.
 *
 *   incident -> stamp -> understand -> place -> correlate -> alerts -> patterns
 *   asset, position -> picture -> alerts on what it comes near -> patterns
 *   link -> picture -> system -> patterns
 *   clock step -> system
 *   everything -> first, what fell due before it */
#include "core.h"

#include <stdlib.h>
#include <string.h>

#include "alerts.h"
#include "core_state.h"
#include "patterns.h"
#include "place.h"
#include "system.h"
#include "timefmt.h"
#include "understand.h"

#define STEP_BYTES (16u << 20) /* far beyond what the longest text needs */
#define TOLD_BYTES (1u << 20)
#define COARSE_M   20000 /* sexual violence is placed no finer */
#define COARSE_E7  2500000

struct core *
core_empty(const struct knowledge *k)
{
    const struct config *cfg = k->config;
    struct core *c = calloc(1, sizeof *c);
    /* The tables hold at least what one situation can ask for. */
    uint32_t max_refs = (uint32_t)cfg->classifier.max_incidents + MAX_SIT_REFS + 1;
    uint32_t max_situations = (uint32_t)cfg->classifier.max_situations;
    const uint32_t limit[TIMER_KINDS] = {max_situations, MAX_PICTURE};

    if (!c)
        return NULL;
    c->k = k;
    c->arena = arena_new(STEP_BYTES);
    c->told = arena_new(TOLD_BYTES);
    if (!c->arena || !c->told || timers_init(&c->timers, limit) ||
        picture_init(&c->picture, cfg->classifier.stale_position_us,
                     (uint32_t)(cfg->classifier.convoy_speed_kmh * 250 / 9)) ||
        situations_init(&c->sits, max_situations, max_refs, &c->timers)) {
        core_free(c);
        return NULL;
    }
    return c;
}

struct core *
core_new(const struct knowledge *k)
{
    struct core *c = core_empty(k);
    bool failed = false;

    for (size_t i = 0; c && i < k->n_assets; i++)
        (void)picture_put(&c->picture, &k->assets[i], 0,
                          &failed); /* what has no room is left out */
    if (failed) {
        core_free(c);
        return NULL;
    }
    return c;
}

void
core_free(struct core *c)
{
    if (!c)
        return;
    situations_fini(&c->sits);
    picture_fini(&c->picture);
    timers_fini(&c->timers);
    arena_free(c->told);
    arena_free(c->arena);
    free(c);
}

/* ---- incidents */

/* To the middle of a configured area, else of a quarter of a degree; once. */
static void
coarsen(const struct knowledge *k, struct finding *f)
{
    const struct area_conf *v = k->config->classifier.areas.v;
    struct place *p = &f->place;

    if (!f->has_place || !(f->marks & MARK_SEXUAL_VIOLENCE) || (p->area && p->radius_m >= COARSE_M))
        return;
    p->area = true;
    p->gazetteer_id = 0;
    p->distance_m = p->bearing_deg = p->population = 0;
    p->name = NULL;
    for (size_t i = 0; i < k->config->classifier.areas.n; i++) {
        struct geo_pt at;

        if (geo_parse_deg(v[i].lat, &at.lat) || geo_parse_deg(v[i].lon, &at.lon) ||
            !geo_within_m(at, p->pt, (uint32_t)v[i].radius_km * 1000))
            continue;
        p->pt = at;
        p->name = v[i].name;
        p->radius_m = (uint32_t)v[i].radius_km * 1000;
        break;
    }
    if (!p->name) {
        p->pt.lat = p->pt.lat / COARSE_E7 * COARSE_E7;
        p->pt.lon = p->pt.lon / COARSE_E7 * COARSE_E7;
    }
    p->radius_m = p->radius_m < COARSE_M ? COARSE_M : p->radius_m;
}

int
core_finding(const struct knowledge *k, const struct incident *in, int64_t received_at_us,
             struct arena *a, struct finding *out)
{
    size_t n = 0;
    const struct token *t = NULL;

    if (in->text && !(t = text_tokens(in->text, strlen(in->text), a, &n)))
        return -1;
    if (understand_tokens(k->lexicon, k->model, in, t, n, report_stamp(in, received_at_us), a,
                          out, NULL) != 0 ||
        place_find_tokens(k->gazetteer, in, t, n, a, out) != 0)
        return -1;
    coarsen(k, out);
    return 0;
}

/* A denial or follow-up opens nothing; a denial of something known is that party's version. */
static bool
may_open(const struct finding *f)
{
    return f->alertworthy && f->mode != MODE_FOLLOW_UP && f->mode != MODE_DENIAL;
}

static void
on_incident(struct core *c, const struct record *r, const struct incident *in)
{
    struct finding f;
    struct report rep;
    uint32_t corrects, i;
    const struct sit_ref *ref;

    c->incidents++;
    if (core_finding(c->k, in, r->received_at_us, c->arena, &f) != 0) {
        c->failed = true;
        return;
    }
    if (!may_open(&f) && f.mode != MODE_DENIAL)
        return;
    report_init(&rep, in, &f, r->received_at_us);
    rep.id = r->id;
    rep.seq = r->seq;
    i = correlate_find(&c->sits, c->k, &rep, &corrects);
    if (i == NOTHING && !may_open(&f))
        return;
    if (i == NOTHING)
        i = situations_new(&c->sits, &r->id, r->received_at_us);
    situations_touch(&c->sits, i, r->received_at_us);
    (void)correlate_join(&c->sits, c->k, i, &rep, corrects); /* the flags below say it too */
    situations_set_decay(&c->sits, i);
    ref = &c->sits.refs[c->sits.all[i].last_ref];
    if (ref->flags & REF_COPY)
        return;
    c->news = (ref->flags & (REF_COUNTED | REF_SPEAKS)) && (ref->flags & REF_TIMELY);
    alerts_review(c, i, r->received_at_us, &f);
    if (correlate_is_attack((enum event_type)c->sits.all[i].event))
        patterns_on_situation(c, i, r->received_at_us);
    c->news = false;
}

/* ---- the other records */

static void
on_asset(struct core *c, const struct asset *a, int64_t now_us)
{
    uint32_t i = picture_put(&c->picture, a, now_us, &c->failed);

    if (i == NOTHING)
        return;
    patterns_on_asset(c, i, now_us);
    if (a->removed)
        alerts_forget_asset(c, i);
    else
        alerts_review_asset(c, i, now_us);
}

static void
on_position(struct core *c, const struct asset_position *p, int64_t now_us)
{
    uint32_t i = picture_fix(&c->picture, p, now_us);

    if (i == NOTHING)
        return;
    patterns_on_asset(c, i, now_us);
    alerts_review_asset(c, i, now_us);
}

static void
on_act(struct core *c, const struct record *r)
{
    const struct act *a = &r->u.act;

    if (a->kind == ACT_RAISE && a->raise)
        on_incident(c, r, a->raise);
    else if (a->kind == ACT_SET)
        alerts_set(c, a, r->received_at_us);
}

static void
fire(struct core *c, int64_t before_us)
{
    struct timer t;

    while (timers_take(&c->timers, before_us, &t)) {
        c->now_us = t.due_us > c->now_us ? t.due_us : c->now_us;
        if (t.kind == TIMER_OVERDUE)
            patterns_on_overdue(c, t.index, t.due_us);
        else
            situations_decay(&c->sits, t.index, t.due_us);
    }
}

int
core_step(struct core *c, const struct record *r, core_emit_fn *emit, void *arg)
{
    c->emit = emit;
    c->arg = arg;
    c->failed = false;
    arena_reset(c->arena);
    fire(c, r->received_at_us);
    c->now_us = r->received_at_us;
    c->records++;
    switch (r->type) {
    case REC_INCIDENT:
        on_incident(c, r, &r->u.incident);
        break;
    case REC_ASSET:
        on_asset(c, &r->u.asset, r->received_at_us);
        break;
    case REC_POSITION:
        on_position(c, &r->u.position, r->received_at_us);
        break;
    case REC_LINK:
        if (picture_link(&c->picture, &r->u.link)) {
            system_on_link(c, &r->u.link, r->received_at_us);
            patterns_on_link(c, r->received_at_us);
        }
        break;
    case REC_CLOCK_STEP:
        system_on_clock_step(c, &r->id, r->u.clock_step_us, r->received_at_us);
        break;
    case REC_ACT:
        on_act(c, r);
        break;
    default: /* ticks and brackets move time on, which they have done */
        break;
    }
    return c->failed ? -1 : 0;
}

void
core_open_alerts(struct core *c, core_emit_fn *emit, void *arg)
{
    c->emit = emit;
    c->arg = arg;
    alerts_tell_open(c);
}

void
core_figures(const struct core *c, struct core_figures *out)
{
    *out = (struct core_figures){
        .records = c->records,
        .incidents = c->incidents,
        .situations = c->sits.t_all.n,
        .assets = c->picture.n_live,
    };
    for (uint32_t i = 0; i < c->sits.t_alerts.high; i++)
        out->alerts_open += c->sits.alerts[i].open;
}
