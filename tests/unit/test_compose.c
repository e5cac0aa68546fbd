/* compose: the words of an alert, and its ids and topics. */
#include "core_fixture.h"

#include <stdlib.h>

#include "compose.h"
#include "wire.h"
#include "wording.h"

static struct fixture fx;
static struct timers timers;
static struct situations sits;
static struct picture pic;
static struct arena *arena;
static uint32_t sit;
static struct sit_alert *alert;
static struct alert_event ev;
static struct derivation der;
static struct verdict forced; /* with a rule but the risk: its rule and precedence stand */

static int
setup(void **state)
{
    const uint32_t limit[TIMER_KINDS] = {200, 4};
    const struct id id = {{1, 2, 3}};
    struct asset base = base_asset("base-gao", at(16.27, -0.04));
    struct situation *x;
    bool failed = false;

    (void)state;
    fixture_init(&fx);
    arena = arena_new(0);
    assert_int_equal(timers_init(&timers, limit), 0);
    assert_int_equal(situations_init(&sits, 200, 1000, &timers), 0);
    assert_int_equal(picture_init(&pic, HOUR_US, 1111), 0);
    base.name = "Camp Castor";
    (void)picture_put(&pic, &base, T0, &failed);
    sit = situations_new(&sits, &id, T0);
    x = &sits.all[sit];
    x->placed = x->timely = x->prompt = true;
    x->pt = at(16.40, -0.05);
    x->radius_m = 1000;
    x->event = EV_AMBUSH;
    x->mode = MODE_FACT;
    x->status = ST_ACTUAL;
    x->sources = 1;
    x->from_us = x->to_us = T0;
    (void)strcpy(x->name, "Gao");
    alert = situations_alert(&sits, sit, SLOT_CIVILIANS);
    alert->revision = 1;
    compose_alert_id(&fx.k, &pic, x, alert, &alert->id);
    alert->decided_us = T0;
    alert->area = compose_area(&fx.k, x);
    alert->n_assets = 1;
    alert->assets[0] = (struct relation){.asset = RELATION_PLACE, .contact_s = NO_CONTACT};
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    picture_fini(&pic);
    situations_fini(&sits);
    timers_fini(&timers);
    arena_free(arena);
    fixture_fini(&fx);
    return 0;
}

static void
tell(struct telling *t)
{
    struct verdict v;
    struct facts f;

    arena_reset(arena);
    situations_facts(&sits.all[sit], &f);
    assess(&fx.k, &f, compose_target((enum alert_slot)alert->slot, (enum alert_rule)alert->rule),
           &alert->assets[0], &v);
    if (forced.rule != PRULE_RISK) {
        v.rule = forced.rule;
        v.precedence = forced.precedence;
    }
    t->k = &fx.k;
    t->p = &pic;
    t->s = &sits;
    t->a = alert;
    t->v = &v; /* cppcheck-suppress autoVariables */
    t->kind = AK_RAISED;
    t->due_us = T0;
    assert_int_equal(compose(t, arena, &ev, &der), 0);
}

static void
test_place_words(void **state)
{
    struct situation *x = &sits.all[sit];
    struct telling t = {.old_precedence = 0};

    (void)state;
    tell(&t);
    assert_string_equal(ev.place, "Gao");
    assert_string_equal(ev.assets[0].id, "place-16.40,-0.05");
    assert_string_equal(ev.area, "gao");
    x->distance_m = 15000;
    x->bearing_deg = 355;
    tell(&t);
    assert_string_equal(ev.place, "15 km north of Gao");
    assert_non_null(strstr(ev.headline_fr, "15 km au nord de Gao"));
    (void)strcpy(x->name, "Ansongo");
    x->bearing_deg = 90;
    x->distance_m = 2500;
    tell(&t);
    assert_string_equal(ev.place, "2.5 km east of Ansongo");
    assert_non_null(strstr(ev.headline_fr, "2,5 km à l'est d'Ansongo"));
    x->gazetteer_id = 2451185;
    x->distance_m = 0;
    tell(&t);
    assert_string_equal(ev.assets[0].id, "place-2451185");
    assert_string_equal(ev.assets[0].name, "Ansongo");
    x->gazetteer_id = 0;
    x->name[0] = '\0';
    tell(&t);
    assert_string_equal(ev.place, "16.40, -0.05");
    x->placed = false;
    alert->area = compose_area(&fx.k, x);
    tell(&t);
    assert_string_equal(ev.place, "place unknown");
    assert_string_equal(ev.assets[0].id, "place-unknown");
    assert_string_equal(ev.topic + strlen(ev.topic) - 9, ".unknown.");
    assert_false(ev.has_pos);
}

