/* patterns: the shipped rules, each with what triggers it, what nearly does, and how often; and
 * what the language can say beyond them. Every scene is played twice, the second time with the
 * state taken through bytes after each record: the same events must come. */
#include "core_fixture.h"

#include <stdlib.h>

#include "core.h"
#include "lexicon.h"
#include "once.h"

#define MAX_SEEN 1024
#define H(n)     ((n)*HOUR_US)
#define D(n)     ((n)*DAY_US)
#define B        TARGET_BIT

struct seen {
    enum alert_kind kind;
    enum target target;
    enum precedence precedence;
    enum event_type event;
    struct id id, situation;
    int64_t due_us, expires_us;
    size_t n_assets, n_incidents;
    char rule[64], asset[64], en[256], fr[256];
};

static struct fixture fx;
static struct core *core;
static struct seen seen[2][MAX_SEEN];
static size_t n_seen[2];
static int pass; /* 1: through bytes */
static uint64_t seq;

static const struct geo_pt menaka = {159180000, 24020000}, sevare = {145300000, -40900000},
                           road = {156600000, 50000000}, tessalit = {202000000, 10100000};

static void
copy(char *to, size_t size, const char *from)
{
    (void)snprintf(to, size, "%s", from ? from : "");
}

/* Only what rules say. */
static void
see(void *arg, const struct alert_event *ev, const struct derivation *d)
{
    struct seen *s = &seen[pass][n_seen[pass]];

    (void)arg;
    (void)d;
    if (!ev->rule || strcmp(ev->rule, "link_down") == 0)
        return;
    assert_true(++n_seen[pass] <= MAX_SEEN);
    memset(s, 0, sizeof *s);
    s->kind = ev->kind;
    s->target = ev->target;
    s->precedence = ev->precedence;
    s->event = ev->event;
    s->id = ev->id;
    s->situation = ev->situation;
    s->due_us = ev->due_at_us;
    s->expires_us = ev->expires_at_us;
    s->n_assets = ev->n_assets;
    s->n_incidents = ev->n_incidents;
    copy(s->rule, sizeof s->rule, ev->rule);
    copy(s->asset, sizeof s->asset, ev->n_assets ? ev->assets[0].id : "-");
    copy(s->en, sizeof s->en, ev->headline_en);
    copy(s->fr, sizeof s->fr, ev->headline_fr);
}

static void
step(const struct record *r)
{
    assert_int_equal(core_step(core, r, see, NULL), 0);
    if (pass) {
        struct core *next = NULL;
        struct buf b;
        struct err e;

        buf_init(&b, 0);
        assert_int_equal(core_save(core, &b), 0);
        if (core_load(&fx.k, b.data, b.len, &next, &e) != 0)
            fail_msg("%s", e.text);
        core_free(core);
        core = next;
        buf_fini(&b);
    }
}

/* ---- what happens */

enum what {
    END,
    INCIDENT,
    BASE,
    SITE,
    PLANNED,
    RUNNING,
    HALTED,
    ARRIVED,
    LINK_UP,
    LINK_DOWN,
    TICK
};

struct line {
    enum what what;
    int64_t at_us; /* after T0 */
    enum event_type event;
    const struct geo_pt *from; /* and so far away from there */
    uint32_t deg, km;
    uint32_t targets;
    enum mode mode; /* 0 = fact */
    const char *actor, *other;
    const char *name; /* of an asset or a link */
    uint32_t marks, region_km;
    enum source_class class;
    int credibility;
};
#define MAX_LINES 16

static struct geo_pt
where(const struct line *l)
{
    return l->km ? geo_destination(*l->from, l->deg, l->km * 1000) : *l->from;
}

static void
play_incident(const struct line *l)
{
    static const char *const sources[] = {"a", "b", "c", "d", "e", "f", "g"};
    struct told t;

    seq++;
    told_init(&t, seq, sources[seq % 7], T0 + l->at_us, l->event, l->targets, where(l));
    t.f.mode = l->mode ? l->mode : MODE_FACT;
    t.f.place.name = l->region_km ? "the region" : "Lelehoye";
    t.f.place.area = l->region_km > 0;
    t.f.place.radius_m = l->region_km ? l->region_km * 1000 : 500;
    t.f.marks = l->marks;
    t.f.actors[0] = l->actor;
    t.f.actors[1] = l->other;
    t.f.n_actors = (l->actor != NULL) + (l->other != NULL);
    t.in.source_class = l->class ? l->class : SC_LOCAL;
    t.in.credibility = (uint8_t)l->credibility;
    step(told_record(&t));
}

