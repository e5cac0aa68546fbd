/* wire_record: the tables of a Record and of what a collector's journal holds.
 *
 * Limits come from record.h; rows keep the order of the field numbers. wire_event.c has the
 * tables of what an alert log holds. */
#include "wire.h"

#include <errno.h>
#include <string.h>

#include "wire_codec.h"

/* ---- attribute, incident */

static const struct wire_field attribute_fields[] = {
    WF(1, WK_STR, struct attribute, name, "name", MAX_NAME),
    WF(2, WK_STR, struct attribute, value, "value", MAX_VALUE),
};

/* Code that walks attributes must not meet a NULL. */
static int
attribute_check(const void *s, struct err *e)
{
    const struct attribute *at = s;

    if (at->name == NULL || at->value == NULL)
        return err_set(e, "attribute: give both name and value");
    return 0;
}

const struct wire_msg wire_attribute_msg = {
    .name = "attribute",
    .fields = attribute_fields,
    .n_fields = WF_COUNT(attribute_fields),
    .size = sizeof(struct attribute),
    .oneof = WIRE_NO_ONEOF,
    .width = 1,
    .check = attribute_check,
};

static const struct wire_field incident_fields[] = {
    WF(1, WK_STR, struct incident, source, "source", MAX_NAME),
    WF(2, WK_STR, struct incident, own_id, "own_id", MAX_NAME),
    WF(3, WK_TIME, struct incident, reported_at_us, "reported_at_us", 0),
    WF(4, WK_TIME, struct incident, occurred_at_us, "occurred_at_us", 0),
    WF(5, WK_STR, struct incident, text, "text", MAX_TEXT),
    WF(6, WK_STR, struct incident, lang, "lang", 16),
    WF_AUX(7, WK_LAT, struct incident, pos, has_pos, "lat_e7", 0),
    WF_AUX(8, WK_LON, struct incident, pos, has_pos, "lon_e7", 0),
    WF(9, WK_U32, struct incident, radius_m, "radius_m", WIRE_MAX_M),
    WF(10, WK_STR, struct incident, place, "place", MAX_NAME),
    WF(11, WK_STR, struct incident, mgrs, "mgrs", 32),
    WF(12, WK_ENUM, struct incident, event, "event", EVENT_COUNT),
    WF_MASK(13, struct incident, targets, WF_AT(struct incident, has_targets), "targets",
            WIRE_TARGETS),
    WF(14, WK_FIGURE, struct incident, killed, "killed", WIRE_MAX_FIGURE),
    WF(15, WK_FIGURE, struct incident, wounded, "wounded", WIRE_MAX_FIGURE),
    WF(16, WK_FIGURE, struct incident, taken, "taken", WIRE_MAX_FIGURE),
    {.number = 17,
     .kind = WK_BYTE,
     .offset = WF_AT(struct incident, reliability),
     .aux = WIRE_NO_AUX,
     .low = 'A',
     .limit = 'F',
     .name = "reliability"},
    WF(18, WK_BYTE, struct incident, credibility, "credibility", 6),
    WF(19, WK_BOOL, struct incident, relay, "relay", 0),
    WF(20, WK_ENUM, struct incident, status, "status", STATUS_COUNT),
    WF(21, WK_STR, struct incident, reporter_name, "reporter_name", MAX_NAME),
    WF(22, WK_STR, struct incident, reporter_contact, "reporter_contact", MAX_NAME),
    WF_SUBS(23, WK_LIST, struct incident, attributes, n_attributes, "attribute", MAX_ATTRIBUTES,
            &wire_attribute_msg),
    WF(40, WK_ENUM, struct incident, source_class, "source_class", SOURCE_CLASS_COUNT),
    WF(41, WK_S32, struct incident, utc_offset_min, "utc_offset_min", 1440),
    WF(42, WK_BOOL, struct incident, clock_untrusted, "clock_untrusted", 0),
    WF(43, WK_STR, struct incident, source_place, "source_place", MAX_NAME),
    WF_SUB(44, WK_PTR, struct incident, finding, "finding", &wire_finding_msg),
    WF(45, WK_BOOL, struct incident, redacted, "redacted", 0),
    WF(46, WK_TIME, struct incident, first_received_at_us, "first_received_at_us", 0),
};
#define LAST_OF_SOURCE 23 /* above are the collector's stamps */

static void
init_incident(void *s)
{
    incident_init(s);
}

const struct wire_msg wire_incident_msg = {
    .name = "incident",
    .fields = incident_fields,
    .n_fields = WF_COUNT(incident_fields),
    .lat = 7,
    .size = sizeof(struct incident),
    .oneof = WIRE_NO_ONEOF,
    .width = 2,
    .init = init_incident,
};

