/* record_json_fields: JSON objects bound to structs by tables. Private to record_json.
 *
 * A row gives key, kind and member; the same table reads (any order, each key once) and
 * writes (order of the rows, what is absent left out). What the kinds do not cover has two
 * functions of its own. Errors name the key. */
#ifndef TOCSIN_RECORD_JSON_FIELDS_H
#define TOCSIN_RECORD_JSON_FIELDS_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "err.h"
#include "json.h"
#include "record.h"

struct jreader {
    struct arena *a;
    struct err *e;
    bool stamps; /* keys marked stamp are allowed */
};

enum jkind {
    JK_STR,  /* const char *; at most limit bytes */
    JK_TIME, /* int64_t, RFC 3339; 0 = absent; written to the microsecond */
    JK_LAT,  /* lat of the struct geo_pt at offset; the next row is its JK_LON; flag at aux */
    JK_LON,
    JK_U32,    /* uint32_t; 0 = absent; at most limit */
    JK_U64,    /* uint64_t; 0 = absent */
    JK_FIGURE, /* int32_t; -1 = absent; at most limit */
    JK_S32,    /* int32_t; 0 = absent; magnitude at most limit */
    JK_S64,    /* int64_t; 0 = absent; magnitude at most WIRE_MAX_SPAN_US */
    JK_BYTE,   /* uint8_t, 1..limit; 0 = absent */
    JK_GRADE,  /* char, "A".."F"; 0 = absent */
    JK_BOOL,   /* bool; false is written only where limit is 1 */
    JK_TRI,    /* int32_t 0, 1, -1 as false, true, absent */
    JK_ENUM,   /* an enum, by name below */
    JK_ID,     /* struct id; zero = absent */
    JK_METRES, /* uint32_t metres, as kilometres; 0 = absent */
    JK_OBJECT, /* members of the same struct in an object of their own: sub */
    JK_OWN     /* read and write below */
};

struct jfield {
    const char *key;
    enum jkind kind;
    uint32_t offset, aux, limit;
    bool stamp;
    const char *(*name)(unsigned v);
    const struct jtable *sub;
    /* s is the whole struct. write writes nothing when there is nothing. */
    int (*read)(const struct jreader *r, const char *key, const cJSON *v, void *s);
    void (*write)(struct json *j, const char *key, const void *s);
};

struct jtable {
    const struct jfield *fields;
    size_t n;
    bool lenient; /* unknown keys are passed over */
};

#define JAT(type, m) ((uint32_t)offsetof(type, m))
#define JF(k, kd, type, m, lim)                                          \
    {                                                                    \
        .key = (k), .kind = (kd), .offset = JAT(type, m), .limit = (lim) \
    }
#define JF_POS(k, kd, type, m, a)                                             \
    {                                                                         \
        .key = (k), .kind = (kd), .offset = JAT(type, m), .aux = JAT(type, a) \
    }
#define JF_ENUM(k, type, m, fn, count)                                                      \
    {                                                                                       \
        .key = (k), .kind = JK_ENUM, .offset = JAT(type, m), .limit = (count), .name = (fn) \
    }
#define JF_OWN(k, rd, wr)                                       \
    {                                                           \
        .key = (k), .kind = JK_OWN, .read = (rd), .write = (wr) \
    }
#define JTABLE(f)                                      \
    {                                                  \
        .fields = (f), .n = sizeof(f) / sizeof((f)[0]) \
    }

/* Parses n bytes to a tree for cJSON_Delete(), after checking what cJSON does not: UTF-8,
 * no NUL, whole escapes, at most 16 levels and `most` values. NULL with err. */
cJSON *json_tree(const char *s, size_t n, size_t most, struct err *e);

/* Fills the struct, which is initialised, from an object. */
int jtable_read(const struct jreader *r, const struct jtable *t, const char *what, const cJSON *o,
                void *s);
/* The members, without the braces. */
void jtable_write(struct json *j, const struct jtable *t, const void *s);

/* Single values; key is for the error. All set errno to EINVAL or ENOMEM and return -1. */
int jbad(const struct jreader *r, const char *key, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
int jread_str(const struct jreader *r, const char *key, const cJSON *v, size_t limit,
              const char **out);
int jread_int(const struct jreader *r, const char *key, const cJSON *v, int64_t least, int64_t most,
              int64_t *out); /* also a string of digits */
/* times 10^decimals, rounded; also a decimal string (to 7 places) where decimals is 7 */
int jread_fixed(const struct jreader *r, const char *key, const cJSON *v, int decimals,
                int64_t least, int64_t most, int64_t *out);
int jread_time(const struct jreader *r, const char *key, const cJSON *v, int64_t *out);
int jread_id(const struct jreader *r, const char *key, const cJSON *v, struct id *out);
/* A name, or an array of names, to a mask of 1 << value. */
int jread_mask(const struct jreader *r, const char *key, const cJSON *v,
               const char *(*name)(unsigned), unsigned count, uint32_t *out);
int jread_strs(const struct jreader *r, const char *key, const cJSON *v, const char **out,
               size_t most, size_t *n);

void jwrite_time(struct json *j, const char *key, int64_t us); /* to the microsecond */
void jwrite_mask(struct json *j, const char *key, uint32_t mask, const char *(*name)(unsigned),
                 unsigned count);
void jwrite_strs(struct json *j, const char *key, const char *const *v, size_t n);
void jwrite_id(struct json *j, const char *key, const struct id *id); /* null when zero */

/* Names by number, for the tables. */
const char *jname_event(unsigned v);
const char *jname_target(unsigned v);
const char *jname_mode(unsigned v);
const char *jname_status(unsigned v);
const char *jname_class(unsigned v);
const char *jname_mark(unsigned v); /* of the bit number */
#define MARK_COUNT 3

/* finding_json.c. full: with what a recording needs beyond INTERFACE; pair: two numbers also
 * where least and most are the same. */
void harm_write(struct json *j, const struct harm *h, bool pair);
void finding_write(struct json *j, const struct finding *f, bool full);
int finding_read(const struct jreader *r, const cJSON *o, struct finding *f);

/* event_json.c */
void event_write(struct json *j, const char *key, const struct alert_event *ev, uint64_t seq,
                 bool comparison);
void derivation_write(struct json *j, const char *key, const struct derivation *d);
void status_write(struct json *j, const char *key, const struct daemon_status *s);
void rejected_write(struct json *j, const char *key, const struct rejected *r);

/* record_json.c: one member of an object into an incident; false, with err, where it is none of the
 * keys of a source's incident or cannot be read. lon: its value where the key is "lat"; NULL: none. */
bool incident_read_member(const struct jreader *r, const cJSON *v, const cJSON *lon,
                          struct incident *in);

/* asset_json.c: flat, or a GeoJSON feature where it has properties. */
int asset_read(const struct jreader *r, const cJSON *o, struct asset *as);
/* [longitude, latitude], and perhaps a height, which is passed over. */
int point_read(const struct jreader *r, const char *key, const cJSON *v, struct geo_pt *out);
void asset_write(struct json *j, const char *key, const struct asset *as);

#endif
