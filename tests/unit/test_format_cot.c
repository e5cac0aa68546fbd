/* test_format_cot: what becomes of Cursor on Target events. The table shows each kind of event and
 * what a duty officer would take it for; then the cutting of bodies, whatever stands in them. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "format_exact.h"
#include "record_json.h"

#define LOG_SIZE 16384

struct seen {
    size_t records, refused, ignored;
    char log[LOG_SIZE]; /* a line a call: "+json", "-why", "~why" */
    size_t raw;         /* bytes that were named */
};

static void
note(struct seen *s, char sign, const char *what, size_t len)
{
    size_t at = strlen(s->log);

    (void)snprintf(s->log + at, sizeof s->log - at, "%c%s\n", sign, what);
    s->raw += len;
}

static void
on_record(void *arg, struct record *r, const char *raw, size_t len)
{
    struct seen *s = arg;
    struct buf b;

    (void)raw;
    assert_true(r->type == REC_INCIDENT || r->type == REC_POSITION);
    buf_init(&b, 0);
    record_to_json(r, &b);
    assert_false(b.failed);
    note(s, '+', b.data, len);
    buf_fini(&b);
    s->records++;
}

static void
on_refused(void *arg, const char *why, const char *raw, size_t len)
{
    struct seen *s = arg;

    (void)raw;
    note(s, '-', why, len);
    s->refused++;
}

static void
on_ignored(void *arg, const char *why, const char *raw, size_t len)
{
    struct seen *s = arg;

    (void)raw;
    note(s, '~', why, len);
    s->ignored++;
}

static void
run(const char *text, size_t n, const struct format_options *o, struct seen *s)
{
    struct format_sink sink = {
        .record = on_record, .refused = on_refused, .ignored = on_ignored, .arg = s};

    memset(s, 0, sizeof *s);
    format_exact(FORMAT_COT, text, n, o, sink);
    assert_true(s->records + s->refused + s->ignored > 0);
}

/* ---- what an event becomes */

#define HEAD(type, more)                                          \
    "<event version='2.0' uid='MARK-7' type='" type               \
    "' time='2026-04-17T06:40:00Z' start='2026-04-17T06:20:00Z' " \
    "stale='2026-04-17T07:00:00Z' " more ">"
#define POINT         "<point lat='13.5104' lon='2.1254' hae='210' ce='12.5' le='9999999'/>"
#define DETAIL(inner) "<detail>" inner "</detail></event>"
#define CALLED(name)  "<contact callsign='" name "'/>"

static const struct tak_asset_conf assets[] = {
    {.match = (char *)"ANDROID-17", .asset = (char *)"convoy-7"},
    {.match = (char *)"LIMA*"},
    {.match = (char *)"LIMA 9", .asset = (char *)"never reached"},
};
static const struct format_options ours = {.tak = assets, .n_tak = 3};

