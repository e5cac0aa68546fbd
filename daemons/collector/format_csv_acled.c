/* format_csv_acled: a row of an ACLED export to an incident.
 *
 * event_id_cnty is the own id, timestamp the time reported; event_date is known to the day, so the
 * time is noon UTC, and the attribute event_date has the date and how exact it is. geo_precision
 * gives the radius: 1 the place itself, 2 near it or a part of a region, 3 a region. notes are the
 * text. sub_event_type, or else event_type, gives the event by the table below; where that says too
 * little ("Other", a change of a group) the text decides. Civilians are hit where civilian_targeting
 * or a side says so; who else is hit is left to the text. ACLED passes on what others reported: each
 * incident is a relay, source and source_scale are attributes, as are the actors and the areas. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "format_csv_impl.h"

#include "timefmt.h"
#include "wire_codec.h"

/* clang-format off */
#define COLUMNS(X)                                                                        \
    X(event_id_cnty) X(event_date) X(event_type)                                          \
    X(time_precision) X(disorder_type) X(sub_event_type) X(actor1) X(assoc_actor_1)       \
    X(inter1) X(actor2) X(assoc_actor_2) X(inter2) X(civilian_targeting) X(country)       \
    X(admin1) X(admin2) X(admin3) X(location) X(latitude) X(longitude) X(geo_precision)   \
    X(source) X(source_scale) X(notes) X(fatalities) X(tags) X(timestamp)
/* clang-format on */

#define AS_ENUM(name) C_##name,
#define AS_NAME(name) #name,
enum { COLUMNS(AS_ENUM) C_COUNT };
static const char *const columns[] = {COLUMNS(AS_NAME)};

static const struct {
    const char *name;
    enum event_type event;
} types[] = {
    /* sub-events */
    {"Government regains territory", EV_TERRITORY},
    {"Non-state actor overtakes territory", EV_TERRITORY},
    {"Armed clash", EV_ARMED_CLASH},
    {"Excessive force against protesters", EV_ARMED_ATTACK},
    {"Protest with intervention", EV_DEMONSTRATION},
    {"Peaceful protest", EV_DEMONSTRATION},
    {"Violent demonstration", EV_HOSTILE_CROWD},
    {"Mob violence", EV_HOSTILE_CROWD},
    {"Chemical weapon", EV_ARMED_ATTACK},
    {"Air/drone strike", EV_AIR_STRIKE},
    {"Suicide bomb", EV_SUICIDE_ATTACK},
    {"Shelling/artillery/missile attack", EV_INDIRECT_FIRE},
    {"Remote explosive/landmine/IED", EV_IED_MINE},
    {"Grenade", EV_ARMED_ATTACK}, /* thrown; what is found or left is the row above */
    {"Sexual violence", EV_ASSAULT},
    {"Attack", EV_ARMED_ATTACK},
    {"Abduction/forced disappearance", EV_KIDNAPPING},
    {"Agreement", EV_NONE},
    {"Arrests", EV_ARREST},
    {"Change to group/activity", EV_UNKNOWN},
    {"Disrupted weapons use", EV_IED_MINE},
    {"Headquarters or base established", EV_ARMED_PRESENCE},
    {"Looting/property destruction", EV_CRIME},
    {"Non-violent transfer of territory", EV_TERRITORY},
    {"Other", EV_UNKNOWN},
    /* event types */
    {"Battles", EV_ARMED_CLASH},
    {"Protests", EV_DEMONSTRATION},
    {"Riots", EV_HOSTILE_CROWD},
    {"Explosions/Remote violence", EV_IED_MINE},
    {"Violence against civilians", EV_ARMED_ATTACK},
    {"Strategic developments", EV_UNKNOWN},
};

static bool
is(const char *s, const char *word)
{
    return s != NULL && strcasecmp(s, word) == 0;
}

static bool
find_type(const char *name, enum event_type *out)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (is(name, types[i].name)) {
            *out = types[i].event;
            return true;
        }
    return false;
}

static void
read_event(const struct csv_table *t, struct incident *in)
{
    if (!find_type(csv_get(t, C_sub_event_type), &in->event))
        (void)find_type(csv_get(t, C_event_type), &in->event); /* else the text decides */
}

/* Codes of older exports are numbers, of newer ones words. */
static bool
is_civilian(const char *inter)
{
    return is(inter, "7") || is(inter, "Civilians");
}

