#!/usr/bin/env bash
# 1,000 mutated copies of every stream's texts (accents stripped, capitals, typing errors, sentences
# swapped) change neither event nor targets on 95 % of them: of each stream, and of each kind.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1

export LC_ALL=C.UTF-8
tocsin=build/${VARIANT:-release}/bin/tocsin
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
judged=() failed=0

: >"$work/tocsin.yaml"
for stream in tests/streams/*/; do
    name=$(basename "$stream")
    out=$work/$name
    if python3 tests/e2e/mutate.py make "$stream/incidents.jsonl" 1000 "$out" &&
        "$tocsin" assess -c "$work/tocsin.yaml" "$out" >"$out.findings"; then
        judged+=("$name=$out=$out.findings")
    else
        echo "not ok $name: mutated and assessed"
        failed=1
    fi
done
[ ${#judged[@]} -gt 0 ] && python3 tests/e2e/mutate.py judge "${judged[@]}" || failed=1
exit "$failed"
