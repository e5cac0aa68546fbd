/* named: see named.h. */
#include "named.h"

#include <string.h>

#include "correlate.h"
#include "text.h"

struct words {
    const struct token *t;
    size_t n;
};

static int
cut(const char *s, struct arena *a, struct words *out)
{
    *out = (struct words){.n = 0};
    if (!s)
        return 0;
    out->t = text_tokens(s, strlen(s), a, &out->n);
    return out->t ? 0 : -1;
}

static bool
is_word(const struct token *t, const char *s)
{
    return strcmp(t->s, s) == 0;
}

static bool
is_number(const struct token *t)
{
    return t->len && strspn(t->s, "0123456789") == t->len;
}

static bool
is_convoy(const struct token *t)
{
    return is_word(t, "convoy") || is_word(t, "convoi") || is_word(t, "cvy");
}

static bool
is_number_sign(const struct token *t)
{
    return is_word(t, "n") || is_word(t, "no") || is_word(t, "nr") || is_word(t, "numero") ||
           is_word(t, "number");
}

/* One word that is no number of something is a common word too easily. */
static bool
is_telling(const struct words *w)
{
    return w->n > 1 || (w->n == 1 && strpbrk(w->t[0].s, "0123456789"));
}

static bool
begins(const struct words *text, size_t at, const struct words *w)
{
    if (w->n > text->n - at)
        return false;
    for (size_t i = 0; i < w->n; i++)
        if (!is_word(&text->t[at + i], w->t[i].s) ||
            (i && (text->t[at + i].gap == GAP_SENTENCE || text->t[at + i].gap == GAP_COMMA)))
            return false;
    return true;
}

/* "convoi n° 24" at this word, for a convoy whose name ends with the number. */
static bool
begins_numbered(const struct words *text, size_t at, const struct words *name)
{
    size_t i = at + 1;

    if (name->n < 2 || !is_convoy(&name->t[0]) || !is_number(&name->t[name->n - 1]) ||
        !is_convoy(&text->t[at]))
        return false;
    i += i < text->n && is_number_sign(&text->t[i]);
    return i < text->n && is_word(&text->t[i], name->t[name->n - 1].s) &&
           text->t[i].gap != GAP_SENTENCE && text->t[i].gap != GAP_COMMA;
}

static bool
is_named(const struct words *text, const struct words *id, const struct words *name)
{
    for (size_t at = 0; at < text->n; at++)
        if ((is_telling(id) && begins(text, at, id)) ||
            (is_telling(name) && begins(text, at, name)) || begins_numbered(text, at, name))
            return true;
    return false;
}

static bool
is_afoot(const struct pic_asset *a)
{
    return a->kind == ASSET_CONVOY && !a->removed &&
           (a->state == CONVOY_PLANNED || a->state == CONVOY_DEPARTED || a->state == CONVOY_HALTED);
}

/* A number of an asset may stand for another one later; half of its id's hash does not. */
static uint32_t
mark_of(const struct pic_asset *a)
{
    return (uint32_t)(a->id_hash >> 32) | 1;
}

int
named_convoys(const struct picture *p, const struct incident *in, const struct finding *f,
              struct arena *a, uint32_t out[REF_CONVOYS])
{
    struct words text = {.n = 0}, source = {.n = 0}, id, name;
    size_t n = 0;

    memset(out, 0, REF_CONVOYS * sizeof out[0]);
    if (((f->targets & TARGET_BIT(TG_CONVOY)) && cut(in->text, a, &text)) ||
        (correlate_is_attack(f->event) && cut(in->source, a, &source)))
        return -1;
    for (uint32_t i = 0; i < p->n && n < REF_CONVOYS && (text.n || source.n); i++) {
        if (!is_afoot(&p->assets[i]))
            continue;
        if (cut(picture_id(p, i), a, &id) || cut(picture_name(p, i), a, &name))
            return -1;
        if (is_named(&text, &id, &name) || is_named(&source, &id, &name))
            out[n++] = mark_of(&p->assets[i]);
    }
    return 0;
}

uint32_t
named_asset(const struct picture *p, uint32_t mark)
{
    for (uint32_t i = 0; mark && i < p->n; i++)
        if (is_afoot(&p->assets[i]) && mark_of(&p->assets[i]) == mark)
            return i;
    return NOTHING;
}
