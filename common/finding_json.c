/* finding_json: what the classifier understood of one report, as JSON, out and in.
 *
 * The short form is INTERFACE's, key by key. The full form, in recordings, adds what the short
 * one leaves out, so that a finding of a redacted incident comes back as it was. */
#include "record_json.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record_json_fields.h"
#include "wire_codec.h"

#define MAX_FINDING ((size_t)1 << 20)
#define MAX_VALUES  16384

/* ---- finding, out */

/* One number, [least, most], or null; always two numbers where pair is set. */
static void
write_range(struct json *j, const char *key, struct range r, bool pair)
{
    if (r.least < 0) {
        json_null(j, key);
    } else if (r.least == r.most && !pair) {
        json_int(j, key, r.least);
    } else {
        json_open(j, key, '[');
        json_int(j, NULL, r.least);
        json_int(j, NULL, r.most);
        json_close(j, ']');
    }
}

void
harm_write(struct json *j, const struct harm *h, bool pair)
{
    json_open(j, "harm", '{');
    write_range(j, "killed", h->killed, pair);
    write_range(j, "wounded", h->wounded, pair);
    write_range(j, "taken", h->taken, pair);
    json_close(j, '}');
}

static void
write_time(struct json *j, const char *key, int64_t us, bool full)
{
    if (full)
        jwrite_time(j, key, us);
    else
        json_time(j, key, us);
}

static void
write_place(struct json *j, const struct place *p, bool full)
{
    json_open(j, "place", '{');
    json_deg(j, "lat", p->pt.lat);
    json_deg(j, "lon", p->pt.lon);
    json_fixed(j, "radius_km", p->radius_m, 3);
    json_str(j, "name", p->name);
    json_str(j, "method", p->method);
    if (full) {
        json_uint(j, "gazetteer_id", p->gazetteer_id);
        json_bool(j, "area", p->area);
        json_bool(j, "ambiguous", p->ambiguous);
        json_uint(j, "population", p->population);
        json_uint(j, "bearing_deg", p->bearing_deg);
        json_uint(j, "distance_m", p->distance_m);
    } else if (p->ambiguous) {
        json_bool(j, "ambiguous", true);
    }
    json_close(j, '}');
}

static void
write_fingerprints(struct json *j, const struct finding *f)
{
    char hex[17];

    json_open(j, "fingerprint", '[');
    for (size_t i = 0; i < FINGERPRINTS; i++) {
        if (f->fingerprint[i] == 0)
            continue;
        (void)snprintf(hex, sizeof(hex), "%016" PRIx64, f->fingerprint[i]); /* fits */
        json_str(j, NULL, hex);
    }
    json_close(j, ']');
}

void
finding_write(struct json *j, const struct finding *f, bool full)
{
    json_bool(j, "alertworthy", f->alertworthy);
    json_str(j, "event", event_type_name(f->event));
    json_fixed(j, "confidence", f->confidence_permille, 3);
    json_str(j, "mode", mode_name(f->mode));
    jwrite_mask(j, "targets", f->targets, jname_target, TARGET_COUNT);
    harm_write(j, &f->harm, false);
    jwrite_strs(j, "actors", f->actors, f->n_actors);
    jwrite_strs(j, "weapons", f->weapons, f->n_weapons);
    if (f->from_us == 0 && f->to_us == 0 && f->when_method == NULL) {
        json_null(j, "when");
    } else {
        json_open(j, "when", '{');
        write_time(j, "from", f->from_us, full);
        write_time(j, "to", f->to_us, full);
        json_str(j, "method", f->when_method);
        json_close(j, '}');
    }
    if (f->has_place)
        write_place(j, &f->place, full);
    else
        json_null(j, "place");
    json_str(j, "lang", f->lang);
    jwrite_mask(j, "marks", f->marks, jname_mark, MARK_COUNT);
    json_open(j, "evidence", '[');
    for (size_t i = 0; i < f->n_evidence; i++) {
        json_open(j, NULL, '{');
        json_str(j, "text", f->evidence[i].text);
        json_str(j, "for", f->evidence[i].means);
        json_close(j, '}');
    }
    json_close(j, ']');
    if (full) {
        write_fingerprints(j, f);
        json_bool(j, "in_progress", f->in_progress);
        json_bool(j, "no_duff", f->no_duff);
    }
}

void
finding_to_json(const struct finding *f, const char *id, struct buf *b)
{
    struct json j;

    json_init(&j, b);
    json_open(&j, NULL, '{');
    json_str(&j, "id", id);
    finding_write(&j, f, false);
    json_close(&j, '}');
}

