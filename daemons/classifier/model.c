/* model: loading, n-grams, the sum; see model.h.
 *
 * A row is 32 weights of 16 bits, one cache line; a table of open addressing leads from a gram's
 * hash to its row. Nothing iterates over the table, so its order decides nothing. Two grams of one
 * 64-bit hash would be one feature: the loader refuses a file that holds such a pair. */
#include "model.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spelling.h"

#define FILE_BYTES   (8u << 20)
#define MAX_ROWS     (1u << 17)
#define MAX_WEIGHT   32767
#define LETTERS      4
#define NORM_BITS    14
#define MAX_GRAM     100 /* bytes of a key */
#define FNV_BASIS    UINT64_C(14695981039346656037)
#define FNV_PRIME    UINT64_C(1099511628211)
#define MIN_LETTERED 3 /* shorter words are known by themselves */

_Static_assert(MODEL_OUT == 32, "a row is one cache line");

struct row {
    int16_t w[MODEL_OUT];
};

struct slot {
    uint64_t hash; /* 0 = empty */
    uint32_t row;
};

struct model {
    struct row *rows;
    size_t n_rows, room;
    struct slot *slots;
    size_t mask;
    struct row facts[MODEL_FACTS];
    struct spelling *spelling;  /* of its words */
    uint8_t digest[DIGEST_LEN]; /* of the file */
};

/* ---- features */

static inline uint64_t
step(uint64_t h, unsigned char c)
{
    return (h ^ c) * FNV_PRIME;
}

/* FNV's low bits are its weak ones where the last letters differ: they choose the slot. */
static inline uint64_t
finish(uint64_t h)
{
    h ^= h >> 32;
    return h ? h : 1;
}

static inline unsigned char
plain(char c)
{
    return c >= '0' && c <= '9' ? '0' : (unsigned char)c;
}

static uint64_t
hash_word(uint64_t h, const struct token *t)
{
    for (size_t i = 0; i < t->len; i++)
        h = step(h, plain(t->s[i]));
    return h;
}

/* The letter at place i of the word with its ends marked. */
static inline unsigned char
marked(const struct token *t, size_t i)
{
    return i == 0 || i == (size_t)t->len + 1 ? '_' : plain(t->s[i - 1]);
}

size_t
model_grams_room(const struct token *t, size_t n)
{
    size_t room = 2 * n;

    for (size_t i = 0; i < n; i++)
        room += t[i].len;
    return room + 1;
}

size_t
model_grams(const struct token *t, size_t n, struct gram *out, size_t max, uint32_t *n_words,
            uint32_t *n_letters)
{
    const uint64_t word = step(FNV_BASIS, 'w'), pair = step(FNV_BASIS, 'p');
    const uint64_t letters = step(FNV_BASIS, '~');
    size_t k = 0;
    uint32_t words = 0;

    for (size_t i = 0; i < n; i++) {
        if (k + 2 > max)
            break;
        out[k++] = (struct gram){finish(hash_word(word, &t[i])), (uint32_t)i, GRAM_WORD, 0};
        words++;
        if (i + 1 < n && t[i + 1].gap != GAP_SENTENCE) {
            uint64_t h = step(hash_word(pair, &t[i]), '_');
            out[k++] = (struct gram){finish(hash_word(h, &t[i + 1])), (uint32_t)i, GRAM_PAIR, 0};
            words++;
        }
        if (t[i].len < MIN_LETTERED)
            continue;
        for (size_t at = 0; at + LETTERS <= (size_t)t[i].len + 2 && k < max; at++) {
            uint64_t h = letters;
            for (size_t j = 0; j < LETTERS; j++)
                h = step(h, marked(&t[i], at + j));
            out[k++] = (struct gram){finish(h), (uint32_t)i, GRAM_LETTERS, (uint8_t)at};
        }
    }
    *n_words = words;
    *n_letters = (uint32_t)k - words;
    return k;
}

