/* record_json: incidents and the other records of a journal as JSON.
 *
 * Rows stand in the order of INTERFACE.md, with additions behind what they belong to. What
 * comes in from a source and what a recording holds are read by the same tables; the keys
 * marked as stamps are open to a recording alone. */
#include "record_json.h"

#include <errno.h>
#include <string.h>

#include "record_json_fields.h"
#include "wire_codec.h"

/* A record that needs more than this breaks a limit of record.h anyway. */
#define MAX_LINE   ((size_t)1 << 20)
#define MAX_VALUES 16384

/* ---- incident */

static int
read_targets(const struct jreader *r, const char *key, const cJSON *v, void *s)
{
    struct incident *in = s;

    if (jread_mask(r, key, v, jname_target, TARGET_COUNT, &in->targets) != 0)
        return -1;
    in->has_targets = true;
    return 0;
}

static void
write_targets(struct json *j, const char *key, const void *s)
{
    const struct incident *in = s;

    if (in->has_targets)
        jwrite_mask(j, key, in->targets, jname_target, TARGET_COUNT);
}

/* Anything that is not a string comes as its JSON. */
static int
read_attribute(const struct jreader *r, const char *key, const cJSON *v, struct attribute *out)
{
    char *printed = cJSON_IsString(v) ? NULL : cJSON_PrintUnformatted(v);
    const char *value = cJSON_IsString(v) ? v->valuestring : printed;
    int rc = -1;

    if (value == NULL) {
        (void)jbad(r, key, "too large to hold");
    } else if (strlen(v->string) > MAX_NAME || strlen(value) > MAX_VALUE) {
        (void)jbad(r, key, "\"%.60s\": a name is at most %d bytes and a value %d", v->string,
                   MAX_NAME, MAX_VALUE);
    } else {
        out->name = arena_strndup(r->a, v->string, strlen(v->string));
        out->value = arena_strndup(r->a, value, strlen(value));
        rc = out->name != NULL && out->value != NULL ? 0 : jbad(r, key, "too large to hold");
    }
    cJSON_free(printed);
    return rc;
}

/* {"name":"value"} */
static int
read_attributes(const struct jreader *r, const char *key, const cJSON *v, void *s)
{
    struct incident *in = s;
    const cJSON *item;
    size_t n = 0;

    if (!cJSON_IsObject(v))
        return jbad(r, key, "must be an object of names and values");
    struct attribute *list = arena_alloc(r->a, MAX_ATTRIBUTES * sizeof(*list));
    if (list == NULL)
        return jbad(r, key, "too large to hold");
    cJSON_ArrayForEach(item, v)
    {
        if (cJSON_IsNull(item))
            continue;
        if (n == MAX_ATTRIBUTES)
            return jbad(r, key, "more than %d of them", MAX_ATTRIBUTES);
        if (read_attribute(r, key, item, &list[n++]) != 0)
            return -1;
    }
    in->attributes = list;
    in->n_attributes = n;
    return 0;
}

static void
write_attributes(struct json *j, const char *key, const void *s)
{
    const struct incident *in = s;

    if (in->n_attributes == 0)
        return;
    json_open(j, key, '{');
    for (size_t i = 0; i < in->n_attributes; i++) {
        /* A name is the source's, so it is escaped, unlike the keys of ours. */
        json_str(j, NULL, in->attributes[i].name);
        buf_putc(j->b, ':');
        j->comma = false;
        json_str(j, NULL, in->attributes[i].value);
    }
    json_close(j, '}');
}

static int
read_finding(const struct jreader *r, const char *key, const cJSON *v, void *s)
{
    struct finding *f = arena_alloc(r->a, sizeof(*f));

    if (f == NULL)
        return jbad(r, key, "too large to hold");
    finding_init(f);
    if (finding_read(r, v, f) != 0)
        return -1;
    ((struct incident *)s)->finding = f;
    return 0;
}

static void
write_finding(struct json *j, const char *key, const void *s)
{
    const struct incident *in = s;

    if (in->finding == NULL)
        return;
    json_open(j, key, '{');
    finding_write(j, in->finding, true);
    json_close(j, '}');
}

static const struct jfield reporter_fields[] = {
    JF("name", JK_STR, struct incident, reporter_name, MAX_NAME),
    JF("contact", JK_STR, struct incident, reporter_contact, MAX_NAME),
};
static const struct jtable reporter_table = JTABLE(reporter_fields);

