/* config_doors: checks of what the collector's doors are told. See config_check.h. */
#include "config_check.h"

#include <stdlib.h>
#include <string.h>

#include "config_paths.h"

int
config_no_memory(const struct config_check *k)
{
    return err_set(k->e, "out of memory");
}

int
config_line_of(const struct config_check *k, const char *section, const char *key, size_t index)
{
    return config_line(k->root, section, key, (int)index);
}

static int
line_of_key(const struct config_check *k, const char *key)
{
    return config_line(k->root, "collector", key, -1);
}

static bool
is_one_of(const char *word, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strcmp(word, *words) == 0)
            return true;
    return false;
}

static int
by_text(const void *pa, const void *pb)
{
    const struct config_word *a = pa, *b = pb;
    int c = strcmp(a->text, b->text);

    return c != 0 ? c : (a->index > b->index) - (a->index < b->index);
}

int
config_unique(const struct config_check *k, struct config_word *v, size_t n, const char *section,
              const char *key, const char *what, bool secret)
{
    qsort(v, n, sizeof(v[0]), by_text);
    for (size_t i = 1; i < n; i++)
        if (strcmp(v[i - 1].text, v[i].text) == 0)
            return err_at(k->e, k->c->path, config_line_of(k, section, key, v[i].index),
                          "%s.%s: %s%s%.60s%s is the same as that of element %zu; each needs its "
                          "own",
                          section, key, what, secret ? "" : " \"", secret ? "" : v[i].text,
                          secret ? "" : "\"", v[i - 1].index + 1);
    return 0;
}

/* ---- sources */

static const char *const may_words[] = {"incidents", "positions", "assets", NULL};

static int
check_gateway(const struct config_check *k, const struct source_conf *s, int line)
{
    const char *file = k->c->path;

    if (s->gateway == GATEWAY_NONE && (s->secret != NULL || s->url != NULL))
        return err_at(k->e, file, line,
                      "collector.sources: \"%.60s\" has a %s and no gateway; say which one it is",
                      s->name, s->secret != NULL ? "secret" : "url");
    if (s->gateway != GATEWAY_NONE && s->secret == NULL)
        return err_at(k->e, file, line,
                      "collector.sources: \"%.60s\" is a gateway and has no secret", s->name);
    if (s->gateway == GATEWAY_TWILIO && (s->url == NULL || (strncmp(s->url, "https://", 8) != 0 &&
                                                            strncmp(s->url, "http://", 7) != 0)))
        return err_at(k->e, file, line,
                      "collector.sources: url of \"%.60s\" is the whole URL that Twilio calls, "
                      "which it signs: https://…",
                      s->name);
    return 0;
}

static int
check_source(const struct config_check *k, struct source_conf *s, int line)
{
    struct err why = {{0}, {0}, 0};
    const char *file = k->c->path;

    for (const char *p = s->name; *p != '\0'; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7F)
            return err_at(k->e, file, line,
                          "collector.sources: a name has a control character; take it out");
    if (s->reliability != NULL && strchr("ABCDEF", s->reliability[0]) == NULL)
        return err_at(k->e, file, line,
                      "collector.sources: reliability of \"%.60s\" is \"%s\"; it is A to F",
                      s->name, s->reliability);
    if (s->token != NULL && s->token[strcspn(s->token, " \t\r\n")] != '\0')
        return err_at(k->e, file, line, "collector.sources: the token of \"%.60s\" has a space",
                      s->name);
    if (check_gateway(k, s, line) != 0)
        return -1;
    for (size_t i = 0; i < s->may.n; i++)
        if (!is_one_of(s->may.v[i], may_words))
            return err_at(k->e, file, line,
                          "collector.sources: may of \"%.60s\" has \"%.60s\"; its words are "
                          "incidents, positions, assets",
                          s->name, s->may.v[i]);
    if (s->csv != NULL && config_csv(k->c, s->csv) == NULL)
        return err_at(k->e, file, line,
                      "collector.sources: csv of \"%.60s\" is \"%.60s\", and no element of "
                      "collector.csv has that name",
                      s->name, s->csv);
    if (tz_load(TZ_DIR, s->time_zone, &s->zone, &why) != 0)
        return err_at(k->e, file, line, "collector.sources: \"%.60s\": %.200s", s->name, why.text);
    s->utc_offset_min = UTC_OFFSET_BY_ZONE;
    return 0;
}

/* Of two gateways with one secret nobody could say which one posts. */
static int
check_secrets(const struct config_check *k)
{
    const struct source_conf *s = k->c->collector.sources.v;

    for (size_t i = 0; i < k->c->collector.sources.n; i++)
        for (size_t j = 0; s[i].gateway != GATEWAY_NONE && j < i; j++)
            if (s[j].gateway == s[i].gateway && strcmp(s[j].secret, s[i].secret) == 0 &&
                (s[i].gateway != GATEWAY_TWILIO || strcmp(s[j].url, s[i].url) == 0))
                return err_at(k->e, k->c->path, config_line_of(k, "collector", "sources", i),
                              "collector.sources: the secret of \"%.60s\" is that of \"%.60s\", "
                              "the same kind of gateway; each needs its own",
                              s[i].name, s[j].name);
    return 0;
}

