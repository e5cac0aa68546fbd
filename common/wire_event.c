/* wire_event: the tables of what the classifier makes and an alert log holds: findings, alert
 * events, derivations, and the health of a daemon. */
#include "wire.h"

#include <errno.h>

#include "wire_codec.h"

#define MARK_MASK (MARK_SIEGE | MARK_SEXUAL_VIOLENCE | MARK_POSSIBLE_EXERCISE)
/* A procedure's text is longer than a headline. */
#define MAX_INSTRUCTION (4 * MAX_VALUE)

/* ---- finding */

static const struct wire_field range_fields[] = {
    WF(1, WK_FIGURE, struct range, least, "least", WIRE_MAX_FIGURE),
    WF(2, WK_FIGURE, struct range, most, "most", WIRE_MAX_FIGURE),
};

static int
range_check(const void *s, struct err *e)
{
    const struct range *r = s;

    if ((r->least < 0) != (r->most < 0))
        return err_set(e, "range: give both least and most");
    if (r->least > r->most)
        return err_set(e, "range.least: greater than most");
    return 0;
}

static const struct wire_msg range_msg = {
    .name = "range",
    .fields = range_fields,
    .n_fields = WF_COUNT(range_fields),
    .size = sizeof(struct range),
    .oneof = WIRE_NO_ONEOF,
    .width = 1,
    .check = range_check,
};

static const struct wire_field harm_fields[] = {
    WF_SUB(1, WK_MSG, struct harm, killed, "killed", &range_msg),
    WF_SUB(2, WK_MSG, struct harm, wounded, "wounded", &range_msg),
    WF_SUB(3, WK_MSG, struct harm, taken, "taken", &range_msg),
};

static const struct wire_msg harm_msg = {
    .name = "harm",
    .fields = harm_fields,
    .n_fields = WF_COUNT(harm_fields),
    .size = sizeof(struct harm),
    .oneof = WIRE_NO_ONEOF,
    .width = 1,
};

/* A When has no struct of its own: its rows bind members of the finding around it. */
static const struct wire_field when_fields[] = {
    WF(1, WK_TIME, struct finding, from_us, "from_us", 0),
    WF(2, WK_TIME, struct finding, to_us, "to_us", 0),
    WF(3, WK_STR, struct finding, when_method, "method", MAX_NAME),
};

static const struct wire_msg when_msg = {
    .name = "when",
    .fields = when_fields,
    .n_fields = WF_COUNT(when_fields),
    .size = sizeof(struct finding),
    .oneof = WIRE_NO_ONEOF,
    .width = 1,
};

static const struct wire_field place_fields[] = {
    WF(1, WK_LAT, struct place, pt, "lat_e7", 0),
    WF(2, WK_LON, struct place, pt, "lon_e7", 0),
    WF(3, WK_U32, struct place, radius_m, "radius_m", WIRE_MAX_M),
    WF(4, WK_STR, struct place, name, "name", MAX_NAME),
    WF(5, WK_STR, struct place, method, "method", MAX_NAME),
    WF(6, WK_U64, struct place, gazetteer_id, "gazetteer_id", 0),
    WF(7, WK_BOOL, struct place, area, "area", 0),
    WF(8, WK_BOOL, struct place, ambiguous, "ambiguous", 0),
    WF(9, WK_U32, struct place, population, "population", WIRE_MAX_FIGURE),
    WF(10, WK_U32, struct place, bearing_deg, "bearing_deg", 359),
    WF(11, WK_U32, struct place, distance_m, "distance_m", WIRE_MAX_M),
};

static const struct wire_msg place_msg = {
    .name = "place",
    .fields = place_fields,
    .n_fields = WF_COUNT(place_fields),
    .lat = 1,
    .size = sizeof(struct place),
    .oneof = WIRE_NO_ONEOF,
    .width = 1,
};

static const struct wire_field evidence_fields[] = {
    WF(1, WK_STR, struct evidence, text, "text", MAX_VALUE),
    WF(2, WK_STR, struct evidence, means, "means", MAX_VALUE),
};

