/* csv: rows of RFC 4180, as they are found in the field, one at a time.
 *
 * Taken: quotes around a field with quotes doubled inside, or left single by who wrote them by
 * hand; delimiters and line ends inside quotes; CRLF and LF, and CR where csv_use() says so; blanks
 * round fields; a last row without line end. A quote inside an unquoted field is text. A quote that
 * is never closed (nor within CSV_MAX_ROW) is text too, and so is the rest of its line: so it costs
 * no row but perhaps its own. That a quote was closed by the opening quote of another row is seen
 * by what stands round that one.
 *
 * Fields come as UTF-8. One that is not UTF-8 is read as Windows-1252, the Latin-1 of spreadsheets
 * (exports in French); one that is UTF-8 for the most part stays as it is, with its bad bytes, for
 * draft_clean(). A NUL becomes a blank.
 *
 * What a row is depends on the bytes from its first one on, on nothing before it; time is linear
 * in the bytes, whatever they are. */
#ifndef COLLECTOR_CSV_H
#define COLLECTOR_CSV_H

#include <stdbool.h>
#include <stddef.h>

#define CSV_MAX_FIELDS 4096
#define CSV_MAX_ROW    ((size_t)1 << 20) /* bytes */

enum csv_state {
    CSV_ROW,
    CSV_BLANK,     /* nothing but blanks and delimiters, or the rest of a row that was too long */
    CSV_TOO_LONG,  /* skipped to its line end, or to n and then on: fields are not there */
    CSV_NO_MEMORY, /* its line is skipped */
    CSV_TOO_WIDE   /* n says how many there were; the first CSV_MAX_FIELDS are there */
};

struct csv_row {
    enum csv_state state;
    const char *fields[CSV_MAX_FIELDS]; /* valid until the next row is read */
    size_t n;
    size_t len; /* bytes without the line end */
};

struct csv;

struct csv *csv_new(void);    /* NULL when memory is out */
void csv_free(struct csv *c); /* accepts NULL */
/* Begins a body. cr: a carriage return alone ends a row; else it is a blank. Before the first call:
 * ',' and false. */
void csv_use(struct csv *c, char delimiter, bool cr);

/* Reads the row that begins at s. Returns its bytes with the line end; 0 when it does not end
 * within n, unless `last` says that nothing follows. Never 0 when n >= CSV_MAX_ROW, or when last
 * and n > 0. */
size_t csv_row(struct csv *c, const char *s, size_t n, bool last, struct csv_row *row);

#endif
