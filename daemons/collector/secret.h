/* secret: is what somebody shows the secret that is meant? */
#ifndef COLLECTOR_SECRET_H
#define COLLECTOR_SECRET_H

#include <stdbool.h>

/* In a time that does not tell where they differ. False when either is NULL or empty. */
bool secret_same(const char *a, const char *b);

#endif
