/* conf: binds a YAML tree to a struct by walking the table.
 *
 * Defaults go through the same setters as what stands in the file, so that a default out of
 * range or misspelt is found by the first test that binds an empty tree. Memory that a file
 * can make us take is bounded by the file's own bound (yaml) and by the `max` of each list. */
#include "conf.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "timefmt.h"

struct ctx {
    const char *file;
    char path[200]; /* "collector.sources[2].name"; cut when longer */
    struct err *e;
};

/* A value as it may be shown: short, no control characters. */
static const char *
shown(const char *s, char out[68])
{
    size_t n = strnlen(s, 64);

    while (n > 0 && n < strlen(s) && ((unsigned char)s[n] & 0xC0) == 0x80)
        n--;
    for (size_t i = 0; i < n; i++)
        out[i] = ((unsigned char)s[i] < 0x20 || s[i] == 0x7F) ? '?' : s[i];
    memcpy(out + n, s[n] != '\0' ? "..." : "", s[n] != '\0' ? 4 : 1);
    return out;
}

__attribute__((format(printf, 3, 4))) static int
fail(const struct ctx *c, const struct ynode *n, const char *fmt, ...)
{
    char text[256];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, ap); /* cut when longer */
    va_end(ap);
    if (n == NULL || n->line == 0)
        return err_at(c->e, c->file, 0, "%s: %s", c->path, text);
    return err_at(c->e, c->file, n->line, "%s: %s", c->path, text);
}

static size_t
path_push(struct ctx *c, const char *name)
{
    size_t len = strlen(c->path);

    (void)snprintf(c->path + len, sizeof(c->path) - len, "%s%s", len > 0 ? "." : "", name);
    return len;
}

static bool
absent(const struct ynode *n)
{
    if (n == NULL)
        return true;
    return n->type == YN_SCALAR && !n->quoted &&
           (n->scalar[0] == '\0' || strcmp(n->scalar, "~") == 0 || strcmp(n->scalar, "null") == 0);
}

/* ---- scalars */

static int
parse_int(const char *s, int64_t *out)
{
    char *end = NULL;

    if (s[0] != '-' && (s[0] < '0' || s[0] > '9'))
        return -1;
    errno = 0;
    long long v = strtoll(s, &end, 10);
    if (errno != 0 || end == s || *end != '\0')
        return -1;
    *out = v;
    return 0;
}

static int
parse_bytes(const char *s, int64_t *out)
{
    static const struct {
        const char *name;
        int shift;
    } units[] = {{"", 0}, {"B", 0}, {"KiB", 10}, {"MiB", 20}, {"GiB", 30}, {"TiB", 40}};
    char *end = NULL;

    if (s[0] < '0' || s[0] > '9')
        return -1;
    errno = 0;
    long long v = strtoll(s, &end, 10);
    if (errno != 0)
        return -1;
    while (*end == ' ')
        end++;
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(end, units[i].name) != 0)
            continue;
        if (v > (INT64_MAX >> units[i].shift))
            return -1;
        *out = (int64_t)v << units[i].shift;
        return 0;
    }
    return -1;
}

static int
parse_number(const struct conf_key *k, const char *s, int64_t *out)
{
    switch (k->type) {
    case CONF_DURATION:
        if (k->max == INT64_MAX && strcmp(s, "forever") == 0) {
            *out = INT64_MAX;
            return 0;
        }
        return duration_parse(s, out);
    case CONF_BYTES:
        return parse_bytes(s, out);
    default:
        return parse_int(s, out);
    }
}

static const char *
number_text(const struct conf_key *k, int64_t v, char out[TIME_TEXT])
{
    static const char *const units[] = {"", "KiB", "MiB", "GiB"};
    size_t u = 0;

    if (k->type == CONF_DURATION)
        return duration_text(v, out);
    while (k->type == CONF_BYTES && u < 3 && v != 0 && v % 1024 == 0) {
        v /= 1024;
        u++;
    }
    (void)snprintf(out, TIME_TEXT, "%" PRId64 "%s", v, units[u]); /* at most 24 bytes */
    return out;
}

