/* understand_when: times in words to an interval.
 *
 * A day (date, weekday, "yesterday", "last night") and a time of day ("20h", "at 0640", "ce
 * matin") are looked for apart and put together; both are in the reporter's local time. The
 * interval is as wide as the words are vague: a day, a part of a day, half an hour round a time
 * that is "about". A time of day without a day is the last such time before the stamp. Nothing
 * ends after the stamp: reports tell what happened. Without a stamp only full dates are read. */
#include "understand_parts.h"

#include <string.h>

#include "timefmt.h"

#define ABOUT_US (30 * MINUTE_US)

struct when {
    const struct reading *r;
    int64_t now; /* local, 0 = unknown */
    int64_t day; /* local midnight */
    bool has_day, since, about;
    int64_t from, to; /* within the day, -1 = unknown; to may be past 24 h (a night) */
    bool has_span;    /* ago: from and to are absolute */
    size_t first, last;
};

static void
seen(struct when *w, size_t first, size_t last)
{
    w->first = first < w->first ? first : w->first;
    w->last = last > w->last ? last : w->last;
}

/* A token of 1 to max digits only. */
static bool
whole(const struct token *t, size_t max, int *v)
{
    if (t->len == 0 || t->len > max || strspn(t->s, "0123456789") != t->len)
        return false;
    *v = 0;
    for (size_t i = 0; i < t->len; i++)
        *v = *v * 10 + (t->s[i] - '0');
    return true;
}

static enum lex_time
time_at(const struct reading *r, size_t i, size_t *count)
{
    for (uint32_t h = r->hit_at[i]; h < r->n_hits && r->hits[h].first == i; h++)
        if (r->hits[h].e->time) {
            *count = r->hits[h].count;
            return r->hits[h].e->time;
        }
    return LT_NONE;
}

static int64_t
midnight(int64_t us)
{
    int64_t rest = us % DAY_US;
    return us - (rest < 0 ? rest + DAY_US : rest);
}

static bool
set_date(struct when *w, int year, int month, int day)
{
    if (w->has_day || month < 1 || month > 12 || day < 1 || day > 31)
        return false;
    if (year < 0) { /* the last such day before the stamp */
        if (!w->now)
            return false;
        struct civil c;
        time_to_civil(w->now, &c);
        year = c.year - (month > c.month || (month == c.month && day > c.day) ? 1 : 0);
    }
    if (year < 1970 || year > 2200)
        return false;
    struct civil c = {.year = year, .month = month, .day = day};
    int64_t us = time_from_civil(&c);
    time_to_civil(us, &c);
    if (c.month != month) /* 31 April */
        return false;
    if (w->now && us > w->now)
        return false; /* what is to come is no time of an event */
    w->day = us;
    w->has_day = true;
    return true;
}

/* "2023-04-17", "17/04/2023", "17.04.2023"; how many tokens. */
static size_t
numeric_date(struct when *w, size_t i)
{
    const struct token *t = w->r->t;
    int a, b, c;
    if (i + 2 >= w->r->n || t[i + 1].gap != t[i + 2].gap ||
        (t[i + 1].gap != GAP_HYPHEN && t[i + 1].gap != GAP_OTHER) || !whole(&t[i], 4, &a) ||
        !whole(&t[i + 1], 2, &b))
        return 0;
    if (t[i].len == 4 && t[i + 2].len >= 2) {
        /* the day may run on into a time: "2023-04-17T06" */
        if (t[i + 2].s[0] < '0' || t[i + 2].s[0] > '9' || t[i + 2].s[1] < '0' ||
            t[i + 2].s[1] > '9' || (t[i + 2].len > 2 && t[i + 2].s[2] != 't'))
            return 0;
        c = (t[i + 2].s[0] - '0') * 10 + (t[i + 2].s[1] - '0');
        if (!set_date(w, a, b, c))
            return 0;
        int h, m;
        struct token rest = t[i + 2];
        if (rest.len == 5 && i + 3 < w->r->n && t[i + 3].gap == GAP_OTHER) {
            rest.s += 3;
            rest.len = 2;
            if (whole(&rest, 2, &h) && whole(&t[i + 3], 2, &m) && h < 24 && m < 60) {
                w->from = w->to = h * HOUR_US + m * MINUTE_US;
                return 4;
            }
        }
        return 3;
    }
    if (t[i + 2].len == 4 && whole(&t[i + 2], 4, &c) && t[i].len <= 2 && set_date(w, c, b, a))
        return 3;
    return 0;
}

