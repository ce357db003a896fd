#!/usr/bin/python3
"""Tiers on a real server: drives, an erasure-coded set of drives, an archive in another store; drives that go, objects
of offline classes, and moving while clients read and write and the server is killed."""

import contextlib
import hashlib
import json
import os
import random
import shutil
import sys
import threading
import time

from botocore.exceptions import BotoCoreError, ClientError

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import KIB, MIB, ROOT_KEYS, Server, ServerTest, main, random_bytes  # noqa: E402

TORTURE_BYTES = int(os.environ.get("TP_TIER_BYTES", str(192 * MIB)))
KILL_EVERY_S = float(os.environ.get("TP_TIER_KILL_EVERY", "2"))
MOVED_LIMIT_S = 120
PAUSE = threading.Event()  # never set: waits between two looks
PHASE_S = float(os.environ.get("TP_TIER_PHASE_S", "30"))  # of killing while all goes to one tier

CONFIG = """
[tiers.warm]
number = 1
kind = "local"
directory = "{root}/warm"

[tiers.safe]
number = 2
kind = "erasure"
directories = [{drives}]
data = 2
parity = 2

[tiers.archive]
number = 3
kind = "archive"
store = "s3"
endpoint = "{archive}"
bucket = "archive"
credentials = "{root}/credentials"
key_file = "{root}/key"

[storage_classes.STANDARD_IA]
tier = "warm"
[storage_classes.ONEZONE_IA]
tier = "safe"
[storage_classes.GLACIER_IR]
tier = "archive"
[storage_classes.GLACIER]
tier = "archive"
offline = true
"""
CLASSES = {"STANDARD_IA": "warm", "ONEZONE_IA": "safe", "GLACIER_IR": "archive"}


def write_secret(path, text):
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as handle:
        handle.write(text)


class TieredTest(ServerTest):
    """A server with four tiers; its archive is a bucket of a second server."""

    @classmethod
    def setUpClass(cls):
        cls.far = Server(arguments=["--no-nfs"]).start()
        cls.far.client().create_bucket(Bucket="archive")
        cls.server = Server()
        root = cls.server.scratch
        cls.drives = [f"{root}/drive{i}" for i in range(5)]
        write_secret(f"{root}/credentials", "\n".join(ROOT_KEYS) + "\n")
        write_secret(f"{root}/key", random.Random(7).randbytes(32).hex() + "\n")
        cls.config = f"{root}/tokenplane.toml"
        with open(cls.config, "w", encoding="utf-8") as handle:
            handle.write(CONFIG.format(root=root, archive=cls.far.s3_url,
                                       drives=", ".join(f'"{drive}"' for drive in cls.drives)))
        cls.server.arguments = ["--config", cls.config]
        try:
            cls.server.start()
        except BaseException:
            cls.server.remove()
            cls.far.remove()
            raise
        cls.s3 = cls.server.client()

    @classmethod
    def tearDownClass(cls):
        try:
            super().tearDownClass()
        finally:
            cls.far.stop()
            cls.far.remove()

    def tier(self, *arguments):
        return json.loads(self.server.cli("tier", *arguments, "--json", "--data", self.server.data)[1])

    def stored(self, name):
        return next(tier for tier in self.tier("status")["tiers"] if tier["name"] == name)

    def until(self, what, condition, limit_s=MOVED_LIMIT_S):
        deadline = time.monotonic() + limit_s
        while not condition():
            self.assertLess(time.monotonic(), deadline, f"{what}\n{self.server.log_tail()}")
            PAUSE.wait(0.1)

    def move_to(self, bucket, key, storage_class):
        self.s3.copy_object(Bucket=bucket, Key=key, CopySource=f"{bucket}/{key}", StorageClass=storage_class,
                            MetadataDirective="COPY")

    def check(self):
        status, out, err = self.server.cli("check", "--data", self.server.data, check=False, timeout_s=600)
        self.assertEqual(status, 0, out[-3000:] + err[-1000:])


