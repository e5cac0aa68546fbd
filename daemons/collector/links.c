/* links: see links.h.
 *
 * A record that could not be written (a full disk, a replay) is tried again every second: `told` is
 * what the journal says, `up` what we know. */
#include "links.h"

#include <endian.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "log.h"
#include "metrics.h"
#include "timefmt.h"

#define SPACE "link"

struct link {
    char name[MAX_NAME + 1];
    enum { NEVER, UP, DOWN } state, told;
    bool writing;       /* its record waits for the flush */
    int64_t heard_mono; /* last word, or our start; mono */
    int64_t heard_us;   /* the same as a stamp */
    int64_t since_us;
    int64_t record_us; /* the last record of it came; 0 = not since we know it */
    struct link_report report;
};

struct links {
    struct svc *svc;
    struct store *store;
    struct event *second;
    struct link *v;
    size_t n;
    int64_t down_us;
    int64_t *m_down, *m_changes;
};

/* In the journal: told, since, last record; little-endian. */
struct kept {
    uint64_t state, since_us, record_us;
};

static void
read_kept(struct links *l, struct link *k)
{
    struct kept v;
    size_t len = 0;

    if (journal_get(store_journal(l->store), SPACE, k->name, strlen(k->name), &v, sizeof v, &len,
                    NULL) != 0 ||
        len != sizeof v || le64toh(v.state) > DOWN)
        return;
    k->told = k->state = (unsigned)le64toh(v.state);
    k->since_us = (int64_t)le64toh(v.since_us);
    k->record_us = (int64_t)le64toh(v.record_us);
}

/* What is not written is tried again by on_second(). */
static void
on_written(void *arg, const struct receipt *receipts, size_t n, bool retry, const char *why)
{
    struct links *l = arg;

    (void)receipts;
    (void)n;
    (void)why;
    for (size_t i = 0; i < l->n; i++) {
        if (retry && l->v[i].writing)
            l->v[i].told = NEVER;
        l->v[i].writing = false;
    }
}

static void
write_record(struct links *l, struct link *k)
{
    struct record r = {.type = REC_LINK};
    struct kept v = {.state = htole64(k->state),
                     .since_us = htole64((uint64_t)k->since_us),
                     .record_us = htole64((uint64_t)k->record_us)};
    struct batch *b;

    if (k->writing || store_refuses(l->store, false) != NULL)
        return;
    b = store_open_batch(l->store, "tocsin-collector", "link", NULL, false, false, on_written, l);
    if (b == NULL)
        return;
    r.u.link = (struct link_state){.name = k->name, .up = k->state == UP, .since_us = k->since_us};
    store_add(l->store, b, &r, NULL, 0, NULL, 0);
    store_close_batch(l->store, b);
    (void)store_put(l->store, SPACE, k->name, strlen(k->name), &v, sizeof v);
    k->told = k->state;
    k->writing = true;
    (*l->m_changes)++;
}

static void
count_down(struct links *l)
{
    *l->m_down = 0;
    for (size_t i = 0; i < l->n; i++)
        *l->m_down += l->v[i].state == DOWN;
}

static void
on_second(evutil_socket_t fd, short what, void *arg)
{
    struct links *l = arg;
    int64_t now = mono_now_us();

    (void)fd;
    (void)what;
    for (size_t i = 0; i < l->n; i++) {
        struct link *k = &l->v[i];
        if (k->state == UP && now - k->heard_mono > l->down_us) {
            k->state = DOWN;
            k->since_us = k->heard_us;
            log_warn("link is down name=\"%s\" silent_s=%" PRId64, k->name,
                     (now - k->heard_mono) / SECOND_US);
        }
        if (k->state != k->told)
            write_record(l, k);
    }
    count_down(l);
    store_breathe(l->store);
}

