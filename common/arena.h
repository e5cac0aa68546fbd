/* arena: memory for one message, freed at once.
 *
 * Bounded: an arena never holds more than its limit, so that a peer cannot make
 * it grow; arena_alloc() then returns NULL. Blocks are kept by arena_reset(),
 * up to `keep` bytes, so that a steady load allocates nothing. */
#ifndef TOCSIN_ARENA_H
#define TOCSIN_ARENA_H

#include <stddef.h>

struct arena;

/* limit: most bytes ever held at one time; 0 = 64 MiB. NULL when out of memory. */
struct arena *arena_new(size_t limit);
void arena_free(struct arena *a); /* accepts NULL */

/* Memory of size bytes, 16-aligned, not cleared, valid until the next reset.
 * NULL when the limit is reached or memory is out. size 0 gives a valid pointer. */
void *arena_alloc(struct arena *a, size_t size);
void *arena_zalloc(struct arena *a, size_t size); /* cleared */

/* A NUL-terminated copy of n bytes; NULL as arena_alloc. */
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Everything given out so far becomes invalid. */
void arena_reset(struct arena *a);

#endif
