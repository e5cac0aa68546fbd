/* place_country: the countries that a text names.
 *
 * By their names and those of a few of their towns and provinces that the news is full of, in
 * English and French. A neighbour of the gazetteer's area is named as often as the country of the
 * event ("near the border with Nigeria"), so that this can only weigh against a hamlet that
 * nothing else speaks for. Adjectives are left out: a Nigerian may be anywhere. */
#include "place_country.h"

#include <string.h>

/* In the order of strcmp(). */
/* clang-format off */
static const struct {
    const char *word;
    char code[3];
} names[] = {
    {"abeche", "TD"},
    {"abidjan", "CI"},
    {"abuja", "NG"},
    {"accra", "GH"},
    {"adamawa", "NG"},
    {"addis", "ET"},
    {"aden", "YE"},
    {"afghanistan", "AF"},
    {"alep", "SY"},
    {"aleppo", "SY"},
    {"alger", "DZ"},
    {"algeria", "DZ"},
    {"algerie", "DZ"},
    {"algiers", "DZ"},
    {"amhara", "ET"},
    {"angola", "AO"},
    {"asmara", "ER"},
    {"bagdad", "IQ"},
    {"baghdad", "IQ"},
    {"baidoa", "SO"},
    {"bamako", "ML"},
    {"bambari", "CF"},
    {"bangassou", "CF"},
    {"bangladesh", "BD"},
    {"bangui", "CF"},
    {"banjul", "GM"},
    {"beirut", "LB"},
    {"benghazi", "LY"},
    {"benin", "BJ"},
    {"bentiu", "SS"},
    {"beyrouth", "LB"},
    {"birmanie", "MM"},
    {"bissau", "GW"},
    {"bogota", "CO"},
    {"borno", "NG"},
    {"botswana", "BW"},
    {"bria", "CF"},
    {"bujumbura", "BI"},
    {"bukavu", "CD"},
    {"bunia", "CD"},
    {"burkina", "BF"},
    {"burundi", "BI"},
    {"caire", "EG"},
    {"cairo", "EG"},
    {"cameroon", "CM"},
    {"cameroun", "CM"},
    {"casamance", "SN"},
    {"centrafrique", "CF"},
    {"chad", "TD"},
    {"colombia", "CO"},
    {"colombie", "CO"},
    {"conakry", "GN"},
    {"congo", "CD"},
    {"cotonou", "BJ"},
    {"dadaab", "KE"},
    {"dakar", "SN"},
    {"damas", "SY"},
    {"damascus", "SY"},
    {"darfour", "SD"},
    {"darfur", "SD"},
    {"delhi", "IN"},
    {"dhaka", "BD"},
    {"djibouti", "DJ"},
    {"douala", "CM"},
    {"drc", "CD"},
    {"egypt", "EG"},
    {"egypte", "EG"},
    {"equatoria", "SS"},
    {"eritrea", "ER"},
    {"erythree", "ER"},
    {"ethiopia", "ET"},
    {"ethiopie", "ET"},
    {"gabon", "GA"},
    {"gambia", "GM"},
    {"gambie", "GM"},
    {"garissa", "KE"},
    {"gaza", "PS"},
    {"ghana", "GH"},
    {"goma", "CD"},
    {"guatemala", "GT"},
    {"guinea", "GN"},
    {"guinee", "GN"},
    {"haiti", "HT"},
    {"herat", "AF"},
    {"hodeidah", "YE"},
    {"honduras", "HN"},
    {"idlib", "SY"},
    {"inde", "IN"},
    {"india", "IN"},
    {"indonesia", "ID"},
    {"indonesie", "ID"},
    {"irak", "IQ"},
    {"iran", "IR"},
    {"iraq", "IQ"},
    {"islamabad", "PK"},
    {"israel", "IL"},
    {"ituri", "CD"},
    {"ivoire", "CI"},
    {"ivory", "CI"},
    {"jabalia", "PS"},
    {"jerusalem", "IL"},
    {"jonglei", "SS"},
    {"juba", "SS"},
    {"kaboul", "AF"},
    {"kabul", "AF"},
    {"kaduna", "NG"},
    {"kampala", "UG"},
    {"kandahar", "AF"},
    {"kano", "NG"},
    {"karachi", "PK"},
    {"kathmandu", "NP"},
    {"katsina", "NG"},
    {"kenya", "KE"},
    {"kharkiv", "UA"},
    {"khartoum", "SD"},
    {"kherson", "UA"},
    {"kiev", "UA"},
    {"kigali", "RW"},
    {"kinshasa", "CD"},
    {"kismayo", "SO"},
    {"kivu", "CD"},
    {"kosovo", "XK"},
    {"kyiv", "UA"},
    {"kyrgyzstan", "KG"},
    {"lagos", "NG"},
    {"lanka", "LK"},
    {"lebanon", "LB"},
    {"liban", "LB"},
    {"liberia", "LR"},
    {"libreville", "GA"},
    {"libya", "LY"},
    {"libye", "LY"},
    {"lome", "TG"},
    {"luanda", "AO"},
    {"madagascar", "MG"},
    {"maiduguri", "NG"},
    {"malakal", "SS"},
    {"malawi", "MW"},
    {"mali", "ML"},
    {"mandera", "KE"},
    {"maputo", "MZ"},
    {"maroc", "MA"},
    {"maroua", "CM"},
    {"mauritania", "MR"},
    {"mauritanie", "MR"},
    {"mekelle", "ET"},
    {"mexico", "MX"},
    {"mexique", "MX"},
    {"mindanao", "PH"},
    {"mogadiscio", "SO"},
    {"mogadishu", "SO"},
    {"monrovia", "LR"},
    {"morocco", "MA"},
    {"mosul", "IQ"},
    {"mozambique", "MZ"},
    {"myanmar", "MM"},
    {"nairobi", "KE"},
    {"namibia", "NA"},
    {"namibie", "NA"},
    {"ndjamena", "TD"},
    {"nepal", "NP"},
    {"niamey", "NE"},
    {"niger", "NE"},
    {"nigeria", "NG"},
    {"nouakchott", "MR"},
    {"ouagadougou", "BF"},
    {"ouganda", "UG"},
    {"pakistan", "PK"},
    {"palestine", "PS"},
    {"pemba", "MZ"},
    {"peshawar", "PK"},
    {"philippines", "PH"},
    {"puntland", "SO"},
    {"rafah", "PS"},
    {"rca", "CF"},
    {"rdc", "CD"},
    {"russia", "RU"},
    {"russie", "RU"},
    {"rwanda", "RW"},
    {"sanaa", "YE"},
    {"senegal", "SN"},
    {"sokoto", "NG"},
    {"somalia", "SO"},
    {"somalie", "SO"},
    {"somaliland", "SO"},
    {"soudan", "SD"},
    {"srilanka", "LK"},
    {"sudan", "SD"},
    {"syria", "SY"},
    {"syrie", "SY"},
    {"taiz", "YE"},
    {"tajikistan", "TJ"},
    {"tanzania", "TZ"},
    {"tanzanie", "TZ"},
    {"tchad", "TD"},
    {"teheran", "IR"},
    {"tehran", "IR"},
    {"thailand", "TH"},
    {"thailande", "TH"},
    {"tigray", "ET"},
    {"togo", "TG"},
    {"tripoli", "LY"},
    {"tunis", "TN"},
    {"tunisia", "TN"},
    {"tunisie", "TN"},
    {"turkey", "TR"},
    {"turquie", "TR"},
    {"uganda", "UG"},
    {"ukraine", "UA"},
    {"uvira", "CD"},
    {"venezuela", "VE"},
    {"yaounde", "CM"},
    {"yemen", "YE"},
    {"yobe", "NG"},
    {"zambia", "ZM"},
    {"zambie", "ZM"},
    {"zamfara", "NG"},
    {"ziguinchor", "SN"},
    {"zimbabwe", "ZW"},
};
/* clang-format on */

