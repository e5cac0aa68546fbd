/* template: see template.h. */
#include "template.h"

#include <string.h>

static const char *const names[TEMPLATE_PLACES] = {"who",  "what", "where", "when",
                                                   "harm", "far",  "soon",  "halt"};

/* The place that begins at the brace; TEMPLATE_PLACES when there is none such. */
static enum template_place
place_at(const char *brace, size_t *len)
{
    size_t n = strcspn(brace, "}");

    *len = brace[n] ? n + 1 : n;
    for (int i = 0; brace[n] && i < TEMPLATE_PLACES; i++)
        if (strlen(names[i]) == n - 1 && memcmp(names[i], brace + 1, n - 1) == 0)
            return (enum template_place)i;
    return TEMPLATE_PLACES;
}

bool
template_check(const char *text, const char **at, size_t *len)
{
    for (const char *p = strchr(text, '{'); p; p = strchr(p + *len, '{')) {
        *at = p;
        if (place_at(p, len) == TEMPLATE_PLACES)
            return false;
    }
    return true;
}

static void
put(char *out, size_t size, size_t *n, const char *from, size_t len)
{
    if (len > size - 1 - *n) {
        len = size - 1 - *n;
        while (len && ((unsigned char)from[len] & 0xc0) == 0x80)
            len--;
    }
    memcpy(out + *n, from, len);
    *n += len;
}

size_t
template_fill(const char *text, const char *const values[TEMPLATE_PLACES], char *out, size_t size)
{
    size_t n = 0, len;

    for (const char *p = strchr(text, '{'); p; p = strchr(text, '{')) {
        enum template_place i = place_at(p, &len);
        const char *value = i < TEMPLATE_PLACES && values[i] ? values[i] : "";

        if (*value) {
            put(out, size, &n, text, (size_t)(p - text));
            put(out, size, &n, value, strlen(value));
        }
        text = p + len;
    }
    put(out, size, &n, text, strlen(text));
    out[n] = '\0';
    return n;
}