void
model_gram_name(const struct gram *g, const struct token *t, struct buf *b)
{
    const struct token *w = &t[g->token];

    if (g->kind == GRAM_LETTERS) {
        buf_putc(b, '~');
        for (size_t j = 0; j < LETTERS; j++)
            buf_putc(b, (char)marked(w, g->at + j));
        return;
    }
    for (size_t i = 0; i < w->len; i++)
        buf_putc(b, (char)plain(w->s[i]));
    if (g->kind != GRAM_PAIR)
        return;
    buf_putc(b, '_');
    for (size_t i = 0; i < w[1].len; i++)
        buf_putc(b, (char)plain(w[1].s[i]));
}

/* The hash of a key as it stands in a file: a word holds no '_', as it is letters and digits. */
static uint64_t
hash_key(const char *s, size_t n)
{
    bool letters = s[0] == '~';
    bool pair = !letters && memchr(s, '_', n);
    uint64_t h = step(FNV_BASIS, letters ? '~' : pair ? 'p' : 'w');

    for (size_t i = letters; i < n; i++)
        h = step(h, (unsigned char)s[i]);
    return finish(h);
}

static const char *const lone_facts[] = {
    [0] = "against",
    [MF_FOR - MF_AGAINST] = "for",
    [MF_ALERTWORTHY - MF_AGAINST] = "alertworthy",
    [MF_KILLED - MF_AGAINST] = "killed",
    [MF_WOUNDED - MF_AGAINST] = "wounded",
    [MF_TAKEN - MF_AGAINST] = "taken",
    [MF_ARMED_HURT - MF_AGAINST] = "armed_hurt",
    [MF_OTHERS_HURT - MF_AGAINST] = "others_hurt",
    [MF_CIVIL_HURT - MF_AGAINST] = "civil_hurt",
    [MF_FRENCH - MF_AGAINST] = "french",
    [MF_ENGLISH - MF_AGAINST] = "english",
};

const char *
model_fact_name(size_t fact, char name[40])
{
    const char *group, *what;
    size_t i;

    if (fact == MF_BIAS)
        return strcpy(name, "@bias");
    if (fact >= MF_AGAINST) {
        (void)snprintf(name, 40, "@%s", lone_facts[fact - MF_AGAINST]);
        return name;
    }
    if (fact >= MF_FLAG) {
        (void)snprintf(name, 40, "@flag.%u", (unsigned)(fact - MF_FLAG));
        return name;
    }
    if (fact >= MF_MODE) {
        group = "mode";
        i = fact - MF_MODE;
        what = i > MODE_UNKNOWN && i < MODE_COUNT ? mode_name((enum mode)i) : NULL;
    } else if (fact >= MF_TARGET) {
        group = fact >= MF_HIT ? "hit" : "target";
        i = (fact - MF_TARGET) % TARGET_COUNT;
        what = i >= TG_CONVOY && i <= TG_ARMED ? target_name((enum target)i) : NULL;
    } else {
        group = fact >= MF_TOP ? "top" : fact >= MF_TOLD ? "told" : "sum";
        i = (fact - MF_SUM) % EVENT_COUNT;
        what = i >= EV_NONE ? event_type_name((enum event_type)i) : NULL;
    }
    if (!what)
        return NULL;
    (void)snprintf(name, 40, "@%s.%s", group, what);
    return name;
}

/* ---- sum */

uint32_t
model_norm(uint32_t n)
{
    /* The integer square root of 2^28 / n, bit by bit. */
    uint32_t v = (UINT32_C(1) << (2 * NORM_BITS)) / (n ? n : 1), root = 0;

    for (uint32_t bit = UINT32_C(1) << NORM_BITS; bit; bit >>= 1)
        if ((uint64_t)(root + bit) * (root + bit) <= v)
            root += bit;
    return root;
}

