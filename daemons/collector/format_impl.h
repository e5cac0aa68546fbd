/* format_impl: what the files of the formats share among themselves; doors see format.h only. */
#ifndef COLLECTOR_FORMAT_IMPL_H
#define COLLECTOR_FORMAT_IMPL_H

#include "format.h"

/* Whole bodies. */
typedef void format_whole_fn(const char *s, size_t n, const struct format_options *o,
                             const struct format_sink *sink);
format_whole_fn format_json;    /* format_json.c */
format_whole_fn format_geojson; /* format_geojson.c */
format_whole_fn format_cap;     /* format_cap.c */
format_whole_fn format_cot;     /* format_cot.c */
format_whole_fn format_text;    /* format_text.c */

/* Bodies in pieces: as format_head() and format_take(). */
struct csv_table;
struct format_stream {
    enum format format;
    const struct format_options *options;
    uint64_t taken;
    bool broken;
    struct csv_table *csv; /* format_csv.c's own; NULL before the head */
};
typedef size_t format_take_fn(struct format_stream *st, const char *s, size_t n, bool last,
                              size_t most, const struct format_sink *sink);
format_take_fn format_ndjson_take;   /* format_json.c */
format_take_fn format_csv_take;      /* format_csv.c */
format_take_fn format_protobuf_take; /* format_protobuf.c */
size_t format_csv_head(struct format_stream *st, const char *s, size_t n, bool last);
void format_csv_close(struct csv_table *t); /* accepts NULL */

/* format_json.c: cutting JSON without reading it, in linear time. The first byte from i on that is
 * no blank; the end of the element or member that begins at i: the comma or the bracket behind it
 * (close: of an array ']', of an object '}'), or n. */
size_t json_skip_blank(const char *s, size_t n, size_t i);
size_t json_element_end(const char *s, size_t n, size_t i, char close);

#endif
