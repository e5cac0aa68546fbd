/* place_words: the words round names of places, English and French. Private to place. Pure. */
#ifndef CLASSIFIER_PLACE_WORDS_H
#define CLASSIFIER_PLACE_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a folded word may be; a mask. */
#define PW_LOCATIVE   (1u << 0)  /* in, near, dans: what follows is where it happened */
#define PW_OF         (1u << 1)  /* of, de: says nothing alone */
#define PW_FROM       (1u << 2)  /* from, depuis, venant */
#define PW_TO         (1u << 3)  /* to, towards, jusqu(a) */
#define PW_FILLER     (1u << 4)  /* articles, "village", "ville": may stand before a name */
#define PW_SETTLEMENT (1u << 5)  /* village, ville, commune …: what stands beside it is a place */
#define PW_REGION     (1u << 6)  /* region */
#define PW_DISTRICT   (1u << 7)  /* cercle, province, department */
#define PW_BETWEEN    (1u << 8)  /* between, entre */
#define PW_AND        (1u << 9)  /* and, et */
#define PW_ROAD       (1u << 10) /* axe, route, road */
#define PW_UNIT       (1u << 11) /* km, miles, metres */
#define PW_ARRIVE     (1u << 12) /* arrived, refugies: "at" after it is where they went */
#define PW_FLEE       (1u << 13) /* fled, fuyant: people move */
#define PW_MOVE       (1u << 14) /* se dirige, travelling: "vers" after it is a destination */
#define PW_AFTERMATH  (1u << 15) /* released, evacuated: a later place, not the event's */
#define PW_COMMUNITY  (1u << 16) /* peulh, habbe: belongs to the name before it */
#define PW_STOP       (1u << 17) /* an ordinary word that is also some hamlet's name */
#define PW_TOWARDS    (1u << 18) /* vers: near or towards, by the verb */
#define PW_A          (1u << 19) /* a (à): in; in a text without accents also a verb */
#define PW_LATER      (1u << 20) /* released, rescued: as AFTERMATH, however far before the name */
#define PW_AFTER      (1u << 21) /* after, following: what stands behind it is the event */
#define PW_BASED      (1u << 22) /* based, residing: "in" after it is where somebody is from */

uint32_t place_word(const char *folded);

/* The bearing of a compass word ("nord", "northeast", "ne"), -1 = none. */
int place_compass(const char *folded);

/* The unit's length in metres; 0 = no unit. */
uint32_t place_unit_m(const char *folded);

/* A number in words ("quinze", "twenty", "dizaine"), 0 = none. */
uint32_t place_number(const char *folded);

#endif
