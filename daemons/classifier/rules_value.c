/* rules_value: see rules_value.h. */
#include "rules_value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "correlate.h"
#include "timefmt.h"

/* The word of a node, "" for anything else. */
static const char *
word(const struct ynode *y)
{
    return y->type == YN_SCALAR ? y->scalar : "";
}

static const char *
key_of(const struct ynode *y)
{
    return y->key ? y->key : "it";
}

int
value_slug(const struct ynode *y, const char *file, struct err *e)
{
    const char *s = word(y);

    if (!*s || strlen(s) > MAX_RULE_NAME ||
        strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_") != strlen(s))
        return err_at(e, file, y->line, "%s must be of a to z, 0 to 9 and _, at most %d", key_of(y),
                      MAX_RULE_NAME);
    return 0;
}

int
value_text(const struct ynode *y, const char *file, size_t most, struct arena *a, const char **out,
           struct err *e)
{
    const char *s = word(y);

    if (!*s || strlen(s) > most)
        return err_at(e, file, y->line, "%s must be words of at most %zu bytes", key_of(y), most);
    *out = arena_strndup(a, s, strlen(s));
    return *out ? 0 : err_at(e, file, y->line, "out of memory");
}

int
value_template(const struct ynode *y, const char *file, struct arena *a, const char **out,
               struct err *e)
{
    static const char *const known[] = {"{asset}", "{place}", "{n}"};

    for (const char *p = strpbrk(word(y), "{}"); p; p = strpbrk(p, "{}")) {
        size_t i = 0;

        while (i < 3 && strncmp(p, known[i], strlen(known[i])) != 0)
            i++;
        if (i == 3)
            return err_at(e, file, y->line, "%s: braces hold asset, place or n", key_of(y));
        p += strlen(known[i]);
    }
    return value_text(y, file, MAX_HEADLINE, a, out, e);
}

int
value_word(const struct ynode *y, const char *file, const char *const *names, int n, struct err *e)
{
    char list[160] = "";

    for (int i = 0; i < n; i++)
        if (strcmp(word(y), names[i]) == 0)
            return i;
    for (int i = 0; i < n; i++) {
        (void)strncat(list, i ? ", " : "", sizeof list - strlen(list) - 1);
        (void)strncat(list, names[i], sizeof list - strlen(list) - 1);
    }
    return err_at(e, file, y->line, "%s must be one of %s", key_of(y), list);
}

int
value_mask(const struct ynode *y, const char *file, const char *const *names, int n, uint32_t *mask,
           struct err *e)
{
    const struct ynode *one = y->type == YN_LIST ? y->child : y;

    if (!one)
        return err_at(e, file, y->line, "%s is empty", key_of(y));
    for (; one; one = y->type == YN_LIST ? one->next : NULL) {
        int v = value_word(one, file, names, n, e);

        if (v < 0)
            return -1;
        *mask |= 1u << v;
    }
    return 0;
}

int
value_int(const struct ynode *y, const char *file, uint32_t min, uint32_t max, uint32_t *out,
          struct err *e)
{
    const char *s = word(y);
    char *end;
    long v;

    errno = 0;
    v = strtol(s, &end, 10);
    if (errno || end == s || *end || v < (long)min || v > (long)max)
        return err_at(e, file, y->line, "%s must be a whole number from %u to %u", key_of(y), min,
                      max);
    *out = (uint32_t)v;
    return 0;
}

int
value_duration(const struct ynode *y, const char *file, int64_t min, int64_t max, int64_t *out,
               struct err *e)
{
    char low[TIME_TEXT], high[TIME_TEXT];
    int64_t v;

    if (duration_parse(word(y), &v) != 0 || v < min || v > max)
        return err_at(e, file, y->line, "%s must be a duration from %s to %s", key_of(y),
                      duration_text(min, low), duration_text(max, high));
    *out = v;
    return 0;
}

int
value_distance(const struct ynode *y, const char *file, uint32_t *out, struct err *e)
{
    const char *s = word(y);
    char *end;
    unsigned long v;

    errno = 0;
    v = *s >= '0' && *s <= '9' ? strtoul(s, &end, 10) : 0;
    if (!v || errno || v > MAX_DISTANCE_M)
        v = 0;
    else if (strcmp(end, "km") == 0)
        v *= 1000;
    else if (strcmp(end, "m") != 0)
        v = 0;
    if (v < MIN_DISTANCE_M || v > MAX_DISTANCE_M)
        return err_at(e, file, y->line, "%s must be a distance from %dm to %dkm", key_of(y),
                      MIN_DISTANCE_M, MAX_DISTANCE_M / 1000);
    *out = (uint32_t)v;
    return 0;
}

/* ---- the filters of a kind of incidents */

static int
filter_event(const struct ynode *y, const char *file, struct rule_term *t, struct err *e)
{
    const struct ynode *one = y->type == YN_LIST ? y->child : y;

    for (; one; one = y->type == YN_LIST ? one->next : NULL) {
        enum event_type v = event_type_parse(word(one));

        if (strcmp(word(one), "any_attack") == 0) {
            for (int k = 0; k < EVENT_COUNT; k++)
                if (correlate_is_attack((enum event_type)k))
                    t->events |= 1u << k;
            continue;
        }
        if (v == EV_UNKNOWN || v == EV_NONE)
            return err_at(e, file, one->line, "event: \"%s\" is no event type", word(one));
        t->events |= 1u << v;
    }
    return t->events ? 0 : err_at(e, file, y->line, "event is empty");
}

static int
filter_hours(const struct ynode *y, const char *file, struct rule_term *t, struct err *e)
{
    char *end = NULL;
    unsigned long from = strtoul(word(y), &end, 10), to = 24;

    if (end != word(y) && *end == '-')
        to = strtoul(end + 1, &end, 10);
    if (!*word(y) || *end || from > 23 || to > 23 || from == to)
        return err_at(e, file, y->line, "hours must be FROM-TO in hours of UTC, as 18-6");
    t->hour_from = (uint8_t)from;
    t->hour_to = (uint8_t)to;
    return 0;
}

static int
filter_actor(const struct ynode *y, const char *file, const struct rules *r, struct rule_term *t,
             struct err *e)
{
    if (!*word(y) || strlen(word(y)) > MAX_LABEL)
        return err_at(e, file, y->line, "actor must be a label of the lexicon, or forces");
    t->side = rules_side(r, word(y), strcmp(word(y), "forces") == 0);
    return 0;
}

static int
filter(const struct ynode *y, const char *file, const struct rules *r, struct rule_term *t,
       struct err *e)
{
    static const char *const targets[] = {"convoy", "base", "civilians", "armed"};
    static const char *const modes[] = {"fact",   "claim",  "warning",
                                        "rumour", "denial", "follow_up"};
    static const char *const marks[] = {"siege", "sexual_violence"};
    static const char *const classes[] = {"own", "local", "partner", "media"};
    static const char *const grades[] = {"not_low", "high"};
    static const char *const places[] = {"point", "region"};
    uint32_t mask = 0;
    int v;

    if (strcmp(y->key, "event") == 0)
        return filter_event(y, file, t, e);
    if (strcmp(y->key, "hours") == 0)
        return filter_hours(y, file, t, e);
    if (strcmp(y->key, "actor") == 0)
        return filter_actor(y, file, r, t, e);
    if (strcmp(y->key, "grade") == 0) {
        v = value_word(y, file, grades, 2, e);
        t->grade = (uint8_t)(v + 1);
        return v < 0 ? -1 : 0;
    }
    /* The names stand in the order of their enums, whose first value is 1. */
    if (strcmp(y->key, "target") == 0) {
        v = value_mask(y, file, targets, 4, &mask, e);
        t->targets = mask << 1;
    } else if (strcmp(y->key, "mode") == 0) {
        v = value_mask(y, file, modes, 6, &mask, e);
        t->modes = mask << 1;
    } else if (strcmp(y->key, "class") == 0) {
        v = value_mask(y, file, classes, 4, &mask, e);
        t->classes = mask << 1;
    } else if (strcmp(y->key, "mark") == 0) {
        v = value_mask(y, file, marks, 2, &t->marks, e);
    } else if (strcmp(y->key, "place") == 0) {
        v = value_mask(y, file, places, 2, &mask, e);
        t->places = (uint8_t)mask;
    } else {
        v = err_at(e, file, y->line, "incidents have no key \"%s\"", y->key);
    }
    return v;
}

int
rule_term_read(const struct ynode *y, const char *file, const struct rules *r,
               struct rule_term *out, struct err *e)
{
    struct rule_term t = {0};

    if (y->type != YN_MAP)
        return err_at(e, file, y->line, "a kind of incidents is a map of filters");
    for (const struct ynode *c = y->child; c; c = c->next)
        if (filter(c, file, r, &t, e) != 0)
            return -1;
    if (!t.events)
        return err_at(e, file, y->line, "a kind of incidents needs event");
    if (!t.modes)
        t.modes = 1u << MODE_FACT | 1u << MODE_CLAIM | 1u << MODE_WARNING;
    if (!t.places)
        t.places = TERM_POINT;
    *out = t;
    return 0;
}

/* ---- named places and steps */

int
rule_place_read(const struct ynode *y, const char *file, struct arena *a, struct rule_place *out,
                struct err *e)
{
    const struct ynode *name = ynode_get(y, "name"), *lat = ynode_get(y, "lat"),
                       *lon = ynode_get(y, "lon");

    if (!name || !lat || !lon || ynode_count(y) != 3)
        return err_at(e, file, y->line, "a place is {name: …, lat: …, lon: …}");
    if (geo_parse_deg(word(lat), &out->pt.lat) != 0 ||
        geo_parse_deg(word(lon), &out->pt.lon) != 0 || !geo_valid(out->pt))
        return err_at(e, file, lat->line, "lat and lon must be decimal degrees");
    return value_text(name, file, MAX_LABEL, a, &out->name, e);
}

static int
step_percent(const struct ynode *y, const char *file, uint32_t *out, struct err *e)
{
    char *end;
    unsigned long v = strtoul(word(y), &end, 10);

    if (end == word(y) || strcmp(end, "%") != 0 || v < 100 || v > 1000)
        return err_at(e, file, y->line, "after must be 100%% to 1000%% of the check-in interval");
    *out = (uint32_t)v;
    return 0;
}

int
rule_step_read(const struct ynode *y, const char *file, enum rule_of of, struct rule_step *out,
               struct err *e)
{
    const char *key = of == OF_CHECK_IN ? "after" : "distance";
    const struct ynode *at = ynode_get(y, key), *l = ynode_get(y, "likelihood"),
                       *i = ynode_get(y, "impact");
    uint32_t likelihood = 0, impact = 0;

    if (!at || !l || !i || ynode_count(y) != 3)
        return err_at(e, file, y->line, "a step is {%s: …, likelihood: …, impact: …}", key);
    if ((of == OF_CHECK_IN ? step_percent(at, file, &out->percent, e)
                           : value_distance(at, file, &out->distance_m, e)) != 0 ||
        value_int(l, file, 1, 5, &likelihood, e) != 0 || value_int(i, file, 1, 5, &impact, e) != 0)
        return -1;
    out->likelihood = (uint8_t)likelihood;
    out->impact = (uint8_t)impact;
    return 0;
}
