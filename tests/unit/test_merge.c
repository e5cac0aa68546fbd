/* merge: two situations that turn out to be one, one that is two, reports that are corrected away,
 * and the officer's acts; as events of the core. */
#include "core_steps.h"

#include "core_state.h"
#include "record_json.h"

#define NORTH_KM(km) (14.40 + (km) / 111.195)

static void
attack(struct told *t, uint64_t n, const char *source, int64_t when, double km)
{
    told_init(t, n, source, when, EV_ARMED_ATTACK, TARGET_BIT(TG_CIVILIANS),
              at(NORTH_KM(km), -4.20));
}

static void
step_attack(uint64_t n, const char *source, int64_t when, double km)
{
    struct told t;

    attack(&t, n, source, when, km);
    step_told(&t);
}

static void
step_act(uint64_t n, struct act a, int64_t when)
{
    struct record r = {.type = REC_ACT, .seq = n, .received_at_us = when, .u.act = a};

    step(&r);
}

static size_t
count(enum alert_kind kind)
{
    size_t n = 0;

    for (size_t i = 0; i < n_seen; i++)
        n += seen[i].ev.kind == kind;
    return n;
}

static void
assert_same_id(struct id a, struct id b)
{
    assert_memory_equal(&a, &b, sizeof a);
}

static void
assert_note_names(const struct seen *s, struct id id)
{
    char text[ID_TEXT];

    if (!strstr(s->note, id_text(&id, text)))
        fail_msg("\"%s\" does not name %s", s->note, text);
}

/* Two places 8 km apart; n_seen is 2, their alerts are seen[0] and seen[1]. */
static void
two_attacks(void)
{
    step_attack(1, "sms", T0, 0);
    step_attack(2, "radio", T0 + MINUTE_US, 8);
    assert_int_equal(n_seen, 2);
    assert_int_equal(count(AK_RAISED), 2);
}

/* The second's alert was cancelled for the first's, and nothing else but an update came. */
static void
assert_merged(void)
{
    assert_int_equal(n_seen, 4);
    assert_int_equal(seen[2].ev.kind, AK_CANCELLED);
    assert_same_id(seen[2].ev.id, seen[1].ev.id);
    assert_note_names(&seen[2], seen[0].ev.id);
    assert_int_equal(seen[3].ev.kind, AK_UPDATED);
    assert_same_id(seen[3].ev.id, seen[0].ev.id);
    assert_same_id(seen[3].ev.situation, seen[0].ev.situation);
    assert_true(has_changed(&seen[3], "incidents"));
    assert_note_names(&seen[3], seen[1].ev.situation);
}

static void
test_a_report_between(void **state)
{
    (void)state;
    two_attacks();
    step_attack(3, "clinic", T0 + 2 * MINUTE_US, 4);
    assert_merged();
    assert_int_equal(seen[3].ev.n_incidents, 3);
    assert_int_equal(seen[3].ev.radius_m / 100, 80); /* covers both places */
    /* whoever reports from either place is of it */
    step_attack(4, "sms", T0 + 10 * MINUTE_US, 8);
    step_attack(5, "sms", T0 + 11 * MINUTE_US, 0);
    assert_int_equal(n_seen, 4);
    n_seen = 0;
    core_open_alerts(core, see, NULL);
    assert_int_equal(n_seen, 1);
}

static void
test_what_joins_nothing(void **state)
{
    static const struct {
        const char *what;
        enum event_type event;
        enum mode mode;
        uint32_t radius_m;
        bool relay;
    } table[] = {
        {"a vague place", EV_ARMED_ATTACK, MODE_FACT, 6000, false},
        {"a relay", EV_ARMED_ATTACK, MODE_FACT, 500, true},
        {"a rumour", EV_ARMED_ATTACK, MODE_RUMOUR, 500, false},
        {"a denial", EV_ARMED_ATTACK, MODE_DENIAL, 500, false},
        {"another kind of attack", EV_IED_MINE, MODE_FACT, 500, false},
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct told t;

        (void)teardown(state);
        (void)setup(state);
        two_attacks();
        attack(&t, 3, "clinic", T0 + 2 * MINUTE_US, 4);
        t.f.event = table[i].event;
        t.f.mode = table[i].mode;
        t.f.place.radius_m = table[i].radius_m;
        t.in.relay = table[i].relay;
        step_told(&t);
        if (count(AK_CANCELLED))
            fail_msg("%s", table[i].what);
    }
}

