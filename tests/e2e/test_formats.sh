#!/usr/bin/env bash
# What `tocsin send` reads files as, and what it says of what is in them; what `tocsin rejected`
# shows, and that what was refused can be tried again as it came.
# shellcheck disable=SC2016,SC2034,SC2317 # read and called by the library
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

D=$T/a
TOKEN=a-token-for-the-formats
collector="tick: 1h
listen_http: 127.0.0.1:0
csv:
  - {name: plain, text: [what], id: number}
sources:
  - {name: ocha, class: partner, token: $TOKEN}
  - {name: field, class: own, csv: plain}"
instance "$D"
start "$D" collector
code=0
sends() { # NAME CODE WORDS...: receipts to $T/out
    local name=$1 want=$2
    shift 2
    t "$D" send --json "$@" >"$T/out" 2>"$T/err" </dev/null
    code=$?
    same "$name: exit code" "$want" "$code"
}
statuses() { py 'e["status"]' <"$T/out" | sort | uniq -c | xargs; }
texts() { # SOURCE PATTERN
    t "$D" record --json | py "e['incident']['text'] if ('incident' in e and e['incident']['source'] == '$1') else None" | grep -E "$2"
}

# ---- send

printf '%s\n' '{"id":"j1","text":"lines one"}' '' 'no json' '{"id":"j2","text":"lines two"}' '{"id":"j3"}' >"$T/a.jsonl"
sends "JSON lines with two bad ones" 65 "$T/a.jsonl"
same "the good ones are stored" "2 rejected 2 stored" "$(statuses)"
has "a bad line is named" 'a.jsonl: line 3: ' "$(cat "$T/out")"
echo '[{"id":"k1","text":"array one"},{"id":"k2","text":"array two"}]' >"$T/b.json"
echo '{"type":"FeatureCollection","features":[{"type":"Feature","id":"f1","geometry":{"type":"Point","coordinates":[1.5,16.5]},"properties":{"text":"feature one"}},{"type":"Feature","id":"f2","geometry":null,"properties":{}}]}' >"$T/c.geojson"
sends "several files of several formats" 65 "$T/b.json" "$T/c.geojson"
same "each by its ending" "1 rejected 3 stored" "$(statuses)"
has "a bad feature is named" 'c.geojson: record 2: ' "$(cat "$T/out")"
printf 'number,what\n1,"table one"\n2,""\n3,"table\nthree"\n' >"$T/d.csv"
sends "a CSV of the source's own" 65 --source field "$T/d.csv"
same "row by row" "1 rejected 2 stored" "$(statuses)"
has "a bad row is named" 'd.csv: row 2: ' "$(cat "$T/out")"
same "in the name of the source" 2 "$(texts field '^table' | wc -l)"
sends "a CSV of nobody" 65 "$T/d.csv"
has "says which columns it looks for" 'column' "$(cat "$T/out")"
python3 tests/e2e/make_csv.py acled 20000 >"$T/e.csv"
sends "an export of 20,000 rows" 0 --source ocha "$T/e.csv"
same "is stored" "20000 stored" "$(statuses)"
sends "and again" 0 --source ocha "$T/e.csv"
same "known by its ids" "20000 duplicate" "$(statuses)"
t "$D" record >"$T/f.rec"
sends "a recording" 0 --source ocha "$T/f.rec"
same "is known, too" "20007 duplicate" "$(statuses | sed 's/.* \(20007 duplicate\)/\1/')"
echo '{"id":"n1","text":"no ending"}' >"$T/noending"
sends "a file without an ending" 64 "$T/noending"
has "what to do" 'format' "$(cat "$T/err")"
sends "--format" 0 --format ndjson "$T/noending"
same "reads it" "1 stored" "$(statuses)"
sends "an unknown format" 64 --format morse "$T/noending"
sends "an empty JSON file" 65 --format json /dev/null
sends "nothing on standard input" 0
sends "a missing file beside a good one" 66 "$T/nothere.json" "$T/b.json"
same "the good one goes on" "2 duplicate" "$(statuses)"
python3 -c 'import json; print(json.dumps([{"id":"m%d" % i, "text":"many %d" % i} for i in range(30000)]))' >"$T/many.json"
sends "an array longer than the sender's window" 0 "$T/many.json"
same "is stored whole" "30000 stored" "$(statuses)"
coproc LIVE { "$BIN/tocsin" -d "$D" send --json; }
echo '{"text":"live one"}' >&"${LIVE[1]}"
IFS= read -r -t 10 said <&"${LIVE[0]}"
has "standard input is sent line by line" '"stored"' "$said"
pid=$LIVE_PID
eval "exec ${LIVE[1]}>&-"
wait "$pid" || not_ok "and its end ends it"
yes '{"text":"the same line"}' | head -n 300000 | "$BIN/tocsin" -d "$D" send --json >"$T/out" &
sender=$! kids[$!]=1 most=0
while ! gone "$sender"; do
    kb=$(rss_kb "$(pgrep -P "$sender" -f 'send --json' || echo "$sender")" 2>/dev/null)
    [ "${kb:-0}" -le "$most" ] || most=$kb
