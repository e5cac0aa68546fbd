/* correlate: what joins, what counts, and what a situation makes of its reports. */
#include "core_fixture.h"

#include "correlate.h"

static struct fixture fx;
static struct timers timers;
static struct situations sits;

static int
setup(void **state)
{
    const uint32_t limit[TIMER_KINDS] = {200, 4};

    (void)state;
    fixture_init(&fx);
    assert_int_equal(timers_init(&timers, limit), 0);
    assert_int_equal(situations_init(&sits, 200, 1000, &timers), 0);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    situations_fini(&sits);
    timers_fini(&timers);
    fixture_fini(&fx);
    return 0;
}

static const struct geo_pt village = {144000000, -42000000};

static void
report_of(struct told *t, struct report *r)
{
    const struct record *rec = told_record(t);

    report_init(r, &rec->u.incident, &t->f, rec->received_at_us);
    r->id = rec->id;
    r->seq = rec->seq;
}

/* Puts the report where it belongs; its situation. */
static uint32_t
take(struct told *t, bool *counted)
{
    struct report r;
    struct found found;
    uint32_t i;
    bool c;

    report_of(t, &r);
    i = correlate_find(&sits, &fx.k, &r, &found);
    if (i == NOTHING)
        i = situations_new(&sits, &r.id, r.received_us);
    c = correlate_join(&sits, &fx.k, i, &r, found.corrects);
    if (counted)
        *counted = c;
    return i;
}

static void
attack(struct told *t, uint64_t n, const char *source, int64_t when)
{
    told_init(t, n, source, when, EV_ARMED_ATTACK, TARGET_BIT(TG_CIVILIANS), village);
}

static void
test_compatible(void **state)
{
    (void)state;
    for (int a = 0; a < EVENT_COUNT; a++) {
        assert_true(correlate_compatible((enum event_type)a, (enum event_type)a));
        for (int b = 0; b < EVENT_COUNT; b++)
            assert_int_equal(correlate_compatible((enum event_type)a, (enum event_type)b),
                             correlate_compatible((enum event_type)b, (enum event_type)a));
    }
    assert_true(correlate_compatible(EV_AMBUSH, EV_IED_MINE));
    assert_true(correlate_compatible(EV_SUICIDE_ATTACK, EV_KIDNAPPING));
    assert_true(correlate_compatible(EV_HOSTILE_CROWD, EV_DEMONSTRATION));
    assert_false(correlate_compatible(EV_ARMED_ATTACK, EV_TERRITORY));
    assert_false(correlate_compatible(EV_ARMED_ATTACK, EV_DISPLACEMENT));
    assert_false(correlate_compatible(EV_ARMED_ATTACK, EV_ACCESS_DENIAL));
    assert_false(correlate_compatible(EV_ARMED_ATTACK, EV_HOSTILE_CROWD));
    assert_false(correlate_compatible(EV_CRIME, EV_HAZARD));
}

static void
test_same_text(void **state)
{
    const uint32_t a[8] = {1, 2, 3, 4, 5, 6, 7, 8}, b[8] = {3, 4, 5, 6, 7, 8, 9, 10};
    const uint32_t c[8] = {4, 5, 6, 7, 8, 9, 10, 11}, none[8] = {0}, one[8] = {7}, other[8] = {9};

    (void)state;
    assert_true(correlate_same_text(a, a));
    assert_true(correlate_same_text(a, b));
    assert_false(correlate_same_text(a, c));
    assert_false(correlate_same_text(none, none));
    assert_true(correlate_same_text(one, one));
    assert_false(correlate_same_text(one, other));
    assert_false(correlate_same_text(one, a)); /* a short text inside a long one is another */
}

