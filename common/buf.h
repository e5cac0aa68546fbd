/* buf: a byte buffer that grows, and fails once instead of everywhere.
 *
 * A failed append (limit reached, out of memory) sets `failed`, and every later
 * append is a no-op; the caller checks once at the end. */
#ifndef TOCSIN_BUF_H
#define TOCSIN_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct buf {
    char *data; /* NUL-terminated whenever not NULL; the NUL is not counted in len */
    size_t len;
    size_t cap;
    size_t limit; /* most bytes; 0 = 256 MiB */
    bool failed;
};

void buf_init(struct buf *b, size_t limit);
void buf_fini(struct buf *b);
void buf_reset(struct buf *b); /* len 0, failed false, memory kept */

void buf_put(struct buf *b, const void *p, size_t n);
void buf_puts(struct buf *b, const char *s);
void buf_putc(struct buf *b, char c);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Makes room for n more bytes and returns where they go, or NULL; the caller
 * then adds what it wrote to len. */
void *buf_reserve(struct buf *b, size_t n);

#endif
