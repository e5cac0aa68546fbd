/* format_protobuf: a recording to its records: packed Records, each behind its length as a varint.
 *
 * A record that cannot be read is refused alone, since its length says where the next one begins. A
 * length that cannot be right ends that: the rest is refused once, and the stream is broken. Of a
 * recording a door takes what its sources may send, and leaves stamps and the collector's own
 * records (ticks, steps of the clock, brackets) to the collector: those are ignored here, but for
 * `tocsin replay`, which does not come this way. */
#include "format_impl.h"

#include "wire.h"

#define MAX_VARINT 10
#define MAX_RECORD (1u << 20) /* a record that needs more breaks a limit of record.h anyway */

enum head { HEAD_OK, HEAD_MORE, HEAD_BAD };

/* The length at s: *skip bytes of it, *len of the record. */
static enum head
read_length(const char *s, size_t n, size_t *skip, uint64_t *len)
{
    uint64_t v = 0;

    for (size_t i = 0; i < n && i < MAX_VARINT; i++) {
        v |= (uint64_t)((unsigned char)s[i] & 0x7F) << (7 * i);
        if (((unsigned char)s[i] & 0x80) == 0) {
            *skip = i + 1;
            *len = v;
            return v > 0 && v <= MAX_RECORD ? HEAD_OK : HEAD_BAD;
        }
    }
    return n < MAX_VARINT ? HEAD_MORE : HEAD_BAD;
}

/* raw has the length in front, so that what is kept of it is a recording of one. */
static void
one(const char *raw, size_t len, size_t skip, const struct format_sink *sink)
{
    struct err e = {.text = ""};
    struct record r;

    arena_reset(sink->arena);
    if (wire_record_unpack(raw + skip, len - skip, sink->arena, &r, &e) != 0) {
        sink->refused(sink->arg, e.text, raw, len);
        return;
    }
    switch (r.type) {
    case REC_INCIDENT:
    case REC_ASSET:
    case REC_POSITION:
    case REC_LINK:
    case REC_ACT:
        sink->record(sink->arg, &r, raw, len);
        break;
    default:
        sink->ignored(sink->arg, "a record that the collector itself makes", raw, len);
        break;
    }
}

size_t
format_protobuf_take(struct format_stream *st, const char *s, size_t n, bool last, size_t most,
                     const struct format_sink *sink)
{
    size_t i = 0, count = 0;

    while (i < n && (most == 0 || count < most)) {
        size_t skip = 0;
        uint64_t len = 0;
        enum head head = st->broken ? HEAD_BAD : read_length(s + i, n - i, &skip, &len);
        if (head == HEAD_OK && len <= n - i - skip) {
            one(s + i, skip + (size_t)len, skip, sink);
            count++;
            i += skip + (size_t)len;
            continue;
        }
        if (head != HEAD_BAD && !last)
            break;
        st->broken = true;
        sink->refused(sink->arg,
                      head == HEAD_BAD ? "no recording: a record's length cannot be right"
                                       : "the recording ends within a record",
                      s + i, n - i);
        i = n;
    }
    return i;
}
