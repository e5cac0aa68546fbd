/* test_tak: a TAK connection's bytes to messages, wherever the reads end; TakMessages to the same
 * records as XML; and what the server says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "record_json.h"
#include "tak.h"
#include "takproto.pb-c.h"

#define TIMES \
    "time='2026-04-17T06:40:00Z' start='2026-04-17T06:40:00Z' stale='2026-04-17T06:50:00Z'"
#define EVENT(type, uid, detail)                                                        \
    "<event version='2.0' uid='" uid "' type='" type "' how='h-e' " TIMES ">"           \
    "<point lat='13.5' lon='-2.25' hae='9999999' ce='20' le='9999999'/><detail>" detail \
    "</detail></event>"
#define XML "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
#define AUTH                                                                               \
    "<?xml version=\"1.0\"?>\n<auth><cot username=\"lima &amp; co\" password=\"se'cret\" " \
    "uid=\"A-1\"/></auth>"
#define HOSTILE EVENT("a-h-G", "MARK-1", "<remarks>two &lt;cars&gt;</remarks>")

/* ---- what was read, as text: a letter a message, and what it says */

struct seen {
    char log[4096];
    size_t dropped; /* bytes that belonged to no message */
    bool failed;
    struct err e;
};

static void
describe(struct seen *s, const struct tak_message *m)
{
    static const char letters[] = {[TAK_EVENT] = 'E',
                                   [TAK_AUTH] = 'A',
                                   [TAK_PING] = 'P',
                                   [TAK_REQUEST] = 'Q',
                                   [TAK_NOTHING] = 'N'};
    size_t at = strlen(s->log);

    (void)snprintf(s->log + at, sizeof s->log - at, "%c%s", letters[m->kind],
                   m->protobuf ? "p" : "");
    at = strlen(s->log);
    if (m->kind == TAK_AUTH)
        (void)snprintf(s->log + at, sizeof s->log - at, "(%s,%s)", m->username ? m->username : "-",
                       m->password ? m->password : "-");
    else if (m->kind == TAK_PING)
        (void)snprintf(s->log + at, sizeof s->log - at, "(%s)", m->uid ? m->uid : "-");
    else if (m->kind == TAK_REQUEST)
        (void)snprintf(s->log + at, sizeof s->log - at, "(%u)", (unsigned)m->version);
}

/* As a door does: bytes come in steps, what was used goes. */
static void
feed(const char *s, size_t n, size_t first, size_t step, bool protobuf, struct seen *seen)
{
    struct arena *a = arena_new(0);
    size_t have = 0, given = 0;

    memset(seen, 0, sizeof *seen);
    assert_non_null(a);
    for (size_t more = first; !seen->failed && (given < n || given == 0); more = step) {
        size_t from = given - have;

        if (more > n - given)
            more = n - given;
        given += more;
        have += more;
        for (;;) {
            /* The exact size, so that a sanitizer sees every byte too many. */
            char *exact = malloc(have > 0 ? have : 1);
            struct tak_message m;
            size_t used = SIZE_MAX;
            int rc;

            assert_non_null(exact);
            memcpy(exact, s + from, have);
            arena_reset(a);
            rc = tak_next(exact, have, protobuf, a, &m, &used, &seen->e);
            seen->failed = rc < 0;
            if (rc >= 0)
                assert_true(used <= have);
            if (rc > 0) {
                assert_true(used > 0 && m.data >= exact && m.data + m.len <= exact + used);
                describe(seen, &m);
            } else if (rc == 0) {
                seen->dropped += used;
            }
            free(exact);
            if (rc < 0)
                break;
            have -= used;
            from += used;
            if (rc == 0)
                break;
        }
        if (n == 0)
            break;
    }
    arena_free(a);
}

static void
expect(const char *label, const char *s, size_t n, bool protobuf, const char *log)
{
    struct seen all, split;

    feed(s, n, n, n, protobuf, &all);
    if (strcmp(all.log, log) != 0)
        fail_msg("%s: \"%s\", not \"%s\" (%s)", label, all.log, log, all.e.text);
    for (size_t at = 1; at < n; at++) {
        feed(s, n, at, n, protobuf, &split);
        if (strcmp(split.log, log) != 0 || split.failed != all.failed)
            fail_msg("%s, split at %zu: \"%s\", not \"%s\"", label, at, split.log, log);
    }
    feed(s, n, 1, 1, protobuf, &split);
    if (strcmp(split.log, log) != 0 || split.failed != all.failed)
        fail_msg("%s, by bytes: \"%s\", not \"%s\"", label, split.log, log);
}

