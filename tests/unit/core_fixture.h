/* core_fixture: knowledge without files, and records built in the test, for the tests of the
 * classifier's pure core. Findings are given with the report, as in a redacted one, so that the
 * lexicon plays no part. */
#ifndef TESTS_CORE_FIXTURE_H
#define TESTS_CORE_FIXTURE_H

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "config.h"
#include "gazetteer.h"
#include "knowledge.h"
#include "record.h"
#include "timefmt.h"

#define T0 (INT64_C(1681711200) * SECOND_US) /* 2023-04-17T06:00:00Z, a Monday */

struct fixture {
    struct config cfg;
    struct knowledge k;
    struct area_conf areas[2];
};

static inline struct geo_pt
at(double lat, double lon)
{
    return (struct geo_pt){(int32_t)(lat * 1e7 + (lat < 0 ? -0.5 : 0.5)),
                           (int32_t)(lon * 1e7 + (lon < 0 ? -0.5 : 0.5))};
}

/* The absences as they are shipped. */
static const char fixture_rules[] = "rules:\n"
                                    "  - name: convoy_overdue\n"
                                    "    form: absence\n"
                                    "    of: check_in\n"
                                    "    steps:\n"
                                    "      - {after: 150%, likelihood: 3, impact: 3}\n"
                                    "      - {after: 300%, likelihood: 4, impact: 3}\n"
                                    "  - name: base_silent\n"
                                    "    form: absence\n"
                                    "    of: link\n"
                                    "    near: {event: any_attack}\n"
                                    "    within: 24h\n"
                                    "    steps:\n"
                                    "      - {distance: 50km, likelihood: 3, impact: 3}\n"
                                    "      - {distance: 20km, likelihood: 4, impact: 3}\n";

static inline void
fixture_rules_of(struct fixture *x, const char *text)
{
    struct err e;

    rules_free(x->k.rules);
    x->k.rules = NULL;
    if (rules_parse(text, strlen(text), "rules.yaml", &x->k.rules, &e) != 0)
        fail_msg("%s:%d: %s", e.file, e.line, e.text);
}

static inline void
fixture_init(struct fixture *x)
{
    static char gao[] = "gao", gao_name[] = "Gao", gao_lat[] = "16.27", gao_lon[] = "-0.04";
    static char mopti[] = "mopti", mopti_name[] = "Mopti", mopti_lat[] = "14.5",
                mopti_lon[] = "-4.2";

    memset(x, 0, sizeof *x);
    x->areas[0] = (struct area_conf){gao, gao_name, gao_lat, gao_lon, 60};
    x->areas[1] = (struct area_conf){mopti, mopti_name, mopti_lat, mopti_lon, 60};
    x->cfg.classifier.areas = (struct conf_list){x->areas, 2};
    x->cfg.classifier.join_m = 5000;
    x->cfg.classifier.join_us = 6 * HOUR_US;
    x->cfg.classifier.flash_contact_us = 30 * MINUTE_US;
    x->cfg.classifier.stale_position_us = 2 * HOUR_US;
    x->cfg.classifier.convoy_speed_kmh = 40;
    x->cfg.classifier.max_situations = 200;
    x->cfg.classifier.max_incidents = 1000;
    x->k.config = &x->cfg;
    knowledge_builtin(x->k.events, x->k.matrix);
    x->k.gazetteer = gazetteer_new();
    assert_non_null(x->k.gazetteer);
    assert_int_equal(gazetteer_finish(x->k.gazetteer, NULL), 0);
    fixture_rules_of(x, fixture_rules);
}

static inline void
fixture_fini(struct fixture *x)
{
    rules_free(x->k.rules);
    gazetteer_free(x->k.gazetteer);
}

/* One incident with its finding; fields are changed by the test before it is used. */
struct told {
    struct finding f;
    struct incident in;
    struct record r;
};

static inline void
told_init(struct told *t, uint64_t n, const char *source, int64_t received_us,
          enum event_type event, uint32_t targets, struct geo_pt pt)
{
    uint64_t parts[2] = {n, (uint64_t)received_us};
    struct id_part part = {parts, sizeof parts};

    memset(t, 0, sizeof *t);
    finding_init(&t->f);
    incident_init(&t->in);
    t->f.alertworthy = true;
    t->f.event = event;
    t->f.mode = MODE_FACT;
    t->f.targets = targets;
    t->f.confidence_permille = 950;
    t->f.from_us = t->f.to_us = received_us;
    t->f.has_place = true;
    t->f.place.pt = pt;
    t->f.place.radius_m = 500;
    t->f.place.name = "Lelehoye";
    t->f.place.method = "given";
    t->in.source = source;
    t->in.reported_at_us = received_us;
    t->in.source_class = SC_LOCAL;
    t->in.redacted = true;
    t->r.type = REC_INCIDENT;
    t->r.seq = n;
    t->r.received_at_us = received_us;
    id_make(&t->r.id, received_us, &part, 1);
}

/* Pointers inside, once nothing moves any more. */
static inline const struct record *
told_record(struct told *t)
{
    t->in.finding = &t->f;
    t->r.u.incident = t->in;
    return &t->r;
}

static inline void
harm_killed(struct told *t, int32_t least, int32_t most)
{
    t->f.harm.killed = (struct range){least, most};
}

static inline struct asset
base_asset(const char *id, struct geo_pt pt)
{
    struct asset a;

    asset_init(&a);
    a.id = id;
    a.kind = ASSET_BASE;
    a.name = id;
    a.has_pos = true;
    a.pos = pt;
    return a;
}

static inline struct asset
convoy_asset(const char *id, const struct geo_pt *route, size_t n, enum convoy_state state)
{
    struct asset a;

    asset_init(&a);
    a.id = id;
    a.kind = ASSET_CONVOY;
    a.name = id;
    a.route = route;
    a.n_route = n;
    a.state = state;
    a.mode = TRAVEL_ROAD;
    return a;
}

#endif
