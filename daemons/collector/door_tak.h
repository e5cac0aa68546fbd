/* door_tak: TCP connections of TAK clients, plain (collector.listen_tak) and under TLS
 * (listen_tak_tls): Cursor on Target in XML or TAK protocol version 1.
 *
 * Who speaks: the common name of a verified certificate is the name of a source; else <auth> with
 * the name and the token of a source; else collector.tak_source; else the connection ends.
 *
 * TAK has no receipts: what we have read and not stored is lost when we are killed. What the store
 * does not take for now (a full disk) is kept, and the connection is not read meanwhile. */
#ifndef COLLECTOR_DOOR_TAK_H
#define COLLECTOR_DOOR_TAK_H

#include "err.h"
#include "sources.h"
#include "store.h"
#include "svc.h"

struct door_tak;

/* *out is NULL when the configuration turns both off. */
int door_tak_new(struct svc *s, struct store *st, struct sources *src, struct door_tak **out,
                 struct err *e);
void door_tak_free(struct door_tak *d); /* accepts NULL, as the others do */

/* A reload in two steps, so that it happens whole or not at all. Prepare reads certificates and may
 * fail; commit takes them and `next` over. Connections go on, but for those whose source is gone or
 * has another token. Addresses need a restart. */
int door_tak_prepare(struct door_tak *d, const struct config *next, struct err *e);
void door_tak_commit(struct door_tak *d, const struct config *next);

/* Listens and reads no more; what was read goes to the store. */
void door_tak_drain(struct door_tak *d);
void door_tak_status(struct door_tak *d, struct daemon_status *out, struct arena *a);

#endif