static void
test_two_villages_stay_two(void **state)
{
    struct told t;

    (void)state;
    attack(&t, 1, "sms", T0, 0);
    t.f.place.gazetteer_id = 11;
    step_told(&t);
    attack(&t, 2, "radio", T0 + MINUTE_US, 1.4);
    t.f.place.gazetteer_id = 12;
    step_told(&t);
    assert_int_equal(count(AK_RAISED), 2);
    step_attack(3, "clinic", T0 + 2 * MINUTE_US, 0.7);
    assert_int_equal(count(AK_CANCELLED), 0);
}

/* Seven hours apart at one place: two events, until somebody tells of what was between. */
static void
test_an_interval_grows(void **state)
{
    struct told t;

    (void)state;
    step_attack(1, "sms", T0, 0);
    step_attack(2, "radio", T0 + 7 * HOUR_US, 0);
    assert_int_equal(count(AK_RAISED), 2);
    n_seen = 0;
    attack(&t, 3, "clinic", T0 + 7 * HOUR_US + MINUTE_US, 0);
    t.f.from_us = t.f.to_us = T0 + 3 * HOUR_US;
    step_told(&t);
    /* the first's alert is over: the one that is open goes on, under its own id */
    assert_int_equal(count(AK_RAISED), 0);
    assert_int_equal(count(AK_CANCELLED), 0);
    assert_int_equal(n_seen, 1);
    assert_int_equal(seen[0].ev.kind, AK_UPDATED);
    assert_int_equal(seen[0].ev.n_incidents, 3);
    n_seen = 0;
    core_open_alerts(core, see, NULL);
    assert_int_equal(n_seen, 1);
}

static void
test_a_better_place(void **state)
{
    struct told t;

    (void)state;
    attack(&t, 1, "sms", T0, 20); /* somewhere within 8 km of there */
    t.f.place.radius_m = 8000;
    step_told(&t);
    step_attack(2, "radio", T0 + MINUTE_US, 0);
    assert_int_equal(count(AK_RAISED), 2);
    step_attack(3, "clinic", T0 + 2 * MINUTE_US, 10); /* near the first, and exact */
    assert_int_equal(count(AK_CANCELLED), 0);
    step_attack(4, "patrol", T0 + 3 * MINUTE_US, 5); /* fits both */
    assert_int_equal(count(AK_CANCELLED), 1);
    assert_same_id(seen[n_seen - 1].ev.id, seen[0].ev.id);
    assert_int_equal(count(AK_RAISED), 2);
}

static void
test_a_correction_moves_its_situation(void **state)
{
    struct told t;

    (void)state;
    step_attack(1, "sms", T0, 0);
    attack(&t, 2, "radio", T0 + MINUTE_US, 40);
    t.in.own_id = "r-1";
    step_told(&t);
    assert_int_equal(count(AK_RAISED), 2);
    attack(&t, 3, "radio", T0 + 2 * MINUTE_US, 1);
    t.in.own_id = "r-1";
    step_told(&t);
    assert_merged();
    assert_int_equal(seen[3].ev.radius_m, 500);
}

/* What only the later had goes over. */
static void
test_alerts_go_over(void **state)
{
    struct told t;

    (void)state;
    step_attack(1, "sms", T0, 0);
    attack(&t, 2, "radio", T0 + MINUTE_US, 8);
    t.f.targets = TARGET_BIT(TG_CONVOY);
    step_told(&t);
    assert_int_equal(n_seen, 2);
    assert_int_equal(seen[1].ev.target, TG_CONVOY);
    step_attack(3, "clinic", T0 + 2 * MINUTE_US, 4);
    assert_int_equal(n_seen, 4);
    assert_int_equal(seen[2].ev.kind, AK_UPDATED);
    assert_same_id(seen[2].ev.id, seen[1].ev.id); /* the convoy's, under its id */
    assert_same_id(seen[2].ev.situation, seen[0].ev.situation);
    assert_int_equal(seen[3].ev.kind, AK_UPDATED);
    assert_same_id(seen[3].ev.id, seen[0].ev.id);
}

