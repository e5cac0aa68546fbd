#!/usr/bin/env bash
# The units under a real systemd: boots a minimal Debian 12 root with systemd as PID 1 in a
# container, installs Tocsin with `make install`, and looks whether the services do what an
# administrator expects. Needs root, mmdebstrap and systemd-nspawn (installed where missing); a
# target of its own (`make service`), since it downloads some 100 MB.
#
# SERVICE_ROOT keeps the root between runs (default build/service).
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1

[ "$(id -u)" -eq 0 ] || { echo "service: needs root" >&2; exit 77; }
if ! command -v mmdebstrap >/dev/null || ! command -v systemd-nspawn >/dev/null; then
    apt-get update -q >/dev/null
    apt-get install -yq --no-install-recommends mmdebstrap systemd-container >/dev/null || exit 69
fi

work=$(readlink -f "${SERVICE_ROOT:-build/service}")
root=$work/root
name=tocsin$$
ok=0
bad=0
mkdir -p "$work"

packages=systemd,systemd-sysv,dbus,procps,tzdata
packages+=,libzmq5,libevent-2.1-7,libprotobuf-c1,libsqlite3-0,libyaml-0-2,libcjson1,libsodium23,libsystemd0,libutf8proc2,libevent-openssl-2.1-7,libssl3,libexpat1,libzstd1
# Made anew when the list has changed.
if [ "$(cat "$root/.ok" 2>/dev/null)" != "$packages" ]; then
    rm -rf "$root"
    sources=$work/sources
    if ls /etc/apt/sources.list.d/*.sources >/dev/null 2>&1; then
        sources=$sources.sources
        cat /etc/apt/sources.list.d/*.sources >"$sources"
    else
        cat /etc/apt/sources.list >"$sources"
    fi
    mmdebstrap -q --variant=minbase --mode=root \
        --include="$packages" \
        --skip=check/empty bookworm "$root" "$sources" || exit 69
    echo "$packages" >"$root/.ok"
fi
make -s install DESTDIR="$root" PREFIX=/usr || exit 1
mkdir -p "$root/etc/systemd/system/multi-user.target.wants"
ln -sf /usr/lib/systemd/system/tocsin.target "$root/etc/systemd/system/multi-user.target.wants/"

for h in systemd unified; do mkdir -p "/sys/fs/cgroup/$h/$name"; done
(
    for h in systemd unified; do echo "$BASHPID" >"/sys/fs/cgroup/$h/$name/cgroup.procs"; done
    exec setsid env SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 systemd-nspawn -q --settings=no -D "$root" \
        --volatile=overlay --boot --register=no --keep-unit --machine="$name" --private-network \
        --link-journal=no --resolv-conf=off --timezone=off --console=pipe --capability=all \
        --system-call-filter=bpf systemd.unit=multi-user.target </dev/null >"$work/console" 2>&1
) &
nspawn=$!
leader=

finish() {
    [ -n "$leader" ] && kill -0 "$leader" 2>/dev/null && kill -KILL "$leader"
    for _ in $(seq 60); do kill -0 "$nspawn" 2>/dev/null || break; sleep 0.1; done
    for h in systemd unified; do
        find "/sys/fs/cgroup/$h/$name" -depth -type d -exec rmdir {} + 2>/dev/null
    done
}
trap finish EXIT

for _ in $(seq 200); do
    read -r -a children <"/proc/$nspawn/task/$nspawn/children" || true
    for c in "${children[@]:-}"; do
        [ -n "$c" ] || continue
        [ "$(cat "/proc/$c/comm")" = systemd ] && leader=$c
    done
    [ -n "$leader" ] && break
    sleep 0.05
done
[ -n "$leader" ] || { cat "$work/console"; echo "service: the container did not boot" >&2; exit 1; }

inside() {
    nsenter -t "$leader" -m -u -i -n -p -C env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
        TERM=dumb SYSTEMD_PAGER= "$@"
}
check() {
    local what=$1
    shift
    if "$@" >"$work/out" 2>&1; then
        ok=$((ok + 1))
        echo "ok $what"
    else
        bad=$((bad + 1))
        echo "not ok $what"
        tail -5 "$work/out" | sed 's/^/   /'
    fi
}
wait_for() {
    for _ in $(seq 150); do "$@" >/dev/null 2>&1 && return 0; sleep 0.1; done
    "$@"
}
wait_for_long() {
    for _ in $(seq 450); do "$@" >/dev/null 2>&1 && return 0; sleep 0.1; done
    "$@"
}
property() { inside systemctl show -p "$2" --value "$1"; }
restarted() {
    local pid
    pid=$(property "$1" MainPID)
    [ "$pid" != "$2" ] && [ "$pid" != 0 ] && [ "$(property "$1" ActiveState)" = active ]
}
says() { inside bash -c "$1" | grep -q "$2"; }

wait_for inside test -S /run/systemd/private
inside systemctl is-system-running --wait >/dev/null 2>&1

for d in collector classifier notifier; do
    check "tocsin-$d is active" wait_for inside systemctl is-active "tocsin-$d"
done
check "the user is made" inside id tocsin
check "state belongs to it" says "stat -c %U /var/lib/tocsin/collector" tocsin
check "a report goes in" says \
    "echo '{\"text\":\"Convoi attaqué près de Gao, deux blessés\"}' | tocsin send" stored
check "an alert comes out" says "tocsin watch --json --from start --count 1" '"precedence":"flash"'
check "status answers for all three" wait_for inside tocsin status
check "no capability is held" says "grep CapBnd /proc/\$(pidof tocsin-collector)/status" 0000000000000000
check "the system calls are filtered" says "grep Seccomp: /proc/\$(pidof tocsin-collector)/status" 2
for d in collector classifier notifier; do
    pid=$(property "tocsin-$d" MainPID)
    [ "${pid:-0}" -gt 1 ] && inside kill -9 "$pid"
    check "tocsin-$d is started again after kill -9" wait_for restarted "tocsin-$d" "$pid"
done
pid=$(property tocsin-notifier MainPID)
[ "${pid:-0}" -gt 1 ] && inside kill -STOP "$pid"
check "the watchdog finds a notifier that hangs" wait_for_long restarted tocsin-notifier "$pid"
check "a second report goes in after all that" says \
    "echo '{\"text\":\"Tirs de mortier sur le camp de Kidal\"}' | tocsin --timeout 20s send" stored
check "reload keeps the classifier" inside systemctl reload tocsin-classifier
inside sed -i '/^collector:$/a\  spool: /var/lib/tocsin/collector/spool\n  sources:\n    - {name: sms, gateway: kannel, secret: s3cret}' \
    /etc/tocsin/tocsin.yaml
check "the collector takes a gateway and a spool" inside systemctl restart tocsin-collector
sms() {
    says "exec 3<>/dev/tcp/127.0.0.1/8440 && printf '%s\r\n' 'GET /v1/sms/kannel?token=s3cret&from=%2B22370000001&text=Tirs+au+marche&id=m1 HTTP/1.1' 'Host: x' 'Connection: close' '' >&3 && cat <&3" "HTTP/1.1 200"
}
check "a text message comes in" wait_for sms
check "its number became a key's" says "stat -c '%a %U' /etc/tocsin/keys/phone.key" '600 tocsin'
inside sh -c 'cd /var/lib/tocsin/collector/spool && echo "Embuscade, axe Gao-Bourem" >.r && mv .r radio.txt'
check "a file comes in" wait_for says "ls /var/lib/tocsin/collector/spool/done/local" radio.txt
check "the logs verify" inside tocsin verify
check "no unit has failed" says "systemctl --failed --no-legend | wc -l" '^0$'
inside systemctl stop tocsin.target
for d in collector classifier notifier; do
    check "tocsin-$d stops with the target" wait_for says "systemctl is-active tocsin-$d || true" inactive
done
check "no socket is left" says "find /run/tocsin -type s | wc -l" '^0$'
echo "$ok passed, $bad failed"
[ "$bad" -eq 0 ]
