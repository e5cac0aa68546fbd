/* test_decide: decisions against a notifier that loses answers, dies and comes back; every event
 * arrives, in order, once for who looks at positions, and no record is cut in two.
 * decide.c belongs to the daemon and stands in no library. */
#include "../../daemons/classifier/decide.c"

#include "loop.h"
#include "server.h"

#define MAX_EVENTS 20000

static struct loop l;

/* The notifier: stores a decision that begins where the last one ended. */
struct fake {
    struct server *server;
    uint64_t held, got[MAX_EVENTS]; /* cause_seq of the events */
    size_t n, decisions, derivations, most_events;
    unsigned lose, busy; /* so many answers */
    uint64_t last_batch;
    bool heartbeat;
};

static struct fake fake;
static struct decide *decide;
static size_t answers, downs, ups, retries;
static struct position held;

static void
fake_on_submit(void *arg, const struct peer *from, const struct submit *s)
{
    struct envelope env = {.type = ENV_RECEIPTS};

    (void)arg;
    assert_non_null(s->decision);
    const struct decision *d = s->decision;
    struct receipts *r = &env.u.receipts;
    r->session = s->session;
    r->batch = s->batch;
    fake.decisions++;
    fake.last_batch = s->batch;
    if (fake.busy > 0) {
        fake.busy--;
        r->decision = RC_RETRY;
        r->reason = "the disk is full";
        (void)server_reply(fake.server, from, &env);
        return;
    }
    r->decision = d->from.seq == fake.held ? RC_STORED : RC_DUPLICATE;
    if (r->decision == RC_STORED) {
        for (size_t i = 0; i < d->n_events; i++) {
            assert_true(fake.n < MAX_EVENTS);
            assert_true(d->events[i]->cause_seq > fake.held);
            assert_true(d->events[i]->cause_seq <= d->to.seq);
            fake.got[fake.n++] = d->events[i]->cause_seq;
        }
        fake.derivations += d->n_derivations;
        fake.held = d->to.seq;
        fake.heartbeat = d->heartbeat != NULL;
        if (d->n_events > fake.most_events)
            fake.most_events = d->n_events;
    }
    r->has_held = true;
    r->held.seq = fake.held;
    r->term = 1;
    if (fake.lose > 0)
        fake.lose--;
    else
        (void)server_reply(fake.server, from, &env);
}

static void
fake_start(void)
{
    static const struct server_ops ops = {.on_submit = fake_on_submit};
    struct err e = {.text = ""};

    if (server_new(l.zmq, l.base, l.endpoint, &ops, NULL, &fake.server, &e) < 0)
        fail_msg("%s", e.text);
}

static void
fake_stop(void)
{
    server_free(fake.server);
    fake.server = NULL;
}

static void
on_answer(void *arg, const struct receipts *r)
{
    (void)arg;
    answers++;
    if (!r->has_held) {
        retries++;
        decide_again(decide, 10);
        return;
    }
    held = r->held;
    decide_stored(decide, held.seq);
}

static void
on_state(void *arg, bool up)
{
    (void)arg;
    if (up)
        ups++;
    else
        downs++;
}

static int
setup(void **state)
{
    static const struct decide_ops ops = {.on_answer = on_answer, .on_state = on_state};
    struct err e = {.text = ""};

    (void)state;
    loop_init(&l);
    memset(&fake, 0, sizeof fake);
    memset(&held, 0, sizeof held);
    answers = downs = ups = retries = 0;
    return decide_new(l.zmq, l.base, l.endpoint, &ops, &decide, &e);
}

static int
teardown(void **state)
{
    (void)state;
    decide_free(decide);
    decide_free(NULL);
    fake_stop();
    (void)unlink(l.endpoint + strlen("ipc://"));
    loop_fini(&l);
    return 0;
}

static void
add(uint64_t seq, const char *headline, bool derived)
{
    struct alert_event ev;
    struct derivation d = {.revision = 1};
    struct id_part part = {&seq, sizeof seq};

    alert_event_init(&ev);
    ev.kind = AK_RAISED;
    ev.revision = 1;
    id_make(&ev.id, 0, &part, 1);
    d.alert = ev.situation = ev.id;
    ev.cause_seq = seq;
    ev.headline_en = headline;
    assert_int_equal(decide_add(decide, seq, &ev, derived ? &d : NULL), 0);
}

static bool
digest_at(void *arg, uint64_t seq, uint8_t *digest)
{
    bool *known = arg;

    memset(digest, (int)(seq & 0xff), DIGEST_LEN);
    return known == NULL || *known;
}

static int
push(uint64_t to)
{
    struct decision d = {.from = held, .term = 1};

    d.to.seq = to;
    return decide_send(decide, &d, digest_at, NULL);
}

static void
turn_until_held(uint64_t to)
{
    while (held.seq < to) {
        assert_int_equal(push(to), 0);
        LOOP_UNTIL(&l, !decide_on_the_way(decide));
    }
}

static void
test_plain(void **state)
{
    (void)state;
    fake_start();
    add(3, "a", true);
    add(3, "b", false);
    add(5, "c", true);
    assert_int_equal(decide_pending(decide), 3);
    turn_until_held(7);
    assert_int_equal(fake.n, 3);
    assert_int_equal(fake.derivations, 2);
    assert_int_equal(fake.held, 7);
    assert_int_equal(decide_pending(decide), 0);
    /* Without events it tells where we are. */
    turn_until_held(9);
    assert_int_equal(fake.n, 3);
    /* What lies behind `to` waits. */
    add(11, "d", false);
    add(13, "e", false);
    turn_until_held(12);
    assert_int_equal(fake.n, 4);
    assert_int_equal(decide_pending(decide), 1);
    turn_until_held(13);
    assert_int_equal(fake.got[4], 13);
}

