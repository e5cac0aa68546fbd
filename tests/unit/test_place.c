/* test_place: what a report says of where, by tables, on the shipped short gazetteer and a few
 * hamlets written beside it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "place.h"
#include "place_coords.h"
#include "place_words.h"

static struct gazetteer *g;

static int
setup(void **state)
{
    /* Hamlets as a dump has them: homonyms, ordinary words, a name in another country. */
    static const char hamlets[] =
        "1\tTire\tTire\t\t13.0\t-5.0\tP\tPPL\tML\t\t04\t\t\t\t0\t\t\t\t\n"
        "2\tBonko\tBonko\t\t14.9\t-2.5\tP\tPPL\tML\t\t04\t\t\t\t0\t\t\t\t\n"
        "3\tBonko\tBonko\t\t11.0\t-7.5\tP\tPPL\tML\t\t06\t\t\t\t0\t\t\t\t\n"
        "4\tMoussa\tMoussa\t\t13.0\t-6.0\tP\tPPL\tML\t\t04\t\t\t\t0\t\t\t\t\n"
        "5\tMali\tMali\tMali\t17.0\t-4.0\tA\tPCLI\tML\t\t00\t\t\t\t19000000\t\t\t\t\n"
        "6\tDar Kouli\tDar Kouli\t\t16.6\t-0.1\tP\tPPL\tML\t\t09\t\t\t\t0\t\t\t\t\n"
        "7\tSept\tSept\tBon,Mission,Dix,Poste\t13.0\t-5.0\tP\tPPL\tML\t\t04\t\t\t\t0\t\t\t\t\n"
        "8\tZandougou\tZandougou\t\t14.2\t-3.4\tP\tPPL\tML\t\t04\t\t\t\t0\t\t\t\t\n"
        "9\tZandougou\tZandougou\t\t13.4\t2.9\tP\tPPL\tNE\t\t09\t\t\t\t0\t\t\t\t\n"
        "10\tBangi\tBangi\tBangui\t13.7\t6.1\tP\tPPL\tNE\t\t06\t\t\t\t0\t\t\t\t\n"
        "11\tFarkola\tFarkola\t\t10.6\t-5.6\tP\tPPL\tML\t\t06\t\t\t\t0\t\t\t\t\n"
        "12\tRégion de Mopti\tRegion de Mopti\t\t14.7\t-3.4\tA\tADM1\tML\t\t04\t\t\t\t0\t\t\t\t\n"
        "13\tMoundari\tMoundari\t\t15.5\t-2.9\tP\tPPL\tML\t\t04\t\t\t\t0\t\t\t\t\n"
        "15\tDogon\tDogon\t\t13.7\t-3.6\tL\tRGN\tML\t\t04\t\t\t\t0\t\t\t\t\n"
        "14\tMoundari\tMoundari\t\t14.6\t-6.9\tP\tPPL\tML\t\t07\t\t\t\t0\t\t\t\t\n";
    char path[] = "/tmp/test-place-XXXXXX";
    int fd = mkstemp(path);
    struct err e;

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, hamlets, sizeof hamlets - 1), sizeof hamlets - 1);
    assert_int_equal(close(fd), 0);
    g = gazetteer_new();
    if (gazetteer_add_file(g, "conf/gazetteer.tsv", &e) != 0 ||
        gazetteer_add_file(g, path, &e) != 0 || gazetteer_finish(g, &e) != 0)
        fail_msg("%s:%d: %s", e.file, e.line, e.text);
    return unlink(path);
}

static int
teardown(void **state)
{
    (void)state;
    gazetteer_free(g);
    return 0;
}

static struct finding
find(struct arena *a, const struct incident *in, enum event_type event)
{
    struct finding f;

    finding_init(&f);
    f.event = event;
    assert_int_equal(place_find(g, in, a, &f), 0);
    return f;
}