/* A source in both counts once afterwards, and a copy of the other's text not at all. */
static void
test_sources_count_once(void **state)
{
    struct told t;

    (void)state;
    attack(&t, 1, "sms", T0, 0);
    for (int k = 0; k < 8; k++)
        t.f.fingerprint[k] = (uint64_t)(k + 1) << 34;
    step_told(&t);
    t.r.id.b[15] ^= 1;
    t.r.seq = 2;
    t.in.source = "forwarder"; /* with the place of who forwards it */
    t.f.place.pt = at(NORTH_KM(8), -4.20);
    t.r.received_at_us += MINUTE_US;
    step_told(&t);
    assert_int_equal(seen[1].ev.certainty, CT_LIKELY);
    step_attack(3, "sms", T0 + 2 * MINUTE_US, 4);
    assert_merged();
    assert_int_equal(seen[3].ev.certainty, CT_LIKELY);
    assert_null(strstr(seen[3].reason[seen[3].ev.n_reasons - 1], "independent"));
}

static void
test_the_officer_merges(void **state)
{
    struct act a = {.kind = ACT_MERGE, .reason = "same column"};

    (void)state;
    step_attack(1, "sms", T0, 0);
    step_attack(2, "radio", T0 + MINUTE_US, 40);
    a.alert = seen[1].ev.id; /* in whatever order he names them */
    a.other = seen[0].ev.id;
    step_act(3, a, T0 + 2 * MINUTE_US);
    assert_merged();
    assert_non_null(strstr(seen[2].note, "by the officer: same column"));
    assert_non_null(strstr(seen[3].note, "by the officer: same column"));
    step_act(4, a, T0 + 3 * MINUTE_US); /* the second is no more */
    a.alert = a.other;
    step_act(5, a, T0 + 3 * MINUTE_US); /* with itself */
    assert_int_equal(n_seen, 4);
}

/* Two reports in one situation, and the officer takes the second out; seen[2] and seen[3]. */
static void
split_second(struct told *second)
{
    struct act a = {.kind = ACT_SPLIT, .reason = "another village"};
    struct told t;

    attack(&t, 1, "sms", T0, 0);
    harm_killed(&t, 2, 2);
    step_told(&t);
    attack(second, 2, "radio", T0 + MINUTE_US, 3);
    harm_killed(second, 12, 12);
    for (int k = 0; k < 8; k++)
        second->f.fingerprint[k] = (uint64_t)(k + 1) << 34;
    step_told(second);
    assert_int_equal(n_seen, 2);
    assert_int_equal(seen[1].ev.kind, AK_UPDATED);
    a.alert = seen[0].ev.id;
    a.other = second->r.id;
    step_act(3, a, T0 + 2 * MINUTE_US);
}

static void
test_the_officer_splits(void **state)
{
    struct told second, t;
    struct act merge = {.kind = ACT_MERGE};
    size_t before;

    (void)state;
    split_second(&second);
    assert_int_equal(n_seen, 4);
    assert_int_equal(seen[2].ev.kind, AK_UPDATED);
    assert_same_id(seen[2].ev.id, seen[0].ev.id);
    assert_true(has_changed(&seen[2], "incidents") && has_changed(&seen[2], "harm"));
    assert_int_equal(seen[2].ev.harm.killed.most, 2);
    assert_non_null(strstr(seen[2].note, "another village"));
    assert_note_names(&seen[2], seen[3].ev.situation);
    assert_int_equal(seen[3].ev.kind, AK_RAISED);
    assert_memory_not_equal(&seen[3].ev.id, &seen[0].ev.id, sizeof(struct id));
    assert_int_equal(seen[3].ev.harm.killed.least, 12);
    assert_int_equal(seen[3].ev.n_incidents, 1);
    assert_same_id(seen[3].ev.incidents[0].id, second.r.id);
    assert_int_equal(seen[3].ev.pos.lat, second.f.place.pt.lat);
    assert_note_names(&seen[3], seen[0].ev.situation);
    /* a report that fits both joins the two no more */
    step_attack(4, "clinic", T0 + 3 * MINUTE_US, 1);
    assert_int_equal(count(AK_CANCELLED), 0);
    assert_int_equal(core->sits.t_all.n, 2);
    /* a copy of what he took out goes there, from wherever it is sent; so does its source */
    t = second;
    t.r.id.b[15] ^= 1;
    t.r.seq = 5;
    t.r.received_at_us = T0 + 4 * MINUTE_US;
    t.in.source = "forwarder";
    t.f.place.pt = at(NORTH_KM(0), -4.20);
    before = n_seen;
    step_told(&t);
    assert_int_equal(n_seen, before);
    attack(&t, 6, "radio", T0 + 5 * MINUTE_US, 0);
    harm_killed(&t, 60, 60);
    step_told(&t);
    assert_int_equal(n_seen, before + 1);
    assert_same_id(seen[before].ev.id, seen[3].ev.id);
    assert_int_equal(seen[before].ev.n_incidents, 3);
    /* he may think better of it */
    merge.alert = seen[0].ev.id;
    merge.other = seen[3].ev.id;
    step_act(7, merge, T0 + 6 * MINUTE_US);
    assert_int_equal(count(AK_CANCELLED), 1);
    assert_int_equal(core->sits.t_all.n, 1);
}

