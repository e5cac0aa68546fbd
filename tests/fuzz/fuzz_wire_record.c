/* Fuzz target: any bytes as one Record. What is taken packs to bytes that are taken again and
 * pack to the same; what is refused has an error text; a finding likewise. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool ok)
{
    if (!ok)
        abort();
}

static void
check_finding(const uint8_t *data, size_t size, struct arena *a, struct buf *one, struct buf *two)
{
    struct finding f;

    if (wire_finding_unpack(data, size, a, &f, NULL) != 0)
        return;
    wire_finding_pack(&f, one);
    must(wire_finding_unpack(one->data, one->len, a, &f, NULL) == 0);
    wire_finding_pack(&f, two);
    must(one->len == two->len && memcmp(one->data, two->data, one->len) == 0);
    buf_reset(one);
    buf_reset(two);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(0);
    struct record r;
    struct err e = {.text = ""};
    struct buf one, two;

    must(a != NULL);
    buf_init(&one, 0);
    buf_init(&two, 0);
    buf_putc(&one, 0); /* so that data is never NULL */
    buf_putc(&two, 0);
    buf_reset(&one);
    buf_reset(&two);
    check_finding(data, size, a, &one, &two);
    if (wire_record_unpack(data, size, a, &r, &e) == 0) {
        wire_record_pack(&r, true, &one);
        must(wire_record_unpack(one.data, one.len, a, &r, &e) == 0);
        wire_record_pack(&r, true, &two);
        must(one.len == two.len && memcmp(one.data, two.data, one.len) == 0);
    } else {
        must(e.text[0] != '\0');
    }
    buf_fini(&one);
    buf_fini(&two);
    arena_free(a);
    return 0;
}
