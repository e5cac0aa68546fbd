/* submit: the receiver's bookkeeping over a real log, and the sender against a receiver that
 * drops, delays, forgets, refuses and restarts. Asserted throughout: every record has its receipt
 * once, in the order of adding, and the receiver stored every record once, in that order. */
#include "loop.h"

#include <errno.h>
#include <string.h>

#include "server.h"
#include "submit.h"

/* ---- submit_rx */

static struct id
session_of(unsigned n)
{
    struct id id = {.b = {(uint8_t)(n >> 8), (uint8_t)n, 7}};

    return id;
}

struct log {
    char dir[32], path[64];
    struct journal *j;
};

static void
log_open(struct log *l)
{
    struct err e;

    if (journal_open(l->path, "journal", true, DURABILITY_NONE, &l->j, &e) < 0)
        fail_msg("%s", e.text);
}

static void
log_init_dir(struct log *l)
{
    snprintf(l->dir, sizeof(l->dir), "/tmp/tocsin-unit.XXXXXX");
    assert_non_null(mkdtemp(l->dir));
    snprintf(l->path, sizeof(l->path), "%s/log.db", l->dir);
    log_open(l);
}

static void
log_fini(struct log *l)
{
    char cmd[96];

    journal_close(l->j);
    snprintf(cmd, sizeof(cmd), "rm -r %s", l->dir);
    assert_int_equal(system(cmd), 0);
}

static void
test_rx_judges(void **state)
{
    struct log l;
    struct submit_rx *r;
    struct id a = session_of(1), b = session_of(2);
    uint64_t expected;
    static const struct {
        uint64_t batch;
        enum submit_verdict verdict;
    } cases[] = {{0, SUBMIT_RESEND}, {1, SUBMIT_AGAIN},  {2, SUBMIT_AGAIN},
                 {3, SUBMIT_NEXT},   {4, SUBMIT_RESEND}, {UINT64_MAX, SUBMIT_RESEND}};

    (void)state;
    log_init_dir(&l);
    assert_int_equal(submit_rx_new(l.j, &r, NULL), 0);
    assert_int_equal(submit_rx_judge(r, &a, 2, &expected), SUBMIT_RESEND);
    assert_int_equal(expected, 1);
    assert_int_equal(submit_rx_judge(r, &a, 0, &expected), SUBMIT_RESEND);
    assert_int_equal(submit_rx_judge(r, &a, 1, &expected), SUBMIT_NEXT);
    assert_int_equal(submit_rx_accept(r, &a, 1, 10, NULL), 0);
    assert_int_equal(submit_rx_accept(r, &a, 2, 20, NULL), 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(submit_rx_judge(r, &a, cases[i].batch, &expected), cases[i].verdict);
        assert_int_equal(expected, 3);
    }
    assert_int_equal(submit_rx_judge(r, &b, 1, &expected), SUBMIT_NEXT);
    submit_rx_free(r);
    submit_rx_free(NULL);
    log_fini(&l);
}

static void
test_rx_lives_in_the_log(void **state)
{
    struct log l;
    struct submit_rx *r;
    struct id a = session_of(1), b = session_of(2);
    uint64_t expected;

    (void)state;
    log_init_dir(&l);
    assert_int_equal(submit_rx_new(l.j, &r, NULL), 0);
    assert_int_equal(submit_rx_accept(r, &a, 1, 10, NULL), 0);
    assert_int_equal(submit_rx_flush(r, NULL), 0);
    assert_int_equal(journal_commit(l.j, NULL), 0);
    assert_int_equal(submit_rx_accept(r, &a, 2, 20, NULL), 0);
    assert_int_equal(submit_rx_accept(r, &b, 1, 20, NULL), 0);
    /* A rollback takes both back. */
    assert_int_equal(journal_rollback(l.j, NULL), 0);
    assert_int_equal(submit_rx_reload(r, NULL), 0);
    assert_int_equal(submit_rx_judge(r, &a, 2, &expected), SUBMIT_NEXT);
    assert_int_equal(submit_rx_judge(r, &b, 2, &expected), SUBMIT_RESEND);
    assert_int_equal(expected, 1);
    assert_int_equal(submit_rx_accept(r, &a, 2, 30, NULL), 0);
    assert_int_equal(submit_rx_flush(r, NULL), 0);
    assert_int_equal(journal_commit(l.j, NULL), 0);
    submit_rx_free(r);
    /* What was not committed is gone after a restart, what was is there. */
    journal_close(l.j);
    log_open(&l);
    assert_int_equal(submit_rx_new(l.j, &r, NULL), 0);
    assert_int_equal(submit_rx_judge(r, &a, 3, &expected), SUBMIT_NEXT);
    submit_rx_free(r);
    log_fini(&l);
}

