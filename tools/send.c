/* send: reports from files or standard input to the collector, a receipt an item.
 *
 * What a file is read as tells the ending of its name, or --format; formats that are a row of
 * records are read piece by piece, so that a file may be larger than memory, and standard input
 * goes out as it comes. A record that has no id of its own gets one here, before the first try:
 * random per run, plus its place; so whatever is sent again is known. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "clock.h"
#include "format.h"
#include "record_json.h"
#include "timefmt.h"
#include "verbs.h"

#define READ_BYTES   ((size_t)64 << 10)
#define WHOLE_BYTES  ((size_t)256 << 20) /* of a format that is taken in one piece */
#define RECORD_BYTES ((size_t)4 << 20)   /* what has no end by then is no record */
#define AHEAD        16384               /* records in the sender at one time */
#define PIECE        256

struct sending {
    struct tool *t;
    const char *source;
    enum format forced; /* FORMAT_UNKNOWN = by the name of the file */
    char **files;
    int n_files, file;
    /* the file at hand */
    const char *path;
    int fd; /* -1 = none */
    enum format format;
    struct format_options options;
    struct format_stream *stream;
    bool regular, eof, headed;
    struct buf in; /* read and not yet taken: in.data + at */
    size_t at;
    uint64_t lines, items; /* lines in front of in.data + counted; items handed over */
    size_t counted;
    struct event *readable;
    /* records that the sender has no room for: each its length and its bytes */
    struct buf ready;
    size_t ready_at;
    uint64_t added, answered, stored, refused, ignored;
    char run[ID_TEXT];
    struct submit_tx *tx;
    struct buf packed;
    struct arena *arena;
    bool ended;
    int code;
    int64_t last_us;
};

static void feed(struct sending *s);

/* ---- receipts */

static void
print_receipt(struct sending *s, const struct receipt *r)
{
    struct tool *t = s->t;
    char id[ID_TEXT];
    bool named = r->status == RC_STORED || r->status == RC_DUPLICATE;

    if (t->json || !t->tty) {
        receipt_to_json(r, NULL, &t->out);
        buf_putc(&t->out, '\n');
    } else {
        buf_printf(&t->out, "%-9s %s%s%s\n", receipt_status_name(r->status),
                   named ? id_text(&r->id, id) : "", r->reason != NULL ? "  " : "",
                   r->reason != NULL ? r->reason : "");
    }
    tool_print(t);
    if (r->status == RC_REJECTED) {
        s->refused++;
        s->code = EX_DATAERR;
    } else if (r->status == RC_IGNORED) {
        s->ignored++;
    } else {
        s->stored++;
    }
}

static void
on_receipt(void *arg, uint64_t cookie, const struct receipt *r)
{
    struct sending *s = arg;

    (void)cookie;
    s->answered++;
    s->last_us = mono_now_us();
    print_receipt(s, r);
    feed(s);
}

/* A receipt of our own, for what does not get to the collector. */
static void
answer_here(struct sending *s, enum receipt_status status, const char *where, const char *why)
{
    char text[600];
    struct receipt r = {.status = status, .reason = text};

    (void)snprintf(text, sizeof text, "%s%s%s", where, where[0] != '\0' ? ": " : "", why);
    print_receipt(s, &r);
}

/* ---- items */

/* Which item of its file raw is, in the words of whoever looks it up there. */
static const char *
place_of(struct sending *s, const char *raw, const char *why, char out[300])
{
    bool named = strcmp(s->path, "-") != 0;
    int n = snprintf(out, 300, "%.200s%s", named ? s->path : "", named ? ": " : "");

    if (s->format == FORMAT_NDJSON) {
        size_t to = (size_t)(raw - s->in.data);
        for (; s->counted < to; s->counted++)
            s->lines += s->in.data[s->counted] == '\n';
        (void)snprintf(out + n, 300 - (size_t)n, "line %" PRIu64, s->lines + 1);
    } else if (strncmp(why, "row ", 4) != 0) { /* a CSV says so itself */
        (void)snprintf(out + n, 300 - (size_t)n, "record %" PRIu64, s->items);
    } else if (n >= 2) {
        out[n - 2] = '\0';
    }
    return out;
}

