/* train: makes the linear model's weights from labelled reports, and measures it.
 *
 *   train --config FILE [-o MODEL [--head CARD]] [--findings FILE --folds N --cross GROUP]
 *         FILE[:WEIGHT] [+]FILE[:WEIGHT] …
 *
 * A file is one of labelled reports, a line each, {"id","lang","text","labels":{"alertworthy",
 * "event","targets"}}, or one of tests/phrases (*.tsv), which also has a mode; what is not labelled
 * is not learnt from. Each file is a group; with + it belongs to the group of the one before.
 * Groups but the first have facts of their own beside the common ones, which are not written: what
 * is peculiar to a corpus, above all how many of its reports are news, does not spill over.
 *
 * Events and modes are multinomial, alertworthy and the targets binomial logistic regressions over
 * the features of model.h, with an L2 penalty, fitted by AdaGrad over a fixed number of passes in a
 * fixed shuffled order: the same files give the same weights on one machine. The weights, not the
 * training, are what all machines must share.
 *
 * --findings cross-validates over one group, the first by default: each of its reports is
 * understood with weights that were fitted without its fold (a report's fold is its line number
 * modulo N), and the finding is written as `tocsin assess` would. All other groups are always
 * trained on. The figures of the training (--passes, --rate, --l2-fact …) are those of struct
 * hyper, with the defaults that the shipped weights were made with.
 */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include <cjson/cJSON.h>
#include <getopt.h>

#include "knowledge.h"
#include "place.h"
#include "record_json.h"
#include "understand.h"

#define MAX_ROWS      40000
#define MAX_GRAM_NAME 90     /* bytes; a longer word is an accident */
#define MAX_WEIGHT    32767L /* in 1/MODEL_UNIT */

struct hyper {
    int passes;
    double rate, l2_fact, l2_gram, fact_scale, kept, copies;
    int least_rows; /* an n-gram of fewer reports is dropped */
};

struct feature {
    uint32_t index;
    float value;
};

struct row {
    char *id, *lang, *text;
    double weight;
    uint32_t file, line;
    int alertworthy, event, mode; /* -1 = not labelled */
    bool has_targets, copy;
    uint32_t targets;
    struct feature *f;
    size_t n_f;
};

struct names {
    char **name; /* of feature i; the facts come first */
    uint32_t *rows, *last;
    size_t n, room;
    uint32_t *slot;
    size_t mask;
};

struct train {
    struct hyper h;
    struct row *rows;
    size_t n_rows;
    struct names names;
    struct knowledge *k;
    struct arena *arena;
    uint32_t cross; /* the group that is cross-validated */
};

static void
die(int code, const char *what, const char *why)
{
    (void)fprintf(stderr, "train: %s: %s\n", what, why);
    exit(code);
}

static void *
must(void *p)
{
    if (!p)
        die(EX_OSERR, "memory", strerror(ENOMEM));
    return p;
}

/* ---- names of features */

static uint64_t
hash(const char *s)
{
    uint64_t h = UINT64_C(14695981039346656037);

    while (*s)
        h = (h ^ (unsigned char)*s++) * UINT64_C(1099511628211);
    return h ^ h >> 32;
}

static uint32_t
name_index(struct names *m, const char *s)
{
    size_t i = hash(s) & m->mask;

    for (; m->slot[i]; i = (i + 1) & m->mask)
        if (strcmp(m->name[m->slot[i] - 1], s) == 0)
            return m->slot[i] - 1;
    if (m->n == m->room || 2 * m->n > m->mask)
        die(EX_SOFTWARE, "features", "more than there is room for");
    m->name[m->n] = must(strdup(s));
    m->slot[i] = (uint32_t)++m->n;
    return (uint32_t)m->n - 1;
}