static void
test_headlines(void **state)
{
    struct situation *x = &sits.all[sit];
    struct telling t = {.old_precedence = 0};

    (void)state;
    x->harm.killed = (struct range){10, 12};
    x->harm.wounded = (struct range){60, 60};
    tell(&t);
    assert_string_equal(ev.headline_en, "Civilians \xe2\x80\x93 ambush at Gao, 06:00 UTC, "
                                        "10\xe2\x80\x93"
                                        "12 killed, 60 wounded");
    assert_string_equal(ev.headline_fr, "Civils \xe2\x80\x93 embuscade à Gao, 06:00 UTC, "
                                        "10\xe2\x80\x93"
                                        "12 tués, 60 blessés");
    x->harm = (struct harm){{-1, -1}, {-1, -1}, {-1, -1}};
    x->mode = MODE_WARNING;
    x->low_grade = true;
    alert->late = 1;
    x->status = ST_TEST;
    tell(&t);
    assert_string_equal(ev.headline_en,
                        "TEST: LATE: Warning: Civilians \xe2\x80\x93 ambush at Gao, "
                        "06:00 UTC (UNCONFIRMED)");
    x->status = ST_ACTUAL;
    x->mode = MODE_FACT;
    x->low_grade = false;
    alert->late = 0;
    alert->slot = SLOT_BASE;
    alert->assets[0] = (struct relation){
        .asset = 0, .distance_m = 2130, .bearing_deg = 350, .contact_s = NO_CONTACT};
    tell(&t);
    assert_string_equal(ev.headline_en, "Camp Castor \xe2\x80\x93 ambush at Gao, 06:00 UTC; "
                                        "2.1 km to the north");
    assert_string_equal(ev.headline_fr, "Camp Castor \xe2\x80\x93 embuscade à Gao, 06:00 UTC ; "
                                        "à 2,1 km au nord");
    assert_string_equal(ev.assets[0].id, "base-gao");
    assert_int_equal(ev.assets[0].contact_at_us, 0);
    alert->n_assets = 0;
    alert->slot = SLOT_CONVOY;
    tell(&t);
    assert_string_equal(ev.headline_en, "A convoy \xe2\x80\x93 ambush at Gao, 06:00 UTC");
    assert_string_equal(ev.headline_fr, "Un convoi \xe2\x80\x93 embuscade à Gao, 06:00 UTC");
}

/* Contact, halt and age of the position: in headline, fields, reasons and instruction. */
static void
test_convoy_words(void **state)
{
    struct telling t = {.old_precedence = 0};
    struct relation *r = &alert->assets[0];

    (void)state;
    alert->slot = SLOT_CONVOY;
    *r = (struct relation){.asset = 0,
                           .distance_m = 14700,
                           .flags = REL_ON_ROUTE | REL_CAN_HALT | REL_FIXED,
                           .contact_s = 1320,
                           .halt_min = 9,
                           .halt = 0,
                           .fix_min = 10};
    tell(&t);
    assert_non_null(strstr(ev.headline_en, "; 15 km ahead, contact in 22 min, "
                                           "last safe halt in 9 min (Camp Castor)"));
    assert_non_null(strstr(ev.headline_fr, " ; 15 km devant, contact dans 22 min, "
                                           "dernier arrêt sûr dans 9 min (Camp Castor)"));
    assert_int_equal(ev.assets[0].contact_at_us, T0 + 22 * MINUTE_US);
    assert_int_equal(ev.assets[0].halt_at_us, T0 + 9 * MINUTE_US);
    assert_int_equal(ev.assets[0].fixed_at_us, T0 - 10 * MINUTE_US);
    assert_string_equal(ev.assets[0].halt, "Camp Castor");
    assert_non_null(strstr(ev.instruction_en, "Last safe halt: Camp Castor, at 06:09 UTC. "));
    assert_non_null(strstr(ev.instruction_fr, "Dernier arrêt sûr : Camp Castor, à 06:09 UTC. "));
    assert_string_equal(der.reasons[der.n_reasons - 1].text,
                        "route: contact in 22 min, last safe halt in 9 min, Camp Castor");
    assert_int_equal(der.reasons[der.n_reasons - 1].weight, 0);
    r->halt = RELATION_NONE;
    r->flags |= REL_STALE;
    r->fix_min = 200;
    tell(&t);
    assert_non_null(strstr(ev.headline_en, "last safe halt in 9 min, position 3 h old"));
    assert_null(ev.assets[0].halt);
    assert_non_null(strstr(ev.instruction_en, "Halt at 06:09 UTC at the latest. "));
    assert_string_equal(der.reasons[der.n_reasons - 1].text,
                        "position: 200 min old, so the convoy is reckoned");
    r->flags = REL_ON_ROUTE;
    r->contact_s = 0;
    r->distance_m = 400;
    tell(&t);
    assert_non_null(strstr(ev.headline_en, "; less than 500 m away, contact now"));
    assert_string_equal(der.reasons[der.n_reasons - 1].text, "route: contact in 0 min");
    r->flags = REL_HALTED;
    r->contact_s = NO_CONTACT;
    tell(&t);
    assert_non_null(strstr(ev.headline_fr, " ; à moins de 500 m, à l'arrêt"));
}

