/* format_sms: see the header. Each gateway fills a struct message; the rest is the same for all. */
#include "format_sms.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cjson/cJSON.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>

#include "charset.h"
#include "draft.h"
#include "form.h"
#include "format_impl.h"
#include "secret.h"
#include "timefmt.h"

#define SIGNATURE_TEXT 32 /* base64 of 20 bytes, 28 characters, and more than that */

struct sms {
    struct sms_request q;
    struct arena *arena;
    struct form query, body;
    enum sms_task task;
};

struct message {
    const char *text; /* UTF-8; NULL = none */
    size_t len;
    const char *from, *own_id;
    int64_t sent_us;
    struct attribute extra; /* name NULL = none */
    const char *refused;    /* why there is no text */
};

/* ---- the request */

static bool
is_type(const char *type, const char *word)
{
    size_t n = strlen(word);

    return type != NULL && strncasecmp(type, word, n) == 0 &&
           (type[n] == '\0' || type[n] == ';' || type[n] == ' ');
}

static const char *
header(const struct sms *m, const char *name)
{
    return m->q.header != NULL ? m->q.header(m->q.arg, name) : NULL;
}

static int
read_body(struct sms *m, struct err *e)
{
    const char *type = m->q.type;

    m->body.n = 0;
    if (!m->q.post || m->q.gateway == GATEWAY_KANNEL)
        return 0;
    if (m->q.gateway == GATEWAY_RAPIDPRO)
        return is_type(type, "application/json")
                   ? 0
                   : err_set(e, "Content-Type is not application/json: let the flow post JSON");
    if (!is_type(type, "application/x-www-form-urlencoded"))
        return err_set(e, "Content-Type is not application/x-www-form-urlencoded%s",
                       m->q.gateway == GATEWAY_SMSSYNC ? ": choose URLEncoded as the data format"
                                                       : "");
    return form_parse(m->arena, m->q.body, m->q.len, &m->body, e);
}

int
sms_read(const struct sms_request *q, struct arena *a, struct sms **out, struct err *e)
{
    struct sms *m = arena_zalloc(a, sizeof *m);

    if (m == NULL)
        return err_set(e, "out of memory");
    m->q = *q;
    m->arena = a;
    if (q->query != NULL && form_parse(a, q->query, strlen(q->query), &m->query, e) < 0)
        return -1;
    const char *task = form_value(&m->query, "task");
    if (q->gateway == GATEWAY_SMSSYNC && (task != NULL || !q->post)) {
        m->task = task != NULL && strcmp(task, "send") == 0 && !q->post ? SMS_POLL : SMS_OTHER;
    } else if (read_body(m, e) < 0) {
        return -1;
    }
    *out = m;
    return 0;
}

enum sms_task
sms_task(const struct sms *m)
{
    return m->task;
}

/* ---- who */

static int
by_name(const void *pa, const void *pb)
{
    const struct form_field *a = *(const struct form_field *const *)pa;
    const struct form_field *b = *(const struct form_field *const *)pb;
    int c = strcmp(a->name, b->name);

    return c != 0 ? c : strcmp(a->value, b->value);
}

/* Twilio: base64 of HMAC-SHA1 under the auth token, over the URL and each parameter's name and
 * value, sorted by name. */
static bool
signature_fits(const struct sms *m, const struct source_conf *s)
{
    const struct form_field *sorted[FORM_FIELDS];
    const char *given = header(m, "X-Twilio-Signature");
    unsigned char mac[EVP_MAX_MD_SIZE];
    char wanted[EVP_MAX_MD_SIZE * 2], shown[SIGNATURE_TEXT] = {0};
    unsigned len = 0;
    struct buf b;

    if (given == NULL || s->url == NULL || s->secret == NULL || strlen(given) >= sizeof shown)
        return false;
    for (size_t i = 0; i < m->body.n; i++)
        sorted[i] = &m->body.v[i];
    qsort(sorted, m->body.n, sizeof sorted[0], by_name);
    buf_init(&b, 0);
    buf_puts(&b, s->url);
    for (size_t i = 0; i < m->body.n; i++) {
        buf_puts(&b, sorted[i]->name);
        buf_put(&b, sorted[i]->value, sorted[i]->len);
    }
    bool fits = false;
    if (!b.failed && HMAC(EVP_sha1(), s->secret, (int)strlen(s->secret), (unsigned char *)b.data,
                          b.len, mac, &len) != NULL) {
        memset(wanted, 0, sizeof wanted);
        (void)EVP_EncodeBlock((unsigned char *)wanted, mac, (int)len);
        memcpy(shown, given, strlen(given));
        fits = sodium_memcmp(wanted, shown, sizeof shown) == 0;
    }
    buf_fini(&b);
    return fits;
}

