/* test_model: lines and their errors, what is summed, norms, and the words given as reason. */
#include "model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct model *
parse(const char *s)
{
    struct model *m = NULL;
    struct err e;

    assert_int_equal(model_parse(s, strlen(s), "m.tsv", &m, &e), 0);
    return m;
}

static void
sums(const struct model *m, const char *text, int32_t fact, int32_t sum[MODEL_OUT])
{
    struct arena *a = arena_new(0);
    struct model_input in = {0};

    in.t = text_tokens(text, strlen(text), a, &in.n);
    in.fact[MF_BIAS] = fact;
    assert_non_null(in.t);
    assert_int_equal(model_sum(m, &in, a, sum), 0);
    arena_free(a);
}

static void
test_errors(void **state)
{
    static const struct {
        const char *text, *says;
        int line;
    } bad[] = {
        {"mine", "a line is a feature", 1},
        {"# card\n\t0:1", "a line is a feature", 2},
        {"mine\t0", "an output is a number", 1},
        {"mine\tx:1", "an output is a number", 1},
        {"mine\t32:1", "an output is a number from 0 to 31", 1},
        {"mine\t-1:1", "an output is a number", 1},
        {"a\t0:1\nb\t0:40000", "a weight is a number", 2},
        {"mine\t0:1x", "a weight is a number", 1},
        {"mine\t0:", "a weight is a number", 1},
        {"@no.such\t0:1", "no fact of this version", 1},
        {"mine\t0:1\nmine\t1:1", "is there already", 2},
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct model *m = NULL;
        struct err e = {.text = ""};

        assert_int_equal(model_parse(bad[i].text, strlen(bad[i].text), "m.tsv", &m, &e), -1);
        assert_null(m);
        if (!strstr(e.text, bad[i].says) || e.line != bad[i].line)
            print_error("%s: line %d: %s\n", bad[i].text, e.line, e.text);
        assert_non_null(strstr(e.text, bad[i].says));
        assert_int_equal(e.line, bad[i].line);
    }
    struct model *m = NULL;
    struct err e;
    assert_int_equal(model_parse("a\0b", 3, "m.tsv", &m, &e), -1);
    assert_int_equal(model_load("no/such/model.tsv", &m, &e), -1);
    assert_non_null(strstr(e.text, "classifier.model"));
}

/* One word: its norm is 1; two words and their pair: each counts 1/sqrt(3). */
static void
test_sum(void **state)
{
    struct model *m = parse("mine\t0:300\npose_mine\t0:600\n~mine\t1:100\n@bias\t2:50\n");
    int32_t s[MODEL_OUT];

    (void)state;
    sums(m, "Mine", MODEL_FACT_UNIT, s);
    assert_int_equal(s[0], 300);
    assert_int_equal(s[2], 50);
    assert_int_equal(s[1], 57); /* one of three: _min, mine, ine_ */
    sums(m, "pose mine", 2 * MODEL_FACT_UNIT, s);
    assert_in_range(s[0], 517, 520); /* 900 / sqrt(3) */
    assert_int_equal(s[2], 100);
    sums(m, "pose. Mine", 0, s); /* no pair over the end of a sentence */
    assert_in_range(s[0], 211, 213);
    assert_int_equal(s[2], 0);
    sums(m, "", 0, s);
    assert_int_equal(s[0], 0);
    model_free(m);
}

static void
test_folded(void **state)
{
    struct model *m = parse("blesse\t0:100\n00\t1:100\n");
    int32_t s[MODEL_OUT];

    (void)state;
    sums(m, "BLESS\xc3\x89", 0, s);
    assert_int_equal(s[0], 100);
    sums(m, "17", 0, s); /* figures are alike */
    assert_int_equal(s[1], 100);
    model_free(m);
}

static void
test_norm(void **state)
{
    (void)state;
    assert_int_equal(model_norm(0), 16384);
    assert_int_equal(model_norm(1), 16384);
    assert_int_equal(model_norm(4), 8192);
    for (uint32_t n = 1; n < 100000; n++) {
        uint64_t r = model_norm(n), v = (UINT64_C(1) << 28) / n;
        assert_true(r * r <= v && (r + 1) * (r + 1) > v);
    }
}

/* What a gram is called in the file is what finds it again. */
static void
test_names(void **state)
{
    static const char text[] = "Engin 42 posé. Vers Gao, rien";
    struct arena *a = arena_new(0);
    size_t n = 0, room, k;
    struct token *t = text_tokens(text, sizeof text - 1, a, &n);
    struct buf b;
    uint32_t words, letters;

    (void)state;
    room = model_grams_room(t, n);
    struct gram *g = arena_alloc(a, room * sizeof *g);
    k = model_grams(t, n, g, room, &words, &letters);
    assert_true(k <= room && k == words + letters);
    for (size_t i = 0; i < k; i++) {
        int32_t s[MODEL_OUT];
        buf_init(&b, 0);
        model_gram_name(&g[i], t, &b);
        buf_puts(&b, "\t0:32000");
        buf_putc(&b, '\0');
        struct model *m = parse(b.data);
        sums(m, text, 0, s);
        assert_true(s[0] > 0);
        model_free(m);
        buf_fini(&b);
    }
    arena_free(a);
}

static void
test_reason(void **state)
{
    struct model *m = parse("gao\t0:10\nposee_route\t0:90\nengin\t1:5\n");
    struct arena *a = arena_new(0);
    struct model_input in = {0};
    bool pair = false;

    (void)state;
    in.t = text_tokens("Gao, engin posee route", 22, a, &in.n);
    assert_int_equal(model_reason(m, &in, 0, &pair), 2);
    assert_true(pair);
    assert_int_equal(model_reason(m, &in, 1, &pair), 1);
    assert_false(pair);
    assert_int_equal(model_reason(m, &in, 5, &pair), in.n);
    arena_free(a);
    model_free(m);
}

/* The shipped weights load, and every fact they name is one of ours. */
static void
test_shipped(void **state)
{
    struct model *m = NULL;
    struct err e = {.text = ""};

    (void)state;
    if (model_load("conf/model.tsv", &m, &e))
        print_error("%s\n", e.text);
    assert_non_null(m);
    struct buf b;
    buf_init(&b, 0);
    model_digest_bytes(m, &b);
    assert_int_equal(b.len, DIGEST_LEN);
    buf_fini(&b);
    model_free(m);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_errors),  cmocka_unit_test(test_sum),   cmocka_unit_test(test_folded),
        cmocka_unit_test(test_norm),    cmocka_unit_test(test_names), cmocka_unit_test(test_reason),
        cmocka_unit_test(test_shipped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
