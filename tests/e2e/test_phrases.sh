#!/usr/bin/env bash
# Phrases of our own for every event, mode, target and figure (tests/phrases) through `tocsin assess`
# with the shipped lexicon and weights.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1

export LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1
tocsin=build/${VARIANT:-release}/bin/tocsin
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

: >"$work/tocsin.yaml"
if python3 tests/phrases/check.py >"$work/phrases" &&
    "$tocsin" assess -c "$work/tocsin.yaml" "$work/phrases" >"$work/findings"; then
    python3 tests/phrases/check.py --findings "$work/findings"
else
    echo "not ok the phrases are assessed"
    exit 1
fi
