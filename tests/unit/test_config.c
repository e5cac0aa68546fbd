/* Tests of common/config: defaults, completion of paths and endpoints, every relation that is
 * checked, the file that is written, and that file, table, words and manual page agree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "config_paths.h"
#include "journal.h"
#include "log.h"
#include "timefmt.h"

static char dir[] = "/tmp/test_config.XXXXXX";

/* DIR/name, in one of a few buffers. */
static const char *
in_dir(const char *name)
{
    static char paths[8][256];
    static unsigned next;
    char *path = paths[next++ % 8];

    (void)snprintf(path, sizeof(paths[0]), "%s/%s", dir, name);
    return path;
}

static const char *
in_source(const char *name)
{
    static char path[512];
    const char *src = getenv("TOCSIN_SRC");

    (void)snprintf(path, sizeof(path), "%s/%s", src != NULL ? src : ".", name);
    return path;
}

static int
load(const char *text, struct config **c, struct err *e)
{
    const char *path = in_dir("c.yaml");
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
    memset(e, 0, sizeof(*e));
    return config_load(path, dir, c, e);
}

static struct config *
loaded(const char *text)
{
    struct config *c = NULL;
    struct err e;

    if (load(text, &c, &e) != 0)
        fail_msg("%s:%d: %s", e.file, e.line, e.text);
    return c;
}

static char *
slurp(const char *path)
{
    FILE *f = fopen(path, "r");
    char *text = NULL;
    size_t n = 0;

    if (f == NULL)
        fail_msg("%s: cannot be opened; run from the source tree or set TOCSIN_SRC", path);
    assert_true(getdelim(&text, &n, '\0', f) > 0);
    assert_int_equal(fclose(f), 0);
    return text;
}

static void
test_packaged(void **state)
{
    struct config *c = NULL;
    struct err e;

    (void)state;
    assert_int_equal(config_load(NULL, NULL, &c, &e), 0);
    assert_string_equal(c->path, "");
    assert_null(c->dir);
    assert_string_equal(c->instance.state, "/var/lib/tocsin");
    assert_string_equal(c->instance.run, "/run/tocsin");
    assert_string_equal(c->instance.keys, "/etc/tocsin/keys");
    assert_int_equal(c->instance.durability, DURABILITY_GROUP);
    assert_int_equal(c->instance.log_level, LOG_LEVEL_INFO);
    assert_string_equal(c->collector.state, "/var/lib/tocsin/collector");
    assert_string_equal(c->classifier.state, "/var/lib/tocsin/classifier");
    assert_string_equal(c->notifier.state, "/var/lib/tocsin/notifier");
    assert_string_equal(c->collector.listen_zmq, "ipc:///run/tocsin/collector/submit.sock");
    assert_string_equal(c->notifier.listen_zmq, "ipc:///run/tocsin/notifier/submit.sock");
    assert_string_equal(c->notifier.publish, "ipc:///run/tocsin/notifier/publish.sock");
    assert_string_equal(c->classifier.collector, c->collector.listen_zmq);
    assert_string_equal(c->classifier.notifier, c->notifier.listen_zmq);
    assert_string_equal(c->collector.listen_http, "127.0.0.1:8440");
    assert_string_equal(c->classifier.listen_http, "127.0.0.1:8441");
    assert_string_equal(c->notifier.listen_http, "127.0.0.1:8442");
    assert_int_equal(c->collector.http_connections, 2048);
    assert_int_equal(c->collector.http_body_bytes, 1 << 20);
    assert_int_equal(c->collector.http_timeout_us, 30 * SECOND_US);
    assert_int_equal(c->collector.batch_max, 1024);
    assert_int_equal(c->collector.tick_us, 5 * SECOND_US);
    assert_int_equal(c->collector.gather_us, 1000);
    assert_int_equal(c->classifier.checkpoint_us, MINUTE_US);
    assert_int_equal(c->classifier.join_m, 5000);
    assert_int_equal(c->classifier.join_us, 6 * HOUR_US);
    assert_int_equal(c->classifier.flash_contact_us, 30 * MINUTE_US);
    assert_int_equal(c->classifier.stale_position_us, 2 * HOUR_US);
    assert_int_equal(c->classifier.convoy_speed_kmh, 40);
    assert_int_equal(c->classifier.matrix.n, 5);
    assert_string_equal(c->classifier.lexicon, "");
    assert_string_equal(c->classifier.gazetteer, "");
    assert_null(c->classifier.assets);
    assert_int_equal(c->notifier.head_us, SECOND_US);
    assert_int_equal(c->notifier.escalation.n, 0);
    assert_int_equal(c->notifier.publish_hwm, 10000);
    assert_null(c->collector.listen_https);
    assert_null(c->collector.listen_tak);
    assert_null(c->collector.spool);
    assert_null(c->collector.tls_cert);
    assert_null(c->collector.upstream.endpoint);
    const struct source_conf *local = config_source(c, "local");
    assert_int_equal(local->class, SC_OWN);
    assert_true(source_may(local, REC_ASSET));
    assert_null(local->token);
    assert_int_equal(local->rate_per_s, 0);
    assert_int_equal(source_utc_offset(local, 0), 0);
    assert_null(config_source(c, "nobody"));
    const struct area_conf *areas = c->classifier.areas.v;
    bool mopti = false;
    for (size_t i = 0; i < c->classifier.areas.n; i++)
        if (strcmp(areas[i].slug, "mopti") == 0)
            mopti = areas[i].radius_km == 120;
    assert_true(mopti);
    config_free(c);
    config_free(NULL);
}

