/* log: one write(2) per line, so that lines of several processes do not mix.
 *
 * A line is cut at LINE_SIZE, and control characters become '?': whatever slips into an
 * argument, one event stays one line. Whether standard error leads to the journal is
 * asked as systemd.exec(5) says: JOURNAL_STREAM names its device and inode. */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "err.h"

#define LINE_SIZE 2048

enum style { STYLE_PLAIN, STYLE_JOURNAL, STYLE_TERMINAL };

static const struct {
    const char *word, *priority, *colour;
} levels[] = {
    [LOG_LEVEL_ERROR] = {"error: ", "<3>", "\033[1;31m"},
    [LOG_LEVEL_WARN] = {"warning: ", "<4>", "\033[1;33m"},
    [LOG_LEVEL_INFO] = {"", "<6>", ""},
    [LOG_LEVEL_DEBUG] = {"debug: ", "<7>", "\033[2m"},
};

static char log_name[64] = "tocsin";
static enum log_level log_most = LOG_LEVEL_INFO;
static enum style log_style = STYLE_PLAIN;
static struct err last_error;

static bool
leads_to_journal(void)
{
    const char *s = getenv("JOURNAL_STREAM");
    unsigned long long dev, ino;
    struct stat st;

    return s != NULL && sscanf(s, "%llu:%llu", &dev, &ino) == 2 && fstat(STDERR_FILENO, &st) == 0 &&
           st.st_dev == dev && st.st_ino == ino;
}

void
log_init(const char *name, enum log_level most)
{
    (void)snprintf(log_name, sizeof(log_name), "%s", name); /* cut to fit */
    log_most = most;
    last_error.text[0] = '\0';
    if (leads_to_journal())
        log_style = STYLE_JOURNAL;
    else
        log_style = isatty(STDERR_FILENO) ? STYLE_TERMINAL : STYLE_PLAIN;
}

static void
make_plain(char *s)
{
    for (; *s != '\0'; s++)
        if ((unsigned char)*s < 0x20 || *s == 0x7f)
            *s = '?';
}

static void emit(enum log_level level, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

static void
emit(enum log_level level, const char *fmt, va_list ap)
{
    char text[LINE_SIZE - 160], line[LINE_SIZE];
    const char *colour = levels[level].colour;
    int n;

    if (level > log_most && level != LOG_LEVEL_ERROR)
        return;
    (void)vsnprintf(text, sizeof(text), fmt, ap); /* cut to fit */
    make_plain(text);
    if (level == LOG_LEVEL_ERROR)
        (void)err_set(&last_error, "%s", text); /* cut to fit; it always returns -1 */

    switch (log_style) {
    case STYLE_JOURNAL:
        /* The journal knows the name and the level. */
        n = snprintf(line, sizeof(line), "%s%s\n", levels[level].priority, text);
        break;
    case STYLE_TERMINAL:
        n = snprintf(line, sizeof(line), "%s: %s%s%s%s\n", log_name, colour, levels[level].word,
                     text, *colour != '\0' ? "\033[0m" : "");
        break;
    default:
        n = snprintf(line, sizeof(line), "%s: %s%s\n", log_name, levels[level].word, text);
        break;
    }
    /* A log that cannot be written has nowhere to complain. */
    if (n > 0 && write(STDERR_FILENO, line, (size_t)n) < 0)
        return;
}

void
log_error(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    emit(LOG_LEVEL_ERROR, fmt, ap);
    va_end(ap);
}

void
log_warn(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    emit(LOG_LEVEL_WARN, fmt, ap);
    va_end(ap);
}

void
log_info(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    emit(LOG_LEVEL_INFO, fmt, ap);
    va_end(ap);
}

void
log_debug(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    emit(LOG_LEVEL_DEBUG, fmt, ap);
    va_end(ap);
}

const char *
log_last_error(void)
{
    return last_error.text;
}

const char *
log_quote(const char *s, size_t n, char *out, size_t size)
{
    static const char hex[] = "0123456789abcdef";
    size_t o = 0;

    if (size < 3) { /* no room for two quotes */
        if (size > 0)
            out[0] = '\0';
        return out;
    }
    out[o++] = '"';
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        char piece[4] = {(char)c, 0, 0, 0};
        size_t len = 1;

        if (c == '"' || c == '\\') {
            piece[0] = '\\';
            piece[1] = (char)c;
            len = 2;
        } else if (c < 0x20 || c >= 0x7f) {
            piece[0] = '\\';
            piece[1] = 'x';
            piece[2] = hex[c >> 4];
            piece[3] = hex[c & 15];
            len = 4;
        }
        if (o + len + 2 > size) /* the closing quote and the NUL */
            break;
        memcpy(out + o, piece, len);
        o += len;
    }
    out[o++] = '"';
    out[o] = '\0';
    return out;
}

bool
log_allow(struct log_limit *l, int64_t mono_us, int64_t interval_us, uint32_t burst,
          uint64_t *suppressed)
{
    uint64_t missed = 0;

    if (mono_us >= l->until_us) {
        missed = l->suppressed;
        *l = (struct log_limit){.until_us = mono_us + interval_us};
    }
    if (suppressed != NULL)
        *suppressed = missed;
    if (l->used < burst) {
        l->used++;
        return true;
    }
    l->suppressed++;
    return false;
}