/* ---- TakMessages */

struct made {
    Tocsin__Takproto__TakMessage message;
    Tocsin__Takproto__TakControl control;
    Tocsin__Takproto__CotEvent event;
    Tocsin__Takproto__Detail detail;
    Tocsin__Takproto__Contact contact;
    uint8_t bytes[2048];
    size_t len;
};

/* The hostile marker of the XML above. */
static void
make(struct made *m)
{
    memset(m, 0, sizeof *m);
    tocsin__takproto__tak_message__init(&m->message);
    tocsin__takproto__tak_control__init(&m->control);
    tocsin__takproto__cot_event__init(&m->event);
    tocsin__takproto__detail__init(&m->detail);
    tocsin__takproto__contact__init(&m->contact);
    m->message.cot_event = &m->event;
    m->event.type = (char *)"a-h-G";
    m->event.uid = (char *)"MARK-1";
    m->event.how = (char *)"h-e";
    m->event.send_time = m->event.start_time = UINT64_C(1776408000000);
    m->event.stale_time = m->event.send_time + 600000;
    m->event.lat = 13.5;
    m->event.lon = -2.25;
    m->event.hae = m->event.le = 999999;
    m->event.ce = 20;
    m->event.detail = &m->detail;
    m->detail.xml_detail = (char *)"<remarks>two &lt;cars&gt;</remarks>";
}

static void
pack(struct made *m)
{
    m->len = tocsin__takproto__tak_message__get_packed_size(&m->message);
    assert_true(m->len <= sizeof m->bytes);
    assert_int_equal(tocsin__takproto__tak_message__pack(&m->message, m->bytes), m->len);
}

static void
frame(struct buf *b, size_t n)
{
    buf_putc(b, '\xBF');
    for (; n > 0x7F; n >>= 7)
        buf_putc(b, (char)(0x80 | (n & 0x7F)));
    buf_putc(b, (char)n);
}

static void
put_frame(struct buf *b, const struct made *m)
{
    frame(b, m->len);
    buf_put(b, m->bytes, m->len);
}

static void
put_mesh(struct buf *b, const struct made *m)
{
    buf_puts(b, "\xBF\x01\xBF");
    buf_put(b, m->bytes, m->len);
}

/* ---- records */

struct report {
    char line[2048]; /* sign and JSON or reason, of the last call */
    size_t calls;
};

static void
say(struct report *r, char sign, const char *what)
{
    r->calls++;
    (void)snprintf(r->line, sizeof r->line, "%c%s", sign, what);
}

static void
on_record(void *arg, struct record *r, const char *raw, size_t len)
{
    struct buf b;

    (void)raw;
    assert_true(len > 0);
    buf_init(&b, 0);
    record_to_json(r, &b);
    assert_false(b.failed);
    say(arg, '+', b.data);
    buf_fini(&b);
}

static void
on_refused(void *arg, const char *why, const char *raw, size_t len)
{
    (void)raw;
    (void)len;
    say(arg, '-', why);
}

static void
on_ignored(void *arg, const char *why, const char *raw, size_t len)
{
    (void)raw;
    (void)len;
    say(arg, '~', why);
}

static void
report_bytes(const void *s, size_t n, bool protobuf, struct report *r)
{
    static const struct tak_asset_conf assets[] = {{.match = (char *)"LIMA*"}};
    static const struct format_options o = {.tak = assets, .n_tak = 1};
    char *exact = malloc(n > 0 ? n : 1);
    struct tak_message m = {.kind = TAK_EVENT, .protobuf = protobuf, .data = exact, .len = n};
    struct format_sink sink = {.record = on_record,
                               .refused = on_refused,
                               .ignored = on_ignored,
                               .arena = arena_new(0),
                               .arg = r};

    assert_non_null(exact);
    assert_non_null(sink.arena);
    memcpy(exact, s, n);
    memset(r, 0, sizeof *r);
    format_tak(&m, &o, &sink);
    assert_int_equal(r->calls, 1);
    arena_free(sink.arena);
    free(exact);
}

