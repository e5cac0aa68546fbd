#!/usr/bin/env bash
# What a peer sends, or does not read, harms nobody else: it is refused with a reason where there
# is somebody to tell, kept in the quarantine, and memory stays bounded.
# shellcheck disable=SC2016,SC2034,SC2129,SC2317 # read and called by the library
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

D=$T/a
collector='listen_http: 127.0.0.1:0
tick: 1s
http_connections: 200
http_timeout: 3s
disk_low_bytes: 0
sources:
  - {name: radio, token: s3cret, class: own}
  - {name: slow, token: sl0w, class: partner, rate_per_s: 1, burst: 1}'
instance "$D"
start_all "$D"
port=$(http_port "$D")
url=http://127.0.0.1:$port
submit=ipc://$D/run/collector/submit.sock
decide=ipc://$D/run/notifier/submit.sock
publish=ipc://$D/run/notifier/publish.sock

# ---- over ZeroMQ: one line a message, its name and its answer

cat >"$T/messages.py" <<'P'
import sys
from pb import *
good = data(11, "Shots heard")  # incident.text
cases = {
    "empty": b"",
    "garbage": bytes(range(256)) * 4,
    "text": b"GET / HTTP/1.1\r\n\r\n",
    "version_9": envelope(10, data(1, b"S" * 16) + num(2, 1) + data(5, record(good)), version=9),
    "no_body": num(1, 1),
    "truncated": submit(record(good))[:-6],
    "overlong_length": num(1, 1) + varint(10 << 3 | 2) + varint(1 << 40),
    "short_session": submit(record(good), session=b"short"),
    "receipts_here": envelope(11, data(1, b"S" * 16)),
    "unknown_body": num(1, 1) + data(99, b"x"),
    "unknown_stream": fetch(77),
    "wrong_stream": fetch(2),
    "bad_utf8": submit(record(data(TEXT, b"caf\xe9 attaqu\xff")), session=b"1" * 16),
    "nul_inside": submit(record(data(TEXT, b"a\0b")), session=b"2" * 16),
    "unknown_enum": submit(record(data(TEXT, "x") + num(EVENT, 999)), session=b"3" * 16),
    "long_text": submit(record(data(TEXT, b"x" * 20000)), session=b"4" * 16),
    "off_globe": submit(record(data(TEXT, "x") + num(LAT, 2 * 1900000000) + num(LON, 0)), session=b"5" * 16),
    "record_garbage": submit(b"\xff\xff\xff\xff", session=b"6" * 16),
    "record_truncated": submit(record(data(TEXT, "x" * 50))[:-9], session=b"7" * 16),
    "unknown_record": submit(data(90, b"future"), session=b"8" * 16),
    "nothing_said": submit(record(b""), session=b"9" * 16),
    "unknown_source": submit(record(data(TEXT, "x")), session=b"A" * 16, source="nobody"),
    "tick": submit(data(14, b""), session=b"C" * 16),
    "gap": submit(record(data(TEXT, "x")), session=b"D" * 16, batch=7),
    "deep": submit(record(data(TEXT, "x") + data(99, b"\x0b" * 20000)), session=b"E" * 16),
    "mixed": submit(record(data(TEXT, "Mixed: good")), b"\xff", record(data(TEXT, "Mixed: good too")), session=b"F" * 16),
    "good": submit(record(data(TEXT, "Still here")), session=b"G" * 16),
}
if sys.argv[1] == "send":
    print("\n".join(c.hex() for c in cases.values()))
else:
    for name, line in zip(cases, open(sys.argv[2])):
        line = line.strip()
        print(name + ":", "no answer" if line == "-" else say(bytes.fromhex(line)))
