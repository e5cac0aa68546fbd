/* bench_floor: what the same machine can do at best at this moment.
 *
 * Three hops over ZeroMQ ipc (source, two relays, sink; four processes, PUSH/PULL, 300 bytes):
 * bare, and with a group-committed SQLite log (WAL, synchronous=FULL) in both relays, where a
 * message goes on after its flush. Saturated for throughput, paced at 1,000 and 10,000 a second
 * for latency and for the relays' CPU. And one fdatasync of 4 KiB. Argument: a directory that is
 * not on tmpfs. A message's time runs from when it was due, so that a late source hides nothing. */
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sqlite3.h>
#include <zmq.h>

#include "bench.h"

#define MESSAGE   300
#define MOST_ROWS 1024
#define MOST      1200000u

struct message {
    uint64_t number;
    int64_t due_us;
    uint8_t rest[MESSAGE - 16];
};

struct shared {
    int64_t relay_cpu_us[2];
    int64_t seconds_us;
    uint32_t took_us[MOST];
};

static struct shared *shared;
static char dir[512];

static void *
endpoint_socket(void *ctx, int type, int hop, bool bind)
{
    void *s = zmq_socket(ctx, type);
    char at[600];
    int hwm = 10000, linger = -1;

    (void)snprintf(at, sizeof at, "ipc://%s/hop%d", dir, hop);
    if (s == NULL || zmq_setsockopt(s, ZMQ_SNDHWM, &hwm, sizeof hwm) != 0 ||
        zmq_setsockopt(s, ZMQ_RCVHWM, &hwm, sizeof hwm) != 0 ||
        zmq_setsockopt(s, ZMQ_LINGER, &linger, sizeof linger) != 0 ||
        (bind ? zmq_bind(s, at) : zmq_connect(s, at)) != 0)
        die("%s: %s", at, zmq_strerror(errno));
    return s;
}

static void
send_one(void *s, const struct message *m)
{
    if (zmq_send(s, m, sizeof *m, 0) < 0)
        die("send: %s", zmq_strerror(errno));
}

static bool
recv_one(void *s, struct message *m, int flags)
{
    int n = zmq_recv(s, m, sizeof *m, flags);

    if (n < 0 && errno != EAGAIN)
        die("receive: %s", zmq_strerror(errno));
    return n >= 0;
}

/* ---- the log of a relay */

static sqlite3 *db;
static sqlite3_stmt *insert;

static void
sql(const char *text)
{
    if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK)
        die("sqlite: %s", sqlite3_errmsg(db));
}

static void
log_open(int hop)
{
    char path[600];

    (void)snprintf(path, sizeof path, "%s/log%d.db", dir, hop);
    (void)unlink(path);
    if (sqlite3_open(path, &db) != SQLITE_OK)
        die("sqlite: %s", sqlite3_errmsg(db));
    sql("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
        "CREATE TABLE r (seq INTEGER PRIMARY KEY, body BLOB); BEGIN");
    if (sqlite3_prepare_v2(db, "INSERT INTO r VALUES (?1, ?2)", -1, &insert, NULL) != SQLITE_OK)
        die("sqlite: %s", sqlite3_errmsg(db));
}

static void
log_append(const struct message *m)
{
    if (sqlite3_bind_int64(insert, 1, (int64_t)m->number + 1) != SQLITE_OK ||
        sqlite3_bind_blob(insert, 2, m, sizeof *m, SQLITE_STATIC) != SQLITE_OK ||
        sqlite3_step(insert) != SQLITE_DONE || sqlite3_reset(insert) != SQLITE_OK)
        die("sqlite: %s", sqlite3_errmsg(db));
}

/* ---- the four processes */

static void
relay(int hop, uint64_t n, bool log)
{
    static struct message held[MOST_ROWS];
    void *ctx = zmq_ctx_new();
    void *in = endpoint_socket(ctx, ZMQ_PULL, hop, true);
    void *out = endpoint_socket(ctx, ZMQ_PUSH, hop + 1, false);
    struct rusage ru;
    size_t k;

    if (log)
        log_open(hop);
    for (uint64_t done = 0; done < n; done += k) {
        (void)recv_one(in, &held[0], 0);
        for (k = 1; k < MOST_ROWS && done + k < n && recv_one(in, &held[k], ZMQ_DONTWAIT); k++)
            ;
        for (size_t i = 0; log && i < k; i++)
            log_append(&held[i]);
        if (log)
            sql("COMMIT; BEGIN");
        for (size_t i = 0; i < k; i++)
            send_one(out, &held[i]);
    }
    (void)getrusage(RUSAGE_SELF, &ru);
    shared->relay_cpu_us[hop] = (ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) * INT64_C(1000000) +
                                ru.ru_utime.tv_usec + ru.ru_stime.tv_usec;
    (void)zmq_close(in);
    (void)zmq_close(out);
    (void)zmq_ctx_term(ctx);
}