/* Time as it is needed: the day where it is another, both ends where they lie apart. */
static void
test_when_words(void **state)
{
    static const struct {
        int64_t from, to;
        const char *en, *fr;
    } table[] = {
        {T0, T0 + 30 * MINUTE_US, " 06:00 UTC", " 06:00 UTC"},
        {T0 - 4 * HOUR_US, T0 - HOUR_US,
         " 02:00\xe2\x80\x93"
         "05:00 UTC",
         " 02:00\xe2\x80\x93"
         "05:00 UTC"},
        {T0 - DAY_US, T0 - DAY_US, " 16 Apr 06:00 UTC", " 16 avr. 06:00 UTC"},
        {T0 - 10 * HOUR_US, T0, " 16 Apr 20:00 \xe2\x80\x93 17 Apr 06:00 UTC",
         " 16 avr. 20:00 \xe2\x80\x93 17 avr. 06:00 UTC"},
    };
    struct telling t = {.old_precedence = 0};

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        sits.all[sit].from_us = table[i].from;
        sits.all[sit].to_us = table[i].to;
        tell(&t);
        assert_non_null(strstr(ev.headline_en, table[i].en));
        assert_non_null(strstr(ev.headline_fr, table[i].fr));
    }
    sits.all[sit].from_us = sits.all[sit].to_us = 0;
    tell(&t);
    assert_string_equal(ev.headline_en, "Civilians \xe2\x80\x93 ambush at Gao");
}

static size_t
characters(const char *s)
{
    size_t n = 0;

    for (; *s; s++)
        n += ((unsigned char)*s & 0xc0) != 0x80;
    return n;
}

/* What no headline may look like. */
static void
assert_reads_well(const char *s, enum language l)
{
    static const char *const never[] = {"  ", " ,", ",,", ", ;", "()", "{", "}", "(null)", ": ,"};
    static const char *const french[] = {" de A",   " de E",    " de I", " de O", " de É", " à Le ",
                                         " de Le ", " de Les ", " a ",   " at ",  " of ",  "d' "};

    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++)
        if (strstr(s, never[i]))
            fail_msg("\"%s\" in: %s", never[i], s);
    for (size_t i = 0; l == FR && i < sizeof french / sizeof french[0]; i++)
        if (strstr(s, french[i]))
            fail_msg("\"%s\" in: %s", french[i], s);
    /* with all that can stand before and behind it */
    if (characters(s) > 120 + sizeof "Avertissement :  (NON CONFIRMÉ)")
        fail_msg("%zu characters: %s", characters(s), s);
}

static void
print_headlines(FILE *out)
{
    struct telling t = {.old_precedence = 0};

    tell(&t);
    assert_reads_well(ev.headline_en, EN);
    assert_reads_well(ev.headline_fr, FR);
    (void)fprintf(out, "%s\n%s\n", ev.headline_en, ev.headline_fr);
}

