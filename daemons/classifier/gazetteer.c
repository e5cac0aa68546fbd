/* gazetteer: names of places to coordinates.
 *
 * Names and keys are bump-allocated from chunks that never move; places move only until
 * gazetteer_finish(), after which they may be pointed to for as long as the gazetteer lives. It
 * sorts the (key, place) pairs, the best place of a key first, and puts an open-addressed table over
 * the first pair of each key: one probe answers a lookup, and no order depends on a hash. A byte
 * table by the hash of a key's first word says how long the longest name with that word is; in
 * running text it answers most questions from the first-level cache. Populated places are sorted by cells of a quarter degree
 * for the search of the nearest.
 *
 * The files choose how much there is: places and text are bounded, and more is an error. */
#include "gazetteer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "gazetteer_index.h"
#include "gazetteer_load.h"
#include "text.h"

#define MAX_PLACES 2000000u
#define MAX_BYTES  (512u << 20) /* names and keys */
#define MAX_LINE   65536
#define CHUNK      65536

struct gazetteer *
gazetteer_new(void)
{
    /* libsodium's state asks for 64 bytes of alignment, and calloc gives 16: a compiler that may use
     * wide vectors then moves it with instructions that fault. The size is a multiple of it. */
    struct gazetteer *g = aligned_alloc(_Alignof(struct gazetteer), sizeof *g);

    if (g == NULL)
        return NULL;
    memset(g, 0, sizeof *g);
    g->strings = arena_new(MAX_BYTES);
    g->scratch = arena_new(8u << 20);
    if (g->strings == NULL || g->scratch == NULL) {
        gazetteer_free(g);
        return NULL;
    }
    (void)crypto_generichash_init(&g->digest, NULL, 0, 32); /* fails for bad lengths only */
    return g;
}

void
gazetteer_free(struct gazetteer *g)
{
    if (g == NULL)
        return;
    gazetteer_near_free(g);
    free(g->roads);
    free(g->cells);
    free(g->slots);
    free(g->pairs);
    free(g->region);
    free(g->places);
    arena_free(g->scratch);
    arena_free(g->strings);
    free(g);
}

size_t
gazetteer_count(const struct gazetteer *g)
{
    return g->n_places;
}

void
gazetteer_digest_bytes(const struct gazetteer *g, struct buf *b)
{
    crypto_generichash_state copy = g->digest;
    unsigned char out[32];

    (void)crypto_generichash_final(&copy, out, sizeof out);
    buf_put(b, out, sizeof out);
}

static const char *
keep(struct gazetteer *g, const char *s, size_t n)
{
    char *p;

    if (n + 1 > g->chunk_left) {
        size_t size = n + 1 > CHUNK ? n + 1 : CHUNK;
        g->chunk = arena_alloc(g->strings, size);
        if (g->chunk == NULL) {
            g->chunk_left = 0;
            return NULL;
        }
        g->chunk_left = size;
    }
    p = g->chunk;
    memcpy(p, s, n);
    p[n] = '\0';
    g->chunk += n + 1;
    g->chunk_left -= n + 1;
    return p;
}

/* ---- loading */

static int
grow(void *array, size_t *cap, size_t n, size_t size)
{
    void **p = array;
    size_t want = *cap == 0 ? 1024 : *cap + *cap / 2;
    void *q;

    if (n < *cap)
        return 0;
    q = realloc(*p, want * size);
    if (q == NULL)
        return -1;
    *p = q;
    *cap = want;
    return 0;
}

/* Adds a key for the place that is being loaded; once, however often its names fold to it. */
static int
add_key(struct gazetteer *g, size_t from, const char *key, size_t n)
{
    uint32_t h = gazetteer_hash(key, n);
    struct pair *p;

    for (size_t i = from; i < g->n_pairs; i++)
        if (g->pairs[i].hash == h && strcmp(g->pairs[i].key, key) == 0)
            return 0;
    if (grow(&g->pairs, &g->cap_pairs, g->n_pairs, sizeof *g->pairs) != 0)
        return -1;
    p = &g->pairs[g->n_pairs];
    p->hash = h;
    p->place = (uint32_t)g->n_places;
    p->key = keep(g, key, n);
    if (p->key == NULL)
        return -1;
    g->n_pairs++;
    return 0;
}