/* The rest of the reports moves the other way: the id stays with what stays. */
static void
test_splitting_off_the_first(void **state)
{
    struct act a = {.kind = ACT_SPLIT};
    struct told t, first;
    char list[3 * ID_TEXT];
    char text[ID_TEXT];

    (void)state;
    attack(&first, 1, "sms", T0, 0);
    step_told(&first);
    attack(&t, 2, "radio", T0 + MINUTE_US, 2);
    step_told(&t);
    (void)snprintf(list, sizeof list, "nonsense %s", id_text(&t.r.id, text));
    step_attack(3, "clinic", T0 + 2 * MINUTE_US, 1);
    a.alert = seen[0].ev.id;
    a.other = first.r.id;
    a.value = list;
    n_seen = 0;
    step_act(4, a, T0 + 3 * MINUTE_US);
    assert_int_equal(n_seen, 2);
    assert_same_id(seen[0].ev.situation, first.r.id);
    assert_int_equal(seen[0].ev.n_incidents, 1);
    assert_int_equal(seen[1].ev.kind, AK_RAISED);
    assert_int_equal(seen[1].ev.n_incidents, 2);
}

static void
test_what_cannot_be_split(void **state)
{
    struct act a = {.kind = ACT_SPLIT};
    struct told t;

    (void)state;
    attack(&t, 1, "sms", T0, 0);
    step_told(&t);
    a.alert = seen[0].ev.id;
    a.other = t.r.id;
    step_act(2, a, T0 + MINUTE_US); /* nothing would stay */
    a.other.b[3] ^= 1;
    step_act(3, a, T0 + MINUTE_US); /* unknown */
    a.alert.b[3] ^= 1;
    step_act(4, a, T0 + MINUTE_US);
    assert_int_equal(n_seen, 1);
    assert_int_equal(core->sits.t_all.n, 1);
}

/* A corrected report among those of others goes where it fits. */
static void
test_a_correction_leaves(void **state)
{
    struct told t;

    (void)state;
    step_attack(1, "sms", T0, 0);
    attack(&t, 2, "radio", T0 + MINUTE_US, 0);
    t.in.own_id = "r-1";
    t.f.targets |= TARGET_BIT(TG_BASE);
    harm_killed(&t, 12, 12);
    step_told(&t);
    assert_int_equal(n_seen, 3); /* civilians; the base, civilians again */
    n_seen = 0;
    attack(&t, 3, "radio", T0 + 2 * MINUTE_US, 60);
    t.in.own_id = "r-1";
    harm_killed(&t, 12, 12);
    step_told(&t);
    assert_int_equal(n_seen, 3);
    assert_int_equal(seen[0].ev.kind, AK_RAISED);
    assert_same_id(seen[0].ev.situation, t.r.id);
    assert_int_equal(seen[1].ev.kind, AK_UPDATED);
    assert_int_equal(seen[1].ev.target, TG_CIVILIANS);
    assert_int_equal(seen[1].ev.harm.killed.most, -1);
    assert_int_equal(seen[1].ev.certainty, CT_LIKELY);
    assert_note_names(&seen[1], t.r.id);
    assert_int_equal(seen[2].ev.kind, AK_CANCELLED);
    assert_int_equal(seen[2].ev.target, TG_BASE);
    assert_note_names(&seen[2], t.r.id);
    /* and its next version is found there */
    n_seen = 0;
    attack(&t, 4, "radio", T0 + 3 * MINUTE_US, 60);
    t.in.own_id = "r-1";
    harm_killed(&t, 1, 1);
    step_told(&t);
    assert_int_equal(count(AK_RAISED), 0);
    assert_int_equal(seen[0].ev.harm.killed.most, 1);
}