static const struct jfield incident_fields[] = {
    JF("id", JK_STR, struct incident, own_id, MAX_NAME),
    JF("source", JK_STR, struct incident, source, MAX_NAME),
    JF("reported_at", JK_TIME, struct incident, reported_at_us, 0),
    JF("occurred_at", JK_TIME, struct incident, occurred_at_us, 0),
    JF("text", JK_STR, struct incident, text, MAX_TEXT),
    JF("lang", JK_STR, struct incident, lang, 16),
    JF_POS("lat", JK_LAT, struct incident, pos, has_pos),
    JF_POS("lon", JK_LON, struct incident, pos, has_pos),
    JF("radius_m", JK_U32, struct incident, radius_m, WIRE_MAX_M),
    JF("place", JK_STR, struct incident, place, MAX_NAME),
    JF("mgrs", JK_STR, struct incident, mgrs, 32),
    JF_ENUM("event", struct incident, event, jname_event, EVENT_COUNT),
    JF_OWN("targets", read_targets, write_targets),
    JF("killed", JK_FIGURE, struct incident, killed, WIRE_MAX_FIGURE),
    JF("wounded", JK_FIGURE, struct incident, wounded, WIRE_MAX_FIGURE),
    JF("taken", JK_FIGURE, struct incident, taken, WIRE_MAX_FIGURE),
    JF("reliability", JK_GRADE, struct incident, reliability, 0),
    JF("credibility", JK_BYTE, struct incident, credibility, 6),
    JF("relay", JK_BOOL, struct incident, relay, 0),
    JF_ENUM("status", struct incident, status, jname_status, STATUS_COUNT),
    {.key = "reporter", .kind = JK_OBJECT, .sub = &reporter_table},
    JF_OWN("attributes", read_attributes, write_attributes),
    {.key = "class",
     .kind = JK_ENUM,
     .offset = JAT(struct incident, source_class),
     .limit = SOURCE_CLASS_COUNT,
     .name = jname_class,
     .stamp = true},
    {.key = "utc_offset_min",
     .kind = JK_S32,
     .offset = JAT(struct incident, utc_offset_min),
     .limit = 1440,
     .stamp = true},
    {.key = "clock_untrusted",
     .kind = JK_BOOL,
     .offset = JAT(struct incident, clock_untrusted),
     .stamp = true},
    {.key = "source_place",
     .kind = JK_STR,
     .offset = JAT(struct incident, source_place),
     .limit = MAX_NAME,
     .stamp = true},
    {.key = "redacted", .kind = JK_BOOL, .offset = JAT(struct incident, redacted), .stamp = true},
    {.key = "first_received_at",
     .kind = JK_TIME,
     .offset = JAT(struct incident, first_received_at_us),
     .stamp = true},
    {.key = "finding", .kind = JK_OWN, .read = read_finding, .write = write_finding, .stamp = true},
};
static const struct jtable incident_table = JTABLE(incident_fields);

static int
read_incident(const struct jreader *r, const char *what, const cJSON *o, struct incident *in)
{
    incident_init(in);
    if (jtable_read(r, &incident_table, what, o, in) != 0)
        return -1;
    if (!r->stamps && (in->text == NULL || in->text[0] == '\0') && in->event == EV_UNKNOWN)
        return jbad(r, what, "give text or event");
    return 0;
}

bool
incident_read_member(const struct jreader *r, const cJSON *v, const cJSON *lon, struct incident *in)
{
    cJSON second, first = *v, object = {.type = cJSON_Object, .child = &first};

    first.next = NULL;
    if (lon != NULL) {
        second = *lon;
        second.next = NULL;
        first.next = &second;
    }
    return jtable_read(r, &incident_table, "properties", &object, in) == 0;
}

/* ---- the small ones */

/* A position must be there, so its flag is not in the struct. */
struct position_json {
    struct asset_position p;
    bool has_pos;
};

static const struct jfield position_fields[] = {
    JF("asset", JK_STR, struct position_json, p.asset, MAX_NAME),
    JF("fixed_at", JK_TIME, struct position_json, p.fixed_at_us, 0),
    JF_POS("lat", JK_LAT, struct position_json, p.pos, has_pos),
    JF_POS("lon", JK_LON, struct position_json, p.pos, has_pos),
    JF("source", JK_STR, struct position_json, p.source, MAX_NAME),
};
static const struct jtable position_table = JTABLE(position_fields);

static const struct jfield link_fields[] = {
    JF("name", JK_STR, struct link_state, name, MAX_NAME),
    JF("up", JK_BOOL, struct link_state, up, 1),
    JF("since", JK_TIME, struct link_state, since_us, 0),
};
static const struct jtable link_table = JTABLE(link_fields);

