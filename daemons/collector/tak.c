/* tak: see tak.h. The only file that sees the generated code of proto/takproto.proto; what leaves it
 * is a cot_event, checked: protobuf-c accepts bad UTF-8, zeros inside strings, NaN and any number.
 *
 * A message is told by its first byte: 0xBF begins a frame of the TAK protocol, '<' XML. */
#include "tak.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <utf8proc.h>

#include "format_cot.h"
#include "takproto.pb-c.h"
#include "timefmt.h"

#define MAGIC     0xBF
#define VARINT    10 /* bytes of the longest */
#define STALE_US  (10 * SECOND_US)
#define OFFER_US  (60 * SECOND_US)        /* how long an answer to an offer may take */
#define LATEST_MS UINT64_C(7258118400000) /* 2200-01-01: what timefmt takes */

/* ---- protobuf */

static void *
take(void *arg, size_t size)
{
    return arena_alloc(arg, size);
}

static void
give(void *arg, void *p)
{
    (void)arg;
    (void)p;
}

static Tocsin__Takproto__TakMessage *
unpack(const char *s, size_t n, struct arena *a)
{
    ProtobufCAllocator memory = {.alloc = take, .free = give, .allocator_data = a};

    return tocsin__takproto__tak_message__unpack(&memory, n, (const uint8_t *)s);
}

/* NULL for an empty one. protobuf-c ends a string with a zero, and accepts zeros inside it: it is
 * then cut there, as it would be in C anyhow. */
static const char *
text(const char *s)
{
    return s != NULL && s[0] != '\0' ? s : NULL;
}

static bool
is_utf8(const char *s)
{
    utf8proc_int32_t c;

    while (s != NULL && *s != '\0') {
        utf8proc_ssize_t k = utf8proc_iterate((const utf8proc_uint8_t *)s, -1, &c);

        if (k <= 0)
            return false;
        s += k;
    }
    return true;
}

/* Degrees to 1e-7 degree, rounded half away from zero; false off the range, and for NaN. The
 * product is exact to far below half a unit, and + - * and the conversion are IEEE's. */
static bool
degrees(double v, double most, int32_t *e7)
{
    double scaled;

    if (!(v >= -most && v <= most))
        return false;
    scaled = v * 1e7;
    *e7 = (int32_t)(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
    return true;
}

static int64_t
time_of(uint64_t ms)
{
    return ms < LATEST_MS ? (int64_t)ms * 1000 : 0;
}

static uint32_t
error_of(double m)
{
    uint32_t whole;

    if (!(m > 0 && m < COT_UNKNOWN_M))
        return 0;
    whole = (uint32_t)m;
    return whole + ((double)whole < m ? 1 : 0);
}

/* The fragment gets its root; a declaration in front of it, which should not be there, goes. What
 * cannot be read is left out: the event says most without it. */
static void
read_detail(const Tocsin__Takproto__Detail *d, struct arena *a, struct cot_event *ev)
{
    const char *xml = d != NULL ? text(d->xml_detail) : NULL;
    const char *callsign;
    struct err e = {.text = ""};

    if (d == NULL)
        return;
    if (xml != NULL) {
        const char *end = strncmp(xml, "<?xml", 5) == 0 ? strstr(xml, "?>") : NULL;
        const char *s = arena_printf(a, "<detail>%s</detail>", end != NULL ? end + 2 : xml);

        if (s == NULL || xml_parse(s, strlen(s), a, &ev->detail, &e) < 0) {
            ev->detail = NULL;
            ev->flaw = arena_printf(a, "detail not read: %s", e.text);
        }
    }
    callsign = xml_attribute(xml_child(ev->detail, "contact"), "callsign");
    if (callsign == NULL && d->contact != NULL)
        callsign = d->contact->callsign;
    ev->callsign = callsign != NULL ? text(callsign) : NULL;
}

static int
cot_from_protobuf(const Tocsin__Takproto__CotEvent *c, struct arena *a, struct cot_event *ev,
                  struct err *e)
{
    const struct {
        const char *name, *value;
    } strings[] = {{"type", c->type},
                   {"uid", c->uid},
                   {"how", c->how},
                   {"access", c->access},
                   {"opex", c->opex},
                   {"detail.contact.callsign", c->detail != NULL && c->detail->contact != NULL
                                                   ? c->detail->contact->callsign
                                                   : NULL}};
    struct cot_event v = {.type = text(c->type),
                          .uid = text(c->uid),
                          .how = text(c->how),
                          .access = text(c->access),
                          .opex = text(c->opex),
                          .time_us = time_of(c->send_time),
                          .start_us = time_of(c->start_time),
                          .stale_us = time_of(c->stale_time),
                          .has_point = true,
                          .radius_m = error_of(c->ce)};

    errno = EINVAL;
    for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++)
        if (!is_utf8(strings[i].value))
            return err_set(e, "cotEvent.%s: not UTF-8", strings[i].name);
    if (v.type == NULL || v.uid == NULL || c->send_time == 0)
        return err_set(e, "cotEvent.%s: missing",
                       v.type == NULL  ? "type"
                       : v.uid == NULL ? "uid"
                                       : "sendTime");
    if (v.time_us == 0)
        return err_set(e, "cotEvent.sendTime: %llu ms is later than the year 2200",
                       (unsigned long long)c->send_time);
    if (!degrees(c->lat, 90, &v.point.lat))
        return err_set(e, "cotEvent.lat: no latitude from -90 to 90");
    if (!degrees(c->lon, 180, &v.point.lon))
        return err_set(e, "cotEvent.lon: no longitude from -180 to 180");
    read_detail(c->detail, a, &v);
    *ev = v;
    return 0;
}

