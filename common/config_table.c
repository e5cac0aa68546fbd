/* config_table: every key of tocsin.yaml, its default, range and help.
 *
 * The one reference: parser, check, file of defaults and tocsin.yaml(5) follow it. The words
 * of the enumerations are those of record.c (test_config compares them). */
#include "config.h"

#define IN(section, field) \
    (offsetof(struct config, section.field) - offsetof(struct config, section))

#define LIST_IN(section, field, most, table, elem) \
    CONF_LIST, IN(section, field), .max = (most), .sub = (table), .elem_size = sizeof(elem)

#define MS   INT64_C(1000)
#define S    (1000 * MS)
#define MIN  (60 * S)
#define H    (60 * MIN)
#define D    (24 * H)
#define KIB  INT64_C(1024)
#define MIB  (1024 * KIB)
#define GIB  (1024 * MIB)
#define TIB  (1024 * GIB)
#define PATH 1024 /* most bytes of a path or an endpoint */

static const char *const durabilities[] = {"group", "each", "none", NULL};
static const char *const log_levels[] = {"error", "warn", "info", "debug", NULL};
static const char *const source_classes[] = {"", "own", "local", "partner", "media", NULL};
static const char *const clock_trust[] = {"trusted", "untrusted", NULL};
#define EVENT_NAMES                                                                                \
    "none", "armed_attack", "ambush", "ied_mine", "suicide_attack", "indirect_fire", "air_strike", \
        "kidnapping", "armed_clash", "hostile_crowd", "demonstration", "crime", "assault",         \
        "armed_presence", "threat", "access_denial", "territory", "disinformation",                \
        "displacement", "hazard", "arrest", NULL
static const char *const events_or_any[] = {"any", EVENT_NAMES};
static const char *const event_types[] = {"", EVENT_NAMES};
static const char *const targets_or_any[] = {"any",   "convoy", "base", "civilians",
                                             "armed", "system", NULL};
static const char *const precedences_or_any[] = {"any",       "routine", "priority",
                                                 "immediate", "flash",   NULL};
static const char *const precedences[] = {"", "routine", "priority", "immediate", "flash", NULL};

static const char default_matrix[] = "- low medium high very_high unacceptable\n"
                                     "- low medium high high very_high\n"
                                     "- very_low low medium high high\n"
                                     "- very_low low low medium medium\n"
                                     "- very_low very_low very_low low low\n";

/* Regions and towns of Mali, Burkina Faso and Niger. The first circle that holds a place wins:
 * capitals first, then the smaller circles. */
#define AREA(slug, name, lat, lon, km) \
    "- {slug: " slug ", name: " name ", lat: " lat ", lon: " lon ", radius_km: " km "}\n"