static void
play_convoy(const struct line *l)
{
    static const enum convoy_state states[] = {[PLANNED] = CONVOY_PLANNED,
                                               [RUNNING] = CONVOY_DEPARTED,
                                               [HALTED] = CONVOY_HALTED,
                                               [ARRIVED] = CONVOY_ARRIVED};
    /* 200 km to the north of where it starts */
    struct geo_pt route[2] = {*l->from, geo_destination(*l->from, 0, 200000)};
    struct record r = {.type = REC_ASSET, .received_at_us = T0 + l->at_us};

    r.u.asset = convoy_asset(l->name, route, 2, states[l->what]);
    if (l->what == HALTED || l->km) {
        r.u.asset.has_pos = true;
        r.u.asset.pos = where(l);
    }
    step(&r);
}

static void
play_line(const struct line *l)
{
    struct record r = {.type = REC_TICK, .received_at_us = T0 + l->at_us};

    switch (l->what) {
    case INCIDENT:
        play_incident(l);
        return;
    case BASE:
    case SITE:
        r.type = REC_ASSET;
        r.u.asset = base_asset(l->name, where(l));
        if (l->what == SITE)
            r.u.asset.kind = ASSET_SITE;
        else
            r.u.asset.link = l->name;
        break;
    case LINK_UP:
    case LINK_DOWN:
        r.type = REC_LINK;
        r.u.link = (struct link_state){l->name, l->what == LINK_UP, T0 + l->at_us};
        break;
    case TICK:
        break;
    default:
        play_convoy(l);
        return;
    }
    step(&r);
}

static void
play(const struct line *lines)
{
    for (pass = 0; pass < 2; pass++) {
        n_seen[pass] = 0;
        seq = 0;
        core = core_new(&fx.k);
        assert_non_null(core);
        for (const struct line *l = lines; l->what != END; l++)
            play_line(l);
        core_free(core);
        core = NULL;
    }
    assert_int_equal(n_seen[1], n_seen[0]);
    for (size_t i = 0; i < n_seen[0]; i++)
        assert_memory_equal(&seen[1][i], &seen[0][i], sizeof seen[0][i]);
}

/* "RULE TARGET FIRST-ASSET" of each raised event; "!RULE …" of a cancelled one. */
static void
said(char *out, size_t size)
{
    *out = '\0';
    for (size_t i = 0; i < n_seen[0]; i++) {
        const struct seen *s = &seen[0][i];
        size_t n = strlen(out);

        (void)snprintf(out + n, size - n, "%s%s%s %s %s", n ? "; " : "",
                       s->kind == AK_CANCELLED ? "!"
                       : s->kind == AK_UPDATED ? "+"
                                               : "",
                       s->rule, target_name(s->target), s->asset);
    }
}

struct scene {
    const char *name, *expect;
    struct line lines[MAX_LINES];
};

static void
check(const struct scene *scenes, size_t n)
{
    char text[2048];

    for (size_t i = 0; i < n; i++) {
        play(scenes[i].lines);
        said(text, sizeof text);
        if (strcmp(text, scenes[i].expect) != 0)
            fail_msg("%s:\nexpected %s\n     got %s", scenes[i].name, scenes[i].expect, text);
    }
}
#define CHECK(scenes) check(scenes, sizeof(scenes) / sizeof((scenes)[0]))

/* ---- the shipped rules */

#define RUMOUR(at, ...)                                                                         \
    {                                                                                           \
        .what = INCIDENT, .at_us = at, .event = EV_DISINFORMATION, .from = &sevare, __VA_ARGS__ \
    }
#define ATTACK(at, ...)                                                                       \
    {                                                                                         \
        .what = INCIDENT, .at_us = at, .event = EV_ARMED_ATTACK, .from = &sevare, __VA_ARGS__ \
    }
#define CROWD "rumour_then_crowd base base-sevare"

