/* Fuzz target: the first byte chooses the configuration and the size of pieces, the rest is a body
 * of CSV. In pieces it gives what it gives in one. */
#include "format_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char *names[] = {"text", "more"};
    static char *numbers[] = {"2"};
    static const struct csv_conf by_name = {.name = "n",
                                            .delimiter = ";",
                                            .header = true,
                                            .text = {names, 2},
                                            .id = "id",
                                            .reported_at = "at",
                                            .lat = "lat",
                                            .lon = "lon",
                                            .mgrs = "mgrs",
                                            .event = "event",
                                            .status = "status",
                                            .killed = "killed",
                                            .lang = "lang",
                                            .reliability = "grade"};
    static const struct csv_conf by_number = {.name = "l",
                                              .delimiter = ",",
                                              .text = {numbers, 1},
                                              .occurred_at = "1",
                                              .time_format = "%d/%m %H:%M"};
    static const struct csv_conf *const confs[] = {NULL, &by_name, &by_number, NULL};
    struct format_options o = {.now_us = 1681711200000000};
    struct checked whole, pieces;

    if (size < 1)
        return 0;
    o.csv = confs[data[0] & 3];
    check_run(FORMAT_CSV, data + 1, size - 1, &o, 0, &whole);
    check_run(FORMAT_CSV, data + 1, size - 1, &o, 1 + (data[0] >> 2), &pieces);
    /* What is refused whole is whatever was at hand. */
    must(whole.hash == pieces.hash && whole.calls == pieces.calls);
    return 0;
}
