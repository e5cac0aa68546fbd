#!/bin/sh
# Trains the linear model, or measures what is understood; `make model` and `make evaluate`.
#
#   model.sh train BIN EVAL      writes conf/model.tsv, its card from tools/train/card.txt
#   model.sh evaluate BIN EVAL   prints the figures of EVALUATION.md; files in build/evaluate
#
# EVAL is the folder of labelled reports: gold.dev.jsonl, awsd.dev.jsonl, places.dev.jsonl and
# score.py. GEONAMES names a GeoNames dump for the places, ../gazetteer/sahel.geonames.tsv beside
# EVAL by default. Where they are not, this says so and ends with 69.
set -eu
cd "$(dirname "$0")/../.."
what=$1 bin=$2 eval=$3
work=build/evaluate
mkdir -p "$work"

for f in gold.dev.jsonl awsd.dev.jsonl; do
    if [ ! -e "$eval/$f" ]; then
        echo "model: $eval/$f is not there; set EVAL to the folder of the labelled reports" >&2
        exit 69
    fi
done

# The lexicon alone: what the model is trained on top of.
printf 'classifier:\n  model: none\n' >"$work/rules.yaml"
set -- # the phrases are one group, at half the weight of a report
plus=
for f in tests/phrases/*.tsv; do
    set -- "$@" "$plus$f:0.5"
    plus=+
done

train() { "$bin/train" --config "$work/rules.yaml" "$@"; }

if [ "$what" = train ]; then
    train -o conf/model.tsv --head tools/train/card.txt "$eval/gold.dev.jsonl" "$@" \
        "$eval/awsd.dev.jsonl:0.1"
    wc -lc conf/model.tsv
    exit 0
fi

score() { python3 "$eval/score.py" "$@" | grep -v us_per_item; }

echo "== gold.dev.jsonl, ten folds: no report is understood by weights that saw it"
train --findings "$work/gold.findings" "$eval/gold.dev.jsonl" "$@" "$eval/awsd.dev.jsonl:0.1"
score "$eval/gold.dev.jsonl" --findings "$work/gold.findings"
for l in fr en; do
    echo "== of these $l"
    score "$eval/gold.dev.jsonl" --lang $l --findings "$work/gold.findings"
done
echo "== gold.dev.jsonl, the lexicon alone"
score "$eval/gold.dev.jsonl" --cmd "$bin/tocsin -c $work/rules.yaml assess"
echo "== tests/phrases, ten folds"
train --cross 1 --findings "$work/phrases.findings" "$eval/gold.dev.jsonl" "$@" \
    "$eval/awsd.dev.jsonl:0.1"
python3 tests/phrases/check.py --findings "$work/phrases.findings" --report
geonames=${GEONAMES:-$eval/../gazetteer/sahel.geonames.tsv}
if [ -e "$geonames" ] && [ -e "$eval/places.dev.jsonl" ]; then
    echo "== places.dev.jsonl with $(basename "$geonames")"
    printf '' >"$work/places.yaml"
    score "$eval/places.dev.jsonl" --cmd "$bin/tocsin -c $work/places.yaml assess --gazetteer $geonames"
else
    echo "model: no places.dev.jsonl or no GeoNames dump: places are not measured" >&2
fi