static void
test_rx_is_bounded(void **state)
{
    struct log l;
    struct submit_rx *r;
    struct id id;
    uint64_t expected;

    (void)state;
    log_init_dir(&l);
    assert_int_equal(submit_rx_new(l.j, &r, NULL), 0);
    for (unsigned i = 0; i < 5000; i++) {
        id = session_of(i);
        assert_int_equal(submit_rx_accept(r, &id, 1, i, NULL), 0);
        /* The first stays in use. */
        id = session_of(0);
        assert_int_equal(submit_rx_accept(r, &id, i + 1, i, NULL), 0);
    }
    assert_int_equal(submit_rx_flush(r, NULL), 0);
    assert_int_equal(journal_commit(l.j, NULL), 0);
    for (int round = 0; round < 2; round++) {
        unsigned known = 0;

        for (unsigned i = 0; i < 5000; i++) {
            id = session_of(i);
            if (submit_rx_judge(r, &id, 1, &expected) == SUBMIT_AGAIN)
                known++;
        }
        assert_int_equal(known, 4096);
        id = session_of(0);
        assert_int_equal(submit_rx_judge(r, &id, 5001, &expected), SUBMIT_NEXT);
        id = session_of(1);
        assert_int_equal(submit_rx_judge(r, &id, 2, &expected), SUBMIT_RESEND);
        /* The log holds the same. */
        assert_int_equal(submit_rx_reload(r, NULL), 0);
    }
    submit_rx_free(r);
    log_fini(&l);
}

/* ---- a receiver that can be told how to behave */

#define MAX_RECORDS  50000
#define MAX_SESSIONS 2048
#define MAX_DELAYED  4096

enum mood {
    STORE,
    SWALLOW,      /* as if the submit were lost */
    STORE_SILENT, /* stored, the answer is lost */
    STORE_LATE,   /* stored, the answer comes later */
    RETRY,        /* every receipt RC_RETRY */
    RETRY_EMPTY,  /* no receipts and a reason */
    FORGET,       /* the session is unknown, answer resend_from 1 */
    STALE_RESEND, /* store nothing, answer resend_from of an older attempt */
    ODD_RESEND,   /* resend_from a number out of nowhere */
    SHORT,        /* too few receipts */
    REFUSE,       /* a Refusal */
    REJECT,       /* receipts rejected */
    RESTART       /* the receiver dies before it read this, and is back at once */
};

struct receiver {
    struct loop *l;
    struct server *server;
    enum mood (*behave)(struct receiver *r, const struct submit *s);
    struct {
        struct id id;
        uint64_t last;
    } sessions[MAX_SESSIONS];
    size_t n_sessions;
    uint64_t seq_of[MAX_RECORDS]; /* by record number; 0 = not stored */
    uint64_t seq;
    uint32_t last_stored; /* record number + 1 */
    unsigned submits, n_script;
    const enum mood *script;
    size_t script_len;
    struct submit last; /* names not valid */
    char source[32], token[32];
    uint64_t batches[64];
    uint32_t attempts[64];
    size_t counts[64];
    struct event *again, *late;
    struct {
        struct peer to;
        struct id session;
        uint64_t batch;
        uint32_t attempt;
        size_t n;
        uint64_t first_seq;
    } delayed[MAX_DELAYED];
    size_t n_delayed;
    bool hold_answers; /* STORE answers only when let go */
    uint32_t retry_ms;
};

static void receiver_start(struct receiver *r);

static uint64_t *
session_last(struct receiver *r, const struct id *id)
{
    for (size_t i = 0; i < r->n_sessions; i++)
        if (id_cmp(&r->sessions[i].id, id) == 0)
            return &r->sessions[i].last;
    assert_true(r->n_sessions < MAX_SESSIONS);
    r->sessions[r->n_sessions].id = *id;
    return &r->sessions[r->n_sessions++].last;
}

