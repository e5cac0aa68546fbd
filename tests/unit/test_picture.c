/* picture: the table of assets, reach, and where convoys will be. */
#include "core_fixture.h"

#include <stdlib.h>

#include "picture.h"

#define KMH40 1111

static void
setup_picture(struct picture *p)
{
    assert_int_equal(picture_init(p, 2 * HOUR_US, KMH40), 0);
}

static uint32_t
put(struct picture *p, struct asset a, int64_t now_us)
{
    bool failed = false;
    uint32_t i = picture_put(p, &a, now_us, &failed);

    assert_false(failed);
    return i;
}

static struct danger
danger_at(struct geo_pt pt, uint32_t reach_m, enum event_type event)
{
    return (struct danger){.pt = pt, .reach_m = reach_m, .until_us = T0 + DAY_US, .event = event};
}

static void
test_assets(void **state)
{
    struct picture p;
    struct relation r[8];
    struct danger d = danger_at(at(16.30, -0.04), 10000, EV_INDIRECT_FIRE);
    struct asset site = base_asset("camp-idp", at(16.32, -0.04));
    uint32_t gao;
    size_t n;

    (void)state;
    setup_picture(&p);
    gao = put(&p, base_asset("base-gao", at(16.27, -0.04)), T0);
    assert_int_equal(put(&p, base_asset("base-kidal", at(18.44, 1.40)), T0), 1);
    site.kind = ASSET_SITE;
    site.displaced = 1200;
    site.market_days = 1; /* Monday, as T0 */
    assert_int_equal(put(&p, site, T0), 2);
    n = picture_reach(&p, &d, T0, r, 8);
    assert_int_equal(n, 2);
    for (size_t i = 0; i < n; i++) {
        if (r[i].asset == gao) {
            assert_in_range(r[i].distance_m, 3300, 3400);
            assert_int_equal(r[i].bearing_deg, 0);
            assert_int_equal(r[i].flags, REL_NEAR);
        } else {
            assert_int_equal(r[i].asset, 2);
            assert_int_equal(r[i].flags, REL_NEAR | REL_DISPLACED | REL_MARKET);
        }
        assert_int_equal(r[i].contact_s, NO_CONTACT);
    }
    assert_int_equal(picture_reach(&p, &d, T0 + DAY_US, r, 1), 1); /* room for the nearest only */
    assert_int_equal(r[0].asset, 2);
    assert_int_equal(r[0].flags, REL_NEAR | REL_DISPLACED);
    /* moved away, and back under the same number */
    assert_int_equal(put(&p, base_asset("base-gao", at(10, 10)), T0), gao);
    assert_int_equal(picture_reach(&p, &d, T0, r, 8), 1);
    assert_int_equal(put(&p, base_asset("base-gao", at(16.27, -0.04)), T0), gao);
    assert_int_equal(picture_reach(&p, &d, T0, r, 8), 2);
    site.removed = true;
    assert_int_equal(put(&p, site, T0), 2);
    assert_int_equal(put(&p, site, T0), NOTHING); /* already gone */
    assert_int_equal(picture_reach(&p, &d, T0, r, 8), 1);
    site.removed = false;
    assert_int_equal(put(&p, site, T0), 2);
    assert_int_equal(p.n_live, 3);
    picture_fini(&p);
}

static void
test_full_table_reuses_removed(void **state)
{
    struct picture p;
    char id[16];

    (void)state;
    setup_picture(&p);
    for (int i = 0; i < MAX_PICTURE; i++) {
        (void)snprintf(id, sizeof id, "b-%d", i);
        assert_int_equal(put(&p, base_asset(id, at(10 + i * 0.0005, 0)), T0), i);
    }
    assert_int_equal(put(&p, base_asset("one-more", at(1, 1)), T0), NOTHING);
    struct asset gone = base_asset("b-77", at(1, 1));
    gone.removed = true;
    assert_int_equal(put(&p, gone, T0), 77);
    assert_int_equal(put(&p, base_asset("one-more", at(1, 1)), T0), 77);
    assert_string_equal(picture_id(&p, 77), "one-more");
    assert_int_equal(p.n_live, MAX_PICTURE);
    gone.removed = false;
    assert_int_equal(put(&p, gone, T0), NOTHING); /* the old name is forgotten */
    picture_fini(&p);
}

