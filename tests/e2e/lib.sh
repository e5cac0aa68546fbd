# shellcheck shell=bash
# shellcheck disable=SC2034,SC2001 # for the scripts; sed indents every line
# What the end-to-end scripts share: instances of the real daemons in a temporary directory, waiting
# for a condition with a deadline, checks. A script sources this file, makes its checks and ends
# with `finish`.
#
# Nothing here sleeps for an effect: `await` asks again until it is so, or says that it never was.
# An instance is a directory; the log of daemon X is DIR/X.log, its process id DIR/X.pid.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1

BIN=$(cd "${BIN:-build/${VARIANT:-release}/bin}" && pwd) || exit 1
HELPERS=$(dirname "$BIN")/tests/e2e
E2E=$PWD/tests/e2e
export LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$E2E
T=$(mktemp -d "${TMPDIR:-/tmp}/tocsin-e2e.XXXXXX") || exit 1
passed=0 failed=0
declare -A kids=() # process ids of ours that may still run

clean_up() {
    local pid
    for pid in "${!kids[@]}"; do kill -KILL "$pid" 2>/dev/null; done
    wait 2>/dev/null
    if [ "$failed" -gt 0 ]; then
        local log
        for log in "$T"/*/*.log; do
            [ -e "$log" ] || continue
            echo "---- ${log#"$T"/}"
            tail -n 15 "$log"
        done
    fi
    if mountpoint -q "$T/disk" 2>/dev/null; then umount -l "$T/disk"; fi
    rm -rf "$T"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# ---- checks

ok() { echo "ok $1"; passed=$((passed + 1)); }
not_ok() { # NAME [WHAT WAS SEEN]
    echo "not ok $1"
    [ $# -lt 2 ] || printf '%s\n' "$2" | head -n 12 | sed 's/^/    /'
    failed=$((failed + 1))
}
check() { # NAME COMMAND...
    local name=$1 said
    shift
    if said=$("$@" 2>&1); then ok "$name"; else not_ok "$name" "$* failed: $said"; fi
}
same() { # NAME WANTED GOT
    if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1" "wanted: $2"$'\n'"got:    $3"; fi
}
has() { # NAME PATTERN TEXT
    if grep -qE -- "$2" <<<"$3"; then ok "$1"; else not_ok "$1" "no /$2/ in: $3"; fi
}
lacks() { # NAME PATTERN TEXT
    if grep -qE -- "$2" <<<"$3"; then not_ok "$1" "/$2/ in: $3"; else ok "$1"; fi
}
same_file() { # NAME FILE FILE
    if [ -s "$2" ] && cmp -s "$2" "$3"; then ok "$1"; else
        not_ok "$1" "$(wc -l "$2" "$3" | head -2; diff "$2" "$3" | cut -c1-300 | head -8)"
    fi
}
skip() { echo "ok $1 # skip $2"; }
finish() {
    echo "# $passed passed, $failed failed"
    [ "$failed" -eq 0 ]
    exit
}

# ---- waiting

now_ms() { local t=${EPOCHREALTIME/[.,]/}; echo $((t / 1000)); }
await() { # SECONDS COMMAND...: until the command succeeds
    local end=$(($(now_ms) + $1 * 1000))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$(now_ms)" -lt "$end" ] || return 1
        sleep 0.05
    done
}
await_ok() { # NAME SECONDS COMMAND...
    local name=$1
    shift
    if await "$@"; then ok "$name"; else not_ok "$name" "not within $1 s: ${*:2}"; fi
}
gone() { ! kill -0 "$1" 2>/dev/null; }
log_says() { grep -qE -- "$3" "$1/$2.log"; } # DIR DAEMON PATTERN
log_count() { grep -cE -- "$3" "$1/$2.log"; }

# ---- instances

# instance DIR: writes its configuration. What stands in $collector, $classifier, $notifier and
# $instance (lines of YAML) is added to the sections.
instance() {
    local section
    mkdir -p "$1"
    for section in instance collector classifier notifier; do
        echo "$section:"
        [ "$section" = instance ] || grep -q listen_http <<<"${!section:-}" || echo '  listen_http: off'
        [ -z "${!section:-}" ] || sed 's/^/  /' <<<"${!section}"
        [ "$section" != instance ] || echo '  log_level: info'
    done >"$1/tocsin.yaml"
}
t() { local dir=$1; shift; "$BIN/tocsin" -d "$dir" "$@"; } # DIR VERB...
pid_of() { cat "$1/$2.pid"; }

# launch DIR DAEMON [WORDS BEFORE IT...]: in the background, not waited for.
launch() {
    local dir=$1 daemon=$2
    shift 2
    "$@" "$BIN/tocsin-$daemon" -d "$dir" >>"$dir/$daemon.log" 2>&1 </dev/null &
    echo $! >"$dir/$daemon.pid"
    kids[$!]=1
}
answers() { # DIR DAEMON
    [ "$(t "$1" status --json --timeout 1s 2>/dev/null | grep -c "\"daemon\":\"$2\"")" -gt 0 ]
}
deciding() { t "$1" status --timeout 1s >/dev/null 2>&1; } # the classifier was heard of, too
start() { # DIR DAEMON [WORDS BEFORE IT...]
    launch "$@"
    case $2 in
    classifier) await 20 follows "$1" "$(head_of "$1")" ;;
    *) await 20 answers "$1" "$2" ;;
    esac || { not_ok "start of $2" "$(tail -n 5 "$1/$2.log")"; finish; }
}
start_all() { start "$1" collector && start "$1" notifier && start "$1" classifier; }
# Last flushed record of the journal. Ticks may follow: whoever waits names the record he means.
head_of() {
    t "$1" status --json --timeout 5s 2>/dev/null |
        sed -n 's/.*"daemon":"collector".*"head":\([0-9]*\),.*/\1/p'
}
# The classifier has taken record HEAD and what it decided up to there is stored.
follows() { # DIR HEAD
    local s
    s=$(t "$1" status --json --timeout 2s) || return 1
    python3 - "$s" "${2:-0}" <<'P'
import json, sys
d = {}
for line in sys.argv[1].splitlines():
    s = json.loads(line)
    d[s["daemon"]] = s
sys.exit(0 if d["classifier"]["figures"]["pending_events"] == "0" and
         int(d["notifier"]["figures"]["position"]) >= int(sys.argv[2]) else 1)
P
}
settled() { await "${2:-15}" follows "$1" "$(head_of "$1")" || not_ok "the pipeline settles" "$(t "$1" status --json)"; }
stop() { # DIR DAEMON [SIGNAL]: its exit code
    local pid code
    pid=$(pid_of "$1" "$2")
    kill "-${3:-TERM}" "$pid" 2>/dev/null
    await 12 gone "$pid" || kill -KILL "$pid"
    wait "$pid" 2>/dev/null
    code=$?
    unset "kids[$pid]"
    rm -f "$1/$2.pid"
    return $code
}
stop_all() {
    local d code=0
    for d in classifier notifier collector; do
        [ ! -e "$1/$d.pid" ] || stop "$1" "$d" || code=$?
    done
    return $code
}
alive() { # DIR DAEMON...
    local dir=$1 d
    shift
    for d in "$@"; do kill -0 "$(pid_of "$dir" "$d")" 2>/dev/null || return 1; done
}
rss_kb() { awk '/^VmRSS/ { print $2 }' "/proc/$1/status"; }
http_port() { sed -nE 's/.*http door listens on .*:([0-9]+)$/\1/p' "$1/collector.log" | tail -n 1; }

comparison() { t "$1" watch --from start --until-idle 400ms --comparison; } # DIR
# jq for the poor: field VALUE-EXPRESSION of every line; e is the object.
py() { python3 -c "
import json, sys
for line in sys.stdin:
    e = json.loads(line)
    r = $1
    if r is not None: print(r)"; }
