/* svc and health: a daemon in a child process, watched as systemd would watch it. */
#include "loop.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "metrics.h"
#include "svc.h"

static struct {
    int starts, reloads, drains, stops, looks;
    int start_code, exit_in_start, exit_on_timer, looks_needed;
    bool refuse_reload;
} * seen; /* shared with the child */

static char dir[32], listen_at[32], notify_path[64];
static uint16_t port;
static int notify_fd;
static struct event *bomb;

static void
on_bomb(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    svc_exit(arg, seen->exit_on_timer);
    svc_exit(arg, 1); /* the first one counts */
}

static int
start(struct svc *s, struct err *e)
{
    static const struct timeval soon = {.tv_usec = 10000};

    seen->starts++;
    if (seen->start_code) {
        err_set(e, "cannot start today");
        return seen->start_code;
    }
    s->daemon = s;
    if (seen->exit_in_start)
        svc_exit(s, seen->exit_in_start);
    bomb = evtimer_new(s->base, on_bomb, s);
    if (seen->exit_on_timer)
        evtimer_add(bomb, &soon);
    *metric_new(METRIC_COUNTER, "test_total", NULL, "a test") += 42;
    return 0;
}

static int
reload(struct svc *s, struct config *next, struct err *e)
{
    if (next == s->config || seen->refuse_reload)
        return err_set(e, "not this one");
    seen->reloads++;
    return 0;
}

static void
drain(struct svc *s)
{
    (void)s;
    seen->drains++;
}

static bool
drained(struct svc *s)
{
    (void)s;
    return ++seen->looks >= seen->looks_needed;
}

static void
stop(struct svc *s)
{
    (void)s;
    event_free(bomb);
    seen->stops++;
}

static const char *
http_listen(const struct config *c)
{
    (void)c;
    return listen_at[0] ? listen_at : NULL;
}

static const struct svc_spec spec = {.name = "tocsin-test",
                                     .summary = "a daemon for the test",
                                     .start = start,
                                     .reload = reload,
                                     .drain = drain,
                                     .drained = drained,
                                     .stop = stop,
                                     .http_listen = http_listen};

static pid_t
spawn(char *const *argv)
{
    pid_t pid;
    int argc = 0;

    while (argv[argc])
        argc++;
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        int null;

        (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* no child outlives a failed test */
        null = open("/dev/null", O_WRONLY);

        dup2(null, 1);
        dup2(null, 2);
        setenv("NOTIFY_SOCKET", notify_path, 1);
        setenv("WATCHDOG_USEC", "40000", 1);
        _exit(svc_main(&spec, argc, (char **)argv));
    }
    return pid;
}

