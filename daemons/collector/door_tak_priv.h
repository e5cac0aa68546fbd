/* door_tak_priv: what the files of the TAK door share: door_tak.c (listening, reload, figures),
 * door_tak_client.c (a connection: its beginning, who speaks, its end), door_tak_turn.c (what it
 * says).
 *
 *   accepted -> [TLS handshake] -> who speaks? -> turns until the client goes
 *
 * A client that has gone stays until what it had sent is stored. Only tak_client_step() and
 * door_tak_free() free one: whoever ends a connection marks it, and its timer does the rest. */
#ifndef COLLECTOR_DOOR_TAK_PRIV_H
#define COLLECTOR_DOOR_TAK_PRIV_H

#include <netdb.h>

#include <event2/bufferevent.h>
#include <event2/listener.h>

#include "door_tak.h"
#include "log.h"
#include "repeats.h"
#include "tak.h"
#include "tls.h"

#define TAK_TURN_EVENTS 256

struct tak_listener {
    struct door_tak *door;
    struct evconnlistener *listener; /* NULL = off */
    struct event *rest;
    bool tls;
};

struct door_tak {
    struct svc *svc;
    struct store *store;
    struct sources *sources;
    const struct config *config; /* the one in force */
    struct tls *tls, *next_tls;  /* next: prepared and not yet in force */
    struct tak_listener plain, under_tls;
    struct tak_client *clients;
    struct repeats *repeats;
    struct arena *talk, *arena; /* of the message at hand; of what it reports */
    struct buf out;
    uint64_t start_us, accepted; /* make acceptances unique over restarts */
    bool draining;
    struct log_limit turned_limit, came_limit, ended_limit, tls_limit, retry_limit;
    int64_t *m_connections, *m_turned_away, *m_events, *m_ignored, *m_repeats, *m_refused;
};

enum tak_by { TAK_BY_NOBODY, TAK_BY_DEFAULT, TAK_BY_TOKEN, TAK_BY_CERTIFICATE };

struct tak_client {
    struct tak_client *next, **prev;
    struct door_tak *door;
    struct bufferevent *bev;
    struct event *deadline, *wake;
    char from[NI_MAXHOST + NI_MAXSERV]; /* "ADDRESS:PORT" */
    char source[MAX_NAME + 1];          /* in whose name; "" = nobody's yet */
    enum tak_by by;
    uint64_t number;
    bool tls, open; /* open: the handshake, if any, is done */
    bool protobuf;  /* it has switched to version 1 */
    bool gone;      /* the other end is */
    bool doomed;    /* we end it */
    bool paused;    /* not read until `wake` */

    /* The turn; the counts are of it alone. */
    const struct source_conf *speaker; /* only while an event is read: a reload ends it */
    struct batch *batch;               /* while it is filled */
    bool waiting;                      /* for the answer to it */
    bool stuck;                        /* the store takes nothing for now */
    bool unreadable;                   /* it holds what nobody can read: the end follows */
    size_t turn;                       /* bytes at the head of the input that it took */
    uint32_t events, ignored, repeats, refused;
    uint32_t used; /* records and refusals */
    struct id noted[TAK_TURN_EVENTS];
    size_t n_noted;

    size_t look_at;  /* so many bytes must be there before the next look */
    uint64_t index;  /* of the event in the connection */
    uint32_t credit; /* records that the source may send and has not sent yet */
};

/* At most a few lines of one kind in a while: clients can cause them. */
bool tak_may_log(struct log_limit *l, uint64_t *suppressed);

/* ---- door_tak_client */

/* Takes the connection over; fd is closed in any case. */
void tak_client_new(struct door_tak *d, evutil_socket_t fd, const struct sockaddr *from, int len,
                    bool tls);
void tak_client_free(struct tak_client *c);
/* The configuration changes to next; door->config is still the old one. */
void tak_client_reload(struct tak_client *c, const struct config *next);
/* Its timer, in so long; pause: and it is not read until then. */
void tak_client_wake(struct tak_client *c, int64_t in_us);
void tak_client_pause(struct tak_client *c, int64_t for_us);
/* Ends the connection from our side; a batch under way is waited for. */
void tak_client_end(struct tak_client *c, const char *why);
/* In whose name it speaks; NULL: in nobody's, and the connection ends. */
const struct source_conf *tak_client_source(struct tak_client *c);
/* It said who it is; when that is not so the connection ends. */
void tak_client_authenticate(struct tak_client *c, const struct tak_message *m);

/* ---- door_tak_turn */

/* Goes on with the connection, after whatever has changed. May free it. */
void tak_client_step(struct tak_client *c);
/* Takes what was read; true while there is more of it, or something waits for a commit. */
bool tak_client_drain(struct tak_client *c);
size_t tak_client_unread(const struct tak_client *c);

#endif