static void
on_record(void *arg, struct record *r, const char *raw, size_t len)
{
    struct sending *s = arg;
    char own[96];

    (void)raw;
    (void)len;
    s->items++;
    if (r->type == REC_INCIDENT &&
        (r->u.incident.own_id == NULL || r->u.incident.own_id[0] == '\0')) {
        (void)snprintf(own, sizeof own, "%s-%d-%" PRIu64, s->run, s->file, s->items);
        r->u.incident.own_id = own;
    }
    buf_reset(&s->packed);
    wire_record_pack(r, false, &s->packed);
    buf_put(&s->ready, &s->packed.len, sizeof s->packed.len);
    buf_put(&s->ready, s->packed.data, s->packed.len);
    if (s->packed.failed || s->ready.failed)
        s->code = tool_fail(EX_OSERR, "out of memory");
}

static void
on_refused(void *arg, const char *why, const char *raw, size_t len)
{
    struct sending *s = arg;
    char place[300];

    (void)len;
    s->items++;
    answer_here(s, RC_REJECTED, place_of(s, raw, why, place), why);
}

static void
on_ignored(void *arg, const char *why, const char *raw, size_t len)
{
    struct sending *s = arg;
    char place[300];

    (void)len;
    s->items++;
    answer_here(s, RC_IGNORED, place_of(s, raw, why, place), why);
}

/* From what was read to the sender, as far as there is room. */
static void
push(struct sending *s)
{
    while (s->ready_at < s->ready.len && s->added - s->answered < AHEAD) {
        size_t n;
        memcpy(&n, s->ready.data + s->ready_at, sizeof n);
        const char *record = s->ready.data + s->ready_at + sizeof n;
        if (submit_tx_add(s->tx, record, n, s->added) == 0)
            s->added++;
        else if (errno == EAGAIN)
            return;
        else
            answer_here(s, RC_REJECTED, "", "a record is larger than any may be");
        s->ready_at += sizeof n + n;
    }
    if (s->ready_at == s->ready.len) {
        buf_reset(&s->ready);
        s->ready_at = 0;
    }
}

/* ---- files */

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
    format_close(s->stream);
    s->stream = NULL;
    if (s->fd > STDIN_FILENO)
        (void)close(s->fd);
    s->fd = -1;
}

/* What keeps us waiting is read when there is something, so that a live stream goes out line by
 * line; a regular file is always readable. */
static void
wait_readable(struct sending *s)
{
    (void)fcntl(s->fd, F_SETFL, fcntl(s->fd, F_GETFL) | O_NONBLOCK);
    s->readable = event_new(s->t->base, s->fd, EV_READ | EV_PERSIST, on_readable, s);
    if (s->readable != NULL && event_add(s->readable, NULL) < 0) {
        event_free(s->readable); /* epoll does not take /dev/null and its like */
        s->readable = NULL;
    }
}

static void
set_options(struct sending *s, const struct stat *sb)
{
    const struct config *c = s->t->config;
    const struct source_conf *src = config_source(c, s->source);
    int64_t now = wall_now_us(), written = (int64_t)sb->st_mtim.tv_sec * SECOND_US;

    /* A time without a date is of when the file was written. */
    s->options = (struct format_options){.source = src,
                                         .csv = src != NULL ? config_csv(c, src->csv) : NULL,
                                         .tak = c->collector.tak_assets.v,
                                         .n_tak = c->collector.tak_assets.n,
                                         .now_us = s->regular && written < now ? written : now};
}

