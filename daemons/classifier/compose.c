/* compose: see compose.h. A string that the arena has no room for sets `full`; the words go on
 * with "", and compose() fails once at the end. */
#include "compose_parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "compose_parts.h"
#include "system.h"
#include "timefmt.h"
#include "wording.h"

#define NEAREST_M 2000 /* a point so close to a village is in it */
#define TEXT_MAX  600

const char *
compose_say(struct words *w, const char *fmt, ...)
{
    char text[TEXT_MAX * 2];
    va_list ap;
    char *s;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap); /* the parts are bounded; longer is cut */
    va_end(ap);
    s = arena_strndup(w->a, text, strlen(text));
    if (!s)
        w->full = true;
    return s ? s : "";
}

const char *
compose_distance(struct words *w, uint32_t m, enum language l)
{
    const char *s = wording_distance(m, l, w->a);

    if (!s)
        w->full = true;
    return s ? s : "";
}

/* ---- where */

static int32_t
hundredths(int32_t e7)
{
    return (e7 + (e7 < 0 ? -50000 : 50000)) / 100000;
}

static const char *
degrees(struct words *w, int32_t hundredth)
{
    uint32_t u = (uint32_t)(hundredth < 0 ? -hundredth : hundredth);

    return compose_say(w, "%s%u.%02u", hundredth < 0 ? "-" : "", u / 100, u % 100);
}

const char *
compose_point(struct words *w)
{
    return compose_say(w, "%s, %s", degrees(w, hundredths(w->x->pt.lat)),
                       degrees(w, hundredths(w->x->pt.lon)));
}

/* Where it happened, in English, as the event's field has it. */
static const char *
place_text(struct words *w)
{
    const struct situation *x = w->x;

    if (!x->placed && !x->name[0])
        return "place unknown";
    if (x->placed && x->distance_m && x->name[0])
        return compose_say(w, "%s %s of %s", compose_distance(w, x->distance_m, EN),
                           wording_direction(x->bearing_deg, EN), x->name);
    return x->name[0] ? compose_say(w, "%s", x->name) : compose_point(w);
}

/* The place of the gazetteer that is meant, or that the point lies in; 0 = none. */
uint64_t
compose_place(struct words *w, const char **name)
{
    const struct situation *x = w->x;
    const struct gaz_place *near = NULL;

    if (x->placed && x->gazetteer_id && !x->distance_m) {
        *name = x->name;
        return x->gazetteer_id;
    }
    if (x->placed && !x->area && w->t->k->gazetteer)
        near = gazetteer_nearest(w->t->k->gazetteer, x->pt, NEAREST_M);
    *name = near ? near->name : "";
    return near ? near->id : 0;
}

/* The gazetteer's place where it happened, when it is not the situation's own. */
static const struct gaz_place *
place_near(const struct knowledge *k, const struct situation *x)
{
    return x->placed && !x->area && (!x->gazetteer_id || x->distance_m) && k->gazetteer
               ? gazetteer_nearest(k->gazetteer, x->pt, NEAREST_M)
               : NULL;
}

const char *
compose_place_name(const struct knowledge *k, const struct situation *x)
{
    const struct gaz_place *near = place_near(k, x);

    return near ? near->name : x->placed && !x->area && !x->distance_m ? x->name : "";
}

/* The threatened place as an asset: the gazetteer's place, else its cell of 0.01 degree. */
static void
place_asset(struct words *w, struct event_asset *out)
{
    const struct situation *x = w->x;
    const char *name;
    uint64_t id = compose_place(w, &name);

    if (!x->placed) {
        out->id = "place-unknown";
        out->name = x->name[0] ? compose_say(w, "%s", x->name) : "unknown place";
    } else if (id) {
        out->id = compose_say(w, "place-%llu", (unsigned long long)id);
        out->name = compose_say(w, "%s", name);
    } else {
        out->id = compose_say(w, "place-%s,%s", degrees(w, hundredths(x->pt.lat)),
                              degrees(w, hundredths(x->pt.lon)));
        out->name = place_text(w);
    }
}