static void
test_texts(void **state)
{
    static const struct {
        const char *text, *name, *method; /* name NULL = not placed */
        uint32_t bearing, distance_km;
    } cases[] = {
        {"Attaque à Gao, deux morts", "Gao", "gazetteer", 0, 0},
        {"attaque a gao deux morts", "Gao", "gazetteer", 0, 0},
        {"ATTAQUE A GAO 2 MORTS", "Gao", "gazetteer", 0, 0},
        {"Gunmen shot a guard in Sevare.", "Sévaré", "gazetteer", 0, 0},
        {"Nine civilians killed at Kourkanda-Peulh", "Kourkanda-Peulh", "gazetteer", 0, 0},
        {"Nine civilians killed at Kourkanda Peul", "Kourkanda-Peulh", "gazetteer", 0, 0},
        {"Tirs près de Kourkanda-Habbé ce matin", "Kourkanda-Habbé", "gazetteer", 0, 0},
        {"Killing at Kourkanda-Bozo", NULL, NULL, 0, 0},
        {"Village de Tidarmené pris par des hommes armés", "Tidermène", "gazetteer", 0, 0},
        {"Fada N'Gourma : une patrouille attaquée", "Fada N'Gourma", "gazetteer", 0, 0},
        {"Ambush near Fada Ngourma", "Fada N'Gourma", "gazetteer", 0, 0},
        {"Gao's market was attacked", "Gao", "gazetteer", 0, 0},
        /* offsets */
        {"Convoi attaqué à 15 km au nord de Gao, axe Gao-Bourem", "Gao", "relative", 0, 15},
        {"Ambush 20 km north of Gao", "Gao", "relative", 0, 20},
        {"embuscade 20 km nord de Gao", "Gao", "relative", 0, 20},
        {"embuscade 20km nord Gao", "Gao", "relative", 0, 20},
        {"IED 12 km NE of Kidal", "Kidal", "relative", 45, 12},
        {"Mine à 7 km au nord-est de Kidal", "Kidal", "relative", 45, 7},
        {"mine a 7 km au sud ouest de kidal", "Kidal", "relative", 225, 7},
        {"Mine à une vingtaine de kilomètres à l'est de Ménaka", "Ménaka", "relative", 90, 20},
        {"About ten miles (sixteen kilometers) west of Dori", "Dori", "relative", 270, 16},
        {"Mine à vingt-cinq kilomètres au sud de Boni", "Boni", "relative", 180, 25},
        {"Mine à 1,5 km au sud de Boni", "Boni", "relative", 180, 1},
        {"Véhicule brûlé à 15 km de Gao vers Bourem", "Gao", "relative", 337, 15},
        {"shots 800 m south of the town of Ansongo", "Ansongo", "relative", 180, 0},
        {"Attack 14km outside of Dori", "Dori", "relative", 0, 0},
        {"Clashes north of Gao", "Gao", "relative", 0, 0},
        {"Ils ont pris Tidermène, à 78 km au nord de Ménaka", "Tidermène", "gazetteer", 0, 0},
        {"Dar Kouli village, 38 km north of Gao: shots", "Dar Kouli", "gazetteer", 0, 0},
        /* two places */
        {"Kidnapped between Boni and Douentza in Mopti", "Boni–Douentza", "between", 0, 0},
        {"Enlevé entre Boni et Douentza", "Boni–Douentza", "between", 0, 0},
        {"Ambush between Niono, Segou, and Ténenkou, Mopti", "Niono–Ténenkou", "between", 0, 0},
        {"Mine découverte sur l'axe Gao–Kidal", "Gao–Kidal", "between", 0, 0},
        {"Bandits on the Gao-Bourem road", "Gao–Bourem", "between", 0, 0},
        {"Braquage route de Gao à Bourem", "Gao–Bourem", "between", 0, 0},
        {"Truck robbed while travelling from Gao to Bourem", "Gao–Bourem", "between", 0, 0},
        {"Convoi attaqué à Tabankort, axe Gao-Kidal", "Tabankort", "gazetteer", 0, 0},
        {"Attack between Gao and Anefis near Almoustarat", "Almoustarat", "gazetteer", 0, 0},
        /* areas */
        {"Armed men in Mopti region", "Région de Mopti", "area", 0, 0},
        {"Hommes armés dans le cercle de Bankass", "Cercle de Bankass", "area", 0, 0},
        {"Armed men in Sevare, Mopti region", "Sévaré", "gazetteer", 0, 0},
        {"Situation dans la province du Soum", "Province du Soum", "area", 0, 0},
        {"Deux morts dans le Nord du pays", NULL, NULL, 0, 0},
        {"Insecurity in Mali", NULL, NULL, 0, 0},
        /* who came from where */
        {"Attack at Boni, people fled to Douentza", "Boni", "gazetteer", 0, 0},
        {"Convoi venant de Kidal attaqué à Tabankort", "Tabankort", "gazetteer", 0, 0},
        {"Wounded evacuated to Gao after an attack in Ansongo", "Ansongo", "gazetteer", 0, 0},
        {"The five were rescued on 17 April by soldiers near Timbuktu, after they were taken at "
         "Ber",
         "Ber", "gazetteer", 0, 0},
        {"An aid group based in Bamako lost a car in Ansongo", "Ansongo", "gazetteer", 0, 0},
        /* spellings: by sound, then by one letter, never loosely */
        {"Attack on Tidermen village", "Tidermène", "spelling", 0, 0},
        {"VILLAGE DE TIDERMENNE PRIS", "Tidermène", "spelling", 0, 0},
        {"attaque a anderamboucane", "Andéramboukane", "spelling", 0, 0},
        {"Ambush near Bambara Mawde", "Bambara-Maoudé", "spelling", 0, 0},
        {"Clash at Tinn Akof", "Tin-Akoff", "spelling", 0, 0},
        {"Attaque à Bandiagarra", "Bandiagara", "spelling", 0, 0},
        {"Attaque près d'Ansogno", "Ansongo", "spelling", 0, 0},
        {"Carjacking in Chetuimari town, Diffa region", "Chétimari", "spelling", 0, 0},
        {"Kidnapped 56km NE of Tenekou, Mopti", "Ténenkou", "relative", 45, 56},
        {"20 km north of Bandiagra", "Bandiagara", "relative", 0, 20},
        {"Enlevé entre Bonni et Douentza", "Boni–Douentza", "between", 0, 0},
        {"Killing at Kourkandda-Bozo", NULL, NULL, 0, 0},
        {"Tirs à Kourkanda-Habé", "Kourkanda-Habbé", "gazetteer", 0, 0},
        {"svp tirs a kourkanda peulh", "Kourkanda-Peulh", "gazetteer", 0, 0},
        {"TIRS A KOURKANDA HABBE", "Kourkanda-Habbé", "gazetteer", 0, 0},
        {"Attack near Nampula in Mozambique", NULL, NULL, 0, 0},
        {"One worker shot in Zandouggou", NULL, NULL, 0, 0}, /* a hamlet guessed at */
        {"One worker shot in Zandouggou, Bandiagara", "Zandougou", "spelling", 0, 0},
        /* what stands round a name */
        {"Shots in Zandougou, Bandiagara", "Zandougou", "gazetteer", 0, 0},
        {"Shots at the Farkola clinic in the Mentao camp, outside of Djibo", "Mentao", "gazetteer",
         0, 0},
        {"A soldier was killed in Bangui", NULL, NULL, 0, 0},
        {"RCA : un homme tué à Zandougou", NULL, NULL, 0, 0},
        {"L'attaque de Dogon Hawey", NULL, NULL, 0, 0},
        {"Clinic attacked in San Salvador", NULL, NULL, 0, 0},
        {"Warehouse attacked in the Far North region", NULL, NULL, 0, 0},
        {"Attaque à Koulandi, cercle de Bankass", "Cercle de Bankass", "area", 0, 0},
        /* roads */
        {"Un convoi a sauté sur une mine sur la RN16", "RN16", "road", 0, 0},
        {"mine sur la rn 16", "RN16", "road", 0, 0},
        {"Ambush on national road 17", "RN17", "road", 0, 0},
        {"Mine sur la RN16 près de Hombori", "Hombori", "gazetteer", 0, 0},
        {"MINE SUR RN15 ENTRE BANDIAGARA ET BANKASS", "Bandiagara–Bankass", "between", 0, 0},
        {"Mine sur la RN17, à 30 km de Gao", "Gao", "relative", 144, 30},
        {"Embuscade sur l'axe Niono–Diabaly", "Niono–Diabaly", "between", 0, 0},
        {"Driver killed along the Maine Soroa road, Diffa", "Maïné-Soroa–Diffa", "between", 0, 0},
        /* words that are hamlets, names that are people */
        {"Sept morts, dix blessés, la Mission en alerte", NULL, NULL, 0, 0},
        {"SEPT MORTS AU POSTE, DIX BLESSES, BON POUR LA MISSION", NULL, NULL, 0, 0},
        {"Le Poste de la Mission attaqué", NULL, NULL, 0, 0},
        {"Il tire sur la foule", NULL, NULL, 0, 0},
        {"on a tire sur nous", NULL, NULL, 0, 0},
        {"Arrested by Moussa yesterday", NULL, NULL, 0, 0},
        {"Rien à signaler", NULL, NULL, 0, 0},
        {"", NULL, NULL, 0, 0},
        {"Shots in Nowhere-Boni", NULL, NULL, 0, 0},
    };
    struct arena *a = arena_new(0);

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct incident in;
        struct finding f;
        incident_init(&in);
        in.text = cases[i].text;
        f = find(a, &in, EV_ARMED_ATTACK);
        if (f.has_place != (cases[i].name != NULL))
            fail_msg("\"%s\": %s", cases[i].text, f.has_place ? f.place.name : "not placed");
        if (!f.has_place)
            continue;
        if (strcmp(f.place.name, cases[i].name) != 0 ||
            strcmp(f.place.method, cases[i].method) != 0 ||
            f.place.bearing_deg != cases[i].bearing ||
            f.place.distance_m / 1000 != cases[i].distance_km)
            fail_msg("\"%s\": %s by %s, %u degrees, %u m", cases[i].text, f.place.name,
                     f.place.method, f.place.bearing_deg, f.place.distance_m);
        assert_int_equal(f.place.area, strcmp(f.place.method, "area") == 0);
        assert_int_equal(f.n_evidence, 1);
        assert_non_null(strstr(cases[i].text, f.evidence[0].text));
    }
    arena_free(a);
}

