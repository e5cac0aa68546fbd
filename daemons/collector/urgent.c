/* urgent: see urgent.h.
 *
 * Text and words are folded alike: compatibility decomposition, no accents, lower case, anything
 * but letters and digits a single space, a space at both ends. So a whole word is a substring with
 * its spaces, and the start of one is a substring with the space in front. */
#include "urgent.h"

#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "buf.h"

#define CHARACTER 16 /* code points that one decomposes into, at most; more are dropped */

static const bool events[EVENT_COUNT] = {
    [EV_ARMED_ATTACK] = true,   [EV_AMBUSH] = true,        [EV_IED_MINE] = true,
    [EV_SUICIDE_ATTACK] = true, [EV_INDIRECT_FIRE] = true, [EV_AIR_STRIKE] = true,
    [EV_KIDNAPPING] = true,     [EV_ARMED_CLASH] = true,   [EV_HOSTILE_CROWD] = true,
    [EV_ASSAULT] = true,        [EV_THREAT] = true,
};

static const char *const built_in[] = {
    "attack*",    "assault*",      "assaut*",      "attaqu*",        "ambush*",
    "embuscade*", "raid*",         "gunfire",      "gunshot*",       "shooting",
    "shots",      "under fire",    "coups de feu", "tirs",           "fusillade",
    "mitraill*",  "clash*",        "accrochage*",  "affrontement*",  "combats",
    "fighting",   "explos*",       "explod*",      "bomb*",          "blast*",
    "detonat*",   "deton*",        "ied",          "ieds",           "eei",
    "vbied",      "svbied",        "mine",         "mines",          "landmine*",
    "grenade*",   "shell*",        "mortar*",      "mortier*",       "rocket*",
    "roquette*",  "obus",          "airstrike*",   "air strike*",    "frappe*",
    "drone*",     "indirect fire", "tir indirect", "tirs indirects", "suicide",
    "kamikaze*",  "kidnap*",       "abduct*",      "enlev*",         "otage*",
    "hostage*",   "ravi",          "ravis",        "rapt",           "killed",
    "dead",       "deaths",        "wounded",      "injured",        "casualt*",
    "victim*",    "tue",           "tues",         "tuee",           "tuees",
    "morts",      "mort",          "bless*",       "massacr*",       "execut*",
    "burn*",      "incendi*",      "viol",         "viols",          "rape*",
    "raped",      "help",          "sos",          "mayday",         "au secours",
    "medevac",    "casevac",       "evasan",       "no duff",        "urgent*",
    "evacuat*",   "evacu*",        "surround*",    "encercl*",       "besieg*",
    "assieg*",    "threat*",       "menac*",
};

struct urgent {
    size_t n;
    char **words; /* folded */
};

static void
put_folded(utf8proc_int32_t cp, struct buf *out)
{
    utf8proc_int32_t parts[CHARACTER];
    utf8proc_uint8_t bytes[4];
    int boundary = 0;
    utf8proc_ssize_t n = utf8proc_decompose_char(
        cp, parts, CHARACTER, UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD, &boundary);

    for (utf8proc_ssize_t i = 0; i < n && i < CHARACTER; i++) {
        utf8proc_category_t c = utf8proc_category(parts[i]);
        if (c == UTF8PROC_CATEGORY_MN || c == UTF8PROC_CATEGORY_MC || c == UTF8PROC_CATEGORY_ME)
            continue;
        bool word = (c >= UTF8PROC_CATEGORY_LU && c <= UTF8PROC_CATEGORY_LO) ||
                    (c >= UTF8PROC_CATEGORY_ND && c <= UTF8PROC_CATEGORY_NO);
        if (word)
            buf_put(out, bytes, (size_t)utf8proc_encode_char(parts[i], bytes));
        else if (out->len > 0 && out->data[out->len - 1] != ' ')
            buf_putc(out, ' ');
    }
}

static void
fold(const char *s, size_t len, struct buf *out)
{
    buf_reset(out);
    buf_putc(out, ' ');
    for (size_t at = 0; at < len && !out->failed;) {
        utf8proc_int32_t cp = -1;
        utf8proc_ssize_t n =
            utf8proc_iterate((const utf8proc_uint8_t *)s + at, (utf8proc_ssize_t)(len - at), &cp);
        if (n <= 0)
            break; /* wire lets nothing through that is not UTF-8 */
        put_folded(cp, out);
        at += (size_t)n;
    }
    if (out->len > 0 && out->data[out->len - 1] != ' ')
        buf_putc(out, ' ');
}

static int
add_word(struct urgent *u, const char *word, struct buf *scratch, struct err *e)
{
    size_t len = strlen(word);
    bool prefix = len > 0 && word[len - 1] == '*';

    fold(word, prefix ? len - 1 : len, scratch);
    if (scratch->failed)
        return err_set(e, "out of memory");
    if (scratch->len < 2)
        return err_set(e, "collector.upstream.urgent: '%.64s' has neither letter nor digit", word);
    if (prefix)
        scratch->data[scratch->len - 1] = '\0';
    if ((u->words[u->n] = strdup(scratch->data)) == NULL)
        return err_set(e, "out of memory");
    u->n++;
    return 0;
}

int
urgent_new(const struct conf_strings *words, struct urgent **out, struct err *e)
{
    struct urgent *u = calloc(1, sizeof *u);
    struct buf scratch;
    size_t n = words->n > 0 ? words->n : sizeof built_in / sizeof built_in[0];
    int rc = 0;

    buf_init(&scratch, 0);
    if (u == NULL || (u->words = calloc(n, sizeof *u->words)) == NULL)
        rc = err_set(e, "out of memory");
    for (size_t i = 0; rc == 0 && i < n; i++)
        rc = add_word(u, words->n > 0 ? words->v[i] : built_in[i], &scratch, e);
    buf_fini(&scratch);
    if (rc < 0) {
        urgent_free(u);
        return -1;
    }
    *out = u;
    return 0;
}

void
urgent_free(struct urgent *u)
{
    if (u == NULL)
        return;
    for (size_t i = 0; i < u->n; i++)
        free(u->words[i]);
    free(u->words);
    free(u);
}

static bool
says(const struct urgent *u, const char *text)
{
    struct buf folded;
    bool found = false;

    buf_init(&folded, 0);
    fold(text, strlen(text), &folded);
    for (size_t i = 0; !folded.failed && !found && i < u->n; i++)
        found = strstr(folded.data, u->words[i]) != NULL;
    found = found || folded.failed; /* out of memory: rather early than late */
    buf_fini(&folded);
    return found;
}

static bool
incident_is(const struct urgent *u, const struct incident *in)
{
    if (in->status == ST_EXERCISE || in->status == ST_TEST)
        return false;
    if (events[in->event] || in->killed > 0 || in->wounded > 0 || in->taken > 0)
        return true;
    for (size_t i = 0; i < in->n_attributes; i++)
        if (strcmp(in->attributes[i].name, "cap_severity") == 0 &&
            (strcmp(in->attributes[i].value, "Extreme") == 0 ||
             strcmp(in->attributes[i].value, "Severe") == 0))
            return true;
    return in->text != NULL && says(u, in->text);
}

bool
urgent_is(const struct urgent *u, const struct record *r)
{
    if (r->type == REC_ACT)
        return r->u.act.kind == ACT_RAISE;
    return r->type == REC_INCIDENT && incident_is(u, &r->u.incident);
}
