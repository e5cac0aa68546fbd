/* test_lexicon: what phrases match, and what a broken file says. */
#include "lexicon.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static struct arena *arena;

static struct lexicon *
parse(const char *s)
{
    struct lexicon *l = NULL;
    struct err e;
    char text[600];
    if (lexicon_parse(s, strlen(s), "t.yaml", &l, &e))
        fail_msg("%s", err_str(&e, text, sizeof(text)));
    return l;
}

static size_t
match(const struct lexicon *l, const char *s, struct lex_hit *out, size_t max)
{
    size_t n = 0;
    struct token *t = text_tokens(s, strlen(s), arena, &n);
    assert_non_null(t);
    return lexicon_match(l, t, n, out, max);
}

static void
matching(void **state)
{
    (void)state;
    struct lexicon *l = parse("- phrases: [attack*, attaqué]\n"
                              "  event: armed_attack\n"
                              "- phrases: ['air attack', \"l'hôpital\"]\n"
                              "  event: air_strike\n"
                              "- phrases: [attache*]\n"
                              "  is: nothing\n"
                              "- phrases: [attaqué]\n"
                              "  target: [convoy, base]\n"
                              "  weight: 7\n");
    struct lex_hit h[8];
    assert_int_equal(lexicon_entries(l), 4);
    assert_int_equal(match(l, "attackers", h, 8), 1);
    assert_int_equal(h[0].e->event, EV_ARMED_ATTACK);
    assert_int_equal(h[0].e->weight, 4);
    assert_int_equal(match(l, "the counterattack", h, 8), 0);

    /* the longer phrase hides the shorter, but not over the end of a sentence */
    assert_int_equal(match(l, "an AIR attack", h, 8), 1);
    assert_int_equal(h[0].e->event, EV_AIR_STRIKE);
    assert_int_equal(h[0].first, 1);
    assert_int_equal(h[0].count, 2);
    assert_int_equal(match(l, "in the air. Attack", h, 8), 1);
    assert_int_equal(h[0].e->event, EV_ARMED_ATTACK);
    assert_int_equal(match(l, "vers l’hopital", h, 8), 1);

    /* a phrase in two entries means both, in the order of the file */
    assert_int_equal(match(l, "ATTAQUÉ", h, 8), 2);
    assert_int_equal(h[0].e->event, EV_ARMED_ATTACK);
    assert_int_equal(h[1].e->targets, TARGET_BIT(TG_CONVOY) | TARGET_BIT(TG_BASE));
    assert_int_equal(h[1].e->weight, 7);
    assert_int_equal(match(l, "ATTAQUÉ", h, 1), 1); /* never more than max */
    lexicon_free(l);
}

static void
specific(void **state)
{
    (void)state;
    struct lexicon *l = parse("- {phrases: [mi*], event: crime}\n"
                              "- {phrases: [mine*], event: ied_mine}\n"
                              "- {phrases: [mineral], event: hazard}\n");
    struct lex_hit h[4];
    assert_int_equal(match(l, "mineral", h, 4), 1);
    assert_int_equal(h[0].e->event, EV_HAZARD);
    assert_int_equal(match(l, "mines", h, 4), 1);
    assert_int_equal(h[0].e->event, EV_IED_MINE);
    assert_int_equal(match(l, "milk", h, 4), 1);
    assert_int_equal(h[0].e->event, EV_CRIME);
    lexicon_free(l);
}

/* Texts longer than the stretch that is matched at a time. */
static void
long_text(void **state)
{
    (void)state;
    struct lexicon *l = parse("- {phrases: [one two three], is: person}\n");
    char s[8192] = "";
    size_t want = 0;
    while (strlen(s) + 32 < sizeof(s)) {
        strcat(s, want % 3 ? "one two three pad " : "one two three ");
        want++;
    }
    struct lex_hit *h = calloc(want + 1, sizeof(*h));
    assert_non_null(h);
    assert_int_equal(match(l, s, h, want + 1), want);
    free(h);
    lexicon_free(l);
}

static void
fields(void **state)
{
    (void)state;
    struct lexicon *l = parse("- phrases: [x y]\n"
                              "  event: kidnapping\n"
                              "  mode: rumour\n"
                              "  mark: [siege, sexual_violence]\n"
                              "  actor: A\n"
                              "  weapon: W\n"
                              "  number: 10\n"
                              "  most: 12\n"
                              "  time: yesterday\n"
                              "  lang: fr\n"
                              "  is: [killed, agent]\n");
    struct lex_hit h[2];
    assert_int_equal(match(l, "x y", h, 2), 1);
    const struct lex_entry *e = h[0].e;
    assert_int_equal(e->mode, MODE_RUMOUR);
    assert_int_equal(e->marks, MARK_SIEGE | MARK_SEXUAL_VIOLENCE);
    assert_string_equal(e->actor, "A");
    assert_string_equal(e->weapon, "W");
    assert_int_equal(e->number, 10);
    assert_int_equal(e->most, 12);
    assert_int_equal(e->time, LT_YESTERDAY);
    assert_int_equal(e->lang, LANG_FR);
    assert_int_equal(e->flags, LEX_FLAG(LF_KILLED) | LEX_FLAG(LF_AGENT));
    lexicon_free(l);
}

