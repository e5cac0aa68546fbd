/* config: loads tocsin.yaml, checks what the table cannot say, and completes it.
 *
 * A loaded configuration is whole: every relation between keys holds, every zone is read, every
 * path is complete, the local source is there. It is never changed afterwards; a reload makes
 * another one. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config_check.h"
#include "config_paths.h"
#include "template.h"
#include "timefmt.h"
#include "yaml.h"

#define PACKAGED_FILE "/etc/tocsin/tocsin.yaml"

/* ---- the classifier's part */

static bool
slug_ok(const char *s)
{
    return s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-_")] == '\0' &&
           strcmp(s, "unknown") != 0;
}

static int
check_area(const struct config_check *k, const struct area_conf *a, int line)
{
    struct geo_pt pt = {0, 0};

    if (!slug_ok(a->slug))
        return err_at(k->e, k->c->path, line,
                      "classifier.areas: slug \"%.64s\": only a to z, 0 to 9, - and _, and not the "
                      "word unknown",
                      a->slug);
    if (geo_parse_deg(a->lat, &pt.lat) != 0 || geo_parse_deg(a->lon, &pt.lon) != 0 ||
        !geo_valid(pt))
        return err_at(k->e, k->c->path, line,
                      "classifier.areas: \"%s\": lat %s, lon %s is no place in decimal degrees",
                      a->slug, a->lat, a->lon);
    return 0;
}

static int
check_areas(const struct config_check *k)
{
    const struct conf_list *list = &k->c->classifier.areas;
    const struct area_conf *a = list->v;
    struct config_word *words = calloc(list->n + 1, sizeof(*words));
    int rc = 0;

    if (words == NULL)
        return config_no_memory(k);
    for (size_t i = 0; i < list->n; i++) {
        words[i] = (struct config_word){a[i].slug, i};
        if (rc == 0)
            rc = check_area(k, &a[i], config_line_of(k, "classifier", "areas", i));
    }
    if (rc == 0)
        rc = config_unique(k, words, list->n, "classifier", "areas", "slug", false);
    free(words);
    return rc;
}

static int
check_matrix_row(const struct config_check *k, const char *row, int line)
{
    static const char *const levels[] = {"very_low", "low",       "medium",
                                         "high",     "very_high", "unacceptable"};
    size_t count = 0;

    for (const char *p = row + strspn(row, " "); *p != '\0'; p += strspn(p, " ")) {
        size_t len = strcspn(p, " ");
        bool known = false;
        for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
            known = known || (strlen(levels[i]) == len && strncmp(levels[i], p, len) == 0);
        if (!known)
            return err_at(k->e, k->c->path, line,
                          "classifier.matrix: \"%.*s\" is no level; they are very_low low medium "
                          "high very_high unacceptable",
                          (int)(len < 40 ? len : 40), p);
        p += len;
        count++;
    }
    if (count != 5)
        return err_at(k->e, k->c->path, line,
                      "classifier.matrix: a row has %zu levels; it is five, for impact 1 to 5",
                      count);
    return 0;
}

static int
check_matrix(const struct config_check *k)
{
    const struct conf_strings *m = &k->c->classifier.matrix;

    if (m->n != 0 && m->n != 5)
        return err_at(k->e, k->c->path, config_line(k->root, "classifier", "matrix", -1),
                      "classifier.matrix: %zu rows; it is five, for likelihood 5 down to 1", m->n);
    for (size_t i = 0; i < m->n; i++)
        if (check_matrix_row(k, m->v[i], config_line_of(k, "classifier", "matrix", i)) != 0)
            return -1;
    return 0;
}

/* What is put into headlines and procedures. */
static int
check_words(const struct config_check *k, const char *key, const struct conf_list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        const struct procedure_conf *p = (const struct procedure_conf *)list->v + i;
        const char *texts[] = {p->en, p->fr};
        const char *at;
        size_t len;

        if (p->en == NULL && p->fr == NULL)
            return err_at(k->e, k->c->path, config_line_of(k, "classifier", key, i),
                          "classifier.%s: says nothing; give en or fr", key);
        for (int t = 0; t < 2; t++)
            if (texts[t] != NULL && !template_check(texts[t], &at, &len))
                return err_at(k->e, k->c->path, config_line_of(k, "classifier", key, i),
                              "classifier.%s: \"%.*s\" is nothing that is filled in; there are "
                              "{who} {what} {where} {when} {harm} {far} {soon} {halt}",
                              key, (int)(len < 40 ? len : 40), at);
    }
    return 0;
}

