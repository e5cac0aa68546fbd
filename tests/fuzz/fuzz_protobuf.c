/* Fuzz target: the first byte is the size of pieces, the rest a recording. In pieces it gives what
 * it gives in one. */
#include "format_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct checked whole, pieces;

    if (size < 1)
        return 0;
    check_run(FORMAT_PROTOBUF, data + 1, size - 1, NULL, 0, &whole);
    check_run(FORMAT_PROTOBUF, data + 1, size - 1, NULL, (size_t)data[0] + 1, &pieces);
    must(whole.hash == pieces.hash && whole.calls == pieces.calls);
    return 0;
}
