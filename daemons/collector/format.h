/* format: bytes of a door to records. One file per format; pure, no I/O.
 *
 * A format hands each record over as it is found, or the bytes and the reason why not; a bad one
 * does not spoil its neighbours. What is well formed and nothing that Tocsin takes in (a chat
 * message, a drawing) is `ignored`, with the reason: not an error, and not kept.
 *
 * What becomes of which field stands at the head of each file, and in tocsin-formats(5). */
#ifndef COLLECTOR_FORMAT_H
#define COLLECTOR_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "config.h"
#include "record.h"

enum format {
    FORMAT_UNKNOWN,
    FORMAT_JSON,     /* one object of INTERFACE.md or an array of them */
    FORMAT_NDJSON,   /* one object a line */
    FORMAT_GEOJSON,  /* a Feature or a FeatureCollection (RFC 7946) */
    FORMAT_XML,      /* CAP or CoT, by the root element */
    FORMAT_CAP,      /* CAP 1.0, 1.1, 1.2; alone, or in an Atom feed or an EDXL-DE message */
    FORMAT_COT,      /* Cursor on Target: <event>, or many of them one behind the other */
    FORMAT_CSV,      /* ACLED, UCDP GED, or as options.csv says */
    FORMAT_PROTOBUF, /* length-delimited Records: a recording */
    FORMAT_TEXT,     /* one report in words: SMS, radio log, SALUTE, contact report, 9-line UXO */
    FORMAT_COUNT
};

/* "json", "ndjson", …; parse gives FORMAT_UNKNOWN for what is none of them. */
const char *format_name(enum format f);
enum format format_parse(const char *name);
/* By Content-Type, parameters ignored; by the ending of a file's name (case ignored). */
enum format format_by_media_type(const char *type);
enum format format_by_file_name(const char *path);

/* What a format may need to know besides the bytes. Borrowed; all may be absent. */
struct format_options {
    const struct csv_conf *csv;       /* columns of a CSV that is neither ACLED nor UCDP */
    const struct tak_asset_conf *tak; /* whose positions are those of an asset of ours */
    size_t n_tak;
    const struct source_conf *source; /* zone of times without one; preferred language */
    int64_t now_us;                   /* completes times without a year or month; 0 = unknown */
};

struct format_sink {
    /* r's strings and raw live until the call returns. raw is what goes to quarantine when somebody
     * behind the sink refuses it: a body of one record, so it may be put together (the row of a CSV
     * has the header in front). */
    void (*record)(void *arg, struct record *r, const char *raw, size_t len);
    /* why: one line of UTF-8. */
    void (*refused)(void *arg, const char *why, const char *raw, size_t len);
    void (*ignored)(void *arg, const char *why, const char *raw, size_t len);
    struct arena *arena; /* reset by the format before each record, or each document */
    void *arg;
};

/* Takes a whole body. Everything in it comes out of the sink; of an empty array, of no lines, and
 * of a CSV that is but a head, nothing does. */
void format_all(enum format f, const char *s, size_t n, const struct format_options *o,
                const struct format_sink *sink);

/* ---- a body in pieces: files that may be large */

struct format_stream;

/* Is the format a row of records that can be taken piece by piece (CSV, NDJSON, protobuf)? */
bool format_is_stream(enum format f);
/* Options must outlive the stream. NULL when memory is out. Any format but UNKNOWN; one that is no
 * stream is taken when `last` is true, and bytes must then be the whole body. */
struct format_stream *format_open(enum format f, const struct format_options *o);
void format_close(struct format_stream *st); /* accepts NULL */

/* Begins a body. Reads only what heads it (the first row of a CSV) and returns its length in
 * bytes: 0 for a body without a head, also when n is 0; SIZE_MAX when the head does not end within
 * n and more may follow. done: records of this body that were taken before (a file that is
 * resumed); reasons count rows from there. A head that cannot be read (unknown columns) is
 * remembered: the first format_take() refuses the body with it. */
size_t format_head(struct format_stream *st, const char *s, size_t n, bool last, uint64_t done);
/* Takes whole records off s[0..n), at most `most` (0 = all), and returns the bytes used. last:
 * nothing follows, what is left is a record too. 0 with last false: the record at hand does not
 * end within n; give more, or say last when there is too much of it already: it is then refused
 * or taken as it is. */
size_t format_take(struct format_stream *st, const char *s, size_t n, bool last, size_t most,
                   const struct format_sink *sink);
/* Records, refusals and ignored items that were taken so far, and `done` of format_head(). */
uint64_t format_taken(const struct format_stream *st);
/* The body cannot be read any further: format_take() then refuses what it is given, whole. */
bool format_broken(const struct format_stream *st);

#endif
