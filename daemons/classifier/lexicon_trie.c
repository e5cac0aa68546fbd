/* lexicon_trie: phrases in a trie of tokens.
 *
 * Words are interned: an exact word and a prefix ("attack*") are two different symbols. A token
 * of a text is looked up by hashing it from the left; at each length a bitmap (8 KiB, in the
 * first-level cache) says whether a prefix of that hash can be there at all, so that ordinary
 * words cost a few instructions a letter. The trie's edges are (node, symbol); the root's are an
 * array over symbols, since it has thousands, the others short lists. Built once, in file order:
 * no hash order shows. */
#include "lexicon_trie.h"

#include <stdlib.h>
#include <string.h>

#define SYMBOLS_OF_TOKEN 8 /* prefixes and the word itself that one token may be */

#define FNV_BASIS UINT32_C(2166136261)
#define FNV_PRIME UINT32_C(16777619)
#define EXACT     UINT32_C(0x9e3779b9) /* turns the hash of a prefix into that of a whole word */

static void *
grow(void *p, size_t *cap, size_t n, size_t size)
{
    if (n < *cap)
        return p;
    size_t want = *cap ? *cap * 2 : 1024;
    void *q = reallocarray(p, want, size);
    if (q)
        *cap = want;
    return q;
}

static uint32_t
hash_of(const char *s, size_t len, bool prefix)
{
    uint32_t h = FNV_BASIS;
    for (size_t i = 0; i < len; i++)
        h = (h ^ (unsigned char)s[i]) * FNV_PRIME;
    return prefix ? h : h ^ EXACT;
}

static size_t
slot_of(uint32_t h)
{
    return h ^ (h >> 15);
}

/* The symbol's number, or -1. */
static int64_t
find_symbol(const struct lexicon *l, const char *s, size_t len, bool prefix, uint32_t h)
{
    for (size_t i = slot_of(h) & l->table_mask; l->table[i]; i = (i + 1) & l->table_mask) {
        const struct symbol *y = &l->symbols[l->table[i] - 1];
        if (y->hash == h && y->len == len && y->prefix == prefix && memcmp(y->s, s, len) == 0)
            return (int64_t)l->table[i] - 1;
    }
    return -1;
}

static int
rehash(struct lexicon *l)
{
    size_t size = l->table ? (l->table_mask + 1) * 2 : 4096;
    uint32_t *t = calloc(size, sizeof(*t));
    if (!t)
        return -1;
    for (size_t k = 0; k < l->n_symbols; k++) {
        size_t i = slot_of(l->symbols[k].hash) & (size - 1);
        while (t[i])
            i = (i + 1) & (size - 1);
        t[i] = (uint32_t)k + 1;
    }
    free(l->table);
    l->table = t;
    l->table_mask = size - 1;
    return 0;
}

int64_t
trie_intern(struct lexicon *l, const char *s, size_t len, bool prefix)
{
    if ((!l->table || l->n_symbols * 2 > l->table_mask) && rehash(l))
        return -1;
    uint32_t h = hash_of(s, len, prefix);
    int64_t k = find_symbol(l, s, len, prefix, h);
    if (k >= 0)
        return k;
    struct symbol *y = grow(l->symbols, &l->cap_symbols, l->n_symbols, sizeof(*y));
    if (!y)
        return -1;
    l->symbols = y;
    const char *copy = arena_strndup(l->arena, s, len);
    if (!copy)
        return -1;
    k = (int64_t)l->n_symbols++;
    y[k] = (struct symbol){.s = copy, .hash = h, .len = (uint16_t)len, .prefix = prefix};
    size_t i = slot_of(h) & l->table_mask;
    while (l->table[i])
        i = (i + 1) & l->table_mask;
    l->table[i] = (uint32_t)k + 1;
    uint32_t bit = (uint32_t)slot_of(h) % LEX_BITMAP_BITS;
    l->bitmap[bit / 64] |= UINT64_C(1) << (bit % 64);
    return k;
}

static uint32_t
follow(const struct lexicon *l, uint32_t node, uint32_t symbol)
{
    for (uint32_t i = l->nodes[node].edges; i; i = l->edges[i].next)
        if (l->edges[i].symbol == symbol)
            return l->edges[i].node;
    return 0;
}

/* Room for n symbols behind the root, the new ones 0. */
static int
root_room(struct lexicon *l, size_t n)
{
    if (n <= l->n_root)
        return 0;
    size_t want = 2 * l->n_root > n ? 2 * l->n_root : n;
    uint32_t *root = reallocarray(l->root, want, sizeof(*root));
    if (!root)
        return -1;
    memset(root + l->n_root, 0, (want - l->n_root) * sizeof(*root));
    l->root = root;
    l->n_root = want;
    return 0;
}

