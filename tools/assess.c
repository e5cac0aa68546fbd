/* assess: the classifier without daemons: the same core, from a file to standard output. */
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "core.h"
#include "record_json.h"
#include "verbs.h"

static void
on_event(void *arg, const struct alert_event *ev, const struct derivation *d)
{
    struct tool *t = arg;

    (void)d;
    event_to_json(ev, 0, true, &t->out);
    buf_putc(&t->out, '\n');
}

static int
alerts(struct tool *t, const struct knowledge *k, struct recording *rec)
{
    struct core *core = core_new(k);
    struct record r;
    struct err e = {.text = ""};
    int rc, code = 0;

    if (core == NULL)
        return tool_fail(EX_OSERR, "out of memory");
    while ((rc = recording_next(rec, t->config, &r, &e)) != 0) {
        if (rc < 0)
            code = tool_fail(EX_DATAERR, "%s", e.text);
        else if (core_step(core, &r, on_event, t) < 0) {
            code = tool_fail(EX_OSERR, "out of memory");
            break;
        }
        tool_print(t);
    }
    core_free(core);
    return code;
}

static int
findings(struct tool *t, const struct knowledge *k, struct recording *rec)
{
    struct record r;
    struct err e = {.text = ""};
    int rc, code = 0;

    while ((rc = recording_next(rec, t->config, &r, &e)) != 0) {
        struct finding f;
        char id[ID_TEXT];
        if (rc < 0) {
            code = tool_fail(EX_DATAERR, "%s", e.text);
            continue;
        }
        if (r.type != REC_INCIDENT)
            continue;
        arena_reset(t->arena);
        if (core_finding(k, &r.u.incident, r.received_at_us, t->arena, &f) < 0)
            return tool_fail(EX_OSERR, "out of memory");
        finding_to_json(&f, r.u.incident.own_id != NULL ? r.u.incident.own_id : id_text(&r.id, id),
                        &t->out);
        buf_putc(&t->out, '\n');
        if (t->out.len > 1 << 16)
            tool_print(t);
    }
    tool_print(t);
    return code;
}

int
verb_assess(struct tool *t, int argc, char **argv)
{
    bool want_alerts = false;
    const char *path = NULL, *assets = NULL;
    struct knowledge *k = NULL;
    struct recording *rec = NULL;
    struct err e = {.text = ""};
    char text[512];
    int code;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--alerts") == 0)
            want_alerts = true;
        else if (strcmp(argv[i], "--assets") == 0 && i + 1 < argc)
            assets = argv[++i];
        else if (path == NULL && (argv[i][0] != '-' || argv[i][1] == '\0'))
            path = argv[i];
        else
            return tool_fail(EX_USAGE, "assess: '%s' is not understood", argv[i]);
    }
    if ((code = tool_config(t)) != 0)
        return code;
    if (assets != NULL) {
        free(t->config->classifier.assets);
        t->config->classifier.assets = strdup(assets);
    }
    if (knowledge_load(t->config, &k, &e) < 0)
        return tool_fail(EX_CONFIG, "%s", err_str(&e, text, sizeof text));
    if (recording_open(path, &rec, &e) < 0)
        code = tool_fail(EX_NOINPUT, "%s", e.text);
    else
        code = want_alerts ? alerts(t, k, rec) : findings(t, k, rec);
    recording_close(rec);
    knowledge_free(k);
    return code;
}