/* A day of the month: "17", "17th", "1er". */
static bool
day_number(const struct token *t, int *v)
{
    struct token d = *t;
    if (d.len > 2 && d.s[0] >= '0' && d.s[0] <= '9') {
        const char *end = d.s + d.len - 2;
        if (strcmp(end, "st") == 0 || strcmp(end, "nd") == 0 || strcmp(end, "rd") == 0 ||
            strcmp(end, "th") == 0 || strcmp(end, "er") == 0)
            d.len = (uint16_t)(d.len - 2);
    }
    return whole(&d, 2, v) && *v >= 1 && *v <= 31;
}

static void
month_date(struct when *w, size_t i, size_t count, int month)
{
    const struct token *t = w->r->t;
    int d, y = -1;
    size_t end = i + count;
    if (i > 0 && t[i].gap != GAP_SENTENCE && day_number(&t[i - 1], &d)) {
        if (end < w->r->n && t[end].gap == GAP_SPACE && t[end].len == 4)
            (void)(whole(&t[end], 4, &y) || (y = -1));
        if (set_date(w, y, month, d))
            seen(w, i - 1, y >= 0 ? end : end - 1);
        return;
    }
    if (end < w->r->n && t[end].gap == GAP_SPACE && day_number(&t[end], &d)) {
        if (end + 1 < w->r->n && t[end + 1].gap <= GAP_COMMA && t[end + 1].len == 4)
            (void)(whole(&t[end + 1], 4, &y) || (y = -1));
        if (set_date(w, y, month, d))
            seen(w, i, y >= 0 ? end + 1 : end);
    }
}

/* A time of day at i: "20h", "14h30", "14 h 30", "14:30", "7pm", "7:00 pm", "0640" after "at" or
 * before "hrs", "z". How many tokens, 0 = none. */
static size_t
clock_time(const struct reading *r, size_t i, bool at, int64_t *us)
{
    const struct token *t = &r->t[i];
    int h = 0, m = 0;
    size_t k = 0, used = 1;
    while (k < t->len && k < 4 && t->s[k] >= '0' && t->s[k] <= '9')
        k++;
    if (k == 0)
        return 0;
    struct token num = *t;
    num.len = (uint16_t)k;
    const char *rest = t->s + k;
    const struct token *next = i + 1 < r->n ? t + 1 : NULL;
    int v;
    if (!whole(&num, 4, &v))
        return 0;
    if (*rest == 'h' && k <= 2) {
        h = v;
        struct token min = {.s = rest + 1, .len = (uint16_t)strlen(rest + 1)};
        if (min.len && !whole(&min, 2, &m) && strcmp(min.s, "rs") != 0)
            return 0;
    } else if (k == 4 && (at || strcmp(rest, "h") == 0 || strcmp(rest, "hrs") == 0 ||
                          strcmp(rest, "z") == 0 ||
                          (!*rest && next &&
                           (strcmp(next->s, "hrs") == 0 || strcmp(next->s, "z") == 0 ||
                            strcmp(next->s, "hours") == 0)))) {
        h = v / 100;
        m = v % 100;
    } else if (k <= 2 && (strcmp(rest, "pm") == 0 || strcmp(rest, "am") == 0)) {
        h = v % 12 + (*rest == 'p' ? 12 : 0);
    } else if (k <= 2 && !*rest && next && next->gap == GAP_OTHER && next->start == t->end + 1 &&
               next->len >= 2 && r->text[t->end] == ':') {
        num = *next;
        num.len = 2;
        if (!whole(&num, 2, &m))
            return 0;
        h = v;
        used = 2;
        const char *half = next->s + 2;
        if (!*half && i + 2 < r->n)
            half = r->t[i + 2].s;
        if (strncmp(half, "pm", 2) == 0 && h < 12)
            h += 12;
    } else if (k <= 2 && !*rest && next && next->gap == GAP_SPACE &&
               (strcmp(next->s, "pm") == 0 || strcmp(next->s, "am") == 0)) {
        h = v % 12 + (next->s[0] == 'p' ? 12 : 0);
        used = 2;
    } else if (at && k <= 2 && !*rest && next &&
               (strcmp(next->s, "h") == 0 || strcmp(next->s, "heures") == 0)) {
        h = v;
        used = 2;
        if (i + 2 < r->n && whole(&r->t[i + 2], 2, &m) && r->t[i + 2].len == 2)
            used = 3;
        else
            m = 0;
    } else {
        return 0;
    }
    if (h > 24 || m > 59)
        return 0;
    *us = h * HOUR_US + m * MINUTE_US;
    return used;
}

