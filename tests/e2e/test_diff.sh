#!/usr/bin/env bash
# `tocsin diff`: two configurations over one recording. What differs is known beforehand: words
# taken out of a lexicon, another figure for one event, other words for people.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

said='' code=0
run() { # WORDS...: $said and $code
    said=$("$BIN/tocsin" "$@" 2>"$T/err")
    code=$?
}
differ() { # FILE.yaml [WORDS...]
    local with=$1
    shift
    run diff -c "$T/a.yaml" --with "$with" "$@"
}

cat >"$T/in.jsonl" <<'J'
{"id":"r1","reported_at":"2023-04-17T06:40:00Z","text":"Convoi attaqué à 15 km au nord de Gao, deux blessés","lang":"fr"}
{"id":"r2","reported_at":"2023-04-18T06:40:00Z","text":"Le village de Bourem a été pillé, un mort","lang":"fr"}
{"id":"r3","reported_at":"2023-04-19T06:40:00Z","text":"Tirs de mortier sur le camp de Gao","lang":"fr"}
J
printf 'classifier:\n  events:\n    - event: indirect_fire\n      impact: 2\n' >"$T/row.yaml"
: >"$T/a.yaml"
mkdir "$T/lexicon"
cp conf/lexicon/*.yaml "$T/lexicon"
printf 'classifier:\n  lexicon: %s\n' "$T/lexicon" >"$T/copy.yaml"
cp "$T/copy.yaml" "$T/words.yaml"
printf 'classifier:\n  procedures:\n    - en: Call home.\n      fr: Appeler.\n' >"$T/wording.yaml"

# ---- nothing differs

differ "$T/copy.yaml" "$T/in.jsonl"
same "a copy of the lexicon: exit code" 0 "$code"
has "and nothing differs" ' 0 only in A, 0 only in B, 0 changed, [1-9][0-9]* the same' "$said"
differ "$T/wording.yaml" "$T/in.jsonl"
same "other words for people are no difference" 0 "$code"

# ---- a threshold

differ "$T/row.yaml" "$T/in.jsonl"
same "another figure: exit code" 1 "$code"
has "the alert that changed, with both levels and the reason" \
    '^~ 2023-04-19T06:40:00Z .*risk .*\(. x 4\) -> .*\(. x 2\).*; A has \+4 impact: indirect fire; B has \+2 impact: indirect fire' "$said"
lacks "and no other" '^[-+~] 2023-04-1[78]' "$said"
differ "$T/row.yaml" --json "$T/in.jsonl"
same "as JSON: the fields" 'risk reasons' "$(py '" ".join(e["differs"]) if e["diff"] == "changed" else None' <<<"$said" | sed -n 1p)"
same "as JSON: both sides" '5 2' "$(py 'e["a"]["alert"]["impact"] if e["diff"] == "changed" else None' <<<"$said" | sed -n 1p) $(py 'e["b"]["alert"]["impact"] if e["diff"] == "changed" else None' <<<"$said" | sed -n 1p)"
same "as JSON: a summary at the end" summary "$(py 'e["diff"]' <<<"$said" | tail -n 1)"
same "as JSON: it counts what was printed" "$(py '1 if e["diff"] == "changed" else None' <<<"$said" | wc -l)" \
    "$(py 'e["changed"] if e["diff"] == "summary" else None' <<<"$said")"

# ---- words: one alert vanishes; the other way round it appears

run assess --alerts -c "$T/words.yaml" "$T/in.jsonl"
before=$(py 'e["id"]' <<<"$said" | sort -u | wc -l)
python3 - "$T/lexicon" <<'P'
import glob, re, sys
for path in glob.glob(sys.argv[1] + "/*.yaml"):
    text = open(path, encoding="utf-8").read()
    text = re.sub(r"(?m)^(- phrases: \[)(.*)(\].*)$", lambda m: m.group(1) + ", ".join(
        w if not re.search(r"mortier|tirs\b", w) else f"absent{i}"
        for i, w in enumerate(m.group(2).split(", "))) + m.group(3), text)
    open(path, "w", encoding="utf-8").write(text)
P
run assess --alerts -c "$T/words.yaml" "$T/in.jsonl"
after=$(py 'e["id"]' <<<"$said" | sort -u | wc -l)
check "the edited lexicon raises less" [ "$after" -lt "$before" ]
differ "$T/words.yaml" "$T/in.jsonl"
same "words taken out: exit code" 1 "$code"
same "what vanishes" "$((before - after))" "$(grep -c '^- 2023-04-19' <<<"$said")"
has "with headline, reasons and how each read the report" \
    '^- 2023-04-19T06:40:00Z .*[Ii]ndirect fire.*; because .*impact: indirect fire.*; its report reads as indirect_fire/fact.* to A, as .* to B' "$said"
lacks "nothing appears" '^\+' "$said"
run diff -c "$T/words.yaml" --with "$T/a.yaml" "$T/in.jsonl"
same "the other way round it appears" "$((before - after))" "$(grep -c '^+ 2023-04-19' <<<"$said")"
has "the pages of both sides" '^pages flash +A [0-9]+, B [0-9]+$' "$said"

# ---- the same recording in every form, and from standard input

differ "$T/words.yaml" --json - <"$T/in.jsonl"
printf '%s\n' "$said" >"$T/stdin"
differ "$T/words.yaml" --json "$T/in.jsonl"
printf '%s\n' "$said" >"$T/file"
same_file "standard input gives the same" "$T/file" "$T/stdin"

D=$T/d
instance "$D"
start_all "$D"
t "$D" replay "$T/in.jsonl" --speed max --keep-time >"$T/replayed" 2>&1 || not_ok "replay" "$(cat "$T/replayed")"
settled "$D"
pages=$(t "$D" watch --json --from start --until-idle 500ms | py 'e["precedence"] if e["page"] else None' | sort | uniq -c | sed 's/^ *//')
same "its pages are those of the notifier" "$pages" "$(py '"\n".join("%d %s" % (n, p) for p, n in sorted(e["a"]["pages"].items()) if n) if e["diff"] == "summary" else None' <"$T/file")"
t "$D" record >"$T/in.rec"
t "$D" record --json >"$T/in.rec.jsonl"
for rec in in.rec in.rec.jsonl; do
    differ "$T/words.yaml" --json "$T/$rec"
    same "$rec: exit code" 1 "$code"
    printf '%s\n' "$said" >"$T/$rec.out"
    same_file "$rec: the same differences" "$T/file" "$T/$rec.out"
