/* understand_figures: see the header. */
#include "understand_figures.h"

#define REACH_HEAD    3 /* tokens from "the" to the person */
#define REACH_PART    6 /* from "two of them" to its harm word */
#define REACH_CLOSE   8 /* from the comma that opens an apposition to the one that closes it */
#define REACH_AS_MANY 4

unsigned
figures_kinds(const struct reading *r, size_t i)
{
    static const enum lex_flag flag[KINDS] = {LF_KILLED, LF_WOUNDED, LF_TAKEN};
    unsigned k = 0;
    if (has(r, i, LF_PEOPLE))
        return 0;
    for (unsigned j = 0; j < KINDS; j++)
        k |= has(r, i, flag[j]) ? 1u << j : 0;
    return k;
}

bool
figures_person(const struct reading *r, size_t i)
{
    const uint64_t somebody = LEX_FLAG(LF_PERSON) | LEX_FLAG(LF_FORCES) | LEX_FLAG(LF_FIGHTER);
    return (r->flags[i] & somebody) != 0;
}

bool
figures_plural(const struct reading *r, size_t i)
{
    const struct token *t = &r->t[i];
    bool s = t->s[t->len - 1] == 's' && !(t->len > 1 && t->s[t->len - 2] == 's');
    return has(r, i, LF_PLURAL) || (s && !is(r, i, "fils"));
}

static bool
among(const struct reading *r, size_t i, const char *const *words)
{
    for (; *words; words++)
        if (is(r, i, *words))
            return true;
    return false;
}

static bool
determiner(const struct reading *r, size_t i)
{
    static const char *const en[] = {"the", "his", "her", "their", "its", "our", "my", NULL};
    static const char *const fr[] = {"le",    "la",  "l",  "les", "son",   "sa",  "ses", "leur",
                                     "leurs", "mon", "ma", "mes", "notre", "nos", NULL};
    return among(r, i, r->lang == LANG_FR ? fr : en);
}

static bool
of(const struct reading *r, size_t i)
{
    static const char *const words[] = {"of", "de", "d", "du", "des", NULL};
    return among(r, i, words);
}

/* Words that end a noun's group. */
static bool
ends_group(const struct reading *r, size_t i)
{
    static const char *const words[] = {"who", "where", "that", "which", "in",   "on", "at",
                                        "qui", "que",   "dans", "sur",   "par",  "by", "and",
                                        "et",  "when",  "was",  "were",  "said", NULL};
    return of(r, i) || among(r, i, words);
}

/* The last word of the person that begins at i: "staff member", "emir's wife"; n = what the
 * person owns is meant. */
static size_t
head_of(const struct reading *r, size_t i)
{
    for (;;) {
        size_t next = i + 1;
        bool owner = next < r->n && r->t[next].gap == GAP_APOSTROPHE && is(r, next, "s");
        next += owner;
        if (next < r->n && r->t[next].gap <= GAP_HYPHEN && figures_person(r, next) &&
            !figures_kinds(r, next))
            i = next;
        else
            return owner ? r->n : i;
    }
}

bool
figures_named(const struct reading *r, const struct figure *f)
{
    for (size_t j = f->n.end; j < r->n && j < f->n.end + REACH_HEAD; j++) {
        if (r->t[j].gap >= GAP_COMMA || (ends_group(r, j) && j > f->n.end) || figures_kinds(r, j))
            break;
        if (figures_person(r, j))
            return true;
    }
    return f->one;
}

/* "the mayor", "son chauffeur". */
static bool
definite(const struct reading *r, size_t i, struct number *f)
{
    static const char *const copula[] = {"was", "were", "is", "est", "etait", NULL};
    if (!determiner(r, i) || (i > 0 && among(r, i - 1, copula))) /* "was the victim of" */
        return false;
    struct number g;
    for (size_t j = i + 1; j < r->n && j <= i + REACH_HEAD; j++) {
        if (r->t[j].gap >= GAP_COMMA || ends_group(r, j) || determiner(r, j) ||
            figures_kinds(r, j) || number_simple(r, j, &g))
            return false;
        if (!figures_person(r, j))
            continue;
        j = head_of(r, j);
        if (j == r->n)
            return false;
        *f = (struct number){.first = i, .end = j + 1, .least = 1, .most = 1};
        return !figures_plural(r, j);
    }
    return false;
}

