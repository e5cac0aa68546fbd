/* model: a linear model on top of the lexicon. Pure once loaded; integers only.
 *
 * It sees a text as facts (what the lexicon's rules have concluded, see understand_model.c) and
 * as n-grams of its folded tokens: words, pairs of words, and four letters of a word with its
 * ends marked. Each has one weight for each of MODEL_OUT outputs; the sum of them is the log-odds
 * of that output in units of 1/MODEL_UNIT. Which events, targets and modes follow is not decided
 * here.
 *
 * The weights are a text file, conf/model.tsv, which `make model` writes; the card at its head
 * says from what and how well. Each line: a feature, a tab, `output:weight` with blanks between.
 *
 *   @event.ambush     a fact, by its name; its weight counts MODEL_FACT_UNIT-fold
 *   attaque           a word; digits are written 0
 *   pose_d            a pair of words that follow each other in one sentence
 *   ~taqu  ~_att      four letters; _ marks an end of the word
 *
 * n-grams count 1/sqrt(n) of their weight where a text has n of their kind (words and pairs; four
 * letters), so that long texts are not louder than short ones. */
#ifndef CLASSIFIER_MODEL_H
#define CLASSIFIER_MODEL_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "err.h"
#include "record.h"
#include "text.h"

#define MODEL_UNIT      128
#define MODEL_FACT_UNIT 16 /* the value of a fact that is just true */
#define MODEL_MAX_FACT  (4 * MODEL_FACT_UNIT)

enum model_out {
    MO_ALERTWORTHY,
    MO_EVENT = 0,                           /* + enum event_type, EV_NONE … */
    MO_TARGET = MO_EVENT + EVENT_COUNT - 1, /* + enum target, TG_CONVOY … TG_ARMED */
    MO_MODE = MO_TARGET + TG_ARMED,         /* + enum mode, MODE_FACT … */
    MODEL_OUT = MO_MODE + MODE_COUNT,
};

/* Facts by number; see understand_model.c for their meaning. A bit each for the lexicon's flags. */
enum model_fact {
    MF_BIAS,
    MF_SUM,                            /* + event: the lexicon's sum */
    MF_TOLD = MF_SUM + EVENT_COUNT,    /* + event: anything told of it */
    MF_TOP = MF_TOLD + EVENT_COUNT,    /* + event: the rules' choice */
    MF_TARGET = MF_TOP + EVENT_COUNT,  /* + target: the lexicon's sum */
    MF_HIT = MF_TARGET + TARGET_COUNT, /* + target: the rules' choice */
    MF_MODE = MF_HIT + TARGET_COUNT,   /* + mode: the rules' choice */
    MF_FLAG = MF_MODE + MODE_COUNT,    /* + flag of the lexicon */
    MF_AGAINST = MF_FLAG + 64,         /* what speaks against an event: its sum */
    MF_FOR,                            /* what speaks for it, harm included */
    MF_ALERTWORTHY,                    /* the rules' choice */
    MF_KILLED,
    MF_WOUNDED,
    MF_TAKEN,
    MF_ARMED_HURT,
    MF_OTHERS_HURT,
    MF_CIVIL_HURT,
    MF_FRENCH,
    MF_ENGLISH,
    MODEL_FACTS
};

struct model;

struct model_input {
    const struct token *t;
    size_t n;
    int32_t fact[MODEL_FACTS]; /* 0 … MODEL_MAX_FACT; 0 = not so */
};

/* How the features of an n-gram kind are told apart; also how they are printed. */
enum gram_kind { GRAM_WORD, GRAM_PAIR, GRAM_LETTERS };
struct gram {
    uint64_t hash;    /* of kind and letters */
    uint32_t token;   /* the first one */
    uint8_t kind, at; /* of letters: offset in the token with its ends marked */
};

/* Files: errors carry file and line; a broken file loads nothing. */
int model_load(const char *path, struct model **out, struct err *e);
int model_parse(const char *s, size_t n, const char *name, struct model **out, struct err *e);
void model_free(struct model *m);
/* Appends everything that decides to b (for the configuration digest): the digest of the file. */
void model_digest_bytes(const struct model *m, struct buf *b);

/* The grams of a text in its order; at most max. For model_sum() and for training, so that both
 * see the same. *n_words, *n_letters: how many of either norm. */
size_t model_grams(const struct token *t, size_t n, struct gram *out, size_t max, uint32_t *n_words,
                   uint32_t *n_letters);
/* Room that model_grams() needs for these tokens. */
size_t model_grams_room(const struct token *t, size_t n);
/* The line's key of a gram or a fact into b; a fact of no use (EV_UNKNOWN …) has no name. */
void model_gram_name(const struct gram *g, const struct token *t, struct buf *b);
const char *model_fact_name(size_t fact, char name[40]);
/* 1/sqrt(n) in units of 1/2^14, by integers. */
uint32_t model_norm(uint32_t n);

/* Log-odds in 1/MODEL_UNIT. The arena holds the grams for the time of the call and after. -1 when
 * it is full. */
int model_sum(const struct model *m, const struct model_input *in, struct arena *a,
              int32_t sum[MODEL_OUT]);
/* Of its words (spelling.h): does it know the token as it is; the word that one which it does not
 * know was meant to be, NULL = none. */
bool model_knows(const struct model *m, const struct token *t);
const char *model_respell(const struct model *m, const struct token *t);
/* Which token gave the greatest share of an output's n-grams, with the pair that begins there if
 * `pair`; for evidence. n_tokens = none spoke for it. */
size_t model_reason(const struct model *m, const struct model_input *in, int out, bool *pair);

#endif
