/* test_understand: phrases of our own against the shipped lexicon (tests/phrases), and the parts
 * that need a stamp, structured fields or a place in time. */
#include "understand.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "timefmt.h"

#define COLUMNS 9

static struct lexicon *lexicon;
static struct arena *arena;

static struct finding
read_as(const char *lang, const char *text, const char *stamp, struct incident *in)
{
    struct incident plain;
    if (!in) {
        incident_init(&plain);
        in = &plain;
    }
    in->lang = lang;
    in->text = text;
    int64_t us = 0;
    if (stamp)
        assert_int_equal(time_parse(stamp, strlen(stamp), &us), 0);
    struct finding f;
    assert_int_equal(understand(lexicon, NULL, in, us, arena, &f), 0);
    return f;
}

static struct finding
find(const char *lang, const char *text)
{
    return read_as(lang, text, NULL, NULL);
}

/* ---- the table */

static struct range
figure(const char *s)
{
    struct range r = {-1, -1};
    if (strcmp(s, "-") == 0)
        return r;
    char *end;
    r.least = (int32_t)strtol(s, &end, 10);
    r.most = *end == '-' ? (int32_t)strtol(end + 1, NULL, 10) : r.least;
    return r;
}

static uint32_t
targets(char *s)
{
    uint32_t mask = 0;
    char *save = NULL;
    for (char *t = strtok_r(s, ",", &save); t; t = strtok_r(NULL, ",", &save)) {
        assert_int_not_equal(target_parse(t), TG_UNKNOWN);
        mask |= TARGET_BIT(target_parse(t));
    }
    return mask;
}

static bool
same(struct range a, struct range b)
{
    return a.least == b.least && a.most == b.most;
}

static unsigned
check(const char *file, int line, char *col[COLUMNS])
{
    struct finding f = find(col[0], col[1]);
    unsigned bad = 0;
    if (strcmp(col[2], "-") != 0 && f.event != event_type_parse(col[2]))
        bad++;
    if (strcmp(col[3], "-") != 0 && f.targets != targets(col[3]))
        bad++;
    if (strcmp(col[4], "-") != 0 && f.mode != mode_parse(col[4]))
        bad++;
    if (!same(f.harm.killed, figure(col[5])) || !same(f.harm.wounded, figure(col[6])) ||
        !same(f.harm.taken, figure(col[7])))
        bad++;
    if (strcmp(col[8], "-") != 0 && f.alertworthy != (strcmp(col[8], "yes") == 0))
        bad++;
    if (bad)
        print_error("%s:%d: %s\n    got %s targets %x mode %s killed %d-%d wounded %d-%d "
                    "taken %d-%d %s\n",
                    file, line, col[1], event_type_name(f.event), f.targets, mode_name(f.mode),
                    f.harm.killed.least, f.harm.killed.most, f.harm.wounded.least,
                    f.harm.wounded.most, f.harm.taken.least, f.harm.taken.most,
                    f.alertworthy ? "yes" : "no");
    return bad;
}

static void
phrases(const char *file, size_t least)
{
    FILE *f = fopen(file, "r");
    assert_non_null(f);
    char row[1024];
    size_t n = 0;
    unsigned bad = 0;
    for (int line = 1; fgets(row, sizeof(row), f); line++) {
        row[strcspn(row, "\n")] = '\0';
        if (row[0] == '#' || row[0] == '\0')
            continue;
        char *col[COLUMNS], *p = row;
        size_t k = 0;
        while (k < COLUMNS && p)
            col[k++] = strsep(&p, "\t");
        assert_int_equal(k, COLUMNS);
        arena_reset(arena);
        bad += check(file, line, col);
        n++;
    }
    (void)fclose(f);
    assert_true(n >= least);
    assert_int_equal(bad, 0);
}

static void
english(void **state)
{
    (void)state;
    phrases("tests/phrases/core.en.tsv", 50);
}

static void
french(void **state)
{
    (void)state;
    phrases("tests/phrases/core.fr.tsv", 50);
}

/* ---- harm */

