/* test_format_sms: the posts of the gateways, of our own making in the shapes of their documents,
 * and the answers to them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "format_sms.h"
#include "timefmt.h"

#define FORM "application/x-www-form-urlencoded"
#define JSON "application/json"

static const uint8_t key[PHONE_KEY_LEN] = "a key for nothing but this test";
static struct arena *request, *record;

struct shown {
    const char *name, *value;
};

/* What a request says, and what came of it. */
struct given {
    enum gateway gateway;
    bool get;
    const char *query, *type, *body;
    size_t len; /* 0 = strlen(body) */
    struct shown headers[4];
};

struct seen {
    int records, refused, ignored;
    char why[320], text[1024], own_id[300], contact[64], attributes[256];
    int64_t reported_us;
};

static const char *
header_of(const void *arg, const char *name)
{
    for (const struct shown *h = arg; h->name != NULL; h++)
        if (strcmp(h->name, name) == 0)
            return h->value;
    return NULL;
}

static void
copy(char *out, size_t size, const char *s)
{
    (void)snprintf(out, size, "%s", s != NULL ? s : "-");
}

static void
on_record(void *arg, struct record *r, const char *raw, size_t len)
{
    struct seen *s = arg;
    const struct incident *in = &r->u.incident;

    s->records++;
    assert_int_equal(r->type, REC_INCIDENT);
    copy(s->text, sizeof s->text, in->text);
    copy(s->own_id, sizeof s->own_id, in->own_id);
    copy(s->contact, sizeof s->contact, in->reporter_contact);
    s->reported_us = in->reported_at_us;
    s->attributes[0] = '\0';
    for (size_t i = 0; i < in->n_attributes; i++) {
        size_t at = strlen(s->attributes);
        (void)snprintf(s->attributes + at, sizeof s->attributes - at, "%s=%s;",
                       in->attributes[i].name, in->attributes[i].value);
    }
    assert_null(in->reporter_name);
    assert_null(memmem(raw, len, "70123456", 8)); /* what may go to quarantine */
}

static void
on_refused(void *arg, const char *why, const char *raw, size_t len)
{
    struct seen *s = arg;

    s->refused++;
    copy(s->why, sizeof s->why, why);
    assert_null(memmem(raw, len, "70123456", 8));
}

static void
on_ignored(void *arg, const char *why, const char *raw, size_t len)
{
    struct seen *s = arg;

    (void)raw;
    (void)len;
    s->ignored++;
    copy(s->why, sizeof s->why, why);
}

/* Reads it out of a buffer of exact size, which lives until the next one is read. */
static struct sms *
read_it(const struct given *g, struct err *e)
{
    static char *exact;
    const char *body = g->body != NULL ? g->body : "";
    size_t n = g->len > 0 ? g->len : strlen(body);
    struct sms *m = NULL;

    free(exact);
    exact = malloc(n > 0 ? n : 1);
    assert_non_null(exact);
    memcpy(exact, body, n);
    struct sms_request q = {.gateway = g->gateway,
                            .post = !g->get,
                            .query = g->query,
                            .type = g->type,
                            .body = exact,
                            .len = n,
                            .header = header_of,
                            .arg = g->headers};
    memset(e, 0, sizeof *e);
    arena_reset(request);
    return sms_read(&q, request, &m, e) < 0 ? NULL : m;
}

static struct seen
take(const struct given *g)
{
    struct seen s = {.records = 0};
    struct err e;
    struct sms *m = read_it(g, &e);
    struct format_options o = {.now_us = 1681713600 * SECOND_US};
    struct format_sink sink = {.record = on_record,
                               .refused = on_refused,
                               .ignored = on_ignored,
                               .arena = record,
                               .arg = &s};

    if (m == NULL)
        fail_msg("%s", e.text);
    assert_int_equal(sms_task(m), SMS_REPORT);
    format_sms(m, &o, key, &sink);
    assert_int_equal(s.records + s.refused + s.ignored, 1);
    return s;
}

static const char *
time_of(int64_t us)
{
    static char out[TIME_TEXT];

    return us == 0 ? "-" : time_text(us, out);
}

