/* yaml: the tree that conf and the lexicon are read from.
 *
 * Invariants: a tree has at most MAX_DEPTH levels, every key of a map is a scalar and stands
 * there once, every string is valid UTF-8 without a NUL inside. The keys of a map are compared
 * by sorting, not pair by pair, so that a hostile file costs n log n; the arena is bounded by
 * the size of the text, so that it costs no more memory than a fixed multiple of it. */
#include "yaml.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <libyaml.h>

#include "arena.h"

#define MAX_DEPTH     16
#define DEFAULT_LIMIT ((size_t)4 << 20)
#define ARENA_BASE    ((size_t)1 << 20)
#define ARENA_FACTOR  16

struct yaml {
    struct arena *arena;
    const char *name;
    const struct ynode *root;
};

struct frame {
    struct ynode *node, *last;
    const char *key; /* of the pair whose value comes next; NULL = a key comes next */
    int key_line;
    size_t n;
};

struct builder {
    struct yaml *y;
    struct frame stack[MAX_DEPTH];
    size_t depth;
    bool documents; /* one was seen */
    struct err *e;
};

static int
no_memory(struct builder *b, int line)
{
    return err_at(b->e, b->y->name, line, "has too many elements; make the file smaller");
}

static struct ynode *
add_node(struct builder *b, enum ynode_type type, int line)
{
    struct ynode *n = arena_zalloc(b->y->arena, sizeof(*n));

    if (n == NULL) {
        (void)no_memory(b, line); /* the caller fails */
        return NULL;
    }
    n->type = type;
    n->line = line;
    if (b->depth == 0) {
        b->y->root = n;
        return n;
    }
    struct frame *f = &b->stack[b->depth - 1];
    n->key = f->key;
    if (f->key != NULL)
        n->line = f->key_line; /* that of a block list would be its first element's */
    f->key = NULL;
    if (f->last == NULL)
        f->node->child = n;
    else
        f->last->next = n;
    f->last = n;
    f->n++;
    return n;
}

static int
on_scalar(struct builder *b, const yaml_event_t *ev, int line)
{
    const char *value = (const char *)ev->data.scalar.value;
    size_t len = ev->data.scalar.length;

    if (memchr(value, '\0', len) != NULL)
        return err_at(b->e, b->y->name, line, "has a NUL in a string; take it out");
    if (ev->data.scalar.tag != NULL)
        return err_at(b->e, b->y->name, line, "has a tag (!…); tags are not taken");
    char *text = arena_strndup(b->y->arena, value, len);
    if (text == NULL)
        return no_memory(b, line);
    struct frame *f = b->depth > 0 ? &b->stack[b->depth - 1] : NULL;
    assert(f == NULL || f->node != NULL);
    if (f != NULL && f->node->type == YN_MAP && f->key == NULL) {
        f->key = text;
        f->key_line = line;
        return 0;
    }
    struct ynode *n = add_node(b, YN_SCALAR, line);
    if (n == NULL)
        return -1;
    n->scalar = text;
    n->quoted = ev->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    return 0;
}

static int
on_start(struct builder *b, enum ynode_type type, const unsigned char *tag, int line)
{
    if (tag != NULL)
        return err_at(b->e, b->y->name, line, "has a tag (!…); tags are not taken");
    if (b->depth == MAX_DEPTH)
        return err_at(b->e, b->y->name, line, "is nested deeper than %d levels", MAX_DEPTH);
    if (b->depth > 0) {
        const struct frame *f = &b->stack[b->depth - 1];
        assert(f->node != NULL);
        if (f->node->type == YN_MAP && f->key == NULL)
            return err_at(b->e, b->y->name, line, "has a list or map as a key; use a word");
    }
    struct ynode *n = add_node(b, type, line);
    if (n == NULL)
        return -1;
    b->stack[b->depth++] = (struct frame){.node = n};
    return 0;
}

static int
by_key(const void *pa, const void *pb)
{
    const struct ynode *a = *(const struct ynode *const *)pa;
    const struct ynode *b = *(const struct ynode *const *)pb;
    int c = strcmp(a->key, b->key);

    return c != 0 ? c : (a->line > b->line) - (a->line < b->line);
}

static int
check_keys(struct builder *b, const struct frame *f)
{
    assert(f->node != NULL);
    if (f->n < 2)
        return 0;
    const struct ynode **v = calloc(f->n, sizeof(struct ynode *));
    if (v == NULL)
        return no_memory(b, f->node->line);
    size_t i = 0;
    int rc = 0;
    for (const struct ynode *c = f->node->child; c != NULL; c = c->next)
        v[i++] = c;
    qsort(v, f->n, sizeof(v[0]), by_key);
    for (i = 1; i < f->n && rc == 0; i++)
        if (strcmp(v[i - 1]->key, v[i]->key) == 0)
            rc = err_at(b->e, b->y->name, v[i]->line,
                        "key \"%.60s\" stands here again; the first is in line %d", v[i]->key,
                        v[i - 1]->line);
    free(v);
    return rc;
}

static int
on_event(struct builder *b, const yaml_event_t *ev)
{
    int line = (int)ev->start_mark.line + 1;

    switch (ev->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (b->documents)
            return err_at(b->e, b->y->name, line, "has a second document; one file, one document");
        b->documents = true;
        return 0;
    case YAML_ALIAS_EVENT:
        return err_at(b->e, b->y->name, line, "has an alias (*…); write the value out");
    case YAML_SCALAR_EVENT:
        if (ev->data.scalar.anchor != NULL)
            break;
        return on_scalar(b, ev, line);
    case YAML_SEQUENCE_START_EVENT:
        if (ev->data.sequence_start.anchor != NULL)
            break;
        return on_start(b, YN_LIST, ev->data.sequence_start.tag, line);
    case YAML_MAPPING_START_EVENT:
        if (ev->data.mapping_start.anchor != NULL)
            break;
        return on_start(b, YN_MAP, ev->data.mapping_start.tag, line);
    case YAML_SEQUENCE_END_EVENT:
        b->depth--;
        return 0;
    case YAML_MAPPING_END_EVENT:
        b->depth--;
        return check_keys(b, &b->stack[b->depth]);
    default:
        return 0;
    }
    return err_at(b->e, b->y->name, line, "has an anchor (&…); anchors are not taken");
}