static int
set_number(const struct ctx *c, const struct conf_key *k, const struct ynode *n, int64_t *out)
{
    char text[68], limit[TIME_TEXT];
    int64_t v = 0;

    if (parse_number(k, n->scalar, &v) != 0)
        return fail(c, n, "\"%s\" is no %s", shown(n->scalar, text),
                    k->type == CONF_DURATION ? "duration; write it like 250ms, 90s, 15min, 6h, 14d"
                    : k->type == CONF_BYTES  ? "size; write it like 512, 64KiB, 1MiB, 2GiB"
                                             : "whole number");
    if (k->min != 0 || k->max != 0) {
        if (v < k->min)
            return fail(c, n, "%s is below the least, %s", shown(n->scalar, text),
                        number_text(k, k->min, limit));
        if (v > k->max)
            return fail(c, n, "%s is above the most, %s", shown(n->scalar, text),
                        number_text(k, k->max, limit));
    }
    *out = v;
    return 0;
}

static int
set_bool(const struct ctx *c, const struct conf_key *k, const struct ynode *n, bool *out)
{
    static const char *const plain[] = {"false", "true"};
    static const char *const other[] = {"no", "yes"};
    const char *const *words = k->names != NULL ? k->names : plain;
    char text[68];

    for (int i = 0; i < 2; i++)
        if (strcmp(n->scalar, words[i]) == 0 ||
            (k->names == NULL && strcmp(n->scalar, other[i]) == 0)) {
            *out = i == 1;
            return 0;
        }
    return fail(c, n, "\"%s\" is neither %s nor %s", shown(n->scalar, text), words[1], words[0]);
}

static int
set_enum(const struct ctx *c, const struct conf_key *k, const struct ynode *n, int *out)
{
    char text[68], all[160] = "";
    size_t len = 0;

    for (int i = 0; k->names[i] != NULL; i++) {
        if (k->names[i][0] == '\0')
            continue;
        if (strcmp(n->scalar, k->names[i]) == 0) {
            *out = i;
            return 0;
        }
        int w = snprintf(all + len, sizeof(all) - len, "%s%s", len > 0 ? ", " : "", k->names[i]);
        len += w > 0 && (size_t)w < sizeof(all) - len ? (size_t)w : strlen(all + len);
    }
    return fail(c, n, "\"%s\" is none of %s", shown(n->scalar, text), all);
}

static int
copy_string(const struct ctx *c, const char *s, char **out)
{
    *out = strdup(s);
    return *out != NULL ? 0 : err_set(c->e, "out of memory");
}

static int
set_string(const struct ctx *c, const struct conf_key *k, const struct ynode *n, char **out)
{
    int64_t len = (int64_t)strlen(n->scalar);

    if (k->max > 0 && len > k->max)
        return fail(c, n, "is longer than %" PRId64 " bytes", k->max);
    if (k->max > 0 && len < k->min)
        return k->min == 1 ? fail(c, n, "is empty")
                           : fail(c, n, "is shorter than %" PRId64 " bytes", k->min);
    return copy_string(c, n->scalar, out);
}

static int
set_scalar(const struct ctx *c, const struct conf_key *k, const struct ynode *n, void *at)
{
    if (n->type != YN_SCALAR)
        return fail(c, n, "is a %s; one value is wanted", n->type == YN_LIST ? "list" : "map");
    switch (k->type) {
    case CONF_BOOL:
        return set_bool(c, k, n, at);
    case CONF_ENUM:
        return set_enum(c, k, n, at);
    case CONF_STRING:
        return set_string(c, k, n, at);
    default:
        return set_number(c, k, n, at);
    }
}

static void
set_none(const struct conf_key *k, void *at)
{
    switch (k->type) {
    case CONF_INT:
    case CONF_DURATION:
    case CONF_BYTES:
        *(int64_t *)at = -1;
        break;
    case CONF_ENUM:
        *(int *)at = -1;
        break;
    default: /* zeroed: false, NULL, an empty list */
        break;
    }
}

/* ---- lists and maps */

static int bind_map(struct ctx *c, const struct conf_key *table, const struct ynode *n, void *out);