/* sign as in the log; each of has must stand in the line, none of lacks. */
static const struct {
    const char *label, *xml;
    char sign;
    const char *has[6], *lacks[3];
} kinds[] = {
    {"a call for help",
     HEAD("b-a-o-tbl", "how='h-e'")
         POINT DETAIL(CALLED("KILO 2") "<emergency type='911 Alert'>KILO 2</emergency>"),
     '+',
     {"\"id\":\"MARK-7 2026-04-17\"", "\"text\":\"Emergency call (911 alert) by KILO 2\"",
      "\"event\":\"armed_attack\"", "\"lat\":13.5104,\"lon\":2.1254,\"radius_m\":13",
      "\"occurred_at\":\"2026-04-17T06:20:00Z\"", "\"reporter\":{\"name\":\"KILO 2\"}"},
     {NULL}},
    {"in contact, named by the element alone",
     HEAD("b-a-o-opn", "how='h-e'")
         POINT DETAIL("<emergency type='Troops In Contact'> KILO 2\n</emergency>"),
     '+',
     {"Emergency call (troops in contact) by KILO 2", "armed_attack", "\"how\":\"h-e\"",
      "\"emergency\":\"Troops In Contact\""},
     {NULL}},
    {"ring the bell",
     HEAD("b-a-o-pan", "") POINT DETAIL(""),
     '+',
     {"ring the bell", "armed_attack"},
     {NULL}},
    {"an emergency of the future",
     HEAD("b-a-o-zzz", "") POINT DETAIL(""),
     '+',
     {"\"text\":\"Emergency call\"", "armed_attack"},
     {NULL}},
    {"of one who travels with a convoy",
     HEAD("b-a-o-tbl", "") POINT DETAIL(CALLED("LIMA 9")),
     '+',
     {"by LIMA 9\""},
     {"travels"}},
    {"an emergency without a fix",
     HEAD("b-a-o-tbl", "") "<point lat='0.0' lon='0.0' ce='9999999'/>" DETAIL(CALLED("KILO 2")),
     '+',
     {"armed_attack"},
     {"\"lat\"", "radius_m"}},
    {"an emergency without a point",
     HEAD("b-a-o-tbl", "") DETAIL(""),
     '+',
     {"armed_attack"},
     {"\"lat\""}},
    {"a cancel",
     HEAD("b-a-o-can", "how='h-e'") POINT DETAIL("<emergency cancel='true'>KILO 2</emergency>"),
     '+',
     {"\"id\":\"MARK-7 2026-04-17\"", "\"event\":\"none\"", "Emergency cancelled by KILO 2"},
     {"armed_attack"}},
    {"a cancel that says which",
     HEAD("b-a-o-can", "") POINT DETAIL("<link uid='ANDROID-3' type='a-f-G'/>"
                                        "<link uid='OTHER-9' type='b-a-o-tbl' relation='p-p'/>"),
     '+',
     {"\"id\":\"OTHER-9 2026-04-17\"", "\"event\":\"none\""},
     {NULL}},
    {"an alert that takes itself back",
     HEAD("b-a-o-tbl", "") POINT DETAIL("<emergency cancel='true' type='911 Alert'>K</emergency>"),
     '+',
     {"\"event\":\"none\"", "Emergency cancelled by K"},
     {"armed_attack"}},
    {"a geofence",
     HEAD("b-a-g", "how='m-g'") POINT DETAIL(CALLED("KILO 2")),
     '+',
     {"Geofence breached by KILO 2"},
     {"\"event\""}},
    {"a hostile unit",
     HEAD("a-h-G-U-C", "how='h-g-i-g-o'")
         POINT DETAIL(CALLED("TWO TECHNICALS") "<remarks>\n moving west\tslowly </remarks>"
                                               "<creator callsign='LIMA 3' uid='A'/>"),
     '+',
     {"\"id\":\"MARK-7\"", "\"text\":\"Hostile ground unit: TWO TECHNICALS. moving west slowly\"",
      "armed_presence", "\"reporter\":{\"name\":\"LIMA 3\"}", "\"stale\":\"2026-04-17T07:00:00Z\""},
     {"exercise"}},
    {"a suspect, by its side in upper case",
     HEAD("a-S-G-E-V-C", "") POINT DETAIL(""),
     '+',
     {"Suspected hostile civilian vehicle", "armed_presence"},
     {NULL}},
    {"one who plays the enemy",
     HEAD("a-k-G-U", "") POINT DETAIL(""),
     '+',
     {"Exercise: hostile ground unit", "\"status\":\"exercise\"", "armed_presence"},
     {NULL}},
    {"a hostile mine",
     HEAD("a-h-G-E-X-M", "") POINT DETAIL(""),
     '+',
     {"Hostile mine", "\"event\":\"ied_mine\""},
     {"armed_presence"}},
    {"a hostile drone",
     HEAD("a-h-A-M-F-Q", "") POINT DETAIL(""),
     '+',
     {"Hostile drone", "armed_presence"},
     {NULL}},
    {"a hostile vessel",
     HEAD("a-h-S-X", "") POINT DETAIL(""),
     '+',
     {"Hostile vessel", "armed_presence"},
     {NULL}},
    {"an unknown on the ground, with its icon",
     HEAD("a-U-G", "")
         POINT DETAIL(CALLED("U.16.1") "<usericon iconsetpath='f7f7/Google/motorcycle.png'/>"
                                       "<link parent_callsign='LIMA 3' relation='p-p'/>"),
     '+',
     {"Unknown contact on the ground (motorcycle): U.16.1", "\"reporter\":{\"name\":\"LIMA 3\"}"},
     {"\"event\""}},
    {"a pending one",
     HEAD("a-p-G", "") POINT DETAIL(""),
     '+',
     {"Unknown contact on the ground"},
     {"\"event\""}},
    {"an unknown aircraft that nobody speaks of",
     HEAD("a-u-A", "") POINT DETAIL(CALLED("AF104")),
     '~',
     {"not on the ground", "(type a-u-A)"},
     {NULL}},
    {"an unknown aircraft with remarks",
     HEAD("a-u-A", "") POINT DETAIL("<remarks>circles over the camp</remarks>"),
     '+',
     {"Unknown contact in the air. circles over the camp"},
     {"\"event\""}},
    {"a spot with a word",
     HEAD("b-m-p-s-m", "") POINT DETAIL(CALLED("IED")),
     '+',
     {"Marker: IED"},
     {"\"event\""}},
    {"a spot with an icon",
     HEAD("b-m-p-s-m", "")
         POINT DETAIL(CALLED("R 1") "<usericon iconsetpath='x/Sets/landmine.png'/>"),
     '+',
     {"Marker (landmine): R 1", "\"icon\":\"landmine\""},
     {NULL}},
    {"a spot with a colour and a label",
     HEAD("b-m-p-s-m", "")
         POINT DETAIL(CALLED("R 1") "<usericon iconsetpath='COT_MAPPING_SPOTMAP/b-m-p-s-m/-65536'/>"
                                    "<remarks> </remarks>"),
     '~',
     {"nobody wrote anything"},
     {NULL}},
    {"a point of interest",
     HEAD("b-m-p-s-p-i", "") POINT DETAIL("<remarks>men digging</remarks>"),
     '+',
     {"Point of interest. men digging"},
     {NULL}},
    {"a camera of ours",
     HEAD("b-m-p-s-p-loc", "") POINT DETAIL(CALLED("NORTH GATE CAMERA")),
     '~',
     {"nobody wrote anything"},
     {NULL}},
    {"a report",
     HEAD("b-r-x", "") POINT DETAIL("<remarks>bridge is down</remarks>"),
     '+',
     {"Report. bridge is down"},
     {NULL}},
    {"an evacuation",
     HEAD("b-r-f-h-c", "how='h-g-i-g-o'") POINT DETAIL(CALLED(
         "CORPORAL DOE") "<_medevac_ title='JOHN DOE' casevac='false' freq='38.9' urgent='2' "
                         "urgent_surgical='0' "
                         "priority='1' litter='2' ambulatory='1' security='2' nonus_military='2' "
                         "us_military='1' "
                         "child='1' enemy='fire from the treeline' hlz_remarks='yellow smoke' "
                         "medline_remarks='vehicle hit a mine' zone_prot_selection='0'><zMistsMap>"
                         "<zMist z='DO4711' title='DOE' m='blast' i='leg' s='pale' t='tourniquet'/>"
                         "<zMist m='burn'/></zMistsMap></_medevac_><remarks>hurry</remarks>"),
     '+',
     {"Request for medical evacuation. Patients: 2 urgent, 1 priority. Of these: 2 on a litter, 1 "
      "walking. They are 3 military. Enemy in the area. Enemy: fire from the treeline. Cause: "
      "blast. Injury: leg. Cause: burn. vehicle hit a mine. Landing zone: yellow smoke. hurry\"",
      "\"wounded\":3", "\"zone_prot\":\"0\"", "\"freq\":\"38.9\""},
     {"\"event\"", "JOHN", "4711"}},
    {"an evacuation that only counts stretchers",
     HEAD("b-r-f-h-c", "")
         POINT DETAIL("<_medevac_ litter='1' urgent='x' security='sniper near'/>"),
     '+',
     {"Of these: 1 on a litter. Security: sniper near", "\"wounded\":1", "\"event\":\"hazard\""},
     {NULL}},
    {"an evacuation without figures",
     HEAD("b-r-f-h-c", "") POINT DETAIL("<_medevac_ urgent='99999'/>"),
     '+',
     {"\"text\":\"Request for medical evacuation\""},
     {"wounded"}},
    {"a position by uid",
     "<event uid='ANDROID-17' type='a-f-G-U-C' time='2026-04-17T06:40:00.25Z' how='m-g'>" POINT
     "</event>",
     '+',
     {"\"position\":{\"asset\":\"convoy-7\",\"fixed_at\":\"2026-04-17T06:40:00.250Z\",\"lat\":13."
      "5104,"
      "\"lon\":2.1254}"},
     {NULL}},
    {"a position by the beginning of its callsign",
     HEAD("a-f-G", "how='m-g'") POINT DETAIL(CALLED("LIMA 9")),
     '+',
     {"\"asset\":\"LIMA 9\""},
     {"never reached"}},
    {"a neutral one",
     HEAD("a-n-G", "how='m-g'") POINT DETAIL(CALLED("LIMA 4")),
     '+',
     {"\"asset\":\"LIMA 4\""},
     {NULL}},
    {"one that is nobody's",
     HEAD("a-f-G", "how='m-g'") POINT DETAIL(CALLED("BRAVO")),
     '~',
     {"position of BRAVO, which no entry of collector.tak_assets makes an asset"},
     {NULL}},
    {"one without a name",
     HEAD("a-f-G", "how='m-g'") POINT "</event>",
     '~',
     {"position of MARK-7,"},
     {NULL}},
    {"one of ours without a fix",
     HEAD("a-f-G", "how='m-g'") "<point lat='0' lon='0.0'/>" DETAIL(CALLED("LIMA 4")),
     '~',
     {"position of LIMA 4 without a fix"},
     {NULL}},
    {"one of ours in an exercise",
     HEAD("a-f-G", "how='m-g' opex='e-BRAVE'") POINT DETAIL(CALLED("LIMA 4")),
     '~',
     {"exercise"},
     {NULL}},
    {"a position that does not say how",
     HEAD("a-f-G", "") POINT DETAIL(CALLED("LIMA 4")),
     '-',
     {"event.how: missing"},
     {NULL}},
    {"a position without a point",
     HEAD("a-f-G", "how='m-g'") DETAIL(CALLED("LIMA 4")),
     '-',
     {"event.point: missing"},
     {NULL}},
    {"an exercise",
     HEAD("a-h-G", "opex='e-BRAVE'") POINT "</event>",
     '+',
     {"\"status\":\"exercise\""},
     {NULL}},
    {"a simulation",
     HEAD("b-a-o-tbl", "opex='s'") POINT "</event>",
     '+',
     {"\"status\":\"exercise\""},
     {NULL}},
    {"an operation",
     HEAD("a-h-G", "opex='o-SHIELD' access='Restricted'") POINT "</event>",
     '+',
     {"\"access\":\"Restricted\""},
     {"\"status\""}},
    {"a route", HEAD("b-m-r", "") POINT "</event>", '~', {"route", "(type b-m-r)"}, {NULL}},
    {"chat", HEAD("b-t-f", "") POINT "</event>", '~', {"chat"}, {NULL}},
    {"a file", HEAD("b-f-t-r", "") POINT "</event>", '~', {"file"}, {NULL}},
    {"a drawing", HEAD("u-d-c-c", "") POINT "</event>", '~', {"drawing"}, {NULL}},
    {"a ping", HEAD("t-x-c-t", "") POINT "</event>", '~', {"control of the connection"}, {NULL}},
    {"a deletion", HEAD("t-x-d-d", "") POINT "</event>", '~', {"deleted"}, {NULL}},
    {"nothing known",
     HEAD("x-odd", "") POINT "</event>",
     '~',
     {"does not know", "(type x-odd)"},
     {NULL}},
    {"a type that only begins like one",
     HEAD("b-ab", "") POINT "</event>",
     '~',
     {"does not know"},
     {NULL}},
    {"a type on two lines", HEAD("a-&#10;x", "") POINT "</event>", '~', {"(type a- x)"}, {NULL}},
    {"a side alone", HEAD("a-h", "") POINT "</event>", '~', {"does not know"}, {NULL}},
    /* What is missing, and what is odd. */
    {"no type",
     "<event uid='a' time='2026-04-17T06:40:00Z'/>",
     '-',
     {"event.type: missing"},
     {NULL}},
    {"a blank type",
     "<event type=' ' uid='a' time='2026-04-17T06:40:00Z'/>",
     '-',
     {"event.type: missing"},
     {NULL}},
    {"no uid",
     "<event type='a-h-G' time='2026-04-17T06:40:00Z'/>",
     '-',
     {"event.uid: missing"},
     {NULL}},
    {"no time", "<event type='a-h-G' uid='a'/>", '-', {"event.time: missing"}, {NULL}},
    {"no such time",
     "<event type='a-h-G' uid='a' time='noon'/>",
     '-',
     {"event.time: \"noon\""},
     {NULL}},
    {"a time without a zone",
     "<event type='a-h-G' uid='a' time='2026-04-17T06:40:00'/>",
     '+',
     {"\"reported_at\":\"2026-04-17T06:40:00Z\""},
     {NULL}},
    {"a start behind the time",
     "<event type='a-h-G' uid='a' time='2026-04-17T06:40:00Z' start='2026-04-17T06:41:00Z'/>",
     '+',
     {"reported_at"},
     {"occurred_at"}},
    {"off the globe",
     HEAD("a-h-G", "") "<point lat='90.1' lon='2'/></event>",
     '-',
     {"event.point.lat: \"90.1\" is no latitude"},
     {NULL}},
    {"off the other way",
     HEAD("a-h-G", "") "<point lat='9' lon='-180.5'/></event>",
     '-',
     {"event.point.lon: \"-180.5\""},
     {NULL}},
    {"no number", HEAD("a-h-G", "") "<point lat='NaN' lon='2'/></event>", '-', {"\"NaN\""}, {NULL}},
    {"half a point",
     HEAD("a-h-G", "") "<point lat='9'/></event>",
     '-',
     {"event.point.lon: missing"},
     {NULL}},
    {"the north pole",
     HEAD("a-h-G", "") "<point lat='90' lon='-180'/></event>",
     '+',
     {"\"lat\":90.0,\"lon\":-180.0"},
     {NULL}},
    {"an error that is unknown",
     HEAD("a-h-G", "") "<point lat='9' lon='2' ce='999999.0'/></event>",
     '+',
     {"\"lat\":9.0"},
     {"radius_m"}},
    {"an error that is none",
     HEAD("a-h-G", "") "<point lat='9' lon='2' ce='nan'/></event>",
     '+',
     {"\"lat\":9.0"},
     {"radius_m"}},
    {"an error that just is one",
     HEAD("a-h-G", "") "<point lat='9' lon='2' ce='35.000'/></event>",
     '+',
     {"\"radius_m\":35,"},
     {NULL}},
    {"another document",
     "<alert xmlns='urn:x'/>",
     '-',
     {"<alert>; Cursor on Target has <event>"},
     {NULL}},
};

