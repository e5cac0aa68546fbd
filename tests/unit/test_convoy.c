/* convoy: where it is by state, timetable and position; contact; the last safe halt. */
#include "core_fixture.h"

#include <stdlib.h>

#include "convoy.h"

#define KMH36 1000 /* cm/s: 36 km/h, 10 m a second */

static struct picture p;
static struct gazetteer *none;

static int
setup(void **state)
{
    (void)state;
    assert_int_equal(picture_init(&p, 2 * HOUR_US, 1111), 0);
    none = gazetteer_new();
    assert_int_equal(gazetteer_finish(none, NULL), 0);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    gazetteer_free(none);
    picture_fini(&p);
    return 0;
}

static uint32_t
put(struct asset a, int64_t now_us)
{
    bool failed = false;
    uint32_t i = picture_put(&p, &a, now_us, &failed);

    assert_false(failed);
    return i;
}

static void
fix(const char *id, double lat, double lon, int64_t at_us)
{
    struct asset_position f = {.asset = id, .fixed_at_us = at_us, .pos = at(lat, lon)};

    assert_int_not_equal(picture_fix(&p, &f, at_us), NOTHING);
}

static struct danger
danger_at(double lat, double lon, uint32_t reach_m, enum event_type event)
{
    return (struct danger){
        .pt = at(lat, lon), .reach_m = reach_m, .until_us = INT64_MAX, .event = event};
}

/* North along the meridian: one degree is 111 km. */
static const struct geo_pt north[] = {{160000000, 0}, {170000000, 0}, {180000000, 0}};

static struct asset
convoy(enum convoy_state s)
{
    struct asset a = convoy_asset("cvy", north, 3, s);

    a.speed_cmps = KMH36;
    return a;
}

/* Only a convoy that is under way is anywhere. */
static void
test_states(void **state)
{
    static const struct {
        enum convoy_state s;
        bool in_reach, contact, halted;
    } table[] = {
        {CONVOY_PLANNED, false, false, false},   {CONVOY_DEPARTED, true, true, false},
        {CONVOY_HALTED, true, false, true},      {CONVOY_ARRIVED, false, false, false},
        {CONVOY_CANCELLED, false, false, false},
    };
    struct danger d = danger_at(16.15, 0, 10000, EV_AMBUSH);
    struct relation r;

    (void)state;
    for (size_t k = 0; k < sizeof table / sizeof table[0]; k++) {
        uint32_t i = put(convoy(table[k].s), T0);

        fix("cvy", 16.1, 0, T0 + (int64_t)k);
        assert_int_equal(picture_relate(&p, i, &d, T0 + MINUTE_US, &r), table[k].in_reach);
        if (!table[k].in_reach)
            continue;
        assert_int_equal(r.contact_s != NO_CONTACT, table[k].contact);
        assert_int_equal(!!(r.flags & REL_HALTED), table[k].halted);
        assert_true(r.flags & REL_FIXED);
        assert_int_equal(r.fix_min, k ? 0 : 1);
    }
}

/* The same way by road and river at their speeds; in the air only what reaches the air counts. */
static void
test_modes(void **state)
{
    static const struct {
        enum travel_mode mode;
        uint32_t speed;
        enum event_type event;
        bool meets;
        int32_t contact_s;
    } table[] = {
        {TRAVEL_ROAD, 1111, EV_IED_MINE, true, 4000},
        {TRAVEL_RIVER, 278, EV_AMBUSH, true, 16000},
        {TRAVEL_AIR, 6944, EV_AMBUSH, false, 0},
        {TRAVEL_AIR, 6944, EV_IED_MINE, false, 0},
        {TRAVEL_AIR, 6944, EV_AIR_STRIKE, true, 640},
        {TRAVEL_AIR, 6944, EV_INDIRECT_FIRE, true, 640},
        {TRAVEL_AIR, 6944, EV_ACCESS_DENIAL, true, 640},
    };
    struct relation r;

    (void)state;
    for (size_t k = 0; k < sizeof table / sizeof table[0]; k++) {
        struct asset a = convoy(CONVOY_DEPARTED);
        struct danger d = danger_at(16.4, 0, 5000, table[k].event);
        uint32_t i;

        a.mode = table[k].mode;
        a.speed_cmps = table[k].speed;
        i = put(a, T0);
        fix("cvy", 16.0, 0, T0);
        assert_int_equal(picture_relate(&p, i, &d, T0, &r), table[k].meets);
        if (table[k].meets)
            assert_in_range(r.contact_s, table[k].contact_s - table[k].contact_s / 50,
                            table[k].contact_s + table[k].contact_s / 50);
    }
}

