/* lexicon: reading the YAML files.
 *
 * What a file may hold is bounded below, and refused with its line beyond: an analyst's typing
 * error stops the load, never a word silently ignored. How phrases are found in a text is in
 * lexicon_trie.c. */
#include "lexicon.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "lexicon_trie.h"
#include "spelling.h"
#include "yaml.h"

#define MAX_FILES        64
#define MAX_ENTRIES      8192
#define MAX_PHRASES      65536
#define MAX_PHRASE_BYTES 160
#define MAX_LABEL_BYTES  48
#define MAX_WEIGHT       20
#define DEFAULT_WEIGHT   4
#define FILE_BYTES       (2u << 20)
#define ARENA_BYTES      ((size_t)64 << 20)

static const char *const flag_names[LF_COUNT] = {
    [LF_NOT_ALERTWORTHY] = "not_alertworthy",
    [LF_IN_PROGRESS] = "in_progress",
    [LF_NO_DUFF] = "no_duff",
    [LF_EXERCISE] = "exercise",
    [LF_KILLED] = "killed",
    [LF_WOUNDED] = "wounded",
    [LF_TAKEN] = "taken",
    [LF_VICTIMS] = "victims",
    [LF_NEGATION] = "negation",
    [LF_PERSON] = "person",
    [LF_PLURAL] = "plural",
    [LF_CIVIL] = "civil",
    [LF_FIGHTER] = "fighter",
    [LF_FORCES] = "forces",
    [LF_ATTACK] = "attack",
    [LF_VEHICLE] = "vehicle",
    [LF_ROAD] = "road",
    [LF_PLACE] = "place",
    [LF_AIR] = "air",
    [LF_STRIKE] = "strike",
    [LF_NEUTRALISED] = "neutralised",
    [LF_AGENT] = "agent",
    [LF_VERSUS] = "versus",
    [LF_PART] = "part",
    [LF_MORE] = "more",
    [LF_AT_LEAST] = "at_least",
    [LF_UP_TO] = "up_to",
    [LF_NEARLY] = "nearly",
    [LF_ABOUT] = "about",
    [LF_SPARED] = "spared",
    [LF_PEOPLE] = "people",
    [LF_DEED] = "deed",
    [LF_ARTICLE] = "article",
    [LF_UNIT] = "unit",
    [LF_BUT] = "but",
    [LF_OLD] = "old",
    [LF_CROWD] = "crowd",
    [LF_UNREST] = "unrest",
    [LF_PARTY] = "party",
    [LF_SAYS] = "says",
    [LF_FUTURE] = "future",
};

static const char *const time_names[LT_COUNT] = {
    "",          "monday",     "tuesday",    "wednesday",    "thursday", "friday",    "saturday",
    "sunday",    "january",    "february",   "march",        "april",    "may",       "june",
    "july",      "august",     "september",  "october",      "november", "december",  "today",
    "yesterday", "day_before", "dawn",       "morning",      "noon",     "afternoon", "evening",
    "night",     "night_of",   "last_night", "this_morning", "ago",      "since",     "now",
    "at",        "minute",     "hour",       "day",          "week",     "last_week",
};

static int
add_phrase(struct lexicon *l, const struct ynode *y, const char *file,
           const struct lex_entry *entry, struct err *e)
{
    if (y->type != YN_SCALAR || !*y->scalar)
        return err_at(e, file, y->line, "a phrase must be words");
    size_t len = strlen(y->scalar), n = 0;
    if (len > MAX_PHRASE_BYTES)
        return err_at(e, file, y->line, "a phrase has at most %d bytes", MAX_PHRASE_BYTES);
    if (++l->n_phrases > MAX_PHRASES)
        return err_at(e, file, y->line, "more than %d phrases", MAX_PHRASES);
    struct token *t = text_tokens(y->scalar, len, l->arena, &n);
    if (!t)
        goto memory;
    if (n == 0)
        return err_at(e, file, y->line, "\"%s\" holds no word", y->scalar);
    if (n > LEX_MAX_WORDS)
        return err_at(e, file, y->line, "a phrase has at most %d words", LEX_MAX_WORDS);
    size_t stars = 0, used = 0;
    for (size_t i = 0; i < len; i++)
        stars += y->scalar[i] == '*';
    uint32_t node = 0;
    for (size_t i = 0; i < n; i++) {
        bool prefix = y->scalar[t[i].end] == '*';
        used += prefix;
        if (prefix && t[i].len < 2)
            return err_at(e, file, y->line, "\"%s\": at least two letters before *", y->scalar);
        int64_t s = trie_intern(l, t[i].s, t[i].len, prefix);
        if (s < 0 || !(node = trie_extend(l, node, (uint32_t)s)))
            goto memory;
    }
    if (stars != used)
        return err_at(e, file, y->line, "\"%s\": * stands at the end of a word only", y->scalar);
    struct meaning *m = arena_alloc(l->arena, sizeof(*m));
    if (!m)
        goto memory;
    *m = (struct meaning){.e = entry};
    struct node *end = &l->nodes[node];
    if (end->last)
        end->last->next = m;
    else
        end->first = m;
    end->last = m;
    return 0;
memory:
    return err_at(e, file, y->line, "out of memory");
}

