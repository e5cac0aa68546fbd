/* test_record_json: the JSON shapes, byte for byte, and what is refused. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "record_json.h"
#include "wire.h"
#include "wire_fill.h"

#define ROUNDS 300
#define T0     INT64_C(1681713600000000) /* 2023-04-17T06:40:00Z */

static struct arena *arena;
static struct buf out;

static int
setup(void **state)
{
    (void)state;
    arena = arena_new(0);
    buf_init(&out, 0);
    return arena == NULL;
}

static int
teardown(void **state)
{
    (void)state;
    arena_free(arena);
    buf_fini(&out);
    return 0;
}

static void
read_ok(const char *s, struct record *r)
{
    struct err e = {.text = ""};

    if (record_from_json(s, strlen(s), arena, r, &e) != 0)
        fail_msg("%s: %s", s, e.text);
}

/* ---- in */

static void
test_incident(void **state)
{
    struct record r;

    (void)state;
    read_ok(
        "{\"id\":\"radio-2023-0417\", \"source\":\"gao-ops\", "
        "\"reported_at\":\"2023-04-17T06:40:00Z\","
        "\"occurred_at\":\"2023-04-17T08:20:00+02:00\", \"text\":\"attaqu\\u00e9 "
        "\\ud83d\\udea8\\n\","
        "\"lang\":\"fr\", \"lat\":16.40, \"lon\":\"-0.05\", \"radius_m\":\"100\", "
        "\"place\":\"Gao\","
        "\"mgrs\":\"30QZD\", \"event\":\"ambush\", \"targets\":[\"convoy\",\"civilians\"],"
        "\"killed\":0, \"wounded\":\"2\", \"taken\":null, \"reliability\":\"b\", \"credibility\":2,"
        "\"relay\":true, \"status\":\"exercise\", \"reporter\":{\"name\":\"n\",\"contact\":\"c\"},"
        "\"attributes\":{\"any\":\"thing\",\"n\":12,\"t\":true,\"o\":{\"a\":[1]},\"gone\":null}}",
        &r);
    const struct incident *in = &r.u.incident;
    assert_int_equal(r.type, REC_INCIDENT);
    assert_int_equal(r.seq, 0);
    assert_int_equal(r.received_at_us, 0);
    assert_true(id_is_zero(&r.id));
    assert_string_equal(in->own_id, "radio-2023-0417");
    assert_string_equal(in->source, "gao-ops");
    assert_true(in->reported_at_us == T0);
    assert_true(in->occurred_at_us == T0 - 20 * 60 * INT64_C(1000000));
    assert_string_equal(in->text, "attaqué \xf0\x9f\x9a\xa8\n");
    assert_true(in->has_pos);
    assert_int_equal(in->pos.lat, 164000000);
    assert_int_equal(in->pos.lon, -500000);
    assert_int_equal(in->radius_m, 100);
    assert_int_equal(in->event, EV_AMBUSH);
    assert_true(in->has_targets);
    assert_int_equal(in->targets, TARGET_BIT(TG_CONVOY) | TARGET_BIT(TG_CIVILIANS));
    assert_int_equal(in->killed, 0);
    assert_int_equal(in->wounded, 2);
    assert_int_equal(in->taken, -1);
    assert_int_equal(in->reliability, 'B');
    assert_int_equal(in->credibility, 2);
    assert_true(in->relay);
    assert_int_equal(in->status, ST_EXERCISE);
    assert_string_equal(in->reporter_name, "n");
    assert_string_equal(in->reporter_contact, "c");
    assert_int_equal(in->n_attributes, 4);
    assert_string_equal(in->attributes[1].value, "12");
    assert_string_equal(in->attributes[2].value, "true");
    assert_string_equal(in->attributes[3].value, "{\"a\":[1]}");

    read_ok(" {\"event\":\"ied_mine\",\"targets\":\"base\"} \r\n", &r);
    assert_null(r.u.incident.text);
    assert_int_equal(r.u.incident.targets, TARGET_BIT(TG_BASE));
    assert_int_equal(r.u.incident.status, ST_UNKNOWN);
}

static void
test_recording_line(void **state)
{
    struct record r;

    (void)state;
    read_ok("{\"seq\":42,\"received_at\":\"2023-04-17T06:40:00.000123Z\","
            "\"incident\":{\"text\":\"x\",\"class\":\"own\",\"utc_offset_min\":-60,"
            "\"clock_untrusted\":true,\"source_place\":\"Gao\"}}",
            &r);
    assert_int_equal(r.seq, 42);
    assert_true(r.received_at_us == T0 + 123);
    assert_int_equal(r.u.incident.source_class, SC_OWN);
    assert_int_equal(r.u.incident.utc_offset_min, -60);
    assert_true(r.u.incident.clock_untrusted);
    read_ok("{\"received_at\":\"2023-04-17T06:40:00Z\",\"tick\":{}}", &r);
    assert_int_equal(r.type, REC_TICK);
    read_ok("{\"link\":{\"name\":\"gao\",\"up\":false,\"since\":\"2023-04-17T06:40:00Z\"}}", &r);
    assert_int_equal(r.type, REC_LINK);
    assert_true(r.u.link.since_us == T0);
    read_ok("{\"position\":{\"asset\":\"cvy-7\",\"lat\":0,\"lon\":0}}", &r);
    assert_int_equal(r.type, REC_POSITION);
    read_ok("{\"clock_step\":{\"step_us\":-3600000000}}", &r);
    assert_true(r.u.clock_step_us == INT64_C(-3600000000));
}

