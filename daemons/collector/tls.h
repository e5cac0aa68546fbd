/* tls: TLS for the doors that listen, by OpenSSL in libevent.
 *
 * TLS 1.2 and up, the server's cipher preference, no renegotiation. Why not a proxy in front: a
 * TAK client is known by its certificate, a field installation has one machine and nobody who
 * keeps a second service alive, and the certificate is read again at a reload without losing a
 * connection. */
#ifndef COLLECTOR_TLS_H
#define COLLECTOR_TLS_H

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdbool.h>

#include "err.h"

struct tls;

/* Reads certificate (with chain) and key; clients: authorities whose certificates clients must
 * show, NULL = they need none. -1 names the file and what is wrong with it (not there, no PEM, the
 * key is another's). */
int tls_new(const char *cert, const char *key, const char *clients, struct tls **out,
            struct err *e);
void tls_free(struct tls *t); /* accepts NULL; open connections go on */

/* The server's end of a connection on fd, which it owns then (closed with it); fd -1 for evhttp,
 * which sets it later. NULL when memory is out; fd is then the caller's. */
struct bufferevent *tls_accept(struct tls *t, struct event_base *base, evutil_socket_t fd);

/* Common name of the certificate that the client showed and that was verified; false = none. */
bool tls_client_name(struct bufferevent *bev, char *out, size_t size);
/* Why the connection broke, for a log; "" = no TLS error. */
const char *tls_error(struct bufferevent *bev, char *out, size_t size);

#endif
