/* satlink: a bad satellite link between two network namespaces, in user space.
 *
 *   satlink NS_A ADDR_A NS_B ADDR_B DELAY_MS LOSS_PERCENT RATE_BPS SEED
 *
 * Makes a TUN device "sat0" in each namespace and carries packets between them with a delay each
 * way, random loss, a rate (0 = none; at most two seconds queue for it) and cuts. It is driven by
 * lines on standard input: cut, up, loss PERCENT, stat, quit; each is answered by a line. `stat`
 * answers with the bytes that went into either device so far. Needs root and /dev/net/tun. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"

#define MTU      1400
#define SLOTS    8192
#define QUEUE_US 2000000 /* what waits longer for the rate is dropped */

struct packet {
    int64_t due_us;
    size_t len;
    unsigned char bytes[MTU + 100];
};

struct way {
    int from, to; /* devices */
    struct packet *ring;
    size_t first, n;
    int64_t busy_us; /* the rate's line is taken until then */
    uint64_t bytes, lost;
};

static struct {
    struct way ways[2];
    int64_t delay_us, rate_bps;
    double loss;
    bool cut;
} link_;

static void
die(const char *what)
{
    (void)fprintf(stderr, "satlink: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void
set_address(int s, struct ifreq *r, unsigned long request, const char *address)
{
    struct sockaddr_in a = {.sin_family = AF_INET};

    if (inet_pton(AF_INET, address, &a.sin_addr) != 1)
        die(address);
    memcpy(&r->ifr_addr, &a, sizeof a);
    if (ioctl(s, request, r) < 0)
        die("address");
}

static int
open_device(const char *ns, const char *address, const char *peer)
{
    char path[200];
    struct ifreq r = {.ifr_name = "sat0"};

    (void)snprintf(path, sizeof path, "/run/netns/%s", ns);
    int space = open(path, O_RDONLY | O_CLOEXEC);
    if (space < 0 || setns(space, CLONE_NEWNET) < 0)
        die(path);
    (void)close(space);
    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    r.ifr_flags = IFF_TUN | IFF_NO_PI;
    if (fd < 0 || ioctl(fd, TUNSETIFF, &r) < 0)
        die("/dev/net/tun");
    int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (s < 0)
        die("socket");
    set_address(s, &r, SIOCSIFADDR, address);
    set_address(s, &r, SIOCSIFDSTADDR, peer);
    r.ifr_mtu = MTU;
    if (ioctl(s, SIOCSIFMTU, &r) < 0 || ioctl(s, SIOCGIFFLAGS, &r) < 0)
        die("mtu");
    r.ifr_flags |= IFF_UP | IFF_RUNNING;
    if (ioctl(s, SIOCSIFFLAGS, &r) < 0)
        die("up");
    (void)close(s);
    return fd;
}

static void
take(struct way *w, int64_t now)
{
    for (;;) {
        struct packet *p = &w->ring[(w->first + w->n) % SLOTS];
        ssize_t len = read(w->from, p->bytes, sizeof p->bytes);
        int64_t start = now;

        if (len <= 0)
            return;
        w->bytes += (uint64_t)len;
        if (link_.rate_bps > 0)
            start = w->busy_us > now ? w->busy_us : now;
        if (link_.cut || drand48() < link_.loss || w->n == SLOTS - 1 || start - now > QUEUE_US) {
            w->lost++;
            continue;
        }
        if (link_.rate_bps > 0)
            start = w->busy_us = start + len * 8000000 / link_.rate_bps;
        p->due_us = start + link_.delay_us;
        p->len = (size_t)len;
        w->n++;
    }
}

/* What a cut finds on the way is lost, too. */
static void
give(struct way *w, int64_t now)
{
    while (w->n > 0 && w->ring[w->first].due_us <= now) {
        const struct packet *p = &w->ring[w->first];

        if (link_.cut || write(w->to, p->bytes, p->len) < 0)
            w->lost++;
        w->first = (w->first + 1) % SLOTS;
        w->n--;
    }
}

/* False at `quit` and at the end of the input. */
static bool
obey(void)
{
    char line[100];

    if (fgets(line, sizeof line, stdin) == NULL || strcmp(line, "quit\n") == 0)
        return false;
    if (strcmp(line, "cut\n") == 0)
        link_.cut = true;
    else if (strcmp(line, "up\n") == 0)
        link_.cut = false;
    else if (strncmp(line, "loss ", 5) == 0)
        link_.loss = strtod(line + 5, NULL) / 100;
    else if (strcmp(line, "stat\n") != 0)
        (void)fprintf(stderr, "satlink: what is %s", line);
    (void)printf("%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", link_.ways[0].bytes,
                 link_.ways[1].bytes, link_.ways[0].lost, link_.ways[1].lost);
    (void)fflush(stdout);
    return true;
}

static int
wait_ms(int64_t now)
{
    int64_t wait = 1000000;

    for (int i = 0; i < 2; i++) {
        const struct way *w = &link_.ways[i];
        if (w->n > 0 && w->ring[w->first].due_us - now < wait)
            wait = w->ring[w->first].due_us - now;
    }
    return wait <= 0 ? 0 : (int)(wait / 1000) + 1;
}

int
main(int argc, char **argv)
{
    int fds[2];

    if (argc != 9) {
        (void)fputs("usage: satlink NS_A ADDR_A NS_B ADDR_B DELAY_MS LOSS_PERCENT RATE_BPS SEED\n",
                    stderr);
        return 64;
    }
    fds[0] = open_device(argv[1], argv[2], argv[4]);
    fds[1] = open_device(argv[3], argv[4], argv[2]);
    link_.delay_us = strtoll(argv[5], NULL, 10) * 1000;
    link_.loss = strtod(argv[6], NULL) / 100;
    link_.rate_bps = strtoll(argv[7], NULL, 10);
    srand48(strtol(argv[8], NULL, 10));
    for (int i = 0; i < 2; i++) {
        struct way *w = &link_.ways[i];
        w->from = fds[i];
        w->to = fds[!i];
        if ((w->ring = calloc(SLOTS, sizeof *w->ring)) == NULL)
            die("memory");
    }
    (void)setvbuf(stdin, NULL, _IONBF, 0); /* poll() must see what is left of the input */
    (void)puts("ready");
    (void)fflush(stdout);
    for (;;) {
        struct pollfd p[3] = {{.fd = fds[0], .events = POLLIN},
                              {.fd = fds[1], .events = POLLIN},
                              {.fd = 0, .events = POLLIN}};
        if (poll(p, 3, wait_ms(mono_now_us())) < 0 && errno != EINTR)
            die("poll");
        for (int i = 0; i < 2; i++) {
            take(&link_.ways[i], mono_now_us());
            give(&link_.ways[i], mono_now_us());
        }
        if (p[2].revents != 0 && !obey())
            return 0;
    }
}
