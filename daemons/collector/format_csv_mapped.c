/* format_csv_mapped: a row of anybody's CSV to an incident, by the columns of the configuration.
 *
 * A row needs a text or an event. What cannot be read in an optional column is unknown, and stands
 * as it was in an attribute of the key's name; columns that the configuration does not name are
 * passed over: they may hold who reported. Times without a zone are in the zone of the source; a
 * date alone is its noon. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "format_csv_impl.h"

#include "timefmt.h"

/* The keys of struct csv_conf. */
/* clang-format off */
#define COLUMNS(X)                                                                      \
    X(id) X(reported_at) X(occurred_at) X(lat) X(lon) X(mgrs) X(place) X(lang) X(event) \
    X(status) X(killed) X(wounded) X(taken) X(reliability) X(credibility)
/* clang-format on */

#define AS_ENUM(name)   C_##name,
#define AS_NAME(name)   #name,
#define AS_OFFSET(name) offsetof(struct csv_conf, name),
enum { COLUMNS(AS_ENUM) C_COUNT };
static const char *const columns[] = {COLUMNS(AS_NAME)};
static const size_t offsets[] = {COLUMNS(AS_OFFSET)};

/* ---- the head */

/* By name, as it stands or but for case; else by number. */
static int
find(struct csv_table *t, const struct csv_conf *conf, const char *name, uint16_t *out,
     struct err *e)
{
    size_t n = t->row.n < CSV_MAX_FIELDS ? t->row.n : CSV_MAX_FIELDS;
    char list[CSV_SHOWN], shown[CSV_SHOWN];
    char *end;
    long number;

    for (size_t i = 0; i < n; i++)
        if (strcasecmp(t->row.fields[i], name) == 0) {
            *out = (uint16_t)i;
            return 0;
        }
    number = strtol(name, &end, 10);
    if (*end != '\0' || number < 1 || number > CSV_MAX_FIELDS || (conf->header && number > (long)n))
        return err_set(e, "collector.csv \"%s\": %s \"%s\"", csv_shown(conf->name, list),
                       conf->header ? "the first row has no column"
                                    : "without a header columns are numbers from 1, not",
                       csv_shown(name, shown));
    *out = (uint16_t)(number - 1);
    return 0;
}

int
csv_map(struct csv_table *t, const struct csv_conf *conf, struct err *e)
{
    char shown[CSV_SHOWN];

    t->n_text = t->n_least = 0;
    for (size_t i = 0; i < C_COUNT; i++) {
        const char *name = *(char *const *)((const char *)conf + offsets[i]);
        t->at[i] = CSV_NO_COLUMN;
        if (name != NULL && find(t, conf, name, &t->at[i], e) != 0)
            return -1;
        if (name != NULL && t->at[i] >= t->n_least)
            t->n_least = (size_t)t->at[i] + 1;
    }
    for (size_t i = 0; i < conf->text.n && i < CSV_COLUMNS; i++) {
        if (find(t, conf, conf->text.v[i], &t->text[i], e) != 0)
            return -1;
        if (t->text[i] >= t->n_least)
            t->n_least = (size_t)t->text[i] + 1;
        t->n_text = i + 1;
    }
    if (t->n_text == 0 && t->at[C_event] == CSV_NO_COLUMN)
        return err_set(e, "collector.csv \"%s\": name a column for text or event",
                       csv_shown(conf->name, shown));
    t->n_fields = conf->header ? t->row.n : 0;
    return 0;
}

/* ---- times */

static int64_t
to_utc(const struct format_options *o, int64_t local_us)
{
    if (o->source == NULL)
        return local_us;
    int64_t at = local_us - source_utc_offset(o->source, local_us) * MINUTE_US;
    return local_us - source_utc_offset(o->source, at) * MINUTE_US;
}

static int
civil_us(const struct civil *c, int64_t *us)
{
    char text[64];

    (void)snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02dZ", c->year, c->month, c->day,
                   c->hour, c->minute, c->second);
    return time_parse(text, strlen(text), us);
}

/* As conf.time_format says. What it does not set is known by reading twice. A year that it lacks is
 * the one that makes the time the last past. */
static int
by_format(const struct format_options *o, const char *format, const char *s, int64_t *us)
{
    struct tm tm = {.tm_year = 71, .tm_mon = 0, .tm_mday = 1, .tm_hour = 1};
    struct tm other = {.tm_year = 72, .tm_mon = 1, .tm_mday = 2, .tm_hour = 2};
    const char *end = strptime(s, format, &tm);
    bool zone = strstr(format, "%z") != NULL || strstr(format, "%s") != NULL;
    struct civil c, now;

    if (end == NULL || end[strspn(end, " ")] != '\0' || strptime(s, format, &other) == NULL ||
        tm.tm_mon != other.tm_mon || tm.tm_mday != other.tm_mday)
        return -1;
    bool any_year = tm.tm_year != other.tm_year, any_hour = tm.tm_hour != other.tm_hour;
    if (any_year && o->now_us == 0)
        return -1;
    time_to_civil(o->now_us, &now);
    c = (struct civil){.year = any_year ? now.year : tm.tm_year + 1900,
                       .month = tm.tm_mon + 1,
                       .day = tm.tm_mday,
                       .hour = any_hour ? 12 : tm.tm_hour,
                       .minute = any_hour ? 0 : tm.tm_min,
                       .second = tm.tm_sec > 59 ? 59 : tm.tm_sec};
    if (any_year && time_from_civil(&c) > o->now_us + DAY_US)
        c.year--;
    if (civil_us(&c, us) != 0)
        return -1;
    *us = zone ? *us - tm.tm_gmtoff * SECOND_US : to_utc(o, *us);
    return *us > 0 ? 0 : -1;
}