/* A pool that is written over and over keeps its size, and what it says. */
static void
test_pool(void **state)
{
    struct geo_pt route[200];
    struct picture p;
    char name[64];

    (void)state;
    for (int i = 0; i < 200; i++)
        route[i] = at(16 + i * 0.01, 0);
    setup_picture(&p);
    for (int i = 0; i < 20000; i++) {
        struct asset a = convoy_asset(i % 2 ? "c-1" : "c-2", route, 200, CONVOY_DEPARTED);

        (void)snprintf(name, sizeof name, "Convoy %d", i);
        a.name = name;
        (void)put(&p, a, T0);
    }
    assert_string_equal(picture_name(&p, 0), "Convoy 19998");
    assert_string_equal(picture_name(&p, 1), "Convoy 19999");
    assert_true(p.pool_cap < 64 * 1024);
    assert_in_range(p.assets[0].length_m, 221000, 222000);
    picture_fini(&p);
}

/* Gao to Bourem and on, about 100 km north. */
static const struct geo_pt road[] = {
    {162700000, -400000}, {166000000, -400000}, {169500000, -3500000}};

static void
test_convoy_states(void **state)
{
    struct picture p;
    struct relation r;
    struct danger d = danger_at(at(16.54, -0.04), 5000, EV_IED_MINE);
    struct asset a = convoy_asset("cvy-7", road, 3, CONVOY_PLANNED);
    struct asset_position here = {.asset = "cvy-7", .fixed_at_us = T0, .pos = at(16.45, -0.041)};
    uint32_t i;

    (void)state;
    setup_picture(&p);
    a.air_cover = 0;
    a.escort = 1;
    i = put(&p, a, T0);
    assert_false(picture_relate(&p, i, &d, T0, &r)); /* planned */
    a.state = CONVOY_DEPARTED;
    assert_int_equal(put(&p, a, T0), i);
    assert_int_equal(picture_fix(&p, &here, T0), i);
    assert_true(picture_relate(&p, i, &d, T0, &r));
    assert_in_range(r.distance_m, 9900, 10100); /* along the road */
    assert_in_range(r.contact_s, 880, 910);     /* at 40 km/h */
    assert_int_equal(r.flags, REL_ON_ROUTE | REL_NO_AIR | REL_FIXED);
    assert_in_range(r.bearing_deg, 0, 2);
    /* ten minutes on it is nearer */
    assert_true(picture_relate(&p, i, &d, T0 + 10 * MINUTE_US, &r));
    assert_in_range(r.distance_m, 3200, 3500);
    /* off the road: in reach, not on the route */
    d.pt = at(16.54, 0.0);
    assert_true(picture_relate(&p, i, &d, T0, &r));
    assert_int_equal(r.flags, REL_NO_AIR | REL_FIXED);
    /* passed */
    d.pt = at(16.43, -0.04);
    assert_false(picture_relate(&p, i, &d, T0, &r));
    /* reckoned to be 2 km beyond, which is as far as its speed is uncertain: there */
    d.pt = at(16.47, -0.04);
    assert_true(picture_relate(&p, i, &d, T0 + 6 * MINUTE_US, &r));
    assert_int_equal(r.contact_s, 0);
    assert_int_equal(r.flags, REL_NEAR | REL_NO_AIR | REL_FIXED);
    assert_in_range(r.distance_m, 1500, 2100);
    /* and behind what it was seen at */
    d.pt = at(16.43, -0.04);
    assert_false(picture_relate(&p, i, &d, T0 + 6 * MINUTE_US, &r));
    /* over before it gets there */
    d = danger_at(at(16.9, -0.31), 5000, EV_ARMED_ATTACK);
    d.until_us = T0 + 30 * MINUTE_US;
    assert_false(picture_relate(&p, i, &d, T0, &r));
    d.until_us = INT64_MAX;
    assert_true(picture_relate(&p, i, &d, T0, &r));
    assert_true(r.contact_s > 3600);
    /* halted: only where it is */
    a.state = CONVOY_HALTED;
    (void)put(&p, a, T0 + MINUTE_US);
    assert_false(picture_relate(&p, i, &d, T0, &r));
    d.pt = at(16.43, -0.04);
    assert_true(picture_relate(&p, i, &d, T0, &r));
    assert_int_equal(r.contact_s, NO_CONTACT);
    assert_true(r.flags & REL_HALTED);
    for (enum convoy_state s = CONVOY_ARRIVED; s <= CONVOY_CANCELLED; s++) {
        a.state = s;
        (void)put(&p, a, T0);
        assert_false(picture_relate(&p, i, &d, T0, &r));
        assert_int_equal(p.n_moving, 0);
    }
    picture_fini(&p);
}