static void
test_instance(void **state)
{
    struct config *c = loaded("instance: {state: st, keys: /k}\n"
                              "collector:\n"
                              "  listen_http: off\n"
                              "  listen_zmq: 'tcp://*:8450'\n"
                              "  listen_https: '[::]:8443'\n"
                              "  listen_tak: '*:8087'\n"
                              "  tls_cert: tls/cert.pem\n"
                              "  tls_key: /k/key.pem\n"
                              "  tls_clients: ca.pem\n"
                              "  spool: in\n"
                              "  upstream: {endpoint: 'tcp://hq:8450', source: gao}\n"
                              "classifier:\n"
                              "  listen_http: 127.0.0.1:0\n"
                              "  lexicon: lex\n"
                              "  assets: a.geojson\n"
                              "  geonames: [ML.txt, /data/BF.txt]\n"
                              "  notifier: ipc://n.sock\n"
                              "notifier:\n"
                              "  state: /alerts\n"
                              "  listen_http: '[::1]:80'\n"
                              "  publish: ipc:///abs.sock\n"
                              "  listen_zmq: ipc://@abstract\n");

    (void)state;
    assert_string_equal(c->dir, dir);
    assert_string_equal(c->instance.state, in_dir("st"));
    assert_string_equal(c->instance.run, in_dir("run"));
    assert_string_equal(c->instance.keys, "/k");
    assert_string_equal(c->collector.state, in_dir("st/collector"));
    assert_string_equal(c->notifier.state, "/alerts");
    assert_null(c->collector.listen_http);
    assert_string_equal(c->collector.listen_https, "[::]:8443");
    assert_string_equal(c->collector.listen_tak, "*:8087");
    assert_null(c->collector.listen_tak_tls);
    assert_string_equal(c->collector.tls_cert, in_dir("tls/cert.pem"));
    assert_string_equal(c->collector.tls_key, "/k/key.pem");
    assert_string_equal(c->collector.tls_clients, in_dir("ca.pem"));
    assert_string_equal(c->collector.spool, in_dir("in"));
    assert_string_equal(c->collector.upstream.endpoint, "tcp://hq:8450");
    assert_string_equal(c->classifier.listen_http, "127.0.0.1:0");
    assert_string_equal(c->notifier.listen_http, "[::1]:80");
    assert_string_equal(c->collector.listen_zmq, "tcp://*:8450");
    assert_string_equal(c->classifier.collector, "tcp://127.0.0.1:8450");
    assert_string_equal(c->classifier.notifier + 6, in_dir("run/n.sock"));
    assert_string_equal(c->notifier.publish, "ipc:///abs.sock");
    assert_string_equal(c->notifier.listen_zmq, "ipc://@abstract");
    assert_string_equal(c->classifier.lexicon, in_dir("lex"));
    assert_string_equal(c->classifier.assets, in_dir("a.geojson"));
    assert_string_equal(c->classifier.geonames.v[0], in_dir("ML.txt"));
    assert_string_equal(c->classifier.geonames.v[1], "/data/BF.txt");
    config_free(c);
}