static const struct wire_msg evidence_msg = {
    .name = "evidence",
    .fields = evidence_fields,
    .n_fields = WF_COUNT(evidence_fields),
    .size = sizeof(struct evidence),
    .oneof = WIRE_NO_ONEOF,
    .width = 1,
};

static const struct wire_field finding_fields[] = {
    WF(1, WK_BOOL, struct finding, alertworthy, "alertworthy", 0),
    WF(2, WK_ENUM, struct finding, event, "event", EVENT_COUNT),
    WF(3, WK_U32, struct finding, confidence_permille, "confidence_permille", 1000),
    WF(4, WK_ENUM, struct finding, mode, "mode", MODE_COUNT),
    WF_MASK(5, struct finding, targets, WIRE_NO_AUX, "targets", WIRE_TARGETS),
    WF_SUB(6, WK_MSG, struct finding, harm, "harm", &harm_msg),
    WF_AUX(7, WK_STRS, struct finding, actors, n_actors, "actor", MAX_LIST),
    WF_AUX(8, WK_STRS, struct finding, weapons, n_weapons, "weapon", MAX_LIST),
    {.number = 9, .kind = WK_MSG, .aux = WIRE_NO_AUX, .sub = &when_msg, .name = "when"},
    WF_SUBS(10, WK_MSG, struct finding, place, has_place, "place", 0, &place_msg),
    WF(11, WK_STR, struct finding, lang, "lang", 16),
    WF(12, WK_U32, struct finding, marks, "marks", MARK_MASK),
    WF_SUBS(13, WK_MSGS, struct finding, evidence, n_evidence, "evidence", MAX_EVIDENCE,
            &evidence_msg),
    WF(14, WK_FIX64S, struct finding, fingerprint, "fingerprint", FINGERPRINTS),
    WF(15, WK_BOOL, struct finding, in_progress, "in_progress", 0),
    WF(16, WK_BOOL, struct finding, no_duff, "no_duff", 0),
};

static void
init_finding(void *s)
{
    finding_init(s);
}

const struct wire_msg wire_finding_msg = {
    .name = "finding",
    .fields = finding_fields,
    .n_fields = WF_COUNT(finding_fields),
    .size = sizeof(struct finding),
    .oneof = WIRE_NO_ONEOF,
    .width = 2,
    .init = init_finding,
};

/* ---- alert event */

static const struct wire_field event_asset_fields[] = {
    WF(1, WK_STR, struct event_asset, id, "id", MAX_NAME),
    WF(2, WK_STR, struct event_asset, name, "name", MAX_NAME),
    WF(3, WK_U32, struct event_asset, distance_m, "distance_m", WIRE_MAX_M),
    WF(4, WK_U32, struct event_asset, bearing_deg, "bearing_deg", 359),
    WF(5, WK_TIME, struct event_asset, contact_at_us, "contact_at_us", 0),
    WF(6, WK_TIME, struct event_asset, halt_at_us, "halt_at_us", 0),
    WF(7, WK_STR, struct event_asset, halt, "halt", MAX_NAME),
    WF(8, WK_TIME, struct event_asset, fixed_at_us, "fixed_at_us", 0),
};

static const struct wire_msg event_asset_msg = {
    .name = "event_asset",
    .fields = event_asset_fields,
    .n_fields = WF_COUNT(event_asset_fields),
    .size = sizeof(struct event_asset),
    .oneof = WIRE_NO_ONEOF,
    .width = 1,
};

static const struct wire_field nearby_fields[] = {
    WF(1, WK_STR, struct nearby_place, id, "id", MAX_NAME),
    WF(2, WK_STR, struct nearby_place, name, "name", MAX_NAME),
    WF(3, WK_U32, struct nearby_place, distance_m, "distance_m", WIRE_MAX_M),
    WF(4, WK_U32, struct nearby_place, bearing_deg, "bearing_deg", 359),
    WF(5, WK_U32, struct nearby_place, population, "population", UINT32_MAX),
};

static const struct wire_msg nearby_msg = {
    .name = "nearby",
    .fields = nearby_fields,
    .n_fields = WF_COUNT(nearby_fields),
    .size = sizeof(struct nearby_place),
    .oneof = WIRE_NO_ONEOF,
    .width = 1,
};