static void
names_init(struct names *m)
{
    m->room = 1u << 20;
    m->mask = (1u << 22) - 1;
    m->name = must(calloc(m->room, sizeof *m->name));
    m->rows = must(calloc(m->room, sizeof *m->rows));
    m->last = must(calloc(m->room, sizeof *m->last));
    m->slot = must(calloc(m->mask + 1, sizeof *m->slot));
    for (size_t i = 0; i < MODEL_FACTS; i++) {
        char fact[40], none[16];
        const char *s = model_fact_name(i, fact);
        (void)snprintf(none, sizeof none, "@@%zu", i);
        if (name_index(m, s ? s : none) != i)
            die(EX_SOFTWARE, "facts", "two of one name");
    }
}

/* ---- reading */

static int
label_bool(const cJSON *o, const char *key)
{
    const cJSON *v = cJSON_GetObjectItem(o, key);

    return cJSON_IsBool(v) ? cJSON_IsTrue(v) : -1;
}

static void
labels(struct row *r, const cJSON *top, const char *where)
{
    const cJSON *o = cJSON_GetObjectItem(top, "labels"), *v, *t;

    r->alertworthy = label_bool(o, "alertworthy");
    r->event = r->mode = -1;
    if (cJSON_IsString(v = cJSON_GetObjectItem(o, "event"))) {
        r->event = (int)event_type_parse(v->valuestring);
        if (r->event == EV_UNKNOWN)
            die(EX_DATAERR, where, "event is not known");
    }
    /* What is no news has no event of its own. */
    if (r->alertworthy == 0)
        r->event = EV_NONE;
    v = cJSON_GetObjectItem(o, "targets");
    r->has_targets = cJSON_IsArray(v) && r->alertworthy != 0;
    cJSON_ArrayForEach(t, v) if (cJSON_IsString(t)) r->targets |=
        TARGET_BIT(target_parse(t->valuestring));
}

static struct row *
add_row(struct train *t, const char *text, const char *lang, const char *id, const char *where)
{
    if (t->n_rows == MAX_ROWS)
        die(EX_DATAERR, where, "too many lines");
    struct row *r = &t->rows[t->n_rows++];
    *r = (struct row){.alertworthy = -1, .event = -1, .mode = -1};
    r->text = must(strdup(text));
    r->lang = lang ? must(strdup(lang)) : NULL;
    r->id = must(strdup(id));
    return r;
}

static void
from_json(struct train *t, const char *line, const char *where)
{
    cJSON *top = cJSON_Parse(line);
    const cJSON *text = cJSON_GetObjectItem(top, "text");
    const cJSON *id = cJSON_GetObjectItem(top, "id"), *lang = cJSON_GetObjectItem(top, "lang");

    if (!cJSON_IsString(text) || !cJSON_IsString(id))
        die(EX_DATAERR, where, "no text or no id");
    labels(add_row(t, text->valuestring, cJSON_IsString(lang) ? lang->valuestring : NULL,
                   id->valuestring, where),
           top, where);
    cJSON_Delete(top);
}

/* lang, text, event, targets, mode, killed, wounded, taken, alertworthy; - = not known. */
static void
from_tsv(struct train *t, char *line, const char *where)
{
    char *col[9], *p = line, *save = NULL;
    size_t n = 0;

    line[strcspn(line, "\n")] = '\0';
    if (!*line || *line == '#')
        return;
    while (n < 9 && p)
        col[n++] = strsep(&p, "\t");
    if (n < 9)
        die(EX_DATAERR, where, "not nine columns");
    struct row *r = add_row(t, col[1], col[0], where, where);
    r->alertworthy = *col[8] == '-' ? -1 : strcmp(col[8], "yes") == 0;
    r->event = r->alertworthy == 0 ? EV_NONE : *col[2] == '-' ? -1 : (int)event_type_parse(col[2]);
    r->mode = *col[4] == '-' ? -1 : (int)mode_parse(col[4]);
    if (r->event == EV_UNKNOWN || r->mode == MODE_UNKNOWN)
        die(EX_DATAERR, where, "event or mode is not known");
    r->has_targets = *col[3] != '-' && r->alertworthy != 0;
    for (char *s = strtok_r(col[3], ",", &save); s; s = strtok_r(NULL, ",", &save))
        r->targets |= strcmp(s, "none") == 0 ? 0 : TARGET_BIT(target_parse(s));
}

