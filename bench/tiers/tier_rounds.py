"""Moving under load: see bench/run_tiers.sh."""

import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import peers  # noqa: E402

MIB = 1 << 20
SIZES = (100 << 10, MIB, 4 * MIB, 16 * MIB, 64 * MIB)
P99_BAR = 2.0
CONFIG = """
move_rate = "{rate}"
[tiers.warm]
number = 1
kind = "local"
directory = "{root}/warm"
[tiers.archive]
number = 2
kind = "archive"
store = "s3"
endpoint = "http://127.0.0.1:{far}"
bucket = "archive"
credentials = "{root}/credentials"
key_file = "{root}/key"
[storage_classes.STANDARD_IA]
tier = "warm"
[storage_classes.GLACIER_IR]
tier = "archive"
"""


def parse_size(text):
    for suffix, factor in (("GiB", 1 << 30), ("MiB", MIB), ("KiB", 1 << 10)):
        if text.endswith(suffix):
            return int(text[:-len(suffix)]) * factor
    return int(text)


def write_secret(path, text):
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="ascii") as handle:
        handle.write(text)


class Bench:
    def __init__(self, arguments):
        self.arguments = arguments
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="tokenplane-tiers-", dir=arguments.directory))
        self.rows, self.digests, self.failures = [], {}, []
        self.far = peers.TokenPlane(self.directory / "far", ["--no-nfs", "--redis-port", str(peers.free_port())])
        self.client_of(self.far).create_bucket(Bucket="archive")
        root = self.directory / "near"
        root.mkdir()
        write_secret(root / "credentials", f"{peers.ACCESS_KEY}\n{peers.SECRET_KEY}\n")
        write_secret(root / "key", random.Random(3).randbytes(32).hex() + "\n")
        self.config = root / "tokenplane.toml"
        self.config.write_text(CONFIG.format(root=root, far=self.far.port, rate=arguments.rate))
        self.start()
        self.s3.create_bucket(Bucket="data")

    def start(self):
        self.near = peers.TokenPlane(self.directory / "near" / "data",
                                     ["--no-nfs", "--redis-port", str(peers.free_port()), "--config", self.config])
        self.s3 = self.client_of(self.near)

    @staticmethod
    def client_of(server):
        return boto3.session.Session().client(
            "s3", endpoint_url=f"http://127.0.0.1:{server.port}", region_name="us-east-1",
            aws_access_key_id=peers.ACCESS_KEY, aws_secret_access_key=peers.SECRET_KEY,
            config=Config(signature_version="s3v4", s3={"addressing_style": "path"}, max_pool_connections=16,
                          retries={"max_attempts": 0}))

    def fill(self):
        chance, total = random.Random(5), 0
        while total < self.arguments.bytes:
            body = chance.randbytes(chance.choice(SIZES))
            key = f"o{len(self.digests)}"
            self.s3.put_object(Bucket="data", Key=key, Body=body)
            self.digests[key] = hashlib.sha256(body).digest()
            total += len(body)
        print(f"filled: {len(self.digests)} objects, {total / MIB:.0f} MiB")

    def load(self):
        """p99 in milliseconds of GET and PUT of 64 KiB, and how many failed."""
        command = [peers.BINARY, "bench", "s3", "--endpoint", f"http://127.0.0.1:{self.near.port}", "--bucket", "bench",
                   "--mix", "get=70,put=30", "--size", "64KiB", "--objects", "500", "--connections", "8", "--quiet",
                   "--duration", str(self.arguments.seconds), "--warm-up", "1", "--json", "-"]
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=600,
                              env={**os.environ, "TOKENPLANE_ACCESS_KEY": peers.ACCESS_KEY,
                                   "TOKENPLANE_SECRET_KEY": peers.SECRET_KEY})
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return json.loads(done.stdout)

    def stored(self, name):
        done = subprocess.run([peers.BINARY, "tier", "status", "--json", "--data", self.directory / "near" / "data"],
                              capture_output=True, text=True, check=True)
        return next(tier for tier in json.loads(done.stdout)["tiers"] if tier["name"] == name)["live_bytes"]

    def move(self, storage_class):
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            def copy(key):
                self.s3.copy_object(Bucket="data", Key=key, CopySource=f"data/{key}", StorageClass=storage_class)
            list(pool.map(copy, self.digests))

    def read_on(self, stop):
        """Reads the objects that move, all the while; a wrong or failed read is a failure."""
        chance, client = random.Random(9), self.client_of(self.near)
        keys = list(self.digests)
        while not stop.is_set():
            key = chance.choice(keys)
            try:
                body = client.get_object(Bucket="data", Key=key)["Body"].read()
                if hashlib.sha256(body).digest() != self.digests[key]:
                    self.failures.append(f"{key}: wrong bytes")
            except (BotoCoreError, ClientError, OSError) as error:
                self.failures.append(f"{key}: {error}")
            stop.wait(0.5)

    def phase(self, name, storage_class, idle):
        stop = threading.Event()
        reader = threading.Thread(target=self.read_on, args=(stop,))
        reader.start()
        started, goal = time.monotonic(), 0.97 * self.arguments.bytes
        self.move(storage_class)
        runs = []
        while self.stored(name) < goal and time.monotonic() - started < self.arguments.limit:
            runs.append(self.load())
        seconds = time.monotonic() - started
        stop.set()
        reader.join()
        row = {"phase": f"to {name}", "seconds": round(seconds, 1),
               "moved_mib": round(self.stored(name) / MIB), "runs": len(runs)}
        for operation in ("get", "put"):
            p99s = [p99(run, operation) for run in runs]
            if not p99s:
                continue
            row[f"{operation}_p99_ms"] = statistics.median(p99s)
            row[f"{operation}_ratio"] = round(statistics.median(p99s) / idle[operation], 2)
        row["met"] = all(row.get(f"{operation}_ratio", 99) <= P99_BAR for operation in ("get", "put"))
        self.rows.append(row)
        print(json.dumps(row))

    def run(self):
        try:
            self.fill()
            idle_runs = [self.load() for _ in range(3)]
            idle = {operation: statistics.median(p99(run, operation) for run in idle_runs)
                    for operation in ("get", "put")}
            print(f"idle p99: GET {idle['get']:.2f} ms, PUT {idle['put']:.2f} ms")
            self.phase("warm", "STANDARD_IA", idle)
            self.phase("archive", "GLACIER_IR", idle)
            for key, digest in self.digests.items():
                if hashlib.sha256(self.s3.get_object(Bucket="data", Key=key)["Body"].read()).digest() != digest:
                    self.failures.append(f"{key}: wrong bytes at the end")
            print(f"failed or wrong reads: {len(self.failures)} {self.failures[:3]}")
            self.rows.append({"phase": "reads", "failures": len(self.failures), "met": not self.failures})
        finally:
            self.near.stop()
            self.far.stop()
            shutil.rmtree(self.directory, ignore_errors=True)
        if self.arguments.json:
            peers.write_report(self.arguments.json, {"bytes": self.arguments.bytes, "rate": self.arguments.rate,
                                                     "rows": self.rows})
        return 0 if all(row["met"] for row in self.rows) else 1


def p99(run, operation):
    return run["operations"][operation]["latency_us"]["p99"] / 1000


def main():
    parser = argparse.ArgumentParser(prog="bench/run_tiers.sh", description=__doc__)
    parser.add_argument("--bytes", type=parse_size, default=10 << 30)
    parser.add_argument("--rate", default="48MiB", help="move_rate")
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--limit", type=float, default=900, help="seconds of one phase")
    parser.add_argument("--directory")
    parser.add_argument("--json")
    sys.exit(Bench(parser.parse_args()).run())


if __name__ == "__main__":
    main()