/* Opens a file and finds out what it is read as; a sysexits code after saying why not. */
static int
open_file(struct sending *s, const char *path)
{
    struct stat sb;

    s->path = path;
    s->fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (s->fd < 0 || fstat(s->fd, &sb) < 0)
        return tool_fail(EX_NOINPUT, "%s: %s", path, strerror(errno));
    if (S_ISDIR(sb.st_mode))
        return tool_fail(EX_NOINPUT, "%s: it is a directory", path);
    s->regular = S_ISREG(sb.st_mode);
    s->format = s->forced != FORMAT_UNKNOWN ? s->forced
                : s->fd == STDIN_FILENO     ? FORMAT_NDJSON
                                            : format_by_file_name(path);
    if (s->format == FORMAT_UNKNOWN && !s->regular)
        s->format = FORMAT_NDJSON; /* a pipe has no name that would tell */
    if (s->format == FORMAT_UNKNOWN)
        return tool_fail(EX_USAGE,
                         "%s: the ending of its name says no format; give --format json, ndjson, "
                         "geojson, cap, cot, xml, csv, protobuf or text",
                         path);
    set_options(s, &sb);
    if ((s->stream = format_open(s->format, &s->options)) == NULL)
        return tool_fail(EX_OSERR, "out of memory");
    return 0;
}

/* Opens the next file; 0 when there is none. */
static int
next_file(struct sending *s)
{
    int code;

    close_file(s);
    for (;;) {
        if (s->file >= s->n_files && !(s->n_files == 0 && s->file == 0))
            return 0;
        const char *path = s->n_files == 0 ? "-" : s->files[s->file];
        s->file++;
        if ((code = open_file(s, path)) == 0)
            break;
        s->code = code;
        close_file(s);
    }
    s->lines = s->items = 0;
    s->at = s->counted = 0;
    s->eof = s->headed = false;
    buf_reset(&s->in);
    if (!s->regular)
        wait_readable(s);
    return 1;
}

/* Reads on. 1 something came or it is the end, 0 nothing for now. */
static int
read_more(struct sending *s)
{
    if (s->at > 0) {
        for (; s->counted < s->at; s->counted++)
            s->lines += s->in.data[s->counted] == '\n';
        memmove(s->in.data, s->in.data + s->at, s->in.len - s->at);
        s->in.len -= s->at;
        s->counted -= s->at;
        s->at = 0;
    }
    char *room = buf_reserve(&s->in, READ_BYTES);
    ssize_t n = room != NULL ? read(s->fd, room, READ_BYTES) : 0;
    if (n > 0) {
        s->in.len += (size_t)n;
        return 1;
    }
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (room == NULL)
        s->code = tool_fail(EX_OSERR, "%s: out of memory", s->path);
    else if (n < 0)
        s->code = tool_fail(EX_IOERR, "%s: %s", s->path, strerror(errno));
    s->eof = true;
    return 1;
}

static const char *
begin(const struct sending *s)
{
    return s->in.data != NULL ? s->in.data + s->at : "";
}

/* The head of the body, then the next few records: 1, 0 not yet, -1 the end. */
static int
take_some(struct sending *s)
{
    struct format_sink sink = {.record = on_record,
                               .refused = on_refused,
                               .ignored = on_ignored,
                               .arena = s->arena,
                               .arg = s};
    size_t left = s->in.len - s->at, used = 0;
    bool last = s->eof || (format_is_stream(s->format) && left >= RECORD_BYTES);

    if (!format_is_stream(s->format) && left > WHOLE_BYTES - READ_BYTES) {
        answer_here(s, RC_REJECTED, s->path, "the file is too long to be taken in one piece");
        return -1;
    }
    if (!s->headed && (left > 0 || s->eof)) {
        size_t head = format_head(s->stream, begin(s), left, last, 0);
        s->headed = head != SIZE_MAX || last;
        if (s->headed) {
            s->at += head < left ? head : left;
            return 1;
        }
    } else if (s->headed && (left > 0 || (s->eof && s->items == 0))) {
        /* An empty body of a stream is no record; any other is told that it is empty. */
        if (left > 0 || !format_is_stream(s->format))
            used = format_take(s->stream, begin(s), left, last, PIECE, &sink);
        s->at += used;
        if (format_broken(s->stream))
            return -1;
        if (used > 0)
            return 1;
    }
    return s->eof ? -1 : read_more(s);
}

