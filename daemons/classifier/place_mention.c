/* place_mention: the names of places in a text, and how each is spoken of.
 *
 * The longest run of tokens that is a name wins. A gazetteer of every hamlet holds most short
 * words of two languages, so a name needs a reason to be believed: a capital in a text that has
 * small letters, a word such as "near" or "village" beside it, its size, or a place in the short
 * list. A community's suffix (-Peulh, -Dogon) that is not part of the match refutes it: the
 * Dogon quarter of a village is another village. */
#include "place_mention.h"

#include <string.h>

#include "place_country.h"
#include "place_words.h"

#define MAX_NAME_TOKENS  8
#define KNOWN_POPULATION 5000
#define NEAR_MIN         5 /* letters of a name that may be spelled otherwise */

static void
describe(const struct passage *p, struct mention *m)
{
    size_t at;
    uint32_t w = passage_before(p, m->first, &at);

    m->around = w | passage_after(p, m->last);
    m->role = MENTION_AT;
    if (w & PW_FROM)
        m->role = MENTION_FROM;
    else if ((w & PW_LOCATIVE) && passage_within(p, at, 2, PW_BASED))
        m->role = MENTION_FROM;
    else if (w & PW_TO)
        m->role = MENTION_TO;
    else if ((w & PW_TOWARDS) && passage_within(p, at, 6, PW_MOVE | PW_FLEE))
        m->role = MENTION_TO;
    else if ((w & (PW_LOCATIVE | PW_A)) && passage_within(p, at, 3, PW_ARRIVE))
        m->role = MENTION_TO;
    if ((w & PW_TOWARDS) && m->role == MENTION_AT)
        m->around |= PW_LOCATIVE;
    if ((w & PW_A) && (p->mixed || m->cand[0]->curated))
        m->around |= PW_LOCATIVE;
    m->aftermath = passage_aftermath(p, m->first);
}

/* ---- believing a name */

bool
mention_known(const struct gaz_place *p)
{
    return p->curated || p->population >= KNOWN_POPULATION || p->radius_m > 1000;
}

static bool
country(const struct gaz_place *p)
{
    return p->kind == GAZ_REGION && p->radius_m >= 500000;
}

static bool
is_strong(uint32_t around)
{
    return (around & (PW_LOCATIVE | PW_BETWEEN | PW_FROM | PW_TO | PW_TOWARDS | PW_SETTLEMENT |
                      PW_REGION | PW_DISTRICT)) != 0;
}