static const char *
country_of(const char *folded)
{
    size_t lo = 0, hi = sizeof names / sizeof *names;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int c = strcmp(folded, names[mid].word);
        if (c == 0)
            return names[mid].code;
        if (c < 0)
            hi = mid;
        else
            lo = mid + 1;
    }
    return NULL;
}

static bool
is(const struct passage *p, size_t i, const char *const *any)
{
    for (; *any != NULL; any++)
        if (strcmp(p->t[i].s, *any) == 0)
            return true;
    return false;
}

/* The river, the lake and the border that have a country's name. */
static bool
other_thing(const struct passage *p, size_t i)
{
    static const char *const before[] = {"river", "fleuve", "lake", "lac", "with", "avec", NULL};
    static const char *const after[] = {"river",  "delta",  "state", "basin",
                                        "fleuve", "border", NULL};

    return (i > 0 && is(p, i - 1, before)) || (i + 1 < p->n && is(p, i + 1, after)) ||
           (i > 1 && strcmp(p->t[i - 1].s, "le") == 0 && is(p, i - 2, before));
}

size_t
place_countries(const struct passage *p, char out[][3])
{
    size_t n = 0;

    for (size_t i = 0; i < p->n && n < MAX_COUNTRIES; i++) {
        const char *code = p->t[i].len < 3 ? NULL : country_of(p->t[i].s);
        size_t k = 0;
        if (code == NULL || other_thing(p, i))
            continue;
        while (k < n && strcmp(out[k], code) != 0)
            k++;
        if (k == n)
            memcpy(out[n++], code, 3);
    }
    return n;
}

bool
place_names_country(const char *folded)
{
    return country_of(folded) != NULL;
}
