/* spool_file: see spool_file.h. */
#include "spool_file.h"

#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"

#define READ_BYTES   ((size_t)256 << 10)
#define RECORD_BYTES ((size_t)4 << 20) /* what has no end by then is no record */
#define VERSION      1

struct spool_file {
    int fd;
    enum format format;
    size_t whole_bytes;
    struct format_stream *stream; /* NULL before the first fill and after a rewind */
    struct buf in;
    int64_t base; /* offset of in.data in the file */
    size_t at;    /* of in, taken */
    size_t want;  /* bytes that a take needs; grows while a record does not end */
};

/* ---- progress */

static int64_t
mtime_of(const struct stat *sb)
{
    return (int64_t)sb->st_mtim.tv_sec * 1000000000 + sb->st_mtim.tv_nsec;
}

void
spool_progress_init(struct spool_progress *p, const struct stat *sb)
{
    *p =
        (struct spool_progress){.inode = sb->st_ino, .size = sb->st_size, .mtime_ns = mtime_of(sb)};
}

bool
spool_progress_is_of(const struct spool_progress *p, const struct stat *sb)
{
    return p->inode == sb->st_ino && p->size == sb->st_size && p->mtime_ns == mtime_of(sb);
}

void
spool_progress_pack(const struct spool_progress *p, uint8_t out[SPOOL_PROGRESS_BYTES])
{
    const uint64_t v[] = {p->inode,   (uint64_t)p->size, (uint64_t)p->mtime_ns, (uint64_t)p->offset,
                          p->items,   p->stored,         p->duplicate,          p->refused,
                          p->ignored, p->why_len};

    _Static_assert(sizeof v + 4 == SPOOL_PROGRESS_BYTES, "the length in the header");
    memset(out, 0, 4);
    out[0] = VERSION;
    out[1] = p->complete;
    for (size_t i = 0; i < sizeof v / sizeof v[0]; i++) {
        uint64_t le = htole64(v[i]);
        memcpy(out + 4 + 8 * i, &le, sizeof le);
    }
}

int
spool_progress_unpack(const uint8_t *s, size_t n, struct spool_progress *p)
{
    uint64_t v[(SPOOL_PROGRESS_BYTES - 4) / 8];

    if (n != SPOOL_PROGRESS_BYTES || s[0] != VERSION)
        return -1;
    for (size_t i = 0; i < sizeof v / sizeof v[0]; i++) {
        memcpy(&v[i], s + 4 + 8 * i, sizeof v[i]);
        v[i] = le64toh(v[i]);
    }
    *p = (struct spool_progress){.inode = v[0],
                                 .size = (int64_t)v[1],
                                 .mtime_ns = (int64_t)v[2],
                                 .offset = (int64_t)v[3],
                                 .items = v[4],
                                 .stored = v[5],
                                 .duplicate = v[6],
                                 .refused = v[7],
                                 .ignored = v[8],
                                 .why_len = v[9],
                                 .complete = s[1] != 0};
    return 0;
}

/* ---- reading */

struct spool_file *
spool_file_new(int fd, enum format format, size_t whole_bytes)
{
    struct spool_file *f = calloc(1, sizeof *f);

    if (f == NULL) {
        (void)close(fd);
        return NULL;
    }
    f->fd = fd;
    f->format = format;
    f->whole_bytes = whole_bytes;
    buf_init(&f->in, (whole_bytes > RECORD_BYTES ? whole_bytes : RECORD_BYTES) + 2 * READ_BYTES);
    return f;
}

void
spool_file_free(struct spool_file *f)
{
    if (f == NULL)
        return;
    format_close(f->stream);
    buf_fini(&f->in);
    (void)close(f->fd);
    free(f);
}

void
spool_file_rewind(struct spool_file *f)
{
    format_close(f->stream);
    f->stream = NULL;
}

static void
seek(struct spool_file *f, int64_t offset)
{
    buf_reset(&f->in);
    f->base = offset;
    f->at = 0;
    f->want = READ_BYTES;
}