done
check "a long stream is sent in bounded memory ($most KB)" test "$most" -lt 100000
same "whole" "300000 stored" "$(statuses)"

# ---- rejected

port=$(http_port "$D")
printf 'a,b\n1,2\n' | curl -s -o /dev/null -H "Authorization: Bearer $TOKEN" -H 'Content-Type: text/csv' --data-binary @- "http://127.0.0.1:$port/v1/incidents"
last() { t "$D" rejected --json list | py 'e["number"]' | tail -n 1; }
n=$(last)
has "the list has a line an entry" "^ *$n .* http  csv +ocha +8 bytes " "$(t "$D" rejected | tail -n 1)"
said=$(t "$D" rejected show "$n")
for field in "number  $n" 'door    http' 'source  ocha' 'format  csv' 'reason  .' 'bytes   8' '1,2'; do has "show: $field" "^$field" "$said"; done
t "$D" rejected retry "$n" >"$T/out" 2>"$T/err"
same "what cannot be read is still refused" 65 $?
has "and says why" "entry $n is still refused: .*column" "$(cat "$T/err")"
collector=${collector/class: partner,/class: partner, csv: mended,}
collector=${collector/csv:/csv:
  - \{name: mended, text: [b], id: a\}}
instance "$D"
kill -HUP "$(pid_of "$D" collector)"
await_ok "the configuration is mended" 10 log_says "$D" collector 'configuration reloaded'
t "$D" rejected retry "$n" >"$T/out" 2>"$T/err"
same "then it is taken" 0 $?
same "once" "1 stored" "$(statuses)"
same "in the name of its source, by its format" 2 "$(texts ocha '^2$')"
lacks "and has left the quarantine" "\"number\":${n}[,}]" "$(t "$D" rejected --json list)"
t "$D" rejected retry "$n" >/dev/null 2>&1
same "there is no such entry any more" 65 $?
printf '\001\002\377binary' | curl -s -o /dev/null -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/x-protobuf' --data-binary @- "http://127.0.0.1:$port/v1/incidents"
has "what is no text is shown as hexadecimal" '^000000  ff62696e 617279 .*\.binary$' "$(t "$D" rejected show "$(last)")"
{ printf '{"text":"'; head -c 80000 /dev/zero | tr '\0' y; } | curl -s -o /dev/null -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' --data-binary @- "http://127.0.0.1:$port/v1/incidents"
n=$(last)
has "an entry that was cut says so" 'of which the first 65536 are kept' "$(t "$D" rejected show "$n" | head -n 8)"
has "it is not tried without being told to" '\-\-force' "$(t "$D" rejected retry "$n" 2>&1)"
has "and then refused for what it is" 'still refused' "$(t "$D" rejected retry "$n" --force 2>&1)"
stop "$D" collector || not_ok "the collector stops"
finish