static void
part_of_day(struct when *w, enum lex_time t)
{
    static const struct {
        int from, to;
    } hours[] = {{5, 7}, {5, 12}, {12, 13}, {12, 18}, {18, 24}, {19, 30}};
    if (w->from >= 0)
        return; /* "hier soir vers 20h": the hour says more */
    w->from = hours[t - LT_DAWN].from * HOUR_US;
    w->to = hours[t - LT_DAWN].to * HOUR_US;
}

/* "il y a deux heures", "two hours ago": number and unit beside the word. */
static void
ago(struct when *w, size_t i, size_t count)
{
    const struct reading *r = w->r;
    int64_t unit = 0, number = -1;
    size_t lo = i > 3 ? i - 3 : 0, hi = i + count + 3 < r->n ? i + count + 3 : r->n;
    for (size_t k = lo; k < hi; k++) {
        size_t c;
        int v;
        switch (time_at(r, k, &c)) {
        case LT_MINUTE:
            unit = MINUTE_US;
            break;
        case LT_HOUR:
            unit = HOUR_US;
            break;
        case LT_DAY:
            unit = DAY_US;
            break;
        case LT_WEEK:
            unit = 7 * DAY_US;
            break;
        default:
            break;
        }
        if (number < 0 && whole(&r->t[k], 3, &v))
            number = v;
        for (uint32_t h = r->hit_at[k]; number < 0 && h < r->n_hits && r->hits[h].first == k; h++)
            if (r->hits[h].e->number >= 0)
                number = r->hits[h].e->number;
    }
    if (!unit || number < 0 || !w->now || w->has_span)
        return;
    int64_t slack = unit == MINUTE_US ? 5 * MINUTE_US : unit / 2;
    w->from = w->now - number * unit - slack;
    w->to = w->now - number * unit + slack;
    w->has_span = true;
    seen(w, lo, hi - 1);
}

/* "nuit du 21 au 22 avril": the night that begins on the first day. */
static void
night_of(struct when *w, size_t i, size_t count)
{
    const struct reading *r = w->r;
    int a, month = -1;
    size_t k = i + count;
    if (k >= r->n || !day_number(&r->t[k], &a))
        return;
    for (size_t j = k; j < r->n && j < k + 5; j++) {
        size_t c;
        enum lex_time t = time_at(r, j, &c);
        if (t >= LT_JANUARY && t <= LT_DECEMBER)
            month = t - LT_JANUARY + 1;
    }
    if (month < 0) {
        if (!w->now)
            return;
        struct civil c;
        time_to_civil(w->now, &c);
        month = c.month;
        if (a > c.day)
            month = month == 1 ? 12 : month - 1;
    }
    if (set_date(w, -1, month, a)) {
        w->from = 19 * HOUR_US;
        w->to = 30 * HOUR_US;
        seen(w, i, k);
    }
}

static void
set_day(struct when *w, int64_t back)
{
    if (w->has_day || !w->now)
        return;
    w->day = midnight(w->now) - back * DAY_US;
    w->has_day = true;
}