static bool
begins_group(const struct reading *r, size_t i)
{
    struct number g;
    return i < r->n && (determiner(r, i) || figures_person(r, i) || number_simple(r, i, &g));
}

/* "patient and nurse", "father and three sons": a person in a pair needs no article. */
static bool
paired(const struct reading *r, const struct count *c, size_t i, struct number *f)
{
    static const char *const possessive[] = {"his", "her",  "their", "son",
                                             "sa",  "leur", "ses",   NULL};
    bool owner = (i == 0 || r->t[i].gap >= GAP_COMMA) && i + 3 < r->n && is_and(r, i + 1) &&
                 among(r, i + 2, possessive) && figures_person(r, i + 3); /* "potter and his son" */
    if (!(figures_person(r, i) || owner) || figures_kinds(r, i) || figures_plural(r, i) ||
        (i > 0 && r->t[i].gap == GAP_SPACE && (figures_person(r, i - 1) || of(r, i - 1))))
        return false;
    size_t end = head_of(r, i) + 1;
    if (end > r->n)
        return false;
    bool before = i > 1 && is_and(r, i - 1) && figures_person(r, i - 2);
    bool behind =
        end + 1 < r->n && r->t[end].gap == GAP_SPACE && is_and(r, end) && begins_group(r, end + 1);
    if (figures_plural(r, end - 1) || !(before || behind))
        return false;
    if (c->n) { /* the noun of the figure before it is counted there */
        const struct figure *p = &c->f[c->n - 1];
        bool apart = p->n.end + REACH_HEAD < i;
        for (size_t j = p->n.end; j <= i && !apart; j++)
            apart = r->t[j].gap >= GAP_COMMA || is_and(r, j) || has(r, j, LF_SPARED);
        if (!apart)
            return false;
    }
    *f = (struct number){.first = i, .end = end, .least = 1, .most = 1};
    return true;
}

/* "and as many wounded", "et autant de blessés": as the figure before. */
static bool
as_many(const struct reading *r, const struct count *c, size_t i, struct number *f)
{
    bool en = is(r, i, "as") && i + 1 < r->n && is(r, i + 1, "many") && !has(r, i, LF_UP_TO);
    if (!c->n || !(en || is(r, i, "autant")))
        return false;
    size_t end = en ? i + 2 : i + 1;
    for (size_t j = end; j < r->n && j < end + REACH_AS_MANY; j++)
        if (figures_kinds(r, j)) {
            const struct number *p = &c->f[c->n - 1].n;
            *f = (struct number){.first = i, .end = end, .least = p->least, .most = p->most};
            return true;
        }
    return false;
}

/* Counted in the figure before it. "12 victims, including 3 dead" is the first word on the dead
 * and counts; `of_them`: "eight taken, two of them killed" as well. */
static bool
is_part(const struct reading *r, const struct count *c, const struct figure *f, bool of_them)
{
    if (c->n == 0 || c->f[c->n - 1].sentence != f->sentence)
        return false;
    unsigned kinds = 0, before = 0;
    size_t reach = f->n.end + (of_them ? REACH_PART : 1);
    for (size_t j = f->n.end; j < r->n && j < reach && !kinds; j++) {
        if (r->t[j].gap == GAP_SENTENCE || r->t[j].gap == GAP_COMMA)
            break;
        kinds = figures_kinds(r, j);
    }
    for (size_t j = c->f[c->n - 1].n.first; j < f->n.first; j++)
        before |= figures_kinds(r, j);
    return !kinds || (kinds & before);
}

/* "one man, a teacher, was killed" */
static bool
apposition(const struct reading *r, const struct count *c, const struct figure *f)
{
    static const char *const copula[] = {"was", "were", "is", "has", "est", "a", "ont", NULL};
    if (!c->n || !(f->n.article || f->one) || r->t[f->start].gap != GAP_COMMA ||
        c->f[c->n - 1].sentence != f->sentence || c->f[c->n - 1].n.least != 1)
        return false;
    for (size_t j = f->n.end; j < r->n && j < f->n.end + REACH_CLOSE; j++) {
        if (r->t[j].gap == GAP_COMMA)
            return figures_kinds(r, j) || among(r, j, copula);
        if (r->t[j].gap == GAP_SENTENCE || is_and(r, j) || figures_kinds(r, j))
            return false;
    }
    return false;
}

