/* lexicon_trie: the inside of the lexicon; only lexicon.c and lexicon_trie.c include it. */
#ifndef CLASSIFIER_LEXICON_TRIE_H
#define CLASSIFIER_LEXICON_TRIE_H

#include <stdbool.h>

#include "arena.h"
#include "lexicon.h"

#define LEX_MAX_WORDS   10 /* in a phrase */
#define LEX_MAX_FORCES  64
#define LEX_BITMAP_BITS 65536

struct symbol {
    const char *s;
    uint32_t hash;
    uint16_t len;
    bool prefix;
};

struct edge {
    uint32_t symbol, node, next; /* next: index into edges, 0 = end */
};

struct meaning {
    const struct lex_entry *e;
    const struct meaning *next;
};

struct node {
    uint32_t edges; /* first, 0 = none */
    const struct meaning *first;
    struct meaning *last;
};

struct spelling;

struct lexicon {
    struct arena *arena;
    struct buf bytes; /* of all files, for the digest */
    struct symbol *symbols;
    size_t n_symbols, cap_symbols;
    uint32_t *table; /* symbol + 1 by hash, open addressing */
    size_t table_mask;
    struct node *nodes;
    size_t n_nodes, cap_nodes;
    struct edge *edges;
    size_t n_edges, cap_edges;
    uint32_t *root;            /* node by symbol, 0 = none */
    size_t n_root;             /* symbols that it has room for */
    struct spelling *spelling; /* of the words that stand without * */
    size_t n_entries, n_phrases;
    const char *forces[LEX_MAX_FORCES]; /* actors that are state forces */
    size_t n_forces;
    uint64_t bitmap[LEX_BITMAP_BITS / 64];
};

/* Tables of an empty trie. 0, or -1 when memory is out; trie_free() takes both. */
int trie_init(struct lexicon *l);
void trie_free(struct lexicon *l);
/* The number of a word (or prefix), made when missing; -1 when memory is out. */
int64_t trie_intern(struct lexicon *l, const char *s, size_t len, bool prefix);
/* The node behind (node, symbol), made when missing; 0 when memory is out. */
uint32_t trie_extend(struct lexicon *l, uint32_t node, uint32_t symbol);
/* After the last phrase, before the first match. */
int trie_finish(struct lexicon *l);

#endif
