#!/usr/bin/env python3
"""Compares findings with the labels of tests/phrases/*.tsv.

check.py                     prints the phrases as JSON lines for `tocsin assess`
check.py --findings FILE     compares; `ok …` / `not ok …` lines
check.py --findings FILE --report   the figures, without floors

The columns are described in README.md. A label "-" is not compared, a figure "-" is 0. Of a report
that is no news the event may be the one that is spoken of, or none. The least of a range of harm
counts. Floors are for phrases that the shipped weights saw:
they guard against a change, EVALUATION.md says how well unseen ones are understood.
"""
import argparse
import collections
import glob
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
EVENTS = """armed_attack ambush ied_mine suicide_attack indirect_fire air_strike kidnapping armed_clash
hostile_crowd demonstration crime assault armed_presence threat access_denial territory disinformation
displacement hazard arrest none""".split()
MODES = "fact claim warning rumour denial follow_up".split()
TARGETS = "convoy base civilians armed".split()
AT_LEAST = 20  # phrases of each event, mode and target in each language


def phrases():
    for path in sorted(glob.glob(os.path.join(HERE, "*.tsv"))):
        for number, line in enumerate(open(path, encoding="utf-8"), 1):
            line = line.rstrip("\n")
            if not line or line.startswith("#"):
                continue
            col = line.split("\t")
            if len(col) != 9:
                sys.exit(f"{path}:{number}: not nine columns")
            yield f"{os.path.basename(path)}:{number}", col


def least(v):
    if isinstance(v, list):
        v = v[0]
    return v or 0


class Share:
    """How many were right, in all and of each kind."""

    def __init__(self):
        self.right = collections.Counter()
        self.all = collections.Counter()

    def add(self, kinds, right):
        for k in kinds:
            self.all[k] += 1
            self.right[k] += right

    def of(self, k):
        return self.right[k] / self.all[k] if self.all[k] else 0.0


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--findings")
    ap.add_argument("--report", action="store_true")
    o = ap.parse_args()
    if not o.findings:
        for name, col in phrases():
            print(json.dumps({"id": name, "lang": col[0], "text": col[1]}, ensure_ascii=False))
        return 0
    found = {}
    for line in open(o.findings, encoding="utf-8"):
        f = json.loads(line)
        found[os.path.basename(f["id"])] = f
    share = {k: Share() for k in ("event", "targets", "mode", "harm", "alertworthy")}
    count = collections.Counter()
    targets = {t: collections.Counter() for t in TARGETS}
    news = collections.Counter()
    missing = 0
    for name, (lang, _, event, target, mode, killed, wounded, taken, worthy) in phrases():
        f = found.get(name)
        if f is None:
            missing += 1
            continue
        is_news = worthy != "no"
        if event != "-":
            count[event, lang] += 1
            right = f["event"] == event or (not is_news and f["event"] == "none")
            share["event"].add(("", lang, event), right)
        if mode != "-":
            count[mode, lang] += 1
            share["mode"].add(("", lang, mode), f["mode"] == mode)
        want = {t for t in target.split(",") if t in TARGETS}
        for t in want:
            count[t, lang] += 1
        if target != "-" and is_news:
            for t in TARGETS:
                have = t in f["targets"]
                if t in want or have:
                    targets[t]["tp" if t in want and have else "fn" if t in want else "fp"] += 1
        figures = zip(("killed", "wounded", "taken"), (killed, wounded, taken))
        share["harm"].add(("", lang), all(
            least(f["harm"][k]) == (0 if v == "-" else int(v.split("-")[0])) for k, v in figures))
        if worthy != "-":
            key = ("tp" if f["alertworthy"] else "fn") if is_news else "fp" if f["alertworthy"] else "tn"
            news[key] += 1
            share["alertworthy"].add(("", lang), f["alertworthy"] == is_news)

    def f1(c):
        return 2 * c["tp"] / max(1, 2 * c["tp"] + c["fp"] + c["fn"])

    recall = news["tp"] / max(1, news["tp"] + news["fn"])
    print(f"# {len(found)} phrases; alertworthy F1 {f1(news):.3f}, recall {recall:.3f}; "
          + "; ".join(f"{k} right {s.of(''):.3f} (en {s.of('en'):.3f}, fr {s.of('fr'):.3f})"
                      for k, s in share.items() if k != "targets"))
    print("# events right: " + ", ".join(f"{e} {share['event'].of(e):.2f}" for e in EVENTS))
    print("# modes right: " + ", ".join(f"{m} {share['mode'].of(m):.2f}" for m in MODES))
    print("# targets F1: " + ", ".join(f"{t} {f1(targets[t]):.3f}" for t in TARGETS))
    if o.report:
        return 0
    bad = 0

    def check(what, ok):
        nonlocal bad
        bad += not ok
        print(("ok " if ok else "not ok ") + what)

    check("every phrase has a finding", missing == 0)
    few = [f"{k} {lang}: {count[k, lang]}" for k in EVENTS + MODES + TARGETS for lang in ("en", "fr")
           if count[k, lang] < AT_LEAST]
    check(f"at least {AT_LEAST} phrases of each event, mode and target in each language "
          + ", ".join(few), not few)
    for lang in ("en", "fr"):
        check(f"{lang}: alertworthy right, 0.91", share["alertworthy"].of(lang) >= 0.91)
        check(f"{lang}: event right, 0.86", share["event"].of(lang) >= 0.86)
        check(f"{lang}: mode right, 0.90", share["mode"].of(lang) >= 0.90)
        check(f"{lang}: harm right, 0.90", share["harm"].of(lang) >= 0.90)
    for e in EVENTS:
        check(f"{e} is seen, 0.70", share["event"].of(e) >= 0.70)
    for m in MODES:
        check(f"{m} is seen, 0.70", share["mode"].of(m) >= 0.70)
    for t in TARGETS[:3]:
        check(f"{t}: F1 0.82", f1(targets[t]) >= 0.82)
    return 1 if bad else 0


sys.exit(main())
