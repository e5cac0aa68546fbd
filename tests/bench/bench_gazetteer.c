/* bench_gazetteer: milliseconds of CPU to load a GeoNames dump of 39,132 places (as many as those
 * of Mali, Burkina Faso and Niger have) and to build its index, and what it takes of memory. The
 * dump is made here: names of two to four syllables, every third place with two alternates. The
 * floor is to read the same file line by line. Argument: a directory for temporary files. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "gazetteer.h"

#define PLACES 39132
#define ROUNDS 5

static uint32_t took[2][ROUNDS]; /* microseconds */

/* A name out of a number: its digits as syllables. */
static void
spell(uint32_t n, char *out, size_t size)
{
    static const char *const syllables[] = {"ba", "dou", "gou", "kan", "la", "ma", "nia", "ra",
                                            "sé", "tin", "wo",  "ya",  "zi", "fa", "be",  "ko"};
    size_t len = 0;

    out[0] = '\0';
    for (uint32_t h = n * 2654435761u, i = 0; i < 2 + n % 3; i++, h >>= 4)
        len += (size_t)snprintf(out + len, size - len, "%s", syllables[h & 15]);
    out[0] = (char)(out[0] - 'a' + 'A');
}

static void
write_dump(const char *path)
{
    FILE *f = fopen(path, "we");

    if (f == NULL)
        die("%s: cannot write", path);
    for (uint32_t i = 0; i < PLACES; i++) {
        char name[32], more[128] = "", other[32];
        spell(i, name, sizeof name);
        if (i % 3 == 0) {
            spell(i * 7 + 1, other, sizeof other);
            (void)snprintf(more, sizeof more, "%s,%s %s", other, name, other);
        }
        fprintf(f, "%u\t%s\t%s\t%s\t%u.%04u\t%u.%04u\tP\tPPL\tML\t\t0%u\t\t\t\t0\t\t300\tUTC\t\n",
                i + 1, name, name, more, 10 + i % 12, i % 10000, i % 14, i * 7 % 10000, i % 9);
    }
    if (fclose(f) != 0)
        die("%s: cannot write", path);
}

static uint32_t
read_lines(const char *path)
{
    int64_t t0 = bench_cpu_us();
    FILE *f = fopen(path, "re");
    char *line = NULL;
    size_t cap = 0, lines = 0;

    if (f == NULL)
        die("%s: cannot read", path);
    while (getline(&line, &cap, f) >= 0)
        lines++;
    free(line);
    (void)fclose(f); /* only read from */
    if (lines != PLACES)
        die("%zu lines", lines);
    return (uint32_t)(bench_cpu_us() - t0);
}

static size_t
allocated(void)
{
    struct mallinfo2 m = mallinfo2();

    return m.uordblks + m.hblkhd;
}

static uint32_t
load(const char *path, double *mib)
{
    size_t before = allocated();
    int64_t t0 = bench_cpu_us(), t1;
    struct gazetteer *g = gazetteer_new();
    struct err e = {.text = ""};

    if (g == NULL || gazetteer_add_file(g, path, &e) != 0 || gazetteer_finish(g, &e) != 0)
        die("%s", e.text);
    t1 = bench_cpu_us();
    *mib = (double)(allocated() - before) / 1048576;
    gazetteer_free(g);
    return (uint32_t)(t1 - t0);
}

static double
median_ms(uint32_t *v)
{
    qsort(v, ROUNDS, sizeof *v, by_value);
    return v[ROUNDS / 2] / 1e3;
}

int
main(int argc, char **argv)
{
    char path[512];
    double mib = 0;

    (void)snprintf(path, sizeof path, "%.480s/gazetteer.tsv", argc > 1 ? argv[1] : ".");
    write_dump(path);
    for (size_t i = 0; i < ROUNDS; i++) {
        took[0][i] = read_lines(path);
        took[1][i] = load(path, &mib);
    }
    if (unlink(path) != 0)
        die("%s: cannot remove", path);
    figure("gazetteer_floor_read", median_ms(took[0]), "ms");
    figure("gazetteer_load", median_ms(took[1]), "ms");
    figure("gazetteer_memory", mib, "MiB");
    return 0;
}
