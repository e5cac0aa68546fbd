#!/usr/bin/env bash
# Installs what is missing for `make run` or `make test` on Debian 12; does nothing, and touches no
# network, when all is there. Usage: tools/deps.sh run|test
set -euo pipefail

RUN="gcc make git pkg-config tzdata
    libzmq3-dev libprotobuf-c-dev protobuf-c-compiler libevent-dev libsqlite3-dev libyaml-dev
    libcjson-dev libsodium-dev libsystemd-dev libutf8proc-dev
    libexpat1-dev libssl-dev libzstd-dev"
# clang and its run-time library build the fuzzers; the rest is what tests and lint call.
TEST="libcmocka-dev clang libclang-rt-14-dev clang-format clang-tidy cppcheck shellcheck
    curl openssl python3 faketime sqlite3 strace procps iproute2"

fail() {
    echo "deps: $*" >&2
    exit 69
}

case "${1:-}" in
run) wanted=$RUN ;;
test) wanted="$RUN $TEST" ;;
*)
    echo "usage: tools/deps.sh run|test" >&2
    exit 64
    ;;
esac

# One line a package, for those that are fully installed. dpkg-query fails where one is not: that
# is what we ask.
installed() {
    # shellcheck disable=SC2086 # a list of words
    { dpkg-query -W -f '${db:Status-Abbrev} ${binary:Package}\n' $wanted 2>/dev/null || true; } |
        awk '$1 == "ii" { sub(/:.*/, "", $2); print $2 }'
}

if ! command -v dpkg-query >/dev/null; then
    fail "this is not Debian: install the libraries of DESIGN.md \"Dependencies\" yourself, then use" \
        "\`make all\` (and tests/run.sh) instead of \`make run\` and \`make test\`"
fi

have=" $(installed | tr '\n' ' ') "
missing=()
for p in $wanted; do
    case "$have" in
    *" $p "*) ;;
    *) missing+=("$p") ;;
    esac
done
[ ${#missing[@]} -eq 0 ] && exit 0

release=$(sed -n 's/^PRETTY_NAME="\(.*\)"/\1/p' /etc/os-release 2>/dev/null || true)
command -v apt-get >/dev/null || fail "no apt-get on ${release:-this system}: install ${missing[*]}"

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null ||
        fail "run as root: apt-get install --no-install-recommends ${missing[*]}"
    as_root=(sudo)
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT

# Runs apt-get; its words are kept for a failure, and every tenth package that is ready is told.
apt() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Use-Pty=0 "$@" \
        </dev/null 2>&1 | tee -a "$log" |
        awk '/^Setting up / && ++n % 10 == 0 { printf "deps: %d packages ready\n", n; fflush() }'
}

echo "deps: ${#missing[@]} to install: ${missing[*]}"
if ! apt update || ! apt install --no-install-recommends "${missing[@]}"; then
    tail -n 20 "$log" >&2
    fail "apt-get could not install them on ${release:-this system}; Tocsin is made for Debian 12"
fi
echo "deps: done"
