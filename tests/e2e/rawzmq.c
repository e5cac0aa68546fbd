/* rawzmq: any bytes as ZeroMQ messages, for tests of what daemons do with a bad peer.
 *
 *   rawzmq ask ENDPOINT WAIT_MS   a DEALER: each line of standard input (hex) is one message; after
 *                                 each, the answer that comes within WAIT_MS is printed as hex, or
 *                                 "-"
 *   rawzmq deaf ENDPOINT N        sends the one line N times, reads nothing, waits to be killed
 *   rawzmq deafsub ENDPOINT       subscribes to everything, reads nothing, waits to be killed
 *
 * The one program besides common/chan that speaks ZeroMQ itself: chan would not let it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

static int
digit(int c)
{
    const char *digits = "0123456789abcdef", *p = strchr(digits, c);

    return c != '\0' && p != NULL ? (int)(p - digits) : -1;
}

/* In place: the bytes are never longer than their hex. */
static size_t
from_hex(char *line)
{
    size_t n = 0;

    for (char *p = line; digit(p[0]) >= 0 && digit(p[1]) >= 0; p += 2)
        line[n++] = (char)(digit(p[0]) << 4 | digit(p[1]));
    return n;
}

static int
die(const char *what)
{
    (void)fprintf(stderr, "rawzmq: %s: %s\n", what, zmq_strerror(errno));
    return 1;
}

static void
print_answer(void *socket)
{
    char *buf = malloc((size_t)64 << 20);
    int n = buf != NULL ? zmq_recv(socket, buf, (size_t)64 << 20, 0) : -1;

    if (n < 0)
        (void)printf("-");
    for (int i = 0; i < n; i++)
        (void)printf("%02x", (unsigned char)buf[i]);
    (void)printf("\n");
    (void)fflush(stdout);
    free(buf);
}

int
main(int argc, char **argv)
{
    void *ctx = zmq_ctx_new();
    int one = 1, none = 0;

    if (argc < 3 || ctx == NULL) {
        (void)fprintf(stderr, "usage: rawzmq ask|deaf|deafsub ENDPOINT [WAIT_MS|N]\n");
        return 64;
    }
    int sub = strcmp(argv[1], "deafsub") == 0, deaf = strcmp(argv[1], "deaf") == 0;
    void *socket = zmq_socket(ctx, sub ? ZMQ_SUB : ZMQ_DEALER);
    int number = argc > 3 ? atoi(argv[3]) : 1000;
    (void)zmq_setsockopt(socket, ZMQ_LINGER, &none, sizeof none);
    if (deaf || sub)
        (void)zmq_setsockopt(socket, ZMQ_RCVHWM, &one, sizeof one);
    else
        (void)zmq_setsockopt(socket, ZMQ_RCVTIMEO, &number, sizeof number);
    if (sub)
        (void)zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "", 0);
    if (zmq_connect(socket, argv[2]) < 0)
        return die(argv[2]);
    char *line = NULL;
    size_t cap = 0;
    while (!sub && getline(&line, &cap, stdin) > 0) {
        size_t n = from_hex(line);
        for (int i = 0; i < (deaf ? number : 1); i++)
            if (zmq_send(socket, line, n, 0) < 0)
                return die("send");
        if (!deaf)
            print_answer(socket);
    }
    free(line);
    if (deaf || sub)
        (void)pause();
    (void)zmq_close(socket);
    (void)zmq_ctx_term(ctx);
    return 0;
}
