/* bench_restart: how long a classifier without a checkpoint is away, and what it holds in memory.
 *
 * A journal of BENCH_RECORDS incidents with texts (200,000; the target is told for 1,000,000) is
 * written, the three daemons take it, then the classifier is killed, its checkpoint deleted, and
 * it is started again. At that moment one more attack is submitted; the restart is over when its
 * alert is at the console. The floor is one pass over the same journal that only reads and
 * unpacks. Argument: a directory that is not on tmpfs. */
#include "bench.h"
#include "console.h"
#include "intake.h"
#include "journal.h"

static struct arena *arena;

static void
write_journal(const struct rig *r, uint64_t n)
{
    struct record rec = {.type = REC_INCIDENT};
    struct load_scratch scratch;
    struct buf body = {0};
    struct journal *j;
    struct err e = {.text = ""};
    char path[700];
    int64_t at = wall_now_us() - (int64_t)n * 1000;
    uint64_t seq;

    (void)mkdir(r->config->instance.state, 0700);
    (void)mkdir(r->config->collector.state, 0700);
    (void)snprintf(path, sizeof path, "%.600s/journal.db", r->config->collector.state);
    if (journal_open(path, "journal", true, DURABILITY_NONE, &j, &e) < 0)
        die("%s", e.text);
    for (uint64_t i = 0; i < n; i++) {
        load_incident(i, true, at + (int64_t)i * 1000, &scratch, &rec.u.incident);
        rec.received_at_us = at + (int64_t)i * 1000;
        memset(&rec.id, 0, sizeof rec.id);
        if (intake_prepare(r->config, "local", NULL, 0, false, &rec, &body, &e) < 0)
            die("%s", e.text);
        buf_reset(&body);
        wire_record_pack(&rec, false, &body);
        if (journal_append(j, &rec.id, rec.received_at_us, body.data, body.len, &seq, &e) != 1 ||
            (i % 4096 == 4095 && journal_commit(j, &e) < 0))
            die("%s", e.text);
    }
    if (journal_commit(j, &e) < 0)
        die("%s", e.text);
    journal_close(j);
    buf_fini(&body);
}

static int
unpack_row(void *arg, const struct journal_row *row)
{
    struct record rec;
    struct err e;

    arena_reset(arena);
    if (wire_record_unpack(row->body, row->len, arena, &rec, &e) < 0)
        die("%s", e.text);
    (*(uint64_t *)arg)++;
    return 0;
}

static double
read_floor(const struct rig *r)
{
    struct journal *j;
    struct err e = {.text = ""};
    char path[700];
    uint64_t last = 0, rows = 0, before;
    int64_t t0 = bench_now_us();

    (void)snprintf(path, sizeof path, "%.600s/journal.db", r->config->collector.state);
    if (journal_open(path, "journal", false, DURABILITY_NONE, &j, &e) < 0)
        die("%s", e.text);
    do {
        before = rows;
        if (journal_read(j, last + 1, 4096, unpack_row, &rows, &last, &e) < 0)
            die("%s", e.text);
    } while (rows > before);
    journal_close(j);
    return (double)(bench_now_us() - t0) / 1e6;
}

int
main(int argc, char **argv)
{
    uint64_t n = number_of("BENCH_RECORDS", quick() ? 50000 : 200000);
    struct shared *sh = shared_new();
    struct console c;
    struct rig r;
    char path[700];
    int64_t t0;
    pid_t sender;

    n -= n % LOAD_EVERY; /* so that the next incident is an attack */
    if (n == 0 || n + 1 > LOAD_MOST)
        die("BENCH_RECORDS is from %u to %" PRIu64, LOAD_EVERY, LOAD_MOST - 1);
    rig_new(&r, argc > 1 ? argv[1] : ".");
    arena = arena_new(0);
    write_journal(&r, n);
    figure("restart_records", (double)n, "records");
    figure("restart_floor_read", read_floor(&r), "s");
    rig_start_one(&r, COLLECTOR);
    rig_start_one(&r, NOTIFIER);
    (void)fflush(stdout);
    sender = fork(); /* sends when the classifier is started again */
    if (sender < 0)
        die("fork: %s", strerror(errno));
    if (sender == 0)
        sender_run(&r, sh, (struct sender){.text = true, .first = n, .warm = n, .all = n + 1});
    console_new(&c, &r, sh);
    t0 = bench_now_us();
    rig_start_one(&r, CLASSIFIER);
    console_until(&c, (uint32_t)(n / LOAD_EVERY) - 1);
    figure("restart_first_pass", (double)(bench_now_us() - t0) / 1e6, "s");
    (void)usleep(1500000); /* the position of the last records is told on a beat, every second */
    rig_kill(&r, CLASSIFIER, SIGKILL);
    (void)snprintf(path, sizeof path, "%.600s/checkpoint", r.config->classifier.state);
    (void)unlink(path); /* there may be none yet */
    t0 = bench_now_us();
    rig_start_one(&r, CLASSIFIER);
    sh->ready = true;
    sh->go = true;
    console_until(&c, (uint32_t)(n / LOAD_EVERY));
    figure("restart", (double)(bench_now_us() - t0) / 1e6, "s");
    figure("restart_cpu", (double)rig_cpu_us(&r, CLASSIFIER) / 1e6, "s");
    figure("restart_memory_classifier", (double)rig_memory_kib(&r, CLASSIFIER, "VmRSS") / 1024,
           "MiB");
    figure("restart_memory_peak", (double)rig_memory_kib(&r, CLASSIFIER, "VmHWM") / 1024, "MiB");
    (void)kill(sender, SIGTERM);
    (void)waitpid(sender, NULL, 0);
    console_free(&c);
    arena_free(arena);
    rig_stop(&r);
    return 0;
}
