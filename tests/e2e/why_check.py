#!/usr/bin/env python3
"""Recomputes every priority by hand from what `tocsin why` prints, and nothing else.

    why_check.py TEXTS JSONS INCIDENTS

TEXTS and JSONS are directories with a file an alert: the text that `why ID` prints for people,
and its --json lines; INCIDENTS the stream. For each revision: the steps must add up to the printed
sum, the sum clipped to 1..5 must be the matrix cell's coordinate, the cell's level must be the
matrix', level and rule must give the printed precedence. Then it takes one reason out of each
printed text and must notice. Prints what does not come out, and how much did. Ends with 1 when
anything did not."""

import json
import os
import re
import sys

LEVELS = "very low,low,medium,high,very high,unacceptable".split(",")
MATRIX = {  # DESIGN 6: likelihood to impact 1..5
    5: ["low", "medium", "high", "very high", "unacceptable"],
    4: ["low", "medium", "high", "high", "very high"],
    3: ["very low", "low", "medium", "high", "high"],
    2: ["very low", "low", "low", "medium", "medium"],
    1: ["very low", "very low", "very low", "low", "low"],
}
BY_LEVEL = {"unacceptable": "flash", "very high": "immediate", "high": "immediate",
            "medium": "priority", "low": "routine", "very low": "routine"}
ATTACKS = {"armed attack", "ambush", "suicide attack", "indirect fire", "air strike", "armed clash"}
CONTACT_MIN = 30
MODES = r"(LATE: )?(Claim|Warning|Rumour|Denied): "  # of headlines; a fact has none
ORDER = ["routine", "priority", "immediate", "flash"]

HEAD = re.compile(r"^revision (\d+), (raised|updated|cancelled) (\S+), situation (\S{26})$")
STEP = re.compile(r"^    ([+-]\d+) (.+)$")
SUM = re.compile(r"^    = (-?\d+)(?:, at (most|least) (\d))?$")
CELL = re.compile(r"^likelihood (\d) x impact (\d) = (.+)$")
INCIDENT = re.compile(r"^  incident (\S{26}) seq (\d+), class (own|local|partner|media), "
                      r"grade (-|[A-F][1-6])(, a copy or relay: not counted)?(, late)?$")
LABELLED = re.compile(r"^  (changed|matrix|precedence|certainty|urgency) +(.+)$")


class Wrong(Exception):
    pass


def need(ok, what):
    if not ok:
        raise Wrong(what)


def parse(text):
    """The revisions of one printed derivation."""
    out, at = [], None
    for line in text.splitlines():
        if line.startswith("revision "):
            m = HEAD.match(line)
            need(m, f"a head that says too little: {line}")
            at = {"revision": int(m[1]), "kind": m[2], "due": m[3], "situation": m[4],
                  "likelihood": [], "impact": [], "sums": {}, "incidents": [], "known": 0}
            out.append(at)
            section = "headline"
            continue
        need(at is not None, f"before any revision: {line}")
        step, total, label, inc = (r.match(line) for r in (STEP, SUM, LABELLED, INCIDENT))
        if section == "headline":
            at["headline"], section = line.strip(), None
        elif line in ("  likelihood", "  impact"):
            section = line.strip()
        elif section in ("likelihood", "impact") and step:
            at[section].append((int(step[1]), step[2]))
        elif section in ("likelihood", "impact") and total:
            at["sums"][section] = total.groups()
            section = None
        elif label:
            need(label[1] not in at, f"{label[1]} twice")
            at[label[1]] = label[2]
        elif inc:
            section = "incident"
            at["incidents"].append({"id": inc[1], "grade": inc[4], "lines": []})
        elif section == "incident" and line.startswith("      "):
            at["incidents"][-1]["lines"].append(line.strip())
        elif re.match(r"^  and \d+ incidents? of the revision before$", line):
            at["known"] = int(line.split()[1])
        elif re.match(r"^  [+-]0 ", line):
            pass  # says something on certainty, weighs nothing
        else:
            raise Wrong(f"not understood: {line}")
    need(out, "no revision")
    return out


def clip(v):
    return min(5, max(1, v))