/* clang-format off */
static const char default_areas[] =
    AREA("bamako", "Bamako", "12.64", "-8.00", "40")
    AREA("ouagadougou", "Ouagadougou", "12.37", "-1.52", "40")
    AREA("niamey", "Niamey", "13.51", "2.11", "40")
    AREA("san", "San", "13.30", "-4.90", "55")
    AREA("mopti", "Mopti", "14.49", "-4.19", "120")
    AREA("douentza", "Douentza", "15.00", "-2.95", "90")
    AREA("soum", "Soum", "14.10", "-1.63", "70")
    AREA("oudalan", "Oudalan", "14.65", "-0.35", "60")
    AREA("seno", "Séno", "14.03", "-0.03", "60")
    AREA("ouahigouya", "Ouahigouya", "13.58", "-2.42", "80")
    AREA("kaya", "Kaya", "13.09", "-1.08", "70")
    AREA("dedougou", "Dédougou", "12.46", "-3.46", "90")
    AREA("bobo-dioulasso", "Bobo-Dioulasso", "11.18", "-4.30", "90")
    AREA("gaoua", "Gaoua", "10.33", "-3.17", "80")
    AREA("fada-ngourma", "Fada N'Gourma", "12.06", "0.36", "110")
    AREA("tillaberi", "Tillabéri", "14.21", "1.45", "130")
    AREA("dosso", "Dosso", "13.05", "3.19", "110")
    AREA("segou", "Ségou", "13.43", "-6.22", "130")
    AREA("sikasso", "Sikasso", "11.32", "-5.67", "140")
    AREA("koulikoro", "Koulikoro", "12.86", "-7.56", "100")
    AREA("nioro", "Nioro du Sahel", "15.23", "-9.59", "90")
    AREA("nara", "Nara", "15.17", "-7.29", "110")
    AREA("kayes", "Kayes", "14.45", "-11.44", "200")
    AREA("tombouctou", "Tombouctou", "16.77", "-3.01", "190")
    AREA("gao", "Gao", "16.27", "-0.04", "160")
    AREA("menaka", "Ménaka", "15.92", "2.40", "150")
    AREA("kidal", "Kidal", "18.44", "1.41", "220")
    AREA("tahoua", "Tahoua", "14.89", "5.27", "180")
    AREA("maradi", "Maradi", "13.50", "7.10", "120")
    AREA("zinder", "Zinder", "13.81", "8.99", "180")
    AREA("diffa", "Diffa", "13.32", "12.61", "200")
    AREA("agadez", "Agadez", "16.97", "7.99", "350")
    AREA("taoudenni", "Taoudenni", "22.67", "-3.98", "400");
/* clang-format on */

#define END          \
    {                \
        .name = NULL \
    }

static const struct conf_key instance_keys[] = {
    {"state", CONF_STRING, IN(instance, state), .min = 1, .max = PATH,
     .help = "Directory of what must survive a restart. When not given: /var/lib/tocsin, or state "
             "in the instance directory."},
    {"run", CONF_STRING, IN(instance, run), .min = 1, .max = PATH,
     .help = "Directory of the sockets. When not given: /run/tocsin, or run in the instance "
             "directory. Keep it short: the path of a socket has at most 107 bytes."},
    {"keys", CONF_STRING, IN(instance, keys), .min = 1, .max = PATH,
     .help = "Directory of the keys, mode 0700. When not given: /etc/tocsin/keys, or keys in the "
             "instance directory."},
    {"durability", CONF_ENUM, IN(instance, durability), "group", .names = durabilities,
     .help = "What a commit of journal and alert log costs and gives. group: one flush for all "
             "that arrived meanwhile; each: one flush a record; none: no flush, survives a killed "
             "process and not a power cut."},
    {"log_level", CONF_ENUM, IN(instance, log_level), "info", .names = log_levels,
     .help = "Least important lines that are logged."},
    END};

static const char *const gateways[] = {"none", "smssync", "twilio", "rapidpro", "kannel", NULL};
#define SOURCE(field) offsetof(struct source_conf, field)