static int
check_lists(const struct config_check *k)
{
    const struct conf_list *events = &k->c->classifier.events;
    bool seen[EVENT_COUNT] = {false};

    for (size_t i = 0; i < events->n; i++) {
        int event = ((const struct reach_conf *)events->v)[i].event;
        if (seen[event])
            return err_at(k->e, k->c->path, config_line_of(k, "classifier", "events", i),
                          "classifier.events: %s stands here again; one element a type",
                          event_type_name((enum event_type)event));
        seen[event] = true;
    }
    if (check_words(k, "procedures", &k->c->classifier.procedures) != 0)
        return -1;
    return check_words(k, "headlines", &k->c->classifier.headlines);
}

static int
check_all(const struct config_check *k)
{
    const struct config *c = k->c;

    if (c->collector.quarantine_item_bytes > c->collector.quarantine_bytes)
        return err_at(k->e, c->path, config_line(k->root, "collector", "quarantine_item_bytes", -1),
                      "collector.quarantine_item_bytes: is above quarantine_bytes");
    if (config_check_doors(k) != 0)
        return -1;
    return check_areas(k) == 0 && check_matrix(k) == 0 ? check_lists(k) : -1;
}

/* ---- loading */

int
config_load(const char *path, const char *dir, struct config **out, struct err *e)
{
    struct yaml *y = NULL;
    struct config *c = calloc(1, sizeof(*c));
    int rc = -1;

    if (c == NULL)
        return err_set(e, "out of memory");
    c->path = strdup(path != NULL ? path : "");
    c->dir = dir != NULL ? path_absolute(dir) : NULL;
    if (c->path == NULL || (dir != NULL && c->dir == NULL)) {
        (void)err_set(e, "out of memory"); /* rc is -1 */
        goto out;
    }
    if (path != NULL && yaml_load(path, 0, &y, e) != 0)
        goto out;
    const struct ynode *root = y != NULL ? yaml_root(y) : NULL;
    struct config_check k = {.c = c, .root = root, .e = e};
    if (conf_bind(root, c->path, config_table, c, e) != 0 || config_complete(c, root, e) != 0 ||
        check_all(&k) != 0)
        goto out;
    *out = c;
    c = NULL;
    rc = 0;
out:
    yaml_close(y);
    config_free(c);
    return rc;
}

void
config_free(struct config *c)
{
    if (c == NULL)
        return;
    struct source_conf *s = c->collector.sources.v;
    for (size_t i = 0; i < c->collector.sources.n; i++)
        tz_free(s[i].zone);
    conf_free(config_table, c);
    free(c->path);
    free(c->dir);
    free(c->share);
    free(c);
}

void
config_print_defaults(FILE *f)
{
    fputs(
        "# tocsin.yaml: the configuration of one Tocsin instance. All of its daemons read it.\n"
        "#\n"
        "# Every key stands here with its default behind a \"#\"; take the \"#\" away and change "
        "it.\n"
        "# An unknown key is an error. Durations: 250ms, 90s, 15min, 6h, 14d. Sizes: 64KiB, 1MiB,\n"
        "# 2GiB. A relative path is taken from the instance directory. Check the file with\n"
        "# `tocsin check`; a running daemon reads it again on SIGHUP. See tocsin.yaml(5).\n",
        f);
    conf_print_defaults(config_table, f);
}

/* ---- finding */

static int
make_directory(const char *dir, struct err *e)
{
    char *path = strdup(dir);
    int rc = 0;

    if (path == NULL)
        return err_set(e, "out of memory");
    for (char *p = path; rc == 0 && *p != '\0';) {
        p += strspn(p, "/");
        p += strcspn(p, "/");
        char end = *p;
        *p = '\0';
        if (mkdir(path, 0700) != 0 && errno != EEXIST)
            rc = err_set(e, "%s: cannot be made: %s", path, strerror(errno));
        *p = end;
    }
    free(path);
    return rc;
}

/* Renames, but leaves a file that came there meanwhile (another daemon of the instance). */
static int
rename_new(const char *from, const char *to)
{
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno == EEXIST)
        return unlink(from);
    if (errno != EINVAL && errno != ENOSYS) /* a file system that cannot */
        return -1;
    return rename(from, to);
}

