#!/usr/bin/env bash
# A reload that matters: the past is judged again under the new configuration. What now deserves an
# alert raises it, what no longer does is cancelled and says why, a broken file changes nothing,
# new wording alone begins no term. And: a restart, with a checkpoint or without, and two
# classifiers at once give what `assess --alerts` gives.
# shellcheck disable=SC2016,SC2034,SC2129,SC2317 # read and called by the library
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

D=$T/a
base='tick: 1s'
configure() { # CLASSIFIER LINES
    collector=$base classifier=$1
    instance "$D"
}
term() { t "$D" status --json | py 'e["figures"].get("term")' | grep -v None; }
hup() { kill -HUP "$(pid_of "$D" classifier)"; }
state() { t "$D" alerts --json | py 'e["precedence"] + " " + e["state"] if e["area"] == "'"$1"'" and e["target"] == "'"$2"'" else None'; }
is_now() { grep -qE "$3" <<<"$(state "$1" "$2")"; }
terms_are() { [ "$(term)" = "$1" ]; }

configure ''
start_all "$D"
cat >"$T/in.jsonl" <<'J'
{"id":"d1","text":"Demonstration in front of the camp, several hundred people","event":"demonstration","targets":["base"],"lat":16.27,"lon":-0.04}
{"id":"d2","text":"Ambush on a convoy, 2 killed","event":"ambush","targets":["convoy"],"killed":2,"lat":14.49,"lon":-4.19}
{"id":"d3","text":"Rockets on the camp in Menaka","lang":"en","lat":15.92,"lon":2.40}
J
t "$D" send "$T/in.jsonl" >/dev/null
settled "$D"
was=$(state gao base)
lacks "a demonstration deserves no FLASH at first" '^flash' "$was"
has "the ambush is open" 'raised' "$(state mopti convoy)"
first=$(term)

# ---- a threshold

configure 'events:
  - {event: demonstration, likelihood: 5, impact: 5, reach_m: 20000, persist: 2d}'
cp "$D/tocsin.yaml" "$T/flash.yaml"
hup
await_ok "after the reload the past report is FLASH" 15 is_now gao base '^flash raised'
second=$(term)
check "a new term began" test "$second" -gt "$first"
has "the log says so" 'new term begins.*configuration' "$(cat "$D/classifier.log")"

# ---- wording alone

awk '{ print } /^classifier:/ { print "  procedures:\n    - {event: ambush, en: Turn back at once., fr: Faites demi-tour.}" }' "$T/flash.yaml" >"$D/tocsin.yaml"
events=$(t "$D" watch --json --from start --until-idle 500ms | wc -l)
hup
await_ok "new wording is taken" 15 log_says "$D" classifier 'new wording is in force'
same "and begins no term" "$second" "$(term)"
same "nor tells anything again" "$events" "$(t "$D" watch --json --from start --until-idle 500ms | wc -l)"
echo '{"id":"d4","text":"Ambush on a convoy, 3 killed","event":"ambush","targets":["convoy"],"killed":3,"lat":13.51,"lon":2.11}' |
    t "$D" send >/dev/null
settled "$D"
has "what comes next speaks the new words" 'Turn back at once' "$(t "$D" alerts --json | py 'e["instruction"]["en"] if e["area"] == "niamey" and e["target"] == "convoy" else None')"

# ---- a broken file

before=$(t "$D" alerts --json)
printf 'classifier:\n  join_m: plenty\n' >"$D/tocsin.yaml"
hup
await_ok "a broken file is refused with file and line" 10 log_says "$D" classifier 'old configuration stays.*tocsin.yaml:2'
cp "$T/flash.yaml" "$D/tocsin.yaml"
same "and changes nothing" "$before" "$(t "$D" alerts --json)"
same "the term is the same" "$second" "$(term)"
cp -r conf/lexicon "$T/lexicon"
printf 'entries:\n  - {word: [\n' >"$T/lexicon/en.yaml"
awk -v l="$T/lexicon" '{ print } /^classifier:/ { print "  lexicon: " l }' "$T/flash.yaml" >"$D/tocsin.yaml"
hup
await_ok "a broken lexicon too" 10 log_says "$D" classifier 'old configuration stays.*en.yaml:[0-9]+'
check "the classifier lives" alive "$D" classifier
cp "$T/flash.yaml" "$D/tocsin.yaml"

