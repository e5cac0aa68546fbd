/* place_words: the words round names of places, English and French.
 *
 * One sorted table searched by halves: it is asked only about words beside a name, and about
 * names themselves. The stop words are ordinary words and given names that some hamlet of the
 * Sahel also bears; such a hamlet is only found as part of a longer name. */
#include "place_words.h"

#include <string.h>

struct word {
    const char *word;
    uint32_t means;
};

/* In the order of strcmp(). */
/* clang-format off */
static const struct word words[] = {
    {"a", PW_A | PW_STOP}, {"abdoulaye", PW_STOP}, {"accueille", PW_ARRIVE},
    {"accueilli", PW_ARRIVE}, {"accueillis", PW_ARRIVE}, {"across", PW_LOCATIVE},
    {"adama", PW_STOP}, {"admis", PW_AFTERMATH}, {"aeroport", PW_SETTLEMENT}, {"africa", PW_STOP},
    {"afrique", PW_STOP}, {"after", PW_AFTER}, {"ag", PW_STOP}, {"aid", PW_STOP},
    {"ainsi", PW_STOP}, {"airport", PW_SETTLEMENT}, {"alentours", PW_LOCATIVE}, {"ali", PW_STOP},
    {"all", PW_STOP}, {"allah", PW_STOP}, {"along", PW_LOCATIVE}, {"alors", PW_STOP},
    {"am", PW_STOP}, {"amadou", PW_STOP}, {"ambush", PW_STOP}, {"aminata", PW_STOP},
    {"amou", PW_STOP}, {"an", PW_STOP}, {"ancien", PW_STOP}, {"and", PW_AND | PW_STOP},
    {"another", PW_STOP}, {"aout", PW_STOP}, {"appel", PW_STOP}, {"apres", PW_AFTER},
    {"april", PW_STOP}, {"area", PW_FILLER}, {"armed", PW_STOP}, {"armee", PW_STOP},
    {"army", PW_STOP}, {"around", PW_LOCATIVE}, {"arrive", PW_ARRIVE}, {"arrived", PW_ARRIVE},
    {"arrivee", PW_ARRIVE}, {"arrivees", PW_ARRIVE}, {"arrivent", PW_ARRIVE},
    {"arrives", PW_ARRIVE}, {"arriving", PW_ARRIVE}, {"at", PW_LOCATIVE | PW_STOP},
    {"attack", PW_STOP}, {"attaque", PW_STOP}, {"au", PW_LOCATIVE | PW_STOP}, {"august", PW_STOP},
    {"autour", PW_LOCATIVE}, {"aux", PW_LOCATIVE | PW_STOP}, {"avec", PW_STOP}, {"avoir", PW_STOP},
    {"avril", PW_STOP}, {"axe", PW_ROAD | PW_STOP}, {"axis", PW_ROAD}, {"bai", PW_STOP},
    {"baka", PW_STOP}, {"bamanan", PW_COMMUNITY}, {"bambara", PW_COMMUNITY}, {"ban", PW_STOP},
    {"bande", PW_STOP}, {"bara", PW_STOP}, {"baraka", PW_STOP}, {"barkhane", PW_STOP},
    {"barrage", PW_STOP}, {"barry", PW_STOP}, {"bas", PW_STOP}, {"base", PW_STOP},
    {"based", PW_BASED}, {"basee", PW_BASED}, {"basees", PW_BASED}, {"be", PW_STOP},
    {"bea", PW_STOP}, {"bebe", PW_STOP}, {"bel", PW_STOP}, {"bella", PW_COMMUNITY},
    {"belle", PW_STOP}, {"ben", PW_STOP}, {"between", PW_BETWEEN}, {"bi", PW_STOP},
    {"bin", PW_STOP}, {"boda", PW_STOP}, {"bois", PW_STOP}, {"boko", PW_STOP}, {"bola", PW_STOP},
    {"bon", PW_STOP}, {"bonne", PW_STOP}, {"borne", PW_STOP}, {"boubacar", PW_STOP},
    {"bound", PW_TO}, {"boureima", PW_STOP}, {"boy", PW_STOP}, {"bozo", PW_COMMUNITY},
    {"bridge", PW_SETTLEMENT | PW_STOP}, {"burkina", PW_STOP}, {"burkinabe", PW_STOP},
    {"by", PW_LOCATIVE | PW_STOP}, {"camara", PW_STOP},
    {"camp", PW_FILLER | PW_SETTLEMENT | PW_STOP}, {"capital", PW_AFTERMATH}, {"captain", PW_STOP},
    {"car", PW_STOP}, {"ce", PW_STOP}, {"center", PW_FILLER}, {"central", PW_STOP},
    {"centre", PW_FILLER | PW_STOP}, {"cercle", PW_DISTRICT}, {"ces", PW_STOP}, {"cet", PW_STOP},
    {"cette", PW_STOP}, {"chef", PW_STOP}, {"chez", PW_STOP}, {"chief", PW_STOP},
    {"christmas", PW_STOP}, {"cinq", PW_STOP}, {"cinquieme", PW_STOP}, {"circle", PW_DISTRICT},
    {"cisse", PW_STOP}, {"cissoko", PW_STOP}, {"city", PW_FILLER | PW_SETTLEMENT},
    {"civilians", PW_STOP}, {"civils", PW_STOP}, {"colonel", PW_STOP}, {"commander", PW_STOP},
    {"commune", PW_FILLER | PW_SETTLEMENT}, {"communique", PW_AFTERMATH},
    {"condemned", PW_AFTERMATH}, {"convoy", PW_MOVE}, {"coulibaly", PW_STOP}, {"cross", PW_STOP},
    {"d", PW_OF | PW_FILLER}, {"da", PW_STOP}, {"dah", PW_STOP}, {"dana", PW_STOP},
    {"dans", PW_LOCATIVE | PW_STOP}, {"daoussak", PW_COMMUNITY}, {"day", PW_STOP},
    {"de", PW_OF | PW_FILLER | PW_STOP}, {"december", PW_STOP}, {"decembre", PW_STOP},
    {"departement", PW_DISTRICT}, {"department", PW_DISTRICT}, {"deplacees", PW_FLEE},
    {"deplacement", PW_FLEE}, {"deplaces", PW_FLEE}, {"depuis", PW_FROM},
    {"des", PW_OF | PW_FILLER | PW_STOP}, {"destination", PW_TO}, {"deux", PW_STOP},
    {"deuxieme", PW_STOP}, {"devant", PW_LOCATIVE}, {"diallo", PW_STOP}, {"dicko", PW_STOP},
    {"dim", PW_STOP}, {"dima", PW_STOP}, {"dimanche", PW_STOP}, {"dine", PW_STOP},
    {"dinka", PW_STOP}, {"direction", PW_TO | PW_MOVE}, {"dirige", PW_MOVE}, {"dirigeant", PW_MOVE},
    {"dirigent", PW_MOVE}, {"displaced", PW_FLEE}, {"district", PW_DISTRICT}, {"dit", PW_STOP},
    {"dix", PW_STOP}, {"dogon", PW_COMMUNITY}, {"dome", PW_STOP}, {"domicilie", PW_BASED},
    {"don", PW_STOP}, {"donc", PW_STOP}, {"dont", PW_STOP}, {"driving", PW_MOVE},
    {"du", PW_OF | PW_FILLER | PW_STOP}, {"during", PW_AFTER}, {"east", PW_STOP},
    {"easter", PW_STOP}, {"eau", PW_STOP}, {"ecole", PW_STOP}, {"eight", PW_STOP},
    {"eighth", PW_STOP}, {"elle", PW_STOP}, {"elles", PW_STOP}, {"embuscade", PW_STOP},
    {"en", PW_STOP}, {"entrance", PW_LOCATIVE}, {"entre", PW_BETWEEN}, {"entree", PW_LOCATIVE},
    {"environs", PW_LOCATIVE}, {"eri", PW_STOP}, {"est", PW_STOP}, {"et", PW_AND | PW_STOP},
    {"ete", PW_STOP}, {"etre", PW_STOP}, {"evacuated", PW_AFTERMATH | PW_LATER},
    {"evacue", PW_AFTERMATH | PW_LATER}, {"evacuee", PW_AFTERMATH | PW_LATER},
    {"evacuees", PW_AFTERMATH | PW_LATER}, {"evacues", PW_AFTERMATH | PW_LATER}, {"exode", PW_FLEE},
    {"exodus", PW_FLEE}, {"explosion", PW_STOP}, {"fa", PW_STOP}, {"fait", PW_STOP},
    {"fama", PW_STOP}, {"fatima", PW_STOP}, {"february", PW_STOP}, {"ferme", PW_STOP},
    {"fevrier", PW_STOP}, {"fifth", PW_STOP}, {"fin", PW_STOP}, {"first", PW_STOP},
    {"five", PW_STOP}, {"fled", PW_FLEE | PW_MOVE}, {"flee", PW_FLEE},
    {"fleeing", PW_FROM | PW_FLEE | PW_MOVE}, {"flees", PW_FLEE}, {"following", PW_AFTER},
    {"fond", PW_STOP}, {"for", PW_STOP}, {"force", PW_STOP}, {"forces", PW_STOP},
    {"forest", PW_SETTLEMENT}, {"foret", PW_SETTLEMENT}, {"fou", PW_STOP}, {"foule", PW_STOP},
    {"four", PW_STOP}, {"fourth", PW_STOP}, {"francais", PW_STOP},
    {"freed", PW_AFTERMATH | PW_LATER}, {"french", PW_STOP}, {"friday", PW_STOP},
    {"from", PW_FROM | PW_STOP}, {"fui", PW_FLEE | PW_MOVE}, {"fuient", PW_FLEE | PW_MOVE},
    {"fuir", PW_FLEE}, {"fuite", PW_FLEE}, {"fulani", PW_COMMUNITY}, {"further", PW_STOP},
    {"fuyant", PW_FROM | PW_FLEE | PW_MOVE}, {"game", PW_STOP}, {"garde", PW_STOP},
    {"gare", PW_STOP}, {"gay", PW_STOP}, {"general", PW_STOP}, {"going", PW_STOP},
    {"gouvernement", PW_STOP}, {"government", PW_STOP}, {"grand", PW_STOP}, {"grande", PW_STOP},
    {"gros", PW_STOP}, {"group", PW_STOP}, {"groupe", PW_STOP}, {"guide", PW_STOP},
    {"gunmen", PW_STOP}, {"ha", PW_STOP}, {"habbe", PW_COMMUNITY}, {"habe", PW_COMMUNITY},
    {"hama", PW_STOP}, {"hameau", PW_FILLER | PW_SETTLEMENT}, {"hamlet", PW_FILLER | PW_SETTLEMENT},
    {"haut", PW_STOP}, {"he", PW_STOP}, {"headed", PW_MOVE}, {"heading", PW_MOVE},
    {"headquartered", PW_BASED}, {"her", PW_STOP}, {"hier", PW_STOP}, {"highway", PW_ROAD},
    {"his", PW_STOP}, {"hopital", PW_AFTERMATH}, {"hors", PW_LOCATIVE}, {"hospital", PW_AFTERMATH},
    {"hosted", PW_ARRIVE}, {"hotel", PW_STOP}, {"huit", PW_STOP}, {"huitieme", PW_STOP},
    {"i", PW_STOP}, {"ibrahim", PW_STOP}, {"ici", PW_STOP}, {"ii", PW_STOP}, {"iii", PW_STOP},
    {"il", PW_STOP}, {"ils", PW_STOP}, {"imam", PW_STOP}, {"in", PW_LOCATIVE | PW_STOP},
    {"information", PW_STOP}, {"inside", PW_LOCATIVE}, {"installes", PW_ARRIVE},
    {"international", PW_STOP}, {"islam", PW_STOP}, {"islamic", PW_STOP}, {"issa", PW_STOP},
    {"it", PW_STOP}, {"ite", PW_STOP}, {"its", PW_STOP}, {"iv", PW_STOP}, {"january", PW_STOP},
    {"janvier", PW_STOP}, {"jeu", PW_STOP}, {"jeudi", PW_STOP}, {"joined", PW_ARRIVE},
    {"juillet", PW_STOP}, {"juin", PW_STOP}, {"july", PW_STOP}, {"june", PW_STOP}, {"jusqu", PW_TO},
    {"jusque", PW_TO}, {"kado", PW_COMMUNITY}, {"keita", PW_STOP}, {"kia", PW_STOP},
    {"koa", PW_STOP}, {"kone", PW_STOP}, {"kongo", PW_STOP}, {"koui", PW_STOP}, {"l", PW_FILLER},
    {"la", PW_FILLER | PW_STOP}, {"lan", PW_STOP}, {"lay", PW_STOP}, {"le", PW_FILLER | PW_STOP},
    {"leaving", PW_FROM}, {"left", PW_FROM}, {"lei", PW_STOP}, {"les", PW_FILLER | PW_STOP},
    {"leur", PW_STOP}, {"leurs", PW_STOP}, {"liberated", PW_AFTERMATH | PW_LATER},
    {"libere", PW_AFTERMATH | PW_LATER}, {"liberee", PW_AFTERMATH | PW_LATER},
    {"liberees", PW_AFTERMATH | PW_LATER}, {"liberes", PW_AFTERMATH | PW_LATER},
    {"liberte", PW_STOP}, {"lieutenant", PW_STOP}, {"ligne", PW_STOP},
    {"localite", PW_FILLER | PW_SETTLEMENT}, {"localites", PW_FILLER | PW_SETTLEMENT},
    {"logo", PW_STOP}, {"longue", PW_STOP}, {"lors", PW_AFTER}, {"lui", PW_STOP},
    {"lundi", PW_STOP}, {"made", PW_STOP}, {"madou", PW_STOP}, {"mai", PW_STOP}, {"maiga", PW_STOP},
    {"mais", PW_STOP}, {"mal", PW_STOP}, {"male", PW_STOP}, {"mali", PW_STOP}, {"malian", PW_STOP},
    {"malien", PW_STOP}, {"malienne", PW_STOP}, {"maliens", PW_STOP}, {"mamadou", PW_STOP},
    {"maraka", PW_COMMUNITY}, {"march", PW_STOP}, {"marche", PW_SETTLEMENT | PW_STOP},
    {"mardi", PW_STOP}, {"mare", PW_STOP}, {"marka", PW_COMMUNITY}, {"market", PW_SETTLEMENT},
    {"mars", PW_STOP}, {"maure", PW_COMMUNITY}, {"may", PW_STOP}, {"mea", PW_STOP},
    {"medina", PW_STOP}, {"mene", PW_STOP}, {"mercredi", PW_STOP}, {"mia", PW_STOP},
    {"militaires", PW_STOP}, {"militants", PW_STOP}, {"minister", PW_STOP}, {"ministere", PW_STOP},
    {"ministre", PW_STOP}, {"minusma", PW_STOP}, {"mis", PW_STOP}, {"mission", PW_STOP},
    {"moi", PW_STOP}, {"moins", PW_STOP}, {"mon", PW_STOP}, {"monday", PW_STOP}, {"monde", PW_STOP},
    {"mossi", PW_COMMUNITY}, {"moussa", PW_STOP}, {"moving", PW_MOVE}, {"nana", PW_STOP},
    {"national", PW_STOP}, {"nations", PW_STOP}, {"nb", PW_STOP}, {"near", PW_LOCATIVE},
    {"neuf", PW_STOP}, {"ni", PW_STOP}, {"niger", PW_STOP}, {"nigerien", PW_STOP},
    {"nigerienne", PW_STOP}, {"nine", PW_STOP}, {"no", PW_STOP}, {"nord", PW_STOP},
    {"north", PW_STOP}, {"note", PW_STOP}, {"notre", PW_STOP}, {"nous", PW_STOP},
    {"nouveau", PW_STOP}, {"nouvelle", PW_STOP}, {"november", PW_STOP}, {"novembre", PW_STOP},
    {"nu", PW_STOP}, {"numerous", PW_STOP}, {"october", PW_STOP}, {"octobre", PW_STOP},
    {"of", PW_OF | PW_FILLER | PW_STOP}, {"officer", PW_STOP}, {"ok", PW_STOP}, {"omar", PW_STOP},
    {"on", PW_LOCATIVE | PW_STOP}, {"one", PW_STOP}, {"onto", PW_STOP}, {"onu", PW_STOP},
    {"operation", PW_STOP}, {"or", PW_STOP}, {"originaires", PW_FROM}, {"ou", PW_STOP},
    {"ouattara", PW_STOP}, {"ouest", PW_STOP}, {"oui", PW_STOP}, {"oumar", PW_STOP},
    {"oumarou", PW_STOP}, {"ousmane", PW_STOP}, {"outside", PW_LOCATIVE}, {"par", PW_STOP},
    {"parti", PW_MOVE}, {"partie", PW_MOVE}, {"partis", PW_MOVE}, {"pas", PW_STOP},
    {"pays", PW_STOP}, {"peripherie", PW_LOCATIVE}, {"petit", PW_STOP}, {"peu", PW_STOP},
    {"peuhl", PW_COMMUNITY}, {"peul", PW_COMMUNITY | PW_STOP}, {"peulh", PW_COMMUNITY | PW_STOP},
    {"peulhs", PW_COMMUNITY}, {"piece", PW_STOP}, {"piste", PW_ROAD}, {"place", PW_STOP},
    {"plus", PW_STOP}, {"plusieurs", PW_STOP}, {"point", PW_STOP},
    {"pont", PW_SETTLEMENT | PW_STOP}, {"port", PW_STOP}, {"post", PW_STOP}, {"poste", PW_STOP},
    {"pour", PW_STOP}, {"prefecture", PW_DISTRICT}, {"premiere", PW_STOP}, {"pres", PW_LOCATIVE},
    {"president", PW_STOP}, {"pris", PW_STOP}, {"pro", PW_STOP}, {"proche", PW_LOCATIVE},
    {"progresse", PW_MOVE}, {"provenance", PW_FROM}, {"province", PW_DISTRICT}, {"puits", PW_STOP},
    {"quartier", PW_FILLER | PW_SETTLEMENT}, {"quatre", PW_STOP}, {"quatrieme", PW_STOP},
    {"que", PW_STOP}, {"qui", PW_STOP}, {"quittant", PW_FROM}, {"quitte", PW_FROM},
    {"quoi", PW_STOP}, {"ramadan", PW_STOP}, {"ran", PW_STOP}, {"reached", PW_ARRIVE},
    {"red", PW_STOP}, {"refuge", PW_ARRIVE}, {"refugie", PW_ARRIVE}, {"refugiees", PW_ARRIVE},
    {"refugies", PW_ARRIVE}, {"region", PW_REGION}, {"regions", PW_REGION}, {"rejoint", PW_ARRIVE},
    {"released", PW_AFTERMATH | PW_LATER}, {"repli", PW_MOVE}, {"replies", PW_MOVE},
    {"reports", PW_STOP}, {"rescued", PW_AFTERMATH | PW_LATER}, {"resident", PW_BASED},
    {"residents", PW_BASED}, {"residing", PW_BASED}, {"retour", PW_MOVE | PW_ARRIVE}, {"rien", PW_STOP},
    {"rimaibe", PW_COMMUNITY}, {"rn", PW_ROAD}, {"road", PW_ROAD}, {"roule", PW_MOVE},
    {"route", PW_ROAD | PW_MOVE | PW_STOP}, {"routes", PW_ROAD}, {"rue", PW_STOP},
    {"russes", PW_STOP}, {"russian", PW_STOP}, {"sa", PW_STOP}, {"sable", PW_STOP},
    {"sahel", PW_STOP}, {"sam", PW_STOP}, {"same", PW_STOP}, {"samedi", PW_STOP}, {"sana", PW_STOP},
    {"sangare", PW_STOP}, {"sans", PW_STOP}, {"saran", PW_STOP}, {"saturday", PW_STOP},
    {"say", PW_STOP}, {"school", PW_STOP}, {"se", PW_STOP}, {"second", PW_STOP},
    {"secteur", PW_LOCATIVE}, {"security", PW_STOP}, {"semi", PW_STOP}, {"sept", PW_STOP},
    {"september", PW_STOP}, {"septembre", PW_STOP}, {"septieme", PW_STOP}, {"sera", PW_STOP},
    {"sergeant", PW_STOP}, {"ses", PW_STOP}, {"session", PW_STOP}, {"seven", PW_STOP},
    {"seventh", PW_STOP}, {"several", PW_STOP}, {"seydou", PW_STOP}, {"she", PW_STOP},
    {"sheltering", PW_ARRIVE}, {"si", PW_STOP}, {"side", PW_STOP}, {"sidibe", PW_STOP},
    {"site", PW_SETTLEMENT | PW_STOP}, {"sites", PW_STOP}, {"six", PW_STOP}, {"sixieme", PW_STOP},
    {"sixth", PW_STOP}, {"small", PW_FILLER}, {"sms", PW_STOP}, {"so", PW_STOP}, {"soi", PW_STOP},
    {"soignes", PW_AFTERMATH}, {"soldats", PW_STOP}, {"soldiers", PW_STOP}, {"some", PW_STOP},
    {"son", PW_STOP}, {"songhai", PW_COMMUNITY}, {"sonrai", PW_COMMUNITY},
    {"sonrhai", PW_COMMUNITY}, {"sortie", PW_LOCATIVE}, {"sory", PW_STOP}, {"soudan", PW_STOP},
    {"sought", PW_ARRIVE}, {"source", PW_STOP}, {"sources", PW_STOP},
    {"sous", PW_LOCATIVE | PW_STOP}, {"south", PW_STOP}, {"southwest", PW_STOP}, {"staff", PW_STOP},
    {"state", PW_STOP}, {"sud", PW_STOP}, {"suite", PW_STOP | PW_AFTER}, {"sunday", PW_STOP},
    {"sur", PW_LOCATIVE | PW_STOP}, {"suspected", PW_STOP}, {"sy", PW_STOP}, {"table", PW_STOP},
    {"tamasheq", PW_COMMUNITY}, {"task", PW_STOP}, {"ten", PW_STOP}, {"that", PW_STOP},
    {"the", PW_FILLER | PW_STOP}, {"these", PW_STOP}, {"they", PW_STOP}, {"thin", PW_STOP},
    {"third", PW_STOP}, {"this", PW_STOP}, {"those", PW_STOP}, {"three", PW_STOP},
    {"thursday", PW_STOP}, {"time", PW_STOP}, {"tir", PW_STOP}, {"tire", PW_STOP},
    {"tirs", PW_STOP}, {"to", PW_TO | PW_STOP}, {"today", PW_STOP}, {"toi", PW_STOP},
    {"tom", PW_STOP}, {"tombe", PW_STOP}, {"ton", PW_STOP}, {"tore", PW_STOP}, {"tour", PW_STOP},
    {"toure", PW_STOP}, {"tous", PW_STOP}, {"tout", PW_STOP}, {"toward", PW_TO}, {"towards", PW_TO},
    {"town", PW_FILLER | PW_SETTLEMENT | PW_STOP}, {"towns", PW_FILLER | PW_SETTLEMENT},
    {"track", PW_ROAD}, {"transfere", PW_AFTERMATH | PW_LATER},
    {"transferes", PW_AFTERMATH | PW_LATER}, {"transferred", PW_AFTERMATH | PW_LATER},
    {"transported", PW_AFTERMATH}, {"transporting", PW_MOVE}, {"traore", PW_STOP},
    {"travel", PW_MOVE}, {"traveled", PW_MOVE}, {"traveling", PW_MOVE}, {"travelled", PW_MOVE},
    {"travelling", PW_MOVE}, {"tres", PW_STOP}, {"trois", PW_STOP}, {"troisieme", PW_STOP},
    {"troncon", PW_ROAD}, {"trop", PW_STOP}, {"tue", PW_STOP}, {"tuer", PW_STOP}, {"tues", PW_STOP},
    {"tuesday", PW_STOP}, {"two", PW_STOP}, {"un", PW_STOP}, {"une", PW_STOP}, {"united", PW_STOP},
    {"unknown", PW_STOP}, {"v", PW_STOP}, {"venant", PW_FROM}, {"vendredi", PW_STOP},
    {"venu", PW_FROM}, {"venue", PW_FROM}, {"venus", PW_FROM}, {"vers", PW_TOWARDS},
    {"vi", PW_STOP}, {"vie", PW_STOP}, {"vii", PW_STOP}, {"viii", PW_STOP},
    {"village", PW_FILLER | PW_SETTLEMENT | PW_STOP}, {"villages", PW_FILLER | PW_SETTLEMENT},
    {"ville", PW_FILLER | PW_SETTLEMENT | PW_STOP}, {"villes", PW_FILLER | PW_SETTLEMENT},
    {"votre", PW_STOP}, {"vous", PW_STOP}, {"vue", PW_STOP}, {"wa", PW_STOP}, {"wagner", PW_STOP},
    {"wake", PW_STOP}, {"we", PW_STOP}, {"wednesday", PW_STOP}, {"were", PW_STOP},
    {"west", PW_STOP}, {"when", PW_AFTER}, {"who", PW_STOP}, {"win", PW_STOP}, {"with", PW_STOP},
    {"within", PW_LOCATIVE}, {"worker", PW_STOP}, {"workers", PW_STOP}, {"you", PW_STOP},
    {"zone", PW_LOCATIVE},
};
/* clang-format on */