/* Everything of a journal: JSON and back packs to the same bytes. */
static void
test_round_trip(void **state)
{
    static const enum record_type types[] = {REC_INCIDENT, REC_ASSET,      REC_POSITION, REC_LINK,
                                             REC_TICK,     REC_CLOCK_STEP, REC_REPLAY,   REC_ACT};
    struct buf one, two;

    (void)state;
    buf_init(&one, 0);
    buf_init(&two, 0);
    for (size_t t = 0; t < sizeof(types) / sizeof(types[0]); t++)
        for (unsigned round = 0; round < ROUNDS; round++) {
            struct fill f = {.a = arena, .state = t * 5000 + round + 1, .sparse = round > 0};
            struct record r, back;
            struct err e = {.text = ""};

            arena_reset(arena);
            buf_reset(&one);
            buf_reset(&two);
            buf_reset(&out);
            fill_msg(&f, &wire_record_msg, &r, types[t]);
            if (r.received_at_us == 0)
                r.received_at_us = T0; /* a recording line has it */
            wire_record_pack(&r, true, &one);
            record_to_json(&r, &out);
            assert_false(out.failed);
            assert_null(strchr(out.data, '\n'));
            if (record_from_json(out.data, out.len, arena, &back, &e) != 0)
                fail_msg("type %d round %u: %s\n%s", (int)types[t], round, e.text, out.data);
            wire_record_pack(&back, true, &two);
            if (two.len != one.len || memcmp(one.data, two.data, one.len) != 0)
                fail_msg("type %d round %u differs: %s", (int)types[t], round, out.data);
        }
    buf_fini(&one);
    buf_fini(&two);
}

#define J(text, why)                \
    {                               \
        text, sizeof(text) - 1, why \
    }