# ---- alerts that the new configuration does not give

rm -rf "$T/lexicon"
cp -r conf/lexicon "$T/lexicon"
# The words that made it a shelling mean something else now.
sed -i 's/phrases: \[mortar, mortars, rocket, rockets, shelling, shelled, shells,/phrases: [/; s/\(phrases: \[\) *\(strike, strikes\)/\1\2/' "$T/lexicon/en.yaml"
has "the shelling is open" 'raised' "$(state menaka base)"
configure "lexicon: $T/lexicon"
hup
cancelled() { t "$D" watch --json --from start --until-idle 300ms | py 'e.get("note") or "no note" if e["kind"] == "cancelled" else None'; }
report() { "$BIN/tocsin" -c "$D/tocsin.yaml" assess "$T/in.jsonl" | py '(e["id"], e["alertworthy"], e["event"])'; }
any_cancelled() { [ "$(cancelled | wc -l)" -gt 0 ]; }
await_ok "open alerts that it does not give are cancelled" 15 any_cancelled
has "and say why" 'configuration' "$(cancelled)"
lacks "none is without a reason" 'no note' "$(cancelled)"

# ---- restarts and two at once: the same events as assess --alerts

stop_all "$D" || not_ok "all stop"
D=$T/b
configure 'checkpoint: 1s'
start_all "$D"
some() { # FROM TO
    python3 -c 'import json, sys
for i in range(int(sys.argv[1]), int(sys.argv[2])):
    print(json.dumps({"id": "s%d" % i, "text": "Attack on the village, %d killed" % (i % 13), "event": ["ambush", "armed_attack", "ied_mine"][i % 3], "lat": 12 + i % 9 * 0.5, "lon": -4 + i // 9 * 0.5, "killed": i % 13}))' "$@" |
        t "$D" send >/dev/null
}
some 0 60
settled "$D"
await_ok "a checkpoint is written" 10 test -s "$D/state/classifier/checkpoint"
stop "$D" classifier || not_ok "the classifier stops"
some 60 120
start "$D" classifier
check "it goes on from the checkpoint" log_says "$D" classifier 'state from the checkpoint'
some 50 130
settled "$D"
stop "$D" classifier KILL
rm -f "$D/state/classifier/checkpoint"
some 130 170
start "$D" classifier
# A second one: the same configuration but for its own directory.
mkdir -p "$T/second"
sed "s|^classifier:|&\n  state: $T/second\n  collector: ipc://$D/run/collector/submit.sock\n  notifier: ipc://$D/run/notifier/submit.sock|" \
    "$D/tocsin.yaml" >"$T/second.yaml"
"$BIN/tocsin-classifier" -d "$D" -c "$T/second.yaml" >"$D/second.log" 2>&1 & kids[$!]=1; other=$!
some 150 200
some 200 260
settled "$D"
check "both live" kill -0 "$other"
check "neither stands by" bash -c '! grep -q "stands by" "$@"' - "$D/second.log" "$D/classifier.log"
stop "$D" classifier KILL
some 260 300
await_ok "the second goes on alone" 20 follows "$D" "$(head_of "$D")"
check "the second one did" kill -0 "$other"
comparison "$D" >"$T/got"
t "$D" record >"$T/rec"
"$BIN/tocsin" -c "$D/tocsin.yaml" assess --alerts "$T/rec" >"$T/want"
same_file "all of it gives what assess --alerts gives" "$T/want" "$T/got"
seen=$(t "$D" watch --json --from start --until-idle 500ms | py 'e["id"] + str(e["revision"])' | sort | uniq -d | wc -l)
same "no revision is told twice" 0 "$seen"
kill "$other"
finish
