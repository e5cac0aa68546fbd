/* record: the journal as a recording, length-delimited Records or JSON lines. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "record_json.h"
#include "verbs.h"

struct recorder {
    struct tool *t;
    uint64_t to_seq;
    int64_t to_us;
};

static int
write_one(void *arg, const struct item *it, const struct record *r)
{
    struct recorder *w = arg;

    if ((w->to_seq != 0 && it->seq > w->to_seq) || (w->to_us != 0 && r->received_at_us > w->to_us))
        return 1;
    if (w->t->json) {
        record_to_json(r, &w->t->out);
        buf_putc(&w->t->out, '\n');
    } else {
        wire_record_join(it->record.data, it->record.len, it->seq, true, &w->t->out);
    }
    if (w->t->out.len > 1 << 16)
        tool_print(w->t);
    return 0;
}

static int
bound(const char *v, uint64_t *seq, int64_t *us)
{
    char *end;

    *seq = strtoull(v, &end, 10);
    if (*end == '\0' && *seq > 0)
        return 0;
    *seq = 0;
    return tool_time(v, us);
}

int
verb_record(struct tool *t, int argc, char **argv)
{
    struct recorder w = {.t = t};
    struct fetch f = {.stream = STREAM_JOURNAL};
    int code;

    for (int i = 1; i < argc; i++) {
        const char *v = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(argv[i], "--from") == 0 && bound(v, &f.from_seq, &f.from_us) == 0)
            i++;
        else if (strcmp(argv[i], "--to") == 0 && bound(v, &w.to_seq, &w.to_us) == 0)
            i++;
        else
            return tool_fail(EX_USAGE,
                             "record: '%s %s' is not understood; times are RFC 3339, "
                             "or sequence numbers",
                             argv[i], v);
    }
    if (t->tty && !t->json)
        return tool_fail(EX_USAGE, "a recording is binary: redirect it (> FILE.rec), or --json");
    if ((code = tool_network(t)) != 0)
        return code;
    code = tool_walk(t, t->config->collector.listen_zmq, f, write_one, &w);
    tool_print(t);
    return code;
}
