/* named: which convoys a report is about by its words. */
#include "core_fixture.h"

#include "named.h"

static const struct geo_pt road[] = {{162700000, -400000}, {166000000, -400000}};

static void
put(struct picture *p, const char *id, const char *name, enum convoy_state state)
{
    struct asset a = convoy_asset(id, road, 2, state);
    bool failed = false;

    a.name = name;
    assert_int_not_equal(picture_put(p, &a, T0, &failed), NOTHING);
}

static void
test_names(void **state)
{
    static const struct {
        const char *source, *text, *first, *second; /* ids, NULL = none */
        enum event_type event;
        bool about_convoy;
    } table[] = {
        {"ops", "Convoy 21 is under fire", "cvy-21", NULL, EV_AMBUSH, true},
        {"ops", "CONVOI 21 PRIS SOUS LE FEU", "cvy-21", NULL, EV_AMBUSH, true},
        {"ops", "le convoi n° 21 est attaqué", "cvy-21", NULL, EV_AMBUSH, true},
        {"ops", "contact, cvy-21 halted", "cvy-21", NULL, EV_AMBUSH, true},
        {"ops", "Convoy 24 and Convoy 21 hit", "cvy-21", "cvy-24", EV_AMBUSH, true},
        {"ops", "Staff Shuttle stoned", "shuttle", NULL, EV_HOSTILE_CROWD, true},
        {"ops", "a shuttle stoned", NULL, NULL, EV_HOSTILE_CROWD, true},
        {"ops", "Convoy 2 is under fire", NULL, NULL, EV_AMBUSH, true},
        {"ops", "Convoy 211 is under fire", NULL, NULL, EV_AMBUSH, true},
        {"ops", "a convoy, 21 vehicles, attacked", NULL, NULL, EV_AMBUSH, true},
        {"ops", "attack on the convoy. 21 dead", NULL, NULL, EV_AMBUSH, true},
        {"ops", "convoi de 21 camions attaqué", NULL, NULL, EV_AMBUSH, true},
        {"ops", "a convoy attacked at Gao", NULL, NULL, EV_AMBUSH, true}, /* one is called so */
        {"ops", "Convoy 30 is under fire", NULL, NULL, EV_AMBUSH, true},  /* arrived */
        {"ops", "Convoy 21 saw a village attacked", NULL, NULL, EV_AMBUSH, false},
        {"convoy-24", "under fire", "cvy-24", NULL, EV_AMBUSH, false},
        {"cvy-24", "under fire", "cvy-24", NULL, EV_AMBUSH, false},
        {"convoy-24", "villagers flee", NULL, NULL, EV_DISPLACEMENT, false},
        {"convoy-24", NULL, "cvy-24", NULL, EV_AMBUSH, true}, /* redacted */
    };
    struct picture p;
    struct arena *a = arena_new(1 << 20);

    (void)state;
    assert_non_null(a);
    assert_int_equal(picture_init(&p, HOUR_US, 1111), 0);
    put(&p, "cvy-21", "Convoy 21", CONVOY_DEPARTED);
    put(&p, "cvy-24", "Convoy 24", CONVOY_PLANNED);
    put(&p, "shuttle", "Staff shuttle", CONVOY_HALTED);
    put(&p, "gao", "Gao", CONVOY_DEPARTED);
    put(&p, "cvy-30", "Convoy 30", CONVOY_ARRIVED);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const char *want[REF_CONVOYS] = {table[i].first, table[i].second};
        uint32_t marks[REF_CONVOYS];
        struct incident in;
        struct finding f;

        incident_init(&in);
        finding_init(&f);
        in.source = table[i].source;
        in.text = table[i].text;
        f.event = table[i].event;
        f.targets = table[i].about_convoy ? TARGET_BIT(TG_CONVOY) : 0;
        assert_int_equal(named_convoys(&p, &in, &f, a, marks), 0);
        for (int k = 0; k < REF_CONVOYS; k++) {
            uint32_t asset = named_asset(&p, marks[k]);

            if (!want[k] ? asset != NOTHING
                         : asset == NOTHING || strcmp(picture_id(&p, asset), want[k]) != 0)
                fail_msg("%s, from %s: number %d", table[i].text, table[i].source, k);
        }
        arena_reset(a);
    }
    picture_fini(&p);
    arena_free(a);
}

static void
test_no_room(void **state)
{
    struct picture p;
    struct arena *a = arena_new(64);
    struct incident in;
    struct finding f;
    uint32_t marks[REF_CONVOYS];

    (void)state;
    assert_int_equal(picture_init(&p, HOUR_US, 1111), 0);
    incident_init(&in);
    finding_init(&f);
    in.source = "ops";
    in.text = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen";
    f.targets = TARGET_BIT(TG_CONVOY);
    assert_int_equal(named_convoys(&p, &in, &f, a, marks), -1);
    picture_fini(&p);
    arena_free(a);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_no_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