P
text=$(sed -nE '/^message Incident /,/^}/ s/.*string text = ([0-9]+);.*/\1/p' proto/tocsin.proto)
event=$(sed -nE '/^message Incident /,/^}/ s/.*EventType event = ([0-9]+);.*/\1/p' proto/tocsin.proto)
lat=$(sed -nE '/^message Incident /,/^}/ s/.*lat_e7 = ([0-9]+);.*/\1/p' proto/tocsin.proto)
lon=$(sed -nE '/^message Incident /,/^}/ s/.*lon_e7 = ([0-9]+);.*/\1/p' proto/tocsin.proto)
sed -i "s/^from pb import \*/&\nTEXT, EVENT, LAT, LON = $text, $event, $lat, $lon/; s/data(11, \"Shots/data(TEXT, \"Shots/" \
    "$T/messages.py"
python3 "$T/messages.py" send >"$T/messages"
"$HELPERS/rawzmq" ask "$submit" 3000 <"$T/messages" >"$T/answers"
said=$(python3 "$T/messages.py" say "$T/answers")
for name in empty garbage text version_9 no_body truncated overlong_length short_session receipts_here \
    unknown_body; do
    has "zmq $name is refused with a reason" "^$name: refusal: .{8}" "$said"
done
has "zmq a wrong version is named" '^version_9: refusal: .*version' "$said"
has "zmq an unknown stream is refused" '^unknown_stream: (refusal|records): .*stream' "$said"
has "zmq a stream of another daemon is refused" '^wrong_stream: records: .*no such stream' "$said"
for name in bad_utf8 nul_inside unknown_enum long_text off_globe record_garbage record_truncated \
    unknown_record nothing_said unknown_source tick deep; do
    has "zmq $name is rejected with a reason" "^$name: receipts: rejected .{8}" "$said"
done
has "zmq a batch out of turn is asked for again" '^gap: receipts: resend from 1$' "$said"
has "zmq one bad record does not cost its neighbours" '^mixed: receipts: stored ; rejected .*; stored $' "$said"
has "zmq the connection lives on" '^good: receipts: stored' "$said"
{ sed -n 1,6p "$T/messages"; sed -n '$p' "$T/messages"; } >"$T/some"
said=$("$HELPERS/rawzmq" ask "$decide" 3000 <"$T/some" | python3 -c '
import sys; from pb import say
for l in sys.stdin: print("no answer" if l.strip() == "-" else say(bytes.fromhex(l.strip())))')
same "zmq the notifier refuses them too" 6 "$(grep -c '^refusal: ' <<<"$said")"
has "zmq the notifier takes no reports" 'rejected .*(collector|commands)' "$said"

quarantine=$(t "$D" rejected list --json)
for why in UTF-8 version; do has "quarantine holds the $why case" "$why" "$quarantine"; done
number=$(py 'e["number"] if "UTF-8" in e["reason"] else None' <<<"$quarantine" | head -n 1)
shown=$(t "$D" rejected show "$number" --json)
has "the bytes can be seen again" "2Fm6SBhdHRhcXX|Y2Fm6SBhdHRhcXXD|NhZukgYXR0YXF1/w==" "$shown"

# An envelope beyond the largest: the connection is dropped, no memory is taken for it.
before=$(rss_kb "$(pid_of "$D" collector)")
python3 -c 'import sys
for _ in range(3): sys.stdout.write("00" * (40 << 20) + "\n")' |
    timeout 20 "$HELPERS/rawzmq" ask "$submit" 300 >/dev/null
check "zmq 40 MB in one message ends nothing" alive "$D" collector notifier classifier

# ---- over HTTP

post() { # TYPE TOKEN BODY [CURL ARGUMENTS]
    local type=$1 token=$2 body=$3
    shift 3
    printf '%s' "$body" | curl -s -m 10 -o "$T/body" -w '%{http_code} %{content_type}' -H "Content-Type: $type" \
        -H "Authorization: Bearer $token" --data-binary @- "$@" "$url/v1/incidents"
    echo " $(head -c 600 "$T/body")"
}
json=application/json
has "http a good report is taken" '^200 .*"stored"' "$(post $json s3cret '{"text":"Convoy attacked near Gao"}')"
has "http no token" '^401 application/problem\+json .*token' "$(post $json '' '{"text":"x"}')"
has "http a wrong token" '^401 application/problem' "$(post $json guess '{"text":"x"}')"
has "http a wrong type" '^415 application/problem.*Content-Type' "$(post image/png s3cret x)"
has "http a wrong method" '^405 application/problem' "$(post $json s3cret '{}' -X PUT)"
has "http a wrong path" '404' "$(curl -s -m 5 -o /dev/null -w '%{http_code}' "$url/v2/things")"
has "http not JSON" '^(400|422) application/problem.*"detail":"[^"]{8}' "$(post $json s3cret '{"text":')"
has "http bad UTF-8" '^(400|422) application/problem.*UTF-8' "$(post $json s3cret $'{"text":"caf\xe9"}')"
has "http an unknown event" '^(400|422) application/problem.*event' "$(post $json s3cret '{"text":"x","event":"party"}')"
has "http nothing said" '^(400|422) application/problem' "$(post $json s3cret '{}')"
has "http some lines refused" '^207 .*"stored"' \
    "$(post application/x-ndjson s3cret $'{"text":"one"}\n{"text":3}\n{"text":"two"}')"
has "http deep nesting" '^(400|422|207) .*nested deeper' \
    "$(post $json s3cret "$(python3 -c 'print("[" * 50000)')")"
first=$(post $json sl0w '{"text":"one"}')
has "http a source within its rate" '^200' "$first"
has "http a source beyond its rate" '^429 application/problem' "$(post $json sl0w '{"text":"two"}')"
raw() { # TEXT: the first line of the answer
    python3 - "$port" "$1" <<'P'
import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5)
s.sendall(sys.argv[2].encode().decode("unicode_escape").encode("latin-1"))
s.settimeout(5)
try:
    print(s.recv(4096).split(b"\r\n")[0].decode("latin-1") or "closed")
except OSError as e:
    print(e)
P
}
head="POST /v1/incidents HTTP/1.1\\r\\nHost: x\\r\\nAuthorization: Bearer s3cret\\r\\nContent-Type: $json\\r\\n"
has "http two lengths" ' 400 ' \
    "$(raw "${head}Content-Length: 12\\r\\nContent-Length: 4\\r\\n\\r\\n{\"text\":\"x\"}")"
