/* format_cap_info: the <info> of a CAP alert: which of several is read, and what it says. What
 * becomes of which element stands at the head of format_cap_read.c. */
#include "format_cap.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "buf.h"
#include "config.h"
#include "timefmt.h"

#define AHEAD_US (30 * DAY_US)
#define FRESH_US (15 * MINUTE_US)

/* Ranks of severity and urgency: the first is the worst. */
static const char *const urgencies[] = {"Immediate", "Expected", "Future", "Past", "Unknown", NULL};
static const char *const severities[] = {"Extreme", "Severe", "Moderate", "Minor", "Unknown", NULL};
static const char *const certainties[] = {"Observed", "Likely",  "Very Likely", "Possible",
                                          "Unlikely", "Unknown", NULL};
#define URGENCY_PAST    3u
#define URGENCY_UNKNOWN 4u

static int64_t
time_in(const struct cap_message *m, const struct xml_node *n, const char *name)
{
    int64_t us = 0;

    return cap_time(m, xml_child_text(n, name, m->a), &us) == 0 ? us : 0;
}

static int64_t
occurred(const struct cap_message *m, const struct cap_info *i)
{
    int64_t at = time_in(m, i->node, "onset"), until = time_in(m, i->node, "expires");

    if (at == 0)
        at = time_in(m, i->node, "effective");
    if (at == 0 || (until != 0 && at > until) || at > m->sent_us + AHEAD_US)
        return 0;
    if (at < m->sent_us - FRESH_US && i->urgency != URGENCY_PAST && i->urgency != URGENCY_UNKNOWN &&
        (until == 0 || until > m->sent_us))
        return m->sent_us;
    return at;
}

/* ---- which of several infos */

static void
primary_language(const char *tag, char out[12])
{
    size_t n = 0;

    for (; tag != NULL && n < 8 && isalpha((unsigned char)tag[n]); n++)
        out[n] = (char)tolower((unsigned char)tag[n]);
    out[n >= 2 && n < 4 ? n : 0] = '\0';
}

static bool
all_clear(const struct cap_message *m, const struct xml_node *info)
{
    const char *s = xml_child_text(info, "responseType", m->a);

    return s != NULL && strcasecmp(s, "AllClear") == 0;
}

int
cap_info_read(const struct cap_message *m, const struct xml_node *node, const char *where,
              struct cap_info *out)
{
    const char *lang = xml_child_text(node, "language", m->a);
    unsigned certainty;

    *out = (struct cap_info){.node = node};
    primary_language(lang != NULL ? lang : xml_attribute(node, "lang"), out->lang);
    out->event = xml_child_text(node, "event", m->a);
    out->all_clear = all_clear(m, node);
    if (cap_one_of(m, where, "urgency", xml_child_text(node, "urgency", m->a), urgencies, 4,
                   &out->urgency) < 0 ||
        cap_one_of(m, where, "severity", xml_child_text(node, "severity", m->a), severities, 4,
                   &out->severity) < 0 ||
        cap_one_of(m, where, "certainty", xml_child_text(node, "certainty", m->a), certainties, 5,
                   &certainty) < 0)
        return -1;
    return 0;
}

/* CAP: without a language it is English. */
bool
cap_info_is_in(const struct cap_info *i, const char *lang)
{
    return strcmp(i->lang[0] != '\0' ? i->lang : "en", lang) == 0;
}

static const char *
choose_language(const struct cap_message *m, const struct cap_info *all, size_t n)
{
    const char *own = m->o->source != NULL ? m->o->source->lang : NULL;

    for (size_t i = 0; own != NULL && i < n; i++)
        if (cap_info_is_in(&all[i], own))
            return own;
    for (size_t i = 0; i < n; i++)
        if (cap_info_is_in(&all[i], "fr") || cap_info_is_in(&all[i], "en"))
            return cap_info_is_in(&all[i], "fr") ? "fr" : "en";
    return all[0].lang;
}

static bool
is_worse(const struct cap_info *a, const struct cap_info *b)
{
    if (a->all_clear != b->all_clear)
        return b->all_clear;
    return a->severity != b->severity ? a->severity < b->severity : a->urgency < b->urgency;
}

const struct cap_info *
cap_info_choose(const struct cap_message *m, const struct cap_info *all, size_t n)
{
    const char *lang = n > 0 ? choose_language(m, all, n) : NULL;
    const struct cap_info *best = NULL;

    for (size_t i = 0; i < n; i++)
        if (cap_info_is_in(&all[i], lang) && (best == NULL || is_worse(&all[i], best)))
            best = &all[i];
    return best;
}

static bool
same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcasecmp(a, b) == 0);
}

static bool
goes_with(const struct cap_info *a, const struct cap_info *chosen)
{
    return a->all_clear == chosen->all_clear && a->severity == chosen->severity &&
           same_text(a->event, chosen->event);
}

/* ---- what it says */

static void
put_text(const struct cap_message *m, const char *s)
{
    if (s != NULL)
        draft_text(m->d, "\n", s, strlen(s));
}

static bool
begins_with(const char *s, const char *with)
{
    return s != NULL && with != NULL && strncasecmp(s, with, strlen(with)) == 0;
}

static bool
has(const char *s, const char *what)
{
    return s != NULL && strcasestr(s, what) != NULL;
}

