/* assess: see assess.h. The steps, and why:
 *
 *   likelihood                                 impact
 *   event's base                               event's base
 *   +2 on a convoy's route ahead               +1 one dead or more   (a weapon that kills)
 *   +1 named by the reports, or the place      +1 ten or more        (mass casualty)
 *   +1 within half the reach                   +1 fifty or more
 *   +1 happening now                           +1 ten wounded (where not ten dead)
 *   +1 contact within the configured time      +1 five or more taken
 *   -1 contact in more than three hours        +1 displaced people, +1 market day
 *   +1 convoy without air cover                +1 a base that fewer than 30 defend
 *   +1 convoy without escort                   +1 sexual violence
 *   -1 warning, -2 rumour, -2 denial           +1 siege
 *   +1 siege                                   +1 a town of POPULOUS people (what kills)
 *   +1 state forces move that harmed civilians near by
 *
 * Warnings and rumours speak of what may come: less likely, not less bad. A threat is a warning
 * by its nature and is not lowered for it. State forces that only move are ROUTINE, unless such
 * forces harmed civilians near by, or for a convoy of ours that is close. */
#include "assess.h"

#include "timefmt.h"

#define FORCES_CLOSE_M 5000
#define DEADLY         4 /* base impact of what kills: there it counts how many live at a place */

static void
add(struct verdict *v, enum reason_code code, int weight, uint32_t arg)
{
    if (weight && v->n_reasons < MAX_REASONS)
        v->reasons[v->n_reasons++] =
            (struct assess_reason){.code = (uint8_t)code, .weight = (int8_t)weight, .arg = arg};
}

static uint32_t
clamp5(int v)
{
    return v < 1 ? 1 : v > 5 ? 5 : (uint32_t)v;
}

void
assess_recompute(const struct assess_reason *r, size_t n, uint32_t *likelihood, uint32_t *impact)
{
    int l = 0, i = 0;

    for (size_t k = 0; k < n; k++) {
        if (r[k].code >= RS_FIRST_IMPACT)
            i += r[k].weight;
        else
            l += r[k].weight;
    }
    *likelihood = clamp5(l);
    *impact = clamp5(i);
}

static uint32_t
steps(int32_t v, const int32_t *at, size_t n)
{
    uint32_t s = 0;

    for (size_t i = 0; i < n; i++)
        s += v >= at[i];
    return s;
}

uint32_t
assess_harm_steps(const struct harm *h)
{
    static const int32_t people[] = {1, 10, 50}, taken[] = {1, 5};

    return steps(h->killed.least, people, 3) + steps(h->wounded.least, people, 3) +
           steps(h->taken.least, taken, 2);
}

enum precedence
assess_precedence(enum risk risk, bool soon)
{
    switch (risk) {
    case RISK_UNACCEPTABLE:
        return PR_FLASH;
    case RISK_VERY_HIGH:
        return soon ? PR_FLASH : PR_IMMEDIATE;
    case RISK_HIGH:
        return PR_IMMEDIATE;
    case RISK_MEDIUM:
        return PR_PRIORITY;
    default:
        return PR_ROUTINE;
    }
}

enum certainty
assess_certainty(const struct facts *f)
{
    switch (f->mode) {
    case MODE_FACT:
        if (f->sources >= 2 || f->high_grade)
            return CT_OBSERVED;
        return f->doubted ? CT_UNLIKELY : f->low_grade ? CT_POSSIBLE : CT_LIKELY;
    case MODE_CLAIM:
        return f->sources >= 2 ? CT_LIKELY : CT_POSSIBLE;
    case MODE_WARNING:
        return f->sources >= 2 || f->high_grade ? CT_LIKELY : CT_POSSIBLE;
    case MODE_RUMOUR:
        return f->sources >= 2 ? CT_POSSIBLE : CT_UNLIKELY;
    case MODE_DENIAL:
        return CT_UNLIKELY;
    default:
        return CT_UNKNOWN;
    }
}