static const struct row *
find(const struct model *m, uint64_t hash)
{
    for (size_t i = hash & m->mask;; i = (i + 1) & m->mask) {
        if (m->slots[i].hash == hash)
            return &m->rows[m->slots[i].row];
        if (!m->slots[i].hash)
            return NULL;
    }
}

int
model_sum(const struct model *m, const struct model_input *in, struct arena *a,
          int32_t sum[MODEL_OUT])
{
    int32_t words[MODEL_OUT] = {0}, letters[MODEL_OUT] = {0}, facts[MODEL_OUT] = {0};
    size_t room = model_grams_room(in->t, in->n);
    struct gram *g = arena_alloc(a, room * sizeof *g);
    uint32_t n_words, n_letters;
    size_t n;

    if (!g)
        return -1;
    n = model_grams(in->t, in->n, g, room, &n_words, &n_letters);
    for (size_t i = 0; i < n; i++) {
        const struct row *r = find(m, g[i].hash);
        int32_t *to = g[i].kind == GRAM_LETTERS ? letters : words;

        for (int k = 0; r && k < MODEL_OUT; k++)
            to[k] += r->w[k];
    }
    for (size_t f = 0; f < MODEL_FACTS; f++)
        for (int k = 0; in->fact[f] && k < MODEL_OUT; k++)
            facts[k] += in->fact[f] * m->facts[f].w[k];
    int64_t nw = model_norm(n_words), nl = model_norm(n_letters);
    for (int k = 0; k < MODEL_OUT; k++)
        sum[k] = (int32_t)(facts[k] / MODEL_FACT_UNIT + words[k] * nw / (1 << NORM_BITS) +
                           letters[k] * nl / (1 << NORM_BITS));
    return 0;
}

size_t
model_reason(const struct model *m, const struct model_input *in, int out, bool *pair)
{
    struct gram g[2];
    size_t best = in->n;
    int32_t most = 0;
    uint32_t words, letters;

    for (size_t i = 0; i < in->n; i++) {
        size_t n = model_grams(&in->t[i], i + 1 < in->n ? 2 : 1, g, 2, &words, &letters);
        for (size_t k = 0; k < n; k++) {
            const struct row *r = g[k].kind == GRAM_LETTERS ? NULL : find(m, g[k].hash);
            if (r && r->w[out] > most) {
                most = r->w[out];
                best = i;
                *pair = g[k].kind == GRAM_PAIR;
            }
        }
    }
    return best;
}

/* ---- loading */

static int
weights(const char *s, const char *name, unsigned line, struct row *r, struct err *e)
{
    while (*s) {
        char *end;
        errno = 0;
        long k = strtol(s, &end, 10);
        if (end == s || *end != ':' || k < 0 || k >= MODEL_OUT)
            return err_at(e, name, line, "an output is a number from 0 to %d and a colon",
                          MODEL_OUT - 1);
        s = end + 1;
        long v = strtol(s, &end, 10);
        if (end == s || (*end && *end != ' ') || v < -MAX_WEIGHT || v > MAX_WEIGHT)
            return err_at(e, name, line, "a weight is a number from -%d to %d", MAX_WEIGHT,
                          MAX_WEIGHT);
        r->w[k] = (int16_t)v;
        s = *end ? end + 1 : end;
    }
    return 0;
}

static int
add_fact(struct model *m, const char *key, const struct row *r, const char *name, unsigned line,
         struct err *e)
{
    char fact[40];

    for (size_t i = 0; i < MODEL_FACTS; i++)
        if (model_fact_name(i, fact) && strcmp(fact, key) == 0) {
            m->facts[i] = *r;
            return 0;
        }
    return err_at(e, name, line, "\"%s\" is no fact of this version; make the model anew", key);
}

