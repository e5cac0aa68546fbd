/* classifier: see classifier.h.
 *
 *   ASK      ask the notifier what it holds; compare with our configuration
 *   CHECK    is the record at our position (checkpoint or held) the one we know?
 *   FOLD     read the journal in silence: up to the held position, or, when a new term begins,
 *            up to the journal's head
 *   FOLLOW   read on, decide, submit
 *   STANDBY  another configuration has taken over with a higher term; ask now and then
 *
 * The held position is the notifier's; ours is fold->at. Events of records at or before the held
 * one are never sent. Every answer of the notifier carries what it holds, so that a restart, a
 * second classifier and a lost answer are one case (take_held). */
#include "classifier.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "checkpoint.h"
#include "clock.h"
#include "decide.h"
#include "fetch.h"
#include "fold.h"
#include "log.h"
#include "metrics.h"
#include "timefmt.h"

#define RING          131072u /* digests of the latest records, by seq */
#define MAX_PENDING   8192
#define NEAR          8192 /* records that the new state of a reload takes in one breath */
#define FETCH_WAIT_MS 5000
#define FETCH_RECORDS 1024
#define FETCH_ANSWERS \
    16 /* to one question while we follow; what waits for them stays in the ring */

enum phase { ASK, CHECK, FOLD, FOLLOW, STANDBY };

struct classifier {
    struct svc *svc;
    enum phase phase;
    struct fold *fold, *next; /* next: being built for a reload */
    struct fetch_tx *fetch, *next_fetch;
    struct decide *decide;
    struct event *beat;
    struct position held;
    uint64_t term, head;
    uint8_t held_digest[DIGEST_LEN];
    bool verify_held; /* the held record is still ahead of us */
    bool doubt;       /* an answer of the journal ended in front of it */
    bool beginning;   /* the reconciliation is on the way */
    bool new_term;    /* FOLD ends in a reconciliation */
    bool want_checkpoint, draining;
    char reason[160]; /* of the reconciliation */
    bool vouch;       /* the held position was seen in this journal */
    bool elsewhere;   /* what the journal was asked for does not follow on our state: ask anew */
    int64_t checkpoint_at_us;
    uint8_t (*ring)[DIGEST_LEN];
    uint64_t ring_from; /* the first record in it */
    char checkpoint[560];
    int64_t *m_records, *m_events, *m_lag, *m_pending, *m_terms;
    uint64_t step_seq;
};

static void ask_journal(struct classifier *c);
static void ask_next(struct classifier *c);
static void push(struct classifier *c, bool beat);
static void swap_in(struct classifier *c);

/* ---- small things */

static bool
digest_at(void *arg, uint64_t seq, uint8_t *digest)
{
    struct classifier *c = arg;

    if (seq < c->ring_from || seq > c->fold->at.seq || c->fold->at.seq - seq >= RING)
        return false;
    memcpy(digest, c->ring[seq % RING], DIGEST_LEN);
    return true;
}

static void
die_of(struct classifier *c, const char *what, const struct err *e)
{
    log_error("%s: %s", what, e->text);
    svc_exit(c->svc, EX_OSERR);
}

static int
rewind_fold(struct classifier *c, struct err *e)
{
    c->ring_from = 1;
    c->elsewhere = true;
    return fold_rewind(c->fold, e);
}

/* The journal in hand is not the one that was decided on, or our state is not of it: everything
 * from the beginning, and a new term at its head. */
static void
start_over(struct classifier *c, const char *why, bool vouch)
{
    struct err e = {.text = ""};

    log_warn("the journal is read from its beginning: %s", why);
    decide_clear(c->decide);
    if (rewind_fold(c, &e) < 0) {
        die_of(c, "no memory for a new state", &e);
        return;
    }
    (void)snprintf(c->reason, sizeof c->reason, "%s", why);
    c->new_term = true;
    c->vouch = vouch;
    c->verify_held = false;
    c->phase = FOLD;
    ask_journal(c);
}

/* ---- asking the journal */

