/* format_form: see format_form.h. Labels are looked for where a line or an item can begin; then
 * each form asks whether its labels stand there in the way that only it has them. */
#include "format_form.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define MOST_MARKS  96
#define MOST_LINES  10
#define TITLE_BYTES 120 /* a title further in front of its form is no title of it */
#define BLANKS      " \t\r\n"
#define SEPARATORS  ":=-.)"

enum label {
    LB_SIZE,
    LB_ACTIVITY,
    LB_LOCATION,
    LB_UNIT,
    LB_TIME,
    LB_EQUIPMENT, /* to here in the order of SALUTE */
    LB_WHEN,
    LB_WHERE,
    LB_WHAT,
    LB_DOING,
    LB_WHO,
    LB_LETTER, /* one of S A L U T E; `number` says which */
    LB_LINE,   /* a numbered line */
    LB_COUNT
};

struct mark {
    enum label label;
    int number;
    size_t at, value; /* where the label begins, and what it labels */
    bool line;        /* it stands at the head of a line */
};

struct marks {
    const char *text;
    struct mark all[MOST_MARKS];
    size_t n;
};

static const struct {
    const char *word;
    enum label label;
} labels[] = {
    {"size", LB_SIZE},
    {"taille", LB_SIZE},
    {"volume", LB_SIZE},
    {"effectif", LB_SIZE},
    {"effectifs", LB_SIZE},
    {"activity", LB_ACTIVITY},
    {"activities", LB_ACTIVITY},
    {"activité", LB_ACTIVITY},
    {"activite", LB_ACTIVITY},
    {"location", LB_LOCATION},
    {"localisation", LB_LOCATION},
    {"lieu", LB_LOCATION},
    {"position", LB_LOCATION},
    {"unit", LB_UNIT},
    {"uniform", LB_UNIT},
    {"unit/uniform", LB_UNIT},
    {"uniform/unit", LB_UNIT},
    {"unité", LB_UNIT},
    {"unite", LB_UNIT},
    {"uniforme", LB_UNIT},
    {"time", LB_TIME},
    {"dtg", LB_TIME},
    {"heure", LB_TIME},
    {"temps", LB_TIME},
    {"date", LB_TIME},
    {"equipment", LB_EQUIPMENT},
    {"équipement", LB_EQUIPMENT},
    {"Équipement", LB_EQUIPMENT},
    {"equipement", LB_EQUIPMENT},
    {"when", LB_WHEN},
    {"quand", LB_WHEN},
    {"where", LB_WHERE},
    {"où", LB_WHERE},
    {"ou", LB_WHERE},
    {"what", LB_WHAT},
    {"quoi", LB_WHAT},
    {"doing", LB_DOING},
    {"what doing", LB_DOING},
    {"what is he doing", LB_DOING},
    {"what are they doing", LB_DOING},
    {"what am i doing", LB_DOING},
    {"what i am doing", LB_DOING},
    {"what i'm doing", LB_DOING},
    {"action", LB_DOING},
    {"who", LB_WHO},
    {"qui", LB_WHO},
};

const char *
form_name(enum form_kind k)
{
    static const char *const names[] = {"", "salute", "contact", "5w", "uxo", "medevac"};

    return names[k];
}

/* ---- labels */

