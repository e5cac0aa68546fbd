/* outcome: what two sides make of the same records, and which of their alerts belong together.
 * outcome.c belongs to the tool and stands in no library. */
#include "core_fixture.h"

#include "../../tools/outcome.c"

static struct fixture fx, fy;
static struct outcome a, b;
static struct arena *arena;

static int
setup(void **state)
{
    (void)state;
    fixture_init(&fx);
    fixture_init(&fy);
    arena = arena_new(0);
    assert_non_null(arena);
    assert_int_equal(outcome_init(&a, &fx.k), 0);
    assert_int_equal(outcome_init(&b, &fy.k), 0);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    outcome_fini(&a);
    outcome_fini(&b);
    arena_free(arena);
    fixture_fini(&fx);
    fixture_fini(&fy);
    return 0;
}

/* A record as each side reads it; NULL: it has none. */
static void
step(struct told *x, struct told *y)
{
    assert_int_equal(outcome_step(&a, told_record(x), &fy.k, told_record(y)), 0);
    assert_int_equal(outcome_step(&b, told_record(y), &fx.k, told_record(x)), 0);
}

static uint32_t
compare(const struct outcome_pair *p)
{
    const struct alert_event *ea = outcome_event(p->a, arena), *eb = outcome_event(p->b, arena);

    assert_non_null(ea);
    assert_non_null(eb);
    return outcome_compare(p->a, ea, p->b, eb);
}

static void
test_same(void **state)
{
    struct outcome_pair *v;
    struct told x;
    size_t n;

    (void)state;
    told_init(&x, 1, "ops", T0, EV_AMBUSH, TARGET_BIT(TG_CONVOY), at(16.4, -0.05));
    step(&x, &x);
    v = outcome_pairs(&a, &b, &n);
    assert_non_null(v);
    assert_int_equal(n, 1);
    assert_int_equal(compare(&v[0]), 0);
    assert_true(v[0].a->read);
    assert_int_equal(v[0].a->other.event, EV_AMBUSH);
    assert_int_equal(a.pages[PR_FLASH] + a.pages[PR_IMMEDIATE], v[0].a->pages);
    free(v);
}

static void
test_figure(void **state)
{
    const uint32_t risk = 1u << OF_RISK, reasons = 1u << OF_REASONS;
    struct outcome_pair *v;
    struct told x;
    size_t n;

    (void)state;
    fy.k.events[EV_AMBUSH].impact = 1;
    told_init(&x, 1, "ops", T0, EV_AMBUSH, TARGET_BIT(TG_CONVOY), at(16.4, -0.05));
    step(&x, &x);
    v = outcome_pairs(&a, &b, &n);
    assert_non_null(v);
    assert_int_equal(n, 1);
    assert_int_equal(compare(&v[0]) & (risk | reasons), risk | reasons);
    free(v);
}

/* What differs only on the way is a difference too. */
static void
test_course(void **state)
{
    struct outcome_pair *v;
    struct told x, y;
    size_t n;

    (void)state;
    told_init(&x, 1, "ops", T0, EV_AMBUSH, TARGET_BIT(TG_CONVOY), at(16.4, -0.05));
    y = x;
    y.f.place.name = "Elsewhere";
    step(&x, &y);
    told_init(&x, 2, "other", T0 + MINUTE_US, EV_AMBUSH, TARGET_BIT(TG_CONVOY), at(16.4, -0.05));
    x.in.reliability = 'A';
    x.in.credibility = 1;
    x.f.place.radius_m = 100;
    x.f.place.name = "Gao";
    harm_killed(&x, 1, 1);
    step(&x, &x);
    v = outcome_pairs(&a, &b, &n);
    assert_non_null(v);
    assert_int_equal(n, 1);
    assert_int_equal(v[0].a->told, 2);
    assert_int_equal(compare(&v[0]), 1u << OF_COURSE);
    free(v);
}

static void
test_only_one_side(void **state)
{
    struct outcome_pair *v;
    struct told x, y;
    size_t n;

    (void)state;
    told_init(&x, 1, "ops", T0, EV_AMBUSH, TARGET_BIT(TG_CONVOY), at(16.4, -0.05));
    y = x;
    y.f.alertworthy = false;
    y.f.event = EV_NONE;
    y.f.targets = 0;
    step(&x, &y);
    v = outcome_pairs(&a, &b, &n);
    assert_non_null(v);
    assert_int_equal(n, 1);
    assert_null(v[0].b);
    assert_true(v[0].a->read);
    assert_true(v[0].a->own.alertworthy);
    assert_int_equal(v[0].a->other.event, EV_NONE);
    free(v);
}

/* Another target is another id; in one situation it is the same alert, changed. */
static void
test_other_target(void **state)
{
    struct outcome_pair *v;
    struct told x, y;
    size_t n;

    (void)state;
    told_init(&x, 1, "ops", T0, EV_KIDNAPPING, TARGET_BIT(TG_CONVOY), at(16.4, -0.05));
    y = x;
    y.f.targets = TARGET_BIT(TG_BASE);
    step(&x, &y);
    told_init(&x, 2, "ops", T0 + HOUR_US, EV_KIDNAPPING, TARGET_BIT(TG_CONVOY), at(14.5, -4.2));
    step(&x, &x);
    v = outcome_pairs(&a, &b, &n);
    assert_non_null(v);
    assert_int_equal(n, 2);
    assert_non_null(v[0].a);
    assert_non_null(v[0].b);
    assert_int_not_equal(id_cmp(&v[0].a->id, &v[0].b->id), 0);
    assert_true(compare(&v[0]) & 1u << OF_TARGET);
    assert_int_equal(compare(&v[1]), 0);
    free(v);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_same),          TEST(test_figure),       TEST(test_course),
        TEST(test_only_one_side), TEST(test_other_target),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