/* ---- finding, in */

static int
read_event(const struct jreader *r, const char *key, const cJSON *v, void *s)
{
    struct finding *f = s;

    if (!cJSON_IsString(v))
        return jbad(r, key, "must be a name");
    f->event = event_type_parse(v->valuestring);
    if (f->event == EV_UNKNOWN && strcmp(v->valuestring, event_type_name(EV_UNKNOWN)) != 0)
        return jbad(r, key, "\"%.40s\" is no event type", v->valuestring);
    return 0;
}

static int
read_mode(const struct jreader *r, const char *key, const cJSON *v, void *s)
{
    struct finding *f = s;

    if (!cJSON_IsString(v))
        return jbad(r, key, "must be a name");
    f->mode = mode_parse(v->valuestring);
    if (f->mode == MODE_UNKNOWN && strcmp(v->valuestring, mode_name(MODE_UNKNOWN)) != 0)
        return jbad(r, key, "\"%.40s\" is no mode", v->valuestring);
    return 0;
}

static int
read_confidence(const struct jreader *r, const char *key, const cJSON *v, void *s)
{
    int64_t permille = 0;
    int rc = jread_fixed(r, key, v, 3, 0, 1000, &permille);

    ((struct finding *)s)->confidence_permille = (uint32_t)permille;
    return rc;
}

static int
read_targets(const struct jreader *r, const char *key, const cJSON *v, void *s)
{
    return jread_mask(r, key, v, jname_target, TARGET_COUNT, &((struct finding *)s)->targets);
}

static int
read_marks(const struct jreader *r, const char *key, const cJSON *v, void *s)
{
    return jread_mask(r, key, v, jname_mark, MARK_COUNT, &((struct finding *)s)->marks);
}

static int
read_range(const struct jreader *r, const char *key, const cJSON *v, struct range *out)
{
    int64_t least, most;
    const cJSON *first = v, *second = v;

    if (cJSON_IsArray(v)) {
        if (cJSON_GetArraySize(v) != 2)
            return jbad(r, key, "must be a number, [least, most] or null");
        first = v->child;
        second = first->next;
    }
    if (jread_int(r, key, first, 0, WIRE_MAX_FIGURE, &least) != 0 ||
        jread_int(r, key, second, 0, WIRE_MAX_FIGURE, &most) != 0)
        return -1;
    if (least > most)
        return jbad(r, key, "the least is greater than the most");
    *out = (struct range){(int32_t)least, (int32_t)most};
    return 0;
}

static int
read_killed(const struct jreader *r, const char *key, const cJSON *v, void *s)
{
    return read_range(r, key, v, &((struct finding *)s)->harm.killed);
}

static int
read_wounded(const struct jreader *r, const char *key, const cJSON *v, void *s)
{
    return read_range(r, key, v, &((struct finding *)s)->harm.wounded);
}

static int
read_taken(const struct jreader *r, const char *key, const cJSON *v, void *s)
{
    return read_range(r, key, v, &((struct finding *)s)->harm.taken);
}

static int
read_actors(const struct jreader *r, const char *key, const cJSON *v, void *s)
{
    struct finding *f = s;

    return jread_strs(r, key, v, f->actors, MAX_LIST, &f->n_actors);
}

static int
read_weapons(const struct jreader *r, const char *key, const cJSON *v, void *s)
{
    struct finding *f = s;

    return jread_strs(r, key, v, f->weapons, MAX_LIST, &f->n_weapons);
}

static const struct jfield evidence_fields[] = {
    JF("text", JK_STR, struct evidence, text, MAX_VALUE),
    JF("for", JK_STR, struct evidence, means, MAX_VALUE),
};
static const struct jtable evidence_table = JTABLE(evidence_fields);

static int
read_evidence(const struct jreader *r, const char *key, const cJSON *v, void *s)
{
    struct finding *f = s;
    const cJSON *item;

    if (!cJSON_IsArray(v))
        return jbad(r, key, "must be an array");
    cJSON_ArrayForEach(item, v)
    {
        if (f->n_evidence == MAX_EVIDENCE)
            return jbad(r, key, "more than %d of them", MAX_EVIDENCE);
        if (jtable_read(r, &evidence_table, key, item, &f->evidence[f->n_evidence]) != 0)
            return -1;
        f->n_evidence++;
    }
    return 0;
}