static struct envelope
answer_to(const struct submit *s)
{
    struct envelope env = {.type = ENV_RECEIPTS};

    env.u.receipts.session = s->session;
    env.u.receipts.batch = s->batch;
    env.u.receipts.attempt = s->attempt;
    return env;
}

static void
answer_receipts(struct receiver *r, const struct peer *to, const struct submit *s,
                enum receipt_status status, size_t n, uint64_t first_seq, const char *reason)
{
    static struct receipt receipts[MAX_BATCH];
    struct envelope env = answer_to(s);

    memset(receipts, 0, sizeof(receipts));
    for (size_t i = 0; i < n; i++) {
        receipts[i].status = status;
        receipts[i].retry_after_ms = status == RC_RETRY ? r->retry_ms : 0;
        if (status == RC_REJECTED)
            receipts[i].reason = "no";
        if (status == RC_STORED || status == RC_DUPLICATE)
            receipts[i].seq = first_seq + i;
    }
    env.u.receipts.receipts = receipts;
    env.u.receipts.n_receipts = n;
    env.u.receipts.reason = reason;
    (void)server_reply(r->server, to, &env);
}

static void
answer_resend(struct receiver *r, const struct peer *to, const struct submit *s, uint64_t from,
              uint32_t attempt)
{
    struct envelope env = answer_to(s);

    env.u.receipts.attempt = attempt;
    env.u.receipts.resend_from = from;
    (void)server_reply(r->server, to, &env);
}

static uint32_t
number_of(const struct blob *b)
{
    char text[16];

    assert_in_range(b->len, 8, 15);
    memcpy(text, b->data, b->len);
    text[b->len] = '\0';
    assert_int_equal(text[0], 'r');
    return (uint32_t)atoi(text + 1);
}

/* The next batch: its records go in once, in order. */
static void
store(struct receiver *r, const struct submit *s)
{
    for (size_t i = 0; i < s->n_records; i++) {
        uint32_t n = number_of(&s->records[i]);

        assert_true(n < MAX_RECORDS);
        if (r->seq_of[n])
            continue;
        assert_int_equal(n, r->last_stored);
        r->last_stored = n + 1;
        r->seq_of[n] = ++r->seq;
    }
}

static void
on_submit(void *arg, const struct peer *from, const struct submit *s)
{
    struct receiver *r = arg;
    uint64_t *last = session_last(r, &s->session), seq;
    enum mood mood = r->behave                     ? r->behave(r, s)
                     : r->n_script < r->script_len ? r->script[r->n_script++]
                                                   : STORE;

    r->last = *s;
    snprintf(r->source, sizeof(r->source), "%s", s->source ? s->source : "");
    snprintf(r->token, sizeof(r->token), "%s", s->token ? s->token : "");
    if (r->submits < 64) {
        r->batches[r->submits] = s->batch;
        r->attempts[r->submits] = s->attempt;
        r->counts[r->submits] = s->n_records;
    }
    r->submits++;
    switch (mood) {
    case SWALLOW:
        return;
    case RESTART: {
        static const struct timeval now = {0, 0};

        evtimer_add(r->again, &now);
        server_pause(r->server, true);
        return;
    }
    case RETRY:
        answer_receipts(r, from, s, RC_RETRY, s->n_records, 0, NULL);
        return;
    case RETRY_EMPTY:
        answer_receipts(r, from, s, RC_RETRY, 0, 0, "the disk is full");
        return;
    case FORGET:
        *last = 0;
        if (s->batch != 1) {
            answer_resend(r, from, s, 1, s->attempt);
            return;
        }
        break;
    case STALE_RESEND:
        answer_resend(r, from, s, s->batch, s->attempt - 1);
        return;
    case ODD_RESEND:
        answer_resend(r, from, s, 999, s->attempt);
        return;
    case REFUSE: {
        struct envelope env = {.type = ENV_REFUSAL,
                               .u.refusal = {.reason = "go away", .version = 9}};

        (void)server_reply(r->server, from, &env);
        return;
    }
    default:
        break;
    }
    if (s->batch > *last + 1) {
        answer_resend(r, from, s, *last + 1, s->attempt);
        return;
    }
    if (s->batch == *last + 1) {
        store(r, s);
        *last = s->batch;
    }
    seq = r->seq_of[number_of(&s->records[0])];
    if (mood == STORE_SILENT)
        return;
    if (mood == REJECT) {
        answer_receipts(r, from, s, RC_REJECTED, s->n_records, 0, NULL);
    } else if (mood == SHORT) {
        answer_receipts(r, from, s, RC_STORED, s->n_records - 1, seq, NULL);
    } else if ((mood == STORE_LATE || r->hold_answers) && r->n_delayed < MAX_DELAYED) {
        r->delayed[r->n_delayed].to = *from;
        r->delayed[r->n_delayed].session = s->session;
        r->delayed[r->n_delayed].batch = s->batch;
        r->delayed[r->n_delayed].attempt = s->attempt;
        r->delayed[r->n_delayed].first_seq = seq;
        r->delayed[r->n_delayed++].n = s->n_records;
    } else {
        answer_receipts(r, from, s, RC_STORED, s->n_records, seq, NULL);
    }
}

