/* fuzz_cap: XML of any bytes to CAP incidents, or reasons. */
#include "fuzz_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_format(FORMAT_CAP, data, size);
    return 0;
}
