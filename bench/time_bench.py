"""What snapshots cost. See run_time.sh."""

import argparse
import base64
import http.client
import json
import os
import pathlib
import shutil
import statistics
import sys
import tempfile
import time

import peers

SNAPSHOT_BAR_MS = 10
BARS = {"overwrite": 0.9, "create": 0.9, "first-change": None}
SIZE = "4KiB"


class Operator:
    """Calls on the admin port over one connection, so that what is timed is the server's work and one round trip."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
        keys = base64.b64encode(f"{peers.ACCESS_KEY}:{peers.SECRET_KEY}".encode()).decode()
        self.headers = {"Authorization": "Basic " + keys, "Content-Type": "application/json"}

    def call(self, method, path, body=None):
        """The milliseconds it took."""
        start = time.perf_counter()
        self.connection.request(method, path, json.dumps(body) if body else None, self.headers)
        answer = self.connection.getresponse()
        text = answer.read()
        took = 1000 * (time.perf_counter() - start)
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {text.decode(errors='replace')}")
        return took

    def take(self, volumes, name):
        return self.call("POST", "/v1/snapshots", {"volumes": volumes, "name": name})

    def drop(self, volume, name):
        return self.call("DELETE", f"/v1/volumes/{volume}/snapshots/{name}")


class Bench:
    def __init__(self, arguments):
        self.wanted = arguments
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="tokenplane-time-", dir=arguments.directory))
        self.server = peers.TokenPlane(self.work / "store")
        self.operator = Operator(self.server.admin_port)

    def close(self):
        self.server.stop()
        shutil.rmtree(self.work, ignore_errors=True)

    def load(self, bucket, **options):
        options.setdefault("connections", self.wanted.connections)
        report = peers.load(self.server.port, self.work, bucket=bucket, mix="put=1", **options)
        put = report["operations"]["put"]
        if put["errors"]:
            raise RuntimeError(f"{put['errors']} PUTs of {bucket} failed")
        return put

    def snapshot_times(self):
        """Of a bucket of many objects, each after a change, so that there is something to keep."""
        objects = self.wanted.objects
        filled = self.load("large", size=256, create_keys=True, operations=objects, objects=0)
        print(f"{objects:,} objects of 256 B: PUT {filled['per_second']:,.0f}/s", flush=True)
        times = []
        for number in range(self.wanted.takes):
            times.append(self.operator.take(["large"], f"s{number}"))
            self.load("large", size=256, objects=100, operations=100, no_prepare=True)
        worst, median = max(times), statistics.median(times)
        print(f"snapshot of {objects:,} objects: median {median:.2f} ms, slowest of {len(times)} {worst:.2f} ms "
              f"(bar {SNAPSHOT_BAR_MS} ms)", flush=True)
        return {"objects": objects, "median_ms": median, "slowest_ms": worst, "all_ms": times}

    def prepare_rates(self):
        """Two buckets alike, but that one keeps snapshots, and something has changed between any two of them."""
        for bucket in ("without", "with"):
            self.load(bucket, size=SIZE, create_keys=True, operations=self.wanted.keys, objects=0)
        for number in range(self.wanted.snapshots):
            self.operator.take(["with"], f"old{number}")
            for bucket in ("without", "with"):
                self.load(bucket, size=SIZE, objects=self.wanted.keys, operations=self.wanted.between, no_prepare=True)

    def shard_seconds(self):
        """CPU time of the thread that all changes go through: what other work on the machine changes little."""
        for stat in pathlib.Path(f"/proc/{self.server.process.pid}/task").glob("*/stat"):
            name, fields = stat.read_text().split("(", 1)[1].rsplit(")", 1)
            if name == "shard":
                return sum(map(int, fields.split()[11:13])) / os.sysconf("SC_CLK_TCK")
        raise RuntimeError("the server has no thread of the name shard")

    def rate(self, bucket, **options):
        """PUTs a second, and microseconds of the shard's CPU for each."""
        before = self.shard_seconds()
        put = self.load(bucket, size=SIZE, duration=self.wanted.seconds, warm_up=0, no_prepare=True, **options)
        return put["per_second"], 1e6 * (self.shard_seconds() - before) / (put["per_second"] * self.wanted.seconds)

    def turns(self, kind):
        pairs = []
        # Few keys are soon all changed since the newest snapshot: what most PUTs meet between two of them.
        keys = self.wanted.keys // 20 if kind == "overwrite" else self.wanted.keys
        for turn in range(self.wanted.rounds):
            pair = {}
            for bucket in ("without", "with") if turn % 2 == 0 else ("with", "without"):
                if bucket == "with" and kind != "overwrite":
                    self.operator.take(["with"], f"{kind}{turn}")
                pair[bucket] = self.rate(bucket, create_keys=kind == "create", objects=keys,
                                         prefix=self.prefix(kind, turn))
            pairs.append(pair)
        return pairs

    def rates(self):
        """In short turns: PUT over what has changed since the newest snapshot; PUT of new keys, with a new snapshot
        before each turn; PUT over what is there with a new snapshot before each turn, so that nearly every PUT is the
        first change since then, whose old record has to be kept."""
        self.prepare_rates()
        report = {}
        for kind, bar in BARS.items():
            pairs = self.turns(kind)
            ratio = statistics.median(pair["with"][0] / pair["without"][0] for pair in pairs)
            shard = statistics.median(pair["without"][1] / pair["with"][1] for pair in pairs)
            with_rate, without = (statistics.median(pair[which][0] for pair in pairs) for which in ("with", "without"))
            print(f"PUT {SIZE}, {kind}: {with_rate:,.0f}/s with {self.wanted.snapshots} snapshots, {without:,.0f}/s "
                  f"without: {ratio:.2f} ({f'bar {bar}' if bar else 'no bar'}); by CPU of the shard {shard:.2f}",
                  flush=True)
            report[kind] = {"with_per_second": with_rate, "without_per_second": without, "ratio": ratio, "bar": bar,
                            "shard_ratio": shard, "all": pairs}
        return report

    @staticmethod
    def prefix(kind, turn):
        """New keys are new in each turn."""
        return f"turn{turn}/" if kind == "create" else "bench/"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--objects", type=int, default=1_000_000)
    parser.add_argument("--takes", type=int, default=20, help="snapshots that are timed")
    parser.add_argument("--snapshots", type=int, default=100)
    parser.add_argument("--keys", type=int, default=50_000, help="objects in each of the two buckets")
    parser.add_argument("--between", type=int, default=200, help="PUTs between two snapshots")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--seconds", type=float, default=1.5)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--directory", default=None)
    parser.add_argument("--json")
    bench = Bench(parser.parse_args())
    try:
        report = {"snapshot": bench.snapshot_times(), "put": bench.rates()}
    finally:
        bench.close()
    if bench.wanted.json:
        peers.write_report(bench.wanted.json, report)
    good = report["snapshot"]["median_ms"] < SNAPSHOT_BAR_MS
    return 0 if good and all(row["ratio"] >= (row["bar"] or 0) for row in report["put"].values()) else 1


if __name__ == "__main__":
    sys.exit(main())