/* To another event, alone in its situation: what it threatens no more is cancelled. */
static void
test_a_correction_to_another_event(void **state)
{
    struct told t;

    (void)state;
    attack(&t, 1, "radio", T0, 0);
    t.in.own_id = "r-1";
    t.f.targets |= TARGET_BIT(TG_BASE);
    step_told(&t);
    assert_int_equal(n_seen, 2);
    attack(&t, 2, "radio", T0 + MINUTE_US, 0);
    t.in.own_id = "r-1";
    t.f.event = EV_HAZARD;
    step_told(&t);
    assert_int_equal(n_seen, 4);
    assert_int_equal(seen[2].ev.kind, AK_UPDATED);
    assert_int_equal(seen[2].ev.event, EV_HAZARD);
    assert_true(seen[2].ev.precedence < PR_FLASH);
    assert_int_equal(seen[3].ev.kind, AK_CANCELLED);
    assert_same_id(seen[3].ev.id, seen[0].ev.id);
    assert_non_null(strstr(seen[3].note, "corrected"));
}

static void
test_a_report_is_withdrawn(void **state)
{
    struct told t;

    (void)state;
    attack(&t, 1, "radio", T0, 0);
    t.in.own_id = "r-1";
    step_told(&t);
    attack(&t, 2, "radio", T0 + MINUTE_US, 0);
    t.in.own_id = "r-1";
    t.f.alertworthy = false;
    t.f.event = EV_NONE;
    step_told(&t);
    assert_int_equal(n_seen, 2);
    assert_int_equal(seen[1].ev.kind, AK_CANCELLED);
    assert_non_null(strstr(seen[1].note, "withdrawn"));
    /* somebody else reports it after all: the same alert again */
    step_attack(3, "sms", T0 + 2 * MINUTE_US, 0);
    assert_int_equal(n_seen, 3);
    assert_int_equal(seen[2].ev.kind, AK_UPDATED);
    assert_same_id(seen[2].ev.id, seen[0].ev.id);
    assert_int_equal(seen[2].ev.precedence, PR_FLASH);
    /* what follows an event withdraws nothing */
    attack(&t, 4, "sms", T0 + 3 * MINUTE_US, 20);
    t.in.own_id = "s-1";
    step_told(&t);
    t.f.mode = MODE_FOLLOW_UP;
    t.f.alertworthy = false;
    t.r.seq = 5;
    t.r.id.b[15] ^= 1;
    step_told(&t);
    assert_int_equal(n_seen, 4);
    /* with others behind it an alert goes on */
    step_attack(6, "clinic", T0 + 4 * MINUTE_US, 20);
    n_seen = 0;
    t.f.mode = MODE_DENIAL;
    t.r.seq = 7;
    t.r.id.b[15] ^= 3;
    t.r.received_at_us = T0 + 5 * MINUTE_US;
    step_told(&t);
    assert_int_equal(n_seen, 1);
    assert_int_equal(seen[0].ev.kind, AK_UPDATED);
    assert_int_equal(seen[0].ev.precedence, PR_FLASH);
    assert_non_null(strstr(seen[0].note, "withdrawn"));
}

/* A source that gives the event "none" takes its report back, whatever its words look like. */
static void
test_a_report_is_cancelled(void **state)
{
    struct told t;

    (void)state;
    attack(&t, 1, "cap-feed", T0, 0);
    t.in.own_id = "c-1";
    step_told(&t);
    attack(&t, 2, "cap-feed", T0 + MINUTE_US, 0);
    t.in.own_id = "c-1";
    t.in.event = EV_NONE;
    t.f.event = EV_NONE;
    t.f.alertworthy = false;
    t.f.mode = MODE_FOLLOW_UP;
    step_told(&t);
    assert_int_equal(n_seen, 2);
    assert_int_equal(seen[1].ev.kind, AK_CANCELLED);
}

