/* console: sender and console of a benchmark, on the same code as the real ones.
 *
 * The console takes alert events from the subscription and fetches what does not follow on what
 * it has, so it sees each event once and in order. The sender keeps the window of submit full, or
 * sends by the clock. They are two processes that share one page of memory; the sender is forked
 * before either has a ZeroMQ context. */
#ifndef TESTS_BENCH_CONSOLE_H
#define TESTS_BENCH_CONSOLE_H

#include <event2/event.h>
#include <stdatomic.h>
#include <sys/mman.h>

#include "fetch.h"
#include "load.h"
#include "rig.h"
#include "submit.h"
#include "wire.h"
#include "clock.h"

#define STALL_US (120 * SECOND_US)

struct shared {
    _Atomic int64_t begin_us;    /* the first of the measured incidents was due */
    _Atomic int64_t receipts_us; /* the last receipt */
    _Atomic uint64_t rejected;
    _Atomic bool go, sent;              /* measure now; all is receipted */
    _Atomic bool ready;                 /* warm-up is receipted */
    _Atomic int64_t due_us[LOAD_CELLS]; /* of the attack of a cell */
    uint32_t cell_attack[LOAD_CELLS];
};

static inline struct shared *
shared_new(void)
{
    struct shared *s =
        mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (s == MAP_FAILED)
        die("out of memory");
    for (uint32_t k = 0; k < LOAD_CELLS; k++)
        s->cell_attack[load_cell(load_place(k))] = k;
    return s;
}

static inline struct event_base *
precise_base(void)
{
    struct event_config *cfg = event_config_new();
    struct event_base *base;

    if (cfg == NULL || event_config_set_flag(cfg, EVENT_BASE_FLAG_PRECISE_TIMER) < 0 ||
        (base = event_base_new_with_config(cfg)) == NULL)
        die("no event loop");
    event_config_free(cfg);
    (void)prctl(PR_SET_TIMERSLACK, 1000);
    return base;
}

/* ---- the sender */

struct sender {
    struct shared *sh;
    struct event_base *base;
    struct chan_context *zmq;
    struct submit_tx *tx;
    struct event *timer;
    struct buf packed;
    uint64_t next, end, answered;    /* incidents; end: of the part at hand */
    uint64_t first, warm, all, rate; /* rate 0: as fast as it goes */
    int64_t start_us;
    uint64_t assets, assets_sent;
    bool text;
};

static inline void
sender_asset(struct sender *s)
{
    struct record r = {.type = REC_ASSET};
    char id[32];
    uint32_t k = (uint32_t)s->assets_sent;

    asset_init(&r.u.asset);
    (void)snprintf(id, sizeof id, "base-%u", k);
    r.u.asset.id = r.u.asset.name = id;
    r.u.asset.kind = k % 3 == 0 ? ASSET_BASE : ASSET_SITE;
    r.u.asset.has_pos = true;
    r.u.asset.pos = load_place(k * 41 + 7);
    r.u.asset.pos.lat += LOAD_STEP / 3; /* some of the attacks are in its reach */
    r.u.asset.strength = 200;
    r.u.asset.population = k % 3 == 0 ? -1 : 1500;
    buf_reset(&s->packed);
    wire_record_pack(&r, false, &s->packed);
    if (submit_tx_add(s->tx, s->packed.data, s->packed.len, k) < 0)
        die("the sender's queue is too short for the assets");
    s->assets_sent++;
}

static inline void
sender_feed(struct sender *s)
{
    struct load_scratch scratch;
    struct record r = {.type = REC_INCIDENT};
    int64_t wall = wall_now_us(), now = mono_now_us();

    while (s->next < s->end) {
        int64_t due = now;
        if (s->rate > 0 && s->next >= s->warm) {
            due = s->start_us + (int64_t)((s->next - s->warm) * 1000000 / s->rate);
            if (due > now) {
                struct timeval tv = {.tv_sec = (due - now) / SECOND_US,
                                     .tv_usec = (suseconds_t)((due - now) % SECOND_US)};
                (void)event_add(s->timer, &tv);
                break;
            }
        }
        load_incident(s->next, s->text, wall, &scratch, &r.u.incident);
        buf_reset(&s->packed);
        wire_record_pack(&r, false, &s->packed);
        if (submit_tx_add(s->tx, s->packed.data, s->packed.len, s->next) < 0)
            break;
        if (s->next == s->warm)
            s->sh->begin_us = due;
        if (s->next % LOAD_EVERY == 0)
            s->sh->due_us[s->next / LOAD_EVERY] = due;
        s->next++;
    }
    if (s->rate > 0 || s->next == s->end)
        submit_tx_flush(s->tx);
}

