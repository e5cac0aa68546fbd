/* fuzz_place: any text against a small gazetteer; the place found must be on the globe. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <stdio.h>

#include <utf8proc.h>

#include "place.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char list[] = "1\tGao\tGawo\t16.27\t-0.04\tpopulated\tML\tGao\t86000\t4\n"
                           "2\tBourem\t\t16.95\t-0.35\tpopulated\tML\tGao\t27000\t3\n"
                           "3\tFada N'Gourma\tFada\t12.06\t0.36\tpopulated\tBF\tEst\t0\t1\n"
                           "4\tKura-Peulh\tKura\t13.66\t-3.73\tpopulated\tML\tMopti\t0\t1\n"
                           "5\tKura-Habbé\tKura\t13.67\t-3.75\tpopulated\tML\tMopti\t0\t1\n"
                           "6\tRégion de Gao\tGao\t16.6\t0.5\tregion\tML\tGao\t0\t170\n"
                           "7\tRN17\tRN 17\t\t\troad\tML\tGao\t0\t\t16.27,-0.04 15.9,0.2 15.6,0.5\n"
                           "8\tTidermène\t\t16.62\t2.44\tpopulated\tML\tGao\t0\t2\n";

static struct gazetteer *
load(void)
{
    struct gazetteer *g = gazetteer_new();
    int fd = memfd_create("list", MFD_CLOEXEC);
    char path[64];
    struct err e;

    if (g == NULL || fd < 0 || write(fd, list, sizeof list - 1) != sizeof list - 1)
        abort();
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (gazetteer_add_file(g, path, &e) != 0 || gazetteer_finish(g, &e) != 0)
        abort();
    (void)close(fd);
    return g;
}

static int
valid_utf8(const char *s)
{
    utf8proc_ssize_t left = (utf8proc_ssize_t)strlen(s);

    while (left > 0) {
        utf8proc_int32_t c;
        utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)s, left, &c);
        if (n <= 0)
            return 0;
        s += n;
        left -= n;
    }
    return 1;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct gazetteer *g;
    struct arena *a;
    struct incident in;
    struct finding f;
    char *text;

    if (g == NULL)
        g = load();
    if (size > MAX_TEXT)
        return 0;
    a = arena_new(0);
    text = a == NULL ? NULL : arena_strndup(a, (const char *)data, size);
    if (text == NULL || !valid_utf8(text)) { /* the doors let nothing else in */
        arena_free(a);
        return 0;
    }
    incident_init(&in);
    finding_init(&f);
    in.text = text;
    if (size % 3 == 0)
        in.place = text;
    if (size % 5 == 0)
        in.source_place = text;
    f.event = EV_AMBUSH;
    if (place_find(g, &in, a, &f) == 0 && f.has_place)
        assert(geo_valid(f.place.pt) && f.place.method != NULL);
    arena_free(a);
    return 0;
}
