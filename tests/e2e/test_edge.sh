#!/usr/bin/env bash
# An edge collector forwards its journal to headquarters over tcp: every incident arrives once and
# in order whatever is killed; headquarters that is away, that refuses, that does not know the edge,
# that lost its journal; link records; urgent ones ahead of the queue; the status of both.
# shellcheck disable=SC2016,SC2034,SC2317 # read and called by the library
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

H=$T/hq E=$T/edge
PORT=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
hq() { # EDGE-OR-NOT TOKEN
    collector="listen_edges: tcp://127.0.0.1:$PORT"$'\n'"link_down: 2s"$'\n'"sources:"$'\n'"  - {name: gao, edge: $1, token: $2}" instance "$H"
}
collector="upstream: {endpoint: 'tcp://127.0.0.1:$PORT', source: gao, token: geheim, heartbeat: 300ms, silence: 1s}
sources:
  - {name: ops, class: own, reliability: A, lang: fr}" instance "$E"
hq true geheim

lines() { # FROM TO: dull, but for every hundredth
    python3 -c '
import json, sys
for i in range(int(sys.argv[1]), int(sys.argv[2])):
    urgent = "Ambush, two killed. " if i % 100 == 99 else ""
    r = {"source": "ops", "text": "%sMarche de Gao, jour %d, rien a signaler." % (urgent, i)}
    if i % 3: r["id"] = "o-%06d" % i
    print(json.dumps(r))' "$@"
}
figure() { # DIR NAME
    t "$1" status --json --timeout 2s 2>/dev/null | grep '"daemon":"collector"' |
        python3 -c 'import json, sys
print(json.loads(sys.stdin.read())["figures"].get(sys.argv[1], ""))' "$2" || : # no notifier here
}
says() { grep -qE -- "$3" <<<"$(figure "$1" "$2")"; } # DIR FIGURE PATTERN
texts() { t "$1" record --json | py 'int(e["incident"]["text"].split("jour ")[1].split(",")[0]) if "incident" in e else None'; }
whole() { [ "$(head_of "$H")" -ge "$1" ] && [ "$(texts "$H" | wc -l)" -ge "$1" ]; }
# As of the library, without waiting for the daemons that are not there.
head_of() { sed -nE '/"daemon":"collector"/{s/.*"head":([0-9]*),.*/\1/p;q}' < <(t "$1" status --json --timeout 1s 2>/dev/null); }
moved() { [ "$(head_of "$1")" -gt "${2:-0}" ]; } # DIR SEQ
links() { t "$H" record --json | py '("up" if e["link"]["up"] else "down") if "link" in e else None' | tr '\n' ' '; }
compare() { # NAME N: every one of 0..N-1 once, in order but for the urgent ones
    texts "$H" >"$T/got"
    same "$1: every one once" "$(seq 0 $(($2 - 1)) | sort)" "$(sort "$T/got")"
    grep -vE '99$' "$T/got" >"$T/dull"
    check "$1: in order but for urgent ones" sort -nc "$T/dull"
}

# ---- headquarters away at first; the backlog, its urgent ones ahead

start "$E" collector
lines 0 3000 | t "$E" send --json >"$T/sent"
same "the edge takes reports without headquarters" 3000 "$(grep -c '"stored"' "$T/sent")"
await_ok "and says that it is down" 10 says "$E" upstream '^DOWN .* 3000 wait, the oldest since '
start "$H" collector
await_ok "the backlog arrives" 20 whole 3000
compare "the backlog" 3000
same "its urgent ones came first" "$(seq 99 100 2999)" "$(head -n 30 "$T/got")"
await_ok "the edge says that nothing waits" 5 says "$E" upstream '^up since .*, 3000 receipted, 0 refused, [0-9]+ bytes a record$'
await_ok "headquarters says that the link is up" 5 says "$H" 'link gao' '^up since .*, last record 20.*bytes a record$'
same "one link record" "up " "$(links)"
id_of='(e["tocsin_id"], e["incident"]["text"], e["incident"]["source"], e["incident"]["reliability"], e["incident"]["lang"], e["incident"]["class"]) if "incident" in e else None'
t "$E" record --json | py "$id_of" | sort >"$T/there"
t "$H" record --json | py "$id_of" | sort >"$T/here"
same_file "ids, sources and stamps are the edge's" "$T/there" "$T/here"
same "received_at is headquarters', first_received_at the edge's" 3000 \
    "$(t "$H" record --json | py '1 if "incident" in e and e["incident"]["first_received_at"] < e["received_at"] else None' | wc -l)"

# ---- killed at random on both sides

lines 3000 10000 >"$T/many"
split -l 1000 "$T/many" "$T/piece."
kills=0
for piece in "$T"/piece.*; do
    victim=$([ $((RANDOM % 2)) -eq 0 ] && echo "$H" || echo "$E")
    t "$E" send --timeout 60s <"$piece" >/dev/null &
    sender=$!
    # While it is taken in here or is on its way there.
    await 10 moved "$E" "$(head_of "$E")"
    stop "$victim" collector KILL
    launch "$victim" collector
    kills=$((kills + 1))
    wait "$sender" || not_ok "what is sent while collectors are killed is receipted"
done
await_ok "after $kills kills all arrive" 60 whole 10000
compare "after the kills" 10000
has "headquarters' journal is whole" 'journal.db: [0-9]+ records verify' "$(t "$H" verify 2>&1)"

# ---- a link that is down is not a silent base

doubles=$(figure "$H" duplicate)
stop "$E" collector || not_ok "the edge stops"
await_ok "the link goes down" 10 says "$H" 'link gao' '^DOWN since .*, last record 20'
start "$E" collector
await_ok "and comes up without a record" 10 says "$H" 'link gao' '^up since .*, last record 20'
has "both are link records" '(up )?down up $' "$(links)"
t "$E" send >/dev/null <<<'{"source":"ops","text":"jour 10000,"}'
await_ok "a further one arrives" 10 whole 10001
same "an orderly restart sends nothing twice" "$doubles" "$(figure "$H" duplicate)"

# ---- headquarters does not know us: nothing is lost

stop "$H" collector || not_ok "headquarters stops"
hq false geheim
start "$H" collector
t "$E" send >/dev/null <<<'{"source":"ops","text":"jour 10001,"}'
await_ok "an edge that is not configured as one is told why" 10 log_says "$E" collector 'is no edge collector; give it edge: true'
stop "$H" collector
hq true anders
start "$H" collector
await_ok "nor is one with another token" 15 log_says "$E" collector 'token is not that of source'
stop "$H" collector
hq true geheim
start "$H" collector
await_ok "when it is, what waited arrives" 20 whole 10002
compare "after the refusals" 10002

# ---- a headquarters with a new journal gets everything

stop "$H" collector
rm -rf "$H/state"
start "$H" collector
await_ok "a new journal gets everything again" 40 whole 10002
compare "the new journal" 10002
check "the edge says so" log_says "$E" collector 'another journal: everything is sent again'
stop "$E" collector || not_ok "the edge stops at the end"
stop "$H" collector || not_ok "headquarters stops at the end"
finish