struct wanted {
    struct given given;
    const char *text, *own_id, *at, *part; /* text NULL: refused with why */
    const char *why;
};

static const char *
caller(void)
{
    static char out[PHONE_TEXT];

    return phone_name(key, "+22370123456", out);
}

static void
check_all(const struct wanted *w, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct seen s = take(&w[i].given);
        if (w[i].text == NULL) {
            if (s.records > 0 || strstr(s.why, w[i].why) == NULL)
                fail_msg("case %zu says: %s", i, s.records > 0 ? s.text : s.why);
            continue;
        }
        if (s.records != 1)
            fail_msg("case %zu is refused: %s", i, s.why);
        assert_string_equal(s.text, w[i].text);
        assert_string_equal(s.own_id, w[i].own_id);
        assert_string_equal(time_of(s.reported_us), w[i].at);
        assert_string_equal(s.contact, caller());
        if (w[i].part != NULL)
            assert_non_null(strstr(s.attributes, w[i].part));
    }
}
#define CHECK_ALL(w) check_all(w, sizeof w / sizeof w[0])

#define SYNC(bytes)                                                               \
    {                                                                             \
        .gateway = GATEWAY_SMSSYNC, .type = FORM "; charset=UTF-8", .body = bytes \
    }
#define FROM "from=%2B223+70+12+34+56"

static void
test_smssync(void **state)
{
    static const struct wanted w[] = {
        {SYNC(FROM "&message=Attaque+%C3%A0+Gao&message_id=80b3&sent_to=36333&secret=sesame"
                   "&device_id=7&sent_timestamp=1681713605123"),
         "Attaque à Gao", "80b3", "2023-04-17T06:40:05.123Z", NULL, NULL},
        {SYNC("sent_timestamp=soon&message=Tirs&" FROM), "Tirs", "-", "-", NULL, NULL},
        {SYNC("sent_timestamp=-5&message=Tirs&" FROM), "Tirs", "-", "-", NULL, NULL},
        {SYNC("sent_timestamp=99999999999999999999&message=Tirs&" FROM), "Tirs", "-", "-", NULL,
         NULL},
        {SYNC("message_id=&message=attaqu%E9&" FROM), "attaqué", "-", "-", NULL, NULL},
        {SYNC(FROM "&message_id=1"), NULL, NULL, NULL, NULL, "no text"},
        {SYNC(FROM "&message=+%0A+"), NULL, NULL, NULL, NULL, "no text"},
        {SYNC(""), NULL, NULL, NULL, NULL, "no text"},
    };

    (void)state;
    CHECK_ALL(w);
    struct seen s = take(&(struct given)SYNC("message=Tirs"));
    assert_string_equal(s.contact, "-");
}

#define TWILIO(bytes)                                          \
    {                                                          \
        .gateway = GATEWAY_TWILIO, .type = FORM, .body = bytes \
    }

static void
test_twilio(void **state)
{
    static const struct wanted w[] = {
        {TWILIO("MessageSid=SM1&SmsSid=SM0&From=%2B22370123456&Body=Tirs&NumMedia=0&Unknown=1"),
         "Tirs", "SM1", "-", NULL, NULL},
        {TWILIO(
             "SmsSid=SM0&SmsStatus=received&From=whatsapp%3A%2B22370123456&Body=Tirs&NumMedia=2"),
         "Tirs", "SM0", "-", "media=2;", NULL},
        {TWILIO("MessageSid=SM1&From=%2B22370123456&Body=&NumMedia=1"), NULL, NULL, NULL, NULL,
         "pictures"},
        {TWILIO("MessageSid=SM1&SmsStatus=delivered&From=%2B22370123456"), NULL, NULL, NULL, NULL,
         "state of a message"},
        {TWILIO("MessageSid=SM1&Body="), NULL, NULL, NULL, NULL, "no text"},
    };

    (void)state;
    CHECK_ALL(w);
}