static void
errors(void **state)
{
    (void)state;
    static const struct {
        const char *yaml;
        int line;
        const char *says;
    } rows[] = {
        {"phrases: [a]\n", 1, "a lexicon file is a list"},
        {"- a\n", 1, "an entry must be a map"},
        {"- event: ambush\n", 1, "needs phrases"},
        {"- phrases: []\n  event: ambush\n", 1, "needs phrases"},
        {"- phrases: [aa]\n", 1, "needs a meaning"},
        {"- phrases: [aa]\n  weight: 3\n", 1, "needs a meaning"},
        {"- phrases: [aa]\n  event: party\n", 2, "is no event type"},
        {"- phrases: [aa]\n  event: none\n", 2, "is no event type"},
        {"- phrases: [aa]\n  mode: loud\n", 2, "is no mode"},
        {"- phrases: [aa]\n  target: system\n", 2, "target must be"},
        {"- phrases: [aa]\n  target: [convoy, moon]\n", 2, "target must be"},
        {"- phrases: [aa]\n  mark: x\n", 2, "mark must be"},
        {"- phrases: [aa]\n  is: happy\n", 2, "is not known"},
        {"- phrases: [aa]\n  is: {a: b}\n", 2, "a word or a list"},
        {"- phrases: [aa]\n  lang: de\n", 2, "lang must be"},
        {"- phrases: [aa]\n  time: someday\n", 2, "is not known"},
        {"- phrases: [aa]\n  event: ambush\n  weight: 21\n", 3, "from 1 to 20"},
        {"- phrases: [aa]\n  event: ambush\n  weight: 3x\n", 3, "from 1 to 20"},
        {"- phrases: [aa]\n  number: 5\n  most: 4\n", 1, "most must not be below"},
        {"- phrases: [aa]\n  actor: ''\n", 2, "actor must be a name"},
        {"- phrases: [aa]\n  colour: red\n", 2, "\"colour\" is not known"},
        {"- phrases:\n    - aa\n    - '...'\n  event: ambush\n", 3, "holds no word"},
        {"- phrases: ['a*']\n  event: ambush\n", 1, "at least two letters"},
        {"- phrases: ['aa *']\n  event: ambush\n", 1, "end of a word"},
        {"- phrases: ['*aa']\n  event: ambush\n", 1, "end of a word"},
        {"- phrases: [[aa]]\n  event: ambush\n", 1, "must be words"},
        {"- phrases: [a b c d e f g h i j k]\n  event: ambush\n", 1, "at most 10 words"},
        {"- phrases: [aa\n", 0, ""},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct lexicon *l = NULL;
        struct err e = {.line = -1};
        assert_int_equal(lexicon_parse(rows[i].yaml, strlen(rows[i].yaml), "t.yaml", &l, &e), -1);
        assert_null(l);
        assert_string_equal(e.file, "t.yaml");
        if (rows[i].line)
            assert_int_equal(e.line, rows[i].line);
        if (!strstr(e.text, rows[i].says))
            fail_msg("row %zu says: %s", i, e.text);
    }

    char big[256];
    (void)snprintf(big, sizeof(big), "- phrases: [%0200d]\n  event: ambush\n", 1);
    struct lexicon *l = NULL;
    struct err e;
    assert_int_equal(lexicon_parse(big, strlen(big), "t.yaml", &l, &e), -1);
    assert_non_null(strstr(e.text, "at most 160 bytes"));
}

static void
write_file(const char *dir, const char *name, const char *s)
{
    char path[256];
    (void)snprintf(path, sizeof(path), "%s/%s", dir, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(s, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static void
folder(void **state)
{
    (void)state;
    char dir[] = "/tmp/tocsin-lexicon-XXXXXX", path[256];
    assert_non_null(mkdtemp(dir));
    struct lexicon *l = NULL;
    struct err e;
    assert_int_equal(lexicon_load("/nonexistent", &l, &e), -1);
    assert_int_equal(lexicon_load(dir, &l, &e), -1);
    assert_non_null(strstr(e.text, "holds no *.yaml"));

    write_file(dir, "b.yaml", "- {phrases: [bb], event: ambush}\n");
    write_file(dir, "a.yaml", "- {phrases: [bb], event: crime}\n");
    write_file(dir, "notes.txt", "not yaml: [");
    assert_int_equal(lexicon_load(dir, &l, &e), 0);
    struct lex_hit h[4];
    assert_int_equal(match(l, "bb", h, 4), 2);
    assert_int_equal(h[0].e->event, EV_CRIME); /* in the order of the names */
    struct buf one, two;
    buf_init(&one, 0);
    buf_init(&two, 0);
    lexicon_digest_bytes(l, &one);
    lexicon_free(l);

    write_file(dir, "b.yaml", "- {phrases: [bb], event: hazard}\n");
    assert_int_equal(lexicon_load(dir, &l, &e), 0);
    lexicon_digest_bytes(l, &two);
    lexicon_free(l);
    assert_false(one.len == two.len && memcmp(one.data, two.data, one.len) == 0);
    buf_fini(&one);
    buf_fini(&two);

    write_file(dir, "b.yaml", "\n- {phrases: [bb], event: no}\n");
    l = NULL;
    assert_int_equal(lexicon_load(dir, &l, &e), -1);
    assert_null(l);
    assert_int_equal(e.line, 2);
    assert_non_null(strstr(e.file, "b.yaml"));

    static const char *const names[] = {"a.yaml", "b.yaml", "notes.txt"};
    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
        assert_int_equal(unlink(path), 0);
    }
    assert_int_equal(rmdir(dir), 0);
}

static void
shipped(void **state)
{
    (void)state;
    struct lexicon *l = NULL;
    struct err e;
    char text[600];
    if (lexicon_load("conf/lexicon", &l, &e))
        fail_msg("%s", err_str(&e, text, sizeof(text)));
    assert_true(lexicon_entries(l) > 100);
    lexicon_free(l);
    lexicon_free(NULL);
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
        cmocka_unit_test(matching), cmocka_unit_test(specific), cmocka_unit_test(long_text),
        cmocka_unit_test(fields),   cmocka_unit_test(errors),   cmocka_unit_test(folder),
        cmocka_unit_test(shipped),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
