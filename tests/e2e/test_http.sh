#!/usr/bin/env bash
# The HTTP doors with real clients: every content type, what evhttp takes and must not, TLS, limits,
# reloads, and the posts of SMS gateways.
# shellcheck disable=SC2001,SC2004,SC2016,SC2034,SC2129,SC2317 # read and called by the library
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

D=$T/a
mkdir -p "$D"
certify() { # NAME: key and certificate of 127.0.0.1 in DIR/tls
    mkdir -p "$D/tls"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "/CN=$1" \
        -addext 'subjectAltName = IP:127.0.0.1' -keyout "$D/tls/$1.key" -out "$D/tls/$1.pem" 2>/dev/null
    cp "$D/tls/$1.pem" "$D/tls/cert.pem"
    cp "$D/tls/$1.key" "$D/tls/key.pem"
}
certify first
base='listen_http: 127.0.0.1:0
listen_https: 127.0.0.1:0
tls_cert: tls/cert.pem
tls_key: tls/key.pem
tick: 1h
http_timeout: 2s
disk_low_bytes: 0
csv:
  - {name: radio-log, delimiter: ";", text: [What], id: No, place: Where, reported_at: When}
sources:
  - {name: radio, token: s3cret, class: own, credibility: 3, csv: radio-log, may: [incidents, positions, assets]}
  - {name: gps, token: gp5, may: [positions]}
  - {name: slow, token: sl0w, class: partner, rate_per_s: 1, burst: 2}
  - {name: app, gateway: smssync, secret: sesame, lang: fr, class: local}
  - {name: app2, gateway: smssync, secret: second}
  - {name: twilio, gateway: twilio, secret: authtoken, url: "https://alerts.example.org/v1/sms/twilio"}
  - {name: flows, gateway: rapidpro, secret: fl0w}
  - {name: modem, gateway: kannel, secret: m0dem}
  - {name: busy, gateway: kannel, secret: busy, rate_per_s: 1, burst: 1}'
collector=$base
instance "$D"
start "$D" collector
port=$(http_port "$D")
tls=$(sed -nE 's/.*https door listens on .*:([0-9]+)$/\1/p' "$D/collector.log")
url=http://127.0.0.1:$port

post() { # TYPE BODY [CURL ARGUMENTS]: code, content type, body
    local type=$1 body=$2
    shift 2
    printf '%s' "$body" | curl -s -m 10 -o "$T/body" -w '%{http_code} %{content_type}' -H "Content-Type: $type" \
        -H "Authorization: Bearer ${token:-s3cret}" --data-binary @- "$@" "$url/v1/incidents"
    echo " $(head -c 900 "$T/body")"
}
journal() { t "$D" record --json; }

# ---- every content type

json=application/json
has "json" '^200 application/x-ndjson .*"stored"' "$(post $json '{"id":"j1","text":"Convoy attacked near Gao"}')"
has "json again is a duplicate" '^200 .*"duplicate"' "$(post $json '{"id":"j1","text":"Convoy attacked near Gao"}')"
has "json, an array, some refused" '^207 .*"stored".*"rejected"' \
    "$(post "$json; charset=utf-8" '[{"text":"one"},{"text":7}]' | tr '\n' ' ')"
same "ndjson has a receipt a line" 2 "$(post application/x-ndjson $'{"text":"one"}\n{"text":"two"}' | grep -c stored)"
has "geojson, an asset" '^200 .*"stored"' "$(post application/geo+json '{"type":"Feature","id":"base-1",
  "geometry":{"type":"Point","coordinates":[-0.05,16.28]},"properties":{"kind":"base","name":"Camp"}}')"