static int
integer(const struct ynode *y, const char *file, int min, int max, int32_t *out, struct err *e)
{
    char *end = NULL;
    errno = 0;
    long v = y->type == YN_SCALAR ? strtol(y->scalar, &end, 10) : 0;
    if (y->type != YN_SCALAR || errno || end == y->scalar || *end || v < min || v > max)
        return err_at(e, file, y->line, "%s must be a whole number from %d to %d", y->key, min,
                      max);
    *out = (int32_t)v;
    return 0;
}

static int
flag(const struct ynode *y, const char *file, struct lex_entry *en, struct err *e)
{
    for (int f = 0; y->type == YN_SCALAR && f < LF_COUNT; f++)
        if (strcmp(flag_names[f], y->scalar) == 0) {
            en->flags |= LEX_FLAG(f);
            return 0;
        }
    if (y->type == YN_SCALAR && strcmp(y->scalar, "nothing") == 0)
        return 0; /* there to hide the shorter phrases inside it */
    return err_at(e, file, y->line, "is: \"%s\" is not known",
                  y->type == YN_SCALAR ? y->scalar : "");
}

static int
one_target(const struct ynode *y, const char *file, struct lex_entry *en, struct err *e)
{
    enum target t = y->type == YN_SCALAR ? target_parse(y->scalar) : TG_UNKNOWN;
    if (t == TG_UNKNOWN || t == TG_SYSTEM)
        return err_at(e, file, y->line, "target must be convoy, base, civilians or armed");
    en->targets |= TARGET_BIT(t);
    return 0;
}

static int
mark(const struct ynode *y, const char *file, struct lex_entry *en, struct err *e)
{
    const char *s = y->type == YN_SCALAR ? y->scalar : "";
    if (strcmp(s, "siege") == 0)
        en->marks |= MARK_SIEGE;
    else if (strcmp(s, "sexual_violence") == 0)
        en->marks |= MARK_SEXUAL_VIOLENCE;
    else
        return err_at(e, file, y->line, "mark must be siege or sexual_violence");
    return 0;
}

static int
label(struct lexicon *l, const struct ynode *y, const char *file, const char **out, struct err *e)
{
    if (y->type != YN_SCALAR || !*y->scalar || strlen(y->scalar) > MAX_LABEL_BYTES)
        return err_at(e, file, y->line, "%s must be a name of at most %d bytes", y->key,
                      MAX_LABEL_BYTES);
    *out = arena_strndup(l->arena, y->scalar, strlen(y->scalar));
    return *out ? 0 : err_at(e, file, y->line, "out of memory");
}

/* A scalar or a list of scalars. */
static int
each(const struct ynode *y, const char *file, struct lex_entry *en,
     int (*one)(const struct ynode *, const char *, struct lex_entry *, struct err *),
     struct err *e)
{
    if (y->type == YN_SCALAR)
        return one(y, file, en, e);
    if (y->type != YN_LIST)
        return err_at(e, file, y->line, "%s must be a word or a list of words", y->key);
    for (const struct ynode *c = y->child; c; c = c->next)
        if (one(c, file, en, e))
            return -1;
    return 0;
}

