/* place_country: the countries that a text names. Private to place. Pure. */
#ifndef CLASSIFIER_PLACE_COUNTRY_H
#define CLASSIFIER_PLACE_COUNTRY_H

#include "place_mention.h"

#define MAX_COUNTRIES 4

/* ISO 3166 codes of the first few, each once, to out (MAX_COUNTRIES rows). How many. */
size_t place_countries(const struct passage *p, char out[][3]);

/* True when the folded word is a country's name, or stands for one. */
bool place_names_country(const char *folded);

#endif