static const struct conf_key source_keys[] = {
    {"name", CONF_STRING, offsetof(struct source_conf, name), .min = 1, .max = MAX_NAME,
     .required = true, .help = "What the source calls itself in its submits."},
    {"token", CONF_STRING, offsetof(struct source_conf, token), .min = 1, .max = MAX_NAME,
     .help = "Its secret on the HTTP door. None: it may only report through local sockets."},
    {"class", CONF_ENUM, offsetof(struct source_conf, class), "local", .names = source_classes,
     .help = "Who it is: own forces and offices, local people, partners, media."},
    {"relay", CONF_BOOL, offsetof(struct source_conf, relay), "false",
     .help = "It passes on what others said, so never counts as a second source."},
    {"reliability", CONF_STRING, offsetof(struct source_conf, reliability), .min = 1, .max = 1,
     .help = "Grade A (reliable) to E, F for not known."},
    {"lang", CONF_STRING, offsetof(struct source_conf, lang), .min = 2, .max = 16,
     .help = "Language of its reports where they do not say: en, fr."},
    {"time_zone", CONF_STRING, offsetof(struct source_conf, time_zone), "UTC", .min = 1, .max = 63,
     .help = "Zone of the hours in its texts: Africa/Bamako, UTC, +01:00."},
    {"place", CONF_STRING, offsetof(struct source_conf, place), .min = 1, .max = MAX_NAME,
     .help = "Where it is; decides between places of one name."},
    {"clock", CONF_BOOL, offsetof(struct source_conf, clock_untrusted), "trusted",
     .names = clock_trust,
     .help = "untrusted: its stamps yield to the time at which the report was received."},
    {"rate_per_s", CONF_INT, offsetof(struct source_conf, rate_per_s), "0", .max = 1000000,
     .help = "Most records a second; 0 = no limit."},
    {"burst", CONF_INT, offsetof(struct source_conf, burst), "0", .max = 1000000,
     .help = "Records that may come at once beyond the rate."},
    {"credibility", CONF_INT, SOURCE(credibility), "0", .max = 6,
     .help = "Grade of its reports that give none: 1 (confirmed) to 6 (cannot be judged); 0 = "
             "none."},
    {"may", CONF_STRINGS, SOURCE(may), .max = 3,
     .help = "What it may send, a list of incidents, positions, assets. When not given: incidents "
             "and positions; an edge collector, and the source named local, all."},
    {"edge", CONF_BOOL, SOURCE(edge), "false",
     .help = "It is an edge collector that forwards its journal: its records keep their ids, the "
             "names of their sources and their stamps, and its link is watched."},
    {"gateway", CONF_ENUM, SOURCE(gateway), "none", .names = gateways,
     .help = "It is an SMS gateway, which posts to /v1/sms/ and the gateway's name."},
    {"secret", CONF_STRING, SOURCE(secret), .min = 1, .max = MAX_NAME,
     .help = "The gateway's secret: of SMSSync its secret, of Twilio the auth token that signs, of "
             "RapidPro and Kannel the word behind ?token= in the URL that they call."},
    {"url", CONF_STRING, SOURCE(url), .min = 1, .max = PATH,
     .help = "Twilio: the URL that it was told to call, which it signs."},
    {"csv", CONF_STRING, SOURCE(csv), .min = 1, .max = MAX_NAME,
     .help =
         "Columns of its CSV files, by name under collector.csv. ACLED and UCDP GED need none."},
    END};

static const struct conf_key tak_asset_keys[] = {
    {"match", CONF_STRING, offsetof(struct tak_asset_conf, match), .min = 1, .max = MAX_NAME,
     .required = true,
     .help = "uid or callsign of the device; a * at the end stands for any rest."},
    {"asset", CONF_STRING, offsetof(struct tak_asset_conf, asset), .min = 1, .max = MAX_NAME,
     .help = "Id of the asset that it travels with. When not given: its callsign."},
    END};

#define CSV(field) offsetof(struct csv_conf, field)
#define COLUMN(key, what)                                                    \
    {                                                                        \
#key, CONF_STRING, CSV(key), .min = 1, .max = MAX_NAME, .help = what \
    }

