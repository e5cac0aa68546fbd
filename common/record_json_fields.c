/* record_json_fields: reading and writing by table, and what cJSON does not check.
 *
 * cJSON takes bytes that are not UTF-8, turns the escape of NUL (and any malformed one) into a
 * NUL that cuts the string, and allocates a node of 64 bytes for every two bytes of "0,0,0".
 * So one scan goes before it. Its numbers are doubles: whole numbers are taken up to 2^53,
 * degrees as the nearest 1e-7, which a double holds exactly enough. */
#include "record_json_fields.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "timefmt.h"
#include "wire_codec.h"

#define MAX_DEPTH 16
#define MAX_EXACT 9007199254740992.0 /* 2^53 */

/* ---- the scan before cJSON */

static bool
escape_ok(const char *s, size_t left)
{
    if (left < 2)
        return false;
    if (s[1] != 'u')
        return true;
    if (left < 6 || memcmp(s + 2, "0000", 4) == 0)
        return false;
    for (int i = 2; i < 6; i++)
        if (!isxdigit((unsigned char)s[i]))
            return false;
    return true;
}

static int
scan(const char *s, size_t n, size_t most, struct err *e)
{
    size_t depth = 0, values = 1;
    bool in_string = false;

    for (size_t i = 0; i < n; i++) {
        switch (s[i]) {
        case '"':
            in_string = !in_string;
            break;
        case '\\':
            if (in_string && !escape_ok(s + i, n - i))
                return err_set(e, "byte %zu: a bad escape, or one of NUL", i);
            i += in_string;
            break;
        case '{':
        case '[':
            if (!in_string && ++depth > MAX_DEPTH)
                return err_set(e, "byte %zu: nested deeper than %d", i, MAX_DEPTH);
            values += !in_string;
            break;
        case '}':
        case ']':
            depth -= !in_string && depth > 0;
            break;
        case ',':
            values += !in_string;
            break;
        default:
            break;
        }
    }
    if (values > most)
        return err_set(e, "more than %zu values; send less at once", most);
    return 0;
}

cJSON *
json_tree(const char *s, size_t n, size_t most, struct err *e)
{
    const char *end = s;
    cJSON *tree;

    errno = EINVAL;
    if (!wire_text_ok(s, n)) {
        (void)err_set(e, "not UTF-8, or with a NUL inside");
        return NULL;
    }
    if (scan(s, n, most, e) != 0)
        return NULL;
    tree = cJSON_ParseWithLengthOpts(s, n, &end, 0);
    if (tree == NULL) {
        (void)err_set(e, "not JSON at byte %zu", (size_t)(end - s));
        return NULL;
    }
    while (end < s + n && strchr(" \t\r\n", *end) != NULL)
        end++;
    if (end < s + n) {
        (void)err_set(e, "something stands behind the JSON at byte %zu", (size_t)(end - s));
        cJSON_Delete(tree);
        return NULL;
    }
    return tree;
}

/* ---- single values */

int
jbad(const struct jreader *r, const char *key, const char *fmt, ...)
{
    char text[256];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, ap); /* cut to fit */
    va_end(ap);
    (void)err_set(r->e, "%s: %s", key, text);
    errno = EINVAL;
    return -1;
}

static int
no_room(const struct jreader *r, const char *key)
{
    (void)err_set(r->e, "%s: too large to hold; send less at once", key);
    errno = ENOMEM;
    return -1;
}

int
jread_str(const struct jreader *r, const char *key, const cJSON *v, size_t limit, const char **out)
{
    size_t n;

    if (!cJSON_IsString(v))
        return jbad(r, key, "must be a string");
    n = strlen(v->valuestring);
    if (n > limit)
        return jbad(r, key, "longer than %zu bytes", limit);
    *out = arena_strndup(r->a, v->valuestring, n);
    return *out == NULL ? no_room(r, key) : 0;
}

int
jread_int(const struct jreader *r, const char *key, const cJSON *v, int64_t least, int64_t most,
          int64_t *out)
{
    int64_t i = 0;
    bool ok = false;

    if (cJSON_IsNumber(v)) {
        double d = v->valuedouble;
        ok = d >= -MAX_EXACT && d <= MAX_EXACT && d == (double)(int64_t)d;
        if (ok)
            i = (int64_t)d;
    } else if (cJSON_IsString(v)) {
        const char *s = v->valuestring;
        bool minus = *s == '-';
        s += minus;
        size_t n = strlen(s);
        ok = n > 0 && n <= 15 && strspn(s, "0123456789") == n;
        for (; ok && *s != '\0'; s++)
            i = i * 10 + (*s - '0');
        if (minus)
            i = -i;
    }
    if (!ok || i < least || i > most)
        return jbad(r, key, "must be a whole number from %lld to %lld", (long long)least,
                    (long long)most);
    *out = i;
    return 0;
}

