"""The broken link: what test_link.sh and `make link` measure, and how it must come out.

Usage: link.py BIN SATLINK DIR [--cuts N] [--cut SECONDS] [--long SECONDS] [--loss PERCENT]
               [--rate BPS] [--bulk N] [--p95 SECONDS] [--seed N]

Two namespaces, a satellite link between them (satlink), an edge collector and a headquarters' on
its two ends. In this order: N bulk incidents of about 300 bytes over the link without loss (bytes
on the wire, both ways, as the TUN devices saw them); then cuts, with loss. During each cut dull
incidents and an urgent one at a random moment are sent to the edge; measured is how long after the
link's return the first urgent one is in headquarters' journal. At the end all must be there once,
and in order but for the urgent ones.

Prints `ok NAME` and `not ok NAME`, and the figures behind `#`. Every wait is for a condition with a
deadline, but for the length of a cut, which is what is tested."""
import argparse
import json
import os
import random
import subprocess
import sys
import time



def sentences():
    """The labelled sentences of tests/phrases, English and French: no two alike."""
    found = set()
    here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "phrases")
    for name in sorted(os.listdir(here)):
        if name.endswith(".tsv"):
            with open(os.path.join(here, name), encoding="utf-8") as f:
                found |= {max(x.rstrip("\n").split("\t"), key=len) for x in f if x[0] != "#"}
    return sorted(x for x in found if 20 < len(x) < 200)


class Site:
    """One collector in a namespace."""

    def __init__(self, args, name, config):
        self.name, self.dir, self.bin = name, os.path.join(args.dir, name), args.bin
        os.makedirs(self.dir, exist_ok=True)
        with open(os.path.join(self.dir, "tocsin.yaml"), "w", encoding="utf-8") as f:
            f.write(config)
        self.daemons = []

    def start(self, daemon="collector"):
        with open(os.path.join(self.dir, daemon + ".log"), "ab") as log:
            self.daemons.append(subprocess.Popen(
                ["ip", "netns", "exec", NS[self.name], self.bin + "-" + daemon, "-d", self.dir],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL))

    def run(self, *words, stdin=None):
        return subprocess.run(["ip", "netns", "exec", NS[self.name], self.bin, "-d", self.dir,
                               *words], input=stdin, capture_output=True, text=True, check=False)

    def figures(self):
        for line in self.run("status", "--json", "--timeout", "2s").stdout.splitlines():
            s = json.loads(line)
            if s["daemon"] == "collector":
                return s
        return None

    def send(self, lines):
        r = self.run("send", "--json", stdin="".join(json.dumps(x) + "\n" for x in lines))
        assert r.stdout.count('"stored"') == len(lines), r.stdout[-300:] + r.stderr[-300:]

    def incidents(self, from_seq=0):
        out = []
        for line in self.run("record", "--json").stdout.splitlines():
            r = json.loads(line)
            if "incident" in r and r["seq"] > from_seq:
                out.append(r)
        return out