static int
field(struct lexicon *l, const struct ynode *y, const char *file, struct lex_entry *en,
      struct err *e)
{
    const char *s = y->type == YN_SCALAR ? y->scalar : "";
    if (strcmp(y->key, "event") == 0) {
        en->event = event_type_parse(s);
        if (en->event == EV_UNKNOWN || en->event == EV_NONE)
            return err_at(e, file, y->line, "event: \"%s\" is no event type", s);
        return 0;
    }
    if (strcmp(y->key, "mode") == 0) {
        en->mode = mode_parse(s);
        return en->mode != MODE_UNKNOWN ? 0
                                        : err_at(e, file, y->line, "mode: \"%s\" is no mode", s);
    }
    if (strcmp(y->key, "lang") == 0) {
        en->lang = strcmp(s, "en") == 0 ? LANG_EN : strcmp(s, "fr") == 0 ? LANG_FR : LANG_NONE;
        return en->lang ? 0 : err_at(e, file, y->line, "lang must be en or fr");
    }
    if (strcmp(y->key, "time") == 0) {
        for (int t = 1; t < LT_COUNT; t++)
            if (strcmp(time_names[t], s) == 0)
                en->time = (enum lex_time)t;
        return en->time ? 0 : err_at(e, file, y->line, "time: \"%s\" is not known", s);
    }
    if (strcmp(y->key, "target") == 0)
        return each(y, file, en, one_target, e);
    if (strcmp(y->key, "mark") == 0)
        return each(y, file, en, mark, e);
    if (strcmp(y->key, "is") == 0)
        return each(y, file, en, flag, e);
    if (strcmp(y->key, "actor") == 0)
        return label(l, y, file, &en->actor, e);
    if (strcmp(y->key, "weapon") == 0)
        return label(l, y, file, &en->weapon, e);
    if (strcmp(y->key, "weight") == 0)
        return integer(y, file, 1, MAX_WEIGHT, &en->weight, e);
    if (strcmp(y->key, "number") == 0)
        return integer(y, file, 0, 1000000, &en->number, e);
    if (strcmp(y->key, "most") == 0)
        return integer(y, file, 0, 1000000, &en->most, e);
    return err_at(e, file, y->line, "key \"%s\" is not known", y->key);
}

bool
lexicon_is_force(const struct lexicon *l, const char *actor)
{
    for (size_t i = 0; l && i < l->n_forces; i++)
        if (strcmp(l->forces[i], actor) == 0)
            return true;
    return false;
}

static int
add_entry(struct lexicon *l, const struct ynode *y, const char *file, struct err *e)
{
    if (y->type != YN_MAP)
        return err_at(e, file, y->line, "an entry must be a map with phrases and a meaning");
    if (l->n_entries == MAX_ENTRIES)
        return err_at(e, file, y->line, "more than %d entries", MAX_ENTRIES);
    struct lex_entry *en = arena_zalloc(l->arena, sizeof(*en));
    if (!en)
        return err_at(e, file, y->line, "out of memory");
    en->weight = DEFAULT_WEIGHT;
    en->number = en->most = -1;
    en->index = (uint32_t)l->n_entries++;
    const struct ynode *phrases = NULL;
    size_t meanings = 0;
    for (const struct ynode *c = y->child; c; c = c->next) {
        if (strcmp(c->key, "phrases") == 0) {
            phrases = c;
            continue;
        }
        if (field(l, c, file, en, e))
            return -1;
        meanings += strcmp(c->key, "weight") != 0 && strcmp(c->key, "most") != 0;
    }
    if (!phrases || phrases->type != YN_LIST || !phrases->child)
        return err_at(e, file, y->line, "an entry needs phrases: a list");
    if (!meanings)
        return err_at(e, file, y->line, "an entry needs a meaning (event, target, is …)");
    if (en->most >= 0 && en->most < en->number)
        return err_at(e, file, y->line, "most must not be below number");
    if (en->most < 0)
        en->most = en->number;
    for (const struct ynode *c = phrases->child; c; c = c->next)
        if (add_phrase(l, c, file, en, e))
            return -1;
    if (!en->actor || !(en->flags & LEX_FLAG(LF_FORCES)) || lexicon_is_force(l, en->actor))
        return 0;
    if (l->n_forces == LEX_MAX_FORCES)
        return err_at(e, file, y->line, "more than %d actors are forces", LEX_MAX_FORCES);
    l->forces[l->n_forces++] = en->actor;
    return 0;
}

static int
add_tree(struct lexicon *l, const struct yaml *y, struct err *e)
{
    const struct ynode *root = yaml_root(y);
    const char *file = yaml_name(y);
    if (!root)
        return 0;
    if (root->type != YN_LIST)
        return err_at(e, file, root->line, "a lexicon file is a list of entries");
    for (const struct ynode *c = root->child; c; c = c->next)
        if (add_entry(l, c, file, e))
            return -1;
    return 0;
}

