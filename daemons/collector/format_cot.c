/* format_cot: Cursor on Target as XML, to events. A body is one <event>, several of them one behind
 * the other, each with or without an XML declaration, or <events> round them. What an event reports
 * is judged in format_cot_report.c.
 *
 * An event must have type, uid and time; a point, where there is one, must lie on the globe. All
 * else may be missing or odd: it is then unknown. */
#include "format_cot.h"

#include <errno.h>
#include <string.h>

#include "format_cot_text.h"
#include "format_impl.h"
#include "timefmt.h"

#define BOM   "\xEF\xBB\xBF"
#define SHOWN 40 /* bytes of a value in a reason */

/* ---- cutting */

static bool
is_blank(char c)
{
    /* NUL too: some senders end each event with one. */
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\0';
}

/* Behind the next occurrence of mark, SIZE_MAX = none. */
static size_t
behind(const char *s, size_t n, size_t i, const char *mark)
{
    size_t len = strlen(mark);
    const char *p = n - i >= len ? memmem(s + i, n - i, mark, len) : NULL;

    return p != NULL ? (size_t)(p - s) + len : SIZE_MAX;
}

static bool
starts(const char *s, size_t n, size_t i, const char *word)
{
    size_t len = strlen(word);

    return n - i >= len && memcmp(s + i, word, len) == 0;
}

/* May what stands at i become that word when more bytes come? */
static bool
may_start(const char *s, size_t n, size_t i, const char *word)
{
    size_t len = n - i < strlen(word) ? n - i : strlen(word);

    return memcmp(s + i, word, len) == 0;
}

/* Past what is no tag: comments, declarations, CDATA. i is at a '<'. The same i when it is a tag,
 * SIZE_MAX when it does not end, or cannot be told yet. */
static size_t
pass_no_tag(const char *s, size_t n, size_t i)
{
    static const char *const marks[][2] = {{"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<?", "?>"}};

    for (size_t k = 0; k < 3; k++) {
        if (starts(s, n, i, marks[k][0]))
            return behind(s, n, i + strlen(marks[k][0]), marks[k][1]);
        if (may_start(s, n, i, marks[k][0]))
            return SIZE_MAX;
    }
    return i;
}

/* Behind the '>' of the tag at i; a '<' inside it, quoted or not, is an error of the sender and ends
 * it as broken. SIZE_MAX when it does not end. */
static size_t
tag_end(const char *s, size_t n, size_t i, bool *broken)
{
    char quote = '\0';

    *broken = false;
    for (i++; i < n; i++) {
        if (s[i] == '<') {
            *broken = true;
            return i;
        }
        if (quote != '\0')
            quote = s[i] == quote ? '\0' : quote;
        else if (s[i] == '"' || s[i] == '\'')
            quote = s[i];
        else if (s[i] == '>')
            return i + 1;
    }
    return SIZE_MAX;
}

static size_t
name_length(const char *s, size_t n, size_t i)
{
    size_t k = i;

    while (k < n && !is_blank(s[k]) && s[k] != '/' && s[k] != '>' && s[k] != '<')
        k++;
    return k - i;
}

/* The end of the element whose tag begins at i; one whose tag is broken ends with it. */
static size_t
element_end(const char *s, size_t n, size_t i)
{
    size_t len = name_length(s, n, i + 1), depth = 0;
    const char *name = s + i + 1;

    while (i < n) {
        size_t next = pass_no_tag(s, n, i);

        if (next == SIZE_MAX)
            return SIZE_MAX;
        if (next == i) {
            bool closing = i + 1 < n && s[i + 1] == '/', broken;
            size_t at = i + 1 + (closing ? 1 : 0);

            if ((next = tag_end(s, n, i, &broken)) == SIZE_MAX)
                return SIZE_MAX;
            if (!broken && name_length(s, n, at) == len && memcmp(s + at, name, len) == 0) {
                if (closing)
                    depth -= depth > 0;
                else if (s[next - 2] != '/')
                    depth++;
            }
            if (depth == 0)
                return next;
        }
        const char *p = next < n ? memchr(s + next, '<', n - next) : NULL;
        i = p != NULL ? (size_t)(p - s) : n;
    }
    return SIZE_MAX;
}

