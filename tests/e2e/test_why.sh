#!/usr/bin/env bash
# `tocsin why`: every alert of every stream, through the daemons; each priority is recomputed by
# hand from what is printed (why_check.py).
# shellcheck disable=SC2034,SC2317 # read and called by the library
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

for stream in tests/streams/*/; do
    stream=${stream%/}
    name=$(basename "$stream")
    D=$T/$name
    classifier="assets: $PWD/$stream/assets.geojson"
    [ -e "$stream/assets.geojson" ] || classifier=''
    instance "$D"
    start_all "$D"
    if ! t "$D" replay "$stream/incidents.jsonl" --speed max --keep-time >"$D/replayed" 2>&1; then
        not_ok "$name: replay" "$(cat "$D/replayed")"
        stop_all "$D"
        continue
    fi
    settled "$D"
    mkdir "$D/text" "$D/json"
    for id in $(t "$D" alerts --json | py 'e["id"]'); do
        t "$D" why "$id" >"$D/text/$id" || not_ok "$name: why $id"
        t "$D" why "$id" --json >"$D/json/$id" || not_ok "$name: why $id --json"
    done
    said=$(python3 "$E2E/why_check.py" "$D/text" "$D/json" "$stream/incidents.jsonl" 2>&1)
    result=$?
    name="$name: $(tail -n 1 <<<"$said")"
    if [ "$result" -eq 0 ]; then ok "$name"; else not_ok "$name" "$said"; fi
    stop_all "$D" || not_ok "$name: all stop"
done

# Without the collector the priority is explained all the same.
D=$T/convoy-ahead
id=$(find "$D/text" -type f -printf '%f\n' | sort | sed -n 1p)
start "$D" notifier
has "why without the collector" 'matrix +likelihood . x impact .' "$(t "$D" why "$id" --timeout 1s 2>/dev/null)"
stop_all "$D" || not_ok "the notifier stops"

finish
