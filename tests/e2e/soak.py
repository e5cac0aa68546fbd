#!/usr/bin/env python3
"""Kills every daemon and the senders at random under load, and then looks at what is left.

Shown at the end, each as ok or not ok:
  - every incident that got a receipt is in the journal once, in its sender's order
  - the journal holds each incident once
  - a console that followed all the while printed every event once and in order
  - the classifier's events equal, byte for byte, those of `assess --alerts` over the recording
  - both hash chains verify

SOAK_INCIDENTS (200000), SOAK_KILLS per process (20), SOAK_SEED, BIN (build/release/bin).
"""
import json, os, random, shutil, signal, subprocess, sys, tempfile, threading, time

N = int(os.environ.get("SOAK_INCIDENTS", "200000"))
KILLS = int(os.environ.get("SOAK_KILLS", "20"))
SEED = int(os.environ.get("SOAK_SEED", str(random.SystemRandom().randrange(1 << 30))))
BIN = os.path.abspath(os.environ.get("BIN", "build/release/bin"))
SENDERS = 2
rnd = random.Random(SEED)
DIR = tempfile.mkdtemp(prefix="tocsin-soak-")
TOCSIN = os.path.join(BIN, "tocsin")
passed = failed = 0


def check(name, good, detail=""):
    global passed, failed
    print(("ok " if good else "not ok ") + name, flush=True)
    if good:
        passed += 1
    else:
        failed += 1
        if detail:
            print("   " + detail, flush=True)


TEXTS = [
    ("Marche calme a {p}, rien a signaler", None),
    ("Market day in {p}, quiet", None),
    ("Convoy leaves {p} for the north, no incident", None),
    ("Marche pacifique a {p}, une centaine de personnes", None),
    ("Des hommes armés ont attaqué {p} ce matin, {k} morts", "attack"),
    ("Gunmen attacked {p}, {k} civilians killed", "attack"),
    ("Explosion d'un engin improvisé sur la route près de {p}, {k} blessés", "mine"),
]
PLACES = ["Gao", "Ansongo", "Ménaka", "Kidal", "Bourem", "Douentza", "Hombori", "Sévaré", "Bankass", "Tessalit"]


def incidents(sender, n):
    for i in range(n):
        r = rnd.random()
        inc = {"id": f"s{sender}-{i:07d}"}
        if r < 0.04:
            t = rnd.choice(TEXTS[4:])
            inc["text"] = t[0].format(p=rnd.choice(PLACES), k=rnd.randrange(1, 20))
        elif r < 0.5:
            t = rnd.choice(TEXTS[:4])
            inc["text"] = t[0].format(p=rnd.choice(PLACES))
        elif r < 0.55:
            inc.update(event=rnd.choice(["armed_attack", "ambush", "ied_mine", "kidnapping"]), targets=["civilians"],
                       lat=round(rnd.uniform(12, 20), 4), lon=round(rnd.uniform(-8, 4), 4), killed=rnd.randrange(0, 60))
        else:
            inc.update(event="demonstration", lat=round(rnd.uniform(12, 20), 4), lon=round(rnd.uniform(-8, 4), 4))
        yield json.dumps(inc, ensure_ascii=False)


class Daemon:
    """One daemon, started again at once when it is killed."""

    def __init__(self, name):
        self.name, self.kills, self.exits = name, 0, []
        self.log = open(os.path.join(DIR, name + ".log"), "ab")
        self.lock = threading.Lock()
        self.start()

    def start(self):
        self.p = subprocess.Popen([os.path.join(BIN, self.name), "-d", DIR], stderr=self.log, stdout=self.log)

    def kill(self):
        with self.lock:
            code = self.p.poll()
            if code is not None:
                self.exits.append(code)
            self.p.kill()
            self.p.wait()
            self.kills += 1
            self.start()

    def stop(self):
        code = self.p.poll()
        if code is not None:
            self.exits.append(code)
        self.p.terminate()
        try:
            self.p.wait(15)
        except subprocess.TimeoutExpired:
            self.p.kill()
            self.p.wait()


