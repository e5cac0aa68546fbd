/* Fuzz target: any bytes as a line of JSON and as GeoJSON. Whatever JSON lets in, wire must take
 * when it is packed; a line that is written again reads as the same record. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "record_json.h"
#include "wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool ok)
{
    if (!ok)
        abort();
}

static int
on_asset(void *arg, const struct asset *as)
{
    struct record r = {.type = REC_ASSET, .u.asset = *as}, back;
    struct buf b;

    buf_init(&b, 0);
    wire_record_pack(&r, false, &b);
    must(wire_record_unpack(b.data, b.len, arg, &back, NULL) == 0);
    buf_reset(&b);
    asset_to_json(as, &b);
    must(!b.failed);
    buf_fini(&b);
    return 0;
}

static void
check_record(struct record *r, struct arena *a)
{
    struct record back;
    struct buf one, two, line;

    buf_init(&one, 0);
    buf_init(&two, 0);
    buf_init(&line, 0);
    wire_record_pack(r, true, &one);
    must(wire_record_unpack(one.data, one.len, a, &back, NULL) == 0);
    record_to_json(r, &line);
    must(record_from_json(line.data, line.len, a, &back, NULL) == 0);
    wire_record_pack(&back, true, &two);
    must(one.len == two.len && memcmp(one.data, two.data, one.len) == 0);
    buf_fini(&one);
    buf_fini(&two);
    buf_fini(&line);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(0);
    const char *s = (const char *)data;
    struct err e = {.text = ""};
    struct finding f;
    struct record r;

    must(a != NULL);
    if (record_from_json(s, size, a, &r, &e) == 0)
        check_record(&r, a);
    else
        must(e.text[0] != '\0');
    (void)finding_from_json(s, size, a, &f, NULL);            /* either way is well */
    (void)assets_from_geojson(s, size, a, on_asset, a, NULL); /* likewise */
    arena_free(a);
    return 0;
}
