/* assess: matrix and precedence complete; what reasons say adds up; who may be FLASH. */
#include "core_fixture.h"

#include "assess.h"

static struct fixture fx;

static int
setup(void **state)
{
    (void)state;
    fixture_init(&fx);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    fixture_fini(&fx);
    return 0;
}

static struct facts
facts_of(enum event_type event, uint32_t named)
{
    return (struct facts){
        .event = event,
        .mode = MODE_FACT,
        .status = ST_ACTUAL,
        .named = named,
        .sources = 1,
        .active = true,
        .timely = true,
        .harm = {{-1, -1}, {-1, -1}, {-1, -1}},
    };
}

static const struct relation place = {.asset = RELATION_PLACE, .contact_s = NO_CONTACT};
static const struct relation nobody = {.asset = RELATION_NONE, .contact_s = NO_CONTACT};

static void
test_matrix(void **state)
{
    static const char *const want[5][5] = {
        {"very low", "very low", "very low", "low", "low"},
        {"very low", "low", "low", "medium", "medium"},
        {"very low", "low", "medium", "high", "high"},
        {"low", "medium", "high", "high", "very high"},
        {"low", "medium", "high", "very high", "unacceptable"},
    };

    (void)state;
    for (int l = 0; l < 5; l++)
        for (int i = 0; i < 5; i++)
            assert_string_equal(risk_name(fx.k.matrix[l][i]), want[l][i]);
}

static void
test_precedence(void **state)
{
    static const struct {
        enum risk risk;
        enum precedence later, soon;
    } table[] = {
        {RISK_UNKNOWN, PR_ROUTINE, PR_ROUTINE},  {RISK_VERY_LOW, PR_ROUTINE, PR_ROUTINE},
        {RISK_LOW, PR_ROUTINE, PR_ROUTINE},      {RISK_MEDIUM, PR_PRIORITY, PR_PRIORITY},
        {RISK_HIGH, PR_IMMEDIATE, PR_IMMEDIATE}, {RISK_VERY_HIGH, PR_IMMEDIATE, PR_FLASH},
        {RISK_UNACCEPTABLE, PR_FLASH, PR_FLASH},
    };

    (void)state;
    assert_int_equal(sizeof table / sizeof table[0], RISK_COUNT);
    for (int i = 0; i < RISK_COUNT; i++) {
        assert_int_equal(assess_precedence(table[i].risk, false), table[i].later);
        assert_int_equal(assess_precedence(table[i].risk, true), table[i].soon);
    }
}

/* By hand: the weights add up to the figures, for every event and every circumstance. */
static void
test_reasons_add_up(void **state)
{
    (void)state;
    for (int e = 0; e < EVENT_COUNT; e++)
        for (int m = 0; m < MODE_COUNT; m++)
            for (unsigned bits = 0; bits < 2048; bits++) {
                struct facts f = facts_of((enum event_type)e, TARGET_BIT(TG_CONVOY));
                struct relation r = {.asset = 3, .distance_m = 3200, .contact_s = NO_CONTACT};
                struct verdict v;
                uint32_t l, i;
                int sum_l = 0, sum_i = 0;

                f.mode = (enum mode)m;
                f.active = bits & 1;
                f.marks = bits & 2 ? MARK_SIEGE : MARK_SEXUAL_VIOLENCE;
                f.harm.killed.least = bits & 4 ? 60 : bits & 8 ? 12 : -1;
                f.harm.wounded.least = bits & 16 ? 10 : 0;
                f.harm.taken.least = bits & 32 ? 5 : 0;
                r.flags = (uint16_t)bits;
                r.contact_s = bits & 64 ? 600 : bits & 128 ? 20000 : NO_CONTACT;
                assess(&fx.k, &f, TG_CONVOY, &r, &v);
                for (size_t k = 0; k < v.n_reasons; k++) {
                    if (v.reasons[k].code >= RS_FIRST_IMPACT)
                        sum_i += v.reasons[k].weight;
                    else
                        sum_l += v.reasons[k].weight;
                }
                sum_l = sum_l < 1 ? 1 : sum_l > 5 ? 5 : sum_l;
                sum_i = sum_i < 1 ? 1 : sum_i > 5 ? 5 : sum_i;
                assert_int_equal(v.likelihood, sum_l);
                assert_int_equal(v.impact, sum_i);
                assess_recompute(v.reasons, v.n_reasons, &l, &i);
                assert_int_equal(l, v.likelihood);
                assert_int_equal(i, v.impact);
                assert_int_equal(v.risk, fx.k.matrix[l - 1][i - 1]);
                assert_true(v.n_reasons < MAX_REASONS);
            }
}

