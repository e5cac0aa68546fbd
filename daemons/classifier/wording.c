/* wording: see wording.h. Instructions warn and protect; none of them sends anybody to inform
 * a force that may itself be the attacker. */
#include "wording.h"

#include <stdio.h>
#include <string.h>

#include "buf.h"
#include "correlate.h"

const char *
wording_event(enum event_type e, enum language l)
{
    static const char *const words[EVENT_COUNT][2] = {
        [EV_UNKNOWN] = {"Incident", "Incident"},
        [EV_NONE] = {"Incident", "Incident"},
        [EV_ARMED_ATTACK] = {"Armed attack", "Attaque armée"},
        [EV_AMBUSH] = {"Ambush", "Embuscade"},
        [EV_IED_MINE] = {"Mine or bomb", "Mine ou engin explosif"},
        [EV_SUICIDE_ATTACK] = {"Suicide attack", "Attentat-suicide"},
        [EV_INDIRECT_FIRE] = {"Indirect fire", "Tir indirect"},
        [EV_AIR_STRIKE] = {"Air strike", "Frappe aérienne"},
        [EV_KIDNAPPING] = {"Kidnapping", "Enlèvement"},
        [EV_ARMED_CLASH] = {"Armed clash", "Affrontement armé"},
        [EV_HOSTILE_CROWD] = {"Hostile crowd", "Foule hostile"},
        [EV_DEMONSTRATION] = {"Demonstration", "Manifestation"},
        [EV_CRIME] = {"Crime", "Acte criminel"},
        [EV_ASSAULT] = {"Assault", "Agression"},
        [EV_ARMED_PRESENCE] = {"Armed men", "Présence d'hommes armés"},
        [EV_THREAT] = {"Threat", "Menace"},
        [EV_ACCESS_DENIAL] = {"Access denied", "Accès refusé"},
        [EV_TERRITORY] = {"Takeover", "Prise de contrôle"},
        [EV_DISINFORMATION] = {"Disinformation", "Désinformation"},
        [EV_DISPLACEMENT] = {"People displaced", "Déplacement de population"},
        [EV_HAZARD] = {"Hazard", "Sinistre"},
        [EV_ARREST] = {"Arrest", "Arrestation"},
    };

    return words[e][l];
}

const char *
wording_mode_prefix(enum mode m, enum language l)
{
    static const char *const words[MODE_COUNT][2] = {
        [MODE_UNKNOWN] = {"", ""},
        [MODE_FACT] = {"", ""},
        [MODE_CLAIM] = {"Claim: ", "Revendication : "},
        [MODE_WARNING] = {"Warning: ", "Avertissement : "},
        [MODE_RUMOUR] = {"Rumour: ", "Rumeur : "},
        [MODE_DENIAL] = {"Denied: ", "Démenti : "},
        [MODE_FOLLOW_UP] = {"", ""},
    };

    return words[m][l];
}

const char *
wording_direction(uint32_t deg, enum language l)
{
    static const char *const words[8][2] = {
        {"north", "au nord"},  {"north-east", "au nord-est"},
        {"east", "à l'est"},   {"south-east", "au sud-est"},
        {"south", "au sud"},   {"south-west", "au sud-ouest"},
        {"west", "à l'ouest"}, {"north-west", "au nord-ouest"},
    };

    return words[(deg % 360 * 2 + 45) / 90 % 8][l];
}

const char *
wording_who(enum target t, enum language l)
{
    static const char *const words[TARGET_COUNT][2] = {
        [TG_UNKNOWN] = {"People", "Personnes"},     [TG_CONVOY] = {"A convoy", "Un convoi"},
        [TG_BASE] = {"A base", "Une base"},         [TG_CIVILIANS] = {"Civilians", "Civils"},
        [TG_ARMED] = {"Armed men", "Hommes armés"}, [TG_SYSTEM] = {"The system", "Le système"},
    };

    return words[t][l];
}

