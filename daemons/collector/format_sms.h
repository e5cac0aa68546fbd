/* format_sms: the posts of SMS gateways, and the answers that these expect. Pure.
 *
 *            request                              known by                    answer when taken
 *   smssync  POST, a form                         its field secret            {"payload":…}
 *            GET ?task=send&secret=…              its parameter secret        no messages to send
 *   twilio   POST, a form                         X-Twilio-Signature          an empty TwiML
 *   rapidpro POST, JSON of a flow's webhook       ?token= in the URL          {"status":…}
 *   kannel   GET with parameters, or POST with    ?token= in the URL          nothing, so that
 *            X-Kannel-* headers                                               nothing is sent back
 *
 * The report is what the message says, read as by format_text(); own_id is the gateway's id of the
 * message, so that a resend is harmless; reported_at when it was sent, where that is said;
 * reporter_contact a name made of the number (phone_key.h), never the number, and never a person's
 * name, also where a flow asked for it. What goes to quarantine is the text alone, since a request
 * holds number and secret. Fields that are not known are passed over.
 *
 * Kannel's parameters are those that its get-url or post-url is given: from, text, time, id,
 * coding, charset, udh (tocsin-collector(8) has the line to write). */
#ifndef COLLECTOR_FORMAT_SMS_H
#define COLLECTOR_FORMAT_SMS_H

#include "format.h"
#include "phone_key.h"

struct sms_request {
    enum gateway gateway;
    bool post;         /* else GET */
    const char *query; /* behind the ?, as it came; NULL = none */
    const char *type;  /* Content-Type; NULL = none */
    const char *body;  /* of a POST */
    size_t len;
    const char *(*header)(const void *arg, const char *name); /* NULL = there is none */
    const void *arg;
};

enum sms_task {
    SMS_REPORT, /* a message came */
    SMS_POLL,   /* is there anything to send? */
    SMS_OTHER   /* a task of SMSSync that asks for nothing we have */
};

struct sms;

/* Reads what tells who sends and what it wants. Strings of the request must outlive *out, which
 * lives in the arena. -1: the request is none of this gateway's, with the reason. */
int sms_read(const struct sms_request *q, struct arena *a, struct sms **out, struct err *e);
enum sms_task sms_task(const struct sms *m);
/* Is it from this source: does its secret, token or signature fit? arg: struct sms. In a time that
 * does not tell where they differ. A sources_fit_fn. */
bool sms_fits(const void *arg, const struct source_conf *source);

/* Hands the message over: one call of the sink. The sink's arena must be another than that of m. */
void format_sms(const struct sms *m, const struct format_options *o,
                const uint8_t key[PHONE_KEY_LEN], const struct format_sink *sink);

/* ---- answers: the body into out; returns its media type */

/* The message was taken: r says how. */
const char *sms_answer(enum gateway g, const struct receipt *r, struct buf *out);
/* To SMS_POLL of this source, and to SMS_OTHER of anybody (NULL). */
const char *sms_answer_task(enum sms_task task, const struct source_conf *source, struct buf *out);
/* It was not, and why. NULL: the gateway has no form for that. */
const char *sms_answer_failure(enum gateway g, const char *why, struct buf *out);

#endif