static void
test_late_departure(void **state)
{
    const int64_t times[] = {T0, T0 + 3 * HOUR_US, T0 + 6 * HOUR_US};
    struct asset a = convoy(CONVOY_PLANNED);
    struct danger d = danger_at(16.5, 0, 5000, EV_IED_MINE);
    struct relation r;
    uint32_t i;

    (void)state;
    a.speed_cmps = 0;
    a.schedule = times;
    a.n_schedule = 3;
    i = put(a, T0 - HOUR_US);
    a.state = CONVOY_DEPARTED;
    (void)put(
        a,
        T0 + HOUR_US); /* an hour late: at half past two it is where it was due at half past one */
    assert_true(picture_relate(&p, i, &d, T0 + HOUR_US, &r));
    assert_in_range(r.contact_s, 5300, 5500);
    assert_true(r.flags & REL_STALE);
    assert_false(r.flags & REL_FIXED);
    assert_true(picture_relate(&p, i, &d, T0 + 2 * HOUR_US, &r));
    assert_in_range(r.contact_s, 1700, 1900);
}

/* A place behind is passed; with a stale position that is told with care. */
static void
test_passed_and_stale(void **state)
{
    const int64_t times[] = {T0, T0 + 3 * HOUR_US, T0 + 6 * HOUR_US};
    struct asset a = convoy(CONVOY_DEPARTED);
    struct danger behind = danger_at(16.6, 0, 1500, EV_IED_MINE);
    struct danger far_behind = danger_at(16.05, 0, 1500, EV_IED_MINE);
    struct relation r;
    uint32_t i;

    (void)state;
    a.speed_cmps = 0;
    a.schedule = times;
    a.n_schedule = 3;
    i = put(a, T0);
    fix("cvy", 16.65, 0, T0 + 2 * HOUR_US);
    assert_false(picture_relate(&p, i, &behind, T0 + 2 * HOUR_US, &r));
    fix("cvy", 16.605, 0, T0 + 2 * HOUR_US + SECOND_US); /* half a kilometre: not yet */
    assert_true(picture_relate(&p, i, &behind, T0 + 2 * HOUR_US + SECOND_US, &r));
    assert_int_equal(r.contact_s, 0);
    (void)put((struct asset){.id = "cvy", .removed = true}, T0);
    p.assets[i].fix_us = 0;
    i = put(a, T0);
    /* never seen: two hours along it is reckoned at 16.67, give or take a quarter of 74 km */
    assert_true(picture_relate(&p, i, &behind, T0 + 2 * HOUR_US, &r));
    assert_int_equal(r.contact_s, NO_CONTACT);
    assert_int_equal(r.flags & (REL_STALE | REL_ON_ROUTE), REL_STALE);
    assert_in_range(r.distance_m, 7000, 7800);
    assert_false(picture_relate(&p, i, &far_behind, T0 + 2 * HOUR_US, &r));
    /* the doubt has a bound: 25 km, however long the way */
    behind.pt = at(17.78, 0);
    assert_true(picture_relate(&p, i, &behind, T0 + 6 * HOUR_US, &r));
    behind.pt = at(17.75, 0);
    assert_false(picture_relate(&p, i, &behind, T0 + 6 * HOUR_US, &r));
}

static bool
all_but_one(const void *arg, struct geo_pt pt)
{
    return !geo_within_m(*(const struct geo_pt *)arg, pt, 100);
}

static struct relation
approach(uint32_t i, const struct danger *d, const struct gazetteer *g,
         const struct halt_guard *guard)
{
    struct relation r;

    assert_true(picture_relate(&p, i, d, T0, &r));
    convoy_halt(&p, g, d, T0, guard, &r);
    return r;
}

/* At 36 km/h: the danger 40 km on, its near half 5 km round it; bases 10, 20 and 37 km on. */
static void
test_halt(void **state)
{
    struct danger d = danger_at(16.36, 0, 10000, EV_AMBUSH);
    const struct geo_pt second = at(16.18, 0.01);
    const struct halt_guard guard = {all_but_one, &second};
    struct asset site = base_asset("market", second);
    uint32_t i = put(convoy(CONVOY_DEPARTED), T0), first, too_near;
    struct relation r;

    (void)state;
    fix("cvy", 16.0, 0, T0);
    r = approach(i, &d, none, NULL); /* nothing on the way: the point 5 km short of it */
    assert_true(r.flags & REL_CAN_HALT);
    assert_int_equal(r.halt, RELATION_NONE);
    assert_in_range(r.halt_min, 55, 58);
    assert_in_range(r.contact_s, 3990, 4010);
    first = put(base_asset("base", at(16.09, 0)), T0);
    too_near = put(base_asset("post", at(16.33, 0)), T0);
    r = approach(i, &d, none, NULL);
    assert_int_equal(r.halt, first);
    assert_true(r.halt_min >= 15 && r.halt_min <= 21);
    site.kind = ASSET_SITE;
    assert_int_equal(put(site, T0), too_near + 1);
    r = approach(i, &d, none, NULL); /* the last one counts */
    assert_int_equal(r.halt, too_near + 1);
    assert_true(r.halt_min >= 31 && r.halt_min <= 38);
    r = approach(i, &d, none, &guard); /* another danger there */
    assert_int_equal(r.halt, first);
    fix("cvy", 16.33, 0, T0 + 1); /* within its near half: too late */
    r = approach(i, &d, none, NULL);
    assert_false(r.flags & REL_CAN_HALT);
    fix("cvy", 16.30, 0, T0 + 2); /* all halts are behind */
    r = approach(i, &d, none, NULL);
    assert_int_equal(r.halt, RELATION_NONE);
    assert_in_range(r.halt_min, 0, 3);
    d = danger_at(16.30, 0, 10000, EV_AMBUSH); /* in contact already */
    r = approach(i, &d, none, NULL);
    assert_int_equal(r.contact_s, 0);
    assert_false(r.flags & REL_CAN_HALT);
}

