/* core: streams of records, and the events that must come of them; the same whether or not the
 * state went through bytes between any two records. */
#include "core_steps.h"

#include <stdlib.h>

#include "core_state.h"
#include "lexicon.h"
#include "record_json.h"

static const struct geo_pt gao = {162700000, -400000};
static const struct geo_pt road[] = {
    {162700000, -400000}, {166000000, -400000}, {169500000, -3500000}};

static size_t
count_raised(void)
{
    size_t n = 0;

    for (size_t i = 0; i < n_seen; i++)
        n += seen[i].ev.kind == AK_RAISED;
    return n;
}

static void
assert_same_alert(size_t a, size_t b)
{
    assert_memory_equal(&seen[a].ev.id, &seen[b].ev.id, sizeof seen[a].ev.id);
}

static void
village_attack(struct told *t, uint64_t n, const char *source, int64_t when)
{
    told_init(t, n, source, when, EV_ARMED_ATTACK, TARGET_BIT(TG_CIVILIANS), at(14.40, -4.20));
}

static void
test_village(void **state)
{
    struct told t;

    (void)state;
    village_attack(&t, 1, "sms", T0);
    harm_killed(&t, 9, 9);
    step_told(&t);
    assert_int_equal(n_seen, 1);
    assert_int_equal(seen[0].ev.kind, AK_RAISED);
    assert_int_equal(seen[0].ev.revision, 1);
    assert_int_equal(seen[0].ev.target, TG_CIVILIANS);
    assert_int_equal(seen[0].ev.precedence, PR_FLASH);
    assert_int_equal(seen[0].ev.due_at_us, T0);
    assert_int_equal(seen[0].ev.expires_at_us, T0 + 2 * HOUR_US);
    assert_string_equal(seen[0].topic, "alert.civilians.flash.mopti.");
    assert_string_equal(seen[0].asset[0], "place-14.40,-4.20");
    assert_memory_equal(&seen[0].ev.situation, &t.r.id, sizeof t.r.id);
    assert_false(seen[0].ev.late);

    /* a forward with a wild figure: nothing */
    village_attack(&t, 2, "net", T0 + MINUTE_US);
    t.in.relay = true;
    harm_killed(&t, 200, 200);
    step_told(&t);
    assert_int_equal(n_seen, 1);
    /* an independent source: certainty; the figures within the same step */
    village_attack(&t, 3, "radio", T0 + 2 * MINUTE_US);
    harm_killed(&t, 9, 9);
    step_told(&t);
    assert_int_equal(n_seen, 2);
    assert_int_equal(seen[1].ev.kind, AK_UPDATED);
    assert_int_equal(seen[1].ev.revision, 2);
    assert_memory_equal(&seen[1].ev.id, &seen[0].ev.id, sizeof seen[0].ev.id);
    assert_true(has_changed(&seen[1], "certainty"));
    assert_int_equal(seen[1].ev.harm.killed.least, 9);
    assert_int_equal(seen[1].ev.harm.killed.most, 9);
    /* a third over an impact step */
    village_attack(&t, 4, "clinic", T0 + 3 * MINUTE_US);
    harm_killed(&t, 11, 11);
    step_told(&t);
    assert_int_equal(n_seen, 3);
    assert_true(has_changed(&seen[2], "harm"));
    /* a fourth within it: nothing */
    village_attack(&t, 5, "press", T0 + 4 * MINUTE_US);
    harm_killed(&t, 14, 14);
    step_told(&t);
    assert_int_equal(n_seen, 3);
}

static void
test_quiet(void **state)
{
    struct told t;

    (void)state;
    village_attack(&t, 1, "press", T0);
    t.f.mode = MODE_FOLLOW_UP;
    step_told(&t);
    village_attack(&t, 2, "press", T0);
    t.f.alertworthy = false;
    step_told(&t);
    village_attack(&t, 3, "ministry", T0);
    t.f.mode = MODE_DENIAL;
    step_told(&t);
    /* armed men against armed men, far from anybody */
    village_attack(&t, 4, "radio", T0);
    t.f.event = EV_ARMED_CLASH;
    t.f.targets = TARGET_BIT(TG_ARMED);
    step_told(&t);
    assert_int_equal(n_seen, 0);
    /* exercises never page, and never join */
    village_attack(&t, 5, "radio", T0);
    t.in.status = ST_EXERCISE;
    step_told(&t);
    assert_int_equal(n_seen, 1);
    assert_int_equal(seen[0].ev.precedence, PR_ROUTINE);
    assert_int_equal(seen[0].ev.status, ST_EXERCISE);
    village_attack(&t, 6, "sms", T0);
    step_told(&t);
    assert_int_equal(n_seen, 2);
    assert_int_equal(seen[1].ev.kind, AK_RAISED);
    assert_int_equal(seen[1].ev.precedence, PR_FLASH);
}

static void
test_read_this(void **state)
{
    struct told t;

    (void)state;
    told_init(&t, 1, "sms", T0, EV_UNKNOWN, 0, gao);
    t.f.has_place = false;
    t.f.confidence_permille = 510;
    step_told(&t);
    assert_int_equal(n_seen, 1);
    assert_int_equal(seen[0].ev.precedence, PR_ROUTINE);
    assert_string_equal(seen[0].topic, "alert.civilians.routine.unknown.");
    assert_string_equal(seen[0].asset[0], "place-unknown");
    /* sure of itself, nobody hurt: only in the incident log */
    told_init(&t, 2, "radio", T0, EV_ARREST, 0, gao);
    t.f.has_place = false;
    step_told(&t);
    assert_int_equal(n_seen, 1);
    /* placed far from everybody, but with harm */
    told_init(&t, 3, "radio", T0, EV_HAZARD, 0, at(20, 0));
    harm_killed(&t, 2, 2);
    step_told(&t);
    assert_int_equal(n_seen, 2);
}

/* The same attack, on a convoy as reported A1 by a base, and on a village as reported F6 by
 * anybody: the same precedence at the same moment, and for as long. */
