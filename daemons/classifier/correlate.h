/* correlate: which situation a report belongs to, and what it adds to it. Pure.
 *
 * Candidates are near in place (join_m and both uncertainties), near in time (join_us), of a
 * compatible kind and of the same status; the best by score, then by id. Regions join only the
 * same region; what could not be placed joins only the same words for the place, or a copy from
 * the same source. The same own id with another body is the source's correction and joins
 * wherever the first stands. */
#ifndef CLASSIFIER_CORRELATE_H
#define CLASSIFIER_CORRELATE_H

#include "situation.h"

struct report {
    const struct incident *in;
    const struct finding *f;
    struct id id;
    uint64_t seq;
    int64_t received_us;
    int64_t stamp_us;       /* when it was reported, as far as that is believed */
    int64_t from_us, to_us; /* the event */
    enum status status;
};

/* Stamps and event times of an incident (DESIGN 4): fills received, stamp and status. */
int64_t report_stamp(const struct incident *in, int64_t received_us);
void report_init(struct report *r, const struct incident *in, const struct finding *f,
                 int64_t received_us);

/* May reports of these two kinds be of one event? */
bool correlate_compatible(enum event_type a, enum event_type b);
/* Six of eight hashes shared. */
bool correlate_same_text(const uint32_t a[FINGERPRINTS], const uint32_t b[FINGERPRINTS]);

/* The situation the report joins, or NOTHING. *corrects: the report that it replaces. */
uint32_t correlate_find(const struct situations *s, const struct knowledge *k,
                        const struct report *r, uint32_t *corrects);

/* Adds the report to situation i (its first, when new), folds, and indexes. Returns whether it
 * counts as an independent source. */
bool correlate_join(struct situations *s, const struct knowledge *k, uint32_t i,
                    const struct report *r, uint32_t corrects);

/* Attacks and what belongs to one: shots, blasts, fights, kidnappings. */
bool correlate_is_attack(enum event_type e);
/* Violence that a place in its middle suffers from, whoever it was aimed at. */
bool correlate_is_violent(enum event_type e);

#endif
