/* conf_print: the file of defaults, out of the same table that reads it.
 *
 * Sections stand as they are, everything else behind a "#": an instance whose file only says
 * what differs takes a later release's defaults by itself. */
#include <string.h>

#include "conf.h"

#define COLUMNS 92

/* Words behind "# ", broken at COLUMNS; the first line begins with lead. */
static void
print_wrapped(FILE *f, int indent, const char *lead, const char *text)
{
    int lead_len = (int)strlen(lead), column = COLUMNS;
    bool first = true;

    while (*text != '\0') {
        int len = (int)strcspn(text, " ");
        if (column + 1 + len > COLUMNS) {
            fprintf(f, "%s%*s# %-*s", first ? "" : "\n", indent, "", lead_len, first ? lead : "");
            column = indent + 2 + lead_len;
            first = false;
        } else {
            fputc(' ', f);
            column++;
        }
        fprintf(f, "%.*s", len, text);
        column += len;
        text += len;
        text += strspn(text, " ");
    }
    fputc('\n', f);
}

static void
print_choices(FILE *f, int indent, const char *lead, const struct conf_key *k)
{
    char text[512] = "One of:";
    size_t len = strlen(text);

    if (k->type != CONF_ENUM && (k->type != CONF_BOOL || k->names == NULL))
        return;
    for (int i = 0; k->names[i] != NULL; i++) {
        if (k->names[i][0] == '\0')
            continue;
        int w = snprintf(text + len, sizeof(text) - len, " %s", k->names[i]);
        if (w < 0 || (size_t)w >= sizeof(text) - len)
            break;
        len += (size_t)w;
    }
    print_wrapped(f, indent, lead, text);
}

static void
print_elements(FILE *f, int indent, const struct conf_key *sub)
{
    static const char pad[] = "                   ";
    char lead[40];

    for (; sub->name != NULL; sub++) {
        (void)snprintf(lead, sizeof(lead), "  %-16s ", sub->name); /* names are short */
        char text[512];
        (void)snprintf(text, sizeof(text), "%s%s%s%s%s", sub->help,
                       sub->required ? " Required." : "", sub->def != NULL ? " Default: " : "",
                       sub->def != NULL ? sub->def : "", sub->def != NULL ? "." : "");
        print_wrapped(f, indent, lead, text);
        print_choices(f, indent, pad, sub);
    }
}

static void
print_default(FILE *f, int indent, const struct conf_key *k)
{
    bool list = k->type == CONF_LIST || k->type == CONF_STRINGS;

    if (!list || k->def == NULL) {
        const char *def = k->def == NULL ? "" : k->def;
        fprintf(f, "%*s#%s:%s%s\n", indent, "", k->name, def[0] != '\0' ? " " : "", def);
        return;
    }
    fprintf(f, "%*s#%s:\n", indent, "", k->name);
    for (const char *line = k->def; *line != '\0';) {
        int len = (int)strcspn(line, "\n");
        fprintf(f, "%*s#  %.*s\n", indent, "", len, line);
        line += len;
        line += *line == '\n';
    }
}

static void
print_keys(FILE *f, int indent, const struct conf_key *k)
{
    for (; k->name != NULL; k++) {
        fputc('\n', f);
        print_wrapped(f, indent, "", k->help);
        if (k->type == CONF_MAP) {
            fprintf(f, "%*s%s:\n", indent, "", k->name);
            print_keys(f, indent + 2, k->sub);
            continue;
        }
        print_choices(f, indent, "", k);
        if (k->type == CONF_LIST) {
            print_wrapped(f, indent, "", "A list. Keys of an element:");
            print_elements(f, indent, k->sub);
        }
        print_default(f, indent, k);
    }
}

void
conf_print_defaults(const struct conf_key *table, FILE *f)
{
    print_keys(f, 0, table);
}