static void
test_same_clock(void **state)
{
    static const char grades[] = "ABCDEF";
    uint64_t n = 0;

    (void)state;
    for (int e = 0; e < EVENT_COUNT; e++)
        for (int g = 0; g < 6; g++)
            for (uint8_t credibility = 1; credibility <= 6; credibility++) {
                struct told t;
                const struct alert_event *a = &seen[0].ev, *b = &seen[1].ev;

                if (!fx.k.events[e].attack || credibility == 5)
                    continue;
                core_free(core);
                core = core_new(&fx.k);
                n_seen = 0;
                told_init(&t, ++n, "base", T0, (enum event_type)e, TARGET_BIT(TG_CONVOY),
                          at(20, 0));
                t.in.source_class = SC_OWN;
                t.in.reliability = 'A';
                t.in.credibility = 1;
                t.f.in_progress = true;
                step_told(&t);
                told_init(&t, ++n, "sms", T0, (enum event_type)e, TARGET_BIT(TG_CIVILIANS),
                          at(10, 5));
                t.in.reliability = grades[g];
                t.in.credibility = credibility;
                t.f.in_progress = true;
                step_told(&t);
                assert_int_equal(n_seen, 2);
                assert_int_equal(a->target, TG_CONVOY);
                assert_int_equal(b->target, TG_CIVILIANS);
                assert_int_equal(a->precedence, PR_FLASH);
                assert_int_equal(b->precedence, a->precedence);
                assert_int_equal(b->urgency, a->urgency);
                assert_true(b->due_at_us == a->due_at_us && b->expires_at_us == a->expires_at_us);
            }
}

/* A halt is no halt where another danger is; and none by name once its base is gone. */
static void
test_safe_halt(void **state)
{
    struct told t;
    struct asset a = convoy_asset("cvy-7", road, 3, CONVOY_DEPARTED);
    struct asset base = base_asset("halfway", at(16.46, -0.04));

    (void)state;
    step_asset(a, T0 - MINUTE_US);
    step_position("cvy-7", at(16.40, -0.04), T0);
    step_asset(base, T0);
    told_init(&t, 1, "radio", T0, EV_AMBUSH, TARGET_BIT(TG_CONVOY), at(16.558, -0.04));
    step_told(&t);
    assert_int_equal(n_seen, 1);
    assert_non_null(strstr(seen[0].headline, "(halfway)"));
    assert_in_range(seen[0].ev.assets[0].halt_at_us, T0 + 7 * MINUTE_US, T0 + 11 * MINUTE_US);
    assert_in_range(seen[0].ev.assets[0].fixed_at_us, T0 - MINUTE_US, T0);
    /* a mine beside that base, and the ambush is told again */
    told_init(&t, 2, "sms", T0 + MINUTE_US, EV_IED_MINE, TARGET_BIT(TG_CIVILIANS),
              at(16.461, -0.04));
    step_told(&t);
    n_seen = 0;
    told_init(&t, 3, "other", T0 + 2 * MINUTE_US, EV_AMBUSH, TARGET_BIT(TG_CONVOY),
              at(16.558, -0.04));
    harm_killed(&t, 3, 3);
    step_told(&t);
    assert_true(n_seen > 0);
    for (size_t i = 0; i < n_seen; i++)
        if (seen[i].ev.target == TG_CONVOY && seen[i].ev.event == EV_AMBUSH) {
            assert_non_null(strstr(seen[i].headline, "last safe halt in "));
            assert_null(strstr(seen[i].headline, "halfway"));
        }
}

static void
test_convoy(void **state)
{
    struct told t;
    struct asset a = convoy_asset("cvy-7", road, 3, CONVOY_DEPARTED);

    (void)state;
    step_asset(a, T0 - MINUTE_US);
    step_position("cvy-7", at(16.45, -0.04), T0);
    step_asset(base_asset("base-gao", gao), T0);
    /* 12 km ahead on the route */
    told_init(&t, 1, "radio", T0, EV_AMBUSH, TARGET_BIT(TG_CONVOY), at(16.558, -0.04));
    step_told(&t);
    assert_int_equal(n_seen, 1); /* the base is 32 km away */
    assert_string_equal(seen[0].topic, "alert.convoy.flash.gao.");
    assert_string_equal(seen[0].asset[0], "cvy-7");
    assert_in_range(seen[0].ev.assets[0].distance_m, 11900, 12100);
    assert_in_range(seen[0].ev.assets[0].contact_at_us, T0 + 17 * MINUTE_US, T0 + 19 * MINUTE_US);
    assert_non_null(strstr(seen[0].headline, "cvy-7 \xe2\x80\x93 ambush "));
    assert_non_null(
        strstr(seen[0].headline, "; 12 km ahead, contact in 18 min, last safe halt in "));
    assert_true(seen[0].ev.assets[0].halt_at_us < seen[0].ev.assets[0].contact_at_us);
    /* a mine at a place already passed raises nothing for that convoy */
    told_init(&t, 2, "radio", T0 + MINUTE_US, EV_IED_MINE, 0, at(16.40, -0.04));
    step_told(&t);
    assert_int_equal(n_seen, 1);
    /* but for one that leaves an hour later */
    a.id = a.name = "cvy-8";
    a.state = CONVOY_PLANNED;
    step_asset(a, T0 + HOUR_US);
    assert_int_equal(n_seen, 1);
    a.state = CONVOY_DEPARTED;
    step_asset(a, T0 + HOUR_US);
    assert_true(n_seen >= 2);
    assert_string_equal(seen[n_seen - 1].asset[0], "cvy-8");
    assert_int_equal(seen[n_seen - 1].ev.event, EV_IED_MINE);
    assert_int_equal(seen[n_seen - 1].ev.precedence, PR_FLASH); /* contact in 22 min */
    size_t before = n_seen;
    step_position("cvy-8", at(16.28, -0.04), T0 + HOUR_US + MINUTE_US);
    assert_int_equal(n_seen, before); /* named already */
}

