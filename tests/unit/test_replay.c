/* test_replay: the states of a replay session, and that they outlive a restart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "replay.h"

enum step { BEGIN, BEGIN_FULL, END_SHIFTED, END_KEPT, OTHER };

/* Every state x step: what comes of it. */
static void
test_table(void **state)
{
    static const struct {
        enum replay_state from;
        enum step step;
        enum replay_state to;
        bool refused, told;
    } t[] = {
        {REPLAY_LIVE, BEGIN, REPLAY_OPEN, false, false},
        {REPLAY_LIVE, BEGIN_FULL, REPLAY_LIVE, true, false},
        {REPLAY_LIVE, END_SHIFTED, REPLAY_LIVE, false, false},
        {REPLAY_LIVE, END_KEPT, REPLAY_LIVE, false, false},
        {REPLAY_LIVE, OTHER, REPLAY_LIVE, false, false},
        {REPLAY_OPEN, BEGIN, REPLAY_OPEN, false, false},
        {REPLAY_OPEN, BEGIN_FULL, REPLAY_OPEN, false, false},
        {REPLAY_OPEN, END_SHIFTED, REPLAY_LIVE, false, false},
        {REPLAY_OPEN, END_KEPT, REPLAY_PAST, false, false},
        {REPLAY_OPEN, OTHER, REPLAY_OPEN, false, false},
        {REPLAY_PAST, BEGIN_FULL, REPLAY_PAST, true, false},
        {REPLAY_PAST, END_SHIFTED, REPLAY_PAST, false, false},
        {REPLAY_PAST, END_KEPT, REPLAY_PAST, false, false},
        {REPLAY_PAST, OTHER, REPLAY_LIVE, false, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        struct replay r = {.state = t[i].from};
        const char *why = NULL;
        bool told = false;
        switch (t[i].step) {
        case BEGIN:
            why = replay_begin(&r, 0);
            break;
        case BEGIN_FULL:
            why = replay_begin(&r, 17);
            break;
        case END_SHIFTED:
            why = replay_end(&r, false);
            break;
        case END_KEPT:
            why = replay_end(&r, true);
            break;
        case OTHER:
            told = replay_live(&r);
            break;
        }
        if (r.state != t[i].to || (why != NULL) != t[i].refused || told != t[i].told)
            fail_msg("row %zu: state %d, %s, told %d", i, (int)r.state, why ? why : "-", told);
        assert_int_equal(replay_open(&r), t[i].to == REPLAY_OPEN);
        assert_int_equal(replay_ticks(&r), t[i].to == REPLAY_LIVE);
    }
}

static void
test_disk(void **state)
{
    char dir[] = "/tmp/tocsin-unit.XXXXXX", path[64], cmd[64];
    struct journal *j = NULL;
    struct err e = {.text = ""};
    struct replay r = {.state = REPLAY_PAST};

    (void)state;
    assert_non_null(mkdtemp(dir));
    (void)snprintf(path, sizeof path, "%s/journal.db", dir);
    assert_int_equal(journal_open(path, "journal", true, DURABILITY_NONE, &j, &e), 0);
    assert_int_equal(replay_load(&r, j, &e), 0);
    assert_int_equal(r.state, REPLAY_LIVE);
    for (int s = REPLAY_LIVE; s <= REPLAY_PAST; s++) {
        struct replay saved = {.state = (enum replay_state)s};
        assert_int_equal(replay_save(&saved, j, &e), 0);
        assert_int_equal(journal_commit(j, &e), 0);
        journal_close(j);
        assert_int_equal(journal_open(path, "journal", true, DURABILITY_NONE, &j, &e), 0);
        assert_int_equal(replay_load(&r, j, &e), 0);
        assert_int_equal(r.state, s);
    }
    /* What was not committed is taken back. */
    struct replay open = {.state = REPLAY_OPEN};
    assert_int_equal(replay_save(&open, j, &e), 0);
    assert_int_equal(journal_rollback(j, &e), 0);
    assert_int_equal(replay_load(&r, j, &e), 0);
    assert_int_equal(r.state, REPLAY_PAST);
    /* What is no state is the harmless one. */
    assert_int_equal(journal_put(j, "replay", "state", 5, "\x09", 1, &e), 0);
    assert_int_equal(replay_load(&r, j, &e), 0);
    assert_int_equal(r.state, REPLAY_LIVE);
    assert_int_equal(journal_put(j, "replay", "state", 5, "\x01\x01", 2, &e), 0);
    assert_int_equal(replay_load(&r, j, &e), 0);
    assert_int_equal(r.state, REPLAY_LIVE);
    journal_close(j);
    (void)snprintf(cmd, sizeof cmd, "rm -rf %s", dir);
    assert_int_equal(system(cmd), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_disk),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
