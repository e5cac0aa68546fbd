/* wire_fill: structs filled by wire's own tables, for property tests.
 *
 * Every field gets a value that its row allows; in sparse filling each stays absent half of
 * the time. Deterministic for a seed. */
#ifndef TOCSIN_WIRE_FILL_H
#define TOCSIN_WIRE_FILL_H

#include <string.h>

#include "record.h"
#include "wire.h"
#include "wire_codec.h"

struct fill {
    struct arena *a;
    uint64_t state; /* not 0 */
    bool sparse;
};

static uint64_t
fill_next(struct fill *f)
{
    f->state ^= f->state << 13;
    f->state ^= f->state >> 7;
    f->state ^= f->state << 17;
    return f->state;
}

static uint64_t
fill_below(struct fill *f, uint64_t n)
{
    return fill_next(f) % n;
}

static const char *
fill_text(struct fill *f, size_t limit)
{
    static const char *const pieces[] = {
        "Gao", "attaqué", " ",  "\"", "\\", "\n", "/", "\xf0\x9f\x9a\xa8",
        "x",   "é",       "中", "\t", "0",  "",   "~", "\x7f"};
    size_t max = 1 + fill_below(f, limit < 300 ? limit : 300), n = 0;
    char *s = arena_zalloc(f->a, max + 1);

    for (;;) {
        const char *piece = pieces[fill_below(f, sizeof(pieces) / sizeof(pieces[0]))];
        if (n + strlen(piece) > max || fill_below(f, 20) == 0)
            return s;
        memcpy(s + n, piece, strlen(piece));
        n += strlen(piece);
    }
}

static void fill_msg(struct fill *f, const struct wire_msg *m, void *s, unsigned member);

static void *
fill_new(struct fill *f, const struct wire_msg *m)
{
    void *s = arena_alloc(f->a, m->size);

    fill_msg(f, m, s, 0);
    return s;
}

static int64_t
fill_time(struct fill *f)
{
    return 1 + (int64_t)fill_below(f, (uint64_t)WIRE_MAX_TIME_US);
}

static void
fill_list(struct fill *f, const struct wire_field *w, char *s)
{
    char *at = s + w->offset;
    size_t n = 1 + fill_below(f, w->limit < 5 ? w->limit : 5);

    *(size_t *)(void *)(s + w->aux) = n;
    switch (w->kind) {
    case WK_STRS:
        for (size_t i = 0; i < n; i++)
            ((const char **)(void *)at)[i] = fill_text(f, MAX_NAME);
        break;
    case WK_MSGS:
        for (size_t i = 0; i < n; i++)
            fill_msg(f, w->sub, at + i * w->sub->size, 0);
        break;
    case WK_LIST: {
        char *list = arena_alloc(f->a, n * w->sub->size);
        for (size_t i = 0; i < n; i++)
            fill_msg(f, w->sub, list + i * w->sub->size, 0);
        *(void **)(void *)at = list;
        break;
    }
    case WK_PTRS: {
        void **list = arena_alloc(f->a, n * sizeof(*list));
        for (size_t i = 0; i < n; i++)
            list[i] = fill_new(f, w->sub);
        *(void **)(void *)at = list;
        break;
    }
    case WK_BLOBS: {
        struct blob *list = arena_alloc(f->a, n * sizeof(*list));
        for (size_t i = 0; i < n; i++) {
            list[i].data = fill_text(f, 300);
            list[i].len = strlen(list[i].data);
        }
        *(void **)(void *)at = list;
        break;
    }
    case WK_ROUTE: {
        struct geo_pt *list = arena_alloc(f->a, n * sizeof(*list));
        for (size_t i = 0; i < n; i++)
            list[i] = (struct geo_pt){(int32_t)fill_below(f, 1800000001) - 900000000,
                                      (int32_t)((int64_t)fill_below(f, 3600000001) - 1800000000)};
        *(void **)(void *)at = list;
        break;
    }
    case WK_TIMES: {
        int64_t *list = arena_alloc(f->a, sizeof(*list));
        list[0] = fill_time(f);
        *(void **)(void *)at = list;
        *(size_t *)(void *)(s + w->aux) = 1;
        break;
    }
    default:
        break;
    }
}