/* Goes to the next tag of an element: 1 with it at *tag, *from at the XML declaration in front of
 * it (it may name the encoding) or at the tag; 0 when none begins yet, *from where what may become
 * one begins; -1 with what else stands at *from. */
static int
to_tag(const char *s, size_t n, size_t *from, size_t *tag, struct err *e)
{
    size_t i = 0, declaration = SIZE_MAX, next;

    for (;;) {
        while (i < n && is_blank(s[i]))
            i++;
        *from = declaration != SIZE_MAX ? declaration : i;
        if (i == n || (s[i] == '<' && n - i == 1) || (n - i < 3 && may_start(s, n, i, BOM)))
            return 0;
        if (starts(s, n, i, BOM)) {
            i += 3;
            continue;
        }
        if (s[i] != '<' || (s[i + 1] == '!' && !may_start(s, n, i, "<!--"))) {
            *from = i;
            errno = EINVAL;
            return err_set(e, s[i] == '<' ? "XML: a document type is not accepted"
                                          : "XML: an element must stand here, not text");
        }
        if ((next = pass_no_tag(s, n, i)) == SIZE_MAX)
            return 0;
        if (next == i) {
            *tag = i;
            return 1;
        }
        if (starts(s, n, i, "<?xml"))
            declaration = i;
        i = next;
    }
}

int
cot_cut(const char *s, size_t n, size_t *from, size_t *to, struct err *e)
{
    size_t tag, end;
    int rc = to_tag(s, n, from, &tag, e);

    if (rc <= 0)
        return rc;
    if ((end = element_end(s, n, tag)) == SIZE_MAX)
        return 0;
    *to = end;
    return 1;
}

/* ---- reading */

/* RFC 3339; without a zone it is UTC, as everything in Cursor on Target. */
static int64_t
read_time(const char *s, struct arena *a)
{
    int64_t us;
    const char *z;

    if (s == NULL)
        return 0;
    if (time_parse(s, strlen(s), &us) == 0)
        return us;
    z = arena_printf(a, "%sZ", s);
    return z != NULL && time_parse(z, strlen(z), &us) == 0 ? us : 0;
}

/* A circular error in metres, rounded up; 0 = unknown. */
static uint32_t
read_error_m(const char *s)
{
    uint32_t m = 0;

    if (s == NULL || *s < '0' || *s > '9')
        return 0;
    for (; *s >= '0' && *s <= '9'; s++)
        if ((m = m * 10 + (uint32_t)(*s - '0')) >= COT_UNKNOWN_M)
            return 0;
    if (*s == '.' && s[1 + strspn(s + 1, "0")] >= '1' && s[1 + strspn(s + 1, "0")] <= '9')
        m++;
    return m;
}

static int
read_point(const struct xml_node *point, struct arena *a, struct cot_event *ev, struct err *e)
{
    const char *lat = xml_attribute(point, "lat"), *lon = xml_attribute(point, "lon");

    if (point == NULL)
        return 0;
    errno = EINVAL;
    if (lat == NULL || lon == NULL)
        return err_set(e, "event.point.%s: missing", lat == NULL ? "lat" : "lon");
    if (geo_parse_deg(lat, &ev->point.lat) < 0 || ev->point.lat < -900000000 ||
        ev->point.lat > 900000000)
        return err_set(e, "event.point.lat: \"%s\" is no latitude from -90 to 90",
                       cot_line(a, lat, SHOWN));
    if (geo_parse_deg(lon, &ev->point.lon) < 0 || ev->point.lon < -1800000000 ||
        ev->point.lon > 1800000000)
        return err_set(e, "event.point.lon: \"%s\" is no longitude from -180 to 180",
                       cot_line(a, lon, SHOWN));
    ev->has_point = true;
    ev->radius_m = read_error_m(xml_attribute(point, "ce"));
    return 0;
}