/* A siege lasts until the officer says that it is lifted. */
static void
test_cleared(void **state)
{
    static const struct geo_pt gao = {162700000, -400000};
    struct act a = {.kind = ACT_SET, .field = "cleared", .value = "now", .reason = "lifted"};
    struct told t;

    (void)state;
    told_init(&t, 1, "sms", T0, EV_ACCESS_DENIAL, TARGET_BIT(TG_CIVILIANS), gao);
    t.f.marks = MARK_SIEGE;
    step_told(&t);
    assert_int_equal(n_seen, 1);
    assert_int_equal(seen[0].ev.expires_at_us, T0 + 14 * DAY_US);
    /* after ten days it threatens who comes near */
    step_asset(base_asset("base-gao", gao), T0 + 10 * DAY_US);
    assert_int_equal(n_seen, 2);
    assert_int_equal(seen[1].ev.target, TG_BASE);
    a.alert = seen[0].ev.id;
    a.value = "soon";
    step_act(2, a, T0 + 11 * DAY_US);
    assert_int_equal(n_seen, 2);
    a.value = "now";
    step_act(3, a, T0 + 11 * DAY_US);
    assert_int_equal(n_seen, 4);
    assert_int_equal(count(AK_CANCELLED), 2);
    assert_string_equal(seen[2].note, "cleared by the officer: lifted");
    /* no longer, nor is a late report of it news */
    step_asset(base_asset("base-near", at(16.28, -0.04)), T0 + 11 * DAY_US + HOUR_US);
    told_init(&t, 4, "radio", T0 + 11 * DAY_US + 2 * HOUR_US, EV_ACCESS_DENIAL,
              TARGET_BIT(TG_CIVILIANS), gao);
    t.f.marks = MARK_SIEGE;
    t.f.from_us = t.f.to_us = T0 + HOUR_US;
    harm_killed(&t, 3, 3);
    step_told(&t);
    assert_int_equal(n_seen, 4);
    /* but they may come again */
    told_init(&t, 5, "radio", T0 + 12 * DAY_US, EV_ACCESS_DENIAL, TARGET_BIT(TG_CIVILIANS), gao);
    t.f.marks = MARK_SIEGE;
    step_told(&t);
    assert_true(n_seen > 4);
    assert_true(seen[n_seen - 1].ev.precedence >= PR_PRIORITY);
}

/* ---- the same events, whatever is saved in between */

struct drawn {
    struct buf b;
    struct id alerts[512], incidents[512];
    size_t n_alerts, n_incidents;
    size_t kinds[ALERT_KIND_COUNT];
};

static void
draw_line(void *arg, const struct alert_event *ev, const struct derivation *d)
{
    struct drawn *x = arg;

    (void)d;
    event_to_json(ev, 0, true, &x->b);
    buf_putc(&x->b, '\n');
    x->kinds[ev->kind]++;
    if (ev->kind == AK_RAISED && x->n_alerts < 512)
        x->alerts[x->n_alerts++] = ev->id;
}

static uint64_t
draw(uint64_t *s)
{
    *s ^= *s << 13;
    *s ^= *s >> 7;
    *s ^= *s << 17;
    return *s;
}

static void
draw_incident(uint64_t *seed, uint64_t n, int64_t now, struct told *t)
{
    static const char *const sources[] = {"sms", "radio", "press", "net", "own"};
    static const char *const own[] = {"a", "b", "c", "d", "e", "f"};
    static const enum event_type events[] = {EV_ARMED_ATTACK, EV_ARMED_ATTACK, EV_TERRITORY};

    told_init(t, n, sources[draw(seed) % 5], now, events[draw(seed) % 3],
              (uint32_t)(1 + draw(seed) % 7) << 1,
              at(14.4 + (double)(draw(seed) % 400) / 1000, -4.2));
    t->f.place.radius_m = draw(seed) % 4 ? 500 : 9000;
    t->f.place.gazetteer_id = draw(seed) % 5 ? 0 : 1 + draw(seed) % 2;
    t->f.place.area = draw(seed) % 9 == 0;
    t->f.mode = draw(seed) % 5 ? MODE_FACT : draw(seed) % 2 ? MODE_DENIAL : MODE_CLAIM;
    t->f.alertworthy = draw(seed) % 9 != 0;
    t->f.from_us = t->f.to_us = now - (int64_t)(draw(seed) % 300) * MINUTE_US;
    t->in.own_id = draw(seed) % 3 ? NULL : own[draw(seed) % 6];
    for (int k = 0; k < 8 && draw(seed) % 3 == 0; k++)
        t->f.fingerprint[k] = (1 + draw(seed) % 3) << 34;
}