/* Without an instance directory a relative path is taken from where the file is. */
static void
test_beside_file(void **state)
{
    struct config *c = loaded("classifier: {assets: a.geojson}\n");
    struct err e;

    (void)state;
    config_free(c);
    c = NULL;
    assert_int_equal(config_load(in_dir("c.yaml"), NULL, &c, &e), 0);
    assert_string_equal(c->classifier.assets, in_dir("a.geojson"));
    assert_string_equal(c->instance.state, "/var/lib/tocsin");
    config_free(c);
    assert_int_equal(chdir(dir), 0);
    assert_int_equal(config_load("c.yaml", NULL, &c, &e), 0);
    assert_string_equal(c->classifier.assets, in_dir("a.geojson"));
    config_free(c);
}

static void
test_sources(void **state)
{
    struct config *c = loaded("collector:\n"
                              "  sources:\n"
                              "    - name: gao-ops\n"
                              "      token: s3cret\n"
                              "      class: partner\n"
                              "      relay: true\n"
                              "      reliability: B\n"
                              "      lang: fr\n"
                              "      time_zone: '-01:30'\n"
                              "      place: Gao\n"
                              "      clock: untrusted\n"
                              "      rate_per_s: 5\n"
                              "      burst: 20\n"
                              "      credibility: 3\n"
                              "      may: [incidents, assets]\n"
                              "      csv: radio-log\n"
                              "    - {name: local, class: media}\n"
                              "    - {name: sms, gateway: kannel, secret: w0rd}\n"
                              "  csv:\n"
                              "    - {name: radio-log, delimiter: \"\\t\", text: [What]}\n"
                              "    - {name: other, delimiter: '\\t', header: false, event: 3}\n"
                              "classifier:\n"
                              "  events: [{event: hazard, persist: forever, impact: 2}]\n"
                              "  procedures: [{event: ambush, target: convoy, precedence: flash, "
                              "en: Halt.}, {fr: Prudence.}]\n"
                              "  headlines: [{target: base, en: '{who}: {what} {where}'}]\n"
                              "notifier:\n"
                              "  escalation: [{precedence: flash, after: 1min}]\n");
    const struct source_conf *s = config_source(c, "gao-ops");

    (void)state;
    assert_int_equal(c->collector.sources.n, 3);
    assert_int_equal(s->credibility, 3);
    assert_true(source_may(s, REC_INCIDENT));
    assert_false(source_may(s, REC_POSITION));
    assert_true(source_may(s, REC_ASSET));
    assert_true(source_may(s, REC_LINK));
    const struct source_conf *sms = config_source(c, "sms");
    assert_int_equal(sms->gateway, GATEWAY_KANNEL);
    assert_true(source_may(sms, REC_POSITION));
    assert_false(source_may(sms, REC_ASSET));
    assert_string_equal(config_csv(c, s->csv)->text.v[0], "What");
    assert_false(config_csv(c, "other")->header);
    assert_null(config_csv(c, "none"));
    assert_string_equal(s->token, "s3cret");
    assert_int_equal(s->class, SC_PARTNER);
    assert_true(s->relay);
    assert_string_equal(s->reliability, "B");
    assert_string_equal(s->lang, "fr");
    assert_string_equal(s->place, "Gao");
    assert_true(s->clock_untrusted);
    assert_int_equal(s->rate_per_s, 5);
    assert_int_equal(s->burst, 20);
    assert_int_equal(source_utc_offset(s, 0), -90);
    assert_int_equal(config_source(c, "local")->class, SC_MEDIA);
    const struct reach_conf *r = c->classifier.events.v;
    assert_int_equal(r->event, EV_HAZARD);
    assert_int_equal(r->likelihood, -1);
    assert_int_equal(r->impact, 2);
    assert_true(r->persist_us == INT64_MAX);
    const struct procedure_conf *p = c->classifier.procedures.v;
    assert_int_equal(p[0].event, EV_AMBUSH);
    assert_int_equal(p[0].target, TG_CONVOY);
    assert_int_equal(p[0].precedence, PR_FLASH);
    assert_int_equal(p[1].event, 0);
    assert_int_equal(p[1].target, 0);
    assert_null(p[1].en);
    p = c->classifier.headlines.v;
    assert_int_equal(c->classifier.headlines.n, 1);
    assert_int_equal(p->target, TG_BASE);
    assert_string_equal(p->en, "{who}: {what} {where}");
    const struct step_conf *step = c->notifier.escalation.v;
    assert_int_equal(step->precedence, PR_FLASH);
    assert_int_equal(step->after_us, MINUTE_US);
    config_free(c);
    const struct source_conf fixed = {.utc_offset_min = 90};
    const struct source_conf none = {.utc_offset_min = UTC_OFFSET_BY_ZONE};
    assert_int_equal(source_utc_offset(&fixed, 0), 90);
    assert_int_equal(source_utc_offset(&none, 0), 0);
}

