/* understand_number: reading figures. See the header for the forms. */
#include "understand_number.h"

#define PLAIN_MOST 2000 /* the greatest number that is believed without separators */

static bool
digits(const struct token *t, int32_t *v)
{
    if (t->len > 6 || (t->len > 1 && t->s[0] == '0'))
        return false;
    int32_t n = 0;
    for (size_t i = 0; i < t->len; i++) {
        if (t->s[i] < '0' || t->s[i] > '9')
            return false;
        n = n * 10 + (t->s[i] - '0');
    }
    *v = n;
    return true;
}

static const struct lex_hit *
number_hit(const struct reading *r, size_t i)
{
    for (uint32_t h = r->hit_at[i]; h < r->n_hits && r->hits[h].first == i; h++) {
        const struct lex_entry *e = r->hits[h].e;
        bool foreign = (e->flags & LEX_FLAG(LF_ARTICLE)) && e->lang && e->lang != r->lang;
        if (e->number >= 0 && !foreign)
            return &r->hits[h];
    }
    return NULL;
}

size_t
number_simple(const struct reading *r, size_t i, struct number *f)
{
    int32_t v;
    if (digits(&r->t[i], &v)) {
        size_t k = 1;
        /* "10 000", "10,000" */
        while (i + k < r->n && r->t[i].len <= 3 && r->t[i + k].len == 3 && v < 1000 &&
               (r->t[i + k].gap == GAP_SPACE || r->t[i + k].gap == GAP_COMMA) &&
               strspn(r->t[i + k].s, "0123456789") == 3) {
            const char *s = r->t[i + k].s;
            v = v * 1000 + (s[0] - '0') * 100 + (s[1] - '0') * 10 + (s[2] - '0');
            k++;
        }
        *f = (struct number){.first = i, .end = i + k, .least = v, .most = v};
        return k;
    }
    const struct lex_hit *h = number_hit(r, i);
    if (!h)
        return 0;
    *f = (struct number){.first = i,
                         .end = i + h->count,
                         .least = h->e->number,
                         .most = h->e->most,
                         .article = (h->e->flags & LEX_FLAG(LF_ARTICLE)) != 0,
                         .more = (h->e->flags & LEX_FLAG(LF_MORE)) != 0};
    return h->count;
}

/* v and the word g behind it as one number, -1 = they are two. `joint`: "and", "et" between. */
static int32_t
together(int32_t v, const struct number *g, bool joint)
{
    int32_t low = v % 1000; /* what stands behind the thousands */
    int32_t x = g->least;
    if (x != g->most || x == 0)
        return -1;
    if (x == 1000)
        return !joint && v > 0 && v < 1000 ? v * 1000 : -1;
    if (x == 100) {
        if (joint || low >= 10)
            return -1;
        return low > 0 ? v - low + low * 100 : v + 100;
    }
    if (x > 100)
        return -1;
    bool unit = low % 10 == 0 && low % 100 >= 20 && x < 20;
    if (g->article || (joint && low < 100 && v < 1000)) /* "twenty and a", "vingt et un" */
        return joint && unit && (x == 1 || x == 11) ? v + x : -1;
    if (unit)
        return v + x;
    return v >= 100 && low % 100 == 0 ? v + x : -1;
}

/* Composed words: "vingt-deux", "two hundred and six", "deux cents". */
static size_t
compose(const struct reading *r, size_t i, struct number *f)
{
    size_t k = number_simple(r, i, f);
    int32_t v;
    if (!k || f->article || f->least != f->most || digits(&r->t[i], &v))
        return k;
    while (i + k < r->n && f->least < MAX_PEOPLE) {
        struct number g;
        uint16_t gap = r->t[i + k].gap;
        if (gap != GAP_SPACE && gap != GAP_HYPHEN)
            break;
        size_t joint =
            f->least >= 20 && i + k + 1 < r->n && (is(r, i + k, "and") || is(r, i + k, "et"));
        size_t m = number_simple(r, i + k + joint, &g);
        if (!m || digits(&r->t[i + k + joint], &v))
            break;
        int32_t sum = together(f->least, &g, joint != 0);
        if (sum < 0)
            break;
        f->least = f->most = sum;
        k += joint + m;
        f->end = i + k;
    }
    return k;
}

static void
other_end(const struct reading *r, struct number *f)
{
    struct number g;
    size_t i = f->end;
    if (i >= r->n || f->article)
        return;
    if (r->t[i].gap == GAP_HYPHEN && f->end == f->first + 1) {
        if (!number_simple(r, i, &g))
            return;
    } else {
        bool between = f->first > 0 && has(r, f->first - 1, LF_VERSUS);
        bool word = is(r, i, "to") || is(r, i, "a") || is(r, i, "or") || is(r, i, "ou") ||
                    (between && (is(r, i, "and") || is(r, i, "et")));
        if (!word || i + 1 >= r->n || r->t[i + 1].gap != GAP_SPACE || !compose(r, i + 1, &g))
            return;
    }
    if (g.article || g.least < f->least || g.least > f->least * 10 + 10)
        return;
    f->most = g.most;
    f->end = g.end;
}