bool
sms_fits(const void *arg, const struct source_conf *source)
{
    const struct sms *m = arg;
    const char *secret = NULL;

    switch (m->q.gateway) {
    case GATEWAY_SMSSYNC:
        secret = form_value(m->task == SMS_REPORT ? &m->body : &m->query, "secret");
        break;
    case GATEWAY_TWILIO:
        return signature_fits(m, source);
    case GATEWAY_RAPIDPRO:
    case GATEWAY_KANNEL:
        secret = form_value(&m->query, "token");
        break;
    case GATEWAY_NONE:
        break;
    }
    return secret_same(source->secret, secret);
}

/* ---- what */

static const char *
not_blank(const char *s)
{
    return s != NULL && s[strspn(s, " \t\r\n")] != '\0' ? s : NULL;
}

static void
text_of(const struct sms *m, const char *charset, const char *s, size_t n, struct message *out)
{
    out->text = charset_utf8(m->arena, charset, s, n, &out->len);
}

static void
read_smssync(const struct sms *m, struct message *out)
{
    const struct form_field *text = form_get(&m->body, "message");
    const char *sent = form_value(&m->body, "sent_timestamp");
    char *end = NULL;

    if (text != NULL)
        text_of(m, NULL, text->value, text->len, out);
    out->from = form_value(&m->body, "from");
    out->own_id = form_value(&m->body, "message_id");
    long long ms = sent != NULL && sent[0] >= '0' && sent[0] <= '9' ? strtoll(sent, &end, 10) : 0;
    if (end != NULL && *end == '\0' && ms > 0 && ms < INT64_C(7258118400000)) /* the year 2200 */
        out->sent_us = (int64_t)ms * 1000;
}

static void
read_twilio(const struct sms *m, struct message *out)
{
    const struct form_field *text = form_get(&m->body, "Body");
    const char *media = form_value(&m->body, "NumMedia");

    if (text != NULL)
        text_of(m, NULL, text->value, text->len, out);
    out->from = form_value(&m->body, "From");
    out->own_id = form_value(&m->body, "MessageSid");
    if (out->own_id == NULL)
        out->own_id = form_value(&m->body, "SmsSid");
    if (media == NULL || strcmp(media, "0") == 0)
        return;
    out->extra = (struct attribute){.name = "media", .value = media};
    out->refused = "twilio: a message with pictures and no text; pictures are not fetched";
}

/* A part of a long message that the gateway did not put together: "2/3". Information elements 0
 * and 8 of the user data header (3GPP TS 23.040, 9.2.3.24.1 and .8). */
static const char *
part_of(const struct sms *m, const uint8_t *udh, size_t n)
{
    for (size_t i = 1; i + 1 < n; i += 2 + (size_t)udh[i + 1]) {
        size_t len = udh[i + 1];
        bool joined = (udh[i] == 0 && len == 3) || (udh[i] == 8 && len == 4);
        if (joined && i + 2 + len <= n)
            return arena_printf(m->arena, "%u/%u", udh[i + 1 + len], udh[i + len]);
    }
    return NULL;
}

static const char *
udh_of(const struct sms *m)
{
    const struct form_field *f = form_get(&m->query, "udh");
    const char *hex = header(m, "X-Kannel-UDH");
    uint8_t bytes[140];
    size_t n = 0;

    if (f != NULL && f->len > 0)
        return part_of(m, (const uint8_t *)f->value, f->len);
    if (hex == NULL || sodium_hex2bin(bytes, sizeof bytes, hex, strlen(hex), NULL, &n, NULL) != 0)
        return NULL;
    return part_of(m, bytes, n);
}