/* ---- asset */

static const struct wire_field asset_fields[] = {
    WF(1, WK_STR, struct asset, id, "id", MAX_NAME),
    WF(2, WK_ENUM, struct asset, kind, "kind", ASSET_KIND_COUNT),
    WF(3, WK_STR, struct asset, name, "name", MAX_NAME),
    WF(4, WK_STR, struct asset, area, "area", MAX_NAME),
    WF(5, WK_STR, struct asset, contact, "contact", MAX_NAME),
    WF_AUX(6, WK_LAT, struct asset, pos, has_pos, "lat_e7", 0),
    WF_AUX(7, WK_LON, struct asset, pos, has_pos, "lon_e7", 0),
    WF(8, WK_FIGURE, struct asset, strength, "strength", WIRE_MAX_FIGURE),
    WF(9, WK_STR, struct asset, link, "link", MAX_NAME),
    WF(10, WK_FIGURE, struct asset, population, "population", WIRE_MAX_FIGURE),
    WF(11, WK_FIGURE, struct asset, displaced, "displaced", WIRE_MAX_FIGURE),
    WF(12, WK_U32, struct asset, market_days, "market_days", 0x7f),
    WF_AUX(13, WK_ROUTE, struct asset, route, n_route, "route_e7", MAX_ROUTE),
    WF_AUX(14, WK_TIMES, struct asset, schedule, n_schedule, "schedule_us", MAX_ROUTE),
    WF(15, WK_U32, struct asset, speed_cmps, "speed_mps_e2", 100000),
    WF(16, WK_ENUM, struct asset, mode, "mode", TRAVEL_COUNT),
    WF(17, WK_ENUM, struct asset, state, "state", CONVOY_STATE_COUNT),
    WF(18, WK_FIGURE, struct asset, escort, "escort", 1),
    WF(19, WK_FIGURE, struct asset, air_cover, "air_cover", 1),
    WF(20, WK_FIGURE, struct asset, checkin_min, "checkin_min", 527040), /* a year */
    WF(21, WK_BOOL, struct asset, removed, "removed", 0),
};

static void
init_asset(void *s)
{
    asset_init(s);
}

static int
asset_check(const void *s, struct err *e)
{
    const struct asset *as = s;

    if (as->id == NULL || as->id[0] == '\0')
        return err_set(e, "asset.id: missing");
    if (as->n_schedule > 1 && as->n_schedule != as->n_route)
        return err_set(e, "asset.schedule_us: give one time per vertex of the route, or the start");
    for (size_t i = 1; i < as->n_schedule; i++)
        if (as->schedule[i] < as->schedule[i - 1])
            return err_set(e, "asset.schedule_us: goes back in time at vertex %zu", i + 1);
    return 0;
}

const struct wire_msg wire_asset_msg = {
    .name = "asset",
    .fields = asset_fields,
    .n_fields = WF_COUNT(asset_fields),
    .lat = 6,
    .size = sizeof(struct asset),
    .oneof = WIRE_NO_ONEOF,
    .width = 2,
    .init = init_asset,
    .check = asset_check,
};

/* ---- the small ones */

static const struct wire_field position_fields[] = {
    WF(1, WK_STR, struct asset_position, asset, "asset", MAX_NAME),
    WF(2, WK_TIME, struct asset_position, fixed_at_us, "fixed_at_us", 0),
    WF(3, WK_LAT, struct asset_position, pos, "lat_e7", 0),
    WF(4, WK_LON, struct asset_position, pos, "lon_e7", 0),
    WF(5, WK_STR, struct asset_position, source, "source", MAX_NAME),
};

static int
position_check(const void *s, struct err *e)
{
    const struct asset_position *p = s;

    if (p->asset == NULL || p->asset[0] == '\0')
        return err_set(e, "position.asset: missing");
    return 0;
}

static const struct wire_msg asset_position_msg = {
    .name = "position",
    .fields = position_fields,
    .n_fields = WF_COUNT(position_fields),
    .lat = 3,
    .size = sizeof(struct asset_position),
    .oneof = WIRE_NO_ONEOF,
    .width = 1,
    .check = position_check,
};

static const struct wire_field link_fields[] = {
    WF(1, WK_STR, struct link_state, name, "name", MAX_NAME),
    WF(2, WK_BOOL, struct link_state, up, "up", 0),
    WF(3, WK_TIME, struct link_state, since_us, "since_us", 0),
};

static int
link_check(const void *s, struct err *e)
{
    const struct link_state *l = s;

    if (l->name == NULL || l->name[0] == '\0')
        return err_set(e, "link.name: missing");
    return 0;
}

