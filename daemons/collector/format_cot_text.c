/* format_cot_text: see format_cot_text.h. */
#include "format_cot_text.h"

#include <string.h>
#include <strings.h>

#define MOST_PATIENTS 10000 /* more is a slip of the keyboard */

const char *
cot_line(struct arena *a, const char *s, size_t max)
{
    const char *clean = draft_clean(a, s, strlen(s), max);
    char *line = clean != NULL ? arena_strndup(a, clean, strlen(clean)) : NULL;

    if (line == NULL)
        return "?";
    for (char *p = line; *p != '\0'; p++)
        *p = *p != '\n' ? *p : ' ';
    return line;
}

const char *
cot_remarks(const struct cot_event *ev, struct arena *a)
{
    return xml_child_text(ev->detail, "remarks", a);
}

const char *
cot_icon(const struct cot_event *ev, struct arena *a)
{
    const char *path = xml_attribute(xml_child(ev->detail, "usericon"), "iconsetpath");
    const char *name = path != NULL ? strrchr(path, '/') : NULL;
    size_t n;

    /* COT_MAPPING_… names a colour or a type, which is known already. */
    if (name == NULL || strncmp(path, "COT_MAPPING", 11) == 0)
        return NULL;
    n = strcspn(name + 1, ".");
    return n > 0 ? draft_clean(a, name + 1, n, 64) : NULL;
}

bool
cot_says_something(const char *callsign)
{
    size_t run = 0;

    for (; callsign != NULL && *callsign != '\0'; callsign++) {
        bool letter = (*callsign >= 'a' && *callsign <= 'z') ||
                      (*callsign >= 'A' && *callsign <= 'Z') || (unsigned char)*callsign >= 0x80;

        run = letter ? run + 1 : 0;
        if (run == 3)
            return true;
    }
    return false;
}

const char *
cot_side(char side)
{
    switch (side) {
    case 'h':
        return "Hostile";
    case 's':
        return "Suspected hostile";
    case 'j':
    case 'k':
        return "Exercise: hostile";
    default:
        return "Unknown";
    }
}

/* By what follows the side; the first row that begins it wins. */
static const struct {
    const char *function, *thing;
    enum event_type event;
} things[] = {
    {"G-E-X-M", "mine", EV_IED_MINE},
    {"G-E-X-I", "improvised explosive device", EV_IED_MINE},
    {"G-E-V-A-T", "tank", EV_UNKNOWN},
    {"G-E-V-A", "armoured vehicle", EV_UNKNOWN},
    {"G-E-V-C", "civilian vehicle", EV_UNKNOWN},
    {"G-E-V", "vehicle", EV_UNKNOWN},
    {"G-E-W-O", "mortar", EV_UNKNOWN},
    {"G-E-W", "weapon", EV_UNKNOWN},
    {"G-E", "equipment on the ground", EV_UNKNOWN},
    {"G-I", "installation", EV_UNKNOWN},
    {"G-U-C-I", "infantry", EV_UNKNOWN},
    {"G-U-C-A", "armour", EV_UNKNOWN},
    {"G-U-C-F", "artillery", EV_UNKNOWN},
    {"G-U", "ground unit", EV_UNKNOWN},
    {"G", "contact on the ground", EV_UNKNOWN},
    {"A-M-F-Q", "drone", EV_UNKNOWN},
    {"A-M-H-Q", "drone", EV_UNKNOWN},
    {"A-M-H", "helicopter", EV_UNKNOWN},
    {"A-M-F", "aircraft", EV_UNKNOWN},
    {"A-W", "weapon in the air", EV_UNKNOWN},
    {"A", "contact in the air", EV_UNKNOWN},
    {"S", "vessel", EV_UNKNOWN},
    {"U", "contact under water", EV_UNKNOWN},
    {"F", "special forces", EV_UNKNOWN},
};

const char *
cot_thing(const char *type, enum event_type *event)
{
    const char *function = type + 4; /* behind "a-h-" */

    for (size_t i = 0; i < sizeof things / sizeof things[0]; i++) {
        size_t n = strlen(things[i].function);

        if (strncasecmp(function, things[i].function, n) != 0 ||
            (function[n] != '\0' && function[n] != '-'))
            continue;
        if (things[i].event != EV_UNKNOWN)
            *event = things[i].event;
        return things[i].thing;
    }
    return "contact";
}

/* ---- b-r-f-h-c: <_medevac_>, the nine lines as attributes */

static int32_t
count(const struct xml_node *m, const char *name)
{
    const char *s = xml_attribute(m, name);
    int32_t v = 0;

    if (s == NULL || *s < '0' || *s > '9')
        return 0;
    for (; *s >= '0' && *s <= '9'; s++)
        if ((v = v * 10 + (*s - '0')) > MOST_PATIENTS)
            return 0;
    return v;
}

