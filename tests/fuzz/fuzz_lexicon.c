/* fuzz_lexicon: a lexicon file of any bytes either loads, and then matches any text, or says why
 * not. */
#include "lexicon.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lexicon *l = NULL;
    struct err e = {.text = ""};
    if (lexicon_parse((const char *)data, size, "fuzz.yaml", &l, &e)) {
        if (l || !e.text[0])
            abort();
        return 0;
    }
    struct arena *a = arena_new(0);
    size_t n = 0;
    size_t len = size < MAX_TEXT ? size : MAX_TEXT;
    struct token *t = a ? text_tokens((const char *)data, len, a, &n) : NULL;
    if (t) {
        struct lex_hit hits[64];
        size_t k = lexicon_match(l, t, n, hits, 64);
        for (size_t i = 0; i < k; i++)
            if (hits[i].count == 0 || hits[i].first + hits[i].count > n)
                abort();
    }
    arena_free(a);
    lexicon_free(l);
    return 0;
}
