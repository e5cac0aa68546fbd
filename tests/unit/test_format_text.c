/* test_format_text: a report in words is always an incident and keeps its words; what a form says
 * for certain is filled in; a text that only resembles one stays plain. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config.h"
#include "format_exact.h"
#include "format_form.h"
#include "timefmt.h"

#define NOW "2023-04-17T20:00:00Z"

struct seen {
    size_t records, refused;
    struct incident in;
    char text[MAX_TEXT + 1], place[MAX_NAME + 1], mgrs[32], form[16], why[320];
};

static void
copy(char *out, size_t size, const char *s)
{
    (void)snprintf(out, size, "%s", s != NULL ? s : "");
}

static void
on_record(void *arg, struct record *r, const char *raw, size_t len)
{
    struct seen *s = arg;

    (void)raw;
    (void)len;
    assert_int_equal(r->type, REC_INCIDENT);
    s->records++;
    s->in = r->u.incident;
    copy(s->text, sizeof s->text, s->in.text);
    copy(s->place, sizeof s->place, s->in.place);
    copy(s->mgrs, sizeof s->mgrs, s->in.mgrs);
    assert_true(s->in.n_attributes <= 1);
    copy(s->form, sizeof s->form, s->in.n_attributes > 0 ? s->in.attributes[0].value : NULL);
}

static void
on_refused(void *arg, const char *why, const char *raw, size_t len)
{
    struct seen *s = arg;

    (void)raw;
    (void)len;
    s->refused++;
    copy(s->why, sizeof s->why, why);
}

static int64_t
at(const char *s)
{
    int64_t us = 0;

    if (s != NULL)
        assert_int_equal(time_parse(s, strlen(s), &us), 0);
    return us;
}

static void
run(const char *text, size_t n, struct seen *s)
{
    struct source_conf source = {.name = "s", .utc_offset_min = 60};
    struct format_options o = {.source = &source, .now_us = at(NOW)};
    struct format_sink sink = {
        .record = on_record, .refused = on_refused, .ignored = on_refused, .arg = s};

    memset(s, 0, sizeof *s);
    format_exact(FORMAT_TEXT, text, n, &o, sink);
}

struct row {
    const char *text, *form, *place, *mgrs;
    bool pos;
    int lat, lon; /* 1e-4 degree; of MGRS as geo has it */
    const char *occurred;
    enum event_type event;
    int wounded;
};

static void
check(const struct row *t, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct seen s;
        struct geo_pt want = {t[i].lat * 1000, t[i].lon * 1000};
        uint32_t radius_m = 0;
        char when[TIME_TEXT] = "";

        if (t[i].mgrs[0] != '\0')
            assert_int_equal(geo_from_mgrs(t[i].mgrs, &want, &radius_m), 0);
        run(t[i].text, strlen(t[i].text), &s);
        if (s.in.occurred_at_us != 0)
            (void)time_text(s.in.occurred_at_us, when);
        if (s.records != 1 || s.refused != 0 || strcmp(s.form, t[i].form) != 0 ||
            strcmp(s.place, t[i].place) != 0 || strcmp(s.mgrs, t[i].mgrs) != 0 ||
            s.in.has_pos != t[i].pos || s.in.event != t[i].event || s.in.wounded != t[i].wounded ||
            s.in.killed != -1 || s.in.taken != -1 || s.in.occurred_at_us != at(t[i].occurred) ||
            (t[i].pos && (s.in.pos.lat / 1000 != want.lat / 1000 ||
                          s.in.pos.lon / 1000 != want.lon / 1000 || s.in.radius_m != radius_m)))
            fail_msg("%s: form %s, place \"%s\", mgrs %s, pos %d %d,%d, at %s, %s, wounded %d",
                     t[i].text, s.form, s.place, s.mgrs, s.in.has_pos, s.in.pos.lat / 1000,
                     s.in.pos.lon / 1000, when, event_type_name(s.in.event), s.in.wounded);
    }
}