uint16_t
compose_area(const struct knowledge *k, const struct situation *s)
{
    const struct area_conf *v = k->config->classifier.areas.v;

    for (size_t i = 0; s->placed && i < k->config->classifier.areas.n && i < NO_AREA; i++) {
        struct geo_pt at;

        if (geo_parse_deg(v[i].lat, &at.lat) == 0 && geo_parse_deg(v[i].lon, &at.lon) == 0 &&
            geo_within_m(at, s->pt, (uint32_t)v[i].radius_km * 1000))
            return (uint16_t)i;
    }
    return NO_AREA;
}

static const char *
area_slug(const struct words *w, uint16_t area)
{
    const struct area_conf *v = w->t->k->config->classifier.areas.v;

    return area == NO_AREA ? "unknown" : v[area].slug;
}

/* ---- who and what */

enum target
compose_target(enum alert_slot slot, enum alert_rule rule)
{
    switch (slot) {
    case SLOT_CONVOY:
        return TG_CONVOY;
    case SLOT_BASE:
        return TG_BASE;
    case SLOT_RULE:
        if (rule == RULE_CLOCK_STEP || rule == RULE_LINK_DOWN)
            return TG_SYSTEM;
        return rule == RULE_CONVOY_OVERDUE ? TG_CONVOY : TG_BASE;
    default:
        return TG_CIVILIANS;
    }
}

/* The rule of the file that gave the alert, or NULL. */
static const struct rule *
rule_of(const struct knowledge *k, const struct situation *s, const struct sit_alert *a)
{
    switch (a->rule) {
    case RULE_PATTERN:
        return &k->rules->v[s->pattern];
    case RULE_CONVOY_OVERDUE:
        return k->rules->absence[OF_CHECK_IN];
    case RULE_BASE_SILENT:
        return k->rules->absence[OF_LINK];
    default:
        return NULL;
    }
}

const char *
compose_rule_name(const struct knowledge *k, const struct situation *s, const struct sit_alert *a)
{
    const struct rule *r = rule_of(k, s, a);

    if (r)
        return r->name;
    return a->rule == RULE_CLOCK_STEP  ? "clock_step"
           : a->rule == RULE_LINK_DOWN ? "link_down"
                                       : NULL;
}

void
compose_alert_id(const struct knowledge *k, const struct picture *p, const struct situation *s,
                 const struct sit_alert *a, struct id *out)
{
    const char *rule = compose_rule_name(k, s, a);
    const char *target =
        target_name(compose_target((enum alert_slot)a->slot, (enum alert_rule)a->rule));
    struct id_part parts[3] = {
        {rule ? rule : "", rule ? strlen(rule) : 0},
        {target, strlen(target)},
        {s->id.b, sizeof s->id.b},
    };

    if (s->subject != NOTHING) {
        const char *asset = picture_id(p, s->subject);

        parts[2] = (struct id_part){asset, strlen(asset)};
    }
    id_make(out, s->first_us, parts, 3);
}

static const char *
figures(struct words *w, const struct range *r, const char *what, const char *many)
{
    if (r->most <= 0)
        return "";
    if (r->least == r->most)
        return compose_say(w, ", %d %s%s", r->most, what, r->most > 1 ? many : "");
    return compose_say(w, ", %d\xe2\x80\x93%d %s%s", r->least, r->most, what,
                       r->most > 1 ? many : "");
}

const char *
compose_harm(struct words *w, enum language l)
{
    const struct harm *h = &w->x->harm;
    bool fr = l == FR;

    return compose_say(w, "%s%s%s", figures(w, &h->killed, fr ? "tué" : "killed", fr ? "s" : ""),
                       figures(w, &h->wounded, fr ? "blessé" : "wounded", fr ? "s" : ""),
                       figures(w, &h->taken, fr ? "enlevé" : "taken", fr ? "s" : ""));
}

