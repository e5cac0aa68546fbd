/* arena: bump allocation in blocks.
 *
 * Blocks form a list, the one in use first. A reset that finds a single block only
 * rewinds it; one that finds several frees them and remembers their sum, so that the
 * next round fits into one block: a steady load soon allocates nothing. More than
 * KEEP bytes are never kept, so that one giant message does not stay forever.
 *
 * `held` counts the capacity of all blocks and stays at or under the limit. Under
 * ASan what was not given out is poisoned, so that use after a reset shows. */
#include "arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef TOCSIN_ASAN
#include <sanitizer/asan_interface.h>
#define POISON(p, n)   ASAN_POISON_MEMORY_REGION(p, n)
#define UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION(p, n)
#else
#define POISON(p, n)   ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
#endif

#define ALIGN         ((size_t)16)
#define DEFAULT_LIMIT ((size_t)64 << 20)
#define FIRST_BLOCK   ((size_t)4096)
#define KEEP          ((size_t)2 << 20)

struct block {
    struct block *next;
    size_t cap; /* bytes behind the header */
};
_Static_assert(sizeof(struct block) % ALIGN == 0, "what follows the header must be aligned");

struct arena {
    char *at, *end; /* what is free in the first block */
    struct block *blocks;
    size_t held, limit;
    size_t want; /* the size of the next block where no more is asked for */
};

static size_t
round_up(size_t n)
{
    return (n + ALIGN - 1) & ~(ALIGN - 1);
}

static char *
block_data(struct block *b)
{
    return (char *)(b + 1);
}

static void
drop_first(struct arena *a)
{
    struct block *b = a->blocks;

    a->blocks = b->next;
    a->held -= b->cap;
    UNPOISON(block_data(b), b->cap);
    free(b);
}

struct arena *
arena_new(size_t limit)
{
    struct arena *a = calloc(1, sizeof(*a));

    if (a == NULL)
        return NULL;
    if (limit == 0)
        limit = DEFAULT_LIMIT;
    a->limit = limit > SIZE_MAX - ALIGN ? SIZE_MAX & ~(ALIGN - 1) : round_up(limit);
    a->want = FIRST_BLOCK;
    return a;
}

void
arena_free(struct arena *a)
{
    if (a == NULL)
        return;
    while (a->blocks != NULL)
        drop_first(a);
    free(a);
}

/* Puts a block with room for n (rounded) bytes in front. */
static int
add_block(struct arena *a, size_t n)
{
    struct block *b;
    size_t cap;

    /* An unused block that is too small would count against the limit for nothing. */
    if (a->blocks != NULL && a->at == block_data(a->blocks))
        drop_first(a);
    a->at = a->end = NULL; /* the rest of a used block is given up */
    cap = a->limit - a->held < a->want ? a->limit - a->held : a->want;
    if (cap < n)
        cap = n;
    if (cap > a->limit - a->held || cap > SIZE_MAX - sizeof(*b))
        return -1;
    b = malloc(sizeof(*b) + cap);
    if (b == NULL)
        return -1;
    b->cap = cap;
    b->next = a->blocks;
    a->blocks = b;
    a->held += cap;
    a->at = block_data(b);
    a->end = a->at + cap;
    POISON(a->at, cap);
    if (a->want < KEEP)
        a->want *= 2;
    return 0;
}

void *
arena_alloc(struct arena *a, size_t size)
{
    size_t n;
    char *p;

    if (size > a->limit)
        return NULL;
    n = size == 0 ? ALIGN : round_up(size);
    if (n > (size_t)(a->end - a->at) && add_block(a, n) == -1)
        return NULL;
    p = a->at;
    a->at += n;
    UNPOISON(p, size);
    return p;
}

void *
arena_zalloc(struct arena *a, size_t size)
{
    void *p = arena_alloc(a, size);

    if (p != NULL)
        memset(p, 0, size);
    return p;
}

char *
arena_strndup(struct arena *a, const char *s, size_t n)
{
    char *p = n == SIZE_MAX ? NULL : arena_alloc(a, n + 1);

    if (p == NULL)
        return NULL;
    if (n > 0)
        memcpy(p, s, n);
    p[n] = '\0';
    return p;
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
    char small[256];
    va_list ap;
    char *p;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(small, sizeof(small), fmt, ap);
    va_end(ap);
    if (n < 0)
        return NULL;
    if ((size_t)n < sizeof(small))
        return arena_strndup(a, small, (size_t)n);
    p = arena_alloc(a, (size_t)n + 1);
    if (p == NULL)
        return NULL;
    va_start(ap, fmt);
    (void)vsnprintf(p, (size_t)n + 1, fmt, ap); /* n is known to fit */
    va_end(ap);
    return p;
}

void
arena_reset(struct arena *a)
{
    size_t sum = a->held;

    if (a->blocks == NULL)
        return;
    if (a->blocks->next == NULL && sum <= KEEP) {
        a->at = block_data(a->blocks);
        a->end = a->at + a->blocks->cap; /* a refused allocation had given it up */
        POISON(a->at, a->blocks->cap);
        return;
    }
    while (a->blocks != NULL)
        drop_first(a);
    a->at = a->end = NULL;
    a->want = sum < KEEP ? sum : KEEP;
}