static bool
is_word(char c)
{
    return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

/* Behind a label: blanks, one separator, blanks. Not "-" or "." or "=" in the middle of something:
 * a blank follows those, unless they end the text. 0 = there is none. */
static size_t
separator(const char *s)
{
    size_t i = strspn(s, " \t");
    char c = s[i];

    if (strncmp(s + i, "–", 3) == 0)
        return i + 3;
    if (c == '\0' || strchr(SEPARATORS, c) == NULL)
        return 0;
    i++;
    if ((c == '-' || c == '.') && s[i] != '\0' && strchr(BLANKS, s[i]) == NULL)
        return 0;
    return i;
}

/* "Line 3:", "L3:", "Ligne 3 -", "3.", "3)"; the length of it with its separator, 0 = none. */
static size_t
numbered(const char *s, int *number)
{
    static const char *const words[] = {"line", "ligne", "l"};
    size_t i = 0, end;

    for (size_t w = 0; w < 3 && i == 0; w++)
        if (strncasecmp(s, words[w], strlen(words[w])) == 0)
            i = strlen(words[w]);
    i += strspn(s + i, " \t");
    for (*number = 0, end = i; s[end] >= '0' && s[end] <= '9' && end < i + 2; end++)
        *number = *number * 10 + (s[end] - '0');
    if (end == i || *number < 1 || *number > MOST_LINES)
        return 0;
    i = separator(s + end);
    return i > 0 ? end + i : 0;
}

/* A label that begins at s, and its length with its separator; false = none. The longest wins. */
static bool
label_at(const char *s, struct mark *m, size_t *len)
{
    static const char letters[] = "SALUTE";
    const char *letter = s[0] != '\0' ? strchr(letters, toupper((unsigned char)s[0])) : NULL;
    size_t best = 0, end;

    if ((*len = numbered(s, &m->number)) > 0) {
        m->label = LB_LINE;
        return true;
    }
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++) {
        /* Most words begin no label. Bit 5 is the case. */
        if (((labels[i].word[0] ^ s[0]) & 0xDF) != 0)
            continue;
        size_t n = strlen(labels[i].word);
        if (n > best && strncasecmp(s, labels[i].word, n) == 0 && (end = separator(s + n)) > 0) {
            best = n;
            *len = n + end;
            m->label = labels[i].label;
        }
    }
    if (best > 0)
        return true;
    if (letter == NULL || (end = separator(s + 1)) == 0)
        return false;
    *len = 1 + end;
    m->label = LB_LETTER;
    m->number = (int)(letter - letters);
    return true;
}

static void
find_marks(const char *text, struct marks *m)
{
    bool begins = true, line = true;
    size_t len;

    m->text = text;
    m->n = 0;
    for (size_t i = 0; text[i] != '\0' && m->n < MOST_MARKS; i++) {
        struct mark x = {.at = i, .line = line};

        if (begins && label_at(text + i, &x, &len)) {
            x.value = i + len;
            m->all[m->n++] = x;
        }
        line = text[i] == '\n' || (line && strchr(" \t\r*#(", text[i]) != NULL);
        begins = !is_word(text[i]) && text[i] != '-' && text[i] != '\'' && text[i] != '/';
    }
}

/* ---- values */

static struct form_span
trim(const char *s, size_t n)
{
    while (n > 0 && strchr(BLANKS ":;,|", *s) != NULL)
        s++, n--;
    while (n > 0 && strchr(BLANKS ";,|/", s[n - 1]) != NULL)
        n--;
    if (n > 0 && s[n - 1] == '.')
        n--;
    return (struct form_span){s, n};
}

/* From the mark to the next one that belongs to the form, or to the end of its text. */
static struct form_span
value(const struct marks *m, const struct mark *x, const struct mark *next)
{
    size_t to = next != NULL ? next->at : strlen(m->text);

    return trim(m->text + x->value, to > x->value ? to - x->value : 0);
}

/* Only the first line of what stands last in a form: behind it anything may follow. */
static struct form_span
first_line(struct form_span v)
{
    const char *end = v.n > 0 ? memchr(v.s, '\n', v.n) : NULL;

    return end != NULL ? trim(v.s, (size_t)(end - v.s)) : v;
}

/* What got[which] labels, up to the next of got[0..n). Of what stands last only the first line:
 * behind it anything may follow. Nothing where there is no such label. */
static struct form_span
value_of(const struct marks *m, const struct mark *const got[], size_t n, size_t which)
{
    const struct mark *x = got[which], *next = NULL;

    if (x == NULL)
        return (struct form_span){NULL, 0};
    for (size_t i = 0; i < n; i++)
        if (got[i] != NULL && got[i]->at > x->at && (next == NULL || got[i]->at < next->at))
            next = got[i];
    return next != NULL ? value(m, x, next) : first_line(value(m, x, NULL));
}

/* Does one of the words stand in s[0..n), whole, case ignored? */
static bool
holds(const char *s, size_t n, const char *const words[])
{
    for (; *words != NULL; words++) {
        size_t len = strlen(*words);
        for (size_t i = 0; i + len <= n; i++)
            if (strncasecmp(s + i, *words, len) == 0 && (i == 0 || !is_word(s[i - 1])) &&
                (i + len == n || !is_word(s[i + len])))
                return true;
    }
    return false;
}