static void
test_radius(void **state)
{
    static const struct {
        const char *text;
        uint32_t least, most;
    } cases[] = {
        {"Ambush 20 km north of Gao", 3000, 3000},
        {"Ambush 2 km north of Gao", 1000, 1000},
        {"Attack 14km outside of Dori", 14000, 14000},
        {"Clashes north of Gao", 15000, 15000},
        {"Enlevé entre Boni et Douentza", 35000, 45000},
        {"Armed men in Mopti region", 210000, 220000}, /* from its seat */
        {"Véhicule attaqué sur la route de Hombori", 30000, 30000},
        {"Kidnapped between Douentza and Nowhere", 30000, 30000},
        {"Driver taken in Koulandi village, Gao", 50000, 50000}, /* somewhere near */
        {"Mine sur la RN17, à 30 km de Gao", 6000, 6000},
        {"Mine sur la RN17", 80000, 90000},
        {"Truck stopped from Kaya to Dori, Sanmatenga", 46000, 47000}, /* the part within */
    };
    struct arena *a = arena_new(0);

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct incident in;
        struct finding f;
        incident_init(&in);
        in.text = cases[i].text;
        f = find(a, &in, EV_AMBUSH);
        if (f.place.radius_m < cases[i].least || f.place.radius_m > cases[i].most)
            fail_msg("\"%s\": radius %u m", cases[i].text, f.place.radius_m);
    }
    arena_free(a);
}

