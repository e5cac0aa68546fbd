#!/usr/bin/env bash
# Clocks: the wall clock is set an hour forward and back under the daemons, sources are stamped in
# 2020 and 2040, and an alert that nobody acknowledges escalates at its second, or at once when the
# notifier comes back.
# shellcheck disable=SC2016,SC2034,SC2129,SC2317 # read and called by the library
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

if [ "${VARIANT:-release}" = asan ]; then
    echo 'ok clocks # skip faketime cannot be preloaded in front of the ASan runtime'
    exit 0
fi

attack() { # LAT LON [MORE JSON]
    echo "{\"text\":\"Convoy ambushed, 12 killed, shooting goes on\",\"event\":\"ambush\",\"targets\":[\"convoy\"],\"killed\":12,\"lat\":$1,\"lon\":$2${3:+,$3}}"
}
events() { t "$1" watch --json --from start --until-idle 300ms; }
has_event() { # DIR EXPRESSION
    [ "$(events "$1" | py "1 if $2 else None" | wc -l)" -gt 0 ]
}

# ---- escalation

D=$T/a
collector='tick: 1s'
notifier='escalation:
  - {precedence: flash, after: 5s}
  - {precedence: flash, after: 600s}
  - {precedence: immediate, after: 5s}
  - {precedence: immediate, after: 600s}'
instance "$D"
start_all "$D"
{ attack 13.20 -4.90; attack 16.40 -0.05; } | t "$D" send >/dev/null
states() { t "$D" alerts --json; }
here() { [ "$(states | py "e['id'] if e['area'] == '$1' else None" | wc -l)" -gt 0 ]; }
await_ok "alerts are raised" 10 here san
for id in $(states | py 'e["id"] if e["area"] == "san" else None'); do
    t "$D" ack "$id" --note seen >/dev/null || not_ok "ack of $id"
done
urgent='e["precedence"] in ("flash", "immediate")'
open_ids() { events "$D" | py 'e["id"] if e["kind"] == "raised" and e["area"] == "gao" and '"$urgent"' else None'; }
check "one of them is urgent" test "$(open_ids | wc -l)" -gt 0
await_ok "nobody acknowledged: it escalates" 10 has_event "$D" 'e["kind"] == "escalated"'
cat >"$T/late.py" <<'P'
import json, sys
from datetime import datetime
at = lambda s: datetime.fromisoformat(s.replace("Z", "+00:00")).timestamp()
events = [json.loads(l) for l in sys.stdin]
raised = {e["id"]: e for e in events if e["kind"] == "raised"}
for e in events:
    if e["kind"] == "escalated":
        r = raised[e["id"]]
        acked = [a["at"] for a in events if a["id"] == e["id"] and a["kind"] == "acknowledged" and a["at"] < e["at"]]
        print(e["area"], "answered" if acked else "open", "due %.2f" % (at(e["due_at"]) - at(r["at"])), "at %.2f" % (at(e["at"]) - at(r["at"])), "page" if e["page"] else "silent")
P
said=$(events "$D" | python3 "$T/late.py")
has "it is due at its second" '^gao open due 5\.0' "$said"
has "and comes within a second of it" '^gao open due [0-9.]+ at (5\.[0-9]|4\.9)' "$said"
has "it pages" 'page$' "$said"
lacks "what was acknowledged does not escalate" ' answered ' "$said"
has "and it was" '^[1-9]' "$(events "$D" | py 'e["id"] if e["kind"] == "acknowledged" else None' | wc -l)"

# ---- the notifier was away when it fell due