/* One kind of target, as its most endangered asset stands to the danger. */
static void
set_target(enum alert_slot slot)
{
    static const struct relation by_slot[] = {
        [SLOT_CONVOY] = {.asset = 1,
                         .distance_m = 14700,
                         .bearing_deg = 10,
                         .flags = REL_ON_ROUTE | REL_CAN_HALT | REL_FIXED,
                         .contact_s = 1320,
                         .halt_min = 9,
                         .halt = 0,
                         .fix_min = 0},
        [SLOT_BASE] = {.asset = 0, .distance_m = 2130, .bearing_deg = 200, .contact_s = NO_CONTACT},
        [SLOT_CIVILIANS] = {.asset = RELATION_PLACE, .contact_s = NO_CONTACT},
    };

    alert->slot = (uint8_t)slot;
    alert->n_assets = 1;
    alert->assets[0] = by_slot[slot];
}

static void
print_places(FILE *out)
{
    static const struct {
        const char *name;
        uint32_t distance_m, bearing_deg;
        bool area, placed;
    } table[] = {
        {"Gao", 0, 0, false, true},
        {"Ansongo", 0, 0, false, true},
        {"Ansongo", 15000, 350, false, true},
        {"Le Gourma", 900, 90, false, true},
        {"Les Puits", 0, 0, false, true},
        {"Hombori", 20500, 180, false, true},
        {"Ménaka", 0, 0, true, true},
        {"Oudalan", 0, 0, true, true},
        {"Gao\xe2\x80\x93"
         "Ansongo",
         0, 0, false, true},
        {"", 0, 0, false, true},
        {"", 0, 0, false, false},
    };
    struct situation *x = &sits.all[sit];

    set_target(SLOT_CIVILIANS);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        situation_name(x, table[i].name);
        x->distance_m = table[i].distance_m;
        x->bearing_deg = table[i].bearing_deg;
        x->area = table[i].area;
        x->placed = table[i].placed;
        print_headlines(out);
    }
    situation_name(x, "Gao");
    x->distance_m = 0;
    x->placed = true;
}

static void
print_modes(FILE *out)
{
    struct situation *x = &sits.all[sit];

    for (int slot = SLOT_CONVOY; slot <= SLOT_CIVILIANS; slot++)
        for (int m = MODE_FACT; m <= MODE_DENIAL; m++) {
            set_target((enum alert_slot)slot);
            x->mode = (uint8_t)m;
            x->low_grade = m % 2 == 0;
            print_headlines(out);
        }
    x->mode = MODE_FACT;
    for (int status = ST_ACTUAL; status <= ST_TEST; status++)
        for (int late = 0; late < 2; late++) {
            x->status = (uint8_t)status;
            alert->late = (uint8_t)late;
            x->low_grade = late;
            print_headlines(out);
        }
    x->status = ST_ACTUAL;
    x->marks = MARK_POSSIBLE_EXERCISE;
    print_headlines(out);
}

/* Every headline that there is, beside what was read and found good: HEADLINES_WRITE=1 writes
 * tests/unit/headlines.txt anew. */
static void
test_all_headlines(void **state)
{
    const char *dir = getenv("TOCSIN_SRC");
    char path[4096], *said = NULL, *good;
    struct asset convoy = base_asset("cvy-7", at(16.2, -0.04));
    size_t n = 0, len;
    bool failed = false;
    FILE *out = open_memstream(&said, &n), *f;

    (void)state;
    convoy.name = "Convoy 7";
    (void)picture_put(&pic, &convoy, T0, &failed);
    for (int e = EV_ARMED_ATTACK; e < EVENT_COUNT; e++)
        for (int slot = SLOT_CONVOY; slot <= SLOT_CIVILIANS; slot++) {
            sits.all[sit].event = (uint8_t)e;
            set_target((enum alert_slot)slot);
            print_headlines(out);
        }
    sits.all[sit].event = EV_AMBUSH;
    print_places(out);
    sits.all[sit].harm = (struct harm){{1, 1}, {5, 50}, {-1, -1}};
    print_modes(out);
    assert_int_equal(fclose(out), 0);
    (void)snprintf(path, sizeof path, "%s/tests/unit/headlines.txt", dir ? dir : ".");
    if (getenv("HEADLINES_WRITE")) {
        f = fopen(path, "w");
        assert_non_null(f);
        assert_int_equal(fwrite(said, 1, n, f), n);
        assert_int_equal(fclose(f), 0);
    }
    f = fopen(path, "r");
    assert_non_null(f);
    good = malloc(n + 1);
    assert_non_null(good);
    len = fread(good, 1, n + 1, f);
    assert_int_equal(fclose(f), 0);
    if (len != n || memcmp(good, said, n) != 0)
        fail_msg("%s has other headlines; HEADLINES_WRITE=1 writes it anew, to be read", path);
    free(good);
    free(said);
}