static void
test_attack_in_progress(void **state)
{
    static const enum target people[] = {TG_CONVOY, TG_BASE, TG_CIVILIANS};
    struct verdict v;

    (void)state;
    for (int e = 0; e < EVENT_COUNT; e++) {
        if (!fx.k.events[e].attack)
            continue;
        for (int t = 0; t < 3; t++) {
            struct facts f = facts_of((enum event_type)e, TARGET_BIT(people[t]));

            assess(&fx.k, &f, people[t], people[t] == TG_CIVILIANS ? &place : &nobody, &v);
            assert_int_equal(v.precedence, PR_FLASH);
            assert_int_equal(v.rule, PRULE_ATTACK);
            f.doubted = f.low_grade = true; /* credibility 5 */
            assess(&fx.k, &f, people[t], &nobody, &v);
            assert_int_equal(v.precedence, PR_IMMEDIATE);
            assert_int_equal(v.rule, PRULE_DOUBTED);
            assert_true(v.unconfirmed);
            f.doubted = false; /* credibility 4, reliability E: as loud, but unconfirmed */
            assess(&fx.k, &f, people[t], &nobody, &v);
            assert_int_equal(v.precedence, PR_FLASH);
            assert_true(v.unconfirmed);
            f.mode = MODE_CLAIM; /* not told as a fact: the matrix alone */
            f.active = false;
            assess(&fx.k, &f, people[t], &nobody, &v);
            assert_true(v.precedence < PR_FLASH || v.risk == RISK_UNACCEPTABLE);
            f.status = ST_EXERCISE;
            assess(&fx.k, &f, people[t], &nobody, &v);
            assert_int_equal(v.precedence, PR_ROUTINE);
        }
    }
}

/* The same attack on a convoy, graded A1 by a base, and on a village by whoever reports it and
 * however that is graded: the same figures and precedence, for every attack, mode and harm; only
 * a report graded credibility 5 is told as IMMEDIATE, for a convoy as for a village. */
static void
test_convoy_and_village_alike(void **state)
{
    static const int32_t killed[] = {-1, 0, 1, 10, 50};

    (void)state;
    for (int e = 0; e < EVENT_COUNT; e++)
        for (int m = MODE_FACT; m <= MODE_DENIAL; m++)
            for (unsigned bits = 0; bits < 64; bits++)
                for (int h = 0; h < 5; h++) {
                    struct facts convoy = facts_of((enum event_type)e, TARGET_BIT(TG_CONVOY));
                    struct facts village = facts_of((enum event_type)e, TARGET_BIT(TG_CIVILIANS));
                    struct verdict a, b;

                    if (!fx.k.events[e].attack)
                        continue;
                    convoy.mode = village.mode = (enum mode)m;
                    convoy.active = village.active = bits & 1;
                    convoy.timely = village.timely = bits & 2;
                    convoy.harm.killed.least = village.harm.killed.least = killed[h];
                    convoy.high_grade = convoy.own = true;
                    village.low_grade = bits & 4;
                    village.high_grade = bits & 8;
                    convoy.doubted = village.doubted = bits & 16;
                    village.own = bits & 32;
                    assess(&fx.k, &convoy, TG_CONVOY, &nobody, &a);
                    assess(&fx.k, &village, TG_CIVILIANS, &place, &b);
                    assert_int_equal(a.precedence, b.precedence);
                    assert_int_equal(a.rule, b.rule);
                    assert_int_equal(a.likelihood, b.likelihood);
                    assert_int_equal(a.impact, b.impact);
                    assert_int_equal(a.urgency, b.urgency);
                    assert_int_equal(b.unconfirmed, village.low_grade);
                }
}