cap='<?xml version="1.0" encoding="UTF-8"?><alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
<identifier>t-1</identifier><sender>watch@example.org</sender><sent>2023-04-17T06:40:00+00:00</sent>
<status>Actual</status><msgType>Alert</msgType><scope>Public</scope><info><language>en</language>
<category>Security</category><event>Armed attack</event><urgency>Immediate</urgency><severity>Severe</severity>
<certainty>Observed</certainty><description>Gunmen attack the market.</description>
<area><areaDesc>Gao</areaDesc><circle>16.27,-0.04 5</circle></area></info></alert>'
has "cap" '^200 .*"stored"' "$(post application/cap+xml "$cap")"
has "xml that is cap" '^200 .*"duplicate"' "$(post application/xml "$cap")"
cot='<event version="2.0" uid="alert-7" type="b-a-o-tbl" how="h-e" time="2023-04-17T06:40:00Z"
 start="2023-04-17T06:40:00Z" stale="2023-04-17T07:40:00Z"><point lat="16.3" lon="-0.1" hae="0" ce="10" le="10"/>
 <detail><contact callsign="PATROL 3"/><remarks>Under fire</remarks></detail></event>'
has "cot" '^200 .*"stored"' "$(post application/cot+xml "$cot")"
chat='<event version="2.0" uid="GeoChat.1" type="b-t-f" how="h-g-i-g-o" time="2023-04-17T06:40:00Z"
 start="2023-04-17T06:40:00Z" stale="2023-04-17T07:40:00Z"><point lat="16.3" lon="-0.1" hae="0" ce="10" le="10"/>
 <detail><remarks>lunch?</remarks></detail></event>'
before=$(t "$D" rejected list --json | wc -l)
has "cot, a chat is ignored with a reason" '^200 .*"ignored".*"reason":"[^"]{8}' "$(post application/cot+xml "$chat")"
same "what is ignored is not kept" "$before" "$(t "$D" rejected list --json | wc -l)"
has "csv, as the source's columns say" '^200 .*"stored"' \
    "$(post text/csv $'No;When;Where;What\n1;2023-04-17T06:40:00Z;Gao;Shots near the bridge\n')"
has "text" '^200 .*"stored"' "$(post 'text/plain; charset=utf-8' 'Shots heard north of Gao, two wounded')"
t "$D" record >"$T/all.rec"
# shellcheck disable=SC2094 # the journal, not the file
has "protobuf, a recording" '^20[07] .*"stored"' \
    "$(curl -s -m 10 -o "$T/body" -w '%{http_code}' -H 'Content-Type: application/x-protobuf' \
        -H 'Authorization: Bearer s3cret' --data-binary "@$T/all.rec" "$url/v1/incidents"; echo " $(cat "$T/body")")"
has "another type is told which there are" '^415 application/problem\+json .*application/cap\+xml.*text/csv' \
    "$(post image/png x)"
has "a compressed body" '^415 application/problem.*Content-Encoding' "$(post $json x -H 'Content-Encoding: gzip')"
has "may is honoured, and named" '^422 application/problem.*gps may not send incidents.*may' \
    "$(token=gp5 post $json '{"text":"x"}')"
has "may, a position" '^200 .*"stored"' \
    "$(token=gp5 post $json '{"position":{"asset":"cvy-1","fixed_at":"2023-04-17T06:40:00Z","lat":16.3,"lon":-0.1}}')"
has "a body's source is not believed, its credibility is given" '"source":"radio".*"credibility":3' \
    "$(post $json '{"id":"g1","source":"gps","text":"Tirs"}' >/dev/null; journal | grep '"g1"')"
t "$D" rejected list --json >"$T/rejected"
has "quarantine knows the format" '"door":"http".*"format":"json"' "$(cat "$T/rejected")"

# ---- the message

auth=(-H 'Authorization: Bearer s3cret' -H "Content-Type: $json")
same "keep-alive: one connection for three posts" '1 0 0 ' "$(curl -s -m 10 -w '%{num_connects} ' "${auth[@]}" \
    -o /dev/null -o /dev/null -o /dev/null -d '{"text":"k"}' "$url/v1/incidents" "$url/v1/incidents" "$url/v1/incidents")"
has "100-continue" '< HTTP/1.1 100.*< HTTP/1.1 200' "$(curl -sv -m 10 "${auth[@]}" -H 'Expect: 100-continue' \
    -d '{"text":"expected"}' "$url/v1/incidents" 2>&1 | tr '\n' ' ')"
