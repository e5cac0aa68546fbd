#!/usr/bin/env python3
"""Mutated copies of a stream's texts, and what became of them.

    mutate.py make INCIDENTS COUNT OUT      originals (o-N), then COUNT copies (m-N-KIND-ORIGINAL)
    mutate.py judge FINDINGS... [NAME=OUT=FINDINGS]

`make` takes of each incident what `assess` reads the text with (text, lang, source, reported_at,
grades), and not what would answer for it (event, targets, figures, place). Copies cycle over the
texts, and each text over the kinds that can change it; the seed is fixed. `judge` compares event
and set of targets of each copy with its original's, prints the shares by kind and stream and
copies that came out otherwise, and a line `ok|not ok` for each stream and each kind: 95 % must be
the same."""

import json
import random
import re
import sys
import unicodedata

SEED = 20230422
LEAST = 0.95
SHOWN = 6  # examples a kind
KEPT = ("lang", "source", "reported_at", "reliability", "credibility", "relay", "status")
WORD = re.compile(r"[^\W\d_]{5,}")


def strip_accents(text, _):
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def one_word(text, rnd, edit):
    """Edits one word of five letters or more."""
    words = list(WORD.finditer(text))
    if not words:
        return text
    m = rnd.choice(words)
    return text[:m.start()] + edit(m[0], rnd.randrange(len(m[0]) - 1)) + text[m.end():]


def swap_letters(text, rnd):
    return one_word(text, rnd, lambda w, i: w[:i] + w[i + 1] + w[i] + w[i + 2:])


def drop_letter(text, rnd):
    return one_word(text, rnd, lambda w, i: w[:i + 1] + w[i + 2:])


def double_letter(text, rnd):
    return one_word(text, rnd, lambda w, i: w[:i + 1] + w[i] + w[i + 1:])


def swap_sentences(text, rnd):
    parts = re.split(r"(?<=[.!?])\s+", text.strip())
    if len(parts) < 2:
        return text
    i = rnd.randrange(len(parts) - 1)
    parts[i], parts[i + 1] = parts[i + 1], parts[i]
    return " ".join(p if re.search(r"[.!?]$", p) else p + "." for p in parts)


def mix(text, rnd):
    """A hurried message: a typing error, and one or two of the others."""
    text = rnd.choice([swap_letters, drop_letter, double_letter])(text, rnd)
    for how in rnd.sample([strip_accents, capitals, lower_case, swap_sentences], rnd.choice([1, 2])):
        text = how(text, rnd)
    return text


def capitals(text, _):
    return text.upper()


def lower_case(text, _):
    return text.lower()


KINDS = {"accents": strip_accents, "capitals": capitals, "lower": lower_case, "swapped": swap_letters,
         "dropped": drop_letter, "doubled": double_letter, "sentences": swap_sentences, "mix": mix}


def incidents(path):
    with open(path, encoding="utf-8") as f:
        for line in f:
            o = json.loads(line) if line.strip() else {}
            o = o.get("incident", o)
            if o.get("text"):
                yield o


def make(path, count, out):
    originals = [dict({k: o[k] for k in KEPT if k in o}, text=o["text"]) for o in incidents(path)]
    rnd = random.Random(SEED)
    kinds = [[k for k in KINDS if changes(KINDS[k], o["text"])] for o in originals]
    with open(out, "w", encoding="utf-8") as f:
        for n, o in enumerate(originals):
            print(json.dumps(dict(o, id=f"o-{n}"), ensure_ascii=False), file=f)
        for n in range(count):
            k, turn = n % len(originals), n // len(originals)
            kind = kinds[k][(k + turn) % len(kinds[k])]
            text = originals[k]["text"]
            while text == originals[k]["text"]:  # equal letters may have been swapped
                text = KINDS[kind](originals[k]["text"], rnd)
            print(json.dumps(dict(originals[k], text=text, id=f"m-{n}-{kind}-{k}"), ensure_ascii=False), file=f)


def changes(how, text):
    """Whether this kind can change the text at all."""
    return any(how(text, random.Random(s)) != text for s in range(8))


def read(path):
    with open(path, encoding="utf-8") as f:
        return {o["id"]: o for o in map(json.loads, f)}


def verdict(f):
    return f["event"], sorted(f["targets"])


def judge(args):
    good, all_, worst = {}, {}, {}
    for arg in args:
        name, out, findings = arg.split("=")
        texts, found = read(out), read(findings)
        if set(texts) != set(found):
            sys.exit(f"{name}: {len(texts)} texts, {len(found)} findings")
        for i, f in found.items():
            if not i.startswith("m-"):
                continue
            _, _, kind, k = i.split("-")
            want, got = verdict(found[f"o-{k}"]), verdict(f)
            for key in ((name, kind), (name, None), (None, kind), (None, None)):
                all_[key] = all_.get(key, 0) + 1
                good[key] = good.get(key, 0) + (want == got)
            if want != got:
                worst.setdefault(kind, {}).setdefault((name, k, str(want), str(got)), []).append(texts[i]["text"])
    names = [a.split("=")[0] for a in args]
    print(f"# {'same event and targets, %':<28}" + "".join(f"{k:>11}" for k in KINDS) + f"{'all':>11}")
    for name in names + [None]:
        row = "".join(share(good, all_, (name, k)) for k in list(KINDS) + [None])
        print(f"# {name or 'all streams':<28}{row}")
    for kind, cases in worst.items():
        ranked = sorted(cases.items(), key=lambda c: (-len(c[1]), c[0]))
        for (name, _, want, got), ts in ranked[:SHOWN]:
            print(f"# {kind}, {name}, {len(ts)} times {want} became {got}\n#     {ts[0]}")
    bad = 0
    for key in [(n, None) for n in names] + [(None, k) for k in KINDS if (None, k) in all_]:
        part = good[key] / all_[key]
        bad += part < LEAST
        print(f"{'ok' if part >= LEAST else 'not ok'} {key[0] or key[1]}: {good[key]} of {all_[key]} copies"
              " have event and targets of their original")
    return 1 if bad else 0


def share(good, all_, key):
    return f"{100 * good[key] / all_[key]:>11.1f}" if key in all_ else f"{'-':>11}"


def main():
    if len(sys.argv) == 5 and sys.argv[1] == "make":
        make(sys.argv[2], int(sys.argv[3]), sys.argv[4])
        return 0
    if len(sys.argv) > 2 and sys.argv[1] == "judge":
        return judge(sys.argv[2:])
    sys.exit(__doc__)


if __name__ == "__main__":
    sys.exit(main())
