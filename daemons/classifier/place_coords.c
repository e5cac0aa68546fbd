/* place_coords: coordinates written in a text.
 *
 * Reports are full of numbers, so a pair is believed only when something besides being two
 * numbers speaks for it: degree signs, hemispheres, or decimals that nobody gives to anything
 * else. Arithmetic is in integers of 1e-7 degree. */
#include "place_coords.h"

#include <string.h>
#include <strings.h>

struct angle {
    int64_t e7;
    int decimals; /* of the degrees */
    bool sign;    /* a degree sign was there */
    bool minutes;
    char hemisphere; /* N S E W, 0 = none */
};

static bool
digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool
letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

static const char *
blanks(const char *s)
{
    while (*s == ' ' || *s == '\t' || strncmp(s, "\u00a0", 2) == 0)
        s += *s == ' ' || *s == '\t' ? 1 : 2;
    return s;
}

/* The length of one of the signs at s; 0 = none of them. */
static size_t
one_of(const char *s, const char *const *signs)
{
    for (; *signs != NULL; signs++)
        if (strncmp(s, *signs, strlen(*signs)) == 0)
            return strlen(*signs);
    return 0;
}

static const char *const degree_signs[] = {"°", "º", "˚", NULL};
static const char *const second_signs[] = {"\"", "″", "”", "''", "’’", NULL};
static const char *const minute_signs[] = {"'", "′", "’", "‘", NULL};

/* An unsigned number of at most `whole` digits before the point, in units of 1e-7. */
static const char *
number(const char *s, int whole, int64_t *e7, int *decimals)
{
    int64_t v = 0, unit = 10000000;
    int n = 0;

    for (; digit(*s) && n <= whole; s++, n++)
        v = v * 10 + (*s - '0');
    if (n == 0 || n > whole)
        return NULL;
    v *= unit;
    *decimals = 0;
    if ((*s == '.' || *s == ',') && digit(s[1])) {
        for (s++; digit(*s); s++) {
            unit /= 10;
            v += unit * (*s - '0');
            ++*decimals;
        }
    }
    *e7 = v;
    return s;
}

static char
hemisphere_of(char c)
{
    switch (c) {
    case 'N':
    case 'n':
        return 'N';
    case 'S':
    case 's':
        return 'S';
    case 'E':
    case 'e':
        return 'E';
    case 'W':
    case 'w':
    case 'O':
    case 'o':
        return 'W';
    default:
        return 0;
    }
}

/* A hemisphere after a number, as a letter or a word; s itself when there is none. */
static const char *
hemisphere_after(const char *s, char *h)
{
    static const char *const words[] = {"north", "nord",  "south", "sud",
                                        "east",  "ouest", "west",  "est"};
    const char *p = blanks(s);
    size_t n = 0;

    while (letter(p[n]))
        n++;
    if (n == 1 && !digit(p[1])) {
        *h = hemisphere_of(*p);
        return *h != 0 ? p + 1 : s;
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (n != strlen(words[i]) || strncasecmp(p, words[i], n) != 0)
            continue;
        *h = hemisphere_of(*p);
        return p + n;
    }
    return s;
}

/* Minutes and seconds after the degrees. With degree sign their signs may follow; without one
 * (16 24 30 N) they only count when a hemisphere ends them. */
static const char *
sexagesimal(const char *s, struct angle *a)
{
    const char *start = s, *p = blanks(s), *q;
    int64_t part, sum = 0;
    int decimals;
    size_t n;
    char h = 0;

    if (!a->sign && (a->decimals > 0 || (p == s && *p != '-')))
        return start;
    if (!a->sign && *p == '-')
        p++;
    q = number(p, 2, &part, &decimals);
    if (q == NULL || part >= 600000000)
        return start;
    sum = part / 60;
    p = q;
    n = one_of(p, minute_signs);
    if (a->sign && n == 0) {
        const char *after = hemisphere_after(p, &h);
        if (after == p)
            return start;
    }
    p += n;
    q = blanks(p);
    if (!a->sign && *q == '-')
        q++;
    if (decimals == 0 && digit(*q) && (q = number(q, 2, &part, &decimals)) != NULL &&
        part < 600000000) {
        n = one_of(q, second_signs);
        if (n > 0 || hemisphere_after(q, &h) != q) {
            sum += part / 3600;
            p = q + n;
        }
    }
    if (!a->sign && hemisphere_after(p, &h) == p)
        return start;
    a->e7 += sum;
    a->minutes = true;
    return p;
}

/* One angle at s, NULL when there is none. */
static const char *
angle(const char *s, struct angle *a)
{
    bool minus = false;
    const char *p = s;
    size_t n;

    memset(a, 0, sizeof *a);
    if (*p >= 'A' && *p <= 'Z' && (digit(*blanks(p + 1)) || *blanks(p + 1) == '-')) {
        a->hemisphere = hemisphere_of(*p);
        if (a->hemisphere == 0)
            return NULL;
        p = blanks(p + 1);
    }
    if (*p == '-' || *p == '+') {
        minus = *p == '-';
        p++;
    } else if (strncmp(p, "−", 3) == 0) {
        minus = true;
        p += 3;
    }
    p = number(p, 3, &a->e7, &a->decimals);
    if (p == NULL)
        return NULL;
    n = one_of(blanks(p), degree_signs);
    if (n > 0) {
        a->sign = true;
        p = blanks(p) + n;
    }
    p = sexagesimal(p, a);
    if (a->hemisphere == 0)
        p = hemisphere_after(p, &a->hemisphere);
    if (minus || a->hemisphere == 'S' || a->hemisphere == 'W')
        a->e7 = -a->e7;
    return digit(*p) || letter(*p) ? NULL : p;
}