static void
read_file(struct train *t, char *arg, uint32_t file)
{
    char *colon = strrchr(arg, ':'), *line = NULL;
    double weight = colon ? strtod(colon + 1, NULL) : 1;
    size_t room = 0;
    uint32_t n = 0;

    if (colon)
        *colon = '\0';
    FILE *f = fopen(arg, "re");
    if (!f)
        die(EX_NOINPUT, arg, strerror(errno));
    while (getline(&line, &room, f) > 0) {
        char where[300];
        size_t first = t->n_rows;

        (void)snprintf(where, sizeof where, "%s:%u", arg, ++n);
        if (strlen(arg) > 4 && strcmp(arg + strlen(arg) - 4, ".tsv") == 0)
            from_tsv(t, line, where);
        else
            from_json(t, line, where);
        for (size_t i = first; i < t->n_rows; i++) {
            t->rows[i].weight = weight;
            t->rows[i].file = file;
            t->rows[i].line = n;
        }
    }
    free(line);
    (void)fclose(f); /* read only */
}

/* ---- copies with errors */

/* The next of a fixed sequence (xorshift). */
static uint64_t
next(uint64_t *s)
{
    *s ^= *s << 13;
    *s ^= *s >> 7;
    *s ^= *s << 17;
    return *s;
}

static bool
is_letter(char c)
{
    return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (unsigned char)c >= 0x80;
}

/* A letter too few, too many, or two that changed places, in one word of five letters or more. */
static void
mistype(char *s, uint64_t *seed)
{
    size_t n = strlen(s), words = 0, start = 0;

    for (int pass = 0; pass < 2; pass++) {
        size_t pick = words ? next(seed) % words : 0, seen = 0;
        for (size_t i = 0; i <= n; i++) {
            if (i < n && is_letter(s[i]))
                continue;
            if (i - start >= 5) {
                size_t at = start + 1 + next(seed) % (i - start - 3);
                if (pass == 1 && seen++ == pick && (unsigned char)s[at] < 0x80 &&
                    (unsigned char)s[at + 1] < 0x80) {
                    char c = s[at];
                    if (*seed >> 20 & 1) {
                        s[at] = s[at + 1];
                        s[at + 1] = c;
                    } else {
                        memmove(&s[at], &s[at + 1], n - at);
                    }
                    return;
                }
                words += !pass;
            }
            start = i + 1;
        }
        start = 0;
    }
}

/* The last sentence first; nothing where there is only one. */
static bool
turn_sentences(char *s)
{
    size_t n = strlen(s), cut = 0;

    for (size_t i = 8; i + 8 < n; i++)
        if ((s[i] == '.' || s[i] == '!') && s[i + 1] == ' ')
            cut = i + 2;
    if (!cut)
        return false;
    char *t = must(malloc(n + 3));
    (void)snprintf(t, n + 3, "%s. %.*s", s + cut, (int)(cut - 1), s);
    t[n] = '\0';
    memcpy(s, t, n + 1);
    free(t);
    return true;
}

/* Reports come with errors, and the corpus has too few: each is learnt again with some. */
static void
add_copies(struct train *t)
{
    size_t n = t->n_rows;
    uint64_t seed = UINT64_C(20230411);

    for (size_t i = 0; i < n && t->h.copies > 0; i++) {
        if (t->n_rows == MAX_ROWS)
            die(EX_DATAERR, "copies", "too many reports");
        struct row *r = &t->rows[t->n_rows++];
        *r = t->rows[i];
        r->copy = true;
        r->weight *= t->h.copies;
        r->text = must(strdup(r->text));
        bool turned = turn_sentences(r->text);
        if (!turned || i % 2)
            mistype(r->text, &seed);
        if (i % 3 == 0)
            mistype(r->text, &seed);
    }
}

/* ---- features */

static void
incident_of(const struct row *r, struct incident *in)
{
    incident_init(in);
    in->text = r->text;
    in->lang = r->lang;
}

