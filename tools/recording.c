/* recording: see tool.h. Length-delimited Records begin with a varint length, then 0x08 or 0x10
 * or 0x1a (the tag of the record's first field); JSON lines begin with '{' (0x7b) or blanks. A
 * binary record of 123 bytes also begins with 0x7b: the second byte decides. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "intake.h"
#include "record_json.h"
#include "tool.h"

struct recording {
    FILE *f;
    bool own, binary, plain_sent;
    bool live;   /* a pipe or terminal: more may come later */
    bool broken; /* reading failed, and that was said */
    char *line;
    size_t cap;
    size_t len; /* of the record's bytes in line */
    uint64_t number;
    int64_t before_us, last_us; /* of the record before this one, and of this one */
    struct arena *arena;
    struct buf scratch;
};

int
recording_open(const char *path, struct recording **out, struct err *e)
{
    struct recording *r = calloc(1, sizeof *r);
    bool in = path == NULL || strcmp(path, "-") == 0;
    struct stat st;

    if (r == NULL)
        return err_set(e, "out of memory");
    r->f = in ? stdin : fopen(path, "rb");
    r->own = !in;
    buf_init(&r->scratch, 0);
    r->arena = arena_new(0);
    if (r->f == NULL || r->arena == NULL || fstat(fileno(r->f), &st) != 0)
        goto fail;
    r->live = !S_ISREG(st.st_mode);
    int first = fgetc(r->f), second = fgetc(r->f);
    if (ferror(r->f)) /* a directory, for one */
        goto fail;
    r->binary = first != EOF && second != EOF && first != '\n' && first != '\r' &&
                (second == 0x08 || second == 0x10 || second == 0x1a ||
                 (first >= 0x80 && !(first == 0xef && second == 0xbb))); /* a byte order mark */
    if (second != EOF)
        (void)ungetc(second, r->f);
    if (first != EOF && second != EOF) {
        /* Two characters of push-back are not portable: keep the first beside. */
        r->line = malloc(r->cap = 4096);
        if (r->line == NULL)
            goto fail;
        r->line[0] = (char)first;
        r->plain_sent = true; /* line[0] waits */
    } else if (first != EOF) {
        (void)ungetc(first, r->f);
    }
    *out = r;
    return 0;
fail:
    (void)err_set(e, "%s: %s", in ? "standard input" : path, strerror(errno));
    recording_close(r);
    return -1;
}

bool
recording_is_live(const struct recording *r)
{
    return r->live;
}

void
recording_close(struct recording *r)
{
    if (r == NULL)
        return;
    if (r->f != NULL && r->own)
        (void)fclose(r->f);
    arena_free(r->arena);
    buf_fini(&r->scratch);
    free(r->line);
    free(r);
}

static int
next_char(struct recording *r)
{
    if (r->plain_sent) {
        r->plain_sent = false;
        return (unsigned char)r->line[0];
    }
    return fgetc(r->f);
}

/* 1 a line of r->len bytes, 0 the end, -1 too long. */
static int
read_line(struct recording *r)
{
    size_t n = 0;
    int c = next_char(r);

    if (c == EOF)
        return 0;
    for (; c != EOF && c != '\n'; c = fgetc(r->f)) {
        if (n + 1 >= r->cap) {
            char *more = r->cap > (size_t)MAX_MESSAGE
                             ? NULL
                             : realloc(r->line, r->cap == 0 ? 4096 : r->cap * 2);
            if (more == NULL)
                return -1;
            r->line = more;
            r->cap = r->cap == 0 ? 4096 : r->cap * 2;
        }
        r->line[n++] = (char)c;
    }
    r->len = n;
    return 1;
}

/* The same for the bytes of a binary record; -1 with err. */
static int
read_binary(struct recording *r, struct err *e)
{
    uint64_t len = 0;
    int c = next_char(r), shift = 0;

    if (c == EOF)
        return 0;
    for (;; c = fgetc(r->f)) {
        if (c == EOF || shift > 35)
            return err_set(e, "the recording ends in the middle of a record");
        len |= (uint64_t)(c & 0x7f) << shift;
        shift += 7;
        if (c < 0x80)
            break;
    }
    if (len > (uint64_t)MAX_MESSAGE)
        return err_set(e, "this is no recording");
    if (len > r->cap) {
        char *more = realloc(r->line, len);
        if (more == NULL)
            return err_set(e, "out of memory");
        r->line = more;
        r->cap = len;
    }
    if (fread(r->line, 1, len, r->f) != len)
        return err_set(e, "the recording ends in the middle of a record");
    r->len = len;
    return 1;
}

/* The record whose bytes lie in r->line, as the collector under c would have stored it. */
static int
prepare(struct recording *r, const struct config *c, struct record *out, struct err *e)
{
    const char *unit = r->binary ? "record" : "line";
    struct err why = {.text = ""};
    char unique[32];

    if ((r->binary ? wire_record_unpack(r->line, r->len, r->arena, out, &why)
                   : record_from_json(r->line, r->len, r->arena, out, &why)) < 0)
        return err_set(e, "%s %" PRIu64 ": %s", unit, r->number, why.text);
    bool recorded = out->received_at_us != 0;
    if (!recorded)
        out->received_at_us = intake_plain_time(out, r->before_us);
    if (out->received_at_us < r->before_us)
        out->received_at_us = r->before_us;
    r->last_us = out->received_at_us;
    int n = snprintf(unique, sizeof unique, "line:%" PRIu64, r->number);
    if (intake_prepare(c, "local", unique, (size_t)n, recorded && !id_is_zero(&out->id), out,
                       &r->scratch, &why) < 0)
        return err_set(e, "%s %" PRIu64 ": %s", unit, r->number, why.text);
    return 1;
}

/* The end; or that it could not be read up to there, said once. */
static int
end(struct recording *r, struct err *e)
{
    if (!ferror(r->f) || r->broken)
        return 0;
    r->broken = true;
    return err_set(e, "it cannot be read to its end: %s", strerror(errno));
}

int
recording_next(struct recording *r, const struct config *c, struct record *out, struct err *e)
{
    struct err why = {.text = ""};
    int rc;

    arena_reset(r->arena);
    r->before_us = r->last_us;
    if (r->binary) {
        r->number++;
        if ((rc = read_binary(r, &why)) <= 0)
            return rc < 0 ? err_set(e, "record %" PRIu64 ": %s", r->number, why.text) : end(r, e);
    } else {
        do {
            r->number++;
            rc = read_line(r);
            if (rc == 0)
                return end(r, e);
            if (rc < 0)
                return err_set(e, "line %" PRIu64 ": too long", r->number);
            while (r->len > 0 && (r->line[r->len - 1] == '\r' || r->line[r->len - 1] == ' '))
                r->len--;
        } while (r->len == 0);
    }
    return prepare(r, c, out, e);
}

int
recording_again(struct recording *r, const struct config *c, struct record *out, struct err *e)
{
    return prepare(r, c, out, e);
}
