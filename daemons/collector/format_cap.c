/* format_cap: the alerts in a body: alone, in an Atom feed, in an EDXL-DE message, or in any other
 * wrapping. Each is read for itself. What becomes of one: format_cap_read.c.
 *
 * Names are taken without their prefix. An <alert> is one in a namespace of CAP 1.0, 1.1 or 1.2, or
 * in none, or in that of the wrapping (its writer forgot to say); another namespace is refused, and
 * so is a root in CAP's namespace that is no <alert>: CAP has none.
 *
 * An Atom entry without an alert inside, as weather services write it, is read by the cap:* elements
 * that summarise the alert. The own id is then the entry's, unless it has the alert's identifier and
 * sender: the alert behind the link, if it comes too, is a second report.
 *
 * What is handed over beside a record of several is a document of its own: the XML declaration and
 * the start tags round the alert go with it, since they declare its prefixes. */
#include "format_cap.h"

#include <inttypes.h>
#include <string.h>

#include "format_impl.h"

#define MOST_WRAPPING 8192 /* bytes of start tags; beyond that a record goes without them */
#define LINK_BYTES    200

struct body {
    const char *s;
    size_t n;
    const struct xml_node *root;
    const struct format_options *o;
    const struct format_sink *sink;
    struct arena *a; /* of one record: the document lies in the sink's */
    size_t count;    /* alerts and entries so far */
};

/* ---- the bytes of one */

/* Length of the start tag that begins at s. */
static size_t
start_tag(const char *s, size_t n)
{
    char quote = '\0';

    for (size_t i = 0; i < n; i++) {
        if (quote != '\0')
            quote = s[i] == quote ? '\0' : quote;
        else if (s[i] == '"' || s[i] == '\'')
            quote = s[i];
        else if (s[i] == '>')
            return i + 1;
    }
    return n;
}

/* "<?xml … ?>" at the head; 0 where there is none. */
static size_t
declaration(const struct body *b)
{
    const char *head = b->s, *end;

    if (b->root->from < 5 || memmem(head, b->root->from, "<?xml", 5) == NULL ||
        (end = memmem(head, b->root->from, "?>", 2)) == NULL)
        return 0;
    return (size_t)(end + 2 - head);
}

static void
put(char *out, size_t *w, const char *s, size_t n)
{
    memcpy(out + *w, s, n);
    *w += n;
}

static void
raw_of(const struct body *b, const struct xml_node *x, const char **raw, size_t *len)
{
    const struct xml_node *up[XML_DEPTH];
    size_t tags[XML_DEPTH], names[XML_DEPTH], depth = 0, head = declaration(b);
    size_t total = head, w = 0;
    char *out;

    *raw = b->s;
    *len = b->n;
    /* In UTF-16 tags are not found by their bytes. */
    if (x == b->root || b->s[0] == '\0' || (unsigned char)b->s[0] >= 0xFE || b->s[1] == '\0')
        return;
    *raw = b->s + x->from;
    *len = x->to - x->from;
    for (const struct xml_node *p = x->parent; p != NULL; p = p->parent, depth++) {
        up[depth] = p;
        tags[depth] = start_tag(b->s + p->from, b->n - p->from);
        names[depth] = strcspn(b->s + p->from + 1, " \t\r\n/>");
        total += tags[depth] + names[depth] + 3;
    }
    if (total > MOST_WRAPPING || (out = arena_alloc(b->a, total + *len)) == NULL)
        return;
    put(out, &w, b->s, head);
    for (size_t i = depth; i-- > 0;)
        put(out, &w, b->s + up[i]->from, tags[i]);
    put(out, &w, *raw, *len);
    for (size_t i = 0; i < depth; i++) {
        put(out, &w, "</", 2);
        put(out, &w, b->s + up[i]->from + 1, names[i]);
        put(out, &w, ">", 1);
    }
    *raw = out;
    *len = w;
}

/* ---- one alert, one entry */

static void
say(struct body *b, const struct xml_node *x, enum cap_verdict v, const char *why)
{
    const char *raw, *told = why;
    size_t len;

    raw_of(b, x, &raw, &len);
    if (x != b->root)
        told = arena_printf(b->a, "%s %zu: %s", x->name, b->count, why);
    (v == CAP_IGNORED ? b->sink->ignored : b->sink->refused)(b->sink->arg,
                                                             told != NULL ? told : why, raw, len);
}

static void
settle(struct body *b, const struct xml_node *x, enum cap_verdict v, struct draft *d,
       const struct err *why)
{
    const char *raw;
    size_t len;

    if (v != CAP_INCIDENT) {
        say(b, x, v, why->text);
        return;
    }
    raw_of(b, x, &raw, &len);
    draft_emit(d, b->sink, raw, len);
}