class Link:
    """satlink, driven by lines."""

    def __init__(self, args):
        self.p = subprocess.Popen(
            [args.satlink, NS["edge"], "10.98.0.1", NS["hq"], "10.98.0.2", "300", "0",
             str(args.rate), str(args.seed)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True)
        assert self.p.stdout.readline() == "ready\n", "satlink did not start"

    def tell(self, line):
        self.p.stdin.write(line + "\n")
        self.p.stdin.flush()
        return [int(x) for x in self.p.stdout.readline().split()]


def until(seconds, condition, pause=0.05):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(pause)
    return None


NS = {"edge": "tocsin-%d-a" % os.getpid(), "hq": "tocsin-%d-b" % os.getpid()}
failed = 0


def check(name, good, seen=""):
    global failed
    print(("ok " if good else "not ok ") + name + ("" if good else "\n    " + str(seen)), flush=True)
    failed += not good


class Reports:
    """Incidents with numbers, of about 300 bytes each as a line of JSON, in sentences of which none
    comes twice before all are used; urgent are those with a word of the edge's list."""

    def __init__(self, seed):
        self.random, self.n, self.sent = random.Random(seed), 0, []
        self.stock, self.at = sentences(), 0
        self.random.shuffle(self.stock)

    def make(self, urgent=False):
        text = ""
        while len(text) < 140:
            text += self.stock[self.at % len(self.stock)] + " "
            self.at += 1
        if urgent:
            text = "URGENT99 " + text
        self.n += 1
        self.sent.append(("b-%06d" % self.n, urgent))
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        return {"id": "b-%06d" % self.n, "source": "ops", "reported_at": now, "text": text.strip()}


def bulk(args, edge, hq, link, reports):
    """Bytes on the wire an incident, both ways, everything included."""
    link.tell("cut")
    lines = [reports.make() for _ in range(args.bulk)]
    size = sum(len(json.dumps(x)) for x in lines) / len(lines)
    edge.send(lines)
    before = link.tell("up")
    start = time.monotonic()
    head = until(300, lambda: (hq.figures() or {"figures": {}})["figures"].get("stored") and
                 int(hq.figures()["figures"]["stored"]) >= args.bulk + 1, 0.3)
    took = time.monotonic() - start
    after = link.tell("stat")
    per = (after[0] + after[1] - before[0] - before[1]) / args.bulk
    print("# bulk: %d incidents of %d bytes in %.1f s, %.1f bytes each on the wire, both ways" %
          (args.bulk, size, took, per))
    check("all of the bulk arrives", head is not None)
    check("under 120 bytes on the wire for an incident of 300 bytes", per < 120, per)


def one_cut(args, edge, hq, link, reports, seconds):
    """How long after the link's return the first urgent incident was in headquarters' journal."""
    seq = hq.figures()["head"]
    link.tell("cut")
    start, at = time.monotonic(), reports.random.uniform(0.1, 0.95) * seconds
    edge.send([reports.make() for _ in range(40)])
    time.sleep(max(0, start + at - time.monotonic()))
    edge.send([reports.make(urgent=True)] + [reports.make() for _ in range(10)])
    time.sleep(max(0, start + seconds - time.monotonic()))
    back = time.time()
    link.tell("up")
    last = reports.n

    def arrived():
        got = {r["incident"]["id"] for r in hq.incidents(seq)}
        return "b-%06d" % last in got
    if until(120, arrived, 0.3) is None:
        return None
    for r in hq.incidents(seq):
        if r["incident"]["text"].startswith("URGENT99"):
            t = r["received_at"]
            stamp = time.mktime(time.strptime(t[:19], "%Y-%m-%dT%H:%M:%S")) - time.timezone
            return stamp + float("0" + t[19:-1] if t[19] == "." else 0) - back
    return None


def cuts(args, edge, hq, link, reports, loss, limit, name):
    link.tell("loss %g" % loss)
    seen = []
    for i in range(args.cuts):
        seconds = args.cut if i < args.cuts - 1 or not args.long else args.long
        took = one_cut(args, edge, hq, link, reports, seconds)
        print("# cut of %d s, %g %% loss: the urgent one %s" %
              (seconds, loss, "never came" if took is None else "after %.2f s" % took), flush=True)
        seen.append(took if took is not None else 999)
    seen.sort()
    p95 = seen[min(len(seen) - 1, int(0.95 * len(seen)))]
    print("# %g %% loss, %d cuts: median %.2f s, 95th percentile %.2f s, worst %.2f s" %
          (loss, len(seen), seen[len(seen) // 2], p95, seen[-1]))
    check(name, p95 < limit, seen)


def late(args, hq, edge, link):
    """What the link held back: a danger that lasts pages as late, once; one that is over does not."""
    for daemon in ("notifier", "classifier"):
        hq.start(daemon)
    if until(30, lambda: hq.run("status", "--timeout", "1s").returncode == 0) is None:
        check("the daemons at headquarters start", False, hq.run("status").stderr)
        return
    old = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 6 * 3600))
    link.tell("cut")
    edge.send([{"id": "late-1", "source": "ops", "reported_at": old, "event": "ied_mine", "lat": 15.6,
                "lon": 0.44, "credibility": 1,
                "text": "Mine seen on the road 10 km south-west of Ansongo."},
               {"id": "late-2", "source": "ops", "reported_at": old, "event": "indirect_fire",
                "lat": 19.9, "lon": 0.9, "credibility": 1, # far from where the others speak of
                "text": "Three mortar rounds fell near the well, nobody hurt."}])
    time.sleep(args.cut)
    link.tell("up")

    def alerts():
        r = hq.run("watch", "--json", "--from", "start", "--until-idle", "500ms")
        return [json.loads(x) for x in r.stdout.splitlines()]
    until(40, lambda: {"ied_mine", "indirect_fire"} <=
          {e["event"] for e in alerts() if e["when"]["from"] == old}, 0.5)
    seen = [e for e in alerts() if e["when"]["from"] == old]
    mine = [e for e in seen if e["event"] == "ied_mine" and e["page"]]
    check("the mine that the link held back pages, marked late, once",
          mine and all(e["late"] and e["kind"] == "raised" for e in mine) and
          len({e["id"] for e in mine}) == len(mine), mine)
    shells = [e for e in seen if e["event"] == "indirect_fire"]
    check("the mortar rounds that are over are told and do not page",
          shells and not any(e["page"] for e in shells) and all(e["late"] for e in shells), shells)


def all_there(hq, reports):
    got = [r["incident"]["id"] for r in hq.incidents()]
    dull = [i for i, urgent in reports.sent if not urgent]
    urgent = {i for i, u in reports.sent if u}
    check("every incident is at headquarters once", sorted(got) == sorted(i for i, _ in reports.sent),
          "%d sent, %d there, %d different" % (reports.n, len(got), len(set(got))))
    check("in their sender's order but for urgent ones", [i for i in got if i not in urgent] == dull)


def main():
    a = argparse.ArgumentParser()
    a.add_argument("bin")
    a.add_argument("satlink")
    a.add_argument("dir")
    for name, default in (("cuts", 1), ("cut", 10), ("long", 0), ("loss", 5), ("rate", 256000),
                          ("bulk", 3000), ("seed", 7)):
        a.add_argument("--" + name, type=int, default=default)
    args = a.parse_args()
    for ns in NS.values():
        subprocess.run(["ip", "netns", "add", ns], check=True)
        subprocess.run(["ip", "-n", ns, "link", "set", "lo", "up"], check=True)
    link = Link(args)
    hq = Site(args, "hq", "collector:\n  listen_http: off\n  listen_edges: tcp://10.98.0.2:7700\n"
              "  link_down: 5s\n  tick: 60s\n  sources:\n    - {name: gao, edge: true, token: t0k3n}\n")
    edge = Site(args, "edge", "collector:\n  listen_http: off\n  tick: 60s\n  sources:\n"
                "    - {name: ops, class: own, reliability: A}\n  upstream:\n"
                "    endpoint: tcp://10.98.0.2:7700\n    source: gao\n    token: t0k3n\n"
                "    urgent: [urgent99]\n")
    try:
        hq.start()
        edge.start()
        assert until(30, lambda: "link gao" in json.dumps(hq.figures()) and
                     "link gao" in hq.figures()["figures"] and
                     hq.figures()["figures"]["link gao"].startswith("up")), "no link at the start"
        reports = Reports(args.seed)
        bulk(args, edge, hq, link, reports)
        cuts(args, edge, hq, link, reports, 0, 5, "without loss the urgent one is there within 5 s")
        if args.loss:
            cuts(args, edge, hq, link, reports, args.loss, 10,
                 "with loss it is there within 10 s (95th percentile)")
        link.tell("loss 0")
        all_there(hq, reports)
        links = [json.loads(x) for x in hq.run("record", "--json").stdout.splitlines() if '"link"' in x]
        ups = [x["link"]["up"] for x in links if "link" in x]
        check("link records tell of every cut", ups[0] and ups.count(False) >= args.cuts and
              all(x != y for x, y in zip(ups, ups[1:])), ups)
        late(args, hq, edge, link)
        print("# edge: " + edge.figures()["figures"]["upstream"])
        print("# headquarters: " + hq.figures()["figures"]["link gao"])
    finally:
        for site in (edge, hq):
            for daemon in reversed(site.daemons):
                daemon.terminate()
                daemon.wait()
        link.p.kill()
        for ns in NS.values():
            subprocess.run(["ip", "netns", "del", ns], check=False)
    sys.exit(failed > 0)


main()