static bool
believed(const struct passage *p, const struct mention *m, bool capital, bool follows, size_t words)
{
    const struct gaz_place *best = m->cand[0];
    bool single = m->first == m->last;
    uint32_t w = m->around;
    bool strong = is_strong(w);

    if (single && (passage_word(p, m->first) & PW_COMMUNITY) &&
        !(w & (PW_SETTLEMENT | PW_REGION | PW_DISTRICT)) && !p->field)
        return false;
    if (single && !mention_known(best) && place_names_country(p->t[m->first].s))
        return false;
    if (best->kind == GAZ_REGION && m->first > 0 && place_compass(p->t[m->first].s) >= 0 &&
        (strcmp(p->t[m->first - 1].s, "far") == 0 || strcmp(p->t[m->first - 1].s, "extreme") == 0))
        return false; /* of Cameroon */
    if (p->field)
        return !single || !(passage_word(p, m->first) & PW_STOP) || p->n == 1;
    if (single && (passage_word(p, m->first) & PW_STOP))
        return best->curated && capital && strong &&
               (best->kind == GAZ_POPULATED || (w & (PW_REGION | PW_DISTRICT)));
    if (mention_known(best))
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
        (p->mixed && !passage_upper(p, last + 1)))
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

    if (!mention_known(m->cand[0]) && !(m->around & PW_SETTLEMENT)) {
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

    m->area = m->seat = NULL;
    for (size_t i = 0; i < m->n; i++) {
        if (country(m->cand[i]))
            continue;
        if (m->cand[i]->kind == GAZ_REGION || m->cand[i]->kind == GAZ_DISTRICT) {
            areas = true;
            if (m->area == NULL)
                m->area = m->cand[i];
        }
        m->cand[n++] = m->cand[i];
    }
    m->n = n;
    if (n > 0)
        prefer_known(m);
    if (!areas || !(w & (PW_REGION | PW_DISTRICT)))
        return;
    if (m->n > 0 && m->cand[0]->kind == GAZ_POPULATED && mention_known(m->cand[0]))
        m->seat = m->cand[0];
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

/* ---- other spellings */

#define MAX_NEAR_TOKENS 3

/* What stands beside a name that is spelled otherwise; asked first, because it is cheap. */
static bool
may_follow_here(const struct passage *p, size_t i, size_t last)
{
    const uint32_t beside = PW_LOCATIVE | PW_OF | PW_FROM | PW_TO | PW_FILLER | PW_SETTLEMENT |
                            PW_REGION | PW_DISTRICT | PW_BETWEEN | PW_AND | PW_TOWARDS | PW_A;

    return p->field || (i > 0 && (passage_word(p, i - 1) & beside)) || passage_after(p, last) != 0;
}

/* A word that may be a misspelled name: no ordinary word, and written as a name is. */
static bool
name_like(const struct passage *p, size_t i)
{
    uint32_t w = passage_word(p, i);

    if (p->mixed && !passage_upper(p, i))
        return false;
    return (w & ~(uint32_t)PW_COMMUNITY) == 0 && p->t[i].s[0] > '9' &&
           place_compass(p->t[i].s) < 0 && place_unit_m(p->t[i].s) == 0 &&
           place_number(p->t[i].s) == 0 && !place_names_country(p->t[i].s);
}

/* "20 km north of", "au nord de". */
static bool
after_bearing(const struct passage *p, size_t i)
{
    for (size_t reach = 0; i > 0 && reach < 3; reach++) {
        if (p->t[i].gap == GAP_SENTENCE || p->t[i].gap == GAP_COMMA)
            return false;
        i--;
        if (place_unit_m(p->t[i].s) > 1 || (place_compass(p->t[i].s) >= 0 &&
                                            (p->t[i].len > 3 || (passage_word(p, i + 1) & PW_OF))))
            return true;
    }
    return false;
}

/* A name by its sound or with one letter wrong, of tokens i to last: fills cand, n, match. Far
 * fewer words are believed to be one than where the name is known. */
static bool
nearly(const struct gazetteer *g, const struct passage *p, size_t i, size_t last, bool follows,
       struct mention *m)
{
    char raw[GAZ_KEY_MAX], key[GAZ_KEY_MAX];
    size_t n = 0, len;
    bool first = i == 0 || p->t[i].gap == GAP_SENTENCE, strong;

    for (size_t j = i; j <= last; j++) {
        if (n + p->t[j].len + 2 > sizeof raw)
            return false;
        if (j > i)
            raw[n++] = p->t[j].gap == GAP_APOSTROPHE ? '\'' : ' ';
        memcpy(raw + n, p->t[j].s, p->t[j].len);
        n += p->t[j].len;
    }
    len = gazetteer_key(raw, n, key, sizeof key);
    m->first = i;
    m->last = last;
    m->match = MATCH_SPELLING;
    m->n = gazetteer_lookup_spelling(g, key, len, m->cand, MAX_CANDIDATES);
    if (m->n == 0) {
        m->match = MATCH_LETTER;
        m->n = gazetteer_lookup_letter(g, key, len, m->cand, MAX_CANDIDATES);
    }
    if (m->n == 0 || other_community(p, last) || part_of_other(g, p, last))
        return false;
    describe(p, m);
    narrow(m);
    strong = is_strong(m->around) || p->field || after_bearing(p, i);
    if (m->n == 0 || (first && !p->field && m->match == MATCH_LETTER))
        return false;
    if (p->mixed || p->field)
        return strong || (follows && (m->match == MATCH_SPELLING || mention_known(m->cand[0])));
    return strong && mention_known(m->cand[0]);
}

static bool
find_nearly(const struct gazetteer *g, const struct passage *p, size_t i, bool follows,
            struct mention *m)
{
    size_t last = i, total = p->t[i].len;

    if (!name_like(p, i))
        return false;
    while (last + 1 < p->n && last + 1 < i + MAX_NEAR_TOKENS && name_like(p, last + 1) &&
           (p->t[last + 1].gap == GAP_SPACE || p->t[last + 1].gap == GAP_HYPHEN ||
            joined(p, last + 1)))
        total += p->t[++last].len;
    for (;; total -= p->t[last--].len) {
        if (total >= NEAR_MIN && (follows || may_follow_here(p, i, last)) &&
            nearly(g, p, i, last, follows, m))
            return true;
        if (last == i)
            return false;
    }
}

/* True when a name at token i follows on the one before: "A, B", "A-B", "A and B". */
static bool
follows_on(const struct passage *p, const struct mention *before, size_t i)
{
    if (before->last + 1 == i)
        return p->t[i].gap == GAP_HYPHEN || p->t[i].gap == GAP_COMMA;
    return before->last + 2 == i && (passage_word(p, i - 1) & PW_AND);
}

/* The name at token i, as it is written or nearly. */
static bool
find_at(const struct gazetteer *g, const struct passage *p, size_t i, const struct mention *before,
        struct mention *m)
{
    char word[GAZ_KEY_MAX];
    size_t len = first_word(p, i, word, sizeof word), words = 0;
    size_t max_words = len == 0 ? 0 : gazetteer_words(g, word, len);
    bool capital = p->small && passage_upper(p, i);
    bool follows = before != NULL && follows_on(p, before, i);

    if (p->mixed && !capital && !p->field &&
        (max_words == 0 || i == 0 ||
         !(passage_word(p, i - 1) & (PW_LOCATIVE | PW_A | PW_SETTLEMENT))))
        return false;
    if (max_words > 0)
        words = longest(g, p, i, max_words, m);
    if (words > 0) {
        struct mention longer;
        if (!mention_known(m->cand[0]) && m->last + 1 < p->n &&
            p->t[m->last + 1].gap != GAP_COMMA && name_like(p, m->last + 1) &&
            find_nearly(g, p, i, follows, &longer) && longer.last > m->last &&
            longer.match == MATCH_SPELLING) {
            *m = longer;
            return true;
        }
        m->match = MATCH_EXACT;
        describe(p, m);
        narrow(m);
        return m->n > 0 && believed(p, m, capital, follows, words);
    }
    if (len < NEAR_MIN && (!capital || p->t[i].len < 3))
        return false;
    return find_nearly(g, p, i, follows, m);
}

/* "Kaga Bandoro", "Pu Gaw Zun village" in a text where capitals mean something. */
static bool
is_fragment(const struct passage *p, const struct mention *m, const struct mention *before)
{
    size_t i = m->first, j = m->last + 1;

    if (!p->mixed || p->field)
        return false;
    if (j < p->n && p->t[j].gap == GAP_SPACE && p->t[j].len > 1 && name_like(p, j))
        return true;
    return i > 0 && p->t[i].gap == GAP_SPACE && (before == NULL || before->last + 1 != i) &&
           p->t[i - 1].gap != GAP_SENTENCE && i > 1 && name_like(p, i - 1);
}

size_t
mentions_find(const struct gazetteer *g, const struct passage *p, struct mention *out)
{
    size_t found = 0;
    int sentence = 0;

    for (size_t i = 0; i < p->n && found < MAX_MENTIONS; i++) {
        struct mention *m = &out[found];

        sentence += i > 0 && p->t[i].gap == GAP_SENTENCE;
        if (joined(p, i) && i > 0 && p->t[i - 1].len > 1)
            continue;
        if (i > 0 && p->t[i].gap == GAP_HYPHEN && (found == 0 || out[found - 1].last + 1 != i) &&
            (!p->mixed || passage_upper(p, i - 1)))
            continue; /* the latter part of another name */
        if (!find_at(g, p, i, found > 0 ? &out[found - 1] : NULL, m))
            continue;
        m->letters = 0;
        for (size_t k = m->first; k <= m->last; k++)
            m->letters += p->t[k].len;
        m->fragment = is_fragment(p, m, found > 0 ? &out[found - 1] : NULL);
        m->pick = 0;
        m->ambiguous = m->refuted = false;
        m->sentence = sentence;
        i = m->last;
        found++;
    }
    return found;
}
