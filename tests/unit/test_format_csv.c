/* test_format_csv: exports of ACLED, UCDP and others to incidents. Rows are invented. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "buf.h"
#include "format_exact.h"
#include "record_json.h"
#include "timefmt.h"
#include "tz.h"
#include "wire.h"

/* What came out: a line for each, as JSON, or "refused: why". */
struct seen {
    size_t records, refused;
    struct buf lines;
    char raw[4096]; /* of the last one */
};

static void
on_record(void *arg, struct record *r, const char *raw, size_t len)
{
    struct seen *s = arg;
    struct arena *a = arena_new(0);
    struct record back;
    struct err e = {.text = ""};
    struct buf packed;

    /* What is made here must pass the door. */
    buf_init(&packed, 0);
    wire_record_pack(r, false, &packed);
    if (wire_record_unpack(packed.data, packed.len, a, &back, &e) != 0)
        fail_msg("%s", e.text);
    buf_fini(&packed);
    arena_free(a);
    record_to_json(r, &s->lines);
    buf_putc(&s->lines, '\n');
    (void)snprintf(s->raw, sizeof s->raw, "%.*s", (int)len, raw);
    s->records++;
}

static void
on_refused(void *arg, const char *why, const char *raw, size_t len)
{
    struct seen *s = arg;

    buf_printf(&s->lines, "refused: %s\n", why);
    (void)snprintf(s->raw, sizeof s->raw, "%.*s", (int)len, raw);
    s->refused++;
}

static void
seen_init(struct seen *s)
{
    memset(s, 0, sizeof *s);
    buf_init(&s->lines, 0);
}

/* In pieces of `piece` bytes, at most `most` records at a time, stopping behind `stop` records and
 * going on with another stream: 0 = never. */
static void
feed(const char *body, size_t n, const struct format_options *o, size_t piece, size_t most,
     size_t stop, struct seen *s)
{
    struct format_stream *st = format_open(FORMAT_CSV, o);
    struct format_sink sink = {
        .record = on_record, .refused = on_refused, .arena = arena_new(0), .arg = s};
    size_t have = piece < n ? piece : n, i;

    assert_non_null(st);
    while ((i = format_head(st, body, have, have == n, 0)) == SIZE_MAX) {
        assert_true(have < n);
        have = have + piece < n ? have + piece : n;
    }
    while (i < n) {
        size_t left = stop > 0 && stop - format_taken(st) < most ? stop - format_taken(st) : most;
        char *exact = malloc(have - i > 0 ? have - i : 1);
        assert_non_null(exact);
        memcpy(exact, body + i, have - i);
        size_t used = format_take(st, exact, have - i, have == n, left, &sink);
        free(exact);
        assert_true(used > 0 || have < n);
        i += used;
        if (used == 0)
            have = have + piece < n ? have + piece : n;
        if (stop > 0 && format_taken(st) == stop) {
            uint64_t done = format_taken(st);
            format_close(st);
            st = format_open(FORMAT_CSV, o);
            assert_non_null(st);
            assert_true(format_head(st, body, n, true, done) <= i);
            stop = 0;
        }
    }
    format_close(st);
    arena_free(sink.arena);
}

static const char *
whole(const char *body, const struct format_options *o, struct seen *s)
{
    struct format_sink sink = {.record = on_record, .refused = on_refused, .arg = s};

    seen_init(s);
    format_exact(FORMAT_CSV, body, strlen(body), o, sink);
    return s->lines.data != NULL ? s->lines.data : "";
}

static void
expect(const char *body, const struct format_options *o, const char *lines)
{
    struct seen s;
    const char *got = whole(body, o, &s);

    if (strcmp(got, lines) != 0)
        fail_msg("%s\ngave\n%snot\n%s", body, got, lines);
    buf_fini(&s.lines);
}

