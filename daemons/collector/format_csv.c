/* format_csv: CSV of ACLED, of UCDP GED, or as the configuration says, to incidents.
 *
 * Which it is tells the first row: ACLED by event_id_cnty, event_date and event_type, UCDP GED by
 * id, type_of_violence and date_start, whatever else is there, in any order, with commas,
 * semicolons or tabs; UCDP GED also without a header, by its 49 fields. Else the columns of
 * options.csv; else the body is refused. A row goes alone: what is wrong with one is said with its
 * number (rows of the body without the header, blank ones not counted) and does not touch the next.
 *
 * What goes to quarantine has the header in front, so that it is a CSV that can be tried again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "format_impl.h"

#include "format_csv_impl.h"

#define NOT_YET       SIZE_MAX
#define MOST_KEPT     2048 /* bytes of a header that are kept for quarantine */
#define UCDP_FIELDS   49
#define UCDP_VIOLENCE 5

/* Places of a UCDP GED without a header. */
static const char *const ucdp_order[UCDP_FIELDS] = {"id",
                                                    "relid",
                                                    "year",
                                                    "active_year",
                                                    "code_status",
                                                    "type_of_violence",
                                                    "conflict_dset_id",
                                                    "conflict_new_id",
                                                    "conflict_name",
                                                    "dyad_dset_id",
                                                    "dyad_new_id",
                                                    "dyad_name",
                                                    "side_a_dset_id",
                                                    "side_a_new_id",
                                                    "side_a",
                                                    "side_b_dset_id",
                                                    "side_b_new_id",
                                                    "side_b",
                                                    "number_of_sources",
                                                    "source_article",
                                                    "source_office",
                                                    "source_date",
                                                    "source_headline",
                                                    "source_original",
                                                    "where_prec",
                                                    "where_coordinates",
                                                    "where_description",
                                                    "adm_1",
                                                    "adm_2",
                                                    "latitude",
                                                    "longitude",
                                                    "geom_wkt",
                                                    "priogrid_gid",
                                                    "country",
                                                    "country_id",
                                                    "region",
                                                    "event_clarity",
                                                    "date_prec",
                                                    "date_start",
                                                    "date_end",
                                                    "deaths_a",
                                                    "deaths_b",
                                                    "deaths_civilians",
                                                    "deaths_unknown",
                                                    "best",
                                                    "high",
                                                    "low",
                                                    "gwnoa",
                                                    "gwnob"};

/* ---- the head */

static size_t
fields(const struct csv_row *row)
{
    return row->n < CSV_MAX_FIELDS ? row->n : CSV_MAX_FIELDS;
}

static bool
is_kind(struct csv_table *t, const struct csv_kind *kind, const char *const *names, size_t n)
{
    for (size_t c = 0; c < kind->n_columns; c++) {
        size_t i = 0;
        while (i < n && strcasecmp(names[i], kind->columns[c]) != 0)
            i++;
        if (i == n && c < kind->n_known)
            return false;
        t->at[c] = i < n ? (uint16_t)i : CSV_NO_COLUMN;
    }
    t->n_fields = t->row.n;
    t->n_least = 0;
    t->kind = kind;
    return true;
}

static bool
is_bare_ucdp(const struct csv_row *row)
{
    return row->n == UCDP_FIELDS && csv_figure(row->fields[0]) >= 0 &&
           csv_code(row->fields[UCDP_VIOLENCE], 3) != 0;
}

/* Reads the first row with a delimiter, into t->row; its bytes, or 0 as csv_row(). A carriage return
 * alone ends the rows of a body whose first one ends with it. */
static size_t
first_row(struct csv_table *t, char delimiter, const char *s, size_t n, bool last)
{
    csv_use(t->csv, delimiter, true);
    size_t used = csv_row(t->csv, s, n, last, &t->row);
    csv_use(t->csv, delimiter, used > 0 && used > t->row.len && s[used - 1] == '\r');
    t->day_first = delimiter == ';';
    return used;
}

