/* compose_headline: the sentence that is read first, and what to do. See compose_parts.h.
 *
 * In the order in which a duty officer asks: who, what, where, when, harm, how far, how soon. The
 * sentence is a template (template.h), built in or configured; before it stands what changes how
 * it is to be read (EXERCISE, LATE, Warning), behind it UNCONFIRMED. */
#include <string.h>

#include "compose_parts.h"
#include "template.h"
#include "timefmt.h"

#define CLOSE_M 500

/* How much is left out of a headline that is too long. */
enum brevity { TELL_ALL, NO_OTHERS, NO_AGE, NO_HALT_NAME, TERSE, BREVITIES };

/* The threatened place itself, by its name or by the site that is configured for it. */
static bool
is_place(const struct relation *r)
{
    return r->asset == RELATION_PLACE || (r->flags & REL_PLACE);
}

static const char *
who_text(struct words *w, const struct alert_event *ev, enum language l, enum brevity b)
{
    const struct sit_alert *a = w->t->a;
    uint32_t others = 0;

    for (uint32_t i = 1; i < a->n_assets; i++)
        others += !is_place(&a->assets[i]);
    if (!a->n_assets || is_place(&a->assets[0]))
        return wording_who(ev->target, l);
    if (!others || b >= NO_OTHERS)
        return ev->assets[0].name;
    if (l == EN)
        return compose_say(w, "%s and %u more", ev->assets[0].name, others);
    return compose_say(w, "%s et %u autre%s", ev->assets[0].name, others, others > 1 ? "s" : "");
}

/* An army that passes is not "armed men". Begins with a small letter. */
static const char *
what_text(struct words *w, const struct alert_event *ev, enum language l)
{
    const char *s = wording_event(ev->event, l);

    if (ev->event == EV_ARMED_PRESENCE && w->x->force)
        s = l == FR ? "mouvement de forces de l'État" : "movement of state forces";
    return compose_say(w, "%c%s", *s >= 'A' && *s <= 'Z' ? *s + 32 : *s, s + 1);
}

static const char *
where_text(struct words *w, enum language l)
{
    const struct situation *x = w->x;
    bool fr = l == FR;
    char name[SIT_NAME * 2];
    const char *dash = strstr(x->name, "\xe2\x80\x93");

    if (!x->placed && !x->name[0])
        return fr ? "en un lieu inconnu" : "at an unknown place";
    if (!x->name[0])
        return compose_say(w, fr ? "à %s" : "at %s", compose_point(w));
    if (x->placed && x->distance_m)
        return compose_say(w, fr ? "à %s %s %s" : "%s %s of %s",
                           compose_distance(w, x->distance_m, l),
                           wording_direction(x->bearing_deg, l),
                           fr ? wording_of(x->name, name, sizeof name) : x->name);
    if (dash)
        return compose_say(w, fr ? "entre %.*s et %s" : "between %.*s and %s",
                           (int)(dash - x->name), x->name, dash + 3);
    if (x->area)
        return compose_say(w, fr ? "dans le secteur %s" : "in the %s area",
                           fr ? wording_of(x->name, name, sizeof name) : x->name);
    return fr ? compose_say(w, "%s", wording_at(x->name, name, sizeof name))
              : compose_say(w, "at %s", x->name);
}

static bool
same_day(const struct civil *a, const struct civil *b)
{
    return a->day == b->day && a->month == b->month && a->year == b->year;
}

/* The time of the event; the day too unless it is that of the decision. */
static const char *
when_text(struct words *w, enum language l)
{
    int64_t from_us = w->x->from_us, to_us = w->x->to_us;
    struct civil from, to, now;
    const char *day;

    if (!from_us)
        return "";
    time_to_civil(from_us, &from);
    time_to_civil(to_us > from_us ? to_us : from_us, &to);
    time_to_civil(w->t->due_us, &now);
    day = same_day(&from, &now) && same_day(&to, &now)
              ? ""
              : compose_say(w, "%d %s ", from.day, wording_month((unsigned)from.month, l));
    if (to_us - from_us <= HOUR_US)
        return compose_say(w, "%s%02d:%02d UTC", day, from.hour, from.minute);
    if (same_day(&from, &to))
        return compose_say(w, "%s%02d:%02d\xe2\x80\x93%02d:%02d UTC", day, from.hour, from.minute,
                           to.hour, to.minute);
    return compose_say(w, "%s%02d:%02d \xe2\x80\x93 %d %s %02d:%02d UTC", day, from.hour,
                       from.minute, to.day, wording_month((unsigned)to.month, l), to.hour,
                       to.minute);
}