int
jread_fixed(const struct jreader *r, const char *key, const cJSON *v, int decimals, int64_t least,
            int64_t most, int64_t *out)
{
    int64_t scale = 1, i = 0;
    int32_t e7;
    bool ok = false;

    for (int k = 0; k < decimals; k++)
        scale *= 10;
    if (cJSON_IsNumber(v)) {
        double d = v->valuedouble * (double)scale;
        ok = d >= -MAX_EXACT && d <= MAX_EXACT;
        if (ok)
            i = (int64_t)(d + (d < 0 ? -0.5 : 0.5));
    } else if (cJSON_IsString(v) && decimals == 7) {
        ok = geo_parse_deg(v->valuestring, &e7) == 0;
        if (ok)
            i = e7;
    }
    if (!ok || i < least || i > most)
        return jbad(r, key, "must be a number from %lld to %lld", (long long)(least / scale),
                    (long long)(most / scale));
    *out = i;
    return 0;
}

int
jread_time(const struct jreader *r, const char *key, const cJSON *v, int64_t *out)
{
    int64_t us;

    if (!cJSON_IsString(v) || time_parse(v->valuestring, strlen(v->valuestring), &us) != 0 ||
        us < 0 || us > WIRE_MAX_TIME_US)
        return jbad(r, key, "must be a time such as 2023-04-17T06:40:00Z");
    *out = us;
    return 0;
}

int
jread_id(const struct jreader *r, const char *key, const cJSON *v, struct id *out)
{
    if (!cJSON_IsString(v) || id_parse(v->valuestring, out) != 0)
        return jbad(r, key, "must be an id of 26 characters");
    return 0;
}

static int
read_name(const struct jreader *r, const char *key, const cJSON *v, const char *(*name)(unsigned),
          unsigned count, bool zero, unsigned *out)
{
    if (!cJSON_IsString(v))
        return jbad(r, key, "must be a name");
    for (unsigned i = zero ? 0 : 1; i < count; i++)
        if (strcmp(v->valuestring, name(i)) == 0) {
            *out = i;
            return 0;
        }
    return jbad(r, key, "\"%.40s\" is not one of the names, such as \"%s\"", v->valuestring,
                name(1));
}

int
jread_mask(const struct jreader *r, const char *key, const cJSON *v, const char *(*name)(unsigned),
           unsigned count, uint32_t *out)
{
    uint32_t mask = 0;
    unsigned one;
    const cJSON *item;

    if (cJSON_IsArray(v)) {
        cJSON_ArrayForEach(item, v)
        {
            if (read_name(r, key, item, name, count, name == jname_mark, &one) != 0)
                return -1;
            mask |= 1u << one;
        }
    } else {
        if (read_name(r, key, v, name, count, name == jname_mark, &one) != 0)
            return -1;
        mask = 1u << one;
    }
    *out = mask;
    return 0;
}

int
jread_strs(const struct jreader *r, const char *key, const cJSON *v, const char **out, size_t most,
           size_t *n)
{
    const cJSON *item;
    size_t i = 0;

    if (!cJSON_IsArray(v))
        return jbad(r, key, "must be an array of strings");
    cJSON_ArrayForEach(item, v)
    {
        if (i == most)
            return jbad(r, key, "more than %zu of them", most);
        if (jread_str(r, key, item, MAX_NAME, &out[i++]) != 0)
            return -1;
    }
    *n = i;
    return 0;
}

void
jwrite_time(struct json *j, const char *key, int64_t us)
{
    struct civil c;
    char text[48];

    if (us % 1000 == 0) {
        json_time(j, key, us);
        return;
    }
    time_to_civil(us, &c);
    (void)snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", c.year, c.month,
                   c.day, c.hour, c.minute, c.second, c.usec); /* of 1970 to 2200: fits */
    json_str(j, key, text);
}

void
jwrite_mask(struct json *j, const char *key, uint32_t mask, const char *(*name)(unsigned),
            unsigned count)
{
    json_open(j, key, '[');
    for (unsigned i = 0; i < count; i++)
        if ((mask & 1u << i) != 0)
            json_str(j, NULL, name(i));
    json_close(j, ']');
}

