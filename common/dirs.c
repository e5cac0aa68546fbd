/* dirs: see dirs.h. */
#include "dirs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

int
dir_make(const char *path, struct err *e)
{
    char p[512];

    if (strlen(path) >= sizeof p)
        return err_set(e, "%.64s...: the path is too long", path);
    (void)strcpy(p, path);
    for (char *s = p + 1;; s++) {
        if (*s != '/' && *s != '\0')
            continue;
        char c = *s;
        *s = '\0';
        if (mkdir(p, 0750) < 0 && errno != EEXIST)
            return err_set(e, "%s: cannot be made: %s", p, strerror(errno));
        if (c == '\0')
            return 0;
        *s = c;
    }
}

int
dir_make_for(const char *endpoint, struct err *e)
{
    char p[512];

    if (strncmp(endpoint, "ipc://", 6) != 0)
        return 0;
    (void)snprintf(p, sizeof p, "%s", endpoint + 6);
    char *slash = strrchr(p, '/');
    if (slash == NULL || slash == p)
        return 0;
    *slash = '\0';
    return dir_make(p, e);
}