static void
features(struct train *t, struct row *r, uint32_t stamp)
{
    struct names *m = &t->names;
    struct model_input x = {0};
    struct finding f;
    struct incident in;
    uint32_t words, letters;
    struct buf key;

    arena_reset(t->arena);
    incident_of(r, &in);
    size_t n_t = 0;
    const struct token *tokens = must(text_tokens(r->text, strlen(r->text), t->arena, &n_t));
    if (understand_tokens(t->k->lexicon, NULL, &in, tokens, n_t, 0, t->arena, &f, &x))
        die(EX_OSERR, r->id, "does not fit into memory");
    size_t room = model_grams_room(x.t, x.n);
    struct gram *g = must(arena_alloc(t->arena, room * sizeof *g));
    size_t n = model_grams(x.t, x.n, g, room, &words, &letters);
    double nw = model_norm(words) / 16384.0, nl = model_norm(letters) / 16384.0;
    r->f = must(calloc(2 * MODEL_FACTS + n, sizeof *r->f));
    buf_init(&key, 0);
    for (size_t i = 0; i < MODEL_FACTS; i++) {
        float value = (float)(x.fact[i] * t->h.fact_scale / MODEL_FACT_UNIT);
        if (!x.fact[i])
            continue;
        r->f[r->n_f++] = (struct feature){(uint32_t)i, value};
        if (!r->file)
            continue;
        key.len = 0;
        buf_printf(&key, "@@%u.%zu", r->file, i);
        buf_putc(&key, '\0');
        r->f[r->n_f++] = (struct feature){name_index(m, key.data), value};
    }
    for (size_t i = 0; i < n; i++) {
        key.len = 0;
        model_gram_name(&g[i], x.t, &key);
        buf_putc(&key, '\0');
        uint32_t k = name_index(m, key.data);
        if (!r->copy && m->last[k] != stamp) {
            m->last[k] = stamp;
            m->rows[k]++;
        }
        r->f[r->n_f++] = (struct feature){k, (float)(g[i].kind == GRAM_LETTERS ? nl : nw)};
    }
    buf_fini(&key);
}

/* What too few reports hold is noise: out, before fitting. */
static void
drop_rare(struct train *t)
{
    for (size_t i = 0; i < t->n_rows; i++) {
        struct row *r = &t->rows[i];
        size_t n = 0;
        for (size_t k = 0; k < r->n_f; k++)
            if (t->names.name[r->f[k].index][0] == '@' ||
                t->names.rows[r->f[k].index] >= (uint32_t)t->h.least_rows)
                r->f[n++] = r->f[k];
        r->n_f = n;
    }
}

/* ---- fitting */

struct fit {
    float *w, *g2; /* [feature][output] */
};

/* A step of the outputs first … last as one choice of which `want` is right. */
static void
softmax(const double *z, int first, int last, int want, double *d)
{
    double top = z[first], sum = 0;

    for (int k = first; k <= last; k++)
        top = z[k] > top ? z[k] : top;
    for (int k = first; k <= last; k++)
        sum += d[k] = exp(z[k] - top);
    for (int k = first; k <= last; k++)
        d[k] = d[k] / sum - (k == want);
}

static void
logistic(const double *z, int k, bool want, double *d)
{
    d[k] = 1 / (1 + exp(-z[k])) - want;
}

static void
gradient(const struct row *r, const double *z, double *d)
{
    memset(d, 0, MODEL_OUT * sizeof *d);
    if (r->alertworthy >= 0)
        logistic(z, MO_ALERTWORTHY, r->alertworthy, d);
    if (r->event >= 0)
        softmax(z, MO_EVENT + EV_NONE, MO_EVENT + EVENT_COUNT - 1, MO_EVENT + r->event, d);
    for (int k = TG_CONVOY; r->has_targets && k <= TG_ARMED; k++)
        logistic(z, MO_TARGET + k, r->targets >> k & 1, d);
    if (r->mode >= 0)
        softmax(z, MO_MODE + MODE_FACT, MO_MODE + MODE_COUNT - 1, MO_MODE + r->mode, d);
}