static inline void
sender_receipt(void *arg, uint64_t cookie, const struct receipt *r)
{
    struct sender *s = arg;

    (void)cookie;
    s->answered++;
    if (r->status != RC_STORED)
        s->sh->rejected++;
    if (s->answered == s->end - s->first + s->assets) {
        if (s->end == s->all) {
            s->sh->receipts_us = mono_now_us();
            s->sh->sent = true;
            (void)event_base_loopbreak(s->base);
        } else {
            s->sh->ready = true;
        }
    }
}

static inline void
sender_room(void *arg)
{
    sender_feed(arg);
}

static inline void
sender_timer(evutil_socket_t fd, short what, void *arg)
{
    struct sender *s = arg;

    (void)fd;
    (void)what;
    if (s->end == s->warm && !(s->sh->ready && s->sh->go)) {
        struct timeval tv = {.tv_usec = 1000};
        (void)event_add(s->timer, &tv);
        return;
    }
    if (s->end == s->warm) {
        s->end = s->all;
        s->start_us = mono_now_us();
    }
    sender_feed(s);
}

/* The incidents first .. warm - 1; then, when the console says go, up to all - 1, at `rate`.
 * Never returns. */
__attribute__((noreturn)) static inline void
sender_run(const struct rig *rig, struct shared *sh, struct sender s)
{
    struct timeval soon = {.tv_usec = 1000};
    struct err e = {.text = ""};

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    s.sh = sh;
    s.next = s.first;
    s.end = s.warm;
    s.base = precise_base();
    s.zmq = chan_context_new();
    buf_init(&s.packed, 0);
    struct submit_tx_opts o = {.endpoint = rig->config->collector.listen_zmq,
                               .source = "local",
                               .on_receipt = sender_receipt,
                               .on_room = sender_room,
                               .arg = &s};
    if (s.zmq == NULL || submit_tx_new(s.zmq, s.base, &o, &s.tx, &e) < 0)
        die("sender: %s", e.text);
    s.timer = evtimer_new(s.base, sender_timer, &s);
    while (s.assets_sent < s.assets)
        sender_asset(&s);
    sender_feed(&s);
    (void)event_add(s.timer, &soon);
    (void)event_base_dispatch(s.base);
    exit(0);
}

/* ---- the console */

struct console {
    struct shared *sh;
    struct event_base *base;
    struct chan_context *zmq;
    struct chan *sub;
    struct fetch_tx *fetch;
    struct event *second;
    struct arena *arena;
    uint64_t complete, events, live;
    uint32_t until; /* attack whose alert ends this part */
    uint32_t first; /* latencies are kept from this attack on */
    uint32_t *took_us;
    size_t n_took;
    int64_t last_us, deadline_us;
    bool over;
};

static inline void
console_event(struct console *c, uint64_t seq, const struct alert_event *ev)
{
    int64_t now = mono_now_us();
    uint32_t cell = ev->has_pos ? load_cell(ev->pos) : LOAD_CELLS;
    uint32_t attack;

    c->complete = seq;
    c->events++;
    c->last_us = now;
    if (cell == LOAD_CELLS || ev->kind != AK_RAISED || ev->target != TG_CIVILIANS)
        return;
    attack = c->sh->cell_attack[cell];
    if (attack >= c->first && c->took_us != NULL && c->n_took < LOAD_CELLS)
        c->took_us[c->n_took++] = (uint32_t)(now - c->sh->due_us[attack]);
    if (attack == c->until) {
        c->over = true;
        (void)event_base_loopbreak(c->base);
    }
}