/* What the first row looks like, for who has to write the configuration. */
static void
refuse(struct csv_table *t, const char *what)
{
    char seen[256] = "", shown[CSV_SHOWN];
    size_t at = 0;

    for (size_t i = 0; i < fields(&t->row) && i < 6; i++) /* 6 * (CSV_SHOWN + 4) bytes fit */
        at += (size_t)snprintf(seen + at, sizeof seen - at, "%s\"%s\"", i > 0 ? ", " : "",
                               csv_shown(t->row.fields[i], shown));
    (void)snprintf(t->why, sizeof t->why, "%s; the first row begins with %s", what,
                   at > 0 ? seen : "nothing");
    t->kind = NULL;
}

static char
delimiter_of(const struct csv_conf *conf)
{
    const char *d = conf->delimiter;

    if (d == NULL || d[0] == '\0')
        return ',';
    return d[0] == '\\' && d[1] == 't' ? '\t' : d[0];
}

/* ACLED or UCDP, with any of the delimiters? Returns the bytes of the head; NOT_YET. */
static size_t
find_known(struct csv_table *t, char given, const char *s, size_t n, bool last)
{
    const char given_only[] = {given, '\0'};
    const char *usual = given != '\0' ? given_only : ",;\t";

    for (size_t i = 0; usual[i] != '\0'; i++) {
        size_t used = first_row(t, usual[i], s, n, last);
        if (used == 0)
            return NOT_YET;
        if (t->row.state != CSV_ROW)
            continue;
        if (is_kind(t, &csv_acled, t->row.fields, t->row.n) ||
            is_kind(t, &csv_ucdp, t->row.fields, t->row.n))
            return used;
        if (is_bare_ucdp(&t->row)) {
            (void)is_kind(t, &csv_ucdp, ucdp_order, UCDP_FIELDS);
            return 0;
        }
    }
    return 0;
}

/* The same by the configuration. */
static size_t
find_mapped(struct csv_table *t, const struct csv_conf *conf, char given, const char *s, size_t n,
            bool last)
{
    size_t used = first_row(t, given != '\0' ? given : delimiter_of(conf), s, n, last);
    struct err e;

    if (used == 0)
        return NOT_YET;
    if (t->row.state == CSV_TOO_LONG || t->row.state == CSV_NO_MEMORY ||
        (conf->header && t->row.state != CSV_ROW)) {
        refuse(t, "the header cannot be read");
        return 0;
    }
    if (!conf->header)
        t->row.n = 0; /* it names nothing */
    if (csv_map(t, conf, &e) != 0) {
        if (conf->header)
            refuse(t, e.text);
        else
            (void)snprintf(t->why, sizeof t->why, "%s", e.text);
        return 0;
    }
    t->kind = &csv_mapped;
    return conf->header ? used : 0;
}

/* Keeps the head, with a line end, for the raw bytes of rows. */
static void
keep_head(struct csv_table *t, const char *s, size_t n, size_t len)
{
    free(t->head);
    t->head = NULL;
    t->head_len = 0;
    if (n == 0 || n > MOST_KEPT || (t->head = malloc(n + 1)) == NULL)
        return;
    memcpy(t->head, s, len);
    t->head[len] = '\n';
    t->head_len = len + 1;
}

