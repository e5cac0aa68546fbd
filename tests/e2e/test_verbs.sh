#!/usr/bin/env bash
# Every verb: what it prints, for people and as JSON, and its exit code; what redact and verify
# promise; what `up` leaves behind.
# shellcheck disable=SC2016,SC2034,SC2129,SC2317 # read and called by the library
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

D=$T/a
said='' code=0
run() { # WORDS...: $said and $code
    said=$("$BIN/tocsin" "$@" 2>&1 </dev/null)
    code=$?
}
gives() { # NAME CODE PATTERN WORDS...
    local name=$1 want=$2 pattern=$3
    shift 3
    run "$@"
    if [ "$code" -ne "$want" ]; then
        not_ok "$name" "exit $code, not $want: $said"
    else
        has "$name" "$pattern" "$said"
    fi
}
json_lines() { # NAME CODE WORDS...: every line of standard output is an object
    local name=$1 want=$2
    shift 2
    "$BIN/tocsin" "$@" >"$T/out" 2>"$T/err" </dev/null
    same "$name: exit code" "$want" $?
    check "$name: one object a line" python3 -c 'import json, sys
n = 0
for l in open(sys.argv[1]): n += isinstance(json.loads(l), dict) or sys.exit("not an object: " + l)
sys.exit(n == 0 and "nothing")' "$T/out"
}

# ---- without a daemon

instance "$D"
gives "no verb" 64 usage
gives "an unknown verb" 64 "no verb 'frobnicate'.*--help" frobnicate
gives "an option without its value" 64 'needs a value' status -d
gives "a timeout that is none" 64 'duration' -d "$D" status --timeout soon
gives "help" 0 'Exit codes' --help
gives "version" 0 '^tocsin [0-9]' --version
for verb in up send watch alerts incidents ack warned resolve why history assets record replay assess diff \
    status rejected redact check verify; do
    gives "$verb --help" 0 "usage: tocsin .*$verb" "$verb" --help
done
for line in 'up now' 'watch --from yesterday' 'watch --count none' 'watch --fast' 'ack' 'warned X' \
    'resolve' 'why' 'history' 'assets move' 'replay' 'replay x --speed fast' 'rejected show x' 'redact' \
    'send --fast' 'diff' 'diff --with x.yaml' 'alerts --target moon' 'status all'; do
    # shellcheck disable=SC2086 # words
    gives "usage: $line" 64 '^tocsin: .' -d "$D" $line
done
for line in status 'watch --until-idle 1s --count 1' alerts incidents record; do
    # shellcheck disable=SC2086
    case $line in
    watch*) ;; # waits for the notifier, across its restarts
    *) gives "$line without daemons" 69 '^tocsin: .*(not answer|cannot be reached|nobody)' -d "$D" --timeout 300ms $line ;;
    esac
done
said=$(echo '{"text":"x"}' | "$BIN/tocsin" -d "$D" send --timeout 500ms 2>&1)
code=$?
if [ "$code" -eq 69 ] || [ "$code" -eq 75 ]; then ok "send without a collector"; else not_ok "send without a collector" "exit $code: $said"; fi
mkdir -p "$T/broken"
printf 'collector:\n  tick: soon\n' >"$T/broken/tocsin.yaml"
for verb in check status send up; do gives "$verb with a broken configuration" 78 'tocsin.yaml:2' -d "$T/broken" "$verb"; done
printf 'colector:\n  tick: 1s\n' >"$T/x.yaml"
gives "check FILE with an unknown key" 78 'x.yaml:1.*colector' check "$T/x.yaml"
printf "rules:\n  - {name: x, form: ring, sectors: 12}\n" >"$T/rules.yaml"
printf "classifier: {rules: %s}\n" "$T/rules.yaml" >"$T/ruled.yaml"
gives "check FILE with a rule out of bounds" 78 "rules.yaml:2.*sectors must be" check "$T/ruled.yaml"
gives "check" 0 . -d "$D" check
gives "a configuration that is not there" 78 'nothere' -c "$T/nothere.yaml" status
echo '{"id":"x","reported_at":"2023-04-17T06:40:00Z","text":"Convoy attacked near Gao, two wounded"}' >"$T/one.jsonl"
json_lines assess 0 assess "$T/one.jsonl"
json_lines "assess --alerts" 0 assess --alerts "$T/one.jsonl"
echo 'not json' >"$T/bad.jsonl"
gives "assess of what is none" 65 '(line|bad.jsonl)' assess "$T/bad.jsonl"
gives "assess of a directory" 66 'Is a directory' assess "$T"
gives "assess --assets without a file" 64 'needs a file' assess --assets
printf '990001\tZzyrdina\t\t17.5\t1.25\tpopulated\tML\tGao\t500\t2\n' >"$T/places.tsv"
echo '{"id":"x","text":"Village of Zzyrdina attacked, two killed"}' >"$T/place.jsonl"
gives "a place that nobody knows" 0 '"place":null' assess "$T/place.jsonl"
gives "assess --gazetteer" 0 '"lat":17.5,"lon":1.25,.*"name":"Zzyrdina"' assess --gazetteer "$T/places.tsv" "$T/place.jsonl"
coproc ASSESS { "$BIN/tocsin" assess -; }
echo '{"id":"first","text":"x"}' >&"${ASSESS[1]}"
said=''
IFS= read -r -t 10 said <&"${ASSESS[0]}"
has "from a pipe each finding comes at once" '"id":"first"' "$said"
pid=$ASSESS_PID
eval "exec ${ASSESS[1]}>&-"
wait "$pid" || not_ok "and the end of the pipe ends it"
run assess "$T/nothere.jsonl"
lacks "assess of a file that is not there fails" '^0$' "$code"

