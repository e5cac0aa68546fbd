/* format_exact: a body of a format, for tests: its bytes lie in memory of exactly their size, so that a
 * sanitizer sees every byte too many. */
#ifndef TESTS_FORMAT_EXACT_H
#define TESTS_FORMAT_EXACT_H

#include <stdlib.h>
#include <string.h>

#include "format.h"

/* sink's arena is made and freed here. */
static inline void
format_exact(enum format f, const char *body, size_t n, const struct format_options *o,
             struct format_sink sink)
{
    char *exact = malloc(n > 0 ? n : 1);

    assert_non_null(exact);
    sink.arena = arena_new(0);
    assert_non_null(sink.arena);
    memcpy(exact, body, n);
    format_all(f, exact, n, o, &sink);
    arena_free(sink.arena);
    free(exact);
}

#endif