/* A convoy that the report names is in the alert, wherever it is reckoned to be. */
static void
test_named_convoy(void **state)
{
    struct told t;
    struct asset a = convoy_asset("cvy-7", road, 3, CONVOY_DEPARTED);
    size_t before;

    (void)state;
    a.name = "Convoy 7";
    a.air_cover = 0;
    step_asset(a, T0 - MINUTE_US);
    step_position("cvy-7", at(16.45, -0.04), T0);
    /* in a village far off its route */
    told_init(&t, 1, "radio", T0, EV_AMBUSH, TARGET_BIT(TG_CONVOY), at(15.0, -0.04));
    t.f.in_progress = true;
    t.in.text = "Le convoi 7 est pris sous le feu";
    step_told(&t);
    assert_int_equal(seen[0].ev.precedence, PR_FLASH);
    assert_int_equal(seen[0].ev.n_assets, 1);
    assert_string_equal(seen[0].asset[0], "cvy-7");
    assert_int_equal(seen[0].ev.assets[0].contact_at_us, T0);
    assert_string_equal(
        seen[0].headline,
        "Convoy 7 – ambush at Lelehoye, 06:00 UTC; less than 500 m away, contact now");
    /* nowhere at all */
    before = n_seen;
    told_init(&t, 2, "net", T0 + 20 * HOUR_US, EV_AMBUSH, TARGET_BIT(TG_CONVOY), gao);
    t.f.has_place = false;
    t.f.in_progress = true;
    t.in.text = "Convoy 7 under fire";
    step_told(&t);
    assert_true(n_seen > before);
    assert_string_equal(seen[before].asset[0], "cvy-7");
    /* a danger that is no attack: its distance, no time of contact */
    before = n_seen;
    told_init(&t, 3, "net", T0 + 40 * HOUR_US, EV_THREAT, TARGET_BIT(TG_CONVOY), at(15.0, -0.04));
    t.in.text = "They want to stop Convoy 7";
    step_position("cvy-7", at(16.45, -0.04), T0 + 40 * HOUR_US);
    step_told(&t);
    assert_true(n_seen > before);
    assert_string_equal(seen[before].asset[0], "cvy-7");
    assert_in_range(seen[before].ev.assets[0].distance_m, 160000, 163000);
    assert_int_equal(seen[before].ev.assets[0].contact_at_us, 0);
    /* it has arrived */
    a.state = CONVOY_ARRIVED;
    step_asset(a, T0 + 60 * HOUR_US);
    before = n_seen;
    told_init(&t, 4, "radio", T0 + 60 * HOUR_US, EV_AMBUSH, TARGET_BIT(TG_CONVOY), at(13.0, 2.0));
    t.f.in_progress = true;
    t.in.text = "Convoy 7 under fire";
    step_told(&t);
    assert_true(n_seen > before);
    assert_int_equal(seen[before].ev.n_assets, 0);
}

/* What became of the wounded of a convoy raises nothing at the place that it has reached. */
static void
test_aftermath(void **state)
{
    struct told t;
    struct asset a = convoy_asset("cvy-7", road, 3, CONVOY_DEPARTED);
    size_t before;

    (void)state;
    a.name = "Convoy 7";
    step_asset(a, T0 - MINUTE_US);
    told_init(&t, 1, "ops", T0, EV_AMBUSH, TARGET_BIT(TG_CONVOY), at(16.30, -0.04));
    t.f.in_progress = true;
    t.f.harm.wounded = (struct range){2, 2};
    t.in.text = "Convoy 7 attacked, two wounded";
    step_told(&t);
    before = n_seen;
    for (int k = 0; k < 2; k++) {
        told_init(&t, 2 + (uint64_t)k, "ops", T0 + 2 * HOUR_US + k, EV_ARMED_ATTACK,
                  TARGET_BIT(TG_CONVOY), at(16.95, -0.35));
        t.f.harm.wounded = (struct range){2, 2};
        t.f.confidence_permille = 510;
        t.in.text =
            k ? "Convoy 8 attacked, two wounded" : "Convoy 7 arrived, both wounded flown out";
        if (k) { /* it is sure of the attack */
            t.f.confidence_permille = 800;
            step_told(&t);
            assert_true(n_seen > before);
        } else {
            step_told(&t);
            assert_int_equal(n_seen, before);
        }
    }
}

static void
test_base_and_civilians(void **state)
{
    struct told t;
    struct asset site = base_asset("camp-idp", at(16.29, -0.04));

    (void)state;
    site.kind = ASSET_SITE;
    site.displaced = 500;
    step_asset(site, T0);
    step_asset(base_asset("base-gao", gao), T0);
    step_asset(base_asset("base-near", at(16.275, -0.04)), T0);
    told_init(&t, 1, "own-gao", T0, EV_INDIRECT_FIRE, TARGET_BIT(TG_BASE), at(16.272, -0.04));
    t.in.source_class = SC_OWN;
    t.in.reliability = 'A';
    t.in.credibility = 1;
    step_told(&t);
    assert_int_equal(n_seen, 2);
    assert_int_equal(seen[0].ev.target, TG_BASE);
    assert_int_equal(seen[0].ev.n_assets, 2);
    assert_string_equal(seen[0].asset[0], "base-gao");
    assert_string_equal(seen[0].ev.incidents[0].grade, "A1");
    assert_int_equal(seen[0].ev.certainty, CT_OBSERVED);
    assert_int_equal(seen[1].ev.target, TG_CIVILIANS);
    assert_true(seen[1].ev.precedence >= seen[0].ev.precedence); /* never below */
    assert_string_equal(seen[1].asset[0], "camp-idp");
    assert_string_equal(seen[1].asset[1], "place-16.27,-0.04");
}

static void
test_late(void **state)
{
    struct told t;

    (void)state;
    step_asset(base_asset("base-gao", gao), T0);
    /* an old mortar round */
    told_init(&t, 1, "edge", T0, EV_INDIRECT_FIRE, TARGET_BIT(TG_BASE), gao);
    t.f.from_us = t.f.to_us = T0 - 6 * HOUR_US;
    t.in.reported_at_us = T0 - 6 * HOUR_US;
    step_told(&t);
    assert_int_equal(n_seen, 1);
    assert_int_equal(seen[0].ev.precedence, PR_ROUTINE);
    assert_true(seen[0].ev.late);
    /* a mine six hours old still pages */
    told_init(&t, 2, "edge", T0, EV_IED_MINE, TARGET_BIT(TG_CONVOY), at(17.5, 0.3));
    t.f.from_us = t.f.to_us = T0 - 6 * HOUR_US;
    step_told(&t);
    assert_int_equal(seen[1].ev.precedence, PR_IMMEDIATE);
    assert_true(seen[1].ev.late);
    /* a massacre of yesterday, not known until now */
    village_attack(&t, 3, "sms", T0);
    t.f.from_us = t.f.to_us = T0 - 20 * HOUR_US;
    harm_killed(&t, 30, 30);
    step_told(&t);
    assert_int_equal(seen[2].ev.precedence, PR_PRIORITY);
    assert_true(seen[2].ev.late);
    /* a late report of something known tells nothing new */
    village_attack(&t, 4, "radio", T0 + MINUTE_US);
    t.f.place.pt = at(13.0, -4.2);
    step_told(&t);
    size_t before = n_seen;
    village_attack(&t, 5, "radio", T0 + HOUR_US);
    t.f.place.pt = at(13.0, -4.2);
    t.f.from_us = t.f.to_us = T0;
    step_told(&t);
    assert_int_equal(n_seen, before);
}

