/* gazetteer_find: keys, and what a gazetteer answers.
 *
 * A lookup is one probe of the table that gazetteer_finish() built. The search of the nearest
 * goes through the cells of a window that is a little wider than what is asked for, and measures
 * exactly within. */
#include "gazetteer.h"

#include <string.h>

#include "gazetteer_index.h"

static bool
word_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

size_t
gazetteer_key(const char *folded, size_t len, char *key, size_t size)
{
    static const char *const same[][2] = {
        {"peul", "peulh"}, {"peuhl", "peulh"}, {"peulhs", "peulh"}, {"habe", "habbe"}};
    size_t n = 0, last = 0;
    bool gap = false;

    for (size_t i = 0; i < len; i++) {
        if (!word_byte(folded[i])) {
            gap = gap || folded[i] != '\'';
            continue;
        }
        if (gap && n > 0) {
            if (n + 1 >= size)
                return 0;
            key[n++] = ' ';
            last = n;
        }
        gap = false;
        if (n + 1 >= size)
            return 0;
        key[n++] = folded[i];
    }
    for (size_t i = 0; i < sizeof same / sizeof *same && last > 0; i++) {
        size_t from = strlen(same[i][0]), to = strlen(same[i][1]);
        if (n - last == from && memcmp(key + last, same[i][0], from) == 0 && last + to < size) {
            memcpy(key + last, same[i][1], to);
            n = last + to;
            break;
        }
    }
    if (size > 0)
        key[n] = '\0';
    return n;
}

uint32_t
gazetteer_hash(const char *s, size_t n)
{
    uint32_t h = 2166136261u;

    for (size_t i = 0; i < n; i++)
        h = (h ^ (unsigned char)s[i]) * 16777619u;
    return h ^ (h >> 15);
}

uint32_t
gazetteer_cell(int64_t lat, int64_t lon)
{
    return (uint32_t)((lat + 900000000) / CELL_E7 * CELL_COLUMNS + (lon + 1800000000) / CELL_E7);
}

size_t
gazetteer_words(const struct gazetteer *g, const char *word, size_t len)
{
    return g->first[gazetteer_hash(word, len) >> (32 - FIRST_BITS)];
}

size_t
gazetteer_lookup_key(const struct gazetteer *g, const char *key, size_t len,
                     const struct gaz_place **out, size_t max)
{
    uint32_t h = gazetteer_hash(key, len);
    size_t n = 0;

    if (g->n_slots == 0 || len == 0)
        return 0;
    for (size_t s = h & (g->n_slots - 1); g->slots[s] != 0; s = (s + 1) & (g->n_slots - 1)) {
        size_t i = g->slots[s] - 1;
        const char *found = g->pairs[i].key;
        if (g->pairs[i].hash != h || strncmp(found, key, len) != 0 || found[len] != '\0')
            continue;
        do {
            if (n < max)
                out[n] = &g->places[g->pairs[i].place];
            n++;
            i++;
        } while (i < g->n_pairs && g->pairs[i].hash == h && strcmp(g->pairs[i].key, found) == 0);
        return n;
    }
    return 0;
}

size_t
gazetteer_lookup(const struct gazetteer *g, const char *folded, size_t len,
                 const struct gaz_place **out, size_t max)
{
    char key[GAZ_KEY_MAX];
    size_t n = gazetteer_key(folded, len, key, sizeof key);

    return gazetteer_lookup_key(g, key, n, out, max);
}

size_t
gazetteer_line(const struct gazetteer *g, const struct gaz_place *road, const struct geo_pt **line)
{
    for (size_t i = 0; i < g->n_roads; i++)
        if (&g->places[g->roads[i].place] == road) {
            *line = g->roads[i].line;
            return g->roads[i].n;
        }
    return 0;
}

static size_t
first_cell(const struct gazetteer *g, uint32_t cell)
{
    size_t lo = 0, hi = g->n_cells;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (g->cells[mid].cell < cell)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

uint32_t
gazetteer_number(const struct gazetteer *g, const struct gaz_place *place)
{
    return (uint32_t)(place - g->places);
}

const struct gaz_place *
gazetteer_place(const struct gazetteer *g, uint32_t number)
{
    return number < g->n_places ? &g->places[number] : NULL;
}

struct around {
    struct geo_pt p;
    const struct gaz_place **out;
    uint32_t m[GAZ_AROUND_MAX];
    size_t n, max, found;
    uint64_t people;
};

/* Into its place among the nearest. */
static void
around_add(struct around *w, const struct gaz_place *q, uint32_t m)
{
    size_t at = w->n;

    w->found++;
    w->people += q->population;
    while (at && (m < w->m[at - 1] || (m == w->m[at - 1] && q->id < w->out[at - 1]->id)))
        at--;
    if (at == w->max)
        return;
    w->n += w->n < w->max;
    for (size_t i = w->n - 1; i > at; i--) {
        w->m[i] = w->m[i - 1];
        w->out[i] = w->out[i - 1];
    }
    w->m[at] = m;
    w->out[at] = q;
}

size_t
gazetteer_around(const struct gazetteer *g, struct geo_pt p, uint32_t within_m,
                 const struct gaz_place **out, size_t max, size_t *found, uint64_t *people)
{
    struct around w = {.p = p, .out = out, .max = max < GAZ_AROUND_MAX ? max : GAZ_AROUND_MAX};
    /* 111,000 m a degree is a little less than there is, so the window is a little wide. */
    int64_t dlat = (int64_t)within_m * 10000000 / 111000 + 1;
    double cosine = geo_sin_e7(900000000 - (p.lat < 0 ? -(int64_t)p.lat : p.lat) - dlat);
    int64_t dlon = cosine > 0.01 ? (int64_t)((double)dlat / cosine) + 1 : 3600000000;
    int64_t south = p.lat - dlat, north = p.lat + dlat, west = p.lon - dlon, east = p.lon + dlon;

    south = south < -900000000 ? -900000000 : south;
    north = north > 900000000 ? 900000000 : north;
    /* Across the date line the whole row is searched. */
    if (west < -1800000000 || east > 1800000000) {
        west = -1800000000;
        east = 1800000000;
    }
    for (uint32_t row = gazetteer_cell(south, west); row <= gazetteer_cell(north, west);
         row += CELL_COLUMNS) {
        uint32_t last = row + gazetteer_cell(south, east) - gazetteer_cell(south, west);

        for (size_t i = first_cell(g, row); i < g->n_cells && g->cells[i].cell <= last; i++) {
            const struct gaz_place *q = &g->places[g->cells[i].place];

            if (geo_within_m(p, q->pt, within_m))
                around_add(&w, q, geo_distance_m(p, q->pt));
        }
    }
    *found = w.found;
    *people = w.people;
    return w.n;
}

const struct gaz_place *
gazetteer_nearest(const struct gazetteer *g, struct geo_pt p, uint32_t within_m)
{
    const struct gaz_place *best[1];
    uint64_t people;
    size_t found;

    return gazetteer_around(g, p, within_m, best, 1, &found, &people) ? best[0] : NULL;
}