/* "province du soum", "gao region": regions are also known by the bare name. The bare name goes
 * to bare, which is empty when nothing stands around it. */
static size_t
bare_key(const char *key, size_t n, char *bare, size_t size)
{
    static const char *const level[] = {"region",     "cercle",     "province", "departement",
                                        "department", "prefecture", "commune",  "district"};
    static const char *const link[] = {"de la ", "des ", "du ", "de l", "de ", "d", "of "};

    bare[0] = '\0';
    for (size_t i = 0; i < sizeof level / sizeof *level; i++) {
        size_t l = strlen(level[i]);
        const char *from = key;
        size_t left = n;
        if (n > l + 1 && memcmp(key, level[i], l) == 0 && key[l] == ' ') {
            from = key + l + 1;
            left = n - l - 1;
            for (size_t k = 0; k < sizeof link / sizeof *link; k++) {
                size_t m = strlen(link[k]);
                if (left > m && memcmp(from, link[k], m) == 0) {
                    from += m;
                    left -= m;
                    break;
                }
            }
        } else if (n > l + 1 && key[n - l - 1] == ' ' && memcmp(key + n - l, level[i], l) == 0) {
            left = n - l - 1;
        } else {
            continue;
        }
        if (left + 1 > size)
            return 0;
        memmove(bare, from, left);
        bare[left] = '\0';
        return left;
    }
    return 0;
}

/* Folds one name and adds what it is known by. */
static int
add_name(struct gazetteer *g, size_t from, const char *name, bool region)
{
    char key[GAZ_KEY_MAX], bare[GAZ_KEY_MAX];
    size_t len, n, m;
    const char *folded;

    arena_reset(g->scratch);
    folded = text_fold(name, strlen(name), g->scratch, &len);
    if (folded == NULL)
        return -1;
    n = gazetteer_key(folded, len, key, sizeof key);
    if (n == 0)
        return 0;
    if (add_key(g, from, key, n) != 0)
        return -1;
    m = region ? bare_key(key, n, bare, sizeof bare) : 0;
    return m > 0 ? add_key(g, from, bare, m) : 0;
}

static struct admin1 *
region_of(struct gazetteer *g, const char *country, const char *code)
{
    struct admin1 *r;

    for (size_t i = g->n_regions; i-- > 0;)
        if (strcmp(g->regions[i]->code, code) == 0 && strcmp(g->regions[i]->country, country) == 0)
            return g->regions[i];
    if (g->n_regions == sizeof g->regions / sizeof *g->regions)
        return NULL;
    r = arena_zalloc(g->strings, sizeof *r);
    if (r == NULL || (r->code = keep(g, code, strlen(code))) == NULL)
        return NULL;
    memcpy(r->country, country, sizeof r->country);
    r->name = "";
    g->regions[g->n_regions++] = r;
    return r;
}

/* The folded bare name of a region, kept. */
static const char *
region_name(struct gazetteer *g, const char *name)
{
    char key[GAZ_KEY_MAX], bare[GAZ_KEY_MAX];
    size_t len, n, m;
    const char *folded;

    arena_reset(g->scratch);
    folded = text_fold(name, strlen(name), g->scratch, &len);
    if (folded == NULL)
        return NULL;
    n = gazetteer_key(folded, len, key, sizeof key);
    m = bare_key(key, n, bare, sizeof bare);
    return m > 0 ? keep(g, bare, m) : keep(g, key, n);
}

static int
add_road(struct gazetteer *g, const struct gaz_row *row)
{
    struct road *r;

    if (grow(&g->roads, &g->cap_roads, g->n_roads, sizeof *g->roads) != 0)
        return -1;
    r = &g->roads[g->n_roads];
    r->place = (uint32_t)g->n_places;
    r->n = row->n_line;
    r->line = arena_alloc(g->strings, r->n * sizeof *r->line);
    if (r->line == NULL)
        return -1;
    memcpy(r->line, row->line, r->n * sizeof *r->line);
    g->n_roads++;
    return 0;
}