/* "2023-04-17 06:40:00", UTC, seconds or none; a + may stand for the blank. */
static int64_t
kannel_time(const char *s)
{
    char text[TIME_TEXT];
    int64_t us = 0;

    if (s == NULL || (strlen(s) != 19 && strlen(s) != 16))
        return 0;
    (void)snprintf(text, sizeof text, "%s%sZ", s, strlen(s) == 16 ? ":00" : "");
    text[10] = 'T';
    return time_parse(text, strlen(text), &us) == 0 ? us : 0;
}

static const char *
kannel_field(const struct sms *m, const char *parameter, const char *name)
{
    const char *v = not_blank(form_value(&m->query, parameter));

    return v != NULL ? v : not_blank(header(m, name));
}

static const char *
kannel_charset(const struct sms *m, const char *coding)
{
    const char *set = not_blank(form_value(&m->query, "charset"));
    const char *type = m->q.post ? m->q.type : NULL;

    if (set == NULL && type != NULL && (type = strcasestr(type, "charset=")) != NULL)
        set = arena_strndup(m->arena, type + 8 + (type[8] == '"'),
                            strcspn(type + 8 + (type[8] == '"'), "\"; \t"));
    if (set == NULL && coding != NULL && strcmp(coding, "2") == 0)
        set = "UTF-16BE";
    return set;
}

static void
read_kannel(const struct sms *m, struct message *out)
{
    const char *coding = kannel_field(m, "coding", "X-Kannel-Coding");
    const struct form_field *text = form_get(&m->query, "text");
    const char *charset = kannel_charset(m, coding), *part = udh_of(m);

    if (m->q.post)
        text_of(m, charset, m->q.body, m->q.len, out);
    else if (text != NULL)
        text_of(m, charset, text->value, text->len, out);
    out->from = kannel_field(m, "from", "X-Kannel-From");
    out->own_id = not_blank(form_value(&m->query, "id"));
    out->sent_us = kannel_time(kannel_field(m, "time", "X-Kannel-Time"));
    if (part != NULL)
        out->extra = (struct attribute){.name = "part", .value = part};
    if (coding != NULL && strcmp(coding, "1") == 0 && out->text != NULL &&
        memchr(out->text, '\0', out->len) != NULL) {
        out->text = NULL;
        out->refused = "kannel: 8-bit data and no text";
    }
}