has "a query changes nothing" '^200' "$(curl -s -m 10 -o /dev/null -w '%{http_code}' "${auth[@]}" -d '{"text":"q"}' \
    "$url/v1/incidents?x=y")"
has "a token that is wrong" '^401 .*collector.sources' "$(token=guess post $json '{"text":"x"}')"
has "a token that is none" '^401' "$(curl -s -m 5 -o /dev/null -w '%{http_code}' -H "Content-Type: $json" -d x "$url/v1/incidents")"
has "a body that is too long" '^413$' "$(head -c 1100000 /dev/zero | curl -s -m 20 -o /dev/null -w '%{http_code}' \
    "${auth[@]}" -H 'Expect: 100-continue' --data-binary @- "$url/v1/incidents")"
python3 - "$port" >"$T/raw" <<'P'
import re, socket, sys
head = b"POST /v1/incidents HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer s3cret\r\nContent-Type: application/json\r\n"
body = b'{"text":"x"}'
length = head + b"Content-Length: 12\r\n\r\n" + body
cases = {
    "plain": length, "three_at_once": length * 3,
    "chunked": head + b"Transfer-Encoding: chunked\r\n\r\nc\r\n" + body + b"\r\n0\r\n\r\n",
    "absolute_uri": length.replace(b"/v1", b"http://other/v1", 1),
    "http_1_0": length.replace(b"HTTP/1.1", b"HTTP/1.0", 1),
    "folded": head + b"X-A: b\r\n c\r\nContent-Length: 12\r\n\r\n" + body,
    "two_lengths": head + b"Content-Length: 12\r\nContent-Length: 12\r\n\r\n" + body,
    "length_and_chunks": head + b"Content-Length: 12\r\nTransfer-Encoding: chunked\r\n\r\nc\r\n" + body + b"\r\n0\r\n\r\n",
    "two_codings": head + b"Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\nc\r\n" + body + b"\r\n0\r\n\r\n",
    "other_coding": head + b"Transfer-Encoding: gzip\r\n\r\n" + body,
    "signed_length": head + b"Content-Length: +12\r\n\r\n" + body,
    "negative_length": head + b"Content-Length: -12\r\n\r\n" + body,
    "list_of_lengths": head + b"Content-Length: 12, 12\r\n\r\n" + body,
    "folded_length": head + b"Content-Length: 1\r\n 2\r\n\r\n" + body,
    "blank_before_colon": head + b"Content-Length : 12\r\n\r\n" + body,
    "nul_in_name": head + b"X\0Y: 1\r\nContent-Length: 12\r\n\r\n" + body,
    "bare_cr": head + b"X: a\rContent-Length: 3\r\nContent-Length: 12\r\n\r\n" + body,
    "http_0_9": b"GET /healthz\r\n\r\n", "http_3": length.replace(b"HTTP/1.1", b"HTTP/3.0", 1),
    "head": b"HEAD /v1/incidents HTTP/1.1\r\nHost: x\r\n\r\n",
    "head_healthz": b"HEAD /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
    "get": b"GET /v1/incidents HTTP/1.1\r\nHost: x\r\n\r\n",
}
# Behind each a request that ends the connection: whether it is answered tells what was taken for the body.
last = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
for name, sent in cases.items():
    s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5)
    s.settimeout(5)
    got = b""
    try:
        s.sendall(sent + last)
        while True:
            d = s.recv(65536)
            if not d: break
            got += d
    except OSError: pass
    codes = [c.decode() for c in re.findall(rb"HTTP/1\.[01] (\d+)", got)]
    rest = got.split(b"\r\n\r\n", 1)[1] if b"\r\n\r\n" in got else b""
    print(name, ",".join(codes), "empty" if rest.startswith(b"HTTP/") else "body")
P
raw_is() { has "http $1" "^$1 $2( |\$)" "$(grep "^$1 " "$T/raw")"; }
raw_is plain 200,200
raw_is three_at_once 200,200,200,200
raw_is chunked 200,200
raw_is absolute_uri 200
raw_is http_1_0 200
raw_is folded 200,200
for name in two_lengths length_and_chunks two_codings other_coding signed_length negative_length list_of_lengths \
    folded_length blank_before_colon nul_in_name bare_cr http_0_9 http_3; do
    raw_is "$name" 400
