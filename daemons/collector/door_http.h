/* door_http: POST /v1/incidents, a body of any format that Tocsin reads. */
#ifndef COLLECTOR_DOOR_HTTP_H
#define COLLECTOR_DOOR_HTTP_H

#include "err.h"
#include "http.h"
#include "sources.h"
#include "store.h"

struct door_http;

/* h must live longer. */
int door_http_new(struct http *h, struct svc *s, struct store *st, struct sources *src,
                  struct door_http **out, struct err *e);
void door_http_free(struct door_http *d); /* accepts NULL */

#endif
