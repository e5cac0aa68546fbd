/* Fuzz target: any request to an SMS gateway's route. The first byte chooses gateway and method;
 * then three lines, the query, the Content-Type and the value of every header; the rest is the
 * body. Whatever comes, the sink is called once, and what it is given wire must take. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "format_sms.h"
#include "wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool ok)
{
    if (!ok)
        abort();
}

static const char *
header_of(const void *arg, const char *name)
{
    (void)name;
    return arg;
}

static void
on_record(void *arg, struct record *r, const char *raw, size_t len)
{
    struct arena *a = arena_new(0);
    struct record back;
    struct buf b;

    (void)raw;
    (void)len;
    (*(int *)arg)++;
    must(a != NULL && r->type == REC_INCIDENT);
    r->u.incident.source = "sms";
    buf_init(&b, 0);
    wire_record_pack(r, true, &b);
    must(wire_record_unpack(b.data, b.len, a, &back, NULL) == 0);
    must(back.u.incident.reporter_contact == NULL ||
         strlen(back.u.incident.reporter_contact) == PHONE_TEXT - 1);
    buf_fini(&b);
    arena_free(a);
}

static void
on_none(void *arg, const char *why, const char *raw, size_t len)
{
    (void)raw;
    (void)len;
    (*(int *)arg)++;
    must(why[0] != '\0');
}

/* Takes a line off the input, NUL-terminated; on the heap. */
static char *
line_of(const uint8_t **data, size_t *size)
{
    const uint8_t *nl = memchr(*data, '\n', *size);
    size_t n = nl != NULL ? (size_t)(nl - *data) : *size;
    char *out = malloc(n + 1);

    must(out != NULL);
    memcpy(out, *data, n);
    out[n] = '\0';
    *data += nl != NULL ? n + 1 : n;
    *size -= nl != NULL ? n + 1 : n;
    return out;
}

static void
ask(const struct sms_request *q, struct arena *request, struct arena *record)
{
    static const uint8_t key[PHONE_KEY_LEN];
    struct source_conf source = {.secret = (char *)"w", .url = (char *)"https://x"};
    struct err e = {.text = ""};
    struct sms *m = NULL;
    int calls = 0;
    struct format_options o = {.source = &source, .now_us = INT64_C(1681713600000000)};
    struct format_sink sink = {.record = on_record,
                               .refused = on_none,
                               .ignored = on_none,
                               .arena = record,
                               .arg = &calls};
    struct buf b;

    if (sms_read(q, request, &m, &e) < 0) {
        must(e.text[0] != '\0');
        return;
    }
    (void)sms_fits(m, &source); /* either way is well */
    buf_init(&b, 0);
    if (sms_task(m) == SMS_REPORT) {
        format_sms(m, &o, key, &sink);
        must(calls == 1);
    } else {
        must(sms_answer_task(sms_task(m), &source, &b) != NULL);
    }
    buf_fini(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *request = arena_new(0), *record = arena_new(0);

    must(request != NULL && record != NULL);
    if (size > 0) {
        uint8_t choice = *data++;
        size--;
        char *query = line_of(&data, &size), *type = line_of(&data, &size),
             *value = line_of(&data, &size);
        char *body = malloc(size > 0 ? size : 1);
        must(body != NULL);
        memcpy(body, data, size);
        struct sms_request q = {.gateway = (enum gateway)(GATEWAY_SMSSYNC + choice % 4),
                                .post = (choice & 4) == 0,
                                .query = query,
                                .type = type,
                                .body = body,
                                .len = size,
                                .header = header_of,
                                .arg = value[0] != '\0' ? value : NULL};
        ask(&q, request, record);
        free(query);
        free(type);
        free(value);
        free(body);
    }
    arena_free(request);
    arena_free(record);
    return 0;
}