static void
read_targets(const struct csv_table *t, struct incident *in)
{
    const char *targeting = csv_get(t, C_civilian_targeting);

    if (is(targeting, "Civilian targeting") || is_civilian(csv_get(t, C_inter1)) ||
        is_civilian(csv_get(t, C_inter2)) ||
        is(csv_get(t, C_event_type), "Violence against civilians") ||
        is(csv_get(t, C_sub_event_type), "Excessive force against protesters")) {
        in->has_targets = true;
        in->targets = TARGET_BIT(TG_CIVILIANS);
    }
}

/* Seconds since 1970, or a time; 0 = unknown. */
static int64_t
read_timestamp(const char *s)
{
    char *end;
    int64_t us = 0;
    long long v;

    if (s == NULL || time_parse(s, strlen(s), &us) == 0)
        return us;
    v = strtoll(s, &end, 10);
    return *end == '\0' && v > 0 && v <= WIRE_MAX_TIME_US / SECOND_US ? v * SECOND_US : 0;
}

static int
read_times(const struct csv_table *t, struct draft *d, struct err *e)
{
    static const char *const exact[] = {"", ", to the day", ", to the week", ", to the month"};
    struct incident *in = &d->incident;
    struct err inner;
    int64_t noon;

    if (csv_day(csv_get(t, C_event_date), t->day_first, &noon, &inner) != 0)
        return err_set(e, "event_date: %.200s", inner.text);
    in->reported_at_us = read_timestamp(csv_get(t, C_timestamp));
    in->occurred_at_us = csv_noon(noon, in->reported_at_us);

    char text[TIME_TEXT];
    draft_attribute(d, "event_date",
                    arena_printf(d->arena, "%.10s%s", time_text(noon, text),
                                 exact[csv_code(csv_get(t, C_time_precision), 3)]));
    return 0;
}

static void
read_place(const struct csv_table *t, struct draft *d)
{
    static const uint32_t radius_m[] = {0, 2000, 25000, 100000};

    d->incident.place = draft_name(d->arena, csv_get(t, C_location));
    if (csv_position(d, csv_get(t, C_latitude), csv_get(t, C_longitude)) == 0)
        d->incident.radius_m = radius_m[csv_code(csv_get(t, C_geo_precision), 3)];
}

static void
read_text(const struct csv_table *t, struct draft *d)
{
    static const unsigned instead[] = {C_sub_event_type, C_event_type};
    const char *notes = csv_get(t, C_notes);

    if (notes != NULL)
        draft_text(d, "", notes, strlen(notes));
    for (size_t i = 0; i < 2 && d->incident.text == NULL; i++) {
        const char *s = csv_get(t, instead[i]);
        if (s != NULL)
            draft_text(d, "", s, strlen(s));
    }
    d->incident.lang = "en";
}

static int
read_row(const struct csv_table *t, const struct format_options *o, struct draft *d, struct err *e)
{
    static const unsigned attributes[] = {C_disorder_type,  C_event_type,
                                          C_sub_event_type, C_actor1,
                                          C_assoc_actor_1,  C_inter1,
                                          C_actor2,         C_assoc_actor_2,
                                          C_inter2,         C_civilian_targeting,
                                          C_country,        C_admin1,
                                          C_admin2,         C_admin3,
                                          C_source,         C_source_scale,
                                          C_geo_precision,  C_tags};
    struct incident *in = &d->incident;

    (void)o;
    in->own_id = draft_name(d->arena, csv_get(t, C_event_id_cnty));
    if (in->own_id == NULL)
        return err_set(e, "event_id_cnty: missing");
    if (csv_get(t, C_event_type) == NULL)
        return err_set(e, "event_type: missing");
    if (read_times(t, d, e) != 0)
        return -1;
    read_place(t, d);
    read_event(t, in);
    read_targets(t, in);
    read_text(t, d);
    in->killed = csv_figure(csv_get(t, C_fatalities));
    in->relay = true;
    for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++)
        draft_attribute(d, columns[attributes[i]], csv_get(t, attributes[i]));
    return 0;
}

const struct csv_kind csv_acled = {
    .name = "ACLED", .columns = columns, .n_columns = C_COUNT, .n_known = 3, .read = read_row};