static void
test_refused(void **state)
{
    static const struct {
        const char *s;
        size_t n;
        const char *why;
    } cases[] = {
        J("", "empty"),
        J("{", "not JSON"),
        J("[]", "record: must be an object"),
        J("{} x", "something stands behind"),
        J("{\"text\":\"\xff\"}", "not UTF-8"),
        J("{\"text\":\"a\0b\"}", "not UTF-8"),
        J("{\"text\":\"a\\u0000b\"}", "a bad escape"),
        J("{\"text\":\"a\\uZZZZb\"}", "a bad escape"),
        J("{\"text\":\"a\\u00", "a bad escape"),
        J("{\"text\":\"\\ud800\"}", "not JSON"),
        J("{\"text\":\"\\udc00\"}", "not JSON"),
        J("{\"text\":\"\\ud800\\u0041\"}", "not JSON"),
        J("{\"text\":\"\xed\xa0\x80\"}", "not UTF-8"),
        J("{\"a\":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}", "nested deeper than 16"),
        J("{}", "incident: give text or event"),
        J("{\"text\":\"\"}", "incident: give text or event"),
        J("{\"txt\":\"a\"}", "unknown key \"txt\""),
        J("{\"text\":\"a\",\"text\":\"b\"}", "text: comes twice"),
        J("{\"text\":12}", "text: must be a string"),
        J("{\"event\":\"party\"}", "event: \"party\" is not one of the names"),
        J("{\"event\":\"unknown\"}", "event:"),
        J("{\"event\":7}", "event: must be a name"),
        J("{\"text\":\"a\",\"targets\":[\"none\"]}", "targets: \"none\""),
        J("{\"text\":\"a\",\"killed\":1.5}", "killed: must be a whole number"),
        J("{\"text\":\"a\",\"killed\":-1}", "killed: must be a whole number"),
        J("{\"text\":\"a\",\"killed\":1e300}", "killed: must be a whole number"),
        J("{\"text\":\"a\",\"killed\":\"two\"}", "killed: must be a whole number"),
        J("{\"text\":\"a\",\"killed\":\"\"}", "killed: must be a whole number"),
        J("{\"text\":\"a\",\"killed\":\"9999999999999999\"}", "killed: must be a whole number"),
        J("{\"text\":\"a\",\"lat\":16}", "lat: give lat and lon"),
        J("{\"text\":\"a\",\"lon\":16,\"lat\":null}", "lat: give lat and lon"),
        J("{\"text\":\"a\",\"lat\":91,\"lon\":0}", "lat: must be a number from -90 to 90"),
        J("{\"text\":\"a\",\"lat\":\"north\",\"lon\":0}", "lat: must be a number"),
        J("{\"text\":\"a\",\"reported_at\":\"yesterday\"}", "reported_at: must be a time"),
        J("{\"text\":\"a\",\"reported_at\":1681713600}", "reported_at: must be a time"),
        J("{\"text\":\"a\",\"reliability\":\"G\"}", "reliability: must be a letter"),
        J("{\"text\":\"a\",\"reliability\":\"\"}", "reliability: must be a letter"),
        J("{\"text\":\"a\",\"credibility\":0}", "credibility:"),
        J("{\"text\":\"a\",\"relay\":\"yes\"}", "relay: must be true or false"),
        J("{\"text\":\"a\",\"reporter\":\"n\"}", "reporter: must be an object"),
        J("{\"text\":\"a\",\"reporter\":{\"age\":1}}", "reporter: unknown key \"age\""),
        J("{\"text\":\"a\",\"attributes\":[]}", "attributes: must be an object"),
        J("{\"text\":\"a\",\"class\":\"own\"}", "class: is the collector's to give"),
        J("{\"incident\":{\"text\":\"a\",\"redacted\":true}}", "redacted: is the collector's"),
        J("{\"text\":\"a\",\"received_at\":\"2023-04-17T06:40:00Z\"}",
          "unknown key \"received_at\""),
        J("{\"tick\":{},\"link\":{\"name\":\"a\"}}", "link: a second body"),
        J("{\"tick\":{},\"x\":1}", "x: unknown key beside \"tick\""),
        J("{\"tick\":{\"a\":1}}", "tick: unknown key \"a\""),
        J("{\"tick\":1}", "tick: must be an object"),
        J("{\"seq\":-1,\"tick\":{}}", "seq:"),
        J("{\"tocsin_id\":\"x\",\"tick\":{}}", "tocsin_id: must be an id"),
        J("{\"tocsin_id\":1,\"tick\":{}}", "tocsin_id: must be an id"),
        J("{\"link\":{}}", "name: missing"),
        J("{\"position\":{\"asset\":\"a\"}}", "lat: missing"),
        J("{\"position\":{\"lat\":1,\"lon\":1}}", "asset: missing"),
        J("{\"act\":{}}", "kind: missing"),
        J("{\"act\":{\"kind\":\"raise\"}}", "raise: belongs to"),
        J("{\"act\":{\"kind\":\"set\",\"field\":\"place\"}}", "field: a set needs"),
        J("{\"act\":{\"kind\":\"raise\",\"raise\":{\"text\":1}}}", "text: must be a string"),
        J("{\"command\":{\"verb\":\"ack\"}}", "unknown key \"command\""),
        J("{\"asset\":{}}", "id: missing"),
        J("{\"asset\":1}", "asset: must be an object"),
        J("{\"asset\":{\"id\":\"a\"}}", "kind: missing"),
        J("{\"asset\":{\"id\":\"a\",\"kind\":\"tank\"}}", "kind: \"tank\""),
        J("{\"asset\":{\"id\":\"a\",\"kind\":\"base\",\"strenght\":1}}",
          "unknown key \"strenght\""),
        J("{\"asset\":{\"id\":1.5,\"kind\":\"base\"}}", "id: must be a whole number"),
        J("{\"asset\":{\"id\":\"a\",\"kind\":\"site\",\"market_days\":[\"someday\"]}}",
          "market_days:"),
        J("{\"asset\":{\"id\":\"a\",\"kind\":\"site\",\"market_days\":1}}", "market_days:"),
        J("{\"asset\":{\"id\":\"a\",\"kind\":\"convoy\",\"route\":1}}", "route: must be an array"),
        J("{\"asset\":{\"id\":\"a\",\"kind\":\"convoy\",\"route\":[[1]]}}",
          "route: a position must be"),
        J("{\"asset\":{\"id\":\"a\",\"kind\":\"convoy\",\"route\":[[1,91]]}}",
          "route: must be a number"),
        J("{\"asset\":{\"id\":\"a\",\"kind\":\"convoy\",\"schedule\":[1]}}",
          "schedule: must be a time"),
        J("{\"asset\":{\"id\":\"a\",\"kind\":\"convoy\",\"schedule\":[\"1970-01-01T00:00:00Z\"]}}",
          "after 1970"),
        J("{\"asset\":{\"id\":\"a\",\"kind\":\"convoy\",\"schedule\":[\"2023-04-17T06:40:00Z\","
          "\"2023-04-17T06:39:00Z\"]}}",
          "goes back"),
        J("{\"asset\":{\"id\":\"a\",\"kind\":\"convoy\",\"schedule\":[\"2023-04-17T06:40:00Z\","
          "\"2023-04-17T06:41:00Z\"]}}",
          "one time per vertex"),
        J("{\"asset\":{\"id\":\"a\",\"kind\":\"convoy\",\"speed_kmh\":-4}}", "speed_kmh:"),
        J("{\"asset\":{\"id\":\"a\",\"kind\":\"base\",\"geometry\":{\"type\":\"Polygon\"}}}",
          "geometry: must be a Point"),
        J("{\"received_at\":\"2023-04-17T06:40:00Z\",\"incident\":{\"finding\":{\"event\":\"x\"}}}",
          "\"x\" is no event"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct record r = {.seq = 77};
        struct err e = {.text = ""};
        errno = 0;
        if (record_from_json(cases[i].s, cases[i].n, arena, &r, &e) != -1 || errno != EINVAL ||
            strstr(e.text, cases[i].why) == NULL)
            fail_msg("%s: \"%s\", expected \"%s\"", cases[i].s, e.text, cases[i].why);
        assert_int_equal(r.seq, 77);
        assert_int_equal(record_from_json(cases[i].s, cases[i].n, arena, &r, NULL), -1);
    }
}

/* Puts n copies of what between head and tail, and expects the refusal. */
static void
refuse_many(const char *head, const char *what, size_t n, const char *tail, const char *why)
{
    struct record r;
    struct err e = {.text = ""};

    buf_reset(&out);
    buf_puts(&out, head);
    for (size_t i = 0; i < n; i++)
        buf_puts(&out, what);
    buf_puts(&out, tail);
    assert_int_equal(record_from_json(out.data, out.len, arena, &r, &e), -1);
    if (strstr(e.text, why) == NULL)
        fail_msg("\"%s\", expected \"%s\"", e.text, why);
}

static void
test_limits(void **state)
{
    (void)state;
    refuse_many("{\"text\":\"", "a", MAX_TEXT + 1, "\"}", "text: longer than 16384");
    refuse_many("{\"source\":\"", "a", MAX_NAME + 1, "\"}", "source: longer than 256");
    refuse_many("{\"text\":\"a\",\"attributes\":{", "\"a\":1,", MAX_ATTRIBUTES, "\"b\":1}}",
                "attributes: more than 32");
    refuse_many("{\"text\":\"a\",\"attributes\":{\"a\":\"", "a", MAX_VALUE + 1, "\"}}",
                "attributes: \"a\"");
    refuse_many("{\"text\":\"a\",\"attributes\":{\"", "a", MAX_NAME + 1, "\":1}}", "attributes:");
    refuse_many("{\"asset\":{\"id\":\"a\",\"kind\":\"convoy\",\"route\":[", "[1,1],", MAX_ROUTE,
                "[1,1]]}}", "route: more than 256");
    refuse_many("{\"a\":[", "0,", 20000, "0]}", "more than 16384 values");
    refuse_many("", " ", (1 << 20) + 1, "", "longer than");
}

/* ---- out */

static void
check_out(const char *expected)
{
    assert_false(out.failed);
    if (strcmp(out.data, expected) != 0)
        fail_msg("is       %s\nexpected %s", out.data, expected);
}

static void
test_line_out(void **state)
{
    struct record r = {.seq = 7, .received_at_us = T0 + 1500, .type = REC_INCIDENT};
    const struct attribute at = {"a\"b", "c"};

    (void)state;
    incident_init(&r.u.incident);
    r.u.incident.own_id = "r1";
    r.u.incident.text = "é";
    r.u.incident.has_pos = true;
    r.u.incident.pos = (struct geo_pt){164000000, -500000};
    r.u.incident.killed = 0;
    r.u.incident.reporter_name = "n";
    r.u.incident.attributes = &at;
    r.u.incident.n_attributes = 1;
    r.u.incident.source_class = SC_LOCAL;
    record_to_json(&r, &out);
    check_out(
        "{\"seq\":7,\"received_at\":\"2023-04-17T06:40:00.001500Z\",\"incident\":{\"id\":\"r1\","
        "\"text\":\"é\",\"lat\":16.4,\"lon\":-0.05,\"killed\":0,\"reporter\":{\"name\":\"n\"},"
        "\"attributes\":{\"a\\\"b\":\"c\"},\"class\":\"local\"}}");
    buf_reset(&out);
    r = (struct record){.type = REC_COMMAND, .u.command = {.verb = CMD_ACK, .who = "w"}};
    record_to_json(&r, &out);
    check_out("{\"command\":{\"verb\":\"ack\",\"who\":\"w\"}}");
}

/* The other types of a log are only written. */
static void
test_other_types(void **state)
{
    (void)state;
    for (unsigned type = REC_EVENT; type <= REC_DERIVATION; type++)
        for (unsigned round = 0; round < ROUNDS; round++) {
            struct fill f = {.a = arena, .state = type * 31 + round + 1, .sparse = round > 0};
            struct record r;
            struct err e = {.text = ""};

            buf_reset(&out);
            arena_reset(arena);
            fill_msg(&f, &wire_record_msg, &r, type);
            record_to_json(&r, &out);
            assert_false(out.failed);
            /* It is JSON: what is refused is what it says. */
            assert_int_equal(record_from_json(out.data, out.len, arena, &r, &e), -1);
            if (strncmp(e.text, "not JSON", 8) == 0 || strncmp(e.text, "byte ", 5) == 0)
                fail_msg("%s\n%s", e.text, out.data);
        }
}

static void
test_finding_out(void **state)
{
    struct finding f, back;
    struct err e = {.text = ""};

    (void)state;
    finding_init(&f);
    f.alertworthy = true;
    f.event = EV_AMBUSH;
    f.confidence_permille = 940;
    f.mode = MODE_FACT;
    f.targets = TARGET_BIT(TG_CONVOY);
    f.harm = (struct harm){{0, 0}, {2, 4}, {-1, -1}};
    f.from_us = f.to_us = T0;
    f.when_method = "given";
    f.has_place = true;
    f.place = (struct place){
        .pt = {164000000, -500000}, .radius_m = 1000, .name = "Gao", .method = "given"};
    f.lang = "fr";
    f.evidence[0] = (struct evidence){"Convoi attaqué", "event=ambush"};
    f.n_evidence = 1;
    finding_to_json(&f, "radio-2023-0417", &out);
    check_out(
        "{\"id\":\"radio-2023-0417\",\"alertworthy\":true,\"event\":\"ambush\",\"confidence\":0.94,"
        "\"mode\":\"fact\",\"targets\":[\"convoy\"],\"harm\":{\"killed\":0,\"wounded\":[2,4],"
        "\"taken\":null},\"actors\":[],\"weapons\":[],\"when\":{\"from\":\"2023-04-17T06:40:00Z\","
        "\"to\":\"2023-04-17T06:40:00Z\",\"method\":\"given\"},\"place\":{\"lat\":16.4,\"lon\":-0."
        "05,"
        "\"radius_km\":1.0,\"name\":\"Gao\",\"method\":\"given\"},\"lang\":\"fr\",\"marks\":[],"
        "\"evidence\":[{\"text\":\"Convoi attaqué\",\"for\":\"event=ambush\"}]}");
    if (finding_from_json(out.data, out.len, arena, &back, &e) != 0)
        fail_msg("%s", e.text);
    struct buf one, two;
    buf_init(&one, 0);
    buf_init(&two, 0);
    wire_finding_pack(&f, &one);
    wire_finding_pack(&back, &two);
    assert_int_equal(one.len, two.len);
    assert_memory_equal(one.data, two.data, one.len);
    buf_fini(&one);
    buf_fini(&two);

    buf_reset(&out);
    finding_init(&f);
    f.event = EV_NONE;
    f.marks = MARK_SIEGE | MARK_POSSIBLE_EXERCISE;
    finding_to_json(&f, NULL, &out);
    check_out(
        "{\"id\":null,\"alertworthy\":false,\"event\":\"none\",\"confidence\":0.0,"
        "\"mode\":\"unknown\",\"targets\":[],\"harm\":{\"killed\":null,\"wounded\":null,"
        "\"taken\":null},\"actors\":[],\"weapons\":[],\"when\":null,\"place\":null,\"lang\":null,"
        "\"marks\":[\"siege\",\"possible_exercise\"],\"evidence\":[]}");
}

static void
test_finding_refused(void **state)
{
    static const struct {
        const char *s, *why;
    } cases[] = {
        {"{\"mode\":\"x\"}", "no mode"},
        {"{\"mode\":1}", "mode: must be a name"},
        {"{\"event\":1}", "event: must be a name"},
        {"{\"id\":1}", "id: must be a string"},
        {"{\"confidence\":2}", "confidence: must be a number from 0 to 1"},
        {"{\"harm\":{\"killed\":[2,1]}}", "killed: the least"},
        {"{\"harm\":{\"wounded\":[1]}}", "wounded: must be a number, [least"},
        {"{\"harm\":{\"taken\":[1,\"x\"]}}", "taken: must be a whole number"},
        {"{\"actors\":1}", "actors: must be an array"},
        {"{\"weapons\":[1]}", "weapons: must be a string"},
        {"{\"actors\":[\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\","
         "\"\",\"\"]}",
         "actors: more than 16"},
        {"{\"place\":{\"name\":\"Gao\"}}", "place: needs lat and lon"},
        {"{\"place\":{\"lat\":1}}", "lat: give lat and lon"},
        {"{\"marks\":[\"x\"]}", "marks:"},
        {"{\"evidence\":1}", "evidence: must be an array"},
        {"{\"evidence\":[1]}", "evidence: must be an object"},
        {"{\"fingerprint\":[\"0\"]}", "fingerprint:"},
        {"{\"fingerprint\":1}", "fingerprint: must be an array"},
        {"{\"when\":{\"from\":1}}", "from: must be a time"},
        {"[]", "finding: must be an object"},
        {"", "not JSON"},
    };
    struct finding f;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct err e = {.text = ""};
        if (finding_from_json(cases[i].s, strlen(cases[i].s), arena, &f, &e) != -1 ||
            strstr(e.text, cases[i].why) == NULL)
            fail_msg("%s: \"%s\", expected \"%s\"", cases[i].s, e.text, cases[i].why);
    }
}