# ---- with daemons

start_all "$D"
cat >"$T/assets.geojson" <<'J'
{"type":"FeatureCollection","features":[{"type":"Feature","id":"cvy-1","geometry":{"type":"LineString","coordinates":[[-0.04,16.27],[-0.05,16.40],[-0.3,16.9]]},"properties":{"kind":"convoy","name":"Convoy One","mode":"road","state":"halted"}},{"type":"Feature","id":"base-1","geometry":{"type":"Point","coordinates":[-0.04,16.27]},"properties":{"kind":"base","name":"Camp One","area":"gao","strength":400}}]}
J
gives "assets load" 0 . -d "$D" assets load "$T/assets.geojson"
gives "assets position" 0 . -d "$D" assets position base-1 16.28 -0.05
gives "assets position of a convoy" 0 . -d "$D" assets position cvy-1 16.38 -0.05
cat >"$T/in.jsonl" <<'J'
{"id":"r1","text":"Convoi attaqué à 15 km au nord de Gao, secret-word-alpha, deux blessés","lat":16.40,"lon":-0.05,"event":"ambush","targets":["convoy"],"reporter":{"name":"Reporter-Name-Beta","contact":"+223"}}
{"id":"r2","text":"The school in Mopti was opened"}
J
json_lines send 0 -d "$D" send "$T/in.jsonl"
json_lines "send again" 0 send -d "$D" "$T/in.jsonl" --json
same "a resend is a duplicate" 2 "$(grep -c '"duplicate"' "$T/out")"
gives "send of a bad line" 65 'stored' -d "$D" send "$T/one.jsonl" "$T/bad.jsonl"
gives "send from an unknown source" 65 'no source' -d "$D" send --source nobody "$T/one.jsonl"
settled "$D"
json_lines alerts 0 alerts --json -d "$D"
json_lines "alerts --open" 0 alerts -d "$D" --open --target convoy --json
id=$(py 'e["id"] if e["target"] == "convoy" else None' <"$T/out" | head -n 1)
json_lines watch 0 watch -d "$D" --json --from start --until-idle 500ms
json_lines "watch --topic" 0 -d "$D" watch --topic alert.convoy. --from start --until-idle 500ms --json
same "only that topic" '' "$(py 'e["topic"] if not e["topic"].startswith("alert.convoy.") else None' <"$T/out")"
json_lines "watch --count" 0 -d "$D" watch --from start --count 1 --json
same "as many as asked" 1 "$(wc -l <"$T/out")"
json_lines incidents 0 -d "$D" incidents --json
lacks "no reporter in the log" Reporter-Name "$(cat "$T/out")"
json_lines "incidents --no-alert" 0 -d "$D" incidents --no-alert --json
json_lines status 0 -d "$D" status --json
json_lines record 0 -d "$D" record --json
asset=cvy-1
has "the convoy is in it" '"cvy-1"' "$("$BIN/tocsin" -d "$D" alerts --json)"
json_lines why 0 -d "$D" why "$id" --json
gives "why for people" 0 'likelihood' -d "$D" why "$id"
gives "why of no alert" 65 . -d "$D" why 01H00000000000000000000000
json_lines ack 0 -d "$D" ack "$id" --note seen --json
same "acknowledged" acknowledged "$("$BIN/tocsin" -d "$D" alerts --json | py 'e["state"] if e["id"] == "'"$id"'" else None')"
gives "ack of no alert" 65 . -d "$D" ack 01H00000000000000000000000
gives "ack of no id" 64 . -d "$D" ack zzz
gives "warned without how" 64 how -d "$D" warned "$id" cvy-1
json_lines warned 0 -d "$D" warned "$id" "$asset" --how radio --json
json_lines resolve 0 -d "$D" resolve "$id" --note over --json
json_lines history 0 -d "$D" history "$id" --json
has "history tells all of it" 'raised.*acknowledged.*warned.*resolved' "$(py 'e["kind"]' <"$T/out" | tr '\n' ' ')"
json_lines "assets list" 0 -d "$D" assets list --json
gives "assets of no file" 66 . -d "$D" assets load "$T/nothere.geojson"
gives "rejected list" 0 '' -d "$D" rejected list
gives "rejected show of none" 65 'no entry' -d "$D" rejected show 999
gives "replay into a journal that is not empty" 65 '(empty|fresh|new)' -d "$D" replay "$T/one.jsonl" --speed max
json_lines verify 0 -d "$D" verify --json