static void
expect_report(struct made *m, const char *line)
{
    struct report r;

    pack(m);
    report_bytes(m->bytes, m->len, true, &r);
    if (strstr(r.line, line) != r.line)
        fail_msg("\"%s\" does not begin \"%s\"", r.line, line);
}

/* ---- the stream of XML */

static void
test_xml(void **state)
{
    static const struct {
        const char *label, *bytes, *log;
    } cases[] = {
        {"an event", HOSTILE, "E"},
        {"several in one read", HOSTILE HOSTILE XML HOSTILE "\n" HOSTILE, "EEEE"},
        {"a login, then events", AUTH XML HOSTILE, "A(lima & co,se'cret)E"},
        {"a login without a password", "<auth><cot username='x'/></auth>", "A(x,-)"},
        {"an empty login", "<auth/>", "A(-,-)"},
        {"a ping", EVENT("t-x-c-t", "A-1-ping", "") XML HOSTILE, "P(A-1-ping)E"},
        {"a request",
         EVENT("t-x-takp-q", "u", "<TakControl><TakRequest version='1'/></TakControl>"), "Q(1)"},
        {"a request that says nothing", EVENT("t-x-takp-q", "u", ""), "Q(0)"},
        {"a request for much",
         EVENT("t-x-takp-q", "u", "<TakControl><TakRequest version='99999999999'/></TakControl>"),
         "Q(4294967295)"},
        {"a server's words",
         EVENT("t-x-takp-v", "u", "") EVENT("t-x-takp-r", "u", "") EVENT("t-x-c-t-r", "u", ""),
         "NNN"},
        {"other control is an event", EVENT("t-x-d-d", "u", ""), "E"},
        {"a type that stands last", "<event uid='a>b' " TIMES " type='t-x-c-t'/>", "P(a>b)"},
        {"a broken event is one message", "<event uid='a'><point></event>" HOSTILE, "EE"},
        {"a broken ping too", "<event type='t-x-c-t'><point></event>" HOSTILE, "EE"},
        {"line ends and zeros", "\r\n \n" HOSTILE "\r\n" HOSTILE "\n", "EE"},
        {"comments", "<!-- a --><!-- <event> -->" HOSTILE "<!-- -->", "E"},
        {"nothing", "\n\n", ""},
        {"half an event", "<event uid='a'><point lat='1'", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        expect(cases[i].label, cases[i].bytes, strlen(cases[i].bytes), false, cases[i].log);
    expect("zeros between events", HOSTILE "\0" HOSTILE, sizeof(HOSTILE "\0" HOSTILE), false, "EE");
}

static void
test_what_is_nothing_is_dropped(void **state)
{
    struct tak_message m;
    struct arena *a = arena_new(0);
    struct err e;
    size_t used = 99;

    (void)state;
    assert_int_equal(tak_next("", 0, false, a, &m, &used, &e), 0);
    assert_int_equal(used, 0);
    assert_int_equal(tak_next("\n\n", 2, false, a, &m, &used, &e), 0);
    assert_int_equal(used, 2);
    assert_int_equal(tak_next("\n<!-- x --><ev", 14, false, a, &m, &used, &e), 0);
    assert_int_equal(used, 11);
    /* A declaration stays with its event. */
    assert_int_equal(tak_next("\n<?xml version='1.0'?>\n<ev", 26, false, a, &m, &used, &e), 0);
    assert_int_equal(used, 1);
    arena_free(a);
}

static void
test_garbage(void **state)
{
    static const struct {
        const char *label, *bytes;
        bool protobuf;
        const char *log, *why;
    } cases[] = {
        {"HTTP", "GET / HTTP/1.1\r\n", false, "", "not text"},
        {"text behind an event", HOSTILE "and", false, "E", "not text"},
        {"a document type", "<!DOCTYPE x>" HOSTILE, false, "", "document type"},
        {"XML where frames were agreed", HOSTILE, true, "", "byte 0x3C"},
        {"a frame that is too long", "\xBF\xFF\xFF\xFF\x7F", true, "", "longer than 65536"},
        {"a length without an end", "\xBF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", true, "",
         "longer than 65536"},
        {"no TakMessage behind a mesh header", "\xBF\x01\xBF\x33\x01", true, "", "mesh header"},
        {"a mesh message that is too long", "\xBF\x01\xBF\x12\xFF\xFF\xFF\x7F", true, "",
         "longer than 65536"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct seen s;

        expect(cases[i].label, cases[i].bytes, strlen(cases[i].bytes), cases[i].protobuf,
               cases[i].log);
        feed(cases[i].bytes, strlen(cases[i].bytes), 1, 1, cases[i].protobuf, &s);
        assert_true(s.failed);
        if (strstr(s.e.text, cases[i].why) == NULL)
            fail_msg("%s: %s", cases[i].label, s.e.text);
    }
}

/* What never ends is given up; what just fits is taken. */
static void
test_limit(void **state)
{
    static const char head[] = "<event type='a-h-G' uid='", tail[] = "'/>";
    static const char *const endless[] = {"<event a='", "<event>", "<!-- ", "<?xml ",
                                          "<event><![CDATA["};
    size_t n = 2 * TAK_MESSAGE_BYTES;
    char *s = malloc(n);
    struct seen seen;

    (void)state;
    assert_non_null(s);
    for (size_t over = 0; over < 2; over++) {
        size_t len = TAK_MESSAGE_BYTES + over;

        memset(s, 'x', n);
        memcpy(s, head, sizeof head - 1);
        memcpy(s + len - (sizeof tail - 1), tail, sizeof tail - 1);
        feed(s, len, len, 1, false, &seen);
        assert_int_equal(seen.failed, over);
        assert_string_equal(seen.log, over ? "" : "E");
    }
    for (size_t i = 0; i < sizeof endless / sizeof endless[0]; i++) {
        memset(s, 'x', n);
        memcpy(s, endless[i], strlen(endless[i]));
        feed(s, n, 16384, 16384, false, &seen);
        assert_true(seen.failed);
        assert_non_null(strstr(seen.e.text, "longer than 65536"));
    }
    /* Blanks are not kept, however many. */
    memset(s, '\n', n);
    feed(s, n, 16384, 16384, false, &seen);
    assert_false(seen.failed);
    assert_int_equal(seen.dropped, n);
    free(s);
}

/* ---- frames */

static void
test_frames(void **state)
{
    struct made m;
    struct buf b;

    (void)state;
    buf_init(&b, 0);
    make(&m);
    m.detail.xml_detail =
        (char *)"<remarks>long enough for a length of two bytes: "
                "01234567890123456789012345678901234567890123456789012345678901234567"
                "</remarks>";
    pack(&m);
    assert_true(m.len > 127);
    put_frame(&b, &m);
    make(&m);
    m.event.type = (char *)"t-x-c-t";
    m.event.uid = (char *)"A-1-ping";
    pack(&m);
    put_frame(&b, &m);
    make(&m);
    m.message.cot_event = NULL;
    m.message.tak_control = &m.control;
    m.control.max_proto_version = 1;
    pack(&m);
    put_frame(&b, &m);
    buf_puts(&b, "\xBF"); /* an empty message */
    buf_putc(&b, '\0');
    make(&m);
    m.event.type = (char *)"t-x-takp-q";
    pack(&m);
    put_frame(&b, &m);
    buf_puts(&b, "\xBF\x02\xFF\xFF"); /* no TakMessage: told by format_tak() */
    expect("frames", b.data, b.len, true, "EpPp(A-1-ping)NpNpNpEp");
    expect("frames that nobody agreed on", b.data, b.len, false, "EpPp(A-1-ping)NpNpNpEp");
    buf_fini(&b);
}

static void
test_mesh(void **state)
{
    struct made m;
    struct buf b;

    (void)state;
    buf_init(&b, 0);
    make(&m);
    pack(&m);
    put_mesh(&b, &m);
    make(&m);
    m.message.tak_control = &m.control;
    m.control.contact_uid = (char *)"A-1";
    pack(&m);
    put_mesh(&b, &m);
    make(&m);
    m.message.cot_event = NULL;
    m.message.tak_control = &m.control;
    m.control.max_proto_version = 1;
    pack(&m);
    put_mesh(&b, &m);
    put_mesh(&b, &m);
    expect("mesh", b.data, b.len, true, "EpEpNp");
    expect("mesh on a connection of XML", b.data, b.len, false, "EpEpNp");
    buf_fini(&b);
}

/* ---- what a TakMessage reports */

static void
test_same_as_xml(void **state)
{
    struct report xml, protobuf;
    struct made m;

    (void)state;
    make(&m);
    pack(&m);
    report_bytes(HOSTILE, strlen(HOSTILE), false, &xml);
    report_bytes(m.bytes, m.len, true, &protobuf);
    assert_int_equal(xml.line[0], '+');
    assert_non_null(strstr(xml.line, "Hostile contact on the ground. two <cars>"));
    assert_string_equal(xml.line, protobuf.line);
}

static void
test_position(void **state)
{
    struct made m;

    (void)state;
    make(&m);
    m.event.type = (char *)"a-f-G-U-C";
    m.detail.contact = &m.contact;
    m.contact.callsign = (char *)"LIMA 2";
    m.event.lat = -33.92487654321;
    m.event.lon = 18.42400000005;
    expect_report(&m, "+{\"position\":{\"asset\":\"LIMA 2\",\"fixed_at\":\"2026-04-17T06:40:00Z\","
                      "\"lat\":-33.9248765,\"lon\":18.424}}");
    m.detail.xml_detail = (char *)"<?xml version='1.0'?><contact callsign='LIMA 3'/>";
    expect_report(&m, "+{\"position\":{\"asset\":\"LIMA 3\"");
    m.contact.callsign = (char *)"BRAVO";
    m.detail.xml_detail = (char *)"";
    expect_report(&m, "~position of BRAVO, which no entry");
    m.event.detail = NULL;
    expect_report(&m, "~position of MARK-1, which no entry");
    m.event.how = (char *)"";
    expect_report(&m, "-event.how: missing");
}

static void
test_bad_values(void **state)
{
    static const struct {
        double lat, lon;
        const char *line;
    } points[] = {
        {90, -180, "+"},
        {-90, 180, "+"},
        {90.0000001, 0, "-cotEvent.lat: no latitude"},
        {-1e300, 0, "-cotEvent.lat: no latitude"},
        {0.0 / 0.0, 1, "-cotEvent.lat: no latitude"},
        {1, 1.0 / 0.0, "-cotEvent.lon: no longitude"},
        {1, -180.5, "-cotEvent.lon: no longitude"},
    };
    struct report r;
    struct made m;

    (void)state;
    for (size_t i = 0; i < sizeof points / sizeof points[0]; i++) {
        make(&m);
        m.event.lat = points[i].lat;
        m.event.lon = points[i].lon;
        expect_report(&m, points[i].line);
    }
    make(&m);
    m.event.type = (char *)"";
    expect_report(&m, "-cotEvent.type: missing");
    make(&m);
    m.event.uid = (char *)"";
    expect_report(&m, "-cotEvent.uid: missing");
    make(&m);
    m.event.send_time = 0;
    expect_report(&m, "-cotEvent.sendTime: missing");
    m.event.send_time = UINT64_MAX;
    expect_report(&m, "-cotEvent.sendTime: 18446744073709551615 ms");
    make(&m);
    m.event.uid = (char *)"\xC3(";
    expect_report(&m, "-cotEvent.uid: not UTF-8");
    make(&m);
    m.detail.contact = &m.contact;
    m.contact.callsign = (char *)"\xFF";
    expect_report(&m, "-cotEvent.detail.contact.callsign: not UTF-8");
    make(&m);
    m.message.cot_event = NULL;
    m.message.tak_control = &m.control;
    m.control.min_proto_version = 1;
    expect_report(&m, "~a TakMessage without an event");
    report_bytes("\xFF\xFF", 2, true, &r);
    assert_non_null(strstr(r.line, "-not a TakMessage"));
}

/* A detail that cannot be read does not cost the report. */
static void
test_bad_detail(void **state)
{
    static const char *const bad[] = {"<remarks>", "</detail><detail>", "\xC3(", "<a>&b;</a>"};
    struct report r;
    struct made m;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        make(&m);
        m.event.type = (char *)"b-a-o-tbl";
        m.detail.xml_detail = (char *)bad[i];
        pack(&m);
        report_bytes(m.bytes, m.len, true, &r);
        assert_non_null(strstr(r.line, "Emergency call (911 alert)"));
        assert_non_null(strstr(r.line, "\"cot_flaw\":\"detail not read: XML"));
    }
    make(&m);
    m.event.ce = 0.0 / 0.0;
    m.event.stale_time = UINT64_MAX;
    pack(&m);
    report_bytes(m.bytes, m.len, true, &r);
    assert_int_equal(r.line[0], '+');
    assert_null(strstr(r.line, "radius_m"));
    assert_null(strstr(r.line, "stale"));
}

/* ---- what the server says */

#define NOW INT64_C(1776408000000000)

static void
test_words_of_the_server(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 0);
    tak_write_offer(&b, "s-1", NOW);
    assert_string_equal(b.data, XML "<event version=\"2.0\" uid=\"s-1\" type=\"t-x-takp-v\" "
                                    "time=\"2026-04-17T06:40:00Z\" start=\"2026-04-17T06:40:00Z\" "
                                    "stale=\"2026-04-17T06:41:00Z\" how=\"m-g\"><point lat=\"0.0\" "
                                    "lon=\"0.0\" hae=\"0.0\" ce=\"999999\" le=\"999999\"/><detail>"
                                    "<TakControl><TakProtocolSupport version=\"1\"/></TakControl>"
                                    "</detail></event>");
    expect("offer", b.data, b.len, false, "N");
    buf_reset(&b);
    tak_write_response(&b, "s-1", NOW, true);
    assert_non_null(strstr(b.data, "t-x-takp-r"));
    assert_non_null(strstr(b.data, "<TakResponse status=\"true\"/>"));
    buf_reset(&b);
    tak_write_response(&b, "s-1", NOW, false);
    assert_non_null(strstr(b.data, "<TakResponse status=\"false\"/>"));
    buf_reset(&b);
    tak_write_pong(&b, "<&\">\n", NOW, false);
    assert_non_null(strstr(b.data, "uid=\"&lt;&amp;&quot;>\" type=\"t-x-c-t-r\""));
    expect("pong", b.data, b.len, false, "N");
    buf_reset(&b);
    tak_write_pong(&b, NULL, NOW, false);
    assert_non_null(strstr(b.data, "uid=\"tocsin\""));
    buf_fini(&b);
}

static void
test_pong_of_protobuf(void **state)
{
    Tocsin__Takproto__TakMessage *t;
    char uid[300];
    struct buf b;

    (void)state;
    memset(uid, 'u', sizeof uid - 1);
    uid[sizeof uid - 1] = '\0';
    buf_init(&b, 0);
    tak_write_pong(&b, "A-1-ping", NOW, true);
    tak_write_pong(&b, uid, NOW, true);
    assert_false(b.failed);
    expect("pongs", b.data, b.len, true, "NpNp");
    assert_int_equal((uint8_t)b.data[0], 0xBF);
    t = tocsin__takproto__tak_message__unpack(NULL, (uint8_t)b.data[1], (uint8_t *)b.data + 2);
    assert_non_null(t);
    assert_string_equal(t->cot_event->type, "t-x-c-t-r");
    assert_string_equal(t->cot_event->uid, "A-1-ping");
    assert_int_equal(t->cot_event->send_time, 1776408000000);
    assert_int_equal(t->cot_event->stale_time, 1776408010000);
    tocsin__takproto__tak_message__free_unpacked(t, NULL);
    buf_fini(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_xml),
        cmocka_unit_test(test_what_is_nothing_is_dropped),
        cmocka_unit_test(test_garbage),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_frames),
        cmocka_unit_test(test_mesh),
        cmocka_unit_test(test_same_as_xml),
        cmocka_unit_test(test_position),
        cmocka_unit_test(test_bad_values),
        cmocka_unit_test(test_bad_detail),
        cmocka_unit_test(test_words_of_the_server),
        cmocka_unit_test(test_pong_of_protobuf),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