void
links_word(struct links *l, const char *name, const struct link_report *report, size_t records)
{
    for (size_t i = 0; i < l->n; i++) {
        struct link *k = &l->v[i];
        if (strcmp(k->name, name) != 0)
            continue;
        k->heard_mono = mono_now_us();
        k->heard_us = store_now(l->store);
        if (report != NULL)
            k->report = *report;
        if (records > 0)
            k->record_us = k->heard_us;
        if (k->state == UP)
            return;
        log_info("link is up name=\"%s\"", k->name);
        k->state = UP;
        k->since_us = k->heard_us;
        write_record(l, k);
        return;
    }
}

int
links_reload(struct links *l, const struct config *c, struct err *e)
{
    const struct source_conf *s = (const struct source_conf *)c->collector.sources.v;
    size_t n = 0;
    struct link *v = calloc(c->collector.sources.n + 1, sizeof *v);

    if (v == NULL)
        return err_set(e, "out of memory");
    for (size_t i = 0; i < c->collector.sources.n; i++) {
        const struct link *old = NULL;
        if (!s[i].edge)
            continue;
        for (size_t k = 0; k < l->n; k++)
            if (strcmp(l->v[k].name, s[i].name) == 0)
                old = &l->v[k];
        if (old != NULL) {
            v[n++] = *old;
            continue;
        }
        (void)strncpy(v[n].name, s[i].name, MAX_NAME);
        v[n].heard_mono = mono_now_us();
        v[n].heard_us = store_now(l->store);
        read_kept(l, &v[n++]);
    }
    free(l->v);
    l->v = v;
    l->n = n;
    l->down_us = c->collector.link_down_us;
    return 0;
}

int
links_new(struct svc *s, struct store *st, struct links **out, struct err *e)
{
    struct links *l = calloc(1, sizeof *l);
    struct timeval every = {.tv_sec = 1};

    if (l == NULL)
        return err_set(e, "out of memory");
    l->svc = s;
    l->store = st;
    l->m_down = metric_new(METRIC_GAUGE, "links_down", NULL, "Edge collectors that are not heard");
    l->m_changes =
        metric_new(METRIC_COUNTER, "link_records_total", NULL, "Link records, up and down");
    l->second = event_new(s->base, -1, EV_PERSIST, on_second, l);
    if (l->second == NULL || event_add(l->second, &every) < 0) {
        (void)err_set(e, "out of memory");
        links_free(l);
        return -1;
    }
    if (links_reload(l, s->config, e) < 0) {
        links_free(l);
        return -1;
    }
    *out = l;
    return 0;
}

void
links_free(struct links *l)
{
    if (l == NULL)
        return;
    if (l->second != NULL)
        event_free(l->second);
    free(l->v);
    free(l);
}

static const char *
sentence(const struct link *k, struct arena *a)
{
    static const char *const states[] = {[UP] = "up", [DOWN] = "DOWN"};
    char since[TIME_TEXT], last[TIME_TEXT], oldest[TIME_TEXT];
    const char *at =
        k->record_us != 0 ? time_text(k->record_us / SECOND_US * SECOND_US, last) : "none yet";
    const char *waits = "", *bytes = "";

    if (k->state == NEVER)
        return "never heard of";
    if (k->report.backlog > 0)
        waits = arena_printf(a, ", %" PRIu64 " wait there, the oldest since %s", k->report.backlog,
                             time_text(k->report.oldest_us / SECOND_US * SECOND_US, oldest));
    if (k->report.records > 0)
        bytes =
            arena_printf(a, ", %" PRIu64 " bytes a record", k->report.bytes / k->report.records);
    return arena_printf(a, "%s since %s, last record %s%s%s", states[k->state],
                        time_text(k->since_us / SECOND_US * SECOND_US, since), at,
                        waits != NULL ? waits : "", bytes != NULL ? bytes : "");
}

void
links_status(const struct links *l, struct daemon_status *out, struct arena *a)
{
    size_t room = sizeof out->figures / sizeof out->figures[0];

    for (size_t i = 0; i < l->n && out->n_figures < room; i++) {
        const char *name = arena_printf(a, "link %.200s", l->v[i].name);
        const char *value = sentence(&l->v[i], a);
        if (name != NULL && value != NULL)
            out->figures[out->n_figures++] = (struct attribute){.name = name, .value = value};
    }
}
