/* repeats: see repeats.h. Sets of entries by bits of the key: a look costs one set, and no list has
 * to be kept in order. A key is a hash of 80 bits, which nobody can aim at another's. */
#include "repeats.h"

#include <stdlib.h>
#include <string.h>

#define SETS 8192
#define WAYS 8

struct entry {
    struct id key, content;
    int64_t at_us; /* 0 = free */
};

struct repeats {
    struct entry entries[SETS][WAYS];
};

struct repeats *
repeats_new(void)
{
    return calloc(1, sizeof(struct repeats));
}

void
repeats_free(struct repeats *r)
{
    free(r);
}

static struct entry *
set_of(struct repeats *t, const struct id *key)
{
    /* The first bytes of an id are a time, the last ones hash. */
    size_t i = ((size_t)key->b[ID_LEN - 2] << 8 | key->b[ID_LEN - 1]) % SETS;

    return t->entries[i];
}

static struct entry *
find(struct repeats *t, const struct id *key)
{
    struct entry *set = set_of(t, key);

    for (size_t i = 0; i < WAYS; i++)
        if (set[i].at_us != 0 && id_cmp(&set[i].key, key) == 0)
            return &set[i];
    return NULL;
}

static bool
said(struct repeats *t, const struct id *key, const struct id *content, int64_t now_us,
     int64_t within_us)
{
    struct entry *e = find(t, key);

    if (e != NULL && id_cmp(&e->content, content) == 0 && now_us - e->at_us < within_us)
        return true;
    if (e == NULL) {
        struct entry *set = set_of(t, key);

        e = &set[0];
        for (size_t i = 1; i < WAYS; i++)
            if (set[i].at_us < e->at_us)
                e = &set[i];
    }
    *e = (struct entry){.key = *key, .content = *content, .at_us = now_us};
    return false;
}

static struct id_part
text(const char *s)
{
    return (struct id_part){.data = s, .len = s != NULL ? strlen(s) : 0};
}

static const char *
attribute(const struct incident *in, const char *name)
{
    for (size_t i = 0; i < in->n_attributes; i++)
        if (strcmp(in->attributes[i].name, name) == 0)
            return in->attributes[i].value;
    return NULL;
}

static void
hash_incident(const struct incident *in, struct id *out)
{
    int32_t figures[] = {(int32_t)in->event,
                         (int32_t)in->status,
                         in->has_targets ? (int32_t)in->targets : -1,
                         in->has_pos,
                         in->has_pos ? in->pos.lat : 0,
                         in->has_pos ? in->pos.lon : 0,
                         in->killed,
                         in->wounded,
                         in->taken};
    struct id_part parts[] = {{figures, sizeof figures},
                              text(in->text),
                              text(in->place),
                              text(in->mgrs),
                              text(attribute(in, "cot_type"))};

    id_make(out, 0, parts, sizeof parts / sizeof parts[0]);
}

bool
repeats_is(struct repeats *t, const char *source, const struct record *r, int64_t mono_us,
           int64_t within_us, struct id *key)
{
    struct id content;

    memset(key, 0, sizeof *key);
    memset(&content, 0, sizeof content);
    if (r->type == REC_POSITION) {
        struct id_part parts[] = {text("position"), text(r->u.position.asset)};

        within_us = REPEATS_POSITION_US;
        id_make(key, 0, parts, 2);
    } else if (r->type == REC_INCIDENT && r->u.incident.own_id != NULL) {
        struct id_part parts[] = {text("marker"), text(source), text(r->u.incident.own_id)};

        id_make(key, 0, parts, 3);
        hash_incident(&r->u.incident, &content);
    } else {
        return false;
    }
    return said(t, key, &content, mono_us, within_us);
}

void
repeats_forget(struct repeats *t, const struct id *key)
{
    struct entry *e = find(t, key);

    if (e != NULL)
        memset(e, 0, sizeof *e);
}
