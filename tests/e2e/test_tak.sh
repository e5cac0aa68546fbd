#!/usr/bin/env bash
# The door for TAK clients: what they send in whichever pieces, who they are, what they are answered,
# and what one of them can do to the others: nothing.
# shellcheck disable=SC2016,SC2034,SC2317 # read and called by the library
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
export PYTHONUNBUFFERED=1

tak_port() { sed -nE 's/.*tak door listens on .*:([0-9]+)$/\1/p' "$1/collector.log" | tail -n 1; }
tls_port() { sed -nE 's/.*tak door under TLS listens on .*:([0-9]+)$/\1/p' "$1/collector.log" | tail -n 1; }
metric() { # DIR NAME
    curl -s -m 5 "http://127.0.0.1:$(http_port "$1")/metrics" | sed -n "s/^tocsin_$2 //p"
}
metric_is() { [ "$(metric "$1" "$2")" = "$3" ]; }
incidents() { # DIR: "source id text" of each
    t "$1" record --json |
        py '" ".join([e["incident"]["source"], e["incident"].get("id", "-"), e["incident"].get("text", "")]) if "incident" in e else None'
}
look() { got=$(incidents "$1"); } # DIR: what is stored now, for there()
there() { grep -cE -- "$1" <<<"$got"; }
stored_is() { [ "$(incidents "$1" | grep -cE -- "$2")" = "$3" ]; } # DIR PATTERN N
hup() { kill -HUP "$(pid_of "$1" collector)"; }
within() { [ "$1" -le "$2" ] || { echo "$1, limit $2"; false; }; }

# ---- certificates

X=$T/x
mkdir -p "$X"
{
    for ca in ca other; do
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=$ca" \
            -keyout "$X/$ca.key" -out "$X/$ca.pem"
    done
    issue() { # FILE NAME AUTHORITY: FILE.key, FILE.crt, and both in FILE.pem
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$2" -keyout "$X/$1.key" -out "$X/$1.csr"
        openssl x509 -req -in "$X/$1.csr" -CA "$X/$3.pem" -CAkey "$X/$3.key" -CAcreateserial -days 30 -out "$X/$1.crt"
        cat "$X/$1.key" "$X/$1.crt" >"$X/$1.pem"
    }
    issue server collector ca
    issue server2 collector ca
    issue patrol 'Patrol 7' ca
    issue unknown 'Patrol 8' ca
    issue stranger 'Patrol 7' other
} >"$X/log" 2>&1 || { not_ok "certificates for the test" "$(tail -n 5 "$X/log")"; finish; }

# ---- instances: a has a source for those who do not say who they are, and client certificates;
# b wants <auth>

A=$T/a
collector="listen_http: 127.0.0.1:0
listen_tak: 127.0.0.1:0
listen_tak_tls: 127.0.0.1:0
tls_cert: $X/server.crt
tls_key: $X/server.key
tls_clients: $X/ca.pem
tak_source: field
tick: 1s
disk_low_bytes: 0
sources:
  - {name: field, class: own}
  - {name: Patrol 7, class: own}
  - {name: radio, token: s3cret, class: own}
  - {name: slow, token: sl0w, class: partner, rate_per_s: 20, burst: 20}
  - {name: tracker, token: tr4cker, class: own, may: [positions]}
  - {name: writer, token: wr1ter, class: own, may: [incidents]}
tak_assets:
  - {match: TRUCK9*, asset: convoy-9}
  - {match: TRUCK*, asset: convoy-1}"
a_lines=$collector
instance "$A"
start "$A" collector
B=$T/b
collector="listen_http: 127.0.0.1:0
listen_tak: 127.0.0.1:0
listen_tak_tls: '[::1]:0'
tls_cert: $X/server.crt
tls_key: $X/server.key
tick: 1s
disk_low_bytes: 0
sources:
  - {name: radio, token: s3cret, class: own}
  - {name: quiet, class: own}"
b_lines=$collector
instance "$B"
start "$B" collector
port=$(tak_port "$A") tls=$(tls_port "$A") b_port=$(tak_port "$B")
check "the log tells the ports" test -n "$port" -a -n "$tls" -a -n "$b_port"

