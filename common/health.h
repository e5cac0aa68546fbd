/* health: /healthz and /metrics over HTTP.
 *
 * /healthz is 200 "ok" whenever the loop turns: that it is answered is the news. /metrics is
 * Prometheus text 0.0.4. A request has no body and small headers, and a silent connection is
 * closed after 5 s. */
#ifndef TOCSIN_HEALTH_H
#define TOCSIN_HEALTH_H

#include <event2/event.h>

#include "err.h"

struct evhttp;
struct health;

/* listen: "127.0.0.1:9101" or "[::1]:9101". -1 with e when it cannot listen there. */
int health_new(struct event_base *base, const char *listen, struct health **out, struct err *e);
void health_free(struct health *h); /* accepts NULL */

/* Serves both on an evhttp of the caller, whose limits are then the caller's. */
void health_attach(struct evhttp *http);

#endif