static void
test_homonyms(void **state)
{
    struct arena *a = arena_new(0);
    struct incident in;
    struct finding f;

    (void)state;
    incident_init(&in);
    in.text = "Attack in Bonko village";
    f = find(a, &in, EV_ARMED_ATTACK);
    assert_true(f.has_place && f.place.ambiguous);
    in.text = "Attack in Bonko village near Douentza";
    f = find(a, &in, EV_ARMED_ATTACK);
    assert_true(f.has_place);
    assert_false(f.place.ambiguous);
    in.text = "Attack in Bonko village";
    in.source_place = "Bougouni";
    f = find(a, &in, EV_ARMED_ATTACK);
    assert_int_equal(f.place.gazetteer_id, 3);
    assert_false(f.place.ambiguous);
    /* The country that is named, the region, the part of the text. */
    incident_init(&in);
    in.text = "Attack in Zandougou village";
    f = find(a, &in, EV_ARMED_ATTACK);
    assert_true(f.has_place && f.place.ambiguous && f.place.radius_m == 100000);
    assert_string_equal(f.evidence[0].means, "place=Zandougou, ambiguous");
    in.text = "Attack in Zandougou village, in Niger";
    f = find(a, &in, EV_ARMED_ATTACK);
    assert_int_equal(f.place.gazetteer_id, 9);
    assert_false(f.place.ambiguous);
    in.text = "Attack in Moundari village, Mopti";
    f = find(a, &in, EV_ARMED_ATTACK);
    assert_int_equal(f.place.gazetteer_id, 13);
    assert_false(f.place.ambiguous);
    /* A guess at the spelling is marked. */
    in.text = "Attaque près d'Ansogno";
    f = find(a, &in, EV_ARMED_ATTACK);
    assert_string_equal(f.evidence[0].means, "place=Ansongo, one letter off");
    in.text = "Attack on Tidermen village";
    f = find(a, &in, EV_ARMED_ATTACK);
    assert_string_equal(f.evidence[0].means, "place=Tidermène, other spelling");
    /* Without its suffix Kourkanda is both: said so, and wide enough for either. */
    incident_init(&in);
    in.text = "Civils tués à Kourkanda";
    f = find(a, &in, EV_ARMED_ATTACK);
    assert_true(f.has_place && f.place.ambiguous);
    assert_true(f.place.radius_m >= 1400 && f.place.radius_m < 3000);
    arena_free(a);
}

