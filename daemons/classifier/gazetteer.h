/* gazetteer: names of places to coordinates. Immutable once loaded.
 *
 * Two formats: the GeoNames dump (19 tab-separated columns, UTF-8) and our short list
 * conf/gazetteer.tsv (described at its head: id, name, alternates, lat, lon, kind, country,
 * admin1, population, radius_km, and of a road its line). Names are folded (text.h) before they
 * are compared; a suffix of a community (-Peulh, -Habbé) belongs to the name and never matches
 * loosely. A population of 0 is unknown. Bad lines are an error with file and line. Compact: the
 * dump of three countries (39,132 places) takes about 0.1 s and 8 MiB (bench_gazetteer). */
#ifndef CLASSIFIER_GAZETTEER_H
#define CLASSIFIER_GAZETTEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "err.h"
#include "geo.h"

struct gazetteer;

enum gaz_kind { GAZ_POPULATED, GAZ_REGION, GAZ_DISTRICT, GAZ_WATER, GAZ_LANDMARK, GAZ_ROAD };

struct gaz_place {
    uint64_t id;
    const char *name; /* as written in the file */
    struct geo_pt pt;
    enum gaz_kind kind;
    char country[3];
    const char *admin1;  /* folded name of the first-level region, "" unknown */
    uint32_t population; /* 0 = unknown */
    uint32_t radius_m;   /* extent; a region's triggers no distance rule */
    uint8_t names;       /* by how many it is known, at most 255: of hamlets the better known */
    bool curated;        /* from the short list: comes before others of its kind */
};

struct gazetteer *gazetteer_new(void);
void gazetteer_free(struct gazetteer *g);
int gazetteer_add_file(struct gazetteer *g, const char *path,
                       struct err *e);                    /* format found by its columns */
int gazetteer_finish(struct gazetteer *g, struct err *e); /* builds the index; before any lookup */
size_t gazetteer_count(const struct gazetteer *g);
void gazetteer_digest_bytes(const struct gazetteer *g,
                            struct buf *b); /* a digest of the loaded files */

/* Candidates whose folded name or alternate equals `folded`, the best first (populated before
 * landmark, the short list before dumps, then population, then the number of their names,
 * then id); at most max. Returns how
 * many are there. `folded` may hold hyphens, spaces and apostrophes as they come: see
 * gazetteer_key(). */
size_t gazetteer_lookup(const struct gazetteer *g, const char *folded, size_t len,
                        const struct gaz_place **out, size_t max);

/* The form under which names are kept: runs of letters and digits, one space between them,
 * apostrophes dropped (Fada N'Gourma is "fada ngourma"), a last word that is a spelling of
 * Peulh or Habbé made one. Writes to key (size bytes, NUL-terminated); returns its length, 0 when
 * there is none or it does not fit. */
size_t gazetteer_key(const char *folded, size_t len, char *key, size_t size);

#define GAZ_LINE_MAX 24 /* points of a road's line */

/* The run of a road of the short list, from end to end; 0 points where there is none. */
size_t gazetteer_line(const struct gazetteer *g, const struct gaz_place *road,
                      const struct geo_pt **line);

#define GAZ_KEY_MAX 96 /* bytes of a key; a longer name is not kept */

/* How many words the longest key has whose first word is this; 0 = no name begins so. May say
 * more than there is, never less: it spares most lookups of running text. */
size_t gazetteer_words(const struct gazetteer *g, const char *word, size_t len);

/* As gazetteer_lookup, for text that is a key already. */
size_t gazetteer_lookup_key(const struct gazetteer *g, const char *key, size_t len,
                            const struct gaz_place **out, size_t max);

/* Candidates that are spelled otherwise but sound alike: double letters, ou/u/w, dj/j, kh/k, gh/g,
 * sh/ch, y/i, an h, a mute e, and where words are parted (Tin-Akoff, Tinakof). To be asked
 * where the exact name is not known. Order and max as gazetteer_lookup(); returns at most max. */
size_t gazetteer_lookup_spelling(const struct gazetteer *g, const char *key, size_t len,
                                 const struct gaz_place **out, size_t max);

/* Candidates with one typing error in a name of seven letters and more: a letter more, less or
 * other, or two neighbours changed about, but never the first. To be asked last; the caller must
 * see that they are one place. Order and max as above. */
size_t gazetteer_lookup_letter(const struct gazetteer *g, const char *key, size_t len,
                               const struct gaz_place **out, size_t max);

#define GAZ_AROUND_MAX 16

/* The populated places within `within_m` of p, the nearest first, ties by id: at most max and
 * GAZ_AROUND_MAX into out; returns how many went in. *found: how many there are; *people: the sum
 * of the known populations of all of them. */
size_t gazetteer_around(const struct gazetteer *g, struct geo_pt p, uint32_t within_m,
                        const struct gaz_place **out, size_t max, size_t *found, uint64_t *people);

/* A place by a number that stands for it as long as the files are the same. */
uint32_t gazetteer_number(const struct gazetteer *g, const struct gaz_place *place);
const struct gaz_place *gazetteer_place(const struct gazetteer *g, uint32_t number);

/* The populated place nearest to p within `within_m`, NULL = none; ties by id. */
const struct gaz_place *gazetteer_nearest(const struct gazetteer *g, struct geo_pt p,
                                          uint32_t within_m);

#endif
