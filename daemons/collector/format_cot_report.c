/* format_cot_report: what a CoT event reports. Pure.
 *
 *   type                       becomes
 *   b-a-o-*, b-a-g, b-a-*      an incident: a call for help is an armed attack until somebody says
 *                              otherwise; a breached geofence and the like are read from the text
 *   b-a-o-can, cancel='true'   a correction of that emergency: event none
 *   a-h-* a-s-*                an incident, armed_presence; mines ied_mine
 *   a-j-* a-k-*                the same, status exercise: they play the enemy
 *   a-u-G* a-p-G* a-o-G* a-x-G* an incident, read from the text; other than ground only with remarks
 *   b-r-f-h-c                  an incident: the request for evacuation in words, patients wounded
 *   b-m-p-* b-r-* b-d-* b-l-*  an incident where somebody wrote something
 *   a-f-* a-a-* a-n-*          the position of the asset that collector.tak_assets names
 *   all else                   ignored, with the reason
 *
 * No marker becomes an object: a hostile one is a report like a sentence on the radio, and its uid
 * only says which report is corrected. */
#include "format_cot.h"

#include <string.h>
#include <strings.h>

#include "draft.h"
#include "format_cot_text.h"
#include "timefmt.h"

enum what {
    IGNORED,
    DISTRESS, /* somebody calls for help */
    ALERT,    /* a device says so: read from the words */
    CANCEL,
    EVACUATION,
    REPORT,   /* needs remarks, or a callsign that says something */
    POINT,    /* the same of a map point */
    OWN_POINT /* where the sender's things are: needs remarks */
};

/* The first row whose type begins the event's wins; a type ends where a '-' follows. words: of the
 * text, or why it is ignored. */
static const struct {
    const char *type;
    enum what what;
    const char *words;
} rows[] = {
    {"b-a-o-can", CANCEL, NULL},
    {"b-a-o-tbl", DISTRESS, "Emergency call (911 alert)"},
    {"b-a-o-pan", DISTRESS, "Emergency call (ring the bell)"},
    {"b-a-o-opn", DISTRESS, "Emergency call (troops in contact)"},
    {"b-a-o", DISTRESS, "Emergency call"},
    {"b-a-g", ALERT, "Geofence breached"},
    {"b-a", ALERT, "Alert"},
    {"b-r-f-h-c", EVACUATION, "Request for medical evacuation"},
    {"b-r", REPORT, "Report"},
    {"b-d", REPORT, "Detection"},
    {"b-l", REPORT, "Alarm"},
    {"b-m-p-s-p-i", POINT, "Point of interest"},
    {"b-m-p-s-p-loc", OWN_POINT, "Sensor"},
    {"b-m-p-s-p-op", OWN_POINT, "Observation post"},
    {"b-m-p-w", OWN_POINT, "Waypoint"},
    {"b-m-p-c", OWN_POINT, "Checkpoint of a route"},
    {"b-m-p", POINT, "Marker"},
    {"b-m-r", IGNORED, "a route is no report"},
    {"b-t-f", IGNORED, "a chat message is no report"},
    {"b-f", IGNORED, "a file transfer is no report"},
    {"b-i", IGNORED, "an image or video is no report"},
    {"b-x-KmlStyle", IGNORED, "a drawing is no report"},
    {"u-d", IGNORED, "a drawing is no report"},
    {"u-rb", IGNORED, "a range and bearing line is no report"},
    {"u-r-b", IGNORED, "a range and bearing line is no report"},
    {"u", IGNORED, "a drawing is no report"},
    {"t-x-d-d", IGNORED, "that a marker was deleted from a map is no report"},
    {"t-x-m", IGNORED, "a change of a mission folder is no report"},
    {"t-x", IGNORED, "control of the connection is no report"},
    {"t", IGNORED, "a tasking is no report"},
};

static bool
begins(const char *type, const char *with)
{
    size_t n = strlen(with);

    return strncmp(type, with, n) == 0 && (type[n] == '\0' || type[n] == '-');
}

static char
lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* ---- what all incidents have */

static bool
is_exercise(const struct cot_event *ev)
{
    /* "e-NAME" an exercise, "s-NAME" a simulation, "o-NAME" an operation. */
    return ev->opex != NULL && strchr("eEsS", ev->opex[0]) != NULL &&
           (ev->opex[1] == '\0' || ev->opex[1] == '-');
}

/* Who placed it, by the callsign: the creator of a marker, or whose child it is. */
static const char *
placed_by(const struct cot_event *ev)
{
    const struct xml_node *link = xml_child(ev->detail, "link");
    const char *s = xml_attribute(xml_child(ev->detail, "creator"), "callsign");

    for (; s == NULL && link != NULL; link = xml_next(link, "link"))
        s = xml_attribute(link, "parent_callsign");
    return s;
}

