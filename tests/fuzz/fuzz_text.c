/* fuzz_text: a report of any bytes is an incident, or there is no text in it. */
#include "fuzz_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_format(FORMAT_TEXT, data, size);
    return 0;
}
