/* checkpoint: see checkpoint.h. File: magic, journal id, seq (8 bytes little-endian), chain
 * digest, then what core_save() gives. */
#include "checkpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC "TOCSINC1"
#define HEAD  (8 + ID_LEN + 8 + DIGEST_LEN)
#define MOST  ((size_t)512 << 20)

static int
write_all(int fd, const char *p, size_t n)
{
    while (n > 0) {
        ssize_t k = write(fd, p, n);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            return -1;
        p += k;
        n -= (size_t)k;
    }
    return 0;
}

int
checkpoint_write(const char *path, const struct position *at, const struct core *c, struct err *e)
{
    char next[600];
    struct buf b;
    int fd = -1, rc = -1;

    (void)snprintf(next, sizeof next, "%s.next", path);
    buf_init(&b, MOST);
    buf_put(&b, MAGIC, 8);
    buf_put(&b, at->journal.b, ID_LEN);
    for (int i = 0; i < 8; i++)
        buf_putc(&b, (char)(at->seq >> (8 * i)));
    buf_put(&b, at->digest, DIGEST_LEN);
    if (core_save(c, &b) < 0 || b.failed) {
        (void)err_set(e, "out of memory");
        goto out;
    }
    fd = open(next, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || write_all(fd, b.data, b.len) < 0) {
        (void)err_set(e, "%s: %s", next, strerror(errno));
        goto out;
    }
    if (rename(next, path) < 0) {
        (void)err_set(e, "%s: %s", path, strerror(errno));
        goto out;
    }
    rc = 0;
out:
    if (fd >= 0)
        (void)close(fd);
    buf_fini(&b);
    return rc;
}

static char *
read_all(const char *path, size_t *len, struct err *e)
{
    struct stat sb;
    char *p = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || fstat(fd, &sb) < 0 || sb.st_size < HEAD || (size_t)sb.st_size > MOST) {
        (void)err_set(e, "no checkpoint");
        goto out;
    }
    *len = (size_t)sb.st_size;
    p = malloc(*len);
    if (p != NULL && read(fd, p, *len) != (ssize_t)*len) {
        (void)err_set(e, "the checkpoint could not be read");
        free(p);
        p = NULL;
    }
out:
    if (fd >= 0)
        (void)close(fd);
    return p;
}

int
checkpoint_read(const char *path, const struct knowledge *k, struct position *at, struct core **out,
                struct err *e)
{
    size_t len = 0;
    char *p = read_all(path, &len, e);
    const uint8_t *q = (const uint8_t *)p;

    if (p == NULL)
        return 1;
    if (memcmp(q, MAGIC, 8) != 0 || core_load(k, p + HEAD, len - HEAD, out, e) < 0) {
        if (memcmp(q, MAGIC, 8) != 0)
            (void)err_set(e, "not a checkpoint of this release");
        free(p);
        return 1;
    }
    memcpy(at->journal.b, q + 8, ID_LEN);
    at->seq = 0;
    for (int i = 7; i >= 0; i--)
        at->seq = at->seq << 8 | q[8 + ID_LEN + i];
    memcpy(at->digest, q + 8 + ID_LEN + 8, DIGEST_LEN);
    free(p);
    return 0;
}