static void
test_rumour_then_crowd(void **state)
{
    static const struct line base = {
        .what = BASE, .at_us = 0, .from = &sevare, .name = "base-sevare"};
    const struct scene scenes[] = {
        {"a rumour, then an attack", CROWD, {base, RUMOUR(H(1)), ATTACK(H(2), .deg = 90, .km = 6)}},
        {"the other order", CROWD, {base, ATTACK(H(1), .deg = 90, .km = 6), RUMOUR(H(40))}},
        {"told as a rumour", CROWD, {base, ATTACK(H(1)), RUMOUR(H(2), .mode = MODE_RUMOUR)}},
        {"denied", "", {base, ATTACK(H(1)), RUMOUR(H(2), .mode = MODE_DENIAL)}},
        {"a rumour alone", "", {base, RUMOUR(H(1)), RUMOUR(H(9), .deg = 9, .km = 6)}},
        {"an attack alone", "", {base, ATTACK(H(1)), ATTACK(H(9), .deg = 9, .km = 6)}},
        {"49 hours apart", "", {base, ATTACK(0), RUMOUR(H(49))}},
        {"another town", "", {base, ATTACK(0, .deg = 0, .km = 12), RUMOUR(H(1))}},
        {"an accident of ours",
         CROWD,
         {base,
          RUMOUR(0),
          {.what = INCIDENT,
           .at_us = H(1),
           .event = EV_HAZARD,
           .from = &sevare,
           .targets = B(TG_CONVOY)}}},
        {"an accident of others",
         "",
         {base,
          RUMOUR(0),
          {.what = INCIDENT,
           .at_us = H(1),
           .event = EV_HAZARD,
           .from = &sevare,
           .targets = B(TG_CIVILIANS)}}},
        {"an exchange of many on one day is told once",
         CROWD,
         {base, RUMOUR(0), ATTACK(H(1)), ATTACK(H(2), .deg = 90, .km = 9),
          ATTACK(H(10), .deg = 270, .km = 6), RUMOUR(H(20), .deg = 180, .km = 3)}},
        {"and again the next day",
         CROWD "; " CROWD,
         {base, RUMOUR(0), ATTACK(H(1)), ATTACK(H(26))}},
        {"no base of ours is known there: staff may be",
         "rumour_then_crowd base -",
         {RUMOUR(0), ATTACK(H(1))}},
        {"a convoy stands in the town",
         "rumour_then_crowd convoy cvy-1; " CROWD,
         {base,
          {.what = HALTED, .at_us = 0, .from = &sevare, .name = "cvy-1"},
          RUMOUR(H(1)),
          ATTACK(H(1))}},
    };

    (void)state;
    CHECK(scenes);
    play(scenes[0].lines);
    assert_int_equal(seen[0][0].event, EV_HOSTILE_CROWD);
    assert_int_equal(seen[0][0].precedence, PR_IMMEDIATE);
    assert_int_equal(seen[0][0].due_us, T0 + H(2));
    assert_int_equal(seen[0][0].n_incidents, 2);
    assert_int_equal(seen[0][0].expires_us, T0 + H(26));
    assert_string_equal(seen[0][0].en,
                        "Hostile crowd possible, Lelehoye: a rumour and violence or an "
                        "accident in one town");
    assert_non_null(strstr(seen[0][0].fr, "Foule hostile possible, Lelehoye : "));
}

#define IN(what_, at, deg, km, ...)                                                          \
    {                                                                                        \
        .what = INCIDENT, .at_us = at, .event = what_, .from = &menaka, deg, km, __VA_ARGS__ \
    }
#define IS   .actor = "Islamic State"
#define RING "encirclement base base-menaka; encirclement civilians camp-idp"

