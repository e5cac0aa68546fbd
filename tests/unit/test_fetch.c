/* fetch: questions that are answered, wait, are lost and asked again; answers that are late. */
#include "loop.h"

#include <string.h>

#include "fetch.h"
#include "server.h"

/* ---- a log of numbered records that is served by fetch_rx */

struct store {
    struct loop *l;
    struct server *server;
    struct fetch_rx *rx;
    uint64_t head;
    unsigned fetches, serves, forced;
    bool deaf;   /* swallows fetches */
    bool refuse; /* answers a Refusal */
    bool late;   /* answers under the number before */
    char prefixes[64];
    struct peer last_peer;
};

static int
serve(void *arg, const struct peer *to, struct fetch *f, bool force)
{
    struct store *s = arg;
    struct item items[100];
    struct envelope env = {.type = ENV_RECORDS};
    struct records *r = &env.u.records;
    char bodies[100][16];
    size_t most = f->max && f->max < 100 ? f->max : 100;

    s->serves++;
    if (force)
        s->forced++;
    s->prefixes[0] = '\0';
    for (size_t i = 0; i < f->n_prefixes; i++)
        strncat(s->prefixes, f->prefixes[i], sizeof(s->prefixes) - strlen(s->prefixes) - 1);
    if (f->from_seq > s->head && !force)
        return 0;
    memset(items, 0, sizeof(items));
    for (uint64_t seq = f->from_seq; seq <= s->head && r->n_items < most; seq++) {
        struct item *it = &items[r->n_items];

        it->seq = seq;
        it->record.len = (size_t)snprintf(bodies[r->n_items], 16, "r%07u", (unsigned)seq);
        it->record.data = bodies[r->n_items];
        r->n_items++;
    }
    r->request = s->late ? f->request - 1 : f->request;
    r->stream = f->stream;
    r->items = items;
    r->head = s->head;
    r->complete_to = r->n_items ? items[r->n_items - 1].seq : s->head;
    if (!force && f->answers > 1 && r->complete_to >= s->head)
        r->more = f->answers - 1;
    if (server_reply(s->server, to, &env) < 0 || r->more == 0)
        return 1;
    f->answers--;
    f->from_seq = r->complete_to + 1;
    return 2;
}

static void
on_fetch(void *arg, const struct peer *from, const struct fetch *f)
{
    struct store *s = arg;

    s->fetches++;
    s->last_peer = *from;
    if (s->refuse) {
        struct envelope env = {.type = ENV_REFUSAL, .u.refusal = {.reason = "go away"}};

        (void)server_reply(s->server, from, &env);
    } else if (!s->deaf) {
        fetch_rx_add(s->rx, from, f);
    }
}

static void
store_start(struct store *s)
{
    static const struct server_ops ops = {.on_fetch = on_fetch};
    struct err e;

    if (server_new(s->l->zmq, s->l->base, s->l->endpoint, &ops, s, &s->server, &e) < 0)
        fail_msg("%s", e.text);
    assert_int_equal(fetch_rx_new(s->l->base, 3, serve, s, &s->rx, NULL), 0);
}

static void
store_stop(struct store *s)
{
    fetch_rx_free(s->rx);
    server_free(s->server);
    s->server = NULL;
}

/* ---- a consumer that follows */

struct consumer {
    struct fetch_tx *tx;
    struct fetch next;
    uint64_t seen, to_see;
    unsigned answers, ups, downs;
    bool follow, free_in_records, free_in_state;
    char why[80];
};

static void
on_records(void *arg, const struct records *r)
{
    struct consumer *c = arg;

    assert_int_equal(fetch_tx_waiting(c->tx), r->more > 0);
    c->answers++;
    if (c->free_in_records) {
        fetch_tx_free(c->tx);
        c->tx = NULL;
    }
    /* The next question goes out before the answer is worked on. */
    if (c->follow && c->tx && r->more == 0) {
        c->next.from_seq = r->complete_to + 1;
        assert_int_equal(fetch_tx_ask(c->tx, &c->next), 0);
    }
    for (size_t i = 0; i < r->n_items; i++) {
        char text[16];

        assert_int_equal(r->items[i].seq, c->seen + 1);
        snprintf(text, sizeof(text), "r%07u", (unsigned)r->items[i].seq);
        assert_int_equal(r->items[i].record.len, 8);
        assert_memory_equal(r->items[i].record.data, text, 8);
        c->seen = r->items[i].seq;
    }
}