static void
ask_journal(struct classifier *c)
{
    struct fetch f = {.stream = STREAM_JOURNAL, .max = FETCH_RECORDS, .wait_ms = FETCH_WAIT_MS};

    if (c->phase == ASK || c->phase == STANDBY || c->draining ||
        (fetch_tx_waiting(c->fetch) && !c->elsewhere))
        return;
    /* The notifier is behind: its next answer lets us go on. What waits for it must stay in the
     * ring. */
    if (decide_pending(c->decide) > MAX_PENDING ||
        (decide_pending(c->decide) > 0 && c->fold->at.seq > c->held.seq + RING / 2))
        return;
    if (c->want_checkpoint && c->phase == FOLLOW && c->fold->at.seq >= c->held.seq)
        return; /* a still moment is needed; it comes with the answer */
    /* The new state has nearly caught up: stand still for it, or under load it never would. */
    if (c->next != NULL && c->phase == FOLLOW && c->next->at.seq + NEAR >= c->fold->at.seq)
        return;
    f.from_seq = c->phase == CHECK ? c->fold->at.seq : c->fold->at.seq + 1;
    if (c->phase == CHECK || c->phase == FOLD)
        f.wait_ms = 100;
    else
        f.answers = FETCH_ANSWERS;
    c->elsewhere = false;
    (void)fetch_tx_ask(c->fetch, &f);
}

static void
on_event(void *arg, const struct alert_event *ev, const struct derivation *d)
{
    struct classifier *c = arg;
    struct alert_event with_cause = *ev;

    /* step_seq is the record being taken. */
    if (c->phase != FOLLOW || c->step_seq <= c->held.seq)
        return;
    with_cause.cause_seq = c->step_seq;
    (*c->m_events)++;
    if (decide_add(c->decide, c->step_seq, &with_cause, d) < 0) {
        struct err e = {.text = "out of memory"};
        die_of(c, "an event could not be kept", &e);
    }
}

static void
nothing(void *arg, const struct alert_event *ev, const struct derivation *d)
{
    (void)arg;
    (void)ev;
    (void)d;
}

/* From behind the held position on, what is decided is submitted. */
static void
before_record(void *arg, uint64_t seq)
{
    struct classifier *c = arg;

    c->step_seq = seq;
    if (c->phase == FOLD && !c->new_term && seq > c->held.seq) {
        log_info("at the notifier's position seq=%" PRIu64, c->held.seq);
        c->phase = FOLLOW;
    }
}

/* After each record of the running fold. Nonzero ends this answer. */
static int
after_record(void *arg, uint64_t seq, const uint8_t *digest)
{
    struct classifier *c = arg;

    memcpy(c->ring[seq % RING], digest, DIGEST_LEN);
    (*c->m_records)++;
    if (c->verify_held && seq >= c->held.seq) {
        c->verify_held = false;
        if (seq == c->held.seq && memcmp(digest, c->held.digest, DIGEST_LEN) != 0) {
            start_over(c, "the journal differs from the one that alerts were decided on", false);
            return 1;
        }
        c->vouch = true;
    }
    return 0;
}

static void
begin_term(struct classifier *c)
{
    struct decision d = {.reconcile = true, .reconcile_reason = c->reason};

    /* The core gives all that is open; they travel as one decision. */
    c->phase = FOLLOW;
    c->step_seq = c->fold->at.seq;
    struct position held = c->held;
    c->held.seq = 0; /* so that on_event keeps them */
    if (c->step_seq > 0)
        core_open_alerts(c->fold->core, on_event, c);
    c->held = held;
    c->term++;
    (*c->m_terms)++;
    log_info("a new term begins term=%" PRIu64 " open=%zu: %s", c->term, decide_pending(c->decide),
             c->reason);
    if (c->vouch)
        d.from = c->held;
    d.to = c->fold->at;
    d.term = c->term;
    memcpy(d.config_digest, c->fold->knowledge->digest, DIGEST_LEN);
    c->new_term = false;
    c->beginning = true;
    if (decide_send(c->decide, &d, digest_at, c) < 0) {
        struct err e = {.text = "too many open alerts for one message"};
        die_of(c, "the new term could not be sent", &e);
    }
}

/* The record at our position again: is it the one we know? */
static bool
check_position(struct classifier *c, const struct records *r)
{
    const struct position *at = &c->fold->at;

    if (r->head < at->seq || id_cmp(&r->journal, &at->journal) != 0)
        return false;
    if (r->n_items > 0 && r->items[0].seq == at->seq)
        return memcmp(r->items[0].digest, at->digest, DIGEST_LEN) == 0;
    return true; /* its body is gone by retention; the held position decides */
}

