#!/usr/bin/env bash
# The spool directory: what is taken, in whose name, what is left alone and what is refused with
# which reason; that each row is in the journal once and in order whatever is killed; that other
# doors stay open meanwhile; a full disk, a storm of files, a reload.
# shellcheck disable=SC2016,SC2034,SC2317 # read and called by the library
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

D=$T/a S=$T/a/spool
TOKEN=spool-test-token
config() { # EXTRA SOURCES
    collector="spool: spool
tick: 1h
csv:
  - {name: plain, text: [what]}
listen_http: 127.0.0.1:0
sources:
  - {name: ocha, class: partner, token: $TOKEN}
  - {name: field, class: own, csv: plain}
  - {name: slow, class: partner, rate_per_s: 30, burst: 30}
  - {name: wires, class: media, may: [incidents]}
$1"
    instance "$D"
}
rows() { # N PREFIX: JSON lines without ids
    python3 -c 'import sys
for i in range(int(sys.argv[1])): print("{\"text\":\"%s %06d: shots heard north of the market\"}" % (sys.argv[2], i))' "$@"
}
table() { # N PREFIX: a CSV without ids, as the source field has it
    python3 -c 'import sys
print("number,what")
for i in range(int(sys.argv[1])): print("%d,\"%s %06d: shots,\nnorth of the market\"" % (i, sys.argv[2], i))' "$@"
}
put() { # SOURCE/FILE: standard input, written beside and renamed, as a writer should
    cat >"$S.writing" && mv "$S.writing" "$S/$1"
}
texts() { # SOURCE PREFIX: the numbers of the rows of a prefix, in the journal's order
    t "$D" record --json | py "e['incident']['text'].split(':')[0].split()[-1] if ('incident' in e and
        e['incident'].get('source') == '$1' and e['incident']['text'].startswith('$2 ')) else None"
}
reason() { cat "$S/rejected/$1.reason"; }
metric() { curl -s "http://127.0.0.1:$(http_port "$D")/metrics" | sed -n "s/^tocsin_$1 //p"; }
there() { [ -e "$1" ]; }

config ''
start "$D" collector
for dir in ocha slow field wires local "done" rejected; do check "there is a directory $dir" test -d "$S/$dir"; done

# ---- what is taken in

rows 3 first | put ocha/one.jsonl
await_ok "a file is taken in" 10 there "$S/done/ocha/one.jsonl"
same "in the name of its directory, in order" "000000 000001 000002" "$(texts ocha first | xargs)"
echo '{"text":"loose 0: mortar fire","source":"ocha"}' | put loose.json
await_ok "a file beside the directories is taken in" 10 there "$S/done/local/loose.json"
same "in the name of local, whatever it says itself" 0 "$(texts local loose | xargs)"
rows 2 again | put ocha/one.jsonl
await_ok "a second file of the same name keeps its own" 10 there "$S/done/ocha/2-one.jsonl"
check "nothing was refused so far" test -z "$(find "$S" -name '*.reason')"

printf '%s\n' '{"text":"mixed 1: a"}' 'not json' '{"text":"mixed 2: b"}' '{"killed":1}' \
    '{"asset":{"id":"x-1","kind":"base","lat":1,"lon":2}}' | put wires/mixed.jsonl
await_ok "a file with bad lines is taken in" 10 there "$S/done/wires/mixed.jsonl"
same "and its good ones are there" "1 2" "$(texts wires mixed | xargs)"
said=$(cat "$S/done/wires/mixed.jsonl.reason")
has "the reason beside it counts" '^2 stored, 0 duplicates, 3 refused' "$said"
has "it names the record that is none" '^record 2: .' "$said"
has "it names the one without text" '^record 4: .*text or event' "$said"
has "it names the one that the source may not send" '^record 5: .*may not send assets' "$said"
has "the quarantine knows door and format" '"door":"spool".*"format":"ndjson"' "$(t "$D" rejected --json list)"
rows 1 only | sed 's/text/txt/' | put ocha/none.jsonl
await_ok "a file without one good record is refused" 10 there "$S/rejected/ocha/none.jsonl"
has "and says so" '^0 stored, 0 duplicates, 1 refused' "$(reason ocha/none.jsonl)"
python3 -c 'for i in range(150): print("{\"n\":%d}" % i)' | put ocha/bad.jsonl
await_ok "many bad lines" 10 there "$S/rejected/ocha/bad.jsonl"
same "a hundred reasons are kept" 100 "$(reason ocha/bad.jsonl | grep -c '^record ')"
has "and the rest is counted" '^and 50 more$' "$(reason ocha/bad.jsonl)"

