/* wire_encode: the encoder behind wire.h.
 *
 * Writes straight into the buf, front to back, in the order of the tables: the same struct
 * gives the same bytes. The length of a message inside stands before its content and is known
 * only after it: room is left for the likely width (wire_msg.width), and where that was wrong
 * the content is moved. That is cheaper than a pass that only counts. */
#include "wire_codec.h"

#include <assert.h>
#include <string.h>

#include "record.h"
#include "wire.h"

#define KEY_LEN    3 /* of field numbers up to 2^18 */
#define VARINT_LEN 10

/* Room for n bytes, or NULL when the buf has failed. The NUL behind is set at the end. */
static inline uint8_t *
room(struct buf *b, size_t n)
{
    if (!b->failed && b->cap - b->len > n)
        return (uint8_t *)b->data + b->len;
    return buf_reserve(b, n);
}

static inline uint8_t *
write_varint(uint8_t *p, uint64_t v)
{
    while (v >= 0x80) {
        *p++ = (uint8_t)(v | 0x80);
        v >>= 7;
    }
    *p++ = (uint8_t)v;
    return p;
}

static inline uint8_t *
write_fixed64(uint8_t *p, uint64_t v)
{
    for (int i = 0; i < 8; i++)
        *p++ = (uint8_t)(v >> (8 * i));
    return p;
}

uint32_t
wire_varint_len(uint64_t v)
{
    return (63 - (uint32_t)__builtin_clzll(v | 1)) / 7 + 1;
}

static inline uint64_t
zigzag(int64_t v)
{
    return (uint64_t)v << 1 ^ (uint64_t)(v >> 63);
}

static void
put_varint(struct buf *b, unsigned number, uint64_t v)
{
    uint8_t *p = room(b, KEY_LEN + VARINT_LEN), *start = p;

    if (p == NULL)
        return;
    p = write_varint(write_varint(p, number << 3), v);
    b->len += (size_t)(p - start);
}

static void
put_bytes(struct buf *b, unsigned number, const void *data, size_t n)
{
    uint8_t *p = room(b, KEY_LEN + VARINT_LEN + n), *start = p;

    if (p == NULL)
        return;
    p = write_varint(write_varint(p, number << 3 | 2), n);
    if (n > 0)
        memcpy(p, data, n);
    b->len += (size_t)(p - start) + n;
}

static void
put_fixed64(struct buf *b, unsigned number, uint64_t v)
{
    uint8_t *p = room(b, KEY_LEN + 8), *start = p;

    if (p == NULL)
        return;
    p = write_fixed64(write_varint(p, number << 3 | 1), v);
    b->len += (size_t)(p - start);
}

/* Content follows; its length goes to where `at` points once end_sub() knows it. */
struct sub {
    size_t start, content;
};

static bool
begin_sub(struct buf *b, unsigned number, uint32_t width, struct sub *s)
{
    uint8_t *p = room(b, KEY_LEN + width);

    if (p == NULL)
        return false;
    s->start = b->len;
    b->len += (size_t)(write_varint(p, number << 3 | 2) - p) + width;
    s->content = b->len;
    return true;
}

static void
end_sub(struct buf *b, uint32_t width, const struct sub *s, bool keep_empty)
{
    size_t n = b->len - s->content;

    if (b->failed)
        return;
    if (n == 0 && !keep_empty) {
        b->len = s->start;
        return;
    }
    uint32_t need = wire_varint_len(n);
    if (need != width) {
        if (need > width && room(b, need - width) == NULL)
            return;
        char *content = b->data + s->content;
        memmove(content - width + need, content, n);
        b->len = b->len - width + need;
    }
    (void)write_varint((uint8_t *)b->data + s->content - width, n); /* its end is known */
}

static void encode(const struct wire_msg *m, const uint8_t *s, unsigned low, unsigned high,
                   struct buf *b);

static void
put_sub(struct buf *b, unsigned number, const struct wire_msg *m, const void *s, uint32_t width,
        bool keep_empty)
{
    struct sub sub;

    if (!begin_sub(b, number, width, &sub))
        return;
    encode(m, s, 0, UINT32_MAX, b);
    end_sub(b, width, &sub, keep_empty);
}

static bool
all_zero(const uint8_t *p, size_t n)
{
    uint8_t any = 0;

    for (size_t i = 0; i < n; i++)
        any |= p[i];
    return any == 0;
}

static void
put_packed(struct buf *b, const struct wire_field *f, const void *list, size_t n)
{
    const struct geo_pt *points = list;
    const int64_t *times = list;
    struct sub sub;

    if (n == 0 || !begin_sub(b, f->number, 2, &sub))
        return;
    for (size_t i = 0; i < n; i++) {
        uint8_t *p = room(b, VARINT_LEN), *start = p;
        if (p == NULL)
            return;
        if (f->kind == WK_ROUTE)
            p = write_varint(write_varint(p, zigzag(points[i].lat)), zigzag(points[i].lon));
        else
            p = write_varint(p, (uint64_t)times[i]);
        b->len += (size_t)(p - start);
    }
    end_sub(b, 2, &sub, false);
}

