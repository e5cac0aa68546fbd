/* Fuzz target: any bytes as Cursor on Target. Records must be such as wire takes. */
#include <stdint.h>

#include "cot_sink.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct tak_asset_conf assets[] = {
        {.match = (char *)"LIMA*"}, {.match = (char *)"*", .asset = (char *)"convoy-7"}};
    static const struct format_options o = {.tak = assets, .n_tak = 2};
    struct format_sink sink = {
        .record = sink_record, .refused = sink_words, .ignored = sink_words, .arena = arena_new(0)};

    must(sink.arena != NULL);
    format_all(FORMAT_COT, (const char *)data, size, &o, &sink);
    arena_free(sink.arena);
    return 0;
}
