/* bench_http: durable posts of one incident each over 32 keep-alive connections: to the collector,
 * and to bare evhttp with group commit into SQLite (WAL, synchronous=FULL), one after the other in
 * the same run, by the same client. A post is answered when it is on disk; then its connection
 * sends the next. Prints `name value unit` lines. Argument: a directory that is not on tmpfs. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <sqlite3.h>

#include <inttypes.h>

#include "rig.h"
#include "timefmt.h"

#define CONNECTIONS  32
#define MOST         4000000u
#define RESPONSE     4096
#define MOST_WAITING 1024

/* ---- the floor */

struct bare {
    sqlite3 *db;
    sqlite3_stmt *insert;
    struct event *flush;
    struct evhttp_request *waiting[MOST_WAITING];
    size_t n;
    int64_t seq;
};

static void
sql(sqlite3 *db, const char *text)
{
    if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK)
        die("sqlite: %s", sqlite3_errmsg(db));
}

static void
on_flush(evutil_socket_t fd, short what, void *arg)
{
    static const char answer[] = "{\"status\":\"stored\"}\n";
    struct bare *b = arg;

    (void)fd;
    (void)what;
    sql(b->db, "COMMIT; BEGIN");
    for (size_t i = 0; i < b->n; i++) {
        struct evbuffer *out = evhttp_request_get_output_buffer(b->waiting[i]);
        (void)evbuffer_add_reference(out, answer, sizeof answer - 1, NULL, NULL);
        evhttp_send_reply(b->waiting[i], HTTP_OK, "OK", NULL);
    }
    b->n = 0;
}

static void
on_bare(struct evhttp_request *req, void *arg)
{
    struct bare *b = arg;
    struct evbuffer *in = evhttp_request_get_input_buffer(req);
    int len = (int)evbuffer_get_length(in);
    struct timeval now = {0};

    if (sqlite3_bind_int64(b->insert, 1, ++b->seq) != SQLITE_OK ||
        sqlite3_bind_blob(b->insert, 2, evbuffer_pullup(in, -1), len, SQLITE_STATIC) != SQLITE_OK ||
        sqlite3_step(b->insert) != SQLITE_DONE || sqlite3_reset(b->insert) != SQLITE_OK)
        die("sqlite: %s", sqlite3_errmsg(b->db));
    b->waiting[b->n++] = req;
    if (b->n == MOST_WAITING)
        on_flush(-1, 0, b);
    else if (b->n == 1)
        (void)event_add(b->flush, &now); /* after all that is ready now */
}

static void
serve_bare(const char *dir, uint16_t port)
{
    static struct bare b;
    struct event_base *base = event_base_new();
    struct evhttp *http = base != NULL ? evhttp_new(base) : NULL;
    char path[600];

    (void)snprintf(path, sizeof path, "%s/bare.db", dir);
    if (http == NULL || evhttp_bind_socket(http, "127.0.0.1", port) < 0)
        die("bare evhttp: %s", strerror(errno));
    if (sqlite3_open(path, &b.db) != SQLITE_OK)
        die("sqlite: %s", sqlite3_errmsg(b.db));
    sql(b.db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
              "CREATE TABLE r (seq INTEGER PRIMARY KEY, body BLOB); BEGIN");
    if (sqlite3_prepare_v2(b.db, "INSERT INTO r VALUES (?1, ?2)", -1, &b.insert, NULL) != SQLITE_OK)
        die("sqlite: %s", sqlite3_errmsg(b.db));
    b.flush = evtimer_new(base, on_flush, &b);
    evhttp_set_gencb(http, on_bare, &b);
    (void)event_base_dispatch(base); /* until it is killed */
    _exit(1);
}

/* ---- the client */

struct connection {
    int fd;
    int64_t sent_us;
    size_t have;
    char in[RESPONSE];
};

struct client {
    struct sockaddr_in to;
    struct connection all[CONNECTIONS];
    uint64_t next; /* makes each report another */
    uint32_t *took_us;
    size_t n;
};

static int
connect_to(const struct sockaddr_in *to)
{
    int one = 1;

    for (int64_t end = bench_now_us() + 10000000; bench_now_us() < end; (void)usleep(10000)) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
            die("socket: %s", strerror(errno));
        if (connect(fd, (const struct sockaddr *)to, sizeof *to) == 0) {
            (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
            return fd;
        }
        (void)close(fd);
    }
    die("port %d: nobody listens", ntohs(to->sin_port));
}

static void
send_one(struct client *c, struct connection *k)
{
    char body[400], all[800], at[TIME_TEXT];
    /* A millisecond from one to the next: ids follow the time of the report, as live ones do. */
    int64_t at_us = INT64_C(1681713600000000) + (int64_t)c->next * 1000;
    int n = snprintf(body, sizeof body,
                     "{\"id\":\"bench-%08" PRIu64 "\",\"reported_at\":\"%s\","
                     "\"text\":\"Convoi attaqué à 15 km au nord de Gao sur l'axe Gao-Bourem, deux "
                     "blessés; les assaillants sont partis vers l'est à moto, une quinzaine "
                     "d'hommes. Nous demandons une évacuation.\",\"lat\":16.40,\"lon\":-0.05}",
                     c->next++, time_text(at_us, at));
    int len = snprintf(all, sizeof all,
                       "POST /v1/incidents HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                       "bench\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
                       n, body);

    k->have = 0;
    k->sent_us = bench_now_us();
    if (send(k->fd, all, (size_t)len, MSG_NOSIGNAL) != len)
        die("send: %s", strerror(errno));
}