static void
test_encirclement(void **state)
{
    static const struct line base = {.what = BASE,
                                     .at_us = 0,
                                     .from = &menaka,
                                     .name = "base-menaka"},
                             site = {.what = SITE, .at_us = 0, .from = &menaka, .name = "camp-idp"};
    const struct scene scenes[] = {
        {"territory, a clash, an attack by nobody that is named",
         RING,
         {base, site, IN(EV_TERRITORY, D(20), 0, 78, IS),
          IN(EV_ARMED_CLASH, D(5), 90, 100, .actor = "JNIM", .other = "Islamic State"),
          IN(EV_ARMED_ATTACK, D(21), 225, 30)}},
        {"only two sectors",
         "",
         {base, IN(EV_TERRITORY, 0, 0, 78, IS), IN(EV_ARMED_ATTACK, D(1), 10, 60, IS),
          IN(EV_ARMED_CLASH, D(2), 90, 60, IS)}},
        {"of one side each",
         "",
         {base, IN(EV_TERRITORY, 0, 0, 78, IS), IN(EV_ARMED_ATTACK, D(1), 90, 60, .actor = "JNIM"),
          IN(EV_ARMED_CLASH, D(2), 180, 60, .actor = "Dozo hunters")}},
        {"two names of one side",
         "encirclement base base-menaka",
         {base, IN(EV_TERRITORY, 0, 0, 78, .actor = "JNIM"),
          IN(EV_ARMED_ATTACK, D(1), 90, 60, .actor = "Katiba Macina"),
          IN(EV_ARMED_CLASH, D(2), 180, 60, .actor = "AQIM")}},
        {"nobody is named at all",
         "",
         {base, IN(EV_TERRITORY, 0, 0, 78), IN(EV_ARMED_ATTACK, D(1), 90, 60),
          IN(EV_ARMED_CLASH, D(2), 180, 60)}},
        {"thefts",
         "",
         {base, IN(EV_CRIME, 0, 0, 78, IS), IN(EV_CRIME, D(1), 90, 60, IS),
          IN(EV_CRIME, D(2), 180, 60, IS)}},
        {"a siege",
         "encirclement base base-menaka",
         {base, IN(EV_ACCESS_DENIAL, 0, 0, 78, .marks = MARK_SIEGE, IS),
          IN(EV_ARMED_ATTACK, D(1), 90, 60, IS), IN(EV_ARMED_ATTACK, D(2), 180, 60, IS)}},
        {"a road that is blocked",
         "",
         {base, IN(EV_ACCESS_DENIAL, 0, 0, 78, IS), IN(EV_ARMED_ATTACK, D(1), 90, 60, IS),
          IN(EV_ARMED_ATTACK, D(2), 180, 60, IS)}},
        {"one too far",
         "",
         {base, IN(EV_TERRITORY, 0, 0, 121, IS), IN(EV_ARMED_ATTACK, D(1), 90, 60, IS),
          IN(EV_ARMED_ATTACK, D(2), 180, 60, IS)}},
        {"one in the town, which is no direction",
         "",
         {base, IN(EV_ARMED_ATTACK, 0, 0, 4, IS), IN(EV_ARMED_ATTACK, D(1), 90, 60, IS),
          IN(EV_ARMED_ATTACK, D(2), 180, 60, IS)}},
        {"one too old",
         "",
         {base, IN(EV_ARMED_ATTACK, 0, 0, 70, IS), IN(EV_ARMED_ATTACK, D(1), 90, 60, IS),
          IN(EV_ARMED_ATTACK, D(31), 180, 60, IS)}},
        {"told once a week, another sector or not",
         RING,
         {base, site, IN(EV_TERRITORY, 0, 0, 78, IS), IN(EV_ARMED_ATTACK, D(1), 90, 60, IS),
          IN(EV_ARMED_ATTACK, D(2), 180, 60, IS), IN(EV_ARMED_ATTACK, D(3), 270, 60, IS),
          IN(EV_ARMED_ATTACK, D(8), 315, 60, IS)}},
        {"the base is heard of last",
         "encirclement base base-menaka",
         {IN(EV_TERRITORY, 0, 0, 78, IS),
          IN(EV_ARMED_ATTACK, D(1), 90, 60, IS),
          IN(EV_ARMED_ATTACK, D(2), 180, 60, IS),
          {.what = BASE, .at_us = D(3), .from = &menaka, .name = "base-menaka"}}},
    };

    (void)state;
    CHECK(scenes);
    play(scenes[0].lines);
    assert_memory_equal(&seen[0][0].situation, &seen[0][1].situation, sizeof(struct id));
    assert_true(id_cmp(&seen[0][0].id, &seen[0][1].id) != 0);
    assert_int_equal(seen[0][0].precedence, PR_IMMEDIATE);
    assert_int_equal(seen[0][0].n_incidents, 3);
    assert_int_equal(seen[0][0].expires_us, T0 + D(28));
    assert_string_equal(seen[0][0].en, "base-menaka is being encircled: one side in 3 of 8 sectors "
                                       "within 120 km and 30 days");
}

/* forces are known by the lexicon, which the fixture has none of: by their side */
static void
test_forces_make_no_ring(void **state)
{
    static const struct line lines[] = {
        {.what = BASE, .at_us = 0, .from = &menaka, .name = "base-menaka"},
        IN(EV_ARMED_CLASH, 0, 0, 78, .actor = "FAMa"),
        IN(EV_AIR_STRIKE, D(1), 90, 60, .actor = "FAMa"),
        IN(EV_ARMED_CLASH, D(2), 180, 60, .actor = "FAMa"),
        {.what = END}};
    static const char text[] = "- {phrases: [fama], actor: FAMa, is: [forces]}\n";
    struct err e;

    (void)state;
    play(lines);
    assert_int_equal(n_seen[0], 1);
    assert_int_equal(lexicon_parse(text, sizeof text - 1, "l.yaml", &fx.k.lexicon, &e), 0);
    play(lines);
    assert_int_equal(n_seen[0], 0);
    lexicon_free(fx.k.lexicon);
    fx.k.lexicon = NULL;
}

#define ON_ROAD(at, km, ...)                                                                   \
    {                                                                                          \
        .what = INCIDENT, .at_us = at, .event = EV_IED_MINE, .from = &road, 0, km, __VA_ARGS__ \
    }
#define PRESSURE "route_under_pressure convoy cvy-1"