static void
say(struct draft *d, const char *sep, const char *s)
{
    if (s != NULL)
        draft_text(d, sep, s, strlen(s));
}

/* Some of the patients: the sum of one or two attributes, and what they are called. */
struct patients {
    const char *names[2], *called;
};

/* "2 urgent, 1 priority" behind the separator; returns the sum. */
static int32_t
say_patients(struct draft *d, const struct xml_node *m, const char *sep, const struct patients *p,
             size_t n)
{
    int32_t sum = 0;

    for (size_t i = 0; i < n; i++) {
        int32_t v = count(m, p[i].names[0]);

        if (p[i].names[1] != NULL)
            v += count(m, p[i].names[1]);
        if (v == 0)
            continue;
        say(d, sum == 0 ? sep : ", ", arena_printf(d->arena, "%d %s", (int)v, p[i].called));
        sum += v;
    }
    return sum;
}

static bool
say_field(struct draft *d, const struct xml_node *n, const char *name, const char *label)
{
    const char *s = xml_attribute(n, name);

    if (s == NULL || s[strspn(s, " \t\r\n")] == '\0')
        return false;
    say(d, ". ", arena_printf(d->arena, "%s%s", label, s));
    return true;
}

static void
say_security(struct draft *d, const struct xml_node *m)
{
    static const char *const words[] = {"No enemy in the area", "Possible enemy in the area",
                                        "Enemy in the area",
                                        "Enemy in the area, armed escort required"};
    const char *s = xml_attribute(m, "security");

    if (s == NULL)
        return;
    if (s[0] >= '0' && s[0] <= '3' && s[1] == '\0')
        say(d, ". ", words[s[0] - '0']);
    else
        (void)say_field(d, m, "security", "Security: ");
}

void
cot_evacuation(struct draft *d, const struct cot_event *ev, const char *words)
{
    /* By how bad it is, how they are carried, whose they are. Not where they are from, nor which
     * are children: that tells who they are. */
    static const struct patients precedence[] = {{{"urgent", NULL}, "urgent"},
                                                 {{"urgent_surgical", NULL}, "urgent surgical"},
                                                 {{"priority", NULL}, "priority"},
                                                 {{"routine", NULL}, "routine"},
                                                 {{"convenience", NULL}, "convenience"}};
    static const struct patients carried[] = {{{"litter", NULL}, "on a litter"},
                                              {{"ambulatory", NULL}, "walking"}};
    static const struct patients whose[] = {{{"us_military", "nonus_military"}, "military"},
                                            {{"us_civilian", "nonus_civilian"}, "civilian"}};
    const struct xml_node *m = xml_child(ev->detail, "_medevac_");
    const struct xml_node *mist = xml_child(xml_child(m, "zMistsMap"), "zMist");
    const char *remarks = cot_remarks(ev, d->arena);
    int32_t patients, moved;
    bool told;

    say(d, "", words);
    patients = say_patients(d, m, ". Patients: ", precedence, 5);
    moved = say_patients(d, m, ". Of these: ", carried, 2);
    (void)say_patients(d, m, ". They are ", whose, 2);
    if (patients > 0 || moved > 0)
        d->incident.wounded = patients > 0 ? patients : moved;
    say_security(d, m);
    told = say_field(d, m, "enemy", "Enemy: ");
    /* What happened and which injury; never who: title and z may be a name or a number of one. */
    for (size_t i = 0; mist != NULL && i < 32; i++, mist = xml_next(mist, "zMist")) {
        told |= say_field(d, mist, "m", "Cause: ");
        told |= say_field(d, mist, "i", "Injury: ");
    }
    told |= say_field(d, m, "medline_remarks", "");
    (void)say_field(d, m, "hlz_remarks", "Landing zone: ");
    say(d, ". ", remarks);
    /* People are hurt and nobody says by what: that is known, and more is not. */
    if (d->incident.wounded > 0 && !told && remarks == NULL)
        d->incident.event = EV_HAZARD;
    draft_attribute(d, "zone_prot", xml_attribute(m, "zone_prot_selection"));
    draft_attribute(d, "freq", xml_attribute(m, "freq"));
}

/* ---- whose position */

static bool
matches(const char *pattern, const char *s)
{
    size_t n = strlen(pattern);

    if (s == NULL)
        return false;
    if (n > 0 && pattern[n - 1] == '*')
        return strncmp(pattern, s, n - 1) == 0;
    return strcmp(pattern, s) == 0;
}

const struct tak_asset_conf *
cot_asset(const struct cot_event *ev, const struct format_options *o, struct arena *a)
{
    const char *name = ev->callsign != NULL ? cot_line(a, ev->callsign, MAX_NAME) : NULL;

    for (size_t i = 0; o != NULL && i < o->n_tak; i++)
        if (matches(o->tak[i].match, ev->uid) || matches(o->tak[i].match, name))
            return &o->tak[i];
    return NULL;
}
