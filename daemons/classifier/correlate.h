/* correlate: which situation a report belongs to, and what it adds to it. Pure.
 *
 * Candidates are near in place (join_m and both uncertainties), near in time (join_us), of a
 * compatible kind and of the same status; the best by score, then by id. Regions join only the
 * same region; what could not be placed joins only the same words for the place, or a copy from
 * the same source. Of situations that an officer has split, a copy goes where its original is, and
 * a source's reports where the others of it are.
 *
 * Corrections: the same own id with another body replaces what its source said before, and stands
 * where that stood: alone in its situation it takes the situation along, to another place or event;
 * among reports of others it stays as long as it fits what they say, else it goes where it fits.
 *
 * Independence (correlate_count.c). Every source counts once, by the first report that is its own.
 * Not its own is what is declared a relay; a copy: six of eight of the text's hashes are shared
 * with an earlier report, whoever sent it; and a translation: an earlier report of another source
 * has the same event, the same place and exactly the same figures of harm, at least one above zero,
 * in another language, within a day, and the later of the two comes from the media or a partner. An
 * own or a local source is never taken for a translator: that two who were there count the same
 * dead is confirmation. A denial is no source.
 *
 * A danger that lasts (territory, access denied, a kidnapping, a mine) is told again for as long as
 * it lasts, at most 14 days and 64 times join_us: beyond join_us a report of the same kind at the
 * same place belongs to the situation, unless it tells something new: a time that does not overlap
 * with the one that is known, actors of whom none is known to take part, or a siege where there was
 * none. Of a state, territory or access, this holds also for reports that tell no time; there may
 * be several kidnappings or mines, so of those only what is passed on (a relay, the media) may tell
 * no time, and no report more harm than is known. What the officer has cleared is not told again.
 *
 * An aftermath tells only what became of those who were harmed ("both wounded flown to Gao"): a
 * fact that does not go on, whose event understand has only guessed (from the harm), with figures
 * that lie within those of a violent situation of the last 12 hours, which names the same convoy of
 * ours, or which the same source of our own has reported with the same targets. Where it fits no
 * situation it opens none, like a follow-up.
 *
 * Two situations are one event when either fits the other as a report would have (a better place,
 * a correction, an interval that has grown), or when a report of somebody's own, exact to 3 km and
 * of the same kind as both, fits both and they lie no farther apart than join_m beyond that. Never:
 * two villages, what an officer has split. */
#ifndef CLASSIFIER_CORRELATE_H
#define CLASSIFIER_CORRELATE_H

#include "situation.h"

#define CORRELATE_SURE_PERMILLE 600 /* of its event; understand's scale begins at 500 */

struct report {
    const struct incident *in;
    const struct finding *f;
    struct id id;
    uint64_t seq;
    int64_t received_us;
    int64_t stamp_us;       /* when it was reported, as far as that is believed */
    int64_t from_us, to_us; /* the event */
    enum status status;
    struct sit_place place;
    uint64_t own;                  /* key of its source's own id, 0 = none */
    uint32_t convoys[REF_CONVOYS]; /* that it names (named.h); the caller's to fill */
    uint32_t source;
};

/* Stamps and event times of an incident (DESIGN 4): fills all but id, seq and convoys. */
int64_t report_stamp(const struct incident *in, int64_t received_us);
void report_init(struct report *r, const struct incident *in, const struct finding *f,
                 int64_t received_us);

/* May reports of these two kinds be of one event? */
bool correlate_compatible(enum event_type a, enum event_type b);
/* Six of eight hashes shared. */
bool correlate_same_text(const uint32_t a[FINGERPRINTS], const uint32_t b[FINGERPRINTS]);

#define MAX_FITS 8

struct found {
    uint32_t corrects; /* the report that it replaces, or NOTHING */
    uint32_t left;     /* the situation that the replaced report has left, or NOTHING */
    uint32_t fits[MAX_FITS], n_fits; /* further situations that it fits, the best first */
};

/* The report that this one corrects, or NOTHING. */
uint32_t correlate_corrects(const struct situations *s, const struct report *r);
/* The situation the report joins, or NOTHING for a new one. A correction supersedes what it
 * corrects here. */
uint32_t correlate_find(struct situations *s, const struct knowledge *k, const struct report *r,
                        struct found *out);

/* Does the report tell only what became of those whom a known situation has harmed? See above. */
bool correlate_is_aftermath(const struct situations *s, const struct report *r);

/* Adds the report to situation i (its first, when new), folds, and indexes. Returns whether it
 * counts as an independent source. */
bool correlate_join(struct situations *s, const struct knowledge *k, uint32_t i,
                    const struct report *r, uint32_t corrects);

/* Is it one event after all? by: the report of somebody's own that fits both, or NULL. */
bool correlate_same_event(const struct situations *s, const struct knowledge *k, uint32_t a,
                          uint32_t b, const struct report *by);
/* Situations that fit i as a report would, the best first; at most MAX_FITS. */
uint32_t correlate_twins(const struct situations *s, const struct knowledge *k, uint32_t i,
                         uint32_t out[MAX_FITS]);

/* What ref adds beside the reports that stand before it: its flags COUNTED, SPEAKS, COPY and
 * TRANSLATION, the others as they are. */
void correlate_count(const struct situations *s, struct sit_ref *ref);
/* The same for all reports of situation i in their order, after some have come or gone. */
void correlate_recount(struct situations *s, uint32_t i);
/* b passes a on: its words, or its content in another language. */
bool correlate_passes_on(const struct sit_ref *a, const struct sit_ref *b);
/* What is kept of a report's text. */
void correlate_print(const struct finding *f, uint32_t out[FINGERPRINTS]);
/* Places of two named villages. */
bool correlate_villages_apart(const struct sit_place *a, const struct sit_place *b);

/* Attacks and what belongs to one: shots, blasts, fights, kidnappings. */
bool correlate_is_attack(enum event_type e);
/* Violence that a place in its middle suffers from, whoever it was aimed at. */
bool correlate_is_violent(enum event_type e);

#endif