static void
test_signature(void **state)
{
    static const struct {
        const char *secret, *url, *body, *signature;
        bool fits;
    } cases[] = {
        /* The example of Twilio's documentation. */
        {"12345", "https://mycompany.com/myapp.php?foo=1&bar=2",
         "Digits=1234&To=%2B18005551212&From=%2B14158675309&Caller=%2B14158675309&CallSid="
         "CA1234567890ABCDE",
         "RSOYDt4T1cUTdK1PDd93/VVr8B8=", true},
        {"authtoken", "https://alerts.example.org/v1/sms/twilio",
         "MessageSid=SM0001&From=%2B22370123456&To=%2B22320000000&Body=Tirs+entendus+%C3%A0+Gao"
         "&NumMedia=0&SmsStatus=received&Zeta=&FromCity=GAO",
         "m4GytARTroAx/8pAOCL5YXLRsnc=", true},
        {"authtoken", "https://alerts.example.org/v1/sms/twilio",
         "MessageSid=SM0001&From=%2B22370123456&To=%2B22320000000&Body=Tirs+entendus+%C3%A0+Gaa"
         "&NumMedia=0&SmsStatus=received&Zeta=&FromCity=GAO",
         "m4GytARTroAx/8pAOCL5YXLRsnc=", false},
        {"authtokem", "https://alerts.example.org/v1/sms/twilio",
         "MessageSid=SM0001&From=%2B22370123456&To=%2B22320000000&Body=Tirs+entendus+%C3%A0+Gao"
         "&NumMedia=0&SmsStatus=received&Zeta=&FromCity=GAO",
         "m4GytARTroAx/8pAOCL5YXLRsnc=", false},
        {"12345", "https://mycompany.com/myapp.php?foo=1&bar=2", "a=b", "", false},
        {"12345", "https://mycompany.com/myapp.php?foo=1&bar=2", "a=b", NULL, false},
        {"12345", "https://mycompany.com/myapp.php?foo=1&bar=2", "a=b",
         "RSOYDt4T1cUTdK1PDd93/VVr8B8=RSOYDt4T1cUTdK1PDd93/VVr8B8=", false},
    };
    struct err e;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct given g = {.gateway = GATEWAY_TWILIO,
                          .type = FORM,
                          .body = cases[i].body,
                          .headers = {{"X-Twilio-Signature", cases[i].signature}}};
        struct source_conf s = {.secret = (char *)cases[i].secret, .url = (char *)cases[i].url};
        struct sms *m = read_it(&g, &e);
        assert_non_null(m);
        if (sms_fits(m, &s) != cases[i].fits)
            fail_msg("case %zu", i);
        s.url = NULL;
        assert_false(sms_fits(m, &s));
    }
}

#define RAPID(bytes)                                                                 \
    {                                                                                \
        .gateway = GATEWAY_RAPIDPRO, .query = "token=w", .type = JSON, .body = bytes \
    }
#define CONTACT "\"contact\":{\"uuid\":\"c1\",\"name\":\"A Person\",\"urn\":\"tel:+22370123456\"}"
#define URN     "\"urn\":{\"display\":\"070 12\",\"path\":\"+22370123456\"}"
#define RUN     "\"run\":{\"uuid\":\"r1\",\"created_on\":\"2023-04-17T06:00:00Z\"}"