static void
test_claim_warns_the_village(void **state)
{
    struct told t;

    (void)state;
    village_attack(&t, 1, "press", T0);
    t.f.event = EV_ARMED_CLASH;
    t.f.mode = MODE_CLAIM;
    t.f.targets = TARGET_BIT(TG_ARMED);
    t.f.place.population = 800;
    t.f.place.gazetteer_id = 77;
    t.f.actors[0] = "army";
    t.f.n_actors = 1;
    harm_killed(&t, 8, 8);
    step_told(&t);
    assert_int_equal(n_seen, 1);
    assert_int_equal(seen[0].ev.target, TG_CIVILIANS);
    assert_true(seen[0].ev.precedence >= PR_IMMEDIATE);
    assert_string_equal(seen[0].asset[0], "place-77");
    assert_int_equal(seen[0].ev.n_claims, 1);
    village_attack(&t, 2, "sms", T0 + MINUTE_US);
    t.f.place.gazetteer_id = 77;
    harm_killed(&t, 9, 9);
    step_told(&t);
    assert_int_equal(n_seen, 2);
    assert_int_equal(seen[1].ev.n_claims, 2); /* both versions */
    assert_true(has_changed(&seen[1], "event"));
}

/* A denial is shown, contradicts, and lowers nothing. */
static void
test_denied(void **state)
{
    struct told t;

    (void)state;
    village_attack(&t, 1, "sms", T0);
    harm_killed(&t, 9, 9);
    step_told(&t);
    village_attack(&t, 2, "ministry", T0 + MINUTE_US);
    t.in.source_class = SC_PARTNER;
    t.f.mode = MODE_DENIAL;
    t.f.actors[0] = "army";
    t.f.n_actors = 1;
    step_told(&t);
    assert_int_equal(n_seen, 2);
    assert_true(has_changed(&seen[1], "claims"));
    assert_int_equal(seen[1].ev.precedence, seen[0].ev.precedence);
    assert_int_equal(seen[1].ev.risk, seen[0].ev.risk);
    assert_int_equal(seen[1].ev.certainty, seen[0].ev.certainty);
    assert_int_equal(seen[1].ev.mode, MODE_FACT);
    assert_string_equal(seen[1].says[0], "army: denies: Armed attack");
    assert_string_equal(seen[1].says[1], "reports: Armed attack, 9 killed (civilians)");
    assert_string_equal(seen[1].reason[seen[1].ev.n_reasons - 1],
                        "contradiction: army: denies: Armed attack; reports: Armed attack, 9 "
                        "killed (civilians)");
    /* what is shown once is no news */
    t.r.seq = 3;
    t.r.id.b[15] ^= 1;
    step_told(&t);
    assert_int_equal(n_seen, 2);
}

static void
test_contradictions(void **state)
{
    struct told t;

    (void)state;
    village_attack(&t, 1, "press", T0);
    t.f.event = EV_ARMED_CLASH;
    t.f.mode = MODE_CLAIM;
    t.f.targets = TARGET_BIT(TG_ARMED) | TARGET_BIT(TG_CIVILIANS);
    t.f.actors[0] = "army";
    t.f.n_actors = 1;
    t.in.own_id = "p-1";
    harm_killed(&t, 8, 8);
    step_told(&t);
    assert_string_equal(seen[0].says[0], "army: Armed clash, 8 killed");
    /* another party says otherwise, and nobody was there */
    t.in.source = "wire";
    t.in.own_id = NULL;
    t.f.actors[0] = "jnim";
    t.r.seq = 2;
    t.r.id.b[15] ^= 1;
    harm_killed(&t, 2, 2);
    step_told(&t);
    assert_string_equal(seen[1].reason[seen[1].ev.n_reasons - 1],
                        "contradiction: army: Armed clash, 8 killed; jnim: Armed clash, 2 killed");
    /* somebody was */
    village_attack(&t, 3, "sms", T0 + MINUTE_US);
    harm_killed(&t, 9, 9);
    step_told(&t);
    assert_true(has_changed(&seen[2], "claims"));
    assert_int_equal(seen[2].ev.n_claims, 3);
    assert_string_equal(seen[2].reason[seen[2].ev.n_reasons - 2],
                        "contradiction: army: Armed clash, 8 killed; reports: Armed attack, 9 "
                        "killed (civilians)");
    /* the army corrects itself: its first version is gone, and agrees */
    village_attack(&t, 4, "press", T0 + 2 * MINUTE_US);
    t.f.event = EV_ARMED_CLASH;
    t.f.mode = MODE_CLAIM;
    t.f.actors[0] = "army";
    t.f.n_actors = 1;
    t.in.own_id = "p-1";
    harm_killed(&t, 9, 9);
    step_told(&t);
    assert_int_equal(n_seen, 4);
    assert_true(has_changed(&seen[3], "claims"));
    assert_int_equal(seen[3].ev.n_claims, 3);
    assert_string_equal(seen[3].says[1], "army: Armed clash, 9 killed");
    for (size_t i = 0; i < seen[3].ev.n_reasons; i++)
        assert_null(strstr(seen[3].reason[i], "contradiction: army"));
}

/* Told again only when an independent source carries a figure over a step. */
static void
test_steps_of_harm(void **state)
{
    static const struct {
        const char *source;
        bool relay, copy;
        enum mode mode;
        int32_t killed;
        bool told;
    } steps[] = {
        {"radio", false, false, MODE_FACT, 2, true}, /* certainty, and the first dead */
        {"clinic", false, false, MODE_FACT, 9, false},
        {"net", true, false, MODE_FACT, 200, false},
        {"chat", false, true, MODE_FACT, 200, false},
        {"market", false, false, MODE_RUMOUR, 200, false},
        {"police", false, false, MODE_FACT, 10, true},
        {"mayor", false, false, MODE_FACT, 49, false},
        {"ngo", false, false, MODE_FACT, 51, true},
    };
    struct told t;

    (void)state;
    village_attack(&t, 1, "sms", T0);
    for (int k = 0; k < 8; k++)
        t.f.fingerprint[k] = (uint64_t)(k + 1) << 34;
    step_told(&t);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        size_t before = n_seen;

        village_attack(&t, i + 2, steps[i].source, T0 + (int64_t)(i + 1) * MINUTE_US);
        t.in.relay = steps[i].relay;
        t.f.mode = steps[i].mode;
        harm_killed(&t, steps[i].killed, steps[i].killed);
        for (int k = 0; k < 8 && steps[i].copy; k++)
            t.f.fingerprint[k] = (uint64_t)(k + 1) << 34;
        step_told(&t);
        if ((n_seen > before) != steps[i].told)
            fail_msg("step %zu, %s", i, steps[i].source);
        if (steps[i].told)
            assert_true(has_changed(&seen[n_seen - 1], "harm"));
    }
    assert_int_equal(count_raised(), 1);
}

