/* event_json: alert events, derivations, receipts and the state of daemons as JSON.
 *
 * These are shapes that scripts and tests compare byte for byte: the keys are written one by
 * one in the order of INTERFACE.md, all of them each time, null where there is nothing. What
 * is ours beyond that stands behind, and only where it says something. */
#include "record_json.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "record_json_fields.h"
#include "wire_codec.h"

/* ---- alert event */

/* null for the zero value, which means that nothing was set. */
static void
write_name(struct json *j, const char *key, unsigned v, const char *name)
{
    json_str(j, key, v == 0 ? NULL : name);
}

static void
write_event_assets(struct json *j, const struct alert_event *ev)
{
    json_open(j, "assets", '[');
    for (size_t i = 0; i < ev->n_assets; i++) {
        const struct event_asset *as = &ev->assets[i];
        json_open(j, NULL, '{');
        json_str(j, "id", as->id);
        json_str(j, "name", as->name);
        json_fixed(j, "distance_km", as->distance_m, 3);
        json_uint(j, "bearing_deg", as->bearing_deg);
        json_time(j, "contact_at", as->contact_at_us);
        if (as->halt_at_us != 0) {
            json_str(j, "halt", as->halt);
            json_time(j, "halt_at", as->halt_at_us);
        }
        if (as->fixed_at_us != 0)
            json_time(j, "fixed_at", as->fixed_at_us);
        json_close(j, '}');
    }
    json_close(j, ']');
}

/* Who lives in reach of the danger, beside the assets. */
static void
write_nearby(struct json *j, const struct alert_event *ev)
{
    if (ev->n_nearby == 0 && ev->people == 0)
        return;
    json_open(j, "nearby", '[');
    for (size_t i = 0; i < ev->n_nearby; i++) {
        const struct nearby_place *p = &ev->nearby[i];
        json_open(j, NULL, '{');
        json_str(j, "id", p->id);
        json_str(j, "name", p->name);
        json_fixed(j, "distance_km", p->distance_m, 3);
        json_uint(j, "bearing_deg", p->bearing_deg);
        if (p->population != 0)
            json_uint(j, "population", p->population);
        else
            json_null(j, "population");
        json_close(j, '}');
    }
    json_close(j, ']');
    if (ev->people != 0)
        json_uint(j, "people", ev->people);
    else
        json_null(j, "people");
}

static void
write_where(struct json *j, const struct alert_event *ev)
{
    if (ev->from_us == 0 && ev->to_us == 0) {
        json_null(j, "when");
    } else {
        json_open(j, "when", '{');
        json_time(j, "from", ev->from_us);
        json_time(j, "to", ev->to_us);
        json_close(j, '}');
    }
    json_str(j, "place", ev->place);
    if (ev->has_pos) {
        json_deg(j, "lat", ev->pos.lat);
        json_deg(j, "lon", ev->pos.lon);
        json_fixed(j, "radius_km", ev->radius_m, 3);
    } else {
        json_null(j, "lat");
        json_null(j, "lon");
        json_null(j, "radius_km");
    }
    json_str(j, "area", ev->area);
}

static void
write_both(struct json *j, const char *key, const char *en, const char *fr)
{
    json_open(j, key, '{');
    json_str(j, "en", en);
    json_str(j, "fr", fr);
    json_close(j, '}');
}