static const struct jfield clock_step_fields[] = {
    {.key = "step_us", .kind = JK_S64},
};
static const struct jtable clock_step_table = JTABLE(clock_step_fields);

static const struct jfield replay_fields[] = {
    JF("begin", JK_BOOL, struct replay_bracket, begin, 1),
    JF("keep_time", JK_BOOL, struct replay_bracket, keep_time, 1),
    JF("shift_us", JK_S64, struct replay_bracket, shift_us, 0),
    JF("name", JK_STR, struct replay_bracket, name, MAX_NAME),
};
static const struct jtable replay_table = JTABLE(replay_fields);

static const char *
act_name(unsigned v)
{
    static const char *const names[ACT_COUNT] = {"unknown", "raise", "set", "merge", "split"};

    return names[v < ACT_COUNT ? v : 0];
}

static int
read_raise(const struct jreader *r, const char *key, const cJSON *v, void *s)
{
    struct incident *in = arena_alloc(r->a, sizeof(*in));

    if (in == NULL)
        return jbad(r, key, "too large to hold");
    if (read_incident(r, key, v, in) != 0)
        return -1;
    ((struct act *)s)->raise = in;
    return 0;
}

static void
write_raise(struct json *j, const char *key, const void *s)
{
    const struct act *act = s;

    if (act->raise == NULL)
        return;
    json_open(j, key, '{');
    jtable_write(j, &incident_table, act->raise);
    json_close(j, '}');
}

static const struct jfield act_fields[] = {
    JF_ENUM("kind", struct act, kind, act_name, ACT_COUNT),
    JF("alert", JK_ID, struct act, alert, 0),
    JF("other", JK_ID, struct act, other, 0),
    JF("field", JK_STR, struct act, field, MAX_NAME),
    JF("value", JK_STR, struct act, value, MAX_VALUE),
    JF("reason", JK_STR, struct act, reason, MAX_VALUE),
    JF("who", JK_STR, struct act, who, MAX_NAME),
    JF_OWN("raise", read_raise, write_raise),
};
static const struct jtable act_table = JTABLE(act_fields);

static const char *
command_name(unsigned v)
{
    static const char *const names[CMD_COUNT] = {"unknown", "ack",       "warned", "resolve",
                                                 "silence", "unsilence", "note"};

    return names[v < CMD_COUNT ? v : 0];
}

static const struct jfield command_fields[] = {
    JF_ENUM("verb", struct command, verb, command_name, CMD_COUNT),
    JF("alert", JK_ID, struct command, alert, 0),
    JF("who", JK_STR, struct command, who, MAX_NAME),
    JF("note", JK_STR, struct command, note, MAX_VALUE),
    JF("whole_situation", JK_BOOL, struct command, whole_situation, 0),
    JF("asset", JK_STR, struct command, asset, MAX_NAME),
    JF("how", JK_STR, struct command, how, MAX_NAME),
    JF("unreachable", JK_BOOL, struct command, unreachable, 0),
    JF("false_alarm", JK_BOOL, struct command, false_alarm, 0),
};
static const struct jtable command_table = JTABLE(command_fields);

/* As wire has it: a truth value that says nothing, at the start of the union. */
static const struct jfield tick_fields[] = {{.key = "placeholder", .kind = JK_BOOL}};
static const struct jtable tick_table = JTABLE(tick_fields);

/* ---- records */

static const struct body {
    const char *key;
    enum record_type type;
    const struct jtable *table; /* NULL: a function of its own */
} bodies[] = {
    {"incident", REC_INCIDENT, &incident_table},
    {"asset", REC_ASSET, NULL},
    {"position", REC_POSITION, NULL},
    {"link", REC_LINK, &link_table},
    {"clock_step", REC_CLOCK_STEP, &clock_step_table},
    {"replay", REC_REPLAY, &replay_table},
    {"act", REC_ACT, &act_table},
    {"tick", REC_TICK, &tick_table},
};

static const struct body *
find_body(const char *key)
{
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
        if (strcmp(bodies[i].key, key) == 0)
            return &bodies[i];
    return NULL;
}

static int
check_act(const struct jreader *r, const struct act *act)
{
    if (act->kind == ACT_UNKNOWN)
        return jbad(r, "kind", "missing");
    if ((act->kind == ACT_RAISE) != (act->raise != NULL))
        return jbad(r, "raise", "belongs to kind raise, and to no other");
    if (act->kind == ACT_SET && (act->field == NULL || act->value == NULL))
        return jbad(r, "field", "a set needs field and value");
    return 0;
}