uint32_t
place_word(const char *folded)
{
    size_t lo = 0, hi = sizeof words / sizeof *words;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        const char *w = words[mid].word;
        int c = (unsigned char)*folded - (unsigned char)*w;
        if (c == 0)
            c = strcmp(folded, w);
        if (c == 0)
            return words[mid].means;
        if (c < 0)
            hi = mid;
        else
            lo = mid + 1;
    }
    return 0;
}

int
place_compass(const char *folded)
{
    static const struct {
        const char *word;
        int deg;
    } compass[] = {{"n", 0},
                   {"nord", 0},
                   {"north", 0},
                   {"northern", 0},
                   {"ne", 45},
                   {"nordest", 45},
                   {"northeast", 45},
                   {"northeastern", 45},
                   {"e", 90},
                   {"est", 90},
                   {"east", 90},
                   {"eastern", 90},
                   {"se", 135},
                   {"sudest", 135},
                   {"southeast", 135},
                   {"southeastern", 135},
                   {"s", 180},
                   {"sud", 180},
                   {"south", 180},
                   {"southern", 180},
                   {"sw", 225},
                   {"so", 225},
                   {"sudouest", 225},
                   {"southwest", 225},
                   {"southwestern", 225},
                   {"w", 270},
                   {"o", 270},
                   {"ouest", 270},
                   {"west", 270},
                   {"western", 270},
                   {"nw", 315},
                   {"no", 315},
                   {"nordouest", 315},
                   {"northwest", 315},
                   {"northwestern", 315}};

    for (size_t i = 0; i < sizeof compass / sizeof *compass; i++)
        if (compass[i].word[0] == *folded && strcmp(compass[i].word, folded) == 0)
            return compass[i].deg;
    return -1;
}