static void
make_event(struct alert_event *ev)
{
    alert_event_init(ev);
    ev->kind = AK_RAISED;
    ev->id = (struct id){{1}};
    ev->situation = (struct id){{2}};
    ev->revision = 1;
    ev->due_at_us = T0 + 120000;
    ev->at_us = T0 + 122000;
    ev->page = true;
    ev->topic = "alert.convoy.flash.gao.";
    ev->target = TG_CONVOY;
    ev->assets[0] = (struct event_asset){.id = "cvy-7",
                                         .name = "Convoy 7",
                                         .distance_m = 3200,
                                         .bearing_deg = 350,
                                         .contact_at_us = T0 + 12 * 60 * INT64_C(1000000)};
    ev->n_assets = 1;
    ev->precedence = PR_FLASH;
    ev->risk = RISK_UNACCEPTABLE;
    ev->likelihood = ev->impact = 5;
    ev->urgency = UR_IMMEDIATE;
    ev->severity = SV_EXTREME;
    ev->certainty = CT_OBSERVED;
    ev->status = ST_ACTUAL;
    ev->event = EV_AMBUSH;
    ev->mode = MODE_FACT;
    ev->from_us = ev->to_us = T0;
    ev->place = "15 km north of Gao";
    ev->has_pos = true;
    ev->pos = (struct geo_pt){164000000, -500000};
    ev->radius_m = 1000;
    ev->area = "gao";
    ev->harm = (struct harm){{0, 0}, {2, 2}, {-1, -1}};
    ev->headline_en = "e";
    ev->headline_fr = "f";
    ev->instruction_en = "i";
    ev->reasons[0] = (struct reason){"ambush 3.2 km ahead on the route", 2};
    ev->n_reasons = 1;
    ev->incidents[0] = (struct incident_ref){{{3}}, SC_OWN, "B2"};
    ev->n_incidents = 1;
    ev->release = "mission";
    ev->state = AS_RAISED;
    ev->next_step_at_us = T0 + 300 * INT64_C(1000000);
    ev->warned[0] = (struct warned_asset){"cvy-7", T0, "radio", false};
    ev->n_warned = 1;
    ev->expires_at_us = T0 + 3600 * INT64_C(1000000);
    ev->cause_seq = 42;
}