static void
test_joins(void **state)
{
    static const struct {
        const char *what;
        double lat, lon;
        int64_t later;
        enum event_type event;
        enum status status;
        uint32_t radius_m;
        bool joins;
    } table[] = {
        {"the same", 14.40, -4.20, 60, EV_ARMED_ATTACK, ST_ACTUAL, 500, true},
        {"4 km off", 14.436, -4.20, 60, EV_ARMED_ATTACK, ST_ACTUAL, 500, true},
        {"20 km off", 14.58, -4.20, 60, EV_ARMED_ATTACK, ST_ACTUAL, 500, false},
        {"20 km off, placed to 20 km", 14.58, -4.20, 60, EV_ARMED_ATTACK, ST_ACTUAL, 20000, true},
        {"five hours later", 14.40, -4.20, 5 * 3600, EV_ARMED_ATTACK, ST_ACTUAL, 500, true},
        {"seven hours later", 14.40, -4.20, 7 * 3600, EV_ARMED_ATTACK, ST_ACTUAL, 500, false},
        {"another kind of attack", 14.40, -4.20, 60, EV_AMBUSH, ST_ACTUAL, 500, true},
        {"people flee", 14.40, -4.20, 60, EV_DISPLACEMENT, ST_ACTUAL, 500, false},
        {"an exercise", 14.40, -4.20, 60, EV_ARMED_ATTACK, ST_EXERCISE, 500, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct told a, b;
        uint32_t first, second;

        (void)teardown(NULL);
        (void)setup(NULL);
        attack(&a, 1, "sms", T0);
        first = take(&a, NULL);
        told_init(&b, 2, "radio", T0 + table[i].later * SECOND_US, table[i].event,
                  TARGET_BIT(TG_CIVILIANS), at(table[i].lat, table[i].lon));
        b.in.status = table[i].status;
        b.f.place.radius_m = table[i].radius_m;
        second = take(&b, NULL);
        if ((first == second) != table[i].joins)
            fail_msg("%s", table[i].what);
    }
}

/* A day after the fall of a village, a kidnapping, a mine: the same, or another one? */
static void
test_told_again(void **state)
{
    static const struct {
        const char *what;
        enum event_type event;
        int64_t later_h, from_h, to_h; /* from, to: the time that is told, with from_h >= 0 */
        const char *actor;
        int32_t killed; /* -1 = no figure */
        uint32_t marks;
        enum source_class class;
        bool relay, joins;
        double lat;
    } table[] = {
        {"taken, untold when", EV_TERRITORY, 24, -1, 0, "A", -1, 0, SC_LOCAL, 0, true, 14.40},
        {"taken on the day", EV_TERRITORY, 24, 0, 12, "A", -1, 0, SC_MEDIA, true, true, 14.40},
        {"taken this morning", EV_TERRITORY, 24, 20, 24, "A", -1, 0, SC_OWN, 0, false, 14.40},
        {"by others", EV_TERRITORY, 24, -1, 0, "B", -1, 0, SC_LOCAL, 0, false, 14.40},
        {"by nobody named", EV_TERRITORY, 24, -1, 0, NULL, -1, 0, SC_LOCAL, 0, true, 14.40},
        {"another village", EV_TERRITORY, 24, -1, 0, "A", -1, 0, SC_LOCAL, 0, false, 14.60},
        {"taken ten days ago", EV_TERRITORY, 240, -1, 0, "A", -1, 0, SC_LOCAL, 0, true, 14.40},
        {"taken weeks ago", EV_TERRITORY, 400, -1, 0, "A", -1, 0, SC_LOCAL, 0, false, 14.40},
        {"refused again", EV_ACCESS_DENIAL, 20, -1, 0, "A", -1, 0, SC_OWN, 0, true, 14.40},
        {"refused two days later", EV_ACCESS_DENIAL, 48, -1, 0, "A", -1, 0, SC_OWN, 0, 0, 14.40},
        {"a siege now", EV_ACCESS_DENIAL, 20, -1, 0, "A", -1, MARK_SIEGE, SC_OWN, 0, 0, 14.40},
        {"another mine, untold when", EV_IED_MINE, 24, -1, 0, "A", -1, 0, SC_OWN, 0, 0, 14.40},
        {"the mine in the press", EV_IED_MINE, 24, -1, 0, "A", 2, 0, SC_MEDIA, 0, true, 14.40},
        {"more dead in the press", EV_IED_MINE, 24, -1, 0, "A", 5, 0, SC_MEDIA, 0, 0, 14.40},
        {"the mine of yesterday", EV_IED_MINE, 24, 0, 12, "A", 2, 0, SC_OWN, 0, true, 14.40},
        {"taken away, a forward", EV_KIDNAPPING, 30, -1, 0, "A", 2, 0, SC_LOCAL, 1, true, 14.40},
        {"taken away, over by then", EV_KIDNAPPING, 60, -1, 0, "A", 2, 0, SC_LOCAL, 1, 0, 14.40},
        {"an attack does not last", EV_AMBUSH, 24, -1, 0, "A", 2, 0, SC_MEDIA, 1, false, 14.40},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct told a, b;
        uint32_t first;
        int64_t then = T0 + table[i].later_h * HOUR_US;

        (void)teardown(NULL);
        (void)setup(NULL);
        told_init(&a, 1, "sms", T0, table[i].event, 0, village);
        a.f.actors[a.f.n_actors++] = "A";
        harm_killed(&a, 2, 2);
        first = take(&a, NULL);
        told_init(&b, 2, "other", then, table[i].event, 0, at(table[i].lat, -4.20));
        b.f.when_method = "reported";
        if (table[i].from_h >= 0) {
            b.f.when_method = "words";
            b.f.from_us = T0 + table[i].from_h * HOUR_US - 4 * HOUR_US;
            b.f.to_us = T0 + table[i].to_h * HOUR_US - 4 * HOUR_US;
        }
        if (table[i].actor)
            b.f.actors[b.f.n_actors++] = table[i].actor;
        harm_killed(&b, table[i].killed, table[i].killed);
        b.f.marks = table[i].marks;
        b.in.source_class = table[i].class;
        b.in.relay = table[i].relay;
        if ((take(&b, NULL) == first) != table[i].joins)
            fail_msg("%s", table[i].what);
    }
}

/* What the officer has cleared is taken anew. */
static void
test_cleared_is_not_told_again(void **state)
{
    struct told a, b;
    uint32_t i;

    (void)state;
    told_init(&a, 1, "sms", T0, EV_TERRITORY, 0, village);
    i = take(&a, NULL);
    sits.all[i].cleared_us = T0 + HOUR_US;
    situations_fold(&sits, i, &fx.k);
    told_init(&b, 2, "other", T0 + DAY_US, EV_TERRITORY, 0, village);
    assert_int_not_equal(take(&b, NULL), i);
}

static void
test_aftermath(void **state)
{
    static const struct {
        const char *what;
        int64_t later_h;
        int32_t wounded;
        uint32_t confidence, convoy;
        const char *source;
        uint32_t targets;
        enum source_class class;
        bool in_progress, is;
    } table[] = {
        {"of the convoy", 2, 2, 510, 7, "b", TARGET_BIT(TG_CONVOY), SC_OWN, false, true},
        {"of it, another class", 2, 2, 510, 7, "b", TARGET_BIT(TG_CONVOY), SC_LOCAL, false, true},
        {"of another convoy", 2, 2, 510, 9, "a", TARGET_BIT(TG_CONVOY), SC_OWN, false, false},
        {"of the same source", 2, 2, 510, 0, "a", TARGET_BIT(TG_CONVOY), SC_OWN, false, true},
        {"of another source", 2, 2, 510, 0, "b", TARGET_BIT(TG_CONVOY), SC_OWN, false, false},
        {"of other people", 2, 2, 510, 0, "a", TARGET_BIT(TG_BASE), SC_OWN, false, false},
        {"no source of ours", 2, 2, 510, 0, "a", TARGET_BIT(TG_CONVOY), SC_LOCAL, false, false},
        {"more wounded", 2, 3, 510, 7, "a", TARGET_BIT(TG_CONVOY), SC_OWN, false, false},
        {"no figure", 2, -1, 510, 7, "a", TARGET_BIT(TG_CONVOY), SC_OWN, false, false},
        {"tells an attack", 2, 2, 800, 7, "a", TARGET_BIT(TG_CONVOY), SC_OWN, false, false},
        {"goes on", 2, 2, 510, 7, "a", TARGET_BIT(TG_CONVOY), SC_OWN, true, false},
        {"the day after", 25, 2, 510, 7, "a", TARGET_BIT(TG_CONVOY), SC_OWN, false, false},
    };

    (void)state;
    for (size_t n = 0; n < sizeof table / sizeof table[0]; n++) {
        struct told a, b;
        struct report r;
        uint32_t i;

        (void)teardown(NULL);
        (void)setup(NULL);
        told_init(&a, 1, "a", T0, EV_AMBUSH, TARGET_BIT(TG_CONVOY), village);
        a.f.harm.wounded = (struct range){2, 2};
        a.in.source_class = SC_OWN;
        report_of(&a, &r);
        r.convoys[0] = 7;
        i = situations_new(&sits, &r.id, r.received_us);
        situations_touch(&sits, i, r.received_us);
        (void)correlate_join(&sits, &fx.k, i, &r, NOTHING);
        told_init(&b, 2, table[n].source, T0 + table[n].later_h * HOUR_US, EV_ARMED_ATTACK,
                  table[n].targets, at(15.0, -4.0));
        b.f.harm.wounded = (struct range){table[n].wounded, table[n].wounded};
        b.f.confidence_permille = table[n].confidence;
        b.f.in_progress = table[n].in_progress;
        b.in.source_class = table[n].class;
        report_of(&b, &r);
        r.convoys[0] = table[n].convoy;
        if (correlate_is_aftermath(&sits, &r) != table[n].is)
            fail_msg("%s", table[n].what);
    }
}

/* Kourkanda-Peulh and Kourkanda-Habbé, 1.4 km apart: two villages. */
static void
test_villages_apart(void **state)
{
    struct told a, b, c;
    uint32_t first;

    (void)state;
    attack(&a, 1, "sms", T0);
    a.f.place.gazetteer_id = 11;
    first = take(&a, NULL);
    attack(&b, 2, "radio", T0 + MINUTE_US);
    b.f.place.gazetteer_id = 12;
    b.f.place.pt = geo_destination(village, 90, 1400);
    assert_int_not_equal(take(&b, NULL), first);
    attack(&c, 3, "press", T0 + MINUTE_US);
    c.f.place.gazetteer_id = 11;
    assert_int_equal(take(&c, NULL), first);
}

static void
test_areas_and_unplaced(void **state)
{
    struct told a, b, c, d, e, f;
    uint32_t region, words;

    (void)state;
    attack(&a, 1, "sms", T0);
    a.f.place.area = true;
    a.f.place.gazetteer_id = 5;
    region = take(&a, NULL);
    attack(&b, 2, "radio", T0);
    assert_int_not_equal(take(&b, NULL), region); /* a point inside the region */
    attack(&c, 3, "radio", T0 + MINUTE_US);
    c.f.place.area = true;
    c.f.place.gazetteer_id = 5;
    assert_int_equal(take(&c, NULL), region);

    attack(&d, 4, "sms", T0);
    d.f.has_place = false;
    d.in.place = "near the old well";
    words = take(&d, NULL);
    attack(&e, 5, "radio", T0);
    e.f.has_place = false;
    e.in.place = "near the old well";
    assert_int_equal(take(&e, NULL), words);
    attack(&f, 6, "radio", T0);
    f.f.has_place = false;
    assert_int_not_equal(take(&f, NULL), words);
}

static void
test_unplaced_copy_of_one_source(void **state)
{
    struct told a, b, c;
    uint32_t first;

    (void)state;
    attack(&a, 1, "sms", T0);
    a.f.has_place = false;
    for (int i = 0; i < 8; i++)
        a.f.fingerprint[i] = (uint64_t)(i + 1) << 34;
    first = take(&a, NULL);
    b = a;
    b.r.id.b[15] ^= 1;
    assert_int_equal(take(&b, NULL), first);
    c = a;
    c.r.id.b[15] ^= 2;
    c.in.source = "radio";
    assert_int_not_equal(take(&c, NULL), first);
}

static void
test_independence_and_harm(void **state)
{
    struct told t;
    struct situation *x;
    bool counted;
    uint32_t i;

    (void)state;
    attack(&t, 1, "sms", T0);
    harm_killed(&t, 3, 5);
    for (int k = 0; k < 8; k++)
        t.f.fingerprint[k] = (uint64_t)(k + 1) << 34;
    t.in.credibility = 5;
    i = take(&t, &counted);
    x = &sits.all[i];
    assert_true(counted);
    assert_true(x->doubted && x->low_grade);
    /* a copy of its words by another source, with a wild figure: nothing changes */
    t.r.id.b[15] ^= 1;
    t.in.source = "forwarder";
    harm_killed(&t, 200, 200);
    assert_int_equal(take(&t, &counted), i);
    assert_false(counted);
    assert_int_equal(x->sources, 1);
    assert_int_equal(x->harm.killed.most, 5);
    /* a relay changes no figure */
    attack(&t, 3, "net", T0);
    t.in.relay = true;
    harm_killed(&t, 20, 20);
    (void)take(&t, &counted);
    assert_false(counted);
    assert_int_equal(x->harm.killed.least, 3);
    assert_int_equal(x->harm.killed.most, 5);
    /* the same source in other words is no second source */
    attack(&t, 4, "sms", T0);
    (void)take(&t, &counted);
    assert_false(counted);
    /* another one is, and it carries the least */
    attack(&t, 5, "radio", T0);
    harm_killed(&t, 10, 12);
    t.in.reliability = 'B';
    t.in.credibility = 2;
    (void)take(&t, &counted);
    assert_true(counted);
    assert_int_equal(x->sources, 2);
    assert_int_equal(x->harm.killed.least, 3);
    assert_int_equal(x->harm.killed.most, 12);
    assert_int_equal(x->carried.killed.least, 10);
    assert_false(x->doubted || x->low_grade);
    assert_true(x->high_grade);
    /* a rumour's figure does not */
    attack(&t, 6, "market", T0);
    t.f.mode = MODE_RUMOUR;
    harm_killed(&t, 60, 60);
    (void)take(&t, &counted);
    assert_int_equal(x->carried.killed.least, 10);
    assert_int_equal(x->harm.killed.most, 12);
    assert_int_equal(x->mode, MODE_FACT);
    assert_int_equal(x->n_refs, 6);
}

/* Figures of one event, as they come in; what is shown after each, and what is carried. */
static void
test_figures(void **state)
{
    static const struct {
        const char *source;
        bool relay;
        enum mode mode;
        struct range says, shown;
        int32_t carried;
    } steps[] = {
        /* relays alone: theirs is all there is */
        {"net", true, MODE_FACT, {200, 200}, {200, 200}, 200},
        /* a counted source, without a figure: the forward is dropped */
        {"sms", false, MODE_FACT, {-1, -1}, {-1, -1}, -1},
        {"party", false, MODE_CLAIM, {8, 8}, {8, 8}, 8},
        /* facts come before a party's claim */
        {"radio", false, MODE_FACT, {9, 9}, {9, 9}, 9},
        /* "at least nine" and "several" agree with nine */
        {"clinic", false, MODE_FACT, {9, 18}, {9, 9}, 9},
        {"press", false, MODE_FACT, {3, 9}, {9, 9}, 9},
        /* "at least twelve" does not */
        {"ngo", false, MODE_FACT, {12, 24}, {9, 12}, 12},
        {"partner", false, MODE_FACT, {14, 15}, {9, 15}, 14},
        /* a source's newer figure replaces its older one, up or down */
        {"radio", false, MODE_FACT, {13, 13}, {13, 15}, 14},
        {"partner", false, MODE_FACT, {12, 12}, {12, 13}, 13},
        /* rumours and relays change nothing */
        {"market", false, MODE_RUMOUR, {60, 60}, {12, 13}, 13},
        {"net", true, MODE_FACT, {300, 300}, {12, 13}, 13},
    };
    struct told t;

    (void)state;
    for (size_t k = 0; k < sizeof steps / sizeof steps[0]; k++) {
        const struct situation *x;

        attack(&t, k + 1, steps[k].source, T0 + (int64_t)k * MINUTE_US);
        t.in.relay = steps[k].relay;
        t.f.mode = steps[k].mode;
        t.f.harm.killed = steps[k].says;
        x = &sits.all[take(&t, NULL)];
        if (x->harm.killed.least != steps[k].shown.least ||
            x->harm.killed.most != steps[k].shown.most ||
            x->carried.killed.least != steps[k].carried)
            fail_msg("step %zu: %d to %d, carried %d", k, x->harm.killed.least, x->harm.killed.most,
                     x->carried.killed.least);
        assert_int_equal(x->n_refs, k + 1);
    }
    /* neither the forward, which came first, nor the rumour confirms what the others report */
    assert_int_equal(sits.all[0].sources, 7);
}

static void
test_correction(void **state)
{
    struct told t;
    struct situation *x;
    uint32_t i;
    bool counted;

    (void)state;
    attack(&t, 1, "radio", T0);
    t.in.own_id = "r-1";
    harm_killed(&t, 40, 40);
    i = take(&t, NULL);
    x = &sits.all[i];
    /* the same own id with another body, elsewhere and hours later: its correction */
    attack(&t, 2, "radio", T0 + 20 * HOUR_US);
    t.in.own_id = "r-1";
    t.f.place.pt = at(14.9, -4.2);
    t.f.place.radius_m = 4000;
    harm_killed(&t, 4, 4);
    assert_int_equal(take(&t, &counted), i);
    assert_true(counted);
    assert_int_equal(x->sources, 1);
    assert_int_equal(x->harm.killed.least, 4);
    assert_int_equal(x->harm.killed.most, 4);
    assert_int_equal(x->pt.lat, at(14.9, -4.2).lat);
    /* and again */
    attack(&t, 3, "radio", T0 + 21 * HOUR_US);
    t.in.own_id = "r-1";
    harm_killed(&t, 5, 5);
    assert_int_equal(take(&t, NULL), i);
    assert_int_equal(x->harm.killed.most, 5);
    /* another source's own id is another */
    attack(&t, 4, "sms", T0 + 90 * HOUR_US);
    t.in.own_id = "r-1";
    assert_int_not_equal(take(&t, NULL), i);
}

/* What passes another report on in another language is no second source; who was there is. */
static void
test_translations(void **state)
{
    static const struct {
        const char *what;
        enum source_class class;
        const char *lang;
        enum event_type event;
        int32_t killed, wounded;
        uint32_t m;
        bool counted;
    } table[] = {
        {"the press, in English", SC_MEDIA, "en", EV_ARMED_ATTACK, 9, 4, 0, false},
        {"a partner, from 900 m off", SC_PARTNER, "en", EV_ARMED_ATTACK, 9, 4, 900, false},
        {"an own patrol", SC_OWN, "en", EV_ARMED_ATTACK, 9, 4, 0, true},
        {"a resident", SC_LOCAL, "en", EV_ARMED_ATTACK, 9, 4, 0, true},
        {"the same language in other words", SC_MEDIA, "fr", EV_ARMED_ATTACK, 9, 4, 0, true},
        {"no language", SC_MEDIA, NULL, EV_ARMED_ATTACK, 9, 4, 0, true},
        {"another figure", SC_MEDIA, "en", EV_ARMED_ATTACK, 9, 5, 0, true},
        {"a figure more", SC_MEDIA, "en", EV_ARMED_ATTACK, 9, -1, 0, true},
        {"another event", SC_MEDIA, "en", EV_AMBUSH, 9, 4, 0, true},
        {"another place", SC_MEDIA, "en", EV_ARMED_ATTACK, 9, 4, 3000, true},
    };
    struct told a, b;
    bool counted;

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        (void)teardown(state);
        (void)setup(state);
        attack(&a, 1, "sms", T0);
        a.f.lang = "fr";
        harm_killed(&a, 9, 9);
        a.f.harm.wounded = (struct range){4, 4};
        (void)take(&a, NULL);
        told_init(&b, 2, "wire", T0 + MINUTE_US, table[i].event, TARGET_BIT(TG_CIVILIANS),
                  geo_destination(village, 0, table[i].m));
        b.f.place.name = "elsewhere";
        b.f.lang = table[i].lang;
        b.in.source_class = table[i].class;
        harm_killed(&b, table[i].killed, table[i].killed);
        b.f.harm.wounded = (struct range){table[i].wounded, table[i].wounded};
        (void)take(&b, &counted);
        if (counted != table[i].counted || (sits.all[0].sources == 2) != table[i].counted)
            fail_msg("%s: %u sources", table[i].what, sits.all[0].sources);
    }
    /* two that give no figures have nothing in common but the event */
    (void)teardown(state);
    (void)setup(state);
    attack(&a, 1, "sms", T0);
    a.f.lang = "fr";
    (void)take(&a, NULL);
    attack(&b, 2, "wire", T0 + MINUTE_US);
    b.f.lang = "en";
    b.in.source_class = SC_MEDIA;
    (void)take(&b, &counted);
    assert_true(counted);
    /* a translation is heard like a relay: what else it says is not lost */
    (void)teardown(state);
    (void)setup(state);
    harm_killed(&a, 9, 9);
    (void)take(&a, NULL);
    harm_killed(&b, 9, 9);
    b.f.targets |= TARGET_BIT(TG_CONVOY);
    (void)take(&b, &counted);
    assert_false(counted);
    assert_true(sits.all[0].named & TARGET_BIT(TG_CONVOY));
}

