/* door_zmq: the ZeroMQ door, submit and fetch on one ROUTER socket; and the door for senders
 * elsewhere, on a socket of its own, which takes submits of sources with a token and serves nothing. */
#ifndef COLLECTOR_DOOR_ZMQ_H
#define COLLECTOR_DOOR_ZMQ_H

#include "err.h"
#include "links.h"
#include "sources.h"
#include "store.h"
#include "svc.h"
#include "upstream.h"

struct door_zmq;

/* What an edge collector sends is told to links. elsewhere: the second kind of door. */
int door_zmq_new(struct svc *s, struct store *st, struct sources *src, struct links *links,
                 const char *endpoint, bool elsewhere, struct door_zmq **out, struct err *e);
/* All of these accept NULL, a door that is off. */
void door_zmq_free(struct door_zmq *d);
/* The status that is served tells of this, too. */
void door_zmq_show(struct door_zmq *d, const struct upstream *u);
/* The journal has grown: answer fetches that wait. */
void door_zmq_wake(struct door_zmq *d);
/* A gathering is over: take what came while the door rested. */
void door_zmq_take(struct door_zmq *d);

#endif