void
jwrite_strs(struct json *j, const char *key, const char *const *v, size_t n)
{
    json_open(j, key, '[');
    for (size_t i = 0; i < n; i++)
        json_str(j, NULL, v[i]);
    json_close(j, ']');
}

void
jwrite_id(struct json *j, const char *key, const struct id *id)
{
    char text[ID_TEXT];

    json_str(j, key, id_is_zero(id) ? NULL : id_text(id, text));
}

/* ---- by table */

static int
read_field(const struct jreader *r, const struct jfield *f, const cJSON *v, void *s)
{
    char *at = (char *)s + f->offset;
    int64_t i = 0;
    unsigned u = 0;
    int rc;

    switch (f->kind) {
    case JK_STR:
        return jread_str(r, f->key, v, f->limit, (const char **)(void *)at);
    case JK_TIME:
        return jread_time(r, f->key, v, (int64_t *)(void *)at);
    case JK_LAT:
        rc = jread_fixed(r, f->key, v, 7, -900000000, 900000000, &i);
        ((struct geo_pt *)(void *)at)->lat = (int32_t)i;
        return rc;
    case JK_LON:
        rc = jread_fixed(r, f->key, v, 7, -1800000000, 1800000000, &i);
        ((struct geo_pt *)(void *)at)->lon = (int32_t)i;
        return rc;
    case JK_U32:
        rc = jread_int(r, f->key, v, 0, f->limit, &i);
        *(uint32_t *)(void *)at = (uint32_t)i;
        return rc;
    case JK_U64:
        return jread_int(r, f->key, v, 0, (int64_t)MAX_EXACT, (int64_t *)(void *)at);
    case JK_FIGURE:
        if ((rc = jread_int(r, f->key, v, 0, f->limit, &i)) == 0)
            *(int32_t *)(void *)at = (int32_t)i;
        return rc;
    case JK_S32:
        rc = jread_int(r, f->key, v, -(int64_t)f->limit, f->limit, &i);
        *(int32_t *)(void *)at = (int32_t)i;
        return rc;
    case JK_S64:
        return jread_int(r, f->key, v, -WIRE_MAX_SPAN_US, WIRE_MAX_SPAN_US, (int64_t *)(void *)at);
    case JK_BYTE:
        rc = jread_int(r, f->key, v, 1, f->limit, &i);
        *(uint8_t *)at = (uint8_t)i;
        return rc;
    case JK_GRADE:
        if (!cJSON_IsString(v) || strlen(v->valuestring) != 1 ||
            strchr("ABCDEFabcdef", v->valuestring[0]) == NULL)
            return jbad(r, f->key, "must be a letter from A to F");
        *at = (char)(v->valuestring[0] & ~0x20);
        return 0;
    case JK_BOOL:
    case JK_TRI:
        if (!cJSON_IsBool(v))
            return jbad(r, f->key, "must be true or false");
        if (f->kind == JK_BOOL)
            *(bool *)at = cJSON_IsTrue(v);
        else
            *(int32_t *)(void *)at = cJSON_IsTrue(v);
        return 0;
    case JK_ENUM:
        rc = read_name(r, f->key, v, f->name, f->limit, false, &u);
        *(unsigned *)(void *)at = u;
        return rc;
    case JK_ID:
        return jread_id(r, f->key, v, (struct id *)(void *)at);
    case JK_METRES:
        rc = jread_fixed(r, f->key, v, 3, 0, WIRE_MAX_M, &i);
        *(uint32_t *)(void *)at = (uint32_t)i;
        return rc;
    case JK_OBJECT:
        return jtable_read(r, f->sub, f->key, v, s);
    case JK_OWN:
        return f->read(r, f->key, v, s);
    }
    return 0;
}

/* Both or neither of a latitude and its longitude. */
static int
check_position(const struct jreader *r, const struct jtable *t, uint64_t seen, void *s)
{
    for (size_t i = 0; i + 1 < t->n; i++) {
        if (t->fields[i].kind != JK_LAT)
            continue;
        unsigned both = (unsigned)(seen >> i) & 3;
        if (both == 1 || both == 2)
            return jbad(r, t->fields[i].key, "give %s and %s, or neither", t->fields[i].key,
                        t->fields[i + 1].key);
        if (both == 3)
            *(bool *)((char *)s + t->fields[i].aux) = true;
    }
    return 0;
}

