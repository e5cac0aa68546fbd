/* place_mention: the names of places in a text, and how each is spoken of.
 *
 * The longest run of tokens that is a name wins. A gazetteer of every hamlet holds most short
 * words of two languages, so a name needs a reason to be believed: a capital in a text that has
 * small letters, a word such as "near" or "village" beside it, its size, or a place in the short
 * list. A community's suffix (-Peulh, -Dogon) that is not part of the match refutes it: the
 * Dogon quarter of a village is another village. */
#include "place_mention.h"

#include <string.h>

#include "place_words.h"

#define MAX_NAME_TOKENS  8
#define KNOWN_POPULATION 5000

static bool
upper_at(const char *s)
{
    unsigned char c = (unsigned char)s[0];

    /* U+00C0..U+00DE, the capitals of Latin-1 */
    return (c >= 'A' && c <= 'Z') || (c == 0xC3 && (unsigned char)s[1] <= 0x9E);
}

/* A text wholly in capitals or in small letters (but for its first) says nothing by them. */
static void
look_at_case(const char *s, struct passage *out)
{
    size_t upper = 0, lower = 0;

    for (const char *p = s; *p != '\0'; p++) {
        if (*p >= 'a' && *p <= 'z')
            lower++;
        else
            upper += p > s && upper_at(p);
    }
    out->small = lower > 0;
    out->mixed = lower > 0 && upper > 0 && lower >= upper / 2;
}

int
passage_cut(const char *text, bool field, struct arena *a, struct passage *out)
{
    memset(out, 0, sizeof *out);
    out->text = text;
    out->field = field;
    if (text == NULL)
        return 0;
    look_at_case(text, out);
    out->t = text_tokens(text, strlen(text), a, &out->n);
    if (out->t == NULL)
        return -1;
    out->words = arena_zalloc(a, out->n * sizeof *out->words);
    return out->words == NULL ? -1 : 0;
}

#define LOOKED_UP (1u << 31)

uint32_t
passage_word(const struct passage *p, size_t i)
{
    if (p->words[i] == 0)
        p->words[i] = place_word(p->t[i].s) | LOOKED_UP;
    return p->words[i] & ~LOOKED_UP;
}

/* ---- what stands round a name */

/* The words before token i: fillers are passed over and noted, the first other word decides. */
static uint32_t
before(const struct passage *p, size_t i, size_t *at)
{
    uint32_t seen = 0;

    *at = i;
    for (size_t steps = 0; i > 0 && steps < 6; steps++) {
        uint32_t w;
        if (p->t[i].gap == GAP_SENTENCE || p->t[i].gap == GAP_COMMA)
            break;
        i--;
        w = passage_word(p, i);
        if ((w & PW_FILLER) == 0 && (w & (PW_REGION | PW_DISTRICT)) == 0 &&
            place_compass(p->t[i].s) < 0) {
            *at = i;
            return seen | w;
        }
        seen |= w & (PW_SETTLEMENT | PW_REGION | PW_DISTRICT | PW_OF | PW_LOCATIVE);
    }
    return seen;
}

static bool
within_before(const struct passage *p, size_t i, size_t reach, uint32_t what)
{
    for (; i > 0 && reach > 0; reach--) {
        if (p->t[i].gap == GAP_SENTENCE)
            return false;
        i--;
        if (passage_word(p, i) & what)
            return true;
    }
    return false;
}

static uint32_t
after(const struct passage *p, size_t last)
{
    uint32_t w;

    if (last + 1 >= p->n || p->t[last + 1].gap != GAP_SPACE)
        return 0;
    w = passage_word(p, last + 1);
    return w & (PW_SETTLEMENT | PW_REGION | PW_DISTRICT | PW_ROAD);
}

static void
describe(const struct passage *p, struct mention *m)
{
    size_t at;
    uint32_t w = before(p, m->first, &at);

    m->around = w | after(p, m->last);
    m->role = MENTION_AT;
    if (w & PW_FROM)
        m->role = MENTION_FROM;
    else if (w & PW_TO)
        m->role = MENTION_TO;
    else if ((w & PW_TOWARDS) && within_before(p, at, 6, PW_MOVE | PW_FLEE))
        m->role = MENTION_TO;
    else if ((w & (PW_LOCATIVE | PW_A)) && within_before(p, at, 3, PW_ARRIVE))
        m->role = MENTION_TO;
    if ((w & PW_TOWARDS) && m->role == MENTION_AT)
        m->around |= PW_LOCATIVE;
    if ((w & PW_A) && (p->mixed || m->cand[0]->curated))
        m->around |= PW_LOCATIVE;
    m->aftermath = within_before(p, m->first, 8, PW_AFTERMATH);
}