/* A headline that would be too long leaves out what is needed least. */
static void
test_brevity(void **state)
{
    struct situation *x = &sits.all[sit];
    struct telling t = {.old_precedence = 0};

    (void)state;
    set_target(SLOT_CONVOY);
    alert->assets[0].asset = 0;
    alert->assets[1] = alert->assets[0];
    alert->n_assets = 2;
    tell(&t);
    assert_non_null(strstr(ev.headline_en, "Camp Castor and 1 more \xe2\x80\x93 "));
    assert_non_null(strstr(ev.headline_en, "(Camp Castor)"));
    x->harm = (struct harm){{10, 12}, {60, 70}, {3, 3}};
    alert->assets[0].flags |= REL_STALE;
    tell(&t);
    assert_null(strstr(ev.headline_en, "more"));
    assert_null(strstr(ev.headline_en, "old"));
    assert_non_null(strstr(ev.headline_en, "10\xe2\x80\x93"
                                           "12 killed, 60\xe2\x80\x93"
                                           "70 wounded, 3 taken; "));
    assert_non_null(strstr(ev.headline_en, "contact 22 min, last safe halt 9 min"));
}

/* A precedence that the figures alone do not give says where it comes from. */
static void
test_precedence_rule(void **state)
{
    struct telling t = {.old_precedence = 0};
    struct sit_alert *base = situations_alert(&sits, sit, SLOT_BASE);

    (void)state;
    tell(&t);
    assert_string_equal(der.precedence_rule, wording_precedence_rule(PRULE_RISK));
    base->precedence = PR_FLASH;
    forced = (struct verdict){.rule = PRULE_CIVILIANS, .precedence = PR_FLASH};
    tell(&t);
    assert_string_equal(der.precedence_rule, "flash, as for the base: civilians do not rank below "
                                             "a base or convoy for the same event");
    base->precedence = PR_ROUTINE;
    tell(&t);
    assert_string_equal(der.precedence_rule, "flash: civilians do not rank below a base or convoy "
                                             "for the same event");
    forced.rule = PRULE_OFFICER;
    tell(&t);
    assert_string_equal(der.precedence_rule, "flash, set by the officer");
    alert->slot = SLOT_RULE;
    alert->rule = RULE_BASE_SILENT;
    alert->fixed_arg = 5000;
    forced = (struct verdict){.rule = PRULE_PATTERN, .precedence = PR_PRIORITY};
    tell(&t);
    assert_string_equal(der.precedence_rule, "priority, given by the rule base_silent");
    forced.rule = PRULE_RISK;
}

static void
test_ids_and_topics(void **state)
{
    struct telling t = {.old_precedence = PR_ROUTINE, .old_area = NO_AREA};
    struct id again, other;

    (void)state;
    tell(&t);
    assert_string_equal(ev.old_topic, "alert.civilians.routine.unknown.");
    compose_alert_id(&fx.k, &pic, &sits.all[sit], alert, &again);
    assert_memory_equal(&again, &ev.id, sizeof again);
    alert->slot = SLOT_BASE;
    compose_alert_id(&fx.k, &pic, &sits.all[sit], alert, &other);
    assert_true(id_cmp(&again, &other) != 0);
    alert->slot = SLOT_RULE;
    alert->rule = RULE_BASE_SILENT;
    compose_alert_id(&fx.k, &pic, &sits.all[sit], alert, &again);
    assert_true(id_cmp(&again, &other) != 0);
    assert_string_equal(ev.release, "mission");
}

static void
test_procedures(void **state)
{
    static char general[] = "Call the desk.", convoy_fr[] = "Appeler {who}, {soon}.";
    struct procedure_conf list[] = {
        {.event = EV_HAZARD, .en = general},
        {.target = TG_CONVOY, .fr = convoy_fr},
        {.precedence = PR_FLASH, .en = general},
        {.event = EV_AMBUSH, .target = TG_CIVILIANS, .en = general},
    };
    struct telling t = {.old_precedence = 0};

    (void)state;
    fx.cfg.classifier.procedures = (struct conf_list){list, 4};
    tell(&t);
    assert_string_equal(ev.instruction_en, general);
    assert_string_equal(ev.instruction_fr, wording_instruction(EV_AMBUSH, TG_CIVILIANS, FR));
    alert->slot = SLOT_CONVOY;
    tell(&t);
    assert_string_equal(ev.instruction_fr, "Appeler Un convoi.");
    assert_string_equal(ev.instruction_en, wording_instruction(EV_AMBUSH, TG_CONVOY, EN));
}