static inline void
console_record(struct console *c, uint64_t seq, const struct blob *b)
{
    struct record rec;
    struct err e;

    if (seq > c->complete && wire_record_unpack(b->data, b->len, c->arena, &rec, &e) == 0 &&
        rec.type == REC_EVENT)
        console_event(c, seq, rec.u.event);
}

static inline void
console_ask(struct console *c)
{
    struct fetch f = {.stream = STREAM_ALERTS};

    f.from_seq = c->complete + 1;
    if (!fetch_tx_waiting(c->fetch))
        (void)fetch_tx_ask(c->fetch, &f);
}

static inline void
console_records(void *arg, const struct records *r)
{
    struct console *c = arg;

    if (r->error != NULL)
        die("the notifier says: %s", r->error);
    for (size_t i = 0; i < r->n_items; i++) {
        arena_reset(c->arena);
        console_record(c, r->items[i].seq, &r->items[i].record);
    }
    if (r->complete_to > c->complete)
        c->complete = r->complete_to;
    if (c->complete < r->head)
        console_ask(c);
}

static inline void
console_published(void *arg, struct chan *ch, const struct chan_frame *frames, size_t n)
{
    struct console *c = arg;
    struct envelope env;
    struct err e;

    (void)ch;
    arena_reset(c->arena);
    if (n != 2 || wire_envelope_unpack(frames[1].data, frames[1].len, c->arena, &env, &e) < 0 ||
        env.type != ENV_PUBLICATION)
        return;
    if (env.u.publication.record.len == 0 || env.u.publication.seq != c->complete + 1) {
        if (env.u.publication.seq > c->complete)
            console_ask(c); /* a gap, or a head that is further */
        return;
    }
    c->live++;
    console_record(c, env.u.publication.seq, &env.u.publication.record);
}

static inline void
console_second(evutil_socket_t fd, short what, void *arg)
{
    struct console *c = arg;

    (void)fd;
    (void)what;
    if (mono_now_us() > c->deadline_us)
        die("no alert for the last attack within %d s", (int)(STALL_US / SECOND_US));
}

static inline void
console_new(struct console *c, const struct rig *rig, struct shared *sh)
{
    struct timeval every = {.tv_usec = 200000};
    struct err e = {.text = ""};

    memset(c, 0, sizeof *c);
    c->sh = sh;
    c->base = event_base_new();
    c->zmq = chan_context_new();
    c->arena = arena_new(0);
    struct fetch_tx_opts fo = {
        .endpoint = rig->config->notifier.listen_zmq, .on_records = console_records, .arg = c};
    struct chan_opts so = {.type = CHAN_SUB,
                           .endpoint = rig->config->notifier.publish,
                           .rcvhwm = 10000,
                           .on_message = console_published,
                           .arg = c};
    if (c->base == NULL || c->zmq == NULL || c->arena == NULL ||
        fetch_tx_new(c->zmq, c->base, &fo, &c->fetch, &e) < 0 ||
        chan_new(c->zmq, c->base, &so, &c->sub, &e) < 0)
        die("console: %s", e.text);
    (void)chan_subscribe(c->sub, "alert.");
    (void)chan_subscribe(c->sub, "status.notifier.");
    c->second = event_new(c->base, -1, EV_PERSIST, console_second, c);
    (void)event_add(c->second, &every);
    console_ask(c);
}

/* Runs until the alert of this attack was seen. */
static inline void
console_until(struct console *c, uint32_t attack)
{
    c->until = attack;
    c->over = false;
    c->deadline_us = mono_now_us() + STALL_US;
    while (!c->over)
        if (event_base_dispatch(c->base) != 0)
            die("console: the loop ended");
}

static inline void
console_free(struct console *c)
{
    event_free(c->second);
    fetch_tx_free(c->fetch);
    chan_close(c->sub);
    (void)event_base_loop(c->base, EVLOOP_NONBLOCK);
    chan_context_free(c->zmq);
    event_base_free(c->base);
    arena_free(c->arena);
}

#endif