static void
test_kinds(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct seen s;
        bool good;

        run(kinds[i].xml, strlen(kinds[i].xml), &ours, &s);
        good = s.records + s.refused + s.ignored == 1 && s.log[0] == kinds[i].sign &&
               s.raw == strlen(kinds[i].xml);
        for (size_t k = 0; k < 6 && kinds[i].has[k] != NULL; k++)
            good = good && strstr(s.log, kinds[i].has[k]) != NULL;
        for (size_t k = 0; k < 3 && kinds[i].lacks[k] != NULL; k++)
            good = good && strstr(s.log, kinds[i].lacks[k]) == NULL;
        if (!good)
            fail_msg("%s: %s", kinds[i].label, s.log);
    }
}

/* As ATAK writes it: a uid and a callsign made for the alert, the device behind the link. */
static void
test_caller_and_its_asset(void **state)
{
    static const char xml[] =
        "<event uid='ANDROID-17-9-1-1' type='b-a-o-tbl' time='2026-04-17T06:40:00Z'><detail>"
        "<link uid='ANDROID-17' type='a-f-G-U-C' relation='p-p'/>"
        "<contact callsign='KILO 2-Alert'/><emergency type='911 Alert'>\n KILO 2 </emergency>"
        "</detail></event>";
    struct seen s;

    (void)state;
    run(xml, sizeof xml - 1, &ours, &s);
    assert_non_null(strstr(s.log, "by KILO 2. It travels with convoy-7\""));
    assert_non_null(strstr(s.log, "\"id\":\"ANDROID-17-9-1-1 2026-04-17\""));
    assert_non_null(strstr(s.log, "\"reporter\":{\"name\":\"KILO 2\"}"));
    run(xml, sizeof xml - 1, NULL, &s);
    assert_non_null(strstr(s.log, "by KILO 2\""));
}