uint32_t
place_unit_m(const char *folded)
{
    static const struct {
        const char *word;
        uint32_t m;
    } units[] = {{"km", 1000},         {"kms", 1000},       {"kilometre", 1000},
                 {"kilometres", 1000}, {"kilometer", 1000}, {"kilometers", 1000},
                 {"mile", 1609},       {"miles", 1609},     {"m", 1},
                 {"metre", 1},         {"metres", 1},       {"meter", 1},
                 {"meters", 1},        {"mi", 1609}};

    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (units[i].word[0] == *folded && strcmp(units[i].word, folded) == 0)
            return units[i].m;
    return 0;
}

uint32_t
place_number(const char *folded)
{
    static const struct {
        const char *word;
        uint32_t n;
    } numbers[] = {{"un", 1},         {"une", 1},           {"one", 1},        {"deux", 2},
                   {"two", 2},        {"trois", 3},         {"three", 3},      {"quatre", 4},
                   {"four", 4},       {"cinq", 5},          {"five", 5},       {"quelques", 5},
                   {"few", 5},        {"several", 5},       {"six", 6},        {"sept", 7},
                   {"seven", 7},      {"huit", 8},          {"eight", 8},      {"neuf", 9},
                   {"nine", 9},       {"dix", 10},          {"ten", 10},       {"dizaine", 10},
                   {"douze", 12},     {"twelve", 12},       {"dozen", 12},     {"douzaine", 12},
                   {"quinze", 15},    {"fifteen", 15},      {"quinzaine", 15}, {"vingt", 20},
                   {"twenty", 20},    {"vingtaine", 20},    {"trente", 30},    {"thirty", 30},
                   {"trentaine", 30}, {"quarante", 40},     {"forty", 40},     {"cinquante", 50},
                   {"fifty", 50},     {"cinquantaine", 50}, {"soixante", 60},  {"sixty", 60},
                   {"eleven", 11},    {"onze", 11},         {"thirteen", 13},  {"treize", 13},
                   {"fourteen", 14},  {"quatorze", 14},     {"sixteen", 16},   {"seize", 16},
                   {"seventeen", 17}, {"eighteen", 18},     {"nineteen", 19},  {"cent", 100},
                   {"hundred", 100}};

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (numbers[i].word[0] == *folded && strcmp(numbers[i].word, folded) == 0)
            return numbers[i].n;
    return 0;
}