/* RFC 3339; the same without seconds or zone; a date. */
static int
by_habit(const struct format_options *o, bool day_first, const char *s, int64_t *us)
{
    struct civil c = {0};
    int n = 0;

    if (time_parse(s, strlen(s), us) == 0)
        return 0;
    if (sscanf(s, "%4d-%2d-%2d%*1[T ]%2d:%2d%n:%2d%n", &c.year, &c.month, &c.day, &c.hour,
               &c.minute, &n, &c.second, &n) >= 5 &&
        n > 0 && s[n] == '\0') {
        if (civil_us(&c, us) != 0)
            return -1;
    } else if (strchr(s, ':') != NULL || csv_day(s, day_first, us, NULL) != 0) {
        return -1;
    }
    *us = to_utc(o, *us);
    return *us > 0 ? 0 : -1;
}

static void
read_time(const struct csv_table *t, const struct format_options *o, unsigned column,
          struct draft *d, int64_t *out)
{
    const char *s = csv_get(t, column), *format = o->csv->time_format;
    int64_t us = 0;

    if (s == NULL)
        return;
    if ((format != NULL ? by_format(o, format, s, &us) : by_habit(o, t->day_first, s, &us)) == 0)
        *out = us;
    else
        draft_attribute(d, columns[column], s);
}

/* ---- words and figures */

static void
read_event(const struct csv_table *t, struct draft *d)
{
    const char *s = csv_get(t, C_event);
    char word[32];
    size_t i;

    if (s == NULL)
        return;
    for (i = 0; i < sizeof word - 1 && s[i] != '\0'; i++)
        word[i] = s[i] == ' ' || s[i] == '-' ? '_' : (char)tolower((unsigned char)s[i]);
    word[i] = '\0';
    d->incident.event = event_type_parse(word);
    if (d->incident.event == EV_UNKNOWN)
        draft_attribute(d, "event", s);
}

static void
read_status(const struct csv_table *t, struct draft *d)
{
    static const struct {
        const char *word;
        enum status status;
    } words[] = {{"actual", ST_ACTUAL},
                 {"r\xC3\xA9"
                  "el",
                  ST_ACTUAL},
                 {"exercise", ST_EXERCISE},
                 {"exercice", ST_EXERCISE},
                 {"test", ST_TEST}};
    const char *s = csv_get(t, C_status);

    for (size_t i = 0; s != NULL && i < sizeof words / sizeof words[0]; i++)
        if (strcasecmp(s, words[i].word) == 0) {
            d->incident.status = words[i].status;
            return;
        }
    draft_attribute(d, "status", s);
}

static int32_t
read_figure(const struct csv_table *t, unsigned column, struct draft *d)
{
    int32_t v = csv_figure(csv_get(t, column));

    if (v < 0)
        draft_attribute(d, columns[column], csv_get(t, column));
    return v;
}

static void
read_grades(const struct csv_table *t, struct draft *d)
{
    const char *reliability = csv_get(t, C_reliability), *credibility = csv_get(t, C_credibility);

    if (reliability != NULL && reliability[1] == '\0' &&
        strchr("ABCDEFabcdef", *reliability) != NULL)
        d->incident.reliability = (char)(*reliability & ~0x20);
    else
        draft_attribute(d, "reliability", reliability);
    d->incident.credibility = (uint8_t)csv_code(credibility, 6);
    if (d->incident.credibility == 0)
        draft_attribute(d, "credibility", credibility);
}

static void
read_place(const struct csv_table *t, struct draft *d)
{
    const char *lat = csv_get(t, C_lat), *lon = csv_get(t, C_lon);
    const char *mgrs = csv_get(t, C_mgrs), *lang = csv_get(t, C_lang);
    struct geo_pt pt;
    uint32_t radius;

    d->incident.place = draft_name(d->arena, csv_get(t, C_place));
    if (csv_position(d, lat, lon) != 0) {
        draft_attribute(d, "lat", lat);
        draft_attribute(d, "lon", lon);
    }
    if (mgrs != NULL && strlen(mgrs) <= 32 && geo_from_mgrs(mgrs, &pt, &radius) == 0)
        d->incident.mgrs = mgrs;
    else
        draft_attribute(d, "mgrs", mgrs);
    if (lang != NULL)
        d->incident.lang = draft_clean(d->arena, lang, strlen(lang), 16);
}

static int
read_row(const struct csv_table *t, const struct format_options *o, struct draft *d, struct err *e)
{
    struct incident *in = &d->incident;

    for (size_t i = 0; i < t->n_text; i++) {
        const char *s = t->row.fields[t->text[i]];
        draft_text(d, "\n", s, strlen(s));
    }
    read_event(t, d);
    if (in->text == NULL && in->event == EV_UNKNOWN)
        return err_set(e, "neither a text nor an event that Tocsin knows");
    in->own_id = draft_name(d->arena, csv_get(t, C_id));
    read_time(t, o, C_reported_at, d, &in->reported_at_us);
    read_time(t, o, C_occurred_at, d, &in->occurred_at_us);
    read_place(t, d);
    read_status(t, d);
    read_grades(t, d);
    in->killed = read_figure(t, C_killed, d);
    in->wounded = read_figure(t, C_wounded, d);
    in->taken = read_figure(t, C_taken, d);
    return 0;
}

const struct csv_kind csv_mapped = {
    .name = "mapped", .columns = columns, .n_columns = C_COUNT, .n_known = 0, .read = read_row};
