/* test_intake: what happens to a record between the door and the journal: the checks, the ids
 * that make resends harmless, the stamps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "intake.h"
#include "timefmt.h"

#define NOW (INT64_C(1681711200) * SECOND_US)

static char dir[] = "/tmp/tocsin-unit.XXXXXX";
static struct config *config;
static struct buf scratch;

static int
setup(void **state)
{
    char path[64];
    struct err e;

    (void)state;
    buf_init(&scratch, 0);
    if (mkdtemp(dir) == NULL)
        return -1;
    (void)snprintf(path, sizeof path, "%s/tocsin.yaml", dir);
    FILE *f = fopen(path, "w");
    if (f == NULL)
        return -1;
    (void)fputs("collector:\n"
                "  sources:\n"
                "    - name: gao\n"
                "      class: own\n"
                "      reliability: B\n"
                "      credibility: 3\n"
                "      lang: fr\n"
                "      time_zone: Africa/Lagos\n"
                "      clock: untrusted\n"
                "      place: Gao\n"
                "    - name: wire\n"
                "      class: media\n"
                "      relay: true\n",
                f);
    (void)fclose(f);
    if (config_load(path, dir, &config, &e) == 0)
        return 0;
    print_error("%s:%d: %s\n", e.file, e.line, e.text);
    return -1;
}

static int
teardown(void **state)
{
    char cmd[64];

    (void)state;
    buf_fini(&scratch);
    config_free(config);
    (void)snprintf(cmd, sizeof cmd, "rm -rf %s", dir);
    return system(cmd);
}

static struct record
incident(const char *source, const char *own_id, const char *text)
{
    struct record r = {.type = REC_INCIDENT, .received_at_us = NOW};

    incident_init(&r.u.incident);
    r.u.incident.source = source;
    r.u.incident.own_id = own_id;
    r.u.incident.text = text;
    r.u.incident.reported_at_us = NOW - MINUTE_US;
    return r;
}

static int
prepare_as(struct record *r, const char *unique, bool keep, struct err *e)
{
    return intake_prepare(config, "local", unique, strlen(unique), keep, r, &scratch, e);
}

static void
prepare(struct record *r, const char *unique)
{
    struct err e = {.text = ""};

    if (prepare_as(r, unique, false, &e) < 0)
        fail_msg("%s", e.text);
}

static bool
same(const struct record *a, const struct record *b)
{
    return id_cmp(&a->id, &b->id) == 0;
}

static void
test_ids_of_incidents(void **state)
{
    struct record a = incident("gao", "17", "fire"), b;

    (void)state;
    prepare(&a, "session:1:0");
    assert_false(id_is_zero(&a.id));
    /* An exact resend is one record, whenever and however it comes. */
    b = incident("gao", "17", "fire");
    b.received_at_us += DAY_US;
    prepare(&b, "session:9:4");
    assert_true(same(&a, &b));
    /* The collector's stamps play no part, so neither does a changed configuration. */
    b = incident("gao", "17", "fire");
    b.u.incident.source_class = SC_MEDIA;
    b.u.incident.utc_offset_min = -60;
    prepare(&b, "x");
    assert_true(same(&a, &b));
    /* The same own id with another body is another record: a correction. */
    b = incident("gao", "17", "fire, two wounded");
    prepare(&b, "session:1:0");
    assert_false(same(&a, &b));
    b = incident("gao", "17", "fire");
    b.u.incident.wounded = 2;
    prepare(&b, "session:1:0");
    assert_false(same(&a, &b));
    b = incident("wire", "17", "fire");
    prepare(&b, "session:1:0");
    assert_false(same(&a, &b));
    b = incident("gao", "18", "fire");
    prepare(&b, "session:1:0");
    assert_false(same(&a, &b));
    b = incident("gao", "17", "fire");
    b.u.incident.reported_at_us++;
    prepare(&b, "session:1:0");
    assert_false(same(&a, &b));
    /* Without an own id each acceptance is a record, and the same acceptance the same. */
    a = incident("gao", NULL, "fire");
    prepare(&a, "session:1:0");
    b = incident("gao", NULL, "fire");
    prepare(&b, "session:1:0");
    assert_true(same(&a, &b));
    b = incident("gao", "", "fire");
    prepare(&b, "session:1:1");
    assert_false(same(&a, &b));
    /* An id that is there already stays. */
    b = incident("gao", NULL, "fire");
    memset(b.id.b, 7, ID_LEN);
    struct id mine = b.id;
    prepare(&b, "session:1:1");
    assert_int_equal(id_cmp(&b.id, &mine), 0);
}

