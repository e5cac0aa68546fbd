/* test_text: folding, tokens with their offsets and gaps, fingerprints. */
#include "text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "record.h"

static struct arena *arena;

static void
folding(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } rows[] = {
        {"", ""},
        {"Gao", "gao"},
        {"Tidermène", "tidermene"},
        {"KIDAL ÉTÉ À NOËL", "kidal ete a noel"},
        {"e\xcc\x81t\xc3\xa9", "ete"}, /* combining and composed */
        {"l’armée « tue »", "l'armee \" tue \""},
        {"Gao–Kidal", "gao-kidal"},
        {"cœur Æthiopie", "coeur aethiopie"},
        {"Straße", "strasse"},
        {"１２ km", "12 km"}, /* full width */
        {"a\xc2\xa0"
         "b",
         "a b"}, /* no-break space */
        {"Mopti…", "mopti..."},
        {"\xd9\x83\xd9\x8a\xd8\xaf\xd8\xa7\xd9\x84", "\xd9\x83\xd9\x8a\xd8\xaf\xd8\xa7\xd9\x84"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        size_t len = 0;
        char *s = text_fold(rows[i].in, strlen(rows[i].in), arena, &len);
        assert_string_equal(s, rows[i].out);
        assert_int_equal(len, strlen(rows[i].out));
    }
}

static void
tokens(void **state)
{
    (void)state;
    const char *s = "L’armée, à Gao-Ville : 12 morts. Fin";
    size_t n = 0;
    struct token *t = text_tokens(s, strlen(s), arena, &n);
    static const struct {
        const char *s;
        int gap;
    } want[] = {
        {"l", GAP_NONE},      {"armee", GAP_APOSTROPHE}, {"a", GAP_COMMA},
        {"gao", GAP_SPACE},   {"ville", GAP_HYPHEN},     {"12", GAP_OTHER},
        {"morts", GAP_SPACE}, {"fin", GAP_SENTENCE},
    };
    assert_int_equal(n, sizeof(want) / sizeof(*want));
    for (size_t i = 0; i < n; i++) {
        assert_string_equal(t[i].s, want[i].s);
        assert_int_equal(t[i].gap, want[i].gap);
        assert_int_equal(t[i].len, strlen(t[i].s));
    }
    assert_memory_equal(s + t[1].start, "armée", t[1].end - t[1].start);
    assert_int_equal(t[1].end - t[1].start, strlen("armée"));
}

static void
token_ends(void **state)
{
    (void)state;
    size_t n = 9;
    text_tokens("", 0, arena, &n);
    assert_int_equal(n, 0);
    text_tokens(" .,; ", 5, arena, &n);
    assert_int_equal(n, 0);

    /* a decomposed accent at the end belongs to its token */
    struct token *t = text_tokens("tue\xcc\x81", 5, arena, &n);
    assert_int_equal(n, 1);
    assert_int_equal(t[0].end, 5);

    /* a full stop inside a number or a name does not end a sentence */
    t = text_tokens("3.5 km", 6, arena, &n);
    assert_int_equal(n, 3);
    assert_int_equal(t[1].gap, GAP_OTHER);

    /* a very long word is cut, never lost */
    char *s = malloc(MAX_TEXT);
    assert_non_null(s);
    memset(s, 'x', MAX_TEXT);
    t = text_tokens(s, MAX_TEXT, arena, &n);
    size_t total = 0;
    for (size_t i = 0; i < n; i++)
        total += t[i].len;
    assert_int_equal(total, MAX_TEXT);

    /* as many tokens as there can be */
    for (size_t i = 0; i < MAX_TEXT; i++)
        s[i] = i % 2 ? ' ' : 'x';
    text_tokens(s, MAX_TEXT, arena, &n);
    assert_int_equal(n, MAX_TEXT / 2);
    free(s);
}

static void
stray_bytes(void **state)
{
    (void)state;
    size_t n = 0;
    struct token *t = text_tokens("a\xff\xfe"
                                  "b",
                                  4, arena, &n);
    assert_int_equal(n, 2);
    assert_string_equal(t[1].s, "b");
}

static void
fingerprint(const char *s, uint64_t out[8])
{
    size_t n = 0;
    struct token *t = text_tokens(s, strlen(s), arena, &n);
    text_fingerprint(t, n, out);
}

static void
fingerprints(void **state)
{
    (void)state;
    uint64_t a[8], b[8];
    fingerprint("", a);
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(a[i], 0);

    fingerprint("Convoi attaqué", a);
    fingerprint("CONVOI ATTAQUE!", b);
    assert_memory_equal(a, b, sizeof(a));
    assert_true(a[0] != 0 && a[1] == 0);
    fingerprint("attaque convoi", b);
    assert_true(a[0] != b[0]);

    const char *text = "Gunmen attacked the village of Banika at dawn and killed nine people, "
                       "then burned the granaries and left towards the river";
    char forward[256];
    (void)snprintf(forward, sizeof(forward), "FWD: %s", text);
    fingerprint(text, a);
    fingerprint(forward, b);
    size_t common = 0;
    for (size_t i = 0; i < 8; i++) {
        assert_true(a[i] != 0);
        assert_true(i == 0 || a[i - 1] < a[i]);
        for (size_t j = 0; j < 8; j++)
            common += a[i] == b[j];
    }
    assert_true(common >= 6);
}

static void
arena_full(void **state)
{
    (void)state;
    struct arena *small = arena_new(4096);
    assert_non_null(small);
    char s[8192];
    memset(s, 'x', sizeof(s));
    size_t n = 0;
    assert_null(text_fold(s, sizeof(s), small, &n));
    assert_null(text_tokens(s, sizeof(s), small, &n));
    arena_free(small);
}

static int
setup(void **state)
{
    (void)state;
    arena = arena_new(0);
    return arena ? 0 : -1;
}

static int
teardown(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folding),     cmocka_unit_test(tokens),       cmocka_unit_test(token_ends),
        cmocka_unit_test(stray_bytes), cmocka_unit_test(fingerprints), cmocka_unit_test(arena_full),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
