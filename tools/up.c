/* up: starts the daemons of an instance in the foreground, restarts one that dies, stops all of
 * them on Ctrl-C. For one machine without systemd, for trying things out, for tests. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "clock.h"
#include "timefmt.h"
#include "verbs.h"

#define DAEMONS 3
#define STOP_US (8 * SECOND_US)

struct child {
    const char *name;
    pid_t pid;
    int64_t started_us;
    int64_t wait_us; /* before the next start: grows while it keeps dying */
    int64_t next_us;
    bool given_up;
};

static volatile sig_atomic_t stopping;

static void
on_signal(int sig)
{
    (void)sig;
    stopping = 1;
}

/* The daemon beside this program, else where `make install` puts it, else the path. */
static void
find_program(const char *name, char *out, size_t size)
{
    char self[512];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

    if (n > 0) {
        self[n] = '\0';
        char *slash = strrchr(self, '/');
        if (slash != NULL) {
            *slash = '\0';
            (void)snprintf(out, size, "%s/%s", self, name);
            if (access(out, X_OK) == 0)
                return;
            (void)snprintf(out, size, "%s/../sbin/%s", self, name);
            if (access(out, X_OK) == 0)
                return;
        }
    }
    (void)snprintf(out, size, "%s", name);
}

static void
start(const struct tool *t, struct child *c)
{
    char path[600];
    pid_t parent = getpid();

    find_program(c->name, path, sizeof path);
    (void)fflush(stdout);
    c->started_us = mono_now_us();
    c->pid = fork();
    if (c->pid != 0)
        return;
    /* Ours to stop, not the terminal's; and it ends when we are killed. */
    (void)setpgid(0, 0);
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(EX_OSERR);
    sigset_t none;
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)signal(SIGINT, SIG_DFL);
    (void)signal(SIGTERM, SIG_DFL);
    const char *argv[6] = {path};
    int n = 1;
    if (t->dir != NULL) {
        argv[n++] = "-d";
        argv[n++] = t->dir;
    }
    if (t->config_file != NULL) {
        argv[n++] = "-c";
        argv[n++] = t->config_file;
    }
    (void)execvp(path, (char *const *)argv);
    (void)fprintf(stderr, "tocsin: %s: %s\n", path, strerror(errno));
    _exit(EX_UNAVAILABLE);
}

static void
ended(struct child *c, int status)
{
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    int64_t lived = mono_now_us() - c->started_us;

    c->pid = 0;
    if (stopping)
        return;
    if (code == EX_USAGE || code == EX_CONFIG) {
        c->given_up = true;
        (void)tool_fail(0, "%s cannot start (exit %d): see its message above", c->name, code);
        return;
    }
    c->wait_us = lived > 10 * SECOND_US ? 100000 : c->wait_us * 2;
    if (c->wait_us < 100000)
        c->wait_us = 100000;
    if (c->wait_us > 5 * SECOND_US)
        c->wait_us = 5 * SECOND_US;
    c->next_us = mono_now_us() + c->wait_us;
    (void)tool_fail(0, "%s ended (%s %d), starting it again", c->name,
                    WIFEXITED(status) ? "exit" : "signal",
                    WIFEXITED(status) ? code : WTERMSIG(status));
}

static struct child *
by_pid(struct child *c, pid_t pid)
{
    for (size_t i = 0; i < DAEMONS; i++)
        if (c[i].pid == pid)
            return &c[i];
    return NULL;
}

static bool
wait_for(struct child *c, struct child *one, int64_t deadline)
{
    while (one->pid > 0) {
        int status;
        pid_t pid = waitpid(-1, &status, WNOHANG);
        struct child *ended_one = pid > 0 ? by_pid(c, pid) : NULL;
        if (ended_one != NULL)
            ended_one->pid = 0;
        else if (pid < 0)
            one->pid = 0;
        else if (mono_now_us() > deadline)
            return false;
        else
            (void)usleep(5000);
    }
    return true;
}

/* The last in the chain that needs another goes first: the classifier stores what it decided
 * while the notifier is still there to take it. */
static void
stop_all(struct child *c)
{
    for (size_t i = DAEMONS; i-- > 0;) {
        if (c[i].pid <= 0)
            continue;
        (void)kill(c[i].pid, SIGTERM);
        if (!wait_for(c, &c[i], mono_now_us() + STOP_US)) {
            (void)kill(c[i].pid, SIGKILL);
            (void)wait_for(c, &c[i], mono_now_us() + STOP_US);
        }
    }
}

int
verb_up(struct tool *t, int argc, char **argv)
{
    struct child c[DAEMONS] = {
        {.name = "tocsin-collector"}, {.name = "tocsin-notifier"}, {.name = "tocsin-classifier"}};
    struct sigaction sa = {.sa_handler = on_signal};
    int code, running = 0;

    (void)argv;
    if (argc > 1)
        return tool_fail(EX_USAGE, "up takes no arguments");
    if ((code = tool_config(t)) != 0)
        return code;
    (void)sigaction(SIGINT, &sa, NULL);
    (void)sigaction(SIGTERM, &sa, NULL);
    for (size_t i = 0; i < DAEMONS; i++)
        start(t, &c[i]);
    (void)printf("collector  %s  http %s\nnotifier   %s  publishes %s\nclassifier reads the one, "
                 "submits to the other\nCtrl-C stops all.\n",
                 t->config->collector.listen_zmq,
                 t->config->collector.listen_http != NULL ? t->config->collector.listen_http
                                                          : "off",
                 t->config->notifier.listen_zmq, t->config->notifier.publish);
    (void)fflush(stdout);
    while (!stopping) {
        int status;
        pid_t pid = waitpid(-1, &status, WNOHANG);
        struct child *one = pid > 0 ? by_pid(c, pid) : NULL;
        if (one != NULL) {
            ended(one, status);
            continue;
        }
        running = 0;
        for (size_t i = 0; i < DAEMONS; i++) {
            running += !c[i].given_up;
            if (c[i].pid <= 0 && !c[i].given_up && mono_now_us() >= c[i].next_us)
                start(t, &c[i]);
        }
        if (running < DAEMONS)
            break;
        (void)usleep(20000);
    }
    stop_all(c);
    return stopping ? 0 : EX_CONFIG;
}
