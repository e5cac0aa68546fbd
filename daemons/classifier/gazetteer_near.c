/* gazetteer_near: names that are not written as the gazetteer has them.
 *
 * Two questions: which names are spelled otherwise but spoken alike (Tin Akof, Tinakoff), and
 * which differ by one typing error. Both are answered from one kind of table: buckets of keys
 * by a hash, filled once; what stands in a bucket is compared in full, so that no answer
 * depends on the hash. For a typing error each long key stands there under itself and under
 * every form with one letter left out: two words one edit apart share such a form. */
#include <stdlib.h>
#include <string.h>

#include "gazetteer.h"
#include "gazetteer_index.h"

#define SOUND_MIN  4 /* letters of a sound; shorter ones meet by chance */
#define LETTER_MIN 7 /* letters of a name in which one may be wrong */

static bool
vowel(char c)
{
    return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u' || c == 'y';
}

/* The letters at s that are written in several ways, as one: bytes read go to *used. */
static char
one_sound(const char *s, size_t left, size_t *used)
{
    static const struct {
        const char *from;
        char to;
    } groups[] = {{"tch", 'c'}, {"ou", 'u'}, {"oo", 'u'}, {"dj", 'j'}, {"dy", 'j'},
                  {"kh", 'k'},  {"gh", 'g'}, {"qu", 'k'}, {"ck", 'k'}, {"ph", 'f'},
                  {"sh", 's'},  {"ch", 's'}, {"th", 't'}};
    char next = left > 1 ? s[1] : '\0';

    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        size_t n = strlen(groups[i].from);
        if (n <= left && memcmp(s, groups[i].from, n) == 0) {
            *used = n;
            return groups[i].to;
        }
    }
    *used = 1;
    switch (s[0]) {
    case 'g':
        if (next == 'u' && left > 2 && (s[2] == 'e' || s[2] == 'i'))
            *used = 2;
        return 'g';
    case 'c':
        return next == 'e' || next == 'i' || next == 'y' ? 's' : 'k';
    case 'n':
        return next == 'b' || next == 'p' ? 'm' : 'n';
    case 'q':
        return 'k';
    case 'w':
        return 'u';
    case 'y':
        return 'i';
    case 'h':
    case ' ':
        return '\0';
    default:
        return s[0];
    }
}

/* How a key sounds: its spellings made one, its words drawn together. Its length, 0 = too short. */
static size_t
sound(const char *key, size_t len, char *out)
{
    size_t n = 0, used;

    for (size_t i = 0; i < len; i += used) {
        char c = one_sound(key + i, len - i, &used);
        if (c != '\0' && (n == 0 || out[n - 1] != c))
            out[n++] = c;
    }
    if (n > SOUND_MIN && out[n - 1] == 'e' && !vowel(out[n - 2]))
        n--; /* Tidermène, Tidermen */
    out[n] = '\0';
    return n < SOUND_MIN ? 0 : n;
}

static bool
same_sound(const char *key, const char *said, size_t len)
{
    char s[GAZ_KEY_MAX];

    return sound(key, strlen(key), s) == len && memcmp(s, said, len) == 0;
}

/* True when one letter more, less or other, or two neighbours changed about, makes b of a. */
static bool
one_edit(const char *a, size_t na, const char *b, size_t nb)
{
    size_t i = 0, j = 0;

    while (i < na && i < nb && a[i] == b[i])
        i++;
    while (j < na - i && j < nb - i && a[na - 1 - j] == b[nb - 1 - j])
        j++;
    na -= i + j;
    nb -= i + j;
    return (na <= 1 && nb <= 1) || (na == 2 && nb == 2 && a[i] == b[i + 1] && a[i + 1] == b[i]);
}

static uint32_t
hash_without(const char *key, size_t len, size_t gap)
{
    char s[GAZ_KEY_MAX];

    memcpy(s, key, gap);
    memcpy(s + gap, key + gap + 1, len - gap - 1);
    return gazetteer_hash(s, len - 1);
}

static bool
letters(const char *key, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (key[i] >= '0' && key[i] <= '9')
            return false;
    return len >= LETTER_MIN;
}

/* ---- building */

/* The hashes under which the key stands; at most GAZ_KEY_MAX. */
static size_t
sound_hashes(const char *key, uint32_t *out)
{
    char s[GAZ_KEY_MAX];
    size_t n = sound(key, strlen(key), s);

    out[0] = gazetteer_hash(s, n);
    return n > 0;
}