# ---- formats, by the ending of the name

for kind in acled ucdp; do
    python3 tests/e2e/make_csv.py "$kind" 10000 >"$S.writing"
    from=$(now_ms)
    mv "$S.writing" "$S/ocha/$kind.csv"
    await_ok "10,000 rows in the shape of $kind are taken" 30 there "$S/done/ocha/$kind.csv"
    echo "# in $(($(now_ms) - from)) ms"
    check "none is refused" test ! -e "$S/done/ocha/$kind.csv.reason"
    python3 tests/e2e/make_csv.py "$kind" 10000 | put "ocha/$kind-again.CSV"
    await_ok "and once more" 30 there "$S/done/ocha/$kind-again.CSV"
    check "all are known by their own ids" log_says "$D" collector "$kind-again.CSV.*stored=0 duplicate=10000 refused=0"
done
printf 'number,what\n1,"table 1: shots"\n2,"table 2: more\nshots"\n' | put field/table.csv
await_ok "a CSV as the source has it" 10 there "$S/done/field/table.csv"
same "is taken by its columns" "1 2" "$(texts field table | xargs)"
printf 'a,b\n1,2\n' | put ocha/other.csv
await_ok "one whose columns nobody knows is refused" 10 there "$S/rejected/ocha/other.csv"
has "with what to do" 'column' "$(reason ocha/other.csv)"
echo '{"type":"FeatureCollection","features":[{"type":"Feature","id":"f1","geometry":{"type":"Point","coordinates":[1.5,16.5]},"properties":{"text":"feature 1: shots"}}]}' | put ocha/map.geojson
await_ok "GeoJSON" 10 there "$S/done/ocha/map.geojson"
same "is taken" 1 "$(texts ocha feature)"
t "$D" record --from 1h | put later.rec
await_ok "a recording" 30 there "$S/done/local/later.rec"
same "is taken in the name of its directory" "000000 000001 000002" "$(texts local first | xargs)"
echo "one report in words: shots at the market" | put ocha/words.txt
echo '<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>spool-1</identifier><sender>desk@example.org</sender><sent>2024-05-02T10:00:00+00:00</sent><status>Actual</status><msgType>Alert</msgType><scope>Public</scope><info><category>Security</category><event>Shooting</event><urgency>Immediate</urgency><severity>Severe</severity><certainty>Observed</certainty><headline>cap 1: shots at the ferry</headline><area><areaDesc>Ferry</areaDesc><circle>16.1,-0.4 2</circle></area></info></alert>' >"$S.writing"
cp "$S.writing" "$S.writing2"
mv "$S.writing" "$S/ocha/one.cap"
mv "$S.writing2" "$S/ocha/two.xml"
echo '<event version="2.0" uid="spool-2" type="b-a-o-tbl" how="h-e" time="2024-05-02T10:00:00Z" start="2024-05-02T10:00:00Z" stale="2024-05-02T11:00:00Z"><point lat="16.1" lon="-0.4" hae="0" ce="10" le="10"/><detail><contact callsign="Patrol 4"/><remarks>shots at the ferry</remarks></detail></event>' | put ocha/three.cot
for f in words.txt one.cap two.xml three.cot; do await_ok "$f is taken" 10 there "$S/done/ocha/$f"; done

# ---- what is left alone, and what is refused

rows 1 x >"$S/ocha/.hidden.jsonl"
rows 1 x >"$S/ocha/x.jsonl.tmp"
rows 1 x >"$S/ocha/y.jsonl.part"
mkdir "$S/ocha/sub"
rows 1 x | put ocha/sub/z.jsonl
{ printf '{"text":"'; head -c 17000000 /dev/zero | tr '\0' x; printf '"}\n'; } | put ocha/long.json
rows 1 x | put ocha/notes.docx
rows 1 x | put ocha/noending
mkdir "$S/unknown"
rows 1 x | put unknown/x.jsonl
ln -s "$T/a/tocsin.yaml" "$S/ocha/link.jsonl"
mkfifo "$S/ocha/pipe.jsonl"
: | put ocha/empty.jsonl
printf '\n\n' | put ocha/blank.jsonl
for f in ocha/notes.docx ocha/noending unknown/x.jsonl ocha/link.jsonl ocha/pipe.jsonl ocha/empty.jsonl ocha/blank.jsonl ocha/long.json; do
    rows 1 "wake" | put local/wake.jsonl
    await_ok "$f is refused" 10 there "$S/rejected/$f.reason"