/* ---- believing a name */

/* Of the short list, of some size, or the seat of something: no hamlet. */
static bool
known(const struct gaz_place *p)
{
    return p->curated || p->population >= KNOWN_POPULATION || p->radius_m > 1000;
}

static bool
country(const struct gaz_place *p)
{
    return p->kind == GAZ_REGION && p->radius_m >= 500000;
}

static bool
believed(const struct passage *p, const struct mention *m, bool capital, bool follows, size_t words)
{
    const struct gaz_place *best = m->cand[0];
    bool single = m->first == m->last;
    uint32_t w = m->around;
    bool strong = (w & (PW_LOCATIVE | PW_BETWEEN | PW_FROM | PW_TO | PW_TOWARDS)) != 0 ||
                  (w & (PW_SETTLEMENT | PW_REGION | PW_DISTRICT)) != 0;

    if (p->field)
        return !single || !(passage_word(p, m->first) & PW_STOP) || p->n == 1;
    if (single && (passage_word(p, m->first) & PW_STOP))
        return best->curated && capital && strong &&
               (best->kind == GAZ_POPULATED || (w & (PW_REGION | PW_DISTRICT)));
    if (known(best))
        return capital || strong || (!p->mixed && (p->t[m->first].len > 3 || follows));
    if (single && p->t[m->first].len <= 3)
        return capital && (w & PW_SETTLEMENT);
    if (words > 1)
        return capital || strong;
    return (capital || !p->mixed) && (strong || follows || (capital && (w & PW_OF)));
}

/* ---- finding */

/* True when an apostrophe joins token i to the one before it; a possessive ('s) does not. */
static bool
joined(const struct passage *p, size_t i)
{
    return i < p->n && p->t[i].gap == GAP_APOSTROPHE && strcmp(p->t[i].s, "s") != 0;
}

/* The first word of a key that begins at token i: tokens that apostrophes join are one word. */
static size_t
first_word(const struct passage *p, size_t i, char *word, size_t size)
{
    size_t n = 0;

    do {
        if (n + p->t[i].len >= size)
            return 0;
        memcpy(word + n, p->t[i].s, p->t[i].len);
        n += p->t[i].len;
        i++;
    } while (joined(p, i));
    return n;
}

/* True when a community's suffix follows that the name does not hold. */
static bool
other_community(const struct passage *p, size_t last)
{
    const struct token *t;

    if (last + 1 >= p->n)
        return false;
    t = &p->t[last + 1];
    if (t->gap == GAP_HYPHEN)
        return (place_word(t->s) & PW_COMMUNITY) != 0;
    return t->gap == GAP_SPACE && (strncmp(t->s, "peul", 4) == 0 || strncmp(t->s, "peuh", 4) == 0 ||
                                   strncmp(t->s, "habb", 4) == 0 || strcmp(t->s, "habe") == 0);
}

/* True when the match is the first part of a hyphenated name that is not in the gazetteer: a known
 * name after the hyphen ("Gao-Bourem") makes a road, another capital a place of its own. */
static bool
part_of_other(const struct gazetteer *g, const struct passage *p, size_t last)
{
    char word[GAZ_KEY_MAX];
    size_t n;

    if (last + 1 >= p->n || p->t[last + 1].gap != GAP_HYPHEN ||
        (p->mixed && !upper_at(p->text + p->t[last + 1].start)))
        return false;
    n = first_word(p, last + 1, word, sizeof word);
    return n == 0 || gazetteer_words(g, word, n) == 0;
}

/* The longest name at token i; fills first, last, cand, n. Returns its words, 0 = none. */
static size_t
longest(const struct gazetteer *g, const struct passage *p, size_t i, size_t max_words,
        struct mention *m)
{
    char raw[GAZ_KEY_MAX];
    size_t len[MAX_NAME_TOKENS], words_at[MAX_NAME_TOKENS], k = 0, n = 0, words = 1;

    for (size_t j = i; j < p->n && k < MAX_NAME_TOKENS; j++) {
        uint16_t gap = p->t[j].gap;
        if (j > i) {
            if (gap != GAP_SPACE && gap != GAP_HYPHEN && !joined(p, j))
                break;
            words += gap != GAP_APOSTROPHE;
        }
        if (words > max_words || n + p->t[j].len + 2 > sizeof raw)
            break;
        if (j > i)
            raw[n++] = gap == GAP_APOSTROPHE ? '\'' : ' ';
        memcpy(raw + n, p->t[j].s, p->t[j].len);
        n += p->t[j].len;
        len[k] = n;
        words_at[k++] = words;
    }
    while (k-- > 0) {
        size_t found;
        if (joined(p, i + k + 1))
            continue;
        found = gazetteer_lookup(g, raw, len[k], m->cand, MAX_CANDIDATES);
        if (found == 0)
            continue;
        if (other_community(p, i + k) || part_of_other(g, p, i + k) ||
            p->t[i].s[strspn(p->t[i].s, "0123456789")] == '\0')
            return 0;
        m->first = i;
        m->last = i + k;
        m->n = found < MAX_CANDIDATES ? found : MAX_CANDIDATES;
        return words_at[k];
    }
    return 0;
}