/* With the machine's zone files, or the hint what to install. */
static void
test_zone(void **state)
{
    struct config *c = NULL;
    struct err e;
    int rc = load("collector: {sources: [{name: a, time_zone: Africa/Niamey}]}\n", &c, &e);

    (void)state;
    if (access(TZ_DIR "/Africa/Niamey", R_OK) == 0) {
        assert_int_equal(rc, 0);
        assert_int_equal(source_utc_offset(config_source(c, "a"), 1700000000 * SECOND_US), 60);
        config_free(c);
    } else {
        assert_int_equal(rc, -1);
        assert_non_null(strstr(e.text, "install tzdata"));
    }
}

#define SOURCES "collector:\n  sources:\n    - name: a\n      token: t1\n"
#define AREAS   "classifier:\n  areas:\n    - {slug: a, lat: 1, lon: 1}\n"
#define ROW     "    - low low low low low\n"

static void
test_refused(void **state)
{
    static const struct {
        const char *text;
        int line;
        const char *says;
    } cases[] = {
        {"collector:\n  tick: 50ms\n", 2, "collector.tick: 50ms is below the least, 100ms"},
        {"collector: [\n", 0, "not YAML"},
        {"console: {}\n", 1, "console: no such key"},
        {SOURCES "    - name: a\n", 5, "name \"a\" is the same as that of element 1"},
        {SOURCES "    - name: b\n      token: t1\n", 5,
         "the token is the same as that of element 1"},
        {SOURCES "    - token: x\n", 5, "collector.sources[2].name: is missing"},
        {SOURCES "      reliability: G\n", 3, "reliability of \"a\" is \"G\""},
        {SOURCES "      reliability: AB\n", 5, "longer than 1"},
        {SOURCES "      time_zone: Mars/Olympus\n", 3, "time zone \"Mars/Olympus\""},
        {SOURCES "    - {name: b, token: 'a b'}\n", 5, "the token of \"b\" has a space"},
        {SOURCES "    - name: \"b\\n\"\n", 5, "control character"},
        {SOURCES "      class: enemy\n", 5, "\"enemy\" is none of own, local, partner, media"},
        {SOURCES "      may: [incidents, orders]\n", 3, "may of \"a\" has \"orders\""},
        {SOURCES "      csv: log\n", 3, "no element of collector.csv has that name"},
        {SOURCES "      credibility: 7\n", 5, "above the most, 6"},
        {SOURCES "      gateway: kannel\n", 3, "is a gateway and has no secret"},
        {SOURCES "      secret: x\n", 3, "has a secret and no gateway"},
        {SOURCES "      url: https://x\n", 3, "has a url and no gateway"},
        {SOURCES "      gateway: twilio\n      secret: x\n", 3, "url of \"a\" is the whole URL"},
        {SOURCES "      gateway: twilio\n      secret: x\n      url: /v1\n", 3, "https://"},
        {SOURCES "      gateway: kannel\n      secret: x\n"
                 "    - {name: b, gateway: kannel, secret: x}\n",
         7, "the secret of \"b\" is that of \"a\""},
        {"collector:\n  csv:\n    - {name: a, text: [x]}\n    - {name: a, text: [x]}\n", 4,
         "name \"a\" is the same"},
        {"collector:\n  csv:\n    - {name: a, text: [x], delimiter: ab}\n", 3,
         "the delimiter of \"a\""},
        {"collector:\n  csv:\n    - {name: a, text: [x], delimiter: '\"'}\n", 3, "no quote"},
        {"collector:\n  csv:\n    - {name: a, lat: y}\n", 3, "neither text nor event"},
        {"collector:\n  csv:\n    - {name: a, text: [x], header: no}\n", 3, "\"x\" of \"a\""},
        {"collector:\n  csv:\n    - {name: a, text: [1], lat: 0, header: no}\n", 3, "\"0\" of"},
        {"collector:\n  tls_cert: x\n", 2, "tls_cert: needs tls_key beside it"},
        {"collector:\n  tls_key: x\n", 2, "tls_key: needs tls_cert beside it"},
        {"collector:\n  listen_https: 127.0.0.1:0\n", 2, "needs tls_cert and tls_key"},
        {"collector:\n  listen_tak_tls: 127.0.0.1:0\n", 2, "needs tls_cert and tls_key"},
        {"collector:\n  listen_tak: here\n", 2, "collector.listen_tak: \"here\""},
        {"collector:\n  tak_source: nobody\n", 2, "no source is called \"nobody\""},
        {"collector:\n  upstream: {endpoint: 'tcp://hq:8450'}\n", 2, "upstream: needs source"},
        {"collector:\n  upstream: {endpoint: hq}\n", 2, "neither ipc://PATH nor tcp://"},
        {"collector:\n  quarantine_bytes: 1KiB\n  quarantine_item_bytes: 2KiB\n", 3,
         "is above quarantine_bytes"},
        {AREAS "    - {slug: a, lat: 1, lon: 1}\n", 4, "slug \"a\" is the same"},
        {AREAS "    - {slug: A.b, lat: 1, lon: 1}\n", 4, "slug \"A.b\""},
        {AREAS "    - {slug: unknown, lat: 1, lon: 1}\n", 4, "the word unknown"},
        {AREAS "    - {slug: b, lat: north, lon: 1}\n", 4, "lat north"},
        {AREAS "    - {slug: b, lat: 1, lon: x}\n", 4, "no place in decimal degrees"},
        {AREAS "    - {slug: b, lat: 91, lon: 1}\n", 4, "no place in decimal degrees"},
        {AREAS "    - {slug: b, lat: 1}\n", 4, "areas[2].lon: is missing"},
        {AREAS "    - {slug: b, lat: 1, lon: 1, radius_km: 0}\n", 4, "below the least, 1"},
        {"classifier:\n  matrix:\n" ROW ROW ROW ROW, 2, "4 rows; it is five"},
        {"classifier:\n  matrix:\n" ROW ROW ROW ROW ROW ROW, 2, "6 elements; the most is 5"},
        {"classifier:\n  matrix:\n" ROW ROW ROW ROW "    - low low low low\n", 7,
         "a row has 4 levels"},
        {"classifier:\n  matrix:\n" ROW ROW "    - low low low low dire\n" ROW ROW, 5,
         "\"dire\" is no level"},
        {"classifier:\n  events:\n    - event: crime\n    - event: crime\n", 4,
         "crime stands here again"},
        {"classifier:\n  procedures:\n    - event: crime\n", 3, "give en or fr"},
        {"classifier:\n  headlines:\n    - event: crime\n", 3, "headlines: says nothing"},
        {"classifier:\n  headlines:\n    - en: ok\n    - fr: '{who}: {whom}'\n", 4,
         "\"{whom}\" is nothing that is filled in; there are {who}"},
        {"classifier:\n  procedures:\n    - en: 'Halt at {halt'\n", 3,
         "\"{halt\" is nothing that is filled in"},
        {"collector:\n  listen_zmq: udp://x\n", 2, "neither ipc://PATH nor tcp://"},
        {"collector:\n  listen_zmq: 'ipc://'\n", 2, "neither ipc://PATH nor tcp://"},
        {"collector:\n  listen_zmq: tcp://10.0.0.1\n", 2, "has no address and port"},
        {"collector:\n  listen_zmq: tcp://10.0.0.1:0\n", 2, "has no address and port"},
        {"classifier:\n  notifier: tcp://h:99999\n", 2, "has no address and port"},
        {"notifier:\n  publish: ipc://collector/submit.sock\n", 0, "are the same"},
        {"notifier:\n  publish: ipc://notifier/submit.sock\n", 0, "are the same"},
        {"notifier:\n  listen_zmq: ipc://collector/submit.sock\n", 0, "are the same"},
        {"collector:\n  listen_http: unix:/x\n", 2, "neither ADDRESS:PORT"},
        {"classifier:\n  listen_http: '8441'\n", 2, "classifier.listen_http: \"8441\""},
        {"notifier:\n  listen_http: ':8442'\n", 2, "notifier.listen_http"},
        {"notifier:\n  listen_http: 'a b:8442'\n", 2, "neither ADDRESS:PORT"},
        {"notifier:\n  listen_http: '::1:8442'\n", 2, "neither ADDRESS:PORT"},
        {"notifier:\n  listen_http: '[]:8442'\n", 2, "neither ADDRESS:PORT"},
        {"notifier:\n  listen_http: 'h:80x'\n", 2, "neither ADDRESS:PORT"},
        {"notifier:\n  escalation: [{after: 1min}]\n", 2, "precedence: is missing"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct config *c = NULL;
        struct err e;
        assert_int_equal(load(cases[i].text, &c, &e), -1);
        assert_null(c);
        if (strstr(e.text, cases[i].says) == NULL)
            fail_msg("%s\nsays: %s", cases[i].text, e.text);
        assert_string_equal(e.file, in_dir("c.yaml"));
        if (cases[i].line != 0)
            assert_int_equal(e.line, cases[i].line);
    }
}

static void
test_long_socket(void **state)
{
    char text[256] = "instance:\n  run: /", fits[256];
    struct config *c = NULL;
    struct err e;
    size_t tail = strlen("/notifier/publish.sock"), start = strlen(text) - 1;

    (void)state;
    while (strlen(text) - start + tail < IPC_PATH_MAX)
        strcat(text, "r");
    c = loaded(strcpy(fits, text));
    assert_int_equal(strlen(c->notifier.publish), strlen("ipc://") + IPC_PATH_MAX);
    config_free(c);
    c = NULL;
    strcat(text, "r");
    assert_int_equal(load(text, &c, &e), -1);
    assert_non_null(strstr(e.text, "collector.listen_zmq: the path of the socket has 108 bytes and "
                                   "may have 107; use a shorter directory"));
}

static void
test_share(void **state)
{
    static const char *const programs[] = {"build/release/bin/tocsin", "build/x/tests/unit/t",
                                           "sbin/tocsin-collector", "elsewhere"};
    const char *expected[] = {in_dir("conf"), in_dir("conf"), in_dir("share/tocsin"),
                              "/usr/share/tocsin"};
    char *share = NULL;

    (void)state;
    share = config_share(in_dir(programs[0])); /* no conf/ beside build/ */
    assert_string_equal(share, "/usr/share/tocsin");
    free(share);
    assert_int_equal(mkdir(in_dir("conf"), 0700), 0);
    assert_int_equal(mkdir(in_dir("share"), 0700), 0);
    assert_int_equal(mkdir(in_dir("share/tocsin"), 0700), 0);
    for (size_t i = 0; i < 4; i++) {
        share = config_share(in_dir(programs[i]));
        assert_string_equal(share, expected[i]);
        free(share);
    }
    share = config_share("");
    assert_string_equal(share, "/usr/share/tocsin");
    free(share);
    assert_int_equal(rmdir(in_dir("conf")), 0);
    assert_int_equal(rmdir(in_dir("share/tocsin")), 0);
    assert_int_equal(rmdir(in_dir("share")), 0);
}

static void
test_find(void **state)
{
    struct config *c = NULL;
    struct err e;
    struct stat st;

    (void)state;
    /* made with its parents, written once, then read */
    assert_int_equal(config_find(NULL, in_dir("a/b"), &c, &e), 0);
    assert_string_equal(c->path, in_dir("a/b/tocsin.yaml"));
    assert_string_equal(c->instance.state, in_dir("a/b/state"));
    config_free(c);
    assert_int_equal(stat(in_dir("a/b"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    assert_int_equal(stat(in_dir("a/b/tocsin.yaml"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    FILE *f = fopen(in_dir("a/b/tocsin.yaml"), "w");
    fputs("collector: {tick: 7s}\n", f);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(config_find(NULL, in_dir("a/b"), &c, &e), 0);
    assert_int_equal(c->collector.tick_us, 7 * SECOND_US);
    config_free(c);
    /* a file by name, with and without a directory */
    assert_int_equal(config_find(in_dir("a/b/tocsin.yaml"), dir, &c, &e), 0);
    assert_string_equal(c->instance.state, in_dir("state"));
    config_free(c);
    c = NULL;
    assert_int_equal(config_find(in_dir("missing.yaml"), dir, &c, &e), -1);
    assert_non_null(strstr(e.text, "cannot be opened"));
    /* a directory that cannot be made, and one that cannot be written */
    assert_int_equal(config_find(NULL, in_dir("a/b/tocsin.yaml/x"), &c, &e), -1);
    assert_non_null(strstr(e.text, "cannot be"));
    assert_int_equal(config_find(NULL, "/proc/nothing/x", &c, &e), -1);
    assert_non_null(strstr(e.text, "cannot be made"));
    assert_int_equal(config_find(NULL, "/proc", &c, &e), -1);
    assert_non_null(strstr(e.text, "cannot be written"));
    assert_null(c);
    assert_int_equal(unlink(in_dir("a/b/tocsin.yaml")), 0);
    assert_int_equal(rmdir(in_dir("a/b")), 0); /* no temporary file is left */
    assert_int_equal(rmdir(in_dir("a")), 0);
}

static char *
decisions(const char *text)
{
    struct config *c = loaded(text);
    struct buf b;

    buf_init(&b, 0);
    config_decision_bytes(c, &b);
    assert_false(b.failed);
    config_free(c);
    return b.data;
}

static void
test_decisions(void **state)
{
    static const char *const same[] = {
        "collector: {tick: 9s}\n",
        "classifier: {checkpoint: 9s, procedures: [{en: Wait.}]}\n",
        "classifier: {join: 360min}\n",
        "notifier: {escalation: [{precedence: flash, after: 1s}]}\n",
    };
    static const char *const other[] = {
        "classifier: {areas: []}\n",
        "classifier: {areas: [{slug: a, lat: 1, lon: 1}]}\n",
        "classifier: {areas: [{slug: a, lat: 1, lon: 1, radius_km: 51}]}\n",
        "classifier: {events: [{event: crime, impact: 5}]}\n",
        "classifier: {matrix: []}\n",
        "classifier: {join_m: 1}\n",
        "classifier: {join: 1h}\n",
        "classifier: {flash_contact: 1h}\n",
        "classifier: {stale_position: 1h}\n",
        "classifier: {convoy_speed_kmh: 41}\n",
        "classifier: {max_situations: 1000}\n",
        "classifier: {max_incidents: 1000}\n",
    };
    const size_t n = sizeof(other) / sizeof(other[0]);
    char *base = decisions(""), *all[sizeof(other) / sizeof(other[0])];

    (void)state;
    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
        char *s = decisions(same[i]);
        assert_string_equal(s, base);
        free(s);
    }
    for (size_t i = 0; i < n; i++) {
        all[i] = decisions(other[i]);
        assert_string_not_equal(all[i], base);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(all[i], all[j]);
    }
    for (size_t i = 0; i < n; i++)
        free(all[i]);
    free(base);
}

/* ---- what must agree */

static const struct conf_key *
find(const struct conf_key *table, const char *name)
{
    for (; table->name != NULL; table++)
        if (strcmp(table->name, name) == 0)
            return table;
    fail_msg("no key %s", name);
    return NULL;
}

static void
check_words(const struct conf_key *k, int first, int count, const char *(*word)(int))
{
    int i = 0;

    for (i = 0; k->names[i] != NULL; i++)
        if (i >= first)
            assert_string_equal(k->names[i], word(i));
    assert_int_equal(i, count);
}

static const char *
event_word(int v)
{
    return event_type_name((enum event_type)v);
}
static const char *
target_word(int v)
{
    return target_name((enum target)v);
}
static const char *
class_word(int v)
{
    return source_class_name((enum source_class)v);
}
static const char *
precedence_word(int v)
{
    return precedence_name((enum precedence)v);
}

static void
test_words(void **state)
{
    const struct conf_key *sources = find(find(config_table, "collector")->sub, "sources")->sub;
    const struct conf_key *classifier = find(config_table, "classifier")->sub;
    const struct conf_key *procedures = find(classifier, "procedures")->sub;
    const struct conf_key *steps = find(find(config_table, "notifier")->sub, "escalation")->sub;

    (void)state;
    check_words(find(sources, "class"), 1, SOURCE_CLASS_COUNT, class_word);
    check_words(find(find(classifier, "events")->sub, "event"), 1, EVENT_COUNT, event_word);
    check_words(find(procedures, "event"), 1, EVENT_COUNT, event_word);
    check_words(find(procedures, "target"), 1, TARGET_COUNT, target_word);
    check_words(find(procedures, "precedence"), 1, PRECEDENCE_COUNT, precedence_word);
    check_words(find(steps, "precedence"), 1, PRECEDENCE_COUNT, precedence_word);
}

static void
test_shipped_file(void **state)
{
    char *printed = NULL, *shipped = slurp(in_source("conf/tocsin.yaml"));
    size_t n = 0;
    FILE *f = open_memstream(&printed, &n);
    struct config *c = NULL;
    struct err e;

    (void)state;
    config_print_defaults(f);
    assert_int_equal(fclose(f), 0);
    assert_string_equal(shipped, printed);
    assert_int_equal(config_load(in_source("conf/tocsin.yaml"), dir, &c, &e), 0);
    config_free(c);
    free(printed);
    free(shipped);
}

static void
check_page(const char *page, const struct conf_key *table)
{
    char item[96];

    for (; table->name != NULL; table++) {
        (void)snprintf(item, sizeof(item), "\n.It Ic %s", table->name);
        const char *at = strstr(page, item);
        if (table->type == CONF_MAP) {
            (void)snprintf(item, sizeof(item), "\n.Ss %s\n", table->name);
            at = strstr(page, item);
            if (at == NULL)
                fail_msg("man/tocsin.yaml.5 has no section %s", table->name);
            check_page(at, table->sub);
            continue;
        }
        if (at == NULL)
            fail_msg("man/tocsin.yaml.5 has no key %s", table->name);
        if (table->type == CONF_LIST)
            check_page(at, table->sub);
    }
}

static void
test_manual_page(void **state)
{
    char *page = slurp(in_source("man/tocsin.yaml.5"));

    (void)state;
    check_page(page, config_table);
    free(page);
}

static int
setup(void **state)
{
    (void)state;
    return mkdtemp(dir) == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
    (void)state;
    (void)unlink(in_dir("c.yaml")); /* a test that failed may not have written it */
    return rmdir(dir);
}

int
main(void)
{
    /* Those that read the source tree come first: another one leaves the directory. */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shipped_file), cmocka_unit_test(test_manual_page),
        cmocka_unit_test(test_packaged),     cmocka_unit_test(test_instance),
        cmocka_unit_test(test_sources),      cmocka_unit_test(test_zone),
        cmocka_unit_test(test_refused),      cmocka_unit_test(test_long_socket),
        cmocka_unit_test(test_share),        cmocka_unit_test(test_find),
        cmocka_unit_test(test_decisions),    cmocka_unit_test(test_words),
        cmocka_unit_test(test_beside_file),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