/* What stands in front of the form, and near it. */
static struct form_span
title(const struct marks *m, const struct mark *first)
{
    size_t from = first->at > TITLE_BYTES ? first->at - TITLE_BYTES : 0;

    return (struct form_span){m->text + from, first->at - from};
}

/* ---- SALUTE */

/* Letters in their order, at most one missing; got[i] NULL = missing. */
static bool
salute_by_letters(const struct marks *m, const struct mark *got[6])
{
    int last = -1, count = 0;

    for (size_t i = 0; i < m->n; i++) {
        const struct mark *x = &m->all[i];
        if (x->label != LB_LETTER || x->number <= last || x->number > last + 2)
            continue;
        last = x->number;
        got[last] = x;
        count++;
    }
    return count >= 5 && got[0] != NULL && got[LB_LOCATION] != NULL;
}

static bool
salute_by_words(const struct marks *m, const struct mark *got[6])
{
    int count = 0;

    for (size_t i = 0; i < m->n; i++)
        if (m->all[i].label <= LB_EQUIPMENT && got[m->all[i].label] == NULL) {
            got[m->all[i].label] = &m->all[i];
            count++;
        }
    return count >= 4 && got[LB_LOCATION] != NULL &&
           (got[LB_SIZE] != NULL || got[LB_ACTIVITY] != NULL);
}

static bool
salute(const struct marks *m, struct form *out)
{
    const struct mark *got[6] = {NULL};

    if (!salute_by_letters(m, got)) {
        memset(got, 0, sizeof got);
        if (!salute_by_words(m, got))
            return false;
    }
    out->kind = FORM_SALUTE;
    out->where = value_of(m, got, 6, LB_LOCATION);
    out->when = value_of(m, got, 6, LB_TIME);
    return true;
}

/* ---- contact report, five Ws */

static const struct mark *
first_with(const struct marks *m, enum label l)
{
    for (size_t i = 0; i < m->n; i++)
        if (m->all[i].label == l)
            return &m->all[i];
    return NULL;
}

static bool
contact(const struct marks *m, struct form *out)
{
    static const char *const words[] = {"contact", "contact report", "accrochage", NULL};
    const struct mark *got[] = {first_with(m, LB_WHEN), first_with(m, LB_WHERE),
                                first_with(m, LB_WHAT), first_with(m, LB_WHO),
                                first_with(m, LB_DOING)};
    const struct mark *first = got[0];

    if (got[0] == NULL || got[1] == NULL || got[2] == NULL)
        return false;
    for (size_t i = 1; i < 5; i++)
        if (got[i] != NULL && got[i]->at < first->at)
            first = got[i];
    struct form_span t = title(m, first);
    if (holds(t.s, t.n, words))
        out->kind = FORM_CONTACT;
    else if (got[3] != NULL)
        out->kind = FORM_5W;
    else
        return false;
    out->when = value_of(m, got, 5, 0);
    out->where = value_of(m, got, 5, 1);
    return true;
}

/* ---- numbered lines */

struct lines {
    struct form_span line[MOST_LINES + 1]; /* from 1 */
    int n;                                 /* without a gap */
    struct form_span title;
};

static void
read_lines(const struct marks *m, struct lines *l)
{
    const struct mark *got[MOST_LINES + 2] = {NULL};

    memset(l, 0, sizeof *l);
    for (size_t i = 0; i < m->n && l->n < MOST_LINES; i++)
        if (m->all[i].label == LB_LINE && m->all[i].number == l->n + 1)
            got[++l->n] = &m->all[i];
    if (l->n == 0)
        return;
    l->title = title(m, got[1]);
    for (int i = 1; i <= l->n; i++) {
        l->line[i] = value(m, got[i], got[i + 1]);
        if (i == l->n)
            l->line[i] = first_line(l->line[i]);
    }
}