/* ---- bodies */

#define XML    "<?xml version='1.0' encoding='UTF-8' standalone='yes'?>"
#define H(uid) "<event uid='" uid "' type='a-h-G' time='2026-04-17T06:40:00Z'/>"
#define C(uid) "<event uid='" uid "' type='b-t-f' time='2026-04-17T06:40:00Z'></event>"

static const struct {
    const char *label, *body;
    const char *signs; /* of the calls, in order */
} bodies[] = {
    {"nothing", "", "-"},
    {"blanks", " \r\n", "-"},
    {"a declaration", XML, "-"},
    {"one", H("a"), "+"},
    {"one behind the other", H("a") H("b") C("c"), "++~"},
    {"with declarations, comments and blanks",
     "\xEF\xBB\xBF" XML "\n" H("a") "\n" XML H("b") "<!-- < -->" C("c") " ", "++~"},
    {"wrapped", XML "<events>" H("a") "\n" C("b") "</events>\n", "+~"},
    {"an empty wrapper", "<events></events>", "-"},
    {"a wrapper that never ends", "<events a='>'>" H("a"), "+"},
    {"a broken one between two", H("a") "<event uid='b'><point></event>" H("c"), "+-+"},
    {"text between two", H("a") "and" H("b"), "+-+"},
    {"a stray closing tag", H("a") "</event>" H("b"), "+-+"},
    {"a quote that is not closed", "<event uid='a>" H("b"), "-+"},
    {"one that is cut off", H("a") "<event uid='b'><point", "+-"},
    {"a document type", H("a") "<!DOCTYPE x [<!ENTITY y 'z'>]>" H("b"), "+-"},
    {"marks in a comment, in CDATA, in a value",
     "<event uid='a' type='a-h-G' time='2026-04-17T06:40:00Z' qos='/>'><!-- </event> -->"
     "<detail><remarks><![CDATA[</event><event>]]></remarks></detail></event>" C("b"),
     "+~"},
    {"an event inside an event",
     "<event uid='a' type='a-h-G' time='2026-04-17T06:40:00Z'><event><event/></event></event>" C(
         "b"),
     "+~"},
    {"another encoding",
     "<?xml version='1.0' encoding='ISO-8859-1'?><event uid='a' type='a-h-G' "
     "time='2026-04-17T06:40:00Z'><detail><remarks>br\xFBl\xE9</remarks></detail></event>",
     "+"},
};