const char *
cap_piece(const struct cap_message *m, const struct xml_node *n, const char *name)
{
    const struct xml_node *c = xml_child(n, name);

    return c != NULL ? draft_clean(m->a, c->text, strlen(c->text), MAX_TEXT) : NULL;
}

static void
write_text(const struct cap_message *m, const struct cap_info *i, const char *headline,
           const char *description)
{
    const char *event = cap_piece(m, i->node, "event");
    const char *instruction = cap_piece(m, i->node, "instruction");

    if (!begins_with(description, headline))
        put_text(m, headline);
    if (event != NULL && !has(headline, event) && !has(description, event))
        put_text(m, event);
    put_text(m, description);
    if (instruction != NULL && !has(description, instruction))
        put_text(m, instruction);
}

static enum event_type
event_of(const struct cap_message *m, const struct cap_info *i)
{
    static const char *const hazards[] = {"Met", "Geo",       "Fire",  "Health",
                                          "Env", "Transport", "Infra", "CBRNE"};
    bool any = false;

    for (const struct xml_node *c = xml_child(i->node, "category"); c != NULL;
         c = xml_next(c, "category")) {
        const char *s = draft_name(m->a, c->text);
        bool hazard = false;

        for (size_t h = 0; s != NULL && h < sizeof hazards / sizeof hazards[0]; h++)
            hazard = hazard || strcasecmp(s, hazards[h]) == 0;
        if (!hazard)
            return EV_UNKNOWN;
        any = true;
    }
    return any ? EV_HAZARD : EV_UNKNOWN;
}

/* ---- where it is */

static bool
is_cap_area(const char *name)
{
    static const char *const known[] = {"areaDesc", "polygon",  "circle",
                                        "geocode",  "altitude", "ceiling"};

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(name, known[i]) == 0)
            return true;
    return false;
}

/* A stranger's element is passed over; but one that looks like CAP, is not, and has elements of its
 * own (<Point>, <Polygon>) says where the danger is, and would be lost in silence. */
static int
check_area(const struct cap_message *m, const struct xml_node *area, const char *where)
{
    for (const struct xml_node *c = area->child; c != NULL; c = c->next)
        if (c->child != NULL && !is_cap_area(c->name) && strcmp(c->ns, area->ns) == 0)
            return err_set(m->why,
                           "%sarea: <%s> is no element of CAP, so where it is cannot be "
                           "read; CAP has <polygon> and <circle>",
                           where, cap_quoted(m, c->name));
    return 0;
}

void
cap_info_take(const struct cap_message *m, const struct cap_info *i, const char *headline,
              const char *description)
{
    struct incident *in = &m->d->incident;

    if (i->lang[0] != '\0')
        in->lang = arena_strndup(m->a, i->lang, strlen(i->lang));
    in->event = i->all_clear || m->type == CAP_CANCEL ? EV_NONE : event_of(m, i);
    if (in->event != EV_NONE)
        in->occurred_at_us = occurred(m, i);
    write_text(m, i, headline, description);
}

int
cap_info_all(const struct cap_message *m, struct cap_info **out, size_t *count)
{
    size_t n = 0, i = 0;
    char where[32];

    for (const struct xml_node *x = xml_child(m->node, "info"); x != NULL; x = xml_next(x, "info"))
        n++;
    if ((*out = arena_alloc(m->a, n * sizeof **out)) == NULL)
        return err_set(m->why, "it takes too much memory");
    for (const struct xml_node *x = xml_child(m->node, "info"); x != NULL;
         x = xml_next(x, "info"), i++) {
        (void)snprintf(where, sizeof where, "info %zu: ", i + 1);
        if (cap_info_read(m, x, where, &(*out)[i]) < 0)
            return -1;
        for (const struct xml_node *area = xml_child(x, "area"); area != NULL;
             area = xml_next(area, "area"))
            if (check_area(m, area, where) < 0)
                return -1;
    }
    *count = n;
    return 0;
}

/* Another event or severity of the same alert, in one line. */
static void
put_also(const struct cap_message *m, const struct cap_info *i, struct buf *also)
{
    const char *headline = xml_child_text(i->node, "headline", m->a);
    const char *where = xml_child_text(xml_child(i->node, "area"), "areaDesc", m->a);

    if (also->len > MAX_VALUE)
        return;
    buf_printf(also, "%s%s", also->len > 0 ? "; " : "", severities[i->severity]);
    if (headline != NULL || i->event != NULL)
        buf_printf(also, " %s", headline != NULL ? headline : i->event);
    if (where != NULL)
        buf_printf(also, " (%s)", where);
}

void
cap_info_areas(const struct cap_message *m, const struct cap_info *all, size_t n,
               const struct cap_info *chosen)
{
    struct cap_where where;
    struct buf also;

    buf_init(&also, 0);
    cap_where_init(&where, m->a);
    for (size_t k = 0; k < n; k++) {
        if (!cap_info_is_in(&all[k], chosen->lang[0] != '\0' ? chosen->lang : "en"))
            continue;
        if (!goes_with(&all[k], chosen)) {
            put_also(m, &all[k], &also);
            continue;
        }
        for (const struct xml_node *area = xml_child(all[k].node, "area"); area != NULL;
             area = xml_next(area, "area"))
            cap_where_put(&where, area);
    }
    cap_where_take(&where, &m->d->incident);
    draft_attribute(m->d, "cap_also", also.failed ? NULL : also.data);
    buf_fini(&also);
}