static void
event_assets(struct words *w, struct alert_event *ev)
{
    const struct sit_alert *a = w->t->a;

    for (uint32_t i = 0; i < a->n_assets; i++) {
        const struct relation *r = &a->assets[i];
        struct event_asset *o = &ev->assets[ev->n_assets++];

        *o = (struct event_asset){.distance_m = r->distance_m, .bearing_deg = r->bearing_deg};
        if (r->contact_s != NO_CONTACT)
            o->contact_at_us = a->decided_us + r->contact_s * SECOND_US;
        if (r->flags & REL_FIXED)
            o->fixed_at_us = a->decided_us - r->fix_min * MINUTE_US;
        if (r->flags & REL_CAN_HALT) {
            o->halt_at_us = a->decided_us + r->halt_min * MINUTE_US;
            o->halt = compose_halt(w, r);
        }
        if (r->asset == RELATION_PLACE) {
            place_asset(w, o);
        } else {
            o->id = compose_say(w, "%s", picture_id(w->t->p, r->asset));
            o->name = compose_say(w, "%s", picture_name(w->t->p, r->asset));
        }
    }
}

static const char *
duration(struct words *w, uint32_t s, enum language l)
{
    if (s < 60)
        return compose_say(w, "%u s", s);
    if (s < 2 * 3600)
        return s % 60 ? compose_say(w, "%u min %u s", s / 60, s % 60)
                      : compose_say(w, "%u min", s / 60);
    if (s < 48 * 3600)
        return compose_say(w, "%u h %02u min", s / 3600, s / 60 % 60);
    return compose_say(w, "%u %s", s / 86400, l == FR ? "jours" : "days");
}

static const char *
system_text(struct words *w, enum language l)
{
    const struct situation *x = w->x;
    bool fr = l == FR, back = x->place_key == CLOCK_BACK;
    struct civil at;

    if (w->t->a->rule == RULE_CLOCK_STEP)
        return compose_say(w, fr ? "Horloge %s de %s" : "Clock set %s by %s",
                           fr ? (back ? "reculée" : "avancée") : (back ? "back" : "forward"),
                           duration(w, w->t->a->fixed_arg, l));
    time_to_civil(x->from_us, &at);
    return compose_say(w,
                       fr ? "Liaison %s coupée depuis le %02d/%02d à %02d:%02d UTC"
                          : "Link %s down since %02d/%02d %02d:%02d UTC",
                       x->name, at.day, at.month, at.hour, at.minute);
}

/* The rule's own words. */
static const char *
pattern_text(struct words *w, const char *asset, enum language l)
{
    const struct rule *r = rule_of(w->t->k, w->x, w->t->a);
    const char *place = place_text(w);
    char *s = wording_template(l == FR ? r->fr : r->en, *asset ? asset : place, place,
                               w->t->a->fixed_arg, w->a);

    if (!s)
        w->full = true;
    return s ? s : "";
}

const char *
compose_rule_text(struct words *w, const struct alert_event *ev, enum language l)
{
    const char *name = ev->n_assets ? ev->assets[0].name : "";
    uint32_t arg = w->t->a->fixed_arg;
    bool fr = l == FR;

    if (w->t->a->rule == RULE_CLOCK_STEP || w->t->a->rule == RULE_LINK_DOWN)
        return system_text(w, l);
    if (w->t->a->rule == RULE_PATTERN)
        return pattern_text(w, name, l);
    if (w->t->a->rule == RULE_CONVOY_OVERDUE)
        return compose_say(w,
                           fr ? "%s en retard : aucun signe de vie depuis %u min"
                              : "%s overdue: no sign of life for %u min",
                           name, arg);
    if (w->t->a->fixed == RS_LINKS_DOWN)
        return compose_say(w,
                           fr ? "%s muette, %u liaisons coupées ensemble"
                              : "%s silent, %u links went down together",
                           name, arg);
    return compose_say(w, fr ? "%s muette, attaque à %s" : "%s silent, an attack %s away", name,
                       compose_distance(w, arg, l));
}