/* Some part of what comes of it. */
static void
expect_part(const char *body, const struct format_options *o, const char *part)
{
    struct seen s;
    const char *got = whole(body, o, &s);

    if (strstr(got, part) == NULL)
        fail_msg("%s\ngave\n%swithout\n%s", body, got, part);
    buf_fini(&s.lines);
}

/* ---- ACLED */

#define ACLED_HEAD                                                                            \
    "event_id_cnty,event_date,year,time_precision,disorder_type,event_type,sub_event_type,"   \
    "actor1,assoc_actor_1,inter1,actor2,assoc_actor_2,inter2,interaction,civilian_targeting," \
    "iso,region,country,admin1,admin2,admin3,location,latitude,longitude,geo_precision,"      \
    "source,source_scale,notes,fatalities,tags,timestamp\n"
#define ACLED_ROW                                                                            \
    "TST1,2023-04-17,2023,1,Political violence,Violence against civilians,Attack,Armed Men," \
    ",3,Civilians (Testland),Traders (Testland),7,37,Civilian targeting,999,Nowhere,"        \
    "Testland,Nord,Cercle,Commune,Wab\xC3\xA9ri,16.4,-0.05,2,\"Le T\xC3\xA9moin; Radio\","   \
    "National,\"On 17 April 2023, armed men came\nto the market; \"\"two dead\"\".\",2,,"    \
    "1682380800\n"
#define ACLED_JSON                                                                              \
    "{\"incident\":{\"id\":\"TST1\",\"reported_at\":\"2023-04-25T00:00:00Z\","                  \
    "\"occurred_at\":\"2023-04-17T12:00:00Z\",\"text\":\"On 17 April 2023, armed men came\\nto" \
    " the market; \\\"two dead\\\".\",\"lang\":\"en\",\"lat\":16.4,\"lon\":-0.05,"              \
    "\"radius_m\":25000,\"place\":\"Wab\xC3\xA9ri\",\"event\":\"armed_attack\",\"targets\":["   \
    "\"civilians\"],\"killed\":2,\"relay\":true,\"attributes\":{\"event_date\":\"2023-04-17, "  \
    "to the day\",\"disorder_type\":\"Political violence\",\"event_type\":\"Violence against "  \
    "civilians\",\"sub_event_type\":\"Attack\",\"actor1\":\"Armed Men\",\"inter1\":\"3\","      \
    "\"actor2\":\"Civilians (Testland)\",\"assoc_actor_2\":\"Traders (Testland)\",\"inter2\":"  \
    "\"7\",\"civilian_targeting\":\"Civilian targeting\",\"country\":\"Testland\",\"admin1\":"  \
    "\"Nord\",\"admin2\":\"Cercle\",\"admin3\":\"Commune\",\"source\":\"Le T\xC3\xA9moin; "     \
    "Radio\",\"source_scale\":\"National\",\"geo_precision\":\"2\"}}}\n"

static void
test_acled(void **state)
{
    (void)state;
    expect(ACLED_HEAD ACLED_ROW, NULL, ACLED_JSON);
    expect("\xEF\xBB\xBF" ACLED_HEAD ACLED_ROW, NULL, ACLED_JSON);
    expect(ACLED_HEAD, NULL, "");
}

#define MIN_HEAD "event_type;event_id_cnty;event_date;sub_event_type;latitude;longitude;notes\r\n"

