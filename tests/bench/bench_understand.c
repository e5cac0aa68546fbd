/* bench_understand: microseconds to understand and to place one text of about 250 bytes, in French
 * and English, with the shipped lexicon and gazetteer, in CPU time. The floor is one pass over the
 * same bytes that only decodes them: utf8proc, code point by code point. Medians of several rounds
 * over 400 texts. Argument: a directory for temporary files. */
#include <utf8proc.h>

#include "arena.h"
#include "bench.h"
#include "core.h"
#include "load.h"
#include "place.h"
#include "rig.h"
#include "understand.h"

#define TEXTS  400
#define ROUNDS 15

static struct incident in[TEXTS];
static struct load_scratch scratch[TEXTS];
static uint32_t took[3][ROUNDS]; /* nanoseconds a text */

static uint64_t
decode_all(void)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < TEXTS; i++) {
        const utf8proc_uint8_t *p = (const utf8proc_uint8_t *)in[i].text;
        utf8proc_ssize_t left = (utf8proc_ssize_t)strlen(in[i].text);
        while (left > 0) {
            utf8proc_int32_t cp;
            utf8proc_ssize_t n = utf8proc_iterate(p, left, &cp);
            if (n <= 0)
                break;
            sum += (uint64_t)cp;
            p += n;
            left -= n;
        }
    }
    return sum;
}

static uint32_t
per_text(int64_t us)
{
    return (uint32_t)(us * 1000 / TEXTS);
}

static double
median(uint32_t *v)
{
    qsort(v, ROUNDS, sizeof *v, by_value);
    return v[ROUNDS / 2] / 1e3;
}

int
main(int argc, char **argv)
{
    struct rig r;
    struct knowledge *k;
    struct err e = {.text = ""};
    struct arena *a = arena_new(0);
    struct finding f;
    uint64_t bytes = 0, placed = 0, worthy = 0, sum = 0;

    rig_new(&r, argc > 1 ? argv[1] : ".");
    if (a == NULL || knowledge_load(r.config, &k, &e) < 0)
        die("%s", e.text);
    for (size_t i = 0; i < TEXTS; i++) {
        load_incident(i, true, INT64_C(1700000000) * SECOND_US, &scratch[i], &in[i]);
        bytes += strlen(in[i].text);
    }
    for (size_t round = 0; round < ROUNDS; round++) {
        int64_t t0 = bench_cpu_us();
        sum += decode_all();
        int64_t t1 = bench_cpu_us();
        for (size_t i = 0; i < TEXTS; i++) {
            arena_reset(a);
            if (understand(k->lexicon, k->model, &in[i], in[i].reported_at_us, a, &f) != 0)
                die("understand failed");
        }
        int64_t t2 = bench_cpu_us();
        placed = worthy = 0;
        for (size_t i = 0; i < TEXTS; i++) {
            arena_reset(a);
            if (core_finding(k, &in[i], in[i].reported_at_us, a, &f) != 0)
                die("a finding failed");
            placed += f.has_place;
            worthy += f.alertworthy;
        }
        int64_t t3 = bench_cpu_us();
        took[0][round] = per_text(t1 - t0);
        took[1][round] = per_text(t2 - t1);
        took[2][round] = per_text(t3 - t2);
    }
    if (sum == 0)
        die("nothing was decoded");
    figure("understand_text_bytes", (double)bytes / TEXTS, "bytes");
    figure("understand_floor_decode", median(took[0]), "us");
    figure("understand_only", median(took[1]), "us");
    figure("understand_and_place", median(took[2]), "us");
    figure("understand_placed", (double)placed * 100 / TEXTS, "percent");
    figure("understand_alertworthy", (double)worthy * 100 / TEXTS, "percent");
    knowledge_free(k);
    arena_free(a);
    rig_stop(&r);
    return 0;
}
