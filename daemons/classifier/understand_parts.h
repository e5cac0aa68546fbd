/* understand_parts: what the parts of understand share; only understand*.c include it.
 *
 * A reading is one text under the lexicon: tokens, hits, and for each token the union of what the
 * hits over it say. The parts write their conclusions into the finding, with evidence. */
#ifndef CLASSIFIER_UNDERSTAND_PARTS_H
#define CLASSIFIER_UNDERSTAND_PARTS_H

#include <stdbool.h>

#include "lexicon.h"
#include "model.h"
#include "understand.h"

/* Sums in half-weights: a word of weight 3 in the first sentence is enough for an event. */
#define ENOUGH 6

struct score {
    int32_t event[EVENT_COUNT];
    size_t hit[EVENT_COUNT]; /* the hit that gave most */
    int32_t best[EVENT_COUNT];
    int32_t target[TARGET_COUNT];
    size_t target_hit[TARGET_COUNT];
    int32_t assault; /* of armed_attack, what speaks of the attack itself, not of its dead */
    int32_t against; /* not alertworthy */
    size_t against_hit;
};

/* What is concluded, by the rules first. */
struct ruling {
    enum event_type event;
    enum mode mode;
    uint32_t targets;
    bool alertworthy;
    bool must;      /* no duff, or a plain attack that goes on: nothing else may overrule it */
    bool old;       /* it happened too many days ago to be news */
    int32_t weight; /* of what speaks for the event, harm included; half-weights */
    uint32_t confidence_permille;
};

struct reading {
    const char *text; /* as it was written */
    const struct token *t;
    size_t n;
    const struct lex_hit *hits;
    size_t n_hits;
    uint64_t *flags;    /* by token: LEX_FLAG(…) of all hits over it */
    uint32_t *hit_at;   /* by token: the first hit that starts there, n_hits = none */
    uint64_t all;       /* of all tokens */
    bool *denied;       /* by token: a harm word that is said not to be so; NULL = no harm words */
    size_t first_stop;  /* token at which the second sentence begins, n = none */
    enum lex_lang lang; /* told by the words */
    bool armed_hurt;    /* members of armed sides are among those harmed */
    bool others_hurt;   /* and others */
    bool civil_hurt;    /* and civilians in so many words */
    bool foretold;      /* the violence it speaks of is still to come */
    struct arena *arena;
    struct finding *out;
    struct model_input facts;
};

static inline bool
has(const struct reading *r, size_t i, enum lex_flag f)
{
    return (r->flags[i] & LEX_FLAG(f)) != 0;
}

static inline bool
any(const struct reading *r, enum lex_flag f)
{
    return (r->all & LEX_FLAG(f)) != 0;
}

/* Keeps the words of tokens first … last as the reason for `means`; the first MAX_EVIDENCE only.
 * -1 when the arena is full. */
int reading_evidence(struct reading *r, size_t first, size_t last, const char *means);

/* Killed, wounded, taken, into out->harm; figures that are known already stay. */
int understand_harm(struct reading *r);

/* From and to, from words; method "words". Leaves them 0 where the text says nothing. utc offset
 * in minutes; stamp 0 = unknown. *days_old: whole days from the latest time to the stamp. */
int understand_when(struct reading *r, int64_t stamp_us, int32_t offset_min, int64_t *days_old);

/* The language of the words, into r->lang: needed before numbers are read ("a" in French). */
void understand_lang(struct reading *r);

/* Mode, in_progress, no_duff, exercise mark. */
int understand_mode(struct reading *r);

/* Fills the sums, and actors, weapons and marks of the finding. -1 when the arena is full. */
int understand_score(struct reading *r, size_t n_entries, struct score *s);

/* What the model sees of the rules' conclusions. */
void understand_facts(const struct reading *r, const struct score *s, const struct ruling *v,
                      struct model_input *in);
/* Weighs the rules' conclusions (in *v) with the model; in->facts must be filled. Adds evidence
 * where the model, not the lexicon, names the event. -1 when the arena is full. */
int understand_model(struct reading *r, const struct model *m, const struct score *s,
                     struct ruling *v);

#endif
