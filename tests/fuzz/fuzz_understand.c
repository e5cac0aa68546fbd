/* fuzz_understand: any text gives a finding that keeps the promises of record.h. The bytes are
 * taken as the doors would let them in: no NUL, at most MAX_TEXT. Run from the source tree, whose
 * lexicon it loads. */
#include "understand.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct lexicon *lexicon;
static struct model *model;

static void
check_range(struct range r)
{
    if (r.least < -1 || r.most < r.least || (r.least < 0) != (r.most < 0))
        abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err e;
    if (!lexicon &&
        (lexicon_load("conf/lexicon", &lexicon, &e) || model_load("conf/model.tsv", &model, &e))) {
        (void)fprintf(stderr, "fuzz_understand: run it from the source tree: %s\n", e.text);
        exit(78);
    }
    static char text[MAX_TEXT + 1];
    size_t n = size < MAX_TEXT ? size : MAX_TEXT;
    for (size_t i = 0; i < n; i++)
        text[i] = data[i] ? (char)data[i] : ' ';
    text[n] = '\0';

    struct arena *a = arena_new(0);
    if (!a)
        return 0;
    struct incident in;
    incident_init(&in);
    in.text = text;
    in.lang = n % 3 == 0 ? NULL : n % 3 == 1 ? "fr" : "en";
    struct finding f;
    if (understand(lexicon, n % 5 ? model : NULL, &in, n % 2 ? INT64_C(1682150400000000) : 0, a,
                   &f) == 0) {
        check_range(f.harm.killed);
        check_range(f.harm.wounded);
        check_range(f.harm.taken);
        if (f.event <= EV_UNKNOWN || f.event >= EVENT_COUNT || f.mode <= MODE_UNKNOWN ||
            f.mode >= MODE_COUNT || f.n_evidence > MAX_EVIDENCE || f.to_us < f.from_us ||
            f.confidence_permille > 1000 || f.n_actors > MAX_LIST || f.n_weapons > MAX_LIST)
            abort();
        for (size_t i = 0; i < f.n_evidence; i++)
            if (!f.evidence[i].text || !f.evidence[i].means)
                abort();
    }
    arena_free(a);
    return 0;
}
