/* format: bytes of a door to records. One file per format; pure, no I/O.
 *
 * Each record is handed over as it is found, or the bytes and the reason why not; a bad one
 * does not spoil its neighbours. */
#ifndef COLLECTOR_FORMAT_H
#define COLLECTOR_FORMAT_H

#include <stddef.h>

#include "arena.h"
#include "record.h"

struct format_sink {
    void (*record)(void *arg, struct record *r, const char *raw, size_t len);
    void (*refused)(void *arg, const char *why, const char *raw, size_t len);
    struct arena *arena; /* reset before each record */
    void *arg;
};

/* One JSON object, or an array of them. */
void format_json(const char *s, size_t n, const struct format_sink *sink);
/* JSON lines; empty lines are passed over. */
void format_ndjson(const char *s, size_t n, const struct format_sink *sink);

#endif
