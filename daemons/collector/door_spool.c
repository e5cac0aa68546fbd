/* door_spool: see door_spool.h.
 *
 * One timer drives everything, a step a turn of the loop: look into the directory, begin a file,
 * take a piece, put a file away. While a piece waits for its flush nothing is done; `done` winds
 * the timer up again.
 *
 *   nothing at hand --begin--> at hand --piece--> waiting --flushed--> at hand, or complete
 *         ^                      |                   |                    |
 *         +------- put aside ----+                   +--retry--> at hand, |
 *         |        (turn over, rate, reload)                 as it was    |
 *         +---------------------------- put away -------------------------+ */
#include "door_spool.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "buf.h"
#include "clock.h"
#include "log.h"
#include "metrics.h"
#include "spool_entry.h"
#include "timefmt.h"

#define PIECE         256 /* records */
#define TURN_US       SECOND_US
#define LOOK_US       (30 * SECOND_US)
#define BUSY_US       (SECOND_US / 5) /* until the store is asked again */
#define COMPLAINED_US (5 * SECOND_US) /* until a directory is tried again */
#define CLEAN_US      HOUR_US
#define CLEAN_MOST    1000
#define SCAN_SHARE    20 /* of the time goes to looking, while files keep coming in: 1 in 20 */

/* The file at hand. */
struct at_hand {
    struct spool_entry entry;
    char source[MAX_NAME + 1];
    enum format format;
    struct spool_file *file; /* NULL: nothing is read of it, it is only put away */
    struct format_options options;
    char verdict[400]; /* why it is refused as a whole, "" = it is not */
    bool waiting;      /* a piece waits for its flush */
    bool failed;       /* and will not count */
    bool stale;        /* the configuration has changed: put aside when it is flushed */
    int64_t since_us;
};

struct door_spool {
    struct svc *svc;
    struct store *store;
    struct sources *sources;
    const struct config *config;
    int root, inotify; /* -1 = none */
    struct event *step, *look, *changed;
    struct spool_queue queue;
    bool dirty;
    int64_t next_scan_us, next_clean_us;
    struct at_hand *hand; /* NULL: none */
    struct batch *batch;  /* of the piece in the making */
    struct arena *arena;
    struct err said, stuck; /* of the directory; of a file that cannot be moved away */
    struct log_limit log_limit;
    int64_t *m_done, *m_rejected, *m_records, *m_refused, *m_backlog;
};

static void
wind(struct door_spool *d, int64_t us)
{
    struct timeval tv = {.tv_sec = us / SECOND_US, .tv_usec = (suseconds_t)(us % SECOND_US)};

    (void)event_add(d->step, &tv);
}

/* Once, until it is something else. */
static void
complain(struct err *said, const struct err *e)
{
    if (strcmp(said->text, e->text) != 0)
        log_error("%s", e->text);
    *said = *e;
}

/* ---- the directory */

static void
watch_dir(void *arg, const char *dir)
{
    struct door_spool *d = arg;
    char path[1024];

    /* Where it is not watched the look every half minute finds what came in. */
    if (snprintf(path, sizeof path, "%s/%s", d->config->collector.spool, dir) < (int)sizeof path)
        (void)inotify_add_watch(d->inotify, path, IN_MOVED_TO | IN_CLOSE_WRITE | IN_ONLYDIR);
}

static void
scan(struct door_spool *d)
{
    struct err e = {.text = ""};
    int64_t from = mono_now_us(), cost;

    if (d->root >= 0 && !spool_dir_is(d->root, d->config->collector.spool)) {
        (void)close(d->root); /* another one stands there by now */
        d->root = -1;
    }
    if (d->root < 0)
        d->root = spool_dir_open(d->config->collector.spool, d->config, &e);
    if (d->root < 0 || spool_dir_scan(d->root, &d->queue, watch_dir, d, &e) < 0) {
        complain(&d->said, &e);
        d->next_scan_us = from + COMPLAINED_US;
        return;
    }
    if (d->said.text[0] != '\0')
        log_info("the spool directory can be used again");
    d->said.text[0] = '\0';
    d->dirty = false;
    cost = mono_now_us() - from;
    d->next_scan_us = from + (cost > SECOND_US / 1000 ? cost : SECOND_US / 1000) * SCAN_SHARE;
}

