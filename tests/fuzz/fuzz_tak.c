/* Fuzz target: any bytes as a TAK connection, then each message as what it reports. The first byte
 * says whether frames were agreed on, and where the first read ends; that may not change what the
 * messages are. */
#include "format_check.h"
#include "tak.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was read, as one number: kinds and lengths. */
static uint64_t
add(uint64_t sum, uint64_t v)
{
    return (sum ^ v) * UINT64_C(0x100000001B3);
}

struct reading {
    uint64_t sum;
    size_t at; /* behind what was used */
    bool failed;
};

/* Reads on in s[0..n), n bytes of which have come. */
static void
read_on(struct reading *r, const char *s, size_t n, bool protobuf, struct arena *a, bool report)
{
    static const struct tak_asset_conf assets[] = {{.match = (char *)"*"}};
    static const struct format_options o = {.tak = assets, .n_tak = 1};

    while (!r->failed) {
        struct tak_message m;
        size_t used = SIZE_MAX;
        struct err e = {.text = ""};
        int rc;

        arena_reset(a);
        rc = tak_next(s + r->at, n - r->at, protobuf, a, &m, &used, &e);
        if (rc < 0) {
            must_be_words(e.text);
            r->failed = true;
            r->sum = add(r->sum, 99);
            return;
        }
        must(used <= n - r->at);
        r->at += used;
        if (rc == 0)
            return;
        must(used > 0 && m.len <= TAK_MESSAGE_BYTES);
        r->sum = add(add(add(r->sum, m.kind), m.protobuf), m.len);
        if (report && m.kind == TAK_EVENT) {
            struct checked c;
            struct format_sink sink = check_sink(&c);

            format_tak(&m, &o, &sink);
            arena_free(sink.arena);
        }
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reading one = {.sum = 1}, two = {.sum = 1};
    struct arena *a = arena_new(0);
    const char *s = (const char *)data + 1;
    bool protobuf;

    must(a != NULL);
    if (size > 1) {
        protobuf = (data[0] & 1) != 0;
        read_on(&one, s, size - 1, protobuf, a, true);
        read_on(&two, s, data[0] / 2 < size - 1 ? data[0] / 2 : size - 1, protobuf, a, false);
        read_on(&two, s, size - 1, protobuf, a, false);
        /* A message of the mesh has no length: it ends where a read ends. */
        if (memmem(s, size - 1, "\xBF\x01\xBF", 3) == NULL)
            must(one.sum == two.sum);
    }
    arena_free(a);
    return 0;
}
