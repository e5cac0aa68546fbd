/* spool_dir: see spool_dir.h. All paths are relative to the open SPOOL directory; what lies in it
 * was put there by others, so nothing is followed. */
#include "spool_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dirs.h"

#define DONE     "done"
#define REJECTED "rejected"
#define NAME_CUT 200 /* bytes kept of a name that leaves no room for what is put round it */

bool
spool_source_fits(const char *source)
{
    return source[0] != '\0' && source[0] != '.' && strchr(source, '/') == NULL &&
           strlen(source) <= NAME_MAX && strcmp(source, DONE) != 0 && strcmp(source, REJECTED) != 0;
}

/* ---- making */

static int
make(int root, const char *dir, struct err *e)
{
    if (mkdirat(root, dir, 0770) < 0 && errno != EEXIST)
        return err_set(e, "spool: %s cannot be made: %s", dir, strerror(errno));
    return 0;
}

int
spool_dir_open(const char *path, const struct config *c, struct err *e)
{
    const struct source_conf *s = c->collector.sources.v;
    int root;

    if (dir_make(path, e) < 0)
        return -1;
    if ((root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
        return err_set(e, "%s: cannot be opened: %s", path, strerror(errno));
    if (make(root, DONE, e) < 0 || make(root, REJECTED, e) < 0)
        goto fail;
    for (size_t i = 0; i < c->collector.sources.n; i++)
        if (spool_source_fits(s[i].name) && make(root, s[i].name, e) < 0)
            goto fail;
    return root;
fail:
    (void)close(root);
    return -1;
}

bool
spool_dir_is(int root, const char *path)
{
    struct stat a, b;

    return fstat(root, &a) == 0 && stat(path, &b) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}

/* ---- looking */

static bool
ends_in(const char *name, const char *ending)
{
    size_t n = strlen(name), m = strlen(ending);

    return n >= m && strcmp(name + n - m, ending) == 0;
}

static bool
left_alone(const char *name)
{
    return name[0] == '.' || ends_in(name, ".tmp") || ends_in(name, ".part");
}

static DIR *
open_dir(int root, const char *dir)
{
    int fd =
        openat(root, dir[0] != '\0' ? dir : ".", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *d = fd >= 0 ? fdopendir(fd) : NULL;

    if (fd >= 0 && d == NULL)
        (void)close(fd);
    return d;
}

static int
add(struct spool_queue *q, const char *dir, const char *name, const struct stat *sb)
{
    char path[SPOOL_PATH_BYTES];
    int n = snprintf(path, sizeof path, "%s%s%s", dir, dir[0] != '\0' ? "/" : "", name);

    if (n < 0 || (size_t)n >= sizeof path)
        return 0;
    return spool_queue_add(q, path, (int64_t)sb->st_mtim.tv_sec * 1000000000 + sb->st_mtim.tv_nsec);
}

struct scan {
    struct spool_queue *q;
    void (*watch)(void *arg, const char *dir);
    void *arg;
};

/* Of "" also the directories in it. */
static int
scan_dir(struct scan *s, int root, const char *dir, struct err *e)
{
    DIR *d = open_dir(root, dir);
    const struct dirent *ent;
    struct stat sb;
    int rc = 0;

    if (d == NULL)
        return err_set(e, "spool: %s cannot be read: %s; the collector must be able to list it",
                       dir[0] != '\0' ? dir : "the directory", strerror(errno));
    s->watch(s->arg, dir); /* before the look, so that nothing comes unseen between the two */
    while (rc == 0 && s->q->n < SPOOL_SCAN_MOST && (ent = readdir(d)) != NULL) {
        if (left_alone(ent->d_name) || fstatat(dirfd(d), ent->d_name, &sb, AT_SYMLINK_NOFOLLOW) < 0)
            continue;
        if (!S_ISDIR(sb.st_mode))
            rc = add(s->q, dir, ent->d_name, &sb) < 0 ? err_set(e, "out of memory") : 0;
        else if (dir[0] == '\0' && spool_source_fits(ent->d_name))
            rc = scan_dir(s, root, ent->d_name, e);
    }
    (void)closedir(d);
    return rc;
}

int
spool_dir_scan(int root, struct spool_queue *q, void (*watch)(void *arg, const char *dir),
               void *arg, struct err *e)
{
    struct scan s = {.q = q, .watch = watch, .arg = arg};

    spool_queue_clear(q);
    if (scan_dir(&s, root, "", e) < 0) {
        spool_queue_clear(q);
        return -1;
    }
    spool_queue_sort(q);
    return 0;
}

/* ---- putting away */

static int
write_reason(int root, const char *dir, const char *name, const char *why, size_t len,
             struct err *e)
{
    char tmp[SPOOL_PATH_BYTES + 32], path[SPOOL_PATH_BYTES + 32];
    size_t done = 0;
    int fd;

    (void)snprintf(tmp, sizeof tmp, "%s/.reason.tmp", dir);
    (void)snprintf(path, sizeof path, "%s/%s.reason", dir, name);
    if ((fd = openat(root, tmp, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0660)) < 0)
        goto fail;
    while (done < len) {
        ssize_t n = write(fd, why + done, len - done);
        if (n < 0) {
            int error = errno;
            (void)close(fd);
            (void)unlinkat(root, tmp, 0);
            errno = error;
            goto fail;
        }
        done += (size_t)n;
    }
    if (close(fd) < 0 || renameat(root, tmp, root, path) < 0)
        goto fail;
    return 0;
fail:
    return err_set(e, "spool: %s cannot be written: %s", path, strerror(errno));
}

/* The free name in dir that is nearest to what the file is called; the ending stays. */
static void
free_name(int root, const char *dir, const char *base, char *out, size_t size)
{
    char path[SPOOL_PATH_BYTES + 32];
    struct stat sb;
    size_t len = strlen(base);

    if (len > NAME_CUT)
        base += len - NAME_CUT;
    (void)snprintf(out, size, "%s", base);
    for (unsigned i = 2; i < 100000; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", dir, out);
        if (fstatat(root, path, &sb, AT_SYMLINK_NOFOLLOW) < 0)
            return;
        (void)snprintf(out, size, "%u-%s", i, base);
    }
}

static int
move(int root, const char *path, const char *target, struct err *e)
{
    int rc = renameat2(root, path, root, target, RENAME_NOREPLACE);

    if (rc < 0 && errno == EINVAL) /* this file system cannot; the name was free a moment ago */
        rc = renameat(root, path, root, target);
    if (rc < 0 && errno != ENOENT)
        return err_set(e, "spool: %s cannot be moved to %s: %s", path, target, strerror(errno));
    return 0;
}

int
spool_dir_put(int root, const char *path, bool rejected, bool keep, const char *why, size_t len,
              struct err *e)
{
    char source[MAX_NAME + 1], dir[MAX_NAME + 16], name[NAME_MAX + 1];
    char target[SPOOL_PATH_BYTES + 32];
    const char *slash = strrchr(path, '/');
    const char *where = rejected || !keep ? REJECTED : DONE;

    (void)spool_source(path, source, sizeof source);
    (void)snprintf(dir, sizeof dir, "%s/%s", where, source);
    if (keep || len > 0) {
        if (make(root, where, e) < 0 || make(root, dir, e) < 0)
            return -1;
        free_name(root, dir, slash != NULL ? slash + 1 : path, name, sizeof name);
    }
    if (len > 0 && write_reason(root, dir, name, why, len, e) < 0)
        return -1;
    if (!keep) {
        if (unlinkat(root, path, 0) < 0 && errno != ENOENT)
            return err_set(e, "spool: %s cannot be removed: %s", path, strerror(errno));
        return 0;
    }
    (void)snprintf(target, sizeof target, "%s/%s", dir, name);
    return move(root, path, target, e);
}

/* ---- cleaning */

static size_t
clean_dir(int root, const char *dir, bool deep, int64_t before_s, size_t most)
{
    DIR *d = open_dir(root, dir);
    const struct dirent *ent;
    struct stat sb;
    size_t n = 0;
    char path[SPOOL_PATH_BYTES];

    while (d != NULL && n < most && (ent = readdir(d)) != NULL) {
        if (ent->d_name[0] == '.' || fstatat(dirfd(d), ent->d_name, &sb, AT_SYMLINK_NOFOLLOW) < 0)
            continue;
        if (S_ISDIR(sb.st_mode)) {
            if (deep && snprintf(path, sizeof path, "%s/%s", dir, ent->d_name) < (int)sizeof path)
                n += clean_dir(root, path, false, before_s, most - n);
        } else if (sb.st_ctim.tv_sec < before_s && unlinkat(dirfd(d), ent->d_name, 0) == 0) {
            n++; /* a rename sets the time of change: since then it lies here */
        }
    }
    if (d != NULL)
        (void)closedir(d);
    return n;
}

size_t
spool_dir_clean(int root, int64_t before_s, size_t most)
{
    size_t n = clean_dir(root, DONE, true, before_s, most);

    return n + clean_dir(root, REJECTED, true, before_s, most - n);
}
