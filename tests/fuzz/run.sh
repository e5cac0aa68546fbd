#!/usr/bin/env bash
# Fuzzes every target for FUZZ_SECONDS (60) each, from its corpus in tests/fuzz/corpus/TARGET. What
# it finds goes to build/fuzz/: new inputs to new/TARGET, crashes to crash-TARGET-*; the tree stays
# as it is. A crash is kept as a test by copying it into the corpus.
#
#   tests/fuzz/run.sh [TARGET]...   after `make VARIANT=fuzz fuzz-bin`
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1

seconds=${FUZZ_SECONDS:-60}
targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
    for source in tests/fuzz/fuzz_*.c; do
        name=$(basename "$source" .c)
        targets+=("${name#fuzz_}")
    done
fi

bad=0
for target in "${targets[@]}"; do
    new=build/fuzz/new/$target
    corpus=tests/fuzz/corpus/$target
    log=build/fuzz/$target.log
    mkdir -p "$new"
    dirs=("$new")
    [ ! -d "$corpus" ] || dirs+=("$corpus")
    if "build/fuzz/tests/fuzz/fuzz_$target" -max_total_time="$seconds" -timeout=10 \
        -artifact_prefix="build/fuzz/crash-$target-" "${dirs[@]}" >"$log" 2>&1; then
        printf '%-16s %s\n' "$target" "$(grep -E '^Done ' "$log" | tail -n 1)"
    else
        printf '%-16s CRASHED, see %s\n' "$target" "$log"
        tail -n 30 "$log"
        bad=1
    fi
done
exit "$bad"