/* Counts "A-2", "2A", "2 x A", "L1", "1 urgent" off s; 0 = there is none, and *count stays. */
static size_t
one_count(const char *s, size_t n, int32_t *count)
{
    static const char *const kinds[] = {"urgent-surgical",
                                        "urgent surgical",
                                        "urgent",
                                        "priority",
                                        "routine",
                                        "convenience",
                                        "litter",
                                        "ambulatory",
                                        "prioritaire",
                                        "couché",
                                        "assis",
                                        "A",
                                        "B",
                                        "C",
                                        "D",
                                        "E",
                                        "L"};
    size_t i = 0;
    bool number = false, kind = false;
    int32_t v = 0;

    for (int part = 0; part < 2 && i < n; part++) {
        size_t from = i, len = 0;

        if (!number && s[i] >= '0' && s[i] <= '9') {
            for (; i < n && i < from + 3 && s[i] >= '0' && s[i] <= '9'; i++)
                v = v * 10 + (s[i] - '0');
            number = true;
        } else if (!kind) {
            for (size_t k = 0; k < sizeof kinds / sizeof kinds[0] && len == 0; k++)
                if (strlen(kinds[k]) <= n - i &&
                    strncasecmp(s + i, kinds[k], strlen(kinds[k])) == 0)
                    len = strlen(kinds[k]);
            kind = len > 0;
            i += len;
        }
        if (i == from || (i < n && part == 1 && isalnum((unsigned char)s[i])))
            return 0;
        while (part == 0 && i < n && strchr(" -:=xX", s[i]) != NULL)
            i++;
    }
    if (!number || !kind)
        return 0;
    *count += v;
    return i;
}

int32_t
form_patients(const char *s, size_t n)
{
    int32_t sum = 0;
    size_t i = 0, len;

    while (i < n) {
        if (strchr(" ,;/+&\t", s[i]) != NULL) {
            i++;
            continue;
        }
        if ((len = one_count(s + i, n - i, &sum)) == 0)
            return -1;
        i += len;
    }
    return sum > 0 ? sum : -1;
}

static int32_t
patients(const struct lines *l)
{
    int32_t n = l->n >= 3 ? form_patients(l->line[3].s, l->line[3].n) : -1;

    return n < 0 && l->n >= 5 ? form_patients(l->line[5].s, l->line[5].n) : n;
}

static bool
is_medevac(const struct lines *l)
{
    static const char *const words[] = {"medevac", "casevac", "evasan", "tacevac", NULL};

    if (holds(l->title.s, l->title.n, words))
        return true;
    return l->n >= 9 && form_patients(l->line[3].s, l->line[3].n) > 0 &&
           form_patients(l->line[5].s, l->line[5].n) > 0;
}

static bool
is_uxo(const struct lines *l)
{
    static const char *const words[] = {"uxo",
                                        "ied",
                                        "eod",
                                        "erw",
                                        "uxo/ied",
                                        "explosive hazard",
                                        "explosive hazards",
                                        "explosive ordnance",
                                        "ordnance",
                                        "eei",
                                        "reg",
                                        "engin explosif",
                                        "munition",
                                        "munitions",
                                        NULL};
    static const char *const ordnance[] = {
        "dropped",      "projected", "placed",  "thrown", "uxo",    "ied",     "vbied",
        "possible ied", "mine",      "mines",   "mortar", "rocket", "grenade", "shell",
        "bomb",         "largué",    "projeté", "placé",  "lancé",  "eei",     "mortier",
        "roquette",     "obus",      "bombe",   NULL};

    if (holds(l->title.s, l->title.n, words))
        return true;
    return l->n >= 9 && holds(l->line[4].s, l->line[4].n, ordnance);
}

static bool
by_numbers(const struct marks *m, struct form *out)
{
    struct lines l;

    read_lines(m, &l);
    if (l.n < 5)
        return false;
    if (is_medevac(&l)) {
        out->kind = FORM_MEDEVAC;
        out->where = l.line[1];
        out->patients = patients(&l);
        return true;
    }
    if (!is_uxo(&l))
        return false;
    out->kind = FORM_UXO;
    out->when = l.line[1];
    if (l.n == MOST_LINES) {
        out->where = l.line[3];
    } else {
        out->unit_where = l.line[2];
        out->next_where = l.line[3];
    }
    return true;
}

void
form_find(const char *text, struct form *out)
{
    struct marks m;

    *out = (struct form){.patients = -1};
    find_marks(text, &m);
    if (!by_numbers(&m, out) && !salute(&m, out))
        (void)contact(&m, out);
}
