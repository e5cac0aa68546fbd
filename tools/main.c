/* tocsin: the command of officers, signallers and administrators. One verb a file; this one reads
 * the options that every verb has, wherever they stand, and calls it. */
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "log.h"
#include "svc.h"
#include "timefmt.h"
#include "verbs.h"

struct verb {
    const char *name;
    verb_fn *run;
    const char *args, *help;
};

static const struct verb verbs[] = {
    {"up", verb_up, "", "start the daemons of an instance in the foreground; Ctrl-C stops them"},
    {"send", verb_send, "[--source S] [--format F] [FILE...]", "submit reports, print receipts"},
    {"watch", verb_watch,
     "[--topic P]... [--from SEQ|start|now] [--until-idle S] [--count N] [--comparison]",
     "follow alert events, in order, without gap or repeat"},
    {"alerts", verb_alerts, "[--open] [--target T] [--precedence P] [--since T]",
     "the current state of alerts"},
    {"incidents", verb_incidents, "[--no-alert] [--since T]", "the incident log"},
    {"ack", verb_ack, "ID [--situation] [--note TEXT]", "acknowledge an alert"},
    {"warned", verb_warned, "ID ASSET --how HOW [--unreachable]", "an asset was warned"},
    {"resolve", verb_resolve, "ID [--false-alarm] [--note TEXT]", "close an alert"},
    {"why", verb_why, "ID", "how the priority of an alert came about"},
    {"history", verb_history, "ID", "every event of an alert: who, when"},
    {"assets", verb_assets, "[list|load FILE.geojson|position ID LAT LON]",
     "bases, convoys, sites"},
    {"record", verb_record, "[--from T|SEQ] [--to T|SEQ]", "the journal as a recording"},
    {"replay", verb_replay, "FILE [--speed N|max] [--keep-time]",
     "play a recording into an empty instance"},
    {"assess", verb_assess, "[--alerts] [-c FILE] [--assets FILE] [--gazetteer FILE]... [FILE]",
     "findings of incidents, or their alerts, as JSON lines, with no daemon running"},
    {"diff", verb_diff, "[-c FILE] --with FILE.yaml [--assets FILE] RECORDING",
     "alerts that appear, vanish or change under another configuration"},
    {"status", verb_status, "", "health of every daemon"},
    {"rejected", verb_rejected, "[list|show N|retry N [--force]]", "what was refused, and why"},
    {"redact", verb_redact, "SEQ --reason TEXT", "take text and reporter out of the journal"},
    {"check", verb_check, "[FILE]",
     "check configuration, lexicon, model, gazetteer, rules, assets"},
    {"verify", verb_verify, "", "the hash chain of journal and alert log"},
};

#define VERBS (sizeof verbs / sizeof verbs[0])

static void
usage(FILE *f)
{
    (void)fprintf(f, "usage: tocsin [-d DIR | -c FILE] [--json] [--timeout S] VERB ...\n\n");
    for (size_t i = 0; i < VERBS; i++)
        (void)fprintf(f, "  %-10s %s\n             %s\n", verbs[i].name, verbs[i].args,
                      verbs[i].help);
    (void)fprintf(
        f, "\n  -d DIR       one self-contained instance under DIR\n"
           "  -c FILE      configuration (default /etc/tocsin/tocsin.yaml)\n"
           "  --json       one JSON object a line\n"
           "  --timeout S  how long to wait for a daemon (10 s)\n"
           "  --version    print the version\n\n"
           "Exit codes: 0 done, 1 diff found a difference, 64 usage, 65 some input refused,\n"
           "69 a daemon cannot be reached, 70 a bug, 74 input/output, 75 try again,\n"
           "78 configuration.\n");
}

static const struct verb *
find_verb(const char *name)
{
    for (size_t i = 0; i < VERBS; i++)
        if (strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
    return NULL;
}

/* Takes an option that every verb has out of argv[i]. How many words it took, 0 = none of them,
 * -1 = it lacks its value. */
static int
common_option(struct tool *t, int argc, char **argv, int i)
{
    const char *a = argv[i];
    const char **into = NULL;

    if (strcmp(a, "--json") == 0) {
        t->json = true;
        return 1;
    }
    if (strcmp(a, "-d") == 0)
        into = &t->dir;
    else if (strcmp(a, "-c") == 0)
        into = &t->config_file;
    if (into != NULL) {
        if (i + 1 >= argc)
            return -1;
        *into = argv[i + 1];
        return 2;
    }
    const char *value = NULL;
    int took = 0;
    if (strcmp(a, "--timeout") == 0) {
        if (i + 1 >= argc)
            return -1;
        value = argv[i + 1];
        took = 2;
    } else if (strncmp(a, "--timeout=", 10) == 0) {
        value = a + 10;
        took = 1;
    }
    if (value == NULL)
        return 0;
    if (duration_parse(value, &t->timeout_us) < 0) {
        (void)tool_fail(EX_USAGE, "--timeout: '%s' is no duration; try 10s", value);
        exit(EX_USAGE);
    }
    return took;
}

/* argv without the common options goes into rest, and to the verb. */
static int
dispatch(int argc, char **argv, char **rest)
{
    struct tool t = {.program = argv[0], .timeout_us = 10 * SECOND_US};
    const struct verb *v = NULL;
    int kept = 0, code;
    bool verbatim = false;

    for (int i = 1; i < argc;) {
        int took = verbatim ? 0 : common_option(&t, argc, argv, i);
        if (took < 0)
            return tool_fail(EX_USAGE, "%s needs a value", argv[i]);
        if (took > 0) {
            i += took;
            continue;
        }
        if (strcmp(argv[i], "--") == 0)
            verbatim = true;
        if (v == NULL) {
            if (strcmp(argv[i], "--version") == 0 || strcmp(argv[i], "-V") == 0) {
                (void)printf("tocsin %s\n", TOCSIN_VERSION);
                return 0;
            }
            if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0 ||
                strcmp(argv[i], "help") == 0) {
                usage(stdout);
                return 0;
            }
            if ((v = find_verb(argv[i])) == NULL)
                return tool_fail(EX_USAGE, "there is no verb '%s'; see tocsin --help", argv[i]);
        } else if (!verbatim && (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)) {
            (void)printf("usage: tocsin [-d DIR | -c FILE] [--json] [--timeout S] %s %s\n\n%s\n",
                         v->name, v->args, v->help);
            return 0;
        }
        rest[kept++] = argv[i++];
    }
    if (v == NULL) {
        usage(stderr);
        return EX_USAGE;
    }
    t.tty = isatty(STDOUT_FILENO) != 0;
    t.colour = t.tty && getenv("NO_COLOR") == NULL;
    log_init("tocsin", LOG_LEVEL_WARN);
    buf_init(&t.out, 0);
    t.arena = arena_new((size_t)256 << 20);
    if (t.arena == NULL)
        return tool_fail(EX_OSERR, "out of memory");
    code = v->run(&t, kept, rest);
    if (fflush(stdout) != 0 && code == 0)
        code = EX_IOERR;
    if (t.zmq != NULL)
        chan_context_free(t.zmq);
    if (t.base != NULL)
        event_base_free(t.base);
    config_free(t.config);
    arena_free(t.arena);
    buf_fini(&t.out);
    return code;
}

int
main(int argc, char **argv)
{
    char **rest = calloc((size_t)argc + 1, sizeof *rest);
    int code = rest != NULL ? dispatch(argc, argv, rest) : EX_OSERR;

    free(rest);
    return code;
}