/* How many live at a place counts where something kills; unknown is not many. */
static void
test_population(void **state)
{
    struct relation town = {
        .asset = RELATION_PLACE, .flags = REL_POPULOUS, .contact_s = NO_CONTACT};

    (void)state;
    for (int e = 0; e < EVENT_COUNT; e++) {
        struct facts f = facts_of((enum event_type)e, TARGET_BIT(TG_CIVILIANS));
        uint32_t more = fx.k.events[e].impact == 4;
        struct verdict hamlet, many;

        assess(&fx.k, &f, TG_CIVILIANS, &place, &hamlet);
        assess(&fx.k, &f, TG_CIVILIANS, &town, &many);
        assert_int_equal(many.impact, hamlet.impact + more);
        assert_int_equal(many.likelihood, hamlet.likelihood);
        assert_int_equal(many.n_reasons, hamlet.n_reasons + (fx.k.events[e].impact >= 4));
    }
}

static void
test_late_and_mass(void **state)
{
    struct facts f = facts_of(EV_INDIRECT_FIRE, TARGET_BIT(TG_BASE));
    struct verdict v;

    (void)state;
    f.active = f.timely = false;
    assess(&fx.k, &f, TG_BASE, &nobody, &v);
    assert_int_equal(v.precedence, PR_ROUTINE);
    assert_int_equal(v.rule, PRULE_OVER);
    assert_int_equal(v.urgency, UR_PAST);
    f.harm.killed = (struct range){10, 12};
    assess(&fx.k, &f, TG_BASE, &nobody, &v);
    assert_int_equal(v.precedence, PR_PRIORITY);
    assert_int_equal(v.rule, PRULE_MASS);
}

static void
test_mine_ahead(void **state)
{
    struct facts f = facts_of(EV_IED_MINE, 0);
    struct relation r = {.asset = 1, .distance_m = 9000, .flags = REL_ON_ROUTE, .contact_s = 810};
    struct verdict v;

    (void)state;
    f.active = false;
    assess(&fx.k, &f, TG_CONVOY, &r, &v);
    assert_int_equal(v.precedence, PR_FLASH);
    assert_int_equal(v.rule, PRULE_CONTACT);
    r.contact_s = 7200;
    assess(&fx.k, &f, TG_CONVOY, &r, &v);
    assert_int_equal(v.precedence, PR_IMMEDIATE);
    /* without air cover the same weighs more */
    uint32_t before = v.likelihood;
    f.mode = MODE_WARNING;
    assess(&fx.k, &f, TG_CONVOY, &r, &v);
    assert_true(v.likelihood < before);
    before = v.likelihood;
    r.flags |= REL_NO_AIR;
    assess(&fx.k, &f, TG_CONVOY, &r, &v);
    assert_true(v.likelihood > before);
}

/* What a quiet day is made of stays quiet. */
static void
test_quiet_kinds(void **state)
{
    static const struct {
        enum event_type event;
        enum precedence most;
    } kinds[] = {
        {EV_DEMONSTRATION, PR_ROUTINE},  {EV_CRIME, PR_ROUTINE},
        {EV_ARREST, PR_ROUTINE},         {EV_DISPLACEMENT, PR_ROUTINE},
        {EV_DISINFORMATION, PR_ROUTINE}, {EV_ACCESS_DENIAL, PR_ROUTINE},
        {EV_HAZARD, PR_ROUTINE},         {EV_ARMED_PRESENCE, PR_PRIORITY},
        {EV_THREAT, PR_PRIORITY},        {EV_ASSAULT, PR_PRIORITY},
    };
    struct verdict v;

    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct facts f = facts_of(kinds[i].event, TARGET_BIT(TG_CIVILIANS));

        f.active = false;
        assess(&fx.k, &f, TG_CIVILIANS, &place, &v);
        assert_true(v.precedence <= kinds[i].most);
    }
}

