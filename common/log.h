/* log: one line per event on standard error, fact first, then key=value.
 *
 * Under systemd (JOURNAL_STREAM) the line carries a "<N>" priority prefix; on a terminal the
 * level is coloured. Daemons log, common/ does not (svc excepted). Untrusted text goes through
 * log_quote(). Never a reporter's identity, never a report's text. */
#ifndef TOCSIN_LOG_H
#define TOCSIN_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

void log_init(const char *name, enum log_level most);
void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The last error logged, "" when none; for statuses. */
const char *log_last_error(void);

/* s in double quotes, control characters and non-ASCII escaped, cut to fit; returns out. */
const char *log_quote(const char *s, size_t n, char *out, size_t size);

/* At most `burst` calls return true in each interval; for what a peer can trigger. When the
 * next interval opens, *suppressed tells how many were not logged. */
struct log_limit {
    int64_t until_us;
    uint32_t used;
    uint64_t suppressed;
};
bool log_allow(struct log_limit *l, int64_t mono_us, int64_t interval_us, uint32_t burst,
               uint64_t *suppressed);

#endif