/* Who confirms what: only those who say as much. */
static void
test_who_confirms(void **state)
{
    static const struct {
        enum mode first, second;
        uint32_t sources;
    } table[] = {
        {MODE_FACT, MODE_FACT, 2},       {MODE_FACT, MODE_CLAIM, 2},
        {MODE_FACT, MODE_WARNING, 1},    {MODE_FACT, MODE_RUMOUR, 1},
        {MODE_FACT, MODE_DENIAL, 1},     {MODE_CLAIM, MODE_RUMOUR, 1},
        {MODE_WARNING, MODE_WARNING, 2}, {MODE_WARNING, MODE_RUMOUR, 1},
        {MODE_RUMOUR, MODE_RUMOUR, 2},   {MODE_RUMOUR, MODE_DENIAL, 1},
        {MODE_RUMOUR, MODE_FACT, 1},
    };
    struct told t;

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        (void)teardown(state);
        (void)setup(state);
        attack(&t, 1, "sms", T0);
        t.f.mode = table[i].first;
        (void)take(&t, NULL);
        attack(&t, 2, "radio", T0 + MINUTE_US);
        t.f.mode = table[i].second;
        (void)take(&t, NULL);
        if (sits.all[0].sources != table[i].sources)
            fail_msg("%s, %s: %u", mode_name(table[i].first), mode_name(table[i].second),
                     sits.all[0].sources);
    }
    /* its own word counts, though it has passed on another's before */
    (void)teardown(state);
    (void)setup(state);
    attack(&t, 1, "sms", T0);
    (void)take(&t, NULL);
    attack(&t, 2, "base", T0 + MINUTE_US);
    t.in.relay = true;
    (void)take(&t, NULL);
    assert_int_equal(sits.all[0].sources, 1);
    attack(&t, 3, "base", T0 + 2 * MINUTE_US);
    (void)take(&t, NULL);
    assert_int_equal(sits.all[0].sources, 2);
}