static void
on_records(void *arg, const struct records *r)
{
    struct classifier *c = arg;
    struct err e = {.text = ""};

    if (r->error != NULL) {
        log_error("the collector could not serve the journal: %s", r->error);
        return;
    }
    /* Asked for before: what is decided on it would be lost, or it does not follow on our state. */
    if (c->phase == ASK || c->phase == STANDBY || c->elsewhere) {
        c->elsewhere = true;
        ask_journal(c);
        return;
    }
    c->head = r->head;
    if (c->phase == CHECK) {
        if (!check_position(c, r)) {
            log_warn("the checkpoint is not of this journal and is thrown away");
            if (rewind_fold(c, &e) < 0) {
                die_of(c, "no memory for a new state", &e);
                return;
            }
            c->phase = FOLD;
            ask_journal(c); /* these records follow on what was thrown away */
            return;
        }
        if (c->fold->at.seq == c->held.seq &&
            memcmp(c->fold->at.digest, c->held.digest, DIGEST_LEN) == 0) {
            c->verify_held = false;
            c->vouch = true;
        }
        c->phase = FOLD;
    }
    if (c->fold->at.seq > 0 &&
        (r->head < c->fold->at.seq || id_cmp(&r->journal, &c->fold->at.journal) != 0)) {
        start_over(c, "the journal has lost its end, or is another", false);
        return;
    }
    /* An answer may be older than what a second classifier had stored: the next one is not, since
     * take_held() asks anew. */
    bool behind = c->verify_held && r->head < c->held.seq, again = c->doubt;
    c->doubt = behind;
    if ((behind && again) || (c->verify_held && !id_is_zero(&c->held.journal) &&
                              id_cmp(&r->journal, &c->held.journal) != 0)) {
        c->doubt = false;
        start_over(c, "the journal is not the one that alerts were decided on", false);
        return;
    }
    struct fold_hooks hooks = {
        .before = before_record, .emit = on_event, .after = after_record, .arg = c};
    if (fold_take(c->fold, r, 0, &hooks, &e) < 0) {
        die_of(c, "a record could not be taken", &e);
        return;
    }
    *c->m_lag = (int64_t)(c->head - c->fold->at.seq);
    if (c->phase == FOLD && c->new_term && c->fold->at.seq >= c->head && !behind &&
        !decide_on_the_way(c->decide))
        begin_term(c);
    if (c->phase == FOLD && !c->new_term && !c->verify_held && c->fold->at.seq >= c->held.seq)
        c->phase = FOLLOW;
    if (c->phase == FOLLOW)
        push(c, false);
    if (c->next != NULL)
        ask_next(c);
    ask_journal(c);
}

/* ---- the notifier */

static void
heartbeat(struct classifier *c, struct daemon_status *st, char figures[4][24])
{
    struct core_figures f;

    core_figures(c->fold->core, &f);
    memset(st, 0, sizeof *st);
    st->daemon = "classifier";
    st->version = TOCSIN_VERSION;
    st->at_us = wall_now_us();
    st->up_since_us = c->svc->started_wall_us;
    st->head = c->fold->at.seq;
    st->lag = c->head > c->fold->at.seq ? c->head - c->fold->at.seq : 0;
    st->last_error = log_last_error();
    const char *names[4] = {"situations", "alerts_open", "assets", "pending_events"};
    uint64_t values[4] = {f.situations, f.alerts_open, f.assets, decide_pending(c->decide)};
    for (size_t i = 0; i < 4; i++) {
        (void)snprintf(figures[i], 24, "%" PRIu64, values[i]);
        st->figures[st->n_figures++] = (struct attribute){names[i], figures[i]};
    }
}