/* A place of the short list, or a region, is meant rather than a hamlet of its name, unless the
 * text says that it is a village. Then only candidates of the first one's kind are left: that a
 * town and its region have one name is no ambiguity. */
static void
prefer_known(struct mention *m)
{
    size_t first = 0, n = 0;

    if (!known(m->cand[0]) && !(m->around & PW_SETTLEMENT)) {
        for (size_t i = 1; i < m->n && first == 0; i++)
            if (m->cand[i]->curated)
                first = i;
        for (size_t i = 1; i < m->n && first == 0; i++)
            if (m->cand[i]->radius_m >= 50000)
                first = i;
    }
    if (m->around & (PW_REGION | PW_DISTRICT))
        return;
    for (size_t i = first; i < m->n; i++)
        if (m->cand[i]->kind == m->cand[first]->kind)
            m->cand[n++] = m->cand[i];
    m->n = n;
}

/* Countries go, and where "region" or "cercle" stands beside the name, all that is none. */
static void
narrow(struct mention *m)
{
    uint32_t w = m->around;
    size_t n = 0;
    bool areas = false;

    for (size_t i = 0; i < m->n; i++) {
        if (country(m->cand[i]))
            continue;
        areas = areas || m->cand[i]->kind == GAZ_REGION || m->cand[i]->kind == GAZ_DISTRICT;
        m->cand[n++] = m->cand[i];
    }
    m->n = n;
    if (n > 0)
        prefer_known(m);
    if (!areas || !(w & (PW_REGION | PW_DISTRICT)))
        return;
    for (int pass = 0; pass < 2; pass++) {
        /* first the level that the word says, then any area */
        enum gaz_kind want = (w & PW_REGION) ? GAZ_REGION : GAZ_DISTRICT;
        n = 0;
        for (size_t i = 0; i < m->n; i++) {
            enum gaz_kind k = m->cand[i]->kind;
            if (k == want || (pass > 0 && (k == GAZ_REGION || k == GAZ_DISTRICT)))
                m->cand[n++] = m->cand[i];
        }
        if (n > 0) {
            m->n = n;
            return;
        }
    }
}

size_t
mentions_find(const struct gazetteer *g, const struct passage *p, struct mention *out)
{
    size_t found = 0;
    int sentence = 0;

    for (size_t i = 0; i < p->n && found < MAX_MENTIONS; i++) {
        struct mention *m = &out[found];
        char word[GAZ_KEY_MAX];
        size_t len, max_words, words;
        bool capital, follows;

        sentence += i > 0 && p->t[i].gap == GAP_SENTENCE;
        if (joined(p, i) && i > 0 && p->t[i - 1].len > 1)
            continue;
        if (i > 0 && p->t[i].gap == GAP_HYPHEN && (found == 0 || out[found - 1].last + 1 != i) &&
            (!p->mixed || upper_at(p->text + p->t[i - 1].start)))
            continue; /* the latter part of another name */
        len = first_word(p, i, word, sizeof word);
        max_words = len == 0 ? 0 : gazetteer_words(g, word, len);
        if (max_words == 0)
            continue;
        capital = p->small && upper_at(p->text + p->t[i].start);
        if (p->mixed && !capital && !p->field &&
            (i == 0 || !(passage_word(p, i - 1) & (PW_LOCATIVE | PW_A | PW_SETTLEMENT))))
            continue;
        words = longest(g, p, i, max_words, m);
        if (words == 0)
            continue;
        m->pick = 0;
        m->ambiguous = false;
        m->sentence = sentence;
        describe(p, m);
        narrow(m);
        follows =
            found > 0 && ((out[found - 1].last + 1 == i &&
                           (p->t[i].gap == GAP_HYPHEN || p->t[i].gap == GAP_COMMA)) ||
                          (out[found - 1].last + 2 == i && (passage_word(p, i - 1) & PW_AND)));
        if (m->n == 0 || !believed(p, m, capital, follows, words))
            continue;
        i = m->last;
        found++;
    }
    return found;
}