/* Behind byte order mark and "sep=;", which spreadsheets write. NOT_YET: more is needed. */
static size_t
preamble(const char *s, size_t n, bool last, char *given)
{
    size_t i = n >= 3 && memcmp(s, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;

    if (n - i < 7 && !last)
        return NOT_YET;
    if (n - i < 6 || strncasecmp(s + i, "sep=", 4) != 0)
        return i;
    *given = s[i + 4];
    i += 5;
    i += s[i] == '\r';
    return i < n && s[i] == '\n' ? i + 1 : i;
}

static struct csv_table *
table(struct format_stream *st)
{
    struct csv_table *t = st->csv != NULL ? st->csv : calloc(1, sizeof *t);

    if (t != NULL && t->csv == NULL && (t->csv = csv_new()) == NULL) {
        free(t);
        t = NULL;
    }
    return st->csv = t;
}

size_t
format_csv_head(struct format_stream *st, const char *s, size_t n, bool last)
{
    const struct csv_conf *conf = st->options->csv;
    struct csv_table *t = table(st);
    char given = '\0';
    size_t used, begin;

    if (t == NULL)
        return 0;
    t->headed = false;
    if (n == 0)
        return 0;
    begin = preamble(s, n, last, &given);
    if (begin == NOT_YET)
        return NOT_YET;
    t->kind = NULL;
    if (n >= 2 && (memcmp(s, "\xFF\xFE", 2) == 0 || memcmp(s, "\xFE\xFF", 2) == 0)) {
        (void)snprintf(t->why, sizeof t->why, "UTF-16; save it as CSV in UTF-8");
        t->headed = true;
        return 0;
    }
    if (begin == n)
        return last ? n : NOT_YET;
    used = find_known(t, given, s + begin, n - begin, last);
    if (used != NOT_YET && t->kind == NULL && conf != NULL)
        used = find_mapped(t, conf, given, s + begin, n - begin, last);
    else if (used != NOT_YET && t->kind == NULL) {
        (void)first_row(t, given != '\0' ? given : ',', s + begin, n - begin, last);
        refuse(t, "neither ACLED nor UCDP GED: say what its columns are under collector.csv, and "
                  "csv: NAME at the source");
    }
    if (used == NOT_YET)
        return NOT_YET;
    t->headed = true;
    if (t->kind == NULL)
        return 0;
    keep_head(t, s + begin, used, used > 0 ? t->row.len : 0);
    return begin + used;
}

void
format_csv_close(struct csv_table *t)
{
    if (t == NULL)
        return;
    csv_free(t->csv);
    free(t->head);
    free(t);
}

/* ---- rows */

/* Extra fields at the end are let pass when they are empty, as spreadsheets write them. */
static int
check_width(struct csv_table *t, struct err *e)
{
    struct csv_row *row = &t->row;
    size_t n = row->n;

    if (row->state == CSV_TOO_LONG)
        return err_set(e, "longer than %zu bytes", CSV_MAX_ROW);
    if (row->state == CSV_NO_MEMORY)
        return err_set(e, "memory is out");
    if (row->state == CSV_TOO_WIDE)
        return err_set(e, "%zu fields; at most %d are read", n, CSV_MAX_FIELDS);
    if (t->n_fields == 0)
        return n >= t->n_least ? 0
                               : err_set(e, "%zu fields, but column %zu is needed", n, t->n_least);
    while (n > t->n_fields && row->fields[n - 1][0] == '\0')
        n--;
    if (n != t->n_fields)
        return err_set(e, "%zu fields instead of %zu", n, t->n_fields);
    return 0;
}

static void
one(struct format_stream *st, struct csv_table *t, uint64_t number, const char *s,
    const struct format_sink *sink)
{
    struct err e = {.text = ""}, told;
    const char *raw = s;
    size_t len = t->row.len;
    struct draft d;
    char *joined;

    arena_reset(sink->arena);
    draft_init(&d, sink->arena);
    if (t->head_len > 0 && (joined = arena_alloc(sink->arena, t->head_len + len + 1)) != NULL) {
        memcpy(joined, t->head, t->head_len);
        memcpy(joined + t->head_len, s, len);
        joined[t->head_len + len] = '\n';
        raw = joined;
        len += t->head_len + 1;
    }
    if (check_width(t, &e) == 0 && t->kind->read(t, st->options, &d, &e) == 0) {
        draft_emit(&d, sink, raw, len);
        return;
    }
    (void)err_set(&told, "row %llu: %s", (unsigned long long)number, e.text);
    sink->refused(sink->arg, told.text, raw, len);
}

size_t
format_csv_take(struct format_stream *st, const char *s, size_t n, bool last, size_t most,
                const struct format_sink *sink)
{
    size_t i = 0, count = 0;
    struct csv_table *t = st->csv;

    if (n > 0 && (t == NULL || !t->headed)) {
        i = format_csv_head(st, s, n, last);
        t = st->csv;
        if (i == NOT_YET)
            return 0;
    }
    if (n > 0 && (t == NULL || t->kind == NULL)) {
        st->broken = true;
        sink->refused(sink->arg, t != NULL ? t->why : "memory is out", s, n);
        return n;
    }
    while (i < n && (most == 0 || count < most)) {
        size_t used = csv_row(t->csv, s + i, n - i, last, &t->row);
        if (used == 0)
            break;
        if (t->row.state != CSV_BLANK)
            one(st, t, st->taken + ++count, s + i, sink);
        i += used;
    }
    return i;
}