static void
bounds(const struct reading *r, struct number *f)
{
    for (size_t k = 1; k <= 3 && k <= f->first; k++) {
        size_t i = f->first - k;
        if (r->t[i + 1].gap == GAP_SENTENCE || r->t[i + 1].gap == GAP_COMMA)
            return;
        if (has(r, i, LF_AT_LEAST)) {
            if (f->most < f->least * 2)
                f->most = f->least * 2;
        } else if (has(r, i, LF_UP_TO)) {
            f->least = f->least - f->least / 2;
        } else if (has(r, i, LF_NEARLY)) {
            f->least = f->least - f->least / 10;
        } else if (has(r, i, LF_ABOUT) && k == 1 && f->least == f->most) {
            f->most = f->least + f->least / 5;
        } else {
            continue;
        }
        return;
    }
}

size_t
number_read(const struct reading *r, size_t i, struct number *f)
{
    if (!compose(r, i, f))
        return 0;
    struct number g;
    /* "some 40", "quelques 40": the vague word only introduces the figure */
    if (f->least != f->most && f->end < r->n && r->t[f->end].gap == GAP_SPACE &&
        compose(r, f->end, &g) && !g.article) {
        f->least = g.least;
        f->most = g.most;
        f->end = g.end;
    }
    other_end(r, f);
    if (!f->article)
        bounds(r, f);
    return f->end - i;
}

static bool
somebody(const struct reading *r, size_t i)
{
    return has(r, i, LF_PERSON) || has(r, i, LF_FORCES) || has(r, i, LF_FIGHTER);
}

/* "at 1030", "vers 0640": four figures behind a word that a time follows. */
static bool
clock_time(const struct reading *r, const struct number *f)
{
    int32_t v = 0;
    if (f->first == 0 || r->t[f->first].len != 4 || !digits(&r->t[f->first], &v) || v >= 2400 ||
        v % 100 >= 60 || r->t[f->first].gap != GAP_SPACE)
        return false;
    for (uint32_t h = r->hit_at[f->first - 1]; h < r->n_hits && r->hits[h].first == f->first - 1;
         h++)
        if (r->hits[h].e->time == LT_AT || r->hits[h].e->time == LT_SINCE)
            return true;
    return false;
}

bool
number_of_no_people(const struct reading *r, const struct number *f)
{
    size_t what = f->end;
    if (what + 1 < r->n && (is(r, what, "of") || is(r, what, "de") || is(r, what, "d")))
        what++; /* "une quarantaine de coups" */
    bool driver = what + 1 < r->n && r->t[what + 1].gap == GAP_SPACE && somebody(r, what + 1);
    if (what < r->n && r->t[what].gap != GAP_SENTENCE && has(r, what, LF_UNIT) &&
        !has(r, what, LF_PERSON) && !driver) /* "two tanker drivers" */
        return true;
    if (f->first > 0 && has(r, f->first - 1, LF_UNIT) && !f->article &&
        r->t[f->first].gap == GAP_SPACE && !has(r, f->first - 1, LF_KILLED))
        return true;
    if (clock_time(r, f))
        return true;
    int32_t v = 0;
    bool plain = digits(&r->t[f->first], &v) && f->end == f->first + 1;
    const uint64_t told =
        LEX_FLAG(LF_KILLED) | LEX_FLAG(LF_WOUNDED) | LEX_FLAG(LF_TAKEN) | LEX_FLAG(LF_ATTACK);
    if (plain && f->first > 0 && r->t[f->first].gap == GAP_HYPHEN &&
        r->t[f->first - 1].gap != GAP_HYPHEN && !(r->flags[f->first - 1] & told) &&
        (f->end >= r->n || r->t[f->end].gap != GAP_HYPHEN))
        return true; /* "MQ-9"; "12-morts" and the words of a slug are figures */
    bool named = f->end < r->n && r->t[f->end].gap == GAP_SPACE;
    bool harm = named && (has(r, f->end, LF_KILLED) || has(r, f->end, LF_WOUNDED) ||
                          has(r, f->end, LF_TAKEN));
    if (plain && v >= 1900 && v <= 2100)
        return !(named && has(r, f->end, LF_PERSON));
    return plain && v > PLAIN_MOST && !(harm || (named && has(r, f->end, LF_PERSON)));
}