static void
source(uint64_t n, uint64_t rate)
{
    void *ctx = zmq_ctx_new();
    void *out = endpoint_socket(ctx, ZMQ_PUSH, 0, false);
    struct message m;
    int64_t start;

    memset(&m, 0, sizeof m);
    (void)prctl(PR_SET_TIMERSLACK, 1000);
    (void)usleep(300000); /* the others bind and connect meanwhile */
    start = bench_now_us();
    for (uint64_t i = 0; i < n; i++) {
        m.number = i;
        m.due_us = bench_now_us();
        if (rate > 0) {
            int64_t due = start + (int64_t)(i * 1000000 / rate);
            if (due > m.due_us)
                (void)usleep((useconds_t)(due - m.due_us));
            m.due_us = due;
        }
        send_one(out, &m);
    }
    (void)zmq_close(out);
    (void)zmq_ctx_term(ctx);
}

static void
sink(uint64_t n)
{
    void *ctx = zmq_ctx_new();
    void *in = endpoint_socket(ctx, ZMQ_PULL, 2, true);
    struct message m;
    int64_t first = 0, now = 0;

    for (uint64_t i = 0; i < n; i++) {
        (void)recv_one(in, &m, 0);
        now = bench_now_us();
        if (i == 0)
            first = m.due_us;
        shared->took_us[i] = (uint32_t)(now - m.due_us);
    }
    shared->seconds_us = now - first;
    (void)zmq_close(in);
    (void)zmq_ctx_term(ctx);
}

static void
play(int part, uint64_t n, uint64_t rate, bool log)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (part == 0)
        sink(n);
    else if (part < 3)
        relay(part - 1, n, log);
    else
        source(n, rate);
    exit(0);
}

static void
chain(uint64_t n, uint64_t rate, bool log)
{
    pid_t pid[4];
    int status;

    for (int part = 0; part < 4; part++) {
        (void)fflush(stdout);
        pid[part] = fork();
        if (pid[part] < 0)
            die("fork: %s", strerror(errno));
        if (pid[part] == 0)
            play(part, n, rate, log);
    }
    for (int part = 0; part < 4; part++)
        if (waitpid(pid[part], &status, 0) < 0 || status != 0)
            die("a process of the floor failed");
}

static void
saturated(const char *name, uint64_t n, bool log)
{
    chain(n, 0, log);
    figure(name, (double)n * 1e6 / (double)shared->seconds_us, "messages/s");
}

static void
paced(uint64_t rate, bool log)
{
    uint64_t n = rate * (quick() ? 2 : 8);
    char name[64], cpu[80];

    chain(n, rate, log);
    (void)snprintf(name, sizeof name, "floor_%s_%u", log ? "log" : "bare", (unsigned)rate);
    percentiles(name, shared->took_us, (size_t)n);
    (void)snprintf(cpu, sizeof cpu, "%s_cpu", name);
    figure(cpu, (double)(shared->relay_cpu_us[0] + shared->relay_cpu_us[1]) / (double)n, "us");
}

static void
flushes(void)
{
    static uint8_t block[4096];
    uint32_t took[400];
    size_t n = sizeof took / sizeof took[0];
    char path[600];
    int fd;

    (void)snprintf(path, sizeof path, "%s/flush", dir);
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0)
        die("%s: %s", path, strerror(errno));
    for (size_t i = 0; i < n; i++) {
        int64_t t = bench_now_us();
        if (write(fd, block, sizeof block) != (ssize_t)sizeof block || fdatasync(fd) < 0)
            die("%s: %s", path, strerror(errno));
        took[i] = (uint32_t)(bench_now_us() - t);
    }
    (void)close(fd);
    percentiles("floor_fdatasync", took, n);
}

static void
clean(void)
{
    static const char *const names[] = {"hop0",        "hop1",       "hop2",        "flush",
                                        "log0.db",     "log1.db",    "log0.db-wal", "log1.db-wal",
                                        "log0.db-shm", "log1.db-shm"};
    char path[600];

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        (void)unlink(path); /* most are not there */
    }
    (void)rmdir(dir);
}

int
main(int argc, char **argv)
{
    uint64_t n = quick() ? 150000 : 600000;

    (void)snprintf(dir, sizeof dir, "%.480s/f.XXXXXX", argc > 1 ? argv[1] : ".");
    if (mkdtemp(dir) == NULL)
        die("%s: %s", dir, strerror(errno));
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        die("out of memory");
    flushes();
    saturated("floor_bare", n, false);
    saturated("floor_log", n, true);
    paced(1000, false);
    paced(1000, true);
    paced(10000, false);
    paced(10000, true);
    clean();
    return 0;
}