static void
let_go(struct receiver *r)
{
    for (size_t i = 0; i < r->n_delayed; i++) {
        struct submit s = {.session = r->delayed[i].session,
                           .batch = r->delayed[i].batch,
                           .attempt = r->delayed[i].attempt};

        answer_receipts(r, &r->delayed[i].to, &s, RC_DUPLICATE, r->delayed[i].n,
                        r->delayed[i].first_seq, NULL);
    }
    r->n_delayed = 0;
}

static void
on_late(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    let_go(arg);
}

static void
on_again(evutil_socket_t fd, short what, void *arg)
{
    struct receiver *r = arg;

    (void)fd;
    (void)what;
    server_free(r->server);
    r->server = NULL;
    r->n_delayed = 0;
    receiver_start(r);
}

static void
receiver_start(struct receiver *r)
{
    static const struct server_ops ops = {.on_submit = on_submit};
    struct err e;

    if (server_new(r->l->zmq, r->l->base, r->l->endpoint, &ops, r, &r->server, &e) < 0)
        fail_msg("%s", e.text);
}

static void
receiver_init(struct receiver *r, struct loop *l)
{
    memset(r, 0, sizeof(*r));
    r->l = l;
    r->retry_ms = 20;
    r->again = evtimer_new(l->base, on_again, r);
    r->late = event_new(l->base, -1, EV_PERSIST, on_late, r);
    receiver_start(r);
}

static void
receiver_fini(struct receiver *r)
{
    event_free(r->again);
    event_free(r->late);
    server_free(r->server);
}

/* ---- the sender */

struct sender {
    struct submit_tx *tx;
    uint32_t added, to_add;
    uint64_t receipts;
    unsigned rooms, drains, ups, downs, rejected;
    bool up;
    char why[80];
    enum { F_NEVER, F_RECEIPT, F_ROOM, F_DRAINED, F_STATE } free_in;
};

static void
maybe_free(struct sender *s, int where)
{
    if ((int)s->free_in != where || !s->tx)
        return;
    submit_tx_free(s->tx);
    s->tx = NULL;
}

static void
on_receipt(void *arg, uint64_t cookie, const struct receipt *r)
{
    struct sender *s = arg;

    assert_int_equal(cookie, s->receipts);
    s->receipts++;
    assert_true(r->status == RC_STORED || r->status == RC_DUPLICATE || r->status == RC_REJECTED);
    if (r->status == RC_REJECTED)
        s->rejected++;
    else
        assert_int_equal(r->seq, cookie + 1); /* these are this record's */
    maybe_free(s, F_RECEIPT);
}

static int
add_one(struct sender *s)
{
    char text[16];
    int n = snprintf(text, sizeof(text), "r%07u", s->added);

    if (submit_tx_add(s->tx, text, (size_t)n, s->added) < 0)
        return -1;
    s->added++;
    return 0;
}

static void
add(struct sender *s, unsigned n)
{
    while (n-- > 0)
        assert_int_equal(add_one(s), 0);
}

static void
on_room(void *arg)
{
    struct sender *s = arg;

    s->rooms++;
    maybe_free(s, F_ROOM);
    while (s->tx && s->added < s->to_add)
        if (add_one(s) < 0) {
            assert_int_equal(errno, EAGAIN);
            break;
        }
}

static void
on_drained(void *arg)
{
    struct sender *s = arg;

    s->drains++;
    maybe_free(s, F_DRAINED);
}