done
raw_is head '405,200 empty'
raw_is head_healthz '200,200 empty'
raw_is get '405,200 body'

# ---- one source's flood delays no other

python3 - "$port" >"$T/flood" <<'P'
import http.client, json, sys, time
def post(c, token, n):
    body = json.dumps([{"text": "shots %d" % i} for i in range(n)])
    c.request("POST", "/v1/incidents", body, {"Authorization": "Bearer " + token, "Content-Type": "application/json"})
    r = c.getresponse(); r.read()
    return r.status, r.getheader("Retry-After")
slow, radio = (http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=10) for _ in range(2))
print("first", post(slow, "sl0w", 20)[0])
worst, codes = 0, set()
for i in range(200):
    codes.add(post(slow, "sl0w", 1))
    t = time.monotonic()
    assert post(radio, "s3cret", 1)[0] == 200
    worst = max(worst, time.monotonic() - t)
print("then", sorted(codes))
print("other", "in_time" if worst < 1 else "late %.2f" % worst)
P
has "a body of 20 passes once" '^first 200' "$(cat "$T/flood")"
has "and is counted as 20: 429 with Retry-After" "^then \[\(429, '1[5-9]'\)(, \(429, '1[5-9]'\))*\]$" "$(cat "$T/flood")"
has "another source is not delayed" '^other in_time' "$(cat "$T/flood")"

# ---- TLS, and reloads under load

s_post() { curl -s -m 10 --cacert "$D/tls/$1.pem" -w '%{http_code}' -o "$T/body" "${auth[@]}" -d '{"text":"tls"}' "https://127.0.0.1:$tls/v1/incidents"; }
same "https" 200 "$(s_post first)"
python3 - "$port" "$tls" "$D/tls/first.pem" "$T/stop" >"$T/load" <<'P' &
import http.client, json, os, ssl, sys, threading
ctx = ssl.create_default_context(cafile=sys.argv[3])
def run(name, c):
    n, head = 0, {"Authorization": "Bearer s3cret", "Content-Type": "application/json"}
    c.connect()
    first = c.sock
    while not os.path.exists(sys.argv[4]):
        c.request("POST", "/v1/incidents", json.dumps({"text": "load"}), head)
        r = c.getresponse(); r.read()
        if r.status != 200 or c.sock is not first:
            print(name, "lost", r.status); return
        n += 1
        if n == 1: open(sys.argv[4] + "." + name, "w").close()
    print(name, "kept" if n > 10 else "idle")
for name, c in (("http", http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=10)),
                ("https", http.client.HTTPSConnection("127.0.0.1", int(sys.argv[2]), timeout=10, context=ctx))):
    threading.Thread(target=run, args=(name, c)).start()
P
load=$!
kids[$load]=1
await 10 test -e "$T/stop.http" -a -e "$T/stop.https"
reloaded() { [ "$(log_count "$D" collector 'configuration|reload')" -gt "$1" ]; }
certify second
for i in 1 2 3; do
    n=$(log_count "$D" collector 'configuration|reload')
    kill -HUP "$(pid_of "$D" collector)"
    await 10 reloaded "$n" || not_ok "reload $i"
done
same "after a reload new connections see the new certificate" 200 "$(s_post second)"
same "and not the old one" 000 "$(s_post first)"
n=$(log_count "$D" collector 'configuration|reload')
echo nonsense >"$D/tls/cert.pem"
kill -HUP "$(pid_of "$D" collector)"
await_ok "a certificate that is none is refused, with its file" 10 log_says "$D" collector 'tls/cert.pem'
same "and the one before stays" 200 "$(s_post second)"
touch "$T/stop"
wait "$load"
unset "kids[$load]"
has "reloads cost no connection over http" '^http kept' "$(cat "$T/load")"
has "reloads cost no connection over https" '^https kept' "$(cat "$T/load")"
cp "$D/tls/second.pem" "$D/tls/cert.pem"

# ---- SMS gateways

