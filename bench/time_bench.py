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

SNAPSHOT_BAR_MS, RATE_BAR = 10, 0.9
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

    def cpu_seconds(self):
        """Of the server, all threads: what other work on the machine does not change much."""
        fields = pathlib.Path(f"/proc/{self.server.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def rate(self, bucket, **options):
        """PUTs a second, and microseconds of the server's CPU for each."""
        before = self.cpu_seconds()
        put = self.load(bucket, size=SIZE, duration=self.wanted.seconds, warm_up=0, no_prepare=True,
                        objects=self.wanted.keys, **options)
        return put["per_second"], 1e6 * (self.cpu_seconds() - before) / (put["per_second"] * self.wanted.seconds)

    def rates(self):
        """PUT over what is there and PUT of new keys, in short turns. The bucket with snapshots gets a new one before
        each turn, so that every record it changes is one that a snapshot has to keep; with `--turn-over` the oldest
        goes then."""
        self.prepare_rates()
        rows = {"overwrite": [], "create": []}
        for turn in range(self.wanted.rounds):
            for kind, found in rows.items():
                pair = {}
                order = ("without", "with") if turn % 2 == 0 else ("with", "without")
                for bucket in order:
                    if bucket == "with":
                        self.operator.take(["with"], f"{kind}{turn}")
                        if self.wanted.turn_over:
                            self.operator.drop("with", f"old{2 * turn + (kind == 'create')}")
                    pair[bucket] = self.rate(bucket, create_keys=kind == "create", prefix=self.prefix(kind, turn))
                found.append(pair)
                (plain, plain_us), (kept, kept_us) = pair["without"], pair["with"]
                print(f"  {kind}: without {plain:,.0f}/s ({plain_us:.0f} us of CPU each), with {kept:,.0f}/s "
                      f"({kept_us:.0f} us), {kept / plain:.2f}", flush=True)
        report = {}
        for kind, pairs in rows.items():
            ratio = statistics.median(pair["with"][0] / pair["without"][0] for pair in pairs)
            cpu = statistics.median(pair["without"][1] / pair["with"][1] for pair in pairs)
            with_rate, without = (statistics.median(pair[which][0] for pair in pairs) for which in ("with", "without"))
            print(f"PUT {SIZE}, {kind}: {with_rate:,.0f}/s with {self.wanted.snapshots} snapshots, {without:,.0f}/s "
                  f"without: {ratio:.2f} (bar {RATE_BAR}); by CPU time {cpu:.2f}", flush=True)
            report[kind] = {"with_per_second": with_rate, "without_per_second": without, "ratio": ratio,
                            "cpu_ratio": cpu, "all": pairs}
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
    parser.add_argument("--turn-over", action="store_true", help="the oldest snapshot goes when a new one comes")
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
    return 0 if good and all(row["ratio"] >= RATE_BAR for row in report["put"].values()) else 1


if __name__ == "__main__":
    sys.exit(main())
