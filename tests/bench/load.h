/* load: the incidents of the benchmarks. Of every 20:
 *
 *   1   an attack at a place of its own: it raises one alert (civilians, the place itself)
 *   7   repeat an earlier attack, same source, nothing new: they join it and change nothing
 *   12  nothing that anybody is alerted for
 *
 * Structured: event and position are given, no text. Text: about 250 bytes in French or English;
 * the attack's position is in its words, three of its repeats are copies, four are told in other
 * words, the others name places of the gazetteer. The places of the attacks lie 13 km and more
 * apart, on a grid over the Sahel; the number of an attack can be read from its position. */
#ifndef TESTS_BENCH_LOAD_H
#define TESTS_BENCH_LOAD_H

#include <inttypes.h>
#include <stdio.h>

#include "record.h"
#include "timefmt.h"

#define LOAD_EVERY  20u
#define LOAD_ROWS   200u
#define LOAD_COLS   480u
#define LOAD_CELLS  (LOAD_ROWS * LOAD_COLS)
#define LOAD_STEP   1200000 /* 0.12 degree */
#define LOAD_SOUTH  40000000
#define LOAD_WEST   (-180000000)
#define LOAD_MOST   ((uint64_t)LOAD_CELLS * LOAD_EVERY) /* incidents before a place comes again */
#define LOAD_SPREAD 7919u /* prime to LOAD_CELLS: neighbours in time are none in space */

struct load_scratch {
    char own[32], text[512];
};

static inline struct geo_pt
load_place(uint64_t attack)
{
    uint32_t cell = (uint32_t)(attack * LOAD_SPREAD % LOAD_CELLS);

    return (struct geo_pt){LOAD_SOUTH + (int32_t)(cell / LOAD_COLS) * LOAD_STEP,
                           LOAD_WEST + (int32_t)(cell % LOAD_COLS) * LOAD_STEP};
}

/* The cell of a position; LOAD_CELLS when it lies on none. */
static inline uint32_t
load_cell(struct geo_pt p)
{
    int32_t row = (p.lat - LOAD_SOUTH + LOAD_STEP / 2) / LOAD_STEP;
    int32_t col = (p.lon - LOAD_WEST + LOAD_STEP / 2) / LOAD_STEP;

    if (row < 0 || col < 0 || row >= (int32_t)LOAD_ROWS || col >= (int32_t)LOAD_COLS)
        return LOAD_CELLS;
    return (uint32_t)row * LOAD_COLS + (uint32_t)col;
}

static const char *const load_attacks[] = {
    "Attack under way at %.5f, %.5f: armed men on motorcycles came from the river side at "
    "first light and are shooting at people near the well; families run for the school, smoke "
    "over the granaries. We cannot count them, perhaps thirty. Please send help quickly.",
    "Attaque en cours au point %.5f, %.5f : des hommes armés à moto tirent sur les habitants "
    "depuis l'aube, plusieurs maisons brûlent, les femmes et les enfants fuient vers l'école. "
    "Les assaillants seraient une trentaine. Nous demandons de l'aide d'urgence.",
};
static const char *const load_retold[] = {
    "Still shooting at %.5f, %.5f, the armed men on motorcycles have not left and attack the "
    "houses near the market road; the people who could run are hiding in the bush, others in "
    "the school. The phone network is weak, we will call again when we can say more.",
    "Les tirs continuent au point %.5f, %.5f, les hommes armés attaquent encore les maisons "
    "du quartier nord ; ceux qui ont pu fuir se cachent en brousse, d'autres dans l'école. Le "
    "réseau est faible, nous rappellerons dès que nous en saurons davantage.",
};
static const char *const load_plain[] = {
    "Weekly market at %s very busy today, many buyers from the villages around, price of "
    "millet unchanged and rice a little lower than last week. The road is dry again and the "
    "trucks with goods arrived before noon. Nothing else to report from our side.",
    "Marché hebdomadaire de %s très animé ce jour, beaucoup de monde venu des villages "
    "voisins, prix du mil stable et bétail en légère hausse. La piste est sèche, les camions "
    "de marchandises sont arrivés avant midi. Rien d'autre à signaler de notre côté.",
    "The football final between the two quarters of %s was played this afternoon before a "
    "large crowd, good mood until the end, the mayor gave the cup to the winners. The lorry "
    "that stood at the entrance of the town for two days was repaired and has left.",
    "Le préfet a visité ce matin le chantier du château d'eau de %s avec les chefs de "
    "quartier ; les travaux avancent et devraient finir avant les pluies. Une équipe de "
    "vaccination est passée dans trois écoles, bon accueil de la population partout.",
    "Distribution of food in %s completed, six hundred households were served in good order "
    "and the committee thanks all partners. A meeting on the water points is planned for next "
    "week with herders and farmers, both sides said that they would come.",
    "Panne d'électricité à %s depuis hier soir, la société annonce un retour avant la nuit. "
    "Le centre de santé travaille sur son groupe. Vent de sable en matinée, visibilité "
    "réduite, les vols du jour sont reportés à demain selon l'agent de l'aérodrome.",
};
static const char *const load_towns[] = {
    "Gao",    "Kidal",    "Ménaka", "Tombouctou", "Mopti",   "Ansongo",
    "Bourem", "Tessalit", "Niono",  "Douentza",   "Bankass", "Koro",
    "Djenné", "Ténenkou", "Diré",   "Goundam",    "Ségou",   "Bandiagara",
};

#define LOAD_PICK(list, n) ((list)[(n) % (sizeof(list) / sizeof((list)[0]))])

static inline void
load_text_of(char *out, size_t size, const char *fmt, uint64_t attack)
{
    struct geo_pt p = load_place(attack);

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    (void)snprintf(out, size, fmt, p.lat / 1e7, p.lon / 1e7);
#pragma GCC diagnostic pop
}

static inline void
load_plain_of(char *out, size_t size, uint64_t i)
{
    uint64_t mix = i * UINT64_C(0x9e3779b97f4a7c15) >> 32;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    (void)snprintf(out, size, LOAD_PICK(load_plain, mix), LOAD_PICK(load_towns, mix >> 8));
#pragma GCC diagnostic pop
}

/* The i-th incident; in's strings live in s. */
static inline void
load_incident(uint64_t i, bool text, int64_t at_us, struct load_scratch *s, struct incident *in)
{
    uint64_t attack = i / LOAD_EVERY, part = i % LOAD_EVERY;

    if (part > 0 && part < 8) /* a repeat, of one of the last few */
        attack = attack >= part / 2 ? attack - part / 2 : 0;
    incident_init(in);
    in->source = "local";
    (void)snprintf(s->own, sizeof s->own, "bench-%" PRIu64, i);
    in->own_id = s->own;
    in->reported_at_us = at_us;
    if (!text && part < 8) {
        in->event = EV_ARMED_ATTACK;
        in->has_targets = true;
        in->targets = TARGET_BIT(TG_CIVILIANS);
        in->has_pos = true;
        in->pos = load_place(attack);
        in->radius_m = 200;
        in->reliability = 'B';
        in->credibility = 2;
    } else if (!text) {
        in->event = EV_NONE;
        in->place = LOAD_PICK(load_towns, i);
    } else {
        if (part < 4)
            load_text_of(s->text, sizeof s->text, LOAD_PICK(load_attacks, attack), attack);
        else if (part < 8)
            load_text_of(s->text, sizeof s->text, LOAD_PICK(load_retold, attack), attack);
        else
            load_plain_of(s->text, sizeof s->text, i);
        in->text = s->text;
    }
}

#endif
