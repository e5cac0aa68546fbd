/* spelling: see spelling.h. Two tables of open addressing: words by their hash, and the hash of each
 * word and of each word less one letter to the words that have it, in the order they were added. */
#include "spelling.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FNV_BASIS UINT64_C(14695981039346656037)
#define FNV_PRIME UINT64_C(1099511628211)

struct entry { /* of a hash: a word that has it; the next one further on in the table */
    uint32_t hash;
    uint32_t word; /* + 1; 0 = empty */
};

struct spelling {
    char **words;
    size_t n, room;
    struct entry *table;
    size_t used, mask;
};

/* Of the word without the letter at `skip`; len = all of it. */
static uint32_t
hash_without(const char *s, size_t len, size_t skip)
{
    uint64_t h = FNV_BASIS;

    for (size_t i = 0; i < len; i++)
        if (i != skip)
            h = (h ^ (unsigned char)s[i]) * FNV_PRIME;
    return (uint32_t)(h ^ (h >> 32));
}

struct spelling *
spelling_new(void)
{
    struct spelling *s = calloc(1, sizeof *s);

    if (!s)
        return NULL;
    s->mask = 4095;
    s->table = calloc(s->mask + 1, sizeof *s->table);
    if (s->table)
        return s;
    free(s);
    return NULL;
}

void
spelling_free(struct spelling *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->n; i++)
        free(s->words[i]);
    free(s->words);
    free(s->table);
    free(s);
}

static void
place(struct entry *table, size_t mask, struct entry e)
{
    size_t i = e.hash & mask;

    while (table[i].word)
        i = (i + 1) & mask;
    table[i] = e;
}

static int
enlarge(struct spelling *s)
{
    size_t mask = 2 * s->mask + 1;
    struct entry *table = calloc(mask + 1, sizeof *table);

    if (!table)
        return -1;
    /* From an empty slot on, so that entries of one hash keep their order. */
    size_t from = 0;
    while (s->table[from].word)
        from++;
    for (size_t k = 1; k <= s->mask; k++) {
        const struct entry *e = &s->table[(from + k) & s->mask];
        if (e->word)
            place(table, mask, *e);
    }
    free(s->table);
    s->table = table;
    s->mask = mask;
    return 0;
}

static bool
fits(const char *word, size_t len, size_t least)
{
    if (len < least || len > SPELLING_MOST)
        return false;
    for (size_t i = 0; i < len; i++)
        if (word[i] < 'a' || word[i] > 'z')
            return false;
    return true;
}

static bool
is_known(const struct spelling *s, const char *word, size_t len, uint32_t h)
{
    for (size_t i = h & s->mask; s->table[i].word; i = (i + 1) & s->mask) {
        const char *w = s->words[s->table[i].word - 1];
        if (s->table[i].hash == h && strncmp(w, word, len) == 0 && !w[len])
            return true;
    }
    return false;
}

int
spelling_add(struct spelling *s, const char *word, size_t len)
{
    if (!fits(word, len, SPELLING_LEAST) || is_known(s, word, len, hash_without(word, len, len)))
        return 0;
    while (2 * (s->used + len + 1) > s->mask)
        if (enlarge(s))
            return -1;
    if (s->n == s->room) {
        size_t room = s->room ? 2 * s->room : 1024;
        char **words = reallocarray(s->words, room, sizeof *words);
        if (!words)
            return -1;
        s->words = words;
        s->room = room;
    }
    char *copy = strndup(word, len);
    if (!copy)
        return -1;
    s->words[s->n++] = copy;
    for (size_t skip = 0; skip <= len; skip++)
        place(s->table, s->mask, (struct entry){hash_without(word, len, skip), (uint32_t)s->n});
    s->used += len + 1;
    return 0;
}

enum slip { SLIP_TURNED, SLIP_MORE_OR_LESS, SLIP_OTHER, SLIP_NONE };

/* How b was mistyped as a. */
static enum slip
slip_of(const char *a, size_t n, const char *b, size_t m)
{
    size_t head = 0, tail = 0, least = n < m ? n : m;

    while (head < least && a[head] == b[head])
        head++;
    while (tail < least - head && a[n - 1 - tail] == b[m - 1 - tail])
        tail++;
    size_t left = n - head - tail, right = m - head - tail;
    if (left == 2 && right == 2 && a[head] == b[head + 1] && a[head + 1] == b[head])
        return SLIP_TURNED;
    if (head == 0 && !(left == 1 && right == 0 && a[0] == a[1]))
        return SLIP_NONE;
    if (left + right == 1)
        return SLIP_MORE_OR_LESS;
    return left == 1 && right == 1 && n >= SPELLING_OTHER ? SLIP_OTHER : SLIP_NONE;
}

const char *
spelling_fix(const struct spelling *s, const char *word, size_t len)
{
    enum slip best = SLIP_NONE;
    uint32_t found = UINT32_MAX;

    if (!fits(word, len, SPELLING_LEAST - 1) ||
        is_known(s, word, len, hash_without(word, len, len)))
        return NULL;
    for (size_t skip = 0; skip <= len; skip++) {
        uint32_t h = hash_without(word, len, skip);
        for (size_t i = h & s->mask; s->table[i].word; i = (i + 1) & s->mask) {
            uint32_t k = s->table[i].word - 1;
            if (s->table[i].hash != h)
                continue;
            enum slip slip = slip_of(word, len, s->words[k], strlen(s->words[k]));
            if (slip < best || (slip == best && slip != SLIP_NONE && k < found)) {
                best = slip;
                found = k;
            }
        }
    }
    return best == SLIP_NONE ? NULL : s->words[found];
}
