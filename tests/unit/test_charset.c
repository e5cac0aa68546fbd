/* test_charset: bytes of other character sets as UTF-8, in buffers of exact size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "charset.h"

#define BYTES(s) s, sizeof(s) - 1

static void
test_sets(void **state)
{
    static const struct {
        const char *name, *bytes;
        size_t n;
        const char *utf8;
        size_t len;
    } cases[] = {
        {NULL, BYTES(""), BYTES("")},
        {NULL, BYTES("attaqué"), BYTES("attaqué")},
        {NULL, BYTES("attaqu\xe9"), BYTES("attaqué")},
        {"", BYTES("\x80 3, l\x92\x9cuf"), BYTES("€ 3, l’œuf")},
        {"UTF-8", BYTES("attaqu\xe9"), BYTES("attaqué")},
        {"US-ASCII", BYTES("Gao"), BYTES("Gao")},
        {"x-unknown", BYTES("Gao \xc3\xa9"), BYTES("Gao é")},
        {"iso-8859-1", BYTES("\xc3\xa9"), BYTES("Ã©")},
        {"Windows-1252", BYTES("\x81"), BYTES("\xef\xbf\xbd")},
        {NULL, BYTES("\xff\0a"), BYTES("ÿ\0a")},
        {"UTF-16BE", BYTES("\0G\0a\0o\0\xe9"), BYTES("Gaoé")},
        {"utf-16", BYTES("\x06\x2d"), BYTES("ح")},
        {"UCS-2", BYTES("\0G\0"), BYTES("G")},
        {"ISO-10646-UCS-2", BYTES("\xd8\x3d\xde\x80"), BYTES("🚀")},
        {"UTF-16BE", BYTES("\xd8\x3d\0a"),
         BYTES("\xef\xbf\xbd"
               "a")},
        {"UTF-16BE", BYTES("\xde\x80\xd8\x3d"), BYTES("\xef\xbf\xbd\xef\xbf\xbd")},
        {"UTF-16BE", BYTES("\xd8\x3d\xde"), BYTES("\xef\xbf\xbd")},
    };
    struct arena *a = arena_new(0);

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t len = 99;
        char *exact = malloc(cases[i].n > 0 ? cases[i].n : 1);
        assert_non_null(exact);
        memcpy(exact, cases[i].bytes, cases[i].n);
        const char *out = charset_utf8(a, cases[i].name, exact, cases[i].n, &len);
        if (len != cases[i].len || memcmp(out, cases[i].utf8, len + 1) != 0)
            fail_msg("case %zu: %zu bytes, '%s'", i, len, out);
        free(exact);
    }
    arena_free(a);
    a = arena_new(16);
    size_t len = 0;
    assert_null(charset_utf8(a, NULL, "more than there is room for", 27, &len));
    arena_free(a);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_sets)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
