/* pack: see the header. */
#include "pack.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include <zstd.h>

#include "wire_codec.h"

#define LEVEL        19
#define LENGTH_BYTES 5 /* of a varint, at most */

/* Tags of proto/tocsin.proto: Record.incident, Incident.text. */
#define INCIDENT_TAG 0x52
#define TEXT_TAG     0x2a

struct packer {
    ZSTD_CCtx *pack;
    ZSTD_DCtx *unpack;
    struct buf plain, joined;
    struct blob *records; /* MAX_BATCH, made when first needed */
};

struct packer *
packer_new(void)
{
    struct packer *p = calloc(1, sizeof *p);

    if (p != NULL) {
        buf_init(&p->plain, PACK_MAX_BYTES + MAX_BATCH * LENGTH_BYTES * 2);
        buf_init(&p->joined, PACK_MAX_BYTES + MAX_BATCH * LENGTH_BYTES * 3);
    }
    return p;
}

void
packer_free(struct packer *p)
{
    if (p == NULL)
        return;
    (void)ZSTD_freeCCtx(p->pack);   /* accepts NULL, cannot fail */
    (void)ZSTD_freeDCtx(p->unpack); /* likewise */
    buf_fini(&p->plain);
    buf_fini(&p->joined);
    free(p->records);
    free(p);
}

/* The length in front of bytes that lie within the rest; returns what it takes, 0 = none that fits. */
static size_t
length_at(const uint8_t *d, size_t left, size_t *len)
{
    uint64_t v = 0;

    for (size_t i = 0; i < LENGTH_BYTES && i < left; i++) {
        v |= (uint64_t)(d[i] & 0x7f) << (7 * i);
        if (d[i] < 0x80) {
            *len = v;
            return v <= left - i - 1 ? i + 1 : 0;
        }
    }
    return 0;
}

/* From at on, the first field whose tag is not below `tag`; len when there is none, or something
 * that cannot be walked over. Tags of one byte only: all that stand in front of ours. */
static size_t
walk(const uint8_t *d, size_t at, size_t len, uint8_t tag)
{
    while (at < len && d[at] < tag) {
        size_t n = 0, head;
        switch (d[at++] & 7) {
        case 0:
            while (at < len && d[at] >= 0x80)
                at++;
            at++;
            break;
        case 2:
            if ((head = length_at(d + at, len - at, &n)) == 0)
                return len;
            at += head + n;
            break;
        default:
            return len;
        }
    }
    return at < len ? at : len;
}

/* A Record whose last field is an incident: where that begins, behind its length at *length_offset. */
static bool
find_incident(const uint8_t *d, size_t len, size_t *length_offset, size_t *begin)
{
    size_t at = walk(d, 0, len, INCIDENT_TAG), n = 0, head;

    if (at == len || d[at] != INCIDENT_TAG ||
        (head = length_at(d + at + 1, len - at - 1, &n)) == 0 || at + 1 + head + n != len)
        return false;
    *length_offset = at + 1;
    *begin = at + 1 + head;
    return true;
}

/* Appends the record behind its length to heads, without its text; *text is that, empty = none. */
static void
part(const struct blob *r, struct buf *heads, struct blob *text)
{
    const uint8_t *d = r->data;
    size_t offset, begin, at, n = 0, head = 0;

    *text = (struct blob){0};
    if (find_incident(d, r->len, &offset, &begin) &&
        (at = walk(d, begin, r->len, TEXT_TAG)) < r->len && d[at] == TEXT_TAG &&
        (head = length_at(d + at + 1, r->len - at - 1, &n)) > 0 && n > 0) {
        size_t cut = 1 + head + n, body = r->len - begin - cut;
        wire_encode_varint(offset + wire_varint_len(body) + body, heads);
        buf_put(heads, d, offset);
        wire_encode_varint(body, heads);
        buf_put(heads, d + begin, at - begin);
        buf_put(heads, d + at + cut, r->len - at - cut);
        *text = (struct blob){d + at + 1 + head, n};
        return;
    }
    wire_encode_varint(r->len, heads);
    buf_put(heads, d, r->len);
}