static void
likelihood_reasons(const struct knowledge *k, const struct facts *f, enum target t,
                   const struct relation *r, struct verdict *v)
{
    const struct event_row *row = &k->events[f->event];
    int64_t soon_s = k->config->classifier.flash_contact_us / SECOND_US;
    bool placed = r->asset != RELATION_NONE;

    add(v, RS_BASE_LIKELIHOOD, (int)row->likelihood, f->event);
    if (r->flags & REL_ON_ROUTE)
        add(v, RS_ON_ROUTE, 2, r->distance_m);
    else if (r->asset == RELATION_PLACE || (r->flags & REL_PLACE))
        add(v, RS_AT_PLACE, 1, 0);
    else if (placed && (r->flags & REL_NEAR))
        add(v, RS_NEAR, 1, r->distance_m);
    else if (f->named & TARGET_BIT(t))
        add(v, RS_NAMED, 1, t);
    if (f->active)
        add(v, RS_ACTIVE, 1, 0);
    if (r->contact_s != NO_CONTACT && r->contact_s <= soon_s)
        add(v, RS_CONTACT_SOON, 1, (uint32_t)(r->contact_s / 60));
    else if (r->contact_s != NO_CONTACT && r->contact_s > 3 * 3600)
        add(v, RS_CONTACT_FAR, -1, (uint32_t)(r->contact_s / 60));
    if (r->flags & REL_NO_AIR)
        add(v, RS_NO_AIR, 1, 0);
    if (r->flags & REL_NO_ESCORT)
        add(v, RS_NO_ESCORT, 1, 0);
    if (f->marks & MARK_SIEGE)
        add(v, RS_SIEGE_LIKELIHOOD, 1, 0);
    if (f->event == EV_ARMED_PRESENCE && f->force_m)
        add(v, RS_FORCE_HARM, 1, f->force_m);
    if (f->mode == MODE_WARNING && f->event != EV_THREAT)
        add(v, RS_WARNING, -1, 0);
    if (f->mode == MODE_RUMOUR)
        add(v, RS_RUMOUR, -2, 0);
    if (f->mode == MODE_DENIAL)
        add(v, RS_DENIED, -2, 0);
}

static void
impact_reasons(const struct knowledge *k, const struct facts *f, const struct relation *r,
               struct verdict *v)
{
    int32_t killed = f->harm.killed.least;

    add(v, RS_BASE_IMPACT, (int)k->events[f->event].impact, f->event);
    if (killed >= 1)
        add(v, RS_KILLED_1, 1, (uint32_t)killed);
    if (killed >= 10)
        add(v, RS_KILLED_10, 1, (uint32_t)killed);
    if (killed >= 50)
        add(v, RS_KILLED_50, 1, (uint32_t)killed);
    if (killed < 10 && f->harm.wounded.least >= 10)
        add(v, RS_WOUNDED_10, 1, (uint32_t)f->harm.wounded.least);
    if (f->harm.taken.least >= 5)
        add(v, RS_TAKEN_5, 1, (uint32_t)f->harm.taken.least);
    if (r->flags & REL_DISPLACED)
        add(v, RS_DISPLACED, 1, 0);
    if (r->flags & REL_MARKET)
        add(v, RS_MARKET, 1, 0);
    if (r->flags & REL_SMALL)
        add(v, RS_SMALL, 1, 0);
    if ((r->flags & REL_POPULOUS) && k->events[f->event].impact >= DEADLY)
        add(v, RS_POPULOUS, 1, POPULOUS);
    if (f->marks & MARK_SEXUAL_VIOLENCE)
        add(v, RS_SEXUAL_VIOLENCE, 1, 0);
    if (f->marks & MARK_SIEGE)
        add(v, RS_SIEGE_IMPACT, 1, 0);
}

/* CAP severity from the impact. */
static enum severity
severity_of(uint32_t impact)
{
    static const enum severity by_impact[] = {SV_UNKNOWN,  SV_MINOR,  SV_MINOR,
                                              SV_MODERATE, SV_SEVERE, SV_EXTREME};

    return by_impact[impact];
}