static void
clean(struct door_spool *d)
{
    int64_t keep = d->config->collector.spool_keep_us;
    size_t n;

    if (keep <= 0 || d->root < 0 || mono_now_us() < d->next_clean_us)
        return;
    n = spool_dir_clean(d->root, (wall_now_us() - keep) / SECOND_US, CLEAN_MOST);
    if (n < CLEAN_MOST) /* else there is more, and the next look goes on */
        d->next_clean_us = mono_now_us() + CLEAN_US;
}

/* ---- the file at hand */

static void
drop(struct door_spool *d)
{
    if (d->hand == NULL)
        return;
    spool_file_free(d->hand->file);
    spool_entry_fini(&d->hand->entry);
    free(d->hand);
    d->hand = NULL;
}

static bool
took_some(const struct spool_progress *p)
{
    return p->stored + p->duplicate > 0 || (p->refused == 0 && p->ignored > 0);
}

static void
say(struct door_spool *d, const struct at_hand *h, bool rejected)
{
    const struct spool_progress *p = &h->entry.kept;
    uint64_t suppressed = 0;
    char name[160];

    if (!log_allow(&d->log_limit, mono_now_us(), SECOND_US, 10, &suppressed))
        return;
    (void)log_quote(h->entry.path, strlen(h->entry.path), name, sizeof name);
    if (rejected)
        log_warn("spool: a file was refused, see its .reason: file=%s refused=%" PRIu64
                 " suppressed=%" PRIu64 "%s%s",
                 name, p->refused, suppressed, h->verdict[0] != '\0' ? ": " : "", h->verdict);
    else
        log_info("spool: a file was taken in file=%s stored=%" PRIu64 " duplicate=%" PRIu64
                 " refused=%" PRIu64 " ignored=%" PRIu64 " suppressed=%" PRIu64,
                 name, p->stored, p->duplicate, p->refused, p->ignored, suppressed);
}

/* To done/ or rejected/, with its reasons. */
static void
put_away(struct door_spool *d)
{
    struct at_hand *h = d->hand;
    bool rejected = h->verdict[0] != '\0' || !took_some(&h->entry.kept);
    struct buf text;
    struct err e = {.text = ""};

    buf_init(&text, 0);
    spool_entry_text(&h->entry, h->verdict[0] != '\0' ? h->verdict : NULL, rejected, &text);
    int rc =
        spool_dir_put(d->root, h->entry.path, rejected,
                      rejected || d->config->collector.spool_keep_us > 0, text.data, text.len, &e);
    buf_fini(&text);
    if (rc < 0) {
        /* The others go on; that it is done with stands in the journal. */
        complain(&d->stuck, &e);
        drop(d);
        d->dirty = true;
        d->next_scan_us = mono_now_us() + COMPLAINED_US;
        wind(d, 0);
        return;
    }
    (*(rejected ? d->m_rejected : d->m_done))++;
    say(d, h, rejected);
    spool_entry_forget(&h->entry, d->store);
    drop(d);
    wind(d, 0);
}

/* ---- a piece */

/* What became of the item that was just handed to the store. */
static void
account(struct door_spool *d)
{
    struct at_hand *h = d->hand;
    struct spool_progress *p = &h->entry.next;
    const struct receipt *r = store_last(d->batch);

    p->items++;
    if (r == NULL)
        h->failed = true;
    else if (r->status == RC_REJECTED)
        spool_entry_refused(&h->entry, p->items, r->reason);
    else if (r->status == RC_IGNORED)
        p->ignored++;
    else
        (*(r->status == RC_STORED ? &p->stored : &p->duplicate))++;
}

static void
on_record(void *arg, struct record *r, const char *raw, size_t len)
{
    struct door_spool *d = arg;
    const struct spool_progress *p = &d->hand->entry.next;
    char unique[SPOOL_PATH_BYTES + 96];
    int n = snprintf(unique, sizeof unique, "spool:%s:%" PRIu64 ":%" PRId64 ":%" PRIu64,
                     d->hand->entry.path, p->inode, p->mtime_ns, p->items);

    if (r->type == REC_INCIDENT)
        r->u.incident.source = NULL; /* the directory says who speaks, whatever the file says */
    store_add(d->store, d->batch, r, unique, (size_t)n, raw, len);
    account(d);
}

