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

struct input {
    const char *name;
    struct recording *rec;
};

/* The next record: 1, 0 at the end; what cannot be read is said and gives *code. */
static int
next(struct tool *t, const struct input *in, struct record *r, int *code)
{
    struct err e = {.text = ""};
    int rc;

    if (recording_is_live(in->rec))
        (void)fflush(stdout); /* main() looks at it in the end */
    while ((rc = recording_next(in->rec, t->config, r, &e)) < 0)
        *code = tool_fail(EX_DATAERR, "%s: %s", in->name, e.text);
    return rc;
}

static int
alerts(struct tool *t, const struct knowledge *k, const struct input *in)
{
    struct core *core = core_new(k);
    struct record r;
    int code = 0;

    if (core == NULL)
        return tool_fail(EX_OSERR, "out of memory");
    while (next(t, in, &r, &code) != 0) {
        if (core_step(core, &r, on_event, t) < 0) {
            code = tool_fail(EX_OSERR, "out of memory");
            break;
        }
        tool_print(t);
    }
    core_free(core);
    return code;
}

static int
findings(struct tool *t, const struct knowledge *k, const struct input *in)
{
    struct record r;
    int code = 0;

    while (next(t, in, &r, &code) != 0) {
        struct finding f;
        char id[ID_TEXT];
        if (r.type != REC_INCIDENT)
            continue;
        arena_reset(t->arena);
        if (core_finding(k, &r.u.incident, r.received_at_us, t->arena, &f) < 0)
            return tool_fail(EX_OSERR, "out of memory");
        finding_to_json(&f, r.u.incident.own_id != NULL ? r.u.incident.own_id : id_text(&r.id, id),
                        &t->out);
        buf_putc(&t->out, '\n');
        tool_print(t);
    }
    return code;
}

#define MAX_GAZETTEERS 16

struct options {
    bool alerts;
    const char *path, *assets, *gazetteers[MAX_GAZETTEERS];
    size_t n_gazetteers;
};

static int
parse(struct options *o, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        bool assets = strcmp(argv[i], "--assets") == 0;
        if (strcmp(argv[i], "--alerts") == 0) {
            o->alerts = true;
        } else if (assets || strcmp(argv[i], "--gazetteer") == 0) {
            if (i + 1 == argc)
                return tool_fail(EX_USAGE, "assess: %s needs a file", argv[i]);
            if (!assets && o->n_gazetteers == MAX_GAZETTEERS)
                return tool_fail(EX_USAGE, "assess: more than %d gazetteers", MAX_GAZETTEERS);
            *(assets ? &o->assets : &o->gazetteers[o->n_gazetteers++]) = argv[i + 1];
            i++;
        } else if (o->path == NULL && (argv[i][0] != '-' || argv[i][1] == '\0')) {
            o->path = argv[i];
        } else {
            return tool_fail(EX_USAGE, "assess: '%s' is not understood; see tocsin assess --help",
                             argv[i]);
        }
    }
    return 0;
}

/* Assets instead of the configured ones, gazetteers beside them. */
static int
apply(const struct options *o, struct config *c)
{
    struct conf_strings *l = &c->classifier.geonames;
    char **more = realloc(l->v, (l->n + o->n_gazetteers + 1) * sizeof *more);

    if (more == NULL)
        return -1;
    l->v = more;
    for (size_t i = 0; i < o->n_gazetteers; i++, l->n++)
        if ((l->v[l->n] = strdup(o->gazetteers[i])) == NULL)
            return -1;
    if (o->assets != NULL) {
        free(c->classifier.assets);
        c->classifier.assets = strdup(o->assets);
        return c->classifier.assets != NULL ? 0 : -1;
    }
    return 0;
}

int
verb_assess(struct tool *t, int argc, char **argv)
{
    struct options o = {.path = NULL};
    struct knowledge *k = NULL;
    struct input in = {.name = "standard input"};
    struct err e = {.text = ""};
    char text[512];
    int code = parse(&o, argc, argv);

    if (code != 0 || (code = tool_config(t)) != 0)
        return code;
    if (apply(&o, t->config) < 0)
        return tool_fail(EX_OSERR, "out of memory");
    if (knowledge_load(t->config, &k, &e) < 0)
        return tool_fail(EX_CONFIG, "%s", err_str(&e, text, sizeof text));
    if (o.path != NULL && strcmp(o.path, "-") != 0)
        in.name = o.path;
    if (recording_open(o.path, &in.rec, &e) < 0)
        code = tool_fail(EX_NOINPUT, "%s", e.text);
    else
        code = o.alerts ? alerts(t, k, &in) : findings(t, k, &in);
    recording_close(in.rec);
    knowledge_free(k);
    return code;
}