uint32_t
trie_extend(struct lexicon *l, uint32_t node, uint32_t symbol)
{
    if (!node && root_room(l, (size_t)symbol + 1))
        return 0;
    uint32_t to = node ? follow(l, node, symbol) : l->root[symbol];
    if (to)
        return to;
    struct node *nodes = grow(l->nodes, &l->cap_nodes, l->n_nodes, sizeof(*nodes));
    if (!nodes)
        return 0;
    l->nodes = nodes;
    struct edge *edges = grow(l->edges, &l->cap_edges, l->n_edges, sizeof(*edges));
    if (!edges)
        return 0;
    l->edges = edges;
    to = (uint32_t)l->n_nodes++;
    nodes[to] = (struct node){0};
    uint32_t k = (uint32_t)l->n_edges++;
    edges[k] = (struct edge){.symbol = symbol, .node = to, .next = nodes[node].edges};
    nodes[node].edges = k;
    if (!node)
        l->root[symbol] = to;
    return to;
}

int
trie_init(struct lexicon *l)
{
    l->nodes = grow(NULL, &l->cap_nodes, 0, sizeof(*l->nodes));
    l->edges = grow(NULL, &l->cap_edges, 0, sizeof(*l->edges));
    if (!l->nodes || !l->edges || rehash(l))
        return -1;
    l->nodes[0] = (struct node){0}; /* the root */
    l->n_nodes = l->n_edges = 1;    /* edge 0 means none */
    return 0;
}

void
trie_free(struct lexicon *l)
{
    free(l->symbols);
    free(l->table);
    free(l->nodes);
    free(l->edges);
    free(l->root);
}

int
trie_finish(struct lexicon *l)
{
    return root_room(l, l->n_symbols + 1);
}

/* ---- matching */

static bool
maybe(const struct lexicon *l, uint32_t h)
{
    uint32_t bit = (uint32_t)slot_of(h) % LEX_BITMAP_BITS;
    return l->bitmap[bit / 64] >> (bit % 64) & 1;
}

/* The symbols that a token is, the most specific first. */
static size_t
symbols_of(const struct lexicon *l, const struct token *t, uint32_t out[SYMBOLS_OF_TOKEN])
{
    uint32_t found[SYMBOLS_OF_TOKEN], h = FNV_BASIS;
    size_t n = 0, m = 0;
    for (size_t i = 0; i < t->len; i++) {
        h = (h ^ (unsigned char)t->s[i]) * FNV_PRIME;
        if (i > 0 && n < SYMBOLS_OF_TOKEN - 1 && maybe(l, h)) {
            int64_t k = find_symbol(l, t->s, i + 1, true, h);
            if (k >= 0)
                found[n++] = (uint32_t)k;
        }
    }
    if (maybe(l, h ^ EXACT)) {
        int64_t k = find_symbol(l, t->s, t->len, false, h ^ EXACT);
        if (k >= 0)
            out[m++] = (uint32_t)k;
    }
    while (n > 0)
        out[m++] = found[--n];
    return m;
}

bool
lexicon_knows(const struct lexicon *l, const struct token *t)
{
    uint32_t symbols[SYMBOLS_OF_TOKEN];

    return symbols_of(l, t, symbols) > 0;
}

struct best {
    const struct node *node;
    size_t end;
};

/* Symbols are tried the most specific first, so the first to reach a length keeps it. */
static void
walk(const struct lexicon *l, const struct token *t, size_t n, size_t at, const uint32_t *sym,
     const uint8_t *n_sym, uint32_t node, struct best *best)
{
    for (size_t k = 0; k < n_sym[at]; k++) {
        uint32_t s = sym[at * SYMBOLS_OF_TOKEN + k];
        uint32_t to = node ? follow(l, node, s) : l->root[s];
        if (!to)
            continue;
        if (l->nodes[to].first && at + 1 > best->end)
            *best = (struct best){.node = &l->nodes[to], .end = at + 1};
        if (l->nodes[to].edges && at + 1 < n && t[at + 1].gap != GAP_SENTENCE)
            walk(l, t, n, at + 1, sym, n_sym, to, best);
    }
}

/* Symbols are looked up a stretch of tokens at a time, so that the stack is bounded whatever the
 * length of the text; stretches overlap by the longest phrase. */
#define STRETCH 128

size_t
lexicon_match(const struct lexicon *l, const struct token *t, size_t n, struct lex_hit *out,
              size_t max)
{
    uint32_t sym[(STRETCH + LEX_MAX_WORDS) * SYMBOLS_OF_TOKEN];
    uint8_t n_sym[STRETCH + LEX_MAX_WORDS];
    size_t hits = 0, covered = 0;
    for (size_t from = 0; from < n; from += STRETCH) {
        size_t len = n - from < STRETCH + LEX_MAX_WORDS ? n - from : STRETCH + LEX_MAX_WORDS;
        for (size_t i = 0; i < len; i++)
            n_sym[i] = (uint8_t)symbols_of(l, &t[from + i], sym + i * SYMBOLS_OF_TOKEN);
        for (size_t i = 0; i < len && i < STRETCH; i++) {
            struct best best = {0};
            if (n_sym[i])
                walk(l, t + from, len, i, sym, n_sym, 0, &best);
            if (!best.node || from + best.end <= covered)
                continue;
            covered = from + best.end;
            for (const struct meaning *m = best.node->first; m && hits < max; m = m->next)
                out[hits++] = (struct lex_hit){
                    .e = m->e, .first = (uint32_t)(from + i), .count = (uint32_t)(best.end - i)};
        }
    }
    return hits;
}