/* Keeps the sender filled, and no more of the input in memory than is on the way. */
static void
feed(struct sending *s)
{
    for (;;) {
        push(s);
        if (s->ended || s->ready.len > 0)
            break;
        int rc = s->fd >= 0 ? take_some(s) : -1;
        if (rc == 0)
            break;
        if (rc < 0)
            s->ended = next_file(s) == 0;
    }
    if (s->ended || !s->regular)
        submit_tx_flush(s->tx);
    if (s->readable != NULL) {
        /* While the window is full the input waits too. */
        if (s->ready.len > 0)
            (void)event_del(s->readable);
        else
            (void)event_add(s->readable, NULL);
    }
    if (s->answered < s->added)
        return;
    /* Whoever writes to us line by line waits for this. */
    (void)fflush(stdout);
    if (s->ended && s->ready.len == 0)
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

static int
read_options(struct sending *s, int argc, char **argv)
{
    if ((s->files = calloc((size_t)argc, sizeof *s->files)) == NULL)
        return tool_fail(EX_OSERR, "out of memory");
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--source") == 0 && i + 1 < argc) {
            s->source = argv[++i];
        } else if (strcmp(argv[i], "--format") == 0 && i + 1 < argc) {
            if ((s->forced = format_parse(argv[++i])) == FORMAT_UNKNOWN)
                return tool_fail(EX_USAGE,
                                 "send: no format is called '%s'; there are json, ndjson, geojson, "
                                 "cap, cot, xml, csv, protobuf, text",
                                 argv[i]);
        } else if (argv[i][0] == '-' && argv[i][1] != '\0' && strcmp(argv[i], "--") != 0) {
            return tool_fail(EX_USAGE, "send: unknown option '%s'", argv[i]);
        } else if (strcmp(argv[i], "--") != 0) {
            s->files[s->n_files++] = argv[i];
        }
    }
    return 0;
}

static int
run(struct sending *s)
{
    struct tool *t = s->t;
    struct err e = {.text = ""};
    struct timeval every = {.tv_usec = 100000};
    struct submit_tx_opts o = {.endpoint = t->config->collector.listen_zmq,
                               .source = s->source,
                               .queue_records = AHEAD + 1,
                               .on_receipt = on_receipt,
                               .arg = s};
    struct event *watch;
    struct id id;

    id_random(&id);
    (void)id_text(&id, s->run);
    s->arena = arena_new(0);
    if (s->arena == NULL || submit_tx_new(t->zmq, t->base, &o, &s->tx, &e) < 0)
        return tool_fail(EX_UNAVAILABLE, "%s", e.text);
    s->last_us = mono_now_us();
    if ((watch = event_new(t->base, -1, EV_PERSIST, on_watch, s)) == NULL)
        return tool_fail(EX_OSERR, "out of memory");
    (void)event_add(watch, &every);
    feed(s);
    if (!(s->ended && s->answered == s->added && s->ready.len == 0))
        (void)event_base_dispatch(t->base);
    event_free(watch);
    if (s->answered < s->added)
        return tool_fail(EX_UNAVAILABLE,
                         "no receipt for %" PRIu64 " of %" PRIu64
                         " records: the collector does not answer on %s; send them again, it "
                         "is harmless where they have ids",
                         s->added - s->answered, s->added, t->config->collector.listen_zmq);
    if (t->tty && !t->json && s->stored + s->refused + s->ignored > 1)
        (void)fprintf(stderr, "%" PRIu64 " stored, %" PRIu64 " refused, %" PRIu64 " ignored\n",
                      s->stored, s->refused, s->ignored);
    return s->code;
}

int
verb_send(struct tool *t, int argc, char **argv)
{
    struct sending *s = calloc(1, sizeof *s);
    int code;

    if (s == NULL)
        return tool_fail(EX_OSERR, "out of memory");
    s->t = t;
    s->source = "local";
    s->fd = -1;
    buf_init(&s->in, WHOLE_BYTES + READ_BYTES);
    buf_init(&s->ready, 2 * WHOLE_BYTES);
    buf_init(&s->packed, 0);
    if ((code = read_options(s, argc, argv)) == 0 && (code = tool_network(t)) == 0)
        code = run(s);
    submit_tx_free(s->tx);
    arena_free(s->arena);
    close_file(s);
    buf_fini(&s->packed);
    buf_fini(&s->ready);
    buf_fini(&s->in);
    free(s->files);
    free(s);
    return code;
}
