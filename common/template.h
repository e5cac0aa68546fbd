/* template: a sentence with places to fill in: "{who}: {what} {where}, {when}". Pure.
 *
 * What stands between two places belongs to the second: where that has nothing to say, both are
 * left out; so one sentence serves alerts of which more or less is known. What stands behind
 * the last place always stays. "{" begins a place; there is no other use of it. */
#ifndef TOCSIN_TEMPLATE_H
#define TOCSIN_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

enum template_place {
    TP_WHO,
    TP_WHAT,
    TP_WHERE,
    TP_WHEN,
    TP_HARM,
    TP_FAR,
    TP_SOON,
    TP_HALT,
    TEMPLATE_PLACES
};

/* False when text has a place that there is not, or one that is not closed: *at and *len show it. */
bool template_check(const char *text, const char **at, size_t *len);

/* Fills text (checked) with the values, NULL or "" for nothing to say, into out (size bytes,
 * NUL-terminated; what does not fit is cut, never inside a character). Returns the length. */
size_t template_fill(const char *text, const char *const values[TEMPLATE_PLACES], char *out,
                     size_t size);

#endif