static void
on_state(void *arg, bool up, const char *why)
{
    struct consumer *c = arg;

    if (up)
        c->ups++;
    else
        c->downs++;
    snprintf(c->why, sizeof(c->why), "%s", why);
    if (c->free_in_state) {
        fetch_tx_free(c->tx);
        c->tx = NULL;
    }
}

static void
consumer_init(struct consumer *c, struct loop *l, int64_t timeout_us)
{
    struct fetch_tx_opts o = {.endpoint = l->endpoint,
                              .timeout_us = timeout_us,
                              .on_records = on_records,
                              .on_state = on_state,
                              .arg = c};
    struct err e;

    memset(c, 0, sizeof(*c));
    c->next = (struct fetch){.stream = STREAM_JOURNAL, .from_seq = 1, .max = 50, .wait_ms = 10000};
    if (fetch_tx_new(l->zmq, l->base, &o, &c->tx, &e) < 0)
        fail_msg("%s", e.text);
}

static void
commit(struct store *s, uint64_t n)
{
    s->head += n;
    fetch_rx_wake(s->rx);
}

/* ---- */

static void
test_catch_up_and_follow(void **state)
{
    struct loop l;
    struct store s = {.l = &l, .head = 1234};
    struct consumer c;

    (void)state;
    loop_init(&l);
    store_start(&s);
    consumer_init(&c, &l, 0);
    c.follow = true;
    assert_false(fetch_tx_waiting(c.tx));
    assert_int_equal(fetch_tx_ask(c.tx, &c.next), 0);
    assert_true(fetch_tx_waiting(c.tx));
    LOOP_UNTIL(&l, c.seen == 1234 && fetch_rx_waiting(s.rx) == 1);
    assert_int_equal(c.answers, 25);
    /* At the head it waits, quietly, and is woken. */
    assert_in_range(loop_turn(&l, NULL, 200), 1, 10);
    commit(&s, 3);
    assert_int_equal(fetch_rx_waiting(s.rx), 0);
    LOOP_UNTIL(&l, c.seen == 1237);
    fetch_rx_wake(s.rx); /* nothing new: goes on waiting */
    assert_int_equal(c.ups, 1);
    assert_int_equal(c.downs, 0);
    fetch_tx_free(c.tx);
    store_stop(&s);
    loop_fini(&l);
}

static void
test_several_answers_to_one_question(void **state)
{
    struct loop l;
    struct store s = {.l = &l, .head = 120};
    struct consumer c;

    (void)state;
    loop_init(&l);
    store_start(&s);
    consumer_init(&c, &l, 0);
    c.follow = true;
    c.next.answers = 4;
    assert_int_equal(fetch_tx_ask(c.tx, &c.next), 0);
    /* Behind the head each answer is asked for; at it the fetch goes on by itself. */
    LOOP_UNTIL(&l, c.seen == 120);
    assert_int_equal(s.fetches, 3);
    for (unsigned i = 1; i <= 3; i++) {
        assert_int_equal(fetch_rx_waiting(s.rx), 1);
        commit(&s, 2);
        LOOP_UNTIL(&l, c.seen == 120 + 2 * i);
        assert_int_equal(c.answers, 3 + i);
    }
    LOOP_UNTIL(&l, s.fetches == 4 && fetch_rx_waiting(s.rx) == 1); /* asked after the fourth */
    commit(&s, 1);
    LOOP_UNTIL(&l, c.seen == 127);
    assert_int_equal(s.fetches, 4);
    /* What is asked again after a loss begins behind the last answer: on_records looks. */
    store_stop(&s);
    LOOP_UNTIL(&l, c.downs == 1);
    s.head += 5;
    store_start(&s);
    LOOP_UNTIL(&l, c.seen == 132);
    fetch_tx_free(c.tx);
    store_stop(&s);
    loop_fini(&l);
}