has "http length and chunks" ' 400 ' \
    "$(raw "${head}Content-Length: 12\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n0\\r\\n\\r\\n")"
has "http garbage" ' 400 |closed' "$(raw 'no http at all\r\n\r\n')"
has "http endless headers" ' 4[0-9][0-9] |closed|reset' "$(raw "GET / HTTP/1.1\\r\\nX: $(head -c 40000 /dev/zero | tr '\0' x)\\r\\n\\r\\n")"
code=$(head -c 100000000 /dev/zero | curl -s -m 20 -o "$T/body" -w '%{http_code}' -H "Content-Type: $json" \
    -H 'Authorization: Bearer s3cret' -H 'Expect:' -H 'Transfer-Encoding:' --data-binary @- "$url/v1/incidents")
has "http 100 MB" '^(413|400|000)$' "$code"
has "quarantine holds what came over http" '"door":"http"' "$(t "$D" rejected list --json)"
check "http all of it ends nothing" alive "$D" collector notifier classifier

# ---- 1,000 half-open connections, while others go on

export PYTHONUNBUFFERED=1
cat >"$T/half.py" <<'P'
import json, socket, subprocess, sys, time
port, tool, d = int(sys.argv[1]), sys.argv[2], sys.argv[3]
# One client that is already there keeps its connection.
import http.client
c = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
head = {"Authorization": "Bearer s3cret", "Content-Type": "application/json"}
def post():
    t = time.monotonic()
    c.request("POST", "/v1/incidents", json.dumps({"text": "still reporting"}), head)
    r = c.getresponse(); r.read()
    return time.monotonic() - t if r.status == 200 else 99