static void
test_event_out(void **state)
{
    struct alert_event ev;

    (void)state;
    make_event(&ev);
    event_to_json(&ev, 118, false, &out);
    check_out(
        "{\"seq\":118,\"kind\":\"raised\",\"id\":\"01000000000000000000000000\","
        "\"situation\":\"02000000000000000000000000\",\"revision\":1,"
        "\"due_at\":\"2023-04-17T06:40:00.120Z\",\"at\":\"2023-04-17T06:40:00.122Z\",\"page\":true,"
        "\"topic\":\"alert.convoy.flash.gao.\",\"target\":\"convoy\",\"assets\":[{\"id\":\"cvy-7\","
        "\"name\":\"Convoy 7\",\"distance_km\":3.2,\"bearing_deg\":350,"
        "\"contact_at\":\"2023-04-17T06:52:00Z\"}],\"precedence\":\"flash\",\"risk\":"
        "\"unacceptable\","
        "\"likelihood\":5,\"impact\":5,\"urgency\":\"immediate\",\"severity\":\"extreme\","
        "\"certainty\":\"observed\",\"status\":\"actual\",\"unconfirmed\":false,\"event\":"
        "\"ambush\","
        "\"mode\":\"fact\",\"rule\":null,\"late\":false,\"when\":{\"from\":\"2023-04-17T06:40:"
        "00Z\","
        "\"to\":\"2023-04-17T06:40:00Z\"},\"place\":\"15 km north of "
        "Gao\",\"lat\":16.4,\"lon\":-0.05,"
        "\"radius_km\":1.0,\"area\":\"gao\",\"harm\":{\"killed\":[0,0],\"wounded\":[2,2],\"taken\":"
        "null},"
        "\"claims\":[],\"marks\":[],\"changed\":[],\"headline\":{\"en\":\"e\",\"fr\":\"f\"},"
        "\"instruction\":{\"en\":\"i\",\"fr\":null},\"reasons\":[{\"text\":"
        "\"ambush 3.2 km ahead on the route\",\"weight\":2}],\"incidents\":[{\"id\":"
        "\"03000000000000000000000000\",\"class\":\"own\",\"grade\":\"B2\"}],\"release\":"
        "\"mission\","
        "\"state\":\"raised\",\"answered_by\":null,\"next_step_at\":\"2023-04-17T06:45:00Z\","
        "\"warned\":[{\"asset\":\"cvy-7\",\"at\":\"2023-04-17T06:40:00Z\",\"how\":\"radio\","
        "\"unreachable\":false}],\"expires_at\":\"2023-04-17T07:40:00Z\",\"cause_seq\":42}");

    /* a halt and who lives around, where there are any */
    buf_reset(&out);
    ev.assets[0].halt_at_us = T0 + 5 * 60 * INT64_C(1000000);
    ev.assets[0].halt = "Bourem";
    ev.assets[0].fixed_at_us = T0;
    ev.nearby[0] = (struct nearby_place){"place-9", "Bourem", 2100, 90, 27000};
    ev.nearby[1] = (struct nearby_place){"place-8", "Bamba", 2200, 91, 0};
    ev.n_nearby = 2;
    ev.people = 27000;
    event_to_json(&ev, 118, false, &out);
    assert_non_null(strstr(out.data, "\"contact_at\":\"2023-04-17T06:52:00Z\",\"halt\":\"Bourem\","
                                     "\"halt_at\":\"2023-04-17T06:45:00Z\","
                                     "\"fixed_at\":\"2023-04-17T06:40:00Z\"}]"));
    assert_non_null(strstr(
        out.data, "\"cause_seq\":42,\"nearby\":[{\"id\":\"place-9\",\"name\":\"Bourem\","
                  "\"distance_km\":2.1,\"bearing_deg\":90,\"population\":27000},"
                  "{\"id\":\"place-8\",\"name\":\"Bamba\",\"distance_km\":2.2,\"bearing_deg\":91,"
                  "\"population\":null}],\"people\":27000}"));

    /* the comparison form does not change with what the notifier adds */
    struct buf one;
    buf_init(&one, 0);
    buf_reset(&out);
    event_to_json(&ev, 118, true, &one);
    ev.at_us = 0;
    ev.page = false;
    ev.state = AS_RESOLVED;
    ev.answered_by = "x";
    ev.next_step_at_us = 0;
    ev.n_warned = 0;
    ev.cause_seq = 7;
    ev.step = 3;
    ev.false_alarm = true;
    event_to_json(&ev, 5, true, &out);
    check_out(one.data);
    assert_null(strstr(out.data, "\"seq\""));
    assert_null(strstr(out.data, "\"at\":"));
    assert_null(strstr(out.data, "\"page\""));
    assert_null(strstr(out.data, "\"state\""));
    assert_null(strstr(out.data, "\"cause_seq\""));
    buf_fini(&one);
}