static void
test_bodies(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        char signs[16] = "";
        struct seen s;
        size_t n = 0;

        run(bodies[i].body, strlen(bodies[i].body), &ours, &s);
        for (const char *p = s.log; *p != '\0' && n < sizeof signs - 1; p = strchr(p, '\n') + 1)
            signs[n++] = *p;
        signs[n] = '\0';
        if (strcmp(signs, bodies[i].signs) != 0)
            fail_msg("%s: \"%s\", not \"%s\": %s", bodies[i].label, signs, bodies[i].signs, s.log);
    }
    struct seen s;
    run(bodies[17].body, strlen(bodies[17].body), &ours, &s);
    assert_non_null(strstr(s.log, "br\xC3\xBBl\xC3\xA9"));
}

/* Any body that is cut off anywhere, and any byte of it changed, comes out of the sink and ends. */
static void
test_every_end(void **state)
{
    static const char body[] = "<?xml version='1.0'?><events><!-- c -->" H(
        "a") "<event uid='b' type='a-u-G' "
             "time='2026-04-17T06:40:00Z'><point lat='1' "
             "lon='2'/><detail><![CDATA[x]]></detail></event>"
             "</events>";
    static const char odd[] = {'<', '>', '\'', '/', '!', '?', '\0', '\xEF', '&'};
    struct seen s;

    (void)state;
    for (size_t n = 0; n <= sizeof body - 1; n++)
        run(body, n, &ours, &s);
    for (size_t i = 0; i < sizeof body - 1; i++) {
        for (size_t k = 0; k < sizeof odd; k++) {
            char changed[sizeof body];

            memcpy(changed, body, sizeof body);
            changed[i] = odd[k];
            run(changed, sizeof body - 1, &ours, &s);
        }
    }
}