class Tiers(TieredTest):
    def setUp(self):
        # What an earlier test removed is freed a moment later; the tests count bytes.
        self.until("the tiers keep what was removed",
                   lambda: all(self.stored(name)["live_bytes"] == 0 for name in CLASSES.values()))

    def test_objects_go_to_the_tier_of_their_class_and_read_as_before(self):
        bucket = self.bucket()
        before = {name: self.stored(name)["live_bytes"] for name in CLASSES.values()}
        bodies = {}
        for storage_class, name in CLASSES.items():
            for size in (1 * KIB, 300 * KIB, 9 * MIB + 77):
                key = f"{storage_class}/{size}"
                bodies[key] = random_bytes(size, key)
                self.s3.put_object(Bucket=bucket, Key=key, Body=bodies[key], StorageClass=storage_class)
        for name in CLASSES.values():
            self.until(f"nothing came to {name}",
                       lambda name=name: self.stored(name)["live_bytes"] >= before[name] + 9 * MIB)
        for key, body in bodies.items():
            answer = self.s3.get_object(Bucket=bucket, Key=key)
            self.assertEqual(answer["StorageClass"], key.split("/")[0])
            self.assertTrue(answer["Body"].read() == body, key)
            if len(body) > MIB:
                part = self.s3.get_object(Bucket=bucket, Key=key, Range="bytes=8388000-8389999")["Body"].read()
                self.assertTrue(part == body[8388000:8390000], key)
        self.check()
        status, out, _ = self.server.cli("tier", "status", "--data", self.server.data)
        self.assertIn("class GLACIER is archive, offline", out)

    def test_what_is_removed_leaves_its_tier(self):
        bucket = self.bucket()
        self.s3.put_object(Bucket=bucket, Key="k", Body=random_bytes(4 * MIB, "k"), StorageClass="STANDARD_IA")
        before = self.stored("warm")["live_bytes"]
        self.until("nothing came", lambda: self.stored("warm")["live_bytes"] > before)
        self.s3.delete_object(Bucket=bucket, Key="k")
        self.until("nothing went", lambda: self.stored("warm")["live_bytes"] <= before)

    def test_nothing_leaves_in_clear(self):
        bucket = self.bucket()
        secret = b"a sentence that nobody else may read; " * 30_000
        before = self.stored("archive")["live_bytes"]
        self.s3.put_object(Bucket=bucket, Key="k", Body=secret, StorageClass="GLACIER_IR")
        self.until("nothing came", lambda: self.stored("archive")["live_bytes"] > before)
        far = self.far.client()
        packs = far.list_objects_v2(Bucket="archive").get("Contents", [])
        self.assertTrue(packs)
        for pack in packs:
            body = far.get_object(Bucket="archive", Key=pack["Key"])["Body"].read()
            self.assertNotIn(b"a sentence that nobody", body)
        self.assertTrue(self.s3.get_object(Bucket=bucket, Key="k")["Body"].read() == secret)

    def test_offline_objects_are_read_after_a_restore(self):
        bucket = self.bucket()
        body = random_bytes(3 * MIB, "offline")
        before = self.stored("archive")["live_bytes"]
        self.s3.put_object(Bucket=bucket, Key="k", Body=body, StorageClass="GLACIER")
        self.until("nothing came", lambda: self.stored("archive")["live_bytes"] > before)
        with self.fails("InvalidObjectState", 403):
            self.s3.get_object(Bucket=bucket, Key="k")
        with self.fails("InvalidObjectState", 403):
            self.s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/k")
        self.assertEqual(self.s3.head_object(Bucket=bucket, Key="k")["StorageClass"], "GLACIER")
        self.s3.restore_object(Bucket=bucket, Key="k", RestoreRequest={
            "Days": 2, "GlacierJobParameters": {"Tier": "Standard"}})
        self.until("never restored", lambda: 'ongoing-request="false"' in self.s3.head_object(
            Bucket=bucket, Key="k").get("Restore", ""))
        self.assertIn("expiry-date=", self.s3.head_object(Bucket=bucket, Key="k")["Restore"])
        self.assertTrue(self.s3.get_object(Bucket=bucket, Key="k")["Body"].read() == body)
        again = self.s3.restore_object(Bucket=bucket, Key="k", RestoreRequest={"Days": 5})
        self.assertEqual(again["ResponseMetadata"]["HTTPStatusCode"], 200)
        self.s3.put_object(Bucket=bucket, Key="hot", Body=body)
        with self.fails("InvalidObjectState", 403):
            self.s3.restore_object(Bucket=bucket, Key="hot", RestoreRequest={"Days": 1})

    def test_two_lost_drives_lose_nothing_and_are_filled_again(self):
        bucket = self.bucket()
        bodies = {f"k{i}": random_bytes(2 * MIB + i, f"ec{i}") for i in range(8)}
        before = self.stored("safe")["live_bytes"]
        for key, body in bodies.items():
            self.s3.put_object(Bucket=bucket, Key=key, Body=body, StorageClass="ONEZONE_IA")
        self.until("nothing came", lambda: self.stored("safe")["live_bytes"] >= before + 16 * MIB)
        self.server.stop()
        for drive in self.drives[:2]:
            shutil.rmtree(drive)
        self.server.start()
        type(self).s3 = self.server.client()
        for key, body in bodies.items():
            self.assertTrue(self.s3.get_object(Bucket=bucket, Key=key)["Body"].read() == body, key)
        for drive in self.drives[:2]:
            with contextlib.suppress(RuntimeError):  # it may have found the empty directory by itself
                self.tier("replace", "safe", drive)
        self.tier("mend", "safe")
        self.until("never mended", lambda: self.stored("safe")["missing_shards"] == 0
                   and not self.stored("safe")["mending"])
        self.server.stop()
        for drive in self.drives[2:4]:
            shutil.rmtree(drive)
        self.server.start()
        type(self).s3 = self.server.client()
        for key, body in bodies.items():
            self.assertTrue(self.s3.get_object(Bucket=bucket, Key=key)["Body"].read() == body, key)
        for drive in self.drives[2:4]:
            with contextlib.suppress(RuntimeError):
                self.tier("replace", "safe", drive)
        self.tier("mend", "safe")
        self.until("never mended", lambda: self.stored("safe")["missing_shards"] == 0
                   and not self.stored("safe")["mending"])
        self.check()