/* One word of time at i. */
static void
word(struct when *w, enum lex_time t, size_t i, size_t count)
{
    struct civil c;
    if (t >= LT_MONDAY && t <= LT_SUNDAY && w->now) {
        time_to_civil(w->now, &c);
        set_day(w, (c.weekday - (t - LT_MONDAY) + 7) % 7);
    } else if (t >= LT_JANUARY && t <= LT_DECEMBER) {
        month_date(w, i, count, t - LT_JANUARY + 1);
        return;
    } else if (t == LT_TODAY) {
        set_day(w, 0);
    } else if (t == LT_YESTERDAY) {
        set_day(w, 1);
    } else if (t == LT_DAY_BEFORE) {
        set_day(w, 2);
    } else if (t == LT_THIS_MORNING) {
        set_day(w, 0);
        part_of_day(w, LT_MORNING);
    } else if (t == LT_LAST_NIGHT) {
        set_day(w, 1);
        part_of_day(w, LT_NIGHT);
    } else if (t == LT_NIGHT_OF) {
        night_of(w, i, count);
        return;
    } else if (t == LT_AGO) {
        ago(w, i, count);
        return;
    } else if (t == LT_SINCE) {
        w->since = true;
    } else if (t == LT_NOW && w->now && !w->has_span) {
        w->has_span = true;
        w->from = w->to = w->now;
    } else if (t == LT_LAST_WEEK && w->now && !w->has_span && !w->has_day) {
        w->has_span = true;
        w->from = w->now - 13 * DAY_US;
        w->to = w->now - 3 * DAY_US; /* on a Wednesday the Sunday before */
    } else if (t >= LT_DAWN && t <= LT_NIGHT) {
        part_of_day(w, t);
    } else {
        return;
    }
    seen(w, i, i + count - 1);
}

/* Day and time of day together; false where the text says nothing that can be placed. */
static bool
settle(struct when *w)
{
    if (w->has_span)
        return true;
    if (!w->has_day) {
        if (w->from < 0 || !w->now)
            return false;
        w->day = midnight(w->now);
        if (w->day + w->from > w->now)
            w->day -= DAY_US;
    }
    int64_t slack = w->about && w->from == w->to ? ABOUT_US : 0;
    if (w->from < 0) {
        w->from = 0;
        w->to = DAY_US - MINUTE_US;
    }
    w->from += w->day - slack;
    w->to += w->day + slack;
    return true;
}

int
understand_when(struct reading *r, int64_t stamp_us, int32_t offset_min, int64_t *days_old)
{
    int64_t shift = offset_min * MINUTE_US;
    struct when w = {
        .r = r, .now = stamp_us ? stamp_us + shift : 0, .from = -1, .to = -1, .first = SIZE_MAX};
    bool at = false, exact = false;
    *days_old = 0;
    for (size_t i = 0; i < r->n;) {
        size_t count = 1;
        enum lex_time t = time_at(r, i, &count);
        if (t) {
            at = t == LT_AT || t == LT_SINCE;
            w.about = w.about || t == LT_AT;
            word(&w, t, i, count);
            i += count;
            continue;
        }
        if (r->t[i].s[0] >= '0' && r->t[i].s[0] <= '9') {
            int64_t us;
            size_t k = numeric_date(&w, i);
            if (!k && !exact && (k = clock_time(r, i, at, &us))) {
                w.from = w.to = us;
                exact = true;
            }
            if (k) {
                seen(&w, i, i + k - 1);
                count = k;
            }
        }
        at = false;
        i += count;
    }
    if (!settle(&w))
        return 0;
    if (w.now && w.from > w.now)
        return 0;
    if (w.now && (w.to > w.now || w.since))
        w.to = w.now;
    if (w.now)
        *days_old = (w.now - w.to) / DAY_US;
    int64_t from = w.from - shift, to = w.to - shift;
    if (from <= 0 || to < from)
        return 0;
    r->out->from_us = from;
    r->out->to_us = to;
    r->out->when_method = "words";
    return w.first == SIZE_MAX ? 0 : reading_evidence(r, w.first, w.last, "when");
}
