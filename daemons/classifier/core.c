/* core: one record of the journal, in order; see core.h.
 *
 *   incident -> stamp -> understand -> place -> correlate -> merge -> alerts -> patterns
 *   asset, position -> picture -> alerts on what it comes near -> patterns
 *   link -> picture -> system -> patterns
 *   clock step -> system
 *   everything -> first, what fell due before it */
#include "core.h"

#include <stdlib.h>
#include <string.h>

#include "alerts.h"
#include "core_state.h"
#include "merge.h"
#include "named.h"
#include "officer.h"
#include "patterns.h"
#include "place.h"
#include "system.h"
#include "timefmt.h"
#include "understand.h"

#define STEP_BYTES (16u << 20) /* far beyond what the longest text needs */
#define TOLD_BYTES (1u << 20)
#define COARSE_M   20000 /* sexual violence is placed no finer */
#define COARSE_E7  2500000

static int
marks_init(struct core *c)
{
    const struct rules *r = c->k->rules;
    size_t bytes = (MAX_PICTURE + MAX_PLACES) * sizeof **c->marks;

    for (uint32_t i = 0; r && i < r->n; i++) {
        if (r->v[i].form != RF_RING)
            continue;
        c->marks[i] = malloc(bytes);
        if (!c->marks[i])
            return -1;
        memset(c->marks[i], 0xff, bytes); /* not known yet */
    }
    return 0;
}