/* ---- frames */

/* 1 with the value and its length; 0 when it does not end within n; -1 when it is none. */
static int
varint(const char *s, size_t n, uint64_t *v, size_t *len)
{
    *v = 0;
    for (size_t i = 0; i < n && i < VARINT; i++) {
        *v |= (uint64_t)((uint8_t)s[i] & 0x7F) << (7 * i);
        if (((uint8_t)s[i] & 0x80) == 0) {
            *len = i + 1;
            return 1;
        }
    }
    return n >= VARINT ? -1 : 0;
}

/* The end of a message that came with the header of the mesh, which does not tell its length. It
 * consists of a control (field 1) and an event (field 2), and ends where the next header begins, or
 * with what is there once the event is: a byte that begins a header begins no field. */
static int
mesh_end(const char *s, size_t n, size_t i, size_t *end, struct err *e)
{
    bool event = false;

    while (i < n && (uint8_t)s[i] != MAGIC) {
        uint64_t size;
        size_t len;
        int rc;

        if (s[i] != 0x0A && s[i] != 0x12)
            return err_set(e, "TAK protocol: no TakMessage behind a mesh header");
        event = event || s[i] == 0x12;
        rc = varint(s + i + 1, n - i - 1, &size, &len);
        if (rc < 0 || (rc > 0 && size > TAK_MESSAGE_BYTES))
            return err_set(e, "TAK protocol: a message longer than %d bytes", TAK_MESSAGE_BYTES);
        if (rc == 0 || n - i - 1 - len < size)
            return 0;
        i += 1 + len + size;
    }
    if (i == n && !event)
        return 0;
    *end = i;
    return 1;
}

static int
cut_frame(const char *s, size_t n, size_t *from, size_t *to, struct err *e)
{
    uint64_t size = 0;
    size_t len = 0;
    int rc;

    errno = EINVAL;
    if ((uint8_t)s[0] != MAGIC)
        return err_set(e, "TAK protocol: byte 0x%02X where a message (0xBF) must begin",
                       (unsigned)(uint8_t)s[0]);
    if (n >= 3 && s[1] == 1 && (uint8_t)s[2] == MAGIC) {
        *from = 3;
        return mesh_end(s, n, 3, to, e);
    }
    if (n == 2 && s[1] == 1)
        return 0; /* it may become the header of the mesh */
    rc = varint(s + 1, n - 1, &size, &len);
    if (rc < 0 || (rc > 0 && size > TAK_MESSAGE_BYTES))
        return err_set(e, "TAK protocol: a message longer than %d bytes", TAK_MESSAGE_BYTES);
    if (rc == 0 || n - 1 - len < size)
        return 0;
    *from = 1 + len;
    *to = *from + size;
    return 1;
}

/* ---- what kind of message */

static enum tak_kind
kind_of(const char *type)
{
    if (strcmp(type, "t-x-c-t") == 0)
        return TAK_PING;
    if (strcmp(type, "t-x-takp-q") == 0)
        return TAK_REQUEST;
    if (strcmp(type, "t-x-c-t-r") == 0 || strncmp(type, "t-x-takp-", 9) == 0)
        return TAK_NOTHING;
    return TAK_EVENT;
}