# Two that say nothing, where one must say who he is: looked at again further down.
cat >"$T/silent.py" <<'P'
import sys
from tak import *
plain, under_tls = Client(sys.argv[1]), socket.create_connection(("::1", int(sys.argv[2])))
t = time.monotonic()
print("silent", "closed" if plain.closed(20) else "still open")
under_tls.settimeout(20)
print("handshake", "closed" if under_tls.recv(1) == b"" else "answered")
print("after", int(time.monotonic() - t))
P
python3 "$T/silent.py" "$b_port" "$(tls_port "$B")" >"$T/silent" 2>&1 &
kids[$!]=1 silent=$!

# ---- what is sent, and in which pieces

cat >"$T/pieces.py" <<'P'
import sys
from tak import *
c = Client(sys.argv[1])
print("offer", bool(c.until(b't-x-takp-v.*TakProtocolSupport version="1".*</event>')))
c.send(event("one", "a plain event"))
c.send(event("j1", "joined first") + event("j2", "joined second", head=False) + b"\n" + event("j3", "joined third"))
e = event("bits", "byte by byte")
for i in range(len(e)):
    c.send(e[i : i + 1])
half = event("split", "in two reads")
c.send(half[:150])
print("half", c.round_trip("h") is not None)  # the ping stands where the rest of the event should
c2 = Client(sys.argv[1])
c2.send(half[:150])
while c2.until(b"</event>") is None: pass
c2.send(half[150:])
print("split", c2.round_trip("s") is not None)
c3 = Client(sys.argv[1])
c3.send(event("big", "y" * 15000 + " end of the long one"))
c3.send(event("TRUCK-1", "", type="a-f-G-E-V-C", callsign="TRUCK-1"))
c3.send(event("TRUCK-2", "", type="a-f-G-E-V-C", callsign="TRUCK-2", at=BASE + 1))
c3.send(event("GeoChat.1", "hello there", type="b-t-f"))
c3.send(event("bad", "has no place on the globe", lat=95))
c3.send(event("twice", "said twice"), event("twice", "said twice", at=BASE + 30))
c3.send(event("twice", "and changed", at=BASE + 60))
c3.send(event("twice", "and changed", at=BASE + 90))
print("rest", c3.round_trip("r") is not None)
P
said=$(python3 "$T/pieces.py" "$port" 2>&1)
has "the protocol is offered" '^offer True' "$said"
has "an event that breaks off costs only itself" '^half True' "$said"
has "an event in two reads, then a ping" '^split True' "$said"
has "a ping is answered after what came before it" '^rest True' "$said"
look "$A"
for text in 'one .*a plain event' 'j1 .*joined first' 'j2 .*joined second' 'j3 .*joined third' \
    'bits .*byte by byte' 'split .*in two reads' 'big .*end of the long one'; do
    same "stored once: $text" 1 "$(there "^field $text")"
done
same "a marker that is sent again is one report, changed it is another" \
    "said twice and changed" "$(grep '^field twice ' <<<"$got" | grep -oE 'said twice|and changed' | paste -sd' ')"
same "two devices of one asset give one position in five seconds" 1 \
    "$(t "$A" record --json | grep -c '"position":{"asset":"convoy-1"')"
has "in the name of the source" '"position":\{"asset":"convoy-1".*"source":"field"' "$(t "$A" record --json)"
lacks "a chat is no report" 'hello there' "$got"
quarantine=$(t "$A" rejected list --json)
has "what is wrong is refused with the reason" '"door":"tak".*lat' "$quarantine"
same "metrics: ignored" 1 "$(metric "$A" tak_ignored_total)"
same "metrics: repeats" 3 "$(metric "$A" tak_repeats_total)"
same "metrics: refused" 2 "$(metric "$A" tak_refused_total)"
has "the status has them too" 'tak_repeats 3' "$(t "$A" status --timeout 1s 2>/dev/null)"
await_ok "who has gone is no connection any more" 10 metric_is "$A" tak_connections 0

# ---- the other version of the protocol