static int
read_body(const struct jreader *r, const struct body *body, const cJSON *o, struct record *out)
{
    out->type = body->type;
    switch (body->type) {
    case REC_INCIDENT:
        return read_incident(r, body->key, o, &out->u.incident);
    case REC_ASSET:
        return asset_read(r, o, &out->u.asset);
    case REC_POSITION: {
        struct position_json p = {.has_pos = false};
        if (jtable_read(r, &position_table, body->key, o, &p) != 0)
            return -1;
        if (p.p.asset == NULL || p.p.asset[0] == '\0')
            return jbad(r, "asset", "missing");
        if (!p.has_pos)
            return jbad(r, "lat", "missing");
        out->u.position = p.p;
        return 0;
    }
    default:
        break;
    }
    if (jtable_read(r, body->table, body->key, o, &out->u) != 0)
        return -1;
    if (body->type == REC_LINK && (out->u.link.name == NULL || out->u.link.name[0] == '\0'))
        return jbad(r, "name", "missing");
    return body->type == REC_ACT ? check_act(r, &out->u.act) : 0;
}

static const struct jfield head_fields[] = {
    JF("seq", JK_U64, struct record, seq, 0),
    JF("received_at", JK_TIME, struct record, received_at_us, 0),
    JF("tocsin_id", JK_ID, struct record, id, 0),
};
static const struct jtable head_table = {.fields = head_fields, .n = 3, .lenient = true};

static int
read_record(struct jreader *r, const cJSON *o, struct record *out)
{
    const struct body *body = NULL;
    const cJSON *v, *inside = NULL;

    if (!cJSON_IsObject(o))
        return jbad(r, "record", "must be an object");
    cJSON_ArrayForEach(v, o)
    {
        const struct body *b = find_body(v->string);
        if (b != NULL && inside != NULL)
            return jbad(r, v->string, "a second body beside \"%s\"", body->key);
        if (b != NULL) {
            body = b;
            inside = v;
        }
    }
    if (body == NULL) {
        out->type = REC_INCIDENT;
        return read_incident(r, "incident", o, &out->u.incident);
    }
    cJSON_ArrayForEach(v, o)
    {
        if (v != inside && strcmp(v->string, "seq") != 0 && strcmp(v->string, "received_at") != 0 &&
            strcmp(v->string, "tocsin_id") != 0)
            return jbad(r, v->string, "unknown key beside \"%s\"", body->key);
    }
    if (jtable_read(r, &head_table, "record", o, out) != 0)
        return -1;
    r->stamps = out->received_at_us != 0;
    return read_body(r, body, inside, out);
}

int
record_from_json(const char *s, size_t n, struct arena *a, struct record *out, struct err *e)
{
    struct jreader r = {.a = a, .e = e};
    struct record rec;
    cJSON *tree;
    int rc, saved;

    if (n == 0 || n > MAX_LINE) {
        errno = EINVAL;
        return err_set(e, n == 0 ? "empty" : "longer than %zu bytes", MAX_LINE);
    }
    if ((tree = json_tree(s, n, MAX_VALUES, e)) == NULL)
        return -1;
    memset(&rec, 0, sizeof(rec));
    rc = read_record(&r, tree, &rec);
    saved = errno;
    cJSON_Delete(tree);
    errno = saved;
    if (rc == 0)
        *out = rec;
    return rc;
}

void
record_to_json(const struct record *r, struct buf *b)
{
    struct json j;

    json_init(&j, b);
    json_open(&j, NULL, '{');
    jtable_write(&j, &head_table, r);
    switch (r->type) {
    case REC_ASSET:
        asset_write(&j, "asset", &r->u.asset);
        break;
    case REC_POSITION: {
        struct position_json p = {.p = r->u.position, .has_pos = true};
        json_open(&j, "position", '{');
        jtable_write(&j, &position_table, &p);
        json_close(&j, '}');
        break;
    }
    case REC_COMMAND:
        json_open(&j, "command", '{');
        jtable_write(&j, &command_table, &r->u.command);
        json_close(&j, '}');
        break;
    case REC_EVENT:
        event_write(&j, "event", r->u.event, 0, false);
        break;
    case REC_STATUS:
        status_write(&j, "status", r->u.status);
        break;
    case REC_REJECTED:
        rejected_write(&j, "rejected", &r->u.rejected);
        break;
    case REC_DERIVATION:
        derivation_write(&j, "derivation", r->u.derivation);
        break;
    default:
        for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
            if (bodies[i].type == r->type) {
                json_open(&j, bodies[i].key, '{');
                jtable_write(&j, bodies[i].table, &r->u);
                json_close(&j, '}');
            }
        break;
    }
    json_close(&j, '}');
}
