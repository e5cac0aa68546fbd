#!/usr/bin/env bash
# The events of April 2023 through a running instance; called by `make run` after the build. Stays
# up until Ctrl-C, then stops every process that it started.
#
# The instance lives in ./run and is made anew each time; a ./run that this script did not make is
# left alone. Environment: DEMO_DIR (run), DEMO_SPEED (max; 60 = an hour of the recording takes a
# minute), DEMO_SECONDS (end by itself, where nobody is at the keyboard).
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

dir=${DEMO_DIR:-run}
bin=build/release/bin/tocsin
mark=$dir/.demo
log=$dir/daemons.log
streams="tests/streams/2023-04-01-kourkanda tests/streams/2023-04-22-sevare"
up='' watch='' replay='' pause=''

fail() {
    echo "demo: $*" >&2
    exit 69
}

# Ends what we started: first what reads and sends, last the daemons. Runs once, at every exit.
# shellcheck disable=SC2317 # called by the traps
stop() {
    local pid

    trap '' INT TERM HUP
    for pid in $pause $replay $watch $up; do
        kill -TERM "$pid" 2>/dev/null
        wait "$pid" 2>/dev/null
    done
}
trap stop EXIT
trap 'exit 0' INT TERM HUP

# ---- the directory

if [ -e "$dir" ] && [ ! -e "$mark" ] && [ -n "$(ls -A "$dir" 2>/dev/null)" ]; then
    fail "$dir/ is not of this demo and is left alone; move it away, or set DEMO_DIR"
fi
if [ -e "$mark" ] && read -r pid <"$mark" && [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = demo.sh ]; then
    fail "another demo runs in $dir/ (process $pid); stop it, or set DEMO_DIR"
fi
rm -rf "$dir"
mkdir -p "$dir" || exit 74
echo $$ >"$mark"
cp conf/examples/tocsin.yaml conf/examples/assets.geojson "$dir/" || exit 74

# ---- the daemons

"$bin" -d "$dir" up >"$log" 2>&1 &
up=$!
until "$bin" -d "$dir" status --timeout 1s >/dev/null 2>&1; do
    if ! kill -0 "$up" 2>/dev/null || [ "$SECONDS" -gt 30 ]; then
        tail -n 20 "$log" >&2
        fail "the daemons did not come up; their words stand above"
    fi
    sleep 0.1 &
    pause=$!
    wait "$pause"
done
echo "Tocsin is up in $dir/ (its log: $log). It replays what was reported on 1 and 22 April 2023."
echo "The alerts that came of it, with their reasons:"
echo

# ---- the events

"$bin" -d "$dir" watch --from start 2>>"$log" &
watch=$!
for s in $streams; do cat "$s/incidents.jsonl"; done >"$dir/april-2023.jsonl" || exit 74
"$bin" -d "$dir" replay --keep-time --speed "${DEMO_SPEED:-max}" \
    "$dir/april-2023.jsonl" >>"$log" 2>&1 &
replay=$!
wait "$replay" || {
    tail -n 5 "$log" >&2
    fail "the replay failed"
}
# A second reader that ends when no more alerts come: then all of them have been shown.
"$bin" -d "$dir" watch --from start --until-idle 2s >/dev/null 2>&1 &
replay=$!
wait "$replay"
replay=''

id=$("$bin" -d "$dir" alerts --open --json | sed -n 's/.*"kind":"[a-z]*","id":"\([0-9A-Z]*\)".*/\1/p' | head -n 1)
cat <<END

Report something:  echo '{"text":"Convoi attaqué à 15 km au nord de Gao, deux blessés","lang":"fr"}' | $bin -d $dir send
Answer an alert:   $bin -d $dir ack ${id:-ID}     (also: alerts, why ID, history ID, status; see tocsin --help)

END

# ---- until Ctrl-C

if [ -n "${DEMO_SECONDS:-}" ] && [ ! -t 0 ]; then
    sleep "$DEMO_SECONDS" &
    pause=$!
    wait "$pause"
    exit 0
fi
echo "Ctrl-C stops everything."
wait "$up"
fail "the daemons ended; see $log"
