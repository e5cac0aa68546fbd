/* door_sms: GET and POST /v1/sms/{smssync,twilio,rapidpro,kannel}, the posts of SMS gateways.
 *
 * Which source it is says the secret or signature, among those whose `gateway` that is. The answer
 * follows the flush; what cannot be stored now is answered 503, and the gateway tries again. A
 * message that cannot be understood is answered like one that was stored: it is in quarantine, and
 * would be no better the next time. */
#ifndef COLLECTOR_DOOR_SMS_H
#define COLLECTOR_DOOR_SMS_H

#include "err.h"
#include "http.h"
#include "sources.h"
#include "store.h"

struct door_sms;

/* h must live longer. Makes phone.key in instance.keys when a source is a gateway. */
int door_sms_new(struct http *h, struct svc *s, struct store *st, struct sources *src,
                 struct door_sms **out, struct err *e);
/* The same for a configuration that brings the first one. -1: it is not to be taken. */
int door_sms_reload(struct door_sms *d, const struct config *c, struct err *e);
void door_sms_free(struct door_sms *d); /* accepts NULL */

#endif
