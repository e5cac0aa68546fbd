/* metrics: a fixed table, printed in the order of registration.
 *
 * The exposition format wants all series of one name together under one HELP and TYPE;
 * series may be registered apart (one for each source, say), so printing gathers them.
 * The same name and labels registered again give the same place: a reload that names a
 * source anew goes on counting where it was. */
#include "metrics.h"

#include <assert.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static struct metric {
    enum metric_type type;
    const char *name, *help; /* literals */
    char *labels;            /* a copy, never freed: a series lives as long as the process */
    int64_t value;
} table[METRICS_MAX];
static size_t count;

static bool
same_labels(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

int64_t *
metric_new(enum metric_type t, const char *name, const char *labels, const char *help)
{
    struct metric *m;

    for (size_t i = 0; i < count; i++)
        if (strcmp(table[i].name, name) == 0 && same_labels(table[i].labels, labels))
            return &table[i].value;
    assert(count < METRICS_MAX);
    m = &table[count++];
    *m = (struct metric){.type = t, .name = name, .help = help};
    if (labels != NULL) {
        m->labels = strdup(labels);
        assert(m->labels != NULL);
    }
    return &m->value;
}

static bool
is_first_of_its_name(size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (strcmp(table[k].name, table[i].name) == 0)
            return false;
    return true;
}

static void
print_series(struct buf *b, const struct metric *m)
{
    if (m->labels != NULL)
        buf_printf(b, "tocsin_%s{%s} %" PRId64 "\n", m->name, m->labels, m->value);
    else
        buf_printf(b, "tocsin_%s %" PRId64 "\n", m->name, m->value);
}

void
metrics_print(struct buf *b)
{
    for (size_t i = 0; i < count; i++) {
        const struct metric *m = &table[i];

        if (!is_first_of_its_name(i))
            continue;
        buf_printf(b, "# HELP tocsin_%s %s\n# TYPE tocsin_%s %s\n", m->name, m->help, m->name,
                   m->type == METRIC_COUNTER ? "counter" : "gauge");
        for (size_t k = i; k < count; k++)
            if (strcmp(table[k].name, m->name) == 0)
                print_series(b, &table[k]);
    }
}

void
metrics_each(int (*fn)(void *arg, const char *name, const char *labels, int64_t value), void *arg)
{
    for (size_t i = 0; i < count; i++)
        if (fn(arg, table[i].name, table[i].labels, table[i].value) != 0)
            return;
}