static void
harm(void **state)
{
    (void)state;
    static const struct {
        const char *lang, *text, *killed, *wounded, *taken;
    } rows[] = {
        /* numbers */
        {"en", "Two hundred and six people were killed", "206", "-", "-"},
        {"en", "Forty-one villagers killed", "41", "-", "-"},
        {"en", "One thousand two hundred people were killed", "1200", "-", "-"},
        {"en", "Half a dozen traders abducted", "-", "-", "6"},
        {"en", "Two dozen farmers slain", "24", "-", "-"},
        {"fr", "Deux mille trois cents personnes tuées", "2300", "-", "-"},
        {"fr", "Quatre-vingt-dix-sept morts au village", "97", "-", "-"},
        {"fr", "Vingt et un habitants tués", "21", "-", "-"},
        {"fr", "Soixante-douze morts", "72", "-", "-"},
        {"fr", "Une demi-douzaine de morts", "6", "-", "-"},
        {"fr", "Une quarantaine de blessés", "-", "40-48", "-"},
        /* ranges */
        {"en", "Between 8 and 10 villagers killed", "8-10", "-", "-"},
        {"en", "No fewer than 20 farmers slain", "20-40", "-", "-"},
        {"en", "More than 60 people wounded", "-", "60-120", "-"},
        {"en", "Up to 30 people abducted", "-", "-", "15-30"},
        {"en", "Nearly 40 people drowned", "36-40", "-", "-"},
        {"en", "About 15 soldiers killed", "15-18", "-", "-"},
        {"en", "Some 40 villagers killed", "40", "-", "-"},
        {"fr", "De 8 à 10 morts dans le hameau", "8-10", "-", "-"},
        {"fr", "Pas moins de 20 paysans tués", "20-40", "-", "-"},
        {"fr", "Plus de 60 blessés", "-", "60-120", "-"},
        {"fr", "Jusqu'à 30 personnes enlevées", "-", "-", "15-30"},
        {"fr", "Près de 40 morts", "36-40", "-", "-"},
        {"fr", "Environ 15 soldats tués", "15-18", "-", "-"},
        /* of slugs */
        {"en", "attack-on-village-kills-12", "12", "-", "-"},
        {"en", "village-raid-leaves-nine-dead", "9", "-", "-"},
        {"fr", "attaque-de-drone-12-morts-a-tolo", "12", "-", "-"},
        /* figures of no people */
        {"en", "Ambush on the RN15 at km 48, 300 metres from the ford, one driver killed", "1", "-",
         "-"},
        {"en", "Camp shelled for 48 hours on 3 June at 22:30, two guards killed", "2", "-", "-"},
        {"en", "An MQ-9 hit the camp, occupants killed", "-", "-", "-"},
        {"en", "Two tanker drivers killed", "2", "-", "-"},
        {"fr", "Embuscade sur la RN15 au km 48, un chauffeur tué", "1", "-", "-"},
        {"fr", "Une trentaine de coups tirés, une sentinelle blessée", "-", "1", "-"},
        {"fr", "Trois camions et 40 vaches emportés, un berger blessé", "-", "1", "-"},
        /* active and passive */
        {"en", "The blast left four dead", "4", "-", "-"},
        {"en", "The raid claimed the lives of six herders", "6", "-", "-"},
        {"en", "The blast claimed three lives", "3", "-", "-"},
        {"en", "Five gunmen killed three traders", "3", "-", "-"},
        {"en", "Gunmen took three girls from the school", "-", "-", "3"},
        {"en", "Assailants hacked eleven farmers to death", "11", "-", "-"},
        {"en", "Ambush near the ford, 2 KIA and 3 WIA", "2", "3", "-"},
        {"en", "Drone strikes kill 19 in the town", "19", "-", "-"},
        {"fr", "L'attaque a fait 12 morts", "12", "-", "-"},
        {"fr", "Bilan : 7 morts", "7", "-", "-"},
        {"fr", "Six habitants ont péri", "6", "-", "-"},
        {"fr", "Trois élèves ont trouvé la mort", "3", "-", "-"},
        {"fr", "La mine a coûté la vie à deux soldats", "2", "-", "-"},
        {"fr", "Cinq hommes armés ont tué trois commerçants", "3", "-", "-"},
        {"fr", "Les assaillants ont enlevé quatre femmes", "-", "-", "4"},
        /* one person */
        {"en", "The mayor was shot dead", "1", "-", "-"},
        {"en", "Bomb on the market kills an elderly woman", "1", "-", "-"},
        {"en", "Clash in the park, a paramedic dead", "1", "-", "-"},
        {"en", "Gunmen killed the village chief", "1", "-", "-"},
        {"en", "A national colleague was kidnapped", "-", "-", "1"},
        {"fr", "Un berger tué", "1", "-", "-"},
        {"fr", "Le chauffeur blessé", "-", "1", "-"},
        {"fr", "Accrochage dans le parc, un tourneur tué", "1", "-", "-"},
        {"fr", "L'assassinat d'un journaliste", "1", "-", "-"},
        {"fr", "Une expatriée a été emmenée par des inconnus", "-", "-", "1"},
        {"en", "There is talk of a massacre in the hills", "-", "-", "-"},
        {"fr", "On parle d'une tuerie dans les collines", "-", "-", "-"},
        /* together */
        {"en", "Three soldiers and two civilians were killed", "5", "-", "-"},
        {"en", "Gunmen killed the chief, his wife and their driver", "3", "-", "-"},
        {"en", "One soldier, two gendarmes and a civilian lost their lives", "4", "-", "-"},
        {"en", "Patient and nurse killed", "2", "-", "-"},
        {"en", "Father and three sons slain", "4", "-", "-"},
        {"en", "Three killed, one wounded", "3", "1", "-"},
        {"en", "Twelve dead and as many wounded", "12", "12", "-"},
        {"fr", "Trois soldats et deux civils tués", "5", "-", "-"},
        {"fr", "Des hommes armés ont tué le chef, son épouse et leur chauffeur", "3", "-", "-"},
        {"fr", "Le chauffeur et trois passagers ont péri", "4", "-", "-"},
        {"fr", "Une mère et ses deux enfants tués", "3", "-", "-"},
        {"fr", "Douze morts et autant de blessés", "12", "12", "-"},
        {"fr", "Un immeuble touché à Tolo, une vieille dame tuée", "1", "-", "-"},
        /* parts */
        {"en", "Seven traders, four of them women, were abducted", "-", "-", "7"},
        {"en", "Ten people were abducted, two of them killed", "2", "-", "10"},
        {"en", "Three staff, one woman and two men, were abducted", "-", "-", "3"},
        {"en", "One man, a teacher, was killed", "1", "-", "-"},
        {"en", "The son of the mayor was killed", "1", "-", "-"},
        {"fr", "Huit personnes enlevées, deux d'entre elles tuées", "2", "-", "8"},
        {"fr", "Un homme, un enseignant, a été tué", "1", "-", "-"},
        {"fr", "Le fils du maire a été tué", "1", "-", "-"},
        /* spared */
        {"en", "Three staff were released after talks", "-", "-", "-"},
        {"en", "Four soldiers killed, two missing", "4", "-", "-"},
        {"en", "Nobody was hurt in the attack", "-", "0", "-"},
        {"en", "Rescuers took two people to hospital", "-", "-", "-"},
        {"fr", "Trois otages libérés", "-", "-", "-"},
        {"fr", "Quatre soldats tués, cinq portés disparus", "4", "-", "-"},
        {"fr", "Attaque du poste, personne n'est blessé", "-", "0", "-"},
        /* later */
        {"en", "Five dead in the raid; later seven", "7", "-", "-"},
        {"en", "First report of 4 dead; the prefect now says 9", "9", "-", "-"},
        {"en", "Five dead in the raid. At noon the toll rises to seven", "7", "-", "-"},
        {"en", "A guard was shot by the road. He died at the clinic", "1", "-", "-"},
        {"fr", "Attaque du marché : 5 morts ; le bilan passe à 9 morts", "9", "-", "-"},
        {"fr", "Un commerçant blessé au marché. Il a succombé", "1", "-", "-"},
        /* claims */
        {"en", "The army said 12 terrorists were neutralised", "12", "-", "-"},
        {"fr", "L'armée affirme que 12 terroristes ont été neutralisés", "12", "-", "-"},
    };
    unsigned bad = 0;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        arena_reset(arena);
        struct harm h = find(rows[i].lang, rows[i].text).harm;
        if (same(h.killed, figure(rows[i].killed)) && same(h.wounded, figure(rows[i].wounded)) &&
            same(h.taken, figure(rows[i].taken)))
            continue;
        bad++;
        print_error("%s\n    killed %d-%d wounded %d-%d taken %d-%d\n", rows[i].text,
                    h.killed.least, h.killed.most, h.wounded.least, h.wounded.most, h.taken.least,
                    h.taken.most);
    }
    assert_int_equal(bad, 0);
}