def add_up(r, name):
    steps = r[name]
    need(steps and steps[0][0] > 0, f"no base of {name}")
    total = sum(w for w, _ in steps)
    need(name in r["sums"], f"no sum of {name}")
    said, how, clipped = r["sums"][name]
    need(int(said) == total, f"{name}: the steps give {total}, printed is {said}")
    need((how is None) == (clip(total) == total), f"{name}: {total} is printed as {r['sums'][name]}")
    if how is not None:
        need(int(clipped) == clip(total) and how == ("most" if total > 5 else "least"),
             f"{name}: {total} is clipped to {clipped}")
    return clip(total)


def has(r, pattern):
    return next((m for _, t in r["likelihood"] + r["impact"] if (m := re.search(pattern, t))), None)


def of_rule(r, level, rule, siblings):
    """The precedence that level and rule give."""
    base = BY_LEVEL[level]
    event = r["likelihood"][0][1]
    now = has(r, r"^happening now$")
    contact = has(r, r"^contact in (\d+) min$")
    soon = contact and int(contact[1]) <= CONTACT_MIN
    if rule == "the risk level gives the precedence":
        need(level != "very high" or not (now or soon), "very high and soon, but not FLASH")
        need(not (now and event in ATTACKS and has(r, "^the reports name this target$")
                  and not re.match(MODES, r["headline"])),
             "an attack in progress on those who are named, but the level decides")
        return base
    if rule == "very high risk is FLASH because it is happening now":
        need(level == "very high" and now, f"{rule}: nothing says so")
        return "flash"
    if rule == "very high risk is FLASH because contact is near":
        need(level == "very high" and soon, f"{rule}: nothing says so")
        return "flash"
    if rule.startswith("an armed attack in progress"):
        need(now and event in ATTACKS, f"{rule}: {event}, now: {bool(now)}")
        if rule.endswith("graded credibility 5, is IMMEDIATE"):
            grades = [i["grade"] for i in r["incidents"]]
            need(not grades or any(g.endswith("5") for g in grades), f"{rule}: grades {grades}")
            return "immediate"
        need(rule.endswith("is FLASH from any single source"), rule)
        return "flash"
    if rule.startswith("ROUTINE, because the danger was over"):
        need(r["urgency"].startswith("past,"), f"{rule}: urgency {r['urgency']}")
        return "routine"
    if rule.startswith("at least PRIORITY, because ten or more are dead"):
        need(has(r, r"dead, ten or more$"), f"{rule}: nothing says so")
        return "priority"
    if rule.startswith("ROUTINE, because it is an exercise or a test"):
        need(re.match(r"(EXERCISE|TEST): ", r["headline"]), f"{rule}: {r['headline']}")
        return "routine"
    if rule.startswith("ROUTINE, because state forces pass"):
        need(event == "armed presence", f"{rule}: {event}")
        return "routine"
    if rule.startswith("ROUTINE, to be read"):
        need(level == MATRIX[1][0], f"{rule}: {level}")
        return "routine"
    m = re.match(r"^(\w+), as for the (convoy|base): civilians do not rank below", rule)
    if m:
        need(ORDER.index(m[1]) > ORDER.index(base), f"{rule}: the level alone gives {base}")
        need((r["situation"], m[2], m[1]) in siblings, f"{rule}: no such {m[2]} alert")
        return m[1]
    m = re.match(r"^(\w+), (given by the rule \w+|set by the officer)$", rule)
    need(m, f"a rule that is not known: {rule}")
    return m[1]


def recompute(r, siblings, previous):
    for name in ("headline", "matrix", "precedence", "certainty", "urgency"):
        need(r.get(name), f"no {name}")
    need((r["kind"] == "updated") <= ("changed" in r), "updated, but nothing changed")
    cell = CELL.match(r["matrix"])
    need(cell, f"no cell: {r['matrix']}")
    likelihood, impact = add_up(r, "likelihood"), add_up(r, "impact")
    need((int(cell[1]), int(cell[2])) == (likelihood, impact),
         f"the sums give {likelihood} x {impact}: {r['matrix']}")
    level = MATRIX[likelihood][impact - 1]
    need(cell[3] == level, f"the matrix has {level}: {r['matrix']}")
    precedence, rule = r["precedence"].split(": ", 1)
    if r["kind"] == "cancelled":
        need(previous and previous["precedence"].split(": ")[0] == precedence, "cancelling changed it")
    else:
        want = of_rule(r, level, rule, siblings)
        need(want == precedence, f"level and rule give {want}: {r['precedence']}")


