/* fuzz_text: a report of any bytes is an incident, or there is no text in it. */
#include "format_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct source_conf source = {
        .name = (char *)"fuzz", .lang = (char *)"fr", .utc_offset_min = 60};
    static const struct format_options o = {.source = &source, .now_us = 1681700000000000};

    check_body(FORMAT_TEXT, data, size, &o);
    return 0;
}