static void
test_sources(void **state)
{
    struct arena *a = arena_new(0);
    struct incident in;
    struct finding f;

    (void)state;
    incident_init(&in);
    in.has_pos = true;
    in.pos = (struct geo_pt){163600000, -450000};
    in.text = "Attaque à Kidal"; /* the position wins */
    f = find(a, &in, EV_ARMED_ATTACK);
    assert_string_equal(f.place.method, "given");
    assert_int_equal(f.place.radius_m, 1000);
    assert_string_equal(f.place.name, "Gao");
    assert_in_range(f.place.distance_m, 9000, 11000);
    in.radius_m = 250;
    in.place = "Somewhere";
    f = find(a, &in, EV_ARMED_ATTACK);
    assert_string_equal(f.place.name, "Somewhere");
    assert_int_equal(f.place.distance_m, 0);
    assert_int_equal(f.place.radius_m, 250);
    assert_false(f.place.area);
    in.radius_m = 25000; /* known to a district: it triggers no distance rule */
    f = find(a, &in, EV_ARMED_ATTACK);
    assert_true(f.place.area);

    incident_init(&in);
    in.mgrs = "30PVB0000";
    f = find(a, &in, EV_ARMED_ATTACK);
    assert_string_equal(f.place.method, "mgrs");
    in.mgrs = "no grid";
    f = find(a, &in, EV_ARMED_ATTACK);
    assert_false(f.has_place);

    incident_init(&in);
    in.text = "Tirs au 16°24'N 0°03'W, axe Gao-Bourem";
    f = find(a, &in, EV_ARMED_ATTACK);
    assert_string_equal(f.place.method, "given");
    assert_int_equal(f.place.pt.lat, 164000000);
    assert_int_equal(f.place.pt.lon, -500000);

    incident_init(&in); /* the field, and a text that says it closer */
    in.place = "Gao";
    in.text = "Convoi attaqué, venant d'Ansongo";
    f = find(a, &in, EV_AMBUSH);
    assert_string_equal(f.place.name, "Gao");
    in.text = "Convoi attaqué à 15 km au nord de Gao";
    f = find(a, &in, EV_AMBUSH);
    assert_string_equal(f.place.method, "relative");
    in.place = "Région de Gao";
    in.text = "Attaque à Ansongo";
    f = find(a, &in, EV_AMBUSH);
    assert_string_equal(f.place.name, "Ansongo");
    in.place = "16.2710, -0.0450";
    f = find(a, &in, EV_AMBUSH);
    assert_string_equal(f.place.method, "given");

    incident_init(&in); /* the source's own place, only where something happened */
    in.source_place = "Sévaré";
    in.text = "Forte explosion entendue";
    f = find(a, &in, EV_INDIRECT_FIRE);
    assert_string_equal(f.place.method, "source");
    assert_string_equal(f.place.name, "Sévaré");
    f = find(a, &in, EV_UNKNOWN);
    assert_false(f.has_place);
    in.source_place = "14.528, -4.093";
    f = find(a, &in, EV_INDIRECT_FIRE);
    assert_string_equal(f.place.method, "source");

    finding_init(&f); /* a redacted report keeps what it has */
    f.has_place = true;
    f.place.name = "kept";
    assert_int_equal(place_find(g, &in, a, &f), 0);
    assert_string_equal(f.place.name, "kept");
    arena_free(a);
}