/* What would take long if it were done badly. */
static void
test_much_of_a_thing(void **state)
{
    static const char *const things[] = {"<a>",    "<!--", "<event ",  "</x>",
                                         "<a b='", "x",    "<![CDATA["};
    const size_t n = 1 << 20;
    char *body = malloc(n);
    struct seen s;

    (void)state;
    assert_non_null(body);
    for (size_t k = 0; k < sizeof things / sizeof things[0]; k++) {
        size_t len = strlen(things[k]);

        for (size_t i = 0; i < n; i++)
            body[i] = things[k][i % len];
        run(body, n, &ours, &s);
        assert_int_equal(s.records, 0);
    }
    free(body);
}

/* ---- samples of other systems, where TOCSIN_SAMPLES (../shared/samples) has them: what a reader
 * would take each for, every position being that of an asset of ours */

static const struct {
    const char *file;
    char sign;
    const char *has;
} samples[] = {
    {"atak-007-a-u-G", '+', "on the ground (hiker): hiker 1"},
    {"atak-008-b-m-p-s-m", '~', "nobody wrote"},
    {"atak-", '~', "(type u-"},
    {"atakcap-001", '~', "file transfer"},
    {"atakcap-004", '~', "file transfer"},
    {"atakcap-021", '-', "event.time: \"TIME\""},
    {"atakcap-", '+', "\"position\""},
    {"ditto-005", '~', "does not know"},
    {"ditto-006", '~', "nobody wrote"},
    {"ditto-007", '+', "\"position\":{\"asset\":\"Alpha1\""},
    {"ditto-008", '+', "\"event\":\"armed_presence\""},
    {"ditto-009", '+', "Unknown vessel: SENSOR-01. Manual"},
    {"ditto-011", '+', "Unknown vessel. Thermal"},
    {"fts-001", '+', "\"position\""},
    {"fts-003", '~', "mission folder"},
    {"fts-010", '-', "XML line 1"},
    {"fts-", '-', "event.type: missing"},
    {"nodecot-006", '+', "\"position\":{\"asset\":\"C94B9215"},
    {"nodecot-007", '~', "a route"},
    {"nodecot-008", '~', "a route"},
    {"nodecot-013", '-', "event.how: missing"},
    {"nodecot-014", '~', "without a fix"},
    {"nodecot-019", '~', "nobody wrote"},
    {"nodecot-020", '~', "nobody wrote"},
    {"nodecot-022", '+', "\"position\""},
    {"nodecot-023", '+', "Unknown contact on the ground: No Path"},
    {"nodecot-025", '+', "\"text\":\"Unknown contact on the ground\""},
    {"nodecot-029", '+', "\"position\":{\"asset\":\"9T20\""},
    {"nodecot-", '~', "(type u-"},
};

