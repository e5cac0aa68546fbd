#!/usr/bin/env bash
# A replay through the running daemons gives the alert events of `assess --alerts`, byte for byte:
# at any speed, after the checkpoint was thrown away, and never on top of what is there already.
# shellcheck disable=SC2016,SC2034,SC2129,SC2317 # read and called by the library
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

# replay NAME DIR FILE SPEED: an instance with its classifier.assets, and the alert events in
# comparison form in DIR.got.
replay() {
    local name=$1 d=$2 file=$3 speed=$4 s
    start_all "$d"
    if s=$(t "$d" replay "$file" --speed "$speed" --keep-time 2>&1); then :; else not_ok "$name is replayed" "$s"; fi
    settled "$d"
    comparison "$d" >"$d.got"
}
fresh() { # DIR ASSETS
    classifier=''
    [ ! -e "$2" ] || classifier="assets: $2"
    instance "$1"
}

n=0
for stream in tests/streams/*/; do
    stream=$PWD/${stream%/}
    name=$(basename "$stream")
    D=$T/$((n += 1))
    fresh "$D" "$stream/assets.geojson"
    "$BIN/tocsin" -c "$D/tocsin.yaml" assess --alerts "$stream/incidents.jsonl" >"$D.want"
    replay "$name" "$D" "$stream/incidents.jsonl" max
    if [ -s "$D.want" ]; then same_file "$name at max" "$D.want" "$D.got"; else
        same "$name at max gives nothing" '' "$(cat "$D.got")"
    fi
    t "$D" record >"$D.rec"
    "$BIN/tocsin" -c "$D/tocsin.yaml" assess --alerts "$D.rec" >"$D.again"
    check "$name recorded and assessed again" cmp "$D.want" "$D.again"
    t "$D" record --json >"$D.rec.json"
    "$BIN/tocsin" -c "$D/tocsin.yaml" assess --alerts "$D.rec.json" >"$D.again"
    check "$name recorded as JSON and assessed again" cmp "$D.want" "$D.again"
    # The checkpoint is a file that can be thrown away.
    stop "$D" classifier || not_ok "$name: the classifier stops"
    rm -f "$D/state/classifier/checkpoint"
    start "$D" classifier
    comparison "$D" >"$D.after"
    check "$name after the checkpoint was deleted" cmp "$D.want" "$D.after"
    if [ "$n" -eq 1 ]; then
        said=$(t "$D" replay "$stream/incidents.jsonl" --speed max --keep-time 2>&1)
        same "a replay into a journal that is not empty is refused" 65 $?
        has "and says what to do" '(empty|fresh|new) ' "$said"
    fi
    stop_all "$D" || not_ok "$name: all stop"
done

# A stream of one minute takes one at its own pace, and a second at 60x.
cat >"$T/minute.jsonl" <<'J'
{"id":"m1","reported_at":"2023-04-17T06:40:00Z","text":"Convoi attaqué à 15 km au nord de Gao, axe Gao-Bourem, deux blessés","lat":16.40,"lon":-0.05}
{"id":"m2","reported_at":"2023-04-17T06:40:01Z","text":"Ambush north of Gao, two killed","lat":16.41,"lon":-0.05}
{"id":"m3","reported_at":"2023-04-17T06:40:03Z","text":"Village attacked near Menaka, 12 killed","lat":15.92,"lon":2.40}
{"id":"m4","reported_at":"2023-04-17T06:40:06Z","text":"The mayor opened a school in Mopti"}
{"id":"m5","reported_at":"2023-04-17T06:41:00Z","text":"Roadside bomb on the Douentza road, four killed","lat":15.0,"lon":-2.9}
J
for speed in 1 60; do
    D=$T/speed$speed
    fresh "$D" /nowhere
    "$BIN/tocsin" -c "$D/tocsin.yaml" assess --alerts "$T/minute.jsonl" >"$D.want"
    began=$(now_ms)
    replay "one minute at ${speed}x" "$D" "$T/minute.jsonl" "$speed"
    took=$(($(now_ms) - began))
    same_file "one minute at ${speed}x" "$D.want" "$D.got"
    [ "$speed" -ne 1 ] || check "at its own pace it takes its time" test "$took" -ge 60000
    stop_all "$D" || not_ok "${speed}x: all stop"
done
finish
