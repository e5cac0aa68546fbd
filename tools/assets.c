/* assets: the picture: bases, convoys, sites. */
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "clock.h"
#include "record_json.h"
#include "verbs.h"

/* ---- list */

struct known {
    char id[MAX_NAME + 1];
    char *json; /* the asset as a GeoJSON feature */
    struct geo_pt at;
    int64_t fixed_us;
    bool removed;
};

struct assets {
    struct tool *t;
    struct known *v;
    size_t n, cap;
};

static struct known *
find(struct assets *a, const char *id)
{
    for (size_t i = 0; i < a->n; i++)
        if (strcmp(a->v[i].id, id) == 0)
            return &a->v[i];
    if (a->n == a->cap) {
        size_t cap = a->cap == 0 ? 64 : a->cap * 2;
        struct known *more = realloc(a->v, cap * sizeof *more);
        if (more == NULL)
            return NULL;
        a->v = more;
        a->cap = cap;
    }
    struct known *k = &a->v[a->n++];
    memset(k, 0, sizeof *k);
    (void)snprintf(k->id, sizeof k->id, "%s", id);
    return k;
}

static int
note_asset(void *arg, const struct asset *as)
{
    struct assets *a = arg;
    struct known *k = find(a, as->id);

    if (k == NULL)
        return -1;
    buf_reset(&a->t->out);
    asset_to_json(as, &a->t->out);
    free(k->json);
    k->json = strdup(a->t->out.data);
    buf_reset(&a->t->out);
    k->removed = as->removed;
    return 0;
}

static int
note_record(void *arg, const struct item *it, const struct record *r)
{
    struct assets *a = arg;

    (void)it;
    if (r->type == REC_ASSET)
        return note_asset(a, &r->u.asset);
    if (r->type == REC_POSITION) {
        struct known *k = find(a, r->u.position.asset);
        if (k == NULL)
            return -1;
        if (r->u.position.fixed_at_us >= k->fixed_us) {
            k->fixed_us = r->u.position.fixed_at_us;
            k->at = r->u.position.pos;
        }
    }
    return 0;
}

static int
list(struct tool *t)
{
    struct assets a = {.t = t};
    struct fetch f = {.stream = STREAM_JOURNAL};
    struct err e = {.text = ""};
    char *text = NULL;
    size_t len = 0;
    int code = tool_network(t);

    if (code != 0)
        return code;
    if (t->config->classifier.assets != NULL && t->config->classifier.assets[0] != '\0' &&
        tool_read(t->config->classifier.assets, &text, &len) == 0 &&
        assets_from_geojson(text, len, t->arena, note_asset, &a, &e) < 0)
        code = tool_fail(EX_DATAERR, "%s: %s", t->config->classifier.assets, e.text);
    free(text);
    if (code == 0)
        code = tool_walk(t, t->config->collector.listen_zmq, f, note_record, &a);
    for (size_t i = 0; i < a.n; i++) {
        if (a.v[i].json != NULL && !a.v[i].removed) {
            buf_puts(&t->out, a.v[i].json);
            buf_putc(&t->out, '\n');
            tool_print(t);
        }
        free(a.v[i].json);
    }
    free(a.v);
    return code;
}

/* ---- load, position */

struct loading {
    struct tool *t;
    struct buf *packed; /* one after the other */
    struct tool_record *records;
    size_t n, cap;
    uint64_t refused;
};

static int
pack_asset(void *arg, const struct asset *as)
{
    struct loading *l = arg;
    struct record r = {.type = REC_ASSET, .u.asset = *as};

    if (l->n == l->cap) {
        size_t cap = l->cap == 0 ? 64 : l->cap * 2;
        struct tool_record *more = realloc(l->records, cap * sizeof *more);
        if (more == NULL)
            return -1;
        l->records = more;
        l->cap = cap;
    }
    size_t at = l->packed->len;
    wire_record_pack(&r, false, l->packed);
    /* Offsets for now: the buffer may move. */
    l->records[l->n++] = (struct tool_record){(const void *)(uintptr_t)at, l->packed->len - at};
    return 0;
}

static void
on_receipt(void *arg, uint64_t i, const struct receipt *r)
{
    struct loading *l = arg;

    (void)i;
    if (r->status == RC_REJECTED) {
        l->refused++;
        (void)tool_fail(EX_DATAERR, "asset refused: %s", r->reason);
    }
    receipt_to_json(r, NULL, &l->t->out);
    buf_putc(&l->t->out, '\n');
    if (l->t->json || !l->t->tty)
        tool_print(l->t);
    buf_reset(&l->t->out);
}

static int
submit_all(struct loading *l)
{
    for (size_t i = 0; i < l->n; i++)
        l->records[i].data = l->packed->data + (uintptr_t)l->records[i].data;
    int code = tool_submit(l->t, l->t->config->collector.listen_zmq, "local", l->records, l->n,
                           on_receipt, l);
    return code != 0 ? code : l->refused > 0 ? EX_DATAERR : 0;
}

static int
load(struct tool *t, const char *path)
{
    struct buf packed;
    struct loading l = {.t = t, .packed = &packed};
    struct err e = {.text = ""};
    char *text = NULL;
    size_t len = 0;
    int code;

    if ((code = tool_network(t)) != 0 || (code = tool_read(path, &text, &len)) != 0)
        return code;
    buf_init(&packed, 0);
    arena_reset(t->arena);
    if (assets_from_geojson(text, len, t->arena, pack_asset, &l, &e) < 0)
        code = tool_fail(EX_DATAERR, "%s: %s", path, e.text);
    else if (l.n > 0)
        code = submit_all(&l);
    if (code == 0 && t->tty)
        (void)printf("%zu assets loaded\n", l.n);
    buf_fini(&packed);
    free(l.records);
    free(text);
    return code;
}

static int
position(struct tool *t, const char *id, const char *lat, const char *lon)
{
    struct record r = {.type = REC_POSITION};
    struct buf packed;
    struct tool_record one;
    struct loading l = {.t = t, .packed = &packed, .records = &one, .n = 1};
    int code;

    r.u.position.asset = id;
    r.u.position.fixed_at_us = wall_now_us();
    if (geo_parse_deg(lat, &r.u.position.pos.lat) < 0 ||
        geo_parse_deg(lon, &r.u.position.pos.lon) < 0 || !geo_valid(r.u.position.pos))
        return tool_fail(EX_USAGE, "'%s %s' is no place; degrees, as in 16.27 -0.05", lat, lon);
    if ((code = tool_network(t)) != 0)
        return code;
    buf_init(&packed, 0);
    wire_record_pack(&r, false, &packed);
    one = (struct tool_record){(const void *)(uintptr_t)0, packed.len};
    code = submit_all(&l);
    buf_fini(&packed);
    return code;
}

int
verb_assets(struct tool *t, int argc, char **argv)
{
    if (argc == 1 || (argc == 2 && strcmp(argv[1], "list") == 0))
        return list(t);
    if (argc == 3 && strcmp(argv[1], "load") == 0)
        return load(t, argv[2]);
    if (argc == 5 && strcmp(argv[1], "position") == 0)
        return position(t, argv[2], argv[3], argv[4]);
    return tool_fail(EX_USAGE, "assets: list, load FILE.geojson, or position ID LAT LON");
}