static const struct wire_msg link_msg = {
    .name = "link",
    .fields = link_fields,
    .n_fields = WF_COUNT(link_fields),
    .size = sizeof(struct link_state),
    .oneof = WIRE_NO_ONEOF,
    .width = 1,
    .check = link_check,
};

/* What a tick says is its stamp; the field is there because a message needs one. */
struct tick {
    bool placeholder;
};

static const struct wire_field tick_fields[] = {
    WF(1, WK_BOOL, struct tick, placeholder, "placeholder", 0),
};

static const struct wire_msg tick_msg = {
    .name = "tick",
    .fields = tick_fields,
    .n_fields = WF_COUNT(tick_fields),
    .size = sizeof(struct tick),
    .oneof = WIRE_NO_ONEOF,
    .width = 1,
};

/* The member is the number itself. */
static const struct wire_field clock_step_fields[] = {
    {.number = 1, .kind = WK_S64, .aux = WIRE_NO_AUX, .name = "step_us"},
};

static const struct wire_msg clock_step_msg = {
    .name = "clock_step",
    .fields = clock_step_fields,
    .n_fields = WF_COUNT(clock_step_fields),
    .size = sizeof(int64_t),
    .oneof = WIRE_NO_ONEOF,
    .width = 1,
};

static const struct wire_field replay_fields[] = {
    WF(1, WK_BOOL, struct replay_bracket, begin, "begin", 0),
    WF(2, WK_BOOL, struct replay_bracket, keep_time, "keep_time", 0),
    WF(3, WK_S64, struct replay_bracket, shift_us, "shift_us", 0),
    WF(4, WK_STR, struct replay_bracket, name, "name", MAX_NAME),
};

static const struct wire_msg replay_msg = {
    .name = "replay",
    .fields = replay_fields,
    .n_fields = WF_COUNT(replay_fields),
    .size = sizeof(struct replay_bracket),
    .oneof = WIRE_NO_ONEOF,
    .width = 1,
};

static const struct wire_field act_fields[] = {
    WF(1, WK_ENUM, struct act, kind, "kind", ACT_COUNT),
    WF(2, WK_ID, struct act, alert, "alert", 0),
    WF(3, WK_ID, struct act, other, "other", 0),
    WF(4, WK_STR, struct act, field, "field", MAX_NAME),
    WF(5, WK_STR, struct act, value, "value", MAX_VALUE),
    WF(6, WK_STR, struct act, reason, "reason", MAX_VALUE),
    WF(7, WK_STR, struct act, who, "who", MAX_NAME),
    WF_SUB(8, WK_PTR, struct act, raise, "raise", &wire_incident_msg),
};

static int
act_check(const void *s, struct err *e)
{
    const struct act *act = s;

    if (act->kind == ACT_UNKNOWN)
        return err_set(e, "act.kind: missing");
    if ((act->kind == ACT_RAISE) != (act->raise != NULL))
        return err_set(e, "act.raise: belongs to kind raise, and to no other");
    if (act->kind == ACT_SET && (act->field == NULL || act->value == NULL))
        return err_set(e, "act.field: a set needs field and value");
    return 0;
}

static const struct wire_msg act_msg = {
    .name = "act",
    .fields = act_fields,
    .n_fields = WF_COUNT(act_fields),
    .size = sizeof(struct act),
    .oneof = WIRE_NO_ONEOF,
    .width = 1,
    .check = act_check,
};

static const struct wire_field command_fields[] = {
    WF(1, WK_ENUM, struct command, verb, "verb", CMD_COUNT),
    WF(2, WK_ID, struct command, alert, "alert", 0),
    WF(3, WK_STR, struct command, who, "who", MAX_NAME),
    WF(4, WK_STR, struct command, note, "note", MAX_VALUE),
    WF(5, WK_BOOL, struct command, whole_situation, "whole_situation", 0),
    WF(6, WK_STR, struct command, asset, "asset", MAX_NAME),
    WF(7, WK_STR, struct command, how, "how", MAX_NAME),
    WF(8, WK_BOOL, struct command, unreachable, "unreachable", 0),
    WF(9, WK_BOOL, struct command, false_alarm, "false_alarm", 0),
};

static int
command_check(const void *s, struct err *e)
{
    if (((const struct command *)s)->verb == CMD_UNKNOWN)
        return err_set(e, "command.verb: missing");
    return 0;
}

static const struct wire_msg command_msg = {
    .name = "command",
    .fields = command_fields,
    .n_fields = WF_COUNT(command_fields),
    .size = sizeof(struct command),
    .oneof = WIRE_NO_ONEOF,
    .width = 1,
    .check = command_check,
};

