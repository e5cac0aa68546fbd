/* err: filling in and showing a struct err.
 *
 * The text is formatted aside and copied at the end, so that an error may be
 * built from its own former text (err_set(e, "in the spool: %s", e->text)). */
#include "err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <utf8proc.h>

/* One line of UTF-8, whatever a value that it quotes holds and wherever it was cut: receipts, logs and
 * statuses carry it on. A character that was cut off at the end is dropped. */
static void
make_one_line(char *s)
{
    size_t n = strlen(s);

    for (size_t i = 0; i < n;) {
        utf8proc_int32_t c;
        utf8proc_ssize_t len =
            utf8proc_iterate((const utf8proc_uint8_t *)s + i, (utf8proc_ssize_t)(n - i), &c);

        if (len <= 0 && n - i < 4 && (unsigned char)s[i] >= 0xC0)
            s[n = i] = '\0';
        else if (len <= 0)
            s[i++] = '?';
        else if (c < 0x20 || c == 0x7F)
            s[i++] = ' ';
        else
            i += (size_t)len;
    }
}

static void fill(struct err *e, const char *file, int line, const char *fmt, va_list ap)
    __attribute__((format(printf, 4, 0)));

static void
fill(struct err *e, const char *file, int line, const char *fmt, va_list ap)
{
    struct err made;

    if (e == NULL)
        return;
    memset(&made, 0, sizeof(made));
    (void)vsnprintf(made.text, sizeof(made.text), fmt, ap); /* cut to fit */
    make_one_line(made.text);
    (void)snprintf(made.file, sizeof(made.file), "%s", file); /* cut to fit */
    made.line = line;
    *e = made;
}

int
err_set(struct err *e, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    fill(e, "", 0, fmt, ap);
    va_end(ap);
    return -1;
}

int
err_at(struct err *e, const char *file, int line, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    fill(e, file != NULL ? file : "", line, fmt, ap);
    va_end(ap);
    return -1;
}

const char *
err_str(const struct err *e, char *out, unsigned long size)
{
    if (e->file[0] == '\0')
        (void)snprintf(out, size, "%s", e->text);
    else if (e->line == 0)
        (void)snprintf(out, size, "%s: %s", e->file, e->text);
    else
        (void)snprintf(out, size, "%s:%d: %s", e->file, e->line, e->text);
    return out;
}