static void
test_route_under_pressure(void **state)
{
    static const struct line planned = {
        .what = PLANNED, .at_us = 0, .from = &road, .name = "cvy-1"};
    const struct scene scenes[] = {
        {"three on the road",
         PRESSURE,
         {planned, ON_ROAD(0, 30), ON_ROAD(D(1), 60), ON_ROAD(D(2), 90), ON_ROAD(D(2), 120)}},
        {"two", "", {planned, ON_ROAD(0, 30), ON_ROAD(D(1), 60)}},
        {"the third a week later",
         "",
         {planned, ON_ROAD(0, 30), ON_ROAD(D(1), 60), ON_ROAD(D(7) + H(1), 90)}},
        {"the third beside it",
         "",
         {planned,
          ON_ROAD(0, 30),
          ON_ROAD(D(1), 60),
          {.what = INCIDENT, .at_us = D(1), .event = EV_IED_MINE, .from = &road, 90, 12}}},
        {"the convoy is planned afterwards",
         PRESSURE,
         {ON_ROAD(0, 30),
          ON_ROAD(D(1), 60),
          ON_ROAD(D(2), 90),
          {.what = PLANNED, .at_us = D(3), .from = &road, .name = "cvy-1"},
          {.what = PLANNED, .at_us = D(3) + H(1), .from = &road, .name = "cvy-1"}}},
        {"it has passed one of them",
         "",
         {ON_ROAD(0, 30),
          ON_ROAD(D(1), 90),
          ON_ROAD(D(2), 120),
          {.what = RUNNING, .at_us = D(3), .from = &road, .km = 60, .name = "cvy-1"}}},
        {"it has all of them ahead",
         PRESSURE,
         {ON_ROAD(0, 70),
          ON_ROAD(D(1), 90),
          ON_ROAD(D(2), 120),
          {.what = RUNNING, .at_us = D(3), .from = &road, .km = 60, .name = "cvy-1"}}},
        {"it has arrived",
         "",
         {{.what = ARRIVED, .at_us = 0, .from = &road, .name = "cvy-1"},
          ON_ROAD(0, 30),
          ON_ROAD(D(1), 60),
          ON_ROAD(D(2), 90)}},
    };

    (void)state;
    CHECK(scenes);
    play(scenes[0].lines);
    assert_int_equal(seen[0][0].precedence, PR_PRIORITY);
    assert_int_equal(seen[0][0].event, EV_IED_MINE);
    assert_string_equal(
        seen[0][0].en, "Route of cvy-1 under pressure: 3 attacks or mines within 10 km and 7 days");
}

#define DENIED(at, km, ...)                                                             \
    {                                                                                   \
        .what = INCIDENT, .at_us = at, .event = EV_ACCESS_DENIAL, .from = &road, 0, km, \
        __VA_ARGS__                                                                     \
    }
#define CLOSED "access_closed_ahead convoy cvy-1"
#define BLIND  "blind_area civilians place-"

static void
test_access(void **state)
{
    static const struct line planned = {
        .what = PLANNED, .at_us = 0, .from = &road, .name = "cvy-1"};
    const struct scene scenes[] = {
        {"a road block, told again", CLOSED, {planned, DENIED(H(1), 50), DENIED(H(20), 50)}},
        {"another one further on",
         CLOSED "; " CLOSED,
         {planned, DENIED(H(1), 50), DENIED(H(20), 90), DENIED(H(21), 50)}},
        {"two, and then the convoy that has both ahead",
         CLOSED "; " CLOSED,
         {DENIED(H(0), 50),
          DENIED(H(0), 90),
          {.what = PLANNED, .at_us = H(1), .from = &road, .name = "cvy-1"},
          {.what = PLANNED, .at_us = H(2), .from = &road, .name = "cvy-1"},
          DENIED(H(3), 130)}},
        {"a region that the route only passes by",
         BLIND "15.66,6.00",
         {planned,
          {.what = INCIDENT,
           .at_us = H(1),
           .event = EV_ACCESS_DENIAL,
           .from = &road,
           90,
           107,
           .region_km = 150}}},
        {"off the road",
         "",
         {planned,
          {.what = INCIDENT, .at_us = H(1), .event = EV_ACCESS_DENIAL, .from = &road, 90, 20}}},
        {"a region that it goes through",
         CLOSED "; " BLIND "17.46,5.00",
         {planned, DENIED(H(1), 200, .region_km = 150), DENIED(H(20), 200, .region_km = 150)}},
        {"a region elsewhere",
         BLIND "20.20,1.01",
         {planned,
          {.what = INCIDENT,
           .at_us = H(1),
           .event = EV_ACCESS_DENIAL,
           .from = &tessalit,
           0,
           0,
           .region_km = 100}}},
        {"the convoy is planned afterwards",
         BLIND "17.46,5.00; " CLOSED,
         {DENIED(0, 200, .region_km = 150),
          {.what = PLANNED, .at_us = H(9), .from = &road, .name = "cvy-1"}}},
        {"three days later",
         BLIND "17.46,5.00",
         {DENIED(0, 200, .region_km = 150),
          {.what = PLANNED, .at_us = H(73), .from = &road, .name = "cvy-1"}}},
    };

    (void)state;
    CHECK(scenes);
    play(scenes[5].lines);
    assert_int_equal(seen[0][0].precedence, PR_PRIORITY);
    assert_int_equal(seen[0][1].precedence, PR_ROUTINE); /* the board only */
    assert_string_equal(seen[0][0].en, "Access denied ahead of cvy-1, the region");
}