static void
on_refused(void *arg, const char *why, const char *raw, size_t len)
{
    struct door_spool *d = arg;

    store_refuse(d->store, d->batch, why, raw, len);
    account(d);
}

static void
on_ignored(void *arg, const char *why, const char *raw, size_t len)
{
    struct door_spool *d = arg;

    (void)raw;
    (void)len;
    store_ignore(d->store, d->batch, why);
    account(d);
}

static void
on_done(void *arg, const struct receipt *receipts, size_t n, bool retry, const char *why)
{
    struct door_spool *d = arg;
    struct at_hand *h = d->hand;

    (void)receipts;
    (void)n;
    (void)why;
    h->waiting = false;
    if (retry || h->failed) {
        /* The same piece again; what is in the journal all the same is known by its id. */
        spool_entry_back(&h->entry);
        spool_file_rewind(h->file);
    } else {
        const struct spool_progress *p = &h->entry.next, *before = &h->entry.kept;
        *d->m_records += (int64_t)(p->stored + p->duplicate - before->stored - before->duplicate);
        *d->m_refused += (int64_t)(p->refused - before->refused);
        spool_entry_keep(&h->entry);
    }
    if (h->stale)
        drop(d);
    wind(d, retry ? BUSY_US : 0);
}

static void
take_piece(struct door_spool *d, struct spool_turn *t, const struct source_conf *s)
{
    struct at_hand *h = d->hand;
    struct format_sink sink = {.record = on_record,
                               .refused = on_refused,
                               .ignored = on_ignored,
                               .arena = d->arena,
                               .arg = d};
    int64_t most = s->burst > 0 ? s->burst : s->rate_per_s;
    struct err e = {.text = ""};

    spool_entry_open(&h->entry);
    h->failed = false;
    if (spool_file_fill(h->file, &h->options, &h->entry.next, &e) < 0) {
        (void)snprintf(h->verdict, sizeof h->verdict, "%s", e.text);
        wind(d, 0);
        return;
    }
    d->batch = store_open_batch(d->store, h->source, "spool", format_name(h->format), false, false,
                                on_done, d);
    if (d->batch == NULL) {
        wind(d, BUSY_US);
        return;
    }
    spool_file_take(h->file, most > 0 && most < PIECE ? (size_t)most : PIECE, &sink,
                    &h->entry.next);
    h->failed = h->failed || spool_entry_write(&h->entry, d->store) < 0;
    t->owed += h->entry.next.items - h->entry.kept.items;
    h->waiting = true;
    store_close_batch(d->store, d->batch);
    d->batch = NULL;
    store_breathe(d->store); /* may end in on_done() */
}

/* ---- beginning */