static int
add_place(struct gazetteer *g, struct gaz_row *row)
{
    struct gaz_place p = row->place;
    bool region = p.kind == GAZ_REGION || p.kind == GAZ_DISTRICT;
    const struct admin1 *in = NULL;
    size_t from = g->n_pairs, cap = g->cap_places;
    char *rest = row->alternates, *name;

    /* The side array first: it may be longer than the capacity says, never shorter. */
    if (grow(&g->region, &cap, g->n_places, sizeof(void *)) != 0 ||
        grow(&g->places, &g->cap_places, g->n_places, sizeof *g->places) != 0)
        return -1;
    p.name = keep(g, p.name, strlen(p.name));
    if (p.name == NULL)
        return -1;
    if (p.admin1[0] != '\0' && (p.admin1 = region_name(g, p.admin1)) == NULL)
        return -1;
    if (row->admin1_code[0] != '\0') {
        struct admin1 *r = region_of(g, p.country, row->admin1_code);
        if (r != NULL && row->defines_admin1 && (r->name = region_name(g, p.name)) == NULL)
            return -1;
        in = r;
    }
    if (p.admin1[0] == '\0')
        p.admin1 = "";
    if (add_name(g, from, p.name, region) != 0 || add_name(g, from, row->ascii, region) != 0)
        return -1;
    while ((name = strsep(&rest, ",")) != NULL)
        if (add_name(g, from, name, region) != 0)
            return -1;
    if (row->n_line > 0 && add_road(g, row) != 0)
        return -1;
    p.names = (uint8_t)(g->n_pairs - from < 255 ? g->n_pairs - from : 255);
    g->places[g->n_places] = p;
    g->region[g->n_places] = in;
    g->n_places++;
    return 0;
}

static int
add_line(struct gazetteer *g, char *line, ssize_t len, enum gaz_format *format, const char *path,
         int lineno, struct err *e)
{
    struct gaz_row row;

    if (len > MAX_LINE)
        return err_at(e, path, lineno, "line of more than %d bytes", MAX_LINE);
    if (strlen(line) != (size_t)len)
        return err_at(e, path, lineno, "a NUL byte; this is no text file");
    while (len > 0 && (line[len - 1] == '\n' || line[len - 1] == '\r'))
        line[--len] = '\0';
    if (len == 0 || line[0] == '#')
        return 0;
    if (*format == GAZ_FORMAT_UNKNOWN)
        *format = gaz_row_format(line);
    if (*format == GAZ_FORMAT_UNKNOWN)
        return err_at(
            e, path, lineno,
            "neither 19 columns (GeoNames) nor 10 or 11 (the short list), separated by tabs");
    if (gaz_row_parse(line, *format, path, lineno, &row, e) != 0)
        return -1;
    if (g->n_places == MAX_PLACES)
        return err_at(e, path, lineno, "more than %u places; load the countries that you need",
                      MAX_PLACES);
    if (add_place(g, &row) != 0)
        return err_at(e, path, lineno, "out of memory; load the countries that you need");
    return 0;
}

int
gazetteer_add_file(struct gazetteer *g, const char *path, struct err *e)
{
    enum gaz_format format = GAZ_FORMAT_UNKNOWN;
    char *line = NULL;
    size_t cap = 0, before = g->n_places;
    ssize_t len;
    int lineno = 0, r = -1;
    FILE *f;

    if (g->slots != NULL)
        return err_set(e, "gazetteer: %s: already finished, nothing may be added", path);
    f = fopen(path, "re");
    if (f == NULL)
        return err_at(e, path, 0, "cannot open: %s", strerror(errno));
    errno = 0;
    while ((len = getline(&line, &cap, f)) >= 0) {
        (void)crypto_generichash_update(&g->digest, (unsigned char *)line, (unsigned long long)len);
        if (add_line(g, line, len, &format, path, ++lineno, e) != 0)
            goto out;
    }
    if (ferror(f)) {
        (void)err_at(e, path, lineno, "cannot read: %s", strerror(errno));
        goto out;
    }
    if (g->n_places == before) {
        (void)err_at(e, path, lineno, "no place in it");
        goto out;
    }
    r = 0;
out:
    free(line);
    (void)fclose(f); /* only read from */
    return r;
}