static const struct wire_field reason_fields[] = {
    WF(1, WK_STR, struct reason, text, "text", MAX_VALUE),
    WF(2, WK_S32, struct reason, weight, "weight", 1000000),
};

const struct wire_msg wire_reason_msg = {
    .name = "reason",
    .fields = reason_fields,
    .n_fields = WF_COUNT(reason_fields),
    .size = sizeof(struct reason),
    .oneof = WIRE_NO_ONEOF,
    .width = 1,
};

static const struct wire_field claim_fields[] = {
    WF(1, WK_STR, struct claim, party, "party", MAX_NAME),
    WF(2, WK_STR, struct claim, says, "says", MAX_VALUE),
};

static const struct wire_msg claim_msg = {
    .name = "claim",
    .fields = claim_fields,
    .n_fields = WF_COUNT(claim_fields),
    .size = sizeof(struct claim),
    .oneof = WIRE_NO_ONEOF,
    .width = 1,
};

static const struct wire_field incident_ref_fields[] = {
    WF(1, WK_ID, struct incident_ref, id, "id", 0),
    WF(2, WK_ENUM, struct incident_ref, source_class, "source_class", SOURCE_CLASS_COUNT),
    WF(3, WK_GRADE, struct incident_ref, grade, "grade", 2),
};

static const struct wire_msg incident_ref_msg = {
    .name = "incident_ref",
    .fields = incident_ref_fields,
    .n_fields = WF_COUNT(incident_ref_fields),
    .size = sizeof(struct incident_ref),
    .oneof = WIRE_NO_ONEOF,
    .width = 1,
};

static const struct wire_field warned_fields[] = {
    WF(1, WK_STR, struct warned_asset, asset, "asset", MAX_NAME),
    WF(2, WK_TIME, struct warned_asset, at_us, "at_us", 0),
    WF(3, WK_STR, struct warned_asset, how, "how", MAX_NAME),
    WF(4, WK_BOOL, struct warned_asset, unreachable, "unreachable", 0),
};

static const struct wire_msg warned_msg = {
    .name = "warned",
    .fields = warned_fields,
    .n_fields = WF_COUNT(warned_fields),
    .size = sizeof(struct warned_asset),
    .oneof = WIRE_NO_ONEOF,
    .width = 1,
};

