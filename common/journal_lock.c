/* journal_lock: one writer for one log.
 *
 * SQLite would let two processes write by turns, and each would hand out the sequence numbers the
 * other has just used. flock() goes away with the process however it dies, so no stale lock can
 * keep a log shut. It is a file of its own because closing any descriptor of the database file
 * would drop the POSIX locks SQLite holds on it. */
#include "journal_store.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* The holder's process id as it wrote it; 0 when it cannot be read. */
static long
holder(int fd)
{
    char text[24];
    ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

    if (n <= 0)
        return 0;
    text[n] = '\0';
    return strtol(text, NULL, 10);
}

int
journal_lock(const char *path, struct err *e)
{
    char name[PATH_MAX];
    char pid[24];
    int fd = -1;
    int saved;
    int n = snprintf(name, sizeof(name), "%s.lock", path);

    if (n < 0 || (size_t)n >= sizeof(name)) {
        err_set(e, "%s: path too long", path);
        errno = ENAMETOOLONG;
        return -1;
    }
    fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        saved = errno;
        err_set(e, "%s: cannot open the lock file: %s", name, strerror(saved));
        goto fail;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        saved = errno == EWOULDBLOCK ? EBUSY : errno;
        if (saved == EBUSY)
            err_set(e,
                    "%s is being written by another process (pid %ld): stop that one, or give "
                    "this one a log of its own",
                    path, holder(fd));
        else
            err_set(e, "%s: cannot lock: %s", name, strerror(saved));
        goto fail;
    }
    /* Only for the text above: on a full disk the log must still open, so that what is in it can
     * be served. */
    n = snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) == 0 && pwrite(fd, pid, (size_t)n, 0) == n)
        return fd;
    return fd;

fail:
    if (fd >= 0)
        (void)close(fd); /* nothing was written */
    errno = saved;
    return -1;
}
