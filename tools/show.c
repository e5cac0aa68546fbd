/* show: alerts for people. The most urgent first on the line, colour only on a terminal. */
#include <inttypes.h>
#include <string.h>

#include "timefmt.h"
#include "tool.h"

#define RESET "\033[0m"

static const char *
colour_of(enum precedence p)
{
    switch (p) {
    case PR_FLASH:
        return "\033[1;37;41m";
    case PR_IMMEDIATE:
        return "\033[1;31m";
    case PR_PRIORITY:
        return "\033[33m";
    default:
        return "";
    }
}

const char *
show_precedence(const struct tool *t, enum precedence p)
{
    static char text[48];
    static const char *const names[PRECEDENCE_COUNT] = {"-", "ROUTINE", "PRIORITY", "IMMEDIATE",
                                                        "FLASH"};
    const char *name = p < PRECEDENCE_COUNT ? names[p] : "-";

    if (t->colour && p >= PR_PRIORITY)
        (void)snprintf(text, sizeof text, "%s%-9s%s", colour_of(p), name, RESET);
    else
        (void)snprintf(text, sizeof text, "%-9s", name);
    return text;
}

void
show_line(struct tool *t, uint64_t seq, const struct alert_event *ev)
{
    char at[TIME_TEXT], id[ID_TEXT];

    (void)seq;
    (void)time_text((ev->due_at_us != 0 ? ev->due_at_us : ev->at_us) / SECOND_US * SECOND_US, at);
    buf_printf(&t->out, "%s  %s %-12s %-10s %s  %s%s%s\n", at, show_precedence(t, ev->precedence),
               ev->kind == AK_UNKNOWN ? alert_state_name(ev->state) : alert_kind_name(ev->kind),
               target_name(ev->target), id_text(&ev->id, id),
               ev->headline_en != NULL ? ev->headline_en : event_type_name(ev->event),
               ev->unconfirmed ? " [UNCONFIRMED]" : "", ev->late ? " [LATE]" : "");
}

static void
show_range(struct buf *b, const char *what, struct range r)
{
    if (r.least < 0)
        return;
    if (r.least == r.most)
        buf_printf(b, "  %d %s", r.least, what);
    else
        buf_printf(b, "  %d-%d %s", r.least, r.most, what);
}

void
show_alert(struct tool *t, uint64_t seq, const struct alert_event *ev)
{
    struct buf *b = &t->out;
    char at[TIME_TEXT];

    show_line(t, seq, ev);
    if (ev->headline_fr != NULL)
        buf_printf(b, "    fr       %s\n", ev->headline_fr);
    buf_printf(b, "    risk     %s (likelihood %u, impact %u), certainty %s\n", risk_name(ev->risk),
               ev->likelihood, ev->impact, certainty_name(ev->certainty));
    if (ev->place != NULL)
        buf_printf(b, "    where    %s (%s)\n", ev->place, ev->area != NULL ? ev->area : "unknown");
    if (ev->harm.killed.least >= 0 || ev->harm.wounded.least >= 0 || ev->harm.taken.least >= 0) {
        buf_puts(b, "    harm   ");
        show_range(b, "killed", ev->harm.killed);
        show_range(b, "wounded", ev->harm.wounded);
        show_range(b, "taken", ev->harm.taken);
        buf_putc(b, '\n');
    }
    for (size_t i = 0; i < ev->n_assets; i++) {
        const struct event_asset *a = &ev->assets[i];
        buf_printf(b, "    %s%s", i == 0 ? "danger   " : "         ",
                   a->name != NULL ? a->name : a->id);
        if (a->distance_m > 0)
            buf_printf(b, ", %u.%u km %s", a->distance_m / 1000, a->distance_m % 1000 / 100,
                       geo_compass(a->bearing_deg, false));
        if (a->contact_at_us != 0)
            buf_printf(b, ", contact at %s", time_text(a->contact_at_us, at));
        if (a->halt_at_us != 0)
            buf_printf(b, ", last halt %s%s%s", a->halt != NULL ? a->halt : "",
                       a->halt != NULL ? " at " : "", time_text(a->halt_at_us, at));
        if (a->fixed_at_us != 0)
            buf_printf(b, ", position of %s", time_text(a->fixed_at_us, at));
        buf_putc(b, '\n');
    }
    for (size_t i = 0; i < ev->n_nearby; i++)
        buf_printf(b, "    %s%s, %u.%u km\n", i == 0 ? "nearby   " : "         ",
                   ev->nearby[i].name != NULL ? ev->nearby[i].name : "",
                   ev->nearby[i].distance_m / 1000, ev->nearby[i].distance_m % 1000 / 100);
    for (size_t i = 0; i < ev->n_claims; i++)
        buf_printf(b, "    version  %s: %s\n", ev->claims[i].party, ev->claims[i].says);
    for (size_t i = 0; i < ev->n_reasons; i++)
        buf_printf(b, "    %s%+d %s\n", i == 0 ? "because  " : "         ", ev->reasons[i].weight,
                   ev->reasons[i].text);
    for (size_t i = 0; i < ev->n_changed; i++)
        buf_printf(b, "%s%s%s", i == 0 ? "    changed  " : ", ", ev->changed[i],
                   i + 1 == ev->n_changed ? "\n" : "");
    if (ev->instruction_en != NULL &&
        (ev->kind == AK_RAISED || ev->kind == AK_UPDATED || ev->kind == AK_ESCALATED))
        buf_printf(b, "    do       %s\n", ev->instruction_en);
    if (ev->answered_by != NULL)
        buf_printf(b, "    by       %s\n", ev->answered_by);
    if (ev->note != NULL)
        buf_printf(b, "    note     %s\n", ev->note);
}