/* Is the answer whole? */
static bool
receive(struct connection *k)
{
    ssize_t n = recv(k->fd, k->in + k->have, sizeof k->in - 1 - k->have, MSG_DONTWAIT);
    const char *end, *length;

    if (n <= 0)
        die("the server closed a connection");
    k->have += (size_t)n;
    k->in[k->have] = '\0';
    if ((end = strstr(k->in, "\r\n\r\n")) == NULL)
        return false;
    if (strncmp(k->in, "HTTP/1.1 200 ", 13) != 0)
        die("answered %.200s", k->in);
    length = strstr(k->in, "Content-Length: ");
    return length != NULL && k->have >= (size_t)(end + 4 - k->in) + strtoul(length + 16, NULL, 10);
}

static void
drive(struct client *c, int64_t for_us)
{
    struct epoll_event ev, ready[CONNECTIONS];
    int ep = epoll_create1(EPOLL_CLOEXEC), busy = CONNECTIONS;
    int64_t begin, end;

    if (ep < 0)
        die("epoll: %s", strerror(errno));
    for (int i = 0; i < CONNECTIONS; i++) {
        c->all[i].fd = connect_to(&c->to);
        ev = (struct epoll_event){.events = EPOLLIN, .data.ptr = &c->all[i]};
        if (epoll_ctl(ep, EPOLL_CTL_ADD, c->all[i].fd, &ev) < 0)
            die("epoll: %s", strerror(errno));
    }
    begin = bench_now_us();
    end = begin + for_us;
    for (int i = 0; i < CONNECTIONS; i++)
        send_one(c, &c->all[i]);
    while (busy > 0) {
        int n = epoll_wait(ep, ready, CONNECTIONS, 10000);
        if (n <= 0)
            die("no answer for 10 s");
        for (int i = 0; i < n; i++) {
            struct connection *k = ready[i].data.ptr;
            if (!receive(k))
                continue;
            int64_t now = bench_now_us();
            c->took_us[c->n++] = (uint32_t)(now - k->sent_us);
            if (now < end && c->n < MOST)
                send_one(c, k);
            else
                busy--;
        }
    }
    for (int i = 0; i < CONNECTIONS; i++)
        (void)close(c->all[i].fd);
    (void)close(ep);
}

/* CPU time of the server so far. */
static int64_t
cpu_of(pid_t server)
{
    clockid_t clk;
    struct timespec ts;

    if (clock_getcpuclockid(server, &clk) != 0 || clock_gettime(clk, &ts) < 0)
        die("the server is gone");
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static void
measure(const char *name, pid_t server, uint16_t port, int64_t for_us)
{
    static struct client c;
    char lat[64];

    memset(&c, 0, sizeof c);
    c.to = (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    c.took_us = malloc(MOST * sizeof *c.took_us);
    if (c.took_us == NULL)
        die("out of memory");
    drive(&c, for_us / 10); /* warm */
    c.n = 0;
    int64_t t = bench_now_us(), cpu = cpu_of(server);
    drive(&c, for_us);
    figure(name, (double)c.n * 1e6 / (double)(bench_now_us() - t), "posts/s");
    (void)snprintf(lat, sizeof lat, "%s_cpu", name);
    figure(lat, (double)(cpu_of(server) - cpu) / (double)c.n, "us");
    (void)snprintf(lat, sizeof lat, "%s_lat", name);
    percentiles(lat, c.took_us, c.n);
    free(c.took_us);
}

/* A port that is free at this moment. */
static uint16_t
free_port(void)
{
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof sa;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&sa, sizeof sa) < 0 ||
        getsockname(fd, (struct sockaddr *)&sa, &len) < 0)
        die("bind: %s", strerror(errno));
    (void)close(fd);
    return ntohs(sa.sin_port);
}

static void
configure(const struct rig *r, uint16_t port)
{
    char path[600];
    FILE *f;

    (void)snprintf(path, sizeof path, "%s/tocsin.yaml", r->dir);
    if ((f = fopen(path, "w")) == NULL)
        die("%s: %s", path, strerror(errno));
    (void)fprintf(f,
                  "instance: {log_level: error}\n"
                  "collector:\n  listen_http: 127.0.0.1:%u\n"
                  "  sources: [{name: bench, token: bench}]\n",
                  port);
    if (fclose(f) != 0)
        die("%s: %s", path, strerror(errno));
}

int
main(int argc, char **argv)
{
    int64_t for_us = quick() ? 2000000 : 8000000;
    uint16_t bare_port = free_port(), port;
    struct rig r;
    pid_t bare;

    rig_new(&r, argc > 1 ? argv[1] : ".");
    (void)fflush(stdout);
    if ((bare = fork()) < 0)
        die("fork: %s", strerror(errno));
    if (bare == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        serve_bare(r.dir, bare_port);
    }
    measure("http_bare", bare, bare_port, for_us);
    (void)kill(bare, SIGKILL);
    (void)waitpid(bare, NULL, 0);
    port = free_port();
    configure(&r, port);
    rig_start_one(&r, COLLECTOR);
    measure("http", r.pid[COLLECTOR], port, for_us);
    figure("http_memory", (double)rig_memory_kib(&r, COLLECTOR, "VmHWM") / 1024, "MiB");
    rig_stop(&r);
    return 0;
}
