"""Ratios of the NFS front against nfs-ganesha, each the median of several interleaved rounds of one run: run_nfs.sh."""

import argparse
import json
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import ganesha
import peers

KIB, MIB = 1 << 10, 1 << 20


class TokenPlane(peers.TokenPlane):
    """Our server with one volume, exported as its name says."""

    export = "/bench"

    def __init__(self, directory, flags=()):
        super().__init__(directory, ["--block-cache", "1GiB", *flags])
        # The S3 load generator makes its bucket.
        peers.load(self.port, directory, size=16, objects=1, mix="get=1", operations=1, connections=1)
        self.mount_port = self.nfs_port


class Bench:
    def __init__(self, arguments):
        self.arguments = arguments
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="tokenplane-nfs-bench-", dir=arguments.directory))
        self.rows = []
        self.servers = {}

    def load(self, server, workload, **options):
        """One run of the load generator on one server; its report."""
        port = server.nfs_port if isinstance(server, TokenPlane) else server.port
        command = [self.arguments.client, "--port", str(port), "--mount-port", str(server.mount_port), "--export",
                   server.export, "--workload", workload, "--connections", str(self.arguments.connections)]
        for name, value in options.items():
            command += ["--" + name.replace("_", "-"), str(value)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=600)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)}: {done.stderr}")
        return json.loads(done.stdout)

    def rounds(self, what, workload, figure, unit, bar, warm_up=True, **options):
        """Ours and the peer in turn, so that both see the same drift of the machine; the first turn of each, which
        touches memory and fills caches, does not count."""
        results = {name: [] for name in self.servers}
        for turn in range(self.arguments.rounds + bool(warm_up)):
            for name, server in self.servers.items():
                report = self.load(server, workload, **options)
                if turn >= bool(warm_up):
                    results[name].append(report)
        part, field = figure
        values = {name: [report[part][field] for report in reports] for name, reports in results.items()}
        self.row(what, values, unit, bar)
        return results

    def row(self, what, values, unit, bar):
        row = {"what": what, "unit": unit, "bar": bar, "values": values}
        row.update({name: statistics.median(each) for name, each in values.items()})
        line = f"{what:<46}"
        for name in values:
            line += f"{name} {row[name]:>14,.0f} {unit}  "
        if len(values) == 2:
            row["ratios"] = [mine / theirs for mine, theirs in zip(values["tokenplane"], values["ganesha"])]
            row["ratio"] = statistics.median(row["ratios"])
            line += f"ratio {row['ratio']:5.2f}"
            if bar is not None:
                row["met"] = row["ratio"] >= bar
                line += f"  (bar {bar})  {'met' if row['met'] else 'NOT MET'}"
        self.rows.append(row)
        print(line, flush=True)

    def measure(self):
        size = self.arguments.size_mib * MIB
        wanted = self.arguments.only.split(",")
        rate = "bytes_per_second"
        if "write" in wanted:
            self.rounds("sequential write, 1 MiB, 8 deep, COMMIT", "write", ("write", rate), "B/s", 1.0, size=size)
        elif "read" in wanted or "random" in wanted:
            for server in self.servers.values():
                self.load(server, "write", size=size)
        if "read" in wanted:
            self.rounds("sequential read, 1 MiB, 8 deep", "read", ("read", rate), "B/s", 1.0, size=size)
        if "random" in wanted:
            self.rounds("random read, 4 KiB, 32 deep", "random-read", ("random-read", "per_second"), "/s", 1.5,
                        size=size, block=4 * KIB, depth=32, seconds=self.arguments.seconds)
        for name, text, file_bytes in (("names", "empty files", 0), ("files", "4 KiB, FILE_SYNC", 4 * KIB)):
            if name in wanted:
                results = self.rounds(f"create+stat+unlink, 16 deep, {text}", "files", ("files", "per_second"),
                                      "files/s", 1.5, depth=16, files=self.arguments.files, file_bytes=file_bytes)
                for phase in ("create", "stat", "unlink"):
                    self.row("  " + phase, {name: [report[phase]["per_second"] for report in reports]
                                            for name, reports in results.items()}, "/s", None)

    def run(self):
        flags = self.arguments.flags.split() if self.arguments.flags else []
        starts = {"tokenplane": lambda: TokenPlane(self.directory / "tokenplane", flags),
                  "ganesha": lambda: ganesha.Ganesha(self.directory / "ganesha")}
        try:
            for name in self.arguments.servers.split(","):
                self.servers[name] = starts[name]()
            self.measure()
        finally:
            for server in self.servers.values():
                server.stop()
            shutil.rmtree(self.directory, ignore_errors=True)
        if self.arguments.json:
            peers.write_report(self.arguments.json, {"rounds": self.arguments.rounds,
                                                     "connections": self.arguments.connections, "rows": self.rows})
        return 0 if all(row.get("met", True) for row in self.rows) else 1


def main():
    parser = argparse.ArgumentParser(prog="bench/run_nfs.sh", description=__doc__)
    parser.add_argument("--client", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="write,read,random,names,files")
    parser.add_argument("--servers", default="tokenplane,ganesha")
    parser.add_argument("--size-mib", type=int, default=512, help="of the large file")
    parser.add_argument("--seconds", type=float, default=4, help="of one round of random reads")
    parser.add_argument("--files", type=int, default=20000, help="small files of one round")
    parser.add_argument("--connections", type=int, default=1, help="the depth is shared among them")
    parser.add_argument("--flags", default="", help="more flags of tokenplane serve, in one word")
    parser.add_argument("--json")
    parser.add_argument("--directory", default=None, help="where the stores are made (default: $TMPDIR)")
    return Bench(parser.parse_args()).run()


if __name__ == "__main__":
    sys.exit(main())
