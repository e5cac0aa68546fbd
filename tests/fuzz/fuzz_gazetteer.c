/* fuzz_gazetteer: any bytes as a gazetteer file; what loads must answer lookups. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <stdio.h>

#include "gazetteer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gazetteer *g = gazetteer_new();
    const struct gaz_place *out[4];
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    char path[64];
    struct err e;

    if (g == NULL || fd < 0 || write(fd, data, size) != (ssize_t)size)
        goto out;
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (gazetteer_add_file(g, path, &e) == 0 && gazetteer_finish(g, &e) == 0) {
        size_t said = size < 40 ? size : 40;
        (void)gazetteer_lookup(g, (const char *)data, said, out, 4);
        (void)gazetteer_lookup_spelling(g, (const char *)data, said, out, 4);
        (void)gazetteer_lookup_letter(g, (const char *)data, said, out, 4);
        (void)gazetteer_nearest(g, (struct geo_pt){(int32_t)size * 1000000, 0}, 50000);
    }
out:
    if (fd >= 0)
        (void)close(fd);
    gazetteer_free(g);
    return 0;
}
