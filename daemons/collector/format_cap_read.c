/* format_cap_read: one CAP alert, or one summary of an alert in Atom, to an incident.
 *
 * One alert is one incident. Of several <info> those in the source's language are read, else in
 * French or English, else in the first one's; of these the one with the highest severity, then
 * urgency, then the first. Others of the same event and severity add their areas; what else the
 * alert says stands in the attribute cap_also.
 *
 *   own_id       "sender,identifier"; of an Update or a Cancel those of the earliest message in
 *                <references>, so that it is a correction of that one and no second report
 *   reported_at  sent
 *   occurred_at  onset, else effective. One that lies ahead is kept: it is a forecast, and the
 *                classifier takes it for "now" unless the words are a warning. Where the danger
 *                goes on (urgency is not Past, expires lies behind sent) and it began more than 15
 *                minutes before sent, it is sent: a flood of last week that still rises must not
 *                count as late or over. Beyond expires, or 30 days ahead, it is no time of an event.
 *   text         headline, event, description, instruction, in their own words; none twice
 *   event        hazard where every category is Met, Geo, Fire, Health, Env, Transport, Infra or
 *                CBRNE, else left to the words; none for a Cancel, and where the response is
 *                AllClear
 *   place, pos   areaDesc, cut short; the circle round all polygons and circles
 *   status       Exercise and Test as such; System and Draft are ignored, as are Ack and Error
 *
 * What the standard enumerates and what has another value there is refused (status, msgType,
 * urgency, severity, certainty), as is an area that says where it is in elements of CAP's
 * namespace that CAP does not have. Elements missing are unknown; but an alert without
 * identifier, sender or sent is none. <contact> is nobody's business. */
#include "format_cap.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "config.h"
#include "id.h"
#include "timefmt.h"

#define QUOTE_BYTES     60
#define MOST_REFERENCES 10000 /* so that they leave memory for what the alert says */

static const char *const statuses[] = {"Actual", "Exercise", "System", "Test", "Draft", NULL};
static const char *const types[] = {"Alert", "Update", "Cancel", "Ack", "Error", NULL};
enum { ACTUAL, EXERCISE, SYSTEM, TEST, DRAFT };

bool
cap_is_ns(const char *ns)
{
    return strcmp(ns, CAP_NS_10) == 0 || strcmp(ns, CAP_NS_11) == 0 || strcmp(ns, CAP_NS_12) == 0;
}

const char *
cap_quoted(const struct cap_message *m, const char *s)
{
    const char *q = draft_clean(m->a, s, strlen(s), QUOTE_BYTES);

    return q != NULL ? q : "";
}

int
cap_one_of(const struct cap_message *m, const char *where, const char *name, const char *value,
           const char *const list[], unsigned none, unsigned *out)
{
    char all[128] = "";

    *out = none;
    if (value == NULL)
        return 0;
    for (unsigned i = 0; list[i] != NULL; i++) {
        size_t n = strlen(all);
        if (strcasecmp(list[i], value) == 0) {
            *out = i;
            return 0;
        }
        (void)snprintf(all + n, sizeof all - n, "%s%s", i > 0 ? ", " : "", list[i]);
    }
    return err_set(m->why, "%s%s: \"%s\" is none of %s", where, name, cap_quoted(m, value), all);
}

/* ---- times */

int
cap_time(const struct cap_message *m, const char *s, int64_t *us)
{
    size_t n = s != NULL ? strlen(s) : 0;
    char copy[48];

    if (n == 0 || n + 3 > sizeof copy)
        return -1;
    if (time_parse(s, n, us) == 0)
        return 0;
    if (n > 5 && (s[n - 5] == '+' || s[n - 5] == '-')) {
        (void)snprintf(copy, sizeof copy, "%.*s:%s", (int)(n - 2), s, s + n - 2);
        if (time_parse(copy, n + 1, us) == 0)
            return 0;
    }
    (void)snprintf(copy, sizeof copy, "%sZ", s);
    if (time_parse(copy, n + 1, us) < 0)
        return -1;
    if (m->o->source != NULL)
        *us -= source_utc_offset(m->o->source, *us) * MINUTE_US;
    return 0;
}

/* ---- who it is: identifier, sender and what it refers to */

/* An own id of at most MAX_NAME bytes, a longer one as its digest: cut, two could be one. */
static const char *
own_id(const struct cap_message *m, const char *sender, const char *identifier)
{
    const char *s = sender != NULL ? arena_printf(m->a, "%s,%s", sender, identifier) : identifier;
    char text[ID_TEXT];
    struct id id;

    if (s == NULL)
        return NULL;
    if (strlen(s) <= MAX_NAME)
        return draft_name(m->a, s);
    struct id_part part = {s, strlen(s)};
    id_make(&id, 0, &part, 1);
    return arena_strndup(m->a, id_text(&id, text), ID_TEXT - 1);
}