static void
test_several_answers_end_with_the_wait(void **state)
{
    struct loop l;
    struct store s = {.l = &l, .head = 1};
    struct consumer c;

    (void)state;
    loop_init(&l);
    store_start(&s);
    consumer_init(&c, &l, 0);
    c.next.answers = UINT32_MAX;
    c.next.wait_ms = 50;
    assert_int_equal(fetch_tx_ask(c.tx, &c.next), 0);
    LOOP_UNTIL(&l, c.answers == 1);
    assert_true(fetch_tx_waiting(c.tx));
    LOOP_UNTIL(&l, c.answers == 2);
    assert_false(fetch_tx_waiting(c.tx));
    assert_int_equal(s.forced, 1);
    assert_int_equal(fetch_rx_waiting(s.rx), 0);
    assert_int_equal(c.seen, 1);
    fetch_tx_free(c.tx);
    store_stop(&s);
    loop_fini(&l);
}

/* With no room to hold it, the fetch that was to go on is ended in words. */
static void
test_several_answers_without_room(void **state)
{
    struct loop l;
    struct store s = {.l = &l, .head = 1};
    struct consumer c[4];

    (void)state;
    loop_init(&l);
    store_start(&s);
    for (unsigned i = 0; i < 4; i++) {
        consumer_init(&c[i], &l, 0);
        c[i].next.answers = 8;
        assert_int_equal(fetch_tx_ask(c[i].tx, &c[i].next), 0);
        LOOP_UNTIL(&l, c[i].seen == 1);
    }
    LOOP_UNTIL(&l, c[3].answers == 2);
    assert_true(fetch_tx_waiting(c[0].tx));
    assert_false(fetch_tx_waiting(c[3].tx));
    assert_int_equal(fetch_rx_waiting(s.rx), 3);
    for (unsigned i = 0; i < 4; i++)
        fetch_tx_free(c[i].tx);
    store_stop(&s);
    loop_fini(&l);
}

static void
test_wait_runs_out(void **state)
{
    struct loop l;
    struct store s = {.l = &l};
    struct consumer c;

    (void)state;
    loop_init(&l);
    store_start(&s);
    consumer_init(&c, &l, 0);
    c.next.wait_ms = 50;
    assert_int_equal(fetch_tx_ask(c.tx, &c.next), 0);
    LOOP_UNTIL(&l, fetch_rx_waiting(s.rx) == 1);
    assert_int_equal(c.answers, 0);
    LOOP_UNTIL(&l, c.answers == 1);
    assert_int_equal(fetch_rx_waiting(s.rx), 0);
    assert_int_equal(s.forced, 1);
    /* No wait: at once, empty. */
    c.next.wait_ms = 0;
    assert_int_equal(fetch_tx_ask(c.tx, &c.next), 0);
    LOOP_UNTIL(&l, c.answers == 2);
    assert_int_equal(s.forced, 2);
    assert_int_equal(c.seen, 0);
    fetch_tx_free(c.tx);
    store_stop(&s);
    loop_fini(&l);
}

static void
test_waiting_is_bounded(void **state)
{
    struct loop l;
    struct store s = {.l = &l};
    struct consumer c[4];
    struct fetch f = {.stream = STREAM_ALERTS, .from_seq = 1, .wait_ms = 3600000};

    (void)state;
    loop_init(&l);
    store_start(&s);
    for (int i = 0; i < 4; i++) {
        consumer_init(&c[i], &l, 0);
        assert_int_equal(fetch_tx_ask(c[i].tx, &c[i].next), 0);
    }
    /* Three may wait, the fourth is answered empty. */
    LOOP_UNTIL(&l, c[0].answers + c[1].answers + c[2].answers + c[3].answers == 1);
    LOOP_UNTIL(&l, s.fetches == 4);
    assert_int_equal(fetch_rx_waiting(s.rx), 3);
    commit(&s, 1);
    LOOP_UNTIL(&l, c[0].answers + c[1].answers + c[2].answers + c[3].answers == 4);
    /* One peer waits once per stream: an older one is answered. */
    s.forced = 0;
    f.from_seq = 2;
    fetch_rx_add(s.rx, &s.last_peer, &f);
    fetch_rx_add(s.rx, &s.last_peer, &f);
    assert_int_equal(fetch_rx_waiting(s.rx), 1);
    assert_int_equal(s.forced, 1);
    f.stream = STREAM_JOURNAL;
    fetch_rx_add(s.rx, &s.last_peer, &f);
    assert_int_equal(fetch_rx_waiting(s.rx), 2);
    for (int i = 0; i < 4; i++)
        fetch_tx_free(c[i].tx);
    store_stop(&s);
    fetch_rx_free(NULL);
    loop_fini(&l);
}