static void
on_state(void *arg, bool up, const char *why)
{
    struct sender *s = arg;

    assert_true(up != s->up || s->ups + s->downs == 0);
    s->up = up;
    if (up)
        s->ups++;
    else
        s->downs++;
    snprintf(s->why, sizeof(s->why), "%s", why);
    maybe_free(s, F_STATE);
}

static void
sender_init(struct sender *s, struct loop *l, const struct submit_tx_opts *base)
{
    struct submit_tx_opts o = *base;
    struct err e;

    memset(s, 0, sizeof(*s));
    o.endpoint = l->endpoint;
    o.on_receipt = on_receipt;
    o.on_room = on_room;
    o.on_drained = on_drained;
    o.on_state = on_state;
    o.arg = s;
    if (submit_tx_new(l->zmq, l->base, &o, &s->tx, &e) < 0)
        fail_msg("%s", e.text);
}

struct both {
    struct loop l;
    struct receiver r;
    struct sender s;
};

static struct both *
both_new(const struct submit_tx_opts *o, const enum mood *script, size_t script_len)
{
    struct both *b = calloc(1, sizeof(*b));

    assert_non_null(b);
    loop_init(&b->l);
    receiver_init(&b->r, &b->l);
    b->r.script = script;
    b->r.script_len = script_len;
    sender_init(&b->s, &b->l, o);
    return b;
}

static void
both_free(struct both *b)
{
    submit_tx_free(b->s.tx);
    receiver_fini(&b->r);
    loop_fini(&b->l);
    free(b);
}

#define SENDER(timeout, records) .timeout_us = (timeout), .batch_records = (records), .window = 4
#define QUICK                    SENDER(100000, 10)
#define SLOW                     SENDER(5000000, 10)

static void
test_tx_plain(void **state)
{
    struct id session = session_of(9);
    struct submit_tx_opts o = {SLOW, .source = "gao", .token = "t0k", .session = &session};
    struct both *b = both_new(&o, NULL, 0);

    (void)state;
    add(&b->s, 1);
    assert_int_equal(submit_tx_pending(b->s.tx), 1);
    LOOP_UNTIL(&b->l, b->s.drains == 1);
    assert_int_equal(b->s.receipts, 1);
    assert_int_equal(submit_tx_pending(b->s.tx), 0);
    assert_int_equal(b->r.last.batch, 1);
    assert_int_equal(b->r.last.attempt, 1);
    assert_memory_equal(b->r.last.session.b, session.b, ID_LEN);
    assert_string_equal(b->r.source, "gao");
    assert_string_equal(b->r.token, "t0k");
    assert_int_equal(b->s.ups, 1);
    assert_int_equal(b->s.downs, 0);
    /* Nothing more happens. */
    assert_in_range(loop_turn(&b->l, NULL, 250), 1, 10);
    assert_int_equal(b->r.submits, 1);
    both_free(b);
}

static void
test_tx_gathers_and_keeps_its_window(void **state)
{
    struct submit_tx_opts o = {SLOW};
    struct both *b = both_new(&o, NULL, 0);

    (void)state;
    b->r.hold_answers = true;
    add(&b->s, 75);
    LOOP_UNTIL(&b->l, b->r.submits == 4);
    loop_turn(&b->l, NULL, 50);
    assert_int_equal(b->r.submits, 4);
    assert_int_equal(submit_tx_pending(b->s.tx), 75);
    let_go(&b->r);
    LOOP_UNTIL(&b->l, b->r.submits == 8);
    for (unsigned i = 0; i < 8; i++) {
        assert_int_equal(b->r.batches[i], i + 1);
        assert_int_equal(b->r.counts[i], i < 7 ? 10 : 5);
        assert_int_equal(b->r.attempts[i], 1);
    }
    let_go(&b->r);
    LOOP_UNTIL(&b->l, b->s.drains == 1);
    assert_int_equal(b->s.receipts, 75);
    both_free(b);
}

static void
test_tx_linger_and_flush(void **state)
{
    struct submit_tx_opts o = {SLOW, .linger_us = 300000};
    struct both *b = both_new(&o, NULL, 0);

    (void)state;
    add(&b->s, 3);
    loop_turn(&b->l, NULL, 50);
    add(&b->s, 3);
    loop_turn(&b->l, NULL, 50);
    assert_int_equal(b->r.submits, 0);
    LOOP_UNTIL(&b->l, b->s.drains == 1);
    assert_int_equal(b->r.submits, 1);
    assert_int_equal(b->r.counts[0], 6);
    submit_tx_flush(b->s.tx); /* nothing to flush */
    add(&b->s, 2);
    submit_tx_flush(b->s.tx);
    LOOP_UNTIL(&b->l, b->s.drains == 2);
    assert_int_equal(b->r.counts[1], 2);
    both_free(b);
}

