/* test_repeats: which of the things that a TAK client says again are news. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "repeats.h"
#include "timefmt.h"

#define NOW    (1000 * SECOND_US)
#define WITHIN (600 * SECOND_US)

static struct repeats *t;

static int
setup(void **state)
{
    (void)state;
    return (t = repeats_new()) != NULL ? 0 : -1;
}

static int
teardown(void **state)
{
    (void)state;
    repeats_free(t);
    return 0;
}

static const struct attribute hostile[] = {{"stale", "2026-11-24T12:00:00Z"},
                                           {"cot_type", "a-h-G"}};
static const struct attribute infantry[] = {{"stale", "2026-11-24T12:09:00Z"},
                                            {"cot_type", "a-h-G-U-C-I"}};

static struct record
marker(void)
{
    struct record r = {.type = REC_INCIDENT};

    incident_init(&r.u.incident);
    r.u.incident.own_id = "marker-1";
    r.u.incident.reported_at_us = 1;
    r.u.incident.text = "Hostile ground unit: two pickups";
    r.u.incident.event = EV_ARMED_PRESENCE;
    r.u.incident.has_pos = true;
    r.u.incident.pos = (struct geo_pt){.lat = 142000000, .lon = -40000000};
    r.u.incident.attributes = hostile;
    r.u.incident.n_attributes = 2;
    return r;
}

static bool
again(const char *source, const struct record *r, int64_t at_us)
{
    struct id key;

    return repeats_is(t, source, r, at_us, WITHIN, &key);
}

static void
test_unchanged(void **state)
{
    struct record r = marker();
    static const struct attribute later[] = {{"cot_type", "a-h-G"},
                                             {"stale", "2026-11-24T12:00:30Z"}};

    (void)state;
    assert_false(again("radio", &r, NOW));
    r.u.incident.reported_at_us = 30 * SECOND_US;
    r.u.incident.occurred_at_us = 20 * SECOND_US;
    r.u.incident.radius_m = 12;
    r.u.incident.attributes = later;
    assert_true(again("radio", &r, NOW + 30 * SECOND_US));
    assert_true(again("radio", &r, NOW + WITHIN - 1));
    /* Once in that time it is told again: it is still there. */
    assert_false(again("radio", &r, NOW + WITHIN));
    assert_true(again("radio", &r, NOW + WITHIN + 1));
}

static void
test_changed(void **state)
{
    struct record was = marker(), r;
    int64_t at = NOW;

    (void)state;
    assert_false(again("radio", &was, at));
    for (int i = 0; i < 13; i++) {
        r = marker();
        struct incident *in = &r.u.incident;
        const char *source = "radio";
        switch (i) {
        case 0:
            in->text = "Hostile ground unit: three pickups";
            break;
        case 1:
            in->text = NULL;
            break;
        case 2:
            in->pos.lat++;
            break;
        case 3:
            in->pos.lon--;
            break;
        case 4:
            in->has_pos = false;
            break;
        case 5:
            in->event = EV_NONE;
            break;
        case 6:
            in->attributes = infantry;
            break;
        case 7:
            in->status = ST_EXERCISE;
            break;
        case 8:
            in->killed = 2;
            break;
        case 9:
            in->place = "Sevare";
            break;
        case 10:
            in->own_id = "marker-2";
            break;
        case 11:
            source = "another";
            break;
        default:
            in->has_targets = true;
            in->targets = TARGET_BIT(TG_CONVOY);
            break;
        }
        if (again(source, &r, ++at))
            fail_msg("change %d was not seen", i);
        if (!again(source, &r, ++at))
            fail_msg("change %d was not noted", i);
        /* Back to what it was is a change too, of the same marker. */
        assert_int_equal(again("radio", &was, ++at), i == 10 || i == 11);
    }
}

static void
test_positions(void **state)
{
    struct record r = {.type = REC_POSITION,
                       .u.position = {.asset = "convoy-1", .pos = {.lat = 1, .lon = 2}}};

    (void)state;
    assert_false(again("radio", &r, NOW));
    r.u.position.pos.lat = 77;
    r.u.position.fixed_at_us = 5;
    assert_true(again("another", &r, NOW + REPEATS_POSITION_US - 1));
    assert_false(again("another", &r, NOW + REPEATS_POSITION_US));
    r.u.position.asset = "convoy-2";
    assert_false(again("radio", &r, NOW + REPEATS_POSITION_US));
}

static void
test_others(void **state)
{
    struct record r = marker(), a = {.type = REC_ASSET};
    struct id key;

    (void)state;
    r.u.incident.own_id = NULL;
    for (int i = 0; i < 2; i++) {
        assert_false(repeats_is(t, "radio", &r, NOW, WITHIN, &key));
        assert_true(id_is_zero(&key));
        assert_false(repeats_is(t, "radio", &a, NOW, WITHIN, &key));
    }
    /* 0 turns it off. */
    r = marker();
    assert_false(repeats_is(t, "radio", &r, NOW, 0, &key));
    assert_false(repeats_is(t, "radio", &r, NOW, 0, &key));
}

static void
test_forget(void **state)
{
    struct record r = marker();
    struct id key, other = {{9}};

    (void)state;
    assert_false(repeats_is(t, "radio", &r, NOW, WITHIN, &key));
    repeats_forget(t, &other);
    assert_true(again("radio", &r, NOW + 1));
    repeats_forget(t, &key);
    repeats_forget(t, &key);
    assert_false(again("radio", &r, NOW + 2));
}

/* A million markers fit into the table as it is: the oldest have gone, the latest are known. */
static void
test_bounded(void **state)
{
    struct record r = marker();
    char name[32];
    size_t known = 0;

    (void)state;
    r.u.incident.own_id = name;
    for (int i = 0; i < 1000000; i++) {
        (void)snprintf(name, sizeof name, "m%d", i);
        assert_false(again("radio", &r, NOW + i));
    }
    for (int i = 999999; i > 980000; i--) {
        (void)snprintf(name, sizeof name, "m%d", i);
        known += again("radio", &r, NOW + 1000000);
    }
    assert_true(known > 19900);
    (void)snprintf(name, sizeof name, "m%d", 5);
    assert_false(again("radio", &r, NOW + 1000000));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_unchanged, setup, teardown),
        cmocka_unit_test_setup_teardown(test_changed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_positions, setup, teardown),
        cmocka_unit_test_setup_teardown(test_others, setup, teardown),
        cmocka_unit_test_setup_teardown(test_forget, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bounded, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