static void
test_configured_headlines(void **state)
{
    static char all[] = "{precise}", base[] = "{where}: {what} ({who}; {far})",
                rule[] = "MUETTE : {who}";
    struct procedure_conf list[] = {
        {.event = EV_HAZARD, .en = all, .fr = all},
        {.target = TG_BASE, .precedence = PR_FLASH, .fr = rule},
        {.target = TG_BASE, .en = base},
    };
    struct telling t = {.old_precedence = 0};

    (void)state;
    fx.cfg.classifier.headlines = (struct conf_list){list, 3};
    tell(&t);
    assert_string_equal(ev.headline_en, "Civilians \xe2\x80\x93 ambush at Gao, 06:00 UTC");
    set_target(SLOT_BASE);
    alert->late = 1;
    tell(&t);
    assert_string_equal(ev.headline_en, "LATE: at Gao: ambush (Camp Castor; 2.1 km to the south)");
    assert_string_equal(ev.headline_fr, "TARDIF : Camp Castor \xe2\x80\x93 embuscade à Gao, "
                                        "06:00 UTC ; à 2,1 km au sud");
    alert->late = 0;
    forced = (struct verdict){.rule = PRULE_PATTERN, .precedence = PR_FLASH};
    alert->rule = RULE_BASE_SILENT;
    alert->slot = SLOT_RULE;
    tell(&t);
    assert_string_equal(ev.headline_fr, "MUETTE : Camp Castor");
    forced.rule = PRULE_RISK;
}

/* People who live in reach of violence are named beside the place itself, and counted. */
static void
test_nearby(void **state)
{
    struct telling t = {.old_precedence = 0};
    struct gazetteer *g = gazetteer_new();
    char path[] = "/tmp/test_compose.XXXXXX";
    FILE *f = fdopen(mkstemp(path), "w");

    (void)state;
    assert_non_null(f);
    (void)fputs("900000001\tHere\t\t16.401\t-0.05\tpopulated\tML\tGao\t500\t1\n"
                "900000002\tFarther\t\t16.47\t-0.05\tpopulated\tML\tGao\t0\t1\n"
                "900000003\tNext\t\t16.43\t-0.05\tpopulated\tML\tGao\t2000\t1\n"
                "900000004\tThird\t\t16.48\t-0.05\tpopulated\tML\tGao\t100\t1\n"
                "900000005\tFourth\t\t16.49\t-0.05\tpopulated\tML\tGao\t7\t1\n"
                "900000006\tOut\t\t16.60\t-0.05\tpopulated\tML\tGao\t90000\t1\n",
                f);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(gazetteer_add_file(g, path, NULL), 0);
    assert_int_equal(gazetteer_finish(g, NULL), 0);
    gazetteer_free(fx.k.gazetteer);
    fx.k.gazetteer = g;
    tell(&t);
    assert_int_equal(ev.n_nearby, 3);
    assert_string_equal(ev.nearby[0].name, "Next");
    assert_string_equal(ev.nearby[0].id, "place-900000003");
    assert_in_range(ev.nearby[0].distance_m, 3300, 3400);
    assert_int_equal(ev.nearby[0].bearing_deg, 180);
    assert_int_equal(ev.nearby[0].population, 2000);
    assert_string_equal(ev.nearby[1].name, "Farther");
    assert_int_equal(ev.nearby[1].population, 0);
    assert_string_equal(ev.nearby[2].name, "Third");
    assert_int_equal(ev.people, 2607); /* Here and Fourth too */
    assert_string_equal(der.reasons[der.n_reasons - 1].text,
                        "people: 2607 known to live in reach; near by Next 3.3 km, Farther 7.8 km, "
                        "Third 8.9 km");
    assert_int_equal(der.reasons[der.n_reasons - 1].weight, 0);
    sits.all[sit].area = true; /* a region: no distances */
    tell(&t);
    assert_int_equal(ev.n_nearby, 0);
    assert_int_equal(ev.people, 0);
    sits.all[sit].area = false;
    sits.all[sit].event = EV_DEMONSTRATION;
    tell(&t);
    assert_int_equal(ev.n_nearby, 0);
    sits.all[sit].event = EV_AMBUSH;
    alert->slot = SLOT_BASE;
    tell(&t);
    assert_int_equal(ev.n_nearby, 0);
    assert_int_equal(remove(path), 0);
}