/* NULL = it can be read; fd is then that of the file. "" = not now. */
static const char *
open_file(struct door_spool *d, struct at_hand *h, struct stat *sb, int *fd)
{
    *fd = openat(d->root, h->entry.path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (*fd < 0)
        return errno == ELOOP || errno == ENXIO ? "it is no file: links and sockets are not read"
                                                : "";
    if (fstat(*fd, sb) < 0 || !S_ISREG(sb->st_mode))
        return "it is no file: links, sockets and devices are not read";
    if (config_source(d->config, h->source) == NULL)
        return "no source has the name of its directory: add one under collector.sources, reload, "
               "and move the file back";
    if (h->format == FORMAT_UNKNOWN)
        return "the ending of its name says no format: it is one of .json .jsonl .ndjson .geojson "
               ".cap .cot .xml .atom .csv .pb .rec .txt";
    /* Somebody still writes it (the kernel knows, where it is ours): its closing wakes us. */
    if (fcntl(*fd, F_SETLEASE, F_RDLCK) == 0)
        (void)fcntl(*fd, F_SETLEASE, F_UNLCK);
    else if (errno == EAGAIN)
        return "";
    return sb->st_size == 0 ? "it is empty" : NULL;
}

static void
set_options(struct door_spool *d, struct at_hand *h, const struct stat *sb)
{
    const struct source_conf *s = config_source(d->config, h->source);
    int64_t written = (int64_t)sb->st_mtim.tv_sec * SECOND_US, now = store_now(d->store);

    /* A time without a date is of when the file was written, however late it is read. */
    h->options = (struct format_options){.csv = config_csv(d->config, s->csv),
                                         .tak = d->config->collector.tak_assets.v,
                                         .n_tak = d->config->collector.tak_assets.n,
                                         .source = s,
                                         .now_us = written < now ? written : now};
}

/* Takes the file up, unless it must wait: then there is none at hand. -1 with err. */
static int
begin(struct door_spool *d, const char *path, struct err *e)
{
    struct at_hand *h = calloc(1, sizeof *h);
    struct stat sb = {0};
    int fd = -1;

    if (h == NULL)
        return err_set(e, "out of memory");
    d->hand = h;
    if (spool_entry_load(&h->entry, d->store, path, e) < 0) {
        drop(d);
        return -1;
    }
    (void)spool_source(path, h->source, sizeof h->source);
    h->format = format_by_file_name(path);
    h->since_us = mono_now_us();
    const char *why = open_file(d, h, &sb, &fd);
    bool same = h->entry.known && spool_progress_is_of(&h->entry.kept, &sb);
    if (why == NULL && h->entry.known && !same && h->entry.kept.inode == sb.st_ino)
        why = "it was changed after a part of it had been taken in; write it elsewhere on the same "
              "file system and rename it";
    if (why != NULL) {
        (void)snprintf(h->verdict, sizeof h->verdict, "%s", why);
        if (fd >= 0)
            (void)close(fd);
        if (why[0] == '\0')
            drop(d);
        return 0;
    }
    if (!same)
        spool_entry_begin(&h->entry, &sb);
    set_options(d, h, &sb);
    h->file = spool_file_new(fd, h->format, (size_t)d->config->collector.spool_file_bytes);
    if (h->file == NULL) {
        drop(d);
        return err_set(e, "out of memory");
    }
    return 0;
}

static void
next_file(struct door_spool *d)
{
    int64_t now = mono_now_us(), wait = 0;
    struct err e = {.text = ""};

    if (d->dirty && now >= d->next_scan_us)
        scan(d);
    const struct spool_item *it = d->root >= 0 ? spool_queue_take(&d->queue, now, &wait) : NULL;
    if (it != NULL && begin(d, it->path, &e) < 0)
        complain(&d->said, &e);
    *d->m_backlog = (int64_t)d->queue.left + (d->hand != NULL);
    if (it != NULL) {
        wind(d, 0);
    } else if (d->dirty || wait > 0) {
        int64_t look = d->next_scan_us > now ? d->next_scan_us - now : 0;
        wind(d, !d->dirty || (wait > 0 && wait < look) ? wait : look);
    }
}

/* The turn is over, or its rate: the file goes back to the queue, its progress is in the journal. */
static void
put_aside(struct door_spool *d)
{
    spool_queue_back(&d->queue, d->hand->entry.path);
    drop(d);
    wind(d, 0);
}

static void
on_step(evutil_socket_t fd, short what, void *arg)
{
    struct door_spool *d = arg;
    struct at_hand *h = d->hand;
    int64_t now = mono_now_us();

    (void)fd;
    (void)what;
    if (h != NULL && h->waiting)
        return;
    if (store_refuses(d->store, false) != NULL) {
        wind(d, BUSY_US);
        return;
    }
    if (h == NULL) {
        next_file(d);
        return;
    }
    if (h->verdict[0] != '\0' || h->entry.kept.complete) {
        put_away(d);
        return;
    }
    const struct source_conf *s = config_source(d->config, h->source);
    struct spool_turn *t = spool_queue_turn(&d->queue, h->source);
    uint32_t wait = sources_rate(d->sources, s, t->owed, now);
    t->owed = wait > 0 ? t->owed : 0;
    t->not_before_us = wait > 0 ? now + (int64_t)wait * 1000 : 0;
    if (wait > 0 || (now - h->since_us > TURN_US && spool_queue_others(&d->queue, t, now))) {
        put_aside(d);
        return;
    }
    take_piece(d, t, s);
}

static void
on_look(evutil_socket_t fd, short what, void *arg)
{
    struct door_spool *d = arg;

    (void)fd;
    (void)what;
    d->dirty = true;
    clean(d);
    if (d->hand == NULL)
        wind(d, 0);
}

static void
on_changed(evutil_socket_t fd, short what, void *arg)
{
    struct door_spool *d = arg;
    char events[16384];

    (void)what;
    /* What happened where does not matter: it is time to look. Nor does an overflow. */
    while (read(fd, events, sizeof events) > 0)
        ;
    d->dirty = true;
    if (d->hand == NULL)
        wind(d, 0);
}

/* ---- making */

static int
take_config(struct door_spool *d, const struct config *c)
{
    const struct source_conf *s = c->collector.sources.v;

    d->config = c;
    if (spool_queue_sources(&d->queue, c) < 0)
        return -1;
    for (size_t i = 0; i < c->collector.sources.n; i++)
        if (!spool_source_fits(s[i].name))
            log_warn("the source %s can have no directory in the spool: its name has a slash, "
                     "begins with a dot, or is done or rejected",
                     s[i].name);
    return 0;
}

void
door_spool_reload(struct door_spool *d, const struct config *c)
{
    if (d == NULL)
        return;
    if (d->root >= 0)
        (void)close(d->root);
    d->root = -1; /* opening it makes the directories of new sources */
    if (take_config(d, c) < 0) {
        log_error("spool: out of memory");
        svc_exit(d->svc, EX_OSERR);
    }
    if (d->hand != NULL && d->hand->waiting) {
        spool_file_rewind(d->hand->file);
        d->hand->stale = true;
    } else {
        drop(d);
    }
    d->dirty = true;
    d->next_scan_us = 0;
    wind(d, 0);
}

static void
count_with(struct door_spool *d)
{
    d->m_done = metric_new(METRIC_COUNTER, "spool_files_total", "to=\"done\"",
                           "Files of the spool directory that are done with");
    d->m_rejected = metric_new(METRIC_COUNTER, "spool_files_total", "to=\"rejected\"",
                               "Files of the spool directory that are done with");
    d->m_records = metric_new(METRIC_COUNTER, "spool_records_total", NULL,
                              "Records taken out of files, duplicates among them");
    d->m_refused = metric_new(METRIC_COUNTER, "spool_refused_total", NULL,
                              "Records of files that were refused");
    d->m_backlog = metric_new(METRIC_GAUGE, "spool_backlog_files", NULL, "Files that wait");
}

int
door_spool_new(struct svc *s, struct store *st, struct sources *src, struct door_spool **out,
               struct err *e)
{
    struct door_spool *d;
    struct timeval every = {.tv_sec = LOOK_US / SECOND_US};

    *out = NULL;
    if (s->config->collector.spool == NULL)
        return 0;
    if ((d = calloc(1, sizeof *d)) == NULL)
        return err_set(e, "out of memory");
    d->svc = s;
    d->store = st;
    d->sources = src;
    d->root = -1;
    d->dirty = true;
    count_with(d);
    d->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    d->step = evtimer_new(s->base, on_step, d);
    d->look = event_new(s->base, -1, EV_PERSIST, on_look, d);
    d->changed = event_new(s->base, d->inotify, EV_READ | EV_PERSIST, on_changed, d);
    if ((d->arena = arena_new(0)) == NULL || take_config(d, s->config) < 0 || d->step == NULL ||
        d->look == NULL || d->changed == NULL || event_add(d->look, &every) < 0) {
        (void)err_set(e, "out of memory");
        goto fail;
    }
    if (d->inotify >= 0 && event_add(d->changed, NULL) < 0) {
        (void)err_set(e, "out of memory");
        goto fail;
    }
    scan(d);
    if (d->root >= 0 && spool_entry_sweep(st, d->root, e) < 0)
        goto fail;
    log_info("takes files from %s", d->config->collector.spool);
    wind(d, 0);
    *out = d;
    return 0;
fail:
    door_spool_free(d);
    return -1;
}

void
door_spool_free(struct door_spool *d)
{
    if (d == NULL)
        return;
    if (d->step != NULL)
        event_free(d->step);
    if (d->look != NULL)
        event_free(d->look);
    if (d->changed != NULL)
        event_free(d->changed);
    if (d->inotify >= 0)
        (void)close(d->inotify);
    if (d->root >= 0)
        (void)close(d->root);
    drop(d);
    spool_queue_fini(&d->queue);
    arena_free(d->arena);
    free(d);
}
