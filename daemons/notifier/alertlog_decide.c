/* alertlog_decide: what classifiers decided, taken into the alert log: the next range of the
 * journal, or all open alerts at the beginning of a new term. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "alertlog_priv.h"
#include "lifecycle.h"
#include "log.h"
#include "policy.h"
#include "timefmt.h"

/* The alert as the classifier sees it, without what may differ for the same alert. */
static void
content(const struct alert_event *ev, struct buf *b)
{
    struct alert_event c = *ev;
    struct record r = {.type = REC_EVENT, .u.event = &c};

    c.kind = AK_RAISED;
    c.revision = 0;
    c.due_at_us = c.at_us = c.next_step_at_us = 0;
    c.page = c.false_alarm = false;
    c.n_changed = c.n_warned = 0;
    c.state = AS_UNKNOWN;
    c.answered_by = c.note = c.old_topic = NULL;
    c.cause_seq = 0;
    c.step = 0;
    /* Wording is not a decision. */
    c.headline_en = c.headline_fr = c.instruction_en = c.instruction_fr = NULL;
    buf_reset(b);
    wire_record_pack(&r, false, b);
}

static bool
same_content(struct alertlog *al, const struct alert_event *a, const struct alert_event *b)
{
    content(a, &al->same_a);
    content(b, &al->same_b);
    return al->same_a.len == al->same_b.len &&
           memcmp(al->same_a.data, al->same_b.data, al->same_a.len) == 0;
}

static int
keep_derivation(struct alertlog *al, const struct derivation *d, struct err *e)
{
    struct record r = {.type = REC_DERIVATION, .u.derivation = d};
    uint8_t key[ID_LEN + 4];

    memcpy(key, d->alert.b, ID_LEN);
    for (int i = 0; i < 4; i++)
        key[ID_LEN + i] = (uint8_t)(d->revision >> (24 - 8 * i));
    buf_reset(&al->packed);
    wire_record_pack(&r, false, &al->packed);
    if (al->packed.failed)
        return err_set(e, "out of memory");
    return journal_put(al->journal, "deriv", key, sizeof key, al->packed.data, al->packed.len, e);
}

static int
take_event(struct alertlog *al, const struct alert_event *in, bool reconcile, const char *why,
           struct err *e)
{
    struct alert_event prev, ev = *in;
    uint64_t seq;

    /* The rest of an alert's life is decided here. */
    if (in->kind != AK_RAISED && in->kind != AK_UPDATED && in->kind != AK_CANCELLED) {
        (*al->m_refused)++;
        return 0;
    }
    arena_reset(al->arena);
    int rc = alertlog_get(al, &in->id, al->arena, &seq, &prev, e);
    if (rc < 0)
        return -1;
    struct open_alert *o = openset_find(al->open, &in->id);
    if (o != NULL)
        o->seen = true;
    if (rc == 0 && reconcile) {
        bool same = same_content(al, &prev, &ev);
        bool worse = policy_worse(prev.precedence, prev.risk, ev.precedence, ev.risk);
        /* What an officer closed stays closed, unless the new configuration finds it worse. What
         * an earlier configuration no longer gave is open again with this one. */
        if ((same && prev.state != AS_CANCELLED) || (!worse && prev.state == AS_RESOLVED))
            return 0;
        ev.kind = AK_UPDATED;
        ev.note = why;
    }
    return alertlog_propose(al, &ev, rc == 0 ? &prev : NULL, e) < 0 ? -1 : 0;
}

/* Open alerts that the new term does not give. */
static int
cancel_unseen(struct alertlog *al, const char *why, struct err *e)
{
    struct open_alert **all;
    size_t n = openset_sorted(al->open, &all);
    int rc = 0;

    for (size_t i = 0; i < n && rc == 0; i++) {
        struct alert_event prev, ev;
        uint64_t seq;
        if (all[i]->seen)
            continue;
        arena_reset(al->arena);
        if (alertlog_get(al, &all[i]->id, al->arena, &seq, &prev, e) != 0) {
            rc = -1;
            break;
        }
        if (prev.target == TG_SYSTEM && prev.n_reasons == 0)
            continue; /* our own */
        ev = prev;
        ev.kind = AK_CANCELLED;
        ev.n_changed = 0;
        ev.note = why;
        ev.due_at_us = clock_now(&al->clock);
        rc = alertlog_propose(al, &ev, &prev, e) < 0 ? -1 : 0;
    }
    free(all);
    return rc;
}

