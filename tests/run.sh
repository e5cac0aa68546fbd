#!/usr/bin/env bash
# Builds and runs every test: unit, end to end, fuzz corpora. One line a program with its counts;
# what a failing one said follows. The last line is `N passed, N failed`.
#
#   tests/run.sh [WORD]   only programs whose name (test_…, fuzz_…) holds WORD
#
# Environment: VARIANT (release), TEST_TIMEOUT (300 s for each program), TEST_JOBS (unit programs
# at one time). An end-to-end script prints `ok NAME`, `not ok NAME`, or `ok NAME # skip WHY`.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

export LC_ALL=C.UTF-8
export VARIANT=${VARIANT:-release}
export TEST_TIMEOUT=${TEST_TIMEOUT:-300}
word=${1:-}
jobs=${TEST_JOBS:-$(nproc)}

results=$(mktemp -d)
export results
trap 'rm -rf "$results"' EXIT

# one GROUP NAME COMMAND...: runs a program, counts its lines, prints its own, keeps what it said
# when it failed.
one() {
    local group=$1 name=$2 start end status passed skipped failed line
    shift 2
    local out="$results/$group.$name"

    start=$(date +%s%N)
    timeout -k 10 "$TEST_TIMEOUT" "$@" >"$out" 2>&1 </dev/null
    status=$?
    end=$(date +%s%N)
    # shellcheck disable=SC2126 # grep -c fails where there is none
    skipped=$(grep -iE '^ok .*# skip' "$out" | wc -l)
    # shellcheck disable=SC2126
    passed=$(($(grep -E '^ok ' "$out" | wc -l) - skipped))
    # shellcheck disable=SC2126
    failed=$(grep -E '^not ok ' "$out" | wc -l)
    if [ "$status" -eq 124 ] || [ "$status" -eq 137 ]; then
        echo "not ok: no end after $TEST_TIMEOUT s" >>"$out"
        failed=$((failed + 1))
    elif [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then
        echo "not ok: ended with status $status" >>"$out"
        failed=1
    elif [ "$status" -eq 0 ] && [ "$failed" -gt 0 ]; then
        echo "(it ended with status 0 all the same)" >>"$out"
    elif [ "$((passed + skipped + failed))" -eq 0 ]; then
        echo "not ok: it tested nothing" >>"$out"
        failed=1
    fi
    echo "$passed $failed $skipped" >"$out.count"
    line=$(printf '%-5s %-28s %4d passed' "$group" "$name" "$passed")
    [ "$failed" -eq 0 ] || line+=", $failed failed"
    [ "$skipped" -eq 0 ] || line+=", $skipped skipped"
    line+=$(printf '  %5.1f s' "$(((end - start) / 100000000))e-1")
    if [ "$failed" -gt 0 ]; then
        line+=$(printf '\n---- what %s said\n' "$name"; tail -n 200 "$out"; printf '%s' "----")
    elif [ "$skipped" -gt 0 ]; then
        line+=$(printf '\n'; grep -iE '^ok .*# skip' "$out" | sed 's/^ok/      skipped:/')
    fi
    printf '%s\n' "$line"
}
export -f one

finish() {
    local passed=0 failed=0 skipped=0 p f s file

    for file in "$results"/*.count; do
        [ -e "$file" ] || continue
        read -r p f s <"$file"
        passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
    done
    [ "$skipped" -eq 0 ] || echo "$skipped skipped"
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
    exit
}

build_failed() {
    echo "0 1 0" >"$results/build.$1.count"
    echo "not ok: $1 could not be built"
}

if ! make --no-print-directory -j"$(nproc)" VARIANT="$VARIANT" all unit helpers; then
    build_failed "$VARIANT"
    finish
fi

# ---- unit

unit=()
for source in tests/unit/test_*.c; do
    name=$(basename "$source" .c)
    case "$name" in *"$word"*) [ -e "$source" ] && unit+=("$name") ;; esac
done
if [ ${#unit[@]} -gt 0 ]; then
    # shellcheck disable=SC2016 # for the inner shell
    printf '%s\n' "${unit[@]}" | CMOCKA_MESSAGE_OUTPUT=TAP xargs -P "$jobs" -I{} \
        bash -c 'one unit "$1" "build/$VARIANT/tests/unit/$1"' - {}
fi

# ---- end to end; one after the other, since they watch times and kill daemons

for script in tests/e2e/test_*.sh; do
    [ -x "$script" ] || continue
    name=$(basename "$script" .sh)
    case "$name" in *"$word"*) one e2e "$name" "$script" ;; esac
done

# ---- fuzz corpora; a build of their own, so once and not for every variant

fuzz=()
for source in tests/fuzz/fuzz_*.c; do
    name=$(basename "$source" .c)
    case "$name" in *"$word"*) [ -e "$source" ] && fuzz+=("${name#fuzz_}") ;; esac
done
if [ ${#fuzz[@]} -eq 0 ]; then
    :
elif [ "$VARIANT" != release ]; then
    echo "fuzz  skipped: corpora are replayed with VARIANT=release"
elif ! command -v clang >/dev/null; then
    echo "fuzz  skipped: no clang"
elif ! make --no-print-directory -j"$(nproc)" VARIANT=fuzz fuzz-bin; then
    build_failed fuzz
else
    for target in "${fuzz[@]}"; do
        one fuzz "$target" tests/fuzz/replay.sh "$target"
    done
fi

finish
