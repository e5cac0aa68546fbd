/* json: writing JSON straight into a buf.
 *
 * One bit of state is enough: whether a comma is due before the next element. After an
 * opening bracket it is not, after a value or a closing bracket it is. Keys are literals
 * of ours and are not escaped. */
#include "json.h"

#include <assert.h>
#include <string.h>

#include "timefmt.h"

void
json_init(struct json *j, struct buf *b)
{
    j->b = b;
    j->comma = false;
}

static void
before(struct json *j, const char *key)
{
    if (j->comma)
        buf_putc(j->b, ',');
    j->comma = true;
    if (key == NULL)
        return;
    buf_putc(j->b, '"');
    buf_puts(j->b, key);
    buf_put(j->b, "\":", 2);
}

void
json_open(struct json *j, const char *key, char bracket)
{
    before(j, key);
    buf_putc(j->b, bracket);
    j->comma = false;
}

void
json_close(struct json *j, char bracket)
{
    buf_putc(j->b, bracket);
    j->comma = true;
}

static void
put_escape(struct buf *b, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    char six[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
    const char *known = "\"\"\\\\\bb\ff\nn\rr\tt"; /* pairs: the character, its letter */

    for (; *known != '\0'; known += 2) {
        if ((unsigned char)known[0] == c) {
            six[1] = known[1];
            buf_put(b, six, 2);
            return;
        }
    }
    buf_put(b, six, sizeof(six));
}

void
json_str(struct json *j, const char *key, const char *s)
{
    const char *from;

    if (s == NULL) {
        json_null(j, key);
        return;
    }
    before(j, key);
    buf_putc(j->b, '"');
    for (from = s; *s != '\0'; s++) {
        unsigned char c = (unsigned char)*s;

        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        buf_put(j->b, from, (size_t)(s - from));
        put_escape(j->b, c);
        from = s + 1;
    }
    buf_put(j->b, from, (size_t)(s - from));
    buf_putc(j->b, '"');
}

static void
put_number(struct buf *b, bool negative, uint64_t v)
{
    char text[21];
    size_t at = sizeof(text);

    do {
        text[--at] = (char)('0' + v % 10);
        v /= 10;
    } while (v != 0);
    if (negative)
        text[--at] = '-';
    buf_put(b, text + at, sizeof(text) - at);
}

static uint64_t
magnitude(int64_t v)
{
    return v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
}

void
json_int(struct json *j, const char *key, int64_t v)
{
    before(j, key);
    put_number(j->b, v < 0, magnitude(v));
}

void
json_uint(struct json *j, const char *key, uint64_t v)
{
    before(j, key);
    put_number(j->b, false, v);
}

void
json_bool(struct json *j, const char *key, bool v)
{
    json_raw(j, key, v ? "true" : "false");
}

void
json_null(struct json *j, const char *key)
{
    json_raw(j, key, "null");
}

void
json_raw(struct json *j, const char *key, const char *text)
{
    before(j, key);
    buf_puts(j->b, text);
}

void
json_time(struct json *j, const char *key, int64_t us)
{
    char text[TIME_TEXT];

    if (us == 0) {
        json_null(j, key);
        return;
    }
    before(j, key);
    buf_putc(j->b, '"');
    buf_puts(j->b, time_text(us, text));
    buf_putc(j->b, '"');
}

void
json_deg(struct json *j, const char *key, int32_t e7)
{
    json_fixed(j, key, e7, 7);
}

void
json_fixed(struct json *j, const char *key, int64_t v, int decimals)
{
    char text[20];
    uint64_t m = magnitude(v), scale = 1;
    size_t n;

    assert(decimals >= 1 && decimals <= 18);
    for (int i = 0; i < decimals; i++)
        scale *= 10;
    before(j, key);
    put_number(j->b, v < 0, m / scale);
    m %= scale;
    text[0] = '.';
    for (n = (size_t)decimals; n > 0; n--) {
        text[n] = (char)('0' + m % 10);
        m /= 10;
    }
    n = (size_t)decimals;
    while (n > 1 && text[n] == '0')
        n--;
    buf_put(j->b, text, n + 1);
}