static void
test_salute(void **state)
{
    static const struct row t[] = {
        {"SALUTE\nSize: 12 men\nActivity: crossing the river by pirogue\nLocation: Bara ferry, "
         "30QZD 1234 5678\nUnit: unknown\nTime: 171840ZAPR23\nEquipment: AK, 2 motorbikes",
         "salute", "Bara ferry", "30QZD12345678", true, 0, 0, "2023-04-17T18:40:00Z", 0, -1},
        {"S: 12 men A: digging on the road L: 16.2713, -0.0447 U: NK T: 171840Z E: shovels",
         "salute", "", "", true, 162713, -447, "2023-04-17T18:40:00Z", 0, -1},
        {"s: 5 a: watching the bridge l: Ansongo bridge u: nk t: 0640 e: none", "salute",
         "Ansongo bridge", "", false, 0, 0, NULL, 0, -1},
        {"S - 20\nA - moving south\nL - near Tessit\nU - NK\nT - 2023-04-17T06:10:00Z\nE - PKM",
         "salute", "near Tessit", "", false, 0, 0, "2023-04-17T06:10:00Z", 0, -1},
        {"Taille : 8 hommes\nActivité : pose d'un engin\nLieu : RN17, N16.5000 W0.2500\nUnité : "
         "inconnue\nHeure : 17 0640 AVR 23\nÉquipement : pelles",
         "salute", "RN17", "", true, 165000, -2500, "2023-04-17T05:40:00Z", 0, -1},
        /* one letter may be missing; the rest goes on behind the last line */
        {"S: 3 A: asking for the market day L: Talataye U: NK T: unknown\nCalm otherwise.",
         "salute", "Talataye", "", false, 0, 0, NULL, 0, -1},
        {"Size: 3. Activity: robbed a bus. Location: (Gossi). Time: 180700Z. Equipment: AK.",
         "salute", "Gossi", "", false, 0, 0, "2023-04-18T07:00:00Z", 0, -1},
        /* a whole time that lies too far ahead is a slip */
        {"Size: 3. Activity: robbed a bus. Location: unknown. Time: 180900ZAPR23.", "salute", "",
         "", false, 0, 0, NULL, 0, -1},
        {"Size: 3\nActivity: camp\nLocation: grid 16.5000N 0.2500E (wadi)\nTime: night", "salute",
         "wadi", "", true, 165000, 2500, NULL, 0, -1},
        /* without its zone a grid could be anywhere: it stays words */
        {"Size: 3\nActivity: camp\nLocation: ZD 1234 5678\nTime: night", "salute", "ZD 1234 5678",
         "", false, 0, 0, NULL, 0, -1},
    };

    (void)state;
    check(t, sizeof t / sizeof t[0]);
}

static void
test_contact(void **state)
{
    static const struct row t[] = {
        {"CONTACT REPORT\nWhen: 171840Z APR 23\nWhere: 3 km N of Labbezanga\nWhat: 6 men on "
         "motorbikes\nDoing: firing at the post\nWhat I am doing: returning fire",
         "contact", "3 km N of Labbezanga", "", false, 0, 0, "2023-04-17T18:40:00Z", 0, -1},
        {"Contact wait out. When: now. Where: 30QZD 123 567. What: small arms.", "contact", "",
         "30QZD123567", true, 0, 0, NULL, 0, -1},
        {"ACCROCHAGE\nQuand : 171840ZAVR23\nOù : pont de Tassiga\nQuoi : tirs", "contact",
         "pont de Tassiga", "", false, 0, 0, "2023-04-17T18:40:00Z", 0, -1},
        {"Who: armed men\nWhat: took 30 cows\nWhere: Ouatagouna\nWhen: 171000Z", "5w", "Ouatagouna",
         "", false, 0, 0, "2023-04-17T10:00:00Z", 0, -1},
    };

    (void)state;
    check(t, sizeof t / sizeof t[0]);
}

#define MEDEVAC_REST "\nLine 6: N\nLine 7: C\nLine 8: A\nLine 9: flat"