/* Sends what is decided, or, on the beat, where we are. */
static void
push(struct classifier *c, bool beat)
{
    struct decision d = {.from = c->held, .to = c->fold->at, .term = c->term};
    struct daemon_status st;
    char figures[4][24];

    *c->m_pending = (int64_t)decide_pending(c->decide);
    if (c->phase != FOLLOW || decide_on_the_way(c->decide) || c->fold->at.seq < c->held.seq)
        return;
    if (decide_pending(c->decide) == 0 && !beat && !c->want_checkpoint)
        return;
    if (c->fold->at.seq == 0)
        d.to = c->held;
    memcpy(d.config_digest, c->fold->knowledge->digest, DIGEST_LEN);
    if (beat) {
        heartbeat(c, &st, figures);
        d.heartbeat = &st;
    }
    if (decide_send(c->decide, &d, digest_at, c) < 0) {
        struct err e = {.text = "out of memory"};
        die_of(c, "a decision could not be sent", &e);
    }
}

static void
ask_notifier(struct classifier *c)
{
    struct decision d = {.term = 0};

    memcpy(d.config_digest, c->fold->knowledge->digest, DIGEST_LEN);
    (void)decide_send(c->decide, &d, digest_at, c);
}

static void
first_answer(struct classifier *c, const struct receipts *r)
{
    struct err e = {.text = ""};

    decide_clear(c->decide); /* what lies behind the held position is decided anew */
    c->new_term = c->beginning = c->doubt = false;
    c->elsewhere = true;
    c->held = r->held;
    c->term = r->term;
    memcpy(c->held_digest, r->config_digest, DIGEST_LEN);
    bool ours = memcmp(c->held_digest, c->fold->knowledge->digest, DIGEST_LEN) == 0;
    /* State from behind the held position would hide the events in between; state that does not
     * agree with it is of another journal. */
    if (c->term == 0 || c->fold->at.seq > c->held.seq ||
        (c->fold->at.seq == c->held.seq &&
         memcmp(c->fold->at.digest, c->held.digest, DIGEST_LEN) != 0)) {
        if (rewind_fold(c, &e) < 0) {
            die_of(c, "no memory for a new state", &e);
            return;
        }
    }
    c->phase = c->fold->at.seq > 0 ? CHECK : FOLD;
    c->verify_held = c->held.seq > 0;
    c->vouch = c->held.seq == 0;
    if (c->term == 0) {
        c->term = 1;
        c->phase = FOLLOW;
    } else if (ours) {
        if (c->held.seq == 0)
            c->phase = FOLLOW;
        log_info("goes on from the notifier's position seq=%" PRIu64 " term=%" PRIu64, c->held.seq,
                 c->term);
    } else {
        c->new_term = true;
        (void)snprintf(c->reason, sizeof c->reason, "the configuration was changed");
    }
    ask_journal(c);
}

/* What the notifier holds now, whoever brought it there. */
static void
take_held(struct classifier *c, const struct receipts *r)
{
    uint8_t mine[DIGEST_LEN];

    c->held = r->held;
    decide_stored(c->decide, c->held.seq);
    if (c->held.seq > c->fold->at.seq) {
        c->verify_held = true; /* a second classifier is ahead */
        c->elsewhere = true;   /* answers that are out may be older than what it has seen */
        return;
    }
    if (c->held.seq > 0 && digest_at(c, c->held.seq, mine) &&
        memcmp(mine, c->held.digest, DIGEST_LEN) != 0)
        start_over(c, "the journal differs from the one that alerts were decided on", false);
}

static void
still_moment(struct classifier *c)
{
    struct err e = {.text = ""};

    if (!c->want_checkpoint || decide_pending(c->decide) > 0 || c->held.seq != c->fold->at.seq)
        return;
    c->want_checkpoint = false;
    c->checkpoint_at_us = mono_now_us();
    if (checkpoint_write(c->checkpoint, &c->fold->at, c->fold->core, &e) < 0)
        log_warn("no checkpoint was written: %s", e.text);
}