/* libyaml tells the offset of bytes that it cannot read, not their line. */
static int
line_at(const char *s, size_t n, size_t offset)
{
    int line = 1;

    for (size_t i = 0; i < n && i < offset; i++)
        line += s[i] == '\n';
    return line;
}

static int
parse_error(const yaml_parser_t *p, const char *s, size_t n, const char *name, struct err *e)
{
    const char *why = p->problem != NULL ? p->problem : "cannot be parsed";

    switch (p->error) {
    case YAML_READER_ERROR:
        return err_at(e, name, line_at(s, n, p->problem_offset), "not UTF-8 text: %s", why);
    case YAML_MEMORY_ERROR:
        return err_set(e, "out of memory");
    default:
        return err_at(e, name, (int)p->problem_mark.line + 1, "not YAML: %s", why);
    }
}

static int
build(struct builder *b, const char *s, size_t n)
{
    yaml_parser_t p;
    yaml_event_t ev;
    bool end = false;
    int rc = 0;

    if (!yaml_parser_initialize(&p))
        return err_set(b->e, "out of memory");
    yaml_parser_set_encoding(&p, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&p, (const unsigned char *)s, n);
    while (rc == 0 && !end) {
        if (!yaml_parser_parse(&p, &ev)) {
            rc = parse_error(&p, s, n, b->y->name, b->e);
            break;
        }
        end = ev.type == YAML_STREAM_END_EVENT;
        rc = on_event(b, &ev);
        yaml_event_delete(&ev);
    }
    yaml_parser_delete(&p);
    return rc;
}

int
yaml_parse(const char *s, size_t n, const char *name, struct yaml **out, struct err *e)
{
    static const struct ynode empty = {.type = YN_MAP, .line = 1};
    struct yaml *y = calloc(1, sizeof(*y));

    if (y == NULL)
        return err_set(e, "out of memory");
    size_t bytes = n > (SIZE_MAX - ARENA_BASE) / ARENA_FACTOR ? SIZE_MAX : ARENA_FACTOR * n;
    y->arena = arena_new(bytes == SIZE_MAX ? bytes : ARENA_BASE + bytes);
    if (y->arena != NULL)
        y->name = arena_strndup(y->arena, name, strlen(name));
    if (y->name == NULL) {
        yaml_close(y);
        return err_set(e, "out of memory");
    }
    struct builder b = {.y = y, .e = e};
    if (build(&b, s, n) != 0) {
        yaml_close(y);
        return -1;
    }
    if (y->root == NULL)
        y->root = &empty;
    *out = y;
    return 0; /* NOLINT(clang-analyzer-unix.Malloc): *out has it */
}

/* All of a file that may be a pipe; at most limit bytes. */
static int
read_all(const char *path, size_t limit, char **out, size_t *len, struct err *e)
{
    size_t cap = 0, n = 0;
    char *data = NULL;
    int rc = -1;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return err_at(e, path, 0, "cannot be opened: %s", strerror(errno));
    for (;;) {
        if (n == cap) {
            size_t more = cap == 0 ? 16384 : cap * 2;
            char *p = realloc(data, more);
            if (p == NULL) {
                (void)err_set(e, "out of memory"); /* rc is -1 */
                goto out;
            }
            data = p;
            cap = more;
        }
        ssize_t got = read(fd, data + n, cap - n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            (void)err_at(e, path, 0, "cannot be read: %s", strerror(errno)); /* rc is -1 */
            goto out;
        }
        if (got == 0)
            break;
        n += (size_t)got;
        if (n > limit) {
            (void)err_at(e, path, 0, "is larger than %zu bytes", limit); /* rc is -1 */
            goto out;
        }
    }
    *out = data;
    *len = n;
    data = NULL;
    rc = 0;
out:
    free(data);
    (void)close(fd); /* nothing was written */
    return rc;
}

int
yaml_load(const char *path, size_t limit, struct yaml **out, struct err *e)
{
    char *data = NULL;
    size_t n = 0;

    if (read_all(path, limit == 0 ? DEFAULT_LIMIT : limit, &data, &n, e) != 0)
        return -1;
    int rc = yaml_parse(data, n, path, out, e);
    free(data);
    return rc;
}

void
yaml_close(struct yaml *y)
{
    if (y == NULL)
        return;
    arena_free(y->arena);
    free(y); /* NOLINT(clang-analyzer-unix.Malloc): the analyzer loses y behind libyaml */
}

const struct ynode *
yaml_root(const struct yaml *y)
{
    return y->root;
}

const char *
yaml_name(const struct yaml *y)
{
    return y->name;
}

const struct ynode *
ynode_get(const struct ynode *map, const char *key)
{
    if (map == NULL || map->type != YN_MAP)
        return NULL;
    for (const struct ynode *c = map->child; c != NULL; c = c->next)
        if (strcmp(c->key, key) == 0)
            return c;
    return NULL;
}

size_t
ynode_count(const struct ynode *n)
{
    size_t count = 0;

    for (const struct ynode *c = n == NULL ? NULL : n->child; c != NULL; c = c->next)
        count++;
    return count;
}