static const char *
string_in(const cJSON *object, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

/* What a flow asked a person about himself. */
static bool
is_person(const char *key)
{
    static const char *const keys[] = {"name",   "nom",    "first_name", "last_name", "prenom",
                                       "prénom", "phone",  "telephone",  "téléphone", "contact",
                                       "urn",    "number", "numero",     "numéro"};

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (strcasecmp(key, keys[i]) == 0)
            return true;
    return false;
}

/* The answers of a flow, each behind its question, when there is more than one thing said. */
static void
put_results(struct buf *b, const cJSON *results, const char *input)
{
    size_t n = input != NULL;
    const cJSON *one;

    cJSON_ArrayForEach(one, results) n += !is_person(one->string);
    cJSON_ArrayForEach(one, results)
    {
        const char *value = not_blank(string_in(one, "value"));
        if (value == NULL || is_person(one->string) || (input != NULL && strcmp(value, input) == 0))
            continue;
        if (b->len > 0)
            buf_putc(b, '\n');
        if (n > 1)
            buf_printf(b, "%s: ", one->string);
        buf_puts(b, value);
    }
}

static void
read_rapidpro(const struct sms *m, struct message *out)
{
    cJSON *j = cJSON_ParseWithLength(m->q.body, m->q.len);
    const cJSON *input = cJSON_GetObjectItemCaseSensitive(j, "input");
    const cJSON *contact = cJSON_GetObjectItemCaseSensitive(j, "contact");
    const cJSON *urn = cJSON_GetObjectItemCaseSensitive(input, "urn");
    const cJSON *run = cJSON_GetObjectItemCaseSensitive(j, "run");
    const char *said = not_blank(string_in(input, "text")), *at = string_in(input, "created_on");
    const char *from = cJSON_GetStringValue(urn);
    struct buf b;

    if (!cJSON_IsObject(j)) {
        out->refused = "rapidpro: the body is no JSON object";
        cJSON_Delete(j);
        return;
    }
    /* Answers fill lines of their own; a text is at most what a report may have. */
    buf_init(&b, 2 * MAX_TEXT);
    if (said != NULL)
        buf_puts(&b, said);
    put_results(&b, cJSON_GetObjectItemCaseSensitive(j, "results"), said);
    if (b.failed)
        out->refused = "rapidpro: the flow's answers are too long";
    else if (b.len > 0)
        text_of(m, NULL, b.data, b.len, out);
    buf_fini(&b);
    if (from == NULL)
        from = string_in(urn, "path");
    if (from == NULL)
        from = string_in(urn, "display");
    if (from == NULL)
        from = string_in(contact, "urn");
    if (from != NULL)
        out->from = arena_strndup(m->arena, from, strlen(from));
    if (at != NULL && time_parse(at, strlen(at), &out->sent_us) < 0)
        out->sent_us = 0;
    /* A run may post at several of its steps. */
    if (string_in(run, "uuid") != NULL && at != NULL)
        out->own_id = arena_printf(m->arena, "%s %s", string_in(run, "uuid"), at);
    cJSON_Delete(j);
}

/* ---- handing over */

struct handing {
    const struct sms *m;
    const struct message *message;
    const struct format_sink *sink;
    char contact[PHONE_TEXT];
    bool has_contact;
};

static void
on_record(void *arg, struct record *r, const char *raw, size_t len)
{
    struct handing *h = arg;
    const struct message *msg = h->message;
    struct incident *in = &r->u.incident;
    struct attribute *more = NULL;

    if (r->type == REC_INCIDENT) {
        in->own_id = draft_name(h->m->arena, msg->own_id);
        in->reporter_contact = h->has_contact ? h->contact : NULL;
        if (msg->sent_us != 0)
            in->reported_at_us = msg->sent_us;
        if (msg->extra.name != NULL && in->n_attributes < MAX_ATTRIBUTES)
            more = arena_alloc(h->m->arena, (in->n_attributes + 1) * sizeof *more);
        const char *value = more != NULL ? draft_name(h->m->arena, msg->extra.value) : NULL;
        if (value != NULL) {
            if (in->n_attributes > 0)
                memcpy(more, in->attributes, in->n_attributes * sizeof *more);
            more[in->n_attributes++] = (struct attribute){msg->extra.name, value};
            in->attributes = more;
        }
    }
    h->sink->record(h->sink->arg, r, raw, len);
}

static void
on_refused(void *arg, const char *why, const char *raw, size_t len)
{
    const struct format_sink *sink = ((struct handing *)arg)->sink;

    sink->refused(sink->arg, why, raw, len);
}

static void
on_ignored(void *arg, const char *why, const char *raw, size_t len)
{
    const struct format_sink *sink = ((struct handing *)arg)->sink;

    sink->ignored(sink->arg, why, raw, len);
}

void
format_sms(const struct sms *m, const struct format_options *o, const uint8_t key[PHONE_KEY_LEN],
           const struct format_sink *sink)
{
    struct message msg = {.text = NULL};
    struct handing h = {.m = m, .message = &msg, .sink = sink};
    struct format_sink own = {.record = on_record,
                              .refused = on_refused,
                              .ignored = on_ignored,
                              .arena = sink->arena,
                              .arg = &h};
    const char *state = form_value(&m->body, "SmsStatus");

    if (m->q.gateway == GATEWAY_TWILIO && state != NULL && strcmp(state, "received") != 0) {
        sink->ignored(sink->arg, "twilio: the state of a message that was sent", "", 0);
        return;
    }
    if (m->q.gateway == GATEWAY_SMSSYNC)
        read_smssync(m, &msg);
    else if (m->q.gateway == GATEWAY_TWILIO)
        read_twilio(m, &msg);
    else if (m->q.gateway == GATEWAY_RAPIDPRO)
        read_rapidpro(m, &msg);
    else
        read_kannel(m, &msg);
    if (msg.text == NULL || msg.len == 0 ||
        (msg.len == strlen(msg.text) && not_blank(msg.text) == NULL)) {
        sink->refused(sink->arg, msg.refused != NULL ? msg.refused : "the message has no text", "",
                      0);
        return;
    }
    h.has_contact = msg.from != NULL && phone_name(key, msg.from, h.contact) != NULL;
    format_text(msg.text, msg.len, o, &own);
}
