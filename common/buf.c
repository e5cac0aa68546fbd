/* buf: growth by doubling, so that appending n bytes costs O(n) in all.
 *
 * cap counts the place of the NUL too: len + 1 <= cap whenever data is not NULL. */
#include "buf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_LIMIT ((size_t)256 << 20)
#define FIRST_SIZE    ((size_t)256)

void
buf_init(struct buf *b, size_t limit)
{
    *b = (struct buf){.limit = limit == 0 ? DEFAULT_LIMIT : limit};
}

void
buf_fini(struct buf *b)
{
    size_t limit = b->limit;

    free(b->data);
    buf_init(b, limit);
}

void
buf_reset(struct buf *b)
{
    b->len = 0;
    b->failed = false;
    if (b->data != NULL)
        b->data[0] = '\0';
}

static bool
grow(struct buf *b, size_t n)
{
    size_t limit = b->limit == 0 ? DEFAULT_LIMIT : b->limit; /* a zeroed buf works too */
    size_t need, cap;
    char *p;

    if (b->failed)
        return false;
    if (n > limit || b->len > limit - n) {
        b->failed = true;
        return false;
    }
    need = b->len + n + 1;
    cap = b->cap < FIRST_SIZE / 2 ? FIRST_SIZE : b->cap * 2;
    if (cap > limit + 1)
        cap = limit + 1;
    if (cap < need)
        cap = need;
    p = realloc(b->data, cap);
    if (p == NULL) {
        b->failed = true;
        return false;
    }
    b->data = p;
    b->cap = cap;
    return true;
}

/* Whether n more bytes and the NUL fit, after growing where needed. */
static inline bool
room(struct buf *b, size_t n)
{
    if (n < b->cap - b->len && !b->failed)
        return true;
    return grow(b, n);
}

void
buf_put(struct buf *b, const void *p, size_t n)
{
    if (!room(b, n))
        return;
    if (n > 0)
        memcpy(b->data + b->len, p, n);
    b->len += n;
    b->data[b->len] = '\0';
}

void
buf_puts(struct buf *b, const char *s)
{
    buf_put(b, s, strlen(s));
}

void
buf_putc(struct buf *b, char c)
{
    if (!room(b, 1))
        return;
    b->data[b->len++] = c;
    b->data[b->len] = '\0';
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
    char small[256];
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(small, sizeof(small), fmt, ap);
    va_end(ap);
    if (n < 0) {
        b->failed = true;
        return;
    }
    if ((size_t)n < sizeof(small)) {
        buf_put(b, small, (size_t)n);
        return;
    }
    if (!room(b, (size_t)n))
        return;
    va_start(ap, fmt);
    (void)vsnprintf(b->data + b->len, (size_t)n + 1, fmt, ap); /* n is known to fit */
    va_end(ap);
    b->len += (size_t)n;
}

void *
buf_reserve(struct buf *b, size_t n)
{
    if (!room(b, n))
        return NULL;
    b->data[b->len] = '\0';
    b->data[b->len + n] = '\0';
    return b->data + b->len;
}

int
buf_read_file(struct buf *b, const char *path, size_t most, const char *what, struct err *e)
{
    FILE *f = fopen(path, "re");
    size_t before = b->len, n;
    char part[16384];
    int rc = 0;

    if (!f)
        return err_at(e, path, 0, "%s cannot be read: %s", what, strerror(errno));
    while ((n = fread(part, 1, sizeof part, f)) > 0 && !b->failed && b->len - before <= most)
        buf_put(b, part, n);
    if (ferror(f))
        rc = err_at(e, path, 0, "%s cannot be read", what);
    else if (b->len - before > most)
        rc = err_at(e, path, 0, "%s has at most %zu bytes", what, most);
    else if (b->failed)
        rc = err_at(e, path, 0, "out of memory");
    (void)fclose(f); /* read only: nothing can be lost */
    return rc;
}
