/* place: where a report speaks of.
 *
 * Coordinates are taken as they are. Names are read by place_read, from the place field, from the
 * text, and from what the source said of itself; the field stands, unless the text says it closer. */
#include "place.h"

#include <string.h>

#include "place_coords.h"
#include "place_read.h"

#define GIVEN_RADIUS_M 1000
/* A position that is no better known is that of an area: a warned district, an MGRS square of 100 km,
 * a province in an export. It triggers no distance rule. */
#define AREA_M          20000
#define SOURCE_RADIUS_M 10000
#define NEAREST_M       25000

static int
evidence(struct finding *f, struct arena *a, const char *text, size_t start, size_t end,
         const char *name, const char *note)
{
    static const char prefix[] = "place=";
    size_t len = name == NULL ? 0 : strlen(name), more = strlen(note);
    struct evidence *e = &f->evidence[f->n_evidence];
    char *means;

    if (f->n_evidence == MAX_EVIDENCE)
        return 0;
    e->text = arena_strndup(a, text + start, end - start);
    means =
        arena_zalloc(a, sizeof prefix + len + more); /* not printf: it took a tenth of the time */
    if (e->text == NULL || means == NULL)
        return -1;
    memcpy(means, prefix, sizeof prefix - 1);
    if (len > 0)
        memcpy(means + sizeof prefix - 1, name, len);
    memcpy(means + sizeof prefix - 1 + len, note, more);
    e->means = means;
    f->n_evidence++;
    return 0;
}

static int
set(struct finding *f, struct arena *a, const struct reading *r, const struct passage *p)
{
    static const char *const notes[][2] = {
        [MATCH_EXACT] = {"", ", ambiguous"},
        [MATCH_SPELLING] = {", other spelling", ", other spelling, ambiguous"},
        [MATCH_LETTER] = {", one letter off", ", one letter off, ambiguous"}};

    f->place = r->place;
    f->has_place = true;
    return evidence(f, a, p->text, p->t[r->first].start, p->t[r->last].end, r->place.name,
                    notes[r->match][r->place.ambiguous]);
}

/* A place by its coordinates; the place field names it, else the nearest populated place. */
static void
set_point(struct finding *f, const struct gazetteer *g, const struct incident *in, struct geo_pt pt,
          uint32_t radius_m, const char *method)
{
    const struct gaz_place *near = gazetteer_nearest(g, pt, NEAREST_M);
    struct place *p = &f->place;

    memset(p, 0, sizeof *p);
    p->pt = pt;
    p->radius_m = radius_m;
    p->method = method;
    p->name = in->place;
    p->area = radius_m > AREA_M;
    f->has_place = true;
    if (near == NULL)
        return;
    p->distance_m = geo_distance_m(near->pt, pt);
    if (p->distance_m <= (near->radius_m > 2000 ? near->radius_m : 2000)) {
        p->distance_m = 0;
        p->gazetteer_id = near->id;
        p->population = near->population;
    }
    if (p->name != NULL) {
        p->distance_m = 0;
        return;
    }
    p->name = near->name;
    if (p->distance_m > 0)
        p->bearing_deg = geo_bearing_deg(near->pt, pt);
}

static int
from_coords(const struct gazetteer *g, const struct incident *in, const char *text, struct arena *a,
            struct finding *f, bool *done)
{
    struct coords c;

    *done = text != NULL && place_coords(text, &c);
    if (!*done)
        return 0;
    set_point(f, g, in, c.pt, c.radius_m, c.mgrs ? "mgrs" : "given");
    return evidence(f, a, text, c.start, c.end, f->place.name, "");
}

/* The text says it closer than the place field: an offset from the same place, or a place within
 * the field's region. */
static bool
closer(const struct reading *field, const struct reading *text)
{
    if (text->place.method == NULL || text->place.area)
        return false;
    if (field->place.area)
        return geo_within_m(field->place.pt, text->place.pt, field->place.radius_m);
    return text->offset && text->place.name == field->place.name;
}

static void
source_place(struct query *q, const struct incident *in, struct reading *r)
{
    struct passage p;
    struct coords c;

    memset(r, 0, sizeof *r);
    if (in->source_place == NULL)
        return;
    if (place_coords(in->source_place, &c)) {
        r->place.pt = c.pt;
        r->place.radius_m = c.radius_m;
    } else if (passage_cut(in->source_place, NULL, 0, true, q->a, &p) != 0 ||
               place_read(q, &p, r) != 0 || r->place.method == NULL) {
        r->place.method = NULL;
        return;
    }
    r->place.method = "source";
    if (r->place.radius_m < SOURCE_RADIUS_M)
        r->place.radius_m = SOURCE_RADIUS_M;
    q->context.has_near = !r->place.area;
    q->context.near = r->place.pt;
}

int
place_find_tokens(const struct gazetteer *g, const struct incident *in, const struct token *t,
                  size_t n, struct arena *a, struct finding *f)
{
    struct query q = {.g = g, .a = a, .displacement = f->event == EV_DISPLACEMENT};
    struct reading source, field, text;
    struct passage in_field, in_text;
    struct geo_pt pt;
    uint32_t radius_m;
    bool done;

    if (f->has_place)
        return 0;
    if (in->has_pos) {
        set_point(f, g, in, in->pos, in->radius_m > 0 ? in->radius_m : GIVEN_RADIUS_M, "given");
        return 0;
    }
    if (in->mgrs != NULL && geo_from_mgrs(in->mgrs, &pt, &radius_m) == 0) {
        set_point(f, g, in, pt, radius_m, "mgrs");
        return 0;
    }
    if (from_coords(g, in, in->place, a, f, &done) != 0 ||
        (!done && from_coords(g, in, in->text, a, f, &done) != 0))
        return -1;
    if (done)
        return 0;
    source_place(&q, in, &source);
    if (passage_cut(in->place, NULL, 0, true, a, &in_field) != 0 ||
        passage_cut(in->text, t, n, false, a, &in_text) != 0 ||
        place_read(&q, &in_field, &field) != 0 || place_read(&q, &in_text, &text) != 0)
        return -1;
    if (field.place.method != NULL && !closer(&field, &text))
        return set(f, a, &field, &in_field);
    if (text.place.method != NULL)
        return set(f, a, &text, &in_text);
    if (source.place.method != NULL && f->event != EV_UNKNOWN && f->event != EV_NONE) {
        f->place = source.place;
        f->has_place = true;
    }
    return 0;
}

int
place_find(const struct gazetteer *g, const struct incident *in, struct arena *a, struct finding *f)
{
    return place_find_tokens(g, in, NULL, 0, a, f);
}