static const char *
far_text(struct words *w, enum language l)
{
    const struct sit_alert *a = w->t->a;
    const struct relation *r = &a->assets[0];
    bool fr = l == FR;

    if (!a->n_assets || r->asset == RELATION_NONE || is_place(r))
        return "";
    if (r->contact_s != NO_CONTACT && r->contact_s > 0)
        return compose_say(w, fr ? "%s devant" : "%s ahead", compose_distance(w, r->distance_m, l));
    if (r->distance_m <= CLOSE_M)
        return fr ? "à moins de 500 m" : "less than 500 m away";
    return compose_say(w, fr ? "à %s %s" : "%s to the %s", compose_distance(w, r->distance_m, l),
                       wording_direction(r->bearing_deg, l));
}

/* "in 9 min", "now"; terse: "9 min". */
static const char *
in_time(struct words *w, int64_t s, enum language l, enum brevity b)
{
    const char *in = b >= TERSE ? "" : l == FR ? "dans " : "in ";

    if (s < 60)
        return l == FR ? "maintenant" : "now";
    if (s < 2 * 3600)
        return compose_say(w, "%s%d min", in, (int)(s / 60));
    return compose_say(w, "%s%d h %02d", in, (int)(s / 3600), (int)(s / 60 % 60));
}

static const char *
halt_text(struct words *w, const struct relation *r, enum language l, enum brevity b)
{
    const char *name = b < NO_HALT_NAME ? compose_halt(w, r) : NULL;

    if (!(r->flags & REL_CAN_HALT))
        return "";
    return compose_say(w, "%s %s%s%s%s", l == FR ? ", dernier arrêt sûr" : ", last safe halt",
                       in_time(w, r->halt_min * INT64_C(60), l, b), name ? " (" : "",
                       name ? name : "", name ? ")" : "");
}

/* How old a convoy's position is that is not relied on any more. */
static const char *
age_text(struct words *w, const struct relation *r, enum language l)
{
    bool fr = l == FR;

    if (!(r->flags & REL_STALE))
        return "";
    if (!(r->flags & REL_FIXED))
        return fr ? "sans position" : "no position";
    if (r->fix_min < 120)
        return compose_say(w, fr ? "position vieille de %u min" : "position %u min old",
                           r->fix_min);
    return compose_say(w, fr ? "position vieille de %u h" : "position %u h old", r->fix_min / 60u);
}

static const char *
soon_text(struct words *w, enum language l, enum brevity b)
{
    const struct sit_alert *a = w->t->a;
    const struct relation *r = &a->assets[0];
    const char *contact = "", *halted = "", *age = "";

    if (!a->n_assets || r->asset == RELATION_NONE || is_place(r))
        return "";
    if (r->contact_s != NO_CONTACT)
        contact =
            compose_say(w, "contact %s%s", in_time(w, r->contact_s, l, b), halt_text(w, r, l, b));
    if (r->flags & REL_HALTED)
        halted = l == FR ? "à l'arrêt" : "halted";
    if (b < NO_AGE)
        age = age_text(w, r, l);
    return compose_say(w, "%s%s%s%s%s", contact, *contact && *halted ? ", " : "", halted,
                       (*contact || *halted) && *age ? ", " : "", age);
}

static void
values_of(struct words *w, const struct alert_event *ev, enum language l, enum brevity b,
          const char *out[TEMPLATE_PLACES])
{
    const char *harm = compose_harm(w, l);

    out[TP_WHO] = who_text(w, ev, l, b);
    out[TP_WHAT] = what_text(w, ev, l);
    out[TP_WHERE] = where_text(w, l);
    out[TP_WHEN] = when_text(w, l);
    out[TP_HARM] = *harm ? harm + 2 : "";
    out[TP_FAR] = far_text(w, l);
    out[TP_SOON] = soon_text(w, l, b);
    out[TP_HALT] = w->t->a->n_assets ? compose_halt(w, &w->t->a->assets[0]) : NULL;
}