static void
test_small_out(void **state)
{
    struct receipt rc = {.status = RC_STORED, .seq = 42, .id = {{1}}};
    struct rejected rj = {.number = 3,
                          .at_us = T0,
                          .source = "s",
                          .door = "http",
                          .reason = "bad",
                          .data = "a\"b",
                          .len = 3,
                          .size = 9};
    struct daemon_status st = {.daemon = "collector", .version = "0", .at_us = T0, .head = 9};
    struct derivation d = {.alert = {{1}}, .revision = 2, .cell = "c"};
    struct alert_event ev;
    struct derived_incident di = {.seq = 4, .grade = "F6", .counted = true};

    (void)state;
    receipt_to_json(&rc, "radio-1", &out);
    check_out("{\"id\":\"radio-1\",\"status\":\"stored\",\"seq\":42,\"reason\":null,\"retry_after_"
              "s\":null}");
    buf_reset(&out);
    rc =
        (struct receipt){.status = RC_RETRY, .id = {{1}}, .reason = "full", .retry_after_ms = 1500};
    receipt_to_json(&rc, NULL, &out);
    check_out("{\"id\":\"01000000000000000000000000\",\"status\":\"retry\",\"seq\":null,"
              "\"reason\":\"full\",\"retry_after_s\":1.5}");
    buf_reset(&out);
    rejected_to_json(&rj, &out);
    check_out("{\"number\":3,\"at\":\"2023-04-17T06:40:00Z\",\"source\":\"s\",\"door\":\"http\","
              "\"reason\":\"bad\",\"format\":null,\"size\":9,\"data\":\"a\\\"b\"}");
    buf_reset(&out);
    rj.data = "\xff\0\x01";
    rejected_to_json(&rj, &out);
    assert_non_null(strstr(out.data, "\"data_base64\":\"/wAB\"}"));
    buf_reset(&out);
    rj.data = NULL;
    rj.len = 0;
    rejected_to_json(&rj, &out);
    assert_non_null(strstr(out.data, "\"data\":\"\"}"));
    buf_reset(&out);
    st.figures[0] = (struct attribute){"queue", "12"};
    st.n_figures = 1;
    status_to_json(&st, &out);
    check_out("{\"daemon\":\"collector\",\"version\":\"0\",\"at\":\"2023-04-17T06:40:00Z\","
              "\"up_since\":null,\"head\":9,\"lag\":0,\"last_error\":null,\"figures\":{\"queue\":"
              "\"12\"}}");
    buf_reset(&out);
    finding_init(&di.finding);
    d.incidents = &di;
    d.n_incidents = 1;
    derivation_to_json(&d, &out);
    assert_non_null(
        strstr(out.data, "{\"alert\":\"01000000000000000000000000\",\"revision\":2,\"cell\":\"c\","
                         "\"precedence_rule\":null,\"reasons\":[],\"incidents\":[{\"id\":null,"
                         "\"seq\":4,\"class\":null,\"grade\":\"F6\",\"counted\":true,"
                         "\"late\":false,\"finding\":{\"alertworthy\":false,"));
    buf_reset(&out);
    why_to_json(&d, NULL, &out);
    assert_non_null(strstr(out.data, "}],\"event\":null}"));
    alert_event_init(&ev);
    ev.kind = AK_RAISED;
    buf_reset(&out);
    why_to_json(&d, &ev, &out);
    assert_non_null(strstr(out.data, "}],\"event\":{\"kind\":\"raised\","));
}