static const struct wire_field event_fields[] = {
    WF(1, WK_ENUM, struct alert_event, kind, "kind", ALERT_KIND_COUNT),
    WF(2, WK_ID, struct alert_event, id, "id", 0),
    WF(3, WK_ID, struct alert_event, situation, "situation", 0),
    WF(4, WK_U32, struct alert_event, revision, "revision", UINT32_MAX),
    WF(5, WK_TIME, struct alert_event, due_at_us, "due_at_us", 0),
    WF(6, WK_TIME, struct alert_event, at_us, "at_us", 0),
    WF(7, WK_BOOL, struct alert_event, page, "page", 0),
    WF(8, WK_STR, struct alert_event, topic, "topic", MAX_NAME),
    WF(9, WK_ENUM, struct alert_event, target, "target", TARGET_COUNT),
    WF_SUBS(10, WK_MSGS, struct alert_event, assets, n_assets, "asset", MAX_ASSETS,
            &event_asset_msg),
    WF(11, WK_ENUM, struct alert_event, precedence, "precedence", PRECEDENCE_COUNT),
    WF(12, WK_ENUM, struct alert_event, risk, "risk", RISK_COUNT),
    WF(13, WK_U32, struct alert_event, likelihood, "likelihood", 5),
    WF(14, WK_U32, struct alert_event, impact, "impact", 5),
    WF(15, WK_ENUM, struct alert_event, urgency, "urgency", URGENCY_COUNT),
    WF(16, WK_ENUM, struct alert_event, severity, "severity", SEVERITY_COUNT),
    WF(17, WK_ENUM, struct alert_event, certainty, "certainty", CERTAINTY_COUNT),
    WF(18, WK_ENUM, struct alert_event, status, "status", STATUS_COUNT),
    WF(19, WK_BOOL, struct alert_event, unconfirmed, "unconfirmed", 0),
    WF(20, WK_ENUM, struct alert_event, event, "event", EVENT_COUNT),
    WF(21, WK_ENUM, struct alert_event, mode, "mode", MODE_COUNT),
    WF(22, WK_STR, struct alert_event, rule, "rule", MAX_NAME),
    WF(23, WK_BOOL, struct alert_event, late, "late", 0),
    WF(24, WK_TIME, struct alert_event, from_us, "when_from_us", 0),
    WF(25, WK_TIME, struct alert_event, to_us, "when_to_us", 0),
    WF(26, WK_STR, struct alert_event, place, "place", MAX_VALUE),
    WF_AUX(27, WK_LAT, struct alert_event, pos, has_pos, "lat_e7", 0),
    WF_AUX(28, WK_LON, struct alert_event, pos, has_pos, "lon_e7", 0),
    WF(29, WK_U32, struct alert_event, radius_m, "radius_m", WIRE_MAX_M),
    WF(30, WK_STR, struct alert_event, area, "area", MAX_NAME),
    WF_SUB(31, WK_MSG, struct alert_event, harm, "harm", &harm_msg),
    WF_SUBS(32, WK_MSGS, struct alert_event, claims, n_claims, "claim", MAX_LIST, &claim_msg),
    WF(33, WK_U32, struct alert_event, marks, "marks", MARK_MASK),
    WF_AUX(34, WK_STRS, struct alert_event, changed, n_changed, "changed", MAX_LIST),
    WF(35, WK_STR, struct alert_event, headline_en, "headline_en", MAX_VALUE),
    WF(36, WK_STR, struct alert_event, headline_fr, "headline_fr", MAX_VALUE),
    WF(37, WK_STR, struct alert_event, instruction_en, "instruction_en", MAX_INSTRUCTION),
    WF(38, WK_STR, struct alert_event, instruction_fr, "instruction_fr", MAX_INSTRUCTION),
    WF_SUBS(39, WK_MSGS, struct alert_event, reasons, n_reasons, "reason", MAX_REASONS,
            &wire_reason_msg),
    WF_SUBS(40, WK_MSGS, struct alert_event, incidents, n_incidents, "incident", MAX_REFS,
            &incident_ref_msg),
    WF(41, WK_STR, struct alert_event, release, "release", MAX_NAME),
    WF(42, WK_ENUM, struct alert_event, state, "state", ALERT_STATE_COUNT),
    WF(43, WK_STR, struct alert_event, answered_by, "answered_by", MAX_NAME),
    WF(44, WK_TIME, struct alert_event, next_step_at_us, "next_step_at_us", 0),
    WF_SUBS(45, WK_MSGS, struct alert_event, warned, n_warned, "warned", MAX_ASSETS, &warned_msg),
    WF(46, WK_TIME, struct alert_event, expires_at_us, "expires_at_us", 0),
    WF(47, WK_U64, struct alert_event, cause_seq, "cause_seq", 0),
    WF(48, WK_STR, struct alert_event, note, "note", MAX_VALUE),
    WF(49, WK_BOOL, struct alert_event, false_alarm, "false_alarm", 0),
    WF(50, WK_STR, struct alert_event, old_topic, "old_topic", MAX_NAME),
    WF(51, WK_U32, struct alert_event, step, "step", UINT32_MAX),
    WF_SUBS(52, WK_MSGS, struct alert_event, nearby, n_nearby, "nearby", MAX_NEARBY, &nearby_msg),
    WF(53, WK_U64, struct alert_event, people, "people", 0),
};

static void
init_event(void *s)
{
    alert_event_init(s);
}

/* Whoever folds events needs to know which alert this is and what happened to it. */
static int
event_check(const void *s, struct err *e)
{
    const struct alert_event *ev = s;

    if (ev->kind == AK_UNKNOWN)
        return err_set(e, "event.kind: missing");
    if (id_is_zero(&ev->id))
        return err_set(e, "event.id: missing");
    return 0;
}

const struct wire_msg wire_event_msg = {
    .name = "event",
    .fields = event_fields,
    .n_fields = WF_COUNT(event_fields),
    .lat = 27,
    .size = sizeof(struct alert_event),
    .oneof = WIRE_NO_ONEOF,
    .width = 2,
    .init = init_event,
    .check = event_check,
};