static const struct conf_key csv_keys[] = {
    {"name", CONF_STRING, CSV(name), .min = 1, .max = MAX_NAME, .required = true,
     .help = "What sources call it."},
    {"delimiter", CONF_STRING, CSV(delimiter), ",", .min = 1, .max = 2,
     .help = "Between two fields: one character, or \\t for a tab."},
    {"header", CONF_BOOL, CSV(header), "true",
     .help = "The first row names the columns. A column is given by its name, or by its number, "
             "the first being 1."},
    {"text", CONF_STRINGS, CSV(text), .max = 8, .help = "Columns of the report, joined in order."},
    COLUMN(id, "Column of the source's own id, which makes a second export harmless."),
    COLUMN(reported_at, "Column of when it was reported."),
    COLUMN(occurred_at, "Column of when it happened."),
    COLUMN(time_format, "How times are written, as in strptime(3): %d/%m/%Y %H:%M. When not given: "
                        "RFC 3339, or a date."),
    COLUMN(lat, "Column of the latitude, decimal degrees."),
    COLUMN(lon, "Column of the longitude."),
    COLUMN(mgrs, "Column of an MGRS reference."),
    COLUMN(place, "Column of the name of the place."),
    COLUMN(lang, "Column of the language: en, fr."),
    COLUMN(event, "Column of the event type, in Tocsin's words."),
    COLUMN(status, "Column of actual, exercise or test."),
    COLUMN(killed, "Column of how many were killed."),
    COLUMN(wounded, "Column of how many were wounded."),
    COLUMN(taken, "Column of how many were abducted."),
    COLUMN(reliability, "Column of the grade A to F."),
    COLUMN(credibility, "Column of the grade 1 to 6."),
    END};

#define UPSTREAM(field) \
    offsetof(struct config, collector.upstream.field) - offsetof(struct config, collector.upstream)

static const struct conf_key upstream_keys[] = {
    {"endpoint", CONF_STRING, UPSTREAM(endpoint), .min = 1, .max = PATH,
     .help = "The collector of the headquarters, tcp://ADDRESS:PORT. None: this is no edge "
             "collector."},
    {"source", CONF_STRING, UPSTREAM(source), .min = 1, .max = MAX_NAME,
     .help = "What this collector is called there, under collector.sources with edge: true."},
    {"token", CONF_STRING, UPSTREAM(token), .min = 1, .max = MAX_NAME, .help = "Its token there."},
    {"heartbeat", CONF_DURATION, UPSTREAM(heartbeat_us), "5s", 100 * MS, 1 * H,
     .help = "How often it says that it is there when it has nothing to send."},
    {"silence", CONF_DURATION, UPSTREAM(silence_us), "4s", 500 * MS, 10 * MIN,
     .help = "Without an answer for so long the connection is made anew. Well above the link's "
             "round trip."},
    {"batch_records", CONF_INT, UPSTREAM(batch_records), "1024", 1, MAX_BATCH,
     .help = "Most records that are compressed together."},
    {"window", CONF_INT, UPSTREAM(window), "16", 1, 1024,
     .help = "Most batches on their way without an answer."},
    {"urgent", CONF_STRINGS, UPSTREAM(urgent), .max = 256,
     .help = "Words of a text that go ahead of the queue after an outage, beside what gives an "
             "event or a severity that is urgent. None: a built-in list in English and French."},
    END};