static int
set_list(struct ctx *c, const struct conf_key *k, const struct ynode *n, void *at)
{
    size_t count = ynode_count(n), i = 0, len = strlen(c->path);

    if (n->type != YN_LIST)
        return fail(c, n, "is no list; begin each element with \"- \"");
    if (k->max > 0 && count > (size_t)k->max)
        return fail(c, n, "has %zu elements; the most is %" PRId64, count, k->max);
    if (count == 0)
        return 0;
    size_t size = k->type == CONF_LIST ? k->elem_size : sizeof(char *);
    char *v = calloc(count, size);
    if (v == NULL)
        return err_set(c->e, "out of memory");
    /* Hung in at once, with all elements zeroed: what fails half-way is freed by conf_free. */
    if (k->type == CONF_LIST)
        *(struct conf_list *)at = (struct conf_list){v, count};
    else
        *(struct conf_strings *)at = (struct conf_strings){(char **)(void *)v, count};
    for (const struct ynode *child = n->child; child != NULL; child = child->next, i++) {
        (void)snprintf(c->path + len, sizeof(c->path) - len, "[%zu]", i + 1);
        if (k->type == CONF_LIST) {
            if (child->type != YN_MAP)
                return fail(c, child, "is no map; write \"key: value\" lines");
            if (bind_map(c, k->sub, child, v + i * size) != 0)
                return -1;
        } else {
            if (child->type != YN_SCALAR)
                return fail(c, child, "is no single value");
            if (copy_string(c, child->scalar, &((char **)(void *)v)[i]) != 0)
                return -1;
        }
        c->path[len] = '\0';
    }
    return 0;
}

static int
set_list_default(struct ctx *c, const struct conf_key *k, void *at)
{
    struct yaml *y = NULL;

    if (yaml_parse(k->def, strlen(k->def), "default", &y, c->e) != 0)
        return -1;
    int rc = set_list(c, k, yaml_root(y), at);
    yaml_close(y);
    return rc;
}

static int
bind_key(struct ctx *c, const struct conf_key *k, const struct ynode *map, const struct ynode *n,
         void *at)
{
    if (k->type == CONF_MAP) {
        if (!absent(n) && n->type != YN_MAP)
            return fail(c, n, "is no map; write \"key: value\" lines below it");
        return bind_map(c, k->sub, absent(n) ? NULL : n, at);
    }
    bool list = k->type == CONF_LIST || k->type == CONF_STRINGS;
    if (!absent(n))
        return list ? set_list(c, k, n, at) : set_scalar(c, k, n, at);
    if (k->required)
        return fail(c, n != NULL ? n : map, "is missing");
    if (k->def == NULL) {
        set_none(k, at);
        return 0;
    }
    if (list)
        return set_list_default(c, k, at);
    const struct ynode def = {.type = YN_SCALAR, .scalar = k->def};
    return set_scalar(c, k, &def, at);
}

static const struct conf_key *
find_key(const struct conf_key *table, const char *name)
{
    for (; table->name != NULL; table++)
        if (strcmp(table->name, name) == 0)
            return table;
    return NULL;
}

static int
bind_map(struct ctx *c, const struct conf_key *table, const struct ynode *n, void *out)
{
    char text[68];

    for (const struct ynode *child = n == NULL ? NULL : n->child; child != NULL;
         child = child->next)
        if (find_key(table, child->key) == NULL) {
            (void)path_push(c, shown(child->key, text)); /* the path is dropped with the error */
            return fail(c, child, "no such key; tocsin.yaml(5) lists them");
        }
    for (; table->name != NULL; table++) {
        size_t len = path_push(c, table->name);
        const struct ynode *value = ynode_get(n, table->name);
        if (bind_key(c, table, n, value, (char *)out + table->offset) != 0)
            return -1;
        c->path[len] = '\0';
    }
    return 0;
}

int
conf_bind(const struct ynode *root, const char *file, const struct conf_key *table, void *out,
          struct err *e)
{
    struct ctx c = {.file = file, .e = e};

    if (absent(root))
        root = NULL;
    if (root != NULL && root->type != YN_MAP)
        return err_at(e, file, root->line, "is no map; write \"key: value\" lines");
    if (bind_map(&c, table, root, out) == 0)
        return 0;
    conf_free(table, out);
    return -1;
}

void
conf_free(const struct conf_key *table, void *s)
{
    for (; table->name != NULL; table++) {
        void *at = (char *)s + table->offset;
        if (table->type == CONF_STRING) {
            free(*(char **)at);
            *(char **)at = NULL;
        } else if (table->type == CONF_STRINGS) {
            struct conf_strings *list = at;
            for (size_t i = 0; i < list->n; i++)
                free(list->v[i]);
            free(list->v);
            *list = (struct conf_strings){NULL, 0};
        } else if (table->type == CONF_LIST) {
            struct conf_list *list = at;
            for (size_t i = 0; i < list->n; i++)
                conf_free(table->sub, (char *)list->v + i * table->elem_size);
            free(list->v);
            *list = (struct conf_list){NULL, 0};
        } else if (table->type == CONF_MAP) {
            conf_free(table->sub, at);
        }
    }
}