/* Single records go out at once until four are unanswered; then they gather until an answer. */
static void
test_tx_gathers_behind_unanswered(void **state)
{
    struct submit_tx_opts o = {SLOW};
    struct both *b = both_new(&o, NULL, 0);

    (void)state;
    b->r.hold_answers = true;
    for (unsigned i = 1; i <= 4; i++) {
        add(&b->s, 1);
        submit_tx_flush(b->s.tx);
        LOOP_UNTIL(&b->l, b->r.submits == i);
    }
    for (unsigned i = 0; i < 3; i++) {
        add(&b->s, 1);
        submit_tx_flush(b->s.tx);
        loop_turn(&b->l, NULL, 20);
    }
    assert_int_equal(b->r.submits, 4);
    let_go(&b->r);
    LOOP_UNTIL(&b->l, b->r.submits == 5);
    assert_int_equal(b->r.counts[4], 3);
    let_go(&b->r);
    LOOP_UNTIL(&b->l, b->s.drains == 1);
    assert_int_equal(b->s.receipts, 7);
    both_free(b);
}

static void
test_tx_batch_bytes(void **state)
{
    struct submit_tx_opts o = {SENDER(5000000, 100), .batch_bytes = 20};
    struct both *b = both_new(&o, NULL, 0);

    (void)state;
    add(&b->s, 6); /* of 8 bytes: two a batch */
    LOOP_UNTIL(&b->l, b->s.drains == 1);
    assert_int_equal(b->r.submits, 3);
    assert_int_equal(b->r.counts[0], 2);
    both_free(b);
}

static void
test_tx_queue_is_bounded(void **state)
{
    struct submit_tx_opts o = {QUICK, .queue_records = 25};
    struct both *b = both_new(&o, NULL, 0);
    char *huge = calloc(1, MAX_MESSAGE);

    (void)state;
    assert_non_null(huge);
    assert_int_equal(submit_tx_add(b->s.tx, huge, MAX_MESSAGE, 0), -1);
    assert_int_equal(errno, EMSGSIZE);
    free(huge);
    add(&b->s, 25);
    assert_int_equal(add_one(&b->s), -1);
    assert_int_equal(errno, EAGAIN);
    b->s.to_add = 1000; /* on_room adds the rest */
    LOOP_UNTIL(&b->l, b->s.receipts == 1000);
    assert_true(b->s.rooms > 10);
    both_free(b);
}

/* What a script does to the first submits, and what must be seen of it. */
static void
test_tx_scripts(void **state)
{
    static const struct {
        const char *what;
        enum mood script[6];
        size_t n;
        unsigned submits; /* seen by the receiver */
        uint32_t attempt; /* of the last */
        uint64_t batch;   /* of the last */
        unsigned downs;
        unsigned sessions;
    } cases[] = {
        {"a lost submit", {SWALLOW}, 1, 2, 2, 1, 1, 1},
        {"two lost submits", {SWALLOW, SWALLOW}, 2, 3, 3, 1, 1, 1},
        {"a lost answer", {STORE_SILENT}, 1, 2, 2, 1, 1, 1},
        {"retry", {RETRY, RETRY}, 2, 3, 3, 1, 0, 1},
        {"retry without receipts", {RETRY_EMPTY}, 1, 2, 2, 1, 0, 1},
        {"too few receipts", {SHORT}, 1, 2, 2, 1, 0, 1},
        {"a stale resend is ignored", {STALE_RESEND}, 1, 2, 2, 1, 1, 1},
        {"resend from nowhere", {ODD_RESEND}, 1, 2, 2, 1, 0, 2},
        {"a refusal", {REFUSE}, 1, 2, 2, 1, 1, 1},
        {"a restart", {RESTART}, 1, 2, 2, 1, 1, 1},
        {"rejected is final", {REJECT}, 1, 1, 1, 1, 0, 1},
    };
    struct submit_tx_opts quick = {QUICK}, slow = {SLOW};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        enum mood first = cases[i].script[0];
        /* Those that nothing but the timeout ends; on a busy machine it may end one twice. */
        bool times_out =
            first == SWALLOW || first == STORE_SILENT || first == STALE_RESEND || first == REFUSE;
        struct both *b = both_new(times_out ? &quick : &slow, cases[i].script, cases[i].n);

        print_message("  %s\n", cases[i].what);
        add(&b->s, 5);
        LOOP_UNTIL(&b->l, b->s.drains == 1);
        assert_int_equal(b->s.receipts, 5);
        assert_in_range(b->r.submits, cases[i].submits, times_out ? 10 : cases[i].submits);
        assert_in_range(b->r.last.attempt, cases[i].attempt, times_out ? 10 : cases[i].attempt);
        assert_int_equal(b->r.last.batch, cases[i].batch);
        assert_int_equal(b->s.downs, cases[i].downs);
        assert_int_equal(b->r.n_sessions, cases[i].sessions);
        assert_int_equal(b->s.ups, 1 + (cases[i].downs && b->s.ups == 2));
        assert_true(b->s.up);
        assert_int_equal(b->s.rejected, cases[i].script[0] == REJECT ? 5 : 0);
        both_free(b);
    }
}

