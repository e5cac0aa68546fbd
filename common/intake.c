/* intake: see intake.h. Everything here must come out the same in the collector and in the
 * tools; hence it stands once, and takes what it needs as arguments. */
#include "intake.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "timefmt.h"
#include "wire.h"

static void
stamp(const struct config *c, int64_t at_us, struct incident *in)
{
    const struct source_conf *s = config_source(c, in->source);
    if (s == NULL) {
        in->source_class = in->source_class != SC_UNKNOWN ? in->source_class : SC_LOCAL;
        return;
    }
    in->source_class = (enum source_class)s->class;
    in->relay = in->relay || s->relay;
    if (in->reliability == 0 && s->reliability != NULL)
        in->reliability = s->reliability[0];
    if (in->credibility == 0)
        in->credibility = (uint8_t)s->credibility;
    if (in->lang == NULL)
        in->lang = s->lang;
    in->utc_offset_min = source_utc_offset(s, at_us);
    in->clock_untrusted = s->clock_untrusted;
    in->source_place = s->place;
}

static int
check_asset(const struct asset *a, struct err *e)
{
    if (a->id == NULL || a->id[0] == '\0')
        return err_set(e, "asset.id: missing");
    if (a->removed)
        return 0;
    if (a->kind == ASSET_UNKNOWN)
        return err_set(e, "asset.kind: missing; one of base, convoy, site");
    if (a->kind != ASSET_CONVOY && !a->has_pos)
        return err_set(e, "asset.lat, lon: missing; a %s needs its place",
                       asset_kind_name(a->kind));
    if (a->n_schedule > 1 && a->n_schedule != a->n_route)
        return err_set(e,
                       "asset.schedule: %zu times for %zu vertices; give one per vertex, or "
                       "the start and speed_kmh",
                       a->n_schedule, a->n_route);
    for (size_t i = 1; i < a->n_schedule; i++)
        if (a->schedule[i] < a->schedule[i - 1])
            return err_set(e, "asset.schedule: time %zu lies before the one in front of it", i + 1);
    return 0;
}

static int
check(const struct record *r, struct err *e)
{
    switch (r->type) {
    case REC_INCIDENT:
        if ((r->u.incident.text == NULL || r->u.incident.text[0] == '\0') &&
            r->u.incident.event == EV_UNKNOWN && r->u.incident.finding == NULL)
            return err_set(e, "an incident needs text or event");
        return 0;
    case REC_ASSET:
        return check_asset(&r->u.asset, e);
    case REC_POSITION:
        if (r->u.position.asset == NULL || r->u.position.asset[0] == '\0')
            return err_set(e, "position.asset: missing");
        return 0;
    case REC_LINK:
        if (r->u.link.name == NULL || r->u.link.name[0] == '\0')
            return err_set(e, "link.name: missing");
        return 0;
    case REC_ACT:
        if (r->u.act.kind == ACT_RAISE && r->u.act.raise == NULL)
            return err_set(e, "act.raise: missing");
        return 0;
    case REC_TICK:
    case REC_CLOCK_STEP:
    case REC_REPLAY:
        return 0;
    default:
        return err_set(e, "this kind of record does not belong into a journal");
    }
}

static void
derive_id(struct record *r, const void *unique, size_t unique_len, struct buf *scratch)
{
    char fixed[TIME_TEXT];

    buf_reset(scratch);
    if (r->type == REC_INCIDENT) {
        const struct incident *in = &r->u.incident;
        wire_incident_body(in, scratch);
        if (in->own_id != NULL && in->own_id[0] != '\0') {
            incident_id(in->source, in->own_id, in->reported_at_us, scratch->data, scratch->len,
                        &r->id);
            return;
        }
        struct id_part parts[] = {{"acceptance", 10},
                                  {in->source, in->source != NULL ? strlen(in->source) : 0},
                                  {unique, unique_len},
                                  {scratch->data, scratch->len}};
        id_make(&r->id, in->reported_at_us, parts, 4);
        return;
    }
    if (r->type == REC_POSITION) {
        const struct asset_position *p = &r->u.position;
        (void)snprintf(fixed, sizeof fixed, "%" PRId64, p->fixed_at_us);
        struct id_part parts[] = {
            {"position", 8}, {p->asset, strlen(p->asset)}, {fixed, strlen(fixed)}};
        id_make(&r->id, p->fixed_at_us, parts, 3);
        return;
    }
    int64_t at = r->received_at_us;
    r->received_at_us = 0;
    wire_record_pack(r, false, scratch);
    r->received_at_us = at;
    if (r->type == REC_REPLAY) {
        /* The same bracket again, whenever it comes, is the same record. */
        struct id_part bracket[] = {{"bracket", 7}, {scratch->data, scratch->len}};
        id_make(&r->id, 0, bracket, 2);
        return;
    }
    struct id_part parts[] = {{"record", 6}, {unique, unique_len}, {scratch->data, scratch->len}};
    id_make(&r->id, at, parts, 3);
}

int
intake_prepare(const struct config *c, const char *fallback, const void *unique, size_t unique_len,
               bool keep, struct record *r, struct buf *scratch, struct err *e)
{
    if (check(r, e) < 0)
        return -1;
    struct incident *in = r->type == REC_INCIDENT ? &r->u.incident : NULL;
    if (in != NULL && (in->source == NULL || in->source[0] == '\0'))
        in->source = fallback;
    if (id_is_zero(&r->id))
        derive_id(r, unique, unique_len, scratch);
    if (in != NULL && !keep && in->finding == NULL)
        stamp(c, r->received_at_us, in);
    return 0;
}

int64_t
intake_plain_time(const struct record *r, int64_t previous_us)
{
    int64_t t = 0;
    if (r->type == REC_INCIDENT)
        t = r->u.incident.reported_at_us;
    else if (r->type == REC_POSITION)
        t = r->u.position.fixed_at_us;
    else if (r->type == REC_LINK)
        t = r->u.link.since_us;
    return t > previous_us ? t : previous_us;
}
