/* charset: see the header. */
#include "charset.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include <utf8proc.h>

/* Windows-1252 from 0x80 to 0x9F; 0 = not assigned. */
static const uint16_t windows[32] = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

static bool
is_one_of(const char *name, const char *const *names)
{
    for (; *names != NULL; names++)
        if (strcasecmp(name, *names) == 0)
            return true;
    return false;
}

static bool
is_utf8(const char *s, size_t n)
{
    utf8proc_int32_t point;

    for (size_t i = 0; i < n;) {
        utf8proc_ssize_t len = utf8proc_iterate((const utf8proc_uint8_t *)s + i,
                                                (utf8proc_ssize_t)(n - i < 4 ? n - i : 4), &point);
        if (len <= 0)
            return false;
        i += (size_t)len;
    }
    return true;
}

static size_t
put(char *out, int32_t point)
{
    return (size_t)utf8proc_encode_char(point, (utf8proc_uint8_t *)out);
}

static size_t
from_windows(char *out, const unsigned char *s, size_t n)
{
    size_t w = 0;

    for (size_t i = 0; i < n; i++) {
        int32_t point = s[i] >= 0x80 && s[i] < 0xA0 ? windows[s[i] - 0x80] : s[i];
        w += put(out + w, point == 0 && s[i] != 0 ? 0xFFFD : point);
    }
    return w;
}

static size_t
from_utf16(char *out, const unsigned char *s, size_t n)
{
    size_t w = 0;

    for (size_t i = 0; i + 1 < n; i += 2) {
        int32_t point = s[i] << 8 | s[i + 1];
        if (point >= 0xD800 && point < 0xE000) {
            int32_t low = point < 0xDC00 && i + 3 < n ? s[i + 2] << 8 | s[i + 3] : 0;
            bool pair = low >= 0xDC00 && low < 0xE000;
            point = pair ? 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00) : 0xFFFD;
            i += pair ? 2 : 0;
        }
        w += put(out + w, point);
    }
    return w;
}

const char *
charset_utf8(struct arena *a, const char *name, const char *s, size_t n, size_t *len)
{
    static const char *const wide[] = {"UTF-16BE", "UTF-16",          "UCS-2",
                                       "UCS-2BE",  "ISO-10646-UCS-2", NULL};
    static const char *const narrow[] = {"ISO-8859-1", "LATIN1", "WINDOWS-1252", "CP1252", NULL};
    const unsigned char *u = (const unsigned char *)s;
    const char *set = name != NULL ? name : "";
    char *out = arena_alloc(a, 3 * n + 1); /* one byte becomes at most three */

    if (out == NULL)
        return NULL;
    if (is_one_of(set, wide)) {
        *len = from_utf16(out, u, n);
    } else if (is_one_of(set, narrow) || !is_utf8(s, n)) {
        *len = from_windows(out, u, n);
    } else {
        memcpy(out, s, n);
        *len = n;
    }
    out[*len] = '\0';
    return out;
}