static void
test_rapidpro(void **state)
{
    static const struct wanted w[] = {
        {RAPID("{" CONTACT ",\"flow\":{\"name\":\"Alert\"},\"results\":{\"report\":{\"value\":"
               "\"Tirs à Gao\",\"category\":\"All\"}}}"),
         "Tirs à Gao", "-", "-", NULL, NULL},
        {RAPID("{" CONTACT ",\"results\":{\"what\":{\"value\":\"Tirs\"},\"where\":{\"value\":"
               "\"Gao\"},\"name\":{\"value\":\"A Person\"},\"empty\":{\"value\":\" \"},"
               "\"none\":{\"value\":null}}}"),
         "what: Tirs\nwhere: Gao", "-", "-", NULL, NULL},
        {RAPID("{" RUN
               ",\"input\":{\"text\":\"Tirs\",\"created_on\":\"2023-04-17T06:40:00.5Z\"," URN
               "},\"results\":{}}"),
         "Tirs", "r1 2023-04-17T06:40:00.5Z", "2023-04-17T06:40:00.500Z", NULL, NULL},
        {RAPID("{" RUN "," CONTACT ",\"input\":{\"text\":\"Gao\",\"created_on\":\"now\"},"
               "\"results\":{\"what\":{\"value\":\"Tirs\"},\"where\":{\"value\":\"Gao\"}}}"),
         "Gao\nwhat: Tirs", "r1 now", "-", NULL, NULL},
        {RAPID("{" CONTACT ",\"input\":{\"text\":\"Tirs\",\"urn\":\"tel:+22370123456\"}}"), "Tirs",
         "-", "-", NULL, NULL},
        {RAPID("{" CONTACT "}"), NULL, NULL, NULL, NULL, "no text"},
        {RAPID("{\"contact\":7,\"input\":[],\"results\":\"x\"}"), NULL, NULL, NULL, NULL,
         "no text"},
        {RAPID("[]"), NULL, NULL, NULL, NULL, "no JSON object"},
        {RAPID("{"), NULL, NULL, NULL, NULL, "no JSON object"},
        {RAPID(""), NULL, NULL, NULL, NULL, "no JSON object"},
    };

    (void)state;
    CHECK_ALL(w);
    /* Answers without end. */
    size_t n = 40000;
    char *many = malloc(n + 100);
    assert_non_null(many);
    int at = sprintf(many, "{\"results\":{\"a\":{\"value\":\"");
    memset(many + at, 'x', n);
    strcpy(many + at + n, "\"}}}");
    struct seen s = take(&(struct given)RAPID(many));
    assert_string_equal(s.why, "rapidpro: the flow's answers are too long");
    /* Depth without end. */
    memset(many, '[', n);
    many[n] = '\0';
    s = take(&(struct given)RAPID(many));
    assert_string_equal(s.why, "rapidpro: the body is no JSON object");
    free(many);
}

#define GET(q)                                                                            \
    {                                                                                     \
        .gateway = GATEWAY_KANNEL, .get = true, .query = "token=w&from=%2B22370123456&" q \
    }
#define HEADERS(...)                                    \
    {                                                   \
        {"X-Kannel-From", "0022370123456"}, __VA_ARGS__ \
    }
#define POST(t, bytes, ...)                                                      \
    {                                                                            \
        .gateway = GATEWAY_KANNEL, .query = "token=w", .type = t, .body = bytes, \
        .len = sizeof(bytes) - 1, .headers = HEADERS(__VA_ARGS__)                \
    }

static void
test_kannel(void **state)
{
    static const struct wanted w[] = {
        {GET("to=36333&text=Tirs+%C3%A0+Gao&time=2023-04-17+06:40:00&id=m-1&coding=0&smsc=a"),
         "Tirs à Gao", "m-1", "2023-04-17T06:40:00Z", NULL, NULL},
        {GET("text=Tirs&time=2023-04-17%2B06:40:09"), "Tirs", "-", "2023-04-17T06:40:09Z", NULL,
         NULL},
        {GET("text=Tirs&time=2023-04-17+06:40"), "Tirs", "-", "2023-04-17T06:40:00Z", NULL, NULL},
        {GET("text=Tirs&time=yesterday&id="), "Tirs", "-", "-", NULL, NULL},
        {GET("text=attaqu%E9"), "attaqué", "-", "-", NULL, NULL},
        {GET("text=%00G%00a%00o%00%E9&coding=2"), "Gaoé", "-", "-", NULL, NULL},
        {GET("text=%00G%00a%00o&charset=UTF-16BE"), "Gao", "-", "-", NULL, NULL},
        {GET("text=Gao%C3%A9&coding=2&charset=UTF-8"), "Gaoé", "-", "-", NULL, NULL},
        {GET("text=Tirs&udh=%05%00%03%A2%03%02"), "Tirs", "-", "-", "part=2/3;", NULL},
        {GET("text=Tirs&udh=%06%08%04%01%A2%03%01"), "Tirs", "-", "-", "part=1/3;", NULL},
        {GET("text=Tirs&udh=%05%00%03%A2%03"), "Tirs", "-", "-", NULL, NULL},
        {GET("text=Tirs&udh=%FF"), "Tirs", "-", "-", NULL, NULL},
        {GET("text="), NULL, NULL, NULL, NULL, "no text"},
        {GET("id=1"), NULL, NULL, NULL, NULL, "no text"},
        {GET("text=%00%01%02&coding=1"), NULL, NULL, NULL, NULL, "8-bit data"},
        {GET("text=plain&coding=1"), "plain", "-", "-", NULL, NULL},
        {POST("text/plain; charset=UTF-8", "Tirs à Gao", {"X-Kannel-Time", "2023-04-17 06:40:00"}),
         "Tirs à Gao", "-", "2023-04-17T06:40:00Z", NULL, NULL},
        {POST("text/plain; charset=\"UTF-16BE\"", "\0G\0a\0o", {"X-Kannel-Coding", "2"}), "Gao",
         "-", "-", NULL, NULL},
        {POST("text/plain", "\0G\0a\0o", {"X-Kannel-Coding", "2"}), "Gao", "-", "-", NULL, NULL},
        {POST(NULL, "Tirs", {"X-Kannel-UDH", "050003A20201"}), "Tirs", "-", "-", "part=1/2;", NULL},
        {POST(NULL, "Tirs", {"X-Kannel-UDH", "05zz"}), "Tirs", "-", "-", NULL, NULL},
        {POST("application/octet-stream", "\0\1", {"X-Kannel-Coding", "1"}), NULL, NULL, NULL, NULL,
         "8-bit data"},
    };

    (void)state;
    CHECK_ALL(w);
}