/* data and len of struct rejected stand as a struct blob would. */
_Static_assert(offsetof(struct rejected, len) - offsetof(struct rejected, data) ==
                   offsetof(struct blob, len),
               "struct rejected holds a blob");

static const struct wire_field rejected_fields[] = {
    WF(1, WK_U64, struct rejected, number, "number", 0),
    WF(2, WK_TIME, struct rejected, at_us, "at_us", 0),
    WF(3, WK_STR, struct rejected, source, "source", MAX_NAME),
    WF(4, WK_STR, struct rejected, door, "door", MAX_NAME),
    WF(5, WK_STR, struct rejected, reason, "reason", MAX_VALUE),
    WF(6, WK_BLOB, struct rejected, data, "data", MAX_MESSAGE),
    WF(7, WK_U64, struct rejected, size, "size", 0),
    WF(8, WK_STR, struct rejected, format, "format", MAX_NAME),
};

static const struct wire_msg rejected_msg = {
    .name = "rejected",
    .fields = rejected_fields,
    .n_fields = WF_COUNT(rejected_fields),
    .size = sizeof(struct rejected),
    .oneof = WIRE_NO_ONEOF,
    .width = 2,
};

/* ---- record */

static const struct wire_field record_fields[] = {
    WF(1, WK_U64, struct record, seq, "seq", 0),
    WF(2, WK_TIME, struct record, received_at_us, "received_at_us", 0),
    WF(3, WK_ID, struct record, id, "id", 0),
    WF_BODY(10, WK_MSG, struct record, u.incident, "incident", &wire_incident_msg, REC_INCIDENT),
    WF_BODY(11, WK_MSG, struct record, u.asset, "asset", &wire_asset_msg, REC_ASSET),
    WF_BODY(12, WK_MSG, struct record, u.position, "position", &asset_position_msg, REC_POSITION),
    WF_BODY(13, WK_MSG, struct record, u.link, "link", &link_msg, REC_LINK),
    WF_BODY(14, WK_MSG, struct record, u, "tick", &tick_msg, REC_TICK),
    WF_BODY(15, WK_MSG, struct record, u.clock_step_us, "clock_step", &clock_step_msg,
            REC_CLOCK_STEP),
    WF_BODY(16, WK_MSG, struct record, u.replay, "replay", &replay_msg, REC_REPLAY),
    WF_BODY(17, WK_MSG, struct record, u.act, "act", &act_msg, REC_ACT),
    WF_BODY(18, WK_PTR, struct record, u.event, "event", &wire_event_msg, REC_EVENT),
    WF_BODY(19, WK_MSG, struct record, u.command, "command", &command_msg, REC_COMMAND),
    WF_BODY(20, WK_MSG, struct record, u.rejected, "rejected", &rejected_msg, REC_REJECTED),
    WF_BODY(21, WK_PTR, struct record, u.status, "status", &wire_status_msg, REC_STATUS),
    WF_BODY(22, WK_PTR, struct record, u.derivation, "derivation", &wire_derivation_msg,
            REC_DERIVATION),
};
#define SEQ_NUMBER 1

const struct wire_msg wire_record_msg = {
    .name = "record",
    .fields = record_fields,
    .n_fields = WF_COUNT(record_fields),
    .size = sizeof(struct record),
    .oneof = WF_AT(struct record, type),
    .width = 2,
};

int
wire_record_unpack(const void *p, size_t n, struct arena *a, struct record *out, struct err *e)
{
    struct record r;

    if (n == 0 || n > MAX_MESSAGE) {
        errno = EINVAL;
        return err_set(e, n == 0 ? "record: empty" : "record: longer than %d bytes", MAX_MESSAGE);
    }
    if (wire_decode(&wire_record_msg, p, n, a, &r, e) != 0)
        return -1;
    *out = r;
    return 0;
}

void
wire_record_pack(const struct record *r, bool with_seq, struct buf *b)
{
    wire_encode(&wire_record_msg, r, with_seq ? SEQ_NUMBER : SEQ_NUMBER + 1, UINT32_MAX, b);
}

void
wire_record_join(const void *body, size_t n, uint64_t seq, bool delimited, struct buf *b)
{
    /* In front: so the bytes are those of wire_record_pack() with the seq. */
    size_t head = seq == 0 ? 0 : 1 + wire_varint_len(seq);

    if (delimited)
        wire_encode_varint(head + n, b);
    if (seq != 0) {
        wire_encode_varint(SEQ_NUMBER << 3, b);
        wire_encode_varint(seq, b);
    }
    buf_put(b, body, n);
}

void
wire_incident_body(const struct incident *in, struct buf *b)
{
    wire_encode(&wire_incident_msg, in, 0, LAST_OF_SOURCE, b);
}