/* Each figure names its words. */
static void
harm_evidence(void **state)
{
    (void)state;
    static const struct {
        const char *lang, *text, *words, *means;
    } rows[] = {
        {"en", "Raid at dawn, two guards shot dead and a cook hurt", "two guards shot dead",
         "killed=2"},
        {"en", "Raid at dawn, two guards shot dead and a cook hurt", "a cook hurt", "wounded=1"},
        {"fr", "Des hommes ont tué le chef, son épouse et un garde",
         "tué le chef, son épouse et un garde", "killed=3"},
        {"fr", "Une expatriée a été emmenée", "Une expatriée a été emmenée", "taken=1"},
        {"en", "First 4 dead; now 9", "9", "killed=9"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        arena_reset(arena);
        struct finding f = find(rows[i].lang, rows[i].text);
        bool found = false;
        for (size_t k = 0; k < f.n_evidence; k++)
            found = found || (strcmp(f.evidence[k].text, rows[i].words) == 0 &&
                              strcmp(f.evidence[k].means, rows[i].means) == 0);
        if (!found)
            fail_msg("%s: no %s for \"%s\"", rows[i].text, rows[i].means, rows[i].words);
    }
}

/* ---- when */

static void
when(void **state)
{
    (void)state;
    static const struct {
        const char *lang, *text, *from, *to;
    } rows[] = {
        /* stamp: Saturday 22 April 2023, 12:00 */
        {"en", "Village attacked yesterday at 0640", "2023-04-21T06:10:00Z",
         "2023-04-21T07:10:00Z"},
        {"en", "Village attacked on 17 April 2023", "2023-04-17T00:00:00Z", "2023-04-17T23:59:00Z"},
        {"en", "Village attacked on April 17", "2023-04-17T00:00:00Z", "2023-04-17T23:59:00Z"},
        {"en", "Village attacked 2023-04-21", "2023-04-21T00:00:00Z", "2023-04-21T23:59:00Z"},
        {"en", "Village attacked 2023-04-21T14:30", "2023-04-21T14:30:00Z", "2023-04-21T14:30:00Z"},
        {"en", "Under attack since dawn", "2023-04-22T05:00:00Z", "2023-04-22T12:00:00Z"},
        {"en", "Village attacked two hours ago", "2023-04-22T09:30:00Z", "2023-04-22T10:30:00Z"},
        {"en", "Village attacked last night", "2023-04-21T19:00:00Z", "2023-04-22T06:00:00Z"},
        {"en", "Village attacked on Thursday evening", "2023-04-20T18:00:00Z",
         "2023-04-21T00:00:00Z"},
        {"en", "Village attacked today at 7:30 am", "2023-04-22T07:00:00Z", "2023-04-22T08:00:00Z"},
        {"fr", "Village attaqué hier soir vers 20h", "2023-04-21T19:30:00Z",
         "2023-04-21T20:30:00Z"},
        {"fr", "Attaque dans la nuit du 21 au 22 avril", "2023-04-21T19:00:00Z",
         "2023-04-22T06:00:00Z"},
        {"fr", "Village attaqué ce matin", "2023-04-22T05:00:00Z", "2023-04-22T12:00:00Z"},
        {"fr", "Village attaqué il y a deux heures", "2023-04-22T09:30:00Z",
         "2023-04-22T10:30:00Z"},
        {"fr", "Tirs vers 14h30", "2023-04-21T14:00:00Z", "2023-04-21T15:00:00Z"},
        {"fr", "Village attaqué jeudi", "2023-04-20T00:00:00Z", "2023-04-20T23:59:00Z"},
        {"fr", "Village attaqué le 17 avril 2023", "2023-04-17T00:00:00Z", "2023-04-17T23:59:00Z"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char a[TIME_TEXT], b[TIME_TEXT];
        struct finding f = read_as(rows[i].lang, rows[i].text, "2023-04-22T12:00:00Z", NULL);
        assert_string_equal(f.when_method, "words");
        if (strcmp(time_text(f.from_us, a), rows[i].from) ||
            strcmp(time_text(f.to_us, b), rows[i].to))
            fail_msg("%s: %s .. %s", rows[i].text, a, time_text(f.to_us, b));
    }
}

static void
when_zone_and_given(void **state)
{
    (void)state;
    char text[TIME_TEXT];
    struct incident in;
    incident_init(&in);
    in.utc_offset_min = 60;
    struct finding f = read_as("fr", "Attaque hier à 20h", "2023-04-22T12:00:00Z", &in);
    assert_string_equal(time_text(f.from_us, text), "2023-04-21T18:30:00Z");

    in.occurred_at_us = INT64_C(1682150400000000);
    f = read_as("fr", "Attaque hier à 20h", "2023-04-22T12:00:00Z", &in);
    assert_string_equal(f.when_method, "given");
    assert_int_equal(f.from_us, in.occurred_at_us);

    f = read_as("en", "Village attacked", "2023-04-22T12:00:00Z", NULL);
    assert_string_equal(f.when_method, "reported");
    f = read_as("en", "Village attacked yesterday", NULL, NULL);
    assert_null(f.when_method);
    f = read_as("en", "Village attacked on 17 April 2023", NULL, NULL);
    assert_string_equal(f.when_method, "words");
}

static void
old_news(void **state)
{
    (void)state;
    const char *now = "2023-04-22T12:00:00Z";
    struct finding f = read_as("en", "Village attacked on 3 April 2023, 5 killed", now, NULL);
    assert_int_equal(f.mode, MODE_FOLLOW_UP);
    assert_false(f.alertworthy);
    f = read_as("en", "Village attacked on 18 April 2023, 5 killed", now, NULL);
    assert_int_equal(f.mode, MODE_FOLLOW_UP);
    f = read_as("en", "Village attacked on 20 April 2023, 5 killed", now, NULL);
    assert_true(f.alertworthy);
    f = read_as("en", "Village attacked on 18 April 2023, 15 killed", now, NULL);
    assert_true(f.alertworthy); /* so many dead are news for longer */
    f = read_as("fr", "Attaque du village il y a cinq jours, deux morts", now, NULL);
    assert_int_equal(f.mode, MODE_FOLLOW_UP);
    f = read_as("fr", "Attaque du poste la semaine dernière", now, NULL);
    assert_int_equal(f.mode, MODE_FOLLOW_UP);
    f = read_as("en", "Camp attacked last week", now, NULL);
    assert_int_equal(f.mode, MODE_FOLLOW_UP);
    f = read_as("fr", "Mine posée la semaine dernière sur la piste, toujours là", now, NULL);
    assert_true(f.alertworthy);
    f = read_as("en", "Landmine found on the road on 12 April 2023", now, NULL);
    assert_true(f.alertworthy); /* a mine stays */
}

/* ---- fields, marks, the rest */

static void
structured_wins(void **state)
{
    (void)state;
    struct incident in;
    incident_init(&in);
    in.event = EV_IED_MINE;
    in.has_targets = true;
    in.targets = TARGET_BIT(TG_BASE);
    in.killed = 0;
    in.wounded = 2;
    struct finding f = read_as("en", "Convoy ambushed, three killed", NULL, &in);
    assert_int_equal(f.event, EV_IED_MINE);
    assert_int_equal(f.targets, TARGET_BIT(TG_BASE));
    assert_true(same(f.harm.killed, (struct range){0, 0}));
    assert_true(same(f.harm.wounded, (struct range){2, 2}));
    assert_int_equal(f.harm.taken.least, -1);

    incident_init(&in); /* no text at all */
    in.event = EV_AMBUSH;
    assert_int_equal(understand(lexicon, NULL, &in, 1, arena, &f), 0);
    assert_true(f.alertworthy);
    assert_int_equal(f.targets, TARGET_BIT(TG_CONVOY));
    assert_int_equal(f.fingerprint[0], 0);

    struct finding kept = f;
    kept.event = EV_HAZARD;
    in.finding = &kept;
    assert_int_equal(understand(lexicon, NULL, &in, 1, arena, &f), 0);
    assert_int_equal(f.event, EV_HAZARD);
}

static void
marks(void **state)
{
    (void)state;
    struct finding f = find("en", "EXERCISE EXERCISE EXERCISE convoy ambushed");
    assert_true(f.marks & MARK_POSSIBLE_EXERCISE);
    assert_true(f.alertworthy);
    f = find("fr", "Convoi attaqué, ceci n'est pas un exercice");
    assert_true(f.no_duff);
    assert_false(f.marks & MARK_POSSIBLE_EXERCISE);
    f = find("fr", "La ville est encerclée");
    assert_true(f.marks & MARK_SIEGE);
    f = find("en", "A girl was raped near the well");
    assert_true(f.marks & MARK_SEXUAL_VIOLENCE);
    f = find("en", "Village under attack now");
    assert_true(f.in_progress);
    f = find("fr", "Sommes attaqués au poste");
    assert_true(f.in_progress);
    f = find("en", "Village attacked by JNIM with mortars");
    assert_int_equal(f.n_actors, 1);
    assert_string_equal(f.actors[0], "JNIM");
    assert_int_equal(f.n_weapons, 1);
}

/* Who moves is the actor: forces that pass, not forces that something is seen near. */
static void
forces_that_pass(void **state)
{
    (void)state;
    struct finding f = find("en", "An army column of six trucks passed through the town");
    assert_int_equal(f.event, EV_ARMED_PRESENCE);
    assert_int_equal(f.targets, TARGET_BIT(TG_ARMED));
    assert_int_equal(f.n_actors, 1);
    assert_true(lexicon_is_force(lexicon, f.actors[0]));
    f = find("fr", "Une colonne de véhicules militaires traverse la ville");
    assert_int_equal(f.n_actors, 1);
    f = find("fr", "Des hommes suspects aperçus près du poste de l'armée");
    assert_int_equal(f.event, EV_ARMED_PRESENCE);
    assert_int_equal(f.n_actors, 0);
    f = find("en", "Armed men seen moving towards the army post");
    assert_int_equal(f.n_actors, 0);
    assert_false(lexicon_is_force(lexicon, "JNIM"));
    assert_false(lexicon_is_force(NULL, "army"));
}

static void
language(void **state)
{
    (void)state;
    assert_string_equal(find(NULL, "Le convoi est attaqué par des hommes armés").lang, "fr");
    assert_string_equal(find(NULL, "The convoy was attacked by armed men").lang, "en");
    assert_null(find(NULL, "xyzzy").lang);
    assert_string_equal(find("bm", "The convoy was attacked").lang, "bm");
}

static void
evidence_quotes(void **state)
{
    (void)state;
    struct finding f = find("fr", "Convoi ATTAQUÉ près de Gao, deux blessés");
    bool event = false, wounded = false;
    for (size_t i = 0; i < f.n_evidence; i++) {
        event = event || (strcmp(f.evidence[i].text, "Convoi ATTAQUÉ") == 0 &&
                          strcmp(f.evidence[i].means, "event=ambush") == 0);
        wounded = wounded || strcmp(f.evidence[i].means, "wounded=2") == 0;
    }
    assert_true(event);
    assert_true(wounded);
    assert_true(f.confidence_permille >= 500 && f.confidence_permille <= 1000);
}

static void
arena_full(void **state)
{
    (void)state;
    struct incident in;
    incident_init(&in);
    char text[8192];
    for (size_t i = 0; i + 1 < sizeof(text); i++)
        text[i] = i % 4 == 3 ? ' ' : 'a';
    text[sizeof(text) - 1] = '\0';
    in.text = text;
    struct arena *small = arena_new(16384);
    assert_non_null(small);
    struct finding f;
    assert_int_equal(understand(lexicon, NULL, &in, 0, small, &f), -1);
    arena_free(small);
}

static int
setup(void **state)
{
    (void)state;
    struct err e;
    char text[600];
    arena = arena_new(0);
    if (lexicon_load("conf/lexicon", &lexicon, &e)) {
        print_error("%s\n", err_str(&e, text, sizeof(text)));
        return -1;
    }
    return arena ? 0 : -1;
}

static int
teardown(void **state)
{
    (void)state;
    lexicon_free(lexicon);
    arena_free(arena);
    return 0;
}

/* A model that is against everything: it overrules what is only told, never what must page. */
static void
test_model_against(void **state)
{
    static const char weights[] = "@bias\t0:-4000 1:4000 22:-4000 23:-4000 24:-4000 25:-4000\n";
    static const struct {
        const char *text;
        bool news;
    } t[] = {
        {"Small arms fire at the camp of Tessit", false},
        {"Small arms fire at the camp of Tessit, no duff", true},
        {"Tirs sur le camp de Tessit, ceci n'est pas un exercice", true},
        {"We are under attack now at the camp of Tessit, small arms fire", true},
    };
    struct model *m = NULL;
    struct err e = {.text = ""};

    (void)state;
    assert_int_equal(model_parse(weights, sizeof weights - 1, "against", &m, &e), 0);
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct incident in;
        struct finding f, plain;

        incident_init(&in);
        in.text = t[i].text;
        arena_reset(arena);
        assert_int_equal(understand(lexicon, NULL, &in, 0, arena, &plain), 0);
        assert_true(plain.alertworthy);
        assert_int_equal(understand(lexicon, m, &in, 0, arena, &f), 0);
        if (f.alertworthy != t[i].news)
            print_error("%s\n", t[i].text);
        assert_int_equal(f.alertworthy, t[i].news);
        if (t[i].news) {
            assert_int_equal(f.event, plain.event);
            assert_int_not_equal(f.targets, 0);
        }
    }
    model_free(m);
}

/* A model that cries ambush at every word: without a word of violence there is none. */
static void
test_model_alone(void **state)
{
    static const char weights[] = "@bias\t0:4000 3:4000\n";
    struct model *m = NULL;
    struct err e = {.text = ""};
    struct incident in;
    struct finding f;

    (void)state;
    assert_int_equal(model_parse(weights, sizeof weights - 1, "for", &m, &e), 0);
    incident_init(&in);
    in.text = "Bus with a flat tyre on the road out of Bourem, traffic slow";
    assert_int_equal(understand(lexicon, m, &in, 0, arena, &f), 0);
    assert_int_not_equal(f.event, EV_AMBUSH);
    in.text = "Shots at a bus on the road out of Bourem";
    assert_int_equal(understand(lexicon, m, &in, 0, arena, &f), 0);
    assert_int_equal(f.event, EV_AMBUSH);
    model_free(m);
}

/* A mistyped word is read as it was meant; evidence and fingerprint keep what was written. */
static void
test_mistyped(void **state)
{
    static const char weights[] = "attacked\t0:1\n";
    struct model *m = NULL;
    struct err e = {.text = ""};
    struct incident in;
    struct finding f, plain;

    (void)state;
    assert_int_equal(model_parse(weights, sizeof weights - 1, "words", &m, &e), 0);
    incident_init(&in);
    in.text = "Gunmen atatcked the village";
    assert_int_equal(understand(lexicon, m, &in, 0, arena, &f), 0);
    assert_int_equal(f.event, EV_ARMED_ATTACK);
    bool quoted = false;
    for (size_t i = 0; i < f.n_evidence; i++)
        quoted |= strstr(f.evidence[i].text, "atatcked") != NULL;
    assert_true(quoted);
    assert_int_equal(understand(lexicon, NULL, &in, 0, arena, &plain), 0);
    assert_memory_equal(f.fingerprint, plain.fingerprint, sizeof f.fingerprint);
    model_free(m);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_model_against),
        cmocka_unit_test(test_model_alone),
        cmocka_unit_test(test_mistyped),
        cmocka_unit_test(english),
        cmocka_unit_test(french),
        cmocka_unit_test(harm),
        cmocka_unit_test(harm_evidence),
        cmocka_unit_test(when),
        cmocka_unit_test(when_zone_and_given),
        cmocka_unit_test(old_news),
        cmocka_unit_test(structured_wins),
        cmocka_unit_test(marks),
        cmocka_unit_test(forces_that_pass),
        cmocka_unit_test(language),
        cmocka_unit_test(evidence_quotes),
        cmocka_unit_test(arena_full),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