attack 14.90 5.26 | t "$D" send >/dev/null
await_ok "a third alert is raised" 10 has_event "$D" 'e["kind"] == "raised" and e["area"] == "tahoua"'
stop "$D" notifier KILL
due() { python3 -c 'import sys, time; from datetime import datetime
sys.exit(time.time() < datetime.fromisoformat(sys.argv[1].replace("Z", "+00:00")).timestamp() + 7)' "$1"; }
began=$(date -u +%Y-%m-%dT%H:%M:%SZ)
await 12 due "$began"
back=$(now_ms)
start "$D" notifier
await_ok "on its return it escalates at once" 3 has_event "$D" 'e["kind"] == "escalated" and e["area"] == "tahoua"'
said=$(events "$D" | python3 "$T/late.py")
has "stamped with when it was due" '^tahoua open due 5\.0' "$said"
has "and with when it was done" '^tahoua open due [0-9.]+ at ([7-9]|1[0-9])\.' "$said"
check "at once is soon" test $(($(now_ms) - back)) -lt 6000
settled "$D"
stop_all "$D" || not_ok "all stop"

# ---- the wall clock is set

fake=$(find /usr/lib -path '*/faketime/libfaketime.so.1' 2>/dev/null | head -n 1)
if [ -z "$fake" ]; then
    skip "steps of the wall clock" "faketime is not installed"
    finish
fi
D=$T/b
unset notifier
collector='tick: 500ms
sources:
  - {name: old, class: own, clock: untrusted}
  - {name: vain, class: partner}'
instance "$D"
echo +0s >"$T/offset"
faked=(env "LD_PRELOAD=$fake" FAKETIME_DONT_FAKE_MONOTONIC=1 FAKETIME_NO_CACHE=1 "FAKETIME_TIMESTAMP_FILE=$T/offset")
set_clock() { echo "$1" >"$T/offset.new" && mv "$T/offset.new" "$T/offset"; }
start "$D" collector "${faked[@]}"
start "$D" notifier "${faked[@]}"
start "$D" classifier
steps() { t "$D" record --json | py 'e["clock_step"] if "clock_step" in e else None' | wc -l; }
stepped() { [ "$(steps)" -ge "$1" ]; }
sent=0
more() { # COUNT: reports, each of which must be taken within the second
    local i s
    for ((i = 0; i < $1; i++)); do
        s=$(attack "$((11 + sent / 4)).2" "$((sent % 4 * 2 - 4)).1" | t "$D" send --json --timeout 5s)
        grep -q '"stored"' <<<"$s" || not_ok "report $sent is taken" "$s"
        sent=$((sent + 1))
    done
}
more 2
set_clock +3600s
await_ok "the step forward is recorded" 5 stepped 1
more 2
set_clock +0s
await_ok "the step back is recorded" 5 stepped 2
more 2
set_clock -3600s
await_ok "another one back" 5 stepped 3
more 2
same "each step is said" 3 "$(log_count "$D" collector 'wall clock was set')"
has "with its size" 'step_s=-?3[56][0-9][0-9]' "$(grep 'wall clock' "$D/collector.log")"
cat >"$T/order.py" <<'P'
import json, sys
from datetime import datetime
last, bad, n = 0, 0, 0
for l in sys.stdin:
    e = json.loads(l)
    at = datetime.fromisoformat(e["received_at"].replace("Z", "+00:00")).timestamp()
    bad += at <= last
    last = at
    n += "incident" in e
print("bad", bad, "incidents", n)
P
has "received_at grows strictly and nothing is lost" "^bad 0 incidents $sent$" "$(t "$D" record --json | python3 "$T/order.py")"
settled "$D"
raised() { [ "$(events "$D" | py 'e["place"] if e["kind"] == "raised" and e["target"] == "convoy" else None' | wc -l)" -ge "$1" ]; }
await_ok "an alert came for every report" 5 raised "$sent"

# ---- stamps of 2020 and 2040

attack 17.9 8.0 '"reported_at":"2020-01-01T00:00:00Z"' | t "$D" send --json --source old >"$T/r"
# shellcheck disable=SC2129 # each line is a source of its own
attack 14.0 8.9 '"reported_at":"2040-01-01T00:00:00Z"' | t "$D" send --json --source old >>"$T/r"
attack 18.5 1.4 '"reported_at":"2020-01-01T00:00:00Z"' | t "$D" send --json --source vain >>"$T/r"
attack 13.4 7.1 '"reported_at":"2040-01-01T00:00:00Z"' | t "$D" send --json --source vain >>"$T/r"
same "reports of 2020 and 2040 are stored" 4 "$(grep -c '"stored"' "$T/r")"
await_ok "a source with a bad clock still raises (2020)" 8 has_event "$D" 'e["kind"] == "raised" and e["area"] == "agadez"'
await_ok "a source with a bad clock still raises (2040)" 8 has_event "$D" 'e["kind"] == "raised" and e["area"] == "zinder"'
more 1
await_ok "and others are not held up" 8 raised "$((sent))"
check "all live" alive "$D" collector notifier classifier
t "$D" record >"$T/rec"
"$BIN/tocsin" -c "$D/tocsin.yaml" assess --alerts "$T/rec" >"$T/want"
comparison "$D" >"$T/got"
same_file "all of it is repeatable" "$T/want" "$T/got"

# ---- expiry: the notifier comes back after three weeks

stop "$D" notifier || not_ok "the notifier stops"
set_clock +1814400s
start "$D" notifier "${faked[@]}"
await_ok "alerts expire" 15 has_event "$D" 'e["kind"] == "expired" and e["state"] == "expired"'
check "the chains are whole" t "$D" verify
stop_all "$D" || not_ok "all stop at the end"
finish
