/* timefmt: wall time as text and back. Pure: reads no clock, no environment.
 *
 * Wall time is int64_t microseconds since 1970-01-01T00:00:00Z, proleptic
 * Gregorian, no leap seconds; 0 stands for "unknown" throughout Tocsin. */
#ifndef TOCSIN_TIMEFMT_H
#define TOCSIN_TIMEFMT_H

#include <stddef.h>
#include <stdint.h>

#define TIME_TEXT 32
#define SECOND_US INT64_C(1000000)
#define MINUTE_US (60 * SECOND_US)
#define HOUR_US   (60 * MINUTE_US)
#define DAY_US    (24 * HOUR_US)

struct civil {
    int year, month, day; /* month 1..12 */
    int hour, minute, second, usec;
    int weekday; /* 0 = Monday */
};

/* RFC 3339, "2023-04-17T06:40:00Z", "…:00.123+02:00", lower-case t and z too; a
 * space may stand for the T. Years 1970..2200. -1 when it is no such time. */
int time_parse(const char *s, size_t len, int64_t *us);

/* "2023-04-17T06:40:00Z"; milliseconds (rounded down) are added unless zero. */
const char *time_text(int64_t us, char out[TIME_TEXT]); /* returns out */

int64_t time_from_civil(const struct civil *c); /* weekday ignored */
void time_to_civil(int64_t us, struct civil *c);

/* "90s", "15min", "2h", "14d", "250ms", "1h30min"; a bare number is seconds. -1 on error. */
int duration_parse(const char *s, int64_t *us);
/* The shortest of those that is exact, for messages. */
const char *duration_text(int64_t us, char out[TIME_TEXT]);

#endif