/* The first text of the list that fits the alert and has its language; NULL. */
static const char *
configured(const struct conf_list *list, const struct alert_event *ev, enum language l)
{
    const struct procedure_conf *v = list->v;

    for (size_t i = 0; i < list->n; i++) {
        const char *text = l == FR ? v[i].fr : v[i].en;

        if (text && *text && (!v[i].event || v[i].event == (int)ev->event) &&
            (!v[i].target || v[i].target == (int)ev->target) &&
            (!v[i].precedence || v[i].precedence == (int)ev->precedence))
            return text;
    }
    return NULL;
}

static const char *
fill(struct words *w, const struct alert_event *ev, const char *text, enum language l,
     enum brevity b)
{
    const char *values[TEMPLATE_PLACES];
    char out[MAX_VALUE];

    values_of(w, ev, l, b, values);
    (void)template_fill(text, values, out, sizeof out);
    return compose_say(w, "%s", out);
}

static size_t
characters(const char *s)
{
    size_t n = 0;

    for (; *s; s++)
        n += ((unsigned char)*s & 0xc0) != 0x80;
    return n;
}

static const char *
status_prefix(const struct alert_event *ev, enum language l)
{
    bool fr = l == FR;

    if (ev->status == ST_EXERCISE)
        return fr ? "EXERCICE : " : "EXERCISE: ";
    if (ev->status == ST_TEST)
        return fr ? "TEST : " : "TEST: ";
    return ev->marks & MARK_POSSIBLE_EXERCISE
               ? (fr ? "EXERCICE POSSIBLE : " : "POSSIBLE EXERCISE: ")
               : "";
}

static const char *
body_text(struct words *w, const struct alert_event *ev, enum language l, enum brevity b)
{
    static const char event[] = "{who} \xe2\x80\x93 {what} {where}, {when}, {harm}; {far}, {soon}";
    static const char event_fr[] =
        "{who} \xe2\x80\x93 {what} {where}, {when}, {harm} ; {far}, {soon}";
    const char *text = configured(&w->t->k->config->classifier.headlines, ev, l);

    if (text)
        return fill(w, ev, text, l, b);
    if (w->t->a->rule)
        return compose_rule_text(w, ev, l);
    if (w->t->a->prule == PRULE_READ)
        return fill(w, ev,
                    l == FR ? "À lire : {what} {where}, {when}, {harm}"
                            : "Read this: {what} {where}, {when}, {harm}",
                    l, b);
    return fill(w, ev, l == FR ? event_fr : event, l, b);
}

const char *
compose_headline(struct words *w, const struct alert_event *ev, enum language l)
{
    bool fr = l == FR;
    const char *s = "";

    for (enum brevity b = TELL_ALL; b < BREVITIES; b++) {
        s = compose_say(
            w, "%s%s%s%s%s", status_prefix(ev, l), ev->late ? (fr ? "TARDIF : " : "LATE: ") : "",
            w->t->a->rule ? "" : wording_mode_prefix(ev->mode, l), body_text(w, ev, l, b),
            ev->unconfirmed ? (fr ? " (NON CONFIRMÉ)" : " (UNCONFIRMED)") : "");
        if (characters(s) <= HEADLINE_MAX)
            break;
    }
    return s;
}

/* Where and until when the convoy can halt, before what to do in general. */
static const char *
halt_order(struct words *w, const struct alert_event *ev, enum language l)
{
    const struct event_asset *as = &ev->assets[0];
    struct civil at;

    if (!ev->n_assets || !as->halt_at_us)
        return "";
    time_to_civil(as->halt_at_us, &at);
    if (as->halt)
        return compose_say(w,
                           l == FR ? "Dernier arrêt sûr : %s, à %02d:%02d UTC. "
                                   : "Last safe halt: %s, at %02d:%02d UTC. ",
                           as->halt, at.hour, at.minute);
    return compose_say(w,
                       l == FR ? "Arrêt au plus tard à %02d:%02d UTC. "
                               : "Halt at %02d:%02d UTC at the latest. ",
                       at.hour, at.minute);
}

const char *
compose_instruction(struct words *w, const struct alert_event *ev, enum language l)
{
    const char *text = configured(&w->t->k->config->classifier.procedures, ev, l);

    if (text)
        return fill(w, ev, text, l, TELL_ALL);
    return compose_say(w, "%s%s", halt_order(w, ev, l),
                       wording_instruction(ev->event, ev->target, l));
}