static int
end_of(pid_t pid)
{
    int status;

    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* Waits for a notification that starts so. */
static void
await(const char *what)
{
    char text[256];
    struct pollfd p = {.fd = notify_fd, .events = POLLIN};

    do {
        ssize_t n;

        assert_int_equal(poll(&p, 1, 10000), 1);
        n = recv(notify_fd, text, sizeof(text) - 1, 0);
        assert_true(n > 0);
        text[n] = '\0';
    } while (strncmp(text, what, strlen(what)) != 0);
}

static void
write_config(const char *text)
{
    char path[64];
    FILE *f;

    snprintf(path, sizeof(path), "%s/tocsin.yaml", dir);
    f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static int
setup(void **state)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(in);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    (void)state;
    snprintf(dir, sizeof(dir), "/tmp/tocsin-unit.XXXXXX");
    assert_non_null(mkdtemp(dir));
    snprintf(notify_path, sizeof(notify_path), "%s/notify", dir);
    notify_fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    snprintf(a.sun_path, sizeof(a.sun_path), "%s", notify_path);
    assert_int_equal(bind(notify_fd, (struct sockaddr *)&a, sizeof(a)), 0);
    /* A port that is free now. */
    assert_int_equal(bind(fd, (struct sockaddr *)&in, sizeof(in)), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &len), 0);
    port = ntohs(in.sin_port);
    close(fd);
    listen_at[0] = '\0';
    seen = mmap(NULL, sizeof(*seen), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(seen != MAP_FAILED);
    return 0;
}

static int
teardown(void **state)
{
    char cmd[64];

    (void)state;
    munmap(seen, sizeof(*seen));
    close(notify_fd);
    snprintf(cmd, sizeof(cmd), "rm -r %s", dir);
    return system(cmd);
}

#define ARGV(...) ((char *[]){"tocsin-test", __VA_ARGS__, NULL})

static void
test_options(void **state)
{
    const struct {
        int code;
        char *argv[6];
    } cases[] = {
        {0, {"t", "-h"}},
        {0, {"t", "-V"}},
        {64, {"t", "-x"}},
        {64, {"t", "-d"}},
        {64, {"t", "surplus"}},
        {78, {"t", "-c", "/no/such/file"}},
        {0, {"t", "-d", dir, "-n"}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(end_of(spawn(cases[i].argv)), cases[i].code);
    write_config("no_such_section: {}\n");
    assert_int_equal(end_of(spawn(ARGV("-d", dir, "-n"))), 78);
    assert_int_equal(end_of(spawn(ARGV("-d", dir))), 78);
    assert_int_equal(seen->starts, 0);
}

static void
test_life(void **state)
{
    pid_t pid;

    (void)state;
    seen->looks_needed = 3;
    pid = spawn(ARGV("-d", dir, "-v"));
    await("READY=1");
    await("WATCHDOG=1");
    kill(pid, SIGTERM);
    await("STOPPING=1");
    assert_int_equal(end_of(pid), 0);
    assert_int_equal(seen->drains, 1);
    assert_int_equal(seen->looks, 3);
    assert_int_equal(seen->stops, 1);
}

static void
test_reload(void **state)
{
    pid_t pid;

    (void)state;
    write_config("instance: {log_level: info}\n");
    pid = spawn(ARGV("-d", dir));
    await("READY=1");
    kill(pid, SIGHUP);
    await("RELOADING=1");
    await("READY=1");
    assert_int_equal(seen->reloads, 1);
    write_config("instance: {log_level: loud}\n");
    kill(pid, SIGHUP);
    await("READY=1");
    assert_int_equal(seen->reloads, 1);
    write_config("instance: {log_level: debug}\n");
    seen->refuse_reload = true;
    kill(pid, SIGHUP);
    await("READY=1");
    seen->refuse_reload = false;
    kill(pid, SIGHUP);
    await("READY=1");
    assert_int_equal(seen->reloads, 2);
    kill(pid, SIGINT);
    assert_int_equal(end_of(pid), 0);
}

static void
test_impatience(void **state)
{
    pid_t pid;

    (void)state;
    seen->looks_needed = 1000000;
    pid = spawn(ARGV("-d", dir));
    await("READY=1");
    kill(pid, SIGTERM);
    await("STOPPING=1");
    kill(pid, SIGHUP); /* too late for that */
    kill(pid, SIGTERM);
    assert_int_equal(end_of(pid), 0);
    assert_int_equal(seen->stops, 1);
    assert_int_equal(seen->reloads, 0);
}

static void
test_exit_codes(void **state)
{
    (void)state;
    seen->start_code = 69;
    assert_int_equal(end_of(spawn(ARGV("-d", dir))), 69);
    assert_int_equal(seen->stops, 0);
    seen->start_code = 0;
    seen->exit_in_start = 74;
    assert_int_equal(end_of(spawn(ARGV("-d", dir))), 74);
    seen->exit_in_start = 0;
    seen->exit_on_timer = 74;
    assert_int_equal(end_of(spawn(ARGV("-d", dir))), 74);
    assert_int_equal(seen->stops, 2);
    seen->exit_on_timer = 0;
    snprintf(listen_at, sizeof(listen_at), "127.0.0.1:x");
    assert_int_equal(end_of(spawn(ARGV("-d", dir))), 69);
    snprintf(listen_at, sizeof(listen_at), "203.0.113.1:1");
    assert_int_equal(end_of(spawn(ARGV("-d", dir))), 69);
}

/* Sends a request and reads the answer to its end. */
static void
request(const char *text, size_t len, char *out, size_t size)
{
    struct sockaddr_in in = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    size_t got = 0;
    ssize_t n;

    assert_int_equal(connect(fd, (struct sockaddr *)&in, sizeof(in)), 0);
    (void)!write(fd, text, len);
    while (got < size - 1 && (n = read(fd, out + got, size - 1 - got)) > 0)
        got += (size_t)n;
    out[got] = '\0';
    close(fd);
}

static void
test_health(void **state)
{
    static char out[65536], big[32768];
    static const struct {
        const char *request, *status, *has;
    } cases[] = {
        {"GET /healthz HTTP/1.0\r\n\r\n", " 200 ", "\r\n\r\nok\n"},
        {"HEAD /healthz HTTP/1.0\r\n\r\n", " 200 ", "text/plain"},
        {"GET /metrics HTTP/1.0\r\n\r\n", " 200 ", "tocsin_test_total 42"},
        {"GET /other HTTP/1.0\r\n\r\n", " 404 ", ""},
        {"POST /healthz HTTP/1.0\r\nContent-Length: 2\r\n\r\nhi", " 413 ", ""},
        {"POST /healthz HTTP/1.0\r\nContent-Length: 0\r\n\r\n", " 501 ", ""},
    };
    pid_t pid;

    (void)state;
    snprintf(listen_at, sizeof(listen_at), "127.0.0.1:%u", port);
    pid = spawn(ARGV("-d", dir));
    await("READY=1");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        request(cases[i].request, strlen(cases[i].request), out, sizeof(out));
        if (!strstr(out, cases[i].status))
            fail_msg("%s answered %s", cases[i].request, out);
        assert_non_null(strstr(out, cases[i].has));
    }
    /* Headers without end. */
    memset(big, 'h', sizeof(big));
    memcpy(big, "GET /healthz HTTP/1.0\r\nX: ", 26);
    request(big, sizeof(big), out, sizeof(out));
    assert_null(strstr(out, " 200 "));
    kill(pid, SIGTERM);
    assert_int_equal(end_of(pid), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_options, setup, teardown),
        cmocka_unit_test_setup_teardown(test_life, setup, teardown),
        cmocka_unit_test_setup_teardown(test_reload, setup, teardown),
        cmocka_unit_test_setup_teardown(test_impatience, setup, teardown),
        cmocka_unit_test_setup_teardown(test_exit_codes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_health, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
