/* charset: bytes of a named character set as UTF-8.
 *
 * Known: UTF-8, US-ASCII, UTF-16BE (also as UCS-2, UTF-16), ISO-8859-1 and Windows-1252. Under any
 * other name, or none, what is valid UTF-8 is taken for that and all else for Windows-1252: what
 * French keyboards and old tables write. */
#ifndef COLLECTOR_CHARSET_H
#define COLLECTOR_CHARSET_H

#include <stddef.h>

#include "arena.h"

/* *len: bytes of the result, which is NUL-terminated too. A half of a surrogate pair becomes
 * U+FFFD, an odd byte at the end is left out. NULL when memory is out. name may be NULL. */
const char *charset_utf8(struct arena *a, const char *name, const char *s, size_t n, size_t *len);

#endif