static void
grade_of(const struct sit_ref *r, char out[3])
{
    if (!r->reliability && !r->credibility) {
        out[0] = '-';
        out[1] = '\0';
        return;
    }
    out[0] = r->reliability ? r->reliability : 'F';
    out[1] = (char)('0' + (r->credibility ? r->credibility : 6));
    out[2] = '\0';
}

/* The first, and the latest that there is room for. */
static void
event_incidents(const struct words *w, struct alert_event *ev)
{
    const struct situations *s = w->t->s;
    uint32_t n = w->x->n_refs, at = 0;

    for (uint32_t r = w->x->first_ref; r != NOTHING; r = s->refs[r].next, at++) {
        struct incident_ref *o = &ev->incidents[ev->n_incidents];

        if (at && n > MAX_REFS && at <= n - MAX_REFS)
            continue;
        *o = (struct incident_ref){
            .id = s->refs[r].id,
            .source_class = (enum source_class)s->refs[r].source_class,
        };
        grade_of(&s->refs[r], o->grade);
        ev->n_incidents++;
    }
}

static size_t
reasons(struct words *w, const struct alert_event *ev, struct reason out[MAX_REASONS])
{
    const struct verdict *v = w->t->v;
    size_t n = 0;

    for (size_t i = 0; i < v->n_reasons; i++) {
        const char *text = wording_reason(&v->reasons[i], w->a);

        if (!text)
            w->full = true;
        out[n++] = (struct reason){.text = text ? text : "", .weight = v->reasons[i].weight};
    }
    if (n < MAX_REASONS && w->x->sources > 1)
        out[n++] = (struct reason){
            .text = compose_say(w, "certainty: %u independent sources", w->x->sources)};
    return compose_facts(w, ev, out, n);
}

static const char *
topic(struct words *w, enum target t, enum precedence p, uint16_t area)
{
    return compose_say(w, "alert.%s.%s.%s.", target_name(t), precedence_name(p),
                       area_slug(w, area));
}

/* ---- the derivation */

static void
derive_one(const struct words *w, uint32_t ref, struct derived_incident *o)
{
    const struct sit_ref *r = &w->t->s->refs[ref];

    *o = (struct derived_incident){
        .id = r->id,
        .seq = r->seq,
        .source_class = (enum source_class)r->source_class,
        .counted = r->flags & REF_COUNTED,
        .late = !(r->flags & REF_PROMPT),
    };
    grade_of(r, o->grade);
    if (w->t->latest && ref == w->x->last_ref) {
        o->finding = *w->t->latest;
        return;
    }
    /* Of older reports the table keeps what counts. */
    finding_init(&o->finding);
    o->finding.alertworthy = true;
    o->finding.event = (enum event_type)r->event;
    o->finding.mode = (enum mode)r->mode;
    o->finding.targets = r->targets;
    o->finding.harm = r->harm;
    o->finding.marks = r->marks;
    o->finding.from_us = r->from_us;
    o->finding.to_us = r->to_us;
}

/* The sentence that gave the precedence. Where figures of this alert alone do not give it, it
 * names what does, so that the priority can still be recomputed from what is printed. */
static const char *
precedence_rule(struct words *w, const struct alert_event *ev)
{
    const char *why = wording_precedence_rule(w->t->v->rule);
    const char *name = precedence_name(ev->precedence);
    uint32_t convoy = w->x->alerts[SLOT_CONVOY], base = w->x->alerts[SLOT_BASE];

    switch (w->t->v->rule) {
    case PRULE_CIVILIANS:
        if (convoy != NOTHING && w->t->s->alerts[convoy].precedence == ev->precedence)
            return compose_say(w, "%s, as for the convoy: %s", name, why);
        if (base != NOTHING && w->t->s->alerts[base].precedence == ev->precedence)
            return compose_say(w, "%s, as for the base: %s", name, why);
        return compose_say(w, "%s: %s", name, why);
    case PRULE_PATTERN:
        return compose_say(w, "%s, %s %s", name, why, ev->rule ? ev->rule : "");
    case PRULE_OFFICER:
        return compose_say(w, "%s, %s", name, why);
    default:
        return why;
    }
}