done
check "with the file itself" test -f "$S/rejected/ocha/notes.docx"
has "a name without a known ending: what to do" 'ending .*\.csv' "$(reason ocha/notes.docx)"
has "no ending at all" 'ending .*\.csv' "$(reason ocha/noending)"
has "a directory that is no source: what to do" 'collector.sources' "$(reason unknown/x.jsonl)"
has "a file that is too long to be taken whole" 'spool_file_bytes' "$(reason ocha/long.json)"
has "a link" 'links' "$(reason ocha/link.jsonl)"
has "a pipe" 'no file' "$(reason ocha/pipe.jsonl)"
has "an empty file" 'is empty' "$(reason ocha/empty.jsonl)"
has "a file of blanks" 'no record in it' "$(reason ocha/blank.jsonl)"
for f in .hidden.jsonl x.jsonl.tmp y.jsonl.part sub/z.jsonl; do check "$f is left alone" test -e "$S/ocha/$f"; done
mv "$S/ocha/x.jsonl.tmp" "$S/ocha/x.jsonl"
await_ok "until it is renamed" 10 there "$S/done/ocha/x.jsonl"
exec 7>"$S/ocha/open.jsonl"
rows 1 open >&7
rows 1 wake | put local/wake.jsonl
await 10 there "$S/done/local/wake.jsonl"
rows 1 marker | put ocha/marker.jsonl
await_ok "while a file is being written others are taken" 10 there "$S/done/ocha/marker.jsonl"
check "and it is not" test -e "$S/ocha/open.jsonl"
exec 7>&-
await_ok "until it is closed" 10 there "$S/done/ocha/open.jsonl"

# ---- rates, changes, reload

rows 200 slow | put slow/slow.jsonl
rows 3 quick | put ocha/quick.jsonl
await_ok "a source that has to wait" 10 there "$S/done/ocha/quick.jsonl"
check "delays no other" test -e "$S/slow/slow.jsonl"
rows 2000 appended | put slow/appended.jsonl
await_ok "in the end its file is taken" 20 there "$S/done/slow/slow.jsonl"
same "whole and in order" "$(seq -f %06.0f 0 199)" "$(texts slow slow)"
grows() { [ "$(texts slow appended | wc -l)" -gt 0 ]; }
await 10 grows
rows 1 appended >>"$S/slow/appended.jsonl"
await_ok "a file that is changed while it is read is refused" 20 there "$S/rejected/slow/appended.jsonl"
has "and says what to do" 'was changed (while it was read|after a part of it .*); write it elsewhere' "$(reason slow/appended.jsonl)"
has "and how much was taken" '^[1-9][0-9]* stored' "$(reason slow/appended.jsonl)"

rows 200 reload | put slow/reload.jsonl
config '  - {name: later, class: own}'
kill -HUP "$(pid_of "$D" collector)"
await_ok "a new source has a directory after a reload" 10 test -d "$S/later"
rows 2 later | put later/later.jsonl
await_ok "and its files are taken" 10 there "$S/done/later/later.jsonl"
await_ok "what was at hand goes on" 20 there "$S/done/slow/reload.jsonl"
same "whole and in order" "$(seq -f %06.0f 0 199)" "$(texts slow reload)"

# ---- a large file: other doors, then kill -9