cat >"$T/proto.py" <<'P'
import sys
from tak import *
c = Client(sys.argv[1])
c.send(request(7))
print("version_7", bool(c.until(b't-x-takp-r.*TakResponse status="false"')))
c.got = b""
c.send(event("x1", "before the switch") + request())
print("version_1", bool(c.until(b't-x-takp-r.*TakResponse status="true"')))
c.got = b""
e = proto("p3", "in two reads of protobuf")
c.send(proto("p1", "in protobuf") + proto("p2", "and joined to it") + e[:40])
c.send(e[40:] + frame(data(2, data(1, "t-x-c-t") + data(5, "pp") + num(6, 1))))
m = c.until(b"\xbf.*t-x-c-t-r.*pp")
print("pong", bool(m) and b"<event" not in c.got)
c.send(b"<event/>")
print("no_way_back", c.closed())
P
said=$(python3 "$T/proto.py" "$port" 2>&1)
has "an unknown version is declined" '^version_7 True' "$said"
has "version 1 is agreed upon" '^version_1 True' "$said"
has "a ping in protobuf has its answer in protobuf" '^pong True' "$said"
has "XML behind the switch is unreadable" '^no_way_back True' "$said"
look "$A"
for text in 'x1 .*before the switch' 'p1 .*in protobuf' 'p2 .*joined to it' 'p3 .*two reads of protobuf'; do
    same "stored once: $text" 1 "$(there "^field $text")"
done

# ---- who speaks

cat >"$T/who.py" <<'P'
import sys
from tak import *
a, b = sys.argv[1:3]
c = Client(a)
c.send(auth("radio", "s3cret") + event("w1", "with the right token"))
print("right", c.round_trip("1") is not None)
c = Client(a)
c.send(auth("tracker", "tr4cker") + event("w2", "not what it may send"))
print("may", c.round_trip("1") is not None)
c2 = Client(a)
c2.send(auth("writer", "wr1ter") + event("TRUCK9-1", "", type="a-f-G-E-V-C", callsign="TRUCK9", lat=1))
c2.round_trip("1")
c.send(event("TRUCK9-2", "", type="a-f-G-E-V-C", callsign="TRUCK9", lat=2))
print("position", c.round_trip("2") is not None)
for name, first in {
    "wrong": auth("radio", "guess"),
    "nobody": auth("nobody", "s3cret"),
    "tokenless": auth("quiet", ""),
    "no_password": b'<auth><cot username="radio"/></auth>',
    "unsaid": b"",
    "garbage": b"GET / HTTP/1.1\r\n\r\n",
}.items():
    c = Client(b)
    c.send(first + event("w-" + name, "must not be stored"))
    print(name, c.closed())
c = Client(b)
c.send(auth("radio", "s3cret") + event("w3", "where a token is needed"))
print("b_right", c.round_trip("1") is not None)
P
said=$(python3 "$T/who.py" "$port" "$b_port" 2>&1)
has "the right token" '^right True' "$said"
look "$A"
same "speaks for its source" 1 "$(there '^radio w1 ')"
has "what a source may not send" '^may True' "$said"
has "is refused" 'tracker may not send incidents' "$(t "$A" rejected list --json)"
same "a position that is refused stands in nobody's way" '"lat":2.0,"lon":-4.2,"source":"tracker"' \
    "$(t "$A" record --json | grep -o '"position":{"asset":"convoy-9".*' | grep -oE '"lat":[^}]*"tracker"')"
for name in wrong nobody tokenless no_password unsaid garbage; do
    has "the connection ends: $name" "^$name True" "$said"
done
has "and with the right token it stays" '^b_right True' "$said"
same "nothing of the others is stored" "radio w3" "$(incidents "$B" | cut -d' ' -f1,2)"
same "nor kept" "" "$(t "$B" rejected list --json)"
for why in "token is not that of source 'radio'" "no source is called 'nobody'" 'no token: it may only report' \
    'no password' 'does not say who it is'; do
    check "the log says: $why" log_says "$B" collector "TAK connection is closed.*$why"
done

# ---- TLS

cat >"$T/tls.py" <<'P'
import sys
from tak import *
port, x = sys.argv[1:3]
ca = x + "/ca.pem"
c = Client(port, ca, x + "/patrol.pem")
c.send(event("t1", "under TLS") + auth("radio", "s3cret") + event("t2", "the certificate counts"))
print("patrol", c.round_trip("1") is not None)
big = [event("t%d" % i, "z" * 900) for i in range(10, 200)]
c.send(b"".join(big))
print("much", c.round_trip("2") is not None)
for name, cert in {"unknown": "unknown.pem", "stranger": "stranger.pem", "none": None}.items():
    try:
        c = Client(port, ca, cert and x + "/" + cert)
        c.send(event("t-" + name, "must not be stored"))
        print(name, c.closed())
    except OSError:
        print(name, True)