/* Appends the record with its text in its place again. -1: it is no incident that lacks one. */
static int
join(const struct blob *r, const struct blob *text, struct buf *out)
{
    const uint8_t *d = r->data;
    size_t offset, begin;

    if (!find_incident(d, r->len, &offset, &begin))
        return -1;
    size_t at = walk(d, begin, r->len, TEXT_TAG);
    if (at < r->len && d[at] == TEXT_TAG)
        return -1;
    buf_put(out, d, offset);
    wire_encode_varint(r->len - begin + 1 + wire_varint_len(text->len) + text->len, out);
    buf_put(out, d + begin, at - begin);
    buf_putc(out, TEXT_TAG);
    wire_encode_varint(text->len, out);
    buf_put(out, text->data, text->len);
    buf_put(out, d + at, r->len - at);
    return 0;
}

static bool
make_records(struct packer *p)
{
    return p->records != NULL || (p->records = calloc(MAX_BATCH, sizeof *p->records)) != NULL;
}

int
packer_pack(struct packer *p, const struct blob *records, size_t n, struct buf *out, size_t *size)
{
    if ((p->pack == NULL && (p->pack = ZSTD_createCCtx()) == NULL) || !make_records(p)) {
        errno = ENOMEM;
        return -1;
    }
    buf_reset(&p->plain);
    for (size_t i = 0; i < n; i++)
        part(&records[i], &p->plain, &p->records[i]);
    for (size_t i = 0; i < n; i++) {
        wire_encode_varint(p->records[i].len, &p->plain);
        buf_put(&p->plain, p->records[i].data, p->records[i].len);
    }
    if (p->plain.failed || p->plain.len > PACK_MAX_BYTES) {
        errno = EMSGSIZE;
        return -1;
    }
    size_t room = ZSTD_compressBound(p->plain.len);
    void *to = buf_reserve(out, room);
    if (to == NULL) {
        errno = ENOMEM;
        return -1;
    }
    size_t got = ZSTD_compressCCtx(p->pack, to, room, p->plain.data, p->plain.len, LEVEL);
    if (ZSTD_isError(got)) {
        errno = ENOMEM; /* there was room enough: nothing else is left */
        return -1;
    }
    out->len += got;
    *size = p->plain.len;
    return 0;
}

/* The bytes at *at behind their length. -1: they are cut off. */
static int
take(const struct buf *b, size_t *at, struct blob *out)
{
    const uint8_t *d = (const uint8_t *)b->data;
    size_t n = 0, head = length_at(d + *at, b->len - *at, &n);

    if (head == 0)
        return -1;
    *out = (struct blob){d + *at + head, n};
    *at += head + n;
    return 0;
}

int
packer_unpack(struct packer *p, const void *frame, size_t len, size_t size, size_t n,
              const struct blob **out, struct err *e)
{
    size_t at = 0;

    if (n == 0 || n > MAX_BATCH)
        return err_set(e, "packed: %zu records, 1 to %d are allowed", n, MAX_BATCH);
    if (size == 0 || size > PACK_MAX_BYTES)
        return err_set(e, "packed: %zu bytes, 1 to %d are allowed", size, PACK_MAX_BYTES);
    if (p->unpack == NULL && (p->unpack = ZSTD_createDCtx()) == NULL)
        return err_set(e, "out of memory");
    if (!make_records(p))
        return err_set(e, "out of memory");
    buf_reset(&p->plain);
    uint8_t *to = buf_reserve(&p->plain, size);
    if (to == NULL)
        return err_set(e, "out of memory");
    size_t got = ZSTD_decompressDCtx(p->unpack, to, size, frame, len);
    if (ZSTD_isError(got))
        return err_set(e, "packed: %s", ZSTD_getErrorName(got));
    if (got != size)
        return err_set(e, "packed: %zu bytes instead of %zu", got, size);
    p->plain.len = size;
    for (size_t i = 0; i < n; i++)
        if (take(&p->plain, &at, &p->records[i]) < 0)
            return err_set(e, "packed: record %zu of %zu is cut off", i + 1, n);
    buf_reset(&p->joined);
    if (buf_reserve(&p->joined, size + n * LENGTH_BYTES * 3) == NULL) /* so that it never moves */
        return err_set(e, "out of memory");
    for (size_t i = 0; i < n; i++) {
        struct blob text;
        size_t begin = p->joined.len;
        if (take(&p->plain, &at, &text) < 0)
            return err_set(e, "packed: text %zu of %zu is cut off", i + 1, n);
        if (text.len == 0)
            continue;
        if (join(&p->records[i], &text, &p->joined) < 0)
            return err_set(e, "packed: record %zu of %zu can have no text", i + 1, n);
        p->records[i] = (struct blob){p->joined.data + begin, p->joined.len - begin};
    }
    if (at != size)
        return err_set(e, "packed: %zu bytes behind the last text", size - at);
    *out = p->records;
    return 0;
}