/* Outputs that are right already are left alone: most are, after the first passes. */
#define ENOUGH 0.004

static void
one_step(const struct train *t, struct fit *fit, const struct row *r, double rate)
{
    float z[MODEL_OUT] = {0};
    double d[MODEL_OUT], wide[MODEL_OUT];
    int todo[MODEL_OUT] = {0}, n = 0;

    for (size_t i = 0; i < r->n_f; i++) {
        const float *w = &fit->w[(size_t)r->f[i].index * MODEL_OUT];
        for (int k = 0; k < MODEL_OUT; k++)
            z[k] += w[k] * r->f[i].value;
    }
    for (int k = 0; k < MODEL_OUT; k++)
        wide[k] = (double)z[k];
    gradient(r, wide, d);
    for (int k = 0; k < MODEL_OUT; k++)
        if (fabs(d[k]) > ENOUGH)
            todo[n++] = k;
    for (size_t i = 0; i < r->n_f && n; i++) {
        float *w = &fit->w[(size_t)r->f[i].index * MODEL_OUT];
        float *g2 = &fit->g2[(size_t)r->f[i].index * MODEL_OUT];
        bool fact = t->names.name[r->f[i].index][0] == '@';
        float l2 = r->f[i].index == MF_BIAS ? 0 : (float)(fact ? t->h.l2_fact : t->h.l2_gram);
        for (int j = 0; j < n; j++) {
            int k = todo[j];
            float g = (float)(r->weight * d[k]) * r->f[i].value + l2 * w[k];
            g2[k] += g * g;
            w[k] -= (float)rate * g / (1e-3f + sqrtf(g2[k]));
        }
    }
}

/* Trains on all rows but those of fold `without` of the group that is cross-validated; folds 0:
 * on all. */
static void
fit_model(const struct train *t, struct fit *fit, uint32_t without, uint32_t folds)
{
    size_t *order = must(calloc(t->n_rows, sizeof *order)), n = 0;
    uint64_t seed = UINT64_C(20230422);

    for (size_t i = 0; i < t->n_rows; i++)
        if (!folds || t->rows[i].file != t->cross || t->rows[i].line % folds != without)
            order[n++] = i;
    memset(fit->w, 0, t->names.n * MODEL_OUT * sizeof *fit->w);
    memset(fit->g2, 0, t->names.n * MODEL_OUT * sizeof *fit->g2);
    for (int pass = 0; pass < t->h.passes; pass++) {
        double rate = t->h.rate * (1 - 0.9 * pass / t->h.passes);
        for (size_t i = n; i > 1; i--) {
            size_t j = next(&seed) % i, swap = order[i - 1];
            order[i - 1] = order[j];
            order[j] = swap;
        }
        for (size_t i = 0; i < n; i++)
            one_step(t, fit, &t->rows[order[i]], rate);
    }
    free(order);
}

/* ---- writing */

static int
by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Facts that groups have of their own, and n-grams of too few reports, are not written. */
static bool
is_written(const struct train *t, size_t feature)
{
    const char *name = t->names.name[feature];

    if (strncmp(name, "@@", 2) == 0)
        return false;
    return feature < MODEL_FACTS ||
           (strlen(name) <= MAX_GRAM_NAME && t->names.rows[feature] >= (uint32_t)t->h.least_rows);
}

/* One line of the model into b; false where no weight is worth it. */
static bool
write_line(const struct train *t, const struct fit *fit, size_t feature, struct buf *b)
{
    bool any = false, fact = feature < MODEL_FACTS;
    double scale = fact ? t->h.fact_scale : 1;

    buf_printf(b, "%s\t", t->names.name[feature]);
    for (size_t k = 0; k < MODEL_OUT; k++) {
        double w = (double)fit->w[feature * MODEL_OUT + k] * scale;
        long v = lround(w * MODEL_UNIT);
        if (v == 0 || (!fact && fabs(w) < t->h.kept))
            continue;
        v = v < -MAX_WEIGHT ? -MAX_WEIGHT : v > MAX_WEIGHT ? MAX_WEIGHT : v;
        buf_printf(b, "%s%zu:%ld", any ? " " : "", k, v);
        any = true;
    }
    buf_puts(b, "\n");
    buf_putc(b, '\0');
    return any;
}

