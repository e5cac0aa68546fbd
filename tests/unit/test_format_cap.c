/* test_format_cap: what becomes of which element, of messages that correct others, of feeds, of
 * areas as real ones are written, and of what is no CAP. All of it invented. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "buf.h"
#include "config.h"
#include "format_exact.h"
#include "format_cap.h"
#include "timefmt.h"

#define MOST 8

/* What came out, each as one line in `all`: "+ text|place", "- reason", "~ reason". */
struct seen {
    size_t records, refused, ignored;
    struct incident in; /* the last one; its strings below */
    char own_id[MAX_NAME + 1], text[2048], place[MAX_NAME + 1], lang[8], why[320];
    char attributes[4096]; /* "name=value\n" each */
    char all[2048];
    char raw[4096]; /* of the last of any kind */
};

static void
copy(char *out, size_t size, const char *s)
{
    (void)snprintf(out, size, "%s", s != NULL ? s : "");
}

static void
add(char *out, size_t size, const char *sign, const char *a, const char *b)
{
    size_t n = strlen(out);

    (void)snprintf(out + n, size - n, "%s %s%s%s\n", sign, a, b != NULL ? "|" : "",
                   b != NULL ? b : "");
}

static void
keep_raw(struct seen *s, const char *raw, size_t len)
{
    (void)snprintf(s->raw, sizeof s->raw, "%.*s", (int)len, raw);
}

static void
on_record(void *arg, struct record *r, const char *raw, size_t len)
{
    struct seen *s = arg;
    const struct incident *in = &r->u.incident;
    size_t n = 0;

    assert_int_equal(r->type, REC_INCIDENT);
    s->records++;
    s->in = *in;
    copy(s->own_id, sizeof s->own_id, in->own_id);
    copy(s->text, sizeof s->text, in->text);
    copy(s->place, sizeof s->place, in->place);
    copy(s->lang, sizeof s->lang, in->lang);
    s->attributes[0] = '\0';
    for (size_t i = 0; i < in->n_attributes; i++)
        n += (size_t)snprintf(s->attributes + n, sizeof s->attributes - n, "%s=%s\n",
                              in->attributes[i].name, in->attributes[i].value);
    add(s->all, sizeof s->all, "+", s->text, s->place);
    keep_raw(s, raw, len);
}

static void
on_refused(void *arg, const char *why, const char *raw, size_t len)
{
    struct seen *s = arg;

    s->refused++;
    copy(s->why, sizeof s->why, why);
    add(s->all, sizeof s->all, "-", why, NULL);
    keep_raw(s, raw, len);
}

static void
on_ignored(void *arg, const char *why, const char *raw, size_t len)
{
    struct seen *s = arg;

    s->ignored++;
    copy(s->why, sizeof s->why, why);
    add(s->all, sizeof s->all, "~", why, NULL);
    keep_raw(s, raw, len);
}

static void
run_with(const char *body, size_t n, const struct source_conf *source, struct seen *s)
{
    struct format_options o = {.source = source};
    struct format_sink sink = {
        .record = on_record, .refused = on_refused, .ignored = on_ignored, .arg = s};

    memset(s, 0, sizeof *s);
    format_exact(FORMAT_XML, body, n, &o, sink);
}

static void
run(const char *body, struct seen *s)
{
    run_with(body, strlen(body), NULL, s);
}

static int64_t
at(const char *s)
{
    int64_t us = 0;

    if (s != NULL)
        assert_int_equal(time_parse(s, strlen(s), &us), 0);
    return us;
}

static bool
has_attribute(const struct seen *s, const char *line)
{
    return strstr(s->attributes, line) != NULL;
}

/* ---- parts of messages */

#define NS " xmlns='" CAP_NS_12 "'"
#define HEAD \
    "<identifier>a-2</identifier><sender>met</sender><sent>2023-04-17T06:40:00+00:00</sent>"
#define SAYS        "<category>Met</category><event>Flood</event><headline>Flood in Gao</headline>"
#define INFO        "<info>" SAYS "</info>"
#define ALERT(rest) "<alert" NS ">" HEAD rest "</alert>"
#define ACTUAL      "<status>Actual</status><msgType>Alert</msgType><scope>Public</scope>"

