/* err: filling in and showing a struct err.
 *
 * The text is formatted aside and copied at the end, so that an error may be
 * built from its own former text (err_set(e, "in the spool: %s", e->text)). */
#include "err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A text that was cut must not end within a character: receipts and statuses carry it on. */
static void
drop_partial_character(char *s)
{
    size_t n = strlen(s), lead = n;
    unsigned char c;

    while (lead > 0 && n - lead < 4 && ((unsigned char)s[lead - 1] & 0xc0) == 0x80)
        lead--;
    if (lead == 0)
        return;
    c = (unsigned char)s[--lead];
    if (n - lead < (c >= 0xf0 ? 4u : c >= 0xe0 ? 3u : c >= 0xc0 ? 2u : 1u))
        s[lead] = '\0';
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
    if (vsnprintf(made.text, sizeof(made.text), fmt, ap) >= (int)sizeof(made.text))
        drop_partial_character(made.text);
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