/* The correction of a report that was copied meanwhile is no copy of the copy. */
static void
test_correction_of_what_was_copied(void **state)
{
    struct told t;
    bool counted;

    (void)state;
    attack(&t, 1, "radio", T0);
    t.in.own_id = "r-1";
    harm_killed(&t, 40, 40);
    for (int k = 0; k < 8; k++)
        t.f.fingerprint[k] = (uint64_t)(k + 1) << 34;
    (void)take(&t, NULL);
    t.in.own_id = NULL;
    t.in.source = "forwarder";
    t.r.seq = 2;
    t.r.id.b[15] ^= 1;
    (void)take(&t, &counted);
    assert_false(counted);
    t.in.own_id = "r-1";
    t.in.source = "radio";
    t.r.seq = 3;
    t.r.id.b[15] ^= 2;
    t.f.fingerprint[7] = UINT64_C(99) << 34;
    harm_killed(&t, 4, 4);
    (void)take(&t, &counted);
    assert_true(counted);
    assert_int_equal(sits.all[0].harm.killed.most, 4);
    assert_int_equal(sits.all[0].sources, 1);
}

static void
test_claims_and_event(void **state)
{
    struct told t;
    struct situation *x;
    uint32_t i;

    (void)state;
    attack(&t, 1, "press", T0);
    t.f.event = EV_ARMED_CLASH;
    t.f.mode = MODE_CLAIM;
    t.f.actors[0] = "army";
    t.f.n_actors = 1;
    harm_killed(&t, 8, 8);
    i = take(&t, NULL);
    x = &sits.all[i];
    assert_int_equal(x->event, EV_ARMED_CLASH);
    assert_int_equal(x->n_claims, 1);
    assert_string_equal(x->claims[0].party, "army");
    attack(&t, 2, "sms", T0 + MINUTE_US);
    harm_killed(&t, 9, 9);
    assert_int_equal(take(&t, NULL), i);
    assert_int_equal(x->mode, MODE_FACT);
    assert_int_equal(x->event, EV_ARMED_ATTACK);
    assert_int_equal(x->n_claims, 1);
    attack(&t, 3, "ministry", T0 + MINUTE_US);
    t.f.mode = MODE_DENIAL;
    assert_int_equal(take(&t, NULL), i);
    assert_int_equal(x->n_claims, 2);
    attack(&t, 4, "radio", T0 + MINUTE_US);
    t.f.event = EV_SUICIDE_ATTACK; /* graver */
    assert_int_equal(take(&t, NULL), i);
    assert_int_equal(x->event, EV_SUICIDE_ATTACK);
}

