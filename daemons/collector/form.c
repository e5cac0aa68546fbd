/* form: see the header. */
#include "form.h"

#include <stdint.h>
#include <string.h>

static int
hex(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static const char *
decode(struct arena *a, const char *s, size_t n, size_t *len)
{
    char *out = arena_alloc(a, n + 1);
    size_t w = 0;

    if (out == NULL)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        int high = s[i] == '%' && n - i > 2 ? hex(s[i + 1]) : -1;
        int low = high >= 0 ? hex(s[i + 2]) : -1;
        if (low >= 0) {
            out[w++] = (char)(high << 4 | low);
            i += 2;
        } else {
            out[w++] = s[i] == '+' ? ' ' : s[i];
        }
    }
    out[w] = '\0';
    *len = w;
    return out;
}

int
form_parse(struct arena *a, const char *s, size_t n, struct form *out, struct err *e)
{
    out->n = 0;
    for (size_t i = 0; i < n;) {
        const char *amp = memchr(s + i, '&', n - i);
        size_t end = amp != NULL ? (size_t)(amp - s) : n;
        const char *eq = memchr(s + i, '=', end - i);
        size_t mid = eq != NULL ? (size_t)(eq - s) : end;
        size_t from = mid < end ? mid + 1 : end, ignored;
        if (end > i) {
            if (out->n == FORM_FIELDS)
                return err_set(e, "the form has more than %d fields", FORM_FIELDS);
            struct form_field *f = &out->v[out->n];
            f->name = decode(a, s + i, mid - i, &ignored);
            f->value = decode(a, s + from, end - from, &f->len);
            if (f->name == NULL || f->value == NULL)
                return err_set(e, "out of memory");
            out->n++;
        }
        i = end + 1;
    }
    return 0;
}

const struct form_field *
form_get(const struct form *f, const char *name)
{
    for (size_t i = 0; i < f->n; i++)
        if (strcmp(f->v[i].name, name) == 0)
            return &f->v[i];
    return NULL;
}

const char *
form_value(const struct form *f, const char *name)
{
    const struct form_field *field = form_get(f, name);

    return field != NULL ? field->value : NULL;
}
