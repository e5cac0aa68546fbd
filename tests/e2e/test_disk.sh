#!/usr/bin/env bash
# The disk is full: senders are told to try again, and nothing that was receipted is missing. A
# flush fails: the daemon ends with 74 rather than receipt what may not be on disk.
# shellcheck disable=SC2016,SC2034,SC2129,SC2317 # read and called by the library
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# LeakSanitizer does not work under strace; the other tests look for leaks.
export ASAN_OPTIONS=detect_leaks=0

lines() { # N PREFIX
    python3 -c 'import json, sys
for i in range(int(sys.argv[1])): print(json.dumps({"id": "%s%d" % (sys.argv[2], i), "text": "Convoy attacked near Gao " + "x" * 800}))' "$@"
}
stored() { py 'e["seq"] if e["status"] in ("stored", "duplicate") else None' <"$1" | sort -n; }
in_journal() { t "$1" record --json | py 'e["seq"] if "incident" in e else None' | sort -n; }
# Every receipted sequence number is in the journal.
none_missing() { # NAME DIR RECEIPTS
    stored "$3" >"$T/receipted"
    in_journal "$2" >"$T/there"
    same "$1" 0 "$(comm -23 <(sort "$T/receipted") <(sort "$T/there") | wc -l)"
}

# ---- full

if [ "$(id -u)" -ne 0 ] || ! { mkdir -p "$T/disk" && mount -t tmpfs -o size=6m tocsin-e2e "$T/disk" 2>/dev/null; }; then
    skip "a full disk" "only root can mount a small tmpfs"
else
    D=$T/disk/a
    collector='disk_low_bytes: 0'
    notifier='head: 1s'
    instance "$D"
    start_all "$D"
    lines 500 first | t "$D" send --json >"$T/first"
    same "with room all is stored" 500 "$(grep -c '"stored"' "$T/first")"
    head -c 6000000 /dev/zero >"$D/ballast" 2>/dev/null
    lines 3000 second | t "$D" send --json --timeout 3s >"$T/second" 2>"$T/second.err"
    code=$?
    if [ "$code" -eq 69 ] || [ "$code" -eq 75 ]; then ok "the sender gives up with a code that says try again"; else
        not_ok "the sender gives up with a code that says try again" "exit $code: $(cat "$T/second.err")"
    fi
    check "the collector said that the disk is full" log_says "$D" collector 'disk is full'
    lacks "nothing is rejected for want of room" '"rejected"' "$(cat "$T/second")"
    check "all live on" alive "$D" collector notifier classifier
    # The sender keeps trying until there is room.
    lines 200 third | "$BIN/tocsin" -d "$D" send --json --timeout 30s >"$T/third" 2>&1 & kids[$!]=1; sender=$!
    check "while it is full nothing is receipted" test ! -s "$T/third"
    rm -f "$D/ballast"
    await_ok "with room again the waiting sender gets through" 20 gone "$sender"
    same "with a receipt for each" 200 "$(grep -c '"stored"' "$T/third")"
    cat "$T/first" "$T/second" "$T/third" | grep '^{' >"$T/all"
    none_missing "nothing receipted is missing" "$D" "$T/all"
    check "the chain is whole" t "$D" verify
    await_ok "the alerts catch up" 20 follows "$D" "$(head_of "$D")"
    check "all live on after it" alive "$D" collector notifier classifier
    stop_all "$D" || not_ok "stopping after a full disk"
fi

# ---- a flush that fails

unset collector notifier
if ! strace -f -e inject=fdatasync:error=EIO:when=1 true 2>/dev/null; then
    skip "a failed flush" "strace cannot inject here"
    finish
fi
# fails DIR DAEMON: started so that its flushes fail from the 15th on.
fails() {
    launch "$1" "$2" strace -f -o /dev/null -e trace=fdatasync,fsync \
        -e inject=fdatasync,fsync:error=EIO:when=15+
    await 20 answers "$1" "$2"
}
code_of() { # DIR DAEMON: how it ended
    local pid code
    pid=$(pid_of "$1" "$2")
    await 20 gone "$pid" || kill -KILL "$pid"
    wait "$pid" 2>/dev/null
    code=$?
    unset "kids[$pid]"
    echo "$code" >"$T/code"
}

D=$T/b
collector='tick: 30s'
instance "$D"
fails "$D" collector
for i in $(seq 60); do
    lines 1 "b$i-" | t "$D" send --json --timeout 1s >>"$T/b.receipts" 2>/dev/null || break
done
code_of "$D" collector
same "the collector ends with 74 when a flush fails" 74 "$(cat "$T/code")"
check "and says so" log_says "$D" collector 'could not be flushed'
check "some were receipted before" test "$(stored "$T/b.receipts" | wc -l)" -gt 0
start "$D" collector
none_missing "nothing receipted is missing after the restart" "$D" "$T/b.receipts"
lines 1 again | t "$D" send --json >"$T/again"
has "it takes reports again" '"stored"' "$(cat "$T/again")"
stop "$D" collector || not_ok "the collector stops"

D=$T/c
instance "$D"
start "$D" collector
fails "$D" notifier
launch "$D" classifier
"$BIN/tocsin" -d "$D" watch --json --from start >"$T/c.seen" 2>/dev/null & kids[$!]=1
for i in $(seq 40); do
    echo "{\"text\":\"Ambush on a convoy\",\"event\":\"ambush\",\"lat\":$((11 + i / 8)).5,\"lon\":$((i % 8 - 4)).5,\"killed\":3}" |
        t "$D" send >/dev/null
    ! gone "$(pid_of "$D" notifier)" || break
done
code_of "$D" notifier
same "the notifier ends with 74 when a flush fails" 74 "$(cat "$T/code")"
check "and says so too" log_says "$D" notifier 'could not be flushed'
start "$D" notifier
await_ok "the classifier hands it over again" 20 follows "$D" "$(head_of "$D")"
t "$D" watch --json --from start --until-idle 1s >"$T/c.log"
same "nothing that a console was shown is gone" 0 \
    "$(comm -23 <(py 'str(e["seq"]) + e["id"] + e["kind"]' <"$T/c.seen" | sort -u) \
        <(py 'str(e["seq"]) + e["id"] + e["kind"]' <"$T/c.log" | sort) | wc -l)"
t "$D" record >"$T/c.rec"
"$BIN/tocsin" -c "$D/tocsin.yaml" assess --alerts "$T/c.rec" >"$T/c.want"
comparison "$D" >"$T/c.got"
same_file "every alert is there once" "$T/c.want" "$T/c.got"
check "the chains are whole" t "$D" verify
stop_all "$D" || not_ok "stopping after a failed flush"
finish
