/* status: health of every daemon. */
#include <inttypes.h>
#include <string.h>
#include <sysexits.h>

#include "clock.h"
#include "record_json.h"
#include "timefmt.h"
#include "verbs.h"

#define SILENT_US (15 * SECOND_US)

struct health {
    struct tool *t;
    bool classifier;
};

/* Of links: a line of its own. */
static bool
is_sentence(const struct attribute *figure)
{
    return strncmp(figure->name, "link ", 5) == 0 || strcmp(figure->name, "upstream") == 0;
}

static void
show(struct tool *t, const struct daemon_status *st, bool silent)
{
    struct buf *b = &t->out;
    char up[TIME_TEXT];

    buf_printf(b, "%-11s %-8s %s  up since %s  at %" PRIu64, st->daemon, st->version,
               silent ? "SILENT" : "ok", time_text(st->up_since_us / SECOND_US * SECOND_US, up),
               st->head);
    if (strcmp(st->daemon, "classifier") == 0)
        buf_printf(b, ", %" PRIu64 " behind", st->lag);
    buf_putc(b, '\n');
    for (size_t i = 0; i < st->n_figures; i++)
        buf_printf(b, "%s%s %s",
                   i == 0                         ? "            "
                   : is_sentence(&st->figures[i]) ? "\n            "
                                                  : ", ",
                   st->figures[i].name, st->figures[i].value);
    if (st->n_figures > 0)
        buf_putc(b, '\n');
    if (st->last_error != NULL && st->last_error[0] != '\0')
        buf_printf(b, "            last error: %s\n", st->last_error);
}

static void
on_status(void *arg, const struct records *r)
{
    struct health *h = arg;

    for (size_t i = 0; i < r->n_items; i++) {
        struct record rec;
        struct err e;
        arena_reset(h->t->arena);
        if (wire_record_unpack(r->items[i].record.data, r->items[i].record.len, h->t->arena, &rec,
                               &e) < 0 ||
            rec.type != REC_STATUS)
            continue;
        const struct daemon_status *st = rec.u.status;
        bool is_classifier = strcmp(st->daemon, "classifier") == 0;
        bool silent = is_classifier && wall_now_us() - st->at_us > SILENT_US;
        h->classifier = h->classifier || (is_classifier && !silent);
        if (h->t->json) {
            status_to_json(st, &h->t->out);
            buf_putc(&h->t->out, '\n');
        } else {
            show(h->t, st, silent);
        }
    }
    tool_print(h->t);
}

int
verb_status(struct tool *t, int argc, char **argv)
{
    struct health h = {.t = t};
    struct fetch f = {.stream = STREAM_STATUS};
    int code, bad = 0;

    (void)argv;
    if (argc > 1)
        return tool_fail(EX_USAGE, "status takes no arguments");
    if ((code = tool_network(t)) != 0)
        return code;
    bad = tool_fetch(t, t->config->collector.listen_zmq, &f, on_status, &h);
    code = tool_fetch(t, t->config->notifier.listen_zmq, &f, on_status, &h);
    if (code == 0 && bad == 0 && !h.classifier)
        return tool_fail(EX_UNAVAILABLE,
                         "the classifier has not been heard of: nothing is being decided");
    return bad != 0 ? bad : code;
}
