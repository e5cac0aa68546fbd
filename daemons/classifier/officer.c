/* officer: see officer.h. */
#include "officer.h"

#include <string.h>

#include "alerts.h"
#include "merge.h"

static void
clear(struct core *c, uint32_t i, const char *reason, int64_t due_us)
{
    const char *note = arena_printf(c->arena, "cleared by the officer%s%.512s",
                                    reason && *reason ? ": " : "", reason ? reason : "");

    c->failed |= note == NULL;
    c->sits.all[i].cleared_us = due_us;
    situations_fold(&c->sits, i, c->k);
    alerts_cancel_all(c, i, note ? note : "", due_us);
    situations_index(&c->sits, i, c->k->config->classifier.join_us);
    situations_set_decay(&c->sits, i);
}

static void
set(struct core *c, struct sit_alert *a, const struct act *act, int64_t due_us)
{
    const char *field = act->field ? act->field : "", *value = act->value ? act->value : "";
    enum precedence p = strcmp(field, "precedence") == 0 ? precedence_parse(value) : PR_UNKNOWN;
    enum event_type event = strcmp(field, "event") == 0 ? event_type_parse(value) : EV_UNKNOWN;
    struct situation *x = &c->sits.all[a->situation];

    if (strcmp(field, "cleared") == 0 && strcmp(value, "now") == 0 && !x->rule) {
        clear(c, a->situation, act->reason, due_us);
        return;
    }
    if (!p && !event)
        return;
    if (p)
        a->officer_precedence = (uint8_t)p;
    else
        x->event = x->officer_event = (uint8_t)event;
    if (!a->rule)
        alerts_review(c, a->situation, due_us, NULL);
}

/* The report of situation i with that id, or NOTHING. */
static uint32_t
report_of(const struct core *c, uint32_t i, const struct id *id)
{
    uint32_t r = c->sits.all[i].first_ref;

    while (r != NOTHING && id_cmp(&c->sits.refs[r].id, id) != 0)
        r = c->sits.refs[r].next;
    return r;
}

static void
split(struct core *c, uint32_t i, const struct act *act, int64_t due_us)
{
    uint32_t refs[MAX_SIT_REFS], r = report_of(c, i, &act->other);
    const char *p = act->value ? act->value : "";
    size_t n = 0, len;

    if (r != NOTHING)
        refs[n++] = r;
    for (; *p && n < MAX_SIT_REFS; p += len) {
        char text[ID_TEXT] = "";
        struct id other;

        p += strspn(p, " ");
        len = strcspn(p, " ");
        if (len != ID_TEXT - 1)
            continue;
        memcpy(text, p, len);
        r = id_parse(text, &other) == 0 ? report_of(c, i, &other) : NOTHING;
        if (r != NOTHING)
            refs[n++] = r;
    }
    (void)merge_split(c, i, refs, n, act->reason, due_us); /* false: nothing to be done */
}

void
officer_act(struct core *c, const struct act *act, int64_t due_us)
{
    struct sit_alert *a = alerts_find(c, &act->alert), *b;

    if (!a)
        return;
    switch (act->kind) {
    case ACT_SET:
        set(c, a, act, due_us);
        break;
    case ACT_MERGE:
        b = alerts_find(c, &act->other);
        if (b) /* false: nothing to be done */
            (void)merge_two(c, a->situation, b->situation, act->reason, due_us);
        break;
    case ACT_SPLIT:
        split(c, a->situation, act, due_us);
        break;
    default:
        break;
    }
}
