/* unheard: see unheard.h. A report moves the area's time alone; its timer, when it fires, looks at
 * that and is set on, so that a report costs no work on the heap. */
#include "unheard.h"

#include <stdlib.h>
#include <string.h>

#include "alerts.h"
#include "core_state.h"
#include "patterns.h"
#include "timefmt.h"

int
unheard_init(struct unheard *u, const struct config *cfg)
{
    const struct area_conf *v = cfg->classifier.areas.v;
    uint32_t n = (uint32_t)cfg->classifier.areas.n;

    *u = (struct unheard){.n = n};
    u->v = calloc(n ? n : 1, sizeof *u->v);
    u->circles = calloc(n ? n : 1, sizeof *u->circles);
    if (!u->v || !u->circles) {
        unheard_fini(u);
        return -1;
    }
    for (uint32_t i = 0; i < n; i++) {
        (void)geo_parse_deg(v[i].lat, &u->circles[i].pt.lat); /* checked when loaded */
        (void)geo_parse_deg(v[i].lon, &u->circles[i].pt.lon);
        u->circles[i].radius_m = (uint32_t)v[i].radius_km * 1000;
    }
    return 0;
}

void
unheard_fini(struct unheard *u)
{
    free(u->v);
    free(u->circles);
    *u = (struct unheard){0};
}

static const struct rule *
rule_of(const struct core *c)
{
    return c->k->rules ? c->k->rules->absence[OF_REPORTS] : NULL;
}

static const struct area_conf *
area_of(const struct core *c, uint32_t area)
{
    return (const struct area_conf *)c->k->config->classifier.areas.v + area;
}

static void
set_timer(struct core *c, uint32_t area, int64_t due_us)
{
    const char *slug = area_of(c, area)->slug;
    struct id_part part = {slug, strlen(slug)};
    struct id key;

    id_make(&key, 0, &part, 1);
    timers_set(&c->timers, TIMER_UNHEARD, area, &key, due_us);
}

static void
cancel(struct core *c, uint32_t area, int64_t now_us)
{
    const struct rule *r = rule_of(c);

    for (uint32_t i = 0; i < c->sits.t_alerts.high; i++) {
        struct sit_alert *a = &c->sits.alerts[i];

        if (a->open && a->rule == RULE_PATTERN &&
            &c->k->rules->v[c->sits.all[a->situation].pattern] == r &&
            c->sits.all[a->situation].place_key == area)
            alerts_cancel(c, a, "somebody was heard from the area", now_us);
    }
}

void
unheard_on_report(struct core *c, const struct incident *in, struct geo_pt pt, int64_t now_us)
{
    const struct rule *r = rule_of(c);

    if (!r || in->relay || in->source_class == SC_MEDIA)
        return;
    for (uint32_t i = 0; i < c->unheard.n; i++) {
        struct area_watch *a = &c->unheard.v[i];

        if (!geo_within_m(c->unheard.circles[i].pt, pt, c->unheard.circles[i].radius_m))
            continue;
        if (!a->heard_us || a->told)
            set_timer(c, i, now_us + r->within_us);
        if (a->told)
            cancel(c, i, now_us);
        a->heard_us = now_us;
        a->told = false;
    }
}

static uint32_t
new_situation(struct core *c, uint32_t area, int64_t due_us)
{
    const struct rule *r = rule_of(c);
    const struct area_conf *conf = area_of(c, area);
    struct id_part parts[2] = {{r->name, strlen(r->name)}, {conf->slug, strlen(conf->slug)}};
    struct situation *x;
    struct id id;
    uint32_t i;

    id_make(&id, due_us, parts, 2);
    i = situations_new(&c->sits, &id, due_us);
    x = &c->sits.all[i];
    x->rule = RULE_PATTERN;
    x->pattern = (uint8_t)(r - c->k->rules->v);
    x->event = EV_NONE;
    x->mode = MODE_FACT;
    x->status = ST_ACTUAL;
    x->timely = x->prompt = x->high_grade = true; /* seen by the machine itself */
    x->placed = x->area = true;
    x->place_key = area;
    x->pt = c->unheard.circles[area].pt;
    x->radius_m = c->unheard.circles[area].radius_m;
    situation_name(x, conf->name && *conf->name ? conf->name : conf->slug);
    x->from_us = c->unheard.v[area].heard_us;
    x->to_us = x->until_us = due_us;
    return i;
}

void
unheard_on_due(struct core *c, uint32_t area, int64_t due_us)
{
    const struct rule *r = rule_of(c);
    struct area_watch *a = &c->unheard.v[area];
    struct relation place = {.asset = RELATION_PLACE, .contact_s = NO_CONTACT};
    struct verdict v;
    struct facts f;
    uint32_t i;

    if (due_us < a->heard_us + r->within_us) {
        set_timer(c, area, a->heard_us + r->within_us);
        return;
    }
    i = new_situation(c, area, due_us);
    situations_facts(&c->sits.all[i], &f);
    assess_fixed(c->k, &f, RS_UNHEARD, (uint32_t)((due_us - a->heard_us) / HOUR_US), r->likelihood,
                 r->impact, patterns_precedence(c, r, r->likelihood, r->impact), PRULE_PATTERN, &v);
    a->told = true;
    alerts_tell_pattern(c, i, SLOT_CIVILIANS, &place, 1, &v, due_us);
}

void
unheard_pack(const struct unheard *u, struct buf *b)
{
    buf_put(b, &u->n, sizeof u->n);
    buf_put(b, u->v, u->n * sizeof *u->v);
}

int
unheard_unpack(struct unheard *u, const char *data, size_t n, size_t *at)
{
    uint32_t count;

    if (n - *at < sizeof count)
        return -1;
    memcpy(&count, data + *at, sizeof count);
    *at += sizeof count;
    if (count != u->n || n - *at < count * sizeof *u->v)
        return -1;
    memcpy(u->v, data + *at, count * sizeof *u->v);
    *at += count * sizeof *u->v;
    return 0;
}
