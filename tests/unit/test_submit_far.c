/* submit over a slow link: batches travel packed, answers are short, a refused record is told apart
 * by its place, `retry` gives nothing up, an idle sender sends heartbeats. */
#include "loop.h"

#include <errno.h>
#include <string.h>

#include "pack.h"
#include "server.h"
#include "submit.h"

#define RECORDS 10

static struct peer_state {
    struct server *server;
    struct packer *packer;
    unsigned batches, heartbeats, retries;
    uint64_t backlog; /* as the last heartbeat told */
    bool refuse_some;
} hq;

static struct {
    struct submit_tx *tx;
    unsigned receipts, rejected, journals, downs;
    uint64_t cookies[RECORDS];
    char why[200], reason[100];
} edge;

static void
on_submit(void *arg, const struct peer *from, const struct submit *s)
{
    struct envelope env = {.type = ENV_RECEIPTS};
    struct receipt one = {.status = RC_RETRY, .reason = "who are you?", .retry_after_ms = 10};
    const struct blob *records;
    struct err e;

    (void)arg;
    assert_int_equal(s->n_records, 0);
    env.u.receipts = (struct receipts){
        .session = s->session, .batch = s->batch, .attempt = s->attempt, .journal = {{9}}};
    if (s->batch == 0) {
        assert_non_null(s->link);
        hq.heartbeats++;
        hq.backlog = s->link->backlog;
    } else if (hq.retries > 0) {
        hq.retries--;
        env.u.receipts.receipts = &one;
        env.u.receipts.n_receipts = 1;
        env.u.receipts.reason = one.reason;
    } else {
        if (packer_unpack(hq.packer, s->packed.data, s->packed.len, s->packed_size, s->n_packed,
                          &records, &e) < 0)
            fail_msg("%s", e.text);
        for (size_t i = 0; i < s->n_packed; i++)
            assert_int_equal(records[i].len, 7);
        hq.batches++;
        one = (struct receipt){.status = RC_REJECTED, .reason = "no", .index = 3};
        env.u.receipts.receipts = &one;
        env.u.receipts.n_receipts = hq.refuse_some;
        env.u.receipts.taken = s->n_packed - hq.refuse_some;
    }
    (void)server_reply(hq.server, from, &env);
}

static void
on_fetch(void *arg, const struct peer *from, const struct fetch *f)
{
    (void)arg;
    (void)from;
    (void)f;
    fail();
}

static void
on_idle(void *arg)
{
    (void)arg;
}

static void
on_receipt(void *arg, uint64_t cookie, const struct receipt *r)
{
    (void)arg;
    edge.cookies[edge.receipts++ % RECORDS] = cookie;
    if (r->status == RC_REJECTED) {
        edge.rejected = (unsigned)cookie;
        (void)snprintf(edge.reason, sizeof edge.reason, "%s", r->reason);
    }
}

static void
on_state(void *arg, bool up, const char *why)
{
    (void)arg;
    edge.downs += !up;
    if (!up)
        (void)snprintf(edge.why, sizeof edge.why, "%s", why);
}

static void
on_journal(void *arg, const struct id *journal)
{
    (void)arg;
    assert_int_equal(journal->b[0], 9);
    edge.journals++;
}

static void
open_hq(struct loop *l)
{
    static const struct server_ops ops = {
        .on_submit = on_submit, .on_fetch = on_fetch, .on_idle = on_idle};

    memset(&hq, 0, sizeof hq);
    hq.packer = packer_new();
    assert_int_equal(server_new(l->zmq, l->base, l->endpoint, &ops, NULL, &hq.server, NULL), 0);
}

static void
close_hq(void)
{
    server_free(hq.server);
    packer_free(hq.packer);
}

static void
open_edge(struct loop *l, int64_t heartbeat_us)
{
    const struct submit_tx_opts o = {.endpoint = l->endpoint,
                                     .source = "gao",
                                     .far = true,
                                     .timeout_us = 300000,
                                     .heartbeat_us = heartbeat_us,
                                     .on_receipt = on_receipt,
                                     .on_state = on_state,
                                     .on_journal = on_journal};

    memset(&edge, 0, sizeof edge);
    assert_int_equal(submit_tx_new(l->zmq, l->base, &o, &edge.tx, NULL), 0);
}

static void
add_all(void)
{
    for (uint64_t i = 0; i < RECORDS; i++)
        assert_int_equal(submit_tx_add(edge.tx, "record!", 7, 100 + i), 0);
    submit_tx_flush(edge.tx);
}

static void
test_refused_by_place(void **state)
{
    struct loop l;

    (void)state;
    loop_init(&l);
    open_hq(&l);
    open_edge(&l, 0);
    hq.refuse_some = true;
    add_all();
    LOOP_UNTIL(&l, edge.receipts == RECORDS);
    for (uint64_t i = 0; i < RECORDS; i++)
        assert_int_equal(edge.cookies[i], 100 + i);
    assert_int_equal(edge.rejected, 103);
    assert_string_equal(edge.reason, "no");
    assert_int_equal(hq.batches, 1);
    assert_true(edge.journals > 0 && submit_tx_up(edge.tx) && submit_tx_bytes(edge.tx) > 50);
    submit_tx_free(edge.tx);
    close_hq();
    loop_fini(&l);
}

static void
test_retry_gives_nothing_up(void **state)
{
    struct loop l;

    (void)state;
    loop_init(&l);
    open_hq(&l);
    open_edge(&l, 0);
    hq.retries = 3;
    add_all();
    LOOP_UNTIL(&l, edge.receipts == RECORDS);
    assert_int_equal(edge.downs, 1); /* a reason is told once */
    assert_string_equal(edge.why, "who are you?");
    assert_int_equal(edge.rejected, 0);
    submit_tx_free(edge.tx);
    close_hq();
    loop_fini(&l);
}

/* Nobody is there; then somebody; then somebody else at the same place. */
static void
test_waits_and_comes_back(void **state)
{
    struct loop l;

    (void)state;
    loop_init(&l);
    open_edge(&l, 20000);
    add_all();
    LOOP_UNTIL(&l, edge.downs == 1);
    assert_false(submit_tx_up(edge.tx));
    open_hq(&l);
    LOOP_UNTIL(&l, edge.receipts == RECORDS && hq.heartbeats >= 2);
    assert_int_equal(hq.batches, 1);
    assert_int_equal(hq.backlog, 0);
    close_hq();
    LOOP_UNTIL(&l, edge.downs == 2);
    submit_tx_pause(edge.tx, true);
    add_all();
    open_hq(&l);
    LOOP_UNTIL(&l, hq.heartbeats >= 2); /* paused, but not silent */
    assert_int_equal(hq.batches, 0);
    assert_int_equal(hq.backlog, RECORDS);
    submit_tx_pause(edge.tx, false);
    LOOP_UNTIL(&l, edge.receipts == 2 * RECORDS);
    submit_tx_free(edge.tx);
    close_hq();
    loop_fini(&l);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused_by_place),
        cmocka_unit_test(test_retry_gives_nothing_up),
        cmocka_unit_test(test_waits_and_comes_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