static void
fill_field(struct fill *f, const struct wire_field *w, char *s)
{
    char *at = s + w->offset;

    switch (w->kind) {
    case WK_U32:
        *(uint32_t *)(void *)at =
            (uint32_t)(1 + fill_below(f, w->limit == UINT32_MAX ? w->limit : w->limit)) & ~w->low;
        if (w->aux != WIRE_NO_AUX)
            *(bool *)(s + w->aux) = true;
        break;
    case WK_U64:
        *(uint64_t *)(void *)at = 1 + fill_below(f, UINT64_C(1) << 53);
        break;
    case WK_FIGURE:
        *(int32_t *)(void *)at = (int32_t)fill_below(f, (uint64_t)w->limit + 1);
        break;
    case WK_BYTE: {
        unsigned low = w->low == 0 ? 1 : w->low;
        *at = (char)(low + fill_below(f, w->limit - low + 1));
        break;
    }
    case WK_ENUM:
        *(unsigned *)(void *)at = (unsigned)(1 + fill_below(f, w->limit - 1));
        break;
    case WK_BOOL:
        *(bool *)at = true;
        break;
    case WK_TIME:
        *(int64_t *)(void *)at = fill_time(f);
        break;
    case WK_S32:
        *(int32_t *)(void *)at =
            (int32_t)(1 + fill_below(f, w->limit)) * (fill_below(f, 2) == 0 ? 1 : -1);
        break;
    case WK_S64:
        *(int64_t *)(void *)at = (1 + (int64_t)fill_below(f, (uint64_t)WIRE_MAX_SPAN_US)) *
                                 (fill_below(f, 2) == 0 ? 1 : -1);
        break;
    case WK_LAT:
        *(struct geo_pt *)(void *)at =
            (struct geo_pt){(int32_t)fill_below(f, 1800000001) - 900000000,
                            (int32_t)((int64_t)fill_below(f, 3600000001) - 1800000000)};
        if (w->aux != WIRE_NO_AUX)
            *(bool *)(s + w->aux) = true;
        break;
    case WK_LON:
        break;
    case WK_FIX64S:
        for (uint32_t i = 0; i < w->limit; i++)
            ((uint64_t *)(void *)at)[i] = fill_next(f);
        break;
    case WK_STR:
        *(const char **)(void *)at = fill_text(f, w->limit);
        break;
    case WK_GRADE:
        memcpy(at, fill_below(f, 2) == 0 ? "B2" : "-\0", 3);
        break;
    case WK_DIGEST:
        for (int i = 0; i < DIGEST_LEN; i++)
            at[i] = (char)(1 + fill_below(f, 255));
        if (w->aux != WIRE_NO_AUX)
            *(bool *)(s + w->aux) = true;
        break;
    case WK_ID:
        /* Bytes of 26 characters of text: any. */
        for (int i = 0; i < ID_LEN; i++)
            at[i] = (char)(1 + fill_below(f, 255));
        break;
    case WK_BLOB: {
        struct blob *b = (struct blob *)(void *)at;
        b->data = "\x00\xff blob";
        b->len = 7;
        break;
    }
    case WK_MSG:
        fill_msg(f, w->sub, at, 0);
        if (w->aux != WIRE_NO_AUX)
            *(bool *)(s + w->aux) = true;
        break;
    case WK_PTR:
        *(void **)(void *)at = fill_new(f, w->sub);
        break;
    default:
        fill_list(f, w, s);
    }
}

/* What the tables' check functions ask for. */
static void
fill_repair(const struct wire_msg *m, void *s)
{
    if (strcmp(m->name, "range") == 0) {
        struct range *r = s;
        if (r->least < 0 || r->most < 0)
            r->least = r->most = -1;
        else if (r->most < r->least)
            r->most = r->least;
    } else if (strcmp(m->name, "act") == 0) {
        struct act *act = s;
        if (act->kind == ACT_UNKNOWN)
            act->kind = ACT_MERGE;
        if (act->kind == ACT_SET && (act->field == NULL || act->value == NULL))
            act->field = act->value = "x";
        if (act->kind != ACT_RAISE)
            act->raise = NULL;
        else if (act->raise == NULL)
            act->kind = ACT_MERGE;
    } else if (strcmp(m->name, "asset") == 0) {
        struct asset *as = s;
        as->id = as->id == NULL || as->id[0] == '\0' ? "cvy-7" : as->id;
        as->kind = as->kind == ASSET_UNKNOWN ? ASSET_BASE : as->kind;
    } else if (strcmp(m->name, "position") == 0 && m->size == sizeof(struct asset_position)) {
        struct asset_position *p = s;
        p->asset = p->asset == NULL || p->asset[0] == '\0' ? "cvy-7" : p->asset;
    } else if (strcmp(m->name, "link") == 0) {
        struct link_state *l = s;
        l->name = l->name == NULL || l->name[0] == '\0' ? "gao" : l->name;
    } else if (strcmp(m->name, "command") == 0) {
        struct command *c = s;
        c->verb = c->verb == CMD_UNKNOWN ? CMD_ACK : c->verb;
    } else if (strcmp(m->name, "attribute") == 0) {
        struct attribute *a = s;
        a->name = a->name == NULL ? "" : a->name;
        a->value = a->value == NULL ? "" : a->value;
    } else if (strcmp(m->name, "event") == 0) {
        struct alert_event *ev = s;
        ev->kind = ev->kind == AK_UNKNOWN ? AK_RAISED : ev->kind;
        ev->id.b[0] = 1;
    } else if (strcmp(m->name, "derivation") == 0) {
        ((struct derivation *)s)->alert.b[0] = 1;
    } else if (strcmp(m->name, "submit") == 0) {
        ((struct submit *)s)->session.b[0] = 1;
        ((struct submit *)s)->batch |= 1;
    }
}

/* member: which of a oneof. */
static void
fill_msg(struct fill *f, const struct wire_msg *m, void *s, unsigned member)
{
    if (m->init != NULL)
        m->init(s);
    else
        memset(s, 0, m->size);
    for (uint32_t i = 0; i < m->n_fields; i++) {
        const struct wire_field *w = &m->fields[i];
        bool must = w->member != 0 || (w->kind == WK_LAT && w->aux == WIRE_NO_AUX);
        if (w->member != 0 && w->member != member)
            continue;
        if (w->member != 0)
            *(unsigned *)(void *)((char *)s + m->oneof) = member;
        if (must || !f->sparse || fill_below(f, 2) == 0)
            fill_field(f, w, s);
    }
    fill_repair(m, s);
}

#endif