static void
on_answer(void *arg, const struct receipts *r)
{
    struct classifier *c = arg;

    if (!r->has_held) {
        log_warn("the notifier cannot store now: %s", r->reason != NULL ? r->reason : "-");
        decide_again(c->decide, 1000);
        return;
    }
    if (c->phase == ASK) {
        first_answer(c, r);
        return;
    }
    bool ours = memcmp(r->config_digest, c->fold->knowledge->digest, DIGEST_LEN) == 0;
    bool beginning = c->beginning;
    c->beginning = false;
    if (c->phase == STANDBY || r->decision == RC_REJECTED || r->term > c->term ||
        (!ours && r->term == c->term)) {
        /* A lower term than we know of: the notifier was put back, and nobody is ahead of us. */
        if (ours || r->term < c->term) {
            first_answer(c, r);
            return;
        }
        if (c->phase != STANDBY)
            log_warn("stands by: %s", r->reason != NULL ? r->reason : "another term");
        c->phase = STANDBY;
        decide_clear(c->decide);
        return;
    }
    if (c->phase != FOLLOW) {
        c->held = r->held;
        return;
    }
    /* A term that another one began from its state, or a notifier that lost its end: between the
     * position it holds and ours there may be events that it never got. */
    if (beginning ? r->decision == RC_DUPLICATE : r->held.seq < c->held.seq) {
        log_warn("the notifier holds another position than was known: goes back to it");
        first_answer(c, r);
        return;
    }
    c->term = r->term;
    take_held(c, r);
    if (c->phase != FOLLOW)
        return;
    still_moment(c);
    if (c->next != NULL)
        swap_in(c);
    push(c, false);
    ask_journal(c);
}

static void
on_notifier_state(void *arg, bool up)
{
    (void)arg;
    if (up)
        log_info("the notifier answers again");
    else
        log_warn("the notifier does not answer, decisions wait");
}

static void
on_journal_state(void *arg, bool up, const char *why)
{
    (void)arg;
    if (up)
        log_info("the collector answers again");
    else
        log_warn("the collector does not answer: %s", why != NULL ? why : "-");
}

/* ---- reload */

static void
ask_next(struct classifier *c)
{
    struct fetch f = {.stream = STREAM_JOURNAL, .max = FETCH_RECORDS, .wait_ms = FETCH_WAIT_MS};

    if (c->next->at.seq >= c->fold->at.seq) {
        swap_in(c);
        return;
    }
    f.from_seq = c->next->at.seq + 1;
    if (!fetch_tx_waiting(c->next_fetch))
        (void)fetch_tx_ask(c->next_fetch, &f);
}

static void
on_next_records(void *arg, const struct records *r)
{
    struct classifier *c = arg;
    struct err e = {.text = ""};

    if (c->next == NULL || r->error != NULL)
        return;
    /* Never beyond the running one, so that the two can meet. */
    struct fold_hooks hooks = {.emit = nothing, .arg = c};
    if (fold_take(c->next, r, c->fold->at.seq, &hooks, &e) < 0) {
        log_error("the new state could not be built, the old one stays: %s", e.text);
        fold_free(c->next);
        c->next = NULL;
        return;
    }
    ask_next(c);
}

/* The new state stands where the running one does: it takes over. */
static void
swap_in(struct classifier *c)
{
    if (c->phase != FOLLOW || decide_on_the_way(c->decide) || c->next->at.seq != c->fold->at.seq)
        return;
    bool same = memcmp(c->next->knowledge->digest, c->fold->knowledge->digest, DIGEST_LEN) == 0;
    struct fold *old = c->fold;
    c->fold = c->next;
    c->next = NULL;
    fold_free(old);
    if (same) {
        log_info("the new wording is in force");
        ask_journal(c);
        return;
    }
    decide_clear(c->decide);
    c->vouch = true;
    (void)snprintf(c->reason, sizeof c->reason, "the configuration was changed");
    c->want_checkpoint = true;
    begin_term(c);
}

int
classifier_reload(struct classifier *c, struct err *e)
{
    struct fold *next;

    if (fold_new(c->svc->config_file, c->svc->instance_dir, &next, e) < 0)
        return -1;
    fold_free(c->next);
    c->next = next;
    if (c->phase == STANDBY) {
        /* Whoever is told to reload takes over. */
        fold_free(c->fold);
        c->fold = c->next;
        c->next = NULL;
        c->ring_from = 1;
        c->phase = ASK;
        ask_notifier(c);
        return 0;
    }
    log_info("a new state is built beside the running one");
    ask_next(c);
    return 0;
}

/* ---- time */

