/* buf: a byte buffer that grows, and fails once instead of everywhere.
 *
 * A failed append (limit reached, out of memory) sets `failed`, and every later
 * append is a no-op; the caller checks once at the end. */
#ifndef TOCSIN_BUF_H
#define TOCSIN_BUF_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"

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

/* Appends a whole file of at most `most` bytes; `what` names such a file, for the error. -1 with the
 * path and the reason in e: it cannot be read, is larger, or memory is out. */
int buf_read_file(struct buf *b, const char *path, size_t most, const char *what, struct err *e);

#endif