static void
test_one_at_a_time(void **state)
{
    (void)state;
    fake_start();
    add(1, "a", false);
    assert_int_equal(push(1), 0);
    assert_true(decide_on_the_way(decide));
    add(2, "b", false);
    assert_int_equal(push(2), 0); /* does nothing */
    LOOP_UNTIL(&l, !decide_on_the_way(decide));
    assert_int_equal(held.seq, 1);
    assert_int_equal(decide_pending(decide), 1);
}

/* The answer is lost: the same decision again, and it is told that it was stored. */
static void
test_lost_answer(void **state)
{
    (void)state;
    fake_start();
    turn_until_held(1); /* connected from here on */
    size_t before = fake.decisions;
    fake.lose = 1;
    add(2, "a", false);
    turn_until_held(2);
    assert_int_equal(fake.n, 1);
    assert_true(fake.decisions >= before + 2);
    assert_int_equal(fake.last_batch, 2);
    assert_int_equal(decide_pending(decide), 0);
    assert_int_equal(downs, 1);
    assert_int_equal(ups, 1);
}

/* Nobody there yet; then it dies with a decision stored and the answer lost. */
static void
test_restarts(void **state)
{
    (void)state;
    add(1, "a", false);
    assert_int_equal(push(1), 0);
    (void)loop_turn(&l, NULL, 50);
    assert_true(decide_on_the_way(decide));
    fake_start();
    LOOP_UNTIL(&l, !decide_on_the_way(decide));
    assert_int_equal(held.seq, 1);
    fake.lose = 1;
    add(2, "b", false);
    assert_int_equal(push(2), 0);
    LOOP_UNTIL(&l, fake.held == 2);
    fake_stop();
    add(3, "c", false);
    (void)loop_turn(&l, NULL, 50);
    fake_start();
    turn_until_held(3);
    assert_int_equal(fake.n, 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(fake.got[i], i + 1);
}

static void
test_busy(void **state)
{
    (void)state;
    fake_start();
    turn_until_held(1); /* connected from here on */
    size_t before = fake.decisions;
    fake.busy = 3;
    add(2, "a", false);
    turn_until_held(2);
    assert_int_equal(retries, 3);
    assert_int_equal(fake.n, 1);
    assert_int_equal(fake.last_batch, 2); /* the same, four times */
    assert_int_equal(fake.decisions, before + 4);
}

/* Much at once travels in several decisions, and a position never stands in the middle of a
 * record, also of one that is larger than a message would be. */
static void
test_whole_records(void **state)
{
    uint64_t seq = 0;
    size_t n = 0;

    (void)state;
    fake_start();
    while (n < 9000) {
        size_t of_one = seq % 7 == 3 ? 900 : 1 + seq % 5;
        seq++;
        for (size_t i = 0; i < of_one; i++)
            add(seq, "x", i == 0);
        n += of_one;
    }
    seq++;
    for (size_t i = 0; i < 3000; i++)
        add(seq, "large", false);
    n += 3000;
    turn_until_held(seq);
    assert_int_equal(fake.n, n);
    assert_int_equal(fake.most_events, 3000);
    assert_true(fake.decisions > 4);
    for (size_t i = 1; i < n; i++)
        assert_true(fake.got[i] >= fake.got[i - 1]);
    assert_int_equal(decide_pending(decide), 0);
}

static void
test_large_events(void **state)
{
    static char text[1025];

    (void)state;
    fake_start();
    memset(text, 'x', sizeof text - 1);
    for (uint64_t seq = 1; seq <= 8000; seq++)
        add(seq, text, false);
    turn_until_held(8000);
    assert_int_equal(fake.n, 8000);
    assert_true(fake.most_events <= 2048);
}

/* A cut needs the digest of where it was made. */
static void
test_unknown_digest(void **state)
{
    bool known = false;
    struct decision d = {.term = 1};

    (void)state;
    fake_start();
    for (uint64_t seq = 1; seq <= 3000; seq++)
        add(seq, "x", false);
    d.to.seq = 3000;
    assert_int_equal(decide_send(decide, &d, digest_at, &known), -1);
    assert_false(decide_on_the_way(decide));
}

/* What was stored by somebody else is dropped, in any portion; the rest keeps its bytes. */
static void
test_stored(void **state)
{
    (void)state;
    fake_start();
    for (uint64_t seq = 1; seq <= 1000; seq++)
        add(seq, seq % 2 == 0 ? "even" : "odd one", seq % 3 == 0);
    decide_stored(decide, 0);
    assert_int_equal(decide_pending(decide), 1000);
    for (uint64_t seq = 1; seq < 990; seq += 7) {
        decide_stored(decide, seq);
        assert_int_equal(decide_pending(decide), 1000 - seq);
    }
    fake.held = held.seq = 995;
    decide_stored(decide, 995);
    turn_until_held(1000);
    assert_int_equal(fake.n, 5);
    assert_int_equal(fake.got[0], 996);
    add(1001, "x", false);
    decide_clear(decide);
    assert_int_equal(decide_pending(decide), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_plain),        TEST(test_one_at_a_time),  TEST(test_lost_answer),
        TEST(test_restarts),     TEST(test_busy),           TEST(test_whole_records),
        TEST(test_large_events), TEST(test_unknown_digest), TEST(test_stored),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