static const struct conf_key collector_keys[] = {
    {"listen_zmq", CONF_STRING, IN(collector, listen_zmq), .min = 1, .max = PATH,
     .help = "Door for submits and fetches, ipc://PATH or tcp://ADDRESS:PORT. A relative PATH is "
             "below the run directory. When not given: ipc://collector/submit.sock."},
    {"listen_edges", CONF_STRING, IN(collector, listen_edges), "off", .min = 1, .max = PATH,
     .help = "Door for edge collectors and other senders elsewhere, tcp://ADDRESS:PORT, or off. It "
             "takes submits of sources with a token and serves nothing."},
    {"listen_http", CONF_STRING, IN(collector, listen_http), "127.0.0.1:8440", .min = 1,
     .max = PATH, .help = "HTTP door, ADDRESS:PORT, or off. Port 0 takes a free one and logs it."},
    {"state", CONF_STRING, IN(collector, state), .min = 1, .max = PATH,
     .help = "Directory of the journal. When not given: collector in the state directory."},
    {"http_connections", CONF_INT, IN(collector, http_connections), "2048", 1, 65536,
     .help = "Most HTTP connections at one time; one more waits until another ends."},
    {"http_body_bytes", CONF_BYTES, IN(collector, http_body_bytes), "1MiB", 1 * KIB, 64 * MIB,
     .help = "Longest body of an HTTP request."},
    {"http_timeout", CONF_DURATION, IN(collector, http_timeout_us), "30s", 100 * MS, 1 * H,
     .help = "After which an idle or slow HTTP connection is closed."},
    {"batch_max", CONF_INT, IN(collector, batch_max), "1024", 1, 65536,
     .help = "Most records of one commit."},
    {"tick", CONF_DURATION, IN(collector, tick_us), "5s", 100 * MS, 1 * H,
     .help = "When nothing arrives, time itself is recorded this often; it bounds how late "
             "something overdue is noticed."},
    {"gather", CONF_DURATION, IN(collector, gather_us), "1ms", 0, 1 * S,
     .help = "How long a commit waits for company."},
    {"quarantine_items", CONF_INT, IN(collector, quarantine_items), "10000", 0, 10000000,
     .help = "Most inputs that were refused and are kept to be looked at; the oldest go."},
    {"quarantine_bytes", CONF_BYTES, IN(collector, quarantine_bytes), "64MiB", 0, 1 * TIB,
     .help = "Most bytes of all of them."},
    {"quarantine_item_bytes", CONF_BYTES, IN(collector, quarantine_item_bytes), "64KiB", 0, 4 * MIB,
     .help = "Most bytes kept of one; the rest is cut off."},
    {"disk_low_bytes", CONF_BYTES, IN(collector, disk_low_bytes), "64MiB", 0, 1 * TIB,
     .help = "Below this much free disk a warning is logged; reports are taken until it is full."},
    {"listen_https", CONF_STRING, IN(collector, listen_https), "off", .min = 1, .max = PATH,
     .help = "The HTTP door under TLS, ADDRESS:PORT, or off. Needs tls_cert and tls_key."},
    {"tls_cert", CONF_STRING, IN(collector, tls_cert), .min = 1, .max = PATH,
     .help = "File of the certificate and its chain, PEM."},
    {"tls_key", CONF_STRING, IN(collector, tls_key), .min = 1, .max = PATH,
     .help = "File of its private key, PEM."},
    {"tls_clients", CONF_STRING, IN(collector, tls_clients), .min = 1, .max = PATH,
     .help = "File of the authorities whose certificates TAK clients must show, PEM. The common "
             "name is then the name of the source. None: clients need no certificate."},
    {"listen_tak", CONF_STRING, IN(collector, listen_tak), "off", .min = 1, .max = PATH,
     .help =
         "Door for TAK clients over TCP, ADDRESS:PORT, or off: XML and TAK protocol version 1."},
    {"listen_tak_tls", CONF_STRING, IN(collector, listen_tak_tls), "off", .min = 1, .max = PATH,
     .help = "The same under TLS."},
    {"tak_source", CONF_STRING, IN(collector, tak_source), .min = 1, .max = MAX_NAME,
     .help = "In whose name a TAK client speaks that does not say who it is. None: it must send "
             "<auth> with the name of a source and its token, or show a certificate."},
    {"tak_connections", CONF_INT, IN(collector, tak_connections), "256", 1, 65536,
     .help = "Most TAK clients at one time; one more is turned away."},
    {"tak_repeat", CONF_DURATION, IN(collector, tak_repeat_us), "10min", 0, 1 * D,
     .help = "A marker that is sent again unchanged within this time is no new report."},
    {"tak_assets", LIST_IN(collector, tak_assets, 10000, tak_asset_keys, struct tak_asset_conf),
     .help = "Devices that travel with an asset of ours. Positions of others are not kept."},
    {"csv", LIST_IN(collector, csv, 256, csv_keys, struct csv_conf),
     .help = "Columns of CSV files that are neither ACLED's nor UCDP's."},
    {"spool", CONF_STRING, IN(collector, spool), .min = 1, .max = PATH,
     .help = "Spool directory: a file that is renamed into SPOOL/SOURCE/ is taken in. None: off."},
    {"spool_keep", CONF_DURATION, IN(collector, spool_keep_us), "7d", 0, 3650 * D,
     .help = "How long files that were taken in stay in done/ and refused ones in rejected/; 0: "
             "the former go at once, the latter stay."},
    {"spool_file_bytes", CONF_BYTES, IN(collector, spool_file_bytes), "16MiB", 1 * KIB, 256 * MIB,
     .help = "Longest file that is taken in one piece; CSV, JSON lines and recordings may be "
             "longer."},
    {"link_down", CONF_DURATION, IN(collector, link_down_us), "30s", 1 * S, 1 * D,
     .help = "After so long without a word the link of an edge collector is down."},
    {"upstream", CONF_MAP, IN(collector, upstream), .sub = upstream_keys,
     .help = "Of an edge collector: where its journal is forwarded to."},
    {"sources", LIST_IN(collector, sources, 10000, source_keys, struct source_conf),
     .help = "Who may report. A source named local (class own, no limit) is there without being "
             "written."},
    END};