static void
test_timetable(void **state)
{
    const int64_t times[] = {T0, T0 + HOUR_US, T0 + 2 * HOUR_US};
    struct picture p;
    struct asset a = convoy_asset("cvy-8", road, 3, CONVOY_PLANNED);
    struct geo_pt pt;
    bool stale;
    uint32_t i;

    (void)state;
    setup_picture(&p);
    a.schedule = times;
    a.n_schedule = 3;
    i = put(&p, a, T0 - HOUR_US);
    a.state = CONVOY_DEPARTED;
    (void)put(&p, a, T0 + 30 * MINUTE_US); /* half an hour late */
    assert_true(picture_where(&p, i, T0 + HOUR_US, &pt, &stale));
    assert_true(geo_within_m(pt, at(16.435, -0.04), 200)); /* half of the first leg */
    assert_true(stale);                                    /* never fixed */
    assert_true(picture_where(&p, i, T0 + 10 * HOUR_US, &pt, &stale));
    assert_true(geo_within_m(pt, road[2], 10));
    /* a fix is better, until it is stale */
    struct asset_position f = {
        .asset = "cvy-8", .fixed_at_us = T0 + HOUR_US, .pos = at(16.3, -0.04)};
    assert_int_equal(picture_fix(&p, &f, T0 + HOUR_US), i);
    assert_true(picture_where(&p, i, T0 + HOUR_US, &pt, &stale));
    assert_true(geo_within_m(pt, at(16.3, -0.04), 50));
    assert_false(stale);
    f.fixed_at_us = T0;
    assert_int_equal(picture_fix(&p, &f, T0 + HOUR_US), NOTHING); /* older */
    f.asset = "nobody";
    assert_int_equal(picture_fix(&p, &f, T0 + HOUR_US), NOTHING);
    assert_true(picture_where(&p, i, T0 + 4 * HOUR_US, &pt, &stale));
    assert_true(stale);
    /* one time is the start, at a speed */
    a.n_schedule = 1;
    a.id = "cvy-9";
    a.speed_cmps = 1000;
    i = put(&p, a, 0);
    assert_true(picture_where(&p, i, T0 + 1000 * SECOND_US, &pt, &stale));
    assert_true(geo_within_m(pt, geo_destination(road[0], 0, 10000), 100));
    picture_fini(&p);
}

static void
test_links(void **state)
{
    struct picture p;
    struct asset a = base_asset("base-gao", at(16.27, -0.04));
    struct link_state l = {.name = "edge-gao", .up = false, .since_us = T0};
    uint32_t out[4];
    int64_t since = 0;

    (void)state;
    setup_picture(&p);
    a.link = "edge-gao";
    (void)put(&p, a, T0);
    assert_false(picture_silent(&p, 0, &since));
    assert_true(picture_link(&p, &l));
    assert_false(picture_link(&p, &l)); /* no change */
    assert_true(picture_silent(&p, 0, &since));
    assert_int_equal(since, T0);
    assert_int_equal(picture_bases(&p, at(16.5, 0), 50000, out, 4), 1);
    assert_int_equal(picture_bases(&p, at(17.5, 0), 50000, out, 4), 0);
    l.up = true;
    assert_true(picture_link(&p, &l));
    assert_int_equal(p.n_down, 0);
    assert_false(picture_silent(&p, 0, &since));
    picture_fini(&p);
}

static void
test_saved(void **state)
{
    struct picture p, q;
    struct relation a, b;
    struct danger d = danger_at(at(16.54, -0.04), 5000, EV_IED_MINE);
    struct buf saved;
    size_t pos = 0;

    (void)state;
    setup_picture(&p);
    setup_picture(&q);
    (void)put(&p, base_asset("base-gao", at(16.27, -0.04)), T0);
    (void)put(&p, convoy_asset("cvy-7", road, 3, CONVOY_DEPARTED), T0);
    buf_init(&saved, 0);
    picture_pack(&p, &saved);
    assert_int_equal(picture_unpack(&q, saved.data, saved.len, &pos), 0);
    assert_int_equal(pos, saved.len);
    assert_true(picture_relate(&p, 1, &d, T0 + 5 * MINUTE_US, &a));
    assert_true(picture_relate(&q, 1, &d, T0 + 5 * MINUTE_US, &b));
    assert_memory_equal(&a, &b, sizeof a);
    assert_int_equal(put(&q, base_asset("base-gao", at(16.27, -0.04)), T0), 0); /* found by id */
    for (size_t n = 0; n < saved.len; n += 7) {
        struct picture cut;

        setup_picture(&cut);
        pos = 0;
        assert_int_equal(picture_unpack(&cut, saved.data, n, &pos), -1);
        picture_fini(&cut);
    }
    buf_fini(&saved);
    picture_fini(&p);
    picture_fini(&q);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_assets),    cmocka_unit_test(test_full_table_reuses_removed),
        cmocka_unit_test(test_pool),      cmocka_unit_test(test_convoy_states),
        cmocka_unit_test(test_timetable), cmocka_unit_test(test_links),
        cmocka_unit_test(test_saved),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
