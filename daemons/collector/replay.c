/* replay: see replay.h. */
#include "replay.h"

#define SPACE "replay"
#define KEY   "state"

int
replay_load(struct replay *r, struct journal *j, struct err *e)
{
    uint8_t v = 0;
    size_t len = 0;
    int rc = journal_get(j, SPACE, KEY, sizeof KEY - 1, &v, sizeof v, &len, e);

    if (rc < 0)
        return -1;
    r->state = rc == 0 && len == 1 && v <= REPLAY_PAST ? (enum replay_state)v : REPLAY_LIVE;
    return 0;
}

int
replay_save(const struct replay *r, struct journal *j, struct err *e)
{
    uint8_t v = (uint8_t)r->state;

    return journal_put(j, SPACE, KEY, sizeof KEY - 1, &v, sizeof v, e);
}

const char *
replay_begin(struct replay *r, uint64_t head)
{
    if (r->state == REPLAY_OPEN)
        return NULL;
    if (head != 0)
        return "the journal is not empty: replay into a new instance (tocsin -d NEWDIR up)";
    r->state = REPLAY_OPEN;
    return NULL;
}

const char *
replay_end(struct replay *r, bool keep_time)
{
    if (r->state == REPLAY_OPEN)
        r->state = keep_time ? REPLAY_PAST : REPLAY_LIVE;
    return NULL;
}

bool
replay_open(const struct replay *r)
{
    return r->state == REPLAY_OPEN;
}

bool
replay_ticks(const struct replay *r)
{
    return r->state == REPLAY_LIVE;
}

bool
replay_live(struct replay *r)
{
    if (r->state != REPLAY_PAST)
        return false;
    r->state = REPLAY_LIVE;
    return true;
}