static void
test_numbers(void **state)
{
    static const struct row t[] = {
        {"UXO SPOT REPORT\n1. 171840ZAPR23\n2. Patrol 3, 30QZD1234056780\n3. 45.5 MHz, Lima 3\n"
         "4. Projected: mortar bomb\n5. None\n6. Village school\n7. Road closed\n8. Cordon 100 m\n"
         "9. Immediate",
         "uxo", "", "30QZD1234056780", true, 0, 0, "2023-04-17T18:40:00Z", EV_IED_MINE, -1},
        {"IED 10-liner Line 1: 171840Z Line 2: Patrol 3 Line 3: culvert S of Gossi 15.8000 -1.3000 "
         "Line 4: 45.5 Line 5: placed Line 6: none Line 7: convoy Line 8: halt Line 9: cordon "
         "Line 10: immediate",
         "uxo", "culvert S of Gossi", "", true, 158000, -13000, "2023-04-17T18:40:00Z", EV_IED_MINE,
         -1},
        /* unit and place apart in nine lines; no title, but its lines say it */
        {"1) 171840Z\n2) Patrol 3\n3) 30QZD1234056780\n4) possible IED\n5) none\n6) road\n7) "
         "minor\n"
         "8) marked\n9) indirect",
         "uxo", "", "30QZD1234056780", true, 0, 0, "2023-04-17T18:40:00Z", EV_IED_MINE, -1},
        {"EOD: 1. 171840Z 2. Patrol 3, market of Hombori 3. 45.5 4. thrown 5. no", "uxo", "", "",
         false, 0, 0, "2023-04-17T18:40:00Z", EV_IED_MINE, -1},
        {"9 LINE MEDEVAC\nLine 1: 30QZD1234056780\nLine 2: 38.90 / Dustoff\nLine 3: A-2, C-1\n"
         "Line 4: A\nLine 5: L2 A1" MEDEVAC_REST,
         "medevac", "", "30QZD1234056780", true, 0, 0, NULL, 0, 3},
        {"CASEVAC after IED strike\nLine 1: Aguelhok, HLZ west\nLine 2: 38.90\nLine 3: 2 urgent, 1 "
         "routine\nLine 4: A\nLine 5: L2 A1" MEDEVAC_REST,
         "medevac", "Aguelhok, HLZ west", "", false, 0, 0, NULL, 0, 3},
        {"EVASAN\nLigne 1 : Ber\nLigne 2 : 38.90\nLigne 3 : plusieurs\nLigne 4 : A\nLigne 5 : L1 "
         "A1",
         "medevac", "Ber", "", false, 0, 0, NULL, 0, 2},
        {"MEDEVAC\nLine 1: Ber\nLine 2: 38.90\nLine 3: several\nLine 4: A\nLine 5: unknown",
         "medevac", "Ber", "", false, 0, 0, NULL, 0, -1},
        {"Line 1: Ber\nLine 2: 38.90\nLine 3: 1B\nLine 4: D\nLine 5: L1" MEDEVAC_REST, "medevac",
         "Ber", "", false, 0, 0, NULL, 0, 1},
    };

    (void)state;
    check(t, sizeof t / sizeof t[0]);
}

static void
test_plain(void **state)
{
    static const struct row t[] = {
        {"Convoy fired on north of Gao, two wounded", "", "", "", false, 0, 0, NULL, 0, -1},
        {"171840ZAPR23 shots heard at 30QZD1234056780", "", "", "", false, 0, 0, NULL, 0, -1},
        /* labels, but no form */
        {"Location: Gao. Time: 0640. All quiet.", "", "", "", false, 0, 0, NULL, 0, -1},
        {"S: 12 men, L: Gao, T: 0640", "", "", "", false, 0, 0, NULL, 0, -1},
        {"A: 1 S: 2 L: 3 T: 4 E: 5 U: 6", "", "", "", false, 0, 0, NULL, 0, -1},
        {"When: now. Where: Gao. What: market.", "", "", "", false, 0, 0, NULL, 0, -1},
        {"Where: Gao, contact of the mayor lost. What: fire.", "", "", "", false, 0, 0, NULL, 0,
         -1},
        {"1. rice 2. oil 3. sugar 4. tea 5. soap 6. salt 7. flour 8. beans 9. water", "", "", "",
         false, 0, 0, NULL, 0, -1},
        {"IED found. 1. on the road 2. near the well 4. by a child 5. cleared", "", "", "", false,
         0, 0, NULL, 0, -1},
        {"The U.S. and E.U. met at 5 p.m.; S.A.L.U.T.E. was not used.", "", "", "", false, 0, 0,
         NULL, 0, -1},
    };

    (void)state;
    check(t, sizeof t / sizeof t[0]);
}