static void
test_unheard_area(void **state)
{
    const struct scene scenes[] = {
        {"nobody for three days",
         "unheard_area civilians place-14.50,-4.20; !unheard_area civilians place-14.50,-4.20; "
         "unheard_area civilians place-14.50,-4.20",
         {{.what = INCIDENT, .at_us = 0, .event = EV_CRIME, .from = &sevare},
          {.what = TICK, .at_us = D(3)},
          {.what = INCIDENT, .at_us = D(4), .event = EV_CRIME, .from = &sevare},
          {.what = TICK, .at_us = D(8)}}},
        {"somebody within three days",
         "",
         {{.what = INCIDENT, .at_us = 0, .event = EV_CRIME, .from = &sevare},
          {.what = INCIDENT, .at_us = D(2), .event = EV_CRIME, .from = &sevare},
          {.what = TICK, .at_us = D(4)}}},
        {"the press does not count",
         "unheard_area civilians place-14.50,-4.20",
         {{.what = INCIDENT, .at_us = 0, .event = EV_CRIME, .from = &sevare},
          {.what = INCIDENT, .at_us = D(2), .event = EV_CRIME, .from = &sevare, .class = SC_MEDIA},
          {.what = TICK, .at_us = D(4)}}},
        {"never heard from", "", {{.what = TICK, .at_us = D(9)}}},
    };

    (void)state;
    CHECK(scenes);
    play(scenes[0].lines);
    assert_int_equal(seen[0][0].due_us, T0 + D(3)); /* before the report of day 4 */
    assert_int_equal(seen[0][1].due_us, T0 + D(4));
    assert_int_equal(seen[0][2].due_us, T0 + D(7));
    assert_int_equal(seen[0][0].precedence, PR_ROUTINE);
    assert_string_equal(seen[0][0].en,
                        "Blind area, Mopti: nobody was heard from it for three days");
}

#define SILENT "base_silent base base-menaka"

static void
test_base_silent(void **state)
{
    static const struct line base = {.what = BASE,
                                     .at_us = 0,
                                     .from = &menaka,
                                     .name = "base-menaka"},
                             other = {
                                 .what = BASE, .at_us = 0, .from = &sevare, .name = "base-sevare"};
    const struct scene scenes[] = {
        {"a link alone", "", {base, {.what = LINK_DOWN, .at_us = H(1), .name = "base-menaka"}}},
        {"an attack near it",
         SILENT "; !" SILENT,
         {base,
          {.what = LINK_DOWN, .at_us = H(1), .name = "base-menaka"},
          IN(EV_ARMED_ATTACK, H(2), 0, 40),
          {.what = LINK_UP, .at_us = H(3), .name = "base-menaka"}}},
        {"with another base's link",
         "base_silent base base-menaka; +base_silent base base-menaka; "
         "!base_silent base base-menaka",
         {base,
          other,
          {.what = LINK_DOWN, .at_us = H(1), .name = "base-menaka"},
          {.what = LINK_DOWN, .at_us = H(1) + MINUTE_US, .name = "base-sevare"},
          {.what = LINK_UP, .at_us = H(3), .name = "base-sevare"},
          {.what = LINK_UP, .at_us = H(4), .name = "base-menaka"}}},
        {"with the telephone network",
         SILENT,
         {base,
          {.what = LINK_DOWN, .at_us = H(1), .name = "phones-menaka"},
          {.what = LINK_DOWN, .at_us = H(1) + 30 * MINUTE_US, .name = "base-menaka"}}},
        {"two links, two hours apart",
         "",
         {base,
          other,
          {.what = LINK_DOWN, .at_us = H(1), .name = "base-menaka"},
          {.what = LINK_DOWN, .at_us = H(3), .name = "base-sevare"}}},
        {"an attack and another link: one alert",
         SILENT,
         {base,
          IN(EV_ARMED_ATTACK, H(1), 0, 40),
          {.what = LINK_DOWN, .at_us = H(2), .name = "phones-menaka"},
          {.what = LINK_DOWN, .at_us = H(2), .name = "base-menaka"}}},
    };

    (void)state;
    CHECK(scenes);
    play(scenes[3].lines);
    assert_int_equal(seen[0][0].precedence, PR_PRIORITY);
    assert_string_equal(seen[0][0].en, "base-menaka silent, 2 links went down together");
}

