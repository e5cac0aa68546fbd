/* text: folding and tokens.
 *
 * One walk over the code points serves both: ASCII takes a short way without utf8proc, all else
 * is decomposed, stripped of marks and case folded code point by code point. No canonical
 * ordering is needed, since marks are dropped. One code point may become eighteen (Arabic
 * ligatures), so the output is counted before it is allocated. A run of letters longer than
 * TOKEN_MAX folded bytes is cut, so that a hostile text cannot make a token that no length fits.
 */
#include "text.h"

#include <string.h>

#include <utf8proc.h>

#include "record.h"

#define TOKEN_MAX 240 /* folded bytes after which a token is cut */
#define CP_MAX    32  /* code points that one may become: 18 at most, by Unicode */

/* Typographic quotes and dashes, the ligatures of French, and dotless i. NULL = none of them. */
static const char *
plain(utf8proc_int32_t cp)
{
    switch (cp) {
    case 0x2018:
    case 0x2019:
    case 0x201a:
    case 0x201b:
    case 0x02bc:
    case 0x2032:
    case 0x0060:
    case 0x00b4:
        return "'";
    case 0x201c:
    case 0x201d:
    case 0x201e:
    case 0x00ab:
    case 0x00bb:
        return "\"";
    case 0x2010:
    case 0x2011:
    case 0x2012:
    case 0x2013:
    case 0x2014:
    case 0x2015:
    case 0x2212:
        return "-";
    case 0x00e6:
    case 0x00c6:
        return "ae";
    case 0x0153:
    case 0x0152:
        return "oe";
    case 0x0131:
        return "i";
    default:
        return NULL;
    }
}

/* fold_one() beyond ASCII. */
static size_t
fold_wide(const char *s, size_t n, char *out, size_t *len, bool *word)
{
    utf8proc_int32_t cp;
    utf8proc_ssize_t took = utf8proc_iterate((const utf8proc_uint8_t *)s, (utf8proc_ssize_t)n, &cp);
    if (took <= 0) { /* the doors check UTF-8; a stray byte is a gap, never a fault */
        out[0] = '?';
        *len = 1;
        *word = false;
        return 1;
    }
    const char *p = plain(cp);
    if (p) {
        *len = strlen(p);
        memcpy(out, p, *len);
        *word = p[0] >= 'a' && p[0] <= 'z';
        return (size_t)took;
    }
    utf8proc_int32_t cps[CP_MAX];
    int boundary = 0;
    utf8proc_ssize_t k = utf8proc_decompose_char(
        cp, cps, CP_MAX,
        UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK, &boundary);
    *len = 0;
    *word = false;
    for (utf8proc_ssize_t i = 0; i < k && i < CP_MAX; i++) {
        utf8proc_category_t cat = utf8proc_category(cps[i]);
        if ((cat >= UTF8PROC_CATEGORY_LU && cat <= UTF8PROC_CATEGORY_LO) ||
            (cat >= UTF8PROC_CATEGORY_ND && cat <= UTF8PROC_CATEGORY_NO))
            *word = true;
        *len += (size_t)utf8proc_encode_char(cps[i], (utf8proc_uint8_t *)out + *len);
    }
    return (size_t)took;
}

/* The folded form of the code point at s into out (up to CP_MAX * 4 bytes). Returns how many
 * bytes of s it took; *len bytes were written, 0 for a mark; *word says letter or digit. */
static inline size_t
fold_one(const char *s, size_t n, char *out, size_t *len, bool *word)
{
    unsigned char c = (unsigned char)*s;
    if (c >= 0x80)
        return fold_wide(s, n, out, len, word);
    unsigned char lower = (unsigned char)(c | 0x20);
    bool letter = lower >= 'a' && lower <= 'z';
    *word = letter || (c >= '0' && c <= '9');
    out[0] = letter ? (char)lower : c == '`' ? '\'' : (char)c;
    *len = 1;
    return 1;
}

char *
text_fold(const char *s, size_t n, struct arena *a, size_t *len)
{
    char piece[CP_MAX * 4];
    bool word;
    size_t total = 0, k;
    for (size_t i = 0; i < n;) {
        i += fold_one(s + i, n - i, piece, &k, &word);
        total += k;
    }
    char *out = arena_alloc(a, total + 1);
    if (!out)
        return NULL;
    char *p = out;
    for (size_t i = 0; i < n;) {
        i += fold_one(s + i, n - i, piece, &k, &word);
        memcpy(p, piece, k);
        p += k;
    }
    *p = '\0';
    *len = total;
    return out;
}

/* The kind of gap, from what stands between two tokens; the strongest sign decides. */
struct gap {
    unsigned spaces, hyphens, apostrophes, others;
    bool comma, sentence, stop; /* stop: a full stop that nothing follows yet */
};

