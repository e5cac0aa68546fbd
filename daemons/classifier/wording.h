/* wording: the built-in words of alerts, English and French. Pure tables. */
#ifndef CLASSIFIER_WORDING_H
#define CLASSIFIER_WORDING_H

#include "arena.h"
#include "assess.h"
#include "record.h"

enum language { EN, FR };

const char *wording_event(enum event_type e, enum language l);
const char *wording_mode_prefix(enum mode m, enum language l); /* "Warning: ", "" */
const char *wording_who(enum target t, enum language l);       /* "A convoy", "Civils" */
const char *wording_direction(uint32_t deg, enum language l);  /* "north", "au nord" */
const char *wording_month(unsigned month, enum language l);    /* 1..12: "Apr", "avr." */
const char *wording_instruction(enum event_type e, enum target t, enum language l);
const char *wording_precedence_rule(enum precedence_rule r);
/* "3.2 km", "850 m", "3,2 km". NULL when the arena is full. */
char *wording_distance(uint32_t m, enum language l, struct arena *a);
/* A reason in words, English; says which figure it acts on. NULL when the arena is full. */
char *wording_reason(const struct assess_reason *r, struct arena *a);
/* A rule's headline with its placeholders {asset}, {place}, {n} filled in. NULL when the arena is
 * full. */
char *wording_template(const char *template, const char *asset, const char *place, uint32_t n,
                       struct arena *a);
/* French: a name with "de" ("d'Ansongo", "de Gao", "du Gourma" of "Le Gourma") and with "à" ("à
 * Gao", "au Gourma", "aux Trois-Puits"). Written to out (size bytes, cut to fit), and returned. */
const char *wording_of(const char *name, char *out, size_t size);
const char *wording_at(const char *name, char *out, size_t size);

#endif