class Reader(threading.Thread):
    """Reads objects at random and remembers every answer that was wrong. A broken connection is no answer."""

    def __init__(self, test, bucket, bodies, seed):
        super().__init__(daemon=True)
        self.test, self.bucket, self.bodies = test, bucket, bodies
        self.chance = random.Random(seed)
        self.stop, self.wrong, self.reads = threading.Event(), [], 0

    def run(self):
        keys = list(self.bodies)
        while not self.stop.is_set():
            key = self.chance.choice(keys)
            try:
                body = self.test.client_now().get_object(Bucket=self.bucket, Key=key)["Body"].read()
            except ClientError as error:
                if error.response["ResponseMetadata"]["HTTPStatusCode"] != 503:
                    self.wrong.append((key, str(error)))
                continue
            except (BotoCoreError, OSError):
                self.stop.wait(0.05)
                continue
            except Exception as error:  # urllib3's, of a body cut short by a kill
                if "IncompleteRead" not in repr(error) and "Connection" not in repr(error):
                    self.wrong.append((key, repr(error)))
                continue
            self.reads += 1
            if hashlib.sha256(body).digest() != self.bodies[key]:
                self.wrong.append((key, f"{len(body)} wrong bytes"))


class Torture(TieredTest):
    """Everything moves from tier to tier under readers, while the server is killed again and again."""

    def client_now(self):
        return self.s3

    def test_moving_under_readers_and_kills_loses_and_changes_nothing(self):
        bucket = "torture"
        self.s3.create_bucket(Bucket=bucket)
        chance = random.Random(11)
        digests, total = {}, 0
        while total < TORTURE_BYTES:
            size = chance.choice((4 * KIB, 100 * KIB, MIB, 5 * MIB + 1, 20 * MIB))
            key = f"o{len(digests)}"
            body = chance.randbytes(size)
            self.s3.put_object(Bucket=bucket, Key=key, Body=body)
            digests[key] = hashlib.sha256(body).digest()
            total += size
        readers = [Reader(self, bucket, digests, seed) for seed in range(3)]
        for reader in readers:
            reader.start()
        kills = 0
        for storage_class in ("STANDARD_IA", "ONEZONE_IA", "GLACIER_IR", "STANDARD_IA", "STANDARD"):
            waiting, killed_at = list(digests), time.monotonic()
            while waiting:
                try:
                    self.move_to(bucket, waiting[-1], storage_class)
                    waiting.pop()
                except (BotoCoreError, ClientError, OSError):
                    PAUSE.wait(0.02)
                if time.monotonic() - killed_at > KILL_EVERY_S:
                    self.kill_and_start()
                    kills, killed_at = kills + 1, time.monotonic()
            name = CLASSES.get(storage_class)
            phase_ends = time.monotonic() + PHASE_S
            while time.monotonic() < phase_ends and not self.arrived(name, total):
                if time.monotonic() - killed_at > KILL_EVERY_S:
                    self.kill_and_start()
                    kills, killed_at = kills + 1, time.monotonic()
                PAUSE.wait(0.1)
        for reader in readers:
            reader.stop.set()
        for reader in readers:
            reader.join()
            self.assertEqual(reader.wrong, [])
        print(f"{len(digests)} objects, {total / MIB:.0f} MiB, {kills} kills, "
              f"{sum(reader.reads for reader in readers)} reads while moving")
        self.until("the tiers were not emptied",
                   lambda: all(self.stored(name)["live_bytes"] == 0 for name in CLASSES.values()), 300)
        for key, digest in digests.items():
            body = self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
            self.assertEqual(hashlib.sha256(body).digest(), digest, key)
        self.check()
        self.until("the archive keeps what nobody needs",
                   lambda: not self.far.client().list_objects_v2(Bucket="archive").get("Contents"), 120)

    def arrived(self, name, total):
        """Nearly all is on this tier; for the hot one, nothing on any other."""
        if name is None:
            return all(self.stored(other)["live_bytes"] == 0 for other in CLASSES.values())
        return self.stored(name)["live_bytes"] >= 0.97 * total

    def kill_and_start(self):
        self.server.kill()
        self.server.start()
        type(self).s3 = self.server.client()


if __name__ == "__main__":
    main()
