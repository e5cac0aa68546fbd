/* rules_value: the values of a file of rules, each checked against its bounds; part of rules.
 *
 * All return 0, or -1 with an error at the value's line; value_word() the number of the word. */
#ifndef CLASSIFIER_RULES_VALUE_H
#define CLASSIFIER_RULES_VALUE_H

#include "rules.h"
#include "yaml.h"

#define MAX_RULE_NAME  48
#define MAX_LABEL      48
#define MAX_HEADLINE   200 /* bytes of a headline with its placeholders */
#define MAX_DISTANCE_M 500000
#define MIN_DISTANCE_M 100

int value_slug(const struct ynode *y, const char *file, struct err *e);
int value_text(const struct ynode *y, const char *file, size_t most, struct arena *a,
               const char **out, struct err *e);
/* A headline: placeholders are {asset}, {place} and {n}. */
int value_template(const struct ynode *y, const char *file, struct arena *a, const char **out,
                   struct err *e);
int value_word(const struct ynode *y, const char *file, const char *const *names, int n,
               struct err *e);
/* A word or a list of words: *mask gets 1 << number of each. */
int value_mask(const struct ynode *y, const char *file, const char *const *names, int n,
               uint32_t *mask, struct err *e);
int value_int(const struct ynode *y, const char *file, uint32_t min, uint32_t max, uint32_t *out,
              struct err *e);
int value_duration(const struct ynode *y, const char *file, int64_t min, int64_t max, int64_t *out,
                   struct err *e);
int value_distance(const struct ynode *y, const char *file, uint32_t *out, struct err *e);

/* Appends the rule of a map to r, whose sides are there already. */
int rules_add(struct rules *r, const struct ynode *y, const char *file, struct err *e);

/* Maps. r: whose sides a term may name. */
int rule_term_read(const struct ynode *y, const char *file, const struct rules *r,
                   struct rule_term *out, struct err *e);
int rule_place_read(const struct ynode *y, const char *file, struct arena *a,
                    struct rule_place *out, struct err *e);
int rule_step_read(const struct ynode *y, const char *file, enum rule_of of, struct rule_step *out,
                   struct err *e);

#endif