static int
read_fingerprint(const struct jreader *r, const char *key, const cJSON *v, void *s)
{
    struct finding *f = s;
    const cJSON *item;
    size_t n = 0;

    if (!cJSON_IsArray(v))
        return jbad(r, key, "must be an array");
    cJSON_ArrayForEach(item, v)
    {
        if (!cJSON_IsString(item) || strlen(item->valuestring) != 16 ||
            strspn(item->valuestring, "0123456789abcdef") != 16 || n == FINGERPRINTS)
            return jbad(r, key, "must be at most %d strings of 16 hex digits", FINGERPRINTS);
        f->fingerprint[n] = strtoull(item->valuestring, NULL, 16);
        n += f->fingerprint[n] != 0;
    }
    return 0;
}

static const struct jfield harm_fields[] = {
    JF_OWN("killed", read_killed, NULL),
    JF_OWN("wounded", read_wounded, NULL),
    JF_OWN("taken", read_taken, NULL),
};
static const struct jtable harm_table = JTABLE(harm_fields);

static const struct jfield when_fields[] = {
    JF("from", JK_TIME, struct finding, from_us, 0),
    JF("to", JK_TIME, struct finding, to_us, 0),
    JF("method", JK_STR, struct finding, when_method, MAX_NAME),
};
static const struct jtable when_table = JTABLE(when_fields);

static const struct jfield place_fields[] = {
    JF_POS("lat", JK_LAT, struct finding, place.pt, has_place),
    JF_POS("lon", JK_LON, struct finding, place.pt, has_place),
    JF("radius_km", JK_METRES, struct finding, place.radius_m, 0),
    JF("name", JK_STR, struct finding, place.name, MAX_NAME),
    JF("method", JK_STR, struct finding, place.method, MAX_NAME),
    JF("gazetteer_id", JK_U64, struct finding, place.gazetteer_id, 0),
    JF("area", JK_BOOL, struct finding, place.area, 0),
    JF("ambiguous", JK_BOOL, struct finding, place.ambiguous, 0),
    JF("population", JK_U32, struct finding, place.population, WIRE_MAX_FIGURE),
    JF("bearing_deg", JK_U32, struct finding, place.bearing_deg, 359),
    JF("distance_m", JK_U32, struct finding, place.distance_m, WIRE_MAX_M),
};
static const struct jtable place_table = JTABLE(place_fields);

static int
read_place(const struct jreader *r, const char *key, const cJSON *v, void *s)
{
    if (jtable_read(r, &place_table, key, v, s) != 0)
        return -1;
    return ((struct finding *)s)->has_place ? 0 : jbad(r, key, "needs lat and lon");
}

/* The id names the incident and is no part of the finding. */
static int
skip_id(const struct jreader *r, const char *key, const cJSON *v, void *s)
{
    (void)s;
    return cJSON_IsString(v) ? 0 : jbad(r, key, "must be a string");
}

static const struct jfield finding_fields[] = {
    JF_OWN("id", skip_id, NULL),
    JF("alertworthy", JK_BOOL, struct finding, alertworthy, 0),
    JF_OWN("event", read_event, NULL),
    JF_OWN("confidence", read_confidence, NULL),
    JF_OWN("mode", read_mode, NULL),
    JF_OWN("targets", read_targets, NULL),
    {.key = "harm", .kind = JK_OBJECT, .sub = &harm_table},
    JF_OWN("actors", read_actors, NULL),
    JF_OWN("weapons", read_weapons, NULL),
    {.key = "when", .kind = JK_OBJECT, .sub = &when_table},
    JF_OWN("place", read_place, NULL),
    JF("lang", JK_STR, struct finding, lang, 16),
    JF_OWN("marks", read_marks, NULL),
    JF_OWN("evidence", read_evidence, NULL),
    JF_OWN("fingerprint", read_fingerprint, NULL),
    JF("in_progress", JK_BOOL, struct finding, in_progress, 0),
    JF("no_duff", JK_BOOL, struct finding, no_duff, 0),
};
static const struct jtable finding_table = JTABLE(finding_fields);

int
finding_read(const struct jreader *r, const cJSON *o, struct finding *f)
{
    return jtable_read(r, &finding_table, "finding", o, f);
}

int
finding_from_json(const char *s, size_t n, struct arena *a, struct finding *out, struct err *e)
{
    struct jreader r = {.a = a, .e = e};
    cJSON *tree;
    int rc, saved;

    if (n > MAX_FINDING) {
        errno = EINVAL;
        return err_set(e, "longer than %zu bytes", MAX_FINDING);
    }
    if ((tree = json_tree(s, n, MAX_VALUES, e)) == NULL)
        return -1;
    finding_init(out);
    rc = finding_read(&r, tree, out);
    saved = errno;
    cJSON_Delete(tree);
    errno = saved;
    return rc;
}