sms() { # PATH [CURL ARGUMENTS]: code, type, body
    local path=$1
    shift
    curl -s -m 10 -o "$T/body" -w '%{http_code} %{content_type}' "$@" "$url/v1/sms/$path"
    echo " $(cat "$T/body")"
}
of() { journal | grep -F "$1"; } # the record with this text
from='from=%2B22370123456'
has "smssync" '^200 application/json \{"payload":\{"success":true,"error":null\}\}$' "$(sms smssync -d \
    "$from&message=Tirs+au+march%C3%A9+de+Gao&message_id=m1&secret=sesame&sent_to=36333&sent_timestamp=1681713605000")"
has "smssync: whose it is, when it was sent, and a name for the number" \
    '"id":"m1".*"source":"app".*"reported_at":"2023-04-17T06:40:05Z".*"contact":"tel:[0-9A-Z]{16}"' "$(of 'Tirs au marché')"
has "smssync: a second phone by its own secret" '"source":"app2"' \
    "$(sms smssync -d "$from&message=Second+phone&message_id=m2&secret=second" >/dev/null; of 'Second phone')"
has "smssync: a wrong secret" '^403 application/json .*"success":false' "$(sms smssync -d "$from&message=x&secret=wrong")"
has "smssync: nothing to send" '^200 .*"task":"send","secret":"sesame","messages":\[\]' "$(sms 'smssync?task=send&secret=sesame')"
lacks "smssync: its secret is told to nobody else" 'sesame' "$(sms 'smssync?task=send')$(sms 'smssync?task=send&secret=x')"
has "smssync: other tasks" '^200 application/json' "$(sms 'smssync?task=result')"
has "smssync: another form" '^415 application/json .*URLEncoded' "$(sms smssync -H "Content-Type: $json" -d '{}')"
has "smssync: an empty message is taken, and in quarantine" '^200 .*true' "$(sms smssync -d "$from&message=&secret=sesame")"
has "  with a reason and without the number" '"source":"app","door":"smssync","reason":"the message has no text"' \
    "$(t "$D" rejected list --json)"
fields='Body=Convoi bloqué&From=+22370123456&MessageSid=SM1&NumMedia=0'
signed=https://alerts.example.org/v1/sms/twilio$(sed 's/[&=]//g' <<<"$fields")
signature=$(printf %s "$signed" | openssl dgst -sha1 -hmac authtoken -binary | base64)
twilio=(--data-urlencode 'MessageSid=SM1' --data-urlencode 'From=+22370123456' --data-urlencode 'Body=Convoi bloqué' -d NumMedia=0)
has "twilio" '^200 text/xml .*<Response/>$' "$(sms twilio -H "X-Twilio-Signature: $signature" "${twilio[@]}")"
has "twilio: the message" '"id":"SM1".*"source":"twilio".*"contact":"tel:' "$(of 'Convoi bloqué')"
has "twilio: no signature" '^403 application/problem.*url' "$(sms twilio "${twilio[@]}")"
has "twilio: a field more than was signed" '^403' "$(sms twilio -H "X-Twilio-Signature: $signature" "${twilio[@]}" -d x=y)"
flow='{"contact":{"uuid":"c1","name":"A Person","urn":"tel:+22370123456"},"flow":{"uuid":"f1","name":"Alert"},
 "results":{"what":{"value":"Incendie","category":"All"},"where":{"value":"Labbezanga","category":"All"}}}'
has "rapidpro" '^200 application/json \{"status":"stored","reason":null\}' \
    "$(sms 'rapidpro?token=fl0w' -H "Content-Type: $json" -d "$flow")"
has "rapidpro: no token" '^403' "$(sms rapidpro -H "Content-Type: $json" -d "$flow")"
has "rapidpro: GET" '^405' "$(sms 'rapidpro?token=fl0w')"
lacks "rapidpro: no person's name" 'A Person' "$(journal)"
same "kannel, GET: nothing that would be sent back" '200 text/plain ' \
    "$(sms 'kannel?token=m0dem&from=0022370123456&to=36333&text=Mine+sur+la+RN17&time=2023-04-17+06:40:00&id=k1&coding=0')"
