#!/usr/bin/env bash
# Checks what a compiler does not: the look, likely bugs, shell scripts, and the layering of
# DESIGN.md. Prints what failed and exits 1. Called by `make lint`, after the generated header is
# there. New files count before they are added to git.
#
#   tools/lint.sh [CHECK]...   format tidy cppcheck shell layers; all by default
set -u
cd "$(dirname "$0")/.." || exit 1

gen=build/release/gen
jobs=$(nproc)
failed=()

files() {
    git ls-files --cached --others --exclude-standard -- "$@" | while read -r f; do
        [ ! -f "$f" ] || printf '%s\n' "$f"
    done
}

# The folders that the Makefile gives to a file; also called by xargs.
includes() {
    case "$1" in
    common/*) echo "-Icommon -I$gen" ;;
    daemons/*) echo "-Icommon -I$(dirname "$1") -I$gen" ;;
    tools/*) echo "-Icommon -Itools -Idaemons/classifier -Idaemons/collector" ;;
    *) echo "-Icommon -Idaemons/classifier -Idaemons/collector -Idaemons/notifier -Itests -I$gen" ;;
    esac
}

tidy_one() {
    local out model="-include tools/tidy.h"

    [ "$1" != common/err.c ] || model=
    # shellcheck disable=SC2046,SC2086 # lists of options
    out=$(clang-tidy --quiet "$1" -- -std=c11 -D_GNU_SOURCE -Icommon $model $(includes "$1") 2>&1) &&
        return 0
    printf '%s\n' "$out" | grep -vE '^[0-9]+ warnings? |^Suppressed |^Use -header-filter'
    return 1
}
export -f includes tidy_one
export gen

check_format() {
    files '*.c' '*.h' | xargs -P "$jobs" -n 16 clang-format --dry-run -Werror
}

# Tests are left out: the analyzer does not know that a failed assertion of cmocka does not return.
check_tidy() {
    # shellcheck disable=SC2016 # for the inner shell
    files 'common/*.c' 'daemons/*.c' 'tools/*.c' | xargs -P "$jobs" -I{} bash -c 'tidy_one "$1"' - {}
}

check_cppcheck() {
    files '*.c' | cppcheck --quiet --std=c11 -D_GNU_SOURCE -j "$jobs" \
        --enable=warning,portability,performance --error-exitcode=1 --inline-suppr \
        --suppressions-list=tools/cppcheck.txt -Icommon --file-list=-
}

check_shell() {
    { files '*.sh' && files .ci/run; } | xargs shellcheck
}

# A file without its comments, with its line numbers.
code() {
    gcc -fpreprocessed -dD -E -w "$1" 2>/dev/null | awk -v file="$1" '
        /^# [0-9]+ "/ { line = $2 - 1; next }
        { line++; if ($0 != "") print file ":" line ": " $0 }'
}

# refuse WHY: what comes in is wrong.
refuse() {
    local found

    found=$(cat)
    [ -n "$found" ] || return 0
    printf '%s:\n%s\n' "$1" "$found"
    return 1
}

# "FILE HEADER" for each include of one of our files.
our_includes() {
    files "$@" | xargs -r grep -HE '^[[:space:]]*#[[:space:]]*include[[:space:]]+"' /dev/null |
        sed -E 's/^([^:]+):[^"]*"([^"]+)".*/\1 \2/'
}

foreign_includes() {
    our_includes 'daemons/*.c' 'daemons/*.h' | while read -r file header; do
        [ -e "common/$header" ] || [ -e "$(dirname "$file")/$header" ] ||
            [ "$header" = takproto.pb-c.h ] || echo "$file: $header"
    done
    our_includes 'common/*.c' 'common/*.h' | while read -r file header; do
        [ -e "common/$header" ] || [ "$header" = tocsin.pb-c.h ] || echo "$file: $header"
    done
    our_includes 'tools/*.c' 'tools/*.h' | while read -r file header; do
        [ -e "common/$header" ] || [ -e "tools/$header" ] || [ -e "daemons/classifier/$header" ] ||
            [ "$header" = format.h ] || echo "$file: $header"
    done
}

libm='(sin|cos|tan|asin|acos|atan|atan2|sinh|cosh|tanh|exp|exp2|expm1|log|log2|log10|log1p|pow'
libm+='|hypot|cbrt|fmod|tgamma|lgamma|erf|remainder)[fl]?'
world='time|gettimeofday|clock_gettime|mono_now_us|wall_now_us|clock_now|rand|random|drand48'
world+='|getrandom|id_random|getenv|secure_getenv|getpid'

check_layers() {
    local bad=0 pure f

    files '*.c' '*.h' | grep -vE '^(common/chan[^/]*\.c|tests/.*)$' |
        xargs grep -nE '#[[:space:]]*include[[:space:]]*[<"]zmq\.h' |
        refuse 'zmq.h outside common/chan*.c' || bad=1
    files '*.c' '*.h' | grep -vE '^(common/wire[^/]*|tests/.*)$' |
        xargs grep -nE '#[[:space:]]*include[[:space:]]*[<"]tocsin\.pb-c\.h' |
        refuse 'generated names outside common/wire*' || bad=1
    files '*.c' '*.h' | grep -vE '^(daemons/collector/tak\.c|tests/.*)$' |
        xargs grep -nE '#[[:space:]]*include[[:space:]]*[<"]takproto\.pb-c\.h' |
        refuse 'generated names of the TAK protocol outside daemons/collector/tak.c' || bad=1
    foreign_includes | refuse 'an include across daemons, or upwards' || bad=1
    for f in $(files 'daemons/classifier/*.c' 'daemons/classifier/*.h' 'common/geo*'); do
        code "$f" | grep -E "(^|[^A-Za-z0-9_>.])${libm}[[:space:]]*\("
    done | refuse 'libm on a decision path: its last bits differ between processors' || bad=1
    # The files around the core (CLASSIFIER_IO of the Makefile) see the world; the others do not.
    pure=$(files 'daemons/classifier/*.c' |
        grep -vE '/(main|classifier|checkpoint|fold|decide)\.c$')
    for f in $pure; do
        code "$f" | grep -E "(^|[^A-Za-z0-9_>.])($world)[[:space:]]*\("
    done | refuse 'a clock, chance or environment in the pure core' || bad=1
    return "$bad"
}

[ -e "$gen/tocsin.pb-c.h" ] || make --no-print-directory "$gen/tocsin.pb-c.h" || exit 1

for check in "${@:-format layers shell cppcheck tidy}"; do
    for c in $check; do
        case "$c" in
        format | tidy | cppcheck | shell | layers) ;;
        *)
            echo "lint: no check \"$c\": format tidy cppcheck shell layers" >&2
            exit 64
            ;;
        esac
        start=$SECONDS
        if "check_$c"; then
            printf 'lint  %-9s ok  %d s\n' "$c" "$((SECONDS - start))"
        else
            printf 'lint  %-9s FAILED\n' "$c"
            failed+=("$c")
        fi
    done
done
if [ ${#failed[@]} -gt 0 ]; then
    echo "lint: failed: ${failed[*]}"
    exit 1
fi
