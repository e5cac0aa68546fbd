/* compose_claims: the versions of an event in an alert, and what contradicts what: a denial, a
 * party's figure that lies outside what is reported, armed men killed where civilians are named, and
 * two parties that differ where nobody was there. */
#include "compose_parts.h"

void
compose_claims(struct words *w, struct alert_event *ev)
{
    const struct situation *x = w->x;

    for (int i = 0; i < x->n_claims; i++) {
        const struct sit_claim *c = &x->claims[i];
        const char *what = wording_event((enum event_type)c->event, EN);

        ev->claims[ev->n_claims++] = (struct claim){
            .party = compose_say(w, "%s%s", c->party, c->named ? "" : " source"),
            .says = c->mode == MODE_DENIAL ? compose_say(w, "denies: %s", what)
                    : c->killed > 0
                        ? compose_say(w, "%s, %d killed%s", what, c->killed,
                                      c->targets == TARGET_BIT(TG_ARMED) ? " (armed men)" : "")
                        : compose_say(w, "%s", what),
        };
    }
    /* What the others report is a version too, once a party has given its own. */
    if (x->n_claims && x->mode == MODE_FACT)
        ev->claims[ev->n_claims++] = (struct claim){
            .party = "reports",
            .says = compose_say(w, "%s%s%s", wording_event(ev->event, EN), compose_harm(w, EN),
                                x->harm.killed.most > 0 && (x->named & TARGET_BIT(TG_CIVILIANS))
                                    ? " (civilians)"
                                    : ""),
        };
}

/* Do the reports, whatever they are, say something else than the claim? */
static bool
is_contradicted(const struct situation *x, const struct sit_claim *c)
{
    const struct range *killed = &x->harm.killed;

    if (c->mode == MODE_DENIAL)
        return x->mode != MODE_DENIAL;
    if (x->mode != MODE_FACT)
        return false;
    return (c->targets == TARGET_BIT(TG_ARMED) && (x->named & TARGET_BIT(TG_CIVILIANS))) ||
           (c->killed > 0 && killed->most >= 0 &&
            (c->killed < killed->least || c->killed > killed->most));
}

/* Two parties, and nobody who was there. */
static bool
differ(const struct sit_claim *a, const struct sit_claim *b)
{
    return b->mode == MODE_CLAIM && a->mode == MODE_CLAIM &&
           ((a->killed > 0 && b->killed > 0 && a->killed != b->killed) ||
            (a->targets != b->targets && ((a->targets | b->targets) & TARGET_BIT(TG_CIVILIANS)) &&
             (a->targets == TARGET_BIT(TG_ARMED) || b->targets == TARGET_BIT(TG_ARMED))));
}

/* Versions a and b; b < 0: no report gives one. */
static void
contradiction(struct words *w, struct alert_event *ev, int a, int b)
{
    const struct claim *c = &ev->claims[a];
    const char *text;

    if (ev->n_reasons == MAX_REASONS)
        return;
    if (b < 0)
        text =
            compose_say(w, "contradiction: %s %s; it is reported all the same", c->party, c->says);
    else
        text = compose_say(w, "contradiction: %s: %s; %s: %s", c->party, c->says,
                           ev->claims[b].party, ev->claims[b].says);
    ev->reasons[ev->n_reasons++] = (struct reason){.text = text};
}

void
compose_contradictions(struct words *w, struct alert_event *ev)
{
    const struct situation *x = w->x;
    int reports = x->mode == MODE_FACT ? x->n_claims : -1;

    for (int i = 0; i < x->n_claims; i++) {
        if (is_contradicted(x, &x->claims[i]))
            contradiction(w, ev, i, reports);
        else if (i && reports < 0 && differ(&x->claims[0], &x->claims[i]))
            contradiction(w, ev, 0, i);
    }
}