/* Known late, it calls only while the danger lasts. */
static void
test_persistence(void **state)
{
    static const struct {
        enum event_type event;
        uint32_t marks;
        int64_t lasts_us; /* INT64_MAX: until cleared */
    } table[] = {
        {EV_ARMED_ATTACK, 0, 2 * HOUR_US},  {EV_ARMED_CLASH, 0, 2 * HOUR_US},
        {EV_HOSTILE_CROWD, 0, 2 * HOUR_US}, {EV_ARMED_PRESENCE, 0, 24 * HOUR_US},
        {EV_KIDNAPPING, 0, 48 * HOUR_US},   {EV_IED_MINE, 0, 14 * DAY_US},
        {EV_TERRITORY, 0, INT64_MAX},       {EV_ACCESS_DENIAL, MARK_SIEGE, INT64_MAX},
    };
    struct told t;

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        for (int over = 0; over < 2; over++) {
            int64_t lasts = table[i].lasts_us, ago = lasts == INT64_MAX ? 300 * DAY_US : lasts;

            (void)teardown(state);
            (void)setup(state);
            village_attack(&t, 1, "edge", T0);
            t.f.event = table[i].event;
            t.f.marks = table[i].marks;
            t.f.from_us = t.f.to_us = T0 - ago + (over ? 0 : MINUTE_US);
            step_told(&t);
            assert_int_equal(n_seen, 1);
            assert_true(seen[0].ev.late);
            if ((seen[0].ev.precedence > PR_ROUTINE) != (!over || lasts == INT64_MAX))
                fail_msg("%s, %s: %s", event_type_name(table[i].event), over ? "over" : "lasts",
                         precedence_name(seen[0].ev.precedence));
        }
}

/* An alert that has run out is told again when somebody says that it goes on. */
static void
test_goes_on(void **state)
{
    struct told t;

    (void)state;
    village_attack(&t, 1, "sms", T0);
    step_told(&t);
    village_attack(&t, 2, "sms", T0 + HOUR_US);
    step_told(&t);
    assert_int_equal(n_seen, 1);
    village_attack(&t, 3, "sms", T0 + 3 * HOUR_US);
    step_told(&t);
    assert_int_equal(n_seen, 2);
    assert_int_equal(seen[1].ev.kind, AK_UPDATED);
    assert_same_alert(0, 1);
    assert_true(has_changed(&seen[1], "expires_at"));
}

/* A village that is a configured site, too, is one entry. */
static void
test_site_of_the_village(void **state)
{
    struct asset site = base_asset("site-1", at(14.402, -4.20)), camp = site, far = site;
    struct told t;

    (void)state;
    site.kind = camp.kind = far.kind = ASSET_SITE;
    site.name = "LELEHOY\xc3\x89"; /* as folded */
    camp.id = "site-2";
    camp.name = "Lelehoye camp";
    far.id = "site-3";
    far.name = "Lelehoye";
    far.pos = at(14.48, -4.20);
    step_asset(site, T0);
    step_asset(camp, T0);
    step_asset(far, T0);
    village_attack(&t, 1, "sms", T0);
    step_told(&t);
    assert_int_equal(n_seen, 1);
    assert_int_equal(seen[0].ev.n_assets, 3);
    assert_string_equal(seen[0].asset[0], "site-1");
    assert_string_equal(seen[0].asset[1], "site-2");
    assert_string_equal(seen[0].asset[2], "site-3");
    assert_non_null(strstr(seen[0].headline, "armed attack at Lelehoye"));
    assert_int_equal(seen[0].ev.precedence, PR_FLASH);
    /* another village has an entry of its own */
    village_attack(&t, 2, "sms", T0 + MINUTE_US);
    t.f.place.name = "Tin Hama";
    t.f.place.pt = at(14.46, -4.20);
    step_told(&t);
    assert_int_equal(seen[1].ev.n_assets, 4);
}

static void
test_overdue(void **state)
{
    struct asset a = convoy_asset("cvy-7", road, 3, CONVOY_DEPARTED);

    (void)state;
    a.checkin_min = 60;
    step_asset(a, T0);
    step_position("cvy-7", at(16.3, -0.04), T0 + 30 * MINUTE_US);
    step_tick(T0 + 120 * MINUTE_US); /* due at exactly this moment: not before */
    assert_int_equal(n_seen, 0);
    step_tick(T0 + 5 * HOUR_US); /* both steps fired at their due times */
    assert_int_equal(n_seen, 2);
    assert_int_equal(seen[0].ev.due_at_us, T0 + 120 * MINUTE_US);
    assert_string_equal(seen[0].rule, "convoy_overdue");
    assert_int_equal(seen[0].ev.precedence, PR_PRIORITY);
    assert_int_equal(seen[0].ev.target, TG_CONVOY);
    assert_string_equal(seen[0].asset[0], "cvy-7");
    assert_int_equal(seen[1].ev.kind, AK_UPDATED);
    assert_int_equal(seen[1].ev.precedence, PR_IMMEDIATE);
    assert_int_equal(seen[1].ev.due_at_us, T0 + 210 * MINUTE_US);
    assert_memory_equal(&seen[0].ev.id, &seen[1].ev.id, sizeof seen[0].ev.id);
    step_position("cvy-7", at(16.5, -0.04), T0 + 6 * HOUR_US);
    assert_int_equal(n_seen, 3);
    assert_int_equal(seen[2].ev.kind, AK_CANCELLED);
    a.state = CONVOY_ARRIVED;
    step_asset(a, T0 + 7 * HOUR_US);
    step_tick(T0 + 40 * HOUR_US);
    assert_int_equal(n_seen, 3);
}