static void
test_whole(void **state)
{
    static const char body[] =
        "\n<?xml version='1.0' encoding='UTF-8'?>\n"
        "<c:alert xmlns:c='" CAP_NS_12 "'><c:identifier> a-1 </c:identifier>\n"
        "<c:sender>met@example.org</c:sender><c:sent>2023-04-17T06:40:00-01:00</c:sent>"
        "<c:status>Actual</c:status><c:msgType>Alert</c:msgType><c:scope>Restricted</c:scope>"
        "<c:restriction>partners</c:restriction><c:note>n</c:note>"
        "<c:info><c:language>fr-ML</c:language><c:category>Met</c:category>"
        "<c:event>Crue</c:event><c:responseType>Evacuate</c:responseType>"
        "<c:urgency>Expected</c:urgency><c:severity>severe</c:severity>"
        "<c:certainty>Very Likely</c:certainty><c:unheard>of</c:unheard>"
        "<c:onset>2023-04-17T12:00:00+00:00</c:onset>"
        "<c:expires>2023-04-18T12:00:00+00:00</c:expires>"
        "<c:senderName>Météo</c:senderName><c:headline>Crue du fleuve</c:headline>"
        "<c:description>\n  Le fleuve\n  monte. </c:description>"
        "<c:instruction>Quittez &lt;les&gt; rives.</c:instruction><c:web>http://example.org</c:web>"
        "<c:contact>M. X</c:contact>"
        "<c:area><c:areaDesc>Gao;\n Bourem</c:areaDesc>"
        "<c:circle>16.27,-0.04 12.5</c:circle></c:area></c:info></c:alert>";
    struct seen s;

    (void)state;
    run(body, &s);
    assert_int_equal(s.records, 1);
    assert_int_equal(s.refused + s.ignored, 0);
    assert_string_equal(s.own_id, "met@example.org,a-1");
    assert_string_equal(s.text, "Crue du fleuve\nLe fleuve\nmonte.\nQuittez <les> rives.");
    assert_string_equal(s.lang, "fr");
    assert_string_equal(s.place, "Gao; Bourem");
    assert_true(s.in.reported_at_us == at("2023-04-17T07:40:00Z"));
    assert_true(s.in.occurred_at_us == at("2023-04-17T12:00:00Z"));
    assert_int_equal(s.in.event, EV_HAZARD);
    assert_int_equal(s.in.status, ST_ACTUAL);
    assert_true(s.in.has_pos);
    assert_int_equal(s.in.pos.lat, 162700000);
    assert_int_equal(s.in.pos.lon, -400000);
    assert_int_equal(s.in.radius_m, 12500);
    assert_int_equal(s.in.wounded, -1);
    assert_true(has_attribute(&s, "cap_identifier=a-1\ncap_sender=met@example.org\n"));
    assert_true(has_attribute(&s, "cap_msgType=Alert\n"));
    assert_true(has_attribute(&s, "cap_scope=Restricted\ncap_restriction=partners\n"));
    assert_true(has_attribute(&s, "cap_category=Met\ncap_event=Crue\ncap_responseType=Evacuate\n"));
    assert_true(has_attribute(&s, "cap_urgency=Expected\ncap_severity=severe\n"));
    assert_true(has_attribute(&s, "cap_certainty=Very Likely\n"));
    assert_true(has_attribute(&s, "cap_expires=2023-04-18T12:00:00+00:00\n"));
    assert_true(has_attribute(&s, "cap_web=http://example.org\n"));
    assert_null(strstr(s.attributes, "M. X"));
    assert_string_equal(s.raw, body);
}