static void
begin(struct draft *d, const struct cot_event *ev, struct arena *a)
{
    char time[TIME_TEXT];

    draft_init(d, a);
    d->incident.own_id = draft_name(a, ev->uid);
    d->incident.reported_at_us = ev->time_us;
    if (ev->start_us > 0 && ev->start_us < ev->time_us)
        d->incident.occurred_at_us = ev->start_us;
    if (ev->has_point && (ev->point.lat != 0 || ev->point.lon != 0)) {
        d->incident.has_pos = true;
        d->incident.pos = ev->point;
        d->incident.radius_m = ev->radius_m;
    }
    if (is_exercise(ev))
        d->incident.status = ST_EXERCISE;
    draft_attribute(d, "cot_type", ev->type);
    draft_attribute(d, "how", ev->how);
    draft_attribute(d, "callsign", ev->callsign);
    if (ev->stale_us > 0)
        draft_attribute(d, "stale", time_text(ev->stale_us, time));
    if (ev->access != NULL && strcasecmp(ev->access, "Undefined") != 0)
        draft_attribute(d, "access", ev->access);
    draft_attribute(d, "cot_flaw", ev->flaw);
}

static void
say(struct draft *d, const char *sep, const char *s)
{
    if (s != NULL)
        draft_text(d, sep, s, strlen(s));
}

/* "WORDS: CALLSIGN. REMARKS" */
static void
say_all(struct draft *d, const struct cot_event *ev, const char *words, bool by)
{
    const char *remarks = cot_remarks(ev, d->arena);

    say(d, "", words);
    say(d, by ? " by " : ": ", ev->callsign);
    say(d, ". ", remarks);
}

static void
ignore(const struct format_sink *sink, const char *why, const struct cot_event *ev, const char *raw,
       size_t len)
{
    const char *text =
        arena_printf(sink->arena, "%s (type %s)", why, cot_line(sink->arena, ev->type, 80));

    sink->ignored(sink->arg, text != NULL ? text : why, raw, len);
}

/* ---- bits: b-* */

/* The emergency that a cancel means: its own uid, unless a link names another emergency. */
static const char *
cancelled_uid(const struct cot_event *ev)
{
    const struct xml_node *link = xml_child(ev->detail, "link");

    for (; link != NULL; link = xml_next(link, "link")) {
        const char *type = xml_attribute(link, "type"), *uid = xml_attribute(link, "uid");

        if (type != NULL && uid != NULL && uid[0] != '\0' && begins(type, "b-a"))
            return uid;
    }
    return ev->uid;
}

static bool
says_cancel(const struct cot_event *ev)
{
    const char *s = xml_attribute(xml_child(ev->detail, "emergency"), "cancel");

    return s != NULL && strcasecmp(s, "true") == 0;
}

/* A device sends all its emergencies under one uid. The day keeps them apart: else the next one
 * would correct the last one, which was answered long ago, and call nobody. */
static const char *
emergency_id(const struct cot_event *ev, const char *uid, struct arena *a)
{
    char time[TIME_TEXT];
    const char *id = draft_clean(a, uid, strlen(uid), MAX_NAME - 11);

    return id != NULL ? arena_printf(a, "%s %.10s", id, time_text(ev->time_us, time)) : NULL;
}

/* Who calls: an alert has a uid of its own, and often a callsign made for it ("LIMA 2-Alert"). The
 * link says whose it is, the element holds that device's callsign. */
static struct cot_event
caller(const struct cot_event *ev)
{
    const struct xml_node *x = xml_child(ev->detail, "emergency");
    const struct xml_node *link = xml_child(ev->detail, "link");
    struct cot_event who = *ev;

    for (; link != NULL; link = xml_next(link, "link")) {
        const char *type = xml_attribute(link, "type"), *uid = xml_attribute(link, "uid");

        if (type != NULL && uid != NULL && uid[0] != '\0' && begins(type, "a"))
            who.uid = uid;
    }
    if (x != NULL && x->text[strspn(x->text, " \t\r\n")] != '\0')
        who.callsign = x->text;
    return who;
}

static void
emergency(struct draft *d, const struct cot_event *ev, enum what what, const char *words,
          const struct format_options *o)
{
    const struct cot_event who = caller(ev);
    const struct tak_asset_conf *asset = cot_asset(&who, o, d->arena);

    d->incident.own_id = emergency_id(ev, what == CANCEL ? cancelled_uid(ev) : ev->uid, d->arena);
    d->incident.reporter_name = draft_name(d->arena, who.callsign);
    d->incident.event = what == CANCEL ? EV_NONE : what == DISTRESS ? EV_ARMED_ATTACK : EV_UNKNOWN;
    draft_attribute(d, "emergency", xml_attribute(xml_child(ev->detail, "emergency"), "type"));
    say_all(d, &who, what == CANCEL ? "Emergency cancelled" : words, true);
    if (asset != NULL)
        say(d, ". It travels with ", asset->asset);
}

