/* send: incidents from files or standard input to the collector, a receipt a record.
 *
 * A record that has no id of its own gets one here, before the first try: random per run, plus
 * the line; so whatever is sent again is known. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "clock.h"
#include "record_json.h"
#include "timefmt.h"
#include "verbs.h"

#define READ_BYTES ((size_t)64 << 10)
#define AHEAD      16384 /* records in the sender at one time */

struct sending {
    struct tool *t;
    const char *source;
    char **files;
    int n_files, file;
    int fd; /* of the file at hand, -1 = none */
    bool regular, eof;
    struct buf in; /* read and not yet taken: in.data + at */
    size_t at;
    struct event *readable;
    uint64_t line, added, answered, stored, refused;
    char run[ID_TEXT];
    struct submit_tx *tx;
    struct buf packed;
    struct arena *arena;
    bool ended;
    int code;
    int64_t last_us;
    char *own[AHEAD]; /* own id by cookie, for the receipt */
};

static void feed(struct sending *s);
static void refuse_here(struct sending *s, const char *why);

static void
print_receipt(struct sending *s, const char *own_id, const struct receipt *r)
{
    struct tool *t = s->t;
    char id[ID_TEXT];

    (void)own_id;
    if (t->json || !t->tty) {
        receipt_to_json(r, NULL, &t->out);
        buf_putc(&t->out, '\n');
    } else {
        buf_printf(&t->out, "%-9s %s%s%s\n", receipt_status_name(r->status),
                   r->status == RC_REJECTED ? "" : id_text(&r->id, id),
                   r->reason != NULL ? "  " : "", r->reason != NULL ? r->reason : "");
    }
    tool_print(t);
    if (r->status == RC_REJECTED) {
        s->refused++;
        s->code = EX_DATAERR;
    } else {
        s->stored++;
    }
}

static void
on_receipt(void *arg, uint64_t cookie, const struct receipt *r)
{
    struct sending *s = arg;
    char **own = &s->own[cookie % AHEAD];

    s->answered++;
    s->last_us = mono_now_us();
    print_receipt(s, *own, r);
    free(*own);
    *own = NULL;
    feed(s);
}

static void
refuse_here(struct sending *s, const char *why)
{
    struct receipt r = {.status = RC_REJECTED, .reason = why};

    print_receipt(s, NULL, &r);
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    feed(arg);
}

static void
close_file(struct sending *s)
{
    if (s->readable != NULL)
        event_free(s->readable);
    s->readable = NULL;
    if (s->fd > STDIN_FILENO)
        (void)close(s->fd);
    s->fd = -1;
}

/* Opens the next file; 0 when there is none. */
static int
next_file(struct sending *s)
{
    struct stat sb;

    close_file(s);
    for (;;) {
        if (s->file >= s->n_files && !(s->n_files == 0 && s->file == 0))
            return 0;
        const char *path = s->n_files == 0 ? "-" : s->files[s->file];
        s->file++;
        s->fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
        if (s->fd >= 0 && fstat(s->fd, &sb) == 0)
            break;
        s->code = tool_fail(EX_NOINPUT, "%s: %s", path, strerror(errno));
        s->fd = -1;
    }
    s->line = 0;
    s->at = 0;
    s->eof = false;
    buf_reset(&s->in);
    /* What may keep us waiting is read when there is something, so that a live stream goes out
     * line by line; a regular file is always readable. */
    s->regular = S_ISREG(sb.st_mode);
    if (!s->regular) {
        (void)fcntl(s->fd, F_SETFL, fcntl(s->fd, F_GETFL) | O_NONBLOCK);
        s->readable = event_new(s->t->base, s->fd, EV_READ | EV_PERSIST, on_readable, s);
        if (s->readable != NULL && event_add(s->readable, NULL) < 0) {
            event_free(s->readable); /* epoll does not take /dev/null and its like */
            s->readable = NULL;
        }
    }
    return 1;
}

/* Reads on. 1 something came, 0 nothing for now, -1 the end. */
static int
read_more(struct sending *s)
{
    if (s->at > 0) {
        memmove(s->in.data, s->in.data + s->at, s->in.len - s->at);
        s->in.len -= s->at;
        s->at = 0;
    }
    if (s->in.len > (size_t)MAX_MESSAGE) {
        refuse_here(s, "a line is longer than any record may be");
        buf_reset(&s->in);
    }
    char *room = buf_reserve(&s->in, READ_BYTES);
    ssize_t n = room != NULL ? read(s->fd, room, READ_BYTES) : 0;
    if (n > 0) {
        s->in.len += (size_t)n;
        return 1;
    }
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (n < 0)
        s->code = tool_fail(EX_IOERR, "input: %s", strerror(errno));
    return -1;
}

static void
add_line(struct sending *s, const char *p, size_t n)
{
    struct record r;
    struct err e = {.text = ""};
    char own[96];

    arena_reset(s->arena);
    if (record_from_json(p, n, s->arena, &r, &e) < 0) {
        char why[400];
        (void)snprintf(why, sizeof why, "line %" PRIu64 ": %s", s->line, e.text);
        refuse_here(s, why);
        return;
    }
    if (r.type == REC_INCIDENT && (r.u.incident.own_id == NULL || r.u.incident.own_id[0] == '\0')) {
        (void)snprintf(own, sizeof own, "%s-%d-%" PRIu64, s->run, s->file, s->line);
        r.u.incident.own_id = own;
    }
    buf_reset(&s->packed);
    wire_record_pack(&r, false, &s->packed);
    char **slot = &s->own[s->added % AHEAD];
    *slot = r.type == REC_INCIDENT ? strdup(r.u.incident.own_id) : NULL;
    if (submit_tx_add(s->tx, s->packed.data, s->packed.len, s->added) < 0) {
        refuse_here(s, "the sender's queue is full");
        free(*slot);
        *slot = NULL;
        return;
    }
    s->added++;
}