static void
test_displacement(void **state)
{
    struct arena *a = arena_new(0);
    struct incident in;
    struct finding f;

    (void)state;
    incident_init(&in);
    in.text = "500 people fled from Boni and arrived in Douentza";
    f = find(a, &in, EV_DISPLACEMENT);
    assert_string_equal(f.place.name, "Douentza");
    f = find(a, &in, EV_ARMED_ATTACK);
    assert_string_equal(f.place.name, "Boni");
    in.text = "Des familles venant de Tessit sont arrivées à Ansongo";
    f = find(a, &in, EV_DISPLACEMENT);
    assert_string_equal(f.place.name, "Ansongo");
    arena_free(a);
}

static void
test_coords(void **state)
{
    static const struct {
        const char *text;
        int32_t lat, lon; /* both 0 = none */
    } cases[] = {
        {"at 16.2710, -0.0450 now", 162710000, -450000},
        {"16.2710 -0.0450", 162710000, -450000},
        {"GPS 16.27 -0.04", 162700000, -400000},
        {"lat 16.27 lon -0.04", 162700000, -400000},
        {"16.27 N 0.04 W", 162700000, -400000},
        {"N16.27 W0.04", 162700000, -400000},
        {"16°24'N 0°03'W", 164000000, -500000},
        {"16°24′30″N, 0°03′36″O", 164083333, -600000},
        {"0°03'W 16°24'N", 164000000, -500000},
        {"16°24 N 000°03 W", 164000000, -500000},
        {"16 24 30 N 000 03 36 W", 164083333, -600000},
        {"16,2710 nord 0,0450 ouest", 162710000, -450000},
        {"S 12.50 E 3.25", -125000000, 32500000},
        {"12.5, 13.2 percent", 0, 0},
        {"killed 12, wounded 13", 0, 0},
        {"16.27 -0.04", 0, 0},
        {"+223 66 12 34 56", 0, 0},
        {"99.1234, 10.1234", 0, 0},
        {"0.0000, 0.0000", 0, 0},
        {"16.27 N 14.20 N", 0, 0},
        {"on 12MAR2023 at", 0, 0},
        {"16°", 0, 0},
        {"1.2345", 0, 0},
        {"", 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct coords c = {.pt = {0, 0}};
        bool found = place_coords(cases[i].text, &c);
        if (found != (cases[i].lat != 0) || c.pt.lat != cases[i].lat || c.pt.lon != cases[i].lon)
            fail_msg("\"%s\": %d %d", cases[i].text, c.pt.lat, c.pt.lon);
    }
}

static void
test_mgrs_in_text(void **state)
{
    static const char *const good[] = {"grid 30PVB12345678 now", "30P VB 1234 5678", "30PVB12"};
    static const char *const bad[] = {"30PVB1", "30PVB123", "3PVO1234", "0430ZMAR23", "30pvb1234"};
    struct coords c;

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (!place_coords(good[i], &c) || !c.mgrs)
            fail_msg("\"%s\" not read", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (place_coords(bad[i], &c))
            fail_msg("\"%s\" read", bad[i]);
}

static void
test_words(void **state)
{
    /* First, last and between: the table is sorted. */
    static const char *const words[] = {"a",    "allah", "between", "entre", "habbe", "km",
                                        "near", "nord",  "region",  "vers",  "zone"};

    (void)state;
    assert_int_equal(place_word("nothing"), 0);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (place_word(words[i]) == 0 && place_compass(words[i]) < 0 && place_unit_m(words[i]) == 0)
            fail_msg("%s is not known", words[i]);
    assert_int_equal(place_compass("northeast"), 45);
    assert_int_equal(place_compass("up"), -1);
    assert_int_equal(place_unit_m("miles"), 1609);
    assert_int_equal(place_number("vingtaine"), 20);
    assert_int_equal(place_number("many"), 0);
}

static void
test_full_arena(void **state)
{
    struct incident in;
    struct finding f;
    int failed = 0;

    (void)state;
    incident_init(&in);
    in.text = "Enlevé entre Boni et Douentza";
    for (size_t limit = 64; limit < 65536; limit *= 2) {
        struct arena *a = arena_new(limit);
        if (a == NULL)
            continue;
        finding_init(&f);
        failed += place_find(g, &in, a, &f) != 0;
        arena_free(a);
    }
    assert_true(failed > 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),        cmocka_unit_test(test_radius),
        cmocka_unit_test(test_homonyms),     cmocka_unit_test(test_sources),
        cmocka_unit_test(test_displacement), cmocka_unit_test(test_coords),
        cmocka_unit_test(test_mgrs_in_text), cmocka_unit_test(test_words),
        cmocka_unit_test(test_full_arena),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
