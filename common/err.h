/* err: an error that errno cannot tell.
 *
 * A function that can fail for a reason worth words takes a `struct err *` as
 * its last argument. It may be NULL. The text is one line, fact first, and
 * says what to do where that is not plain. */
#ifndef TOCSIN_ERR_H
#define TOCSIN_ERR_H

struct err {
    char text[320];
    char file[160]; /* "" when the error is in no file */
    int line;       /* 1-based; 0 = unknown */
};

/* Sets text (truncated to fit) and clears file and line. Returns -1 always, so
 * that `return err_set(e, ...)` reads well. e may be NULL. */
int err_set(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The same with a place in a file. */
int err_at(struct err *e, const char *file, int line, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* "file:line: text" or "text", into out (always terminated); returns out. */
const char *err_str(const struct err *e, char *out, unsigned long size);

#endif
