/* format: see format.h. One table of what there is; a body that is taken whole is a stream with
 * one piece. */
#include "format.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "format_impl.h"

static format_whole_fn xml_by_root;

static const struct {
    const char *name;
    const char *types[4], *endings[4];
    format_whole_fn *whole;
    format_take_fn *take;
} formats[FORMAT_COUNT] = {
    [FORMAT_UNKNOWN] = {.name = "unknown"},
    [FORMAT_JSON] = {.name = "json",
                     .types = {"application/json"},
                     .endings = {"json"},
                     .whole = format_json},
    [FORMAT_NDJSON] = {.name = "ndjson",
                       .types = {"application/x-ndjson", "application/jsonl"},
                       .endings = {"ndjson", "jsonl"},
                       .take = format_ndjson_take},
    [FORMAT_GEOJSON] = {.name = "geojson",
                        .types = {"application/geo+json"},
                        .endings = {"geojson"},
                        .whole = format_geojson},
    [FORMAT_XML] = {.name = "xml",
                    .types = {"application/xml", "text/xml", "application/atom+xml"},
                    .endings = {"xml", "atom"},
                    .whole = xml_by_root},
    [FORMAT_CAP] = {.name = "cap",
                    .types = {"application/cap+xml", "application/common-alerting-protocol+xml"},
                    .endings = {"cap"},
                    .whole = format_cap},
    [FORMAT_COT] = {.name = "cot",
                    .types = {"application/cot+xml"},
                    .endings = {"cot"},
                    .whole = format_cot},
    [FORMAT_CSV] = {.name = "csv",
                    .types = {"text/csv"},
                    .endings = {"csv"},
                    .take = format_csv_take},
    [FORMAT_PROTOBUF] = {.name = "protobuf",
                         .types = {"application/x-protobuf", "application/protobuf"},
                         .endings = {"pb", "rec"},
                         .take = format_protobuf_take},
    [FORMAT_TEXT] = {.name = "text",
                     .types = {"text/plain"},
                     .endings = {"txt"},
                     .whole = format_text},
};

const char *
format_name(enum format f)
{
    return (unsigned)f < FORMAT_COUNT ? formats[f].name : formats[FORMAT_UNKNOWN].name;
}

enum format
format_parse(const char *name)
{
    for (unsigned f = 1; f < FORMAT_COUNT; f++)
        if (strcmp(name, formats[f].name) == 0)
            return (enum format)f;
    return FORMAT_UNKNOWN;
}

static bool
is_word(const char *word, const char *s, size_t n)
{
    return word != NULL && strlen(word) == n && strncasecmp(word, s, n) == 0;
}

enum format
format_by_media_type(const char *type)
{
    size_t n;

    if (type == NULL)
        return FORMAT_UNKNOWN;
    type += strspn(type, " \t");
    n = strcspn(type, "; \t");
    for (unsigned f = 1; f < FORMAT_COUNT; f++)
        for (size_t i = 0; i < 4; i++)
            if (is_word(formats[f].types[i], type, n))
                return (enum format)f;
    return FORMAT_UNKNOWN;
}

enum format
format_by_file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *dot = strrchr(slash != NULL ? slash : path, '.');

    for (unsigned f = 1; dot != NULL && f < FORMAT_COUNT; f++)
        for (size_t i = 0; i < 4; i++)
            if (is_word(formats[f].endings[i], dot + 1, strlen(dot + 1)))
                return (enum format)f;
    return FORMAT_UNKNOWN;
}

/* ---- XML whose kind is not known: the name of its first element tells. */

static void
xml_by_root(const char *s, size_t n, const struct format_options *o, const struct format_sink *sink)
{
    size_t i = 0;

    /* Past a byte order mark, the declaration and comments, to the first name. */
    while (i + 1 < n && !(s[i] == '<' && s[i + 1] != '?' && s[i + 1] != '!'))
        i++;
    size_t from = i + 1, to = from;
    while (to < n && strchr(" \t\r\n/>", s[to]) == NULL)
        from = s[to++] == ':' ? to : from;
    if ((to - from == 5 || to - from == 6) && memcmp(s + from, "events", to - from) == 0)
        format_cot(s, n, o, sink);
    else
        format_cap(s, n, o, sink);
}

/* ---- streams */

bool
format_is_stream(enum format f)
{
    return (unsigned)f < FORMAT_COUNT && formats[f].take != NULL;
}

struct format_stream *
format_open(enum format f, const struct format_options *o)
{
    static const struct format_options none;
    struct format_stream *st;

    if ((unsigned)f >= FORMAT_COUNT || f == FORMAT_UNKNOWN || (st = calloc(1, sizeof *st)) == NULL)
        return NULL;
    st->format = f;
    st->options = o != NULL ? o : &none;
    return st;
}

void
format_close(struct format_stream *st)
{
    if (st == NULL)
        return;
    format_csv_close(st->csv);
    free(st);
}

size_t
format_head(struct format_stream *st, const char *s, size_t n, bool last, uint64_t done)
{
    st->taken = done;
    st->broken = false;
    return st->format == FORMAT_CSV ? format_csv_head(st, s, n, last) : 0;
}

/* Counts what a whole body gives. */
struct counting {
    const struct format_sink *sink;
    uint64_t n;
};

static void
count_record(void *arg, struct record *r, const char *raw, size_t len)
{
    struct counting *c = arg;

    c->n++;
    c->sink->record(c->sink->arg, r, raw, len);
}

static void
count_refused(void *arg, const char *why, const char *raw, size_t len)
{
    struct counting *c = arg;

    c->n++;
    c->sink->refused(c->sink->arg, why, raw, len);
}

static void
count_ignored(void *arg, const char *why, const char *raw, size_t len)
{
    struct counting *c = arg;

    c->n++;
    c->sink->ignored(c->sink->arg, why, raw, len);
}

size_t
format_take(struct format_stream *st, const char *s, size_t n, bool last, size_t most,
            const struct format_sink *sink)
{
    struct counting c = {.sink = sink};
    struct format_sink own = {.record = count_record,
                              .refused = count_refused,
                              .ignored = count_ignored,
                              .arena = sink->arena,
                              .arg = &c};
    size_t used = 0;

    if (formats[st->format].take != NULL) {
        used = formats[st->format].take(st, s, n, last, most, &own);
    } else if (last) {
        formats[st->format].whole(s, n, st->options, &own);
        used = n;
    }
    st->taken += c.n;
    return used;
}

uint64_t
format_taken(const struct format_stream *st)
{
    return st->taken;
}

bool
format_broken(const struct format_stream *st)
{
    return st->broken;
}

void
format_all(enum format f, const char *s, size_t n, const struct format_options *o,
           const struct format_sink *sink)
{
    struct format_stream *st = format_open(f, o);
    size_t i, used;

    if (st == NULL) {
        sink->refused(sink->arg, "no such format, or memory is out", s, n);
        return;
    }
    i = format_head(st, s, n, true, 0);
    do {
        used = format_take(st, s + i, n - i, true, 0, sink);
        i += used;
    } while (i < n && used > 0);
    format_close(st);
}
