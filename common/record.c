/* record: the names of the vocabulary, and structs at rest.
 *
 * One table per enum, indexed by its value, serves both ways. The tables are checked
 * against the enums by their sizes; test_record walks every value there and back. */
#include "record.h"

#include <string.h>

static const char *const event_types[] = {
    "unknown",        "none",          "armed_attack", "ambush",         "ied_mine",
    "suicide_attack", "indirect_fire", "air_strike",   "kidnapping",     "armed_clash",
    "hostile_crowd",  "demonstration", "crime",        "assault",        "armed_presence",
    "threat",         "access_denial", "territory",    "disinformation", "displacement",
    "hazard",         "arrest"};
static const char *const targets[] = {"unknown", "convoy", "base", "civilians", "armed", "system"};
static const char *const modes[] = {"unknown", "fact",   "claim",    "warning",
                                    "rumour",  "denial", "follow_up"};
static const char *const statuses[] = {"unknown", "actual", "exercise", "test"};
static const char *const source_classes[] = {"unknown", "own", "local", "partner", "media"};
static const char *const precedences[] = {"unknown", "routine", "priority", "immediate", "flash"};
static const char *const risks[] = {"unknown", "very low",  "low",         "medium",
                                    "high",    "very high", "unacceptable"};
static const char *const urgencies[] = {"", "immediate", "expected", "future", "past", "unknown"};
static const char *const severities[] = {"", "extreme", "severe", "moderate", "minor", "unknown"};
static const char *const certainties[] = {"",         "observed", "likely",
                                          "possible", "unlikely", "unknown"};
static const char *const alert_kinds[] = {"unknown", "raised",    "updated",  "acknowledged",
                                          "warned",  "escalated", "resolved", "reopened",
                                          "expired", "cancelled"};
static const char *const alert_states[] = {"unknown",  "raised",  "acknowledged",
                                           "resolved", "expired", "cancelled"};
static const char *const asset_kinds[] = {"unknown", "base", "convoy", "site"};
static const char *const travel_modes[] = {"unknown", "road", "river", "air"};
static const char *const convoy_states[] = {"unknown", "planned", "departed",
                                            "halted",  "arrived", "cancelled"};
static const char *const receipt_statuses[] = {"unknown",  "stored", "duplicate",
                                               "rejected", "retry",  "ignored"};

/* A number from outside the enum must not read outside the table. */
static const char *
name_of(const char *const *names, unsigned count, unsigned v)
{
    return names[v < count ? v : 0];
}

static unsigned
value_of(const char *const *names, unsigned count, const char *s)
{
    if (s == NULL)
        return 0;
    for (unsigned v = 1; v < count; v++)
        if (strcmp(names[v], s) == 0)
            return v;
    return 0;
}

#define NAME(type, table, count)                                                            \
    _Static_assert(sizeof(table) / sizeof((table)[0]) == (count), "a name for each value"); \
    const char *type##_name(enum type v)                                                    \
    {                                                                                       \
        return name_of(table, count, (unsigned)v);                                          \
    }
#define PARSE(type, table, count)                    \
    enum type type##_parse(const char *s)            \
    {                                                \
        return (enum type)value_of(table, count, s); \
    }

NAME(event_type, event_types, EVENT_COUNT)
NAME(target, targets, TARGET_COUNT)
NAME(mode, modes, MODE_COUNT)
NAME(status, statuses, STATUS_COUNT)
NAME(source_class, source_classes, SOURCE_CLASS_COUNT)
NAME(precedence, precedences, PRECEDENCE_COUNT)
NAME(risk, risks, RISK_COUNT)
NAME(urgency, urgencies, URGENCY_COUNT)
NAME(severity, severities, SEVERITY_COUNT)
NAME(certainty, certainties, CERTAINTY_COUNT)
NAME(alert_kind, alert_kinds, ALERT_KIND_COUNT)
NAME(alert_state, alert_states, ALERT_STATE_COUNT)
NAME(asset_kind, asset_kinds, ASSET_KIND_COUNT)
NAME(travel_mode, travel_modes, TRAVEL_COUNT)
NAME(convoy_state, convoy_states, CONVOY_STATE_COUNT)
NAME(receipt_status, receipt_statuses, RECEIPT_STATUS_COUNT)

PARSE(event_type, event_types, EVENT_COUNT)
PARSE(target, targets, TARGET_COUNT)
PARSE(mode, modes, MODE_COUNT)
PARSE(status, statuses, STATUS_COUNT)
PARSE(source_class, source_classes, SOURCE_CLASS_COUNT)
PARSE(precedence, precedences, PRECEDENCE_COUNT)
PARSE(asset_kind, asset_kinds, ASSET_KIND_COUNT)
PARSE(travel_mode, travel_modes, TRAVEL_COUNT)
PARSE(convoy_state, convoy_states, CONVOY_STATE_COUNT)

static const struct harm harm_unknown = {{-1, -1}, {-1, -1}, {-1, -1}};

void
incident_init(struct incident *in)
{
    memset(in, 0, sizeof(*in));
    in->killed = in->wounded = in->taken = -1;
}

void
asset_init(struct asset *a)
{
    memset(a, 0, sizeof(*a));
    a->strength = a->population = a->displaced = -1;
    a->escort = a->air_cover = a->checkin_min = -1;
}

void
finding_init(struct finding *f)
{
    memset(f, 0, sizeof(*f));
    f->harm = harm_unknown;
}

void
alert_event_init(struct alert_event *e)
{
    memset(e, 0, sizeof(*e));
    e->harm = harm_unknown;
}

void
incident_id(const char *source, const char *own_id, int64_t reported_at_us, const void *body,
            size_t len, struct id *out)
{
    const struct id_part parts[] = {
        {source, source == NULL ? 0 : strlen(source)},
        {own_id, own_id == NULL ? 0 : strlen(own_id)},
        {body, len},
    };

    id_make(out, reported_at_us, parts, sizeof(parts) / sizeof(parts[0]));
}