class Sender(threading.Thread):
    """Sends its incidents in order; when its process is killed it goes on behind the last receipt."""

    def __init__(self, k, lines):
        super().__init__(daemon=True)
        self.k, self.lines, self.receipts, self.kills, self.p, self.doomed = k, lines, [], 0, None, False

    def run(self):
        while len(self.receipts) < len(self.lines):
            # Not faster than the kills, so that these fall into the load and not behind it.
            while len(self.receipts) > len(self.lines) * progress() + CHUNK:
                time.sleep(0.02)
            chunk = self.lines[len(self.receipts):len(self.receipts) + CHUNK]
            path = os.path.join(DIR, f"sender{self.k}.jsonl")
            with open(path, "w") as f:
                f.write("\n".join(chunk) + "\n")
            self.p = subprocess.Popen([TOCSIN, "-d", DIR, "--timeout", "120s", "send", path], stdout=subprocess.PIPE,
                                      stderr=subprocess.DEVNULL)
            if self.doomed:
                self.doomed = False
                time.sleep(0.02)
                self.kill()
            for line in self.p.stdout:
                if not line.endswith(b"\n"):
                    break
                self.receipts.append(json.loads(line))
            self.p.wait()

    def kill(self):
        p = self.p
        if p is not None and p.returncode is None:
            p.kill()
            self.kills += 1
        else:
            self.doomed = True  # the next one, soon after its start


killed = 0


def progress():
    return min(1.0, killed / (KILLS * 3))


