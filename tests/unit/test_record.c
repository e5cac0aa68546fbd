/* test_record: every name there and back, structs at rest, and the id of an incident. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "record.h"

/* Walks a whole enum: names differ, are not empty but for the zero value, and parse back. */
#define WALK(type, count, zero)                                                                \
    do {                                                                                       \
        assert_string_equal(type##_name((enum type)0), zero);                                  \
        assert_string_equal(type##_name((enum type)(count)), zero);                            \
        assert_string_equal(type##_name((enum type)9999), zero);                               \
        for (unsigned v = 1; v < (unsigned)(count); v++) {                                     \
            assert_true(strlen(type##_name((enum type)v)) > 0);                                \
            for (unsigned w = 0; w < v; w++)                                                   \
                assert_string_not_equal(type##_name((enum type)v), type##_name((enum type)w)); \
        }                                                                                      \
    } while (0)
#define WALK_PARSE(type, count)                                           \
    do {                                                                  \
        for (unsigned v = 0; v < (unsigned)(count); v++)                  \
            assert_int_equal(type##_parse(type##_name((enum type)v)), v); \
        assert_int_equal(type##_parse(NULL), 0);                          \
        assert_int_equal(type##_parse(""), 0);                            \
        assert_int_equal(type##_parse("no such name"), 0);                \
    } while (0)

static void
names(void **state)
{
    (void)state;
    WALK(event_type, EVENT_COUNT, "unknown");
    WALK(target, TARGET_COUNT, "unknown");
    WALK(mode, MODE_COUNT, "unknown");
    WALK(status, STATUS_COUNT, "unknown");
    WALK(source_class, SOURCE_CLASS_COUNT, "unknown");
    WALK(precedence, PRECEDENCE_COUNT, "unknown");
    WALK(risk, RISK_COUNT, "unknown");
    WALK(urgency, URGENCY_COUNT, "");
    WALK(severity, SEVERITY_COUNT, "");
    WALK(certainty, CERTAINTY_COUNT, "");
    WALK(alert_kind, ALERT_KIND_COUNT, "unknown");
    WALK(alert_state, ALERT_STATE_COUNT, "unknown");
    WALK(asset_kind, ASSET_KIND_COUNT, "unknown");
    WALK(travel_mode, TRAVEL_COUNT, "unknown");
    WALK(convoy_state, CONVOY_STATE_COUNT, "unknown");
    WALK(receipt_status, RECEIPT_STATUS_COUNT, "unknown");
}

static void
names_and_back(void **state)
{
    (void)state;
    WALK_PARSE(event_type, EVENT_COUNT);
    WALK_PARSE(target, TARGET_COUNT);
    WALK_PARSE(mode, MODE_COUNT);
    WALK_PARSE(status, STATUS_COUNT);
    WALK_PARSE(source_class, SOURCE_CLASS_COUNT);
    WALK_PARSE(precedence, PRECEDENCE_COUNT);
    WALK_PARSE(asset_kind, ASSET_KIND_COUNT);
    WALK_PARSE(travel_mode, TRAVEL_COUNT);
    WALK_PARSE(convoy_state, CONVOY_STATE_COUNT);
}

/* Names are the surface: one of each table, and those that are spelled unlike their enum. */
static void
names_are_those_of_the_interface(void **state)
{
    (void)state;
    assert_string_equal(event_type_name(EV_AMBUSH), "ambush");
    assert_string_equal(event_type_name(EV_IED_MINE), "ied_mine");
    assert_string_equal(event_type_name(EV_NONE), "none");
    assert_string_equal(event_type_name(EV_DISINFORMATION), "disinformation");
    assert_string_equal(event_type_name(EV_ARREST), "arrest");
    assert_string_equal(target_name(TG_CIVILIANS), "civilians");
    assert_string_equal(target_name(TG_SYSTEM), "system");
    assert_string_equal(mode_name(MODE_FOLLOW_UP), "follow_up");
    assert_string_equal(status_name(ST_EXERCISE), "exercise");
    assert_string_equal(source_class_name(SC_OWN), "own");
    assert_string_equal(precedence_name(PR_FLASH), "flash");
    assert_string_equal(risk_name(RISK_VERY_HIGH), "very high");
    assert_string_equal(risk_name(RISK_UNACCEPTABLE), "unacceptable");
    assert_string_equal(urgency_name(UR_UNKNOWN), "unknown");
    assert_string_equal(severity_name(SV_EXTREME), "extreme");
    assert_string_equal(certainty_name(CT_OBSERVED), "observed");
    assert_string_equal(alert_kind_name(AK_REOPENED), "reopened");
    assert_string_equal(alert_kind_name(AK_CANCELLED), "cancelled");
    assert_string_equal(alert_state_name(AS_ACKNOWLEDGED), "acknowledged");
    assert_string_equal(asset_kind_name(ASSET_CONVOY), "convoy");
    assert_string_equal(travel_mode_name(TRAVEL_RIVER), "river");
    assert_string_equal(convoy_state_name(CONVOY_DEPARTED), "departed");
    assert_string_equal(receipt_status_name(RC_DUPLICATE), "duplicate");
    assert_string_equal(receipt_status_name(RC_RETRY), "retry");
}

static void
unknown_is_not_zero(void **state)
{
    struct incident in;
    struct asset as;
    struct finding f;
    struct alert_event e;

    (void)state;
    memset(&in, 0xa5, sizeof(in));
    memset(&as, 0xa5, sizeof(as));
    memset(&f, 0xa5, sizeof(f));
    memset(&e, 0xa5, sizeof(e));
    incident_init(&in);
    asset_init(&as);
    finding_init(&f);
    alert_event_init(&e);
    assert_true(in.killed == -1 && in.wounded == -1 && in.taken == -1);
    assert_true(in.text == NULL && !in.has_pos && in.event == EV_UNKNOWN && in.finding == NULL);
    assert_true(as.strength == -1 && as.population == -1 && as.displaced == -1);
    assert_true(as.escort == -1 && as.air_cover == -1 && as.checkin_min == -1);
    assert_true(as.id == NULL && as.n_route == 0 && as.speed_cmps == 0 && !as.removed);
    assert_true(f.harm.killed.least == -1 && f.harm.killed.most == -1);
    assert_true(f.harm.wounded.least == -1 && f.harm.taken.most == -1);
    assert_true(f.n_actors == 0 && f.fingerprint[FINGERPRINTS - 1] == 0 && !f.has_place);
    assert_true(e.harm.killed.least == -1 && e.harm.taken.most == -1);
    assert_true(e.rule == NULL && e.n_assets == 0 && e.likelihood == 0);
}

static void
incident_ids(void **state)
{
    struct id a, b;

    (void)state;
    incident_id("gao-ops", "radio-1", 1000, "body", 4, &a);
    assert_int_equal(a.b[5], 1);
    incident_id("gao-ops", "radio-1", 1000, "body", 4, &b);
    assert_int_equal(id_cmp(&a, &b), 0); /* an exact resend is one record */
    incident_id("gao-ops", "radio-1", 1000, "bodx", 4, &b);
    assert_int_not_equal(id_cmp(&a, &b), 0); /* a correction is another */
    incident_id("gao-ops", "radio-2", 1000, "body", 4, &b);
    assert_int_not_equal(id_cmp(&a, &b), 0);
    incident_id("kidal", "radio-1", 1000, "body", 4, &b);
    assert_int_not_equal(id_cmp(&a, &b), 0);
    incident_id("gao-ops", "radio-1", 2000, "body", 4, &b);
    assert_int_not_equal(id_cmp(&a, &b), 0);
    incident_id(NULL, NULL, 0, NULL, 0, &a);
    incident_id("", "", 0, "", 0, &b);
    assert_int_equal(id_cmp(&a, &b), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),
        cmocka_unit_test(names_and_back),
        cmocka_unit_test(names_are_those_of_the_interface),
        cmocka_unit_test(unknown_is_not_zero),
        cmocka_unit_test(incident_ids),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
