/* test_held: whether a decision may be stored, every case, and the position on disk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "held.h"

static struct position
at(char journal, uint64_t seq, uint8_t digest)
{
    struct position p = {.seq = seq};

    memset(p.journal.b, journal, ID_LEN);
    memset(p.digest, digest, DIGEST_LEN);
    return p;
}

static struct decision
move(uint64_t term, uint8_t config, struct position from, struct position to, bool reconcile)
{
    struct decision d = {.term = term, .from = from, .to = to, .reconcile = reconcile};

    memset(d.config_digest, config, DIGEST_LEN);
    return d;
}

static void
test_judge(void **state)
{
    struct held none, held = {.position = at('J', 100, 7), .term = 3};
    struct position zero;

    (void)state;
    memset(&none, 0, sizeof none);
    memset(&zero, 0, sizeof zero);
    memset(held.digest, 1, DIGEST_LEN);

    const struct {
        const char *what;
        const struct held *h;
        struct decision d;
        enum receipt_status want;
        const char *why; /* part of it; NULL = none is given */
    } t[] = {
        {"asks an empty notifier", &none, move(0, 1, zero, zero, false), RC_RETRY, "asked"},
        {"asks", &held, move(0, 1, held.position, at('J', 101, 8), false), RC_RETRY, "asked"},
        {"asks with a reconciliation", &held, move(0, 1, zero, zero, true), RC_RETRY, "asked"},
        {"the very first", &none, move(1, 1, zero, at('J', 5, 2), false), RC_STORED, NULL},
        {"the first of a later term", &none, move(9, 1, at('J', 4, 1), at('J', 5, 2), false),
         RC_STORED, NULL},
        {"a first reconciliation", &none, move(2, 1, zero, at('J', 5, 2), true), RC_STORED, NULL},
        {"goes on", &held, move(3, 1, held.position, at('J', 101, 8), false), RC_STORED, NULL},
        {"a heartbeat", &held, move(3, 1, held.position, held.position, false), RC_STORED, NULL},
        {"the same again", &held, move(3, 1, at('J', 90, 6), held.position, false), RC_DUPLICATE,
         NULL},
        {"far behind", &held, move(3, 1, at('J', 1, 6), at('J', 2, 6), false), RC_DUPLICATE, NULL},
        {"reaches beyond from before", &held, move(3, 1, at('J', 90, 6), at('J', 110, 9), false),
         RC_RETRY, "does not begin"},
        {"leaves a gap", &held, move(3, 1, at('J', 105, 6), at('J', 110, 9), false), RC_RETRY,
         "does not begin"},
        {"same number, another chain", &held, move(3, 1, at('J', 100, 66), at('J', 110, 9), false),
         RC_RETRY, "does not begin"},
        {"another journal", &held, move(3, 1, at('K', 100, 7), at('K', 101, 9), false), RC_RETRY,
         "does not begin"},
        {"another journal, lower numbers", &held, move(3, 1, at('K', 0, 0), at('K', 5, 9), false),
         RC_RETRY, "does not begin"},
        {"an old term", &held, move(2, 1, held.position, at('J', 101, 8), false), RC_REJECTED,
         "higher term"},
        {"an old term reconciles", &held, move(2, 1, held.position, at('J', 101, 8), true),
         RC_REJECTED, "higher term"},
        {"an old term far behind", &held, move(2, 1, at('J', 1, 1), at('J', 2, 2), false),
         RC_REJECTED, "higher term"},
        {"a new term", &held, move(4, 2, held.position, at('J', 101, 8), true), RC_STORED, NULL},
        {"a new term of another journal", &held, move(9, 2, zero, at('K', 3, 8), true), RC_STORED,
         NULL},
        {"a new term without the open alerts", &held,
         move(4, 2, held.position, at('J', 101, 8), false), RC_REJECTED, "begins with all open"},
        {"another configuration", &held, move(3, 2, held.position, at('J', 101, 8), false),
         RC_REJECTED, "another configuration"},
        {"another configuration reconciles in our term", &held,
         move(3, 2, held.position, at('J', 101, 8), true), RC_REJECTED, "another configuration"},
        {"begins a term that has begun", &held, move(3, 1, at('J', 90, 1), held.position, true),
         RC_DUPLICATE, "begun already"},
    };

    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        const char *why = "untouched";
        enum receipt_status got = held_judge(t[i].h, &t[i].d, &why);
        if (got != t[i].want || (why == NULL) != (t[i].why == NULL) ||
            (why != NULL && strstr(why, t[i].why) == NULL))
            fail_msg("%s: %s, %s", t[i].what, receipt_status_name(got), why ? why : "-");
    }
}

static void
test_same(void **state)
{
    struct position a = at('J', 1, 1), b = a;

    (void)state;
    assert_true(held_same(&a, &b));
    b = at('K', 1, 1);
    assert_false(held_same(&a, &b));
    b = at('J', 2, 1);
    assert_false(held_same(&a, &b));
    b = at('J', 1, 2);
    assert_false(held_same(&a, &b));
}

static void
test_disk(void **state)
{
    char dir[] = "/tmp/tocsin-unit.XXXXXX", path[64], cmd[64];
    struct held h = {.position = at('J', UINT64_C(0x0102030405060708), 7),
                     .term = UINT64_C(0xfffefdfcfbfaf9f8)},
                back;
    struct journal *j = NULL;
    struct err e = {.text = ""};

    (void)state;
    memset(h.digest, 3, DIGEST_LEN);
    assert_non_null(mkdtemp(dir));
    (void)snprintf(path, sizeof path, "%s/alerts.db", dir);
    assert_int_equal(journal_open(path, "alerts", true, DURABILITY_NONE, &j, &e), 0);
    memset(&back, 9, sizeof back);
    assert_int_equal(held_load(&back, j, &e), 0);
    assert_int_equal(back.term, 0);
    assert_int_equal(back.position.seq, 0);
    assert_true(id_is_zero(&back.position.journal));
    assert_int_equal(held_save(&h, j, &e), 0);
    assert_int_equal(journal_commit(j, &e), 0);
    journal_close(j);
    assert_int_equal(journal_open(path, "alerts", true, DURABILITY_NONE, &j, &e), 0);
    assert_int_equal(held_load(&back, j, &e), 0);
    assert_true(held_same(&back.position, &h.position));
    assert_true(back.term == h.term);
    assert_memory_equal(back.digest, h.digest, DIGEST_LEN);
    /* another release's form is not guessed at */
    assert_int_equal(journal_put(j, "held", "position", 8, "short", 5, &e), 0);
    assert_int_equal(held_load(&back, j, &e), -1);
    assert_non_null(strstr(e.text, "form"));
    journal_close(j);
    (void)snprintf(cmd, sizeof cmd, "rm -rf %s", dir);
    assert_int_equal(system(cmd), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_judge),
        cmocka_unit_test(test_same),
        cmocka_unit_test(test_disk),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