const char *
wording_month(unsigned month, enum language l)
{
    static const char *const words[12][2] = {
        {"Jan", "janv."}, {"Feb", "févr."}, {"Mar", "mars"},  {"Apr", "avr."},
        {"May", "mai"},   {"Jun", "juin"},  {"Jul", "juil."}, {"Aug", "août"},
        {"Sep", "sept."}, {"Oct", "oct."},  {"Nov", "nov."},  {"Dec", "déc."},
    };

    return words[(month - 1) % 12][l];
}

/* Before a vowel "de" loses its own; an h is taken as aspirated (de Hombori). */
static bool
elides(const char *name)
{
    static const char *const accented[] = {"É", "È", "Ê", "Ë", "À", "Â", "Î", "Ï", "Ô", "Ö", "Û",
                                           "é", "è", "ê", "ë", "à", "â", "î", "ï", "ô", "ö", "û"};

    for (size_t i = 0; i < sizeof accented / sizeof accented[0]; i++)
        if (strncmp(name, accented[i], strlen(accented[i])) == 0)
            return true;
    return *name && strchr("AEIOUaeiou", *name);
}

const char *
wording_of(const char *name, char *out, size_t size)
{
    if (strncmp(name, "Le ", 3) == 0)
        (void)snprintf(out, size, "du %s", name + 3);
    else if (strncmp(name, "Les ", 4) == 0)
        (void)snprintf(out, size, "des %s", name + 4);
    else
        (void)snprintf(out, size, "%s%s", elides(name) ? "d'" : "de ", name);
    return out;
}

const char *
wording_at(const char *name, char *out, size_t size)
{
    if (strncmp(name, "Le ", 3) == 0)
        (void)snprintf(out, size, "au %s", name + 3);
    else if (strncmp(name, "Les ", 4) == 0)
        (void)snprintf(out, size, "aux %s", name + 4);
    else
        (void)snprintf(out, size, "à %s", name);
    return out;
}

enum family { F_ATTACK, F_MINE, F_CROWD, F_OTHER, FAMILIES };

static enum family
family_of(enum event_type e)
{
    if (e == EV_IED_MINE)
        return F_MINE;
    if (correlate_is_attack(e) || e == EV_TERRITORY)
        return F_ATTACK;
    return e == EV_HOSTILE_CROWD || e == EV_DEMONSTRATION || e == EV_DISINFORMATION ? F_CROWD
                                                                                    : F_OTHER;
}

const char *
wording_instruction(enum event_type e, enum target t, enum language l)
{
    static const char *const convoy[FAMILIES][2] = {
        [F_ATTACK] =
            {"Halt the convoy short of the place, take a defensible position, check all "
             "vehicles, prepare medical evacuation; do not go on before the road is clear.",
             "Arrêter le convoi avant le lieu, prendre une position défendable, vérifier "
             "tous les véhicules, préparer l'évacuation médicale ; ne pas repartir avant "
             "que l'axe soit dégagé."},
        [F_MINE] = {"Halt, keep to your own tracks, keep away from the place, ask for clearance or "
                    "take another road.",
                    "S'arrêter, rester dans ses propres traces, se tenir loin du lieu, demander le "
                    "déminage ou prendre un autre axe."},
        [F_CROWD] = {"Go round the place; do not drive through the crowd.",
                     "Contourner le lieu ; ne pas traverser la foule."},
        [F_OTHER] = {"Tell the convoy's commander; review route and timing.",
                     "Informer le chef de convoi ; revoir l'itinéraire et l'horaire."},
    };
    static const char *const base[FAMILIES][2] = {
        [F_ATTACK] = {"Sound the alarm, everybody into shelter, close the gates, man the "
                      "positions, account for all, prepare medical help.",
                      "Donner l'alarme, tout le monde à l'abri, fermer les accès, occuper les "
                      "positions, faire l'appel, préparer les secours."},
        [F_MINE] = {"Stop movements through the place, cordon it off, ask for clearance.",
                    "Arrêter les mouvements par ce lieu, établir un cordon, demander le déminage."},
        [F_CROWD] = {"Close the gates, call staff outside in or keep them away, no show of force.",
                     "Fermer les accès, rappeler ou tenir à distance le personnel dehors, pas de "
                     "démonstration de force."},
        [F_OTHER] = {"Tell the base; raise watchfulness, review movements.",
                     "Informer la base ; renforcer la vigilance, revoir les mouvements."},
    };
    static const char *const civilians[FAMILIES][2] = {
        [F_ATTACK] = {"Warn the community through its trusted contacts, find out who needs help, "
                      "consider presence, prepare medical evacuation.",
                      "Prévenir la communauté par ses contacts de confiance, établir les besoins, "
                      "envisager une présence, préparer l'évacuation médicale."},
        [F_MINE] = {"Warn the community and road users to keep away, ask for clearance.",
                    "Prévenir la communauté et les usagers de la route de se tenir à l'écart, "
                    "demander le déminage."},
        [F_CROWD] = {"Tell contacts and staff to keep away from the place; follow what is said.",
                     "Dire aux contacts et au personnel d'éviter le lieu ; suivre ce qui se dit."},
        [F_OTHER] =
            {"Ask contacts on the spot; tell protection colleagues.",
             "Interroger les contacts sur place ; informer les collègues de la protection."},
    };

    static const char *const system[2] = {
        "Tell the technician on call: check the machine, its clock and its links; ask the site by "
        "another way.",
        "Prévenir le technicien de permanence : vérifier la machine, son horloge et ses liaisons ; "
        "joindre le site par un autre moyen.",
    };

    switch (t) {
    case TG_SYSTEM:
        return system[l];
    case TG_CONVOY:
        return convoy[family_of(e)][l];
    case TG_BASE:
        return base[family_of(e)][l];
    default:
        return civilians[family_of(e)][l];
    }
}

