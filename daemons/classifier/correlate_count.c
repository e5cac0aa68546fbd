/* correlate_count: which reports of a situation are independent; the rules are in correlate.h. */
#include "correlate.h"
#include "timefmt.h"

#define SAME_PLACE_M  1000
#define TRANSLATED_US DAY_US

bool
correlate_same_text(const uint32_t a[FINGERPRINTS], const uint32_t b[FINGERPRINTS])
{
    int shared = 0, of = 0;

    for (int i = 0; i < FINGERPRINTS && a[i]; i++, of++)
        for (int k = 0; k < FINGERPRINTS && b[k]; k++)
            if (a[i] == b[k]) {
                shared++;
                break;
            }
    /* Short texts have fewer hashes: all of them must agree. */
    return of && shared >= (of < 6 ? of : 6) && (of >= 6 || b[of < FINGERPRINTS ? of : 0] == 0);
}

static bool
same_range(const struct range *a, const struct range *b)
{
    return a->least == b->least && a->most == b->most;
}

static bool
same_harm(const struct harm *a, const struct harm *b)
{
    return same_range(&a->killed, &b->killed) && same_range(&a->wounded, &b->wounded) &&
           same_range(&a->taken, &b->taken) &&
           (a->killed.most > 0 || a->wounded.most > 0 || a->taken.most > 0);
}

static bool
same_place(const struct sit_place *a, const struct sit_place *b)
{
    if (a->key == b->key)
        return true;
    return a->placed && b->placed && !a->area && !b->area && !correlate_villages_apart(a, b) &&
           geo_within_m(a->pt, b->pt, SAME_PLACE_M);
}

static bool
is_translation(const struct sit_ref *a, const struct sit_ref *b)
{
    int64_t apart = a->to_us > b->to_us ? a->to_us - b->to_us : b->to_us - a->to_us;

    return (b->source_class == SC_MEDIA || b->source_class == SC_PARTNER) && a->lang && b->lang &&
           a->lang != b->lang && a->source != b->source && a->event == b->event &&
           b->mode != MODE_DENIAL && apart <= TRANSLATED_US && same_harm(&a->harm, &b->harm) &&
           same_place(&a->place, &b->place);
}

bool
correlate_passes_on(const struct sit_ref *a, const struct sit_ref *b)
{
    return correlate_same_text(a->print, b->print) || is_translation(a, b);
}

void
correlate_count(const struct situations *s, struct sit_ref *ref)
{
    const struct situation *x = &s->all[ref->situation];
    bool chain = false, counted = false, first = true, copy = false, translation = false,
         relay = ref->flags & REF_RELAY;
    bool doubtful = ref->mode == MODE_RUMOUR || ref->mode == MODE_DENIAL;
    unsigned flags =
        ref->flags & ~(unsigned)(REF_COUNTED | REF_SPEAKS | REF_COPY | REF_TRANSLATION);

    for (uint32_t i = x->first_ref; i != NOTHING && &s->refs[i] != ref; i = s->refs[i].next) {
        const struct sit_ref *o = &s->refs[i];

        /* What it corrects is no other report, but a corrected copy stays one. */
        if (ref->own && o->own == ref->own) {
            copy |= (o->flags & REF_COPY) != 0;
            chain = true;
            continue;
        }
        /* Nor is what passes on its former self the original of its correction. */
        if (chain && (o->flags & (REF_COPY | REF_TRANSLATION)))
            continue;
        first &= (o->flags & REF_SUPERSEDED) != 0;
        copy |= correlate_same_text(o->print, ref->print);
        translation |= is_translation(o, ref);
        counted |= o->source == ref->source &&
                   (o->flags & (REF_COUNTED | REF_RELAY | REF_SUPERSEDED)) == REF_COUNTED;
    }
    if (copy)
        flags |= REF_COPY;
    else if (translation)
        flags |= REF_TRANSLATION;
    else if (first || (!relay && !counted && ref->mode != MODE_DENIAL))
        flags |= REF_COUNTED;
    if (!copy && !translation && !doubtful && !relay)
        flags |= REF_SPEAKS;
    ref->flags = (uint16_t)flags;
}

void
correlate_recount(struct situations *s, uint32_t i)
{
    for (uint32_t r = s->all[i].first_ref; r != NOTHING; r = s->refs[r].next)
        correlate_count(s, &s->refs[r]);
}
