/* alertlog_command: what officers ask for: acknowledged, warned, resolved, for one alert or for
 * every alert of its situation. */
#include <stdlib.h>
#include <string.h>

#include "alertlog_priv.h"
#include "lifecycle.h"

static void
refuse(struct receipt *out, const char *why)
{
    out->status = RC_REJECTED;
    out->reason = why != NULL ? why : "refused";
}

static int
add_warned(struct alert_event *ev, const struct command *c, int64_t now)
{
    struct warned_asset w = {
        .asset = c->asset, .at_us = now, .how = c->how, .unreachable = c->unreachable};

    for (size_t i = 0; i < ev->n_warned; i++)
        if (strcmp(ev->warned[i].asset, c->asset) == 0) {
            ev->warned[i] = w;
            return 0;
        }
    if (ev->n_warned == MAX_ASSETS)
        return -1;
    ev->warned[ev->n_warned++] = w;
    return 0;
}

/* Fills ev from prev and the command; NULL, or why not. */
static const char *
phrase(struct alertlog *al, const struct command *c, const struct alert_event *prev,
       struct alert_event *ev)
{
    *ev = *prev;
    ev->n_changed = 0;
    ev->note = c->note;
    ev->due_at_us = clock_now(&al->clock);
    switch (c->verb) {
    case CMD_ACK:
        ev->kind = AK_ACKNOWLEDGED;
        ev->answered_by = c->who;
        return NULL;
    case CMD_RESOLVE:
        ev->kind = AK_RESOLVED;
        ev->answered_by = c->who;
        ev->false_alarm = c->false_alarm;
        return NULL;
    case CMD_WARNED: {
        size_t i = 0;
        ev->kind = AK_WARNED;
        ev->answered_by = prev->answered_by != NULL ? prev->answered_by : c->who;
        if (c->asset == NULL)
            return "which asset was warned?";
        while (i < prev->n_assets && strcmp(prev->assets[i].id, c->asset) != 0)
            i++;
        if (i == prev->n_assets)
            return "the alert does not name this asset";
        return add_warned(ev, c, ev->due_at_us) < 0 ? "too many warned assets" : NULL;
    }
    default:
        return "this release has no such command";
    }
}

static int
command_one(struct alertlog *al, const struct command *c, const struct id *id, struct arena *a,
            struct receipt *out, struct err *e)
{
    struct alert_event prev, ev;
    uint64_t seq;
    char text[ID_TEXT];

    arena_reset(al->arena);
    int rc = alertlog_get(al, id, al->arena, &seq, &prev, e);
    if (rc < 0)
        return -1;
    if (rc > 0) {
        refuse(out, arena_printf(a, "there is no alert %s", id_text(id, text)));
        return 0;
    }
    const char *why = phrase(al, c, &prev, &ev);
    if (why != NULL) {
        refuse(out, why);
        return 0;
    }
    rc = alertlog_propose(al, &ev, &prev, e);
    if (rc < 0)
        return -1;
    if (rc == 2) {
        refuse(out, arena_printf(a, "the alert is %s already", alert_state_name(prev.state)));
        return 0;
    }
    out->status = rc == 0 ? RC_STORED : RC_DUPLICATE;
    if (rc == 1 && prev.answered_by != NULL)
        out->reason = arena_printf(a, "answered already by %s", prev.answered_by);
    out->seq = rc == 0 ? al->fresh[al->n_fresh - 1].seq : seq;
    out->id = *id;
    return 0;
}

int
alertlog_command(struct alertlog *al, const struct command *c, struct arena *a, struct receipt *out,
                 struct err *e)
{
    struct alert_event first;
    struct open_alert **all;
    struct id situation;
    uint64_t seq;

    if (command_one(al, c, &c->alert, a, out, e) < 0)
        return -1;
    if (!c->whole_situation || out->status == RC_REJECTED)
        return 0;
    arena_reset(al->arena);
    if (alertlog_get(al, &c->alert, al->arena, &seq, &first, e) != 0)
        return -1;
    situation = first.situation;
    size_t n = openset_sorted(al->open, &all);
    struct id *others = malloc((n > 0 ? n : 1) * sizeof *others);
    size_t m = 0;
    int rc = others != NULL ? 0 : err_set(e, "out of memory");
    for (size_t i = 0; i < n && rc == 0; i++) {
        arena_reset(al->arena);
        if (id_cmp(&all[i]->id, &c->alert) == 0)
            continue;
        if (alertlog_get(al, &all[i]->id, al->arena, &seq, &first, e) != 0)
            rc = -1;
        else if (id_cmp(&first.situation, &situation) == 0)
            others[m++] = all[i]->id;
    }
    free(all);
    for (size_t i = 0; i < m && rc == 0; i++) {
        struct receipt ignored = {.status = RC_STORED};
        rc = command_one(al, c, &others[i], a, &ignored, e);
    }
    free(others);
    return rc;
}