/* The end of the reference that begins at s: the next blank outside of quotes. */
static const char *
reference_end(const char *s)
{
    bool inside = false;

    for (; *s != '\0' && (inside || strchr(" \t\r\n", *s) == NULL); s++)
        if (*s == '"')
            inside = !inside;
    return s;
}

/* "sender,identifier,sent" to its parts; quotes go. The time is unknown where there is none. */
static bool
split_reference(const struct cap_message *m, const char *s, size_t n, const char **sender,
                const char **identifier, int64_t *us)
{
    char *copy = arena_strndup(m->a, s, n), *first, *last;
    size_t w = 0;

    if (copy == NULL)
        return false;
    for (size_t i = 0; i < n; i++)
        if (copy[i] != '"')
            copy[w++] = copy[i];
    copy[w] = '\0';
    *us = INT64_MAX;
    *sender = m->sender;
    *identifier = copy;
    if ((first = strchr(copy, ',')) == NULL)
        return w > 0;
    *first = '\0';
    *sender = copy;
    *identifier = first + 1;
    last = strrchr(*identifier, ',');
    if (last != NULL) {
        if (cap_time(m, last + 1, us) < 0)
            *us = INT64_MAX;
        *last = '\0';
    }
    return **identifier != '\0';
}

/* The earliest; of several of one time that with the lesser id, so that each later message comes to
 * the same one. */
static void
read_references(struct cap_message *m, const char *s)
{
    if (s == NULL)
        return;
    for (int n = 0; n < MOST_REFERENCES && *(s += strspn(s, " \t\r\n")) != '\0'; n++) {
        const char *end = reference_end(s), *sender, *identifier, *id;
        int64_t us;

        if (split_reference(m, s, (size_t)(end - s), &sender, &identifier, &us) &&
            (id = own_id(m, sender, identifier)) != NULL &&
            (m->first_id == NULL || us < m->first_us ||
             (us == m->first_us && strcmp(id, m->d->incident.own_id) < 0))) {
            m->first_id = identifier;
            m->first_us = us;
            m->d->incident.own_id = id;
        }
        s = end;
    }
}

static enum cap_verdict
read_head(struct cap_message *m, const char *sent, const char *type)
{
    struct incident *in = &m->d->incident;
    const char *status = xml_child_text(m->node, "status", m->a);

    if (sent == NULL || cap_time(m, sent, &m->sent_us) < 0) {
        (void)err_set(m->why, sent == NULL ? "sent: missing%s" : "sent: \"%s\" is no time",
                      sent == NULL ? "" : cap_quoted(m, sent));
        return CAP_REFUSED;
    }
    if (cap_one_of(m, "", "status", status, statuses, ACTUAL, &m->status) < 0 ||
        cap_one_of(m, "", "msgType", type, types, CAP_ALERT, &m->type) < 0)
        return CAP_REFUSED;
    if (m->status == SYSTEM || m->status == DRAFT || m->type == CAP_ACK || m->type == CAP_ERROR) {
        (void)err_set(m->why, "%s %s: no report of an incident",
                      m->status == SYSTEM || m->status == DRAFT ? "status" : "msgType",
                      m->status == SYSTEM || m->status == DRAFT ? statuses[m->status]
                                                                : types[m->type]);
        return CAP_IGNORED;
    }
    in->reported_at_us = m->sent_us;
    in->status = m->status == EXERCISE ? ST_EXERCISE : m->status == TEST ? ST_TEST : ST_ACTUAL;
    if (m->type == CAP_UPDATE || m->type == CAP_CANCEL)
        read_references(m, xml_child_text(m->node, "references", m->a));
    if (in->own_id == NULL)
        in->own_id = own_id(m, m->sender, m->identifier);
    if (in->own_id != NULL)
        return CAP_INCIDENT;
    (void)err_set(m->why, "it takes too much memory");
    return CAP_REFUSED;
}

/* ---- what it says */

static void
put_text(const struct cap_message *m, const char *s)
{
    if (s != NULL)
        draft_text(m->d, "\n", s, strlen(s));
}

static void
write_cancel(const struct cap_message *m, const struct cap_info *i)
{
    const char *lang = m->o->source != NULL ? m->o->source->lang : NULL, *what = m->first_id;
    bool french = i != NULL && i->lang[0] != '\0' ? cap_info_is_in(i, "fr")
                                                  : lang != NULL && strcmp(lang, "fr") == 0;

    /* No time of it: the words would be read as old news, and nothing be withdrawn by them. */
    if (what == NULL)
        put_text(m, french ? "Annulé." : "Cancelled.");
    else
        put_text(m,
                 arena_printf(m->a, french ? "Annulé : alerte %s." : "Cancelled: alert %s.", what));
}