/* ---- what else can be said */

#define RULE(form, more)                                                                          \
    "rules:\n  - {name: r, form: " form ", likelihood: 3, impact: 3, en: \"E {n}\", fr: F, " more \
    "}"                                                                                           \
    "\n"

static void
check_with(const char *rules, const struct scene *scenes, size_t n)
{
    fixture_rules_of(&fx, rules);
    check(scenes, n);
}

static void
test_language(void **state)
{
    static const struct line base = {
        .what = BASE, .at_us = 0, .from = &menaka, .name = "base-menaka"};
    const struct {
        const char *rules;
        struct scene scene;
    } all[] = {
        {RULE("sequence", "first: {event: threat}, then: {event: crime}, around: place, "
                          "warn: [civilians], within: 2h, distance: 5km"),
         {"in the given order",
          "r civilians place-15.92,2.40",
          {IN(EV_THREAT, 0, 0, 0), IN(EV_CRIME, H(1), 0, 0)}}},
        {RULE("sequence", "first: {event: threat}, then: {event: crime}, around: place, "
                          "warn: [civilians], within: 2h, distance: 5km"),
         {"in the other order", "", {IN(EV_CRIME, 0, 0, 0), IN(EV_THREAT, H(1), 0, 0)}}},
        {RULE("count", "incidents: {event: crime}, at_least: 2, around: base, within: 1d, "
                       "distance: 20km"),
         {"round a base",
          "r base base-menaka",
          {base, IN(EV_CRIME, 0, 0, 15), IN(EV_CRIME, H(1), 180, 15)}}},
        {RULE("count", "incidents: {event: crime}, at_least: 2, around: site, within: 1d, "
                       "distance: 20km"),
         {"not round a base", "", {base, IN(EV_CRIME, 0, 0, 15), IN(EV_CRIME, H(1), 180, 15)}}},
        {RULE("count", "incidents: {event: crime, hours: 18-5}, at_least: 1, around: place, "
                       "warn: [base], within: 1d, distance: 20km"),
         {"by night",
          "r base base-menaka",
          {base, IN(EV_CRIME, H(11), 0, 9), IN(EV_CRIME, H(12), 180, 9)}}},
        {RULE("count", "incidents: {event: crime, class: [own, partner]}, at_least: 1, "
                       "around: base, within: 1d, distance: 20km"),
         {"of some sources only",
          "r base base-menaka",
          {base, IN(EV_CRIME, 0, 0, 15), IN(EV_CRIME, H(1), 180, 15, .class = SC_PARTNER)}}},
        {RULE("count", "incidents: {event: crime, grade: not_low}, at_least: 2, around: base, "
                       "within: 1d, distance: 20km"),
         {"of a low grade",
          "",
          {base, IN(EV_CRIME, 0, 0, 15), IN(EV_CRIME, H(1), 180, 15, .credibility = 5)}}},
        {RULE("count", "incidents: {event: crime, actor: JNIM, target: civilians}, at_least: 1, "
                       "around: base, within: 1d, distance: 20km"),
         {"by somebody against somebody",
          "r base base-menaka",
          {base, IN(EV_CRIME, 0, 0, 15, IS, .targets = B(TG_CIVILIANS)),
           IN(EV_CRIME, H(9), 0, 15, .actor = "JNIM"),
           IN(EV_CRIME, H(18), 0, 15, .actor = "JNIM", .targets = B(TG_CIVILIANS))}}},
        {RULE("ring", "incidents: {event: crime}, sectors: 2, within: 9d, distance: 50km, "
                      "places: [{name: Wells, lat: 15.918, lon: 2.402}]"),
         {"round a named place, by anybody",
          "r civilians place-15.92,2.40",
          {IN(EV_CRIME, 0, 0, 15), IN(EV_CRIME, H(9), 180, 15, IS)}}},
        {RULE("count", "incidents: {event: crime, mode: rumour}, at_least: 1, around: base, "
                       "within: 1d, distance: 20km, at_most: routine"),
         {"of a mode", "r base base-menaka", {base, IN(EV_CRIME, 0, 0, 15, .mode = MODE_RUMOUR)}}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        check_with(all[i].rules, &all[i].scene, 1);
    assert_int_equal(seen[0][0].precedence, PR_ROUTINE);
    assert_string_equal(seen[0][0].en, "E 1");
    /* no rules: the same incidents, and a convoy that says nothing */
    struct scene none = all[0].scene;

    none.expect = "";
    check_with("", &none, 1);
}

/* Two months of anything at all round two bases and a town, more than the tables hold: what is kept
 * beside the state to be quick must not decide anything. */
static void
test_months(void **state)
{
    enum { N = 1500 };
    static const char *const actors[] = {NULL,   "JNIM", "Islamic State",
                                         "AQIM", NULL,   "Dozo hunters"};
    static const enum event_type events[] = {EV_ARMED_ATTACK,   EV_TERRITORY, EV_ARMED_CLASH,
                                             EV_DISINFORMATION, EV_CRIME,     EV_ACCESS_DENIAL};
    struct line *lines = calloc(N + 5, sizeof *lines);
    uint64_t x = 88172645463325252u; /* xorshift */

    (void)state;
    assert_non_null(lines);
    lines[0] = (struct line){.what = BASE, .from = &menaka, .name = "base-menaka"};
    lines[1] =
        (struct line){.what = SITE, .from = &menaka, .deg = 20, .km = 50, .name = "camp-idp"};
    lines[2] = (struct line){.what = BASE, .from = &sevare, .name = "base-sevare"};
    lines[3] = (struct line){.what = PLANNED, .from = &menaka, .name = "cvy-1"};
    for (int i = 0; i < N; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        lines[4 + i] = (struct line){.what = INCIDENT,
                                     .at_us = i * HOUR_US + (int64_t)(x % 50) * MINUTE_US,
                                     .event = events[(x >> 8) % 6],
                                     .from = (x >> 16) % 3 ? &menaka : &sevare,
                                     .deg = (uint32_t)(x >> 20) % 360,
                                     .km = (uint32_t)(x >> 32) % 140,
                                     .mode = (x >> 40) % 9 ? MODE_FACT : MODE_RUMOUR,
                                     .actor = actors[(x >> 44) % 6],
                                     .region_km = (x >> 52) % 12 ? 0 : 90};
    }
    play(lines);
    assert_true(n_seen[0] > 20);
    free(lines);
}

/* What was told is forgotten in the order in which it was told, and only then. */
static void
test_once(void **state)
{
    struct once o;

    (void)state;
    assert_int_equal(once_init(&o), 0);
    once_put(&o, 1, 7, menaka, 100);
    once_put(&o, 1, 0, menaka, 100);
    assert_true(once_subject(&o, 1, 7, 99));
    assert_false(once_subject(&o, 1, 7, 100));
    assert_false(once_subject(&o, 2, 7, 99));
    assert_false(once_subject(&o, 1, 8, 99));
    assert_true(once_place(&o, 1, geo_destination(menaka, 90, 900), 1000, 99));
    assert_false(once_place(&o, 1, geo_destination(menaka, 90, 1100), 1000, 99));
    assert_false(once_place(&o, 2, menaka, 1000, 99));
    for (uint64_t i = 0; i < MAX_ONCE - 2; i++)
        once_put(&o, 3, 1000 + i, menaka, 100);
    assert_true(once_subject(&o, 1, 7, 99));
    once_put(&o, 3, 1, menaka, 100);
    assert_false(once_subject(&o, 1, 7, 99));
    assert_true(once_place(&o, 1, menaka, 1000, 99));
    once_fini(&o);
}

static int
setup(void **state)
{
    struct err e;

    (void)state;
    fixture_init(&fx);
    rules_free(fx.k.rules);
    fx.k.rules = NULL;
    if (rules_load("conf/rules.yaml", &fx.k.rules, &e) != 0)
        fail_msg("%s:%d: %s", e.file, e.line, e.text);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    fixture_fini(&fx);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_rumour_then_crowd, setup, teardown),
        cmocka_unit_test_setup_teardown(test_encirclement, setup, teardown),
        cmocka_unit_test_setup_teardown(test_forces_make_no_ring, setup, teardown),
        cmocka_unit_test_setup_teardown(test_route_under_pressure, setup, teardown),
        cmocka_unit_test_setup_teardown(test_access, setup, teardown),
        cmocka_unit_test_setup_teardown(test_unheard_area, setup, teardown),
        cmocka_unit_test_setup_teardown(test_base_silent, setup, teardown),
        cmocka_unit_test_setup_teardown(test_language, setup, teardown),
        cmocka_unit_test_setup_teardown(test_months, setup, teardown),
        cmocka_unit_test(test_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
