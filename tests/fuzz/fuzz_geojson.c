/* Fuzz target: any bytes as GeoJSON. */
#include "format_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct checked c;

    check_run(FORMAT_GEOJSON, data, size, NULL, 0, &c);
    return 0;
}
