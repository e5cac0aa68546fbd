/* test_checkpoint: the state through a file, and that no damaged or foreign file is believed.
 * checkpoint.c belongs to the daemon and stands in no library. */
#include "../../daemons/classifier/checkpoint.c"

#include "core_fixture.h"

static struct fixture fx;
static char dir[] = "/tmp/tocsin-unit.XXXXXX";
static char path[64];
static struct position at_seven;

static void
nothing(void *arg, const struct alert_event *ev, const struct derivation *d)
{
    (void)arg;
    (void)ev;
    (void)d;
}

/* A core that has taken a few reports. */
static struct core *
some_core(uint64_t n)
{
    struct core *c = core_new(&fx.k);

    assert_non_null(c);
    for (uint64_t i = 1; i <= n; i++) {
        struct told t;
        told_init(&t, i, "gao", T0 + (int64_t)i * MINUTE_US, EV_ARMED_ATTACK,
                  TARGET_BIT(TG_CIVILIANS), at(16.27 + 0.1 * (double)i, -0.04));
        assert_int_equal(core_step(c, told_record(&t), nothing, NULL), 0);
    }
    return c;
}

static int
setup(void **state)
{
    (void)state;
    fixture_init(&fx);
    memset(fx.k.digest, 1, DIGEST_LEN);
    memset(&at_seven, 0, sizeof at_seven);
    memset(at_seven.journal.b, 'J', ID_LEN);
    at_seven.seq = UINT64_C(0x0102030405060708);
    memset(at_seven.digest, 9, DIGEST_LEN);
    if (mkdtemp(dir) == NULL)
        return -1;
    (void)snprintf(path, sizeof path, "%s/checkpoint", dir);
    return 0;
}

static int
teardown(void **state)
{
    char cmd[64];

    (void)state;
    fixture_fini(&fx);
    (void)snprintf(cmd, sizeof cmd, "rm -rf %s", dir);
    return system(cmd);
}

static void
write_good(void)
{
    struct core *c = some_core(3);
    struct err e = {.text = ""};

    memset(fx.k.digest, 1, DIGEST_LEN);
    if (checkpoint_write(path, &at_seven, c, &e) < 0)
        fail_msg("%s", e.text);
    core_free(c);
}

static bool
refused(void)
{
    struct position p = {.seq = 42};
    struct core *c = NULL;
    struct err e = {.text = ""};
    int rc = checkpoint_read(path, &fx.k, &p, &c, &e);

    if (rc == 0) {
        core_free(c);
        return false;
    }
    assert_int_equal(rc, 1);
    assert_int_not_equal(e.text[0], '\0');
    return true;
}

static void
test_back(void **state)
{
    struct core *c = some_core(3), *back = NULL;
    struct position p;
    struct buf a, b;
    struct err e = {.text = ""};

    (void)state;
    assert_int_equal(checkpoint_write(path, &at_seven, c, &e), 0);
    assert_int_equal(checkpoint_read(path, &fx.k, &p, &back, &e), 0);
    assert_int_equal(id_cmp(&p.journal, &at_seven.journal), 0);
    assert_true(p.seq == at_seven.seq);
    assert_memory_equal(p.digest, at_seven.digest, DIGEST_LEN);
    buf_init(&a, 0);
    buf_init(&b, 0);
    assert_int_equal(core_save(c, &a), 0);
    assert_int_equal(core_save(back, &b), 0);
    assert_int_equal(a.len, b.len);
    assert_memory_equal(a.data, b.data, a.len);
    buf_fini(&a);
    buf_fini(&b);
    core_free(c);
    core_free(back);
    /* A later one replaces it, and leaves nothing beside it. */
    c = some_core(5);
    at_seven.seq++;
    assert_int_equal(checkpoint_write(path, &at_seven, c, &e), 0);
    core_free(c);
    assert_int_equal(checkpoint_read(path, &fx.k, &p, &back, &e), 0);
    assert_true(p.seq == at_seven.seq);
    core_free(back);
    char next[80];
    (void)snprintf(next, sizeof next, "%s.next", path);
    assert_int_equal(access(next, F_OK), -1);
}

static void
test_none(void **state)
{
    (void)state;
    (void)unlink(path);
    assert_true(refused());
}

static void
test_foreign(void **state)
{
    (void)state;
    write_good();
    assert_false(refused());
    memset(fx.k.digest, 2, DIGEST_LEN); /* another configuration */
    assert_true(refused());
    memset(fx.k.digest, 1, DIGEST_LEN);
}

static void
replace(const char *data, size_t n)
{
    FILE *f = fopen(path, "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

/* Cut anywhere or with a changed byte in the state it is refused; what lies in front of the
 * state, its position, is compared with the journal by the caller. */
static void
test_damaged(void **state)
{
    size_t n = 0;
    struct err e = {.text = ""};
    char *good;

    (void)state;
    write_good();
    good = read_all(path, &n, &e);
    assert_non_null(good);
    size_t step = n / 97 + 1;
    for (size_t cut = 0; cut < n; cut += cut < HEAD + 8 ? 1 : step) {
        replace(good, cut);
        assert_true(refused());
    }
    for (size_t i = 0; i < n; i += i < HEAD + 64 ? 1 : step) {
        if (i >= 8 && i < HEAD)
            continue;
        good[i] = (char)(good[i] ^ 0x10);
        replace(good, n);
        assert_true(refused());
        good[i] = (char)(good[i] ^ 0x10);
    }
    replace(good, n);
    assert_false(refused());
    free(good);
    replace("", 0);
    assert_true(refused());
}

static void
test_nowhere(void **state)
{
    struct core *c = some_core(1);
    struct err e = {.text = ""};

    (void)state;
    assert_int_equal(checkpoint_write("/nonexistent/checkpoint", &at_seven, c, &e), -1);
    assert_non_null(strstr(e.text, "/nonexistent/checkpoint"));
    core_free(c);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_back),    cmocka_unit_test(test_none),
        cmocka_unit_test(test_foreign), cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_nowhere),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