/* The receiver lost its sessions while batches 3.. are on the way: a new session from 1. */
static void
test_tx_new_session(void **state)
{
    static const enum mood script[] = {STORE, STORE, FORGET};
    struct submit_tx_opts o = {SLOW};
    struct both *b = both_new(&o, script, 3);

    (void)state;
    add(&b->s, 20);
    LOOP_UNTIL(&b->l, b->s.drains == 1);
    add(&b->s, 20);
    LOOP_UNTIL(&b->l, b->s.drains == 2);
    assert_int_equal(b->s.receipts, 40);
    assert_int_equal(b->r.n_sessions, 2);
    assert_int_equal(b->r.last.batch, 2);
    assert_int_equal(b->r.sessions[1].last, 2);
    assert_int_equal(b->r.last_stored, 40);
    /* The new session goes on counting. */
    add(&b->s, 10);
    LOOP_UNTIL(&b->l, b->s.drains == 3);
    assert_int_equal(b->r.last.batch, 3);
    both_free(b);
}

/* Receipts for an earlier attempt are as good as any. */
static void
test_tx_late_receipts(void **state)
{
    static const enum mood script[] = {STORE_LATE, SWALLOW};
    struct submit_tx_opts o = {QUICK};
    struct both *b = both_new(&o, script, 2);

    (void)state;
    add(&b->s, 1);
    LOOP_UNTIL(&b->l, b->r.n_delayed == 1);
    b->r.delayed[0].attempt = 0; /* older than the one under way */
    let_go(&b->r);
    LOOP_UNTIL(&b->l, b->s.drains == 1);
    assert_int_equal(b->s.receipts, 1);
    /* Again, for a batch that has its receipts already: nothing comes of it. */
    loop_turn(&b->l, NULL, 50);
    assert_int_equal(b->s.receipts, 1);
    both_free(b);
}

static enum mood
always_odd(struct receiver *r, const struct submit *s)
{
    (void)r;
    (void)s;
    return ODD_RESEND;
}

static enum mood
always_swallow(struct receiver *r, const struct submit *s)
{
    (void)r;
    (void)s;
    return SWALLOW;
}

/* A receiver that never agrees is not asked without a pause. */
static void
test_tx_is_patient(void **state)
{
    struct submit_tx_opts o = {QUICK};
    struct both *b = both_new(&o, NULL, 0);

    (void)state;
    b->r.behave = always_odd;
    add(&b->s, 5);
    loop_turn(&b->l, NULL, 500);
    assert_in_range(b->r.submits, 2, 5);
    b->r.behave = NULL;
    LOOP_UNTIL(&b->l, b->s.drains == 1);
    both_free(b);

    /* Silence: 100, 200, 400 ms. */
    b = both_new(&o, NULL, 0);
    b->r.behave = always_swallow;
    add(&b->s, 5);
    loop_turn(&b->l, NULL, 650);
    assert_in_range(b->r.submits, 2, 3);
    assert_int_equal(b->s.downs, 1);
    b->r.behave = NULL;
    LOOP_UNTIL(&b->l, b->s.drains == 1);
    both_free(b);
}