static void
classify_protobuf(struct tak_message *m, struct arena *a)
{
    const Tocsin__Takproto__TakMessage *t = unpack(m->data, m->len, a);

    if (t == NULL)
        return; /* format_tak() says why */
    m->kind = t->cot_event != NULL ? kind_of(t->cot_event->type) : TAK_NOTHING;
    if (m->kind == TAK_REQUEST)
        m->kind = TAK_NOTHING; /* the versions are agreed upon in XML */
    if (m->kind == TAK_PING && is_utf8(t->cot_event->uid))
        m->uid = text(t->cot_event->uid);
}

static uint32_t
small_number(const char *s)
{
    unsigned long v = s != NULL && s[0] >= '0' && s[0] <= '9' ? strtoul(s, NULL, 10) : 0;

    return v < UINT32_MAX ? (uint32_t)v : UINT32_MAX;
}

/* Could this be talk of the connection? Most messages are events, and are parsed but once, later.
 * What counts stands in the first tag; declarations and comments end with "?>" and "-->". */
static bool
may_be_talk(const char *s, size_t n)
{
    char quote = '\0';
    size_t i;

    for (i = 0; i < n; i++) {
        if (quote != '\0')
            quote = s[i] == quote ? '\0' : quote;
        else if (s[i] == '"' || s[i] == '\'')
            quote = s[i];
        else if (s[i] == '>' && s[i - 1] != '?' && s[i - 1] != '-')
            break;
    }
    return memmem(s, i, "t-x-", 4) != NULL || memmem(s, i, "auth", 4) != NULL;
}

static void
classify_xml(struct tak_message *m, struct arena *a)
{
    const struct xml_node *root, *control;
    const char *type;

    if (!may_be_talk(m->data, m->len) || xml_parse(m->data, m->len, a, &root, NULL) < 0)
        return;
    if (strcmp(root->name, "auth") == 0) {
        const struct xml_node *cot = xml_child(root, "cot");

        m->kind = TAK_AUTH;
        m->username = xml_attribute(cot, "username");
        m->password = xml_attribute(cot, "password");
        return;
    }
    type = xml_attribute(root, "type");
    m->kind = type != NULL && strcmp(root->name, "event") == 0 ? kind_of(type) : TAK_EVENT;
    if (m->kind == TAK_PING)
        m->uid = xml_attribute(root, "uid");
    control = xml_child(xml_child(root, "detail"), "TakControl");
    if (m->kind == TAK_REQUEST)
        m->version = small_number(xml_attribute(xml_child(control, "TakRequest"), "version"));
}

int
tak_next(const char *s, size_t n, bool protobuf, struct arena *a, struct tak_message *out,
         size_t *used, struct err *e)
{
    struct tak_message m = {.kind = TAK_EVENT};
    size_t skip = 0, from = 0, to = 0;
    int rc;

    /* Between documents of XML there may be line ends. */
    while (!protobuf && skip < n && strchr(" \t\r\n", s[skip]) != NULL)
        skip++;
    *used = skip;
    if (skip == n)
        return 0;
    m.protobuf = protobuf || (uint8_t)s[skip] == MAGIC;
    rc = m.protobuf ? cut_frame(s + skip, n - skip, &from, &to, e)
                    : cot_cut(s + skip, n - skip, &from, &to, e);
    /* A frame behind what is passed over: it is one wherever the reads end. */
    if (rc < 0 && !m.protobuf && from > 0 && (uint8_t)s[skip + from] == MAGIC) {
        *used = skip += from;
        m.protobuf = true;
        rc = cut_frame(s + skip, n - skip, &from, &to, e);
    }
    if (rc < 0)
        return -1;
    if (rc == 0 && !m.protobuf)
        *used = skip + from;
    if (rc > 0 ? to - from > TAK_MESSAGE_BYTES : n - *used > TAK_MESSAGE_BYTES + 1 + VARINT) {
        errno = EMSGSIZE;
        return err_set(e, "TAK: a message longer than %d bytes", TAK_MESSAGE_BYTES);
    }
    if (rc == 0)
        return 0;
    m.data = s + skip + from;
    m.len = to - from;
    if (m.protobuf)
        classify_protobuf(&m, a);
    else
        classify_xml(&m, a);
    *used = skip + to;
    *out = m;
    return 1;
}