/* An alert about Tocsin itself, one per key at a time. */
static int
raise_system(struct alertlog *al, const char *key, const char *en, const char *fr, struct err *e)
{
    struct alert_event ev, prev;
    struct id_part parts[] = {{"system", 6}, {key, strlen(key)}};
    uint64_t seq;

    alert_event_init(&ev);
    ev.kind = AK_RAISED;
    id_make(&ev.id, 0, parts, 2);
    ev.situation = ev.id;
    ev.revision = 1;
    ev.due_at_us = clock_now(&al->clock);
    ev.expires_at_us = ev.due_at_us + 7 * DAY_US;
    ev.topic = "alert.system.immediate.unknown.";
    ev.target = TG_SYSTEM;
    ev.precedence = PR_IMMEDIATE;
    ev.risk = RISK_HIGH;
    ev.likelihood = 4;
    ev.impact = 4;
    ev.urgency = UR_IMMEDIATE;
    ev.severity = SV_SEVERE;
    ev.certainty = CT_OBSERVED;
    ev.status = ST_ACTUAL;
    ev.event = EV_NONE;
    ev.mode = MODE_FACT;
    ev.rule = key;
    ev.area = "unknown";
    ev.headline_en = en;
    ev.headline_fr = fr;
    ev.release = "mission";
    arena_reset(al->arena);
    int rc = alertlog_get(al, &ev.id, al->arena, &seq, &prev, e);
    if (rc < 0)
        return -1;
    if (rc == 0 && !state_is_open(prev.state))
        ev.kind = AK_REOPENED; /* answered, and here it is again */
    return alertlog_propose(al, &ev, rc == 0 ? &prev : NULL, e) < 0 ? -1 : 0;
}

static int
reconcile(struct alertlog *al, const struct decision *d, struct arena *a, struct err *e)
{
    struct open_alert **all;
    const char *reason = d->reconcile_reason != NULL ? d->reconcile_reason : "a new configuration";
    const char *gone = arena_printf(a, "no longer given: %s", reason);
    const char *changed = arena_printf(a, "changed: %s", reason);
    size_t n = openset_sorted(al->open, &all);

    for (size_t i = 0; i < n; i++)
        all[i]->seen = false;
    free(all);
    for (size_t i = 0; i < d->n_events; i++)
        if (take_event(al, d->events[i], true, changed, e) < 0)
            return -1;
    log_info("a new term begins term=%" PRIu64 " open=%zu: %s", d->term, d->n_events, reason);
    /* It has seen our position in its journal (or an earlier one, where a second classifier has
     * moved ours on meanwhile): what it does not give is really gone. Without a `from` it has
     * not: the journal has lost what the alerts came from, and they stay. */
    const struct position *held = &al->held.position;
    if (held->seq == 0 || (d->from.seq > 0 && id_cmp(&d->from.journal, &held->journal) == 0))
        return cancel_unseen(al, gone, e);
    log_error("the journal is not the one that the alerts came from, they stay open: %s", reason);
    return raise_system(al, "journal", "The journal is not the one that alerts were decided on",
                        "Le journal n'est pas celui dont les alertes sont issues", e);
}

int
alertlog_decide(struct alertlog *al, const struct decision *d, struct arena *a,
                struct receipts *out, struct err *e)
{
    const char *why;
    enum receipt_status v = held_judge(&al->held, d, &why);

    if (v == RC_STORED) {
        if (d->reconcile && al->held.term != 0) {
            if (reconcile(al, d, a, e) < 0)
                return -1;
        } else {
            for (size_t i = 0; i < d->n_events; i++)
                if (take_event(al, d->events[i], false, NULL, e) < 0)
                    return -1;
        }
        for (size_t i = 0; i < d->n_derivations; i++)
            if (keep_derivation(al, d->derivations[i], e) < 0)
                return -1;
        /* A heartbeat that moves nothing costs no flush. */
        bool moves = d->n_events > 0 || d->n_derivations > 0 || d->term != al->held.term ||
                     d->to.seq != al->held.position.seq;
        al->held.position = d->to;
        al->held.term = d->term;
        memcpy(al->held.digest, d->config_digest, DIGEST_LEN);
        if (moves && held_save(&al->held, al->journal, e) < 0)
            return -1;
    } else if (v == RC_REJECTED) {
        (*al->m_refused)++;
    }
    out->decision = v;
    out->reason = why;
    out->has_held = true;
    out->held = al->held.position;
    out->term = al->held.term;
    memcpy(out->config_digest, al->held.digest, DIGEST_LEN);
    return 0;
}