/* ---- GeoJSON */

struct seen {
    size_t n;
    struct asset last;
    bool stop;
};

static int
on_asset(void *arg, const struct asset *as)
{
    struct seen *s = arg;

    s->n++;
    s->last = *as;
    return s->stop ? -1 : 0;
}

static void
test_geojson(void **state)
{
    static const char file[] = "{\"type\":\"FeatureCollection\",\"name\":\"x\",\"features\":["
                               "{\"type\":\"Feature\",\"id\":\"gao\",\"geometry\":{\"type\":"
                               "\"Point\",\"coordinates\":[-0.05,16.27,250]},"
                               "\"properties\":{\"fid\":1,\"kind\":\"base\",\"name\":\"Gao\","
                               "\"strength\":120,\"mode\":null}},"
                               "{\"type\":\"Feature\",\"geometry\":{\"type\":\"LineString\","
                               "\"coordinates\":[[-0.05,16.27],[0,17]]},"
                               "\"properties\":{\"id\":\"cvy-7\",\"kind\":\"convoy\",\"mode\":"
                               "\"road\",\"state\":\"departed\","
                               "\"schedule\":\"2023-04-17T06:40:00Z\",\"speed_kmh\":36,\"escort\":"
                               "true,\"air_cover\":false,"
                               "\"checkin_min\":30}}]}";
    struct seen seen = {.n = 0};
    struct err e = {.text = ""};

    (void)state;
    if (assets_from_geojson(file, strlen(file), arena, on_asset, &seen, &e) != 0)
        fail_msg("%s", e.text);
    assert_int_equal(seen.n, 2);
    assert_string_equal(seen.last.id, "cvy-7");
    assert_int_equal(seen.last.kind, ASSET_CONVOY);
    assert_int_equal(seen.last.n_route, 2);
    assert_int_equal(seen.last.route[0].lat, 162700000);
    assert_int_equal(seen.last.route[0].lon, -500000);
    assert_int_equal(seen.last.n_schedule, 1);
    assert_int_equal(seen.last.speed_cmps, 1000);
    assert_int_equal(seen.last.escort, 1);
    assert_int_equal(seen.last.air_cover, 0);
    assert_int_equal(seen.last.population, -1);
    asset_to_json(&seen.last, &out);
    check_out("{\"type\":\"Feature\",\"id\":\"cvy-7\",\"geometry\":{\"type\":\"LineString\","
              "\"coordinates\":"
              "[[-0.05,16.27],[0.0,17.0]]},\"properties\":{\"kind\":\"convoy\",\"mode\":\"road\","
              "\"state\":\"departed\",\"schedule\":[\"2023-04-17T06:40:00Z\"],\"speed_kmh\":36.0,"
              "\"escort\":true,\"air_cover\":false,\"checkin_min\":30}}");

    seen = (struct seen){.stop = true};
    assert_int_equal(assets_from_geojson(file, strlen(file), arena, on_asset, &seen, &e), -1);
    assert_int_equal(seen.n, 1);
}