def check_incidents(rs, given):
    """Each report is told once in full: class, grade, what was understood and by which words."""
    seen = set()
    for r in rs:
        need(r["incidents"] or r["known"] or "given by the rule" in r["precedence"],
             f"revision {r['revision']}: no incident")
        for i in r["incidents"]:
            need(i["id"] not in seen or len(rs) > 16, f"{i['id']} twice")
            seen.add(i["id"])
            lines = i["lines"]
            need(lines and lines[0].startswith("understood: "), f"{i['id']}: not what was understood")
            event = lines[0][12:].split(",")[0]
            words = [x for x in lines if re.match(r'^".+" -> .+', x)]
            need(any(x.endswith(f"event={event}") for x in words) or event in given or event == "none",
                 f"{i['id']}: no words for {event}")
            for x in lines:
                m = re.match(r"^place: .+ \((\w+), within \d+ m\)", x)
                need(not x.startswith("place: ") or m, f"{i['id']}: {x}")


def tampered(text):
    """The text without one of its reasons, one after the other, at most 40."""
    lines = text.splitlines()
    at = [i for i, x in enumerate(lines) if STEP.match(x)]
    for i in at[:40]:
        yield lines[i], "\n".join(lines[:i] + lines[i + 1:])


def check_text(text, siblings, given):
    rs = parse(text)
    for k, r in enumerate(rs):
        try:
            recompute(r, siblings, rs[k - 1] if k else None)
        except Wrong as w:
            raise Wrong(f"revision {r['revision']}: {w}") from None
    check_incidents(rs, given)
    return rs


def check_json(path, rs):
    """The lines of --json tell the same sums."""
    with open(path, encoding="utf-8") as f:
        lines = [json.loads(x) for x in f]
    need(len(lines) == len(rs), f"{len(lines)} lines for {len(rs)} revisions")
    for d, r in zip(lines, rs):
        sums = [clip(sum(x["weight"] for x in d["reasons"] if x["text"].startswith(k + ": ")))
                for k in ("likelihood", "impact")]
        need(d["event"] is not None, f"revision {d['revision']}: no event")
        need(sums == [d["event"]["likelihood"], d["event"]["impact"]], f"--json: {sums}, not the event's")
        need(MATRIX[sums[0]][sums[1] - 1] == d["event"]["risk"], f"--json: risk {d['event']['risk']}")
        need(d["event"]["precedence"] == r["precedence"].split(": ")[0] and d["cell"] == r["matrix"],
             "--json and text differ")


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    texts, jsons, stream = sys.argv[1:]
    printed = {n: open(os.path.join(texts, n), encoding="utf-8").read() for n in sorted(os.listdir(texts))}
    with open(stream, encoding="utf-8") as f:
        given = {e for x in f if x.strip() for o in [json.loads(x)]
                 for e in [o.get("incident", o).get("event")] if e}
    siblings, bad, revisions, taken = set(), [], 0, 0
    for n in printed:
        with open(os.path.join(jsons, n), encoding="utf-8") as f:
            for e in (json.loads(x)["event"] for x in f):
                siblings.add((e["situation"], e["target"], e["precedence"]))
    for n, text in printed.items():
        try:
            rs = check_text(text, siblings, given)
            check_json(os.path.join(jsons, n), rs)
            revisions += len(rs)
        except Wrong as w:
            bad.append(f"{n}: {w}")
            continue
        for reason, less in tampered(text):
            try:
                check_text(less, siblings, given)
                bad.append(f"{n}: nobody notices that '{reason.strip()}' is missing")
            except Wrong:
                taken += 1
    print("\n".join(bad + [f"{len(printed)} alerts, {revisions} revisions, {taken} missing reasons noticed"]))
    return 1 if bad or not printed or not revisions or not taken else 0


if __name__ == "__main__":
    sys.exit(main())