static void
test_secrets(void **state)
{
    static const struct {
        struct given given;
        bool fits; /* the secret w0rd */
    } cases[] = {
        {SYNC("message=x&secret=w0rd"), true},
        {SYNC("message=x&secret=word"), false},
        {SYNC("message=x"), false},
        {SYNC("message=x&secret="), false},
        {{.gateway = GATEWAY_SMSSYNC, .type = FORM, .query = "secret=w0rd", .body = "a=b"}, false},
        {{.gateway = GATEWAY_SMSSYNC, .get = true, .query = "task=send&secret=w0rd"}, true},
        {{.gateway = GATEWAY_SMSSYNC, .get = true, .query = "task=send"}, false},
        {{.gateway = GATEWAY_RAPIDPRO, .type = JSON, .query = "token=w0rd"}, true},
        {{.gateway = GATEWAY_RAPIDPRO, .type = JSON, .query = "token=w0r"}, false},
        {{.gateway = GATEWAY_RAPIDPRO, .type = JSON}, false},
        {{.gateway = GATEWAY_KANNEL, .get = true, .query = "token=w0rd"}, true},
        {{.gateway = GATEWAY_KANNEL, .get = true, .query = "text=w0rd"}, false},
    };
    struct source_conf s = {.secret = (char *)"w0rd"}, none = {.secret = NULL};
    struct err e;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct sms *m = read_it(&cases[i].given, &e);
        assert_non_null(m);
        if (sms_fits(m, &s) != cases[i].fits)
            fail_msg("case %zu", i);
        assert_false(sms_fits(m, &none));
    }
}

static void
test_unread(void **state)
{
    static const struct {
        struct given given;
        const char *says;
    } cases[] = {
        {{.gateway = GATEWAY_SMSSYNC, .type = JSON, .body = "{}"}, "choose URLEncoded"},
        {{.gateway = GATEWAY_SMSSYNC, .type = "multipart/form-data; boundary=x", .body = "--x"},
         "Content-Type is not application/x-www-form-urlencoded"},
        {{.gateway = GATEWAY_TWILIO, .body = "Body=x"}, "Content-Type is not"},
        {{.gateway = GATEWAY_RAPIDPRO, .type = FORM, .body = "a=b"}, "let the flow post JSON"},
    };
    struct err e;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_null(read_it(&cases[i].given, &e));
        assert_non_null(strstr(e.text, cases[i].says));
    }
    char many[1025];
    for (size_t i = 0; i < 1024; i += 2)
        memcpy(many + i, "a&", 3);
    struct given g = SYNC(many);
    assert_null(read_it(&g, &e));
    assert_non_null(strstr(e.text, "fields"));
    g = (struct given){.gateway = GATEWAY_KANNEL, .get = true, .query = many};
    assert_null(read_it(&g, &e));
}