done
stop_all "$D" || not_ok "all stop"

# ---- what cannot be compared

differ "$T/words.yaml"
same "no recording: exit code" 64 "$code"
run diff "$T/in.jsonl"
same "no other configuration: exit code" 64 "$code"
has "and it says so" 'needs --with' "$(cat "$T/err")"
differ "$T/nothere.yaml" "$T/in.jsonl"
same "a configuration that is not there: exit code" 78 "$code"
has "and it is named" 'nothere.yaml' "$(cat "$T/err")"
printf 'classifier:\n  join_m: far\n' >"$T/bad.yaml"
differ "$T/bad.yaml" "$T/in.jsonl"
same "a broken configuration: exit code" 78 "$code"
has "with file and line" 'bad.yaml:2' "$(cat "$T/err")"
differ "$T/copy.yaml" "$T/nothere.jsonl"
same "a recording that is not there: exit code" 66 "$code"
{ head -n 1 "$T/in.jsonl"; echo 'not json'; tail -n 1 "$T/in.jsonl"; } >"$T/half.jsonl"
differ "$T/words.yaml" "$T/half.jsonl"
same "a bad line: exit code" 65 "$code"
has "with file and line" 'half.jsonl: line 2' "$(cat "$T/err")"
has "and the rest is compared" '^- 2023-04-19' "$said"

finish