static void
write_reasons(struct json *j, const struct reason *v, size_t n)
{
    json_open(j, "reasons", '[');
    for (size_t i = 0; i < n; i++) {
        json_open(j, NULL, '{');
        json_str(j, "text", v[i].text);
        json_int(j, "weight", v[i].weight);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void
write_refs(struct json *j, const struct alert_event *ev)
{
    json_open(j, "incidents", '[');
    for (size_t i = 0; i < ev->n_incidents; i++) {
        const struct incident_ref *ref = &ev->incidents[i];
        json_open(j, NULL, '{');
        jwrite_id(j, "id", &ref->id);
        write_name(j, "class", ref->source_class, source_class_name(ref->source_class));
        json_str(j, "grade", ref->grade[0] != '\0' ? ref->grade : NULL);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void
write_warned(struct json *j, const struct alert_event *ev)
{
    json_open(j, "warned", '[');
    for (size_t i = 0; i < ev->n_warned; i++) {
        const struct warned_asset *w = &ev->warned[i];
        json_open(j, NULL, '{');
        json_str(j, "asset", w->asset);
        json_time(j, "at", w->at_us);
        json_str(j, "how", w->how);
        json_bool(j, "unreachable", w->unreachable);
        json_close(j, '}');
    }
    json_close(j, ']');
}

void
event_write(struct json *j, const char *key, const struct alert_event *ev, uint64_t seq,
            bool comparison)
{
    json_open(j, key, '{');
    if (!comparison)
        json_uint(j, "seq", seq);
    write_name(j, "kind", ev->kind, alert_kind_name(ev->kind));
    jwrite_id(j, "id", &ev->id);
    jwrite_id(j, "situation", &ev->situation);
    json_uint(j, "revision", ev->revision);
    json_time(j, "due_at", ev->due_at_us);
    if (!comparison) {
        json_time(j, "at", ev->at_us);
        json_bool(j, "page", ev->page);
    }
    json_str(j, "topic", ev->topic);
    write_name(j, "target", ev->target, target_name(ev->target));
    write_event_assets(j, ev);
    write_name(j, "precedence", ev->precedence, precedence_name(ev->precedence));
    write_name(j, "risk", ev->risk, risk_name(ev->risk));
    json_uint(j, "likelihood", ev->likelihood);
    json_uint(j, "impact", ev->impact);
    write_name(j, "urgency", ev->urgency, urgency_name(ev->urgency));
    write_name(j, "severity", ev->severity, severity_name(ev->severity));
    write_name(j, "certainty", ev->certainty, certainty_name(ev->certainty));
    write_name(j, "status", ev->status, status_name(ev->status));
    json_bool(j, "unconfirmed", ev->unconfirmed);
    write_name(j, "event", ev->event, event_type_name(ev->event));
    write_name(j, "mode", ev->mode, mode_name(ev->mode));
    json_str(j, "rule", ev->rule);
    json_bool(j, "late", ev->late);
    write_where(j, ev);
    harm_write(j, &ev->harm, true);
    json_open(j, "claims", '[');
    for (size_t i = 0; i < ev->n_claims; i++) {
        json_open(j, NULL, '{');
        json_str(j, "party", ev->claims[i].party);
        json_str(j, "says", ev->claims[i].says);
        json_close(j, '}');
    }
    json_close(j, ']');
    jwrite_mask(j, "marks", ev->marks, jname_mark, MARK_COUNT);
    jwrite_strs(j, "changed", ev->changed, ev->n_changed);
    write_both(j, "headline", ev->headline_en, ev->headline_fr);
    write_both(j, "instruction", ev->instruction_en, ev->instruction_fr);
    write_reasons(j, ev->reasons, ev->n_reasons);
    write_refs(j, ev);
    json_str(j, "release", ev->release);
    if (!comparison) {
        write_name(j, "state", ev->state, alert_state_name(ev->state));
        json_str(j, "answered_by", ev->answered_by);
        json_time(j, "next_step_at", ev->next_step_at_us);
        write_warned(j, ev);
    }
    json_time(j, "expires_at", ev->expires_at_us);
    if (!comparison) {
        json_uint(j, "cause_seq", ev->cause_seq);
        if (ev->step != 0)
            json_uint(j, "step", ev->step);
        if (ev->false_alarm)
            json_bool(j, "false_alarm", true);
    }
    write_nearby(j, ev);
    if (ev->note != NULL)
        json_str(j, "note", ev->note);
    json_close(j, '}');
}

void
event_to_json(const struct alert_event *ev, uint64_t seq, bool comparison, struct buf *b)
{
    struct json j;

    json_init(&j, b);
    event_write(&j, NULL, ev, seq, comparison);
}

/* ---- derivation, receipt, status, rejected */

static void
write_derivation_members(struct json *j, const struct derivation *d)
{
    jwrite_id(j, "alert", &d->alert);
    json_uint(j, "revision", d->revision);
    json_str(j, "cell", d->cell);
    json_str(j, "precedence_rule", d->precedence_rule);
    write_reasons(j, d->reasons, d->n_reasons);
    json_open(j, "incidents", '[');
    for (size_t i = 0; i < d->n_incidents; i++) {
        const struct derived_incident *in = &d->incidents[i];
        json_open(j, NULL, '{');
        jwrite_id(j, "id", &in->id);
        json_uint(j, "seq", in->seq);
        write_name(j, "class", in->source_class, source_class_name(in->source_class));
        json_str(j, "grade", in->grade[0] != '\0' ? in->grade : NULL);
        json_bool(j, "counted", in->counted);
        json_bool(j, "late", in->late);
        json_open(j, "finding", '{');
        finding_write(j, &in->finding, false);
        json_close(j, '}');
        json_close(j, '}');
    }
    json_close(j, ']');
}

void
derivation_write(struct json *j, const char *key, const struct derivation *d)
{
    json_open(j, key, '{');
    write_derivation_members(j, d);
    json_close(j, '}');
}

void
why_to_json(const struct derivation *d, const struct alert_event *ev, struct buf *b)
{
    struct json j;

    json_init(&j, b);
    json_open(&j, NULL, '{');
    write_derivation_members(&j, d);
    if (ev != NULL)
        event_write(&j, "event", ev, 0, true);
    else
        json_null(&j, "event");
    json_close(&j, '}');
}

void
derivation_to_json(const struct derivation *d, struct buf *b)
{
    struct json j;

    json_init(&j, b);
    derivation_write(&j, NULL, d);
}

void
receipt_to_json(const struct receipt *r, const char *own_id, struct buf *b)
{
    struct json j;

    json_init(&j, b);
    json_open(&j, NULL, '{');
    if (own_id != NULL)
        json_str(&j, "id", own_id);
    else
        jwrite_id(&j, "id", &r->id);
    json_str(&j, "status", receipt_status_name(r->status));
    if (r->seq != 0)
        json_uint(&j, "seq", r->seq);
    else
        json_null(&j, "seq");
    json_str(&j, "reason", r->reason);
    if (r->retry_after_ms != 0)
        json_fixed(&j, "retry_after_s", r->retry_after_ms, 3);
    else
        json_null(&j, "retry_after_s");
    json_close(&j, '}');
}

void
status_write(struct json *j, const char *key, const struct daemon_status *s)
{
    json_open(j, key, '{');
    json_str(j, "daemon", s->daemon);
    json_str(j, "version", s->version);
    json_time(j, "at", s->at_us);
    json_time(j, "up_since", s->up_since_us);
    json_uint(j, "head", s->head);
    json_uint(j, "lag", s->lag);
    json_str(j, "last_error", s->last_error);
    json_open(j, "figures", '{');
    for (size_t i = 0; i < s->n_figures; i++) {
        /* Their names come from another process, so they are escaped. */
        json_str(j, NULL, s->figures[i].name);
        buf_putc(j->b, ':');
        j->comma = false;
        json_str(j, NULL, s->figures[i].value);
    }
    json_close(j, '}');
    json_close(j, '}');
}

void
status_to_json(const struct daemon_status *s, struct buf *b)
{
    struct json j;

    json_init(&j, b);
    status_write(&j, NULL, s);
}

/* Bytes of anybody: as text under "data", or else as base64 under "data_base64". */
static void
write_data(struct json *j, const void *data, size_t len)
{
    bool text = wire_text_ok(data, len);
    size_t size = text ? len + 1 : sodium_base64_ENCODED_LEN(len, sodium_base64_VARIANT_ORIGINAL);
    char *copy = malloc(size);

    if (copy == NULL) {
        j->b->failed = true;
        return;
    }
    if (text) {
        if (len > 0)
            memcpy(copy, data, len);
        copy[len] = '\0';
    } else {
        (void)sodium_bin2base64(copy, size, data, len, sodium_base64_VARIANT_ORIGINAL);
    }
    json_str(j, text ? "data" : "data_base64", copy);
    free(copy);
}

void
rejected_write(struct json *j, const char *key, const struct rejected *r)
{
    json_open(j, key, '{');
    json_uint(j, "number", r->number);
    json_time(j, "at", r->at_us);
    json_str(j, "source", r->source);
    json_str(j, "door", r->door);
    json_str(j, "reason", r->reason);
    json_str(j, "format", r->format);
    json_uint(j, "size", r->size);
    write_data(j, r->data, r->len);
    json_close(j, '}');
}

void
rejected_to_json(const struct rejected *r, struct buf *b)
{
    struct json j;

    json_init(&j, b);
    rejected_write(&j, NULL, r);
}
