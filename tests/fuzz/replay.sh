#!/usr/bin/env bash
# Runs one fuzz target once over each input of its corpus: what was found once stays found.
#
#   tests/fuzz/replay.sh TARGET   after `make VARIANT=fuzz fuzz-bin`
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1

target=$1
corpus=tests/fuzz/corpus/$target

if [ ! -d "$corpus" ]; then
    echo "not ok $target: there is no $corpus"
    exit 1
fi
if ! "build/fuzz/tests/fuzz/fuzz_$target" -runs=0 -artifact_prefix=build/fuzz/ "$corpus"; then
    echo "not ok $target: see the input named above"
    exit 1
fi
echo "ok $target ($(find "$corpus" -type f | wc -l) inputs)"
