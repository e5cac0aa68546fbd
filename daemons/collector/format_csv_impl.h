/* format_csv_impl: what the readers of the kinds of CSV share. Private to format_csv*.c.
 *
 * A kind names its columns; the head says in which field of a row each stands. A reader turns one
 * row into a draft, or says why it cannot. */
#ifndef COLLECTOR_FORMAT_CSV_IMPL_H
#define COLLECTOR_FORMAT_CSV_IMPL_H

#include "csv.h"
#include "draft.h"
#include "err.h"
#include "format.h"

#define CSV_COLUMNS   64 /* most that a kind names */
#define CSV_NO_COLUMN UINT16_MAX

struct csv_table;
/* The draft is empty. 0, or -1 with err. */
typedef int csv_read_fn(const struct csv_table *t, const struct format_options *o, struct draft *d,
                        struct err *e);

struct csv_kind {
    const char *name;
    const char *const *columns; /* lower case */
    size_t n_columns, n_known;  /* those that must be there come first: n_known of them */
    csv_read_fn *read;
};

struct csv_table {
    struct csv *csv;
    const struct csv_kind *kind; /* NULL: the body is refused, for `why` */
    size_t n_fields;             /* of a row; 0 = at least n_least */
    size_t n_least;              /* the last field that is mapped */
    uint16_t at[CSV_COLUMNS];    /* by column: index of its field, or CSV_NO_COLUMN */
    uint16_t text[CSV_COLUMNS];  /* of a mapped CSV: fields of the text, in order */
    size_t n_text;
    bool day_first; /* 04/05/2023: semicolons are what exports of Europe have */
    bool headed;    /* the head was looked at */
    char *head;     /* goes before each row's raw bytes, so that they can be read alone */
    size_t head_len;
    char why[512];
    struct csv_row row;
};

extern const struct csv_kind csv_acled, csv_ucdp, csv_mapped;

/* format_csv_mapped.c: finds the columns of o->csv, which is there, in the names of row, or by
 * number when it has none. */
int csv_map(struct csv_table *t, const struct csv_conf *conf, struct err *e);

/* ---- format_csv_value.c: single values. All take NULL for absent. */

/* The field of a column; NULL when it is absent or empty. */
const char *csv_get(const struct csv_table *t, unsigned column);
/* What a reason may show of a field: cut, without what does not belong into a line of text. */
#define CSV_SHOWN 32
const char *csv_shown(const char *s, char out[CSV_SHOWN]); /* returns out */
/* People: "12", also "12.0". -1 when it is no such number, or of more people than there are. */
int32_t csv_figure(const char *s);
/* One digit from 1 to most, also "1.0"; 0 when it is none. */
unsigned csv_code(const char *s, unsigned most);
/* Reads a day: "2023-04-17", "17 April 2023" (English, French), "17/04/2023"; what follows behind a
 * blank, a T or a semicolon is passed over. At noon UTC: of a whole day the least wrong. -1 with err. */
int csv_day(const char *s, bool day_first, int64_t *noon_us, struct err *e);
/* As draft_position(), but decimal commas too. */
int csv_position(struct draft *d, const char *lat, const char *lon);
/* Noon of the day when something happened, but not after it was reported on that day. */
int64_t csv_noon(int64_t noon_us, int64_t reported_us);

#endif
