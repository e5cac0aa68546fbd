/* tak: what a TAK client writes into a TCP connection, cut into messages; and the few things that
 * a server says. Pure: bytes in, bytes out. What a message reports is format_cot's business.
 *
 * A connection begins in XML: <event> documents one behind the other, each with or without an XML
 * declaration, several in one read or one in several, <auth> in front of them where the client
 * logs in. A server that speaks TAK protocol version 1 offers it (TAK_OFFER); the client asks for
 * it with an event of type t-x-takp-q, the server answers t-x-takp-r, and from then on both send
 * 0xBF, the length as a varint, and a TakMessage (protobuf). Source: the commo documentation of
 * the TAK Product Center's AndroidTacticalAssaultKit-CIV ("TAK Protocol Version 1"). */
#ifndef COLLECTOR_TAK_H
#define COLLECTOR_TAK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "buf.h"
#include "err.h"
#include "format.h"

#define TAK_MESSAGE_BYTES 65536 /* the longest that is taken */

enum tak_kind {
    TAK_EVENT,   /* an <event>, or a TakMessage with a CotEvent: give it to format_tak() */
    TAK_AUTH,    /* the client says who it is */
    TAK_PING,    /* t-x-c-t: wants a pong */
    TAK_REQUEST, /* t-x-takp-q: wants another version of the protocol */
    TAK_NOTHING  /* a TakMessage without an event, and other talk of the connection itself */
};

struct tak_message {
    enum tak_kind kind;
    bool protobuf; /* data is a TakMessage, else XML */
    const char *data;
    size_t len;
    const char *username, *password; /* TAK_AUTH; in the arena, NULL = absent */
    const char *uid;                 /* TAK_PING: of the ping */
    uint32_t version;                /* TAK_REQUEST */
};

/* The first message in s[0..n). protobuf: the connection has switched. Returns 1 with *out and the
 * bytes that it took in *used; 0 when it does not end yet (*used: bytes of nothing in front that
 * can be dropped, n if all); -1 when this cannot be read any further (err says why; the connection
 * is closed). data points into s; the rest lives in the arena. */
int tak_next(const char *s, size_t n, bool protobuf, struct arena *a, struct tak_message *out,
             size_t *used, struct err *e);

/* What a TAK_EVENT reports. */
void format_tak(const struct tak_message *m, const struct format_options *o,
                const struct format_sink *sink);

/* Appends what the server says. now_us: wall time; uid: of the server or, for a pong, the ping's. */
void tak_write_offer(struct buf *b, const char *uid, int64_t now_us);               /* t-x-takp-v */
void tak_write_response(struct buf *b, const char *uid, int64_t now_us, bool ok);   /* t-x-takp-r */
void tak_write_pong(struct buf *b, const char *uid, int64_t now_us, bool protobuf); /* t-x-c-t-r */

#endif