/* A danger beside the route: the halt is before its reach, where the road comes no nearer. */
static void
test_halt_beside(void **state)
{
    struct danger d = danger_at(16.36, 0.075, 10000, EV_AMBUSH);
    uint32_t i = put(convoy(CONVOY_DEPARTED), T0);
    struct relation r;

    (void)state;
    fix("cvy", 16.0, 0, T0);
    r = approach(i, &d, none, NULL);
    assert_false(r.flags & REL_ON_ROUTE);
    assert_true(r.flags & REL_CAN_HALT);
    assert_in_range(r.contact_s, 3980, 4020);
    assert_in_range(r.halt_min, 54, 57); /* 6 km before the nearest point */
}

/* A village on the way will do. */
static void
test_halt_in_gazetteer(void **state)
{
    struct danger d = danger_at(16.36, 0, 10000, EV_AMBUSH);
    char path[] = "/tmp/test_convoy.XXXXXX";
    struct gazetteer *g = gazetteer_new();
    uint32_t i = put(convoy(CONVOY_DEPARTED), T0);
    struct relation r;
    int fd = mkstemp(path);
    FILE *f = fdopen(fd, "w");

    (void)state;
    assert_non_null(f);
    (void)fputs("900000001\tHalte\t\t16.200\t0.01\tpopulated\tML\tGao\t500\t1\n"
                "900000002\tOff\t\t16.250\t0.05\tpopulated\tML\tGao\t500\t1\n",
                f);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(gazetteer_add_file(g, path, NULL), 0);
    assert_int_equal(gazetteer_finish(g, NULL), 0);
    fix("cvy", 16.0, 0, T0);
    r = approach(i, &d, g, NULL);
    assert_true(r.halt & HALT_PLACE);
    assert_string_equal(gazetteer_place(g, r.halt & ~HALT_PLACE)->name, "Halte");
    assert_in_range(r.halt_min, 35, 40);
    gazetteer_free(g);
    assert_int_equal(remove(path), 0);
}

/* Vulnerability is what is known: 0 is not unknown, unknown is not 0. */
static void
test_vulnerable(void **state)
{
    struct danger d = danger_at(16.1, 0, 5000, EV_INDIRECT_FIRE);
    struct asset a = convoy(CONVOY_DEPARTED), base = base_asset("b", at(16.1, 0));
    struct relation r;
    uint32_t i;

    (void)state;
    for (int32_t v = -1; v <= 1; v++) {
        a.escort = v;
        a.air_cover = v;
        i = put(a, T0);
        fix("cvy", 16.05, 0, T0);
        assert_true(picture_relate(&p, i, &d, T0, &r));
        assert_int_equal(r.flags & (REL_NO_AIR | REL_NO_ESCORT),
                         v == 0 ? REL_NO_AIR | REL_NO_ESCORT : 0);
    }
    for (int32_t strength = -1; strength <= 31; strength += 1) {
        base.strength = strength;
        i = put(base, T0);
        assert_true(picture_relate(&p, i, &d, T0, &r));
        assert_int_equal(!!(r.flags & REL_SMALL), strength >= 0 && strength < 30);
    }
    base.kind = ASSET_SITE;
    base.market_days = 1; /* Monday, as T0 */
    for (int32_t people = -1; people <= POPULOUS; people += POPULOUS / 2) {
        base.population = people;
        base.displaced = people;
        i = put(base, T0);
        assert_true(picture_relate(&p, i, &d, T0, &r));
        assert_int_equal(!!(r.flags & REL_POPULOUS), people >= POPULOUS);
        assert_int_equal(!!(r.flags & REL_DISPLACED), people > 0);
        assert_true(r.flags & REL_MARKET);
        assert_true(picture_relate(&p, i, &d, T0 + DAY_US, &r));
        assert_false(r.flags & REL_MARKET);
    }
    base.population = POPULOUS;
    i = put(base, T0);
    assert_true(picture_relate(&p, i, &d, T0, &r));
    assert_true(r.flags & REL_POPULOUS);
}

#define CASE(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_states),           CASE(test_modes),      CASE(test_late_departure),
        CASE(test_passed_and_stale), CASE(test_halt),       CASE(test_halt_in_gazetteer),
        CASE(test_halt_beside),      CASE(test_vulnerable),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
