/* tool: what the verbs of `tocsin` share: options, exit codes, one-shot submit and fetch.
 *
 * A verb is `int verb_NAME(struct tool *t, int argc, char **argv)` in its own file and returns a
 * sysexits code. Results go to standard output, errors to standard error in one line that says
 * what to do. With t->json every result is one object a line. */
#ifndef TOOLS_TOOL_H
#define TOOLS_TOOL_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "arena.h"
#include "chan.h"
#include "config.h"
#include "err.h"
#include "submit.h"
#include "wire.h"

struct tool {
    const char *program; /* argv[0], for restarting ourselves and finding the daemons */
    const char *dir, *config_file;
    bool json, tty, colour;
    int64_t timeout_us;
    struct config *config;
    struct event_base *base;
    struct chan_context *zmq;
    struct arena *arena; /* of the answer at hand */
    struct buf out;
};

struct option;

/* Loads the configuration into t->config, once. Returns 0, or 78 after saying why. */
int tool_config(struct tool *t);
/* Event base and ZeroMQ context, once, and the configuration. */
int tool_network(struct tool *t);

/* Says "tocsin: …" on standard error; returns code. */
int tool_fail(int code, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Fetches once from `endpoint` (the collector's or notifier's) and waits for the answer, at
 * most t->timeout. fn is called with it; it lives during the call. 0, or 69 after saying who
 * cannot be reached; 70 when the daemon refused. */
int tool_fetch(struct tool *t, const char *endpoint, const struct fetch *f,
               void (*fn)(void *arg, const struct records *r), void *arg);

/* Submits n packed records in one go and waits for all receipts. */
struct tool_record {
    const void *data;
    size_t len;
};
int tool_submit(struct tool *t, const char *endpoint, const char *source,
                const struct tool_record *records, size_t n,
                void (*fn)(void *arg, uint64_t i, const struct receipt *r), void *arg);

/* Walks a stream of records from a position to its head. fn returning nonzero stops. */
int tool_walk(struct tool *t, const char *endpoint, struct fetch f,
              int (*fn)(void *arg, const struct item *it, const struct record *r), void *arg);

/* Writes t->out and empties it; a broken pipe ends the program quietly. */
void tool_print(struct tool *t);

/* An alert id, whole or its last 6 or more characters where only one open alert has them. 0, or
 * a sysexits code after saying why. */
int tool_alert_id(struct tool *t, const char *text, struct id *out);

/* Times of options: RFC 3339, or a duration ("2h" = two hours ago). */
int tool_time(const char *text, int64_t *us);

/* A file or standard input ("-" or NULL), whole; freed by the caller. */
int tool_read(const char *path, char **out, size_t *len);

/* Who is at the keyboard, for commands. */
const char *tool_who(void);

/* ---- human-readable alerts (show.c) */

/* One line: time, precedence, target, headline, state. */
void show_line(struct tool *t, uint64_t seq, const struct alert_event *ev);
/* The whole alert with reasons, as `watch` shows it. */
void show_alert(struct tool *t, uint64_t seq, const struct alert_event *ev);
const char *show_precedence(const struct tool *t, enum precedence p); /* coloured on a terminal */

/* ---- recordings (recording.c) */

struct recording;
/* Reads a recording in either form, or plain incidents as JSON lines; the form is found by the
 * first byte. path NULL or "-": standard input. */
int recording_open(const char *path, struct recording **out, struct err *e);
/* The next record, prepared as the collector would have (see intake.h): 1, 0 at the end, -1 with
 * err (line number); a bad line can be passed over by calling again. The struct lives until the
 * next call. */
int recording_next(struct recording *r, const struct config *c, struct record *out, struct err *e);
/* The record that recording_next() has just given, as it would be under another configuration of
 * the sources. Both structs live until the next recording_next(). */
int recording_again(struct recording *r, const struct config *c, struct record *out, struct err *e);
/* A pipe or a terminal: what comes of a record should not wait for more records. */
bool recording_is_live(const struct recording *r);
void recording_close(struct recording *r);

#endif
