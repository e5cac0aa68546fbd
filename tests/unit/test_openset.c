/* test_openset: the set of open alerts against a plain array, under random adding and removing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "openset.h"

#define IDS 4000
#define OPS 100000

static uint64_t
next(uint64_t *s)
{
    *s ^= *s << 13;
    *s ^= *s >> 7;
    *s ^= *s << 17;
    return *s;
}

/* Few different hashes, so that runs are long; and some that wrap at the table's end. */
static struct id
id_of(size_t i)
{
    struct id id;
    uint64_t hash = i % 3 == 0 ? i % 97 : i % 3 == 1 ? UINT64_MAX - i % 13 : i * UINT64_C(0x9e37);

    memset(&id, 0, sizeof id);
    memcpy(id.b, &i, sizeof i);
    memcpy(id.b + 8, &hash, sizeof hash);
    return id;
}

static void
compare(const struct openset *s, struct open_alert *const *model, size_t count)
{
    struct open_alert **all = NULL;
    size_t n = openset_sorted(s, &all), there = 0;

    assert_non_null(all);
    assert_int_equal(n, count);
    assert_int_equal(openset_count(s), count);
    for (size_t i = 1; i < n; i++)
        assert_true(id_cmp(&all[i - 1]->id, &all[i]->id) < 0);
    free(all);
    for (size_t i = 0; i < IDS; i++) {
        struct id id = id_of(i);
        assert_ptr_equal(openset_find(s, &id), model[i]);
        there += model[i] != NULL;
    }
    assert_int_equal(there, count);
}

static void
test_model(void **state)
{
    static struct open_alert *model[IDS];
    struct openset *s = openset_new();
    uint64_t seed = 88172645463325252u;
    size_t count = 0;

    (void)state;
    assert_non_null(s);
    memset(model, 0, sizeof model);
    for (size_t op = 0; op < OPS; op++) {
        size_t i = next(&seed) % IDS;
        /* Now it grows, now it shrinks. */
        bool add = next(&seed) % 10 < (op / 20000 % 2 == 0 ? 7u : 3u);
        struct id id = id_of(i);
        if (add) {
            struct open_alert *a = openset_add(s, &id);
            assert_non_null(a);
            if (model[i] == NULL) {
                assert_int_equal(a->state, AS_UNKNOWN);
                assert_null(a->timer);
                a->step = (uint32_t)i;
                model[i] = a;
                count++;
            }
            assert_ptr_equal(a, model[i]);
        } else {
            openset_remove(s, &id);
            count -= model[i] != NULL;
            model[i] = NULL;
        }
        assert_ptr_equal(openset_find(s, &id), model[i]);
        if (model[i] != NULL)
            assert_int_equal(model[i]->step, i);
        if (op % 5000 == 0)
            compare(s, model, count);
    }
    compare(s, model, count);
    openset_free(s);
}

static void
test_edges(void **state)
{
    struct openset *s = openset_new();
    struct open_alert **all = NULL;
    struct id id = id_of(1);

    (void)state;
    openset_free(NULL);
    assert_non_null(s);
    assert_null(openset_find(s, &id));
    openset_remove(s, &id);
    assert_int_equal(openset_sorted(s, &all), 0);
    assert_non_null(all);
    free(all);
    openset_free(s);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    (void)arg;
    fail();
}

/* The timer goes with its alert. */
static void
test_timers(void **state)
{
    struct event_base *base = event_base_new();
    struct openset *s = openset_new();
    struct timeval soon = {0};

    (void)state;
    assert_non_null(base);
    for (size_t i = 0; i < 2; i++) {
        struct id id = id_of(i);
        struct open_alert *a = openset_add(s, &id);
        a->timer = evtimer_new(base, on_timer, a);
        assert_non_null(a->timer);
        assert_int_equal(event_add(a->timer, &soon), 0);
    }
    struct id id = id_of(0);
    openset_remove(s, &id);
    openset_free(s);
    assert_int_equal(event_base_loop(base, EVLOOP_NONBLOCK), 1);
    event_base_free(base);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_model),
        cmocka_unit_test(test_edges),
        cmocka_unit_test(test_timers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