int
jtable_read(const struct jreader *r, const struct jtable *t, const char *what, const cJSON *o,
            void *s)
{
    uint64_t seen = 0;
    const cJSON *v;
    size_t i;

    if (!cJSON_IsObject(o))
        return jbad(r, what, "must be an object");
    cJSON_ArrayForEach(v, o)
    {
        for (i = 0; i < t->n && strcmp(t->fields[i].key, v->string) != 0; i++)
            continue;
        if (i == t->n) {
            if (t->lenient)
                continue;
            return jbad(r, what, "unknown key \"%.60s\"", v->string);
        }
        if (t->fields[i].stamp && !r->stamps)
            return jbad(r, t->fields[i].key, "is the collector's to give");
        if ((seen >> i & 1) != 0)
            return jbad(r, t->fields[i].key, "comes twice");
        if (cJSON_IsNull(v))
            continue;
        seen |= UINT64_C(1) << i;
        if (read_field(r, &t->fields[i], v, s) != 0)
            return -1;
    }
    return check_position(r, t, seen, s);
}

static void
write_field(struct json *j, const struct jfield *f, const void *s)
{
    const void *at = (const char *)s + f->offset;

    switch (f->kind) {
    case JK_STR:
        if (*(const char *const *)at != NULL)
            json_str(j, f->key, *(const char *const *)at);
        break;
    case JK_TIME:
        if (*(const int64_t *)at != 0)
            jwrite_time(j, f->key, *(const int64_t *)at);
        break;
    case JK_LAT:
    case JK_LON:
        if (*(const bool *)((const char *)s + f->aux))
            json_deg(j, f->key,
                     f->kind == JK_LAT ? ((const struct geo_pt *)at)->lat
                                       : ((const struct geo_pt *)at)->lon);
        break;
    case JK_U32:
        if (*(const uint32_t *)at != 0)
            json_uint(j, f->key, *(const uint32_t *)at);
        break;
    case JK_U64:
        if (*(const uint64_t *)at != 0)
            json_uint(j, f->key, *(const uint64_t *)at);
        break;
    case JK_FIGURE:
        if (*(const int32_t *)at >= 0)
            json_int(j, f->key, *(const int32_t *)at);
        break;
    case JK_S32:
        if (*(const int32_t *)at != 0)
            json_int(j, f->key, *(const int32_t *)at);
        break;
    case JK_S64:
        if (*(const int64_t *)at != 0)
            json_int(j, f->key, *(const int64_t *)at);
        break;
    case JK_BYTE:
        if (*(const uint8_t *)at != 0)
            json_uint(j, f->key, *(const uint8_t *)at);
        break;
    case JK_GRADE:
        if (*(const char *)at != 0)
            json_str(j, f->key, (const char[2]){*(const char *)at, '\0'});
        break;
    case JK_BOOL:
        if (*(const bool *)at || f->limit == 1)
            json_bool(j, f->key, *(const bool *)at);
        break;
    case JK_TRI:
        if (*(const int32_t *)at >= 0)
            json_bool(j, f->key, *(const int32_t *)at != 0);
        break;
    case JK_ENUM:
        if (*(const unsigned *)at != 0)
            json_str(j, f->key, f->name(*(const unsigned *)at));
        break;
    case JK_ID:
        if (!id_is_zero(at))
            jwrite_id(j, f->key, at);
        break;
    case JK_METRES:
        if (*(const uint32_t *)at != 0)
            json_fixed(j, f->key, *(const uint32_t *)at, 3);
        break;
    case JK_OBJECT: {
        size_t before = j->b->len;
        bool comma = j->comma;
        json_open(j, f->key, '{');
        size_t inside = j->b->len;
        jtable_write(j, f->sub, s);
        if (j->b->len == inside && !j->b->failed) { /* nothing inside: leave it out */
            j->b->len = before;
            j->comma = comma;
        } else {
            json_close(j, '}');
        }
        break;
    }
    case JK_OWN:
        f->write(j, f->key, s);
        break;
    }
}

void
jtable_write(struct json *j, const struct jtable *t, const void *s)
{
    for (size_t i = 0; i < t->n; i++)
        write_field(j, &t->fields[i], s);
}

/* ---- names */

const char *
jname_event(unsigned v)
{
    return event_type_name((enum event_type)v);
}

const char *
jname_target(unsigned v)
{
    return target_name((enum target)v);
}

const char *
jname_mode(unsigned v)
{
    return mode_name((enum mode)v);
}

const char *
jname_status(unsigned v)
{
    return status_name((enum status)v);
}

const char *
jname_class(unsigned v)
{
    return source_class_name((enum source_class)v);
}

const char *
jname_mark(unsigned v)
{
    static const char *const names[MARK_COUNT] = {"siege", "sexual_violence", "possible_exercise"};

    return names[v < MARK_COUNT ? v : 0];
}
