/* format_csv_ucdp: a row of a UCDP GED export to an incident.
 *
 * id is the own id; an event is known by days, so it happened at noon UTC of date_start (attribute:
 * both dates, and date_prec in words). source_date, where it is one, is when it was reported.
 * where_prec gives the radius; of an event that is known by its country alone (6), or happened on
 * sea or in the air (7), the coordinates are those of a map and are left out. type_of_violence gives
 * the event: fighting with a state or between groups (1, 2) is a clash, one-sided violence (3) an
 * attack on civilians. best is who was killed, with low, high and the sides as attributes. The text
 * is the headline of the source and where it was; without a headline the sides are named. UCDP
 * passes on what others reported: each incident is a relay. */
#include <string.h>

#include "format_csv_impl.h"

#include "timefmt.h"

/* clang-format off */
#define COLUMNS(X)                                                                           \
    X(id) X(type_of_violence) X(date_start)                                                  \
    X(relid) X(conflict_name) X(dyad_name) X(side_a) X(side_b) X(number_of_sources)          \
    X(source_article) X(source_office) X(source_date) X(source_headline) X(source_original)  \
    X(where_prec) X(where_coordinates) X(where_description) X(adm_1) X(adm_2) X(latitude)    \
    X(longitude) X(country) X(event_clarity) X(date_prec) X(date_end) X(deaths_a)            \
    X(deaths_b) X(deaths_civilians) X(deaths_unknown) X(best) X(high) X(low)
/* clang-format on */

#define AS_ENUM(name) C_##name,
#define AS_NAME(name) #name,
enum { COLUMNS(AS_ENUM) C_COUNT };
static const char *const columns[] = {COLUMNS(AS_NAME)};

static void
say(struct draft *d, const char *sep, const char *s)
{
    if (s != NULL)
        draft_text(d, sep, s, strlen(s));
}

static void
read_text(const struct csv_table *t, struct draft *d, unsigned violence)
{
    static const char *const words[] = {"Violence", "Fighting with the state", "Fighting",
                                        "Violence against civilians"};
    const char *headline = csv_get(t, C_source_headline), *where = csv_get(t, C_where_description);
    const char *a = csv_get(t, C_side_a), *b = csv_get(t, C_side_b);

    say(d, "", headline);
    if (d->incident.text == NULL) {
        say(d, "", words[violence]);
        say(d, ": ", a);
        say(d, a != NULL ? " - " : ": ", b);
    }
    say(d, "\n", where != NULL ? where : csv_get(t, C_where_coordinates));
}

static int
read_times(const struct csv_table *t, struct draft *d, struct err *e)
{
    static const char *const exact[] = {"",
                                        ", to the day",
                                        ", within 2 to 6 days",
                                        ", within a week",
                                        ", within a month",
                                        ", within more than a month"};
    struct incident *in = &d->incident;
    char from[TIME_TEXT], to[TIME_TEXT];
    int64_t start, end, source;
    struct err inner;

    if (csv_day(csv_get(t, C_date_start), t->day_first, &start, &inner) != 0)
        return err_set(e, "date_start: %.200s", inner.text);
    if (csv_day(csv_get(t, C_date_end), t->day_first, &end, NULL) != 0)
        end = start;
    in->occurred_at_us = start;
    if (csv_day(csv_get(t, C_source_date), t->day_first, &source, NULL) == 0)
        in->reported_at_us = source > end ? source : end;
    (void)time_text(start, from);
    (void)time_text(end, to);
    draft_attribute(d, "event_date",
                    arena_printf(d->arena, "%.10s%s%.10s%s", from, end != start ? " to " : "",
                                 end != start ? to : "",
                                 exact[csv_code(csv_get(t, C_date_prec), 5)]));
    return 0;
}

static void
read_place(const struct csv_table *t, struct draft *d)
{
    static const uint32_t radius_m[] = {0, 1000, 25000, 40000, 100000, 50000};
    const char *name = csv_get(t, C_where_coordinates);
    unsigned prec = csv_code(csv_get(t, C_where_prec), 7);

    d->incident.place = draft_name(d->arena, name != NULL ? name : csv_get(t, C_adm_2));
    if (prec < 6 && csv_position(d, csv_get(t, C_latitude), csv_get(t, C_longitude)) == 0)
        d->incident.radius_m = radius_m[prec];
}

static int
read_row(const struct csv_table *t, const struct format_options *o, struct draft *d, struct err *e)
{
    static const unsigned attributes[] = {C_conflict_name,
                                          C_dyad_name,
                                          C_side_a,
                                          C_side_b,
                                          C_source_article,
                                          C_source_office,
                                          C_source_date,
                                          C_source_original,
                                          C_number_of_sources,

                                          C_where_prec,
                                          C_adm_1,
                                          C_adm_2,
                                          C_country,
                                          C_event_clarity,
                                          C_low,
                                          C_high,
                                          C_deaths_a,
                                          C_deaths_b,
                                          C_deaths_civilians,
                                          C_deaths_unknown,
                                          C_relid};
    struct incident *in = &d->incident;
    unsigned violence = csv_code(csv_get(t, C_type_of_violence), 3);

    (void)o;
    in->own_id = draft_name(d->arena, csv_get(t, C_id));
    if (in->own_id == NULL)
        return err_set(e, "id: missing");
    if (violence == 0)
        return err_set(e, "type_of_violence: must be 1, 2 or 3");
    if (read_times(t, d, e) != 0)
        return -1;
    read_place(t, d);
    read_text(t, d, violence);
    in->event = violence == 3 ? EV_ARMED_ATTACK : EV_ARMED_CLASH;
    if (violence == 3 || csv_figure(csv_get(t, C_deaths_civilians)) > 0) {
        in->has_targets = true;
        in->targets = TARGET_BIT(TG_CIVILIANS);
    }
    in->killed = csv_figure(csv_get(t, C_best));
    in->relay = true;
    for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++)
        draft_attribute(d, columns[attributes[i]], csv_get(t, attributes[i]));
    return 0;
}

const struct csv_kind csv_ucdp = {
    .name = "UCDP GED", .columns = columns, .n_columns = C_COUNT, .n_known = 3, .read = read_row};