/* The next line of the file at hand: 1, 0 not yet, -1 the end. */
static int
next_line(struct sending *s, const char **p, size_t *n)
{
    for (;;) {
        const char *from = s->in.data + s->at;
        size_t left = s->in.len - s->at;
        const char *nl = left > 0 ? memchr(from, '\n', left) : NULL;
        if (nl != NULL || (s->eof && left > 0)) {
            *p = from;
            *n = nl != NULL ? (size_t)(nl - from) : left;
            s->at += *n + (nl != NULL);
            s->line++;
            return 1;
        }
        if (s->eof)
            return -1;
        int rc = read_more(s);
        if (rc == 0)
            return 0;
        s->eof = rc < 0;
    }
}

/* Keeps the sender filled, and no more of the input in memory than is on the way. */
static void
feed(struct sending *s)
{
    const char *p;
    size_t n;

    while (!s->ended && s->added - s->answered < AHEAD) {
        int rc = s->fd >= 0 ? next_line(s, &p, &n) : -1;
        if (rc == 0)
            break;
        if (rc < 0) {
            s->ended = next_file(s) == 0;
            continue;
        }
        while (n > 0 && (p[n - 1] == '\r' || p[n - 1] == ' '))
            n--;
        if (n > 0)
            add_line(s, p, n);
    }
    if (s->ended || !s->regular)
        submit_tx_flush(s->tx);
    if (s->readable != NULL) {
        /* While the window is full the input waits too. */
        if (s->added - s->answered >= AHEAD)
            (void)event_del(s->readable);
        else
            (void)event_add(s->readable, NULL);
    }
    if (s->answered < s->added)
        return;
    /* Whoever writes to us line by line waits for this. */
    (void)fflush(stdout);
    if (s->ended)
        (void)event_base_loopbreak(s->t->base);
}

/* Nothing answered for the whole timeout: give up, and say what is not known to be stored. */
static void
on_watch(evutil_socket_t fd, short what, void *arg)
{
    struct sending *s = arg;

    (void)fd;
    (void)what;
    if (s->answered == s->added)
        s->last_us = mono_now_us(); /* nothing is owed to us */
    if (mono_now_us() - s->last_us > s->t->timeout_us)
        (void)event_base_loopbreak(s->t->base);
}

int
verb_send(struct tool *t, int argc, char **argv)
{
    struct sending *s = calloc(1, sizeof *s);
    struct id run;
    struct err e = {.text = ""};
    struct event *watch = NULL;
    struct timeval every = {.tv_usec = 100000};
    int code = EX_OSERR;

    if (s == NULL)
        return tool_fail(EX_OSERR, "out of memory");
    s->t = t;
    s->source = "local";
    s->fd = -1;
    buf_init(&s->in, 0);
    buf_init(&s->packed, 0);
    s->files = calloc((size_t)argc, sizeof *s->files);
    for (int i = 1; i < argc && s->files != NULL; i++) {
        if (strcmp(argv[i], "--source") == 0 && i + 1 < argc)
            s->source = argv[++i];
        else if (argv[i][0] == '-' && argv[i][1] != '\0' && strcmp(argv[i], "--") != 0) {
            code = tool_fail(EX_USAGE, "send: unknown option '%s'", argv[i]);
            goto out;
        } else if (strcmp(argv[i], "--") != 0)
            s->files[s->n_files++] = argv[i];
    }
    if ((code = tool_network(t)) != 0)
        goto out;
    id_random(&run);
    (void)id_text(&run, s->run);
    s->arena = arena_new(0);
    struct submit_tx_opts o = {.endpoint = t->config->collector.listen_zmq,
                               .source = s->source,
                               .queue_records = AHEAD + 1,
                               .on_receipt = on_receipt,
                               .arg = s};
    if (s->arena == NULL || submit_tx_new(t->zmq, t->base, &o, &s->tx, &e) < 0) {
        code = tool_fail(EX_UNAVAILABLE, "%s", e.text);
        goto out;
    }
    s->last_us = mono_now_us();
    watch = event_new(t->base, -1, EV_PERSIST, on_watch, s);
    (void)event_add(watch, &every);
    feed(s);
    if (!(s->ended && s->answered == s->added))
        (void)event_base_dispatch(t->base);
    code = s->code;
    if (s->answered < s->added)
        code = tool_fail(EX_UNAVAILABLE,
                         "no receipt for %" PRIu64 " of %" PRIu64
                         " records: the collector does not answer on %s; send them again, it "
                         "is harmless where they have ids",
                         s->added - s->answered, s->added, t->config->collector.listen_zmq);
    if (t->tty && !t->json && s->stored + s->refused > 1)
        (void)fprintf(stderr, "%" PRIu64 " stored, %" PRIu64 " refused\n", s->stored, s->refused);
out:
    if (watch != NULL)
        event_free(watch);
    submit_tx_free(s->tx);
    for (size_t i = 0; i < AHEAD; i++)
        free(s->own[i]);
    arena_free(s->arena);
    buf_fini(&s->packed);
    close_file(s);
    buf_fini(&s->in);
    free(s->files);
    free(s);
    return code;
}
