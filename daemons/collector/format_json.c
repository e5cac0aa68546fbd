/* format_json: JSON and JSON lines to records. The shapes themselves are common/record_json;
 * here the body is cut into its objects, so that one bad object is refused alone. */
#include <string.h>

#include "format_impl.h"

#include "record_json.h"

static void
one(const char *s, size_t n, const struct format_sink *sink)
{
    struct record r;
    struct err e = {.text = ""};

    arena_reset(sink->arena);
    if (record_from_json(s, n, sink->arena, &r, &e) < 0)
        sink->refused(sink->arg, e.text, s, n);
    else
        sink->record(sink->arg, &r, s, n);
}

size_t
json_skip_blank(const char *s, size_t n, size_t i)
{
    while (i < n && (s[i] == ' ' || s[i] == '\t' || s[i] == '\n' || s[i] == '\r'))
        i++;
    return i;
}

size_t
json_element_end(const char *s, size_t n, size_t i, char close)
{
    size_t depth = 0;
    int quoted = 0;

    for (; i < n; i++) {
        if (quoted) {
            if (s[i] == '\\')
                i++;
            else if (s[i] == '"')
                quoted = 0;
            continue;
        }
        if (s[i] == '"')
            quoted = 1;
        else if (s[i] == '{' || s[i] == '[')
            depth++;
        else if (depth > 0 && (s[i] == '}' || s[i] == ']'))
            depth--;
        else if (depth == 0 && (s[i] == close || s[i] == ','))
            return i;
    }
    return n;
}

void
format_json(const char *s, size_t n, const struct format_options *o, const struct format_sink *sink)
{
    (void)o;
    size_t i = json_skip_blank(s, n, 0);

    if (i == n) {
        sink->refused(sink->arg, "the body is empty", s, n);
        return;
    }
    if (s[i] != '[') {
        one(s + i, n - i, sink);
        return;
    }
    i = json_skip_blank(s, n, i + 1);
    while (i < n && s[i] != ']') {
        size_t end = json_element_end(s, n, i, ']');
        one(s + i, end - i, sink);
        i = end;
        if (i < n && s[i] == ',')
            i = json_skip_blank(s, n, i + 1);
    }
    if (i >= n) {
        sink->refused(sink->arg, "the array is not closed", s, n);
        return;
    }
    if (json_skip_blank(s, n, i + 1) != n)
        sink->refused(sink->arg, "there is something behind the array", s + i + 1, n - i - 1);
}

size_t
format_ndjson_take(struct format_stream *st, const char *s, size_t n, bool last, size_t most,
                   const struct format_sink *sink)
{
    size_t i = 0, count = 0;

    (void)st;
    while (i < n && (most == 0 || count < most)) {
        const char *nl = memchr(s + i, '\n', n - i);
        if (nl == NULL && !last)
            break;
        size_t end = nl != NULL ? (size_t)(nl - s) : n;
        size_t from = json_skip_blank(s, end, i);
        if (from < end) {
            one(s + from, end - from, sink);
            count++;
        }
        i = nl != NULL ? end + 1 : n;
    }
    return i;
}