static void
run_drawn(uint64_t seed, bool bytes, struct drawn *out)
{
    struct core *c = core_new(&fx.k);
    int64_t now = T0;

    for (uint64_t n = 1; n <= 400; n++) {
        struct record r = {.type = REC_ACT, .seq = n};
        const struct record *use = &r;
        struct told t;

        now += (int64_t)(1 + draw(&seed) % 900) * SECOND_US;
        r.received_at_us = now;
        if (draw(&seed) % 5 || !out->n_alerts) {
            draw_incident(&seed, n, now, &t);
            use = told_record(&t);
            out->incidents[out->n_incidents++] = t.r.id;
        } else {
            r.u.act = (struct act){.kind = (enum act_kind)(ACT_SET + draw(&seed) % 3),
                                   .alert = out->alerts[draw(&seed) % out->n_alerts],
                                   .field = "cleared",
                                   .value = "now"};
            r.u.act.other = r.u.act.kind == ACT_SPLIT
                                ? out->incidents[draw(&seed) % out->n_incidents]
                                : out->alerts[draw(&seed) % out->n_alerts];
        }
        assert_int_equal(core_step(c, use, draw_line, out), 0);
        if (bytes) {
            struct core *next = NULL;
            struct buf b;

            buf_init(&b, 0);
            assert_int_equal(core_save(c, &b), 0);
            assert_int_equal(core_load(&fx.k, b.data, b.len, &next, NULL), 0);
            core_free(c);
            c = next;
            buf_fini(&b);
        }
    }
    core_open_alerts(c, draw_line, out);
    core_free(c);
}

static void
test_determinism(void **state)
{
    static struct drawn a, b;
    size_t cancelled = 0;

    (void)state;
    for (uint64_t seed = 1; seed < 9; seed++) {
        fx.cfg.classifier.max_situations = seed % 2 ? 200 : 12; /* a full table, too */
        fx.cfg.classifier.max_incidents = seed % 2 ? 1000 : 20;
        memset(&a, 0, sizeof a);
        memset(&b, 0, sizeof b);
        run_drawn(seed * 7919, false, &a);
        run_drawn(seed * 7919, true, &b);
        assert_false(a.b.failed);
        assert_int_equal(a.b.len, b.b.len);
        assert_memory_equal(a.b.data, b.b.data, a.b.len);
        cancelled += a.kinds[AK_CANCELLED];
        buf_fini(&a.b);
        buf_fini(&b.b);
    }
    assert_true(cancelled > 50);
}

static void
test_through_bytes(void **state)
{
    static void (*const streams[])(void **) = {
        test_a_report_between,
        test_an_interval_grows,
        test_a_better_place,
        test_a_correction_moves_its_situation,
        test_alerts_go_over,
        test_sources_count_once,
        test_the_officer_merges,
        test_the_officer_splits,
        test_splitting_off_the_first,
        test_a_correction_leaves,
        test_a_correction_to_another_event,
        test_a_report_is_withdrawn,
        test_a_report_is_cancelled,
        test_cleared,
    };

    for (size_t i = 0; i < sizeof streams / sizeof streams[0]; i++) {
        (void)teardown(state);
        (void)setup(state);
        through_bytes = true;
        streams[i](state);
    }
}

#define STREAM(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        STREAM(test_a_report_between),
        STREAM(test_what_joins_nothing),
        STREAM(test_two_villages_stay_two),
        STREAM(test_an_interval_grows),
        STREAM(test_a_better_place),
        STREAM(test_a_correction_moves_its_situation),
        STREAM(test_alerts_go_over),
        STREAM(test_sources_count_once),
        STREAM(test_the_officer_merges),
        STREAM(test_the_officer_splits),
        STREAM(test_splitting_off_the_first),
        STREAM(test_what_cannot_be_split),
        STREAM(test_a_correction_leaves),
        STREAM(test_a_correction_to_another_event),
        STREAM(test_a_report_is_withdrawn),
        STREAM(test_a_report_is_cancelled),
        STREAM(test_cleared),
        STREAM(test_determinism),
        STREAM(test_through_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
