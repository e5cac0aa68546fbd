/* understand: one report's words to a finding. Pure.
 *
 * Structured fields that the source gave win over the text. Times in words are read in the
 * report's utc_offset_min, counted from `stamp_us` (when it was reported, else received; 0 =
 * unknown: then only absolute dates are read). Places are not looked up here: see place.h. Every
 * conclusion keeps the words that led to it as evidence. */
#ifndef CLASSIFIER_UNDERSTAND_H
#define CLASSIFIER_UNDERSTAND_H

#include "arena.h"
#include "lexicon.h"
#include "model.h"
#include "record.h"
#include "text.h"

/* Fills out (strings in the arena or borrowed from `in`); has_place stays false. When
 * in->finding is set (a redacted report) it is copied as it is. m NULL: the lexicon decides alone.
 * 0, or -1 when the arena is full. */
int understand(const struct lexicon *l, const struct model *m, const struct incident *in,
               int64_t stamp_us, struct arena *a, struct finding *out);

/* The same with the n tokens t of in->text, which place_find_tokens() needs too; NULL only where
 * there is no text. seen: where wanted, what the model is shown, for training; left as it is
 * where there is no text. */
int understand_tokens(const struct lexicon *l, const struct model *m, const struct incident *in,
                      const struct token *t, size_t n, int64_t stamp_us, struct arena *a,
                      struct finding *out, struct model_input *seen);

#endif
