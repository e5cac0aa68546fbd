/* config_paths: completes directories and endpoints.
 *
 * With an instance directory everything lies below it; packaged, in the places of the Filesystem
 * Hierarchy Standard. What the file says wins; what is relative in it is taken from the instance
 * directory, or from where the file is. Afterwards no path of the configuration is NULL but those
 * that may stay unnamed (`assets`, `spool`, TLS files, `upstream`) and a door that is off. */
#include "config_paths.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct paths {
    struct config *c;
    const struct ynode *root;
    char *base; /* of relative paths */
    struct err *e;
};

int
config_line(const struct ynode *root, const char *section, const char *key, int index)
{
    const struct ynode *n = ynode_get(ynode_get(root, section), key);

    if (n == NULL)
        return 0;
    if (index < 0)
        return n->line;
    const struct ynode *child = n->child;
    while (child != NULL && index-- > 0)
        child = child->next;
    return child != NULL ? child->line : n->line;
}

static int
no_memory(const struct paths *p)
{
    return err_set(p->e, "out of memory");
}

/* dir/name, or name when that is absolute. */
static char *
below(const char *dir, const char *name)
{
    char *out = NULL;

    if (name[0] == '/')
        return strdup(name);
    return asprintf(&out, "%s/%s", dir, name) < 0 ? NULL : out;
}

/* Replaces *field: completed when given, else name below dir. */
static int
directory(const struct paths *p, char **field, const char *dir, const char *name)
{
    char *full = *field != NULL ? below(p->base, *field) : below(dir, name);

    if (full == NULL)
        return no_memory(p);
    free(*field);
    *field = full;
    return 0;
}

/* A file that may stay unnamed (NULL or ""). */
static int
file(const struct paths *p, char **field)
{
    return *field == NULL || **field == '\0' ? 0 : directory(p, field, p->base, *field);
}

/* ---- endpoints */

static int
check_port(const char *s, long least)
{
    char *end = NULL;

    if (s[0] < '0' || s[0] > '9' || strlen(s) > 5)
        return -1;
    long v = strtol(s, &end, 10);
    return *end == '\0' && v >= least && v <= 65535 ? 0 : -1;
}

/* HOST:PORT or [V6]:PORT */
static int
check_address(const char *s, long least_port)
{
    const char *colon = strrchr(s, ':');

    if (colon == NULL || colon == s || check_port(colon + 1, least_port) != 0)
        return -1;
    if (s[0] == '[')
        return colon[-1] == ']' && colon - s > 2 ? 0 : -1;
    return memchr(s, ':', (size_t)(colon - s)) == NULL && s[strcspn(s, " /")] == '\0' ? 0 : -1;
}

static int
endpoint(const struct paths *p, const char *section, const char *key, char **field, const char *def)
{
    int line = config_line(p->root, section, key, -1);
    const char *v = *field != NULL ? *field : def;
    char *full = NULL;

    if (strncmp(v, "tcp://", 6) == 0) {
        if (check_address(v + 6, 1) != 0)
            return err_at(p->e, p->c->path, line,
                          "%s.%s: \"%.80s\" has no address and port; write it like "
                          "tcp://10.0.0.1:8450",
                          section, key, v);
        full = strdup(v);
    } else if (strncmp(v, "ipc://", 6) == 0 && v[6] != '\0') {
        char *path = v[6] == '@' ? strdup(v + 6) : below(p->c->instance.run, v + 6);
        if (path == NULL)
            return no_memory(p);
        size_t len = strlen(path);
        if (len > IPC_PATH_MAX) {
            free(path);
            return err_at(p->e, p->c->path, line,
                          "%s.%s: the path of the socket has %zu bytes and may have %d; use a "
                          "shorter directory (instance.run)",
                          section, key, len, IPC_PATH_MAX);
        }
        if (asprintf(&full, "ipc://%s", path) < 0)
            full = NULL;
        free(path);
    } else {
        return err_at(p->e, p->c->path, line,
                      "%s.%s: \"%.80s\" is neither ipc://PATH nor tcp://ADDRESS:PORT", section, key,
                      v);
    }
    if (full == NULL)
        return no_memory(p);
    free(*field);
    *field = full;
    return 0;
}

/* Where to connect to what listens at `listen`: a wildcard address is this machine. */
static int
peer(const struct paths *p, const char *key, char **field, const char *listen)
{
    static const char *const wild[] = {"tcp://*:", "tcp://0.0.0.0:"};
    char local[32];
    const char *def = listen;

    for (size_t i = 0; i < 2; i++) {
        size_t n = strlen(wild[i]);
        if (strncmp(listen, wild[i], n) == 0) {
            (void)snprintf(local, sizeof(local), "tcp://127.0.0.1:%s", listen + n); /* fits */
            def = local;
        }
    }
    return endpoint(p, "classifier", key, field, def);
}

/* ADDRESS:PORT, or off: NULL then. */
static int
door(const struct paths *p, const char *section, const char *key, char **field)
{
    if (strcmp(*field, "off") == 0) {
        free(*field);
        *field = NULL;
        return 0;
    }
    if (check_address(*field, 0) == 0)
        return 0;
    return err_at(p->e, p->c->path, config_line(p->root, section, key, -1),
                  "%s.%s: \"%.80s\" is neither ADDRESS:PORT, like 127.0.0.1:8440, nor off", section,
                  key, *field);
}

static int
doors(const struct paths *p)
{
    struct config *c = p->c;
    const struct {
        const char *section, *key;
        char **field;
    } all[] = {
        {"collector", "listen_http", &c->collector.listen_http},
        {"collector", "listen_https", &c->collector.listen_https},
        {"collector", "listen_tak", &c->collector.listen_tak},
        {"collector", "listen_tak_tls", &c->collector.listen_tak_tls},
        {"classifier", "listen_http", &c->classifier.listen_http},
        {"notifier", "listen_http", &c->notifier.listen_http},
    };

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (door(p, all[i].section, all[i].key, all[i].field) != 0)
            return -1;
    return 0;
}