static int
write_defaults(const char *dir, const char *path, struct err *e)
{
    char *tmp = NULL;
    FILE *f = NULL;
    int rc = -1;

    if (make_directory(dir, e) != 0)
        return -1;
    if (asprintf(&tmp, "%s.%ld.tmp", path, (long)getpid()) < 0)
        return err_set(e, "out of memory");
    int fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd >= 0)
        f = fdopen(fd, "w");
    if (f == NULL) {
        (void)err_set(e, "%s: cannot be written: %s", tmp, strerror(errno)); /* rc is -1 */
        goto out;
    }
    config_print_defaults(f);
    bool ok = fflush(f) == 0 && fsync(fd) == 0;
    fd = -1;
    if (fclose(f) != 0 || !ok || rename_new(tmp, path) != 0) {
        (void)err_set(e, "%s: cannot be written: %s", path, strerror(errno)); /* rc is -1 */
        (void)unlink(tmp);                                                    /* best effort */
        goto out;
    }
    rc = 0;
out:
    if (fd >= 0)
        (void)close(fd); /* nothing was written */
    free(tmp);
    return rc;
}

int
config_find(const char *file, const char *dir, struct config **out, struct err *e)
{
    char *path = NULL;
    int rc = -1;

    if (file != NULL)
        return config_load(file, dir, out, e);
    if (dir == NULL)
        return config_load(access(PACKAGED_FILE, F_OK) != 0 && errno == ENOENT ? NULL
                                                                               : PACKAGED_FILE,
                           NULL, out, e);
    if (asprintf(&path, "%s/tocsin.yaml", dir) < 0)
        return err_set(e, "out of memory");
    if (access(path, F_OK) == 0 || write_defaults(dir, path, e) == 0)
        rc = config_load(path, dir, out, e);
    free(path);
    return rc;
}

const struct source_conf *
config_source(const struct config *c, const char *name)
{
    const struct source_conf *s = c->collector.sources.v;

    for (size_t i = 0; i < c->collector.sources.n; i++)
        if (strcmp(s[i].name, name) == 0)
            return &s[i];
    return NULL;
}

bool
source_may(const struct source_conf *s, enum record_type type)
{
    const char *word = type == REC_INCIDENT   ? "incidents"
                       : type == REC_POSITION ? "positions"
                                              : "assets";

    for (size_t i = 0; i < s->may.n; i++)
        if (strcmp(s->may.v[i], word) == 0)
            return true;
    return s->may.n == 0 && (type == REC_INCIDENT || type == REC_POSITION || s->edge ||
                             strcmp(s->name, "local") == 0);
}

const struct csv_conf *
config_csv(const struct config *c, const char *name)
{
    const struct csv_conf *v = c->collector.csv.v;

    for (size_t i = 0; name != NULL && i < c->collector.csv.n; i++)
        if (strcmp(v[i].name, name) == 0)
            return &v[i];
    return NULL;
}

int32_t
source_utc_offset(const struct source_conf *s, int64_t at_us)
{
    if (s->utc_offset_min != UTC_OFFSET_BY_ZONE)
        return (int32_t)s->utc_offset_min;
    return s->zone == NULL ? 0 : tz_offset_s(s->zone, at_us) / 60;
}

/* ---- what decisions depend on */

/* A line a fact; strings behind their length, so that no value can pass for two. */
void
config_decision_bytes(const struct config *c, struct buf *b)
{
    const struct area_conf *a = c->classifier.areas.v;
    const struct reach_conf *r = c->classifier.events.v;

    buf_puts(b, "tocsin-decisions 1\n");
    for (size_t i = 0; i < c->classifier.areas.n; i++) {
        struct geo_pt pt = {0, 0};
        (void)geo_parse_deg(a[i].lat, &pt.lat); /* checked when loaded */
        (void)geo_parse_deg(a[i].lon, &pt.lon);
        buf_printf(b, "area %s %" PRId32 " %" PRId32 " %" PRId64 "\n", a[i].slug, pt.lat, pt.lon,
                   a[i].radius_km);
    }
    for (size_t i = 0; i < c->classifier.events.n; i++)
        buf_printf(b, "event %d %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 "\n", r[i].event,
                   r[i].likelihood, r[i].impact, r[i].reach_m, r[i].persist_us);
    for (size_t i = 0; i < c->classifier.matrix.n; i++)
        buf_printf(b, "matrix %zu:%s\n", strlen(c->classifier.matrix.v[i]),
                   c->classifier.matrix.v[i]);
    buf_printf(b, "join %" PRId64 " %" PRId64 "\n", c->classifier.join_m, c->classifier.join_us);
    buf_printf(b, "flash_contact %" PRId64 "\n", c->classifier.flash_contact_us);
    buf_printf(b, "stale_position %" PRId64 "\n", c->classifier.stale_position_us);
    buf_printf(b, "convoy_speed %" PRId64 "\n", c->classifier.convoy_speed_kmh);
    buf_printf(b, "max %" PRId64 " %" PRId64 "\n", c->classifier.max_situations,
               c->classifier.max_incidents);
}