rows 20000 large >"$S.writing"
read -r posts median slowest < <(python3 - "$(http_port "$D")" "$TOKEN" "$S" <<'P'
import http.client, os, sys, time
port, token, spool = sys.argv[1:]
c, took = http.client.HTTPConnection("127.0.0.1", int(port)), []
os.rename(spool + ".writing", spool + "/ocha/large.jsonl")
while os.path.exists(spool + "/ocha/large.jsonl"):
    start = time.monotonic()
    c.request("POST", "/v1/incidents", '{"text":"meanwhile %d: posted"}' % len(took),
              {"Authorization": "Bearer " + token, "Content-Type": "application/json"})
    if c.getresponse().read().count(b'"stored"') != 1: sys.exit("not stored")
    took.append((time.monotonic() - start) * 1000)
took.sort()
print(len(took), int(took[len(took) // 2]), int(took[-1]))
P
)
echo "# $posts posts while 20,000 rows were taken in: median $median ms, slowest $slowest ms"
check "posts are answered meanwhile" test "$posts" -gt 10
check "and none waits for the file" test "$slowest" -lt 500
same "all rows, once and in order" "$(seq -f %06.0f 0 19999 | md5sum)" "$(texts ocha large | md5sum)"
same "spool_records_total counts" yes "$([ "$(metric spool_records_total)" -ge 20000 ] && echo yes)"
same "nothing waits" 0 "$(metric spool_backlog_files)"

# kill_while FILE: starts the collector and kills it at some row on, again and again, until FILE has
# gone; prints how often a part of it was on disk.
kill_while() {
    python3 - "$BIN/tocsin-collector" "$D" "$1" <<'P'
import os, random, sqlite3, subprocess, sys
program, directory, path = sys.argv[1:]
db = "file:" + directory + "/state/collector/journal.db?mode=ro"
def rows():
    try:
        c = sqlite3.connect(db, uri=True)
        n = c.execute("SELECT max(seq) FROM record").fetchone()[0]
        c.close()
        return n or 0
    except sqlite3.Error:
        return 0
first, kills = rows(), 0
with open(directory + "/collector.log", "a") as log:
    while os.path.exists(path):
        before = rows()
        p = subprocess.Popen([program, "-d", directory], stdin=subprocess.DEVNULL, stderr=log)
        aim = before + random.randrange(1, 1500)
        while os.path.exists(path) and rows() < aim:
            pass
        for _ in range(random.randrange(20000)):
            pass
        p.kill()
        p.wait()
        kills += os.path.exists(path) and rows() > first
print(kills)
P
}
kills=0 round=0
while [ "$kills" -lt 25 ] && [ "$round" -lt 10 ]; do
    round=$((round + 1))
    stop "$D" collector KILL
    table 10000 "round$round" | put "field/round$round.csv"
    kills=$((kills + $(kill_while "$S/field/round$round.csv")))
    start "$D" collector
    same "round $round: every row once and in order" "$(seq -f %06.0f 0 9999 | md5sum)" "$(texts field "round$round" | md5sum)"
done
check "it was killed often enough ($kills times in $round files)" test "$kills" -ge 20
has "the chain is whole" '[0-9] records verify' "$(t "$D" verify 2>&1)"

# ---- a storm, and a directory that goes

mkdir -p "$D/storm"
for i in $(seq 2000); do echo "{\"text\":\"storm $i: shots\"}" >"$D/storm/$i.json"; done
from=$(now_ms)
find "$D/storm" -name '*.json' -print0 | xargs -0 mv -t "$S/wires"
calm() { [ "$(find "$S/done/wires" -name '[0-9]*.json' | wc -l)" -eq 2000 ]; }
await_ok "2,000 files that come at once are taken" 60 calm
echo "# 2,000 files in $(($(now_ms) - from)) ms"
same "each once" 2000 "$(texts wires storm | sort -u | wc -l)"
same "and not twice" 2000 "$(texts wires storm | wc -l)"
mv "$S" "$S.away"
rows 1 wake >"$S.away/local/wake2.jsonl"
kill -HUP "$(pid_of "$D" collector)"
await_ok "a directory that was taken away is made again" 40 test -d "$S/ocha"
rows 1 back | put ocha/back.jsonl
await_ok "and used" 40 there "$S/done/ocha/back.jsonl"
stop "$D" collector || not_ok "the collector stops"

# ---- a full disk

if [ "$(id -u)" -ne 0 ] || ! { mkdir -p "$T/disk" && mount -t tmpfs -o size=8m tocsin-e2e "$T/disk" 2>/dev/null; }; then
    skip "a full disk" "only root can mount a small tmpfs"
    finish
fi
D=$T/disk/a S=$T/spool2
collector="spool: $S
disk_low_bytes: 0
tick: 1h"
instance "$D"
start "$D" collector
rows 200 early | put local/early.jsonl
await_ok "with room a file is taken" 10 there "$S/done/local/early.jsonl"
head -c 8000000 /dev/zero >"$D/ballast" 2>/dev/null
rows 3000 full | sed "s/market/market $(printf 'x%.0s' {1..200})/" | put local/full.jsonl
await_ok "without room the collector says so" 20 log_says "$D" collector 'disk is full'
check "the file waits" test -e "$S/local/full.jsonl"
rm -f "$D/ballast"
await_ok "with room again it goes on" 40 there "$S/done/local/full.jsonl"
same "each row once and in order" "$(seq -f %06.0f 0 2999 | md5sum)" "$(texts local full | md5sum)"
check "no reason was noted" test ! -e "$S/done/local/full.jsonl.reason"
has "the chain is whole" '[0-9] records verify' "$(t "$D" verify 2>&1)"
stop "$D" collector || not_ok "the collector stops after a full disk"
finish
