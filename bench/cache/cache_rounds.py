"""Ratios of the token cache against redis-server and memcached with extstore, each the median of several interleaved
rounds of one run: run_cache.sh."""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import cache_peers
import peers

KIB, MIB = 1 << 10, 1 << 20


class TokenPlane(peers.TokenPlane):
    """Our server with two cache volumes: `dram` has no flash, as its peer keeps nothing; `flash` next to no DRAM."""

    protocol = "resp"

    def __init__(self, directory, flash_mib):
        self.redis_port = peers.free_port()
        super().__init__(directory, ["--redis-port", str(self.redis_port)])
        self.create("dram", capacity="0", dram="2GiB")
        self.create("flash", capacity=f"{flash_mib * 2}MiB", dram="64MiB")

    def create(self, name, capacity, dram):
        subprocess.run([peers.BINARY, "cache", "create", name, "--capacity", capacity, "--dram", dram, "--data",
                        self.directory], check=True, stdout=subprocess.DEVNULL)

    def options(self, volume):
        return {"port": self.redis_port, "auth": f"{peers.ACCESS_KEY}@{volume}:{peers.SECRET_KEY}"}


class Bench:
    def __init__(self, arguments):
        self.arguments = arguments
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="tokenplane-cache-bench-", dir=arguments.directory))
        self.rows = []
        self.servers = {}

    def load(self, name, volume, **options):
        """One run of the load generator on one server; its report. A wrong byte ends the whole run."""
        server = self.servers[name]
        options.update(server.options(volume))
        command = [self.arguments.client, "--protocol", server.protocol]
        for key, value in options.items():
            command += ["--" + key, str(value)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=600)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)}: {done.stdout} {done.stderr}")
        report = json.loads(done.stdout)
        if report["errors"]:
            raise RuntimeError(f"{name}: {report['errors']} errors, the first: {report['first_error']}")
        return report

    def rounds(self, what, names, volume, figure, unit, bar, **options):
        """Each server in turn, so that all see the same drift of the machine; the first turn does not count."""
        values = {name: [] for name in names}
        for turn in range(self.arguments.rounds + 1):
            for name in names:
                report = self.load(name, volume, **options)
                if options["op"] == "get" and report["hits"] < 0.5 * report["operations"]:
                    raise RuntimeError(f"{what}: {name} had {report['misses']} misses of {report['operations']}")
                if turn:
                    values[name].append(report["per_second"] if figure == "per_second" else report["bytes_per_second"])
        self.row(what, values, unit, bar)

    def row(self, what, values, unit, bar):
        row = {"what": what, "unit": unit, "bar": bar, "values": values}
        row.update({name: statistics.median(each) for name, each in values.items()})
        names = list(values)
        line = f"{what:<44}" + "".join(f"{name} {row[name]:>13,.0f} {unit}  " for name in names)
        for peer in names[1:]:
            ratio = statistics.median(mine / other for mine, other in zip(values[names[0]], values[peer]))
            row.setdefault("ratios", {})[peer] = ratio
            line += f"{ratio:5.2f} of {peer}  "
        if bar:
            row["met"] = any(row["ratios"].get(peer, 0) >= least for peer, least in bar.items())
            line += f"(bar {' or '.join(f'{least} of {peer}' for peer, least in bar.items())}) "
            line += "met" if row["met"] else "NOT MET"
        self.rows.append(row)
        print(line, flush=True)

    def fill(self, names, volume, keys, size, prefix):
        for name in names:
            # extstore drops what comes faster than it writes.
            slowly = {"rate": 2500} if name == "memcached" else {}
            self.load(name, volume, op="set", operations=keys, size=size, connections=4,
                      pipeline=4 if size > 64 * KIB else 16, prefix=prefix, **slowly)

    def measure_dram(self):
        seconds = self.arguments.seconds
        both = ["tokenplane", "redis"]
        self.fill(both, "dram", 100_000, KIB, "small")
        small = {"keys": 100_000, "size": KIB, "prefix": "small", "seconds": seconds}
        self.rounds("GET 1 KiB, 50 connections", both, "dram", "per_second", "/s", {"redis": 1.0}, op="get",
                    connections=50, **small)
        self.rounds("GET 1 KiB, 16 connections, pipeline 16", both, "dram", "per_second", "/s", {"redis": 1.5},
                    op="get", connections=16, pipeline=16, **small)
        self.rounds("SET 1 KiB, 50 connections", both, "dram", "per_second", "/s", {"redis": 0.8}, op="set",
                    connections=50, **small)
        self.rounds("SET 1 KiB, 16 connections, pipeline 16", both, "dram", "per_second", "/s", {"redis": 0.8},
                    op="set", connections=16, pipeline=16, **small)
        self.fill(both, "dram", 200, MIB, "large")
        self.rounds("GET 1 MiB, 8 connections", both, "dram", "bytes_per_second", "B/s", {"redis": 1.2}, op="get",
                    connections=8, keys=200, size=MIB, prefix="large", seconds=seconds)

    def measure_latency(self):
        """p99 of 64 KiB from DRAM at half of the highest rate."""
        options = {"op": "get", "keys": 2000, "size": 64 * KIB, "prefix": "middle", "connections": 16,
                   "seconds": self.arguments.seconds}
        self.fill(["tokenplane"], "dram", 2000, 64 * KIB, "middle")
        highest = self.load("tokenplane", "dram", **options)["per_second"]
        p99s = [self.load("tokenplane", "dram", rate=int(highest / 2), **options)["p99_us"]
                for _ in range(self.arguments.rounds)]
        p99 = statistics.median(p99s)
        row = {"what": "p99 of GET 64 KiB at half load", "unit": "us", "tokenplane": p99, "values": p99s,
               "highest_per_second": highest, "bar_us": 2000, "met": p99 < 2000}
        self.rows.append(row)
        print(f"p99 of GET 64 KiB from DRAM at {highest / 2:,.0f}/s: {p99:,.0f} us (bar 2,000) "
              f"{'met' if row['met'] else 'NOT MET'}", flush=True)

    def measure_flash(self):
        size, keys = 64 * KIB, self.arguments.flash_mib * 16
        names = ["tokenplane", "memcached"]
        self.fill(names, "flash", keys, size, "cold")
        values = {name: [] for name in [*names, "fio"]}
        for turn in range(self.arguments.rounds + 1):
            for name in names:
                report = self.load(name, "flash", op="get", keys=keys, size=size, prefix="cold", connections=16,
                                   seconds=self.arguments.seconds)
                if turn:
                    values[name].append(report["hits"] / report["seconds"])
                    if turn == 1:
                        print(f"  {name}: {report['hits']} hits, {report['misses']} misses, p99 {report['p99_us']} us")
            rate = cache_peers.fio_random_reads(self.directory, size, 16, self.arguments.seconds,
                                                self.arguments.flash_mib)
            if turn:
                values["fio"].append(rate)
        self.row("GET 64 KiB from flash, 16 connections", values, "/s", {"memcached": 2.0, "fio": 0.7})

    def run(self):
        parts = self.arguments.only.split(",")
        try:
            self.servers["tokenplane"] = TokenPlane(self.directory / "tokenplane", self.arguments.flash_mib)
            if "dram" in parts:
                self.servers["redis"] = cache_peers.Redis(self.directory / "redis")
                self.measure_dram()
            if "latency" in parts:
                self.measure_latency()
            if "flash" in parts:
                self.servers["memcached"] = cache_peers.Memcached(self.directory / "memcached",
                                                                  self.arguments.flash_mib)
                self.measure_flash()
        finally:
            for server in self.servers.values():
                server.stop()
            shutil.rmtree(self.directory, ignore_errors=True)
        if self.arguments.json:
            peers.write_report(self.arguments.json, {"rounds": self.arguments.rounds, "rows": self.rows})
        return 0 if all(row.get("met", True) for row in self.rows) else 1


def main():
    parser = argparse.ArgumentParser(prog="bench/run_cache.sh", description=__doc__)
    parser.add_argument("--client", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2, help="of one round")
    parser.add_argument("--only", default="dram,latency,flash")
    parser.add_argument("--flash-mib", type=int, default=1024, help="of values that do not fit in DRAM")
    parser.add_argument("--json")
    parser.add_argument("--directory", default=os.environ.get("TMPDIR"), help="where the stores are made")
    return Bench(parser.parse_args()).run()


if __name__ == "__main__":
    sys.exit(main())
