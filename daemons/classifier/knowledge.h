/* knowledge: everything that the classifier's decisions depend on besides the journal.
 *
 * Immutable once loaded, replaced whole at a reload. The digest covers decision configuration,
 * lexicon, model, gazetteer, rules, assets file and classifier version; not the wording of headlines
 * and procedures. Shared by the daemon, `tocsin assess`, `tocsin check`. */
#ifndef CLASSIFIER_KNOWLEDGE_H
#define CLASSIFIER_KNOWLEDGE_H

#include "config.h"
#include "gazetteer.h"
#include "lexicon.h"
#include "model.h"
#include "record.h"
#include "rules.h"

/* Built-in facts on an event type; the configuration overrides single figures. */
struct event_row {
    uint32_t likelihood; /* 1..5 of harm to an asset in reach while it lasts */
    uint32_t impact;     /* 1..5 before harm and vulnerability are counted */
    uint32_t reach_m;    /* around the place, for a standing asset */
    int64_t persist_us;  /* how long the danger lasts; 0 = none; INT64_MAX = until cleared */
    bool attack;         /* an attack in progress is FLASH from any single source */
};

struct knowledge {
    const struct config *config; /* borrowed */
    struct lexicon *lexicon;
    struct model *model; /* NULL: the lexicon decides alone */
    struct gazetteer *gazetteer;
    struct rules *rules; /* NULL: none */
    struct event_row events[EVENT_COUNT];
    enum risk matrix[5][5];     /* [likelihood-1][impact-1] */
    const struct asset *assets; /* of the assets file, in its order */
    size_t n_assets;
    uint8_t digest[DIGEST_LEN];
    struct arena *arena; /* of the assets */
};

/* The built-in rows and the matrix of DESIGN 6, without any configuration. */
void knowledge_builtin(struct event_row rows[EVENT_COUNT], enum risk matrix[5][5]);

/* Files are read once, here. Errors name file and line. */
int knowledge_load(const struct config *c, struct knowledge **out, struct err *e);
void knowledge_free(struct knowledge *k);

#endif