static void
gap_add(struct gap *g, char c)
{
    switch (c) {
    case ' ':
    case '\t':
        if (g->stop)
            g->sentence = true;
        g->spaces++;
        break;
    case '\n':
    case '\r':
    case '!':
    case '?':
    case ';':
        g->sentence = true;
        break;
    case '.':
        g->stop = true;
        g->others++;
        break;
    case ',':
        g->comma = true;
        break;
    case '-':
        g->hyphens++;
        break;
    case '\'':
        g->apostrophes++;
        break;
    default:
        g->others++;
        break;
    }
}

static uint16_t
gap_kind(const struct gap *g)
{
    if (g->sentence)
        return GAP_SENTENCE;
    if (g->comma)
        return GAP_COMMA;
    if (g->others)
        return GAP_OTHER;
    if (g->hyphens)
        return g->hyphens == 1 && !g->spaces ? GAP_HYPHEN : GAP_OTHER;
    if (g->apostrophes)
        return g->spaces ? GAP_OTHER : GAP_APOSTROPHE;
    return g->spaces ? GAP_SPACE : GAP_NONE;
}

struct token *
text_tokens(const char *s, size_t n, struct arena *a, size_t *count)
{
    char piece[CP_MAX * 4];
    bool word, in = false;
    size_t bytes = 0, tokens = 0, run = 0, k;
    for (size_t i = 0; i < n;) { /* first how much room */
        i += fold_one(s + i, n - i, piece, &k, &word);
        if (!k)
            continue;
        if (!word) {
            in = false;
            continue;
        }
        if (!in || run >= TOKEN_MAX) {
            in = true;
            run = 0;
            tokens++;
        }
        run += k;
        bytes += k;
    }
    size_t most = MAX_TEXT / 2;
    struct token *t = arena_alloc(a, (tokens ? tokens : 1) * sizeof(*t));
    char *p = arena_alloc(a, bytes + tokens + 1);
    if (!t || !p)
        return NULL;

    struct gap gap = {0};
    struct token *cur = NULL;
    size_t m = 0;
    for (size_t i = 0; i < n;) {
        size_t at = i;
        i += fold_one(s + i, n - i, piece, &k, &word);
        if (!k) {
            if (cur)
                cur->end = (uint32_t)i; /* a mark belongs to its letter */
            continue;
        }
        if (!word) {
            if (cur) {
                *p++ = '\0';
                cur = NULL;
                gap = (struct gap){0};
            }
            for (size_t j = 0; j < k; j++)
                gap_add(&gap, piece[j]);
            continue;
        }
        if (!cur || cur->len >= TOKEN_MAX) {
            if (m == most)
                break;
            if (cur) {
                *p++ = '\0';
                gap = (struct gap){0};
            }
            cur = &t[m++];
            *cur = (struct token){.s = p, .gap = gap_kind(&gap), .start = (uint32_t)at};
        }
        memcpy(p, piece, k);
        p += k;
        cur->len = (uint16_t)(cur->len + k);
        cur->end = (uint32_t)i;
    }
    *p = '\0';
    *count = m;
    return t;
}

/* 64-bit FNV-1a, then the finaliser of MurmurHash3, since FNV alone is weak in its high bits and
 * the minima look at those. */
#define FNV_BASIS UINT64_C(14695981039346656037)
#define FNV_PRIME UINT64_C(1099511628211)

static uint64_t
hash_word(const struct token *t)
{
    uint64_t h = FNV_BASIS;
    for (size_t i = 0; i < t->len; i++)
        h = (h ^ (unsigned char)t->s[i]) * FNV_PRIME;
    return h;
}

static uint64_t
mix(uint64_t h)
{
    h = (h ^ (h >> 33)) * UINT64_C(0xff51afd7ed558ccd);
    h = (h ^ (h >> 33)) * UINT64_C(0xc4ceb9fe1a85ec53);
    h ^= h >> 33;
    return h ? h : 1;
}

static void
keep_least(uint64_t out[8], size_t *n, uint64_t h)
{
    size_t i = *n;
    if (i == 8 && h >= out[7])
        return;
    while (i > 0 && out[i - 1] > h)
        i--;
    if (i > 0 && out[i - 1] == h)
        return;
    if (*n < 8)
        ++*n;
    for (size_t j = *n - 1; j > i; j--)
        out[j] = out[j - 1];
    out[i] = h;
}

void
text_fingerprint(const struct token *t, size_t n, uint64_t out[8])
{
    memset(out, 0, 8 * sizeof(*out));
    if (n == 0)
        return;
    size_t kept = 0, width = n < 3 ? n : 3;
    uint64_t last[3] = {0}; /* hashes of the last words, the oldest first */
    for (size_t i = 0; i < n; i++) {
        last[0] = last[1];
        last[1] = last[2];
        last[2] = hash_word(&t[i]);
        if (i + 1 < width)
            continue;
        uint64_t h = FNV_BASIS;
        for (size_t j = 3 - width; j < 3; j++) /* the order of the words counts */
            h = (h ^ last[j]) * FNV_PRIME + (h >> 29);
        keep_least(out, &kept, mix(h));
    }
}