has "kannel: the message" '"id":"k1".*"source":"modem".*"reported_at":"2023-04-17T06:40:00Z"' "$(of 'Mine sur la RN17')"
same "kannel: a resend is the same record" 1 "$(sms 'kannel?token=m0dem&from=0022370123456&to=36333&text=Mine+sur+la+RN17&time=2023-04-17+06:40:00&id=k1&coding=0' >/dev/null
    of 'Mine sur la RN17' | wc -l)"
has "kannel, POST in UTF-16" '^200' "$(printf 'Barrage à Ansongo' | iconv -t UTF-16BE | sms 'kannel?token=m0dem' --data-binary @- \
    -H 'Content-Type: text/plain' -H 'X-Kannel-Coding: 2' -H 'X-Kannel-From: +22370123456')"
has "kannel: its words" 'Barrage à Ansongo' "$(of 'Barrage à Ansongo')"
has "kannel: a wrong token" '^403' "$(sms 'kannel?token=x&text=y')"
has "kannel: beyond its rate, to be tried again" '^200 .*503 ' \
    "$({ sms 'kannel?token=busy&text=one&from=1'; sms 'kannel?token=busy&text=two&from=1'; } | tr '\n' ' ')"
same "one caller has one name, whatever gateway and way of writing" 1 \
    "$(journal | grep -E 'Tirs au marché|Convoi bloqué|Incendie|RN17|Ansongo' | grep -oE '"contact":"[^"]*"' | sort -u | wc -l)"
same "all five of them were looked at" 5 "$(journal | grep -E 'Tirs au marché|Convoi bloqué|Incendie|RN17|Ansongo' | grep -c '"contact":"tel:')"
same "the number is nowhere on disk" 0 "$(cat "$D"/state/collector/* "$D/collector.log" | grep -acE '70 ?12 ?34 ?56')"
same "nor a secret in the log" 0 "$(grep -cE 'sesame|m0dem|fl0w|authtoken|s3cret' "$D/collector.log")"
same "the key is the daemon's alone" '600 700' "$(stat -c %a "$D/keys/phone.key") $(stat -c %a "$D/keys")"
check "the collector lives" alive "$D" collector

# ---- all places taken by those who send a byte a second

stop "$D" collector
collector=${base/http_timeout: 2s/http_timeout: 1s
http_connections: 4}
instance "$D"
start "$D" collector
port=$(http_port "$D")
python3 - "$port" >"$T/slow" <<'P'
import http.client, json, socket, sys, time
port = int(sys.argv[1])
slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(4)]
for s in slow: s.sendall(b"POST /v1/incidents HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
t, end = None, time.monotonic() + 20
c = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
c.request("POST", "/v1/incidents", json.dumps({"text": "a newcomer"}),
          {"Authorization": "Bearer s3cret", "Content-Type": "application/json"})
c.sock.settimeout(0.2)
while time.monotonic() < end:
    for s in slow:
        try: s.sendall(b" ")
        except OSError: pass
    try:
        print("newcomer", c.getresponse().status); break
    except TimeoutError: c._HTTPConnection__response = None; c._HTTPConnection__state = "Request-sent"
P
has "who goes on sending slowly is cut, and a newcomer gets in" '^newcomer 200' "$(cat "$T/slow")"
has "which is counted" '^tocsin_http_slow_total [1-9]' "$(curl -s -m 5 "http://127.0.0.1:$port/metrics")"
stop "$D" collector

# ---- what cannot start says why

echo nonsense >"$D/tls/cert.pem"
launch "$D" collector
pid=$(pid_of "$D" collector)
await 10 gone "$pid"
wait "$pid"
same "no certificate: exit 69" 69 $?
unset "kids[$pid]"
cp "$D/tls/second.pem" "$D/tls/cert.pem"
chmod 644 "$D/keys/phone.key"
launch "$D" collector
pid=$(pid_of "$D" collector)
await 10 gone "$pid"
wait "$pid"
same "a key that others may read: exit 69" 69 $?
unset "kids[$pid]"
has "with what to do" 'phone.key: others may read it; chmod 600 it' "$(tail -n 3 "$D/collector.log")"

finish