c = Client(port)
c.send(event("t-plain", "no TLS at all"))
print("plain", c.closed())
P
said=$(python3 "$T/tls.py" "$tls" "$X" 2>&1)
has "a client with a certificate" '^patrol True' "$said"
look "$A"
same "speaks for the source of its name" 2 "$(there '^Patrol 7 t[12] ')"
has "much of it" '^much True' "$said"
same "all of which is stored" 190 "$(there '^Patrol 7 t[0-9]+ .*zzzz')"
for name in unknown stranger none plain; do
    has "the connection ends: $name" "^$name True" "$said"
done
same "nothing of them is stored" 0 "$(there 'must not|no TLS')"
check "the log tells the name that has no source" log_says "$A" collector 'certificate says "Patrol 8"'
check "and why TLS failed" log_says "$A" collector 'TLS with a TAK client failed: certificate verify failed'

# ---- what cannot be read

cat >"$T/garbage.py" <<'P'
import os, sys
from tak import *
port = sys.argv[1]
other = Client(port)
for name, b in {
    "http": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "bytes": bytes(range(128, 256)) * 20,
    "zeros": b"\0" * 300 + b"zero",
    "long": event("l", "x" * 70000),
    "endless": b"<event " + b"a" * 200000,
    "frame": b"\xbf\xff\xff\xff\x7f" + b"x" * 100,
}.items():
    c = Client(port)
    try:
        c.send(event("before-" + name, "readable") + b)
    except OSError:
        pass
    print(name, c.closed(), other.round_trip(name) is not None)
P
before=$(rss_kb "$(pid_of "$A" collector)")
said=$(python3 "$T/garbage.py" "$port" 2>&1)
look "$A"
for name in http bytes zeros long endless frame; do
    has "garbage ends its connection and no other: $name" "^$name True True" "$said"
    same "what stood in front of it is stored: $name" 1 "$(there "^field before-$name ")"
done
quarantine=$(t "$A" rejected list --json)
for why in 'GET|0x47|expected|element' 'longer than'; do
    has "the quarantine has it: $why" "\"door\":\"tak\".*($why)" "$quarantine"
done

# ---- a flood, and one who is held back by his rate: the others are not delayed

cat >"$T/flood.py" <<'P'
import sys, threading
from tak import *
port = sys.argv[1]
FLOOD, SLOW = 10000, 60
done = []

def flood():
    c = Client(port)
    for i in range(0, FLOOD, 50):
        c.send(b"".join(event("f%d" % k, "flood %d" % k, lat=10 + k * 1e-4) for k in range(i, i + 50)))
    done.append(("flood", c.round_trip("end", 60)))

def slow():
    c = Client(port)
    t = time.monotonic()
    c.send(auth("slow", "sl0w") + b"".join(event("s%d" % k, "slow %d" % k) for k in range(SLOW)))
    done.append(("slow", c.round_trip("end", 60) and time.monotonic() - t))

threads = [threading.Thread(target=f) for f in (flood, slow)]
me = Client(port)
for th in threads: th.start()
worst, n = 0, 0
while any(th.is_alive() for th in threads):
    me.send(event("me%d" % n, "a calm report %d" % n))
    r = me.round_trip("me%d" % n, 30)
    worst = max(worst, 99 if r is None else r)
    n += 1
print("calm", n, "in_time" if worst < 2 else "late %.2f s" % worst)
for name, took in done:
    print(name, "stored" if took else "lost", "held_back" if took and took > 1.5 else "at_once")