static void
test_ids_of_others(void **state)
{
    struct record a = {.type = REC_POSITION, .received_at_us = NOW}, b;

    (void)state;
    a.u.position = (struct asset_position){.asset = "c7", .fixed_at_us = NOW, .source = "gps"};
    b = a;
    b.u.position.pos.lat = 5;
    b.received_at_us += HOUR_US;
    prepare(&a, "1");
    prepare(&b, "2");
    assert_true(same(&a, &b)); /* asset and time of fix */
    b.u.position.fixed_at_us++;
    memset(&b.id, 0, sizeof b.id);
    prepare(&b, "2");
    assert_false(same(&a, &b));
    a = (struct record){.type = REC_LINK, .received_at_us = NOW};
    a.u.link = (struct link_state){.name = "gao", .up = true, .since_us = NOW};
    b = a;
    struct record c = a;
    prepare(&a, "1");
    prepare(&b, "1");
    prepare(&c, "2");
    assert_true(same(&a, &b));
    assert_false(same(&a, &c));
    assert_true(a.received_at_us == NOW);
}

static void
test_stamps(void **state)
{
    struct record r = incident("gao", "1", "fire");

    (void)state;
    prepare(&r, "u");
    assert_int_equal(r.u.incident.source_class, SC_OWN);
    assert_int_equal(r.u.incident.reliability, 'B');
    assert_int_equal(r.u.incident.credibility, 3);
    assert_string_equal(r.u.incident.lang, "fr");
    assert_int_equal(r.u.incident.utc_offset_min, 60);
    assert_true(r.u.incident.clock_untrusted);
    assert_string_equal(r.u.incident.source_place, "Gao");
    assert_false(r.u.incident.relay);
    /* What the report says of itself stands. */
    r = incident("gao", "1", "fire");
    r.u.incident.reliability = 'E';
    r.u.incident.credibility = 5;
    r.u.incident.lang = "en";
    r.u.incident.relay = true;
    prepare(&r, "u");
    assert_int_equal(r.u.incident.reliability, 'E');
    assert_int_equal(r.u.incident.credibility, 5);
    assert_string_equal(r.u.incident.lang, "en");
    assert_true(r.u.incident.relay);
    r = incident("wire", "1", "fire");
    prepare(&r, "u");
    assert_int_equal(r.u.incident.source_class, SC_MEDIA);
    assert_true(r.u.incident.relay);
    assert_int_equal(r.u.incident.reliability, 0);
    /* Nobody we know: local, ungraded, UTC. */
    r = incident("stranger", "1", "fire");
    prepare(&r, "u");
    assert_int_equal(r.u.incident.source_class, SC_LOCAL);
    assert_int_equal(r.u.incident.reliability, 0);
    assert_int_equal(r.u.incident.utc_offset_min, 0);
    r = incident(NULL, "1", "fire");
    prepare(&r, "u");
    assert_string_equal(r.u.incident.source, "local");
    r = incident("", "1", "fire");
    prepare(&r, "u");
    assert_string_equal(r.u.incident.source, "local");
    /* A recording keeps the stamps that it has; so does what was redacted. */
    struct err e = {.text = ""};
    r = incident("gao", "1", "fire");
    r.u.incident.source_class = SC_PARTNER;
    assert_int_equal(prepare_as(&r, "u", true, &e), 0);
    assert_int_equal(r.u.incident.source_class, SC_PARTNER);
    assert_int_equal(r.u.incident.reliability, 0);
    struct finding f;
    finding_init(&f);
    r = incident("gao", "1", NULL);
    r.u.incident.redacted = true;
    r.u.incident.finding = &f;
    r.u.incident.source_class = SC_PARTNER;
    prepare(&r, "u");
    assert_int_equal(r.u.incident.source_class, SC_PARTNER);
}