static void
test_bytes(void **state)
{
    static const struct {
        const char *bytes, *text; /* NULL = refused */
    } t[] = {
        {"", NULL},
        {" \r\n\t ", NULL},
        {"\x01\x02", NULL},
        {"\xEF\xBB\xBF", NULL},
        {"\xEF\xBB\xBF"
         "Attaque",
         "Attaque"},
        {"  Tirs\r\nà Gao  \n", "Tirs\nà Gao"},
        {"Convoi attaqu\xE9 \xE0 Gao \x96 l\x92"
         "arm\xE9"
         "e",
         "Convoi attaqué à Gao – l’armée"},
        /* cut in the middle of a character: still UTF-8 */
        {"attaqué à Gao, bless\xC3", "attaqué à Gao, bless\xEF\xBF\xBD"},
        {"a\x81", "a\xEF\xBF\xBD"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        struct seen s;

        run(t[i].bytes, strlen(t[i].bytes), &s);
        if (s.records != (t[i].text != NULL) || s.refused != (t[i].text == NULL) ||
            strcmp(s.text, t[i].text != NULL ? t[i].text : "") != 0)
            fail_msg("row %zu: \"%s\" %s", i, s.text, s.why);
        assert_int_equal(s.in.reported_at_us, 0);
    }
}

static void
test_long(void **state)
{
    size_t n = 4 * MAX_TEXT;
    char *body = malloc(n);
    struct seen s;

    (void)state;
    assert_non_null(body);
    memset(body, 'a', n);
    run(body, n, &s);
    assert_int_equal(s.records, 1);
    assert_int_equal(strlen(s.text), MAX_TEXT);
    memset(body, 0xE9, n);
    run(body, n, &s);
    assert_int_equal(s.records, 1);
    assert_int_equal(strlen(s.text), MAX_TEXT);
    for (size_t i = 0; i < n; i += 4)
        memcpy(body + i, " 1. ", 4);
    run(body, n, &s);
    assert_int_equal(s.records, 1);
    assert_string_equal(s.form, "");
    free(body);
}

static void
test_patients(void **state)
{
    static const struct {
        const char *text;
        int32_t n;
    } t[] = {
        {"A-2, C-1", 3},
        {"2A 1C", 3},
        {"A2", 2},
        {"2 x A", 2},
        {"L1 A2", 3},
        {"L1/A2", 3},
        {"1 urgent", 1},
        {"1 urgent surgical + 2 routine", 3},
        {"A: 2", 2},
        {"2 couché", 2},
        {"", -1},
        {"several", -1},
        {"A", -1},
        {"2", -1},
        {"A2 and more", -1},
        {"A-0", -1},
        {"A2B", -1},
        {"A-2000", -1},
        {"F2", -1},
        {"A-2 ?", -1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++)
        if (form_patients(t[i].text, strlen(t[i].text)) != t[i].n)
            fail_msg("%s: %d", t[i].text, form_patients(t[i].text, strlen(t[i].text)));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_salute),   cmocka_unit_test(test_contact),
        cmocka_unit_test(test_numbers),  cmocka_unit_test(test_plain),
        cmocka_unit_test(test_bytes),    cmocka_unit_test(test_long),
        cmocka_unit_test(test_patients),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
