/* compose_reach: who and what lies around a danger, in an alert's fields and reasons: the halt
 * before it, the age of a convoy's position, the places near by. See compose_parts.h. */
#include <string.h>

#include "compose_parts.h"
#include "correlate.h"
#include "timefmt.h"

#define RADIUS_MAX_M 25000 /* of uncertainty that widens the reach */

const char *
compose_halt(struct words *w, const struct relation *r)
{
    const struct gaz_place *place;

    if (!(r->flags & REL_CAN_HALT) || r->halt == RELATION_NONE)
        return NULL;
    if (!(r->halt & HALT_PLACE))
        return compose_say(w, "%s", picture_name(w->t->p, r->halt));
    place = w->t->k->gazetteer ? gazetteer_place(w->t->k->gazetteer, r->halt & ~HALT_PLACE) : NULL;
    return place ? compose_say(w, "%s", place->name) : NULL;
}

/* Does the alert warn people who live somewhere, of violence there? */
static bool
is_for_people(const struct words *w, const struct alert_event *ev)
{
    return ev->target == TG_CIVILIANS && !w->t->a->rule && w->t->v->rule != PRULE_READ &&
           w->x->placed && !w->x->area && correlate_is_violent(ev->event) && w->t->k->gazetteer;
}

void
compose_nearby(struct words *w, struct alert_event *ev)
{
    const struct situation *x = w->x;
    const struct gaz_place *near[MAX_NEARBY + 1];
    uint32_t radius = x->radius_m < RADIUS_MAX_M ? x->radius_m : RADIUS_MAX_M;
    const char *name;
    uint64_t meant = compose_place(w, &name);
    size_t found, n;

    if (!is_for_people(w, ev))
        return;
    n = gazetteer_around(w->t->k->gazetteer, x->pt, w->t->k->events[x->event].reach_m + radius,
                         near, MAX_NEARBY + 1, &found, &ev->people);
    for (size_t i = 0; i < n && ev->n_nearby < MAX_NEARBY; i++)
        if (near[i]->id != meant)
            ev->nearby[ev->n_nearby++] = (struct nearby_place){
                .id = compose_say(w, "place-%llu", (unsigned long long)near[i]->id),
                .name = compose_say(w, "%s", near[i]->name),
                .distance_m = geo_distance_m(near[i]->pt, x->pt),
                .bearing_deg = (uint32_t)geo_bearing_deg(near[i]->pt, x->pt),
                .population = near[i]->population,
            };
}

static const char *
people_text(struct words *w, const struct alert_event *ev)
{
    const char *list = "";

    for (size_t i = 0; i < ev->n_nearby; i++)
        list = compose_say(w, "%s%s %s %s", list,
                           i            ? ","
                           : ev->people ? "; near by"
                                        : "near by",
                           ev->nearby[i].name, compose_distance(w, ev->nearby[i].distance_m, EN));
    if (!ev->people)
        return compose_say(w, "people: %s", list);
    return compose_say(w, "people: %llu known to live in reach%s", (unsigned long long)ev->people,
                       list);
}

static void
append(struct reason out[MAX_REASONS], size_t *n, const char *text)
{
    if (*n < MAX_REASONS)
        out[(*n)++] = (struct reason){.text = text};
}

size_t
compose_facts(struct words *w, const struct alert_event *ev, struct reason out[MAX_REASONS],
              size_t n)
{
    const struct sit_alert *a = w->t->a;
    const struct relation *r = a->n_assets ? &a->assets[0] : NULL;
    const char *halt = r ? compose_halt(w, r) : NULL;

    if (r && r->contact_s != NO_CONTACT && (r->flags & REL_CAN_HALT))
        append(out, &n,
               compose_say(w, "route: contact in %d min, last safe halt in %d min%s%s",
                           r->contact_s / 60, r->halt_min, halt ? ", " : "", halt ? halt : ""));
    else if (r && r->contact_s != NO_CONTACT)
        append(out, &n, compose_say(w, "route: contact in %d min", r->contact_s / 60));
    if (r && (r->flags & REL_HALTED))
        append(out, &n, "route: the convoy is halted");
    if (r && (r->flags & REL_STALE) && (r->flags & REL_FIXED))
        append(out, &n,
               compose_say(w, "position: %u min old, so the convoy is reckoned", r->fix_min));
    else if (r && (r->flags & REL_STALE))
        append(out, &n, "position: none yet, so the convoy is reckoned");
    if (ev->n_nearby || ev->people)
        append(out, &n, people_text(w, ev));
    return n;
}