/* ---- the index */

int
gazetteer_order(const struct gaz_place *a, const struct gaz_place *b)
{
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->curated != b->curated)
        return a->curated ? -1 : 1;
    if (a->population != b->population)
        return a->population > b->population ? -1 : 1;
    if (a->names != b->names)
        return a->names > b->names ? -1 : 1;
    if (a->id != b->id)
        return a->id < b->id ? -1 : 1;
    return 0;
}

static int
cmp_pairs(const void *pa, const void *pb, void *arg)
{
    const struct pair *a = pa, *b = pb;
    const struct gazetteer *g = arg;
    int c = strcmp(a->key, b->key);

    if (c == 0)
        c = gazetteer_order(&g->places[a->place], &g->places[b->place]);
    if (c == 0)
        c = a->place < b->place ? -1 : a->place > b->place;
    return c;
}

static int
cmp_cells(const void *pa, const void *pb)
{
    const struct cell *a = pa, *b = pb;

    if (a->cell != b->cell)
        return a->cell < b->cell ? -1 : 1;
    return a->place < b->place ? -1 : a->place > b->place;
}

static int
build_cells(struct gazetteer *g)
{
    size_t n = 0;

    g->cells = malloc((g->n_places + 1) * sizeof *g->cells);
    if (g->cells == NULL)
        return -1;
    for (size_t i = 0; i < g->n_places; i++) {
        const struct gaz_place *p = &g->places[i];
        if (p->kind != GAZ_POPULATED)
            continue;
        g->cells[n].cell = gazetteer_cell(p->pt.lat, p->pt.lon);
        g->cells[n++].place = (uint32_t)i;
    }
    g->n_cells = n;
    qsort(g->cells, n, sizeof *g->cells, cmp_cells);
    return 0;
}

static void
note_first_word(struct gazetteer *g, const char *key)
{
    size_t len = strcspn(key, " "), words = 1;
    uint8_t *f = &g->first[gazetteer_hash(key, len) >> (32 - FIRST_BITS)];

    for (const char *s = key + len; *s != '\0'; s++)
        words += *s == ' ';
    if (words > *f)
        *f = (uint8_t)words; /* a key has at most GAZ_KEY_MAX / 2 words */
}

int
gazetteer_finish(struct gazetteer *g, struct err *e)
{
    size_t slots = 1024;

    for (size_t i = 0; i < g->n_places; i++)
        if (g->region[i] != NULL && g->places[i].admin1[0] == '\0')
            g->places[i].admin1 = g->region[i]->name;
    free(g->region);
    g->region = NULL;
    if (g->n_pairs > 0)
        qsort_r(g->pairs, g->n_pairs, sizeof *g->pairs, cmp_pairs, g);
    while (slots < g->n_pairs * 2)
        slots *= 2;
    g->slots = calloc(slots, sizeof *g->slots);
    if (g->slots == NULL || build_cells(g) != 0)
        return err_set(e, "gazetteer: out of memory; load the countries that you need");
    g->n_slots = slots;
    for (size_t i = 0; i < g->n_pairs; i++) {
        size_t s = g->pairs[i].hash & (slots - 1);
        if (i > 0 && strcmp(g->pairs[i].key, g->pairs[i - 1].key) == 0)
            continue;
        while (g->slots[s] != 0)
            s = (s + 1) & (slots - 1);
        g->slots[s] = (uint32_t)i + 1;
        note_first_word(g, g->pairs[i].key);
    }
    if (gazetteer_near_build(g) != 0)
        return err_set(e, "gazetteer: out of memory; load the countries that you need");
    return 0;
}
