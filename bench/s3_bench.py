"""Ratios of the S3 front against nginx, fio and radosgw, each the median of several rounds of one run: run_s3.sh."""

import argparse
import pathlib
import shutil
import statistics
import sys
import tempfile

import peers

KIB, MIB = 1 << 10, 1 << 20


class Bench:
    def __init__(self, arguments):
        self.arguments = arguments
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="tokenplane-bench-", dir=arguments.directory))
        self.rows = []

    def row(self, what, ours, peer, unit, bar, peer_name):
        """One measurement: pairs of (ours, peer) by round; the figure is the median of the rounds' ratios."""
        ratios = [mine / theirs for mine, theirs in zip(ours, peer)]
        ratio = statistics.median(ratios)
        self.rows.append({"what": what, "ours": statistics.median(ours), "peer": statistics.median(peer), "unit": unit,
                          "peer_name": peer_name, "ratio": ratio, "ratios": ratios, "bar": bar, "met": ratio >= bar})
        verdict = "met" if ratio >= bar else "NOT MET"
        print(f"{what:<34}{statistics.median(ours):>14,.0f} {unit:<8} {peer_name} {statistics.median(peer):>12,.0f}  "
              f"ratio {ratio:6.2f}  (bar {bar})  {verdict}", flush=True)

    def rounds(self, ours, peer):
        """Ours and the peer in turn, so that both see the same drift of the machine."""
        mine, theirs = [], []
        for _ in range(self.arguments.rounds):
            theirs.append(peer())
            mine.append(ours())
        return mine, theirs

    # GET: the same objects from us (signed requests) and as files from nginx, the same client.
    def get(self):
        for size, objects, connections, threads, bar, in_bytes in (
                (4 * KIB, 1000, 32, 1, 0.6, False), (64 * KIB, 1000, 32, 1, 0.6, False),
                (64 * MIB, 4, 4, 2, 0.8, True)):
            self.get_size(size, objects, connections, threads, bar, in_bytes)

    def get_size(self, size, objects, connections, threads, bar, in_bytes):
        work = self.directory / f"get-{size}"
        server = peers.TokenPlane(work / "store", ["--block-cache", "1GiB"])
        try:
            common = dict(size=size, objects=objects, connections=connections, threads=threads, mix="get=1",
                          duration=self.arguments.seconds, warm_up=2)
            peers.load(server.port, work, size=size, objects=objects, mix="get=1", operations=objects)
            self.mirror(work, objects, size)
            web = peers.Nginx(work / "nginx", work / "files")
            try:
                field = "bytes_per_second" if in_bytes else "per_second"
                figure = lambda report: report["operations"]["get"][field]
                ours, theirs = self.rounds(
                    lambda: figure(peers.load(server.port, work, no_prepare=True, **common)),
                    lambda: figure(peers.load(web.port, work, no_prepare=True, anonymous=True, **common)))
                name = f"GET {size // MIB} MiB" if size >= MIB else f"GET {size // KIB} KiB"
                self.row(name, ours, theirs, "B/s" if in_bytes else "req/s", bar, "nginx")
            finally:
                web.stop()
        finally:
            server.stop()
            shutil.rmtree(work)

    def mirror(self, work, objects, size):
        """The load generator's keys as files for nginx: fill() in src/cli/bench/load.cc names them."""
        block = b"\xa5" * size
        for index in range(objects):
            folder = work / "files" / "bench" / "bench" / f"{(index * 2654435761 >> 7) & 0xfff:03x}"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{index:010d}").write_bytes(block)

    def put(self):
        work = self.directory / "put"
        server = peers.TokenPlane(work / "store")
        try:
            small = lambda: peers.load(server.port, work, size=4 * KIB, objects=0, mix="put=1", create_keys=True,
                                       connections=64, no_prepare=self.made, duration=self.arguments.seconds,
                                       warm_up=1)["operations"]["put"]["per_second"]
            serial = lambda: peers.fio(work / "fio", rw="write", bs="4k", size="256m", fdatasync=1, runtime=3,
                                       time_based=True)[1]
            self.made = False
            small()
            self.made = True
            ours, theirs = self.rounds(small, serial)
            self.row("PUT 4 KiB durable, 64 connections", ours, theirs, "req/s", 2.0, "fio serial append+fdatasync")
            large = lambda: peers.load(server.port, work, size=64 * MIB, objects=16, mix="put=1", connections=8,
                                       no_prepare=True, duration=self.arguments.seconds,
                                       warm_up=2)["operations"]["put"]["bytes_per_second"]
            stream = lambda: peers.fio(work / "fio", rw="write", bs="1m", size="2g", end_fsync=1)[0]
            ours, theirs = self.rounds(large, stream)
            self.row("PUT 64 MiB, 8 connections", ours, theirs, "B/s", 0.6, "fio 1 MiB writes, final fsync")
        finally:
            server.stop()
            shutil.rmtree(work)

    def rgw(self):
        work = self.directory / "rgw"
        server = peers.TokenPlane(work / "store")
        cluster = None
        try:
            cluster = peers.Radosgw(work / "ceph")
            options = dict(size=4 * KIB, objects=0, mix="put=1", create_keys=True, connections=64,
                           duration=self.arguments.seconds, warm_up=1)
            ours, theirs = self.rounds(
                lambda: peers.load(server.port, work, **options)["operations"]["put"]["per_second"],
                lambda: peers.load(cluster.port, work, cluster.access_key, cluster.secret_key,
                                   **options)["operations"]["put"]["per_second"])
            self.row("PUT 4 KiB durable, 64 connections", ours, theirs, "req/s", 10, "radosgw")
        finally:
            if cluster:
                cluster.stop()
            server.stop()
            shutil.rmtree(work)

    def list(self):
        work = self.directory / "list"
        server = peers.TokenPlane(work / "store")
        try:
            keys = self.arguments.list_keys
            peers.load(server.port, work, size=16, objects=0, mix="put=1", create_keys=True, connections=64,
                       operations=keys)
            rates = []
            for _ in range(self.arguments.rounds):
                report = peers.load(server.port, work, no_prepare=True, mix="list=1", connections=2, list_page=1000,
                                    duration=self.arguments.seconds, warm_up=2)
                rates.append(report["operations"]["list"]["keys_per_second"])
            self.row(f"LIST of {keys:,} keys by 1000", rates, [1.0] * len(rates), "keys/s", 150_000, "absolute")
        finally:
            server.stop()
            shutil.rmtree(work)

    def run(self):
        try:
            for name in self.arguments.only.split(","):
                getattr(self, name)()
        finally:
            shutil.rmtree(self.directory, ignore_errors=True)
        if self.arguments.json:
            peers.write_report(self.arguments.json, {"rounds": self.arguments.rounds, "rows": self.rows})
        return 0 if all(row["met"] for row in self.rows) else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--only", default="get,put,list,rgw")
    parser.add_argument("--list-keys", type=int, default=1_000_000)
    parser.add_argument("--json")
    parser.add_argument("--directory", default=None, help="where the stores are made (default: $TMPDIR)")
    return Bench(parser.parse_args()).run()


if __name__ == "__main__":
    sys.exit(main())
