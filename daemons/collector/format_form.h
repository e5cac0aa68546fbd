/* format_form: the forms in which armies and missions report in words, found in a text.
 *
 *   salute   Size, Activity, Location, Unit, Time, Equipment; spelled out or by letters, a line
 *            each or all in one
 *   contact  a contact report: When, Where, What (he is, he does, I do), under a title with
 *            "contact"
 *   5w       Who, What, When, Where
 *   uxo      UXO or IED spot report in nine numbered lines, or ten (unit and location apart)
 *   medevac  MEDEVAC or CASEVAC request in nine numbered lines
 *
 * English and French labels. A text that only resembles a form is none: a SALUTE has at least four
 * of its six (by letters five, in order), one by numbers counts without a gap to five at least and
 * says in its title, or in the lines that only it has, which it is. Pure. */
#ifndef COLLECTOR_FORMAT_FORM_H
#define COLLECTOR_FORMAT_FORM_H

#include <stddef.h>
#include <stdint.h>

enum form_kind { FORM_NONE, FORM_SALUTE, FORM_CONTACT, FORM_5W, FORM_UXO, FORM_MEDEVAC };

/* Part of the text, without blanks and separators at its ends; n 0 = there is none. */
struct form_span {
    const char *s;
    size_t n;
};

struct form {
    enum form_kind kind;
    struct form_span when, where;
    /* uxo in nine lines: the unit and where it is, not told apart; and the line behind it, which
     * some missions give to the place. Of either only coordinates are certain. */
    struct form_span unit_where, next_where;
    int32_t patients; /* medevac; -1 = not said, or not for certain */
};

const char *form_name(enum form_kind k); /* "salute", …; "" for none */

/* The form that the text is written in; kind is FORM_NONE when it is none. */
void form_find(const char *text, struct form *out);

/* Patients by precedence, "A-2, C-1", "2A 1C", "1 urgent 2 routine", or by type, "L1 A2"; -1 when
 * anything else stands there. */
int32_t form_patients(const char *s, size_t n);

#endif
