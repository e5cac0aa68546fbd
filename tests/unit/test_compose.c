/* compose: the words of an alert, and its ids and topics. */
#include "core_fixture.h"

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
    assert_string_equal(ev.headline_en, "Ambush, civilians in danger: Gao, 10\xe2\x80\x93"
                                        "12 killed, 60 wounded");
    assert_string_equal(ev.headline_fr, "Embuscade, civils menacés : Gao, 10\xe2\x80\x93"
                                        "12 tués, 60 blessés");
    x->harm = (struct harm){{-1, -1}, {-1, -1}, {-1, -1}};
    x->mode = MODE_WARNING;
    x->low_grade = true;
    alert->late = 1;
    x->status = ST_TEST;
    tell(&t);
    assert_string_equal(ev.headline_en,
                        "TEST: LATE: Warning: Ambush, civilians in danger: Gao (UNCONFIRMED)");
    x->status = ST_ACTUAL;
    x->mode = MODE_FACT;
    x->low_grade = false;
    alert->late = 0;
    alert->slot = SLOT_BASE;
    alert->assets[0] = (struct relation){
        .asset = 0, .distance_m = 2130, .bearing_deg = 350, .contact_s = NO_CONTACT};
    tell(&t);
    assert_string_equal(ev.headline_en, "Ambush 2.1 km from Camp Castor, Gao");
    assert_string_equal(ev.assets[0].id, "base-gao");
    assert_int_equal(ev.assets[0].contact_at_us, 0);
    alert->slot = SLOT_CONVOY;
    alert->assets[0].flags = REL_ON_ROUTE;
    alert->assets[0].contact_s = 720;
    tell(&t);
    assert_string_equal(ev.headline_en, "Ambush 2.1 km ahead of Camp Castor, Gao");
    assert_int_equal(ev.assets[0].contact_at_us, T0 + 12 * MINUTE_US);
    alert->n_assets = 0;
    tell(&t);
    assert_string_equal(ev.headline_en, "Ambush against a convoy, Gao");
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
    static char general[] = "Call the desk.", convoy_fr[] = "Appeler le chef de convoi.";
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
    assert_string_equal(ev.instruction_fr, convoy_fr);
    assert_string_equal(ev.instruction_en, wording_instruction(EV_AMBUSH, TG_CONVOY, EN));
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
        CASE(test_place_words), CASE(test_headlines),       CASE(test_ids_and_topics),
        CASE(test_procedures),  CASE(test_words_complete),  CASE(test_over_the_wire),
        CASE(test_small_arena), CASE(test_precedence_rule),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
