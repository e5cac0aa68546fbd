/* spool_entry: see spool_entry.h. */
#include "spool_entry.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SPACE     "spool"
#define KEY_BYTES (SPOOL_PATH_BYTES + 4)

static size_t
why_key(const struct spool_entry *n, char key[KEY_BYTES])
{
    return (size_t)snprintf(key, KEY_BYTES, "%s%cwhy", n->path, '\0');
}

static int
load_why(struct spool_entry *n, struct journal *j, struct err *e)
{
    char key[KEY_BYTES];
    size_t len = 0;
    char *room = buf_reserve(&n->why, n->kept.why_len);

    if (room == NULL)
        return err_set(e, "out of memory");
    int rc = journal_get(j, SPACE, key, why_key(n, key), room, n->kept.why_len, &len, e);
    if (rc == 0 && len >= n->kept.why_len)
        n->why.len = n->kept.why_len;
    return rc < 0 ? -1 : 0;
}

int
spool_entry_load(struct spool_entry *n, struct store *st, const char *path, struct err *e)
{
    struct journal *j = store_journal(st);
    uint8_t bytes[SPOOL_PROGRESS_BYTES];
    size_t len = 0;

    memset(n, 0, sizeof *n);
    buf_init(&n->why, 0);
    (void)snprintf(n->path, sizeof n->path, "%s", path);
    int rc = journal_get(j, SPACE, n->path, strlen(n->path), bytes, sizeof bytes, &len, e);
    if (rc != 0)
        return rc < 0 ? -1 : 0;
    n->known = true;
    if (spool_progress_unpack(bytes, len, &n->kept) < 0 || n->kept.why_len == 0)
        return 0;
    return load_why(n, j, e);
}

void
spool_entry_fini(struct spool_entry *n)
{
    buf_fini(&n->why);
}

void
spool_entry_begin(struct spool_entry *n, const struct stat *sb)
{
    spool_progress_init(&n->kept, sb);
    buf_reset(&n->why);
}

void
spool_entry_open(struct spool_entry *n)
{
    n->next = n->kept;
}

void
spool_entry_refused(struct spool_entry *n, uint64_t number, const char *why)
{
    if (n->next.refused++ >= SPOOL_REASONS)
        return;
    if (strncmp(why, "row ", 4) != 0) /* of a CSV: it has its number */
        buf_printf(&n->why, "record %" PRIu64 ": ", number);
    buf_printf(&n->why, "%s\n", why);
}

int
spool_entry_write(struct spool_entry *n, struct store *st)
{
    uint8_t bytes[SPOOL_PROGRESS_BYTES];
    char key[KEY_BYTES];

    if (n->why.failed)
        return -1;
    n->next.why_len = n->why.len;
    spool_progress_pack(&n->next, bytes);
    n->known = true;
    if (store_put(st, SPACE, n->path, strlen(n->path), bytes, sizeof bytes) < 0)
        return -1;
    if (n->why.len == n->kept.why_len)
        return 0;
    return store_put(st, SPACE, key, why_key(n, key), n->why.data, n->why.len);
}

void
spool_entry_keep(struct spool_entry *n)
{
    n->kept = n->next;
}

void
spool_entry_back(struct spool_entry *n)
{
    n->next = n->kept;
    n->why.len = n->kept.why_len;
    n->why.failed = false;
}

void
spool_entry_text(const struct spool_entry *n, const char *verdict, bool rejected, struct buf *out)
{
    const struct spool_progress *p = &n->kept;

    if (verdict != NULL)
        buf_printf(out, "refused: %s\n", verdict);
    else if (rejected && p->refused == 0)
        buf_puts(out, "refused: there is no record in it\n");
    if (p->items > 0 && (p->refused > 0 || rejected))
        buf_printf(out,
                   "%" PRIu64 " stored, %" PRIu64 " duplicates, %" PRIu64 " refused, %" PRIu64
                   " ignored\n",
                   p->stored, p->duplicate, p->refused, p->ignored);
    buf_put(out, n->why.data, p->why_len);
    if (p->refused > SPOOL_REASONS)
        buf_printf(out, "and %" PRIu64 " more\n", p->refused - SPOOL_REASONS);
}

void
spool_entry_forget(struct spool_entry *n, struct store *st)
{
    char key[KEY_BYTES];

    if (!n->known)
        return;
    /* Should this be lost: an entry whose file is gone is deleted at the next start. */
    (void)store_put(st, SPACE, n->path, strlen(n->path), NULL, 0);
    (void)store_put(st, SPACE, key, why_key(n, key), NULL, 0);
}

struct sweep {
    struct store *store;
    int root;
};

static int
forget_gone(void *arg, const void *key, size_t klen, const void *value, size_t vlen)
{
    struct sweep *w = arg;
    char path[KEY_BYTES];
    struct stat sb;

    (void)value;
    (void)vlen;
    if (klen >= sizeof path)
        return 0;
    memcpy(path, key, klen);
    path[klen] = '\0'; /* of a key of reasons the path ends earlier */
    if (fstatat(w->root, path, &sb, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT)
        (void)store_put(w->store, SPACE, key, klen, NULL, 0);
    return 0;
}

int
spool_entry_sweep(struct store *st, int root, struct err *e)
{
    struct sweep w = {.store = st, .root = root};

    return journal_each(store_journal(st), SPACE, NULL, 0, forget_gone, &w, e);
}