P
said=$(timeout 120 python3 "$T/flood.py" "$port" 2>&1)
has "beside a flood a calm client has its answers in time" '^calm [0-9]+ in_time' "$said"
look "$A"
has "the flood is taken" '^flood stored' "$said"
has "who may send 20 a second is read no faster" '^slow stored held_back' "$said"
same "all of the flood is stored" 10000 "$(there '^field f[0-9]+ .*flood')"
same "all of the slow one is stored" 60 "$(there '^slow s[0-9]+ .*slow')"
same "and all of the calm one" "$(sed -n 's/^calm \([0-9]*\).*/\1/p' <<<"$said")" "$(there '^field me[0-9]+ .*calm')"

# A megabyte a second for somebody who may send 20 reports: it stays with him.
cat >"$T/push.py" <<'P'
import sys
from tak import *
c = Client(sys.argv[1])
c.send(auth("slow", "sl0w"))
c.s.setblocking(False)
pushed, i, end = 0, 0, time.monotonic() + 2
chunk = b""
while pushed < 64 << 20 and time.monotonic() < end:
    if not chunk:
        chunk = b"".join(event("q%d" % k, "x" * 900) for k in range(i, i + 50))
        i += 50
    try:
        n = c.s.send(chunk)
        pushed += n
        chunk = chunk[n:]
    except BlockingIOError:
        time.sleep(0.01)
print("pushed", "bounded" if pushed < 32 << 20 else pushed)
P
has "what he sends beyond that stays with him" '^pushed bounded' "$(python3 "$T/push.py" "$port" 2>&1)"
room=60000
[ "${VARIANT:-release}" != asan ] || room=600000
check "and memory is bounded" within "$(rss_kb "$(pid_of "$A" collector)")" $((before + room))

# ---- a reload

cat >"$T/reload.py" <<'P'
import sys
from tak import *
port, tls, x = sys.argv[1:4]
field, radio = Client(port), Client(port)
radio.send(auth("radio", "s3cret"))
patrol = Client(tls, x + "/ca.pem", x + "/patrol.pem")
was = patrol.s.getpeercert(True)
all = {"field": field, "radio": radio, "patrol": patrol}
for name, c in all.items():
    c.send(event("r1-" + name, "before the reload")); c.round_trip("1")
print("ready"); sys.stdin.readline()
for name, c in all.items():
    c.send(event("r2-" + name, "after the reload"))
    print("kept", name, c.round_trip("2") is not None)