static void
check_sample(const char *dir, const char *name, bool valid)
{
    static const struct tak_asset_conf all[] = {{.match = (char *)"*"}};
    static const struct format_options o = {.tak = all, .n_tak = 1};
    struct seen s;
    char path[1024];
    struct buf b;
    size_t i = 0, n = sizeof samples / sizeof samples[0];

    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    buf_init(&b, 0);
    assert_int_equal(buf_read_file(&b, path, 1 << 20, "a sample", NULL), 0);
    run(b.data, b.len, &o, &s);
    buf_fini(&b);
    print_message("  %-40s %.160s%s", name, s.log, strlen(s.log) > 160 ? "\n" : "");
    while (i < n && strncmp(name, samples[i].file, strlen(samples[i].file)) != 0)
        i++;
    if (valid ? s.refused > 0 : s.records > 0)
        fail_msg("%s: %s", name, s.log);
    if (i < n && (s.log[0] != samples[i].sign || strstr(s.log, samples[i].has) == NULL))
        fail_msg("%s is not what it was: %s", name, s.log);
}

static void
test_samples(void **state)
{
    const char *root = getenv("TOCSIN_SAMPLES");

    (void)state;
    for (int valid = 0; valid < 2; valid++) {
        struct dirent **list;
        char dir[512];
        int n;

        (void)snprintf(dir, sizeof dir, "%s/cot/%s", root != NULL ? root : "../shared/samples",
                       valid ? "valid" : "invalid");
        if ((n = scandir(dir, &list, NULL, alphasort)) < 0)
            skip();
        for (int i = 0; i < n; i++) {
            if (strstr(list[i]->d_name, ".xml") != NULL)
                check_sample(dir, list[i]->d_name, valid);
            free(list[i]);
        }
        free(list);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds),           cmocka_unit_test(test_caller_and_its_asset),
        cmocka_unit_test(test_bodies),          cmocka_unit_test(test_every_end),
        cmocka_unit_test(test_much_of_a_thing), cmocka_unit_test(test_samples),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
