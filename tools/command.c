/* command: ack, warned, resolve. The answer comes after the notifier has stored it. */
#include <string.h>
#include <sysexits.h>

#include "clock.h"
#include "record_json.h"
#include "verbs.h"

struct answer {
    struct tool *t;
    const char *verb;
    int code;
};

static void
on_receipt(void *arg, uint64_t i, const struct receipt *r)
{
    struct answer *a = arg;

    (void)i;
    if (a->t->json) {
        receipt_to_json(r, NULL, &a->t->out);
        buf_putc(&a->t->out, '\n');
        tool_print(a->t);
    }
    if (r->status == RC_REJECTED)
        a->code = tool_fail(EX_DATAERR, "%s: %s", a->verb, r->reason);
    else if (!a->t->json)
        (void)printf("%s%s%s\n", a->verb, r->reason != NULL ? ": " : "",
                     r->reason != NULL ? r->reason : "");
}

static int
run(struct tool *t, const char *verb, const char *id, struct command *c)
{
    struct record r = {.type = REC_COMMAND, .received_at_us = wall_now_us()};
    struct answer a = {.t = t, .verb = verb};
    struct buf packed;
    int code;

    if (id == NULL)
        return tool_fail(EX_USAGE, "%s needs the id of an alert", verb);
    if ((code = tool_network(t)) != 0 || (code = tool_alert_id(t, id, &c->alert)) != 0)
        return code;
    c->who = tool_who();
    r.u.command = *c;
    buf_init(&packed, 0);
    wire_record_pack(&r, false, &packed);
    struct tool_record one = {packed.data, packed.len};
    code = tool_submit(t, t->config->notifier.listen_zmq, NULL, &one, 1, on_receipt, &a);
    buf_fini(&packed);
    return code != 0 ? code : a.code;
}

static int
misunderstood(const char *verb, const char *word)
{
    return tool_fail(EX_USAGE, "%s: '%s' is not understood; see tocsin %s --help", verb, word,
                     verb);
}

int
verb_ack(struct tool *t, int argc, char **argv)
{
    struct command c = {.verb = CMD_ACK};
    const char *id = NULL;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--situation") == 0)
            c.whole_situation = true;
        else if (strcmp(argv[i], "--note") == 0 && i + 1 < argc)
            c.note = argv[++i];
        else if (id == NULL && argv[i][0] != '-')
            id = argv[i];
        else
            return misunderstood("ack", argv[i]);
    }
    return run(t, "ack", id, &c);
}

int
verb_resolve(struct tool *t, int argc, char **argv)
{
    struct command c = {.verb = CMD_RESOLVE};
    const char *id = NULL;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--false-alarm") == 0)
            c.false_alarm = true;
        else if (strcmp(argv[i], "--note") == 0 && i + 1 < argc)
            c.note = argv[++i];
        else if (id == NULL && argv[i][0] != '-')
            id = argv[i];
        else
            return misunderstood("resolve", argv[i]);
    }
    return run(t, "resolve", id, &c);
}

int
verb_warned(struct tool *t, int argc, char **argv)
{
    struct command c = {.verb = CMD_WARNED};
    const char *id = NULL;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--unreachable") == 0)
            c.unreachable = true;
        else if (strcmp(argv[i], "--how") == 0 && i + 1 < argc)
            c.how = argv[++i];
        else if (strcmp(argv[i], "--note") == 0 && i + 1 < argc)
            c.note = argv[++i];
        else if (id == NULL && argv[i][0] != '-')
            id = argv[i];
        else if (c.asset == NULL && argv[i][0] != '-')
            c.asset = argv[i];
        else
            return misunderstood("warned", argv[i]);
    }
    if (c.asset == NULL || (c.how == NULL && !c.unreachable))
        return tool_fail(EX_USAGE, "warned needs ID ASSET --how HOW (radio, phone, runner ...), or "
                                   "--unreachable");
    return run(t, "warned", id, &c);
}
