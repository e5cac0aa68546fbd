/* wire_decode: the decoder behind wire.h.
 *
 * One pass over the bytes, driven by the tables. Every value is checked where it is read, so
 * that nothing unchecked ever lies in a struct. Depth is that of the tables, which do not
 * recurse. Memory comes from the arena alone; a list is counted ahead and allocated once.
 *
 * Stricter than protobuf in three points: unknown fields are refused (what we do not
 * understand we must not store or pass on as understood), so is a second body of a oneof, and
 * a message field that comes twice (protobuf would merge). Scalars that come twice: the last
 * one stands. */
#include "wire_codec.h"

#include <errno.h>
#include <string.h>

#include "record.h"
#include "wire.h"

enum { WT_VARINT = 0, WT_I64 = 1, WT_LEN = 2, WT_I32 = 5 };

struct reader {
    struct arena *a;
    struct err *e;
};

/* ---- text */

#define ONES  UINT64_C(0x0101010101010101)
#define HIGHS UINT64_C(0x8080808080808080)

bool
wire_text_ok(const void *data, size_t n)
{
    const uint8_t *p = data, *end = p + n;

    while (p < end) {
        if (end - p >= 8) {
            uint64_t w;
            memcpy(&w, p, 8);
            /* No high bit and no zero byte. */
            if (((w | (w - ONES)) & HIGHS) == 0) {
                p += 8;
                continue;
            }
        }
        uint8_t c = *p;
        if (c < 0x80) {
            if (c == 0)
                return false;
            p++;
            continue;
        }
        size_t more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
        if (c < 0xc2 || c > 0xf4 || (size_t)(end - p) <= more)
            return false;
        uint8_t lo = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
        uint8_t hi = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
        if (p[1] < lo || p[1] > hi)
            return false;
        for (size_t i = 2; i <= more; i++)
            if ((p[i] & 0xc0) != 0x80)
                return false;
        p += more + 1;
    }
    return true;
}

/* ---- errors */

static int
bad(const struct reader *r, const struct wire_msg *m, const struct wire_field *f, const char *what)
{
    (void)err_set(r->e, "%s.%s: %s", m->name, f->name, what);
    errno = EINVAL;
    return -1;
}

static int
bad_msg(const struct reader *r, const struct wire_msg *m, const char *what)
{
    (void)err_set(r->e, "%s: %s", m->name, what);
    errno = EINVAL;
    return -1;
}

static int
too_long(const struct reader *r, const struct wire_msg *m, const struct wire_field *f,
         const char *unit)
{
    (void)err_set(r->e, "%s.%s: more than %u %s", m->name, f->name, f->limit, unit);
    errno = EINVAL;
    return -1;
}

static int
no_room(const struct reader *r, const struct wire_msg *m)
{
    (void)err_set(r->e, "%s: too large to hold; send less at once", m->name);
    errno = ENOMEM;
    return -1;
}

/* ---- bytes */

/* The varint at *p, which then moves behind it; false: cut off or beyond 64 bits. */
static inline bool
get_varint(const uint8_t **p, const uint8_t *end, uint64_t *out)
{
    if (*p < end && **p < 0x80) {
        *out = *(*p)++;
        return true;
    }
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 64 && *p < end; shift += 7) {
        uint8_t c = *(*p)++;
        if (shift == 63 && c > 1)
            return false;
        v |= (uint64_t)(c & 0x7f) << shift;
        if (c < 0x80) {
            *out = v;
            return true;
        }
    }
    return false;
}