/* ---- the rest */

static void
keep(const struct cap_message *m, const struct xml_node *n, const char *element)
{
    char name[40];

    (void)snprintf(name, sizeof name, "cap_%s", element);
    draft_attribute(m->d, name, xml_child_text(n, element, m->a));
}

static void
keep_all(const struct cap_message *m, const struct xml_node *info)
{
    static const char *const of_alert[] = {"scope", "restriction", "source", "references",
                                           "incidents"};
    static const char *const of_info[] = {"category", "event",      "responseType", "urgency",
                                          "severity", "certainty",  "effective",    "onset",
                                          "expires",  "senderName", "web"};

    draft_attribute(m->d, "cap_identifier", m->identifier);
    draft_attribute(m->d, "cap_sender", m->sender);
    draft_attribute(m->d, "cap_msgType", types[m->type]);
    for (size_t i = 0; i < sizeof of_alert / sizeof of_alert[0]; i++)
        keep(m, m->node, of_alert[i]);
    for (size_t i = 0; info != NULL && i < sizeof of_info / sizeof of_info[0]; i++)
        keep(m, info, of_info[i]);
}

/* ---- an alert */

enum cap_verdict
cap_read_alert(const struct xml_node *alert, const struct format_options *o, struct arena *a,
               struct draft *d, struct err *why)
{
    struct cap_message m = {.node = alert, .o = o, .a = a, .d = d, .why = why};
    enum cap_verdict v;
    const struct cap_info *i;
    struct cap_info *all = NULL;
    size_t n = 0;

    draft_init(d, a);
    m.identifier = xml_child_text(alert, "identifier", a);
    m.sender = xml_child_text(alert, "sender", a);
    if (m.identifier == NULL || m.sender == NULL) {
        (void)err_set(why, "%s: missing", m.identifier == NULL ? "identifier" : "sender");
        return CAP_REFUSED;
    }
    v = read_head(&m, xml_child_text(alert, "sent", a), xml_child_text(alert, "msgType", a));
    if (v != CAP_INCIDENT)
        return v;
    if (cap_info_all(&m, &all, &n) < 0)
        return CAP_REFUSED;
    i = cap_info_choose(&m, all, n);
    if (m.type == CAP_CANCEL) {
        d->incident.event = EV_NONE;
        write_cancel(&m, i);
    }
    if (i != NULL) {
        cap_info_take(&m, i, cap_piece(&m, i->node, "headline"),
                      cap_piece(&m, i->node, "description"));
        cap_info_areas(&m, all, n, i);
    } else {
        put_text(&m, cap_piece(&m, alert, "note"));
    }
    keep_all(&m, i != NULL ? i->node : NULL);
    if (d->incident.text != NULL)
        return CAP_INCIDENT;
    (void)err_set(why, "it has no <info> that says anything");
    return CAP_IGNORED;
}

/* ---- a summary in Atom */

static const char *
first_of(const struct cap_message *m, const char *const names[])
{
    const char *s = NULL;

    for (size_t i = 0; s == NULL && names[i] != NULL; i++)
        s = xml_child_text(m->node, names[i], m->a);
    return s;
}

enum cap_verdict
cap_read_entry(const struct xml_node *entry, const struct format_options *o, struct arena *a,
               struct draft *d, struct err *why)
{
    static const char *const ids[] = {"identifier", "id", NULL};
    static const char *const times[] = {"sent", "updated", "published", NULL};
    static const char *const msg_types[] = {"msgType", "message_type", NULL};
    struct cap_message m = {.node = entry, .o = o, .a = a, .d = d, .why = why};
    struct cap_where where;
    struct cap_info i;
    enum cap_verdict v;

    draft_init(d, a);
    m.identifier = first_of(&m, ids);
    m.sender = xml_child_text(entry, "sender", a);
    if (m.identifier == NULL) {
        (void)err_set(why, "id: missing");
        return CAP_REFUSED;
    }
    v = read_head(&m, first_of(&m, times), first_of(&m, msg_types));
    if (v != CAP_INCIDENT)
        return v;
    if (cap_info_read(&m, entry, "", &i) < 0)
        return CAP_REFUSED;
    if (m.type == CAP_CANCEL)
        write_cancel(&m, &i);
    cap_info_take(&m, &i, cap_piece(&m, entry, "title"),
                  cap_piece(&m, entry, xml_child(entry, "summary") ? "summary" : "description"));
    cap_where_init(&where, a);
    cap_where_put(&where, entry);
    cap_where_take(&where, &d->incident);
    keep_all(&m, entry);
    if (d->incident.text != NULL && (d->incident.has_pos || d->incident.place != NULL))
        return CAP_INCIDENT;
    (void)err_set(why, "the summary says not %s", d->incident.text == NULL ? "what" : "where");
    return CAP_IGNORED;
}