static int
endpoints(const struct paths *p)
{
    struct config *c = p->c;

    if (endpoint(p, "collector", "listen_zmq", &c->collector.listen_zmq,
                 "ipc://collector/submit.sock") != 0 ||
        endpoint(p, "notifier", "listen_zmq", &c->notifier.listen_zmq,
                 "ipc://notifier/submit.sock") != 0 ||
        endpoint(p, "notifier", "publish", &c->notifier.publish, "ipc://notifier/publish.sock") !=
            0 ||
        peer(p, "collector", &c->classifier.collector, c->collector.listen_zmq) != 0 ||
        peer(p, "notifier", &c->classifier.notifier, c->notifier.listen_zmq) != 0)
        return -1;
    if (strcmp(c->notifier.listen_zmq, c->notifier.publish) == 0 ||
        strcmp(c->notifier.listen_zmq, c->collector.listen_zmq) == 0 ||
        strcmp(c->notifier.publish, c->collector.listen_zmq) == 0)
        return err_at(p->e, c->path, 0,
                      "two of collector.listen_zmq, notifier.listen_zmq and notifier.publish are "
                      "the same; each needs an endpoint of its own");
    if (strcmp(c->collector.listen_edges, "off") == 0) {
        free(c->collector.listen_edges);
        c->collector.listen_edges = NULL;
    } else if (endpoint(p, "collector", "listen_edges", &c->collector.listen_edges, "") != 0) {
        return -1;
    }
    if (c->collector.upstream.endpoint != NULL &&
        endpoint(p, "collector", "upstream", &c->collector.upstream.endpoint, "") != 0)
        return -1;
    return doors(p);
}

/* ---- directories */

static int
directories(const struct paths *p)
{
    struct config *c = p->c;
    const char *dir = c->dir;

    if (directory(p, &c->instance.state, dir ? dir : "/var/lib", dir ? "state" : "tocsin") != 0 ||
        directory(p, &c->instance.run, dir ? dir : "/run", dir ? "run" : "tocsin") != 0 ||
        directory(p, &c->instance.keys, dir ? dir : "/etc/tocsin", "keys") != 0 ||
        directory(p, &c->collector.state, c->instance.state, "collector") != 0 ||
        file(p, &c->collector.spool) != 0 ||
        directory(p, &c->classifier.state, c->instance.state, "classifier") != 0 ||
        directory(p, &c->notifier.state, c->instance.state, "notifier") != 0 ||
        file(p, &c->classifier.lexicon) != 0 || file(p, &c->classifier.gazetteer) != 0 ||
        (strcmp(c->classifier.model, "none") != 0 && file(p, &c->classifier.model) != 0) ||
        file(p, &c->classifier.rules) != 0 || file(p, &c->classifier.assets) != 0 ||
        file(p, &c->collector.tls_cert) != 0 || file(p, &c->collector.tls_key) != 0 ||
        file(p, &c->collector.tls_clients) != 0)
        return -1;
    for (size_t i = 0; i < c->classifier.geonames.n; i++)
        if (file(p, &c->classifier.geonames.v[i]) != 0)
            return -1;
    return 0;
}

char *
path_absolute(const char *path)
{
    char *cwd, *out = NULL;

    if (path[0] == '/')
        return strdup(path);
    cwd = getcwd(NULL, 0);
    if (strcmp(path, ".") == 0)
        return cwd;
    if (cwd == NULL || asprintf(&out, "%s/%s", cwd, path) < 0)
        out = NULL;
    free(cwd);
    return out;
}

/* Absolute, so that what is completed once is never completed again. */
static char *
base_of(const struct config *c)
{
    const char *slash = strrchr(c->path, '/');
    char *dir, *base;

    if (c->dir != NULL)
        return strdup(c->dir);
    if (slash == NULL)
        return c->path[0] == '\0' ? strdup("/etc/tocsin") : path_absolute(".");
    if (slash == c->path)
        return strdup("/");
    dir = strndup(c->path, (size_t)(slash - c->path));
    base = dir != NULL ? path_absolute(dir) : NULL;
    free(dir);
    return base;
}

int
config_complete(struct config *c, const struct ynode *root, struct err *e)
{
    struct paths p = {.c = c, .root = root, .base = base_of(c), .e = e};
    char exe[4096];
    ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
    int rc = -1;

    exe[n > 0 ? n : 0] = '\0';
    c->share = config_share(exe);
    if (p.base == NULL || c->share == NULL)
        (void)no_memory(&p); /* rc is -1 */
    else if (directories(&p) == 0)
        rc = endpoints(&p);
    free(p.base);
    return rc;
}

static bool
is_directory(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

char *
config_share(const char *exe)
{
    char *path = NULL;
    const char *build = NULL, *at = exe;

    while ((at = strstr(at, "/build/")) != NULL)
        build = at++;
    if (build != NULL) {
        if (asprintf(&path, "%.*s/conf", (int)(build - exe), exe) < 0)
            return NULL;
        if (is_directory(path))
            return path;
        free(path);
    }
    const char *name = strrchr(exe, '/');
    const char *bin = name == NULL ? NULL : memrchr(exe, '/', (size_t)(name - exe));
    if (bin != NULL) {
        if (asprintf(&path, "%.*s/share/tocsin", (int)(bin - exe), exe) < 0)
            return NULL;
        if (is_directory(path))
            return path;
        free(path);
    }
    return strdup("/usr/share/tocsin");
}