static const char *
filled(const struct xml_node *n, const char *name)
{
    const char *s = xml_attribute(n, name);

    return s != NULL && s[strspn(s, " \t\r\n")] != '\0' ? s : NULL;
}

int
cot_from_xml(const struct xml_node *root, struct arena *a, struct cot_event *ev, struct err *e)
{
    struct cot_event v = {.type = filled(root, "type"),
                          .uid = filled(root, "uid"),
                          .how = filled(root, "how"),
                          .access = filled(root, "access"),
                          .opex = filled(root, "opex"),
                          .detail = xml_child(root, "detail")};
    const char *time = filled(root, "time");

    errno = EINVAL;
    if (strcmp(root->name, "event") != 0)
        return err_set(e, "the element is <%s>; Cursor on Target has <event>",
                       cot_line(a, root->name, SHOWN));
    if (v.type == NULL || v.uid == NULL || time == NULL)
        return err_set(e, "event.%s: missing",
                       v.type == NULL  ? "type"
                       : v.uid == NULL ? "uid"
                                       : "time");
    if ((v.time_us = read_time(time, a)) == 0)
        return err_set(e, "event.time: \"%s\" is no time like 2026-04-17T06:40:00Z",
                       cot_line(a, time, SHOWN));
    v.start_us = read_time(filled(root, "start"), a);
    v.stale_us = read_time(filled(root, "stale"), a);
    if (read_point(xml_child(root, "point"), a, &v, e) < 0)
        return -1;
    v.callsign = filled(xml_child(v.detail, "contact"), "callsign");
    *ev = v;
    return 0;
}

/* ---- a body */

static void
one(const char *s, size_t n, const struct format_options *o, const struct format_sink *sink)
{
    const struct xml_node *root;
    struct cot_event ev;
    struct err e = {.text = ""};

    arena_reset(sink->arena);
    if (xml_parse(s, n, sink->arena, &root, &e) < 0 || cot_from_xml(root, sink->arena, &ev, &e) < 0)
        sink->refused(sink->arg, e.text, s, n);
    else
        cot_report(&ev, o, sink, s, n);
}

/* Length of a tag <events …> or </events> at i; 0 when it is none. */
static size_t
wrapper_tag(const char *s, size_t n, size_t i)
{
    size_t at = i + 1 + (i + 1 < n && s[i + 1] == '/' ? 1 : 0), end;
    bool broken;

    if (name_length(s, n, at) != 6 || memcmp(s + at, "events", 6) != 0)
        return 0;
    end = tag_end(s, n, i, &broken);
    return end != SIZE_MAX && !broken ? end - i : 0;
}

void
format_cot(const char *s, size_t n, const struct format_options *o, const struct format_sink *sink)
{
    size_t i = 0, from, tag, end, pieces = 0;

    while (i < n) {
        struct err e = {.text = ""};
        int rc = to_tag(s + i, n - i, &from, &tag, &e);

        from += i;
        if (rc == 0 && from == n)
            break;
        pieces++;
        if (rc < 0) {
            /* Text between events is refused alone; behind a document type anything may stand. */
            const char *p = s[from] != '<' ? memchr(s + from, '<', n - from) : NULL;
            end = p != NULL ? (size_t)(p - s) : n;
            sink->refused(sink->arg, e.text, s + from, end - from);
        } else if (rc > 0 && (end = wrapper_tag(s, n, i + tag)) > 0) {
            end += i + tag;
            pieces--;
        } else {
            end = rc > 0 ? element_end(s + i, n - i, tag) : SIZE_MAX;
            end = end != SIZE_MAX ? end + i : n;
            one(s + from, end - from, o, sink);
        }
        i = end;
    }
    if (pieces == 0)
        sink->refused(sink->arg, "XML: there is no <event>", s, n);
}
