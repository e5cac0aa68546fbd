/* serve: answers to fetches from the alert log: events, states, derivations, statuses. */
#ifndef NOTIFIER_SERVE_H
#define NOTIFIER_SERVE_H

#include "alertlog.h"
#include "server.h"
#include "wire.h"

struct serve;

int serve_new(struct alertlog *al, struct server *server, struct serve **out, struct err *e);
void serve_free(struct serve *s);

/* As fetch_serve_fn: 1 answered, 0 nothing yet. */
int serve_fetch(struct serve *s, const struct peer *to, const struct fetch *q, bool force);
int serve_statuses(struct serve *s, const struct peer *to, const struct fetch *q,
                   const struct daemon_status *st, size_t n);

#endif