/* The model's lines, sorted, so that a difference between two models can be read. */
static void
write_model(const struct train *t, const struct fit *fit, struct buf *out)
{
    char **line = must(calloc(t->names.n, sizeof *line));
    struct buf b;
    size_t n = 0;

    buf_init(&b, 0);
    for (size_t i = 0; i < t->names.n; i++) {
        b.len = 0;
        if (is_written(t, i) && write_line(t, fit, i, &b))
            line[n++] = must(strdup(b.data));
    }
    buf_fini(&b);
    qsort(line, n, sizeof *line, by_name);
    for (size_t i = 0; i < n; i++) {
        buf_puts(out, line[i]);
        free(line[i]);
    }
    free(line);
}

/* Understands the reports of a fold with the weights of the others; a finding a line. */
static void
write_findings(struct train *t, const struct model *m, uint32_t fold, uint32_t folds, FILE *to)
{
    for (size_t i = 0; i < t->n_rows; i++) {
        const struct row *r = &t->rows[i];
        struct incident in;
        struct finding found;
        struct buf line;

        if (r->file != t->cross || r->copy || r->line % folds != fold)
            continue;
        arena_reset(t->arena);
        incident_of(r, &in);
        if (understand(t->k->lexicon, m, &in, 0, t->arena, &found))
            die(EX_OSERR, r->id, "does not fit into memory");
        buf_init(&line, 0);
        finding_to_json(&found, r->id, &line);
        (void)fprintf(to, "%s\n", line.data);
        buf_fini(&line);
    }
}

static void
cross_validate(struct train *t, struct fit *fit, uint32_t folds, const char *path)
{
    FILE *f = fopen(path, "we");

    if (!f)
        die(EX_CANTCREAT, path, strerror(errno));
    for (uint32_t fold = 0; fold < folds; fold++) {
        struct buf text;
        struct model *m;
        struct err e = {.text = ""};

        fit_model(t, fit, fold, folds);
        buf_init(&text, 0);
        write_model(t, fit, &text);
        if (model_parse(text.data, text.len, "fold", &m, &e))
            die(EX_SOFTWARE, "fold", e.text);
        write_findings(t, m, fold, folds, f);
        model_free(m);
        buf_fini(&text);
        if (isatty(2))
            (void)fprintf(stderr, "\rfold %u of %u", fold + 1, folds);
    }
    if (isatty(2))
        (void)fputc('\n', stderr);
    if (fclose(f))
        die(EX_IOERR, path, strerror(errno));
}

/* The card, as comments. */
static void
write_head(const char *path, FILE *to)
{
    FILE *f = fopen(path, "re");
    char line[512];

    if (!f)
        die(EX_NOINPUT, path, strerror(errno));
    while (fgets(line, sizeof line, f))
        (void)fprintf(to, "# %s", line);
    (void)fclose(f); /* read only */
}

static const struct option options[] = {{"config", required_argument, NULL, 'c'},
                                        {"findings", required_argument, NULL, 'f'},
                                        {"folds", required_argument, NULL, 'n'},
                                        {"cross", required_argument, NULL, 'x'},
                                        {"output", required_argument, NULL, 'o'},
                                        {"head", required_argument, NULL, 'h'},
                                        {"passes", required_argument, NULL, 'p'},
                                        {"rate", required_argument, NULL, 'r'},
                                        {"l2-fact", required_argument, NULL, '1'},
                                        {"l2-gram", required_argument, NULL, '2'},
                                        {"fact-scale", required_argument, NULL, 's'},
                                        {"least", required_argument, NULL, 'l'},
                                        {"kept", required_argument, NULL, 'k'},
                                        {"copies", required_argument, NULL, 'C'},
                                        {NULL, 0, NULL, 0}};