/* Added while nobody is there; the receiver comes later. */
static void
test_tx_receiver_comes_late(void **state)
{
    struct submit_tx_opts o = {SENDER(60000000, 10)};
    struct both *b = both_new(&o, NULL, 0);

    (void)state;
    server_free(b->r.server);
    b->r.server = NULL;
    add(&b->s, 100);
    loop_turn(&b->l, NULL, 100);
    assert_in_range(loop_turn(&b->l, NULL, 300), 1, 30);
    receiver_start(&b->r);
    LOOP_UNTIL(&b->l, b->s.drains == 1);
    /* It goes and comes with batches unanswered: sent again as soon as it is back. */
    b->r.hold_answers = true;
    add(&b->s, 40);
    LOOP_UNTIL(&b->l, b->r.n_delayed == 4);
    on_again(-1, 0, &b->r);
    b->r.hold_answers = false;
    LOOP_UNTIL(&b->l, b->s.drains == 2);
    assert_int_equal(b->s.receipts, 140);
    assert_int_equal(b->r.last_stored, 140);
    both_free(b);
}

static void
test_tx_free_in_callbacks(void **state)
{
    struct submit_tx_opts o = {QUICK, .queue_records = 20};

    (void)state;
    for (int where = F_RECEIPT; where <= F_STATE; where++) {
        struct both *b = both_new(&o, NULL, 0);

        add(&b->s, 20);
        assert_int_equal(add_one(&b->s), -1);
        b->s.free_in = where;
        LOOP_UNTIL(&b->l, !b->s.tx);
        loop_turn(&b->l, NULL, 20);
        both_free(b);
    }
    submit_tx_free(NULL);
}

/* ---- chaos */

static enum mood
chaos(struct receiver *r, const struct submit *s)
{
    /* Not those that make the sender wait a second. */
    static const enum mood acts[] = {SWALLOW, STORE_SILENT, STORE_LATE, RETRY,
                                     FORGET,  STALE_RESEND, RESTART};

    (void)r;
    (void)s;
    if (rand() % 12 != 0)
        return STORE;
    return acts[(size_t)rand() % (sizeof(acts) / sizeof(acts[0]))];
}

static void
on_more(evutil_socket_t fd, short what, void *arg)
{
    struct sender *s = arg;
    unsigned n = (unsigned)rand() % 200;

    (void)fd;
    (void)what;
    for (; n > 0 && s->added < s->to_add; n--)
        if (add_one(s) < 0)
            return;
}

static void
test_tx_chaos(void **state)
{
    struct submit_tx_opts o = {
        .timeout_us = 20000, .batch_records = 64, .window = 8, .queue_records = 1000};
    struct timeval often = {.tv_usec = 1000}, late = {.tv_usec = 7000};

    (void)state;
    for (unsigned seed = 1; seed <= 3; seed++) {
        struct both *b = both_new(&o, NULL, 0);
        struct event *more = event_new(b->l.base, -1, EV_PERSIST, on_more, &b->s);

        srand(seed);
        b->r.behave = chaos;
        b->r.retry_ms = 3;
        b->s.to_add = 10000;
        event_add(more, &often);
        event_add(b->r.late, &late);
        LOOP_UNTIL(&b->l, b->s.receipts == 10000);
        assert_int_equal(b->r.last_stored, 10000);
        assert_int_equal(b->r.seq, 10000);
        assert_int_equal(submit_tx_pending(b->s.tx), 0);
        event_free(more);
        both_free(b);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rx_judges),
        cmocka_unit_test(test_rx_lives_in_the_log),
        cmocka_unit_test(test_rx_is_bounded),
        cmocka_unit_test(test_tx_plain),
        cmocka_unit_test(test_tx_gathers_and_keeps_its_window),
        cmocka_unit_test(test_tx_linger_and_flush),
        cmocka_unit_test(test_tx_gathers_behind_unanswered),
        cmocka_unit_test(test_tx_batch_bytes),
        cmocka_unit_test(test_tx_queue_is_bounded),
        cmocka_unit_test(test_tx_scripts),
        cmocka_unit_test(test_tx_new_session),
        cmocka_unit_test(test_tx_late_receipts),
        cmocka_unit_test(test_tx_is_patient),
        cmocka_unit_test(test_tx_receiver_comes_late),
        cmocka_unit_test(test_tx_free_in_callbacks),
        cmocka_unit_test(test_tx_chaos),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
