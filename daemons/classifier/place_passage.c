/* place_passage: a text cut up, and the words that stand beside a token.
 *
 * Words are looked up when they are asked for, once: most are never beside a name. */
#include "place_passage.h"

#include <string.h>

#include "place_words.h"

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
passage_cut(const char *text, const struct token *t, size_t n, bool field, struct arena *a,
            struct passage *out)
{
    memset(out, 0, sizeof *out);
    out->text = text;
    out->field = field;
    if (text == NULL)
        return 0;
    look_at_case(text, out);
    out->n = n;
    out->t = t != NULL ? t : text_tokens(text, strlen(text), a, &out->n);
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

uint32_t
passage_before(const struct passage *p, size_t i, size_t *at)
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

bool
passage_within(const struct passage *p, size_t i, size_t reach, uint32_t what)
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

bool
passage_aftermath(const struct passage *p, size_t i)
{
    for (size_t reach = 0; i > 0 && reach < 16; reach++) {
        uint32_t w;
        if (p->t[i].gap == GAP_SENTENCE)
            return false;
        w = passage_word(p, --i);
        if (w & PW_AFTER)
            return false;
        if (w & (reach < 8 ? PW_AFTERMATH : PW_LATER))
            return true;
    }
    return false;
}

uint32_t
passage_after(const struct passage *p, size_t last)
{
    uint32_t w;

    if (last + 1 >= p->n || p->t[last + 1].gap != GAP_SPACE)
        return 0;
    w = passage_word(p, last + 1);
    return w & (PW_SETTLEMENT | PW_REGION | PW_DISTRICT | PW_ROAD);
}

bool
passage_upper(const struct passage *p, size_t i)
{
    return upper_at(p->text + p->t[i].start);
}