/* Nothing is without words, and all of it goes over the wire. */
static void
test_words_complete(void **state)
{
    (void)state;
    for (int l = EN; l <= FR; l++) {
        for (int e = 0; e < EVENT_COUNT; e++) {
            assert_true(*wording_event((enum event_type)e, (enum language)l));
            for (int t = 0; t < TARGET_COUNT; t++)
                assert_true(
                    *wording_instruction((enum event_type)e, (enum target)t, (enum language)l));
        }
        for (uint32_t deg = 0; deg < 720; deg++)
            assert_true(*wording_direction(deg, (enum language)l));
    }
    assert_string_equal(wording_direction(22, EN), "north");
    assert_string_equal(wording_direction(23, EN), "north-east");
    assert_string_equal(wording_direction(337, EN), "north-west");
    assert_string_equal(wording_direction(338, EN), "north");
    for (int r = 0; r < PRULE_COUNT; r++)
        assert_true(*wording_precedence_rule((enum precedence_rule)r));
    for (int c = 1; c < RS_COUNT; c++) {
        struct assess_reason r = {.code = (uint8_t)c, .weight = 1, .arg = 5};
        const char *text = wording_reason(&r, arena);

        assert_true(strncmp(text, c >= RS_FIRST_IMPACT ? "impact: " : "likelihood: ",
                            c >= RS_FIRST_IMPACT ? 8 : 12) == 0);
    }
}

static void
test_over_the_wire(void **state)
{
    struct telling t = {.changed = {"precedence", "harm"}, .n_changed = 2};
    struct record r = {.type = REC_EVENT, .received_at_us = T0, .u.event = &ev}, back;
    struct record d = {.type = REC_DERIVATION, .received_at_us = T0, .u.derivation = &der};
    struct buf b;
    struct err e;

    (void)state;
    (void)situations_add_ref(&sits, sit);
    sits.refs[0].event = EV_AMBUSH;
    sits.refs[0].mode = MODE_FACT;
    sits.refs[0].from_us = sits.refs[0].to_us = T0;
    sits.refs[0].harm = (struct harm){{-1, -1}, {-1, -1}, {-1, -1}};
    tell(&t);
    assert_int_equal(ev.n_incidents, 1);
    assert_string_equal(ev.incidents[0].grade, "-");
    r.id = d.id = ev.id;
    buf_init(&b, 0);
    wire_record_pack(&r, false, &b);
    if (wire_record_unpack(b.data, b.len, arena, &back, &e) != 0)
        fail_msg("%s", e.text);
    assert_string_equal(back.u.event->headline_fr, ev.headline_fr);
    assert_int_equal(back.u.event->n_changed, 2);
    buf_reset(&b);
    wire_record_pack(&d, false, &b);
    if (wire_record_unpack(b.data, b.len, arena, &back, &e) != 0)
        fail_msg("%s", e.text);
    assert_string_equal(back.u.derivation->cell, der.cell);
    buf_fini(&b);
}

static void
test_small_arena(void **state)
{
    struct arena *small = arena_new(512);
    struct telling t = {.k = &fx.k, .p = &pic, .s = &sits, .a = alert, .kind = AK_RAISED};
    struct verdict v;
    struct facts f;

    (void)state;
    situations_facts(&sits.all[sit], &f);
    assess(&fx.k, &f, TG_CIVILIANS, &alert->assets[0], &v);
    t.v = &v;
    assert_int_equal(compose(&t, small, &ev, &der), -1);
    arena_free(small);
}

#define CASE(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_place_words),          CASE(test_headlines),       CASE(test_ids_and_topics),
        CASE(test_procedures),           CASE(test_words_complete),  CASE(test_over_the_wire),
        CASE(test_small_arena),          CASE(test_precedence_rule), CASE(test_convoy_words),
        CASE(test_when_words),           CASE(test_all_headlines),   CASE(test_brevity),
        CASE(test_configured_headlines), CASE(test_nearby),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
