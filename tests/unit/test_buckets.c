/* buckets: items under keys, and the cells that hold a circle. */
#include "core_fixture.h"

#include "buckets.h"

static uint32_t
count(const struct buckets *b, uint64_t key)
{
    uint32_t n = 0;

    for (uint32_t i = buckets_first(b, key); i != NOTHING; i = buckets_next(b, i))
        n++;
    return n;
}

static void
test_items(void **state)
{
    struct buckets b;

    (void)state;
    assert_int_equal(buckets_init(&b, 100), 0);
    buckets_drop(&b, 5); /* not in */
    for (uint32_t i = 0; i < 100; i++)
        buckets_put(&b, i, i % 3);
    assert_int_equal(count(&b, 0), 34);
    assert_int_equal(count(&b, 1), 33);
    assert_int_equal(count(&b, 3), 0);
    for (uint32_t i = 0; i < 100; i += 3)
        buckets_put(&b, i, 128 + 1); /* shares a chain with key 1 */
    assert_int_equal(count(&b, 0), 0);
    assert_int_equal(count(&b, 129), 34);
    assert_int_equal(count(&b, 1), 33);
    for (uint32_t i = 0; i < 100; i++)
        buckets_drop(&b, i);
    for (uint64_t k = 0; k < 200; k++)
        assert_int_equal(buckets_first(&b, k), NOTHING);
    buckets_fini(&b);
}

/* Every point within the distance lies in one of the cells, anywhere on the globe. */
static void
test_cells_hold_the_circle(void **state)
{
    static const struct {
        double lat, lon;
    } centres[] = {{16.27, -0.04}, {0, 0},   {-33.9, 18.4}, {60, 179.99},
                   {-60, -179.99}, {88, 10}, {15, -0.25},   {16.25, 0}};
    static const uint32_t metres[] = {0, 1000, 30000, 100000};

    (void)state;
    for (size_t i = 0; i < sizeof centres / sizeof centres[0]; i++)
        for (size_t m = 0; m < 4; m++)
            for (uint32_t deg = 0; deg < 360; deg += 15) {
                struct geo_pt c = at(centres[i].lat, centres[i].lon);
                struct geo_pt p = geo_destination(c, deg, metres[m]);
                struct cells cells = cells_around(c, metres[m]);
                uint64_t want = cell_of(p, 7);
                bool found = false;

                CELLS_EACH(cells, 7, key)
                found |= key == want;
                assert_true(found);
            }
}

static void
test_keys(void **state)
{
    (void)state;
    assert_int_equal(key_text(NULL), 0);
    assert_true(key_text("a") != key_text("b"));
    assert_true(key_text("a") == key_text("a"));
    assert_true(cell_of(at(1, 1), 1) != cell_of(at(1, 1), 2));
    assert_true(key_mix(1, 2) != key_mix(2, 1));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_items),
        cmocka_unit_test(test_cells_hold_the_circle),
        cmocka_unit_test(test_keys),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
