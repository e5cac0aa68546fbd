/* Fuzz target: any bytes as Cursor on Target. Records must be such as wire takes. */
#include "format_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct tak_asset_conf assets[] = {
        {.match = (char *)"LIMA*"}, {.match = (char *)"*", .asset = (char *)"convoy-7"}};
    static const struct format_options o = {.tak = assets, .n_tak = 2};

    check_body(FORMAT_COT, data, size, &o);
    return 0;
}
