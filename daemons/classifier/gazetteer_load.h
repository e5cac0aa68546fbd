/* gazetteer_load: the lines of a gazetteer file to plain rows. Private to the gazetteer.
 *
 * Knows the two formats and nothing of the index: a row borrows its strings from the line, and
 * the caller copies what it keeps. */
#ifndef CLASSIFIER_GAZETTEER_LOAD_H
#define CLASSIFIER_GAZETTEER_LOAD_H

#include "gazetteer.h"

struct gaz_row {
    struct gaz_place place;           /* name and admin1 point into the line */
    const char *ascii;                /* second spelling, "" = none */
    char *alternates;                 /* comma-separated; the caller may cut it up */
    const char *admin1_code;          /* GeoNames: code of the first-level region; ours: "" */
    bool defines_admin1;              /* GeoNames: the row is that region itself */
    struct geo_pt line[GAZ_LINE_MAX]; /* ours: the run of a road */
    size_t n_line;
};

enum gaz_format { GAZ_FORMAT_UNKNOWN, GAZ_FORMAT_GEONAMES, GAZ_FORMAT_LIST };

/* The format of a line by its columns: 19, or 10 and 11. */
enum gaz_format gaz_row_format(const char *line);

/* Cuts the line (NUL-terminated, without its newline) up in place. 0, or -1 with the error's
 * text set at file and line. */
int gaz_row_parse(char *line, enum gaz_format format, const char *file, int lineno,
                  struct gaz_row *out, struct err *e);

#endif