/* One field: its key, and its value, or for WT_LEN the bytes from *data and their count. */
__attribute__((always_inline)) static inline bool
get_field(const uint8_t **p, const uint8_t *end, uint64_t *key, uint64_t *value,
          const uint8_t **data)
{
    if (!get_varint(p, end, key) || *key >> 3 == 0)
        return false;
    switch (*key & 7) {
    case WT_VARINT:
        return get_varint(p, end, value);
    case WT_LEN:
        if (!get_varint(p, end, value) || *value > (size_t)(end - *p))
            return false;
        *data = *p;
        *p += *value;
        return true;
    case WT_I64:
        if (end - *p < 8)
            return false;
        *value = 0;
        for (int i = 7; i >= 0; i--)
            *value = *value << 8 | (*p)[i];
        *p += 8;
        return true;
    case WT_I32: /* in no table; skipped by wire_peek() */
        if (end - *p < 4)
            return false;
        *value = 0;
        *p += 4;
        return true;
    default:
        return false;
    }
}

static int64_t
unzigzag(uint64_t v)
{
    return (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
}

static const uint8_t wire_types[WIRE_KINDS] = {
    [WK_FIX64S] = WT_I64, [WK_STR] = WT_LEN,   [WK_GRADE] = WT_LEN, [WK_ID] = WT_LEN,
    [WK_DIGEST] = WT_LEN, [WK_BLOB] = WT_LEN,  [WK_MSG] = WT_LEN,   [WK_PTR] = WT_LEN,
    [WK_ROUTE] = WT_LEN,  [WK_TIMES] = WT_LEN, [WK_STRS] = WT_LEN,  [WK_MSGS] = WT_LEN,
    [WK_LIST] = WT_LEN,   [WK_PTRS] = WT_LEN,  [WK_BLOBS] = WT_LEN,
};

/* How often the field comes from p on; the bytes may still turn out to be broken. */
static size_t
count_field(const uint8_t *p, const uint8_t *end, unsigned number)
{
    size_t n = 0;
    uint64_t key, value;
    const uint8_t *data;

    while (p < end && get_field(&p, end, &key, &value, &data))
        n += key >> 3 == number;
    return n;
}

/* ---- values */

static inline int
get_scalar(const struct reader *r, const struct wire_msg *m, const struct wire_field *f, uint64_t v,
           uint8_t *out)
{
    char *at = (char *)out + f->offset;
    int64_t s;

    switch (f->kind) {
    case WK_U32:
        if (v > f->limit || (v & f->low) != 0)
            return bad(r, m, f, "out of range");
        *(uint32_t *)(void *)at = (uint32_t)v;
        if (f->aux != WIRE_NO_AUX)
            *(bool *)(out + f->aux) = true;
        return 0;
    case WK_U64:
        *(uint64_t *)(void *)at = v;
        return 0;
    case WK_FIGURE:
        if (v > f->limit)
            return bad(r, m, f, "out of range");
        *(int32_t *)(void *)at = (int32_t)v;
        return 0;
    case WK_BYTE:
        if (v != 0 && (v < f->low || v > f->limit))
            return bad(r, m, f, "out of range");
        *at = (char)v;
        return 0;
    case WK_ENUM:
        if (v >= f->limit)
            return bad(r, m, f, "a value unknown here; made by a newer release?");
        *(unsigned *)(void *)at = (unsigned)v;
        return 0;
    case WK_BOOL:
        *(bool *)at = v != 0;
        return 0;
    case WK_TIME:
        if (v > WIRE_MAX_TIME_US)
            return bad(r, m, f, "not a time of 1970 to 2200");
        *(int64_t *)(void *)at = (int64_t)v;
        return 0;
    case WK_S32:
        s = unzigzag(v);
        if (s > (int64_t)f->limit || s < -(int64_t)f->limit)
            return bad(r, m, f, "out of range");
        *(int32_t *)(void *)at = (int32_t)s;
        return 0;
    case WK_S64:
        s = unzigzag(v);
        if (s > WIRE_MAX_SPAN_US || s < -WIRE_MAX_SPAN_US)
            return bad(r, m, f, "out of range");
        *(int64_t *)(void *)at = s;
        return 0;
    case WK_LAT:
    case WK_LON:
        s = unzigzag(v);
        if (s > (f->kind == WK_LAT ? 900000000 : 1800000000) ||
            s < (f->kind == WK_LAT ? -900000000 : -1800000000))
            return bad(r, m, f, "not on the globe");
        if (f->kind == WK_LAT)
            ((struct geo_pt *)(void *)at)->lat = (int32_t)s;
        else
            ((struct geo_pt *)(void *)at)->lon = (int32_t)s;
        return 0;
    case WK_FIX64S: {
        uint64_t *slot = (uint64_t *)(void *)at;
        for (uint32_t i = 0; i < f->limit; i++)
            if (slot[i] == 0) {
                slot[i] = v;
                return 0;
            }
        return too_long(r, m, f, "of them");
    }
    default:
        return bad(r, m, f, "of another wire type");
    }
}

static int
get_string(const struct reader *r, const struct wire_msg *m, const struct wire_field *f,
           const uint8_t *p, size_t n, size_t limit, const char **out)
{
    if (n > limit) {
        (void)err_set(r->e, "%s.%s: longer than %zu bytes", m->name, f->name, limit);
        errno = EINVAL;
        return -1;
    }
    if (!wire_text_ok(p, n))
        return bad(r, m, f, memchr(p, 0, n) != NULL ? "holds a NUL" : "not UTF-8");
    char *s = arena_alloc(r->a, n + 1);
    if (s == NULL)
        return no_room(r, m);
    memcpy(s, p, n);
    s[n] = '\0';
    *out = s;
    return 0;
}

static int
get_blob(const struct reader *r, const struct wire_msg *m, const uint8_t *p, size_t n,
         struct blob *out)
{
    void *copy = arena_alloc(r->a, n);
    if (copy == NULL)
        return no_room(r, m);
    memcpy(copy, p, n);
    out->data = copy;
    out->len = n;
    return 0;
}

/* Packed numbers: those of a route (two a point) or of a schedule. */
static int
get_packed(const struct reader *r, const struct wire_msg *m, const struct wire_field *f,
           const uint8_t *p, size_t n, uint8_t *out)
{
    const uint8_t *end = p + n;
    size_t count = 0, per = f->kind == WK_ROUTE ? 2 : 1;
    uint64_t v;

    for (const uint8_t *c = p; c < end; c++)
        count += *c < 0x80;
    if (count > f->limit * per)
        return too_long(r, m, f, f->kind == WK_ROUTE ? "points" : "times");
    if (count % per != 0)
        return bad(r, m, f, "a latitude without longitude");
    struct geo_pt *points = arena_alloc(r->a, count * sizeof(int64_t));
    int64_t *times = (int64_t *)(void *)points;
    if (points == NULL)
        return no_room(r, m);
    for (size_t i = 0; i < count; i++) {
        if (!get_varint(&p, end, &v))
            return bad(r, m, f, "cut off");
        if (f->kind == WK_TIMES) {
            if (v == 0 || v > WIRE_MAX_TIME_US)
                return bad(r, m, f, "not a time of 1970 to 2200");
            times[i] = (int64_t)v;
            continue;
        }
        int64_t s = unzigzag(v), most = i % 2 == 0 ? 900000000 : 1800000000;
        if (s > most || s < -most)
            return bad(r, m, f, "not on the globe");
        if (i % 2 == 0)
            points[i / 2].lat = (int32_t)s;
        else
            points[i / 2].lon = (int32_t)s;
    }
    if (p != end)
        return bad(r, m, f, "cut off");
    *(const void **)(void *)(out + f->offset) = points;
    *(size_t *)(void *)(out + f->aux) = count / per;
    return 0;
}

static int decode(const struct reader *r, const struct wire_msg *m, const uint8_t *p,
                  const uint8_t *end, uint8_t *out);

static void
init(const struct wire_msg *m, void *s)
{
    if (m->init != NULL)
        m->init(s);
    else
        memset(s, 0, m->size);
}

/* The next place of a list; rest..end are the bytes behind this occurrence. */
static void *
next_place(const struct reader *r, const struct wire_msg *m, const struct wire_field *f,
           size_t elem_size, const uint8_t *rest, const uint8_t *end, uint8_t *out)
{
    size_t *n = (size_t *)(void *)(out + f->aux);
    void **list = (void **)(void *)(out + f->offset);

    if (*n == 0) {
        size_t count = 1 + count_field(rest, end, f->number);
        if (count > f->limit) {
            (void)too_long(r, m, f, "of them");
            return NULL;
        }
        *list = arena_alloc(r->a, count * elem_size);
        if (*list == NULL) {
            (void)no_room(r, m);
            return NULL;
        }
    }
    return (char *)*list + (*n)++ * elem_size;
}

static int
get_bytes(const struct reader *r, const struct wire_msg *m, const struct wire_field *f,
          const uint8_t *p, size_t n, const uint8_t *end, uint8_t *out)
{
    uint8_t *at = out + f->offset;
    void *place;

    switch (f->kind) {
    case WK_STR:
        return get_string(r, m, f, p, n, f->limit, (const char **)(void *)at);
    case WK_GRADE:
        if (n > 2 || !wire_text_ok(p, n))
            return bad(r, m, f, "not a grade such as B2");
        memset(at, 0, 3);
        memcpy(at, p, n);
        return 0;
    case WK_ID:
        if (n != ID_LEN)
            return bad(r, m, f, "not 16 bytes");
        memcpy(at, p, ID_LEN);
        return 0;
    case WK_DIGEST:
        if (n != DIGEST_LEN)
            return bad(r, m, f, "not 32 bytes");
        memcpy(at, p, DIGEST_LEN);
        if (f->aux != WIRE_NO_AUX)
            *(bool *)(out + f->aux) = true;
        return 0;
    case WK_BLOB:
        if (n > f->limit)
            return too_long(r, m, f, "bytes");
        return get_blob(r, m, p, n, (struct blob *)(void *)at);
    case WK_MSG:
        if (f->member != 0)
            init(f->sub, at);
        if (f->aux != WIRE_NO_AUX)
            *(bool *)(out + f->aux) = true;
        return decode(r, f->sub, p, p + n, at);
    case WK_PTR:
        if ((place = arena_alloc(r->a, f->sub->size)) == NULL)
            return no_room(r, m);
        *(void **)(void *)at = place;
        init(f->sub, place);
        return decode(r, f->sub, p, p + n, place);
    case WK_ROUTE:
    case WK_TIMES:
        return get_packed(r, m, f, p, n, out);
    case WK_STRS: {
        size_t *count = (size_t *)(void *)(out + f->aux);
        if (*count >= f->limit)
            return too_long(r, m, f, "of them");
        return get_string(r, m, f, p, n, MAX_NAME, &((const char **)(void *)at)[(*count)++]);
    }
    case WK_MSGS: {
        size_t *count = (size_t *)(void *)(out + f->aux);
        if (*count >= f->limit)
            return too_long(r, m, f, "of them");
        place = at + (*count)++ * f->sub->size;
        init(f->sub, place);
        return decode(r, f->sub, p, p + n, place);
    }
    case WK_LIST:
        if ((place = next_place(r, m, f, f->sub->size, p + n, end, out)) == NULL)
            return -1;
        init(f->sub, place);
        return decode(r, f->sub, p, p + n, place);
    case WK_PTRS: {
        void **slot = next_place(r, m, f, sizeof(void *), p + n, end, out);
        if (slot == NULL)
            return -1;
        if ((*slot = arena_alloc(r->a, f->sub->size)) == NULL)
            return no_room(r, m);
        init(f->sub, *slot);
        return decode(r, f->sub, p, p + n, *slot);
    }
    case WK_BLOBS:
        if ((place = next_place(r, m, f, sizeof(struct blob), p + n, end, out)) == NULL)
            return -1;
        return get_blob(r, m, p, n, place);
    default:
        return bad(r, m, f, "of another wire type");
    }
}

/* ---- messages */

static const struct wire_field *
find_field(const struct wire_msg *m, uint64_t number, uint32_t *cursor)
{
    /* Senders write in ascending order: nearly always the first or second look. */
    for (uint32_t i = *cursor; i < m->n_fields && m->fields[i].number <= number; i++)
        if (m->fields[i].number == number) {
            *cursor = i;
            return &m->fields[i];
        }
    for (uint32_t i = 0; i < *cursor; i++)
        if (m->fields[i].number == number) {
            *cursor = i;
            return &m->fields[i];
        }
    return NULL;
}

/* Both or neither, and both where they are required. */
static int
check_position(const struct reader *r, const struct wire_msg *m, uint64_t seen, uint8_t *out)
{
    const struct wire_field *f = &m->fields[m->lat - 1];

    switch (seen >> (m->lat - 1) & 3) {
    case 3:
        if (f->aux != WIRE_NO_AUX)
            *(bool *)(out + f->aux) = true;
        return 0;
    case 2:
        return bad(r, m, f + 1, "a longitude without latitude");
    case 1:
        return bad(r, m, f, "a latitude without longitude");
    default:
        return f->aux == WIRE_NO_AUX ? bad(r, m, f, "missing") : 0;
    }
}

static int
decode(const struct reader *r, const struct wire_msg *m, const uint8_t *p, const uint8_t *end,
       uint8_t *out)
{
    uint64_t key, value, seen = 0;
    uint32_t cursor = 0;
    const uint8_t *data = NULL;

    while (p < end) {
        if (!get_field(&p, end, &key, &value, &data))
            return bad_msg(r, m, "cut off or not a protobuf");
        const struct wire_field *f = find_field(m, key >> 3, &cursor);
        if (f == NULL) {
            (void)err_set(r->e, "%s: field %llu is unknown here; made by a newer release?", m->name,
                          (unsigned long long)(key >> 3));
            errno = EINVAL;
            return -1;
        }
        if ((key & 7) != wire_types[f->kind])
            return bad(r, m, f, "of another wire type");
        if (f->member != 0) {
            unsigned *type = (unsigned *)(void *)(out + m->oneof);
            if (*type != 0)
                return bad(r, m, f, "a second body");
            *type = f->member;
        }
        if ((f->kind == WK_MSG || f->kind == WK_PTR || f->kind == WK_ROUTE ||
             f->kind == WK_TIMES) &&
            (seen >> cursor & 1) != 0)
            return bad(r, m, f, "comes twice");
        seen |= UINT64_C(1) << cursor;
        int rc = (key & 7) == WT_LEN ? get_bytes(r, m, f, data, (size_t)value, end, out)
                                     : get_scalar(r, m, f, value, out);
        if (rc != 0)
            return -1;
    }
    if (m->oneof != WIRE_NO_ONEOF && *(unsigned *)(void *)(out + m->oneof) == 0)
        return bad_msg(r, m, "no body");
    if (m->lat != 0 && check_position(r, m, seen, out) != 0)
        return -1;
    if (m->check != NULL && m->check(out, r->e) != 0) {
        errno = EINVAL;
        return -1;
    }
    return 0;
}

int
wire_decode(const struct wire_msg *m, const void *p, size_t n, struct arena *a, void *out,
            struct err *e)
{
    struct reader r = {.a = a, .e = e};

    init(m, out);
    return decode(&r, m, p, (const uint8_t *)p + n, out);
}

uint64_t
wire_peek(const void *data, size_t n, unsigned number)
{
    const uint8_t *p = data, *end = p + n, *bytes;
    uint64_t key, value, found = 0;

    while (p < end && get_field(&p, end, &key, &value, &bytes))
        if (key == ((uint64_t)number << 3 | WT_VARINT))
            found = value;
    return found;
}