static void
test_acled_variants(void **state)
{
    static const struct {
        const char *body, *part;
    } t[] = {
        /* few columns, any order and case, semicolons, decimal commas, a date of a spreadsheet */
        {"Event_Type;EVENT_ID_CNTY;event_date;latitude;longitude\r\nBattles;A1;03/05/"
         "2023;16,4;-0,05",
         "{\"incident\":{\"id\":\"A1\",\"occurred_at\":\"2023-05-03T12:00:00Z\","
         "\"text\":\"Battles\",\"lang\":\"en\",\"lat\":16.4,\"lon\":-0.05,\"event\":"
         "\"armed_clash\",\"relay\":true,"},
        {"event_id_cnty\tevent_date\tevent_type\nA1\t17 April 2023\tRiots\n",
         "\"occurred_at\":\"2023-04-17T12:00:00Z\",\"text\":\"Riots\""},
        {"sep=;\r\nevent_id_cnty;event_date;event_type\r\nA1;2023-04-17;Riots\r\n",
         "\"id\":\"A1\""},
        {"event_id_cnty,event_date,event_type\nA1,2023-04-17,Riots,,\n", "\"id\":\"A1\""},
        {"event_id_cnty,event_date,event_type,notes\rA1,2023-04-17,Riots,x\r", "\"text\":\"x\""},
        /* Windows-1252 */
        {MIN_HEAD "Riots;A1;2023-04-17;;;;march\xE9 br\xFBl\xE9\r\n",
         "\"text\":\"march\xC3\xA9 br\xC3\xBBl\xC3\xA9\""},
        /* off the globe, or no number: no position, and the rest goes on */
        {MIN_HEAD "Riots;A1;2023-04-17;;95;0,5;x\r\n", "\"text\":\"x\",\"lang\":\"en\",\"event\""},
        {MIN_HEAD "Riots;A1;2023-04-17;;north;5;x\r\n", "\"text\":\"x\",\"lang\":\"en\",\"event\""},
        {MIN_HEAD "Riots;A1;2023-04-17;;0;0;x\r\n", "\"text\":\"x\",\"lang\":\"en\",\"event\""},
        /* reported in the morning of the same day: not later than that */
        {"event_id_cnty,event_date,event_type,timestamp\nA1,2023-04-17,Riots,1681711200\n",
         "\"reported_at\":\"2023-04-17T06:00:00Z\",\"occurred_at\":\"2023-04-17T06:00:00Z\""},
        {"event_id_cnty,event_date,event_type,timestamp\nA1,2023-04-17,Riots,1.68E+09\n",
         "{\"id\":\"A1\",\"occurred_at\""},
        /* newer exports have words for codes */
        {"event_id_cnty,event_date,event_type,inter2\nA1,2023-04-17,Battles,Civilians\n",
         "\"targets\":[\"civilians\"]"},
        {"event_id_cnty,event_date,event_type,fatalities\nA1,2023-04-17,Battles,0\n",
         "\"killed\":0"},
        {"event_id_cnty,event_date,event_type,fatalities\nA1,2023-04-17,Battles,3.0\n",
         "\"killed\":3"},
        {"event_id_cnty,event_date,event_type,fatalities\nA1,2023-04-17,Battles,many\n",
         "\"event\":\"armed_clash\",\"relay\""},
        {"event_id_cnty,event_date,event_type,time_precision\nA1,2023-04-17,Battles,3\n",
         "\"event_date\":\"2023-04-17, to the month\""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++)
        expect_part(t[i].body, NULL, t[i].part);
}

static void
test_acled_types(void **state)
{
    static const struct {
        const char *type, *sub, *event; /* event "" = the text decides */
        bool civilians;
    } t[] = {
        {"Battles", "Government regains territory", "territory", false},
        {"Battles", "Non-state actor overtakes territory", "territory", false},
        {"Battles", "Armed clash", "armed_clash", false},
        {"Protests", "Excessive force against protesters", "armed_attack", true},
        {"Protests", "Protest with intervention", "demonstration", false},
        {"Protests", "Peaceful protest", "demonstration", false},
        {"Riots", "Violent demonstration", "hostile_crowd", false},
        {"Riots", "Mob violence", "hostile_crowd", false},
        {"Explosions/Remote violence", "Chemical weapon", "armed_attack", false},
        {"Explosions/Remote violence", "Air/drone strike", "air_strike", false},
        {"Explosions/Remote violence", "Suicide bomb", "suicide_attack", false},
        {"Explosions/Remote violence", "Shelling/artillery/missile attack", "indirect_fire", false},
        {"Explosions/Remote violence", "Remote explosive/landmine/IED", "ied_mine", false},
        {"Explosions/Remote violence", "Grenade", "armed_attack", false},
        {"Violence against civilians", "Sexual violence", "assault", true},
        {"Violence against civilians", "Attack", "armed_attack", true},
        {"Violence against civilians", "Abduction/forced disappearance", "kidnapping", true},
        {"Strategic developments", "Agreement", "none", false},
        {"Strategic developments", "Arrests", "arrest", false},
        {"Strategic developments", "Change to group/activity", "", false},
        {"Strategic developments", "Disrupted weapons use", "ied_mine", false},
        {"Strategic developments", "Headquarters or base established", "armed_presence", false},
        {"Strategic developments", "Looting/property destruction", "crime", false},
        {"Strategic developments", "Non-violent transfer of territory", "territory", false},
        {"Strategic developments", "Other", "", false},
        {"Battles", "Something new", "armed_clash", false},
        {"Violence against civilians", "", "armed_attack", true},
        {"Something new", "Something newer", "", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        char body[512], want[64];
        struct seen s;
        (void)snprintf(body, sizeof body, MIN_HEAD "%s;A1;2023-04-17;%s;;;x", t[i].type, t[i].sub);
        (void)snprintf(want, sizeof want, "\"event\":\"%s\"", t[i].event);
        const char *got = whole(body, NULL, &s);
        assert_int_equal(s.records, 1);
        assert_true((strstr(got, "\"event\":") != NULL) == (t[i].event[0] != '\0'));
        assert_true(t[i].event[0] == '\0' || strstr(got, want) != NULL);
        assert_true((strstr(got, "\"targets\":[\"civilians\"]") != NULL) == t[i].civilians);
        buf_fini(&s.lines);
    }
}

/* ---- UCDP */

#define UCDP_HEAD                                                                              \
    "id,relid,year,active_year,code_status,type_of_violence,conflict_dset_id,conflict_new_id," \
    "conflict_name,dyad_dset_id,dyad_new_id,dyad_name,side_a_dset_id,side_a_new_id,side_a,"    \
    "side_b_dset_id,side_b_new_id,side_b,number_of_sources,source_article,source_office,"      \
    "source_date,source_headline,source_original,where_prec,where_coordinates,"                \
    "where_description,adm_1,adm_2,latitude,longitude,geom_wkt,priogrid_gid,country,"          \
    "country_id,region,event_clarity,date_prec,date_start,date_end,deaths_a,deaths_b,"         \
    "deaths_civilians,deaths_unknown,best,high,low,gwnoa,gwnob\n"
#define UCDP_ROW(headline, prec, kind)                                                            \
    "901,TST-1,2023,1,Clear," kind ",1,2,Testland: Territory,3,4,Side A - Side B,5,6,"            \
    "Side A,7,8,Side B,1,\"Radio, article\",Radio,2023-04-18;2023-04-19," headline ",Radio," prec \
    ",Wab\xC3\xA9ri town,\"Wab\xC3\xA9ri, near the well\",Nord,Cercle,"                           \
    "16.4,-0.05,POINT (-0.05 16.4),1,Testland,432,Africa,1,1,2023-04-17 00:00:00.000,"            \
    "2023-04-17 00:00:00.000,1,2,0,3,6,9,4,432,\n"

static void
test_ucdp(void **state)
{
    static const char json[] =
        "{\"incident\":{\"id\":\"901\",\"reported_at\":\"2023-04-18T12:00:00Z\",\"occurred_at\":"
        "\"2023-04-17T12:00:00Z\",\"text\":\"Six dead at the well\\nWab\xC3\xA9ri, near the well\","
        "\"lat\":16.4,\"lon\":-0.05,\"radius_m\":25000,\"place\":\"Wab\xC3\xA9ri town\",\"event\":"
        "\"armed_clash\",\"killed\":6,\"relay\":true,\"attributes\":{\"event_date\":\"2023-04-17, "
        "to the day\",\"conflict_name\":\"Testland: Territory\",\"dyad_name\":\"Side A - Side B\","
        "\"side_a\":\"Side A\",\"side_b\":\"Side B\",\"source_article\":\"Radio, article\","
        "\"source_office\":\"Radio\",\"source_date\":\"2023-04-18;2023-04-19\",\"source_original\":"
        "\"Radio\",\"number_of_sources\":\"1\",\"where_prec\":\"2\",\"adm_1\":\"Nord\",\"adm_2\":"
        "\"Cercle\",\"country\":\"Testland\",\"event_clarity\":\"1\",\"low\":\"4\",\"high\":\"9\","
        "\"deaths_a\":\"1\",\"deaths_b\":\"2\",\"deaths_civilians\":\"0\",\"deaths_unknown\":\"3\","
        "\"relid\":\"TST-1\"}}}\n";

    (void)state;
    expect(UCDP_HEAD UCDP_ROW("Six dead at the well", "2", "1"), NULL, json);
    expect(UCDP_ROW("Six dead at the well", "2", "2"), NULL, json);
    expect("\xEF\xBB\xBF" UCDP_ROW("Six dead at the well", "2", "1"), NULL, json);
    expect_part(UCDP_ROW("", "2", "1"), NULL,
                "\"text\":\"Fighting with the state: Side A - Side B\\n");
    expect_part(UCDP_ROW("x", "2", "3"), NULL,
                "\"event\":\"armed_attack\",\"targets\":[\"civilians\"]");
    /* known by its country alone: the coordinates are those of a map */
    expect_part(UCDP_ROW("x", "6", "1"), NULL, "the well\",\"place\"");
    expect_part(UCDP_HEAD UCDP_ROW("x", "6", "4"), NULL, "refused: row 1: type_of_violence: must");
    expect_part("id;type_of_violence;date_start;date_end;date_prec;deaths_civilians\r\n"
                "7;1;2023-04-17;2023-04-20;2;4\r\n",
                NULL,
                "\"occurred_at\":\"2023-04-17T12:00:00Z\",\"text\":\"Fighting with the state\","
                "\"event\":\"armed_clash\",\"targets\":[\"civilians\"],\"relay\":true,"
                "\"attributes\":{\"event_date\":\"2023-04-17 to 2023-04-20, within 2 to 6 days\"");
}

/* ---- what is refused */

#define SMALL "event_id_cnty,event_date,event_type,notes\n"

static void
test_refused(void **state)
{
    static const struct {
        const char *body, *lines;
    } t[] = {
        {"", ""},
        {"\xEF\xBB\xBF", ""},
        {"name,what\nx,y\n",
         "refused: neither ACLED nor UCDP GED: say what its columns are under collector.csv, and "
         "csv: NAME at the source; the first row begins with \"name\", \"what\"\n"},
        {"\xFF\xFE"
         "e\0v\0",
         "refused: UTF-16; save it as CSV in UTF-8\n"},
        {SMALL "A1,2023-04-17,Riots\n", "refused: row 1: 3 fields instead of 4\n"},
        {SMALL "A1,2023-04-17,Riots,x,y\n", "refused: row 1: 5 fields instead of 4\n"},
        {SMALL "\n,,,\nA1,17/13/2023,Riots,x\n",
         "refused: row 1: event_date: \"17/13/2023\" is no date such as 2023-04-17\n"},
        {SMALL "A1,03/04/2023,Riots,x\n",
         "refused: row 1: event_date: \"03/04/2023\" may be two days; write it as 2023-04-17\n"},
        {SMALL "A1,2023-02-30,Riots,x\n",
         "refused: row 1: event_date: \"2023-02-30\" is no date such as 2023-04-17\n"},
        {SMALL "A1,,Riots,x\n", "refused: row 1: event_date: missing\n"},
        {SMALL ",2023-04-17,Riots,x\n", "refused: row 1: event_id_cnty: missing\n"},
        {SMALL "A1,2023-04-17,,x\n", "refused: row 1: event_type: missing\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++)
        expect(t[i].body, NULL, t[i].lines);
}

/* A bad row is refused alone, with its number, and can be tried again as it stands in quarantine. */
static void
test_one_bad_row(void **state)
{
    static const char body[] =
        SMALL "A1,2023-04-17,Riots,\"a\nb\"\r\n\r\nbad,row\nA3,2023-04-18,Riots,c\nA4,x,Riots,d";
    struct seen s, again;
    const char *got;

    (void)state;
    got = whole(body, NULL, &s);
    assert_int_equal(s.records, 2);
    assert_int_equal(s.refused, 2);
    assert_non_null(strstr(got, "refused: row 2: 2 fields instead of 4\n"));
    assert_non_null(strstr(got, "refused: row 4: event_date: \"x\""));
    assert_string_equal(s.raw, SMALL "A4,x,Riots,d\n");
    got = whole(s.raw, NULL, &again);
    assert_string_equal(got, "refused: row 1: event_date: \"x\" is no date such as 2023-04-17\n");
    buf_fini(&s.lines);
    buf_fini(&again.lines);
}

static void
test_broken(void **state)
{
    static const char body[] = "name,what\nx,y\n";
    struct seen s;
    struct format_stream *st = format_open(FORMAT_CSV, NULL);
    struct format_sink sink = {
        .record = on_record, .refused = on_refused, .arena = arena_new(0), .arg = &s};

    (void)state;
    seen_init(&s);
    assert_non_null(st);
    assert_int_equal(format_head(st, body, 5, false, 0), SIZE_MAX);
    assert_int_equal(format_head(st, body, sizeof body - 1, true, 0), 0);
    assert_int_equal(format_take(st, body, sizeof body - 1, true, 1, &sink), sizeof body - 1);
    assert_true(format_broken(st));
    assert_string_equal(s.raw, body);
    /* The next body begins anew. */
    assert_int_equal(format_head(st, SMALL, sizeof SMALL - 1, true, 0), sizeof SMALL - 1);
    assert_false(format_broken(st));
    format_close(st);
    arena_free(sink.arena);
    buf_fini(&s.lines);
}

/* ---- mapped */

static char *
word(const char *s)
{
    return (char *)(uintptr_t)s; /* the configuration's are writable; nobody writes */
}

static void
test_mapped(void **state)
{
    char *text[] = {word("Titre"), word("Description")};
    struct csv_conf conf = {.name = word("ngo"),
                            .delimiter = word(";"),
                            .header = true,
                            .text = {text, 2},
                            .id = word("#"),
                            .reported_at = word("Re\xC3\xA7u"),
                            .occurred_at = word("Quand"),
                            .time_format = word("%d/%m/%Y %H:%M"),
                            .lat = word("Lat"),
                            .lon = word("8"),
                            .place = word("Lieu"),
                            .event = word("Type"),
                            .status = word("Statut"),
                            .killed = word("Morts"),
                            .reliability = word("Note")};
    struct source_conf source = {.utc_offset_min = UTC_OFFSET_BY_ZONE};
    struct format_options o = {.csv = &conf, .source = &source};
    struct err e;
    static const char head[] = "#;Titre;Description;Re\xC3\xA7u;Quand;Morts;Lat;Lon;Lieu;Type;"
                               "Statut;Note;Nom\n";
    char body[1024];

    (void)state;
    assert_int_equal(tz_load(TZ_DIR, "+02:00", &source.zone, &e), 0);
    (void)snprintf(body, sizeof body,
                   "%s7;Attaque;Deux morts;17/04/2023 08:40;17/04/2023 08:20;2;16,4;-0,05;Gao;"
                   "Armed attack;Exercice;b;Jean\n",
                   head);
    expect(body, &o,
           "{\"incident\":{\"id\":\"7\",\"reported_at\":\"2023-04-17T06:40:00Z\",\"occurred_at\":"
           "\"2023-04-17T06:20:00Z\",\"text\":\"Attaque\\nDeux morts\",\"lat\":16.4,\"lon\":-0.05,"
           "\"place\":\"Gao\",\"event\":\"armed_attack\",\"killed\":2,\"reliability\":\"B\","
           "\"status\":\"exercise\"}}\n");
    /* what cannot be read is kept as it was */
    (void)snprintf(body, sizeof body, "%s8;x;;hier;;deux;16,4;est;Gao;pillage;vrai;Z;\n", head);
    expect(body, &o,
           "{\"incident\":{\"id\":\"8\",\"text\":\"x\",\"place\":\"Gao\",\"attributes\":{\"event\":"
           "\"pillage\",\"reported_at\":\"hier\",\"lat\":\"16,4\",\"lon\":\"est\",\"status\":"
           "\"vrai\",\"reliability\":\"Z\",\"killed\":\"deux\"}}}\n");
    (void)snprintf(body, sizeof body, "%s9;;;;;;;;;;;;\n", head);
    expect(body, &o, "refused: row 1: neither a text nor an event that Tocsin knows\n");
    expect("#;Titre\n1;x\n", &o,
           "refused: collector.csv \"ngo\": the first row has no column \"Re\xC3\xA7u\"; the first "
           "row begins with \"#\", \"Titre\"\n");
    /* ACLED stays ACLED */
    expect_part(SMALL "A1,2023-04-17,Riots,x\n", &o, "\"relay\":true");
    tz_free(source.zone);
}

static void
test_mapped_by_number(void **state)
{
    char *text[] = {word("2")};
    struct csv_conf conf = {.name = word("log"),
                            .delimiter = word("\\t"),
                            .text = {text, 1},
                            .occurred_at = word("1"),
                            .wounded = word("3")};
    struct format_options o = {.csv = &conf};

    (void)state;
    expect(
        "2023-04-17\tx\t2\textra\n2023-04-18 06:40\ty\n", &o,
        "{\"incident\":{\"occurred_at\":\"2023-04-17T12:00:00Z\",\"text\":\"x\",\"wounded\":2}}\n"
        "refused: row 2: 2 fields, but column 3 is needed\n");
    conf.wounded = word("wounded");
    expect("x\ty\tz\n", &o,
           "refused: collector.csv \"log\": without a header columns are numbers from 1, not "
           "\"wounded\"\n");
}

static void
test_mapped_times(void **state)
{
    static const struct {
        const char *format, *value, *seen; /* seen NULL: not read */
    } t[] = {
        {NULL, "2023-04-17T06:40:00Z", "2023-04-17T06:40:00Z"},
        {NULL, "2023-04-17T06:40:00+02:00", "2023-04-17T04:40:00Z"},
        {NULL, "2023-04-17 06:40", "2023-04-17T05:40:00Z"},
        {NULL, "2023-04-17T06:40:10", "2023-04-17T05:40:10Z"},
        {NULL, "2023-04-17", "2023-04-17T11:00:00Z"},
        {NULL, "17 avril 2023", "2023-04-17T11:00:00Z"},
        {NULL, "2023-04-17 25:00", NULL},
        {NULL, "2023-04-17 06:40 soir", NULL},
        {NULL, "06:40", NULL},
        {NULL, "x", NULL},
        {"%d.%m.%Y", "17.04.2023", "2023-04-17T11:00:00Z"},
        {"%d %b %Y %H:%M", "17 Apr 2023 06:40", "2023-04-17T05:40:00Z"},
        {"%Y-%m-%dT%H:%M:%S%z", "2023-04-17T06:40:00+0300", "2023-04-17T03:40:00Z"},
        {"%d/%m %H:%M", "17/04 06:40", "2023-04-17T05:40:00Z"}, /* the year of now, or before */
        {"%d/%m %H:%M", "30/12 06:40", "2022-12-30T05:40:00Z"},
        {"%s", "1681711200", "2023-04-17T06:00:00Z"},
        {"%H:%M", "06:40", NULL},
        {"%d/%m/%Y", "31/02/2023", NULL},
        {"%d/%m/%Y", "17/04/2023 06:40", NULL},
    };
    char *text[] = {word("text")};
    struct csv_conf conf = {.name = word("t"),
                            .delimiter = word(","),
                            .header = true,
                            .text = {text, 1},
                            .occurred_at = word("at")};
    struct source_conf source = {.utc_offset_min = 60};
    struct format_options o = {.csv = &conf, .source = &source};
    struct civil now = {.year = 2023, .month = 5, .day = 1};

    (void)state;
    o.now_us = time_from_civil(&now);
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        char body[128], want[160];
        conf.time_format = t[i].format != NULL ? word(t[i].format) : NULL;
        (void)snprintf(body, sizeof body, "at,text\n%s,x\n", t[i].value);
        if (t[i].seen != NULL)
            (void)snprintf(want, sizeof want,
                           "{\"incident\":{\"occurred_at\":\"%s\",\"text\":\"x\"}}\n", t[i].seen);
        else
            (void)snprintf(
                want, sizeof want,
                "{\"incident\":{\"text\":\"x\",\"attributes\":{\"occurred_at\":\"%s\"}}}\n",
                t[i].value);
        expect(body, &o, want);
    }
}

/* ---- in pieces */

/* At any cut, with any number of records at a time, gone on with after any record: the same. */
static void
test_pieces(void **state)
{
    static const char *const bodies[] = {
        ACLED_HEAD ACLED_ROW "bad,row\n\n" ACLED_ROW "TST3,\"2023-04-17\",,,\"open,,,\n" ACLED_ROW,
        UCDP_HEAD UCDP_ROW("\"a \"\"b\"\"\nc\"", "1", "1") UCDP_ROW("x", "1", "3"),
        UCDP_ROW("\"a\r\nb\"", "1", "1") UCDP_ROW("x", "1", "3") "short",
        "\xEF\xBB\xBF" MIN_HEAD "Riots;A1;2023-04-17;;;;x\r\n\r\nRiots;A2;2023-04-18;;;;\"y\r\nz\"",
    };

    (void)state;
    for (size_t b = 0; b < sizeof bodies / sizeof bodies[0]; b++) {
        size_t n = strlen(bodies[b]);
        struct seen all;
        const char *want = whole(bodies[b], NULL, &all);
        for (size_t piece = 1; piece < n + 10; piece += piece < 20 ? 1 : 37)
            for (size_t stop = 0; stop <= all.records + all.refused; stop++) {
                struct seen s;
                seen_init(&s);
                feed(bodies[b], n, NULL, piece, 1 + piece % 3, stop, &s);
                if (strcmp(s.lines.data, want) != 0)
                    fail_msg("body %zu, piece %zu, stop %zu:\n%snot\n%s", b, piece, stop,
                             s.lines.data, want);
                buf_fini(&s.lines);
            }
        buf_fini(&all.lines);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_acled),
        cmocka_unit_test(test_acled_variants),
        cmocka_unit_test(test_acled_types),
        cmocka_unit_test(test_ucdp),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_one_bad_row),
        cmocka_unit_test(test_broken),
        cmocka_unit_test(test_mapped),
        cmocka_unit_test(test_mapped_by_number),
        cmocka_unit_test(test_mapped_times),
        cmocka_unit_test(test_pieces),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