static void
test_base_silent(void **state)
{
    struct told t;
    struct asset a = base_asset("base-gao", gao);

    (void)state;
    a.link = "edge-gao";
    step_asset(a, T0);
    step_link("edge-gao", false, T0);
    assert_int_equal(n_seen, 1); /* a dead link alone: for the system, nobody is in danger */
    assert_int_equal(seen[0].ev.target, TG_SYSTEM);
    assert_string_equal(seen[0].rule, "link_down");
    told_init(&t, 1, "sms", T0 + HOUR_US, EV_ARMED_ATTACK, TARGET_BIT(TG_CIVILIANS),
              at(16.60, -0.04)); /* 37 km */
    step_told(&t);
    assert_int_equal(n_seen, 3);
    assert_string_equal(seen[2].rule, "base_silent");
    assert_int_equal(seen[2].ev.target, TG_BASE);
    assert_int_equal(seen[2].ev.precedence, PR_PRIORITY);
    assert_string_equal(seen[2].asset[0], "base-gao");
    step_link("edge-gao", true, T0 + 2 * HOUR_US);
    assert_int_equal(n_seen, 5);
    assert_int_equal(seen[3].ev.kind, AK_CANCELLED);
    assert_int_equal(seen[3].ev.target, TG_SYSTEM);
    assert_memory_equal(&seen[3].ev.id, &seen[0].ev.id, sizeof seen[0].ev.id);
    assert_int_equal(seen[4].ev.kind, AK_CANCELLED);
    assert_int_equal(seen[4].ev.target, TG_BASE);
    /* cut after an attack */
    told_init(&t, 2, "sms", T0 + 30 * HOUR_US, EV_AMBUSH, TARGET_BIT(TG_CIVILIANS),
              at(16.35, -0.04));
    step_told(&t);
    size_t before = n_seen;
    step_link("edge-gao", false, T0 + 40 * HOUR_US);
    assert_int_equal(n_seen, before + 2);
    assert_int_equal(seen[before + 1].ev.precedence, PR_IMMEDIATE); /* 9 km */
}

static void
step_clock(int64_t step_us, int64_t now_us)
{
    struct record r = {
        .type = REC_CLOCK_STEP, .received_at_us = now_us, .u.clock_step_us = step_us};
    struct id_part part = {&now_us, sizeof now_us};

    id_make(&r.id, now_us, &part, 1);
    step(&r);
}

static void
test_system(void **state)
{
    (void)state;
    step_clock(-200 * SECOND_US, T0);
    assert_int_equal(n_seen, 1);
    assert_int_equal(seen[0].ev.target, TG_SYSTEM);
    assert_int_equal(seen[0].ev.precedence, PR_PRIORITY);
    assert_string_equal(seen[0].rule, "clock_step");
    assert_string_equal(seen[0].topic, "alert.system.priority.unknown.");
    assert_string_equal(seen[0].headline, "Clock set back by 3 min 20 s");
    assert_int_equal(seen[0].ev.expires_at_us, T0 + HOUR_US);
    assert_int_equal(seen[0].ev.n_assets, 0);
    step_clock(3 * HOUR_US, T0 + MINUTE_US); /* another step is another alert */
    assert_int_equal(n_seen, 2);
    assert_string_equal(seen[1].headline, "Clock set forward by 3 h 00 min");
    assert_memory_not_equal(&seen[1].ev.id, &seen[0].ev.id, sizeof seen[0].ev.id);
    step_clock(0, T0 + 2 * MINUTE_US);
    assert_int_equal(n_seen, 2);

    step_link("edge-gao", false, T0 + 2 * HOUR_US);
    step_link("edge-gao", false, T0 + 3 * HOUR_US); /* known */
    step_link("edge-mopti", false, T0 + 3 * HOUR_US);
    assert_int_equal(n_seen, 4);
    assert_string_equal(seen[2].topic, "alert.system.priority.unknown.");
    assert_string_equal(seen[2].headline, "Link edge-gao down since 17/04 08:00 UTC");
    step_link("edge-gao", true, T0 + 4 * HOUR_US);
    assert_int_equal(n_seen, 5);
    assert_int_equal(seen[4].ev.kind, AK_CANCELLED);
    assert_memory_equal(&seen[4].ev.id, &seen[2].ev.id, sizeof seen[2].ev.id);
    step_link("edge-gao", false, T0 + 5 * HOUR_US); /* again: a new alert */
    assert_int_equal(n_seen, 6);
    assert_memory_not_equal(&seen[5].ev.id, &seen[2].ev.id, sizeof seen[2].ev.id);
    n_seen = 0;
    core_open_alerts(core, see, NULL);
    assert_int_equal(n_seen, 2); /* the steps of the clock have expired */
}

/* State forces that pass a base: ROUTINE, until such forces have harmed civilians near by. */
static void
test_forces_pass(void **state)
{
    static const char words[] = "- phrases: [soldiers]\n  actor: army\n  is: forces\n";
    const struct lexicon *none = fx.k.lexicon;
    struct lexicon *l = NULL;
    struct told t;
    struct err e;

    (void)state;
    assert_int_equal(lexicon_parse(words, strlen(words), "words", &l, &e), 0);
    fx.k.lexicon = l;
    step_asset(base_asset("base-gao", gao), T0);
    told_init(&t, 1, "sms", T0, EV_ARMED_PRESENCE, TARGET_BIT(TG_ARMED), at(16.30, -0.04));
    t.f.actors[0] = "army";
    t.f.n_actors = 1;
    step_told(&t);
    assert_int_equal(n_seen, 1);
    assert_int_equal(seen[0].ev.precedence, PR_ROUTINE);
    assert_non_null(strstr(seen[0].headline, "movement of state forces"));
    /* somebody else is seen there too: no longer only theirs */
    told_init(&t, 2, "radio", T0 + MINUTE_US, EV_ARMED_PRESENCE, 0, at(16.30, -0.04));
    step_told(&t);
    assert_int_equal(n_seen, 2);
    assert_int_equal(seen[1].ev.precedence, PR_PRIORITY);
    /* a village attacked by soldiers, 30 km off; eighty days later they come again */
    told_init(&t, 3, "sms", T0 + HOUR_US, EV_ARMED_ATTACK, TARGET_BIT(TG_CIVILIANS),
              at(16.57, -0.04));
    t.f.actors[0] = "army";
    t.f.n_actors = 1;
    harm_killed(&t, 4, 4);
    step_told(&t);
    n_seen = 0;
    told_init(&t, 4, "sms", T0 + 80 * DAY_US, EV_ARMED_PRESENCE, TARGET_BIT(TG_ARMED),
              at(16.30, -0.04));
    t.f.actors[0] = "army";
    t.f.n_actors = 1;
    step_told(&t);
    assert_true(n_seen > 0);
    assert_int_equal(seen[0].ev.target, TG_BASE);
    assert_true(seen[0].ev.precedence >= PR_PRIORITY);
    /* and after ninety-one days it is forgotten */
    n_seen = 0;
    told_init(&t, 5, "sms", T0 + 92 * DAY_US, EV_ARMED_PRESENCE, TARGET_BIT(TG_ARMED),
              at(16.30, -0.04));
    t.f.actors[0] = "army";
    t.f.n_actors = 1;
    step_told(&t);
    assert_int_equal(n_seen, 1);
    assert_int_equal(seen[0].ev.precedence, PR_ROUTINE);
    fx.k.lexicon = (struct lexicon *)(uintptr_t)none;
    lexicon_free(l);
}

