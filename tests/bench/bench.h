/* bench: what the benchmarks share: time, percentiles, and lines of `name value unit`. */
#ifndef TESTS_BENCH_H
#define TESTS_BENCH_H

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

__attribute__((noreturn, format(printf, 1, 2), unused)) static void
die(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    (void)fputs("bench: ", stderr);
    (void)vfprintf(stderr, fmt, ap);
    (void)fputc('\n', stderr);
    va_end(ap);
    exit(1);
}

__attribute__((unused)) static void
figure(const char *name, double value, const char *unit)
{
    (void)printf("%s %.*f %s\n", name, value < 100 ? 2 : 0, value, unit);
    (void)fflush(stdout);
}

__attribute__((unused)) static int64_t
bench_now_us(void)
{
    struct timespec ts;

    (void)clock_gettime(CLOCK_MONOTONIC, &ts); /* cannot fail with this clock */
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* CPU time of this process: other work on the machine does not count. */
__attribute__((unused)) static int64_t
bench_cpu_us(void)
{
    struct timespec ts;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts); /* as above */
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static int
by_value(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

/* Prints NAME_p50, _p99 and _p999 of n times in microseconds, as milliseconds. Sorts them. */
__attribute__((unused)) static void
percentiles(const char *name, uint32_t *us, size_t n)
{
    static const struct {
        const char *suffix;
        size_t per_mille;
    } at[] = {{"p50", 500}, {"p99", 990}, {"p999", 999}};
    char full[128];

    if (n == 0)
        die("%s: nothing was measured", name);
    qsort(us, n, sizeof *us, by_value);
    for (size_t i = 0; i < sizeof at / sizeof at[0]; i++) {
        size_t k = n * at[i].per_mille / 1000;
        (void)snprintf(full, sizeof full, "%s_%s", name, at[i].suffix);
        figure(full, (double)us[k < n ? k : n - 1] / 1e3, "ms");
    }
}

/* QUICK=1 asks for a run of a minute in all: shorter measurements, the same figures. */
__attribute__((unused)) static bool
quick(void)
{
    const char *v = getenv("QUICK");

    return v != NULL && v[0] == '1';
}

__attribute__((unused)) static uint64_t
number_of(const char *name, uint64_t def)
{
    const char *v = getenv(name);

    return v != NULL && v[0] != '\0' ? strtoull(v, NULL, 10) : def;
}

#endif