static void
test_tasks(void **state)
{
    static const struct {
        bool get;
        const char *query;
        enum sms_task task;
    } cases[] = {
        {true, "task=send&secret=a\"b", SMS_POLL},
        {true, "task=result", SMS_OTHER},
        {false, "task=sent", SMS_OTHER},
        {false, "task=result", SMS_OTHER},
        {false, "task=send", SMS_OTHER},
        {true, NULL, SMS_OTHER},
        {true, "x=y", SMS_OTHER},
        {false, NULL, SMS_REPORT},
        {false, "x=y", SMS_REPORT},
    };
    struct source_conf s = {.secret = (char *)"a\"b"};
    struct err e;
    struct buf b;

    (void)state;
    buf_init(&b, 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct given g = {.gateway = GATEWAY_SMSSYNC,
                          .get = cases[i].get,
                          .query = cases[i].query,
                          .type = cases[i].task == SMS_REPORT ? FORM : JSON,
                          .body = "{}"};
        struct sms *m = read_it(&g, &e);
        assert_non_null(m);
        assert_int_equal(sms_task(m), cases[i].task);
        if (cases[i].task == SMS_REPORT)
            continue;
        buf_reset(&b);
        assert_string_equal(sms_answer_task(sms_task(m), &s, &b), JSON);
        assert_string_equal(
            b.data, cases[i].task == SMS_POLL
                        ? "{\"payload\":{\"task\":\"send\",\"secret\":\"a\\\"b\",\"messages\":[]}}"
                        : "{\"message_uuids\":[],\"payload\":{\"success\":true,\"error\":null}}");
    }
    buf_fini(&b);
}

static void
test_answers(void **state)
{
    static const struct {
        enum gateway gateway;
        const char *type, *body, *failure;
    } cases[] = {
        {GATEWAY_SMSSYNC, JSON, "{\"payload\":{\"success\":true,\"error\":null}}",
         "{\"payload\":{\"success\":false,\"error\":\"why \\\"so\\\"\"}}"},
        {GATEWAY_TWILIO, "text/xml", "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response/>", NULL},
        {GATEWAY_RAPIDPRO, JSON, "{\"status\":\"rejected\",\"reason\":\"no text\"}", NULL},
        {GATEWAY_KANNEL, "text/plain", "", NULL},
    };
    struct receipt r = {.status = RC_REJECTED, .reason = "no text"};
    struct buf b;

    (void)state;
    buf_init(&b, 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        buf_reset(&b);
        assert_string_equal(sms_answer(cases[i].gateway, &r, &b), cases[i].type);
        assert_int_equal(b.len, strlen(cases[i].body));
        if (b.len > 0)
            assert_string_equal(b.data, cases[i].body);
        buf_reset(&b);
        const char *type = sms_answer_failure(cases[i].gateway, "why \"so\"", &b);
        if (cases[i].failure == NULL) {
            assert_null(type);
            continue;
        }
        assert_string_equal(type, JSON);
        assert_string_equal(b.data, cases[i].failure);
    }
    buf_fini(&b);
}

static int
setup(void **state)
{
    (void)state;
    request = arena_new(0);
    record = arena_new(0);
    return request != NULL && record != NULL ? 0 : -1;
}

static int
teardown(void **state)
{
    struct given last = {.gateway = GATEWAY_KANNEL, .get = true};
    struct err e;

    (void)state;
    (void)read_it(&last, &e);
    arena_free(request);
    arena_free(record);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_smssync),   cmocka_unit_test(test_twilio),
        cmocka_unit_test(test_signature), cmocka_unit_test(test_rapidpro),
        cmocka_unit_test(test_kannel),    cmocka_unit_test(test_secrets),
        cmocka_unit_test(test_unread),    cmocka_unit_test(test_tasks),
        cmocka_unit_test(test_answers),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