static void
test_sexual_violence_is_placed_coarsely(void **state)
{
    struct told t;

    (void)state;
    village_attack(&t, 1, "sms", T0);
    t.f.event = EV_ASSAULT;
    t.f.marks = MARK_SEXUAL_VIOLENCE;
    t.f.place.gazetteer_id = 9;
    step_told(&t);
    assert_int_equal(n_seen, 1);
    assert_true(seen[0].ev.radius_m >= 20000);
    assert_int_equal(seen[0].ev.pos.lat, at(14.5, -4.2).lat); /* the area's middle */
    assert_null(strstr(seen[0].headline, "Lelehoye"));
}

static void
test_officer(void **state)
{
    struct told t;
    struct record r = {.type = REC_ACT, .received_at_us = T0 + MINUTE_US};
    static const char *const bad[][2] = {{"precedence", "loud"}, {"event", "?"}, {"place", "Gao"}};

    (void)state;
    told_init(&t, 1, "sms", T0, EV_CRIME, TARGET_BIT(TG_CIVILIANS), gao);
    step_told(&t);
    assert_int_equal(seen[0].ev.precedence, PR_ROUTINE);
    r.u.act = (struct act){.kind = ACT_SET,
                           .alert = seen[0].ev.id,
                           .field = "precedence",
                           .value = "immediate",
                           .reason = "knows better"};
    step(&r);
    assert_int_equal(n_seen, 2);
    assert_int_equal(seen[1].ev.precedence, PR_IMMEDIATE);
    assert_true(has_changed(&seen[1], "precedence"));
    for (size_t i = 0; i < 3; i++) {
        r.u.act.field = bad[i][0];
        r.u.act.value = bad[i][1];
        step(&r);
    }
    r.u.act.kind = ACT_MERGE;
    step(&r);
    assert_int_equal(n_seen, 2);
    r.u.act.kind = ACT_SET;
    r.u.act.field = "event";
    r.u.act.value = "armed_attack";
    step(&r);
    assert_int_equal(n_seen, 3);
    assert_int_equal(seen[2].ev.event, EV_ARMED_ATTACK);
    assert_int_equal(seen[2].ev.precedence, PR_IMMEDIATE); /* his word stands */
    /* and raising */
    village_attack(&t, 9, "officer", T0 + 2 * MINUTE_US);
    (void)told_record(&t);
    r.u.act = (struct act){.kind = ACT_RAISE, .raise = &t.in};
    r.id = t.r.id;
    r.received_at_us = T0 + 2 * MINUTE_US;
    step(&r);
    assert_int_equal(n_seen, 4);
    assert_int_equal(seen[3].ev.precedence, PR_FLASH);
}

/* ---- determinism */

struct lines {
    struct buf b;
};

static void
write_line(void *arg, const struct alert_event *ev, const struct derivation *d)
{
    struct lines *l = arg;

    event_to_json(ev, 0, true, &l->b);
    buf_putc(&l->b, '\n');
    derivation_to_json(d, &l->b);
    buf_putc(&l->b, '\n');
}

static uint64_t
draw(uint64_t *s)
{
    *s ^= *s << 13;
    *s ^= *s >> 7;
    *s ^= *s << 17;
    return *s;
}

/* A drawn stream over all kinds of records; the seed is the stream. */
static void
run_stream(uint64_t seed, int n, bool bytes, struct lines *out)
{
    static const char *const sources[] = {"sms", "radio", "press", "net", "own"};
    static const char *const convoys[] = {"cvy-1", "cvy-2", "cvy-3"};
    struct core *c = core_new(&fx.k);
    int64_t now = T0;

    assert_non_null(c);
    for (int i = 0; i < n; i++) {
        struct told t;
        struct record r = {.type = REC_TICK};
        const struct record *use = &r;
        uint64_t what = draw(&seed) % 20;
        struct geo_pt pt =
            at(16 + (double)(draw(&seed) % 60) / 50, -0.5 + (double)(draw(&seed) % 60) / 60);

        now += (int64_t)(draw(&seed) % 600) * SECOND_US;
        r.received_at_us = now;
        if (what < 12) {
            told_init(&t, (uint64_t)i, sources[draw(&seed) % 5], now,
                      (enum event_type)(draw(&seed) % EVENT_COUNT),
                      (uint32_t)(draw(&seed) % 16) << 1, pt);
            harm_killed(&t, (int32_t)(draw(&seed) % 4), (int32_t)(4 + draw(&seed) % 60));
            t.f.mode = (enum mode)(1 + draw(&seed) % 5);
            t.f.from_us = t.f.to_us = now - (int64_t)(draw(&seed) % 300) * MINUTE_US;
            t.in.relay = draw(&seed) % 6 == 0;
            t.in.own_id = draw(&seed) % 4 ? NULL : convoys[draw(&seed) % 3];
            t.in.credibility = (uint8_t)(draw(&seed) % 7);
            t.f.place.area = draw(&seed) % 9 == 0;
            t.f.has_place = draw(&seed) % 7 != 0;
            use = told_record(&t);
        } else if (what < 15) {
            r.type = REC_ASSET;
            r.u.asset = convoy_asset(convoys[draw(&seed) % 3], road, 3,
                                     (enum convoy_state)(1 + draw(&seed) % 5));
            r.u.asset.checkin_min = 60;
            r.u.asset.removed = draw(&seed) % 8 == 0;
        } else if (what < 16) {
            r.type = REC_ASSET;
            r.u.asset = base_asset(draw(&seed) % 2 ? "base-a" : "base-b", pt);
            r.u.asset.kind = draw(&seed) % 3 ? ASSET_BASE : ASSET_SITE;
            r.u.asset.link = "edge";
        } else if (what < 18) {
            r.type = REC_POSITION;
            r.u.position = (struct asset_position){
                .asset = convoys[draw(&seed) % 3], .fixed_at_us = now, .pos = pt};
        } else if (what < 19) {
            r.type = REC_LINK;
            r.u.link = (struct link_state){.name = "edge", .up = draw(&seed) % 2, .since_us = now};
        }
        assert_int_equal(core_step(c, use, write_line, out), 0);
        if (bytes) {
            struct buf b;
            struct core *next = NULL;

            buf_init(&b, 0);
            assert_int_equal(core_save(c, &b), 0);
            assert_int_equal(core_load(&fx.k, b.data, b.len, &next, NULL), 0);
            core_free(c);
            c = next;
            buf_fini(&b);
        }
    }
    core_open_alerts(c, write_line, out);
    core_free(c);
}