const char *
wording_precedence_rule(enum precedence_rule r)
{
    static const char *const words[PRULE_COUNT] = {
        [PRULE_RISK] = "the risk level gives the precedence",
        [PRULE_NOW] = "very high risk is FLASH because it is happening now",
        [PRULE_CONTACT] = "very high risk is FLASH because contact is near",
        [PRULE_ATTACK] = "an armed attack in progress on people or an asset is FLASH from any "
                         "single source",
        [PRULE_DOUBTED] = "an armed attack in progress, from a single source graded credibility 5, "
                          "is IMMEDIATE",
        [PRULE_OVER] = "ROUTINE, because the danger was over when it became known",
        [PRULE_MASS] = "at least PRIORITY, because ten or more are dead",
        [PRULE_EXERCISE] = "ROUTINE, because it is an exercise or a test",
        [PRULE_CIVILIANS] = "civilians do not rank below a base or convoy for the same event",
        [PRULE_READ] = "ROUTINE, to be read: nobody and nowhere could be made out",
        [PRULE_OFFICER] = "set by the officer",
        [PRULE_PATTERN] = "given by the rule",
        [PRULE_FORCES] = "ROUTINE, because state forces pass and none of them is known to have "
                         "harmed civilians near by in the last 90 days",
    };

    return words[r];
}

char *
wording_distance(uint32_t m, enum language l, struct arena *a)
{
    uint32_t tenths = (m + 50) / 100;

    if (m < 1000)
        return arena_printf(a, "%u m", (m + 5) / 10 * 10);
    if (tenths < 100 && tenths % 10)
        return arena_printf(a, l == FR ? "%u,%u km" : "%u.%u km", tenths / 10, tenths % 10);
    return arena_printf(a, "%u km", (m + 500) / 1000);
}

char *
wording_template(const char *template, const char *asset, const char *place, uint32_t n,
                 struct arena *a)
{
    struct buf b;
    char *s;

    buf_init(&b, 4096);
    for (const char *p = template; *p;) {
        size_t plain = strcspn(p, "{");

        buf_put(&b, p, plain);
        p += plain;
        if (!*p)
            break;
        if (p[1] == 'a')
            buf_puts(&b, asset);
        else if (p[1] == 'p')
            buf_puts(&b, place);
        else
            buf_printf(&b, "%u", n);
        p += strcspn(p, "}") + 1; /* the braces are known to be paired */
    }
    s = b.failed ? NULL : arena_strndup(a, b.data ? b.data : "", b.len);
    buf_fini(&b);
    return s;
}

