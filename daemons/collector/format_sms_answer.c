/* format_sms_answer: what each gateway expects to hear. See format_sms.h. */
#include "format_sms.h"

#include "json.h"

const char *
sms_answer(enum gateway g, const struct receipt *r, struct buf *out)
{
    struct json j;

    json_init(&j, out);
    switch (g) {
    case GATEWAY_SMSSYNC:
        buf_puts(out, "{\"payload\":{\"success\":true,\"error\":null}}");
        return "application/json";
    case GATEWAY_TWILIO:
        buf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response/>");
        return "text/xml";
    case GATEWAY_RAPIDPRO:
        json_open(&j, NULL, '{');
        json_str(&j, "status", receipt_status_name(r->status));
        json_str(&j, "reason", r->reason);
        json_close(&j, '}');
        return "application/json";
    case GATEWAY_KANNEL:
    case GATEWAY_NONE:
        break;
    }
    return "text/plain";
}

const char *
sms_answer_task(enum sms_task task, const struct source_conf *source, struct buf *out)
{
    struct json j;

    json_init(&j, out);
    if (task == SMS_OTHER) {
        buf_puts(out, "{\"message_uuids\":[],\"payload\":{\"success\":true,\"error\":null}}");
        return "application/json";
    }
    json_open(&j, NULL, '{');
    json_open(&j, "payload", '{');
    json_str(&j, "task", "send");
    json_str(&j, "secret", source->secret);
    json_open(&j, "messages", '[');
    json_close(&j, ']');
    json_close(&j, '}');
    json_close(&j, '}');
    return "application/json";
}

const char *
sms_answer_failure(enum gateway g, const char *why, struct buf *out)
{
    struct json j;

    if (g != GATEWAY_SMSSYNC)
        return NULL;
    json_init(&j, out);
    json_open(&j, NULL, '{');
    json_open(&j, "payload", '{');
    json_bool(&j, "success", false);
    json_str(&j, "error", why);
    json_close(&j, '}');
    json_close(&j, '}');
    return "application/json";
}