static void
put_list(struct buf *b, const struct wire_field *f, const uint8_t *at, size_t n)
{
    const void *list;

    memcpy(&list, at, sizeof(list)); /* where the list is a pointer and not in place */
    for (size_t i = 0; i < n && !b->failed; i++)
        switch (f->kind) {
        case WK_STRS: {
            const char *s = ((const char *const *)(const void *)at)[i];
            put_bytes(b, f->number, s, strlen(s));
            break;
        }
        case WK_MSGS:
            put_sub(b, f->number, f->sub, at + i * f->sub->size, f->sub->width, true);
            break;
        case WK_LIST:
            put_sub(b, f->number, f->sub, (const uint8_t *)list + i * f->sub->size, f->sub->width,
                    true);
            break;
        case WK_PTRS:
            put_sub(b, f->number, f->sub, ((const void *const *)list)[i], f->sub->width, true);
            break;
        default: {
            assert(f->kind == WK_BLOBS);
            const struct blob *blob = &((const struct blob *)list)[i];
            put_bytes(b, f->number, blob->data, blob->len);
            break;
        }
        }
}

static inline bool
flag(const uint8_t *s, const struct wire_field *f)
{
    return *(const bool *)(s + f->aux);
}

static void
put_field(struct buf *b, const struct wire_field *f, const uint8_t *s)
{
    const uint8_t *at = s + f->offset;
    uint32_t u32;
    int32_t i32;
    uint64_t u64;
    size_t count = 0;

    switch (f->kind) {
    case WK_U32:
    case WK_ENUM:
        memcpy(&u32, at, 4);
        if (f->aux == WIRE_NO_AUX ? u32 != 0 : flag(s, f))
            put_varint(b, f->number, u32);
        break;
    case WK_U64:
    case WK_TIME:
        memcpy(&u64, at, 8);
        if (u64 != 0)
            put_varint(b, f->number, u64);
        break;
    case WK_FIGURE:
        memcpy(&i32, at, 4);
        if (i32 >= 0)
            put_varint(b, f->number, (uint64_t)i32);
        break;
    case WK_BYTE:
    case WK_BOOL:
        if (*at != 0)
            put_varint(b, f->number, *at);
        break;
    case WK_S32:
        memcpy(&i32, at, 4);
        if (i32 != 0)
            put_varint(b, f->number, zigzag(i32));
        break;
    case WK_S64:
        memcpy(&u64, at, 8);
        if (u64 != 0)
            put_varint(b, f->number, zigzag((int64_t)u64));
        break;
    case WK_LAT:
    case WK_LON:
        memcpy(&i32, at + (f->kind == WK_LON ? offsetof(struct geo_pt, lon) : 0), 4);
        if (f->aux == WIRE_NO_AUX || flag(s, f))
            put_varint(b, f->number, zigzag(i32));
        break;
    case WK_FIX64S:
        for (uint32_t i = 0; i < f->limit; i++) {
            memcpy(&u64, at + i * 8, 8);
            if (u64 != 0)
                put_fixed64(b, f->number, u64);
        }
        break;
    case WK_STR: {
        const char *str;
        memcpy(&str, at, sizeof(str));
        if (str != NULL)
            put_bytes(b, f->number, str, strlen(str));
        break;
    }
    case WK_GRADE:
        if (*at != 0)
            put_bytes(b, f->number, at, strnlen((const char *)at, 2));
        break;
    case WK_ID:
        if (!all_zero(at, ID_LEN))
            put_bytes(b, f->number, at, ID_LEN);
        break;
    case WK_DIGEST:
        if (f->aux == WIRE_NO_AUX ? !all_zero(at, DIGEST_LEN) : flag(s, f))
            put_bytes(b, f->number, at, DIGEST_LEN);
        break;
    case WK_BLOB: {
        struct blob blob;
        memcpy(&blob, at, sizeof(blob));
        if (blob.len > 0)
            put_bytes(b, f->number, blob.data, blob.len);
        break;
    }
    case WK_MSG:
        if (f->aux == WIRE_NO_AUX || flag(s, f))
            put_sub(b, f->number, f->sub, at, f->sub->width,
                    f->aux != WIRE_NO_AUX || f->member != 0);
        break;
    case WK_PTR: {
        const void *sub;
        memcpy(&sub, at, sizeof(sub));
        if (sub != NULL)
            put_sub(b, f->number, f->sub, sub, f->sub->width, true);
        break;
    }
    case WK_ROUTE:
    case WK_TIMES: {
        const void *list;
        memcpy(&list, at, sizeof(list));
        memcpy(&count, s + f->aux, sizeof(count));
        put_packed(b, f, list, count);
        break;
    }
    default:
        memcpy(&count, s + f->aux, sizeof(count));
        put_list(b, f, at, count);
        break;
    }
}

static void
encode(const struct wire_msg *m, const uint8_t *s, unsigned low, unsigned high, struct buf *b)
{
    unsigned type = 0;

    if (m->oneof != WIRE_NO_ONEOF)
        memcpy(&type, s + m->oneof, sizeof(type));
    for (uint32_t i = 0; i < m->n_fields; i++) {
        const struct wire_field *f = &m->fields[i];
        if (f->number >= low && f->number <= high && (f->member == 0 || f->member == type))
            put_field(b, f, s);
    }
}

static void
terminate(struct buf *b)
{
    if (!b->failed && b->data != NULL)
        b->data[b->len] = '\0';
}

void
wire_encode(const struct wire_msg *m, const void *s, unsigned low, unsigned high, struct buf *b)
{
    encode(m, s, low, high, b);
    terminate(b);
}

void
wire_encode_sub(const struct wire_msg *m, const void *s, unsigned number, uint32_t width,
                struct buf *b)
{
    put_sub(b, number, m, s, width, true);
    terminate(b);
}

void
wire_encode_varint(uint64_t v, struct buf *b)
{
    uint8_t *p = room(b, VARINT_LEN);

    if (p == NULL)
        return;
    b->len += (size_t)(write_varint(p, v) - p);
    terminate(b);
}