/* All of the file up to its end is in memory. */
static bool
at_end(const struct spool_file *f, const struct spool_progress *p)
{
    return f->base + (int64_t)f->in.len >= p->size;
}

/* Until `want` bytes are there to be taken, or the end. */
static int
read_on(struct spool_file *f, const struct spool_progress *p, struct err *e)
{
    if (f->at > 0) {
        memmove(f->in.data, f->in.data + f->at, f->in.len - f->at);
        f->base += (int64_t)f->at;
        f->in.len -= f->at;
        f->at = 0;
    }
    while (f->in.len < f->want && !at_end(f, p)) {
        size_t room = f->want - f->in.len;
        char *to = buf_reserve(&f->in, room);
        if (to == NULL)
            return err_set(e, "out of memory");
        ssize_t n = pread(f->fd, to, room, f->base + (int64_t)f->in.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_set(e, "it cannot be read: %s", strerror(errno));
        if (n == 0)
            return err_set(e, "it became shorter while it was read; write it elsewhere on the same "
                              "file system and rename it");
        f->in.len += (size_t)n;
    }
    return 0;
}

static bool
too_long(const struct spool_file *f)
{
    return f->in.len - f->at >= RECORD_BYTES;
}

static void
grow(struct spool_file *f)
{
    f->want = 2 * f->want > RECORD_BYTES ? RECORD_BYTES : 2 * f->want;
}

/* Opens the stream and goes to where p is: behind the head, or further. */
static int
start(struct spool_file *f, const struct format_options *o, struct spool_progress *p, struct err *e)
{
    size_t head;

    seek(f, 0);
    if (!format_is_stream(f->format)) {
        if (p->size > (int64_t)f->whole_bytes)
            return err_set(e,
                           "it has %" PRId64 " bytes and may have %zu: see "
                           "collector.spool_file_bytes, or send it as CSV, JSON lines or a "
                           "recording, which are read in pieces",
                           p->size, f->whole_bytes);
        f->want = (size_t)p->size;
    }
    if ((f->stream = format_open(f->format, o)) == NULL)
        return err_set(e, "out of memory");
    for (;; grow(f)) {
        if (read_on(f, p, e) < 0)
            return -1;
        head = format_head(f->stream, f->in.data, f->in.len, at_end(f, p) || too_long(f), p->items);
        if (head != SIZE_MAX || at_end(f, p) || too_long(f))
            break;
    }
    if (p->offset > 0)
        seek(f, p->offset);
    else
        f->at = head <= f->in.len ? head : f->in.len;
    return 0;
}

int
spool_file_fill(struct spool_file *f, const struct format_options *o, struct spool_progress *p,
                struct err *e)
{
    struct stat sb;

    if (fstat(f->fd, &sb) < 0 || !spool_progress_is_of(p, &sb))
        return err_set(e, "it was changed while it was read; write it elsewhere on the same file "
                          "system and rename it");
    if (f->stream == NULL && start(f, o, p, e) < 0) {
        spool_file_rewind(f);
        return -1;
    }
    return f->in.len - f->at < f->want && !at_end(f, p) ? read_on(f, p, e) : 0;
}

void
spool_file_take(struct spool_file *f, size_t most, const struct format_sink *sink,
                struct spool_progress *p)
{
    bool end = at_end(f, p);
    size_t left = f->in.len - f->at, used = 0;

    if (left > 0)
        used = format_take(f->stream, f->in.data + f->at, left, end || too_long(f), most, sink);
    f->at += used;
    p->offset = f->base + (int64_t)f->at;
    p->items = format_taken(f->stream);
    /* A body whose head is none is refused once, not piece by piece. */
    p->complete = format_broken(f->stream) || (end && (f->at == f->in.len || used == 0));
    if (used > 0 && format_is_stream(f->format))
        f->want = READ_BYTES;
    else
        grow(f);
}