# ---- redact

comparison "$D" >"$T/before"
seq=$("$BIN/tocsin" -d "$D" record --json | py 'e["seq"] if "secret-word" in e.get("incident", {}).get("text", "") else None')
gives "redact without a reason" 64 reason -d "$D" redact "$seq"
gives "redact" 0 '' -d "$D" redact "$seq" --reason "asked for by the source"
gives "redact of nothing" 65 . -d "$D" redact 99999 --reason x
gives "verify after it" 0 '' -d "$D" verify
lacks "the text is not served any more" 'secret-word|Reporter-Name' "$("$BIN/tocsin" -d "$D" record --json)"
stop_all "$D" || not_ok "all stop"
# shellcheck disable=SC2016 # for the inner shell
check "nor in any file" bash -c '! grep -rqE "secret-word|Reporter-Name" "$1"' - "$D/state"
rm -f "$D/state/classifier/checkpoint"
start_all "$D"
settled "$D"
comparison "$D" >"$T/after"
same_file "the classifier comes to the same events without the text" "$T/before" "$T/after"
"$BIN/tocsin" -d "$D" record >"$T/rec"
"$BIN/tocsin" -c "$D/tocsin.yaml" assess --alerts "$T/rec" >"$T/want"
check "and so does assess from the recording" cmp "$T/before" "$T/want"

# ---- verify finds a changed body

stop_all "$D" || not_ok "all stop again"
cp -r "$D" "$T/forged"
db=$T/forged/state/collector/journal.db
table=$(sqlite3 "$db" "select m.name from sqlite_master m, pragma_table_info(m.name) i where m.type = 'table' and i.name = 'body' limit 1")
python3 - "$db" "$table" <<'P' || not_ok "the body could be changed"
import sqlite3, sys
c = sqlite3.connect(sys.argv[1])
n = 0
for rowid, body in c.execute("select rowid, body from %s" % sys.argv[2]).fetchall():
    if body is not None and b"Mopti" in bytes(body):
        c.execute("update %s set body = ? where rowid = ?" % sys.argv[2], (bytes(body).replace(b"Mopti", b"Gaooo"), rowid))
        n += 1
c.commit()
sys.exit(n == 0)
P
gives "verify finds a changed body" 65 'seq|record|chain' -d "$T/forged" verify

# ---- up

U=$T/u
collector='listen_http: 127.0.0.1:0'
instance "$U"
"$BIN/tocsin" -d "$U" up >"$U/up.log" 2>&1 & kids[$!]=1; up=$!
await_ok "up starts them all" 20 deciding "$U"
child() { pgrep -P "$up" -f "tocsin-$1 "; }
old=$(child collector)
kill -KILL "$old"
restarted() { local p; p=$(child collector) && [ "$p" != "$old" ]; }
await_ok "one that dies is started again" 10 restarted
await_ok "and answers" 20 answers "$U" collector
check "up says so" grep -q 'tocsin-collector ended' "$U/up.log"
children=$(pgrep -P "$up")
kill -INT "$up"
await_ok "Ctrl-C ends it" 25 gone "$up"
wait "$up"
same "with code 0" 0 $?
unset "kids[$up]"
for p in $children; do gone "$p" || not_ok "no process is left" "$p"; done
same "and leaves no socket" '' "$(find "$U" -type s)"
finish