static void
bit(const struct cot_event *ev, const struct format_options *o, const struct format_sink *sink,
    const char *raw, size_t len)
{
    size_t i = 0, n = sizeof rows / sizeof rows[0];
    struct draft d;
    enum what what;

    while (i < n && !begins(ev->type, rows[i].type))
        i++;
    what = i < n ? rows[i].what : IGNORED;
    if (what == IGNORED) {
        ignore(sink, i < n ? rows[i].words : "Tocsin does not know this kind of event", ev, raw,
               len);
        return;
    }
    begin(&d, ev, sink->arena);
    d.incident.reporter_name = draft_name(sink->arena, placed_by(ev));
    if (what == DISTRESS || what == ALERT || what == CANCEL) {
        emergency(&d, ev, says_cancel(ev) ? CANCEL : what, rows[i].words, o);
    } else if (what == EVACUATION) {
        cot_evacuation(&d, ev, rows[i].words);
    } else {
        const char *icon = cot_icon(ev, sink->arena);

        if (cot_remarks(ev, sink->arena) == NULL &&
            (what == OWN_POINT || (icon == NULL && !cot_says_something(ev->callsign)))) {
            ignore(sink, "a point on which nobody wrote anything is no report", ev, raw, len);
            return;
        }
        draft_attribute(&d, "icon", icon);
        say_all(&d, ev,
                icon != NULL ? arena_printf(sink->arena, "%s (%s)", rows[i].words, icon)
                             : rows[i].words,
                false);
    }
    draft_emit(&d, sink, raw, len);
}

/* ---- atoms: a-AFFILIATION-DIMENSION-FUNCTION */

static void
position(const struct cot_event *ev, const struct format_options *o, const struct format_sink *sink,
         const char *raw, size_t len)
{
    const struct tak_asset_conf *c = cot_asset(ev, o, sink->arena);
    const char *name = ev->callsign != NULL ? ev->callsign : ev->uid;
    struct record r = {.type = REC_POSITION};
    const char *why;

    name = cot_line(sink->arena, name, MAX_NAME);
    if (!ev->has_point || ev->how == NULL) {
        sink->refused(sink->arg,
                      ev->has_point ? "event.how: missing; a position must say how it was measured"
                                    : "event.point: missing; a position needs its place",
                      raw, len);
        return;
    }
    if (c == NULL || (ev->point.lat == 0 && ev->point.lon == 0)) {
        why = arena_printf(sink->arena,
                           c == NULL ? "position of %s, which no entry of collector.tak_assets "
                                       "makes an asset"
                                     : "position of %s without a fix: 0, 0",
                           name);
        sink->ignored(sink->arg, why != NULL ? why : "position of no asset of ours", raw, len);
        return;
    }
    if (is_exercise(ev)) {
        sink->ignored(sink->arg, "position in an exercise", raw, len);
        return;
    }
    r.u.position.asset = c->asset != NULL ? c->asset : name;
    r.u.position.fixed_at_us = ev->time_us;
    r.u.position.pos = ev->point;
    sink->record(sink->arg, &r, raw, len);
}

/* A contact of another side than ours: a marker that somebody, or a sensor, put on the map. */
static void
contact(const struct cot_event *ev, char side, const struct format_sink *sink, const char *raw,
        size_t len)
{
    bool enemy = strchr("hsjk", side) != NULL;
    const char *icon = cot_icon(ev, sink->arena), *thing;
    enum event_type event = EV_ARMED_PRESENCE;
    struct draft d;

    thing = cot_thing(ev->type, &event);
    if (!enemy && lower(ev->type[4]) != 'g' && cot_remarks(ev, sink->arena) == NULL) {
        ignore(sink, "an unknown contact not on the ground and without remarks is no report", ev,
               raw, len);
        return;
    }
    begin(&d, ev, sink->arena);
    d.incident.reporter_name = draft_name(sink->arena, placed_by(ev));
    if (enemy)
        d.incident.event = event;
    if (side == 'j' || side == 'k')
        d.incident.status = ST_EXERCISE;
    draft_attribute(&d, "icon", icon);
    say_all(&d, ev,
            arena_printf(sink->arena, "%s %s%s%s%s", cot_side(side), thing,
                         icon != NULL ? " (" : "", icon != NULL ? icon : "",
                         icon != NULL ? ")" : ""),
            false);
    draft_emit(&d, sink, raw, len);
}

void
cot_report(const struct cot_event *ev, const struct format_options *o,
           const struct format_sink *sink, const char *raw, size_t len)
{
    /* Clients write the side in either case ("a-U-G"). */
    bool atom = strncmp(ev->type, "a-", 2) == 0 && ev->type[2] != '\0' && ev->type[3] == '-' &&
                ev->type[4] != '\0';
    char side = atom ? lower(ev->type[2]) : '\0';

    if (atom && strchr("fan", side) != NULL)
        position(ev, o, sink, raw, len);
    else if (atom && strchr("hsjkupox", side) != NULL)
        contact(ev, side, sink, raw, len);
    else
        bit(ev, o, sink, raw, len);
}
