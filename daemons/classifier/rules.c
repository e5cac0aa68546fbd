/* rules: reading the file of rules; see rules.h.
 *
 * A rule is read in rules_read.c, its values in rules_value.c. */
#include "rules.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buckets.h"
#include "rules_value.h"

#define FILE_BYTES  (1u << 20)
#define ARENA_BYTES ((size_t)4 << 20)

/* ---- sides */

static uint16_t
side_of_name(const char *name)
{
    uint16_t h = (uint16_t)(key_text(name) >> 48);

    return h > SIDE_FORCES ? h : SIDE_FORCES + 1;
}

static int
add_side(struct rules *all, const struct ynode *y, const char *file, struct err *e)
{
    const struct ynode *name = ynode_get(y, "name"), *actors = ynode_get(y, "actors");

    if (!name || !actors || ynode_count(y) != 2 || actors->type != YN_LIST || !actors->child ||
        name->type != YN_SCALAR || !*name->scalar)
        return err_at(e, file, y->line, "a side is {name: …, actors: [labels of the lexicon]}");
    for (const struct ynode *c = actors->child; c; c = c->next) {
        struct rule_side *s = &all->sides[all->n_sides];

        if (all->n_sides == MAX_SIDE_NAMES)
            return err_at(e, file, c->line, "the sides hold more than %d actors", MAX_SIDE_NAMES);
        if (value_text(c, file, MAX_LABEL, all->arena, &s->actor, e) != 0)
            return -1;
        for (uint32_t i = 0; i < all->n_sides; i++)
            if (strcmp(all->sides[i].actor, s->actor) == 0)
                return err_at(e, file, c->line, "%s is on a side already", s->actor);
        s->side = side_of_name(name->scalar);
        all->n_sides++;
    }
    return 0;
}

uint16_t
rules_side(const struct rules *r, const char *actor, bool is_force)
{
    if (is_force)
        return SIDE_FORCES;
    for (uint32_t i = 0; r && i < r->n_sides; i++)
        if (strcmp(r->sides[i].actor, actor) == 0)
            return r->sides[i].side;
    return side_of_name(actor);
}

/* ---- the file */

static int
add_list(struct rules *r, const struct ynode *y, const char *file,
         int (*add)(struct rules *, const struct ynode *, const char *, struct err *),
         struct err *e)
{
    if (!y)
        return 0;
    if (y->type != YN_LIST && !(y->type == YN_SCALAR && !*y->scalar))
        return err_at(e, file, y->line, "%s must be a list", y->key);
    for (const struct ynode *c = y->type == YN_LIST ? y->child : NULL; c; c = c->next)
        if (add(r, c, file, e) != 0)
            return -1;
    return 0;
}

static int
add_tree(struct rules *r, const struct yaml *y, struct err *e)
{
    const struct ynode *root = yaml_root(y);
    const char *file = yaml_name(y);

    if (!root)
        return 0; /* no rules at all */
    if (root->type != YN_MAP)
        return err_at(e, file, root->line, "a file of rules is a map with sides and rules");
    for (const struct ynode *c = root->child; c; c = c->next)
        if (strcmp(c->key, "sides") != 0 && strcmp(c->key, "rules") != 0)
            return err_at(e, file, c->line, "key \"%s\" is not known", c->key);
    /* Sides first: rules speak of them. */
    if (add_list(r, ynode_get(root, "sides"), file, add_side, e) != 0)
        return -1;
    return add_list(r, ynode_get(root, "rules"), file, rules_add, e);
}

int
rules_parse(const char *s, size_t n, const char *name, struct rules **out, struct err *e)
{
    struct rules *r = calloc(1, sizeof *r);
    struct yaml *y = NULL;

    if (!r || !(r->arena = arena_new(ARENA_BYTES))) {
        (void)err_set(e, "out of memory"); /* fails below */
        goto fail;
    }
    buf_init(&r->bytes, 0);
    buf_put(&r->bytes, s, n);
    if (yaml_parse(s, n, name, &y, e) != 0 || add_tree(r, y, e) != 0)
        goto fail;
    if (r->bytes.failed) {
        (void)err_set(e, "out of memory"); /* fails below */
        goto fail;
    }
    yaml_close(y);
    *out = r;
    return 0;
fail:
    yaml_close(y);
    rules_free(r);
    return -1;
}

int
rules_load(const char *path, struct rules **out, struct err *e)
{
    struct buf b;
    int rc;

    buf_init(&b, 0);
    rc = buf_read_file(&b, path, FILE_BYTES, "a file of rules", e);
    if (rc == 0)
        rc = rules_parse(b.data ? b.data : "", b.len, path, out, e);
    buf_fini(&b);
    return rc;
}

void
rules_free(struct rules *r)
{
    if (!r)
        return;
    buf_fini(&r->bytes);
    arena_free(r->arena);
    free(r);
}