static void
test_prefixes_are_kept(void **state)
{
    struct loop l;
    struct store s = {.l = &l};
    struct consumer c;
    char one[] = "alert.base.", two[] = "status.";

    (void)state;
    loop_init(&l);
    store_start(&s);
    consumer_init(&c, &l, 0);
    c.next.prefixes[0] = one;
    c.next.prefixes[1] = two;
    c.next.n_prefixes = 2;
    assert_int_equal(fetch_tx_ask(c.tx, &c.next), 0);
    memset(one, '?', sizeof(one) - 1); /* the caller's again */
    LOOP_UNTIL(&l, fetch_rx_waiting(s.rx) == 1);
    s.prefixes[0] = '\0';
    commit(&s, 1);
    assert_string_equal(s.prefixes, "alert.base.status.");
    LOOP_UNTIL(&l, c.answers == 1);
    fetch_tx_free(c.tx);
    store_stop(&s);
    loop_fini(&l);
}

static void
test_silence_and_late_answers(void **state)
{
    struct loop l;
    struct store s = {.l = &l, .head = 10, .deaf = true};
    struct consumer c;

    (void)state;
    loop_init(&l);
    store_start(&s);
    consumer_init(&c, &l, 50000);
    c.next.wait_ms = 0;
    assert_int_equal(fetch_tx_ask(c.tx, &c.next), 0);
    LOOP_UNTIL(&l, s.fetches == 2);
    assert_int_equal(c.downs, 1);
    /* An answer to an earlier question is none. */
    s.deaf = false;
    s.late = true;
    LOOP_UNTIL(&l, s.fetches == 3);
    loop_turn(&l, NULL, 30);
    assert_int_equal(c.answers, 0);
    assert_true(fetch_tx_waiting(c.tx));
    s.late = false;
    LOOP_UNTIL(&l, c.answers == 1);
    assert_int_equal(c.seen, 10);
    assert_int_equal(c.ups, 1);
    /* A refusal is told; the question stays. */
    s.refuse = true;
    c.next.from_seq = 11;
    assert_int_equal(fetch_tx_ask(c.tx, &c.next), 0);
    LOOP_UNTIL(&l, c.downs == 2);
    assert_string_equal(c.why, "go away");
    s.refuse = false;
    LOOP_UNTIL(&l, c.answers == 2);
    /* Asked again before the answer: only the second is answered. */
    assert_int_equal(fetch_tx_ask(c.tx, &c.next), 0);
    assert_int_equal(fetch_tx_ask(c.tx, &c.next), 0);
    LOOP_UNTIL(&l, c.answers == 3);
    loop_turn(&l, NULL, 30);
    assert_int_equal(c.answers, 3);
    fetch_tx_free(c.tx);
    store_stop(&s);
    loop_fini(&l);
}

/* A fetch that waits is asked again as soon as the server is back, long before its wait ends. */
static void
test_server_restarts(void **state)
{
    struct loop l;
    struct store s = {.l = &l, .head = 5};
    struct consumer c;

    (void)state;
    loop_init(&l);
    consumer_init(&c, &l, 20000000);
    c.follow = true;
    c.next.wait_ms = 20000;
    assert_int_equal(fetch_tx_ask(c.tx, &c.next), 0);
    loop_turn(&l, NULL, 50);
    store_start(&s); /* comes later than the question */
    for (unsigned i = 1; i <= 4; i++) {
        LOOP_UNTIL(&l, c.seen == s.head && fetch_rx_waiting(s.rx) == 1);
        store_stop(&s);
        s.head += 7;
        store_start(&s);
    }
    LOOP_UNTIL(&l, c.seen == 33);
    assert_true(c.downs >= 4);
    fetch_tx_free(c.tx);
    store_stop(&s);
    loop_fini(&l);
}