static const char *
lower_event(uint32_t e, struct arena *a)
{
    char *s = arena_strndup(a, event_type_name((enum event_type)e),
                            strlen(event_type_name((enum event_type)e)));

    for (char *p = s; p && *p; p++)
        *p = *p == '_' ? ' ' : *p;
    return s;
}

static char *
with_distance(const char *before, uint32_t m, const char *after, struct arena *a)
{
    char *d = wording_distance(m, EN, a);

    return d ? arena_printf(a, "%s%s%s", before, d, after) : NULL;
}

char *
wording_reason(const struct assess_reason *r, struct arena *a)
{
    static const char *const plain[RS_COUNT] = {
        [RS_NAMED] = "likelihood: the reports name this target",
        [RS_AT_PLACE] = "likelihood: the place itself",
        [RS_ACTIVE] = "likelihood: happening now",
        [RS_NO_AIR] = "likelihood: convoy without air cover",
        [RS_NO_ESCORT] = "likelihood: convoy without escort",
        [RS_WARNING] = "likelihood: a warning, not yet an event",
        [RS_RUMOUR] = "likelihood: a rumour",
        [RS_LINK_DOWN] = "likelihood: a link is down",
        [RS_DENIED] = "likelihood: denied, and nobody reports it",
        [RS_SIEGE_LIKELIHOOD] = "likelihood: the place is besieged",
        [RS_DISPLACED] = "impact: displaced people",
        [RS_MARKET] = "impact: market day",
        [RS_SMALL] = "impact: few can defend the base",
        [RS_POPULOUS] = "impact: a town of 10,000 people or more",
        [RS_SEXUAL_VIOLENCE] = "impact: sexual violence",
        [RS_SIEGE_IMPACT] = "impact: the place is besieged",
        [RS_RULE_IMPACT] = "impact: as the rule says",
    };
    const char *event;

    switch (r->code) {
    case RS_BASE_LIKELIHOOD:
    case RS_BASE_IMPACT:
        event = lower_event(r->arg, a);
        if (!event)
            return NULL;
        return arena_printf(a, "%s: %s", r->code == RS_BASE_IMPACT ? "impact" : "likelihood",
                            event);
    case RS_NEAR:
        return with_distance("likelihood: ", r->arg, " away, within half its reach", a);
    case RS_ON_ROUTE:
        return with_distance("likelihood: ", r->arg, " ahead on the route", a);
    case RS_CONTACT_SOON:
        return arena_printf(a, "likelihood: contact in %u min", r->arg);
    case RS_CONTACT_FAR:
        return arena_printf(a, "likelihood: contact only in %u min", r->arg);
    case RS_OVERDUE:
        return arena_printf(a, "likelihood: no sign of life for %u min", r->arg);
    case RS_FORCE_HARM:
        return with_distance("likelihood: state forces harmed civilians ", r->arg,
                             " away in the last 90 days", a);
    case RS_CLOCK_STEP:
        return arena_printf(a, "likelihood: the clock was set by %u s", r->arg);
    case RS_SILENT:
        return with_distance("likelihood: the base's link is down, an attack ", r->arg, " away", a);
    case RS_LINKS_DOWN:
        return arena_printf(a, "likelihood: %u links went down together", r->arg);
    case RS_RULE:
        return arena_printf(a, "likelihood: as the rule says, of %u", r->arg);
    case RS_UNHEARD:
        return arena_printf(a, "likelihood: nobody was heard for %u h", r->arg);
    case RS_KILLED_1:
    case RS_KILLED_10:
    case RS_KILLED_50:
        return arena_printf(a, "impact: %u dead, %s", r->arg,
                            r->code == RS_KILLED_1    ? "one or more"
                            : r->code == RS_KILLED_10 ? "ten or more"
                                                      : "fifty or more");
    case RS_WOUNDED_10:
        return arena_printf(a, "impact: %u wounded", r->arg);
    case RS_TAKEN_5:
        return arena_printf(a, "impact: %u taken", r->arg);
    default:
        return arena_printf(a, "%s", plain[r->code] ? plain[r->code] : "");
    }
}
