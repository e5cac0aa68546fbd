#!/usr/bin/env bash
# The streams: what each must lead to and must not, its events byte for byte, and the same bytes
# from a build for this very processor (-O3 -march=native).
#
#   STREAMS_WRITE=1 tests/e2e/test_streams.sh   writes expected.jsonl anew; read it before you
#                                               commit it
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1

export LC_ALL=C.UTF-8
variant=${VARIANT:-release}
tocsin=build/$variant/bin/tocsin
native=build/native/bin/tocsin
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# result NAME STATUS [FILE]: a line, and what FILE says of a failure.
result() {
    if [ "$2" -eq 0 ]; then
        echo "ok $1"
        return
    fi
    echo "not ok $1"
    failed=1
    [ $# -lt 3 ] || sed 's/^/    /' "$3" | head -n 20
}

# events PROGRAM STREAM OUT
events() {
    "$1" assess --alerts --assets "$2/assets.geojson" "$2/incidents.jsonl" >"$3" 2>"$3.err"
}

have_native=0
if make --no-print-directory -j"$(nproc)" VARIANT=native "$native" >"$work/make" 2>&1; then
    have_native=1
else
    result "native build" 1 "$work/make"
fi

for stream in tests/streams/*/; do
    stream=${stream%/}
    name=$(basename "$stream")
    out=$work/$name

    if ! events "$tocsin" "$stream" "$out"; then
        result "$name: assess" 1 "$out.err"
        continue
    fi
    tests/streams/check.py "$stream" "$out" >"$work/check" 2>&1
    result "$name: what must and must not come" $? "$work/check"
    [ -z "${STREAMS_WRITE:-}" ] || cp "$out" "$stream/expected.jsonl"
    diff -u "$stream/expected.jsonl" "$out" >"$work/diff" 2>&1
    result "$name: expected.jsonl" $? "$work/diff"
    [ "$have_native" -eq 1 ] || continue
    events "$native" "$stream" "$out.native" && cmp "$out" "$out.native" >"$work/diff" 2>&1
    result "$name: the same from a native build" $? "$work/diff"
done

# Pages of the quiet day, counted here once more: without the tables.
quiet=$work/quiet-day
[ -e "$quiet" ] || quiet=/dev/null
flash=$(grep -c '"precedence":"flash"' "$quiet")
immediate=$(grep -c '"precedence":"immediate"' "$quiet")
[ -s "$quiet" ] && [ "$flash" -eq 0 ] && [ "$immediate" -le 2 ]
result "quiet-day: $flash FLASH, $immediate IMMEDIATE" $?
exit "$failed"