/* Past what may stand between the two angles of a pair. */
static const char *
between(const char *s)
{
    static const char *const words[] = {"longitude", "long", "lon", "lng", "and", "et", NULL};

    for (;;) {
        const char *p = blanks(s);
        size_t n = 0;
        if (*p == ',' || *p == ';' || *p == '/' || *p == ':' || *p == '=')
            n = 1;
        for (size_t i = 0; n == 0 && words[i] != NULL; i++)
            if (strncasecmp(p, words[i], strlen(words[i])) == 0)
                n = strlen(words[i]);
        if (n == 0)
            return p;
        s = p + n;
    }
}

/* A word within the 24 bytes before s that announces coordinates. */
static bool
announced(const char *text, const char *s)
{
    static const char *const words[] = {"gps", "lat", "coord", "grid", "posit", "pos "};
    const char *from = s - text > 24 ? s - 24 : text;

    for (; from < s; from++)
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            if (strncasecmp(from, words[i], strlen(words[i])) == 0)
                return true;
    return false;
}

static bool
pair_at(const char *text, const char *s, struct coords *out)
{
    struct angle a, b;
    const char *p = angle(s, &a), *q;
    int64_t lat, lon;
    int least;

    if (p == NULL)
        return false;
    q = between(p);
    if (q == p || (q = angle(q, &b)) == NULL)
        return false;
    least = a.decimals < b.decimals ? a.decimals : b.decimals;
    if (a.hemisphere != 0 && b.hemisphere != 0) {
        bool a_north = a.hemisphere == 'N' || a.hemisphere == 'S';
        bool b_north = b.hemisphere == 'N' || b.hemisphere == 'S';
        if (a_north == b_north)
            return false;
        lat = a_north ? a.e7 : b.e7;
        lon = a_north ? b.e7 : a.e7;
        if (!a.sign && !a.minutes && least == 0)
            return false;
    } else {
        if (a.hemisphere != 0 || b.hemisphere != 0)
            return false;
        if (!(a.sign && b.sign) && least < (announced(text, s) ? 2 : 3))
            return false;
        lat = a.e7;
        lon = b.e7;
    }
    if (lat < -900000000 || lat > 900000000 || lon < -1800000000 || lon > 1800000000 ||
        (lat == 0 && lon == 0))
        return false;
    out->pt.lat = (int32_t)lat;
    out->pt.lon = (int32_t)lon;
    out->radius_m = 1000;
    out->mgrs = false;
    out->start = (size_t)(s - text);
    out->end = (size_t)(q - text);
    return true;
}

static bool
capital(char c)
{
    return c >= 'A' && c <= 'Z';
}

/* 12MAR2023 has the form of a grid reference. */
static bool
month(const char *letters)
{
    static const char *const months[] = {"JAN", "FEB", "MAR", "MAY", "JUN", "JUL", "SEP", "DEC"};

    for (size_t i = 0; i < sizeof months / sizeof *months; i++)
        if (memcmp(letters, months[i], 3) == 0)
            return true;
    return false;
}

static bool
mgrs_at(const char *text, const char *s, struct coords *out)
{
    char ref[24], letters[3];
    size_t n = 0, digits = 0, spaces = 0;
    const char *p = s;

    for (; digit(*p) && n < 3; p++)
        ref[n++] = *p;
    if (n == 0 || n > 2 || !capital(*p))
        return false;
    for (size_t i = 0; i < 3; i++) {
        if (*p == ' ' && i == 1)
            p++;
        if (!capital(*p))
            return false;
        letters[i] = *p;
        ref[n++] = *p++;
    }
    while (digits <= 10 && spaces <= 2) {
        if (digit(*p)) {
            ref[n++] = *p++;
            digits++;
        } else if (*p == ' ' && digit(p[1])) {
            p++;
            spaces++;
        } else {
            break;
        }
    }
    ref[n] = '\0';
    if (digits < 2 || digits > 10 || digits % 2 != 0 || letter(*p) || month(letters) ||
        geo_from_mgrs(ref, &out->pt, &out->radius_m) != 0)
        return false;
    out->mgrs = true;
    out->start = (size_t)(s - text);
    out->end = (size_t)(p - text);
    return true;
}

bool
place_coords(const char *text, struct coords *out)
{
    char before = ' ';

    if (strpbrk(text, "0123456789") == NULL)
        return false;
    for (const char *s = text; *s != '\0'; before = *s++) {
        bool lead = digit(*s) || ((*s == '-' || *s == '+') && digit(s[1])) ||
                    ((*s == 'N' || *s == 'S' || *s == 'E' || *s == 'W' || *s == 'O') &&
                     (digit(s[1]) || (s[1] == ' ' && digit(s[2]))));
        if (!lead || digit(before) || letter(before) || before == '.')
            continue;
        if (mgrs_at(text, s, out) || pair_at(text, s, out))
            return true;
    }
    return false;
}