static void
test_stamps(void **state)
{
    struct told t;
    struct report r;

    (void)state;
    attack(&t, 1, "sms", T0);
    t.f.from_us = t.f.to_us = 0;
    t.in.reported_at_us = T0 - HOUR_US;
    report_of(&t, &r);
    assert_int_equal(r.stamp_us, T0 - HOUR_US);
    assert_int_equal(r.from_us, T0 - HOUR_US);
    t.in.clock_untrusted = true;
    report_of(&t, &r);
    assert_int_equal(r.stamp_us, T0);
    t.in.clock_untrusted = false;
    t.in.reported_at_us = T0 + 3 * MINUTE_US; /* from the future */
    report_of(&t, &r);
    assert_int_equal(r.stamp_us, T0);
    t.in.reported_at_us = 0;
    t.f.from_us = t.f.to_us = T0 + HOUR_US;
    report_of(&t, &r);
    assert_int_equal(r.to_us, T0); /* a fact is not in the future */
    t.f.mode = MODE_WARNING;
    report_of(&t, &r);
    assert_int_equal(r.to_us, T0 + HOUR_US);
}

/* Tables that are full: the oldest go, a situation keeps its first report and its latest. */
static void
test_bounds(void **state)
{
    struct told t;
    uint32_t i = NOTHING;
    struct id first;

    (void)state;
    for (uint64_t n = 0; n < 300; n++) {
        told_init(&t, n, "sms", T0 + (int64_t)n, EV_ARMED_ATTACK, TARGET_BIT(TG_CIVILIANS),
                  at(10 + (double)n * 0.1, 0));
        (void)take(&t, NULL);
    }
    assert_int_equal(sits.t_all.n, 200);
    for (uint64_t n = 0; n < 200; n++) {
        attack(&t, 1000 + n, "sms", T0 + HOUR_US);
        i = take(&t, NULL);
        if (!n)
            first = t.r.id;
    }
    assert_int_equal(sits.all[i].n_refs, MAX_SIT_REFS);
    assert_memory_equal(&sits.refs[sits.all[i].first_ref].id, &first, sizeof first);
    assert_memory_equal(&sits.refs[sits.all[i].last_ref].id, &t.r.id, sizeof first);
    assert_true(sits.t_refs.n <= sits.t_refs.cap);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compatible),
        cmocka_unit_test(test_same_text),
        cmocka_unit_test_setup_teardown(test_joins, setup, teardown),
        cmocka_unit_test_setup_teardown(test_told_again, setup, teardown),
        cmocka_unit_test_setup_teardown(test_cleared_is_not_told_again, setup, teardown),
        cmocka_unit_test_setup_teardown(test_aftermath, setup, teardown),
        cmocka_unit_test_setup_teardown(test_villages_apart, setup, teardown),
        cmocka_unit_test_setup_teardown(test_areas_and_unplaced, setup, teardown),
        cmocka_unit_test_setup_teardown(test_unplaced_copy_of_one_source, setup, teardown),
        cmocka_unit_test_setup_teardown(test_independence_and_harm, setup, teardown),
        cmocka_unit_test_setup_teardown(test_figures, setup, teardown),
        cmocka_unit_test_setup_teardown(test_correction, setup, teardown),
        cmocka_unit_test_setup_teardown(test_translations, setup, teardown),
        cmocka_unit_test_setup_teardown(test_who_confirms, setup, teardown),
        cmocka_unit_test_setup_teardown(test_correction_of_what_was_copied, setup, teardown),
        cmocka_unit_test_setup_teardown(test_claims_and_event, setup, teardown),
        cmocka_unit_test_setup_teardown(test_stamps, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bounds, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
