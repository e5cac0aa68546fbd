/* dtg: military date-time groups, "171840ZAPR23". Pure.
 *
 * Day, hour and minute, a zone letter, month, year; blanks may stand between them, month and year
 * may be absent: "17 1840Z APR 23", "171840Z", "171840Z AVR". Months in English or French, three
 * letters or more, case and accents ignored; years of two digits are 20yy. Zone letters as ACP 121:
 * A to I and K to M are UTC+1 to +12, N to Y UTC-1 to -12, Z is UTC, J the source's local time; a
 * group with a month and no letter is local time too. */
#ifndef COLLECTOR_DTG_H
#define COLLECTOR_DTG_H

#include <stddef.h>
#include <stdint.h>

#include "format.h"

/* Reads the group that s[0..n) begins with, and returns its length in bytes; 0 when there is none
 * (or it runs on into a word). What is absent is completed from o->now_us: the latest such time not
 * more than 12 h ahead of it. *us is 0 for a group that is no time (the 31st of April), or that
 * cannot be completed because now_us is 0. */
size_t dtg_read(const char *s, size_t n, const struct format_options *o, int64_t *us);

/* The first group within s[0..n) that is a time; 0 when there is none. */
int64_t dtg_find(const char *s, size_t n, const struct format_options *o);

/* The month that the word s[0..n) names, 1 to 12; 0 = none. */
int dtg_month(const char *s, size_t n);

#endif