/* ---- derivation */

static const struct wire_field derived_incident_fields[] = {
    WF(1, WK_ID, struct derived_incident, id, "id", 0),
    WF(2, WK_U64, struct derived_incident, seq, "seq", 0),
    WF_SUB(3, WK_MSG, struct derived_incident, finding, "finding", &wire_finding_msg),
    WF(4, WK_ENUM, struct derived_incident, source_class, "source_class", SOURCE_CLASS_COUNT),
    WF(5, WK_GRADE, struct derived_incident, grade, "grade", 2),
    WF(6, WK_BOOL, struct derived_incident, counted, "counted", 0),
    WF(7, WK_BOOL, struct derived_incident, late, "late", 0),
};

static void
init_derived_incident(void *s)
{
    struct derived_incident *d = s;

    *d = (struct derived_incident){.seq = 0};
    finding_init(&d->finding);
}

static const struct wire_msg derived_incident_msg = {
    .name = "derived_incident",
    .fields = derived_incident_fields,
    .n_fields = WF_COUNT(derived_incident_fields),
    .size = sizeof(struct derived_incident),
    .oneof = WIRE_NO_ONEOF,
    .width = 2,
    .init = init_derived_incident,
};

static const struct wire_field derivation_fields[] = {
    WF(1, WK_ID, struct derivation, alert, "alert", 0),
    WF(2, WK_U32, struct derivation, revision, "revision", UINT32_MAX),
    WF(3, WK_STR, struct derivation, cell, "cell", MAX_VALUE),
    WF(4, WK_STR, struct derivation, precedence_rule, "precedence_rule", MAX_VALUE),
    WF_SUBS(5, WK_MSGS, struct derivation, reasons, n_reasons, "reason", MAX_REASONS,
            &wire_reason_msg),
    WF_SUBS(6, WK_LIST, struct derivation, incidents, n_incidents, "incident", MAX_LIST,
            &derived_incident_msg),
};

static int
derivation_check(const void *s, struct err *e)
{
    if (id_is_zero(&((const struct derivation *)s)->alert))
        return err_set(e, "derivation.alert: missing");
    return 0;
}

const struct wire_msg wire_derivation_msg = {
    .name = "derivation",
    .fields = derivation_fields,
    .n_fields = WF_COUNT(derivation_fields),
    .size = sizeof(struct derivation),
    .oneof = WIRE_NO_ONEOF,
    .width = 2,
    .check = derivation_check,
};

/* ---- health */

static const struct wire_field status_fields[] = {
    WF(1, WK_STR, struct daemon_status, daemon, "daemon", MAX_NAME),
    WF(2, WK_STR, struct daemon_status, version, "version", MAX_NAME),
    WF(3, WK_TIME, struct daemon_status, at_us, "at_us", 0),
    WF(4, WK_TIME, struct daemon_status, up_since_us, "up_since_us", 0),
    WF(5, WK_U64, struct daemon_status, head, "head", 0),
    WF(6, WK_U64, struct daemon_status, lag, "lag", 0),
    WF(7, WK_STR, struct daemon_status, last_error, "last_error", MAX_VALUE),
    WF_SUBS(8, WK_MSGS, struct daemon_status, figures, n_figures, "figure", MAX_LIST * 2,
            &wire_attribute_msg),
};

const struct wire_msg wire_status_msg = {
    .name = "status",
    .fields = status_fields,
    .n_fields = WF_COUNT(status_fields),
    .size = sizeof(struct daemon_status),
    .oneof = WIRE_NO_ONEOF,
    .width = 2,
};

void
wire_finding_pack(const struct finding *f, struct buf *b)
{
    wire_encode(&wire_finding_msg, f, 0, UINT32_MAX, b);
}

int
wire_finding_unpack(const void *p, size_t n, struct arena *a, struct finding *out, struct err *e)
{
    if (n > MAX_MESSAGE) {
        errno = EINVAL;
        return err_set(e, "finding: longer than %d bytes", MAX_MESSAGE);
    }
    return wire_decode(&wire_finding_msg, p, n, a, out, e);
}