static struct lexicon *
empty(struct err *e)
{
    struct lexicon *l = calloc(1, sizeof(*l));
    if (l) {
        buf_init(&l->bytes, 0);
        l->arena = arena_new(ARENA_BYTES);
        if (l->arena && trie_init(l) == 0)
            return l;
    }
    lexicon_free(l);
    (void)err_set(e, "out of memory");
    return NULL;
}

static int
finish(struct lexicon *l, struct err *e)
{
    bool failed = l->bytes.failed || trie_finish(l);

    l->spelling = spelling_new();
    for (size_t i = 0; l->spelling && i < l->n_symbols && !failed; i++)
        failed =
            !l->symbols[i].prefix && spelling_add(l->spelling, l->symbols[i].s, l->symbols[i].len);
    return failed || !l->spelling ? err_set(e, "out of memory") : 0;
}

static int
add_text(struct lexicon *l, const char *s, size_t n, const char *name, struct err *e)
{
    struct yaml *y = NULL;
    if (yaml_parse(s, n, name, &y, e))
        return -1;
    int rc = add_tree(l, y, e);
    yaml_close(y);
    uint64_t size = n; /* the length first, so that bytes cannot move between files */
    buf_put(&l->bytes, &size, sizeof(size));
    buf_put(&l->bytes, s, n);
    return rc;
}

int
lexicon_parse(const char *s, size_t n, const char *name, struct lexicon **out, struct err *e)
{
    struct lexicon *l = empty(e);
    if (!l)
        return -1;
    if (add_text(l, s, n, name, e) || finish(l, e)) {
        lexicon_free(l);
        return -1;
    }
    *out = l;
    return 0;
}

static int
is_yaml(const struct dirent *d)
{
    size_t n = strlen(d->d_name);
    return n > 5 && d->d_name[0] != '.' && strcmp(d->d_name + n - 5, ".yaml") == 0;
}

static int
by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name); /* alphasort follows the locale */
}

static int
add_file(struct lexicon *l, const char *path, struct err *e)
{
    struct buf b;
    buf_init(&b, 0);
    int rc = buf_read_file(&b, path, FILE_BYTES, "a lexicon file", e);
    if (rc == 0)
        rc = add_text(l, b.data ? b.data : "", b.len, path, e);
    buf_fini(&b);
    return rc;
}

int
lexicon_load(const char *dir, struct lexicon **out, struct err *e)
{
    struct dirent **names = NULL;
    int n = scandir(dir, &names, is_yaml, by_name), rc = -1;
    if (n < 0)
        return err_at(e, dir, 0, "cannot be read: %s", strerror(errno));
    struct lexicon *l = NULL;
    if (n == 0) {
        (void)err_at(e, dir, 0, "holds no *.yaml; set classifier.lexicon to the lexicon's folder");
        goto out;
    }
    if (n > MAX_FILES) {
        (void)err_at(e, dir, 0, "more than %d files", MAX_FILES);
        goto out;
    }
    l = empty(e);
    if (!l)
        goto out;
    for (int i = 0; i < n; i++) {
        char *path = NULL;
        if (asprintf(&path, "%s/%s", dir, names[i]->d_name) < 0) {
            (void)err_set(e, "out of memory");
            goto out;
        }
        int bad = add_file(l, path, e);
        free(path);
        if (bad)
            goto out;
    }
    if (finish(l, e))
        goto out;
    *out = l;
    l = NULL;
    rc = 0;
out:
    lexicon_free(l);
    for (int i = 0; i < n; i++)
        free(names[i]);
    free(names);
    return rc;
}

void
lexicon_free(struct lexicon *l)
{
    if (!l)
        return;
    buf_fini(&l->bytes);
    spelling_free(l->spelling);
    arena_free(l->arena);
    trie_free(l);
    free(l);
}

void
lexicon_digest_bytes(const struct lexicon *l, struct buf *b)
{
    buf_put(b, l->bytes.data, l->bytes.len);
}

size_t
lexicon_entries(const struct lexicon *l)
{
    return l->n_entries;
}

const char *
lexicon_respell(const struct lexicon *l, const struct token *t)
{
    return spelling_fix(l->spelling, t->s, t->len);
}