static enum urgency
urgency_of(const struct facts *f, enum precedence p)
{
    if (!f->timely)
        return UR_PAST;
    if (f->active || p == PR_FLASH)
        return UR_IMMEDIATE;
    if (f->mode == MODE_WARNING || f->mode == MODE_RUMOUR)
        return UR_FUTURE;
    return p >= PR_PRIORITY ? UR_EXPECTED : UR_UNKNOWN;
}

static void
finish(const struct facts *f, struct verdict *v)
{
    v->certainty = assess_certainty(f);
    v->unconfirmed = f->low_grade;
    v->severity = severity_of(v->impact);
    v->urgency = urgency_of(f, v->precedence);
}

/* Does the attack hit this target itself, rather than come near it? */
static bool
is_hit(const struct facts *f, enum target t, const struct relation *r)
{
    if (f->named & TARGET_BIT(t))
        return true;
    return r->asset < RELATION_PLACE && !(r->flags & REL_ON_ROUTE) && r->distance_m <= 1000;
}

/* State forces that pass. */
static bool
is_routine_move(const struct facts *f, enum target t, const struct relation *r)
{
    bool close = t == TG_CONVOY && r->asset < RELATION_PLACE && r->distance_m <= FORCES_CLOSE_M;

    return f->event == EV_ARMED_PRESENCE && f->force && !f->force_m && !close;
}

void
assess(const struct knowledge *k, const struct facts *f, enum target t, const struct relation *r,
       struct verdict *out)
{
    int64_t soon_s = k->config->classifier.flash_contact_us / SECOND_US;
    bool contact = r->contact_s != NO_CONTACT && r->contact_s <= soon_s;
    enum precedence p;

    *out = (struct verdict){.rule = PRULE_RISK};
    likelihood_reasons(k, f, t, r, out);
    impact_reasons(k, f, r, out);
    assess_recompute(out->reasons, out->n_reasons, &out->likelihood, &out->impact);
    out->risk = k->matrix[out->likelihood - 1][out->impact - 1];
    p = assess_precedence(out->risk, f->active || contact);
    if (out->risk == RISK_VERY_HIGH && p == PR_FLASH)
        out->rule = f->active ? PRULE_NOW : PRULE_CONTACT;
    if (k->events[f->event].attack && f->active && f->mode == MODE_FACT && is_hit(f, t, r)) {
        p = f->doubted ? PR_IMMEDIATE : PR_FLASH;
        out->rule = f->doubted ? PRULE_DOUBTED : PRULE_ATTACK;
    }
    if (is_routine_move(f, t, r) && p > PR_ROUTINE) {
        p = PR_ROUTINE;
        out->rule = PRULE_FORCES;
    }
    if (!f->timely && p > PR_ROUTINE) {
        p = PR_ROUTINE;
        out->rule = PRULE_OVER;
    }
    if (f->harm.killed.least >= 10 && p < PR_PRIORITY) {
        p = PR_PRIORITY;
        out->rule = PRULE_MASS;
    }
    if (f->status != ST_ACTUAL) {
        p = PR_ROUTINE;
        out->rule = PRULE_EXERCISE;
    }
    out->precedence = p;
    finish(f, out);
}

void
assess_fixed(const struct knowledge *k, const struct facts *f, enum reason_code why, uint32_t arg,
             uint32_t likelihood, uint32_t impact, enum precedence p, enum precedence_rule rule,
             struct verdict *out)
{
    *out = (struct verdict){.rule = rule, .precedence = p};
    add(out, why, (int)likelihood, arg);
    add(out, RS_RULE_IMPACT, (int)impact, 0);
    out->likelihood = likelihood;
    out->impact = impact;
    out->risk = k->matrix[likelihood - 1][impact - 1];
    finish(f, out);
}

void
assess_floor(struct verdict *v, enum precedence p)
{
    if (v->precedence >= p)
        return;
    v->precedence = p;
    v->rule = PRULE_CIVILIANS;
}