static int
add_line(struct model *m, char *s, const char *name, unsigned line, struct err *e)
{
    char *tab = strchr(s, '\t');
    struct row r = {{0}};

    if (!tab || tab == s || tab - s > MAX_GRAM)
        return err_at(e, name, line, "a line is a feature of at most %d bytes, a tab and weights",
                      MAX_GRAM);
    *tab = '\0';
    if (weights(tab + 1, name, line, &r, e))
        return -1;
    if (*s == '@')
        return add_fact(m, s, &r, name, line, e);
    if (m->n_rows == m->room)
        return err_at(e, name, line, "more than %zu features", m->room);
    uint64_t hash = hash_key(s, strlen(s));
    size_t i = hash & m->mask;
    while (m->slots[i].hash && m->slots[i].hash != hash)
        i = (i + 1) & m->mask;
    if (m->slots[i].hash)
        return err_at(e, name, line, "\"%s\" is there already", s);
    m->slots[i] = (struct slot){hash, (uint32_t)m->n_rows};
    if (*s != '~' && !strchr(s, '_') && spelling_add(m->spelling, s, strlen(s)))
        return err_set(e, "out of memory");
    m->rows[m->n_rows++] = r;
    return 0;
}

static int
add_text(struct model *m, char *s, const char *name, struct err *e)
{
    unsigned line = 0;

    for (char *next; s; s = next) {
        next = strchr(s, '\n');
        if (next)
            *next++ = '\0';
        line++;
        if (*s && *s != '#' && add_line(m, s, name, line, e))
            return -1;
    }
    return 0;
}

/* Twice the lines, so that a search ends soon. */
static int
make_room(struct model *m, const char *s, size_t n, const char *name, struct err *e)
{
    size_t lines = 1, slots = 64;

    for (size_t i = 0; i < n; i++)
        lines += s[i] == '\n';
    if (lines > MAX_ROWS)
        return err_at(e, name, 0, "more than %u lines", MAX_ROWS);
    while (slots < 2 * lines)
        slots *= 2;
    m->mask = slots - 1;
    m->room = lines;
    m->slots = calloc(slots, sizeof *m->slots);
    m->rows = aligned_alloc(64, lines * sizeof *m->rows);
    return m->slots && m->rows ? 0 : err_set(e, "out of memory");
}

int
model_parse(const char *s, size_t n, const char *name, struct model **out, struct err *e)
{
    struct model *m = calloc(1, sizeof *m);
    char *copy = malloc(n + 1);
    int rc = -1;

    if (!m || !copy) {
        (void)err_set(e, "out of memory"); /* rc is -1 */
        goto out;
    }
    m->spelling = spelling_new();
    if (memchr(s, '\0', n)) {
        (void)err_at(e, name, 0, "holds a NUL");
        goto out;
    }
    memcpy(copy, s, n);
    copy[n] = '\0';
    if (!m->spelling || crypto_generichash(m->digest, sizeof m->digest, (const unsigned char *)s, n,
                                           NULL, 0) != 0) {
        (void)err_set(e, "out of memory");
        goto out;
    }
    if (make_room(m, s, n, name, e) || add_text(m, copy, name, e))
        goto out;
    *out = m;
    m = NULL;
    rc = 0;
out:
    free(copy);
    model_free(m);
    return rc;
}

int
model_load(const char *path, struct model **out, struct err *e)
{
    struct buf b;
    int rc;

    buf_init(&b, 0);
    rc = buf_read_file(&b, path, FILE_BYTES, "a model (classifier.model)", e);
    if (rc == 0)
        rc = model_parse(b.data ? b.data : "", b.len, path, out, e);
    buf_fini(&b);
    return rc;
}

bool
model_knows(const struct model *m, const struct token *t)
{
    return find(m, finish(hash_word(step(FNV_BASIS, 'w'), t))) != NULL;
}

const char *
model_respell(const struct model *m, const struct token *t)
{
    return spelling_fix(m->spelling, t->s, t->len);
}

void
model_free(struct model *m)
{
    if (!m)
        return;
    spelling_free(m->spelling);
    free(m->rows);
    free(m->slots);
    free(m);
}

void
model_digest_bytes(const struct model *m, struct buf *b)
{
    buf_put(b, m->digest, sizeof m->digest);
}
