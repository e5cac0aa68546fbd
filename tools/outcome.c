/* outcome: see outcome.h. Ids begin with the time, so new alerts come near the end of the table. */
#include "outcome.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "record_json.h"
#include "wire.h"

int
outcome_init(struct outcome *o, const struct knowledge *k)
{
    *o = (struct outcome){.k = k, .core = core_new(k), .arena = arena_new(0)};
    return o->core != NULL && o->arena != NULL ? 0 : -1;
}

void
outcome_fini(struct outcome *o)
{
    for (size_t i = 0; i < o->n; i++)
        free(o->alerts[i].event);
    free(o->alerts);
    core_free(o->core);
    arena_free(o->arena);
}

/* Where id stands, or would. */
static size_t
find(const struct outcome *o, const struct id *id)
{
    size_t low = 0, high = o->n;

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (id_cmp(&o->alerts[mid].id, id) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static struct outcome_alert *
insert(struct outcome *o, size_t at)
{
    if (o->n == o->cap) {
        size_t cap = o->cap == 0 ? 256 : o->cap * 2;
        struct outcome_alert *more = realloc(o->alerts, cap * sizeof *more);
        if (more == NULL)
            return NULL;
        o->alerts = more;
        o->cap = cap;
    }
    memmove(&o->alerts[at + 1], &o->alerts[at], (o->n - at) * sizeof *o->alerts);
    o->n++;
    o->alerts[at] = (struct outcome_alert){.told = 0};
    return &o->alerts[at];
}

/* Would the notifier call receivers? Its own rule (tocsin-notifier(8)), without escalations, which
 * hang on who answers. */
static bool
pages(const struct outcome_alert *x, const struct alert_event *ev)
{
    bool worse =
        ev->precedence > x->precedence || (ev->precedence == x->precedence && ev->risk > x->risk);

    if (ev->kind == AK_CANCELLED || ev->precedence < PR_IMMEDIATE || ev->status == ST_EXERCISE ||
        ev->status == ST_TEST)
        return false;
    return worse || !x->open;
}

/* course = H(course, event without wording). */
static int
extend_course(struct outcome_alert *x, const struct alert_event *ev)
{
    struct alert_event plain = *ev;
    struct buf b;
    int rc = -1;

    plain.headline_en = plain.headline_fr = plain.instruction_en = plain.instruction_fr = NULL;
    buf_init(&b, 0);
    buf_put(&b, x->course, sizeof x->course);
    event_to_json(&plain, 0, true, &b);
    if (!b.failed)
        rc = crypto_generichash(x->course, sizeof x->course, (const unsigned char *)b.data, b.len,
                                NULL, 0);
    buf_fini(&b);
    return rc;
}

static int
keep_event(struct outcome_alert *x, const struct alert_event *ev)
{
    struct record r = {.type = REC_EVENT, .u.event = ev};
    struct buf b;

    buf_init(&b, 0);
    wire_record_pack(&r, false, &b);
    if (b.failed) {
        buf_fini(&b);
        return -1;
    }
    free(x->event);
    x->event = b.data;
    x->event_len = b.len;
    return 0;
}

static struct reading
reading_of(const struct finding *f)
{
    return (struct reading){
        .alertworthy = f->alertworthy, .event = f->event, .mode = f->mode, .targets = f->targets};
}

/* How both sides read the record at hand, where it is a report behind this alert. */
static int
keep_reading(struct outcome *o, struct outcome_alert *x, const struct derivation *d)
{
    struct finding f;

    if (o->record->type != REC_INCIDENT || o->other_record->type != REC_INCIDENT)
        return 0;
    for (size_t i = 0; i < d->n_incidents; i++) {
        if (id_cmp(&d->incidents[i].id, &o->record->id) != 0)
            continue;
        arena_reset(o->arena);
        if (core_finding(o->other, &o->other_record->u.incident, o->other_record->received_at_us,
                         o->arena, &f) < 0)
            return -1;
        x->own = reading_of(&d->incidents[i].finding);
        x->other = reading_of(&f);
        x->read = true;
    }
    return 0;
}

static void
on_event(void *arg, const struct alert_event *ev, const struct derivation *d)
{
    struct outcome *o = arg;
    size_t at = find(o, &ev->id);
    bool fresh = at == o->n || id_cmp(&o->alerts[at].id, &ev->id) != 0;
    struct outcome_alert *x = fresh ? insert(o, at) : &o->alerts[at];

    if (x == NULL) {
        o->failed = true;
        return;
    }
    if (fresh) {
        x->id = ev->id;
        x->situation = ev->situation;
        x->raised_us = ev->due_at_us;
        o->failed |= keep_reading(o, x, d) != 0;
    }
    if (pages(x, ev)) {
        x->pages++;
        o->pages[ev->precedence]++;
    }
    x->told++;
    x->open = ev->kind != AK_CANCELLED;
    x->precedence = ev->precedence;
    x->risk = ev->risk;
    if (ev->precedence > x->peak)
        x->peak = ev->precedence;
    o->failed |= extend_course(x, ev) != 0 || keep_event(x, ev) != 0;
}

int
outcome_step(struct outcome *o, const struct record *r, const struct knowledge *other,
             const struct record *other_r)
{
    o->record = r;
    o->other = other;
    o->other_record = other_r;
    return core_step(o->core, r, on_event, o) < 0 || o->failed ? -1 : 0;
}

const struct alert_event *
outcome_event(const struct outcome_alert *x, struct arena *a)
{
    struct record r;

    if (wire_record_unpack(x->event, x->event_len, a, &r, NULL) < 0)
        return NULL;
    return r.u.event;
}

/* ---- comparing */

const char *
outcome_field_name(enum outcome_field f)
{
    static const char *const names[OF_COUNT] = {
        "raised_at", "target", "precedence", "risk",  "event", "mode",    "certainty",
        "place",     "assets", "harm",       "pages", "state", "reasons", "course"};

    return names[f];
}

static bool
same_text(const char *a, const char *b)
{
    return strcmp(a != NULL ? a : "", b != NULL ? b : "") == 0;
}

static bool
same_assets(const struct alert_event *a, const struct alert_event *b)
{
    if (a->n_assets != b->n_assets)
        return false;
    for (size_t i = 0; i < a->n_assets; i++)
        if (!same_text(a->assets[i].id, b->assets[i].id))
            return false;
    return true;
}

static bool
same_reasons(const struct alert_event *a, const struct alert_event *b)
{
    if (a->n_reasons != b->n_reasons)
        return false;
    for (size_t i = 0; i < a->n_reasons; i++)
        if (a->reasons[i].weight != b->reasons[i].weight ||
            !same_text(a->reasons[i].text, b->reasons[i].text))
            return false;
    return true;
}

static bool
same_place(const struct alert_event *a, const struct alert_event *b)
{
    return same_text(a->place, b->place) && a->has_pos == b->has_pos &&
           (!a->has_pos ||
            (a->pos.lat == b->pos.lat && a->pos.lon == b->pos.lon && a->radius_m == b->radius_m));
}

uint32_t
outcome_compare(const struct outcome_alert *a, const struct alert_event *ea,
                const struct outcome_alert *b, const struct alert_event *eb)
{
    const bool differs[OF_COUNT] = {
        [OF_RAISED] = a->raised_us != b->raised_us,
        [OF_TARGET] = ea->target != eb->target,
        [OF_PRECEDENCE] = a->peak != b->peak || a->precedence != b->precedence,
        [OF_RISK] = a->risk != b->risk,
        [OF_EVENT] = ea->event != eb->event,
        [OF_MODE] = ea->mode != eb->mode,
        [OF_CERTAINTY] = ea->certainty != eb->certainty || ea->unconfirmed != eb->unconfirmed,
        [OF_PLACE] = !same_place(ea, eb),
        [OF_ASSETS] = !same_assets(ea, eb),
        [OF_HARM] = memcmp(&ea->harm, &eb->harm, sizeof ea->harm) != 0,
        [OF_PAGES] = a->pages != b->pages,
        [OF_STATE] = a->open != b->open,
        [OF_REASONS] = !same_reasons(ea, eb),
    };
    uint32_t mask = 0;

    for (int f = 0; f < OF_COUNT; f++)
        mask |= (uint32_t)differs[f] << f;
    if (mask == 0 && memcmp(a->course, b->course, sizeof a->course) != 0)
        mask = 1u << OF_COURSE;
    return mask;
}

/* ---- pairing */

static const struct id *
situation_of(const struct outcome_pair *p)
{
    return p->a != NULL ? &p->a->situation : &p->b->situation;
}

static int
by_situation(const void *x, const void *y)
{
    const struct outcome_pair *p = x, *q = y;
    int d = id_cmp(situation_of(p), situation_of(q));

    if (d == 0)
        d = (p->a == NULL) - (q->a == NULL);
    return d != 0
               ? d
               : id_cmp(p->a != NULL ? &p->a->id : &p->b->id, q->a != NULL ? &q->a->id : &q->b->id);
}

static int64_t
raised_of(const struct outcome_pair *p)
{
    if (p->a == NULL || p->b == NULL)
        return p->a != NULL ? p->a->raised_us : p->b->raised_us;
    return p->a->raised_us < p->b->raised_us ? p->a->raised_us : p->b->raised_us;
}

static int
by_time(const void *x, const void *y)
{
    const struct outcome_pair *p = x, *q = y;
    int64_t a = raised_of(p), b = raised_of(q);

    return a != b ? (a < b ? -1 : 1) : by_situation(x, y);
}

/* Alerts of one side only that share a situation with one of the other side only. v is sorted by
 * situation, A's in front; what was joined leaves a hole {NULL, NULL} behind. */
static void
join_situations(struct outcome_pair *v, size_t n)
{
    for (size_t i = 0, end; i < n; i = end) {
        size_t b = i;
        for (end = i + 1; end < n && id_cmp(situation_of(&v[i]), situation_of(&v[end])) == 0; end++)
            ;
        while (b < end && v[b].a != NULL)
            b++;
        for (size_t a = i; a < end && v[a].a != NULL && v[a].b == NULL && b < end; a++, b++) {
            v[a].b = v[b].b;
            v[b].b = NULL;
        }
    }
}

struct outcome_pair *
outcome_pairs(const struct outcome *a, const struct outcome *b, size_t *n)
{
    struct outcome_pair *v = calloc(a->n + b->n + 1, sizeof *v), *lone;
    size_t i = 0, j = 0, both = 0, one = 0, kept = 0;

    if (v == NULL)
        return NULL;
    /* Pairs of one id grow from the front, the lonely ones from the back. */
    lone = v + a->n + b->n + 1;
    while (i < a->n || j < b->n) {
        int d = i == a->n ? 1 : j == b->n ? -1 : id_cmp(&a->alerts[i].id, &b->alerts[j].id);
        struct outcome_pair *p = d == 0 ? &v[both++] : lone - ++one;
        p->a = d <= 0 ? &a->alerts[i++] : NULL;
        p->b = d >= 0 ? &b->alerts[j++] : NULL;
    }
    lone -= one;
    if (one > 0)
        qsort(lone, one, sizeof *lone, by_situation);
    join_situations(lone, one);
    for (size_t k = 0; k < one; k++)
        if (lone[k].a != NULL || lone[k].b != NULL)
            v[both + kept++] = lone[k];
    *n = both + kept;
    if (*n > 0)
        qsort(v, *n, sizeof *v, by_time);
    return v;
}