static const struct conf_key area_keys[] = {
    {"slug", CONF_STRING, offsetof(struct area_conf, slug), .min = 1, .max = 64, .required = true,
     .help = "Its word in topics: a to z, 0 to 9, - and _."},
    {"name", CONF_STRING, offsetof(struct area_conf, name), .min = 1, .max = MAX_NAME,
     .help = "Its name for people."},
    {"lat", CONF_STRING, offsetof(struct area_conf, lat), .min = 1, .max = 16, .required = true,
     .help = "Latitude of the centre, decimal degrees."},
    {"lon", CONF_STRING, offsetof(struct area_conf, lon), .min = 1, .max = 16, .required = true,
     .help = "Longitude of the centre."},
    {"radius_km", CONF_INT, offsetof(struct area_conf, radius_km), "50", 1, 2000,
     .help = "Radius of the circle."},
    END};

static const struct conf_key reach_keys[] = {
    {"event", CONF_ENUM, offsetof(struct reach_conf, event), .names = event_types, .required = true,
     .help = "The event type."},
    {"likelihood", CONF_INT, offsetof(struct reach_conf, likelihood), .min = 1, .max = 5,
     .help = "Of harm to an asset in reach, 1 to 5."},
    {"impact", CONF_INT, offsetof(struct reach_conf, impact), .min = 1, .max = 5,
     .help = "Before harm done and vulnerability are counted, 1 to 5."},
    {"reach_m", CONF_INT, offsetof(struct reach_conf, reach_m), .min = 1, .max = 1000000,
     .help = "Metres around the place within which a standing asset is endangered."},
    {"persist", CONF_DURATION, offsetof(struct reach_conf, persist_us), .min = 0, .max = INT64_MAX,
     .help = "How long the danger lasts; forever = until cleared."},
    END};

static const struct conf_key procedure_keys[] = {
    {"event", CONF_ENUM, offsetof(struct procedure_conf, event), "any", .names = events_or_any,
     .help = "The event type it is for."},
    {"target", CONF_ENUM, offsetof(struct procedure_conf, target), "any", .names = targets_or_any,
     .help = "The kind of target it is for."},
    {"precedence", CONF_ENUM, offsetof(struct procedure_conf, precedence), "any",
     .names = precedences_or_any, .help = "The precedence it is for."},
    {"en", CONF_STRING, offsetof(struct procedure_conf, en), .min = 1, .max = MAX_VALUE,
     .help = "What to do, in English."},
    {"fr", CONF_STRING, offsetof(struct procedure_conf, fr), .min = 1, .max = MAX_VALUE,
     .help = "What to do, in French."},
    END};

