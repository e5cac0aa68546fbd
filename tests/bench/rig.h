/* rig: the three real daemons on a temporary directory, HTTP off, for the benchmarks.
 *
 * BENCH_DURABILITY=none takes the disk out, to see what is the code's own.
 * The directory is made under the one given (not on tmpfs: a flush must be a flush), and removed
 * by rig_stop(). */
#ifndef TESTS_BENCH_RIG_H
#define TESTS_BENCH_RIG_H

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "config.h"

enum rig_daemon { COLLECTOR, NOTIFIER, CLASSIFIER, RIG_DAEMONS };

static const char *const rig_names[RIG_DAEMONS] = {"collector", "notifier", "classifier"};

struct rig {
    char dir[512];
    char bin[512];
    struct config *config;
    pid_t pid[RIG_DAEMONS];
};

static inline void
rig_find_programs(struct rig *r)
{
    char self[512];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    char *slash;

    if (n <= 0)
        die("/proc/self/exe: %s", strerror(errno));
    self[n] = '\0';
    for (int i = 0; i < 3; i++) /* VARIANT/tests/bench/NAME */
        if ((slash = strrchr(self, '/')) != NULL)
            *slash = '\0';
    (void)snprintf(r->bin, sizeof r->bin, "%.480s/bin", self);
}

static inline void
rig_new(struct rig *r, const char *parent)
{
    const char *durability = getenv("BENCH_DURABILITY"), *gather = getenv("BENCH_GATHER");
    struct err e = {.text = ""};
    char path[600];
    char *full = realpath(parent, NULL);
    FILE *f;

    memset(r, 0, sizeof *r);
    rig_find_programs(r);
    if (full == NULL)
        die("%s: %s", parent, strerror(errno));
    (void)snprintf(r->dir, sizeof r->dir, "%.450s/b.XXXXXX", full);
    free(full);
    if (mkdtemp(r->dir) == NULL)
        die("%s: %s", r->dir, strerror(errno));
    (void)snprintf(path, sizeof path, "%s/tocsin.yaml", r->dir);
    f = fopen(path, "w");
    if (f == NULL)
        die("%s: %s", path, strerror(errno));
    (void)fprintf(f,
                  "instance:\n  log_level: error\n  durability: %s\n"
                  "collector:\n  listen_http: \"off\"\n  gather: %s\n"
                  "notifier:\n  listen_http: \"off\"\n"
                  "classifier:\n  listen_http: \"off\"\n",
                  durability != NULL ? durability : "group", gather != NULL ? gather : "1ms");
    if (fclose(f) != 0)
        die("%s: %s", path, strerror(errno));
    if (config_find(NULL, r->dir, &r->config, &e) < 0)
        die("%s", e.text);
}

static inline void
rig_start_one(struct rig *r, enum rig_daemon d)
{
    char path[600];
    pid_t parent = getpid();

    (void)snprintf(path, sizeof path, "%s/tocsin-%s", r->bin, rig_names[d]);
    (void)fflush(stdout);
    r->pid[d] = fork();
    if (r->pid[d] < 0)
        die("fork: %s", strerror(errno));
    if (r->pid[d] > 0)
        return;
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    (void)dup2(STDERR_FILENO, STDOUT_FILENO);
    (void)execl(path, path, "-d", r->dir, (char *)NULL);
    (void)fprintf(stderr, "bench: %s: %s; make all first\n", path, strerror(errno));
    _exit(1);
}

static inline void
rig_start(struct rig *r)
{
    for (int d = 0; d < RIG_DAEMONS; d++)
        rig_start_one(r, (enum rig_daemon)d);
}

static inline void
rig_kill(struct rig *r, enum rig_daemon d, int sig)
{
    if (r->pid[d] <= 0)
        return;
    (void)kill(r->pid[d], sig);
    (void)waitpid(r->pid[d], NULL, 0);
    r->pid[d] = 0;
}

/* CPU time of a daemon so far, all its threads. */
static inline int64_t
rig_cpu_us(const struct rig *r, enum rig_daemon d)
{
    clockid_t clk;
    struct timespec ts;

    if (clock_getcpuclockid(r->pid[d], &clk) != 0 || clock_gettime(clk, &ts) < 0)
        die("tocsin-%s is gone", rig_names[d]);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* A line of /proc/PID/status in KiB: "VmRSS", "VmHWM". */
static inline uint64_t
rig_memory_kib(const struct rig *r, enum rig_daemon d, const char *key)
{
    char path[64], line[256];
    uint64_t v = 0;
    FILE *f;

    (void)snprintf(path, sizeof path, "/proc/%d/status", (int)r->pid[d]);
    f = fopen(path, "r");
    if (f == NULL)
        die("%s: %s", path, strerror(errno));
    while (fgets(line, sizeof line, f) != NULL)
        if (strncmp(line, key, strlen(key)) == 0)
            v = strtoull(line + strlen(key) + 1, NULL, 10);
    (void)fclose(f);
    return v;
}

static inline int
rig_remove(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    (void)remove(path); /* what stays is seen in build/ */
    return 0;
}

static inline void
rig_stop(struct rig *r)
{
    for (int d = RIG_DAEMONS; d-- > 0;)
        rig_kill(r, (enum rig_daemon)d, SIGKILL);
    config_free(r->config);
    if (getenv("BENCH_KEEP") == NULL)
        (void)nftw(r->dir, rig_remove, 16, FTW_DEPTH | FTW_PHYS);
}

#endif
