/* check and verify: is the configuration sound, are the logs untouched. */
#include <inttypes.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "gazetteer.h"
#include "journal.h"
#include "knowledge.h"
#include "verbs.h"

int
verb_check(struct tool *t, int argc, char **argv)
{
    struct knowledge *k;
    struct err e = {.text = ""};
    char text[512];
    int code;

    if (argc > 2)
        return tool_fail(EX_USAGE, "check takes one file");
    if (argc == 2)
        t->config_file = argv[1];
    if ((code = tool_config(t)) != 0)
        return code;
    if (knowledge_load(t->config, &k, &e) < 0)
        return tool_fail(EX_CONFIG, "%s", err_str(&e, text, sizeof text));
    if (t->json)
        (void)printf("{\"ok\":true,\"places\":%zu,\"assets\":%zu,\"sources\":%zu,\"rules\":%u}\n",
                     gazetteer_count(k->gazetteer), k->n_assets, t->config->collector.sources.n,
                     k->rules->n);
    else
        (void)printf("%s: sound; %zu places, %zu assets, %zu sources, %u rules\n",
                     t->config->path != NULL && t->config->path[0] != '\0' ? t->config->path
                                                                           : "defaults",
                     gazetteer_count(k->gazetteer), k->n_assets, t->config->collector.sources.n,
                     k->rules->n);
    knowledge_free(k);
    return 0;
}

static void
progress(void *arg, uint64_t seq, uint64_t head)
{
    (void)arg;
    if (isatty(STDERR_FILENO))
        (void)fprintf(stderr, "\r%" PRIu64 " of %" PRIu64, seq, head);
}

static int
verify_one(struct tool *t, const char *dir, const char *file, const char *kind)
{
    struct journal *j;
    struct journal_check c;
    struct err e = {.text = ""};
    char path[600];

    (void)snprintf(path, sizeof path, "%s/%s", dir, file);
    if (journal_open(path, kind, false, DURABILITY_GROUP, &j, &e) < 0)
        return tool_fail(EX_NOINPUT, "%s", e.text);
    int rc = journal_verify(j, progress, NULL, &c, &e);
    journal_close(j);
    if (isatty(STDERR_FILENO))
        (void)fprintf(stderr, "\r\033[K");
    if (rc < 0)
        return tool_fail(EX_IOERR, "%s: %s", path, e.text);
    if (t->json)
        (void)printf("{\"log\":\"%s\",\"ok\":%s,\"records\":%" PRIu64 ",\"redacted\":%" PRIu64
                     ",\"tombstones\":%" PRIu64 ",\"bad_seq\":%" PRIu64 "}\n",
                     kind, c.bad_seq == 0 ? "true" : "false", c.records, c.redacted, c.tombstones,
                     c.bad_seq);
    else if (c.bad_seq == 0)
        (void)printf("%s: %" PRIu64 " records verify (%" PRIu64 " redacted, %" PRIu64
                     " past their retention)\n",
                     path, c.records, c.redacted, c.tombstones);
    if (c.bad_seq != 0)
        return tool_fail(EX_DATAERR, "%s: record %" PRIu64 " does not verify: %s", path, c.bad_seq,
                         c.what);
    return 0;
}

int
verb_verify(struct tool *t, int argc, char **argv)
{
    int code, other;

    (void)argv;
    if (argc > 1)
        return tool_fail(EX_USAGE, "verify takes no arguments");
    if ((code = tool_config(t)) != 0)
        return code;
    code = verify_one(t, t->config->collector.state, "journal.db", "journal");
    other = verify_one(t, t->config->notifier.state, "alerts.db", "alerts");
    return code != 0 ? code : other;
}