static void
on_alert(struct body *b, const struct xml_node *x)
{
    struct draft d;
    struct err why = {.text = ""};
    const char *ns;
    enum cap_verdict v = CAP_REFUSED;

    arena_reset(b->a);
    b->count++;
    ns = draft_name(b->a, x->ns);
    if (!cap_is_ns(x->ns) && x->ns[0] != '\0' && (x == b->root || strcmp(x->ns, b->root->ns) != 0))
        (void)err_set(&why, "<alert> in the namespace \"%s\", which is none of CAP's (%s)",
                      ns != NULL ? ns : "", CAP_NS_12);
    else
        v = cap_read_alert(x, b->o, b->a, &d, &why);
    settle(b, x, v, &d, &why);
}

/* Where the entry says that the alert is; "" = nowhere. */
static const char *
link_of(const struct body *b, const struct xml_node *entry)
{
    const char *best = xml_attribute(xml_child(entry, "content"), "src"), *s;

    for (const struct xml_node *l = xml_child(entry, "link"); l != NULL; l = xml_next(l, "link")) {
        const char *href = xml_attribute(l, "href"), *type = xml_attribute(l, "type");
        if (href != NULL && (best == NULL || (type != NULL && strstr(type, "cap") != NULL)))
            best = href;
    }
    s = best != NULL ? draft_clean(b->a, best, strlen(best), LINK_BYTES) : NULL;
    return s != NULL ? s : "";
}

static bool
has_summary(const struct xml_node *entry)
{
    for (const struct xml_node *c = entry->child; c != NULL; c = c->next)
        if (cap_is_ns(c->ns))
            return true;
    return false;
}

static void
on_entry(struct body *b, const struct xml_node *x)
{
    struct draft d;
    struct err why = {.text = ""};
    enum cap_verdict v = CAP_IGNORED;
    const char *link;

    arena_reset(b->a);
    b->count++;
    if (has_summary(x))
        v = cap_read_entry(x, b->o, b->a, &d, &why);
    else
        (void)err_set(&why, "there is no CAP in it");
    link = link_of(b, x);
    if (v == CAP_IGNORED && link[0] != '\0') {
        struct err more;
        (void)err_set(&more, "%.100s; it links to %s", why.text, link);
        why = more;
    }
    settle(b, x, v, &d, &why);
}

/* ---- the body */

/* The next element in document order behind x, within top; `into` x's children too. */
static const struct xml_node *
walk(const struct xml_node *top, const struct xml_node *x, bool into)
{
    if (into && x->child != NULL)
        return x->child;
    while (x != top && x->next == NULL)
        x = x->parent;
    return x != top ? x->next : NULL;
}

static bool
holds_alert(const struct xml_node *top)
{
    for (const struct xml_node *x = top->child; x != NULL; x = walk(top, x, true))
        if (strcmp(x->name, "alert") == 0)
            return true;
    return false;
}

static void
on_wrapping(struct body *b)
{
    bool entry, into;

    for (const struct xml_node *x = b->root; x != NULL; x = walk(b->root, x, into)) {
        entry = strcmp(x->name, "entry") == 0;
        into = false;
        if (strcmp(x->name, "alert") == 0)
            on_alert(b, x);
        else if (entry && !holds_alert(x))
            on_entry(b, x);
        else
            into = true;
    }
    if (b->count > 0)
        return;
    if (strcmp(b->root->name, "feed") == 0)
        say(b, b->root, CAP_IGNORED, "the feed has no entries");
    else if (strcmp(b->root->name, "EDXLDistribution") == 0)
        say(b, b->root, CAP_IGNORED, "the distribution holds no CAP alert");
    else
        say(b, b->root, CAP_REFUSED,
            arena_printf(b->a, "<%.60s> is no CAP alert, and there is none in it", b->root->name));
}

void
format_cap(const char *s, size_t n, const struct format_options *o, const struct format_sink *sink)
{
    static const struct format_options none;
    struct body b = {.s = s, .n = n, .o = o != NULL ? o : &none, .sink = sink};
    struct err e = {.text = ""};

    arena_reset(sink->arena);
    if ((b.a = arena_new(0)) == NULL) {
        sink->refused(sink->arg, "memory is out", s, n);
        return;
    }
    if (xml_parse(s, n, sink->arena, &b.root, &e) < 0)
        sink->refused(sink->arg, e.text, s, n);
    else if (strcmp(b.root->name, "alert") == 0)
        on_alert(&b, b.root);
    else if (cap_is_ns(b.root->ns))
        say(&b, b.root, CAP_REFUSED,
            arena_printf(b.a, "<%.60s> is no element of CAP, whose messages are <alert>",
                         b.root->name));
    else
        on_wrapping(&b);
    arena_free(b.a);
}
