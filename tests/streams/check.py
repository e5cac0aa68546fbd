#!/usr/bin/env python3
"""Checks the alert events of a stream against its expect.txt and absent.txt.

usage: check.py STREAM_DIR EVENTS.jsonl

EVENTS.jsonl: events in comparison form, as `tocsin assess --alerts` writes them. The lines of the
two tables are described in README.md beside this file. Prints what does not fit, one line each,
and exits 1; exits 2 when a table itself is wrong.
"""
import datetime
import json
import os
import re
import sys

EQUAL = {
    "kind": lambda e: e["kind"],
    "target": lambda e: e["target"],
    "precedence": lambda e: e["precedence"],
    "event": lambda e: e["event"],
    "mode": lambda e: e["mode"],
    "area": lambda e: e["area"],
    "late": lambda e: "true" if e["late"] else "false",
    "rule": lambda e: e["rule"],
    "urgency": lambda e: e["urgency"],
    "unconfirmed": lambda e: "true" if e["unconfirmed"] else "false",
}
FIGURES = ("likelihood", "impact")
HARM = re.compile(r"^(killed|wounded)_(least|most)$")
FIELD = re.compile(r"^([a-z_]+)(>=|<=|=)(.+)$")


class TableError(Exception):
    pass


def when(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def bound(event, kind, end):
    """One end of a figure of harm; None where it is unknown."""
    v = event["harm"][kind]
    if isinstance(v, list):
        return v[0] if end == "least" else v[1]
    return v


def compare(v, op, n):
    return v == n if op == "=" else v >= n if op == ">=" else v <= n


def matches_field(event, name, op, value):
    harm = HARM.match(name)
    if harm:
        v = bound(event, *harm.groups())
        if v is None:
            return False
        return compare(v, op, int(value))
    if name in FIGURES:
        return compare(event[name], op, int(value))
    if op != "=":
        raise TableError(f"{name} takes = only")
    if name in EQUAL:
        return str(EQUAL[name](event)) in value.split(",")
    if name == "place":
        return value in (event["place"] or "")
    if name == "asset":
        return any(a["id"] == value for a in event["assets"])
    if name == "mark":
        return value in event["marks"]
    if name == "grade":
        return any(i["grade"] == value for i in event["incidents"])
    if name in ("after", "before"):
        due, at = when(event["due_at"]), when(value)
        return due >= at if name == "after" else due <= at
    raise TableError(f"{name} is no field")


def parse(text):
    fields = []
    for word in text.split():
        m = FIELD.match(word)
        if not m:
            raise TableError(f"'{word}' is no field=value")
        fields.append(m.groups())
    if not fields:
        raise TableError("no field")
    return fields


def matches(event, fields):
    return all(matches_field(event, *f) for f in fields)


def table(path):
    with open(path, encoding="utf-8") as f:
        for number, line in enumerate(f, 1):
            text = line.split("#", 1)[0].strip()
            if text:
                yield number, text


def same_record(a, b):
    """Events of one record stand together and fell due together."""
    return a["due_at"] == b["due_at"]


def check_expect(path, events):
    bad, at, taken = [], 0, set()
    for number, text in table(path):
        where = f"{os.path.basename(path)}:{number}"
        if text.startswith("count "):
            words = text.split()[1:]
            limit = [w for w in words if w.startswith("max=")]
            if len(limit) != 1:
                raise TableError(f"{where}: count needs one max=N")
            fields = parse(" ".join(w for w in words if not w.startswith("max=")))
            n = sum(e["kind"] in ("raised", "updated") and matches(e, fields) for e in events)
            if n > int(limit[0][4:]):
                bad.append(f"{where}: {n} events, at most {limit[0][4:]} may match: {text}")
            continue
        fields = parse(text)
        hit = next((i for i in range(at, len(events)) if i not in taken and matches(events[i], fields)),
                   None)
        if hit is None:
            bad.append(f"{where}: no event matches: {text}")
            continue
        taken.add(hit)
        at = hit
        while at > 0 and same_record(events[at - 1], events[hit]):
            at -= 1
    return bad


def pages(event):
    """Would it ring? Raised, or told again because it became worse."""
    if event["precedence"] not in ("flash", "immediate"):
        return False
    if event["kind"] == "raised":
        return True
    return event["kind"] == "updated" and bool({"precedence", "harm"} & set(event["changed"]))


def check_absent(path, events):
    bad = []
    for number, text in table(path):
        fields = parse(text)
        for e in events:
            if pages(e) and matches(e, fields):
                bad.append(f"{os.path.basename(path)}:{number}: must not come ({text}): "
                           f"{e['due_at']} {e['kind']} {e['precedence']} {e['headline']['en']}")
    return bad


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    stream, path = sys.argv[1:]
    with open(path, encoding="utf-8") as f:
        events = [json.loads(line) for line in f if line.strip()]
    try:
        bad = check_expect(os.path.join(stream, "expect.txt"), events)
        bad += check_absent(os.path.join(stream, "absent.txt"), events)
    except (TableError, ValueError) as e:
        print(f"{stream}: {e}", file=sys.stderr)
        return 2
    for line in bad:
        print(line)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