static const struct conf_key headline_keys[] = {
    {"event", CONF_ENUM, offsetof(struct procedure_conf, event), "any", .names = events_or_any,
     .help = "The event type it is for."},
    {"target", CONF_ENUM, offsetof(struct procedure_conf, target), "any", .names = targets_or_any,
     .help = "The kind of target it is for."},
    {"precedence", CONF_ENUM, offsetof(struct procedure_conf, precedence), "any",
     .names = precedences_or_any, .help = "The precedence it is for."},
    {"en", CONF_STRING, offsetof(struct procedure_conf, en), .min = 1, .max = MAX_NAME,
     .help = "The headline in English: {who}: {what} {where}, {when}"},
    {"fr", CONF_STRING, offsetof(struct procedure_conf, fr), .min = 1, .max = MAX_NAME,
     .help = "The headline in French: {who} : {what} {where}, {when}"},
    END};

static const struct conf_key classifier_keys[] = {
    {"collector", CONF_STRING, IN(classifier, collector), .min = 1, .max = PATH,
     .help = "Where the journal is fetched. When not given: the collector's listen_zmq."},
    {"notifier", CONF_STRING, IN(classifier, notifier), .min = 1, .max = PATH,
     .help = "Where alerts are submitted. When not given: the notifier's listen_zmq."},
    {"state", CONF_STRING, IN(classifier, state), .min = 1, .max = PATH,
     .help = "Directory of the checkpoint. When not given: classifier in the state directory."},
    {"listen_http", CONF_STRING, IN(classifier, listen_http), "127.0.0.1:8441", .min = 1,
     .max = PATH, .help = "HTTP door for /healthz and /metrics, ADDRESS:PORT, or off."},
    {"lexicon", CONF_STRING, IN(classifier, lexicon), "", .max = PATH,
     .help = "Directory of the lexicon. Empty: the one that is shipped."},
    {"model", CONF_STRING, IN(classifier, model), "", .max = PATH,
     .help = "Weights of the linear model. Empty: the ones that are shipped; none: the lexicon "
             "decides alone."},
    {"gazetteer", CONF_STRING, IN(classifier, gazetteer), "", .max = PATH,
     .help = "Short list of places. Empty: the one that is shipped."},
    {"rules", CONF_STRING, IN(classifier, rules), "", .max = PATH,
     .help = "File of rules over several incidents, assets and time. Empty: the one that is "
             "shipped."},
    {"geonames", CONF_STRINGS, IN(classifier, geonames), .max = 64,
     .help = "GeoNames dumps to load beside it, a list of files."},
    {"assets", CONF_STRING, IN(classifier, assets), .min = 1, .max = PATH,
     .help = "GeoJSON file of bases, sites and convoys."},
    {"checkpoint", CONF_DURATION, IN(classifier, checkpoint_us), "60s", 100 * MS, 1 * D,
     .help = "How often the state is written, so that a restart need not read the whole journal."},
    {"position", CONF_DURATION, IN(classifier, position_us), "1s", 10 * MS, 1 * H,
     .help = "How often the position in the journal is told to the notifier when nothing is "
             "raised."},
    {"max_situations", CONF_INT, IN(classifier, max_situations), "20000", 100, 1000000,
     .help = "Most situations held; the ones that ended longest ago go first."},
    {"max_incidents", CONF_INT, IN(classifier, max_incidents), "100000", 100, 10000000,
     .help = "Most incidents remembered for corrections and copies."},
    {"areas", LIST_IN(classifier, areas, 1000, area_keys, struct area_conf), .def = default_areas,
     .help = "Areas of the topics: circles. The first one that holds a place names its area."},
    {"events", LIST_IN(classifier, events, 64, reach_keys, struct reach_conf),
     .help = "Figures of event types that differ from the built-in ones; what is not given "
             "stays."},
    {"procedures", LIST_IN(classifier, procedures, 1000, procedure_keys, struct procedure_conf),
     .help = "Recommended actions. The first one that fits an alert, and has its language, stands "
             "for the built-in one. Filled in as headlines are."},
    {"headlines", LIST_IN(classifier, headlines, 1000, headline_keys, struct procedure_conf),
     .help = "Headlines. The first one that fits an alert, and has its language, stands for the "
             "built-in one, behind words like EXERCISE, LATE, Warning. Filled in: {who} {what} "
             "{where} {when} {harm} {far} {soon} {halt}; where one has nothing to say, what stands "
             "before it is left out too."},
    {"matrix", CONF_STRINGS, IN(classifier, matrix), default_matrix, .max = 5,
     .help = "Risk matrix: five rows, the likeliest first, each of five levels for impact 1 to 5: "
             "very_low low medium high very_high unacceptable."},
    {"join_m", CONF_INT, IN(classifier, join_m), "5000", 0, 500000,
     .help = "Reports of one event lie within this many metres."},
    {"join", CONF_DURATION, IN(classifier, join_us), "6h", 0, 30 * D,
     .help = "Reports of one event lie within this time."},
    {"flash_contact", CONF_DURATION, IN(classifier, flash_contact_us), "30min", 0, 1 * D,
     .help = "Very high risk is FLASH when contact is within this time, else IMMEDIATE."},
    {"stale_position", CONF_DURATION, IN(classifier, stale_position_us), "2h", 1 * MIN, 30 * D,
     .help = "Age at which a convoy's position is no longer relied on."},
    {"convoy_speed_kmh", CONF_INT, IN(classifier, convoy_speed_kmh), "40", 1, 300,
     .help = "Speed of a convoy that does not give its own."},
    END};

