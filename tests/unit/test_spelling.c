/* test_spelling: slips that are mended, their order, and words that are left alone. */
#include "spelling.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct spelling *
vocabulary(const char *const *words, size_t n)
{
    struct spelling *s = spelling_new();

    assert_non_null(s);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(spelling_add(s, words[i], strlen(words[i])), 0);
    return s;
}

static void
test_slips(void **state)
{
    static const char *const words[] = {"hommes", "attaque", "convoi",  "blesses", "village",
                                        "morts",  "armes",   "vehicle", "convoys", "mine"};
    static const struct {
        const char *typed, *meant;
    } t[] = {
        {"hommes", NULL},       /* known */
        {"homems", "hommes"},   /* turned */
        {"ohmmes", "hommes"},   /* also at the beginning */
        {"homes", "hommes"},    /* one too few */
        {"hommmes", "hommes"},  /* one too many */
        {"hhommes", "hommes"},  /* the first one doubled */
        {"attaqze", "attaque"}, /* another, in a long word */
        {"mords", NULL},        /* but not in a short one */
        {"omegas", NULL},       /* nothing near */
        {"ommes", NULL},        /* the first letter is missing */
        {"bommes", NULL},       /* or another */
        {"hmomse", NULL},       /* two slips */
        {"convoy", "convoys"},  /* another letter needs seven; one too few does not */
        {"arme", "armes"},      /* four letters: one is missing */
        {"mnie", NULL},         /* too short */
        {"h0mmes", NULL},       /* no letter */
        {"", NULL},
    };
    struct spelling *s = vocabulary(words, sizeof words / sizeof *words);

    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        const char *got = spelling_fix(s, t[i].typed, strlen(t[i].typed));
        if (t[i].meant ? !got || strcmp(got, t[i].meant) != 0 : got != NULL)
            print_error("%s: %s\n", t[i].typed, got ? got : "-");
        if (t[i].meant)
            assert_string_equal(got, t[i].meant);
        else
            assert_null(got);
    }
    spelling_free(s);
}

/* The likelier slip first, then the word that was added first; never the order of the table. */
static void
test_order(void **state)
{
    static const char *const words[] = {"forces", "forcer", "fource", "froce"};
    struct spelling *s = vocabulary(words, 4);

    (void)state;
    assert_string_equal(spelling_fix(s, "force", 5), "froce");
    spelling_free(s);
    s = vocabulary(words, 3);
    assert_string_equal(spelling_fix(s, "force", 5), "forces");
    spelling_free(s);
}

/* Many words: the table grows, every word stays known, and every slip of it finds a word. */
static void
test_many(void **state)
{
    struct spelling *s = spelling_new();
    char w[16];

    (void)state;
    for (int i = 0; i < 5000; i++) {
        (void)snprintf(w, sizeof w, "%c%c%cxyz%c", 'a' + i % 26, 'a' + i / 26 % 26,
                       'a' + i / 676 % 26, 'a' + i * 7 % 26);
        assert_int_equal(spelling_add(s, w, 7), 0);
        assert_int_equal(spelling_add(s, w, 7), 0); /* twice is once */
    }
    for (int i = 0; i < 5000; i++) {
        (void)snprintf(w, sizeof w, "%c%c%cxyz%c", 'a' + i % 26, 'a' + i / 26 % 26,
                       'a' + i / 676 % 26, 'a' + i * 7 % 26);
        assert_null(spelling_fix(s, w, 7));
        w[4] = 'z';
        w[5] = 'y';
        assert_non_null(spelling_fix(s, w, 7));
    }
    spelling_free(s);
    spelling_free(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slips),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