static void
refused(struct record r, const char *words)
{
    struct err e = {.text = ""};

    assert_int_equal(prepare_as(&r, "u", false, &e), -1);
    if (strstr(e.text, words) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", e.text, words);
}

static void
test_checks(void **state)
{
    struct record r = incident("gao", "1", NULL);
    static const int64_t times[] = {10, 20, 15};
    static const struct geo_pt route[3];
    struct incident raise;

    (void)state;
    refused(r, "needs text or event");
    r.u.incident.text = "";
    refused(r, "needs text or event");
    r.u.incident.event = EV_AMBUSH;
    prepare(&r, "u");

    r = (struct record){.type = REC_ASSET, .received_at_us = NOW};
    asset_init(&r.u.asset);
    refused(r, "asset.id");
    r.u.asset.id = "";
    refused(r, "asset.id");
    r.u.asset.id = "gao-base";
    refused(r, "asset.kind");
    r.u.asset.removed = true;
    struct record removed = r;
    prepare(&removed, "u");
    r.u.asset.removed = false;
    r.u.asset.kind = ASSET_BASE;
    refused(r, "needs its place");
    r.u.asset.has_pos = true;
    struct record base = r;
    prepare(&base, "u");
    r.u.asset.kind = ASSET_CONVOY;
    r.u.asset.has_pos = false;
    struct record convoy = r;
    prepare(&convoy, "u");
    r.u.asset.schedule = times;
    r.u.asset.n_schedule = 2;
    r.u.asset.route = route;
    r.u.asset.n_route = 3;
    refused(r, "2 times for 3 vertices");
    r.u.asset.n_schedule = 3;
    refused(r, "time 3 lies before");
    r.u.asset.n_route = r.u.asset.n_schedule = 2;
    struct record planned = r;
    prepare(&planned, "u");
    r.u.asset.n_route = 3;
    r.u.asset.n_schedule = 1;
    prepare(&r, "u");

    r = (struct record){.type = REC_POSITION, .received_at_us = NOW};
    refused(r, "position.asset");
    r.u.position.asset = "";
    refused(r, "position.asset");
    r = (struct record){.type = REC_LINK, .received_at_us = NOW};
    refused(r, "link.name");
    r = (struct record){.type = REC_ACT, .received_at_us = NOW};
    r.u.act.kind = ACT_RAISE;
    refused(r, "act.raise");
    incident_init(&raise);
    r.u.act.raise = &raise;
    prepare(&r, "u");
    static const enum record_type own[] = {REC_TICK, REC_CLOCK_STEP, REC_REPLAY};
    for (size_t i = 0; i < 3; i++) {
        r = (struct record){.type = own[i], .received_at_us = NOW};
        prepare(&r, "u");
    }
    static const enum record_type foreign[] = {REC_NONE,     REC_EVENT,  REC_COMMAND,
                                               REC_REJECTED, REC_STATUS, REC_DERIVATION};
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++)
        refused((struct record){.type = foreign[i]}, "does not belong into a journal");
}

static void
test_plain_time(void **state)
{
    struct record r = incident("gao", "1", "fire");

    (void)state;
    assert_true(intake_plain_time(&r, 0) == NOW - MINUTE_US);
    assert_true(intake_plain_time(&r, NOW) == NOW); /* never back */
    r.u.incident.reported_at_us = 0;
    assert_true(intake_plain_time(&r, 0) == 0);
    assert_true(intake_plain_time(&r, 5) == 5);
    r = (struct record){.type = REC_POSITION, .u.position.fixed_at_us = 7};
    assert_true(intake_plain_time(&r, 5) == 7);
    r = (struct record){.type = REC_LINK, .u.link.since_us = 8};
    assert_true(intake_plain_time(&r, 5) == 8);
    r = (struct record){.type = REC_TICK};
    assert_true(intake_plain_time(&r, 5) == 5);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ids_of_incidents), cmocka_unit_test(test_ids_of_others),
        cmocka_unit_test(test_stamps),           cmocka_unit_test(test_checks),
        cmocka_unit_test(test_plain_time),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
