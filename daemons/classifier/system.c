/* system: see system.h. */
#include "system.h"

#include <string.h>

#include "alerts.h"
#include "timefmt.h"

static struct situation *
new_situation(struct core *c, const struct id *id, enum alert_rule rule, int64_t due_us,
              uint32_t *number)
{
    struct situation *x;

    *number = situations_new(&c->sits, id, due_us);
    x = &c->sits.all[*number];
    x->rule = (uint8_t)rule;
    x->event = EV_NONE;
    x->mode = MODE_FACT;
    x->status = ST_ACTUAL;
    x->timely = x->prompt = true;
    x->high_grade = true; /* seen by the machine itself */
    x->from_us = x->to_us = x->until_us = due_us;
    return x;
}

static void
tell(struct core *c, uint32_t i, enum alert_rule rule, enum reason_code why, uint32_t arg,
     int64_t due_us)
{
    struct verdict v;
    struct facts f;

    situations_facts(&c->sits.all[i], &f);
    assess_fixed(c->k, &f, why, arg, 3, 3, PR_PRIORITY, PRULE_PATTERN, &v);
    alerts_tell_rule(c, i, rule, NULL, 0, &v, due_us);
}

void
system_on_clock_step(struct core *c, const struct id *id, int64_t step_us, int64_t due_us)
{
    uint64_t s = (uint64_t)(step_us < 0 ? -step_us : step_us) / SECOND_US;
    struct situation *x;
    uint32_t i;

    if (!step_us)
        return;
    x = new_situation(c, id, RULE_CLOCK_STEP, due_us, &i);
    x->place_key = step_us < 0 ? CLOCK_BACK : CLOCK_FORWARD;
    tell(c, i, RULE_CLOCK_STEP, RS_CLOCK_STEP, s > UINT32_MAX ? UINT32_MAX : (uint32_t)s, due_us);
}

static struct sit_alert *
open_alert(struct core *c, uint64_t link)
{
    for (uint32_t i = 0; i < c->sits.t_alerts.high; i++) {
        struct sit_alert *a = &c->sits.alerts[i];

        if (a->open && a->rule == RULE_LINK_DOWN && c->sits.all[a->situation].place_key == link)
            return a;
    }
    return NULL;
}

void
system_on_link(struct core *c, const struct link_state *l, int64_t due_us)
{
    const char *name = l->name ? l->name : "";
    uint64_t key = key_text(name);
    struct sit_alert *open = open_alert(c, key);
    struct id_part parts[2] = {{"link_down", 9}, {name, strlen(name)}};
    struct situation *x;
    struct id id;
    uint32_t i;

    if (l->up) {
        if (open)
            alerts_cancel(c, open, "the link is up again", due_us);
        return;
    }
    if (open)
        return;
    id_make(&id, due_us, parts, 2);
    x = new_situation(c, &id, RULE_LINK_DOWN, due_us, &i);
    x->place_key = key;
    situation_name(x, name);
    if (l->since_us && l->since_us < due_us)
        x->from_us = l->since_us;
    tell(c, i, RULE_LINK_DOWN, RS_LINK_DOWN, 0, due_us);
}
