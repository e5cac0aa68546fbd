/* phone_key: see the header. The key is written beside its place and linked there, so that it is
 * whole or not there, and of two that start at once both use the first. */
#include "phone_key.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "dirs.h"

#define INTERNATIONAL 11 /* digits without + or 00 from which on they begin with the country */
#define NUMBER_BYTES  64

static int
write_key(const char *dir, const char *path, struct err *e)
{
    uint8_t key[PHONE_KEY_LEN];
    char tmp[1100];
    int fd, rc = -1;

    if (access(dir, F_OK) != 0) {
        if (dir_make(dir, e) < 0)
            return -1;
        if (chmod(dir, 0700) < 0)
            return err_set(e, "%s: cannot be made private: %s", dir, strerror(errno));
    }
    (void)snprintf(tmp, sizeof tmp, "%s.%ld", path, (long)getpid());
    fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_set(e, "%s: cannot be written: %s", tmp, strerror(errno));
    randombytes_buf(key, sizeof key);
    if (write(fd, key, sizeof key) != (ssize_t)sizeof key || fsync(fd) < 0 ||
        (link(tmp, path) < 0 && errno != EEXIST))
        (void)err_set(e, "%s: cannot be written: %s", path, strerror(errno)); /* rc is -1 */
    else
        rc = 0;
    sodium_memzero(key, sizeof key);
    (void)close(fd);   /* flushed above */
    (void)unlink(tmp); /* a rest does no harm */
    return rc;
}

int
phone_key_load(const char *dir, uint8_t key[PHONE_KEY_LEN], struct err *e)
{
    char path[1060];
    uint8_t bytes[PHONE_KEY_LEN + 1] = {0};
    struct stat st;
    int fd, rc = -1;

    if (snprintf(path, sizeof path, "%s/phone.key", dir) >= (int)sizeof path)
        return err_set(e, "%s: the path is too long", dir);
    if (access(path, F_OK) != 0 && errno == ENOENT && write_key(dir, path, e) < 0)
        return -1;
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0)
        (void)err_set(e, "%s: cannot be read: %s", path, strerror(errno)); /* rc is -1 */
    else if ((st.st_mode & 077) != 0)
        (void)err_set(e, "%s: others may read it; chmod 600 it", path);
    else if (read(fd, bytes, sizeof bytes) != PHONE_KEY_LEN)
        (void)err_set(e, "%s: a key has %d bytes; take the file away and a new one is made", path,
                      PHONE_KEY_LEN);
    else
        rc = 0;
    if (fd >= 0)
        (void)close(fd); /* only read */
    if (rc == 0)
        memcpy(key, bytes, PHONE_KEY_LEN);
    sodium_memzero(bytes, sizeof bytes);
    return rc;
}

/* Past a scheme whose rest is a telephone number. */
static const char *
past_scheme(const char *s)
{
    static const char *const schemes[] = {"tel:", "sms:", "whatsapp:"};

    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
        if (strncasecmp(s, schemes[i], strlen(schemes[i])) == 0)
            return s + strlen(schemes[i]);
    return s;
}

static char
lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* What tells this number from others; 0 = nothing. */
static size_t
normalise(const char *number, char out[NUMBER_BYTES])
{
    const char *s = past_scheme(number + strspn(number, " "));
    bool word = false, plus = s[strspn(s, " (")] == '+';
    size_t n = 0;

    /* Behind ? and # a URN says more. */
    for (; *s != '\0' && *s != '?' && *s != '#' && n < NUMBER_BYTES; s++) {
        bool digit = *s >= '0' && *s <= '9';
        if (!digit && strchr(" +-.()/", *s) != NULL)
            continue;
        word = word || !digit;
        out[n++] = lower(*s);
    }
    if (word)
        return n;
    if (!plus && n > 2 && out[0] == '0' && out[1] == '0') {
        n -= 2;
        memmove(out, out + 2, n);
        plus = true;
    }
    plus = plus || (n >= INTERNATIONAL && out[0] != '0');
    if (plus && n > 0 && n < NUMBER_BYTES)
        out[n++] = '+';
    return n;
}

const char *
phone_name(const uint8_t key[PHONE_KEY_LEN], const char *number, char out[PHONE_TEXT])
{
    static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    uint8_t hash[crypto_generichash_BYTES_MIN];
    char plain[NUMBER_BYTES];
    size_t n = normalise(number, plain);
    uint32_t bits = 0, have = 0;

    if (n == 0)
        return NULL;
    (void)crypto_generichash(hash, sizeof hash, (const uint8_t *)plain, n, key, PHONE_KEY_LEN);
    memcpy(out, "tel:", 4);
    for (size_t i = 0, w = 4; i < 10; i++) {
        bits = bits << 8 | hash[i];
        for (have += 8; have >= 5; have -= 5)
            out[w++] = digits[bits >> (have - 5) & 31];
    }
    out[PHONE_TEXT - 1] = '\0';
    return out;
}