static void
test_certainty(void **state)
{
    static const struct {
        enum mode mode;
        uint32_t sources;
        bool high, low, doubted;
        enum certainty want;
    } table[] = {
        {MODE_FACT, 1, false, false, false, CT_LIKELY},
        {MODE_FACT, 1, true, false, false, CT_OBSERVED},
        {MODE_FACT, 2, false, false, false, CT_OBSERVED},
        {MODE_FACT, 1, false, true, false, CT_POSSIBLE},
        {MODE_FACT, 1, false, true, true, CT_UNLIKELY},
        {MODE_CLAIM, 1, false, false, false, CT_POSSIBLE},
        {MODE_CLAIM, 2, false, false, false, CT_LIKELY},
        {MODE_WARNING, 1, false, false, false, CT_POSSIBLE},
        {MODE_WARNING, 1, true, false, false, CT_LIKELY},
        {MODE_RUMOUR, 1, false, false, false, CT_UNLIKELY},
        {MODE_RUMOUR, 2, false, false, false, CT_POSSIBLE},
        {MODE_DENIAL, 3, false, false, false, CT_UNLIKELY},
        {MODE_UNKNOWN, 1, false, false, false, CT_UNKNOWN},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct facts f = facts_of(EV_ARMED_ATTACK, 0);

        f.mode = table[i].mode;
        f.sources = table[i].sources;
        f.high_grade = table[i].high;
        f.low_grade = table[i].low;
        f.doubted = table[i].doubted;
        assert_int_equal(assess_certainty(&f), table[i].want);
    }
}

static void
test_harm_steps_and_floor(void **state)
{
    struct harm h = {{-1, -1}, {-1, -1}, {-1, -1}};
    struct verdict v;
    struct facts f = facts_of(EV_CRIME, 0);
    uint32_t last;

    (void)state;
    assert_int_equal(assess_harm_steps(&h), 0);
    h.killed.least = 1;
    last = assess_harm_steps(&h);
    assert_int_equal(last, 1);
    h.killed.least = 9;
    assert_int_equal(assess_harm_steps(&h), last);
    h.killed.least = 10;
    h.wounded.least = 60;
    h.taken.least = 5;
    assert_int_equal(assess_harm_steps(&h), 2 + 3 + 2);
    assess(&fx.k, &f, TG_CIVILIANS, &place, &v);
    assess_floor(&v, PR_FLASH);
    assert_int_equal(v.precedence, PR_FLASH);
    assert_int_equal(v.rule, PRULE_CIVILIANS);
    assess_floor(&v, PR_ROUTINE);
    assert_int_equal(v.precedence, PR_FLASH);
    assess_fixed(&fx.k, &f, RS_OVERDUE, 90, 4, 3, PR_IMMEDIATE, PRULE_PATTERN, &v);
    assert_int_equal(v.risk, RISK_HIGH);
    assert_int_equal(v.n_reasons, 2);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matrix),
        cmocka_unit_test(test_precedence),
        cmocka_unit_test(test_reasons_add_up),
        cmocka_unit_test(test_attack_in_progress),
        cmocka_unit_test(test_convoy_and_village_alike),
        cmocka_unit_test(test_population),
        cmocka_unit_test(test_late_and_mass),
        cmocka_unit_test(test_mine_ahead),
        cmocka_unit_test(test_quiet_kinds),
        cmocka_unit_test(test_certainty),
        cmocka_unit_test(test_harm_steps_and_floor),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