SENDER_KILLS = max(1, KILLS // SENDERS)
CHUNK = max(500, N // SENDERS // 150)


def tocsin(*args, **kw):
    return subprocess.run([TOCSIN, "-d", DIR, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, **kw)


def stamp(text):
    whole, _, part = text.rstrip("Z").partition(".")
    return whole + "." + part.ljust(6, "0")


def statuses():
    r = tocsin("--timeout", "3s", "--json", "status")
    out = {}
    for line in r.stdout.splitlines():
        s = json.loads(line)
        out[s["daemon"]] = s
    return out


def main():
    print(f"soak: {N} incidents, {KILLS} kills each, seed {SEED}, in {DIR}", flush=True)
    with open(os.path.join(DIR, "tocsin.yaml"), "w") as f:
        f.write("collector:\n  listen_http: off\nclassifier:\n  listen_http: off\n  checkpoint: 2s\nnotifier:\n  listen_http: off\n")
    daemons = [Daemon("tocsin-collector"), Daemon("tocsin-classifier"), Daemon("tocsin-notifier")]
    watch_out = open(os.path.join(DIR, "watch.jsonl"), "wb")
    watch = subprocess.Popen([TOCSIN, "-d", DIR, "watch", "--json", "--from", "start"], stdout=watch_out,
                             stderr=subprocess.DEVNULL)
    per = N // SENDERS
    senders = [Sender(k, list(incidents(k, per))) for k in range(SENDERS)]
    began = time.monotonic()
    for s in senders:
        s.start()
    # Kills until each had its share and everything is sent; never two in one breath for the same one.
    global killed
    while any(s.is_alive() for s in senders):
        time.sleep(rnd.uniform(0.02, 0.4))
        short = [d for d in daemons if d.kills < KILLS]
        if short:
            rnd.choice(short).kill()
        killed = sum(d.kills for d in daemons)
        fewest = min(senders, key=lambda s: s.kills)
        if fewest.kills < SENDER_KILLS * 2 and rnd.random() < 0.7:
            fewest.kill()
    seconds = time.monotonic() - began
    for s in senders:
        s.join()
    kills = {d.name: d.kills for d in daemons}
    kills["senders"] = sum(s.kills for s in senders)
    print(f"sent in {seconds:.1f} s, kills {kills}", flush=True)
    check(f"each daemon was killed at least {KILLS} times while sending", all(d.kills >= KILLS for d in daemons), str(kills))
    check(f"the senders were killed at least {SENDER_KILLS * SENDERS} times",
          kills["senders"] >= SENDER_KILLS * SENDERS, str(kills))

    receipts = [r for s in senders for r in s.receipts]
    check("every incident got a receipt that is final and good",
          len(receipts) == per * SENDERS and all(r["status"] in ("stored", "duplicate") for r in receipts))

    rec = os.path.join(DIR, "all.jsonl")
    with open(rec, "wb") as f:
        code = subprocess.run([TOCSIN, "-d", DIR, "record", "--json"], stdout=f).returncode
    check("the journal can be recorded", code == 0)
    lines = [json.loads(l) for l in open(rec, encoding="utf-8")]
    last = lines[-1]["seq"]
    check("sequence numbers have no gap", [l["seq"] for l in lines] == list(range(1, last + 1)))
    by_sender = {}
    for l in lines:
        if "incident" in l:
            own = l["incident"]["id"]
            by_sender.setdefault(own.split("-")[0], []).append(own)
    for s in senders:
        own = by_sender.get(f"s{s.k}", [])
        want = [f"s{s.k}-{i:07d}" for i in range(per)]
        wrong = next((i for i, (a, b) in enumerate(zip(own, want)) if a != b), None)
        check(f"sender {s.k}: each of {per} incidents is in the journal once and in order", own == want,
              f"{len(own)} there, first difference at {wrong}: {own[wrong:wrong+3] if wrong is not None else ''}")
    stamps = [stamp(l["received_at"]) for l in lines]
    check("stamps never go back", all(a <= b for a, b in zip(stamps, stamps[1:])))
    receipt_ok = True
    by_seq = {l["seq"]: l for l in lines}
    for s in senders:
        for i, r in enumerate(s.receipts):
            l = by_seq.get(r["seq"])
            if l is None or l.get("incident", {}).get("id") != f"s{s.k}-{i:07d}":
                receipt_ok = False
                break
    check("each receipt names the record that holds its incident", receipt_ok)

    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        st = statuses()
        if int(st.get("notifier", {}).get("figures", {}).get("position", 0)) >= last:
            break
        time.sleep(0.3)
    check("the classifier reached the end of the recording", int(st["notifier"]["figures"]["position"]) >= last, str(st))

    head = statuses()["notifier"]["head"]
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with open(os.path.join(DIR, "watch.jsonl"), "rb") as f:
            seen = f.read().count(b"\n")
        if seen >= head:
            break
        time.sleep(0.2)
    watch.terminate()
    watch.wait()
    seqs = [json.loads(l)["seq"] for l in open(os.path.join(DIR, "watch.jsonl"), encoding="utf-8") if l.endswith("\n")]
    check(f"the console printed each of {head} events once and in order", seqs[:head] == list(range(1, head + 1)),
          f"{len(seqs)} printed")

    live = os.path.join(DIR, "live.jsonl")
    pure = os.path.join(DIR, "pure.jsonl")
    with open(live, "wb") as f:
        subprocess.run([TOCSIN, "-d", DIR, "watch", "--comparison", "--from", "start", "--until-idle", "2s"], stdout=f)
    with open(pure, "wb") as f:
        code = subprocess.run([TOCSIN, "-d", DIR, "assess", "--alerts", rec], stdout=f).returncode
    a, b = open(live, "rb").read(), open(pure, "rb").read()
    same = a == b
    detail = ""
    if not same:
        la, lb = a.splitlines(), b.splitlines()
        k = next((i for i, (x, y) in enumerate(zip(la, lb)) if x != y), min(len(la), len(lb)))
        detail = f"live {len(la)}, assess {len(lb)}, first difference at {k}\n   {la[k:k+1]}\n   {lb[k:k+1]}"
    check(f"{b.count(10)} events of the classifier equal those of assess --alerts, byte for byte", same and code == 0, detail)

    r = tocsin("verify")
    check("both hash chains verify", r.returncode == 0, r.stderr.decode())
    bad = [(d.name, d.exits) for d in daemons if d.exits]
    check("no daemon ended by itself", not bad, str(bad))
    for d in reversed(daemons):
        d.stop()
    print(f"{passed} passed, {failed} failed", flush=True)
    if failed and os.environ.get("SOAK_KEEP"):
        print(f"kept in {DIR}")
    else:
        shutil.rmtree(DIR, ignore_errors=True)
    sys.exit(1 if failed else 0)


main()