post()
p = subprocess.Popen([tool, "-d", d, "send", "--timeout", "10s"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
def send():
    t = time.monotonic()
    p.stdin.write('{"text":"radio check"}\n'); p.stdin.flush()
    return time.monotonic() - t if '"stored"' in p.stdout.readline() else 99
send()
worst_http = worst_zmq = 0
open_ones = []
for i in range(1000):
    s = socket.socket(); s.setblocking(False)
    s.connect_ex(("127.0.0.1", port))
    open_ones.append(s)
    if i % 100 == 50:
        for o in open_ones:
            try: o.send(b"POST /v1/incidents HTTP/1.1\r\nHost: x\r\nContent-")
            except OSError: pass
        worst_http = max(worst_http, post()); worst_zmq = max(worst_zmq, send())
end = time.monotonic() + 2
while time.monotonic() < end:
    worst_http = max(worst_http, post()); worst_zmq = max(worst_zmq, send())
    time.sleep(0.02)
print("http", "in_time" if worst_http <= 1 else "late %.2f s" % worst_http)
print("zmq", "in_time" if worst_zmq <= 1 else "late %.2f s" % worst_zmq)
p.stdin.close(); p.wait()
# They end by the timeout, and then a new client gets in.
t = time.monotonic()
code = 0
while code != 200 and time.monotonic() - t < 20:
    try:
        n = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        n.request("POST", "/v1/incidents", json.dumps({"text": "a newcomer"}), head)
        code = n.getresponse().status
    except OSError: pass
print("newcomer", code)
P
said=$(timeout 50 python3 "$T/half.py" "$port" "$BIN/tocsin" "$D" 2>&1)
has "1,000 half-open connections delay no http source" '^http in_time' "$said"
has "1,000 half-open connections delay no zmq source" '^zmq in_time' "$said"
has "they end by the timeout and a newcomer gets in" '^newcomer 200' "$said"

# ---- peers that never read

notifier_before=$(rss_kb "$(pid_of "$D" notifier)")
python3 -c 'import json
for i in range(3000): print(json.dumps({"text": "Convoy attacked near Gao " + "x" * 1000, "id": "m%d" % i}))' |
    t "$D" send >/dev/null
before=$(rss_kb "$(pid_of "$D" collector)")
python3 -c 'from pb import *; print(fetch(1, 1).hex())' >"$T/fetch"
"$HELPERS/rawzmq" deaf "$submit" 2000 <"$T/fetch" & kids[$!]=1; deaf=$!
python3 -c 'from pb import *; print(fetch(2, 1).hex())' | "$HELPERS/rawzmq" deaf "$decide" 2000 & kids[$!]=1
"$HELPERS/rawzmq" deafsub "$publish" & kids[$!]=1
python3 -c 'import json
for i in range(2000): print(json.dumps({"text": "Ambush near Gao, %d killed" % (i % 90), "lat": 12 + i % 50 * 0.2, "lon": -4 + i // 50 * 0.2, "event": "ambush"}))' |
    t "$D" send --json >"$T/receipts"
same "a reader that never reads holds nobody up" 2000 "$(grep -c '"stored"' "$T/receipts")"
settled "$D" 20
check "and ends nothing" alive "$D" collector notifier classifier
check "the deaf reader is still there" kill -0 "$deaf"
after=$(rss_kb "$(pid_of "$D" collector)")
within() { [ "$1" -le "$2" ] || { echo "$1 kB, limit $2 kB"; false; }; }
room=300000
[ "${VARIANT:-release}" != asan ] || room=1200000 # ASan keeps freed memory for a while
check "the collector's memory is bounded" within "$after" $((before + room))
check "the notifier's memory is bounded" within "$(rss_kb "$(pid_of "$D" notifier)")" $((notifier_before + room))
if stop_all "$D"; then ok "all can still be stopped"; else not_ok "all can still be stopped"; fi
finish
