/* place_coords: coordinates written in a text. Private to place. Pure. */
#ifndef CLASSIFIER_PLACE_COORDS_H
#define CLASSIFIER_PLACE_COORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "geo.h"

struct coords {
    struct geo_pt pt;
    uint32_t radius_m;
    bool mgrs;
    size_t start, end; /* bytes in the text */
};

/* The first coordinates in the text: MGRS (30PVB1234, capitals), degrees with signs or with
 * hemispheres (16°24'N 0°03'W, 16 24 30 N 000 03 15 W, N16.40 W0.05), or a pair of decimal
 * degrees of three places or more each (two after a word such as GPS, lat, position). Hemispheres
 * in English or French (O for ouest). */
bool place_coords(const char *text, struct coords *out);

#endif