/* What the command line asks for, besides struct hyper. */
struct job {
    const char *config, *output, *findings, *head;
    uint32_t folds;
};

/* false: the option is not one of the figures of the training. */
static bool
hyper_option(struct hyper *h, int option, const char *value)
{
    double v = strtod(value, NULL);

    switch (option) {
    case 'p':
        h->passes = (int)v;
        return true;
    case 'r':
        h->rate = v;
        return true;
    case '1':
        h->l2_fact = v;
        return true;
    case '2':
        h->l2_gram = v;
        return true;
    case 's':
        h->fact_scale = v;
        return true;
    case 'l':
        h->least_rows = (int)v;
        return true;
    case 'k':
        h->kept = v;
        return true;
    case 'C':
        h->copies = v;
        return true;
    default:
        return false;
    }
}

static void
read_options(int argc, char **argv, struct job *job, struct train *t)
{
    int o;

    while ((o = getopt_long(argc, argv, "o:", options, NULL)) != -1)
        switch (o) {
        case 'c':
            job->config = optarg;
            break;
        case 'f':
            job->findings = optarg;
            break;
        case 'n':
            job->folds = (uint32_t)strtoul(optarg, NULL, 10);
            break;
        case 'x':
            t->cross = (uint32_t)strtoul(optarg, NULL, 10);
            break;
        case 'o':
            job->output = optarg;
            break;
        case 'h':
            job->head = optarg;
            break;
        case '?': /* getopt has said what */
            exit(EX_USAGE);
        default:
            if (!hyper_option(&t->h, o, optarg))
                exit(EX_USAGE);
        }
}

/* Files with + belong to the group of the one before. */
static void
read_files(struct train *t, char **arg, size_t n)
{
    uint32_t group = 0;

    for (size_t i = 0; i < n; i++) {
        bool more = arg[i][0] == '+';
        group += i > 0 && !more;
        read_file(t, arg[i] + more, group);
    }
}

/* The weights from all reports, behind the card. */
static void
save_model(const struct train *t, struct fit *fit, const struct job *job)
{
    struct buf text;
    FILE *f = fopen(job->output, "we");

    if (!f)
        die(EX_CANTCREAT, job->output, strerror(errno));
    fit_model(t, fit, 0, 0);
    buf_init(&text, 0);
    write_model(t, fit, &text);
    if (job->head)
        write_head(job->head, f);
    if (fwrite(text.data, 1, text.len, f) != text.len || fclose(f))
        die(EX_IOERR, job->output, strerror(errno));
    buf_fini(&text);
}

int
main(int argc, char **argv)
{
    static struct train t = {.h = {.passes = 12,
                                   .rate = 0.1,
                                   .l2_fact = 1e-3,
                                   .l2_gram = 1e-3,
                                   .fact_scale = 0.5,
                                   .kept = 0.3,
                                   .copies = 0.2,
                                   .least_rows = 8}};
    struct job job = {.folds = 10};
    struct config *c = NULL;
    struct err e = {.text = ""};
    struct fit fit;

    read_options(argc, argv, &job, &t);
    if (config_load(job.config, NULL, &c, &e) || knowledge_load(c, &t.k, &e))
        die(EX_CONFIG, "configuration", e.text);
    t.rows = must(calloc(MAX_ROWS, sizeof *t.rows));
    t.arena = must(arena_new(0));
    names_init(&t.names);
    read_files(&t, argv + optind, (size_t)(argc - optind));
    add_copies(&t);
    for (size_t i = 0; i < t.n_rows; i++)
        features(&t, &t.rows[i], (uint32_t)i + 1);
    drop_rare(&t);
    fit.w = must(calloc(t.names.n * MODEL_OUT, sizeof *fit.w));
    fit.g2 = must(calloc(t.names.n * MODEL_OUT, sizeof *fit.g2));
    if (job.findings)
        cross_validate(&t, &fit, job.folds, job.findings);
    if (job.output)
        save_model(&t, &fit, &job);
    free(fit.w);
    free(fit.g2);
    return 0;
}