static void
test_determinism(void **state)
{
    (void)state;
    fx.cfg.classifier.max_situations = 40; /* so that tables are full, too */
    fx.cfg.classifier.max_incidents = 60;
    for (uint64_t seed = 1; seed < 6; seed++) {
        struct lines a, b;

        buf_init(&a.b, 0);
        buf_init(&b.b, 0);
        run_stream(seed * 7919, 300, false, &a);
        run_stream(seed * 7919, 300, true, &b);
        assert_false(a.b.failed);
        assert_true(a.b.len > 1000);
        assert_int_equal(a.b.len, b.b.len);
        assert_memory_equal(a.b.data, b.b.data, a.b.len);
        buf_fini(&a.b);
        buf_fini(&b.b);
    }
}

static void
test_streams_through_bytes(void **state)
{
    static void (*const streams[])(void **) = {
        test_village,     test_convoy,  test_base_and_civilians, test_late, test_overdue,
        test_base_silent, test_officer,
    };

    for (size_t i = 0; i < sizeof streams / sizeof streams[0]; i++) {
        (void)teardown(state);
        (void)setup(state);
        through_bytes = true;
        streams[i](state);
    }
}

static void
test_open_alerts(void **state)
{
    struct told t;
    struct seen last[3];

    (void)state;
    test_village(state);
    told_init(&t, 20, "radio", T0 + 5 * MINUTE_US, EV_AMBUSH, TARGET_BIT(TG_CONVOY), at(17, 0));
    step_told(&t);
    last[0] = seen[n_seen - 2]; /* the village's latest */
    last[1] = seen[n_seen - 1];
    n_seen = 0;
    core_open_alerts(core, see, NULL);
    assert_int_equal(n_seen, 2);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(seen[i].ev.kind, AK_RAISED);
        assert_memory_equal(&seen[i].ev.id, &last[i].ev.id, sizeof last[i].ev.id);
        assert_int_equal(seen[i].ev.revision, last[i].ev.revision);
        assert_int_equal(seen[i].ev.precedence, last[i].ev.precedence);
        assert_int_equal(seen[i].ev.likelihood, last[i].ev.likelihood);
        assert_int_equal(seen[i].ev.impact, last[i].ev.impact);
        assert_int_equal(seen[i].ev.n_reasons, last[i].ev.n_reasons);
    }
    /* told as things stand now: the fourth report's figures are in */
    assert_non_null(strstr(seen[0].headline, "9\xe2\x80\x93"
                                             "14 killed"));
    assert_string_equal(seen[1].headline, last[1].headline);
    step_tick(T0 + 10 * HOUR_US); /* over */
    n_seen = 0;
    core_open_alerts(core, see, NULL);
    assert_int_equal(n_seen, 0);
}

static void
test_load_refuses(void **state)
{
    struct told t;
    struct core *other = NULL;
    struct buf b;
    struct err e;

    (void)state;
    village_attack(&t, 1, "sms", T0);
    step_told(&t);
    buf_init(&b, 0);
    assert_int_equal(core_save(core, &b), 0);
    for (size_t n = 0; n < b.len; n += 101)
        assert_int_equal(core_load(&fx.k, b.data, n, &other, &e), -1);
    for (size_t i = 0; i < b.len; i += 97) {
        b.data[i] ^= 4;
        assert_int_equal(core_load(&fx.k, b.data, b.len, &other, &e), -1);
        b.data[i] ^= 4;
    }
    fx.k.digest[0] ^= 1; /* another configuration */
    assert_int_equal(core_load(&fx.k, b.data, b.len, &other, &e), -1);
    fx.k.digest[0] ^= 1;
    fx.cfg.classifier.max_situations++;
    assert_int_equal(core_load(&fx.k, b.data, b.len, &other, &e), -1);
    fx.cfg.classifier.max_situations--;
    assert_null(other);
    assert_int_equal(core_load(&fx.k, b.data, b.len, &other, &e), 0);
    core_free(other);
    buf_fini(&b);
}

static void
test_figures(void **state)
{
    struct core_figures f;

    test_base_and_civilians(state);
    core_figures(core, &f);
    assert_int_equal(f.records, 4);
    assert_int_equal(f.incidents, 1);
    assert_int_equal(f.situations, 1);
    assert_int_equal(f.alerts_open, 2);
    assert_int_equal(f.assets, 3);
    /* the value at its largest */
    assert_true(20000 * sizeof(struct situation) + 100000 * sizeof(struct sit_ref) +
                    30000 * sizeof(struct sit_alert) + 30000 * sizeof(struct timer) +
                    MAX_PICTURE * sizeof(struct pic_asset) <
                48u << 20);
}

#define STREAM(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        STREAM(test_village),
        STREAM(test_quiet),
        STREAM(test_read_this),
        STREAM(test_convoy),
        STREAM(test_same_clock),
        STREAM(test_safe_halt),
        STREAM(test_named_convoy),
        STREAM(test_aftermath),
        STREAM(test_base_and_civilians),
        STREAM(test_late),
        STREAM(test_claim_warns_the_village),
        STREAM(test_denied),
        STREAM(test_contradictions),
        STREAM(test_steps_of_harm),
        STREAM(test_persistence),
        STREAM(test_goes_on),
        STREAM(test_site_of_the_village),
        STREAM(test_overdue),
        STREAM(test_base_silent),
        STREAM(test_system),
        STREAM(test_forces_pass),
        STREAM(test_sexual_violence_is_placed_coarsely),
        STREAM(test_officer),
        STREAM(test_determinism),
        STREAM(test_streams_through_bytes),
        STREAM(test_open_alerts),
        STREAM(test_load_refuses),
        STREAM(test_figures),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
