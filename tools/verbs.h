/* verbs: the table of what `tocsin` can do. */
#ifndef TOOLS_VERBS_H
#define TOOLS_VERBS_H

#include "tool.h"

typedef int verb_fn(struct tool *t, int argc, char **argv);

/* argv[0] is the verb. */
verb_fn verb_up, verb_send, verb_watch, verb_alerts, verb_incidents, verb_ack, verb_warned,
    verb_resolve, verb_why, verb_history, verb_assets, verb_record, verb_replay, verb_assess,
    verb_diff, verb_status, verb_rejected, verb_redact, verb_check, verb_verify;

#endif
