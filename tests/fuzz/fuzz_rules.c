/* fuzz_rules: a file of rules of any bytes either loads, and then goes with any incidents, or says
 * why not, with its line. */
#include "core.h"
#include "gazetteer.h"
#include "timefmt.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
on_event(void *arg, const struct alert_event *ev, const struct derivation *d)
{
    (void)arg;
    (void)d;
    if (!ev->headline_en || !ev->headline_fr)
        abort();
}

static void
step(struct core *c, const struct record *r)
{
    if (core_step(c, r, on_event, NULL) != 0)
        abort();
}

/* A base and a convoy, every event round them, regions among them, a link that is lost; days. */
static void
play(struct core *c)
{
    static const char *const actors[] = {"JNIM", "Islamic State", "FAMa"};
    const struct geo_pt base = {159180000, 24020000};
    const struct geo_pt route[2] = {base, {175000000, 24020000}};
    struct record r = {.type = REC_ASSET, .received_at_us = DAY_US};

    asset_init(&r.u.asset);
    r.u.asset.id = r.u.asset.link = "base";
    r.u.asset.kind = ASSET_BASE;
    r.u.asset.has_pos = true;
    r.u.asset.pos = base;
    step(c, &r);
    r.u.asset.id = "convoy";
    r.u.asset.kind = ASSET_CONVOY;
    r.u.asset.state = CONVOY_DEPARTED;
    r.u.asset.checkin_min = 60;
    r.u.asset.route = route;
    r.u.asset.n_route = 2;
    step(c, &r);
    r = (struct record){.type = REC_LINK, .received_at_us = DAY_US, .u.link = {"base", false, 0}};
    step(c, &r);
    for (uint32_t i = 0; i < 2 * EVENT_COUNT; i++) {
        struct finding f;

        r = (struct record){.type = REC_INCIDENT, .received_at_us = DAY_US + i * 2 * HOUR_US};
        memset(r.id.b, (int)i, sizeof r.id.b);
        finding_init(&f);
        f.alertworthy = f.has_place = true;
        f.event = (enum event_type)(i % EVENT_COUNT);
        f.mode = i % 5 ? MODE_FACT : MODE_RUMOUR;
        f.targets = i % 3 ? TARGET_BIT(TG_CONVOY) : TARGET_BIT(TG_CIVILIANS);
        f.from_us = f.to_us = r.received_at_us;
        f.actors[0] = actors[i % 3];
        f.n_actors = 1;
        f.place.pt = geo_destination(base, i * 50 % 360, 3000 * (i % 11));
        f.place.area = i % 7 == 0;
        f.place.radius_m = f.place.area ? 50000 : 500;
        f.place.name = "place";
        incident_init(&r.u.incident);
        r.u.incident.source = "s";
        r.u.incident.source_class = SC_LOCAL;
        r.u.incident.redacted = true;
        r.u.incident.finding = &f;
        step(c, &r);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct config cfg = {.classifier = {.max_situations = 100,
                                               .max_incidents = 100,
                                               .join_m = 5000,
                                               .join_us = HOUR_US,
                                               .stale_position_us = HOUR_US,
                                               .convoy_speed_kmh = 40}};
    static struct gazetteer *none;
    struct knowledge k = {.config = &cfg};
    struct err e = {.text = ""};
    struct core *c;

    if (!none) {
        none = gazetteer_new();
        if (!none || gazetteer_finish(none, &e) != 0)
            abort();
    }
    if (rules_parse((const char *)data, size, "fuzz.yaml", &k.rules, &e)) {
        if (k.rules || !e.text[0])
            abort();
        return 0;
    }
    knowledge_builtin(k.events, k.matrix);
    k.gazetteer = none;
    c = core_new(&k);
    if (c)
        play(c);
    core_free(c);
    rules_free(k.rules);
    return 0;
}