static size_t
letter_hashes(const char *key, uint32_t *out)
{
    size_t len = strlen(key), n = 0;

    if (!letters(key, len))
        return 0;
    out[n++] = gazetteer_hash(key, len);
    for (size_t i = 0; i < len; i++)
        if (i == 0 || key[i] != key[i - 1])
            out[n++] = hash_without(key, len, i);
    return n;
}

static int
fill(const struct gazetteer *g, struct near_table *t,
     size_t (*hashes)(const char *key, uint32_t *out))
{
    uint32_t h[GAZ_KEY_MAX + 1];
    size_t n = 0, buckets = 64;

    while (buckets < g->n_pairs)
        buckets *= 2;
    t->mask = (uint32_t)buckets - 1;
    t->start = calloc(buckets + 2, sizeof *t->start);
    if (t->start == NULL)
        return -1;
    /* Counted two places on, so that after the second pass start[b] is where b begins. */
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < g->n_pairs; i++) {
            size_t k;
            if (i > 0 && strcmp(g->pairs[i].key, g->pairs[i - 1].key) == 0)
                continue;
            k = hashes(g->pairs[i].key, h);
            for (size_t j = 0; j < k; j++) {
                if (pass == 0)
                    t->start[(h[j] & t->mask) + 2]++;
                else
                    t->pair[t->start[(h[j] & t->mask) + 1]++] = (uint32_t)i;
            }
            n += pass == 0 ? k : 0;
        }
        if (pass > 0)
            break;
        for (size_t b = 2; b < buckets + 2; b++)
            t->start[b] += t->start[b - 1];
        t->pair = malloc((n + 1) * sizeof *t->pair);
        if (t->pair == NULL)
            return -1;
    }
    return 0;
}

int
gazetteer_near_build(struct gazetteer *g)
{
    return fill(g, &g->sounds, sound_hashes) != 0 ? -1 : fill(g, &g->letters, letter_hashes);
}

void
gazetteer_near_free(struct gazetteer *g)
{
    free(g->sounds.start);
    free(g->sounds.pair);
    free(g->letters.start);
    free(g->letters.pair);
}

/* ---- asking */

/* Adds the places of the key that begins at pair i, those that are there already left out. */
static size_t
add_places(const struct gazetteer *g, size_t i, const struct gaz_place **out, size_t n, size_t max)
{
    const char *key = g->pairs[i].key;

    for (; i < g->n_pairs && strcmp(g->pairs[i].key, key) == 0; i++) {
        const struct gaz_place *p = &g->places[g->pairs[i].place];
        size_t k = 0;
        while (k < n && out[k] != p)
            k++;
        if (k == n && n < max)
            out[n++] = p;
    }
    return n;
}

static size_t
sorted(const struct gaz_place **out, size_t n)
{
    for (size_t i = 1; i < n; i++)
        for (size_t j = i; j > 0 && gazetteer_order(out[j], out[j - 1]) < 0; j--) {
            const struct gaz_place *p = out[j];
            out[j] = out[j - 1];
            out[j - 1] = p;
        }
    return n;
}

size_t
gazetteer_lookup_spelling(const struct gazetteer *g, const char *key, size_t len,
                          const struct gaz_place **out, size_t max)
{
    char s[GAZ_KEY_MAX];
    size_t n = 0, said;
    uint32_t b;

    if (g->sounds.pair == NULL || len >= GAZ_KEY_MAX)
        return 0;
    said = sound(key, len, s);
    if (said == 0)
        return 0;
    b = gazetteer_hash(s, said) & g->sounds.mask;
    for (size_t i = g->sounds.start[b]; i < g->sounds.start[b + 1]; i++)
        if (same_sound(g->pairs[g->sounds.pair[i]].key, s, said))
            n = add_places(g, g->sounds.pair[i], out, n, max);
    return sorted(out, n);
}

size_t
gazetteer_lookup_letter(const struct gazetteer *g, const char *key, size_t len,
                        const struct gaz_place **out, size_t max)
{
    size_t n = 0;

    if (g->letters.pair == NULL || len >= GAZ_KEY_MAX || !letters(key, len))
        return 0;
    for (size_t gap = 0; gap <= len; gap++) { /* the last: the key itself */
        uint32_t h = gap < len ? hash_without(key, len, gap) : gazetteer_hash(key, len);
        uint32_t b = h & g->letters.mask;
        for (size_t i = g->letters.start[b]; i < g->letters.start[b + 1]; i++) {
            const char *k = g->pairs[g->letters.pair[i]].key;
            if (k[0] == key[0] && one_edit(key, len, k, strlen(k)))
                n = add_places(g, g->letters.pair[i], out, n, max);
        }
    }
    return sorted(out, n);
}