/* "the son of the chief", "two of the three men" */
static bool
belongs(const struct reading *r, const struct count *c, const struct figure *f)
{
    if (f->start < 2 || !of(r, f->start - 1))
        return false;
    size_t who = f->start - 2;
    if (f->n.article || f->one)
        return (figures_person(r, who) || has(r, who, LF_VEHICLE) || has(r, who, LF_PLACE)) &&
               !figures_kinds(r, who);
    return c->n && c->f[c->n - 1].n.end == f->start - 1 && !c->f[c->n - 1].one;
}

/* A family, a crew: how many is not told. */
static bool
of_many(const struct reading *r, const struct figure *f)
{
    size_t i = f->n.end;
    return f->n.article && i < r->n && has(r, i, LF_PLURAL) &&
           !(i + 1 < r->n && r->t[i + 1].gap == GAP_SPACE && figures_person(r, i + 1));
}

/* "three staff, one woman and two men, were taken": they are those three. */
static void
drop_breakdown(const struct reading *r, struct count *c)
{
    for (size_t k = 0; k + 1 < c->n; k++) {
        const struct figure *whole = &c->f[k];
        if (whole->one || r->t[c->f[k + 1].start].gap != GAP_COMMA)
            continue;
        int32_t sum = 0;
        size_t end = k + 1;
        while (end < c->n && c->f[end].sentence == whole->sentence && sum < whole->n.least)
            sum += c->f[end++].n.least;
        if (end < k + 3 || sum != whole->n.least || !is_and(r, c->f[end - 1].start - 1))
            continue;
        size_t i = c->f[k + 1].n.end;
        while (i < c->f[end - 1].n.end + REACH_HEAD && i < r->n && !figures_kinds(r, i) &&
               (i <= c->f[end - 1].start || r->t[i].gap != GAP_COMMA))
            i++;
        if (i >= r->n || r->t[i].gap != GAP_COMMA)
            continue;
        memmove(&c->f[k + 1], &c->f[end], (c->n - end) * sizeof(c->f[0]));
        c->n -= end - (k + 1);
    }
}

static bool
one_figure(const struct reading *r, const struct count *c, size_t i, struct figure *f)
{
    *f = (struct figure){.start = i};
    if (as_many(r, c, i, &f->n) || number_read(r, i, &f->n)) {
        while (f->start > 0 && r->t[f->start].gap < GAP_COMMA && determiner(r, f->start - 1))
            f->start--;
        return true;
    }
    f->one = definite(r, i, &f->n) || paired(r, c, i, &f->n);
    return f->one;
}

void
figures_read(const struct reading *r, struct count *c)
{
    unsigned sentence = 0;
    bool part = false;
    for (size_t i = 0; i < r->n && c->n < MAX_FIGURES;) {
        if (r->t[i].gap == GAP_SENTENCE)
            sentence++;
        if (r->t[i].gap == GAP_SENTENCE || (r->t[i].gap == GAP_COMMA && !has(r, i, LF_PART)))
            part = false;
        part = part || has(r, i, LF_PART);
        struct figure f;
        if (!one_figure(r, c, i, &f)) {
            i++;
            continue;
        }
        f.sentence = sentence;
        i = f.n.end;
        bool of_them = i < r->n && r->t[i].gap != GAP_SENTENCE && r->t[i].gap != GAP_COMMA &&
                       has(r, i, LF_PART) && of(r, i);
        bool left_out = ((part || of_them) && is_part(r, c, &f, of_them)) || apposition(r, c, &f) ||
                        belongs(r, c, &f) || of_many(r, &f) ||
                        (!f.one && number_of_no_people(r, &f.n));
        while (of_them && i < r->n && has(r, i, LF_PART))
            i++;
        if (left_out)
            continue;
        for (size_t j = f.n.end; j < r->n && j < f.n.end + 2 && r->t[j].gap != GAP_SENTENCE; j++)
            f.n.more = f.n.more || has(r, j, LF_MORE);
        c->f[c->n++] = f;
    }
    drop_breakdown(r, c);
}