static void
derive(struct words *w, const struct alert_event *ev, struct derivation *d)
{
    const struct situations *s = w->t->s;
    size_t n = w->x->n_refs < MAX_LIST ? w->x->n_refs : MAX_LIST, skip = w->x->n_refs - n;
    struct derived_incident *list = arena_alloc(w->a, (n + 1) * sizeof *list);

    *d = (struct derivation){.alert = ev->id, .revision = ev->revision};
    d->cell = compose_say(w, "likelihood %u x impact %u = %s", ev->likelihood, ev->impact,
                          risk_name(ev->risk));
    d->precedence_rule = precedence_rule(w, ev);
    memcpy(d->reasons, ev->reasons, sizeof ev->reasons);
    d->n_reasons = ev->n_reasons;
    if (!list) {
        w->full = true;
        return;
    }
    for (uint32_t r = w->x->first_ref; r != NOTHING; r = s->refs[r].next) {
        if (skip) {
            skip--;
            continue;
        }
        d->n_incidents++;
        derive_one(w, r, &list[n - d->n_incidents]);
    }
    d->incidents = list;
}

/* ---- the event */

int
compose(const struct telling *t, struct arena *a, struct alert_event *ev, struct derivation *d)
{
    const struct situation *x = &t->s->all[t->a->situation];
    struct words w = {.t = t, .x = x, .a = a};

    alert_event_init(ev);
    ev->kind = t->kind;
    ev->id = t->a->id;
    ev->situation = x->id;
    ev->revision = t->a->revision;
    ev->due_at_us = t->due_us;
    ev->target = compose_target((enum alert_slot)t->a->slot, (enum alert_rule)t->a->rule);
    ev->precedence = t->v->precedence;
    ev->risk = t->v->risk;
    ev->likelihood = t->v->likelihood;
    ev->impact = t->v->impact;
    ev->urgency = t->v->urgency;
    ev->severity = t->v->severity;
    ev->certainty = t->v->certainty;
    ev->status = (enum status)x->status;
    ev->unconfirmed = t->v->unconfirmed;
    ev->event = (enum event_type)x->event;
    ev->mode = (enum mode)x->mode;
    ev->rule = compose_rule_name(t->k, x, t->a);
    ev->late = t->a->late;
    ev->from_us = x->from_us;
    ev->to_us = x->to_us;
    ev->place = place_text(&w);
    ev->has_pos = x->placed;
    ev->pos = x->pt;
    ev->radius_m = situations_extent_m(x);
    ev->area = area_slug(&w, t->a->area);
    ev->topic = topic(&w, ev->target, ev->precedence, t->a->area);
    if (t->old_precedence && (t->old_precedence != ev->precedence || t->old_area != t->a->area))
        ev->old_topic = topic(&w, ev->target, (enum precedence)t->old_precedence, t->old_area);
    ev->harm = x->harm;
    ev->marks = x->marks;
    event_assets(&w, ev);
    compose_claims(&w, ev);
    ev->n_changed = t->n_changed;
    memcpy(ev->changed, t->changed, t->n_changed * sizeof t->changed[0]);
    compose_nearby(&w, ev);
    for (enum language l = EN; l <= FR; l++) {
        const char *headline = compose_headline(&w, ev, l);
        const char *instruction = compose_instruction(&w, ev, l);

        *(l == FR ? &ev->headline_fr : &ev->headline_en) = headline;
        *(l == FR ? &ev->instruction_fr : &ev->instruction_en) = instruction;
    }
    ev->n_reasons = reasons(&w, ev, ev->reasons);
    compose_contradictions(&w, ev);
    event_incidents(&w, ev);
    ev->release = "mission";
    ev->expires_at_us = t->a->expires_us;
    ev->note = t->note;
    derive(&w, ev, d);
    return w.full ? -1 : 0;
}