void
format_tak(const struct tak_message *m, const struct format_options *o,
           const struct format_sink *sink)
{
    const Tocsin__Takproto__TakMessage *t;
    struct cot_event ev;
    struct err e = {.text = ""};

    if (!m->protobuf) {
        format_all(FORMAT_COT, m->data, m->len, o, sink);
        return;
    }
    arena_reset(sink->arena);
    t = unpack(m->data, m->len, sink->arena);
    if (t == NULL)
        sink->refused(sink->arg, "not a TakMessage of TAK protocol version 1", m->data, m->len);
    else if (t->cot_event == NULL)
        sink->ignored(sink->arg, "a TakMessage without an event", m->data, m->len);
    else if (cot_from_protobuf(t->cot_event, sink->arena, &ev, &e) < 0)
        sink->refused(sink->arg, e.text, m->data, m->len);
    else
        cot_report(&ev, o, sink, m->data, m->len);
}

/* ---- what the server says */

static void
write_escaped(struct buf *b, const char *s)
{
    for (; *s != '\0'; s++) {
        const char *out = *s == '&' ? "&amp;" : *s == '<' ? "&lt;" : *s == '"' ? "&quot;" : NULL;

        if (out != NULL)
            buf_puts(b, out);
        else if ((unsigned char)*s >= 0x20)
            buf_putc(b, *s);
    }
}

/* No blank behind </event>: clients look for a declaration there. */
static void
write_event(struct buf *b, const char *type, const char *uid, int64_t now_us, int64_t stale_us,
            const char *detail)
{
    char now[TIME_TEXT], stale[TIME_TEXT];

    buf_puts(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<event version=\"2.0\" uid=\"");
    write_escaped(b, uid != NULL ? uid : "tocsin");
    (void)time_text(now_us, now);
    buf_printf(b,
               "\" type=\"%s\" time=\"%s\" start=\"%s\" stale=\"%s\" how=\"m-g\">"
               "<point lat=\"0.0\" lon=\"0.0\" hae=\"0.0\" ce=\"999999\" le=\"999999\"/>"
               "<detail>%s</detail></event>",
               type, now, now, time_text(now_us + stale_us, stale), detail);
}

void
tak_write_offer(struct buf *b, const char *uid, int64_t now_us)
{
    write_event(b, "t-x-takp-v", uid, now_us, OFFER_US,
                "<TakControl><TakProtocolSupport version=\"1\"/></TakControl>");
}

void
tak_write_response(struct buf *b, const char *uid, int64_t now_us, bool ok)
{
    write_event(b, "t-x-takp-r", uid, now_us, OFFER_US,
                ok ? "<TakControl><TakResponse status=\"true\"/></TakControl>"
                   : "<TakControl><TakResponse status=\"false\"/></TakControl>");
}

void
tak_write_pong(struct buf *b, const char *uid, int64_t now_us, bool protobuf)
{
    Tocsin__Takproto__TakMessage m = TOCSIN__TAKPROTO__TAK_MESSAGE__INIT;
    Tocsin__Takproto__CotEvent c = TOCSIN__TAKPROTO__COT_EVENT__INIT;
    char type[] = "t-x-c-t-r", how[] = "m-g", nobody[] = "tocsin";
    size_t n, left;
    uint8_t *out;

    if (!protobuf) {
        write_event(b, type, uid, now_us, STALE_US, "");
        return;
    }
    c.type = type;
    c.uid = uid != NULL ? (char *)uid : nobody;
    c.how = how;
    c.send_time = c.start_time = (uint64_t)(now_us / 1000);
    c.stale_time = (uint64_t)((now_us + STALE_US) / 1000);
    c.hae = c.ce = c.le = COT_UNKNOWN_M;
    m.cot_event = &c;
    n = tocsin__takproto__tak_message__get_packed_size(&m);
    buf_putc(b, (char)MAGIC);
    for (left = n; left > 0x7F; left >>= 7)
        buf_putc(b, (char)(0x80 | (left & 0x7F)));
    buf_putc(b, (char)left);
    if ((out = buf_reserve(b, n)) != NULL)
        b->len += tocsin__takproto__tak_message__pack(&m, out);
}
