/* bench_pipe: the whole chain: sender, three real daemons, console; both logs flushed.
 *
 *   pipe_structured  incidents a second, from the first submit until the console has the last
 *   pipe_text        alert and the sender all receipts; text with 2,000 assets
 *   pipe_lat_R_…     submit to console at R a second, from when the incident was due
 *   pipe_cpu_R       CPU of all three daemons an incident
 *
 * pipe_…_cpu_ends is what sender and console take, pipe_…_cpu all five processes. On a busy machine
 * it says what the throughput cannot: two idle cores would give at most 2 s / pipe_…_cpu.
 *
 * Each on a fresh instance, after a warm-up. What the load is: load.h. Arguments: a directory
 * that is not on tmpfs, then which parts to run (structured text 1000 10000; none = all). */
#include <sys/resource.h>

#include "bench.h"
#include "console.h"

struct part {
    const char *name;
    bool text;
    uint64_t assets, warm, n, quick_n, rate;
};

static const struct part parts[] = {
    {"structured", false, 0, 20000, 400000, 150000, 0},
    {"text", true, 2000, 20000, 200000, 80000, 0},
    {"1000", false, 0, 2000, 20000, 4000, 1000},
    {"10000", false, 0, 4000, 100000, 30000, 10000},
};

static uint32_t took[LOAD_CELLS];

static int64_t
cpu_us(const struct rusage *ru)
{
    return (ru->ru_utime.tv_sec + ru->ru_stime.tv_sec) * SECOND_US + ru->ru_utime.tv_usec +
           ru->ru_stime.tv_usec;
}

static void
report_rate(const struct part *p, uint64_t n, uint64_t all, int64_t us,
            const int64_t cpu[RIG_DAEMONS], int64_t ends_us, const struct rig *r)
{
    char name[96];
    double sum;

    (void)snprintf(name, sizeof name, "pipe_%s", p->name);
    figure(name, (double)n * 1e6 / (double)us, "incidents/s");
    (void)snprintf(name, sizeof name, "pipe_%s_cpu_ends", p->name);
    figure(name, (double)ends_us / (double)all, "us");
    sum = (double)ends_us / (double)all;
    for (int d = 0; d < RIG_DAEMONS; d++) {
        (void)snprintf(name, sizeof name, "pipe_%s_cpu_%s", p->name, rig_names[d]);
        figure(name, (double)cpu[d] / (double)n, "us");
        sum += (double)cpu[d] / (double)n;
        (void)snprintf(name, sizeof name, "pipe_%s_memory_%s", p->name, rig_names[d]);
        figure(name, (double)rig_memory_kib(r, (enum rig_daemon)d, "VmRSS") / 1024, "MiB");
    }
    (void)snprintf(name, sizeof name, "pipe_%s_cpu", p->name);
    figure(name, sum, "us");
}

static void
report_paced(const struct part *p, uint64_t n, size_t n_took, const int64_t cpu[RIG_DAEMONS])
{
    char name[96];
    int64_t sum = 0;

    (void)snprintf(name, sizeof name, "pipe_lat_%s", p->name);
    percentiles(name, took, n_took);
    for (int d = 0; d < RIG_DAEMONS; d++) {
        (void)snprintf(name, sizeof name, "pipe_cpu_%s_%s", p->name, rig_names[d]);
        figure(name, (double)cpu[d] / (double)n, "us");
        sum += cpu[d];
    }
    (void)snprintf(name, sizeof name, "pipe_cpu_%s", p->name);
    figure(name, (double)sum / (double)n, "us");
}

static void
run(const struct part *p, const char *dir)
{
    uint64_t n = number_of("BENCH_N", quick() ? p->quick_n : p->n), all = p->warm + n;
    struct shared *sh = shared_new();
    struct console c;
    struct rig r;
    int64_t cpu[RIG_DAEMONS], end, mine;
    struct rusage ru;
    char name[96];
    pid_t sender;

    if (all > LOAD_MOST)
        die("at most %" PRIu64 " incidents", LOAD_MOST);
    rig_new(&r, dir);
    rig_start(&r);
    (void)fflush(stdout);
    sender = fork();
    if (sender < 0)
        die("fork: %s", strerror(errno));
    if (sender == 0)
        sender_run(&r, sh,
                   (struct sender){.text = p->text,
                                   .assets = p->assets,
                                   .warm = p->warm,
                                   .all = all,
                                   .rate = p->rate});
    mine = bench_cpu_us();
    console_new(&c, &r, sh);
    console_until(&c, (uint32_t)((p->warm - 1) / LOAD_EVERY));
    c.took_us = p->rate > 0 ? took : NULL;
    c.first = (uint32_t)((p->warm + LOAD_EVERY - 1) / LOAD_EVERY);
    c.events = c.live = 0;
    for (int d = 0; d < RIG_DAEMONS; d++)
        cpu[d] = rig_cpu_us(&r, (enum rig_daemon)d);
    sh->go = true;
    console_until(&c, (uint32_t)((all - 1) / LOAD_EVERY));
    (void)wait4(sender, NULL, 0, &ru);
    end = c.last_us > sh->receipts_us ? c.last_us : sh->receipts_us;
    for (int d = 0; d < RIG_DAEMONS; d++)
        cpu[d] = rig_cpu_us(&r, (enum rig_daemon)d) - cpu[d];
    if (!sh->sent || sh->rejected > 0)
        die("%" PRIu64 " incidents were not stored", sh->rejected);
    if (p->rate > 0)
        report_paced(p, n, c.n_took, cpu);
    else
        report_rate(p, n, all, end - sh->begin_us, cpu, cpu_us(&ru) + bench_cpu_us() - mine, &r);
    (void)snprintf(name, sizeof name, "pipe_%s_incidents_per_event", p->name);
    figure(name, (double)n / (double)c.events, "incidents");
    (void)snprintf(name, sizeof name, "pipe_%s_live", p->name);
    figure(name, (double)c.live * 100 / (double)c.events, "percent");
    console_free(&c);
    (void)munmap(sh, sizeof *sh);
    rig_stop(&r);
}

int
main(int argc, char **argv)
{
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        bool wanted = argc < 3;
        for (int k = 2; k < argc; k++)
            wanted |= strcmp(argv[k], parts[i].name) == 0;
        if (wanted)
            run(&parts[i], argc > 1 ? argv[1] : ".");
    }
    return 0;
}
