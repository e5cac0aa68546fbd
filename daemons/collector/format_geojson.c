/* format_geojson: a Feature or a FeatureCollection (RFC 7946) to incidents and assets.
 *
 * What becomes of a feature is said at feature_from_json() in record_json.h. Here the collection is
 * cut into its features, so that one bad feature is refused alone, with its number. Other members
 * of the collection are passed over. */
#include <string.h>

#include "format_impl.h"

#include "record_json.h"

static void
one(const char *s, size_t n, size_t number, const struct format_sink *sink)
{
    struct err e = {.text = ""}, told;
    struct record r;

    arena_reset(sink->arena);
    if (feature_from_json(s, n, sink->arena, &r, &e) == 0) {
        sink->record(sink->arg, &r, s, n);
        return;
    }
    if (number == 0)
        (void)err_set(&told, "%s", e.text);
    else
        (void)err_set(&told, "feature %zu: %s", number, e.text);
    sink->refused(sink->arg, told.text, s, n);
}

/* The members of the collection that count; their values begin here, 0 = not there. */
struct members {
    size_t type, features;
    bool closed;
};

static bool
is_key(const char *s, size_t n, size_t i, const char *key)
{
    size_t len = strlen(key);

    return n - i >= len + 2 && s[i] == '"' && s[i + 1 + len] == '"' &&
           memcmp(s + i + 1, key, len) == 0;
}

/* Looks through an object that begins at i, without reading the values. */
static struct members
look(const char *s, size_t n, size_t i)
{
    struct members m = {0};

    for (i = json_skip_blank(s, n, i + 1); i < n && s[i] != '}';) {
        size_t key = i, end;
        /* To the colon behind the key; a key without one is the parser's to refuse. */
        for (i++; i < n && s[i] != '"'; i++)
            i += s[i] == '\\';
        i = i < n ? json_skip_blank(s, n, i + 1) : n;
        if (i >= n || s[i] != ':')
            break;
        i = json_skip_blank(s, n, i + 1);
        if (is_key(s, n, key, "type"))
            m.type = i;
        else if (is_key(s, n, key, "features"))
            m.features = i;
        end = json_element_end(s, n, i, '}');
        i = end < n && s[end] == ',' ? json_skip_blank(s, n, end + 1) : end;
    }
    m.closed = i < n && s[i] == '}' && json_skip_blank(s, n, i + 1) == n;
    return m;
}

static void
collection(const char *s, size_t n, const struct members *m, const struct format_sink *sink)
{
    size_t i = m->features, from = 0, number = 0;

    if (i == 0 || i >= n || s[i] != '[') {
        sink->refused(sink->arg, "features: must be an array", s, n);
        return;
    }
    i = json_skip_blank(s, n, i + 1);
    while (i < n && s[i] != ']') {
        size_t end = json_element_end(s, n, i, ']');
        one(s + i, end - i, ++number, sink);
        from = i;
        i = end < n && s[end] == ',' ? json_skip_blank(s, n, end + 1) : end;
    }
    if (i >= n || !m->closed)
        sink->refused(sink->arg, "the collection is not closed, or something stands behind it",
                      s + from, n - from);
    else if (number == 0)
        sink->ignored(sink->arg, "a collection without features", s, n);
}

void
format_geojson(const char *s, size_t n, const struct format_options *o,
               const struct format_sink *sink)
{
    size_t mark = n >= 3 && memcmp(s, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    size_t i = json_skip_blank(s, n, mark);
    struct members m;

    (void)o;
    if (i == n) {
        sink->refused(sink->arg, "the body is empty", s, n);
        return;
    }
    if (s[i] != '{') {
        sink->refused(sink->arg, "must be a FeatureCollection or a Feature", s, n);
        return;
    }
    m = look(s, n, i);
    if (m.type > 0 && is_key(s, n, m.type, "FeatureCollection"))
        collection(s, n, &m, sink);
    else
        one(s + i, n - i, 0, sink);
}