struct core *
core_empty(const struct knowledge *k)
{
    const struct config *cfg = k->config;
    struct core *c = calloc(1, sizeof *c);
    /* The tables hold at least what one situation can ask for. */
    uint32_t max_refs = (uint32_t)cfg->classifier.max_incidents + MAX_SIT_REFS + 1;
    uint32_t max_situations = (uint32_t)cfg->classifier.max_situations;
    const uint32_t limit[TIMER_KINDS] = {max_situations, MAX_PICTURE,
                                         (uint32_t)cfg->classifier.areas.n};

    if (!c)
        return NULL;
    c->k = k;
    c->arena = arena_new(STEP_BYTES);
    c->told = arena_new(TOLD_BYTES);
    if (!c->arena || !c->told || timers_init(&c->timers, limit) ||
        picture_init(&c->picture, cfg->classifier.stale_position_us,
                     (uint32_t)(cfg->classifier.convoy_speed_kmh * 250 / 9)) ||
        situations_init(&c->sits, max_situations, max_refs, &c->timers) || once_init(&c->once) ||
        unheard_init(&c->unheard, cfg) || marks_init(c)) {
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
    for (int i = 0; i < MAX_RULES; i++)
        free(c->marks[i]);
    unheard_fini(&c->unheard);
    once_fini(&c->once);
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
    if (understand_tokens(k->lexicon, k->model, in, t, n, report_stamp(in, received_at_us), a, out,
                          NULL) != 0 ||
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

/* Its source says that there was nothing, in words or by the event it gives: the report is a denial
 * of its former self. */
static bool
is_withdrawn(const struct incident *in, const struct finding *f)
{
    return in->event == EV_NONE || f->mode == MODE_DENIAL ||
           (!f->alertworthy && f->mode != MODE_FOLLOW_UP);
}

static bool
is_reported(const struct core *c, uint32_t i)
{
    for (uint32_t r = c->sits.all[i].first_ref; r != NOTHING; r = c->sits.refs[r].next)
        if (!(c->sits.refs[r].flags & (REF_SUPERSEDED | REF_COPY)) &&
            c->sits.refs[r].mode != MODE_DENIAL)
            return true;
    return false;
}

static void
on_withdrawal(struct core *c, const struct report *r, uint32_t corrects)
{
    struct finding f = *r->f;
    struct report denial;
    struct found found;
    uint32_t i;

    f.mode = MODE_DENIAL;
    f.event = (enum event_type)c->sits.refs[corrects].event;
    f.has_place = false;
    report_init(&denial, r->in, &f, r->received_us);
    denial.id = r->id;
    denial.seq = r->seq;
    i = correlate_find(&c->sits, c->k, &denial, &found);
    situations_touch(&c->sits, i, r->received_us);
    (void)correlate_join(&c->sits, c->k, i, &denial, found.corrects);
    situations_set_decay(&c->sits, i);
    if (is_reported(c, i)) {
        situations_place(&c->sits, i, c->k);
        situations_index(&c->sits, i, c->k->config->classifier.join_us);
        alerts_rearranged(c, i, "a report was withdrawn by its source", false, r->received_us, &f);
        return;
    }
    alerts_cancel_all(c, i, "withdrawn by its source, and nobody else reports it", r->received_us);
}

/* What other situations are found by. */
struct stand {
    struct geo_pt pt;
    uint64_t place_key;
    uint8_t event, placed, area;
};

static struct stand
stand_of(const struct situation *x)
{
    return (struct stand){x->pt, x->place_key, x->event, x->placed, x->area};
}

static bool
same_stand(const struct stand *a, const struct stand *b)
{
    return a->pt.lat == b->pt.lat && a->pt.lon == b->pt.lon && a->place_key == b->place_key &&
           a->event == b->event && a->placed == b->placed && a->area == b->area;
}

/* The situation that a corrected report has left. */
static void
tell_left(struct core *c, uint32_t i, const struct id *id, const struct id *to, int64_t due_us)
{
    char text[ID_TEXT];
    const char *note;

    if (!c->sits.all[i].used || id_cmp(&c->sits.all[i].id, id) != 0)
        return; /* it had to make room, or is one with the other */
    note =
        arena_printf(c->arena, "a report was corrected by its source, and belongs to situation %s",
                     id_text(to, text));
    c->failed |= note == NULL;
    situations_set_decay(&c->sits, i);
    alerts_rearranged(c, i, note ? note : "", false, due_us, NULL);
}

/* Joins the report to situation i, and that to others which are the same; the one it is in. */
static uint32_t
join(struct core *c, uint32_t i, const struct report *r, const struct found *found,
     const char **note)
{
    struct situations *s = &c->sits;
    struct stand was = stand_of(&s->all[i]), is;
    bool moved;

    situations_touch(s, i, r->received_us);
    (void)correlate_join(s, c->k, i, r, found->corrects); /* its flags say it too */
    situations_set_decay(s, i);
    is = stand_of(&s->all[i]);
    moved = s->all[i].n_refs > 1 && !same_stand(&was, &is);
    if ((moved || found->n_fits) && !(s->refs[s->all[i].last_ref].flags & REF_COPY))
        i = merge_twins(c, i, r, found, moved, note);
    return i;
}

static void
take(struct core *c, const struct report *r)
{
    struct situations *s = &c->sits;
    const char *note = NULL;
    struct id left = {{0}};
    struct found found;
    uint32_t i = correlate_find(s, c->k, r, &found);
    unsigned flags;

    if (i == NOTHING && (!may_open(r->f) || correlate_is_aftermath(s, r)))
        return;
    if (found.left != NOTHING)
        left = s->all[found.left].id;
    if (i == NOTHING)
        i = situations_new(s, &r->id, r->received_us);
    i = join(c, i, r, &found, &note);
    flags = s->refs[s->all[i].last_ref].flags;
    if (!(flags & REF_COPY)) {
        c->news = (flags & (REF_COUNTED | REF_SPEAKS)) && (flags & REF_TIMELY);
        if (!note && found.corrects != NOTHING)
            alerts_corrected(c, i, r->received_us, r->f);
        else if (note)
            alerts_rearranged(c, i, note, true, r->received_us, r->f);
        else
            alerts_review(c, i, r->received_us, r->f);
        if (correlate_is_attack((enum event_type)s->all[i].event))
            patterns_on_situation(c, i, r->received_us);
        patterns_look(c, i, r->received_us);
        c->news = false;
    }
    if (found.left != NOTHING)
        tell_left(c, found.left, &left, &s->all[i].id, r->received_us);
}

static void
on_incident(struct core *c, const struct record *r, const struct incident *in)
{
    struct finding f;
    struct report rep;
    uint32_t corrects;

    c->incidents++;
    if (core_finding(c->k, in, r->received_at_us, c->arena, &f) != 0) {
        c->failed = true;
        return;
    }
    if (f.has_place)
        unheard_on_report(c, in, f.place.pt, r->received_at_us);
    if (!may_open(&f) && f.mode != MODE_DENIAL && (!in->own_id || !is_withdrawn(in, &f)))
        return;
    report_init(&rep, in, &f, r->received_at_us);
    rep.id = r->id;
    rep.seq = r->seq;
    c->failed |= named_convoys(&c->picture, in, &f, c->arena, rep.convoys) != 0;
    corrects = is_withdrawn(in, &f) ? correlate_corrects(&c->sits, &rep) : NOTHING;
    if (corrects != NOTHING)
        on_withdrawal(c, &rep, corrects);
    else if (may_open(&f) || f.mode == MODE_DENIAL)
        take(c, &rep);
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
    patterns_look_asset(c, i, now_us);
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
    else
        officer_act(c, a, r->received_at_us);
}

static void
fire(struct core *c, int64_t before_us)
{
    struct timer t;

    while (timers_take(&c->timers, before_us, &t)) {
        c->now_us = t.due_us > c->now_us ? t.due_us : c->now_us;
        if (t.kind == TIMER_OVERDUE)
            patterns_on_overdue(c, t.index, t.due_us);
        else if (t.kind == TIMER_UNHEARD)
            unheard_on_due(c, t.index, t.due_us);
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