static void
test_kinds(void **state)
{
    static const struct {
        const char *body, *all;
    } t[] = {
        {ALERT(ACTUAL INFO), "+ Flood in Gao|\n"},
        /* what is missing is unknown */
        {ALERT(INFO), "+ Flood in Gao|\n"},
        /* the three namespaces, none, others */
        {"<alert xmlns='" CAP_NS_10 "'>" HEAD INFO "</alert>", "+ Flood in Gao|\n"},
        {"<alert xmlns='" CAP_NS_11 "'>" HEAD INFO "</alert>", "+ Flood in Gao|\n"},
        {"<alert>" HEAD INFO "</alert>", "+ Flood in Gao|\n"},
        {"<alert xmlns='urn:other'>" HEAD INFO "</alert>",
         "- <alert> in the namespace \"urn:other\", which is none of CAP's (" CAP_NS_12 ")\n"},
        {"<alert xmlns=' '>" HEAD INFO "</alert>",
         "- <alert> in the namespace \"\", which is none of CAP's (" CAP_NS_12 ")\n"},
        {"<alerts" NS ">" ALERT(INFO) "</alerts>",
         "- <alerts> is no element of CAP, whose messages are <alert>\n"},
        {"<kml><Point/></kml>", "- <kml> is no CAP alert, and there is none in it\n"},
        /* status, msgType */
        {ALERT("<status>System</status>" INFO), "~ status System: no report of an incident\n"},
        {ALERT("<status>Draft</status>" INFO), "~ status Draft: no report of an incident\n"},
        {ALERT("<msgType>Ack</msgType>" INFO), "~ msgType Ack: no report of an incident\n"},
        {ALERT("<msgType>Error</msgType>" INFO), "~ msgType Error: no report of an incident\n"},
        {ALERT("<status>Real</status>" INFO),
         "- status: \"Real\" is none of Actual, Exercise, System, Test, Draft\n"},
        {ALERT("<msgType>News</msgType>" INFO),
         "- msgType: \"News\" is none of Alert, Update, Cancel, Ack, Error\n"},
        {ALERT("<info>" SAYS "<urgency>Soon</urgency></info>"),
         "- info 1: urgency: \"Soon\" is none of Immediate, Expected, Future, Past, Unknown\n"},
        {ALERT(INFO "<info><severity>Bad</severity></info>"),
         "- info 2: severity: \"Bad\" is none of Extreme, Severe, Moderate, Minor, Unknown\n"},
        {ALERT("<info><certainty>Sure</certainty></info>"),
         "- info 1: certainty: \"Sure\" is none of Observed, Likely, Very Likely, Possible, "
         "Unlikely, Unknown\n"},
        /* heads */
        {"<alert" NS "/>", "- identifier: missing\n"},
        {"<alert" NS "><identifier>a</identifier></alert>", "- sender: missing\n"},
        {"<alert" NS "><identifier>a</identifier><sender> </sender></alert>",
         "- sender: missing\n"},
        {"<alert" NS "><identifier>a</identifier><sender>b</sender></alert>", "- sent: missing\n"},
        {"<alert" NS "><identifier>a</identifier><sender>b</sender><sent>today</sent></alert>",
         "- sent: \"today\" is no time\n"},
        /* nothing said */
        {ALERT(ACTUAL), "~ it has no <info> that says anything\n"},
        {ALERT(ACTUAL "<note>Roads are open.</note>"), "+ Roads are open.|\n"},
        {ALERT("<info><category>Met</category></info>"), "~ it has no <info> that says anything\n"},
        /* where, in a way that CAP does not have */
        {ALERT("<info>" SAYS "<area><areaDesc>Gao</areaDesc><Point><pos>1 2</pos></Point></area>"
               "</info>"),
         "- info 1: area: <Point> is no element of CAP, so where it is cannot be read; CAP has "
         "<polygon> and <circle>\n"},
        {ALERT("<info>" SAYS "<area><areaDesc>Gao</areaDesc><Type>Town</Type>"
               "<x:p xmlns:x='urn:x'><x:q/></x:p></area></info>"),
         "+ Flood in Gao|Gao\n"},
        /* no XML */
        {"", "- XML: there is no element\n"},
        {"<alert", "- XML line 1: unclosed token\n"},
        {"<alert><c:sent/></alert>", "- XML line 1: unbound prefix\n"},
        {"<!DOCTYPE alert [<!ENTITY a 'a'>]><alert>&a;</alert>",
         "- XML line 1: a document type is not accepted\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        struct seen s;

        run(t[i].body, &s);
        if (strcmp(s.all, t[i].all) != 0)
            fail_msg("%s:\n%s", t[i].body, s.all);
        assert_string_equal(s.raw, t[i].body);
    }
}

static void
test_status(void **state)
{
    struct seen s;

    (void)state;
    run(ALERT("<status>Exercise</status>" INFO), &s);
    assert_int_equal(s.in.status, ST_EXERCISE);
    run(ALERT("<status>test</status>" INFO), &s);
    assert_int_equal(s.in.status, ST_TEST);
    run(ALERT(INFO), &s);
    assert_int_equal(s.in.status, ST_ACTUAL);
}

/* ---- events */

static void
test_events(void **state)
{
    static const struct {
        const char *info;
        enum event_type event;
    } t[] = {
        {"<category>Met</category>", EV_HAZARD},
        {"<category>geo</category>", EV_HAZARD},
        {"<category>Fire</category><category>Infra</category>", EV_HAZARD},
        {"<category>Health</category><category>Security</category>", EV_UNKNOWN},
        {"<category>Security</category>", EV_UNKNOWN},
        {"<category>Safety</category>", EV_UNKNOWN},
        {"<category>Rescue</category>", EV_UNKNOWN},
        {"<category>Other</category>", EV_UNKNOWN},
        {"<category>Weather</category>", EV_UNKNOWN},
        {"<category/>", EV_UNKNOWN},
        {"", EV_UNKNOWN},
        {"<category>Met</category><responseType>AllClear</responseType>", EV_NONE},
        {"<category>Security</category><responseType>AllClear</responseType>", EV_NONE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        char body[1024];
        struct seen s;

        (void)snprintf(body, sizeof body, "<alert>" HEAD "<info><event>E</event>%s</info></alert>",
                       t[i].info);
        run(body, &s);
        if (s.records != 1 || s.in.event != t[i].event)
            fail_msg("%s: %s", t[i].info, event_type_name(s.in.event));
    }
}

/* ---- times; sent is 06:40 */

static void
test_times(void **state)
{
    static const struct {
        const char *info, *occurred;
    } t[] = {
        {"", NULL},
        {"<onset>2023-04-17T06:30:00Z</onset><effective>2023-04-17T06:00:00Z</effective>",
         "2023-04-17T06:30:00Z"},
        {"<effective>2023-04-17T06:00:00Z</effective>", "2023-04-17T06:00:00Z"},
        {"<onset>soon</onset><effective>2023-04-17T06:00:00Z</effective>", "2023-04-17T06:00:00Z"},
        {"<onset>2023-04-17T07:30:00.5+0100</onset>", "2023-04-17T06:30:00.500Z"},
        /* without a zone: the source's, two hours east */
        {"<onset>2023-04-17T08:30:00</onset>", "2023-04-17T06:30:00Z"},
        /* ahead */
        {"<onset>2023-04-19T06:00:00Z</onset>", "2023-04-19T06:00:00Z"},
        {"<onset>2023-04-19T06:00:00Z</onset><expires>2023-04-18T06:00:00Z</expires>", NULL},
        {"<onset>2023-07-19T06:00:00Z</onset>", NULL},
        /* it began long ago, and goes on */
        {"<urgency>Immediate</urgency><onset>2023-04-10T06:00:00Z</onset>"
         "<expires>2023-04-18T06:00:00Z</expires>",
         "2023-04-17T06:40:00Z"},
        {"<urgency>Immediate</urgency><onset>2023-04-10T06:00:00Z</onset>", "2023-04-17T06:40:00Z"},
        {"<urgency>Immediate</urgency><onset>2023-04-17T06:20:00Z</onset>", "2023-04-17T06:40:00Z"},
        {"<urgency>Immediate</urgency><onset>2023-04-17T06:30:00Z</onset>", "2023-04-17T06:30:00Z"},
        /* and is over */
        {"<urgency>Past</urgency><onset>2023-04-10T06:00:00Z</onset>"
         "<expires>2023-04-18T06:00:00Z</expires>",
         "2023-04-10T06:00:00Z"},
        {"<urgency>Immediate</urgency><onset>2023-04-10T06:00:00Z</onset>"
         "<expires>2023-04-11T06:00:00Z</expires>",
         "2023-04-10T06:00:00Z"},
        {"<onset>2023-04-10T06:00:00Z</onset>", "2023-04-10T06:00:00Z"},
    };
    struct source_conf source = {.name = "s", .utc_offset_min = 120};

    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        char body[1024], out[TIME_TEXT];
        struct seen s;

        (void)snprintf(body, sizeof body, "<alert>" HEAD "<info><event>E</event>%s</info></alert>",
                       t[i].info);
        run_with(body, strlen(body), &source, &s);
        if (s.records != 1 || s.in.occurred_at_us != at(t[i].occurred))
            fail_msg("%s: %s", t[i].info, time_text(s.in.occurred_at_us, out));
    }
}

/* ---- chains */

#define OLD "2023-04-16T06:00:00Z"

static void
test_chain(void **state)
{
    static const struct {
        const char *head, *own_id;
    } t[] = {
        {"<msgType>Alert</msgType><references>met,a-1," OLD "</references>", "met,a-2"},
        {"<msgType>Update</msgType>", "met,a-2"},
        {"<msgType>Update</msgType><references/>", "met,a-2"},
        {"<msgType>Update</msgType><references>met,a-1," OLD "</references>", "met,a-1"},
        {"<msgType>Cancel</msgType><references>\n met,a-1," OLD "\n</references>", "met,a-1"},
        /* the earliest; of several of one time always the same */
        {"<msgType>Update</msgType><references>met,a-1,2023-04-16T07:00:00Z met,a-0," OLD
         " met,a-3,2023-04-16T08:00:00Z</references>",
         "met,a-0"},
        {"<msgType>Update</msgType><references>met,b," OLD " met,a," OLD " met,c," OLD
         "</references>",
         "met,a"},
        /* a time that is none comes last */
        {"<msgType>Update</msgType><references>met,a-0,never met,a-1," OLD "</references>",
         "met,a-1"},
        {"<msgType>Update</msgType><references>met,a-0,never</references>", "met,a-0"},
        /* parts missing, blanks in names */
        {"<msgType>Update</msgType><references>a-1</references>", "met,a-1"},
        {"<msgType>Update</msgType><references>other,a-1</references>", "other,a-1"},
        {"<msgType>Update</msgType><references>\"the met,a 1," OLD "\"</references>",
         "the met,a 1"},
        {"<msgType>Update</msgType><references>\"the met\",\"a, 1\"," OLD "</references>",
         "the met,a, 1"},
        {"<msgType>Update</msgType><references>, , \"\"</references>", "met,a-2"},
        {"<msgType>Update</msgType><references>\"met,a-1," OLD "</references>", "met,a-1"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        char body[1024];
        struct seen s;

        (void)snprintf(body, sizeof body, "<alert>" HEAD "%s" INFO "</alert>", t[i].head);
        run(body, &s);
        if (s.records != 1 || strcmp(s.own_id, t[i].own_id) != 0)
            fail_msg("%s: %s", t[i].head, s.own_id);
    }
}

static void
test_cancel(void **state)
{
    struct source_conf french = {.name = "s", .lang = "fr"};
    struct seen s;

    (void)state;
    run(ALERT("<msgType>Cancel</msgType><references>met,a-1," OLD "</references>"), &s);
    assert_int_equal(s.records, 1);
    assert_int_equal(s.in.event, EV_NONE);
    assert_string_equal(s.text, "Cancelled: alert a-1.");
    static const char with_note[] = ALERT(
        "<msgType>Cancel</msgType><note>Erreur de saisie</note><references>met,a-1,x</references>");
    run_with(with_note, strlen(with_note), &french, &s);
    assert_string_equal(s.text, "Annulé : alerte a-1.\nErreur de saisie");
    run(ALERT("<msgType>Cancel</msgType><info><language>fr</language>" SAYS
              "<onset>2023-04-17T06:30:00Z</onset><area><areaDesc>Gao</areaDesc></area></info>"),
        &s);
    assert_int_equal(s.in.event, EV_NONE);
    assert_string_equal(s.text, "Annulé.\nFlood in Gao");
    assert_string_equal(s.place, "Gao");
    assert_int_equal(s.in.occurred_at_us, 0);
}

static void
test_long_ids(void **state)
{
    char id[400], body[1024], first[MAX_NAME + 1];
    struct seen s;

    (void)state;
    memset(id, 'x', sizeof id - 1);
    id[sizeof id - 1] = '\0';
    (void)snprintf(body, sizeof body,
                   "<alert><identifier>%s</identifier><sender>m</sender>"
                   "<sent>" OLD "</sent>" INFO "</alert>",
                   id);
    run(body, &s);
    assert_int_equal(strlen(s.own_id), 26);
    copy(first, sizeof first, s.own_id);
    run(body, &s);
    assert_string_equal(s.own_id, first);
    body[strlen("<alert><identifier>") + 390] = 'y';
    run(body, &s);
    assert_int_equal(strlen(s.own_id), 26);
    assert_true(strcmp(s.own_id, first) != 0);
}

/* ---- several infos */

#define LANG(l, says) "<info><language>" l "</language><headline>" says "</headline></info>"

static void
test_languages(void **state)
{
    static const struct {
        const char *infos, *source, *text, *lang;
    } t[] = {
        {LANG("es-US", "es") LANG("en-US", "en") LANG("fr-CA", "fr"), NULL, "en", "en"},
        {LANG("es-US", "es") LANG("FR", "fr") LANG("en-US", "en"), NULL, "fr", "fr"},
        {LANG("es-US", "es") LANG("en-US", "en") LANG("fr-CA", "fr"), "fr", "fr", "fr"},
        {LANG("es-US", "es") LANG("en-US", "en"), "ar", "en", "en"},
        {LANG("es-US", "es") LANG("en-US", "en"), "es", "es", "es"},
        {LANG("es-US", "es") LANG("pt", "pt"), "fr", "es", "es"},
        /* not said is English, but nothing is claimed */
        {"<info><headline>none</headline></info>" LANG("fr", "fr"), NULL, "none", ""},
        {"<info><headline>none</headline></info>" LANG("fr", "fr"), "fr", "fr", "fr"},
        {"<info xml:lang='fr'><headline>attr</headline></info>", NULL, "attr", "fr"},
        {LANG("123", "odd"), NULL, "odd", ""},
        {LANG("x", "odd"), NULL, "odd", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        struct source_conf source = {.name = "s", .lang = (char *)(uintptr_t)t[i].source};
        char body[1024];
        struct seen s;

        (void)snprintf(body, sizeof body, "<alert>" HEAD "%s</alert>", t[i].infos);
        run_with(body, strlen(body), &source, &s);
        if (s.records != 1 || strcmp(s.text, t[i].text) != 0 || strcmp(s.lang, t[i].lang) != 0)
            fail_msg("%s: %s in %s", t[i].infos, s.text, s.lang);
    }
}

#define PART(severity, event, where, circle)                                                       \
    "<info><language>en</language><category>Met</category><event>" event                           \
    "</event><severity>" severity "</severity><area><areaDesc>" where "</areaDesc><circle>" circle \
    "</circle></area></info>"

static void
test_worst(void **state)
{
    struct seen s;

    (void)state;
    run(ALERT(PART("Minor", "Rain", "Kidal", "18,1 1") PART(
            "Severe", "Flood", "Gao",
            "16,0 1") "<info><language>fr</language><event>Crue</event><severity>Extreme</"
                      "severity></info>" PART("Severe", "flood", "Bourem",
                                              "17,0 1") "<info><language>en</language><event>Wind</"
                                                        "event><severity>Extreme</severity>"
                                                        "<responseType>AllClear</responseType></"
                                                        "info>"),
        &s);
    assert_int_equal(s.records, 1);
    assert_string_equal(s.text, "Flood");
    assert_string_equal(s.place, "Gao; Bourem");
    assert_int_equal(s.in.event, EV_HAZARD);
    assert_int_equal(s.in.pos.lat, 165000000);
    assert_int_equal(s.in.pos.lon, 0);
    assert_true(has_attribute(&s, "cap_also=Minor Rain (Kidal); Extreme Wind\n"));
    /* of one severity the more urgent one; then the first */
    run(ALERT("<info><event>A</event><urgency>Future</urgency></info>"
              "<info><event>B</event><urgency>Immediate</urgency></info>"
              "<info><event>C</event><urgency>Immediate</urgency></info>"),
        &s);
    assert_string_equal(s.text, "B");
}

static void
test_texts(void **state)
{
    static const struct {
        const char *info, *text;
    } t[] = {
        {"<headline>Flood in Gao</headline><event>Flood</event>", "Flood in Gao"},
        {"<headline>Watch out</headline><event>Flood</event>", "Watch out\nFlood"},
        {"<headline>Flood in Gao</headline><description>FLOOD IN GAO. It rises.</description>",
         "FLOOD IN GAO. It rises."},
        {"<event>Flood</event><description>A flood comes.</description>", "A flood comes."},
        {"<description>Leave now.</description><instruction>Leave now.</instruction>",
         "Leave now."},
        {"<event>Flood</event><description> </description><instruction/>", "Flood"},
        {"<event><![CDATA[A & B]]></event>", "A & B"},
        {"<event>a<!-- b -->c</event>", "ac"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        char body[1024];
        struct seen s;

        (void)snprintf(body, sizeof body, "<alert>" HEAD "<info>%s</info></alert>", t[i].info);
        run(body, &s);
        if (s.records != 1 || strcmp(s.text, t[i].text) != 0)
            fail_msg("%s: %s", t[i].info, s.text);
    }
}

static void
test_places(void **state)
{
    struct seen s;
    char body[2048] = "<alert>" HEAD "<info><event>E</event>";

    (void)state;
    for (int i = 0; i < 20; i++)
        strcat(body, "<area><areaDesc>Commune de Gounzoureye</areaDesc></area>");
    strcat(body, "</info></alert>");
    run(body, &s);
    assert_string_equal(s.place, "Commune de Gounzoureye; Commune de Gounzoureye; Commune de "
                                 "Gounzoureye; Commune de Gounzoureye; Commune de Gounzoureye…");
    (void)snprintf(body, sizeof body,
                   "<alert>" HEAD "<info><event>E</event><area><areaDesc>%0150d</areaDesc></area>"
                   "</info></alert>",
                   0);
    run(body, &s);
    assert_int_equal(strlen(s.place), 123);
}

/* ---- shapes */

#define BIG "999999999999999999999999999999999999999999999999"

static void
test_shapes(void **state)
{
    static const struct {
        const char *polygons[3], *circles[3];
        bool any;
        int lat, lon, radius_m; /* 1e-7 degree, 1e-7 degree, to 1 m */
    } t[] = {
        {{0}, {0}, false, 0, 0, 0},
        /* a square, closed and not, padded, with blanks behind the commas, with heights */
        {{"0,0.1 0,2 2,2 2,0.1 0,0.1"}, {0}, true, 10000000, 10500000, 153369},
        {{"\n 0,0.1\n 0,2\n\t2,2 2,0.1 \n"}, {0}, true, 10000000, 10500000, 153369},
        {{"0, 0.1 0 ,2 2,2, 2,0.1"}, {0}, true, 10000000, 10500000, 153369},
        {{"0,0.1,5 0,2,5 2,2,5 2,0.1,5"}, {0}, true, 10000000, 10500000, 153369},
        /* pairs that are none are passed over; too few are left */
        {{"0,0.1 91,2 x,y 0,2 , 2,2 0,0 2 ,0.1"}, {0}, true, 10000000, 10500000, 153369},
        {{"0,0.1 0,2 91,5"}, {0}, false, 0, 0, 0},
        {{""}, {0}, false, 0, 0, 0},
        {{"-119.9,38.5 -119.7,38.5 -119.7,38.7"}, {0}, false, 0, 0, 0},
        {{BIG "," BIG " 1,1 2"}, {0}, false, 0, 0, 0},
        /* no area, an area that crosses itself: the mean */
        {{"1,1 1,2 1,3"}, {0}, true, 10000000, 20000000, 111178},
        {{"0,1 2,3 0,3 2,1"}, {0}, true, 10000000, 20000000, 157250},
        /* the centroid of an L lies nearer to its foot than the mean of its vertices */
        {{"0,1 0,5 1,5 1,2 4,2 4,1"}, {0}, true, 13571428, 23571428, 330330},
        /* over the 180th meridian */
        {{"0.5,179 0.5,-179 -0.5,-179 -0.5,179"}, {0}, true, 0, -1800000000, 124319},
        /* circles */
        {{0}, {"16.27,-0.04 5"}, true, 162700000, -400000, 5000},
        {{0}, {" 16.27 , -0.04  0.0 "}, true, 162700000, -400000, 0},
        {{0}, {"16.27,-0.04"}, true, 162700000, -400000, 0},
        {{0}, {"16.27,-0.04 wide"}, true, 162700000, -400000, 0},
        {{0}, {"16.27,-0.04 -5"}, true, 162700000, -400000, 0},
        {{0}, {"16.27,-0.04 1.23456"}, true, 162700000, -400000, 1234},
        {{0}, {"16.27,-0.04 " BIG}, true, 162700000, -400000, 0},
        {{0}, {"0,0 10"}, false, 0, 0, 0},
        {{0}, {"91,0 10"}, false, 0, 0, 0},
        /* several */
        {{0}, {"16,1 10", "16,1 2"}, true, 160000000, 10000000, 10000},
        {{"0,0.1 0,2 2,2 2,0.1", "4,0.1 4,2 6,2 6,0.1"}, {0}, true, 30000000, 10500000, 349897},
        {{"1,1 1,2 2,2"}, {"x", "1.5,1.5 0"}, true, 15000000, 15000000, 78617},
    };
    /* more than the earth: what a record may hold, and no more */
    static const char *const wide[] = {"0.5,179 0.5,-179 -0.5,-179", "4.27,-0.04 20000"};

    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        struct arena *a = arena_new(0);
        struct cap_shapes c;
        struct geo_pt p = {0, 0};
        uint32_t r = 0;

        assert_non_null(a);
        cap_shapes_init(&c, a);
        for (int k = 0; k < 3; k++) {
            if (t[i].polygons[k] != NULL)
                cap_put_polygon(&c, t[i].polygons[k]);
            if (t[i].circles[k] != NULL)
                cap_put_circle(&c, t[i].circles[k]);
        }
        bool any = cap_circle(&c, &p, &r);
        if (any != t[i].any || abs(p.lat - t[i].lat) > 1 ||
            (any && p.lon != t[i].lon && p.lon != -t[i].lon && abs(p.lon - t[i].lon) > 1) ||
            abs((int)r - t[i].radius_m) > 1)
            fail_msg("row %zu: %d, %d,%d, %u m", i, any, p.lat, p.lon, r);
        arena_free(a);
    }
    struct arena *a = arena_new(0);
    struct cap_shapes c;
    struct geo_pt p;
    uint32_t r = 0;

    assert_non_null(a);
    cap_shapes_init(&c, a);
    cap_put_polygon(&c, wide[0]);
    cap_put_circle(&c, wide[1]);
    assert_true(cap_circle(&c, &p, &r));
    assert_int_equal(r, 20000000);
    arena_free(a);
}

/* ---- feeds */

#define ATOM "<feed xmlns='http://www.w3.org/2005/Atom' xmlns:cap='" CAP_NS_12 "'>"

static void
test_feeds(void **state)
{
    static const struct {
        const char *body, *all;
    } t[] = {
        {ATOM "<title>Warnings</title></feed>", "~ the feed has no entries\n"},
        /* alerts inside; a bad one spoils no other */
        {ATOM "<entry><id>1</id><content type='application/cap+xml'>" ALERT(
             INFO) "</content></entry><entry><content><cap:alert/></content></"
                   "entry><entry><content>"
                   "<cap:alert>" HEAD INFO "</cap:alert></content></entry></feed>",
         "+ Flood in Gao|\n- alert 2: identifier: missing\n+ Flood in Gao|\n"},
        /* its writer forgot the namespace */
        {ATOM "<entry><content><alert>" HEAD INFO "</alert></content></entry></feed>",
         "+ Flood in Gao|\n"},
        {ATOM "<entry><content><alert xmlns='urn:x'>" HEAD INFO "</alert></content></entry></feed>",
         "- alert 1: <alert> in the namespace \"urn:x\", which is none of CAP's (" CAP_NS_12 ")\n"},
        /* summaries */
        {ATOM "<entry><id>urn:1</id><updated>2023-04-17T06:40:00Z</updated><title>Flood watch"
              "</title><summary>It rains.</summary><cap:event>Flood</cap:event>"
              "<cap:status>Actual</cap:status><cap:category>Met</cap:category>"
              "<cap:areaDesc>Gao</cap:areaDesc><cap:polygon/></entry></feed>",
         "+ Flood watch\nIt rains.|Gao\n"},
        {ATOM
         "<entry><id>urn:1</id><title>Flood watch</title><cap:event>Flood</cap:event>"
         "<published>2023-04-17T06:40:00Z</published><cap:message_type>Cancel</cap:message_type>"
         "<cap:areaDesc>Gao</cap:areaDesc></entry></feed>",
         "+ Cancelled.\nFlood watch|Gao\n"},
        {ATOM "<entry><id>urn:1</id><updated>2023-04-17T06:40:00Z</updated><title>T</title>"
              "<cap:event>Flood</cap:event><link href='http://example.org/1'/>"
              "<link type='application/cap+xml' href='http://example.org/1.cap'/></entry></feed>",
         "~ entry 1: the summary says not where; it links to http://example.org/1.cap\n"},
        {ATOM "<entry><id>urn:1</id><title>T</title><link href='http://example.org/1'/></entry>"
              "<entry><title>news</title></entry></feed>",
         "~ entry 1: there is no CAP in it; it links to http://example.org/1\n"
         "~ entry 2: there is no CAP in it\n"},
        {ATOM "<entry><id>urn:1</id><cap:event>Flood</cap:event></entry></feed>",
         "- entry 1: sent: missing\n"},
        {ATOM "<entry><cap:event>Flood</cap:event></entry></feed>", "- entry 1: id: missing\n"},
        {ATOM "<entry><id>1</id><cap:sent>2023-04-17T06:40:00Z</cap:sent><cap:urgency>Soon"
              "</cap:urgency></entry></feed>",
         "- entry 1: urgency: \"Soon\" is none of Immediate, Expected, Future, Past, Unknown\n"},
        {"<entry xmlns:cap='" CAP_NS_11 "'><id>1</id><cap:sent>2023-04-17T06:40:00Z</cap:sent>"
         "<title>T</title><cap:circle>16,1 5</cap:circle></entry>",
         "+ T|\n"},
        /* EDXL-DE */
        {"<EDXLDistribution xmlns='urn:oasis:names:tc:emergency:EDXL:DE:1.0'><contentObject>"
         "<xmlContent><embeddedXMLContent>" ALERT(
             INFO) "</embeddedXMLContent></xmlContent>"
                   "</contentObject><contentObject><xmlContent><embeddedXMLContent>" ALERT(
                       ACTUAL) "</embeddedXMLContent></xmlContent></contentObject></"
                               "EDXLDistribution>",
         "+ Flood in Gao|\n~ alert 2: it has no <info> that says anything\n"},
        {"<EDXLDistribution xmlns='urn:oasis:names:tc:emergency:EDXL:DE:1.0'/>",
         "~ the distribution holds no CAP alert\n"},
        /* any other wrapping */
        {"<s:Envelope xmlns:s='urn:soap'><s:Body>" ALERT(INFO) "</s:Body></s:Envelope>",
         "+ Flood in Gao|\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        struct seen s;

        run(t[i].body, &s);
        if (strcmp(s.all, t[i].all) != 0)
            fail_msg("%s:\n%s", t[i].body, s.all);
    }
}

/* The bytes beside a record of a feed are a document that gives the same record. */
static void
test_raw(void **state)
{
    static const char body[] =
        "<?xml version='1.0'?>\n<!-- > -->\n" ATOM "<title>W</title><entry a='>'><content>"
        "<cap:alert>" HEAD INFO "</cap:alert></content></entry><entry><id>1</id></entry></feed>";
    struct seen s, again;
    char wide[2 * sizeof body + 2];
    size_t n = 0;

    (void)state;
    run(body, &s);
    assert_int_equal(s.ignored, 1);
    run(s.raw, &again);
    assert_string_equal(again.all, "~ entry 1: there is no CAP in it\n");
    assert_string_equal(again.raw, s.raw);
    assert_null(strstr(s.raw, "Flood"));
    /* In UTF-16 it is the whole body. */
    wide[n++] = '\xFF';
    wide[n++] = '\xFE';
    for (size_t i = strlen("<?xml version='1.0'?>"); i + 1 < sizeof body; i++) {
        wide[n++] = body[i];
        wide[n++] = '\0';
    }
    run_with(wide, n, NULL, &s);
    assert_string_equal(s.all, "+ Flood in Gao|\n~ entry 2: there is no CAP in it\n");
}

/* ---- bounds */

static void
test_large(void **state)
{
    struct seen s;
    struct buf b;

    (void)state;
    buf_init(&b, 0);
    buf_puts(&b, "<alert>" HEAD "<info><event>E</event><area><polygon>");
    for (int i = 0; i < 1000000; i++)
        buf_puts(&b, "1,1 1,2 2,2 ");
    buf_puts(&b, "</polygon></area>");
    for (int i = 0; i < 90000; i++)
        buf_puts(&b, "<parameter/>");
    buf_puts(&b, "</info></alert>");
    assert_false(b.failed);
    run_with(b.data, b.len, NULL, &s);
    assert_int_equal(s.records, 1);
    assert_string_equal(s.text, "E");

    buf_reset(&b);
    buf_puts(&b, "<feed>");
    for (int i = 0; i < 20000; i++)
        buf_puts(&b, "<alert>" HEAD INFO "</alert>");
    buf_puts(&b, "</feed>");
    run_with(b.data, b.len, NULL, &s);
    assert_int_equal(s.records, 0);
    assert_non_null(strstr(s.all, "- XML line 1: there are too many elements"));

    buf_reset(&b);
    buf_puts(&b, "<feed>");
    for (int i = 0; i < 9000; i++)
        buf_puts(&b, "<alert>" HEAD INFO "</alert>");
    buf_puts(&b, "</feed>");
    run_with(b.data, b.len, NULL, &s);
    assert_int_equal(s.records, 9000);
    buf_fini(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),     cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_status),    cmocka_unit_test(test_events),
        cmocka_unit_test(test_times),     cmocka_unit_test(test_chain),
        cmocka_unit_test(test_cancel),    cmocka_unit_test(test_long_ids),
        cmocka_unit_test(test_languages), cmocka_unit_test(test_worst),
        cmocka_unit_test(test_texts),     cmocka_unit_test(test_places),
        cmocka_unit_test(test_shapes),    cmocka_unit_test(test_feeds),
        cmocka_unit_test(test_raw),       cmocka_unit_test(test_large),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
