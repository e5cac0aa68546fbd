/* tz: offset of a time zone from UTC at a time, without touching the process environment.
 *
 * libc can only change the zone of the whole process; sources report from several. Reads the
 * system's zone files (RFC 9636, versions 1 to 4) once, at load. */
#ifndef TOCSIN_TZ_H
#define TOCSIN_TZ_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

#define TZ_DIR "/usr/share/zoneinfo"

struct tz;

/* name: "UTC", "+HH:MM", "-HH:MM" (needing no file), or "Africa/Bamako" below dir. On a system
 * without zone files the error says what to install. */
int tz_load(const char *dir, const char *name, struct tz **out, struct err *e);
/* The bytes of a zone file. -1 when they are none. */
int tz_parse(const void *data, size_t n, struct tz **out);
void tz_free(struct tz *z);

/* Seconds east of UTC. */
int32_t tz_offset_s(const struct tz *z, int64_t at_us);

#endif