static int
check_sources(const struct config_check *k)
{
    struct conf_list *list = &k->c->collector.sources;
    struct source_conf *s = list->v;
    struct config_word *words = calloc(list->n + 1, sizeof(*words));
    size_t tokens = 0;
    int rc = 0;

    if (words == NULL)
        return config_no_memory(k);
    for (size_t i = 0; i < list->n && rc == 0; i++)
        rc = check_source(k, &s[i], config_line_of(k, "collector", "sources", i));
    for (size_t i = 0; i < list->n; i++)
        words[i] = (struct config_word){s[i].name, i};
    if (rc == 0)
        rc = config_unique(k, words, list->n, "collector", "sources", "name", false);
    for (size_t i = 0; i < list->n; i++)
        if (s[i].token != NULL)
            words[tokens++] = (struct config_word){s[i].token, i};
    if (rc == 0)
        rc = config_unique(k, words, tokens, "collector", "sources", "the token", true);
    if (rc == 0)
        rc = check_secrets(k);
    free(words);
    return rc;
}

/* The officer's own hand at the console, and `tocsin send` without --source. */
static int
add_local(const struct config_check *k)
{
    struct conf_list *list = &k->c->collector.sources;

    if (config_source(k->c, "local") != NULL)
        return 0;
    struct source_conf *v = realloc(list->v, (list->n + 1) * sizeof(*v));
    if (v == NULL)
        return config_no_memory(k);
    list->v = v;
    v[list->n] = (struct source_conf){
        .name = strdup("local"), .time_zone = strdup("UTC"), .class = SC_OWN, .utc_offset_min = 0};
    list->n++;
    return v[list->n - 1].name != NULL && v[list->n - 1].time_zone != NULL ? 0
                                                                           : config_no_memory(k);
}

/* ---- columns of CSV files */

static int
check_column(const struct config_check *k, const struct csv_conf *c, const char *column, int line)
{
    if (column == NULL || c->header ||
        (column[0] >= '1' && column[0] <= '9' && column[strspn(column, "0123456789")] == '\0'))
        return 0;
    return err_at(k->e, k->c->path, line,
                  "collector.csv: \"%.60s\" of \"%.60s\" is no number; without a header columns "
                  "are given by number, the first being 1",
                  column, c->name);
}

static int
check_columns(const struct config_check *k, const struct csv_conf *c, int line)
{
    const char *one[] = {c->id,     c->reported_at, c->occurred_at, c->lat,         c->lon,
                         c->mgrs,   c->place,       c->lang,        c->event,       c->status,
                         c->killed, c->wounded,     c->taken,       c->reliability, c->credibility};

    if (strcmp(c->delimiter, "\\t") != 0 &&
        (c->delimiter[1] != '\0' || strchr("\"\r\n", c->delimiter[0]) != NULL))
        return err_at(k->e, k->c->path, line,
                      "collector.csv: the delimiter of \"%.60s\" is one character that is no "
                      "quote, or \\t",
                      c->name);
    if (c->text.n == 0 && c->event == NULL)
        return err_at(
            k->e, k->c->path, line,
            "collector.csv: \"%.60s\" has neither text nor event, so its rows say nothing",
            c->name);
    for (size_t i = 0; i < sizeof one / sizeof one[0]; i++)
        if (check_column(k, c, one[i], line) != 0)
            return -1;
    for (size_t i = 0; i < c->text.n; i++)
        if (check_column(k, c, c->text.v[i], line) != 0)
            return -1;
    return 0;
}

static int
check_csv(const struct config_check *k)
{
    const struct conf_list *list = &k->c->collector.csv;
    const struct csv_conf *c = list->v;
    struct config_word *words = calloc(list->n + 1, sizeof(*words));
    int rc = 0;

    if (words == NULL)
        return config_no_memory(k);
    for (size_t i = 0; i < list->n; i++) {
        words[i] = (struct config_word){c[i].name, i};
        if (rc == 0)
            rc = check_columns(k, &c[i], config_line_of(k, "collector", "csv", i));
    }
    if (rc == 0)
        rc = config_unique(k, words, list->n, "collector", "csv", "name", false);
    free(words);
    return rc;
}

/* ---- TLS, TAK, upstream */

static int
check_tls(const struct config_check *k)
{
    const struct config *c = k->c;
    bool cert = c->collector.tls_cert != NULL, key = c->collector.tls_key != NULL;
    const char *needs = c->collector.listen_https != NULL     ? "listen_https"
                        : c->collector.listen_tak_tls != NULL ? "listen_tak_tls"
                                                              : NULL;

    if (cert != key)
        return err_at(k->e, c->path, line_of_key(k, cert ? "tls_cert" : "tls_key"),
                      "collector.%s: needs %s beside it", cert ? "tls_cert" : "tls_key",
                      cert ? "tls_key" : "tls_cert");
    if (needs != NULL && !cert)
        return err_at(k->e, c->path, line_of_key(k, needs),
                      "collector.%s: needs tls_cert and tls_key", needs);
    return 0;
}

static int
check_names(const struct config_check *k)
{
    const struct config *c = k->c;

    if (c->collector.tak_source != NULL && config_source(c, c->collector.tak_source) == NULL)
        return err_at(k->e, c->path, line_of_key(k, "tak_source"),
                      "collector.tak_source: no source is called \"%.60s\"; add it under "
                      "collector.sources",
                      c->collector.tak_source);
    if (c->collector.upstream.endpoint != NULL && c->collector.upstream.source == NULL)
        return err_at(k->e, c->path, line_of_key(k, "upstream"),
                      "collector.upstream: needs source, what this collector is called at the "
                      "headquarters");
    return 0;
}

int
config_check_doors(const struct config_check *k)
{
    return check_csv(k) == 0 && check_sources(k) == 0 && add_local(k) == 0 && check_tls(k) == 0
               ? check_names(k)
               : -1;
}
