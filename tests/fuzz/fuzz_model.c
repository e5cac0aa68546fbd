/* fuzz_model: weights of any bytes either load, and then sum up any text within bounds, or say why
 * not, with the line. */
#include "model.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct model *m = NULL;
    struct err e = {.text = ""};

    if (model_parse((const char *)data, size, "fuzz.tsv", &m, &e)) {
        if (m || !e.text[0])
            abort();
        return 0;
    }
    struct arena *a = arena_new(0);
    struct model_input in = {0};
    size_t len = size < MAX_TEXT ? size : MAX_TEXT;
    in.t = a ? text_tokens((const char *)data, len, a, &in.n) : NULL;
    for (size_t i = 0; i < MODEL_FACTS; i++)
        in.fact[i] = (int32_t)(i % (MODEL_MAX_FACT + 1));
    int32_t sum[MODEL_OUT];
    if (in.t && model_sum(m, &in, a, sum) == 0)
        for (int k = 0; k < MODEL_OUT; k++) {
            bool pair = false;
            size_t t = model_reason(m, &in, k, &pair);
            if (t > in.n || (t < in.n && t + pair >= in.n))
                abort();
        }
    arena_free(a);
    model_free(m);
    return 0;
}
