/* door_http: POST /v1/incidents, GET /healthz, GET /metrics. */
#ifndef COLLECTOR_DOOR_HTTP_H
#define COLLECTOR_DOOR_HTTP_H

#include "err.h"
#include "sources.h"
#include "store.h"
#include "svc.h"

struct door_http;

/* *out is NULL when the configuration turns the door off. */
int door_http_new(struct svc *s, struct store *st, struct sources *src, struct door_http **out,
                  struct err *e);
void door_http_free(struct door_http *d);

#endif