new = Client(tls, x + "/ca.pem", x + "/patrol.pem")
print("new certificate", new.s.getpeercert(True) != was)
print("ready"); sys.stdin.readline()
print("token", radio.closed())
field.send(event("r3-field", "still there"))
print("others", field.round_trip("3") is not None)
print("ready"); sys.stdin.readline()
print("source", patrol.closed(), new.closed())
P
reloads() { log_count "$1" collector 'configuration reloaded'; }
reloaded_is() { [ "$(reloads "$1")" = "$2" ]; }
mkfifo "$T/go"
python3 "$T/reload.py" "$port" "$tls" "$X" <"$T/go" >"$T/said" 2>&1 &
kids[$!]=1 client=$!
exec 9>"$T/go"
ready() { [ "$(grep -c '^ready' "$T/said")" -ge "$1" ]; }
await 20 ready 1 || not_ok "clients before the reload" "$(cat "$T/said")"
collector=${a_lines//server./server2.}
instance "$A"
hup "$A"
await 10 reloaded_is "$A" 1
echo >&9
await 20 ready 2 || not_ok "clients after the reload" "$(cat "$T/said")"
for name in field radio patrol; do has "a reload keeps the connection of $name" "^kept $name True" "$(cat "$T/said")"; done
has "who comes then is shown the new certificate" '^new certificate True' "$(cat "$T/said")"
look "$A"
same "what they send is stored" 3 "$(there ' r2-(field|radio|patrol) .*after the reload')"
echo words >"$X/broken"
collector=${a_lines//server.crt/broken}
instance "$A"
hup "$A"
await_ok "a broken certificate is refused, and the old configuration stays" 10 \
    log_says "$A" collector 'old configuration stays.*broken.*no certificate'
collector=${a_lines/s3cret/0ther}
instance "$A"
hup "$A"
await 10 reloaded_is "$A" 2
echo >&9
await 20 ready 3 || not_ok "clients after the second reload" "$(cat "$T/said")"
has "another token ends who had the old one" '^token True' "$(cat "$T/said")"
has "and nobody else" '^others True' "$(cat "$T/said")"
collector=$(grep -v 'Patrol 7' <<<"$a_lines")
instance "$A"
hup "$A"
await 10 reloaded_is "$A" 3
echo >&9
wait "$client"
unset "kids[$client]"
exec 9>&-
has "a source that is taken out ends its connections" '^source True True' "$(cat "$T/said")"

# ---- killed, and stopped

sed -i "s/listen_tak: .*/listen_tak: 127.0.0.1:$port/" "$A/tocsin.yaml"
cat >"$T/again.py" <<'P'
import sys
from tak import *
port = sys.argv[1]
events = [event("k%d" % i, "told until it is answered %d" % i, at=BASE + i) for i in range(60)]
c = Client(port)
c.send(b"".join(events[:40]))
print("stored", c.round_trip("1") is not None)
c.send(b"".join(events[40:50]))
sys.stdin.readline()
print("gone", c.closed())
end = time.monotonic() + 20
while True:  # a client tries again until it is there
    try:
        c = Client(port)
        break
    except OSError:
        if time.monotonic() > end: raise
c.send(b"".join(events[30:]))
print("again", c.round_trip("2") is not None)
c.send(event("last", "read before the stop"))
print("sent")
sys.stdin.readline()
P
python3 "$T/again.py" "$port" <"$T/go" >"$T/said" 2>&1 &
kids[$!]=1 client=$!
exec 9>"$T/go"
await 20 grep -q '^stored True' "$T/said" || not_ok "a client before the kill" "$(cat "$T/said")"
stop "$A" collector KILL
echo >&9
start "$A" collector
await_ok "after kill -9 the client comes back" 25 grep -q '^again True' "$T/said"
look "$A"
same "everything is there once" 60 "$(there '^field k[0-9]+ .*told until')"
await 10 grep -q '^sent' "$T/said"
await 10 stored_is "$A" '^field last ' 1
if stop "$A" collector; then ok "it stops with a client connected"; else not_ok "it stops with a client connected"; fi
echo >&9
wait "$client"
unset "kids[$client]"
exec 9>&-
has "the chain is whole" 'collector/journal.db: [0-9]+ records verify' "$(t "$A" verify 2>&1)"

# ---- those who said nothing

wait "$silent"
unset "kids[$silent]"
has "who does not say who he is is closed" '^silent closed' "$(cat "$T/silent")"
has "and who does not get on with TLS" '^handshake closed' "$(cat "$T/silent")"
has "both after 10 s" '^after (9|1[0-5])$' "$(cat "$T/silent")"

# ---- more than may come

C=$T/c
collector='listen_http: 127.0.0.1:0
listen_tak: 127.0.0.1:0
tak_source: field
tak_connections: 200
tick: 1s
disk_low_bytes: 0
sources:
  - {name: field, class: own}'
instance "$C"
start "$C" collector
cat >"$T/cap.py" <<'P'
import sys
from tak import *
port = sys.argv[1]
first = Client(port)
many = [first] + [Client(port) for _ in range(299)]
out = sum(c.until(b"t-x-takp-v") is None for c in many)
print("turned away", out)
print("first", first.round_trip("1") is not None)
for c in many[1:100]: c.close()
end = time.monotonic() + 10
while time.monotonic() < end:
    c = Client(port)
    if c.until(b"t-x-takp-v"): break
c.send(event("newcomer", "there is room again"))
print("newcomer", c.round_trip("2") is not None)
P
said=$(python3 "$T/cap.py" "$(tak_port "$C")" 2>&1)
has "of 300 clients 200 get in" '^turned away 100$' "$said"
has "they are not disturbed" '^first True' "$said"
has "when some have gone others get in" '^newcomer True' "$said"
check "those turned away are counted" test "$(metric "$C" tak_turned_away_total)" -ge 100
same "and logged once" 1 "$(log_count "$C" collector 'turned away')"
stop "$C" collector || not_ok "the collector stops"

# Fewer descriptors than connections: the rest waits, and the listener does not spin.
start "$C" collector prlimit --nofile=64:64
cat >"$T/fds.py" <<'P'
import os, sys
from tak import *
port, pid, log = sys.argv[1:4]
def cpu():
    f = open("/proc/%s/stat" % pid).read().rsplit(")", 1)[1].split()
    return (int(f[11]) + int(f[12])) / os.sysconf("SC_CLK_TCK")
many = [Client(port) for _ in range(90)]
while "cannot be let in" not in open(log).read(): time.sleep(0.05)
ins = [c for c in many if c.until(b"t-x-takp-v", 0.02)]
print("some", 0 < len(ins) < 90)
was = cpu()
time.sleep(1)  # an interval that is measured, not waited for
print("spins", cpu() - was > 0.3)
print("served", ins[0].round_trip("1") is not None)
for c in ins[1:]: c.close()
print("rest", any(c.until(b"t-x-takp-v", 10) for c in many if c not in ins))
P
said=$(python3 "$T/fds.py" "$(tak_port "$C")" "$(pid_of "$C" collector)" "$C/collector.log" 2>&1)
has "without descriptors only some get in" '^some True' "$said"
has "the listener does not spin" '^spins False' "$said"
has "those that are in are served" '^served True' "$said"
has "the rest get in when others have gone" '^rest True' "$said"
check "the log says why" log_says "$C" collector 'cannot be let in.*[Tt]oo many open files'
stop "$C" collector || not_ok "the collector stops"

# ---- a full disk: what was read is kept, also of a client that has gone

if [ "$(id -u)" -ne 0 ] || ! { mkdir -p "$T/disk" && mount -t tmpfs -o size=6m tocsin-e2e "$T/disk" 2>/dev/null; }; then
    skip "a full disk" "only root can mount a small tmpfs"
else
    F=$T/disk/f
    collector='listen_http: 127.0.0.1:0
listen_tak: 127.0.0.1:0
tak_source: field
tick: 1s
disk_low_bytes: 0
sources:
  - {name: field, class: own}'
    instance "$F"
    start "$F" collector
    cat >"$T/full.py" <<'P'
import sys
from tak import *
port = sys.argv[1]
a, b = Client(port), Client(port)
print("before", a.round_trip("1") is not None, b.round_trip("1") is not None)
print("ready"); sys.stdin.readline()
a.send(b"".join(event("d%d" % i, "while the disk was full %d " % i + "x" * 800) for i in range(60)))
b.send(b"".join(event("e%d" % i, "by one who has gone %d " % i + "x" * 800) for i in range(40)))
print("sent"); sys.stdin.readline()
b.close()
print("answer", a.round_trip("2", 60) is not None)
P
    python3 "$T/full.py" "$(tak_port "$F")" <"$T/go" >"$T/said" 2>&1 &
    kids[$!]=1 client=$!
    exec 9>"$T/go"
    await 20 ready 1 || not_ok "clients before the disk is full" "$(cat "$T/said")"
    head -c 6000000 /dev/zero >"$F/ballast" 2>/dev/null
    # What room is left in the journal's pages is used up first.
    python3 -c 'import json
for i in range(2000): print(json.dumps({"id": "fill%d" % i, "text": "x" * 800}))' |
        t "$F" send --timeout 2s >/dev/null 2>&1
    echo >&9
    await_ok "while the disk is full a client's events are kept" 20 \
        log_says "$F" collector 'TAK client sent is kept, and tried again: the disk is full'
    await 10 grep -q '^sent' "$T/said"
    look "$F"
    had=$(there '^field [de][0-9]+ ')
    echo >&9
    check "not all of them could be stored" test "$had" -lt 100
    check "the collector lives" alive "$F" collector
    rm -f "$F/ballast"
    await_ok "with room again the client has its answer" 40 grep -q '^answer True' "$T/said"
    await_ok "also the one that has gone" 20 stored_is "$F" '^field e[0-9]+ .*has gone' 40
    look "$F"
    same "all of the first is stored" 60 "$(there '^field d[0-9]+ .*disk was full')"
    same "and nothing twice" 100 "$(grep -E '^field [de]' <<<"$got" | cut -d' ' -f2 | sort -u | wc -l)"
    wait "$client"
    unset "kids[$client]"
    exec 9>&-
    await_ok "who has gone is gone" 10 metric_is "$F" tak_connections 0
    stop "$F" collector || not_ok "stopping after a full disk"
fi
stop "$B" collector || not_ok "the collector stops"
finish