/* A feature that was written reads back as the same asset. */
static void
test_feature_round_trip(void **state)
{
    struct buf one, two;

    (void)state;
    buf_init(&one, 0);
    buf_init(&two, 0);
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct fill f = {.a = arena, .state = round + 1, .sparse = round > 0};
        struct record r = {.type = REC_ASSET}, back = {.type = REC_ASSET};
        struct seen seen = {.n = 0};
        struct err e = {.text = ""};

        arena_reset(arena);
        buf_reset(&one);
        buf_reset(&two);
        buf_reset(&out);
        fill_msg(&f, &wire_asset_msg, &r.u.asset, 0);
        if (r.u.asset.n_route == 1)
            r.u.asset.n_route = 0; /* a LineString has two */
        asset_to_json(&r.u.asset, &out);
        if (assets_from_geojson(out.data, out.len, arena, on_asset, &seen, &e) != 0)
            fail_msg("%s\n%s", e.text, out.data);
        back.u.asset = seen.last;
        wire_record_pack(&r, false, &one);
        wire_record_pack(&back, false, &two);
        assert_int_equal(one.len, two.len);
        assert_memory_equal(one.data, two.data, one.len);
        /* and so does a record that holds the feature */
        struct buf line;
        buf_init(&line, 0);
        buf_puts(&line, "{\"asset\":");
        buf_puts(&line, out.data);
        buf_puts(&line, "}");
        assert_int_equal(record_from_json(line.data, line.len, arena, &back, NULL), 0);
        buf_fini(&line);
    }
    buf_fini(&one);
    buf_fini(&two);
}

static void
test_geojson_refused(void **state)
{
    static const struct {
        const char *s, *why;
    } cases[] = {
        {"{", "not JSON"},
        {"{}", "type: must be FeatureCollection or Feature"},
        {"{\"type\":\"FeatureCollection\"}", "features: must be an array"},
        {"{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"id\":\"a\"}]}",
         "feature 1 (a): properties: missing"},
        {"{\"type\":\"Feature\",\"id\":\"a\",\"properties\":{}}", "feature 1 (a): kind: missing"},
        {"{\"type\":\"Feature\",\"properties\":{\"kind\":\"base\"}}",
         "feature 1 (no id): id: missing"},
        {"{\"type\":\"Feature\",\"id\":\"a\",\"properties\":{\"kind\":\"base\"},"
         "\"geometry\":{\"type\":\"Point\"}}",
         "feature 1 (a): geometry: a position must be"},
        {"{\"type\":\"Feature\",\"id\":\"a\",\"properties\":{\"kind\":\"base\"},"
         "\"geometry\":{\"type\":\"LineString\",\"coordinates\":[[1,1]]}}",
         "needs two positions"},
        {"{\"type\":\"Feature\",\"id\":[],\"properties\":{\"kind\":\"base\"}}",
         "id: must be a string"},
        {"{\"type\":\"Feature\",\"id\":\"a\",\"properties\":1}", "properties: must be an object"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct seen seen = {.n = 0};
        struct err e = {.text = ""};
        if (assets_from_geojson(cases[i].s, strlen(cases[i].s), arena, on_asset, &seen, &e) != -1 ||
            strstr(e.text, cases[i].why) == NULL)
            fail_msg("%s: \"%s\", expected \"%s\"", cases[i].s, e.text, cases[i].why);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_incident, setup, teardown),
        cmocka_unit_test_setup_teardown(test_recording_line, setup, teardown),
        cmocka_unit_test_setup_teardown(test_round_trip, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_limits, setup, teardown),
        cmocka_unit_test_setup_teardown(test_line_out, setup, teardown),
        cmocka_unit_test_setup_teardown(test_other_types, setup, teardown),
        cmocka_unit_test_setup_teardown(test_finding_out, setup, teardown),
        cmocka_unit_test_setup_teardown(test_finding_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_event_out, setup, teardown),
        cmocka_unit_test_setup_teardown(test_small_out, setup, teardown),
        cmocka_unit_test_setup_teardown(test_geojson, setup, teardown),
        cmocka_unit_test_setup_teardown(test_feature_round_trip, setup, teardown),
        cmocka_unit_test_setup_teardown(test_geojson_refused, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