static void
on_beat(evutil_socket_t fd, short what, void *arg)
{
    struct classifier *c = arg;
    int64_t now = mono_now_us();

    (void)fd;
    (void)what;
    if (c->phase == ASK || c->phase == STANDBY) {
        ask_notifier(c);
        return;
    }
    if (now - c->checkpoint_at_us > c->fold->config->classifier.checkpoint_us &&
        c->fold->at.seq > 0)
        c->want_checkpoint = true;
    push(c, true);
    if (c->next != NULL)
        ask_next(c);
    ask_journal(c);
}

/* ---- making */

int
classifier_new(struct svc *s, struct classifier **out, struct err *e)
{
    struct classifier *c = calloc(1, sizeof *c);
    struct position at;
    struct core *core = NULL;
    struct err why = {.text = ""};

    if (c == NULL)
        return err_set(e, "out of memory");
    c->svc = s;
    c->m_records = metric_new(METRIC_COUNTER, "records_taken_total", NULL, "Records taken");
    c->m_events = metric_new(METRIC_COUNTER, "events_decided_total", NULL, "Alert events decided");
    c->m_terms = metric_new(METRIC_COUNTER, "terms_total", NULL, "Terms begun");
    c->m_lag = metric_new(METRIC_GAUGE, "lag_records", NULL, "Records behind the journal's head");
    c->m_pending = metric_new(METRIC_GAUGE, "pending_events", NULL, "Events not stored yet");
    c->ring = calloc(RING, sizeof *c->ring);
    if (c->ring == NULL) {
        (void)err_set(e, "out of memory");
        goto fail;
    }
    if (fold_new(s->config_file, s->instance_dir, &c->fold, e) < 0)
        goto fail;
    (void)snprintf(c->checkpoint, sizeof c->checkpoint, "%s/checkpoint",
                   c->fold->config->classifier.state);
    if (checkpoint_read(c->checkpoint, c->fold->knowledge, &at, &core, &why) == 0) {
        core_free(c->fold->core);
        c->fold->core = core;
        c->fold->at = at;
        memcpy(c->ring[at.seq % RING], at.digest, DIGEST_LEN);
        c->ring_from = at.seq;
        log_info("state from the checkpoint seq=%" PRIu64, at.seq);
    } else {
        log_info("state from the journal: %s", why.text);
    }
    c->checkpoint_at_us = mono_now_us();
    struct fetch_tx_opts fo = {.endpoint = c->fold->config->classifier.collector,
                               .on_records = on_records,
                               .on_state = on_journal_state,
                               .arg = c};
    struct fetch_tx_opts no = {.endpoint = fo.endpoint, .on_records = on_next_records, .arg = c};
    struct decide_ops ops = {.on_answer = on_answer, .on_state = on_notifier_state, .arg = c};
    if (fetch_tx_new(s->zmq, s->base, &fo, &c->fetch, e) < 0 ||
        fetch_tx_new(s->zmq, s->base, &no, &c->next_fetch, e) < 0 ||
        decide_new(s->zmq, s->base, c->fold->config->classifier.notifier, &ops, &c->decide, e) < 0)
        goto fail;
    int64_t every = c->fold->config->classifier.position_us;
    struct timeval tv = {.tv_sec = every / SECOND_US, .tv_usec = (suseconds_t)(every % SECOND_US)};
    c->beat = event_new(s->base, -1, EV_PERSIST, on_beat, c);
    if (c->beat == NULL || event_add(c->beat, &tv) < 0) {
        (void)err_set(e, "out of memory");
        goto fail;
    }
    ask_notifier(c);
    *out = c;
    return 0;
fail:
    classifier_free(c);
    return -1;
}

void
classifier_free(struct classifier *c)
{
    if (c == NULL)
        return;
    if (c->beat != NULL)
        event_free(c->beat);
    fetch_tx_free(c->fetch);
    fetch_tx_free(c->next_fetch);
    decide_free(c->decide);
    fold_free(c->next);
    fold_free(c->fold);
    free(c->ring);
    free(c);
}

void
classifier_drain(struct classifier *c)
{
    c->want_checkpoint = c->phase == FOLLOW && c->fold->at.seq > 0;
    c->draining = true;
    push(c, false);
}

bool
classifier_idle(const struct classifier *c)
{
    return c->phase != FOLLOW ||
           (decide_pending(c->decide) == 0 && !decide_on_the_way(c->decide) && !c->want_checkpoint);
}