static const struct conf_key step_keys[] = {
    {"precedence", CONF_ENUM, offsetof(struct step_conf, precedence), .names = precedences,
     .required = true, .help = "Of the alerts that the step is for."},
    {"after", CONF_DURATION, offsetof(struct step_conf, after_us), .min = 100 * MS, .max = 30 * D,
     .required = true, .help = "After the step before it, the first one after the alert came."},
    END};

static const struct conf_key notifier_keys[] = {
    {"listen_zmq", CONF_STRING, IN(notifier, listen_zmq), .min = 1, .max = PATH,
     .help = "Door for submits, commands and fetches. When not given: ipc://notifier/submit.sock."},
    {"publish", CONF_STRING, IN(notifier, publish), .min = 1, .max = PATH,
     .help = "Where alerts are published. When not given: ipc://notifier/publish.sock."},
    {"state", CONF_STRING, IN(notifier, state), .min = 1, .max = PATH,
     .help = "Directory of the alert log. When not given: notifier in the state directory."},
    {"listen_http", CONF_STRING, IN(notifier, listen_http), "127.0.0.1:8442", .min = 1, .max = PATH,
     .help = "HTTP door for /healthz and /metrics, ADDRESS:PORT, or off."},
    {"head", CONF_DURATION, IN(notifier, head_us), "1s", 10 * MS, 1 * H,
     .help = "How often the end of the log is published, so that a subscriber notices a gap."},
    {"escalation", LIST_IN(notifier, escalation, 64, step_keys, struct step_conf),
     .help = "Steps of alerts that nobody acknowledged; the last one repeats. When not given: "
             "flash 5min, immediate 15min, priority once after 3h, routine never."},
    {"publish_hwm", CONF_INT, IN(notifier, publish_hwm), "10000", 1, 1000000,
     .help = "Most messages waiting for one slow subscriber; beyond that it misses some and "
             "fetches them."},
    END};

const struct conf_key config_table[] = {
    {"instance", CONF_MAP, offsetof(struct config, instance), .sub = instance_keys,
     .help = "What all daemons share."},
    {"collector", CONF_MAP, offsetof(struct config, collector), .sub = collector_keys,
     .help = "The collector: takes reports in and keeps the journal."},
    {"classifier", CONF_MAP, offsetof(struct config, classifier), .sub = classifier_keys,
     .help = "The classifier: from reports to alerts."},
    {"notifier", CONF_MAP, offsetof(struct config, notifier), .sub = notifier_keys,
     .help = "The notifier: keeps the alert log, publishes, escalates."},
    END};