static void
test_free_in_callbacks(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct loop l;
        struct store s = {.l = &l, .head = 5};
        struct consumer c;

        loop_init(&l);
        store_start(&s);
        consumer_init(&c, &l, 0);
        c.free_in_records = i == 0;
        c.free_in_state = i == 1;
        assert_int_equal(fetch_tx_ask(c.tx, &c.next), 0);
        LOOP_UNTIL(&l, !c.tx);
        loop_turn(&l, NULL, 20);
        assert_int_equal(c.answers, i == 0);
        store_stop(&s);
        loop_fini(&l);
    }
    fetch_tx_free(NULL);
}

/* ---- the server and what is not fit for it */

struct bad {
    unsigned count;
    char why[8][80];
    unsigned refusals;
};

static void
on_bad(void *arg, const struct peer *from, const void *data, size_t len, const char *why)
{
    struct bad *b = arg;

    (void)data;
    (void)len;
    assert_true(from->len > 0);
    snprintf(b->why[b->count++ % 8], sizeof(b->why[0]), "%s", why);
}

static void
on_answer(void *arg, struct chan *c, const struct chan_frame *f, size_t n)
{
    struct bad *b = arg;
    struct arena *a = arena_new(0);
    struct envelope env;

    (void)c;
    assert_int_equal(n, 1);
    assert_int_equal(wire_envelope_unpack(f[0].data, f[0].len, a, &env, NULL), 0);
    assert_int_equal(env.type, ENV_REFUSAL);
    assert_int_equal(env.u.refusal.version, WIRE_VERSION);
    assert_non_null(env.u.refusal.reason);
    b->refusals++;
    arena_free(a);
}

static void
test_server_refuses(void **state)
{
    struct loop l;
    struct bad b = {0};
    const struct server_ops ops = {.on_bad = on_bad};
    struct server *s;
    struct chan *c;
    struct chan_opts o = {.type = CHAN_DEALER, .on_message = on_answer, .arg = &b};
    struct chan_frame garbage[2] = {{"\xff\xfe garbage", 10}, {"more", 4}};
    struct envelope env = {.type = ENV_FETCH, .u.fetch = {.stream = STREAM_JOURNAL}};
    struct peer stranger = {.id = "x", .len = 1};
    struct buf packed;
    struct chan_frame fetch;

    (void)state;
    loop_init(&l);
    o.endpoint = l.endpoint;
    assert_int_equal(server_new(l.zmq, l.base, l.endpoint, &ops, &b, &s, NULL), 0);
    assert_int_equal(chan_new(l.zmq, l.base, &o, &c, NULL), 0);
    buf_init(&packed, 0);
    wire_envelope_pack(&env, &packed);
    fetch = (struct chan_frame){packed.data, packed.len};
    assert_int_equal(chan_send(c, garbage, 1), 0);
    assert_int_equal(chan_send(c, garbage, 2), 0);
    assert_int_equal(chan_send(c, &fetch, 1), 0); /* nobody serves it here */
    LOOP_UNTIL(&l, b.refusals == 3);
    assert_int_equal(server_refused(s), 3);
    assert_int_equal(b.count, 3);
    /* A flood of garbage is not answered message by message. */
    for (int i = 0; i < 1000; i++)
        assert_int_equal(chan_send(c, garbage, 1), 0);
    LOOP_UNTIL(&l, server_refused(s) == 1003);
    loop_turn(&l, NULL, 50);
    assert_in_range(b.refusals, 4, 1000);
    assert_int_equal(server_reply(s, &stranger, &env), -1);
    buf_fini(&packed);
    chan_close(c);
    server_free(s);
    server_free(NULL);
    /* A path that cannot be. */
    assert_int_equal(server_new(l.zmq, l.base, "ipc:///no/such/dir/s", &ops, &b, &s, NULL), -1);
    loop_fini(&l);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_catch_up_and_follow),
        cmocka_unit_test(test_wait_runs_out),
        cmocka_unit_test(test_several_answers_to_one_question),
        cmocka_unit_test(test_several_answers_end_with_the_wait),
        cmocka_unit_test(test_several_answers_without_room),
        cmocka_unit_test(test_waiting_is_bounded),
        cmocka_unit_test(test_prefixes_are_kept),
        cmocka_unit_test(test_silence_and_late_answers),
        cmocka_unit_test(test_server_restarts),
        cmocka_unit_test(test_free_in_callbacks),
        cmocka_unit_test(test_server_refuses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
